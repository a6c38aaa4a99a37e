"""What a device is and can do."""

from __future__ import annotations

from ccxdissect.protocol.codes import Code, Flags


class TypeOfDevice(Code):
    """What a device is."""

    DEVT_STATION = 0
    DEVT_LINE = 1
    DEVT_BUTTON = 2
    DEVT_ACD = 3
    DEVT_TRUNK = 4
    DEVT_OPERATOR = 5
    DEVT_STATION_GROUP = 16
    DEVT_LINE_GROUP = 17
    DEVT_BUTTON_GROUP = 18
    DEVT_ACD_GROUP = 19
    DEVT_TRUNK_GROUP = 20
    DEVT_OPERATOR_GROUP = 21
    DEVT_CTI_PORT_SCCP = 22
    DEVT_CTI_PORT_SIP = 23
    DEVT_OTHER = 255


class ClassOfDevice(Flags):
    """What a device carries."""

    DEVC_OTHER = 0x10
    DEVC_IMAGE = 0x20
    DEVC_DATA = 0x40
    DEVC_VOICE = 0x80


class TransferConferenceSetupMask(Flags):
    """How a device sets up transfers and conferences."""

    CONF_SETUP_CONSULT_SPECIFIC = 1
    CONF_SETUP_CONSULT_ANY = 2
    CONF_SETUP_CONN_HELD = 4
    CONF_SETUP_ANY_TWO_CALLS = 8
    CONF_SETUP_SINGLE_ACD_CALL = 0x10
    TRANS_SETUP_SINGLE_ACD_CALL = 0x20
    CONF_SETUP_ANY_SINGLE_CALL = 0x40
    TRANS_SETUP_ANY_SINGLE_CALL = 0x80


class CallControlMask(Flags):
    """Which requests a device supports."""

    CONTROL_QUERY_AGENT_STATE = 1
    CONTROL_SET_AGENT_STATE = 2
    CONTROL_ALTERNATE_CALL = 4
    CONTROL_ANSWER_CALL = 8
    CONTROL_CLEAR_CALL = 0x10
    CONTROL_CLEAR_CONNECTION = 0x20
    CONTROL_CONFERENCE_CALL = 0x40
    CONTROL_CONSULTATION_CALL = 0x80
    CONTROL_DEFLECT_CALL = 0x100
    CONTROL_HOLD_CALL = 0x200
    CONTROL_MAKE_CALL = 0x400
    CONTROL_MAKE_PREDICTIVE_CALL = 0x800
    CONTROL_RECONNECT_CALL = 0x1000
    CONTROL_RETRIEVE_CALL = 0x2000
    CONTROL_TRANSFER_CALL = 0x4000
    CONTROL_QUERY_DEVICE_INFO = 0x8000
    CONTROL_SNAPSHOT_CALL = 0x10000
    CONTROL_SNAPSHOT_DEVICE = 0x20000
    CONTROL_SEND_DTMF_SIGNAL = 0x40000


class FeatureMask(Flags):
    """Further features of a device."""

    FEATURE_POST_ROUTE = 1
    FEATURE_UNIQUE_CONSULT_CALLID = 2
