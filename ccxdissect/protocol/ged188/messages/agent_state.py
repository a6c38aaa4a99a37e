"""Agent states: asking, setting, hearing of them, and their statistics."""

from __future__ import annotations

from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.ged188 import tags
from ccxdissect.protocol.ged188.constants import agents, special
from ccxdissect.protocol.ged188.fields import (
    AGENT_STATE,
    DEPARTMENT_ID,
    EVENT_REASON_CODE,
    ICM_AGENT_ID,
    MONITOR_ID,
    MRD_ID,
    NUM_SKILL_GROUPS,
    PERIPHERAL_ID,
    PERIPHERAL_TYPE,
    SKILL_GROUP_ID,
    SKILL_GROUP_NUMBER,
    SKILL_GROUP_PRIORITY,
)
from ccxdissect.protocol.ged188.figures import figures
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Message, MessageClass, Repeat, Side, Trait
from ccxdissect.protocol.types import UCHAR, UINT, USHORT

#: The messages of this file.
CHAPTER = Chapter(MessageClass.AGENT_STATE)

AGENT_STATE_EVENT = Message(
    CHAPTER,
    30,
    "AGENT_STATE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "An agent's state changed.",
    page="Client Events",
    traits=Trait.AGENT_STATE,
    note="ClientSignature: the table calls it CTIClientSignature; tag 3 by the tag table of the guides and by two clients of one author (23 in call messages).",
    fixed=(
        MONITOR_ID,
        PERIPHERAL_ID,
        shared.SESSION_ID,
        PERIPHERAL_TYPE,
        Fixed("SkillGroupState", USHORT, "agent state towards the skill group", agents.AgentState),
        shared.STATE_DURATION,
        SKILL_GROUP_NUMBER,
        SKILL_GROUP_ID,
        SKILL_GROUP_PRIORITY,
        AGENT_STATE,
        EVENT_REASON_CODE,
        MRD_ID,
        Fixed("NumTasks", UINT, "tasks of the agent now"),
        Fixed("AgentMode", USHORT, "routable or not", agents.AgentMode),
        Fixed("MaxTaskLimit", UINT, "most tasks at once"),
        ICM_AGENT_ID,
        Fixed(
            "AgentAvailabilityStatus",
            UINT,
            "0 not available, 1 to ICM, 2 to the application",
            agents.AgentAvailabilityStatus,
        ),
        Fixed("NumFltSkillGroups", USHORT, "count of skill group records; 0: the one in the fixed part"),
        DEPARTMENT_ID,
    ),
    floating=(
        tags.ClientSignature.optional("text naming the client"),
        tags.AgentID.optional("agent's login"),
        tags.AgentExtension.optional("agent's extension"),
        tags.ActiveTerminal.row("phone the agent chose"),
        tags.AgentInstrument.optional("agent's phone"),
        tags.Duration.optional(),
        tags.NextAgentState.row(),
        tags.Direction.row("direction; see the message"),
        tags.SkillGroupNumber.but(name="FltSkillGroupNumber").row("skill group number"),
        tags.SkillGroupID.but(name="FltSkillGroupID").row("skill group ID"),
        tags.SkillGroupPriority.but(name="FltSkillGroupPriority").row("skill group priority"),
        tags.FltSkillGroupState.row("skill group state"),
        tags.MaxBeyondTaskLimit.row(),
    ),
    repeats=(
        Repeat(
            "NumFltSkillGroups",
            (
                tags.SkillGroupNumber.tag,
                tags.SkillGroupID.tag,
                tags.SkillGroupPriority.tag,
                tags.FltSkillGroupState.tag,
            ),
            most=special.Limit.MAX_NUM_FLT_SKILL_GROUPS,
            zero_means_fixed=True,
        ),
    ),
)

QUERY_AGENT_STATE_REQ = Message(
    CHAPTER,
    36,
    "QUERY_AGENT_STATE_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the state of an agent.",
    page="Client Control Service",
    replies=("QUERY_AGENT_STATE_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        MRD_ID,
        ICM_AGENT_ID,
    ),
    floating=(
        tags.AgentExtension.row("agent's extension"),
        tags.AgentID.row("agent's login"),
        tags.AgentInstrument.row("agent's phone"),
    ),
)

QUERY_AGENT_STATE_CONF = Message(
    CHAPTER,
    37,
    "QUERY_AGENT_STATE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the state of an agent, over all and per queue.",
    page="Client Control Service",
    traits=Trait.AGENT_STATE,
    fixed=(
        shared.INVOKE_ID,
        AGENT_STATE,
        NUM_SKILL_GROUPS,
        MRD_ID,
        Fixed("NumTasks", UINT, "tasks of the agent now"),
        Fixed("AgentMode", USHORT, "routable or not", agents.AgentMode),
        Fixed("MaxTaskLimit", UINT, "most tasks at once"),
        ICM_AGENT_ID,
        Fixed(
            "AgentAvailabilityStatus",
            UINT,
            "0 not available, 1 to ICM, 2 to the application",
            agents.AgentAvailabilityStatus,
        ),
        DEPARTMENT_ID,
    ),
    floating=(
        tags.AgentID.optional("agent's login"),
        tags.AgentExtension.optional("agent's extension"),
        tags.AgentInstrument.optional("agent's phone"),
        tags.SkillGroupNumber.but(type=UINT).row("skill group, number at the switch; NULL_SKILL_GROUP none"),
        tags.SkillGroupID.row("skill group, ICM id"),
        tags.SkillGroupPriority.row("priority of the skill group; 0 none"),
        tags.FltSkillGroupState.but(name="SkillGroupState").row(
            "agent state towards the skill group; AgentState table"
        ),
        tags.InternalAgentState.row(),
        tags.MaxBeyondTaskLimit.row(),
    ),
    repeats=(
        Repeat(
            "NumSkillGroups",
            (
                tags.SkillGroupNumber.tag,
                tags.SkillGroupID.tag,
                tags.SkillGroupPriority.tag,
                tags.FltSkillGroupState.tag,
            ),
            most=special.Limit.MAX_NUM_SKILL_GROUPS,
        ),
    ),
)

SET_AGENT_STATE_REQ = Message(
    CHAPTER,
    38,
    "SET_AGENT_STATE_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Logs an agent in or out, or changes the agent's state.",
    page="Client Control Service",
    replies=("SET_AGENT_STATE_CONF",),
    traits=Trait.AGENT_STATE,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        AGENT_STATE,
        Fixed("AgentWorkMode", USHORT, "what the agent does after a call", agents.AgentWorkMode),
        NUM_SKILL_GROUPS,
        EVENT_REASON_CODE,
        Fixed("ForcedFlag", UCHAR, "0, 1 force, 2 authenticate only", agents.ForcedFlag),
        Fixed("AgentServiceReq", UINT, "services wanted", agents.AgentServiceReq),
    ),
    floating=(
        tags.AgentInstrument.row("agent's phone"),
        tags.ActiveTerminal.row("phone the agent chose"),
        tags.AgentID.optional("agent's login"),
        tags.AgentPassword.optional("password"),
        tags.PositionID.optional(),
        tags.SupervisorID.optional(),
        tags.SSOEnabled.optional("SSO enabled"),
        tags.SkillGroupNumber.optional("skill group, number at the switch; NULL_SKILL_GROUP none"),
        tags.SkillGroupPriority.row("priority of the skill group; 0 none"),
    ),
    repeats=(
        Repeat(
            "NumSkillGroups",
            (
                tags.SkillGroupNumber.tag,
                tags.SkillGroupPriority.tag,
            ),
            most=special.Limit.MAX_NUM_SKILL_GROUPS,
        ),
    ),
)

QUERY_AGENT_STATISTICS_REQ = Message(
    CHAPTER,
    112,
    "QUERY_AGENT_STATISTICS_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the figures of an agent.",
    page="Miscellaneous Service",
    replies=("QUERY_AGENT_STATISTICS_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
    ),
    floating=(
        tags.AgentExtension.row("agent's extension"),
        tags.AgentID.row("agent's login"),
        tags.AgentInstrument.row("agent's phone"),
    ),
)

QUERY_AGENT_STATISTICS_CONF = Message(
    CHAPTER,
    113,
    "QUERY_AGENT_STATISTICS_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the figures of an agent.",
    page="Miscellaneous Service",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        *figures("Session", of_agent=True),
        *figures("Today", of_agent=True),
    ),
    floating=(
        tags.AgentExtension.row("agent's extension"),
        tags.AgentID.row("agent's login"),
        tags.AgentInstrument.row("agent's phone"),
    ),
)
