"""Traffic for tests of live decoding: packets with real headers, as many and as fast as a test wants."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from building import ENCODER
from ccxdissect.capture.live_recording import Recording
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Segment
from conversation import CLIENT, SERVER, Conversation

SECOND = 10**9
#: What a client and its server say in one second of the simulated hour, by turns.
PER_SESSION = 20


def packet(segment: Segment, frame: int | None = None) -> Packet:
    """An IPv4 segment in an Ethernet frame."""
    tcp = struct.pack(
        ">HHIIBBHHH", segment.sport, segment.dport, segment.seq, segment.ack, 0x50, segment.flags, 8192, 0, 0
    )
    tcp += segment.payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0, segment.src, segment.dst)
    data = bytes(12) + b"\x08\x00" + ip + tcp
    return Packet(frame or segment.frame, segment.time, 1, data, len(data), "test")


def write_capture(path: str, packets: Iterable[Packet]) -> None:
    """A pcapng file; `path` may be a pipe's."""
    recording = Recording(path)
    for one in packets:
        recording.add(one)
    recording.close()


def ends(number: int) -> tuple[tuple[bytes, int], tuple[bytes, int]]:
    return (bytes([10, 0, 1 + number // 200, 1 + number % 200]), 40000 + number), (b"\x0a\0\0\x09", 12028)


def busy(messages: int, sessions: int = 10, rate: int = 200, start: int = 1_700_000_000 * SECOND) -> Iterator[Packet]:
    """`messages` messages (about: no exchange is left half) at `rate` a second of packet time, over `sessions`
    connections: openings, heartbeats, agent states, calls that begin and end."""
    talks = [Conversation((1000 * n, 5000 * n), ends(n)) for n in range(sessions)]
    step = SECOND // rate
    time = start
    sent = frame = 0
    invoke = [0] * sessions

    def say(n: int, side: int, name: str, fixed: dict[str, int], floating: list[tuple[str, str]]) -> Packet:
        nonlocal sent, frame, time
        sent += 1
        frame += 1
        time += step
        talk = talks[n]
        segment = talk.add(side, 24, ENCODER.encode(name, fixed, floating, version=14))
        talk.segments.clear()
        return packet(segment._replace(time=time), frame)

    for n, talk in enumerate(talks):
        talk.handshake()
        for segment in talk.segments:
            frame += 1
            yield packet(segment._replace(time=time), frame)
        talk.segments.clear()
        login = [("ClientID", f"desk {n}"), ("AgentID", f"agent{n}")]
        yield say(n, CLIENT, "OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 600}, login)
        yield say(n, SERVER, "OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1}, [])
        invoke[n] = 1
    call = 16_000_000
    turn = 0
    while sent < messages:
        n = turn % sessions
        turn += 1
        invoke[n] += 1
        who = [("AgentID", f"agent{n}"), ("AgentInstrument", f"2{n:03}")]
        kind = turn // sessions % 4
        if kind == 0:
            yield say(n, CLIENT, "HEARTBEAT_REQ", {"InvokeID": invoke[n]}, [])
            yield say(n, SERVER, "HEARTBEAT_CONF", {"InvokeID": invoke[n]}, [])
        elif kind in (1, 2):
            state = {"InvokeID": invoke[n], "AgentState": 2 + kind}
            yield say(n, CLIENT, "SET_AGENT_STATE_REQ", state, who)
            yield say(n, SERVER, "SET_AGENT_STATE_CONF", {"InvokeID": invoke[n]}, [])
            yield say(n, SERVER, "AGENT_STATE_EVENT", {"AgentState": 2 + kind}, who)
        else:
            call += 1
            device = [("ConnectionDeviceID", f"2{n:03}"), ("ANI", f"5550{call % 10000:04}")]
            yield say(n, SERVER, "BEGIN_CALL_EVENT", {"CallID": call}, device)
            yield say(n, SERVER, "END_CALL_EVENT", {"CallID": call}, device[:1])
