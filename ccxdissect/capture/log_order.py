"""The files of one log in the order in which they were written, in whatever order they are given: a ring of numbered files begins
again at the first number, so that their names tell nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from ccxdissect.capture.log_lines import LineReader, LogLine
from ccxdissect.capture.log_time import LogClock, Stamp
from ccxdissect.capture.mivr import stamped
from ccxdissect.capture.source import Input, can_be_reopened
from ccxdissect.wording import SECOND

#: So many lines at the beginning of a file may bear no time.
_MOST_LINES = 2000
#: A leap year, in which every day exists, and how long it is (ns).
_YEAR = 2000
_LENGTH = 366 * 86_400 * SECOND


def in_order(inputs: Sequence[Input], zone: str | None = None) -> list[Input]:
    """The files by the times of their first lines. Where these name no year, they lie as near to each other as can be: the new
    year may come between. As they were given where one cannot be read twice, or tells no time.

    Raises CaptureError for what cannot be read, CcxDissectError for a zone that is not known.
    """
    if len(inputs) < 2 or not all(map(can_be_reopened, inputs)):
        return list(inputs)
    firsts = [first_stamped(given) for given in inputs]
    stamps = [None if first is None else first.stamp for first in firsts]
    times = [0 if stamp is None else LogClock(zone, _YEAR).time(stamp) for stamp in stamps]
    if None in stamps:
        return list(inputs)
    keys = [(time, (0, 0) if first is None else first.rank) for time, first in zip(times, firsts, strict=True)]
    order = sorted(range(len(inputs)), key=keys.__getitem__)
    if not any(stamp.year for stamp in stamps if stamp is not None):
        order = _from_the_longest_gap(order, times)
    return [inputs[place] for place in order]


def _from_the_longest_gap(order: list[int], times: list[int]) -> list[int]:
    """Files of one year, as they follow each other if the first may be of the next year as well."""
    before = [order[-1], *order[:-1]]
    gaps = [(times[place] - times[last]) % _LENGTH for place, last in zip(order, before, strict=True)]
    start = gaps.index(max(gaps))
    return order[start:] + order[:start]


class First(NamedTuple):
    """A line near the beginning of a file, when it was written, and the number of its entry (0: it bears none)."""

    line: LogLine
    stamp: Stamp
    number: int

    @property
    def rank(self) -> tuple[int, int]:
        """What orders files that have such a line of one millisecond: the entry's number, then which begins with more of the
        entry before it."""
        return self.number, -self.line.line


def first_stamped(given: Input) -> First | None:
    """A file's first line that bears a time and is not the file's very first, of which there may be but the end; that one where
    there is no other. None where none near its beginning bears one."""
    found: First | None = None
    for line in islice(LineReader([given]), _MOST_LINES):
        told = stamped(line.data)
        if told is not None:
            found = First(line, *told)
            if line.line > 1:
                break
    return found
