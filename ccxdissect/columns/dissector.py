"""Chunks of packets in, batches of messages out. Sans-IO; the objects of `stream` hold whatever lasts.

One chunk after the other: its segments in columns, what becomes available of them in order (`delivery`), messages cut and
bodies decoded (`telling`). What cannot be told so is fed to the dissector of `stream` segment by segment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import numpy as np

from ccxdissect.capture.described import left_out
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.chunks import Packets
from ccxdissect.columns.collected import Collected
from ccxdissect.columns.decoding import BodyDecoder
from ccxdissect.columns.delivery import HOLDING, Delivered, Deliverer
from ccxdissect.columns.headers import HeaderReader, Segments
from ccxdissect.columns.lasting import Lasting
from ccxdissect.columns.signs import SignReader
from ccxdissect.columns.telling import Telling
from ccxdissect.columns.times import note_pauses
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import SessionEnded

#: A chunk that had to be told in so many pieces is told segment by segment from there on.
_MOST_PIECES = 64
#: Where less than one in so many segments with payload passed by in a chunk of at least so many, columns gain nothing, and
#: take longer: so many chunks that follow are told segment by segment, too.
_ONE_IN, _OF, _CHUNKS = 4, 64, 15
#: A chunk of more segments is told in pieces: where there are so many they are small, and of so many connections that what is
#: known of all of them does not lie at hand any more when the next thing is asked of it.
_MOST_SEGMENTS = 12_000
_NOTHING: Mapping[int, int | None] = {}


class Whereabouts(Protocol):
    """Who wants to know where the payload of each segment went."""

    def fed(self, segment: Segment) -> None:
        """A segment was fed to the table of connections right now: the table says it."""

    def passed(self, segments: Segments, delivered: Delivered) -> None:
        """These passed the table by; what was fed to it before came among them."""


class ColumnDissector:
    """Turns chunks of packets into batches. `reader` counts packets and takes what is not plain; so does `dissector`."""

    def __init__(
        self,
        reader: SegmentReader,
        dissector: Dissector,
        ports: frozenset[int],
        whereabouts: Whereabouts | None = None,
    ) -> None:
        self._reader = reader
        self._whereabouts = whereabouts
        self._headers = HeaderReader(reader, ports)
        self.dissector = dissector
        self._bodies = BodyDecoder(dissector.decoders)
        self.signs = SignReader(dissector.weighing, dissector.decoders)
        self._last: Packet | None = None
        #: How many messages were told by columns, and how many by the dissector.
        self.by_columns = 0
        self.by_dissector = 0
        #: How many of the next chunks are told segment by segment.
        self._singly = 0

    def feed(self, chunk: Packets | list[Packet]) -> Iterator[Batch]:
        """Take the next chunk; give its messages. Each batch has to be seen before the next is asked for."""
        if isinstance(chunk, list):
            self._last = chunk[-1]
            behind = {packet.frame: left_out(packet) for packet in chunk}
            yield from self._one_by_one(iter(self._headers.odd(chunk)), behind)
            return
        self._last = chunk.packet(len(chunk.start) - 1)
        for segments in self._headers.read(chunk).pieces(_MOST_SEGMENTS):
            yield from self.tell(segments)

    def tell(self, segments: Segments) -> Iterator[Batch]:
        """Take the next segments; give their messages."""
        if self._singly:
            self._singly -= 1
            yield from self._one_by_one(map(segments.singly(), range(segments.number)))
            return
        at = pieces = passed = 0
        while at < segments.number:
            pieces += 1
            left = segments.number - at
            size = int(segments.size[at:].sum())
            if pieces > _MOST_PIECES or not self.dissector.connections.has_room(1, size + left * HOLDING):
                yield from self._one_by_one(map(segments.singly(), range(at, segments.number)))
                return
            if self._bodies.full:
                self._bodies.forget()
            where = self._whereabouts
            fed = None if where is None else where.fed
            delivered = Deliverer(self.dissector.connections, segments, at, fed).deliver()
            if where is not None:
                where.passed(segments, delivered)
            passed += len(delivered.passed)
            first, at = at, delivered.taken
            note_pauses(self.dissector.pauses, segments.time[first:at])
            telling = Telling(self.dissector, self._bodies, self.signs, segments, delivered, first)
            batch = telling.batch()
            self.by_columns += telling.by_columns
            self.by_dissector += len(batch) - telling.by_columns
            yield batch
        count = int(np.count_nonzero(segments.size))
        if count >= _OF and passed * _ONE_IN < count:
            self._singly = _CHUNKS

    def flush(self) -> Iterator[Batch]:
        """The capture is over: give what is left."""
        if self._last is not None:
            yield from self._one_by_one(self._reader.close(self._last))
        collected = Collected(self.dissector)
        for event in self.dissector.flush():
            collected.add([event])
        yield self._batch(collected)

    def _one_by_one(self, segments: Iterator[Segment], behind: Mapping[int, int | None] = _NOTHING) -> Iterator[Batch]:
        """Feed segments to the dissector. What comes late changes the counts of a session that has been told. `behind`:
        by frame, how many bytes were left out of the capture before a packet, where some were on purpose."""
        collected = Collected(self.dissector)
        lasting = Lasting.of(self.dissector.connections)
        for segment in segments:
            # What is fed is looked for among all others.
            lasting.fill_all()
            out = behind.get(segment.frame)
            events = self.dissector.feed(segment) if out is None else self.dissector.feed_behind(out, segment)
            if self._whereabouts is not None:
                self._whereabouts.fed(segment)
            if events:
                collected.add(events)
                if any(isinstance(event, SessionEnded) for event in events):
                    yield self._batch(collected)
        yield self._batch(collected)

    def _batch(self, collected: Collected) -> Batch:
        batch = collected.batch(self.dissector.count)
        self.by_dissector += len(batch)
        return batch
