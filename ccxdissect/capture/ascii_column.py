"""The characters that stand beside the bytes of a hexadecimal dump."""

from __future__ import annotations


def past_column(text: str, at: int, data: bytes | bytearray) -> int:
    """Where the ASCII column of a row with `data` ends, if it stands at `at`; else `at` itself.

    White space is skipped on both sides, since pages collapse it. A byte that is not printable is any one character.
    """
    place = at
    size = len(text)
    for byte in data:
        if byte == 0x20:
            continue
        while place < size and text[place].isspace():
            place += 1
        if place >= size or (0x20 < byte < 0x7F and text[place] != chr(byte)):
            return at
        place += 1
    return place
