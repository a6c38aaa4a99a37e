"""How the analysis says things: durations, text from the wire, names of constants."""

from __future__ import annotations

from ccxdissect.errors import one_line

MILLISECOND = 1_000_000
SECOND = 1_000_000_000


def lasting(time: int) -> str:
    """A duration in ns as people say it: `12.3 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`."""
    if time < 0:
        return "-" + lasting(-time)
    if time < SECOND:
        return f"{time / MILLISECOND:.1f} ms"
    if time < 60 * SECOND:
        return f"{time / SECOND:.1f} s"
    whole = time // SECOND
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def quoted(text: object) -> str:
    """A text from the wire, between quotes, on one line and of bearable length."""
    line = one_line(str(text))
    return f'"{line[:77]}..."' if len(line) > 80 else f'"{line}"'


def plural(count: int, one: str) -> str:
    """`1 message`, `3 messages`."""
    return f"{count:,} {one if count == 1 else one + 's'}"


def in_words(name: str) -> str:
    """A constant's name as words, less the prefix that all of its table share: `invalid agent id`."""
    words = name.split("_")
    while len(words) > 1 and words[0] in ("E", "CF", "CCX", "CTI", "CONFIG"):
        words = words[1:]
    return " ".join(words).lower()
