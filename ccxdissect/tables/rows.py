"""Which tables there are, and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ccxdissect.analysis import agents, call_schema, exchange, findings, sessions
from ccxdissect.analysis.schema import Column, ColumnKind, Schema, attribute
from ccxdissect.protocol.model import Protocol, Side
from ccxdissect.stream.events import LossKind, Record
from ccxdissect.tables.arrow import CODED, arrow_schema, described, row_maker
from ccxdissect.tables.message_table import MessageTables, folder
from ccxdissect.wording import losses

if TYPE_CHECKING:
    from ccxdissect.tables.message_columns import MessageColumns

LOSSES = Schema(
    "losses",
    "bytes that gave no message",
    (
        Column("session", ColumnKind.INTEGER, "the session it belongs to", attribute("session.number")),
        Column("from", ColumnKind.TEXT, "who sent them", attribute("sender"), codes=tuple(side.value for side in Side)),
        Column("time", ColumnKind.TIME, "when it was noticed"),
        Column("frame", ColumnKind.INTEGER, "the packet at which it was noticed"),
        Column("kind", ColumnKind.TEXT, "how they came to give none", codes=tuple(kind.value for kind in LossKind)),
        Column("missing", ColumnKind.INTEGER, "bytes that were never captured"),
        Column("skipped", ColumnKind.INTEGER, "bytes that were captured, and not understood"),
        Column("text", ColumnKind.TEXT, "what happened", losses.say),
    ),
)


#: The phases of calls, one a row: what a call's `phases` hold, with the call they are of.
_PHASES = next(column for column in call_schema.SCHEMA if column.name == "phases")
CALL_PHASES = Schema(
    "call_phases",
    _PHASES.meaning,
    (
        Column("call", ColumnKind.INTEGER, "the call's id"),
        Column("server", ColumnKind.TEXT, "address of the server"),
        *(_PHASES.of.nested if isinstance(_PHASES.of, Schema) else ()),
    ),
)
#: Exchanges, with what joins them to calls and agents.
EXCHANGES = Schema(
    exchange.SCHEMA.name,
    exchange.SCHEMA.meaning,
    (
        *exchange.SCHEMA.columns,
        Column("agent", ColumnKind.TEXT, "the agent that it is about", optional=True),
        Column("call", ColumnKind.INTEGER, "the call that it is about", optional=True),
    ),
)
#: Kind of result of a trace -> the table it is put in, and its schema. Messages have a table for each type.
RESULTS: dict[str, tuple[str, Schema]] = {
    "sessions": ("sessions", sessions.SCHEMA),
    "exchanges": ("exchanges", EXCHANGES),
    "calls": ("calls", call_schema.SCHEMA),
    "agents": ("agent_states", agents.SCHEMA),
    "findings": ("findings", findings.SCHEMA),
    "losses": ("losses", LOSSES),
}
#: The tables beside those of messages.
RESULT_TABLES = (*(table for table, _ in RESULTS.values()), "call_phases")
#: The kinds of results of which all tables are made.
KINDS = ("messages", *RESULTS)
CAPTURE = described("capture", CODED, "the capture it is from; of captures that continue each other, the first")


class Tables:
    """The tables of one or several protocols: their schemas, and the rows that results make in them."""

    def __init__(self, protocols: Protocol | Sequence[Protocol], secrets: bool = False) -> None:
        self._messages = MessageTables(protocols, (CAPTURE,), secrets)
        self._schemas = {table: arrow_schema(schema, (CAPTURE,)) for table, schema in RESULTS.values()}
        self._makers = {kind: row_maker(schema) for kind, (_, schema) in RESULTS.items()}
        self._schemas["call_phases"] = arrow_schema(CALL_PHASES, (CAPTURE,))

    def message_columns(self, capture: str) -> MessageColumns:
        """What makes the rows of messages, batch by batch."""
        # It needs numpy, which the rows do not.
        from ccxdissect.tables.message_columns import MessageColumns

        return MessageColumns(self._messages, capture)

    def schemas(self) -> dict[str, pa.Schema]:
        """Every table there always is, by its folder."""
        found = {folder(name): table.schema for name, table in self._messages.every()}
        return {**found, **self._schemas}

    def rows(self, results: Iterable[tuple[str, Any]], capture: str) -> Iterator[tuple[str, pa.Schema, dict[str, Any]]]:
        """The rows of results, each given with its kind; with the table of each."""
        for kind, result in results:
            if isinstance(result, Record):
                table = self._messages.of(result.decoded.message)
                yield folder(result.name), table.schema, {"capture": capture, **table.row(result)}
                continue
            name = RESULTS[kind][0]
            row = {"capture": capture, **self._makers[kind](result)}
            yield name, self._schemas[name], row
            if kind == "calls":
                # A call's phases are in its own row, too, made already.
                whose = {"capture": capture, "call": row["call"], "server": row["server"]}
                for phase in row[_PHASES.name]:
                    yield "call_phases", self._schemas["call_phases"], {**whose, **phase}
