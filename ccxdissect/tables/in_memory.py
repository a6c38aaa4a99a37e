"""One table of a trace in memory, as other programs take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ccxdissect.errors import UsageError
from ccxdissect.sources.trace import Trace
from ccxdissect.tables.arrow import described
from ccxdissect.tables.filling import MESSAGES, fill
from ccxdissect.tables.message_table import ENVELOPE, REST, folder
from ccxdissect.tables.results import RESULT_TABLES, RESULTS
from ccxdissect.tables.rows import Tables
from ccxdissect.tables.values import array_of, table_of

#: What messages of all types have in common, and their type's name.
COMMON = "messages"
#: Rows that wait to be put into columns.
_TOGETHER = 2_000
_NAMES = pa.dictionary(pa.int32(), pa.string())


class _Gathered:
    """Takes the rows of one table, or of all types of messages, and lets all others go."""

    def __init__(self, table: str, schema: pa.Schema) -> None:
        self._table = table
        self._schema = schema
        self._rows: list[Mapping[str, Any]] = []
        self._parts: list[pa.Table] = []

    def add(self, table: str, schema: pa.Schema, row: Mapping[str, Any]) -> None:
        """Take a row of a table."""
        if self._has(table):
            self._rows.append(row if self._table == table else {**row, "name": _type(table)})
            if len(self._rows) >= _TOGETHER:
                self._put()

    def add_columns(self, table: str, columns: pa.Table) -> None:
        """Take rows that are columns already."""
        if self._has(table):
            self._put()
            if self._table != table:
                columns = columns.append_column("name", array_of([_type(table)] * len(columns), _NAMES))
            self._parts.append(columns.select(self._schema.names).cast(self._schema))

    def whole(self) -> pa.Table:
        """All of it."""
        self._put()
        whole = (
            pa.concat_tables([pa.Table.from_batches([], self._schema), *self._parts])
            .unify_dictionaries()
            .combine_chunks()
        )
        # Batches have the messages of each type together.
        return whole.sort_by("message") if self._table == COMMON else whole

    def _has(self, table: str) -> bool:
        return table == self._table or (self._table == COMMON and table.startswith(folder("")))

    def _put(self) -> None:
        if self._rows:
            self._parts.append(table_of(self._rows, self._schema))
            self._rows = []


def _type(table: str) -> str:
    return table.partition("=")[2]


def to_arrow(trace: Trace, table: str) -> pa.Table:
    """One table of a trace: `exchanges`, `calls`, ...; `messages` for what all types have in common; or a type's name
    (`OPEN_REQ`). Raises UsageError for a table that there is not."""
    tables = Tables(trace.options.protocols)
    if table == COMMON:
        schema = pa.schema([*ENVELOPE, described("name", _NAMES, "the message type's name"), REST[-1]])
        gathered = _Gathered(COMMON, schema)
        kinds = [MESSAGES]
    else:
        schemas = tables.schemas()
        place = folder(table) if folder(table) in schemas else table
        if place not in schemas:
            raise UsageError(
                f"no table is called {table!r}: there are {COMMON}, {', '.join(RESULT_TABLES)}, and OPEN_REQ ..."
            )
        gathered = _Gathered(place, schemas[place].remove(0))
        kinds = [kind for kind, (name, _) in RESULTS.items() if name == table]
        kinds = kinds or ["calls" if table == "call_phases" else MESSAGES]
    fill(gathered, trace, tables, "", kinds=kinds)
    return gathered.whole()
