"""A day at the lab's contact center, played without sockets and by a clock of its own: what clients were told, as
events, and what truly happened, as the lab's own world has it after each step."""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable
from random import Random

from ccxdissect.codec import Decoder
from ccxdissect.lab.engine import Engine
from ccxdissect.lab.scenario import parse
from ccxdissect.lab.sessions import ServerSession
from ccxdissect.lab.world import Agent, Call, Field, World
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.constants.agents import AgentState
from ccxdissect.protocol.uccx.constants.calls import LocalConnectionState as LCS
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from scene import BRIDGE_MODE, S, Scene

AGENTS = 12
RING = 20.0
#: What a truth is kept by: the call, the device (None: the call itself) and the phase.
Key = tuple[int, "str | None", str]
Spans = list[tuple[int, int]]


def center() -> str:
    """The scenario: two queues with a trigger each, twelve agents with phones 2001 and up."""
    text = f"""
clock = 2025-01-01T00:00:00Z
call_ids = [1000]
ring = {RING}
[[server]]
[[application]]
id = 1
name = "Main"
[[csq]]
id = 7
name = "Orders"
[[csq]]
id = 8
name = "Service"
[[trigger]]
number = "7000"
application = 1
csq = 7
port = "9000"
[[trigger]]
number = "8000"
application = 1
csq = 8
port = "9001"
"""
    for number in range(AGENTS):
        csqs = [[7], [8], [7, 8]][number % 3]
        text += f'[[agent]]\nid = "agent{number}"\nextension = "{2001 + number}"\ncsqs = {csqs}\n'
    return text


class LabDay:
    """`calls` calls. `scene` has the events of a bridge client (and of each agent's own, when `desktops`)."""

    def __init__(self, seed: int, calls: int, desktops: bool) -> None:
        self.random = Random(seed)
        self.scene = Scene()
        self.truth: dict[Key, Spans] = defaultdict(list)
        self.outcomes: dict[int, str] = {}
        self.dialed: dict[int, str] = {}
        self._now: dict[Key, int] = {}
        self._heap: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._decided: set[tuple[int, str]] = set()
        scenario = parse(center(), "day.toml")
        self.world = World(scenario)
        self.engine = Engine(self.world, scenario.servers[0], self._later, lambda _: None)
        self._decoder = Decoder(UCCX_CTI)
        self._client("10.0.0.9:50001", 0x10 | 0x2 | 0x80, [])
        if desktops:
            for number, agent in enumerate(self.world.agents.values()):
                phone = agent.spec.extension
                named: list[Field] = [("AgentID", agent.spec.id), ("AgentExtension", phone), ("AgentInstrument", phone)]
                self._client(f"10.0.1.{number}:40000", 0x7, named)
        for agent in self.world.agents.values():
            self.engine.telephony.change(agent, AgentState.AGENT_STATE_NOT_READY)
            self._soon(self.random.uniform(0, 600), lambda agent=agent: self._ready(agent))
        for _ in range(calls):
            self._soon(self.random.uniform(10, 8 * 3600), self._call)
        self._run()
        self.outcomes = {call: outcome for call, outcome in self.outcomes.items() if outcome}

    # -- what the clients hear -----------------------------------------------------------------------------------------

    def _client(self, address: str, services: int, named: list[Field]) -> None:
        session = self.scene.session(address)
        ends: list[ServerSession] = []

        def hear(data: bytes) -> None:
            number = int.from_bytes(data[4:8], "big")
            self.scene.raw(session, number, data[8:], Side.SERVER, after=0)

        ends.append(self.engine.connected(address, hear, lambda by_reset: None))
        masks = {"CallMsgMask": 0x65EFFF, "AgentStateMask": 0x1FF, "ConfigMsgMask": 0xF}
        fixed: dict[str, int | bytes] = {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 60, **masks}
        record = self.scene.send(
            session,
            "OPEN_REQ",
            {**fixed, "ServicesRequested": services},
            [("ClientID", "c"), ("ClientPassword", ""), *named],
            after=0,
        )
        body = record.decoded.body
        self.engine.received(ends[0], len(body).to_bytes(4, "big") + record.decoded.number.to_bytes(4, "big") + body)
        assert record.decoded.name == "OPEN_REQ" and (services & BRIDGE_MODE or named)

    # -- time ----------------------------------------------------------------------------------------------------------

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        # The timer of a phone that rings is the lab's own. Its other timers are about sessions.
        if seconds == RING:
            self._soon(seconds, action)

    def _soon(self, seconds: float, action: Callable[[], None]) -> None:
        at = self.scene.now + int(seconds * 1000) * (S // 1000)
        heapq.heappush(self._heap, (at, next(self._order), action))

    def _run(self) -> None:
        while self._heap:
            self.scene.now, _, action = heapq.heappop(self._heap)
            action()
            self._look()
        assert not self.world.calls

    def _look(self) -> None:
        """What is true after a step: of each call on each device, by the states of the lab's own parties."""
        true: set[Key] = set()
        for call in self.world.calls.values():
            if call.queued:
                true.add((call.id, None, "queued"))
            people = {n: party.state for n, party in call.parties.items() if n not in self.world.ports}
            talking = sum(state is LCS.LCS_CONNECT for state in people.values())
            for number, state in people.items():
                if state is LCS.LCS_ALERTING:
                    true.add((call.id, number, "ringing"))
                elif state is LCS.LCS_HOLD:
                    true.add((call.id, number, "held"))
                elif state is LCS.LCS_CONNECT and talking > 1:
                    true.add((call.id, number, "talking"))
        for key in [key for key in self._now if key not in true]:
            start = self._now.pop(key)
            if self.scene.now > start:
                self.truth[key].append((start, self.scene.now))
        for key in true - set(self._now):
            self._now[key] = self.scene.now

    # -- what people do ------------------------------------------------------------------------------------------------

    def _ready(self, agent: Agent) -> None:
        if not self.world.calls_of(agent.spec.extension) and agent.state is not AgentState.AGENT_STATE_READY:
            self.engine.telephony.change(agent, AgentState.AGENT_STATE_READY)
        self._notice()

    def _notice(self) -> None:
        """Agents whose phone has begun to ring decide when they answer, if at all."""
        for call in list(self.world.calls.values()):
            for party in list(call.parties.values()):
                key = (call.id, party.number)
                if party.state is LCS.LCS_ALERTING and key not in self._decided:
                    self._decided.add(key)
                    wait = self.random.uniform(1, 12) if self.random.random() < 0.85 else RING + 1
                    if wait < RING:
                        self._soon(wait, lambda c=call, n=party.number: self._answer(c, n))
                    elif not call.routed:
                        self._soon(wait, lambda c=call: self._hang_up(c))
                    self._soon(RING + self.random.uniform(5, 60), lambda n=party.number: self._back(n))
        for key in [key for key in self._decided if not self._rings(*key)]:
            self._decided.discard(key)

    def _rings(self, call: int, number: str) -> bool:
        known = self.world.calls.get(call)
        party = known.party(number) if known is not None else None
        return party is not None and party.state is LCS.LCS_ALERTING

    def _back(self, number: str) -> None:
        agent = self.world.agent_at(number)
        if agent is not None and agent.state in (AgentState.AGENT_STATE_NOT_READY, AgentState.AGENT_STATE_WORK):
            self._ready(agent)

    def _call(self) -> None:
        kind = self.random.random()
        telephony = self.engine.telephony
        free = [a for a in self.world.agents.values() if not self.world.calls_of(a.spec.extension)]
        if kind < 0.75:
            caller, dialed = f"555{self.random.randrange(10**6):06}", self.random.choice(["7000", "8000"])
        elif len(free) > 1 and kind < 0.88:
            one, two = self.random.sample(free, 2)
            caller, dialed = one.spec.extension, two.spec.extension
        elif free:
            caller, dialed = self.random.choice(free).spec.extension, f"0555{self.random.randrange(10**5):05}"
        else:
            return
        call = telephony.place(caller, dialed)
        self.dialed[call.id] = dialed
        self.outcomes[call.id] = ""
        if call.ended:
            return
        self._soon(self.random.uniform(15, 240), lambda: self._patience(call))
        if self._talk(call):
            self.outcomes[call.id] = "answered"
            self._soon(self.random.uniform(5, 300), lambda: self._next(call))
        self._notice()

    @staticmethod
    def _talk(call: Call) -> list[str]:
        return [n for n, party in call.parties.items() if party.state is LCS.LCS_CONNECT and n != call.caller
                and not n.startswith("90")]  # fmt: skip

    def _patience(self, call: Call) -> None:
        """A caller whom nobody has answered gives up."""
        if not call.ended and not self.outcomes[call.id]:
            rings = any(party.state is LCS.LCS_ALERTING for party in call.parties.values())
            self.outcomes[call.id] = "abandoned while ringing" if rings else "abandoned in queue"
            self._hang_up(call)

    def _hang_up(self, call: Call) -> None:
        if call.ended:
            return
        if not self.outcomes.get(call.id):
            self.outcomes[call.id] = "abandoned while ringing"
        self.engine.telephony.leave(call, call.caller)
        if not call.ended:
            self.engine.telephony.end(call)
        self._notice()

    def _answer(self, call: Call, number: str) -> None:
        party = call.party(number)
        if call.ended or party is None or party.state is not LCS.LCS_ALERTING:
            return
        self.engine.telephony.connect(call, number)
        self.outcomes[call.id] = self.outcomes.get(call.id) or "answered"
        self._look()
        self._soon(self.random.uniform(5, 300), lambda: self._next(call))
        self._notice()

    def _next(self, call: Call) -> None:
        """Something is done with a call on which people talk."""
        if call.ended:
            return
        agents = [n for n in self._talk(call) if self.world.agent_at(n) is not None]
        free = [a.spec.extension for a in self.world.agents.values() if not self.world.calls_of(a.spec.extension)]
        what = self.random.random()
        telephony = self.engine.telephony
        if not agents or what < 0.45:
            leaver = self.random.choice([call.caller, *self._talk(call)])
            if leaver in call.parties:
                telephony.leave(call, leaver)
            if not call.ended:
                self._soon(self.random.uniform(1, 60), lambda: self._hang_up(call))
        elif what < 0.65:
            telephony.hold(call, agents[0])
            self._look()
            self._soon(self.random.uniform(1, 90), lambda: self._retrieve(call, agents[0]))
        elif what < 0.75 and free and len(self.world.calls_of(agents[0])) == 1:
            to = self.random.choice([free[0], "7000", "0555123"])
            self.outcomes[call.id] = "transferred"
            telephony.transfer_blind(call, agents[0], to, lambda held, parties: None)
            self._soon(self.random.uniform(60, 400), lambda: self._hang_up(call))
        elif free and len(self.world.calls_of(agents[0])) == 1:
            to = self.random.choice([free[0], free[0], "0555777"])
            data = call.data.copy()
            consult = telephony.consult(call, agents[0], to, data, lambda made: self._made(made, to))
            self._look()
            self._soon(self.random.uniform(1, 40), lambda: self._join(call, consult, agents[0]))
        else:
            self._soon(10, lambda: self._hang_up(call))
        self._notice()

    def _made(self, call: Call, dialed: str) -> None:
        self.dialed[call.id] = dialed
        self.outcomes[call.id] = ""

    def _retrieve(self, call: Call, number: str) -> None:
        party = call.party(number)
        if not call.ended and party is not None and party.state is LCS.LCS_HOLD:
            self.engine.telephony.retrieve(call, number)
            self._look()
            self._soon(self.random.uniform(1, 60), lambda: self._next(call))

    def _join(self, held: Call, consult: Call, number: str) -> None:
        """The consulting agent has waited: joins the calls, if the one asked has answered or still rings."""
        telephony = self.engine.telephony
        if held.ended or number not in held.parties:
            if not consult.ended:
                self._hang_up(consult)
            return
        if consult.ended or len(consult.parties) < 2 or number not in consult.parties:
            self._retrieve(held, number)
            return
        answered = bool(self._talk(consult))
        self.outcomes[consult.id] = self.outcomes[consult.id] or ("answered" if answered else "transferred")
        if answered and self.random.random() < 0.5:
            self.outcomes[held.id] = "conferenced"
            telephony.conference(held, consult, number, lambda call, parties: None)
        else:
            self.outcomes[held.id] = "transferred"
            telephony.transfer(held, consult, number, lambda call, parties: None)
        self._look()
        self._soon(self.random.uniform(10, 120), lambda: self._hang_up(held))
        self._notice()
