"""The front half of analyses by columns: they see the messages that can concern them, and of all others only counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ccxdissect.analysis.sessions import Sessions, SessionStory
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.columns.batch import Batch
from ccxdissect.sources.analyses import Asked, InOrder, Mine, by_first
from ccxdissect.sources.feeding import Feeding
from ccxdissect.sources.interest import Interest, Interested, SomeSessions
from ccxdissect.sources.passing_by import Passed
from ccxdissect.stream.dissector import SIDES
from ccxdissect.stream.events import Event, Loss, Record, SessionEnded, SessionOpened

if TYPE_CHECKING:
    from ccxdissect.analysis.statistics import Statistics
    from ccxdissect.analysis.summary import Summing

_NEVER = 1 << 60
#: Calls, as what their stories are made of where that is enough to write them.
CALLS_TO_WRITE = "calls to write"


class _Stories:
    """The stories of the sessions, by number: those that `Sessions` gives of the events. `waiting`: how many are kept back
    for that."""

    def __init__(self, waiting: int) -> None:
        self._sessions = Sessions()
        self._ordered = InOrder(self._sessions, lambda story: story.session.number, waiting)
        self._interest = Interest(lambda message, protocol: self._sessions.concerns(message))

    def of(self, batch: Batch, mine: SomeSessions | None = None) -> Iterator[SessionStory]:
        """What is told by the next batch, of some of its sessions or of all."""
        sessions, ordered = self._sessions, self._ordered
        wanted = self._interest.of(batch)
        if mine is not None:
            wanted &= mine.messages
        passed = Passed(batch, sessions, mine)
        events = iter([*batch.events, (_NEVER, None)])
        place, event = next(events)
        for index in [*np.flatnonzero(wanted).tolist(), _NEVER - 1]:
            while place <= index:
                if isinstance(event, (SessionOpened, SessionEnded, Loss)) and (mine is None or mine(event.session)):
                    passed.up_to(event.session, place)
                    yield from ordered.take(sessions.feed(event))
                place, event = next(events)
            if index < len(batch):
                record = batch.record(index)
                passed.up_to(record.session, index)
                sessions.feed(record)
                passed.beyond(record.session)
        passed.all()

    def flush(self) -> Iterator[SessionStory]:
        """Nothing more will come."""
        return self._ordered.flush()


def of_kind(kind: str, batches: Iterable[Batch], slow_reply: int | None = None) -> Iterator[Any]:
    """The results of one kind, as the analysis gives them of all events."""
    results = Results([kind], Asked(slow_reply))
    for batch in batches:
        for _, result in results.of(batch):
            yield result
    for _, result in results.flush():
        yield result


class Results:
    """Results of several kinds, as their analyses give them of all events: batch by batch, each with its kind. Every kind
    looks through a batch by itself, at the messages that concern it. `mine`: of each kind those of some sessions alone.
    """

    def __init__(self, kinds: Iterable[str], asked: Asked, mine: Mine | None = None) -> None:
        self._mine = mine
        self._kinds = {kind: _looking(kind, asked) for kind in kinds}

    def of(self, batch: Batch) -> Iterator[tuple[str, Any]]:
        """What is told by the next batch."""
        for kind, looking in self._kinds.items():
            mine = None if self._mine is None else SomeSessions(batch, partial(self._mine, kind))
            for result in looking.of(batch, mine):
                yield kind, result

    def flush(self) -> Iterator[tuple[str, Any]]:
        """Nothing more will come: give what is left."""
        for kind, looking in self._kinds.items():
            for result in looking.flush():
                yield kind, result


class _Looking(Protocol):
    """What makes the results of one kind."""

    def of(self, batch: Batch, mine: SomeSessions | None = None) -> Iterator[Any]:
        """What is told by the next batch, of some of its sessions or of all."""

    def flush(self) -> Iterator[Any]:
        """Nothing more will come: give what is left."""


def _looking(kind: str, asked: Asked) -> _Looking:
    if kind == "sessions":
        return _Stories(asked.waiting)
    if kind == "losses":
        return _Losses()
    reader = SubjectReader()
    if kind == "exchanges":
        from ccxdissect.analysis.exchanges import Exchanges
        from ccxdissect.sources.tracing import Tracing

        pairing = Exchanges(reader=reader)
        ordered = InOrder(pairing, by_first, asked.waiting)
        feeding = Feeding(pairing, reader, slots=pairing.slots, ordered=ordered, takers=pairing.taker)
        return feeding.foretold_by(Tracing(pairing, reader))
    if kind == "findings":
        from ccxdissect.analysis.findings import Findings

        findings = Findings(asked.thresholds, asked.rules, reader)
        return Feeding(findings, reader, findings, findings.slots, awaiting=findings, takers=findings.taker)
    if kind == "agents":
        from ccxdissect.analysis.agents import Agents

        agents = Agents(reader)
        return Feeding(agents, reader, slots=agents.slots, heard=agents, takers=agents.taker)
    if kind in ("calls", CALLS_TO_WRITE):
        from ccxdissect.analysis.calls import Calls
        from ccxdissect.sources.feeding_calls import FeedingCalls

        return FeedingCalls(Calls(reader=reader, to_write=kind == CALLS_TO_WRITE), reader)
    raise ValueError(f"nothing is called {kind!r} here")


class _Losses:
    """What is missing."""

    def of(self, batch: Batch, mine: SomeSessions | None = None) -> Iterator[Loss]:
        """What the next batch misses."""
        for event in batch.apart:
            if isinstance(event, Loss) and (mine is None or mine(event.session)):
                yield event

    def flush(self) -> Iterator[Loss]:
        """Nothing is left."""
        return iter(())


def sum_up(batches: Iterable[Batch], summing: Summing) -> None:
    """Let a summary see the messages of batches, and what else happened; its end is left to others."""

    def counted() -> Iterator[Batch]:
        for batch in batches:
            for _, alike in _alike(batch):
                if isinstance(alike, Record):
                    summing.count(alike)
                else:
                    time = batch.time[alike]
                    message = batch.plans[int(batch.plan[alike[0]])].layout.message
                    summing.count_like(message, len(alike), int(time.min()), int(time.max()))
            yield batch

    uncounted = _Uncounted(summing.findings, summing.look_at, summing.advance)
    findings = summing.findings
    reader = findings.context.reader
    looking = Feeding(uncounted, reader, findings, findings.slots, awaiting=findings, takers=summing.taker)
    for batch in counted():
        for _ in looking.of(batch):
            pass


def figures(batches: Iterable[Batch], statistics: Statistics) -> None:
    """Let figures be made of the messages of batches; their end is left to others."""

    def counted() -> Iterator[Batch]:
        for batch in batches:
            for _, alike in _alike(batch):
                if isinstance(alike, Record):
                    statistics.count(alike)
                else:
                    message = batch.plans[int(batch.plan[alike[0]])].layout.message
                    side = SIDES[int(batch.side[alike[0]])]
                    statistics.count_like(message, side, len(alike), int(batch.size[alike].sum()))
            yield batch

    uncounted = _Uncounted(statistics, statistics.pair, statistics.advance)
    looking = Feeding(uncounted, statistics.reader, slots=statistics.slots, takers=statistics.taker)
    for batch in counted():
        for _ in looking.of(batch):
            pass


def _alike(batch: Batch) -> list[tuple[int, Record | np.ndarray]]:
    """The messages of a batch that are counted together, those of one plan and side; odd ones alone. In the order of the
    first of each, whose place stands before."""
    key = 2 * batch.plan + batch.side
    key[batch.plan < 0] = -1
    order = np.argsort(key, kind="stable")
    if not len(key):
        return []
    starts = np.flatnonzero(np.diff(key[order], prepend=-2)).tolist()
    found: list[tuple[int, Record | np.ndarray]] = list(batch.odd.items())
    for begin, stop in zip(starts, [*starts[1:], len(order)], strict=True):
        if key[order[begin]] >= 0:
            found.append((int(order[begin]), order[begin:stop]))
    return sorted(found, key=itemgetter(0))


class _Uncounted:
    """An analysis whose counts of types come by columns: what it does with a message besides, and with time."""

    def __init__(self, interest: Interested, look: Callable[[Event], None], advance: Callable[[int], object]) -> None:
        self._interest = interest
        self._look = look
        self._advance = advance
        self.concerns = interest.concerns

    @property
    def due(self) -> int:
        return self._interest.due

    def feed(self, event: Event) -> tuple[()]:
        self._look(event)
        return ()

    def elsewhere(self, event: Event) -> tuple[()]:
        return ()

    def advance(self, now: int) -> tuple[()]:
        self._advance(now)
        return ()
