"""Supervision: teams, assistance, joining calls."""

from __future__ import annotations

from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.ged188 import tags
from ccxdissect.protocol.ged188.constants import configuration
from ccxdissect.protocol.ged188.fields import DEPARTMENT_ID, PERIPHERAL_ID, THE_MONITOR
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Repeat, Side, Trait
from ccxdissect.protocol.types import UINT, USHORT

#: The messages of this file.
CHAPTER = Chapter(MessageClass.SUPERVISOR)

AGENT_TEAM_CONFIG_REQ = Message(
    CHAPTER,
    126,
    "AGENT_TEAM_CONFIG_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the configuration of an agent team.",
    page="",
    replies=("AGENT_TEAM_CONFIG_CONF",),
    fields_known=False,
)

AGENT_TEAM_CONFIG_CONF = Message(
    CHAPTER,
    127,
    "AGENT_TEAM_CONFIG_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the question for a team's configuration.",
    page="",
    fields_known=False,
)

AGENT_TEAM_CONFIG_EVENT = Message(
    CHAPTER,
    128,
    "AGENT_TEAM_CONFIG_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells what agents a team has.",
    page="Supervisor Service",
    fixed=(
        PERIPHERAL_ID,
        shared.TEAM_ID,
        Fixed("NumberOfAgents", USHORT, "count of agent records"),
        Fixed("ConfigOperation", USHORT, "what was done to the team", configuration.ConfigOperation),
        DEPARTMENT_ID,
    ),
    floating=(
        tags.AgentTeamName.row(),
        tags.AtcAgentID.optional(),
        tags.AgentFlags.optional(),
        tags.AtcAgentState.row(),
        tags.AtcStateDuration.row(),
    ),
    repeats=(
        Repeat(
            "NumberOfAgents",
            (
                tags.AtcAgentID.tag,
                tags.AgentFlags.tag,
                tags.AtcAgentState.tag,
                tags.AtcStateDuration.tag,
            ),
        ),
    ),
)

LIST_AGENT_TEAM_REQ = Message(
    CHAPTER,
    133,
    "LIST_AGENT_TEAM_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the teams of a supervisor.",
    page="Supervisor Service",
    replies=("LIST_AGENT_TEAM_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        Fixed("SupervisorID", UINT, "ICM id of the supervisor"),
    ),
)

LIST_AGENT_TEAM_CONF = Message(
    CHAPTER,
    134,
    "LIST_AGENT_TEAM_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the teams of a supervisor.",
    page="Supervisor Service",
    fixed=(
        shared.INVOKE_ID,
        Fixed("NumberOfAgentTeams", USHORT, "count of TeamID fields"),
        Fixed("SegmentNumber", USHORT, "which part of a long answer this is, from 1"),
        Fixed("More", USHORT, "whether another part follows"),
    ),
    floating=(tags.TeamID.row("team"),),
    repeats=(Repeat("NumberOfAgentTeams", (tags.TeamID.tag,)),),
)

MONITOR_AGENT_TEAM_START_REQ = Message(
    CHAPTER,
    135,
    "MONITOR_AGENT_TEAM_START_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to hear of a team of agents.",
    page="Supervisor Service",
    replies=("MONITOR_AGENT_TEAM_START_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        shared.TEAM_ID.but("team to hear of", mark=Mark.WATCHED),
    ),
)

MONITOR_AGENT_TEAM_START_CONF = Message(
    CHAPTER,
    136,
    "MONITOR_AGENT_TEAM_START_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the monitor of a team and names it.",
    page="Supervisor Service",
    fixed=(
        shared.INVOKE_ID,
        THE_MONITOR,
    ),
)

MONITOR_AGENT_TEAM_STOP_REQ = Message(
    CHAPTER,
    137,
    "MONITOR_AGENT_TEAM_STOP_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to hear of that team no longer.",
    page="Supervisor Service",
    replies=("MONITOR_AGENT_TEAM_STOP_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        THE_MONITOR,
    ),
)

MONITOR_AGENT_TEAM_STOP_CONF = Message(
    CHAPTER,
    138,
    "MONITOR_AGENT_TEAM_STOP_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the end of the monitor of a team.",
    page="Supervisor Service",
    fixed=(shared.INVOKE_ID,),
)
