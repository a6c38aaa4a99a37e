"""Does a message keep to its declaration? What a careful reader of the guide would object to.

These are deviations of content: the message decodes, but something in it is not as its page says. Bytes that do
not decode are `Decoded.problems`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from ccxdissect.codec.decoder import Decoded
from ccxdissect.codec.records import open_records
from ccxdissect.protocol.model import Message, Need, Repeat
from ccxdissect.protocol.types import Reading


class Rule(Enum):
    """What kind of deviation it is."""

    REQUIRED_FIELD_MISSING = "required-field-missing"
    FIELD_TOO_LONG = "field-too-long"
    COUNT_DISAGREES = "count-disagrees"
    COUNT_TOO_LARGE = "count-too-large"
    RESERVED_SLOT_ODD = "reserved-slot-odd"
    FIELD_NOT_LISTED = "field-not-listed"
    FIELD_TOO_NEW = "field-too-new"
    MESSAGE_TOO_NEW = "message-too-new"


class Deviation(NamedTuple):
    """One deviation, in one sentence that names fields but never the value of a text field."""

    rule: Rule
    text: str


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
        *_reserved(decoded),
    ]


def _too_new(message: Message, decoded: Decoded) -> Iterator[Deviation]:
    version = decoded.version
    if version is not None and version < message.since:
        yield Deviation(
            Rule.MESSAGE_TOO_NEW, f"{message.name} exists from version {message.since} on, the session has {version}"
        )


def _missing(message: Message, decoded: Decoded) -> Iterator[Deviation]:
    present = {tag for tag, _, _ in decoded.spans}
    for row in message.floating:
        if row.need is Need.REQUIRED and row.tag not in present and not row.reserved:
            yield Deviation(Rule.REQUIRED_FIELD_MISSING, f"required field {row.name}[{row.tag}] is missing")
    if message.one_of and not present.intersection(message.one_of):
        names = ", ".join(f"{message.tags[tag].name}[{tag}]" for tag in message.one_of)
        yield Deviation(Rule.REQUIRED_FIELD_MISSING, f"at least one of {names} has to be there")


def _fields(message: Message, decoded: Decoded) -> Iterator[Deviation]:
    version = decoded.version
    for field in decoded.floating:
        row = field.row
        if row is None:
            continue
        if field.tag not in message.tags:
            yield Deviation(Rule.FIELD_NOT_LISTED, f"{row.name}[{row.tag}] is not listed for {message.name}")
        if row.type.reading is not Reading.INTEGER and field.size > row.size:
            yield Deviation(
                Rule.FIELD_TOO_LONG, f"{row.name}[{row.tag}] has {field.size} bytes, at most {row.size} are allowed"
            )
        if version is not None and version < row.since:
            yield Deviation(
                Rule.FIELD_TOO_NEW,
                f"{row.name}[{row.tag}] exists from version {row.since} on, the session has {version}",
            )


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
        yield Deviation(Rule.COUNT_DISAGREES, f"{repeat.count} says {said}, the message has {found}")
    if repeat.most is not None and said > repeat.most:
        yield Deviation(Rule.COUNT_TOO_LARGE, f"{repeat.count} says {said}, at most {int(repeat.most)} are allowed")


def _reserved(decoded: Decoded) -> Iterator[Deviation]:
    for field, _, value in decoded.fixed_fields():
        if field.reserved and field.constant is not None:
            should = field.constant if isinstance(value, int) else field.constant.to_bytes(field.size, "big")
            if value != should:
                held = value if isinstance(value, int) else "0x" + value.hex()
                yield Deviation(
                    Rule.RESERVED_SLOT_ODD, f"reserved slot {field.name} holds {held}, it should hold {field.constant}"
                )
    for floating in decoded.floating:
        row = floating.row
        if row is not None and row.reserved and row.constant is not None and floating.value not in (row.constant, None):
            yield Deviation(
                Rule.RESERVED_SLOT_ODD,
                f"reserved field {row.name}[{row.tag}] holds {floating.value!r}, it should hold {row.constant}",
            )
