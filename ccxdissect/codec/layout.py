"""Declarations compiled into layouts: the fixed part of one message as one version and one source have it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from ccxdissect.codec.forms import BOOLEAN, NAMED_ARRAY, NAMED_VARIABLE
from ccxdissect.protocol.model import Fixed, Floating, Message, Protocol
from ccxdissect.protocol.types import BOOL, Reading

HEADER = struct.Struct(">II")


@dataclass(frozen=True, eq=False)
class CompiledLayout:
    """One fixed part, ready to be read with one `struct` call.

    `form`: which of the declaration's forms it is (0 = the preferred one). `since`/`until`: the versions, both
    included, that have just these fields (None = without end). `offsets[i]` is where `fields[i]` begins in the body.
    """

    message: Message
    form: int
    since: int
    until: int | None
    fields: tuple[Fixed, ...]
    names: tuple[str, ...]
    packed: struct.Struct
    offsets: tuple[int, ...]
    #: (position, codes, constant) of the fields whose value speaks for or against this layout.
    evidence: tuple[tuple[int, frozenset[int]], ...]

    @property
    def size(self) -> int:
        """Bytes of the fixed part."""
        return self.packed.size

    @property
    def title(self) -> str:
        """What the declaration calls this form."""
        return self.message.forms[self.form].title

    def holds(self, version: int) -> bool:
        """Whether `version` has just these fields."""
        return self.since <= version and (self.until is None or version <= self.until)

    def plausibility(self, values: tuple[int | bytes, ...]) -> int:
        """How many fields hold a constant they should carry or a value their table names."""
        return sum(1 for position, known in self.evidence if values[position] in known)

    def leading(self, room: int) -> int:
        """How many of the fields lie wholly in the first `room` bytes."""
        whole = 0
        for field, offset in zip(self.fields, self.offsets, strict=True):
            if offset + field.size > room:
                break
            whole += 1
        return whole


def _compile(message: Message, form: int, since: int, until: int | None, fields: tuple[Fixed, ...]) -> CompiledLayout:
    offsets = []
    at = 0
    for field in fields:
        offsets.append(at)
        at += field.size
    evidence = []
    for position, field in enumerate(fields):
        if field.reserved and field.constant is not None and field.type.reading is Reading.INTEGER:
            evidence.append((position, frozenset({field.constant})))
        elif field.codes is not None:
            evidence.append((position, frozenset(member.value for member in field.codes.__members__.values())))
    return CompiledLayout(
        message,
        form,
        since,
        until,
        fields,
        tuple(field.name for field in fields),
        struct.Struct(">" + "".join(field.struct_code for field in fields)),
        tuple(offsets),
        tuple(evidence),
    )


def compile_layouts(message: Message) -> tuple[CompiledLayout, ...]:
    """Every layout of a message: each form of the fixed part, newest versions first, in each form."""
    compiled = []
    for form, layout in enumerate(message.forms):
        starts = sorted({field.since for field in layout.fixed} | {0})
        for position in range(len(starts) - 1, -1, -1):
            since = starts[position]
            until = starts[position + 1] - 1 if position + 1 < len(starts) else None
            fields = tuple(field for field in layout.fixed if field.since <= since)
            compiled.append(_compile(message, form, since, until, fields))
    return tuple(compiled)


def _width(row: Floating) -> int:
    if row.type.reading is Reading.NAMED_VARIABLE:
        return NAMED_VARIABLE
    if row.type.reading is Reading.NAMED_ARRAY:
        return NAMED_ARRAY
    if row.type is BOOL:
        return BOOLEAN
    if row.type.reading is not Reading.INTEGER:
        return 0
    return row.type.size or 0


@dataclass(frozen=True, eq=False)
class TagTable:
    """What is known of the tags in one message: its own first, the catalogue's second."""

    own: Mapping[int, Floating]
    catalogue: Mapping[int, Floating]
    #: For each of the message's own tags: the exact width of an integer, 0 = any, negative = to be looked at.
    widths: Mapping[int, int]

    @classmethod
    def of(cls, message: Message | None, protocol: Protocol) -> TagTable:
        """The table of one message, or of an unknown one (None)."""
        own = message.tags if message is not None else {}
        return cls(own, protocol.tags, {tag: _width(row) for tag, row in own.items()})

    def width(self, tag: int) -> int | None:
        """As `widths`, of any tag that is known."""
        row = self.row(tag)
        return None if row is None else _width(row)

    def row(self, tag: int) -> Floating | None:
        """The declaration of a tag, or None when it is unknown."""
        row = self.own.get(tag)
        return row if row is not None or tag not in self.catalogue else self.catalogue[tag]
