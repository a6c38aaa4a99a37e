"""How long a capture goes on behind a packet."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ccxdissect.columns.times import note_pauses
from ccxdissect.stream.pauses import PAUSE, Pauses

#: Times of packets, some of them more than a pause apart, some before others.
TIMES = st.lists(st.integers(10, 60).map(lambda step: step * PAUSE // 4), min_size=1, max_size=30)


def followed(times: list[int], since: int) -> int:
    """The same by looking at all of them."""
    until = since
    for time in sorted(times):
        if until < time <= until + PAUSE:
            until = time
    return until


def seen(times: list[int]) -> Pauses:
    pauses = Pauses()
    for time in times:
        pauses.saw(time)
    return pauses


@given(TIMES, st.data())
def test_the_capture_goes_on_up_to_a_pause(times: list[int], data: st.DataObject) -> None:
    times = sorted(times * 2)
    since = data.draw(st.sampled_from(times))
    assert seen(times).followed(since) == followed(times, since)


@given(TIMES, st.lists(st.integers(0, 30), max_size=4))
def test_by_columns_it_is_the_same(times: list[int], cuts: list[int]) -> None:
    one, other = seen(times), Pauses()
    at = [0, *sorted(cuts), len(times)]
    for start, stop in zip(at, at[1:], strict=False):
        note_pauses(other, np.array(times[start:stop], np.int64))
    assert (other.latest, other.odd, other.set_back) == (one.latest, one.odd, one.set_back)
    assert [other.followed(time) for time in sorted(times)] == [one.followed(time) for time in sorted(times)]


@given(
    st.lists(st.sampled_from([0, 1, PAUSE, 2**63 - 1, 2**63, 2**64 - 1, 2**70]), max_size=4),
    st.lists(st.sampled_from([-(2**63), -1, 0, 1, PAUSE, 2**62, 2**63 - 1]), max_size=5),
)
def test_by_columns_it_is_the_same_whatever_packets_are_dated(before: list[int], times: list[int]) -> None:
    one, other = seen([*before, *times]), seen(before)
    note_pauses(other, np.array(times, np.int64))
    assert (other.latest, other.odd, other.set_back) == (one.latest, one.odd, one.set_back)
    assert [other.followed(time) for time in times] == [one.followed(time) for time in times]


def test_that_the_clock_was_set_back_is_known_once_two_packets_agree() -> None:
    before = [100 * PAUSE, 100 * PAUSE + 5]
    assert seen(before).set_back is seen([*before, 40 * PAUSE]).set_back is None
    assert seen([*before, 40 * PAUSE + 7, 40 * PAUSE + 6]).set_back == (100 * PAUSE + 5, 60 * PAUSE - 1, 1)
    again = [90 * PAUSE, 90 * PAUSE + 1, 80 * PAUSE, 80 * PAUSE + 1]
    assert seen([*before, 40 * PAUSE, 40 * PAUSE, *again]).set_back == (100 * PAUSE + 5, 60 * PAUSE + 5, 2)


def test_a_pause_slight_disorder_and_one_packet_dated_wrongly_are_no_clock_set_back() -> None:
    late = 100 * PAUSE
    assert seen([late, late + 2 * PAUSE, late + 2 * PAUSE + 1]).set_back is None
    assert seen([late + PAUSE, late, late, late]).set_back is None
    assert seen([late, late + 1, 5, late + 2, 5, late + 3]).set_back is None


def test_one_packet_that_is_dated_wrongly_is_no_pause_and_no_end() -> None:
    usual = [10 * PAUSE + place * PAUSE // 2 for place in range(10)]
    for wrong in (1, PAUSE, 10**6 * PAUSE):
        assert seen([*usual[:5], wrong, *usual[5:]]).followed(usual[0]) == usual[-1]
        assert seen([*usual, wrong]).followed(usual[0]) == usual[-1]


def test_a_clock_put_back_goes_on_from_there() -> None:
    late, early = [20 * PAUSE, 20 * PAUSE + 1], [10 * PAUSE + place * PAUSE // 2 for place in range(4)]
    pauses = seen([*late, *early])
    assert pauses.followed(early[0]) == early[-1]
    assert pauses.followed(late[0]) == late[0]


def test_what_was_before_the_pauses_that_are_remembered_is_not_told() -> None:
    pauses = seen([place * 2 * PAUSE + more for place in range(1, 1_010) for more in (0, 1)])
    assert pauses.followed(2 * PAUSE) == 2 * PAUSE
    assert pauses.followed(pauses.latest - 1) == pauses.latest
    assert pauses.followed(2_000 * PAUSE) == 2_000 * PAUSE + 1
