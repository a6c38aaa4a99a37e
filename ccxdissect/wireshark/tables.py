"""The declarations as Lua tables: what the runtime looks everything up in."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.protocol.codes import Code, Flags, Sense
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import MASK, Fixed, Floating, Mark, Message, Need, Protocol, Repeat, Sign, Trait
from ccxdissect.protocol.telling import LEAD, LOOKED_AT, OWN_TYPE, OWN_VERSION, own_types, port_weights
from ccxdissect.protocol.types import Reading
from ccxdissect.wireshark.filter_fields import OWN_NAMES, FilterField, Row, filter_fields, flag_fields, rows
from ccxdissect.wireshark.lua_text import literal

_READING = {
    Reading.INTEGER: "int",
    Reading.TEXT: "text",
    Reading.OPAQUE: "bytes",
    Reading.NAMED_VARIABLE: "variable",
    Reading.NAMED_ARRAY: "array",
}


def tables(protocol: Protocol) -> Iterator[str]:
    """The lines of Lua that say what is declared. Raises ClashingNames."""
    fields = filter_fields(protocol)
    flags = flag_fields(protocol, frozenset(field.name for field in fields) | frozenset(OWN_NAMES))
    yield "local PROTOCOL = " + literal(
        {
            "name": protocol.name,
            "title": protocol.title,
            "short": protocol.short,
            "ports": ",".join(str(port) for port in (*protocol.ports, *protocol.tls_ports)),
            "wide_tags_since": protocol.wide_tags_since,
            "wide_headers": list(protocol.wide_headers),
            "largest_body": protocol.largest_body,
            "mask": MASK,
        }
    )
    yield ""
    yield "-- What tells the protocols apart whose servers share ports, the usual one first."
    yield from _dialects(protocol)
    yield ""
    yield "-- Constants: value -> name."
    yield from _codes(protocol)
    yield ""
    yield "-- Values that stand for nothing at all, by table."
    yield from _nothing(protocol)
    yield ""
    yield "-- Bits: {name, bit, filter field}, in the order of the guide."
    yield from _flags(protocol, flags)
    yield ""
    yield "-- Filter fields: name -> {type, title, meaning, value strings}."
    yield "local FILTER_FIELDS = {"
    yield from (f"    {_filter_field(field)}," for field in fields)
    yield "}"
    yield ""
    yield "-- Fields as messages have them."
    numbers, lines = _rows(protocol, fields)
    yield "local ROWS = {"
    yield from lines
    yield "}"
    yield ""
    yield "-- What is known of a tag that a message does not list."
    yield "local CATALOGUE = " + literal({tag: numbers[_row_key(row)] for tag, row in protocol.tags.items()})
    yield ""
    yield "local MESSAGES = {"
    for message in protocol.messages:
        yield f"    [{message.number}] = {literal(_message(protocol, message, numbers))},"
    yield "}"


def _dialects(own: Protocol) -> Iterator[str]:
    known = tuple(DIALECTS.values())
    # What is no dialect of ours has nothing to be told apart from.
    protocols = known if any(one is own for one in known) else (own,)
    yield "local DIALECTS = {"
    for protocol in protocols:
        said = {
            "name": protocol.name,
            "first_version": protocol.versions[0],
            "last_version": protocol.versions[-1],
            "ports": port_weights(protocol, protocols),
            "own_types": dict.fromkeys(sorted(own_types(protocol, protocols)), True),
            "signs": [_sign(sign) for sign in protocol.signs],
        }
        yield f"    {literal(said)},"
    yield "}"
    yield "local TELLING = " + literal(
        {"lead": LEAD, "looked_at": LOOKED_AT, "own_version": OWN_VERSION, "own_type": OWN_TYPE}
    )


def _sign(sign: Sign) -> dict[str, object]:
    return {
        "weight": sign.weight,
        "messages": dict.fromkeys(sorted(sign.messages), True) or None,
        "kind": sign.kind.value if sign.kind else None,
        "field": sign.field or None,
        "beside": sign.beside or None,
        "values": list(sign.values) or None,
        "bits": sign.bits or None,
        "other": sign.other,
        "tag": sign.tag or None,
        "without": sign.without or None,
    }


def _tables_used(protocol: Protocol) -> Iterator[type]:
    seen = set()
    for row in rows(protocol):
        if row.codes is not None and row.codes not in seen:
            seen.add(row.codes)
            yield row.codes


def _codes(protocol: Protocol) -> Iterator[str]:
    yield "local CODES = {"
    for table in _tables_used(protocol):
        if not issubclass(table, Flags):
            # The first name of a value is the one that counts, as in the enumeration itself.
            names: dict[int, str] = {}
            for name, member in table.__members__.items():  # type: ignore[attr-defined]
                names.setdefault(member.value, name)
            yield f"    {table.__name__} = {literal(names)},"
    yield "}"


def _nothing(protocol: Protocol) -> Iterator[str]:
    yield "local NOTHING = {"
    for table in _tables_used(protocol):
        if issubclass(table, Code):
            values = {member.value: True for member in table if member.sense is Sense.NOTHING}
            if values:
                yield f"    {table.__name__} = {literal(values)},"
    yield "}"


def _flags(protocol: Protocol, fields: object) -> Iterator[str]:
    assert isinstance(fields, dict)
    yield "local FLAGS = {"
    for table in _tables_used(protocol):
        if issubclass(table, Flags):
            bits = [
                [name, member.value, fields[table.__name__].get(name, "")] for name, member in table.__members__.items()
            ]
            yield f"    {table.__name__} = {literal(bits)},"
    yield "}"


def _filter_field(field: FilterField) -> str:
    said = {
        "kind": field.kind,
        "title": field.title,
        "meaning": field.meaning,
        "codes": None if field.codes is None else field.codes.__name__,
        "flags": field.flags or None,
        "unit": field.unit or None,
    }
    return f"{field.name} = {literal(said)}"


def _row_key(row: Row) -> tuple[object, ...]:
    return tuple((name, value) for name, value in _row(row, "").items())


def _rows(protocol: Protocol, fields: tuple[FilterField, ...]) -> tuple[dict[tuple[object, ...], int], list[str]]:
    names = {id(row): field for field in fields for row in field.rows}
    numbers: dict[tuple[object, ...], int] = {}
    lines = []
    for row in rows(protocol):
        key = _row_key(row)
        if key not in numbers:
            numbers[key] = len(numbers) + 1
            lines.append(f"    {literal(_row(row, names[id(row)].name))},")
    return numbers, lines


def _row(row: Row, field: str) -> dict[str, object]:
    said: dict[str, object] = {
        "name": row.name,
        "field": field,
        "reading": _READING[row.type.reading],
        "type": row.type.name,
        "signed": row.type.signed or None,
        "codes": None if row.codes is None else row.codes.__name__,
        "since": row.since or None,
        "reserved": row.reserved or None,
        "constant": row.constant,
        "marks": " ".join(sorted(name for name, mark in Mark.by_name().items() if row.mark & mark)) or None,
    }
    if isinstance(row, Floating):
        said |= {"tag": row.tag, "most": row.size, "width": row.type.size, "last": row.until or None}
    else:
        said |= {"size": row.size}
    return said


def _message(protocol: Protocol, message: Message, numbers: dict[tuple[object, ...], int]) -> dict[str, object]:
    def numbered(fields: tuple[Fixed, ...]) -> list[int]:
        return [numbers[_row_key(row)] for row in fields]

    return {
        "name": message.name,
        "kind": message.kind.value,
        "sender": message.sender.value,
        "since": message.since or None,
        "fields_unknown": None if message.fields_known else True,
        "traits": " ".join(name for name, trait in Trait.by_name().items() if message.traits & trait) or None,
        "replies": [protocol.by_name[name].number for name in message.replies] or None,
        "forms": [{"title": form.title, "fixed": numbered(form.fixed)} for form in message.forms],
        "own": {tag: numbers[_row_key(row)] for tag, row in message.tags.items()} or None,
        "required": [
            numbers[_row_key(row)]
            for row in message.floating
            if row.need is Need.REQUIRED and not row.reserved and message.tags[row.tag] == row
        ]
        or None,
        "one_of": list(message.one_of) or None,
        "repeats": [_repeat(repeat) for repeat in message.repeats] or None,
    }


def _repeat(repeat: Repeat) -> dict[str, object]:
    return {
        "count": repeat.count,
        "tags": list(repeat.tags),
        "opener": repeat.opener,
        "most": repeat.most,
        "inner": [_repeat(inner) for inner in repeat.inner] or None,
    }
