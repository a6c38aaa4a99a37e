"""The names of constants, for whole columns of values."""

from __future__ import annotations

from functools import cache

import numpy as np

from ccxdissect.protocol.codes import Code, label

#: Numbers below it are looked up in a list of all of them; few constants are larger.
_SMALL = 1 << 12


class ConstantNames:
    """The names of a table of constants."""

    def __init__(self, codes: type[Code]) -> None:
        numbers = sorted(codes._value2member_map_)
        self._names = [str(label(codes, number)) for number in numbers]
        small = [number for number in numbers if 0 <= number < _SMALL]
        #: The place of the name of each number up to the largest of the small ones, and one that stands for all others.
        self._places = np.full(max(small, default=-1) + 2, -1, np.int32)
        for place, number in enumerate(numbers):
            if 0 <= number < _SMALL:
                self._places[number] = place
        self._large = [(place, number) for place, number in enumerate(numbers) if not 0 <= number < _SMALL]

    def of(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None, list[str]]:
        """For each number the place of its name among those that there are; whether it has one (None: all have); and the
        names."""
        # What is negative is a large number then.
        unsigned = values.astype(np.int64).view(np.uint64)
        place = self._places[np.minimum(unsigned, np.uint64(len(self._places) - 1))]
        for index, number in self._large:
            place[values == number] = index
        used = np.bincount(place + 1, minlength=len(self._names) + 1)
        there = np.flatnonzero(used[1:])
        new = np.zeros(len(self._names) + 1, np.int32)
        new[there] = np.arange(len(there))
        return new[place], place >= 0 if used[0] else None, [self._names[index] for index in there.tolist()]


@cache
def names_of(codes: type[Code]) -> ConstantNames:
    """The names of a table, made when first asked for."""
    return ConstantNames(codes)
