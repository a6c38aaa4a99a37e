"""Call control: what a client does with calls and devices."""

from __future__ import annotations

from ccxdissect.protocol.codes import INFERRED, UCCX
from ccxdissect.protocol.common import constants as common
from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.ged188 import tags
from ccxdissect.protocol.ged188.constants import calls, devices, failures, session, special
from ccxdissect.protocol.ged188.fields import (
    ACTIVE_CONNECTION_CALL_ID,
    ACTIVE_CONNECTION_DEVICE_ID_TYPE,
    ALERT_RINGS,
    ANSWERING_MACHINE,
    CALL_MANNER_TYPE,
    CALL_OPTION,
    CALL_PLACEMENT_TYPE,
    CALL_TYPE,
    CALLED_PARTY_DISPOSITION,
    FACILITY_TYPE,
    HELD_CONNECTION_CALL_ID,
    HELD_CONNECTION_DEVICE_ID_TYPE,
    LINE_HANDLE,
    LINE_TYPE,
    NEW_CONNECTION_CALL_ID,
    NEW_CONNECTION_DEVICE_ID_TYPE,
    PERIPHERAL_ID,
    PERIPHERAL_TYPE,
    POST_ROUTE,
    PRIORITY,
    SERVICE_ID,
    SERVICE_NUMBER,
    SKILL_GROUP_ID,
    SKILL_GROUP_NUMBER,
    SKILL_GROUP_PRIORITY,
)
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Repeat, Side, Trait
from ccxdissect.protocol.types import BOOL, UINT, USHORT

#: The messages of this file.
CHAPTER = Chapter(MessageClass.CALL_CONTROL)

CONTROL_FAILURE_CONF = Message(
    CHAPTER,
    35,
    "CONTROL_FAILURE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Refuses a request to control a call or an agent, with reasons.",
    page="",
    traits=Trait.FAILS,
    note="USHORT + UINT = 10 bytes with the InvokeID.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("FailureCode", USHORT, "why it failed", failures.ControlFailureCode, mark=Mark.FAILURE),
        Fixed("PeripheralErrorCode", UINT, "code of the switch; 0 none", mark=Mark.FAILURE_DETAIL),
    ),
)

ALTERNATE_CALL_REQ = Message(
    CHAPTER,
    40,
    "ALTERNATE_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Holds one call and takes another.",
    page="Client Control Service",
    replies=("ALTERNATE_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        ACTIVE_CONNECTION_CALL_ID,
        Fixed("OtherConnectionCallID", UINT, "held or alerting call", common.NullCall, mark=Mark.OTHER_CALL),
        ACTIVE_CONNECTION_DEVICE_ID_TYPE,
        Fixed("OtherConnectionDeviceIDType", USHORT, "kind of OtherConnectionDeviceID", common.ConnectionDeviceType),
    ),
    floating=(
        tags.ActiveConnectionDeviceID.row("active connection device"),
        tags.OtherConnectionDeviceID.row("other connection device"),
        tags.AgentInstrument.optional("agent's phone"),
    ),
)

ANSWER_CALL_REQ = Message(
    CHAPTER,
    42,
    "ANSWER_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Answers a ringing call.",
    page="Client Control Service",
    replies=("ANSWER_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.AgentInstrument.optional("agent's phone"),
    ),
)

CLEAR_CALL_REQ = Message(
    CHAPTER,
    44,
    "CLEAR_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Drops every party of a call.",
    page="Client Control Service",
    replies=("CLEAR_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.AgentInstrument.optional("agent's phone"),
    ),
)

CLEAR_CONNECTION_REQ = Message(
    CHAPTER,
    46,
    "CLEAR_CONNECTION_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Drops one device from a call.",
    page="Client Control Service",
    replies=("CLEAR_CONNECTION_CONF",),
    note="RequestingDeviceIDType stands among the fixed fields of the table but is optional and has tag 220: taken as floating.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.AgentInstrument.optional("agent's phone"),
        tags.RequestingDeviceID.optional("requesting device"),
        tags.RequestingDeviceIDType.optional("kind of RequestingDeviceID"),
        tags.CTIOSCILClientID.but(until=23).row("id of the CTI OS client"),
    ),
)

CLEAR_CONNECTION_CONF = Message(
    CHAPTER,
    47,
    "CLEAR_CONNECTION_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The device was dropped.",
    page="Client Control Service",
    fixed=(shared.INVOKE_ID,),
)

CONFERENCE_CALL_REQ = Message(
    CHAPTER,
    48,
    "CONFERENCE_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Joins a held and an active call into a conference.",
    page="Client Control Service",
    replies=("CONFERENCE_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        HELD_CONNECTION_CALL_ID,
        ACTIVE_CONNECTION_CALL_ID,
        HELD_CONNECTION_DEVICE_ID_TYPE,
        ACTIVE_CONNECTION_DEVICE_ID_TYPE,
        CALL_PLACEMENT_TYPE,
        CALL_MANNER_TYPE,
        ALERT_RINGS,
        CALL_OPTION,
        FACILITY_TYPE,
        ANSWERING_MACHINE,
        PRIORITY,
        POST_ROUTE,
        *shared.named_counts(),
    ),
    floating=(
        tags.ActiveConnectionDeviceID.row("active connection device"),
        tags.HeldConnectionDeviceID.row("held connection device"),
        tags.AgentInstrument.optional("agent's phone"),
        tags.DialedNumber.optional("number dialed"),
        tags.UserToUserInfo.optional("ISDN user-to-user data"),
        *tags.call_variables(),
        tags.CallWrapupData.optional("wrap-up data"),
        tags.NamedVariable.optional(),
        tags.NamedArray.optional("element of a named call array"),
        tags.FacilityCode.optional(),
        tags.AuthorizationCode.optional(),
        tags.AccountCode.optional(),
    ),
    repeats=shared.NAMED_REPEATS,
)

CONFERENCE_CALL_CONF = Message(
    CHAPTER,
    49,
    "CONFERENCE_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The conference stands; tells its call id and parties.",
    page="Client Control Service",
    fixed=(
        shared.INVOKE_ID,
        NEW_CONNECTION_CALL_ID,
        NEW_CONNECTION_DEVICE_ID_TYPE,
        shared.NUM_PARTIES,
        LINE_HANDLE,
        LINE_TYPE,
    ),
    floating=(
        tags.NewConnectionDeviceID.row("new connection device"),
        tags.ConnectedPartyCallID.optional(),
        tags.ConnectedPartyDeviceIDType.optional("kind of ConnectedPartyDeviceID"),
        tags.ConnectedPartyDeviceID.optional("connected party device"),
    ),
    repeats=(
        Repeat(
            "NumParties",
            (
                tags.ConnectedPartyCallID.tag,
                tags.ConnectedPartyDeviceIDType.tag,
                tags.ConnectedPartyDeviceID.tag,
            ),
            most=special.Limit.MAX_NUM_PARTIES,
        ),
    ),
)

CONSULTATION_CALL_REQ = Message(
    CHAPTER,
    50,
    "CONSULTATION_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Holds the active call and calls somebody else about it.",
    page="Client Control Service",
    replies=("CONSULTATION_CALL_CONF",),
    traits=Trait.MAKES_CALL,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        ACTIVE_CONNECTION_CALL_ID,
        ACTIVE_CONNECTION_DEVICE_ID_TYPE,
        CALL_PLACEMENT_TYPE,
        CALL_MANNER_TYPE,
        shared.CONSULT_TYPE,
        ALERT_RINGS,
        CALL_OPTION,
        FACILITY_TYPE,
        ANSWERING_MACHINE,
        PRIORITY,
        POST_ROUTE,
        *shared.named_counts(),
    ),
    floating=(
        tags.ActiveConnectionDeviceID.row("active connection device"),
        tags.DialedNumber.row("number dialed"),
        tags.AgentInstrument.optional("agent's phone"),
        tags.UserToUserInfo.optional("ISDN user-to-user data"),
        *tags.call_variables(),
        tags.CallWrapupData.optional("wrap-up data"),
        tags.NamedVariable.optional(),
        tags.NamedArray.optional("element of a named call array"),
        tags.FacilityCode.optional(),
        tags.AuthorizationCode.optional(),
        tags.AccountCode.optional(),
    ),
    repeats=shared.NAMED_REPEATS,
)

CONSULTATION_CALL_CONF = Message(
    CHAPTER,
    51,
    "CONSULTATION_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The consult call was made; tells its id.",
    page="Client Control Service",
    fixed=(
        shared.INVOKE_ID,
        NEW_CONNECTION_CALL_ID,
        NEW_CONNECTION_DEVICE_ID_TYPE,
        LINE_HANDLE,
        LINE_TYPE,
    ),
    floating=(tags.NewConnectionDeviceID.row("new connection device"),),
)

DEFLECT_CALL_REQ = Message(
    CHAPTER,
    52,
    "DEFLECT_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Sends an alerting call to another device.",
    page="Client Control Service",
    replies=("DEFLECT_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
        shared.CALLED_DEVICE_TYPE,
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.CalledDeviceID.row("called device"),
        tags.AgentInstrument.optional("agent's phone"),
    ),
)

DEFLECT_CALL_CONF = Message(
    CHAPTER,
    53,
    "DEFLECT_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms that the call was sent on.",
    page="Client Control Service",
    fixed=(shared.INVOKE_ID,),
)

HOLD_CALL_REQ = Message(
    CHAPTER,
    54,
    "HOLD_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Puts a call on hold.",
    page="Client Control Service",
    replies=("HOLD_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
        Fixed("Reservation", BOOL, "keep the facility"),
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.AgentInstrument.optional("agent's phone"),
    ),
)

MAKE_CALL_REQ = Message(
    CHAPTER,
    56,
    "MAKE_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Makes a call.",
    page="Client Control Service",
    replies=("MAKE_CALL_CONF",),
    traits=Trait.MAKES_CALL,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        CALL_PLACEMENT_TYPE,
        CALL_MANNER_TYPE,
        ALERT_RINGS,
        CALL_OPTION,
        FACILITY_TYPE,
        ANSWERING_MACHINE,
        PRIORITY,
        POST_ROUTE,
        *shared.named_counts(),
        Fixed(
            "SkillGroupNumber",
            UINT,
            "skill group, number at the switch; NULL_SKILL_GROUP none",
            common.NullSkillGroup,
            since=14,
            mark=Mark.QUEUE,
        ),
    ),
    floating=(
        tags.AgentInstrument.row("agent's phone"),
        tags.DialedNumber.row("number dialed"),
        tags.UserToUserInfo.optional("ISDN user-to-user data"),
        *tags.call_variables(),
        tags.CallWrapupData.optional("wrap-up data"),
        tags.NamedVariable.optional(),
        tags.NamedArray.optional("element of a named call array"),
        tags.FacilityCode.optional(),
        tags.AuthorizationCode.optional(),
        tags.AccountCode.optional(),
        tags.CallControlTable.optional(),
    ),
    repeats=shared.NAMED_REPEATS,
)

MAKE_CALL_CONF = Message(
    CHAPTER,
    57,
    "MAKE_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The call is being made; tells its id.",
    page="Client Control Service",
    fixed=(
        shared.INVOKE_ID,
        NEW_CONNECTION_CALL_ID,
        NEW_CONNECTION_DEVICE_ID_TYPE,
        LINE_HANDLE,
        LINE_TYPE,
    ),
    floating=(tags.NewConnectionDeviceID.row("new connection device"),),
)

MAKE_PREDICTIVE_CALL_REQ = Message(
    CHAPTER,
    58,
    "MAKE_PREDICTIVE_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Makes a predictive call.",
    page="Client Control Service",
    replies=("MAKE_PREDICTIVE_CALL_CONF",),
    traits=Trait.MAKES_CALL,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        CALL_PLACEMENT_TYPE,
        CALL_MANNER_TYPE,
        ALERT_RINGS,
        CALL_OPTION,
        FACILITY_TYPE,
        ANSWERING_MACHINE,
        PRIORITY,
        Fixed("AllocationState", USHORT, "when an agent is taken for the call", calls.AllocationState),
        Fixed("DestinationCountry", USHORT, "country of the number, for detection", calls.DestinationCountry),
        Fixed("AnswerDetectMode", USHORT, "what the answer is examined for", calls.AnswerDetectMode),
        Fixed("AnswerDetectTime", USHORT, "how long the answer is examined"),
        Fixed("AnswerDetectControl1", UINT, "first parameter of the examination"),
        Fixed("AnswerDetectControl2", UINT, "second parameter of the examination"),
        *shared.named_counts(),
    ),
    floating=(
        tags.OriginatingDeviceID.row("originating device"),
        tags.DialedNumber.row("number dialed"),
        tags.UserToUserInfo.optional("ISDN user-to-user data"),
        *tags.call_variables(),
        tags.CallWrapupData.optional("wrap-up data"),
        tags.NamedVariable.optional(),
        tags.NamedArray.optional("element of a named call array"),
        tags.FacilityCode.optional(),
        tags.AuthorizationCode.optional(),
        tags.AccountCode.optional(),
        tags.OriginatingLineID.optional(),
        tags.CallControlTable.optional(),
    ),
    repeats=shared.NAMED_REPEATS,
)

MAKE_PREDICTIVE_CALL_CONF = Message(
    CHAPTER,
    59,
    "MAKE_PREDICTIVE_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the predictive call.",
    page="Client Control Service",
    fixed=(
        shared.INVOKE_ID,
        NEW_CONNECTION_CALL_ID,
        NEW_CONNECTION_DEVICE_ID_TYPE,
        LINE_HANDLE,
        LINE_TYPE,
    ),
    floating=(tags.NewConnectionDeviceID.row("new connection device"),),
)

RECONNECT_CALL_REQ = Message(
    CHAPTER,
    60,
    "RECONNECT_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Clears the active call and takes the held one back.",
    page="Client Control Service",
    replies=("RECONNECT_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        ACTIVE_CONNECTION_CALL_ID,
        HELD_CONNECTION_CALL_ID,
        ACTIVE_CONNECTION_DEVICE_ID_TYPE,
        HELD_CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(
        tags.ActiveConnectionDeviceID.row("active connection device"),
        tags.HeldConnectionDeviceID.row("held connection device"),
        tags.AgentInstrument.optional("agent's phone"),
    ),
)

RETRIEVE_CALL_REQ = Message(
    CHAPTER,
    62,
    "RETRIEVE_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Takes a call back from hold.",
    page="Client Control Service",
    replies=("RETRIEVE_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        Fixed("HeldConnectionCallID", UINT, "held connection call id", common.NullCall, mark=Mark.CALL),
        HELD_CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(
        tags.HeldConnectionDeviceID.row("held connection device"),
        tags.AgentInstrument.optional("agent's phone"),
    ),
)

TRANSFER_CALL_REQ = Message(
    CHAPTER,
    64,
    "TRANSFER_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Transfers the held call to the party of the active one.",
    page="Client Control Service",
    replies=("TRANSFER_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        ACTIVE_CONNECTION_CALL_ID,
        HELD_CONNECTION_CALL_ID,
        ACTIVE_CONNECTION_DEVICE_ID_TYPE,
        HELD_CONNECTION_DEVICE_ID_TYPE,
        CALL_PLACEMENT_TYPE,
        CALL_MANNER_TYPE,
        ALERT_RINGS,
        CALL_OPTION,
        FACILITY_TYPE,
        ANSWERING_MACHINE,
        PRIORITY,
        POST_ROUTE,
        *shared.named_counts(),
    ),
    floating=(
        tags.ActiveConnectionDeviceID.row("active connection device"),
        tags.HeldConnectionDeviceID.optional("held connection device"),
        tags.AgentInstrument.optional("agent's phone"),
        tags.DialedNumber.optional("number dialed"),
        tags.UserToUserInfo.optional("ISDN user-to-user data"),
        *tags.call_variables(),
        tags.CallWrapupData.optional("wrap-up data"),
        tags.NamedVariable.optional(),
        tags.NamedArray.optional("element of a named call array"),
        tags.FacilityCode.optional(),
        tags.AuthorizationCode.optional(),
        tags.AccountCode.optional(),
    ),
    repeats=shared.NAMED_REPEATS,
)

TRANSFER_CALL_CONF = Message(
    CHAPTER,
    65,
    "TRANSFER_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The transfer was made; tells the resulting call.",
    page="Client Control Service",
    fixed=(
        shared.INVOKE_ID,
        NEW_CONNECTION_CALL_ID,
        NEW_CONNECTION_DEVICE_ID_TYPE,
        shared.NUM_PARTIES,
        LINE_HANDLE,
        LINE_TYPE,
    ),
    floating=(
        tags.NewConnectionDeviceID.row("new connection device"),
        tags.ConnectedPartyCallID.optional(),
        tags.ConnectedPartyDeviceIDType.optional("kind of ConnectedPartyDeviceID"),
        tags.ConnectedPartyDeviceID.optional("connected party device"),
    ),
    repeats=(
        Repeat(
            "NumParties",
            (
                tags.ConnectedPartyCallID.tag,
                tags.ConnectedPartyDeviceIDType.tag,
                tags.ConnectedPartyDeviceID.tag,
            ),
            most=special.Limit.MAX_NUM_PARTIES,
        ),
    ),
)

QUERY_DEVICE_INFO_REQ = Message(
    CHAPTER,
    78,
    "QUERY_DEVICE_INFO_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks what a phone can do.",
    page="Client Control Service",
    replies=("QUERY_DEVICE_INFO_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        Fixed("Reserved", USHORT, "reserved, 0", reserved=True, constant=0),
    ),
    floating=(tags.AgentInstrument.row("agent's phone"),),
)

QUERY_DEVICE_INFO_CONF = Message(
    CHAPTER,
    79,
    "QUERY_DEVICE_INFO_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells what a phone can do.",
    page="Client Control Service",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_TYPE,
        Fixed("TypeOfDevice", USHORT, "what kind of device it is", devices.TypeOfDevice),
        Fixed("ClassOfDevice", USHORT, "what media the device serves", devices.ClassOfDevice),
        Fixed("NumLines", USHORT, "count of line records, at most 10"),
        Fixed("Reserved", USHORT, "reserved, 0", reserved=True, constant=0),
        shared.MAX_ACTIVE_CALLS,
        shared.MAX_HELD_CALLS,
        shared.MAX_DEVICES_IN_CONFERENCE,
        Fixed("MakeCallSetup", UINT, "agent states in which a call may be made", session.AgentStateMask),
        Fixed(
            "TransferConferenceSetup",
            UINT,
            "how transfers and conferences may be begun",
            devices.TransferConferenceSetupMask,
        ),
        Fixed("CallEventsSupported", UINT, "call events that the switch tells", session.CallMsgMask),
        Fixed("CallControlSupported", UINT, "requests that the switch carries out", devices.CallControlMask),
        Fixed("OtherFeaturesSupported", UINT, "what else the switch can do", devices.FeatureMask),
    ),
    floating=(
        tags.LineHandle.row("line of the phone; 0xffff none"),
        tags.LineType.row("kind of line; LineType table"),
    ),
    repeats=(
        Repeat(
            "NumLines",
            (
                tags.LineHandle.tag,
                tags.LineType.tag,
            ),
            most=special.Limit.MAX_NUM_LINES,
        ),
    ),
)

SNAPSHOT_CALL_REQ = Message(
    CHAPTER,
    82,
    "SNAPSHOT_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for everything about a call.",
    page="Client Control Service",
    replies=("SNAPSHOT_CALL_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(tags.ConnectionDeviceID.row("device of the connection"),),
)

SNAPSHOT_CALL_CONF = Message(
    CHAPTER,
    83,
    "SNAPSHOT_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the data and the devices of a call.",
    page="Client Control Service",
    fixed=(
        shared.INVOKE_ID,
        CALL_TYPE,
        shared.NUM_CTI_CLIENTS,
        shared.NUM_CALL_DEVICES,
        *shared.named_counts(),
        CALLED_PARTY_DISPOSITION,
    ),
    floating=(
        tags.ANI.optional("caller's number"),
        tags.UserToUserInfo.optional("ISDN user-to-user data"),
        tags.DNIS.optional(),
        tags.DialedNumber.optional("number dialed"),
        tags.CallerEnteredDigits.optional("digits keyed at the IVR"),
        tags.RouterCallKeyDay.row("day part of the ICM call key"),
        tags.RouterCallKeyCallID.row("call part of the ICM call key"),
        *tags.call_variables(),
        tags.CallWrapupData.optional("wrap-up data"),
        tags.NamedVariable.optional(),
        tags.NamedArray.optional("element of a named call array"),
        tags.CTIClientSignature.row("signature of a client of this call"),
        tags.CTIClientTimestamp.row("when that client joined"),
        tags.CallConnectionCallID.optional(),
        tags.CallConnectionDeviceIDType.optional("kind of CallConnectionDeviceID"),
        tags.CallConnectionDeviceID.optional("call connection device"),
        tags.CallDeviceType.optional("kind of CallDeviceID"),
        tags.CallDeviceID.optional("call device"),
        tags.CallDeviceConnectionState.optional(),
        tags.CallReferenceID.optional("unique call id of Unified CM"),
        tags.COCConnectionCallID.optional("COC connection call id"),
        tags.COCCallConnectionDeviceIDType.optional("kind of COCCallConnectionDeviceID"),
        tags.COCCallConnectionDeviceID.optional("COC call connection device"),
        tags.ProtocolReferenceGUID.optional(),
        tags.CCAIConfigID.optional("CCAI config ID"),
        tags.NumOfEnabledServices.optional("count of enabled services"),
        tags.FltEnabledServices.optional("enabled services; NumOfEnabledServices of them, one field each"),
    ),
    repeats=(
        Repeat("NumOfEnabledServices", (tags.FltEnabledServices.tag,)),
        *shared.NAMED_REPEATS,
        Repeat(
            "NumCTIClients",
            (
                tags.CTIClientSignature.tag,
                tags.CTIClientTimestamp.tag,
            ),
            most=special.Limit.MAX_NUM_CTI_CLIENTS,
        ),
        Repeat(
            "NumCallDevices",
            (
                tags.CallConnectionCallID.tag,
                tags.CallConnectionDeviceIDType.tag,
                tags.CallConnectionDeviceID.tag,
                tags.CallDeviceType.tag,
                tags.CallDeviceID.tag,
                tags.CallDeviceConnectionState.tag,
            ),
            most=special.Limit.MAX_NUM_DEVICES,
        ),
    ),
)

SNAPSHOT_DEVICE_REQ = Message(
    CHAPTER,
    84,
    "SNAPSHOT_DEVICE_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the calls at a device.",
    page="Client Control Service",
    replies=("SNAPSHOT_DEVICE_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.SNAPSHOT_DEVICE_TYPE,
    ),
    floating=(tags.AgentInstrument.row("agent's phone"),),
)

SNAPSHOT_DEVICE_CONF = Message(
    CHAPTER,
    85,
    "SNAPSHOT_DEVICE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the calls at a device.",
    page="Client Control Service",
    fixed=(
        shared.INVOKE_ID,
        shared.NUM_CALLS,
    ),
    floating=(
        tags.CallConnectionCallID.optional(),
        tags.CallConnectionDeviceIDType.optional("kind of CallConnectionDeviceID"),
        tags.CallConnectionDeviceID.optional("call connection device"),
        tags.CallState.optional(),
        tags.SilentMonitorStatus.optional(),
    ),
    repeats=(
        Repeat(
            "NumCalls",
            (
                tags.CallConnectionCallID.tag,
                tags.CallConnectionDeviceIDType.tag,
                tags.CallConnectionDeviceID.tag,
                tags.CallState.tag,
            ),
            most=special.Limit.MAX_NUM_CALLS,
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
    page="Client Control Service",
    replies=("SEND_DTMF_SIGNAL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
        shared.TONE_DURATION,
        shared.PAUSE_DURATION,
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.DTMFString.row("digits"),
        tags.AgentInstrument.optional("agent's phone"),
        tags.CTIOSCILClientID.but(until=23).row("id of the CTI OS client"),
    ),
)

SUPERVISOR_ASSIST_REQ = Message(
    CHAPTER,
    118,
    "SUPERVISOR_ASSIST_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "An agent asks a supervisor for help.",
    page="Client Control Service",
    replies=("SUPERVISOR_ASSIST_CONF",),
    traits=Trait.MAKES_CALL,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.AgentExtension.row("agent's extension"),
        tags.AgentID.row("agent's login"),
        tags.AgentInstrument.row("agent's phone"),
    ),
)

SUPERVISOR_ASSIST_CONF = Message(
    CHAPTER,
    119,
    "SUPERVISOR_ASSIST_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The call for help is being made.",
    page="Client Control Service",
    fixed=(
        shared.INVOKE_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
        LINE_HANDLE,
        LINE_TYPE,
    ),
    floating=(tags.ConnectionDeviceID.row("device of the connection"),),
)

SUPERVISOR_ASSIST_EVENT = Message(
    CHAPTER,
    120,
    "SUPERVISOR_ASSIST_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells a supervisor that an agent wants help.",
    page="",
    complete=False,
    note="No table in the guides 23-25: the layout is that of Unified CCX's page of the same number. Its last slot, reserved "
    "there, is taken for SessionID, as in EMERGENCY_CALL_EVENT, which is built alike.",
    fixed=(
        PERIPHERAL_ID.but(source=UCCX),
        shared.CALL_ID.but(source=UCCX),
        shared.CONNECTION_DEVICE_TYPE.but(source=UCCX),
        shared.SESSION_ID.but(source=INFERRED),
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection", UCCX),
        tags.ClientID.row("user id of the client", UCCX),
        tags.Text.row("free text", UCCX),
    ),
)

EMERGENCY_CALL_REQ = Message(
    CHAPTER,
    121,
    "EMERGENCY_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "An agent reports an emergency call.",
    page="Supervisor Service",
    replies=("EMERGENCY_CALL_CONF",),
    traits=Trait.MAKES_CALL,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.AgentExtension.row("agent's extension"),
        tags.AgentID.row("agent's login"),
        tags.AgentInstrument.row("agent's phone"),
    ),
)

EMERGENCY_CALL_CONF = Message(
    CHAPTER,
    122,
    "EMERGENCY_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The emergency was passed on.",
    page="Supervisor Service",
    fixed=(
        shared.INVOKE_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
        LINE_HANDLE,
        LINE_TYPE,
    ),
    floating=(tags.ConnectionDeviceID.row("device of the connection"),),
)

EMERGENCY_CALL_EVENT = Message(
    CHAPTER,
    123,
    "EMERGENCY_CALL_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells a supervisor of an emergency call.",
    page="Supervisor Service",
    note="ClientAddress grew from 16 to 64 bytes in version 19, when the fields for IPv6 were withdrawn.",
    fixed=(
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
        shared.SESSION_ID,
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

SUPERVISE_CALL_REQ = Message(
    CHAPTER,
    124,
    "SUPERVISE_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "A supervisor barges into or intercepts an agent's call, or ends that.",
    page="Supervisor Service",
    replies=("SUPERVISE_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        Fixed("AgentConnectionCallID", UINT, "call of the agent", common.NullCall, mark=Mark.CALL),
        Fixed("SupervisorConnectionCallID", UINT, "call of the supervisor", common.NullCall, mark=Mark.OTHER_CALL),
        Fixed("AgentConnectionDeviceIDType", USHORT, "kind of AgentConnectionDeviceID", common.ConnectionDeviceType),
        Fixed(
            "SupervisorConnectionDeviceIDType",
            USHORT,
            "kind of SupervisorConnectionDeviceID",
            common.ConnectionDeviceType,
        ),
        shared.SUPERVISORY_ACTION,
    ),
    floating=(
        tags.AgentConnectionDeviceID.row("agent connection device"),
        tags.SupervisorConnectionDeviceID.row("supervisor connection device"),
        tags.AgentExtension.row("agent's extension"),
        tags.AgentID.row("agent's login"),
        tags.AgentInstrument.row("agent's phone"),
        tags.SupervisorInstrument.row(),
    ),
)

SUPERVISE_CALL_CONF = Message(
    CHAPTER,
    125,
    "SUPERVISE_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The supervision was carried out.",
    page="Supervisor Service",
    fixed=(
        shared.INVOKE_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(tags.ConnectionDeviceID.row("device of the connection"),),
)

BAD_CALL_REQ = Message(
    CHAPTER,
    139,
    "BAD_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "An agent reports a call of bad quality.",
    page="Client Control Service",
    replies=("BAD_CALL_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
        shared.CONNECTION_CALL_ID,
    ),
    floating=(
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.AgentID.row("agent's login"),
    ),
)

BAD_CALL_CONF = Message(
    CHAPTER,
    140,
    "BAD_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The report was taken.",
    page="Client Control Service",
    fixed=(shared.INVOKE_ID,),
)

SET_DEVICE_ATTRIBUTES_REQ = Message(
    CHAPTER,
    141,
    "SET_DEVICE_ATTRIBUTES_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Sets attributes of a device.",
    page="Call Data Update Service",
    replies=("SET_DEVICE_ATTRIBUTES_CONF",),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        SERVICE_NUMBER,
        SERVICE_ID,
        SKILL_GROUP_NUMBER,
        SKILL_GROUP_ID,
        SKILL_GROUP_PRIORITY,
        CALL_TYPE,
        shared.CALLING_DEVICE_TYPE,
    ),
    floating=(tags.CallingDeviceID.required("calling device"),),
)

SET_DEVICE_ATTRIBUTES_CONF = Message(
    CHAPTER,
    142,
    "SET_DEVICE_ATTRIBUTES_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the attributes.",
    page="Call Data Update Service",
    fixed=(shared.INVOKE_ID,),
)

AGENT_GREETING_CONTROL_REQ = Message(
    CHAPTER,
    249,
    "AGENT_GREETING_CONTROL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Stops, enables or disables the greeting of an agent.",
    page="Client Control Service",
    replies=("AGENT_GREETING_CONTROL_CONF",),
    since=15,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        Fixed("AgentAction", USHORT, "what to do with the greeting", calls.AgentGreetingAction),
    ),
    floating=(tags.AgentID.required("agent's login"),),
)

AGENT_GREETING_CONTROL_CONF = Message(
    CHAPTER,
    250,
    "AGENT_GREETING_CONTROL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the change of the greeting.",
    page="Client Control Service",
    since=15,
    fixed=(shared.INVOKE_ID,),
)

START_NETWORK_RECORDING_REQ = Message(
    CHAPTER,
    268,
    "START_NETWORK_RECORDING_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks the network to record a call.",
    page="Client Control Service",
    replies=("START_NETWORK_RECORDING_CONF",),
    since=23,
    note="Number as in the table (three guides); the number list of guides 24 and 25 is one lower for 267-274.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(
        tags.PlayToneDirection.row(),
        tags.InvocationType.row(),
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.AgentInstrument.optional("agent's phone"),
    ),
)

START_NETWORK_RECORDING_CONF = Message(
    CHAPTER,
    269,
    "START_NETWORK_RECORDING_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the recording by the network.",
    page="Client Control Service",
    since=23,
    note="Number as in the table (three guides); the number list of guides 24 and 25 is one lower for 267-274.",
    fixed=(shared.INVOKE_ID,),
)

STOP_NETWORK_RECORDING_REQ = Message(
    CHAPTER,
    270,
    "STOP_NETWORK_RECORDING_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks the network to end a recording.",
    page="Client Control Service",
    replies=("STOP_NETWORK_RECORDING_CONF",),
    since=23,
    note="Number as in the table (three guides); the number list of guides 24 and 25 is one lower for 267-274.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        shared.CONNECTION_DEVICE_ID_TYPE,
    ),
    floating=(
        tags.InvocationType.row(),
        tags.ConnectionDeviceID.row("device of the connection"),
        tags.AgentInstrument.optional("agent's phone"),
    ),
)

STOP_NETWORK_RECORDING_CONF = Message(
    CHAPTER,
    271,
    "STOP_NETWORK_RECORDING_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the end of the recording by the network.",
    page="Client Control Service",
    since=23,
    note="Number as in the table (three guides); the number list of guides 24 and 25 is one lower for 267-274.",
    fixed=(shared.INVOKE_ID,),
)

SET_AGENT_SERVICE_DATA_REQ = Message(
    CHAPTER,
    283,
    "SET_AGENT_SERVICE_DATA_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Tells how an agent judged the answers that were suggested.",
    page="Miscellaneous Service",
    replies=("SET_AGENT_SERVICE_DATA_CONF",),
    since=24,
    complete=False,
    note="Not in the number list; tags 312 and 313 by the first printing of guide 24 (an independent client has them so); from 25 they are MediaType and MediaProvider of MEDIA_LOGIN_REQ; tag not given in the guides: TotalAnswersSuggestion.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("RouterCallKeyDay", UINT, "day part of the ICM call key"),
        Fixed("RouterCallKeyCallID", UINT, "call part of the ICM call key"),
        Fixed("RouterCallKeySequenceNumber", UINT, "sequence part of the ICM call key"),
        Fixed("AgentSkillTargetID", UINT, "agent, ICM skill target id"),
    ),
    floating=(
        tags.NumOfEnabledServices.optional("count of enabled services"),
        tags.FltEnabledServices.optional("enabled services; NumOfEnabledServices of them, one field each"),
        tags.NumPositiveAnswersSuggestions.but(since=24).optional("count of positive answers suggestions"),
        tags.NumNegativeAnswersSuggestions.but(since=24).optional("count of negative answers suggestions"),
    ),
    repeats=(Repeat("NumOfEnabledServices", (tags.FltEnabledServices.tag,)),),
)

SET_AGENT_SERVICE_DATA_CONF = Message(
    CHAPTER,
    284,
    "SET_AGENT_SERVICE_DATA_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the judgement.",
    page="Miscellaneous Service",
    since=24,
    note="Not in the number list.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("Status", UINT, "status code", failures.StatusCode, mark=Mark.STATUS),
    ),
)
