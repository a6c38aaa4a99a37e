"""Constants of opening and keeping a session: services, masks, versions."""

from __future__ import annotations

from ccxdissect.protocol.codes import GUIDE, Code, Flags, Sense


class CTIServiceMask(Flags):
    """Services that a client asks for and a server grants."""

    CTI_SERVICE_CLIENT_EVENTS = 0x1, "agent mode: events of one phone", GUIDE, Sense.AGENT_MODE
    CTI_SERVICE_CALL_DATA_UPDATE = 2, "may change call context data"
    CTI_SERVICE_CLIENT_CONTROL = 4, "may control calls and states of one phone"
    CTI_SERVICE_CONNECTION_MONITOR = 8, "session start/end raise alarms"
    CTI_SERVICE_ALL_EVENTS = (
        0x10,
        "bridge mode: events of every phone; excludes CLIENT_EVENTS",
        GUIDE,
        Sense.BRIDGE_MODE,
    )
    CTI_SERVICE_PERIPHERAL_MONITOR = 0x20, "dynamic device/call monitors"
    CTI_SERVICE_CLIENT_MONITOR = 0x40, "watch other client sessions"
    CTI_SERVICE_SUPERVISOR = 0x80, "supervisory functions", GUIDE, Sense.SUPERVISES
    CTI_SERVICE_SERVER = 0x100, "server application"
    CTI_SERVICE_AGENT_REPORTING = 0x400, "ARM messages"
    CTI_SERVICE_ALL_TASK_EVENTS = 0x800, "all task events"
    CTI_SERVICE_TASK_MONITOR = 0x1000, "monitored task events"
    CTI_AGENT_STATE_CONTROL_ONLY = 0x2000, "since version 12: agent state control"
    CTI_DEVICE_STATE_CONTROL = 0x8000, "resource state requests"
    CTI_SERVICE_UPDATE_EVENTS = 0x80000, "update notifications"
    CTI_SERVICE_IGNORE_DUPLICATE_AGENT_EVENTS = 0x100000, "drop duplicate agent events"
    CTI_SERVICE_IGNORE_CONF = 0x200000, "no confirmations for third-party requests"
    CTI_SERVICE_ACD_LINE_ONLY = 0x400000, "no events of non-ACD lines, CCE only"
    CTI_SERVICE_ACTIVE_STANDBY = 0x2000000, "CCE v24: client handles active/standby"
    CTI_SERVICE_DEBUG = 0x80000000, "capture the session to a file"


class CallMsgMask(Flags):
    """Call events that a client subscribes to; each bit stands for the event of the same name."""

    CALL_DELIVERED_MASK = 1
    CALL_QUEUED_MASK = 2
    CALL_ESTABLISHED_MASK = 4
    CALL_HELD_MASK = 8
    CALL_RETRIEVED_MASK = 0x10
    CALL_CLEARED_MASK = 0x20
    CALL_CONNECTION_CLEARED_MASK = 0x40
    CALL_ORIGINATED_MASK = 0x80
    CALL_CONFERENCED_MASK = 0x100
    CALL_TRANSFERRED_MASK = 0x200
    CALL_DIVERTED_MASK = 0x400
    CALL_SERVICE_INITIATED_MASK = 0x800
    CALL_TRANSLATION_ROUTE_MASK = 0x1000
    BEGIN_CALL_MASK = 0x2000
    END_CALL_MASK = 0x4000
    CALL_DATA_UPDATE_MASK = 0x8000
    CALL_FAILED_MASK = 0x10000
    CALL_REACHED_NETWORK_MASK = 0x20000
    CALL_DEQUEUED_MASK = 0x40000
    AGENT_PRE_CALL_MASK = 0x80000
    AGENT_PRE_CALL_ABORT_MASK = 0x100000
    RTP_STARTED_MASK = 0x200000
    RTP_STOPPED_MASK = 0x400000
    AGENT_TEAM_CONFIG_MASK = 0x800000
    AGENT_LEGACY_PRE_CALL_MASK = 0x1000000
    CALL_ATTRIBUTE_CHANGE_MASK = 0x2000000
    CALL_TERMINATION_MASK = 0x4000000
    CALL_AGENT_GREETING_MASK = 0x8000000
    NETWORK_RECORDING_STARTED_MASK = 0x10000000
    NETWORK_RECORDING_ENDED_MASK = 0x20000000
    NETWORK_RECORDING_FAILED_MASK = 0x40000000
    NETWORK_RECORDING_TARGET_INFO_MASK = 0x80000000


class AgentStateMask(Flags):
    """Agent states that a client subscribes to: bit n stands for AgentState n."""

    AGENT_LOGIN_MASK = 1
    AGENT_LOGOUT_MASK = 2
    AGENT_NOT_READY_MASK = 4
    AGENT_AVAILABLE_MASK = 8
    AGENT_TALKING_MASK = 0x10
    AGENT_WORK_NOT_READY_MASK = 0x20
    AGENT_WORK_READY_MASK = 0x40
    AGENT_BUSY_OTHER_MASK = 0x80
    AGENT_RESERVED_MASK = 0x100
    AGENT_HOLD_MASK = 0x200
    AGENT_ACTIVE_MASK = 0x400
    AGENT_PAUSED_MASK = 0x800
    AGENT_INTERRUPTED_MASK = 0x1000
    AGENT_NOT_ACTIVE_MASK = 0x2000


class ConfigMsgMask(Flags):
    """Configuration news that a client subscribes to; Unified CCX orders its bits otherwise. The names are ours."""

    SERVICE = 1
    SKILL_GROUP = 2
    AGENT = 4
    DEVICE = 8
    CALL_TYPE = 0x10
    MRD = 0x20
    TERMINAL = 0x100


class PGStatus(Flags):
    """What of the peripheral gateway does not work; 0 is well."""

    PGS_OPC_DOWN = 1, "", GUIDE, Sense.OUT_OF_SERVICE
    PGS_CC_DOWN = 2, "", GUIDE, Sense.OUT_OF_SERVICE
    PGS_PERIPHERAL_OFFLINE = 4, "", GUIDE, Sense.OUT_OF_SERVICE
    PGS_CTI_SERVER_OFFLINE = 8, "", GUIDE, Sense.OUT_OF_SERVICE
    PGS_LIMITED_FUNCTION = 0x10, "", GUIDE, Sense.OUT_OF_SERVICE


class SessionType(Code):
    """Which side of the server a session is with; since version 24. The names are ours."""

    UNKNOWN = 0
    ACTIVE = 1
    STANDBY = 2
