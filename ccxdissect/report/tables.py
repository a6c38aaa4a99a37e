"""The page's tables: by the schemas of the results, with what the pictures are drawn from besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.views.cells import joined
from ccxdissect.views.text import shown

#: What the page's scripts look up by name in the rows of each table, besides what the table shows.
DRAWN: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "sessions": "session client server mode start end ended_by ended_side agents client_name story",
        "exchanges": "session request request_name request_time reply reply_name reply_time latency outcome triggered",
        "calls": "call server from to start end agents sessions outcome phases steps story",
        "agents": "agent state state_name reason reason_name reason_meaning start end message sessions",
        "findings": "severity rule session message time text",
    }.items()
}


def times_of(schema: Schema, row: Any) -> list[int]:
    """The points in time that a row names itself, in ns since 1970."""
    found = (column.value(row) for column in schema.nested if column.kind is ColumnKind.TIME)
    return [time for time in found if time is not None]


def table(schema: Schema, rows: Sequence[Any], base: int, total: int) -> dict[str, Any]:
    """The rows, of `total` that there are, by columns; times count from `base`, texts may be shown as they are."""
    usual = sorted(schema.usual, key=lambda column: (column.prose, column.rank))
    listed = {column.name for column in usual}
    columns: list[dict[str, Any]] = []
    data: dict[str, list[Any]] = {}
    for column in usual:
        columns.append(described(column, shown_=True))
        if column.told is None and column.brief is None:
            data[column.name] = _values(column, rows, base)
            continue
        # Where a cell says more than the value, the page has what it says too.
        cell = f"{column.name} as told"
        columns[-1]["cell"] = cell
        data[cell] = [_told(column, row) for row in rows]
        data[column.name] = _values(column, rows, base) if column.brief is None else data[cell]
    for column in schema.nested:
        if column.name in DRAWN[schema.name] and (column.name not in listed or column.brief is not None):
            columns.append(described(column, shown_=False))
            data[column.name] = _values(column, rows, base)
    return {"columns": columns, "data": data, "total": total}


def described(column: Column, shown_: bool) -> dict[str, Any]:
    """What the page knows of a column."""
    return {
        "name": column.name,
        "kind": column.kind.value,
        "heading": column.title,
        "meaning": column.meaning,
        "prose": column.prose,
        "shown": shown_,
        "cell": None,
    }


def _told(column: Column, row: Any) -> str:
    if column.told is not None:
        return shown(str(column.told(row)))
    value = column.value(row)
    return "" if value is None else shown(joined(column, value))


def _values(column: Column, rows: Sequence[Any], base: int) -> list[Any]:
    return [_plain(column.kind, column.of, column.value(row), base) for row in rows]


def _plain(kind: ColumnKind, of: ColumnKind | Schema | None, value: Any, base: int) -> Any:
    if value is None:
        return None
    if kind is ColumnKind.TIME:
        return value - base
    if kind is ColumnKind.LIST:
        inner = of if isinstance(of, ColumnKind) else ColumnKind.OBJECT
        return [_plain(inner, of, item, base) for item in value]
    if kind is ColumnKind.MAP:
        inner = of if isinstance(of, ColumnKind) else ColumnKind.OBJECT
        return {shown(key): _plain(inner, of, item, base) for key, item in value.items()}
    if isinstance(of, Schema):
        return {column.name: _plain(column.kind, column.of, column.value(value), base) for column in of.nested}
    if isinstance(value, Mapping):
        return {shown(str(key)): _plain(ColumnKind.OBJECT, None, item, base) for key, item in value.items()}
    if isinstance(value, Enum):
        value = value.value
    return shown(value) if isinstance(value, str) else value
