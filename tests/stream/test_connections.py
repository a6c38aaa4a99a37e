"""Connections: who talks to whom, when it begins and ends, and that no byte is lost or mixed up."""

from __future__ import annotations

import itertools
import random
import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccxdissect.capture.segment import ACK, FIN, PSH, RST, SYN, Segment
from ccxdissect.stream.arrival import PIECE_COST
from ccxdissect.stream.connections import Connection, Connections, Delivery, Ended, Event, Flow, Forgotten, Remark
from ccxdissect.stream.events import Determined, NoteKind
from ccxdissect.stream.ownership import is_late, is_repeated_syn, judge, see_handshake
from ccxdissect.stream.reassembly import Limits

A, B = (b"\x0a\0\0\1", 40000), (b"\x0a\0\0\2", 12028)
MS = 1_000_000
SECOND = 1000 * MS
MESSAGES = [bytes([0, 0, 0, 12, 0, 0, 0, number]) + bytes([64 + number]) * 12 for number in range(1, 7)]


class Wire:
    """Makes the segments of one connection, numbered and a millisecond apart, and feeds them to a table."""

    def __init__(self, table: Connections, client: tuple[bytes, int] = A, server: tuple[bytes, int] = B) -> None:
        self.table = table
        self.ends = (client, server)
        self.frame = 0
        self.time = 0
        self.events: list[Event] = []

    def send(
        self,
        side: int,
        seq: int,
        ack: int,
        flags: int = ACK,
        payload: bytes = b"",
        cut: int = 0,
        wait: int = MS,
    ) -> list[Event]:
        self.frame += 1
        self.time += wait
        source, target = self.ends[side], self.ends[1 - side]
        segment = Segment(
            self.frame, self.time, *source, *target, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, flags, payload, cut
        )
        new = list(self.table.feed(segment))
        self.events += new
        return new

    def open(self, client: int = 1000, server: int = 5000) -> None:
        self.send(0, client, 0, SYN)
        self.send(1, server, client + 1, SYN | ACK)
        self.send(0, client + 1, server + 1)

    def flush(self) -> list[Event]:
        new = list(self.table.flush())
        self.events += new
        return new


@pytest.fixture
def table() -> Connections:
    return Connections(ports=(12028, 42027, 43027))


@pytest.fixture
def wire(table: Connections) -> Wire:
    return Wire(table)


def heard(events: Iterable[Event], number: int = 1, direction: int = 0) -> list[tuple[int, bytes]]:
    """What was delivered of a direction: (missing, data)."""
    return [
        (event.missing, event.data)
        for event in events
        if isinstance(event, Delivery) and event.connection.number == number and event.direction == direction
    ]


def ended(events: Iterable[Event]) -> list[tuple[int, str | None, int | None]]:
    return [
        (event.connection.number, event.connection.ended_by, event.connection.ended_side)
        for event in events
        if isinstance(event, Ended)
    ]


def noted(events: Iterable[Event]) -> list[tuple[int, int | None, NoteKind, int, int | None, int]]:
    """What was remarked: connection, direction, kind, frame, offset, size."""
    return [
        (remark.connection.number, None if remark.flow is None else remark.flow.side, kind, frame, offset, size)
        for remark in events
        if isinstance(remark, Remark)
        for kind, frame, offset, size in [remark.note]
    ]


def connections(events: Iterable[Event]) -> list[Connection]:
    """The connections that ended, by number."""
    return sorted((e.connection for e in events if isinstance(e, Ended)), key=lambda one: one.number)


def law(connection: Connection) -> None:
    for flow in connection.flows:
        assert flow.payload == flow.delivered + flow.duplicate + flow.undelivered + flow.held_bytes


# -- the faults of TCP at the level of bytes: six messages of a client, cut, ordered and repeated in every way --------

DATA = b"".join(MESSAGES)


def cut_at(*edges: int) -> list[tuple[int, bytes]]:
    places = [0, *edges, len(DATA)]
    return [(start, DATA[start:stop]) for start, stop in itertools.pairwise(places)]


BY_MESSAGE = cut_at(20, 40, 60, 80, 100)
ARRIVALS = {
    "one message a segment": BY_MESSAGE,
    "all in one": cut_at(),
    "byte by byte": cut_at(*range(1, 120)),
    "header split": cut_at(4, 23, 46, 61, 87, 105),
    "40-byte segments": cut_at(40, 80),
    "out of order inside a message": [cut_at(20, 28, 34)[index] for index in (0, 2, 1, 3)],
    "whole messages swapped": [BY_MESSAGE[index] for index in (0, 2, 1, 3, 5, 4)],
    "the first two messages swapped": [BY_MESSAGE[index] for index in (1, 0, 2, 3, 4, 5)],
    "full retransmission": BY_MESSAGE + BY_MESSAGE,
    "each segment twice": [segment for segment in BY_MESSAGE for _ in range(2)],
    "partial overlap": [*cut_at(50)[:1], (30, DATA[30:])],
    "keep-alive byte": [*BY_MESSAGE[:3], (59, b"\0"), *BY_MESSAGE[3:]],
}


@pytest.mark.parametrize("isn", [1000, 0xFFFFFFFF - 25])
@pytest.mark.parametrize("arrival", ARRIVALS)
def test_all_bytes_come_once_and_in_order(wire: Wire, arrival: str, isn: int) -> None:
    wire.open(isn)
    for start, data in ARRIVALS[arrival]:
        wire.send(0, isn + 1 + start, 5001, ACK | PSH, data)
    wire.flush()
    assert b"".join(data for _, data in heard(wire.events)) == DATA
    assert not any(missing for missing, _ in heard(wire.events))
    (connection,) = connections(wire.events)
    assert noted(wire.events) == []
    law(connection)


@pytest.mark.parametrize("arrival", ["whole messages swapped", "the first two messages swapped"])
def test_swapped_messages_come_in_order_without_a_handshake_once_the_other_side_spoke(wire: Wire, arrival: str) -> None:
    wire.send(1, 5001, 1001)
    for start, data in ARRIVALS[arrival]:
        wire.send(0, 1001 + start, 5001, ACK, data)
    assert b"".join(data for _, data in heard(wire.events)) == DATA


def test_differing_overlap_uses_the_first_bytes_and_is_reported(wire: Wire) -> None:
    wire.open()
    wire.send(0, 1001, 5001, ACK, b"hello")
    wire.send(0, 1004, 5001, ACK, b"XX world")
    assert heard(wire.events) == [(0, b"hello"), (0, b" world")]
    wire.flush()
    assert noted(wire.events) == [(1, 0, NoteKind.CONFLICT, 5, 3, 2)]


def test_a_lost_message_is_a_hole_before_the_next_one(wire: Wire) -> None:
    wire.open()
    wire.send(0, 1001, 5001, ACK, MESSAGES[0])
    wire.send(0, 1041, 5001, ACK, MESSAGES[2])
    wire.send(1, 5001, 1061)
    wire.send(0, 1061, 5001, ACK, MESSAGES[3], wait=SECOND)
    assert heard(wire.events) == [(0, MESSAGES[0]), (20, MESSAGES[2]), (0, MESSAGES[3])]


def test_a_hole_is_given_up_when_only_other_connections_show_the_time(table: Connections, wire: Wire) -> None:
    wire.open()
    wire.send(0, 1021, 5001, ACK, MESSAGES[1])
    other = Wire(table, (A[0], 40001))
    other.frame = 10
    other.time = 31 * SECOND
    assert heard(other.send(0, 1, 0, SYN)) == [(20, MESSAGES[1])]


def test_a_delivery_names_the_packet_that_completed_it(wire: Wire) -> None:
    wire.open()
    wire.send(0, 1021, 5001, ACK, MESSAGES[1])
    wire.send(0, 1001, 5001, ACK, MESSAGES[0])
    assert [(event.frame, event.time) for event in wire.events if isinstance(event, Delivery)] == [
        (5, 5 * MS),
        (5, 5 * MS),
    ]


def test_cut_segments_come_at_once_with_what_is_missing(wire: Wire) -> None:
    wire.open()
    wire.send(0, 1001, 5001, ACK, b"abc", cut=17)
    wire.send(0, 1021, 5001, ACK, b"def", cut=17)
    assert heard(wire.events) == [(0, b"abc"), (17, b"def")]
    assert heard(wire.flush()) == [(17, b"")]


def test_zero_windows_and_bare_acknowledgements_give_nothing(wire: Wire) -> None:
    wire.open()
    assert [wire.send(1, 5001, 1001) for _ in range(5)] == [[]] * 5


# -- sides ---------------------------------------------------------------------------------------------------


def test_the_sender_of_the_syn_is_the_client_whatever_the_ports_say(table: Connections) -> None:
    wire = Wire(table, (A[0], 12028), (B[0], 50000))
    wire.send(0, 1, 0, SYN)
    wire.flush()
    (connection,) = connections(wire.events)
    assert (connection.client, connection.server) == ((A[0], 12028), (B[0], 50000))
    assert connection.determined == "handshake"


def test_the_sender_of_a_syn_ack_is_the_server(wire: Wire) -> None:
    wire.send(1, 5000, 1001, SYN | ACK)
    wire.flush()
    (connection,) = connections(wire.events)
    assert (connection.client, connection.server, connection.determined) == (A, B, "handshake")


@pytest.mark.parametrize("first", [0, 1])
def test_without_a_handshake_the_server_is_on_the_server_port(wire: Wire, first: int) -> None:
    wire.send(first, 1, 1, ACK, b"x")
    wire.flush()
    (connection,) = connections(wire.events)
    assert (connection.client, connection.server, connection.determined) == (A, B, "port")


@pytest.mark.parametrize("first", [0, 1])
def test_on_unknown_ports_the_lower_one_is_the_server(first: int) -> None:
    wire = Wire(Connections())
    wire.send(first, 1, 1, ACK, b"x")
    wire.flush()
    (connection,) = connections(wire.events)
    assert (connection.client, connection.server, connection.determined) == (A, B, "guess")


def test_swap_turns_the_directions(wire: Wire) -> None:
    wire.send(0, 1, 1, ACK, b"x")
    (event,) = wire.send(0, 2, 1, ACK, b"y")
    assert isinstance(event, Delivery)
    event.connection.swap()
    assert (event.connection.client, event.connection.server) == (B, A)
    assert heard(wire.send(0, 3, 1, ACK, b"z"), direction=1) == [(0, b"z")]


def test_a_syn_recorded_after_the_first_data_still_tells_the_sides(table: Connections) -> None:
    wire = Wire(table, (A[0], 12028), (B[0], 50000))
    wire.send(0, 1001, 1, ACK, b"x")
    wire.send(0, 1000, 0, SYN)
    wire.flush()
    (connection,) = connections(wire.events)
    assert (connection.client[1], connection.determined) == (12028, "handshake")


def test_mirrored_addresses_and_ports_stay_apart(table: Connections) -> None:
    one = Wire(table, (A[0], 12028), (B[0], 42027))
    other = Wire(table, (B[0], 12028), (A[0], 42027))
    one.open()
    other.open()
    one.send(0, 1001, 5001, ACK, b"one")
    other.send(0, 1001, 5001, ACK, b"other")
    assert heard(one.events, 1) == [(0, b"one")]
    assert heard(other.events, 2) == [(0, b"other")]


def test_a_connection_of_an_endpoint_with_itself_does_no_harm(table: Connections) -> None:
    wire = Wire(table, B, B)
    wire.send(0, 1000, 0, SYN)
    wire.send(0, 1000, 1001, SYN | ACK)
    wire.send(0, 1001, 1001, ACK, b"me")
    wire.flush()
    assert [data for event in wire.events if isinstance(event, Delivery) for data in [event.data]] == [b"me"]


def test_simultaneous_open_is_one_connection(wire: Wire) -> None:
    wire.send(0, 1000, 0, SYN)
    wire.send(1, 5000, 0, SYN)
    wire.send(0, 1000, 5001, SYN | ACK)
    wire.send(1, 5000, 1001, SYN | ACK)
    wire.send(0, 1001, 5001, ACK, b"hi")
    wire.send(1, 5001, 1003, ACK, b"ho")
    wire.flush()
    assert (heard(wire.events), heard(wire.events, direction=1)) == ([(0, b"hi")], [(0, b"ho")])
    assert ended(wire.events) == [(1, "capture end", None)]


def test_one_captured_direction_is_enough(wire: Wire) -> None:
    wire.send(0, 1000, 0, SYN)
    wire.send(0, 1001, 5001)
    wire.send(0, 1001, 5001, ACK, MESSAGES[0])
    wire.send(0, 1021, 5021, ACK, MESSAGES[1])
    wire.send(0, 1041, 5041, ACK, MESSAGES[2])
    wire.flush()
    assert heard(wire.events) == [(0, message) for message in MESSAGES[:3]]
    assert heard(wire.events, direction=1) == [(40, b"")]
    assert connections(wire.events)[0].flows[1].missing == 40


# -- ends ----------------------------------------------------------------------------------------------------


def test_both_fins_end_the_connection_for_the_side_that_sent_the_first(wire: Wire) -> None:
    wire.open()
    wire.send(1, 5001, 1001, ACK | FIN)
    assert ended(wire.send(0, 1001, 5002, ACK | FIN)) == [(1, "fin", 1)]
    connection = connections(wire.events)[0]
    assert (connection.ended_frame, connection.ended_time) == (4, 4 * MS)
    assert wire.send(1, 5002, 1002) == []
    assert wire.flush() == []


def test_half_open_after_one_fin_the_other_side_goes_on(wire: Wire) -> None:
    wire.open()
    wire.send(0, 1001, 5001, ACK | FIN)
    assert heard(wire.send(1, 5001, 1002, ACK, b"still here"), direction=1) == [(0, b"still here")]
    assert ended(wire.flush()) == [(1, "fin", 0)]


def test_a_fin_waits_for_the_data_before_it(wire: Wire) -> None:
    wire.open()
    wire.send(1, 5001, 1001, ACK | FIN)
    wire.send(0, 1021, 5002, ACK | FIN)
    assert wire.events == []
    wire.send(0, 1001, 5002, ACK, MESSAGES[0])
    assert heard(wire.events) == [(0, MESSAGES[0])]
    assert ended(wire.events) == [(1, "fin", 1)]


def test_a_reset_ends_the_connection_after_a_grace(table: Connections, wire: Wire) -> None:
    wire.open()
    wire.send(0, 1001, 5001, ACK, MESSAGES[0][:13])
    assert wire.send(1, 5001, 1014, RST | ACK) == []
    assert ended(Wire(table, (A[0], 2)).send(0, 1, 0, SYN, wait=SECOND)) == [(1, "reset", 1)]


def test_data_recorded_late_after_a_reset_is_delivered(wire: Wire) -> None:
    wire.open()
    wire.send(1, 5001, 1001, RST | ACK)
    assert heard(wire.send(0, 1001, 5001, ACK, b"late")) == [(0, b"late")]
    assert ended(wire.flush()) == [(1, "reset", 1)]


def test_data_long_after_a_reset_is_undelivered(wire: Wire) -> None:
    wire.open()
    wire.send(1, 5001, 1001, RST | ACK)
    assert heard(wire.send(0, 1001, 5001, ACK, b"late", wait=2 * SECOND)) == []
    (connection,) = connections(wire.events)
    assert (connection.flows[0].payload, connection.flows[0].undelivered) == (4, 4)


def test_a_reset_whose_sender_goes_on_is_withdrawn(wire: Wire) -> None:
    wire.open()
    wire.send(0, 1001, 5001, RST | ACK)
    assert heard(wire.send(0, 1001, 5001, ACK, b"alive")) == [(0, b"alive")]
    assert ended(wire.flush()) == [(1, "capture end", None)]
    assert noted(wire.events) == [(1, 0, NoteKind.RESET_WITHDRAWN, 5, None, 0)]


def test_a_stream_that_goes_on_long_after_a_reset_is_shown_as_a_further_connection(wire: Wire) -> None:
    wire.open()
    wire.send(0, 1001, 5001, RST | ACK)
    wire.send(0, 1001, 5001, ACK, b"alive", wait=2 * SECOND)
    wire.flush()
    assert heard(wire.events, 2) == [(0, b"alive")]


def test_a_stray_reset_ends_nothing(wire: Wire) -> None:
    wire.open()
    wire.send(1, 5001 + (1 << 30), 1001, RST)
    assert ended(wire.flush()) == [(1, "capture end", None)]


def test_bytes_in_a_reset_are_undelivered(wire: Wire) -> None:
    wire.open()
    wire.send(1, 5001, 1001, RST, b"go away")
    wire.flush()
    flow = connections(wire.events)[0].flows[1]
    assert (flow.payload, flow.undelivered) == (7, 7)


def test_a_syn_answered_by_a_reset_is_refused(wire: Wire) -> None:
    wire.send(0, 1000, 0, SYN)
    wire.send(1, 0, 1001, RST | ACK)
    wire.send(0, 1000, 0, SYN, wait=400 * MS)
    wire.send(1, 0, 1001, RST | ACK)
    assert ended(wire.flush()) == [(1, "refused", 1)]


def test_at_the_end_of_the_capture_all_is_given_out(wire: Wire) -> None:
    wire.open()
    wire.send(0, 1021, 5001, ACK, MESSAGES[1])
    events = wire.flush()
    assert heard(events) == [(20, MESSAGES[1])]
    assert ended(events) == [(1, "capture end", None)]
    assert wire.table.held == 0


# -- the same ports again ------------------------------------------------------------------------------------


@pytest.mark.parametrize("isn", [900, 1070, 900_000, 0xF0000000])
@pytest.mark.parametrize("ending", ["fin", "reset", "nothing"])
def test_port_reuse_is_a_new_connection(wire: Wire, isn: int, ending: str) -> None:
    wire.open()
    for index, message in enumerate(MESSAGES[:3]):
        wire.send(0, 1001 + 20 * index, 5001, ACK, message)
    if ending == "fin":
        wire.send(0, 1061, 5001, ACK | FIN)
        wire.send(1, 5001, 1062, ACK | FIN)
    elif ending == "reset":
        wire.send(0, 1061, 5001, RST)
    wire.open(isn, 7000)
    for index, message in enumerate(MESSAGES[3:]):
        wire.send(0, isn + 1 + 20 * index, 7001, ACK, message)
    wire.flush()
    assert heard(wire.events, 1) == [(0, message) for message in MESSAGES[:3]]
    assert heard(wire.events, 2) == [(0, message) for message in MESSAGES[3:]]
    first, second = connections(wire.events)
    assert first.ended_by == {"fin": "fin", "reset": "reset", "nothing": None}[ending]
    assert second.ended_by == "capture end"


def test_a_repeated_syn_is_no_new_connection(wire: Wire) -> None:
    wire.send(0, 1000, 0, SYN)
    wire.send(0, 1000, 0, SYN, wait=SECOND)
    wire.send(1, 5000, 1001, SYN | ACK)
    wire.send(1, 5000, 1001, SYN | ACK)
    wire.flush()
    assert ended(wire.events) == [(1, "capture end", None)]


def test_late_packets_of_the_old_connection_are_not_mixed_in(wire: Wire) -> None:
    wire.open(1000, 5000)
    wire.send(0, 1001, 5001, ACK, b"old")
    wire.send(0, 1004, 5001, ACK | FIN)
    wire.send(1, 5001, 1005, ACK | FIN)
    wire.open(3000, 9000)
    wire.send(0, 1001, 5001, ACK, b"old")
    wire.send(0, 3001, 9001, ACK, b"new")
    wire.flush()
    assert heard(wire.events, 2) == [(0, b"new")]
    first, second = connections(wire.events)
    assert (first.flows[0].payload, first.flows[0].duplicate) == (6, 3)
    assert (first.last_frame, first.end) == (6, 6 * MS)
    assert second.flows[0].payload == 3


def test_an_answer_of_the_old_connection_to_the_new_syn_is_not_mixed_in(wire: Wire) -> None:
    wire.open(1000, 5000)
    wire.send(0, 1001, 5001, ACK, b"old")
    wire.send(0, 30000, 0, SYN)
    wire.send(1, 5001, 1004)
    wire.send(0, 1004, 0, RST)
    wire.send(0, 30000, 0, SYN, wait=SECOND)
    wire.send(1, 90000, 30001, SYN | ACK)
    wire.send(0, 30001, 90001, ACK, b"new")
    wire.send(1, 90001, 30004, ACK, b"yes")
    wire.flush()
    assert (heard(wire.events, 2), heard(wire.events, 2, 1)) == ([(0, b"new")], [(0, b"yes")])
    assert ended(wire.events) == [(1, "reset", 0), (2, "capture end", None)]


def test_a_retransmission_of_the_new_connection_is_not_taken_for_the_old_one(wire: Wire) -> None:
    wire.open(1000, 5000)
    wire.send(0, 1001, 5001, ACK, bytes(1000))
    wire.open(2100, 5100)
    wire.send(0, 2101, 5101, ACK, MESSAGES[0])
    wire.send(0, 2121, 5101, ACK, bytes(980))
    wire.send(0, 2101, 5101, ACK, MESSAGES[0])
    wire.flush()
    first, second = connections(wire.events)
    assert (first.flows[0].payload, second.flows[0].duplicate) == (1000, 20)


def test_new_numbers_without_a_syn_are_a_new_connection_once_they_continue(wire: Wire) -> None:
    wire.open()
    wire.send(0, 1001, 5001, ACK, b"old")
    for index, message in enumerate(MESSAGES[:3]):
        wire.send(0, 0xB0000000 + 20 * index, 0xA0000000, ACK, message)
    wire.flush()
    assert heard(wire.events, 2) == [(0, MESSAGES[1]), (0, MESSAGES[2])]
    assert connections(wire.events)[0].flows[0].undelivered == 20


# -- bounds --------------------------------------------------------------------------------------------------


@pytest.mark.heavy
def test_ten_thousand_connections_stay_within_2000_bytes_each() -> None:
    table = Connections(ports=(12028,))

    def connection(number: int) -> None:
        wire = Wire(table, (number.to_bytes(4, "big"), 40000))
        wire.time = number * MS
        wire.open()
        wire.send(0, 1001, 5001, ACK, MESSAGES[0])

    # What the first of them brings along is no matter of the others.
    connection(0)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(1, 10_000):
        connection(number)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(table) == 10_000
    assert used < 10_000 * 2000


def test_too_many_connections_put_away_the_ones_idle_longest() -> None:
    table = Connections(ports=(12028,), limits=Limits(connections=32))
    events: list[Event] = []
    for number in range(33):
        wire = Wire(table, (A[0], 20000 + number))
        wire.time = number * MS
        wire.send(0, 1, 0, SYN)
        events += wire.events
    assert ended(events) == [(1, "idle", None), (2, "idle", None)]
    assert (len(table), table.evicted) == (31, 2)
    assert [(number, kind) for number, _, kind, *_ in noted(events)] == [(1, NoteKind.PUT_AWAY), (2, NoteKind.PUT_AWAY)]


@pytest.mark.parametrize("same_ports", [True, False])
def test_a_flood_of_connections_stays_bounded(same_ports: bool) -> None:
    table = Connections(ports=(12028,), limits=Limits(connections=64))
    seen = 0
    for number in range(2000):
        wire = Wire(table, (A[0], 20000 if same_ports else 20000 + number))
        wire.send(0, 1000 * number, 0, SYN)
        wire.send(1, 0, 1000 * number + 1, RST | ACK)
        seen += len(ended(wire.events))
        assert len(table._open) + len(table._lingering) <= 64
        assert len(table._flows) <= 128
    assert seen + len(ended(table.flush())) == 2000


def test_an_ended_connection_is_forgotten_after_a_while(table: Connections, wire: Wire) -> None:
    wire.open()
    wire.send(0, 1001, 5001, ACK | FIN)
    wire.send(1, 5001, 1002, ACK | FIN)
    assert len(table._flows) == 2
    wire.send(0, 1002, 5002, wait=61 * SECOND)
    wire.flush()
    assert ended(wire.events) == [(1, "fin", 0), (2, "capture end", None)]


def test_the_old_connection_is_let_go_after_a_while(wire: Wire) -> None:
    wire.open(1000, 5000)
    wire.send(0, 1001, 5001, ACK | FIN)
    wire.send(1, 5001, 1002, ACK | FIN)
    wire.open(3000, 9000)
    (event,) = wire.send(0, 3001, 9001, ACK, b"new")
    assert isinstance(event, Delivery)
    assert event.connection.previous is not None
    wire.send(0, 3004, 9001, wait=61 * SECOND)
    assert event.connection.previous is None


def test_the_old_connection_is_let_go_for_lack_of_room() -> None:
    wire = Wire(Connections(limits=Limits(connections=1)))
    wire.open(1000, 5000)
    wire.open(3000, 9000)
    (event,) = wire.send(0, 3001, 9001, ACK, b"new")
    assert isinstance(event, Delivery)
    assert event.connection.previous is None


def test_holes_that_open_and_close_leave_nothing_behind(table: Connections, wire: Wire) -> None:
    wire.open()
    for start in range(1001, 1001 + 2 * 3000, 2):
        wire.send(0, start + 1, 5001, ACK, b"b", wait=1)
        wire.send(0, start, 5001, ACK, b"a", wait=1)
        assert len(table._timers) <= 1100
    assert b"".join(data for _, data in heard(wire.events)) == b"ab" * 3000


def test_what_all_directions_hold_is_bounded_and_the_longest_waiting_goes_first() -> None:
    table = Connections(limits=Limits(total_bytes=4 * (20 + PIECE_COST)))
    events: list[Event] = []
    for number in range(6):
        wire = Wire(table, (A[0], 20000 + number))
        wire.time = number
        wire.open()
        events += wire.send(0, 1021, 5001, ACK, MESSAGES[1])
        assert table.held <= 4 * (20 + PIECE_COST)
    assert heard(events, 1) == [(20, MESSAGES[1])]
    assert heard(events, 2) == [(20, MESSAGES[1])]
    assert heard(events, 3) == []


# -- any order, any loss, anything ---------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF))
def test_a_conversation_in_any_order_gives_the_same_bytes(shuffler: random.Random, client: int, server: int) -> None:
    said = (bytes(range(120)), bytes(range(100, 250)))
    first = (client + 1, server + 1)
    pieces: list[tuple[int, int, bytes]] = []
    for side in (0, 1):
        edges = sorted({0, len(said[side]), *(shuffler.randrange(len(said[side])) for _ in range(6))})
        pieces += [(side, start, said[side][start:stop]) for start, stop in itertools.pairwise(edges)]
    pieces += [shuffler.choice(pieces) for _ in range(4)]
    shuffler.shuffle(pieces)
    wire = Wire(Connections(ports=(12028,)))
    wire.open(client, server)
    for side, start, data in pieces:
        ack = first[1 - side] + shuffler.randrange(len(said[1 - side]))
        wire.send(side, first[side] + start, ack, ACK, data)
    wire.flush()
    for side in (0, 1):
        assert b"".join(data for _, data in heard(wire.events, 1, side)) == said[side]
        assert not any(missing for missing, _ in heard(wire.events, 1, side))
    assert noted(wire.events) == []


numbers = st.one_of(st.integers(0, 100), st.integers(0, 0xFFFFFFFF), st.integers(0xFFFFFFC0, 0xFFFFFFFF))
segments = st.builds(
    Segment,
    st.just(0),
    st.one_of(st.integers(0, 5), st.integers(0, 200 * SECOND), st.just(-1)),
    st.sampled_from([A[0], B[0]]),
    st.sampled_from([1, 12028]),
    st.sampled_from([A[0], B[0]]),
    st.sampled_from([1, 12028]),
    numbers,
    numbers,
    st.one_of(st.just(ACK), st.sampled_from([SYN, SYN | ACK, RST, FIN | ACK]), st.integers(0, 255)),
    st.binary(max_size=30),
    st.one_of(st.just(0), st.integers(0, 40)),
)


def _counts(flow: Flow) -> tuple[int, ...]:
    return flow.payload, flow.duplicate, flow.undelivered, flow.missing, flow.repeated, flow.cuts


@settings(max_examples=300, deadline=None)
@given(st.lists(segments, max_size=40), st.booleans())
def test_any_segments_at_all_keep_the_byte_law(fed: list[Segment], forward: bool) -> None:
    table = Connections(
        ports=(12028,),
        limits=Limits(connections=5, direction_bytes=5 * PIECE_COST, total_bytes=8 * PIECE_COST),
    )
    events: list[Event] = []
    forgotten: list[tuple[Connection, list[tuple[int, ...]]]] = []
    time = 0
    for frame, segment in enumerate(fed, 1):
        time = time + abs(segment.time) if forward else segment.time
        found = table.feed(segment._replace(frame=frame, time=time))
        for one in found:
            if isinstance(one, Forgotten):
                forgotten.append((one.connection, [_counts(flow) for flow in one.connection.flows]))
        events += found
        assert table.held <= 8 * PIECE_COST
        assert len(table._flows) <= 10
    events += table.flush()
    assert table.held == 0
    finished = connections(events)
    assert [connection.number for connection in finished] == list(range(1, table.count + 1))
    assert sum(flow.payload for connection in finished for flow in connection.flows) == sum(
        len(segment.payload) for segment in fed
    )
    for connection, counted in forgotten:
        assert [_counts(flow) for flow in connection.flows] == counted
    over, gone = set[int](), set[int]()
    delivered: dict[int, int] = {}
    for event in events:
        number = event.connection.number
        assert number not in gone
        if isinstance(event, Forgotten):
            assert number in over
            gone.add(number)
            continue
        assert number not in over or isinstance(event, Remark)
        if isinstance(event, Ended):
            over.add(number)
        elif isinstance(event, Delivery):
            delivered[number] = delivered.get(number, 0) + len(event.data)
    for connection in finished:
        law(connection)
        assert sum(flow.delivered for flow in connection.flows) == delivered.get(connection.number, 0)
        assert all(flow.missing >= 0 and not flow.held_bytes for flow in connection.flows)


def test_room_is_made_for_a_sixteenth_of_the_connections_and_no_more_are_forgotten() -> None:
    """Of 32 that have ended the two oldest go; a late segment of the third still is its own."""
    table = Connections(ports=(12028,), limits=Limits(connections=32))
    wires = [Wire(table, client=(b"\x0a\0\0\1", 40_000 + number)) for number in range(33)]
    for wire in wires[:32]:
        wire.open()
        wire.send(0, 1001, 5001, ACK | FIN)
        wire.send(1, 5001, 1002, ACK | FIN)
    wires[32].open()
    for late, number in ((wires[2], 3), (wires[1], 34)):
        late.send(0, 1000, 5001, ACK, b"?")
        flow = table.flow((*late.ends[0], *late.ends[1]))
        assert flow is not None and flow.connection.number == number


def test_after_the_end_of_a_capture_there_is_room_for_as_many_connections_as_before(wire: Wire) -> None:
    table = Connections(ports=(12028,), limits=Limits(connections=2))
    other = Wire(table)
    other.open()
    assert not table.has_room(1, 0)
    other.flush()
    assert table.has_room(1, 0)


def test_time_is_up_in_the_very_moment(table: Connections, wire: Wire) -> None:
    wire.open()
    wire.send(0, 1011, 5001, ACK | PSH, b"behind a hole")
    due = wire.time + 30 * SECOND
    assert table.alarm == due
    wire.send(1, 5001, 1001, wait=due - wire.time)
    assert heard(wire.events) == [(10, b"behind a hole")]


def test_who_sent_a_segment_is_known_by_its_syn_or_guessed_by_its_ports() -> None:
    ports = frozenset((12028,))

    def sent(flags: int, source: tuple[bytes, int], target: tuple[bytes, int]) -> tuple[bool, Determined]:
        return judge(Segment(1, 1, *source, *target, 0, 0, flags, b"", 0), ports)

    assert sent(SYN, B, A) == (True, Determined.HANDSHAKE)
    assert sent(SYN | ACK, A, B) == (False, Determined.HANDSHAKE)
    assert sent(SYN | RST, A, B) == sent(ACK, A, B) == (True, Determined.PORT)
    assert sent(ACK, B, A) == (False, Determined.PORT)
    assert sent(ACK, A, (B[0], 80)) == (True, Determined.GUESS)


def test_a_handshake_is_believed_once(table: Connections, wire: Wire) -> None:
    wire.open()
    wire.send(1, 5001, 1001, ACK | PSH, b"hello")
    client = wire.table.where(Segment(9, wire.time, *A, *B, 1001, 5006, ACK, b"", 0))
    assert client is not None
    flow = client[0]
    assert flow.connection.determined is Determined.HANDSHAKE and flow.side == 0
    see_handshake(flow, SYN | ACK)
    assert flow.side == 0


def test_what_fits_a_connection_of_which_one_side_is_unknown(table: Connections, wire: Wire) -> None:
    wire.send(0, 1000, 0, SYN)
    flow, _ = wire.table.where(Segment(2, wire.time, *A, *B, 1001, 0, ACK, b"", 0)) or (None, 0)
    assert flow is not None and flow.peer.base is None
    # Nothing is known of the numbers that this one acknowledges.
    assert not is_late(flow, flow, Segment(2, wire.time, *A, *B, 1001, 77_000_000, ACK, b"", 0))
    wire.open()
    again, _ = wire.table.where(Segment(2, wire.time, *A, *B, 1001, 5001, ACK, b"", 0)) or (None, 0)
    assert again is not None
    # Without ACK the number of it says nothing.
    assert not is_late(again, again, Segment(9, wire.time, *A, *B, 1001, 3_000_000_000, 0, b"", 0))


def test_a_syn_of_the_same_number_is_repeated_unless_it_comes_long_after_the_end(
    table: Connections, wire: Wire
) -> None:
    wire.open()
    flow, _ = wire.table.where(Segment(2, wire.time, *A, *B, 1001, 5001, ACK, b"", 0)) or (None, 0)
    assert flow is not None
    assert is_repeated_syn(flow, Segment(9, wire.time + 20 * SECOND, *A, *B, 1000, 0, SYN, b"", 0))
    assert not is_repeated_syn(flow, Segment(9, wire.time, *A, *B, 1001, 0, SYN, b"", 0))
    wire.send(0, 1001, 5001, ACK | FIN)
    wire.send(1, 5001, 1002, ACK | FIN)
    wire.send(0, 1002, 5002)
    assert ended(wire.events) == [(1, "fin", 0)]
    assert is_repeated_syn(flow, Segment(9, wire.time + SECOND // 2, *A, *B, 1000, 0, SYN, b"", 0))
    assert not is_repeated_syn(flow, Segment(9, wire.time + 20 * SECOND, *A, *B, 1000, 0, SYN, b"", 0))


def test_forgetting_the_first_of_three_leaves_the_second_beside_the_third(table: Connections, wire: Wire) -> None:
    for start in (1000, 2_000_000, 4_000_000):
        wire.open(start, start + 500_000)
    first, second, third = sorted(
        {id(c): c for c in (*connections(wire.events), *table._open.values(), *table._lingering)}.values(),
        key=lambda one: one.number,
    )
    assert third.previous is second
    table._forget(first, [])
    assert third.previous is second
    table._forget(second, [])
    assert third.previous is None


def test_what_time_gives_out_is_told_before_what_was_left_out(table: Connections, wire: Wire) -> None:
    wire.open()
    wire.send(0, 1011, 5001, ACK | PSH, b"behind a hole")
    segment = Segment(9, wire.time + 40 * SECOND, (b"\x0a\0\0\3"), 5, *B, 1050, 5001, ACK | PSH, b"kept", 0)
    events = [*table.feed_behind(50, segment), *table.flush()]
    assert heard(events) == [(10, b"behind a hole")]
    assert heard(events, 2) == [(50, b"kept")]
