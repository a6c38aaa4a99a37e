"""Messages of every type for tests: values by type, built with the encoder from the declarations."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.codec import Encoder, FloatingForm, NamedValue, Value, proposed
from ccxdissect.protocol.model import Floating, Message
from ccxdissect.protocol.types import Reading
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

ENCODER = Encoder(UCCX_CTI)
VERSIONS = (10, 11, 12, 13, 14, 17, 18)


def value_for(row: Floating, seed: int = 0) -> Value:
    """A value that fits a floating field, different for different seeds."""
    reading = row.type.reading
    if reading is Reading.INTEGER:
        return (row.tag + seed) % 127
    if reading is Reading.TEXT:
        return f"{row.name}é{seed}"[: max(row.size - 3, 1)]
    if reading is Reading.NAMED_VARIABLE:
        return NamedValue(f"user.v{seed}", "wert")
    if reading is Reading.NAMED_ARRAY:
        return NamedValue("user.a", f"wert {seed}", seed % 256)
    return bytes([row.tag % 256, seed % 256, 0])


def rows_for(message: Message, version: int, form: FloatingForm) -> list[Floating]:
    """The floating fields a message may have in a version and form."""
    return [row for row in message.floating if row.in_version(version) and row.tag <= form.largest_tag]


def every_combination() -> Iterator[tuple[Message, int, FloatingForm, int]]:
    """Each message with each version, each floating form that the version allows, and each of its layouts."""
    for message in UCCX_CTI:
        for version in VERSIONS:
            if version >= message.since:
                for form in proposed(UCCX_CTI, version):
                    for layout in range(len(message.forms)):
                        yield message, version, form, layout


def build(message: Message, version: int, form: FloatingForm, layout: int = 0, seed: int = 0) -> bytes:
    """One message, header included, with every floating field once."""
    floating = [(row.tag, value_for(row, seed)) for row in rows_for(message, version, form)]
    return ENCODER.encode(message, {}, floating, version=version, form=form, layout=layout)
