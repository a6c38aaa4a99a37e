"""Clients and the nodes that serve them: who lost which node, what was tried then, and who serves now.

Two kinds of stories come out: a `Switch`, when a client that had lost an open session is granted one again (on another
node: a failover; on the same: an outage); and `ShutOut`, for a client that in the whole capture got nothing but the
refusals of standby nodes. A client is a host and whose session it is, so that the agents of one host are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ccxdissect.analysis.sessions import Reached, SessionStory
from ccxdissect.bounded import Newest
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Side
from ccxdissect.stream.events import Session

#: The most clients, the most attempts of one, and of all of them, that are kept.
MOST_CLIENTS = 5_000
MOST_ATTEMPTS = 1_000
MOST_ATTEMPTS_IN_ALL = 50_000


class Client(NamedTuple):
    """A host, and whose session it is: the agent's in agent mode, else the client's name for itself."""

    host: str
    whose: str

    def __str__(self) -> str:
        return self.host


class Attempt(NamedTuple):
    """An attempt that came to nothing: when (ns), at which node, how far it got, with which code it was refused, and whose
    it was, where it got as far as saying so."""

    time: int
    server: str
    reached: Reached
    code: int | None
    whose: str | None

    def may_be_of(self, client: Client) -> bool:
        """Whether that client may have made it."""
        return self.whose is None or self.whose == client.whose


@dataclass(slots=True, eq=False)
class Switch:
    """A client lost an open session and was served again. Times in ns.

    `stranded`: the agents who were logged in by way of it; `back`: when the new session told each of them to be there
    again. `settled`: nothing more of that is to be waited for. `told`: the switch was told before that was known.
    """

    client: Client
    lost: SessionStory
    session: Session
    back_at: int
    message: int
    attempts: tuple[Attempt, ...]
    stranded: tuple[str, ...] = ()
    back: dict[str, int] = field(default_factory=dict)
    settled: bool = False
    told: bool = False

    @property
    def lost_at(self) -> int:
        """Since when nobody served it: since it was asked in vain for the first time, when the server fell silent."""
        dead, beats = self.lost.dead_path, self.lost.heartbeats
        if dead is not None:
            return dead.since
        if self.lost.demoted_at is not None:
            return self.lost.demoted_at
        if self.lost.given_up and beats.missed_since is not None:
            return beats.missed_since
        return self.lost.session.end

    @property
    def failover(self) -> bool:
        """Whether another node serves now."""
        return self.lost.session.server != self.session.server


@dataclass(slots=True, frozen=True)
class ShutOut:
    """A client whom every node refused as a standby. `nodes`: in the order of the first attempt."""

    client: Client
    nodes: tuple[str, ...]
    attempts: int
    last: SessionStory
    #: Nodes that served others since it was refused first: those that it did not try, and those that had refused it; and its
    #: attempts to reach any that did not refuse it.
    masters: tuple[str, ...] = ()
    by_now: tuple[str, ...] = ()
    unreached: tuple[Attempt, ...] = ()


@dataclass(slots=True)
class _Known:
    """What is known of one client."""

    lost: SessionStory | None = None
    served: bool = False
    refused: list[str] = field(default_factory=list)
    refusals: int = 0
    #: When (ns) it was refused first.
    since: int = 0
    #: A node that had refused it as a standby did so again; and whether that was told.
    round: bool = False
    told: bool = False
    last: SessionStory | None = None
    others: bool = False


class Nodes:
    """Follows clients from node to node."""

    def __init__(self) -> None:
        self._clients: Newest[Client, _Known] = Newest(MOST_CLIENTS)
        #: Attempts that came to nothing, by host: not all of them got as far as saying whose they are.
        self._attempts: Newest[str, list[Attempt]] = Newest(MOST_CLIENTS)
        self._attempted = 0
        #: Until when (ns) a node served anybody, as far as is known by now.
        self._masters: Newest[str, int] = Newest(MOST_ATTEMPTS)
        #: The same of hosts whose clients were served before the capture began, so that it is not known whose they are.
        self._served: Newest[str, int] = Newest(MOST_CLIENTS)

    def ended(self, story: SessionStory) -> None:
        """A session is over."""
        host = story.session.client.host
        self._serves(story)
        if story.reached not in (Reached.OPEN, Reached.OTHER):
            attempts = self._attempts.get(host) or []
            self._attempted -= len(self._attempts.keep(host, attempts) or ())
            if len(attempts) < MOST_ATTEMPTS:
                code = story.refusal.code if story.refusal is not None else None
                whose = None if story.opened is None else client_of(story).whose
                attempts.append(Attempt(story.session.start, story.session.server, story.reached, code, whose))
                self._attempted += 1
            while self._attempted > MOST_ATTEMPTS_IN_ALL:
                self._attempted -= len(self._attempts.forget())
        if story.opened is None:
            return
        known = self._of(client_of(story))
        if story.lost and not story.replaced:
            known.lost = story
        elif story.refusal is not None and story.refusal.standby:
            known.since = known.since if known.refusals else story.session.start
            known.refusals += 1
            known.last = story
            known.round |= story.session.server in known.refused
            if story.session.server not in known.refused and len(known.refused) < MOST_ATTEMPTS:
                known.refused.append(story.session.server)
        else:
            known.others = True

    def granted(self, story: SessionStory, time: int, message: int) -> Switch | None:
        """A session was granted: the story of how its client came to it, if it had lost one before."""
        client = client_of(story)
        known = self._of(client)
        known.served = True
        self._masters.keep(story.session.server, max(time, self._masters.get(story.session.server) or time))
        lost, known.lost = known.lost, None
        attempts = self._attempts.pop(client.host, [])
        others = [one for one in attempts if not one.may_be_of(client)]
        self._attempted -= len(attempts) - len(others)
        if others:
            self._attempts.keep(client.host, others)
        if lost is None:
            return None
        switch = Switch(client, lost, story.session, time, message, ())
        # What came to nothing while it was served elsewhere was no attempt to be served again.
        switch.attempts = tuple(one for one in attempts if one.may_be_of(client) and one.time >= switch.lost_at)
        return switch

    def _serves(self, story: SessionStory, until: int | None = None) -> None:
        """A session that was open was served until it ended, or up to a time (ns) if it lasts."""
        session = story.session
        if story.was_open and session.sent[Side.SERVER].messages:
            if until is None:
                until = session.followed_until if session.ended_at is None else session.ended_at
            self._masters.keep(session.server, max(until, self._masters.get(session.server) or until))
            if story.opened is None:
                self._served.keep(session.client.host, max(until, self._served.get(session.client.host) or until))

    def shut_out(self, story: SessionStory, lasting: Iterable[SessionStory]) -> ShutOut | None:
        """Of the session that ended last: the story of its client if it has come round to a node that had refused it, and
        nobody serves it. Told once, so that `flush` does not tell it again. `lasting`: the stories of the sessions that last."""
        if story.refusal is None or not story.refusal.standby:
            return None
        client = client_of(story)
        known = self._of(client)
        if not known.round or known.told:
            return None
        for one in lasting:
            self._serves(one, story.session.end)
        found = self._shut_out(client, known)
        known.told = found is not None
        return found

    def flush(self) -> Iterator[ShutOut]:
        """Nothing more will come: the clients whom nobody served."""
        for client, known in self._clients.items():
            found = None if known.told else self._shut_out(client, known)
            if found is not None:
                yield found
        for remembered in (self._clients, self._attempts, self._masters, self._served):
            remembered.clear()
        self._attempted = 0

    def _shut_out(self, client: Client, known: _Known) -> ShutOut | None:
        """Its story, if nobody served it as far as is known."""
        if not known.refused or known.served or known.others or known.last is None:
            return None
        if (self._served.get(client.host) or 0) >= known.since:
            # By a session of which it is not known whose it is: it may well be its own.
            return None
        serve = [node for node, until in self._masters.items() if until >= known.since]
        masters = tuple(node for node in serve if node not in known.refused)
        by_now = tuple(node for node in known.refused if node in serve)
        unreached = {
            one.server: one
            for one in self._attempts.get(client.host) or ()
            if one.may_be_of(client) and one.reached is not Reached.NOTHING_SAID and one.server not in known.refused
        }
        return ShutOut(
            client, tuple(known.refused), known.refusals, known.last, masters, by_now, tuple(unreached.values())
        )

    def _of(self, client: Client) -> _Known:
        known = self._clients.get(client) or _Known()
        self._clients.keep(client, known)
        return known


def client_of(story: SessionStory) -> Client:
    """The client of a session."""
    own = story.agent if story.mode == Sense.AGENT_MODE.value else None
    return Client(story.session.client.host, own or story.client_name or "")
