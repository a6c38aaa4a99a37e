"""What differs is told as numpy tells it, without what numpy would load for it."""

from __future__ import annotations

import numpy as np
import pytest

from ccxdissect.columns.distinct import alike, alike_in_all, distinct


@pytest.mark.parametrize("count", [0, 1, 2, 7, 500])
@pytest.mark.parametrize("kind", [np.int64, np.uint64, np.int16])
def test_values(count: int, kind: type) -> None:
    values = np.random.default_rng(count).integers(0, max(count // 2, 1), count).astype(kind)
    wanted, first, which = np.unique(values, return_index=True, return_inverse=True)
    assert distinct(values).tolist() == wanted.tolist()
    assert [one.tolist() for one in alike(values)] == [first.tolist(), which.tolist()]


def test_rows() -> None:
    columns = [np.array([1, 2, 1, 1, 2, 3]), np.array([5, 5, 5, 6, 5, 5])]
    first, which = alike_in_all(columns, 6)
    assert sorted(first.tolist()) == [0, 1, 3, 5]
    assert first[which].tolist() == [0, 1, 0, 3, 1, 5]
    assert [one.tolist() for one in alike_in_all([], 3)] == [[0], [0, 0, 0]]
