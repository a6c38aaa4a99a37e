"""How often Python looks for rings of references, which nothing else frees."""

from __future__ import annotations

import atexit
import gc
import sys


def look_seldom() -> None:
    """Have it look seldom from here on, and not at its end.

    What is made here lives long or holds no cycles, and what a session leaves is collected when it is let go: to look for
    them again and again takes a twentieth of the time, a tenth where thousands of sessions are open at once.
    """
    gc.set_threshold(400_000, 20, 20)
    atexit.register(_leave_cycles)


def _leave_cycles() -> None:
    """Keep the interpreter from looking for cycles at its end, twice, in all there is: the system takes it back anyway."""
    # DuckDB complains of whatever of its own was not freed.
    if "duckdb" not in sys.modules:
        gc.freeze()
