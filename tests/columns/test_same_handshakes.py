"""Connections that begin and end are told by the columns as by the table of connections, however they do it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from both_paths import PORTS, ByColumns, table, told

from ccxdissect.capture.segment import Segment
from ccxdissect.columns import delivery
from ccxdissect.columns.headers import Addresses
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.connections import Connections
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, SessionOpened
from ccxdissect.stream.reassembly import Limits
from conversation import ACK, CLIENT, ENDS, FIN, RST, SERVER, START, SYN, Conversation, six

_SECOND = 10**9
#: How long after the segment before one comes, mostly; long enough for what has ended to be forgotten, and a clock that jumps.
_STEPS = [0, 10**6, 10**6, 10**6, 6 * 10**8, 20 * _SECOND, 61 * _SECOND, -2 * _SECOND]
_USUALLY = [30, 300, 300, 300, 8, 3, 2, 1]


def short(source: random.Random, number: int, endpoints: int) -> list[Segment]:
    """One connection, with one of the many ways to begin and to end it."""
    ends = ((bytes([10, 0, 1, number % endpoints]), 40001), ENDS[1])
    first = (source.choice([1000 * number, 2**32 - 200, 0, 2**32 - 1]), source.choice([5000 * number, 2**32 - 1]))
    talk = Conversation(first, ends if source.random() < 0.7 else (ends[0], (b"\x0a\0\0\x09", 42027)))
    begin = source.randrange(12)
    if begin:
        talk.add(CLIENT, SYN)
    if begin == 1:
        talk.segments.append(talk.segments[-1])
    if begin == 2:
        talk.add(CLIENT, ACK, b"early")
    if begin != 3:
        answered = talk.add(SERVER, SYN | ACK)
        if begin == 4:
            talk.segments[-1] = answered._replace(ack=answered.ack + 7)
        if begin == 5:
            talk.add(SERVER, ACK, six()[1])
    if begin != 6:
        talk.add(CLIENT, ACK)
    for data in source.choice([six(), six()[:1], six()[:3], []]):
        talk.send(source.choice([CLIENT, CLIENT, SERVER]), data, source.choice([None, None, 30]))
    one = source.choice([CLIENT, SERVER])
    other = 1 - one
    match source.randrange(11):
        case 0:
            talk.close()
        case 1:
            # Each FIN acknowledged by itself.
            for side, flags in ((one, FIN | ACK), (other, ACK), (other, FIN | ACK), (one, ACK)):
                talk.add(side, flags)
        case 2:
            talk.add(one, FIN | ACK)
            talk.add(other, ACK, six()[1])
            talk.add(other, FIN | ACK)
            talk.add(one, ACK)
        case 3:
            talk.add(one, FIN | ACK)
            talk.add(other, FIN | ACK)
            talk.add(other, RST | ACK)
        case 4:
            # Both at once: neither acknowledges the other's.
            talk.add(one, FIN | ACK)
            last = talk.add(other, FIN | ACK)
            talk.segments[-1] = last._replace(ack=last.ack - 1)
            talk.add(one, ACK)
            talk.add(other, ACK)
        case 5:
            talk.add(one, FIN | ACK, six()[1])
            talk.add(other, FIN | ACK)
        case 6:
            talk.add(one, RST)
        case 7:
            talk.add(one, FIN | ACK)
        case 8:
            talk.close()
            late = talk.segments[-1]
            talk.segments += [late, late._replace(seq=late.seq - source.randrange(3)), late._replace(ack=late.ack + 9)]
        case 9:
            last = talk.add(one, FIN | ACK)
            talk.segments[-1] = last._replace(ack=last.ack + source.choice([1, 500]))
            talk.add(other, FIN | ACK)
            talk.segments.append(talk.segments[-2])
    return talk.segments


def crowd(seed: int) -> list[Segment]:
    """Short connections among each other, of endpoints that come again, with what networks and captures do to them."""
    source = random.Random(seed)
    endpoints = source.choice([3, 20, 200])
    talks = [short(source, number, endpoints) for number in range(source.choice([5, 40, 60]))]
    rate = source.choice([0.0, 0.0, 0.02, 0.1])
    found: list[Segment] = []
    waiting: list[list[Segment]] = []
    together = source.choice([1, 4, 60])
    while talks or waiting:
        while talks and len(waiting) < together:
            waiting.append(talks.pop(0)[::-1])
        talk = source.choice(waiting)
        for _ in range(source.choice([1, 1, 1, 5])):
            if talk:
                found.append(talk.pop())
        if not talk:
            waiting.remove(talk)
        if source.random() < rate:
            match source.randrange(4):
                case 0:
                    found.append(found[-1])
                case 1:
                    found.pop()
                case 2:
                    found.insert(len(found) - source.randrange(min(len(found), 5)), found.pop())
                case 3:
                    found[-1] = found[-1]._replace(flags=found[-1].flags ^ source.choice([FIN, SYN, RST, ACK, 32]))
        if not found:
            found.append(Conversation().add(CLIENT, ACK))
    time = START
    for place, segment in enumerate(found):
        time += source.choices(_STEPS, _USUALLY)[0]
        found[place] = segment._replace(frame=place + 1, time=time, seq=segment.seq % 2**32, ack=segment.ack % 2**32)
    return found


def by_segments(segments: Sequence[Segment], limits: Limits) -> tuple[list[object], list[str]]:
    dissector = Dissector((UCCX_CTI,), PORTS, limits)
    events: list[Event] = []
    said: list[object] = []
    for segment in segments:
        given = list(dissector.feed(segment))
        said += map(told, given)
        events += given
    for event in dissector.flush():
        said.append(told(event))
        events.append(event)
    return said, counts(events)


def by_columns(segments: Sequence[Segment], size: int, limits: Limits) -> tuple[list[object], list[str]]:
    columns, addresses = ByColumns((UCCX_CTI,), limits).columns, Addresses()
    events: list[Event] = []
    said: list[object] = []
    for start in range(0, len(segments), size):
        for batch in columns.tell(table(segments[start : start + size], addresses)):
            for event in batch.all_events():
                said.append(told(event))
                events.append(event)
    for batch in columns.flush():
        for event in batch.all_events():
            said.append(told(event))
            events.append(event)
    return said, counts(events)


def counts(events: Sequence[Event]) -> list[str]:
    """All that is counted of sessions in the end."""
    sessions = [event.session for event in events if isinstance(event, SessionOpened)]
    return [repr((session.number, session.sent, session.end, session.ended_at)) for session in sessions]


def assert_same(seed: int) -> None:
    source = random.Random(seed)
    segments = crowd(seed)
    limits = source.choice([Limits(), Limits(), Limits(connections=8), Limits(linger=2 * _SECOND, connections=40)])
    wanted = by_segments(segments, limits)
    for size in (1 << 20, source.choice([3, 20, 90])):
        assert by_columns(segments, size, limits) == wanted, (seed, size)


@pytest.mark.parametrize("first", range(0, 15, 5))
def test_whatever_way_they_begin_and_end(first: int) -> None:
    for seed in range(first, first + 5):
        assert_same(seed)


@pytest.mark.heavy
def test_many_ways() -> None:
    for seed in range(1000, 1200):
        assert_same(seed)


def test_what_is_plain_is_not_fed(monkeypatch: pytest.MonkeyPatch) -> None:
    fed: list[Segment] = []
    feed = Connections.feed

    def seen(self: Connections, segment: Segment) -> Sequence[object]:
        fed.append(segment)
        return feed(self, segment)

    monkeypatch.setattr(Connections, "feed", seen)
    segments: list[Segment] = []
    for number in range(50):
        talk = Conversation((number, 7), ((bytes([10, 0, 1, number]), 40001), ENDS[1])).handshake()
        talk.send(CLIENT, six()[0]).send(CLIENT, six()[1])
        for side, flags in ((CLIENT, FIN | ACK), (SERVER, ACK), (SERVER, FIN | ACK), (CLIENT, ACK)):
            talk.add(side, flags)
        segments += talk.segments
    placed = [one._replace(frame=place + 1, time=START + place) for place, one in enumerate(segments)]
    assert len(by_columns(placed, 1 << 20, Limits())[0]) == 200
    assert not fed
    # With less room than that each waits for its turn.
    by_columns(placed, 1 << 20, Limits(connections=20))
    assert len(fed) > 300


def test_kinds_of_steps_are_all_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: set[object] = set()
    take = delivery.Deliverer._take_step

    def seen(self: delivery.Deliverer, step: delivery._Step) -> None:
        taken.add(step.kind)
        take(self, step)

    monkeypatch.setattr(delivery.Deliverer, "_take_step", seen)
    for seed in range(8):
        by_columns(crowd(seed), 1 << 20, Limits())
    assert taken == set(delivery.Kind)
