"""Every quick way of doing the usual thing is taken when the thing is usual, and gives what the thorough way gives.

| where | the quick way | the thorough way |
| --- | --- | --- |
| `SegmentReader` | plain Ethernet, IPv4 and TCP unpacked at once | `dissect` |
| `Connections.feed` | in order, nothing new acknowledged | `_feed_unusual` |
| `Reassembler.feed` | in order, nothing held | `_take` |
| `Framer.whole` | whole messages of known types | `feed` |
| `Decoder.decode` | one layout, one form, sound floating fields; the same by the version that a message says | `_decode` |
| `Checker` | a message that keeps to its declaration | `check` (equal: `codec/test_checker.py`) |
| `_Sound` | reserved slots compared at once | `_reserved_slots` (equal: the same) |
| `Boundaries.next_candidate` | a regular expression | every place, one after the other |
| `Trace.messages` | the events as they are | `results` |
| the writer of JSON lines | `MessageWriter` | the schema (equal: `views/test_messages.py`) |
| Scapy's classes | packets made without Scapy's constructor | with it |
| `CTISession` | packets of what the stream has decoded | of the bytes |
| `ColumnDissector` | by columns (taken: `columns/test_same_events.py`) | message by message (equal: the same) |
| lines of JSON | by columns | `MessageWriter` (equal: `columns/test_same_lines.py`) |
| sessions | only the messages that concern them, the others counted | all (equal: `columns/test_same_sessions.py`) |
| redaction | plain packets, texts of one word, bytes of one piece (taken, equal: `redact/test_quick_ways.py`) | all |
| redaction | what is replaced is collected by columns (taken, equal: `redact/test_in_bulk.py`) | message by message |
| several captures | one process each (taken, equal: `sources/test_parallel.py`) | one after the other |
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from fuzz.streams import made
from hypothesis import given, settings
from hypothesis import strategies as st
from live.live_traffic import busy, write_capture
from scapy.packet import Packet as ScapyPacket

import ccxdissect
from building import build, every_combination
from ccxdissect import columns, layers
from ccxdissect.analysis.sessions import Sessions
from ccxdissect.capture.files import packets
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.codec import FORMS, Decoded, Decoder, checks
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.connections import Connections
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Loss, Record, SessionEnded
from ccxdissect.stream.framing import Boundaries, Framer
from ccxdissect.stream.reassembly import Reassembler
from ccxdissect.views.formats.jsonl import line_maker
from ccxdissect.views.message_rows import message_schema
from ccxdissect.views.messages import MessageWriter, Showing
from commands import run
from conversation import CLIENT, SERVER, Conversation, six

SAMPLES = sorted((Path(__file__).parents[1] / "samples").glob("*.pcapng"))
PORTS = frozenset(UCCX_CTI.ports)
PACKETS = [packet for path in SAMPLES for packet in packets(str(path))]


class Counting:
    """Counts the calls of a method, which does its work as before."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        self.calls: Counter[object] = Counter()
        real = getattr(owner, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            self.calls[name] += 1
            return real(*arguments, **named)

        monkeypatch.setattr(owner, name, counted)

    @property
    def times(self) -> int:
        return sum(self.calls.values())


def talk(turns: int) -> list[Segment]:
    """A whole session without any fault: one message a segment, each side in turn, and the handshake before it."""
    conversation = Conversation().handshake()
    for _ in range(turns):
        for number, message in enumerate(six()):
            conversation.send(SERVER if number % 2 else CLIENT, message)
    return conversation.segments


# -- packets ---------------------------------------------------------------------------------------------------


def read(some: Iterable[Packet], quick: bool) -> tuple[list[Segment], tuple[object, ...]]:
    reader = SegmentReader(iter(some), PORTS, verify=not quick)
    segments = list(reader)
    said = (reader.packets, reader.bytes, reader.segments, reader.first_time, reader.last_time, reader.other_ports)
    return segments, said


def test_plain_packets_are_unpacked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    thorough = Counting(monkeypatch, SegmentReader, "dissect")
    segments, _ = read(PACKETS, quick=True)
    assert len(segments) > 1000 and thorough.times == 0


def test_unpacking_at_once_is_dissecting() -> None:
    assert read(PACKETS, quick=True) == read(PACKETS, quick=False)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_unpacking_at_once_is_dissecting_whatever_the_headers_say(data: st.DataObject) -> None:
    changed = []
    for packet in data.draw(st.lists(st.sampled_from(PACKETS[::97]), min_size=1, max_size=4)):
        raw = bytearray(packet.data)
        places = st.integers(0, min(len(raw), 60) - 1)
        for at, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=3)):
            raw[at] = byte
        size = data.draw(st.one_of(st.just(len(raw)), st.integers(0, len(raw))))
        changed.append(packet._replace(data=bytes(raw[:size])))
    assert read(changed, quick=True) == read(changed, quick=False)


# -- streams ---------------------------------------------------------------------------------------------------


def outcome(segments: Iterable[Segment]) -> list[object]:
    """Everything that the streams tell of some segments, as plain values."""
    dissector = Dissector(UCCX_CTI)
    found: list[object] = []
    events = [event for segment in segments for event in dissector.feed(segment)]
    for event in [*events, *dissector.flush()]:
        name = type(event).__name__
        if isinstance(event, Record):
            found.append((name, event.number, event.frame, event.time, event.begun, event.sender, told(event.decoded)))
        elif isinstance(event, Loss):
            held = {field.name: getattr(event, field.name) for field in fields(event)}
            partial = held.pop("partial")
            found.append((name, held.pop("session").number, sorted(held.items()), partial and told(partial)))
        elif isinstance(event, SessionEnded):
            session = event.session
            found.append((name, session.number, session.ended_by, session.start, session.end, repr(session.sent)))
        else:
            found.append(name)
    return found


def told(decoded: Decoded) -> tuple[object, ...]:
    layout = decoded.layout and (decoded.layout.form, decoded.layout.names)
    return (decoded.number, decoded.body, decoded.version, decoded.form, layout, *content(decoded))


def content(decoded: Decoded) -> tuple[object, ...]:
    return (decoded.values, decoded.spans, decoded.floating, decoded.undecoded, decoded.problems)


def never_quick_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connections, "feed", Connections._feed_unusual)


def never_quick_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    def refresh(direction: Reassembler) -> None:
        direction.fast = -1

    monkeypatch.setattr(Reassembler, "refresh", refresh)


def never_quick_framing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Framer, "whole", lambda framer, data: None)


def never_quick_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Decoder, "decode", Decoder._decode)


@pytest.fixture(scope="module")
def quick_outcomes() -> list[tuple[list[Segment], list[object]]]:
    """Captures with every fault, and one without any, with what the quick ways make of them."""
    inputs = [made(seed)[0] for seed in (0, 3, 7, 11, 14, 18, 48)] + [talk(5)]
    return [(segments, outcome(segments)) for segments in inputs]


@pytest.mark.parametrize(
    "thorough",
    [never_quick_connections, never_quick_directions, never_quick_framing, never_quick_decoding],
    ids=lambda change: change.__name__,
)
def test_streams_tell_the_same_without_the_quick_way(
    thorough: Callable[[pytest.MonkeyPatch], None],
    quick_outcomes: list[tuple[list[Segment], list[object]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    thorough(monkeypatch)
    for segments, should in quick_outcomes:
        assert outcome(segments) == should


def test_a_faultless_session_goes_the_quick_way_from_its_first_byte_on(monkeypatch: pytest.MonkeyPatch) -> None:
    unusual = Counting(monkeypatch, Connections, "_feed_unusual")
    framing = Counting(monkeypatch, Framer, "feed")
    outcome(talk(50))
    # Only the two segments with SYN need a closer look.
    assert unusual.times == 2
    assert framing.times == 0


def test_a_direction_in_order_goes_the_quick_way() -> None:
    direction = Reassembler()
    direction.feed(1000, b"", flags=2)
    direction.refresh()
    at = 1001
    for payload in (b"one", b"four", b"seven77"):
        assert direction.fast == at
        (chunk,) = direction.feed(at, payload)
        assert chunk.data is payload
        at += len(payload)
    assert direction.fast == at


# -- messages --------------------------------------------------------------------------------------------------


def test_a_body_is_weighed_once_for_each_type_version_and_form(monkeypatch: pytest.MonkeyPatch) -> None:
    weighing = Counting(monkeypatch, Decoder, "_weigh")
    decoder = Decoder(UCCX_CTI)
    kinds = set()
    for message, version, form, layout in every_combination():
        if len(message.forms) > 1 or message.number in decoder._versioned:
            continue  # there is always a doubt about these
        kinds.add((message.number, version, form))
        for seed in range(3):
            decoder.decode(message.number, build(message, version, form, layout, seed)[8:], version, form)
    assert weighing.times == len(kinds) > 500


def test_a_body_that_says_its_version_is_weighed_only_where_that_is_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    weighing = Counting(monkeypatch, Decoder, "_weigh")
    decoder = Decoder(UCCX_CTI)
    said = 0
    for message, version, form, layout in every_combination():
        if message.number in decoder._versioned:
            # The usual form of its version goes without saying; for any other it has to be known to be the session's.
            decoder.decode(message.number, build(message, version, form, layout, 3)[8:], version, form)
            said += 1
            # Nor does one without floating fields show a form, whatever was known.
            bare = build(message, version, form, layout, 3)[8 : 8 + decoder.layouts(message.number)[0].size]
            assert told(decoder.decode(message.number, bare, version, form)) == told(
                decoder._decode(message.number, bare, version, form)
            )
    assert weighing.times == said > 5


def test_usual_bodies_read_as_weighed_ones_do() -> None:
    decoder = Decoder(UCCX_CTI)
    chance = random.Random(5)
    for message, version, form, layout in every_combination():
        body = build(message, version, form, layout, chance.randrange(9))[8:]
        for damage in range(4):
            changed = bytearray(body)
            for _ in range(damage):
                if changed:
                    changed[chance.randrange(len(changed))] = chance.randrange(256)
            given_body = bytes(
                changed[: chance.choice([len(changed), len(changed), chance.randrange(len(changed) + 1)])]
            )
            quick = decoder.decode(message.number, given_body, version, form)
            assert told(quick) == told(decoder._decode(message.number, given_body, version, form))


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([message.number for message in UCCX_CTI]),
    st.sampled_from([None, 9, 10, 14, 17, 18, 99]),
    st.sampled_from([None, *FORMS]),
    st.binary(max_size=80),
)
def test_any_body_reads_as_a_weighed_one_does(number: int, version: int | None, form: Any, body: bytes) -> None:
    decoder = Decoder(UCCX_CTI)
    decoder.decode(number, b"", version, form)
    assert told(decoder.decode(number, body, version, form)) == told(decoder._decode(number, body, version, form))


def test_a_message_that_keeps_to_its_declaration_is_not_looked_at_closer(monkeypatch: pytest.MonkeyPatch) -> None:
    thorough = Counting(monkeypatch, checks, "check")
    decoder, checker = Decoder(UCCX_CTI), checks.Checker()
    asked = 0
    for packet_segments in (talk(20),):
        dissector = Dissector(UCCX_CTI)
        for segment in packet_segments:
            for event in dissector.feed(segment):
                if isinstance(event, Record):
                    asked += 1
                    assert list(checker.deviations(event.decoded)) == []
    assert asked == 120 and thorough.times == 0
    # What is doubtful is: a required field that is missing.
    login = UCCX_CTI.by_name["OPEN_REQ"]
    assert list(checker.deviations(decoder.decode(login.number, bytes(decoder.layouts(login.number)[0].size), 14)))
    assert thorough.times == 1


def test_reserved_slots_that_hold_what_they_should_are_not_looked_at_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one_by_one = Counting(monkeypatch, checks, "_reserved_slots")
    decoder, checker = Decoder(UCCX_CTI), checks.Checker()
    message = next(
        message for message in UCCX_CTI
        if not message.floating and any(field.constant is not None for field in message.fixed)
    )  # fmt: skip
    body = build(message, 14, FORMS[0])[8:]
    good = decoder.decode(message.number, body, 14)
    constants = [field.constant for field, _, _ in good.fixed_fields() if field.constant is not None]
    assert constants and list(checker.deviations(good)) == [] and one_by_one.times == 0
    place = next(start for field, start, _ in good.fixed_fields() if field.constant is not None)
    odd = bytearray(body)
    odd[place] ^= 0x55
    wrong = decoder.decode(message.number, bytes(odd), 14)
    found = list(checker.deviations(wrong))
    assert [deviation.rule for deviation in found] == [checks.Rule.RESERVED_SLOT_ODD] and one_by_one.times == 1
    assert found == checks.check(wrong)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(st.binary(max_size=12), st.sampled_from([message[:8] for message in six()]), st.just(bytes(5))),
        max_size=6,
    ),
    st.integers(0, 20),
)
def test_the_next_place_that_may_be_a_header_is_the_first_one(pieces: list[bytes], at: int) -> None:
    bounds, data = Boundaries(UCCX_CTI), b"".join(pieces)
    places = (place for place in range(at, len(data) - 7) if bounds.plausible(data, place))
    assert bounds.next_candidate(data, at) == next(places, None)


def test_places_that_cannot_be_a_header_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = Counting(monkeypatch, Boundaries, "plausible")
    assert Boundaries(UCCX_CTI).next_candidate(b"\xff" * 5000 + six()[0], 0) == 5000
    assert tried.times < 10


# -- Scapy -----------------------------------------------------------------------------------------------------


def shown(packet: layers.CCXMessage) -> tuple[object, ...]:
    described = packet.show(dump=True)
    return type(packet), described, packet.version, packet.form, packet.layout, packet.problems, bytes(packet)


def test_scapy_s_packets_are_made_without_its_constructor_and_like_those_made_by_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = [build(*combination) for number, combination in enumerate(every_combination()) if not number % 5]
    for data in raw:
        layers.CCXMessage(data)  # the first of a class shows what the others are like
    with monkeypatch.context() as counting:
        constructed = Counting(counting, ScapyPacket, "__init__")
        quick = [layers.CCXMessage(data) for data in raw]
        assert constructed.times == 0
        # Only bytes go the quick way.
        slow = [layers.CCXMessage(bytearray(data)) for data in raw]
        assert constructed.times >= len(raw) > 100
    for one, other in zip(quick, slow, strict=True):
        assert one == other and shown(one) == shown(other)


def test_scapy_s_session_decodes_no_message_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    dissector = Dissector(UCCX_CTI)
    records = [event for segment in talk(2) for event in dissector.feed(segment) if isinstance(event, Record)]
    with monkeypatch.context() as counting:
        decoding = Counting(counting, Decoder, "decode")
        quick = [shown(layers.CCXMessage.from_decoded(record.decoded)) for record in records]
        assert decoding.times == 0
    assert [shown(layers.CCXMessage(record.decoded.raw, version=record.decoded.version)) for record in records] == quick


# -- analyses --------------------------------------------------------------------------------------------------


def test_messages_alone_come_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    thorough = Counting(monkeypatch, ccxdissect.Trace, "results")
    for path in SAMPLES[:3]:
        with ccxdissect.open(path) as trace:
            quick = [record.number for record in trace.messages()]
        assert thorough.times == 0
        with ccxdissect.open(path) as trace:
            assert [record.number for _, record in trace.results(("messages",))] == quick
        thorough.calls.clear()


def test_in_bulk_lines_are_written_by_columns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one_by_one = Counting(monkeypatch, MessageWriter, "line")
    path = str(tmp_path / "busy.pcapng")
    write_capture(path, busy(3000))
    # Of several dialects, which one a session speaks is known only behind its first messages: those come singly.
    asked = ("messages", path, "--format", "jsonl", "--dialect", "ccx")
    should = run(*asked).stdout
    count = len(should.splitlines())
    assert one_by_one.times == count == 3000
    one_by_one.calls.clear()
    monkeypatch.setattr(columns, "WORTH_LOADING", 0)
    assert run(*asked).stdout == should
    assert one_by_one.times < 100


def test_in_bulk_sessions_see_only_what_concerns_them(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Counting(monkeypatch, Sessions, "feed")
    path = str(SAMPLES[0])
    should = run("sessions", path, "--format", "jsonl").stdout
    every = seen.times
    seen.calls.clear()
    monkeypatch.setattr(columns, "WORTH_LOADING", 0)
    assert run("sessions", path, "--format", "jsonl").stdout == should
    assert seen.times < every / 2


# -- what is written -------------------------------------------------------------------------------------------


def test_messages_are_written_by_their_own_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Counting(monkeypatch, MessageWriter, "line")
    line = line_maker(message_schema(Showing()))
    dissector = Dissector(UCCX_CTI)
    records = [event for segment in talk(1) for event in dissector.feed(segment) if isinstance(event, Record)]
    assert len([line(record) for record in records]) == 6
    assert written.times == 6
