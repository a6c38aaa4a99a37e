"""Sessions as two tables for people: what happened in each, and where the bytes of each direction went."""

from __future__ import annotations

from ccxdissect.analysis.schema import Column, ColumnKind, Schema, attribute, positional
from ccxdissect.analysis.sessions import SessionStory

_INTEGER, _TEXT = ColumnKind.INTEGER, ColumnKind.TEXT

TOLD = Schema(
    "sessions",
    "what happened in each session",
    (
        Column("session", _INTEGER, "its number", attribute("session.number"), rank=1),
        Column("what happened", _TEXT, "all of it in one line", lambda story: story.line(), rank=1),
    ),
)
_COUNTS = ("messages", "payload", "decoded", "undecoded", "duplicate", "missing")
BYTES = positional(
    "bytes",
    "where the bytes of each direction went",
    Column("session", _INTEGER, "its number"),
    Column("from", _TEXT, "who sent them"),
    *(Column(name, _INTEGER, name) for name in _COUNTS),
)


def byte_rows(story: SessionStory) -> list[list[object]]:
    """The two rows of `BYTES` of one session."""
    return [
        [story.session.number, side.value] + [getattr(sent, name) for name in _COUNTS]
        for side, sent in story.session.sent.items()
    ]
