"""Messages as rows: the schema that tables, CSV and JSON lines of messages are written by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from ccxdissect.analysis.message_fields import PLACE, field_column, field_names
from ccxdissect.analysis.schema import Column, ColumnKind, Place, Schema, attribute
from ccxdissect.codec.values import json_value
from ccxdissect.protocol.model import Protocol, several
from ccxdissect.stream.events import Record
from ccxdissect.views.gist import gist
from ccxdissect.views.messages import MessageWriter, Showing
from ccxdissect.wording.problems import say

INTEGER, TEXT = ColumnKind.INTEGER, ColumnKind.TEXT
#: A floating field as JSON has it.
_FLOATING = Schema(
    "floating",
    "a floating field, in the order of the wire",
    (
        Column("tag", INTEGER, "its tag", lambda item: item["tag"]),
        Column("name", TEXT, "its name, UNKNOWN_ and the tag for an unknown one", lambda item: item["name"]),
        Column(
            "value",
            ColumnKind.OBJECT,
            "a number, a text, null where it is empty, or name and value of named data",
            lambda item: item["value"],
            optional=True,
        ),
    ),
)


def message_schema(showing: Showing, protocols: Protocol | Sequence[Protocol] = ()) -> Schema:
    """What a message (a `Record`) is told as. Reserved slots and secrets only when `showing` asks for them; declared fields are
    columns by their name, those of all the protocols that are given."""
    possible = several(protocols)

    def fixed(record: Record) -> dict[str, object]:
        return {
            row.name: json_value(row, value)
            for row, _, value in record.decoded.fixed_fields()
            if showing.reserved or not row.reserved
        }

    def floating(record: Record) -> list[dict[str, object]]:
        return [
            {"tag": field.tag, "name": field.name, "value": json_value(field.row, field.value, showing.secrets)}
            for field in record.decoded.floating
        ]

    def says(record: Record) -> str:
        return gist(record.decoded, showing.secrets, record.problems)

    return Schema(
        "messages",
        "one message of the protocol, where and when it was sent",
        (
            *(_told(column) for column in PLACE),
            Column("fixed", ColumnKind.OBJECT, "the fixed part: name to value", fixed, place=Place.NESTED),
            Column("floating", ColumnKind.LIST, "the floating part", floating, of=_FLOATING, place=Place.NESTED),
            Column(
                "labels",
                ColumnKind.OBJECT,
                "field name to the constant's name, or the list of flag names",
                attribute("decoded.labels"),
                place=Place.NESTED,
            ),
            Column("problems", ColumnKind.LIST, "what is wrong with it", _problems, of=TEXT, brief="; ".join),
            Column("says", TEXT, "what it says, in short", says, heading="what it says", rank=2, place=Place.FLAT),
        ),
        further=partial(field_column, protocols=possible) if possible else None,
        further_names=(lambda: tuple(names[0] for names in field_names(possible).values())) if possible else None,
        line=MessageWriter(showing).line,
    )


def _told(column: Column) -> Column:
    """The name of a message stands out by its kind, and has a mark when the message has problems."""
    if column.name != "name":
        return column
    return replace(column, told=_flagged, tone=_kind)


def _kind(record: Record) -> str | None:
    message = record.decoded.message
    return None if message is None else message.kind.value


def _problems(record: Record) -> list[str]:
    return [say(problem) for problem in record.problems]


def _flagged(record: Record) -> str:
    return record.name + (" !" if record.problems else "")
