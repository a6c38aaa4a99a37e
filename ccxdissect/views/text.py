"""Text that may come from strangers, made safe and readable for a person at a terminal.

A capture can hold anything in its names: escape sequences, line breaks, marks that turn the reading direction. What is
not plainly printable is shown as a backslash escape; a byte that is not UTF-8 as \\xNN.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timezone, tzinfo

from ccxdissect.wording import SECOND, seconds

#: Everything that a terminal might obey, or that hides or reorders its neighbours; and what no text has, and so neither
#: UTF-8 nor XML: lone surrogates, U+FFFE, U+FFFF. A pattern, which `re` compiles when it is first asked for: few texts have any.
_UNSAFE = (
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u205f-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
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
    return re.sub(_UNSAFE, _escape, text)


class _Zone:
    """The zone in which times are shown; UTC unless told otherwise. None: that of this machine."""

    chosen: tzinfo | None = timezone.utc
    name = "UTC"


def use_zone(zone: tzinfo | None, name: str) -> None:
    """Show times for people in a zone from now on (None: in that of this machine), called so."""
    _Zone.chosen, _Zone.name = zone, name


def zone() -> tzinfo | None:
    """The zone in which times are shown; None: that of this machine."""
    return _Zone.chosen


def zone_name() -> str:
    """What the zone is called in which times are shown."""
    return _Zone.name


def utc_offset(time: int) -> int:
    """By how many seconds that zone is ahead of UTC at a time; 0 where no calendar reaches."""
    try:
        ahead = datetime.fromtimestamp(time // SECOND, timezone.utc).astimezone(_Zone.chosen).utcoffset()
    except (OverflowError, ValueError, OSError):
        return 0
    return 0 if ahead is None else int(ahead.total_seconds())


def clock(time: int) -> str:
    """The time of day, to the microsecond: 17:53:37.183000. In UTC unless another zone was chosen."""
    whole, rest = divmod(time, SECOND)
    try:
        moment = datetime.fromtimestamp(whole, _Zone.chosen)
    except (OverflowError, ValueError, OSError):
        return seconds(time)
    return f"{moment:%H:%M:%S}.{rest // 1000:06d}"


def date_and_clock(time: int) -> str:
    """Date and time of day: 2026-11-21 17:53:37.183000. In UTC unless another zone was chosen."""
    whole, rest = divmod(time, SECOND)
    try:
        moment = datetime.fromtimestamp(whole, _Zone.chosen)
    except (OverflowError, ValueError, OSError):
        return seconds(time)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{rest // 1000:06d}"


def day_of(time: int) -> str:
    """The day of a time in the zone that was chosen: 2026-11-21."""
    return date_and_clock(time)[:10]


def teller(times: Iterable[int]) -> Callable[[int], str]:
    """How to tell times among which these are: with dates when these are of more than one day."""
    return date_and_clock if len({day_of(time) for time in times}) > 1 else clock


def iso_time(time: int) -> str:
    """A point in time by ISO 8601 with all the digits the capture gave: 2026-11-21T17:53:37.183000Z. In UTC unless another
    zone was chosen (2026-11-21T23:23:37.183000+05:30)."""
    whole, rest = divmod(time, SECOND)
    try:
        moment = datetime.fromtimestamp(whole, timezone.utc).astimezone(_Zone.chosen)
    except (OverflowError, ValueError, OSError):
        return seconds(time)
    digits = f"{rest // 1000:06d}" if rest % 1000 == 0 else f"{rest:09d}"
    ahead = "Z" if _Zone.chosen is timezone.utc else moment.isoformat()[19:]
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{digits}{ahead}"
