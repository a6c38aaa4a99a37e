"""JSON lines: one object a row. Times and durations are numbers of seconds with every digit the capture gave: a double
cannot hold nanoseconds since 1970, so the digits are written out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from json.encoder import encode_basestring_ascii
from typing import Any, TextIO

from ccxdissect.analysis.schema import ColumnKind, Schema
from ccxdissect.views.columns import chosen
from ccxdissect.views.layout import USUAL, Layout
from ccxdissect.views.lines import write_lines
from ccxdissect.wording import readable, seconds

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


def _object_maker(schema: Schema) -> Callable[[Any], str]:
    members = [(json_text(column.name) + ":", column.value, _maker(column.kind, column.of)) for column in schema.nested]

    def make(row: Any) -> str:
        parts = []
        for head, get, write_value in members:
            value = get(row)
            parts.append(head + ("null" if value is None else write_value(value)))
        return "{" + ",".join(parts) + "}"

    return make


def _maker(kind: ColumnKind, of: ColumnKind | Schema | None) -> Callable[[Any], str]:
    if kind in (ColumnKind.TIME, ColumnKind.DURATION):
        return seconds
    if kind is ColumnKind.INTEGER:
        return int.__repr__
    if kind is ColumnKind.TEXT:
        return json_text
    if kind is ColumnKind.OBJECT and isinstance(of, Schema):
        return _object_maker(of)
    if kind is ColumnKind.LIST and of is not None:
        item = _object_maker(of) if isinstance(of, Schema) else _maker(of, None)
        return lambda values: "[" + ",".join([item(_bare(value)) for value in values]) + "]"
    if kind is ColumnKind.MAP and of is not None:
        held = _object_maker(of) if isinstance(of, Schema) else _maker(of, None)
        return lambda found: "{" + ",".join([f"{json_text(key)}:{held(value)}" for key, value in found.items()]) + "}"
    return json_value


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
