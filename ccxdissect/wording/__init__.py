"""How things are said, whoever says them: numbers and times here; names, problems, losses and notes in files of their own."""

from __future__ import annotations

from collections.abc import Iterable

MILLISECOND = 1_000_000
SECOND = 1_000_000_000


def plural(count: int, one: str, more: str | None = None) -> str:
    """`1 message`, `3 messages`; `more` is the word for several, where an `s` is not enough."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def seconds(time: int) -> str:
    """A time or duration in ns as seconds, with all the digits the capture gave (six, or nine)."""
    if time >= SECOND and time % 1000 == 0:
        digits = str(time // 1000)
        return f"{digits[:-6]}.{digits[-6:]}"
    sign = "-" if time < 0 else ""
    whole, rest = divmod(abs(time), SECOND)
    return f"{sign}{whole}.{rest // 1000:06d}" if rest % 1000 == 0 else f"{sign}{whole}.{rest:09d}"


def duration(time: int) -> str:
    """A duration in ns as people say it: 850 µs, 12.3 ms, 4.2 s, 3 min 20 s, 2 h 5 min. Rounded, never cut."""
    if time < 0:
        return "-" + duration(-time)
    if time < MILLISECOND - 500:
        return f"{time / 1000:.0f} µs"
    if time < SECOND - MILLISECOND // 20:
        return f"{time / MILLISECOND:.1f} ms"
    if time < 60 * SECOND - SECOND // 20:
        return f"{time / SECOND:.1f} s"
    whole = (time + SECOND // 2) // SECOND
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = (time + 30 * SECOND) // (60 * SECOND)
    return f"{minutes // 60} h {minutes % 60} min"


def meant(name: str, known: Iterable[str]) -> str | None:
    """What may have been meant by a name that is not known: `did you mean A or B?`; None when nothing is like it."""
    from difflib import get_close_matches

    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = [by_folded[match] for match in get_close_matches(name.casefold(), by_folded, 3)]
    return f"did you mean {' or '.join(close)}?" if close else None


def nearest(name: str, known: Iterable[str], most: int = 40) -> str:
    """The same, or else all there is to choose from, or `most` of that."""
    names = list(known)
    return meant(name, names) or f"there are {', '.join(names[:most])}" + (" ..." if len(names) > most else "")


def readable(text: str) -> str:
    """`text` for a program that reads JSON: what no encoding of text has, a byte that is not UTF-8, as `\\xNN`."""
    if text.isascii():
        return text
    return "".join(_without_surrogate(character) for character in text)


def _without_surrogate(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if 0xD800 <= code <= 0xDFFF else character
