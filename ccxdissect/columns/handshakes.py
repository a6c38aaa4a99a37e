"""How connections plainly begin and end in a chunk: seen for all of them, and told to their table in few words.

A SYN that the other side answers next, and the FINs of both with nothing but acknowledgements behind the first: what the
table of connections (`stream.connections`) makes of these is known beforehand. Whatever is different in the least, it is fed.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from ccxdissect.capture.segment import ACK, FIN, RST, SYN, URG
from ccxdissect.stream.reassembly import MASK

#: The flags that make a segment more than its bytes.
UNUSUAL = FIN | SYN | RST | ACK | URG
#: What is acknowledged lies behind, not ahead, within half of all sequence numbers.
HALF = 1 << 31


class Kind(IntEnum):
    """What a segment does to a connection."""

    OPENS = 0
    ANSWERS = 1
    FINISHES = 2
    #: The FIN of the other side.
    ENDS = 3
    #: What comes back on the first FIN, and after the last one.
    ACKNOWLEDGES = 4
    IS_LATE = 5


class Sorted(NamedTuple):
    """Segments sorted by the pair of their endpoints: which of both sent each, and what its header says. `plain`: whether
    the columns may judge it at all."""

    way: np.ndarray
    seq: np.ndarray
    ack: np.ndarray
    size: np.ndarray
    flags: np.ndarray
    plain: np.ndarray


def opened(segments: Sorted, starts: np.ndarray, stops: np.ndarray) -> np.ndarray:
    """Of pairs of endpoints without a connection, whose segments go from `starts` to `stops`: those whose first two segments
    are a SYN and its answer."""
    two = np.flatnonzero(stops - starts >= 2)
    first = starts[two]
    second = first + 1
    way, seq, ack, size, flags, plain = segments
    plainly = (
        plain[first]
        & plain[second]
        & (size[first] + size[second] == 0)
        & (way[first] != way[second])
        & (flags[first] & UNUSUAL == SYN)
        & (flags[second] & UNUSUAL == SYN | ACK)
        & (ack[second] == (seq[first] + 1) & MASK)
    )
    return two[plainly]


def finishing(segments: Sorted, where: np.ndarray, expected: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Which of the segments at `where` are a first FIN in order that acknowledges nothing ahead. `expected`: the sequence
    number that its side stands at; `whole`: the same of the other one, both of a connection without a hole."""
    _, seq, ack, size, flags, plain = (column[where] for column in segments)
    in_order = (expected >= 0) & (whole >= 0) & (seq == expected) & ((whole - ack) & MASK < HALF)
    return plain & (size == 0) & (flags & UNUSUAL == FIN | ACK) & in_order


class Endings:
    """Follows the ends of connections, one by one. `plain`: whether a segment may be judged by the columns."""

    def __init__(self, segments: Sorted) -> None:
        way, seq, ack, size, flags, plain = segments
        bare = plain & (size == 0)
        kind = np.where(bare, flags & UNUSUAL, 0)
        self._columns: tuple[list[int], ...] = tuple(column.tolist() for column in (way, seq, ack, kind))

    def follow(self, where: int, stop: int, expected: Sequence[int]) -> list[tuple[int, Kind]]:
        """What ends a connection plainly from its first FIN at `where` on, which stands in order. `expected`: the sequence
        numbers at which both sides stand."""
        ways, seqs, acks, kinds = self._columns
        first = ways[where]
        behind = (expected[first] + 1) & MASK, (expected[1 - first] + 1) & MASK
        found = [(where, Kind.FINISHES)]
        ended = False
        for at in range(where + 1, stop):
            way, kind = ways[at], kinds[at]
            if ended:
                if kind != ACK or seqs[at] != behind[way != first]:
                    break
                found.append((at, Kind.IS_LATE))
            elif way == first or seqs[at] != expected[way] or (behind[0] - acks[at]) & MASK >= HALF:
                break
            elif kind == FIN | ACK:
                found.append((at, Kind.ENDS))
                ended = True
            elif kind == ACK:
                found.append((at, Kind.ACKNOWLEDGES))
            else:
                break
        return found
