"""Sessions: who talked to whom, in which mode, as whom, how it was kept alive and how it ended.

How a session ended is read from the messages first and from the connection second: `close` when a closing was agreed,
`refused` when its opening was refused (or the connection itself), `idle` when the server ended it after the client had
been silent for its idle timeout; else `fin`, `reset` or `capture end`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ccxdissect.analysis.exchanges import FAILURE, Failure, failure_of
from ccxdissect.analysis.schema import Column, ColumnKind, Schema, attribute
from ccxdissect.analysis.subject import Subject, SubjectReader
from ccxdissect.analysis.wording import quoted
from ccxdissect.codec.forms import FORMS
from ccxdissect.protocol.codes import Sense, label
from ccxdissect.protocol.model import Kind, Message, Side, Trait
from ccxdissect.stream.dialect import Verdict
from ccxdissect.stream.events import (
    Direction,
    EndedBy,
    Event,
    Record,
    Session,
    SessionEnded,
    SessionOpened,
)
from ccxdissect.wording import SECOND, duration, plural

#: A server's timer need not be exact: silence of this share of the idle timeout counts as having reached it.
TOLERANCE = 0.95
#: A heartbeat sent this shortly before the end had no time to be answered, in ns.
IN_FLIGHT = 2 * SECOND
#: The most agents, and the most unanswered heartbeats, that one session remembers.
MOST_REMEMBERED = 100
#: The most clients whose last lost session is remembered.
MOST_LOST = 100_000


#: How a session may end.
ENDINGS = tuple(ending.value for ending in EndedBy)


@dataclass(slots=True)
class Heartbeats:
    """How a session was kept alive. `missed`: sent and never answered. `interval`: the mean, in ns."""

    sent: int = 0
    answered: int = 0
    missed: int = 0
    missed_in_a_row: int = 0
    interval: int | None = None
    first_missed: int | None = None
    first_missed_time: int | None = None


@dataclass(slots=True, eq=False)
class SessionStory:
    """What is to be told of one session. Times in ns."""

    session: Session
    mode: str | None = None
    modes: frozenset[str] = frozenset()
    agents: list[str] = field(default_factory=list)
    extension: str | None = None
    client_name: str | None = None
    idle_timeout: int | None = None
    services_asked: list[str] = field(default_factory=list)
    services_granted: list[str] | None = None
    refusal: Failure | None = None
    opened: int | None = None
    opened_time: int | None = None
    granted_time: int | None = None
    heartbeats: Heartbeats = field(default_factory=Heartbeats)
    #: The longest silence of the client between two of its messages, and when it began.
    longest_silence: int = 0
    last_message: int | None = None
    #: How long the client had been silent when the session ended.
    silence_at_end: int | None = None
    close_asked: Side | None = None
    close_agreed: bool = False
    ended_by: EndedBy = EndedBy.CAPTURE_END
    ended_side: Side | None = None

    @property
    def agent(self) -> str | None:
        """The agent whose session it is, or the first whom it logged in."""
        return self.agents[0] if self.agents else None

    def line(self) -> str:
        """The session in one readable line."""
        session = self.session
        parts = [f"{session.client} to {session.server}: {self._who()}"]
        if self.services_granted is not None and self.services_granted != self.services_asked:
            parts.append(f"granted only {' + '.join(self.services_granted) or 'nothing'}")
        total = sum(direction.messages for direction in session.sent.values())
        parts.append(f"{plural(total, 'message')} in {duration(max(session.end - session.start, 0))}")
        if self.heartbeats.sent:
            parts.append(self._beats())
        parts.append(self.ending())
        return "; ".join(parts)

    def _who(self) -> str:
        version = "version unknown" if self.session.version is None else f"version {self.session.version}"
        if self.mode == Sense.AGENT_MODE.value:
            who = f"agent mode of {quoted(self.agent)}" if self.agent else "agent mode"
            if self.extension:
                who += f" at extension {quoted(self.extension)}"
        elif self.mode == Sense.BRIDGE_MODE.value:
            who = "bridge mode"
            if self.agents:
                who += f", acting for {plural(len(self.agents), 'agent')}"
        else:
            who = "mode unknown"
        return f"{version}, {who}" + (f", client {quoted(self.client_name)}" if self.client_name else "")

    def _beats(self) -> str:
        beats = self.heartbeats
        every = f" every {duration(beats.interval)}" if beats.interval is not None else ""
        waiting = beats.sent - beats.answered - beats.missed
        parts = [f"{beats.missed} unanswered"] if beats.missed else []
        parts += [f"{waiting} still waiting for an answer"] if waiting > 0 else []
        missed = ", ".join(parts) or "all answered"
        return f"{plural(beats.sent, 'heartbeat')}{every}, {missed}"

    def ending(self) -> str:
        """How it ended and who ended it, in a few words."""
        who = f"the {self.ended_side.value}" if self.ended_side else "one side"
        if self.ended_by is EndedBy.CLOSE:
            return f"{who} closed it in good order"
        if self.ended_by is EndedBy.REFUSED:
            if self.refusal is None:
                return "the server refused the connection"
            return f"the server refused it with {self.refusal.code} {self.refusal.name or ''}".rstrip()
        if self.ended_by is EndedBy.IDLE:
            return (
                f"the server ended it after {duration(self.silence_at_end or 0)} of silence "
                f"(idle timeout {self.idle_timeout} s)"
            )
        if self.ended_by is EndedBy.RESET:
            if self.ended_side is Side.CLIENT and self.heartbeats.missed_in_a_row >= 3:
                return f"the client reset it after {self.heartbeats.missed_in_a_row} unanswered heartbeats"
            return f"{who} reset it without closing"
        if self.ended_by is EndedBy.FIN:
            return f"{who} ended the connection without closing the session"
        return "open when the capture ended"


def dialect_because(verdict: Verdict) -> str:
    """What speaks for the dialect of a session, and what against it, in words."""
    if verdict.told:
        return "no other was to be thought of"
    if not verdict.seen:
        return "nothing tells it apart: taken for the usual one"
    dialect = verdict.protocol.dialect
    speaking = [sign.meaning for sign in verdict.seen if sign.dialect == dialect]
    against = [f"{sign.meaning} ({sign.dialect})" for sign in verdict.seen if sign.dialect != dialect]
    return (", ".join(speaking) or "nothing clear") + (f"; against it: {', '.join(against)}" if against else "")


class Lost(NamedTuple):
    """A session that a client lost: when and how it ended, and whose it was (`agent`: in agent mode only)."""

    session: int
    time: int
    ended_by: EndedBy
    client_name: str | None
    agent: str | None


def _count(name: str, meaning: str) -> Column:
    return Column(name, ColumnKind.INTEGER, meaning)


def _by_side(of: Schema | ColumnKind, name: str, meaning: str, kind: ColumnKind) -> Schema:
    def of_side(side: Side) -> Column:
        def get(sent: dict[Side, Direction]) -> object:
            return sent[side].messages if kind is ColumnKind.INTEGER else sent[side]

        return Column(side.value, kind, f"{meaning} by the {side.value}", get, of=of)

    return Schema(name, f"{meaning} by each side", tuple(of_side(side) for side in Side))


BYTES = Schema(
    "bytes",
    "where the bytes of TCP payload of one direction went: payload = decoded + undecoded + duplicate",
    (
        _count("payload", "captured"),
        _count("decoded", "part of messages that decoded"),
        _count("undecoded", "not understood"),
        _count("duplicate", "captured more than once"),
        _count("missing", "never captured, as the sequence numbers say"),
    ),
)

SCHEMA = Schema(
    "sessions",
    "one session: who talked to whom, how it ended, and where every byte went",
    (
        Column("session", ColumnKind.INTEGER, "its number, from 1", attribute("session.number"), rank=1),
        Column("client", ColumnKind.TEXT, "address of the client", attribute("session.client"), rank=2),
        Column("server", ColumnKind.TEXT, "address of the server", attribute("session.server"), rank=6),
        Column(
            "version",
            ColumnKind.INTEGER,
            "protocol version, when known",
            attribute("session.version"),
            rank=9,
            optional=True,
        ),
        Column(
            "floating_header",
            ColumnKind.TEXT,
            "bytes of a floating field's tag + length, when known",
            lambda story: story.session.form.title if story.session.form else None,
            codes=tuple(form.title for form in FORMS),
            optional=True,
        ),
        Column(
            "mode",
            ColumnKind.TEXT,
            "whether it sees every agent or belongs to one",
            rank=4,
            codes=(Sense.BRIDGE_MODE.value, Sense.AGENT_MODE.value),
            optional=True,
        ),
        Column("start", ColumnKind.TIME, "its first packet", attribute("session.start"), rank=7),
        Column("end", ColumnKind.TIME, "its last packet", attribute("session.end"), rank=8),
        Column("ended_by", ColumnKind.TEXT, "how it ended", rank=3, codes=ENDINGS),
        Column(
            "messages",
            ColumnKind.OBJECT,
            "messages sent",
            attribute("session.sent"),
            of=_by_side(ColumnKind.INTEGER, "messages", "messages sent", ColumnKind.INTEGER),
        ),
        Column(
            "bytes",
            ColumnKind.OBJECT,
            "bytes of TCP payload",
            attribute("session.sent"),
            of=_by_side(BYTES, "bytes", "bytes of TCP payload sent", ColumnKind.OBJECT),
        ),
        Column(
            "ended_side",
            ColumnKind.TEXT,
            "who ended it, when known",
            codes=tuple(side.value for side in Side),
            optional=True,
        ),
        Column("client_name", ColumnKind.TEXT, "what the client calls itself", optional=True),
        Column(
            "agents",
            ColumnKind.LIST,
            "the agents whose session it is, or whom it logged in",
            rank=5,
            of=ColumnKind.TEXT,
        ),
        Column("extension", ColumnKind.TEXT, "the agent's extension", optional=True),
        Column("idle_timeout", ColumnKind.INTEGER, "seconds of silence that the server bears", optional=True),
        Column("services_asked", ColumnKind.LIST, "services that the client asked for", of=ColumnKind.TEXT),
        Column("services_granted", ColumnKind.LIST, "services that it got", of=ColumnKind.TEXT, optional=True),
        Column("refusal", ColumnKind.OBJECT, "why it was refused", of=FAILURE, optional=True),
        Column(
            "heartbeats",
            ColumnKind.OBJECT,
            "how it was kept alive",
            of=Schema(
                "heartbeats",
                "how a session was kept alive",
                (
                    _count("sent", "heartbeats sent"),
                    _count("answered", "of them answered"),
                    _count("missed", "of them never answered"),
                    Column("interval", ColumnKind.DURATION, "mean time between two", optional=True),
                ),
            ),
        ),
        Column(
            "noted",
            ColumnKind.MAP,
            "how often TCP showed what",
            lambda story: {kind.value: count for kind, count in story.session.noted.items()},
            of=ColumnKind.INTEGER,
        ),
        Column(
            "dialect",
            ColumnKind.TEXT,
            "which protocol it speaks: Unified CCX's (ccx) or Unified CCE's (cce)",
            lambda story: story.session.verdict.protocol.dialect if story.session.verdict else None,
            optional=True,
        ),
        Column(
            "dialect_because",
            ColumnKind.TEXT,
            "what speaks for that, and what against it",
            lambda story: dialect_because(story.session.verdict) if story.session.verdict else None,
            optional=True,
        ),
        Column("story", ColumnKind.TEXT, "all of it in one line", lambda story: story.line()),
    ),
)


class _Following:
    """The story of a session that lasts, and what it takes to tell it."""

    __slots__ = ("beats", "first_beat", "last_beat", "last_client_time", "story")

    def __init__(self, session: Session) -> None:
        self.story = SessionStory(session)
        self.beats: dict[int | None, tuple[int, int]] = {}
        self.first_beat: int | None = None
        self.last_beat = 0
        self.last_client_time: int | None = None


class Sessions:
    """Follows the sessions; gives each session's story when it ends."""

    def __init__(self, reader: SubjectReader | None = None) -> None:
        self._reader = reader or SubjectReader()
        self._open: dict[int, _Following] = {}
        #: The last session that each client lost, by its address without the port and the server. Bounded.
        self._lost: OrderedDict[tuple[str, str], Lost] = OrderedDict()
        #: What is done with each type of message; None: nothing but noting that it came.
        self._parts: dict[Message | None, _Part | None] = {None: None}

    def feed(self, event: Event) -> Sequence[SessionStory]:
        """Take the next event; give the story of the session that it ends."""
        if isinstance(event, Record):
            self._record(event)
            return _NOTHING
        if isinstance(event, SessionOpened):
            self._open.setdefault(event.session.number, _Following(event.session))
        elif isinstance(event, SessionEnded):
            following = self._open.pop(event.session.number, None) or _Following(event.session)
            return [self._ended(following)]
        return _NOTHING

    def flush(self) -> Iterator[SessionStory]:
        """Nothing more will come: give the stories of the sessions that have not ended."""
        for following in self._open.values():
            yield self._ended(following)
        self._open.clear()

    def lost_before(self, session: Session) -> Lost | None:
        """The last session that the same client lost to the same server before this one, if it did not close it."""
        return self._lost.get(_place(session))

    def _ended(self, following: _Following) -> SessionStory:
        story = _concluded(following)
        lost = (
            story.ended_by in (EndedBy.REFUSED, EndedBy.RESET, EndedBy.IDLE, EndedBy.FIN) and story.opened is not None
        )
        # A standby's refusal is no loss.
        if lost and not (story.refusal is not None and story.refusal.standby):
            place = _place(story.session)
            own = story.agent if story.mode == Sense.AGENT_MODE.value else None
            self._lost[place] = Lost(story.session.number, story.session.end, story.ended_by, story.client_name, own)
            self._lost.move_to_end(place)
            if len(self._lost) > MOST_LOST:
                self._lost.popitem(last=False)
        return story

    def is_open(self, number: int) -> bool:
        """Whether the session of that number lasts."""
        return number in self._open

    def story_of(self, session: Session) -> SessionStory:
        """What is known so far of a session that lasts."""
        following = self._open.get(session.number)
        return following.story if following is not None else SessionStory(session)

    def _record(self, record: Record) -> None:
        following = self._open.get(record.session.number)
        if following is None:
            following = self._open[record.session.number] = _Following(record.session)
        story = following.story
        story.last_message = record.number
        if record.sender is Side.CLIENT:
            if following.last_client_time is not None:
                silence = record.time - following.last_client_time
                if silence > story.longest_silence:
                    story.longest_silence = silence
            following.last_client_time = record.time
        message = record.decoded.message
        try:
            part = self._parts[message]
        except KeyError:
            assert message is not None
            part = self._parts[message] = _part_of(message)
        if part is not None and message is not None:
            part(following, record, message, self._reader.of(record.decoded))


def _place(session: Session) -> tuple[str, str]:
    """The client's address without its port, which is another one each time, and the server."""
    return session.client.rpartition(":")[0], session.server


_NOTHING: Sequence[SessionStory] = ()
#: What one type of message tells of its session.
_Part = Callable[[_Following, Record, Message, Subject], None]


def _part_of(message: Message) -> _Part | None:
    traits = message.traits
    if traits & Trait.HEARTBEAT:
        return _heartbeat
    if traits & Trait.OPENS:
        return _opening
    if traits & Trait.CLOSES:
        return _closing
    if traits & Trait.FAILS:
        return _refusal
    return _acting if traits & Trait.AGENT_STATE and message.kind is Kind.REQUEST else None


def _acting(following: _Following, record: Record, message: Message, subject: Subject) -> None:
    if subject.agent is not None:
        _acts_for(following.story, subject.agent)


def _acts_for(story: SessionStory, agent: str) -> None:
    if agent not in story.agents and len(story.agents) < MOST_REMEMBERED:
        story.agents.append(agent)


def _closing(following: _Following, record: Record, message: Message, subject: Subject) -> None:
    if message.kind is Kind.REQUEST:
        following.story.close_asked = record.sender
    else:
        following.story.close_agreed = True


def _refusal(following: _Following, record: Record, message: Message, subject: Subject) -> None:
    story = following.story
    if story.opened is not None and story.granted_time is None and story.refusal is None:
        story.refusal = failure_of(message, subject)
    elif subject.invoke_id in following.beats:
        _answer_beat(following, subject.invoke_id)


def _opening(following: _Following, record: Record, message: Message, subject: Subject) -> None:
    story = following.story
    codes, services = subject.codes("services"), subject.services or 0
    known = label(codes, services) if codes is not None else None
    names = list(known) if isinstance(known, list) else []
    if message.kind is not Kind.REQUEST:
        story.granted_time = record.time
        story.refusal = None
        story.services_granted = names
        if not story.modes:
            _set_modes(story, subject)
        if story.mode == Sense.AGENT_MODE.value and subject.agent and not story.agents:
            story.agents.append(subject.agent)
        return
    story.opened, story.opened_time = record.number, record.time
    story.granted_time = story.refusal = None
    story.services_asked = names
    story.idle_timeout = subject.idle_timeout
    story.client_name = subject.client_name
    story.extension = subject.extension or subject.instrument
    if subject.agent:
        _acts_for(story, subject.agent)
    _set_modes(story, subject)


def _set_modes(story: SessionStory, subject: Subject) -> None:
    senses = subject.senses("services")
    wanted = {sense.value for sense in (Sense.BRIDGE_MODE, Sense.AGENT_MODE) if sense in senses}
    story.modes = frozenset(wanted)
    story.mode = next(iter(wanted)) if len(wanted) == 1 else None


def _heartbeat(following: _Following, record: Record, message: Message, subject: Subject) -> None:
    beats = following.story.heartbeats
    if message.kind is not Kind.REQUEST:
        _answer_beat(following, subject.invoke_id)
        return
    if len(following.beats) >= MOST_REMEMBERED:
        _miss(beats, following.beats.pop(next(iter(following.beats))))
    following.beats[subject.invoke_id] = (record.number, record.time)
    beats.sent += 1
    if following.first_beat is None:
        following.first_beat = record.time
    following.last_beat = record.time


def _answer_beat(following: _Following, invoke_id: int | None) -> None:
    beats = following.story.heartbeats
    if invoke_id not in following.beats:
        return
    beats.answered += 1
    # Answers come in order: what was sent before the one answered now is missed for good.
    while following.beats:
        earliest = next(iter(following.beats))
        sent = following.beats.pop(earliest)
        if earliest == invoke_id:
            return
        _miss(beats, sent)


def _miss(beats: Heartbeats, sent: tuple[int, int]) -> None:
    beats.missed += 1
    if beats.first_missed is None:
        beats.first_missed, beats.first_missed_time = sent


def _concluded(following: _Following) -> SessionStory:
    story = following.story
    session, beats = story.session, story.heartbeats
    for sent in following.beats.values():
        if session.end - sent[1] > IN_FLIGHT:
            _miss(beats, sent)
    beats.missed_in_a_row = sum(session.end - sent[1] > IN_FLIGHT for sent in following.beats.values())
    if beats.sent > 1 and following.first_beat is not None:
        beats.interval = (following.last_beat - following.first_beat) // (beats.sent - 1)
    if following.last_client_time is not None:
        story.silence_at_end = max(session.end - following.last_client_time, 0)
    raw = session.ended_by
    story.ended_side = session.ended_side
    if story.close_agreed or (story.close_asked is not None and raw is not None and raw is not EndedBy.CAPTURE_END):
        story.ended_by = EndedBy.CLOSE
        story.ended_side = story.close_asked or Side.CLIENT
    elif raw is EndedBy.REFUSED or (story.refusal is not None and story.granted_time is None):
        story.ended_by = EndedBy.REFUSED
        story.ended_side = Side.SERVER
    elif raw in (EndedBy.RESET, EndedBy.FIN) and session.ended_side is not Side.CLIENT and _idle(story):
        story.ended_by = EndedBy.IDLE
        story.ended_side = Side.SERVER
    else:
        story.ended_by = raw or EndedBy.CAPTURE_END
    return story


def _idle(story: SessionStory) -> bool:
    if not story.idle_timeout or story.silence_at_end is None:
        return False
    return story.silence_at_end >= story.idle_timeout * SECOND * TOLERANCE
