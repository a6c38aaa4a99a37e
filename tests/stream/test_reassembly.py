"""One direction of a connection: every byte delivered in order, or accounted for."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccxdissect.stream.arrival import PIECE_COST, HeldBytes, RangeSet
from ccxdissect.stream.events import NoteKind
from ccxdissect.stream.reassembly import (
    ACK,
    FIN,
    REACH,
    SYN,
    URG,
    Chunk,
    Limits,
    Reassembler,
    Recent,
    distance,
)

ISN = 1000
FIRST = ISN + 1
SECOND = 1_000_000_000


def opened(isn: int = ISN, limits: Limits | None = None) -> Reassembler:
    """A direction of which the SYN was captured."""
    stream = Reassembler(limits or Limits())
    assert stream.feed(isn, b"", 1, 0, SYN) == []
    return stream


def pairs(chunks: list[Chunk]) -> list[tuple[int, bytes]]:
    return [(chunk.missing, chunk.data) for chunk in chunks]


def counts(stream: Reassembler) -> dict[str, int]:
    return {name: getattr(stream, name) for name in ("payload", "delivered", "duplicate", "undelivered", "missing")}


def noted(stream: Reassembler) -> list[tuple[int, int | None, int, NoteKind]]:
    return [(note.frame, note.offset, note.size, note.kind) for note in stream.notes]


def check_law(stream: Reassembler) -> None:
    accounted = stream.delivered + stream.duplicate + stream.undelivered + stream.held_bytes
    assert stream.payload == accounted


# -- range sets ----------------------------------------------------------------------------------------------


def test_ranges_that_touch_become_one() -> None:
    ranges = RangeSet()
    ranges.add(0, 4)
    ranges.add(8, 12)
    ranges.add(4, 8)
    assert ranges.ranges() == [(0, 12)]


def test_subtracting_splits_a_range() -> None:
    ranges = RangeSet()
    ranges.add(0, 10)
    assert ranges.subtract(4, 6) == 2
    assert ranges.ranges() == [(0, 4), (6, 10)]


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(-20, 20), st.integers(0, 15)), max_size=30))
def test_range_set_equals_a_set_of_integers(operations: list[tuple[bool, int, int]]) -> None:
    ranges, model = RangeSet(), set[int]()
    for adding, start, length in operations:
        span = set(range(start, start + length))
        if adding:
            ranges.add(start, start + length)
            model |= span
        else:
            assert ranges.subtract(start, start + length) == len(model & span)
            model -= span
        listed = ranges.ranges()
        assert {number for low, high in listed for number in range(low, high)} == model
        assert all(one[1] < other[0] for one, other in itertools.pairwise(listed))
        if length:
            assert ranges.covers(start, start + length) == (span <= model)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.binary(max_size=12)), max_size=20))
def test_held_bytes_keep_the_first_byte_for_each_offset(pieces: list[tuple[int, bytes]]) -> None:
    held, model = HeldBytes(), dict[int, int]()
    for start, data in pieces:
        before = dict(model)
        differing = [start + index for index, byte in enumerate(data) if before.setdefault(start + index, byte) != byte]
        new = len(before) - len(model)
        model = before
        assert held.add(start, data, 1, 1) == (new, len(data) - new, min(differing, default=None))
    assert held.cost == len(model) + PIECE_COST * len(held)
    found = {}
    while held:
        start = held.start
        for index, byte in enumerate(held.take().data):
            found[start + index] = byte
    assert found == model
    assert held.cost == 0


# -- order ---------------------------------------------------------------------------------------------------


def test_in_order_the_callers_own_bytes_are_given_out() -> None:
    stream = opened()
    first, second = b"abc" * 10, b"def" * 10
    assert stream.feed(FIRST, first)[0].data is first
    assert stream.feed(FIRST + 30, second)[0].data is second


def test_swapped_segments_are_put_in_order_without_copying() -> None:
    stream = opened()
    late = b"world"
    assert stream.feed(FIRST + 5, late, 2, 20) == []
    chunks = stream.feed(FIRST, b"hello", 3, 30)
    assert chunks == [Chunk(0, b"hello", 3, 30, 0), Chunk(0, b"world", 3, 30, 5)]
    assert chunks[1].data is late


def test_sequence_numbers_wrap_inside_a_segment() -> None:
    stream = opened(0xFFFFFFFC)
    assert pairs(stream.feed(0xFFFFFFFD, b"abcdef")) == [(0, b"abcdef")]
    assert pairs(stream.feed(3, b"ghi")) == [(0, b"ghi")]


def test_sequence_numbers_wrap_between_swapped_segments() -> None:
    stream = opened(0xFFFFFFFC)
    assert stream.feed(3, b"ghi") == []
    assert pairs(stream.feed(0xFFFFFFFD, b"abcdef")) == [(0, b"abcdef"), (0, b"ghi")]


@pytest.mark.parametrize(
    ("to", "origin", "expected"),
    [(5, 3, 2), (3, 5, -2), (1, 0xFFFFFFFF, 2), (0xFFFFFFFF, 1, -2), (0x80000000, 0, -0x80000000)],
)
def test_distance_is_wrap_safe(to: int, origin: int, expected: int) -> None:
    assert distance(to, origin) == expected


def test_data_in_the_syn_comes_first() -> None:
    stream = Reassembler()
    assert pairs(stream.feed(ISN, b"early", 1, 0, SYN)) == [(0, b"early")]
    assert pairs(stream.feed(FIRST + 5, b"more")) == [(0, b"more")]


def test_a_stream_longer_than_the_sequence_space_keeps_counting() -> None:
    stream = opened()
    stream.position += 3 << 32
    stream.start += 3 << 32
    stream.refresh()
    assert pairs(stream.feed(FIRST + 4, b"efgh")) == []
    assert pairs(stream.feed(FIRST, b"abcd")) == [(0, b"abcd"), (0, b"efgh")]
    assert stream.position == (3 << 32) + 8


# -- what comes twice ----------------------------------------------------------------------------------------


def test_a_full_retransmission_is_a_duplicate() -> None:
    stream = opened()
    stream.feed(FIRST, b"hello")
    assert stream.feed(FIRST, b"hello") == []
    assert counts(stream) == {"payload": 10, "delivered": 5, "duplicate": 5, "undelivered": 0, "missing": 0}
    assert not stream.notes


def test_a_retransmission_that_holds_more_gives_the_rest() -> None:
    stream = opened()
    stream.feed(FIRST, b"hello")
    assert pairs(stream.feed(FIRST + 2, b"llo world")) == [(0, b" world")]
    assert stream.duplicate == 3


def test_first_bytes_win_over_delivered_ones_and_the_difference_is_reported() -> None:
    stream = opened()
    stream.feed(FIRST, b"hello", 2)
    assert pairs(stream.feed(FIRST + 2, b"lXo!", 3)) == [(0, b"!")]
    assert noted(stream) == [(3, 3, 2, NoteKind.CONFLICT)]


def test_first_bytes_win_over_held_ones_and_the_difference_is_reported() -> None:
    stream = opened()
    stream.feed(FIRST + 4, b"efgh", 2)
    chunks = stream.feed(FIRST, b"abcdXfghij", 3)
    assert b"".join(chunk.data for chunk in chunks) == b"abcdefghij"
    assert stream.duplicate == 4
    assert noted(stream) == [(3, 4, 6, NoteKind.CONFLICT)]


def test_a_keep_alive_byte_is_a_duplicate_whatever_it_holds() -> None:
    stream = opened()
    stream.feed(FIRST, b"hello")
    assert stream.feed(FIRST + 4, b"\0") == []
    assert counts(stream)["duplicate"] == 1
    assert not stream.notes


def test_a_keep_alive_byte_before_any_data_is_a_duplicate() -> None:
    stream = Reassembler()
    stream.feed(5000, b"")
    assert stream.feed(4999, b"\0") == []
    assert pairs(stream.feed(5000, b"data")) == [(0, b"data")]
    assert stream.duplicate == 1


def test_an_empty_keep_alive_counts_nothing() -> None:
    stream = opened()
    stream.feed(FIRST, b"hello")
    assert stream.feed(FIRST + 4, b"") == []
    assert stream.close() == []
    assert counts(stream) == {"payload": 5, "delivered": 5, "duplicate": 0, "undelivered": 0, "missing": 0}


def test_urgent_data_stays_in_line_with_a_note() -> None:
    stream = opened()
    assert pairs(stream.feed(FIRST, b"now", 2, 0, ACK | URG)) == [(0, b"now")]
    assert noted(stream) == [(2, None, 0, NoteKind.URGENT)]


# -- holes ---------------------------------------------------------------------------------------------------


def test_a_hole_is_never_given_up_without_a_reason() -> None:
    stream = opened()
    assert stream.feed(FIRST + 10, b"after", 2, 0) == []
    assert stream.expire(29 * SECOND) == []


def test_a_hole_is_given_up_by_packet_time() -> None:
    stream = opened()
    stream.feed(FIRST + 10, b"after", 2, 5)
    assert stream.deadline() == 5 + 30 * SECOND
    assert stream.expire(5 + 30 * SECOND) == [Chunk(10, b"after", 2, 5, 10)]
    assert stream.deadline() is None


def test_an_acknowledged_hole_is_given_up_after_a_grace() -> None:
    stream = opened()
    stream.feed(FIRST + 10, b"after", 2, 0)
    stream.acknowledge(FIRST + 15, 10)
    assert stream.expire(10 + SECOND // 2 - 1) == []
    assert stream.deadline() == 10 + SECOND // 2
    assert pairs(stream.expire(10 + SECOND // 2)) == [(10, b"after")]


def test_an_acknowledged_hole_is_given_up_after_many_packets() -> None:
    stream = opened(limits=Limits(ack_packets=4))
    stream.feed(FIRST + 10, b"a", 2, 0)
    stream.acknowledge(FIRST + 11, 0)
    given_out = [pairs(stream.feed(FIRST + 11 + index, b"b", 3 + index, 0)) for index in range(4)]
    assert given_out == [[], [], [], [(10, b"a"), (0, b"b"), (0, b"b"), (0, b"b"), (0, b"b")]]


def test_a_packet_recorded_after_its_acknowledgement_still_fills_its_hole() -> None:
    stream = opened()
    stream.feed(FIRST + 5, b"world", 2, 0)
    stream.acknowledge(FIRST + 10, 1)
    assert pairs(stream.feed(FIRST, b"hello", 4, 2)) == [(0, b"hello"), (0, b"world")]
    assert stream.missing == 0


def test_an_acknowledgement_of_less_than_the_hole_does_not_give_it_up() -> None:
    stream = opened()
    stream.feed(FIRST + 10, b"after", 2, 0)
    stream.acknowledge(FIRST + 9, 10)
    assert stream.expire(20 * SECOND) == []


def test_one_absurd_acknowledgement_is_not_believed() -> None:
    stream = opened()
    stream.acknowledge(FIRST + (1 << 25), 0)
    assert stream.close() == []
    assert stream.missing == 0


def test_too_much_behind_a_hole_gives_it_up() -> None:
    stream = opened(limits=Limits(direction_bytes=4 * (100 + PIECE_COST)))
    for index in range(4):
        assert stream.feed(FIRST + 10 + 100 * index, bytes(100)) == []
    chunks = stream.feed(FIRST + 410, bytes(100))
    assert [chunk.missing for chunk in chunks] == [10, 0, 0, 0, 0]
    assert stream.held_cost == 0


def test_single_bytes_are_held_within_the_limit_on_memory() -> None:
    stream = opened(limits=Limits(direction_bytes=100_000))
    for index in range(2000):
        stream.feed(FIRST + 1 + 2 * index, b"x")
        assert stream.held_cost <= 100_000
        check_law(stream)


def test_flush_gives_out_everything_with_its_holes() -> None:
    stream = opened()
    stream.feed(FIRST + 2, b"c", 2, 20)
    stream.feed(FIRST + 5, b"f", 3, 30)
    assert stream.flush() == [Chunk(2, b"c", 2, 20, 2), Chunk(2, b"f", 3, 30, 5)]
    assert counts(stream) == {"payload": 2, "delivered": 2, "duplicate": 0, "undelivered": 0, "missing": 4}


def test_late_bytes_of_a_given_up_hole_are_undelivered_and_not_missing() -> None:
    stream = opened()
    stream.feed(FIRST + 10, b"after", 2, 0)
    stream.flush()
    assert stream.feed(FIRST + 2, b"late", 3, 1) == []
    assert counts(stream) == {"payload": 9, "delivered": 5, "duplicate": 0, "undelivered": 4, "missing": 6}
    assert noted(stream) == [(3, 2, 4, NoteKind.LATE)]


def test_late_bytes_that_come_twice_are_duplicates_the_second_time() -> None:
    stream = opened()
    stream.feed(FIRST + 10, b"after", 2, 0)
    stream.flush()
    stream.feed(FIRST + 2, b"late", 3, 1)
    stream.feed(FIRST + 2, b"late", 4, 1)
    assert (stream.undelivered, stream.duplicate, stream.missing) == (4, 4, 6)


def test_bytes_acknowledged_behind_the_last_captured_one_are_missing_at_the_end() -> None:
    stream = opened()
    stream.feed(FIRST, b"hello", 2, 0)
    stream.acknowledge(FIRST + 25, 1)
    assert pairs(stream.close()) == [(20, b"")]
    assert stream.missing == 20


def test_one_number_acknowledged_behind_the_last_byte_is_a_fin() -> None:
    stream = opened()
    stream.feed(FIRST, b"hello", 2, 0)
    stream.acknowledge(FIRST + 6, 1)
    assert stream.close() == []
    assert stream.missing == 0


def test_a_bare_acknowledgement_shows_where_its_sender_stands() -> None:
    stream = opened()
    stream.feed(FIRST, b"hello", 2, 0)
    stream.feed(FIRST + 15, b"", 3, 0)
    assert pairs(stream.close()) == [(10, b"")]


# -- cut segments --------------------------------------------------------------------------------------------


def test_cut_bytes_are_missing_as_soon_as_more_arrives() -> None:
    stream = opened()
    assert pairs(stream.feed(FIRST, b"abc", cut=7)) == [(0, b"abc")]
    assert pairs(stream.feed(FIRST + 10, b"def", cut=7)) == [(7, b"def")]
    assert pairs(stream.close()) == [(7, b"")]
    assert stream.missing == 14


def test_a_retransmission_brings_cut_bytes() -> None:
    stream = opened()
    stream.feed(FIRST, b"abc", cut=3)
    assert pairs(stream.feed(FIRST + 3, b"def")) == [(0, b"def")]
    assert pairs(stream.feed(FIRST + 6, b"ghi")) == [(0, b"ghi")]
    assert stream.close() == []
    assert stream.missing == 0


def test_a_hole_only_partly_cut_is_waited_for() -> None:
    stream = opened()
    stream.feed(FIRST, b"abc", cut=3)
    assert stream.feed(FIRST + 7, b"hij") == []
    assert pairs(stream.feed(FIRST + 6, b"g")) == [(3, b"g"), (0, b"hij")]


def test_everything_cut_but_the_header_is_missing() -> None:
    stream = opened()
    stream.feed(FIRST, b"", cut=100)
    assert pairs(stream.feed(FIRST + 100, b"x")) == [(100, b"x")]


# -- the end of the stream -----------------------------------------------------------------------------------


def test_a_fin_finishes_the_stream() -> None:
    stream = opened()
    assert pairs(stream.feed(FIRST, b"bye", flags=ACK | FIN)) == [(0, b"bye")]
    assert stream.finished


def test_a_fin_out_of_order_is_remembered() -> None:
    stream = opened()
    stream.feed(FIRST + 3, b"", flags=ACK | FIN)
    assert not stream.finished
    assert pairs(stream.feed(FIRST, b"bye")) == [(0, b"bye")]
    assert stream.finished


def test_bytes_missing_before_the_fin_are_missing() -> None:
    stream = opened()
    stream.feed(FIRST + 3, b"", flags=ACK | FIN)
    stream.acknowledge(FIRST + 4, 0)
    assert pairs(stream.expire(SECOND)) == [(3, b"")]
    assert stream.finished
    assert stream.missing == 3


def test_data_beyond_the_fin_is_undelivered() -> None:
    stream = opened()
    stream.feed(FIRST, b"bye", 2, flags=ACK | FIN)
    assert stream.feed(FIRST + 1, b"yeXX", 3) == []
    assert counts(stream) == {"payload": 7, "delivered": 3, "duplicate": 2, "undelivered": 2, "missing": 0}
    assert noted(stream) == [(3, 3, 2, NoteKind.BEHIND_FIN)]


def test_held_data_beyond_a_later_fin_is_undelivered() -> None:
    stream = opened()
    stream.feed(FIRST + 1, b"yeXX", 2)
    assert pairs(stream.feed(FIRST, b"b", 3)) == [(0, b"b"), (0, b"yeXX")]
    stream = opened()
    stream.feed(FIRST + 1, b"yeXX", 2)
    stream.feed(FIRST + 3, b"", 3, flags=ACK | FIN)
    assert pairs(stream.feed(FIRST, b"b", 4)) == [(0, b"b"), (0, b"ye")]
    assert stream.undelivered == 2


def test_a_retransmitted_fin_is_nothing_new() -> None:
    stream = opened()
    stream.feed(FIRST, b"bye", flags=ACK | FIN)
    assert stream.feed(FIRST + 3, b"", flags=ACK | FIN) == []
    assert not stream.notes


def test_data_after_the_close_is_undelivered() -> None:
    stream = opened()
    stream.feed(FIRST, b"abc", 2)
    stream.close()
    assert stream.feed(FIRST + 3, b"def", 3) == []
    assert (stream.payload, stream.delivered, stream.undelivered) == (6, 3, 3)


# -- the start of the stream ---------------------------------------------------------------------------------


def test_without_a_syn_the_stream_starts_with_its_first_segment() -> None:
    stream = Reassembler()
    assert pairs(stream.feed(777, b"abc")) == [(0, b"abc")]


def test_without_a_syn_what_lies_before_the_first_delivered_byte_is_undelivered() -> None:
    stream = Reassembler()
    stream.feed(5000, b"world", 1)
    assert stream.feed(4995, b"hello", 2) == []
    assert (stream.undelivered, stream.missing) == (5, 0)
    assert noted(stream) == [(2, -5, 5, NoteKind.BEFORE_START)]


def test_an_acknowledgement_seen_before_shows_that_the_first_segment_is_out_of_order() -> None:
    stream = Reassembler()
    stream.acknowledge(5000, 0)
    assert stream.feed(5005, b"world", 2, 1) == []
    assert pairs(stream.feed(5000, b"hello", 3, 2)) == [(0, b"hello"), (0, b"world")]


def test_bytes_acknowledged_before_the_first_captured_segment_are_missing() -> None:
    stream = Reassembler()
    stream.acknowledge(5000, 0)
    stream.acknowledge(5100, 10)
    stream.feed(5100, b"x", 2, 20)
    assert pairs(stream.expire(SECOND)) == [(100, b"x")]


def test_a_start_known_only_from_a_bare_acknowledgement_moves_back() -> None:
    stream = Reassembler()
    stream.feed(5005, b"")
    assert pairs(stream.feed(5000, b"hello")) == [(0, b"hello")]
    assert pairs(stream.feed(5005, b"world")) == [(0, b"world")]


def test_a_direction_only_acknowledged_is_missing() -> None:
    stream = Reassembler()
    stream.acknowledge(5000, 0)
    stream.acknowledge(5300, 1)
    assert pairs(stream.close()) == [(300, b"")]


# -- strays --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("away", [(1 << 30) + 3, (1 << 30) - 1, -(1 << 30), 1 << 31, -100])
def test_a_stray_is_counted_and_makes_no_hole(away: int) -> None:
    stream = opened()
    stream.feed(FIRST, b"abc", 2)
    assert stream.feed((FIRST + away) & 0xFFFFFFFF, b"noise", 3) == []
    assert pairs(stream.feed(FIRST + 3, b"def", 4)) == [(0, b"def")]
    stream.close()
    assert counts(stream) == {"payload": 11, "delivered": 6, "duplicate": 0, "undelivered": 5, "missing": 0}
    assert noted(stream) == [(3, None, 5, NoteKind.STRAY)]


def test_what_lies_far_ahead_is_dropped_when_the_stream_goes_on_where_it_was() -> None:
    stream = opened()
    stream.feed(FIRST + (1 << 29), b"noise", 2, 0)
    assert stream.expire(60 * SECOND) == []
    assert pairs(stream.feed(FIRST, b"abc", 3, 61 * SECOND)) == [(0, b"abc")]
    assert stream.close() == []
    assert (stream.undelivered, stream.missing) == (5, 0)


def test_a_pause_of_the_capture_is_a_hole_however_large() -> None:
    stream = opened()
    stream.feed(FIRST, b"abc", 2, 0)
    far = FIRST + 10 * REACH
    stream.feed(far, b"def", 3, SECOND)
    stream.feed(far + 3, b"ghi", 4, 2 * SECOND)
    assert pairs(stream.expire(40 * SECOND)) == [(10 * REACH - 3, b"def"), (0, b"ghi")]


# -- any order, any loss, anything ---------------------------------------------------------------------------

cuts = st.lists(st.integers(1, 199), max_size=12)


def segmented(data: bytes, where: list[int]) -> list[tuple[int, bytes]]:
    edges = [0, *sorted(set(where)), len(data)]
    return [(start, data[start:stop]) for start, stop in itertools.pairwise(edges)]


@settings(deadline=None)
@given(cuts, st.integers(0, 0xFFFFFFFF), st.randoms(use_true_random=False), st.lists(st.tuples(
    st.integers(0, 199), st.integers(1, 60)), max_size=6))  # fmt: skip
def test_any_order_and_repetition_gives_the_same_bytes(
    where: list[int], isn: int, shuffler: random.Random, again: list[tuple[int, int]]
) -> None:
    data = bytes(range(200))
    segments = segmented(data, where) + [(start, data[start : start + size]) for start, size in again]
    shuffler.shuffle(segments)
    stream = opened(isn)
    chunks: list[Chunk] = []
    for frame, (start, part) in enumerate(segments, 2):
        chunks += stream.feed((isn + 1 + start) & 0xFFFFFFFF, part, frame, frame)
        check_law(stream)
    assert b"".join(chunk.data for chunk in chunks) == data
    assert not any(chunk.missing for chunk in chunks)
    assert stream.close() == []
    assert stream.duplicate == sum(len(part) for _, part in segments) - 200
    assert not stream.notes


@settings(deadline=None)
@given(cuts, st.integers(0, 0xFFFFFFFF), st.randoms(use_true_random=False), st.sets(st.integers(0, 12)))
def test_with_loss_what_is_delivered_is_in_place_and_missing_is_exact(
    where: list[int], isn: int, shuffler: random.Random, dropped: set[int]
) -> None:
    data = bytes(range(200))
    whole = segmented(data, where)
    segments = [segment for index, segment in enumerate(whole) if index not in dropped]
    shuffler.shuffle(segments)
    stream = opened(isn)
    chunks: list[Chunk] = []
    for frame, (start, part) in enumerate(segments, 2):
        chunks += stream.feed((isn + 1 + start) & 0xFFFFFFFF, part, frame, frame)
        if shuffler.random() < 0.3:
            stream.acknowledge((isn + 1 + shuffler.randrange(201)) & 0xFFFFFFFF, frame)
        if shuffler.random() < 0.1:
            chunks += stream.expire(frame + 60 * SECOND)
        check_law(stream)
    stream.acknowledge((isn + 201) & 0xFFFFFFFF, 100)
    chunks += stream.close()
    position = 0
    for chunk in chunks:
        position += chunk.missing
        assert data[position : position + len(chunk.data)] == chunk.data
        position += len(chunk.data)
    captured = sum(len(part) for _, part in segments)
    assert stream.payload == captured
    assert stream.duplicate == 0
    # One byte acknowledged at the very end is indistinguishable from a FIN.
    assert stream.missing == 200 - captured - (1 if position == 199 else 0)


junk = st.one_of(
    st.tuples(
        st.just("feed"),
        st.one_of(st.integers(0, 60), st.integers(0, 0xFFFFFFFF), st.integers(0xFFFFFFE0, 0xFFFFFFFF)),
        st.binary(max_size=20),
        st.integers(0, 255),
        st.integers(0, 30),
    ),
    st.tuples(st.just("ack"), st.one_of(st.integers(0, 90), st.integers(0, 0xFFFFFFFF))),
    st.tuples(st.just("expire"), st.integers(0, 100)),
    st.just(("flush",)),
    st.just(("close",)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(junk, max_size=30))
def test_any_segments_at_all_keep_the_byte_law(operations: list[tuple]) -> None:
    stream = Reassembler(Limits(direction_bytes=4 * PIECE_COST, hole_wait=20, ack_grace=5))
    fed = delivered = missing = 0
    chunks: list[Chunk] = []
    for time, operation in enumerate(operations):
        if operation[0] == "feed":
            _, seq, payload, flags, cut = operation
            fed += len(payload)
            chunks = stream.feed(seq, payload, time, time, flags, cut)
        elif operation[0] == "ack":
            stream.acknowledge(operation[1], time)
            chunks = []
        elif operation[0] == "expire":
            chunks = stream.expire(time + operation[1])
        else:
            chunks = stream.flush() if operation[0] == "flush" else stream.close()
        delivered += sum(len(chunk.data) for chunk in chunks)
        missing += sum(chunk.missing for chunk in chunks)
        check_law(stream)
        assert (stream.payload, stream.delivered) == (fed, delivered)
        assert 0 <= stream.missing <= missing
        assert stream.held_cost <= 4 * PIECE_COST
        assert stream.fast in (-1, stream.expected)
    stream.close()
    assert stream.held_bytes == 0
    check_law(stream)


def test_an_acknowledgement_releases_the_holes_before_it_and_no_other() -> None:
    stream = opened(limits=Limits(ack_grace=100, ack_packets=1000))
    stream.feed(FIRST + 10, b"a" * 10, 2, 1)
    stream.feed(FIRST + 30, b"b" * 10, 3, 2)
    stream.acknowledge(FIRST + 20, 10)
    assert pairs(stream.expire(109)) == []
    assert pairs(stream.expire(110)) == [(10, b"a" * 10)]
    stream.acknowledge(FIRST + 29, 200)
    assert pairs(stream.expire(1000)) == [], "the hole reaches further than what was acknowledged"
    stream.acknowledge(FIRST + 30, 2000)
    assert pairs(stream.expire(2099)) == []
    assert pairs(stream.expire(2100)) == [(10, b"b" * 10)]
    assert stream.missing == 20


def test_a_later_acknowledgement_has_a_grace_of_its_own() -> None:
    stream = opened(limits=Limits(ack_grace=100, ack_packets=1000))
    stream.feed(FIRST + 10, b"a" * 10, 2, 1)
    stream.feed(FIRST + 30, b"b" * 10, 3, 2)
    stream.acknowledge(FIRST + 20, 10)
    stream.acknowledge(FIRST + 40, 60)
    assert pairs(stream.expire(110)) == [(10, b"a" * 10)]
    assert pairs(stream.expire(209)) == []
    assert pairs(stream.expire(210)) == [(10, b"b" * 10)]


def test_a_fin_far_ahead_of_everything_known_is_misplaced() -> None:
    for ahead, notes in ((REACH, []), (REACH + 1, [(2, REACH + 1, 0, NoteKind.FIN_MISPLACED)])):
        stream = opened()
        stream.feed(FIRST + ahead, b"", 2, 0, ACK | FIN)
        assert noted(stream) == notes
        assert stream.fin == (None if notes else ahead)


def test_of_a_direction_of_which_nothing_is_known_no_number_is_expected() -> None:
    assert Reassembler().expected == 0


def test_the_very_first_byte_is_compared_when_it_comes_again() -> None:
    stream = opened()
    stream.feed(FIRST, b"abcd", 2)
    stream.feed(FIRST, b"xbcd", 3)
    assert noted(stream) == [(3, 0, 4, NoteKind.CONFLICT)]


def test_data_that_end_at_a_fin_recorded_before_them_are_delivered_and_nothing_is_noted() -> None:
    stream = opened()
    stream.feed(FIRST + 4, b"", 2, flags=ACK | FIN)
    assert pairs(stream.feed(FIRST, b"last", 3)) == [(0, b"last")]
    assert noted(stream) == [] and stream.finished


def test_acknowledgements_are_packets_that_a_hole_waits_for() -> None:
    stream = opened(limits=Limits(ack_packets=3))
    stream.feed(FIRST + 10, b"after", 2, 0)
    stream.acknowledge(FIRST + 15, 0)
    given_out: list[Chunk] = []
    for _ in range(3):
        assert given_out == []
        stream.acknowledge(FIRST + 15, 1)
        stream.release(1, given_out)
    assert pairs(given_out) == [(10, b"after")]


def test_an_acknowledgement_of_what_was_given_out_since_hurries_nothing() -> None:
    stream = opened(limits=Limits(ack_grace=SECOND))
    stream.feed(FIRST + 5, b"world", 2, 0)
    stream.acknowledge(FIRST + 10, 1)
    stream.feed(FIRST, b"hello", 3, 2)
    stream.feed(FIRST + 20, b"later", 4, 3)
    assert stream.deadline() == 3 + 30 * SECOND


def test_what_is_left_for_later_is_there_when_it_is_looked_through() -> None:
    flow, recent = Reassembler(), Recent(maxlen=4)
    one, other = ("one",), ("other",)

    def puts(instead: object, data: bytes) -> Callable[[], None]:
        def put() -> None:
            kept = [(flow, 0, data) if entry is instead else entry for entry in recent]
            recent.clear()
            recent.extend(kept)

        return put

    recent.extend([one, one, one])  # type: ignore[list-item]
    recent.leave(one, puts(one, b"1"))
    recent.append((flow, 0, b"2"))
    recent.extend([other, other])  # type: ignore[list-item]
    recent.leave(other, puts(other, b"3"))
    assert [entry[-1] for entry in recent] == [b"1", b"2", "other", "other"]
    assert [data for _, _, data in reversed(recent)] == [b"3", b"3", b"2", b"1"]
