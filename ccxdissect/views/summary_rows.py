"""A summary as one row, for programs."""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

from ccxdissect.analysis.findings import SCHEMA as FINDINGS
from ccxdissect.analysis.findings import Severity
from ccxdissect.analysis.schema import Column, ColumnKind, Schema, attribute
from ccxdissect.analysis.sessions import SCHEMA as SESSIONS
from ccxdissect.analysis.verdict import Kind
from ccxdissect.views.verdict import summary_headline

_INTEGER, _TEXT, _MAP, _TIME = ColumnKind.INTEGER, ColumnKind.TEXT, ColumnKind.MAP, ColumnKind.TIME

_COUNTS = Schema(
    "counts",
    "how many findings of each severity",
    tuple(
        Column(severity.value, _INTEGER, f"findings that are {severity.value}s", itemgetter(severity))
        for severity in reversed(Severity)
    ),
)
_NOT_DECODED = Schema(
    "not_decoded",
    "what gave no message, or none that is whole",
    (
        Column("messages", _INTEGER, "messages with problems", attribute("troubled")),
        Column("undecoded", _INTEGER, "bytes of these that did not decode"),
        Column("skipped", _INTEGER, "bytes between messages"),
        Column("undelivered", _INTEGER, "bytes outside of any stream"),
        Column("missing", _INTEGER, "bytes never captured"),
    ),
)
_MATTERS = Schema(
    "matters",
    "like findings together",
    (
        *(
            replace(column, get=attribute(f"first.{column.name}"))
            for column in FINDINGS.columns
            if column.name in ("severity", "rule")
        ),
        Column("findings", _INTEGER, "how many", attribute("count")),
        Column(
            "sessions", _INTEGER, "in how many sessions, as far as they are counted", lambda held: len(held.sessions)
        ),
        Column("first", _TIME, "the first one's time", attribute("first.time")),
        Column("last", _TIME, "the last one's time", attribute("last.time")),
        Column(
            "message",
            _INTEGER,
            "number of the message the first one is about",
            attribute("first.message"),
            optional=True,
        ),
        Column("text", _TEXT, "what the first one says", attribute("first.text")),
    ),
)


SCHEMA = Schema(
    "summary",
    "what is in a capture: the judgement, the counts, the first sessions, what was found",
    (
        Column(
            "verdict",
            _TEXT,
            "trouble, nothing (decoded), partly (nothing wrong was found, but not all was there) or well",
            lambda summary: summary.verdict.kind,
            codes=tuple(kind.value for kind in Kind),
        ),
        Column("headline", _TEXT, "the one thing that matters most, in words", summary_headline),
        Column("messages", _INTEGER, "how many"),
        Column("sessions", _INTEGER, "how many"),
        Column("first", _TIME, "the first message's time", optional=True),
        Column("last", _TIME, "the last one's", lambda summary: summary.last or None, optional=True),
        Column("findings", ColumnKind.OBJECT, _COUNTS.meaning, attribute("counts"), of=_COUNTS),
        Column(
            "matters",
            ColumnKind.LIST,
            "the findings, like ones together, the gravest first",
            attribute("findings"),
            of=_MATTERS,
        ),
        Column("versions", _MAP, "sessions by protocol version", of=_INTEGER),
        Column("classes", _MAP, "messages by class", of=_INTEGER),
        Column("types", _MAP, "messages by type", of=_INTEGER),
        Column("not_decoded", ColumnKind.OBJECT, _NOT_DECODED.meaning, lambda summary: summary, of=_NOT_DECODED),
        Column("snap", _INTEGER, "the length to which packets were cut, when some were", optional=True),
        Column(
            "ports",
            ColumnKind.LIST,
            "server ports that were looked at",
            lambda summary: sorted(summary.ports),
            of=_INTEGER,
        ),
        Column("remarks", ColumnKind.LIST, "what else is to be said of the files", of=_TEXT),
        Column("stories", ColumnKind.LIST, "the first sessions, as `sessions` has them", of=SESSIONS),
    ),
)
