"""Plays the steps of a scenario on a lab client: what each step says on the wire, and what it waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from ccxdissect.codec import NamedValue, Value
from ccxdissect.errors import EncodeError, one_line
from ccxdissect.lab.callbook import KnownCall
from ccxdissect.lab.channel import Received
from ccxdissect.lab.client import PATIENCE, FloatingValues, LabClient, StepFailed, reason_given
from ccxdissect.lab.notes import Say, silent
from ccxdissect.lab.scenario import all_call_events
from ccxdissect.lab.specs import AgentSpec, Scenario, Step
from ccxdissect.protocol.common.constants import (
    ConsultType,
    DeviceType,
    LocalConnectionState,
    NullCall,
    SupervisoryAction,
)

LCS = LocalConnectionState
#: The state that a step sets, by its name.
STATES = {
    "login": "AGENT_STATE_LOGIN",
    "logout": "AGENT_STATE_LOGOUT",
    "ready": "AGENT_STATE_READY",
    "not-ready": "AGENT_STATE_NOT_READY",
    "work": "AGENT_STATE_WORK",
}
ACTIONS = {
    "monitor": SupervisoryAction.SUPERVISOR_MONITOR,
    "whisper": SupervisoryAction.SUPERVISOR_WHISPER,
    "barge-in": SupervisoryAction.SUPERVISOR_BARGE_IN,
    "intercept": SupervisoryAction.SUPERVISOR_INTERCEPT,
    "clear": SupervisoryAction.SUPERVISOR_CLEAR,
}


class Player:
    """Does steps with one client."""

    def __init__(self, client: LabClient) -> None:
        self.client = client

    async def perform(self, step: Step) -> None:
        """Does one step. Raises StepFailed when it does not come out as it should."""
        handler = _STEPS.get(step.do)
        try:
            if handler is not None:
                await handler(self, step)
            else:
                await self._ask(step, *(await self._worded(step)))
        except StepFailed as failed:
            raise StepFailed(one_line(f"{step.place} ({step.who}: {step.do}): {failed}")) from None
        except EncodeError as error:
            raise StepFailed(one_line(f"{step.place} ({step.who}: {step.do}): {error}")) from error

    async def _ask(
        self, step: Step, name: str, fixed: Mapping[str, int | bytes], floating: FloatingValues
    ) -> Received | None:
        declared = self.client.scenario.protocol.by_name[self.client.words.own(name)]
        if step.get("expect") == "nothing" or not declared.replies:
            self.client.send(name, fixed, floating)
            return None
        reply = await self.client.request(name, fixed, floating)
        expected = step.get("expect") or declared.replies[-1]
        if reply.name != expected:
            raise StepFailed(f"{name} was answered by {reply.name}{reason_given(reply)}, not by {expected}")
        return reply

    async def _open(self, step: Step) -> None:
        if not self.client.connected:
            server = self.client.scenario.server(self.client.spec.server)
            await self.client.connect(server.address, server.port)
        self.client.speak(step.get("version", self.client.spec.version))
        await self._ask(step, "OPEN_REQ", *self.client.opening(step.get("version"), step.get("idle_timeout")))
        self.client.begin_heartbeats()

    async def _close(self, step: Step) -> None:
        self.client.end_heartbeats()
        await self._ask(step, "CLOSE_REQ", {"Status": step.get("status", 0)}, [])
        self.client.disconnect()
        await self.client.gone()

    async def _disconnect(self, step: Step) -> None:
        self.client.disconnect()
        await self.client.gone()

    async def _reset(self, step: Step) -> None:
        self.client.abort()
        await self.client.gone()

    async def _wait(self, step: Step) -> None:
        await self.client.wait_for(step.get("message"), step.get("where"), step.get("within", PATIENCE))

    async def _wait_end(self, step: Step) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + step.get("within", PATIENCE)
        while self.client.connected:
            if loop.time() > deadline:
                raise StepFailed(f"the server did not end the connection in {step.get('within', PATIENCE):g} s")
            await asyncio.sleep(0.02)

    async def _sleep(self, step: Step) -> None:
        await asyncio.sleep(step.get("seconds") / self.client.speed)

    async def _bytes(self, step: Step) -> None:
        if not self.client.connected:
            server = self.client.scenario.server(self.client.spec.server)
            await self.client.connect(server.address, server.port)
        self.client.write(step.get("hex"))

    async def _send(self, step: Step) -> None:
        if not self.client.connected:
            server = self.client.scenario.server(self.client.spec.server)
            await self.client.connect(server.address, server.port)
        fixed: dict[str, int | bytes] = {}
        for key, value in step.get("fixed", {}).items():
            fixed[key] = self._referred(value)
        await self._ask(step, step.get("message"), fixed, list(step.get("floating", [])))

    def _referred(self, value: Any) -> int:
        """A number, or what a reference means: "$call" is the call heard of last."""
        if not isinstance(value, str):
            return int(value)
        if value != "$call":
            raise StepFailed(f"{value} means nothing, only $call does")
        call = self.client.book.latest()
        if call is None:
            raise StepFailed("$call: no call has been heard of")
        return call.id

    # What the other steps say on the wire

    def _for(self, step: Step) -> AgentSpec:
        wanted = step.get("agent", self.client.spec.agent)
        for agent in self.client.scenario.agents:
            if agent.id == wanted:
                return agent
        raise StepFailed("the step has to say which agent it is about")

    async def _at(self, device: str, what: str, *states: LocalConnectionState) -> KnownCall:
        return await self.client.until(lambda: self.client.book.find(device, *states), what)

    async def _worded(self, step: Step) -> tuple[str, dict[str, int | bytes], FloatingValues]:
        """Message, fixed and floating fields of a step that is one request."""
        do = step.do
        if do in STATES:
            return self._state_request(step)
        if do in _PLAIN:
            return _PLAIN[do](step)
        agent = self._for(step)
        if do in _OF_AGENT:
            name, rows = _OF_AGENT[do]
            return name, {}, [row for row in rows(agent) if row[1]]
        if do == "monitor":
            return self._monitor_request(agent)
        return await self._call_request(step, agent)

    def _monitor_request(self, agent: AgentSpec) -> tuple[str, dict[str, int | bytes], FloatingValues]:
        """A monitor of a phone: of all its calls, so that neither a call nor its device is named."""
        codes = self.client.codes
        fixed: dict[str, int | bytes] = {
            "ConnectionCallID": int(NullCall.NULL_CALL_ID),
            "CallMsgMask": all_call_events(codes, self.client.scenario.protocol.source),
            "MonitoredDeviceType": int(DeviceType.DEVID_AGENT_DEVICE),
        }
        return "MONITOR_START_REQ", fixed, [("ConnectionDeviceID", ""), ("MonitoredDeviceID", agent.instrument)]

    def _state_request(self, step: Step) -> tuple[str, dict[str, int | bytes], FloatingValues]:
        agent = self._for(step)
        fixed: dict[str, int | bytes] = {
            "AgentState": int(getattr(self.client.codes.AgentState, STATES[step.do])),
            "EventReasonCode": step.get("reason", 0),
            "ForcedFlag": int(step.get("force", False)),
        }
        floating: FloatingValues = [("AgentInstrument", step.get("instrument", agent.instrument))]
        if step.do == "login":
            floating.append(("AgentPassword", step.get("password", agent.password)))
        floating.append(("AgentID", agent.id))
        if (
            step.do == "login"
            and agent.terminal
            and self.client.version >= self.client.scenario.protocol.wide_tags_since
        ):
            floating.append(("ActiveTerminal", agent.terminal))
        return "SET_AGENT_STATE_REQ", fixed, floating

    async def _call_request(self, step: Step, agent: AgentSpec) -> tuple[str, dict[str, int | bytes], FloatingValues]:
        do, device = step.do, agent.extension
        instrument: tuple[str | int, Value] = ("AgentInstrument", agent.instrument)
        if do == "call":
            return "MAKE_CALL_REQ", {}, [instrument, ("DialedNumber", step.get("to")), *_data(step)]
        if do == "answer":
            call = await self._at(device, "a ringing call", LCS.LCS_ALERTING)
            return "ANSWER_CALL_REQ", {"CallID": call.id}, [("ConnectionDeviceID", call.caller), instrument]
        if do == "retrieve":
            call = await self._at(device, "a held call", LCS.LCS_HOLD)
            return (
                "RETRIEVE_CALL_REQ",
                {"HeldCallID": call.id},
                [("HeldConnectionDeviceID", device), instrument],
            )
        if do == "supervise":
            return await self._supervise_request(step, agent)
        if do in ("alternate", "reconnect") or (do in ("transfer", "conference") and not step.get("to")):
            return await self._two_calls_request(do, device, instrument)
        if do in ("consult", "transfer", "conference"):
            return await self._sending_on(step, device, instrument)
        return await self._one_call_request(step, agent)

    async def _one_call_request(
        self, step: Step, agent: AgentSpec
    ) -> tuple[str, dict[str, int | bytes], FloatingValues]:
        do, device = step.do, agent.extension
        instrument: tuple[str | int, Value] = ("AgentInstrument", agent.instrument)
        connection: tuple[str | int, Value] = ("ConnectionDeviceID", device)
        if do in ("hold", "dtmf"):
            call = await self._at(device, "an active call", LCS.LCS_CONNECT)
        else:
            call = await self._at(device, "a call")
        fixed: dict[str, int | bytes] = {"CallID": call.id}
        if do == "dtmf":
            more: FloatingValues = [connection, ("DTMFString", step.get("digits")), instrument]
            return "SEND_DTMF_SIGNAL_REQ", {**fixed, "ToneDuration": 100, "PauseDuration": 100}, more
        if do == "data":
            return "SET_CALL_DATA_REQ", fixed, [("ConnectionDeviceID", call.caller), *_data(step)]
        if do == "emergency":
            fixed = {"PeripheralID": 1, "ConnectionCallID": call.id}
            return "EMERGENCY_CALL_REQ", fixed, [connection, ("AgentID", agent.id), instrument]
        if do == "assist":
            return "SUPERVISOR_ASSIST_REQ", fixed, [connection, instrument, ("AgentID", agent.id)]
        if do == "snapshot":
            return "SNAPSHOT_CALL_REQ", fixed, [("ConnectionDeviceID", call.caller)]
        if do == "bad-call":
            return "BAD_CALL_REQ", fixed, [connection, ("AgentID", agent.id)]
        names = {"hold": "HOLD_CALL_REQ", "hang-up": "CLEAR_CONNECTION_REQ", "clear": "CLEAR_CALL_REQ"}
        return names[do], fixed, [connection, instrument]

    async def _two_calls_request(
        self, do: str, device: str, instrument: tuple[str | int, Value]
    ) -> tuple[str, dict[str, int | bytes], FloatingValues]:
        active = await self._at(device, "an active call", LCS.LCS_CONNECT, LCS.LCS_INITIATE)
        held = await self._at(device, "a held call", LCS.LCS_HOLD)
        other = "Other" if do == "alternate" else "Held"
        names = {
            "alternate": "ALTERNATE_CALL_REQ",
            "reconnect": "RECONNECT_CALL_REQ",
            "transfer": "TRANSFER_CALL_REQ",
            "conference": "CONFERENCE_CALL_REQ",
        }
        return (
            names[do],
            {"ActiveCallID": active.id, f"{other}CallID": held.id},
            [("ActiveConnectionDeviceID", device), (f"{other}ConnectionDeviceID", device), instrument],
        )

    async def _sending_on(
        self, step: Step, device: str, instrument: tuple[str | int, Value]
    ) -> tuple[str, dict[str, int | bytes], FloatingValues]:
        call = await self._at(device, "an active call", LCS.LCS_CONNECT)
        fixed: dict[str, int | bytes] = {"ActiveCallID": call.id}
        floating: FloatingValues = [("ActiveConnectionDeviceID", device)]
        number: tuple[str | int, Value] = ("DialedNumber", step.get("to"))
        if step.do == "consult":
            purposes = {"transfer": ConsultType.CT_TRANSFER, "conference": ConsultType.CT_CONFERENCE}
            fixed["ConsultType"] = int(purposes.get(step.get("purpose"), ConsultType.CT_UNSPECIFIED))
            return "CONSULT_CALL_REQ", fixed, [*floating, number, instrument, *_data(step)]
        fixed["HeldCallID"] = int(NullCall.NULL_CALL_ID)
        fixed["HeldConnectionDeviceType"] = 0xFFFF
        return f"{step.do.upper()}_CALL_REQ", fixed, [*floating, instrument, number]

    async def _supervise_request(
        self, step: Step, agent: AgentSpec
    ) -> tuple[str, dict[str, int | bytes], FloatingValues]:
        bosses = [a for a in self.client.scenario.agents if a.supervisor and a.team == agent.team]
        boss = (
            self.client.agent
            if self.client.agent is not None and self.client.agent.supervisor
            else next(iter(bosses), None)
        )
        if boss is None:
            raise StepFailed(f"{agent.id} has no supervisor")
        listening = boss.extension

        def supervised() -> KnownCall | None:
            calls = self.client.book.calls.values()
            return next((c for c in calls if agent.extension in c.devices and c.caller != listening), None)

        call = await self.client.until(supervised, f"a call of {agent.id}")
        mine = self.client.book.find(boss.extension)
        fixed: dict[str, int | bytes] = {
            "AgentCallID": call.id,
            "SupervisorCallID": mine.id if mine is not None else int(NullCall.NULL_CALL_ID),
            "SupervisorConnectionDeviceType": 0 if mine is not None else 0xFFFF,
            "SupervisoryAction": int(ACTIONS[step.get("action")]),
        }
        return (
            "SUPERVISE_CALL_REQ",
            fixed,
            [
                ("AgentConnectionDeviceID", agent.extension),
                ("SupervisorConnectionDeviceID", boss.extension),
                ("AgentID", agent.id),
                ("SupervisorInstrument", boss.instrument),
            ],
        )


def _data(step: Step) -> FloatingValues:
    fields: FloatingValues = list(step.get("call_variables", {}).items())
    fields += [("NamedVariable", NamedValue(name, value)) for name, value in step.get("variables", {}).items()]
    return fields


_STEPS: dict[str, Any] = {
    "open": Player._open,
    "close": Player._close,
    "disconnect": Player._disconnect,
    "reset": Player._reset,
    "wait": Player._wait,
    "wait-end": Player._wait_end,
    "sleep": Player._sleep,
    "bytes": Player._bytes,
    "send": Player._send,
}

Worded = tuple[str, dict[str, int | bytes], FloatingValues]

_PLAIN: dict[str, Callable[[Step], Worded]] = {
    "heartbeat": lambda step: ("HEARTBEAT_REQ", {}, []),
    "queue-statistics": lambda step: ("QUERY_QUEUE_STATISTICS_REQ", {}, [("CSQID", step.get("csq"))]),
    "summary-statistics": lambda step: ("QUERY_SUMMARY_STATISTICS_REQ", {}, []),
    "configuration-keys": lambda step: ("CONFIG_REQUEST_KEY_EVENT", {}, [("CustomerID", 0)]),
    "configuration": lambda step: (
        "CONFIG_REQUEST_EVENT",
        {"ConfigurationMask": step.get("mask", 0xF)},
        [("CustomerID", 0)],
    ),
    "teams": lambda step: ("TEAM_CONFIG_REQ", {"ConfigParam": 2 if step.get("updates_only") else 1}, []),
}

_OF_AGENT: dict[str, tuple[str, Callable[[AgentSpec], FloatingValues]]] = {
    "agent-state": (
        "QUERY_AGENT_STATE_REQ",
        lambda agent: [("AgentInstrument", agent.instrument), ("AgentID", agent.id)],
    ),
    "agent-statistics": ("QUERY_AGENT_QUEUE_STATISTICS_REQ", lambda agent: [("AgentID", agent.id)]),
    "device": ("SNAPSHOT_DEVICE_REQ", lambda agent: [("AgentInstrument", agent.instrument)]),
    "device-info": ("QUERY_DEVICE_INFO_REQ", lambda agent: [("AgentInstrument", agent.instrument)]),
}


def play(
    scenario: Scenario,
    name: str,
    *,
    address: str | None = None,
    port: int | None = None,
    speed: float = 1.0,
    say: Say = silent,
) -> list[str]:
    """Plays one client's steps against a server; what was wrong with what it received.

    `address` and `port` override where the scenario says that the server is. Raises CcxDissectError: no such client,
    nobody listens, or a step did not come out as it should.
    """
    spec = scenario.client(name)
    client = LabClient(scenario, spec, say, speed)
    server = scenario.server(spec.server)
    return asyncio.run(_play(client, address or server.address, server.port if port is None else port))


async def _play(client: LabClient, address: str, port: int) -> list[str]:
    player = Player(client)
    try:
        for step in client.scenario.steps:
            if step.who == client.spec.name:
                if step.do in ("open", "send", "bytes") and not client.connected:
                    await client.connect(address, port)
                await player.perform(step)
    finally:
        client.disconnect()
        await asyncio.sleep(0)
    return client.wrong
