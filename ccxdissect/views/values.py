"""Values of fields as views show them: secrets masked, flags and codes by name, bytes in hexadecimal."""

from __future__ import annotations

from datetime import datetime, timezone

from ccxdissect.codec.values import MASK, NamedValue, Value, is_secret
from ccxdissect.protocol.codes import label
from ccxdissect.protocol.model import Fixed, Floating
from ccxdissect.protocol.types import TIME
from ccxdissect.views.text import shown


def label_text(row: Fixed | Floating | None, value: object) -> str:
    """The name of a constant, or of flags joined by `|`; empty when the value has none."""
    if row is None or row.codes is None or not isinstance(value, int):
        return ""
    known = label(row.codes, value)
    return "|".join(known) if isinstance(known, list) else known or ""


def plain(row: Fixed | Floating | None, value: Value, secrets: bool = False) -> str:
    """A value in words for a person: escaped, with the constant's name, a TIME as date and time."""
    if is_secret(row) and not secrets:
        return MASK
    if value is None:
        return "(empty)"
    if isinstance(value, NamedValue):
        index = "" if value.index is None else f"[{value.index}]"
        return f"{shown(value.name)}{index} = {shown(value.value)}"
    if isinstance(value, bytes):
        return value.hex() or "(empty)"
    if isinstance(value, str):
        return shown(value) or "(empty)"
    if row is not None and row.type is TIME and 0 < value < 1 << 32:
        return f"{value} ({datetime.fromtimestamp(value, timezone.utc):%Y-%m-%d %H:%M:%S} UTC)"
    known = label_text(row, value)
    return f"{value} ({known})" if known else str(value)
