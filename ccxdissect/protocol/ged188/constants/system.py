"""Constants of the system: its events, its switches, its services."""

from __future__ import annotations

from ccxdissect.protocol.codes import GUIDE, Code, Sense


class SystemEventID(Code):
    """What happened to the server or its surroundings."""

    SYS_CENTRAL_CONTROLLER_ONLINE = 1, "the PG reaches the central controller (the router)"
    SYS_CENTRAL_CONTROLLER_OFFLINE = 2, "the PG has lost the central controller", GUIDE, Sense.OUT_OF_SERVICE
    SYS_PERIPHERAL_ONLINE = 3, "a peripheral went online"
    SYS_PERIPHERAL_OFFLINE = 4, "a peripheral went offline", GUIDE, Sense.OUT_OF_SERVICE
    SYS_TEXT_FYI = 5, "a text for whoever reads it"
    SYS_PERIPHERAL_GATEWAY_OFFLINE = 6, "the PG cannot reach its peripherals", GUIDE, Sense.OUT_OF_SERVICE
    SYS_CTI_SERVER_OFFLINE = 7, "the CTI Server cannot work", GUIDE, Sense.OUT_OF_SERVICE
    SYS_CTI_SERVER_ONLINE = 8, "the CTI Server works"
    SYS_HALF_HOUR_CHANGE = 9, "a half hour of statistics is over"
    SYS_INSTRUMENT_OUT_OF_SERVICE = 10, "device removed from service", GUIDE, Sense.OUT_OF_SERVICE
    SYS_INSTRUMENT_BACK_IN_SERVICE = 11, "device back in service"


class PeripheralType(Code):
    """What kind of switch a peripheral is. Older guides also have 1 (Aspect), 16 (Symposium) and 23 (Simplified IPCC)."""

    PT_MERIDIAN = 2
    PT_G2 = 3
    PT_DEFINITY_ECS_NON_EAS = 4
    PT_DEFINITY_ECS_EAS = 5
    PT_GALAXY = 6
    PT_SPECTRUM = 7
    PT_VRU = 8
    PT_VRU_POLLED = 9
    PT_DMS100 = 10
    PT_SIEMENS_9006 = 11
    PT_SIEMENS_9005 = 12
    PT_ALCATEL = 13
    PT_NEC_NEAX_2X00 = 14
    PT_ACP_1000 = 15
    PT_ENTERPRISE_AGENT = 17
    PT_MD110 = 18
    PT_MEDIA_ROUTING = 19
    PT_GENERIC = 20
    PT_ACMI_CRS = 21, "gateway PG over Unified CCX"
    PT_ACMI_IPCC = 22
    PT_ARS = 24
    PT_ACMI_ERS = 25
    PT_ACMI_EXPERT_ADVISOR = 26
    PT_NONE = 0xFFFF


class ServerMode(Code):
    """How several servers share a service. The names are ours."""

    EXCLUSIVE = 0
    ROUND_ROBIN = 1
    PARALLEL = 2


class ClientEventState(Code):
    """How grave a reported event is. The names are ours."""

    NORMAL = 0
    WARNING = 1
    ERROR = 2


class Distribution(Code):
    """Whom a message is for."""

    DISTRIBUTE_TO_CLIENT = 0
    DISTRIBUTE_TO_SUPERVISOR = 1
    DISTRIBUTE_TO_TEAM = 2
    DISTRIBUTE_TO_ALL = 3
