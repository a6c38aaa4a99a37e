"""Agent reporting and management of tasks (the ARM interface): known by number and name only.

What each is for is our reading of its name: no source tells.
"""

from __future__ import annotations

from ccxdissect.protocol.model import Chapter, Kind, Message, MessageClass, Side

#: The messages of this file.
CHAPTER = Chapter(MessageClass.TASK)

MEDIA_LOGIN_REQ = Message(
    CHAPTER,
    151,
    "MEDIA_LOGIN_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to log an agent in to a media routing domain.",
    page="",
    replies=("MEDIA_LOGIN_RESP",),
    fields_known=False,
)

MEDIA_LOGIN_RESP = Message(
    CHAPTER,
    152,
    "MEDIA_LOGIN_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Says whether the agent was logged in to the media routing domain.",
    page="",
    fields_known=False,
)

MEDIA_LOGOUT_IND = Message(
    CHAPTER,
    153,
    "MEDIA_LOGOUT_IND",
    Side.CLIENT,
    Kind.EVENT,
    "An agent was logged out of a media routing domain.",
    page="",
    fields_known=False,
)

MAKE_AGENT_ROUTABLE_IND = Message(
    CHAPTER,
    154,
    "MAKE_AGENT_ROUTABLE_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Tasks may be routed to the agent from now on.",
    page="",
    fields_known=False,
)

MAKE_AGENT_NOT_ROUTABLE_REQ = Message(
    CHAPTER,
    155,
    "MAKE_AGENT_NOT_ROUTABLE_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks that no tasks be routed to the agent.",
    page="",
    replies=("MAKE_AGENT_NOT_ROUTABLE_RESP",),
    fields_known=False,
)

MAKE_AGENT_NOT_ROUTABLE_RESP = Message(
    CHAPTER,
    156,
    "MAKE_AGENT_NOT_ROUTABLE_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Says whether tasks are no longer routed to the agent.",
    page="",
    fields_known=False,
)

MAKE_AGENT_READY_IND = Message(
    CHAPTER,
    157,
    "MAKE_AGENT_READY_IND",
    Side.CLIENT,
    Kind.EVENT,
    "The agent is ready for tasks.",
    page="",
    fields_known=False,
)

MAKE_AGENT_NOT_READY_REQ = Message(
    CHAPTER,
    158,
    "MAKE_AGENT_NOT_READY_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to make the agent not ready for tasks.",
    page="",
    replies=("MAKE_AGENT_NOT_READY_RESP",),
    fields_known=False,
)

MAKE_AGENT_NOT_READY_RESP = Message(
    CHAPTER,
    159,
    "MAKE_AGENT_NOT_READY_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Says whether the agent was made not ready for tasks.",
    page="",
    fields_known=False,
)

OFFER_TASK_IND = Message(
    CHAPTER,
    160,
    "OFFER_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "A task was offered to an agent.",
    page="",
    fields_known=False,
)

OFFER_APPLICATION_TASK_REQ = Message(
    CHAPTER,
    161,
    "OFFER_APPLICATION_TASK_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to offer the agent a task of the application's own.",
    page="",
    replies=("OFFER_APPLICATION_TASK_RESP",),
    fields_known=False,
)

OFFER_APPLICATION_TASK_RESP = Message(
    CHAPTER,
    162,
    "OFFER_APPLICATION_TASK_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Says whether the application's task was offered to the agent.",
    page="",
    fields_known=False,
)

START_TASK_IND = Message(
    CHAPTER,
    163,
    "START_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "An agent began to work on a task.",
    page="",
    fields_known=False,
)

START_APPLICATION_TASK_REQ = Message(
    CHAPTER,
    164,
    "START_APPLICATION_TASK_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to start a task of the application's own for an agent.",
    page="",
    replies=("START_APPLICATION_TASK_RESP",),
    fields_known=False,
)

START_APPLICATION_TASK_RESP = Message(
    CHAPTER,
    165,
    "START_APPLICATION_TASK_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Says whether the application's task was started.",
    page="",
    fields_known=False,
)

PAUSE_TASK_IND = Message(
    CHAPTER,
    166,
    "PAUSE_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "An agent paused a task.",
    page="",
    fields_known=False,
)

RESUME_TASK_IND = Message(
    CHAPTER,
    167,
    "RESUME_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "An agent went on with a paused task.",
    page="",
    fields_known=False,
)

WRAPUP_TASK_IND = Message(
    CHAPTER,
    168,
    "WRAPUP_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "An agent began the work after a task.",
    page="",
    fields_known=False,
)

END_TASK_IND = Message(
    CHAPTER,
    169,
    "END_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "A task is over.",
    page="",
    fields_known=False,
)

AGENT_MADE_NOT_ROUTABLE_EVENT = Message(
    CHAPTER,
    170,
    "AGENT_MADE_NOT_ROUTABLE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells that tasks are no longer routed to an agent.",
    page="",
    fields_known=False,
)

AGENT_INTERRUPT_ADVISORY_EVENT = Message(
    CHAPTER,
    171,
    "AGENT_INTERRUPT_ADVISORY_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells that an agent is about to be interrupted for another task.",
    page="",
    fields_known=False,
)

AGENT_INTERRUPT_ACCEPTED_IND = Message(
    CHAPTER,
    172,
    "AGENT_INTERRUPT_ACCEPTED_IND",
    Side.CLIENT,
    Kind.EVENT,
    "The interruption of the agent is accepted.",
    page="",
    fields_known=False,
)

AGENT_INTERRUPT_UNACCEPTED_IND = Message(
    CHAPTER,
    173,
    "AGENT_INTERRUPT_UNACCEPTED_IND",
    Side.CLIENT,
    Kind.EVENT,
    "The interruption of the agent is not accepted.",
    page="",
    fields_known=False,
)

AGENT_INTERRUPT_DONE_ADVISORY_EVENT = Message(
    CHAPTER,
    174,
    "AGENT_INTERRUPT_DONE_ADVISORY_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells that the interruption of an agent is over.",
    page="",
    fields_known=False,
)

AGENT_INTERRUPT_DONE_ACCEPTED_IND = Message(
    CHAPTER,
    175,
    "AGENT_INTERRUPT_DONE_ACCEPTED_IND",
    Side.CLIENT,
    Kind.EVENT,
    "The end of the interruption is accepted.",
    page="",
    fields_known=False,
)

CHANGE_MAX_TASK_LIMIT_REQ = Message(
    CHAPTER,
    176,
    "CHANGE_MAX_TASK_LIMIT_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to change how many tasks an agent may have at once.",
    page="",
    replies=("CHANGE_MAX_TASK_LIMIT_RESP",),
    fields_known=False,
)

CHANGE_MAX_TASK_LIMIT_RESP = Message(
    CHAPTER,
    177,
    "CHANGE_MAX_TASK_LIMIT_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Says whether the limit of an agent's tasks was changed.",
    page="",
    fields_known=False,
)

OVERRIDE_LIMIT_REQ = Message(
    CHAPTER,
    178,
    "OVERRIDE_LIMIT_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to exceed the limit of an agent's tasks.",
    page="",
    replies=("OVERRIDE_LIMIT_RESP",),
    fields_known=False,
)

OVERRIDE_LIMIT_RESP = Message(
    CHAPTER,
    179,
    "OVERRIDE_LIMIT_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Says whether the limit of an agent's tasks may be exceeded.",
    page="",
    fields_known=False,
)

UPDATE_TASK_CONTEXT_IND = Message(
    CHAPTER,
    180,
    "UPDATE_TASK_CONTEXT_IND",
    Side.CLIENT,
    Kind.EVENT,
    "The context data of a task changed.",
    page="",
    fields_known=False,
)

BEGIN_AGENT_INIT_IND = Message(
    CHAPTER,
    181,
    "BEGIN_AGENT_INIT_IND",
    Side.CLIENT,
    Kind.EVENT,
    "An application begins to tell which agents it has and what they do.",
    page="",
    fields_known=False,
)

AGENT_INIT_REQ = Message(
    CHAPTER,
    182,
    "AGENT_INIT_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Tells one agent and the agent's state while the application's agents are told.",
    page="",
    replies=("AGENT_INIT_RESP",),
    fields_known=False,
)

AGENT_INIT_RESP = Message(
    CHAPTER,
    183,
    "AGENT_INIT_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Says whether the agent was taken over.",
    page="",
    fields_known=False,
)

END_AGENT_INIT_IND = Message(
    CHAPTER,
    184,
    "END_AGENT_INIT_IND",
    Side.CLIENT,
    Kind.EVENT,
    "All agents of the application were told.",
    page="",
    fields_known=False,
)

TASK_INIT_IND = Message(
    CHAPTER,
    185,
    "TASK_INIT_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Tells one task that was under way while the application's agents are told.",
    page="",
    fields_known=False,
)

AGENT_INIT_READY_EVENT = Message(
    CHAPTER,
    186,
    "AGENT_INIT_READY_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "The server is ready to be told the application's agents.",
    page="",
    fields_known=False,
)

GET_PRECALL_MESSAGES_REQ = Message(
    CHAPTER,
    187,
    "GET_PRECALL_MESSAGES_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the messages that come before routed calls.",
    page="",
    replies=("GET_PRECALL_MESSAGES_RESP",),
    fields_known=False,
)

GET_PRECALL_MESSAGES_RESP = Message(
    CHAPTER,
    188,
    "GET_PRECALL_MESSAGES_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms that the messages before routed calls are sent.",
    page="",
    fields_known=False,
)

BEGIN_TASK_EVENT = Message(
    CHAPTER,
    191,
    "BEGIN_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A task was begun.",
    page="",
    fields_known=False,
)

QUEUED_TASK_EVENT = Message(
    CHAPTER,
    192,
    "QUEUED_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A task was put into a queue.",
    page="",
    fields_known=False,
)

DEQUEUED_TASK_EVENT = Message(
    CHAPTER,
    193,
    "DEQUEUED_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A task left its queue.",
    page="",
    fields_known=False,
)

OFFER_TASK_EVENT = Message(
    CHAPTER,
    194,
    "OFFER_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A task was offered to an agent.",
    page="",
    fields_known=False,
)

START_TASK_EVENT = Message(
    CHAPTER,
    195,
    "START_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "An agent began to work on a task.",
    page="",
    fields_known=False,
)

PAUSE_TASK_EVENT = Message(
    CHAPTER,
    196,
    "PAUSE_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A task was paused.",
    page="",
    fields_known=False,
)

RESUME_TASK_EVENT = Message(
    CHAPTER,
    197,
    "RESUME_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A paused task goes on.",
    page="",
    fields_known=False,
)

WRAPUP_TASK_EVENT = Message(
    CHAPTER,
    198,
    "WRAPUP_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "The work after a task began.",
    page="",
    fields_known=False,
)

END_TASK_EVENT = Message(
    CHAPTER,
    199,
    "END_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A task is over.",
    page="",
    fields_known=False,
)

TASK_DATA_UPDATE_EVENT = Message(
    CHAPTER,
    200,
    "TASK_DATA_UPDATE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "The data of a task changed.",
    page="",
    fields_known=False,
)

TASK_MONITOR_START_REQ = Message(
    CHAPTER,
    201,
    "TASK_MONITOR_START_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to hear of a task.",
    page="",
    replies=("TASK_MONITOR_START_CONF",),
    fields_known=False,
)

TASK_MONITOR_START_CONF = Message(
    CHAPTER,
    202,
    "TASK_MONITOR_START_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms: task monitor start.",
    page="",
    fields_known=False,
)

TASK_MONITOR_STOP_REQ = Message(
    CHAPTER,
    203,
    "TASK_MONITOR_STOP_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to hear of a task no longer.",
    page="",
    replies=("TASK_MONITOR_STOP_CONF",),
    fields_known=False,
)

TASK_MONITOR_STOP_CONF = Message(
    CHAPTER,
    204,
    "TASK_MONITOR_STOP_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms: task monitor stop.",
    page="",
    fields_known=False,
)

CHANGE_TASK_MONITOR_MASK_REQ = Message(
    CHAPTER,
    205,
    "CHANGE_TASK_MONITOR_MASK_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Changes which events of tasks a client hears of.",
    page="",
    replies=("CHANGE_TASK_MONITOR_MASK_CONF",),
    fields_known=False,
)

CHANGE_TASK_MONITOR_MASK_CONF = Message(
    CHAPTER,
    206,
    "CHANGE_TASK_MONITOR_MASK_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms: change task monitor mask.",
    page="",
    fields_known=False,
)

MAX_TASK_LIFETIME_EXCEEDED_EVENT = Message(
    CHAPTER,
    207,
    "MAX_TASK_LIFETIME_EXCEEDED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "A task lasted longer than tasks may.",
    page="",
    fields_known=False,
)

SET_APP_PATH_DATA_IND = Message(
    CHAPTER,
    208,
    "SET_APP_PATH_DATA_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Sets data of an application path.",
    page="",
    fields_known=False,
)

TASK_INIT_REQ = Message(
    CHAPTER,
    209,
    "TASK_INIT_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to take over a task that is under way.",
    page="",
    replies=("TASK_INIT_RESP",),
    fields_known=False,
)

TASK_INIT_RESP = Message(
    CHAPTER,
    210,
    "TASK_INIT_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Says whether the task was taken over.",
    page="",
    fields_known=False,
)

GET_AGENT_TASKS_REQ = Message(
    CHAPTER,
    255,
    "GET_AGENT_TASKS_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks which tasks an agent has.",
    page="",
    replies=("AGENT_TASKS_RESP",),
    since=20,
    fields_known=False,
)

AGENT_TASKS_RESP = Message(
    CHAPTER,
    256,
    "AGENT_TASKS_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells which tasks an agent has.",
    page="",
    since=20,
    fields_known=False,
)

SNAPSHOT_TASK_REQ = Message(
    CHAPTER,
    257,
    "SNAPSHOT_TASK_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks what a task is like now.",
    page="",
    replies=("SNAPSHOT_TASK_RESP",),
    since=20,
    fields_known=False,
)

SNAPSHOT_TASK_RESP = Message(
    CHAPTER,
    258,
    "SNAPSHOT_TASK_RESP",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells what a task is like now.",
    page="",
    since=20,
    fields_known=False,
)

AGENT_TASKS_EVENT = Message(
    CHAPTER,
    262,
    "AGENT_TASKS_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells which tasks an agent has.",
    page="",
    since=23,
    fields_known=False,
)

SNAPSHOT_TASK_EVENT = Message(
    CHAPTER,
    263,
    "SNAPSHOT_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells what a task is like now.",
    page="",
    since=23,
    fields_known=False,
)

AGENT_TASKS_REQUEST_EVENT = Message(
    CHAPTER,
    264,
    "AGENT_TASKS_REQUEST_EVENT",
    Side.CLIENT,
    Kind.REQUEST,
    "The server asks which tasks an agent has.",
    page="",
    replies=("AGENT_TASKS_END_EVENT",),
    since=23,
    fields_known=False,
)

AGENT_TASKS_END_EVENT = Message(
    CHAPTER,
    265,
    "AGENT_TASKS_END_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "All tasks of an agent were told.",
    page="",
    since=23,
    fields_known=False,
)

DESKTOP_CONNECTED_IND = Message(
    CHAPTER,
    266,
    "DESKTOP_CONNECTED_IND",
    Side.SERVER,
    Kind.EVENT,
    "An agent's desktop has connected.",
    page="",
    since=23,
    fields_known=False,
)
