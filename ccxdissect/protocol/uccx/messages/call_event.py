"""Call events: what happens to a call, told unasked; and setting the data of a call."""

from __future__ import annotations

from dataclasses import replace

from ccxdissect.protocol.codes import GED188, INFERRED, THIRD_PARTY, UCCX
from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.model import (
    Chapter,
    Fixed,
    Kind,
    Layout,
    Mark,
    Message,
    MessageClass,
    Repeat,
    Side,
    Trait,
)
from ccxdissect.protocol.types import UINT, USHORT
from ccxdissect.protocol.uccx import tags
from ccxdissect.protocol.uccx.constants.calls import CallType, Disposition, LineType
from ccxdissect.protocol.uccx.constants.media import (
    AudioCodecType,
    RTPBitRate,
)
from ccxdissect.protocol.uccx.constants.special import Limit
from ccxdissect.protocol.uccx.fields import (
    APPLICATION_ID,
    CSQ_ID,
    EVENT_HEAD,
    LINE_HANDLE,
    LINE_TYPE,
    PERIPHERAL_ID,
    SERVICE_ID,
    SKILL_GROUP_ID,
    SKILL_GROUP_NUMBER,
    SKILL_GROUP_PRIORITY,
    event_cause,
    reserved,
)

#: The messages of this file.
CHAPTER = Chapter(MessageClass.CALL_EVENT)

CALL_DELIVERED_EVENT = Message(
    CHAPTER,
    9,
    "CALL_DELIVERED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A call arrived at a device and rings there.",
    page="call_delivered_event",
    complete=False,
    traits=Trait.CALL_RINGS,
    note="The page is cut after LocalConnectionState; EventCause stands in the guide's logs, the counts "
    "come from the sister protocol and agree with a simulator.",
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        LINE_HANDLE,
        LINE_TYPE,
        APPLICATION_ID,
        SERVICE_ID,
        CSQ_ID,
        SKILL_GROUP_ID,
        SKILL_GROUP_PRIORITY,
        shared.ALERTING_DEVICE_TYPE,
        shared.CALLING_DEVICE_TYPE,
        shared.CALLED_DEVICE_TYPE,
        shared.LAST_REDIRECT_DEVICE_TYPE,
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
        *shared.named_counts(GED188),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.AlertingDeviceID.optional("ringing device"),
        tags.CallingDeviceID.optional("caller's device"),
        tags.CalledDeviceID.optional("originally called device"),
        tags.LastRedirectDeviceID.optional("previously alerted device"),
        tags.SecondaryConnectionCallID.row("consult call from the CTI port to the agent device", GED188),
        tags.ANI.optional("calling line id", GED188),
        tags.DNIS.optional("DNIS of the call", GED188),
        tags.DialedNumber.optional("number dialed", GED188),
        tags.CallerEnteredDigits.optional("digits entered at the IVR", GED188),
        *tags.call_variables(GED188),
        tags.CallWrapupData.optional("wrap-up data", GED188),
        *tags.named_data(GED188, GED188),
    ),
    repeats=(*shared.NAMED_REPEATS,),
)

CALL_ESTABLISHED_EVENT = Message(
    CHAPTER,
    10,
    "CALL_ESTABLISHED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A call was answered at a device.",
    page="call_established_event",
    complete=False,
    traits=Trait.CALL_CONNECTS,
    note="The page is cut after LastRedirectDeviceType; a simulator writes exactly these two last and no "
    "counts. The page names CallingDeviceID by mistake where it means CalledDeviceID.",
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        LINE_HANDLE,
        LINE_TYPE,
        APPLICATION_ID,
        SERVICE_ID,
        CSQ_ID,
        SKILL_GROUP_ID,
        SKILL_GROUP_PRIORITY,
        shared.ANSWERING_DEVICE_TYPE,
        shared.CALLING_DEVICE_TYPE,
        shared.CALLED_DEVICE_TYPE,
        shared.LAST_REDIRECT_DEVICE_TYPE,
        shared.LOCAL_CONNECTION_STATE.but(source=GED188),
        event_cause(GED188),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.AnsweringDeviceID.optional("device that answered"),
        tags.CallingDeviceID.optional("caller's device"),
        tags.CalledDeviceID.optional("originally called device", GED188),
        tags.LastRedirectDeviceID.optional("previously alerted device"),
    ),
)

CALL_HELD_EVENT = Message(
    CHAPTER,
    11,
    "CALL_HELD_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A device put a call on hold.",
    page="call_held_event",
    traits=Trait.CALL_HOLDS,
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        shared.HOLDING_DEVICE_TYPE,
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.HoldingDeviceID.required("device that put the call on hold"),
    ),
)

CALL_RETRIEVED_EVENT = Message(
    CHAPTER,
    12,
    "CALL_RETRIEVED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A device took a call back from hold.",
    page="call_retrieved_event",
    traits=Trait.CALL_RETRIEVED,
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        shared.RETRIEVING_DEVICE_TYPE,
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.RetrievingDeviceID.optional("device that ended the hold"),
    ),
)

CALL_CLEARED_EVENT = Message(
    CHAPTER,
    13,
    "CALL_CLEARED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "The last party left the call.",
    page="call_cleared_event",
    traits=Trait.CALL_CLEARED,
    note="Here alone the slot of ConnectionDeviceType is a reserved 0. The page prints no number for "
    "ConnectionDeviceID; 25 is the catalogue's.",
    fixed=(
        *EVENT_HEAD,
        reserved("ConnectionDeviceType", USHORT, 0),
        shared.CALL_ID,
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
    ),
    floating=(tags.ConnectionDeviceID.row("cleared connection"),),
)

CALL_CONNECTION_CLEARED_EVENT = Message(
    CHAPTER,
    14,
    "CALL_CONNECTION_CLEARED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "One party left the call.",
    page="call_connection_cleared_event",
    traits=Trait.PARTY_LEAVES,
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        shared.RELEASING_DEVICE_TYPE,
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.ReleasingDeviceID.required("device that cleared the connection"),
    ),
)

CALL_ORIGINATED_EVENT = Message(
    CHAPTER,
    15,
    "CALL_ORIGINATED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A device started a call to another.",
    page="call_originated_event",
    traits=Trait.CALL_DIALS,
    note="The page calls the line type reserved: 3 for a monitored call, 10 for others. CalledDeviceID "
    "stands in the guide's logs only.",
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        LINE_HANDLE,
        reserved(
            "LineType",
            USHORT,
            None,
            codes=LineType,
            meaning="reserved, 3 for a monitored call and 10 for others",
        ),
        APPLICATION_ID,
        SERVICE_ID,
        CSQ_ID,
        SKILL_GROUP_ID,
        SKILL_GROUP_PRIORITY,
        shared.CALLING_DEVICE_TYPE,
        shared.CALLED_DEVICE_TYPE,
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.CallingDeviceID.but(mark=Mark.CALLING | Mark.ACTING | Mark.PERSONAL).required("caller's device"),
        tags.CalledDeviceID.row("called device"),
    ),
)

CALL_FAILED_EVENT = Message(
    CHAPTER,
    16,
    "CALL_FAILED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A call could not be completed.",
    page="call_failed_event",
    traits=Trait.CALL_FAILS,
    note="Some editions of the sister protocol print it without MonitorID.",
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        shared.FAILING_DEVICE_TYPE,
        shared.CALLED_DEVICE_TYPE,
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.FailingDeviceID.optional("failing device"),
        tags.CalledDeviceID.optional("called device"),
    ),
)

CALL_CONFERENCED_EVENT = Message(
    CHAPTER,
    17,
    "CALL_CONFERENCED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Two calls became one conference, or a party joined it.",
    page="call_conferenced_event",
    traits=Trait.CALL_JOINS,
    note="The end of the fixed part and the floating names were read in the guide's log of a conference. "
    "There ConnectedPartyDeviceType is 0.",
    fixed=(
        *EVENT_HEAD,
        shared.connection_type("PrimaryDeviceType"),
        shared.PRIMARY_CALL_ID,
        LINE_HANDLE,
        LINE_TYPE,
        SKILL_GROUP_NUMBER,
        SKILL_GROUP_ID,
        SKILL_GROUP_PRIORITY,
        shared.NUM_PARTIES.but("active connections, max 16"),
        shared.connection_type("SecondaryDeviceType"),
        shared.SECONDARY_CALL_ID,
        shared.CONTROLLER_DEVICE_TYPE,
        shared.ADDED_PARTY_DEVICE_TYPE,
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
    ),
    floating=(
        tags.PrimaryDeviceID.row("device of the primary call"),
        tags.SecondaryDeviceID.row("device of the secondary call"),
        tags.ControllerDeviceID.row("conference controller"),
        tags.AddedPartyDeviceID.row("device added"),
        tags.ConnectedPartyCallID.optional("call id of one party"),
        tags.ConnectedPartyDeviceType.optional("kind of the party's device id"),
        tags.ConnectedPartyDeviceID.optional("device of that party"),
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

CALL_TRANSFERRED_EVENT = Message(
    CHAPTER,
    18,
    "CALL_TRANSFERRED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A call was transferred to another device.",
    page="call_transferred_event",
    complete=False,
    traits=Trait.CALL_TRANSFERS,
    note="The page is cut at LocalConnectionState; its rows name all the floating fields. It is always "
    "sent after the CALL_DELIVERED_EVENT of the secondary call.",
    fixed=(
        *EVENT_HEAD,
        shared.connection_type("PrimaryDeviceType"),
        shared.PRIMARY_CALL_ID,
        LINE_HANDLE,
        LINE_TYPE,
        SKILL_GROUP_NUMBER,
        SKILL_GROUP_ID,
        SKILL_GROUP_PRIORITY,
        shared.NUM_PARTIES.but("active connections, max 16"),
        shared.connection_type("SecondaryDeviceType"),
        shared.SECONDARY_CALL_ID,
        shared.TRANSFERRING_DEVICE_TYPE,
        shared.TRANSFERRED_DEVICE_TYPE,
        shared.LOCAL_CONNECTION_STATE,
        event_cause(INFERRED),
    ),
    floating=(
        tags.PrimaryDeviceID.row("device of the primary call"),
        tags.SecondaryDeviceID.row("device of the secondary call"),
        tags.TransferringDeviceID.optional("device that transferred"),
        tags.TransferredDeviceID.optional("device transferred to"),
        tags.ConnectedPartyCallID.optional("call id of one party"),
        tags.ConnectedPartyDeviceType.optional("kind of the party's device id"),
        tags.ConnectedPartyDeviceID.optional("device of that party"),
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

CALL_DIVERTED_EVENT = Message(
    CHAPTER,
    19,
    "CALL_DIVERTED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A call was sent on from one device to another.",
    page="call_diverted_event",
    traits=Trait.CALL_DIVERTS,
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        APPLICATION_ID,
        SERVICE_ID,
        shared.DIVERTING_DEVICE_TYPE,
        shared.CALLED_DEVICE_TYPE,
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.DivertingDeviceID.required("device diverted from"),
        tags.CalledDeviceID.required("device diverted to"),
    ),
)

CALL_SERVICE_INITIATED_EVENT = Message(
    CHAPTER,
    20,
    "CALL_SERVICE_INITIATED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A device went off-hook to make a call.",
    page="call_service_initiated_event",
    traits=Trait.CALL_DIALS,
    note="The page puts lineType into the SkillGroupPriority slot, unlike every other call event: most "
    "likely a slip, and both slots have the same size.",
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        LINE_HANDLE,
        reserved("LineType", USHORT, 3, codes=LineType),
        APPLICATION_ID,
        SERVICE_ID,
        CSQ_ID,
        SKILL_GROUP_ID,
        Fixed("lineType", USHORT, "kind of line", LineType),
        shared.CALLING_DEVICE_TYPE,
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.CallingDeviceID.but(mark=Mark.CALLING | Mark.ACTING | Mark.PERSONAL).required("device going off-hook"),
    ),
)

CALL_QUEUED_EVENT = Message(
    CHAPTER,
    21,
    "CALL_QUEUED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A call was put into one or more queues.",
    page="call_queued_event",
    complete=False,
    traits=Trait.CALL_QUEUED,
    note="The floating table is cut after its first row; the device ids are named by the fixed part. "
    "QueueDeviceID is left out when QueueDeviceType is 0xffff.",
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        APPLICATION_ID,
        SERVICE_ID,
        shared.QUEUE_DEVICE_TYPE,
        shared.CALLING_DEVICE_TYPE,
        shared.CALLED_DEVICE_TYPE,
        shared.LAST_REDIRECT_DEVICE_TYPE,
        reserved("NumQueued", USHORT, 0),
        shared.count("NumCSQs", "queues the call waits in, max 20"),
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.QueueDeviceID.optional("queuing device"),
        tags.CallingDeviceID.optional("caller's device"),
        tags.CalledDeviceID.optional("called device"),
        tags.LastRedirectDeviceID.optional("redirecting device"),
        tags.CSQID.row("queue the call was put in", GED188),
        tags.SkillGroupID.unused().row("", GED188),
        tags.SkillGroupPriority.unused().row("", GED188),
    ),
    repeats=(
        Repeat(
            "NumCSQs",
            (tags.CSQID.tag, tags.SkillGroupID.tag, tags.SkillGroupPriority.tag),
            most=Limit.MAX_NUM_SKILL_GROUPS,
        ),
    ),
)

BEGIN_CALL_EVENT = Message(
    CHAPTER,
    23,
    "BEGIN_CALL_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "The first word of a call that the client will see; brings its data.",
    page="begin_call_event",
    complete=False,
    traits=Trait.CALL_BEGINS,
    note="The guide prints a real one: its floating fields do not come in the table's order. The page is "
    "cut at the floating part; names come from the guide's text trace. That trace prints dialedNumber null where "
    "its bytes carry the DNIS.",
    fixed=(
        *EVENT_HEAD,
        shared.NUM_CTI_CLIENTS,
        *shared.named_counts(),
        Fixed("CallType", USHORT, "kind of call", CallType, mark=Mark.CALL_TYPE),
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        Fixed("CalledPartyDisposition", USHORT, "how the called party's part ended", Disposition),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.ANI.optional("caller's number"),
        tags.DNIS.optional("DNIS of the call"),
        replace(tags.DialedNumber.optional("number dialed"), log_otherwise=tags.DNIS.tag),
        tags.CallerEnteredDigits.optional("digits entered at the IVR"),
        *tags.call_variables(),
        tags.CallWrapupData.optional("wrap-up data"),
        *tags.named_data(UCCX, THIRD_PARTY),
        tags.CTIClientSignature.optional("signature of a client on the call", GED188),
        tags.CTIClientTimestamp.optional("when the client before it joined", GED188),
    ),
    repeats=(
        Repeat(
            "NumCTIClients",
            (tags.CTIClientSignature.tag, tags.CTIClientTimestamp.tag),
            most=Limit.MAX_NUM_CTI_CLIENTS,
        ),
        *shared.NAMED_REPEATS,
    ),
)

END_CALL_EVENT = Message(
    CHAPTER,
    24,
    "END_CALL_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "The last word of a call: its id is free again.",
    page="end_call_event",
    traits=Trait.CALL_ENDS,
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
    ),
    floating=(tags.ConnectionDeviceID.required("device of the connection"),),
)

CALL_DATA_UPDATE_EVENT = Message(
    CHAPTER,
    25,
    "CALL_DATA_UPDATE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "The data or the id of a call changed.",
    page="call_data_update_event",
    traits=Trait.CALL_CHANGES,
    complete=False,
    note="The page says that the counts are 0, the guide's logs print 1: the bytes decide. NewCallID is "
    "NewConnectionCallID in the logs. Only changed data is sent.",
    fixed=(
        *EVENT_HEAD,
        shared.NUM_CTI_CLIENTS,
        *shared.named_counts(),
        Fixed("CallType", USHORT, "kind of call", CallType, mark=Mark.CALL_TYPE),
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        shared.connection_type("NewConnectionDeviceType"),
        replace(shared.call_id("NewCallID", "new call id", Mark.NEW_CALL), log_names=("newConnectionCallID",)),
        Fixed("CalledPartyDisposition", USHORT, "how the called party's part ended", Disposition),
        shared.CAMPAIGN_ID.but("0 in the guide's logs"),
        shared.QUERY_RULE_ID.but("0 in the guide's logs"),
    ),
    floating=(
        tags.ConnectionDeviceID.required("previous device of the connection"),
        tags.NewConnectionDeviceID.required("new device of the connection"),
        tags.ANI.optional("caller's number", GED188),
        tags.DNIS.optional("DNIS of the call", GED188),
        tags.DialedNumber.optional("number dialed", GED188),
        tags.CallerEnteredDigits.optional("digits entered at the IVR", GED188),
        *tags.call_variables(GED188),
        tags.CallWrapupData.optional("wrap-up data", GED188),
        *tags.named_data(UCCX, GED188),
        tags.CustomerPhoneNumber.optional("outbound customer's phone"),
        tags.CustomerAccountNumber.optional("outbound customer's account"),
        tags.CTIClientSignature.optional("signature of a client on the call", GED188),
        tags.CTIClientTimestamp.optional("when the client before it joined", GED188),
    ),
    repeats=(
        Repeat(
            "NumCTIClients",
            (tags.CTIClientSignature.tag, tags.CTIClientTimestamp.tag),
            most=Limit.MAX_NUM_CTI_CLIENTS,
        ),
        *shared.NAMED_REPEATS,
    ),
)

SET_CALL_DATA_REQ = Message(
    CHAPTER,
    26,
    "SET_CALL_DATA_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Sets call variables, named data or wrap-up data of a call.",
    page="set_call_data_req",
    replies=("SET_CALL_DATA_CONF",),
    complete=False,
    note="ConnectionDeviceType comes before CallID, unlike in the call control requests. The page says a "
    "client or the server may send it.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        *shared.named_counts(),
        Fixed("CallType", USHORT, "kind of call", CallType, mark=Mark.CALL_TYPE),
        Fixed("CalledPartyDisposition", USHORT, "how the called party's part ended", Disposition),
        reserved("CampaignID", UINT, 0),
        reserved("QueryRuleID", UINT, 1),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.ANI.optional("caller's number"),
        tags.CallerEnteredDigits.optional("digits entered at the IVR"),
        *tags.call_variables(),
        tags.CallWrapupData.optional("wrap-up data", GED188),
        *tags.named_data(THIRD_PARTY, THIRD_PARTY),
    ),
    repeats=(*shared.NAMED_REPEATS,),
)

CALL_DEQUEUED_EVENT = Message(
    CHAPTER,
    86,
    "CALL_DEQUEUED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A call was taken out of a queue. The page doubts that it is ever sent.",
    page="call_dequeued_event",
    complete=False,
    number_source=GED188,
    traits=Trait.CALL_DEQUEUED,
    note="The sources disagree on where QueueDeviceType stands; the length is the same, so what the "
    "fields hold decides.",
    title="QueueDeviceType after the application",
    fixed=(
        *EVENT_HEAD,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
        APPLICATION_ID,
        SERVICE_ID,
        shared.QUEUE_DEVICE_TYPE,
        shared.NUM_QUEUED,
        shared.count("NumCSQs", "queues the call left, max 20, 0 = all"),
        shared.LOCAL_CONNECTION_STATE,
        event_cause(),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.QueueDeviceID.required("queuing device (cut after its tag and an r"),
        tags.CSQID.row("queue the call was taken out of", GED188),
        tags.SkillGroupID.unused().row("", GED188),
        tags.SkillGroupPriority.unused().row("", GED188),
    ),
    repeats=(
        Repeat(
            "NumCSQs",
            (tags.CSQID.tag, tags.SkillGroupID.tag, tags.SkillGroupPriority.tag),
            most=Limit.MAX_NUM_SKILL_GROUPS,
        ),
    ),
    layouts=(
        Layout(
            "QueueDeviceType after CallID",
            (
                *EVENT_HEAD,
                shared.CONNECTION_DEVICE_TYPE,
                shared.CALL_ID,
                shared.QUEUE_DEVICE_TYPE,
                APPLICATION_ID,
                SERVICE_ID,
                shared.NUM_QUEUED,
                shared.count("NumCSQs", "queues the call left, max 20, 0 = all"),
                shared.LOCAL_CONNECTION_STATE,
                event_cause(),
            ),
            "the sister protocol",
        ),
    ),
)

RTP_STARTED_EVENT = Message(
    CHAPTER,
    116,
    "RTP_STARTED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A media stream started at an agent's phone.",
    page="rtp_started_event-optional",
    complete=False,
    number_source=GED188,
    note="The floating table is cut after its first row; the others are RTP_STOPPED_EVENT's. CallID comes last.",
    fixed=(
        reserved("MonitorID", UINT, 0),
        PERIPHERAL_ID,
        Fixed("clientPort", UINT, "TCP port of the client connection"),
        shared.RTP_DIRECTION,
        shared.RTP_TYPE,
        Fixed("BitRate", UINT, "bit rate, G.723 only", RTPBitRate),
        shared.ECHO_CANCELLATION,
        shared.PACKET_SIZE,
        Fixed("PayloadType", USHORT, "audio codec", AudioCodecType),
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.ClientAddress.required("client's IP address", INFERRED),
        tags.AgentExtension.optional("agent extension", INFERRED),
        tags.AgentInstrument.optional("agent phone", INFERRED),
        tags.SendingAddress.optional("IP address the stream goes to", INFERRED),
        tags.SendingPort.optional("UDP port the stream goes to", INFERRED),
        tags.AgentID.row("agent login id", INFERRED),
    ),
)

RTP_STOPPED_EVENT = Message(
    CHAPTER,
    117,
    "RTP_STOPPED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A media stream stopped at an agent's phone.",
    page="rtp_stopped_event-optional",
    number_source=GED188,
    fixed=(
        reserved("MonitorID", UINT, 0),
        PERIPHERAL_ID,
        Fixed("clientPort", UINT, "TCP port of the client connection"),
        shared.RTP_DIRECTION,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID,
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.ClientAddress.required("client's IP address"),
        tags.AgentExtension.optional("agent extension"),
        tags.AgentInstrument.optional("agent phone"),
        tags.SendingAddress.optional("IP address the stream went to"),
        tags.SendingPort.optional("UDP port the stream went to"),
        tags.AgentID.row("agent login id"),
    ),
)

SUPERVISOR_ASSIST_EVENT = Message(
    CHAPTER,
    120,
    "SUPERVISOR_ASSIST_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells a supervisor that an agent wants help.",
    page="supervisor_assist_event",
    number_source=GED188,
    note="No MonitorID in front.",
    fixed=(
        PERIPHERAL_ID,
        shared.CALL_ID,
        shared.CONNECTION_DEVICE_TYPE,
        reserved("SessionID", UINT, 0),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.ClientID.required("client that asked"),
        tags.Text.row("help asked for"),
    ),
)

_EMERGENCY_EVENT_TAIL = (
    Fixed("PeripheralID", UINT, "peripheral id"),
    shared.CONNECTION_CALL_ID.but("call that needs help"),
    shared.CONNECTION_DEVICE_TYPE,
    shared.SESSION_ID.but("session of the client that notifies"),
)

EMERGENCY_CALL_EVENT = Message(
    CHAPTER,
    123,
    "EMERGENCY_CALL_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells a supervisor of an emergency call.",
    page="emergency_call_event",
    number_source=GED188,
    note="The page begins the fixed part with an InvokeID, the sister protocol does not: both are "
    "accepted. The page prints no numbers for ClientID and clientAddress; they are the catalogue's.",
    title="with InvokeID",
    fixed=(
        Fixed("InvokeID", UINT, "printed on the UCCX page only; doubtful in an event"),
        *_EMERGENCY_EVENT_TAIL,
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.ClientID.row("client that notifies"),
        tags.ClientAddress.but(name="clientAddress").row("its IP address"),
        tags.AgentExtension.but(size=64).row("agent extension"),
        tags.AgentID.row("agent login id"),
        tags.AgentInstrument.row("agent phone"),
    ),
    layouts=(Layout("without InvokeID", _EMERGENCY_EVENT_TAIL, "the sister protocol"),),
)
