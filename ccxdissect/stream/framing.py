"""Bytes of one direction in order -> message frames; after a gap or damage, the next plausible header.

In step, a message is what its header says. Out of step (the capture began inside a message, bytes are missing, a
header is absurd) a message counts only when its type is declared, its length within bounds, its body decodes without
loss or doubt, and a plausible header follows. At the very first byte after a gap or at the beginning of a capture,
where segments tend to begin, the last demand is dropped, so that the first message need not wait for the second.

What is found depends on the bytes alone, never on how they were cut into segments. Searching takes time in proportion
to the bytes: trying whether a candidate's body decodes is paid for by the bytes passed over, and a candidate that
nothing is left for does not count. Ordinary traffic never gets there; bytes made to look like headers all over do.
"""

from __future__ import annotations

import re
import struct
from array import array
from bisect import bisect_right
from collections.abc import Callable, Generator, Iterator, Set
from functools import cached_property
from typing import NamedTuple

from ccxdissect.codec.layout import HEADER
from ccxdissect.protocol.model import Protocol
from ccxdissect.stream.events import CutMessage, LossKind, LostStep

#: In step, a type number above this is taken for damage and not for a message that nobody has declared.
LARGEST_TYPE = 0xFFFF

#: Body bytes that may be decoded in vain for each byte that is passed over out of step, and those to begin with.
_TRIED_A_BYTE = 8
_TRIED_AT_FIRST = 1 << 16


#: Why a stream is searched before anything is known of it.
_BEGINNING = LostStep()

#: Bytes searched in vain are told in pieces of this size, so that they need not all be kept.
PIECE = 1 << 16


class Framed(NamedTuple):
    """A message: its type, its body and where in the stream its header begins.

    `frame` and `time` (ns) are those of the packet that brought its last byte, `begun` is the time of its first byte's.
    """

    number: int
    body: bytes
    offset: int
    frame: int
    time: int
    begun: int


class Skipped(NamedTuple):
    """Bytes, from `offset` of the stream on, that gave no message, and why.

    `retracted`: how many of them were counted before. `cut`: type and beginning of the body of a cut message. `likely`:
    where in the data bytes begin and end that read well as a message, and of which it took more bytes to tell they are none.
    """

    offset: int
    data: bytes
    kind: LossKind
    detail: LostStep | CutMessage | None = None
    retracted: int = 0
    cut: tuple[int, bytes] | None = None
    likely: tuple[tuple[int, int], ...] = ()


class _OfAny(Set[int]):
    """The types of several protocols: whether one is among them loads no more declarations than it takes to find it."""

    def __init__(self, protocols: tuple[Protocol, ...]) -> None:
        self._protocols = protocols

    def __contains__(self, number: object) -> bool:
        return any(number in protocol.by_number for protocol in self._protocols)

    def __iter__(self) -> Iterator[int]:
        return iter({number for protocol in self._protocols for number in protocol.by_number})

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Boundaries:
    """What a header may say, by a set of declarations, or by several when any of them may be meant."""

    def __init__(self, *protocols: Protocol) -> None:
        self.largest_body = max(protocol.largest_body for protocol in protocols)
        self._protocols = protocols
        self._any_pattern = _header_pattern(self.largest_body, LARGEST_TYPE)

    @cached_property
    def types(self) -> Set[int]:
        """The types of messages that are declared."""
        return frozenset(self._protocols[0].by_number) if len(self._protocols) == 1 else _OfAny(self._protocols)

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        alone = len(self._protocols) == 1
        return _header_pattern(self.largest_body, max(self.types)) if alone else self._any_pattern

    def name(self, number: int) -> str:
        """What a type is called, by the first of the sets that has it."""
        having = next((protocol for protocol in self._protocols if number in protocol.by_number), None)
        return f"UNKNOWN_{number}" if having is None else having.by_number[number].name

    def plausible(self, data: bytes, at: int) -> bool:
        """Whether the eight bytes at `at` may be a header."""
        length, number = HEADER.unpack_from(data, at)
        return length <= self.largest_body and number in self.types

    def next_candidate(self, data: bytes, at: int) -> int | None:
        """The next place from `at` on that may be a whole header, or None."""
        while True:
            found = self._pattern.search(data, at)
            if found is None:
                return None
            at = found.start()
            if self.plausible(data, at):
                return at
            at += 1

    def next_header(self, data: bytes, at: int) -> int | None:
        """The next place from `at` on that may be a whole header in step, its type known or not; or None."""
        while True:
            found = self._any_pattern.search(data, at)
            if found is None:
                return None
            at = found.start()
            length, number = HEADER.unpack_from(data, at)
            if length <= self.largest_body and 0 < number <= LARGEST_TYPE:
                return at
            at += 1


def _header_pattern(largest_length: int, largest_number: int) -> re.Pattern[bytes]:
    """A regular expression that every header within the bounds matches, to skip over the rest quickly."""

    def number(largest: int) -> bytes:
        pattern = b""
        free = False
        for byte in largest.to_bytes(4, "big"):
            pattern += rb"[\x00-\xff]" if free else b"[\\x00-\\x%02x]" % byte
            free = free or byte > 0
        return pattern

    return re.compile(number(largest_length) + number(largest_number), re.DOTALL)


class Brought(NamedTuple):
    """So many bytes that came with one packet."""

    size: int
    frame: int
    time: int


class _Arrivals:
    """Which packet brought the bytes that are kept, by their offsets. What is not known came with the latest packet."""

    __slots__ = ("_frames", "_stops", "_times", "frame", "time")

    def __init__(self) -> None:
        #: The latest packet.
        self.frame = 0
        self.time = 0
        self._stops = array("q")
        self._frames = array("q")
        #: A damaged capture may date a packet further away than an array holds.
        self._times: list[int] = []

    def add(self, stop: int) -> None:
        """The latest packet brought the bytes up to `stop`, and they are to be kept."""
        if not self._stops or self._stops[-1] < stop:
            self._stops.append(stop)
            self._frames.append(self.frame)
            self._times.append(self.time)

    def of(self, offset: int) -> tuple[int, int]:
        """Frame and time of the packet that brought the byte at `offset`."""
        index = bisect_right(self._stops, offset)
        if index == len(self._stops):
            return self.frame, self.time
        return self._frames[index], self._times[index]

    def within(self, start: int, stop: int) -> list[Brought]:
        """Who brought the bytes from `start` up to `stop`, which are all that is kept."""
        found = []
        stops = [*self._stops, stop]
        for end, frame, time in zip(stops, [*self._frames, self.frame], [*self._times, self.time], strict=True):
            if end > start:
                found.append(Brought(end - start, frame, time))
                start = end
        return found

    def forget_before(self, offset: int) -> None:
        """The bytes before `offset` are kept no longer."""
        done = bisect_right(self._stops, offset)
        if done:
            del self._stops[:done], self._frames[:done], self._times[:done]


class Framer:
    """Cuts one direction of one session into messages.

    `fits(number, body)` says whether a body decodes without loss or doubt. Feed it the bytes in order; `feed` and
    `flush` are generators that must be run to their end. Whoever takes a message that did not decode to its last
    byte says so with `doubt`, so that the search goes back there when the next header turns out to be absurd.
    """

    __slots__ = (
        "_allowance",
        "_arrivals",
        "_at",
        "_bounds",
        "_doubtful",
        "_fits",
        "_fresh",
        "_held",
        "_in_step",
        "_likely",
        "_need",
        "_passed",
        "_passing",
        "_searched",
        "_why",
    )

    def __init__(self, bounds: Boundaries, fits: Callable[[int, bytes], bool], in_step: bool) -> None:
        self._bounds = bounds
        self._fits = fits
        self._in_step = in_step
        #: Bytes of an unfinished message, or not yet searched; `_need` of them make it worth another look.
        self._held = bytearray()
        self._need = HEADER.size
        #: The offset of the first byte held, or of the next one to come; and who brought what is held.
        self._at = 0
        self._arrivals = _Arrivals()
        #: Bytes of a cut message that are still to come and mean nothing by themselves.
        self._passing = 0
        #: Out of step: bytes searched in vain, up to those held; why; and whether the search stands at its first byte.
        self._passed = bytearray()
        self._why = _BEGINNING
        self._fresh = True
        self._doubtful = b""
        #: Of what was searched: where bytes begin that read well, and where they end, while what is behind was waited for.
        self._likely: dict[int, int] = {}
        #: Body bytes that may yet be tried in vain, and bytes ahead whose passing was counted before.
        self._allowance = _TRIED_AT_FIRST
        self._searched = 0

    @property
    def idle(self) -> bool:
        """Whether it stands right behind a message: `flush` would give nothing."""
        return self._in_step and not self._held

    @property
    def held_bytes(self) -> int:
        """Bytes kept until more arrive."""
        return len(self._held)

    def bound_by(self, bounds: Boundaries) -> None:
        """From now on a header may say what these bounds allow."""
        self._bounds = bounds

    def doubt(self, tail: bytes) -> None:
        """The message just given ended in `tail`, which no field accounts for."""
        self._doubtful = tail

    def whole(self, data: bytes) -> list[tuple[int, bytes]] | None:
        """The (type, body) of each message when the next bytes are just whole messages of known types, in step.

        The usual case, done quickly. None when it is any other: then nothing has been taken, and `feed` is to be used.
        """
        if not self._in_step or self._held or self._passing:
            return None
        types = self._bounds.types
        unpack = HEADER.unpack_from
        size = len(data)
        at = 0
        found: list[tuple[int, bytes]] = []
        try:
            length, number = unpack(data)
            if length + 8 == size and number in types:
                # One message a segment, as nearly always.
                self._doubtful = b""
                return [(number, data[8:])]
            while at < size:
                length, number = unpack(data, at)
                start = at + 8
                at = start + length
                if at > size or number not in types:
                    return None
                found.append((number, data[start:at]))
        except struct.error:
            return None
        self._doubtful = b""
        return found

    def lend(self) -> tuple[bytes, list[Brought]] | None:
        """The bytes of an unfinished message and who brought them, for one who cuts the next bytes elsewhere.

        None when only this framer can go on: out of step, or in the rest of a message whose beginning was lost.
        """
        if not self._in_step or self._passing:
            return None
        if not self._held:
            return b"", []
        return bytes(self._held), self._arrivals.within(self._at, self._at + len(self._held))

    def take_back(self, held: bytes, brought: list[Brought], at: int, found: bool) -> None:
        """Go on from there: what is held now, from the offset `at` on, and whether a message was found since `lend`."""
        if found:
            self._doubtful = b""
        if not held and not self._held:
            self._at = at
            self._need = HEADER.size
            return
        self._held[:] = held
        self._at = at
        self._arrivals = _Arrivals()
        for size, frame, time in brought:
            if self._arrivals.time or self._arrivals.frame:
                self._arrivals.add(at)
            self._arrivals.frame, self._arrivals.time = frame, time
            at += size
        self._need = HEADER.size + HEADER.unpack_from(held)[0] if len(held) >= HEADER.size else HEADER.size

    def feed(self, offset: int, missing: int, data: bytes, frame: int, time: int) -> Iterator[Framed | Skipped]:
        """Take the next bytes, which stand at `offset`; `missing` just before them were never captured.

        `frame` and `time` (ns) are those of the packet that brought them.
        """
        arrivals = self._arrivals
        self._at = offset - missing - len(self._held)
        if self._held:
            arrivals.add(offset - missing)
        if missing:
            yield from self._lose(missing)
            self._at = offset
        arrivals.frame, arrivals.time = frame, time
        if self._passing:
            rest = data[: self._passing]
            self._passing -= len(rest)
            if rest:
                yield Skipped(offset, rest, LossKind.BEHIND_CUT)
            data = data[len(rest) :]
            self._at = offset = offset + len(rest)
        if self._held:
            self._held += data
            if len(self._held) < self._need:
                arrivals.add(offset + len(data))
                return
            data = bytes(self._held)
            self._held.clear()
        if data:
            yield from self._run(data, self._at, final=False)

    def flush(self, stop: int) -> Iterator[Framed | Skipped]:
        """No more bytes will come: the stream stops at the offset `stop`."""
        self._at = stop - len(self._held)
        yield from self._reconsider()
        yield from self._settle(None)

    def _run(self, data: bytes, base: int, final: bool) -> Iterator[Framed | Skipped]:
        """Cut `data`, which stand at the offset `base`; keep what is unfinished."""
        at = 0
        size = len(data)
        largest = self._bounds.largest_body
        types = self._bounds.types
        unpack = HEADER.unpack_from
        arrivals = self._arrivals
        while True:
            if not self._in_step:
                found, position, need = self._find(data, at, final)
                if position > at:
                    self._fresh = False
                    counted = min(self._searched, position - at)
                    self._searched -= counted
                    self._allowance += _TRIED_A_BYTE * (position - at - counted)
                    yield from self._pass_over(data[at:position], base + at)
                    at = position
                if not found:
                    if need >= 2 * HEADER.size:
                        stop = at + HEADER.size + unpack(data, at)[0]
                        if stop < at + need:
                            self._likely[base + at] = base + stop
                    break
                yield from self._regain(base + at)
            need = 8
            while size - at >= 8:
                length, number = unpack(data, at)
                if length > largest or number > LARGEST_TYPE:
                    break
                stop = at + 8 + length
                if self._doubtful and number not in types:
                    # An unknown type behind bytes that no field accounts for: what follows it has to speak for it.
                    followed = self._is_followed(data, stop, final)
                    if followed is not True:
                        need = followed - at if followed else 0
                        break
                if stop > size:
                    need = 8 + length
                    break
                self._doubtful = b""
                frame, time = arrivals.of(base + stop - 1)
                begun = arrivals.of(base + at)[1]
                yield Framed(number, data[at + 8 : stop], base + at, frame, time, begun)
                at = stop
            else:
                break
            if need > 8:
                break
            if self._doubtful and self._allowance > 0:
                again, self._doubtful = self._doubtful, b""
                self._searched += len(again)
                self._allowance -= len(again)
                base += at - len(again)
                data, at, size = again + data[at:], 0, len(again) + size - at
                yield Skipped(base, b"", LossKind.SEARCHED, retracted=len(again))
            self._doubtful = b""
            self._in_step = False
            self._fresh = False
            self._why = LostStep(length=length, number=number)
        self._at = base + at
        if at < size:
            self._held += data[at:] if at else data
            arrivals.add(base + size)
        arrivals.forget_before(base + at)
        self._need = need

    def _find(self, data: bytes, at: int, final: bool) -> tuple[bool, int, int]:
        """Look for a message from `at` on: (found, where, bytes needed from there for another look)."""
        start = at
        size = len(data)
        while True:
            candidate = self._bounds.next_candidate(data, at)
            if candidate is None:
                return False, size if final else max(at, size - 7), 8
            at = candidate + 1
            length, number = HEADER.unpack_from(data, candidate)
            stop = candidate + 8 + length
            if stop > size:
                if not final:
                    return False, candidate, 8 + length
                continue
            first = candidate == start and self._fresh
            followed = first or self._is_followed(data, stop, final)
            if followed is False:
                continue
            if self._allowance + _TRIED_A_BYTE * (candidate - start) <= 0:
                continue
            if not self._fits(number, data[candidate + 8 : stop]):
                self._allowance -= length
            elif followed is True:
                return True, candidate, 8
            else:
                return False, candidate, followed - candidate

    def _is_followed(self, data: bytes, stop: int, final: bool) -> bool | int:
        """Whether what stands at `stop`, behind a message, speaks for it; else how many bytes of `data` would tell.

        A plausible header does; or one of an unknown type that leads to a plausible one; or nothing, at the end.
        """
        size = len(data)
        for behind in (False, True):
            if size - stop < HEADER.size:
                if not final:
                    return stop + HEADER.size
                return stop == size if behind else stop <= size
            if self._bounds.plausible(data, stop):
                return True
            length, number = HEADER.unpack_from(data, stop)
            if length > self._bounds.largest_body or not 0 < number <= LARGEST_TYPE or number in self._bounds.types:
                return False
            stop += HEADER.size + length
        return False

    def _pass_over(self, data: bytes, offset: int) -> Iterator[Skipped]:
        """Bytes searched in vain, that follow those passed over so far."""
        passed = self._passed
        start = offset - len(passed)
        passed += data
        while len(passed) >= PIECE:
            yield Skipped(start, bytes(passed[:PIECE]), LossKind.SEARCHED, self._why, likely=self._within(start, PIECE))
            del passed[:PIECE]
            start += PIECE

    def _regain(self, offset: int) -> Iterator[Skipped]:
        """In step again, from `offset` on."""
        self._in_step = True
        yield from self._passed_bytes(offset, LossKind.PASSED_OVER)

    def _passed_bytes(self, stop: int, kind: LossKind) -> Iterator[Skipped]:
        if self._passed:
            data = bytes(self._passed)
            self._passed.clear()
            start = stop - len(data)
            yield Skipped(start, data, kind, self._why, likely=self._within(start, len(data)))

    def _within(self, start: int, size: int) -> tuple[tuple[int, int], ...]:
        """What of the bytes passed over, `size` from `start` on, read well; what begins before their end is forgotten."""
        likely = {first: self._likely.pop(first) for first in sorted(self._likely) if first < start + size}
        inside = [(first, stop) for first, stop in likely.items() if start <= first and stop <= start + size]
        return tuple((first - start, stop - start) for first, stop in inside)

    def _lose(self, missing: int) -> Iterator[Framed | Skipped]:
        """`missing` bytes are gone: what that does to the message under way, and whether we stay in step."""
        yield from self._reconsider()
        in_step = self._in_step
        cut = yield from self._settle(missing)
        # What was taken for a header may have turned out to be none: then nothing is known to belong to its message.
        rest = cut or self._passing if in_step and self._in_step else 0
        if missing <= rest:
            self._passing = rest - missing
        else:
            self._passing = 0
            self._in_step = False
            self._fresh = True
            self._why = LostStep(missing=missing)

    def _reconsider(self) -> Iterator[Framed | Skipped]:
        """A message will not be finished: perhaps its length was wrong, and others lie in what was kept for it."""
        allowance = 4 * _TRIED_A_BYTE * len(self._held)
        while self._in_step and len(self._held) > HEADER.size and not self._is_odd():
            data = bytes(self._held)
            at = HEADER.size
            while True:
                candidate = self._bounds.next_candidate(data, at)
                if candidate is None:
                    return
                length, number = HEADER.unpack_from(data, candidate)
                stop = candidate + HEADER.size + length
                follows = stop + HEADER.size <= len(data) and self._bounds.plausible(data, stop)
                if follows and allowance > 0:
                    if self._fits(number, data[candidate + HEADER.size : stop]):
                        break
                    allowance -= length
                at = candidate + 1
            yield Skipped(self._at, data[:candidate], LossKind.CUT_BY_OTHERS, self._cut_message(candidate))
            self._held.clear()
            yield from self._run(data[candidate:], self._at + candidate, final=False)

    def _is_odd(self) -> bool:
        """Whether what is held is a message of an unknown type behind bytes that no field accounts for."""
        return bool(self._doubtful) and HEADER.unpack_from(self._held)[1] not in self._bounds.types

    def _settle(self, missing: int | None) -> Generator[Framed | Skipped, None, int]:
        """Nothing continues the bytes that are held: give what they hold, and account for the rest. Returns how many bytes
        the message that is cut so would have gone on for."""
        if self._held and (not self._in_step or self._doubtful):
            data = bytes(self._held)
            self._held.clear()
            yield from self._run(data, self._at, final=True)
        self._doubtful = b""
        if not self._in_step:
            yield from self._passed_bytes(self._at, LossKind.NO_HEADER)
        rest = 0
        if self._held:
            data = bytes(self._held)
            rest = self._need - len(data) if len(data) >= HEADER.size else 0
            kind = LossKind.CUT if len(data) >= HEADER.size else LossKind.CUT_HEADER
            cut = (HEADER.unpack_from(data)[1], data[HEADER.size :]) if len(data) > HEADER.size else None
            yield Skipped(self._at, data, kind, self._cut_message(len(data), missing), cut=cut)
            self._at += len(data)
            self._held.clear()
            self._need = HEADER.size
        return rest

    def _cut_message(self, held: int, missing: int | None = None) -> CutMessage:
        if len(self._held) < HEADER.size:
            return CutMessage(held, missing=missing)
        length, number = HEADER.unpack_from(self._held)
        return CutMessage(held, self._bounds.name(number), length, missing)
