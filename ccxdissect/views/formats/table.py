"""A table for people, in pages so that a long one streams.

Where a terminal is narrower than the table, its widest text gives way first, down to what can still be told apart; then
the columns that matter least are left out. What the first page has, all have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.views.cells import for_people
from ccxdissect.views.colours import coloured
from ccxdissect.views.columns import chosen
from ccxdissect.views.layout import USUAL, Layout, Times
from ccxdissect.views.lines import write_lines
from ccxdissect.views.table import GAP, PADDING, PAGE, Heading, page_lines
from ccxdissect.views.text import clock, date_and_clock, day_of, shown, zone_name
from ccxdissect.wording import seconds

MEANING = "columns, for people"
_NUMBERS = (ColumnKind.INTEGER, ColumnKind.NUMBER)
#: No text is cut to fewer characters than this.
_LEAST = 24


def write(schema: Schema, rows: Iterable[Any], out: TextIO, layout: Layout = USUAL) -> None:
    """Write the table; of an empty result its heading."""
    write_lines(_lines(chosen(schema, layout), rows, layout), out)


def _lines(schema: Schema, rows: Iterable[Any], layout: Layout) -> Iterator[str]:
    columns = schema.flat if layout.wide else schema.usual
    times = _Times(columns, layout)
    fitted: _Fit | None = None
    for page in _pages(rows):
        cells = times.told([[_safe(for_people(column, row)) for column in columns] for row in page])
        if fitted is None:
            fitted = _Fit(columns, cells, layout.width)
        kept = fitted.columns
        shaped = fitted.shaped(cells)
        if layout.colour:
            for line, row in zip(shaped, page, strict=True):
                for at, place in enumerate(kept):
                    line[at] = coloured(line[at], columns[place], row)
        yield from page_lines([_heading(columns[place], layout.times) for place in kept], shaped)


def _pages(rows: Iterable[Any]) -> Iterator[list[Any]]:
    page: list[Any] = []
    written = False
    for row in rows:
        page.append(row)
        if len(page) == PAGE:
            yield page
            page, written = [], True
    if page or not written:
        yield page


def _safe(cell: object) -> object:
    return shown(cell) if isinstance(cell, str) else cell


def _heading(column: Column, times: Times) -> Heading:
    zone = f" ({zone_name()})" if column.kind is ColumnKind.TIME and times is Times.CLOCK else ""
    return Heading(column.title + zone, column.kind in _NUMBERS and column.told is None, column.prose)


class _Times:
    """Writes points in time as was asked for."""

    def __init__(self, columns: tuple[Column, ...], layout: Layout) -> None:
        self._places = [
            place for place, column in enumerate(columns) if column.kind is ColumnKind.TIME and column.told is None
        ]
        self._times = layout.times
        self._needed = layout.dated
        self._dated = False
        self._first: int | None = None
        self._before: int | None = None
        self._days: set[str] = set()

    def told(self, cells: list[list[object]]) -> list[list[object]]:
        """The rows of a page with their times as text."""
        if self._times is Times.CLOCK:
            # A later page of another day than the first one has dates too; once there are dates, they stay.
            self._days.update(day_of(cell) for row in cells for cell in self._of(row))
            self._dated |= len(self._days) > 1 or (self._needed is not None and self._needed())
            write = date_and_clock if self._dated else clock
            for row in cells:
                for place in self._places:
                    cell = row[place]
                    row[place] = write(cell) if isinstance(cell, int) else ""
            return cells
        for row in cells:
            there = self._of(row)
            if there:
                self._first = there[0] if self._first is None else self._first
                since = self._first if self._times is Times.SINCE_FIRST or self._before is None else self._before
                self._before = there[0]
                for place in self._places:
                    cell = row[place]
                    row[place] = seconds((cell - since) // 1000 * 1000) if isinstance(cell, int) else ""
        return cells

    def _of(self, row: list[object]) -> list[int]:
        return [cell for place in self._places if isinstance(cell := row[place], int)]


class _Fit:
    """Which columns there is room for, and how long their texts may be."""

    def __init__(self, columns: tuple[Column, ...], cells: list[list[object]], width: int | None) -> None:
        self.columns = list(range(len(columns)))
        self._room: dict[int, int] = {}
        if width is None:
            return
        wide = {
            place: max([len(column.title) + PADDING, *(len(str(row[place])) for row in cells)])
            for place, column in enumerate(columns)
        }
        while len(self.columns) > 1:
            over = sum(wide[place] for place in self.columns) + GAP * (len(self.columns) - 1) - width
            if over <= 0:
                break
            texts = [place for place in self.columns if columns[place].kind is ColumnKind.TEXT]
            widest = max(texts, key=lambda place: wide[place], default=None)
            if widest is not None and wide[widest] > max(_LEAST, len(columns[widest].title) + PADDING):
                least = max(_LEAST, len(columns[widest].title) + PADDING)
                wide[widest] = self._room[widest] = max(wide[widest] - over, least)
                continue
            # The last of those that matter least.
            gone = max(self.columns, key=lambda place: (columns[place].rank or 1000, place))
            self.columns.remove(gone)

    def shaped(self, cells: list[list[object]]) -> list[list[object]]:
        """The rows with the columns that are left, each within its room."""
        return [[self._cut(row[place], place) for place in self.columns] for row in cells]

    def _cut(self, cell: object, place: int) -> object:
        room = self._room.get(place)
        if room is None or len(str(cell)) <= room:
            return cell
        return str(cell)[: room - 1] + "…"
