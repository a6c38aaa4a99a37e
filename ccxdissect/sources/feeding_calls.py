"""Calls are fed with the messages of batches that can concern them, but for those of calls that are taken at once."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any, TypeVar

import numpy as np

from ccxdissect.analysis.calls import Calls
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.columns.batch import Batch
from ccxdissect.sources.calls_within import CallsWithin
from ccxdissect.sources.feeding import Feeding, LookedAt
from ccxdissect.sources.interest import SomeSessions
from ccxdissect.sources.taking import facts
from ccxdissect.stream.events import Record

T = TypeVar("T")


class FeedingCalls(Feeding):
    """What calls give of the messages."""

    def __init__(self, calls: Calls, reader: SubjectReader) -> None:
        super().__init__(calls, reader, slots=calls.slots, awaiting=calls, takers=calls.taker)
        self._within = CallsWithin(calls, reader)
        self._take = calls.take_whole

    def of(self, batch: Batch, mine: SomeSessions | None = None) -> Iterator[Any]:
        """What is told by the next batch, of some of its sessions or of all."""
        if mine is not None:
            self._within.stop()
        return super().of(batch, mine)

    def _looked_at(
        self, batch: Batch, places: np.ndarray, before: list[int]
    ) -> tuple[Iterator[LookedAt], Iterator[Record]]:
        """Of a call that is taken at once only the message by which it is over."""
        held = self._subjects.held(batch, places)
        whole, calls = self._within.of(batch, places, held)
        subjects = held.subjects(~whole)
        if calls:
            alone = np.flatnonzero(~whole)
            places, before, subjects = places[alone], _at(before, alone), _at(subjects, alone)
        taken = self._taking.of(batch, places, subjects)
        rows: list[LookedAt] = list(
            zip(places.tolist(), before, taken.tolist(), facts(batch, places, subjects), strict=True)
        )
        if calls:
            # No time is earlier than the one before it.
            last = batch.time[np.array([place for place, _ in calls]) - 1].tolist()
            both = zip(calls, last, strict=True)
            rows += [(place, latest, self._take, (call.ended_at, call)) for (place, call), latest in both]
            rows.sort(key=itemgetter(0))
        return iter(rows), batch.rows(places[~taken.astype(bool)])


def _at(values: list[T], places: np.ndarray) -> list[T]:
    return [values[place] for place in places.tolist()]
