"""What is remembered in bounded memory: the newest, or what can be made again."""

from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from ccxdissect import bounded
from ccxdissect.bounded import Memo, Newest

KEPT = st.lists(st.tuples(st.integers(0, 9), st.integers()), max_size=60)


@given(KEPT, st.integers(1, 6))
def test_the_newest_are_kept_in_their_order(kept: list[tuple[int, int]], most: int) -> None:
    held: Newest[int, int] = Newest(most)
    forgotten = [gone for key, value in kept if (gone := held.keep(key, value)) is not None]
    last = {key: (place, value) for place, (key, value) in enumerate(kept)}
    newest = sorted(last, key=lambda key: last[key][0])[-most:]
    assert list(held.items()) == [(key, last[key][1]) for key in newest]
    assert len(forgotten) + len(held) <= len(kept)


@given(KEPT, st.integers(1, 6))
def test_a_memo_never_holds_more_and_always_the_last(kept: list[tuple[int, int]], most: int) -> None:
    made: Memo[int, int] = Memo(most)
    for key, value in kept:
        assert made.remember(key, value) == value == made[key]
        assert len(made) <= most


def test_the_examples_do_what_they_show() -> None:
    assert doctest.testmod(bounded) == (0, 6)
