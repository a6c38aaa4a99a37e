"""What the dissector of `stream` tells, put into batches of nothing but objects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ccxdissect.columns.batch import Batch, Learned
from ccxdissect.stream.dissector import SIDES, Dissector
from ccxdissect.stream.events import Event, Loss, Record, Session, SessionEnded, SessionState


class Collected:
    """What the dissector tells, piece by piece, put into batches of nothing but objects."""

    def __init__(self, dissector: Dissector) -> None:
        self._known: dict[Session, Learned] = {}
        for connection in dissector.connections.open_ones:
            if connection.state is not None:
                self._see(connection.state.session)
        self._batch = Batch(0)

    def _see(self, session: Session) -> tuple[Learned | None, Learned]:
        """What was known of a session when it was seen last, and what is known now."""
        before = self._known.get(session)
        known = SessionState.of(session)
        now = self._known[session] = Learned(known, known.version, known.version_said, known.form)
        return before, now

    def add(self, events: Sequence[Event]) -> None:
        """Take what was told at once, as soon as it was."""
        batch = self._batch
        for session in {event.session for event in events}:
            before, now = self._see(session)
            if before != now:
                if before is not None:
                    batch.before.append(before)
                batch.events.append((len(batch.odd), now))
        for event in events:
            if isinstance(event, Record):
                batch.odd[len(batch.odd)] = event
            else:
                batch.events.append((len(batch.odd), event))
                if isinstance(event, (Loss, SessionEnded)):
                    batch.apart.append(event)

    def batch(self, count: int) -> Batch:
        """What was added since the last batch; `count` messages were told up to now."""
        batch, self._batch = self._batch, Batch(0)
        batch.first = count + 1 - len(batch.odd)
        # The first that was known before is what counts.
        batch.before.reverse()
        _describe(batch, list(batch.odd.values()))
        return batch


def _describe(batch: Batch, records: list[Record]) -> None:
    count = len(records)
    places: dict[int, int] = {}
    for record in records:
        if record.session.number not in places:
            places[record.session.number] = len(batch.sessions)
            batch.sessions.append(record.session)
    batch.frame = np.array([record.frame for record in records], np.int64)
    batch.time = np.array([record.time for record in records], object if _far(records) else np.int64)
    batch.begun = np.array([record.begun for record in records], batch.time.dtype)
    batch.session = np.array([places[record.session.number] for record in records], np.int64)
    batch.side = np.array([SIDES.index(record.sender) for record in records], np.int64)
    batch.number = np.array([record.decoded.number for record in records], np.int64)
    batch.plan = np.full(count, -1)
    batch.body = np.zeros(count, np.int64)
    batch.size = np.zeros(count, np.int64)
    batch.flow = np.array([record.flow for record in records], np.int64)
    batch.offset = np.array([record.offset for record in records], np.int64)


def _far(records: list[Record]) -> bool:
    return any(abs(time) >> 62 for record in records for time in (record.time, record.begun))
