"""Null ids, and the limits that the guide sets. Page: special-values; the GED188 ones are the sister protocol's."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, UCCX, Code, Sense
from ccxdissect.protocol.common.constants import NullCall as NullCall
from ccxdissect.protocol.common.constants import NullCallType as NullCallType
from ccxdissect.protocol.common.constants import NullLineHandle as NullLineHandle
from ccxdissect.protocol.common.constants import NullPeripheral as NullPeripheral
from ccxdissect.protocol.common.constants import NullService as NullService
from ccxdissect.protocol.common.constants import NullSkillGroup as NullSkillGroup


class NullApplication(Code):
    """The application id that means: no application."""

    NULL_APPLICATION = 0xFFFFFFFF, "no application", UCCX, Sense.NOTHING


class NullCSQ(Code):
    """The queue id that means: no contact service queue."""

    NULL_CSQ = 0xFFFFFFFF, "no contact service queue", UCCX, Sense.NOTHING


class Limit(Code):
    """How many of something a message may have; several limits share a number."""

    MAX_NUM_DEVICES = 16, "most call devices in a list"
    MAX_CSQ_COUNT = 99, "most queues in an agent state event"
    MAX_AGENTS = 64, "most members in a team configuration event"
    MAX_NUM_CTI_CLIENTS = 16, "most clients on a call", GED188
    MAX_NUM_PARTIES = 16, "most parties of a call", GED188
    MAX_NUM_CALLS = 16, "most calls of a device", GED188
    MAX_NUM_SKILL_GROUPS = 20, "most skill groups (queues) of a call or agent", GED188
    MAX_NUM_LINES = 10, "most lines of a device", GED188
