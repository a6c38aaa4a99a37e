"""Constants of opening and keeping a session: services, masks, versions."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, GUIDE, UCCX, Flags, Sense


class CTIServiceMask(Flags):
    """Services that a client asks for and a server grants. Bits of the sister protocol are there for
    labelling only. Page: cti-service-masks.
    """

    CTI_SERVICE_CLIENT_EVENTS = 1, "agent mode: events of one phone; excludes ALL_EVENTS", UCCX, Sense.AGENT_MODE
    CTI_SERVICE_CALL_DATA_UPDATE = 2, "may change call context data"
    CTI_SERVICE_CLIENT_CONTROL = 4, "may control calls and states of one phone"
    CTI_SERVICE_ALL_EVENTS = 0x10, "bridge mode: events of every phone; excludes CLIENT_EVENTS", UCCX, Sense.BRIDGE_MODE
    CTI_SERVICE_SUPERVISOR = 0x80, "supervisory functions", GUIDE, Sense.SUPERVISES
    CTI_AGENT_STATE_CONTROL_ONLY = 0x2000, "since version 12: agent state control"
    CTI_SERVICE_CONFIG_EVENTS = 0x40000, "configuration events"
    CTI_SERVICE_CONNECTION_MONITOR = 8, "session start/end raise alarms", GED188
    CTI_SERVICE_PERIPHERAL_MONITOR = 0x20, "dynamic device/call monitors", GED188
    CTI_SERVICE_CLIENT_MONITOR = 0x40, "watch other client sessions", GED188
    CTI_SERVICE_SERVER = 0x100, "server application", GED188
    CTI_SERVICE_AGENT_REPORTING = 0x400, "ARM messages", GED188
    CTI_SERVICE_ALL_TASK_EVENTS = 0x800, "all task events", GED188
    CTI_SERVICE_TASK_MONITOR = 0x1000, "monitored task events", GED188
    CTI_DEVICE_STATE_CONTROL = 0x8000, "resource state requests", GED188
    CTI_SERVICE_UPDATE_EVENTS = 0x80000, "update notifications", GED188
    CTI_SERVICE_IGNORE_DUPLICATE_AGENT_EVENTS = 0x100000, "drop duplicate agent events", GED188
    CTI_SERVICE_IGNORE_CONF = 0x200000, "no confirmations for third-party requests", GED188
    CTI_SERVICE_ACD_LINE_ONLY = 0x400000, "no events of non-ACD lines, CCE only", GED188
    CTI_SERVICE_ACTIVE_STANDBY = 0x2000000, "CCE v24: client handles active/standby", GED188
    CTI_SERVICE_DEBUG = 0x80000000, "capture the session to a file", GED188


class CallMsgMask(Flags):
    """Call events that a client subscribes to; each bit stands for the event of the same name. Page:
    unsolicited-call-event-message-masks.
    """

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
    BEGIN_CALL_MASK = 0x2000
    END_CALL_MASK = 0x4000
    CALL_DATA_UPDATE_MASK = 0x8000
    CALL_FAILED_MASK = 0x10000
    CALL_DEQUEUED_MASK = 0x40000
    RTP_STARTED_MASK = 0x200000
    RTP_STOPPED_MASK = 0x400000
    CALL_TRANSLATION_ROUTE_MASK = 0x1000, "", GED188
    CALL_REACHED_NETWORK_MASK = 0x20000, "", GED188
    AGENT_PRE_CALL_MASK = 0x80000, "", GED188
    AGENT_PRE_CALL_ABORT_MASK = 0x100000, "", GED188
    AGENT_TEAM_CONFIG_MASK = 0x800000, "", GED188
    AGENT_LEGACY_PRE_CALL_MASK = 0x1000000, "", GED188
    CALL_ATTRIBUTE_CHANGE_MASK = 0x2000000, "", GED188
    CALL_TERMINATION_MASK = 0x4000000, "", GED188
    CALL_AGENT_GREETING_MASK = 0x8000000, "", GED188


class AgentStateMask(Flags):
    """Agent states that a client subscribes to: bit n stands for AgentState n. Another page calls 0x3fff
    "all states". Page: agent-state-masks.
    """

    AGENT_LOGIN_MASK = 1
    AGENT_LOGOUT_MASK = 2
    AGENT_NOT_READY_MASK = 4
    AGENT_AVAILABLE_MASK = 8
    AGENT_TALKING_MASK = 0x10
    AGENT_WORK_MASK = 0x20, "GED-188: AGENT_WORK_NOT_READY_MASK"
    AGENT_TALKING_PENDING_WORK_MASK = 0x40, "GED-188: AGENT_WORK_READY_MASK"
    AGENT_TALKING_PENDING_NOT_READY_MASK = 0x80, "GED-188: AGENT_BUSY_OTHER_MASK"
    AGENT_RESERVED_MASK = 0x100


class ConfigMsgMask(Flags):
    """Configuration news that a client subscribes to. Bits 0x1 and 0x4 mean the opposite of
    ConfigurationMask's. Page: configuration-information-masks.
    """

    CONFIG_AGENT_MASK = 1, "agent updates"
    CONFIG_CSQ_MASK = 2, "CSQ updates"
    CONFIG_APPLICATION_MASK = 4, "application updates"
    CONFIG_DEVICE_MASK = 8, "device updates"
    CONFIG_TERMINAL_MASK = 0x10, "since version 18: terminal updates"
