"""Which results are kept: the messages that fit a filter, and of everything else what one of these belongs to."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from typing import Any

from ccxdissect.analysis.filters import Filter
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.protocol.model import Protocol
from ccxdissect.stream.events import Event, Record

#: Tells whether a message is kept; asked once for each, in their order.
Predicate = Callable[[Record], bool]
#: What may be given as a filter: also an expression (see `analysis.where`).
Keep = Filter | str | Predicate
#: So many sessions, agents, calls and types are told of when nothing fits, and so many are remembered, to say what may
#: have been meant.
MOST_TOLD = 10
_MOST_SEEN = 10_000


class Numbers:
    """A set of numbers from 0 that takes one bit for each up to the largest."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, number: int) -> None:
        """Take a number."""
        place = number >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits) + (len(self._bits) >> 1)))
        self._bits[place] |= 1 << (number & 7)

    def __bool__(self) -> bool:
        return bool(self._bits)

    def __contains__(self, number: int | None) -> bool:
        if number is None:
            return False
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] >> (number & 7) & 1)


class Seen:
    """What messages there were, for when nothing fits. Bounded."""

    def __init__(self, reader: SubjectReader | None = None) -> None:
        self._reader = reader or SubjectReader()
        #: The times of the first message and of the last, in ns.
        self.first = self.last = 0
        #: What was named, by what it is, in the order in which it came.
        self.names: dict[str, dict[str, None]] = {
            kind: {} for kind in ("session", "agent", "call", "type", "number", "problem")
        }

    def see(self, record: Record) -> None:
        """Take the next message."""
        self.first, self.last = self.first or record.time, record.time
        subject = self._reader.of(record.decoded)
        for kind, names in (
            ("session", (record.session.number,)),
            ("agent", (subject.agent,)),
            ("call", (subject.call,)),
            ("type", (record.name,)),
            ("number", subject.devices),
            ("problem", (problem.kind.value for problem in record.problems)),
        ):
            seen = self.names[kind]
            for name in names:
                if name is not None and len(seen) < _MOST_SEEN:
                    seen[str(name)] = None

    def join(self, other: Seen) -> None:
        """Take what was seen in another reading."""
        if other.first:
            self.first = min(self.first or other.first, other.first)
            self.last = max(self.last, other.last)
        for kind, names in other.names.items():
            seen = self.names[kind]
            for name in names:
                if len(seen) < _MOST_SEEN:
                    seen[name] = None


class Chosen:
    """Messages by their numbers, and (`found_at`) those of which what is found at them is kept: of what is redacted one cannot
    ask for a name."""

    def __init__(self, messages: Numbers, found_at: Numbers) -> None:
        self._messages, self._found_at = messages, found_at

    def __call__(self, record: Record) -> bool:
        """Whether this is one of them."""
        return record.number in self._messages

    def found_at(self, record: Record) -> bool:
        """Whether what is found at it is kept."""
        return record.number in self._found_at


class Kept:
    """What a filter keeps of one reading. `findings_at`: keeps the messages, of which what is found at them is kept; None: the
    same. Memory: a bit for each message and each session."""

    def __init__(
        self,
        keeps: Predicate,
        reader: SubjectReader,
        also: Container[int] = (),
        most: int | None = None,
        findings_at: Predicate | None = None,
    ) -> None:
        self.count = 0
        self._most = most
        #: Of what came before the first message that is kept.
        self.seen = Seen(reader)
        self._also = also
        self._keeps = keeps
        self._findings_at = findings_at
        self._messages = Numbers()
        self._sessions = Numbers()
        self._found_at = self._messages if findings_at is None else Numbers()

    def event(self, event: Event) -> None:
        """Take the next event, before the results that it gives."""
        if not isinstance(event, Record):
            return
        if self.count == self._most:
            return
        if self._findings_at is not None and self._findings_at(event):
            self._found_at.add(event.number)
        if self._keeps(event) or event.number in self._also:
            self.count += 1
            self._messages.add(event.number)
            self._found_at.add(event.number)
            self._sessions.add(event.session.number)
        elif not self.count:
            self.seen.see(event)

    @property
    def chosen(self) -> Chosen:
        """The same messages, and what is found at the same ones, by number."""
        return Chosen(self._messages, self._found_at)

    def places(self, first: int, count: int) -> list[int]:
        """Which of so many messages, from the number `first` on, are kept: their places among these, from 0."""
        return [place for place in range(count) if first + place in self._messages]

    def has(self, kind: str, result: Any) -> bool:
        """Whether a result belongs to a message that is kept."""
        return _BELONGS[kind](self, result)

    def _message(self, record: Any) -> bool:
        return record.number in self._messages

    def _exchange(self, exchange: Any) -> bool:
        return exchange.request in self._messages or exchange.reply in self._messages

    def _story(self, story: Any) -> bool:
        return story.session.number in self._sessions

    def _call(self, story: Any) -> bool:
        return any(step.message in self._messages for step in story.steps)

    def _spell(self, spell: Any) -> bool:
        return spell.message in self._messages

    def _finding(self, finding: Any) -> bool:
        return finding.message in self._found_at if finding.message is not None else finding.session in self._sessions


def _any(kept: Kept, event: object) -> bool:
    """What is asked for with all events is not filtered."""
    return True


_BELONGS: dict[str, Callable[[Kept, Any], bool]] = {
    "messages": Kept._message,
    "exchanges": Kept._exchange,
    "sessions": Kept._story,
    "losses": Kept._story,
    "events": _any,
    "calls": Kept._call,
    "agents": Kept._spell,
    "findings": Kept._finding,
}


def keeping(
    keep: Keep, protocol: Protocol | Sequence[Protocol], reader: SubjectReader, also: Container[int] = ()
) -> Kept | None:
    """What a filter keeps of one reading of a protocol's messages; None when it keeps everything. `also`: the numbers of
    messages that are kept besides."""
    if isinstance(keep, str):
        keep = Filter(where=keep)
    if not isinstance(keep, Filter):
        return Kept(keep, reader, also, findings_at=keep.found_at if isinstance(keep, Chosen) else None)
    test = keep.test(protocol, reader) or _all_of_them
    if not keep:
        return None
    findings_at = keep.test(protocol, reader, with_heartbeats=True) or _all_of_them
    return Kept(test, reader, also, keep.most, findings_at if keep.passes_heartbeats_over else None)


def _all_of_them(record: Record) -> bool:
    """Of what asks for nothing but how many."""
    return True


def wants_calls(keep: Keep | None) -> bool:
    """Whether a filter asks for calls, whose making has to be looked for beforehand: see `making`."""
    return isinstance(keep, Filter) and bool(keep.calls)


def making(keep: Keep, protocol: Protocol | Sequence[Protocol], events: Iterable[Event]) -> frozenset[int]:
    """The requests that made the calls that a filter asks for, by the numbers of their messages, if all else that it asks
    for fits them. `events`: all that there is, read beforehand."""
    if not isinstance(keep, Filter):
        return frozenset()
    # It comes with the pairing of requests, which few filters ask for.
    from ccxdissect.analysis.making import requests_that_made

    return requests_that_made(keep.calls, events, replace(keep, calls=()).test(protocol))
