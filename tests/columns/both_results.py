"""The analyses over both paths: what they give of all events, and what of the messages that concern them by columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from both_paths import ALONE, PORTS, ByColumns, table

from ccxdissect.analysis import agents, exchange, statistics
from ccxdissect.analysis.call_schema import SCHEMA as CALLS
from ccxdissect.analysis.findings import Finding
from ccxdissect.analysis.schema import plain
from ccxdissect.analysis.sessions import SCHEMA as SESSIONS
from ccxdissect.analysis.statistics import Statistics
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.analysis.summary import Summing
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import read_segments
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.headers import Addresses
from ccxdissect.protocol.model import Protocol
from ccxdissect.sources import in_bulk
from ccxdissect.sources.analyses import Asked, Mine, make
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event
from ccxdissect.views.summary_rows import SCHEMA as SUMMARY

Told = dict[str, list[Any]]
SCHEMAS = {"agents": agents.SCHEMA, "calls": CALLS, "exchanges": exchange.SCHEMA, "sessions": SESSIONS}


def _row(kind: str, result: Any) -> Any:
    if isinstance(result, Finding):
        return [getattr(result, name) for name in Finding.__slots__]
    return plain(SCHEMAS[kind], result)


def _figures(figures: Statistics) -> list[Any]:
    figures.flush()
    types = [plain(statistics.TYPE_COUNTS, row) for row in figures.types()]
    return types + [plain(statistics.EXCHANGE_COUNTS, row) for row in figures.exchanges()] + [figures.unrequested]


def _summary(summing: Summing) -> list[Any]:
    summing.flush()
    summary = summing.summary()
    return [plain(SUMMARY, summary), [list(counts) for counts in (summary.types, summary.classes, summary.versions)]]


#: What is asked of a capture, by kind.
KINDS = ("agents", "calls", "exchanges", "findings", "sessions")


def of_events(made: Iterator[Event], kind: str) -> list[Any]:
    """The results of one kind, of all events."""
    if kind == "figures":
        figures = Statistics()
        for event in made:
            figures.feed(event)
        return _figures(figures)
    if kind == "summary":
        summing = Summing()
        for event in made:
            summing.feed(event)
        return _summary(summing)
    analysis = make(kind, SubjectReader())
    found = [_row(kind, result) for event in made for result in analysis.feed(event)]
    return found + [_row(kind, result) for result in analysis.flush()]


def of_batches(batches: Iterable[Batch], kind: str) -> list[Any]:
    """The same of batches."""
    if kind == "figures":
        figures = Statistics()
        in_bulk.figures(batches, figures)
        return _figures(figures)
    if kind == "summary":
        summing = Summing()
        in_bulk.sum_up(batches, summing)
        return _summary(summing)
    return [_row(kind, result) for result in in_bulk.of_kind(kind, batches)]


def _events(segments: Iterable[Segment], protocols: Sequence[Protocol]) -> Iterator[Event]:
    dissector = Dissector(protocols, PORTS)
    for segment in segments:
        yield from dissector.feed(segment)
    yield from dissector.flush()


def _batches(segments: Sequence[Segment], size: int, protocols: Sequence[Protocol]) -> Iterator[Batch]:
    columns, addresses = ByColumns(protocols).columns, Addresses()
    for start in range(0, len(segments), size):
        yield from columns.tell(table(segments[start : start + size], addresses))
    yield from columns.flush()


#: Which sessions are looked at: all of them, or of each kind some.
_MINE: tuple[Mine | None, ...] = (None, lambda kind, session: (session.number + len(kind)) % 3 == 0)


def differing_together(
    segments: Sequence[Segment], sizes: Iterable[int], protocols: Sequence[Protocol] = ALONE
) -> Iterator[tuple[str, int, Any, Any]]:
    """The same where several kinds are asked for at once, of all sessions or of each kind some."""
    for mine in _MINE:
        reader = SubjectReader()
        analyses = [(kind, make(kind, reader)) for kind in KINDS]
        wanted: Told = {kind: [] for kind in KINDS}
        for event in _events(segments, protocols):
            for kind, analysis in analyses:
                looked_at = mine is None or mine(kind, event.session)
                results = analysis.feed(event) if looked_at else analysis.elsewhere(event)
                wanted[kind] += [_row(kind, result) for result in results]
        for kind, analysis in analyses:
            wanted[kind] += [_row(kind, result) for result in analysis.flush()]
        for size in sizes:
            found: Told = {kind: [] for kind in KINDS}
            bulk = in_bulk.Results(KINDS, Asked(), mine)
            for batch in _batches(segments, size, protocols):
                for kind, result in bulk.of(batch):
                    found[kind].append(_row(kind, result))
            for kind, result in bulk.flush():
                found[kind].append(_row(kind, result))
            for kind in KINDS:
                if found[kind] != wanted[kind]:
                    yield f"{kind} of {'all' if mine is None else 'some'}", size, wanted[kind], found[kind]


def differing(
    segments: Sequence[Segment], sizes: Iterable[int], protocols: Sequence[Protocol] = ALONE
) -> Iterator[tuple[str, int, Any, Any]]:
    """Where the two paths give different results: the kind, the segments at a time, both results."""
    for kind in (*KINDS, "figures", "summary"):
        wanted = of_events(_events(segments, protocols), kind)
        for size in sizes:
            found = of_batches(_batches(segments, size, protocols), kind)
            if found != wanted:
                pairs = zip([*wanted, "the end"], [*found, "the end"], strict=False)
                one, other = next((one, other) for one, other in pairs if one != other)
                yield kind, size, one, other


def assert_same_results(
    segments: Sequence[Segment], sizes: Iterable[int] = (1 << 20, 50), protocols: Sequence[Protocol] = ALONE
) -> None:
    """Both paths give the same results of segments."""
    for kind, size, one, other in chain(
        differing(segments, sizes, protocols), differing_together(segments, tuple(sizes)[-1:], protocols)
    ):
        assert other == one, f"{kind}, {size} segments at a time"


def of_file(path: str) -> list[Segment]:
    """The segments of a capture."""
    return list(read_segments(path, PORTS))
