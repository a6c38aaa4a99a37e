"""One node of the contact center as its requests see it: its world, its sessions, and how it speaks to them. Sans-IO."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ccxdissect.codec import Decoder, Encoder
from ccxdissect.errors import EncodeError
from ccxdissect.lab.channel import Received
from ccxdissect.lab.notes import Say, Sort, note
from ccxdissect.lab.sessions import ServerSession
from ccxdissect.lab.specs import ServerSpec
from ccxdissect.lab.telephony import Telephony
from ccxdissect.lab.world import Agent, Call, Field, World

#: Runs an action when some seconds have passed.
Later = Callable[[float, Callable[[], None]], object]


class Node:
    """Who is connected, what the center is, and the messages that go out."""

    def __init__(self, world: World, spec: ServerSpec, later: Later, say: Say) -> None:
        self.world = world
        self.protocol = world.scenario.protocol
        self.codes = world.codes
        self.spec = spec
        self.later = later
        self.say = say
        self.sessions: list[ServerSession] = []
        #: How many monitors were started: the number of the latest.
        self.monitors = 0
        self.telephony = Telephony(world, self, later)
        self.decoder = Decoder(self.protocol)
        self.encoder = Encoder(self.protocol)

    def send(
        self, session: ServerSession, name: str, fixed: Mapping[str, int | bytes], floating: Iterable[Field] = ()
    ) -> None:
        """One message to one client, in its version and form; fields that its version lacks are left out."""
        channel = session.channel
        version = channel.version if channel.version is not None else self.protocol.versions[0]
        words = channel.words
        name = words.own(name)
        declared = self.protocol.by_name[name]
        fixed = words.fixed(declared, fixed, self.world.scenario.peripheral, self.world.clock.now())
        kept = []
        for key, value in words.floating(declared, floating):
            row = declared.tags.get(key) if isinstance(key, int) else None
            if row is None:
                row = next((r for r in declared.floating if r.name == key and not r.reserved), None)
            if row is None or row.in_version(version):
                kept.append((key, value))
        missing = {row.name for form in declared.forms for row in form.fixed if row.since > version}
        try:
            data = channel.encode(name, {k: v for k, v in fixed.items() if k not in missing}, kept)
        except EncodeError as error:
            self.say(note(Sort.WRONG, session.label, f"{name} could not be sent: {error}"))
            return
        self.say(note(Sort.MESSAGE, session.label, f"<- {name}"))
        session.transmit(data)

    def confirm(
        self,
        session: ServerSession,
        request: Received,
        name: str,
        fixed: Mapping[str, int | bytes] | None = None,
        floating: Iterable[Field] = (),
    ) -> None:
        """The confirmation of a request."""
        self.send(session, name, {"InvokeID": request.invoke_id or 0, **(fixed or {})}, floating)

    def fail(self, session: ServerSession, request: Received, status: int, text: str = "") -> None:
        """FAILURE_CONF in place of a confirmation, or FAILURE_EVENT when there is no InvokeID to answer to."""
        floating: list[Field] = [("Text", text)] if text else []
        if request.invoke_id is None:
            self.send(session, "FAILURE_EVENT", {"Status": int(status)}, floating)
        else:
            self.confirm(session, request, "FAILURE_CONF", {"Status": int(status)}, floating)

    def refuse(self, session: ServerSession, request: Received, failure: int, error: int = 0, text: str = "") -> None:
        """CONTROL_FAILURE_CONF in place of a confirmation."""
        floating: list[Field] = [("Text", text)] if text else []
        self.confirm(
            session,
            request,
            "CONTROL_FAILURE_CONF",
            {"FailureCode": int(failure), "UnifiedCCXErrorCode": int(error)},
            floating,
        )

    def call_event(
        self,
        call: Call,
        name: str,
        fixed: Mapping[str, int],
        floating: Iterable[Field] = (),
        only: str | None = None,
        bridges: bool = True,
    ) -> None:
        """An event of a call, to whoever should hear of it (see `telephony.Publisher`)."""
        floating = list(floating)
        devices = call.watchers if only is None else {only}
        for session in list(self.sessions):
            if not session.wants_call_event(name):
                continue
            agent = session.agent
            if (session.bridge and bridges) or (
                not session.bridge and agent is not None and agent.spec.extension in devices
            ):
                self.send(session, name, fixed, floating)
            elif bridges or only is not None:
                self._to_monitors(session, call, name, fixed, floating, only)

    def _to_monitors(
        self,
        session: ServerSession,
        call: Call,
        name: str,
        fixed: Mapping[str, int],
        floating: Iterable[Field],
        only: str | None,
    ) -> None:
        """The event for a client that watches a device of the call, or the `only` one, under its monitor's number."""
        for number, device in session.monitors.items():
            if device == only or (only is None and (device in call.watchers or device in call.parties)):
                self.send(session, name, {"MonitorID": number, **fixed}, floating)
                return

    def offered(self, service: str) -> bool:
        """Whether the protocol has a service."""
        return bool(int(getattr(self.codes.CTIServiceMask, service)))

    def agent_event(self, agent: Agent, fixed: Mapping[str, int], floating: Iterable[Field]) -> None:
        """AGENT_STATE_EVENT, to the bridges and to the agent's own client."""
        floating = list(floating)
        for session in list(self.sessions):
            if (session.bridge or session.agent is agent) and session.wants_state(fixed["AgentState"]):
                self.send(session, "AGENT_STATE_EVENT", fixed, floating)

    def supervisors_event(
        self, agent: Agent | None, name: str, fixed: Mapping[str, int], floating: Iterable[Field]
    ) -> None:
        """An event for the bridges and for the supervisors of an agent's team."""
        floating = list(floating)
        for session in list(self.sessions):
            boss = session.agent
            leads = (
                boss is not None
                and boss.spec.supervisor
                and (agent is None or agent.spec.team is None or boss.spec.team == agent.spec.team)
            )
            if session.open and (session.bridge or leads):
                self.send(session, name, fixed, floating)

    def agents_named(self, request: Received) -> list[Agent | None]:
        """The agents that a request names, by each field that can; None for one that nobody is, or if it names none."""
        found: list[Agent | None] = []
        for name in ("AgentExtension", "AgentInstrument"):
            if request.text(name):
                found.append(self.world.agent_at(request.text(name)))
        if request.text("AgentID"):
            found.append(self.world.agent_by_id(request.text("AgentID")))
        return found or [None]

    def agent_named(self, request: Received) -> Agent | None:
        """The first of them."""
        return self.agents_named(request)[0]

    def agent_of(self, session: ServerSession, request: Received) -> Agent | None:
        """The agent that a request is about: the one it names, else the session's own."""
        named = [agent for agent in self.agents_named(request) if agent is not None]
        return named[-1] if named else session.agent


#: What a request handler gets: the node, the session, the request.
Handler = Callable[[Node, ServerSession, Received], None]
