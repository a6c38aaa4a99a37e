"""The data types of the protocol: how many bytes each takes and how its value is read.

Source: the guide's page "Message Field Data Types". Every number is big-endian and nothing is aligned.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Reading(Enum):
    """What Python value the bytes of a field become."""

    INTEGER = "integer"  #: int
    TEXT = "text"  #: str, UTF-8; bytes that are not UTF-8 survive as lone surrogates
    OPAQUE = "opaque"  #: bytes
    NAMED_VARIABLE = "named variable"  #: (name, value)
    NAMED_ARRAY = "named array"  #: (index, name, value)


@dataclass(frozen=True)
class DataType:
    """One data type.

    `size` is its width in bytes, or None when the width is the field's own.
    `code` is its letter in the `struct` module ("s" for runs of bytes).
    """

    name: str
    size: int | None
    code: str
    reading: Reading
    signed: bool = False

    def __str__(self) -> str:
        return self.name


CHAR = DataType("CHAR", 1, "b", Reading.INTEGER, signed=True)
UCHAR = DataType("UCHAR", 1, "B", Reading.INTEGER)
SHORT = DataType("SHORT", 2, "h", Reading.INTEGER, signed=True)
USHORT = DataType("USHORT", 2, "H", Reading.INTEGER)
INT = DataType("INT", 4, "i", Reading.INTEGER, signed=True)
UINT = DataType("UINT", 4, "I", Reading.INTEGER)
#: 0 or 1. Two bytes in the type table; a floating BOOL is as wide as its FieldLength says.
BOOL = DataType("BOOL", 2, "H", Reading.INTEGER)
#: Seconds since 1970-01-01 00:00 UTC.
TIME = DataType("TIME", 4, "I", Reading.INTEGER)
STRING = DataType("STRING", None, "s", Reading.TEXT)
UNSPEC = DataType("UNSPEC", None, "s", Reading.OPAQUE)
#: An UNSPEC that the pages read as an 8-byte integer (the configuration keys).
UNSPEC_KEY = DataType("UNSPEC", 8, "Q", Reading.INTEGER)
#: An UNSPEC that the FieldDataID table calls a STRING (the client's password).
UNSPEC_TEXT = DataType("UNSPEC", None, "s", Reading.TEXT)
NAMEDVAR = DataType("NAMEDVAR", None, "s", Reading.NAMED_VARIABLE)
NAMEDARRAY = DataType("NAMEDARRAY", None, "s", Reading.NAMED_ARRAY)
