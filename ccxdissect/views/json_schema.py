"""A schema of ours as JSON Schema (draft 2020-12): what a line of `--format jsonl` is."""

from __future__ import annotations

from typing import Any

from ccxdissect.analysis.schema import Column, ColumnKind, Schema

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[ColumnKind, dict[str, Any]] = {
    ColumnKind.TIME: {"type": "number", "description": "seconds since 1970 in UTC, with every digit captured"},
    ColumnKind.DURATION: {"type": "number", "description": "seconds"},
    ColumnKind.INTEGER: {"type": "integer"},
    ColumnKind.NUMBER: {"type": "number"},
    ColumnKind.TEXT: {"type": "string"},
    ColumnKind.FLAG: {"type": "boolean"},
    ColumnKind.LIST: {"type": "array"},
    ColumnKind.MAP: {"type": "object"},
    ColumnKind.OBJECT: {},
}


def json_schema(schemas: tuple[Schema, ...]) -> dict[str, Any]:
    """The JSON Schema of one line; of several kinds of rows, that it is one of them."""
    if len(schemas) == 1:
        return {"$schema": _DIALECT, **_object(schemas[0], titled=True)}
    return {"$schema": _DIALECT, "oneOf": [_object(schema, titled=True) for schema in schemas]}


def _object(schema: Schema, titled: bool = False) -> dict[str, Any]:
    columns = schema.nested
    head = {"title": schema.name} if titled else {}
    return {
        **head,
        "description": schema.meaning,
        "type": "object",
        "properties": {column.name: _column(column) for column in columns},
        "required": [column.name for column in columns],
        "additionalProperties": False,
    }


def _column(column: Column) -> dict[str, Any]:
    said = _value(column.kind, column.of)
    also = said.pop("description", "")
    if column.codes:
        said["enum"] = [*column.codes, None] if column.optional else list(column.codes)
    if column.optional and "type" in said:
        said["type"] = [said["type"], "null"]
    # What an object is, its column says best.
    aside = f"; {also}" if also and column.kind is not ColumnKind.OBJECT else ""
    return {"description": column.meaning + aside, **said}


def _value(kind: ColumnKind, of: ColumnKind | Schema | None) -> dict[str, Any]:
    if kind is ColumnKind.OBJECT:
        return _object(of) if isinstance(of, Schema) else {}
    said = dict(_TYPES[kind])
    if kind in (ColumnKind.LIST, ColumnKind.MAP) and of is not None:
        held = _object(of) if isinstance(of, Schema) else _value(of, None)
        said["items" if kind is ColumnKind.LIST else "additionalProperties"] = held
    return said
