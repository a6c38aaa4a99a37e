"""What every live source of packets has in common, and a pipe read as it fills."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from typing import Protocol

from ccxdissect.capture.notices import Notices
from ccxdissect.capture.packet import Packet

#: Seconds without a packet after which the waiting side hears of it.
QUIET = 0.25
#: Bytes read from a pipe at once.
CHUNK = 1 << 18


class Waiting(Protocol):
    """Hears how the source waits. Nothing it does may raise an OSError or ValueError."""

    def before_reading(self) -> None:
        """What came so far has been given out; the source is about to look for more, and may have to wait."""

    def nothing_came(self) -> None:
        """Nothing came for QUIET seconds."""

    def begun(self) -> None:
        """The source is open: from now on nothing passes unseen."""


class LiveSource(Protocol):
    """Packets as they pass. `stop()` may be called from a signal handler or another thread."""

    #: The interface or pipe, as people know it.
    name: str
    #: Packets that passed and were not captured, as far as known; None if the source cannot know.
    dropped: int | None

    @property
    def notices(self) -> Notices:
        """What went wrong without stopping it."""

    def packets(self, waiting: Waiting) -> Iterator[Packet]:
        """The packets, until the source ends or `stop()`; what was captured before the stop still comes.

        Raises CaptureError when it cannot be opened.
        """

    def stop(self) -> None:
        """Ask for the end."""

    def close(self) -> None:
        """Give back everything, at once; no packet comes any more."""


class LiveNotices(Notices):
    """Notices of a stream that may be given up: that it ends within a packet then is nobody's fault."""

    def __init__(self) -> None:
        super().__init__()
        self.tap: Tap | None = None

    def add(self, reason: str, frame: int | None = None, source: str = "", detail: str = "") -> None:
        """See Notices."""
        if self.tap is None or not self.tap.given_up:
            super().add(reason, frame, source, detail)


class Tap:
    """A pipe as a file object whose reads return what is there, and tell while they wait.

    `interrupt` is asked before each look: False go on, True give up now. `other` is another descriptor that is listened
    to meanwhile; `hear` takes its bytes.
    """

    def __init__(
        self,
        descriptor: int,
        name: str,
        waiting: Waiting,
        interrupt: Callable[[], bool],
        other: int | None = None,
        hear: Callable[[bytes], None] | None = None,
    ) -> None:
        self.name = name
        #: The stream was given up before its end: what seems to be a cut packet is none.
        self.given_up = False
        self._descriptor = descriptor
        self._waiting = waiting
        self._interrupt = interrupt
        self._other = other
        self._hear = hear
        self._ahead = b""
        self._ended = False

    def read1(self, size: int = CHUNK) -> bytes:
        """Up to `size` bytes; waits for the first. Empty at the end."""
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        while not self._ended:
            self._waiting.before_reading()
            if self._interrupt():
                self.given_up = self._ended = True
                break
            ready = self._ready()
            if self._descriptor in ready:
                data = os.read(self._descriptor, min(size, CHUNK))
                self._ended = not data
                return data
            if not ready:
                self._waiting.nothing_came()
        return b""

    read = read1

    def look(self) -> bool:
        """Wait for the first bytes, and keep them for the next read; False when there are none."""
        self._ahead = self.read1()
        return bool(self._ahead)

    def _ready(self) -> list[int]:
        descriptors = [self._descriptor] + ([self._other] if self._other is not None else [])
        ready: list[int] = select.select(descriptors, [], [], QUIET)[0]
        if self._other in ready and self._other is not None:
            said = os.read(self._other, 4096)
            if said and self._hear is not None:
                self._hear(said)
            elif not said:
                self._other = None
        return ready
