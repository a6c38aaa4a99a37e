"""Where the packets of a chunk begin, seen all at once.

A record tells how long it is, and so where the next one begins: a chain, to be followed step by step. But headers look
alike. Whatever looks like one is taken for a guess, and those guesses stand that are links of the chain: each begins
where the one before ends. From where no guess fits, the chain has to be followed after all. Of pcap some are looked for here and
there, and the chain is followed from all of them at the same time.
"""

from __future__ import annotations

from struct import Struct

import numpy as np

from ccxdissect.columns.distinct import among, few_places
from ccxdissect.columns.places import lying_at

#: How often guesses that nothing leads to are sorted out.
_ROUNDS = 4
#: In each stretch of so many bytes a record is looked for among the first ones.
_STRETCH, _LOOKED_AT = 4096, 512
#: Fewer than these are followed one after the other.
_FEW = 12


def records(buffer: bytes, order: str, header: int, limit: int) -> np.ndarray:
    """Where the first records of pcap begin, whole ones, from the beginning of `buffer` on: as many as can be told at once.

    `order`: of the bytes in a header, `<` or `>`; `header`: its size; `limit`: the most bytes of a packet.
    """
    last = len(buffer) - header
    if last < 0:
        return np.zeros(0, np.int64)
    octets = np.frombuffer(buffer, np.uint8)
    seeds = _seeds(buffer, octets, order, header, limit)
    at, until = seeds, np.append(seeds[1:], last + 1)
    begins: list[np.ndarray] = []
    sizes = np.ndarray((len(octets) - 3,), "V4", octets, 0, (1,))
    word = np.dtype(order + "u4")
    while len(at) >= _FEW:
        begins.append(at)
        at = at + header
        at += sizes[at - (header - 8)].view(word)
        more = at < until
        if not more.all():
            at, until = at[more], until[more]
    length = Struct(order + "8xI").unpack_from
    rest: list[int] = []
    for place, stop in zip(at.tolist(), until.tolist(), strict=True):
        while place < stop:
            rest.append(place)
            place += header + length(buffer, place)[0]
    # Some runs, each in order.
    begin = np.sort(np.concatenate([*begins, np.array(rest, np.int64)]), kind="stable")
    size = lying_at(octets, begin + 8, order + "u4").astype(np.int64)
    end = begin + header + size
    fit = (size <= limit) & (end <= len(buffer))
    return _chain(begin, end, 0) if fit.all() else _chain(begin[fit], end[fit], 0)


def _seeds(buffer: bytes, octets: np.ndarray, order: str, header: int, limit: int) -> np.ndarray:
    """Where the first record begins, and in the beginning of each further stretch of the buffer what looks like one, behind which
    something looks like the next."""
    # The upper half of the seconds is the same for 18 hours.
    upper = 2 if order == "<" else 0
    half = np.dtype(order + "u2")
    hours = int(np.frombuffer(buffer, half, 1, upper)[0])
    last = len(buffer) - header
    stretches = max(last - _LOOKED_AT, 0) // _STRETCH
    found = []
    for place in (0, 1):
        seen = np.ndarray((stretches, _LOOKED_AT // 2), half, buffer, place + upper, (_STRETCH, 2))
        places = few_places((seen == hours).reshape(-1))
        found.append(places // (_LOOKED_AT // 2) * _STRETCH + places % (_LOOKED_AT // 2) * 2 + place)
    begin = np.sort(np.concatenate(found))
    size = lying_at(octets, begin + 8, order + "u4").astype(np.int64)
    following = begin + header + size
    begin, following = (column[(size <= limit) & (following <= last)] for column in (begin, following))
    begin = begin[lying_at(octets, following + upper, half) == hours]
    first = np.ones(len(begin), bool)
    np.not_equal(begin[1:] // _STRETCH, begin[:-1] // _STRETCH, out=first[1:])
    seeds = begin[first]
    return np.concatenate([[0], seeds[seeds > 0]])


def packet_blocks(buffer: bytes, at: int, order: str, kind: int, least: int, most: int) -> np.ndarray:
    """Where the first blocks of pcapng begin, whole ones of this kind, from `at` on: as many as can be told at once.

    `order`: of the bytes in them, `<` or `>`; `least` and `most`: how long one may be, in bytes.
    """
    words = np.frombuffer(buffer, order + "u4", max(len(buffer) - at, 0) // 4, at)
    place = few_places(words[:-1] == kind)
    size = words[place + 1].astype(np.int64)
    begin = at + 4 * place
    end = begin + size
    fit = (size >= least) & (size <= most) & (size & 3 == 0) & (end <= len(buffer))
    return _chain(begin[fit], end[fit], at)


def _chain(begin: np.ndarray, end: np.ndarray, at: int) -> np.ndarray:
    """Of guesses in their order those which begin at `at`, and then each where the one before ends."""
    for _ in range(_ROUNDS):
        if not len(begin) or begin[0] != at:
            return begin[:0]
        gaps = np.flatnonzero(begin[1:] != end[:-1])
        if not len(gaps):
            return begin
        led = among(begin, end)
        led[0] = True
        if led.all():
            break
        begin, end = begin[led], end[led]
    gaps = np.flatnonzero(begin[1:] != end[:-1])
    return begin[: int(gaps[0]) + 1] if len(gaps) else begin
