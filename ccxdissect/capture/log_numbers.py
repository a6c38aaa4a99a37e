"""The numbers that a log's entries bear: what is lacking between two files shows in them, where they are of a whole log."""

from __future__ import annotations

import re

_NUMBERED = re.compile(rb"(\d{1,18}): {1,8}[A-Z][a-z][a-z] ")
#: Of a whole log so many of a hundred numbers are there: those of threads may change places, and some may be lost.
_WHOLE = 95


class Numbers:
    """The numbers of one file's entries."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.least = self.most = -1
        self._count = 0

    def see(self, line: bytes) -> None:
        """Take the next line."""
        found = _NUMBERED.match(line)
        if found is None:
            return
        number = int(found[1])
        if not self._count:
            self.least = self.most = number
        elif number > self.most:
            self.most = number
        elif number < self.least:
            self.least = number
        self._count += 1

    @property
    def whole(self) -> bool:
        """Whether there are entries, and one for nearly every number: none were picked out."""
        return self._count > 0 and (self.most - self.least + 1) * _WHOLE <= self._count * 100


def lacking_between(before: Numbers, after: Numbers) -> int:
    """How many entries are lacking between two files; 0 where their numbers do not tell."""
    if not (before.whole and after.whole):
        return 0
    return max(0, after.least - before.most - 1)
