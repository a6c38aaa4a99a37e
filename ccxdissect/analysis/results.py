"""What every result can do: be a row of a table or of CSV, and be an object of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

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
    if isinstance(value, Seconds):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json_line(str(key))}:{json_line(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str):
        return json.dumps(readable(value)).replace("\x7f", "\\u007f")
    if isinstance(value, Iterable):
        return "[" + ",".join(json_line(item) for item in value) + "]"
    return json.dumps(value)
