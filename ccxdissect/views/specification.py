"""The reference text: how a message is laid out, and what is certain about it; from its declaration alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ccxdissect.analysis.schema import Column, ColumnKind, positional
from ccxdissect.protocol.codes import Source
from ccxdissect.protocol.model import Fixed, Floating, Message, Protocol, Repeat
from ccxdissect.views.table import Heading, table

_TEXT, _INTEGER = ColumnKind.TEXT, ColumnKind.INTEGER
LIST = positional(
    "message types",
    "one type of message",
    Column("type", _INTEGER, "its number"),
    Column("message", _TEXT, "its name"),
    Column("class", _TEXT, "its class"),
    Column("kind", _TEXT, "what part it plays"),
    Column("from", _TEXT, "who sends it"),
    Column("answered by", _TEXT, "what replies to it"),
    Column("purpose", _TEXT, "what it is for"),
)
_FIXED = [
    Heading("offset"),
    Heading("bytes", number=True),
    *(Heading(name) for name in ("type", "field", "meaning", "from")),
]
_FLOATING = [
    Heading("tag", number=True),
    Heading("most", number=True),
    *(Heading(name) for name in ("type", "field", "needed", "meaning", "from")),
]


def from_guide(source: Source, protocol: Protocol) -> bool:
    """Whether a fact was read in the protocol's own guide."""
    return source in (Source.GUIDE, protocol.source)


def source_in_words(source: Source, protocol: Protocol) -> str:
    """Where a fact was read, as seen from the protocol that declares it."""
    if from_guide(source, protocol):
        return "guide"
    return {Source.THIRD_PARTY: "third party", Source.INFERRED: "inferred"}.get(source, "sister protocol")


def list_rows(protocol: Protocol) -> list[list[object]]:
    """All messages, one a row."""
    return [
        [
            message.number,
            message.name,
            message.message_class.value,
            message.kind.value,
            message.sender.value,
            ", ".join(message.replies),
            message.purpose,
        ]
        for message in protocol
    ]


def specification(message: Message, protocol: Protocol) -> Iterator[str]:
    """The lines that describe one message."""
    yield f"{message.name}, message type {message.number}"
    yield message.purpose
    yield ""
    yield f"{message.message_class.value} {message.kind.value}, sent by the {message.sender.value}" + (
        f", from protocol version {message.since} on" if message.since else ""
    )
    if message.replies:
        yield f"answered by {' ... '.join(message.replies)}, or by a failure"
    asked = protocol.requests_of.get(message.name)
    if asked:
        yield f"answers {', '.join(request.name for request in asked)}"
    for index, form in enumerate(message.forms):
        if form.fixed or index:
            yield ""
            name = f' "{form.title}", as {form.why} has it' if len(message.forms) > 1 else ""
            yield f"Fixed part{name}"
            yield from table(_FIXED, _fixed_rows(form.fixed, protocol))
    yield ""
    if not message.fields_known:
        yield "Its fields are not known: the source gives its number and its name alone, from which we read what it is for"
    elif message.floating:
        yield "Floating part, in any order"
        yield from table(_FLOATING, _floating_rows(message, protocol))
    else:
        yield "No floating part"
    for repeat in message.repeats:
        yield from _repeat(message, repeat, "")
    if message.one_of:
        names = ", ".join(f"{message.tags[tag].name}[{tag}]" for tag in message.one_of)
        yield f"At least one of {names} has to be there."
    yield ""
    if message.note:
        yield f"Note: {message.note}"
    cited = protocol.citation.format(page=message.page_in(protocol.dialect)).rstrip(", ")
    yield f"Source: {cited}" + ("." if message.complete else ", whose table was cut.")
    if protocol.seen_in_bytes:
        yield _seen(message, protocol)
    if not from_guide(message.number_source, protocol):
        yield f"The message type number was not read there; its source: {source_in_words(message.number_source, protocol)}."
    yield f"Wireshark: {protocol.name}.message_type == {message.number}"


def _seen(message: Message, protocol: Protocol) -> str:
    """Of which versions messages were seen as bytes, and of which there is the guide's word alone."""
    seen = ", ".join(map(str, protocol.seen_in_bytes))
    if not message.fields_known:
        return "Not seen in bytes."
    if message.since > max(protocol.seen_in_bytes):
        return f"Not seen in bytes: it is of version {message.since}, and bytes were seen of versions {seen} alone."
    return f"Bytes of this protocol were seen in versions {seen}, not of every message; the rest is the guide's word alone."


def others_that_have(message: Message, others: Sequence[Protocol]) -> Iterator[str]:
    """A line for each other protocol that has another message under that number."""
    for protocol in others:
        other = protocol.by_number[message.number]
        if other.name != message.name:
            where = f"`ccxdissect spec {message.number} --dialect {protocol.dialect}`"
            yield f"{protocol.title} has {other.name} under that number: {where}"


def _fixed_rows(fixed: tuple[Fixed, ...], protocol: Protocol) -> list[list[object]]:
    rows: list[list[object]] = []
    at = 0
    gated = False
    for field in fixed:
        name = f"{field.name} (reserved)" if field.reserved else field.name
        meaning = field.meaning
        if field.codes is not None:
            meaning += f"; {field.codes.__name__}"
        if field.since:
            meaning += f"; from version {field.since} on"
        gated = gated or bool(field.since)
        rows.append(
            [
                f"{at}" + ("*" if gated and not field.since else ""),
                field.size,
                field.type.name,
                name,
                meaning,
                source_in_words(field.source, protocol),
            ]
        )
        at += field.size
    return rows


def _floating_rows(message: Message, protocol: Protocol) -> list[list[object]]:
    rows: list[list[object]] = []
    for row in message.floating:
        name = f"{row.name} (reserved)" if row.reserved else row.name
        meaning = row.meaning
        if row.codes is not None:
            meaning += f"{'; ' if meaning else ''}{row.codes.__name__}"
        if row.since or row.until:
            meaning += f"{'; ' if meaning else ''}{_versions(row)}"
        rows.append(
            [row.tag, row.size, row.type.name, name, row.need.value, meaning, source_in_words(row.source, protocol)]
        )
    return rows


def _versions(row: Floating) -> str:
    if not row.until:
        return f"from version {row.since} on"
    return f"versions {row.since} to {row.until} only" if row.since else f"up to version {row.until}"


def _repeat(message: Message, repeat: Repeat, indent: str) -> Iterator[str]:
    names = ", ".join(f"{message.tags[tag].name}[{tag}]" for tag in repeat.tags if tag in message.tags)
    most = f", at most {int(repeat.most)}" if repeat.most is not None else ""
    opened = f"; {message.tags[repeat.opener].name} begins each" if repeat.opener is not None else ""
    zero = "; 0 when the one record is in the fixed part" if repeat.zero_means_fixed else ""
    yield f"{indent}{repeat.count} counts the groups of {names}{most}{opened}{zero}."
    for inner in repeat.inner:
        yield from _repeat(message, inner, indent + "  In each, ")
