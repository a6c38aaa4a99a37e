"""The segments of a chunk sorted by the pair of their endpoints: of one pair in the order of capture, with what each side
sent before each."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ccxdissect.capture.segment import ACK
from ccxdissect.columns.distinct import alike
from ccxdissect.columns.handshakes import UNUSUAL, Sorted
from ccxdissect.columns.headers import Segments


class ByPair:
    """Those from `first` on. A column has a place for each sorted segment, but `starts` and `stops`: where those of each pair
    stand. `order`: its place in the chunk, less `first`; `pair`: the number of its pair; `sent`: by way, how many bytes were
    sent before; `own`, `peer`: those of its own side, and of the other; `usual`: whether it is nothing but bytes and an
    acknowledgement."""

    def __init__(self, segments: Segments, first: int) -> None:
        self._segments = segments
        self.first = first
        src, dst = segments.src[first:], segments.dst[first:]
        low, high = np.minimum(src, dst), np.maximum(src, dst)
        pair = _numbered(low, high)
        self.order = order = np.argsort(pair.astype(np.uint16) if len(pair) < 1 << 16 else pair, kind="stable")
        self.way = way = (src > dst)[order].astype(np.int64)
        self.size = size = segments.size[first:][order]
        self.seq, self.ack = segments.seq[first:][order], segments.ack[first:][order]
        flags = segments.flags[first:][order]
        plain = segments.plain[first:][order] & (src != dst)[order]
        self.usual = plain & (flags & UNUSUAL == ACK)
        self.columns = Sorted(way, self.seq, self.ack, size, flags, plain)
        sorted_pair = pair[order]
        starts = self.starts = np.flatnonzero(np.r_[True, sorted_pair[1:] != sorted_pair[:-1]])
        self.stops = np.r_[self.starts[1:], len(order)]
        #: By pair: its endpoints, the lower one first.
        self.low, self.high = low[order[starts]], high[order[starts]]
        self.pair = np.repeat(np.arange(len(self.starts)), self.stops - self.starts)
        self.sent = sent = np.zeros((2, len(order) + 1), np.int64)
        np.cumsum(size * (way == 0), out=sent[0, 1:])
        np.cumsum(size * (way == 1), out=sent[1, 1:])
        everyone = np.arange(len(order))
        self.own = sent[way, everyone]
        self.peer = sent[1 - way, everyone]

    def __len__(self) -> int:
        """How many segments there are."""
        return len(self.order)

    @cached_property
    def listed(self) -> tuple[list[int], ...]:
        """Columns as lists, for what is looked at one by one: way, acknowledged, size, time, frame."""
        where = self.order + self.first
        columns = self.way, self.ack, self.size, self._segments.time[where], self._segments.frame[where]
        return tuple(column.tolist() for column in columns)

    @cached_property
    def compared(self) -> tuple[list[bool], list[int]]:
        """The same: whether a segment is a usual one, and its sequence number."""
        return self.usual.tolist(), self.seq.tolist()


def mixture(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """One number of two endpoints, of others seldom the same."""
    return low.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ high.astype(np.uint64)


def _numbered(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """The same number for the same pair: places in the order of a mixture of both, or of both where that is ambiguous."""
    first, number = alike(mixture(low, high))
    if (low == low[first][number]).all() and (high == high[first][number]).all():
        return number
    order = np.lexsort((high, low))
    new = np.r_[True, (low[order][1:] != low[order][:-1]) | (high[order][1:] != high[order][:-1])]
    found = np.empty(len(low), np.int64)
    found[order] = np.cumsum(new) - 1
    return found
