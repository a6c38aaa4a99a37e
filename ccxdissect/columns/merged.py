"""Messages told by columns and those told singly put together in their order, with everything else in its place."""

from __future__ import annotations

from functools import partial
from operator import itemgetter

import numpy as np

from ccxdissect.columns.arranged import Arranged
from ccxdissect.columns.batch import Batch, Learned
from ccxdissect.columns.decoding import Plan
from ccxdissect.columns.lore import Lessons
from ccxdissect.columns.opened import Opened
from ccxdissect.columns.reading import Reading
from ccxdissect.columns.singly import Singly
from ccxdissect.stream.dissector import SIDES, Conversation
from ccxdissect.stream.events import Event, Loss, Record, SessionEnded, SessionOpened


class Merger:
    """Puts what was told of a piece of a chunk into a batch."""

    def __init__(self, arranged: Arranged, opened: Opened, singly: Singly, reading: Reading) -> None:
        self._arranged = arranged
        self._opened = opened
        self._singly = singly
        self._reading = reading

    def batch(self, first: int, plans: list[Plan]) -> Batch:
        """Messages told either way in their order, with everything else in its place."""
        frames = self._reading.frames
        count = len(frames.row)
        # What falls due before the same segment is told in the order of time, then of waiting.
        for _, _, decided, events in sorted(self._singly.decisions, key=itemgetter(0, 1)):
            self._singly.found += [(decided, event) for event in events]
        self._singly.found.sort(key=itemgetter(0))
        others = [(rank, event) for rank, event in self._singly.found if isinstance(event, Record)]
        rank = self._arranged.rank[frames.row] if count else np.zeros(0, np.int64)
        ranks = np.concatenate([rank, np.array([one for one, _ in others], np.int64)])
        order = np.argsort(ranks, kind="stable")
        ranks = ranks[order]
        sessions = [conversation.session for conversation in self._opened.conversations]
        flow_numbers = self._arranged.flow_numbers
        side_of = np.array([one.side for one in self._arranged.flows], np.int64)
        time = self._arranged.rows.time[frames.row]
        columns = (
            self._arranged.rows.frame[frames.row],
            time,
            frames.begun,
            self._reading.conversation,
            side_of[self._reading.flow] if count else self._reading.flow,
            frames.number,
            self._reading.plan,
            frames.place,
            frames.size,
            flow_numbers[self._reading.flow] if count else self._reading.flow,
            frames.offset,
        )
        if others:
            numbers = {
                conversation.session.number: place for place, conversation in enumerate(self._opened.conversations)
            }
            records = [record for _, record in others]
            rows = [
                (
                    record.frame,
                    record.time,
                    record.begun,
                    numbers[record.session.number],
                    SIDES.index(record.sender),
                    record.decoded.number,
                    -1,
                    0,
                    0,
                    record.flow,
                    record.offset,
                )
                for record in records
                if isinstance(record, Record)
            ]
            columns = tuple(
                np.concatenate(pair)[order] for pair in zip(columns, np.array(rows, np.int64).T, strict=True)
            )  # type: ignore[assignment]
        batch = Batch(first, self._arranged.buffer, plans, sessions, *columns)
        batch.apart = [event for _, event in self._singly.found if isinstance(event, (Loss, SessionEnded))]
        batch.happened = partial(self._happened, ranks)
        self._put_odd(batch, order, count, [event for _, event in others])
        self._put_fields(batch, order, count)
        return batch

    def _put_odd(self, batch: Batch, order: np.ndarray, count: int, others: list[Event]) -> None:
        if not others and not self._reading.odd:
            return
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        for index, decoded in self._reading.odd.items():
            at = int(place[index])
            batch.odd[at] = Record(
                batch.first + at,
                int(batch.frame[at]),
                int(batch.time[at]),
                batch.sessions[int(batch.session[at])],
                SIDES[int(batch.side[at])],
                decoded,
                int(batch.begun[at]),
                (),
                int(batch.flow[at]),
                int(batch.offset[at]),
            )
        for index, record in enumerate(others, start=count):
            assert isinstance(record, Record)
            at = int(place[index])
            batch.odd[at] = record._replace(number=batch.first + at)

    def _put_fields(self, batch: Batch, order: np.ndarray, count: int) -> None:
        fields = self._reading.fields
        total = len(order)
        if total > count:
            place = np.empty(total, np.int64)
            place[order] = np.arange(total)
            fields = fields._replace(message=place[fields.message])
        batch.fields = fields

    def _happened(self, ranks: np.ndarray) -> tuple[list[tuple[int, Event | Learned]], list[Learned]]:
        """What else happened, and what was known before. `ranks`: of the messages."""
        # All that a segment brings is told before anybody sees the first of it.
        together = self._arranged.together
        learned: list[tuple[int, Learned]] = []
        for one in self._singly.learned:
            learned += one.each() if isinstance(one, Lessons) else (one,)
        events: list[Event | Learned] = [known for _, known in learned]
        at = [together.get(rank, rank) for rank, _ in learned]
        behind = [0] * len(at)
        seen: dict[int, int] = {}
        begun = [(rank, _opened(conversation)) for rank, conversation in self._singly.opened]
        for rank, event in sorted(begun + self._singly.found, key=itemgetter(0)):
            if isinstance(event, Record):
                seen[rank] = seen.get(rank, 0) + 1
            else:
                events.append(event)
                at.append(rank)
                behind.append(seen.get(rank, 0) if seen else 0)
        places = np.array(at, np.int64)
        indices = (np.searchsorted(ranks, places) + np.array(behind, np.int64)).tolist()
        before = dict(self._singly.before)
        # What was known first counts.
        for lessons in reversed([one for one in self._singly.learned if isinstance(one, Lessons)]):
            told = zip(lessons.known, lessons.before, strict=True)
            before.update((known, Learned(known, *then)) for known, then in told if known not in lessons.besides)
        order = np.argsort(places, kind="stable").tolist()
        return [(indices[one], events[one]) for one in order], list(before.values())


def _opened(conversation: Conversation) -> Event:
    connection = conversation.connection
    return SessionOpened(conversation.session, connection.start, connection.first_frame)
