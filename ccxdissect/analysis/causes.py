"""What requests lead to: events about an agent or a call are traced back to the last request about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ccxdissect.analysis.foreseen import Foreseen
from ccxdissect.analysis.open_requests import OpenRequest
from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.subject import Subject
from ccxdissect.protocol.model import Message, Trait
from ccxdissect.wording import SECOND

#: How long after its reply a request may still lead to events, in ns.
WINDOW = 5 * SECOND
#: The most events of which one request can be told to be the cause.
MOST_TRIGGERED = 1_000


class Causes:
    """The requests that events are traced back to."""

    def __init__(self, phones: Phones, window: int, traced: bool) -> None:
        """`window`: how long after its reply a request may lead to events, in ns. `traced`: whether it is asked for which."""
        self._phones = phones
        self._window = window
        self.traced = traced
        #: By server; by its agent (text) or call (a number).
        self.of_servers: dict[str, dict[object, OpenRequest]] = {}
        #: Those that wait for the call that they make, by server and phone.
        self.dialing: dict[tuple[str, str], OpenRequest] = {}
        #: Events about one call that come without being traced here one by one.
        self.foreseen = Foreseen()

    def claim(self, open_: OpenRequest, server: str, key: object) -> OpenRequest | None:
        """From now on the events about an agent or a call of a server are this request's doing. Gives the one whose doing they
        were, if nothing else is."""
        of_server = self.of_servers.setdefault(server, {})
        before = of_server.get(key)
        if before is open_:
            return None
        named = server, key
        if before is None:
            if named in self.foreseen.of_calls:
                # Nothing led to what came until now.
                self.foreseen.come(named)
        else:
            self.catch_up(before)
        of_server[key] = open_
        open_.keys.add(named)
        if before is None:
            return None
        before.keys.discard(named)
        return None if before.keys or before.phone is not None else before

    def dial(self, open_: OpenRequest, server: str, phone: str) -> None:
        """It waits for the call that begins at a phone."""
        open_.phone = phone
        self.dialing[server, phone] = open_

    def trace(self, number: int, time: int, server: str, message: Message, subject: Subject) -> None:
        """An event comes: whose doing is it?"""
        if self.dialing and message.traits & Trait.CALL_BEGINS and subject.call is not None:
            self._begin(server, subject)
        of_server = self.of_servers.get(server)
        if of_server is None or not self.traced:
            return
        agent = subject.agent
        if agent is None and (subject.extension is not None or subject.instrument is not None):
            agent = self._phones.agent_of(server, subject)
        found: Iterable[OpenRequest | None]
        if subject.other_call is None and subject.new_call is None:
            of_call = of_server.get(subject.call)
            if agent is None:
                found = () if of_call is None else (of_call,)
            else:
                of_agent = of_server.get(agent)
                found = (of_call,) if of_call is of_agent else (of_call, of_agent)
        else:
            found = dict.fromkeys([*map(of_server.get, subject.calls), of_server.get(agent)])
        for cause in found:
            if cause is None:
                continue
            triggered = cause.triggered
            since = cause.request_time if cause.reply is None else cause.reply[2]
            if time - since > self._window or len(triggered) >= MOST_TRIGGERED:
                continue
            if triggered:
                triggered.append(number)
            else:
                cause.triggered = [number]

    def catch_up(self, open_: OpenRequest) -> None:
        """A request led to the foreseen events that came until now: before they can be another's doing, and before it is told."""
        foreseen = self.foreseen
        for key in open_.keys:
            come = foreseen.come(key) if key in foreseen.of_calls else None
            if come is not None:
                self._led_to(open_, foreseen.numbers[come], foreseen.times[come])

    def catch_up_all(self) -> None:
        """All that was foreseen has come."""
        for key in self.foreseen.left():
            server, call = key
            cause = self.of_servers.get(server, {}).get(call)
            if cause is not None:
                self.catch_up(cause)
        self.foreseen.clear()

    def _led_to(self, cause: OpenRequest, numbers: Sequence[int], times: Sequence[int]) -> None:
        """Events about one thing came, of which some may have come before what was traced already."""
        window, asked = self._window, cause.request_time
        replied, since = (0, asked) if cause.reply is None else (cause.reply[0], cause.reply[2])
        led_to = [*cause.triggered, *numbers]
        if max(times) > min(asked, since) + window:
            in_time = [
                number
                for number, time in zip(numbers, times, strict=True)
                if time - (since if number > replied else asked) <= window
            ]
            led_to = [*cause.triggered, *in_time]
        if cause.triggered:
            led_to.sort()
        cause.triggered = led_to[:MOST_TRIGGERED]

    def _begin(self, server: str, subject: Subject) -> None:
        for phone in (subject.connection, subject.calling):
            dialing = self.dialing.pop((server, phone), None) if phone else None
            if dialing is not None:
                dialing.phone = None
                self.claim(dialing, server, subject.call)
                return

    def release(self, open_: OpenRequest) -> None:
        """It leads to nothing more."""
        self.catch_up(open_)
        for server, key in open_.keys:
            of_server = self.of_servers.get(server)
            if of_server is not None and of_server.get(key) is open_:
                del of_server[key]
                if not of_server:
                    del self.of_servers[server]
        open_.keys.clear()
        if open_.phone is not None and self.dialing.get((open_.session.server, open_.phone)) is open_:
            del self.dialing[open_.session.server, open_.phone]
        open_.phone = None

    def refuse(self, open_: OpenRequest) -> None:
        """It failed: it led to nothing, whatever came meanwhile."""
        self.release(open_)
        open_.triggered = ()

    def clear(self) -> None:
        """Nothing more will come."""
        self.of_servers.clear()
        self.foreseen.clear()
        self.dialing.clear()
