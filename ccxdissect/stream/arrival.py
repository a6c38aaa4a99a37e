"""What has arrived of one direction of a connection: ranges of offsets, and bytes held back behind a hole.

Offsets are absolute positions in the stream, plain integers that never wrap; they may be negative when a
capture without a handshake shows bytes that lie before the first ones seen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

#: What holding one piece costs besides its bytes (object headers, list slots), so that a limit on held
#: bytes is a limit on memory even when every piece is a single byte.
PIECE_COST = 256


class RangeSet:
    """A set of offsets kept as sorted, disjoint, half-open ranges."""

    __slots__ = ("_starts", "_stops")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._stops: list[int] = []

    def __len__(self) -> int:
        """The number of ranges (not of offsets)."""
        return len(self._starts)

    def ranges(self) -> list[tuple[int, int]]:
        """The ranges as (start, stop), lowest first."""
        return list(zip(self._starts, self._stops, strict=True))

    def add(self, start: int, stop: int) -> None:
        """Put the offsets from `start` up to, not including, `stop` in; ranges that touch become one."""
        if start >= stop:
            return
        low = bisect_left(self._stops, start)
        high = bisect_right(self._starts, stop)
        if low < high:
            start = min(start, self._starts[low])
            stop = max(stop, self._stops[high - 1])
        self._starts[low:high] = [start]
        self._stops[low:high] = [stop]

    def subtract(self, start: int, stop: int) -> int:
        """Take the offsets from `start` up to `stop` out; return how many of them were in."""
        low = bisect_right(self._stops, start)
        high = bisect_left(self._starts, stop)
        if start >= stop or low >= high:
            return 0
        removed = 0
        starts: list[int] = []
        stops: list[int] = []
        for had_start, had_stop in zip(self._starts[low:high], self._stops[low:high], strict=True):
            removed += min(had_stop, stop) - max(had_start, start)
            if had_start < start:
                starts.append(had_start)
                stops.append(start)
            if had_stop > stop:
                starts.append(stop)
                stops.append(had_stop)
        self._starts[low:high] = starts
        self._stops[low:high] = stops
        return removed

    def covers(self, start: int, stop: int) -> bool:
        """Whether every offset from `start` up to `stop` is in."""
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and self._stops[at] >= stop

    def touches(self, start: int, stop: int) -> bool:
        """Whether one of the offsets from `start` up to `stop` is in."""
        at = bisect_right(self._stops, start)
        return start < stop and at < len(self._starts) and self._starts[at] < stop

    def forget_lowest(self) -> None:
        """Drop the lowest range."""
        del self._starts[0], self._stops[0]


class Piece(NamedTuple):
    """Bytes held back, and the packet that brought them (its number, and its time in ns since the epoch)."""

    data: bytes
    frame: int
    time: int


class Insertion(NamedTuple):
    """What became of bytes offered to `HeldBytes.add`."""

    new: int
    duplicate: int
    #: The lowest offset at which a byte differs from the one that was there first, or None.
    differs_at: int | None


class HeldBytes:
    """Pieces of a stream that wait for the hole before them: sorted, disjoint, the first byte wins."""

    __slots__ = ("_pieces", "_starts", "cost")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._pieces: list[Piece] = []
        #: Memory held, in bytes: the data and PIECE_COST for each piece.
        self.cost = 0

    def __len__(self) -> int:
        """The number of pieces."""
        return len(self._starts)

    @property
    def start(self) -> int:
        """The offset of the first piece; there must be one."""
        return self._starts[0]

    @property
    def end(self) -> int:
        """The offset behind the last piece; there must be one."""
        return self._starts[-1] + len(self._pieces[-1].data)

    @property
    def first(self) -> Piece:
        """The first piece; there must be one."""
        return self._pieces[0]

    def add(self, start: int, data: bytes, frame: int, time: int) -> Insertion:
        """Keep what `data` has that is not there yet; a piece that overlaps nothing is kept without copying."""
        stop = start + len(data)
        index = bisect_right(self._starts, start)
        if index and self._starts[index - 1] + len(self._pieces[index - 1].data) > start:
            index -= 1
        position = start
        duplicate = 0
        differs_at: int | None = None
        while position < stop:
            limit = self._starts[index] if index < len(self._starts) else stop
            if position < limit:
                until = min(limit, stop)
                part = data if until - position == len(data) else data[position - start : until - start]
                self._starts.insert(index, position)
                self._pieces.insert(index, Piece(part, frame, time))
                self.cost += len(part) + PIECE_COST
                position = until
            else:
                held = self._pieces[index].data
                until = min(limit + len(held), stop)
                before = held[position - limit : until - limit]
                again = data[position - start : until - start]
                if differs_at is None and before != again:
                    differs_at = position + first_difference(before, again)
                duplicate += until - position
                position = until
            index += 1
        return Insertion(len(data) - duplicate, duplicate, differs_at)

    def take(self) -> Piece:
        """Remove the first piece and return it."""
        del self._starts[0]
        piece = self._pieces.pop(0)
        self.cost -= len(piece.data) + PIECE_COST
        return piece

    def cut_from(self, offset: int) -> int:
        """Drop everything at and after `offset`; return how many bytes that was."""
        dropped = 0
        while self._starts:
            start, piece = self._starts[-1], self._pieces[-1]
            excess = start + len(piece.data) - offset
            if excess <= 0:
                break
            if start >= offset:
                del self._starts[-1], self._pieces[-1]
                excess = len(piece.data)
                self.cost -= excess + PIECE_COST
            else:
                self._pieces[-1] = piece._replace(data=piece.data[: offset - start])
                self.cost -= excess
            dropped += excess
        return dropped


def first_difference(one: bytes, other: bytes) -> int:
    """The index of the first byte in which two byte strings of equal length differ (their length if none)."""
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return index
    return len(one)
