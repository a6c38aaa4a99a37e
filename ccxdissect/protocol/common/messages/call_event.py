"""Call events and call data: what both dialects say alike of them."""

from __future__ import annotations

from ccxdissect.protocol.common.fields import INVOKE_ID
from ccxdissect.protocol.model import Chapter, Kind, Message, MessageClass, Side

#: The messages of this file.
CHAPTER = Chapter(MessageClass.CALL_EVENT)

SET_CALL_DATA_CONF = Message(
    CHAPTER,
    27,
    "SET_CALL_DATA_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The call data were set.",
    page={"ccx": "set_call_data_conf", "cce": "Call Data Update Service"},
    fixed=(INVOKE_ID,),
)
