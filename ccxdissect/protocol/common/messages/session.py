"""Session management: what both dialects say alike to keep a session and to end it."""

from __future__ import annotations

from ccxdissect.protocol.common.fields import INVOKE_ID
from ccxdissect.protocol.model import Chapter, Kind, Message, MessageClass, Side, Trait

#: The messages of this file.
CHAPTER = Chapter(MessageClass.SESSION)

HEARTBEAT_REQ = Message(
    CHAPTER,
    5,
    "HEARTBEAT_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Keeps the session alive and asks whether the server still is.",
    page={"ccx": "heartbeat_req"},
    replies=("HEARTBEAT_CONF",),
    traits=Trait.HEARTBEAT | Trait.ASKS,
    fixed=(INVOKE_ID,),
)

HEARTBEAT_CONF = Message(
    CHAPTER,
    6,
    "HEARTBEAT_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Answers a heartbeat.",
    page={"ccx": "heartbeat_conf"},
    traits=Trait.HEARTBEAT,
    fixed=(INVOKE_ID,),
)

CLOSE_CONF = Message(
    CHAPTER,
    8,
    "CLOSE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Agrees to end the session.",
    page={"ccx": "close_conf"},
    traits=Trait.CLOSES,
    fixed=(INVOKE_ID,),
)
