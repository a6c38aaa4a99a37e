"""Agent states: asking for, setting and reporting them."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, INFERRED
from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Repeat, Side, Trait
from ccxdissect.protocol.types import INT, UCHAR, UINT, USHORT
from ccxdissect.protocol.uccx import tags
from ccxdissect.protocol.uccx.constants.agents import AgentCapacity, AgentReasonCode, AgentState, ForcedFlag
from ccxdissect.protocol.uccx.constants.special import Limit
from ccxdissect.protocol.uccx.constants.system import PeripheralType
from ccxdissect.protocol.uccx.fields import (
    CSQ_ID,
    PERIPHERAL_ID,
    SKILL_GROUP_ID,
    SKILL_GROUP_PRIORITY,
    reserved,
)

#: The messages of this file.
CHAPTER = Chapter(MessageClass.AGENT_STATE)

AGENT_STATE_EVENT = Message(
    CHAPTER,
    30,
    "AGENT_STATE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "An agent's state changed.",
    page="agent_state_event",
    complete=False,
    traits=Trait.AGENT_STATE,
    note="The floating table is cut in its first row; the rest is from the guide's logs, from "
    "QUERY_AGENT_STATE_CONF and the change history. A simulator also sends the old short AgentID "
    "(tag 5). The tag of the signature was never readable: the sister protocol has 3 here and 23 in call "
    "messages, so both are taken.",
    fixed=(
        reserved("MonitorID", UINT, 0),
        PERIPHERAL_ID,
        reserved("SessionID", UINT, 0),
        reserved("PeripheralType", USHORT, 21, codes=PeripheralType),
        Fixed("CSQState", USHORT, "agent state towards the CSQ; 0 when one event covers the agent", AgentState),
        shared.STATE_DURATION,
        CSQ_ID,
        SKILL_GROUP_ID,
        SKILL_GROUP_PRIORITY,
        Fixed("AgentState", USHORT, "overall agent state", AgentState, mark=Mark.AGENT_STATE),
        Fixed("EventReasonCode", USHORT, "reason of the change", AgentReasonCode, mark=Mark.REASON),
        reserved("MRDID", INT, 1),
        reserved("NumTasks", UINT, 0),
        reserved("AgentMode", USHORT, 0),
        reserved("MaxTaskLimit", UINT, 0),
        reserved("ICMAgentID", INT, 0),
        reserved("AgentAvailabilityStatus", INT, 1),
        shared.count(
            "numCSQs",
            "number of CSQ records in the floating part, at most 99; 0: the single record is CSQID+CSQState of the fixed part",
        ),
    ),
    floating=(
        tags.ClientSignature.row("signature of the client tied to the agent", INFERRED),
        tags.CTIClientSignature.row("signature of the client tied to the agent", INFERRED),
        tags.AgentID.row("agent login id"),
        tags.ShortAgentID.unused().optional("the agent's id in its old short form, to be ignored", INFERRED),
        tags.AgentExtension.row("agent extension"),
        tags.ActiveTerminal.row("device name of the chosen terminal", GED188),
        tags.AgentInstrument.row("agent phone", GED188),
        tags.Duration.optional("expected seconds in the state", GED188),
        tags.NextAgentState.optional("next state if known"),
        tags.Direction.optional("direction of the agent's call", GED188),
        tags.CSQID.row(),
        tags.SkillGroupID.unused(constant=0).row(),
        tags.SkillGroupPriority.unused(constant=0).row(),
        tags.CSQState.row(),
    ),
    repeats=(
        Repeat(
            "numCSQs",
            (tags.CSQID.tag, tags.SkillGroupID.tag, tags.SkillGroupPriority.tag, tags.CSQState.tag),
            most=Limit.MAX_CSQ_COUNT,
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
    page="query_agent_state_req",
    traits=Trait.ASKS,
    replies=("QUERY_AGENT_STATE_CONF",),
    one_of=(tags.AgentExtension.tag, tags.AgentInstrument.tag, tags.AgentID.tag),
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        reserved("MRDID", INT, 1),
        reserved("ICMAgentID", INT, 0),
    ),
    floating=(
        tags.AgentExtension.optional("agent phone number"),
        tags.AgentInstrument.optional("agent phone"),
        tags.AgentID.optional("agent login id"),
    ),
)

QUERY_AGENT_STATE_CONF = Message(
    CHAPTER,
    37,
    "QUERY_AGENT_STATE_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the state of an agent, over all and per queue.",
    page="query_agent_state-_conf",
    traits=Trait.AGENT_STATE,
    note="The guide spells the name with a blank. The page lists InternalAgentState without a tag; 255 is "
    "the sister protocol's.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("AgentState", USHORT, "current agent state", AgentState, mark=Mark.AGENT_STATE),
        shared.count("numCSQs", "number of CSQ records in the floating part, at most 20"),
        reserved("MRDID", INT, 1),
        reserved("NumTasks", UINT, 0),
        reserved("AgentMode", USHORT, 0),
        reserved("MaxTaskLimit", UINT, 0),
        reserved("ICMAgentID", UINT, 0),
        reserved("AgentAvailabilityStatus", UINT, 1),
    ),
    floating=(
        tags.ShortAgentID.unused().optional("the agent's id in its old short form, to be ignored"),
        tags.AgentExtension.optional("extension, if logged on"),
        tags.AgentInstrument.optional("phone, if logged on"),
        tags.AgentID.row("agent login id"),
        tags.CSQID.row(),
        tags.SkillGroupID.unused(constant=0).row(),
        tags.SkillGroupPriority.unused(constant=0).row(),
        tags.CSQState.row("BUSY_OTHER when another CSQ has the agent)"),
        tags.InternalAgentState.row("the server's own state of the agent", GED188),
    ),
    repeats=(
        Repeat(
            "numCSQs",
            (tags.CSQID.tag, tags.SkillGroupID.tag, tags.SkillGroupPriority.tag, tags.CSQState.tag),
            most=Limit.MAX_NUM_SKILL_GROUPS,
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
    page="set_agent_state_req",
    replies=("SET_AGENT_STATE_CONF",),
    traits=Trait.AGENT_STATE,
    note="ForcedFlag takes one byte, so that AgentCapacity is not aligned. ForcedFlag 2 from version 12 on only.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        Fixed("AgentState", USHORT, "state asked for", AgentState, mark=Mark.AGENT_STATE),
        reserved("AgentWorkMode", USHORT, 0),
        reserved("NumSkillGroups", USHORT, 0),
        Fixed("EventReasonCode", USHORT, "reason of the change", AgentReasonCode, mark=Mark.REASON),
        Fixed("ForcedFlag", UCHAR, "whether to force the change", ForcedFlag),
        Fixed("AgentCapacity", UINT, "what the agent can do besides", AgentCapacity, since=12),
    ),
    floating=(
        tags.AgentInstrument.required("agent phone"),
        tags.AgentPassword.optional("needed for AGENT_STATE_LOGIN"),
        tags.AgentID.optional("agent login id; needed for login and logoff"),
        tags.ActiveTerminal.optional("device name of the chosen terminal, when several share the instrument"),
    ),
)
