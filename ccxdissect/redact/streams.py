"""Where each message stands in its stream, and the streams rewritten.

The dissector is used as it is; it is only watched: which connection and place each segment has, and from where to where
each message reaches. What was rewritten is kept on disk, since a byte may be sent again at any time.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ccxdissect.capture.segment import SYN, Segment
from ccxdissect.codec.layout import HEADER
from ccxdissect.protocol.model import Protocol
from ccxdissect.redact.fields import filled
from ccxdissect.stream.connections import Connection, Connections, Event, Flow
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Record
from ccxdissect.stream.framing import Boundaries, Framed, Framer, Skipped
from ccxdissect.stream.reassembly import distance

#: Bytes of one direction put on disk at once, and of all of them waiting for that.
PIECE = 1 << 16
MOST_BUFFERED = 32 << 20
_CACHED = 64


class Place(NamedTuple):
    """Where a segment's payload stands: the direction of a connection, and the offset in its stream."""

    flow: int
    offset: int


class Found(NamedTuple):
    """Bytes of a stream, from `offset` on: a message (`record`), or what gave none (`skipped`, with the reason)."""

    flow: int
    offset: int
    record: Record | None
    skipped: bytes
    reason: str


def flow_number(flow: Flow) -> int:
    """A number for one direction of a connection, the same in every run over the same segments."""
    return 2 * flow.connection.number + (flow.key > flow.peer.key)


class _Watched(Connections):
    """Connections that remember which flow the last segment belonged to."""

    latest: Flow | None = None

    def feed(self, segment: Segment) -> list[Event]:
        self.latest = None
        return self._feed_unusual(segment)

    def _begin(self, segment: Segment, old: Connection | None, events: list[Event]) -> Flow:
        self.latest = super()._begin(segment, old, events)
        return self.latest

    def _owner(self, flow: Flow, segment: Segment, events: list[Event]) -> Flow:
        self.latest = super()._owner(flow, segment, events)
        return self.latest


class _Tracker:
    """A framer that is watched: it says where in the stream each of its items stands."""

    def __init__(self, framer: Framer, flow: Flow, found: list[tuple[int, int, bytes | None, str]]) -> None:
        self._framer = framer
        self._flow = flow
        self._found = found
        self._at: int | None = None
        self._fed = 0
        self._gap = (0, 0)
        #: Bytes taken and not yet accounted for by an item; and the last message's body, which may be taken back.
        self._pending = bytearray()
        self._last = b""
        #: Bytes of the last message that were taken back and are not accounted for again.
        self._again = 0

    @property
    def held_bytes(self) -> int:
        return self._framer.held_bytes

    def doubt(self, tail: bytes) -> None:
        self._framer.doubt(tail)

    def whole(self, data: bytes) -> None:
        """No short cut here: every item has to be seen."""

    def feed(self, missing: int, data: bytes, time: int) -> Iterator[Framed | Skipped]:
        if self._at is None:
            self._at = self._fed = self._flow.start
        self._gap = (self._fed, self._fed + missing)
        self._fed += missing + len(data)
        self._pending += data
        self._advance(0)
        for item in self._framer.feed(missing, data, time):
            self._account(item)
            yield item

    def flush(self, why: str) -> Iterator[Framed | Skipped]:
        for item in self._framer.flush(why):
            self._account(item)
            yield item

    def _account(self, item: Framed | Skipped) -> None:
        assert self._at is not None
        number = flow_number(self._flow)
        if isinstance(item, Framed):
            self._found.append((number, self._at, None, ""))
            self._last = item.body
            self._again = max(self._again - 8 - len(item.body), 0)
            self._advance(8 + len(item.body))
            return
        if item.retracted:
            self._at -= item.retracted
            self._pending[:0] = self._last[-item.retracted :]
            self._again = item.retracted
        if item.size:
            # What the message already accounts for, as its undecoded end, stays as the message has it.
            known = min(self._again, item.size)
            self._again -= known
            if known < item.size:
                piece = bytes(self._pending[known : item.size])
                self._found.append((number, self._at + known, piece, "" if known else item.reason))
            self._advance(item.size)

    def _advance(self, size: int) -> None:
        assert self._at is not None
        self._at += size
        del self._pending[:size]
        if self._at == self._gap[0]:
            self._at = self._gap[1]


class StreamTracer(Dissector):
    """A dissector that says where in which stream everything stands."""

    def __init__(self, protocol: Protocol, ports: Iterable[int]) -> None:
        super().__init__(protocol, ports)
        limits = self.connections._limits
        self.connections: _Watched = _Watched(ports, limits)
        self._found: list[tuple[int, int, bytes | None, str]] = []

    def trace(self, segment: Segment) -> tuple[Place | None, Iterator[Found]]:
        """Take a segment; say where its payload stands, and what became available."""
        events = self.feed(segment)
        flow = self.connections.latest
        place = None
        if flow is not None and flow.base is not None:
            seq = segment.seq + (1 if segment.flags & SYN else 0)
            place = Place(flow_number(flow), flow.position + distance(seq, flow.expected))
        return place, self._items(events)

    def rest(self) -> Iterator[Found]:
        """The capture is over: give what is left."""
        for event in self.connections.flush():
            events: list[object] = []
            self.take((event,), events)  # type: ignore[arg-type]
            yield from self._items(events)

    def _items(self, events: Iterable[object]) -> Iterator[Found]:
        found, self._found[:] = list(self._found), []
        records = (event for event in events if isinstance(event, Record))
        for flow, offset, skipped, reason in found:
            record = next(records, None) if skipped is None else None
            yield Found(flow, offset, record, skipped or b"", reason)

    def open(self, connection: Connection, found: list[object]) -> object:  # type: ignore[override]
        conversation = super().open(connection, found)  # type: ignore[arg-type]
        conversation.framers = {
            flow: _Tracker(framer, flow, self._found)  # type: ignore[misc]
            for flow, framer in conversation.framers.items()
        }
        return conversation


class RewrittenStreams:
    """Streams as they were and as they are to be, on disk; later writing wins.

    `write` in any order, `finish`, then `read`. Use as a context manager, so that the disk is freed.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="ccxdissect-")  # noqa: SIM115 (closed by __exit__)
        self._end = 0
        #: For each direction: start, size and place on disk of its pieces, three numbers each.
        self._pieces: dict[int, array[int]] = {}
        self._buffers: dict[int, tuple[int, bytearray, bytearray]] = {}
        self._buffered = 0
        self._cache: OrderedDict[int, tuple[bytes, bytes]] = OrderedDict()

    def __enter__(self) -> RewrittenStreams:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, flow: int, offset: int, before: bytes, after: bytes) -> None:
        """Bytes of a stream and what stands in their place; both as long."""
        buffer = self._buffers.get(flow)
        if buffer is not None:
            start, old, new = buffer
            if start <= offset <= start + len(old):
                self._buffered -= len(old) - (offset - start)
                del old[offset - start :], new[offset - start :]
            else:
                self._put(flow)
                buffer = None
        if buffer is None:
            old, new = bytearray(), bytearray()
            self._buffers[flow] = (offset, old, new)
        old += before
        new += after
        self._buffered += len(before)
        if len(old) >= PIECE:
            self._put(flow)
        if self._buffered > MOST_BUFFERED:
            self.finish()

    def finish(self) -> None:
        """Put everything on disk."""
        for flow in list(self._buffers):
            self._put(flow)

    def _put(self, flow: int) -> None:
        start, old, new = self._buffers.pop(flow)
        self._buffered -= len(old)
        if not old:
            return
        self._file.seek(self._end)
        self._file.write(old)
        self._file.write(new)
        self._pieces.setdefault(flow, array("q")).extend((start, len(old), self._end))
        self._end += 2 * len(old)

    def read(self, flow: int, offset: int, data: bytes, blank: int) -> bytes:
        """What stands in the place of `data` at `offset`; `blank` where the stream had nothing, or other bytes."""
        made = bytearray([blank]) * len(data)
        pieces = self._pieces.get(flow)
        if pieces is None:
            return bytes(made)
        stop = offset + len(data)
        low, high = 0, len(pieces) // 3
        while low < high:
            middle = (low + high) // 2
            if pieces[3 * middle] + pieces[3 * middle + 1] <= offset:
                low = middle + 1
            else:
                high = middle
        # What was written later over the end of a piece stands right behind it.
        for number in range(max(low - 2, 0), len(pieces) // 3):
            start, size, place = pieces[3 * number : 3 * number + 3]
            if start >= stop and number > low + 2:
                break
            first, last = max(start, offset), min(start + size, stop)
            if first >= last:
                continue
            before, after = self._load(place, size)
            old = before[first - start : last - start]
            here = data[first - offset : last - offset]
            new = after[first - start : last - start]
            if old != here:
                new = bytes(fresh if was == now else blank for was, now, fresh in zip(old, here, new, strict=True))
            made[first - offset : last - offset] = new
        return bytes(made)

    def _load(self, place: int, size: int) -> tuple[bytes, bytes]:
        known = self._cache.get(place)
        if known is None:
            self._file.seek(place, os.SEEK_SET)
            known = self._file.read(size), self._file.read(size)
            self._cache[place] = known
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        else:
            self._cache.move_to_end(place)
        return known


def rewritten_skip(found: Found, bounds: Boundaries) -> bytes:
    """What stands in the place of bytes that gave no message: nothing of them, but for the header of a cut message.

    Without it, a reader would lose its step where it kept it before.
    """
    made = filled(found.skipped, bounds)
    if " is cut after " in found.reason and found.skipped[:2] == b"\0\0":
        made = found.skipped[: HEADER.size] + made[HEADER.size :]
    return made
