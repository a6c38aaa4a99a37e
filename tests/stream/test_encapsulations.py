"""The faults of TCP, each in every kind of packet a capture may hold, from a file to messages."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
from collections.abc import Callable

import pytest

from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import read_segments
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Record
from conversation import (
    ACK,
    CLIENT,
    RST,
    SERVER,
    Conversation,
    dissect,
    ids,
    law_holds,
    losses,
    names,
    records,
    renumbered,
    sessions,
    six,
)

STREAM = b"".join(six())


def tcp_of(segment: Segment) -> bytes:
    head = (segment.sport, segment.dport, segment.seq, segment.ack, 0x50, segment.flags, 65535, 0, 0)
    return struct.pack(">HHIIBBHHH", *head) + segment.payload


def ip4(segment: Segment) -> bytes:
    tcp = tcp_of(segment)
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0, segment.src, segment.dst) + tcp


def ip6(segment: Segment) -> bytes:
    tcp = tcp_of(segment)
    return struct.pack(">IHBB", 6 << 28, len(tcp), 6, 64) + bytes(12) + segment.src + bytes(12) + segment.dst + tcp


def ethernet(kind: int, inner: bytes) -> bytes:
    return bytes(12) + struct.pack(">H", kind) + inner


def padded(frame: bytes) -> bytes:
    """Short frames of an Ethernet are filled up: that is no payload."""
    return frame + b"\xee" * max(60 - len(frame), 0)


def fragmented(segment: Segment) -> list[bytes]:
    """The IPv4 packet of a segment in two fragments, the second first."""
    tcp = tcp_of(segment)
    ident = segment.frame % 65536
    if len(tcp) <= 24:
        return [ethernet(0x0800, ip4(segment))]
    ends = struct.pack(">4s4s", segment.src, segment.dst)
    first = struct.pack(">BBHHHBBH", 0x45, 0, 44, ident, 0x2000, 64, 6, 0) + ends + tcp[:24]
    second = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp) - 24, ident, 3, 64, 6, 0) + ends + tcp[24:]
    return [ethernet(0x0800, second), ethernet(0x0800, first)]


KINDS: dict[str, tuple[int, Callable[[Segment], list[bytes]]]] = {
    "Ethernet": (1, lambda s: [padded(ethernet(0x0800, ip4(s)))]),
    "IPv6": (1, lambda s: [ethernet(0x86DD, ip6(s))]),
    "VLAN": (1, lambda s: [ethernet(0x8100, b"\0\x05\x08\0" + ip4(s))]),
    "QinQ": (1, lambda s: [ethernet(0x88A8, b"\0\x05\x81\0\0\x06\x08\0" + ip4(s))]),
    "Linux cooked v1": (113, lambda s: [bytes(14) + b"\x08\0" + ip4(s)]),
    "Linux cooked v2": (276, lambda s: [b"\x08\0" + bytes(18) + ip4(s)]),
    "null": (0, lambda s: [b"\x02\0\0\0" + ip4(s)]),
    "loopback": (108, lambda s: [b"\0\0\0\x02" + ip4(s)]),
    "raw IP": (101, lambda s: [ip4(s)]),
    "raw IPv6": (101, lambda s: [ip6(s)]),
    "fragments": (1, fragmented),
}


def through_a_file(kind: str, segments: list[Segment]) -> list[Event]:
    """Write the segments as packets of a kind, read the file, and dissect what it gives."""
    link, packets_of = KINDS[kind]
    file = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link)]
    for segment in renumbered(segments):
        for packet in packets_of(segment):
            file.append(struct.pack("<IIII", *divmod(segment.time, 10**9), len(packet), len(packet)))
            file.append(packet)
    reader = read_segments(io.BytesIO(b"".join(file)), frozenset(UCCX_CTI.ports))
    return dissect(reader)


def whole(size: int | None = None) -> list[Segment]:
    return Conversation().handshake().send(CLIENT, STREAM, size).close().segments


def one_each() -> list[Segment]:
    conversation = Conversation().handshake()
    for message in six():
        conversation.send(CLIENT, message)
    return conversation.close().segments


def swapped(segments: list[Segment], at: int) -> list[Segment]:
    return [*segments[:at], segments[at + 1], segments[at], *segments[at + 2 :]]


def wrapping() -> list[Segment]:
    return Conversation((2**32 - 60, 2**32 - 1)).handshake().send(CLIENT, STREAM, 9).close().segments


def reused() -> list[Segment]:
    first = Conversation((9000, 9000)).handshake().send(CLIENT, STREAM)
    return first.segments + Conversation((10, 20)).handshake().send(CLIENT, STREAM).segments


def reset() -> list[Segment]:
    conversation = Conversation().handshake().send(CLIENT, STREAM[:-6])
    conversation.add(SERVER, RST | ACK)
    return conversation.segments


def absurd() -> list[Segment]:
    messages = six()
    messages[3] = b"\x7f\xff\xff\xff" + messages[3][4:]
    return Conversation().handshake().send(CLIENT, b"".join(messages)).segments


ALL = [1, 2, 3, 4, 5, 6]
ROWS: dict[str, tuple[list[Segment], list[int]]] = {
    "one message a segment": (one_each(), ALL),
    "all in one": (whole(), ALL),
    "byte by byte": (whole(1), ALL),
    "header split": (whole(5), ALL),
    "40-byte segments": (whole(40), ALL),
    "out of order inside a message": (swapped(whole(10), 12), ALL),
    "whole messages swapped": (swapped(one_each(), 5), ALL),
    "sequence wrap": (wrapping(), ALL),
    "retransmission": ([s for one in whole(40) for s in (one, one)], ALL),
    "port reuse": (reused(), ALL + ALL),
    "a gap inside a message": ([s for i, s in enumerate(whole(10)) if i != 11], [1, 3, 4, 5, 6]),
    "a gap that is a message": ([s for i, s in enumerate(one_each()) if i != 5], [1, 2, 4, 5, 6]),
    "start in the middle": (whole(10)[7:], [2, 3, 4, 5, 6]),
    "reset inside a message": (reset(), [1, 2, 3, 4, 5]),
    "an absurd length": (absurd(), [1, 2, 3, 5, 6]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", ROWS)
def test_every_fault_in_every_kind_of_packet(kind: str, row: str) -> None:
    segments, expected = ROWS[row]
    events = through_a_file(kind, segments)
    assert ids(events) == expected
    found = sessions(events)
    assert all(law_holds(session) for session in found)
    assert len(found) == (2 if expected == ALL + ALL else 1)
    if len(expected) < 6:
        assert losses(events)
    else:
        assert not losses(events)


def test_connections_that_mirror_each_other_stay_apart() -> None:
    ends = ((b"\x0a\0\0\x01", 12028), (b"\x0a\0\0\x09", 42027))
    one = Conversation((1000, 2000), ends).handshake().send(CLIENT, STREAM).segments
    other = Conversation((1000, 2000), ((ends[0][0], ends[1][1]), (ends[1][0], ends[0][1]))).handshake()
    other.send(CLIENT, STREAM)
    mixed = [segment for pair in zip(one, other.segments, strict=True) for segment in pair]
    events = dissect(renumbered(mixed))
    assert sorted(record.session.number for record in records(events)) == [1] * 6 + [2] * 6
    assert len(sessions(events)) == 2
    assert names(events).count("OPEN_REQ") == 2


@pytest.mark.heavy
def test_ten_thousand_open_sessions_take_bounded_memory() -> None:
    dissector = Dissector(UCCX_CTI)
    tracemalloc.start()
    try:
        for number in range(10_000):
            client = (bytes([10, number >> 16, number >> 8 & 255, number & 255]), 40_000)
            conversation = Conversation(ends=(client, (b"\x0b\0\0\x01", 12028))).handshake()
            # The first message and half of the second: what a session holds while it waits.
            for segment in conversation.send(CLIENT, STREAM[:85]).segments:
                assert len([event for event in dissector.feed(segment) if isinstance(event, Record)]) <= 1
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert dissector.count == 10_000
    # Stated bound: 8 KiB for each session that is open.
    assert used < 10_000 * 8192


def test_one_percent_of_lost_segments_costs_only_what_was_in_them() -> None:
    source = random.Random(7)
    conversation = Conversation().handshake()
    spans = []
    at = 0
    for _ in range(300):
        for message in six():
            conversation.send(CLIENT, message, 40)
            spans.append((at, at + len(message)))
            at += len(message)
    segments = [segment for segment in conversation.segments if segment.frame <= 3 or source.random() >= 0.01]
    gone = [segment for segment in conversation.segments if segment not in segments]
    base = conversation.segments[3].seq
    holes = [(segment.seq - base, segment.seq - base + len(segment.payload)) for segment in gone]
    untouched = [span for span in spans if not any(start < span[1] and span[0] < stop for start, stop in holes)]
    events = dissect(segments)
    assert len(gone) > 20
    assert len(records(events)) == len(untouched)
    (session,) = sessions(events)
    assert law_holds(session)
    assert sum(sent.missing for sent in session.sent.values()) == sum(len(segment.payload) for segment in gone)
