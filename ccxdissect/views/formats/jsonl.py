"""JSON lines: one object a row. Times and durations are numbers of seconds with every digit the capture gave: a double
cannot hold nanoseconds since 1970, so the digits are written out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from json.encoder import encode_basestring_ascii
from operator import attrgetter
from typing import Any, TextIO

from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.views.columns import chosen
from ccxdissect.views.layout import USUAL, Layout
from ccxdissect.views.lines import write_lines
from ccxdissect.wording import readable, seconds

#: So many texts of one column are remembered as they are written, if they are no longer than that.
_MOST_TEXTS = 1024
_LONG = 100

MEANING = "one JSON object a line, for programs"


def write(schema: Schema, rows: Iterable[Any], out: TextIO, layout: Layout = USUAL) -> None:
    """Write the rows, one object a line; nothing when there are none."""
    make = line_maker(chosen(schema, layout))
    write_lines((make(row) for row in rows), out)


def line_maker(schema: Schema) -> Callable[[Any], str]:
    """What writes a row of the schema as one line of JSON, without the line's end."""
    return schema.line or _object_maker(schema)


def json_text(text: str) -> str:
    """Text as a JSON string in ASCII; a byte that is not UTF-8 as a backslash escape in it."""
    line = encode_basestring_ascii(readable(text))
    return line.replace("\x7f", "\\u007f") if "\x7f" in line else line


def json_value(value: object) -> str:
    """Plain data as JSON in ASCII: what no schema describes."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return json_text(value)
    if isinstance(value, Mapping):
        return "{" + ",".join([f"{json_text(str(key))}:{json_value(item)}" for key, item in value.items()]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join([json_value(item) for item in value]) + "]"
    return json.dumps(value)


class _Texts(dict[Any, str]):
    """Texts as JSON strings. Of those that come again and again, each is made once."""

    def __missing__(self, text: Any) -> str:
        found = json_text(str(_bare(text)))
        if len(found) < _LONG:
            if len(self) >= _MOST_TEXTS:
                self.clear()
            self[text] = found
        return found


def _object_maker(schema: Schema) -> Callable[[Any], str]:
    columns = schema.nested
    if not columns:
        return lambda row: "{}"
    heads = [f"{',' if place else '{'}{json_text(column.name)}:" for place, column in enumerate(columns)]
    members = [(head, _maker(column.kind, column.of)) for head, column in zip(heads, columns, strict=True)]
    values = _getter(columns)

    def make(row: Any) -> str:
        parts = [
            head + ("null" if value is None else write_value(value))
            for (head, write_value), value in zip(members, values(row), strict=True)
        ]
        return "".join(parts) + "}"

    return make


def _getter(columns: Sequence[Column]) -> Callable[[Any], Sequence[Any]]:
    """What gives the values of a row, enumerations as they are."""
    if len(columns) > 1 and all(column.get is None or isinstance(column.get, attrgetter) for column in columns):
        found = attrgetter(*(_path(column) for column in columns))
        return lambda row: found(row)
    getters = [attrgetter(column.name) if column.get is None else column.get for column in columns]
    return lambda row: [get(row) for get in getters]


def _path(column: Column) -> str:
    # What an `attrgetter` looks for is in how it is copied.
    return column.name if column.get is None else str(column.get.__reduce__()[1][0])


def _maker(kind: ColumnKind, of: ColumnKind | Schema | None) -> Callable[[Any], str]:
    if kind in (ColumnKind.TIME, ColumnKind.DURATION):
        return seconds
    if kind is ColumnKind.INTEGER:
        return lambda value: int.__repr__(_bare(value))
    if kind is ColumnKind.TEXT:
        return _Texts().__getitem__
    if kind is ColumnKind.OBJECT and isinstance(of, Schema):
        return _object_maker(of)
    if kind is ColumnKind.LIST and of is not None:
        if of is ColumnKind.INTEGER:
            return lambda values: "[" + ",".join([int.__repr__(_bare(value)) for value in values]) + "]"
        item = _object_maker(of) if isinstance(of, Schema) else _maker(of, None)
        return lambda values: "[" + ",".join([item(value) for value in values]) + "]" if values else "[]"
    if kind is ColumnKind.MAP and of is not None:
        held = _object_maker(of) if isinstance(of, Schema) else _maker(of, None)
        return lambda found: "{" + ",".join([f"{json_text(key)}:{held(value)}" for key, value in found.items()]) + "}"
    return json_value


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
