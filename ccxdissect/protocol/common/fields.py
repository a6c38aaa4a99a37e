"""The fixed fields that both dialects have alike, and short ways to write those of one kind.

What a message says more of such a field, it says by `but`.
"""

from __future__ import annotations

from ccxdissect.protocol.codes import GUIDE, Source
from ccxdissect.protocol.common import tags
from ccxdissect.protocol.common.constants import (
    ConnectionDeviceType,
    ConsultType,
    DeviceType,
    EchoCancellation,
    LocalConnectionState,
    NullCall,
    RTPDirection,
    RTPType,
    SupervisoryAction,
)
from ccxdissect.protocol.model import Fixed, Mark, Repeat
from ccxdissect.protocol.types import UINT, USHORT


def call_id(name: str, meaning: str, mark: Mark = Mark.CALL) -> Fixed:
    """The id of a call; all ones mean none."""
    return Fixed(name, UINT, meaning, NullCall, mark=mark)


def connection_type(name: str) -> Fixed:
    """What kind of id the field of the same name, less `Type`, carries: ConnectionDeviceType constants."""
    return Fixed(name, USHORT, f"kind of id in {name.removesuffix('Type').removesuffix('ID')}ID", ConnectionDeviceType)


def device_type(name: str, mark: Mark = Mark.NONE) -> Fixed:
    """What kind of device the field of the same name, less `Type`, names: DeviceType constants."""
    return Fixed(name, USHORT, f"kind of {name.removesuffix('Type')}ID", DeviceType, mark=mark)


def count(name: str, meaning: str, log_names: tuple[str, ...] = ()) -> Fixed:
    """How many of something follow among the floating fields."""
    return Fixed(name, USHORT, meaning, log_names=log_names)


# -- sessions and agents -------------------------------------------------------------------------------------------------
INVOKE_ID = Fixed("InvokeID", UINT, "chosen by the client, copied into the reply", mark=Mark.INVOKE_ID)
IDLE_TIMEOUT = Fixed("IdleTimeout", UINT, "seconds of silence allowed", mark=Mark.IDLE_TIMEOUT, unit="s")
SESSION_ID = Fixed("SessionID", UINT, "client session; 0 none")
STATE_DURATION = Fixed("StateDuration", UINT, "seconds since the state was entered", unit="s")
TEAM_ID = Fixed("TeamID", UINT, "team id")
NUM_RECORDS = count("NumRecords", "count of records")
#: How OPEN_REQ ends.
RESERVED_THREE = tuple(
    Fixed(f"Reserved{n}", UINT, "reserved, 0", reserved=True, constant=0, log_names=(f"reserve{n}",)) for n in (1, 2, 3)
)
#: What SYSTEM_EVENT says more of some events.
SYSTEM_EVENT_ARGUMENTS = tuple(Fixed(f"SystemEventArg{n}", UINT, "event-specific") for n in (1, 2, 3))

# -- calls and their devices ---------------------------------------------------------------------------------------------
CALL_ID = call_id("CallID", "call id").but(log_names=("connectionCallID",))
CONNECTION_CALL_ID = call_id("ConnectionCallID", "call id")
PRIMARY_CALL_ID = call_id("PrimaryCallID", "primary call")
SECONDARY_CALL_ID = call_id("SecondaryCallID", "secondary call", Mark.OTHER_CALL)
CONNECTION_DEVICE_TYPE = connection_type("ConnectionDeviceType")
CONNECTION_DEVICE_ID_TYPE = connection_type("ConnectionDeviceIDType")
LOCAL_CONNECTION_STATE = Fixed(
    "LocalConnectionState", USHORT, "state of the connection", LocalConnectionState, mark=Mark.CALL_STATE
)
ALERTING_DEVICE_TYPE = device_type("AlertingDeviceType", Mark.ACTING_TYPE)
ANSWERING_DEVICE_TYPE = device_type("AnsweringDeviceType", Mark.ACTING_TYPE)
DIVERTING_DEVICE_TYPE = device_type("DivertingDeviceType", Mark.ACTING_TYPE)
FAILING_DEVICE_TYPE = device_type("FailingDeviceType", Mark.ACTING_TYPE)
HOLDING_DEVICE_TYPE = device_type("HoldingDeviceType", Mark.ACTING_TYPE)
RELEASING_DEVICE_TYPE = device_type("ReleasingDeviceType", Mark.ACTING_TYPE)
RETRIEVING_DEVICE_TYPE = device_type("RetrievingDeviceType", Mark.ACTING_TYPE)
ADDED_PARTY_DEVICE_TYPE = device_type("AddedPartyDeviceType")
CALLED_DEVICE_TYPE = device_type("CalledDeviceType")
CALLING_DEVICE_TYPE = device_type("CallingDeviceType")
CONTROLLER_DEVICE_TYPE = device_type("ControllerDeviceType")
EVENT_DEVICE_TYPE = device_type("EventDeviceType")
LAST_REDIRECT_DEVICE_TYPE = device_type("LastRedirectDeviceType")
QUEUE_DEVICE_TYPE = device_type("QueueDeviceType")
SNAPSHOT_DEVICE_TYPE = device_type("SnapshotDeviceType")
TRANSFERRED_DEVICE_TYPE = device_type("TransferredDeviceType")
TRANSFERRING_DEVICE_TYPE = device_type("TransferringDeviceType")
NUM_CALL_DEVICES = count("NumCallDevices", "number of call device records, at most 16")
NUM_CALLS = count("NumCalls", "number of call records, at most 16")
NUM_CTI_CLIENTS = count("NumCTIClients", "how many clients are on the call already; signature and timestamp for each")
NUM_PARTIES = count("NumParties", "count of party records, at most 16")
NUM_QUEUED = count("NumQueued", "calls still queued")
NUM_NAMED_VARIABLES = count("NumNamedVariables", "how many NamedVariable fields follow", ("numNamedVars",))
NUM_NAMED_ARRAYS = count("NumNamedArrays", "how many NamedArray fields follow")
CAMPAIGN_ID = Fixed("CampaignID", UINT, "outbound campaign; 0 none")
QUERY_RULE_ID = Fixed("QueryRuleID", UINT, "outbound query rule; 0 none")

# -- call control --------------------------------------------------------------------------------------------------------
CONSULT_TYPE = Fixed("ConsultType", USHORT, "what the call is for", ConsultType)
SUPERVISORY_ACTION = Fixed("SupervisoryAction", USHORT, "what the supervisor does", SupervisoryAction)
MAX_ACTIVE_CALLS = Fixed("MaxActiveCalls", USHORT, "most calls active at once")
MAX_HELD_CALLS = Fixed("MaxHeldCalls", USHORT, "most calls held at once, 0xffff unknown")
MAX_DEVICES_IN_CONFERENCE = Fixed("MaxDevicesInConference", USHORT, "most devices in a conference, 0xffff unknown")
TONE_DURATION = Fixed("ToneDuration", USHORT, "tone length in ms, 0 default", unit="ms")
PAUSE_DURATION = Fixed("PauseDuration", UINT, "gap between digits in ms, 0 default", unit="ms")

# -- media streams -------------------------------------------------------------------------------------------------------
RTP_DIRECTION = Fixed("Direction", USHORT, "which way the stream goes", RTPDirection)
RTP_TYPE = Fixed("RTPType", USHORT, "what the stream carries", RTPType)
ECHO_CANCELLATION = Fixed("EchoCancellation", USHORT, "0 off, 1 on", EchoCancellation)
PACKET_SIZE = Fixed("PacketSize", UINT, "packet size in ms", unit="ms")


def named_counts(source: Source = GUIDE) -> tuple[Fixed, Fixed]:
    """How many named variables and named array elements follow."""
    return NUM_NAMED_VARIABLES.but(source=source), NUM_NAMED_ARRAYS.but(source=source)


#: The groups that NumNamedVariables and NumNamedArrays count.
NAMED_REPEATS = (
    Repeat("NumNamedVariables", (tags.NamedVariable.tag,)),
    Repeat("NumNamedArrays", (tags.NamedArray.tag,)),
)
