"""Routing dialogues with an application: known by number and name only."""

from __future__ import annotations

from ccxdissect.protocol.model import Chapter, Kind, Message, MessageClass, Side

#: The messages of this file.
CHAPTER = Chapter(MessageClass.ROUTING)

ROUTE_REGISTER_EVENT = Message(
    CHAPTER,
    211,
    "ROUTE_REGISTER_EVENT",
    Side.CLIENT,
    Kind.REQUEST,
    "A routing client registers for requests of a route.",
    page="",
    replies=("ROUTE_REGISTER_REPLY_EVENT",),
    fields_known=False,
)

ROUTE_REGISTER_REPLY_EVENT = Message(
    CHAPTER,
    212,
    "ROUTE_REGISTER_REPLY_EVENT",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Says whether the routing client was registered.",
    page="",
    fields_known=False,
)

ROUTE_REQUEST_EVENT = Message(
    CHAPTER,
    213,
    "ROUTE_REQUEST_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Asks where a call is to be sent.",
    page="",
    fields_known=False,
)

ROUTE_SELECT_EVENT = Message(
    CHAPTER,
    214,
    "ROUTE_SELECT_EVENT",
    Side.CLIENT,
    Kind.EVENT,
    "Says where the call is to be sent.",
    page="",
    fields_known=False,
)

ROUTE_END_EVENT = Message(
    CHAPTER,
    215,
    "ROUTE_END_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "The routing of a call is over.",
    page="",
    fields_known=False,
)
