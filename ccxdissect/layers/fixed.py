"""Scapy fields for the fixed part, made from its declarations.

They pack (for building), name and show values. Unpacking a whole message is the codec's work; `getfield` is
there for whatever of Scapy asks a single field.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from scapy.fields import (
    ByteField,
    ConditionalField,
    EnumField,
    Field,
    FlagsField,
    IntField,
    LongField,
    ShortField,
    SignedByteField,
    SignedIntField,
    SignedLongField,
    SignedShortField,
    StrField,
    StrFixedLenField,
)

from ccxdissect.layers.dialect import secrets_shown
from ccxdissect.protocol.codes import Code, CodeTable, Flags, label
from ccxdissect.protocol.model import MASK, Fixed, Mark, Message, Repeat
from ccxdissect.protocol.types import TIME, Reading

_PLAIN = {
    "b": SignedByteField,
    "B": ByteField,
    "h": SignedShortField,
    "H": ShortField,
    "i": SignedIntField,
    "I": IntField,
    "q": SignedLongField,
    "Q": LongField,
}


def number_in(table: CodeTable, name: str) -> int | None:
    """The value of `name`, or of several flag names joined by +, in a table; None when the table lacks it."""
    members = table.__members__
    if issubclass(table, Flags):
        parts = name.split("+") if name else []
        if all(part in members for part in parts):
            value = 0
            for part in parts:
                value |= int(members[part])
            return value
        return None
    return int(members[name]) if name in members else None


class CodeField(EnumField):
    """A number whose values a table names. Takes a name or a number, shows the name."""

    __slots__ = ["table"]

    def __init__(self, name: str, default: int | None, table: CodeTable, fmt: str) -> None:
        self.table = table
        super().__init__(name, default, {int(member): label for label, member in table.__members__.items()}, fmt)

    def any2i_one(self, pkt: Any, x: Any) -> Any:
        """A name becomes its number; ValueError when the table lacks it."""
        if isinstance(x, str):
            value = number_in(self.table, x)
            if value is None:
                raise ValueError(f"{self.name}: {x!r} is not in {self.table.__name__}")
            return value
        return int(x) if isinstance(x, Code) else x


class VersionField(CodeField):
    """The protocol version that a message itself sets; None stands for the version it is built for."""

    def i2m(self, pkt: Any, x: Any) -> Any:
        """The packet's version in place of None."""
        return pkt.built_version if x is None and pkt is not None else super().i2m(pkt, x)


class MaskField(FlagsField):
    """A mask whose bits a table names. Takes `A+B`, a list of names or a number, shows `A+B`."""

    __slots__ = ["table"]

    def __init__(self, name: str, default: int, table: CodeTable, fmt: str, width: int) -> None:
        self.table = table
        bits = {int(member): label for label, member in table.__members__.items() if int(member)}
        # A member without a bit is a name of 0 and nothing to show a bit by.
        super().__init__(name, default, width * 8, bits)
        Field.__init__(self, name, default, fmt)

    def any2i(self, pkt: Any, x: Any) -> Any:
        """Names become a mask; ValueError when the table lacks one."""
        if isinstance(x, str):
            value = number_in(self.table, x)
            if value is None:
                raise ValueError(f"{self.name}: {x!r} is not in {self.table.__name__}")
            x = value
        return super().any2i(pkt, int(x) if isinstance(x, Flags) else x)

    def i2repr(self, pkt: Any, x: Any) -> str:
        """The names of the bits; for no bit at all, the name that has or 0."""
        if isinstance(x, (list, tuple)) or x is None or int(x):
            found: str = super().i2repr(pkt, x)
            return found
        return "+".join(label(self.table, 0) or ()) or "0"

    def addfield(self, pkt: Any, s: bytes, val: Any) -> bytes:
        """Pack strictly: unlike Scapy's, a mask that is too wide is an error and not cut."""
        packed: bytes = self.struct.pack(0 if val is None else int(val))
        return s + packed

    def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, Any]:
        """Unpack."""
        return s[self.sz :], self.m2i(pkt, self.struct.unpack(s[: self.sz])[0])


class SecondsField(IntField):
    """Seconds since the epoch, shown with the date and time (UTC)."""

    def i2repr(self, pkt: Any, x: Any) -> str:
        """`1700000000 (2023-11-14 22:13:20 UTC)`; 0 stays 0."""
        if not isinstance(x, int) or not x:
            return repr(x)
        return f"{x} ({datetime.fromtimestamp(x, timezone.utc):%Y-%m-%d %H:%M:%S} UTC)"


class CountField(Field):
    """How many records follow; None (the default) counts them when the message is built."""

    __slots__ = ["repeat"]

    def __init__(self, name: str, repeat: Repeat, fmt: str) -> None:
        self.repeat = repeat
        super().__init__(name, None, fmt)

    def i2m(self, pkt: Any, x: Any) -> Any:
        """The number of records in place of None."""
        return pkt.count_of(self.repeat) if x is None and pkt is not None else super().i2m(pkt, x)


class ShownIfSet(ConditionalField):
    """A field that is shown only when it holds something; its value can be read and set all the same."""

    def __init__(self, fld: Any) -> None:
        super().__init__(fld, lambda pkt: bool(pkt.getfieldval(fld.name)))

    def i2h(self, pkt: Any, val: Any) -> Any:
        """The value even when the field is not shown."""
        return self.fld.i2h(pkt, val)


class UndecodedField(StrField):
    """The body's last bytes that no field accounts for. Masked where a secret may be among them."""

    def i2repr(self, pkt: Any, x: Any) -> str:
        """The bytes, or how many there are."""
        if x and pkt is not None and pkt.may_hold_secret and not secrets_shown():
            return f"{MASK} ({len(x)} bytes)"
        return repr(x)


def fixed_field(message: Message, field: Fixed) -> Any:
    """The Scapy field for one declared field, with the default that building a message by the codec has."""
    code = field.struct_code
    if field.type.reading is not Reading.INTEGER:
        default = (field.constant or 0).to_bytes(field.size, "big")
        return StrFixedLenField(field.name, default, length=field.size)
    constant = 0 if field.constant is None else int(field.constant)
    if field.mark & Mark.VERSION and field.codes is not None:
        return VersionField(field.name, None, field.codes, code)
    for repeat in message.repeats:
        if repeat.count == field.name and field.constant is None:
            return CountField(field.name, repeat, code)
    if field.codes is not None:
        if issubclass(field.codes, Flags):
            return MaskField(field.name, constant, field.codes, code, field.size)
        return CodeField(field.name, constant, field.codes, code)
    if field.type is TIME:
        return SecondsField(field.name, constant)
    return _PLAIN[code](field.name, constant)
