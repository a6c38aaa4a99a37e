"""An analysis is fed with the messages of batches that can concern it: with their records where it has to look at them, and
else with what is known of them by columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ccxdissect.analysis.foreseen import Foreseen
from ccxdissect.analysis.subject import Slots, Subject, SubjectReader
from ccxdissect.columns.batch import Batch, Learned
from ccxdissect.protocol import model
from ccxdissect.protocol.model import Message
from ccxdissect.sources.analyses import InOrder
from ccxdissect.sources.interest import Awaiting, Interest, Interested, Replies, SomeSessions
from ccxdissect.sources.passing_by import Passing
from ccxdissect.sources.subject_columns import SubjectColumns
from ccxdissect.sources.taking import Takers, Taking, facts
from ccxdissect.stream.events import Event, Record

if TYPE_CHECKING:
    from ccxdissect.analysis.agents import Agents
    from ccxdissect.analysis.findings import Findings
    from ccxdissect.sources.deviating import Deviating
    from ccxdissect.sources.tracing import Tracing

_NEVER = 1 << 60


class Selective(Interested, Protocol):
    """An analysis that sees the messages that concern it, and the time of the others."""

    def feed(self, event: Event) -> Iterable[Any]:
        """Take the next event; give what is known by it."""

    def elsewhere(self, event: Event) -> Iterable[Any]:
        """Take an event of a session that is not looked at here; give what is known by the time that passes."""

    def advance(self, now: int) -> Iterable[Any]:
        """Let time pass to `now` (ns); give what is told by that."""


def _every_slot(message: Message, protocol: model.Protocol) -> None:
    """All are asked for."""


#: A message that is looked at: where it is, the latest time of those before it, what takes it, and what it takes.
LookedAt = tuple[int, int, Callable[..., Any] | None, tuple[Any, ...]]


class Feeding:
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
        self._interest, self._subjects = Interest(analysis.concerns), SubjectColumns(reader, slots)
        self._whole = SubjectColumns(reader, _every_slot)
        self._deviating: Deviating | None = None
        if findings is not None:
            # What only findings need is loaded for them alone.
            from ccxdissect.sources.deviating import Deviating

            self._deviating = Deviating(findings)
        self._passing = None if findings is None else Passing(findings.sessions)
        self._heard, self._ordered = heard, ordered
        self._replies = None if awaiting is None else Replies(awaiting)
        self._tracing: Tracing | None = None
        self._foreseen = Foreseen()

    def foretold_by(self, tracing: Tracing) -> Feeding:
        """Let the analysis be foretold messages, which it need not take."""
        self._tracing, self._foreseen = tracing, tracing.foreseen
        return self

    def of(self, batch: Batch, mine: SomeSessions | None = None) -> Iterator[Any]:
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

    def _of(self, batch: Batch, mine: SomeSessions | None) -> Iterator[Any]:
        passing, deviating, analysis = self._passing, self._deviating, self._analysis
        feed, elsewhere = analysis.feed, analysis.elsewhere
        wanted = self._wanted(batch, mine)
        leads = () if deviating is None else deviating.followed
        foreseen, first = self._foreseen, batch.first
        clock = _Clock(batch, analysis, foreseen)
        if passing is not None:
            passing.begin(batch, mine)
        for learned in batch.before:
            learned.tell()
        events = iter([*batch.events, (_NEVER, None)])
        place, event = next(events)
        seen = 0
        start: int | None = 0
        while start is not None:
            places = start + np.flatnonzero(wanted[start:])
            rows, records = self._looked_at(batch, places, clock.before(places))
            start = None
            for index, latest, take, known in rows:
                while place <= index:
                    yield from clock.passed(seen, place)
                    seen = place
                    foreseen.at = first + place
                    if passing is not None:
                        passing.at = place
                    if isinstance(event, Learned):
                        event.tell()
                    elif event is not None:
                        yield from feed(event) if mine is None or mine(event.session) else elsewhere(event)
                    place, event = next(events)
                if seen < index and latest > analysis.due:
                    yield from clock.passed(seen, index)
                seen = index + 1
                foreseen.at = first + index
                if passing is not None:
                    passing.at = seen
                found = None if take is None else take(*known)
                if found is None:
                    record = next(records if take is None else batch.rows(np.array([index])))
                    if take is None and known[-1] is not None:
                        self._reader.foretell(record.decoded, known[-1])
                    if deviating is not None:
                        deviating.foretell(record, index)
                    found = feed(record)
                if found:
                    yield from found
                if index in leads and deviating is not None and deviating.leads(index):
                    start = seen
                    break
        while event is not None:
            yield from clock.passed(seen, place)
            seen = place
            foreseen.at = first + place
            if passing is not None:
                passing.at = place
            if isinstance(event, Learned):
                event.tell()
            else:
                yield from feed(event) if mine is None or mine(event.session) else elsewhere(event)
            place, event = next(events)
        yield from clock.passed(seen, len(batch))
        if self._tracing is not None:
            self._tracing.end(batch)
        if passing is not None:
            passing.end()

    def _wanted(self, batch: Batch, mine: SomeSessions | None) -> np.ndarray:
        """A flag for each message: whether it is looked at in any case. What deviates may be, besides."""
        wanted = self._interest.of(batch)
        if self._replies is not None:
            wanted &= ~self._replies.unasked(batch)
        wanted |= self._subjects.unlisted(batch)
        if mine is not None:
            wanted &= mine.messages
        if self._tracing is not None:
            self._tracing.foretell(batch, wanted)
        if self._deviating is not None:
            self._deviating.begin(batch, wanted, None if mine is None else mine.messages)
        return wanted

    def _looked_at(
        self, batch: Batch, places: np.ndarray, before: list[int]
    ) -> tuple[Iterator[LookedAt], Iterator[Record]]:
        """The messages at these places; and the records of those that nothing takes."""
        deviating = self._deviating
        if deviating is None:
            subjects = self._subjects.read(batch, places)
            taken = self._taking.of(batch, places, subjects)
        else:
            untold = deviating.untold(places)
            subjects = self._subjects_of(batch, places, untold)
            taken = self._taking.of(batch, places, subjects)
            taken[untold] = None
            deviating.take(places, taken)
        rows = zip(places.tolist(), before, taken.tolist(), facts(batch, places, subjects), strict=True)
        return rows, batch.rows(places[~taken.astype(bool)])

    def _subjects_of(self, batch: Batch, places: np.ndarray, untold: np.ndarray) -> list[Subject | None]:
        """What these messages are about: all that there is to know of those that rules look at."""
        found: list[Subject | None] = [None] * len(places)
        for chosen, columns in ((~untold, self._subjects), (untold, self._whole)):
            at = np.flatnonzero(chosen)
            for place, subject in zip(at.tolist(), columns.read(batch, places[at]) if len(at) else (), strict=True):
                found[place] = subject
        return found


class _Clock:
    """The times of the messages of a batch that do not concern an analysis: it is told those at which something is due."""

    def __init__(self, batch: Batch, analysis: Selective, foreseen: Foreseen) -> None:
        self._first, self._foreseen = batch.first, foreseen
        self._times: list[int] = batch.time.tolist()
        #: The latest time up to each message.
        self._latest = np.maximum.accumulate(batch.time) if len(batch) else batch.time
        self._analysis = analysis

    def before(self, places: np.ndarray) -> list[int]:
        """The latest time before each of these places; whatever it is before the first."""
        latest: list[int] = self._latest[places - 1].tolist()
        return latest

    def passed(self, start: int, stop: int) -> Iterable[Any]:
        """The messages of these places passed."""
        analysis = self._analysis
        if start >= stop or self._latest[stop - 1] <= analysis.due:
            return ()
        found: list[Any] = []
        due = analysis.due
        for number, time in enumerate(self._times[start:stop], self._first + start):
            if time > due:
                self._foreseen.at = number
                found += analysis.advance(time)
                due = analysis.due
        return found
