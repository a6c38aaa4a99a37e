"""What a scenario holds: servers, agents, queues, faults, clients and steps, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.protocol.model import Protocol


@dataclass(frozen=True)
class ServerSpec:
    """One node: where it listens and what it speaks.

    `form`: of the floating fields where their tags are wide, None = the client's.
    """

    name: str
    address: str
    port: int
    versions: tuple[int, int]
    form: str | None = None
    standby: bool = False


@dataclass(frozen=True)
class AgentSpec:
    """One agent. `instrument`: the phone as the protocol names it (default: the extension)."""

    id: str
    extension: str
    instrument: str
    first: str = ""
    last: str = ""
    password: str = ""
    csqs: tuple[int, ...] = ()
    team: int | None = None
    supervisor: bool = False
    terminal: str = ""
    description: str = ""


@dataclass(frozen=True)
class QueueSpec:
    """One contact service queue. `work`: agents go to WORK after its calls."""

    id: int
    name: str
    description: str = ""
    work: bool = False


@dataclass(frozen=True)
class ApplicationSpec:
    """One application."""

    id: int
    name: str
    description: str = ""


@dataclass(frozen=True)
class TriggerSpec:
    """A number that callers dial: the application and queue behind it, and the CTI port that takes the call."""

    number: str
    application: int
    csq: int
    port: str


@dataclass(frozen=True)
class TeamSpec:
    """One team; its members are the agents that name it."""

    id: int
    name: str


@dataclass(frozen=True)
class CallerSpec:
    """An outside caller who calls by himself: `at` seconds after the start, then `every` so many (0 = once)."""

    number: str
    dials: str
    at: float
    every: float
    patience: float
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FaultSpec:
    """What is to go wrong with a request: after letting `skip` of them pass, for `times` of them."""

    request: str
    agent: str | None = None
    skip: int = 0
    times: int = 1
    delay: float = 0.0
    silent: bool = False
    reset: bool = False
    status: int | None = None
    failure: int | None = None
    error: int = 0
    text: str = ""


@dataclass(frozen=True)
class ClientSpec:
    """One client. `mode`: "agent" or "bridge". `heartbeat`: seconds between automatic ones, 0 = none."""

    name: str
    mode: str
    server: str
    version: int
    form: str | None
    address: str | None
    agent: str | None
    client_id: str
    password: str
    signature: str
    idle_timeout: int
    heartbeat: float
    first_invoke_id: int
    call_mask: int | None
    state_mask: int | None
    config_mask: int | None
    services: int | None


@dataclass(frozen=True)
class Step:
    """One step: `who` does what, with which values. `place` names it in messages."""

    who: str
    do: str
    values: Mapping[str, Any]
    place: str

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default."""
        return self.values.get(key, default)


@dataclass(frozen=True)
class Scenario:
    """A whole scenario file. `clock`: what TIME fields start from (seconds since the epoch; None = the real time)."""

    file: str
    protocol: Protocol
    title: str
    clock: int | None
    servers: tuple[ServerSpec, ...]
    agents: tuple[AgentSpec, ...]
    queues: tuple[QueueSpec, ...]
    applications: tuple[ApplicationSpec, ...]
    triggers: tuple[TriggerSpec, ...]
    teams: tuple[TeamSpec, ...]
    callers: tuple[CallerSpec, ...]
    faults: tuple[FaultSpec, ...]
    clients: tuple[ClientSpec, ...]
    steps: tuple[Step, ...]
    call_ids: tuple[int, ...]
    ring: float
    #: The peripheral that messages name, in a protocol that has several.
    peripheral: int

    def client(self, name: str) -> ClientSpec:
        """The client of that name; raises CcxDissectError."""
        for client in self.clients:
            if client.name == name:
                return client
        names = ", ".join(client.name for client in self.clients) or "none"
        raise CcxDissectError(one_line(f"{self.file}: there is no client {name!r}; it has {names}"))

    def server(self, name: str) -> ServerSpec:
        """The server of that name; raises CcxDissectError."""
        for server in self.servers:
            if server.name == name:
                return server
        raise CcxDissectError(one_line(f"{self.file}: there is no server {name!r}"))
