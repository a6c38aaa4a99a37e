"""Fixed fields that several messages share, as they are written there."""

from __future__ import annotations

from ccxdissect.protocol.common import constants as common
from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.ged188.constants import agents, calls, session, system
from ccxdissect.protocol.model import Fixed, Mark
from ccxdissect.protocol.types import BOOL, INT, TIME, UINT, USHORT

PERIPHERAL_ID = Fixed("PeripheralID", UINT, "switch (ICM peripheral)", common.NullPeripheral)
MONITOR_ID = Fixed("MonitorID", UINT, "monitor that made the server send this; 0: none")
THE_MONITOR = MONITOR_ID.but("the monitor", mark=Mark.MONITOR)
PERIPHERAL_TYPE = Fixed("PeripheralType", USHORT, "kind of switch", system.PeripheralType)
EVENT_CAUSE = Fixed("EventCause", USHORT, "why", calls.EventCause, mark=Mark.CAUSE)
LINE_TYPE = Fixed("LineType", USHORT, "kind of line", calls.LineType)
LINE_HANDLE = Fixed("LineHandle", USHORT, "line of the phone; 0xffff none", common.NullLineHandle)
SKILL_GROUP_ID = Fixed("SkillGroupID", UINT, "skill group, ICM id", common.NullSkillGroup)
SKILL_GROUP_NUMBER = Fixed(
    "SkillGroupNumber",
    UINT,
    "skill group, number at the switch; NULL_SKILL_GROUP none",
    common.NullSkillGroup,
    mark=Mark.QUEUE,
)
SERVICE_NUMBER = Fixed("ServiceNumber", UINT, "service, number at the switch; NULL_SERVICE none", common.NullService)
SKILL_GROUP_PRIORITY = Fixed("SkillGroupPriority", USHORT, "priority of the skill group; 0 none")
SERVICE_ID = Fixed("ServiceID", UINT, "service, ICM id; NULL_SERVICE none", common.NullService)
NEW_CONNECTION_CALL_ID = shared.call_id("NewConnectionCallID", "id of the resulting call", Mark.NEW_CALL)
NEW_CONNECTION_DEVICE_ID_TYPE = shared.connection_type("NewConnectionDeviceIDType")
CLIENT_PORT = Fixed("ClientPort", UINT, "port of the client")
CALL_TYPE = Fixed("CallType", USHORT, "kind of call", calls.CallType, mark=Mark.CALL_TYPE)
MRD_ID = Fixed("MRDID", INT, "media routing domain")
ACTIVE_CONNECTION_DEVICE_ID_TYPE = shared.connection_type("ActiveConnectionDeviceIDType")
ACTIVE_CONNECTION_CALL_ID = shared.call_id("ActiveConnectionCallID", "active call")
CALL_OPTION = Fixed("CallOption", USHORT, "options of placing the call", common.CallOption)
CALL_PLACEMENT_TYPE = Fixed("CallPlacementType", USHORT, "how the call is placed", common.CallPlacementType)
ANSWERING_MACHINE = Fixed(
    "AnsweringMachine", USHORT, "what to do when an answering machine answers", common.AnsweringMachine
)
ALERT_RINGS = Fixed("AlertRings", USHORT, "rings before the call counts as not answered")
PRIORITY = Fixed("Priority", BOOL, "priority call")
FACILITY_TYPE = Fixed("FacilityType", USHORT, "what FacilityCode names", common.FacilityType)
CALL_MANNER_TYPE = Fixed("CallMannerType", USHORT, "what happens where the calling phone is busy", calls.CallMannerType)
CALL_MSG_MASK = Fixed("CallMsgMask", UINT, "mask of call events", session.CallMsgMask)
AGENT_STATE_MASK = Fixed("AgentStateMask", UINT, "mask of agent states", session.AgentStateMask)
DEPARTMENT_ID = Fixed("DepartmentID", INT, "department of the agent", since=20)
AGENT_STATE = Fixed("AgentState", USHORT, "state of the agent", agents.AgentState, mark=Mark.AGENT_STATE)
EVENT_REASON_CODE = Fixed(
    "EventReasonCode", USHORT, "reason of the change; the administrator's own or one of the system's",
    agents.AgentReasonCode, mark=Mark.REASON,
)  # fmt: skip
NUM_SKILL_GROUPS = Fixed("NumSkillGroups", USHORT, "count of skill group records, at most 20")
CALLED_PARTY_DISPOSITION = Fixed("CalledPartyDisposition", USHORT, "outcome for the called party", calls.Disposition)
HELD_CONNECTION_DEVICE_ID_TYPE = shared.connection_type("HeldConnectionDeviceIDType")
POST_ROUTE = Fixed("PostRoute", BOOL, "post-routing; not used in CCE")
RECORDING_DEVICE_TYPE = shared.device_type("RecordingDeviceType")
ICM_CENTRAL_CONTROLLER_TIME = Fixed("ICMCentralControllerTime", TIME, "time of the central controller")
ICM_AGENT_ID = Fixed("ICMAgentID", INT, "agent, ICM skill target id")
HELD_CONNECTION_CALL_ID = shared.call_id("HeldConnectionCallID", "held call", Mark.OTHER_CALL)
