"""Messages as CSV, by columns: a batch of messages in, all of its lines out, to the letter those of `formats.csv`.

What is the same for all messages of a way (a session and who sent it) or of a plan (a type and how it reads) is made
once, of the first of them. What is left is put together message by message, but without an object for any.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np

from ccxdissect.analysis.schema import Column
from ccxdissect.bounded import Memo
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan
from ccxdissect.columns.distinct import alike
from ccxdissect.columns.places import fixed_part, lying_at
from ccxdissect.protocol.types import Reading
from ccxdissect.stream.events import Record
from ccxdissect.views.formats.csv import cell, safe
from ccxdissect.views.gist import Gists
from ccxdissect.views.message_rows import message_schema
from ccxdissect.views.messages import Showing
from ccxdissect.views.text import iso_time
from ccxdissect.wording import SECOND

#: The columns in their order, by what they hang on: the message alone (one by one), its way, its plan.
_BEFORE = ("number", "frame", "time")
_OF_WAY = ("session", "from", "src", "dst")
_OF_PLAN = ("version", "type", "name", "class", "kind")
_BEHIND = ("length", "problems", "says")
#: What makes a cell one that has to be quoted.
_QUOTED = frozenset(',"\r\n')
#: Seconds within which every zone has a calendar.
_DATED = 250_000_000_000
_MEMORY = 1 << 14


class CsvWriter:
    """Writes batches as lines of CSV. One for each output, since it remembers what it has written."""

    def __init__(self, showing: Showing) -> None:
        self._columns = {column.name: column for column in message_schema(showing).flat}
        assert tuple(self._columns) == (*_BEFORE, *_OF_WAY, *_OF_PLAN, *_BEHIND)
        self._gists = Gists(showing.secrets)
        self._of_plan: Memo[Plan, _Alike] = Memo(_MEMORY)
        #: Date and time of day of a second, and what follows its fraction.
        self._seconds: Memo[int, tuple[str, str]] = Memo(_MEMORY)

    def heading(self) -> str:
        """The first line, with its end."""
        return _line([column.name for column in self._columns.values()]) + "\n"

    def text(self, batches: Iterable[Batch]) -> Iterator[str]:
        """All lines of all batches, the heading first; in pieces, each as soon as it is known."""
        heading = self.heading()
        for batch in batches:
            if len(batch):
                yield heading + self.lines(batch)
                heading = ""
        if heading:
            yield heading

    def lines(self, batch: Batch) -> str:
        """The lines of a batch, each with its end."""
        found: list[str] = [""] * len(batch)
        begins = self._begins(batch)
        for plan, places in _by_plan(batch):
            alike_ones = None if plan is None else self._alike(plan, batch, int(places[0]))
            if alike_ones is None or not alike_ones.plain:
                for place in places.tolist():
                    found[place] = self._whole(batch.record(place))
                continue
            self._write(batch, places, alike_ones, begins, found)
        return "".join(found)

    def _write(self, batch: Batch, places: np.ndarray, part: _Alike, begins: Sequence[str], found: list[str]) -> None:
        """Write the messages of one plan."""
        layout, tags = part.plan.layout, part.plan.tags
        values = part.values(batch, places)
        _, spans = batch.all_spans
        bounds = batch.bounds
        data, of, middle, behind = batch.data, self._gists.of, part.text, self._between
        size, body = batch.size[places].tolist(), batch.body[places].tolist()
        low, high = bounds[places].tolist(), bounds[places + 1].tolist()
        for place, fixed, length, at, first, last in zip(places.tolist(), values, size, body, low, high, strict=True):
            fields = [(tag, data[at + start : at + stop]) for tag, start, stop in spans[first:last]]
            says = of(layout, tags, fixed, fields)
            says = safe(says) if says else self._anything(batch.record(place))
            if not _QUOTED.isdisjoint(says):
                # In a line of one cell alone even nothing is quoted.
                says = _line([0, says])[2:]
            found[place] = f"{begins[place]}{middle}{length}{behind}{says}\n"

    # -- pieces ----------------------------------------------------------------------------------------------------

    def _begins(self, batch: Batch) -> list[str]:
        """Everything before what hangs on the plan, for each message."""
        ways = batch.session * 2 + batch.side
        first, which = alike(ways)
        texts = [self._cells(_OF_WAY, batch.record(place)) for place in first.tolist()]
        return [
            f"{number},{frame},{self._time(time)},{texts[way]},"
            for number, (frame, time, way) in enumerate(
                zip(batch.frame.tolist(), batch.time.tolist(), which.tolist(), strict=True), batch.first
            )
        ]

    def _time(self, time: int) -> str:
        whole, rest = divmod(time, SECOND)
        if not 0 <= whole < _DATED:
            return iso_time(time)
        known = self._seconds.get(whole)
        if known is None:
            head, _, fraction = iso_time(whole * SECOND).partition(".")
            known = self._seconds.remember(whole, (head, fraction[6:]))
        return f"{known[0]}.{rest // 1000:06d}{known[1]}" if rest % 1000 == 0 else f"{known[0]}.{rest:09d}{known[1]}"

    def _alike(self, plan: Plan, batch: Batch, place: int) -> _Alike:
        found = self._of_plan.get(plan)
        if found is None:
            text = self._cells(_OF_PLAN, batch.record(place)) + ","
            found = self._of_plan.remember(plan, _Alike(plan, text))
        return found

    @cached_property
    def _between(self) -> str:
        # No plan reads a message that has problems.
        return f",{cell(self._columns['problems'], [])},"

    def _anything(self, record: Record) -> str:
        column = self._columns["says"]
        return str(cell(column, column.value(record)))

    def _whole(self, record: Record) -> str:
        return self._cells(tuple(self._columns), record) + "\n"

    def _cells(self, names: Sequence[str], record: Record) -> str:
        chosen: list[Column] = [self._columns[name] for name in names]
        return _line([cell(column, column.value(record)) for column in chosen])


class _Alike:
    """What all messages of a plan have in common."""

    def __init__(self, plan: Plan, text: str) -> None:
        self.plan, self.text = plan, text
        fields = plan.layout.fields
        self.plain = all(field.type.reading is Reading.INTEGER for field in fields)
        self._dtype = fixed_part(plan.layout, range(len(fields)) if self.plain else ())

    def values(self, batch: Batch, places: np.ndarray) -> list[tuple[int, ...]]:
        """The fixed parts of these messages."""
        if not self.plan.layout.size:
            return [()] * len(places)
        values: list[tuple[int, ...]] = lying_at(
            np.frombuffer(batch.data, np.uint8), batch.body[places], self._dtype
        ).tolist()
        return values


def _by_plan(batch: Batch) -> Iterator[tuple[Plan | None, np.ndarray]]:
    """The places of the messages of each plan; of those without one too."""
    order = np.argsort(batch.plan, kind="stable")
    plans = batch.plan[order]
    starts = np.flatnonzero(np.r_[True, plans[1:] != plans[:-1]]) if len(plans) else plans
    for places in np.split(order, starts[1:]) if len(plans) else ():
        number = int(batch.plan[places[0]])
        yield None if number < 0 else batch.plans[number], places


def _line(cells: Sequence[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()[:-1]
