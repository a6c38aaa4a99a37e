"""Constants of the configuration and team messages."""

from __future__ import annotations

from ccxdissect.protocol.codes import UCCX, Code, Flags, Sense
from ccxdissect.protocol.common.constants import RecordType as RecordType


class ConfigurationMask(Flags):
    """Configuration asked for or included. The page gives bits and meanings, the names are ours. Page:
    config_request_event.
    """

    CONFIG_UPDATES_ONLY = 0, "no initial upload wanted, updates allowed from now"
    CONFIG_INFO_APPLICATION = 1, "application information"
    CONFIG_INFO_CSQ = 2, "CSQ information"
    CONFIG_INFO_AGENT = 4, "agent information"
    CONFIG_INFO_DEVICE = 8, "device information"
    CONFIG_INFO_TERMINAL = 0x10, "since version 18: terminal information"


class ConfigType(Code):
    """Why configuration is sent. Page: config_begin_event."""

    INITIAL_CONFIGURATION = 1
    UPDATE = 2


class AgentType(Code):
    """What kind of agent a record is about. Page: config_agent_event."""

    AGENT = 1
    SUPERVISOR = 2


class ConfigDeviceType(Code):
    """What kind of device a configuration record is about: a number space of its own. Page:
    config_device_event.
    """

    AGENT = 3, "agent data"
    ROUTE_POINT = 5, "route point data"
    CTI_PORT = 6, "CTI port data"
    CALL_CONTROL_GROUP = 7, "call control group data"


class MRDomainID(Code):
    """The medium a queue serves. Page: config_csq_event."""

    VOICE = 0
    EMAIL = 1, "release 7.0(1) and later"


class ConfigKeyStatus(Code):
    """The outcome of asking for the configuration keys. Page: config_key_event."""

    CONFIG_SUCCESS = 0
    CONFIG_SERVICE_PROVIDER = 1, "configuration service not requested in OPEN_REQ"
    CONFIG_NO_KEY_SUPPORT = 2, "internal error"
    CONFIG_UNKNOWN_DATA = 3, "bad reserved[131]"


class ConfigEndStatus(Code):
    """The outcome of asking for the configuration; 2 and 3 differ from ConfigKeyStatus. Page:
    config_end_event.
    """

    CONFIG_SUCCESS = 0, "uploaded"
    CONFIG_SERVICE_PROVIDER = 1, "configuration service was not requested in OPEN_REQ"
    CONFIG_UNKNOWN_DATA = 2, "bad reserved[131] in CONFIG_REQUEST_EVENT"
    CONFIG_ERROR = 3, "error; bad or partial configuration was sent"
    CONFIG_EMPTY = 4, "no configuration data", UCCX, Sense.HARMLESS
    CONFIG_PARTIAL = 5, "partial configuration data"


class TeamConfigParam(Code):
    """What a client wants to know of the teams. The names are ours. Page: team_config_req."""

    INITIAL_CONFIGURATION = 1, "send the initial configuration"
    UPDATES_ONLY = 2, "updates only"


class TeamConfigOperation(Code):
    """What happens to a team. Page: team_config_event."""

    ADD_TEAM = 1
    REMOVE_TEAM = 2, "no optional floating fields follow"
    CHANGE_TEAM = 3


class TeamMemberType(Code):
    """What a team's member is. Page: team_config_event."""

    AGENT_OR_SUPERVISOR = 1
    CSQ = 2


class TeamConfigStatus(Code):
    """The outcome of asking for the teams. Page: team_config_conf."""

    SUCCESS = 0
    INTERNAL_ERROR = 1


class AgentFlags(Flags):
    """What an agent is in a team. The names are ours. Page: team_config_event."""

    REGULAR_AGENT = 0, "no flag"
    PRIMARY_SUPERVISOR = 1, "primary supervisor"
    TEMPORARY_AGENT = 2, "temporary agent"
    SUPERVISOR = 4, "supervisor"
