"""Errors: refusals of a request, and failures that nobody asked about."""

from __future__ import annotations

from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.ged188.constants import failures
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Side, Trait
from ccxdissect.protocol.types import UINT

#: The messages of this file.
CHAPTER = Chapter(MessageClass.ERROR)

FAILURE_CONF = Message(
    CHAPTER,
    1,
    "FAILURE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Refuses a request, or the opening of a session.",
    page="",
    traits=Trait.FAILS,
    note="Guides 24 and 25 print the fixed part of CONTROL_FAILURE_CONF here (USHORT + UINT); versions 9-23 and every client have Status UINT: 8 bytes decide, 10 would be the other.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("Status", UINT, "status code", failures.StatusCode, mark=Mark.FAILURE),
    ),
)

FAILURE_EVENT = Message(
    CHAPTER,
    2,
    "FAILURE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Says unasked that something is wrong with the session.",
    page="",
    traits=Trait.REPORTS_FAILURE,
    fixed=(Fixed("Status", UINT, "status code", failures.StatusCode, mark=Mark.FAILURE),),
)

FAILURE_RESP = Message(
    CHAPTER,
    190,
    "FAILURE_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "A request of the task interface failed.",
    page="",
    fields_known=False,
    traits=Trait.FAILS,
)
