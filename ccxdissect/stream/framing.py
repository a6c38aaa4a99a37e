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
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ccxdissect.codec.layout import HEADER
from ccxdissect.protocol.model import Protocol

#: In step, a type number above this is taken for damage and not for a message that nobody has declared.
LARGEST_TYPE = 0xFFFF

#: Body bytes that may be decoded in vain for each byte that is passed over out of step, and those to begin with.
_TRIED_A_BYTE = 8
_TRIED_AT_FIRST = 1 << 16


class Framed(NamedTuple):
    """A message: its type and body, and the time (ns) of the packet that brought its first byte."""

    number: int
    body: bytes
    begun: int


class Skipped(NamedTuple):
    """`size` bytes that gave no message, and why.

    `retracted`: how many of them were counted before. `cut`: type and beginning of the body of a cut message.
    """

    size: int
    reason: str
    retracted: int = 0
    cut: tuple[int, bytes] | None = None


class Boundaries:
    """What a header may say, made once from a set of declarations."""

    def __init__(self, protocol: Protocol) -> None:
        self.largest_body = protocol.largest_body
        self.types = frozenset(protocol.by_number)
        self.names = {number: message.name for number, message in protocol.by_number.items()}
        self._pattern = _header_pattern(protocol.largest_body, max(self.types))

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


class Framer:
    """Cuts one direction of one session into messages.

    `fits(number, body)` says whether a body decodes without loss or doubt. Feed it the bytes in order; `feed` and
    `flush` are generators that must be run to their end. Whoever takes a message that did not decode to its last
    byte says so with `doubt`, so that the search goes back there when the next header turns out to be absurd.
    """

    __slots__ = (
        "_allowance",
        "_begun",
        "_bounds",
        "_doubtful",
        "_fits",
        "_fresh",
        "_held",
        "_in_step",
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
        self._begun = 0
        #: Bytes of a cut message that are still to come and mean nothing by themselves.
        self._passing = 0
        #: Out of step: bytes searched in vain so far, why, and whether the search stands at its first byte.
        self._passed = 0
        self._why = "the capture begins inside a message"
        self._fresh = True
        self._doubtful = b""
        #: Body bytes that may yet be tried in vain, and bytes ahead whose passing was counted before.
        self._allowance = _TRIED_AT_FIRST
        self._searched = 0

    @property
    def held_bytes(self) -> int:
        """Bytes kept until more arrive."""
        return len(self._held)

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

    def lend(self) -> tuple[bytes, int] | None:
        """The bytes of an unfinished message and when its first one came, for one who cuts the next bytes elsewhere.

        None when only this framer can go on: out of step, or in the rest of a message whose beginning was lost.
        """
        if not self._in_step or self._passing:
            return None
        return bytes(self._held), self._begun

    def take_back(self, held: bytes, begun: int, found: bool) -> None:
        """Go on from there: what is held now, and whether a whole message was found since `lend`."""
        self._held[:] = held
        self._begun = begun
        self._need = HEADER.size + HEADER.unpack_from(held)[0] if len(held) >= HEADER.size else HEADER.size
        if found:
            self._doubtful = b""

    def feed(self, missing: int, data: bytes, time: int) -> Iterator[Framed | Skipped]:
        """Take the next bytes, of which `missing` were never captured just before `data`. `time` in ns."""
        if missing:
            yield from self._lose(missing)
        if self._passing:
            rest = data[: self._passing]
            self._passing -= len(rest)
            if rest:
                yield Skipped(len(rest), "the rest of a message whose beginning was cut off by missing bytes")
            data = data[len(rest) :]
        begun = time
        if self._held:
            self._held += data
            if len(self._held) < self._need:
                return
            data = bytes(self._held)
            self._held.clear()
            begun = self._begun
        if data:
            yield from self._run(data, begun, time, final=False)

    def flush(self, why: str) -> Iterator[Framed | Skipped]:
        """No more bytes will come; `why` ends the sentence about a message that is cut."""
        yield from self._reconsider()
        yield from self._settle(why)

    def _run(self, data: bytes, begun: int, time: int, final: bool) -> Iterator[Framed | Skipped]:
        at = 0
        size = len(data)
        largest = self._bounds.largest_body
        types = self._bounds.types
        unpack = HEADER.unpack_from
        while True:
            if not self._in_step:
                found, position, need = self._find(data, at, final)
                self._passed += position - at
                self._fresh = self._fresh and self._passed == 0
                if position > at:
                    begun = time
                    counted = min(self._searched, position - at)
                    self._searched -= counted
                    self._allowance += _TRIED_A_BYTE * (position - at - counted)
                at = position
                if not found:
                    break
                yield from self._regain()
            while size - at >= 8:
                length, number = unpack(data, at)
                if length > largest or number > LARGEST_TYPE or (self._doubtful and number not in types):
                    break
                stop = at + 8 + length
                if stop > size:
                    break
                self._doubtful = b""
                yield Framed(number, data[at + 8 : stop], begun)
                begun = time
                at = stop
            else:
                need = 8
                break
            if length <= largest and number <= LARGEST_TYPE and not (self._doubtful and number not in types):
                need = 8 + length
                break
            if self._doubtful and self._allowance > 0:
                again, self._doubtful = self._doubtful, b""
                self._searched += len(again)
                self._allowance -= len(again)
                data, at, size = again + data[at:], 0, len(again) + size - at
                yield Skipped(0, "", retracted=len(again))
            self._doubtful = b""
            self._in_step = False
            self._fresh = False
            self._why = f"a header claims {length} bytes of message type {number}"
        if at < size:
            self._held += data[at:] if at else data
            self._begun = begun
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
            followed = size - stop >= 8
            if followed and not first and not self._bounds.plausible(data, stop):
                continue
            if self._allowance + _TRIED_A_BYTE * (candidate - start) <= 0:
                continue
            if not self._fits(number, data[candidate + 8 : stop]):
                self._allowance -= length
            elif first or followed or final:
                return True, candidate, 8
            else:
                return False, candidate, 8 + length + 8

    def _regain(self) -> Iterator[Skipped]:
        self._in_step = True
        if self._passed:
            yield Skipped(self._passed, f"{self._why}: passed over up to the next plausible header")
        self._passed = 0

    def _lose(self, missing: int) -> Iterator[Framed | Skipped]:
        """`missing` bytes are gone: what that does to the message under way, and whether we stay in step."""
        yield from self._reconsider()
        rest = self._passing
        if self._in_step and len(self._held) >= HEADER.size:
            rest = self._need - len(self._held)
        elif self._held or not self._in_step:
            rest = 0
        yield from self._settle(f"{missing} bytes are missing there")
        if missing <= rest:
            self._passing = rest - missing
        else:
            self._passing = 0
            self._in_step = False
            self._fresh = True
            self._why = f"{missing} bytes are missing before"

    def _reconsider(self) -> Iterator[Framed | Skipped]:
        """A message will not be finished: perhaps its length was wrong, and others lie in what was kept for it."""
        allowance = 4 * _TRIED_A_BYTE * len(self._held)
        while self._in_step and len(self._held) > HEADER.size:
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
            yield Skipped(candidate, f"{self._cut_message()}, where other messages begin")
            self._held.clear()
            yield from self._run(data[candidate:], self._begun, self._begun, final=False)

    def _settle(self, why: str) -> Iterator[Framed | Skipped]:
        """Nothing continues the bytes that are held: give what they hold, and account for the rest."""
        self._doubtful = b""
        if self._held and not self._in_step:
            data = bytes(self._held)
            self._held.clear()
            yield from self._run(data, self._begun, self._begun, final=True)
        if not self._in_step and self._passed:
            yield Skipped(self._passed, f"{self._why}: no plausible header follows")
            self._passed = 0
        if self._held:
            yield Skipped(len(self._held), f"{self._cut_message()}: {why}", 0, self._beginning())
            self._held.clear()
            self._need = HEADER.size

    def _beginning(self) -> tuple[int, bytes] | None:
        if len(self._held) <= HEADER.size:
            return None
        return HEADER.unpack_from(self._held)[1], bytes(self._held[HEADER.size :])

    def _cut_message(self) -> str:
        if len(self._held) < HEADER.size:
            return f"a header is cut after {len(self._held)} of 8 bytes"
        length, number = HEADER.unpack_from(self._held)
        name = self._bounds.names.get(number, f"UNKNOWN_{number}")
        return f"{name} is cut after {len(self._held) - HEADER.size} of its {length} body bytes"
