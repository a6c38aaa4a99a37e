"""How connections plainly begin and end in a chunk: seen for all of them, and told to their table in few words.

A SYN that the other side answers next, and the FINs of both with nothing but acknowledgements behind the first: what the
table of connections (`stream.connections`) makes of these is known beforehand. Whatever is different in the least, it is fed.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from ccxdissect.capture.segment import ACK, FIN, RST, SYN, URG
from ccxdissect.stream.reassembly import MASK

#: The flags that make a segment more than its bytes.
UNUSUAL = FIN | SYN | RST | ACK | URG
#: So many segments are followed behind a FIN; what comes then is fed.
_ROUNDS = 16
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


def endings(
    segments: Sorted, first: np.ndarray, stop: np.ndarray, own: np.ndarray, other: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What plainly ends connections from their first FINs at `first` on, which stand in order, and before `stop`: by segment
    the number of the connection among these, where it stands, and its kind. `own`, `other`: the sequence numbers at which the
    side of that FIN stands, and the other one."""
    way, seq, ack, size, flags, plain = segments
    side = way[first]
    behind, behind_other = (own + 1) & MASK, (other + 1) & MASK
    ended = np.zeros(len(first), bool)
    of = np.arange(len(first))
    found = [(of, first, np.full(len(first), Kind.FINISHES))]
    at = first + 1
    for _ in range(_ROUNDS):
        going = at < stop[of]
        of, at = of[going], at[going]
        if not len(of):
            break
        flag = np.where(plain[at] & (size[at] == 0), flags[at] & UNUSUAL, 0)
        from_other = way[at] != side[of]
        late = ended[of] & (flag == ACK) & (seq[at] == np.where(from_other, behind_other[of], behind[of]))
        known = ~ended[of] & from_other & (seq[at] == other[of]) & ((behind[of] - ack[at]) & MASK < HALF)
        ends = known & (flag == FIN | ACK)
        kind = np.where(late, Kind.IS_LATE, np.where(ends, Kind.ENDS, Kind.ACKNOWLEDGES))
        taken = late | ends | (known & (flag == ACK))
        ended[of[ends]] = True
        of, at = of[taken], at[taken]
        found.append((of, at, kind[taken]))
        at = at + 1
    of, at, kind = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(at)
    return of[order], at[order], kind[order]
