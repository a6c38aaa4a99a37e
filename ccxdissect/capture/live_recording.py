"""Keeps live packets in a pcapng file that is whole at every moment.

Format: draft-ietf-opsawg-pcapng. Only whole blocks are written, and a block that could not be is taken back: whatever
ends the program, the file can be read.
"""

from __future__ import annotations

import os

from ccxdissect.capture import pcapng_blocks
from ccxdissect.capture.packet import Packet

#: Bytes collected before they are written without being asked for.
FULL = 1 << 18


class Recording:
    """A pcapng file, nanoseconds exact, with one interface for each link type and source met.

    Raises OSError when the file cannot be made or written. After a failed write the file holds what it held before.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.packets = 0
        self._interfaces: dict[tuple[int, str], int] = {}
        self._pending: list[bytes] = []
        self._size = 0
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
        self._end = 0
        self._put(pcapng_blocks.section("ccxdissect live"))
        self.flush()

    def add(self, packet: Packet) -> None:
        """Keep a packet; it is in the file after the next `flush`."""
        key = (packet.link, packet.source)
        number = self._interfaces.get(key)
        if number is None:
            number = self._interfaces[key] = len(self._interfaces)
            self._put(pcapng_blocks.interface(packet.link, packet.source))
        self._put(pcapng_blocks.packet(number, packet.time, packet.data, packet.wirelen))
        self.packets += 1
        if self._size > FULL:
            self.flush()

    def flush(self) -> None:
        """Write what was added so far."""
        if not self._pending:
            return
        data = b"".join(self._pending)
        self._pending, self._size = [], 0
        try:
            written = 0
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError:
            self._take_back()
            raise
        self._end += len(data)

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._file, self._end)
            os.lseek(self._file, self._end, os.SEEK_SET)
        except OSError:
            # Not a file but a pipe or a device: what is out is out.
            pass

    def close(self, dropped: int | None = None, time: int = 0) -> None:
        """Write the rest, and how many packets were `dropped` if that is known; the file is done."""
        if self._file < 0:
            return
        try:
            if dropped is not None and self._interfaces:
                self._put(pcapng_blocks.statistics(0, time, dropped))
            self.flush()
        finally:
            os.close(self._file)
            self._file = -1

    def _put(self, block: bytes) -> None:
        self._pending.append(block)
        self._size += len(block)
