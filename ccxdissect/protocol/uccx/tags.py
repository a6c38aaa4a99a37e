"""The catalogue of floating fields: every FieldDataID known, with its name, type and largest size.

Page: floating-fielddataid-values, visible up to 60 only; the other numbers were read on message pages, and those
marked GED188 in the guide of the sister protocol (they may never occur here). A message may name or size a tag
differently: look a tag up in the message first, in this catalogue second. Tags that are reserved keep the name
that the sister protocol gives them.
"""

from __future__ import annotations

from collections.abc import Mapping

from ccxdissect.protocol.codes import GED188, UCCX, Source
from ccxdissect.protocol.model import Floating, Mark
from ccxdissect.protocol.types import (
    BOOL,
    INT,
    NAMEDARRAY,
    NAMEDVAR,
    STRING,
    TIME,
    UCHAR,
    UINT,
    UNSPEC,
    UNSPEC_KEY,
    UNSPEC_TEXT,
    USHORT,
)
from ccxdissect.protocol.uccx.constants import agents, calls, configuration, session

ClientID = Floating("ClientID", 1, STRING, 64, mark=Mark.CLIENT_NAME | Mark.PERSONAL)
ClientPassword = Floating("ClientPassword", 2, UNSPEC_TEXT, 64, mark=Mark.SECRET, log_names=("clientPass",))
ClientSignature = Floating("ClientSignature", 3, STRING, 64, mark=Mark.PERSONAL)
AgentExtension = Floating("AgentExtension", 4, STRING, 16, mark=Mark.EXTENSION | Mark.PERSONAL, log_names=("agentExt",))
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
AgentInstrument = Floating("AgentInstrument", 6, STRING, 64, mark=Mark.INSTRUMENT | Mark.PERSONAL)
Text = Floating("Text", 7, STRING, 255, mark=Mark.FAILURE_TEXT | Mark.PERSONAL)
ANI = Floating("ANI", 8, STRING, 40, mark=Mark.CALLING | Mark.PERSONAL, log_names=("ani1",))
UserToUserInfo = Floating("UserToUserInfo", 9, UNSPEC, 131, mark=Mark.PERSONAL)
DNIS = Floating("DNIS", 10, STRING, 32, mark=Mark.CALLED | Mark.SERVICE_NUMBER | Mark.PERSONAL)
DialedNumber = Floating("DialedNumber", 11, STRING, 40, mark=Mark.CALLED | Mark.DIALED | Mark.PERSONAL)
CallerEnteredDigits = Floating("CallerEnteredDigits", 12, STRING, 40, mark=Mark.PERSONAL)
CallVariable1 = Floating("CallVariable1", 13, STRING, 40, mark=Mark.PERSONAL, log_names=("callVar1",))
CallVariable2 = Floating("CallVariable2", 14, STRING, 40, mark=Mark.PERSONAL, log_names=("callVar2",))
CallVariable3 = Floating("CallVariable3", 15, STRING, 40, mark=Mark.PERSONAL, log_names=("callVar3",))
CallVariable4 = Floating("CallVariable4", 16, STRING, 40, mark=Mark.PERSONAL, log_names=("callVar4",))
CallVariable5 = Floating("CallVariable5", 17, STRING, 40, mark=Mark.PERSONAL, log_names=("callVar5",))
CallVariable6 = Floating("CallVariable6", 18, STRING, 40, mark=Mark.PERSONAL, log_names=("callVar6",))
CallVariable7 = Floating("CallVariable7", 19, STRING, 40, mark=Mark.PERSONAL, log_names=("callVar7",))
CallVariable8 = Floating("CallVariable8", 20, STRING, 40, mark=Mark.PERSONAL, log_names=("callVar8",))
CallVariable9 = Floating("CallVariable9", 21, STRING, 40, mark=Mark.PERSONAL, log_names=("callVar9",))
CallVariable10 = Floating("CallVariable10", 22, STRING, 40, mark=Mark.PERSONAL, log_names=("callVar10",))
CTIClientSignature = Floating("CTIClientSignature", 23, STRING, 64, mark=Mark.PERSONAL)
CTIClientTimestamp = Floating("CTIClientTimestamp", 24, TIME, 4, meaning="when the client before it joined")
ConnectionDeviceID = Floating("ConnectionDeviceID", 25, STRING, 64, mark=Mark.CONNECTION_DEVICE | Mark.PERSONAL)
AlertingDeviceID = Floating("AlertingDeviceID", 26, STRING, 64, mark=Mark.ACTING | Mark.PERSONAL)
CallingDeviceID = Floating("CallingDeviceID", 27, STRING, 64, mark=Mark.CALLING | Mark.PERSONAL)
CalledDeviceID = Floating("CalledDeviceID", 28, STRING, 64, mark=Mark.CALLED | Mark.PERSONAL)
LastRedirectDeviceID = Floating(
    "LastRedirectDeviceID", 29, STRING, 64, mark=Mark.PARTY | Mark.REDIRECTED | Mark.PERSONAL
)
AnsweringDeviceID = Floating("AnsweringDeviceID", 30, STRING, 64, mark=Mark.ACTING | Mark.PERSONAL)
HoldingDeviceID = Floating("HoldingDeviceID", 31, STRING, 64, mark=Mark.ACTING | Mark.PERSONAL)
RetrievingDeviceID = Floating("RetrievingDeviceID", 32, STRING, 64, mark=Mark.ACTING | Mark.PERSONAL)
ReleasingDeviceID = Floating("ReleasingDeviceID", 33, STRING, 64, mark=Mark.ACTING | Mark.PERSONAL)
FailingDeviceID = Floating("FailingDeviceID", 34, STRING, 64, mark=Mark.ACTING | Mark.PERSONAL)
PrimaryDeviceID = Floating("PrimaryDeviceID", 35, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
SecondaryDeviceID = Floating("SecondaryDeviceID", 36, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
ControllerDeviceID = Floating("ControllerDeviceID", 37, STRING, 64, mark=Mark.ACTING | Mark.PERSONAL)
AddedPartyDeviceID = Floating("AddedPartyDeviceID", 38, STRING, 64, mark=Mark.PARTY | Mark.JOINING | Mark.PERSONAL)
ConnectedPartyCallID = Floating("ConnectedPartyCallID", 39, UINT, 4, mark=Mark.NEW_CALL)
ConnectedPartyDeviceType = Floating("ConnectedPartyDeviceType", 40, USHORT, 2, codes=calls.DeviceType)
ConnectedPartyDeviceID = Floating(
    "ConnectedPartyDeviceID", 41, STRING, 64, mark=Mark.PARTY | Mark.CONNECTED_PARTY | Mark.PERSONAL
)
TransferringDeviceID = Floating("TransferringDeviceID", 42, STRING, 64, mark=Mark.ACTING | Mark.PERSONAL)
TransferredDeviceID = Floating("TransferredDeviceID", 43, STRING, 64, mark=Mark.PARTY | Mark.JOINING | Mark.PERSONAL)
DivertingDeviceID = Floating("DivertingDeviceID", 44, STRING, 64, mark=Mark.ACTING | Mark.PERSONAL)
QueueDeviceID = Floating("QueueDeviceID", 45, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
CallWrapupData = Floating("CallWrapupData", 46, STRING, 40, mark=Mark.PERSONAL, log_names=("wrapupData",))
NewConnectionDeviceID = Floating("NewConnectionDeviceID", 47, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
TrunkUsedDeviceID = Floating("TrunkUsedDeviceID", 48, STRING, 64, reserved=True, mark=Mark.PARTY | Mark.PERSONAL)
AgentPassword = Floating("AgentPassword", 49, STRING, 64, mark=Mark.SECRET)
ActiveConnectionDeviceID = Floating("ActiveConnectionDeviceID", 50, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
FacilityCode = Floating("FacilityCode", 51, STRING, 40, reserved=True)
OtherConnectionDeviceID = Floating("OtherConnectionDeviceID", 52, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
HeldConnectionDeviceID = Floating("HeldConnectionDeviceID", 53, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
Reserved54 = Floating("Reserved54", 54, UNSPEC, 255, meaning="type not known", reserved=True)
Reserved55 = Floating("Reserved55", 55, UNSPEC, 255, meaning="type not known", reserved=True)
CallConnectionCallID = Floating("CallConnectionCallID", 56, UINT, 4)
CallConnectionDeviceType = Floating("CallConnectionDeviceType", 57, USHORT, 2, codes=calls.ConnectionDeviceType)
CallConnectionDeviceID = Floating("CallConnectionDeviceID", 58, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
CallDeviceType = Floating("CallDeviceType", 59, USHORT, 2, codes=calls.DeviceType)
CallDeviceID = Floating("CallDeviceID", 60, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
CallDeviceConnectionState = Floating(
    "CallDeviceConnectionState", 61, USHORT, 2, codes=calls.LocalConnectionState, source=GED188
)
CSQID = Floating("CSQID", 62, UINT, 4, mark=Mark.QUEUE)
SkillGroupID = Floating("SkillGroupID", 63, UINT, 4, reserved=True)
SkillGroupPriority = Floating("SkillGroupPriority", 64, USHORT, 2, reserved=True)
CSQState = Floating("CSQState", 65, USHORT, 2, codes=agents.AgentState)
ObjectName = Floating("ObjectName", 66, STRING, 128, mark=Mark.PERSONAL, source=GED188)
DTMFString = Floating("DTMFString", 67, STRING, 32, mark=Mark.PERSONAL)
PositionID = Floating("PositionID", 68, STRING, 12, mark=Mark.PERSONAL, source=GED188)
SupervisorID = Floating("SupervisorID", 69, STRING, 12, mark=Mark.PERSONAL, source=GED188)
LineHandleTag = Floating("LineHandle", 70, USHORT, 2, reserved=True)
LineType = Floating("LineType", 71, USHORT, 2, reserved=True)
RouterCallKeyDay = Floating("RouterCallKeyDay", 72, UINT, 4, reserved=True, source=GED188)
RouterCallKeyCallID = Floating("RouterCallKeyCallID", 73, UINT, 4, reserved=True, source=GED188)
Reserved74 = Floating("Reserved74", 74, UNSPEC, 255, meaning="type not known", reserved=True, source=GED188)
CallState = Floating("CallState", 75, USHORT, 2, codes=calls.LocalConnectionState, source=GED188)
MonitoredDeviceID = Floating("MonitoredDeviceID", 76, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL, source=GED188)
AuthorizationCode = Floating("AuthorizationCode", 77, STRING, 40, mark=Mark.PERSONAL, source=GED188)
AccountCode = Floating("AccountCode", 78, STRING, 40, mark=Mark.PERSONAL, source=GED188)
OriginatingDeviceID = Floating("OriginatingDeviceID", 79, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL, source=GED188)
OriginatingLineID = Floating("OriginatingLineID", 80, STRING, 64, mark=Mark.PERSONAL, source=GED188)
ClientAddress = Floating("ClientAddress", 81, STRING, 16, mark=Mark.PERSONAL)
NamedVariable = Floating("NamedVariable", 82, NAMEDVAR, 251, meaning="named call variable", mark=Mark.PERSONAL)
NamedArray = Floating("NamedArray", 83, NAMEDARRAY, 252, meaning="element of a named call array", mark=Mark.PERSONAL)
CallControlTable = Floating("CallControlTable", 84, STRING, 4, source=GED188)
SupervisorInstrument = Floating("SupervisorInstrument", 85, STRING, 64, mark=Mark.PERSONAL, source=GED188)
ATCAgentID = Floating("ATCAgentID", 86, STRING, 12, mark=Mark.PERSONAL, source=GED188)
AgentFlags = Floating("AgentFlags", 87, USHORT, 2, codes=configuration.AgentFlags)
ATCAgentState = Floating("ATCAgentState", 88, USHORT, 2, source=GED188)
ATCAgentStateDuration = Floating("ATCAgentStateDuration", 89, UINT, 4, source=GED188)
AgentConnectionDeviceID = Floating("AgentConnectionDeviceID", 90, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
SupervisorConnectionDeviceID = Floating("SupervisorConnectionDeviceID", 91, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
ListTeamID = Floating("ListTeamID", 92, UINT, 4, source=GED188)
DefaultDevicePortAddress = Floating("DefaultDevicePortAddress", 93, STRING, 32, mark=Mark.PERSONAL, source=GED188)
ServiceName = Floating("ServiceName", 94, STRING, 64, mark=Mark.PERSONAL, source=GED188)
CustomerPhoneNumber = Floating("CustomerPhoneNumber", 95, STRING, 20, mark=Mark.PERSONAL, source=GED188)
CustomerAccountNumber = Floating("CustomerAccountNumber", 96, STRING, 32, mark=Mark.PERSONAL, source=GED188)
ApplicationPathID = Floating("ApplicationPathID", 97, INT, 4, source=GED188, log_names=("appPathID",))
ScriptSelector = Floating("ScriptSelector", 99, UNSPEC, 255, meaning="type not known", source=GED188)
ApplicationString1 = Floating(
    "ApplicationString1", 100, UNSPEC, 255, meaning="type not known", mark=Mark.PERSONAL, source=GED188
)
ApplicationString2 = Floating(
    "ApplicationString2", 101, UNSPEC, 255, meaning="type not known", mark=Mark.PERSONAL, source=GED188
)
RouterCallKeySequenceNumber = Floating("RouterCallKeySequenceNumber", 110, UINT, 4, source=GED188)
TrunkNumber = Floating("TrunkNumber", 121, UINT, 4, source=GED188)
TrunkGroupNumber = Floating("TrunkGroupNumber", 122, UINT, 4, source=GED188)
NextAgentState = Floating("NextAgentState", 123, USHORT, 2, codes=agents.AgentState, source=GED188)
DequeueType = Floating("DequeueType", 124, UNSPEC, 255, meaning="type not known", source=GED188)
SendingAddress = Floating("SendingAddress", 125, STRING, 16, mark=Mark.PERSONAL)
SendingPort = Floating("SendingPort", 126, UINT, 4)
MaxQueued = Floating("MaxQueued", 129, UINT, 4)
QueueID = Floating("QueueID", 130, UNSPEC, 255, meaning="type not known", source=GED188)
CustomerID = Floating("CustomerID", 131, UINT, 4, reserved=True, mark=Mark.PERSONAL)
PreviousApplicationID = Floating("PreviousApplicationID", 132, UINT, 4, source=GED188)
ApplicationName = Floating("ApplicationName", 133, STRING, 64, mark=Mark.PERSONAL)
Description = Floating("Description", 134, STRING, 128, mark=Mark.PERSONAL)
ServiceMemberID = Floating("ServiceMemberID", 135, UNSPEC, 255, meaning="type not known", source=GED188)
ServiceMemberPriority = Floating("ServiceMemberPriority", 136, UNSPEC, 255, meaning="type not known", source=GED188)
FirstName = Floating("FirstName", 137, STRING, 32, mark=Mark.PERSONAL)
LastName = Floating("LastName", 138, STRING, 32, mark=Mark.PERSONAL)
SkillGroup = Floating("SkillGroup", 139, UNSPEC, 255, meaning="type not known", source=GED188)
AgentSkillTargetID = Floating("AgentSkillTargetID", 141, UINT, 4, reserved=True)
Service = Floating("Service", 142, UNSPEC, 255, meaning="type not known", source=GED188)
Duration = Floating("Duration", 150, UINT, 4, source=GED188, unit="s")
Extension = Floating("Extension", 173, STRING, 16, mark=Mark.EXTENSION | Mark.PERSONAL)
ServiceLevelThreshold = Floating("ServiceLevelThreshold", 174, UINT, 4, reserved=True, source=GED188)
ServiceLevelType = Floating("ServiceLevelType", 175, UINT, 4, reserved=True, source=GED188)
ConfigParam = Floating("ConfigParam", 176, STRING, 255, reserved=True)
ApplicationConfigKey = Floating("ApplicationConfigKey", 177, UNSPEC_KEY, 8)
CSQConfigKey = Floating("CSQConfigKey", 178, UNSPEC_KEY, 8)
AgentConfigKey = Floating("AgentConfigKey", 179, UNSPEC_KEY, 8)
DeviceConfigKey = Floating("DeviceConfigKey", 180, UNSPEC_KEY, 8)
RecordType = Floating("RecordType", 183, USHORT, 2, codes=configuration.RecordType)
RecordCSQID = Floating("CSQID", 184, UINT, 4, meaning="queue of the record", mark=Mark.QUEUE)
AutoWork = Floating("AutoWork", 185, BOOL, 4)
NumServiceMembers = Floating("NumServiceMembers", 186, USHORT, 2, source=GED188)
ServiceMember = Floating("ServiceMember", 187, UINT, 4, source=GED188)
ServicePriority = Floating("ServicePriority", 188, USHORT, 2, source=GED188)
AgentType = Floating("AgentType", 189, USHORT, 2, codes=configuration.AgentType)
LoginID = Floating("LoginID", 190, STRING, 129, mark=Mark.AGENT | Mark.PERSONAL)
NumCSQ = Floating("NumCSQ", 191, USHORT, 2)
SkillGroupSkillTargetID = Floating("SkillGroupSkillTargetID", 192, UINT, 4, reserved=True)
DeviceField1 = Floating("DeviceField1", 193, UINT, 4)
AgentID = Floating("AgentID", 194, STRING, 129, mark=Mark.AGENT | Mark.PERSONAL, log_names=("agentIDlong",))
DeviceType = Floating("DeviceType", 195, USHORT, 2, codes=configuration.ConfigDeviceType)
Enable = Floating("Enable", 198, UNSPEC, 255, meaning="type not known", source=GED188)
DeviceID = Floating(
    "DeviceID", 199, UNSPEC, 255, meaning="type not known", mark=Mark.PARTY | Mark.PERSONAL, source=GED188
)
Timeout = Floating("Timeout", 200, UNSPEC, 255, meaning="type not known", source=GED188)
CurrentRoute = Floating("CurrentRoute", 201, UNSPEC, 255, meaning="type not known", source=GED188)
SecondaryConnectionCallID = Floating("SecondaryConnectionCallID", 202, UINT, 4, mark=Mark.OTHER_CALL, source=GED188)
PriorityQueueNumber = Floating("PriorityQueueNumber", 203, UNSPEC, 255, meaning="type not known", source=GED188)
TeamName = Floating("TeamName", 204, STRING, 50, mark=Mark.PERSONAL)
MemberType = Floating("MemberType", 205, USHORT, 2, codes=configuration.TeamMemberType)
EventDeviceID = Floating("EventDeviceID", 206, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
LoginName = Floating("LoginName", 207, STRING, 32, since=11, reserved=True, mark=Mark.PERSONAL)
FltPeripheralID = Floating("FltPeripheralID", 208, UINT, 4, since=11)
CallTypeConfigKey = Floating("CallTypeConfigKey", 209, UNSPEC, 255, meaning="type not known", reserved=True)
CallTypeID = Floating("CallTypeID", 210, UINT, 4, reserved=True)
CustomerDefinitionID = Floating("CustomerDefinitionID", 211, UINT, 4, reserved=True, mark=Mark.PERSONAL)
EnterpriseName = Floating("EnterpriseName", 212, STRING, 32, reserved=True, mark=Mark.PERSONAL)
OldPeripheralNumber = Floating("OldPeripheralNumber", 213, UINT, 4, since=11, reserved=True)
OldLoginID = Floating("OldLoginID", 214, STRING, 64, since=11, reserved=True, mark=Mark.PERSONAL)
ANI_II = Floating("ANI_II", 215, STRING, 2, reserved=True)
MRDomainID = Floating("MRDomainID", 216, UINT, 4, codes=configuration.MRDomainID, since=11)
CTIOSCILClientID = Floating("CTIOSCILClientID", 217, STRING, 64, mark=Mark.PERSONAL, source=GED188)
SilentMonitorStatus = Floating("SilentMonitorStatus", 218, USHORT, 2, source=GED188)
RequestingDeviceID = Floating("RequestingDeviceID", 219, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL, source=GED188)
RequestingDeviceIDType = Floating("RequestingDeviceIDType", 220, USHORT, 2, source=GED188)
PreCallInvokeID = Floating("PreCallInvokeID", 221, UINT, 4, source=GED188)
EnterpriseQueueTime = Floating("EnterpriseQueueTime", 222, UNSPEC, 255, meaning="type not known", source=GED188)
CallReferenceID = Floating("CallReferenceID", 223, UNSPEC, 32, mark=Mark.PERSONAL, source=GED188)
MultilineAgentControl = Floating("MultilineAgentControl", 224, USHORT, 2, since=14)
NetworkControlled = Floating("NetworkControlled", 225, UNSPEC, 255, meaning="type not known", source=GED188)
NumPeripherals = Floating("NumPeripherals", 228, USHORT, 2, since=14)
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
    tag.tag: tag for tag in tuple(globals().values()) if isinstance(tag, Floating) and tag is not ActiveTerminal
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
