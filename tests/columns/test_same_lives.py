"""What plainly comes of many connections at once is told for all of them together, and leaves the table as segments do that are
fed to it one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from both_paths import ALONE, PORTS, ByColumns, table, told
from test_same_handshakes import counts, stands

from ccxdissect.capture.segment import Segment
from ccxdissect.columns.delivery import Delivered, Deliverer
from ccxdissect.columns.headers import Addresses
from ccxdissect.stream.connections import Connections
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event
from ccxdissect.stream.reassembly import Limits
from conversation import ACK, CLIENT, ENDS, FIN, SERVER, START, SYN, Conversation, six

_SECOND = 10**9
_LINGER = Limits(linger=2 * _SECOND)
#: Long enough for what has ended to be forgotten meanwhile; and a clock that jumps.
_STEPS = [10**6, 10**8, 3 * _SECOND, -_SECOND]
_USUALLY = [40, 10, 1, 1]


def life(source: random.Random, number: int) -> list[Segment]:
    """One connection that begins and ends plainly, if it ends."""
    talk = Conversation((source.choice([7, 2**32 - 20]), 900 * number), ((bytes([10, 0, 1, number]), 40001), ENDS[1]))
    if number % 2:
        # The client is the higher of both endpoints.
        talk = Conversation((number, 2**32 - 2), ((bytes([192, 168, 7, number]), 50001), ENDS[1]))
    talk.handshake()
    for data in source.choice([six(), six()[:2], []]):
        talk.send(source.choice([CLIENT, SERVER]), data)
        if source.random() < 0.3:
            talk.add(source.choice([CLIENT, SERVER]), ACK)
            late = talk.segments[-1]
            talk.segments[-1] = late._replace(ack=late.ack - source.choice([0, 0, 1, 5]))
    one = source.choice([CLIENT, SERVER])
    for side, flags in source.choice(
        [
            [],
            [(one, FIN | ACK)],
            [(one, FIN | ACK), (1 - one, ACK)],
            [(one, FIN | ACK), (1 - one, FIN | ACK), (one, ACK)],
            [(one, FIN | ACK), (1 - one, ACK), (1 - one, FIN | ACK), (one, ACK), (1 - one, ACK)],
        ]
    ):
        talk.add(side, flags)
        if source.random() < 0.1:
            last = talk.segments[-1]
            talk.segments[-1] = last._replace(ack=last.ack + source.choice([-1, 1, 500]))
    return talk.segments


def lives(seed: int) -> list[Segment]:
    """Many among each other."""
    source = random.Random(seed)
    waiting = [life(source, number)[::-1] for number in range(30)]
    together = source.choice([2, 10, 30])
    found: list[Segment] = []
    time = START
    while waiting:
        talk = source.choice(waiting[:together])
        time += source.choices(_STEPS, _USUALLY)[0]
        one = talk.pop()
        found.append(one._replace(frame=len(found) + 1, time=time, seq=one.seq % 2**32, ack=one.ack % 2**32))
        if not talk:
            waiting.remove(talk)
    return found


def standing(dissector: Dissector) -> list[dict[str, object]]:
    """How the table stands. That a side said it stands at what it has sent says nothing: not all of that is kept."""
    found = stands(dissector)
    for one in found:
        one["claimed"] = max(one["claimed"], one["position"])  # type: ignore[type-var]
    return found


def fed(segments: Sequence[Segment]) -> tuple[list[object], list[str], list[dict[str, object]]]:
    """What comes of them one by one, and how the table stands then."""
    dissector = Dissector(ALONE, PORTS, _LINGER)
    said: list[object] = []
    events: list[Event] = []
    for segment in segments:
        for event in dissector.feed(segment):
            said.append(told(event))
            events.append(event)
    return said, counts(events), standing(dissector)


def together(segments: Sequence[Segment], size: int) -> tuple[list[object], list[str], list[dict[str, object]]]:
    """The same in chunks of a size."""
    columns, addresses = ByColumns(ALONE, _LINGER).columns, Addresses()
    said: list[object] = []
    events: list[Event] = []
    for start in range(0, len(segments), size):
        for batch in columns.tell(table(segments[start : start + size], addresses)):
            for event in batch.all_events():
                said.append(told(event))
                events.append(event)
    return said, counts(events), standing(columns.dissector)


def test_all_stands_as_if_they_had_been_fed(monkeypatch: pytest.MonkeyPatch) -> None:
    ways: dict[str, int] = {}
    forgotten: list[object] = []
    deliver, advance, forget_by = Deliverer.deliver, Connections.advance, Connections.forget_by

    def delivered(self: Deliverer) -> Delivered:
        before = len(forgotten)
        found = deliver(self)
        plain = self._plain is not None and bool(self._plain.places)
        way = ("all" if not self._pairs else "most") if plain else "other"
        ways[way] = ways.get(way, 0) + 1
        if plain and len(forgotten) > before:
            ways["forgetting"] = ways.get("forgetting", 0) + 1
        return found

    def advanced(self: Connections, now: int) -> Sequence[object]:
        due = advance(self, now)
        forgotten.extend(due)
        return due

    def forgotten_by(self: Connections, now: int) -> Sequence[tuple[int, object]] | None:
        due = forget_by(self, now)
        forgotten.extend(due or ())
        ways["at once"] = ways.get("at once", 0) + bool(due)
        return due

    monkeypatch.setattr(Deliverer, "deliver", delivered)
    monkeypatch.setattr(Connections, "forget_by", forgotten_by)
    monkeypatch.setattr(Connections, "advance", advanced)
    for seed in range(20):
        segments = lives(seed)
        wanted = fed(segments)
        for size in (1 << 20, 100, 17):
            assert together(segments, size) == wanted, (seed, size)
    assert min(ways[way] for way in ("all", "most", "other", "forgetting")) > 9 and ways["at once"], ways


def test_a_syn_behind_what_was_told_waits() -> None:
    talk = Conversation()
    for data in six()[:3]:
        talk.send(CLIENT, data)
    first = talk.segments[0]
    talk.segments.append(first._replace(seq=first.seq - 1, ack=0, flags=SYN, payload=b""))
    others = [one for number in range(3) for one in life(random.Random(number), number)]
    mixed = others[:9] + talk.segments[:2] + others[9:] + talk.segments[2:]
    placed = [one._replace(frame=place + 1, time=START + place, seq=one.seq % 2**32) for place, one in enumerate(mixed)]
    for size in (1 << 20, len(placed) - 2):
        assert together(placed, size) == fed(placed)
