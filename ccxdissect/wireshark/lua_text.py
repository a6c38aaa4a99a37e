"""Python values as Lua source: what both Lua 5.2 and 5.4 read back as the same value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: Words that may not stand as a bare key of a table.
_KEYWORDS = frozenset({
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
})  # fmt: skip


def literal(value: object) -> str:
    """`value` on one line: None, bool, int, str, sequences (as lists from 1) and mappings (in their order).

    Entries of a mapping whose value is None are left out, as a Lua table has no such entries. Raises TypeError for
    anything else.
    """
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        entries = (f"{_key(key)}={literal(item)}" for key, item in value.items() if item is not None)
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, Sequence):
        return "{" + ", ".join(literal(item) for item in value) + "}"
    raise TypeError(f"{value!r} has no form in Lua")


def _key(key: object) -> str:
    if isinstance(key, str) and key.isidentifier() and key.isascii() and key not in _KEYWORDS:
        return key
    return f"[{literal(key)}]"


def _text(value: str) -> str:
    """A quoted string; everything outside printable ASCII as the decimal escapes of its UTF-8 bytes."""
    pieces = []
    for character in value:
        if character in '"\\':
            pieces.append("\\" + character)
        elif " " <= character <= "~":
            pieces.append(character)
        else:
            pieces += [f"\\{byte:03d}" for byte in character.encode("utf-8", "surrogateescape")]
    return '"' + "".join(pieces) + '"'
