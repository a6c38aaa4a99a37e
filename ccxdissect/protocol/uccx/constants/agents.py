"""Constants of agents: states, reasons for a change, and what a client may ask for."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, GUIDE, UCCX, Code, Flags, Sense


class AgentState(Code):
    """The state of an agent. The page lacks 6; SET_AGENT_STATE_REQ's text says LOGOFF for LOGOUT. Page:
    what-is-an-agent-state.
    """

    AGENT_STATE_LOGIN = 0, "only as a requested state", GUIDE, Sense.LOGGED_IN
    AGENT_STATE_LOGOUT = 1, "logged out", UCCX, Sense.LOGGED_OUT
    AGENT_STATE_NOT_READY = 2, "no routed calls", GUIDE, Sense.NOT_FREE
    AGENT_STATE_READY = 3, "free for routed calls; GED-188 AVAILABLE", GUIDE, Sense.FREE
    AGENT_STATE_TALKING = 4, "on a call", UCCX, Sense.ON_CALL
    AGENT_STATE_WORK = 5, "after-call work; GED-188 WORK_NOT_READY"
    BUSY_OTHER = 7, "CSQState of QUERY_AGENT_STATE_CONF only: busy for another CSQ"
    AGENT_STATE_RESERVED = 8, "set aside for a call to come"
    AGENT_STATE_UNKNOWN = 9, "unknown"
    AGENT_STATE_WORK_READY = 6, "", GED188
    AGENT_STATE_HOLD = 10, "", GED188
    AGENT_STATE_ACTIVE = 11, "", GED188
    AGENT_STATE_PAUSED = 12, "", GED188
    AGENT_STATE_INTERRUPTED = 13, "", GED188
    AGENT_STATE_NOT_ACTIVE = 14, "", GED188


class InternalAgentState(Code):
    """The server's own, finer states of an agent. Page: what-is-an-agent-state."""

    AGENT_STATE_LOGIN = 0
    AGENT_STATE_LOGOUT = 1
    AGENT_STATE_NOT_READY = 2
    AGENT_STATE_READY = 3
    AGENT_STATE_TALKING = 4
    AGENT_STATE_WORK = 5
    AGENT_STATE_WORK_READY = 6, "after-call work, ready afterwards"
    BUSY_OTHER = 7
    AGENT_STATE_ACTIVE = 11, "active"
    AGENT_STATE_PAUSED = 12, "paused"


class AgentReasonCode(Code):
    """Why an agent's state changed. Small numbers are the administrator's own. The CTI page is cut after
    32741; the rest is from the reporting guide. Page: reason-codes-for-agent-state-change.
    """

    AGT_RELOGON = 32767, "logs in again", UCCX, Sense.LOGGED_IN
    AGT_CONN_DOWN = (
        32765,
        "desktop or connection lost",
        UCCX,
        Sense.AGENT_LOST,
        "Look at the agent's desktop and the network between it and the server at this time.",
    )
    CCX_FAILURE = (
        32764,
        "CCX failure",
        UCCX,
        Sense.AGENT_LOST,
        "The server failed, not the agent: look at the server's engine, its log and whether it failed over at this time.",
    )
    AGT_RNA = 32763, "did not answer"
    AGT_OFFHOOK = 32762, "off-hook"
    AGT_NON_ICD = 32761, "direct non-business call"
    AGT_LOGON = 32760, "logs in", UCCX, Sense.LOGGED_IN
    AGT_PHONE_DOWN = (
        32759,
        "phone down",
        UCCX,
        Sense.AGENT_LOST,
        "Look at the agent's phone: its registration with CUCM, its cable and its power.",
    )
    AGT_WORK_TIMER_EXP = 32758, "work timer over"
    CM_FAILOVER = (
        32757,
        "call manager failover",
        UCCX,
        Sense.AGENT_LOST,
        "CUCM failed over, so that the server lost the phones: look at CUCM and its CTI Manager at this time.",
    )
    AGT_PHONE_UP = 32756, "phone up"
    AGT_CALL_ENDED = 32755, "call ended"
    AGT_DEVICE_RESTRICTED = 32754, "device restricted"
    AGT_LINE_RESTRICTED = 32753, "line restricted"
    AGT_CANCEL_RESERVATION = 32752, "cancels outbound reservation"
    AGT_SKIPS = 32751, "skips preview call"
    AGT_ICD_EXTENSION_CHANGED = 32750, "extension changed"
    AGT_CANCEL_CONSULT = 32749, "consult cancelled"
    AGT_RESERVED_OUTBOUND = 32747, "progressive/predictive reservation"
    AGT_RESERVED_OUTBOUND_DIRECTPREVIEW = (
        32746,
        "preview reservation",
    )
    EMAIL_CONTACT_NOT_ACCEPTED = 32743, "email auto-accept failed"
    AGT_SEC_LINE_OFFHOOK = 32742, "non-ICD line in use"
    AGT_EXTENSION_CONFLICT = (
        32741,
        "same extension logged in elsewhere",
        UCCX,
        Sense.AGENT_LOST,
        "Somebody logged in with the same extension elsewhere: find out who, and give each agent an own one.",
    )
    SYSTEM_INITIATED_RELOGIN = (
        32740,
        "logged out so that the system can log the agent in again",
    )
    SUP_AGT_TO_READY_OR_NOT_READY = (
        33,
        "supervisor set Ready or Not Ready",
    )
    SUP_AGT_TO_LOGOUT = 22, "supervisor logged the agent out"
    DESKTOP_CONNECTION_FAILURE = (
        255,
        "forced logout, the desktop lost its Finesse server",
        UCCX,
        Sense.AGENT_LOST,
        "Look at the Finesse server, at the desktop and at the network between the two at this time.",
    )
    OUTBOUND_WORK_REASONCODE = 32745, "work state after an outbound call"
    AGENT_DELETED = 32748, "agent deleted in CUCM"
    CLOSE_FINESSE_DESKTOP = (
        32766,
        "manual logout with the default reason (CLOSE_CAD in older releases)",
    )


class ForcedFlag(Code):
    """Whether a state change is forced. Page: set_agent_state_req."""

    FALSE = 0
    TRUE = 1, "force the state change"
    AUTHENTICATE_ONLY = 2, "since version 12: check credentials, no state change"


class AgentCapacity(Flags):
    """What an agent can do besides. Page: set_agent_state_req."""

    OUTBOUND_ENABLED = 1, "outbound feature on"
