"""The fixed parts of messages of all plans at once: their numbers, what stands between them, and what their labels hang on.

A batch holds some messages each of a hundred types: what is done for every type by itself takes as long as all of its data.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ccxdissect.codec.layout import CompiledLayout
from ccxdissect.columns.places import lying_at, put_at
from ccxdissect.protocol.model import Fixed
from ccxdissect.protocol.types import Reading
from ccxdissect.views.column_names import NamedValues
from ccxdissect.views.messages import FixedPart

#: Labels are told apart by a number of so many bits; above it stands which plan they are of.
_LABEL_BITS = 44
#: How numbers of a fixed part are read that fit into 64 bits with a sign.
_READINGS = [np.dtype(f">{code}") for code in "bBhHiI"]


class _Run(NamedTuple):
    """Fields of one width side by side: of which columns, from which byte on."""

    columns: slice
    begin: int
    kind: np.dtype


class _Row(NamedTuple):
    """One plan: the size of its fixed part, how its numbers lie there, and where the texts around them are kept."""

    size: int
    runs: list[_Run]
    texts: np.ndarray


class _Coded(NamedTuple):
    """A field with a table of values: which column, the bits that it has, how its values are told (see `Told`), and how many times
    each of them counts."""

    column: int
    within: int
    begin: int
    most: int
    times: int


def is_plain(layout: CompiledLayout, part: FixedPart) -> bool:
    """Whether all that is shown of a fixed part are numbers that columns can hold."""
    fields = [layout.fields[position] for position in part.shown]
    return all(row.type.reading is Reading.INTEGER and _reading(row) in _READINGS for row in fields)


def _reading(row: Fixed) -> np.dtype:
    return np.dtype(f">{row.type.code}")


class FixedParts:
    """The plans whose messages are written, a row for each. `named`: the values that have names."""

    def __init__(self, named: NamedValues) -> None:
        self._named = named
        self._rows: list[_Row] = []
        self._singly: list[bool] = []
        self._coded: list[_Coded] = []
        self._first_coded = [0]
        self._made = False

    def add(self, layout: CompiledLayout, part: FixedPart, place: Callable[[str], int]) -> None:
        """The next row. `place` gives where a text is kept."""
        self._made = False
        between = [f'"{layout.names[position]}":' for position in part.shown]
        if between:
            texts = [f',"fixed":{{{between[0]}', *(f",{name}" for name in between[1:]), '},"floating":[']
        else:
            texts = [',"fixed":{},"floating":[']
        runs: list[_Run] = []
        for column, position in enumerate(part.shown if is_plain(layout, part) else ()):
            row, begin = layout.fields[position], layout.offsets[position]
            kind = _reading(row)
            last = runs[-1] if runs else None
            if last and last.kind == kind and last.begin + (column - last.columns.start) * row.size == begin:
                runs[-1] = last._replace(columns=slice(last.columns.start, column + 1))
            else:
                runs.append(_Run(slice(column, column + 1), begin, kind))
        self._rows.append(_Row(layout.size, runs, np.array([place(text) for text in texts], np.int32)))
        self._singly.append(not self._add_coded(layout, part))
        self._first_coded.append(len(self._coded))

    def _add_coded(self, layout: CompiledLayout, part: FixedPart) -> bool:
        """Number the labels of a plan; False where there are too many."""
        coded: list[_Coded] = []
        times = 1
        for position in [*part.coded, *(position for position, _ in part.single)]:
            row = layout.fields[position]
            assert row.codes is not None
            column, within = part.shown.index(position), (1 << 8 * row.size) - 1
            begin, most, many = self._named.told(row.codes, within, row.type.signed)
            coded.append(_Coded(column, within, begin, most, times))
            times *= many
            if times > 1 << _LABEL_BITS:
                return False
        self._coded += coded
        return True

    def ready(self) -> FixedParts:
        """This, with all rows that were added."""
        if not self._made:
            self._made = True
            self.count = np.array([len(row.texts) - 1 for row in self._rows], np.int64)
            self.singly = np.array(self._singly, bool)
            self._coded_count = np.diff(self._first_coded)
            self._coded_of = np.array(self._first_coded, np.int64)
            self._columns = np.array(self._coded, np.int64).reshape(-1, 5).T.copy()
        return self

    def numbers(self, octets: np.ndarray, row: np.ndarray, place: np.ndarray) -> Numbers:
        """The numbers of messages of these rows, whose bodies lie at `place`."""
        few = len(self._rows) < 1 << 15
        order = np.argsort(row.astype(np.int16) if few else row, kind="stable")
        row, place = row[order], place[order]
        begin = np.zeros(len(row) + 1, np.int64)
        np.cumsum(self.count[row], out=begin[1:])
        starts = np.flatnonzero(np.r_[True, row[1:] != row[:-1]]).tolist()
        blocks = [slice(*ends) for ends in zip(starts, [*starts[1:], len(row)], strict=True)]
        values = np.empty(int(begin[-1]), np.int64)
        for block in blocks:
            size, runs, texts = self._rows[int(row[block.start])]
            if runs:
                held = lying_at(octets, place[block], f"V{size}")
                of = values[begin[block.start] : begin[block.stop]].reshape(len(held), len(texts) - 1)
                for columns, at, kind in runs:
                    shape = len(held), columns.stop - columns.start
                    of[:, columns] = np.ndarray(shape, kind, held, at, (size, kind.itemsize))
        return Numbers(values, begin, order, row, blocks)

    def put(self, spots: np.ndarray, at: np.ndarray, numbers: Numbers, places: np.ndarray) -> None:
        """Put the places of these numbers, and of what stands around them, into the spots from `at` on, of messages as they
        were given: a text, a number, a text ... and a text at the end."""
        at = at[numbers.order]
        for block in numbers.blocks:
            texts = self._rows[int(numbers.row[block.start])].texts
            pieces = np.empty((block.stop - block.start, 2 * len(texts) - 1), np.int32)
            pieces[:, ::2] = texts
            own = places[numbers.begin[block.start] : numbers.begin[block.stop]]
            pieces[:, 1::2] = own.reshape(len(pieces), len(texts) - 1)
            put_at(spots, at[block], pieces)

    def labels(self, numbers: Numbers) -> np.ndarray:
        """A number for the labels of each message: where it is the same, they are. Says nothing of rows that are `singly` told."""
        row = numbers.row
        count = self._coded_count[row]
        bounds = np.zeros(len(row) + 1, np.int64)
        np.cumsum(count, out=bounds[1:])
        coded = np.repeat(self._coded_of[row] - bounds[:-1], count) + np.arange(bounds[-1])
        column, within, begin, most, times = (each.take(coded) for each in self._columns)
        value = numbers.values.take(np.repeat(numbers.begin[:-1], count) + column)
        told = self._named.ordinals(value, within, begin, most)
        sums = np.zeros(len(told) + 1, np.int64)
        np.cumsum(told * times, out=sums[1:])
        found = np.empty(len(row), np.int64)
        found[numbers.order] = (row << _LABEL_BITS) + sums[bounds[1:]] - sums[bounds[:-1]]
        return found


class Numbers(NamedTuple):
    """The numbers of fixed parts, of all messages one after the other in the order of their rows, and where those of each
    begin. `order`: which of the messages given stands where; `blocks`: those of each row."""

    values: np.ndarray
    begin: np.ndarray
    order: np.ndarray
    row: np.ndarray
    blocks: list[slice]

    def spots(self, at: np.ndarray, which: np.ndarray) -> np.ndarray:
        """At which spot these of the numbers are written."""
        message = np.searchsorted(self.begin, which, "right") - 1
        return at[self.order[message]] + 2 * (which - self.begin[message]) + 1
