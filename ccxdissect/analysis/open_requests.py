"""Requests whose exchanges are not settled: those of a session that wait for their replies, and what is known of each."""

from __future__ import annotations

from ccxdissect.analysis.exchange import Exchange, Outcome
from ccxdissect.analysis.failures import Failure
from ccxdissect.analysis.subject import Subject
from ccxdissect.protocol.model import Message, Side, Trait
from ccxdissect.stream.events import Session

#: Makes a named tuple of a tuple, without a call of Python's.
_NEW = tuple.__new__


class OpenRequest:
    """A request whose exchange is not settled: what is known of it so far, and what it waits for."""

    #: Those of its session that wait, of which it is one until it is answered or given up.
    waiting: Waiting
    #: What answered it: number, name, time.
    reply: tuple[int, str, int] | None = None
    outcome = Outcome.UNANSWERED
    failure: Failure | None = None
    answered_time: int | None = None
    given_up: int | None = None
    phone: str | None = None
    deadline = 0
    #: The events that it led to.
    triggered: list[int] | tuple[()] = ()

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
        #: The servers, each with an agent of it (text) or a call (a number), whose events are its doing.
        self.keys: set[tuple[str, object]] = set()

    def told(self) -> Exchange:
        """The exchange as it is known by now."""
        reply, reply_name, reply_time = self.reply or (None, None, None)
        message = self.message
        told = (
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
        return _NEW(Exchange, told)


class Waiting:
    """The requests of one session that wait for a reply."""

    __slots__ = ("agent", "by_id", "in_order")

    def __init__(self) -> None:
        self.by_id: dict[int, list[OpenRequest]] = {}
        self.in_order: list[OpenRequest] = []
        self.agent: str | None = None

    def add(self, open_: OpenRequest) -> list[OpenRequest]:
        """A request is sent; give those that wait with the same InvokeID, or with none, the oldest first."""
        alike = self.in_order if open_.invoke_id is None else self.by_id.setdefault(open_.invoke_id, [])
        alike.append(open_)
        return alike

    def remove(self, open_: OpenRequest) -> None:
        """It waits no more."""
        if open_.invoke_id is None:
            self.in_order.remove(open_)
            return
        same = self.by_id[open_.invoke_id]
        same.remove(open_)
        if not same:
            del self.by_id[open_.invoke_id]

    def answered_by(self, sender: Side, message: Message, subject: Subject) -> OpenRequest | None:
        """The request that a message answers."""
        fails = bool(message.traits & Trait.FAILS)
        name = message.name
        if subject.invoke_id is not None:
            for open_ in reversed(self.by_id.get(subject.invoke_id, ())):
                if open_.sender is not sender and (fails or name in open_.replies):
                    return open_
            # A refusal of a request that had no InvokeID can carry none that the client chose.
            if not (fails and subject.invoke_id == 0):
                return None
        for open_ in self.in_order:
            if open_.sender is not sender and (fails or name in open_.replies[-1:]):
                return open_
        return None

    def begin_reply(self, time: int, message: Message) -> None:
        """The first message of a reply that has several came at a time (ns)."""
        for open_ in self.in_order:
            if message.name in open_.replies and open_.answered_time is None:
                open_.answered_time = time
                return

    def all(self) -> list[OpenRequest]:
        """Those that wait, in their order."""
        left = [*self.in_order, *(open_ for same in self.by_id.values() for open_ in same)]
        return sorted(left, key=lambda open_: open_.request)
