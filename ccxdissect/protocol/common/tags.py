"""The floating fields that both dialects have under the same tag, name and type.

Those marked GED188 were read in the guide of Unified CCE alone; in Unified CCX they may never occur.
"""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188
from ccxdissect.protocol.common import constants
from ccxdissect.protocol.model import Floating, Mark
from ccxdissect.protocol.types import (
    INT,
    NAMEDARRAY,
    NAMEDVAR,
    STRING,
    TIME,
    UINT,
    UNSPEC,
    UNSPEC_KEY,
    UNSPEC_TEXT,
    USHORT,
)

ClientID = Floating("ClientID", 1, STRING, 64, mark=Mark.CLIENT_NAME | Mark.PERSONAL)
ClientPassword = Floating("ClientPassword", 2, UNSPEC_TEXT, 64, mark=Mark.SECRET, log_names=("clientPass",))
ClientSignature = Floating("ClientSignature", 3, STRING, 64, mark=Mark.PERSONAL)
AgentExtension = Floating("AgentExtension", 4, STRING, 16, mark=Mark.EXTENSION | Mark.PERSONAL, log_names=("agentExt",))
AgentInstrument = Floating("AgentInstrument", 6, STRING, 64, mark=Mark.INSTRUMENT | Mark.PERSONAL)
Text = Floating("Text", 7, STRING, 255, mark=Mark.FAILURE_TEXT | Mark.PERSONAL)
ANI = Floating("ANI", 8, STRING, 40, mark=Mark.CALLING | Mark.PERSONAL, log_names=("ani1",))
UserToUserInfo = Floating("UserToUserInfo", 9, UNSPEC, 131, mark=Mark.PERSONAL)
DNIS = Floating("DNIS", 10, STRING, 32, mark=Mark.CALLED | Mark.SERVICE_NUMBER | Mark.PERSONAL)
DialedNumber = Floating("DialedNumber", 11, STRING, 40, mark=Mark.CALLED | Mark.DIALED | Mark.PERSONAL)
CallerEnteredDigits = Floating("CallerEnteredDigits", 12, STRING, 40, mark=Mark.PERSONAL)
CallVariable1 = Floating("CallVariable1", 13, STRING, 41, mark=Mark.PERSONAL, log_names=("callVar1",))
CallVariable2 = Floating("CallVariable2", 14, STRING, 41, mark=Mark.PERSONAL, log_names=("callVar2",))
CallVariable3 = Floating("CallVariable3", 15, STRING, 41, mark=Mark.PERSONAL, log_names=("callVar3",))
CallVariable4 = Floating("CallVariable4", 16, STRING, 41, mark=Mark.PERSONAL, log_names=("callVar4",))
CallVariable5 = Floating("CallVariable5", 17, STRING, 41, mark=Mark.PERSONAL, log_names=("callVar5",))
CallVariable6 = Floating("CallVariable6", 18, STRING, 41, mark=Mark.PERSONAL, log_names=("callVar6",))
CallVariable7 = Floating("CallVariable7", 19, STRING, 41, mark=Mark.PERSONAL, log_names=("callVar7",))
CallVariable8 = Floating("CallVariable8", 20, STRING, 41, mark=Mark.PERSONAL, log_names=("callVar8",))
CallVariable9 = Floating("CallVariable9", 21, STRING, 41, mark=Mark.PERSONAL, log_names=("callVar9",))
CallVariable10 = Floating("CallVariable10", 22, STRING, 41, mark=Mark.PERSONAL, log_names=("callVar10",))
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
ConnectedPartyDeviceID = Floating(
    "ConnectedPartyDeviceID", 41, STRING, 64, mark=Mark.PARTY | Mark.CONNECTED_PARTY | Mark.PERSONAL
)
TransferringDeviceID = Floating("TransferringDeviceID", 42, STRING, 64, mark=Mark.ACTING | Mark.PERSONAL)
TransferredDeviceID = Floating("TransferredDeviceID", 43, STRING, 64, mark=Mark.PARTY | Mark.JOINING | Mark.PERSONAL)
DivertingDeviceID = Floating("DivertingDeviceID", 44, STRING, 64, mark=Mark.ACTING | Mark.PERSONAL)
QueueDeviceID = Floating("QueueDeviceID", 45, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
CallWrapupData = Floating("CallWrapupData", 46, STRING, 40, mark=Mark.PERSONAL, log_names=("wrapupData",))
NewConnectionDeviceID = Floating("NewConnectionDeviceID", 47, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
AgentPassword = Floating("AgentPassword", 49, STRING, 64, mark=Mark.SECRET)
ActiveConnectionDeviceID = Floating("ActiveConnectionDeviceID", 50, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
OtherConnectionDeviceID = Floating("OtherConnectionDeviceID", 52, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
HeldConnectionDeviceID = Floating("HeldConnectionDeviceID", 53, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
CallConnectionCallID = Floating("CallConnectionCallID", 56, UINT, 4)
CallConnectionDeviceID = Floating("CallConnectionDeviceID", 58, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
CallDeviceType = Floating("CallDeviceType", 59, USHORT, 2, codes=constants.DeviceType)
CallDeviceID = Floating("CallDeviceID", 60, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
CallDeviceConnectionState = Floating(
    "CallDeviceConnectionState", 61, USHORT, 2, codes=constants.LocalConnectionState, source=GED188
)
ObjectName = Floating("ObjectName", 66, STRING, 128, mark=Mark.PERSONAL, source=GED188)
DTMFString = Floating("DTMFString", 67, STRING, 32, mark=Mark.PERSONAL)
PositionID = Floating("PositionID", 68, STRING, 12, mark=Mark.PERSONAL, source=GED188)
SupervisorID = Floating("SupervisorID", 69, STRING, 12, mark=Mark.PERSONAL, source=GED188)
CallState = Floating("CallState", 75, USHORT, 2, codes=constants.LocalConnectionState, source=GED188)
MonitoredDeviceID = Floating(
    "MonitoredDeviceID", 76, STRING, 64, mark=Mark.PARTY | Mark.WATCHED | Mark.PERSONAL, source=GED188
)
AuthorizationCode = Floating("AuthorizationCode", 77, STRING, 40, mark=Mark.PERSONAL, source=GED188)
AccountCode = Floating("AccountCode", 78, STRING, 40, mark=Mark.PERSONAL, source=GED188)
OriginatingDeviceID = Floating("OriginatingDeviceID", 79, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL, source=GED188)
NamedVariable = Floating("NamedVariable", 82, NAMEDVAR, 251, meaning="named call variable", mark=Mark.PERSONAL)
NamedArray = Floating("NamedArray", 83, NAMEDARRAY, 252, meaning="element of a named call array", mark=Mark.PERSONAL)
CallControlTable = Floating("CallControlTable", 84, STRING, 4, source=GED188)
SupervisorInstrument = Floating("SupervisorInstrument", 85, STRING, 64, mark=Mark.PERSONAL, source=GED188)
AgentConnectionDeviceID = Floating("AgentConnectionDeviceID", 90, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
SupervisorConnectionDeviceID = Floating("SupervisorConnectionDeviceID", 91, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
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
DequeueType = Floating("DequeueType", 124, UNSPEC, 255, meaning="type not known", source=GED188)
SendingPort = Floating("SendingPort", 126, UINT, 4)
MaxQueued = Floating("MaxQueued", 129, UINT, 4)
QueueID = Floating("QueueID", 130, UNSPEC, 255, meaning="type not known", source=GED188)
Description = Floating("Description", 134, STRING, 128, mark=Mark.PERSONAL)
ServiceMemberID = Floating("ServiceMemberID", 135, UNSPEC, 255, meaning="type not known", source=GED188)
ServiceMemberPriority = Floating("ServiceMemberPriority", 136, UNSPEC, 255, meaning="type not known", source=GED188)
FirstName = Floating("FirstName", 137, STRING, 32, mark=Mark.PERSONAL)
LastName = Floating("LastName", 138, STRING, 32, mark=Mark.PERSONAL)
SkillGroup = Floating("SkillGroup", 139, UNSPEC, 255, meaning="type not known", source=GED188)
Service = Floating("Service", 142, UNSPEC, 255, meaning="type not known", source=GED188)
Duration = Floating("Duration", 150, UINT, 4, source=GED188, unit="s")
Extension = Floating("Extension", 173, STRING, 16, mark=Mark.EXTENSION | Mark.PERSONAL)
AgentConfigKey = Floating("AgentConfigKey", 179, UNSPEC_KEY, 8)
DeviceConfigKey = Floating("DeviceConfigKey", 180, UNSPEC_KEY, 8)
RecordType = Floating("RecordType", 183, USHORT, 2, codes=constants.RecordType)
NumServiceMembers = Floating("NumServiceMembers", 186, USHORT, 2, source=GED188)
ServiceMember = Floating("ServiceMember", 187, UINT, 4, source=GED188)
ServicePriority = Floating("ServicePriority", 188, USHORT, 2, source=GED188)
Enable = Floating("Enable", 198, UNSPEC, 255, meaning="type not known", source=GED188)
Timeout = Floating("Timeout", 200, UNSPEC, 255, meaning="type not known", source=GED188)
CurrentRoute = Floating("CurrentRoute", 201, UNSPEC, 255, meaning="type not known", source=GED188)
SecondaryConnectionCallID = Floating("SecondaryConnectionCallID", 202, UINT, 4, mark=Mark.OTHER_CALL, source=GED188)
PriorityQueueNumber = Floating("PriorityQueueNumber", 203, UNSPEC, 255, meaning="type not known", source=GED188)
EventDeviceID = Floating("EventDeviceID", 206, STRING, 64, mark=Mark.PARTY | Mark.PERSONAL)
FltPeripheralID = Floating("FltPeripheralID", 208, UINT, 4, since=11)
CTIOSCILClientID = Floating("CTIOSCILClientID", 217, STRING, 64, mark=Mark.PERSONAL, source=GED188)
SilentMonitorStatus = Floating("SilentMonitorStatus", 218, USHORT, 2, source=GED188)
MultilineAgentControl = Floating("MultilineAgentControl", 224, USHORT, 2, since=14)
NumPeripherals = Floating("NumPeripherals", 228, USHORT, 2, since=14)
