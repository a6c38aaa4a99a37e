"""Arrays of Python's values are those that Arrow makes of them itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from ccxdissect.tables.values import array_of, table_of

Make = Callable[[Random], Any]


def _integers(kind: pa.DataType, bits: int, signed: bool) -> tuple[pa.DataType, Make]:
    low = -(1 << bits - 1) if signed else 0
    return kind, lambda random: random.choice((low, low + 1, 0, 1, low + (1 << bits) - 1))


def _text(random: Random) -> str:
    return random.choice(("", "plain", "é", "a\0b", "𝄞"))


def _or_none(make: Make) -> Make:
    return lambda random: make(random) if random.random() < 0.7 else None


#: Each type with what makes values of it.
PLAIN: list[tuple[pa.DataType, Make]] = [
    _integers(pa.int8(), 8, True),
    _integers(pa.int16(), 16, True),
    _integers(pa.int32(), 32, True),
    _integers(pa.int64(), 64, True),
    _integers(pa.uint8(), 8, False),
    _integers(pa.uint16(), 16, False),
    _integers(pa.uint32(), 32, False),
    _integers(pa.uint64(), 64, False),
    _integers(pa.timestamp("ns", tz="UTC"), 64, True),
    _integers(pa.duration("ns"), 64, True),
    (pa.float64(), lambda random: random.choice((-0.0, 1, 1e300, float("inf")))),
    (pa.bool_(), lambda random: random.random() < 0.5),
    (pa.string(), _text),
    (pa.binary(), lambda random: random.randbytes(random.randrange(3))),
]


def _nested(kind: pa.DataType, make: Make) -> list[tuple[pa.DataType, Make]]:
    make = _or_none(make)
    struct = pa.struct([("a", kind), ("b", pa.string())])
    makes: dict[str, Make] = {"a": make, "b": _text}
    return [
        (pa.list_(kind), lambda random: [make(random) for _ in range(random.randrange(4))]),
        (
            pa.map_(pa.string(), kind),
            lambda random: [(_text(random), make(random)) for _ in range(random.randrange(4))],
        ),
        (struct, lambda random: {name: one(random) for name, one in makes.items() if random.random() < 0.7}),
    ]


ONCE = [nested for one in PLAIN for nested in _nested(*one)]
TWICE = [nested for one in ONCE for nested in _nested(*one)]
CODED = (pa.dictionary(pa.int32(), pa.string()), _text)


@pytest.mark.parametrize("kinds", [PLAIN, [CODED], ONCE, TWICE], ids=["plain", "coded", "nested", "nested twice"])
def test_arrays_of_any_values(kinds: list[tuple[pa.DataType, Make]]) -> None:
    for (kind, make), count, optional in itertools.product(kinds, (0, 1, 8, 9, 30), (False, True)):
        random = Random(count)
        one = _or_none(make) if optional else make
        values = [one(random) for _ in range(count)]
        made = array_of(values, kind)
        made.validate(full=True)
        assert made.equals(pa.array(values, kind)), (kind, values)


@pytest.mark.parametrize(("kind", "value"), [(pa.uint8(), 256), (pa.int64(), 1 << 63), (pa.uint16(), -1)])
def test_what_fits_no_number_is_none_of_another(kind: pa.DataType, value: int) -> None:
    with pytest.raises(OverflowError):
        array_of([0, value], kind)


def test_rows_lack_what_is_null_in_their_columns() -> None:
    schema = pa.schema([("n", pa.int64()), ("said", pa.string()), ("many", pa.list_(pa.int8()))], {"made": "here"})
    rows: list[dict[str, Any]] = [{"n": 1, "said": "x"}, {}, {"many": [], "other": 5}]
    made = table_of(rows, schema)
    made.validate(full=True)
    assert made.schema.equals(schema, check_metadata=True)
    assert made.equals(pa.Table.from_pylist(rows, schema))
    assert table_of([], schema).equals(pa.Table.from_batches([], schema))
