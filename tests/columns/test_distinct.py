"""What differs is told as numpy tells it, without what numpy would load for it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from ccxdissect.columns.distinct import alike, alike_in_all, all_or_places, among, distinct, few_places, listed


@pytest.mark.parametrize("count", [0, 1, 2, 7, 500])
@pytest.mark.parametrize("kind", [np.int64, np.uint64, np.int16])
def test_values(count: int, kind: type) -> None:
    values = np.random.default_rng(count).integers(0, max(count // 2, 1), count).astype(kind)
    wanted, first, which = np.unique(values, return_index=True, return_inverse=True)
    assert distinct(values).tolist() == wanted.tolist()
    assert [one.tolist() for one in alike(values)] == [first.tolist(), which.tolist()]


@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_values_among_others(count: int) -> None:
    values, others = np.random.default_rng(count).integers(-1000, 1000, (2, count + 1))
    # None, the first, the last, and whatever is beyond all of them.
    for some in (others, values[:1], others[:1], others + 5000, others - 5000):
        assert among(values[1:], some).tolist() == np.isin(values[1:], some).tolist()


_LOADED = """
import sys
import numpy as np
from ccxdissect.columns import distinct
values = np.arange(5000)[::-1] << 40
distinct.{call}
assert "numpy.ma" not in sys.modules
"""


@pytest.mark.parametrize("call", ["among(values, values)", "distinct(values)", "alike(values)"])
def test_no_masked_arrays_are_loaded_for_it(call: str) -> None:
    subprocess.run([sys.executable, "-c", _LOADED.format(call=call)], check=True)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 64, 1001])
def test_places(count: int) -> None:
    values = np.random.default_rng(count).integers(0, 16, count)
    for few in ([], [3], [0, 3, 15], range(16)):
        chosen = values == values[:1] if few == [3] and count else listed(few, 16)[values]
        if few != [3]:
            assert chosen.tolist() == np.isin(values, list(few)).tolist()
        assert few_places(chosen).tolist() == np.flatnonzero(chosen).tolist()
        assert values[all_or_places(chosen)].tolist() == values[chosen].tolist()
    assert all_or_places(np.ones(3, bool)) == slice(None)


#: Those of one word together are looked at side by side, others one after the other.
@pytest.mark.parametrize(
    "kinds", [(np.int64, np.int64), (">u4", ">u4"), (">u2", bool), (bool, np.uint8), (">u8", bool)]
)
def test_rows(kinds: tuple[type, type]) -> None:
    columns = [np.array([1, 0, 1, 1, 0, 250]).astype(kinds[0]), np.array([1, 1, 1, 0, 1, 1]).astype(kinds[1])]
    last = [5] if kinds[0] is not bool else []
    first, which = alike_in_all(columns, 6)
    assert sorted(first.tolist()) == [0, 1, 3, *last]
    assert first[which].tolist() == [0, 1, 0, 3, 1, *(last or [0])]
    assert [one.tolist() for one in alike_in_all([], 3)] == [[0], [0, 0, 0]]
