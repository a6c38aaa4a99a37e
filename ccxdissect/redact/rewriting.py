"""The messages and losses of a capture rewritten: at once, or from what was spooled of them while they were collected.

Nothing can be rewritten before all that will be replaced is known. So that a capture need not be dissected once more
for it, its streams are put on disk with what is to be replaced in them. A message that is in doubt, or stands where
bytes are not understood, is kept as it was told. Where that would take too much, the capture is dissected once more.
"""

from __future__ import annotations

import tempfile
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from ccxdissect.bounded import Newest
from ccxdissect.capture.segment import Segment
from ccxdissect.codec.layout import HEADER
from ccxdissect.redact.fields import MessageRedactor, Run, Treatment, counted
from ccxdissect.redact.places import Places
from ccxdissect.redact.report import Report
from ccxdissect.redact.streams import MOST_BUFFERED, PIECE, Joints, Place, RewrittenStreams, rewritten_loss
from ccxdissect.stream.events import Event, Loss, Record

if TYPE_CHECKING:
    from ccxdissect.redact.blocks import Block

#: Captures that are spooled at once, and bytes of them on disk; what is beyond that is dissected once more.
MOST_FILES = 64
MOST_SPOOLED = 1 << 30
#: Bytes of what is kept in memory of one capture, and what each message or loss takes besides its own.
MOST_KEPT = 8 << 20
_KEEPING = 1024

_SIZE_OF_NUMBER = array("I").itemsize
#: Directions whose last messages with undecoded bytes are kept, until it is known whether what follows is searched.
_MOST_UNDECODED = 256
#: What a run is counted by.
_COUNTED = itemgetter(2, 3)
_COUNTED_AT_ONCE = 4096
#: In place of a size: what is kept as it was told, and a block.
_TOLD, _BLOCK = -1, -2


class Rewriter:
    """Puts what becomes of messages and losses into streams; they come in the order in which they were told."""

    def __init__(self, streams: RewrittenStreams, messages: MessageRedactor) -> None:
        self._streams = streams
        self._messages = messages
        self._joints = Joints(streams, messages.bounds)
        #: For each direction, how far its last message reached; those in which one read without doubt.
        self._reached: dict[int, int] = {}
        self._sure: set[int] = set()
        #: Of directions, the last message with bytes that are not understood, and what became of it. Bounded.
        self._undecoded: Newest[int, tuple[Record, bytes]] = Newest(_MOST_UNDECODED)

    def take(self, event: Event) -> None:
        """Rewrite a message or a loss; all else is nothing of a stream."""
        if isinstance(event, Record):
            decoded = event.decoded
            after = self._messages.redact(decoded, event.flow not in self._sure)
            if not self._messages.doubts(decoded):
                self._sure.add(event.flow)
            self._joints.write(event.flow, event.offset, decoded.raw, after, 0, False)
            self._reached[event.flow] = event.offset + HEADER.size + len(decoded.body)
            if decoded.undecoded:
                self._undecoded.keep(event.flow, (event, after))
        elif isinstance(event, Loss) and event.data:
            self._take_loss(event)

    def _take_loss(self, loss: Loss) -> None:
        # What a message already accounts for, as its undecoded end, stays as the message has it.
        known = max(self._reached.get(loss.flow, loss.offset) - loss.offset, 0)
        if known >= len(loss.data):
            return
        last = self._undecoded.pop(loss.flow, None)
        if known and last is not None:
            record, after = last
            after = self._messages.searched(record.decoded, after)
            undecoded = record.decoded.undecoded
            self._joints.write(loss.flow, record.offset, record.decoded.raw, after, undecoded, False)
        blank = rewritten_loss(loss, self._messages.bounds)
        for start, message in self._messages.likely(loss):
            made = bytearray(blank)
            made[start : start + len(message.raw)] = self._messages.redact(message)
            blank = bytes(made)
        if loss.partial is not None:
            # What can be read of a cut message can be read of its copy.
            blank = loss.data[: HEADER.size] + self._messages.redact(loss.partial)[HEADER.size :]
        self._messages.report.blanked["bytes of streams that gave no message"] += len(loss.data) - known
        data = loss.data[known:]
        size = 0 if loss.partial is not None else len(data)
        self._joints.write(loss.flow, loss.offset + known, data, blank[known:], size, bool(size))

    def whole(self, flow: int, offset: int, before: bytes, after: bytes) -> None:
        """Whole messages in a row, behind nothing that is not understood."""
        self._streams.write(flow, offset, before, after)
        self._reached[flow] = offset + len(before)


class Room:
    """What may be spooled at once, of all captures that are redacted together."""

    def __init__(self) -> None:
        self.files = MOST_FILES
        self.bytes = MOST_SPOOLED


class _Piece(NamedTuple):
    """Messages in a row of one direction: where the first begins, their bytes, and the runs that are replaced in them."""

    start: int
    data: bytearray
    #: Three numbers each: where it starts and stops in `data`, and its treatment.
    runs: array[int]


class Spool:
    """What was collected of one capture's streams. `take` everything; if it has `given_up` then, nothing is in it.

    `close` frees the disk.
    """

    def __init__(self, messages: MessageRedactor, room: Room) -> None:
        self._messages = messages
        self._room = room
        room.files -= 1
        #: Whether nothing is in it, since it took too much.
        self.given_up = room.files < 0
        self._file = tempfile.TemporaryFile(prefix="ccxdissect-")  # noqa: SIM115 (closed by close())
        self.places = Places()
        #: What was counted of messages that are on disk: what will be replaced, by treatment and name, and all else.
        self._counts: Counter[tuple[Treatment, str]] = Counter()
        self._said: list[Run] = []
        self._report = Report()
        self._pieces: dict[int, _Piece] = {}
        self._buffered = 0
        #: In the order in which they are rewritten, of each piece: its direction, where it begins, its size, how many
        #: numbers its runs are. A size of -1: what is kept as it was told; of -2: a block.
        self._entries = array("q")
        self._kept: list[Event] = []
        self._keeping = 0
        #: Directions of which what comes next stands behind something that is not understood.
        self._behind: set[int] = set()
        #: Directions in which a message read without doubt.
        self._sure: set[int] = set()
        if self.given_up:
            self.close()

    def stands(self, segment: Segment, place: Place) -> None:
        """Note where the payload of a segment stands; segments come in the order of packets."""
        if not self.given_up:
            self.places.add(segment, place)

    def take_event(self, event: Event) -> None:
        """Take what a dissector tells, as far as it is of the streams: note what will be replaced in it."""
        if isinstance(event, Record):
            self.take(event, self._messages.note(event.decoded))
        elif isinstance(event, Loss) and event.data:
            if event.partial is not None:
                self._messages.note(event.partial)
            for _, message in self._messages.likely(event):
                self._messages.note(message)
            self.take(event)

    def is_sure(self, flow: int) -> bool:
        """Whether a message read without doubt in a direction."""
        return flow in self._sure

    def is_behind(self, flow: int) -> bool:
        """Whether what comes next in a direction stands behind something that is not understood."""
        return flow in self._behind

    def add(
        self, block: Block, messages: int, counts: Mapping[tuple[Treatment, str], int], kept: Mapping[str, int]
    ) -> None:
        """Take so many whole messages at once, which are in no doubt and stand behind none: with what is replaced in them,
        by treatment and name, and what is kept, which was noted."""
        if self.given_up:
            return
        for flow in set(block.pieces[:, 0].tolist()):
            # It may give up at any of them, and forget all.
            if flow in self._pieces:
                self._put(flow)
        stored = block.stored()
        self._room.bytes -= len(stored)
        if self._room.bytes < 0:
            self._give_up()
        if self.given_up:
            return
        self._file.write(stored)
        self._entries.extend((0, 0, _BLOCK, 0))
        self._counts.update(counts)
        self._report.messages += messages
        self._report.kept.update(kept)

    def take(self, event: Record | Loss, runs: Sequence[Run] = ()) -> None:
        """Take a message, with what is to be replaced in it, or a loss, in the order in which they are told."""
        if self.given_up:
            return
        if isinstance(event, Record):
            decoded = event.decoded
            flow = event.flow
            doubts, sure = self._messages.doubts(decoded), flow in self._sure
            if not doubts and not sure:
                self._sure.add(flow)
            if not decoded.undecoded and flow not in self._behind and not (runs and (doubts or not sure)):
                self._add(flow, event.offset, decoded.raw, runs)
                self._messages.count_kept(decoded, self._report)
                return
            self._behind.discard(flow)
            if decoded.undecoded:
                self._behind.add(flow)
            self._keep(flow, event, len(decoded.body))
        else:
            self._behind.add(event.flow)
            self._keep(event.flow, event, len(event.data))

    def _add(self, flow: int, offset: int, raw: bytes, runs: Sequence[Run]) -> None:
        piece = self._pieces.get(flow)
        if piece is not None and piece.start + len(piece.data) != offset:
            self._put(flow)
            piece = None
        if piece is None:
            piece = self._pieces[flow] = _Piece(offset, bytearray(), array("I"))
        base = len(piece.data) + HEADER.size
        piece.data.extend(raw)
        add = piece.runs.extend
        for start, stop, treatment, _ in runs:
            add((base + start, base + stop, treatment))
        self._said += runs
        if len(self._said) > _COUNTED_AT_ONCE:
            self._count()
        self._report.messages += 1
        self._buffered += len(raw)
        if len(piece.data) >= PIECE:
            self._put(flow)
        elif self._buffered > MOST_BUFFERED:
            self._put_all()

    def _count(self) -> None:
        self._counts.update(map(_COUNTED, self._said))
        self._said.clear()

    def _keep(self, flow: int, event: Event, size: int) -> None:
        if flow in self._pieces:
            self._put(flow)
        self._keeping += size + _KEEPING
        if self._keeping > MOST_KEPT:
            self._give_up()
            return
        self._kept.append(event)
        self._entries.extend((flow, 0, _TOLD, 0))

    def _put(self, flow: int) -> None:
        start, data, runs = self._pieces.pop(flow)
        size = len(data) + len(runs) * _SIZE_OF_NUMBER
        self._buffered -= len(data)
        self._room.bytes -= size
        if self._room.bytes < 0:
            self._give_up()
            return
        self._file.write(data)
        self._file.write(runs.tobytes())
        self._entries.extend((flow, start, len(data), len(runs)))

    def _put_all(self) -> None:
        for flow in list(self._pieces):
            if not self.given_up:
                self._put(flow)

    def _give_up(self) -> None:
        self.given_up = True
        self.close()
        self._pieces.clear()
        self._kept.clear()
        del self._entries[:]

    def finish(self) -> None:
        """Everything was taken."""
        self._put_all()

    def rewrite(self, rewriter: Rewriter) -> None:
        """Rewrite it all; the pseudonyms are settled."""
        self._count()
        report = self._messages.report
        report.messages += self._report.messages
        report.kept.update(self._report.kept)
        for (treatment, name), count in self._counts.items():
            counted(report, treatment)[name] += count
        self._file.seek(0)
        kept = iter(self._kept)
        entries = iter(self._entries)
        for flow, start, size, count in zip(entries, entries, entries, entries, strict=True):
            if size == _TOLD:
                rewriter.take(next(kept))
                continue
            if size == _BLOCK:
                self._rewrite_block(rewriter)
                continue
            before = self._file.read(size)
            runs = array("I")
            runs.frombytes(self._file.read(count * _SIZE_OF_NUMBER))
            rewriter.whole(flow, start, before, self._rewritten(before, runs))

    def _rewrite_block(self, rewriter: Rewriter) -> None:
        from ccxdissect.redact.blocks import Block

        for piece in Block.read(self._file).rewritten(self._messages):
            rewriter.whole(*piece)

    def _rewritten(self, before: bytes, runs: array[int]) -> bytes:
        after = bytearray(before)
        text, others = self._messages.pseudonyms.text, self._messages.replacement
        of_text = Treatment.TEXT.value
        numbers = iter(runs)
        for start, stop, treatment in zip(numbers, numbers, numbers, strict=True):
            data = before[start:stop]
            after[start:stop] = text(data) if treatment == of_text else others(Treatment(treatment), data)
        return bytes(after)

    def close(self) -> None:
        """Let the files go."""
        self._file.close()
        self.places.close()
