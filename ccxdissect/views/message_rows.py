"""Messages as rows: the schema that tables, CSV and JSON lines of messages are written by."""

from __future__ import annotations

from typing import Any

from ccxdissect.analysis.schema import Column, ColumnKind, Place, Schema, attribute
from ccxdissect.codec.values import json_value
from ccxdissect.protocol.model import Kind, MessageClass, Side
from ccxdissect.stream.events import Record
from ccxdissect.views.gist import gist
from ccxdissect.views.messages import MessageWriter, Showing
from ccxdissect.views.problems import say

TIME, INTEGER, TEXT = ColumnKind.TIME, ColumnKind.INTEGER, ColumnKind.TEXT
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


def message_schema(showing: Showing) -> Schema:
    """What a message (a `Record`) is told as. Reserved slots and secrets only when `showing` asks for them."""

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
            Column("number", INTEGER, "from 1 over everything read", rank=1),
            Column("frame", INTEGER, "the packet that completed it, from 1"),
            Column("time", TIME, "when that packet was captured", rank=3),
            Column("session", INTEGER, "the session it belongs to, from 1", _session, rank=5),
            Column("from", TEXT, "who sent it", _sender, rank=4, codes=tuple(side.value for side in Side)),
            Column("src", TEXT, "address of the sender: ip:port, v6 in brackets"),
            Column("dst", TEXT, "address of the receiver"),
            Column("version", INTEGER, "protocol version of the session, when known", _version, optional=True),
            Column("type", INTEGER, "the message type's number", attribute("decoded.number")),
            Column(
                "name",
                TEXT,
                "the message type's name; UNKNOWN_ and the number for an unknown one",
                heading="message",
                rank=1,
                told=_flagged,
            ),
            Column("class", TEXT, "its class", _class, codes=tuple(item.value for item in MessageClass), optional=True),
            Column("kind", TEXT, "what part it plays", _kind, codes=tuple(item.value for item in Kind), optional=True),
            Column("length", INTEGER, "bytes of its body", _length),
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
        line=MessageWriter(showing).line,
    )


def _session(record: Record) -> int:
    return record.session.number


def _sender(record: Record) -> Any:
    return record.sender


def _version(record: Record) -> int | None:
    return record.decoded.version


def _class(record: Record) -> Any:
    message = record.decoded.message
    return None if message is None else message.message_class


def _kind(record: Record) -> Any:
    message = record.decoded.message
    return None if message is None else message.kind


def _length(record: Record) -> int:
    return len(record.decoded.body)


def _problems(record: Record) -> list[str]:
    return [say(problem) for problem in record.problems]


def _flagged(record: Record) -> str:
    return record.name + (" !" if record.problems else "")
