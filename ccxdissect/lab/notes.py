"""What the lab tells the person who runs it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from ccxdissect.errors import one_line


class Sort(Enum):
    """What a note is about."""

    NEWS = "news"  #: a session began or ended, an agent logged in
    MESSAGE = "message"  #: a message came in or went out
    WRONG = "wrong"  #: the peer did something wrong


class LabNote(NamedTuple):
    """One line for the person who runs the lab. `party`: whom it is about; safe to print as it is."""

    sort: Sort
    party: str
    text: str

    def __str__(self) -> str:
        return f"{self.party}: {self.text}"


#: Where notes go.
Say = Callable[[LabNote], None]


#: Characters of a note: how much there is to repeat, the peer or whoever types decides.
_LONGEST = 900


def note(sort: Sort, party: str, text: str) -> LabNote:
    """A note whose text is safe for a terminal, and of bearable length, whatever came over the wire."""
    line = one_line(text)
    if len(line) > _LONGEST:
        line = f"{line[: _LONGEST // 2]}...{line[-_LONGEST // 2 :]}"
    return LabNote(sort, one_line(party), line)


def silent(_: LabNote) -> None:
    """Tells nobody."""
