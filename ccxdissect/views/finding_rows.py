"""Findings as rows for people: like ones together, with how often, and when for the last time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter

from ccxdissect.analysis.findings import SCHEMA
from ccxdissect.analysis.gathering import Gathered
from ccxdissect.analysis.schema import Column, ColumnKind, Schema, attribute
from ccxdissect.wording import plural


def gathered_schema(say_time: Callable[[int], str]) -> Schema:
    """The columns of `findings`, each of the first of its group; and how often there were more."""

    def told(gathered: Gathered) -> str:
        return gathered.first.text + how_often(gathered, say_time)

    first = [replace(column, get=attrgetter(f"first.{column.name}")) for column in SCHEMA.columns]
    severity = replace(first[0], get=lambda gathered: gathered.first.severity.value)
    further = (
        Column("times", ColumnKind.INTEGER, "how often it came about"),
        Column("sessions", ColumnKind.INTEGER, "in how many sessions", lambda gathered: len(gathered.sessions)),
        Column("last", ColumnKind.TIME, "when for the last time", attribute("last.time")),
        Column("last_message", ColumnKind.INTEGER, "the last's message", attribute("last.message"), optional=True),
    )
    columns = [replace(column, told=told) if column.name == "text" else column for column in (severity, *first[1:])]
    return Schema(SCHEMA.name, SCHEMA.meaning, (*columns, *further))


def how_often(gathered: Gathered, say_time: Callable[[int], str]) -> str:
    """How often it came about, if more than once: ` (3 times in 2 sessions, the last at 10:44:05.000000)`."""
    if gathered.times == 1:
        return ""
    sessions = f" in {plural(len(gathered.sessions), 'session')}" if len(gathered.sessions) > 1 else ""
    return f" ({plural(gathered.times, 'time')}{sessions}, the last at {say_time(gathered.last.time)})"
