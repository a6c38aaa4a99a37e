"""The streams of a capture rewritten, on disk, since a byte may be sent again at any time."""

from __future__ import annotations

import os
import tempfile
from array import array
from typing import NamedTuple

from ccxdissect.bounded import Newest
from ccxdissect.capture.segment import Segment
from ccxdissect.codec.layout import HEADER
from ccxdissect.redact.fields import filled
from ccxdissect.stream.connections import Connections
from ccxdissect.stream.events import Loss, LossKind, LostStep
from ccxdissect.stream.framing import Boundaries

#: Bytes of one direction put on disk at once, and of all of them waiting for that.
PIECE = 1 << 16
MOST_BUFFERED = 32 << 20
_CACHED = 64


#: The kinds of losses that begin with the header of a message, as far as it is whole.
_WITH_HEADER = frozenset({LossKind.CUT, LossKind.CUT_BY_OTHERS, LossKind.CUT_HEADER})


class Place(NamedTuple):
    """Where a segment's payload stands: the direction of a connection, and the offset in its bytes."""

    flow: int
    offset: int


def place_of(connections: Connections, segment: Segment) -> Place | None:
    """Where the payload of the segment stands that was fed last; None when it is part of no stream."""
    where = connections.where(segment)
    return None if where is None else Place(where[0].number, where[1])


class RewrittenStreams:
    """Streams as they were and as they are to be, on disk; later writing wins.

    `write` in any order, `finish`, then `read`. Use as a context manager, so that the disk is freed.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="ccxdissect-")  # noqa: SIM115 (closed by __exit__)
        self._end = 0
        #: For each direction: start, size and place on disk of its pieces, three numbers each.
        self._pieces: dict[int, array[int]] = {}
        #: Directions of which a piece begins before the one that was put before it stops.
        self._crossed: set[int] = set()
        self._buffers: dict[int, tuple[int, bytearray, bytearray]] = {}
        self._buffered = 0
        self._cache: Newest[int, tuple[bytes, bytes]] = Newest(_CACHED)

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
        pieces = self._pieces.setdefault(flow, array("q"))
        if pieces and start < pieces[-3] + pieces[-2]:
            self._crossed.add(flow)
        pieces.extend((start, len(old), self._end))
        self._end += 2 * len(old)

    def read(self, flow: int, offset: int, data: bytes, blank: int) -> bytes:
        """What stands in the place of `data` at `offset`; `blank` where the stream had nothing.

        Where the stream had other bytes, so has what stands in its place: nothing of them, but something else.
        """
        pieces = self._pieces.get(flow)
        if pieces is None:
            return bytes([blank]) * len(data)
        stop = offset + len(data)
        low, high = 0, len(pieces) // 3
        while low < high:
            middle = (low + high) // 2
            if pieces[3 * middle] + pieces[3 * middle + 1] <= offset:
                low = middle + 1
            else:
                high = middle
        if 3 * low < len(pieces) and flow not in self._crossed:
            start, size, place = pieces[3 * low : 3 * low + 3]
            if start <= offset and stop <= start + size:
                # In one piece, as most of them are.
                before, after = self._load(place, size)
                if before[offset - start : stop - start] == data:
                    return after[offset - start : stop - start]
        made = bytearray([blank]) * len(data)
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
                new = bytes(
                    fresh if was == now else blank if fresh != blank else 0
                    for was, now, fresh in zip(old, here, new, strict=True)
                )
            made[first - offset : last - offset] = new
        return bytes(made)

    def _load(self, place: int, size: int) -> tuple[bytes, bytes]:
        known = self._cache.get(place)
        if known is None:
            self._file.seek(place, os.SEEK_SET)
            known = self._file.read(size), self._file.read(size)
        self._cache.keep(place, known)
        return known


class _Tail(NamedTuple):
    """The last bytes that were written of a direction: where they end, as they were, as they are, how many are blanked."""

    stop: int
    before: bytes
    after: bytes
    blank: int


class Joints:
    """Writes streams piece by piece, and keeps what looks like a header across two pieces where bytes are blanked.

    A search for a header stops at it, and may wait there for what follows: so it has to stand in the copy as well.
    """

    def __init__(self, streams: RewrittenStreams, bounds: Boundaries) -> None:
        self._streams = streams
        self._bounds = bounds
        self._tails: dict[int, _Tail] = {}

    def write(self, flow: int, offset: int, before: bytes, after: bytes, blank: int, whole: bool) -> None:
        """A piece as of `RewrittenStreams.write`: its last `blank` bytes are not understood; `whole`: nor is its head."""
        tail = self._tails.pop(flow, None)
        if tail is not None and tail.stop == offset:
            head = min(len(before), HEADER.size - 1)
            joined = tail.before + before[:head]
            made = bytearray(tail.after + after[:head])
            size = len(tail.before)
            at = self._bounds.next_header(joined, size - tail.blank)
            while at is not None and at < size:
                made[at:size] = joined[at:size]
                if whole:
                    made[size : at + HEADER.size] = joined[size : at + HEADER.size]
                at = self._bounds.next_header(joined, at + 1)
            if made[:size] != tail.after:
                self._streams.write(flow, offset - size, tail.before, bytes(made[:size]))
            after = bytes(made[size:]) + after[head:]
            if whole and len(before) < HEADER.size:
                before, after, offset = tail.before + before, bytes(made[:size]) + after, offset - size
                blank += tail.blank
        self._streams.write(flow, offset, before, after)
        if blank:
            kept = HEADER.size - 1
            self._tails[flow] = _Tail(offset + len(before), before[-kept:], after[-kept:], min(blank, kept))


def rewritten_loss(loss: Loss, bounds: Boundaries) -> bytes:
    """What stands in the place of bytes that gave no message: nothing of them, but for the header of a cut message, and
    one of type 0 that what it claims was waited for.

    Without them, a reader would lose its step where, or when, it kept it before.
    """
    made = filled(loss.data, bounds)
    if loss.kind in _WITH_HEADER and loss.data[:2] == b"\0\0":
        return loss.data[: HEADER.size] + made[HEADER.size :]
    step = loss.detail
    if isinstance(step, LostStep) and step.number == 0 and (step.length or 0) <= bounds.largest_body:
        # It stands behind what an earlier message left over.
        header = HEADER.pack(step.length, 0)
        before, found, behind = loss.data.partition(header)
        if found:
            return made[: len(before)] + header + made[len(made) - len(behind) :]
    return made
