"""Which values have names, by columns as by the tables themselves."""

from __future__ import annotations

import numpy as np
import pytest

from ccxdissect.protocol.codes import Code, Flags, label
from ccxdissect.views.column_names import NamedValues


class Usual(Code):
    NOTHING = 0xFFFFFFFF
    NONE = 0
    SOME = 7
    LARGE = 0xFFFF


class Signed(Code):
    LEAST = -(1 << 31)
    BELOW = -2
    NONE = 0


class Far(Code):
    NONE = 0
    FAR = 1 << 20


class Bits(Flags):
    ONE = 1
    FOUR = 4


@pytest.mark.parametrize(
    ("table", "signed", "exact"),
    [(Usual, False, True), (Signed, True, False), (Far, False, False), (Bits, False, False)],
)
@pytest.mark.parametrize("size", [1, 2, 4])
def test_values_are_told_apart_where_their_names_are(table: type, signed: bool, exact: bool, size: int) -> None:
    bits = 8 * size
    least, largest = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    wanted = [least, largest, *(member.value + off for member in table.__members__.values() for off in (-1, 0, 1))]  # type: ignore[attr-defined]
    values = np.array([value for value in wanted if least <= value <= largest], np.int64)
    named = NamedValues()
    named.told(Usual, 0xFFFF, False)
    told = named.told(table, (1 << bits) - 1, signed)
    columns = (np.full(len(values), each) for each in ((1 << bits) - 1, told.begin, told.most))
    found = named.ordinals(values, *columns).tolist()
    assert max(found) < told.many
    names: dict[int, object] = {}
    for value, ordinal in zip(values.tolist(), found, strict=True):
        assert names.setdefault(ordinal, label(table, value)) == label(table, value)
        if exact:
            assert (ordinal == 0) == (label(table, value) is None)
