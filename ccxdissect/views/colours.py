"""Colours for what matters: severities, outcomes and kinds of messages."""

from __future__ import annotations

from typing import Any

from ccxdissect.analysis.schema import Column

_RESET = "\x1b[0m"
#: By the word that a row has in a column, whatever the rows.
_WORDS = {
    "error": "\x1b[31m",
    "failed": "\x1b[31m",
    "warning": "\x1b[33m",
    "unanswered": "\x1b[33m",
    "unrequested": "\x1b[33m",
    "note": "\x1b[2m",
    "request": "\x1b[34m",
    "confirmation": "\x1b[32m",
    "event": "\x1b[35m",
}


def coloured(cell: object, column: Column, row: Any) -> object:
    """A cell of a table in the colour of what its row is by this column; as it is where it has none."""
    word = column.tone(row) if column.tone is not None else column.value(row) if column.codes else None
    colour = _WORDS.get(str(word)) if word is not None else None
    return cell if colour is None or cell == "" else f"{colour}{cell}{_RESET}"
