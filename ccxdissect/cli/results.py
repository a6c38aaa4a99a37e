"""Running an analysis over what the command line names, and writing its results in the format asked for."""

from __future__ import annotations

import argparse
import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from ccxdissect.analysis.results import Result, Seconds, json_line
from ccxdissect.cli.reading import Reading
from ccxdissect.cli.writing import write_lines, write_rows
from ccxdissect.stream.events import Event
from ccxdissect.views.text import clock
from ccxdissect.wording import duration

#: A number of ns above this is a point in time, below it a duration: the year 1973.
_EPOCH = 10**17

Found = TypeVar("Found", bound=Result)
Given = TypeVar("Given", bound=Result, covariant=True)


class Analysis(Protocol[Given]):
    """What takes events and gives results."""

    def feed(self, event: Event) -> Iterable[Given]:
        """Take the next event."""

    def flush(self) -> Iterable[Given]:
        """Nothing more will come."""


def results_of(reading: Reading, analysis: Analysis[Found]) -> Iterator[Found]:
    """Every result, as soon as it is known."""
    for event in reading:
        yield from analysis.feed(event)
    yield from analysis.flush()


def in_order(results: Iterable[Found], key: Callable[[Found], int], waiting: int = 20_000) -> Iterator[Found]:
    """The results by `key`, as far as keeping `waiting` of them back can bring them into order."""
    held: list[tuple[int, int, Found]] = []
    for serial, result in enumerate(results):
        heapq.heappush(held, (key(result), serial, result))
        if len(held) > waiting:
            yield heapq.heappop(held)[2]
    while held:
        yield heapq.heappop(held)[2]


def write_results(
    args: argparse.Namespace,
    results: Iterable[Found],
    columns: Sequence[str],
    row: Callable[[Found], list[object]] | None = None,
    table_columns: Sequence[str] | None = None,
    wrap: int | None = None,
) -> None:
    """Write results as `args.format` says.

    `row`, `table_columns` and `wrap` (of the last column) are for the table; CSV has all of `columns`.
    """
    if args.format == "jsonl":
        write_lines(json_line(result.to_json()) for result in results)
    elif args.format == "csv":
        write_rows(
            "csv",
            columns,
            ([str(cell) if isinstance(cell, Seconds) else cell for cell in result.row()] for result in results),
        )
    else:
        make = row or (lambda result: result.row())
        write_rows(
            "table", table_columns or columns, ([for_people(cell) for cell in make(result)] for result in results), wrap
        )


def for_people(cell: object) -> object:
    """A cell of a table: points in time as the time of day, durations with their unit, lists joined."""
    if isinstance(cell, Seconds):
        return clock(int(cell)) if cell > _EPOCH else duration(int(cell))
    if isinstance(cell, (list, tuple)):
        return ", ".join(str(item) for item in cell)
    return cell
