"""What became available of a chunk, brought into one order: every delivery and every event has its rank."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ccxdissect.columns.delivery import Delivered
from ccxdissect.columns.framing import Rows
from ccxdissect.columns.headers import Segments
from ccxdissect.stream.connections import Delivery, Event, Flow

#: Behind every rank.
NEVER = 1 << 60


class Arranged:
    """One piece of a chunk, from the segment `first` on. Deliveries that bring bytes, and nothing else, are `rows`, of ascending
    `rank`; everything else is in `specials`, with its rank. Ranks are odd: what time decides comes between them.

    `buffer`: the bytes that rows lie in. `flows`: the directions by number. `segment_of`, `came`: by half the rank, the segment
    that it came with, and the packet time at which it came. `together`: of what came with the same segment as another, by
    rank, the rank of the first of it.
    """

    def __init__(self, segments: Segments, delivered: Delivered, first: int) -> None:
        self._segments = segments
        self._delivered = delivered
        self.first = first
        self.flows = list(delivered.flows)
        self._arrange()

    @cached_property
    def flow_numbers(self) -> np.ndarray:
        """Of each direction the number that only it has."""
        return np.array([flow.number for flow in self.flows], np.int64)

    @cached_property
    def _places(self) -> dict[Flow, int]:
        return {flow: number for number, flow in enumerate(self.flows)}

    def _arrange(self) -> None:
        """Rank all deliveries and events; those that bring bytes, and nothing else, become rows."""
        delivered, segments = self._delivered, self._segments
        passed = delivered.passed
        events = delivered.events
        came = np.array([place for place, _, _ in events], np.int64)
        # What is due before a segment comes before what it brings.
        places = np.concatenate([came, passed])
        order = np.argsort(places, kind="stable")
        #: By rank: the segment that it came with, and the packet time at which it came.
        self.segment_of = places[order]
        times = [time for _, time, _ in events]
        far = any(abs(time) >> 62 for time in times)
        self.came = np.concatenate([np.array(times, object if far else np.int64), segments.time[passed]])[order]
        rank = np.empty(len(order), np.int64)
        # Odd ones: what time decides comes between them.
        rank[order] = np.arange(1, 2 * len(order), 2)
        rank_of_passed, ranks = rank[len(came) :], rank[: len(came)].tolist()
        #: For what came with the same segment: the rank of the first of it.
        self.together: dict[int, int] = {}
        firsts: dict[int, int] = {}
        for place, (segment, _, _) in zip(ranks, events, strict=True):
            self.together[place] = firsts.setdefault(segment, place)
        if firsts:
            among = np.searchsorted(passed, came)
            for at in among[among < len(passed)].tolist():
                # What came with a segment that passed by: nothing, or what was due before it.
                first_of = firsts.get(int(passed[at]))
                if first_of is not None:
                    self.together[int(rank_of_passed[at])] = first_of
        brought: list[bytes] = []
        rows: list[tuple[int, ...]] = []
        self.specials: list[tuple[int, Event]] = []
        end = len(segments.data)
        for place, (_, _, event) in zip(ranks, events, strict=True):
            if type(event) is Delivery and event.data and not event.missing:
                numbers = self.number(event.flow), end, len(event.data), event.offset, event.frame, event.time
                rows.append((place, *numbers))
                brought.append(event.data)
                end += len(event.data)
            else:
                self.specials.append((place, event))
        self.buffer = segments.data + b"".join(brought) if brought else segments.data
        more = np.array(rows, np.int64).reshape(-1, 7).T
        columns = (
            rank_of_passed,
            delivered.flow,
            segments.place[passed],
            segments.size[passed],
            delivered.offset,
            segments.frame[passed],
            segments.time[passed],
        )
        if rows:
            whole = [np.concatenate(pair) for pair in zip(columns, more, strict=True)]
            order = np.argsort(whole[0], kind="stable")
            columns = tuple(column[order] for column in whole)  # type: ignore[assignment]
        self.rank = columns[0]
        self.rows = Rows(*columns[1:])

    def number(self, flow: Flow) -> int:
        """The number of a direction."""
        number = self._places.get(flow)
        if number is None:
            number = self._places[flow] = len(self.flows)
            self.flows.append(flow)
        return number

    def delivery(self, row: int) -> Delivery:
        """A row as the table of connections would give it."""
        rows = self.rows
        flow, place = self.flows[int(rows.flow[row])], int(rows.place[row])
        data = self.buffer[place : place + int(rows.size[row])]
        frame, time, offset = int(rows.frame[row]), int(rows.time[row]), int(rows.offset[row])
        return Delivery(flow.connection, flow.side, 0, data, frame, time, flow, offset)

    def rank_behind(self, until: int, first: int) -> int:
        """The rank right behind a time, among those of what comes with the segments from `first` on."""
        late = np.flatnonzero(self._segments.time[first : self._delivered.taken] > until)
        if not len(late):
            return NEVER
        segment = first + int(late[0])
        start, stop = np.searchsorted(self.segment_of, [segment, segment + 1]).tolist()
        # What falls due before the segment comes with it.
        rank = 2 * int(start + np.count_nonzero(self.came[start:stop] <= until))
        together = min(rank, self.together.get(2 * start + 1, 2 * start + 1))
        for one in (rank, *range(2 * start + 1, 2 * stop, 2)):
            self.together[one] = together
        return rank
