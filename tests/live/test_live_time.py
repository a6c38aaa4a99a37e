"""Time that passes without a packet changes when things are known, never what is known."""

from __future__ import annotations

import random

import pytest
from live_process import SAMPLES

from ccxdissect.capture.segment import RST, Segment
from ccxdissect.capture.segments import read_segments
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Record, SessionEnded
from conversation import CLIENT, SERVER, Conversation, dissect, records, six

SECOND = 10**9


def faulty(segments: list[Segment], dice: random.Random) -> list[Segment]:
    """Some segments lost, some late, and pauses between them in which timers run out."""
    kept = [segment for segment in segments if dice.random() > 0.06]
    for _ in range(len(kept) // 10):
        at = dice.randrange(max(len(kept) - 4, 1))
        kept.insert(at + dice.randint(0, 3), kept.pop(at))
    time = kept[0].time
    found = []
    for frame, segment in enumerate(kept, 1):
        time += dice.choice([10**5, 10**7, 10**7, SECOND, 40 * SECOND])
        found.append(segment._replace(frame=frame, time=time))
    return found


def told(events: list[Event]) -> list[object]:
    said: list[object] = []
    for event in events:
        if isinstance(event, Record):
            decoded = event.decoded
            said.append((event.number, event.frame, event.time, event.session.number, event.sender, decoded.body))
        elif isinstance(event, SessionEnded):
            said.append((event.session.number, event.session.ended_by, event.session.end))
    return said


@pytest.mark.parametrize("seed", range(12))
def test_the_same_messages_whether_time_is_told_or_not(seed: int) -> None:
    dice = random.Random(seed)
    segments = faulty(list(read_segments(str(dice.choice(SAMPLES)), UCCX_CTI.ports)), dice)
    dissector = Dissector(UCCX_CTI)
    events: list[Event] = []
    last = segments[0].time
    for segment in segments:
        for _ in range(dice.randint(0, 3)):
            last = dice.randint(last, segment.time)
            events += dissector.advance(last)
        events += dissector.feed(segment)
        last = segment.time
    events += dissector.flush()
    assert told(events) == told(dissect(segments))


def test_what_waits_behind_a_hole_and_a_reset_are_told_without_another_packet() -> None:
    talk = Conversation().handshake()
    messages = six()
    talk.send(CLIENT, messages[0])
    talk.send(CLIENT, messages[1])
    talk.send(CLIENT, messages[2])
    del talk.segments[4]
    talk.add(SERVER, RST)
    dissector = Dissector(UCCX_CTI)
    given: list[Event] = []
    for segment in talk.segments:
        given += dissector.feed(segment)
    assert len(records(given)) == 1 and not any(isinstance(event, SessionEnded) for event in given)
    later = dissector.advance(talk.segments[-1].time + 300 * SECOND)
    assert [record.name for record in records(later)] == ["ANSWER_CALL_REQ"]
    assert [event.session.ended_by for event in later if isinstance(event, SessionEnded)] == ["reset"]
    assert dissector.advance(talk.segments[-1].time + 301 * SECOND) == []
