"""Errors: refusals of a request, and failures that nobody asked about."""

from __future__ import annotations

from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Side, Trait
from ccxdissect.protocol.types import UINT
from ccxdissect.protocol.uccx import tags
from ccxdissect.protocol.uccx.constants.failures import StatusCode

#: The messages of this file.
CHAPTER = Chapter(MessageClass.ERROR)

FAILURE_CONF = Message(
    CHAPTER,
    1,
    "FAILURE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Refuses a request, or the opening of a session.",
    page="failure_conf",
    traits=Trait.FAILS,
    note="The sister protocol has no floating part here up to version 17; this one has Text.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("Status", UINT, "E_CTI status code", StatusCode, mark=Mark.FAILURE),
    ),
    floating=(tags.Text.row("reason in words, if known"),),
)

FAILURE_EVENT = Message(
    CHAPTER,
    2,
    "FAILURE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Says unasked that something is wrong with the session.",
    page="failure_event",
    traits=Trait.REPORTS_FAILURE,
    note="The sister protocol has no floating part here up to version 17; this one has Text.",
    fixed=(Fixed("Status", UINT, "E_CTI status code", StatusCode, mark=Mark.FAILURE),),
    floating=(tags.Text.row("reason in words, if any"),),
)
