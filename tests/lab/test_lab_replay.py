"""A captured session, played by a real server to a client that asks in its own words."""

from __future__ import annotations

import asyncio
from pathlib import Path

import ccxdissect
from ccxdissect.codec import Encoder
from ccxdissect.lab.channel import Channel
from ccxdissect.lab.notes import LabNote, Sort
from ccxdissect.lab.replay import ReplayServer, turns_of
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

TROUBLE = str(Path(__file__).parents[2] / "samples" / "trouble.pcapng")


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
