"""A captured session, played by a real server to a client that asks in its own words."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import ccxdissect
from ccxdissect.codec import Decoded, Encoder
from ccxdissect.codec.decoder import Decoder
from ccxdissect.lab.channel import Channel
from ccxdissect.lab.notes import LabNote, Sort
from ccxdissect.lab.replay import ReplayServer, Turn, turns_of
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Kind, Protocol, Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

SAMPLES = Path(__file__).parents[2] / "samples"
TROUBLE, CCE = str(SAMPLES / "trouble.pcapng"), str(SAMPLES / "cce-queued-call.pcapng")


def test_requests_are_matched_by_what_they_mean() -> None:
    """Session 6: a wrong login, one that works, heartbeats of which one is answered. The client asks with other InvokeIDs,
    asks for the heartbeat first, and for something that nobody captured."""
    with ccxdissect.open(TROUBLE) as trace:
        turns = turns_of([record for record in trace.messages() if record.session.number == 6])
    notes: list[LabNote] = []

    async def talk() -> list[tuple[str, object]]:
        server = ReplayServer(UCCX_CTI, turns, notes.append, pauses=None)
        await server.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        channel, got = Channel(UCCX_CTI, Side.SERVER, 14), []
        encoder = Encoder(UCCX_CTI)

        async def ask(name: str, fixed: dict[str, int], floating: list[tuple[str, str]], replies: int) -> None:
            writer.write(encoder.encode(name, fixed, floating, version=14))  # type: ignore[arg-type]
            while replies > 0:
                for received in channel.feed(await asyncio.wait_for(reader.read(65536), 5)):
                    got.append((received.name, received.invoke_id))
                    replies -= 1

        login = [("ClientID", "rosa"), ("ClientPassword", ""), ("AgentID", "rosa"), ("AgentInstrument", "2602")]
        device = [("AgentInstrument", "2602"), ("AgentID", "rosa")]
        await ask("OPEN_REQ", {"InvokeID": 501, "VersionNumber": 14, "IdleTimeout": 60}, login, 1)
        await ask("QUERY_AGENT_STATE_REQ", {"InvokeID": 502}, device, 0)
        await ask("SET_AGENT_STATE_REQ", {"InvokeID": 503, "AgentState": 0}, device, 1)
        await ask("SET_AGENT_STATE_REQ", {"InvokeID": 504, "AgentState": 0}, device, 1)
        await ask("HEARTBEAT_REQ", {"InvokeID": 505}, [], 1)
        writer.close()
        await server.stop()
        return got

    told = [said for said in asyncio.run(talk()) if said[1] is not None]
    assert told == [
        ("OPEN_CONF", 501),
        ("CONTROL_FAILURE_CONF", 503),
        ("SET_AGENT_STATE_CONF", 504),
        ("HEARTBEAT_CONF", 505),
    ]
    assert [note.text for note in notes if note.sort is Sort.WRONG] == [
        "QUERY_AGENT_STATE_REQ: the captured session has no such request"
    ]


async def _talk(
    protocol: Protocol, turns: list[Turn], said: list[bytes], wanted: int, pauses: float | None
) -> list[bytes]:
    """What a client gets that says these messages one after the other, until there are `wanted` messages."""
    server = ReplayServer(protocol, turns, pauses=pauses)
    await server.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"".join(said))
    got = []
    while len(got) < wanted:
        header = await asyncio.wait_for(reader.readexactly(8), 30)
        got.append(header + await reader.readexactly(int.from_bytes(header[:4], "big")))
    writer.close()
    await server.stop()
    return got


def test_a_session_of_unified_cce_is_played_whole_to_its_own_client_with_other_invoke_ids() -> None:
    with ccxdissect.open(CCE) as trace:
        captured = [record for record in trace.messages() if record.session.number == 2]
    turns = turns_of(captured)

    def renumbered(raw: bytes) -> bytes:
        return raw[:8] + (int.from_bytes(raw[8:12], "big") + 5000).to_bytes(4, "big") + raw[12:]

    said = [renumbered(turn.asked.raw) for turn in turns]
    # What the server had sent before the client said anything belongs to no turn.
    begun = [record.sender for record in captured].index(Side.CLIENT)
    wanted = [record.decoded for record in captured[begun:] if record.sender is Side.SERVER]
    got = asyncio.run(_talk(UCCE_CTI, turns, said, len(wanted), None))
    replies = [one.message is not None and one.message.kind is Kind.CONFIRMATION for one in wanted]
    assert any(replies) and not all(replies)
    assert got == [renumbered(one.raw) if reply else one.raw for one, reply in zip(wanted, replies, strict=True)]


@pytest.mark.heavy
def test_pauses_are_kept_shortened_or_left_out() -> None:
    """A reply that came after an hour: at once without pauses, after a second at 3,600 times the speed."""
    decoder, encoder = Decoder(UCCX_CTI), Encoder(UCCX_CTI)

    def decoded(name: str) -> Decoded:
        raw = encoder.encode(name, {"InvokeID": 7}, version=14)
        return decoder.decode(int.from_bytes(raw[4:8], "big"), raw[8:], 14)

    turns = [Turn(decoded("HEARTBEAT_REQ"), [(3600.0, decoded("HEARTBEAT_CONF"))])]
    asked = encoder.encode("HEARTBEAT_REQ", {"InvokeID": 9}, version=14)
    reply = encoder.encode("HEARTBEAT_CONF", {"InvokeID": 9}, version=14)
    assert asyncio.run(_talk(UCCX_CTI, turns, [asked], 1, None)) == [reply]
    began = time.monotonic()
    assert asyncio.run(_talk(UCCX_CTI, turns, [asked], 1, 3600.0)) == [reply]
    assert time.monotonic() - began >= 0.99
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(_talk(UCCX_CTI, turns, [asked], 1, 1.0), 1))


@pytest.mark.heavy
def test_the_command_plays_a_session_until_its_time_is_over() -> None:
    with ccxdissect.open(CCE) as trace:
        opening = next(record.decoded.raw for record in trace.messages() if record.session.number == 2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "ccxdissect", "lab", "replay", CCE, "--session", "2", "--no-pauses", "--verbose"]
    process = subprocess.Popen([*command, "--port", port, "--for", "4"], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline() == f"  replay: listening on 127.0.0.1 port {port}\n"
    with socket.create_connection(("127.0.0.1", int(port)), 10) as client:
        client.sendall(opening)
        assert client.recv(8)[4:] == (4).to_bytes(4, "big")
    assert process.stderr.read() == "  client: -> OPEN_REQ\n"
    assert process.wait(20) == 0
