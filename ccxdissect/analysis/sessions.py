"""Sessions: who talked to whom, in which mode, as whom, how it was kept alive and how it ended.

How a session ended is read from the messages first and from the connection second: `close` when a closing was agreed,
`refused` when its opening was refused (or the connection itself), `idle` when the server ended it after the client had
been silent for its idle timeout; else `fin`, `reset` or `capture end`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, NamedTuple

from ccxdissect.analysis.failures import FAILURE, Failure, closed_for, failure_of
from ccxdissect.analysis.rhythm import interval
from ccxdissect.analysis.schema import Column, ColumnKind, Schema, attribute
from ccxdissect.analysis.subject import Subject, SubjectReader
from ccxdissect.bounded import Newest
from ccxdissect.codec.forms import FORMS
from ccxdissect.protocol.codes import Sense, label
from ccxdissect.protocol.model import Kind, Message, Side, Trait
from ccxdissect.stream.dialect import Verdict
from ccxdissect.stream.events import (
    Direction,
    EndedBy,
    Event,
    Loss,
    NoteKind,
    Record,
    Session,
    SessionEnded,
    SessionOpened,
)
from ccxdissect.wording import SECOND, duration, plural
from ccxdissect.wording.names import quoted

#: A server's timer need not be exact: silence of this share of the idle timeout counts as having reached it.
TOLERANCE = 0.99
#: A heartbeat sent this shortly before the end had no time to be answered, in ns.
IN_FLIGHT = 2 * SECOND
#: The most agents, and the most unanswered heartbeats, that one session remembers.
MOST_REMEMBERED = 100
#: A session that the server ends this soon after another one of the same agent was asked for has been replaced by it, in ns.
#: If it ends those of others as soon as that, too, there is more to it.
AT_ONCE = SECOND
#: So many unanswered heartbeats in a row, and the client takes the server for dead.
DEAD = 3
#: So many tries in vain, and the path is dead.
IN_VAIN = 3
#: A server says so soon (ns) behind the request to open a session that it takes another one's place.
SAID_SOON = 10 * SECOND
#: What a server reported unasked so long (ns) before a session ended is not taken for the cause.
LONG_AGO = 60 * SECOND
#: The gaps between heartbeats of which the median is taken.
GAPS = 1001
#: The most clients whose last lost session is remembered.
MOST_LOST = 2_000


#: How a session may end.
ENDINGS = tuple(ending.value for ending in EndedBy)


class Reached(str, Enum):
    """How far a client got."""

    NO_ANSWER = "no answer"  #: nothing came back to its SYNs
    REFUSED = "refused"  #: a reset came back
    NOTHING_SAID = "nothing said"  #: the connection was accepted, and neither side said a word
    ASKED = "asked"  #: the session was asked for, and nothing came back
    TURNED_DOWN = "turned down"  #: the session was refused
    OPEN = "open"  #: the session was granted, or was there before the capture
    OTHER = "other"  #: what was said was not this protocol


class DeadPath(NamedTuple):
    """One side sent the same again and again, and nothing came back. Times in ns."""

    #: The side that fell silent, and when it had been heard last.
    silent: Side
    heard: int
    #: How often the other one tried, and since when.
    times: int
    since: int


class Beat(NamedTuple):
    """A heartbeat that was sent: its InvokeID, the message's number, and when (ns)."""

    invoke_id: int | None
    number: int
    time: int


class Hole(NamedTuple):
    """Bytes of one side were never captured, somewhere between two times (ns)."""

    side: Side
    start: int
    end: int
    size: int


class CutShort(NamedTuple):
    """Who ended a session, what that was in words, and how long (ns) after something was asked for."""

    side: Side | None
    did: str
    after: int

    def __str__(self) -> str:
        who = "the other side" if self.side is None else f"the {self.side.value}"
        return f"{who} {self.did} {duration(self.after)}"


#: How connections end, in words.
DID = {EndedBy.RESET: "reset the connection", EndedBy.FIN: "ended the connection"}


@dataclass(slots=True, frozen=True)
class Heartbeats:
    """How a session was kept alive. `missed`: sent and never answered. `interval`: the median, in ns. `missed_in_a_row`: the last
    ones, before the end, and since when (ns)."""

    sent: int = 0
    answered: int = 0
    missed: int = 0
    missed_in_a_row: int = 0
    missed_since: int | None = None
    interval: int | None = None
    first_missed: int | None = None
    first_missed_time: int | None = None


@dataclass(slots=True, eq=False, frozen=True)
class SessionStory:
    """What is to be told of one session. Times in ns.

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
    ...     stories = {story.session.number: story for story in trace.sessions()}
    >>> stories[3].ended_by.value
    'idle'
    """

    session: Session
    mode: str | None = None
    modes: frozenset[str] = frozenset()
    agents: tuple[str, ...] = ()
    #: The agent and the phones that it was opened for; and whether it may act on agents that are not its own.
    own_agent: str | None = None
    own_phones: tuple[str, ...] = ()
    supervises: bool = False
    extension: str | None = None
    client_name: str | None = None
    idle_timeout: int | None = None
    services_asked: tuple[str, ...] = ()
    services_granted: tuple[str, ...] | None = None
    refusal: Failure | None = None
    opened: int | None = None
    opened_time: int | None = None
    granted_time: int | None = None
    #: How often it was granted: a client may ask for another session on the same connection.
    grants: int = 0
    heartbeats: Heartbeats = Heartbeats()
    #: The longest silence of the client between two of its messages, and when it began.
    longest_silence: int = 0
    last_message: int | None = None
    #: How long the client had been silent when the session ended, or was followed no longer.
    silence_at_end: int | None = None
    close_asked: Side | None = None
    close_agreed: bool = False
    #: When that was agreed.
    closed_at: int | None = None
    ended_by: EndedBy = EndedBy.CAPTURE_END
    ended_side: Side | None = None
    reached: Reached = Reached.OPEN
    #: What the server reported unasked, the last time; and the status, no success, with which the session was closed.
    reported: Failure | None = None
    reported_at: int | None = None
    closed_for: Failure | None = None
    #: When the server said, in the open session, that it is not the master any more.
    demoted_at: int | None = None
    #: The session that took its place: its number and its client.
    replaced_by: tuple[int, str] | None = None
    #: How long (ns) before the server ended it without a word that session was asked for, which it let in; None: not so.
    let_in_before: int | None = None
    dead_path: DeadPath | None = None
    #: The only side whose packets were captured.
    only: Side | None = None
    holes: tuple[Hole, ...] = ()

    @property
    def replaced(self) -> bool:
        """Whether another session took its place."""
        if self.let_in_before is not None:
            return True
        return any(failure is not None and failure.replaced for failure in (self.reported, self.closed_for))

    @property
    def was_open(self) -> bool:
        """Whether it was granted, or open before the capture began."""
        return self.reached is Reached.OPEN

    @property
    def timed_out(self) -> bool:
        """Whether the server ended it by the protocol's idle timer; a session that was put away for lack of room did not end."""
        return self.ended_by is EndedBy.IDLE and self.session.ended_by is not EndedBy.IDLE

    @property
    def ports_taken(self) -> bool:
        """Whether nothing of its end was seen but a new connection on its ports."""
        replaced = self.session.ended_by is None and NoteKind.REPLACED in self.session.noted
        return replaced and self.ended_by is EndedBy.CAPTURE_END

    @property
    def lost_sight(self) -> bool:
        """Whether it is not known how it went on behind a pause of the capture, though something should have been seen of it."""
        session, silence = self.session, self.silence_at_end or 0
        if (
            session.resumed_until is None
            or not (self.was_open or self.too_soon)
            or self.ended_by is not EndedBy.CAPTURE_END
        ):
            return False
        return session.resumed_until - session.followed_until + silence > (self.idle_timeout or 0) * SECOND

    @property
    def too_soon(self) -> bool:
        """Whether it was followed for too short a time to say that the first thing the client asked for was never answered."""
        since = self.session.start if self.reached is Reached.NO_ANSWER else self.opened_time
        if since is None or not (self.session.ended_by is None or self.session.out_of_sight):
            return False
        return self.session.followed_until - since < IN_FLIGHT

    def cut_short(self, asked: int) -> CutShort | None:
        """What ended the session so soon behind something asked at a time (ns) that no answer was to be expected; None if
        nothing did."""
        session, ends = self.session, []
        if self.closed_at is not None:
            ends.append(CutShort(self.close_asked, "closed the session", self.closed_at - asked))
        if session.ended_by in DID:
            ends.append(CutShort(session.ended_side, DID[session.ended_by], session.over_at - asked))
        return next((one for one in ends if 0 <= one.after < IN_FLIGHT), None)

    @property
    def lost(self) -> bool:
        """Whether the client lost an open session, rather than leaving it."""
        if not self.was_open:
            return False
        if self.closed_for is not None or self.dead_path is not None or self.timed_out:
            return True
        if self.given_up or (self.demoted and self.ended_by in DID):
            return True
        return self.ended_by in DID and self.ended_side is Side.SERVER

    @property
    def demoted(self) -> bool:
        """Whether the server was not the master any more when it ended."""
        return self.demoted_at is not None

    @property
    def given_up(self) -> bool:
        """Whether the client ended the connection because its heartbeats were not answered, as it should."""
        ended = self.ended_by in DID and self.ended_side is not Side.SERVER
        return ended and self.heartbeats.missed_in_a_row >= DEAD

    def unseen(self, side: Side, start: int, end: int) -> bool:
        """Whether bytes of a side are lacking in the capture, or in the log, between two times (ns)."""
        if self.only is not None:
            return side is not self.only
        if self.session.unsure and side is Side.SERVER:
            return True
        sent = self.session.sent
        if not sent[side].heard_by(end) and sent[side.other].payload:
            return True
        holes = [hole for hole in self.holes if hole.side is side]
        if sent[side].cut > len(holes) and sent[side].cut_by(end):
            # The snap length cut a packet whose hole is known only when what comes behind it is seen.
            return True
        return any(hole.end >= start and hole.start <= end for hole in holes)

    @property
    def agent(self) -> str | None:
        """The agent whose session it is, or the first whom it logged in."""
        return self.agents[0] if self.agents else None

    def line(self) -> str:
        """The session in one readable line."""
        session = self.session
        who = "of whom, the log does not say" if session.unnamed else self._who()
        parts = [f"{session.client} to {session.server}: {who}"]
        asked = self.opened is not None
        if asked and self.services_granted is not None and self.services_granted != self.services_asked:
            parts.append(f"granted only {' + '.join(self.services_granted) or 'nothing'}")
        total = sum(direction.messages for direction in session.sent.values())
        lasted = session.end - session.start
        # By a clock that was set back meanwhile nobody knows how long it lasted.
        how_long = f"in {duration(lasted)}" if lasted >= 0 else f"to an end dated {duration(-lasted)} before its start"
        parts.append(f"{plural(total, 'message')} {how_long}")
        if self.heartbeats.sent:
            parts.append(self._beats())
        if not session.unnamed:
            parts.append(self.ending())
        return "; ".join(parts)

    def _who(self) -> str:
        version = "version unknown" if self.session.version is None else f"version {self.session.version}"
        version = speaks(self.session) + version
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
        """How it ended and who ended it, in a few words: the same cause that the findings tell."""
        who = f"the {self.ended_side.value}" if self.ended_side else "one side"
        if self.dead_path is not None:
            dead = self.dead_path
            return f"the {dead.silent.value} fell silent, {plural(dead.times, 'retry', 'retries')} got no answer"
        if self.closed_for is not None:
            return f"{who} closed it with {coded(self.closed_for)}"
        reported = "reporting" if self.ended_side is Side.SERVER else "the server reported"
        why = f" after {reported} {coded(self.reported)}" if self.reported is not None else ""
        if self.ended_by is EndedBy.CLOSE:
            if not self.close_agreed:
                return f"{who} asked to close it, and no confirmation was seen{why}"
            return f"{who} closed it in good order" if not why else f"{who} closed it{why}"
        if self.reached in _NEVER_OPEN and self.ended_by is not EndedBy.REFUSED:
            if self.reached is Reached.ASKED and self.unseen(Side.SERVER, self.opened_time or 0, self.session.end):
                return "whether the request to open it was answered was not captured"
            return _NOT_YET[self.reached] if self.reached in _NOT_YET and self.too_soon else _NEVER_OPEN[self.reached]
        if self.ended_by is EndedBy.REFUSED:
            if self.refusal is None:
                return "the server refused the connection"
            return f"the server refused it with {coded(self.refusal)}"
        if self.timed_out:
            return (
                f"the server ended it after {duration(self.silence_at_end or 0)} of silence "
                f"(idle timeout {self.idle_timeout} s)"
            )
        if self.let_in_before is not None and self.replaced_by is not None:
            how = "reset" if self.ended_by is EndedBy.RESET else "ended"
            return (
                f"the server {how} it right after it had been asked for session {self.replaced_by[0]} of the same agent"
            )
        if self.demoted and self.ended_by in DID:
            return f"{who} {DID[self.ended_by]} after the server had said that it is not the master any more"
        if self.given_up:
            how = "reset it" if self.ended_by is EndedBy.RESET else "ended the connection"
            return f"{who} {how} after {self.heartbeats.missed_in_a_row} unanswered heartbeats"
        if self.ended_by is EndedBy.RESET:
            return f"{who} reset it without closing{why}"
        if self.ended_by is EndedBy.FIN:
            return f"{who} ended the connection without closing the session{why}"
        if self.ended_by is EndedBy.IDLE:
            return f"followed no longer, since too many were open at once{why}"
        if self.ports_taken:
            return f"its end was not captured, a new connection took its ports{why}"
        if self.lost_sight:
            return f"open when it was seen last, before a pause of the capture{why}"
        return f"open when the capture ended{why}"


_NEVER_OPEN = {
    Reached.NO_ANSWER: "the server never answered the attempt to connect",
    Reached.NOTHING_SAID: "connected, and nothing was said",
    Reached.ASKED: "the request to open it was never answered",
    Reached.OTHER: "no message of this protocol in it",
}
_NOT_YET = {
    Reached.NO_ANSWER: "the attempt to connect was not answered as long as it was captured",
    Reached.ASKED: "the request to open it was not answered as long as it was captured",
}


def coded(failure: Failure) -> str:
    """A failure as its code and name: `94 E_CTI_JTAPI_CCM_PROBLEM`."""
    return f"{failure.code} {failure.name or ''}".rstrip()


def speaks(session: Session) -> str:
    """Which dialect a session speaks, before its version; nothing where it is the one that is usually meant."""
    verdict = session.verdict
    return "" if verdict is None or verdict.protocol.sister is None else f"{verdict.protocol.dialect.upper()} "


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


def unclear(session: Session) -> str | None:
    """That the signs of a session's dialect disagree, and what to do; None where they do not."""
    verdict = session.verdict
    other = None if verdict is None else verdict.overruled_by
    if verdict is None or other is None:
        return None
    return (
        f"session {session.number} was read as {verdict.protocol.dialect.upper()}, but not all signs agree: "
        f"{dialect_because(verdict)}. If what it says makes no sense, read it with --dialect {other}."
    )


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
        def get(sent: Mapping[Side, Direction]) -> object:
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
        Column(
            "reached",
            ColumnKind.TEXT,
            "how far the client got",
            codes=tuple(reached.value for reached in Reached),
        ),
        Column(
            "closed_for", ColumnKind.OBJECT, "the status, no success, it was closed with", of=FAILURE, optional=True
        ),
        Column("reported", ColumnKind.OBJECT, "what the server reported unasked", of=FAILURE, optional=True),
        Column(
            "replaced_by",
            ColumnKind.INTEGER,
            "the session that took its place",
            lambda story: story.replaced_by[0] if story.replaced_by else None,
            optional=True,
        ),
        Column(
            "captured_only",
            ColumnKind.TEXT,
            "the only side whose packets were captured",
            lambda story: story.only,
            codes=tuple(side.value for side in Side),
            optional=True,
        ),
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
                    Column("interval", ColumnKind.DURATION, "median time between two", optional=True),
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

    __slots__ = (
        "beats", "gaps", "heartbeats", "last", "last_beat", "last_client_time", "last_message", "longest_silence", "passed",
        "session", "story",
    )  # fmt: skip

    def __init__(self, session: Session) -> None:
        self.session = session
        #: What seldom changes; what every message or heartbeat changes is beside it until it is `told`.
        self.story = SessionStory(session)
        self.heartbeats = Heartbeats()
        self.longest_silence = 0
        self.last_message: int | None = None
        #: The heartbeats that wait for an answer, and those that later ones were answered before.
        self.beats: list[Beat] = []
        self.passed: list[Beat] = []
        self.gaps: deque[int] = deque(maxlen=GAPS)
        self.last_beat: int | None = None
        #: When the client was heard last; None: never, or not since a hole.
        self.last_client_time: int | None = None
        #: When each side was heard last.
        self.last: dict[Side, int] = {}

    def learn(self, **known: Any) -> None:
        """Something new is known of it: members of its story."""
        self.story = replace(self.story, **known)

    def beat(self, **known: Any) -> None:
        """The same of its heartbeats."""
        self.heartbeats = replace(self.heartbeats, **known)

    def told(self, **known: Any) -> SessionStory:
        """The story as it is known by now, and with `known`."""
        return replace(
            self.story,
            heartbeats=self.heartbeats,
            longest_silence=self.longest_silence,
            last_message=self.last_message,
            **known,
        )


class Sessions:
    """Follows the sessions; gives each session's story when it ends."""

    def __init__(self, reader: SubjectReader | None = None) -> None:
        self._reader = reader or SubjectReader()
        self._open: dict[int, _Following] = {}
        #: The last session that each client lost, by its address without the port and the server. Bounded.
        self._lost: Newest[tuple[str, str], Lost] = Newest(MOST_LOST)
        #: The session that ended last: what is settled by its end may still ask for its story.
        self._last: SessionStory | None = None
        #: The last sessions that were asked for, by server and by whose they are: number, client, time. Bounded.
        self._asked: Newest[tuple[str, str, str], tuple[int, str, int]] = Newest(MOST_LOST)
        #: The last sessions that were granted to one agent, in the same way.
        self._let_in: Newest[tuple[str, str], tuple[int, str, int]] = Newest(MOST_LOST)
        #: When (ns) each server last ended an open session without a word.
        self._dropped: Newest[str, int] = Newest(MOST_LOST)
        #: What is done with each type of message; None: nothing but noting that it came.
        self._parts: dict[Message | None, _Part | None] = {None: None}
        #: Where `pass_by` tells of all messages that they came, those that are fed included: brings a session up to date.
        #: None: those that are fed tell it themselves.
        self.catch_up: Callable[[Session], None] | None = None

    def feed(self, event: Event) -> Sequence[SessionStory]:
        """Take the next event; give the story of the session that it ends."""
        if isinstance(event, Record):
            self._record(event)
            return _NOTHING
        if self.catch_up is not None:
            self.catch_up(event.session)
        if isinstance(event, SessionOpened):
            self._open.setdefault(event.session.number, _Following(event.session))
        elif isinstance(event, SessionEnded):
            following = self._open.pop(event.session.number, None) or _Following(event.session)
            return [self._ended(following)]
        elif isinstance(event, Loss):
            self._lose(event)
        return _NOTHING

    @staticmethod
    def elsewhere(event: Event) -> Sequence[SessionStory]:
        """Take an event of a session that is not looked at here: it tells nothing of others."""
        return _NOTHING

    def flush(self) -> Iterator[SessionStory]:
        """Nothing more will come: give the stories of the sessions that have not ended."""
        for following in self._open.values():
            yield self._ended(following)
        self._open.clear()

    def _lose(self, loss: Loss) -> None:
        following = self._open.get(loss.session.number)
        if following is None or not loss.missing:
            return
        if loss.sender is Side.CLIENT:
            following.last_client_time = None
        holes = following.story.holes
        if len(holes) < MOST_REMEMBERED:
            start = following.last.get(loss.sender, loss.session.start)
            following.learn(holes=(*holes, Hole(loss.sender, start, loss.time, loss.missing)))

    def concerns(self, message: Message | None) -> bool:
        """Whether a message of that type tells more of its session than that it came."""
        return self._part(message) is not None

    def pass_by(self, session: Session, last: int, heard: tuple[int, int, int] | None, said: int | None = None) -> None:
        """Take several messages of a session at once that tell no more than that they came: `last` is the last's number.

        `heard`: of those from the client, the first one's and the last one's time, and the longest silence between two
        of them, in ns; None when there were none. `said`: the time of the server's last one.
        """
        following = self._following(session)
        following.last_message = last
        if said is not None:
            following.last[Side.SERVER] = said
        if heard is not None:
            following.last[Side.CLIENT] = heard[1]
            first, latest, longest = heard
            before = following.last_client_time
            following.longest_silence = max(following.longest_silence, longest, 0 if before is None else first - before)
            following.last_client_time = latest

    def _following(self, session: Session) -> _Following:
        following = self._open.get(session.number)
        if following is None:
            following = self._open[session.number] = _Following(session)
        return following

    def _part(self, message: Message | None) -> _Part | None:
        try:
            return self._parts[message]
        except KeyError:
            assert message is not None
            part = self._parts[message] = _part_of(message)
            return part

    def lost_before(self, session: Session) -> Lost | None:
        """The last session that the same client lost to the same server before this one, if it did not close it."""
        return self._lost.get(_place(session))

    def _ended(self, following: _Following) -> SessionStory:
        story = _concluded(following)
        if story.replaced:
            story = replace(story, replaced_by=self._successor(story))
        elif story.was_open and story.ended_by in (EndedBy.RESET, EndedBy.FIN) and story.ended_side is Side.SERVER:
            story = self._dropped_for(story)
        self._last = story
        lost = (
            story.ended_by in (EndedBy.REFUSED, EndedBy.RESET, EndedBy.FIN) or story.timed_out
        ) and story.opened is not None
        # A standby's refusal is no loss.
        if lost and not (story.refusal is not None and story.refusal.standby):
            place = _place(story.session)
            own = story.agent if story.mode == Sense.AGENT_MODE.value else None
            ended = Lost(story.session.number, story.session.end, story.ended_by, story.client_name, own)
            self._lost.keep(place, ended)
        return story

    def _dropped_for(self, story: SessionStory) -> SessionStory:
        """The story of a session that the server ended without a word: whether it let the same agent in just before."""
        session = story.session
        ended = session.over_at
        others = self._dropped.get(session.server)
        if story.reported is None and (others is None or abs(ended - others) > AT_ONCE):
            own = story.agent if story.mode == Sense.AGENT_MODE.value else None
            number, client, asked = self._let_in.get((session.server, own or "")) or (session.number, "", 0)
            if number != session.number and 0 <= ended - asked <= AT_ONCE:
                return replace(story, replaced_by=(number, client), let_in_before=ended - asked)
        self._dropped.keep(session.server, ended)
        return story

    def _successor(self, story: SessionStory) -> tuple[int, str] | None:
        said = story.session.over_at
        if story.reported is not None and story.reported_at is not None:
            said = story.reported_at
        for whose in _whose(story.agents, (*story.own_phones, story.extension), story.client_name):
            number, client, asked = self._asked.get((story.session.server, *whose)) or (story.session.number, "", 0)
            if number != story.session.number and 0 <= said - asked <= SAID_SOON:
                return number, client
        return None

    def _ask(self, record: Record, subject: Subject) -> None:
        session = record.session
        for whose in _whose([subject.agent], subject.phones, subject.client_name):
            self._asked.keep((session.server, *whose), (session.number, session.client, record.time))

    def open_sessions(self) -> Iterator[Session]:
        """The sessions that last."""
        for following in self._open.values():
            yield following.session

    def lasting(self) -> Iterator[SessionStory]:
        """What is known so far of the sessions that last."""
        for following in self._open.values():
            yield following.told()

    def agent_of(self, session: Session) -> str | None:
        """The agent to whom a session belongs, as far as is known; None of one that acts for several."""
        following = self._open.get(session.number)
        story = self.story_of(session) if following is None else following.story
        return story.agent if story.mode == Sense.AGENT_MODE.value else None

    def may_act(self, number: int, now: int) -> bool:
        """Whether the session of that number lasts, was not refused, and is not silent for longer than its server allows, as far as
        is known by now (ns)."""
        following = self._open.get(number)
        if following is None or (following.story.refusal is not None and following.story.granted_time is None):
            return False
        if self.catch_up is not None:
            self.catch_up(following.session)
        heard, allowed = following.last_client_time, following.story.idle_timeout
        return not heard or not allowed or now - heard <= allowed * SECOND

    def opening_of(self, session: Session) -> SessionStory:
        """What is known so far of a session that lasts, but for what every message or heartbeat changes."""
        return self._following(session).story

    def story_of(self, session: Session) -> SessionStory:
        """What is known so far of a session that lasts, or of the one that ended last."""
        if self.catch_up is not None:
            self.catch_up(session)
        following = self._open.get(session.number)
        if following is not None:
            return following.told()
        if self._last is not None and self._last.session is session:
            return self._last
        return SessionStory(session)

    def _record(self, record: Record) -> None:
        if self.catch_up is None:
            self._heard(record)
        message = record.decoded.message
        part = self._part(message)
        if part is not None and message is not None:
            following = self._following(record.session)
            subject = self._reader.of(record.decoded)
            if message.traits & Trait.OPENS and message.kind is Kind.REQUEST:
                self._ask(record, subject)
            part(following, record, message, subject)
            if message.traits & Trait.OPENS and message.kind is Kind.CONFIRMATION:
                self._grant(following)

    def _grant(self, following: _Following) -> None:
        session, agent, asked = following.session, self.agent_of(following.session), following.story.opened_time
        if agent is not None and asked is not None:
            self._let_in.keep((session.server, agent), (session.number, session.client, asked))

    def _heard(self, record: Record) -> None:
        following = self._following(record.session)
        following.last_message = record.number
        if record.sender is Side.CLIENT:
            if following.last_client_time is not None:
                silence = record.time - following.last_client_time
                if silence > following.longest_silence:
                    following.longest_silence = silence
            following.last_client_time = record.time
        following.last[record.sender] = record.time


def _whose(
    agents: Iterable[str | None], phones: Iterable[str | None], client_name: str | None
) -> Iterator[tuple[str, str]]:
    """By what a session may take another one's place: its agents and phones; of one that has none, the client's name for
    itself, which desktops share."""
    named = [("agent", one) for one in agents if one] + [("phone", one) for one in phones if one]
    yield from named
    if not named and client_name:
        yield "client", client_name


def _place(session: Session) -> tuple[str, str]:
    """The client's address without its port, which is another one each time, and the server."""
    return session.client.host, session.server


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
    if traits & Trait.REPORTS_FAILURE:
        return _report
    return _acting if traits & Trait.AGENT_STATE and message.kind is Kind.REQUEST else None


def _acting(following: _Following, record: Record, message: Message, subject: Subject) -> None:
    if subject.agent is not None:
        _acts_for(following, subject.agent)


def _acts_for(following: _Following, agent: str) -> None:
    agents = following.story.agents
    if agent not in agents and len(agents) < MOST_REMEMBERED:
        following.learn(agents=(*agents, agent))


def _closing(following: _Following, record: Record, message: Message, subject: Subject) -> None:
    if message.kind is Kind.REQUEST:
        following.learn(close_asked=record.sender, closed_for=closed_for(subject))
    else:
        following.learn(close_agreed=True, closed_at=record.time)


def _report(following: _Following, record: Record, message: Message, subject: Subject) -> None:
    following.learn(reported=failure_of(message, subject), reported_at=record.time)


def _refusal(following: _Following, record: Record, message: Message, subject: Subject) -> None:
    story = following.story
    if story.opened is not None and story.granted_time is None and story.refusal is None:
        following.learn(refusal=failure_of(message, subject))
        return
    failure = failure_of(message, subject)
    if (
        failure is not None
        and failure.standby
        and (story.grants or subject.invoke_id in {one.invoke_id for one in following.beats})
    ):
        following.learn(demoted_at=record.time)
    _answer_beat(following, subject.invoke_id, record.time)


def _opening(following: _Following, record: Record, message: Message, subject: Subject) -> None:
    story = following.story
    codes, services = subject.codes("services"), subject.services or 0
    known = label(codes, services) if codes is not None else None
    names = tuple(known) if isinstance(known, list) else ()
    supervises = Sense.SUPERVISES in subject.senses("services")
    if message.kind is not Kind.REQUEST:
        following.learn(granted_time=record.time, grants=story.grants + 1, refusal=None, services_granted=names)
        if subject.services is not None:
            following.learn(supervises=supervises)
        if not story.modes:
            following.learn(**_modes(subject))
        if following.story.mode == Sense.AGENT_MODE.value and subject.agent and not story.agents:
            following.learn(agents=(subject.agent,), own_agent=subject.agent)
        return
    if story.close_agreed:
        # Another session begins on the same connection.
        following.learn(
            close_asked=None, close_agreed=False, closed_at=None, closed_for=None, reported=None, reported_at=None
        )
        if subject.agent:
            others = (one for one in story.agents if one != subject.agent)
            following.learn(agents=(subject.agent, *others))
    following.learn(
        opened=record.number,
        opened_time=record.time,
        granted_time=None,
        refusal=None,
        services_asked=names,
        idle_timeout=subject.idle_timeout,
        client_name=subject.client_name,
        extension=subject.extension or subject.instrument,
        own_agent=subject.agent or None,
        own_phones=subject.phones,
        supervises=supervises,
        **_modes(subject),
    )
    if subject.agent:
        _acts_for(following, subject.agent)


def _modes(subject: Subject) -> dict[str, Any]:
    senses = subject.senses("services")
    wanted = {sense.value for sense in (Sense.BRIDGE_MODE, Sense.AGENT_MODE) if sense in senses}
    return {"modes": frozenset(wanted), "mode": next(iter(wanted)) if len(wanted) == 1 else None}


def _heartbeat(following: _Following, record: Record, message: Message, subject: Subject) -> None:
    if message.kind is not Kind.REQUEST:
        _answer_beat(following, subject.invoke_id, record.time)
        return
    following.beats.append(Beat(subject.invoke_id, record.number, record.time))
    if len(following.beats) > MOST_REMEMBERED:
        _pass_over(following, [following.beats.pop(0)])
    following.beat(sent=following.heartbeats.sent + 1)
    if following.last_beat is not None:
        following.gaps.append(record.time - following.last_beat)
    following.last_beat = record.time


def _answer_beat(following: _Following, invoke_id: int | None, now: int) -> None:
    for waiting in (following.beats, following.passed):
        place = next(
            (place for place in range(len(waiting) - 1, -1, -1) if waiting[place].invoke_id == invoke_id), None
        )
        if place is not None:
            break
    else:
        return
    following.beat(answered=following.heartbeats.answered + 1)
    if waiting is following.passed:
        # It was answered after all, behind a later one.
        del waiting[place]
        _pass_over(following, [], back=1)
        return
    # Answers come in order as a rule: what was sent before the one answered now is missed, unless its answer comes yet.
    earlier = waiting[:place]
    del waiting[: place + 1]
    _pass_over(following, [one for one in earlier if not following.story.unseen(Side.SERVER, one.time, now)])


def _pass_over(following: _Following, beats: Sequence[Beat], back: int = 0) -> None:
    """Count heartbeats as missed, but for so many that were not."""
    if not beats and not back:
        return
    passed, known = following.passed, following.heartbeats
    passed += beats
    first = min(passed, key=lambda one: one.number, default=None)
    del passed[:-MOST_REMEMBERED]
    missed = known.missed + len(beats) - back
    if missed > len(passed) and known.first_missed is not None:
        # The first one is not remembered any more.
        following.beat(missed=missed)
    elif first is None:
        following.beat(missed=missed, first_missed=None, first_missed_time=None)
    else:
        following.beat(missed=missed, first_missed=first.number, first_missed_time=first.time)


def _concluded(following: _Following) -> SessionStory:
    session = following.session
    only = captured_only(session)
    following.learn(only=only, ended_side=session.ended_side)
    ended = session.ended_at
    if ended is not None and (following.story.reported_at or ended) < ended - LONG_AGO:
        following.learn(reported=None, reported_at=None)
    story = following.story
    until = session.followed_until
    if session.ended_side is Side.SERVER and session.ended_at is not None:
        # What comes after the server has ended the connection can't be answered.
        until = session.ended_at
    unanswered = [one for one in following.beats if until - one.time > IN_FLIGHT and not _unseen_reply(story, one.time)]
    _pass_over(following, unanswered)
    if unanswered:
        following.beat(missed_in_a_row=len(unanswered), missed_since=unanswered[0].time)
    if following.gaps:
        following.beat(interval=interval(following.gaps))
    silence = None
    if following.last_client_time is not None:
        silence = max(session.followed_until - following.last_client_time, 0)
        if silence > session.followed_until - session.start:
            # The client's last message is dated before the session began: how long it was silent is not known.
            silence = None
    sent = session.sent
    dead = next(filter(None, (_dead_path(side, sent) for side in Side)), None) if only is None else None
    ended_by, ended_side = _ending(story, silence)
    return following.told(
        reached=_reached(story, sent),
        silence_at_end=silence,
        dead_path=dead,
        ended_by=ended_by,
        ended_side=ended_side,
    )


def _ending(story: SessionStory, silence: int | None) -> tuple[EndedBy, Side | None]:
    """How a session ended and who ended it; `silence`: of the client, at its end."""
    session = story.session
    raw = session.ended_by
    if story.close_agreed or (story.close_asked is not None and raw is not None and not session.out_of_sight):
        return EndedBy.CLOSE, story.close_asked or Side.CLIENT
    if raw is EndedBy.REFUSED or (story.refusal is not None and story.granted_time is None):
        return EndedBy.REFUSED, Side.SERVER
    ended = raw in (EndedBy.RESET, EndedBy.FIN) and session.ended_side is not Side.CLIENT
    # A server that says why it ends a session does not do so for silence.
    if ended and story.reported is None and _reaches(silence, story.idle_timeout):
        return EndedBy.IDLE, Side.SERVER
    return raw or EndedBy.CAPTURE_END, session.ended_side


def _unseen_reply(story: SessionStory, since: int) -> bool:
    return story.unseen(Side.SERVER, since, story.session.end)


def captured_only(session: Session) -> Side | None:
    """The side whose packets alone were captured, though it cannot have talked to nobody."""
    sent = session.sent
    for side in Side:
        talks = sent[side].payload or (sent[side].syns and sent[side].acknowledged)
        if sent[side].seen and sent[side.other].seen is False and talks:
            return side
    return None


def _reached(story: SessionStory, sent: Mapping[Side, Direction]) -> Reached:
    if story.granted_time is not None:
        return Reached.OPEN
    if story.refusal is not None:
        return Reached.TURNED_DOWN
    if story.session.ended_by is EndedBy.REFUSED:
        return Reached.REFUSED
    if story.opened is not None:
        # However often a client asks, and whatever it says besides: who is never answered has no session.
        mute = not sent[Side.SERVER].messages and captured_only(story.session) is None
        return Reached.ASKED if mute or sum(one.messages for one in sent.values()) == 1 else Reached.OPEN
    if any(one.messages for one in sent.values()):
        return Reached.OPEN
    if any(one.payload for one in sent.values()):
        return Reached.OTHER
    if sent[Side.CLIENT].syns and sent[Side.SERVER].seen is False and not sent[Side.CLIENT].acknowledged:
        return Reached.NO_ANSWER
    return Reached.NOTHING_SAID


def _dead_path(side: Side, sent: Mapping[Side, Direction]) -> DeadPath | None:
    mine, other = sent[side], sent[side.other]
    if mine.in_vain < IN_VAIN or mine.in_vain_since is None or other.heard is None:
        return None
    return DeadPath(side.other, other.heard, mine.in_vain, mine.in_vain_since)


def _reaches(silence: int | None, timeout: int | None) -> bool:
    if not timeout or silence is None:
        return False
    return silence >= timeout * SECOND * TOLERANCE
