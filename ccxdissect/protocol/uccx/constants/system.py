"""Constants of the server's news of itself."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, UCCX, Code, Sense


class SystemEventID(Code):
    """What happened to the system. Page: systemeventid-values."""

    SYS_CCX_ONLINE = 3, "CCX went online"
    SYS_CCX_OFFLINE = 4, "CCX went offline", UCCX, Sense.OUT_OF_SERVICE
    SYS_INSTRUMENT_OUT_OF_SERVICE = 10, "device removed from service", UCCX, Sense.OUT_OF_SERVICE
    SYS_INSTRUMENT_BACK_IN_SERVICE = 11, "device back in service"
    SYS_CENTRAL_CONTROLLER_ONLINE = 1, "", GED188
    SYS_CENTRAL_CONTROLLER_OFFLINE = 2, "", GED188
    SYS_TEXT_FYI = 5, "", GED188
    SYS_PERIPHERAL_GATEWAY_OFFLINE = 6, "", GED188
    SYS_CTI_SERVER_OFFLINE = 7, "", GED188, Sense.OUT_OF_SERVICE
    SYS_CTI_SERVER_ONLINE = 8, "", GED188
    SYS_HALF_HOUR_CHANGE = 9, "", GED188


class CCXStatus(Code):
    """What the server is doing. The page heads the column 'mask value', but these are codes in the second
    byte. Page: unified-ccx-status-values.
    """

    CCX_INITIALIZING = 0x100, "starting"
    CCX_SHUTTING_DOWN = 0x200, "stopping", UCCX, Sense.OUT_OF_SERVICE
    CCX_SHUTDOWN = 0x300, "stopped", UCCX, Sense.OUT_OF_SERVICE
    CCX_IN_SERVICE = 0x400, "in service"
    CCX_PARTIAL_SERVICE = 0x500, "partial service"
    CCX_OUT_OF_SERVICE = 0x600, "failed to start", UCCX, Sense.OUT_OF_SERVICE


class PeripheralType(Code):
    """What kind of peripheral the server is: 21 in every event of this protocol."""

    PT_ENTERPRISE_AGENT = 17, "", GED188
    PT_ACMI_CRS = 21, "gateway PG over Unified CCX", GED188
    PT_ACMI_IPCC = 22, "", GED188
    PT_NONE = 0xFFFF, "", GED188
