"""Log files that belong together: what one has in common with one before it is read once, and what is lacking between
them is told.

The newest file of a ring collected twice has grown meanwhile, and a folder copied again holds the same files under other
names. A file that begins within another one begins with one of its lines, the time in it included; the lines behind
have to be the same, too, up to the end of one of the files. What lies otherwise is read as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from ccxdissect.capture.log_lines import LineReader, LogLine
from ccxdissect.capture.log_numbers import Numbers, lacking_between
from ccxdissect.capture.log_order import First, first_stamped
from ccxdissect.capture.source import Input, can_be_reopened, name_of

IN_BOTH = "what another file holds, too, is read once"
#: So many places where a file may begin in one before it are looked at: only lines that bear no number come twice.
_MOST_PLACES = 8


class Common(NamedTuple):
    """The lines of a file that another one holds, too, and whether that one ends within the line behind them."""

    lines: range = range(0)
    ends_within: bool = False
    other: str = ""


class Lacking(NamedTuple):
    """So many entries are lacking between two files."""

    entries: int
    before: str
    after: str


class LinesOnce(LineReader):
    """As `LineReader`, in whose order a file comes before those that go on behind it. What is passed over counts as read."""

    def __init__(self, inputs: Iterable[Input], progress: Callable[[int], None] | None = None) -> None:
        super().__init__(inputs, progress)
        #: What is lacking, afterwards.
        self.lacking: list[Lacking] = []

    def __iter__(self) -> Iterator[LogLine]:
        if len(self._inputs) < 2 or not all(map(can_be_reopened, self._inputs)):
            yield from super().__iter__()
            return
        firsts = [first_stamped(given) for given in self._inputs]
        common = [Common()] * len(firsts)
        furthest: Numbers | None = None
        for place, given in enumerate(self._inputs):
            #: Where those that come later may begin here.
            met: dict[bytes, list[int]] = {first.line.data: [] for first in firsts[place + 1 :] if first is not None}
            known = self._told(given, common[place])
            numbers = Numbers(name_of(given))
            last: LogLine | None = None
            new = False
            for line in self.lines_of(given):
                if last is not None:
                    yield last
                if line.data in met:
                    met[line.data].append(line.line)
                last = None if line.line in known else line
                new |= last is not None
                numbers.see(line.data)
            ends_within = False
            for later, first in enumerate(firsts[place + 1 :], place + 1):
                # What others hold of this file, they hold of those before it where that has nothing else.
                if first is None or not new:
                    continue
                for at in met[first.line.data][:_MOST_PLACES]:
                    found = _common(given, at, self._inputs[later], first.line.line)
                    ends_within |= found.ends_within
                    common[later] = max(common[later], found, key=lambda one: len(one.lines))
            # Of a line that was copied while it was written, the other file has the whole.
            if last is not None and not ends_within:
                yield last
            if furthest is not None:
                self._compare(furthest, numbers)
            if furthest is None or numbers.most > furthest.most:
                furthest = numbers

    def _compare(self, before: Numbers, after: Numbers) -> None:
        """Keep what is lacking between what came before and this file."""
        entries = lacking_between(before, after)
        if entries:
            self.lacking.append(Lacking(entries, before.name, after.name))

    def _told(self, given: Input, common: Common) -> range:
        """Say what is passed over of a file."""
        count = len(common.lines)
        if count:
            lines = "1 line" if count == 1 else f"{count:,} lines"
            self.notices.add(IN_BOTH, None, name_of(given), f"{lines}, as in {common.other}")
        return common.lines


def _common(one: Input, at: int, other: Input, begin: int) -> Common:
    """What another file holds of one, in which a line near its beginning that bears a time, `begin`, stands at a line."""
    # What stands before that line may be the rest of an entry.
    before = min(begin - 1, at - 1)
    return max((_same(one, at - back, other, begin - back) for back in (before, 0)), key=lambda found: len(found.lines))


def overlap(one: Input, other: Input, first: First) -> Common:
    """What a file holds of another, near the beginning of which that line stands."""
    places = (line.line for line in LineReader([one]) if line.data == first.line.data)
    found = (_common(one, at, other, first.line.line) for at in islice(places, _MOST_PLACES))
    return max(found, key=lambda common: len(common.lines), default=Common())


def _same(one: Input, at: int, other: Input, begin: int) -> Common:
    """The lines that are the same in both files from these on, if all are up to where one of them ends; else none."""
    count = 0
    here, there = (islice(LineReader([given]), line - 1, None) for given, line in ((one, at), (other, begin)))
    for mine, theirs in zip(here, there, strict=False):
        # The first line may be cut, and so may the last.
        if mine.data != theirs.data and not (theirs.line == 1 and mine.data.endswith(theirs.data)):
            if mine.data.startswith(theirs.data) and next(there, None) is None:
                return Common(range(begin, begin + count + 1), False, name_of(one))
            if theirs.data.startswith(mine.data) and next(here, None) is None:
                return Common(range(begin, begin + count), True, name_of(one))
            return Common()
        count += 1
    return Common(range(begin, begin + count), False, name_of(one))
