"""Keeps live packets in a pcapng file that is whole at every moment.

Format: draft-ietf-opsawg-pcapng. Only whole blocks are written, and a block that could not be is taken back: whatever
ends the program, the file can be read.
"""

from __future__ import annotations

import os
from struct import Struct

from ccxdissect.capture.packet import Packet

_SECTION, _INTERFACE, _STATISTICS, _ENHANCED = 0x0A0D0D0A, 1, 5, 6
_IF_NAME, _IF_TSRESOL, _SHB_APPLICATION, _ISB_DROPS = 2, 9, 4, 7
_BLOCK = Struct("<II")
_PACKET = Struct("<IIIIIII")
_OPTION = Struct("<HH")
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
        body = Struct("<IHHq").pack(0x1A2B3C4D, 1, 0, -1) + _option(_SHB_APPLICATION, b"ccxdissect live")
        self._put(_SECTION, body + _OPTION.pack(0, 0))
        self.flush()

    def add(self, packet: Packet) -> None:
        """Keep a packet; it is in the file after the next `flush`."""
        key = (packet.link, packet.source)
        number = self._interfaces.get(key)
        if number is None:
            number = self._interfaces[key] = len(self._interfaces)
            options = _option(_IF_NAME, packet.source.encode("utf-8", "replace")[:255]) + _option(_IF_TSRESOL, b"\x09")
            self._put(_INTERFACE, Struct("<HHI").pack(packet.link & 0xFFFF, 0, 0) + options + _OPTION.pack(0, 0))
        data = packet.data
        size = len(data)
        length = 32 + size + (-size & 3)
        time = max(packet.time, 0)
        head = _PACKET.pack(_ENHANCED, length, number, time >> 32 & 0xFFFFFFFF, time & 0xFFFFFFFF, size, packet.wirelen)
        self._pending += (head, data, b"\0\0\0"[: -size & 3], length.to_bytes(4, "little"))
        self._size += length
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
                stamp = Struct("<III").pack(0, time >> 32 & 0xFFFFFFFF, time & 0xFFFFFFFF)
                option = _option(_ISB_DROPS, dropped.to_bytes(8, "little"))
                self._put(_STATISTICS, stamp + option + _OPTION.pack(0, 0))
            self.flush()
        finally:
            os.close(self._file)
            self._file = -1

    def _put(self, kind: int, body: bytes) -> None:
        length = len(body) + 12
        self._pending += (_BLOCK.pack(kind, length), body, length.to_bytes(4, "little"))
        self._size += length


def _option(code: int, value: bytes) -> bytes:
    return _OPTION.pack(code, len(value)) + value + bytes(-len(value) & 3)
