"""Fixed fields that several messages share, as they are written there."""

from __future__ import annotations

from ccxdissect.protocol.common import constants as common
from ccxdissect.protocol.ged188 import tags
from ccxdissect.protocol.ged188.constants import agents, calls, session, special, system
from ccxdissect.protocol.model import Fixed, Mark, Repeat
from ccxdissect.protocol.types import BOOL, INT, TIME, UINT, USHORT

INVOKE_ID = Fixed("InvokeID", UINT, "request id, echoed in the reply", mark=Mark.INVOKE_ID)
PERIPHERAL_ID = Fixed("PeripheralID", UINT, "switch (ICM peripheral)", special.NullPeripheral)
CONNECTION_DEVICE_ID_TYPE = Fixed(
    "ConnectionDeviceIDType", USHORT, "kind of id in ConnectionDeviceID", common.ConnectionDeviceType
)
CONNECTION_CALL_ID = Fixed("ConnectionCallID", UINT, "call id", common.NullCall, mark=Mark.CALL)
MONITOR_ID = Fixed("MonitorID", UINT, "monitor that made the server send this; 0: none")
PERIPHERAL_TYPE = Fixed("PeripheralType", USHORT, "kind of switch", system.PeripheralType)
LOCAL_CONNECTION_STATE = Fixed(
    "LocalConnectionState", USHORT, "state of the connection", common.LocalConnectionState, mark=Mark.CALL_STATE
)
EVENT_CAUSE = Fixed("EventCause", USHORT, "why", calls.EventCause, mark=Mark.CAUSE)
LINE_TYPE = Fixed("LineType", USHORT, "kind of line", calls.LineType)
LINE_HANDLE = Fixed("LineHandle", USHORT, "line of the phone; 0xffff none", common.NullLineHandle)
NUM_NAMED_VARIABLES = Fixed("NumNamedVariables", USHORT, "count of NamedVariable fields")
NUM_NAMED_ARRAYS = Fixed("NumNamedArrays", USHORT, "count of NamedArray fields")
SKILL_GROUP_ID = Fixed("SkillGroupID", UINT, "skill group, ICM id", special.NullSkillGroup)
SKILL_GROUP_NUMBER = Fixed(
    "SkillGroupNumber",
    UINT,
    "skill group, number at the switch; NULL_SKILL_GROUP none",
    special.NullSkillGroup,
    mark=Mark.QUEUE,
)
SERVICE_NUMBER = Fixed("ServiceNumber", UINT, "service, number at the switch; NULL_SERVICE none", special.NullService)
NUM_RECORDS = Fixed("NumRecords", USHORT, "count of records")
SKILL_GROUP_PRIORITY = Fixed("SkillGroupPriority", USHORT, "priority of the skill group; 0 none")
SERVICE_ID = Fixed("ServiceID", UINT, "service, ICM id; NULL_SERVICE none", special.NullService)
CALLED_DEVICE_TYPE = Fixed("CalledDeviceType", USHORT, "kind of CalledDeviceID", common.DeviceType)
SESSION_ID = Fixed("SessionID", UINT, "client session; 0 none")
CALLING_DEVICE_TYPE = Fixed("CallingDeviceType", USHORT, "kind of CallingDeviceID", common.DeviceType)
NEW_CONNECTION_CALL_ID = Fixed(
    "NewConnectionCallID", UINT, "new connection call id", common.NullCall, mark=Mark.NEW_CALL
)
NEW_CONNECTION_DEVICE_ID_TYPE = Fixed(
    "NewConnectionDeviceIDType", USHORT, "kind of NewConnectionDeviceID", common.ConnectionDeviceType
)
CLIENT_PORT = Fixed("ClientPort", UINT, "port of the client")
CALL_TYPE = Fixed("CallType", USHORT, "kind of call", calls.CallType, mark=Mark.CALL_TYPE)
MRD_ID = Fixed("MRDID", INT, "media routing domain")
ACTIVE_CONNECTION_DEVICE_ID_TYPE = Fixed(
    "ActiveConnectionDeviceIDType", USHORT, "kind of ActiveConnectionDeviceID", common.ConnectionDeviceType
)
ACTIVE_CONNECTION_CALL_ID = Fixed(
    "ActiveConnectionCallID", UINT, "active connection call id", common.NullCall, mark=Mark.CALL
)
CALL_OPTION = Fixed("CallOption", USHORT, "call option", common.CallOption)
CALL_PLACEMENT_TYPE = Fixed("CallPlacementType", USHORT, "call placement type", common.CallPlacementType)
ANSWERING_MACHINE = Fixed("AnsweringMachine", USHORT, "answering machine", common.AnsweringMachine)
ALERT_RINGS = Fixed("AlertRings", USHORT, "alert rings")
PRIORITY = Fixed("Priority", BOOL, "priority call")
FACILITY_TYPE = Fixed("FacilityType", USHORT, "facility type", common.FacilityType)
CALL_MANNER_TYPE = Fixed("CallMannerType", USHORT, "call manner type", calls.CallMannerType)
CALL_MSG_MASK = Fixed("CallMsgMask", UINT, "mask of call events", session.CallMsgMask)
AGENT_STATE_MASK = Fixed("AgentStateMask", UINT, "mask of agent states", session.AgentStateMask)
DEPARTMENT_ID = Fixed("DepartmentID", INT, "department of the agent", since=20)
AGENT_STATE = Fixed("AgentState", USHORT, "state of the agent", agents.AgentState, mark=Mark.AGENT_STATE)
EVENT_REASON_CODE = Fixed(
    "EventReasonCode", USHORT, "reason of the change; the administrator's own or one of the system's",
    agents.AgentReasonCode, mark=Mark.REASON,
)  # fmt: skip
NUM_PARTIES = Fixed("NumParties", USHORT, "count of connected party records, at most 16")
NUM_SKILL_GROUPS = Fixed("NumSkillGroups", USHORT, "count of skill group records, at most 20")
CALLED_PARTY_DISPOSITION = Fixed("CalledPartyDisposition", USHORT, "outcome for the called party", calls.Disposition)
HELD_CONNECTION_DEVICE_ID_TYPE = Fixed(
    "HeldConnectionDeviceIDType", USHORT, "kind of HeldConnectionDeviceID", common.ConnectionDeviceType
)
POST_ROUTE = Fixed("PostRoute", BOOL, "post-routing; not used in CCE")
RECORDING_DEVICE_TYPE = Fixed("RecordingDeviceType", USHORT, "kind of RecordingDeviceID", common.DeviceType)
ICM_CENTRAL_CONTROLLER_TIME = Fixed("ICMCentralControllerTime", TIME, "time of the central controller")
LAST_REDIRECT_DEVICE_TYPE = Fixed("LastRedirectDeviceType", USHORT, "kind of LastRedirectDeviceID", common.DeviceType)
NUM_CTI_CLIENTS = Fixed("NumCTIClients", USHORT, "count of signature and time stamp pairs")
ICM_AGENT_ID = Fixed("ICMAgentID", INT, "agent, ICM skill target id")
HELD_CONNECTION_CALL_ID = Fixed(
    "HeldConnectionCallID", UINT, "held connection call id", common.NullCall, mark=Mark.OTHER_CALL
)

#: The groups that NumNamedVariables and NumNamedArrays count.
NAMED_REPEATS = (
    Repeat("NumNamedVariables", (tags.NamedVariable.tag,)),
    Repeat("NumNamedArrays", (tags.NamedArray.tag,)),
)
