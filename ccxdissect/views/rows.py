"""The kinds of rows there are, by the name that commands and scripts give them."""

from __future__ import annotations

from ccxdissect.analysis.schema import Schema

#: What `schema_of` knows.
ROWS = ("messages", "sessions", "exchanges", "calls", "agents", "findings", "stats", "summary", "compare")


def schema_of(rows: str) -> tuple[Schema, ...]:
    """The schema of a kind of rows; several where a command prints rows of several kinds. KeyError for an unknown one."""
    from ccxdissect.analysis import agents, call_schema, exchange, findings, sessions, statistics
    from ccxdissect.sources.options import protocols_of
    from ccxdissect.views.comparison import SCHEMA as COMPARE
    from ccxdissect.views.message_rows import message_schema
    from ccxdissect.views.messages import Showing
    from ccxdissect.views.summary_rows import SCHEMA as SUMMARY

    return {
        "messages": (message_schema(Showing(), protocols_of()),),
        "sessions": (sessions.SCHEMA,),
        "exchanges": (exchange.SCHEMA,),
        "calls": (call_schema.SCHEMA,),
        "agents": (agents.SCHEMA,),
        "findings": (findings.SCHEMA,),
        "summary": (SUMMARY,),
        "compare": (COMPARE,),
        "stats": (statistics.TYPE_COUNTS, statistics.EXCHANGE_COUNTS),
    }[rows]
