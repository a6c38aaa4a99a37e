"""The client on sockets: what it does when things go right, and when they do not."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

import pytest
from loopback import own_network

from ccxdissect.analysis.findings import Findings, Severity
from ccxdissect.capture.segment import Endpoint
from ccxdissect.codec import Decoder, Encoder, Value
from ccxdissect.errors import CcxDissectError
from ccxdissect.lab.client import LabClient, StepFailed
from ccxdissect.lab.notes import LabNote, Sort
from ccxdissect.lab.player import Player, play
from ccxdissect.lab.scenario import parse
from ccxdissect.lab.server import LabServer, overridden, serve
from ccxdissect.lab.specs import Scenario, Step
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import EndedBy, Record, SessionEnded, SessionOpened, SessionState

Fields = Mapping[str, int | bytes] | None

CENTER = """
[[server]]
port = 0

[[csq]]
id = 1
name = "One"

[[agent]]
id = "anna"
extension = "2001"
csqs = [1]

[[agent]]
id = "ben"
extension = "2002"

[[client]]
name = "bridge"
mode = "bridge"

[[client]]
name = "anna"
mode = "agent"
agent = "anna"
idle_timeout = 20
heartbeat = 5
"""


def step(who: str, do: str, **values: object) -> Step:
    return Step(who, do, values, "test")


def with_server(run: Callable[[LabServer], Awaitable[None]], text: str = CENTER, speed: float = 1.0) -> list[LabNote]:
    """Runs something beside a server; what the server said."""
    notes: list[LabNote] = []

    async def both() -> None:
        center = parse(text, "test.toml")
        async with LabServer(center, center.servers[0], notes.append, speed) as server:
            await run(server)

    asyncio.run(both())
    return notes


async def connected(server: LabServer, name: str, speed: float = 1.0) -> LabClient:
    client = LabClient(server.scenario, server.scenario.client(name), speed=speed)
    await client.connect("127.0.0.1", server.port)
    return client


@pytest.mark.heavy
def test_ten_thousand_exchanges_without_a_finding() -> None:
    """Server and client talk for 10,000 exchanges; neither objects to anything, and nothing is found above a note."""
    findings, decoder = Findings(), Decoder(UCCX_CTI)
    known = SessionState(1, Endpoint("127.0.0.1", 1), Endpoint("127.0.0.1", 12028), 0, 0, from_start=True)
    session = known.session
    worst: list[str] = []
    count = 0

    def look(side: Side, data: bytes) -> None:
        nonlocal count
        while data:
            length = int.from_bytes(data[:4], "big")
            count += 1
            now = count * 10_000_000
            decoded = decoder.decode(int.from_bytes(data[4:8], "big"), data[8 : 8 + length], 14)
            record = Record(count, count, now, session, side, decoded, now)
            worst.extend(f.text for f in findings.feed(record) if f.severity is not Severity.NOTE)
            data = data[8 + length :]

    async def run(server: LabServer) -> None:
        client = await connected(server, "bridge")
        encode = client._channel.encode
        while not server.engine.sessions:
            await asyncio.sleep(0.001)
        transmit = server.engine.sessions[0].transmit

        def encoded(name: str, fixed: Fields = None, floating: Iterable[tuple[str | int, Value]] = ()) -> bytes:
            data = encode(name, fixed, floating)
            look(Side.CLIENT, data)
            return data

        def transmitted(data: bytes) -> None:
            look(Side.SERVER, data)
            transmit(data)

        client._channel.encode = encoded  # type: ignore[method-assign]
        server.engine.sessions[0].transmit = transmitted
        findings.feed(SessionOpened(session, 0, 1))
        known.version, known.version_said = 14, True
        await client.request("OPEN_REQ", *client.opening())
        await Player(client).perform(step("bridge", "login", agent="anna"))
        await Player(client).perform(step("bridge", "login", agent="ben"))
        exchanges = 3
        while exchanges < 10_000:
            for do in (
                step("bridge", "call", agent="anna", to="2002"),
                step("bridge", "answer", agent="ben"),
                step("bridge", "hold", agent="anna"),
                step("bridge", "retrieve", agent="anna"),
                step("bridge", "data", agent="anna", call_variables={"CallVariable1": str(exchanges)}),
                step("bridge", "snapshot", agent="anna"),
                step("bridge", "hang-up", agent="anna"),
                step("bridge", "agent-state", agent="anna"),
                step("bridge", "summary-statistics"),
                step("bridge", "heartbeat"),
            ):
                await Player(client).perform(do)
                exchanges += 1
        await Player(client).perform(step("bridge", "close"))
        assert client.wrong == []

    notes = with_server(run)
    assert [str(note) for note in notes if note.sort is Sort.WRONG] == []
    known.ended_by, known.end = EndedBy.FIN, (count + 1) * 10_000_000
    worst.extend(
        f.text for f in findings.feed(SessionEnded(session, session.end, count)) if f.severity is not Severity.NOTE
    )
    worst.extend(f.text for f in findings.flush() if f.severity is not Severity.NOTE)
    assert worst == []
    assert count > 20_000


def test_heartbeats_keep_a_session_alive_beyond_its_idle_timeout() -> None:
    async def run(server: LabServer) -> None:
        client = await connected(server, "anna", speed=50)
        await Player(client).perform(step("anna", "open"))
        await asyncio.sleep(1.0)
        assert client.connected, client.ended
        client.disconnect()

    assert [n.text for n in with_server(run, speed=50) if n.sort is Sort.WRONG] == []


def test_silence_ends_a_session_by_a_reset() -> None:
    async def run(server: LabServer) -> None:
        client = await connected(server, "bridge")
        await client.request("OPEN_REQ", {**client.opening()[0], "IdleTimeout": 20}, client.opening()[1])
        await Player(client).perform(step("bridge", "wait-end", within=5.0))
        assert client.ended == "reset by the server"

    said = [note.text for note in with_server(run, speed=50) if note.sort is Sort.WRONG]
    assert said == ["has sent no message for 20 s; resetting the connection"]


def test_three_unanswered_heartbeats_and_the_client_gives_up() -> None:
    fault = '[[fault]]\nrequest = "HEARTBEAT_REQ"\ntimes = 99\nsilent = true\n'

    async def run(server: LabServer) -> None:
        client = await connected(server, "anna", speed=100)
        await Player(client).perform(step("anna", "open"))
        await Player(client).perform(step("anna", "wait-end", within=5.0))
        assert client.wrong == ["3 heartbeats were not answered; resetting the connection"]
        assert client.ended == "reset"

    with_server(run, CENTER + fault)


def test_a_request_that_is_not_answered() -> None:
    async def run(server: LabServer) -> None:
        client = await connected(server, "bridge")
        await client.request("OPEN_REQ", *client.opening())
        with pytest.raises(StepFailed, match=r"^bridge: HEARTBEAT_REQ \(InvokeID 2\) was not answered in 0\.05 s$"):
            await client.request("HEARTBEAT_REQ", within=0.05)
        client.disconnect()

    with_server(run, CENTER + '[[fault]]\nrequest = "HEARTBEAT_REQ"\nsilent = true\n')


def test_an_answer_other_than_expected_names_the_reason() -> None:
    async def run(server: LabServer) -> None:
        client = await connected(server, "bridge")
        await client.request("OPEN_REQ", *client.opening())
        with pytest.raises(
            StepFailed,
            match=r"^test \(bridge: login\): SET_AGENT_STATE_REQ was answered by CONTROL_FAILURE_CONF "
            r"\(FailureCode 257 CF_INVALID_PASSWORD_SPECIFIED\), not by SET_AGENT_STATE_CONF$",
        ):
            await Player(client).perform(step("bridge", "login", agent="anna", password="no"))
        await Player(client).perform(
            step("bridge", "login", agent="anna", password="no", expect="CONTROL_FAILURE_CONF")
        )
        client.disconnect()

    with_server(run)


def test_the_client_says_what_is_wrong_with_what_it_receives() -> None:
    async def run(server: LabServer) -> None:
        client = await connected(server, "bridge")
        await client.request("OPEN_REQ", *client.opening())
        encoder = Encoder(UCCX_CTI)
        session = server.engine.sessions[0]
        session.transmit(encoder.encode("END_CALL_EVENT", {"PeripheralType": 17, "CallID": 1}, version=14))
        session.transmit(encoder.encode("HOLD_CALL_CONF", {"InvokeID": 4711}, version=14))
        session.transmit(bytes.fromhex("ffffffff00000001"))
        await Player(client).perform(step("bridge", "wait-end", within=2.0))
        assert client.wrong == [
            "END_CALL_EVENT: required field ConnectionDeviceID[25] is missing",
            "END_CALL_EVENT: reserved slot PeripheralType holds 17, it should hold 21",
            "HOLD_CALL_CONF answers to InvokeID 4711, which no request is waiting for",
            "the header announces a body of 4294967295 bytes (type 1), no message has more than 16384: the lengths are "
            "out of step, or this is no CTI",
        ]

    with_server(run)


def test_a_wait_that_is_in_vain() -> None:
    async def run(server: LabServer) -> None:
        client = await connected(server, "bridge")
        with pytest.raises(StepFailed, match=r"^bridge: END_CALL_EVENT did not come within 0\.02 s$"):
            await client.wait_for("END_CALL_EVENT", within=0.02)
        client.disconnect()

    with_server(run)


def test_nobody_listens() -> None:
    nowhere: Scenario = parse(CENTER.replace("port = 0", "port = 9"), "test.toml")
    steps = parse(CENTER + '[[step]]\nwho = "bridge"\ndo = "open"\n', "test.toml")
    assert nowhere.servers[0].port == 9
    with pytest.raises(CcxDissectError, match=r"^cannot connect to 127\.0\.0\.1 port 9: Connection refused$"):
        play(steps, "bridge", port=9)


def test_plays_only_its_own_steps() -> None:
    async def run(server: LabServer) -> None:
        text = CENTER + "".join(
            f'[[step]]\nwho = "{who}"\ndo = "{do}"\n'
            for who, do in (("bridge", "open"), ("anna", "open"), ("bridge", "heartbeat"), ("bridge", "close"))
        )
        scenario = parse(text, "test.toml")
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(None, lambda: play(scenario, "bridge", port=server.port)) == []

    said = [note.text for note in with_server(run) if note.sort is Sort.MESSAGE]
    assert [text for text in said if text.startswith("->")] == [
        "-> OPEN_REQ (InvokeID 1)",
        "-> HEARTBEAT_REQ (InvokeID 2)",
        "-> CLOSE_REQ (InvokeID 3)",
    ]


@pytest.fixture
def network() -> Iterator[str]:
    with own_network() as network:
        yield network


def test_serve_plays_callers_and_steps_and_ends_in_time(network: str) -> None:
    """The way the command goes: a blocking call, its own loop, notes as they come."""
    text = (
        CENTER.replace("port = 0", f'address = "{network}3.3"\nname = "node"')
        + """
[[application]]
id = 1
name = "Main"

[[trigger]]
number = "7000"
application = 1
csq = 1
port = "9000"

[[caller]]
number = "5550100"
dials = "7000"
at = 0.4
every = 0.2
patience = 0.1

[[step]]
who = "bridge"
do = "open"

[[step]]
who = "bridge"
do = "wait"
message = "END_CALL_EVENT"

[[step]]
who = "bridge"
do = "wait"
message = "CALL_QUEUED_EVENT"

[[step]]
who = "node"
do = "sleep"
seconds = 0.95

[[step]]
who = "node"
do = "send"
message = "FAILURE_EVENT"
fixed = { Status = "E_CTI_AUTO_CONFIG_RESET" }

[[step]]
who = "bridge"
do = "wait"
message = "FAILURE_EVENT"
"""
    )
    scenario = parse(text, "test.toml")
    outcome: list[object] = []

    def client() -> None:
        for _ in range(100):
            try:
                outcome.append(play(scenario, "bridge"))
                return
            except CcxDissectError as error:
                if "cannot connect" not in str(error):
                    outcome.append(error)
                    return
                time.sleep(0.01)

    notes: list[LabNote] = []
    thread = threading.Thread(target=client)
    thread.start()
    serve(scenario, seconds=1.5, say=notes.append)
    thread.join()
    assert outcome == [[]]
    assert str(notes[0]) == f"node: listening on {network}3.3:12028"
    assert [str(note) for note in notes if note.sort is Sort.WRONG] == []


def test_serve_refuses_what_is_no_address() -> None:
    with pytest.raises(CcxDissectError, match=r"^'here' is no IP address$"):
        overridden(parse(CENTER, "test.toml"), address="here")
    with pytest.raises(CcxDissectError, match=r"^192\.0\.2\.1 is not on the loopback"):
        serve(overridden(parse(CENTER, "test.toml"), address="192.0.2.1"), seconds=0)


def test_the_first_server_can_be_told_otherwise() -> None:
    scenario = parse(CENTER + '[[server]]\nname = "other"\n', "test.toml")
    told = overridden(scenario, address="127.0.0.9", port=9, form="2+2", standby=True)
    first, second = told.servers
    assert (first.address, first.port, first.form, first.standby) == ("127.0.0.9", 9, "2+2", True)
    assert (first.name, second) == (scenario.servers[0].name, scenario.servers[1])
    assert overridden(scenario) == scenario
