"""How the analysis says things: text from the wire, names of constants."""

from __future__ import annotations

from ccxdissect.errors import one_line


def quoted(text: object) -> str:
    """A text from the wire, between quotes, on one line and of bearable length."""
    line = one_line(str(text))
    return f'"{line[:77]}..."' if len(line) > 80 else f'"{line}"'


def in_words(name: str) -> str:
    """A constant's name as words, less the prefix that all of its table share: `invalid agent id`."""
    words = name.split("_")
    while len(words) > 1 and words[0] in ("E", "CF", "CCX", "CTI", "CONFIG"):
        words = words[1:]
    return " ".join(words).lower()
