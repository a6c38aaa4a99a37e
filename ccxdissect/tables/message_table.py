"""One table for each type of message, with a typed column for each of its fields, made from the declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import IntFlag
from typing import Any, NamedTuple

import pyarrow as pa

from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.codec.decoder import Decoded, FloatingField
from ccxdissect.codec.records import open_records
from ccxdissect.codec.values import NamedValue, is_secret
from ccxdissect.protocol.codes import label
from ccxdissect.protocol.model import MASK, Fixed, Floating, Message, Protocol, Repeat, several
from ccxdissect.protocol.types import Reading
from ccxdissect.stream.events import Record
from ccxdissect.tables.arrow import CODED, about, described, text, whole
from ccxdissect.wording import MILLISECOND, SECOND
from ccxdissect.wording.problems import say

_TIME, _DURATION = pa.timestamp("ns", tz="UTC"), pa.duration("ns")
#: ns in what a field counts in.
_UNITS = {"s": SECOND, "ms": MILLISECOND}
_SMALL = {(1, False): pa.uint8(), (2, False): pa.uint16(), (4, False): pa.uint32(), (8, False): pa.uint64(),
          (1, True): pa.int8(), (2, True): pa.int16(), (4, True): pa.int32(), (8, True): pa.int64()}  # fmt: skip

#: Where and when a message was sent: the same columns for every type.
ENVELOPE = (
    described("message", pa.int64(), "its number, from 1 over its capture"),
    described("frame", pa.int64(), "the packet that completed it, from 1"),
    described("time", _TIME, "when that packet was captured"),
    described("session", pa.int64(), "the session it belongs to, from 1 over its capture"),
    described("from", CODED, "who sent it: client or server"),
    described("src", pa.string(), "address of the sender"),
    described("dst", pa.string(), "address of the receiver"),
    described("version", pa.int64(), "protocol version of the session, when known"),
    described("length", pa.int64(), "bytes of its body"),
    described("call", pa.int64(), "the call that it is about, when it names one"),
)
_OTHER = pa.list_(pa.struct([("tag", pa.int32()), ("name", pa.string()), ("value", pa.string())]))
#: What there is beside the declared fields: the same columns for every type.
REST = (
    described(
        "other", _OTHER, "floating fields that are not declared for it, come once too often, or are of odd width"
    ),
    described("undecoded", pa.binary(), "the body's last bytes that no field accounts for; null where there are none"),
    described("problems", pa.list_(pa.string()), "what is wrong with it"),
)


class MessageColumn(NamedTuple):
    """A column for a field: `convert` makes its value one of the column's kind; None: the value does not fit."""

    name: str
    row: Fixed | Floating
    kind: pa.DataType
    convert: Callable[[Any], Any]
    #: Of a time or duration: how many ns the field counts in.
    scale: int = 1

    def columns(self) -> Iterator[pa.Field]:
        """The column, and beside a number with a table of constants another for their names."""
        unit = {"unit": self.row.unit} if self.row.unit else {}
        yield described(self.name, self.kind, self.row.meaning, **unit)
        if self.row.codes is not None:
            flags = issubclass(self.row.codes, IntFlag)
            said = (
                f"the constants' names for the bits of {self.name}" if flags else f"the constant's name for {self.name}"
            )
            yield described(f"{self.name}_name", pa.list_(pa.string()) if flags else CODED, said)

    def put(self, into: dict[str, Any], value: Any) -> bool:
        """Whether the value fitted."""
        converted = self.convert(value)
        if converted is None:
            return False
        into[self.name] = converted
        if self.row.codes is not None and isinstance(value, int):
            into[f"{self.name}_name"] = label(self.row.codes, value)
        return True


class _Records(NamedTuple):
    """A column for a repeated group: a list of structs, with such lists inside."""

    name: str
    repeat: Repeat
    fields: dict[int, MessageColumn]
    inner: tuple[_Records, ...]

    def kind(self) -> pa.DataType:
        columns = [column for field in self.fields.values() for column in field.columns()]
        plain = [column.with_type(pa.string()) if column.type == CODED else column for column in columns]
        return pa.list_(pa.struct([*plain, *(pa.field(one.name, one.kind()) for one in self.inner)]))

    def tags(self) -> set[int]:
        return {*self.fields, *(tag for one in self.inner for tag in one.tags())}

    def make(self, items: list[FloatingField], over: list[FloatingField]) -> list[dict[str, Any]]:
        """The records that the fields make; what does not fit goes to `over`."""
        made = []
        for record in open_records(self.repeat, items):
            row: dict[str, Any] = {}
            inside: list[FloatingField] = []
            for item in record:
                field = self.fields.get(item.tag)
                if field is None:
                    inside.append(item)
                elif field.name in row or not field.put(row, item.value):
                    over.append(item)
            for one in self.inner:
                row[one.name] = one.make([item for item in inside if item.tag in one.tags()], over)
            made.append(row)
        return made


class MessageTable:
    """The table of one type of message (None: types that are not known). Reserved slots have no column, secrets `***`."""

    def __init__(self, message: Message | None, before: tuple[pa.Field, ...] = (), secrets: bool = False) -> None:
        self.secrets = secrets
        self._subjects = SubjectReader()
        #: The columns of fixed fields, and of floating ones that a message has once, by tag.
        self.fixed: dict[str, MessageColumn] = {}
        self.once: dict[int, MessageColumn] = {}
        self._named: dict[int, str] = {}
        self._records: list[_Records] = []
        columns: list[pa.Field] = []
        if message is not None:
            columns = list(self._declare(message))
        name, meaning = ("UNKNOWN", "a message of a type that is not known") if message is None else (
            message.name, message.purpose)  # fmt: skip
        self.schema = pa.schema([*before, *ENVELOPE, *columns, *REST], metadata=about(name, meaning))
        #: Columns that have another name where dialects share the table.
        self.renamed: dict[str, str] = {}

    def join(self, others: Sequence[tuple[str, MessageTable]]) -> None:
        """Make room for what other dialects, each told by its name, have under the name of this type: one table then holds
        them all. What is alike shares a column; what is of another kind there has a column with the dialect's name.
        """
        columns = {field.name.casefold(): field for field in self.schema}
        for dialect, other in others:
            for field in other.schema:
                mine = columns.get(field.name.casefold(), field)
                # SQL takes `lineType` and `LineType` for the same name.
                name = mine.name if mine.type == field.type else f"{field.name}_{dialect}"
                if name != field.name:
                    other.renamed[field.name] = name
                columns.setdefault(name.casefold(), field.with_name(name))
        rest = {field.name for field in REST}
        declared = [field for field in columns.values() if field.name not in rest]
        self.schema = pa.schema([*declared, *REST], metadata=self.schema.metadata)
        for _, other in others:
            other.schema = self.schema

    def _declare(self, message: Message) -> Iterator[pa.Field]:
        taken = {field.name.casefold() for field in (*ENVELOPE, *REST)}

        def free(name: str, tag: int) -> str:
            if name.casefold() in taken:
                name = f"{name}_{tag}"
            taken.add(name.casefold())
            return name

        for form in message.forms:
            for fixed in form.fixed:
                if not fixed.reserved and fixed.name not in self.fixed:
                    self.fixed[fixed.name] = field = _field(free(fixed.name, 0), fixed)
                    yield from field.columns()
        repeated = {}
        for repeat in message.repeats:
            if not all(_is_named(message.tags[tag]) for tag in repeat.tags if tag in message.tags):
                for tag in (*repeat.tags, *(tag for inner in repeat.inner for tag in inner.tags)):
                    repeated[tag] = repeat
        for row in message.floating:
            if row.reserved or row.tag in repeated or row.tag in self.once or row.tag in self._named:
                continue
            if _is_named(row):
                self._named[row.tag] = name = free(row.name, row.tag)
                yield described(name, pa.map_(pa.string(), pa.string()), row.meaning or "named data: name to value")
            else:
                self.once[row.tag] = field = _field(free(row.name, row.tag), row)
                yield from field.columns()
        for repeat in dict.fromkeys(repeated.values()):
            records = _records(repeat, message, free(f"{repeat.count}_records", repeat.tags[0]))
            self._records.append(records)
            yield described(records.name, records.kind(), f"the records that {repeat.count} counts")

    def row(self, record: Record) -> dict[str, Any]:
        """One message as a row by column name; a column that is not in it is null."""
        decoded = record.decoded
        row: dict[str, Any] = {
            "message": record.number,
            "frame": record.frame,
            "time": whole(record.time),
            "session": record.session.number,
            "from": record.sender.value,
            "src": text(record.src),
            "dst": text(record.dst),
            "version": decoded.version,
            "length": len(decoded.body),
            "call": None if decoded.message is None else self._subjects.of(decoded).call,
            "undecoded": decoded.body[len(decoded.body) - decoded.undecoded :] if decoded.undecoded else None,
            "problems": [text(say(problem)) for problem in record.problems],
        }
        for fixed, _, value in decoded.fixed_fields():
            known = self.fixed.get(fixed.name)
            if known is not None:
                known.put(row, value)
        if decoded.spans:
            self._floating(decoded, row)
        for name, new in self.renamed.items():
            if name in row:
                row[new] = row.pop(name)
        return row

    def _floating(self, decoded: Decoded, row: dict[str, Any]) -> None:
        over: list[FloatingField] = []
        grouped: list[list[FloatingField]] = [[] for _ in self._records]
        owner = {tag: place for place, records in enumerate(self._records) for tag in records.tags()}
        for item in decoded.floating:
            if is_secret(item.row) and not self.secrets:
                item = item._replace(value=MASK)
            tag = item.tag
            named = self._named.get(tag)
            if named is not None and isinstance(item.value, NamedValue):
                key = item.value.name if item.value.index is None else f"{item.value.name}[{item.value.index}]"
                row.setdefault(named, []).append((text(key), text(item.value.value)))
            elif tag in self.once and self.once[tag].name not in row and self.once[tag].put(row, item.value):
                pass
            elif tag in owner:
                grouped[owner[tag]].append(item)
            else:
                over.append(item)
        for records, items in zip(self._records, grouped, strict=True):
            if items:
                row[records.name] = records.make(items, over)
        if over:
            row["other"] = [{"tag": item.tag, "name": item.name, "value": _as_text(item.value)} for item in over]


def folder(name: str) -> str:
    """The folder of the table of a type of message."""
    return f"messages/name={name}"


class MessageTables:
    """The tables of every type of one or several protocols, made when first asked for; one name has one table."""

    def __init__(
        self, protocols: Protocol | Sequence[Protocol], before: tuple[pa.Field, ...] = (), secrets: bool = False
    ) -> None:
        self._protocols, self._before, self._secrets = several(protocols), before, secrets
        self._made: dict[Message | None, MessageTable] = {}

    def of(self, message: Message | None) -> MessageTable:
        """The table of a type; None: of the unknown ones."""
        table = self._made.get(message)
        if table is None:
            table = self._made[message] = MessageTable(message, self._before, self._secrets)
            having = [one for one in self._protocols if message is not None and message.name in one.by_name]
            if len(having) > 1 and message is not None:
                made = {}
                for protocol in having:
                    same = protocol.by_name[message.name]
                    made[protocol.dialect] = self._made[same] = MessageTable(same, self._before, self._secrets)
                (_, first), *others = made.items()
                first.join(others)
                table = self._made[message]
        return table

    def every(self) -> Iterator[tuple[str, MessageTable]]:
        """The name and table of every declared type."""
        for name in dict.fromkeys(message.name for protocol in self._protocols for message in protocol):
            yield name, self.of(next(one.by_name[name] for one in self._protocols if name in one.by_name))


def _is_named(row: Floating) -> bool:
    return row.type.reading in (Reading.NAMED_VARIABLE, Reading.NAMED_ARRAY)


def _records(repeat: Repeat, message: Message, name: str) -> _Records:
    fields: dict[int, MessageColumn] = {}
    names: set[str] = set()
    for tag in repeat.tags:
        row = message.tags.get(tag)
        if row is not None and not row.reserved:
            fields[tag] = _field(row.name if row.name not in names else f"{row.name}_{tag}", row)
            names.add(fields[tag].name)
    inner = tuple(_records(one, message, f"{one.count}_records") for one in repeat.inner)
    return _Records(name, repeat, fields, inner)


def _field(name: str, row: Fixed | Floating) -> MessageColumn:
    reading = row.type.reading
    if reading is Reading.TEXT:
        return MessageColumn(name, row, pa.string(), lambda value: text(value) if isinstance(value, str) else None)
    if reading is not Reading.INTEGER:
        return MessageColumn(name, row, pa.binary(), _bytes)
    if row.type.name == "TIME":
        return MessageColumn(name, row, _TIME, lambda value: value * SECOND if isinstance(value, int) else None, SECOND)
    if row.unit in _UNITS and row.codes is None:
        unit = _UNITS[row.unit]
        return MessageColumn(name, row, _DURATION, lambda value: value * unit if isinstance(value, int) else None, unit)
    # A floating BOOL is as wide as its length says.
    size = 8 if isinstance(row, Floating) and row.type.name == "BOOL" else row.type.size or 8
    low, high = (-(1 << 8 * size - 1), 1 << 8 * size - 1) if row.type.signed else (0, 1 << 8 * size)
    return MessageColumn(
        name,
        row,
        _SMALL[size, row.type.signed],
        lambda value: value if isinstance(value, int) and low <= value < high else None,
    )


def _bytes(value: Any) -> bytes | None:
    return value if isinstance(value, bytes) else value.encode() if value == MASK else None


def _as_text(value: Any) -> str | None:
    if isinstance(value, NamedValue):
        index = "" if value.index is None else f"[{value.index}]"
        return text(f"{value.name}{index}={value.value}")
    return None if value is None else value.hex() if isinstance(value, bytes) else text(value)
