"""Fixed fields that many messages share, and short ways to write the rest.

A reserved slot keeps its name from the sister protocol (GED-188) and says what constant it should carry.
"""

from __future__ import annotations

from dataclasses import replace

from ccxdissect.protocol.codes import UCCX, Source
from ccxdissect.protocol.model import Fixed, Mark, Repeat
from ccxdissect.protocol.types import UINT, USHORT, DataType
from ccxdissect.protocol.uccx import tags
from ccxdissect.protocol.uccx.constants.calls import (
    ConnectionDeviceType,
    DeviceType,
    EventCause,
    LineType,
    LocalConnectionState,
)
from ccxdissect.protocol.uccx.constants.special import (
    NullApplication,
    NullCall,
    NullCSQ,
    NullLineHandle,
    NullSkillGroup,
)
from ccxdissect.protocol.uccx.constants.system import PeripheralType


def reserved(name: str, type: DataType, constant: int | None, **more: object) -> Fixed:
    """A slot that always travels and should carry `constant` (None: several values are right)."""
    meaning = "reserved" if constant is None else f"reserved, {constant if constant < 0xFFFF else hex(constant)}"
    return Fixed(name, type, str(more.pop("meaning", meaning)), reserved=True, constant=constant, **more)  # type: ignore[arg-type]


def call_id(name: str, meaning: str, mark: Mark = Mark.CALL, source: Source = UCCX) -> Fixed:
    """The id of a call; all ones mean none."""
    return Fixed(name, UINT, meaning, NullCall, mark=mark, source=source)


def connection_type(name: str, source: Source = UCCX) -> Fixed:
    """What kind of id the field of the same name, less `Type`, carries: ConnectionDeviceType constants."""
    return Fixed(
        name,
        USHORT,
        f"kind of id in {name.removesuffix('Type').removesuffix('ID')}ID",
        ConnectionDeviceType,
        source=source,
    )


def device_type(name: str, source: Source = UCCX, mark: Mark = Mark.NONE) -> Fixed:
    """What kind of device the field of the same name, less `Type`, names: DeviceType constants."""
    return Fixed(name, USHORT, f"kind of {name.removesuffix('Type')}ID", DeviceType, source=source, mark=mark)


def count(name: str, meaning: str, source: Source = UCCX, log_names: tuple[str, ...] = ()) -> Fixed:
    """How many of something follow among the floating fields."""
    return Fixed(name, USHORT, meaning, source=source, log_names=log_names)


INVOKE_ID = Fixed("InvokeID", UINT, "chosen by the client, copied into the reply", mark=Mark.INVOKE_ID)
PERIPHERAL_ID = reserved("PeripheralID", UINT, 1)
#: How every call event and agent event begins.
EVENT_HEAD = (
    reserved("MonitorID", UINT, 0),
    PERIPHERAL_ID,
    reserved("PeripheralType", USHORT, 21, codes=PeripheralType),
)
CONNECTION_DEVICE_TYPE = connection_type("ConnectionDeviceType")
CALL_ID = replace(call_id("CallID", "call id"), log_names=("connectionCallID",))
LINE_HANDLE = reserved("LineHandle", USHORT, 0xFFFF, codes=NullLineHandle)
LINE_TYPE = Fixed("lineType", USHORT, "kind of line; named from version 14 on, a reserved 3 before", LineType)
APPLICATION_ID = Fixed("ApplicationID", UINT, "application of the call", NullApplication)
SERVICE_ID = reserved("ServiceID", UINT, 0xFFFFFFFF)
CSQ_ID = Fixed("CSQID", UINT, "contact service queue", NullCSQ, mark=Mark.QUEUE)
SKILL_GROUP_NUMBER = reserved("SkillGroupNumber", UINT, 0xFFFFFFFF, codes=NullSkillGroup)
SKILL_GROUP_ID = reserved("SkillGroupID", UINT, 0xFFFFFFFF)
SKILL_GROUP_PRIORITY = reserved("SkillGroupPriority", USHORT, 0)


def connection_state(source: Source = UCCX) -> Fixed:
    """The state of the connection, as nearly every call event has it last but one."""
    return Fixed(
        "LocalConnectionState",
        USHORT,
        "state of the connection",
        LocalConnectionState,
        mark=Mark.CALL_STATE,
        source=source,
    )


def event_cause(source: Source = UCCX) -> Fixed:
    """Why the event came, as nearly every call event ends."""
    return Fixed("EventCause", USHORT, "why the event came", EventCause, mark=Mark.CAUSE, source=source)


def named_counts(source: Source = UCCX) -> tuple[Fixed, Fixed]:
    """How many named variables and named array elements follow."""
    return (
        count("NumNamedVariables", "how many NamedVariable fields follow", source, ("numNamedVars",)),
        count("NumNamedArrays", "how many NamedArray fields follow", source),
    )


#: The groups that NumNamedVariables and NumNamedArrays count.
NAMED_REPEATS = (
    Repeat("NumNamedVariables", (tags.NamedVariable.tag,)),
    Repeat("NumNamedArrays", (tags.NamedArray.tag,)),
)
