"""A server engine without sockets, and clients that are lists of bytes: what the tests of the lab build on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ccxdissect.codec import BY_TITLE, Encoder, FloatingForm, Value
from ccxdissect.lab.channel import Channel, Received
from ccxdissect.lab.engine import Engine
from ccxdissect.lab.notes import LabNote, Sort
from ccxdissect.lab.scenario import parse
from ccxdissect.lab.sessions import ServerSession
from ccxdissect.lab.specs import Scenario
from ccxdissect.lab.world import World
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

CENTER = """
clock = 2025-01-01T00:00:00Z
call_ids = [100]

[[application]]
id = 1
name = "Main"

[[csq]]
id = 7
name = "Orders"

[[trigger]]
number = "7000"
application = 1
csq = 7
port = "9000"

[[team]]
id = 3
name = "Team"

[[agent]]
id = "anna"
extension = "2001"
password = "pw"
csqs = [7]
team = 3

[[agent]]
id = "ben"
extension = "2002"
csqs = [7]
team = 3

[[agent]]
id = "chief"
extension = "2009"
team = 3
supervisor = true
"""

BRIDGE = 0x10 | 0x2 | 0x80 | 0x40000
AGENT = 0x7
EVERYTHING = {"CallMsgMask": 0x65EFFF, "AgentStateMask": 0x1FF, "ConfigMsgMask": 0xF}


@dataclass
class Peer:
    """One client of the bench: what it was sent, decoded and validated."""

    bench: Bench
    version: int = 14
    form: FloatingForm | None = None
    got: list[Received] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    session: ServerSession | None = None

    def __post_init__(self) -> None:
        self.channel = Channel(UCCX_CTI, Side.SERVER, self.version, self.form)
        self.session = self.bench.engine.connected("peer", self._take, self._hang_up)

    def _take(self, data: bytes) -> None:
        self.got += self.channel.feed(data)

    def _hang_up(self, by_reset: bool) -> None:
        self.hung_up.append("reset" if by_reset else "close")

    def raw(self, data: bytes) -> list[Received]:
        """Sends bytes; what came back because of them."""
        before = len(self.got)
        assert self.session is not None
        self.bench.engine.received(self.session, data)
        return self.got[before:]

    def send(
        self,
        name: str,
        fixed: Mapping[str, int | bytes] | None = None,
        floating: Iterable[tuple[str | int, Value]] = (),
    ) -> list[Received]:
        """Sends one message; what came back because of it."""
        return self.raw(Encoder(UCCX_CTI).encode(name, fixed, floating, version=self.version, form=self.form))

    def open(
        self, services: int = BRIDGE, floating: Iterable[tuple[str | int, Value]] = (), **fixed: int
    ) -> list[Received]:
        """Sends an OPEN_REQ."""
        values = {"InvokeID": 1, "VersionNumber": self.version, "IdleTimeout": 60, **EVERYTHING, **fixed}
        return self.send(
            "OPEN_REQ",
            {**values, "ServicesRequested": services},
            [("ClientID", "c"), ("ClientPassword", ""), *floating],
        )

    def take(self) -> list[str]:
        """The names of all that came since the last time."""
        names = [message.name for message in self.got]
        self.got.clear()
        return names


class Bench:
    """An engine, its notes, and timers that go off when told to."""

    def __init__(self, more: str = "", standby: bool = False, form: str | None = None) -> None:
        server = f"[[server]]\nstandby = {str(standby).lower()}\n" + (f'form = "{form}"\n' if form else "")
        self.scenario: Scenario = parse(CENTER + server + more, "test.toml")
        self.notes: list[LabNote] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.engine = Engine(World(self.scenario), self.scenario.servers[0], self._later, self.notes.append)

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        self.timers.append((seconds, action))

    def pass_time(self) -> None:
        """Lets all timers go off that are set now."""
        timers, self.timers = self.timers, []
        for _, action in timers:
            action()

    def wrong(self) -> list[str]:
        """What the engine objected to."""
        return [note.text for note in self.notes if note.sort is Sort.WRONG]

    def bridge(self, version: int = 14, form: str | None = None) -> Peer:
        """A bridge client with an open session."""
        peer = Peer(self, version, BY_TITLE[form] if form else None)
        assert [message.name for message in peer.open()] == ["OPEN_CONF"]
        peer.got.clear()
        return peer

    def agent(self, name: str, version: int = 14, login: bool = True) -> Peer:
        """An agent-mode client with an open session, its agent logged in."""
        spec = next(agent for agent in self.scenario.agents if agent.id == name)
        peer = Peer(self, version)
        assert [message.name for message in peer.open(AGENT, [("AgentID", name)])] == ["OPEN_CONF"]
        if login:
            came = self.set_state(peer, name, 0, password=spec.password)
            assert came[0].name == "SET_AGENT_STATE_CONF", came[0].decoded.fixed
        peer.got.clear()
        return peer

    def set_state(self, peer: Peer, name: str, state: int, password: str = "", **fixed: int) -> list[Received]:
        """SET_AGENT_STATE_REQ for an agent."""
        spec = next(agent for agent in self.scenario.agents if agent.id == name)
        floating: list[tuple[str | int, Value]] = [("AgentInstrument", spec.instrument), ("AgentID", name)]
        if state == 0:
            floating.insert(1, ("AgentPassword", password))
        return peer.send("SET_AGENT_STATE_REQ", {"InvokeID": 2, "AgentState": state, **fixed}, floating)
