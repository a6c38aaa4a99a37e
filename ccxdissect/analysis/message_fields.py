"""What can be asked of a message by name: where it stands in the trace, and every field that is declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from ccxdissect.analysis.schema import Column, ColumnKind, attribute
from ccxdissect.analysis.where import Operand
from ccxdissect.codec.problems import ProblemKind
from ccxdissect.codec.values import NamedValue, is_secret
from ccxdissect.errors import UsageError
from ccxdissect.protocol.codes import label
from ccxdissect.protocol.model import MASK, Fixed, Floating, Kind, MessageClass, Protocol, Side, several
from ccxdissect.stream.events import Record
from ccxdissect.wording import nearest, readable

INTEGER, TEXT = ColumnKind.INTEGER, ColumnKind.TEXT

#: Of a message, all but its fields and its problems.
PLACE = (
    Column("number", INTEGER, "from 1 over everything read", rank=1),
    Column("frame", INTEGER, "the packet that completed it, from 1"),
    Column("time", ColumnKind.TIME, "when that packet was captured", rank=3),
    Column("session", INTEGER, "the session it belongs to, from 1", attribute("session.number"), rank=5),
    Column("from", TEXT, "who sent it", attribute("sender"), rank=4, codes=tuple(side.value for side in Side)),
    Column("src", TEXT, "address of the sender: ip:port, v6 in brackets"),
    Column("dst", TEXT, "address of the receiver"),
    Column(
        "version", INTEGER, "protocol version of the session, when known", attribute("decoded.version"), optional=True
    ),
    Column("type", INTEGER, "the message type's number", attribute("decoded.number")),
    Column(
        "name", TEXT, "the message type's name; UNKNOWN_ and the number for an unknown one", heading="message", rank=1
    ),
    Column(
        "class",
        TEXT,
        "its class",
        lambda record: None if record.decoded.message is None else record.decoded.message.message_class,
        codes=tuple(item.value for item in MessageClass),
        optional=True,
    ),
    Column(
        "kind",
        TEXT,
        "what part it plays",
        lambda record: None if record.decoded.message is None else record.decoded.message.kind,
        codes=tuple(item.value for item in Kind),
        optional=True,
    ),
    Column("length", INTEGER, "bytes of its body", lambda record: len(record.decoded.body)),
)
#: Those that count over everything that is read, so that what is read besides changes them.
COUNTED = frozenset(("number", "frame", "session"))
#: What kinds of problems a message has: for filters, which know facts and no sentences.
_PROBLEMS = Column(
    "problems",
    ColumnKind.LIST,
    "kinds of its problems",
    lambda record: [p.kind for p in record.problems],
    of=TEXT,
    codes=tuple(kind.value for kind in ProblemKind),
)
_BY_NAME = {column.name: column for column in (*PLACE, _PROBLEMS)}


def field_names(protocols: Protocol | Sequence[Protocol]) -> dict[str, tuple[str, ...]]:
    """The names of all declared fields that are not reserved, by their folded form: some come in two ways of writing,
    the one that is used more first."""
    uses: dict[str, Counter[str]] = {}
    for message in (message for protocol in several(protocols) for message in protocol):
        rows = [row for form in message.forms for row in form.fixed] + list(message.floating)
        for name in (row.name for row in rows if not row.reserved):
            uses.setdefault(name.casefold(), Counter())[name] += 1
    return {folded: tuple(name for name, _ in counted.most_common()) for folded, counted in uses.items()}


def field_values(names: Collection[str]) -> Callable[[Record], Iterator[tuple[Any, tuple[str, ...]]]]:
    """What gives a message's values of a field, by any of its names, the fixed ones first, each with its constants'
    names. Secrets are masked."""

    def told(row: Fixed | Floating | None, value: Any) -> tuple[Any, tuple[str, ...]]:
        if is_secret(row):
            return MASK, ()
        if isinstance(value, NamedValue):
            return readable(value.value), (readable(value.name),)
        if isinstance(value, bytes):
            return value.hex(), ()
        if isinstance(value, str):
            return readable(value), ()
        known = label(row.codes, value) if row is not None and row.codes is not None and value is not None else None
        return value, () if known is None else (known,) if isinstance(known, str) else tuple(known)

    def values(record: Record) -> Iterator[tuple[Any, tuple[str, ...]]]:
        for row, _, value in record.decoded.fixed_fields():
            if row.name in names:
                yield told(row, value)
        if record.decoded.spans:
            for field in record.decoded.floating:
                if field.name in names:
                    yield told(field.row, field.value)

    return values


def message_names(protocols: Protocol | Sequence[Protocol]) -> list[str]:
    """The names that `message_operand` knows."""
    return [*_BY_NAME, *(names[0] for names in field_names(protocols).values())]


def message_operand(name: str, protocols: Protocol | Sequence[Protocol]) -> Operand:
    """What a name stands for in an expression over messages. Raises UsageError with the nearest names."""
    column = _BY_NAME.get(name.casefold())
    if column is not None:
        operand = column_operand(column)
        if column.name == "name":
            names = [message.name for protocol in several(protocols) for message in protocol]
            operand = operand._replace(words=(*names, "UNKNOWN_*"))
        return operand
    fields = field_names(protocols)
    known = fields.get(name.casefold())
    if known is None:
        raise UsageError(f"messages have no column or field {name!r}; {nearest(name, message_names(protocols), 12)}")
    return Operand(TEXT, field_values(known), *_constants(known, protocols))


def _constants(names: Collection[str], protocols: Protocol | Sequence[Protocol]) -> tuple[tuple[str, ...], bool]:
    """The names of the constants that a field may hold, and whether none of those so called may hold anything else."""
    found: dict[str, None] = {}
    closed = True
    for message in (message for protocol in several(protocols) for message in protocol):
        rows = [row for form in message.forms for row in form.fixed] + list(message.floating)
        for row in (row for row in rows if row.name in names):
            closed = closed and row.codes is not None
            found |= dict.fromkeys(() if row.codes is None else row.codes.__members__)
    return tuple(found), closed


def column_operand(column: Column) -> Operand:
    """What a column stands for in an expression."""
    value = column.value
    if column.kind is ColumnKind.LIST:

        def items(row: Any) -> Iterable[tuple[Any, tuple[str, ...]]]:
            found = value(row) or ()
            return [(getattr(item, "value", item), ()) for item in found]

        return Operand(column.of if isinstance(column.of, ColumnKind) else TEXT, items, column.codes)
    return Operand(column.kind, lambda row: ((value(row), ()),), column.codes)


def field_column(name: str, protocols: Protocol | Sequence[Protocol]) -> Column | None:
    """A declared field as a column of messages; None when there is no such field. Constants stand with their names."""
    known = field_names(protocols).get(name.casefold())
    if known is None:
        return None
    values = field_values(known)

    def get(record: Record) -> str | None:
        found = [" ".join(names) or str(value) for value, names in values(record) if value is not None]
        return " ".join(found) if found else None

    return Column(known[0], TEXT, f"the field {known[0]}", get, optional=True)
