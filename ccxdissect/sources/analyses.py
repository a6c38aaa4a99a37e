"""The analyses that one pass over the events can feed, all at once, with one reader of subjects for all of them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.errors import UsageError
from ccxdissect.stream.events import Event, Loss, Record, Session
from ccxdissect.wording import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ccxdissect.analysis.exchange import Exchange
    from ccxdissect.analysis.rules.registry import Rules, Thresholds

#: Whether results of a kind are wanted of a session.
Mine = Callable[[str, Session], bool]
#: What can be asked for.
KINDS = ("messages", "exchanges", "sessions", "calls", "agents", "findings", "losses", "events")
#: Results kept back to bring them into order.
WAITING = 10_000


class Analysis(Protocol):
    """What takes events and gives results."""

    def feed(self, event: Event) -> Iterable[Any]:
        """Take the next event; give what is known by it."""

    def elsewhere(self, event: Event) -> Iterable[Any]:
        """Take an event of a session that is not looked at here; give what is known by the time that passes."""

    def flush(self) -> Iterable[Any]:
        """Nothing more will come: give what is left."""


class _Of:
    """The events of one class themselves."""

    def __init__(self, of: type) -> None:
        self._of = of

    def feed(self, event: Event) -> Iterable[Any]:
        return (event,) if isinstance(event, self._of) else ()

    def elsewhere(self, event: Event) -> Iterable[Any]:
        return ()

    def flush(self) -> Iterable[Any]:
        return ()


class InOrder:
    """The results of an analysis by `key`, as far as keeping so many of them back can bring them into order."""

    def __init__(self, analysis: Analysis, key: Callable[[Any], int], most: int = WAITING) -> None:
        self._analysis = analysis
        self._key = key
        self._most = most
        self._held: list[tuple[int, int, Any]] = []
        self._serial = 0

    def feed(self, event: Event) -> Iterable[Any]:
        results = self._analysis.feed(event)
        return list(self.take(results)) if results else ()

    def elsewhere(self, event: Event) -> Iterable[Any]:
        results = self._analysis.elsewhere(event)
        return list(self.take(results)) if results else ()

    def flush(self) -> Iterator[Any]:
        yield from self.take(self._analysis.flush())
        # All at once they are sorted sooner than one by one.
        self._held.sort(reverse=True)
        while self._held:
            yield self._held.pop()[2]

    def take(self, results: Iterable[Any]) -> Iterator[Any]:
        """Take results; give those that need not be kept back any longer."""
        held, key, most = self._held, self._key, self._most
        for result in results:
            self._serial += 1
            one = key(result), self._serial, result
            if len(held) < most:
                # They are a heap once one has to go.
                held.append(one)
                if len(held) == most:
                    heapq.heapify(held)
            else:
                yield heapq.heappushpop(held, one)[2]


def by_first(exchange: Exchange) -> int:
    """The number of the first message of an exchange, which they are brought into order by."""
    return exchange.request or exchange.reply or 0


@dataclass(frozen=True)
class Asked:
    """How results are made. `slow_reply`: from which latency on (ns) findings call it slow; `rules`: those that findings are
    found by (None: all); `waiting`: how many results of a kind may be kept back to bring them into order."""

    slow_reply: int | None = None
    rules: Rules | None = None
    waiting: int = WAITING

    @property
    def thresholds(self) -> Thresholds:
        """What findings go by."""
        from ccxdissect.analysis.rules.registry import Thresholds

        return Thresholds() if self.slow_reply is None else Thresholds(slow_reply=self.slow_reply)


def make(kind: str, reader: SubjectReader, asked: Asked | None = None) -> Analysis:
    """The analysis that gives one kind of results."""
    asked = asked or Asked()
    if kind == "events":
        return _Of(object)
    if kind == "messages":
        return _Of(Record)
    if kind == "losses":
        return _Of(Loss)
    if kind == "exchanges":
        from ccxdissect.analysis.exchanges import Exchanges

        return InOrder(Exchanges(reader=reader), by_first, asked.waiting)
    if kind == "sessions":
        from ccxdissect.analysis.sessions import Sessions

        return InOrder(Sessions(reader), lambda story: story.session.number, asked.waiting)
    if kind == "calls":
        from ccxdissect.analysis.calls import Calls

        return Calls(reader=reader)
    if kind == "agents":
        from ccxdissect.analysis.agents import Agents

        return Agents(reader)
    if kind == "findings":
        from ccxdissect.analysis.findings import Findings

        return Findings(asked.thresholds, asked.rules, reader)
    raise UsageError(f"nothing is called {kind!r} here; {nearest(kind, KINDS)}")
