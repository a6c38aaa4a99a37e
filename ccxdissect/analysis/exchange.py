"""A request with its reply, and the row that is told of it."""

from __future__ import annotations

from typing import NamedTuple

from ccxdissect.analysis.failures import FAILURE, Failure
from ccxdissect.analysis.schema import Column, ColumnKind, Schema, attribute
from ccxdissect.identity import known_by_identity
from ccxdissect.protocol.model import Trait
from ccxdissect.stream.events import Session, Word


class Outcome(Word):
    """How an exchange went."""

    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNANSWERED = "unanswered"
    UNREQUESTED = "unrequested"


@known_by_identity
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
    #: When it was given up or its session ended, or was followed no longer: how long nobody answered.
    given_up: int | None = None
    #: False when nobody knows the request's fields: nor its InvokeID, so that a failure cannot be recognised as its answer.
    fields_known: bool = True

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
