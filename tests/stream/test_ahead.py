"""Packets that stand in a capture before the one that they answer."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

import pytest

from ccxdissect.capture.segment import ACK, FIN, PSH, RST, SYN, Segment
from ccxdissect.stream.ahead import MOST, MOST_OF_ALL, WAIT
from ccxdissect.stream.connections import Connections, Delivery, Event

MICRO, MS = 1_000, 1_000_000
ENDS = ((b"\x0a\0\0\1", 40000), (b"\x0a\0\0\2", 12028))
SHAKE = ((0, 999, 0, SYN, b""), (1, 4999, 1000, SYN | ACK, b""), (0, 1000, 5000, ACK, b""))
ASKS, ANSWERS = (0, 1000, 5000, PSH | ACK, b"asks"), (1, 5000, 1004, PSH | ACK, b"answers")
THANKS = (0, 1004, 5007, PSH | ACK, b"thanks")
Part = tuple[int, int, int, int, bytes]


def segment(part: Part, frame: int, time: int, client: int = 0, cut: int = 0) -> Segment:
    side, seq, ack, flags, payload = part
    ends = [(address, port + client * (port != 12028)) for address, port in ENDS]
    return Segment(frame, time, *ends[side], *ends[1 - side], seq, ack, flags, payload, cut)


class Capture:
    """A connection whose handshake was captured, and what the table gives since."""

    def __init__(self) -> None:
        self.table = Connections([12028])
        self.time = self.frame = 0
        self.events: list[Event] = []
        for part in SHAKE:
            self.see(part)

    def see(self, part: Part, later: int = MICRO) -> list[bytes]:
        """What a packet brings."""
        self.time += later
        self.frame += 1
        events = list(self.table.feed(segment(part, self.frame, self.time)))
        self.events += events
        return given(events)

    def wait(self, time: int) -> list[bytes]:
        """What is given out when so much time has passed since the last packet."""
        return given(self.table.advance(self.time + time))


def given(events: Iterable[Event]) -> list[bytes]:
    return [event.data for event in events if isinstance(event, Delivery)]


@pytest.mark.parametrize("order", list(permutations((ASKS, ANSWERS, THANKS))))
def test_in_whatever_order_they_are_captured(order: tuple[Part, ...]) -> None:
    capture = Capture()
    told = [data for part in order for data in capture.see(part)]
    # Of a direction TCP's numbers tell the order; of both, what each acknowledges.
    assert told == [b"asks", b"answers", b"thanks"]
    frames = {event.data: (event.frame, event.time) for event in capture.events if isinstance(event, Delivery)}
    assert frames[b"answers"] == (4 + order.index(ANSWERS), (4 + order.index(ANSWERS)) * MICRO)


def test_it_is_waited_for_no_longer_than_a_moment() -> None:
    capture = Capture()
    assert capture.see(ANSWERS) == []
    assert capture.table.may_tell(next(iter(capture.table.open_ones)))
    assert capture.wait(WAIT - 1) == []
    assert capture.wait(WAIT) == [b"answers"]
    assert capture.wait(10 * WAIT) == []


def test_a_clock_that_is_put_back_does_not_make_it_longer() -> None:
    capture = Capture()
    capture.see(ANSWERS)
    assert capture.see((1, 5007, 1000, ACK, b""), -3_600_000 * MS) == [b"answers"]


def test_more_than_a_few_are_not_kept() -> None:
    capture = Capture()
    told = [capture.see((1, 5000 + place, 1004, PSH | ACK, b"x")) for place in range(MOST + 1)]
    assert told == [[]] * MOST + [[b"x"] * (MOST + 1)]


def test_of_many_connections_no_more_than_so_many_are_kept() -> None:
    table = Connections([12028])
    told: list[bytes] = []
    for client in range(MOST_OF_ALL + 3):
        for part in (*SHAKE, ANSWERS):
            told += given(table.feed(segment(part, 1, MICRO, client)))
    assert told == [b"answers"] * 3
    assert given(table.advance(MICRO + WAIT)) == [b"answers"] * MOST_OF_ALL
    # Then there is room again.
    for part in (*SHAKE, ANSWERS):
        told += given(table.feed(segment(part, 1, 2 * WAIT, MOST_OF_ALL + 3)))
    assert len(told) == 3


def test_nothing_is_lost_when_the_capture_or_the_connection_ends() -> None:
    capture = Capture()
    capture.see(ANSWERS)
    assert given(capture.table.flush())[0] == b"answers"
    capture = Capture()
    capture.see(ANSWERS)
    capture.see((1, 5007, 1004, RST, b""))
    assert capture.wait(1000 * MS)[0] == b"answers"
    capture = Capture()
    capture.see(ANSWERS)
    # Behind a new SYN on these ports the old connection is over.
    capture.see((0, 70_000, 0, SYN, b""))
    assert capture.wait(1000 * MS)[0] == b"answers"


@pytest.mark.parametrize(
    "before",
    [
        # Where the server's bytes begin is not known; the client was never heard; it has sent a FIN; a segment of it is lacking and others are here; nothing is lacking.
        [SHAKE[0]],
        [(1, 4999, 1000, SYN | ACK, b"")],
        [*SHAKE, (0, 1000, 5000, FIN | ACK, b"")],
        [*SHAKE, (0, 1002, 5000, PSH | ACK, b"ks")],
        [*SHAKE, (0, 1000, 5000, PSH | ACK, b"asks"), (1, 5000, 1004, ACK, b"")],
    ],
)
def test_where_nothing_may_come_any_more_nothing_waits(before: list[Part]) -> None:
    table = Connections([12028])
    for place, part in enumerate(before):
        table.feed(segment(part, place + 1, place * MICRO))
    ack = 1001 if before[-1][3] & FIN else 1004
    assert given(table.feed(segment((1, 5000, ack, PSH | ACK, b"answers"), 9, 9 * MICRO))) == [b"answers"]


def test_what_has_been_lacking_for_long_is_not_waited_for() -> None:
    capture = Capture()
    capture.see(ANSWERS)
    assert capture.see((1, 5007, 1004, PSH | ACK, b"more"), WAIT) == [b"answers", b"more"]
    assert capture.see((1, 5011, 1004, PSH | ACK, b"still"), 600 * MS) == [b"still"]


def test_what_strays_in_behind_the_end_is_counted() -> None:
    capture = Capture()
    (connection,) = capture.table.open_ones
    capture.see((0, 1000, 5000, FIN | ACK, b""))
    capture.see((1, 5000, 1004, FIN | ACK, b""))
    assert connection.ended
    capture.see((1, 5001, 1004, PSH | ACK, b"answers"))
    list(capture.table.flush())
    assert [flow.payload for flow in connection.flows] == [0, 7]


def test_a_number_that_is_not_believed_is_not_waited_for() -> None:
    capture = Capture()
    assert capture.see((1, 5000, 1000 + (1 << 25), PSH | ACK, b"answers")) == [b"answers"]


def test_it_comes_with_the_end_of_what_it_answers() -> None:
    capture = Capture()
    assert capture.see((1, 5000, 1005, PSH | ACK, b"answers")) == []
    assert capture.see(ASKS) == [b"asks"]
    assert capture.see((0, 1004, 5000, FIN | ACK, b"")) == [b"answers"]


def test_what_the_snap_length_cut_will_not_come() -> None:
    capture = Capture()
    capture.table.feed(segment((0, 1000, 5000, PSH | ACK, b"as"), 4, 4 * MICRO, cut=2))
    assert capture.see(ANSWERS, 2 * MICRO) == [b"answers"]


def test_acknowledgements_alone_are_not_kept() -> None:
    capture = Capture()
    capture.see((1, 5000, 1004, ACK, b""))
    assert not capture.table.may_tell(capture.table.open_ones[0])


def test_a_connection_of_an_endpoint_with_itself_is_not_waited_for() -> None:
    table = Connections([12028])
    told: list[bytes] = []
    for number, part in enumerate(((0, 999, 0, SYN, b""), (0, 1000, 1000, ACK, b"a"), (0, 1001, 1009, ACK, b"b"))):
        one = segment(part, number, number * MICRO)
        told += given(table.feed(one._replace(dst=one.src, dport=one.sport)))
    assert told == [b"a", b"b"]
