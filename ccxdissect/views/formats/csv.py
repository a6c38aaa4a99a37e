"""CSV for spreadsheets: flat columns only. Times are ISO 8601 in UTC with every digit, durations are seconds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.views.cells import joined
from ccxdissect.views.columns import chosen
from ccxdissect.views.layout import USUAL, Layout
from ccxdissect.views.lines import write_lines
from ccxdissect.views.text import iso_time, shown
from ccxdissect.wording import seconds

MEANING = "comma-separated values, for spreadsheets"
#: What makes a spreadsheet take a cell for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(schema: Schema, rows: Iterable[Any], out: TextIO, layout: Layout = USUAL) -> None:
    """Write the heading, then a line a row."""
    write_lines(csv_lines(chosen(schema, layout), rows), out)


def csv_lines(schema: Schema, rows: Iterable[Any]) -> Iterator[str]:
    """The lines, heading first, without line ends."""
    columns = schema.flat
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for row in rows:
        yield buffer.getvalue()[:-1]
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([cell(column, column.value(row)) for column in columns])
    yield buffer.getvalue()[:-1]


def cell(column: Column, value: Any) -> object:
    """A value as a cell that no spreadsheet takes for a formula, and no terminal obeys."""
    if value is None:
        return ""
    if column.kind is ColumnKind.TIME:
        return iso_time(value)
    if column.kind is ColumnKind.DURATION:
        return seconds(value)
    if column.kind in (ColumnKind.INTEGER, ColumnKind.NUMBER):
        return value
    return safe(joined(column, value))


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula, and no terminal obeys."""
    text = shown(text)
    return "'" + text if text.startswith(_FORMULA) else text
