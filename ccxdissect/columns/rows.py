"""Texts of equal size made for many rows at once: constant bytes, and numbers between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_POWERS = 10 ** np.arange(1, 19, dtype=np.int64)
#: So many digits any number of 32 bits can have.
_WITHIN_WORD = 9
_BY_THREE = np.array([list(b"%03d" % number) for number in range(1000)], np.uint8)


class Padded(NamedTuple):
    """Numbers from 0 on written with so many digits, which have to suffice; zeros stand before smaller ones."""

    numbers: np.ndarray
    digits: int


def count_of_digits(numbers: np.ndarray) -> np.ndarray:
    """With how many digits each of these numbers, from 0 on, is written."""
    return np.searchsorted(_POWERS, numbers, "right") + 1


def rows(parts: Sequence[bytes | Padded], count: int) -> np.ndarray:
    """So many rows of octets, one number of each column in each."""
    sizes = [len(part) if isinstance(part, bytes) else part.digits for part in parts]
    made = np.empty((count, sum(sizes)), np.uint8)
    made[:] = np.frombuffer(
        b"".join(part if isinstance(part, bytes) else bytes(part.digits) for part in parts), np.uint8
    )
    begin = 0
    for part, size in zip(parts, sizes, strict=True):
        if not isinstance(part, bytes):
            _write(made[:, begin : begin + size], part.numbers)
        begin += size
    return made


def _write(room: np.ndarray, numbers: np.ndarray) -> None:
    """Write numbers into a room of so many columns."""
    left, end = numbers, room.shape[1]
    if end > _WITHIN_WORD:
        _write(room[:, : end - _WITHIN_WORD], numbers // 10**_WITHIN_WORD)
        left, room = numbers % 10**_WITHIN_WORD, room[:, end - _WITHIN_WORD :]
        end = _WITHIN_WORD
    # Numbers of 32 bits are divided several times as quickly.
    left = left.astype(np.uint32)
    while end > 0:
        more = left // 1000
        three = _BY_THREE.take(left - more * 1000, axis=0)
        room[:, max(end - 3, 0) : end] = three[:, max(3 - end, 0) :]
        left, end = more, end - 3
