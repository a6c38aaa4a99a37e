"""What is to be replaced in a capture collected by columns: the messages of a batch at once, by their plans and tags.

Told here is what is plain: whole messages of directions in which all is understood, and in them the texts that their
declarations know. Any other message of a direction, and those of it before that one, go to the spool one by one, as all
of them do without columns; which bytes of a field are replaced says `fields` in either case. So the copies are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from ccxdissect.capture import ip, link
from ccxdissect.capture.notices import Notices
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.codec.layout import HEADER
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.chunks import ChunkReader, Packets
from ccxdissect.columns.decoding import Plan, grown
from ccxdissect.columns.delivery import Delivered
from ccxdissect.columns.dissector import ColumnDissector
from ccxdissect.columns.headers import Segments
from ccxdissect.columns.places import lying_at
from ccxdissect.redact.blocks import Block
from ccxdissect.redact.fields import WITH_WORDS, MessageRedactor, Run, Treatment
from ccxdissect.redact.places import ENTRY
from ccxdissect.redact.rewriting import Spool
from ccxdissect.redact.streams import Place
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Loss
from ccxdissect.wording import MILLISECOND, SECOND

#: A place of a segment as `places` stores it.
_PLACE = np.dtype(
    [("frame", "<i8"), ("flow", "<i8"), ("offset", "<i8"), ("seq", "<u4"), ("sport", "<u2"), ("dport", "<u2")]
)
assert _PLACE.itemsize == ENTRY.size
#: Plans come and go with what clients claim; so many are remembered.
_MOST_PLANS = 1024
#: A size that no field has.
_NEVER = -1
_LEAST_PLAIN = 54
#: What the digits behind the second are told in.
_UNITS = (SECOND, MILLISECOND, MILLISECOND // 1000)
#: Times from which on the second does not fit pcap.
_LATE = (1 << 32) * SECOND


class Reading(NamedTuple):
    """A capture read by columns: `see` looks at packets, `stands` says where the payload of a segment went that was fed
    to the table of connections right now, `end` hears that there are no more packets (the last one's number) before what waits is given up."""

    path: str
    ports: frozenset[int]
    dissector: Dissector
    notices: Notices
    progress: Callable[[int], None] | None
    see: Callable[[Packet], None]
    stands: Callable[[Segment], Place | None]
    end: Callable[[int], None]


def collect(reading: Reading, messages: MessageRedactor, spool: Spool) -> None:
    """Note all that will be replaced, and spool the streams."""
    places = _Places(reading, spool)
    reader = SegmentReader((), reading.ports, False, reading.notices)
    columns = ColumnDissector(reader, reading.dissector, reading.ports, places)
    chunks = ChunkReader(reading.path, reading.notices, reading.progress)
    collector = _Collector(messages, spool)
    for chunk in chunks:
        for packet in chunk if isinstance(chunk, list) else _telling(chunk):
            reading.see(packet)
        for batch in columns.feed(chunk):
            collector.take(batch)
        places.put()
    reading.end(chunks.frame)
    for batch in columns.flush():
        collector.take(batch)
    places.put()
    spool.finish()


def _telling(packets: Packets) -> Iterator[Packet]:
    """The packets of a chunk that have to be seen: those that are not plain, and the first of all that are alike in what
    is looked at: hosts, link, and how much time they tell."""
    octets, start = np.frombuffer(packets.data, np.uint8), packets.start
    head = lying_at(octets, start, f"({_LEAST_PLAIN},)u1").astype(np.int64)
    end = 14 + (head[:, 16] << 8 | head[:, 17])
    begin = 34 + (head[:, 46] >> 4 << 2)
    plain = (
        (packets.link == link.ETHERNET)
        & (packets.size >= _LEAST_PLAIN)
        & (head[:, 12] << 16 | head[:, 13] << 8 | head[:, 14] == 0x080045)
        & (head[:, 23] == ip.TCP)
        & ((head[:, 20] << 8 | head[:, 21]) & 0x3FFF == 0)
        & (begin >= _LEAST_PLAIN)
        & (begin <= end)
        & (end <= packets.size)
    )
    tells = ~plain | (packets.time < 0) | (packets.time >= _LATE)
    hosts = np.ascontiguousarray(head[:, 26:34].astype(np.uint8)).view(np.uint64)[:, 0]
    for column, among in ((hosts, plain), (packets.link, packets.time >= 0)):
        where = np.flatnonzero(among)
        tells[where[np.unique(column[where], return_index=True)[1]]] = True
    for unit in _UNITS:
        tells[np.argmax(packets.time % unit != 0)] = True
    return map(packets.packet, np.flatnonzero(tells).tolist())


class _Places:
    """Puts down where the payload of segments stands, in the order of packets."""

    def __init__(self, reading: Reading, spool: Spool) -> None:
        self._reading = reading
        self._spool = spool
        #: Of those that were fed to the table of connections, and came among those that passed it by.
        self._fed: list[tuple[int, ...]] = []

    def fed(self, segment: Segment) -> None:
        place = self._reading.stands(segment) if segment.payload else None
        if place is not None:
            self._fed.append((segment.frame, *place, segment.seq, segment.sport, segment.dport))

    def passed(self, segments: Segments, delivered: Delivered) -> None:
        index = delivered.passed
        numbers = np.array([flow.number for flow in delivered.flows], np.int64)
        table = np.zeros(len(index), _PLACE)
        table["frame"], table["seq"] = segments.frame[index], segments.seq[index]
        table["sport"], table["dport"] = segments.src[index] & 0xFFFF, segments.dst[index] & 0xFFFF
        if len(index):
            table["flow"], table["offset"] = numbers[delivered.flow], delivered.offset
        self._put(table)

    def put(self) -> None:
        """Put down what nothing has passed by since."""
        self._put(np.zeros(0, _PLACE))

    def _put(self, table: np.ndarray) -> None:
        if self._fed:
            table = np.concatenate([np.array(self._fed, _PLACE), table])
            table = table[np.argsort(table["frame"], kind="stable")]
            self._fed.clear()
        if not self._spool.given_up:
            self._spool.places.add_all(table.tobytes())


class _Tags:
    """What becomes of the floating fields of plans, by plan and tag."""

    def __init__(self, messages: MessageRedactor) -> None:
        self._messages = messages
        self._forget()

    def _forget(self) -> None:
        self._numbers: dict[Plan, int] = {}
        #: By plan: whether something of its fixed part may be replaced, and whether its version is known.
        self.fixed: list[bool] = []
        self.sure: list[bool] = []
        #: By plan and tag: the size at which the data stay, whether they are a text that is replaced.
        self.stays = np.full((32, 256), _NEVER, np.int64)
        self.text = np.zeros((32, 256), bool)
        #: The place of the name by which a text is counted.
        self.name = np.zeros((32, 256), np.int64)
        self.names: dict[str, int] = {}

    def numbers(self, batch: Batch) -> np.ndarray:
        """The number of the plan of each message; 0 where it has none."""
        if len(self._numbers) > _MOST_PLANS:
            self._forget()
        known = np.array([*map(self._number, batch.plans), 0], np.int64)
        return np.where(batch.plan < 0, 0, known[batch.plan])

    def _number(self, plan: Plan) -> int:
        number = self._numbers.get(plan)
        if number is not None:
            return number
        number = self._numbers[plan] = len(self.fixed)
        self.fixed.append(self._messages.may_replace_fixed(plan.layout))
        self.sure.append(plan.version is not None)
        shape = number + 1 if number < len(self.stays) else 2 * number, max(plan.tags.own, default=0) + 1
        self.stays, self.name = grown(self.stays, shape, _NEVER), grown(self.name, shape, 0)
        self.text = grown(self.text, shape, False)
        for tag in plan.tags.own:
            field = self._messages.field(plan.tags, tag)
            assert field is not None
            self.stays[number, tag] = field.number
            if field.text:
                self.text[number, tag] = True
                self.name[number, tag] = self.names.setdefault(field.name, len(self.names))
        return number


class _Collector:
    """Takes batches: notes what will be replaced, and spools it."""

    def __init__(self, messages: MessageRedactor, spool: Spool) -> None:
        self._messages = messages
        self._spool = spool
        self._tags = _Tags(messages)

    def take(self, batch: Batch) -> None:
        """Take the next batch."""
        losses = [(place, event) for place, event in batch.events if isinstance(event, Loss) and event.data]
        if not len(batch):
            for _, loss in losses:
                self._spool.take_event(loss)
            return
        found = _Found(batch, self._tags, self._messages)
        # Words of what is told one by one are noted later.
        besides = sum(len(record.decoded.body) for record in batch.odd.values()) + sum(
            len(loss.data) for _, loss in losses
        )
        alone = (
            self._alone(batch, found, losses)
            if self._messages.pseudonyms.note_all(found.noted(), besides)
            else np.ones(len(batch), bool)
        )
        order: list[tuple[int, int, Event | None]] = [(place, 1, None) for place in np.flatnonzero(alone).tolist()]
        late = []
        behind = {flow: int(last) for flow, last in _last_of_each(batch.flow)}
        for place, loss in losses:
            if place > behind.get(loss.flow, -1):
                late.append(loss)
            else:
                order.append((place, 0, loss))
        order.sort(key=lambda one: one[:2])
        for place, _, event in order:
            self._spool.take_event(batch.record(place) if event is None else event)
        rest = np.flatnonzero(~alone)
        if len(rest):
            self._put(batch, found, rest)
        for loss in late:
            self._spool.take_event(loss)

    def _alone(self, batch: Batch, found: _Found, losses: list[tuple[int, Loss]]) -> np.ndarray:
        """Which messages are told one by one: all of a direction up to the last one that is not plain."""
        flows, which = np.unique(batch.flow, return_inverse=True)
        count = len(batch)
        odd = batch.plan < 0
        doubtful = odd | found.doubtful
        alone = odd | found.fixed | (found.doubtful & found.replaced)
        order = np.argsort(which, kind="stable")
        bounds = np.searchsorted(which[order], np.arange(len(flows) + 1)).tolist()
        nexts = np.full(count + 1, count)
        nexts[order[:-1]] = np.where(which[order[:-1]] == which[order[1:]], order[1:], count)
        # What stands behind something that may not be understood.
        marked = np.append(alone, False)
        marked[nexts[:count][odd]] = True
        places = {flow: place for place, flow in enumerate(flows.tolist())}
        for index, loss in losses:
            place = places.get(loss.flow)
            if place is not None:
                mine = order[bounds[place] : bounds[place + 1]]
                marked[mine[np.searchsorted(mine, index) :][:1]] = True
        for place, flow in enumerate(flows.tolist()):
            mine = order[bounds[place] : bounds[place + 1]]
            if self._spool.is_behind(flow):
                marked[mine[0]] = True
            if not self._spool.is_sure(flow):
                clear = np.flatnonzero(~doubtful[mine])
                marked[mine[int(clear[0]) if len(clear) else -1]] = True
        last = np.full(len(flows), -1)
        here = np.flatnonzero(marked[:count])
        np.maximum.at(last, which[here], here)
        return np.arange(count) <= last[which]

    def _put(self, batch: Batch, found: _Found, rest: np.ndarray) -> None:
        """Spool the messages at these places, direction by direction."""
        order = rest[np.argsort(batch.flow[rest], kind="stable")]
        flow, offset, body = batch.flow[order], batch.offset[order], batch.body[order]
        size = batch.size[order] + HEADER.size
        at = np.zeros(len(order) + 1, np.int64)
        np.cumsum(size, out=at[1:])
        begins = np.ones(len(order), bool)
        begins[1:] = (flow[1:] != flow[:-1]) | (offset[1:] != (offset + size)[:-1])
        heads = np.flatnonzero(begins)
        data = batch.data
        raw = b"".join(
            [
                data[start:stop]
                for start, stop in zip((body - HEADER.size).tolist(), (body - HEADER.size + size).tolist(), strict=True)
            ]
        )
        #: How far each message moves from its place in the batch.
        moves = np.zeros(len(batch), np.int64)
        moves[order] = at[:-1] - (body - HEADER.size)
        taken = np.zeros(len(batch), bool)
        taken[order] = True
        texts, counts = found.texts(taken, moves)
        others = [
            (run.start + int(moves[row]), run.stop + int(moves[row]), int(run.treatment))
            for row, run in found.others
            if taken[row]
        ]
        counts.update((run.treatment, run.name) for row, run in found.others if taken[row])
        pieces = np.stack([flow[heads], offset[heads], np.diff(np.append(at[heads], at[-1]))], axis=1)
        block = Block(pieces, raw, texts, np.array(others, np.int64).reshape(-1, 3))
        kept = Counter(name for row, name in found.kept if taken[row])
        self._spool.add(block, len(order), counts, kept)


class _Found:
    """What is to be replaced in the plain messages of a batch."""

    def __init__(self, batch: Batch, tags: _Tags, messages: MessageRedactor) -> None:
        self._tags = tags
        plan = tags.numbers(batch)
        count = len(batch)
        plain = batch.plan >= 0
        fields = batch.fields
        of = plan[fields.message]
        size = fields.stop - fields.start
        acts = size != tags.stays[of, fields.tag] if len(of) else np.zeros(0, bool)
        text = acts & tags.text[of, fields.tag] if len(of) else acts
        data = batch.data
        where = np.flatnonzero(text)
        start, stop = fields.start[where], fields.stop[where]
        self._texts = [data[begin:end] for begin, end in zip(start.tolist(), stop.tolist(), strict=True)]
        blank = {one for one in set(self._texts) if not one.strip(b"\0")}
        if blank:
            says = np.array([one not in blank for one in self._texts], bool)
            self._texts = [one for one in self._texts if one not in blank]
            where, start, stop = where[says], start[says], stop[says]
        self._message, self._start, self._stop = fields.message[where], start, stop
        self._name = tags.name[of[where], fields.tag[where]]
        #: What else is replaced, with the message it stands in; in bytes of the batch. And what is kept, by name.
        self.others: list[tuple[int, Run]] = []
        self.kept: list[tuple[int, str]] = []
        self._data = data
        for place in np.flatnonzero(acts & ~text).tolist():
            row = int(fields.message[place])
            begin, end = int(fields.start[place]), int(fields.stop[place])
            field = messages.field(batch.plans[int(batch.plan[row])].tags, int(fields.tag[place]))
            assert field is not None
            run = messages.run_of(field, data, begin, end)
            if isinstance(run, Run):
                self.others.append((row, run))
            elif run is not None:
                self.kept.append((row, run))
        #: Of each message: whether something in it is replaced, and whether it might be read otherwise.
        self.replaced = np.zeros(count, bool)
        self.replaced[self._message] = True
        self.replaced[[row for row, _ in self.others]] = True
        sure = np.array([*tags.sure, False], bool)[plan]
        self.doubtful = plain & (~sure | (batch.bounds[1:] == batch.bounds[:-1]))
        #: Whether something of its fixed part may be.
        self.fixed = plain & np.array([*tags.fixed, False], bool)[plan]

    def noted(self) -> Iterator[bytes]:
        """All texts of which the words are noted."""
        yield from self._texts
        for _, run in self.others:
            if run.treatment in WITH_WORDS:
                yield self._data[run.start : run.stop]

    def texts(self, taken: np.ndarray, moves: np.ndarray) -> tuple[np.ndarray, Counter[tuple[Treatment, str]]]:
        """Where the texts of the messages that are taken begin and end once those have moved, and their counts."""
        mine = np.flatnonzero(taken[self._message])
        by = moves[self._message[mine]]
        times = np.bincount(self._name[mine], minlength=len(self._tags.names)).tolist()
        names = {(Treatment.TEXT, name): times[place] for name, place in self._tags.names.items() if times[place]}
        return np.stack([self._start[mine] + by, self._stop[mine] + by], axis=1), Counter(names)


def _last_of_each(flow: np.ndarray) -> Iterator[tuple[int, int]]:
    """Each direction with the place of its last message."""
    flows, first = np.unique(flow[::-1], return_index=True)
    return zip(flows.tolist(), (len(flow) - 1 - first).tolist(), strict=True)
