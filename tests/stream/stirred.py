"""Captures made of conversations that are stirred: lost, repeated, swapped, cut, overwritten and misnumbered segments, jumps
of the clock. A capture is told by its number alone."""

from __future__ import annotations

import random

from fuzz.streams import SAMPLES, captured, in_time

from building import ENCODER
from ccxdissect.capture.segment import Segment
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.stream.reassembly import DEFAULT_LIMITS, Limits
from conversation import ACK, CLIENT, FIN, RST, SERVER, START, SYN, Conversation, six

MS = 10**6
BORROWED = ("queued-call", "cce-queued-call", "trouble", "version-18", "agent-day-bridge-and-agent")
PORTS = frozenset(port for one in DIALECTS.values() for port in one.ports)
URG = 32
#: So little room that everything there is a limit for goes beyond it.
NARROW = Limits(direction_bytes=1500, total_bytes=2500, connections=3, ack_packets=3)
ENDS = (
    ((b"\x0a\0\0\x01", 50001), (b"\x0a\0\0\x09", 12028)),
    ((b"\x0a\0\0\x02", 50001), (b"\x0a\0\0\x09", 12028)),
    ((b"\x0a\0\0\x01", 50001), (b"\x0a\0\0\x09", 999)),
    ((b"\x0a\0\0\x01", 12028), (b"\x0a\0\0\x01", 12028)),
    ((b"\x0a\0\0\x01", 50002), (b"\x0a\0\0\x09", 42027)),
)
#: How wrong a number may be: by a probe, within and beyond a window, and what TCP can have in flight.
OFF = (-1, -1, 1, 2, -200, 300, 70_000, -70_000, 1 << 22, (1 << 22) + 9, 1 << 23, -(1 << 23), 1 << 30, 1 << 31)
WAITS = (1, 1, 1, 1, 1, 1, 1, 1, 40, 300, 600, 1100, 31_000, 62_000)


def limits(number: int) -> Limits:
    """What the capture of that number is read with."""
    return NARROW if number % 3 == 0 else DEFAULT_LIMITS


def _data(source: random.Random) -> bytes:
    """What a side sends at one time."""
    few = [source.choice(six()) for _ in range(source.randrange(1, 4))]
    odd = source.random()
    if odd < 0.08:
        few.insert(source.randrange(2), b"\0\0\0\x04\0\0\x01\xf3\0\0\0\x01")
    elif odd < 0.16:
        few.insert(source.randrange(2), source.randbytes(source.randrange(1, 30)))
    elif odd < 0.22:
        few.insert(source.randrange(2), b"\x7f\xff\xff\xff\0\0\0\x03")
    elif odd < 0.28:
        few.append(ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 9})[:3] + b"\x09" + b"\0\0\0\x05\0\0\0\x09oddly")
    elif odd < 0.3:
        few.append(bytes(source.randrange(1, 2500)))
    return b"".join(few)


def _talk(source: random.Random, ends: tuple[tuple[bytes, int], tuple[bytes, int]]) -> list[Segment]:
    isn = source.choice((1000, 5000, 2**32 - 40, 2**32 - 3)), source.choice((2000, 2**31 - 60, 2**32 - 100))
    talk = Conversation(isn, ends)
    opened = source.random()
    if opened < 0.7:
        talk.handshake()
    elif opened < 0.8:
        talk.add(CLIENT, SYN)
        talk.add(SERVER, RST | ACK)
    for _ in range(source.randrange(5)):
        talk.send(source.choice((CLIENT, SERVER)), _data(source), source.choice((5, 12, 40, 120, 2000)))
        if source.random() < 0.6:
            talk.add(source.choice((CLIENT, SERVER)), ACK)
    ended = source.random()
    if ended < 0.4:
        talk.close()
    elif ended < 0.6:
        talk.add(source.choice((CLIENT, SERVER)), source.choice((RST, RST | ACK)), source.choice((b"", b"", b"why")))
    return talk.segments


def stirred(number: int) -> list[Segment]:
    """The segments of the capture of that number."""
    source = random.Random(number)
    talks = [_talk(source, source.choice(ENDS[: source.choice((1, 3, 5))])) for _ in range(source.randrange(1, 5))]
    if source.random() < 0.5:
        segments = [segment for talk in talks for segment in talk]
    else:
        queues = [list(reversed(talk)) for talk in talks]
        segments = []
        while any(queues):
            segments.append(source.choice([queue for queue in queues if queue]).pop())
    rate = source.choice((0.0, 0.03, 0.1, 0.3))
    made: list[Segment] = []
    for one in segments:
        if source.random() < rate:
            fault = source.randrange(10)
            size = len(one.payload)
            if fault == 0:
                continue
            if fault == 1:
                made.append(one)
            elif fault == 2 and made:
                made.insert(source.randrange(max(len(made) - 6, 0), len(made)), one)
                continue
            elif fault == 3 and size:
                at = source.randrange(size)
                one = one._replace(payload=one.payload[:at] + source.randbytes(1) + one.payload[at + 1 :])
            elif fault == 4 and size:
                at = source.randrange(size)
                one = one._replace(payload=one.payload[:at], cut=size - at)
            elif fault == 5:
                one = one._replace(seq=(one.seq + source.choice(OFF)) % 2**32)
            elif fault == 6:
                one = one._replace(ack=(one.ack + source.choice(OFF)) % 2**32)
            elif fault == 7:
                one = one._replace(flags=one.flags ^ source.choice((FIN, SYN, RST, ACK, URG)))
            elif fault == 8 and made:
                again = source.choice(made)
                made.append(again._replace(payload=again.payload + one.payload[:3]))
            elif fault == 9 and made:
                made.append(source.choice(made)._replace(payload=b"\0"[: source.randrange(2)]))
        made.append(one)
    now, found = START, []
    slow = source.random() < 0.5
    for frame, one in enumerate(made, start=1):
        now += (source.choice(WAITS) if slow else 1) * MS
        found.append(one._replace(frame=frame, time=now))
    return found


def borrowed(number: int) -> list[Segment]:
    """Segments of a sample from somewhere on, some of them lost, on ports that tell or do not tell whose they are."""
    source = random.Random(number)
    segments = captured(SAMPLES / f"{source.choice(BORROWED)}.pcapng")
    start = source.choice((0, 0, source.randrange(len(segments))))
    rate = source.choice((0, 0, 0.05, 0.3))
    port = source.choice((None, 12028, 42027, 999))
    found = []
    for one in segments[start : start + source.randrange(5, 70)]:
        if source.random() < rate:
            continue
        if port is not None:
            sport = port if one.sport in PORTS else one.sport
            one = one._replace(sport=sport, dport=port if one.dport in PORTS else one.dport)
        found.append(one)
    return in_time(found)
