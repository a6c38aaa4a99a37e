"""Miscellaneous service and query messages: statistics, calls of bad quality."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, INFERRED, THIRD_PARTY
from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Layout, Message, MessageClass, Side, Trait
from ccxdissect.protocol.types import INT, TIME, UINT, USHORT
from ccxdissect.protocol.uccx import tags
from ccxdissect.protocol.uccx.fields import PERIPHERAL_ID

#: The messages of this file.
CHAPTER = Chapter(MessageClass.MISCELLANEOUS)

BAD_CALL_REQ = Message(
    CHAPTER,
    139,
    "BAD_CALL_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "An agent reports a call of bad quality.",
    page="bad_call_req",
    replies=("BAD_CALL_CONF",),
    number_source=GED188,
    note="ConnectionDeviceType comes before CallID.",
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_DEVICE_TYPE,
        shared.CALL_ID.but("call of bad quality", log_names=()),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.AgentID.optional("agent login id"),
    ),
)

BAD_CALL_CONF = Message(
    CHAPTER,
    140,
    "BAD_CALL_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The report was taken.",
    page="bad_call_conf",
    number_source=GED188,
    fixed=(shared.INVOKE_ID,),
)

QUERY_QUEUE_STATISTICS_REQ = Message(
    CHAPTER,
    223,
    "QUERY_QUEUE_STATISTICS_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the figures of one queue.",
    page="query_queue_statistics_req",
    added=True,
    traits=Trait.ASKS,
    replies=("QUERY_QUEUE_STATISTICS_CONF",),
    number_source=THIRD_PARTY,
    note="The number was seen in a third party's table only.",
    fixed=(shared.INVOKE_ID,),
    floating=(tags.CSQID.but(type=INT).row("CSQ asked about"),),
)

_QUEUE_PAGE = (
    shared.INVOKE_ID,
    Fixed("LoggedInAgents", USHORT, "agents logged in (CSQ)"),
    Fixed("InSessionAgents", USHORT, "agents talking (CSQ)"),
    Fixed("AvailableAgents", USHORT, "agents ready (CSQ)"),
    Fixed("UnAvailableAgents", USHORT, "agents not ready (CSQ)"),
    Fixed("InWorkAgents", USHORT, "agents in work (CSQ)"),
    Fixed("SelectedAgents", USHORT, "agents reserved (CSQ)"),
    Fixed("CallsInPriorityQueue1", UINT, "calls in this priority queue of the CSQ"),
    Fixed("CallsInPriorityQueue2", UINT, "calls in this priority queue of the CSQ"),
    Fixed("CallsInPriorityQueue3", UINT, "calls in this priority queue of the CSQ"),
    Fixed("CallsInPriorityQueue4", UINT, "calls in this priority queue of the CSQ"),
    Fixed("CallsInPriorityQueue5", UINT, "calls in this priority queue of the CSQ"),
    Fixed("CallsInPriorityQueue6", UINT, "calls in this priority queue of the CSQ"),
    Fixed("CallsInPriorityQueue7", UINT, "calls in this priority queue of the CSQ", source=THIRD_PARTY),
    Fixed("CallsInPriorityQueue8", UINT, "calls in this priority queue of the CSQ", source=THIRD_PARTY),
    Fixed("CallsInPriorityQueue9", UINT, "calls in this priority queue of the CSQ", source=THIRD_PARTY),
    Fixed("CallsInPriorityQueue10", UINT, "calls in this priority queue of the CSQ", source=THIRD_PARTY),
)

QUERY_QUEUE_STATISTICS_CONF = Message(
    CHAPTER,
    224,
    "QUERY_QUEUE_STATISTICS_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the figures of one queue.",
    title="with totals",
    page="query_queue_statistics_conf",
    added=True,
    complete=False,
    number_source=THIRD_PARTY,
    note="The number was seen in a third party's table only; so was the fixed part after "
    "CallsInPriorityQueue6. It is taken only if the body is long enough and floating fields follow "
    "it.",
    fixed=(
        *_QUEUE_PAGE,
        Fixed("StartTime", TIME, "start of the period the 'today' counters cover", source=THIRD_PARTY),
        Fixed("EndTime", TIME, "end of that period", source=THIRD_PARTY),
        Fixed("TotalCalls", UINT, "calls since StartTime", source=THIRD_PARTY),
        Fixed("HandledCalls", UINT, "calls handled", source=THIRD_PARTY),
        Fixed("OldestCallInQueue", UINT, "wait of the oldest call in queue", source=THIRD_PARTY),
        Fixed("AbandonedCalls", UINT, "calls abandoned", source=THIRD_PARTY),
        Fixed("AverageTalkDuration", UINT, "average talk time", source=THIRD_PARTY),
        Fixed("AverageWaitDuration", UINT, "average wait", source=THIRD_PARTY),
        Fixed("LongestTalkDuration", UINT, "longest talk time", source=THIRD_PARTY),
        Fixed("LongestWaitDuration", UINT, "longest wait", source=THIRD_PARTY),
    ),
    floating=(tags.CSQID.but(type=INT).row("CSQ asked about", THIRD_PARTY),),
    layouts=(Layout("page only", _QUEUE_PAGE, "the guide, as far as its page was seen"),),
)

QUERY_SUMMARY_STATISTICS_REQ = Message(
    CHAPTER,
    225,
    "QUERY_SUMMARY_STATISTICS_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the figures of all queues together.",
    page="query_summary_statistics_req",
    added=True,
    traits=Trait.ASKS,
    replies=("QUERY_SUMMARY_STATISTICS_CONF",),
    number_source=THIRD_PARTY,
    note="The number was seen in a third party's table only.",
    fixed=(shared.INVOKE_ID,),
)

_SUMMARY_PAGE = (
    shared.INVOKE_ID,
    Fixed("NumQueues", USHORT, "CSQs configured"),
    Fixed("LoggedInAgents", USHORT, "agents logged in (system)"),
    Fixed("InSessionAgents", USHORT, "agents talking (system)"),
    Fixed("AvailableAgents", USHORT, "agents ready (system)"),
    Fixed("UnAvailableAgents", USHORT, "agents not ready (system)"),
    Fixed("InWorkAgents", USHORT, "agents in work (system)"),
    Fixed("SelectedAgents", USHORT, "agents reserved (system)"),
    Fixed("CallsInPriorityQueue1", UINT, "calls in this priority queue over all CSQs"),
    Fixed("CallsInPriorityQueue2", UINT, "calls in this priority queue over all CSQs"),
    Fixed("CallsInPriorityQueue3", UINT, "calls in this priority queue over all CSQs"),
    Fixed("CallsInPriorityQueue4", UINT, "calls in this priority queue over all CSQs"),
    Fixed("CallsInPriorityQueue5", UINT, "calls in this priority queue over all CSQs"),
    Fixed("CallsInPriorityQueue6", UINT, "calls in this priority queue over all CSQs"),
    Fixed("CallsInPriorityQueue7", UINT, "calls in this priority queue over all CSQs"),
    Fixed(
        "CallsInPriorityQueue8",
        UINT,
        "calls in this priority queue over all CSQs; row cut or not seen, by analogy",
        source=INFERRED,
    ),
    Fixed(
        "CallsInPriorityQueue9",
        UINT,
        "calls in this priority queue over all CSQs; row cut or not seen, by analogy",
        source=INFERRED,
    ),
    Fixed(
        "CallsInPriorityQueue10",
        UINT,
        "calls in this priority queue over all CSQs; row cut or not seen, by analogy",
        source=INFERRED,
    ),
)

QUERY_SUMMARY_STATISTICS_CONF = Message(
    CHAPTER,
    226,
    "QUERY_SUMMARY_STATISTICS_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the figures of all queues together.",
    title="with totals",
    page="query_summary_statistics_conf",
    added=True,
    complete=False,
    number_source=THIRD_PARTY,
    note="The number was seen in a third party's table only. The fixed part after CallsInPriorityQueue10 "
    "is taken over from QUERY_QUEUE_STATISTICS_CONF by analogy, if the body has just that length.",
    fixed=(
        *_SUMMARY_PAGE,
        Fixed(
            "StartTime",
            TIME,
            "start of the period the 'today' counters cover; by analogy with 224",
            source=INFERRED,
        ),
        Fixed("EndTime", TIME, "end of that period; by analogy with 224", source=INFERRED),
        Fixed("TotalCalls", UINT, "calls since StartTime; by analogy with 224", source=INFERRED),
        Fixed("HandledCalls", UINT, "calls handled; by analogy with 224", source=INFERRED),
        Fixed(
            "OldestCallInQueue",
            UINT,
            "wait of the oldest call in queue; by analogy with 224",
            source=INFERRED,
        ),
        Fixed("AbandonedCalls", UINT, "calls abandoned; by analogy with 224", source=INFERRED),
        Fixed("AverageTalkDuration", UINT, "average talk time; by analogy with 224", source=INFERRED),
        Fixed("AverageWaitDuration", UINT, "average wait; by analogy with 224", source=INFERRED),
        Fixed("LongestTalkDuration", UINT, "longest talk time; by analogy with 224", source=INFERRED),
        Fixed("LongestWaitDuration", UINT, "longest wait; by analogy with 224", source=INFERRED),
    ),
    layouts=(Layout("page only", _SUMMARY_PAGE, "the guide, as far as its page was seen"),),
)

QUERY_AGENT_QUEUE_STATISTICS_REQ = Message(
    CHAPTER,
    239,
    "QUERY_AGENT_QUEUE_STATISTICS_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks how many calls wait in an agent's queues.",
    page="query_agent_queue_statistics_req",
    added=True,
    traits=Trait.ASKS,
    replies=("QUERY_AGENT_QUEUE_STATISTICS_CONF",),
    note="The number comes from an answer in the vendor's forum.",
    fixed=(shared.INVOKE_ID,),
    floating=(tags.AgentID.required("agent login id"),),
)

QUERY_AGENT_QUEUE_STATISTICS_CONF = Message(
    CHAPTER,
    240,
    "QUERY_AGENT_QUEUE_STATISTICS_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells how many calls wait in an agent's queues.",
    page="query_agent_queue_statistics_conf",
    note="The number comes from an answer in the vendor's forum. The unit of OldestCallInQueue is not stated.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("CallsInQueue", UINT, "calls waiting over all CSQs of the agent"),
        Fixed("OldestCallInQueue", UINT, "wait of the oldest of them"),
    ),
    floating=(tags.AgentID.required("agent login id"),),
)
