"""Constants of calls: devices, connections, causes, types."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, UCCX, Code, Sense
from ccxdissect.protocol.common.constants import (
    AnsweringMachine as AnsweringMachine,
)
from ccxdissect.protocol.common.constants import (
    CallOption as CallOption,
)
from ccxdissect.protocol.common.constants import (
    CallPlacementType as CallPlacementType,
)
from ccxdissect.protocol.common.constants import (
    ConnectionDeviceType as ConnectionDeviceType,
)
from ccxdissect.protocol.common.constants import (
    ConsultType as ConsultType,
)
from ccxdissect.protocol.common.constants import (
    DeviceType as DeviceType,
)
from ccxdissect.protocol.common.constants import (
    FacilityType as FacilityType,
)
from ccxdissect.protocol.common.constants import (
    ForwardType as ForwardType,
)
from ccxdissect.protocol.common.constants import (
    LocalConnectionState as LocalConnectionState,
)
from ccxdissect.protocol.common.constants import (
    SupervisoryAction as SupervisoryAction,
)


class EventCause(Code):
    """Why a call event came. The page reserves everything that it does not name up to 42 and from 1001 to
    1056. Page: call-eventcause-cec-values.
    """

    CEC_NONE = 0xFFFF, "", UCCX, Sense.NOTHING
    CEC_ALTERNATE = 2
    CEC_BUSY = 3
    CEC_CALL_CANCELLED = 5
    CEC_CALL_FORWARD = 9
    CEC_CALL_NOT_ANSWERED = 10
    CEC_DEST_NOT_OBTAINABLE = 13
    CEC_INCOMPATIBLE_DESTINATION = 15
    CEC_KEY_CONFERENCE = 17
    CEC_NEW_CALL = 22
    CEC_NO_AVAILABLE_AGENTS = 23
    CEC_REDIRECTED = 28
    CEC_TRANSFER = 32
    CEC_TIME_OUT = 35
    CEC_SUPERVISOR_ASSIST = 43
    CEC_EMERGENCY_CALL = 44
    CEC_SUPERVISOR_CLEAR = 45
    CEC_SUPERVISOR_MONITOR = 46
    CEC_SUPERVISOR_WHISPER = 47
    CEC_SUPERVISOR_BARGE_IN = 48
    CEC_SUPERVISOR_INTERCEPT = 49
    CEC_CALL_PARTY_UPDATE_IND = 50
    CECX_DROP_HANDLED_OTHER = 1014, "extended call-cleared cause"
    CEC_ACTIVE_MONITOR = 1, "", GED188
    CEC_CALL_BACK = 4, "", GED188
    CEC_CALL_FORWARD_ALWAYS = 6, "", GED188
    CEC_CALL_FORWARD_BUSY = 7, "", GED188
    CEC_CALL_FORWARD_NO_ANSWER = 8, "", GED188
    CEC_CALL_PICKUP = 11, "", GED188
    CEC_CAMP_ON = 12, "", GED188
    CEC_DO_NOT_DISTURB = 14, "", GED188
    CEC_INVALID_ACCOUNT_CODE = 16, "", GED188
    CEC_LOCKOUT = 18, "", GED188
    CEC_MAINTENANCE = 19, "", GED188
    CEC_NETWORK_CONGESTION = 20, "", GED188
    CEC_NETWORK_NOT_OBTAINABLE = 21, "", GED188
    CEC_OVERRIDE = 24, "", GED188
    CEC_PARK = 25, "", GED188
    CEC_OVERFLOW = 26, "", GED188
    CEC_RECALL = 27, "", GED188
    CEC_REORDER_TONE = 29, "", GED188
    CEC_RESOURCES_NOT_AVAILABLE = 30, "", GED188
    CEC_SILENT_MONITOR = 31, "", GED188
    CEC_TRUNKS_BUSY = 33, "", GED188
    CEC_VOICE_UNIT_INITIATOR = 34, "", GED188
    CEC_NEW_CALL_INTERFLOW = 36, "", GED188
    CEC_SIMULATION_INIT_REQUEST = 37, "", GED188
    CEC_SIMULATION_RESET_REQUEST = 38, "", GED188
    CEC_CTI_LINK_DOWN = 39, "", GED188
    CEC_PERIPHERAL_RESET_REQUEST = 40, "", GED188
    CEC_MD110_CONFERENCE_TRANSFER = 41, "", GED188
    CEC_REMAINS_IN_Q = 42, "", GED188
    CEC_CONSULT = 51, "", GED188
    CEC_NIC_CALL_CLEAR = 52, "", GED188
    CEC_DNP = 53, "", GED188
    CEC_GREETING = 59, "", GED188
    CEC_RECORD_AGENT_GREETING = 60, "", GED188
    CEC_SNAPSHOT = 61, "", GED188
    CEC_MAX_QUEUE_EXCEEDED = 62, "", GED188


class CallType(Code):
    """What kind of call it is. Page: calltype-values."""

    CALLTYPE_INVALID = 0, "not valid"
    CALLTYPE_CCX_IN = 1, "inbound CCX call; GED-188 ACD_IN"
    CALLTYPE_TRANSFER_IN = 4, "transferred inbound"
    CALLTYPE_OTHER_IN = 6, "inbound"
    CALLTYPE_OUT = 9, "outbound"
    CALLTYPE_AGENT_INSIDE = 10, "agent to agent"
    CALLTYPE_OFFERED = 11, "blind transferred"
    CALLTYPE_CONSULT = 12, "consult"
    CALLTYPE_CONFERENCE = 15, "conference"
    CALLTYPE_PREVIEW = 17, "outbound preview"
    CALLTYPE_RESERVATION = 18, "outbound reservation", UCCX, Sense.RESERVES
    CALLTYPE_ASSIST = 19, "assist call to supervisor"
    CALLTYPE_EMERGENCY = 20, "emergency"
    CALLTYPE_SUPERVISOR_MONITOR = 21, "silent monitoring"
    CALLTYPE_SUPERVISOR_BARGE_IN = 23, "supervisor conferenced in"
    CALLTYPE_SUPERVISOR_INTERCEPT = 24, "supervisor takes the call over"
    CALLTYPE_AGENT_OUTBOUND = 34, "progressive/predictive outbound; GED-188 CUSTOMER_PREDICTIVE"
    CALLTYPE_PREROUTE_ACD_IN = 2, "", GED188
    CALLTYPE_PREROUTE_DIRECT_AGENT = 3, "", GED188
    CALLTYPE_OVERFLOW_IN = 5, "", GED188
    CALLTYPE_AUTO_OUT = 7, "", GED188
    CALLTYPE_AGENT_OUT = 8, "", GED188
    CALLTYPE_CONSULT_OFFERRED = 13, "", GED188
    CALLTYPE_CONSULT_CONFERENCE = 14, "", GED188
    CALLTYPE_UNMONITORED = 16, "", GED188
    CALLTYPE_SUPERVISOR_WHISPER = 22, "", GED188
    CALLTYPE_TASK_ROUTED_BY_ICM = 25, "", GED188
    CALLTYPE_TASK_ROUTED_BY_APPLICATION = 26, "", GED188
    RESERVATION_PREVIEW = 27, "also CALLTYPE_NON_ACD in v14", GED188
    RESERVATION_PREVIEW_DIRECT = 28, "", GED188
    RESERVATION_PREDICTIVE = 29, "", GED188
    RESERVATION_CALLBACK = 30, "", GED188
    RESERVATION_PERSONAL_CALLBACK = 31, "", GED188
    CUSTOMER_PREVIEW = 32, "", GED188
    CUSTOMER_PREVIEW_DIRECT = 33, "", GED188
    CUSTOMER_CALLBACK = 35, "", GED188
    CUSTOMER_PERSONAL = 36, "", GED188
    CUSTOMER_IVR = 37, "", GED188
    CALLTYPE_NON_ACD = 38, "", GED188
    CALLTYPE_PLAY_AGENT_GREETING = 39, "", GED188
    CALLTYPE_RECORD_AGENT_GREETING = 40, "", GED188
    CALLTYPE_VOICE_CALL_BACK = 41, "", GED188


class Disposition(Code):
    """How the called party's part ended. The page reserves all the others up to 52. Page:
    disposition-values.
    """

    REDIRECTED = 15, "Redirected"
    ANNOUNCED_TRANSFER = 29, "Announced Transfer"
    CONFERENCED = 30, "Conferenced"
    ABANDONED_IN_NETWORK = 1, "Abandoned in Network", GED188
    ABANDONED_IN_LOCAL_QUEUE = 2, "Abandoned in Local Queue", GED188
    ABANDONED_RING = 3, "Abandoned Ring", GED188
    ABANDONED_DELAY = 4, "Abandoned Delay", GED188
    ABANDONED_INTERFLOW = 5, "Abandoned Interflow", GED188
    ABANDONED_AGENT_TERMINAL = 6, "Abandoned Agent Terminal", GED188
    SHORT = 7, "Short", GED188
    BUSY = 8, "Busy", GED188
    FORCED_BUSY = 9, "Forced Busy", GED188
    DROP_NO_ANSWER = 10, "Drop no answer", GED188
    DROP_BUSY = 11, "Drop busy", GED188
    DROP_REORDER = 12, "Drop reorder", GED188
    DROP_HANDLED_PRIMARY_ROUTE = 13, "Drop handled primary route", GED188
    DROP_HANDLED_OTHER = 14, "Drop handled other", GED188
    CUT_THROUGH = 16, "Cut Through", GED188
    INTRAFLOW = 17, "Intraflow", GED188
    INTERFLOW = 18, "Interflow", GED188
    RING_NO_ANSWER = 19, "Ring No Answer", GED188
    INTERCEPT_REORDER = 20, "Intercept reorder", GED188
    INTERCEPT_DENIAL = 21, "Intercept denial", GED188
    TIME_OUT = 22, "Time Out", GED188
    VOICE_ENERGY = 23, "Voice Energy", GED188
    NON_CLASSIFIED_ENERGY_DETECTED = 24, "Non-classified Energy Detected", GED188
    NO_CUT_THROUGH = 25, "No Cut Through", GED188
    U_ABORT = 26, "U-Abort", GED188
    FAILED_SOFTWARE = 27, "Failed Software", GED188
    BLIND_TRANSFER = 28, "Blind Transfer", GED188
    DUPLICATE_TRANSFER = 31, "Duplicate Transfer", GED188
    UNMONITORED_DEVICE = 32, "Unmonitored Device", GED188
    ANSWERING_MACHINE = 33, "Answering Machine", GED188
    NETWORK_BLIND_TRANSFER = 34, "Network Blind Transfer", GED188
    CALLED_PARTY_DISCONNECTED = 52, "Called Party Disconnected", GED188


class LineType(Code):
    """What kind of line a call is on. The page has 3 and 10 only, and calls them business and
    non-business. Page: call_established_event.
    """

    BUSINESS_CALL = 3, "business (ACD) line; GED-188 LINETYPE_UNKNOWN"
    NON_BUSINESS_CALL = 10, "non-business line; GED-188 LINETYPE_NON_ACD_IN"
    LINETYPE_INBOUND_ACD = 0, "", GED188
    LINETYPE_OUTBOUND_ACD = 1, "", GED188
    LINETYPE_INSIDE = 2, "", GED188
    LINETYPE_SUPERVISOR = 4, "", GED188
    LINETYPE_MESSAGE = 5, "", GED188
    LINETYPE_HELP = 6, "", GED188
    LINETYPE_OUTBOUND = 7, "", GED188
    LINETYPE_DID = 8, "", GED188
    LINETYPE_SILENT_MONITOR = 9, "", GED188
    LINETYPE_NON_ACD_OUT = 11, "", GED188


class CallMannerType(Code):
    """How insistent a call is; a reserved slot here."""

    CMT_UNSPECIFIED = 0, "default", GED188
    CMT_POLITE = 1, "only if the caller's device is idle", GED188
    CMT_BELLIGERENT = 2, "GED-188: forces an available agent to not-ready first", GED188
    CMT_SEMI_POLITE = 3, "idle or hearing dial tone", GED188
    CMT_RESERVED = 4, "reserved", GED188
