"""The front half of analyses by columns: they see the messages that can concern them, and of all others only counts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ccxdissect.analysis.sessions import Sessions, SessionStory
from ccxdissect.analysis.subject import Slots, Subject, SubjectReader
from ccxdissect.columns.batch import Batch, Learned
from ccxdissect.columns.decoding import Plan
from ccxdissect.protocol import model
from ccxdissect.protocol.model import Message
from ccxdissect.sources.analyses import Asked, InOrder, Mine, by_first
from ccxdissect.sources.passing_by import Passed, Passing
from ccxdissect.sources.subject_columns import SubjectColumns
from ccxdissect.sources.taking import Takers, Taking, facts
from ccxdissect.stream.dissector import SIDES
from ccxdissect.stream.events import Event, Loss, Record, Session, SessionEnded, SessionOpened

if TYPE_CHECKING:
    from ccxdissect.analysis.agents import Agents
    from ccxdissect.analysis.findings import Findings
    from ccxdissect.analysis.statistics import Statistics
    from ccxdissect.analysis.summary import Summing
    from ccxdissect.sources.deviating import Deviating

_NEVER = 1 << 60
#: Plans come and go with what clients claim; so many are remembered.
_MOST_PLANS = 1024


class Interested(Protocol):
    """What knows which messages concern it, besides those that are odd, and from when on time does."""

    @property
    def due(self) -> int:
        """Up to this time (ns) nothing is told by time alone."""

    def concerns(self, message: Message, protocol: model.Protocol) -> bool:
        """Whether messages of a type may change anything besides the time."""


class Selective(Interested, Protocol):
    """An analysis that sees the messages that concern it, and the time of the others."""

    def feed(self, event: Event) -> Iterable[Any]:
        """Take the next event; give what is known by it."""

    def elsewhere(self, event: Event) -> Iterable[Any]:
        """Take an event of a session that is not looked at here; give what is known by the time that passes."""

    def advance(self, now: int) -> Iterable[Any]:
        """Let time pass to `now` (ns); give what is told by that."""


class Awaiting(Protocol):
    """An analysis that some messages concern as replies alone, or as what comes of a request: while it waits for any."""

    @property
    def awaits(self) -> bool:
        """Whether a reply is waited for."""

    def asks(self, message: Message) -> bool:
        """Whether the reply to messages of a type is waited for."""

    def only_replies(self, message: Message, protocol: model.Protocol) -> bool:
        """Whether messages of a type concern it in no other way."""


class _Stories:
    """The stories of the sessions, by number: those that `Sessions` gives of the events. `waiting`: how many are kept back
    for that."""

    def __init__(self, waiting: int) -> None:
        self._sessions = Sessions()
        self._ordered = InOrder(self._sessions, lambda story: story.session.number, waiting)
        self._interest = _Interest(lambda message, protocol: self._sessions.concerns(message))

    def of(self, batch: Batch, mine: _Mine | None = None) -> Iterator[SessionStory]:
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


class _Mine:
    """Some sessions: asked as a function whether one is among them. `messages`: a flag for each message of a batch."""

    def __init__(self, batch: Batch, has: Callable[[Session], bool]) -> None:
        self._has = has
        self.messages = np.array([has(session) for session in batch.sessions], bool)[batch.session]

    def __call__(self, session: Session) -> bool:
        return self._has(session)


class _Interest:
    """Which messages of a batch concern an analysis: those of types that do, and the odd ones (or not, by `odd`)."""

    def __init__(self, concerns: Callable[[Message, model.Protocol], bool], odd: bool = True) -> None:
        self._concerns, self._odd = concerns, odd
        self._known: dict[Plan, bool] = {}

    def of(self, batch: Batch) -> np.ndarray:
        """A flag for each message."""
        known = self._known
        if len(known) > _MOST_PLANS:
            known.clear()
        for plan in batch.plans:
            if plan not in known:
                known[plan] = self._concerns(plan.layout.message, plan.protocol)
        # What has no plan is at the last place.
        return np.array([*(known[plan] for plan in batch.plans), self._odd])[batch.plan]


class _Replies:
    """Which messages of a batch concern an analysis as replies that it might wait for, and does not."""

    def __init__(self, awaiting: Awaiting) -> None:
        self._awaiting = awaiting
        self._asks = _Interest(lambda message, protocol: awaiting.asks(message))
        self._replies = _Interest(awaiting.only_replies, odd=False)

    def unasked(self, batch: Batch) -> np.ndarray:
        """A flag for each message, asked for before the batch is looked through."""
        replies = self._replies.of(batch)
        if self._awaiting.awaits or self._asks.of(batch).any():
            replies[:] = False
        return replies


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
            mine = None if self._mine is None else _Mine(batch, partial(self._mine, kind))
            for result in looking.of(batch, mine):
                yield kind, result

    def flush(self) -> Iterator[tuple[str, Any]]:
        """Nothing more will come: give what is left."""
        for kind, looking in self._kinds.items():
            for result in looking.flush():
                yield kind, result


class _Looking(Protocol):
    """What makes the results of one kind."""

    def of(self, batch: Batch, mine: _Mine | None = None) -> Iterator[Any]:
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

        pairing = Exchanges(reader=reader)
        ordered = InOrder(pairing, by_first, asked.waiting)
        return _Told(pairing, reader, slots=pairing.slots, ordered=ordered, takers=pairing.taker)
    if kind == "findings":
        from ccxdissect.analysis.findings import Findings

        findings = Findings(asked.thresholds, asked.rules, reader)
        return _Told(findings, reader, findings, findings.slots, awaiting=findings, takers=findings.taker)
    if kind == "agents":
        from ccxdissect.analysis.agents import Agents

        agents = Agents(reader)
        return _Told(agents, reader, heard=agents)
    if kind == "calls":
        from ccxdissect.analysis.calls import Calls

        calls = Calls(reader=reader)
        return _Told(calls, reader, slots=calls.slots, awaiting=calls, takers=calls.taker)
    raise ValueError(f"nothing is called {kind!r} here")


class _Losses:
    """What is missing."""

    def of(self, batch: Batch, mine: _Mine | None = None) -> Iterator[Loss]:
        """What the next batch misses."""
        for _, event in batch.events:
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
    looking = _Told(uncounted, reader, findings, findings.slots, awaiting=findings, takers=summing.taker)
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
    looking = _Told(uncounted, statistics.reader, slots=statistics.slots, takers=statistics.taker)
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


def _every_slot(message: Message, protocol: model.Protocol) -> None:
    """All are asked for."""


class _Told:
    """What an analysis gives of the messages. `slots`: all that it asks of their subjects. `findings`: those that it runs;
    they see, of all types, the messages that deviate from their declaration, and their sessions are told of every message
    that it came. `heard`: is told when messages were heard last. `ordered`: brings the results into order. `awaiting`: knows
    which messages concern it only while it waits for them. `takers`: what takes messages without their records.
    """

    def __init__(
        self,
        analysis: Selective,
        reader: SubjectReader,
        findings: Findings | None = None,
        slots: Slots = _every_slot,
        heard: Agents | None = None,
        ordered: InOrder | None = None,
        awaiting: Awaiting | None = None,
        takers: Takers | None = None,
    ) -> None:
        self._analysis, self._reader, self._findings = analysis, reader, findings
        self._taking = Taking(takers)
        self._interest, self._subjects = _Interest(analysis.concerns), SubjectColumns(reader, slots)
        self._whole = SubjectColumns(reader, _every_slot)
        self._deviating: Deviating | None = None
        if findings is not None:
            # What only findings need is loaded for them alone.
            from ccxdissect.sources.deviating import Deviating

            self._deviating = Deviating(findings)
        self._passing = None if findings is None else Passing(findings.sessions)
        self._heard, self._ordered = heard, ordered
        self._replies = None if awaiting is None else _Replies(awaiting)

    def of(self, batch: Batch, mine: _Mine | None = None) -> Iterator[Any]:
        """What is told by the next batch, of some of its sessions or of all."""
        if self._heard is not None:
            heard = batch.plan >= 0
            if heard.any():
                self._heard.heard(int(batch.time[heard].max()))
            for record in batch.odd.values():
                if mine is not None and not mine(record.session):
                    self._heard.elsewhere(record)
        results = self._of(batch, mine)
        return results if self._ordered is None else self._ordered.take(results)

    def flush(self) -> Iterator[Any]:
        """Nothing more will come: give what is left."""
        ended: Any = self._analysis if self._ordered is None else self._ordered
        return iter(ended.flush())

    def _of(self, batch: Batch, mine: _Mine | None) -> Iterator[Any]:
        passing, deviating = self._passing, self._deviating
        feed, elsewhere = self._analysis.feed, self._analysis.elsewhere
        wanted = self._interest.of(batch)
        if self._replies is not None:
            wanted &= ~self._replies.unasked(batch)
        wanted |= self._subjects.unlisted(batch)
        if mine is not None:
            wanted &= mine.messages
        if deviating is not None:
            deviating.begin(batch, wanted, None if mine is None else mine.messages)
        clock = _Clock(batch, self._analysis)
        if passing is not None:
            passing.begin(batch, mine)
        for learned in batch.before:
            learned.tell()
        events = iter([*batch.events, (_NEVER, None)])
        place, event = next(events)
        seen = 0
        for index, take, known in self._looked_at(batch, wanted):
            while place <= index:
                yield from clock.passed(seen, place)
                seen = place
                if passing is not None:
                    passing.at = place
                if isinstance(event, Learned):
                    event.tell()
                elif event is not None:
                    yield from feed(event) if mine is None or mine(event.session) else elsewhere(event)
                place, event = next(events)
            if seen < index:
                yield from clock.passed(seen, index)
            seen = index + 1
            if passing is not None:
                passing.at = seen
            found = take(*known)
            if found:
                yield from found
            elif found is None:
                yield from feed(self._record(batch, index))
        while event is not None:
            yield from clock.passed(seen, place)
            seen = place
            if passing is not None:
                passing.at = place
            if isinstance(event, Learned):
                event.tell()
            else:
                yield from feed(event) if mine is None or mine(event.session) else elsewhere(event)
            place, event = next(events)
        yield from clock.passed(seen, len(batch))
        if passing is not None:
            passing.end()

    def _looked_at(self, batch: Batch, wanted: np.ndarray) -> Iterator[tuple[int, Callable[..., Any], tuple[Any, ...]]]:
        """The messages that are wanted: where each is, what takes it, and what it takes of it; with what is known of it before
        it is looked at. More may be wanted by what is found."""
        reader, deviating, feed = self._reader, self._deviating, self._analysis.feed
        start: int | None = 0
        while start is not None:
            places = start + np.flatnonzero(wanted[start:])
            start = None
            kinds: Iterable[int] = itertools.repeat(0)
            whole: Iterable[bool] = itertools.repeat(True)
            if deviating is None:
                subjects = self._subjects.read(batch, places)
                taken = self._taking.of(batch, places, subjects)
            else:
                odd = deviating.odd(places)
                subjects = self._subjects_of(batch, places, odd)
                taken = self._taking.of(batch, places, subjects)
                taken[odd] = None
                kinds = deviating.kinds[places].tolist()
                # What findings take without records, they ask more of where they have to look at it.
                whole = (self._taking.never(batch, places) | odd).tolist()
            records = batch.rows(places[~taken.astype(bool)])
            told = facts(batch, places, subjects)
            for index, take, known, kind, all_known in zip(
                places.tolist(), taken.tolist(), told, kinds, whole, strict=False
            ):
                if take is not None:
                    yield index, take, known
                    continue
                record = next(records)
                if known[-1] is not None and all_known:
                    reader.foretell(record.decoded, known[-1])
                if kind >= 0 and deviating is not None:
                    deviating.checker.foretell(record.decoded, deviating.deviations[kind])
                yield index, feed, (record,)
                if kind and deviating is not None and deviating.leads(index):
                    start = index + 1
                    break

    def _subjects_of(self, batch: Batch, places: np.ndarray, odd: np.ndarray) -> list[Subject | None]:
        """What these messages are about: all that there is to know of the `odd` ones, which rules look at."""
        found: list[Subject | None] = [None] * len(places)
        for chosen, columns in ((~odd, self._subjects), (odd, self._whole)):
            at = np.flatnonzero(chosen)
            for place, subject in zip(at.tolist(), columns.read(batch, places[at]) if len(at) else (), strict=True):
                found[place] = subject
        return found

    def _record(self, batch: Batch, index: int) -> Record:
        """A message that keeps to its declaration, as a record."""
        record = next(batch.rows(np.array([index])))
        if self._deviating is not None:
            self._deviating.checker.foretell(record.decoded, ())
        return record


class _Clock:
    """The times of the messages of a batch that do not concern an analysis: it is told those at which something is due."""

    def __init__(self, batch: Batch, analysis: Selective) -> None:
        self._times: list[int] = batch.time.tolist()
        #: The latest time up to each message.
        self._latest: list[int] = np.maximum.accumulate(batch.time).tolist() if len(batch) else []
        self._analysis = analysis

    def passed(self, start: int, stop: int) -> Iterable[Any]:
        """The messages of these places passed."""
        analysis = self._analysis
        if start >= stop or self._latest[stop - 1] <= analysis.due:
            return ()
        found: list[Any] = []
        for time in self._times[start:stop]:
            if time > analysis.due:
                found += analysis.advance(time)
        return found


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
