"""Marks: what stands for the names, numbers and times of a call in what it has in common with others.

Each tells its place among what it stands for, and can be found again in what is written of it: so what is told of a call that
went as others did is written by filling, and there is one who writes, of marks as of anything else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

#: How many there are of names and of sessions; and of numbers, of which each piece of news has one.
MOST_NAMES, MOST_SESSIONS, MOST_NUMBERS = 60, 8, 60
#: The n-th time is this to the power of n: later ones are more, and what is made of them by adding and taking away tells of which.
_BASE: Final = 1 << 16
#: What is written of them: a text between quotes that were added to it, and once more between those of a JSON string; a name
#: alone; then a number (n), session (s), time (t) and duration in words (d).
WRITTEN: Final = re.compile(r'\\"<(\d+)>\\"|"<(\d+)>"|<([nstd]?)(\d+)>')


class Mark(int):
    """Stands for a number: its value is its place."""

    said: str

    def __new__(cls, place: int, said: str) -> Mark:
        mark = super().__new__(cls, place)
        mark.said = said
        return mark

    def __str__(self) -> str:
        return self.said

    def __format__(self, spec: str) -> str:
        return self.said


#: Of texts, and of queues, which share their places; of sessions; of a call's numbers.
TEXTS: Final = tuple(f"<{place}>" for place in range(MOST_NAMES))
QUEUES: Final = tuple(Mark(place, said) for place, said in enumerate(TEXTS))
SESSIONS: Final = tuple(Mark(place, f"<s{place}>") for place in range(MOST_SESSIONS))
NUMBERS: Final = tuple(Mark(place, f"<n{place}>") for place in range(MOST_NUMBERS))


def moment(place: int) -> int:
    """The mark of the time at a place."""
    return _BASE**place


def made_of(time: int) -> tuple[tuple[int, int], ...]:
    """Of which times a time or a duration is made: the place of each, and how often it was added, or taken away."""
    found: list[tuple[int, int]] = []
    place = 0
    while time:
        often = (time + _BASE // 2) % _BASE - _BASE // 2
        if often:
            found.append((place, often))
        time = (time - often) // _BASE
        place += 1
    return tuple(found)


class Template:
    """What was written of marks, with a hole for each: `text` is to be filled by `%`, in the order of `holes`, which say of each
    what was written with it (see `WRITTEN`; nothing for a name alone), and its place."""

    __slots__ = ("holes", "text")

    def __init__(self, written: str) -> None:
        self.holes: list[tuple[str, int]] = []
        pieces: list[str] = []
        at = 0
        for found in WRITTEN.finditer(written):
            twice, once, kind, place = found.groups()
            pieces.append(written[at : found.start()].replace("%", "%%"))
            if twice is not None:
                self.holes.append(('\\"', int(twice)))
            else:
                self.holes.append((kind, int(place)) if once is None else ('"', int(once)))
            at = found.end()
        self.text = "%s".join([*pieces, written[at:].replace("%", "%%")])


class Cast(NamedTuple):
    """What stands for the marks of one mould, by their places."""

    mould: Any
    #: Texts and queues.
    names: Sequence[Any]
    numbers: Sequence[int]
    sessions: Sequence[int]
    #: In ns.
    times: Sequence[int]

    @property
    def cast(self) -> Cast:
        """Itself: what is made of it, or it, may be given to be written."""
        return self
