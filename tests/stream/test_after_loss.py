"""After loss: what is wholly in the capture and sound is found, and nothing is invented."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from building import ENCODER
from ccxdissect.capture.segment import SYN, Segment
from ccxdissect.capture.segments import read_segments
from ccxdissect.codec import Encoder
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Protocol
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Record
from conversation import CLIENT, SERVER, Conversation, dissect, names, records, renumbered, six
from samples import protocol_of

SAMPLES = Path(__file__).parents[2] / "samples"
LISTENING = frozenset(port for protocol in DIALECTS.values() for port in protocol.ports)
UNKNOWN = bytes.fromhex("00000006 000003e7 000000000000")
DOUBTFUL = bytes.fromhex("00000008 00000006 00000007 00000000")
BEAT = ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 7}, version=14)


def test_a_message_before_one_of_an_unknown_type_is_found_after_a_gap() -> None:
    stream = b"\xee" * 5 + BEAT + UNKNOWN + six()[1]
    talk = Conversation().handshake().send(CLIENT, b"x" * 30).send(CLIENT, stream)
    del talk.segments[3]
    assert names(dissect(talk.segments)) == ["HEARTBEAT_REQ", "UNKNOWN_999", "ANSWER_CALL_REQ"]


@pytest.mark.parametrize("size", [None, 1, 5, 16])
def test_an_unknown_type_behind_a_doubtful_body_is_believed_when_a_header_follows(size: int | None) -> None:
    talk = Conversation().handshake().send(SERVER, DOUBTFUL + UNKNOWN + BEAT + UNKNOWN, size)
    assert names(dissect(talk.segments)) == ["HEARTBEAT_CONF", "UNKNOWN_999", "HEARTBEAT_REQ", "UNKNOWN_999"]


def test_an_unknown_type_behind_a_doubtful_body_ends_a_stream() -> None:
    talk = Conversation().handshake().send(SERVER, DOUBTFUL + UNKNOWN).close()
    assert names(dissect(talk.segments)) == ["HEARTBEAT_CONF", "UNKNOWN_999"]


def test_a_message_found_by_searching_has_the_packet_that_completed_it() -> None:
    talk = Conversation().handshake().send(CLIENT, b"\xee" * 40)
    for message in six()[1:5]:
        talk.send(CLIENT, message, 10)
    last: dict[bytes, int] = {}
    for segment in talk.segments:
        last[segment.payload] = segment.frame
    del talk.segments[3]
    stops = [len(b"".join(six()[1 : 2 + n])) for n in range(4)]
    arrived = 0
    wanted = []
    for segment in talk.segments[3:]:
        arrived += len(segment.payload)
        while stops and arrived >= stops[0]:
            wanted.append(segment.frame)
            del stops[0]
    assert [record.frame for record in records(dissect(talk.segments))] == wanted


@pytest.mark.parametrize("around", [b"", b"\xee", b"\xee" * 5])
def test_zeros_beside_a_small_number_are_no_message(around: bytes) -> None:
    """Such as the middle of an event; types whose fields nobody knows have these numbers."""
    middle = around + bytes.fromhex("00000000 00000100") + around
    talk = Conversation().handshake().send(SERVER, b"x" * 30).send(SERVER, middle).send(SERVER, b"y" * 9)
    del talk.segments[3], talk.segments[-1]
    assert names(dissect(talk.segments, DIALECTS["cce"])) == []


def test_zeros_within_a_cut_message_do_not_end_it() -> None:
    event = Encoder(DIALECTS["cce"]).encode("CALL_CLEARED_EVENT", {}, [("ConnectionDeviceID", "1" * 16)], version=19)
    inside = bytes.fromhex("00000000 00000100 00000000 00000062")
    talk = Conversation().handshake().send(SERVER, event[:20] + inside).send(SERVER, b"z" * 9)
    del talk.segments[-1]
    assert names(dissect(talk.segments, DIALECTS["cce"])) == []


def test_a_cut_message_does_not_tell_the_version() -> None:
    """Behind its last whole byte a field may look like a wide one with no value."""
    call = [("SecondaryConnectionCallID", 75)]
    event = ENCODER.encode("CALL_DELIVERED_EVENT", {"CallID": 5}, call, version=14)
    update = ENCODER.encode("CALL_DATA_UPDATE_EVENT", {"CallID": 5}, [("CallVariable1", "a")], version=14)
    talk = Conversation().handshake().send(SERVER, event[:-3]).send(SERVER, event[-3:]).send(SERVER, update)
    del talk.segments[4]
    (told,) = records(dissect(talk.segments))
    assert (told.decoded.name, told.decoded.version, told.problems) == ("CALL_DATA_UPDATE_EVENT", None, ())


def test_a_version_that_nothing_said_does_not_hide_what_a_later_one_allows() -> None:
    """Wide fields are of version 20 or later; this OPEN_CONF is one of version 24."""
    encoder = Encoder(DIALECTS["cce"])
    event = encoder.encode("AGENT_STATE_EVENT", {"AgentState": 3}, [("AgentID", "anna")], version=24)
    granted = encoder.encode("OPEN_CONF", {"InvokeID": 1}, [("AgentID", "anna")], version=24)
    talk = Conversation().handshake().send(SERVER, event).send(SERVER, b"x" * 30).send(SERVER, granted)
    del talk.segments[4]
    assert names(dissect(talk.segments, DIALECTS["cce"])) == ["AGENT_STATE_EVENT", "OPEN_CONF"]


def pieces(segments: list[Segment], size: int | None) -> list[Segment]:
    if size is None:
        return segments
    found = []
    for segment in segments:
        if segment.flags & SYN or len(segment.payload) <= size:
            found.append(segment)
            continue
        for at in range(0, len(segment.payload), size):
            flags = segment.flags if at + size >= len(segment.payload) else segment.flags & ~1
            seq = (segment.seq + at) % 2**32
            found.append(segment._replace(seq=seq, payload=segment.payload[at : at + size], flags=flags))
    return found


def lossy(segments: list[Segment], source: random.Random) -> list[Segment]:
    """The capture with a fault that loses bytes."""
    fault = source.choice(["gaps", "burst", "snap", "begins late", "one way"])
    if fault == "gaps":
        rate = source.choice([0.05, 0.3, 0.6])
        return [segment for segment in segments if not (segment.payload and source.random() < rate)]
    if fault == "burst":
        at = source.randrange(len(segments))
        return segments[:at] + segments[at + source.randrange(1, 20) :]
    if fault == "snap":
        kept = source.choice([20, 30, 50, 70, 90, 120])
        return [s._replace(payload=s.payload[:kept], cut=max(0, len(s.payload) - kept)) for s in segments]
    if fault == "begins late":
        return segments[source.randrange(len(segments)) :]
    from_server = source.random() < 0.5
    return [segment for segment in segments if (segment.sport in LISTENING) == from_server]


def places(segments: list[Segment], protocol: Protocol) -> list[tuple[tuple[bytes, int, bytes, int], int, bytes]]:
    """Every message of a whole capture: its direction, sequence number and bytes."""
    dissector = Dissector(protocol)
    origin: dict[int, tuple[tuple[bytes, int, bytes, int], int]] = {}
    events: list[Event] = []
    for segment in segments:
        events += dissector.feed(segment)
        where = dissector.connections.where(segment)
        if where is not None and segment.payload:
            key = (segment.src, segment.sport, segment.dst, segment.dport)
            origin[where[0].number] = (key, segment.seq - where[1])
    events += dissector.flush()
    return [
        (origin[event.flow][0], (origin[event.flow][1] + event.offset) % 2**32, event.decoded.raw)
        for event in events
        if isinstance(event, Record)
    ]


@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.glob("*.pcapng")))
def test_every_message_that_is_wholly_captured_is_found_and_none_invented(sample: str) -> None:
    protocol = protocol_of(sample)
    segments = list(read_segments(str(SAMPLES / sample), LISTENING))
    whole = places(segments, protocol)
    sent = Counter(raw for _, _, raw in whole)
    for seed in range(6):
        source = random.Random(f"{sample} {seed}")
        shown = lossy(pieces(segments, source.choice([None, 8, 12, 20, 50, 100])), source)
        captured: dict[tuple[bytes, int, bytes, int], set[int]] = {}
        for segment in shown:
            key = (segment.src, segment.sport, segment.dst, segment.dport)
            first = segment.seq + bool(segment.flags & SYN)
            captured.setdefault(key, set()).update((first + at) % 2**32 for at in range(len(segment.payload)))
        # Out of step, a message whose fields nobody knows cannot be told from other bytes.
        unknown = {message.number for message in protocol if not message.fields_known}
        wanted = Counter(
            raw
            for key, seq, raw in whole
            if int.from_bytes(raw[4:8], "big") not in unknown
            and all((seq + at) % 2**32 in captured.get(key, ()) for at in range(len(raw)))
        )
        found = Counter(record.decoded.raw for record in records(dissect(renumbered(shown), protocol)))
        assert not wanted - found, "messages were lost"
        assert not found - sent, "messages were invented"
