"""Agent reporting and management of tasks (the ARM interface): known by number and name only."""

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
    "Asks: media login.",
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
    "Answers: media login.",
    page="",
    fields_known=False,
)

MEDIA_LOGOUT_IND = Message(
    CHAPTER,
    153,
    "MEDIA_LOGOUT_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: media logout.",
    page="",
    fields_known=False,
)

MAKE_AGENT_ROUTABLE_IND = Message(
    CHAPTER,
    154,
    "MAKE_AGENT_ROUTABLE_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: make agent routable.",
    page="",
    fields_known=False,
)

MAKE_AGENT_NOT_ROUTABLE_REQ = Message(
    CHAPTER,
    155,
    "MAKE_AGENT_NOT_ROUTABLE_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks: make agent not routable.",
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
    "Answers: make agent not routable.",
    page="",
    fields_known=False,
)

MAKE_AGENT_READY_IND = Message(
    CHAPTER,
    157,
    "MAKE_AGENT_READY_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: make agent ready.",
    page="",
    fields_known=False,
)

MAKE_AGENT_NOT_READY_REQ = Message(
    CHAPTER,
    158,
    "MAKE_AGENT_NOT_READY_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks: make agent not ready.",
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
    "Answers: make agent not ready.",
    page="",
    fields_known=False,
)

OFFER_TASK_IND = Message(
    CHAPTER,
    160,
    "OFFER_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: offer task.",
    page="",
    fields_known=False,
)

OFFER_APPLICATION_TASK_REQ = Message(
    CHAPTER,
    161,
    "OFFER_APPLICATION_TASK_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks: offer application task.",
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
    "Answers: offer application task.",
    page="",
    fields_known=False,
)

START_TASK_IND = Message(
    CHAPTER,
    163,
    "START_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: start task.",
    page="",
    fields_known=False,
)

START_APPLICATION_TASK_REQ = Message(
    CHAPTER,
    164,
    "START_APPLICATION_TASK_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks: start application task.",
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
    "Answers: start application task.",
    page="",
    fields_known=False,
)

PAUSE_TASK_IND = Message(
    CHAPTER,
    166,
    "PAUSE_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: pause task.",
    page="",
    fields_known=False,
)

RESUME_TASK_IND = Message(
    CHAPTER,
    167,
    "RESUME_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: resume task.",
    page="",
    fields_known=False,
)

WRAPUP_TASK_IND = Message(
    CHAPTER,
    168,
    "WRAPUP_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: wrapup task.",
    page="",
    fields_known=False,
)

END_TASK_IND = Message(
    CHAPTER,
    169,
    "END_TASK_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: end task.",
    page="",
    fields_known=False,
)

AGENT_MADE_NOT_ROUTABLE_EVENT = Message(
    CHAPTER,
    170,
    "AGENT_MADE_NOT_ROUTABLE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: agent made not routable.",
    page="",
    fields_known=False,
)

AGENT_INTERRUPT_ADVISORY_EVENT = Message(
    CHAPTER,
    171,
    "AGENT_INTERRUPT_ADVISORY_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: agent interrupt advisory.",
    page="",
    fields_known=False,
)

AGENT_INTERRUPT_ACCEPTED_IND = Message(
    CHAPTER,
    172,
    "AGENT_INTERRUPT_ACCEPTED_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: agent interrupt accepted.",
    page="",
    fields_known=False,
)

AGENT_INTERRUPT_UNACCEPTED_IND = Message(
    CHAPTER,
    173,
    "AGENT_INTERRUPT_UNACCEPTED_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: agent interrupt unaccepted.",
    page="",
    fields_known=False,
)

AGENT_INTERRUPT_DONE_ADVISORY_EVENT = Message(
    CHAPTER,
    174,
    "AGENT_INTERRUPT_DONE_ADVISORY_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: agent interrupt done advisory.",
    page="",
    fields_known=False,
)

AGENT_INTERRUPT_DONE_ACCEPTED_IND = Message(
    CHAPTER,
    175,
    "AGENT_INTERRUPT_DONE_ACCEPTED_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: agent interrupt done accepted.",
    page="",
    fields_known=False,
)

CHANGE_MAX_TASK_LIMIT_REQ = Message(
    CHAPTER,
    176,
    "CHANGE_MAX_TASK_LIMIT_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks: change max task limit.",
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
    "Answers: change max task limit.",
    page="",
    fields_known=False,
)

OVERRIDE_LIMIT_REQ = Message(
    CHAPTER,
    178,
    "OVERRIDE_LIMIT_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks: override limit.",
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
    "Answers: override limit.",
    page="",
    fields_known=False,
)

UPDATE_TASK_CONTEXT_IND = Message(
    CHAPTER,
    180,
    "UPDATE_TASK_CONTEXT_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: update task context.",
    page="",
    fields_known=False,
)

BEGIN_AGENT_INIT_IND = Message(
    CHAPTER,
    181,
    "BEGIN_AGENT_INIT_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: begin agent init.",
    page="",
    fields_known=False,
)

AGENT_INIT_REQ = Message(
    CHAPTER,
    182,
    "AGENT_INIT_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks: agent init.",
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
    "Answers: agent init.",
    page="",
    fields_known=False,
)

END_AGENT_INIT_IND = Message(
    CHAPTER,
    184,
    "END_AGENT_INIT_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: end agent init.",
    page="",
    fields_known=False,
)

TASK_INIT_IND = Message(
    CHAPTER,
    185,
    "TASK_INIT_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: task init.",
    page="",
    fields_known=False,
)

AGENT_INIT_READY_EVENT = Message(
    CHAPTER,
    186,
    "AGENT_INIT_READY_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: agent init ready.",
    page="",
    fields_known=False,
)

GET_PRECALL_MESSAGES_REQ = Message(
    CHAPTER,
    187,
    "GET_PRECALL_MESSAGES_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks: get pre-call messages.",
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
    "Answers: get pre-call messages.",
    page="",
    fields_known=False,
)

BEGIN_TASK_EVENT = Message(
    CHAPTER,
    191,
    "BEGIN_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: begin task.",
    page="",
    fields_known=False,
)

QUEUED_TASK_EVENT = Message(
    CHAPTER,
    192,
    "QUEUED_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: queued task.",
    page="",
    fields_known=False,
)

DEQUEUED_TASK_EVENT = Message(
    CHAPTER,
    193,
    "DEQUEUED_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: dequeued task.",
    page="",
    fields_known=False,
)

OFFER_TASK_EVENT = Message(
    CHAPTER,
    194,
    "OFFER_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: offer task.",
    page="",
    fields_known=False,
)

START_TASK_EVENT = Message(
    CHAPTER,
    195,
    "START_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: start task.",
    page="",
    fields_known=False,
)

PAUSE_TASK_EVENT = Message(
    CHAPTER,
    196,
    "PAUSE_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: pause task.",
    page="",
    fields_known=False,
)

RESUME_TASK_EVENT = Message(
    CHAPTER,
    197,
    "RESUME_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: resume task.",
    page="",
    fields_known=False,
)

WRAPUP_TASK_EVENT = Message(
    CHAPTER,
    198,
    "WRAPUP_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: wrapup task.",
    page="",
    fields_known=False,
)

END_TASK_EVENT = Message(
    CHAPTER,
    199,
    "END_TASK_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: end task.",
    page="",
    fields_known=False,
)

TASK_DATA_UPDATE_EVENT = Message(
    CHAPTER,
    200,
    "TASK_DATA_UPDATE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells: task data update.",
    page="",
    fields_known=False,
)

TASK_MONITOR_START_REQ = Message(
    CHAPTER,
    201,
    "TASK_MONITOR_START_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks: task monitor start.",
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
    "Asks: task monitor stop.",
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
    "Asks: change task monitor mask.",
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
    "Tells: max task lifetime exceeded.",
    page="",
    fields_known=False,
)

SET_APP_PATH_DATA_IND = Message(
    CHAPTER,
    208,
    "SET_APP_PATH_DATA_IND",
    Side.CLIENT,
    Kind.EVENT,
    "Indicates: set app path data.",
    page="",
    fields_known=False,
)

TASK_INIT_REQ = Message(
    CHAPTER,
    209,
    "TASK_INIT_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks: task init.",
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
    "Answers: task init.",
    page="",
    fields_known=False,
)

GET_AGENT_TASKS_REQ = Message(
    CHAPTER,
    255,
    "GET_AGENT_TASKS_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks: get agent tasks.",
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
    "Answers: agent tasks.",
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
    "Asks: snapshot task.",
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
    "Answers: snapshot task.",
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
    "Tells: agent tasks.",
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
    "Tells: snapshot task.",
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
    "Tells: agent tasks request.",
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
    "Tells: agent tasks end.",
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
    "Indicates: desktop connected.",
    page="",
    since=23,
    fields_known=False,
)
