"""Why something failed.

The last item of a member is ours: what the server checks, the usual cause, what to do. No source says it.
"""

from __future__ import annotations

from ccxdissect.protocol.codes import GUIDE, Code, Sense


class StatusCode(Code):
    """Why a request or a session failed. Names: guide 25; what 0 to 26 mean is told by guides 14 and 15, the rest of the
    meanings follow the names.
    """

    E_CTI_NO_ERROR = 0, "no error"
    E_CTI_INVALID_VERSION = (
        1,
        "version not supported",
        GUIDE,
        Sense.VERSION_REFUSED,
        "The CTI Server's release does not speak the version of OPEN_REQ. Set the client to a version that the release has.",
    )
    E_CTI_INVALID_MESSAGE_LENGTH = (
        2,
        "bad message type (so guides 14 and 15, which call it E_CTI_INVALID_MESSAGE_TYPE), or bad length",
        GUIDE,
        None,
        "The server takes no message of this type or length. Check the number in the header, the length, and the version of both sides.",
    )
    E_CTI_INVALID_FIELD_TAG = (
        3,
        "bad tag of a floating field",
        GUIDE,
        None,
        "A floating field has a tag that the server does not know. Check the tags, and the width of their headers (wider from version 20 on).",
    )
    E_CTI_SESSION_NOT_OPEN = (
        4,
        "no session is open",
        GUIDE,
        None,
        "A request came before OPEN_REQ was granted, or after the session was closed. Wait for OPEN_CONF before anything else is sent.",
    )
    E_CTI_SESSION_ALREADY_OPEN = (
        5,
        "a session is open already",
        GUIDE,
        None,
        "OPEN_REQ came a second time on one connection. Open a session once for each connection; close it before opening it anew.",
    )
    E_CTI_REQUIRED_DATA_MISSING = (
        6,
        "a required floating field is missing",
        GUIDE,
        None,
        "A floating field that the message must have is not there; ClientID and ClientPassword must be there even when they are empty.",
    )
    E_CTI_INVALID_PERIPHERAL_ID = (
        7,
        "bad PeripheralID",
        GUIDE,
        None,
        "No peripheral of this PG has this id. Take the PeripheralID from the PG Explorer, or 0xffffffff where every peripheral is meant.",
    )
    E_CTI_INVALID_AGENT_DATA = (
        8,
        "bad agent data",
        GUIDE,
        None,
        "The agent's login id, extension or instrument is not one that the peripheral knows. Check the agent in the Agent Explorer, and the phone among the PG user's devices in CUCM.",
    )
    E_CTI_AGENT_NOT_LOGGED_ON = (
        9,
        "agent not logged on",
        GUIDE,
        None,
        "The request is for an agent who is not logged in. Log the agent in first, and look whether something has logged the agent out meanwhile.",
    )
    E_CTI_DEVICE_IN_USE = (
        10,
        "phone belongs to another client",
        GUIDE,
        None,
        "Another client's session holds this phone. Close that session first, or wait until the server has noticed that it is dead.",
    )
    E_CTI_NEW_SESSION_OPENED = (
        11,
        "replaced by a new session of the same client",
        GUIDE,
        Sense.REPLACED,
        "A later session for the same client took this one's place. If the one thrown out connects again at once, the two throw each other out for ever: let only one of them run.",
    )
    E_CTI_FUNCTION_NOT_AVAILABLE = (
        12,
        "a function or service that was not granted",
        GUIDE,
        None,
        "The session was not granted the service that this request belongs to. Compare ServicesGranted in OPEN_CONF with what was asked for.",
    )
    E_CTI_INVALID_CALLID = (
        13,
        "bad call id",
        GUIDE,
        None,
        "The call is over, or its id is of another call. Use the id of the latest event, and expect calls to end between two messages.",
    )
    E_CTI_PROTECTED_VARIABLE = (
        14,
        "this client may not change the variable",
        GUIDE,
        None,
        "The call variable is protected from clients: see which of them the configuration lets CTI change.",
    )
    E_CTI_CTI_SERVER_OFFLINE = (
        15,
        "the CTI Server cannot work; the client should close",
        GUIDE,
        Sense.OUT_OF_SERVICE,
        "The CTI Server runs but serves nobody: look at its PG (OPC, PIM and their peripheral), and let the client connect to the other side.",
    )
    E_CTI_TIMEOUT = (
        16,
        "no answer in time, or the client was silent for longer than its IdleTimeout",
        GUIDE,
        None,
        "Either the server did not answer in time, or the client said nothing for IdleTimeout seconds: look at the heartbeats before, and at the PG's load.",
    )
    E_CTI_UNSPECIFIED_FAILURE = (
        17,
        "unspecified",
        GUIDE,
        None,
        "The server does not say why. Look in the CTI Server's log (ctisvr) at this time.",
    )
    E_CTI_INVALID_TIMEOUT = (18, "IdleTimeout below 20 s", GUIDE, None, "IdleTimeout has to be at least 20 s.")
    E_CTI_INVALID_SERVICE_MASK = (
        19,
        "bits of ServicesRequested that are not in use",
        GUIDE,
        None,
        "ServicesRequested has bits that this version does not have, or services that exclude each other.",
    )
    E_CTI_INVALID_CALL_MSG_MASK = (
        20,
        "bits of CallMsgMask that are not in use",
        GUIDE,
        None,
        "CallMsgMask has bits that this version does not have: set only those of its guide.",
    )
    E_CTI_INVALID_AGENT_STATE_MASK = (
        21,
        "bits of AgentStateMask that are not in use",
        GUIDE,
        None,
        "AgentStateMask has bits that this version does not have: set only those of its guide.",
    )
    E_CTI_INVALID_RESERVED_FIELD = (
        22,
        "a reserved field is not 0",
        GUIDE,
        None,
        "A reserved field has to be 0. Check the layout of the fixed part against the version.",
    )
    E_CTI_INVALID_FIELD_LENGTH = (
        23,
        "a floating field is too long",
        GUIDE,
        None,
        "A floating field is longer than its table allows. Shorten it.",
    )
    E_CTI_INVALID_DIGITS = (
        24,
        "a text has characters that are no digits",
        GUIDE,
        None,
        "Where digits are wanted, something else was sent: look at the numbers in the request.",
    )
    E_CTI_BAD_MESSAGE_FORMAT = (
        25,
        "badly built: fixed fields are missing or of the wrong width",
        GUIDE,
        None,
        "The body does not have the layout of its type: check the fixed part's fields and widths for the session's version.",
    )
    E_CTI_INVALID_TAG_FOR_MSG_TYPE = (
        26,
        "a floating field that this message does not have",
        GUIDE,
        None,
        "Leave out the floating fields that this message's table does not list.",
    )
    E_CTI_INVALID_DEVICE_ID_TYPE = 27
    E_CTI_INVALID_LCL_CONN_STATE = 28
    E_CTI_INVALID_EVENT_CAUSE = 29
    E_CTI_INVALID_NUM_PARTIES = 30
    E_CTI_INVALID_SYS_EVENT_ID = 31
    E_CTI_INCONSISTENT_AGENT_DATA = (
        32,
        "agent data do not agree",
        GUIDE,
        None,
        "AgentID, extension and instrument are each known, but not of one and the same agent.",
    )
    E_CTI_INVALID_CONNECTION_ID_TYPE = 33
    E_CTI_INVALID_CALL_TYPE = 34
    E_CTI_NOT_CALL_PARTY = (
        35,
        "not a party of the call",
        GUIDE,
        None,
        "The device is not on this call: most often it left just before.",
    )
    E_CTI_INVALID_PASSWORD = (
        36,
        "bad password",
        GUIDE,
        None,
        "The password does not fit the client's id, or the agent's.",
    )
    E_CTI_CLIENT_DISCONNECTED = (
        37,
        "the client is gone",
        GUIDE,
        None,
        "The client whose session this is about is no longer connected.",
    )
    E_CTI_INVALID_OBJECT_STATE = 38
    E_CTI_INVALID_NUM_SKILL_GROUPS = 39
    E_CTI_INVALID_NUM_LINES = 40
    E_CTI_INVALID_LINE_TYPE = 41
    E_CTI_INVALID_ALLOCATION_STATE = 42
    E_CTI_INVALID_ANSWERING_MACHINE = 43
    E_CTI_INVALID_CALL_MANNER_TYPE = 44
    E_CTI_INVALID_CALL_PLACEMENT_TYPE = 45
    E_CTI_INVALID_CONSULT_TYPE = 46
    E_CTI_INVALID_FACILITY_TYPE = 47
    E_CTI_INVALID_MSG_TYPE_FOR_VERSION = (
        48,
        "a message that this version does not have",
        GUIDE,
        None,
        "Ask for a later version in OPEN_REQ, or leave the message out.",
    )
    E_CTI_INVALID_TAG_FOR_VERSION = (
        49,
        "a floating field that this version does not have",
        GUIDE,
        None,
        "Ask for a later version in OPEN_REQ, or leave the field out.",
    )
    E_CTI_INVALID_AGENT_WORK_MODE = 50
    E_CTI_INVALID_CALL_OPTION = 51
    E_CTI_INVALID_DESTINATION_COUNTRY = 52
    E_CTI_INVALID_ANSWER_DETECT_MODE = 53
    E_CTI_MUTUALLY_EXCLUS_DEVICEID_TYPES = 54
    E_CTI_INVALID_MONITORID = (
        55,
        "bad MonitorID",
        GUIDE,
        None,
        "No monitor of this session has this id: it was stopped, or is another session's.",
    )
    E_CTI_SESSION_MONITOR_ALREADY_EXISTS = (56, "the session is watched already")
    E_CTI_SESSION_MONITOR_IS_CLIENTS = (57, "a client cannot watch its own session")
    E_CTI_INVALID_CALL_CONTROL_MASK = 58
    E_CTI_INVALID_FEATURE_MASK = 59
    E_CTI_INVALID_TRANSFER_CONFERENCE_SETUP_MASK = 60
    E_CTI_INVALID_ARRAY_INDEX = 61
    E_CTI_INVALID_CHARACTER = 62
    E_CTI_CLIENT_NOT_FOUND = (63, "no such client", GUIDE, None, "No session of that client is open.")
    E_CTI_SUPERVISOR_NOT_FOUND = (
        64,
        "no supervisor to be found",
        GUIDE,
        None,
        "The agent's team has no supervisor who is logged in.",
    )
    E_CTI_TEAM_NOT_FOUND = (
        65,
        "no such team",
        GUIDE,
        None,
        "The agent is in no team, or the team does not exist: look at the Agent Team list.",
    )
    E_CTI_NO_CALL_ACTIVE = (
        66,
        "no active call",
        GUIDE,
        None,
        "The phone has no call on which somebody talks: it was put on hold, or is over.",
    )
    E_CTI_NAMED_VARIABLE_NOT_CONFIGURED = (
        67,
        "the ECC variable is not configured",
        GUIDE,
        None,
        "No expanded call variable of this name is enabled: look at the Expanded Call Variable list.",
    )
    E_CTI_NAMED_ARRAY_NOT_CONFIGURED = (
        68,
        "the ECC array is not configured",
        GUIDE,
        None,
        "No expanded call variable array of this name is enabled: look at the Expanded Call Variable list.",
    )
    E_CTI_INVALID_CALL_VARIABLE_MASK = 69
    E_CTI_ELEMENT_NOT_FOUND = 70
    E_CTI_INVALID_DISTRIBUTION_TYPE = 71
    E_CTI_INVALID_SKILL_GROUP = (
        72,
        "bad skill group",
        GUIDE,
        None,
        "No skill group of this peripheral has this number, or the agent is no member of it.",
    )
    E_CTI_TOO_MUCH_DATA = (
        73,
        "named data above 2000 bytes",
        GUIDE,
        None,
        "The call's named variables and arrays are together limited to 2000 bytes.",
    )
    E_CTI_VALUE_TOO_LONG = (
        74,
        "a value is too long",
        GUIDE,
        None,
        "The value is longer than its expanded call variable is configured for.",
    )
    E_CTI_SCALAR_FUNCTION_ON_ARRAY = 75
    E_CTI_ARRAY_FUNCTION_ON_SCALAR = 76
    E_CTI_INVALID_NUM_NAMED_VARIABLES = 77
    E_CTI_INVALID_NUM_NAMED_ARRAYS = 78
    E_CTI_INVALID_RTP_DIRECTION = 79
    E_CTI_INVALID_RTP_TYPE = 80
    E_CTI_CALLED_PARTY_DISPOSITION = 81
    E_CTI_INVALID_SUPERVISORY_ACTION = 82
    E_CTI_AGENT_TEAM_MONITOR_ALREADY_EXISTS = 83
    E_CTI_INVALID_SERVICE = 84
    E_CTI_SERVICE_CONFLICT = 85
    E_CTI_SKILL_GROUP_CONFLICT = 86
    E_CTI_INVALID_DEVICE = (
        87,
        "bad device",
        GUIDE,
        None,
        "The peripheral knows no such device: check it among the PG user's devices in CUCM.",
    )
    E_CTI_INVALID_MR_DOMAIN = 88
    E_CTI_MONITOR_ALREADY_EXISTS = (89, "watched already")
    E_CTI_MONITOR_TERMINATED = (
        90,
        "the monitor was ended by the server",
        GUIDE,
        None,
        "What was watched is gone, or the server ended the monitor: start it anew where it is still wanted.",
    )
    E_CTI_INVALID_TASK_MSG_MASK = 91
    E_CTI_SERVER_NOT_MASTER = (
        92,
        "standby server",
        GUIDE,
        Sense.STANDBY,
        "This side is the standby of a pair and serves nobody. Try the other side; only when both say so does none serve.",
    )
    E_CTI_INVALID_CSD = 93
    E_CTI_JTAPI_CCM_PROBLEM = (
        94,
        "JTAPI or CUCM problem",
        GUIDE,
        None,
        "The PG has lost CUCM's telephony (its JTAPI gateway). Look at CUCM's CTI Manager, at the PG user and its devices; no desktop can mend this.",
    )
    E_INVALID_CONFIG_MSG_MASK = 95
    E_CTI_AUTO_CONFIG_RESET = (
        96,
        "resend the configuration requests",
        GUIDE,
        None,
        "The server's configuration was loaded anew: ask for it again, from the keys on.",
    )
    E_CTI_INVALID_MONITOR_STATUS = 97
    E_CTI_INVALID_REQUEST_TYPE = 98
    E_CTI_INVALID_CLIENT_FOR_STANDBY = (
        107,
        "a client that a standby side does not take",
        GUIDE,
        None,
        "Only clients that asked for CTI_SERVICE_ACTIVE_STANDBY may open a session with the standby side: connect to the active one.",
    )
    E_CTI_INVALID_UNIQUE_INSTANCE_ID = (108, "bad UniqueInstanceID")
    E_CTI_DUPLICATE_UNIQUE_INSTANCE_ID = (
        109,
        "another client has the same UniqueInstanceID",
        GUIDE,
        None,
        "Two clients give themselves the same UniqueInstanceID: give each its own.",
    )
    E_CTI_SERVER_IN_MAINTENANCE_MODE = (
        110,
        "the side is being maintained",
        GUIDE,
        None,
        "This side takes no sessions while it is maintained: use the other side.",
    )


class ControlFailureCode(Code):
    """Why call control or a state change failed."""

    CF_GENERIC_UNSPECIFIED = (
        0,
        "",
        GUIDE,
        None,
        "The server does not say why; PeripheralErrorCode, where one follows, is CUCM's or the PIM's own and tells more. Look in the logs of the CTI Server and of the PIM at this time.",
    )
    CF_GENERIC_OPERATION = (
        1,
        "",
        GUIDE,
        None,
        "The request could not be carried out as things are; PeripheralErrorCode, where one follows, tells more.",
    )
    CF_REQUEST_INCOMPATIBLE_WITH_OBJECT = (
        2,
        "",
        GUIDE,
        None,
        "The request does not suit the state that the agent, phone or call is in. Compare it with the latest event about it.",
    )
    CF_VALUE_OUT_OF_RANGE = (3, "", GUIDE, None, "A field has a value that no constant of its table has.")
    CF_OBJECT_NOT_KNOWN = (4, "", GUIDE, None, "The peripheral knows no such agent, phone or call.")
    CF_INVALID_CALLING_DEVICE = (
        5,
        "",
        GUIDE,
        None,
        "The calling phone is not known or not controlled: it has to be among the PG user's devices in CUCM.",
    )
    CF_INVALID_CALLED_DEVICE = (
        6,
        "",
        GUIDE,
        None,
        "Nothing can be called by this number from this phone: check the number, and the phone's calling search space in CUCM.",
    )
    CF_INVALID_FORWARDING_DESTINATION = 7
    CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE = (
        8,
        "",
        GUIDE,
        None,
        "The request is not allowed on this device: look at the agent's desk settings, and whether the agent is a supervisor of that team.",
    )
    CF_PRIVILEGE_VIOLATION_ON_CALLED_DEVICE = 9
    CF_PRIVILEGE_VIOLATION_ON_CALLING_DEVICE = 10
    CF_INVALID_CSTA_CALL_IDENTIFIER = (
        11,
        "",
        GUIDE,
        None,
        "The phone is on no call with this id: most often the call ended, or became another one, just before.",
    )
    CF_INVALID_CSTA_DEVICE_IDENTIFIER = (
        12,
        "",
        GUIDE,
        None,
        "The peripheral controls no phone of this name: check the instrument, and that it is among the PG user's devices in CUCM.",
    )
    CF_INVALID_CSTA_CONNECTION_IDENTIFIER = (
        13,
        "",
        GUIDE,
        None,
        "The device is not on this call. Use call id and device of one and the same event.",
    )
    CF_INVALID_DESTINATION = (
        14,
        "",
        GUIDE,
        None,
        "The number cannot be reached from here: check it, and the phone's calling search space in CUCM.",
    )
    CF_INVALID_FEATURE = 15
    CF_INVALID_ALLOCATION_STATE = 16
    CF_INVALID_CROSS_REF_ID = 17
    CF_INVALID_OBJECT_TYPE = 18
    CF_SECURITY_VIOLATION = (
        19,
        "",
        GUIDE,
        None,
        "The session may not do this: a client with CLIENT_CONTROL controls its own agent and phone only, and the service must have been granted.",
    )
    CF_GENERIC_STATE_INCOMPATIBILITY = (
        21,
        "",
        GUIDE,
        None,
        "The agent, phone or call is in a state in which this is not possible. Compare the request with the latest event about it.",
    )
    CF_INVALID_OBJECT_STATE = (
        22,
        "",
        GUIDE,
        None,
        "The agent, phone or call is in a state in which this is not possible, for instance logging out while a call lasts. Compare the request with the latest event about it.",
    )
    CF_INVALID_CONNECTION_ID_FOR_ACTIVE_CALL = 23
    CF_NO_ACTIVE_CALL = (
        24,
        "",
        GUIDE,
        None,
        "The phone has no call on which somebody talks: it was put on hold, or is over.",
    )
    CF_NO_HELD_CALL = (25, "", GUIDE, None, "The phone has no call on hold: it was taken back, or is over.")
    CF_NO_CALL_TO_CLEAR = (26, "", GUIDE, None, "There is no call to clear: it ended just before.")
    CF_NO_CONNECTION_TO_CLEAR = (
        27,
        "",
        GUIDE,
        None,
        "There is no such connection to clear: the device left the call just before.",
    )
    CF_NO_CALL_TO_ANSWER = (
        28,
        "",
        GUIDE,
        None,
        "No call rings at the phone: it was answered already, went elsewhere, or the caller gave up.",
    )
    CF_NO_CALL_TO_COMPLETE = 29
    CF_GENERIC_SYSTEM_RESOURCE_AVAILABILITY = 31
    CF_SERVICE_BUSY = 32
    CF_RESOURCE_BUSY = (
        33,
        "",
        GUIDE,
        None,
        "The phone or the peripheral is busy with another call. Try again when it is free.",
    )
    CF_RESOURCE_OUT_OF_SERVICE = (
        34,
        "",
        GUIDE,
        None,
        "The phone or the peripheral is out of service: look at the phone's registration with CUCM, and at the PIM.",
    )
    CF_NETWORK_BUSY = 35
    CF_NETWORK_OUT_OF_SERVICE = 36
    CF_OVERALL_MONITOR_LIMIT_EXCEEDED = 37
    CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED = (
        38,
        "",
        GUIDE,
        None,
        "The conference has as many parties as it may have: look at the conference bridge's limits in CUCM.",
    )
    CF_GENERIC_SUBSCRIBED_RESOURCE_AVAILABILITY = 41
    CF_OBJECT_MONITOR_LIMIT_EXCEEDED = 42
    CF_EXTERNAL_TRUNK_LIMIT_EXCEEDED = 43
    CF_OUTSTANDING_REQUEST_LIMIT_EXCEEDED = 44
    CF_GENERIC_PERFORMANCE_MANAGEMENT = 51
    CF_PERFORMANCE_LIMIT_EXCEEDED = 52
    CF_SEQUENCE_NUMBER_VIOLATED = 61
    CF_TIME_STAMP_VIOLATED = 62
    CF_PAC_VIOLATED = 63
    CF_SEAL_VIOLATED = 64
    CF_GENERIC_UNSPECIFIED_REJECTION = (
        70,
        "",
        GUIDE,
        None,
        "The peripheral refused without saying why; PeripheralErrorCode, where one follows, tells more. Look in the PIM's log at this time.",
    )
    CF_GENERIC_OPERATION_REJECTION = (
        71,
        "",
        GUIDE,
        None,
        "The peripheral refused the operation; PeripheralErrorCode, where one follows, tells more.",
    )
    CF_DUPLICATE_INVOCATION_REJECTION = 72
    CF_UNRECOGNIZED_OPERATION_REJECTION = 73
    CF_MISTYPED_ARGUMENT_REJECTION = 74
    CF_RESOURCE_LIMITATION_REJECTION = 75
    CF_ACS_HANDLE_TERMINATION_REJECTION = 76
    CF_SERVICE_TERMINATION_REJECTION = 77
    CF_REQUEST_TIMEOUT_REJECTION = (
        78,
        "",
        GUIDE,
        None,
        "The peripheral did not answer in time: look at the load of PIM, JTAPI gateway and CUCM.",
    )
    CF_REQUESTS_ON_DEVICE_EXCEEDED_REJECTION = 79
    CF_INVALID_AGENT_ID_SPECIFIED = (
        256,
        "",
        GUIDE,
        None,
        "No agent of this peripheral has this login id: look in the Agent Explorer.",
    )
    CF_INVALID_PASSWORD_SPECIFIED = (
        257,
        "",
        GUIDE,
        None,
        "The agent's password is wrong; after too many tries the account is locked.",
    )
    CF_INVALID_AGENT_ID_OR_PASSWORD_SPECIFIED = (
        258,
        "",
        GUIDE,
        None,
        "Login id or password is wrong: look in the Agent Explorer, and whether the agent signs in by SSO.",
    )
    CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON = (
        259,
        "",
        GUIDE,
        None,
        "The agent is logged in already, perhaps at another phone: log the agent out there first.",
    )
    CF_INVALID_LOGON_DEVICE_SPECIFIED = (
        260,
        "",
        GUIDE,
        None,
        "The agent cannot log in at this phone: the instrument has to be an agent's device, among the PG user's devices in CUCM.",
    )
    CF_INVALID_ANSWERING_DEVICE_SPECIFIED = 261
    CF_INVALID_SKILL_GROUP_SPECIFIED = (
        262,
        "",
        GUIDE,
        None,
        "No skill group of this peripheral has this number, or the agent is no member of it.",
    )
    CF_INVALID_CLASS_OF_SERVICE_SPECIFIED = 263
    CF_INVALID_TEAM_SPECIFIED = 264
    CF_INVALID_AGENT_WORKMODE = (
        265,
        "",
        GUIDE,
        None,
        "The agent cannot work in this way: check AgentWorkMode, and for a mobile agent the phone number and the desk settings.",
    )
    CF_INVALID_AGENT_REASON_CODE = (
        266,
        "",
        GUIDE,
        None,
        "The reason code is not one that is configured: look at the Reason Code list.",
    )
    CF_ADJUNCT_SWITCH_COMM_ERROR = (
        267,
        "",
        GUIDE,
        None,
        "The PG does not reach the switch: look at PIM, JTAPI gateway and CUCM's CTI Manager.",
    )
    CF_AGENT_NOT_PARTY_ON_CALL = (
        268,
        "",
        GUIDE,
        None,
        "The agent's phone is not on this call: most often it left just before.",
    )
    CF_INTERNAL_PROCESSING_ERROR = (
        269,
        "",
        GUIDE,
        None,
        "The PG failed inside: look in the logs of OPC and PIM at this time.",
    )
    CF_TAKE_CALL_CONTROL_REJECTION = 270
    CF_TAKE_DOMAIN_CONTROL_REJECTION = 271
    CF_REQUESTED_SERVICE_NOT_REGISTERED = 272
    CF_INVALID_CONSULT_TYPE = (273, "", GUIDE, None, "ConsultType has to be one of its table.")
    CF_ANSMAP_OR_ADPARAM_FIELD_NOT_VALID = 274
    CF_INVALID_CALL_CONTROL_TABLE_SPECIFIED = 275
    CF_INVALID_DIGITS_RNATIMEOUT_AMSDELAY_OR_COUNTRY = 276
    CF_ANSWER_DETECT_PORT_UNAVAILABLE = 277
    CF_VIRTUAL_AGENT_UNAVAILABLE = 278
    CF_TAKEBACK_N_XFER_ROUTE_END = 279
    CF_WRAPUP_DATA_REQUIRED = (
        280,
        "",
        GUIDE,
        None,
        "The desk settings want wrap-up data before the agent leaves this state.",
    )
    CF_REASON_CODE_REQUIRED = (281, "", GUIDE, None, "The desk settings want a reason code with this change of state.")
    CF_INVALID_TRUNK_ID_SPECIFIED = 282
    CF_SPECIFIED_EXTENSION_ALREADY_IN_USE = (
        283,
        "",
        GUIDE,
        None,
        "Another agent is logged in with this extension: find out who, and give each agent an own one.",
    )
    CF_ARBITRARY_CONF_OR_XFER_NOT_SUPPORTED = (
        284,
        "",
        GUIDE,
        None,
        "Any two calls cannot be joined here, only one with its own consult call.",
    )
    CF_NETWORK_TRANSFER_OR_CONSULT = 285
    CF_NETWORK_TRANSFER_OR_CONSULT_FAILED = 286
    CF_DEVICE_RESTRICTED = (
        287,
        "",
        GUIDE,
        None,
        "CUCM restricts the device for CTI: look at the device and the PG user's permissions.",
    )
    CF_LINE_RESTRICTED = (
        288,
        "",
        GUIDE,
        None,
        "CUCM restricts the line for CTI: look at the line and the PG user's permissions.",
    )
    CF_AGENT_ACCOUNT_LOCKED_OUT = (
        289,
        "",
        GUIDE,
        None,
        "The account is locked after too many wrong passwords: unlock it.",
    )
    CF_DROP_ANY_PARTY_NOT_ENABLED_CTI = (
        290,
        "",
        GUIDE,
        None,
        "Dropping any party of a conference is not enabled for CTI.",
    )
    CF_MAXIMUM_LINE_LIMIT_EXCEEDED = (291, "", GUIDE, None, "The phone has more lines than an agent's phone may have.")
    CF_SHARED_LINES_NOT_SUPPORTED = (
        292,
        "",
        GUIDE,
        None,
        "The line is shared by several phones, which agents' phones may not do here.",
    )
    CF_EXTENSION_NOT_UNIQUE = (
        293,
        "",
        GUIDE,
        None,
        "Several phones have this extension, so that the server cannot tell which is meant.",
    )
    CF_UNKNOWN_INTERFACE_CTRLR_ID = 1001
    CF_INVALID_INTERFACE_CTRLR_TYPE = 1002
    CF_SOFTWARE_REV_NO_SUPPORTED = 1003
    CF_UNKNOWN_PID = 1004
    CF_INVALID_TABLE_SPECIFIED = 1005
    CF_PD_SERVICE_INACTIVE = 1006
    CF_UNKNOWN_ROUTING_CLIENT_ID = 1007
    CF_RC_SERVICE_INACTIVATE = 1008
    CF_INVALID_DIALED_NUMBER = 1009
    CF_INVALID_PARAMETER = 1010
    CF_UNKNOWN_ROUTING_PROBLEM = 1011
    CF_UNSUPPORTED_PD_MESSAGE_REVISION = 1012
    CF_UNSUPPORTED_RC_MESSAGE_REVISION = 1013
    CF_UNSUPPORTED_IC_MESSAGE_REVISION = 1014
    CF_RC_SERVICE_INACTIVATE_PIM = 1015
    CF_AGENT_GREETING_CONTROL_OPERATION_FAILURE = (
        1016,
        "",
        GUIDE,
        None,
        "The agent greeting could not be switched or recorded: look at the greeting's configuration and media server.",
    )
