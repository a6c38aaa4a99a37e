"""Does a message keep to its declaration? What a careful reader of the guide would object to.

These are deviations of content: the message decodes, but something in it is not as its page says. Bytes that do
not decode are `Decoded.problems`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from operator import itemgetter
from typing import NamedTuple

from ccxdissect.bounded import Memo
from ccxdissect.codec.decoder import Decoded
from ccxdissect.codec.layout import CompiledLayout, TagTable
from ccxdissect.codec.records import open_records
from ccxdissect.protocol.model import Message, Need, Repeat
from ccxdissect.protocol.types import Reading


class Rule(Enum):
    """What kind of deviation it is. After each, what `Deviation.detail` holds."""

    REQUIRED_FIELD_MISSING = (
        "required-field-missing"  # names and tags of the fields of which one has to be there, when it is not one alone
    )
    FIELD_TOO_LONG = "field-too-long"  # its bytes, those that are allowed
    COUNT_DISAGREES = "count-disagrees"  # what it says, what the message has
    COUNT_TOO_LARGE = "count-too-large"  # what it says, what is allowed
    RESERVED_SLOT_ODD = "reserved-slot-odd"  # what it holds, what it should hold
    FIELD_NOT_LISTED = "field-not-listed"  # the message's name
    FIELD_TOO_NEW = "field-too-new"  # the first version that has it, the session's
    FIELD_WITHDRAWN = "field-withdrawn"  # the last version that has it, the session's
    MESSAGE_TOO_NEW = "message-too-new"  # the first version that has it, the session's


class Deviation(NamedTuple):
    """One deviation, as facts, among them never the value of a text field. `wording.deviations` says it.

    `name`: of the message, the field or the count concerned; `tag`: of a floating field. `detail`: see Rule.
    """

    rule: Rule
    name: str = ""
    tag: int | None = None
    detail: tuple[str | int | bytes, ...] = ()


class Count(NamedTuple):
    """A count in the fixed part: its position, what it counts (one tag, or the most frequent of several)."""

    position: int
    tags: frozenset[int]
    bits: int
    most: int | None


class Sound:
    """What a message of one layout and version looks like that deviates in nothing. Made once, asked often.

    `keeps` says yes only when `check` would find nothing but reserved slots of the fixed part, of which
    `holds_constants` tells; it may say no to a message that is all right.
    """

    __slots__ = (
        "_constants", "_constants_of", "counts", "one_of", "possible", "required", "reserved", "tags", "whole",
    )  # fmt: skip

    def __init__(self, layout: CompiledLayout, version: int | None) -> None:
        message = layout.message
        names = list(layout.names)
        self.whole = len(layout.fields)
        counted = {repeat.count for repeat in message.repeats}
        #: Whether any message can be said to keep to its declaration without a closer look.
        self.possible = (version is None or version >= message.since) and all(
            names.count(repeat.count) == 1 for repeat in message.repeats
        )
        bit_of = {tag: 1 << place for place, tag in enumerate(message.tags)}
        inner = {tag for repeat in message.repeats for group in repeat.inner for tag in (*repeat.tags, *group.tags)}
        #: The most bytes, and the bit, of each tag that may come without a closer look.
        self.tags = {
            tag: (sys.maxsize if row.type.reading is Reading.INTEGER else row.size, bit_of[tag])
            for tag, row in message.tags.items()
            if (version is None or row.in_version(version))
            and row.name not in counted
            and tag not in inner
            and not (row.reserved and row.constant is not None)
        }
        #: The bits of the fields that have to be there, and those of which one has to.
        self.required = 0
        for row in message.floating:
            if row.need is Need.REQUIRED and not row.reserved:
                self.required |= bit_of[row.tag]
        self.one_of = sum(bit_of[tag] for tag in message.one_of)
        self.counts = [
            Count(
                names.index(repeat.count),
                tags,
                sum(bit_of.get(tag, 0) for tag in tags),
                repeat.most,
            )
            for repeat in (message.repeats if self.possible else ())
            for tags in [frozenset(repeat.tags if repeat.opener is None else (repeat.opener,))]
        ]
        #: The reserved slots of the fixed part by position, and what they should hold.
        self.reserved = [
            (
                position,
                field.constant if field.type.reading is Reading.INTEGER else field.constant.to_bytes(field.size, "big"),
            )
            for position, field in enumerate(layout.fields)
            if field.reserved and field.constant is not None
        ]
        self._constants_of = itemgetter(*(position for position, _ in self.reserved)) if self.reserved else None
        held = tuple(constant for _, constant in self.reserved)
        self._constants: object = held[0] if len(held) == 1 else held

    def keeps(self, decoded: Decoded) -> bool:
        """Whether nothing deviates besides the reserved slots of the fixed part, as far as can be told quickly."""
        fixed = decoded.values
        if len(fixed) != self.whole:
            return False
        present = 0
        tags = self.tags
        try:
            for tag, start, stop in decoded.spans:
                most, bit = tags[tag]
                if stop - start > most:
                    return False
                present |= bit
        except KeyError:
            return False
        if present & self.required != self.required or (self.one_of and not present & self.one_of):
            return False
        for position, counted, bits, limit in self.counts:
            said = fixed[position]
            found = 0
            if present & bits:
                times = Counter(tag for tag, _, _ in decoded.spans if tag in counted)
                found = max(times.values())
            if said != found or (limit is not None and found > limit):
                return False
        return True

    def holds_constants(self, decoded: Decoded) -> bool:
        """Whether the reserved slots of a whole fixed part hold what they should."""
        return self._constants_of is None or self._constants_of(decoded.values) == self._constants


class Shape:
    """What decides about the deviations of messages of one layout: which fields there are, how long those are that are too
    long, and the values of those alone that count something or should be constant."""

    __slots__ = ("_counts", "_longest", "positions")

    def __init__(self, layout: CompiledLayout) -> None:
        repeats = layout.message.repeats
        self._counts = {repeat.count for outer in repeats for repeat in (outer, *outer.inner)}
        #: The fields of the fixed part whose values decide.
        self.positions = tuple(
            position
            for position, field in enumerate(layout.fields)
            if field.name in self._counts or (field.reserved and field.constant is not None)
        )
        #: By tag, the most bytes it may have; BY_VALUE where its value decides.
        self._longest: dict[int, int] = {}

    def of(self, decoded: Decoded) -> tuple[object, ...] | None:
        """The shape of a message; None when it has too many fields to be remembered."""
        spans, values, body = decoded.spans, decoded.values, decoded.body
        if len(spans) > MOST_FIELDS:
            return None
        longest = self._longest
        whole = len(values)
        parts: list[object] = [whole, *(values[position] for position in self.positions if position < whole)]
        for tag, start, stop in spans:
            most = longest.get(tag)
            if most is None:
                most = self.most(decoded.tags, tag)
            parts.append(tag)
            if stop - start > most:
                parts.append(body[start:stop] if most == BY_VALUE else stop - start)
        return tuple(parts)

    def most(self, tags: TagTable, tag: int) -> int:
        """The most bytes that a floating field may have; BY_VALUE where its value decides."""
        row = tags.row(tag)
        most = sys.maxsize
        if row is not None and (row.name in self._counts or (row.reserved and row.constant is not None)):
            most = BY_VALUE
        elif row is not None and row.type.reading is not Reading.INTEGER:
            most = row.size
        if len(self._longest) < _REMEMBERED:
            self._longest[tag] = most
        return most


class Checker:
    """Checks many messages: those that deviate in nothing, which most do, are told apart quickly, and those that deviate
    as others did get the very tuple that these got."""

    def __init__(self) -> None:
        self._sound: Memo[tuple[CompiledLayout, int | None], Sound] = Memo(_REMEMBERED)
        self._shapes: Memo[CompiledLayout, Shape] = Memo(_REMEMBERED)
        self._known: Memo[tuple[object, ...], tuple[Deviation, ...]] = Memo(_REMEMBERED)
        self._next: Decoded | None = None
        self._foretold: tuple[Deviation, ...] = ()

    def foretell(self, decoded: Decoded, deviations: tuple[Deviation, ...]) -> None:
        """How the next message to be asked about deviates, where that is known."""
        self._next, self._foretold = decoded, deviations

    def deviations(self, decoded: Decoded) -> tuple[Deviation, ...]:
        """Every deviation of one message, as `check` gives them."""
        if decoded is self._next:
            return self._foretold
        layout = decoded.layout
        if layout is None:
            return ()
        key = (layout, decoded.version)
        sound = self._sound.get(key)
        if sound is None:
            sound = self._sound.remember(key, Sound(*key))
        if sound.possible and sound.keeps(decoded) and sound.holds_constants(decoded):
            return ()
        shapes = self._shapes.get(layout)
        if shapes is None:
            shapes = self._shapes.remember(layout, Shape(layout))
        shape = shapes.of(decoded)
        if shape is None:
            return tuple(check(decoded))
        known = self._known.get((*key, shape))
        return self._known.remember((*key, shape), tuple(check(decoded))) if known is None else known


#: Versions are whatever a client claims; so many combinations of layout and version are remembered.
_REMEMBERED = 4096
BY_VALUE = -1
#: Floating fields of a message whose deviations are remembered, at most.
MOST_FIELDS = 64


def check(decoded: Decoded) -> list[Deviation]:
    """Every deviation of one message; an unknown type has none, since nothing is declared of it."""
    message = decoded.message
    if message is None:
        return []
    return [
        *_too_new(message, decoded),
        *_missing(message, decoded),
        *_fields(message, decoded),
        *_counts(message, decoded),
        *_reserved_slots(decoded),
        *_reserved_fields(decoded),
    ]


def _too_new(message: Message, decoded: Decoded) -> Iterator[Deviation]:
    version = decoded.version
    if version is not None and version < message.since:
        yield Deviation(Rule.MESSAGE_TOO_NEW, message.name, None, (message.since, version))


def _missing(message: Message, decoded: Decoded) -> Iterator[Deviation]:
    present = {tag for tag, _, _ in decoded.spans}
    for row in message.floating:
        if row.need is Need.REQUIRED and row.tag not in present and not row.reserved:
            yield Deviation(Rule.REQUIRED_FIELD_MISSING, row.name, row.tag)
    if message.one_of and not present.intersection(message.one_of):
        fields = tuple(part for tag in message.one_of for part in (message.tags[tag].name, tag))
        yield Deviation(Rule.REQUIRED_FIELD_MISSING, detail=fields)


def _fields(message: Message, decoded: Decoded) -> Iterator[Deviation]:
    version = decoded.version
    for field in decoded.floating:
        row = field.row
        if row is None:
            continue
        if field.tag not in message.tags:
            yield Deviation(Rule.FIELD_NOT_LISTED, row.name, row.tag, (message.name,))
        if row.type.reading is not Reading.INTEGER and field.size > row.size:
            yield Deviation(Rule.FIELD_TOO_LONG, row.name, row.tag, (field.size, row.size))
        if version is not None and version < row.since:
            yield Deviation(Rule.FIELD_TOO_NEW, row.name, row.tag, (row.since, version))
        elif version is not None and not row.in_version(version):
            yield Deviation(Rule.FIELD_WITHDRAWN, row.name, row.tag, (row.until, version))


def _counts(message: Message, decoded: Decoded) -> Iterator[Deviation]:
    for repeat in message.repeats:
        said = _count_said(repeat, decoded)
        if said is not None:
            tags = Counter(field.tag for field in decoded.floating)
            yield from _compare(repeat, said, _records(repeat, tags))
        for inner in repeat.inner:
            for record in open_records(repeat, decoded.floating):
                held = next((field.value for field in record if field.name == inner.count), None)
                if isinstance(held, int):
                    yield from _compare(inner, held, _records(inner, Counter(field.tag for field in record)))


def _count_said(repeat: Repeat, decoded: Decoded) -> int | None:
    held: object = decoded.fixed.get(repeat.count)
    if held is None:
        held = next((field.value for field in decoded.floating if field.name == repeat.count), None)
    return held if isinstance(held, int) else None


def _records(repeat: Repeat, tags: Counter[int]) -> int:
    if repeat.opener is not None:
        return tags[repeat.opener]
    return max((tags[tag] for tag in repeat.tags), default=0)


def _compare(repeat: Repeat, said: int, found: int) -> Iterator[Deviation]:
    if said != found:
        yield Deviation(Rule.COUNT_DISAGREES, repeat.count, None, (said, found))
    if repeat.most is not None and said > repeat.most:
        yield Deviation(Rule.COUNT_TOO_LARGE, repeat.count, None, (said, int(repeat.most)))


def _reserved_slots(decoded: Decoded) -> Iterator[Deviation]:
    for field, _, value in decoded.fixed_fields():
        if field.reserved and field.constant is not None:
            should = field.constant if isinstance(value, int) else field.constant.to_bytes(field.size, "big")
            if value != should:
                yield Deviation(Rule.RESERVED_SLOT_ODD, field.name, None, (value, field.constant))


def _reserved_fields(decoded: Decoded) -> Iterator[Deviation]:
    for floating in decoded.floating:
        row, held = floating.row, floating.value
        # An integer of impossible width is a problem of its own.
        if row is None or not row.reserved or row.constant is None or not isinstance(held, int):
            continue
        if held != row.constant:
            yield Deviation(Rule.RESERVED_SLOT_ODD, row.name, row.tag, (held, row.constant))
