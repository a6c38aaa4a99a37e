"""Call control: the confirmations of both dialects that say nothing but that it was done."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, GUIDE, Source
from ccxdissect.protocol.common.fields import INVOKE_ID
from ccxdissect.protocol.model import Chapter, Kind, Message, MessageClass, Side

#: The messages of this file.
CHAPTER = Chapter(MessageClass.CALL_CONTROL)


def _done(number: int, name: str, purpose: str, number_source: Source = GUIDE) -> Message:
    """A confirmation that has the request's id and nothing else."""
    return Message(
        CHAPTER,
        number,
        name,
        Side.SERVER,
        Kind.CONFIRMATION,
        purpose,
        page={"ccx": name.lower(), "cce": "Client Control Service"},
        fixed=(INVOKE_ID,),
        number_source=number_source,
    )


ALTERNATE_CALL_CONF = _done(41, "ALTERNATE_CALL_CONF", "The calls were alternated.")
ANSWER_CALL_CONF = _done(43, "ANSWER_CALL_CONF", "The call was answered.")
CLEAR_CALL_CONF = _done(45, "CLEAR_CALL_CONF", "The call was dropped.")
HOLD_CALL_CONF = _done(55, "HOLD_CALL_CONF", "The call is on hold.")
RECONNECT_CALL_CONF = _done(61, "RECONNECT_CALL_CONF", "The held call is back.", GED188)
RETRIEVE_CALL_CONF = _done(63, "RETRIEVE_CALL_CONF", "The call is back from hold.", GED188)
SEND_DTMF_SIGNAL_CONF = _done(92, "SEND_DTMF_SIGNAL_CONF", "The tones are being sent.", GED188)
