"""How text from the wire and names of constants are said."""

from __future__ import annotations

from functools import lru_cache

from ccxdissect.errors import one_line

#: What the names of all constants of one table begin with; and words that begin those of several.
_PREFIXES = ("AGENT_STATE_", "CALLTYPE_", "CEC_", "CTI_SERVICE_", "LCS_")
_FIRST_WORDS = ("E", "CF", "CCX", "CTI", "CONFIG")


def quoted(text: object) -> str:
    """A text from the wire, between quotes, on one line and of bearable length."""
    line = text if text.__class__ is str and text.isprintable() else one_line(str(text))
    return f'"{line[:77]}..."' if len(line) > 80 else f'"{line}"'


@lru_cache(maxsize=1024)
def in_words(name: str) -> str:
    """A constant's name as words, less the prefix that all of its table share: `invalid agent id`."""
    words = less_prefix(name).split("_")
    while len(words) > 1 and words[0] in _FIRST_WORDS:
        words = words[1:]
    return " ".join(words).lower()


def less_prefix(name: str) -> str:
    """A constant's name without the prefix of a table of one: `NOT_READY` of `AGENT_STATE_NOT_READY`."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name
