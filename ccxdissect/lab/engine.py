"""What a CTI server does with each message: sessions, faults, and who hears of what. Sans-IO.

The server on sockets hands in whole messages; the engine answers through each session's `transmit`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ccxdissect.codec import BY_TITLE, ONE_ONE
from ccxdissect.lab import agent_requests, call_requests, information, monitor_requests
from ccxdissect.lab.channel import Channel, Received
from ccxdissect.lab.node import Handler, Later, Node
from ccxdissect.lab.notes import Say, Sort, note
from ccxdissect.lab.sessions import ServerSession
from ccxdissect.lab.specs import FaultSpec, ServerSpec, Step
from ccxdissect.lab.world import CallData, Field, World
from ccxdissect.protocol.codes import Code
from ccxdissect.protocol.model import Kind, Side

#: Services of the contact center that is played, by their names; the sister protocol's are not granted.
GRANTED = (
    "CTI_SERVICE_CLIENT_EVENTS",
    "CTI_SERVICE_CALL_DATA_UPDATE",
    "CTI_SERVICE_CLIENT_CONTROL",
    "CTI_SERVICE_ALL_EVENTS",
    "CTI_SERVICE_SUPERVISOR",
    "CTI_AGENT_STATE_CONTROL_ONLY",
    "CTI_SERVICE_CONFIG_EVENTS",
)
#: Those of a center that lets its clients watch what is not theirs, and has two sides.
WATCHING = ("CTI_SERVICE_PERIPHERAL_MONITOR", "CTI_SERVICE_ACTIVE_STANDBY")
SHORTEST_IDLE_TIMEOUT = 20
#: From here on the page calls an IdleTimeout too long, though no error code is named for it.
LONGEST_IDLE_TIMEOUT = 120
#: What a standby node says beside its status code.
NOT_MASTER = "this node is not the master"
#: Seconds a client has for closing the connection after CLOSE_CONF or a refusal.
CLOSING_TIME = 5.0


class Engine(Node):
    """What a node does with each message."""

    def __init__(self, world: World, spec: ServerSpec, later: Later, say: Say) -> None:
        super().__init__(world, spec, later, say)
        self._faults = [[fault, fault.skip, fault.times] for fault in world.scenario.faults]
        self._own: Mapping[str, Callable[[ServerSession, Received], None]] = {
            "OPEN_REQ": self._open,
            "HEARTBEAT_REQ": self._heartbeat,
            "CLOSE_REQ": self._close,
        }
        self._handlers: Mapping[str, Handler] = {
            **agent_requests.HANDLERS,
            **call_requests.HANDLERS,
            **(information.HANDLERS if self.offered("CTI_SERVICE_CONFIG_EVENTS") else {}),
            **(monitor_requests.HANDLERS if "MONITOR_START_REQ" in self.protocol.by_name else {}),
        }

    # Connections

    def connected(self, peer: str, transmit: Callable[[bytes], None], hang_up: Callable[[bool], None]) -> ServerSession:
        """A client has connected."""
        channel = Channel(self.protocol, Side.CLIENT, decoder=self.decoder, encoder=self.encoder)
        session = ServerSession(peer, channel, transmit, hang_up)
        self.sessions.append(session)
        self.say(note(Sort.NEWS, peer, "connected"))
        return session

    def received(self, session: ServerSession, data: bytes) -> int:
        """Bytes from a client; the number of whole messages they completed. A stream that cannot be read is reset."""
        whole = 0
        for message in session.channel.feed(data):
            whole += 1
            self.message(session, message)
            if session.closing:
                break
        if session.channel.broken is not None:
            self.say(note(Sort.WRONG, session.label, f"{session.channel.broken}; resetting the connection"))
            session.hang_up(True)
        return whole

    def disconnected(self, session: ServerSession, why: str) -> None:
        """A client's connection is over. An agent whose client vanishes is logged out."""
        if session not in self.sessions:
            return
        self.sessions.remove(session)
        left = session.channel.waiting
        if left and session.channel.broken is None:
            self.say(note(Sort.WRONG, session.label, f"went away inside a message, {left} bytes of it had come"))
        self.say(note(Sort.NEWS, session.label, why))
        agent = session.agent
        if agent is not None and agent.logged_in and session.open and not session.closing:
            for call in self.world.calls_of(agent.spec.extension):
                self.telephony.leave(call, agent.spec.extension)
            self.telephony.change(
                agent, self.codes.AgentState.AGENT_STATE_LOGOUT, int(self.codes.AgentReasonCode.AGT_CONN_DOWN)
            )
        session.open = False

    def went_idle(self, session: ServerSession, seconds: float) -> None:
        """A client has said nothing for too long."""
        self.say(note(Sort.WRONG, session.label, f"has sent no message for {seconds:g} s; resetting the connection"))
        session.hang_up(True)

    # Messages

    def message(self, session: ServerSession, message: Received) -> None:
        """One whole message from a client."""
        number = "" if message.invoke_id is None else f" (InvokeID {message.invoke_id})"
        self.say(note(Sort.MESSAGE, session.label, f"-> {message.name}{number}"))
        for complaint in message.complaints:
            self.say(note(Sort.WRONG, session.label, f"{message.name}{number}: {complaint}"))
        fault = self._fault(session, message)
        if fault is None:
            self._handle(session, message)
        elif fault.delay:
            self.later(fault.delay, lambda: self._spoil(session, message, fault))
        else:
            self._spoil(session, message, fault)

    def _fault(self, session: ServerSession, message: Received) -> FaultSpec | None:
        for entry in self._faults:
            fault, skip, times = entry
            if not isinstance(fault, FaultSpec) or not isinstance(skip, int) or not isinstance(times, int):
                continue
            if fault.request != message.name or times <= 0:
                continue
            agent = self.agent_of(session, message)
            if fault.agent is not None and (agent is None or agent.spec.id != fault.agent):
                continue
            if skip:
                entry[1] = skip - 1
                continue
            entry[2] = times - 1
            return fault
        return None

    def _spoil(self, session: ServerSession, message: Received, fault: FaultSpec) -> None:
        if session not in self.sessions:
            return
        if fault.silent:
            self.say(note(Sort.NEWS, session.label, f"the scenario leaves {message.name} unanswered"))
        elif fault.reset:
            self.say(note(Sort.NEWS, session.label, f"the scenario resets the connection at {message.name}"))
            session.hang_up(True)
        elif fault.status is not None:
            self.fail(session, message, fault.status, fault.text)
        elif fault.failure is not None:
            self.refuse(session, message, fault.failure, fault.error, fault.text)
        else:
            self._handle(session, message)

    def _handle(self, session: ServerSession, message: Received) -> None:
        decoded = message.decoded
        declared = decoded.message
        own, handler = self._own.get(message.known_as), self._handlers.get(message.known_as)
        if declared is None:
            self.send(session, "FAILURE_EVENT", {"Status": int(self.codes.StatusCode.E_CTI_INVALID_MESSAGE_TYPE)})
        elif (
            declared.kind is not Kind.REQUEST or declared.sender is not Side.CLIENT or (own is None and handler is None)
        ):
            self.fail(session, message, self.codes.StatusCode.E_CTI_INVALID_MESSAGE_TYPE)
        elif decoded.layout is None or len(decoded.values) < len(decoded.layout.fields) or decoded.undecoded:
            self.fail(session, message, self.codes.StatusCode.E_CTI_BAD_MESSAGE_FORMAT)
        elif not session.open and declared.name != "OPEN_REQ":
            self.say(note(Sort.WRONG, session.label, f"{message.name}: no session is open yet, OPEN_REQ comes first"))
            self.fail(session, message, self.codes.StatusCode.E_CTI_SESSION_NOT_OPEN)
        elif own is not None:
            own(session, message)
        elif handler is not None:
            handler(self, session, message)

    # Sessions

    def _open(self, session: ServerSession, request: Received) -> None:
        refusal = self._refusal(session, request)
        channel = session.channel
        if session.open:
            # A second OPEN_REQ is refused, so the version it names does not count.
            channel.version, channel.form = session.spoken
        if self.spec.form is not None and channel.version is not None:
            if channel.version >= self.protocol.wide_tags_since:
                wanted = BY_TITLE[self.spec.form]
                if channel.form is not None and channel.form is not wanted:
                    spoken = f"speaks the floating form {channel.form.title}"
                    self.say(note(Sort.WRONG, session.label, f"{spoken}, this server was told to speak {wanted.title}"))
                channel.form = wanted
        elif channel.version is not None and channel.version < self.protocol.wide_tags_since:
            channel.form = ONE_ONE
        if refusal is not None:
            status, why = refusal
            self.say(note(Sort.WRONG, session.label, f"OPEN_REQ refused with {status.name}: {why}"))
            self.fail(session, request, status, why)
            if not session.open:
                self.later(CLOSING_TIME, lambda: self._part(session))
            return
        timeout = request.number("IdleTimeout")
        if timeout >= LONGEST_IDLE_TIMEOUT:
            self.say(
                note(Sort.WRONG, session.label, f"OPEN_REQ: IdleTimeout is {timeout}, the page wants less than 120 s")
            )
        session.services = request.number("ServicesRequested") & self.codes.CTIServiceMask.together(GRANTED)
        if self._handlers.keys() & monitor_requests.HANDLERS.keys():
            session.services |= request.number("ServicesRequested") & self.codes.CTIServiceMask.together(WATCHING)

        session.call_mask = request.number("CallMsgMask")
        session.state_mask = request.number("AgentStateMask")
        session.config_mask = request.number("ConfigMsgMask")
        session.idle_timeout = timeout
        session.client_id = request.text("ClientID")
        session.signature = request.text("ClientSignature")
        if not session.services & self.codes.CTIServiceMask.CTI_SERVICE_ALL_EVENTS:
            session.agent = self.agent_named(request)
        session.open = True
        session.spoken = channel.version, channel.form
        mode = "bridge mode" if session.bridge else "agent mode" if session.agent else "of no agent"
        self.say(note(Sort.NEWS, session.label, f"session open, version {channel.version}, {mode}"))
        self._grant(session, request)

    def _grant(self, session: ServerSession, request: Received) -> None:
        agent = session.agent
        floating: list[Field] = []
        if agent is not None:
            floating += [
                ("AgentExtension", agent.spec.extension),
                ("AgentInstrument", agent.instrument or agent.spec.instrument),
                ("AgentID", agent.spec.id),
            ]
        floating += [("NumPeripherals", 1), ("FltPeripheralID", 0), ("MultilineAgentControl", 1)]
        known = 0
        for member in self.codes.ConfigMsgMask.members.values():
            known |= int(member)
        floating.append(("ConfigMsgMaskGranted", session.config_mask & known))
        self.confirm(
            session,
            request,
            "OPEN_CONF",
            {
                "ServicesGranted": session.services,
                "UnifiedCCXOnline": 1,
                "AgentState": int(agent.state if agent is not None else self.codes.AgentState.AGENT_STATE_LOGOUT),
            },
            floating,
        )

    def _refusal(self, session: ServerSession, request: Received) -> tuple[Code, str] | None:
        """Why an OPEN_REQ is refused: the status and a sentence; None when it is not."""
        lowest, highest = self.spec.versions
        version = request.number("VersionNumber")
        services = request.number("ServicesRequested")
        present = {field.tag for field in request.decoded.floating}
        if self.spec.standby:
            return self.codes.StatusCode.E_CTI_SERVER_NOT_MASTER, NOT_MASTER
        if session.open:
            return self.codes.StatusCode.E_CTI_SESSION_ALREADY_OPEN, "this connection has an open session"
        if not lowest <= version <= highest:
            return self.codes.StatusCode.E_CTI_INVALID_VERSION, f"version {version} is not from {lowest} to {highest}"
        if not {1, 2} <= present:
            return (
                self.codes.StatusCode.E_CTI_REQUIRED_DATA_MISSING,
                "ClientID and ClientPassword must be there, be they empty",
            )
        timeout = request.number("IdleTimeout")
        if timeout < SHORTEST_IDLE_TIMEOUT:
            return (
                self.codes.StatusCode.E_CTI_INVALID_TIMEOUT,
                f"IdleTimeout {timeout} is below {SHORTEST_IDLE_TIMEOUT} s",
            )
        bridge = services & self.codes.CTIServiceMask.CTI_SERVICE_ALL_EVENTS
        if bridge and services & self.codes.CTIServiceMask.CTI_SERVICE_CLIENT_EVENTS:
            return self.codes.StatusCode.E_CTI_INVALID_SERVICE_MASK, "bridge mode and agent mode exclude each other"
        if bridge or not services & (
            self.codes.CTIServiceMask.CTI_SERVICE_CLIENT_EVENTS | self.codes.CTIServiceMask.CTI_SERVICE_CLIENT_CONTROL
        ):
            return None
        if not any(request.text(name) for name in ("AgentExtension", "AgentInstrument", "AgentID")):
            return (
                self.codes.StatusCode.E_CTI_REQUIRED_DATA_MISSING,
                "agent mode needs AgentExtension, AgentInstrument or AgentID",
            )
        return self._agent_refusal(session, request)

    def _agent_refusal(self, session: ServerSession, request: Received) -> tuple[Code, str] | None:
        named = self.agents_named(request)
        if None in named:
            return (
                self.codes.StatusCode.E_CTI_INVALID_AGENT_DATA,
                "no agent has this AgentExtension, AgentInstrument or AgentID",
            )
        if len(set(named)) > 1:
            return (
                self.codes.StatusCode.E_CTI_INCONSISTENT_AGENT_DATA,
                "AgentExtension, AgentInstrument and AgentID are not of one agent",
            )
        for other in self.sessions:
            if other is not session and other.open and not other.bridge and other.agent is named[0]:
                return self.codes.StatusCode.E_CTI_DEVICE_IN_USE, "another client has this agent's phone"
        return None

    def _heartbeat(self, session: ServerSession, request: Received) -> None:
        self.confirm(session, request, "HEARTBEAT_CONF")

    def _close(self, session: ServerSession, request: Received) -> None:
        session.closing = True
        self.confirm(session, request, "CLOSE_CONF")
        self.later(CLOSING_TIME, lambda: self._part(session))

    def _part(self, session: ServerSession) -> None:
        if session in self.sessions and (session.closing or not session.open):
            session.hang_up(False)

    # What a scenario does to the server

    def act(self, step: Step) -> None:
        """One step of the server's own."""
        do = step.do
        if do == "call":
            data = CallData(ani=step.get("from"), dnis=step.get("to") if step.get("to") in self.world.triggers else "")
            data.variables.update(step.get("variables", {}))
            data.call_variables.update(step.get("call_variables", {}))
            self.telephony.place(step.get("from"), step.get("to"), data=data)
        elif do == "pick-up":
            self._pick_up(step)
        elif do == "hang-up":
            for call in self.world.calls_of(step.get("number")):
                self.telephony.leave(call, step.get("number"))
        elif do == "preview":
            self._preview(step)
        elif do == "update":
            information.send_update(self, self.world.agents[step.get("agent")])
        elif do == "team-update":
            information.send_team_update(self, step.get("team"))
        elif do == "send":
            for session in self._addressed(step.get("to", "all")):
                self.send(session, step.get("message"), dict(step.get("fixed", {})), list(step.get("floating", [])))
        elif do == "agent-state":
            state = self.codes.AgentState(step.get("state"))
            self.telephony.change(self.world.agents[step.get("agent")], state, step.get("reason", 0))
        elif do == "failure":
            text = [("Text", step.get("text"))] if step.get("text") else []
            for session in self._addressed(step.get("to", "all")):
                self.send(session, "FAILURE_EVENT", {"Status": step.get("status")}, text)
        elif do == "reset":
            for session in self._addressed(step.get("to", "all")):
                session.hang_up(True)
        elif do == "advance":
            self.world.clock.advance(step.get("seconds"))

    def become(self, standby: bool) -> None:
        """Be the standby node from now on, whose clients are let go, or the master."""
        self.spec = replace(self.spec, standby=standby)
        self.say(note(Sort.NEWS, self.spec.name, f"is the {'standby' if standby else 'master'} from now on"))
        for session in list(self.sessions) if standby else ():
            session.hang_up(True)

    def _pick_up(self, step: Step) -> None:
        number = step.get("number")
        for call in self.world.calls_of(number):
            party = call.party(number)
            if party is not None and party.state.name == "LCS_ALERTING":
                self.telephony.connect(call, number)
                return
        self.say(note(Sort.WRONG, step.place, f"no call rings at {number}"))

    def _preview(self, step: Step) -> None:
        agent = self.world.agents[step.get("agent")]
        if agent.state is not self.codes.AgentState.AGENT_STATE_READY:
            self.say(note(Sort.WRONG, step.place, f"{agent.spec.id} is not ready, so no preview call can be offered"))
            return
        data = CallData(
            ani=step.get("number"),
            variables={
                "BACampaign": step.get("campaign"),
                "BACampaignID": step.get("campaign_id"),
                "BAStatus": "DO",
                "BAResponse": "",
                **step.get("variables", {}),
            },
            call_variables=dict(step.get("call_variables", {})),
        )
        self.telephony.preview(agent, step.get("number"), data)

    def _addressed(self, to: str) -> list[ServerSession]:
        found = [session for session in self.sessions if session.open]
        if to == "bridges":
            return [session for session in found if session.bridge]
        if to == "all":
            return found
        return [session for session in found if session.agent is not None and session.agent.spec.id == to]
