"""Python's values as Arrow arrays, made of the bytes that those consist of.

`pyarrow.array` looks for pandas, to know its objects when it is given one, and loads it where it is installed: 0.3 s and 40 MiB,
for values that were made here and are none of that. Neither is numpy needed here.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any

import pyarrow as pa

_KINDS = pa.types
#: How numbers lie in memory; times and durations are integers of 8 bytes.
_CODES = {
    pa.int8(): "b", pa.int16(): "h", pa.int32(): "i", pa.int64(): "q", pa.uint8(): "B", pa.uint16(): "H", pa.uint32(): "I",
    pa.uint64(): "Q", pa.float64(): "d",
}  # fmt: skip


def table_of(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table: a column that is not in one is null there."""
    columns = [array_of([row.get(field.name) for row in rows], field.type) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def array_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Values, of less than 2 GiB together, as an array of a type: integers (of times and durations what they count), numbers,
    flags, texts, bytes, and lists, mappings (as pairs) and structs (as dicts) of them. None is null."""
    count = len(values)
    there = _bits(value is not None for value in values) if None in values else None
    if _KINDS.is_dictionary(kind):
        places: dict[Any, int] = {}
        which = array("i", [0 if value is None else places.setdefault(value, len(places)) for value in values])
        indices = pa.Array.from_buffers(kind.index_type, count, [there, pa.py_buffer(which)])
        return pa.DictionaryArray.from_arrays(indices, array_of(list(places), kind.value_type))
    if _KINDS.is_string(kind):
        texts = values if there is None else [value or "" for value in values]
        data = "".join(texts).encode()
        # Where all is ASCII, a text is as long as its bytes.
        bounds = _bounds(texts if len(data) == sum(map(len, texts)) else [value.encode() for value in texts])
        return pa.Array.from_buffers(kind, count, [there, bounds, pa.py_buffer(data)])
    if _KINDS.is_binary(kind):
        strings = [value or b"" for value in values]
        return pa.Array.from_buffers(kind, count, [there, _bounds(strings), pa.py_buffer(b"".join(strings))])
    if _KINDS.is_struct(kind):
        dicts = [value or {} for value in values]
        children = [array_of([value.get(field.name) for value in dicts], field.type) for field in kind]
        return pa.Array.from_buffers(kind, count, [there], children=children)
    if _KINDS.is_list(kind) or _KINDS.is_map(kind):
        lists = [value or () for value in values]
        items = list(chain.from_iterable(lists))
        child = _pairs(items, kind) if _KINDS.is_map(kind) else array_of(items, kind.value_type)
        return pa.Array.from_buffers(kind, count, [there, _bounds(lists)], children=[child])
    if _KINDS.is_boolean(kind):
        return pa.Array.from_buffers(kind, count, [there, _bits(values)])
    numbers = array(_CODES.get(kind, "q"), values if there is None else [value or 0 for value in values])
    return pa.Array.from_buffers(kind, count, [there, pa.py_buffer(numbers)])


def _pairs(items: Sequence[tuple[Any, Any]], kind: pa.MapType) -> pa.Array:
    entries = [
        array_of([item[0] for item in items], kind.key_type),
        array_of([item[1] for item in items], kind.item_type),
    ]
    return pa.Array.from_buffers(pa.struct([kind.key_field, kind.item_field]), len(items), [None], children=entries)


def _bounds(values: Sequence[Sequence[Any]]) -> pa.Buffer:
    """Where each of these begins when they lie one after the other, and where the last one ends."""
    return pa.py_buffer(array("i", accumulate(map(len, values), initial=0)))


def _bits(flags: Iterable[Any]) -> pa.Buffer:
    """Flags, eight in a byte, the first one lowest."""
    digits = "".join(["1" if flag else "0" for flag in flags])
    return pa.py_buffer(int(digits[::-1] or "0", 2).to_bytes(len(digits) + 7 >> 3, "little"))
