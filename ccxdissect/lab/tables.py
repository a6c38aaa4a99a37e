"""Reading the tables of a scenario file so that every mistake is told with the file, the place and the key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.lab.constants import Constants
from ccxdissect.protocol.model import Protocol
from ccxdissect.wording import meant


def closest(word: str, words: Iterable[str]) -> str:
    """What may have been meant, to be put behind what is wrong: "; did you mean X or Y?", or nothing."""
    said = meant(word, words)
    return "" if said is None else f"; {said}"


class Table:
    """One table of a scenario file. Each reading method takes a key and says what is wrong with its value.

    All of them raise CcxDissectError: "FILE: PLACE.KEY: what is wrong". Without a default, the key must be there.
    """

    def __init__(self, file: str, place: str, values: Mapping[str, Any], protocol: Protocol) -> None:
        self.file = file
        self.place = place
        self.values = values
        #: What the messages, fields and versions that the file names are declared in.
        self.protocol = protocol
        self.codes = Constants(protocol)
        self._known: set[str] = set()

    def wrong(self, key: str, reason: str) -> CcxDissectError:
        """The error to raise about a key ("" = the table itself)."""
        where = ".".join(part for part in (self.place, key) if part)
        return CcxDissectError(one_line(f"{self.file}: {where}: {reason}"))

    def _value(self, key: str, default: Any) -> Any:
        self._known.add(key)
        if key in self.values:
            return self.values[key]
        if default is ...:
            raise self.wrong(key, "is missing")
        return default

    def has(self, key: str) -> bool:
        """Whether the key stands in the table."""
        return key in self.values

    def text(self, key: str, default: Any = ..., most: int = 0, one_of: Iterable[str] = ()) -> Any:
        """A string, of at most `most` bytes in UTF-8 (its NUL not counted), or one of `one_of`."""
        value = self._value(key, default)
        if key not in self.values:
            return value
        if not isinstance(value, str):
            raise self.wrong(key, f"should be a text, is {value!r}")
        if "\0" in value:
            raise self.wrong(key, "holds a NUL character, which ends a text on the wire")
        if most and len(value.encode("utf-8", "surrogateescape")) > most:
            raise self.wrong(key, f"is longer than the {most} bytes that its field takes")
        allowed = tuple(one_of)
        if allowed and value not in allowed:
            raise self.wrong(key, f"{value!r} should be one of {', '.join(allowed)}{closest(value, allowed)}")
        return value

    def integer(self, key: str, default: Any = ..., least: int = 0, most: int = 0xFFFFFFFF) -> Any:
        """A whole number within bounds."""
        value = self._value(key, default)
        if key not in self.values:
            return value
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(key, f"should be a whole number, is {value!r}")
        if not least <= value <= most:
            raise self.wrong(key, f"is {value}, should be from {least} to {most}")
        return value

    def seconds(self, key: str, default: Any = ..., most: float = 86400) -> Any:
        """A duration in seconds, whole or not."""
        value = self._value(key, default)
        if key not in self.values:
            return value
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise self.wrong(key, f"should be a number of seconds, is {value!r}")
        if not 0 <= value <= most:
            raise self.wrong(key, f"is {value}, should be from 0 to {most:g} seconds")
        return float(value)

    def flag(self, key: str, default: Any = ...) -> Any:
        """true or false."""
        value = self._value(key, default)
        if key in self.values and not isinstance(value, bool):
            raise self.wrong(key, f"should be true or false, is {value!r}")
        return value

    def raw(self, key: str, default: Any = ...) -> Any:
        """Whatever stands there, for the caller to check."""
        return self._value(key, default)

    def integers(self, key: str, default: Any = ...) -> tuple[int, ...]:
        """A list of whole numbers."""
        value = self._value(key, default)
        if not isinstance(value, (list, tuple)) or not all(
            isinstance(item, int) and not isinstance(item, bool) and 0 <= item <= 0xFFFFFFFF for item in value
        ):
            raise self.wrong(key, f"should be a list of whole numbers, is {value!r}")
        return tuple(value)

    def texts(self, key: str) -> dict[str, str]:
        """A table of texts; empty when it is not there."""
        value = self._value(key, {})
        if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
            raise self.wrong(key, f"should be a table of texts, is {value!r}")
        return dict(value)

    def tables(self, key: str) -> list[Table]:
        """A list of tables (`[[key]]`), counted from 1 in what is said about them."""
        value = self._value(key, [])
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self.wrong(key, f"should be a list of tables, each begun with [[{key}]]")
        prefix = f"{self.place}." if self.place else ""
        return [
            Table(self.file, f"{prefix}{key}[{number}]", item, self.protocol) for number, item in enumerate(value, 1)
        ]

    def done(self) -> None:
        """Refuses keys that nothing has asked for."""
        for key in self.values:
            if key not in self._known:
                raise self.wrong(key, f"is not known here{closest(key, self._known)}")
