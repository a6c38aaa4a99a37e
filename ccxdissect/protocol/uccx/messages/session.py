"""Session management: opening, keeping and ending a session, and news of the server."""

from __future__ import annotations

from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Repeat, Side, Trait
from ccxdissect.protocol.types import BOOL, TIME, UINT, USHORT
from ccxdissect.protocol.uccx import tags
from ccxdissect.protocol.uccx.constants.agents import AgentState
from ccxdissect.protocol.uccx.constants.failures import StatusCode
from ccxdissect.protocol.uccx.constants.session import AgentStateMask, CallMsgMask, ConfigMsgMask, CTIServiceMask
from ccxdissect.protocol.uccx.constants.system import CCXStatus, PeripheralType, SystemEventID
from ccxdissect.protocol.uccx.constants.versions import VERSIONS, ProtocolVersion
from ccxdissect.protocol.uccx.fields import reserved

#: The messages of this file.
CHAPTER = Chapter(MessageClass.SESSION)

OPEN_REQ = Message(
    CHAPTER,
    3,
    "OPEN_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Opens a session: version, services, masks, and in agent mode the agent.",
    page="open_req",
    replies=("OPEN_CONF",),
    traits=Trait.OPENS,
    note="The server ignores ClientID and ClientPassword, yet both must be there, be they empty. In agent "
    "mode at least one of AgentExtension, AgentInstrument and AgentID is needed. A standby server "
    "refuses with FAILURE_CONF.",
    fixed=(
        shared.INVOKE_ID,
        Fixed(
            "VersionNumber",
            UINT,
            f"protocol version asked for; governs all later messages (UCCX: {VERSIONS[0]}..{VERSIONS[-1]})",
            ProtocolVersion,
            mark=Mark.VERSION,
        ),
        shared.IDLE_TIMEOUT.but(
            "seconds; at least 2 heartbeat intervals, less than 120 (error table: less than 20 is refused)"
        ),
        reserved("PeripheralID", UINT, 0),
        Fixed("ServicesRequested", UINT, "mask of CTI services", CTIServiceMask, mark=Mark.SERVICES),
        Fixed("CallMsgMask", UINT, "mask of call events wanted", CallMsgMask),
        Fixed("AgentStateMask", UINT, "mask of agent states wanted", AgentStateMask),
        Fixed(
            "ConfigMsgMask",
            UINT,
            "mask of configuration events wanted (CONFIG_*_MASK; other bit order than ConfigurationMask)",
            ConfigMsgMask,
        ),
        *shared.RESERVED_THREE,
    ),
    floating=(
        tags.ClientID.required("user id of the client; may be empty"),
        tags.ClientPassword.required("password; may be empty"),
        tags.ClientSignature.optional("text identifying the client"),
        tags.AgentExtension.row("agent mode: extension"),
        tags.AgentInstrument.row("agent mode: phone"),
        tags.AgentID.row("agent mode: UCCX login"),
    ),
)

OPEN_CONF = Message(
    CHAPTER,
    4,
    "OPEN_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Grants a session and says which services, and in agent mode the agent's state.",
    page="open_conf",
    traits=Trait.OPENS,
    note="ConfigMsgMaskGranted is a USHORT although ConfigMsgMask is a UINT.",
    fixed=(
        shared.INVOKE_ID,
        Fixed(
            "ServicesGranted",
            UINT,
            "mask of services, may be fewer than asked",
            CTIServiceMask,
            mark=Mark.SERVICES,
        ),
        reserved("MonitorID", UINT, 0),
        reserved("PGStatus", UINT, 0),
        reserved("ICMCentralControllerTime", TIME, 0),
        Fixed("UnifiedCCXOnline", BOOL, "1 online, 0 offline", mark=Mark.ONLINE),
        reserved("PeripheralType", USHORT, 0, codes=PeripheralType),
        Fixed("AgentState", USHORT, "agent state code", AgentState, mark=Mark.AGENT_STATE),
    ),
    floating=(
        tags.AgentExtension.row("agent mode: extension, if logged in"),
        tags.ShortAgentID.unused().row("the agent's id in its old short form, to be ignored"),
        tags.AgentInstrument.row("agent mode: phone, if logged in"),
        tags.AgentID.row("agent mode: UCCX login"),
        tags.NumPeripherals.row("number of FltPeripheralID/MultilineAgentControl pairs; always 1 in UCCX"),
        tags.FltPeripheralID.but(since=14).row("peripheral id as given in OPEN_REQ"),
        tags.MultilineAgentControl.row("multi-line control available; always 1 in UCCX"),
        tags.ConfigMsgMaskGranted.row("mask of configuration events the server will send (CONFIG_*_MASK)"),
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
    page="close_req",
    replies=("CLOSE_CONF",),
    traits=Trait.CLOSES,
    fixed=(
        shared.INVOKE_ID,
        Fixed("Status", UINT, "reason for closing: E_CTI status code", StatusCode, mark=Mark.REASON),
    ),
)

SYSTEM_EVENT = Message(
    CHAPTER,
    31,
    "SYSTEM_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "News of the server itself or of a device.",
    page="system_event",
    traits=Trait.SYSTEM,
    note="Sent to all clients whatever their mode.",
    fixed=(
        Fixed("CCXStatus", UINT, "server status", CCXStatus),
        Fixed("CCXTime", TIME, "server date and time"),
        Fixed("SystemEventID", UINT, "which system event", SystemEventID),
        *shared.SYSTEM_EVENT_ARGUMENTS,
        shared.EVENT_DEVICE_TYPE.but("device type of EventDeviceID; DEVID_NONE 0xffff when there is none"),
    ),
    floating=(
        tags.Text.optional("text that goes with the event"),
        tags.EventDeviceID.row("device id; used for device in/out of service events"),
    ),
)
