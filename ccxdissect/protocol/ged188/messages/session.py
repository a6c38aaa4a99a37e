"""Session management: opening, keeping and ending a session, and news of the server."""

from __future__ import annotations

from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.ged188 import tags
from ccxdissect.protocol.ged188.constants import failures, session, system, versions
from ccxdissect.protocol.ged188.fields import (
    AGENT_STATE,
    AGENT_STATE_MASK,
    CALL_MSG_MASK,
    DEPARTMENT_ID,
    ICM_CENTRAL_CONTROLLER_TIME,
    MONITOR_ID,
    PERIPHERAL_ID,
    PERIPHERAL_TYPE,
)
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Repeat, Side, Trait
from ccxdissect.protocol.types import BOOL, UINT, USHORT

#: The messages of this file.
CHAPTER = Chapter(MessageClass.SESSION)

OPEN_REQ = Message(
    CHAPTER,
    3,
    "OPEN_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Opens a session: version, services, masks, and in agent mode the agent.",
    page="",
    replies=("OPEN_CONF",),
    complete=False,
    traits=Trait.OPENS,
    note="Tag not given in the guides: UniqueInstanceID.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("VersionNumber", UINT, "protocol version asked for", versions.ProtocolVersion, mark=Mark.VERSION),
        shared.IDLE_TIMEOUT,
        PERIPHERAL_ID,
        Fixed("ServicesRequested", UINT, "mask of services", session.CTIServiceMask, mark=Mark.SERVICES),
        CALL_MSG_MASK,
        AGENT_STATE_MASK,
        Fixed("ConfigMsgMask", UINT, "mask of configuration events", session.ConfigMsgMask),
        *shared.RESERVED_THREE,
    ),
    floating=(
        tags.ClientID.required("user id of the client"),
        tags.ClientPassword.required("password"),
        tags.ClientSignature.optional("text naming the client"),
        tags.AgentExtension.row("agent's extension"),
        tags.AgentID.row("agent's login"),
        tags.AgentInstrument.row("agent's phone"),
        tags.ApplicationPathID.row(),
    ),
)

OPEN_CONF = Message(
    CHAPTER,
    4,
    "OPEN_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Grants a session and says which services, and in agent mode the agent's state.",
    page="",
    traits=Trait.OPENS,
    note="DepartmentID: the change list says version 19, an independent client sends it at 20 and not at 19; SessionType from 24. The end of the fixed part is where the rest walks as floating fields.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("ServicesGranted", UINT, "mask of services", session.CTIServiceMask, mark=Mark.SERVICES),
        MONITOR_ID,
        Fixed("PGStatus", UINT, "mask; 0 is well", session.PGStatus),
        ICM_CENTRAL_CONTROLLER_TIME,
        Fixed("PeripheralOnline", BOOL, "1 online", mark=Mark.ONLINE),
        PERIPHERAL_TYPE,
        AGENT_STATE,
        DEPARTMENT_ID,
        Fixed("SessionType", USHORT, "0 unknown, 1 active, 2 standby", session.SessionType, since=24),
    ),
    floating=(
        tags.AgentExtension.row("agent's extension"),
        tags.AgentID.row("agent's login"),
        tags.AgentInstrument.row("agent's phone"),
        tags.NumPeripherals.row("count of peripherals"),
        tags.FltPeripheralID.but(since=14).row("switch of the record"),
        tags.MultilineAgentControl.row(),
    ),
    repeats=(Repeat("NumPeripherals", (tags.FltPeripheralID.tag, tags.MultilineAgentControl.tag)),),
)

CLOSE_REQ = Message(
    CHAPTER,
    7,
    "CLOSE_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to end the session.",
    page="",
    replies=("CLOSE_CONF",),
    traits=Trait.CLOSES,
    fixed=(
        shared.INVOKE_ID,
        Fixed("Status", UINT, "status code", failures.StatusCode, mark=Mark.REASON),
    ),
)

SYSTEM_EVENT = Message(
    CHAPTER,
    31,
    "SYSTEM_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "News of the server itself or of a device.",
    page="Miscellaneous Service",
    traits=Trait.SYSTEM,
    fixed=(
        Fixed("PGStatus", UINT, "mask; 0 is well", session.PGStatus),
        ICM_CENTRAL_CONTROLLER_TIME,
        Fixed("SystemEventID", UINT, "what happened", system.SystemEventID),
        *shared.SYSTEM_EVENT_ARGUMENTS,
        shared.EVENT_DEVICE_TYPE,
    ),
    floating=(
        tags.Text.optional("free text"),
        tags.EventDeviceID.row("event device"),
    ),
)

STANDBY_ACTIVE_EVENT_MSG = Message(
    CHAPTER,
    277,
    "STANDBY_ACTIVE_EVENT_MSG",
    Side.SERVER,
    Kind.EVENT,
    "The standby side became the active one.",
    page="",
    since=24,
    fields_known=False,
    note="No table in the guides, taken as a header alone; change list says 24, the stored guide 23 lists it too.",
)

ACTIVE_MAINTENANCE_REQ_MSG = Message(
    CHAPTER,
    278,
    "ACTIVE_MAINTENANCE_REQ_MSG",
    Side.SERVER,
    Kind.REQUEST,
    "The server asks whether the client agrees to maintenance.",
    page="",
    replies=("ACTIVE_MAINTENANCE_RESP_MSG",),
    since=24,
    note="No table in the guides: fields typed from the text; change list says 24, the stored guide 23 lists it too.",
    fixed=(shared.INVOKE_ID,),
)

ACTIVE_MAINTENANCE_RESP_MSG = Message(
    CHAPTER,
    279,
    "ACTIVE_MAINTENANCE_RESP_MSG",
    Side.CLIENT,
    Kind.CONFIRMATION,
    "Says whether the client agrees to maintenance.",
    page="",
    since=24,
    note="No table in the guides: fields typed from the text; change list says 24, the stored guide 23 lists it too.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("MaintenanceModeAccepted", BOOL, "1: the client agrees"),
    ),
)

ACTIVE_MAINTENANCE_EVENT_MSG = Message(
    CHAPTER,
    280,
    "ACTIVE_MAINTENANCE_EVENT_MSG",
    Side.SERVER,
    Kind.EVENT,
    "Maintenance begins or ends.",
    page="",
    since=24,
    note="No table in the guides: fields typed from the text; change list says 24, the stored guide 23 lists it too.",
    fixed=(Fixed("MaintenanceModeStatus", BOOL, "1: maintenance mode is on"),),
)

STOPPING_REQUESTS_TO_THIS_SIDE_IND = Message(
    CHAPTER,
    281,
    "STOPPING_REQUESTS_TO_THIS_SIDE_IND",
    Side.CLIENT,
    Kind.EVENT,
    "The client sends no more requests to this side.",
    page="",
    since=24,
    fields_known=False,
    note="No table in the guides, taken as a header alone; change list says 24, the stored guide 23 lists it too.",
)
