"""Calls between agents, triggers and outside callers: what happens to them, and the events that tell of it.

The order of events follows the guide's example flows. Who hears of an event is the publisher's affair: bridge clients
of every call, clients in agent mode of the calls their agent is on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol as Interface

from ccxdissect.lab.world import Agent, Call, CallData, Field, Party, World
from ccxdissect.protocol.codes import Code
from ccxdissect.protocol.common.constants import DeviceType, LocalConnectionState, RTPDirection

LCS = LocalConnectionState
#: The parties of a call besides its CTI ports that keep it alive.
FEWEST_PARTIES = 2
#: Invented addresses of phones and of the server's media, from the range for documentation.
PHONE_ADDRESS = "192.0.2.{}"
MEDIA_ADDRESS = "192.0.2.250"


class Publisher(Interface):
    """Who carries the events to the clients."""

    def call_event(
        self,
        call: Call,
        name: str,
        fixed: dict[str, int],
        floating: Iterable[Field] = (),
        only: str | None = None,
        bridges: bool = True,
    ) -> None:
        """To every bridge client (unless not `bridges`) and to the clients of the call's watchers, or of `only` one."""

    def agent_event(self, agent: Agent, fixed: dict[str, int], floating: Iterable[Field]) -> None:
        """To every bridge client and to the agent's own clients."""


class Telephony:
    """The calls of a world. `later(seconds, action)` runs an action when that time has passed."""

    def __init__(
        self, world: World, publisher: Publisher, later: Callable[[float, Callable[[], None]], object]
    ) -> None:
        self.world = world
        self.codes = world.codes
        self._publisher = publisher
        self._later = later

    # Agents

    def change(self, agent: Agent, state: Code, reason: int = 0) -> None:
        """Gives an agent a state and tells of it; a ready agent is given the call that waits longest."""
        world = self.world
        was = agent.state
        agent.state, agent.since, agent.pending = state, world.clock.now(), None
        if agent in world.idle:
            world.idle.remove(agent)
        floating: list[Field] = [("AgentID", agent.spec.id), ("AgentExtension", agent.spec.extension)]
        if agent.signature:
            floating.insert(0, ("CTIClientSignature", agent.signature))
        floating += [("AgentInstrument", agent.instrument or agent.spec.instrument), ("NextAgentState", 0xFFFF)]
        self._publisher.agent_event(
            agent,
            {"CSQState": int(state), "CSQID": world.no_csq, "AgentState": int(state), "EventReasonCode": reason},
            floating,
        )
        if state is self.codes.AgentState.AGENT_STATE_READY:
            world.idle.append(agent)
            self._serve(agent)
        elif was is self.codes.AgentState.AGENT_STATE_LOGOUT:
            agent.since = world.clock.now()

    def _serve(self, agent: Agent) -> None:
        waiting = [call for csq in agent.spec.csqs for call in self.world.waiting(csq)]
        if waiting:
            self._offer(min(waiting, key=lambda call: (call.began, call.id)), agent)

    def _released(self, agent: Agent, call: Call) -> None:
        """The agent's state after a call."""
        if self.world.calls_of(agent.spec.extension):
            return
        if agent.pending is not None:
            self.change(agent, *agent.pending)
        elif agent.state in (self.codes.AgentState.AGENT_STATE_TALKING, self.codes.AgentState.AGENT_STATE_RESERVED):
            queue = self.world.queues.get(call.csq) if call.routed else None
            talked = agent.state is self.codes.AgentState.AGENT_STATE_TALKING
            if talked and queue is not None and queue.work:
                self.change(agent, self.codes.AgentState.AGENT_STATE_WORK)
            else:
                self.change(agent, self.codes.AgentState.AGENT_STATE_READY)

    # Events

    def _cause(self, cause: Code | None = None) -> int:
        return int(self.codes.EventCause.CEC_NONE if cause is None else cause)

    def _types(self, **devices: str) -> dict[str, int]:
        return {f"{name}DeviceType": int(self.world.device_type(number)) for name, number in devices.items()}

    def _event(
        self,
        call: Call,
        name: str,
        device: str,
        fixed: dict[str, int],
        floating: Iterable[Field] = (),
        only: str | None = None,
        bridges: bool = True,
    ) -> None:
        values = {"ConnectionDeviceType": 0, "CallID": call.id, **fixed}
        self._publisher.call_event(call, name, values, [("ConnectionDeviceID", device), *floating], only, bridges)

    def _begin(self, call: Call, number: str, cause: Code | None = None) -> None:
        """Tells the bridges (once) and the clients at a device that there is a call."""
        first = not call.watchers
        call.watchers.add(number)
        fields = call.data.fields()
        self._event(
            call,
            "BEGIN_CALL_EVENT",
            call.caller,
            {"CallType": int(call.type if cause is None else cause), "CalledPartyDisposition": 0},
            fields,
            only=number,
            bridges=first,
        )

    def _queue_of(self, call: Call) -> dict[str, int]:
        return {"ApplicationID": call.application, "CSQID": call.csq}

    # Making calls

    def place(
        self,
        caller: str,
        dialed: str,
        type: Code | None = None,
        data: CallData | None = None,
        csq: int | None = None,
        confirm: Callable[[Call], None] | None = None,
    ) -> Call:
        """A device dials a number. `confirm` is called when the call has its id, before any event of it."""
        world = self.world
        data = data or CallData(ani=caller)
        agent = world.agent_at(caller)
        if type is None:
            inside = agent is not None and world.agent_at(dialed) is not None
            type = self.codes.CallType.CALLTYPE_AGENT_INSIDE if inside else self.codes.CallType.CALLTYPE_OUT
            if agent is None:
                type = (
                    self.codes.CallType.CALLTYPE_CCX_IN
                    if dialed in world.triggers
                    else self.codes.CallType.CALLTYPE_OTHER_IN
                )
        call = Call(
            world.next_call_id(), int(type), caller, dialed, data,
            world.no_application, world.no_csq if csq is None else csq, began=world.clock.now(),
        )  # fmt: skip
        world.calls[call.id] = call
        call.parties[caller] = Party(caller, LCS.LCS_INITIATE)
        if confirm is not None:
            confirm(call)
        self._begin(call, caller)
        if agent is not None:
            if (
                agent.state is self.codes.AgentState.AGENT_STATE_READY
                and type is not self.codes.CallType.CALLTYPE_CONSULT
            ):
                self.change(
                    agent, self.codes.AgentState.AGENT_STATE_NOT_READY, int(self.codes.AgentReasonCode.AGT_OFFHOOK)
                )
            self._event(
                call,
                "CALL_SERVICE_INITIATED_EVENT",
                caller,
                {
                    **self._queue_of(call),
                    "lineType": int(self.codes.LineType.BUSINESS_CALL),
                    **self._types(Calling=caller),
                    "LocalConnectionState": int(LCS.LCS_INITIATE),
                    "EventCause": self._cause(),
                },
                [("CallingDeviceID", caller)],
            )
            self._event(
                call,
                "CALL_ORIGINATED_EVENT",
                caller,
                {
                    "LineType": int(self.codes.LineType.BUSINESS_CALL),
                    **self._queue_of(call),
                    **self._types(Calling=caller, Called=dialed),
                    "LocalConnectionState": int(LCS.LCS_INITIATE),
                    "EventCause": self._cause(),
                },
                [("CallingDeviceID", caller), ("CalledDeviceID", dialed)],
            )
        self._reach(call, dialed)
        return call

    def _reach(self, call: Call, number: str) -> None:
        """The call gets to what was dialed."""
        world = self.world
        if number in world.triggers:
            self._enter(call, number)
        elif world.agent_at(number) is not None:
            if world.calls_of(number):
                self._fail(call, number, self.codes.EventCause.CEC_BUSY)
            else:
                self.ring(call, number)
        elif number.lstrip("+").isdigit():
            # Somebody outside, who answers at once.
            self.ring(call, number)
            self.connect(call, number)
        else:
            self._fail(call, number, self.codes.EventCause.CEC_DEST_NOT_OBTAINABLE)

    def _fail(self, call: Call, number: str, cause: Code) -> None:
        self._event(
            call,
            "CALL_FAILED_EVENT",
            call.caller,
            {
                **self._types(Failing=number, Called=number),
                "LocalConnectionState": int(LCS.LCS_FAIL),
                "EventCause": self._cause(cause),
            },
            [("FailingDeviceID", number), ("CalledDeviceID", number)],
        )
        self.end(call)

    def _enter(self, call: Call, number: str) -> None:
        """A trigger takes the call: route point, CTI port, queue."""
        trigger = self.world.triggers[number]
        call.trigger, call.application = trigger, trigger.application
        call.data.dnis = call.data.dnis or number
        self._delivered(call, number, number)
        call.csq = trigger.csq
        call.last_redirected = number
        call.parties[trigger.port] = Party(trigger.port, LCS.LCS_CONNECT)
        self._established(call, trigger.port)
        self._connected(call)
        self.world.tallies[call.csq].total += 1
        self.queue(call)

    def queue(self, call: Call) -> None:
        """The call waits for an agent, or gets the one who has been idle longest."""
        call.queued = True
        port = call.trigger.port if call.trigger else ""
        self._event(
            call,
            "CALL_QUEUED_EVENT",
            call.caller,
            {
                "ApplicationID": call.application,
                "QueueDeviceType": int(DeviceType.DEVID_QUEUE),
                **self._types(Calling=call.caller, Called=call.dialed, LastRedirect=port),
                "LocalConnectionState": int(LCS.LCS_QUEUED),
                "EventCause": self._cause(),
            },
            [
                ("QueueDeviceID", str(call.csq)),
                ("CallingDeviceID", call.caller),
                ("CalledDeviceID", call.dialed),
                ("LastRedirectDeviceID", port),
                ("CSQID", call.csq),
            ],
        )
        for agent in self.world.idle:
            if call.csq in agent.spec.csqs:
                self._offer(call, agent)
                return

    def _offer(self, call: Call, agent: Agent) -> None:
        call.queued, call.routed = False, True
        number = agent.spec.extension
        call.parties[number] = Party(number, LCS.LCS_ALERTING)
        self.change(agent, self.codes.AgentState.AGENT_STATE_RESERVED)
        self._event(
            call,
            "CALL_DEQUEUED_EVENT",
            call.caller,
            {
                "ApplicationID": call.application,
                "QueueDeviceType": int(DeviceType.DEVID_QUEUE),
                "NumQueued": len(self.world.waiting(call.csq)),
                "LocalConnectionState": int(LCS.LCS_QUEUED),
                "EventCause": self._cause(),
            },
            [("QueueDeviceID", str(call.csq)), ("CSQID", call.csq)],
        )
        self._alert(call, number, call.trigger.port if call.trigger else "")
        self._later(self.world.scenario.ring, lambda: self._unanswered(call, agent))

    def _unanswered(self, call: Call, agent: Agent) -> None:
        """Nobody picked up: the agent goes not ready and the call back into its queue."""
        party = call.party(agent.spec.extension)
        if call.ended or party is None or party.state != LCS.LCS_ALERTING:
            return
        number = agent.spec.extension
        self._event(
            call,
            "CALL_DIVERTED_EVENT",
            call.caller,
            {
                "ApplicationID": call.application,
                **self._types(Diverting=number, Called=call.dialed),
                "LocalConnectionState": int(LCS.LCS_NULL),
                "EventCause": int(self.codes.EventCause.CEC_CALL_NOT_ANSWERED),
            },
            [("DivertingDeviceID", number), ("CalledDeviceID", call.dialed)],
        )
        del call.parties[number]
        self._ended_for(call, number)
        self.change(agent, self.codes.AgentState.AGENT_STATE_NOT_READY, int(self.codes.AgentReasonCode.AGT_RNA))
        self.queue(call)

    def ring(self, call: Call, number: str, redirected: str = "") -> None:
        """A phone rings."""
        agent = self.world.agent_at(number)
        call.parties[number] = Party(number, LCS.LCS_ALERTING)
        if agent is not None and agent.state is self.codes.AgentState.AGENT_STATE_READY:
            self.change(agent, self.codes.AgentState.AGENT_STATE_RESERVED)
        self._alert(call, number, redirected)

    def _alert(self, call: Call, number: str, redirected: str) -> None:
        call.last_redirected = redirected
        if self.world.agent_at(number) is not None:
            self._begin(call, number)
        self._delivered(call, number, redirected)

    def _delivered(self, call: Call, number: str, redirected: str) -> None:
        floating: list[Field] = [("AlertingDeviceID", number), ("CallingDeviceID", call.caller)]
        floating.append(("CalledDeviceID", call.dialed))
        if redirected and redirected != number:
            floating.append(("LastRedirectDeviceID", redirected))
        self._event(
            call,
            "CALL_DELIVERED_EVENT",
            call.caller,
            {
                "lineType": int(self.codes.LineType.BUSINESS_CALL),
                **self._queue_of(call),
                **self._types(
                    Alerting=number,
                    Calling=call.caller,
                    Called=call.dialed,
                    LastRedirect=redirected if redirected != number else "",
                ),
                "LocalConnectionState": int(LCS.LCS_ALERTING),
                "EventCause": int(self.codes.EventCause.CEC_NEW_CALL),
            },
            [*floating, *call.data.fields()],
        )

    # Answering

    def connect(self, call: Call, number: str) -> None:
        """A ringing device answers."""
        party = call.parties[number]
        party.state = LCS.LCS_CONNECT
        if call.trigger is not None:
            call.parties.pop(call.trigger.port, None)
        self._established(call, number)
        self._connected(call)
        agent = self.world.agent_at(number)
        if agent is not None and agent.state is self.codes.AgentState.AGENT_STATE_RESERVED:
            self.change(agent, self.codes.AgentState.AGENT_STATE_TALKING)
            if call.routed and call.csq in self.world.tallies:
                self.world.tallies[call.csq].handled += 1
        for device in (call.caller, number):
            self._media(call, device, starts=True)

    def _connected(self, call: Call) -> None:
        caller = call.party(call.caller)
        if caller is not None and caller.state == LCS.LCS_INITIATE:
            caller.state = LCS.LCS_CONNECT

    def _established(self, call: Call, number: str) -> None:
        redirected = call.last_redirected
        floating: list[Field] = [("AnsweringDeviceID", number), ("CallingDeviceID", call.caller)]
        floating.append(("CalledDeviceID", call.dialed))
        if redirected:
            floating.append(("LastRedirectDeviceID", redirected))
        self._event(
            call,
            "CALL_ESTABLISHED_EVENT",
            call.caller,
            {
                "lineType": int(self.codes.LineType.BUSINESS_CALL),
                **self._queue_of(call),
                **self._types(Answering=number, Calling=call.caller, Called=call.dialed, LastRedirect=redirected),
                "LocalConnectionState": int(LCS.LCS_CONNECT),
                "EventCause": self._cause(),
            },
            floating,
        )

    def _media(self, call: Call, number: str, starts: bool) -> None:
        agent = self.world.agent_at(number)
        party = call.party(number)
        if agent is None or party is None or party.media is starts:
            return
        party.media = starts
        position = list(self.world.agents).index(agent.spec.id)
        fixed: dict[str, int] = {
            "clientPort": 24576 + 2 * position,
            "Direction": int(RTPDirection.BIDIRECTIONAL),
        }
        if starts:
            fixed |= {"PacketSize": 20, "PayloadType": int(self.codes.AudioCodecType.G711ULAW64K)}
        floating: list[Field] = [
            ("ClientAddress", PHONE_ADDRESS.format(10 + position % 200)),
            ("AgentExtension", agent.spec.extension),
            ("SendingAddress", MEDIA_ADDRESS),
            ("SendingPort", 32512),
            ("AgentID", agent.spec.id),
        ]
        self._event(call, "RTP_STARTED_EVENT" if starts else "RTP_STOPPED_EVENT", number, fixed, floating)

    # Holding, leaving, ending

    def hold(self, call: Call, number: str, cause: Code | None = None) -> None:
        """A device puts the call on hold."""
        call.parties[number].state = LCS.LCS_HOLD
        self._event(
            call,
            "CALL_HELD_EVENT",
            number,
            {
                **self._types(Holding=number),
                "LocalConnectionState": int(LCS.LCS_HOLD),
                "EventCause": self._cause(cause),
            },
            [("HoldingDeviceID", number)],
        )

    def retrieve(self, call: Call, number: str, cause: Code | None = None) -> None:
        """A device takes the call back."""
        call.parties[number].state = LCS.LCS_CONNECT
        self._event(
            call,
            "CALL_RETRIEVED_EVENT",
            number,
            {
                **self._types(Retrieving=number),
                "LocalConnectionState": int(LCS.LCS_CONNECT),
                "EventCause": self._cause(cause),
            },
            [("RetrievingDeviceID", number)],
        )

    def leave(self, call: Call, number: str, cause: Code | None = None) -> None:
        """A device leaves the call; the call ends when too few are left."""
        if call.ended or number not in call.parties:
            return
        left = [party for party in call.others(number) if party.number not in self.world.ports]
        if len(left) < FEWEST_PARTIES:
            self.end(call, first=number, cause=cause)
            return
        self._disconnected(call, number, cause)
        self._ended_for(call, number)
        agent = self.world.agent_at(number)
        if agent is not None:
            self._released(agent, call)

    def _disconnected(self, call: Call, number: str, cause: Code | None = None) -> None:
        self._media(call, number, starts=False)
        call.parties.pop(number, None)
        self._event(
            call,
            "CALL_CONNECTION_CLEARED_EVENT",
            number,
            {
                **self._types(Releasing=number),
                "LocalConnectionState": int(LCS.LCS_NULL),
                "EventCause": self._cause(cause),
            },
            [("ReleasingDeviceID", number)],
        )

    def _ended_for(self, call: Call, number: str) -> None:
        """Tells the clients at a device that the call is over for them."""
        if number in call.watchers:
            self._event(call, "END_CALL_EVENT", call.caller, {}, only=number, bridges=False)
            call.watchers.discard(number)

    def end(self, call: Call, first: str | None = None, cause: Code | None = None) -> None:
        """The call is over for everybody; `first` is the device that leaves first."""
        if call.ended:
            return
        call.ended = True
        if call.csq in self.world.tallies and call.trigger is not None and (call.queued or not call.routed):
            self.world.tallies[call.csq].abandoned += 1
        call.queued = False
        numbers = [party.number for party in call.parties.values()]
        if first in numbers:
            numbers.remove(first or "")
            numbers.insert(0, first or "")
        agents = [agent for number in numbers if (agent := self.world.agent_at(number)) is not None]
        for number in numbers:
            self._disconnected(call, number, cause)
        self._event(
            call,
            "CALL_CLEARED_EVENT",
            call.caller,
            {"ConnectionDeviceType": 0, "LocalConnectionState": int(LCS.LCS_NULL), "EventCause": self._cause(cause)},
        )
        self._event(call, "END_CALL_EVENT", call.caller, {})
        call.parties.clear()
        call.watchers.clear()
        self.world.calls.pop(call.id, None)
        for agent in agents:
            self._released(agent, call)

    # Joining calls

    def consult(self, call: Call, number: str, dialed: str, data: CallData, confirm: Callable[[Call], None]) -> Call:
        """A device holds its call and calls somebody about it."""
        self.hold(call, number)
        data.ani = number
        return self.place(number, dialed, self.codes.CallType.CALLTYPE_CONSULT, data, call.csq, confirm)

    def _join(self, kept: Call, other: Call, type: Code) -> None:
        """The connections of `other` become connections of `kept`, whose clients hear of both from now on."""
        kept.watchers |= other.watchers
        if other.trigger is not None:
            # Whoever was sent on to a trigger waits in its queue from now on.
            kept.trigger, kept.csq, kept.application = other.trigger, other.csq, other.application
            kept.queued, kept.routed = other.queued, other.routed
        for party in other.parties.values():
            if party.number not in kept.parties:
                kept.parties[party.number] = party
        kept.type = int(type)
        self._event(
            other,
            "CALL_DATA_UPDATE_EVENT",
            other.caller,
            {
                "CallType": int(type),
                "NewConnectionDeviceType": 0,
                "NewCallID": kept.id,
                "CalledPartyDisposition": int(
                    self.codes.Disposition.CONFERENCED
                    if type is self.codes.CallType.CALLTYPE_CONFERENCE
                    else self.codes.Disposition.ANNOUNCED_TRANSFER
                ),
            },
            [("NewConnectionDeviceID", kept.caller), *kept.data.fields()],
        )

    def _parties(self, call: Call) -> list[Field]:
        fields: list[Field] = []
        for party in call.parties.values():
            fields += [
                ("ConnectedPartyCallID", call.id),
                ("ConnectedPartyDeviceType", 0),
                ("ConnectedPartyDeviceID", party.number),
            ]
        return fields

    def _drop(self, other: Call) -> None:
        other.ended = True
        other.parties.clear()
        self._event(other, "END_CALL_EVENT", other.caller, {})
        self.world.calls.pop(other.id, None)

    def transfer(self, held: Call, active: Call, number: str, confirm: Callable[[Call, list[Field]], None]) -> None:
        """A device joins its two calls and leaves them. The held call stays, the active one is gone."""
        parties = [party for party in active.parties.values() if party.number != number]
        transferred = parties[0].number if parties else active.dialed
        self._media(held, number, starts=False)
        held.parties.pop(number, None)
        active.parties.pop(number, None)
        for party in parties:
            held.parties.setdefault(party.number, party)
        confirm(held, self._parties(held))
        self._join(held, active, self.codes.CallType.CALLTYPE_TRANSFER_IN)
        self._event_of_two(
            "CALL_TRANSFERRED_EVENT", held, active, number, transferred,
            ("TransferringDeviceType", "TransferredDeviceType"), ("TransferringDeviceID", "TransferredDeviceID"),
            self.codes.EventCause.CEC_TRANSFER,
        )  # fmt: skip
        self._drop(active)
        self._ended_for(held, number)
        self._revive(held)
        agent = self.world.agent_at(number)
        if agent is not None:
            self._released(agent, held)

    def _revive(self, call: Call) -> None:
        """A caller who was on hold talks again."""
        for party in call.parties.values():
            if party.state == LCS.LCS_INITIATE:
                party.state = LCS.LCS_CONNECT

    def transfer_blind(
        self, call: Call, number: str, dialed: str, confirm: Callable[[Call, list[Field]], None]
    ) -> None:
        """A device sends its caller on to a number and leaves."""
        self._media(call, number, starts=False)
        call.parties.pop(number, None)
        confirm(call, self._parties(call))
        self._ended_for(call, number)
        call.type = int(self.codes.CallType.CALLTYPE_OFFERED)
        agent = self.world.agent_at(number)
        if agent is not None:
            self._released(agent, call)
        call.last_redirected = number
        if dialed in self.world.triggers or (self.world.agent_at(dialed) is not None and self.world.calls_of(dialed)):
            self._reach(call, dialed)
        else:
            self.ring(call, dialed, number)
            if self.world.agent_at(dialed) is None:
                self.connect(call, dialed)

    def conference(
        self,
        held: Call,
        active: Call,
        number: str,
        confirm: Callable[[Call, list[Field]], None],
    ) -> None:
        """A device joins its two calls and stays. The held call stays, the active one is gone."""
        parties = [party for party in active.parties.values() if party.number != number]
        added = parties[0].number if parties else active.dialed
        for party in parties:
            held.parties.setdefault(party.number, party)
        held.parties[number].state = LCS.LCS_CONNECT
        confirm(held, self._parties(held))
        self._join(held, active, self.codes.CallType.CALLTYPE_CONFERENCE)
        self._event_of_two(
            "CALL_CONFERENCED_EVENT", held, active, number, added,
            ("ControllerDeviceType", "AddedPartyDeviceType"), ("ControllerDeviceID", "AddedPartyDeviceID"),
            self.codes.EventCause.CEC_KEY_CONFERENCE,
        )  # fmt: skip
        self._drop(active)
        self._revive(held)

    def add(self, call: Call, number: str, added: str, cause: Code, type: Code) -> None:
        """Somebody joins a call that goes on (a supervisor, or a single-step conference)."""
        call.parties[added] = Party(added, LCS.LCS_CONNECT)
        if self.world.agent_at(added) is not None:
            self._begin(call, added, type)
        self._event_of_two(
            "CALL_CONFERENCED_EVENT", call, call, number, added,
            ("ControllerDeviceType", "AddedPartyDeviceType"), ("ControllerDeviceID", "AddedPartyDeviceID"), cause,
        )  # fmt: skip

    def _event_of_two(
        self,
        name: str,
        held: Call,
        active: Call,
        doing: str,
        done_to: str,
        types: tuple[str, str],
        devices: tuple[str, str],
        cause: Code,
    ) -> None:
        world = self.world
        fixed = {
            "PrimaryDeviceType": 0,
            "PrimaryCallID": held.id,
            "lineType": int(self.codes.LineType.BUSINESS_CALL),
            "SecondaryDeviceType": 0,
            "SecondaryCallID": active.id,
            types[0]: int(world.device_type(doing)),
            types[1]: int(world.device_type(done_to)),
            "LocalConnectionState": int(LCS.LCS_CONNECT),
            "EventCause": self._cause(cause),
        }
        floating: list[Field] = [
            ("PrimaryDeviceID", held.caller),
            ("SecondaryDeviceID", active.caller),
            (devices[0], doing),
            (devices[1], done_to),
            *self._parties(held),
        ]
        self._publisher.call_event(held, name, fixed, floating)

    def monitor(self, call: Call, agent: str, supervisor: str, confirm: Callable[[Call], None]) -> Call:
        """A supervisor listens to an agent's call: a call of its own, from the supervisor to the agent's phone."""
        world = self.world
        heard = Call(
            world.next_call_id(), int(self.codes.CallType.CALLTYPE_SUPERVISOR_MONITOR), supervisor, agent,
            CallData(ani=supervisor), world.no_application, call.csq, began=world.clock.now(),
        )  # fmt: skip
        world.calls[heard.id] = heard
        heard.parties[supervisor] = Party(supervisor, LCS.LCS_CONNECT)
        confirm(heard)
        self._begin(heard, supervisor)
        heard.last_redirected = ""
        self._event(
            heard,
            "CALL_ESTABLISHED_EVENT",
            supervisor,
            {
                "lineType": int(self.codes.LineType.BUSINESS_CALL),
                **self._queue_of(heard),
                **self._types(Answering=agent, Calling=supervisor, Called=agent, LastRedirect=""),
                "LocalConnectionState": int(LCS.LCS_CONNECT),
                "EventCause": int(self.codes.EventCause.CEC_SUPERVISOR_MONITOR),
            },
            [("AnsweringDeviceID", agent), ("CallingDeviceID", supervisor), ("CalledDeviceID", agent)],
        )
        return heard

    # Data

    def updated(self, call: Call, changed: Iterable[Field]) -> None:
        """Tells that data of a call were set."""
        self._event(
            call,
            "CALL_DATA_UPDATE_EVENT",
            call.caller,
            {"CallType": call.type, "NewConnectionDeviceType": 0, "NewCallID": call.id, "CalledPartyDisposition": 0},
            [("NewConnectionDeviceID", call.caller), *changed],
        )

    # Outbound preview

    def preview(self, agent: Agent, customer: str, data: CallData) -> Call:
        """Reserves an agent and shows a customer's record, for the agent to accept or not."""
        world = self.world
        number = agent.spec.extension
        call = Call(
            world.next_call_id(), int(self.codes.CallType.CALLTYPE_RESERVATION), number, number, data,
            world.no_application, world.no_csq, began=world.clock.now(), customer=customer,
        )  # fmt: skip
        world.calls[call.id] = call
        self.change(
            agent,
            self.codes.AgentState.AGENT_STATE_RESERVED,
            int(self.codes.AgentReasonCode.AGT_RESERVED_OUTBOUND_DIRECTPREVIEW),
        )
        call.parties[number] = Party(number, LCS.LCS_ALERTING)
        self._begin(call, number)
        self._delivered(call, number, "")
        return call

    def previewed(self, call: Call, response: str) -> None:
        """The agent has answered to a preview: on Accept the customer is called, on anything else not."""
        number, customer = call.caller, call.customer
        call.customer = ""
        agent = self.world.agent_at(number)
        if response.lower() != "accept":
            if agent is not None:
                self.change(agent, self.codes.AgentState.AGENT_STATE_READY, int(self.codes.AgentReasonCode.AGT_SKIPS))
            self.end(call, number, self.codes.EventCause.CEC_CALL_CANCELLED)
            return
        data = call.data.copy()
        data.ani, data.dialed = number, customer
        call.ended = True
        self._disconnected(call, number)
        self._event(
            call,
            "CALL_CLEARED_EVENT",
            number,
            {"LocalConnectionState": int(LCS.LCS_NULL), "EventCause": self._cause()},
        )
        self._event(call, "END_CALL_EVENT", number, {})
        call.watchers.clear()
        self.world.calls.pop(call.id, None)
        dialing = self.place(number, customer, self.codes.CallType.CALLTYPE_PREVIEW, data)
        if agent is not None and not dialing.ended:
            self.change(agent, self.codes.AgentState.AGENT_STATE_TALKING)
