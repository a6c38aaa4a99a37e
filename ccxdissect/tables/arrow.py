"""Rows of any result as Arrow tables: made from the result's schema, so that a table is declared nowhere twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from operator import attrgetter
from typing import Any

import pyarrow as pa

from ccxdissect import __version__
from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.wording import readable

#: The version of the form of all tables, in their metadata: counts up when a column changes its name or type.
FORM = 1

Convert = Callable[[Any], Any]
_FURTHEST = (1 << 63) - 1

_PLAIN: dict[ColumnKind, pa.DataType] = {
    ColumnKind.TIME: pa.timestamp("ns", tz="UTC"),
    ColumnKind.DURATION: pa.duration("ns"),
    ColumnKind.INTEGER: pa.int64(),
    ColumnKind.NUMBER: pa.float64(),
    ColumnKind.TEXT: pa.string(),
    ColumnKind.FLAG: pa.bool_(),
}
#: Texts of which there are few.
CODED = pa.dictionary(pa.int32(), pa.string())


def arrow_schema(schema: Schema, before: Iterable[pa.Field] = ()) -> pa.Schema:
    """The Arrow schema of a result; `before`: fields that stand before its own (what it was read from)."""
    fields = [*before, *(described(column.name, _type(column), column.meaning) for column in schema.nested)]
    return pa.schema(fields, metadata=about(schema.name, schema.meaning))


def about(name: str, meaning: str) -> dict[str, str]:
    """What stands in a table's metadata."""
    return {"table": name, "meaning": meaning, "form": str(FORM), "made_by": f"ccxdissect {__version__}"}


def described(name: str, kind: pa.DataType, meaning: str, **more: str) -> pa.Field:
    """A column with what it means."""
    return pa.field(name, kind, metadata={"meaning": meaning, **more})


#: Stands before the columns of every table.
CAPTURE = described("capture", CODED, "the capture it is from; of captures that continue each other, the first")


def row_maker(schema: Schema) -> Callable[[Any], dict[str, Any]]:
    """What makes a result the row of an Arrow table, by the column names of `arrow_schema`."""
    # A million cells are taken so: each from where it lies, with no step between.
    members = [
        (column.name, column.get or attrgetter(column.name), _convert(column.kind, column.of))
        for column in schema.nested
    ]

    def make(result: Any) -> dict[str, Any]:
        row = {}
        for name, get, convert in members:
            value = get(result)
            row[name] = None if value is None else convert(value)
        return row

    return make


def _type(column: Column) -> pa.DataType:
    return CODED if column.codes and column.kind is ColumnKind.TEXT else _type_of(column.kind, column.of)


def _type_of(kind: ColumnKind, of: ColumnKind | Schema | None) -> pa.DataType:
    if kind is ColumnKind.LIST:
        return pa.list_(_item(of))
    if kind is ColumnKind.MAP:
        return pa.map_(pa.string(), _item(of))
    if kind is ColumnKind.OBJECT:
        return _item(of)
    return _PLAIN[kind]


def _item(of: ColumnKind | Schema | None) -> pa.DataType:
    if isinstance(of, Schema):
        # Inside a list there are no dictionaries: few readers know them there.
        return pa.struct([described(inner.name, _type_of(inner.kind, inner.of), inner.meaning) for inner in of.nested])
    # A mapping without a declared form is told as JSON.
    return pa.string() if of is None else _PLAIN[of]


def _convert(kind: ColumnKind, of: ColumnKind | Schema | None) -> Convert:
    if kind is ColumnKind.LIST:
        item = _convert_item(of)
        return lambda value: [item(one) for one in value]
    if kind is ColumnKind.MAP:
        item = _convert_item(of)
        return lambda value: [(readable(str(key)), item(one)) for key, one in value.items()]
    if kind is ColumnKind.OBJECT:
        return _convert_item(of)
    return _one(kind)


def _convert_item(of: ColumnKind | Schema | None) -> Convert:
    if isinstance(of, Schema):
        return row_maker(of)
    if of is None:
        return lambda value: json.dumps(dict(value) if isinstance(value, Mapping) else value)
    return _one(of)


def _one(kind: ColumnKind) -> Convert:
    if kind is ColumnKind.TEXT:
        return text
    return whole if kind in (ColumnKind.TIME, ColumnKind.DURATION, ColumnKind.INTEGER) else _as_it_is


def whole(value: Any) -> int:
    """A number as 64 bits hold it: a damaged capture may date a packet further away, and stands at their end then."""
    number: int = _as_it_is(value)
    return number if -_FURTHEST <= number <= _FURTHEST else min(max(number, -_FURTHEST - 1), _FURTHEST)


def text(value: Any) -> str:
    """Text that is UTF-8: bytes that are not stay visible as backslash escapes."""
    return readable(value if type(value) is str else str(_as_it_is(value)))


def _as_it_is(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
