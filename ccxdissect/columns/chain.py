"""Where the packets of a chunk begin, seen all at once.

A record tells how long it is, and so where the next one begins: a chain, to be followed step by step. But headers look
alike. Whatever looks like one is taken for a guess, and those guesses stand that are links of the chain: each begins
where the one before ends. From where no guess fits, the chain has to be followed after all.
"""

from __future__ import annotations

import numpy as np

from ccxdissect.columns.distinct import among, few_places
from ccxdissect.columns.places import lying_at

#: How often guesses that nothing leads to are sorted out.
_ROUNDS = 4


def records(buffer: bytes, order: str, header: int, limit: int) -> np.ndarray:
    """Where the first records of pcap begin, whole ones, from the beginning of `buffer` on: as many as can be told at once.

    `order`: of the bytes in a header, `<` or `>`; `header`: its size; `limit`: the most bytes of a packet.
    """
    last = len(buffer) - header
    if last < 0:
        return np.zeros(0, np.int64)
    octets = np.frombuffer(buffer, np.uint8)
    # The upper half of the seconds is the same for 18 hours, that of both lengths is zero.
    upper = 2 if order == "<" else 0
    half = np.dtype(order + "u2")
    hours = int(np.frombuffer(buffer, half, 1, upper)[0])
    found = [
        2 * few_places(np.frombuffer(buffer, half, (len(buffer) - place) // 2, place) == hours) + place - upper
        for place in (upper, upper + 1)
    ]
    begin = np.sort(np.concatenate(found))
    begin = begin[begin <= last]
    for place in (8, 9, 12, 13):
        begin = begin[octets[begin + upper + place] == 0]
    size = lying_at(octets, begin + 8, order + "u4").astype(np.int64)
    end = begin + header + size
    fit = (size <= limit) & (end <= len(buffer))
    return _chain(begin[fit], end[fit], 0)


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
