"""Constants of the configuration that a server sends."""

from __future__ import annotations

from ccxdissect.protocol.codes import GUIDE, Code, Flags, Sense


class ConfigKeyStatus(Code):
    """The outcome of asking for the configuration keys."""

    CONFIG_SUCCESS = 0
    CONFIG_SERVICE_PROVIDER = 1, "configuration service not requested in OPEN_REQ"
    CONFIG_NO_KEY_SUPPORT = 2, "internal error"
    CONFIG_UNKNOWN_CUSTOMER = 3


class ConfigEndStatus(Code):
    """The outcome of asking for the configuration."""

    CONFIGEND_SUCCESS = 0
    CONFIGEND_NO_SERVICE_PROVIDER = 1
    CONFIGEND_UNKNOWN_CUSTOMER = 2
    CONFIGEND_INVALID = 3
    CONFIGEND_EMPTY = 4, "there is nothing to send", GUIDE, Sense.HARMLESS
    CONFIGEND_PARTIAL = 5


class ConfigInformation(Flags):
    """Configuration asked for or included; 0: updates only. The names are ours."""

    SERVICE = 1
    SKILL_GROUP = 2
    AGENT = 4
    DEVICE = 8
    CALL_TYPE = 0x10
    MRD = 0x20
    PERIPHERAL = 0x40
    AGENT_DESK_SETTINGS = 0x80
    AGENT_SERVICE = 0x200


class ConfigType(Code):
    """Why configuration is sent. The names are ours."""

    UNUSED = 0
    SOLICITED = 1
    UNSOLICITED = 2


class ConfigDeviceType(Code):
    """What kind of device a configuration record is about. The names are ours."""

    UNKNOWN = 0
    SERVICE = 1
    SKILL_GROUP = 2
    AGENT_ID = 3
    AGENT_DEVICE = 4
    ROUTE_POINT = 5, "route point data"
    CTI_PORT = 6, "CTI port data"
    CALL_CONTROL_GROUP = 7, "call control group data"


class ConfigOperation(Code):
    """What happens to a team. The names are ours."""

    RESTORE = 0
    ADD = 1
    REMOVE = 2
