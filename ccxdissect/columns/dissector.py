"""Chunks of packets in, batches of messages out. Sans-IO; the objects of `stream` hold whatever lasts.

One chunk after the other: its segments in columns, what becomes available of them in order, messages cut, bodies decoded.
From the first thing on that is not plain, the rest of a connection's deliveries in that chunk goes to the dissector of
`stream`, whose events are merged back by the segments that they came with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Protocol

import numpy as np

from ccxdissect.capture.described import left_out
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.codec.decoder import Decoded
from ccxdissect.columns.batch import Batch, Learned
from ccxdissect.columns.chunks import Packets
from ccxdissect.columns.decoding import BodyDecoder, Fields, joined
from ccxdissect.columns.delivery import HOLDING, Delivered, Deliverer
from ccxdissect.columns.distinct import alike
from ccxdissect.columns.framing import Cutter, Frames, Held, Rows
from ccxdissect.columns.headers import HeaderReader, Segments
from ccxdissect.columns.signs import SignReader
from ccxdissect.stream.connections import Connection, Delivery, Flow
from ccxdissect.stream.connections import Event as StreamEvent
from ccxdissect.stream.dissector import SIDES, Body, Conversation, Dissector
from ccxdissect.stream.events import Event, Record, Session, SessionEnded, SessionState
from ccxdissect.stream.framing import Boundaries

_NEVER = 1 << 60
#: After so many changes of what is known of a session, the rest of its messages in a chunk is decoded one by one.
_ROUNDS = 4
#: A chunk that had to be told in so many pieces is told segment by segment from there on.
_MOST_PIECES = 64
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

    def feed(self, chunk: Packets | list[Packet]) -> Iterator[Batch]:
        """Take the next chunk; give its messages. Each batch has to be seen before the next is asked for."""
        if isinstance(chunk, list):
            self._last = chunk[-1]
            behind = {packet.frame: left_out(packet) for packet in chunk}
            yield from self._one_by_one(iter(self._headers.odd(chunk)), behind)
            return
        self._last = chunk.packet(len(chunk.start) - 1)
        yield from self.tell(self._headers.read(chunk))

    def tell(self, segments: Segments) -> Iterator[Batch]:
        """Take the next segments; give their messages."""
        at = pieces = 0
        while at < segments.number:
            pieces += 1
            left = segments.number - at
            size = int(segments.size[at:].sum())
            if pieces > _MOST_PIECES or not self.dissector.connections.has_room(1, size + left * HOLDING):
                yield from self._one_by_one(segments.segment(index) for index in range(at, segments.number))
                return
            if self._bodies.full:
                self._bodies.forget()
            where = self._whereabouts
            fed = None if where is None else where.fed
            delivered = Deliverer(self.dissector.connections, segments, at, fed).deliver()
            if where is not None:
                where.passed(segments, delivered)
            first, at = at, delivered.taken
            yield _Telling(self, segments, delivered, first).batch()

    def flush(self) -> Iterator[Batch]:
        """The capture is over: give what is left."""
        if self._last is not None:
            yield from self._one_by_one(self._reader.close(self._last))
        collected = _Collected(self.dissector)
        for event in self.dissector.flush():
            collected.add([event])
        yield self._batch(collected)

    def _one_by_one(self, segments: Iterator[Segment], behind: Mapping[int, int | None] = _NOTHING) -> Iterator[Batch]:
        """Feed segments to the dissector. What comes late changes the counts of a session that has been told. `behind`:
        by frame, how many bytes were left out of the capture before a packet, where some were on purpose."""
        collected = _Collected(self.dissector)
        for segment in segments:
            out = behind.get(segment.frame)
            events = self.dissector.feed(segment) if out is None else self.dissector.feed_behind(out, segment)
            if self._whereabouts is not None:
                self._whereabouts.fed(segment)
            if events:
                collected.add(events)
                if any(isinstance(event, SessionEnded) for event in events):
                    yield self._batch(collected)
        yield self._batch(collected)

    def _batch(self, collected: _Collected) -> Batch:
        batch = collected.batch(self.dissector.count)
        self.by_dissector += len(batch)
        return batch


class _Collected:
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


class _Telling:
    """One piece of a chunk on its way from deliveries to messages."""

    def __init__(self, owner: ColumnDissector, segments: Segments, delivered: Delivered, first: int) -> None:
        self._owner = owner
        #: The segment of the chunk with which this piece begins.
        self._first = first
        self._dissector = owner.dissector
        self._bodies = owner._bodies
        self._segments = segments
        self._delivered = delivered
        self._flows = list(delivered.flows)
        self._flow_numbers = {flow: number for number, flow in enumerate(self._flows)}
        #: What happened, with the rank (place among all deliveries and events) it belongs to.
        self._found: list[tuple[int, Event]] = []
        self._learned: list[tuple[int, Learned]] = []
        self._before: dict[Conversation, Learned] = {}
        #: What was decoded to see which protocol conversations speak.
        self._foreseen_reads: dict[Body, Decoded] = {}
        #: The rank before which conversations that wait for a sign do so no more.
        self._decided: dict[Conversation, int] = {}
        #: The rank at which those that do so in this piece began to.
        self._waits_since: dict[Conversation, int] = {}
        #: What was found when they did so no more: until when they waited, since which rank, the rank at which that is told.
        self._decisions: list[tuple[int, int, int, list[Event]]] = []

    def batch(self) -> Batch:
        """Tell it all."""
        count = self._dissector.count
        self._arrange()
        self._open()
        frames, held = self._cut()
        self._decode(frames, held)
        self._rest()
        return self._merged(count + 1)

    # -- deliveries in order ---------------------------------------------------------------------------------------

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
        self._segment_of = places[order]
        times = [time for _, time, _ in events]
        far = any(abs(time) >> 62 for time in times)
        self._came = np.concatenate([np.array(times, object if far else np.int64), segments.time[passed]])[order]
        rank = np.empty(len(order), np.int64)
        # Odd ones: what time decides comes between them.
        rank[order] = np.arange(1, 2 * len(order), 2)
        rank_of_passed, ranks = rank[len(came) :], rank[: len(came)].tolist()
        #: For what came with the same segment: the rank of the first of it.
        self._together: dict[int, int] = {}
        firsts: dict[int, int] = {}
        for place, (segment, _, _) in zip(ranks, events, strict=True):
            self._together[place] = firsts.setdefault(segment, place)
        if firsts:
            among = np.searchsorted(passed, came)
            for at in among[among < len(passed)].tolist():
                # What came with a segment that passed by: nothing, or what was due before it.
                first_of = firsts.get(int(passed[at]))
                if first_of is not None:
                    self._together[int(rank_of_passed[at])] = first_of
        brought: list[bytes] = []
        rows: list[tuple[int, ...]] = []
        self._specials: list[tuple[int, StreamEvent]] = []
        end = len(segments.data)
        for place, (_, _, event) in zip(ranks, events, strict=True):
            if type(event) is Delivery and event.data and not event.missing:
                numbers = self._number(event.flow), end, len(event.data), event.offset, event.frame, event.time
                rows.append((place, *numbers))
                brought.append(event.data)
                end += len(event.data)
            else:
                self._specials.append((place, event))
        self._buffer = segments.data + b"".join(brought) if brought else segments.data
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
        self._rank = columns[0]
        self._rows = Rows(*columns[1:])

    def _number(self, flow: Flow) -> int:
        number = self._flow_numbers.get(flow)
        if number is None:
            number = self._flow_numbers[flow] = len(self._flows)
            self._flows.append(flow)
        return number

    def _open(self) -> None:
        """Number the conversations, begin those that are new, and say from which rank on each has to be told singly."""
        flows, rows = self._flows, self._rows
        first = np.full(len(flows), _NEVER, np.int64)
        if len(rows.flow):
            first[rows.flow[::-1]] = self._rank[::-1]
        begins: dict[Connection, int] = {}
        for flow, rank in zip(flows, first.tolist(), strict=True):
            if rank < _NEVER:
                begins[flow.connection] = min(rank, begins.get(flow.connection, _NEVER))
        for rank, event in self._specials:
            begins[event.connection] = min(rank, begins.get(event.connection, _NEVER))
        for conversation in self._dissector.undecided:
            # Time may decide them, whether anything comes of them or not.
            begins.setdefault(conversation.connection, _NEVER)
        self._conversations: list[Conversation] = []
        self._cuts: list[int] = []
        #: For each, the rank up to which it was told singly at the beginning, until it was clear what it speaks.
        self._begun: list[int] = []
        #: For each, how many messages come before those that are looked at for signs of another protocol.
        self._unlooked: list[int] = []
        ends: dict[Connection, int] = {}
        for rank, event in self._specials:
            ends[event.connection] = min(rank, ends.get(event.connection, _NEVER))
        rows_of = self._rows_of_undecided(begins, ends)
        numbers: dict[Connection, int] = {}
        for connection, rank in sorted(begins.items(), key=lambda item: item[1]):
            conversation = connection.state
            if conversation is None:
                found: list[Event] = []
                conversation = self._dissector.open(connection, found)
                self._found += [(rank, event) for event in found]
            if conversation.client is not connection.flows[0]:
                conversation.turn()
            numbers[connection] = len(self._conversations)
            self._conversations.append(conversation)
            own = rows_of.get(connection)
            before, begun = self._foreseen(conversation, own), -1
            # By columns goes what certainly speaks one protocol; the rest is told singly.
            cut = -1 if before is None or conversation.guessed else _NEVER
            if before is None and not conversation.guessed and own is not None and not conversation.waiting:
                begun = self._begin(conversation, own)
                cut = _NEVER if conversation.verdict.settled else begun + 1
            self._begun.append(begun)
            self._cuts.append(cut)
            self._unlooked.append(before or 0)
        for rank, event in self._specials:
            number = numbers[event.connection]
            self._cuts[number] = min(self._cuts[number], rank)
        self._numbers = numbers
        self._of_flow = np.array([numbers.get(flow.connection, -1) for flow in flows], np.int64)

    def _rows_of_undecided(
        self, begins: dict[Connection, int], ends: dict[Connection, int]
    ) -> dict[Connection, list[int]]:
        """The rows of each connection of which it is not known which protocol it speaks, up to what is told singly."""
        undecided = [one for one in begins if one.state is None or not one.state.verdict.settled]
        if not undecided:
            return {}
        places = {connection: place for place, connection in enumerate(undecided)}
        of_flow = np.array([places.get(flow.connection, -1) for flow in self._flows], np.int64)
        of = of_flow[self._rows.flow] if len(of_flow) else np.zeros(0, np.int64)
        order = np.argsort(of, kind="stable")
        bounds = np.searchsorted(of[order], np.arange(len(undecided) + 1)).tolist()
        rows, ranks = order.tolist(), self._rank[order].tolist()
        found = {}
        for connection, place in places.items():
            end = ends.get(connection, _NEVER)
            mine = range(bounds[place], bounds[place + 1])
            found[connection] = [rows[which] for which in mine if ranks[which] < end]
        return found

    def _foreseen(self, conversation: Conversation, rows: list[int] | None) -> int | None:
        """Whether it is known, or seen from what comes now, which protocol a conversation speaks: how many messages come
        before it is; None when it stays unknown."""
        if conversation.verdict.settled:
            return 0
        if not rows:
            return None
        table = self._rows

        def brought() -> Iterator[tuple[Flow, bytes]]:
            for row in rows:
                place = int(table.place[row])
                yield self._flows[int(table.flow[row])], self._buffer[place : place + int(table.size[row])]

        return self._dissector.foresee(conversation, brought(), self._foreseen_reads)

    def _begin(self, conversation: Conversation, rows: list[int]) -> int:
        """Tell what comes of a conversation singly until it is clear which protocol it speaks. Gives the rank of the last that
        was told so; -1 for none."""
        begun = -1
        for row in rows:
            rank = int(self._rank[row])
            until = self._dissector.undecided.get(conversation)
            if until is not None:
                decided = self._decided[conversation]
                if decided <= rank:
                    self._stop_waiting(conversation, until, decided)
            if conversation.verdict.settled:
                break
            self._take(rank, self._delivery(row))
            begun = rank
        return begun

    def _delivery(self, row: int) -> Delivery:
        rows = self._rows
        flow, place = self._flows[int(rows.flow[row])], int(rows.place[row])
        data = self._buffer[place : place + int(rows.size[row])]
        frame, time, offset = int(rows.frame[row]), int(rows.time[row]), int(rows.offset[row])
        return Delivery(flow.connection, flow.side, 0, data, frame, time, flow, offset)

    def _take(self, rank: int, event: StreamEvent) -> None:
        """Tell one event singly; what it leaves waiting waits until a time from now."""
        self._dissector.now = int(self._came[rank // 2])
        conversation = event.connection.state
        found = self._tell(rank, conversation, partial(self._dissector.take, (event,)))
        self._found += [(rank, one) for one in found]
        until = self._dissector.undecided.get(conversation)
        if until is not None and conversation not in self._decided:
            self._waits_since[conversation] = rank
            self._decided[conversation] = self._rank_behind(until, int(self._segment_of[rank // 2]))

    # -- messages --------------------------------------------------------------------------------------------------

    def _cut(self) -> tuple[Frames, dict[int, Held]]:
        """Cut the rows into messages, each connection up to where it has to be told singly."""
        rows, flows = self._rows, self._flows
        lent: list[Held | None] = []
        for flow, number in zip(flows, self._of_flow.tolist(), strict=True):
            if number < 0:
                lent.append(None)
                continue
            # Of a session that has ended nothing is cut any more.
            framer = self._conversations[number].framers.get(flow)
            given = None if framer is None else framer.lend()
            lent.append(None if given is None else Held(*given) if given[0] else _EMPTY)
            if given is None:
                self._cuts[number] = -1
        cutter = Cutter([self._bounds_of(number) for number in self._of_flow.tolist()], self._buffer)
        told = np.flatnonzero(self._by_columns())
        frames, stopped, left = self._cut_rows(cutter, told, lent)
        if stopped:
            again = {int(self._of_flow[which]) for which in stopped}
            for which, row in stopped.items():
                number = int(self._of_flow[which])
                self._cuts[number] = min(self._cuts[number], int(self._rank[row]))
            gone = np.isin(self._of_flow, list(again))
            kept = ~gone[rows.flow[frames.row]]
            frames = Frames(*(column[kept] for column in frames))
            told = np.flatnonzero(self._by_columns() & gone[rows.flow])
            lent_again = [one if dropped else None for one, dropped in zip(lent, gone.tolist(), strict=True)]
            left = {which: held for which, held in left.items() if not gone[which]}
            more, _, also = self._cut_rows(cutter, told, lent_again)
            frames = Frames(*(np.concatenate(pair) for pair in zip(frames, more, strict=True)))
            left |= also
        if cutter.joined:
            self._buffer += b"".join(cutter.joined)
        order = np.argsort(frames.row, kind="stable")
        return Frames(*(column[order] for column in frames)), left

    def _bounds_of(self, number: int) -> Boundaries:
        if number < 0:
            return self._dissector.bounds
        return self._dissector.bounds_of[self._conversations[number].verdict.protocol]

    def _cut_rows(
        self, cutter: Cutter, told: np.ndarray, lent: list[Held | None]
    ) -> tuple[Frames, dict[int, int], dict[int, Held]]:
        rows = self._rows
        if len(told) == len(rows.flow):
            return cutter.cut(rows, len(self._flows), lent)
        frames, stopped, left = cutter.cut(Rows(*(column[told] for column in rows)), len(self._flows), lent)
        return (
            frames._replace(row=told[frames.row]),
            {flow: int(told[row]) for flow, row in stopped.items()},
            left,
        )

    def _cut_of_rows(self) -> np.ndarray:
        cuts = np.array(self._cuts, np.int64)
        return cuts[self._of_flow[self._rows.flow]] if len(cuts) else np.zeros(0, np.int64)

    def _begun_of_rows(self) -> np.ndarray:
        begun = np.array(self._begun, np.int64)
        return begun[self._of_flow[self._rows.flow]] if len(begun) else np.zeros(0, np.int64)

    def _by_columns(self) -> np.ndarray:
        """Which rows are told by columns: behind what was told singly at the beginning, and before what has to be again."""
        return (self._rank < self._cut_of_rows()) & (self._rank > self._begun_of_rows())

    def _decode(self, frames: Frames, left: dict[int, Held]) -> None:
        """Decode the bodies, in rounds: whatever follows a change of what is known of its session is decoded anew."""
        self._octets = np.frombuffer(self._buffer, np.uint8)
        bodies = self._bodies
        flow = self._rows.flow[frames.row]
        self._frames = frames
        self._flow = flow
        self._conversation = of = self._of_flow[flow] if len(flow) else np.zeros(0, np.int64)
        count = len(of)
        self._plan = np.full(count, -1, np.int64)
        self._odd: dict[int, Decoded] = {}
        parts: list[Fields] = []
        todo = np.arange(count)
        states = np.array([self._state(one) for one in self._conversations], np.int64)
        looked = self._looked(frames)
        formed = np.array([one.known.form is not None for one in self._conversations], bool)
        for _ in range(_ROUNDS):
            plan = bodies.plan(states[of[todo]], frames.number[todo])
            exists = np.flatnonzero(plan >= 0)
            chosen = todo[exists]
            good, fields = bodies.decode(
                self._buffer,
                self._octets,
                plan[exists],
                frames.place[chosen],
                frames.size[chosen],
            )
            if len(exists) < len(todo):
                fields = fields._replace(message=exists[fields.message])
            usual = np.zeros(len(todo), bool)
            usual[exists[good]] = True
            # The first field shows the form of a session: something is learned by it.
            if not formed.all():
                shows = fields.message[~formed[of[todo[fields.message]]]]
                if len(shows):
                    usual[shows] = False
                    fields = fields.of(usual[fields.message])
            self._plan[todo] = np.where(usual, plan, -1)
            if len(todo) < count:
                fields = fields._replace(message=todo[fields.message])
            again = self._read_odd(todo[~usual], states, formed)
            if not again:
                parts.append(fields)
                todo = todo[:0]
                break
            # Only what stood before the change was decoded by what was known.
            since = np.full(len(self._conversations), count, np.int64)
            for conversation, index in again.items():
                since[conversation] = index
            parts.append(fields.of(fields.message <= since[of[fields.message]]))
            todo = todo[todo > since[of[todo]]]
        for index in todo.tolist():
            self._plan[index] = -1
            self._read(index, int(of[index]))
        self._fields = joined(parts)
        self._look(looked)
        self._count_messages(left)

    def _state(self, conversation: Conversation) -> int:
        known = conversation.known
        return self._bodies.state(conversation.verdict.protocol, known.version, known.form)

    def _looked(self, frames: Frames) -> np.ndarray:
        """Which messages are looked at for signs that their session speaks another protocol after all."""
        count, conversations = len(frames.row), self._conversations
        looked = np.zeros(count, bool)
        #: Those that count as looked at, whether there may be a sign or not.
        self._counted = np.zeros(count, bool)
        left = [one.looks if cut >= 0 else 0 for one, cut in zip(conversations, self._cuts, strict=True)]
        if not count or not any(left):
            return looked
        order = np.argsort(self._conversation, kind="stable")
        of = self._conversation[order]
        first = np.searchsorted(of, np.arange(len(conversations))) + np.array(self._unlooked, np.int64)
        nth = np.arange(count) - first[of]
        mine = np.flatnonzero((nth >= 0) & (nth < np.array(left, np.int64)[of]))
        self._counted[order[mine]] = True
        kinds: dict[frozenset[int], int] = {}
        kind_of = np.full(len(conversations), -1, np.int64)
        times = np.bincount(of[mine], minlength=len(conversations))
        for number in np.flatnonzero(times).tolist():
            conversation = conversations[number]
            conversation.looks -= int(times[number])
            kind_of[number] = kinds.setdefault(self._dissector.telling(conversation), len(kinds))
        kind = kind_of[of[mine]]
        for types, which in kinds.items():
            chosen = order[mine[kind == which]]
            looked[chosen] = np.isin(frames.number[chosen], list(types), kind="table")
        return looked

    def _look(self, looked: np.ndarray) -> None:
        """Take the signs of the messages that count as looked at, in their order."""
        if not self._counted.any():
            return
        weighing, frames, of = self._dissector.weighing, self._frames, self._conversation
        odd = [index for index in self._odd if self._counted[index]]
        found = [(index, nth, seen) for index in odd for nth, seen in enumerate(weighing.signs(self._odd[index]))]
        fields = self._fields
        # A tag that its type does not list may be a sign.
        if weighing.tags:
            # Few of the messages count, mostly: their fields alone are looked through.
            theirs = np.flatnonzero(self._counted[fields.message])
            looked[fields.message[theirs[np.isin(fields.tag[theirs], list(weighing.tags), kind="table")]]] = True
        if looked.any():
            plan = np.where(looked, self._plan, -1)
            borne = self._owner.signs.borne(
                self._buffer, self._bodies.plans, plan, frames.place, frames.size, self._fields
            )
            for places, signs in borne:
                # Of each session the first: whatever comes again counts no more.
                firsts = places[alike(of[places])[0]]
                found += [(index, nth, seen) for index in firsts.tolist() for nth, seen in enumerate(signs)]
        for index, _, seen in sorted(found, key=itemgetter(0, 1)):
            conversation = self._conversations[int(of[index])]
            conversation.judge(weighing.see_all(conversation.verdict, (seen,)))

    def _read_odd(self, odd: np.ndarray, states: np.ndarray, formed: np.ndarray) -> dict[int, int]:
        """Decode what is not the usual case; where that changes what is known of a session, stop there and tell."""
        changed: dict[int, int] = {}
        for index in odd.tolist():
            number = int(self._conversation[index])
            if number not in changed and self._read(index, number):
                changed[number] = index
                states[number] = self._state(self._conversations[number])
                formed[number] = self._conversations[number].known.form is not None
        return changed

    def _read(self, index: int, number: int) -> bool:
        """Decode one body by the decoder: whether something else is known of its session since."""
        frames, conversation = self._frames, self._conversations[number]
        known = conversation.known
        place = int(frames.place[index])
        kind = int(frames.number[index])
        body = self._buffer[place : place + int(frames.size[index])]
        how = kind, body, known.version, known.form, conversation.decoder
        decoded = self._foreseen_reads.pop(how, None) or conversation.decoder.decode(*how[:4])
        self._odd[index] = decoded
        if decoded.version is known.version and decoded.form is known.form:
            return False
        before = known.version, known.version_said, known.form
        self._dissector.learn(known, kind, decoded.version, decoded.form)
        after = known.version, known.version_said, known.form
        if before == after:
            return False
        self._before.setdefault(conversation, Learned(known, *before))
        self._learned.append((int(self._rank[frames.row[index]]), Learned(known, *after)))
        return before[::2] != after[::2]

    def _count_messages(self, left: dict[int, Held]) -> None:
        """Count what was told of each direction, and let its framer go on from there."""
        frames, flow = self._frames, self._flow
        count = len(self._flows)
        messages = np.bincount(flow, minlength=count).tolist()
        sizes = np.bincount(flow, weights=frames.size + 8, minlength=count).astype(np.int64).tolist()
        undecoded = [0] * count
        tails: dict[int, tuple[int, bytes]] = {}
        for index, decoded in sorted(self._odd.items()):
            if decoded.undecoded:
                number = int(flow[index])
                undecoded[number] += decoded.undecoded
                tails[number] = (index, decoded.body[len(decoded.body) - decoded.undecoded :])
        # The last row that was told of each direction, and its last message.
        rows = np.flatnonzero(self._by_columns())
        last_row = np.full(count, -1, np.int64)
        last_row[self._rows.flow[rows]] = rows
        last_message = np.full(count, -1, np.int64)
        last_message[flow] = np.arange(len(flow))
        stands = np.where(last_row >= 0, (self._rows.offset + self._rows.size)[last_row], -1) if len(rows) else last_row
        for number, (one, stand) in enumerate(zip(self._flows, stands.tolist(), strict=True)):
            if not messages[number] and number not in left:
                continue
            conversation = self._conversations[int(self._of_flow[number])]
            framer = conversation.framers[one]
            sent = conversation.tallies[one]
            sent.messages += messages[number]
            sent.decoded += sizes[number] - undecoded[number]
            sent.undecoded += undecoded[number]
            held = left.get(number, _EMPTY)
            at = one.position if stand < 0 else stand
            framer.take_back(held.data, held.brought, at - len(held.data), bool(messages[number]))
            if number in tails:
                index, tail = tails[number]
                if index == int(last_message[number]):
                    framer.doubt(tail)
        last = np.full(len(self._conversations), -1, np.int64)
        last[self._of_flow[self._rows.flow[rows]]] = rows
        for conversation, row in zip(self._conversations, last.tolist(), strict=True):
            if row >= 0:
                conversation.known.end = int(self._rows.time[row])
        self._dissector.count += len(flow)
        self._owner.by_columns += len(flow) - len(self._odd)
        self._owner.by_dissector += len(self._odd)

    # -- what is not plain -----------------------------------------------------------------------------------------

    def _rest(self) -> None:
        """Let the dissector tell each connection from where it has to be told singly."""
        singly = [number for number, cut in enumerate(self._cuts) if cut < _NEVER]
        if not singly:
            return
        items: list[tuple[int, StreamEvent]] = []
        chosen = np.zeros(len(self._conversations) + 1, bool)
        chosen[singly] = True
        rows = self._rows
        late = (self._rank >= self._cut_of_rows()) & (self._rank > self._begun_of_rows())
        for row in np.flatnonzero(chosen[self._of_flow[rows.flow]] & late).tolist():
            items.append((int(self._rank[row]), self._delivery(row)))
        items += [
            (rank, event) for rank, event in self._specials if rank >= self._cuts[self._numbers[event.connection]]
        ]
        items.sort(key=lambda item: item[0])
        for rank, event in items:
            self._decide(rank)
            self._take(rank, event)
        self._decide(_NEVER)

    def _decide(self, rank: int) -> None:
        """Decide what has waited long enough for a sign before what is of that rank comes."""
        while True:
            conversation, until = self._dissector.next_decision()
            if conversation is None:
                return
            if conversation not in self._decided:
                self._decided[conversation] = self._rank_behind(until, self._first)
            decided = self._decided[conversation]
            if decided == _NEVER or decided > rank:
                return
            self._stop_waiting(conversation, until, decided)

    def _stop_waiting(self, conversation: Conversation, until: int, decided: int) -> None:
        """A conversation has waited long enough for a sign."""
        self._dissector.now = until
        found = self._tell(decided, conversation, partial(self._dissector.decide, conversation))
        self._decisions.append((until, self._waits_since.get(conversation, -1), decided, found))

    def _rank_behind(self, until: int, first: int) -> int:
        """The rank right behind a time, among those of what comes with the segments from `first` on."""
        late = np.flatnonzero(self._segments.time[first : self._delivered.taken] > until)
        if not len(late):
            return _NEVER
        segment = first + int(late[0])
        start, stop = np.searchsorted(self._segment_of, [segment, segment + 1]).tolist()
        # What falls due before the segment comes with it.
        rank = 2 * int(start + np.count_nonzero(self._came[start:stop] <= until))
        together = min(rank, self._together.get(2 * start + 1, 2 * start + 1))
        for one in (rank, *range(2 * start + 1, 2 * stop, 2)):
            self._together[one] = together
        return rank

    def _tell(self, rank: int, conversation: Conversation, give: Callable[[list[Event]], None]) -> list[Event]:
        """Note what is learned of a session at a rank; give what is found."""
        found: list[Event] = []
        known = conversation.known
        before = known.version, known.version_said, known.form
        give(found)
        after = known.version, known.version_said, known.form
        if before != after:
            self._before.setdefault(conversation, Learned(known, *before))
            self._learned.append((rank, Learned(known, *after)))
        return found

    # -- all together ----------------------------------------------------------------------------------------------

    def _merged(self, first: int) -> Batch:
        """Messages told either way in their order, with everything else in its place."""
        frames = self._frames
        count = len(frames.row)
        # What falls due before the same segment is told in the order of time, then of waiting.
        for _, _, decided, events in sorted(self._decisions, key=itemgetter(0, 1)):
            self._found += [(decided, event) for event in events]
        self._found.sort(key=itemgetter(0))
        others = [(rank, event) for rank, event in self._found if isinstance(event, Record)]
        rank = self._rank[frames.row] if count else np.zeros(0, np.int64)
        ranks = np.concatenate([rank, np.array([one for one, _ in others], np.int64)])
        order = np.argsort(ranks, kind="stable")
        ranks = ranks[order]
        sessions = [conversation.session for conversation in self._conversations]
        flow_numbers = np.array([one.number for one in self._flows], np.int64)
        side_of = np.array([one.side for one in self._flows], np.int64)
        time = self._rows.time[frames.row]
        columns = (
            self._rows.frame[frames.row],
            time,
            frames.begun,
            self._conversation,
            side_of[self._flow] if count else self._flow,
            frames.number,
            self._plan,
            frames.place,
            frames.size,
            flow_numbers[self._flow] if count else self._flow,
            frames.offset,
        )
        if others:
            numbers = {conversation.session.number: place for place, conversation in enumerate(self._conversations)}
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
        batch = Batch(first, self._buffer, self._bodies.plans, sessions, *columns)
        self._owner.by_dissector += len(others)
        self._dissector.count = first - 1 + len(batch)
        self._put_odd(batch, order, count, [event for _, event in others])
        self._put_fields(batch, order, count)
        self._put_events(batch, ranks)
        return batch

    def _put_odd(self, batch: Batch, order: np.ndarray, count: int, others: list[Event]) -> None:
        if not others and not self._odd:
            return
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        for index, decoded in self._odd.items():
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
        fields = self._fields
        total = len(order)
        if total > count:
            place = np.empty(total, np.int64)
            place[order] = np.arange(total)
            fields = fields._replace(message=place[fields.message])
        batch.found = fields

    def _put_events(self, batch: Batch, ranks: np.ndarray) -> None:
        told: list[tuple[int, int, Event | Learned]] = []
        seen: dict[int, int] = {}
        for rank, event in self._found:
            if isinstance(event, Record):
                seen[rank] = seen.get(rank, 0) + 1
            else:
                told.append((rank, int(np.searchsorted(ranks, rank)) + seen.get(rank, 0), event))
        # All that a segment brings is told before anybody sees the first of it.
        first = [(self._together.get(rank, rank), known) for rank, known in self._learned]
        learned = [(rank, int(np.searchsorted(ranks, rank)), known) for rank, known in first]
        batch.events = [(index, event) for _, index, event in sorted([*learned, *told], key=lambda one: one[0])]
        batch.before = list(self._before.values())


_EMPTY = Held(b"", [])
