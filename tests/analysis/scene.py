"""Builds the events of a stream directly: messages are encoded and decoded, but no packets are needed."""

from __future__ import annotations

from collections.abc import Iterable

from ccxdissect.analysis import agents, call_schema, call_stories, exchange, findings, sessions, statistics
from ccxdissect.capture.segment import Endpoint
from ccxdissect.codec import Decoder, Encoder, Value
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import (
    EndedBy,
    Event,
    Loss,
    LossKind,
    LostStep,
    Noted,
    NoteKind,
    Record,
    Session,
    SessionEnded,
    SessionOpened,
    SessionState,
)
from ccxdissect.views.formats import jsonl

MS = 1_000_000
S = 1_000_000_000
#: 2023-11-14 22:13:20 UTC.
START = 1_700_000_000 * S
AGENT_MODE, BRIDGE_MODE = 1, 0x10
#: By dialect.
ENCODERS = {protocol.dialect: Encoder(protocol) for protocol in (UCCX_CTI, UCCE_CTI)}
DECODERS = {protocol.dialect: Decoder(protocol) for protocol in (UCCX_CTI, UCCE_CTI)}


def end_of(text: str) -> Endpoint:
    """One end of a connection, as tests write it."""
    address, _, port = text.rpartition(":")
    return Endpoint(address.strip("[]"), int(port))


class Scene:
    """Events in the order in which they are made; `now` is the clock, in ns."""

    def __init__(self, version: int = 14) -> None:
        self.version = version
        #: Which protocol is spoken from now on.
        self.dialect = "ccx"
        self.now = START
        self.events: list[Event] = []
        self.sessions = 0
        self.number = 0

    def wait(self, time: int) -> None:
        """Let `time` ns pass."""
        self.now += time

    def session(
        self, client: str = "10.0.0.5:40001", server: str = "10.0.0.1:12028", from_start: bool = True
    ) -> Session:
        """A new session begins."""
        self.sessions += 1
        session = SessionState(
            self.sessions, end_of(client), end_of(server), self.now, self.now, self.version, from_start=from_start
        ).session
        self.events.append(SessionOpened(session, self.now, self.number + 1))
        return session

    def send(
        self,
        session: Session,
        name: str,
        fixed: dict[str, int | bytes] | None = None,
        floating: Iterable[tuple[str | int, Value]] = (),
        after: int = 10 * MS,
        version: int | None = None,
    ) -> Record:
        """A message of the side that its declaration says, `after` ns later."""
        encoder = ENCODERS[self.dialect]
        wire = encoder.encode(name, fixed, floating, version=version or self.version)
        declared = encoder.protocol.message(name)
        return self.raw(session, declared.number, wire[8:], declared.sender, after)

    def raw(self, session: Session, number: int, body: bytes, sender: Side, after: int = 10 * MS) -> Record:
        """A message of any bytes."""
        self.now += after
        self.number += 1
        decoded = DECODERS[self.dialect].decode(number, body, session.version)
        record = Record(self.number, self.number, self.now, session, sender, decoded, self.now)
        known = SessionState.of(session)
        known.end = self.now
        tally = known.tally(sender)
        tally.messages += 1
        tally.payload += len(body) + 8
        tally.decoded += len(body) + 8
        self.events.append(record)
        return record

    def lose(self, session: Session, missing: int = 0, skipped: int = 0) -> None:
        """Bytes of the server are lost."""
        kind = LossKind.NEVER_CAPTURED if missing else LossKind.PASSED_OVER
        step = None if missing else LostStep()
        self.events.append(Loss(session, Side.SERVER, self.now, self.number, missing, skipped, kind, step))

    def note(self, session: Session, kind: NoteKind, size: int = 0, offset: int | None = None) -> None:
        """TCP shows something of the server's bytes."""
        self.events.append(Noted(session, Side.SERVER, self.now, self.number, kind, size, offset))

    def end(self, session: Session, by: str = "capture end", side: Side | None = None, after: int = 10 * MS) -> None:
        """A session ends."""
        self.now += after
        known = SessionState.of(session)
        known.end, known.ended_by, known.ended_side = self.now, EndedBy(by), side
        self.events.append(SessionEnded(session, self.now, self.number))

    # -- what often comes --------------------------------------------------------------------------------------------

    def open(
        self,
        session: Session,
        services: int = AGENT_MODE,
        agent: str | None = None,
        extension: str | None = None,
        granted: int | None = None,
        timeout: int = 60,
        password: str = "",
        answer: bool = True,
    ) -> Record:
        """OPEN_REQ and, unless told otherwise, OPEN_CONF."""
        floating: list[tuple[str | int, Value]] = [("ClientID", "desk"), ("ClientPassword", password)]
        if extension:
            floating += [("AgentExtension", extension), ("AgentInstrument", extension)]
        if agent:
            floating.append(("AgentID", agent))
        asked = self.send(
            session, "OPEN_REQ", {"InvokeID": 1, "IdleTimeout": timeout, "ServicesRequested": services}, floating
        )
        if answer:
            given = services if granted is None else granted
            self.send(session, "OPEN_CONF", {"InvokeID": 1, "ServicesGranted": given, "UnifiedCCXOnline": 1}, [])
        return asked

    def close(self, session: Session) -> None:
        """CLOSE_REQ, CLOSE_CONF, and the connection ends."""
        self.send(session, "CLOSE_REQ", {"InvokeID": 99})
        self.send(session, "CLOSE_CONF", {"InvokeID": 99})
        self.end(session, "fin", Side.CLIENT)

    def beat(self, session: Session, invoke_id: int, answer: bool = True) -> None:
        """A heartbeat."""
        self.send(session, "HEARTBEAT_REQ", {"InvokeID": invoke_id})
        if answer:
            self.send(session, "HEARTBEAT_CONF", {"InvokeID": invoke_id})

    def set_state(
        self, session: Session, invoke_id: int, agent: str, state: int, phone: str, reason: int = 0
    ) -> Record:
        """SET_AGENT_STATE_REQ."""
        return self.send(
            session,
            "SET_AGENT_STATE_REQ",
            {"InvokeID": invoke_id, "AgentState": state, "EventReasonCode": reason},
            [("AgentInstrument", phone), ("AgentID", agent)],
        )

    def state(
        self, session: Session, agent: str, state: int, phone: str = "", reason: int = 0, after: int = 10 * MS
    ) -> Record:
        """AGENT_STATE_EVENT."""
        floating: list[tuple[str | int, Value]] = [("AgentID", agent)]
        if phone:
            floating += [("AgentExtension", phone), ("AgentInstrument", phone)]
        return self.send(
            session, "AGENT_STATE_EVENT", {"AgentState": state, "EventReasonCode": reason}, floating, after
        )

    def call(
        self,
        session: Session,
        name: str,
        call: int,
        floating: Iterable[tuple[str | int, Value]] = (),
        after: int = 10 * MS,
        **fixed: int,
    ) -> Record:
        """A call event: `name` less CALL_ and _EVENT."""
        whole = name if name.endswith("_EVENT") else f"CALL_{name}_EVENT"
        given: dict[str, int | bytes] = dict(fixed)
        id_field = next(f.name for f in UCCX_CTI.message(whole).fixed if f.name in ("CallID", "PrimaryCallID"))
        given[id_field] = call
        if any(f.name == "EventCause" for f in UCCX_CTI.message(whole).fixed):
            given.setdefault("EventCause", 0xFFFF)
        if any(f.name == "CSQID" for f in UCCX_CTI.message(whole).fixed):
            given.setdefault("CSQID", 0xFFFFFFFF)
        fields = list(floating) or [("ConnectionDeviceID", "2005")]
        return self.send(session, whole, given, fields, after)


def feed(analysis: object, events: Iterable[Event]) -> list[object]:
    """All the results of an analysis over some events."""
    found: list[object] = []
    for event in events:
        found += analysis.feed(event)  # type: ignore[attr-defined]
    found += analysis.flush()  # type: ignore[attr-defined]
    return found


def queued_call() -> Scene:
    """A call from 2005 over trigger 7000 and queue 1 to agent 2006; a bridge client and the agent's own see it."""
    scene = Scene()
    bridge = scene.session("10.0.0.9:50001")
    scene.open(bridge, BRIDGE_MODE)
    agent = scene.session("10.0.0.5:40001")
    scene.open(agent, AGENT_MODE, "smith", "2006")
    scene.set_state(agent, 7, "smith", 3, "2006")
    scene.send(agent, "SET_AGENT_STATE_CONF", {"InvokeID": 7})
    for session in (agent, bridge):
        scene.state(session, "smith", 3, "2006", after=2 * MS)
    call = 16777507
    scene.wait(2 * S)
    device = ("ConnectionDeviceID", "2005")
    scene.send(bridge, "BEGIN_CALL_EVENT", {"CallType": 9, "CallID": call}, [device, ("ANI", "2005"), ("DNIS", "7000")])
    scene.call(bridge, "SERVICE_INITIATED", call, [device, ("CallingDeviceID", "2005")], CSQID=0xFFFFFFFF)
    called = ("CalledDeviceID", "7000")
    scene.call(bridge, "ORIGINATED", call, [device, ("CallingDeviceID", "2005"), called], CSQID=0xFFFFFFFF)
    scene.call(bridge, "QUEUED", call, [device, called, ("CSQID", 1)], after=500 * MS)
    for session in (bridge, agent):
        scene.state(session, "smith", 8, "2006", after=(8 * S if session is bridge else 1 * MS))
    scene.send(agent, "BEGIN_CALL_EVENT", {"CallType": 1, "CallID": call}, [device, ("ANI", "2005"), ("DNIS", "7000")])
    rings = [device, ("AlertingDeviceID", "2006"), ("CallingDeviceID", "2005"), called]
    for session in (bridge, agent):
        scene.call(session, "DELIVERED", call, rings, after=2 * MS, CSQID=1, EventCause=22)
    scene.wait(3 * S)
    scene.send(agent, "ANSWER_CALL_REQ", {"InvokeID": 8, "CallID": call}, [device, ("AgentInstrument", "2006")])
    scene.send(agent, "ANSWER_CALL_CONF", {"InvokeID": 8})
    answers = [device, ("AnsweringDeviceID", "2006"), ("CallingDeviceID", "2005"), called]
    for session in (bridge, agent):
        scene.call(session, "ESTABLISHED", call, answers, after=2 * MS, CSQID=1)
    for session in (bridge, agent):
        scene.state(session, "smith", 4, "2006", after=2 * MS)
    scene.wait(60 * S)
    for session in (bridge, agent):
        leaves = [device, ("ReleasingDeviceID", "2005")]
        scene.call(session, "CONNECTION_CLEARED", call, leaves, after=2 * MS)
    for session in (bridge, agent):
        scene.call(session, "CLEARED", call, [device], after=2 * MS)
        scene.call(session, "END_CALL_EVENT", call, [device], after=2 * MS)
    for session in (bridge, agent):
        scene.state(session, "smith", 5, "2006", 32755, after=2 * MS)
    scene.wait(20 * S)
    scene.set_state(agent, 9, "smith", 2, "2006", reason=4)
    scene.send(agent, "CONTROL_FAILURE_CONF", {"InvokeID": 9, "FailureCode": 266}, [("Text", "no such reason")])
    scene.set_state(agent, 10, "smith", 1, "2006", reason=3)
    scene.send(agent, "SET_AGENT_STATE_CONF", {"InvokeID": 10})
    for session in (bridge, agent):
        scene.state(session, "smith", 1, "2006", 3, after=2 * MS)
    scene.close(agent)
    scene.end(bridge)
    return scene


def json_of(result: object) -> str:
    """A result as its command prints it with --format jsonl."""
    schemas = {
        agents.Spell: agents.SCHEMA,
        call_stories.CallStory: call_schema.SCHEMA,
        exchange.Exchange: exchange.SCHEMA,
        findings.Finding: findings.SCHEMA,
        sessions.SessionStory: sessions.SCHEMA,
        statistics.TypeCount: statistics.TYPE_COUNTS,
        statistics.ExchangeCount: statistics.EXCHANGE_COUNTS,
    }
    return jsonl.line_maker(schemas[type(result)])(result)
