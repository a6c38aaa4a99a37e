"""Requests and what answers them, and what they led to.

Pairing: a confirmation answers the newest earlier open request of its session with the same InvokeID whose declared
replies name it; a message that comes in place of any confirmation answers the newest one of any type. Requests without
an InvokeID pair by order: the oldest open one whose replies name the message. Where several messages make up a reply,
the one that ends it completes the exchange.

Triggered: the events of the same agent or call, on any session with the same server, from the request on until the next
request about that agent or call, or until `window` (5 s) after the reply (after the request, while there is none);
requests that only ask trigger nothing. A request for a new call takes up the call that it gets, or that begins at its
phone.

Order: an exchange is given when it is settled: answered (or given up, at its session's end or after `patience`) and
nothing more can be triggered. Among equals the earlier request comes first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.schema import Column, ColumnKind, Schema, attribute
from ccxdissect.analysis.subject import Subject, SubjectReader
from ccxdissect.protocol.codes import Sense
from ccxdissect.protocol.model import Kind, Mark, Message, Protocol, Side, Trait
from ccxdissect.stream.events import Event, Record, Session, SessionEnded, Word
from ccxdissect.wording import SECOND
from ccxdissect.wording.names import in_words

#: How long after its reply a request may still lead to events, in ns.
WINDOW = 5 * SECOND
#: How long a request waits for its reply before it is given up, in ns. No session lives through such a silence.
PATIENCE = 300 * SECOND
#: The most events of which one request can be told to be the cause.
MOST_TRIGGERED = 1_000
#: The most requests that are remembered without a reply, over all sessions; the oldest are given up first.
MOST_OPEN = 100_000
#: The most of them that share a session and an InvokeID (or have none).
MOST_ALIKE = 1_000

#: Later than any time.
_NEVER = 1 << 100


_SAYS_FAILURE = Trait.FAILS | Trait.REPORTS_FAILURE
_AGENT, _PHONES = Mark.AGENT, Mark.EXTENSION | Mark.INSTRUMENT
_CALLS = Mark.CALL | Mark.OTHER_CALL | Mark.NEW_CALL


class Outcome(Word):
    """How an exchange went."""

    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNANSWERED = "unanswered"
    UNREQUESTED = "unrequested"


@dataclass(slots=True, frozen=True)
class Failure:
    """Why a request failed: the code, its constant's name (None when the tables lack it), and what it means."""

    code: int
    name: str | None
    meaning: str
    standby: bool = False
    version_refused: bool = False
    replaced: bool = False
    #: What it comes of and what to do, in our words; and what the server itself said. Empty where there is none.
    remedy: str = ""
    text: str = ""

    @property
    def line(self) -> str:
        """Code, name and meaning in one line."""
        return " ".join(str(part) for part in (self.code, self.name, self.meaning) if part)


FAILURE = Schema(
    "failure",
    "why a request failed",
    (
        Column("code", ColumnKind.INTEGER, "the code in the message"),
        Column("name", ColumnKind.TEXT, "its constant's name, when the tables have it", optional=True),
        Column("meaning", ColumnKind.TEXT, "what it means"),
    ),
)


class Exchange(NamedTuple):
    """One request with its reply; either may be lacking. Times in ns since the epoch, of each message's last byte.

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
    ...     failed = [exchange for exchange in trace.exchanges() if exchange.failure and exchange.failure.code == 265]
    >>> failed[0].request_name, failed[0].failure.name
    ('SET_AGENT_STATE_REQ', 'CF_INVALID_AGENT_WORKMODE')
    """

    session: Session
    invoke_id: int | None
    request: int | None = None
    request_name: str | None = None
    request_time: int | None = None
    reply: int | None = None
    reply_name: str | None = None
    reply_time: int | None = None
    outcome: Outcome = Outcome.UNANSWERED
    failure: Failure | None = None
    triggered: tuple[int, ...] = ()
    #: When the first message of the reply came; the same as `reply_time` unless the reply has several.
    answered_time: int | None = None
    #: The traits of the request, NONE when there is none.
    traits: int = Trait.NONE
    agent: str | None = None
    call: int | None = None
    #: When it was given up or its session ended: how long nobody answered.
    given_up: int | None = None
    #: False when nobody knows the request's fields: nor its InvokeID, so that a failure cannot be recognised as its answer.
    fields_known: bool = True

    # Two exchanges of which the same is told are two exchanges.

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __hash__(self) -> int:
        return object.__hash__(self)

    @property
    def latency(self) -> int | None:
        """From the request's last byte to the reply's last byte, in ns."""
        if self.request_time is None or self.reply_time is None:
            return None
        return self.reply_time - self.request_time

    @property
    def reaction(self) -> int | None:
        """From the request's last byte to the last byte of the reply's first message, in ns."""
        if self.request_time is None or self.answered_time is None:
            return None
        return self.answered_time - self.request_time


def _request(exchange: Exchange) -> str:
    return "" if exchange.request is None else f"{exchange.request} {exchange.request_name}"


def _reply(exchange: Exchange) -> str:
    return "" if exchange.reply is None else f"{exchange.reply} {exchange.reply_name}"


def _outcome(exchange: Exchange) -> str:
    failure = exchange.failure
    return exchange.outcome + ("" if failure is None else f": {failure.code} {failure.name or ''}".rstrip())


def _led_to(exchange: Exchange) -> str:
    numbers = [str(number) for number in exchange.triggered]
    return " ".join(numbers[:4]) + (f" and {len(numbers) - 4} more" if len(numbers) > 4 else "")


SCHEMA = Schema(
    "exchanges",
    "a request with its reply; either may be lacking",
    (
        Column("session", ColumnKind.INTEGER, "the session it belongs to", attribute("session.number"), rank=6),
        Column("invoke_id", ColumnKind.INTEGER, "what pairs the two", heading="id", rank=7, optional=True),
        Column("request", ColumnKind.INTEGER, "the request's message number", optional=True),
        Column(
            "request_name",
            ColumnKind.TEXT,
            "the request's message type",
            heading="request",
            rank=1,
            optional=True,
            told=_request,
        ),
        Column("request_time", ColumnKind.TIME, "when it was sent", heading="at", rank=5, optional=True),
        Column("reply", ColumnKind.INTEGER, "the reply's message number", optional=True),
        Column(
            "reply_name",
            ColumnKind.TEXT,
            "the reply's message type",
            heading="reply",
            rank=3,
            optional=True,
            told=_reply,
        ),
        Column("reply_time", ColumnKind.TIME, "when the reply was complete", optional=True),
        Column(
            "latency",
            ColumnKind.DURATION,
            "from the request's last byte to the reply's last byte",
            heading="after",
            rank=4,
            optional=True,
        ),
        Column(
            "outcome",
            ColumnKind.TEXT,
            "how it went",
            rank=2,
            codes=tuple(outcome.value for outcome in Outcome),
            told=_outcome,
        ),
        Column("failure", ColumnKind.OBJECT, "why it failed", of=FAILURE, optional=True),
        Column(
            "triggered",
            ColumnKind.LIST,
            "numbers of the events that the request led to",
            heading="led to",
            rank=8,
            of=ColumnKind.INTEGER,
            told=_led_to,
        ),
    ),
)


def failure_of(message: Message, subject: Subject) -> Failure | None:
    """Why a message says that something failed; None when it says no such thing."""
    if message.traits & _SAYS_FAILURE:
        slot, code = "failure", subject.failure or 0
    elif subject.status and Sense.HARMLESS not in subject.senses("status"):
        slot, code = "status", subject.status
    else:
        return None
    return _failure(slot, code, subject)


def closed_for(subject: Subject) -> Failure | None:
    """Why a session is closed, by the status that the request to close it carries; None when nothing is wrong."""
    return _failure("reason", subject.reason, subject) if subject.reason else None


def _failure(slot: str, code: int, subject: Subject) -> Failure:
    name = subject.name_of(slot)
    meaning = subject.meaning_of(slot) or (in_words(name) if name else "no table has this code")
    remedy = subject.remedy_of(slot)
    if subject.failure_detail:
        detail = subject.name_of("failure_detail")
        meaning += f"; in particular {subject.failure_detail}"
        if detail:
            meaning += f" {detail}: {subject.meaning_of('failure_detail') or in_words(detail)}"
        remedy = subject.remedy_of("failure_detail") or remedy
    senses = subject.senses(slot)
    return Failure(
        code,
        name,
        meaning,
        Sense.STANDBY in senses,
        Sense.VERSION_REFUSED in senses,
        Sense.REPLACED in senses,
        remedy,
        subject.failure_text or "",
    )


def pairs(message: Message, protocol: Protocol) -> bool:
    """Whether messages of a type ask, answer, or may come in place of an answer."""
    return (
        message.kind is not Kind.EVENT
        or bool(message.traits & (Trait.FAILS | Trait.BEGINS_REPLY))
        or message.name in protocol.answers
    )


#: What takes the messages of a type: see `Taker`.
Takes = Callable[[int, int, Session, Side, Message, Subject], list["Exchange"]]
#: A server, and an agent of it (text) or a call (a number), to which events are traced back.
Key = tuple[str, object]


class _Open:
    """A request whose exchange is not settled: what is known of it so far, and what it waits for."""

    #: What answered it: number, name, time.
    reply: tuple[int, str, int] | None = None
    outcome = Outcome.UNANSWERED
    failure: Failure | None = None
    answered_time: int | None = None
    given_up: int | None = None
    phone: str | None = None
    deadline = 0
    #: The events that it led to, a list as soon as there is one.
    triggered: Sequence[int] = ()

    def __init__(
        self,
        number: int,
        time: int,
        session: Session,
        sender: Side,
        message: Message,
        subject: Subject,
        agent: str | None,
    ) -> None:
        self.session = session
        self.message = message
        self.invoke_id = subject.invoke_id
        self.request = number
        self.request_time = time
        self.agent = agent
        self.call = subject.call
        self.replies = message.replies
        #: Either side may ask; the other one answers.
        self.sender = sender
        self.keys: set[Key] = set()

    def told(self) -> Exchange:
        """The exchange as it is known by now."""
        reply, reply_name, reply_time = self.reply or (None, None, None)
        message = self.message
        return Exchange(
            self.session,
            self.invoke_id,
            self.request,
            message.name,
            self.request_time,
            reply,
            reply_name,
            reply_time,
            self.outcome,
            self.failure,
            tuple(self.triggered),
            self.answered_time,
            message.traits,
            self.agent,
            self.call,
            self.given_up,
            message.fields_known,
        )


class _Waiting:
    """The requests of one session that wait for a reply."""

    __slots__ = ("agent", "by_id", "in_order")

    def __init__(self) -> None:
        self.by_id: dict[int, list[_Open]] = {}
        self.in_order: list[_Open] = []
        self.agent: str | None = None


#: What is asked of the subjects of messages: of all, of requests, of what may answer them; by whom events are traced back, and
#: what is dialed.
_WHO = frozenset({"agent", "extension", "instrument"})
_WHICH_CALLS = frozenset({"call", "other_call", "new_call"})
_OF_REQUESTS = _WHO | _WHICH_CALLS | {"invoke_id"}
_OF_REPLIES = frozenset({"invoke_id", "new_call", "status", "failure", "failure_detail", "failure_text"})
_WHERE_CALLS_BEGIN = frozenset({"call", "connection", "calling"})


class Exchanges:
    """Pairs requests with replies, and traces events back to requests. See the module for the rules."""

    def __init__(
        self,
        window: int = WINDOW,
        patience: int = PATIENCE,
        reader: SubjectReader | None = None,
        phones: Phones | None = None,
        traced: bool = True,
        quick: int | None = None,
    ) -> None:
        """`traced`: whether it is asked for what a request triggered; when a request is settled is the same without.
        `quick`: confirmed exchanges whose reply began within so many ns are not given; None: all are."""
        self.window = window
        self.patience = patience
        self._traced = traced
        self._quick = -_NEVER if quick is None else quick
        self._reader = reader or SubjectReader()
        self._phones = phones if phones is not None else Phones()
        self._sessions: dict[int, _Waiting] = {}
        self._waiting: OrderedDict[int, _Open] = OrderedDict()
        self._answered: OrderedDict[int, _Open] = OrderedDict()
        self._causes: dict[Key, _Open] = {}
        self._dialing: dict[tuple[str, str], _Open] = {}
        #: The types of all requests which have been seen, and the names of the messages that answer them.
        self._asked: set[Message] = set()
        self._replies: set[str] = set()
        #: Up to this time (ns) nothing that waits or lingers is due.
        self._due = 0

    def feed(self, event: Event) -> list[Exchange]:
        """Take the next event; give the exchanges that it settles."""
        if isinstance(event, Record):
            decoded = event.decoded
            message = decoded.message
            if message is None:
                return self._expire(event.time) if event.time > self._due else []
            return self.take(event.number, event.time, event.session, event.sender, message, self._reader.of(decoded))
        if isinstance(event, SessionEnded):
            settled = self._expire(event.time)
            self._end(event.session, event.time, settled)
            return settled
        return []

    def slots(self, message: Message, protocol: Protocol) -> frozenset[str]:
        """What is asked of the subjects of messages of a type."""
        if message.kind is Kind.REQUEST:
            return _OF_REQUESTS
        if message.traits & Trait.BEGINS_REPLY:
            return _WHO
        asked = _WHO | _OF_REPLIES if pairs(message, protocol) else _WHO
        if self._traced:
            asked |= _WHICH_CALLS
        return asked | _WHERE_CALLS_BEGIN if message.traits & Trait.CALL_BEGINS else asked

    def taker(self, message: Message, protocol: Protocol) -> Takes:
        """What takes messages of a type that need not be looked at as records: all."""
        return self.take if pairs(message, protocol) else self._take_news

    def _take_news(
        self, number: int, time: int, session: Session, sender: Side, message: Message, subject: Subject
    ) -> list[Exchange]:
        """The same of a type that neither asks nor answers."""
        settled = self._expire(time) if time > self._due else []
        if subject.agent is not None:
            self._phones.learn(session.server, subject)
        if self._dialing or (self._traced and self._causes):
            self._trace(number, time, session.server, message, subject)
        return settled

    def take(
        self, number: int, time: int, session: Session, sender: Side, message: Message, subject: Subject
    ) -> list[Exchange]:
        """Take a message that is known by these alone, as `feed` takes its record."""
        settled = self._expire(time) if time > self._due else []
        if subject.agent is not None:
            self._phones.learn(session.server, subject)
        if message.kind is Kind.REQUEST:
            self._request(number, time, session, sender, message, subject, settled)
            return settled
        traits = message.traits
        if traits & Trait.BEGINS_REPLY:
            self._begin_reply(session, time, message)
            return settled
        answers = traits & Trait.FAILS or message.name in self._replies
        open_ = self._find(session, sender, message, subject) if answers else None
        if open_ is not None:
            self._reply(number, time, message, subject, open_, settled)
        elif message.kind is Kind.CONFIRMATION:
            settled.append(
                Exchange(
                    session,
                    subject.invoke_id,
                    reply=number,
                    reply_name=message.name,
                    reply_time=time,
                    outcome=Outcome.UNREQUESTED,
                    failure=failure_of(message, subject),
                )
            )
        elif self._traced or self._dialing:
            self._trace(number, time, session.server, message, subject)
        return settled

    @property
    def due(self) -> int:
        """Up to this time (ns) nothing is settled by time alone."""
        return self._due

    def concerns(self, message: Message, protocol: Protocol) -> bool:
        """Whether messages of a type may change anything here besides the time."""
        return bool(message.traits & Trait.CALL_BEGINS) or self._tells(message, protocol)

    def _tells(self, message: Message, protocol: Protocol) -> bool:
        if pairs(message, protocol) or (self._traced and message.marked(_AGENT | _PHONES | _CALLS)):
            return True
        return bool(message.marked(_AGENT) and message.marked(_PHONES))

    @property
    def awaits(self) -> bool:
        """Whether calls are waited for that were dialed."""
        return bool(self._dialing)

    @staticmethod
    def asks(message: Message) -> bool:
        """Whether a call is waited for behind messages of a type."""
        return bool(message.traits & Trait.MAKES_CALL)

    def only_replies(self, message: Message, protocol: Protocol) -> bool:
        """Whether messages of a type concern nothing here but calls that are waited for."""
        return not self._tells(message, protocol)

    def advance(self, now: int) -> list[Exchange]:
        """Let time pass without a message, to `now` (ns): give the exchanges that are settled by that."""
        return self._expire(now)

    def elsewhere(self, event: Event) -> list[Exchange]:
        """Take an event of a session that is not looked at here: by it, time passes."""
        if isinstance(event, (Record, SessionEnded)) and event.time > self._due:
            return self._expire(event.time)
        return []

    def unanswered_after(self, number: int, since: int) -> list[Exchange]:
        """The requests that still wait for a reply, of messages after `number`, sent up to `since` (ns); in order."""
        found = []
        for open_ in reversed(self._waiting.values()):
            if open_.request <= number:
                break
            if open_.request_time <= since:
                found.append(open_.told())
        return found[::-1]

    def flush(self) -> Iterator[Exchange]:
        """Nothing more will come: give what is left, by the time of the request."""
        left = [*self._waiting.values(), *self._answered.values()]
        left.sort(key=lambda open_: (open_.request_time, open_.request))
        for open_ in left:
            if not self._leaves_out(open_):
                yield open_.told()
        self._sessions.clear()
        self._waiting.clear()
        self._answered.clear()
        self._causes.clear()
        self._dialing.clear()
        self._due = 0

    @property
    def open_count(self) -> int:
        """How many exchanges are not settled."""
        return len(self._waiting) + len(self._answered)

    # -- one message -----------------------------------------------------------------------------------------------

    def _request(
        self,
        number: int,
        time: int,
        session: Session,
        sender: Side,
        message: Message,
        subject: Subject,
        settled: list[Exchange],
    ) -> None:
        waiting = self._sessions.get(session.number)
        if waiting is None:
            waiting = self._sessions[session.number] = _Waiting()
        traits, server = message.traits, session.server
        if traits & Trait.OPENS and subject.agent is not None:
            waiting.agent = subject.agent
        agent = self._phones.agent_of(server, subject)
        if agent is None and (subject.call is not None or traits & Trait.AGENT_STATE):
            agent = waiting.agent
        open_ = _Open(number, time, session, sender, message, subject, agent)
        if message not in self._asked:
            self._asked.add(message)
            self._replies.update(message.replies)
        self._waiting[number] = open_
        if self._due > time + self.patience:
            self._due = time + self.patience
        alike = waiting.in_order if subject.invoke_id is None else waiting.by_id.setdefault(subject.invoke_id, [])
        alike.append(open_)
        if len(alike) > MOST_ALIKE:
            self._give_up(alike[0], time, settled)
        if not traits & Trait.ASKS:
            if agent is not None:
                self._claim(open_, (server, agent), settled)
            for call in subject.calls:
                self._claim(open_, (server, call), settled)
            if traits & Trait.MAKES_CALL and subject.instrument:
                open_.phone = subject.instrument
                self._dialing[server, subject.instrument] = open_
        if len(self._waiting) > MOST_OPEN:
            self._give_up(next(iter(self._waiting.values())), time, settled)

    def _find(self, session: Session, sender: Side, message: Message, subject: Subject) -> _Open | None:
        fails = bool(message.traits & Trait.FAILS)
        waiting = self._sessions.get(session.number)
        if waiting is None:
            return None
        if subject.invoke_id is not None:
            for open_ in reversed(waiting.by_id.get(subject.invoke_id, ())):
                if open_.sender is not sender and (fails or message.name in open_.replies):
                    return open_
            # A refusal of a request that had no InvokeID can carry none that the client chose.
            if not (fails and subject.invoke_id == 0):
                return None
        for open_ in waiting.in_order:
            if open_.sender is not sender and (fails or message.name in open_.replies[-1:]):
                return open_
        return None

    def _begin_reply(self, session: Session, time: int, message: Message) -> None:
        waiting = self._sessions.get(session.number)
        for open_ in waiting.in_order if waiting is not None else ():
            if message.name in open_.replies and open_.answered_time is None:
                open_.answered_time = time
                return

    def _reply(
        self, number: int, time: int, message: Message, subject: Subject, open_: _Open, settled: list[Exchange]
    ) -> None:
        open_.reply = number, message.name, time
        if open_.answered_time is None:
            open_.answered_time = time
        open_.failure = failure_of(message, subject)
        open_.outcome = Outcome.CONFIRMED if open_.failure is None else Outcome.FAILED
        self._forget(open_)
        if subject.new_call is not None:
            self._claim(open_, (open_.session.server, subject.new_call), settled)
        self._linger(open_, time, settled)

    # -- what a request led to -------------------------------------------------------------------------------------

    def _claim(self, open_: _Open, key: Key, settled: list[Exchange]) -> None:
        """From now on the events of `key` are this request's doing."""
        before = self._causes.get(key)
        if before is open_:
            return
        self._causes[key] = open_
        open_.keys.add(key)
        if before is not None:
            before.keys.discard(key)
            if not before.keys and before.phone is None and before.deadline:
                self._settle(before, settled)

    def _trace(self, number: int, time: int, server: str, message: Message, subject: Subject) -> None:
        if self._dialing and message.traits & Trait.CALL_BEGINS and subject.call is not None:
            for phone in (subject.connection, subject.calling):
                dialing = self._dialing.pop((server, phone), None) if phone else None
                if dialing is not None:
                    dialing.phone = None
                    self._claim(dialing, (server, subject.call), [])
                    break
        if not self._traced or not self._causes:
            return
        causes: list[_Open] = []
        for call in subject.calls:
            cause = self._causes.get((server, call))
            if cause is not None and cause not in causes:
                causes.append(cause)
        agent = self._phones.agent_of(server, subject)
        if agent is not None:
            cause = self._causes.get((server, agent))
            if cause is not None and cause not in causes:
                causes.append(cause)
        for cause in causes:
            since = cause.request_time if cause.reply is None else cause.reply[2]
            triggered = cause.triggered
            if time - since > self.window or len(triggered) >= MOST_TRIGGERED:
                continue
            if isinstance(triggered, list):
                triggered.append(number)
            else:
                cause.triggered = [number]

    # -- how an exchange ends --------------------------------------------------------------------------------------

    def _forget(self, open_: _Open) -> None:
        """It waits for no reply any more."""
        self._waiting.pop(open_.request, None)
        waiting = self._sessions.get(open_.session.number)
        if waiting is None:
            return
        if open_.invoke_id is None:
            waiting.in_order.remove(open_)
            return
        same = waiting.by_id[open_.invoke_id]
        same.remove(open_)
        if not same:
            del waiting.by_id[open_.invoke_id]

    def _linger(self, open_: _Open, time: int, settled: list[Exchange]) -> None:
        """It is answered or given up; what it triggers may still come."""
        open_.deadline = time + self.window
        self._due = min(self._due, open_.deadline)
        if open_.keys or open_.phone is not None:
            self._answered[open_.request] = open_
        elif not self._leaves_out(open_):
            settled.append(open_.told())

    def _leaves_out(self, open_: _Open) -> bool:
        """Whether nobody asks for it: see `quick`."""
        if open_.outcome is not Outcome.CONFIRMED or open_.answered_time is None:
            return False
        return open_.answered_time - open_.request_time <= self._quick

    def _settle(self, open_: _Open, settled: list[Exchange]) -> None:
        del self._answered[open_.request]
        self._release(open_)
        if not self._leaves_out(open_):
            settled.append(open_.told())

    def _release(self, open_: _Open) -> None:
        server = open_.session.server
        for key in open_.keys:
            if self._causes.get(key) is open_:
                del self._causes[key]
        open_.keys.clear()
        if open_.phone is not None and self._dialing.get((server, open_.phone)) is open_:
            del self._dialing[server, open_.phone]

    def _give_up(self, open_: _Open, time: int, settled: list[Exchange]) -> None:
        open_.given_up = time
        self._forget(open_)
        self._linger(open_, time, settled)

    def _expire(self, time: int) -> list[Exchange]:
        settled: list[Exchange] = []
        while self._answered:
            earliest = next(iter(self._answered.values()))
            if earliest.deadline >= time:
                break
            self._settle(earliest, settled)
        while self._waiting:
            oldest = next(iter(self._waiting.values()))
            if time - oldest.request_time <= self.patience:
                break
            self._give_up(oldest, time, settled)
        self._due = self._next_due()
        return settled

    def _next_due(self) -> int:
        """Up to which time `_expire` has nothing to do, unless something is added meanwhile."""
        due = _NEVER
        if self._answered:
            due = next(iter(self._answered.values())).deadline
        if self._waiting:
            oldest = next(iter(self._waiting.values()))
            due = min(due, oldest.request_time + self.patience)
        return due

    def _end(self, session: Session, time: int, settled: list[Exchange]) -> None:
        waiting = self._sessions.get(session.number)
        if waiting is None:
            return
        left = [*waiting.in_order, *(open_ for same in waiting.by_id.values() for open_ in same)]
        left.sort(key=lambda open_: open_.request)
        for open_ in left:
            self._give_up(open_, time, settled)
        del self._sessions[session.number]
