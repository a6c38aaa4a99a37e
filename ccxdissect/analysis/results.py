"""What every result can do: be a row of a table or of CSV, and be an object of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ccxdissect.analysis.wording import SECOND


class Seconds(int):
    """A time or duration in ns that is shown in seconds, with every digit the capture gave (six, or nine)."""

    def __str__(self) -> str:
        sign = "-" if self < 0 else ""
        whole, rest = divmod(abs(int(self)), SECOND)
        return f"{sign}{whole}.{rest // 1000:06d}" if rest % 1000 == 0 else f"{sign}{whole}.{rest:09d}"


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


def _readable(text: str) -> str:
    """`text` without lone surrogates, which no JSON reader takes: a byte that is not UTF-8 becomes `\\xNN`."""
    if text.isascii():
        return text
    return (
        "".join(f"\\x{ord(letter) - 0xDC00:02x}" if 0xDC80 <= ord(letter) <= 0xDCFF else letter for letter in text)
        .encode("utf-8", "backslashreplace")
        .decode()
    )


def json_line(value: object) -> str:
    """A result's `to_json()` as one line of JSON. A double cannot hold ns since 1970, so digits are written out."""
    if isinstance(value, Seconds):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json_line(str(key))}:{json_line(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str):
        return json.dumps(_readable(value)).replace("\x7f", "\\u007f")
    if isinstance(value, Iterable):
        return "[" + ",".join(json_line(item) for item in value) + "]"
    return json.dumps(value)
