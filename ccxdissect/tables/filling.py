"""All tables of a trace, put where they belong as they are read: messages by columns where they come so, all else by rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol
from zlib import crc32

import pyarrow as pa

from ccxdissect.analysis.rules import RULES
from ccxdissect.analysis.rules.registry import Rules
from ccxdissect.sources.analyses import Asked
from ccxdissect.sources.keeping import wants_calls
from ccxdissect.sources.trace import Trace
from ccxdissect.stream.events import Event, Session
from ccxdissect.tables.results import KINDS
from ccxdissect.tables.rows import Tables

if TYPE_CHECKING:
    import numpy as np

    from ccxdissect.columns.batch import Batch
    from ccxdissect.tables.message_columns import MessageColumns

MESSAGES = "messages"
#: Results of a kind that are kept back to bring them nearly into order: a table has none, and memory is dear.
_WAITING = 1_000
#: What is told of each server by itself, from all its sessions together. All else is told of each session by itself.
#: Neighbours go to different shares: calls take as long as all others together.
_OF_SERVERS = ("exchanges", "calls", "findings", "sessions", "agents")


class Into(Protocol):
    """What takes tables."""

    def add(self, table: str, schema: pa.Schema, row: Mapping[str, Any]) -> None:
        """Take a row of a table."""

    def add_columns(self, table: str, columns: pa.Table) -> None:
        """Take rows that are columns already."""


class Share:
    """What one of many does of a trace that all of them read: the same in every process, and together all of it.

    (0, 1): everything. Otherwise share 0 follows clients from server to server, which is told of the whole; each further
    one takes its part of the sessions, for what is told of each by itself, and its part of the servers, for each kind of
    what is told of a server: so the work for a single server is shared out, too.
    """

    def __init__(self, share: int = 0, of: int = 1) -> None:
        self.is_first = share == 0
        self.is_all = of == 1
        self._share, self._of = share - 1, of - 1

    def kinds(self, kinds: Iterable[str]) -> list[str]:
        """Those of these kinds of which something may be made here."""
        return [kind for kind in kinds if self.is_all or not self.is_first or kind == "findings"]

    @property
    def rules(self) -> Rules:
        """The rules that findings are found by here."""
        if self.is_all:
            return RULES
        return RULES.across_servers() if self.is_first else RULES.of_servers()

    def has(self, kind: str, session: Session) -> bool:
        """Whether results of a kind are made here of a session."""
        if self.is_all or self.is_first:
            return True
        number = session.number
        if kind in _OF_SERVERS:
            number = crc32(session.server.encode()) + _OF_SERVERS.index(kind)
        return number % self._of == self._share


def fill(
    into: Into, trace: Trace, tables: Tables, capture: str, share: Share | None = None, kinds: Iterable[str] = KINDS
) -> None:
    """Make all tables of a trace, or those that come of some kinds of results, or a share of them. `capture`: what stands in
    the column of that name."""
    share = share or Share()
    own = share.kinds(kinds)
    asked = Asked(rules=share.rules, waiting=_WAITING)
    # Who asks for calls has the whole read beforehand, message by message.
    batches = None if wants_calls(trace.keep) else trace.batches()
    if batches is None:
        results = trace.results(own, asked, share.has)
    else:
        columns = tables.message_columns(capture) if MESSAGES in own else None
        own = [kind for kind in own if kind != MESSAGES]
        if trace.keep is None:
            results = _in_bulk(into, batches, columns, share, own, asked)
        else:
            results = trace.results(own, asked, share.has, _kept(into, batches, columns, trace, share))
    for table, schema, row in tables.rows(results, capture):
        into.add(table, schema, row)


def _in_bulk(
    into: Into,
    batches: Iterable[Batch],
    columns: MessageColumns | None,
    share: Share,
    kinds: Collection[str],
    asked: Asked,
) -> Iterator[tuple[str, Any]]:
    """Put the messages of batches into their tables, and give what else is made of them, each with its kind."""
    # It comes with batches.
    from ccxdissect.sources.in_bulk import Results

    results = Results(kinds, asked, None if share.is_all else share.has)
    for batch in batches:
        yield from results.of(batch)
        if columns is not None:
            mine = None if share.is_all else _messages_of(share, batch)
            _put(into, columns.of(batch, mine))
    if columns is not None:
        _put(into, columns.rest())
    yield from results.flush()


def _kept(
    into: Into, batches: Iterable[Batch], columns: MessageColumns | None, trace: Trace, share: Share
) -> Iterator[Event]:
    """Put the messages of batches that a trace's filter keeps into their tables, and give what happened, for what else is made
    of it: who takes that asks the filter of each message, which is why it is given first."""
    import numpy as np

    for batch in batches:
        yield from batch.all_events()
        if columns is not None and trace.kept is not None:
            kept = np.array(trace.kept.places(batch.first, len(batch)), np.int64)
            _put(into, columns.of(batch, np.intersect1d(_messages_of(share, batch), kept, assume_unique=True)))
    if columns is not None:
        _put(into, columns.rest())


def _put(into: Into, tables: Iterable[tuple[str, pa.Table]]) -> None:
    for table, rows in tables:
        into.add_columns(table, rows)


def _messages_of(share: Share, batch: Batch) -> np.ndarray:
    return batch.of_sessions([share.has(MESSAGES, session) for session in batch.sessions])
