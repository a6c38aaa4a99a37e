"""Figures: how many messages of each type, how exchanges went, how long replies took.

Latencies are exact up to `EXACT` of a kind. Beyond that they are kept in buckets whose bounds grow by 2 %, so that a
quantile is wrong by 1 % at most; count, minimum and maximum stay exact. Memory: one number a latency up to EXACT,
then at most some 2,000 buckets for each kind of request.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

from ccxdissect.analysis.exchange import Exchange, Outcome
from ccxdissect.analysis.exchanges import Exchanges, pairs
from ccxdissect.analysis.schema import Column, ColumnKind, Place, Schema
from ccxdissect.analysis.subject import Subject, SubjectReader, Taker
from ccxdissect.protocol.model import Message, Protocol, Side
from ccxdissect.stream.events import Event, Record, Session

EXACT = 10_000
_STEP = math.log(1.02)
#: Upper bounds of a histogram's bars, in ns; the last bar has no upper bound.
BARS = tuple(
    bound * 10**power for power in range(5, 11) for bound in (1, 2, 5)
)  # 100 µs, 200 µs, 500 µs, 1 ms ... 50 s


class Latencies:
    """Latencies in ns, of which quantiles can be asked."""

    def __init__(self, exact: int = EXACT) -> None:
        self.exact = exact
        self.count = 0
        self.least: int | None = None
        self.most: int | None = None
        self._values: list[int] = []
        self._buckets: dict[int, int] | None = None
        self._bars = [0] * (len(BARS) + 1)

    def add(self, latency: int) -> None:
        """Take one more. A negative one (clocks that jump) counts as 0."""
        latency = max(latency, 0)
        self.count += 1
        if self.least is None or latency < self.least:
            self.least = latency
        if self.most is None or latency > self.most:
            self.most = latency
        self._bars[bisect_left(BARS, latency)] += 1
        if self._buckets is not None:
            self._put(self._buckets, latency)
            return
        self._values.append(latency)
        if len(self._values) > self.exact:
            self._buckets = {}
            for value in self._values:
                self._put(self._buckets, value)
            self._values = []

    @staticmethod
    def _put(buckets: dict[int, int], latency: int) -> None:
        bucket = math.ceil(math.log(latency) / _STEP) if latency > 0 else -1
        buckets[bucket] = buckets.get(bucket, 0) + 1

    def quantile(self, share: float) -> int | None:
        """The smallest latency that `share` (0 to 1) of all do not exceed."""
        if not self.count or self.least is None or self.most is None:
            return None
        rank = max(math.ceil(share * self.count), 1)
        if self._buckets is None:
            return sorted(self._values)[rank - 1]
        if rank == self.count:
            return self.most
        seen = 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= rank:
                middle = 0 if bucket < 0 else round(math.exp((bucket - 0.5) * _STEP))
                return min(max(middle, self.least), self.most)
        return self.most

    def histogram(self) -> list[tuple[int | None, int]]:
        """The bars that matter: (upper bound in ns or None, how many), from the first that is not empty to the last."""
        filled = [position for position, count in enumerate(self._bars) if count]
        if not filled:
            return []
        bounds: list[int | None] = [*BARS, None]
        return [(bounds[position], self._bars[position]) for position in range(filled[0], filled[-1] + 1)]


@dataclass(slots=True, eq=False)
class TypeCount:
    """How many messages of one type there were."""

    name: str
    number: int
    sender: str
    count: int = 0
    size: int = 0
    problems: int = 0


@dataclass(slots=True, eq=False)
class ExchangeCount:
    """How the exchanges of one request went."""

    request: str
    count: int = 0
    confirmed: int = 0
    failed: int = 0
    unanswered: int = 0
    latencies: Latencies = field(default_factory=Latencies)


_INTEGER, _DURATION = ColumnKind.INTEGER, ColumnKind.DURATION

TYPE_COUNTS = Schema(
    "message counts",
    "how many messages of one type one side sent",
    (
        Column(
            "of", ColumnKind.TEXT, "what is counted", lambda item: "message", codes=("message",), place=Place.NESTED
        ),
        Column("type", _INTEGER, "the message type's number", lambda item: item.number, rank=5),
        Column("message", ColumnKind.TEXT, "its name", lambda item: item.name, rank=1),
        Column("from", ColumnKind.TEXT, "who sent them", lambda item: item.sender, rank=3),
        Column("count", _INTEGER, "how many", rank=2),
        Column("bytes", _INTEGER, "in all, headers included", lambda item: item.size, rank=4),
        Column("with_problems", _INTEGER, "of them with problems", lambda item: item.problems, rank=6),
    ),
)


def _quantile(share: float) -> Callable[[ExchangeCount], int | None]:
    return lambda item: item.latencies.quantile(share)


EXCHANGE_COUNTS = Schema(
    "exchange counts",
    "how the exchanges of one request went",
    (
        Column(
            "of", ColumnKind.TEXT, "what is counted", lambda item: "exchange", codes=("exchange",), place=Place.NESTED
        ),
        Column("request", ColumnKind.TEXT, "the request's message type", rank=1),
        Column("count", _INTEGER, "how many", rank=2),
        Column("confirmed", _INTEGER, "of them confirmed", rank=5),
        Column("failed", _INTEGER, "of them failed", rank=3),
        Column("unanswered", _INTEGER, "of them without a reply", rank=4),
        Column("min", _DURATION, "quickest reply", lambda item: item.latencies.least, rank=8, optional=True),
        Column("median", _DURATION, "half of the replies took no longer", _quantile(0.5), rank=6, optional=True),
        Column("p95", _DURATION, "95 % of the replies took no longer", _quantile(0.95), rank=9, optional=True),
        Column("max", _DURATION, "slowest reply", lambda item: item.latencies.most, rank=7, optional=True),
        Column(
            "histogram",
            ColumnKind.LIST,
            "how many replies took how long",
            lambda item: item.latencies.histogram(),
            of=Schema(
                "bar",
                "replies that took no longer than this, and longer than the bar before",
                (
                    Column("up_to", _DURATION, "null: any longer time", lambda bar: bar[0], optional=True),
                    Column("count", _INTEGER, "how many", lambda bar: bar[1]),
                ),
            ),
        ),
    ),
)


class Statistics:
    """Counts messages and exchanges; `types` and `exchanges` may be looked at any time."""

    def __init__(self) -> None:
        self.reader = SubjectReader()
        self._pairing = Exchanges(window=0, traced=False, reader=self.reader)
        self._types: dict[tuple[int, str], TypeCount] = {}
        self._requests: dict[str, ExchangeCount] = {}
        self.unrequested = 0

    def feed(self, event: Event) -> list[object]:
        """Take the next event. Gives nothing: figures are ready at the end."""
        if isinstance(event, Record):
            self.count(event)
        self.pair(event)
        return []

    def pair(self, event: Event) -> None:
        """Take the next event, but do not count it by its type."""
        for exchange in self._pairing.feed(event):
            self._exchange(exchange)

    def slots(self, message: Message, protocol: Protocol) -> frozenset[str]:
        """What is asked of the subjects of messages of a type."""
        return self._pairing.slots(message, protocol)

    def taker(self, message: Message, protocol: Protocol) -> Taker:
        """What takes messages of a type that need not be looked at as records, and are counted already: all."""
        return self._take

    def _take(
        self, number: int, time: int, session: Session, sender: Side, message: Message, subject: Subject
    ) -> tuple[()]:
        for exchange in self._pairing.take(number, time, session, sender, message, subject):
            self._exchange(exchange)
        return ()

    def advance(self, now: int) -> None:
        """Let time pass to `now` (ns), by messages that are no part of any exchange."""
        for exchange in self._pairing.advance(now):
            self._exchange(exchange)

    @property
    def due(self) -> int:
        """Up to this time (ns) no exchange is settled by time alone."""
        return self._pairing.due

    @staticmethod
    def concerns(message: Message, protocol: Protocol) -> bool:
        """Whether messages of a type are to be paired, rather than counted alone."""
        return pairs(message, protocol)

    def count(self, record: Record) -> None:
        """Count one message by its type."""
        kind = self._of(record.decoded.number, record.name, record.sender)
        kind.count += 1
        kind.size += len(record.decoded.body) + 8
        kind.problems += bool(record.problems)

    def count_like(self, message: Message, sender: Side, count: int, size: int) -> None:
        """Count messages of one type from one side, with nothing amiss: how many, and the bytes of all their bodies."""
        kind = self._of(message.number, message.name, sender)
        kind.count += count
        kind.size += size + 8 * count

    def _of(self, number: int, name: str, sender: Side) -> TypeCount:
        kind = self._types.get((number, sender.value))
        if kind is None:
            if len(self._types) >= EXACT:
                # Noise taken for messages may have any number of types: they are counted together.
                number, name = -1, "(further unknown types)"
            kind = self._types.setdefault((number, sender.value), TypeCount(name, number, sender.value))
        return kind

    def flush(self) -> list[object]:
        """Nothing more will come: count what is left."""
        for exchange in self._pairing.flush():
            self._exchange(exchange)
        return []

    def _exchange(self, exchange: Exchange) -> None:
        if exchange.outcome is Outcome.UNREQUESTED or exchange.request_name is None:
            self.unrequested += 1
            return
        counted = self._requests.get(exchange.request_name)
        if counted is None:
            counted = self._requests[exchange.request_name] = ExchangeCount(exchange.request_name)
        counted.count += 1
        counted.confirmed += exchange.outcome is Outcome.CONFIRMED
        counted.failed += exchange.outcome is Outcome.FAILED
        counted.unanswered += exchange.outcome is Outcome.UNANSWERED
        if exchange.latency is not None:
            counted.latencies.add(exchange.latency)

    def types(self) -> list[TypeCount]:
        """The types, the most frequent first."""
        return sorted(self._types.values(), key=lambda kind: (-kind.count, kind.number, kind.sender))

    def exchanges(self) -> list[ExchangeCount]:
        """The requests, the most frequent first."""
        return sorted(self._requests.values(), key=lambda counted: (-counted.count, counted.request))
