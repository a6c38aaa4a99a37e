"""Values of fields as views show them: secrets masked, flags and codes by name, bytes in hexadecimal."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import lru_cache

from ccxdissect.codec.values import NamedValue, Value, is_secret
from ccxdissect.protocol.codes import CodeTable, label
from ccxdissect.protocol.model import MASK, Fixed, Floating
from ccxdissect.protocol.types import TIME
from ccxdissect.views.text import shown
from ccxdissect.wording.names import less_prefix


def label_text(row: Fixed | Floating | None, value: object, brief: bool = False) -> str:
    """The name of a constant, or of flags joined by `|`; empty when the value has none. `brief`: without the prefixes that
    all names of their table share."""
    if row is None or row.codes is None or not isinstance(value, int):
        return ""
    return _label(row.codes, value, brief)


@lru_cache(maxsize=4096)
def _label(codes: CodeTable, value: int, brief: bool = False) -> str:
    known = label(codes, value)
    names = known if isinstance(known, list) else [known or ""]
    return "|".join(map(less_prefix, names) if brief else names)


def plain(row: Fixed | Floating | None, value: Value, secrets: bool = False) -> str:
    """A value in words for a person: escaped, with the constant's name, a TIME as date and time."""
    if not secrets and is_secret(row):
        return MASK
    if value is None:
        return "(empty)"
    if isinstance(value, int):
        if row is None:
            return str(value)
        if row.type is TIME and 0 < value < 1 << 32:
            return f"{value} ({datetime.fromtimestamp(value, timezone.utc):%Y-%m-%d %H:%M:%S} UTC)"
        known = _label(row.codes, value) if row.codes is not None else ""
        return f"{value} ({known})" if known else str(value)
    if isinstance(value, NamedValue):
        index = "" if value.index is None else f"[{value.index}]"
        return f"{shown(value.name)}{index} = {shown(value.value)}"
    if isinstance(value, bytes):
        return value.hex() or "(empty)"
    return shown(value) or "(empty)"
