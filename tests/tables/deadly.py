"""Work that kills whoever does it: what workers are given in a test, found by them by its name."""

from __future__ import annotations

import os
import signal

from ccxdissect.tables.work import Done, Work


def on_the_second(work: Work) -> Done:
    if work.number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return Done(work.number, {"calls": work.number})
