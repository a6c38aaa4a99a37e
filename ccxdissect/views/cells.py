"""Values as the text of one cell, where rows are flat."""

from __future__ import annotations

from enum import Enum
from typing import Any

from ccxdissect.analysis.schema import Column, ColumnKind
from ccxdissect.wording import duration


def joined(column: Column, value: Any) -> str:
    """A value that is no time and no number: a flag as yes or no, the items of a list with blanks between them."""
    if column.brief is not None:
        return column.brief(value)
    if column.kind is ColumnKind.FLAG:
        return "yes" if value else "no"
    if column.kind is ColumnKind.LIST:
        return " ".join(str(item.value if isinstance(item, Enum) else item) for item in value)
    return str(value)


def for_people(column: Column, row: Any) -> object:
    """A cell of a table: durations with their unit, numbers and points in time (ns) as they are."""
    if column.told is not None:
        return column.told(row)
    value = column.value(row)
    if value is None:
        return ""
    if column.kind in (ColumnKind.INTEGER, ColumnKind.NUMBER, ColumnKind.TIME):
        return value
    if column.kind is ColumnKind.DURATION:
        return duration(value)
    return joined(column, value)
