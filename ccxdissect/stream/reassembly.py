"""One direction of a TCP connection: segments in any order in, bytes in order out, every byte accounted for.

Sequence numbers are 32 bits and wrap (RFC 9293, section 3.4); inside, every byte has an absolute offset:
0 is the first byte after the SYN, or the first byte known of when the capture starts later.

The rules, for each payload byte fed:

- it is **delivered** once, in order (the first byte captured for an offset wins), or
- it is a **duplicate** (its offset was already captured; keep-alive probes are duplicates too), or
- it is **undelivered**: captured, but with no place in the stream. That is: beyond the FIN or after the end;
  in a hole that had already been given up; before the start of the stream; or a stray.

So `payload == delivered + duplicate + undelivered + held` always, and `held` is 0 after `close()`.

A **stray** is a segment whose number has nothing to do with the stream: 2**30 or more from the next expected
byte (TCP's largest window), before a start that a SYN proves, more than `REACH` before a start without one,
or more than `REACH` ahead of bytes that keep coming in order after it.

**Missing** bytes are those that sequence numbers (of data, cut segments, bare acknowledgements, FIN and RST)
or the other side's acknowledgement numbers prove to exist and that were not captured. A hole is given up

- when the other side acknowledged past its end and a grace has passed since (captures record packets late),
- when it lies wholly in bytes cut by the snap length and something behind it has arrived,
- when packet time says that nothing filled it for long,
- when what is held behind it exceeds a limit,
- at the end.

If bytes of a given-up hole arrive after all they are undelivered, and no longer missing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ccxdissect.stream.arrival import PIECE_COST, HeldBytes, RangeSet, first_difference
from ccxdissect.stream.events import NoteKind
from ccxdissect.wording import SECOND

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32

MASK = 0xFFFFFFFF
HALF = 1 << 31

#: No segment this far from the next expected byte belongs to the stream: TCP's largest window (RFC 7323, 2.3).
STRAY_DISTANCE = 1 << 30
#: Segments further than this from the stream's position need more than their own word to be believed.
REACH = 1 << 22
#: Given-up holes remembered for each direction, to tell late bytes from duplicates.
LOST_LIMIT = 32
#: Delivered segments kept (over all connections) to compare retransmitted bytes with.
RECENT_SEGMENTS = 1024


@dataclass(frozen=True)
class Limits:
    """When to stop waiting, and how much to hold. Times are packet time in ns."""

    #: A hole that nothing filled for this long is given up.
    hole_wait: int = 30 * SECOND
    #: A hole acknowledged by the other side is given up after this long (at most twice this long) ...
    ack_grace: int = SECOND // 2
    #: ... or after this many further packets of the connection.
    ack_packets: int = 64
    #: Memory held behind holes, in bytes, for one direction and for all of them.
    direction_bytes: int = 1 << 20
    total_bytes: int = 64 << 20
    #: A reset or replaced connection is kept open this long for packets recorded late.
    close_grace: int = SECOND // 2
    #: An ended connection is remembered this long, so that its late packets are recognised.
    linger: int = 60 * SECOND
    #: Connections remembered at once, ended ones included.
    connections: int = 12_000


DEFAULT_LIMITS = Limits()


class Chunk(NamedTuple):
    """Bytes in order.

    `missing` bytes that were never captured come before `data`; `data` is empty when they are the last that is
    known of. `offset` is where `data` stands in the stream. `frame` and `time` (ns since the epoch) are those of the packet that completed the chunk: the
    latest one needed for `data` and, unless a hole was given up, everything before it.
    """

    missing: int
    data: bytes
    frame: int
    time: int
    offset: int


class Note(NamedTuple):
    """Something about the packets that a reader may have to know."""

    kind: NoteKind
    frame: int
    #: Where in the stream (0 is its first byte); None if it has no place there.
    offset: int | None
    #: How many bytes it concerns, 0 if none.
    size: int


class Recent(deque[tuple["Reassembler", int, bytes]]):
    """Recently delivered segments of all directions: of which one, where in its stream, and the bytes.

    Whoever delivers many at once may put something else in their places, and the segments only when they are looked
    through, which is seldom.
    """

    #: What stands in for segments, and what puts them there.
    _left: tuple[object, Callable[[], None]] | None = None

    def leave(self, instead: object, put: Callable[[], None]) -> None:
        """Call `put` before anybody looks through those in whose places `instead` stands, which equals nothing else."""
        if self._left is not None and self._left[0] in self:
            self._left[1]()
        self._left = instead, put

    def __reversed__(self) -> Iterator[tuple[Reassembler, int, bytes]]:
        if self._left is not None:
            put, self._left = self._left[1], None
            put()
        return super().__reversed__()


def distance(to: int, origin: int) -> int:
    """How far the sequence number `to` is ahead of `origin`: from -2**31 to 2**31 - 1, negative if behind."""
    return ((to - origin + HALF) & MASK) - HALF


class Reassembler:
    """Puts the segments of one direction in order.

    Feed it segments with `feed()`, the other side's acknowledgement numbers with `acknowledge()`, the passing
    of packet time with `expire()`, and the end with `close()`; all but `acknowledge` return chunks.
    Nothing raises, whatever the numbers are.
    """

    __slots__ = (
        "acked", "base", "claimed", "closed", "cut", "delivered", "duplicate", "fast", "filled_time",
        "fin", "finished", "forgotten", "given", "held", "isn", "known_end", "last_frame", "last_time",
        "limits", "lost", "mark", "mark_left", "mark_time", "missing", "payload", "position",
        "notes", "recent", "seen", "settled", "start", "stray_next", "suspect_ack", "undelivered",
    )  # fmt: skip

    def __init__(self, limits: Limits = DEFAULT_LIMITS, recent: Recent | None = None) -> None:
        self.limits = limits
        #: Recently delivered segments, shared by all directions of a table.
        self.recent = Recent(maxlen=RECENT_SEGMENTS) if recent is None else recent
        #: The sequence number that can be delivered without a second thought, or -1.
        self.fast = -1
        #: The sequence number of offset 0, None until something is known of this direction.
        self.base: int | None = None
        #: Offset of the next byte to give out, and of the first one.
        self.position = 0
        self.start = 0
        #: The initial sequence number, if the SYN was captured.
        self.isn: int | None = None
        #: Whether a segment of this direction was captured, something was given out, and it is all over.
        self.seen = False
        self.given = False
        self.closed = False
        self.payload = 0
        self.delivered = 0
        self.duplicate = 0
        self.undelivered = 0
        #: Bytes proved to exist and not captured, of the holes given up so far.
        self.missing = 0
        self.held: HeldBytes | None = None
        self.lost: RangeSet | None = None
        self.cut: RangeSet | None = None
        #: The furthest offset of a byte that was cut, and the furthest one at which this side said it stands.
        self.known_end = 0
        self.claimed = 0
        #: The offset of the FIN, and whether everything before it was given out.
        self.fin: int | None = None
        self.finished = False
        self.filled_time = 0
        #: The furthest offset that the other side acknowledged; the same, at least a grace ago; and the
        #: acknowledgement whose grace is running.
        self.acked: int | None = None
        self.settled: int | None = None
        self.mark = 0
        self.mark_time: int | None = None
        self.mark_left = 0
        self.suspect_ack: int | None = None
        self.stray_next: int | None = None
        #: Delivered bytes before this offset are certainly no longer in `recent`.
        self.forgotten = 0
        self.last_frame = 0
        self.last_time = 0
        #: What was noted and not yet taken; whoever feeds segments empties it.
        self.notes: tuple[Note, ...] = ()

    # -- what is known ---------------------------------------------------------------------------------------

    @property
    def expected(self) -> int:
        """The sequence number of the next byte to give out (0 as long as nothing is known)."""
        return 0 if self.base is None else (self.base + self.position) & MASK

    @property
    def held_bytes(self) -> int:
        """How many bytes wait behind a hole."""
        held = self.held
        return 0 if held is None else held.cost - PIECE_COST * len(held)

    @property
    def held_cost(self) -> int:
        """The memory that the waiting bytes take."""
        return 0 if self.held is None else self.held.cost

    @property
    def furthest(self) -> int:
        """The furthest offset that is known to exist, captured or acknowledged."""
        end = self.position if self.held is None else self.held.end
        return max(end, self.acked or 0, self.fin or 0)

    @property
    def waiting(self) -> bool:
        """Whether something cannot be given out because of a hole before it."""
        return self.held is not None or (self.fin is not None and self.fin > self.position)

    def is_stray(self, seq: int) -> bool:
        """Whether a segment that starts at `seq` has nothing to do with this stream."""
        if self.base is None:
            return False
        ahead = distance(seq, self.expected)
        if not self.seen and self.isn is None:
            return False
        if abs(ahead) >= STRAY_DISTANCE:
            return True
        # Behind a SYN, only a keep-alive probe can lie before the first byte (by one).
        return self.position + ahead < self.start - (REACH if self.isn is None else 1)

    # -- segments --------------------------------------------------------------------------------------------

    def feed(
        self, seq: int, payload: bytes, frame: int = 0, time: int = 0, flags: int = ACK, cut: int = 0
    ) -> list[Chunk]:
        """Take one segment and return what can be given out now.

        `seq` and `flags` are those of the TCP header; `cut` is how many bytes followed `payload` on the wire
        that were not captured. A segment in order is given out as the very object passed in.
        """
        size = len(payload)
        if seq == self.fast and size and not flags & (SYN | FIN | URG) and not cut:
            self.fast = (seq + size) & MASK
            self.recent.append((self, self.position, payload))
            self.position += size
            self.payload += size
            self.delivered += size
            self.given = True
            return [Chunk(0, payload, frame, time, self.position - size)]
        chunks: list[Chunk] = []
        self.payload += size
        if flags & SYN:
            self._synchronise(seq)
            seq = (seq + 1) & MASK
        if flags & URG:
            self._note(NoteKind.URGENT, frame)
        if self._place(seq, size):
            self._take(seq, payload, frame, time, flags, max(cut, 0), chunks)
        else:
            self.undelivered += size
            if size:
                self._note(NoteKind.STRAY, frame, None, size)
                self.stray_next = (seq + size) & MASK
        if self.mark_time is not None:
            self.mark_left -= 1
        self.release(time, chunks)
        return chunks

    def _synchronise(self, isn: int) -> None:
        if self.isn is not None:
            return
        first = (isn + 1) & MASK
        if self.base is None:
            self.base = first
        elif not self.given:
            ahead = distance(first, self.expected)
            if abs(ahead) > REACH:
                self._restart(first)
            elif ahead < 0 or not self.seen:
                self._move_start(self.position + ahead)
        elif abs(distance(first, (self.base + self.start) & MASK)) > REACH:
            return
        self.isn = isn
        self.seen = True

    def begin(self, isn: int) -> None:
        """Take a SYN without payload, before anything is known of this direction."""
        self.isn = isn
        self.base = self.fast = (isn + 1) & MASK
        self.seen = True

    def finish(self, time: int) -> None:
        """Take a FIN without payload, in order, where nothing is waited for."""
        self.fin = self.position
        self.filled_time = max(self.filled_time, time)
        self.finished = True
        self.fast = -1

    def _restart(self, seq: int) -> None:
        """Forget where the other side's acknowledgements said that this direction is."""
        self.base = seq
        self.position = self.start = self.known_end = self.claimed = self.forgotten = 0
        self.acked = self.settled = self.mark_time = None

    def _move_start(self, offset: int) -> None:
        self.position = self.start = self.forgotten = offset

    def _place(self, seq: int, size: int) -> bool:
        """Find the segment's place; False if it has none."""
        if self.base is None:
            self.base = seq
        elif not self.seen:
            ahead = distance(seq, self.expected)
            if abs(ahead) > REACH:
                offset = self.position + ahead
                if self.acked is None or abs(offset - self.acked) > REACH:
                    self._restart(seq)
        elif self.is_stray(seq):
            return False
        self.seen = True
        return True

    def _take(self, seq: int, payload: bytes, frame: int, time: int, flags: int, cut: int, chunks: list[Chunk]) -> None:
        offset = self.position + distance(seq, self.expected)
        size = len(payload)
        stop = offset + size
        if offset < self.start and size:
            if size == 1 and offset == self.position - 1:
                self.duplicate += 1
                payload = b""
            elif not self.given and self.isn is None and not self.closed:
                # Nothing was given out, so the stream may as well start here: an acknowledgement or a later
                # segment was recorded first.
                self._move_start(offset)
            else:
                early = min(stop, self.start) - offset
                self.undelivered += early
                self._note(NoteKind.BEFORE_START, frame, offset, early)
                payload = payload[early:]
                offset += early
        if offset < self.position and payload:
            old = min(stop, self.position) - offset
            self._take_old(offset, payload if old == len(payload) else payload[:old], frame)
            payload = payload[old:]
            offset += old
        if self.closed:
            if payload:
                self.undelivered += len(payload)
                self._note(NoteKind.AFTER_END, frame, offset, len(payload))
            return
        if self.fin is not None and payload and stop > self.fin:
            over = min(stop - self.fin, len(payload))
            self.undelivered += over
            self._note(NoteKind.BEHIND_FIN, frame, stop - over, over)
            payload = payload[: len(payload) - over]
        if payload:
            self._take_new(offset, payload, frame, time, chunks)
        if cut:
            self._take_cut(stop, stop + cut)
            stop += cut
        if flags & FIN:
            self._take_fin(stop, frame, time)
        elif not size:
            self.claim(seq)

    def claim(self, seq: int) -> None:
        """Note that this side says it stands at `seq`: the number of a bare acknowledgement or a reset."""
        offset = self.position + distance(seq, self.expected)
        if self.claimed < offset <= max(self.position, self.acked or 0) + REACH:
            self.claimed = offset

    def _take_old(self, offset: int, payload: bytes, frame: int) -> None:
        stop = offset + len(payload)
        late = self._captured_late(offset, stop)
        if late:
            self.undelivered += late
            self._note(NoteKind.LATE, frame, offset, late)
        self.duplicate += len(payload) - late
        if len(payload) == 1 and stop == self.position:
            return  # a keep-alive probe: its byte may be anything (RFC 9293, 3.8.4)
        differs_at = self._differs_at(offset, payload)
        if differs_at is not None:
            self._note(NoteKind.CONFLICT, frame, differs_at, stop - differs_at)

    def _captured_late(self, start: int, stop: int) -> int:
        if self.lost is None:
            return 0
        late = self.lost.subtract(start, stop)
        self.missing -= late
        return late

    def _differs_at(self, offset: int, payload: bytes) -> int | None:
        """The lowest offset at which `payload` differs from what was given out, as far as that is still kept."""
        stop = offset + len(payload)
        if stop <= self.forgotten:
            return None
        lowest: int | None = None
        reached = self.position
        for owner, at, kept in reversed(self.recent):
            if owner is not self:
                continue
            reached = at
            low, high = max(at, offset), min(at + len(kept), stop)
            if low < high:
                before, again = kept[low - at : high - at], payload[low - offset : high - offset]
                if before != again:
                    lowest = low + first_difference(before, again)
            if at <= offset:
                return lowest
        self.forgotten = reached
        return lowest

    def _take_new(self, offset: int, payload: bytes, frame: int, time: int, chunks: list[Chunk]) -> None:
        held = self.held
        if offset == self.position and held is None:
            self._give(0, payload, frame, time, chunks)
            self.filled_time = time
            return
        if held is None:
            held = self.held = HeldBytes()
        insertion = held.add(offset, payload, frame, time)
        self.duplicate += insertion.duplicate
        if insertion.differs_at is not None:
            size = offset + len(payload) - insertion.differs_at
            self._note(NoteKind.CONFLICT, frame, insertion.differs_at, size)
        if held.start == self.position:
            self._drain(0, chunks)
            self.filled_time = time
        self._drop_contradicted()

    def _take_cut(self, start: int, stop: int) -> None:
        start = max(start, self.position)
        if self.fin is not None:
            stop = min(stop, self.fin)
        if start < stop and stop - self.position < STRAY_DISTANCE:
            if self.cut is None:
                self.cut = RangeSet()
            self.cut.add(start, stop)
            self.known_end = max(self.known_end, stop)

    def _take_fin(self, offset: int, frame: int, time: int) -> None:
        if self.fin is not None:
            if offset != self.fin:
                self._note(NoteKind.SECOND_FIN, frame, offset)
            return
        furthest = max(self.position, self.acked or 0)
        if offset < self.position or offset - furthest > REACH:
            self._note(NoteKind.FIN_MISPLACED, frame, offset)
            return
        self.fin = offset
        self.filled_time = max(self.filled_time, time)
        if self.held is not None:
            dropped = self.held.cut_from(offset)
            if dropped:
                self.undelivered += dropped
                self._note(NoteKind.BEHIND_FIN, frame, offset, dropped)
            if not self.held:
                self.held = None

    # -- giving out ------------------------------------------------------------------------------------------

    def _give(self, missing: int, data: bytes, frame: int, time: int, chunks: list[Chunk]) -> None:
        if frame > self.last_frame:
            self.last_frame, self.last_time = frame, time
        if data:
            self.recent.append((self, self.position, data))
        offset = self.position
        self.position += len(data)
        self.delivered += len(data)
        self.given = True
        if self.cut is not None:
            self.cut.subtract(self.start, self.position)
            if not self.cut:
                self.cut = None
        chunks.append(Chunk(missing, data, self.last_frame, self.last_time, offset))

    def _drain(self, missing: int, chunks: list[Chunk]) -> None:
        held = self.held
        while held is not None and len(held) > 0 and held.start == self.position:
            piece = held.take()
            self._give(missing, piece.data, piece.frame, piece.time, chunks)
            missing = 0
        if not held:
            self.held = None

    def _drop_contradicted(self) -> None:
        """Drop what lies absurdly far ahead if bytes captured after it continue the stream where it was."""
        held = self.held
        if held is None or held.start - self.position <= REACH or held.first.frame >= self.last_frame:
            return
        frame = held.first.frame
        dropped = held.cut_from(held.start)
        self.held = None
        self.undelivered += dropped
        self._note(NoteKind.STRAY, frame, None, dropped)

    def _hole_end(self) -> int | None:
        """Where the hole ends that keeps known bytes, or the FIN, from being given out."""
        if self.held is not None:
            return self.held.start
        if self.fin is not None and self.fin > self.position:
            return self.fin
        return None

    def _give_up(self, end: int, chunks: list[Chunk], frame: int, time: int) -> None:
        """Give up the hole from the position to `end`, and give out what follows it."""
        missing = end - self.position
        if self.lost is None:
            self.lost = RangeSet()
        self.lost.add(self.position, end)
        if len(self.lost) > LOST_LIMIT:
            self.lost.forget_lowest()
        self.missing += missing
        self.position = end
        if self.held is not None:
            # The frames of what follows count from here: what lay before the hole has been shown.
            self._drain(missing, chunks)
            self._drop_contradicted()
        else:
            self._give(missing, b"", frame, time, chunks)

    def release(self, time: int, chunks: list[Chunk]) -> None:
        """Give up every hole that need not be waited for any longer, by all that is known at `time`."""
        if self.mark_time is not None and (self.mark_left <= 0 or time - self.mark_time >= self.limits.ack_grace):
            self._settle_mark(time)
        end = self._hole_end()
        while end is not None:
            settled = self.settled is not None and end <= self.settled
            if not settled and not (self.cut is not None and self.cut.covers(self.position, end)):
                if self.held_cost <= self.limits.direction_bytes:
                    break
                self._note(NoteKind.HELD_TOO_MUCH, self.last_frame, self.position, end - self.position)
            self._give_up(end, chunks, self.last_frame, self.last_time)
            end = self._hole_end()
        if self.fin is not None and self.position >= self.fin:
            self.finished = True
        self.refresh()

    def refresh(self) -> None:
        """Work out anew whether the next segment can take the quick way."""
        quick = self.seen and self.held is None and self.fin is None and self.cut is None and not self.closed
        # While an acknowledgement of bytes not seen is pending, packets are counted.
        quick = quick and self.mark_time is None
        self.fast = self.expected if quick else -1

    # -- what is not data ------------------------------------------------------------------------------------

    def acknowledge(self, ack: int, time: int) -> None:
        """The other side acknowledged everything before the sequence number `ack`, in a packet of that time."""
        if self.mark_time is not None:
            self.mark_left -= 1
        if self.base is None:
            self.base = ack
            self.acked = 0
            return
        offset = self.position + distance(ack, self.expected)
        furthest = self.position if self.acked is None else max(self.acked, self.position)
        if offset <= furthest:
            return
        if offset - max(furthest, self.known_end) > REACH:
            # One number far off proves nothing; two that agree do.
            suspect, self.suspect_ack = self.suspect_ack, ack
            if suspect is None or not 0 <= distance(ack, suspect) <= REACH:
                return
        self.acked = offset
        if self.mark_time is None:
            self.mark, self.mark_time, self.mark_left = offset, time, self.limits.ack_packets

    def _settle_mark(self, time: int) -> None:
        self.settled = self.mark
        if self.acked is not None and self.acked > self.mark:
            self.mark, self.mark_time, self.mark_left = self.acked, time, self.limits.ack_packets
        else:
            self.mark_time = None

    def _patience_ends(self) -> int | None:
        """When the hole at the front has been waited for long enough; None if time alone cannot tell."""
        if self.held is None:
            return self.filled_time + self.limits.hole_wait
        if self.held.start - self.position > REACH and len(self.held) < 2:
            return None
        return max(self.filled_time, self.held.first.time) + self.limits.hole_wait

    def deadline(self) -> int | None:
        """The packet time (ns) from which `expire()` may have something to give up; None if there is none."""
        if not self.waiting:
            return None
        patience = self._patience_ends()
        if self.mark_time is not None and self.mark > self.position:
            grace = self.mark_time + self.limits.ack_grace
            return grace if patience is None else min(grace, patience)
        return patience

    def expire(self, time: int) -> list[Chunk]:
        """Give up what has been waited for long enough at packet time `time`."""
        chunks: list[Chunk] = []
        self.release(time, chunks)
        while self.waiting:
            patience = self._patience_ends()
            end = self._hole_end()
            if patience is None or end is None or time < patience:
                break
            self._give_up(end, chunks, self.last_frame, self.last_time)
        self.release(time, chunks)
        return chunks

    def flush(self) -> list[Chunk]:
        """Give up every hole, and give out everything held."""
        chunks: list[Chunk] = []
        self._drop_contradicted()
        end = self._hole_end()
        while end is not None:
            self._give_up(end, chunks, self.last_frame, self.last_time)
            end = self._hole_end()
        self.release(self.last_time, chunks)
        return chunks

    def close(self) -> list[Chunk]:
        """Flush, count what is known to lie behind the last byte as missing, and take nothing more.

        What is captured later is still counted.
        """
        if self.closed:
            return []
        if self.finished and not self.waiting:
            # Everything was given out, up to the FIN, and it did not turn out since that the stream stands elsewhere.
            self.closed = True
            self.fast = -1
            return []
        chunks = self.flush()
        end = self.position
        if self.fin is None:
            end = max(end, self.known_end)
            # A FIN takes a number too: a single one behind everything known was a FIN that was not captured.
            beyond = max(self.claimed, self.acked or 0)
            end = beyond if beyond > end + 1 else end
        if end > self.position:
            self._give_up(end, chunks, self.last_frame, self.last_time)
        self.closed = True
        self.refresh()
        return chunks

    def _note(self, kind: NoteKind, frame: int, offset: int | None = None, size: int = 0) -> None:
        self.notes += (Note(kind, frame, offset, size),)
