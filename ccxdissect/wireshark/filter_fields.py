"""Which filter fields the plugin registers, made from the declarations: one for each name of a field.

Names are `uccx_cti.` and the field's name in snake case. Fields of one name share one filter field, wide enough for
all of them; a name that is an integer in one message and a text in another gets a second filter field. A table of
constants becomes the filter field's value strings only where every message reads the field by that table; where
messages differ, the constant's name stands in the text and in the field `label`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ccxdissect.protocol.codes import CodeTable, Flags
from ccxdissect.protocol.model import Fixed, Floating, Protocol, snake_case
from ccxdissect.protocol.types import TIME, Reading

Row = Fixed | Floating

#: What the runtime registers besides the declared fields (and for what is not declared): name -> why it exists.
OWN_NAMES = (
    "body_length",
    "message_type",
    "version",
    "layout",
    "floating_header",
    "tag",
    "length",
    "label",
    "record",
    "unknown_field",
    "odd_value",
    "undecoded",
    "message",
    "field",
    "response_in",
    "response_to",
    "response_time",
    "stream",
    "client",
    "server",
    "client_name",
    "call",
    "agent",
    "device",
    "encrypted",
)

_SUFFIX = {
    Reading.INTEGER: "",
    Reading.TEXT: "_text",
    Reading.OPAQUE: "_bytes",
    Reading.NAMED_VARIABLE: "_variable",
    Reading.NAMED_ARRAY: "_array",
}
_ORDER = list(_SUFFIX)


class ClashingNames(ValueError):
    """Two filter fields would have one name: the declarations, or the rules here, have to change."""


@dataclass
class FilterField:
    """One filter field. `kind`: what type it is registered as, in the runtime's words."""

    name: str
    title: str
    meaning: str
    reading: Reading
    rows: list[Row] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The registered type: u32, u64, i32, i64, time, text, bytes, or pair (a named variable or array element)."""
        if self.reading is Reading.TEXT:
            return "text"
        if self.reading is Reading.OPAQUE:
            return "bytes"
        if self.reading is not Reading.INTEGER:
            return "pair"
        if all(row.type is TIME for row in self.rows):
            return "time"
        signs = {row.type.signed for row in self.rows}
        # A floating integer is as wide as its own length says, so that only the widest holds all of them.
        wide = any(isinstance(row, Floating) or row.size > 4 for row in self.rows) or len(signs) > 1
        return ("i" if True in signs else "u") + ("64" if wide else "32")

    @property
    def codes(self) -> CodeTable | None:
        """The table of constants that the filter field has as its value strings, if any.

        None where messages read the field by different tables (or some by none, unless they only reserve it),
        where the table is one of bits, and where it names but one special value and not the usual ones.
        """
        tables = {row.codes for row in self.rows if row.codes is not None}
        if len(tables) != 1 or self.reading is not Reading.INTEGER:
            return None
        table = next(iter(tables))
        if issubclass(table, Flags) or len(table.__members__) < 2:
            return None
        if any(row.codes is None and not row.reserved for row in self.rows):
            return None
        return table

    @property
    def unit(self) -> str:
        """The unit of the number, where every message that uses the field counts in it; else empty."""
        units = {row.unit for row in self.rows if not row.reserved}
        return next(iter(units)) if len(units) == 1 and self.codes is None and not self.flags else ""

    @property
    def flags(self) -> bool:
        """Whether the field is a mask, best read in hexadecimal."""
        return any(row.codes is not None and issubclass(row.codes, Flags) for row in self.rows)


def filter_fields(protocol: Protocol) -> tuple[FilterField, ...]:
    """Every filter field of declared fields, in alphabetical order. Raises ClashingNames."""
    groups: dict[str, dict[Reading, list[Row]]] = {}
    for row in rows(protocol):
        groups.setdefault(snake_case(row.name), {}).setdefault(row.type.reading, []).append(row)
    found: dict[str, FilterField] = {}
    for stem, readings in groups.items():
        first = min(readings, key=_ORDER.index)
        for reading, members in readings.items():
            name = stem if reading is first else stem + _SUFFIX[reading]
            if name in found or name in OWN_NAMES:
                raise ClashingNames(f"two filter fields are called {name}")
            found[name] = FilterField(name, members[0].name, members[0].meaning, reading, members)
    return tuple(found[name] for name in sorted(found))


def flag_fields(protocol: Protocol, taken: frozenset[str]) -> Mapping[str, Mapping[str, str]]:
    """For each table of bits, the filter field of each of its flags: table name -> flag name -> filter field.

    The flag's own name, in small letters; the table's name before it where that is taken.
    """
    used = set(taken)
    found: dict[str, dict[str, str]] = {}
    for table in _flag_tables(protocol):
        names = found[table.__name__] = {}
        for flag, member in table.__members__.items():
            if not member.value:
                continue
            name = flag.lower()
            if name in used:
                name = f"{snake_case(table.__name__)}_{name}"
            if name in used:
                raise ClashingNames(f"two filter fields are called {name}")
            used.add(name)
            names[flag] = name
    return found


def rows(protocol: Protocol) -> Iterator[Row]:
    """Every declared field: fixed parts first, then floating fields, then the catalogue."""
    for message in protocol.messages:
        for form in message.forms:
            yield from form.fixed
    for message in protocol.messages:
        yield from message.tags.values()
    yield from protocol.tags.values()


def _flag_tables(protocol: Protocol) -> list[CodeTable]:
    found: list[CodeTable] = []
    for row in rows(protocol):
        if row.codes is not None and issubclass(row.codes, Flags) and row.codes not in found:
            found.append(row.codes)
    return found
