"""Values of floating fields: from bytes and back, by the way their type is read."""

from __future__ import annotations

from typing import NamedTuple

from ccxdissect.codec.problems import Problem, ProblemKind
from ccxdissect.errors import EncodeError
from ccxdissect.protocol.model import MASK, Fixed, Floating, Mark
from ccxdissect.protocol.types import Reading
from ccxdissect.wording import readable


class NamedValue(NamedTuple):
    """A named variable (index None) or one element of a named array."""

    name: str
    value: str
    index: int | None = None  # type: ignore[assignment]


#: What a field holds. None: an integer field without a byte. bytes: opaque, or an integer of impossible width.
Value = int | str | bytes | NamedValue | None


def text_of(data: bytes) -> str:
    """UTF-8, less one terminating NUL; bytes that are not UTF-8 become lone surrogates, which encode back."""
    if data[-1:] == b"\0":
        data = data[:-1]
    return data.decode("utf-8", "surrogateescape")


def _named(data: bytes) -> tuple[str, str]:
    name, _, value = data.partition(b"\0")
    return name.decode("utf-8", "surrogateescape"), text_of(value)


def read(row: Floating | None, data: bytes) -> Value:
    """The value of a field's data bytes; an unknown tag's (row None) are its bytes."""
    if row is None:
        return data
    reading = row.type.reading
    if reading is Reading.TEXT:
        return text_of(data)
    if reading is Reading.INTEGER:
        if not data:
            return None
        if len(data) > 8:
            return data
        return int.from_bytes(data, "big", signed=row.type.signed)
    if reading is Reading.NAMED_VARIABLE:
        return NamedValue(*_named(data))
    if reading is Reading.NAMED_ARRAY:
        name, value = _named(data[1:])
        return NamedValue(name, value, data[0] if data else None)
    return data


def oddity(row: Floating, data: bytes, offset: int = 0) -> Problem | None:
    """What is wrong with a field's data bytes, which begin at `offset` of the body, for its type; None: nothing."""
    reading = row.type.reading
    kind, detail = None, (row.name,)
    if reading is Reading.INTEGER:
        if row.type.name == "BOOL":
            kind = None if 1 <= len(data) <= 8 else ProblemKind.BOOL_WIDTH
        elif len(data) != (width := row.type.size or 0):
            return Problem(ProblemKind.INTEGER_WIDTH, row.tag, offset, len(data), (row.name, row.type.name, width))
    elif reading in (Reading.NAMED_VARIABLE, Reading.NAMED_ARRAY):
        rest = data[1:] if reading is Reading.NAMED_ARRAY else data
        if reading is Reading.NAMED_ARRAY and not data:
            kind = ProblemKind.NO_INDEX
        elif b"\0" not in rest[:-1]:
            kind = ProblemKind.NO_NUL_BETWEEN
        elif rest[-1:] != b"\0":
            kind = ProblemKind.NO_NUL_AT_END
    return None if kind is None else Problem(kind, row.tag, offset, len(data), detail)


def text_bytes(value: str, terminated: bool = True) -> bytes:
    """A string's bytes, by default with its terminating NUL."""
    return value.encode("utf-8", "surrogateescape") + (b"\0" if terminated else b"")


def write(row: Floating, value: Value) -> bytes:
    """The data bytes of a value; bytes are taken as they are. Raises EncodeError when the value does not fit."""
    if isinstance(value, bytes):
        return value
    reading = row.type.reading
    try:
        if value is None:
            return b""
        if reading is Reading.TEXT and isinstance(value, str):
            return text_bytes(value)
        if reading is Reading.INTEGER and isinstance(value, int):
            return int(value).to_bytes(row.type.size or row.size, "big", signed=row.type.signed)
        if reading is Reading.NAMED_VARIABLE and isinstance(value, tuple):
            name, content = value[:2]
            return text_bytes(name) + text_bytes(content)
        if reading is Reading.NAMED_ARRAY and isinstance(value, tuple):
            name, content, index = value[:3]
            return bytes([index or 0]) + text_bytes(name) + text_bytes(content)
    except (OverflowError, ValueError, AttributeError) as error:
        raise EncodeError(f"{row.name}[{row.tag}]: {_quoted(row, value)} does not fit {row.type.name}") from error
    raise EncodeError(f"{row.name}[{row.tag}]: {_quoted(row, value)} is no {row.type.name}")


def _quoted(row: Floating, value: Value) -> str:
    return MASK if is_secret(row) else repr(value)


def is_secret(row: Fixed | Floating | None) -> bool:
    """Whether a field's value must be masked unless secrets are asked for."""
    return row is not None and bool(row.mark & Mark.SECRET)


def json_value(row: Fixed | Floating | None, value: Value, secrets: bool = False) -> object:
    """What a field's value is in JSON: a number, a string, null, or an object for named data."""
    if is_secret(row) and not secrets:
        return MASK
    if isinstance(value, NamedValue):
        named: dict[str, object] = {"name": readable(value.name), "value": readable(value.value)}
        if value.index is not None:
            named["index"] = value.index
        return named
    if isinstance(value, bytes):
        return value.hex()
    return readable(value) if isinstance(value, str) else value
