"""Monitors: watching calls, devices and other clients' sessions."""

from __future__ import annotations

from ccxdissect.protocol.common import constants as common
from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.ged188 import tags
from ccxdissect.protocol.ged188.constants import failures, session
from ccxdissect.protocol.ged188.fields import (
    AGENT_STATE_MASK,
    CALL_MSG_MASK,
    CLIENT_PORT,
    PERIPHERAL_ID,
    THE_MONITOR,
)
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Side, Trait
from ccxdissect.protocol.types import UINT, USHORT

#: The messages of this file.
CHAPTER = Chapter(MessageClass.MONITOR)

MONITOR_START_REQ = Message(
    CHAPTER,
    93,
    "MONITOR_START_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to hear of a call or a device.",
    page="Peripheral Monitor Service",
    replies=("MONITOR_START_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        PERIPHERAL_ID,
        shared.CONNECTION_CALL_ID,
        CALL_MSG_MASK,
        AGENT_STATE_MASK,
        shared.CONNECTION_DEVICE_ID_TYPE,
        Fixed("MonitoredDeviceType", USHORT, "kind of MonitoredDeviceID", common.DeviceType),
    ),
    floating=(
        tags.ConnectionDeviceID.required("device of the connection"),
        tags.MonitoredDeviceID.required("monitored device"),
    ),
)

MONITOR_START_CONF = Message(
    CHAPTER,
    94,
    "MONITOR_START_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the monitor and names it.",
    page="Peripheral Monitor Service",
    fixed=(
        shared.INVOKE_ID,
        THE_MONITOR,
    ),
)

MONITOR_STOP_REQ = Message(
    CHAPTER,
    95,
    "MONITOR_STOP_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to hear of it no longer.",
    page="Peripheral Monitor Service",
    replies=("MONITOR_STOP_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        THE_MONITOR,
    ),
)

MONITOR_STOP_CONF = Message(
    CHAPTER,
    96,
    "MONITOR_STOP_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the end of the monitor.",
    page="Peripheral Monitor Service",
    fixed=(shared.INVOKE_ID,),
)

CHANGE_MONITOR_MASK_REQ = Message(
    CHAPTER,
    97,
    "CHANGE_MONITOR_MASK_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Changes which events a client hears of.",
    page="Peripheral Monitor Service",
    replies=("CHANGE_MONITOR_MASK_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        THE_MONITOR,
        CALL_MSG_MASK,
        AGENT_STATE_MASK,
    ),
)

CHANGE_MONITOR_MASK_CONF = Message(
    CHAPTER,
    98,
    "CHANGE_MONITOR_MASK_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the change.",
    page="Peripheral Monitor Service",
    fixed=(shared.INVOKE_ID,),
)

CLIENT_SESSION_OPENED_EVENT = Message(
    CHAPTER,
    99,
    "CLIENT_SESSION_OPENED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Another client opened a session.",
    page="Client Monitor Service",
    note="ClientAddress grew from 16 to 64 bytes in version 19, when the fields for IPv6 were withdrawn.",
    fixed=(
        shared.SESSION_ID,
        PERIPHERAL_ID,
        Fixed("ServicesGranted", UINT, "mask of services", session.CTIServiceMask, mark=Mark.SERVICES),
        CALL_MSG_MASK,
        AGENT_STATE_MASK,
        CLIENT_PORT,
    ),
    floating=(
        tags.ClientAddress.row("IP address of the client"),
        tags.ClientAddressIPV6.row("IPv6 address"),
        tags.ClientID.row("user id of the client"),
        tags.ClientSignature.row("text naming the client"),
        tags.AgentExtension.optional("agent's extension"),
        tags.AgentID.optional("agent's login"),
        tags.AgentInstrument.optional("agent's phone"),
    ),
)

CLIENT_SESSION_CLOSED_EVENT = Message(
    CHAPTER,
    100,
    "CLIENT_SESSION_CLOSED_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Another client's session ended.",
    page="Client Monitor Service",
    note="ClientAddress grew from 16 to 64 bytes in version 19, when the fields for IPv6 were withdrawn.",
    fixed=(
        shared.SESSION_ID,
        PERIPHERAL_ID,
        Fixed("Status", UINT, "status code", failures.StatusCode, mark=Mark.STATUS),
        CLIENT_PORT,
    ),
    floating=(
        tags.ClientAddress.row("IP address of the client"),
        tags.ClientAddressIPV6.row("IPv6 address"),
        tags.ClientID.row("user id of the client"),
        tags.ClientSignature.row("text naming the client"),
        tags.AgentExtension.optional("agent's extension"),
        tags.AgentID.optional("agent's login"),
        tags.AgentInstrument.optional("agent's phone"),
    ),
)

SESSION_MONITOR_START_REQ = Message(
    CHAPTER,
    101,
    "SESSION_MONITOR_START_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to hear of another client's session.",
    page="Client Monitor Service",
    replies=("SESSION_MONITOR_START_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        shared.SESSION_ID.but("session to hear of", mark=Mark.WATCHED),
    ),
)

SESSION_MONITOR_START_CONF = Message(
    CHAPTER,
    102,
    "SESSION_MONITOR_START_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the monitor of a session and names it.",
    page="Client Monitor Service",
    fixed=(
        shared.INVOKE_ID,
        THE_MONITOR,
    ),
)

SESSION_MONITOR_STOP_REQ = Message(
    CHAPTER,
    103,
    "SESSION_MONITOR_STOP_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks to hear of that session no longer.",
    page="Client Monitor Service",
    replies=("SESSION_MONITOR_STOP_CONF",),
    traits=Trait.ASKS,
    fixed=(
        shared.INVOKE_ID,
        THE_MONITOR,
    ),
)

SESSION_MONITOR_STOP_CONF = Message(
    CHAPTER,
    104,
    "SESSION_MONITOR_STOP_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the end of the monitor of a session.",
    page="Client Monitor Service",
    fixed=(shared.INVOKE_ID,),
)
