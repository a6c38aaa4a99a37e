"""Connections that begin and end are told by the columns as by the table of connections, however they do it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from operator import attrgetter

import pytest
from both_paths import ALONE, PORTS, ByColumns, table, told
from test_either_dialect import BOTH

from ccxdissect.capture.segment import Segment
from ccxdissect.columns import delivery
from ccxdissect.columns.headers import Addresses
from ccxdissect.columns.lasting import Lasting
from ccxdissect.columns.runs import Pair
from ccxdissect.protocol.model import Protocol
from ccxdissect.stream.connections import Connections, Flow
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, SessionOpened
from ccxdissect.stream.reassembly import Limits, Reassembler
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


def by_segments(
    segments: Sequence[Segment], limits: Limits, protocols: Sequence[Protocol] = ALONE
) -> tuple[list[object], list[str]]:
    dissector = Dissector(protocols, PORTS, limits)
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


def by_columns(
    segments: Sequence[Segment], size: int, limits: Limits, protocols: Sequence[Protocol] = ALONE
) -> tuple[list[object], list[str]]:
    columns, addresses = ByColumns(protocols, limits).columns, Addresses()
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
    protocols = source.choice([ALONE, BOTH])
    wanted = by_segments(segments, limits, protocols)
    for size in (1 << 20, source.choice([3, 20, 90])):
        assert by_columns(segments, size, limits, protocols) == wanted, (seed, size)


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
    take, advance = delivery.Deliverer._take_step, delivery.Deliverer._advance

    def seen(self: delivery.Deliverer, step: delivery._Step) -> None:
        taken.add(step.kind)
        take(self, step)

    def advanced(self: delivery.Deliverer, pair: Pair, where: int) -> None:
        before = list(pair.steps)
        advance(self, pair, where)
        taken.update(kind for _, kind in before[: len(before) - len(pair.steps)])

    monkeypatch.setattr(delivery.Deliverer, "_take_step", seen)
    monkeypatch.setattr(delivery.Deliverer, "_advance", advanced)
    for seed in range(8):
        by_columns(crowd(seed), 1 << 20, Limits())
    assert taken == set(delivery.Kind)


#: What is not to be compared: what a direction belongs to, and what only tells it how far it has looked back.
_BESIDE = {"connection", "peer", "recent", "limits", "forgotten", "key", "notes", "row"}
#: Grace for what the other side acknowledged runs on behind the end, where nothing comes of it.
_RUNNING = {"mark", "mark_time", "mark_left", "settled"}


def stands(dissector: Dissector) -> list[dict[str, object]]:
    """All that the table of connections holds of them."""
    found: list[dict[str, object]] = []
    Lasting.of(dissector.connections).fill_all()
    for flow in sorted(dissector.connections._flows.values(), key=attrgetter("number")):
        connection = flow.connection
        own = {name: getattr(flow, name) for name in (*Flow.__slots__, *Reassembler.__slots__) if name not in _BESIDE}
        own["tally"] = None if flow.tally is None else flow.tally.told()
        if connection.ended:
            own = {name: value for name, value in own.items() if name not in _RUNNING}
        whole = (
            "start",
            "end",
            "last_frame",
            "ended",
            "ended_by",
            "ended_side",
            "ended_frame",
            "ended_time",
            "determined",
        )
        found.append(own | {f"its {name}": getattr(connection, name) for name in whole})
    return found


@pytest.mark.parametrize("lag", [0, 1, -5, 500])
@pytest.mark.parametrize("apart", [True, False])
def test_the_table_stands_as_if_it_had_been_fed(lag: int, apart: bool) -> None:
    talk = Conversation().handshake().send(CLIENT, six()[0]).send(SERVER, six()[1])
    said = talk.segments[-1]
    talk.segments[-1] = said._replace(ack=said.ack + min(lag, 0))
    first = talk.add(SERVER, FIN | ACK)
    talk.segments[-1] = first._replace(ack=first.ack + (0 if lag == 1 else lag))
    if apart:
        talk.add(CLIENT, ACK)
    last = talk.add(CLIENT, FIN | ACK)
    talk.segments[-1] = last._replace(ack=last.ack + lag)
    talk.add(SERVER, ACK)
    placed = [one._replace(frame=place + 1, time=START + place * 10**6) for place, one in enumerate(talk.segments)]
    for count in range(1, len(placed) + 1):
        dissector = Dissector(ALONE, PORTS)
        for segment in placed[:count]:
            dissector.feed(segment)
        columns = ByColumns().columns
        for batch in columns.tell(table(placed[:count], Addresses())):
            list(batch.all_events())
        assert stands(columns.dissector) == stands(dissector)
