"""What comes out of a stream of captured bytes: messages, losses, and sessions that begin and end.

Whatever the source, a capture, a live interface or the server's log, the views and the analysis see these only. They are
facts; `wording.losses` and `wording.notes` put them into words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from ccxdissect.capture.segment import Endpoint
from ccxdissect.codec.decoder import Decoded
from ccxdissect.codec.forms import FloatingForm
from ccxdissect.codec.problems import Problem
from ccxdissect.identity import known_by_identity
from ccxdissect.protocol.model import Side
from ccxdissect.stream.dialect import Verdict


class Word(str, Enum):
    """A base for what is one of a few words: compares with, prints as and is written as its value."""

    def __str__(self) -> str:
        return str(self.value)


class EndedBy(Word):
    """How a session ended."""

    #: By the protocol's own farewell; told by the analysis.
    CLOSE = "close"
    FIN = "fin"
    RESET = "reset"
    REFUSED = "refused"
    #: Of a connection: put away for lack of room. Of a session's story: by the protocol's idle timer.
    IDLE = "idle"
    CAPTURE_END = "capture end"


#: What is no end, but all that was seen.
OUT_OF_SIGHT = frozenset({EndedBy.CAPTURE_END, EndedBy.IDLE})


class Determined(Word):
    """How it is known which side of a connection is the server."""

    HANDSHAKE = "handshake"
    PORT = "port"
    GUESS = "guess"


class NoteKind(Word):
    """What TCP showed besides its bytes. After each, what `Noted.size` counts, if anything."""

    URGENT = "urgent data"
    STRAY = "stray segment"  # bytes not delivered
    BEFORE_START = "before the start"  # bytes not delivered
    AFTER_END = "after the end"  # bytes not delivered
    BEHIND_FIN = "behind the FIN"  # bytes not delivered
    LATE = "late"  # bytes that arrived after their hole had been given up: not delivered
    CONFLICT = "conflicting overlap"  # bytes from the first one that differs on; the first ones captured are used
    SECOND_FIN = "second FIN"
    FIN_MISPLACED = "misplaced FIN"
    RESET_BYTES = "bytes in a reset"  # bytes not delivered
    RESET_STRAY = "stray reset"
    RESET_AFTER_FIN = "reset after the FIN"
    RESET_WITHDRAWN = "reset without effect"
    REPLACED = "replaced"
    HELD_TOO_MUCH = "too much held"  # bytes that were no longer waited for
    PUT_AWAY = "put away"


class LossKind(Word):
    """How bytes came to give no message. After each, what `Loss.detail` is."""

    NEVER_CAPTURED = "never captured"
    #: The same, of a capture that was cut out of another: they were left out then.
    LEFT_OUT = "left out"
    #: The search for a header went over them: one follows, none does, or it still goes on behind them.
    PASSED_OVER = "passed over"  # LostStep
    NO_HEADER = "no header"  # LostStep
    SEARCHED = "searched"  # LostStep
    BEHIND_CUT = "behind a cut message"
    CUT = "cut message"  # CutMessage
    CUT_BY_OTHERS = "cut by others"  # CutMessage
    CUT_HEADER = "cut header"  # CutMessage
    LOG_UNKNOWN = "unknown in log"  # LogLoss
    LOG_ROWS_END = "rows end"  # LogLoss


class LostStep(NamedTuple):
    """Why the bytes of a stream have to be searched for a header.

    `missing` bytes were not captured before them; or a header claims an absurd `length` or type `number`; or, when all
    are None, the capture begins inside a message.
    """

    missing: int | None = None
    length: int | None = None
    number: int | None = None


class CutMessage(NamedTuple):
    """A message of which only the beginning was captured: `held` bytes, the header's included.

    `name` and `length` are what its header says, if that is whole. `missing` bytes were never captured behind it; None:
    its session ended there.
    """

    held: int
    name: str | None = None
    length: int = 0
    missing: int | None = None


class LogLoss(NamedTuple):
    """What a log shows of a message that it does not show whole, in `place` (file and line).

    `name`: what the log calls its type, or the declared name; `number`: its type, None without a whole header. `have` of
    `length` bytes were there. `at_end`: nothing came behind it that could have been more of it.
    """

    place: str
    name: str | None
    number: int | None = None
    have: int = 0
    length: int = 0
    at_end: bool = False


LossDetail = LostStep | CutMessage | LogLoss | None


@dataclass(slots=True, frozen=True)
class Direction:
    """What one side of a session has sent so far, in bytes of TCP payload, and how many messages.

    payload = decoded + undecoded + duplicate; `missing` was never captured, as the sequence numbers say.
    """

    payload: int = 0
    decoded: int = 0
    undecoded: int = 0
    duplicate: int = 0
    missing: int = 0
    messages: int = 0
    #: Of the undecoded bytes, those that never became part of the stream (sent after its end, or with a reset).
    undelivered: int = 0
    #: What TCP showed of this side. Whether any packet of it was captured (None: the source has no packets), and when
    #: the last one was, in ns.
    seen: bool | None = None
    heard: int | None = None
    #: Its SYNs, repeated ones included but not copies; its segments that brought old bytes again; those that brought new
    #: bytes behind later ones (out of order, or sent again after a loss that the capture did not see); those that the snap
    #: length cut.
    syns: int = 0
    repeated: int = 0
    reordered: int = 0
    cut: int = 0
    #: How often it sent old bytes again, or probed, since the other side was heard last; when for the first time (ns).
    in_vain: int = 0
    in_vain_since: int | None = None
    #: When its first packet was captured, in ns.
    first_heard: int | None = None
    #: When the first packet was captured that the snap length cut, in ns; the first that brought old bytes again and is no copy;
    #: the first that brought new bytes behind later ones. Where the clock stood back just then, it is right after the latest
    #: time before.
    first_cut: int | None = None
    first_repeated: int | None = None
    first_reordered: int | None = None
    #: Of the segments that brought old bytes again, those that came so soon behind another one of this side that they may be
    #: copies: one packet captured in two places.
    copied: int = 0
    #: Of these, those that were captured at the very same time as the one before, by a clock that tells less than milliseconds.
    twins: int = 0
    #: Whether it acknowledged anything of the other side, of which no packet was captured.
    acknowledged: bool = False

    def heard_by(self, time: int) -> bool:
        """Whether a packet of it was captured up to a time (ns), as far as packets are known of: more may be known by now
        than was then."""
        return self.seen is not False and (self.first_heard is None or self.first_heard <= time)

    def cut_by(self, time: int) -> bool:
        """The same of a packet that the snap length cut."""
        return self.cut > 0 and (self.first_cut is None or self.first_cut <= time)

    def repeated_by(self, time: int) -> bool:
        """The same of a segment that brought old bytes again."""
        return self.repeated > self.copied and (self.first_repeated is None or self.first_repeated <= time)

    def reordered_by(self, time: int) -> bool:
        """The same of a segment that brought new bytes behind later ones."""
        return self.reordered > 0 and (self.first_reordered is None or self.first_reordered <= time)


@dataclass(slots=True, eq=False)
class Tally:
    """The counts of one side as its stream keeps them; `told` makes a Direction of them."""

    payload: int = 0
    decoded: int = 0
    undecoded: int = 0
    messages: int = 0

    def counts(self) -> tuple[Any, ...]:
        """What they come to by now, as a Direction has it."""
        return self.payload, self.decoded, self.undecoded, 0, 0, self.messages

    def told(self) -> Direction:
        """The same as one."""
        return Direction(*self.counts())


@dataclass(slots=True, eq=False)
class LoggedTally(Tally):
    """The same of a log: a side is lacking in it that tells nothing while the other one goes on talking."""

    other: Tally | None = None

    def counts(self) -> tuple[Any, ...]:
        """What they come to by now, as a Direction has it."""
        lacking = not self.payload and self.other is not None and self.other.messages > 1
        seen = True if self.payload else False if lacking else None
        return (*Tally.counts(self), 0, seen)


class Settled(Tally):
    """Counts that will not change any more."""

    __slots__ = ("_counts",)

    def __init__(self, counts: tuple[Any, ...]) -> None:
        self.payload = self.decoded = self.undecoded = self.messages = 0
        # Of most sessions nobody asks for them any more.
        self._counts = counts

    def counts(self) -> tuple[Any, ...]:
        """What they came to."""
        return self._counts


class Tried(NamedTuple):
    """An attempt to connect that nothing has answered yet: the number of its session, its ends, when it began (ns), and its
    SYNs so far."""

    number: int
    client: Endpoint
    server: Endpoint
    start: int
    syns: int


_NONE_NOTED: Counter[NoteKind] = Counter()


@dataclass(slots=True, eq=False)
class SessionState:
    """What is known of a session so far, for its stream to change; everybody else has its `session` to read."""

    number: int
    client: Endpoint
    server: Endpoint
    start: int
    end: int
    version: int | None = None
    version_said: bool = False
    form: FloatingForm | None = None
    ended_by: EndedBy | None = None
    ended_side: Side | None = None
    ended_at: int | None = None
    followed_until: int | None = None
    resumed_until: int | None = None
    verdict: Verdict | None = None
    from_start: bool = False
    excerpt: bool = False
    logged: bool = False
    unsure: bool = False
    unnamed: bool = False
    #: To be changed by `note` alone: of most sessions nothing is.
    noted: Counter[NoteKind] = field(default_factory=lambda: _NONE_NOTED)
    #: The client's, the server's.
    tallies: tuple[Tally, Tally] = field(default_factory=lambda: (Tally(), Tally()))
    session: Session = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.session = Session(self)

    def note(self, kind: NoteKind) -> None:
        """TCP showed something."""
        if self.noted is _NONE_NOTED:
            self.noted = Counter()
        self.noted[kind] += 1

    def settle(self) -> None:
        """Nothing will be counted any more: keep the counts alone, and not what they are taken from."""
        one, other = self.tallies
        self.tallies = Settled(one.counts()), Settled(other.counts())

    def tally(self, side: Side) -> Tally:
        """The counts of a side."""
        return self.tallies[0 if side is Side.CLIENT else 1]

    @staticmethod
    def of(session: Session) -> SessionState:
        """What stands behind a session."""
        return session._state

    def turn(self) -> None:
        """What was taken for the client turned out to be the server."""
        self.client, self.server = self.server, self.client
        self.tallies = self.tallies[::-1]


class Session:
    """One TCP connection, or what a log tells of one: what is known of it by now. It can be read only.

    While it lasts (and, for stray packets, until its source is read) its stream may still add to what is known.

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
    ...     session = next(trace.messages()).session
    >>> session.number
    1
    """

    __slots__ = ("_state",)

    def __init__(self, state: SessionState) -> None:
        self._state = state

    @property
    def number(self) -> int:
        """Its number, from 1."""
        return self._state.number

    @property
    def client(self) -> Endpoint:
        """ "ip:port" of the client (IPv6 in brackets), or what the source knows instead; and its parts."""
        return self._state.client

    @property
    def server(self) -> Endpoint:
        """The same of the server."""
        return self._state.server

    @property
    def start(self) -> int:
        """Its first packet, in ns since the epoch."""
        return self._state.start

    @property
    def end(self) -> int:
        """Its last packet so far, in ns since the epoch."""
        return self._state.end

    @property
    def version(self) -> int | None:
        """The protocol version; None until it is known."""
        return self._state.version

    @property
    def version_said(self) -> bool:
        """False when the version is inferred."""
        return self._state.version_said

    @property
    def form(self) -> FloatingForm | None:
        """The form of its floating fields; None until it is known."""
        return self._state.form

    @property
    def ended_by(self) -> EndedBy | None:
        """FIN, RESET, REFUSED, IDLE, CAPTURE_END; None while it lasts (or when nothing but a new connection on its ports
        ended it)."""
        return self._state.ended_by

    @property
    def out_of_sight(self) -> bool:
        """Whether no end of it was seen: the capture was over, or it was put away for lack of room (IDLE)."""
        return self._state.ended_by in OUT_OF_SIGHT

    @property
    def followed_until(self) -> int:
        """Until when it was followed, in ns: its end; of one that is out of sight, until when the capture went on, as far
        as other packets show."""
        return self.end if self._state.followed_until is None else self._state.followed_until

    @property
    def resumed_until(self) -> int | None:
        """Until when the capture goes on, in ns, where the session was followed only up to a pause in which no packet at all came;
        else None."""
        return self._state.resumed_until

    @property
    def ended_side(self) -> Side | None:
        """Who ended it."""
        return self._state.ended_side

    @property
    def over_at(self) -> int:
        """When it was over, in ns: when somebody ended it, whatever came behind that; else its last word."""
        return self.end if self.ended_at is None else self.ended_at

    @property
    def ended_at(self) -> int | None:
        """When that was, in ns; None where the source does not tell."""
        return self._state.ended_at

    @property
    def verdict(self) -> Verdict | None:
        """Which protocol it speaks, as far as is known, and what speaks for that."""
        return self._state.verdict

    @property
    def from_start(self) -> bool:
        """Whether its first bytes were captured, so that nothing came before."""
        return self._state.from_start

    @property
    def excerpt(self) -> bool:
        """Whether packets of it were left out of the capture on purpose, when it was cut out of another."""
        return self._state.excerpt

    @property
    def logged(self) -> bool:
        """Whether the server's log tells of it: no packets, no end of the connection, and lines may be lacking."""
        return self._state.logged

    @property
    def unsure(self) -> bool:
        """Whether messages of the server may be its that the log tells of without saying whose they are."""
        return self._state.unsure

    @property
    def unnamed(self) -> bool:
        """Whether it is no session but all that the log tells of nobody in particular."""
        return self._state.unnamed

    @property
    def noted(self) -> Mapping[NoteKind, int]:
        """How often TCP showed what."""
        return MappingProxyType(self._state.noted)

    @property
    def sent(self) -> Mapping[Side, Direction]:
        """What each side has sent by now."""
        client, server = self._state.tallies
        return MappingProxyType({Side.CLIENT: client.told(), Side.SERVER: server.told()})

    def endpoint(self, side: Side) -> Endpoint:
        """The address of a side."""
        return self._state.client if side is Side.CLIENT else self._state.server

    def __repr__(self) -> str:
        return f"<session {self.number}: {self.client} to {self.server}>"


#: Number, client and server of a session.
Ends = tuple[int, Endpoint, Endpoint]
_ENDS_OF = attrgetter("_state.number", "_state.client", "_state.server")


def ends_of(sessions: Iterable[Session]) -> list[Ends]:
    """Who speaks to whom in each of these sessions, as it is known by now."""
    # Without a call of Python's for each.
    return list(map(_ENDS_OF, sessions))


@known_by_identity
class Record(NamedTuple):
    """One message where and when it was sent.

    `number` counts from 1 over everything read; `frame` is the packet that completed it; `time` that packet's, in ns.
    `begun`: the time of the packet that brought its first byte. `flow` and `offset`: the direction of a connection (two
    numbers for each, the same for all its bytes) and where in its bytes the header begins. Of several records over
    the same bytes the later one holds: an end that no field accounted for is searched again.

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
    ...     message = next(trace.messages())
    >>> message.number, message.name, message.sender.value
    (1, 'OPEN_REQ', 'client')
    """

    number: int
    frame: int
    time: int
    session: Session
    sender: Side
    decoded: Decoded
    begun: int = 0
    #: Problems of the source rather than of the bytes (a log line that tells less than a message holds).
    source_problems: tuple[Problem, ...] = ()
    flow: int = 0
    offset: int = 0

    @property
    def src(self) -> Endpoint:
        """Address of the sender."""
        return self.session.endpoint(self.sender)

    @property
    def dst(self) -> Endpoint:
        """Address of the receiver."""
        return self.session.client if self.sender is Side.SERVER else self.session.server

    @property
    def name(self) -> str:
        """The message's name."""
        return self.decoded.name

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with it."""
        return self.decoded.problems + self.source_problems


@dataclass(slots=True, frozen=True)
class SessionOpened:
    """A session was seen for the first time."""

    session: Session
    time: int
    frame: int


@dataclass(slots=True, frozen=True)
class SessionEnded:
    """A session is over, or the capture is."""

    session: Session
    time: int
    frame: int


@dataclass(slots=True, frozen=True)
class Loss:
    """Bytes of a stream that gave no message: never captured (`missing`) or not understood (`skipped`).

    `flow` and `offset`: where in which direction they stand (see `Record`). `data`: the bytes themselves, of those that
    were captured. `partial`: what can be decoded of a message of which only the beginning was captured. `likely`: where
    in `data` bytes begin and end that read as a message, until what follows showed them to be none.

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
    ...     sum(loss.missing + loss.skipped for loss in trace.losses())
    0
    """

    session: Session
    sender: Side
    time: int
    frame: int
    missing: int
    skipped: int
    kind: LossKind
    detail: LossDetail = None
    flow: int = 0
    offset: int = 0
    data: bytes = b""
    partial: Decoded | None = None
    likely: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True, frozen=True)
class Noted:
    """Something TCP showed that a reader may have to know.

    `sender`: the direction, None for the whole connection; `offset`: where in its bytes, None for nowhere. May come after
    the session's end, for packets captured later.
    """

    session: Session
    sender: Side | None
    time: int
    frame: int
    kind: NoteKind
    size: int = 0
    offset: int | None = None


Event = Record | SessionOpened | SessionEnded | Loss | Noted
