"""The byte law for each event: every byte delivered belongs to one message or one loss, whatever the input."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ccxdissect.capture.segment import Segment
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Loss, Record, Session, SessionEnded
from ccxdissect.stream.log import LogDissector
from conversation import CLIENT, SERVER, Conversation, renumbered, six


def painted(events: Iterable[Event]) -> dict[tuple[Session, Side], dict[int, tuple[bool, int]]]:
    """For each direction of each session its bytes by offset: whether decoded, and which byte it is."""
    found: dict[tuple[Session, Side], dict[int, tuple[bool, int]]] = {}
    for event in events:
        if isinstance(event, Record):
            bytes_of = found.setdefault((event.session, event.sender), {})
            raw, undecoded = event.decoded.raw, event.decoded.undecoded
            for at, byte in enumerate(raw):
                offset = event.offset + at
                assert not bytes_of.get(offset, (False, 0))[0], "a decoded byte came again"
                bytes_of[offset] = (at < len(raw) - undecoded, byte)
        elif isinstance(event, Loss):
            assert len(event.data) == event.skipped
            bytes_of = found.setdefault((event.session, event.sender), {})
            for at, byte in enumerate(event.data):
                assert not bytes_of.get(event.offset + at, (False, 0))[0], "a decoded byte was lost"
                bytes_of[event.offset + at] = (False, byte)
    return found


def check(events: list[Event]) -> None:
    places = painted(events)
    for event in events:
        if isinstance(event, SessionEnded):
            for side, sent in event.session.sent.items():
                bytes_of = places.get((event.session, side), {})
                decoded = sum(whole for whole, _ in bytes_of.values())
                assert sent.decoded == decoded
                assert sent.undecoded == len(bytes_of) - decoded + sent.undelivered
                assert sent.payload == sent.decoded + sent.undecoded + sent.duplicate
                records = [
                    e for e in events if isinstance(e, Record) and (e.session, e.sender) == (event.session, side)
                ]
                assert sent.messages == len(records)


def damaged(source: random.Random, rate: float) -> list[Segment]:
    """Two conversations on the same ports, cut anywhere, with segments lost, repeated, swapped and overwritten."""
    segments: list[Segment] = []
    for isn in (1000, 900_000):
        talk = Conversation((isn, isn + 5000)).handshake()
        for _ in range(3):
            talk.send(CLIENT, b"".join(six()), source.choice([1, 7, 40, 500]))
            talk.send(SERVER, b"".join(six()), source.choice([3, 40, 500]))
        segments += talk.close().segments if source.random() < 0.7 else talk.segments
    made: list[Segment] = []
    for segment in segments:
        chance = source.random() / rate if rate else 9
        if chance < 0.25:
            continue
        if chance < 0.5 and segment.payload:
            noise = bytes(source.choice([0, 1, 255, source.randrange(256)]) for _ in segment.payload[:9])
            segment = segment._replace(payload=noise + segment.payload[9:])
        made.append(segment)
        if chance < 0.75 or 0.9 < chance < 1:
            at = source.randrange(len(made))
            made.insert(at, made[source.randrange(len(made))])
    return renumbered(made)


@settings(max_examples=120, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([0.0, 0.02, 0.1, 0.4]))
def test_every_byte_of_a_capture_has_its_place(source: random.Random, rate: float) -> None:
    dissector = Dissector(UCCX_CTI)
    events: list[Event] = []
    flows: dict[tuple[int, int], int] = {}
    arrived: set[tuple[int, int, int]] = set()
    for segment in damaged(source, rate):
        events += dissector.feed(segment)
        where = dissector.connections.where(segment)
        if where is not None:
            flow, offset = where
            arrived.update((flow.number, offset + at, byte) for at, byte in enumerate(segment.payload))
            flows[flow.number, segment.sport] = segment.dport
    events += dissector.flush()
    check(events)
    assert len(flows) == len({number for number, _ in flows}), "a direction has one sender"
    for event in events:
        if isinstance(event, Record | Loss):
            data = event.decoded.raw if isinstance(event, Record) else event.data
            assert {(event.flow, event.offset + at, byte) for at, byte in enumerate(data)} <= arrived


LOG = (Path(__file__).parents[2] / "samples" / "server.mivr.log").read_bytes().split(b"\n")


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_every_byte_of_a_log_has_its_place(source: random.Random) -> None:
    start = source.randrange(len(LOG) - 60)
    lines = LOG[start : start + 60]
    for _ in range(source.randrange(6)):
        at = source.randrange(len(lines))
        line = lines[at]
        cut = source.randrange(len(line) + 1)
        lines[at] = source.choice(
            [line[:cut], line[:cut] + b"type=NOTHING" + line[cut:], b"", line.replace(b"0", b"9")]
        )
    dissector = LogDissector(UCCX_CTI, year=2026)
    events = [*dissector.feed(lines), *dissector.flush()]
    assert events
    check(events)
    # What was counted is what the events hold: no more, no less.
    counted = sum(sent.payload for e in events if isinstance(e, SessionEnded) for sent in e.session.sent.values())
    held = sum(
        len(e.decoded.raw) if isinstance(e, Record) else e.skipped for e in events if isinstance(e, Record | Loss)
    )
    assert counted == held


def test_the_undecoded_end_of_a_message_in_a_log_is_counted_as_that() -> None:
    lines = [
        "1: Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK:writing...",
        "MHDR:",
        "0000: 00 00 00 08 00 00 00 06                           ........",
        "MDATA:",
        "0000: 00 00 00 07 00 00 00 00                           ........",
    ]
    dissector = LogDissector(UCCX_CTI, year=2026)
    events = [*dissector.feed(lines), *dissector.flush()]
    check(events)
    (record,) = [event for event in events if isinstance(event, Record)]
    sent = record.session.sent[record.sender]
    assert (record.name, record.decoded.undecoded) == ("HEARTBEAT_CONF", 4)
    assert (sent.payload, sent.decoded, sent.undecoded) == (16, 12, 4)
