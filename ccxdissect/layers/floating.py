"""Floating fields in Scapy's manner: a packet for each, and the list of them that ends every message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from scapy.config import conf
from scapy.fields import Field, PacketListField
from scapy.packet import Packet

from ccxdissect.codec import values
from ccxdissect.codec.decoder import FloatingField
from ccxdissect.codec.forms import ONE_ONE, TWO_ONE, FloatingForm
from ccxdissect.codec.layout import TagTable
from ccxdissect.codec.values import NamedValue
from ccxdissect.errors import EncodeError
from ccxdissect.layers.blank import fill_slots
from ccxdissect.layers.dialect import secrets_shown
from ccxdissect.layers.fixed import number_in
from ccxdissect.protocol.codes import label
from ccxdissect.protocol.model import MASK, Mark
from ccxdissect.protocol.model import Floating as Row
from ccxdissect.protocol.types import Reading

#: Nothing is known of tags where neither a message nor a protocol says anything.
NO_TAGS = TagTable({}, {}, {})


def tag_named(name: str, table: TagTable) -> int:
    """The tag that a message, or else the catalogue, calls `name`; EncodeError when nothing is called so."""
    for rows in (table.own, table.catalogue):
        named = [row for row in rows.values() if row.name == name]
        if named:
            return min(named, key=lambda row: row.reserved).tag
    raise EncodeError(f"no floating field is called {name}")


class TagField(Field):
    """The tag of a floating field; takes the field's name as well."""

    def any2i(self, pkt: Any, x: Any) -> Any:
        """A name becomes its tag."""
        return tag_named(x, NO_TAGS if pkt is None else pkt.table) if isinstance(x, str) else x

    def i2repr(self, pkt: Any, x: Any) -> str:
        """The field's name and the tag."""
        return repr(x) if pkt is None else f"{pkt.title}[{x}]"


class ValueField(Field):
    """The value of a floating field: int, str, bytes, NamedValue or None, as its tag has it."""

    def any2i(self, pkt: Any, x: Any) -> Any:
        """As it is; a name in the tag's table becomes its number when the message is built."""
        return bytes(x) if isinstance(x, bytearray) else x

    def i2repr(self, pkt: Any, x: Any) -> str:
        """The value; the constant's name where it has one; `***` for a secret."""
        return repr(x) if pkt is None else shown_value(pkt.row, x)

    def randval(self) -> None:
        """Left alone by fuzz(): what fits depends on the tag."""


def shown_value(row: Row | None, value: Any) -> str:
    """A value for people to read, everything unprintable escaped."""
    if row is not None and row.mark & Mark.SECRET and not secrets_shown():
        return MASK
    if isinstance(value, NamedValue):
        index = "" if value.index is None else f"[{value.index}]"
        return f"{value.name!r}{index} = {value.value!r}"
    if row is not None and row.codes is not None and isinstance(value, int):
        known = label(row.codes, value)
        if known:
            return known if isinstance(known, str) else "+".join(known)
    return repr(value)


class Floating(Packet):
    """One floating field: `Floating(tag="ClientID", value="x")`.

    `tag`: number or name. `value`: int, str, bytes (taken as they are), (name, value) or (name, value, index)
    for named variables and arrays, or a name from the tag's table of constants. `length`: None for the true
    one. By itself it is built and read in the form 1+1, or 2+1 when its tag needs that; in a message, in the
    message's.
    """

    name = "Floating"
    fields_desc: ClassVar[list[Any]] = [
        TagField("tag", 0, "H"),
        Field("length", None, "H"),
        ValueField("value", b"", "s"),
    ]
    #: The tags known where the field stands; its form, when it stands by itself.
    table: TagTable = NO_TAGS
    form: FloatingForm = ONE_ONE
    #: The data bytes as they came, until tag or value are changed: what is not touched is built as it was.
    _data: bytes | None = None

    @classmethod
    def of(cls, field: FloatingField, table: TagTable, data: bytes, parent: Packet | None) -> Floating:
        """A decoded field with the data bytes it was read from."""
        found: Floating = cls.__new__(cls)
        fill_slots(found, cls)
        found.fields = {"tag": field.tag, "value": field.value}
        found.parent = parent
        found.__dict__["table"] = table
        found.__dict__["_data"] = data
        return found

    def place(self, table: TagTable) -> None:
        """Let the field know the tags of the message it stands in."""
        self.__dict__["table"] = table

    @property
    def row(self) -> Row | None:
        """The declaration of its tag; None when the tag is unknown."""
        tag = self.getfieldval("tag")
        return self.table.row(tag) if isinstance(tag, int) else None

    @property
    def title(self) -> str:
        """The guide's name for its tag, or UNKNOWN_ and the tag."""
        row = self.row
        return row.name if row is not None else f"UNKNOWN_{self.getfieldval('tag')}"

    def data(self) -> bytes:
        """Its data bytes. Raises EncodeError when the value does not fit the tag's type."""
        if self._data is not None:
            return self._data
        return write_value(self.row, self.title, self.getfieldval("value"))

    def pack(self, form: FloatingForm) -> bytes:
        """Tag, length and data in one form. Raises EncodeError when they do not fit it."""
        data = self.data()
        tag = int(self.getfieldval("tag"))
        length = self.getfieldval("length")
        length = len(data) if length is None else int(length)
        if not 0 <= tag <= form.largest_tag:
            raise EncodeError(f"tag {tag} does not fit the form {form.title}")
        if not 0 <= length <= form.largest_length:
            raise EncodeError(f"{self.title}[{tag}] has {length} bytes, too many for {form.title}")
        return form.header.pack(tag, length) + data

    def setfieldval(self, attr: str, val: Any) -> None:
        """Set a field; tag and value put an end to the bytes that came."""
        if attr != "length":
            self.__dict__["_data"] = None
        super().setfieldval(attr, val)

    def self_build(self) -> bytes:
        """The field in its own form."""
        return self.pack(TWO_ONE if self.getfieldval("tag") > self.form.largest_tag else self.form)

    def dissect(self, s: bytes) -> None:
        """Read one field in the form 1+1; more bytes than it has are padding."""
        spans, _ = self.form.walk(s, 0, min(len(s), self.form.header_size + (s[1] if len(s) > 1 else 0)))
        if not spans:
            self.add_payload(conf.raw_layer(s))
            return
        tag, start, stop = spans[0]
        data = s[start:stop]
        self.fields = {"tag": tag, "value": values.read(self.table.row(tag), data)}
        self.__dict__["_data"] = data
        if s[stop:]:
            self.add_payload(conf.padding_layer(s[stop:]))

    def copy(self) -> Floating:
        """A copy that keeps the bytes as they came."""
        clone: Floating = super().copy()
        clone.__dict__.update(self.__dict__)
        return clone

    def clone_with(self, payload: Any = None, **kargs: Any) -> Floating:
        """As Scapy's, with the bytes as they came."""
        clone: Floating = super().clone_with(payload, **kargs)
        clone.__dict__.update(self.__dict__)
        return clone

    def _command(self, json: bool = False) -> list[tuple[str, Any]]:
        # What command() and json() are made of; secrets are masked there as well.
        tag, length, value = (self.getfieldval(name) for name in ("tag", "length", "value"))
        if self.row is not None and self.row.mark & Mark.SECRET and not secrets_shown():
            value = MASK
        elif isinstance(value, NamedValue):
            value = list(value) if json else tuple(value)
        elif json and isinstance(value, bytes):
            value = value.hex()
        elif json and isinstance(value, str):
            # Bytes that are not UTF-8 stay visible, and the text stays JSON.
            value = value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        if json:
            return [("tag", tag), ("name", self.title), ("value", value)]
        if self._data is not None and value != MASK and self._data != _plain(self.row, value):
            value = self._data
        found = [("tag", repr(tag)), ("value", repr(value))]
        return found if length is None else [*found, ("length", repr(length))]

    def __repr__(self) -> str:
        colors = conf.color_theme
        name = colors.field_name(self.title)
        value = colors.field_value(shown_value(self.row, self.getfieldval("value")))
        return f"{colors.punct('<')}{name}{colors.punct('=')}{value}{colors.punct('>')}"

    def _show_or_dump(
        self, dump: bool = False, indent: int = 3, lvl: str = "", label_lvl: str = "", first_call: bool = True
    ) -> str | None:
        # One line is all it takes; Scapy would spend four.
        from scapy.themes import AnsiColorTheme

        colors = AnsiColorTheme() if dump else conf.color_theme
        row, tag = self.row, self.getfieldval("tag")
        name = f"{self.title}[{tag}]"
        length = self.getfieldval("length")
        text = shown_value(row, self.getfieldval("value")) + ("" if length is None else f" (length {length})")
        head = f"{label_lvl}{lvl}{colors.field_name(name)}{' ' * max(0, 24 - len(name))}"
        line = f"{head} = {colors.field_value(text)}\n"
        if first_call and not dump:
            print(line, end="")
            return None
        return line


def _plain(row: Row | None, value: Any) -> bytes | None:
    """The bytes that a value is usually built as; None when it cannot be built."""
    try:
        return write_value(row, "", value)
    except EncodeError:
        return None


def write_value(row: Row | None, title: str, value: Any) -> bytes:
    """The data bytes of a value; an unknown tag (row None) takes bytes only. Raises EncodeError."""
    if row is None:
        if isinstance(value, bytes):
            return value
        raise EncodeError(f"{title} is an unknown tag: its value has to be bytes")
    if isinstance(value, str) and row.codes is not None and row.type.reading is Reading.INTEGER:
        number = number_in(row.codes, value)
        if number is None:
            raise EncodeError(f"{title}: {value!r} is not in {row.codes.__name__}")
        value = number
    if isinstance(value, (tuple, list)) and len(value) not in (2, 3):
        raise EncodeError(f"{title}: (name, value) or (name, value, index) is what it takes")
    if isinstance(value, (tuple, list)):
        value = NamedValue(*value)
    try:
        return values.write(row, value)
    except EncodeError:
        if row.mark & Mark.SECRET:
            # The codec's text quotes the value.
            raise EncodeError(f"{title}: the value does not fit {row.type.name}") from None
        raise


class FloatingListField(PacketListField):
    """The floating fields of a message.

    Takes a list (or any iterable) of Floating packets and of (name or tag, value) pairs, or a mapping.
    """

    __slots__ = ["table"]

    def __init__(self, name: str, table: TagTable, cls: type[Floating]) -> None:
        self.table = table
        super().__init__(name, [], cls)

    def any2i(self, pkt: Any, x: Any) -> list[Floating]:
        """A list of Floating packets."""
        if x is None:
            return []
        if isinstance(x, Floating) or (isinstance(x, tuple) and len(x) == 2 and isinstance(x[0], (str, int))):
            x = [x]
        entries: Iterable[Any] = x.items() if isinstance(x, Mapping) else x
        return [self.one(pkt, entry) for entry in entries]

    def one(self, pkt: Any, entry: Any) -> Floating:
        """One entry as a Floating packet; raises EncodeError."""
        if not isinstance(entry, Floating):
            if not isinstance(entry, (tuple, list)) or len(entry) != 2:
                given = type(entry).__name__
                raise EncodeError(f"a floating field is a Floating or a (name or tag, value) pair, not {given}")
            key, value = entry
            entry = self.cls(tag=tag_named(key, self.table) if isinstance(key, str) else key, value=value)
        entry.place(self.table)
        if pkt is not None:
            entry.add_parent(pkt)
        return entry

    def addfield(self, pkt: Any, s: bytes, val: Any) -> bytes:
        """All of them in the form of the message; a count that is None counts what follows it."""
        fields = self.any2i(pkt, val)
        form = pkt.built_form
        for position, field in enumerate(fields):
            if field.getfieldval("value") is None and field._data is None:
                counted = pkt.counted_by(fields, position)
                if counted is not None:
                    field = self.cls(tag=field.getfieldval("tag"), value=counted)
                    field.place(self.table)
            s += field.pack(form)
        return s

    def i2repr(self, pkt: Any, x: Any) -> str:
        """The fields, secrets masked."""
        return repr(x)

    def randval(self) -> None:
        """Left alone by fuzz()."""
