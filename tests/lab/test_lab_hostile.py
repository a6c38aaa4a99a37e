"""Nothing that a peer sends brings the server down, and what it answers is always sound."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccxdissect.codec import Encoder, NamedValue, Value
from ccxdissect.lab.client import LabClient
from ccxdissect.lab.notes import LabNote, Sort
from ccxdissect.lab.scenario import client_requests, parse
from ccxdissect.lab.server import MOST_CONNECTIONS, LabServer
from ccxdissect.lab.world import CallData
from ccxdissect.protocol.model import Floating, Mark, Message
from ccxdissect.protocol.types import Reading
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from center import AGENT, Bench, Peer

#: What takes long by its nature.
pytestmark = pytest.mark.heavy

ENCODER = Encoder(UCCX_CTI)
TEXTS = st.one_of(
    st.sampled_from(
        ["anna", "ben", "chief", "2001", "2002", "2009", "7000", "9000", "5550100", "5550101", "pw", "", "x", "123#"]
    ),
    st.text(max_size=12),
)
CALLS = st.sampled_from([100, 101, 102, 103, 0xFFFFFFFF])


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Any message of a client, with values that often mean something in the test center."""
    message: Message = draw(st.sampled_from(client_requests(UCCX_CTI)))
    fixed: dict[str, int | bytes] = {}
    for row in message.fixed:
        if row.reserved or row.since > 14 or row.type.reading is not Reading.INTEGER:
            continue
        if row.mark & Mark.VERSION:
            continue
        if row.mark & (Mark.CALL | Mark.OTHER_CALL):
            fixed[row.name] = draw(CALLS)
        elif row.name not in {repeat.count for repeat in message.repeats}:
            fixed[row.name] = draw(st.integers(0, 5) | st.integers(0, (1 << 8 * row.size - 1) - 1))
    floating: list[tuple[str | int, Value]] = []
    for row in message.floating:
        if row.since <= 14 and draw(st.booleans()):
            floating.append((row.tag, draw(values(row))))
    return ENCODER.encode(message, fixed, floating, version=14)


def values(row: Floating) -> st.SearchStrategy[Value]:
    """Values of one floating field."""
    if row.type.reading is Reading.INTEGER:
        return st.integers(0, 9) | st.integers(0, (1 << 8 * (row.type.size or 1) - 1) - 1)
    if row.type.reading in (Reading.NAMED_VARIABLE, Reading.NAMED_ARRAY):
        return st.builds(NamedValue, st.sampled_from(["BAResponse", "a", "b"]), TEXTS, st.integers(0, 255))
    return TEXTS.map(lambda text: text.replace("\0", ""))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), requests() | st.none()), max_size=40))
def test_any_requests_are_answered_soundly(sent: list[tuple[int, bytes | None]]) -> None:
    bench = Bench()
    peers = [bench.bridge(), bench.agent("anna"), bench.agent("ben"), bench.agent("chief")]
    bench.set_state(peers[1], "anna", 3)
    for who, data in sent:
        if data is None:
            bench.pass_time()
        else:
            peers[who].raw(data)
    for peer in peers:
        assert [(message.name, message.complaints) for message in peer.got if message.complaints] == []
    assert [text for text in bench.wrong() if "could not be sent" in text] == []


AGENTS = {"anna": "2001", "ben": "2002", "chief": "2009"}
NUMBERS = st.sampled_from(["2001", "2002", "2009", "7000", "5550100", "5550101", "nobody"])


@st.composite
def moves(draw: st.DrawFn) -> tuple[str, str, dict[str, int | bytes], list[tuple[str | int, Value]]]:
    """One thing that an agent's client does with calls, worded as it should be, whether or not it makes sense now.

    Call ids stand for: 0 the newest call of the phone, 1 its oldest, 2 none.
    """
    who = draw(st.sampled_from(list(AGENTS)))
    phone, other = AGENTS[who], draw(NUMBERS)
    name = draw(
        st.sampled_from(
            [row.name for row in client_requests(UCCX_CTI) if row.message_class.value in ("call_control", "call_event")]
        )
    )
    message = UCCX_CTI.by_name[name]
    fixed: dict[str, int | bytes] = {}
    for row in message.fixed:
        if row.mark & (Mark.CALL | Mark.OTHER_CALL) or row.name == "SupervisorCallID":
            fixed[row.name] = draw(st.sampled_from([0, 0, 0, 1, 1, 1, 2]))
    if "SupervisoryAction" in {row.name for row in message.fixed}:
        fixed["SupervisoryAction"] = draw(st.integers(0, 4))
    given: dict[str, Value] = {
        "DialedNumber": other,
        "AgentInstrument": phone,
        "DTMFString": "1",
        "NamedVariable": NamedValue("BAResponse", draw(st.sampled_from(["Accept", "Skip"]))),
    }
    needed = {"AgentInstrument"} if "AgentInstrument" in {row.name for row in message.floating} else set()
    floating: list[tuple[str | int, Value]] = []
    for row in message.floating:
        if row.name in needed or row.need.value == "required" or (row.name in given and draw(st.booleans())):
            floating.append((row.tag, given.get(row.name, phone)))
    return who, name, fixed, floating


ACTS: st.SearchStrategy[object] = st.one_of(
    *(moves() for _ in range(6)), NUMBERS, st.sampled_from(["time", "anna", "ben", "preview"])
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS, max_size=60))
def test_calls_handled_in_any_order_stay_sound(acts: list[object]) -> None:
    """Calls in and out, in any order: what is sent stays sound, and when all hang up, no call is left."""
    bench = Bench()
    peers = {name: bench.agent(name) for name in AGENTS}
    bridge = bench.bridge()
    world, telephony = bench.engine.world, bench.engine.telephony
    # Anna has a caller on hold and talks to Ben about him.
    bench.set_state(peers["anna"], "anna", 3)
    first = telephony.place("5550177", "7000", data=CallData(ani="5550177"))
    telephony.connect(first, "2001")
    second = telephony.consult(first, "2001", "2002", CallData(), lambda call: None)
    telephony.connect(second, "2002")
    for act in acts:
        if isinstance(act, tuple):
            who, name, fixed, floating = act
            held = [call.id for call in world.calls_of(AGENTS[who])] or list(world.calls) or [1]
            calls = [held[-1], held[0], 0xFFFFFFFF]
            found = {key: value if key == "SupervisoryAction" else calls[int(value)] for key, value in fixed.items()}
            peers[who].send(name, found, floating)
        elif act == "time":
            bench.pass_time()
        elif act == "preview":
            if world.agents["anna"].state.name == "AGENT_STATE_READY":
                telephony.preview(world.agents["anna"], "5550199", CallData(variables={"BAResponse": ""}))
        elif act in AGENTS:
            bench.set_state(peers[str(act)], str(act), 3)
        else:
            telephony.place("5550177", str(act), data=CallData(ani="5550177"))
    for peer in (bridge, *peers.values()):
        assert [(message.name, message.complaints) for message in peer.got if message.complaints] == []
    assert [text for text in bench.wrong() if "could not be sent" in text] == []
    for call in list(world.calls.values()):
        telephony.end(call)
    assert world.calls == {}
    assert all(
        agent.state.name not in ("AGENT_STATE_TALKING", "AGENT_STATE_RESERVED") for agent in world.agents.values()
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=64), max_size=8), st.booleans(), st.sampled_from([10, 14, 18]))
def test_any_bytes_at_all(pieces: list[bytes], opened: bool, version: int) -> None:
    bench = Bench()
    peer = Peer(bench, version)
    if opened:
        peer.open(AGENT, [("AgentID", "anna")])
    for piece in pieces:
        peer.raw(piece)
    assert peer.session is not None and peer.session.channel.waiting <= UCCX_CTI.largest_body + 8


@settings(max_examples=200, deadline=None)
@given(requests(), st.integers(8, 200), st.binary(min_size=1, max_size=4))
def test_a_message_with_damage_in_it(data: bytes, at: int, damage: bytes) -> None:
    bench = Bench()
    peer = bench.agent("anna")
    at %= len(data)
    at = max(at, 8)
    peer.raw(data[:at] + damage + data[at + len(damage) :])
    peer.raw(data)


GARBAGE = (
    b"",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    bytes.fromhex("7fffffff00000003"),
    bytes.fromhex("0000ffff00000003"),
    bytes.fromhex("0000002c00000003"),
    bytes.fromhex("00000000000000ff") * 500,
    bytes(64),
)


async def _throw(port: int, data: bytes, slowly: bool) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        if slowly:
            for byte in data[:20]:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.002)
        else:
            writer.write(data)
        await asyncio.sleep(0.05)
    except OSError:
        pass
    writer.transport.abort()


def test_a_good_client_is_served_while_bad_ones_throw_garbage() -> None:
    center = parse('[[server]]\nport = 0\n[[client]]\nname = "good"\nmode = "bridge"\n', "x.toml")
    chance = random.Random(5)
    notes: list[LabNote] = []

    async def run() -> int:
        answered = 0
        async with LabServer(center, center.servers[0], notes.append) as server:
            good = LabClient(center, center.clients[0])
            await good.connect("127.0.0.1", server.port)
            await good.request("OPEN_REQ", *good.opening())
            bad = [
                asyncio.create_task(_throw(server.port, data, slowly))
                for data in (*GARBAGE, *(chance.randbytes(400) for _ in range(40)))
                for slowly in (False, True)
            ]
            while not all(task.done() for task in bad):
                reply = await good.request("HEARTBEAT_REQ")
                answered += reply.name == "HEARTBEAT_CONF"
                await asyncio.sleep(0.005)
            assert good.wrong == []
            await _until(lambda: len(server.engine.sessions) == 1)
            good.disconnect()
        return answered

    assert asyncio.run(run()) > 5
    assert any("this is no CTI" in note.text for note in notes if note.sort is Sort.WRONG)


async def _until(true: Callable[[], bool]) -> None:
    """Waits until something is so: how long the machine takes over it is not what is tested. Fails after ten seconds."""
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("still not so after ten seconds")


def test_a_client_that_does_not_read_is_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.lab.server.MOST_UNREAD", 1 << 18)
    center = parse('[[server]]\nport = 0\n[[client]]\nname = "good"\nmode = "bridge"\n', "x.toml")
    notes: list[LabNote] = []

    async def run() -> None:
        async with LabServer(center, center.servers[0], notes.append) as server:
            # Little room of the system's own in between.
            deaf = socket.socket()
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", server.port))
            reader, writer = await asyncio.open_connection(sock=deaf, limit=1024)
            good = LabClient(center, center.clients[0])
            fixed, floating = good.opening()
            writer.write(ENCODER.encode("OPEN_REQ", {**fixed, "InvokeID": 1}, floating, version=14))
            beats = ENCODER.encode("QUERY_SUMMARY_STATISTICS_REQ", {"InvokeID": 2}, version=14) * 4000
            try:
                for _ in range(60):
                    if any(note.text.startswith("does not read") for note in notes):
                        break
                    writer.write(beats)
                    await writer.drain()
                    await asyncio.sleep(0)
            except ConnectionError:
                pass
            writer.transport.abort()
            await _until(lambda: any(note.text.startswith("does not read") for note in notes))

    asyncio.run(run())
    assert any(note.text == "does not read what it is sent; resetting" for note in notes)


def test_connections_that_say_nothing_lock_nobody_out() -> None:
    center = parse('[[server]]\nport = 0\n[[client]]\nname = "good"\nmode = "bridge"\n', "x.toml")
    notes: list[LabNote] = []

    async def run() -> None:
        async with LabServer(center, center.servers[0], notes.append) as server:

            async def crowd(count: int) -> list[asyncio.StreamWriter]:
                return [(await asyncio.open_connection("127.0.0.1", server.port))[1] for _ in range(count)]

            silent = await crowd(MOST_CONNECTIONS + 3)
            await _until(lambda: len(server.connections) == MOST_CONNECTIONS)
            good = LabClient(center, center.clients[0])
            await good.connect("127.0.0.1", server.port)
            assert (await good.request("OPEN_REQ", *good.opening())).name == "OPEN_CONF"
            silent += await crowd(MOST_CONNECTIONS)
            assert (await good.request("HEARTBEAT_REQ")).name == "HEARTBEAT_CONF"
            await _until(lambda: len(server.engine.sessions) <= MOST_CONNECTIONS)
            good.disconnect()
            for writer in silent:
                writer.transport.abort()

    asyncio.run(run())
    assert sum("is put away: more than 256 connections" in note.text for note in notes) == MOST_CONNECTIONS + 4
