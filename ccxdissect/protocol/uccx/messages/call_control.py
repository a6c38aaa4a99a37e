"""Call control: a client handles calls and phones."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, INFERRED, UCCX
from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Repeat, Side, Trait
from ccxdissect.protocol.types import BOOL, INT, UINT, USHORT
from ccxdissect.protocol.uccx import tags
from ccxdissect.protocol.uccx.constants.calls import (
    AnsweringMachine,
    CallMannerType,
    CallOption,
    CallPlacementType,
    CallType,
    FacilityType,
    LineType,
)
from ccxdissect.protocol.uccx.constants.failures import CCXErrorCode, ControlFailureCode
from ccxdissect.protocol.uccx.constants.session import AgentStateMask
from ccxdissect.protocol.uccx.constants.special import Limit, NullLineHandle
from ccxdissect.protocol.uccx.constants.system import PeripheralType
from ccxdissect.protocol.uccx.fields import (
    LINE_HANDLE,
    PERIPHERAL_ID,
    reserved,
)

#: The messages of this file.
CHAPTER = Chapter(MessageClass.CALL_CONTROL)

CONTROL_FAILURE_CONF = Message(
    CHAPTER,
    35,
    "CONTROL_FAILURE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Refuses a request to control a call or an agent, with reasons.",
    page="control_failure_conf",
    traits=Trait.FAILS,
    note="The 4-byte error code follows the 2-byte one without padding.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("FailureCode", USHORT, "Control Failure (CF) value", ControlFailureCode, mark=Mark.FAILURE),
        Fixed(
            "UnifiedCCXErrorCode",
            UINT,
            "Unified CCX Error Code value (88001...), 0 when none",
            CCXErrorCode,
            mark=Mark.FAILURE_DETAIL,
        ),
    ),
    floating=(tags.Text.row("error in words"),),
)

ALTERNATE_CALL_REQ = Message(
    CHAPTER,
    40,
    "ALTERNATE_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Holds one call and takes another.",
    page="alternate_call_req",
    replies=("ALTERNATE_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.call_id("ActiveCallID", "call now active"),
        shared.call_id("OtherCallID", "held or alerting call", Mark.OTHER_CALL),
        shared.connection_type("ActiveConnectionDeviceType"),
        shared.connection_type("OtherConnectionDeviceType"),
    ),
    floating=(
        tags.ActiveConnectionDeviceID.required("connection of the active call"),
        tags.OtherConnectionDeviceID.required(
            "connection of the other call; for an alerting call the calling party's connection"
        ),
        tags.AgentInstrument.optional("agent's phone number"),
    ),
)

ANSWER_CALL_REQ = Message(
    CHAPTER,
    42,
    "ANSWER_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Answers a ringing call.",
    page="answer_call_req",
    replies=("ANSWER_CALL_CONF",),
    one_of=(tags.ConnectionDeviceID.tag, tags.AgentInstrument.tag),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CALL_ID.but("alerting call", log_names=()),
        shared.CONNECTION_DEVICE_TYPE,
    ),
    floating=(
        tags.ConnectionDeviceID.optional("calling party's connection, as in CALL_DELIVERED_EVENT"),
        tags.AgentInstrument.optional("phone that answers"),
    ),
)

CLEAR_CALL_REQ = Message(
    CHAPTER,
    44,
    "CLEAR_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Drops every party of a call.",
    page="clear_call_req",
    replies=("CLEAR_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CALL_ID,
        shared.CONNECTION_DEVICE_TYPE,
    ),
    floating=(
        tags.ConnectionDeviceID.required("call's connection at the device"),
        tags.AgentInstrument.optional("agent's phone number"),
    ),
)

CLEAR_CONNECTION_REQ = Message(
    CHAPTER,
    46,
    "CLEAR_CONNECTION_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Drops one device from a call.",
    page="clear_connection_req",
    replies=("CLEAR_CONNECTION_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CALL_ID,
        shared.CONNECTION_DEVICE_TYPE,
    ),
    floating=(
        tags.ConnectionDeviceID.required("connection to drop"),
        tags.AgentInstrument.optional("phone to drop"),
    ),
)

CLEAR_CONNECTION_CONF = Message(
    CHAPTER,
    47,
    "CLEAR_CONNECTION_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The device was dropped.",
    page="clear_connection_conf",
    complete=False,
    note="The page was not found; the layout is that of every other plain confirmation.",
    fixed=(shared.INVOKE_ID.but(source=GED188),),
)

CONFERENCE_CALL_REQ = Message(
    CHAPTER,
    48,
    "CONFERENCE_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Joins a held and an active call into a conference.",
    page="conference_call_req",
    replies=("CONFERENCE_CALL_CONF",),
    complete=False,
    note="Held comes before active here, the other way round from TRANSFER_CALL_REQ. The floating table "
    "is cut at DialedNumber.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.call_id("HeldCallID", "held call", Mark.OTHER_CALL),
        shared.call_id("ActiveCallID", "active call"),
        shared.connection_type("HeldConnectionDeviceType"),
        shared.connection_type("ActiveConnectionDeviceType"),
        reserved("CallPlacementType", USHORT, 0, codes=CallPlacementType),
        reserved("CallMannerType", USHORT, 0, codes=CallMannerType),
        reserved("AlertRings", USHORT, 0),
        reserved("CallOption", USHORT, 0, codes=CallOption),
        reserved("FacilityType", USHORT, 0, codes=FacilityType),
        reserved("AnsweringMachine", USHORT, 0, codes=AnsweringMachine),
        reserved("Priority", BOOL, 0),
        reserved("PostRoute", BOOL, 0),
        *shared.named_counts(),
    ),
    floating=(
        tags.ActiveConnectionDeviceID.required("connection of the active call"),
        tags.HeldConnectionDeviceID.optional("connection of the held call; this or DialedNumber is needed"),
        tags.AgentInstrument.required("agent's phone number"),
        tags.DialedNumber.optional("number for a single-step conference"),
        *tags.call_variables(GED188),
        tags.CallWrapupData.optional("wrap-up text", GED188),
        *tags.named_data(GED188, GED188),
    ),
    repeats=(*shared.NAMED_REPEATS,),
)

CONFERENCE_CALL_CONF = Message(
    CHAPTER,
    49,
    "CONFERENCE_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The conference stands; tells its call id and parties.",
    page="conference_call_conf",
    fixed=(
        shared.INVOKE_ID,
        shared.call_id("NewCallID", "resulting call", Mark.NEW_CALL),
        shared.connection_type("NewConnectionDeviceType"),
        shared.NUM_PARTIES,
        LINE_HANDLE,
        reserved("LineType", USHORT, 3, codes=LineType),
    ),
    floating=(
        tags.NewConnectionDeviceID.required("connection to the new call"),
        tags.ConnectedPartyCallID.optional("party's call id"),
        tags.ConnectedPartyDeviceType.optional("kind of the party's device id"),
        tags.ConnectedPartyDeviceID.optional("party's device"),
    ),
    repeats=(
        Repeat(
            "NumParties",
            (
                tags.ConnectedPartyCallID.tag,
                tags.ConnectedPartyDeviceType.tag,
                tags.ConnectedPartyDeviceID.tag,
            ),
            most=Limit.MAX_NUM_PARTIES,
        ),
    ),
)

CONSULT_CALL_REQ = Message(
    CHAPTER,
    50,
    "CONSULT_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Holds the active call and calls somebody else about it.",
    page="consult_call_req",
    traits=Trait.MAKES_CALL,
    replies=("CONSULT_CALL_CONF",),
    complete=False,
    note="The floating table is cut after AgentInstrument. Data of the active call are inherited unless given here.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.call_id("ActiveCallID", "active call"),
        shared.connection_type("ActiveConnectionDeviceType"),
        reserved("CallPlacementType", USHORT, 0, codes=CallPlacementType),
        reserved("CallMannerType", USHORT, 0, codes=CallMannerType),
        shared.CONSULT_TYPE,
        reserved("AlertRings", USHORT, 0),
        reserved("CallOption", USHORT, 0, codes=CallOption),
        reserved("FacilityType", USHORT, 0, codes=FacilityType),
        reserved("AnsweringMachine", USHORT, 0, codes=AnsweringMachine),
        reserved("Priority", BOOL, 0),
        reserved("PostRoute", BOOL, 0),
        *shared.named_counts(),
    ),
    floating=(
        tags.ActiveConnectionDeviceID.required("connection of the active call"),
        tags.DialedNumber.required("number to call"),
        tags.AgentInstrument.optional("agent's phone number"),
        *tags.call_variables(GED188),
        tags.CallWrapupData.optional("wrap-up text", GED188),
        *tags.named_data(GED188, GED188),
    ),
    repeats=(*shared.NAMED_REPEATS,),
)

CONSULT_CALL_CONF = Message(
    CHAPTER,
    51,
    "CONSULT_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The consult call was made; tells its id.",
    page="consult_call_conf",
    fixed=(
        shared.INVOKE_ID,
        shared.call_id("NewCallID", "new call", Mark.NEW_CALL),
        shared.connection_type("NewConnectionDeviceType"),
        LINE_HANDLE,
        reserved("LineType", USHORT, 3, codes=LineType),
    ),
    floating=(tags.NewConnectionDeviceID.required("connection to the new call"),),
)

HOLD_CALL_REQ = Message(
    CHAPTER,
    54,
    "HOLD_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Puts a call on hold.",
    page="hold_call_req",
    replies=("HOLD_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CALL_ID,
        shared.CONNECTION_DEVICE_TYPE,
        reserved("Reservation", BOOL, 0),
    ),
    floating=(
        tags.ConnectionDeviceID.required("call's connection at the device"),
        tags.AgentInstrument.optional("agent's phone number"),
    ),
)

MAKE_CALL_REQ = Message(
    CHAPTER,
    56,
    "MAKE_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Makes a call.",
    page="make_call_req",
    traits=Trait.MAKES_CALL,
    replies=("MAKE_CALL_CONF",),
    complete=False,
    note="The fixed part is 28 bytes up to version 13 and 32 from 14 on. The floating table is cut at NamedVariable.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        reserved("CallPlacementType", USHORT, 0, codes=CallPlacementType),
        reserved("CallMannerType", USHORT, 0, codes=CallMannerType),
        reserved("AlertRings", USHORT, 0),
        reserved("CallOption", USHORT, 0, codes=CallOption),
        reserved("FacilityType", USHORT, 0, codes=FacilityType),
        reserved("AnsweringMachine", USHORT, 0, codes=AnsweringMachine),
        reserved("Priority", BOOL, 0),
        reserved("PostRoute", BOOL, 0),
        *shared.named_counts(),
        reserved("SkillGroupNumber", UINT, 0xFFFFFFFF, since=14),
    ),
    floating=(
        tags.AgentInstrument.required("agent's phone number"),
        tags.DialedNumber.required("number to call"),
        *tags.call_variables(),
        tags.CallWrapupData.optional("wrap-up text"),
        *tags.named_data(UCCX, GED188),
    ),
    repeats=(*shared.NAMED_REPEATS,),
)

MAKE_CALL_CONF = Message(
    CHAPTER,
    57,
    "MAKE_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The call is being made; tells its id.",
    page="make_call_conf",
    fixed=(
        shared.INVOKE_ID,
        shared.call_id("NewCallID", "new call", Mark.NEW_CALL),
        shared.connection_type("NewConnectionDeviceType"),
        LINE_HANDLE,
        reserved("LineType", USHORT, 3, codes=LineType),
    ),
    floating=(tags.NewConnectionDeviceID.required("connection to the new call"),),
)

RECONNECT_CALL_REQ = Message(
    CHAPTER,
    60,
    "RECONNECT_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Clears the active call and takes the held one back.",
    page="reconnect_call_req",
    replies=("RECONNECT_CALL_CONF",),
    number_source=GED188,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.call_id("ActiveCallID", "active call, to be cleared"),
        shared.call_id("HeldCallID", "held call, to be retrieved", Mark.OTHER_CALL),
        shared.connection_type("ActiveConnectionDeviceType"),
        shared.connection_type("HeldConnectionDeviceType"),
    ),
    floating=(
        tags.ActiveConnectionDeviceID.required("connection of the active call"),
        tags.HeldConnectionDeviceID.required("connection of the held call"),
        tags.AgentInstrument.optional("agent's phone number"),
    ),
)

RETRIEVE_CALL_REQ = Message(
    CHAPTER,
    62,
    "RETRIEVE_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Takes a call back from hold.",
    page="retrieve_call_req",
    replies=("RETRIEVE_CALL_CONF",),
    number_source=GED188,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.call_id("HeldCallID", "held call"),
        shared.connection_type("HeldConnectionDeviceType"),
    ),
    floating=(
        tags.HeldConnectionDeviceID.required("connection of the held call"),
        tags.AgentInstrument.optional("agent's phone number"),
    ),
)

TRANSFER_CALL_REQ = Message(
    CHAPTER,
    64,
    "TRANSFER_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Transfers the held call to the party of the active one.",
    page="transfer_call_req",
    replies=("TRANSFER_CALL_CONF",),
    complete=False,
    number_source=GED188,
    note="Active comes before held here. The floating table is cut inside HeldConnectionDeviceID.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.call_id("ActiveCallID", "active call"),
        shared.call_id("HeldCallID", "held call", Mark.OTHER_CALL),
        shared.connection_type("ActiveConnectionDeviceType"),
        shared.connection_type("HeldConnectionDeviceType"),
        reserved("CallPlacementType", USHORT, 0, codes=CallPlacementType),
        reserved("CallMannerType", USHORT, 0, codes=CallMannerType),
        reserved("AlertRings", USHORT, 0),
        reserved("CallOption", USHORT, 0, codes=CallOption),
        reserved("FacilityType", USHORT, 0, codes=FacilityType),
        reserved("AnsweringMachine", USHORT, 0, codes=AnsweringMachine),
        reserved("Priority", BOOL, 0),
        reserved("PostRoute", BOOL, 0),
        *shared.named_counts(),
    ),
    floating=(
        tags.ActiveConnectionDeviceID.required("connection of the active call"),
        tags.HeldConnectionDeviceID.optional("connection of the held call"),
        tags.AgentInstrument.optional("agent's phone number", GED188),
        tags.DialedNumber.optional("number for a single-step transfer", GED188),
        *tags.call_variables(GED188),
        tags.CallWrapupData.optional("wrap-up text", GED188),
        *tags.named_data(GED188, GED188),
    ),
    repeats=(*shared.NAMED_REPEATS,),
)

TRANSFER_CALL_CONF = Message(
    CHAPTER,
    65,
    "TRANSFER_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The transfer was made; tells the resulting call.",
    page="transfer_call_conf",
    number_source=GED188,
    note="The page lists no ConnectedParty fields although NumParties is there; the sister protocol has them.",
    fixed=(
        shared.INVOKE_ID,
        shared.call_id("NewCallID", "resulting call", Mark.NEW_CALL),
        shared.connection_type("NewConnectionDeviceType"),
        shared.NUM_PARTIES.but("connections of the resulting call, at most 16"),
        LINE_HANDLE,
        reserved("LineType", USHORT, 3, codes=LineType),
    ),
    floating=(tags.NewConnectionDeviceID.required("connection to the resulting call"),),
)

QUERY_DEVICE_INFO_REQ = Message(
    CHAPTER,
    78,
    "QUERY_DEVICE_INFO_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks what a phone can do.",
    page="query_device_info_req",
    traits=Trait.ASKS,
    replies=("QUERY_DEVICE_INFO_CONF",),
    number_source=GED188,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        reserved("Reserved1", USHORT, 0),
    ),
    floating=(tags.AgentInstrument.required("agent phone"),),
)

QUERY_DEVICE_INFO_CONF = Message(
    CHAPTER,
    79,
    "QUERY_DEVICE_INFO_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells what a phone can do.",
    page="query_device_info_conf",
    number_source=GED188,
    note="The page sets the number of lines to 0 and yet lists the two tags.",
    fixed=(
        shared.INVOKE_ID,
        reserved("PeripheralType", USHORT, 0xFFFF, codes=PeripheralType),
        reserved("TypeOfDevice", USHORT, 0xFFFF),
        reserved("ClassOfDevice", USHORT, 0xFFFF),
        reserved("NumLines", USHORT, 0),
        reserved("Reserved1", USHORT, 0),
        shared.MAX_ACTIVE_CALLS,
        shared.MAX_HELD_CALLS,
        shared.MAX_DEVICES_IN_CONFERENCE,
        Fixed("MakeCallSetup", UINT, "AgentStateMask bits in which MAKE_CALL_REQ may start", AgentStateMask),
        reserved("TransferConferenceSetup", UINT, 0),
        reserved("CallEventsSupported", UINT, 0),
        reserved("CallControlSupported", UINT, 0),
        reserved("OtherFeaturesSupported", UINT, 0),
    ),
    floating=(
        tags.LineHandleTag.unused(constant=0).row(),
        tags.LineType.unused(constant=0).row(),
    ),
)

SNAPSHOT_CALL_REQ = Message(
    CHAPTER,
    82,
    "SNAPSHOT_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for everything about a call.",
    page="snapshot_call_req",
    traits=Trait.ASKS,
    replies=("SNAPSHOT_CALL_CONF",),
    number_source=GED188,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CALL_ID,
        shared.CONNECTION_DEVICE_TYPE,
    ),
    floating=(tags.ConnectionDeviceID.required("device of the connection"),),
)

SNAPSHOT_CALL_CONF = Message(
    CHAPTER,
    83,
    "SNAPSHOT_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the data and the devices of a call.",
    page="snapshot_call_conf",
    complete=False,
    number_source=GED188,
    note="The floating table is cut in CallWrapupData; the rest is the sister protocol's.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("CallType", USHORT, "kind of call", CallType, mark=Mark.CALL_TYPE),
        reserved("NumCTIClients", USHORT, 0),
        shared.NUM_CALL_DEVICES,
        *shared.named_counts(),
        reserved("CalledPartyDisposition", USHORT, 0),
        reserved("Reserved1", INT, 0, since=11),
    ),
    floating=(
        tags.ANI.optional("caller's line id"),
        tags.DNIS.optional("DNIS of the call"),
        tags.DialedNumber.optional("number dialed"),
        tags.CallerEnteredDigits.optional("digits the caller keyed in"),
        tags.RouterCallKeyDay.unused(constant=0).required(),
        tags.RouterCallKeyCallID.unused(constant=0).required(),
        *tags.call_variables(INFERRED),
        tags.CallWrapupData.optional("wrap-up text", GED188),
        *tags.named_data(GED188, GED188),
        tags.CallConnectionCallID.optional("", GED188),
        tags.CallConnectionDeviceType.optional("", GED188),
        tags.CallConnectionDeviceID.optional("", GED188),
        tags.CallDeviceType.optional("", GED188),
        tags.CallDeviceID.optional("", GED188),
        tags.CallDeviceConnectionState.optional("", GED188),
    ),
    repeats=(
        Repeat(
            "NumCallDevices",
            (
                tags.CallConnectionCallID.tag,
                tags.CallConnectionDeviceType.tag,
                tags.CallConnectionDeviceID.tag,
                tags.CallDeviceType.tag,
                tags.CallDeviceID.tag,
                tags.CallDeviceConnectionState.tag,
            ),
            most=Limit.MAX_NUM_DEVICES,
        ),
        *shared.NAMED_REPEATS,
    ),
)

SNAPSHOT_DEVICE_REQ = Message(
    CHAPTER,
    84,
    "SNAPSHOT_DEVICE_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the calls at a device.",
    page="snapshot_device_req",
    traits=Trait.ASKS,
    replies=("SNAPSHOT_DEVICE_CONF",),
    number_source=GED188,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.SNAPSHOT_DEVICE_TYPE.but("for non-agent devices the type of AgentInstrument"),
    ),
    floating=(tags.AgentInstrument.required("agent phone or any phone number"),),
)

SNAPSHOT_DEVICE_CONF = Message(
    CHAPTER,
    85,
    "SNAPSHOT_DEVICE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the calls at a device.",
    page="snapshot_device_conf",
    number_source=GED188,
    note="The page's text calls CallDeviceConnectionState CallState; the sister protocol has CallState (75) and, with "
    "silent monitoring, SilentMonitorStatus: all three are taken.",
    fixed=(
        shared.INVOKE_ID,
        shared.NUM_CALLS,
    ),
    floating=(
        tags.CallConnectionCallID.optional("call id"),
        tags.CallConnectionDeviceType.optional(),
        tags.CallConnectionDeviceID.optional(),
        tags.CallDeviceConnectionState.optional("state of the call"),
        tags.CallState.optional("state of the call", GED188),
        tags.SilentMonitorStatus.optional("part of the device in silent monitoring", GED188),
    ),
    repeats=(
        Repeat(
            "NumCalls",
            (
                tags.CallConnectionCallID.tag,
                tags.CallConnectionDeviceType.tag,
                tags.CallConnectionDeviceID.tag,
                tags.CallDeviceConnectionState.tag,
                tags.CallState.tag,
                tags.SilentMonitorStatus.tag,
            ),
            most=Limit.MAX_NUM_CALLS,
        ),
    ),
)

SEND_DTMF_SIGNAL_REQ = Message(
    CHAPTER,
    91,
    "SEND_DTMF_SIGNAL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Sends tones on a call.",
    page="send_dtmf_signal_req",
    replies=("SEND_DTMF_SIGNAL_CONF",),
    number_source=GED188,
    note="ToneDuration takes 2 bytes but PauseDuration 4.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CALL_ID,
        shared.CONNECTION_DEVICE_TYPE,
        shared.TONE_DURATION,
        shared.PAUSE_DURATION,
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.DTMFString.required("tones to send"),
        tags.AgentInstrument.optional("agent phone"),
    ),
)

SUPERVISOR_ASSIST_REQ = Message(
    CHAPTER,
    118,
    "SUPERVISOR_ASSIST_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "An agent asks a supervisor for help.",
    page="supervisor_assist_req",
    traits=Trait.MAKES_CALL,
    replies=("SUPERVISOR_ASSIST_CONF",),
    number_source=GED188,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CALL_ID.but("call that needs help", log_names=()),
        shared.CONNECTION_DEVICE_TYPE,
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.AgentExtension.row("agent extension"),
        tags.AgentInstrument.optional("agent phone"),
        tags.AgentID.optional("agent login id"),
    ),
)

SUPERVISOR_ASSIST_CONF = Message(
    CHAPTER,
    119,
    "SUPERVISOR_ASSIST_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The call for help is being made.",
    page="supervisor_assist_conf",
    number_source=GED188,
    fixed=(
        shared.INVOKE_ID,
        shared.CALL_ID.but("id of the new assist call", log_names=()),
        shared.CONNECTION_DEVICE_TYPE,
        LINE_HANDLE,
        reserved("LineType", USHORT, 0, codes=LineType),
    ),
    floating=(tags.ConnectionDeviceID.required("device connection of the new call"),),
)

EMERGENCY_CALL_REQ = Message(
    CHAPTER,
    121,
    "EMERGENCY_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "An agent reports an emergency call.",
    page="emergency_call_req",
    traits=Trait.MAKES_CALL,
    replies=("EMERGENCY_CALL_CONF",),
    number_source=GED188,
    fixed=(
        shared.INVOKE_ID,
        Fixed("PeripheralID", UINT, "peripheral of the call"),
        shared.CONNECTION_CALL_ID.but("call that needs help"),
        shared.CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.AgentID.row("agent login id"),
        tags.AgentInstrument.row("agent phone"),
    ),
)

EMERGENCY_CALL_CONF = Message(
    CHAPTER,
    122,
    "EMERGENCY_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The emergency was passed on.",
    page="emergency_call_conf",
    number_source=GED188,
    fixed=(
        shared.INVOKE_ID,
        shared.CONNECTION_CALL_ID.but("id of the call"),
        shared.CONNECTION_DEVICE_TYPE,
        Fixed("lineHandle", USHORT, "telephone line used, 0xffff unknown", NullLineHandle),
        Fixed("lineType", USHORT, "kind of line", LineType),
    ),
    floating=(tags.ConnectionDeviceID.required("device connection of the new call"),),
)

SUPERVISE_CALL_REQ = Message(
    CHAPTER,
    124,
    "SUPERVISE_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "A supervisor barges into or intercepts an agent's call, or ends that.",
    page="supervise_call_req",
    replies=("SUPERVISE_CALL_CONF",),
    complete=False,
    number_source=GED188,
    note="The floating table is cut in its second row, which names the others. At the end of supervision "
    "the client sends SUPERVISOR_CLEAR.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.call_id("AgentCallID", "call of the agent"),
        shared.call_id("SupervisorCallID", "call of the supervisor", Mark.OTHER_CALL),
        shared.connection_type("AgentConnectionDeviceType"),
        shared.connection_type("SupervisorConnectionDeviceType"),
        shared.SUPERVISORY_ACTION,
    ),
    floating=(
        tags.AgentConnectionDeviceID.row("connection of the agent's call"),
        tags.SupervisorConnectionDeviceID.row(
            "connection of the supervisor's call; type and size cell cut (64 as in every DeviceID)"
        ),
        tags.AgentExtension.row("agent extension", INFERRED),
        tags.AgentID.row("agent login id", INFERRED),
        tags.AgentInstrument.row("agent phone", INFERRED),
        tags.SupervisorInstrument.row("supervisor's phone", GED188),
    ),
)

SUPERVISE_CALL_CONF = Message(
    CHAPTER,
    125,
    "SUPERVISE_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The supervision was carried out.",
    page="supervise_call_conf",
    number_source=GED188,
    fixed=(
        shared.INVOKE_ID,
        shared.CALL_ID,
        shared.CONNECTION_DEVICE_TYPE,
    ),
    floating=(tags.ConnectionDeviceID.required("connection of the supervised agent device"),),
)
