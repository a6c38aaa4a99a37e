"""Null ids, and the limits that the guide sets."""

from __future__ import annotations

from ccxdissect.protocol.codes import Code
from ccxdissect.protocol.common.constants import NullCall as NullCall
from ccxdissect.protocol.common.constants import NullCallType as NullCallType
from ccxdissect.protocol.common.constants import NullLineHandle as NullLineHandle
from ccxdissect.protocol.common.constants import NullPeripheral as NullPeripheral
from ccxdissect.protocol.common.constants import NullService as NullService
from ccxdissect.protocol.common.constants import NullSkillGroup as NullSkillGroup


class Limit(Code):
    """How many of something a message may have; several limits share a number."""

    MAX_NUM_LINES = 10, "most lines of a device"
    MAX_NUM_CTI_CLIENTS = 16, "most clients on a call"
    MAX_NUM_PARTIES = 16, "most parties of a call"
    MAX_NUM_DEVICES = 16, "most devices of a call"
    MAX_NUM_CALLS = 16, "most calls of a device"
    MAX_NUM_SKILL_GROUPS = 20, "most skill groups of a call or agent"
    MAX_NUM_FLT_SKILL_GROUPS = 99, "most skill groups in an agent state event"
