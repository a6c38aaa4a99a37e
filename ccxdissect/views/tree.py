"""One message as a tree: each field with its offset and its bytes beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ccxdissect.codec.checks import Checker
from ccxdissect.codec.decoder import Decoded, FloatingField
from ccxdissect.codec.forms import FORMS
from ccxdissect.codec.layout import HEADER
from ccxdissect.codec.records import Group, grouped
from ccxdissect.codec.values import is_secret
from ccxdissect.protocol.model import Fixed, Floating
from ccxdissect.stream.events import Record
from ccxdissect.views.messages import Showing
from ccxdissect.views.text import date_and_clock, shown, zone_name
from ccxdissect.views.values import plain
from ccxdissect.wording import deviations, plural
from ccxdissect.wording.problems import say

#: Bytes of the dump on one line.
WIDTH = 16
_HEX_COLUMNS = WIDTH * 3 - 1


def record_heading(record: Record) -> str:
    """Where and when a message was sent."""
    return (
        f"message {record.number}, frame {record.frame}, {date_and_clock(record.time)} {zone_name()}, "
        f"session {record.session.number}, {record.sender.value} {shown(record.src)} -> {shown(record.dst)}"
    )


_USUAL = Showing()
#: Knows the layouts that it has met.
_CHECKER = Checker()


class TreeNode(NamedTuple):
    """A line of the tree: a field with the bytes it was read from (None for those that a secret hides), or a heading.

    `offset` counts from the header's first byte, and is None for a heading, which has no bytes of its own. `text` may
    be printed as it is.
    """

    depth: int
    offset: int | None
    data: Sequence[int | None]
    text: str


def tree_nodes(decoded: Decoded, showing: Showing = _USUAL, length: int | None = None) -> Iterator[TreeNode]:
    """The header, the fields and what is not decoded, in the order of the wire. `length`: of the whole body, by its
    header, where only its beginning is there."""
    length = len(decoded.body) if length is None else length
    header = HEADER.pack(length, decoded.number)
    yield TreeNode(1, 0, header[:4], f"BodyLength = {length}")
    yield TreeNode(1, 4, header[4:], f"MessageTypeID = {decoded.number} ({decoded.name})")
    if decoded.values:
        layout = decoded.layout
        several = layout is not None and len(layout.message.forms) > 1
        yield _heading(
            0, f"fixed part, {decoded.fixed_size} bytes" + (f' (form "{layout.title}")' if several and layout else "")
        )
        for row, offset, value in decoded.fixed_fields():
            if not row.reserved or showing.reserved:
                data = decoded.body[offset : offset + row.size]
                text = f"{row.name}: {_said(row, value, showing)}"
                yield TreeNode(1, 8 + offset, _masked(row, data, showing), text)
    if decoded.spans and decoded.form is not None:
        size = decoded.spans[-1][2] - decoded.fixed_size
        yield _heading(0, f"floating part, {size} bytes, tag and length {decoded.form.title}")
        yield from _items(decoded, grouped(decoded), 1, showing)
    if decoded.undecoded:
        at = len(decoded.body) - decoded.undecoded
        yield _heading(0, f"undecoded, {decoded.undecoded} bytes")
        yield TreeNode(0, 8 + at, _masked_rest(decoded, at, showing), "")


def _masked_rest(decoded: Decoded, at: int, showing: Showing) -> Sequence[int | None]:
    """The bytes that are not decoded; those of a secret are hidden, where it is one that does not end in the body."""
    rest = decoded.body[at:]
    # Where no field told the form, each may be meant, but only a field of the message's own.
    forms, row_of = (FORMS, decoded.tags.own.get) if decoded.form is None else ((decoded.form,), decoded.tags.row)
    for form in forms:
        row = row_of(int.from_bytes(rest[: form.tag_size], "big"))
        if not showing.secrets and row is not None and is_secret(row):
            return [*rest[: form.header_size], *_masked(row, rest[form.header_size :], showing)]
    return rest


def remarks(decoded: Decoded, showing: Showing = _USUAL, whole: bool = True) -> Iterator[str]:
    """What is to be said below the tree: what is not shown, what is wrong, how a whole message deviates from its
    declaration."""
    hidden = 0 if showing.reserved else sum([row.reserved for row, _, _ in decoded.fixed_fields()])
    if hidden:
        yield f"({plural(hidden, 'reserved slot')} of the fixed part not shown: --reserved)"
    for problem in decoded.problems:
        yield f"problem: {shown(say(problem))}"
    for deviation in _CHECKER.deviations(decoded) if whole else ():
        yield f"note: {shown(deviations.say(deviation))}"


def tree_lines(decoded: Decoded, showing: Showing = _USUAL, length: int | None = None) -> Iterator[str]:
    """The lines of the tree. Offsets count from the header's first byte, in hexadecimal. `length` as of `tree_nodes`: what
    may stand in the rest is not missed."""
    yield title(decoded)
    for node in tree_nodes(decoded, showing, length):
        text = "  " * node.depth + node.text
        if node.offset is None:
            yield f"{'':4}  {'':{_HEX_COLUMNS}}  {text}"
        else:
            yield from _row(node.offset, node.data, text)
    yield from remarks(decoded, showing, length is None)


def title(decoded: Decoded) -> str:
    """What the message is: its name, what it is for, the version it was read by."""
    message = decoded.message
    version = "version unknown" if decoded.version is None else f"version {decoded.version}"
    if message is None:
        return f"{decoded.name}: not a declared message; {version}"
    return (
        f"{message.name} ({message.number}): {message.purpose} {message.message_class.value} {message.kind.value} "
        f"from the {message.sender.value}; {version}"
    )


def _heading(depth: int, text: str) -> TreeNode:
    return TreeNode(depth, None, (), text)


def _items(decoded: Decoded, items: list[FloatingField | Group], depth: int, showing: Showing) -> Iterator[TreeNode]:
    for item in items:
        if isinstance(item, Group):
            yield _heading(depth, f"record {item.number} of {item.repeat.count}")
            yield from _items(decoded, item.items, depth + 1, showing)
            continue
        assert decoded.form is not None
        begin = item.offset - decoded.form.header_size
        data = decoded.body[begin : item.offset]
        content = _masked(item.row, decoded.body[item.offset : item.offset + item.size], showing)
        text = f"{item.name}[{item.tag}]: {_said(item.row, item.value, showing)}"
        yield TreeNode(depth, 8 + begin, data + content if isinstance(content, bytes) else [*data, *content], text)


def _masked(row: Fixed | Floating | None, data: bytes, showing: Showing) -> Sequence[int | None]:
    """The bytes of a field, None for those that a secret hides."""
    return [None] * len(data) if not showing.secrets and is_secret(row) else data


def _said(row: Fixed | Floating | None, value: object, showing: Showing) -> str:
    text = plain(row, value, showing.secrets)  # type: ignore[arg-type]
    return f"{text} (reserved)" if row is not None and row.reserved else text


def _row(offset: int, data: Sequence[int | None], text: str) -> Iterator[str]:
    shown_bytes = ["**" if byte is None else f"{byte:02x}" for byte in data]
    for start in range(0, len(shown_bytes) or 1, WIDTH):
        line = " ".join(shown_bytes[start : start + WIDTH])
        yield f"{offset + start:04x}  {line:<{_HEX_COLUMNS}}  {text if start == 0 else ''}".rstrip()
