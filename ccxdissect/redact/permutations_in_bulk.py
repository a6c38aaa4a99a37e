"""Many places of one range permuted at once, by numpy: what `permutations` comes to for each of them."""

from __future__ import annotations

import numpy as np

from ccxdissect.redact.rounds import BLOCK, Rounds

#: Bytes that are taken, of halves that fit here, of what the round function comes to.
_TAKEN = 8
#: Halves, and sums of two of them, must fit 64 bits.
_LARGEST = 1 << 32
#: Halves of a range up to this are marked, not sorted.
_MARKED = 1 << 20


def permuted(rounds: Rounds, size: int, places: list[int]) -> list[int] | None:
    """Where each place of the range 0 to `size` - 1 goes, walking on while it is outside; None: columns are too narrow."""
    if rounds.wanted != _TAKEN or rounds.right_range > _LARGEST or size > 1 << 62:
        return None
    found = _moved(rounds, np.array(places, np.int64))
    outside = np.flatnonzero(found >= size)
    while len(outside):
        found[outside] = _moved(rounds, found[outside])
        outside = outside[found[outside] >= size]
    return found.tolist()


def _moved(rounds: Rounds, places: np.ndarray) -> np.ndarray:
    left, right = np.divmod(places, rounds.right_range)
    for number, own, into in rounds.each:
        left, right = right, (left + _mixed_in(rounds, number, right, own, into)) % into
    return left * rounds.right_range + right


def _mixed_in(rounds: Rounds, number: int, half: np.ndarray, own: int, into: int) -> np.ndarray:
    """What a round mixes in for each half: the round function is asked once for each that there is."""
    if own <= _MARKED:
        there = np.zeros(own, bool)
        there[half] = True
        each = np.flatnonzero(there)
        table = np.zeros(own, np.int64)
        table[each] = _asked(rounds, number, each, into)
        return table[half]
    each, which = np.unique(half, return_inverse=True)
    return _asked(rounds, number, each, into)[which]


def _asked(rounds: Rounds, number: int, each: np.ndarray, into: int) -> np.ndarray:
    copy, size = rounds.begun.copy, rounds.width + 1
    digests = []
    for half in each.tolist():
        made = copy()
        made.update((number + half).to_bytes(size, "big"))
        digests.append(made.digest())
    taken = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, BLOCK)[:, :_TAKEN]
    return (np.ascontiguousarray(taken).view(">u8")[:, 0] % np.uint64(into)).astype(np.int64)
