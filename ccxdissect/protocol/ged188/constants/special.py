"""Null ids, and the limits that the guide sets."""

from __future__ import annotations

from ccxdissect.protocol.codes import GUIDE, Code, Sense
from ccxdissect.protocol.common.constants import NullCall as NullCall
from ccxdissect.protocol.common.constants import NullLineHandle as NullLineHandle


class NullPeripheral(Code):
    """The peripheral id that means: no peripheral."""

    NULL_PERIPHERAL_ID = 0xFFFFFFFF, "no peripheral", GUIDE, Sense.NOTHING


class NullService(Code):
    """The service id that means: no service."""

    NULL_SERVICE = 0xFFFFFFFF, "no service", GUIDE, Sense.NOTHING


class NullSkillGroup(Code):
    """The skill group that means: no skill group."""

    NULL_SKILL_GROUP = 0xFFFFFFFF, "no skill group", GUIDE, Sense.NOTHING


class NullCallType(Code):
    """The call type that means: no call type."""

    NULL_CALLTYPE = 0xFFFF, "no call type", GUIDE, Sense.NOTHING


class Limit(Code):
    """How many of something a message may have; several limits share a number."""

    MAX_NUM_LINES = 10, "most lines of a device"
    MAX_NUM_CTI_CLIENTS = 16, "most clients on a call"
    MAX_NUM_PARTIES = 16, "most parties of a call"
    MAX_NUM_DEVICES = 16, "most devices of a call"
    MAX_NUM_CALLS = 16, "most calls of a device"
    MAX_NUM_SKILL_GROUPS = 20, "most skill groups of a call or agent"
    MAX_NUM_FLT_SKILL_GROUPS = 99, "most skill groups in an agent state event"
