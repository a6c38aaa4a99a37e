"""The contact center that a lab server plays: its agents, queues and calls as they stand now."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from ccxdissect.codec import NamedValue, Value
from ccxdissect.lab.constants import Constants
from ccxdissect.lab.specs import AgentSpec, QueueSpec, Scenario, TriggerSpec
from ccxdissect.protocol.codes import Code, Sense
from ccxdissect.protocol.common.constants import DeviceType, LocalConnectionState

#: A floating field to send.
Field = tuple[str | int, Value]


class Clock:
    """The time that TIME fields tell: the real one, or one that stands still until it is moved."""

    def __init__(self, start: int | None) -> None:
        self._fixed = start

    def now(self) -> int:
        """Seconds since the epoch."""
        return int(time.time()) if self._fixed is None else self._fixed

    def advance(self, seconds: float) -> None:
        """Moves a clock that stands still; whole seconds."""
        if self._fixed is not None:
            self._fixed += int(seconds)


@dataclass(eq=False)
class Agent:
    """One agent. `pending`: the state and reason to take when the call is over."""

    spec: AgentSpec
    state: Code
    since: int = 0
    pending: tuple[Code, int] | None = None
    signature: str = ""
    #: The agent's instrument after a login from another phone than the usual one.
    instrument: str = ""

    @property
    def logged_in(self) -> bool:
        """Whether the agent is logged in."""
        return self.state.sense is not Sense.LOGGED_OUT


@dataclass(eq=False)
class CallData:
    """What a call carries along."""

    ani: str = ""
    dnis: str = ""
    dialed: str = ""
    digits: str = ""
    wrapup: str = ""
    call_variables: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    arrays: dict[tuple[str, int], str] = field(default_factory=dict)

    def fields(self) -> list[Field]:
        """All of it as floating fields."""
        found: list[Field] = []
        for name, value in (
            ("ANI", self.ani),
            ("DNIS", self.dnis),
            ("DialedNumber", self.dialed),
            ("CallerEnteredDigits", self.digits),
        ):
            if value:
                found.append((name, value))
        found += [(name, self.call_variables[name]) for name in sorted(self.call_variables, key=_variable_number)]
        if self.wrapup:
            found.append(("CallWrapupData", self.wrapup))
        found += [("NamedVariable", NamedValue(name, value)) for name, value in self.variables.items()]
        found += [("NamedArray", NamedValue(name, value, at)) for (name, at), value in sorted(self.arrays.items())]
        return found

    def copy(self) -> CallData:
        """A copy for a call that inherits it."""
        return CallData(
            self.ani, self.dnis, self.dialed, self.digits, self.wrapup,
            dict(self.call_variables), dict(self.variables), dict(self.arrays),
        )  # fmt: skip


def _variable_number(name: str) -> int:
    return int("".join(c for c in name if c.isdigit()) or 0)


@dataclass(eq=False)
class Party:
    """A device's connection to a call. `media`: whether RTP flows there."""

    number: str
    state: LocalConnectionState
    media: bool = False


@dataclass(eq=False)
class Call:
    """One call. `watchers`: the devices whose clients hear of it. `routed`: it came to its agent by a queue."""

    id: int
    type: int
    caller: str
    dialed: str
    data: CallData
    application: int
    csq: int
    trigger: TriggerSpec | None = None
    parties: dict[str, Party] = field(default_factory=dict)
    watchers: set[str] = field(default_factory=set)
    queued: bool = False
    routed: bool = False
    began: int = 0
    ended: bool = False
    last_redirected: str = ""
    #: The preview call's customer, until the agent has accepted or refused.
    customer: str = ""

    def party(self, number: str) -> Party | None:
        """The connection of a device."""
        return self.parties.get(number)

    def others(self, number: str) -> list[Party]:
        """The connections of all the other devices."""
        return [party for party in self.parties.values() if party.number != number]


@dataclass(eq=False)
class QueueTally:
    """What the statistics of one queue are made of."""

    total: int = 0
    handled: int = 0
    abandoned: int = 0


class World:
    """All of it. Names are found by what the wire calls them: an agent by id, extension or instrument."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.codes = Constants(scenario.protocol)
        self.clock = Clock(scenario.clock)
        self.started = self.clock.now()
        self.agents = {
            spec.id: Agent(spec, self.codes.AgentState.AGENT_STATE_LOGOUT, self.started) for spec in scenario.agents
        }
        self.queues: dict[int, QueueSpec] = {queue.id: queue for queue in scenario.queues}
        self.tallies = {queue.id: QueueTally() for queue in scenario.queues}
        self.triggers = {trigger.number: trigger for trigger in scenario.triggers}
        self.ports = {trigger.port for trigger in scenario.triggers}
        self.calls: dict[int, Call] = {}
        #: Agents that are ready, the longest idle first.
        self.idle: list[Agent] = []
        self._call_ids = self._ids(scenario.call_ids)

    @property
    def no_csq(self) -> int:
        """What stands for no queue."""
        return int(self.codes.NullCSQ.NULL_CSQ)

    @property
    def no_application(self) -> int:
        """What stands for no application."""
        return int(self.codes.NullApplication.NULL_APPLICATION)

    @staticmethod
    def _ids(given: tuple[int, ...]) -> Iterator[int]:
        yield from given
        last = given[-1]
        while True:
            last = last + 1 if last < 0xFFFFFFFE else 1
            yield last

    def next_call_id(self) -> int:
        """A call id that no open call has."""
        while True:
            number = next(self._call_ids)
            if number not in self.calls:
                return number

    def agent_by_id(self, agent_id: str) -> Agent | None:
        """The agent with a login id."""
        return self.agents.get(agent_id)

    def agent_at(self, number: str) -> Agent | None:
        """The agent whose phone it is: an extension, an instrument or a terminal."""
        if not number:
            return None
        for agent in self.agents.values():
            if number in (agent.spec.extension, agent.instrument or agent.spec.instrument, agent.spec.terminal):
                return agent
        return None

    def device_type(self, number: str) -> DeviceType:
        """What kind of device a number is."""
        if not number:
            return DeviceType.DEVID_NONE
        if number in self.triggers:
            return DeviceType.DEVID_ROUTE_POINT
        if number in self.ports:
            return DeviceType.DEVID_CTI_PORT
        if self.agent_at(number) is not None:
            return DeviceType.DEVID_AGENT_DEVICE
        return DeviceType.DEVID_DEVICE_IDENTIFIER

    def calls_of(self, number: str) -> list[Call]:
        """The open calls that a device is on, the oldest first."""
        return [call for call in self.calls.values() if number in call.parties]

    def waiting(self, csq: int) -> list[Call]:
        """The calls queued for a queue, the oldest first."""
        return [call for call in self.calls.values() if call.queued and call.csq == csq]
