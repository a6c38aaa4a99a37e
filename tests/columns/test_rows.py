"""Texts of equal size, beside what Python's own formatting makes of the same numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ccxdissect.columns.rows import Padded, count_of_digits, rows


@given(st.lists(st.tuples(st.integers(0, 10**18 - 1), st.integers(0, 99_999)), max_size=8), st.integers(0, 6))
def test_rows_are_what_formatting_makes(pairs: list[tuple[int, int]], more: int) -> None:
    """Of large and small numbers, with exactly as many digits as they need or with more."""
    first = np.array([pair[0] for pair in pairs], np.int64)
    second = np.array([pair[1] for pair in pairs], np.int64)
    digits = max((len(str(number)) for number in first.tolist()), default=1) + more
    made = rows([b"", b"<", Padded(first, digits), b"; ", Padded(second, 5), b">\n"], len(pairs))
    assert made.tobytes().decode() == "".join(f"<{one:0{digits}d}; {other:05d}>\n" for one, other in pairs)


@given(st.lists(st.integers(0, 2**62) | st.integers(0, 18).map(lambda power: 10**power), max_size=8))
def test_digits_are_counted_as_they_are_written(numbers: list[int]) -> None:
    """At both sides of each power of ten."""
    every = [*numbers, *(max(number - 1, 0) for number in numbers)]
    assert count_of_digits(np.array(every, np.int64)).tolist() == [len(str(number)) for number in every]
