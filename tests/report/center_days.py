"""Captures of whole days of a contact center, of any number of agents, made as fast as they can be written.

One client sees everything; each agent has a client of its own, which now and then breaks down and comes back. Nothing is
played in real time: the packets are made in the order of their times.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable

from bench.traffic import Client, Writer

SECOND = 1_000_000
START = 1_741_593_600_000_000  # 2025-03-10 08:00:00 UTC
LOGOUT, NOT_READY, READY, TALKING, WORK, RESERVED = 1, 2, 3, 4, 5, 8
BREAK, NO_REASON = 7, 0


class Days:
    """Something that happens at a time makes the next things happen; until `span` seconds are over."""

    def __init__(self, path: str, agents: int, span: int, calls: int, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.span = span * SECOND
        self._todo: list[tuple[int, int, Callable[[int], None]]] = []
        self._serial = 0
        with open(path, "wb") as file:
            self.writer = Writer(file, START)
            self.bridge = self.client(0, "bridge", 0x10)
            self.desks = [Desk(self, number) for number in range(agents)]
            for number in range(calls):
                self.at(self.chance.randrange(self.span), lambda now, number=number: Call(self, number).begin(now))
            while self._todo:
                now, _, act = heapq.heappop(self._todo)
                self.writer.time = max(self.writer.time, START + now)
                act(now)
            for desk in self.desks:
                desk.close()
            self.bridge.end()

    def at(self, time: int, act: Callable[[int], None]) -> None:
        """Do something at a time, in µs since the beginning, if that is within the span."""
        if time < self.span:
            self._serial += 1
            heapq.heappush(self._todo, (time, self._serial, act))

    def client(self, number: int, name: str, services: int, agent: list[tuple[str, str]] | None = None) -> Client:
        """A client whose session is open."""
        client = Client(self.writer, number)
        fixed = {"InvokeID": 1, "VersionNumber": 14, "ServicesRequested": services, "IdleTimeout": 120}
        client.say(0, "OPEN_REQ", fixed, [("ClientID", name), ("ClientPassword", "pw"), *(agent or [])])
        client.say(1, "OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1, "ServicesGranted": services}, [])
        client.invoke = 1
        return client


class Desk:
    """One agent with a client."""

    def __init__(self, days: Days, number: int) -> None:
        self.days = days
        self.number = number
        self.name, self.phone = f"agent{number:03}", str(2000 + number)
        self.busy = False
        self.client: Client | None = None
        days.at(days.chance.randrange(days.span // 20 + 1), self.arrive)

    @property
    def floating(self) -> list[tuple[str, str]]:
        """How messages name the agent."""
        return [("AgentID", self.name), ("AgentExtension", self.phone), ("AgentInstrument", self.phone)]

    def arrive(self, now: int) -> None:
        """Come and log in."""
        connection = 1 + self.number + 1000 * self.days.chance.randrange(50)
        self.client = self.days.client(connection, self.name, 0x1, self.floating)
        self.asks(NOT_READY, 0)
        self.days.at(now + 20 * SECOND, lambda later: self.asks(READY, 0))
        self.days.at(now + self.pause(900), self.rest)

    def pause(self, seconds: int) -> int:
        """About so long, in µs, and no longer than a tenth of the span."""
        return int(min(self.days.chance.expovariate(1 / seconds) * SECOND + SECOND, self.days.span / 10))

    def asks(self, state: int, reason: int) -> None:
        """Ask for a state and get it."""
        if self.client is None or self.busy:
            return
        self.client.invoke += 1
        fixed = {"InvokeID": self.client.invoke, "AgentState": state, "EventReasonCode": reason}
        self.client.say(0, "SET_AGENT_STATE_REQ", fixed, self.floating)
        self.days.writer.time += int(self.days.chance.lognormvariate(8, 1.2))
        if self.days.chance.random() < 0.01:
            failure = {"InvokeID": self.client.invoke, "FailureCode": 265}
            self.client.say(1, "CONTROL_FAILURE_CONF", failure, [("Text", "not now")])
            return
        if self.days.chance.random() > 0.004:
            self.client.say(1, "SET_AGENT_STATE_CONF", {"InvokeID": self.client.invoke}, [])
        self.told(state, reason)

    def told(self, state: int, reason: int = NO_REASON) -> None:
        """Both clients hear of a state."""
        for client in (self.client, self.days.bridge):
            if client is not None:
                client.say(1, "AGENT_STATE_EVENT", {"AgentState": state, "EventReasonCode": reason}, self.floating)

    def rest(self, now: int) -> None:
        """Take a break, or break down."""
        if self.client is None:
            return
        if self.days.chance.random() < 0.05:
            self.client._send(0, 4)  # a reset
            self.client = None
            self.told(LOGOUT, 32765)
            self.days.at(now + self.pause(60), self.arrive)
            return
        self.asks(NOT_READY, BREAK)
        self.days.at(now + self.pause(300), lambda later: self.asks(READY, 0))
        self.days.at(now + self.pause(3600), self.rest)

    def close(self) -> None:
        """Go home."""
        if self.client is not None:
            self.client.end()


class Call:
    """One call: queued, offered to whoever is there, talked, over; some callers hang up first."""

    def __init__(self, days: Days, number: int) -> None:
        self.days = days
        self.id = 16_777_216 + number
        self.caller = f"+4930{days.chance.randrange(10**7):07}"
        self.desk: Desk | None = None

    def says(self, name: str, fixed: dict[str, int], floating: list[tuple[str, str | int]] | None = None) -> None:
        """One event of the call, to the bridge and to the agent's client."""
        for client in (self.days.bridge, self.desk.client if self.desk else None):
            if client is not None:
                client.say(1, name, {"CallID": self.id, **fixed}, floating or [("ConnectionDeviceID", self.device)])

    @property
    def device(self) -> str:
        """Where the call is."""
        return self.desk.phone if self.desk else "7000"

    def begin(self, now: int) -> None:
        """It comes in and is queued."""
        numbers = [("ANI", self.caller), ("DNIS", "8005550199"), ("DialedNumber", "8005550199")]
        self.says("BEGIN_CALL_EVENT", {"CallType": 1}, [("ConnectionDeviceID", "7000"), *numbers])
        waits = [("ConnectionDeviceID", "7000"), ("QueueDeviceID", "7000"), ("CallingDeviceID", self.caller)]
        self.says("CALL_QUEUED_EVENT", {"NumCSQs": 1}, [*waits, ("CSQID", 3)])
        self.days.at(now + int(self.days.chance.lognormvariate(2.2, 1) * SECOND), self.offer)

    def offer(self, now: int) -> None:
        """Somebody is free, or the caller had enough."""
        free = [desk for desk in self.days.desks if desk.client is not None and not desk.busy]
        if not free or self.days.chance.random() < 0.1:
            self.over(now)
            return
        self.desk = self.days.chance.choice(free)
        self.desk.busy = True
        self.desk.told(RESERVED)
        named = [("AlertingDeviceID", self.device), ("CallingDeviceID", self.caller), ("CalledDeviceID", "8005550199")]
        fixed = {"CSQID": 3, "LocalConnectionState": 2, "EventCause": 22}
        self.says("CALL_DELIVERED_EVENT", fixed, [("ConnectionDeviceID", self.device), *named])
        self.days.at(now + self.days.chance.randrange(2, 9) * SECOND, self.answer)

    def answer(self, now: int) -> None:
        """The agent answers."""
        named = [("AnsweringDeviceID", self.device), ("CallingDeviceID", self.caller), ("CalledDeviceID", "8005550199")]
        fixed = {"CSQID": 3, "LocalConnectionState": 3, "EventCause": 22}
        self.says("CALL_ESTABLISHED_EVENT", fixed, [("ConnectionDeviceID", self.device), *named])
        assert self.desk is not None
        self.desk.told(TALKING)
        self.days.at(now + self.desk.pause(180), self.over)

    def over(self, now: int) -> None:
        """Everybody hangs up; the agent writes it up."""
        fixed = {"LocalConnectionState": 0, "EventCause": 0xFFFF}
        released = [("ConnectionDeviceID", self.device), ("ReleasingDeviceID", self.caller)]
        self.says("CALL_CONNECTION_CLEARED_EVENT", fixed, released)
        self.says("CALL_CLEARED_EVENT", {"EventCause": 0xFFFF})
        self.says("END_CALL_EVENT", {})
        desk = self.desk
        if desk is not None:
            desk.told(WORK)

            def done(later: int) -> None:
                desk.busy = False
                if desk.client is not None:
                    desk.told(READY)

            self.days.at(now + desk.pause(40), done)


if __name__ == "__main__":
    import sys

    Days(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
