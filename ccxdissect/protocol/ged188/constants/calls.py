"""Constants of calls: causes, types, outcomes, ways of placing one."""

from __future__ import annotations

from ccxdissect.protocol.codes import GUIDE, Code, Flags, Sense


class EventCause(Code):
    """Why a call event came."""

    CEC_ACTIVE_MONITOR = 1
    CEC_ALTERNATE = 2
    CEC_BUSY = 3
    CEC_CALL_BACK = 4
    CEC_CALL_CANCELLED = 5
    CEC_CALL_FORWARD_ALWAYS = 6
    CEC_CALL_FORWARD_BUSY = 7
    CEC_CALL_FORWARD_NO_ANSWER = 8
    CEC_CALL_FORWARD = 9
    CEC_CALL_NOT_ANSWERED = 10
    CEC_CALL_PICKUP = 11
    CEC_CAMP_ON = 12
    CEC_DEST_NOT_OBTAINABLE = 13
    CEC_DO_NOT_DISTURB = 14
    CEC_INCOMPATIBLE_DESTINATION = 15
    CEC_INVALID_ACCOUNT_CODE = 16
    CEC_KEY_CONFERENCE = 17
    CEC_LOCKOUT = 18
    CEC_MAINTENANCE = 19
    CEC_NETWORK_CONGESTION = 20
    CEC_NETWORK_NOT_OBTAINABLE = 21
    CEC_NEW_CALL = 22
    CEC_NO_AVAILABLE_AGENTS = 23
    CEC_OVERRIDE = 24
    CEC_PARK = 25
    CEC_OVERFLOW = 26
    CEC_RECALL = 27
    CEC_REDIRECTED = 28
    CEC_REORDER_TONE = 29
    CEC_RESOURCES_NOT_AVAILABLE = 30
    CEC_SILENT_MONITOR = 31
    CEC_TRANSFER = 32
    CEC_TRUNKS_BUSY = 33
    CEC_VOICE_UNIT_INITIATOR = 34
    CEC_TIME_OUT = 35
    CEC_NEW_CALL_INTERFLOW = 36
    CEC_SIMULATION_INIT_REQUEST = 37
    CEC_SIMULATION_RESET_REQUEST = 38
    CEC_CTI_LINK_DOWN = 39
    CEC_PERIPHERAL_RESET_REQUEST = 40
    CEC_MD110_CONFERENCE_TRANSFER = 41
    CEC_REMAINS_IN_Q = 42
    CEC_SUPERVISOR_ASSIST = 43
    CEC_EMERGENCY_CALL = 44
    CEC_SUPERVISOR_CLEAR = 45
    CEC_SUPERVISOR_MONITOR = 46
    CEC_SUPERVISOR_WHISPER = 47
    CEC_SUPERVISOR_BARGE_IN = 48
    CEC_SUPERVISOR_INTERCEPT = 49
    CEC_CALL_PARTY_UPDATE_IND = 50
    CEC_CONSULT = 51
    CEC_NIC_CALL_CLEAR = 52
    CEC_DNP = 53
    CEC_ROUTER_REQUERY_BEFORE_ANSWER = 54
    CEC_ROUTER_REQUERY_AFTER_ANSWER = 55
    CEC_NETWORK_ERROR = 56
    CEC_NETWORK_ERROR_BEFORE_ANSWER = 57
    CEC_NETWORK_ERROR_AFTER_ANSWER = 58
    CEC_GREETING = 59
    CEC_RECORD_AGENT_GREETING = 60
    CEC_SNAPSHOT = 61
    CEC_MAX_QUEUE_EXCEEDED = 62
    CECX_ABAND_NETWORK = 1001
    CECX_ABAND_LOCAL_QUEUE = 1002
    CECX_ABAND_RING = 1003
    CECX_ABAND_DELAY = 1004
    CECX_ABAND_INTERFLOW = 1005
    CECX_ABAND_AGENT_TERMINAL = 1006
    CECX_SHORT = 1007
    CECX_BUSY = 1008
    CECX_FORCED_BUSY = 1009
    CECX_DROP_NO_ANSWER = 1010
    CECX_DROP_BUSY = 1011
    CECX_DROP_REORDER = 1012
    CECX_DROP_HANDLED_PRIMARY_ROUTE = 1013
    CECX_DROP_HANDLED_OTHER = 1014, "extended call-cleared cause"
    CECX_REDIRECTED = 1015
    CECX_CUT_THROUGH = 1016
    CECX_INTRAFLOW = 1017
    CECX_INTERFLOW = 1018
    CECX_RING_NO_ANSWER = 1019
    CECX_INTERCEPT_REORDER = 1020
    CECX_INTERCEPT_DENIAL = 1021
    CECX_TIME_OUT = 1022
    CECX_VOICE_ENERGY = 1023
    CECX_NONCLASSIFIED_ENERGY_DETECT = 1024
    CECX_NO_CUT_THROUGH = 1025
    CECX_UABORT = 1026
    CECX_FAILED_SOFTWARE = 1027
    CECX_BLIND_TRANSFER = 1028
    CECX_ANNOUNCED_TRANSFER = 1029
    CECX_CONFERENCED = 1030
    CECX_DUPLICATE_TRANSFER = 1031
    CECX_UNMONITORED_DEVICE = 1032
    CECX_ANSWERING_MACHINE = 1033
    CECX_NETWORK_BLIND_TRANSFER = 1034
    CECX_TASK_ABANDONED_IN_ROUTER = 1035
    CECX_TASK_ABANDONED_BEFORE_OFFERED = 1036
    CECX_TASK_ABANDONED_WHILE_OFFERED = 1037
    CECX_NORMAL_END_TASK = 1038
    CECX_CANT_OBTAIN_TASK_ID = 1039
    CECX_AGENT_LOGGED_OUT_DURING_TASK = 1040
    CECX_MAX_TASK_LIFETIME_EXCEEDED = 1041
    CECX_APPLICATION_PATH_WENT_DOWN = 1042
    CECX_ICM_ROUTING_COMPLETE = 1043
    CECX_ICM_ROUTING_DISABLED = 1044
    CECX_APPL_INVALID_MRD_ID = 1045
    CECX_APPL_DUPLICATE_DIALOGUE_ID = 1047
    CECX_APPL_INVALID_INVOKE_ID = 1048
    CECX_APPL_INVALID_SCRIPT_SELECTOR = 1049
    CECX_APPL_TERMINATE_DIALOGUE = 1050
    CECX_TASK_ENDED_DURING_APP_INIT = 1051
    CECX_CALLED_PARTY_DISCONNECTED = 1052
    CECX_PARTIAL_CALL = 1053
    CECX_DROP_NETWORK_CONSULT = 1054
    CECX_NETWORK_CONSULT_TRANSFER = 1055
    CECX_APPL_INVALID_DIALOGUE_ID = 1056
    CECX_NETWORK_CONFERENCE = 1056
    CECX_ABAND_NETWORK_CONSULT = 1057
    CEC_NONE = 0xFFFF, "", GUIDE, Sense.NOTHING


class CallType(Code):
    """What kind of call it is."""

    CALLTYPE_ACD_IN = 1
    CALLTYPE_PREROUTE_ACD_IN = 2
    CALLTYPE_PREROUTE_DIRECT_AGENT = 3
    CALLTYPE_TRANSFER_IN = 4, "transferred inbound"
    CALLTYPE_OVERFLOW_IN = 5
    CALLTYPE_OTHER_IN = 6, "inbound"
    CALLTYPE_AUTO_OUT = 7
    CALLTYPE_AGENT_OUT = 8
    CALLTYPE_OUT = 9, "outbound"
    CALLTYPE_AGENT_INSIDE = 10, "agent to agent"
    CALLTYPE_OFFERED = 11, "blind transferred"
    CALLTYPE_CONSULT = 12, "consult"
    CALLTYPE_CONSULT_OFFERRED = 13
    CALLTYPE_CONSULT_CONFERENCE = 14
    CALLTYPE_CONFERENCE = 15, "conference"
    CALLTYPE_UNMONITORED = 16
    CALLTYPE_PREVIEW = 17, "outbound preview"
    CALLTYPE_RESERVATION = 18, "outbound reservation", GUIDE, Sense.RESERVES
    CALLTYPE_ASSIST = 19, "assist call to supervisor"
    CALLTYPE_EMERGENCY = 20, "emergency"
    CALLTYPE_SUPERVISOR_MONITOR = 21, "silent monitoring"
    CALLTYPE_SUPERVISOR_WHISPER = 22
    CALLTYPE_SUPERVISOR_BARGEIN = 23
    CALLTYPE_SUPERVISOR_INTERCEPT = 24, "supervisor takes the call over"
    CALLTYPE_TASK_ROUTED_BY_ICM = 25
    CALLTYPE_TASK_ROUTED_BY_APPLICATION = 26
    CALLTYPE_NON_ACD = 27
    RESERVATION_PREVIEW = 27, "also CALLTYPE_NON_ACD in v14"
    RESERVATION_PREVIEW_DIRECT = 28
    RESERVATION_PREDICTIVE = 29
    RESERVATION_CALLBACK = 30
    RESERVATION_PERSONAL_CALLBACK = 31
    CUSTOMER_PREVIEW = 32
    CUSTOMER_PREVIEW_DIRECT = 33
    CUSTOMER_PREDICTIVE = 34
    CUSTOMER_CALLBACK = 35
    CUSTOMER_PERSONAL = 36
    CUSTOMER_IVR = 37
    CALLTYPE_NON_ACD_38 = 38, "non-ACD; the guide gives 27 and 38 one name"
    CALLTYPE_PLAY_AGENT_GREETING = 39
    CALLTYPE_RECORD_AGENT_GREETING = 40
    CALLTYPE_VOICE_CALL_BACK = 41


class LineType(Code):
    """What kind of line a call is on."""

    LINETYPE_INBOUND_ACD = 0
    LINETYPE_OUTBOUND_ACD = 1
    LINETYPE_INSIDE = 2
    LINETYPE_UNKNOWN = 3
    LINETYPE_SUPERVISOR = 4
    LINETYPE_MESSAGE = 5
    LINETYPE_HELP = 6
    LINETYPE_OUTBOUND = 7
    LINETYPE_DID = 8
    LINETYPE_SILENT_MONITOR = 9
    LINETYPE_NON_ACD_IN = 10
    LINETYPE_NON_ACD_OUT = 11


class Disposition(Code):
    """How the called party's part ended. The names are made from the guide's words."""

    ABANDONED_IN_NETWORK = 1, "Abandoned in Network"
    ABANDONED_IN_LOCAL_QUEUE = 2, "Abandoned in Local Queue"
    ABANDONED_RING = 3, "Abandoned Ring"
    ABANDONED_DELAY = 4, "Abandoned Delay"
    ABANDONED_INTERFLOW = 5, "Abandoned Interflow"
    ABANDONED_AGENT_TERMINAL = 6, "Abandoned Agent Terminal"
    SHORT = 7, "Short"
    BUSY = 8, "Busy"
    FORCED_BUSY = 9, "Forced Busy"
    DISCONNECT_DROP_NO_ANSWER = 10, "disconnect/drop no answer"
    DISCONNECT_DROP_BUSY = 11, "disconnect/drop busy"
    DISCONNECT_DROP_REORDER = 12, "disconnect/drop reorder"
    DISCONNECT_DROP_HANDLED_PRIMARY_ROUTE = 13, "disconnect/drop handled primary route"
    DISCONNECT_DROP_HANDLED_OTHER = 14, "disconnect/drop handled other"
    REDIRECTED = 15, "Redirected"
    CUT_THROUGH = 16, "Cut Through"
    INTRAFLOW = 17, "Intraflow"
    INTERFLOW = 18, "Interflow"
    RING_NO_ANSWER = 19, "Ring No Answer"
    INTERCEPT_REORDER = 20, "Intercept reorder"
    INTERCEPT_DENIAL = 21, "Intercept denial"
    TIME_OUT = 22, "Time Out"
    VOICE_ENERGY = 23, "Voice Energy"
    NON_CLASSIFIED_ENERGY_DETECTED = 24, "Non-classified Energy Detected"
    NO_CUT_THROUGH = 25, "No Cut Through"
    U_ABORT = 26, "U-Abort"
    FAILED_SOFTWARE = 27, "Failed Software"
    BLIND_TRANSFER = 28, "Blind Transfer"
    ANNOUNCED_TRANSFER = 29, "Announced Transfer"
    CONFERENCED = 30, "Conferenced"
    DUPLICATE_TRANSFER = 31, "Duplicate Transfer"
    UNMONITORED_DEVICE = 32, "Unmonitored Device"
    ANSWERING_MACHINE = 33, "Answering Machine"
    NETWORK_BLIND_TRANSFER = 34, "Network Blind Transfer"
    TASK_ABANDONED_IN_ROUTER = 35, "task Abandoned in Router"
    TASK_ABANDONED_BEFORE_OFFERED = 36, "task Abandoned Before Offered"
    TASK_ABANDONED_WHILE_OFFERED = 37, "task Abandoned While Offered"
    NORMAL_END_TASK = 38, "normal End Task"
    CANT_OBTAIN_TASK_ID = 39, "can't Obtain Task ID"
    AGENT_LOGGED_OUT_DURING_TASK = 40, "agent Logged Out During Task"
    MAXIMUM_TASK_LIFETIME_EXCEEDED = 41, "maximum Task Lifetime Exceeded"
    APPLICATION_PATH_WENT_DOWN = 42, "application Path Went Down"
    UNIFIED_CCE_ROUTING_COMPLETE = 43, "unified CCE Routing Complete"
    UNIFIED_CCE_ROUTING_DISABLED = 44, "unified CCE Routing Disabled"
    APPLICATION_INVALID_MRD_ID = 45, "application Invalid MRD ID"
    APPLICATION_INVALID_DIALOGUE_ID = 46, "application Invalid Dialogue ID"
    APPLICATION_DUPLICATE_DIALOGUE_ID = 47, "application Duplicate Dialogue ID"
    APPLICATION_INVALID_INVOKE_ID = 48, "application Invalid Invoke ID"
    APPLICATION_INVALID_SCRIPT_SELECTOR = 49, "application Invalid Script Selector"
    APPLICATION_TERMINATE_DIALOGUE = 50, "application Terminate Dialogue"
    TASK_ENDED_DURING_APPLICATION_INIT = 51, "task Ended During Application Init"
    CALLED_PARTY_DISCONNECTED = 52, "Called Party Disconnected"
    PARTIAL_CALL = 53, "partial Call"
    DROP_NETWORK_CONSULT = 54, "drop Network Consult"
    NETWORK_CONSULT_TRANSFER = 55, "network Consult Transfer"
    ABANDON_NETWORK_CONSULT = 57, "abandon Network Consult"
    ROUTER_REQUERY_BEFORE_ANSWER = 58, "router Requery Before Answer"
    ROUTER_REQUERY_AFTER_ANSWER = 59, "router Requery After Answer"
    NETWORK_ERROR = 60, "network Error"
    NETWORK_ERROR_BEFORE_ANSWER = 61, "network Error Before Answer"
    NETWORK_ERROR_AFTER_ANSWER = 62, "network Error After Answer"
    TASK_TRANSFER = 63, "task Transfer"
    APPLICATION_DISCONNECTED = 64, "application Disconnected"
    TASK_TRANSFERRED_ON_AGENT_LOGOUT = 65, "task Transferred on Agent Logout"


class CallMannerType(Code):
    """How insistent a call is."""

    CMT_UNSPECIFIED = 0, "default"
    CMT_POLITE = 1, "only if the caller's device is idle"
    CMT_BELLIGERENT = 2, "GED-188: forces an available agent to not-ready first"
    CMT_SEMI_POLITE = 3, "idle or hearing dial tone"


class AllocationState(Code):
    """When a predictive call is given to an agent."""

    ALLOC_CALL_DELIVERED = 0
    ALLOC_CALL_ESTABLISHED = 1


class AnswerDetectMode(Code):
    """How an answer is detected."""

    ADM_UNSPECIFIED = 0
    ADM_VOICE_THRESHOLD = 1
    ADM_VOICE_END = 2
    ADM_VOICE_END_DELAY = 3
    ADM_VOICE_AND_BEEP = 4
    ADM_BEEP = 5


class DestinationCountry(Code):
    """Which country a predictive call goes to."""

    DEST_UNSPECIFIED = 0
    DEST_US_AND_CANADA = 1


class SilentMonitorStatus(Code):
    """What part a device has in silent monitoring."""

    SILENT_MONITOR_NONE = 0
    SILENT_MONITOR_INITIATOR = 1
    SILENT_MONITOR_TARGET = 2


class CallVariableMask(Flags):
    """Which call variables a client uses."""

    CALL_VAR_1_MASK = 1
    CALL_VAR_2_MASK = 2
    CALL_VAR_3_MASK = 4
    CALL_VAR_4_MASK = 8
    CALL_VAR_5_MASK = 0x10
    CALL_VAR_6_MASK = 0x20
    CALL_VAR_7_MASK = 0x40
    CALL_VAR_8_MASK = 0x80
    CALL_VAR_9_MASK = 0x100
    CALL_VAR_10_MASK = 0x200


class AgentGreetingAction(Code):
    """What is done to the greeting of an agent. The names are ours."""

    STOP = 0
    DISABLE = 1
    ENABLE = 2


class AgentGreetingEventCode(Code):
    """What became of the greeting of an agent. The names are ours."""

    STARTED = 0
    ENDED = 1
    FAILED = 2
