"""The catalogue of floating fields: every FieldDataID known, with its name, type and largest size.

Page: floating-fielddataid-values, visible up to 60 only; the other numbers were read on message pages, and those
marked GED188 in the guide of the sister protocol (they may never occur here). A message may name or size a tag
differently: look a tag up in the message first, in this catalogue second. Tags that are reserved keep the name
that the sister protocol gives them.
"""

from __future__ import annotations

from collections.abc import Mapping

from ccxdissect.protocol.codes import GED188, UCCX, Source
from ccxdissect.protocol.common.tags import (
    ANI as ANI,
)
from ccxdissect.protocol.common.tags import (
    DNIS as DNIS,
)
from ccxdissect.protocol.common.tags import (
    AccountCode as AccountCode,
)
from ccxdissect.protocol.common.tags import (
    ActiveConnectionDeviceID as ActiveConnectionDeviceID,
)
from ccxdissect.protocol.common.tags import (
    AddedPartyDeviceID as AddedPartyDeviceID,
)
from ccxdissect.protocol.common.tags import (
    AgentConfigKey as AgentConfigKey,
)
from ccxdissect.protocol.common.tags import (
    AgentConnectionDeviceID as AgentConnectionDeviceID,
)
from ccxdissect.protocol.common.tags import (
    AgentExtension as AgentExtension,
)
from ccxdissect.protocol.common.tags import (
    AgentInstrument as AgentInstrument,
)
from ccxdissect.protocol.common.tags import (
    AgentPassword as AgentPassword,
)
from ccxdissect.protocol.common.tags import (
    AlertingDeviceID as AlertingDeviceID,
)
from ccxdissect.protocol.common.tags import (
    AnsweringDeviceID as AnsweringDeviceID,
)
from ccxdissect.protocol.common.tags import (
    ApplicationPathID as ApplicationPathID,
)
from ccxdissect.protocol.common.tags import (
    ApplicationString1 as ApplicationString1,
)
from ccxdissect.protocol.common.tags import (
    ApplicationString2 as ApplicationString2,
)
from ccxdissect.protocol.common.tags import (
    AuthorizationCode as AuthorizationCode,
)
from ccxdissect.protocol.common.tags import (
    CallConnectionCallID as CallConnectionCallID,
)
from ccxdissect.protocol.common.tags import (
    CallConnectionDeviceID as CallConnectionDeviceID,
)
from ccxdissect.protocol.common.tags import (
    CallControlTable as CallControlTable,
)
from ccxdissect.protocol.common.tags import (
    CallDeviceConnectionState as CallDeviceConnectionState,
)
from ccxdissect.protocol.common.tags import (
    CallDeviceID as CallDeviceID,
)
from ccxdissect.protocol.common.tags import (
    CallDeviceType as CallDeviceType,
)
from ccxdissect.protocol.common.tags import (
    CalledDeviceID as CalledDeviceID,
)
from ccxdissect.protocol.common.tags import (
    CallerEnteredDigits as CallerEnteredDigits,
)
from ccxdissect.protocol.common.tags import (
    CallingDeviceID as CallingDeviceID,
)
from ccxdissect.protocol.common.tags import (
    CallState as CallState,
)
from ccxdissect.protocol.common.tags import (
    CallVariable1 as CallVariable1,
)
from ccxdissect.protocol.common.tags import (
    CallVariable2 as CallVariable2,
)
from ccxdissect.protocol.common.tags import (
    CallVariable3 as CallVariable3,
)
from ccxdissect.protocol.common.tags import (
    CallVariable4 as CallVariable4,
)
from ccxdissect.protocol.common.tags import (
    CallVariable5 as CallVariable5,
)
from ccxdissect.protocol.common.tags import (
    CallVariable6 as CallVariable6,
)
from ccxdissect.protocol.common.tags import (
    CallVariable7 as CallVariable7,
)
from ccxdissect.protocol.common.tags import (
    CallVariable8 as CallVariable8,
)
from ccxdissect.protocol.common.tags import (
    CallVariable9 as CallVariable9,
)
from ccxdissect.protocol.common.tags import (
    CallVariable10 as CallVariable10,
)
from ccxdissect.protocol.common.tags import (
    CallWrapupData as CallWrapupData,
)
from ccxdissect.protocol.common.tags import (
    ClientID as ClientID,
)
from ccxdissect.protocol.common.tags import (
    ClientPassword as ClientPassword,
)
from ccxdissect.protocol.common.tags import (
    ClientSignature as ClientSignature,
)
from ccxdissect.protocol.common.tags import (
    ConnectedPartyCallID as ConnectedPartyCallID,
)
from ccxdissect.protocol.common.tags import (
    ConnectedPartyDeviceID as ConnectedPartyDeviceID,
)
from ccxdissect.protocol.common.tags import (
    ConnectionDeviceID as ConnectionDeviceID,
)
from ccxdissect.protocol.common.tags import (
    ControllerDeviceID as ControllerDeviceID,
)
from ccxdissect.protocol.common.tags import (
    CTIClientSignature as CTIClientSignature,
)
from ccxdissect.protocol.common.tags import (
    CTIClientTimestamp as CTIClientTimestamp,
)
from ccxdissect.protocol.common.tags import (
    CTIOSCILClientID as CTIOSCILClientID,
)
from ccxdissect.protocol.common.tags import (
    CurrentRoute as CurrentRoute,
)
from ccxdissect.protocol.common.tags import (
    CustomerAccountNumber as CustomerAccountNumber,
)
from ccxdissect.protocol.common.tags import (
    CustomerPhoneNumber as CustomerPhoneNumber,
)
from ccxdissect.protocol.common.tags import (
    DefaultDevicePortAddress as DefaultDevicePortAddress,
)
from ccxdissect.protocol.common.tags import (
    DequeueType as DequeueType,
)
from ccxdissect.protocol.common.tags import (
    Description as Description,
)
from ccxdissect.protocol.common.tags import (
    DeviceConfigKey as DeviceConfigKey,
)
from ccxdissect.protocol.common.tags import (
    DialedNumber as DialedNumber,
)
from ccxdissect.protocol.common.tags import (
    DivertingDeviceID as DivertingDeviceID,
)
from ccxdissect.protocol.common.tags import (
    DTMFString as DTMFString,
)
from ccxdissect.protocol.common.tags import (
    Duration as Duration,
)
from ccxdissect.protocol.common.tags import (
    Enable as Enable,
)
from ccxdissect.protocol.common.tags import (
    EventDeviceID as EventDeviceID,
)
from ccxdissect.protocol.common.tags import (
    Extension as Extension,
)
from ccxdissect.protocol.common.tags import (
    FailingDeviceID as FailingDeviceID,
)
from ccxdissect.protocol.common.tags import (
    FirstName as FirstName,
)
from ccxdissect.protocol.common.tags import (
    FltPeripheralID as FltPeripheralID,
)
from ccxdissect.protocol.common.tags import (
    HeldConnectionDeviceID as HeldConnectionDeviceID,
)
from ccxdissect.protocol.common.tags import (
    HoldingDeviceID as HoldingDeviceID,
)
from ccxdissect.protocol.common.tags import (
    LastName as LastName,
)
from ccxdissect.protocol.common.tags import (
    LastRedirectDeviceID as LastRedirectDeviceID,
)
from ccxdissect.protocol.common.tags import (
    MaxQueued as MaxQueued,
)
from ccxdissect.protocol.common.tags import (
    MonitoredDeviceID as MonitoredDeviceID,
)
from ccxdissect.protocol.common.tags import (
    MultilineAgentControl as MultilineAgentControl,
)
from ccxdissect.protocol.common.tags import (
    NamedArray as NamedArray,
)
from ccxdissect.protocol.common.tags import (
    NamedVariable as NamedVariable,
)
from ccxdissect.protocol.common.tags import (
    NewConnectionDeviceID as NewConnectionDeviceID,
)
from ccxdissect.protocol.common.tags import (
    NumPeripherals as NumPeripherals,
)
from ccxdissect.protocol.common.tags import (
    NumServiceMembers as NumServiceMembers,
)
from ccxdissect.protocol.common.tags import (
    ObjectName as ObjectName,
)
from ccxdissect.protocol.common.tags import (
    OriginatingDeviceID as OriginatingDeviceID,
)
from ccxdissect.protocol.common.tags import (
    OtherConnectionDeviceID as OtherConnectionDeviceID,
)
from ccxdissect.protocol.common.tags import (
    PositionID as PositionID,
)
from ccxdissect.protocol.common.tags import (
    PrimaryDeviceID as PrimaryDeviceID,
)
from ccxdissect.protocol.common.tags import (
    PriorityQueueNumber as PriorityQueueNumber,
)
from ccxdissect.protocol.common.tags import (
    QueueDeviceID as QueueDeviceID,
)
from ccxdissect.protocol.common.tags import (
    QueueID as QueueID,
)
from ccxdissect.protocol.common.tags import (
    RecordType as RecordType,
)
from ccxdissect.protocol.common.tags import (
    ReleasingDeviceID as ReleasingDeviceID,
)
from ccxdissect.protocol.common.tags import (
    RetrievingDeviceID as RetrievingDeviceID,
)
from ccxdissect.protocol.common.tags import (
    RouterCallKeySequenceNumber as RouterCallKeySequenceNumber,
)
from ccxdissect.protocol.common.tags import (
    ScriptSelector as ScriptSelector,
)
from ccxdissect.protocol.common.tags import (
    SecondaryConnectionCallID as SecondaryConnectionCallID,
)
from ccxdissect.protocol.common.tags import (
    SecondaryDeviceID as SecondaryDeviceID,
)
from ccxdissect.protocol.common.tags import (
    SendingPort as SendingPort,
)
from ccxdissect.protocol.common.tags import (
    Service as Service,
)
from ccxdissect.protocol.common.tags import (
    ServiceMember as ServiceMember,
)
from ccxdissect.protocol.common.tags import (
    ServiceMemberID as ServiceMemberID,
)
from ccxdissect.protocol.common.tags import (
    ServiceMemberPriority as ServiceMemberPriority,
)
from ccxdissect.protocol.common.tags import (
    ServiceName as ServiceName,
)
from ccxdissect.protocol.common.tags import (
    ServicePriority as ServicePriority,
)
from ccxdissect.protocol.common.tags import (
    SilentMonitorStatus as SilentMonitorStatus,
)
from ccxdissect.protocol.common.tags import (
    SkillGroup as SkillGroup,
)
from ccxdissect.protocol.common.tags import (
    SupervisorConnectionDeviceID as SupervisorConnectionDeviceID,
)
from ccxdissect.protocol.common.tags import (
    SupervisorID as SupervisorID,
)
from ccxdissect.protocol.common.tags import (
    SupervisorInstrument as SupervisorInstrument,
)
from ccxdissect.protocol.common.tags import (
    Text as Text,
)
from ccxdissect.protocol.common.tags import (
    Timeout as Timeout,
)
from ccxdissect.protocol.common.tags import (
    TransferredDeviceID as TransferredDeviceID,
)
from ccxdissect.protocol.common.tags import (
    TransferringDeviceID as TransferringDeviceID,
)
from ccxdissect.protocol.common.tags import (
    TrunkGroupNumber as TrunkGroupNumber,
)
from ccxdissect.protocol.common.tags import (
    TrunkNumber as TrunkNumber,
)
from ccxdissect.protocol.common.tags import (
    UserToUserInfo as UserToUserInfo,
)
from ccxdissect.protocol.model import Floating, Mark
from ccxdissect.protocol.types import (
    BOOL,
    STRING,
    UCHAR,
    UINT,
    UNSPEC,
    UNSPEC_KEY,
    USHORT,
)
from ccxdissect.protocol.uccx.constants import agents, calls, configuration, session

ShortAgentID = Floating(
    "AgentID",
    5,
    STRING,
    12,
    meaning="the agent's id in its old short form",
    reserved=True,
    mark=Mark.AGENT | Mark.PERSONAL,
    log_names=("agentID",),
)
ConnectedPartyDeviceType = Floating("ConnectedPartyDeviceType", 40, USHORT, 2, codes=calls.DeviceType)
TrunkUsedDeviceID = Floating("TrunkUsedDeviceID", 48, STRING, 64, reserved=True, mark=Mark.PARTY | Mark.PERSONAL)
FacilityCode = Floating("FacilityCode", 51, STRING, 40, reserved=True)
Reserved54 = Floating("Reserved54", 54, UNSPEC, 255, meaning="type not known", reserved=True)
Reserved55 = Floating("Reserved55", 55, UNSPEC, 255, meaning="type not known", reserved=True)
CallConnectionDeviceType = Floating("CallConnectionDeviceType", 57, USHORT, 2, codes=calls.ConnectionDeviceType)
CSQID = Floating("CSQID", 62, UINT, 4, mark=Mark.QUEUE)
SkillGroupID = Floating("SkillGroupID", 63, UINT, 4, reserved=True)
SkillGroupPriority = Floating("SkillGroupPriority", 64, USHORT, 2, reserved=True)
CSQState = Floating("CSQState", 65, USHORT, 2, codes=agents.AgentState)
LineHandleTag = Floating("LineHandle", 70, USHORT, 2, reserved=True)
LineType = Floating("LineType", 71, USHORT, 2, reserved=True)
RouterCallKeyDay = Floating("RouterCallKeyDay", 72, UINT, 4, reserved=True, source=GED188)
RouterCallKeyCallID = Floating("RouterCallKeyCallID", 73, UINT, 4, reserved=True, source=GED188)
Reserved74 = Floating("Reserved74", 74, UNSPEC, 255, meaning="type not known", reserved=True, source=GED188)
OriginatingLineID = Floating("OriginatingLineID", 80, STRING, 64, mark=Mark.PERSONAL, source=GED188)
ClientAddress = Floating("ClientAddress", 81, STRING, 16, mark=Mark.PERSONAL)
ATCAgentID = Floating("ATCAgentID", 86, STRING, 12, mark=Mark.PERSONAL, source=GED188)
AgentFlags = Floating("AgentFlags", 87, USHORT, 2, codes=configuration.AgentFlags)
ATCAgentState = Floating("ATCAgentState", 88, USHORT, 2, source=GED188)
ATCAgentStateDuration = Floating("ATCAgentStateDuration", 89, UINT, 4, source=GED188)
ListTeamID = Floating("ListTeamID", 92, UINT, 4, source=GED188)
NextAgentState = Floating("NextAgentState", 123, USHORT, 2, codes=agents.AgentState, source=GED188)
SendingAddress = Floating("SendingAddress", 125, STRING, 16, mark=Mark.PERSONAL)
CustomerID = Floating("CustomerID", 131, UINT, 4, reserved=True, mark=Mark.PERSONAL)
PreviousApplicationID = Floating("PreviousApplicationID", 132, UINT, 4, source=GED188)
ApplicationName = Floating("ApplicationName", 133, STRING, 64, mark=Mark.PERSONAL)
AgentSkillTargetID = Floating("AgentSkillTargetID", 141, UINT, 4, reserved=True)
ServiceLevelThreshold = Floating("ServiceLevelThreshold", 174, UINT, 4, reserved=True, source=GED188)
ServiceLevelType = Floating("ServiceLevelType", 175, UINT, 4, reserved=True, source=GED188)
ConfigParam = Floating("ConfigParam", 176, STRING, 255, reserved=True)
ApplicationConfigKey = Floating("ApplicationConfigKey", 177, UNSPEC_KEY, 8)
CSQConfigKey = Floating("CSQConfigKey", 178, UNSPEC_KEY, 8)
RecordCSQID = Floating("CSQID", 184, UINT, 4, meaning="queue of the record", mark=Mark.QUEUE)
AutoWork = Floating("AutoWork", 185, BOOL, 4)
AgentType = Floating("AgentType", 189, USHORT, 2, codes=configuration.AgentType)
LoginID = Floating("LoginID", 190, STRING, 129, mark=Mark.AGENT | Mark.PERSONAL)
NumCSQ = Floating("NumCSQ", 191, USHORT, 2)
SkillGroupSkillTargetID = Floating("SkillGroupSkillTargetID", 192, UINT, 4, reserved=True)
DeviceField1 = Floating("DeviceField1", 193, UINT, 4)
AgentID = Floating("AgentID", 194, STRING, 129, mark=Mark.AGENT | Mark.PERSONAL, log_names=("agentIDlong",))
DeviceType = Floating("DeviceType", 195, USHORT, 2, codes=configuration.ConfigDeviceType)
DeviceID = Floating(
    "DeviceID", 199, UNSPEC, 255, meaning="type not known", mark=Mark.PARTY | Mark.PERSONAL, source=GED188
)
TeamName = Floating("TeamName", 204, STRING, 50, mark=Mark.PERSONAL)
MemberType = Floating("MemberType", 205, USHORT, 2, codes=configuration.TeamMemberType)
LoginName = Floating("LoginName", 207, STRING, 32, since=11, reserved=True, mark=Mark.PERSONAL)
CallTypeConfigKey = Floating("CallTypeConfigKey", 209, UNSPEC, 255, meaning="type not known", reserved=True)
CallTypeID = Floating("CallTypeID", 210, UINT, 4, reserved=True)
CustomerDefinitionID = Floating("CustomerDefinitionID", 211, UINT, 4, reserved=True, mark=Mark.PERSONAL)
EnterpriseName = Floating("EnterpriseName", 212, STRING, 32, reserved=True, mark=Mark.PERSONAL)
OldPeripheralNumber = Floating("OldPeripheralNumber", 213, UINT, 4, since=11, reserved=True)
OldLoginID = Floating("OldLoginID", 214, STRING, 64, since=11, reserved=True, mark=Mark.PERSONAL)
ANI_II = Floating("ANI_II", 215, STRING, 2, reserved=True)
MRDomainID = Floating("MRDomainID", 216, UINT, 4, codes=configuration.MRDomainID, since=11)
RequestingDeviceID = Floating("RequestingDeviceID", 219, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL, source=GED188)
RequestingDeviceIDType = Floating("RequestingDeviceIDType", 220, USHORT, 2, source=GED188)
PreCallInvokeID = Floating("PreCallInvokeID", 221, UINT, 4, source=GED188)
EnterpriseQueueTime = Floating("EnterpriseQueueTime", 222, UNSPEC, 255, meaning="type not known", source=GED188)
CallReferenceID = Floating("CallReferenceID", 223, UNSPEC, 32, mark=Mark.PERSONAL, source=GED188)
NetworkControlled = Floating("NetworkControlled", 225, UNSPEC, 255, meaning="type not known", source=GED188)
COCConnectionCallID = Floating("COCConnectionCallID", 229, UINT, 4, source=GED188)
COCCallConnectionDeviceIDType = Floating("COCCallConnectionDeviceIDType", 230, USHORT, 2, source=GED188)
COCCallConnectionDeviceID = Floating(
    "COCCallConnectionDeviceID", 231, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL, source=GED188
)
CallOriginatedFrom = Floating("CallOriginatedFrom", 232, UCHAR, 1, source=GED188)
SetAppDataCallID = Floating("SetAppDataCallID", 233, UNSPEC, 255, meaning="type not known", source=GED188)
ClientShareKey = Floating("ClientShareKey", 234, UNSPEC, 255, meaning="type not known", source=GED188)
AgentTeamName = Floating("AgentTeamName", 243, UNSPEC, 255, meaning="type not known", mark=Mark.PERSONAL, source=GED188)
Direction = Floating("Direction", 244, UINT, 4, source=GED188)
Options = Floating("Options", 245, UNSPEC, 255, meaning="type not known", source=GED188)
MRD_ID = Floating("MRD_ID", 246, UINT, 4, source=GED188)
agentState = Floating("agentState", 247, USHORT, 2, codes=agents.AgentState, source=GED188)
ConfigMsgMaskGranted = Floating("ConfigMsgMaskGranted", 248, USHORT, 2, codes=session.ConfigMsgMask, since=18)
TaskStartTimeout = Floating("TaskStartTimeout", 249, UNSPEC, 255, meaning="type not known", source=GED188)
MaxTaskDuration = Floating("MaxTaskDuration", 250, UNSPEC, 255, meaning="type not known", source=GED188)
Interruptible = Floating("Interruptible", 251, UNSPEC, 255, meaning="type not known", source=GED188)
MaxCallsInQueue = Floating("MaxCallsInQueue", 252, UNSPEC, 255, meaning="type not known", source=GED188)
MaxCallsInQueuePerCallType = Floating(
    "MaxCallsInQueuePerCallType", 253, UNSPEC, 255, meaning="type not known", source=GED188
)
MaxTimeInQueue = Floating("MaxTimeInQueue", 254, UNSPEC, 255, meaning="type not known", source=GED188)
InternalAgentState = Floating("InternalAgentState", 255, USHORT, 2, codes=agents.InternalAgentState, source=GED188)
TerminalType = Floating("TerminalType", 302, USHORT, 2, since=18)
TerminalDeviceName = Floating("TerminalDeviceName", 303, STRING, 64, since=18, mark=Mark.PERSONAL)
TerminalTypeName = Floating("TerminalTypeName", 304, STRING, 100, since=18)
NumInstruments = Floating("NumInstruments", 305, USHORT, 2, since=18)

#: TerminalDeviceName where it is the terminal that an agent chose.
ActiveTerminal = TerminalDeviceName.but(name="ActiveTerminal")

CATALOGUE: Mapping[int, Floating] = {
    tag.tag: tag
    for tag in sorted(
        (row for row in tuple(globals().values()) if isinstance(row, Floating) and row is not ActiveTerminal),
        key=lambda row: row.tag,
    )
}


def call_variables(source: Source = UCCX) -> tuple[Floating, ...]:
    """The ten call variables as rows of a message that may have them."""
    rows = (
        CallVariable1,
        CallVariable2,
        CallVariable3,
        CallVariable4,
        CallVariable5,
        CallVariable6,
        CallVariable7,
        CallVariable8,
        CallVariable9,
        CallVariable10,
    )
    return tuple(row.optional("call variable", source) for row in rows)


def named_data(variables: Source = UCCX, arrays: Source = UCCX) -> tuple[Floating, ...]:
    """Named variables and arrays as rows of a message that may have them."""
    return (NamedVariable.optional("", variables), NamedArray.optional("", arrays))
