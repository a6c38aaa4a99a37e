"""Constants of agents: states, modes, settings of their desktops."""

from __future__ import annotations

from ccxdissect.protocol.codes import GUIDE, INFERRED, Code, Flags, Sense


class AgentState(Code):
    """The state of an agent."""

    AGENT_STATE_LOGIN = 0, "only as a requested state", GUIDE, Sense.LOGGED_IN
    AGENT_STATE_LOGOUT = 1, "logged out", GUIDE, Sense.LOGGED_OUT
    AGENT_STATE_NOT_READY = 2, "no routed calls", GUIDE, Sense.NOT_FREE
    AGENT_STATE_AVAILABLE = 3, "free for routed calls", GUIDE, Sense.FREE
    AGENT_STATE_TALKING = 4, "on a call", GUIDE, Sense.ON_CALL
    AGENT_STATE_WORK_NOT_READY = 5, "after-call work, not ready afterwards"
    AGENT_STATE_WORK_READY = 6, "after-call work, ready afterwards"
    AGENT_STATE_BUSY_OTHER = 7, "busy for another skill group"
    AGENT_STATE_RESERVED = 8, "set aside for a call to come"
    AGENT_STATE_UNKNOWN = 9, "unknown"
    AGENT_STATE_HOLD = 10, "on a call that is held", GUIDE, Sense.ON_CALL
    AGENT_STATE_ACTIVE = 11, "busy with a task that is no call"
    AGENT_STATE_PAUSED = 12, "the task is paused"
    AGENT_STATE_INTERRUPTED = 13, "the task is interrupted by another"
    AGENT_STATE_NOT_ACTIVE = 14, "no task of this media routing domain"


class AgentReasonCode(Code):
    """Why an agent's state changed, as far as the system gives reasons of its own; all other numbers are the
    administrator's. From the reporting guide of Unified CCE, not from that of the protocol. The names are ours.
    """

    AGENT_REINITIALIZED = (
        0xFFFF,
        "the peripheral restarted (-1)",
        INFERRED,
        Sense.AGENT_LOST,
        "The peripheral restarted, not the agent: look at the PG's log at this time.",
    )
    PG_RESET = (
        0xFFFE,
        "the PG reset the agent (-2)",
        INFERRED,
        Sense.AGENT_LOST,
        "The PG failed, not the agent: look at the PG's processes (OPC, PIM, JTAPI gateway) at this time.",
    )
    EXTENSION_MODIFIED = 0xFFFD, "an administrator changed the agent's extension (-3)", INFERRED
    NOT_ANSWERED = 32767, "did not answer", INFERRED
    OFFHOOK = 32762, "off-hook", INFERRED
    CLIENT_DISCONNECTED = (
        50001,
        "the CTI OS client disconnected",
        INFERRED,
        Sense.AGENT_LOST,
        "Look at the agent's desktop and the network between it and its server at this time.",
    )
    CTI_OS_FAILED = (
        50002,
        "a component of CTI OS or Finesse disconnected",
        INFERRED,
        Sense.AGENT_LOST,
        "The desktop was closed, its heartbeats failed, or its server did: look at both at this time.",
    )
    DEVICE_OUT_OF_SERVICE = (
        50003,
        "CUCM reported the phone out of service",
        INFERRED,
        Sense.AGENT_LOST,
        "Look at the agent's phone: its registration with CUCM, its cable and its power.",
    )
    INACTIVITY = 50004, "inactive for as long as the desk settings allow", INFERRED
    NON_ACD_BUSY = 50005, "on a call on a line that is not the agent's ACD line", INFERRED
    CALL_OVERLAP = 50010, "two routed calls after each other did not arrive", INFERRED
    SKILL_GROUP_CHANGED = 50020, "the agent's skill group was changed", INFERRED
    DEVICE_TARGET_CONFLICT = (
        50030,
        "a dynamic device target has the same number as a static one",
        INFERRED,
        Sense.AGENT_LOST,
        "Two device targets have one number: give the static device target or the agent another.",
    )
    MOBILE_AGENT_CALL_FAILED = (
        50040,
        "the mobile agent's call failed",
        INFERRED,
        Sense.AGENT_LOST,
        "The call to the mobile agent's phone failed: look at its number and at the gateway.",
    )
    MOBILE_AGENT_BUSY = 50041, "the mobile agent's phone was busy", INFERRED
    MOBILE_AGENT_DISCONNECTED = (
        50042,
        "the mobile agent's nailed connection was cut",
        INFERRED,
        Sense.AGENT_LOST,
        "The standing call to the mobile agent's phone ended: who hung up, the phone or the gateway?",
    )


class InternalAgentState(Code):
    """The server's own, finer states of an agent."""

    AGENT_STATE_LOGIN = 0
    AGENT_STATE_LOGOUT = 1
    AGENT_STATE_NOT_READY = 2
    AGENT_STATE_AVAILABLE = 3
    AGENT_STATE_TALKING = 4
    AGENT_STATE_WORK_NOT_READY = 5
    AGENT_STATE_WORK_READY = 6, "after-call work, ready afterwards"
    AGENT_STATE_BUSY_OTHER = 7
    AGENT_STATE_ACTIVE = 11, "active"


class ForcedFlag(Code):
    """Whether a state change is forced. The names are ours."""

    NO = 0
    FORCE = 1
    AUTHENTICATE_ONLY = 2, "since version 12: check credentials, no state change"


class AgentWorkMode(Code):
    """What an agent does after a call."""

    AWM_UNSPECIFIED = 0
    AWM_AUTO_IN = 1
    AWM_MANUAL_IN = 2
    RA_CALL_BY_CALL = 3
    RA_NAILED_CONNECTION = 4


class AgentServiceReq(Flags):
    """Services that an agent asks for."""

    OUTBOUND_SUPPORT = 1


class AgentMode(Code):
    """Whether tasks are routed to an agent. An older guide (version 14) has the two the other way round."""

    NOT_ROUTABLE = 0
    ROUTABLE = 1


class AgentAvailabilityStatus(Code):
    """To whom an agent is available. The names are ours."""

    NOT_AVAILABLE = 0
    ICM_AVAILABLE = 1
    APPLICATION_AVAILABLE = 2


class AgentCallDirection(Code):
    """Which way an agent's call goes. The names are ours."""

    NONE = 0
    IN = 1
    OUT = 2
    OTHER_IN = 3
    OTHER_OUT = 4
    OUTBOUND_RESERVE = 5
    OUTBOUND_PREVIEW = 6
    OUTBOUND_PREDICTIVE = 7


class AgentFlags(Flags):
    """What an agent is in a team. The names are ours."""

    PRIMARY_SUPERVISOR = 1, "primary supervisor"
    TEMPORARY_AGENT = 2, "temporary agent"
    SUPERVISOR = 4, "supervisor"


class WrapupDataMode(Code):
    """Whether wrap-up data have to be entered. The names are ours."""

    REQUIRED = 0
    OPTIONAL = 1
    NOT_ALLOWED = 2
    REQUIRED_WITH_DATA = 3


class AgentServiceType(Code):
    """A service that is enabled for an agent. The names are ours."""

    AGENT_ANSWERS = 1
    CALL_TRANSCRIPTION = 2


class TaskState(Code):
    """The state of a task."""

    TASK_STATE_PRE_CALL = 0
    TASK_STATE_ACTIVE = 1
    TASK_STATE_WRAPUP = 2
    TASK_STATE_PAUSED = 3
    TASK_STATE_OFFERED = 4
    ASK_STATE_INTERRUPTED = 5
    TASK_STATE_NOT_READY = 6
    TASK_STATE_LOGGED_OUT = 7


class DeskSettingsMask(Flags):
    """Switches of an agent desktop."""

    DESK_AVAIL_AFTER_INCOMING_MASK = 1
    DESK_AVAIL_AFTER_OUTGOING_MASK = 2
    DESK_AUTO_ANSWER_ENABLED_MASK = 4
    DESK_IDLE_REASON_REQUIRED_MASK = 8
    DESK_LOGOUT_REASON_REQUIRED_MASK = 0x10
    DESK_SUPERVISOR_CALLS_ALLOWED_MASK = 0x20
    DESK_AGENT_TO_AGENT_CALLS_ALLOWED = 0x40
    DESK_OUTBOUND_ACCESS_INTERNATIONAL_MASK = 0x80
    DESK_OUTBOUND_ACCESS_PUBLIC_NET_MASK = 0x100
    DESK_OUTBOUND_ACCESS_PRIVATE_NET_MASK = 0x200
    DESK_OUTBOUND_ACCESS_OPERATOR_ASSISTED_MASK = 0x400
    DESK_OUTBOUND_ACCESS_PBX_MASK = 0x800
    DESK_NON_ACD_CALLS_ALLOWED_MASK = 0x1000
    DESK_AGENT_CAN_SELECT_GROUP_MASK = 0x2000
