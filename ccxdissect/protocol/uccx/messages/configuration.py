"""Configuration: applications, queues, agents, devices, terminals and teams."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188
from ccxdissect.protocol.common import fields as shared
from ccxdissect.protocol.model import Chapter, Fixed, Kind, Mark, Message, MessageClass, Repeat, Side, Trait
from ccxdissect.protocol.types import UINT, UNSPEC, USHORT
from ccxdissect.protocol.uccx import tags
from ccxdissect.protocol.uccx.constants.configuration import (
    ConfigEndStatus,
    ConfigKeyStatus,
    ConfigType,
    ConfigurationMask,
    TeamConfigOperation,
    TeamConfigParam,
    TeamConfigStatus,
)
from ccxdissect.protocol.uccx.constants.special import Limit
from ccxdissect.protocol.uccx.fields import reserved

#: The messages of this file.
CHAPTER = Chapter(MessageClass.CONFIGURATION)

CONFIG_REQUEST_KEY_EVENT = Message(
    CHAPTER,
    230,
    "CONFIG_REQUEST_KEY_EVENT",
    Side.CLIENT,
    Kind.REQUEST,
    "A client asks for the configuration keys: a request in spite of its name.",
    page="config_request_key_event",
    traits=Trait.ASKS,
    replies=("CONFIG_KEY_EVENT",),
    note="No InvokeID. In version 10 there is no fixed part at all.",
    fixed=(reserved("PeripheralID", UINT, 0, since=11),),
    floating=(tags.CustomerID.unused(constant=0).row(),),
)

CONFIG_KEY_EVENT = Message(
    CHAPTER,
    231,
    "CONFIG_KEY_EVENT",
    Side.SERVER,
    Kind.CONFIRMATION,
    "Tells the configuration keys, so that a client sees whether its copy is current.",
    page="config_key_event",
    note="No InvokeID. An all-zero key means that an upload is needed.",
    fixed=(Fixed("Status", UINT, "CONFIG_KEY_EVENT status", ConfigKeyStatus, mark=Mark.STATUS),),
    floating=(
        tags.ApplicationConfigKey.row("key of the applications"),
        tags.CSQConfigKey.row("key of the CSQs"),
        tags.AgentConfigKey.row("key of the agents"),
        tags.DeviceConfigKey.row("key of the devices"),
    ),
)

CONFIG_REQUEST_EVENT = Message(
    CHAPTER,
    232,
    "CONFIG_REQUEST_EVENT",
    Side.CLIENT,
    Kind.REQUEST,
    "A client asks for the configuration: a request in spite of its name.",
    page="config_request_event",
    traits=Trait.ASKS,
    replies=(
        "CONFIG_BEGIN_EVENT",
        "CONFIG_END_EVENT",
    ),
    number_source=GED188,
    note="No InvokeID. Answered by CONFIG_BEGIN_EVENT, the records and CONFIG_END_EVENT; by "
    "CONFIG_END_EVENT alone on error or when there is nothing.",
    fixed=(
        Fixed("ConfigurationMask", UINT, "data wanted; 0 = updates only, no initial upload", ConfigurationMask),
        reserved("PeripheralID", UINT, 0, since=11),
    ),
    floating=(tags.CustomerID.unused(constant=0).required(),),
)

CONFIG_BEGIN_EVENT = Message(
    CHAPTER,
    233,
    "CONFIG_BEGIN_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration records follow.",
    page="config_begin_event",
    number_source=GED188,
    traits=Trait.BEGINS_REPLY,
    note="Also opens an unsolicited update. The 4-byte mask follows the 2-byte type without padding.",
    fixed=(
        Fixed("ConfigType", USHORT, "1 initial configuration, 2 update (CCE: 0 unused)", ConfigType),
        Fixed("ConfigurationMask", UINT, "data included", ConfigurationMask),
    ),
    floating=(
        tags.ApplicationConfigKey.row("key of the applications, if any"),
        tags.CSQConfigKey.but(name="CSQueueConfigKey").row("key of the CSQs, if any"),
        tags.AgentConfigKey.row("key of the agents, if any"),
        tags.DeviceConfigKey.row("key of the devices, if any"),
    ),
)

CONFIG_END_EVENT = Message(
    CHAPTER,
    234,
    "CONFIG_END_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "The configuration records are complete, or could not be sent.",
    page="config_end_event",
    number_source=GED188,
    traits=Trait.ENDS_REPLY,
    note="Its status numbers differ from CONFIG_KEY_EVENT's.",
    fixed=(Fixed("Status", UINT, "CONFIG_END_EVENT status", ConfigEndStatus, mark=Mark.STATUS),),
    floating=(tags.Text.optional("error or other information"),),
)

CONFIG_APPLICATION_EVENT = Message(
    CHAPTER,
    235,
    "CONFIG_APPLICATION_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration records of applications.",
    page="config_application_event",
    number_source=GED188,
    note="The sister protocol calls it CONFIG_SERVICE_EVENT.",
    fixed=(shared.NUM_RECORDS.but("number of records, at most 10"),),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; starts a record"),
        tags.FltPeripheralID.unused(constant=0).row(),
        tags.RecordCSQID.but(name="ApplicationID", mark=Mark.NONE).row("application id"),
        tags.OldPeripheralNumber.unused(constant=0).row(),
        tags.MaxQueued.row("most sessions of this application"),
        tags.Extension.unused().optional(),
        tags.PreviousApplicationID.row("former id when the id changed"),
        tags.ApplicationName.row("application name"),
        tags.Description.optional("description"),
        tags.ServiceLevelThreshold.unused(constant=0).row(),
        tags.ServiceLevelType.unused(constant=0).row(),
        tags.ConfigParam.unused().row(),
        tags.MRDomainID.unused(constant=0).row(),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.FltPeripheralID.tag,
                tags.RecordCSQID.tag,
                tags.OldPeripheralNumber.tag,
                tags.MaxQueued.tag,
                tags.Extension.tag,
                tags.PreviousApplicationID.tag,
                tags.ApplicationName.tag,
                tags.Description.tag,
                tags.ServiceLevelThreshold.tag,
                tags.ServiceLevelType.tag,
                tags.ConfigParam.tag,
                tags.MRDomainID.tag,
            ),
            opener=tags.RecordType.tag,
            most=10,
        ),
    ),
)

CONFIG_CSQ_EVENT = Message(
    CHAPTER,
    236,
    "CONFIG_CSQ_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration records of contact service queues.",
    page="config_csq_event",
    number_source=GED188,
    note="The sister protocol calls it CONFIG_SKILL_GROUP_EVENT. The page prints its second field with "
    "tag 184, almost surely a misprint for 208. AutoWork is printed with 4 bytes, elsewhere a BOOL "
    "has 2: the field's length decides.",
    fixed=(shared.NUM_RECORDS.but("number of records, at most 10"),),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; starts a record"),
        tags.FltPeripheralID.unused(constant=0).row(),
        tags.RecordCSQID.row("contact service queue id"),
        tags.OldPeripheralNumber.unused(constant=0).row(),
        tags.SkillGroupPriority.unused(constant=0).row(),
        tags.SkillGroupSkillTargetID.unused(constant=0).row(),
        tags.AutoWork.row("agent goes into work state after a call; false when absent"),
        tags.Extension.unused().row(),
        tags.ApplicationName.but(name="CSQName").row("CSQ name"),
        tags.Description.row("empty"),
        tags.MRDomainID.row("0 voice, 1 email (email from UCCX 7.0(1))"),
        tags.ConfigParam.unused().row(),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.FltPeripheralID.tag,
                tags.RecordCSQID.tag,
                tags.OldPeripheralNumber.tag,
                tags.SkillGroupPriority.tag,
                tags.SkillGroupSkillTargetID.tag,
                tags.AutoWork.tag,
                tags.Extension.tag,
                tags.ApplicationName.tag,
                tags.Description.tag,
                tags.MRDomainID.tag,
                tags.ConfigParam.tag,
            ),
            opener=tags.RecordType.tag,
            most=10,
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
    page="config_agent_event",
    complete=False,
    number_source=GED188,
    note="The page is cut inside MRD_ID. Where ActiveTerminal stands in a record was not seen.",
    fixed=(shared.NUM_RECORDS.but("number of records, at most 10"),),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; starts a record"),
        tags.FltPeripheralID.unused(constant=0).row(),
        tags.AgentType.row("1 agent, 2 supervisor"),
        tags.LoginID.row("UCCX login id"),
        tags.OldLoginID.unused().row(),
        tags.LoginName.unused().row(),
        tags.LastName.row("last name"),
        tags.FirstName.row("first name"),
        tags.Extension.row("extension"),
        tags.Description.row("empty"),
        tags.AgentSkillTargetID.unused(constant=0).row(),
        tags.NumCSQ.row("number of CSQID/reserved pairs that follow, at most 25"),
        tags.CSQID.row("a CSQ the agent is in"),
        tags.SkillGroupPriority.unused(constant=0).row(),
        tags.agentState.row("agent state code"),
        tags.MRD_ID.but(since=17).row("media routing domain id", GED188),
        tags.ActiveTerminal.row("selected terminal's device name", GED188),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.FltPeripheralID.tag,
                tags.AgentType.tag,
                tags.LoginID.tag,
                tags.OldLoginID.tag,
                tags.LoginName.tag,
                tags.LastName.tag,
                tags.FirstName.tag,
                tags.Extension.tag,
                tags.Description.tag,
                tags.AgentSkillTargetID.tag,
                tags.NumCSQ.tag,
                tags.agentState.tag,
                tags.MRD_ID.tag,
                tags.ActiveTerminal.tag,
            ),
            opener=tags.RecordType.tag,
            most=10,
            inner=(Repeat("NumCSQ", (tags.CSQID.tag, tags.SkillGroupPriority.tag), most=25),),
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
    page="config_device_event",
    complete=False,
    number_source=GED188,
    note="What DeviceField0 to 4 hold depends on DeviceType, and the page's prose and table disagree about it.",
    fixed=(shared.NUM_RECORDS.but("number of records, at most 10"),),
    floating=(
        tags.RecordType.row("0 add, 1 change, 2 delete; starts a record"),
        tags.FltPeripheralID.unused(constant=0).row(),
        tags.RecordCSQID.but(name="DeviceField0", mark=Mark.NONE).row("depends on DeviceType"),
        tags.DeviceType.row("3 agent, 5 route point, 6 CTI port, 7 call control group"),
        tags.MaxQueued.row("depends on DeviceType"),
        tags.DeviceField1.row("depends on DeviceType"),
        tags.DialedNumber.but(name="DeviceField2", size=129, mark=Mark.PERSONAL).row("depends on DeviceType"),
        tags.DNIS.but(name="DeviceField3").row("depends on DeviceType; printed as reserved"),
        tags.Extension.but(name="DeviceField4", mark=Mark.PERSONAL).row("depends on DeviceType"),
        tags.Description.row("description"),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.FltPeripheralID.tag,
                tags.RecordCSQID.tag,
                tags.DeviceType.tag,
                tags.MaxQueued.tag,
                tags.DeviceField1.tag,
                tags.DialedNumber.tag,
                tags.DNIS.tag,
                tags.Extension.tag,
                tags.Description.tag,
            ),
            opener=tags.RecordType.tag,
            most=10,
        ),
    ),
)

TEAM_CONFIG_REQ = Message(
    CHAPTER,
    242,
    "TEAM_CONFIG_REQ",
    Side.CLIENT,
    Kind.REQUEST,
    "A supervisor's client asks for the teams.",
    page="team_config_req",
    traits=Trait.ASKS,
    replies=("TEAM_CONFIG_CONF",),
    number_source=GED188,
    note="Zero or more TEAM_CONFIG_EVENT come before the confirmation. Has an UNSPEC in the fixed part.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("ConfigParam", USHORT, "0x1 initial configuration, 0x2 updates only", TeamConfigParam),
        reserved("Reserved1", UNSPEC, 0, width=8),
    ),
)

TEAM_CONFIG_EVENT = Message(
    CHAPTER,
    243,
    "TEAM_CONFIG_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Tells a team and its members.",
    page="team_config_event",
    number_source=GED188,
    note="Also sent unasked. AgentID holds a queue's id when MemberType is 2. TeamName must come first.",
    fixed=(
        shared.TEAM_ID,
        shared.NUM_RECORDS.but("number of member records, at most 64"),
        Fixed("Operation", USHORT, "1 add team, 2 remove team, 3 change team", TeamConfigOperation),
        reserved("Reserved1", UNSPEC, 0, width=8),
    ),
    floating=(
        tags.TeamName.required("team name; first floating field"),
        tags.AgentID.optional("login of agent or supervisor, or CSQ id"),
        tags.AgentFlags.optional("mask for the AgentID before it"),
        tags.RecordType.optional("0 add, 2 delete; ends with MemberType, does not start the record"),
        tags.MemberType.row("1 agent or supervisor, 2 CSQ"),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (tags.AgentID.tag, tags.AgentFlags.tag, tags.RecordType.tag, tags.MemberType.tag),
            most=Limit.MAX_AGENTS,
        ),
    ),
)

TEAM_CONFIG_CONF = Message(
    CHAPTER,
    244,
    "TEAM_CONFIG_CONF",
    Side.SERVER,
    Kind.CONFIRMATION,
    "The teams are complete.",
    page="team_config_conf",
    number_source=GED188,
    note="Ends the initial upload.",
    fixed=(
        shared.INVOKE_ID,
        Fixed("Status", UINT, "0 success, 1 internal error", TeamConfigStatus, mark=Mark.STATUS),
    ),
    floating=(tags.Text.but(size=128).optional("status in words"),),
)

CONFIG_TERMINAL_EVENT = Message(
    CHAPTER,
    276,
    "CONFIG_TERMINAL_EVENT",
    Side.SERVER,
    Kind.EVENT,
    "Configuration records of terminals.",
    page="config_terminal_event",
    since=18,
    number_source=GED188,
    note="The number was read in the sister protocol, whose message is the same field for field.",
    fixed=(shared.NUM_RECORDS.but("number of records, at most 10"),),
    floating=(
        tags.RecordType.but(since=18).row("0 add, 2 delete; starts a record"),
        tags.TerminalType.row("terminal type"),
        tags.TerminalDeviceName.row("terminal's device name"),
        tags.TerminalTypeName.row("name of the terminal type"),
        tags.NumInstruments.row("number of Instrument fields that follow, at most 10"),
        tags.AgentInstrument.but(name="Instrument", since=18).row("an instrument; one field each"),
    ),
    repeats=(
        Repeat(
            "NumRecords",
            (
                tags.RecordType.tag,
                tags.TerminalType.tag,
                tags.TerminalDeviceName.tag,
                tags.TerminalTypeName.tag,
                tags.NumInstruments.tag,
            ),
            opener=tags.RecordType.tag,
            most=10,
            inner=(Repeat("NumInstruments", (tags.AgentInstrument.tag,), most=10),),
        ),
    ),
)
