"""A table for people, in pages so that a long one streams."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TextIO

from ccxdissect.analysis.schema import ColumnKind, Schema
from ccxdissect.views.cells import for_people
from ccxdissect.views.columns import chosen
from ccxdissect.views.layout import USUAL, Layout
from ccxdissect.views.lines import write_lines
from ccxdissect.views.table import Heading, table

MEANING = "columns, for people"
_NUMBERS = (ColumnKind.INTEGER, ColumnKind.NUMBER)


def write(schema: Schema, rows: Iterable[Any], out: TextIO, layout: Layout = USUAL) -> None:
    """Write the table; of an empty result its heading."""
    picked = chosen(schema, layout)
    columns = picked.flat if layout.wide else picked.usual
    headings = [
        Heading(column.title, column.kind in _NUMBERS and column.told is None, column.prose) for column in columns
    ]
    write_lines(table(headings, ([for_people(column, row) for column in columns] for row in rows)), out)
