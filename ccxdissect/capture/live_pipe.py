"""Packets from a pipe on standard input, while another program captures them: `ssh host tcpdump -U -w - | ...`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO, cast

from ccxdissect.capture.files import packets
from ccxdissect.capture.live_source import LiveNotices, Tap, Waiting
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.source import STDIN_NAME
from ccxdissect.errors import CaptureError


class PipeSource:
    """A capture in any format that `ccxdissect.capture.files` reads, from a file descriptor, as it comes."""

    def __init__(self, descriptor: int = 0, name: str = STDIN_NAME) -> None:
        self.name = name
        #: Only the program that captures knows.
        self.dropped: int | None = None
        self.notices = LiveNotices()
        self._descriptor = descriptor
        self._stopping = False

    def packets(self, waiting: Waiting) -> Iterator[Packet]:
        """See LiveSource. Raises CaptureError for what is no capture."""
        try:
            os.fstat(self._descriptor)
        except OSError as error:
            raise CaptureError(self.name, "is closed") from error
        if os.isatty(self._descriptor):
            raise CaptureError(self.name, "is a terminal: pipe a capture into it (ssh HOST tcpdump -U -w - | ...)")
        tap = Tap(self._descriptor, self.name, waiting, lambda: self._stopping)
        self.notices.tap = tap
        if not tap.look():
            if tap.given_up:
                return
            raise CaptureError(self.name, "ended before any packet came: see what the program before the pipe said")
        waiting.begun()
        for packet in packets(cast(BinaryIO, tap), self.notices):
            if tap.given_up:
                return
            yield packet

    def stop(self) -> None:
        """See LiveSource."""
        self._stopping = True

    def close(self) -> None:
        """See LiveSource."""
        self._stopping = True
