"""Log files of several servers, as of both nodes of a pair: which of them is whose, and their lines in the order of time.

No line says which server wrote it. But of one server a file begins where another one ends, or holds the same lines; what
overlaps in time and shares no line was written elsewhere.
"""

from __future__ import annotations

import heapq
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from ccxdissect.capture.log_lines import LineReader, LogEnd, LogLine, server_called
from ccxdissect.capture.log_order import First, first_stamped, in_order
from ccxdissect.capture.log_overlap import Lacking, LinesOnce, overlap
from ccxdissect.capture.log_time import LogClock
from ccxdissect.capture.mivr import stamped
from ccxdissect.capture.source import Input, can_be_reopened, name_of
from ccxdissect.wording import SECOND

#: Of one server a file may begin so long before the one before it ends: threads do not write in turn.
_SLACK = SECOND
#: So many numbers of entries may lie between two files that follow each other, whatever their times say.
_NEAR = 100
#: So many of the last lines with a sign of an entry are looked at for a time.
_LAST = 50
#: So much of a line may come before its time, and that itself.
_LOOKED_AT = 1 << 12
#: What overlaps in more ways is nothing that so many servers wrote: each is read at the same time.
_MOST_SERVERS = 16
#: Any year will do to order what names none.
_YEAR = 2000


class _File(NamedTuple):
    """A file: what it begins with, when that was written and when its last line (ns), and the number of that."""

    given: Input
    first: First
    begin: int
    end: int
    last_number: int


class _Server:
    """The files of one server so far."""

    def __init__(self, file: _File) -> None:
        self.files = [file]
        #: The one that ends last.
        self.last = file

    def add(self, file: _File) -> None:
        """It wrote this one, too."""
        self.files.append(file)
        self.last = max(self.last, file, key=lambda one: one.end)

    def shares(self, file: _File) -> bool:
        """Whether one of its files holds what this one begins with."""
        over = (one for one in self.files if one.begin <= file.begin <= one.end)
        return any(len(overlap(one.given, file.given, file.first).lines) for one in over)

    def goes_on(self, file: _File) -> bool:
        """Whether the numbers of the entries go on in it."""
        return bool(self.last.last_number) and 0 < file.first.number - self.last.last_number <= _NEAR

    def ends_before(self, file: _File) -> bool:
        """Whether it begins where they end, or later."""
        return self.last.end <= file.begin + _SLACK

    def distance(self, file: _File) -> tuple[bool, bool, int, int]:
        """How little a file that begins later looks like its next one: whether its numbers are lower, whether it lies elsewhere,
        how many numbers lie between, and how much time (ns)."""
        more = file.first.number - self.last.last_number
        elsewhere = os.path.dirname(name_of(self.last.given)) != os.path.dirname(name_of(file.given))
        return more <= 0, elsewhere, abs(more), file.begin - self.last.end


def by_server(inputs: Sequence[Input], zone: str | None = None) -> list[list[Input]]:
    """The files of each server, those of each in the order of time. All in one where one cannot be read twice or tells no time,
    and where they would be of more than `_MOST_SERVERS`.

    Raises CaptureError for what cannot be read, CcxDissectError for a zone that is not known.
    """
    ordered = in_order(inputs, zone)
    if len(ordered) < 2 or not all(map(can_be_reopened, ordered)):
        return [ordered]
    firsts = [first_stamped(given) for given in ordered]
    clock = LogClock(zone, _YEAR)
    servers: list[_Server] = []
    for given, first in zip(ordered, firsts, strict=True):
        if first is None:
            return [ordered]
        file = _file(given, first, clock)
        server = _whose(file, servers)
        if server is not None:
            server.add(file)
        elif len(servers) < _MOST_SERVERS:
            servers.append(_Server(file))
        else:
            return [ordered]
    return [[file.given for file in server.files] for server in servers]


def _whose(file: _File, servers: list[_Server]) -> _Server | None:
    """The server that wrote a file; None: another one."""
    for fits in (_Server.goes_on, _Server.shares, _Server.ends_before):
        fitting = [server for server in servers if fits(server, file)]
        if fitting:
            return min(fitting, key=lambda server: server.distance(file))
    return None


def _file(given: Input, first: First, clock: LogClock) -> _File:
    begin = end = clock.time(first.stamp)
    number = first.number
    signs = (line.data[:_LOOKED_AT] for line in LineReader([given]) if b"%" in line.data)
    for data in reversed(deque(signs, _LAST)):
        told = stamped(data)
        if told is not None:
            end, number = max(begin, clock.time(told[0])), told[1]
            break
    return _File(given, first, begin, end, number)


class LogFiles:
    """Iterates over the lines of the log files of one or several servers, in the order of time, and says of each of several
    when it is over. `progress` as of `LineReader`; raises as that and `by_server` do."""

    def __init__(
        self, inputs: Sequence[Input], zone: str | None = None, progress: Callable[[int], None] | None = None
    ) -> None:
        self._zone = zone
        self._files = by_server(inputs, zone)
        self._of = [LinesOnce(files, progress) for files in self._files]

    def __iter__(self) -> Iterator[LogLine | LogEnd]:
        if len(self._of) == 1:
            yield from self._of[0]
            return
        times = [self._timed(lines, server) for server, lines in enumerate(self._of, 1)]
        number = 0
        for _, line in heapq.merge(*times, key=itemgetter(0)):
            if isinstance(line, LogLine):
                number += 1
                line = line._replace(number=number)
            yield line

    def _timed(self, lines: Iterable[LogLine], server: int) -> Iterator[tuple[int, LogLine | LogEnd]]:
        """The lines of one server with their times; what bears none goes with the line before: an entry's lines stay together."""
        clock = LogClock(self._zone, _YEAR)
        time = 0
        for line in lines:
            told = stamped(line.data)
            if told is not None:
                time = clock.time(told[0])
            yield time, line._replace(server=server)
        yield time, LogEnd(server)

    @property
    def lines(self) -> int:
        """How many lines were read."""
        return sum(one.lines for one in self._of)

    @property
    def lacking(self) -> list[Lacking]:
        """What is lacking between the files, afterwards."""
        return [lacking for one in self._of for lacking in one.lacking]

    @property
    def notices(self) -> list[str]:
        """Whose the files were taken for, where they are of several servers; and what went wrong without stopping the reading."""
        said = [str(notice) for one in self._of for notice in one.notices]
        if len(self._of) == 1:
            return said
        whose = "; ".join(f"{server_called(number)}: {_named(files)}" for number, files in enumerate(self._files, 1))
        return [
            f"the files overlap in time and are not the same: taken for those of {len(self._of)} servers ({whose})",
            *said,
        ]


def _named(files: Sequence[Input]) -> str:
    more = len(files) - 1
    return name_of(files[0]) + (f" and {more} more" if more else "")
