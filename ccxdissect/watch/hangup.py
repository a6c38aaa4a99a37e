"""A terminal that is gone: nobody sees the screen any more, and nothing may go on capturing behind it.

Whoever draws may by then wait for ever for a terminal that takes nothing; so this looks by itself, in a thread, and ends
the process when it does not end.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable

#: Seconds between two looks at the terminal.
EVERY = 0.5
#: Seconds in which the screen may end in good order; and then the run, which may have a file to finish.
PATIENCE = 3.0
#: The exit status of one whom SIGHUP ended, as shells tell it.
STATUS = 128 + signal.SIGHUP


class Hangup:
    """Looks whether the terminal `descriptor` is there. When it is not, or SIGHUP says so: `leave()` is asked to end in
    good order; if that does not come about, `stop()` is, which may take its time, and then the process is ended."""

    def __init__(self, descriptor: int, leave: Callable[[], None], stop: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._leave = leave
        self._stop = stop
        self._told = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="hangup", daemon=True)

    def begin(self) -> None:
        """From now on. In the main thread."""
        # Not the event loop's handler: the loop may be what waits for the terminal.
        signal.signal(signal.SIGHUP, lambda number, frame: self._told.set())
        self._thread.start()

    def end(self) -> None:
        """All ended in good order."""
        self._over.set()
        self._told.set()

    def _look(self) -> None:
        looking = select.poll()
        looking.register(self._descriptor, select.POLLHUP)
        while not self._told.wait(EVERY):
            if any(seen & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, seen in looking.poll(0)):
                break
        if self._over.is_set():
            return
        self._leave()
        if self._over.wait(PATIENCE):
            return
        stopping = threading.Thread(target=self._stop, daemon=True)
        stopping.start()
        stopping.join(PATIENCE)
        os._exit(STATUS)
