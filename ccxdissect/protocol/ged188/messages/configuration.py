"""Configuration: keys, and what services, skill groups, agents and devices there are."""

from __future__ import annotations

from ccxdissect.protocol.common import constants as common
from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.ged188 import tags
from ccxdissect.protocol.ged188.constants import configuration
from ccxdissect.protocol.ged188.fields import PERIPHERAL_ID
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Repeat, Side, Trait
from ccxdissect.protocol.types import UINT, USHORT

#: The messages of this file.
CHAPTER = Chapter(MessageClass.CONFIGURATION)

CONFIG_REQUEST_KEY_EVENT = Message(
    CHAPTER,
    230,
    "CONFIG_REQUEST_KEY_EVENT",
    Side.CLIENT,
    Kind.REQUEST,
    "A client asks for the configuration keys: a request in spite of its name.",
    page="Configuration Acquisition Messages",
    replies=("CONFIG_KEY_EVENT",),
    traits=Trait.ASKS,
    fixed=(PERIPHERAL_ID,),
    floating=(tags.CustomerID.row(),),
)

CONFIG_KEY_EVENT = Message(
    CHAPTER,
    231,
    "CONFIG_KEY_EVENT",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the configuration keys, so that a client sees whether its copy is current.",
    page="Configuration Acquisition Messages",
    fixed=(
        Fixed(
            "ConfigKeyStatus", UINT, "whether the keys could be told", configuration.ConfigKeyStatus, mark=Mark.STATUS
        ),
    ),
    floating=(
        tags.ServiceConfigKey.row(),
        tags.SkillGroupConfigKey.row(),
        tags.AgentConfigKey.row(),
        tags.DeviceConfigKey.row(),
        tags.CallTypeConfigKey.row(),
        tags.PeripheralConfigKey.row(),
        tags.AgentDeskSettingsConfigKey.row(),
    ),
)

CONFIG_REQUEST_EVENT = Message(
    CHAPTER,
    232,
    "CONFIG_REQUEST_EVENT",
    Side.CLIENT,
    Kind.REQUEST,
    "A client asks for the configuration: a request in spite of its name.",
    page="Configuration Acquisition Messages",
    replies=(
        "CONFIG_BEGIN_EVENT",
        "CONFIG_END_EVENT",
    ),
    traits=Trait.ASKS,
    note="Guides 24 and 25 print a further UINT ConfigMsgMask between the two fields; session bytes of version 15 have 8 fixed bytes after the header; undecided for 24 and later.",
    fixed=(
        Fixed(
            "ConfigInformation",
            UINT,
            "mask of kinds of data: 1 service, 2 skill group, 4 agent, 8 device, 16 call type, 32 MRD",
            configuration.ConfigInformation,
        ),
        Fixed("PeripheralID", UINT, "switch (ICM peripheral)", common.NullPeripheral, since=11),
    ),
    floating=(tags.CustomerID.row(),),
)

CONFIG_BEGIN_EVENT = Message(
    CHAPTER,
    233,
    "CONFIG_BEGIN_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration records follow.",
    page="Configuration Acquisition Messages",
    traits=Trait.BEGINS_REPLY,
    fixed=(
        Fixed("ConfigType", USHORT, "whether all of it follows or a change", configuration.ConfigType),
        Fixed(
            "ConfigInformation",
            UINT,
            "mask of kinds of data: 1 service, 2 skill group, 4 agent, 8 device, 16 call type, 32 MRD",
            configuration.ConfigInformation,
        ),
    ),
    floating=(
        tags.ServiceConfigKey.row(),
        tags.SkillGroupConfigKey.row(),
        tags.AgentConfigKey.row(),
        tags.DeviceConfigKey.row(),
        tags.CallTypeConfigKey.row(),
        tags.PeripheralConfigKey.row(),
        tags.AgentDeskSettingsConfigKey.row(),
    ),
)

CONFIG_END_EVENT = Message(
    CHAPTER,
    234,
    "CONFIG_END_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "The configuration records are complete, or could not be sent.",
    page="Configuration Acquisition Messages",
    traits=Trait.ENDS_REPLY,
    fixed=(
        Fixed("ConfigEndStatus", UINT, "whether all of it was sent", configuration.ConfigEndStatus, mark=Mark.STATUS),
    ),
    floating=(tags.Text.row("free text"),),
)

CONFIG_SERVICE_EVENT = Message(
    CHAPTER,
    235,
    "CONFIG_SERVICE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration records of applications.",
    page="Configuration Acquisition Messages",
    fixed=(shared.NUM_RECORDS,),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; begins a record"),
        tags.FltPeripheralID.row("switch of the record"),
        tags.PeripheralNumber.row(),
        tags.OldPeripheralNumber.row(),
        tags.MaxQueued.row(),
        tags.Extension.row(),
        tags.ServiceSkillTargetID.row(),
        tags.PeripheralName.row(),
        tags.Description.row(),
        tags.ServiceLevelThreshold.row(),
        tags.ServiceLevelType.row(),
        tags.ConfigParam.row(),
        tags.FltMRDomainID.row("MR domain ID"),
        tags.NumServiceMembers.row("count of service members"),
        tags.ServiceMember.row("service member; NumServiceMembers of them, one field each"),
        tags.ServicePriority.row("service priority; NumServiceMembers of them, one field each"),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.FltPeripheralID.tag,
                tags.PeripheralNumber.tag,
                tags.OldPeripheralNumber.tag,
                tags.MaxQueued.tag,
                tags.Extension.tag,
                tags.ServiceSkillTargetID.tag,
                tags.PeripheralName.tag,
                tags.Description.tag,
                tags.ServiceLevelThreshold.tag,
                tags.ServiceLevelType.tag,
                tags.ConfigParam.tag,
                tags.FltMRDomainID.tag,
                tags.NumServiceMembers.tag,
            ),
            opener=tags.RecordType.tag,
            inner=(
                Repeat(
                    "NumServiceMembers",
                    (
                        tags.ServiceMember.tag,
                        tags.ServicePriority.tag,
                    ),
                ),
            ),
        ),
    ),
)

CONFIG_SKILL_GROUP_EVENT = Message(
    CHAPTER,
    236,
    "CONFIG_SKILL_GROUP_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration records of skill groups.",
    page="Configuration Acquisition Messages",
    fixed=(shared.NUM_RECORDS,),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; begins a record"),
        tags.FltPeripheralID.row("switch of the record"),
        tags.PeripheralNumber.but(mark=Mark.QUEUE).row(),
        tags.OldPeripheralNumber.row(),
        tags.SkillGroupPriority.but(name="FltSkillGroupPriority").optional(
            "skill group priority; NumSkills of them, one field each"
        ),
        tags.SkillGroupSkillTargetID.row(),
        tags.AutoWork.row(),
        tags.Extension.row(),
        tags.PeripheralName.row(),
        tags.Description.row(),
        tags.FltMRDomainID.row("MR domain ID"),
        tags.FltPrecisionQueueID.row("precision queue ID"),
        tags.FltPrecisionQueueName.row("precision queue name"),
        tags.ConfigParam.row(),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.FltPeripheralID.tag,
                tags.PeripheralNumber.tag,
                tags.OldPeripheralNumber.tag,
                tags.SkillGroupPriority.tag,
                tags.SkillGroupSkillTargetID.tag,
                tags.AutoWork.tag,
                tags.Extension.tag,
                tags.PeripheralName.tag,
                tags.Description.tag,
                tags.FltMRDomainID.tag,
                tags.FltPrecisionQueueID.tag,
                tags.FltPrecisionQueueName.tag,
                tags.ConfigParam.tag,
            ),
            opener=tags.RecordType.tag,
        ),
    ),
)

CONFIG_AGENT_EVENT = Message(
    CHAPTER,
    237,
    "CONFIG_AGENT_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration records of agents.",
    page="Configuration Acquisition Messages",
    note="Real bytes of version 15: FltSkillGroupNumber and FltSkillGroupPriority come as pairs of separate floating fields, NumSkills times, though the table calls them arrays.",
    fixed=(shared.NUM_RECORDS,),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; begins a record"),
        tags.FltPeripheralID.row("switch of the record"),
        tags.ActiveTerminal.row("phone the agent chose"),
        tags.AgentType.row(),
        tags.AgentDeskSettingsID.row(),
        tags.LoginID.row(),
        tags.OldLoginID.row(),
        tags.LoginName.row(),
        tags.LastName.row(),
        tags.FirstName.row(),
        tags.Extension.row(),
        tags.Description.row(),
        tags.AgentSkillTargetID.row(),
        tags.NumSkills.row("count of skills"),
        tags.SSOEnabled.row("SSO enabled"),
        tags.NumMRDs.row("count of MR ds"),
        tags.SkillGroupNumber.but(name="FltSkillGroupNumber", type=UINT).row(
            "skill group number; NumSkills of them, one field each"
        ),
        tags.SkillGroupPriority.but(name="FltSkillGroupPriority").row(
            "skill group priority; NumSkills of them, one field each"
        ),
        tags.FltAgentMRDID.row("MRD of the agent; NumMRDs of them, one field each"),
        tags.FltAgentMRDState.row("agent MRD state; NumMRDs of them, one field each"),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.FltPeripheralID.tag,
                tags.ActiveTerminal.tag,
                tags.AgentType.tag,
                tags.AgentDeskSettingsID.tag,
                tags.LoginID.tag,
                tags.OldLoginID.tag,
                tags.LoginName.tag,
                tags.LastName.tag,
                tags.FirstName.tag,
                tags.Extension.tag,
                tags.Description.tag,
                tags.AgentSkillTargetID.tag,
                tags.NumSkills.tag,
                tags.SSOEnabled.tag,
                tags.NumMRDs.tag,
            ),
            opener=tags.RecordType.tag,
            inner=(
                Repeat(
                    "NumSkills",
                    (
                        tags.SkillGroupNumber.tag,
                        tags.SkillGroupPriority.tag,
                    ),
                ),
                Repeat(
                    "NumMRDs",
                    (
                        tags.FltAgentMRDID.tag,
                        tags.FltAgentMRDState.tag,
                    ),
                ),
            ),
        ),
    ),
)

CONFIG_DEVICE_EVENT = Message(
    CHAPTER,
    238,
    "CONFIG_DEVICE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration records of devices.",
    page="Configuration Acquisition Messages",
    fixed=(shared.NUM_RECORDS,),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; begins a record"),
        tags.FltPeripheralID.row("switch of the record"),
        tags.PeripheralNumber.row(),
        tags.DeviceType.row(),
        tags.MaxQueued.row(),
        tags.FltServiceID.row("service ID"),
        tags.DialedNumber.but(mark=Mark.PERSONAL).row("number dialed"),
        tags.DNIS.row(),
        tags.Extension.but(mark=Mark.PERSONAL).row(),
        tags.Description.row(),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.FltPeripheralID.tag,
                tags.PeripheralNumber.tag,
                tags.DeviceType.tag,
                tags.MaxQueued.tag,
                tags.FltServiceID.tag,
                tags.DialedNumber.tag,
                tags.DNIS.tag,
                tags.Extension.tag,
                tags.Description.tag,
            ),
            opener=tags.RecordType.tag,
        ),
    ),
)

TEAM_CONFIG_REQ = Message(
    CHAPTER,
    242,
    "TEAM_CONFIG_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "Asks for the configuration of teams.",
    page="",
    replies=("TEAM_CONFIG_CONF",),
    fields_known=False,
    traits=Trait.ASKS,
)

TEAM_CONFIG_EVENT = Message(
    CHAPTER,
    243,
    "TEAM_CONFIG_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells the configuration of teams.",
    page="",
    fields_known=False,
)

TEAM_CONFIG_CONF = Message(
    CHAPTER,
    244,
    "TEAM_CONFIG_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Confirms the question for the teams.",
    page="",
    fields_known=False,
)

CONFIG_CALL_TYPE_EVENT = Message(
    CHAPTER,
    245,
    "CONFIG_CALL_TYPE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration of call types.",
    page="Configuration Acquisition Messages",
    fixed=(shared.NUM_RECORDS,),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; begins a record"),
        tags.FltCallTypeID.row("call type ID"),
        tags.CustomerDefinitionID.row(),
        tags.EnterpriseName.row(),
        tags.Description.row(),
        tags.ServiceLevelThreshold.row(),
        tags.ServiceLevelType.row(),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.FltCallTypeID.tag,
                tags.CustomerDefinitionID.tag,
                tags.EnterpriseName.tag,
                tags.Description.tag,
                tags.ServiceLevelThreshold.tag,
                tags.ServiceLevelType.tag,
            ),
            opener=tags.RecordType.tag,
        ),
    ),
)

CONFIG_MRD_EVENT = Message(
    CHAPTER,
    254,
    "CONFIG_MRD_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration of media routing domains.",
    page="Configuration Acquisition Messages",
    since=20,
    note="Table printed with number 245.",
    fixed=(shared.NUM_RECORDS,),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; begins a record"),
        tags.FltMRDomainID.row("MR domain ID"),
        tags.EnterpriseName.but(name="FltEnterpriseName").row("enterprise name"),
        tags.Description.but(name="FltDescription").row("description"),
        tags.FltMaxTaskDuration.row("max task duration"),
        tags.FltInterruptible.row("interruptible"),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.FltMRDomainID.tag,
                tags.EnterpriseName.tag,
                tags.Description.tag,
                tags.FltMaxTaskDuration.tag,
                tags.FltInterruptible.tag,
            ),
            opener=tags.RecordType.tag,
        ),
    ),
)

CONFIG_PERIPHERAL_EVENT = Message(
    CHAPTER,
    260,
    "CONFIG_PERIPHERAL_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration of peripherals.",
    page="Configuration Acquisition Messages",
    since=22,
    fixed=(shared.NUM_RECORDS,),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; begins a record"),
        tags.ConfigPeripheralID.row(),
        tags.DefaultAgentDeskSettingsID.row(),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.ConfigPeripheralID.tag,
                tags.DefaultAgentDeskSettingsID.tag,
            ),
            opener=tags.RecordType.tag,
        ),
    ),
)

CONFIG_AGENT_DESK_SETTINGS_EVENT = Message(
    CHAPTER,
    261,
    "CONFIG_AGENT_DESK_SETTINGS_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration of desktop settings.",
    page="Configuration Acquisition Messages",
    since=22,
    fixed=(shared.NUM_RECORDS,),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; begins a record"),
        tags.AgentDeskSettingsID.row(),
        tags.FltDeskSettingsMask.row("desk settings mask"),
        tags.FltWrapUpDataIncomingMode.row("wrap up data incoming mode"),
        tags.FltWrapUpDataOutgoingMode.row("wrap up data outgoing mode"),
        tags.FltLogoutNonActivityTime.row("logout non activity time"),
        tags.FltQualityRecordingRate.row("quality recording rate"),
        tags.FltRingNoAnswerTime.row("ring no answer time"),
        tags.FltSilentMonitorWarningMessage.row("silent monitor warning message"),
        tags.FltSilentMonitorAudibleIndication.row("silent monitor audible indication"),
        tags.FltSupervisorAssistCallMethod.row("supervisor assist call method"),
        tags.FltEmergencyCallMethod.row("emergency call method"),
        tags.FltAutoRecordOnEmergency.row("auto record on emergency"),
        tags.FltRecordingMode.row("recording mode"),
        tags.FltWorkModeTimer.row("work mode timer"),
        tags.FltRingNoAnswerDnID.row("ring no answer dn ID"),
        tags.DefaultDevicePortAddress.but(name="FltDefaultDevicePortAddress", size=4).row(
            "default device port address"
        ),
        tags.PlayZipTone.row(),
        tags.ACDSharedLineUsage.row("ACD shared line usage"),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.AgentDeskSettingsID.tag,
                tags.FltDeskSettingsMask.tag,
                tags.FltWrapUpDataIncomingMode.tag,
                tags.FltWrapUpDataOutgoingMode.tag,
                tags.FltLogoutNonActivityTime.tag,
                tags.FltQualityRecordingRate.tag,
                tags.FltRingNoAnswerTime.tag,
                tags.FltSilentMonitorWarningMessage.tag,
                tags.FltSilentMonitorAudibleIndication.tag,
                tags.FltSupervisorAssistCallMethod.tag,
                tags.FltEmergencyCallMethod.tag,
                tags.FltAutoRecordOnEmergency.tag,
                tags.FltRecordingMode.tag,
                tags.FltWorkModeTimer.tag,
                tags.FltRingNoAnswerDnID.tag,
                tags.DefaultDevicePortAddress.tag,
                tags.PlayZipTone.tag,
                tags.ACDSharedLineUsage.tag,
            ),
            opener=tags.RecordType.tag,
        ),
    ),
)

CONFIG_TERMINAL_EVENT = Message(
    CHAPTER,
    276,
    "CONFIG_TERMINAL_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration records of terminals.",
    page="Configuration Acquisition Messages",
    since=24,
    note="Not in the number list of the guides, table has the number.",
    fixed=(shared.NUM_RECORDS,),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; begins a record"),
        tags.TerminalType.row(),
        tags.ActiveTerminal.but(name="TerminalDeviceName").row(),
        tags.TerminalTypeName.row(),
        tags.NumInstruments.row("count of instruments"),
        tags.AgentInstrument.but(name="Instrument").row(),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.TerminalType.tag,
                tags.ActiveTerminal.tag,
                tags.TerminalTypeName.tag,
                tags.NumInstruments.tag,
            ),
            opener=tags.RecordType.tag,
            inner=(Repeat("NumInstruments", (tags.AgentInstrument.tag,)),),
        ),
    ),
)

CONFIG_AGENT_SERVICE_EVENT = Message(
    CHAPTER,
    282,
    "CONFIG_AGENT_SERVICE_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration of services for agents.",
    page="Configuration Acquisition Messages",
    since=24,
    fixed=(shared.NUM_RECORDS,),
    floating=(
        tags.AgentSkillTargetID.row(),
        tags.NumOfEnabledServices.row("count of enabled services"),
        tags.FltEnabledServices.optional("enabled services; NumOfEnabledServices of them, one field each"),
        tags.RecordType.row("0 add, 1 change, 2 delete; begins a record"),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.AgentSkillTargetID.tag,
                tags.NumOfEnabledServices.tag,
                tags.RecordType.tag,
            ),
            opener=tags.RecordType.tag,
            inner=(Repeat("NumOfEnabledServices", (tags.FltEnabledServices.tag,)),),
        ),
    ),
)
