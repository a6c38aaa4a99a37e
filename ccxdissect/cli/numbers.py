"""Numbers as they are typed on the command line; argparse makes wrong usage of what they refuse.

Python takes more for a number than people mean: `²`, `٣`, `1_000`, `nan`, five thousand digits.
"""

from __future__ import annotations

from argparse import ArgumentTypeError

#: No number that anybody means has more characters.
_LONGEST = 24


def digits(text: str) -> int | None:
    """A number written in decimal digits and nothing else; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST else None


def whole(text: str, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    number = digits(text.strip())
    if number is None or not least <= number <= most:
        raise ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
    return number


def port(text: str) -> int:
    """A TCP port."""
    return whole(text, 1, 65535)


def processes(text: str) -> int:
    """A number of processes."""
    return whole(text, 1, 1024)


def at_least_one(text: str) -> int:
    """How many of something, from 1."""
    return whole(text, 1, 2**63 - 1)


def unsigned(text: str) -> int:
    """A number as a field of four bytes holds one."""
    return whole(text, 0, 2**32 - 1)


def call_id(text: str) -> int:
    """A call's id, in decimal digits or as 0x and hexadecimal ones."""
    given = text.strip().lower()
    if given.startswith("0x") and given[2:].isalnum() and len(given) <= 10:
        try:
            return int(given, 16)
        except ValueError:
            pass
    return unsigned(text)


def seconds(text: str) -> float:
    """A time in seconds, more than none, and at most some thirty years."""
    try:
        value = float(text) if text.isascii() and "_" not in text and len(text) <= _LONGEST else 0.0
    except ValueError:
        value = 0.0
    if not 0 < value < 1e9:
        raise ArgumentTypeError(f"{text!r} is no time in seconds above 0 and below 1000000000")
    return value
