"""IP fragments put together again, within bounds of number, size and age."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.capture.ip import Datagram
from ccxdissect.errors import MalformedPacket

MOST_DATAGRAMS = 1024
MOST_PIECES = 512
"""Of one datagram; 64 KiB in pieces of 128 bytes."""
MOST_BYTES = 16 << 20
LARGEST_DATAGRAM = 0xFFFF
AGE = 30_000_000_000
"""Nanoseconds of packet time after which a datagram is given up."""

INCOMPLETE = "IP fragments of a datagram missing"

_Key = tuple[bytes, bytes, int, int]


class _Parts:
    def __init__(self, datagram: Datagram, time: int) -> None:
        self.first_seen = time
        self.sample = datagram
        self.pieces: dict[int, tuple[int, bytes]] = {}
        """Offset -> end on the wire, bytes captured."""
        self.total: int | None = None
        self.covered = 0
        self.stored = 0

    def take(self, offset: int, end: int, data: bytes, last: bool) -> bool:
        """Keep a piece; tell whether the datagram may now be complete."""
        if last and self.total is None:
            self.total = end
        if offset not in self.pieces:
            self.pieces[offset] = (end, data)
            self.covered += end - offset
            self.stored += len(data)
        return self.total is not None and self.covered >= self.total

    def joined(self) -> tuple[bytes, int]:
        """Return the bytes captured without a hole from the start on, and how far the wire's bytes go without
        one."""
        parts = []
        captured = reached = 0
        for offset in sorted(self.pieces):
            end, data = self.pieces[offset]
            if offset > reached:
                break
            if captured == reached and offset + len(data) > captured:
                parts.append(data[captured - offset :])
                captured = offset + len(data)
            reached = max(reached, end)
        return b"".join(parts), reached

    def datagram(self, payload: bytes, end: int) -> Datagram:
        return self.sample._replace(data=payload, start=0, end=end, fragment=None)


class Fragments:
    """Takes fragments, gives datagrams; of overlapping fragments the one that starts first wins.

    A datagram whose fragments stay away is given up when it is too old, or too many wait: what was captured
    of its start can then be had from `given_up`, with the rest counted as cut.
    """

    def __init__(self) -> None:
        self._waiting: dict[_Key, _Parts] = {}
        self._stored = 0
        self._given_up: list[tuple[int, Datagram]] = []
        self.lost = 0
        """Datagrams given up so far."""

    def add(self, datagram: Datagram, time: int) -> Datagram | None:
        """Return the whole datagram that this fragment completes, or None.

        Raises MalformedPacket for a fragment that cannot be part of a datagram.
        """
        fragment = datagram.fragment
        assert fragment is not None
        offset = fragment.offset
        end = offset + datagram.end - datagram.start
        if end > LARGEST_DATAGRAM or end <= offset:
            raise MalformedPacket("an IP fragment that fits no datagram")
        self._forget_old(time)
        # Of IPv6 only the first fragment tells the protocol for sure: it is no part of the key.
        protocol = datagram.protocol if len(datagram.src) == 4 else -1
        key = (datagram.src, datagram.dst, protocol, fragment.identification)
        parts = self._waiting.get(key)
        if parts is None:
            parts = self._waiting[key] = _Parts(datagram, time)
        elif offset == 0:
            parts.sample = datagram
        before = parts.stored
        complete = parts.take(offset, end, datagram.data[datagram.start : datagram.end], not fragment.more)
        self._stored += parts.stored - before
        if complete:
            payload, reached = parts.joined()
            assert parts.total is not None
            if reached >= parts.total:
                self._drop(key)
                return parts.datagram(payload[: parts.total], parts.total)
        if len(parts.pieces) >= MOST_PIECES:
            self._give_up(key)
        while len(self._waiting) > MOST_DATAGRAMS or self._stored > MOST_BYTES:
            self._give_up(next(iter(self._waiting)))
        return None

    def given_up(self) -> Iterator[tuple[int, Datagram]]:
        """Yield what there is of datagrams given up since the last call: their identification and their start, if that
        was captured."""
        given, self._given_up = self._given_up, []
        return iter(given)

    def close(self) -> None:
        """Give up everything that still waits."""
        for key in list(self._waiting):
            self._give_up(key)

    def _forget_old(self, time: int) -> None:
        while self._waiting:
            key, parts = next(iter(self._waiting.items()))
            if time - parts.first_seen <= AGE:
                return
            self._give_up(key)

    def _drop(self, key: _Key) -> _Parts:
        parts = self._waiting.pop(key)
        self._stored -= parts.stored
        return parts

    def _give_up(self, key: _Key) -> None:
        parts = self._drop(key)
        self.lost += 1
        payload, reached = parts.joined()
        if payload:
            end = parts.total if parts.total is not None else reached
            self._given_up.append((key[3], parts.datagram(payload[:end], end)))
