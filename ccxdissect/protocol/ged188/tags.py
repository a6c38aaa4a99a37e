"""The catalogue of floating fields: every tag of the guide's table, with its name, type and largest size.

Tags take 1 byte up to version 19 and 2 from 20 on, and so do lengths. A message may name a tag differently: look a tag
up in the message first, in this catalogue second. Where no table of a message has a tag its type is not known.
"""

from __future__ import annotations

from collections.abc import Mapping

from ccxdissect.protocol.common import constants as common
from ccxdissect.protocol.common import tags as common_tags
from ccxdissect.protocol.ged188.constants import agents, calls, configuration, recording
from ccxdissect.protocol.model import Floating, Mark
from ccxdissect.protocol.types import BOOL, INT, STRING, UCHAR, UINT, UNSPEC, UNSPEC_KEY, USHORT

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
AgentID = Floating("AgentID", 5, STRING, 12, mark=Mark.AGENT | Mark.PERSONAL)
ConnectedPartyDeviceIDType = Floating("ConnectedPartyDeviceIDType", 40, USHORT, 2, codes=common.ConnectionDeviceType)
TrunkUsedDeviceID = Floating("TrunkUsedDeviceID", 48, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
FacilityCode = Floating("FacilityCode", 51, STRING, 40)
CallConnectionDeviceIDType = Floating("CallConnectionDeviceIDType", 57, USHORT, 2, codes=common.ConnectionDeviceType)
SkillGroupNumber = Floating("SkillGroupNumber", 62, INT, 4, mark=Mark.QUEUE)
SkillGroupID = Floating("SkillGroupID", 63, UINT, 4)
SkillGroupPriority = Floating("SkillGroupPriority", 64, USHORT, 2)
FltSkillGroupState = Floating("FltSkillGroupState", 65, USHORT, 2, codes=agents.AgentState)
LineHandle = Floating("LineHandle", 70, USHORT, 2)
LineType = Floating("LineType", 71, USHORT, 2, codes=calls.LineType)
RouterCallKeyDay = Floating("RouterCallKeyDay", 72, UINT, 4)
RouterCallKeyCallID = Floating("RouterCallKeyCallID", 73, UINT, 4)
OriginatingLineID = Floating("OriginatingLineID", 80, STRING, 40, mark=Mark.PERSONAL)
ClientAddress = Floating("ClientAddress", 81, STRING, 64, mark=Mark.PERSONAL)
AtcAgentID = Floating("AtcAgentID", 86, STRING, 12, mark=Mark.PERSONAL)
AgentFlags = Floating("AgentFlags", 87, USHORT, 2, codes=agents.AgentFlags)
AtcAgentState = Floating("AtcAgentState", 88, USHORT, 2, codes=agents.AgentState)
AtcStateDuration = Floating("AtcStateDuration", 89, UINT, 4)
TeamID = Floating("TeamID", 92, UINT, 4)
NextAgentState = Floating("NextAgentState", 123, USHORT, 2, codes=agents.AgentState)
SendingAddress = Floating("SendingAddress", 125, STRING, 64, mark=Mark.PERSONAL)
CustomerID = Floating("CustomerID", 131, UINT, 4, mark=Mark.PERSONAL)
ServiceSkillTargetID = Floating("ServiceSkillTargetID", 132, UINT, 4)
PeripheralName = Floating("PeripheralName", 133, STRING, 64, mark=Mark.PERSONAL)
AgentSkillTargetID = Floating("AgentSkillTargetID", 141, UINT, 4)
ServiceLevelThreshold = Floating("ServiceLevelThreshold", 174, UINT, 4)
ServiceLevelType = Floating("ServiceLevelType", 175, UINT, 4)
ConfigParam = Floating("ConfigParam", 176, STRING, 255)
ServiceConfigKey = Floating("ServiceConfigKey", 177, UNSPEC_KEY, 8)
SkillGroupConfigKey = Floating("SkillGroupConfigKey", 178, UNSPEC_KEY, 8)
PeripheralNumber = Floating("PeripheralNumber", 184, UINT, 4)
AutoWork = Floating("AutoWork", 185, BOOL, 2)
AgentType = Floating("AgentType", 189, USHORT, 2)
LoginID = Floating("LoginID", 190, STRING, 64, mark=Mark.AGENT | Mark.PERSONAL)
NumSkills = Floating("NumSkills", 191, USHORT, 2)
SkillGroupSkillTargetID = Floating("SkillGroupSkillTargetID", 192, UINT, 4)
FltServiceID = Floating("FltServiceID", 193, UINT, 4)
AgentIDLong = Floating("AgentIDLong", 194, UNSPEC, 255, meaning="type not known", mark=Mark.AGENT | Mark.PERSONAL)
DeviceType = Floating("DeviceType", 195, USHORT, 2, codes=configuration.ConfigDeviceType)
DeviceID = Floating("DeviceID", 199, UNSPEC, 255, meaning="type not known", mark=Mark.PERSONAL)
TeamName = Floating("TeamName", 204, UNSPEC, 255, meaning="type not known", mark=Mark.PERSONAL)
MemberType = Floating("MemberType", 205, UNSPEC, 255, meaning="type not known")
LoginName = Floating("LoginName", 207, STRING, 255, since=11, mark=Mark.PERSONAL)
CallTypeConfigKey = Floating("CallTypeConfigKey", 209, UNSPEC_KEY, 8, since=11)
FltCallTypeID = Floating("FltCallTypeID", 210, UINT, 4, since=11)
CustomerDefinitionID = Floating("CustomerDefinitionID", 211, UINT, 4, since=11, mark=Mark.PERSONAL)
EnterpriseName = Floating("EnterpriseName", 212, STRING, 32, since=11, mark=Mark.PERSONAL)
OldPeripheralNumber = Floating("OldPeripheralNumber", 213, UINT, 4, since=11)
OldLoginID = Floating("OldLoginID", 214, STRING, 64, since=11, mark=Mark.PERSONAL)
ANI_II = Floating("ANI_II", 215, STRING, 2, since=11)
FltMRDomainID = Floating("FltMRDomainID", 216, UINT, 4, since=11)
SilentMonitorStatus = Floating("SilentMonitorStatus", 218, USHORT, 2, codes=calls.SilentMonitorStatus)
RequestingDeviceID = Floating("RequestingDeviceID", 219, STRING, 64, since=14, mark=Mark.PARTY | Mark.PERSONAL)
RequestingDeviceIDType = Floating("RequestingDeviceIDType", 220, USHORT, 2, codes=common.DeviceType, since=14)
PreCallInvokeID = Floating("PreCallInvokeID", 221, UINT, 4, since=14)
EnterpriseQueueTime = Floating("EnterpriseQueueTime", 222, UNSPEC, 255, meaning="type not known", since=14)
CallReferenceID = Floating("CallReferenceID", 223, UNSPEC, 32, since=14, mark=Mark.PERSONAL)
NetworkControlled = Floating("NetworkControlled", 225, UNSPEC, 255, meaning="type not known", since=14)
ClientAddressIPV6 = Floating("ClientAddressIPV6", 226, STRING, 64, since=14, until=18, mark=Mark.PERSONAL)
SendingAddressIPV6 = Floating("SendingAddressIPV6", 227, STRING, 64, since=14, until=18, mark=Mark.PERSONAL)
COCConnectionCallID = Floating("COCConnectionCallID", 229, UINT, 4, since=14)
COCCallConnectionDeviceIDType = Floating(
    "COCCallConnectionDeviceIDType", 230, USHORT, 2, codes=common.ConnectionDeviceType, since=14
)
COCCallConnectionDeviceID = Floating(
    "COCCallConnectionDeviceID", 231, STRING, 64, since=14, mark=Mark.PARTY | Mark.PERSONAL
)
CallOriginatedFrom = Floating("CallOriginatedFrom", 232, UCHAR, 1, since=14)
SetAppDataCallID = Floating("SetAppDataCallID", 233, UNSPEC, 255, meaning="type not known", since=14)
ClientShareKey = Floating("ClientShareKey", 234, UNSPEC, 255, meaning="type not known", since=14)
AgentTeamName = Floating("AgentTeamName", 243, STRING, 32, since=16, mark=Mark.PERSONAL)
Direction = Floating("Direction", 244, UINT, 4, codes=agents.AgentCallDirection, since=16)
Options = Floating("Options", 245, UNSPEC, 255, meaning="type not known", since=17)
FltMRDID = Floating("FltMRDID", 246, UNSPEC, 255, meaning="type not known", since=18)
MediaClassID = Floating("MediaClassID", 247, UNSPEC, 255, meaning="type not known", since=18)
TaskLife = Floating("TaskLife", 248, UNSPEC, 255, meaning="type not known", since=18)
TaskStartTimeout = Floating("TaskStartTimeout", 249, UNSPEC, 255, meaning="type not known", since=18)
FltMaxTaskDuration = Floating("FltMaxTaskDuration", 250, UINT, 4, since=18)
FltInterruptible = Floating("FltInterruptible", 251, BOOL, 2, since=18)
MaxCallsInQueue = Floating("MaxCallsInQueue", 252, UNSPEC, 255, meaning="type not known", since=18)
MaxCallsInQueuePerCallType = Floating(
    "MaxCallsInQueuePerCallType", 253, UNSPEC, 255, meaning="type not known", since=18
)
MaxTimeInQueue = Floating("MaxTimeInQueue", 254, UNSPEC, 255, meaning="type not known", since=18)
InternalAgentState = Floating("InternalAgentState", 255, USHORT, 2, codes=agents.InternalAgentState, since=19)
SSOEnabled = Floating("SSOEnabled", 257, USHORT, 2, since=20)
FltTaskID = Floating("FltTaskID", 258, UNSPEC, 255, meaning="type not known", since=20)
FltICMDisp = Floating("FltICMDisp", 259, UNSPEC, 255, meaning="type not known", since=20)
FltAppDisp = Floating("FltAppDisp", 260, UNSPEC, 255, meaning="type not known", since=20)
NumMRDs = Floating("NumMRDs", 261, USHORT, 2, since=21)
FltAgentMRDID = Floating("FltAgentMRDID", 262, UINT, 4, since=21)
FltAgentMRDState = Floating("FltAgentMRDState", 263, USHORT, 2, codes=agents.AgentState, since=21)
FltPrecisionQueueID = Floating("FltPrecisionQueueID", 264, UINT, 4, since=22)
FltPrecisionQueueName = Floating("FltPrecisionQueueName", 265, STRING, 32, since=22, mark=Mark.PERSONAL)
MaxBeyondTaskLimit = Floating("MaxBeyondTaskLimit", 266, UINT, 4, since=22)
AgentDeskSettingsID = Floating("AgentDeskSettingsID", 267, UINT, 4, since=22)
XferInWhileLoggedOut = Floating("XferInWhileLoggedOut", 268, UNSPEC, 255, meaning="type not known", since=22)
PeripheralConfigKey = Floating("PeripheralConfigKey", 269, UNSPEC_KEY, 8, since=22)
AgentDeskSettingsConfigKey = Floating("AgentDeskSettingsConfigKey", 270, UNSPEC_KEY, 8, since=22)
ConfigPeripheralID = Floating("ConfigPeripheralID", 271, UINT, 4, since=22)
DefaultAgentDeskSettingsID = Floating("DefaultAgentDeskSettingsID", 272, UINT, 4, since=22)
FltDeskSettingsMask = Floating("FltDeskSettingsMask", 273, UINT, 4, codes=agents.DeskSettingsMask, since=22)
FltWrapUpDataIncomingMode = Floating("FltWrapUpDataIncomingMode", 274, UINT, 4, codes=agents.WrapupDataMode, since=22)
FltWrapUpDataOutgoingMode = Floating("FltWrapUpDataOutgoingMode", 275, UINT, 4, codes=agents.WrapupDataMode, since=22)
FltLogoutNonActivityTime = Floating("FltLogoutNonActivityTime", 276, UINT, 4, since=22)
FltQualityRecordingRate = Floating("FltQualityRecordingRate", 277, UINT, 4, since=22)
FltRingNoAnswerTime = Floating("FltRingNoAnswerTime", 278, UINT, 4, since=22)
FltSilentMonitorWarningMessage = Floating("FltSilentMonitorWarningMessage", 279, UINT, 4, since=22)
FltSilentMonitorAudibleIndication = Floating("FltSilentMonitorAudibleIndication", 280, UINT, 4, since=22)
FltSupervisorAssistCallMethod = Floating("FltSupervisorAssistCallMethod", 281, UINT, 4, since=22)
FltEmergencyCallMethod = Floating("FltEmergencyCallMethod", 282, UINT, 4, since=22)
FltAutoRecordOnEmergency = Floating("FltAutoRecordOnEmergency", 283, UINT, 4, since=22)
FltRecordingMode = Floating("FltRecordingMode", 284, UINT, 4, since=22)
FltWorkModeTimer = Floating("FltWorkModeTimer", 285, UINT, 4, since=22)
FltRingNoAnswerDnID = Floating("FltRingNoAnswerDnID", 286, UINT, 4, since=22)
FltDefaultDevicePortAddress = Floating(
    "FltDefaultDevicePortAddress", 287, UNSPEC, 255, meaning="type not known", since=22, mark=Mark.PERSONAL
)
DesktopConnectedFlag = Floating("DesktopConnectedFlag", 288, UNSPEC, 255, meaning="type not known", since=23)
PlayToneDirection = Floating("PlayToneDirection", 289, USHORT, 2, codes=recording.PlayToneDirection, since=23)
InvocationType = Floating("InvocationType", 290, USHORT, 2, codes=recording.RecordingType, since=23)
RecorderAddress = Floating("RecorderAddress", 291, STRING, 64, since=23, mark=Mark.PERSONAL)
TerminalName = Floating("TerminalName", 292, STRING, 64, since=23, mark=Mark.PERSONAL)
MediaForkingDeviceName = Floating("MediaForkingDeviceName", 293, STRING, 64, since=23, mark=Mark.PERSONAL)
ProtocolReferenceGUID = Floating("ProtocolReferenceGUID", 294, STRING, 40, since=23, mark=Mark.PERSONAL)
MediaForkingClusterID = Floating("MediaForkingClusterID", 295, STRING, 64, since=23)
RecorderURI = Floating("RecorderURI", 296, STRING, 64, since=23, mark=Mark.PERSONAL)
RecorderErrorMsg = Floating("RecorderErrorMsg", 297, STRING, 64, since=23, mark=Mark.PERSONAL)
RecorderType = Floating("RecorderType", 298, USHORT, 2, codes=recording.RecorderType, since=23)
RecorderStatus = Floating("RecorderStatus", 299, USHORT, 2, codes=recording.RecorderStatus, since=23)
RecordingDeviceID = Floating("RecordingDeviceID", 300, STRING, 64, since=23, mark=Mark.PERSONAL)
TerminalType = Floating("TerminalType", 302, USHORT, 2, since=24)
ActiveTerminal = Floating("ActiveTerminal", 303, STRING, 64, since=24, mark=Mark.PERSONAL)
TerminalTypeName = Floating("TerminalTypeName", 304, STRING, 100, since=24)
NumInstruments = Floating("NumInstruments", 305, USHORT, 2, since=24)
ACDSharedLineUsage = Floating("ACDSharedLineUsage", 306, UINT, 4, since=24)
PlayZipTone = Floating("PlayZipTone", 307, UINT, 4, since=24)
FltEnabledServices = Floating("FltEnabledServices", 309, USHORT, 2, codes=agents.AgentServiceType, since=24)
NumOfEnabledServices = Floating("NumOfEnabledServices", 310, USHORT, 2, since=24)
CCAIConfigID = Floating("CCAIConfigID", 311, STRING, 40, since=24)
NumPositiveAnswersSuggestions = Floating("NumPositiveAnswersSuggestions", 312, USHORT, 2, since=25)
NumNegativeAnswersSuggestions = Floating("NumNegativeAnswersSuggestions", 313, USHORT, 2, since=25)

CATALOGUE: Mapping[int, Floating] = {
    tag.tag: tag
    for tag in sorted((row for row in tuple(globals().values()) if isinstance(row, Floating)), key=lambda row: row.tag)
}


def call_variables() -> tuple[Floating, ...]:
    """The ten call variables as rows of a message that may have them."""
    rows = (
        CallVariable1, CallVariable2, CallVariable3, CallVariable4, CallVariable5,
        CallVariable6, CallVariable7, CallVariable8, CallVariable9, CallVariable10,
    )  # fmt: skip
    return tuple(row.optional("call variable") for row in rows)
