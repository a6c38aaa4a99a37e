"""How often something comes, beside the median of Python's own library."""

from __future__ import annotations

from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from ccxdissect.analysis.rhythm import interval


@given(st.lists(st.integers(-(2**66), 2**66), min_size=1, max_size=12))
def test_the_interval_is_the_median(gaps: list[int]) -> None:
    """Of an odd and an even number of gaps, in whatever order."""
    assert interval(iter(gaps)) == int(median(gaps))
