"""Agents who were logged in by way of a session that was lost: who they are, and who is told to be back by the next one.

Known of an agent is what the server told on that very session: who logged in before the capture and was never spoken of
is not known to have been there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ccxdissect.analysis.nodes import Switch
from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.subject import Subject
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Side
from ccxdissect.stream.events import Session

#: The most agents of one session, lost sessions, and agents of all of these, that are remembered.
MOST_AGENTS = 10_000
MOST_LOST = 2_000
MOST_AGENTS_IN_ALL = 50_000


class Stranded:
    """Follows agents across the loss of sessions. Feed it what the server says of agents' states."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones
        #: The agents who are logged in, or were thrown out by a failure, by session; of lost sessions too.
        self._there: dict[int, dict[str, None]] = {}
        #: How many agents each lost session holds, and all of them do.
        self._lost: dict[int, int] = {}
        self._agents = 0
        #: The switches whose agents are not all back, by the session that serves them now.
        self._waiting: dict[int, Switch] = {}

    def told(
        self, time: int, session: Session, sender: Side, subject: Subject, own: Callable[[Session], str | None]
    ) -> Switch | None:
        """A message about an agent's state, when, by whom and of what; `own`: tells whose session one is. Gives the switch
        whose last agent is back by it."""
        if sender is not Side.SERVER or subject.state is None:
            return None
        agent = subject.agent or self._phones.agent_of(session.server, subject) or own(session)
        if agent is None:
            return None
        number = session.number
        there = self._there.get(number)
        if there is None:
            there = self._there[number] = {}
        if Sense.LOGGED_OUT in subject.senses("state"):
            if Sense.AGENT_LOST not in subject.senses("reason"):
                there.pop(agent, None)
            return None
        if len(there) < MOST_AGENTS:
            there[agent] = None
        switch = self._waiting.get(number)
        if switch is None or agent not in switch.stranded:
            return None
        switch.back.setdefault(agent, time)
        if len(switch.back) < len(switch.stranded):
            return None
        del self._waiting[number]
        switch.settled = True
        return switch

    def ended(self, number: int, lost: bool) -> Switch | None:
        """A session is over; gives the switch whose agents cannot be seen to come back any more."""
        if lost:
            agents = len(self._there.get(number, ()))
            self._agents += agents - self._lost.get(number, 0)
            self._lost[number] = agents
            while len(self._lost) > MOST_LOST or self._agents > MOST_AGENTS_IN_ALL:
                self._forget(next(iter(self._lost)))
        else:
            self._there.pop(number, None)
        switch = self._waiting.pop(number, None)
        if switch is not None:
            switch.settled = True
        return switch

    def switched(self, switch: Switch) -> None:
        """A client is served again: its agents are waited for."""
        switch.stranded = tuple(self._forget(switch.lost.session.number))
        if switch.stranded:
            self._waiting[switch.session.number] = switch
        else:
            switch.settled = True

    def _forget(self, number: int) -> dict[str, None]:
        """Let go of a lost session; give its agents."""
        self._agents -= self._lost.pop(number, 0)
        return self._there.pop(number, {})

    def flush(self) -> Iterator[Switch]:
        """Nothing more will come: the switches whose agents are not all back."""
        for switch in self._waiting.values():
            switch.settled = True
            yield switch
        self._waiting.clear()
        self._there.clear()
        self._lost.clear()
        self._agents = 0
