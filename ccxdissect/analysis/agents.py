"""Agents: who was in which state, why, from when to when, and by which sessions it is known.

A spell is one stay in one state for one reason; it is given when it ends. A state that is told again to another client,
or asked for and told again, belongs to the same spell.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from ccxdissect.analysis.echoes import Echoes
from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.analysis.subject import Subject, SubjectReader, Taker
from ccxdissect.bounded import Newest
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Kind, Mark, Message, Protocol, Side, Trait
from ccxdissect.stream.events import EndedBy, Event, Loss, Record, Session, SessionEnded
from ccxdissect.wording import SECOND, duration
from ccxdissect.wording.names import in_words, quoted

#: The most agents that are followed at once.
MOST_AGENTS = 50_000
#: The most sessions that one spell names.
MOST_SESSIONS = 100

#: All that is asked of the subjects of messages.
_SLOTS = Echoes.SLOTS | {"invoke_id", "extension", "instrument"}
_OF_OPENING = _SLOTS | {"idle_timeout"}


class Spell(NamedTuple):
    """An agent's stay in one state. `end` is None when the capture ended first. Times in ns.

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
    ...     spell = next(trace.agents())
    >>> spell.agent, spell.state_name
    ('quentin', 'AGENT_STATE_NOT_READY')
    """

    agent: str
    server: str
    state: int
    state_name: str | None
    reason: int | None
    reason_name: str | None
    reason_meaning: str
    start: int
    message: int
    session: int
    end: int | None = None
    sessions: tuple[int, ...] = ()
    #: The time of the last news while it lasted.
    last: int = 0
    #: The request that asked for this state, when one did.
    asked_by: int | None = None
    #: The last time at which it may be said to have lasted, while its end is not known.
    known_until: int = 0
    #: Whether all sessions that told of it were lost: what became of it afterwards is not known.
    lost: bool = False
    #: Whether bytes of the server were never captured meanwhile, in all sessions that would have told of other states: it may
    #: have ended sooner.
    unheard: bool = False
    #: What the state and the reason mean: the agent is gone, comes, is on a call, or (not) free for one.
    logged_out: bool = False
    logs_in: bool = False
    on_call: bool = False
    free: bool = False
    not_free: bool = False

    @property
    def open(self) -> bool:
        """Whether it still lasted when the capture ended."""
        return self.end is None

    @property
    def until(self) -> int:
        """Its end; while it lasts, the last time at which that is known. In ns."""
        return self.end if self.end is not None else max(self.known_until, self.last, self.start)

    @property
    def duration(self) -> int:
        """How long it lasted, in ns; so far, when it is not over."""
        return self.until - self.start

    def line(self) -> str:
        """The spell in one readable line."""
        state = in_words(self.state_name) if self.state_name else f"state {self.state}"
        text = f"agent {quoted(self.agent)} {state}"
        if self.duration and not self.logged_out:
            text += f" for {_lasting(self)}"
        if self.reason:
            why = self.reason_meaning or (in_words(self.reason_name) if self.reason_name else "the site's own code")
            text += f", reason {self.reason} ({why})"
        return text


def _lasting(spell: Spell) -> str:
    """How long it lasted, in words."""
    return f"{'up to ' if spell.unheard else ''}{duration(spell.duration)}"


SCHEMA = Schema(
    "agents",
    "an agent's stay in one state",
    (
        Column("agent", ColumnKind.TEXT, "login id of the agent", rank=1),
        Column("server", ColumnKind.TEXT, "address of the server"),
        Column(
            "state",
            ColumnKind.INTEGER,
            "the state's number",
            rank=2,
            told=lambda spell: spell.state_name or str(spell.state),
        ),
        Column("state_name", ColumnKind.TEXT, "the state's constant, when the tables have it", optional=True),
        Column("reason", ColumnKind.INTEGER, "reason code", rank=5, optional=True),
        Column("reason_name", ColumnKind.TEXT, "its constant, when the tables have it", rank=6, optional=True),
        Column("reason_meaning", ColumnKind.TEXT, "what it means, when known"),
        Column("start", ColumnKind.TIME, "when it began", rank=3),
        Column("end", ColumnKind.TIME, "when it ended; null when the capture ended first", rank=7, optional=True),
        Column("duration", ColumnKind.DURATION, "how long it lasted; so far, when it is open", rank=4, told=_lasting),
        Column("open", ColumnKind.FLAG, "whether it still lasted when the capture ended", rank=10),
        Column(
            "lost", ColumnKind.FLAG, "whether it ended with the last session that told of it, and is not known since"
        ),
        Column(
            "unheard",
            ColumnKind.FLAG,
            "whether bytes that would have told of its end were never captured meanwhile: it may have ended sooner",
        ),
        Column("message", ColumnKind.INTEGER, "number of the message that told it", rank=8),
        Column("asked_by", ColumnKind.INTEGER, "number of the request that asked for it", optional=True),
        Column("sessions", ColumnKind.LIST, "the sessions that were told", rank=9, of=ColumnKind.INTEGER),
    ),
)


class _Stay:
    """A spell that lasts: as it began, and what was heard of it since."""

    __slots__ = ("began", "last", "sessions")

    def __init__(self, began: Spell) -> None:
        self.began = began
        self.last = began.start
        self.sessions = [began.session]

    def told(self, unheard: bool, end: int | None = None, known_until: int = 0, lost: bool = False) -> Spell:
        """The spell as it is known by now."""
        heard = tuple(self.sessions)
        return self.began._replace(
            end=end, sessions=heard, last=self.last, known_until=known_until, lost=lost, unheard=unheard
        )


class _Asked(NamedTuple):
    """A request for a state: its number, the state, whether that is to log in; its session and id, by which it is refused."""

    number: int
    state: int
    logs_in: bool
    session: int
    invoke_id: int | None


def _logs_in(now: _Stay | None, asked: _Asked | None, subject: Subject, unasked: bool) -> bool:
    """Whether a state that begins is that of an agent who comes: by its reason, by the state itself, or since the agent of whom
    nothing was known had asked to log in."""
    means = subject.senses("state")
    if Sense.LOGGED_OUT in means:
        return unasked and Sense.LOGGED_IN in subject.senses("reason")
    if now is None:
        if asked is not None and asked.logs_in:
            return True
    elif now.began.logs_in and not now.began.reason:
        # The state before said so already.
        return False
    return Sense.LOGGED_IN in means or (unasked and Sense.LOGGED_IN in subject.senses("reason"))


class Agents:
    """Follows the agents; gives each spell when it ends."""

    def __init__(self, reader: SubjectReader | None = None, phones: Phones | None = None) -> None:
        self._reader = reader or SubjectReader()
        self._phones = phones if phones is not None else Phones()
        self._echoes = Echoes()
        self._now: Newest[tuple[str, str], _Stay] = Newest(MOST_AGENTS)
        self._asked: Newest[tuple[str, str], _Asked] = Newest(MOST_AGENTS)
        #: Whose state was asked for, by the session and id of the request. Bounded.
        self._may_fail: Newest[tuple[int, int | None], tuple[str, str]] = Newest(MOST_AGENTS)
        #: Each session's own agent, and the phones with which it was opened.
        self._own: dict[int, tuple[str, tuple[str, ...]]] = {}
        #: Whose state was asked about, by the session and id of the request; None: somebody's of whom nothing is known. Bounded.
        self._queried: Newest[tuple[int, int | None], str | None] = Newest(MOST_AGENTS)
        #: How long (s) the servers bear the silence of each session's client, where that was said.
        self._patience: dict[int, int] = {}
        self._latest = 0
        #: Sessions that are over, before the capture was; of the last ones. Bounded.
        self._dead: Newest[int, None] = Newest(MOST_AGENTS)
        #: When (ns) sessions were last found to lack bytes of the server. Bounded.
        self._deaf: Newest[int, int] = Newest(MOST_AGENTS)

    def feed(self, event: Event) -> list[Spell]:
        """Take the next event; give the spells that it ends."""
        if isinstance(event, SessionEnded):
            self._own.pop(event.session.number, None)
            return self._session_ended(event.session, self._patience.pop(event.session.number, None))
        if isinstance(event, Loss):
            if event.sender is Side.SERVER and not event.session.excerpt:
                self._deaf.keep(event.session.number, event.time)
            return []
        if not isinstance(event, Record) or event.decoded.message is None:
            return []
        subject = self._reader.of(event.decoded)
        return self.take(event.number, event.time, event.session, event.sender, event.decoded.message, subject)

    def slots(self, message: Message, protocol: Protocol) -> frozenset[str]:
        """What is asked of the subjects of messages."""
        return _OF_OPENING if message.traits & Trait.OPENS else _SLOTS

    def taker(self, message: Message, protocol: Protocol) -> Taker:
        """What takes messages that need not be looked at as records: all."""
        return self.take

    def take(
        self, number: int, time: int, session: Session, sender: Side, message: Message, subject: Subject
    ) -> list[Spell]:
        """Take a message that is known by these alone, as `feed` takes its record."""
        self._latest = max(self._latest, time)
        server = session.server
        self._phones.learn(server, subject)
        own, phones = self._own.get(session.number, (None, ()))
        if message.kind is Kind.REQUEST and message.traits & (Trait.OPENS | Trait.ASKS):
            self._asks(session, message, subject, phones)
        elif message.traits & Trait.FAILS:
            self._refused((session.number, subject.invoke_id))
        if not message.traits & Trait.AGENT_STATE or subject.state is None:
            return []
        agent = self._phones.agent_of(server, subject)
        if agent is None and message.kind is Kind.CONFIRMATION:
            agent = self._queried.pop((session.number, subject.invoke_id), own)
        else:
            agent = agent or own
        if agent is None:
            return []
        if message.kind is Kind.REQUEST:
            asked = (session.number, subject.invoke_id)
            logs_in = Sense.LOGGED_IN in subject.senses("state")
            self._asked.keep((server, agent), _Asked(number, subject.state, logs_in, *asked))
            self._may_fail.keep(asked, (server, agent))
            return []
        unasked = message.kind is Kind.EVENT
        began = session.start if session.from_start else 0
        echo = unasked and self._echoes.told_again(number, time, server, session.number, message.number, subject, began)
        return self._told(number, time, session.number, subject, (server, agent), echo, unasked)

    def _asks(self, session: Session, message: Message, subject: Subject, phones: tuple[str, ...]) -> None:
        """A session is to be opened, for an agent of its own; or somebody's state is asked about."""
        if message.traits & Trait.OPENS:
            if subject.agent is not None:
                self._own[session.number] = subject.agent, tuple(subject.phones)
            if subject.idle_timeout:
                self._patience[session.number] = subject.idle_timeout
        elif subject.invoke_id is not None:
            who = self._phones.agent_of(session.server, subject)
            if who is not None or (phones and subject.phones and not set(phones).intersection(subject.phones)):
                self._queried.keep((session.number, subject.invoke_id), who)

    def _refused(self, asked: tuple[int, int | None]) -> None:
        """Nothing comes of a request that was refused: a state that is told later was not asked for by it."""
        key = self._may_fail.pop(asked, None)
        request = None if key is None else self._asked.get(key)
        if key is not None and request is not None and (request.session, request.invoke_id) == asked:
            del self._asked[key]

    #: Nothing is told by time alone.
    due = 1 << 100

    def concerns(self, message: Message, protocol: Protocol) -> bool:
        """Whether messages of a type may change anything here besides the time of the last message (see `heard`)."""
        if message.traits & (Trait.AGENT_STATE | Trait.OPENS | Trait.ASKS | Trait.FAILS):
            return True
        return bool(message.marked(Mark.AGENT) and message.marked(Mark.EXTENSION | Mark.INSTRUMENT))

    def heard(self, time: int) -> None:
        """Messages came that concern nobody here, the latest at that time (ns)."""
        self._latest = max(self._latest, time)

    def elsewhere(self, event: Event) -> tuple[()]:
        """Take an event of a session that is not looked at here: up to it, what lasts is known to last."""
        if isinstance(event, Record) and event.decoded.message is not None:
            self.heard(event.time)
        elif isinstance(event, SessionEnded) and event.session.ended_by is EndedBy.CAPTURE_END:
            self.heard(event.session.end)
        return ()

    @staticmethod
    def advance(now: int) -> tuple[()]:
        """Time passes; nothing is told by that."""
        return ()

    def newest(self, most: int) -> list[Spell]:
        """The spells that last, at most so many, the one that began last first."""
        return [self._spell(stay) for stay in islice(reversed(self._now.values()), most)]

    def lasts(self, server: str, agent: str) -> bool:
        """Whether an agent is in a state that is known."""
        return (server, agent) in self._now

    def _session_ended(self, session: Session, patience: int | None) -> list[Spell]:
        """A spell of which no session is left that would tell its end is not known any longer."""
        # Of a client that is silent for longer than its server bears the session is over, though its end was not captured.
        silent = patience is not None and session.followed_until - session.end > patience * SECOND
        silent = silent and not session.excerpt
        if session.ended_by is EndedBy.CAPTURE_END and not silent:
            self._latest = max(self._latest, session.end)
            return []
        self._dead.keep(session.number, None)
        gone = [
            key
            for key, stay in self._now.items()
            if session.number in stay.sessions and all(number in self._dead for number in stay.sessions)
        ]
        lost = [self._now.pop(key) for key in gone]
        return [self._spell(stay, max(session.end, stay.began.start), lost=True) for stay in lost]

    def _spell(self, stay: _Stay, end: int | None = None, known_until: int = 0, lost: bool = False) -> Spell:
        """A stay as it is known by now."""
        deaf, start = self._deaf, stay.began.start
        unheard = bool(deaf) and all(deaf.get(one, 0) > start or one in self._dead for one in stay.sessions)
        # Of sessions that ended in the meantime nothing is lacking.
        unheard = unheard and any(deaf.get(one, 0) > start for one in stay.sessions)
        return stay.told(unheard, end, known_until, lost)

    def flush(self) -> Iterator[Spell]:
        """Nothing more will come: give the spells that have not ended, by agent."""
        for key in sorted(self._now):
            yield self._spell(self._now[key], known_until=self._latest)
        self._now.clear()

    def _told(
        self, number: int, time: int, session: int, subject: Subject, key: tuple[str, str], echo: bool, unasked: bool
    ) -> list[Spell]:
        now = self._now.get(key)
        alike = now is not None and now.began.state == subject.state
        # Who asks is told the state alone: the reason is that of the state as it was told before, else it is not known.
        reason = subject.reason if unasked else (now.began.reason if now is not None and alike else None)
        same = now is not None and alike and (now.began.reason or 0) == (reason or 0)
        if now is None and echo:
            return []
        # Who told first that this state began, and tells another one now, knows better than who told that one before.
        if now is not None and (same or (echo and session != now.began.session)):
            now.last = time
            if session not in now.sessions and len(now.sessions) < MOST_SESSIONS:
                now.sessions.append(session)
            return []
        ended = []
        if now is not None:
            # A clock may be set back.
            ended.append(self._spell(now, max(time, now.began.start)))
        asked = self._asked.get(key)
        means = subject.senses("state")
        spell = Spell(
            key[1],
            key[0],
            subject.state or 0,
            subject.name_of("state"),
            reason,
            subject.name_of("reason") if unasked and reason else None,
            subject.meaning_of("reason") if unasked and reason else "",
            time,
            number,
            session,
            sessions=(session,),
            last=time,
            asked_by=asked.number if asked is not None and asked.state == subject.state else None,
            logged_out=Sense.LOGGED_OUT in means,
            logs_in=_logs_in(now, asked, subject, unasked),
            on_call=Sense.ON_CALL in means,
            free=Sense.FREE in means,
            not_free=Sense.NOT_FREE in means,
        )
        if asked is not None:
            del self._asked[key]
        if Sense.LOGGED_OUT in means:
            # An agent who is gone is not kept: the spell has no length.
            self._now.pop(key, None)
            return [*ended, spell._replace(end=time)]
        forgotten = self._now.keep(key, _Stay(spell))
        return ended if forgotten is None else [*ended, self._spell(forgotten)]
