"""Sessions that open in the same chunk: what they open with is read by columns as the dissector reads it, and so is what it
tells of the protocol, the version and the form."""

from __future__ import annotations

import random

import pytest
from both_paths import ALONE, ByColumns, assert_same_segments
from fuzz import streams
from test_either_dialect import BOTH, CCE, CCX

from ccxdissect.capture.segment import Segment
from ccxdissect.codec import Encoder
from ccxdissect.protocol.model import Protocol
from conversation import CLIENT, SERVER, Conversation

#: Versions that one declares, both, or neither; the last ones are whatever a client claims.
VERSIONS = [5, 12, 14, 17, 18, 20, 24, 999, 70_000, 2**32 - 1]
PORTS = [12028, 42027, 43027]


def opening(source: random.Random, protocol: Protocol) -> bytes:
    """A request to open a session, plain or with something odd about it."""
    version = source.choice(VERSIONS)
    known = version if version in protocol.versions else protocol.versions[-1]
    services = {"ServicesRequested": source.choice([0x10, 0x40000]), "PeripheralID": source.choice([0, 0, 1])}
    said = [("ClientID", "desk"), ("ClientPassword", "secret")][: source.randrange(3)]
    data = bytearray(Encoder(protocol).encode("OPEN_REQ", {"VersionNumber": known, **services}, said, version=known))
    data[12:16] = version.to_bytes(4, "big")
    match source.randrange(10):
        case 0:
            # The body ends somewhere within.
            size = source.randrange(len(data) - 8)
            data = data[: 8 + size]
            data[:4] = size.to_bytes(4, "big")
        case 1:
            data[source.randrange(8, len(data))] ^= 1 << source.randrange(8)
    return bytes(data)


def session(source: random.Random, number: int) -> list[Segment]:
    """One that opens somehow, speaks a little, perhaps opens again, and mostly closes."""
    protocol = source.choice([CCX, CCX, CCX, CCE])
    ends = (bytes([10, 0, number >> 8, number & 255]), 40000 + number), (b"\x0a\0\0\x09", source.choice(PORTS))
    talk = Conversation((1000 * number, 5000 * number), ends)
    if source.random() < 0.9:
        talk.handshake()
    for _ in range(source.choice([1, 1, 1, 1, 2, 3])):
        data = opening(source, protocol)
        if source.random() < 0.1:
            data += Encoder(protocol).encode("HEARTBEAT_REQ", {"InvokeID": 7})
        if source.random() < 0.1:
            # Something that is no message stands right behind.
            data += bytes([255]) * source.randrange(1, 20)
        if source.random() < 0.1:
            cut = source.randrange(1, len(data))
            talk.send(CLIENT, data[:cut]).send(CLIENT, data[cut:])
        else:
            talk.send(CLIENT, data)
        for _ in range(source.randrange(3)):
            name = source.choice(["HEARTBEAT_CONF", "OPEN_CONF", "FAILURE_CONF"])
            talk.send(SERVER, Encoder(protocol).encode(name, {"InvokeID": 1}))
    if source.random() < 0.8:
        talk.close()
    return talk.segments


def crowd(seed: int) -> list[Segment]:
    """Many of them, each segment of one behind one of another."""
    source = random.Random(seed)
    talks = [session(source, number) for number in range(source.choice([20, 40, 80]))]
    found: list[Segment] = []
    while talks:
        talk = source.choice(talks)
        found += talk[:1]
        del talk[:1]
        if not talk:
            talks.remove(talk)
    return streams.in_time(found)


@pytest.mark.parametrize("protocols", [ALONE, BOTH, (CCE, CCX)], ids=["alone", "both", "turned"])
def test_however_they_open(protocols: tuple[Protocol, ...]) -> None:
    for seed in range(6):
        assert_same_segments(crowd(seed), (1 << 20, 50), protocols)


@pytest.mark.heavy
def test_many_ways_to_open() -> None:
    for seed in range(1000, 1050):
        protocols = random.Random(seed).choice([ALONE, BOTH, BOTH, (CCE, CCX)])
        assert_same_segments(crowd(seed), (1 << 20, 50, 9), protocols)


@pytest.mark.parametrize("protocols", [ALONE, BOTH], ids=["alone", "both"])
def test_what_opens_plainly_is_not_read_singly(protocols: tuple[Protocol, ...]) -> None:
    talks = []
    for number in range(30):
        ends = (b"\x0a\0\0\x01", 40000 + number), (b"\x0a\0\0\x09", 12028)
        talk = Conversation((1000 * number, 5000 * number), ends).handshake()
        fixed = {"VersionNumber": 14, "ServicesRequested": 0x40000}
        talk.send(CLIENT, Encoder(CCX).encode("OPEN_REQ", fixed, [("ClientID", f"desk {number}")], version=14))
        talks.append(talk.segments)
    segments = streams.in_time([one for turn in zip(*talks, strict=True) for one in turn])
    columns = ByColumns(protocols)
    said = columns.segments(segments, 1 << 20)
    assert sum(event[0] == "Record" for event in said) == 30
    assert columns.columns.by_dissector == 0 and columns.columns.by_columns == 30
