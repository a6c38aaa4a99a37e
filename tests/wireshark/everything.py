"""Messages of every type, with values in every field, made from the declarations and a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

from captures import ACK, SYN, Sent

from ccxdissect.codec import ONE_ONE, TWO_ONE, TWO_TWO, Encoder, FloatingForm
from ccxdissect.codec.values import NamedValue, Value
from ccxdissect.protocol.model import Fixed, Floating, Mark, Message, Protocol, Side
from ccxdissect.protocol.types import Reading
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

#: The versions at which something changes, and the forms of each.
WAYS: dict[str, tuple[tuple[int, FloatingForm], ...]] = {
    "uccx_cti": ((10, ONE_ONE), (14, ONE_ONE), (17, ONE_ONE), (18, TWO_ONE), (18, TWO_TWO)),
    "ged188": ((9, ONE_ONE), (15, ONE_ONE), (19, ONE_ONE), (20, TWO_TWO), (25, TWO_TWO)),
}
_TEXTS = ("", "2006", "jdoe", "Grüße €", 'a "b" <c>', "x" * 30)
_ODD_TEXTS = (b"\xff\xfe", b"caf\xe9", b"a\0b\0", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80\0", b"no NUL")


def every_message(
    chance: random.Random, version: int, form: FloatingForm, protocol: Protocol
) -> Iterator[tuple[Message, bytes]]:
    """One message of every type and layout; sound, as far as declarations tell."""
    encoder = Encoder(protocol)
    for message in protocol:
        for layout, given in enumerate(message.forms):
            fixed = {row.name: _fixed(chance, row, version) for row in given.fixed if row.since <= version}
            rows = [row for row in message.tags.values() if row.tag <= form.largest_tag]
            fields = [(row.tag, _floating(chance, row)) for row in rows for _ in range(chance.choice((1, 1, 1, 2)))]
            yield (
                message,
                encoder.encode(message, fixed, fields, version=version, form=form, layout=layout),
            )


def conversations(seed: int, openings: bool = True, protocol: Protocol = UCCX_CTI) -> Iterator[Sent]:
    """A session for each dialect, with every message in it; with or without the opening that tells the version."""
    chance = random.Random(seed)
    port = protocol.ports[0]
    for client, (version, form) in enumerate(WAYS[protocol.name], start=50000):
        opening = protocol.by_name["OPEN_REQ"]
        if openings:
            yield Sent(b"", flags=SYN, client=client, port=port)
            yield Sent(b"", False, flags=SYN | ACK, client=client, port=port)
            yield Sent(Encoder(protocol).encode(opening, version=version, form=form), client=client, port=port)
        for message, data in every_message(chance, version, form, protocol):
            if message is not opening:
                yield Sent(data, message.sender is Side.CLIENT, client=client, port=port)


def damaged(seed: int, protocol: Protocol = UCCX_CTI) -> Iterator[Sent]:
    """The same with bytes of most bodies changed, cut off or added; headers stay true, so that all are found."""
    chance = random.Random(seed)
    for sent in conversations(seed, protocol=protocol):
        if not sent.payload:
            yield sent
            continue
        body = bytearray(sent.payload[8:])
        for _ in range(chance.choice((0, 1, 1, 2, 5))):
            if body:
                body[chance.randrange(len(body))] = chance.choice((0, 1, 2, 9, 0x20, 0x41, 0x7F, 0x80, 0xC3, 0xFF))
        change = chance.random()
        if change < 0.2:
            del body[chance.randrange(len(body) + 1) :]
        elif change < 0.4:
            body += bytes(chance.choice((0, 5, 0xC2)) for _ in range(chance.randrange(1, 9)))
        yield sent._replace(payload=len(body).to_bytes(4, "big") + sent.payload[4:8] + bytes(body))


def _fixed(chance: random.Random, row: Fixed, version: int) -> int | bytes:
    if row.mark & Mark.VERSION:
        return version
    if row.type.reading is not Reading.INTEGER:
        return bytes(chance.randrange(256) for _ in range(row.size))
    values = [0, 1, (1 << (8 * row.size - 1)) - 1]
    values += [-1] if row.type.signed else [(1 << 8 * row.size) - 1]
    if row.constant is not None:
        values = [row.constant] * 4 + values
    if row.codes is not None:
        values += [member.value for member in row.codes]
    return chance.choice(values)


def _floating(chance: random.Random, row: Floating) -> Value:
    reading = row.type.reading
    if reading is Reading.TEXT:
        return chance.choice(_TEXTS + _ODD_TEXTS)
    if reading is Reading.NAMED_VARIABLE:
        return NamedValue("BAStatus", chance.choice(_TEXTS))
    if reading is Reading.NAMED_ARRAY:
        return NamedValue("user.rows", chance.choice(_TEXTS), chance.randrange(256))
    if reading is Reading.OPAQUE:
        return bytes(chance.randrange(256) for _ in range(chance.randrange(9)))
    width = row.type.size or 4
    values = [0, 1, (1 << (8 * width - 1)) - 1, -1 if row.type.signed else (1 << 8 * width) - 1]
    if row.codes is not None:
        values += [member.value for member in row.codes]
    return chance.choice(values)
