"""The catalogue of floating fields: every FieldDataID known, with its name, type and largest size.

Page: floating-fielddataid-values, visible up to 60 only; the other numbers were read on message pages, and those
marked GED188 in the guide of the sister protocol (they may never occur here). A message may name or size a tag
differently: look a tag up in the message first, in this catalogue second. Tags that are reserved keep the name
that the sister protocol gives them.
"""

from __future__ import annotations

from collections.abc import Mapping

from ccxdissect.protocol.codes import GED188, UCCX, Source
from ccxdissect.protocol.common import tags as common_tags
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

# What both dialects have.
ANI = common_tags.ANI
DNIS = common_tags.DNIS
AccountCode = common_tags.AccountCode
ActiveConnectionDeviceID = common_tags.ActiveConnectionDeviceID
AddedPartyDeviceID = common_tags.AddedPartyDeviceID
AgentConfigKey = common_tags.AgentConfigKey
AgentConnectionDeviceID = common_tags.AgentConnectionDeviceID
AgentExtension = common_tags.AgentExtension
AgentInstrument = common_tags.AgentInstrument
AgentPassword = common_tags.AgentPassword
AlertingDeviceID = common_tags.AlertingDeviceID
AnsweringDeviceID = common_tags.AnsweringDeviceID
ApplicationPathID = common_tags.ApplicationPathID
ApplicationString1 = common_tags.ApplicationString1
ApplicationString2 = common_tags.ApplicationString2
AuthorizationCode = common_tags.AuthorizationCode
CallConnectionCallID = common_tags.CallConnectionCallID
CallConnectionDeviceID = common_tags.CallConnectionDeviceID
CallControlTable = common_tags.CallControlTable
CallDeviceConnectionState = common_tags.CallDeviceConnectionState
CallDeviceID = common_tags.CallDeviceID
CallDeviceType = common_tags.CallDeviceType
CalledDeviceID = common_tags.CalledDeviceID
CallerEnteredDigits = common_tags.CallerEnteredDigits
CallingDeviceID = common_tags.CallingDeviceID
CallState = common_tags.CallState
CallVariable1 = common_tags.CallVariable1
CallVariable2 = common_tags.CallVariable2
CallVariable3 = common_tags.CallVariable3
CallVariable4 = common_tags.CallVariable4
CallVariable5 = common_tags.CallVariable5
CallVariable6 = common_tags.CallVariable6
CallVariable7 = common_tags.CallVariable7
CallVariable8 = common_tags.CallVariable8
CallVariable9 = common_tags.CallVariable9
CallVariable10 = common_tags.CallVariable10
CallWrapupData = common_tags.CallWrapupData
ClientID = common_tags.ClientID
ClientPassword = common_tags.ClientPassword
ClientSignature = common_tags.ClientSignature
ConnectedPartyCallID = common_tags.ConnectedPartyCallID
ConnectedPartyDeviceID = common_tags.ConnectedPartyDeviceID
ConnectionDeviceID = common_tags.ConnectionDeviceID
ControllerDeviceID = common_tags.ControllerDeviceID
CTIClientSignature = common_tags.CTIClientSignature
CTIClientTimestamp = common_tags.CTIClientTimestamp
CTIOSCILClientID = common_tags.CTIOSCILClientID
CurrentRoute = common_tags.CurrentRoute
CustomerAccountNumber = common_tags.CustomerAccountNumber
CustomerPhoneNumber = common_tags.CustomerPhoneNumber
DefaultDevicePortAddress = common_tags.DefaultDevicePortAddress
DequeueType = common_tags.DequeueType
Description = common_tags.Description
DeviceConfigKey = common_tags.DeviceConfigKey
DialedNumber = common_tags.DialedNumber
DivertingDeviceID = common_tags.DivertingDeviceID
DTMFString = common_tags.DTMFString
Duration = common_tags.Duration
Enable = common_tags.Enable
EventDeviceID = common_tags.EventDeviceID
Extension = common_tags.Extension
FailingDeviceID = common_tags.FailingDeviceID
FirstName = common_tags.FirstName
FltPeripheralID = common_tags.FltPeripheralID
HeldConnectionDeviceID = common_tags.HeldConnectionDeviceID
HoldingDeviceID = common_tags.HoldingDeviceID
LastName = common_tags.LastName
LastRedirectDeviceID = common_tags.LastRedirectDeviceID
MaxQueued = common_tags.MaxQueued
MonitoredDeviceID = common_tags.MonitoredDeviceID
MultilineAgentControl = common_tags.MultilineAgentControl
NamedArray = common_tags.NamedArray
NamedVariable = common_tags.NamedVariable
NewConnectionDeviceID = common_tags.NewConnectionDeviceID
NumPeripherals = common_tags.NumPeripherals
NumServiceMembers = common_tags.NumServiceMembers
ObjectName = common_tags.ObjectName
OriginatingDeviceID = common_tags.OriginatingDeviceID
OtherConnectionDeviceID = common_tags.OtherConnectionDeviceID
PositionID = common_tags.PositionID
PrimaryDeviceID = common_tags.PrimaryDeviceID
PriorityQueueNumber = common_tags.PriorityQueueNumber
QueueDeviceID = common_tags.QueueDeviceID
QueueID = common_tags.QueueID
RecordType = common_tags.RecordType
ReleasingDeviceID = common_tags.ReleasingDeviceID
RetrievingDeviceID = common_tags.RetrievingDeviceID
RouterCallKeySequenceNumber = common_tags.RouterCallKeySequenceNumber
ScriptSelector = common_tags.ScriptSelector
SecondaryConnectionCallID = common_tags.SecondaryConnectionCallID
SecondaryDeviceID = common_tags.SecondaryDeviceID
SendingPort = common_tags.SendingPort
Service = common_tags.Service
ServiceMember = common_tags.ServiceMember
ServiceMemberID = common_tags.ServiceMemberID
ServiceMemberPriority = common_tags.ServiceMemberPriority
ServiceName = common_tags.ServiceName
ServicePriority = common_tags.ServicePriority
SilentMonitorStatus = common_tags.SilentMonitorStatus
SkillGroup = common_tags.SkillGroup
SupervisorConnectionDeviceID = common_tags.SupervisorConnectionDeviceID
SupervisorID = common_tags.SupervisorID
SupervisorInstrument = common_tags.SupervisorInstrument
Text = common_tags.Text
Timeout = common_tags.Timeout
TransferredDeviceID = common_tags.TransferredDeviceID
TransferringDeviceID = common_tags.TransferringDeviceID
TrunkGroupNumber = common_tags.TrunkGroupNumber
TrunkNumber = common_tags.TrunkNumber
UserToUserInfo = common_tags.UserToUserInfo

# What this one has.
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
