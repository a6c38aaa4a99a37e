"""Which tables there are of what is made of messages: exchanges, calls, findings ..., and the rows of such results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from ccxdissect.analysis import agents, call_schema, exchange, findings, sessions
from ccxdissect.analysis.schema import Column, ColumnKind, Schema, attribute
from ccxdissect.protocol.model import Side
from ccxdissect.stream.events import LossKind
from ccxdissect.tables.arrow import CAPTURE, arrow_schema, row_maker
from ccxdissect.wording import losses

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


class ResultTables:
    """The tables of results, and the rows that results make in them."""

    def __init__(self) -> None:
        self.schemas = {table: arrow_schema(schema, (CAPTURE,)) for table, schema in RESULTS.values()}
        self.schemas["call_phases"] = arrow_schema(CALL_PHASES, (CAPTURE,))
        self._makers = {kind: row_maker(schema) for kind, (_, schema) in RESULTS.items()}

    def rows(self, kind: str, result: Any, capture: str) -> Iterator[tuple[str, pa.Schema, dict[str, Any]]]:
        """The rows of a result of a kind, with the table of each."""
        name = RESULTS[kind][0]
        row = {"capture": capture, **self._makers[kind](result)}
        yield name, self.schemas[name], row
        if kind == "calls":
            # A call's phases are in its own row, too, made already.
            whose = {"capture": capture, "call": row["call"], "server": row["server"]}
            for phase in row[_PHASES.name]:
                yield "call_phases", self.schemas["call_phases"], {**whose, **phase}
