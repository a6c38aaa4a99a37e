"""What fits no other class: media streams, desktop settings, services, user messages, recordings."""

from __future__ import annotations

from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.ged188 import tags
from ccxdissect.protocol.ged188.constants import agents, calls, system
from ccxdissect.protocol.ged188.fields import (
    CLIENT_PORT,
    ICM_CENTRAL_CONTROLLER_TIME,
    MONITOR_ID,
    PERIPHERAL_ID,
    SKILL_GROUP_ID,
    SKILL_GROUP_NUMBER,
)
from ccxdissect.protocol.ged188.figures import figures
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Message, MessageClass, Side, Trait
from ccxdissect.protocol.types import UINT, USHORT

#: The messages of this file.
CHAPTER = Chapter(MessageClass.MISCELLANEOUS)

CLIENT_EVENT_REPORT_REQ = Message(
    CHAPTER,
    32,
    "CLIENT_EVENT_REPORT_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Reports an event of the client's own to the administrators.",
    page="Miscellaneous Service",
    replies=("CLIENT_EVENT_REPORT_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        Fixed("State", USHORT, "what became of the client's object", system.ClientEventState),
    ),
    floating=(
        tags.ObjectName.optional(),
        tags.Text.row("free text"),
    ),
)

CLIENT_EVENT_REPORT_CONF = Message(
    CHAPTER,
    33,
    "CLIENT_EVENT_REPORT_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the report.",
    page="Miscellaneous Service",
    fixed=(shared.INVOKE_ID,),
)

USER_MESSAGE_REQ = Message(
    CHAPTER,
    107,
    "USER_MESSAGE_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Sends a text to other clients.",
    page="Miscellaneous Service",
    replies=("USER_MESSAGE_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        Fixed("Distribution", USHORT, "to whom", system.Distribution),
    ),
    floating=(
        tags.ClientID.optional("user id of the client"),
        tags.AgentExtension.row("agent's extension"),
        tags.AgentID.row("agent's login"),
        tags.AgentInstrument.row("agent's phone"),
        tags.Text.row("free text"),
        tags.CTIOSCILClientID.but(until=23).row("id of the CTI OS client"),
    ),
)

USER_MESSAGE_CONF = Message(
    CHAPTER,
    108,
    "USER_MESSAGE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms that the text was sent.",
    page="Miscellaneous Service",
    fixed=(shared.INVOKE_ID,),
)

USER_MESSAGE_EVENT = Message(
    CHAPTER,
    109,
    "USER_MESSAGE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Another client sent a text.",
    page="Miscellaneous Service",
    fixed=(
        ICM_CENTRAL_CONTROLLER_TIME,
        Fixed("Distribution", USHORT, "to whom", system.Distribution),
    ),
    floating=(
        tags.ClientID.row("user id of the client"),
        tags.Text.row("free text"),
    ),
)

REGISTER_VARIABLES_REQ = Message(
    CHAPTER,
    110,
    "REGISTER_VARIABLES_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Says which call variables this client uses.",
    page="Miscellaneous Service",
    replies=("REGISTER_VARIABLES_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        Fixed("CallVariableMask", USHORT, "which call variables are wanted", calls.CallVariableMask),
        *shared.named_counts(),
    ),
    floating=(
        tags.NamedVariable.optional(),
        tags.NamedArray.optional("element of a named call array"),
    ),
    repeats=shared.NAMED_REPEATS,
)

REGISTER_VARIABLES_CONF = Message(
    CHAPTER,
    111,
    "REGISTER_VARIABLES_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the call variables.",
    page="Miscellaneous Service",
    note="Table printed with number 118.",
    fixed=(shared.INVOKE_ID,),
)

QUERY_SKILL_GROUP_STATISTICS_REQ = Message(
    CHAPTER,
    114,
    "QUERY_SKILL_GROUP_STATISTICS_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the figures of a skill group.",
    page="Miscellaneous Service",
    replies=("QUERY_SKILL_GROUP_STATISTICS_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        SKILL_GROUP_NUMBER,
        SKILL_GROUP_ID,
    ),
)

QUERY_SKILL_GROUP_STATISTICS_CONF = Message(
    CHAPTER,
    115,
    "QUERY_SKILL_GROUP_STATISTICS_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the figures of a skill group.",
    page="Miscellaneous Service",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        SKILL_GROUP_NUMBER,
        SKILL_GROUP_ID,
        Fixed("AgentsLoggedOn", UINT, "agents logged on"),
        Fixed("AgentsAvail", UINT, "agents available"),
        Fixed("AgentsNotReady", UINT, "agents not ready"),
        Fixed("AgentsReady", UINT, "agents ready, on a call or not"),
        Fixed("AgentsTalkingIn", UINT, "agents on inbound calls"),
        Fixed("AgentsTalkingOut", UINT, "agents on outbound calls"),
        Fixed("AgentsTalkingOther", UINT, "agents on internal calls"),
        Fixed("AgentsWorkNotReady", UINT, "agents in wrap-up, not ready behind it"),
        Fixed("AgentsWorkReady", UINT, "agents in wrap-up, ready behind it"),
        Fixed("AgentsBusyOther", UINT, "agents busy for another skill group"),
        Fixed("AgentsReserved", UINT, "agents reserved for a call"),
        Fixed("AgentsHold", UINT, "agents with all calls on hold"),
        Fixed("AgentsICMAvailable", UINT, "agents available to ICM"),
        Fixed("AgentsApplicationAvailable", UINT, "agents available to the application"),
        Fixed("AgentsTalkingAutoOut", UINT, "agents on automatic (predictive) calls"),
        Fixed("AgentsTalkingPreview", UINT, "agents on preview calls"),
        Fixed("AgentsTalkingReservation", UINT, "agents on reservation calls"),
        Fixed("RouterCallsQNow", UINT, "calls queued at the router now"),
        Fixed("LongestRouterCallQNow", UINT, "wait of the oldest call queued at the router"),
        Fixed("CallsQNow", UINT, "calls queued now"),
        Fixed("CallsQTimeNow", UINT, "time that these calls have waited, together"),
        Fixed("LongestCallQNow", UINT, "wait of the oldest call queued"),
        *figures("To5"),
        Fixed("CallsQ5", UINT, "calls queued, last five minutes"),
        Fixed("CallsQTime5", UINT, "time that calls were queued, last five minutes"),
        Fixed("LongestCallQ5", UINT, "longest time that a call was queued, last five minutes"),
        *figures("ToHalf"),
        Fixed("CallsQHalf", UINT, "calls queued, this half hour"),
        Fixed("CallsQTimeHalf", UINT, "time that calls were queued, this half hour"),
        Fixed("LongestCallQHalf", UINT, "longest time that a call was queued, this half hour"),
        *figures("Today"),
        Fixed("CallsQToday", UINT, "calls queued, today"),
        Fixed("CallsQTimeToday", UINT, "time that calls were queued, today"),
        Fixed("LongestCallQToday", UINT, "longest time that a call was queued, today"),
    ),
)

RTP_STARTED_EVENT = Message(
    CHAPTER,
    116,
    "RTP_STARTED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A media stream started at an agent's phone.",
    page="Client Events",
    note="ClientAddress grew from 16 to 64 bytes in version 19, when the fields for IPv6 were withdrawn.",
    fixed=(
        MONITOR_ID,
        PERIPHERAL_ID,
        CLIENT_PORT,
        shared.RTP_DIRECTION,
        shared.RTP_TYPE,
        Fixed("BitRate", UINT, "bits per second"),
        shared.ECHO_CANCELLATION,
        shared.PACKET_SIZE,
        Fixed("PayloadType", USHORT, "codec"),
        shared.CONNECTION_DEVICE_ID_TYPE,
        shared.CONNECTION_CALL_ID,
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.ClientAddress.row("IP address of the client"),
        tags.ClientAddressIPV6.row("IPv6 address"),
        tags.AgentID.optional("agent's login"),
        tags.AgentExtension.optional("agent's extension"),
        tags.AgentInstrument.optional("agent's phone"),
        tags.SendingAddress.row("IP address of the sender"),
        tags.SendingAddressIPV6.row("IPv6 address"),
        tags.SendingPort.row("port of the sender"),
    ),
)

RTP_STOPPED_EVENT = Message(
    CHAPTER,
    117,
    "RTP_STOPPED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A media stream stopped at an agent's phone.",
    page="Client Events",
    note="ClientAddress grew from 16 to 64 bytes in version 19, when the fields for IPv6 were withdrawn.",
    fixed=(
        MONITOR_ID,
        PERIPHERAL_ID,
        CLIENT_PORT,
        shared.RTP_DIRECTION,
        shared.CONNECTION_DEVICE_ID_TYPE,
        shared.CONNECTION_CALL_ID,
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.ClientAddress.row("IP address of the client"),
        tags.ClientAddressIPV6.row("IPv6 address"),
        tags.AgentID.optional("agent's login"),
        tags.AgentExtension.optional("agent's extension"),
        tags.AgentInstrument.optional("agent's phone"),
        tags.SendingAddress.row("IP address of the sender"),
        tags.SendingAddressIPV6.row("IPv6 address"),
        tags.SendingPort.row("port of the sender"),
    ),
)

SET_APP_DATA_REQ = Message(
    CHAPTER,
    129,
    "SET_APP_DATA_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Sets the application data of a call.",
    page="Miscellaneous Service",
    replies=("SET_APP_DATA_CONF",),
    fixed=(shared.INVOKE_ID,),
    floating=(
        tags.ApplicationPathID.row(),
        *tags.call_variables(),
        tags.FltCallTypeID.optional("call type ID"),
        tags.PreCallInvokeID.optional(),
    ),
)

SET_APP_DATA_CONF = Message(
    CHAPTER,
    130,
    "SET_APP_DATA_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the application data.",
    page="Miscellaneous Service",
    fixed=(shared.INVOKE_ID,),
)

AGENT_DESK_SETTINGS_REQ = Message(
    CHAPTER,
    131,
    "AGENT_DESK_SETTINGS_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the settings of an agent's desktop.",
    page="Miscellaneous Service",
    replies=("AGENT_DESK_SETTINGS_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
    ),
    floating=(tags.AgentID.optional("agent's login"),),
)

AGENT_DESK_SETTINGS_CONF = Message(
    CHAPTER,
    132,
    "AGENT_DESK_SETTINGS_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the settings of an agent's desktop.",
    page="Miscellaneous Service",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        Fixed("DeskSettingsMask", UINT, "settings that are on or off", agents.DeskSettingsMask),
        Fixed(
            "WrapupDataIncomingMode",
            UINT,
            "whether wrap-up data are asked for after incoming calls",
            agents.WrapupDataMode,
        ),
        Fixed(
            "WrapupDataOutgoingMode",
            UINT,
            "whether wrap-up data are asked for after outgoing calls",
            agents.WrapupDataMode,
        ),
        Fixed("LogoutNonActivityTime", UINT, "idle time after which the agent is logged out"),
        Fixed("QualityRecordingRate", UINT, "how often calls are recorded for quality"),
        Fixed("RingNoAnswerTime", UINT, "how long a call rings before it is taken back"),
        Fixed("SilentMonitorWarningMessage", UINT, "whether the agent sees that somebody listens"),
        Fixed("SilentMonitorAudibleIndication", UINT, "whether the agent hears that somebody listens"),
        Fixed("SupervisorAssistCallMethod", UINT, "whether a call for help is a consultation or blind"),
        Fixed("EmergencyCallMethod", UINT, "whether an emergency call is a consultation or blind"),
        Fixed("AutoRecordOnEmergency", UINT, "whether emergency calls are recorded"),
        Fixed("RecordingMode", UINT, "whether requests to record are passed to a recorder"),
        Fixed("WorkModeTimer", UINT, "how long wrap-up may take"),
        Fixed("RingNoAnswerDN", UINT, "where a call goes that is not answered"),
    ),
    floating=(
        tags.DefaultDevicePortAddress.row(),
        tags.PlayZipTone.row(),
        tags.ACDSharedLineUsage.row("ACD shared line usage"),
    ),
)

REGISTER_SERVICE_REQ = Message(
    CHAPTER,
    143,
    "REGISTER_SERVICE_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Offers a service, such as recording, to other clients.",
    page="Server Service",
    replies=("REGISTER_SERVICE_CONF",),
    fixed=(
        shared.INVOKE_ID,
        Fixed("ServerMode", USHORT, "how the service shares its work", system.ServerMode),
    ),
    floating=(tags.ServiceName.row(),),
)

REGISTER_SERVICE_CONF = Message(
    CHAPTER,
    144,
    "REGISTER_SERVICE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the offer and names it.",
    page="Server Service",
    fixed=(
        shared.INVOKE_ID,
        Fixed("RegisteredServiceID", UINT, "names the offer in what follows"),
    ),
)

UNREGISTER_SERVICE_REQ = Message(
    CHAPTER,
    145,
    "UNREGISTER_SERVICE_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Takes the offer of a service back.",
    page="Server Service",
    replies=("UNREGISTER_SERVICE_CONF",),
    fixed=(
        shared.INVOKE_ID,
        Fixed("RegisteredServiceID", UINT, "names the offer in what follows"),
    ),
)

UNREGISTER_SERVICE_CONF = Message(
    CHAPTER,
    146,
    "UNREGISTER_SERVICE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the end of the offer.",
    page="Server Service",
    fixed=(shared.INVOKE_ID,),
)

START_RECORDING_REQ = Message(
    CHAPTER,
    147,
    "START_RECORDING_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the recording of a call.",
    page="Miscellaneous Service",
    replies=("START_RECORDING_CONF",),
    note="ClientAddress grew from 16 to 64 bytes in version 19, when the fields for IPv6 were withdrawn.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        CLIENT_PORT,
        Fixed("BitRate", UINT, "bits per second"),
        shared.PACKET_SIZE,
        shared.CONNECTION_DEVICE_ID_TYPE,
        shared.RTP_DIRECTION,
        shared.RTP_TYPE,
        shared.ECHO_CANCELLATION,
        Fixed("PayloadType", USHORT, "codec"),
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.ClientID.row("user id of the client"),
        tags.ClientAddress.row("IP address of the client"),
        tags.ClientAddressIPV6.row("IPv6 address"),
        tags.AgentExtension.row("agent's extension"),
        tags.AgentID.row("agent's login"),
        tags.AgentInstrument.row("agent's phone"),
    ),
)

START_RECORDING_CONF = Message(
    CHAPTER,
    148,
    "START_RECORDING_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the recording.",
    page="Miscellaneous Service",
    note="ClientAddress grew from 16 to 64 bytes in version 19, when the fields for IPv6 were withdrawn.",
    fixed=(
        shared.INVOKE_ID,
        shared.SESSION_ID,
        Fixed("ServerData", UINT, "whatever the service wants back"),
    ),
    floating=(
        tags.ClientID.row("user id of the client"),
        tags.ClientAddress.row("IP address of the client"),
        tags.ClientAddressIPV6.row("IPv6 address"),
    ),
)

STOP_RECORDING_REQ = Message(
    CHAPTER,
    149,
    "STOP_RECORDING_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the end of a recording.",
    page="Miscellaneous Service",
    replies=("STOP_RECORDING_CONF",),
    note="ClientAddress grew from 16 to 64 bytes in version 19, when the fields for IPv6 were withdrawn.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        CLIENT_PORT,
        shared.SESSION_ID,
        Fixed("ServerData", UINT, "whatever the service wants back"),
        shared.CONNECTION_DEVICE_ID_TYPE,
        shared.RTP_DIRECTION,
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.ClientID.row("user id of the client"),
        tags.ClientAddress.row("IP address of the client"),
        tags.ClientAddressIPV6.row("IPv6 address"),
        tags.AgentExtension.row("agent's extension"),
        tags.AgentID.row("agent's login"),
        tags.AgentInstrument.row("agent's phone"),
    ),
)

STOP_RECORDING_CONF = Message(
    CHAPTER,
    150,
    "STOP_RECORDING_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the end of a recording.",
    page="Miscellaneous Service",
    note="ClientAddress grew from 16 to 64 bytes in version 19, when the fields for IPv6 were withdrawn.",
    fixed=(shared.INVOKE_ID,),
    floating=(
        tags.ClientID.row("user id of the client"),
        tags.ClientAddress.row("IP address of the client"),
        tags.ClientAddressIPV6.row("IPv6 address"),
    ),
)
