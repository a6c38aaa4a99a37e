"""Fixed fields that many messages share, and short ways to write the rest.

A reserved slot keeps its name from the sister protocol (GED-188) and says what constant it should carry.
"""

from __future__ import annotations

from ccxdissect.protocol.codes import UCCX, Source
from ccxdissect.protocol.model import Fixed, Mark
from ccxdissect.protocol.types import UINT, USHORT, DataType
from ccxdissect.protocol.uccx.constants.calls import (
    EventCause,
    LineType,
)
from ccxdissect.protocol.uccx.constants.special import (
    NullApplication,
    NullCSQ,
    NullLineHandle,
    NullSkillGroup,
)
from ccxdissect.protocol.uccx.constants.system import PeripheralType


def reserved(name: str, type: DataType, constant: int | None, **more: object) -> Fixed:
    """A slot that always travels and should carry `constant` (None: several values are right)."""
    meaning = "reserved" if constant is None else f"reserved, {constant if constant < 0xFFFF else hex(constant)}"
    return Fixed(name, type, str(more.pop("meaning", meaning)), reserved=True, constant=constant, **more)  # type: ignore[arg-type]


PERIPHERAL_ID = reserved("PeripheralID", UINT, 1)
#: How every call event and agent event begins.
EVENT_HEAD = (
    reserved("MonitorID", UINT, 0),
    PERIPHERAL_ID,
    reserved("PeripheralType", USHORT, 21, codes=PeripheralType),
)
LINE_HANDLE = reserved("LineHandle", USHORT, 0xFFFF, codes=NullLineHandle)
LINE_TYPE = Fixed("lineType", USHORT, "kind of line; named from version 14 on, a reserved 3 before", LineType)
APPLICATION_ID = Fixed("ApplicationID", UINT, "application of the call", NullApplication)
SERVICE_ID = reserved("ServiceID", UINT, 0xFFFFFFFF)
CSQ_ID = Fixed("CSQID", UINT, "contact service queue", NullCSQ, mark=Mark.QUEUE)
SKILL_GROUP_NUMBER = reserved("SkillGroupNumber", UINT, 0xFFFFFFFF, codes=NullSkillGroup)
SKILL_GROUP_ID = reserved("SkillGroupID", UINT, 0xFFFFFFFF)
SKILL_GROUP_PRIORITY = reserved("SkillGroupPriority", USHORT, 0)


def event_cause(source: Source = UCCX) -> Fixed:
    """Why the event came, as nearly every call event ends."""
    return Fixed("EventCause", USHORT, "why the event came", EventCause, mark=Mark.CAUSE, source=source)
