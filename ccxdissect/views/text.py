"""Text that may come from strangers, made safe and readable for a person at a terminal.

A capture can hold anything in its names: escape sequences, line breaks, marks that turn the reading direction. What is
not plainly printable is shown as a backslash escape; a byte that is not UTF-8 as \\xNN.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone

SECOND = 1_000_000_000

#: Everything that a terminal might obey, or that hides or reorders its neighbours; and lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u205f-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}.get(code, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shown(text: str) -> str:
    """`text` as it may be printed: one line, nothing that a terminal obeys."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_escape, text)


def readable(text: str) -> str:
    """`text` for a program that reads JSON: only the bytes that are not UTF-8 are escaped."""
    if text.isascii():
        return text
    return "".join(_escape_surrogate(character) for character in text)


def _escape_surrogate(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if 0xD800 <= code <= 0xDFFF else character


def seconds(time: int) -> str:
    """A time or duration in ns as seconds, with all the digits the capture gave (six, or nine)."""
    sign = "-" if time < 0 else ""
    whole, rest = divmod(abs(time), SECOND)
    return f"{sign}{whole}.{rest // 1000:06d}" if rest % 1000 == 0 else f"{sign}{whole}.{rest:09d}"


def clock(time: int) -> str:
    """The time of day in UTC, to the microsecond: 17:53:37.183000."""
    whole, rest = divmod(time, SECOND)
    try:
        moment = datetime.fromtimestamp(whole, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return seconds(time)
    return f"{moment:%H:%M:%S}.{rest // 1000:06d}"


def date_and_clock(time: int) -> str:
    """Date and time of day in UTC: 2026-11-21 17:53:37.183000."""
    whole, rest = divmod(time, SECOND)
    try:
        moment = datetime.fromtimestamp(whole, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return seconds(time)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{rest // 1000:06d}"


def duration(time: int) -> str:
    """A duration in ns for a person: 850 µs, 12.3 ms, 4.2 s, 3 min 20 s, 2 h 5 min."""
    if time < 0:
        return "-" + duration(-time)
    if time < 1_000_000:
        return f"{time / 1000:.0f} µs"
    if time < SECOND:
        return f"{time / 1_000_000:.1f} ms"
    if time < 60 * SECOND:
        return f"{time / SECOND:.1f} s"
    whole = time // SECOND
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 message`, `3 messages`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
