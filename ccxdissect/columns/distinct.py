"""Values that differ, as `numpy.unique` gives them, which loads masked arrays for it: a tenth of numpy's whole start."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

_WORD = 64
_MIXER = np.uint64(0x9E3779B97F4A7C15)


def distinct(values: np.ndarray) -> np.ndarray:
    """Each value once, in their order."""
    ordered = np.sort(values)
    return ordered[_news(ordered)]


def listed(values: Iterable[int], bound: int) -> np.ndarray:
    """For each number below `bound` whether it is one of the values: what `numpy.isin` looks up, made once."""
    table = np.zeros(bound, bool)
    table[list(values)] = True
    return table


def among(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether each value is one of the others, of which there are some: as `numpy.isin`, which loads masked arrays for many."""
    ordered = np.sort(others)
    found: np.ndarray = ordered[np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)] == values
    return found


def all_or_places(chosen: np.ndarray) -> Any:
    """The places where `chosen`, a flag for each, is true; where all are, what takes everything as it lies."""
    return slice(None) if chosen.all() else np.flatnonzero(chosen)


def few_places(chosen: np.ndarray) -> np.ndarray:
    """The places where `chosen`, a flag for each, is true: of many flags of which few are, quicker than `numpy.flatnonzero`,
    since eight at a time are passed over."""
    whole = len(chosen) & ~7
    eights = chosen[:whole].view(np.uint64)
    words = np.flatnonzero(eights)
    inside = np.flatnonzero(eights[words].view(bool))
    return np.concatenate([8 * words[inside >> 3] + (inside & 7), np.flatnonzero(chosen[whole:]) + whole])


def alike(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The place of the first of each value, in the order of values; and for every place which of them stands there."""
    order = np.argsort(values, kind="stable")
    new = _news(values[order])
    which = np.empty(len(values), np.int64)
    which[order] = np.cumsum(new) - 1
    return order[new], which


def alike_in_all(columns: list[np.ndarray], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that are the same in all columns: the first of each kind, and which kind each is of."""
    if not columns:
        return np.zeros(1, np.int64), np.zeros(count, np.int64)
    widths = [1 if column.dtype == bool else 8 * column.itemsize for column in columns]
    if sum(widths) <= _WORD and all(column.dtype.kind in "bu" for column in columns):
        # They fit side by side into one number.
        side_by_side = columns[0].astype(np.uint64)
        for column, width in zip(columns[1:], widths[1:], strict=True):
            side_by_side <<= np.uint64(width)
            side_by_side |= column
        return alike(side_by_side)
    mixed = np.zeros(count, np.uint64)
    for column in columns:
        mixed = (mixed ^ column.astype(np.uint64)) * _MIXER
        mixed ^= mixed >> np.uint64(29)
    first, inverse = alike(mixed)
    if all((column == column[first][inverse]).all() for column in columns):
        return first, inverse
    # Two kinds were mixed into the same number.
    return np.arange(count), np.arange(count)


def _news(ordered: np.ndarray) -> np.ndarray:
    new = np.ones(len(ordered), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return new
