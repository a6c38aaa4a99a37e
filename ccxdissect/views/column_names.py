"""Which values have names, by columns."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ccxdissect.protocol.codes import Code, CodeTable

#: The values that have names lie within so many numbers from -1 on, where columns tell them: all of 16 bits, and -1.
_MOST_VALUES = (1 << 16) + 1


class Told(NamedTuple):
    """How values of a field are told: from where on, up to which place, which is that of all that have no name, and how many
    there are to tell apart. Where `most` is negative, each value is itself."""

    begin: int
    most: int
    many: int


#: Values without any name.
NAMELESS = Told(0, 0, 1)


class NamedValues:
    """The values that have names, of one table after another."""

    def __init__(self) -> None:
        #: The how manieth of those that have names each value is, from -1 on.
        self._ordinals = np.zeros(1, np.int32)
        self._told: dict[tuple[CodeTable, int, bool], Told] = {}

    def told(self, table: CodeTable, within: int, signed: bool) -> Told:
        """How the values of a field are told that has these bits."""
        found = self._told.get((table, within, signed))
        if found is None:
            found = self._told[table, within, signed] = self._add(table, within, signed)
        return found

    def _add(self, table: CodeTable, within: int, signed: bool) -> Told:
        if not issubclass(table, Code):
            # Of a table of bits each value has a name of its own.
            return Told(0, -1, within + 1)
        least, largest = (-(within >> 1) - 1, within >> 1) if signed else (0, within)
        # From -1 on, which mostly stands for nothing.
        places = [(value + 1) & within for value in table._value2member_map_ if least <= value <= largest]
        most = max(places, default=-1) + 1
        if most > _MOST_VALUES:
            return Told(0, -1, within + 1)
        ordinals = np.zeros(most + 1, np.int32)
        ordinals[places] = np.arange(1, len(places) + 1)
        found = Told(len(self._ordinals), most, len(places) + 1)
        self._ordinals = np.concatenate([self._ordinals, ordinals])
        return found

    def ordinals(self, value: np.ndarray, within: np.ndarray, begin: np.ndarray, most: np.ndarray) -> np.ndarray:
        """The how manieth of those that have names each value is, from 1 on; 0: it has none."""
        found = self._ordinals.take(begin + np.minimum((value + 1) & within, np.maximum(most, 0))).astype(np.int64)
        itself = np.flatnonzero(most < 0)
        if len(itself):
            found[itself] = (value & within)[itself]
        return found
