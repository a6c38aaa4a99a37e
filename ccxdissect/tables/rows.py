"""Every table that there is, and the rows of all that a trace gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ccxdissect.protocol.model import Protocol
from ccxdissect.stream.events import Record
from ccxdissect.tables.arrow import CAPTURE
from ccxdissect.tables.message_table import MessageTables, folder

if TYPE_CHECKING:
    from ccxdissect.tables.message_columns import MessageColumns
    from ccxdissect.tables.results import ResultTables


class Tables:
    """The tables of one or several protocols: their schemas, and the rows that results make in them."""

    def __init__(self, protocols: Protocol | Sequence[Protocol], secrets: bool = False) -> None:
        self._messages = MessageTables(protocols, (CAPTURE,), secrets)

    @cached_property
    def _results(self) -> ResultTables:
        # They need all of the analysis, which messages do not.
        from ccxdissect.tables.results import ResultTables

        return ResultTables()

    def message_columns(self, capture: str) -> MessageColumns:
        """What makes the rows of messages, batch by batch."""
        # It needs numpy, which the rows do not.
        from ccxdissect.tables.message_columns import MessageColumns

        return MessageColumns(self._messages, capture)

    def schemas(self) -> dict[str, pa.Schema]:
        """Every table there always is, by its folder."""
        found = {folder(name): table.schema for name, table in self._messages.every()}
        return {**found, **self._results.schemas}

    def rows(self, results: Iterable[tuple[str, Any]], capture: str) -> Iterator[tuple[str, pa.Schema, dict[str, Any]]]:
        """The rows of results, each given with its kind; with the table of each."""
        for kind, result in results:
            if isinstance(result, Record):
                table = self._messages.of(result.decoded.message)
                yield folder(result.name), table.schema, {"capture": capture, **table.row(result)}
            else:
                yield from self._results.rows(kind, result, capture)
