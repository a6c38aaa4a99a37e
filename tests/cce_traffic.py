"""Captures of Unified CCE, packet by packet: a CTI Server of the peripheral 5000, a CTI OS that sees all, an agent's desktop."""

from __future__ import annotations

from collections.abc import Iterable

from verdict.wire import ACK, FIN, PSH, SYN, Link, Wire

from ccxdissect.codec import Encoder, Value
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Side

C, S = Side.CLIENT, Side.SERVER
PERIPHERAL, CALL_MANAGER = 5000, 17
AGENT, ALL_EVENTS = 0x5, 0xD0
_ENCODER = Encoder(UCCE_CTI)


class CceLink(Link):
    """One connection to the CTI Server. Events name the peripheral; `version` is 20 unless told otherwise."""

    def say(
        self, name: str, fixed: dict[str, int | bytes] | None = None, floating: Iterable[tuple[str | int, Value]] = ()
    ) -> bytes:
        """A message of the side that its declaration names."""
        declared = UCCE_CTI.message(name)
        slots = {row.name for row in declared.fixed}
        given: dict[str, int | bytes] = {}
        for slot, value in (("PeripheralID", PERIPHERAL), ("PeripheralType", CALL_MANAGER)):
            if slot in slots:
                given[slot] = value
        for slot in ("SkillGroupNumber", "SkillGroupID", "ServiceNumber", "ServiceID"):
            if slot in slots:
                given[slot] = 0xFFFFFFFF
        if "EventCause" in slots:
            given["EventCause"] = 0xFFFF
        data = _ENCODER.encode(name, {**given, **(fixed or {})}, floating, version=self.version)
        self.tcp(declared.sender, PSH | ACK, data)
        return data

    def ask(self, services: int = AGENT, agent: str = "1001", timeout: int = 60) -> None:
        """OPEN_REQ."""
        own = services & 1
        named = [("AgentExtension", "2001"), ("AgentInstrument", "2001"), ("AgentID", agent)] if own else []
        self.invoke += 1
        fixed: dict[str, int | bytes] = {
            "InvokeID": self.invoke,
            "VersionNumber": self.version,
            "IdleTimeout": timeout,
            "ServicesRequested": services,
            "PeripheralID": PERIPHERAL if own else 0xFFFFFFFF,
        }
        self.say("OPEN_REQ", fixed, [("ClientID", "desk"), ("ClientPassword", ""), *named])

    def open(self, services: int = AGENT, agent: str = "1001", timeout: int = 60, granted: int | None = None) -> Link:
        """OPEN_REQ and OPEN_CONF."""
        self.ask(services, agent, timeout)
        self.say(
            "OPEN_CONF",
            {
                "InvokeID": self.invoke,
                "ServicesGranted": services if granted is None else granted,
                "ICMCentralControllerTime": 1_700_000_000,
                "PeripheralOnline": 1,
            },
        )
        return self

    def request(
        self,
        name: str,
        fixed: dict[str, int | bytes],
        floating: Iterable[tuple[str | int, Value]],
        reply: str = "",
        **more: int,
    ) -> int:
        """A request with the next InvokeID, and its confirmation."""
        self.invoke += 1
        self.say(name, {"InvokeID": self.invoke, **fixed}, floating)
        if reply:
            self.wire.wait(0.02)
            self.say(reply, {"InvokeID": self.invoke, **more})
        return self.invoke

    def close(self) -> None:
        """CLOSE_REQ and CLOSE_CONF, and the connection ends."""
        self.request("CLOSE_REQ", {}, [], "CLOSE_CONF")
        self.tcp(C, FIN | ACK)
        self.tcp(S, FIN | ACK)
        self.tcp(C, ACK)


class Center(Wire):
    """A capture of a CTI Server on its port 42027 (or another)."""

    def join(self, client: str = "10.0.0.5", port: int = 42027, version: int = 20, shake: bool = True) -> CceLink:
        """A new connection, with its handshake."""
        self._ports += 1
        link = CceLink(self, client, self._ports, "10.0.0.1", port)
        link.version = version
        if shake:
            link.tcp(C, SYN)
            link.tcp(S, SYN | ACK)
            link.tcp(C, ACK)
        return link


DEVICE = ("ConnectionDeviceID", "4711")
WHO: list[tuple[str | int, Value]] = [("AgentID", "1001"), ("AgentExtension", "2001"), ("AgentInstrument", "2001")]
CALL = 200101


def queued_call(version: int = 20, port: int = 42027) -> Center:
    """One call through skill group 77 to agent 1001, seen by a client of all events and by the agent's own; the agent logs
    in and out with a password, is refused once, and starts a monitor of another phone.

    Queued for 8 s, rings 4 s, talks 30 s; 10 s of work after it.
    """
    center = Center()
    office, desk = center.join("10.0.0.9", port, version), center.join("10.0.0.5", port, version)
    office.open(ALL_EVENTS)
    desk.open(AGENT)

    def both(name: str, fixed: dict[str, int | bytes], floating: list[tuple[str | int, Value]]) -> None:
        for link in (office, desk):
            link.say(name, fixed, floating)

    def state(number: int, reason: int = 0) -> None:
        both("AGENT_STATE_EVENT", {"AgentState": number, "SkillGroupState": number, "EventReasonCode": reason}, WHO)

    phone: list[tuple[str | int, Value]] = [("AgentInstrument", "2001"), ("AgentID", "1001")]
    secret: list[tuple[str | int, Value]] = [*phone, ("AgentPassword", "geheim")]
    desk.request("SET_AGENT_STATE_REQ", {"AgentState": 0}, secret, "SET_AGENT_STATE_CONF")
    state(2)
    center.wait(5)
    desk.request("SET_AGENT_STATE_REQ", {"AgentState": 3}, phone, "SET_AGENT_STATE_CONF")
    state(3)
    center.wait(2)
    begun: list[tuple[str | int, Value]] = [DEVICE, ("ANI", "4915112345"), ("DNIS", "8000"), ("CallVariable1", "Gold")]
    ends: list[tuple[str | int, Value]] = [("CallingDeviceID", "4915112345"), ("CalledDeviceID", "8000")]
    group: list[tuple[str | int, Value]] = [("SkillGroupNumber", 77), ("SkillGroupID", 5077), ("SkillGroupPriority", 0)]
    office.say("BEGIN_CALL_EVENT", {"CallType": 1, "ConnectionCallID": CALL}, begun)
    queued: dict[str, int | bytes] = {"ConnectionCallID": CALL, "NumSkillGroups": 1, "LocalConnectionState": 5}
    office.say("CALL_QUEUED_EVENT", {**queued, "NumQueued": 1}, [DEVICE, *ends, *group])
    center.wait(8)
    state(8)
    office.say("CALL_DEQUEUED_EVENT", queued, [DEVICE, *group])
    desk.say("BEGIN_CALL_EVENT", {"CallType": 1, "ConnectionCallID": CALL}, begun)
    rings: dict[str, int | bytes] = {
        "ConnectionCallID": CALL,
        "SkillGroupNumber": 77,
        "LocalConnectionState": 2,
        "EventCause": 22,
    }
    both("CALL_DELIVERED_EVENT", rings, [DEVICE, ("AlertingDeviceID", "2001"), *ends])
    center.wait(4)
    desk.request(
        "ANSWER_CALL_REQ", {"ConnectionCallID": CALL}, [DEVICE, ("AgentInstrument", "2001")], "ANSWER_CALL_CONF"
    )
    talks: dict[str, int | bytes] = {"ConnectionCallID": CALL, "SkillGroupNumber": 77, "LocalConnectionState": 3}
    both("CALL_ESTABLISHED_EVENT", talks, [DEVICE, ("AnsweringDeviceID", "2001"), *ends])
    state(4)
    center.wait(30)
    over: dict[str, int | bytes] = {"ConnectionCallID": CALL, "LocalConnectionState": 0}
    both("CALL_CONNECTION_CLEARED_EVENT", over, [DEVICE, ("ReleasingDeviceID", "4915112345")])
    both("CALL_CLEARED_EVENT", over, [DEVICE])
    both("END_CALL_EVENT", {"ConnectionCallID": CALL}, [DEVICE])
    state(5)
    center.wait(10)
    refused = desk.request("SET_AGENT_STATE_REQ", {"AgentState": 2, "EventReasonCode": 3}, phone)
    desk.say("CONTROL_FAILURE_CONF", {"InvokeID": refused, "FailureCode": 266, "PeripheralErrorCode": 12005})
    watched: list[tuple[str | int, Value]] = [("ConnectionDeviceID", ""), ("MonitoredDeviceID", "2002")]
    desk.request("MONITOR_START_REQ", {"ConnectionCallID": 0xFFFFFFFF}, watched, "MONITOR_START_CONF", MonitorID=9)
    desk.request("SET_AGENT_STATE_REQ", {"AgentState": 1, "EventReasonCode": 7}, phone, "SET_AGENT_STATE_CONF")
    state(1, 7)
    desk.close()
    office.close()
    return center
