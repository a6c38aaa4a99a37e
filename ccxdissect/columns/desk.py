"""Memory that processes share. What is handed through a pipe instead is copied there and back: lines of JSON by that took
longer than making them.
"""

from __future__ import annotations

import mmap
import multiprocessing
import pickle
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccxdissect.columns.passing import Passed

#: The room for one batch and its lines, in bytes; memory is taken up only as far as it is used. Most batches take 5 MiB,
#: those of nothing but the smallest messages 50.
_ROOM = 64 << 20
#: Columns begin at multiples of this.
_ALIGNED = 64


def can_be_shared() -> bool:
    """Whether processes can be begun that see the memory of this one. On macOS that is not safe."""
    return sys.platform != "darwin" and "fork" in multiprocessing.get_all_start_methods()


class Desk:
    """Memory that a process shares with those that it begins: room for a batch, and behind it for what is made of it; or
    for what is made alone."""

    def __init__(self, room: int = _ROOM) -> None:
        self._memory = memoryview(mmap.mmap(-1, room))
        #: Where in it the parts of the batch lie.
        self._parts: list[slice] = []

    def lay(self, told: Passed) -> list[slice] | None:
        """Lay a batch there: where its parts lie; None when there is no room for it."""
        buffers: list[pickle.PickleBuffer] = []
        data = pickle.PickleBuffer(told.data)
        head = pickle.dumps(told._replace(data=data), 5, buffer_callback=buffers.append)
        raw = [memoryview(head), *(one.raw() for one in buffers)]
        self._parts, end = [], 0
        for one in raw:
            begin = -(-end // _ALIGNED) * _ALIGNED
            end = begin + len(one)
            self._parts.append(slice(begin, end))
        if end > len(self._memory):
            return None
        for part, one in zip(self._parts, raw, strict=True):
            self._memory[part] = one
        return self._parts

    def taken(self, parts: list[slice]) -> Passed:
        """The batch that lies there, as long as it does."""
        self._parts = parts
        head, *buffers = (self._memory[part] for part in parts)
        passed: Passed = pickle.loads(head, buffers=buffers)
        return passed

    def put(self, made: bytes | memoryview) -> slice | None:
        """Put what was made behind the batch: where it lies; None when there is no room for it."""
        begin = self._parts[-1].stop if self._parts else 0
        if begin + len(made) > len(self._memory):
            return None
        where = slice(begin, begin + len(made))
        self._memory[where] = memoryview(made).cast("B")
        return where

    def made(self, where: slice) -> memoryview:
        """What was made, as long as it lies there."""
        return self._memory[where]
