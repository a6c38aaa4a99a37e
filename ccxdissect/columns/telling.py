"""One piece of a chunk on its way from deliveries to messages.

From the first thing on that is not plain, the rest of a connection's deliveries in that chunk goes to the dissector of
`stream`, whose events are merged back by the segments that they came with.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter

import numpy as np

from ccxdissect.columns.arranged import NEVER, Arranged
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import BodyDecoder
from ccxdissect.columns.delivery import Delivered
from ccxdissect.columns.distinct import among
from ccxdissect.columns.framing import Cutter, Frames, Held, Rows
from ccxdissect.columns.headers import Segments
from ccxdissect.columns.merged import Merger
from ccxdissect.columns.opened import Opened
from ccxdissect.columns.reading import Reading
from ccxdissect.columns.signs import SignReader
from ccxdissect.columns.singly import Singly
from ccxdissect.protocol.model import Protocol
from ccxdissect.stream.connections import Event as StreamEvent
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.framing import Boundaries


class Telling:
    """Tells one piece of a chunk, from the segment `first` on."""

    def __init__(
        self,
        dissector: Dissector,
        bodies: BodyDecoder,
        signs: SignReader,
        segments: Segments,
        delivered: Delivered,
        first: int,
    ) -> None:
        self._dissector = dissector
        self._count = dissector.count
        self._bodies = bodies
        self._signs = signs
        self._arranged = arranged = Arranged(segments, delivered, first)
        self._singly = singly = Singly(dissector, arranged)
        self._opened = Opened(dissector, bodies, signs, arranged, singly)
        #: How many messages were told by columns.
        self.by_columns = 0

    def batch(self) -> Batch:
        """Tell it all."""
        dissector, arranged, opened, singly = self._dissector, self._arranged, self._opened, self._singly
        first = self._count + 1
        frames, held = self._cut()
        reading = Reading(dissector, self._bodies, self._signs, arranged, opened, singly, frames, held)
        self.by_columns = len(frames.row) - len(reading.odd)
        self._rest()
        batch = Merger(arranged, opened, singly, reading).batch(first, self._bodies.plans)
        dissector.count = first - 1 + len(batch)
        return batch

    def _cut(self) -> tuple[Frames, dict[int, Held]]:
        """Cut the rows into messages, each connection up to where it has to be told singly."""
        rows, flows = self._arranged.rows, self._arranged.flows
        opened = self._opened
        # The last one is of no conversation.
        untouched = np.array([*(one.untouched for one in opened.conversations), False], bool)
        wanted = untouched[opened.of_flow]
        lent: dict[int, Held] = {}
        for which in np.flatnonzero(~wanted & (opened.of_flow >= 0)).tolist():
            number = int(opened.of_flow[which])
            # Of a session that has ended nothing is cut any more.
            framer = opened.conversations[number].framers.get(flows[which])
            given = None if framer is None else framer.lend()
            if given is None:
                opened.cuts[number] = -1
                continue
            wanted[which] = True
            if given[0]:
                lent[which] = Held(*given)
        cutter = Cutter(*self._bounds(), self._arranged.buffer)
        told = np.flatnonzero(self._opened.by_columns())
        frames, stopped, left = self._cut_rows(cutter, told, wanted, lent)
        if stopped:
            again = {int(self._opened.of_flow[which]) for which in stopped}
            for which, row in stopped.items():
                number = int(self._opened.of_flow[which])
                self._opened.cuts[number] = min(self._opened.cuts[number], int(self._arranged.rank[row]))
            gone = among(self._opened.of_flow, np.array(list(again)))
            kept = ~gone[rows.flow[frames.row]]
            frames = Frames(*(column[kept] for column in frames))
            told = np.flatnonzero(self._opened.by_columns() & gone[rows.flow])
            left = {which: held for which, held in left.items() if not gone[which]}
            more, _, also = self._cut_rows(cutter, told, wanted & gone, lent)
            frames = Frames(*(np.concatenate(pair) for pair in zip(frames, more, strict=True)))
            left |= also
        if cutter.joined:
            self._arranged.buffer += b"".join(cutter.joined)
        order = np.argsort(frames.row, kind="stable")
        return Frames(*(column[order] for column in frames)), left

    def _bounds(self) -> tuple[list[Boundaries], np.ndarray]:
        """What headers may say, and for each direction which of these its own may."""
        kinds: dict[Protocol, int] = {}
        protocols = [one.verdict.protocol for one in self._opened.conversations]
        # The last one is of no conversation: nothing is cut of that.
        which = np.array([*(kinds.setdefault(one, len(kinds)) for one in protocols), -1], np.int64)
        return [self._dissector.bounds_of[one] for one in kinds], which[self._opened.of_flow]

    def _cut_rows(
        self, cutter: Cutter, told: np.ndarray, wanted: np.ndarray, lent: Mapping[int, Held]
    ) -> tuple[Frames, dict[int, int], dict[int, Held]]:
        rows = self._arranged.rows
        if len(told) == len(rows.flow):
            return cutter.cut(rows, wanted, lent)
        frames, stopped, left = cutter.cut(Rows(*(column[told] for column in rows)), wanted, lent)
        return (
            frames._replace(row=told[frames.row]),
            {flow: int(told[row]) for flow, row in stopped.items()},
            left,
        )

    def _rest(self) -> None:
        """Let the dissector tell each connection from where it has to be told singly."""
        singly = [number for number, cut in enumerate(self._opened.cuts) if cut < NEVER]
        if not singly:
            return
        items: list[tuple[int, StreamEvent]] = []
        chosen = np.zeros(len(self._opened.conversations) + 1, bool)
        chosen[singly] = True
        rows = self._arranged.rows
        late = (self._arranged.rank >= self._opened.cut_of_rows()) & (
            self._arranged.rank > self._opened.begun_of_rows()
        )
        for row in np.flatnonzero(chosen[self._opened.of_flow[rows.flow]] & late).tolist():
            items.append((int(self._arranged.rank[row]), self._arranged.delivery(row)))
        items += [
            item
            for item, number in zip(self._arranged.specials, self._opened.of_specials, strict=True)
            if item[0] >= self._opened.cuts[number]
        ]
        items.sort(key=itemgetter(0))
        dissector, decide, take = self._dissector, self._singly.decide, self._singly.take
        for rank, event in items:
            if dissector.undecided:
                decide(rank)
            take(rank, event)
        self._singly.decide(NEVER)
