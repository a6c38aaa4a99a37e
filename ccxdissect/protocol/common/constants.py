"""The constant tables that both dialects have with the same values."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, UCCX, Code, Sense


class DeviceType(Code):
    """What kind of device an id names. 70, 71, 72 and 75 are reserved on the page; the sister protocol
    calls the table DeviceIDType. Page: devicetype-values.
    """

    DEVID_NONE = 0xFFFF, "no device id", UCCX, Sense.NOTHING
    DEVID_DEVICE_IDENTIFIER = 0, "IP phone extension"
    DEVID_CTI_PORT = 73, "CTI port", UCCX, Sense.UNATTENDED
    DEVID_ROUTE_POINT = 74, "route point", UCCX, Sense.UNATTENDED
    DEVID_AGENT_DEVICE = 76, "agent phone", UCCX, Sense.ATTENDED
    DEVID_QUEUE = 77, "queue", UCCX, Sense.UNATTENDED
    DEVID_NON_ACD_DEVICE_IDENTIFIER = (
        78,
        "agent's non-ACD extension; since version 14; id has the Primary.Actual form",
    )
    DEVID_TRUNK_IDENTIFIER = 70, "trunk", GED188
    DEVID_TRUNK_GROUP_IDENTIFIER = 71, "trunk group", GED188
    DEVID_IP_PHONE_MAC_IDENTIFIER = 72, "MAC address of an IP phone, CCX only according to GED-188", GED188
    DEVID_EXTERNAL = 75, "ANI or other external id", GED188
    DEVID_SHARED_DEVICE_IDENTIFIER = 79, "shared extension", GED188


class ConnectionDeviceType(Code):
    """What kind of id names a connection. Page: connectiondevicetype-values."""

    CONNECTION_ID_NONE = 0xFFFF, "no type given", UCCX, Sense.NOTHING
    CONNECTION_ID_STATIC = 0, "stable between calls"
    CONNECTION_ID_DYNAMIC = 1, "may change between calls"


class LocalConnectionState(Code):
    """The state of a connection between call and device. Page: localconnectionstate-lcs-values."""

    LCS_NONE = 0xFFFF, "not applicable", UCCX, Sense.NOTHING
    LCS_NULL = 0, "no relation call-device"
    LCS_INITIATE = 1, "dialing"
    LCS_ALERTING = 2, "ringing"
    LCS_CONNECT = 3, "talking"
    LCS_HOLD = 4, "on hold"
    LCS_QUEUED = 5, "stalled"
    LCS_FAIL = 6, "connection attempt aborted"


class ConsultType(Code):
    """What a consult call is for. Page: consult_call_req."""

    CT_UNSPECIFIED = 0, "unspecified"
    CT_TRANSFER = 1, "before a transfer"
    CT_CONFERENCE = 2, "before a conference"


class SupervisoryAction(Code):
    """What a supervisor does with an agent's call. The page's own table was not seen; the numbers are the
    sister protocol's.
    """

    SUPERVISOR_CLEAR = 0, "", GED188
    SUPERVISOR_MONITOR = 1, "", GED188
    SUPERVISOR_WHISPER = 2, "", GED188
    SUPERVISOR_BARGE_IN = 3, "", GED188
    SUPERVISOR_INTERCEPT = 4, "", GED188


class CallPlacementType(Code):
    """How a call is placed."""

    CPT_UNSPECIFIED = 0, "default", GED188
    CPT_LINE_CALL = 1, "inside line", GED188
    CPT_OUTBOUND = 2, "outbound", GED188
    CPT_OUTBOUND_NO_ACCESS_CODE = 3, "outbound, no access code", GED188
    CPT_DIRECT_POSITION = 4, "to a position", GED188
    CPT_DIRECT_AGENT = 5, "to an agent", GED188
    CPT_SUPERVISOR_ASSIST = 6, "to a supervisor for help", GED188


class CallOption(Code):
    """Options of placing a call."""

    COPT_UNSPECIFIED = 0, "default", GED188
    COPT_CALLING_AGENT_ONLINE = 1, "only if the agent is online", GED188
    COPT_CALLING_AGENT_RESERVED = 2, "obsolete", GED188
    COPT_CALLING_AGENT_NOT_RESERVED = 3, "obsolete", GED188
    COPT_CALLING_AGENT_BUZZ_BASE = 4, "obsolete", GED188
    COPT_CALLING_AGENT_BEEP_HSET = 5, "obsolete", GED188
    COPT_SERVICE_CIRCUIT_ON = 6, "use a call classifier", GED188


class FacilityType(Code):
    """What a facility code names."""

    FT_UNSPECIFIED = 0, "default", GED188
    FT_TRUNK_GROUP = 1, "trunk group", GED188
    FT_SKILL_GROUP = 2, "skill group", GED188


class AnsweringMachine(Code):
    """What to do with an answering machine."""

    AM_UNSPECIFIED = 0, "default", GED188
    AM_CONNECT = 1, "connect to the agent", GED188
    AM_DISCONNECT = 2, "hang up", GED188
    AM_NONE = 3, "no detection", GED188
    AM_NONE_NO_MODEM = 4, "no detection, but hang up on a modem", GED188
    AM_CONNECT_NO_MODEM = 5, "connect, but hang up on a modem", GED188


class ForwardType(Code):
    """What kind of forwarding it is."""

    FWT_IMMEDIATE = 0, "", GED188
    FWT_BUSY = 1, "", GED188
    FWT_NO_ANS = 2, "", GED188
    FWT_BUSY_INT = 3, "", GED188
    FWT_BUSY_EXT = 4, "", GED188
    FWT_NO_ANS_INT = 5, "", GED188
    FWT_NO_ANS_EXT = 6, "", GED188


class RecordType(Code):
    """What a configuration record does. Team and terminal events use ADD and DELETE only. Page:
    config_csq_event.
    """

    ADD = 0
    CHANGE = 1
    DELETE = 2


class RTPDirection(Code):
    """Which way a media stream goes. The names are ours. Page: rtp_started_event-optional."""

    INPUT = 0
    OUTPUT = 1
    BIDIRECTIONAL = 2


class RTPType(Code):
    """What a media stream carries. The names are ours. Page: rtp_started_event-optional."""

    AUDIO = 0
    VIDEO = 1
    DATA = 2


class EchoCancellation(Code):
    """Whether echo is cancelled. The names are ours. Page: rtp_started_event-optional."""

    OFF = 0
    ON = 1


class NullCall(Code):
    """The call id that means: no call."""

    NULL_CALL_ID = 0xFFFFFFFF, "no call id", UCCX, Sense.NOTHING


class NullLineHandle(Code):
    """The line handle that means: no line."""

    NULL_LINEHANDLE = 0xFFFF, "no line", UCCX, Sense.NOTHING


class NullPeripheral(Code):
    """The peripheral id that means: no peripheral."""

    NULL_PERIPHERAL_ID = 0xFFFFFFFF, "no peripheral", GED188, Sense.NOTHING


class NullService(Code):
    """The service id that means: no service."""

    NULL_SERVICE = 0xFFFFFFFF, "no service", GED188, Sense.NOTHING


class NullSkillGroup(Code):
    """The skill group that means: no skill group."""

    NULL_SKILL_GROUP = 0xFFFFFFFF, "no skill group", GED188, Sense.NOTHING


class NullCallType(Code):
    """The call type that means: no call type."""

    NULL_CALLTYPE = 0xFFFF, "no call type", GED188, Sense.NOTHING
