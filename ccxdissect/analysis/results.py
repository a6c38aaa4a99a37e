"""What every result can do: be a row of a table or of CSV, and be an object of JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from json.encoder import encode_basestring_ascii
from typing import Any, Protocol

from ccxdissect.wording import readable, seconds


class Seconds(int):
    """A time or duration in ns that is shown in seconds, with every digit the capture gave (six, or nine)."""

    def __str__(self) -> str:
        return seconds(int(self))


def in_seconds(time: int | None) -> Seconds | None:
    """`time` (ns) as Seconds; None stays None."""
    return None if time is None else Seconds(time)


class Result(Protocol):
    """A result of an analysis."""

    @classmethod
    def columns(cls) -> Sequence[str]:
        """The names of the columns of `row`."""

    def row(self) -> list[object]:
        """The result as one row. Texts are as they were on the wire: views escape them."""

    def to_json(self) -> dict[str, object]:
        """The result as an object of JSON; times are Seconds, which `json_line` writes as numbers."""


def json_line(value: object) -> str:
    """A result's `to_json()` as one line of JSON. A double cannot hold ns since 1970, so digits are written out."""
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, Mapping):
        return _object(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Iterable):
        return _array(value)
    return json.dumps(value)


def _text(value: str) -> str:
    line = encode_basestring_ascii(readable(value))
    return line.replace("\x7f", "\\u007f") if "\x7f" in line else line


def _object(value: Mapping[object, object]) -> str:
    return "{" + ",".join([f"{_text(str(key))}:{json_line(item)}" for key, item in value.items()]) + "}"


def _array(value: Iterable[object]) -> str:
    return "[" + ",".join([json_line(item) for item in value]) + "]"


#: What most values are; asking one type after the other takes longer.
_WRITERS: dict[type, Callable[[Any], str]] = {
    Seconds: str,
    str: _text,
    int: int.__repr__,
    type(None): lambda value: "null",
    dict: _object,
    list: _array,
}
