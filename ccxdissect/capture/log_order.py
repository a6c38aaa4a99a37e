"""The files of one log in the order in which they were written, in whatever order they are given: a ring of numbered files begins
again at the first number, so that their names tell nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from ccxdissect.capture.log_lines import LineReader
from ccxdissect.capture.log_time import LogClock, Stamp
from ccxdissect.capture.mivr import HEAD, stamp_of
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
    stamps = [_first(given) for given in inputs]
    times = [0 if stamp is None else LogClock(zone, _YEAR).time(stamp) for stamp in stamps]
    if None in stamps:
        return list(inputs)
    order = sorted(range(len(inputs)), key=times.__getitem__)
    if not any(stamp.year for stamp in stamps if stamp is not None):
        order = _from_the_longest_gap(order, times)
    return [inputs[place] for place in order]


def _from_the_longest_gap(order: list[int], times: list[int]) -> list[int]:
    """Files of one year, as they follow each other if the first may be of the next year as well."""
    before = [order[-1], *order[:-1]]
    gaps = [(times[place] - times[last]) % _LENGTH for place, last in zip(order, before, strict=True)]
    start = gaps.index(max(gaps))
    return order[start:] + order[:start]


def _first(given: Input) -> Stamp | None:
    """When a file's first line that bears a time was written."""
    for line in islice(LineReader([given]), _MOST_LINES):
        if b"%" in line.data:
            head = HEAD.search(line.data.decode("utf-8", "surrogateescape"))
            stamp = None if head is None else stamp_of(head)
            if stamp is not None:
                return stamp
    return None
