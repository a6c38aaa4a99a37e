"""Requests and what answers them, and what they led to.

Pairing: a confirmation answers the newest earlier open request of its session with the same InvokeID whose declared
replies name it; a message that comes in place of any confirmation answers the newest one of any type. Requests without
an InvokeID pair by order: the oldest open one whose replies name the message. Where several messages make up a reply,
the one that ends it completes the exchange.

Triggered: the events of the same agent or call, on any session with the same server, from the request on until the next
request about that agent or call, or until `window` (5 s) after the reply (after the request, while there is none);
requests that only ask trigger nothing, nor do those that fail. A request for a new call takes up the call that it gets,
or that begins at its phone.

Order: an exchange is given when it is settled: answered (or given up, at its session's end or after `patience`) and
nothing more can be triggered. Among equals the earlier request comes first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

from ccxdissect.analysis.causes import WINDOW, Causes
from ccxdissect.analysis.exchange import Exchange, Outcome
from ccxdissect.analysis.failures import failure_of
from ccxdissect.analysis.foreseen import Foreseen
from ccxdissect.analysis.open_requests import OpenRequest, Waiting
from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.subject import Subject, SubjectReader
from ccxdissect.protocol.model import Kind, Mark, Message, Protocol, Side, Trait
from ccxdissect.stream.events import Event, Record, Session, SessionEnded
from ccxdissect.wording import SECOND

#: How long a request waits for its reply before it is given up, in ns. No session lives through such a silence.
PATIENCE = 300 * SECOND
#: The most requests that are remembered without a reply, over all sessions; the oldest are given up first.
MOST_OPEN = 100_000
#: The most of them that share a session and an InvokeID (or have none).
MOST_ALIKE = 1_000

#: Later than any time.
_NEVER = 1 << 100
_NOTHING: Sequence[Exchange] = ()


_AGENT, _PHONES = Mark.AGENT, Mark.EXTENSION | Mark.INSTRUMENT
_CALLS = Mark.CALL | Mark.OTHER_CALL | Mark.NEW_CALL


def pairs(message: Message, protocol: Protocol) -> bool:
    """Whether messages of a type ask, answer, or may come in place of an answer."""
    return (
        message.kind is not Kind.EVENT
        or bool(message.traits & (Trait.FAILS | Trait.BEGINS_REPLY))
        or message.name in protocol.answers
    )


#: What takes the messages of a type: see `Taker`.
Takes = Callable[[int, int, Session, Side, Message, Subject], Sequence[Exchange]]
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
        self._quick = -_NEVER if quick is None else quick
        self._reader = reader or SubjectReader()
        self._phones = phones if phones is not None else Phones()
        self._sessions: dict[int, Waiting] = {}
        self._waiting: OrderedDict[int, OpenRequest] = OrderedDict()
        self._answered: OrderedDict[int, OpenRequest] = OrderedDict()
        self._causes = Causes(self._phones, window, traced)
        #: The types of all requests which have been seen, and the names of the messages that answer them.
        self._asked: set[Message] = set()
        self._replies: set[str] = set()
        #: Up to this time (ns) nothing is settled by time alone: nothing that waits or lingers is due.
        self.due = 0

    def feed(self, event: Event) -> Sequence[Exchange]:
        """Take the next event; give the exchanges that it settles."""
        if isinstance(event, Record):
            decoded = event.decoded
            message = decoded.message
            if message is None:
                return self._expire(event.time) if event.time > self.due else []
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
        if self._causes.traced:
            asked |= _WHICH_CALLS
        return asked | _WHERE_CALLS_BEGIN if message.traits & Trait.CALL_BEGINS else asked

    def taker(self, message: Message, protocol: Protocol) -> Takes:
        """What takes messages of a type that need not be looked at as records: all."""
        return self.take if pairs(message, protocol) else self._take_news

    @property
    def foreseen(self) -> Foreseen:
        """Events that come without being fed: see `only_traced`."""
        return self._causes.foreseen

    def all_came(self) -> None:
        """All that was foreseen has come."""
        self._causes.catch_up_all()

    def only_traced(self, message: Message, protocol: Protocol) -> bool:
        """Whether messages of a type, as far as they name a call and nothing else, need not be fed if they are foreseen."""
        return self._causes.traced and not pairs(message, protocol)

    def _take_news(
        self, number: int, time: int, session: Session, sender: Side, message: Message, subject: Subject
    ) -> Sequence[Exchange]:
        """The same of a type that neither asks nor answers."""
        settled = self._expire(time) if time > self.due else _NOTHING
        server = session.server
        if subject.agent is not None:
            self._phones.learn(server, subject)
        causes = self._causes
        if causes.dialing or (causes.traced and causes.of_servers):
            causes.trace(number, time, server, message, subject)
        return settled

    def take(
        self, number: int, time: int, session: Session, sender: Side, message: Message, subject: Subject
    ) -> list[Exchange]:
        """Take a message that is known by these alone, as `feed` takes its record."""
        settled = self._expire(time) if time > self.due else []
        if subject.agent is not None:
            self._phones.learn(session.server, subject)
        if message.kind is Kind.REQUEST:
            self._request(number, time, session, sender, message, subject, settled)
            return settled
        traits = message.traits
        if traits & Trait.BEGINS_REPLY:
            begun = self._sessions.get(session.number)
            if begun is not None:
                begun.begin_reply(time, message)
            return settled
        answers = traits & Trait.FAILS or message.name in self._replies
        waiting = self._sessions.get(session.number) if answers else None
        open_ = None if waiting is None else waiting.answered_by(sender, message, subject)
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
        elif self._causes.traced or self._causes.dialing:
            self._causes.trace(number, time, session.server, message, subject)
        return settled

    def concerns(self, message: Message, protocol: Protocol) -> bool:
        """Whether messages of a type may change anything here besides the time."""
        return bool(message.traits & Trait.CALL_BEGINS) or self._tells(message, protocol)

    def _tells(self, message: Message, protocol: Protocol) -> bool:
        if pairs(message, protocol) or (self._causes.traced and message.marked(_AGENT | _PHONES | _CALLS)):
            return True
        return bool(message.marked(_AGENT) and message.marked(_PHONES))

    @property
    def awaits(self) -> bool:
        """Whether calls are waited for that were dialed."""
        return bool(self._causes.dialing)

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
        if isinstance(event, (Record, SessionEnded)) and event.time > self.due:
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
        self.due = 0

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
            waiting = self._sessions[session.number] = Waiting()
        traits, server = message.traits, session.server
        if traits & Trait.OPENS and subject.agent is not None:
            waiting.agent = subject.agent
        agent = self._phones.agent_of(server, subject)
        if agent is None and (subject.call is not None or traits & Trait.AGENT_STATE):
            agent = waiting.agent
        open_ = OpenRequest(number, time, session, sender, message, subject, agent)
        open_.waiting = waiting
        if message not in self._asked:
            self._asked.add(message)
            self._replies.update(message.replies)
        self._waiting[number] = open_
        if self.due > time + self.patience:
            self.due = time + self.patience
        alike = waiting.add(open_)
        if len(alike) > MOST_ALIKE:
            self._give_up(alike[0], time, time, settled)
        if not traits & Trait.ASKS:
            if agent is not None:
                self._claim(open_, server, agent, settled)
            for call in subject.calls:
                self._claim(open_, server, call, settled)
            if traits & Trait.MAKES_CALL and subject.instrument:
                self._causes.dial(open_, server, subject.instrument)
        if len(self._waiting) > MOST_OPEN:
            self._give_up(next(iter(self._waiting.values())), time, time, settled)

    def _reply(
        self, number: int, time: int, message: Message, subject: Subject, open_: OpenRequest, settled: list[Exchange]
    ) -> None:
        open_.reply = number, message.name, time
        if open_.answered_time is None:
            open_.answered_time = time
        open_.failure = failure_of(message, subject)
        open_.outcome = Outcome.CONFIRMED if open_.failure is None else Outcome.FAILED
        self._forget(open_)
        if open_.failure is not None:
            self._causes.refuse(open_)
        elif subject.new_call is not None:
            self._claim(open_, open_.session.server, subject.new_call, settled)
        self._linger(open_, time, settled)

    def _claim(self, open_: OpenRequest, server: str, key: object, settled: list[Exchange]) -> None:
        """From now on the events about an agent or a call are this request's doing, and nothing more is another's."""
        before = self._causes.claim(open_, server, key)
        if before is not None and before.deadline:
            self._settle(before, settled)

    # -- how an exchange ends --------------------------------------------------------------------------------------

    def _forget(self, open_: OpenRequest) -> None:
        """It waits for no reply any more."""
        self._waiting.pop(open_.request, None)
        open_.waiting.remove(open_)

    def _linger(self, open_: OpenRequest, time: int, settled: list[Exchange]) -> None:
        """It is answered or given up; what it triggers may still come."""
        open_.deadline = time + self.window
        self.due = min(self.due, open_.deadline)
        if open_.keys or open_.phone is not None:
            self._answered[open_.request] = open_
        elif not self._leaves_out(open_):
            settled.append(open_.told())

    def _leaves_out(self, open_: OpenRequest) -> bool:
        """Whether nobody asks for it: see `quick`."""
        if open_.outcome is not Outcome.CONFIRMED or open_.answered_time is None:
            return False
        return open_.answered_time - open_.request_time <= self._quick

    def _settle(self, open_: OpenRequest, settled: list[Exchange]) -> None:
        del self._answered[open_.request]
        self._causes.release(open_)
        if not self._leaves_out(open_):
            settled.append(open_.told())

    def _give_up(self, open_: OpenRequest, time: int, until: int, settled: list[Exchange]) -> None:
        """Nobody answers it by that time; `until`: how long that was looked at."""
        open_.given_up = until
        self._forget(open_)
        self._linger(open_, time, settled)

    def _expire(self, time: int) -> list[Exchange]:
        settled: list[Exchange] = []
        answered, waiting = self._answered, self._waiting
        while answered:
            earliest = next(iter(answered.values()))
            if earliest.deadline >= time:
                break
            self._settle(earliest, settled)
        since = time - self.patience
        while waiting:
            oldest = next(iter(waiting.values()))
            if oldest.request_time >= since:
                break
            self._give_up(oldest, time, time, settled)
        # Up to which time there is nothing to do, unless something is added meanwhile.
        due = next(iter(answered.values())).deadline if answered else _NEVER
        if waiting:
            due = min(due, next(iter(waiting.values())).request_time + self.patience)
        self.due = due
        return settled

    def _end(self, session: Session, time: int, settled: list[Exchange]) -> None:
        waiting = self._sessions.get(session.number)
        if waiting is None:
            return
        for open_ in waiting.all():
            self._give_up(open_, time, session.followed_until, settled)
        del self._sessions[session.number]
