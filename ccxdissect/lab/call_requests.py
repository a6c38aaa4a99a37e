"""Requests about calls: what a client asks of the telephony, checked before it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ccxdissect.codec import NamedValue
from ccxdissect.lab.channel import Received
from ccxdissect.lab.node import Handler, Node
from ccxdissect.lab.sessions import ServerSession
from ccxdissect.lab.world import Agent, Call, CallData, Field, Party
from ccxdissect.protocol.codes import Code
from ccxdissect.protocol.common.constants import LocalConnectionState, NullCall, SupervisoryAction

LCS = LocalConnectionState
NULL_CALL = int(NullCall.NULL_CALL_ID)
#: Calls that a phone takes at once, and parties of a call, as the pages limit them.
MOST_CALLS = 2
MOST_PARTIES = 16
#: Bytes of named variables and arrays on one call.
MOST_NAMED = 2000
#: Fields whose value is the data of a call that a request brings along.
CALL_VARIABLES = {f"CallVariable{number}" for number in range(1, 11)}


class Refused(Exception):
    """A request that cannot be done; told to the client as CONTROL_FAILURE_CONF."""

    def __init__(self, failure: Code, text: str, error: int = 0) -> None:
        super().__init__(text)
        self.failure, self.text, self.error = failure, text, error


def _refusable(handler: Handler) -> Handler:
    def guarded(node: Node, session: ServerSession, request: Received) -> None:
        try:
            if not session.services & (
                node.codes.CTIServiceMask.CTI_SERVICE_CLIENT_CONTROL | node.codes.CTIServiceMask.CTI_SERVICE_ALL_EVENTS
            ):
                raise Refused(
                    node.codes.ControlFailureCode.CF_SECURITY_VIOLATION,
                    "the session has no call control service",
                    node.codes.CCXErrorCode.CCX_CALL_CONTROL_MASK_NOT_ON,
                )
            handler(node, session, request)
        except Refused as refused:
            node.refuse(session, request, refused.failure, refused.error, refused.text)

    return guarded


def _device(node: Node, session: ServerSession, request: Received, *connections: str) -> str:
    """The device that a request is to be done for: its AgentInstrument, the session's agent, or the connection's."""
    for name in ("AgentInstrument", "AgentExtension"):
        if request.text(name):
            agent = node.world.agent_at(request.text(name))
            if agent is None:
                raise Refused(
                    node.codes.ControlFailureCode.CF_INVALID_CSTA_DEVICE_ID, f"no phone is called so in {name}"
                )
            break
    else:
        agent = session.agent
    if agent is None:
        for name in connections:
            if request.text(name):
                return request.text(name)
        raise Refused(
            node.codes.ControlFailureCode.CF_INVALID_CSTA_DEVICE_ID,
            "AgentInstrument is needed: the session has no agent of its own",
        )
    if not session.bridge and session.agent is not agent:
        raise Refused(
            node.codes.ControlFailureCode.CF_SECURITY_VIOLATION, "this client may control its own agent's phone only"
        )
    return agent.spec.extension


def _call(node: Node, request: Received, name: str) -> Call:
    call = node.world.calls.get(request.number(name))
    if call is None:
        raise Refused(node.codes.ControlFailureCode.CF_INVALID_CSTA_CALL_ID, f"there is no call {request.number(name)}")
    return call


def _connection(node: Node, call: Call, request: Received, name: str) -> None:
    device = request.text(name)
    if device and device not in call.parties and device != call.caller:
        raise Refused(
            node.codes.ControlFailureCode.CF_INVALID_CSTA_CONNECTION_ID, f"{name} is no connection of call {call.id}"
        )


def _party(node: Node, call: Call, number: str, *states: LocalConnectionState, failure: Code) -> Party:
    party = call.party(number)
    if party is None:
        raise Refused(node.codes.ControlFailureCode.CF_AGENT_NOT_PARTY_ON_CALL, f"the phone is not on call {call.id}")
    if states and party.state not in states:
        raise Refused(failure, f"the phone's connection to call {call.id} is {party.state.name}")
    return party


def _data(node: Node, request: Received, data: CallData) -> list[Field]:
    """Takes the call data of a request into `data`; the fields that it set."""
    changed: list[Field] = []
    for field in request.decoded.floating:
        value = field.value
        if field.name in CALL_VARIABLES and isinstance(value, str):
            data.call_variables[field.name] = value
        elif field.name == "NamedVariable" and isinstance(value, NamedValue):
            data.variables[value.name] = value.value
        elif field.name == "NamedArray" and isinstance(value, NamedValue):
            data.arrays[value.name, value.index or 0] = value.value
        elif field.name == "CallWrapupData" and isinstance(value, str):
            data.wrapup = value
        elif field.name == "CallerEnteredDigits" and isinstance(value, str):
            data.digits = value
        elif field.name == "ANI" and isinstance(value, str):
            data.ani = value
        else:
            continue
        changed.append((field.tag, value))
    named = [(name, value) for name, value in data.variables.items()]
    named += [(name, value) for (name, _), value in data.arrays.items()]
    if sum(len(name) + len(value) + 2 for name, value in named) > MOST_NAMED:
        raise Refused(
            node.codes.ControlFailureCode.CF_RESOURCE_LIMITATION_REJECTION, f"named data above {MOST_NAMED} bytes"
        )
    return changed


def _room_for_call(node: Node, number: str) -> None:
    if len(node.world.calls_of(number)) >= MOST_CALLS:
        raise Refused(
            node.codes.ControlFailureCode.CF_RESOURCE_LIMITATION_REJECTION, f"the phone has {MOST_CALLS} calls already"
        )


def _room_for_parties(node: Node, *parties: str) -> None:
    if len(set(parties)) > MOST_PARTIES:
        raise Refused(
            node.codes.ControlFailureCode.CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED, f"more than {MOST_PARTIES} parties"
        )


def _new_call(node: Node, session: ServerSession, request: Received, name: str) -> Callable[[Call], None]:
    def confirm(call: Call) -> None:
        node.confirm(
            session,
            request,
            name,
            {"NewCallID": call.id, "NewConnectionDeviceType": 0},
            [("NewConnectionDeviceID", call.caller)],
        )

    return confirm


def _joined(node: Node, session: ServerSession, request: Received, name: str) -> Callable[[Call, list[Field]], None]:
    def confirm(call: Call, parties: list[Field]) -> None:
        floating: list[Field] = [("NewConnectionDeviceID", call.caller)]
        if name.startswith("CONFERENCE"):
            floating += parties
        node.confirm(session, request, name, {"NewCallID": call.id, "NewConnectionDeviceType": 0}, floating)

    return confirm


def _make(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request)
    dialed = request.text("DialedNumber")
    if not dialed:
        raise Refused(
            node.codes.ControlFailureCode.CF_INVALID_CALLED_DEVICE,
            "DialedNumber is empty",
            node.codes.CCXErrorCode.CCX_DIALED_NUMBER_NULL,
        )
    if node.world.calls_of(number):
        raise Refused(
            node.codes.ControlFailureCode.CF_RESOURCE_BUSY,
            "the phone is on a call",
            node.codes.CCXErrorCode.CCX_AGENT_DEVICE_BUSY,
        )
    data = CallData(ani=number)
    _data(node, request, data)
    node.telephony.place(number, dialed, data=data, confirm=_new_call(node, session, request, "MAKE_CALL_CONF"))


def _answer(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request)
    call = _call(node, request, "CallID")
    _connection(node, call, request, "ConnectionDeviceID")
    _party(node, call, number, LCS.LCS_ALERTING, failure=node.codes.ControlFailureCode.CF_NO_CALL_TO_ANSWER)
    node.confirm(session, request, "ANSWER_CALL_CONF")
    node.telephony.connect(call, number)


def _hold(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request, "ConnectionDeviceID")
    call = _call(node, request, "CallID")
    _connection(node, call, request, "ConnectionDeviceID")
    _party(node, call, number, LCS.LCS_CONNECT, failure=node.codes.ControlFailureCode.CF_NO_ACTIVE_CALL)
    node.confirm(session, request, "HOLD_CALL_CONF")
    node.telephony.hold(call, number)


def _retrieve(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request, "HeldConnectionDeviceID")
    call = _call(node, request, "HeldCallID")
    _connection(node, call, request, "HeldConnectionDeviceID")
    _party(node, call, number, LCS.LCS_HOLD, failure=node.codes.ControlFailureCode.CF_NO_HELD_CALL)
    node.confirm(session, request, "RETRIEVE_CALL_CONF")
    node.telephony.retrieve(call, number)


def _alternate(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request, "ActiveConnectionDeviceID")
    active, other = _call(node, request, "ActiveCallID"), _call(node, request, "OtherCallID")
    _party(
        node, active, number, LCS.LCS_CONNECT, LCS.LCS_INITIATE, failure=node.codes.ControlFailureCode.CF_NO_ACTIVE_CALL
    )
    party = _party(
        node, other, number, LCS.LCS_HOLD, LCS.LCS_ALERTING, failure=node.codes.ControlFailureCode.CF_NO_HELD_CALL
    )
    node.confirm(session, request, "ALTERNATE_CALL_CONF")
    node.telephony.hold(active, number, node.codes.EventCause.CEC_ALTERNATE)
    if party.state == LCS.LCS_ALERTING:
        node.telephony.connect(other, number)
    else:
        node.telephony.retrieve(other, number, node.codes.EventCause.CEC_ALTERNATE)


def _reconnect(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request, "ActiveConnectionDeviceID")
    active, held = _call(node, request, "ActiveCallID"), _call(node, request, "HeldCallID")
    _party(
        node, active, number, LCS.LCS_CONNECT, LCS.LCS_INITIATE, failure=node.codes.ControlFailureCode.CF_NO_ACTIVE_CALL
    )
    _party(node, held, number, LCS.LCS_HOLD, failure=node.codes.ControlFailureCode.CF_NO_HELD_CALL)
    node.confirm(session, request, "RECONNECT_CALL_CONF")
    node.telephony.leave(active, number)
    node.telephony.retrieve(held, number)


def _clear_connection(node: Node, session: ServerSession, request: Received) -> None:
    number = request.text("ConnectionDeviceID")
    call = _call(node, request, "CallID")
    _device(node, session, request, "ConnectionDeviceID")
    if number not in call.parties:
        raise Refused(
            node.codes.ControlFailureCode.CF_NO_CONNECTION_TO_CLEAR,
            f"ConnectionDeviceID is no connection of call {call.id}",
        )
    node.confirm(session, request, "CLEAR_CONNECTION_CONF")
    node.telephony.leave(call, number)


def _clear_call(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request, "ConnectionDeviceID")
    call = _call(node, request, "CallID")
    _connection(node, call, request, "ConnectionDeviceID")
    node.confirm(session, request, "CLEAR_CALL_CONF")
    node.telephony.end(call, number)


def _consult(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request, "ActiveConnectionDeviceID")
    call = _call(node, request, "ActiveCallID")
    _party(node, call, number, LCS.LCS_CONNECT, failure=node.codes.ControlFailureCode.CF_NO_ACTIVE_CALL)
    dialed = request.text("DialedNumber")
    if not dialed:
        raise Refused(
            node.codes.ControlFailureCode.CF_INVALID_CALLED_DEVICE,
            "DialedNumber is empty",
            node.codes.CCXErrorCode.CCX_DIALED_NUMBER_NULL,
        )
    _room_for_call(node, number)
    data = call.data.copy()
    _data(node, request, data)
    node.telephony.consult(call, number, dialed, data, _new_call(node, session, request, "CONSULT_CALL_CONF"))


def _two_calls(node: Node, request: Received, number: str) -> tuple[Call, Call]:
    active, held = _call(node, request, "ActiveCallID"), _call(node, request, "HeldCallID")
    _party(
        node, active, number, LCS.LCS_CONNECT, LCS.LCS_INITIATE, failure=node.codes.ControlFailureCode.CF_NO_ACTIVE_CALL
    )
    _party(node, held, number, LCS.LCS_HOLD, failure=node.codes.ControlFailureCode.CF_NO_HELD_CALL)
    if active is held:
        raise Refused(
            node.codes.ControlFailureCode.CF_INVALID_CSTA_CALL_ID, "ActiveCallID and HeldCallID are the same call"
        )
    return active, held


def _transfer(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request, "ActiveConnectionDeviceID")
    confirm = _joined(node, session, request, "TRANSFER_CALL_CONF")
    dialed = request.text("DialedNumber")
    if dialed and request.number("HeldCallID") == NULL_CALL:
        call = _call(node, request, "ActiveCallID")
        _party(node, call, number, LCS.LCS_CONNECT, failure=node.codes.ControlFailureCode.CF_NO_ACTIVE_CALL)
        node.telephony.transfer_blind(call, number, dialed, confirm)
        return
    active, held = _two_calls(node, request, number)
    node.telephony.transfer(held, active, number, confirm)


def _conference(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request, "ActiveConnectionDeviceID")
    confirm = _joined(node, session, request, "CONFERENCE_CALL_CONF")
    dialed = request.text("DialedNumber")
    if dialed and request.number("HeldCallID") == NULL_CALL:
        call = _call(node, request, "ActiveCallID")
        _party(node, call, number, LCS.LCS_CONNECT, failure=node.codes.ControlFailureCode.CF_NO_ACTIVE_CALL)
        if dialed in call.parties or node.world.calls_of(dialed):
            raise Refused(node.codes.ControlFailureCode.CF_RESOURCE_BUSY, "the phone to be added is on a call")
        _room_for_parties(node, *call.parties, dialed)
        confirm(call, [])
        node.telephony.add(
            call, number, dialed, node.codes.EventCause.CEC_KEY_CONFERENCE, node.codes.CallType.CALLTYPE_CONFERENCE
        )
        return
    active, held = _two_calls(node, request, number)
    _room_for_parties(node, *held.parties, *active.parties)
    node.telephony.conference(held, active, number, confirm)


def _dtmf(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request, "ConnectionDeviceID")
    call = _call(node, request, "CallID")
    _party(node, call, number, LCS.LCS_CONNECT, failure=node.codes.ControlFailureCode.CF_NO_ACTIVE_CALL)
    if set(request.text("DTMFString")) - set("0123456789*#ABCDabcd,"):
        raise Refused(node.codes.ControlFailureCode.CF_VALUE_OUT_OF_RANGE, "DTMFString holds something that is no tone")
    node.confirm(session, request, "SEND_DTMF_SIGNAL_CONF")


def _set_data(node: Node, session: ServerSession, request: Received) -> None:
    call = _call(node, request, "CallID")
    _connection(node, call, request, "ConnectionDeviceID")
    agent = session.agent
    if not session.bridge and (agent is None or agent.spec.extension not in call.parties):
        raise Refused(
            node.codes.ControlFailureCode.CF_AGENT_NOT_PARTY_ON_CALL, f"the client's phone is not on call {call.id}"
        )
    data = call.data.copy()
    changed = _data(node, request, data)
    call.data = data
    node.confirm(session, request, "SET_CALL_DATA_CONF")
    node.telephony.updated(call, changed)
    response = call.data.variables.get("BAResponse", "")
    if call.customer and response:
        node.telephony.previewed(call, response)


def _snapshot(node: Node, session: ServerSession, request: Received) -> None:
    call = _call(node, request, "CallID")
    floating = call.data.fields()
    at = next((n for n, (key, _) in enumerate(floating) if key in ("NamedVariable", "NamedArray")), len(floating))
    keys: list[Field] = [("RouterCallKeyDay", 0), ("RouterCallKeyCallID", 0)]
    floating[at:at] = keys
    for party in call.parties.values():
        floating += [
            ("CallConnectionCallID", call.id),
            ("CallConnectionDeviceType", 0),
            ("CallConnectionDeviceID", party.number),
            ("CallDeviceType", int(node.world.device_type(party.number))),
            ("CallDeviceID", party.number),
            ("CallDeviceConnectionState", int(party.state)),
        ]
    node.confirm(session, request, "SNAPSHOT_CALL_CONF", {"CallType": call.type}, floating)


def _snapshot_device(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request)
    floating: list[Field] = []
    for call in node.world.calls_of(number)[:16]:
        floating += [
            ("CallConnectionCallID", call.id),
            ("CallConnectionDeviceType", 0),
            ("CallConnectionDeviceID", number),
            ("CallDeviceConnectionState", int(call.parties[number].state)),
        ]
    node.confirm(session, request, "SNAPSHOT_DEVICE_CONF", {}, floating)


def _device_info(node: Node, session: ServerSession, request: Received) -> None:
    _device(node, session, request)
    node.confirm(
        session,
        request,
        "QUERY_DEVICE_INFO_CONF",
        {"MaxActiveCalls": 1, "MaxHeldCalls": 1, "MaxDevicesInConference": 6, "MakeCallSetup": 0x2C},
    )


def _assist(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request, "ConnectionDeviceID")
    call = _call(node, request, "CallID")
    _party(node, call, number, failure=node.codes.ControlFailureCode.CF_AGENT_NOT_PARTY_ON_CALL)
    connection: list[Field] = [("ConnectionDeviceID", number)]
    node.confirm(session, request, "SUPERVISOR_ASSIST_CONF", {"CallID": call.id}, connection)
    agent = node.world.agent_at(number)
    node.supervisors_event(
        agent,
        "SUPERVISOR_ASSIST_EVENT",
        {"CallID": call.id},
        [*connection, ("ClientID", session.client_id), ("Text", _help_wanted(agent))],
    )


def _help_wanted(agent: Agent | None) -> str:
    return f"{agent.spec.id} asks for help" if agent is not None else "somebody asks for help"


def _emergency(node: Node, session: ServerSession, request: Received) -> None:
    number = _device(node, session, request, "ConnectionDeviceID")
    call = _call(node, request, "ConnectionCallID")
    _party(node, call, number, failure=node.codes.ControlFailureCode.CF_AGENT_NOT_PARTY_ON_CALL)
    connection: list[Field] = [("ConnectionDeviceID", number)]
    node.confirm(
        session,
        request,
        "EMERGENCY_CALL_CONF",
        {"ConnectionCallID": call.id, "lineHandle": 0xFFFF, "lineType": int(node.codes.LineType.BUSINESS_CALL)},
        connection,
    )
    agent = node.world.agent_at(number)
    floating: list[Field] = [*connection, ("ClientID", session.client_id)]
    if agent is not None:
        floating += [("AgentExtension", agent.spec.extension), ("AgentID", agent.spec.id)]
    node.supervisors_event(agent, "EMERGENCY_CALL_EVENT", {"PeripheralID": 1, "ConnectionCallID": call.id}, floating)


def _supervise(node: Node, session: ServerSession, request: Received) -> None:
    boss = session.agent if not session.bridge else node.world.agent_at(request.text("SupervisorInstrument"))
    if boss is None or not boss.spec.supervisor:
        raise Refused(
            node.codes.ControlFailureCode.CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE, "only a supervisor may do this"
        )
    call = _call(node, request, "AgentCallID")
    watched = next((a for a in node.world.agents.values() if a is not boss and a.spec.extension in call.parties), None)
    if watched is None:
        raise Refused(node.codes.ControlFailureCode.CF_AGENT_NOT_PARTY_ON_CALL, f"no agent is on call {call.id}")
    number, mine = watched.spec.extension, boss.spec.extension
    telephony = node.telephony

    def confirm(about: Call) -> None:
        node.confirm(session, request, "SUPERVISE_CALL_CONF", {"CallID": about.id}, [("ConnectionDeviceID", mine)])

    action = request.number("SupervisoryAction")
    listening = next(
        (c for c in node.world.calls_of(mine) if c.type == node.codes.CallType.CALLTYPE_SUPERVISOR_MONITOR), None
    )
    if action == SupervisoryAction.SUPERVISOR_MONITOR:
        _room_for_call(node, mine)
        telephony.monitor(call, number, mine, confirm)
    elif action in (SupervisoryAction.SUPERVISOR_BARGE_IN, SupervisoryAction.SUPERVISOR_INTERCEPT):
        barges = action == SupervisoryAction.SUPERVISOR_BARGE_IN
        _room_for_parties(node, *call.parties, mine)
        confirm(call)
        if listening is not None:
            telephony.end(listening, mine)
        if mine not in call.parties:
            telephony.add(
                call,
                number,
                mine,
                node.codes.EventCause.CEC_SUPERVISOR_BARGE_IN
                if barges
                else node.codes.EventCause.CEC_SUPERVISOR_INTERCEPT,
                node.codes.CallType.CALLTYPE_SUPERVISOR_BARGE_IN
                if barges
                else node.codes.CallType.CALLTYPE_SUPERVISOR_INTERCEPT,
            )
        if not barges:
            telephony.leave(call, number, node.codes.EventCause.CEC_SUPERVISOR_INTERCEPT)
    elif action == SupervisoryAction.SUPERVISOR_CLEAR:
        confirm(call)
        if listening is not None:
            telephony.end(listening, mine, node.codes.EventCause.CEC_SUPERVISOR_CLEAR)
        elif mine in call.parties:
            telephony.leave(call, mine, node.codes.EventCause.CEC_SUPERVISOR_CLEAR)
    else:
        raise Refused(node.codes.ControlFailureCode.CF_INVALID_FEATURE, "this server does not whisper")


def _bad_call(node: Node, session: ServerSession, request: Received) -> None:
    if request.number("CallID") not in node.world.calls:
        node.fail(session, request, node.codes.StatusCode.E_CTI_INVALID_CALLID, "there is no such call")
        return
    node.confirm(session, request, "BAD_CALL_CONF")


HANDLERS: Mapping[str, Handler] = {
    name: _refusable(handler)
    for name, handler in {
        "MAKE_CALL_REQ": _make,
        "ANSWER_CALL_REQ": _answer,
        "HOLD_CALL_REQ": _hold,
        "RETRIEVE_CALL_REQ": _retrieve,
        "ALTERNATE_CALL_REQ": _alternate,
        "RECONNECT_CALL_REQ": _reconnect,
        "CLEAR_CONNECTION_REQ": _clear_connection,
        "CLEAR_CALL_REQ": _clear_call,
        "CONSULT_CALL_REQ": _consult,
        "TRANSFER_CALL_REQ": _transfer,
        "CONFERENCE_CALL_REQ": _conference,
        "SEND_DTMF_SIGNAL_REQ": _dtmf,
        "SET_CALL_DATA_REQ": _set_data,
        "SNAPSHOT_CALL_REQ": _snapshot,
        "SNAPSHOT_DEVICE_REQ": _snapshot_device,
        "QUERY_DEVICE_INFO_REQ": _device_info,
        "SUPERVISOR_ASSIST_REQ": _assist,
        "EMERGENCY_CALL_REQ": _emergency,
        "SUPERVISE_CALL_REQ": _supervise,
        "BAD_CALL_REQ": _bad_call,
    }.items()
}
