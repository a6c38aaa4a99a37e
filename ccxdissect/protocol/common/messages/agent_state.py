"""Agent states: what both dialects say alike of them."""

from __future__ import annotations

from ccxdissect.protocol.common.fields import INVOKE_ID
from ccxdissect.protocol.model import Chapter, Kind, Message, MessageClass, Side

#: The messages of this file.
CHAPTER = Chapter(MessageClass.AGENT_STATE)

SET_AGENT_STATE_CONF = Message(
    CHAPTER,
    39,
    "SET_AGENT_STATE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The change of state was accepted.",
    page={"ccx": "set_agent_state_conf", "cce": "Client Control Service"},
    fixed=(INVOKE_ID,),
)
