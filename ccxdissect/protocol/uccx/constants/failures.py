"""Why something failed: status codes, control failures, Unified CCX error codes.

The last item of a member is ours: what the server checks, the usual cause, what to do. No source says it.
"""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, INFERRED, UCCX, Code, Sense


class StatusCode(Code):
    """Why a request or a session failed. The page reserves 12, 14-16, 19-22, 24-91 and 95; those names are
    the sister protocol's. Page: error-e-status-codes.
    """

    E_CTI_NO_ERROR = 0, "no error"
    E_CTI_INVALID_VERSION = (
        1,
        "version not supported",
        UCCX,
        Sense.VERSION_REFUSED,
        "The server's release does not speak the version of OPEN_REQ. Set the client to a version that "
        "the release has.",
    )
    E_CTI_INVALID_MESSAGE_TYPE = (
        2,
        "bad message type",
        UCCX,
        None,
        "The server knows no message of this type, or does not take it from a client. Check the number in "
        "the header and the version of both sides.",
    )
    E_CTI_INVALID_FIELD = (
        3,
        "bad floating field id",
        UCCX,
        None,
        "A floating field has a tag that the server does not know in this message, or stands where its "
        "version has none. Check the tags and the width of their headers (wider from version 18 on).",
    )
    E_CTI_SESSION_NOT_OPEN = (
        4,
        "no session",
        UCCX,
        None,
        "A request came before OPEN_REQ was granted, or after the session was closed. Wait for OPEN_CONF "
        "before anything else is sent.",
    )
    E_CTI_SESSION_ALREADY_OPEN = (
        5,
        "session exists",
        UCCX,
        None,
        "OPEN_REQ came a second time on one connection. Open a session once for each connection; close it "
        "before opening it anew.",
    )
    E_CTI_REQUIRED_DATA_MISSING = (
        6,
        "required floating field missing",
        UCCX,
        None,
        "A floating field that the message must have is not there; ClientID and ClientPassword must be "
        "there even when they are empty.",
    )
    E_CTI_INVALID_PERIPHERAL_ID = (
        7,
        "a reserved fixed field is wrong",
        UCCX,
        None,
        "A reserved fixed field does not carry its constant. Check the layout of the fixed part against the version.",
    )
    E_CTI_INVALID_AGENT_DATA = (
        8,
        "bad agent data",
        UCCX,
        None,
        "AgentID, extension and instrument do not belong together, or one of them does not exist. Check "
        "the agent's login id and that the extension is the agent's IPCC extension in CUCM.",
    )
    E_CTI_AGENT_NOT_LOGGED_ON = (
        9,
        "agent not logged on",
        UCCX,
        None,
        "The request is for an agent who is not logged in. Log the agent in first, and look whether "
        "something has logged the agent out meanwhile.",
    )
    E_CTI_DEVICE_IN_USE = (
        10,
        "phone belongs to another client",
        UCCX,
        None,
        "Another client's session holds this phone. Close that session first, or wait until the server "
        "has noticed that it is dead.",
    )
    E_CTI_NEW_SESSION_OPENED = (
        11,
        "replaced by a new session",
        UCCX,
        Sense.REPLACED,
        "A later session for the same client took this one's place. If the one thrown out connects again "
        "at once, the two throw each other out for ever: let only one of them run.",
    )
    E_CTI_INVALID_CALLID = (
        13,
        "bad call id",
        UCCX,
        None,
        "The call is over, or its id is of another call. Use the id of the latest event, and expect calls "
        "to end between two messages.",
    )
    E_CTI_UNSPECIFIED_FAILURE = (
        17,
        "unspecified",
        UCCX,
        None,
        "The server does not say why. Look in its log (ICD_CTI) at this time.",
    )
    E_CTI_INVALID_TIMEOUT = (
        18,
        "IdleTimeout below 20 s",
        UCCX,
        None,
        "IdleTimeout has to be at least 20 s.",
    )
    E_CTI_INVALID_FIELD_LENGTH = (
        23,
        "floating field too long",
        UCCX,
        None,
        "A floating field is longer than its table allows. Shorten it.",
    )
    E_CTI_SERVER_NOT_MASTER = (
        92,
        "standby server",
        UCCX,
        Sense.STANDBY,
        "This node is the standby of a pair and serves nobody. Try the other node; only when every node "
        "says so is there no master.",
    )
    E_CTI_INVALID_CSQ = (
        93,
        "bad CSQ",
        UCCX,
        None,
        "No contact service queue has this id, or the agent has no part in it. Ask for the configuration "
        "anew: queues change while clients run.",
    )
    E_CTI_JTAPI_CCM_PROBLEM = (
        94,
        "JTAPI or CUCM problem",
        UCCX,
        None,
        "The server has lost CUCM's telephony (its JTAPI provider). Look at CUCM's CTI Manager, at the "
        "JTAPI user and its devices; no desktop can mend this.",
    )
    E_CTI_AUTO_CONFIG_RESET = (
        96,
        "resend the configuration requests",
        UCCX,
        None,
        "The server's configuration was loaded anew: ask for it again, from the keys on.",
    )
    E_CTI_FUNCTION_NOT_AVAILABLE = 12, "", GED188
    E_CTI_PROTECTED_VARIABLE = 14, "", GED188
    E_CTI_CTI_SERVER_OFFLINE = (
        15,
        "",
        GED188,
        Sense.OUT_OF_SERVICE,
        "The server is up but serves nobody. Wait for it, or use the other node.",
    )
    E_CTI_TIMEOUT = (
        16,
        "",
        GED188,
        None,
        "Something behind the CTI server did not answer in time. Look at the server's load and at CUCM.",
    )
    E_CTI_INVALID_SERVICE_MASK = (
        19,
        "",
        GED188,
        None,
        "ServicesRequested asks for services that exclude each other, or that the user may not have.",
    )
    E_CTI_INVALID_CALL_MSG_MASK = 20, "", GED188
    E_CTI_INVALID_AGENT_STATE_MASK = 21, "", GED188
    E_CTI_INVALID_RESERVED_FIELD = 22, "", GED188
    E_CTI_INVALID_DIGITS = 24, "", GED188
    E_CTI_BAD_MESSAGE_FORMAT = (
        25,
        "",
        GED188,
        None,
        "The body does not have the layout of its type: check the fixed part's fields and widths for the "
        "session's version.",
    )
    E_CTI_INVALID_TAG_FOR_MSG_TYPE = 26, "", GED188
    E_CTI_INVALID_DEVICE_ID_TYPE = 27, "", GED188
    E_CTI_INVALID_LCL_CONN_STATE = 28, "", GED188
    E_CTI_INVALID_EVENT_CAUSE = 29, "", GED188
    E_CTI_INVALID_NUM_PARTIES = 30, "", GED188
    E_CTI_INVALID_SYS_EVENT_ID = 31, "", GED188
    E_CTI_INCONSISTENT_AGENT_DATA = 32, "agent data do not agree", GED188
    E_CTI_INVALID_CONNECTION_ID_TYPE = 33, "", GED188
    E_CTI_INVALID_CALL_TYPE = 34, "", GED188
    E_CTI_NOT_CALL_PARTY = 35, "", GED188
    E_CTI_INVALID_PASSWORD = (
        36,
        "",
        GED188,
        None,
        "The password does not fit the client's id.",
    )
    E_CTI_CLIENT_DISCONNECTED = 37, "", GED188
    E_CTI_INVALID_OBJECT_STATE = 38, "", GED188
    E_CTI_INVALID_NUM_SKILL_GROUPS = 39, "", GED188
    E_CTI_INVALID_NUM_LINES = 40, "", GED188
    E_CTI_INVALID_LINE_TYPE = 41, "", GED188
    E_CTI_INVALID_ALLOCATION_STATE = 42, "", GED188
    E_CTI_INVALID_ANSWERING_MACHINE = 43, "", GED188
    E_CTI_INVALID_CALL_MANNER_TYPE = 44, "", GED188
    E_CTI_INVALID_CALL_PLACEMENT_TYPE = 45, "", GED188
    E_CTI_INVALID_CONSULT_TYPE = 46, "", GED188
    E_CTI_INVALID_FACILITY_TYPE = 47, "", GED188
    E_CTI_INVALID_MSG_TYPE_FOR_VERSION = 48, "", GED188
    E_CTI_INVALID_TAG_FOR_VERSION = 49, "", GED188
    E_CTI_INVALID_AGENT_WORK_MODE = 50, "", GED188
    E_CTI_INVALID_CALL_OPTION = 51, "", GED188
    E_CTI_INVALID_DESTINATION_COUNTRY = 52, "", GED188
    E_CTI_INVALID_ANSWER_DETECT_MODE = 53, "", GED188
    E_CTI_MUTUALLY_EXCLUS_DEVICEID_TYPES = 54, "", GED188
    E_CTI_INVALID_MONITORID = 55, "", GED188
    E_CTI_SESSION_MONITOR_ALREADY_EXISTS = 56, "", GED188
    E_CTI_SESSION_MONITOR_IS_CLIENTS = 57, "", GED188
    E_CTI_INVALID_CALL_CONTROL_MASK = 58, "", GED188
    E_CTI_INVALID_FEATURE_MASK = 59, "", GED188
    E_CTI_INVALID_TRANSFER_CONFERENCE_SETUP_MASK = 60, "", GED188
    E_CTI_INVALID_ARRAY_INDEX = 61, "", GED188
    E_CTI_INVALID_CHARACTER = 62, "", GED188
    E_CTI_CLIENT_NOT_FOUND = 63, "", GED188
    E_CTI_SUPERVISOR_NOT_FOUND = 64, "", GED188
    E_CTI_TEAM_NOT_FOUND = 65, "", GED188
    E_CTI_NO_CALL_ACTIVE = 66, "", GED188
    E_CTI_NAMED_VARIABLE_NOT_CONFIGURED = 67, "", GED188
    E_CTI_NAMED_ARRAY_NOT_CONFIGURED = 68, "", GED188
    E_CTI_INVALID_CALL_VARIABLE_MASK = 69, "", GED188
    E_CTI_ELEMENT_NOT_FOUND = 70, "", GED188
    E_CTI_INVALID_DISTRIBUTION_TYPE = 71, "", GED188
    E_CTI_INVALID_SKILL_GROUP = 72, "", GED188
    E_CTI_TOO_MUCH_DATA = (
        73,
        "named data above 2000 bytes",
        GED188,
        None,
        "The call's named variables and arrays are together limited to 2000 bytes.",
    )
    E_CTI_VALUE_TOO_LONG = 74, "", GED188
    E_CTI_SCALAR_FUNCTION_ON_ARRAY = 75, "", GED188
    E_CTI_ARRAY_FUNCTION_ON_SCALAR = 76, "", GED188
    E_CTI_INVALID_NUM_NAMED_VARIABLES = 77, "", GED188
    E_CTI_INVALID_NUM_NAMED_ARRAYS = 78, "", GED188
    E_CTI_INVALID_RTP_DIRECTION = 79, "", GED188
    E_CTI_INVALID_RTP_TYPE = 80, "", GED188
    E_CTI_CALLED_PARTY_DISPOSITION = 81, "", GED188
    E_CTI_INVALID_SUPERVISORY_ACTION = 82, "", GED188
    E_CTI_AGENT_TEAM_MONITOR_ALREADY_EXISTS = 83, "", GED188
    E_CTI_INVALID_SERVICE = 84, "", GED188
    E_CTI_SERVICE_CONFLICT = 85, "", GED188
    E_CTI_SKILL_GROUP_CONFLICT = 86, "", GED188
    E_CTI_INVALID_DEVICE = 87, "", GED188
    E_CTI_INVALID_MR_DOMAIN = 88, "", GED188
    E_CTI_MONITOR_ALREADY_EXISTS = 89, "", GED188
    E_CTI_MONITOR_TERMINATED = 90, "", GED188
    E_CTI_INVALID_TASK_MSG_MASK = 91, "", GED188
    E_CTI_INVALID_CONFIG_MSG_MASK = 95, "", GED188
    E_CTI_INVALID_MONITOR_STATUS = 97, "", GED188
    E_CTI_INVALID_REQUEST_TYPE = 98, "", GED188


class ControlFailureCode(Code):
    """Why call control or a state change failed. The page is cut after 22; the rest is the sister
    protocol's. Page: control-failure-cf-values.
    """

    CF_GENERIC_UNSPECIFIED = (
        0,
        "",
        UCCX,
        None,
        "The server does not say why; its own error code, where one follows, tells more. Look in the "
        "server's log (ICD_CTI) at this time.",
    )
    CF_GENERIC_OPERATION = (
        1,
        "",
        UCCX,
        None,
        "The request could not be carried out as things are; the server's own error code, where one "
        "follows, tells more.",
    )
    CF_REQUEST_INCOMPATIBLE_WITH_OBJECT = (
        2,
        "",
        UCCX,
        None,
        "The request does not suit the state that the agent, phone or call is in. Compare it with the "
        "latest event about it.",
    )
    CF_VALUE_OUT_OF_RANGE = (
        3,
        "",
        UCCX,
        None,
        "A field has a value that no constant of its table has.",
    )
    CF_OBJECT_NOT_KNOWN = (
        4,
        "",
        UCCX,
        None,
        "The server knows no such agent, phone or call.",
    )
    CF_INVALID_CALLING_DEVICE = (
        5,
        "",
        UCCX,
        None,
        "The calling phone is not known or not controlled by the server: it has to be among the RmCm "
        "provider's devices in CUCM.",
    )
    CF_INVALID_CALLED_DEVICE = (
        6,
        "",
        UCCX,
        None,
        "Nothing can be called by this number from this phone: check the number, and the phone's calling "
        "search space in CUCM.",
    )
    CF_INVALID_FORWARDING_DESTINATION = 7
    CF_PRIVILEGE_VIOLATION_ON_SPECIFIED_DEVICE = 8
    CF_PRIVILEGE_VIOLATION_ON_CALLED_DEVICE = 9
    CF_PRIVILEGE_VIOLATION_ON_CALLING_DEVICE = 10
    CF_INVALID_CSTA_CALL_ID = (
        11,
        "",
        UCCX,
        None,
        "The phone is on no call with this id: most often the call ended, or became another one, just before.",
    )
    CF_INVALID_CSTA_DEVICE_ID = (
        12,
        "",
        UCCX,
        None,
        "The server controls no phone of this name: check the instrument, and that it is among the RmCm "
        "provider's devices in CUCM.",
    )
    CF_INVALID_CSTA_CONNECTION_ID = (
        13,
        "",
        UCCX,
        None,
        "The device is not on this call. Use call id and device of one and the same event.",
    )
    CF_INVALID_DESTINATION = (
        14,
        "",
        UCCX,
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
        UCCX,
        None,
        "The session may not do this: a client in agent mode controls its own agent and phone only, and "
        "the service must have been granted.",
    )
    CF_GENERIC_STATE_INCOMPATIBILITY = (
        21,
        "",
        UCCX,
        None,
        "The agent, phone or call is in a state in which this is not possible. Compare the request with "
        "the latest event about it.",
    )
    CF_INVALID_OBJECT_STATE = (
        22,
        "",
        GED188,
        None,
        "The agent, phone or call is in a state in which this is not possible, for instance ready while a "
        "call lasts. Compare the request with the latest event about it.",
    )
    CF_INVALID_CONNECTION_ID_FOR_ACTIVE_CALL = 23, "", GED188
    CF_NO_ACTIVE_CALL = (
        24,
        "",
        GED188,
        None,
        "The phone has no call on which somebody talks: it was put on hold, or is over.",
    )
    CF_NO_HELD_CALL = (
        25,
        "",
        GED188,
        None,
        "The phone has no call on hold: it was taken back, or is over.",
    )
    CF_NO_CALL_TO_CLEAR = (
        26,
        "",
        GED188,
        None,
        "The call was over before the request came.",
    )
    CF_NO_CONNECTION_TO_CLEAR = (
        27,
        "",
        GED188,
        None,
        "The phone was off the call before the request came.",
    )
    CF_NO_CALL_TO_ANSWER = (
        28,
        "",
        GED188,
        None,
        "The phone does not ring any more: the caller hung up, or the call went back to its queue.",
    )
    CF_NO_CALL_TO_COMPLETE = 29, "", GED188
    CF_GENERIC_SYSTEM_RESOURCE_AVAILABILITY = 31, "", GED188
    CF_SERVICE_BUSY = 32, "", GED188
    CF_RESOURCE_BUSY = (
        33,
        "",
        GED188,
        None,
        "The phone, or the one called, is on another call.",
    )
    CF_RESOURCE_OUT_OF_SERVICE = (
        34,
        "",
        GED188,
        None,
        "The phone is not registered with CUCM, or not associated with the provider's user. Look at the phone in CUCM.",
    )
    CF_NETWORK_BUSY = 35, "", GED188
    CF_NETWORK_OUT_OF_SERVICE = 36, "", GED188
    CF_OVERALL_MONITOR_LIMIT_EXCEEDED = 37, "", GED188
    CF_CONFERENCE_MEMBER_LIMIT_EXCEEDED = (
        38,
        "",
        GED188,
        None,
        "The conference has as many members as CUCM's service parameter allows.",
    )
    CF_GENERIC_SUBSCRIBED_RESOURCE_AVAILABILITY = 41, "", GED188
    CF_OBJECT_MONITOR_LIMIT_EXCEEDED = 42, "", GED188
    CF_EXTERNAL_TRUNK_LIMIT_EXCEEDED = 43, "", GED188
    CF_OUTSTANDING_REQUEST_LIMIT_EXCEEDED = (
        44,
        "",
        GED188,
        None,
        "Too many requests wait for their replies. Wait for each reply before the next request for the same phone.",
    )
    CF_GENERIC_PERFORMANCE_MANAGEMENT = 51, "", GED188
    CF_PERFORMANCE_LIMIT_EXCEEDED = 52, "", GED188
    CF_SEQUENCE_NUMBER_VIOLATED = 61, "", GED188
    CF_TIME_STAMP_VIOLATED = 62, "", GED188
    CF_PAC_VIOLATED = 63, "", GED188
    CF_SEAL_VIOLATED = 64, "", GED188
    CF_GENERIC_UNSPECIFIED_REJECTION = 70, "", GED188
    CF_GENERIC_OPERATION_REJECTION = 71, "", GED188
    CF_DUPLICATE_INVOCATION_REJECTION = 72, "", GED188
    CF_UNRECOGNIZED_OPERATION_REJECTION = 73, "", GED188
    CF_MISTYPED_ARGUMENT_REJECTION = 74, "", GED188
    CF_RESOURCE_LIMITATION_REJECTION = (
        75,
        "",
        GED188,
        None,
        "A limit is reached: of calls on the phone, of parties, or of the data on a call.",
    )
    CF_ACS_HANDLE_TERMINATION_REJECTION = 76, "", GED188
    CF_SERVICE_TERMINATION_REJECTION = 77, "", GED188
    CF_REQUEST_TIMEOUT_REJECTION = (
        78,
        "",
        GED188,
        None,
        "CUCM did not answer the server in time. Look at CUCM's CTI Manager and at the load.",
    )
    CF_REQUESTS_ON_DEVICE_EXCEEDED_REJECTION = 79, "", GED188
    CF_INVALID_AGENT_ID_SPECIFIED = (
        256,
        "",
        GED188,
        None,
        "No agent has this login id. It is the CUCM user id, in its exact spelling, of a user with an IPCC extension.",
    )
    CF_INVALID_PASSWORD_SPECIFIED = (
        257,
        "",
        GED188,
        None,
        "The password does not fit: check it at CUCM (or LDAP), and whether the account is locked after failed tries.",
    )
    CF_INVALID_AGENT_ID_OR_PASSWORD_SPECIFIED = (
        258,
        "",
        GED188,
        None,
        "Login id and password do not fit together: check both at CUCM (or LDAP), and whether the account is locked.",
    )
    CF_SPECIFIED_AGENT_ALREADY_SIGNED_ON = (
        259,
        "",
        GED188,
        None,
        "The agent is logged in already, at another phone or from another client. Log out there first, or "
        "log in by force.",
    )
    CF_INVALID_LOGON_DEVICE_SPECIFIED = (
        260,
        "",
        GED188,
        None,
        "The agent may not log in at this phone: the extension has to be the agent's IPCC extension and "
        "the phone among the RmCm provider's devices in CUCM.",
    )
    CF_INVALID_ANSWERING_DEVICE_SPECIFIED = (
        261,
        "",
        GED188,
        None,
        "This phone cannot answer the call: it is another phone that rings.",
    )
    CF_INVALID_SKILL_GROUP_SPECIFIED = 262, "", GED188
    CF_INVALID_CLASS_OF_SERVICE_SPECIFIED = 263, "", GED188
    CF_INVALID_TEAM_SPECIFIED = (
        264,
        "",
        GED188,
        None,
        "No team has this id, or the supervisor has no part in it.",
    )
    CF_INVALID_AGENT_WORKMODE = (
        265,
        "",
        GED188,
        None,
        "The server checks AgentWorkMode: Unified CCX has no work modes, so the reserved field must be 0. "
        "Usual cause: a client written for the sister protocol. Send 0.",
    )
    CF_INVALID_AGENT_REASON_CODE = (
        266,
        "",
        GED188,
        None,
        "The server checks EventReasonCode when an agent goes not ready or logs out: it must be one of "
        "the reason codes that the administrator has set up, and present where they are required. Usual "
        "cause: a code that was deleted, or is for the other of the two states.",
    )
    CF_ADJUNCT_SWITCH_COMM_ERROR = 267, "", GED188
    CF_AGENT_NOT_PARTY_ON_CALL = (
        268,
        "",
        GED188,
        None,
        "The agent's phone is not on this call. Use a call id from the latest event of that phone.",
    )
    CF_INTERNAL_PROCESSING_ERROR = (
        269,
        "",
        GED188,
        None,
        "The server failed within itself. Look in its log (ICD_CTI, SS_RMCM) at this time.",
    )
    CF_TAKE_CALL_CONTROL_REJECTION = 270, "", GED188
    CF_TAKE_DOMAIN_CONTROL_REJECTION = 271, "", GED188
    CF_REQUESTED_SERVICE_NOT_REGISTERED = 272, "", GED188
    CF_INVALID_CONSULT_TYPE = 273, "", GED188
    CF_ANSMAP_OR_ADPARAM_FIELD_NOT_VALID = 274, "", GED188
    CF_INVALID_CALL_CONTROL_TABLE_SPECIFIED = 275, "", GED188
    CF_INVALID_DIGITS_RNATIMEOUT_AMSDELAY_OR_COUNTRY = 276, "", GED188
    CF_ANSWER_DETECT_PORT_UNAVAILABLE = 277, "", GED188
    CF_VIRTUAL_AGENT_UNAVAILABLE = 278, "", GED188
    CF_TAKEBACK_N_XFER_ROUTE_END = 279, "", GED188
    CF_WRAPUP_DATA_REQUIRED = (
        280,
        "",
        GED188,
        None,
        "The queue demands wrap-up data before the agent may leave the work state.",
    )
    CF_REASON_CODE_REQUIRED = (
        281,
        "",
        GED188,
        None,
        "The system demands a reason code for not ready or logout, and EventReasonCode was 0.",
    )
    CF_INVALID_TRUNK_ID_SPECIFIED = 282, "", GED188
    CF_SPECIFIED_EXTENSION_ALREADY_IN_USE = (
        283,
        "",
        GED188,
        None,
        "Another agent is logged in at this extension: log that agent out, or use another extension.",
    )
    CF_ARBITRARY_CONF_OR_XFER_NOT_SUPPORTED = 284, "", GED188
    CF_NETWORK_TRANSFER_OR_CONSULT = 285, "", GED188
    CF_NETWORK_TRANSFER_OR_CONSULT_FAILED = 286, "", GED188
    CF_DEVICE_RESTRICTED = (
        287,
        "",
        GED188,
        None,
        "CUCM does not let CTI control this phone: look at 'Allow Control of Device from CTI' and at the "
        "devices of the provider's user.",
    )
    CF_LINE_RESTRICTED = (
        288,
        "",
        GED188,
        None,
        "CUCM does not let CTI control this line: look at 'Allow Control of Device from CTI' on the line.",
    )
    CF_AGENT_ACCOUNT_LOCKED_OUT = (
        289,
        "",
        GED188,
        None,
        "The account is locked after too many failed logins. Unlock it in CUCM (or LDAP).",
    )
    CF_DROP_ANY_PARTY_NOT_ENABLED_CTI = 290, "", GED188
    CF_MAXIMUM_LINE_LIMIT_EXCEEDED = (
        291,
        "",
        GED188,
        None,
        "The phone has more lines than the server monitors: at most four by default.",
    )
    CF_SHARED_LINES_NOT_SUPPORTED = (
        292,
        "",
        GED188,
        None,
        "The extension is on several phones, which Unified CCX does not support for agents.",
    )
    CF_EXTENSION_NOT_UNIQUE = (
        293,
        "",
        GED188,
        None,
        "The extension exists more than once (in several partitions), which Unified CCX does not support for agents.",
    )
    CF_UNKNOWN_INTERFACE_CTRLR_ID = 1001, "", GED188
    CF_INVALID_INTERFACE_CTRLR_TYPE = 1002, "", GED188
    CF_SOFTWARE_REV_NO_SUPPORTED = 1003, "", GED188
    CF_UNKNOWN_PID = 1004, "", GED188
    CF_INVALID_TABLE_SPECIFIED = 1005, "", GED188
    CF_PD_SERVICE_INACTIVE = 1006, "", GED188
    CF_UNKNOWN_ROUTING_CLIENT_ID = 1007, "", GED188
    CF_RC_SERVICE_INACTIVATE = 1008, "", GED188
    CF_INVALID_DIALED_NUMBER = (
        1009,
        "",
        GED188,
        None,
        "The number cannot be dialed as it stands.",
    )
    CF_INVALID_PARAMETER = (
        1010,
        "",
        GED188,
        None,
        "A parameter of the request is wrong; the text, where there is one, says which.",
    )
    CF_UNKNOWN_ROUTING_PROBLEM = 1011, "", GED188
    CF_UNSUPPORTED_PD_MESSAGE_REVISION = 1012, "", GED188
    CF_UNSUPPORTED_RC_MESSAGE_REVISION = 1013, "", GED188
    CF_UNSUPPORTED_IC_MESSAGE_REVISION = 1014, "", GED188
    CF_RC_SERVICE_INACTIVATE_PIM = 1015, "", GED188
    CF_AGENT_GREETING_CONTROL_OPERATION_FAILURE = 1016, "", GED188


class CCXErrorCode(Code):
    """Unified CCX's own, more particular error. The page is cut after 88018; many more exist. Page:
    unified-ccx-error-code-values.
    """

    CCX_DEFAULT_ERROR_CODE = 0
    CCX_JTAPI_CCM_PROBLEM = (
        88001,
        "",
        UCCX,
        None,
        "The server has trouble with CUCM's telephony (JTAPI). Look at CUCM's CTI Manager and at the "
        "JTAPI and RmCm users.",
    )
    CCX_LOOKUP_FAILURE = (
        88002,
        "",
        UCCX,
        None,
        "The server did not find the agent or the phone in its own tables. Check that CUCM's data were synchronised.",
    )
    CCX_AGENT_DN_NOT_ASSIGNED = (
        88003,
        "",
        UCCX,
        None,
        "The agent has no IPCC extension in CUCM.",
    )
    CCX_AGENT_DEVICE_OFF = (
        88004,
        "",
        UCCX,
        None,
        "The agent's phone is not registered with CUCM.",
    )
    CCX_AGENT_DEVICE_BUSY = (
        88005,
        "",
        UCCX,
        None,
        "The agent's phone is on a call.",
    )
    CCX_RMCM_CONTACT_NULL = (
        88006,
        "",
        UCCX,
        None,
        "The server has no call on the agent's phone for this request: it ended before.",
    )
    CCX_RMCM_CONTACT_INVALID = (
        88007,
        "",
        UCCX,
        None,
        "The call on the agent's phone is not the one of the request.",
    )
    CCX_AGENT_NULL = (
        88008,
        "",
        UCCX,
        None,
        "The request names no agent that the server knows.",
    )
    CCX_AGENT_INVALID = (
        88009,
        "",
        UCCX,
        None,
        "The agent is not one of this server's: check the resource in the server's administration.",
    )
    CCX_INVALID_ARGUMENT = (
        88010,
        "",
        UCCX,
        None,
        "A field of the request has a value that the server does not take.",
    )
    CCX_NO_CALLBACK_FROM_AGENT = (
        88011,
        "",
        UCCX,
        None,
        "The phone did not carry out what was asked in time: look at the phone and at CUCM.",
    )
    CCX_CALL_ID_NULL = (
        88012,
        "",
        UCCX,
        None,
        "The request needs a call id and has none.",
    )
    CCX_CALL_OBJECT_NULL = (
        88013,
        "",
        UCCX,
        None,
        "The call is over for the server.",
    )
    CCX_JTAPI_PROVIDER_NULL = (
        88014,
        "",
        UCCX,
        None,
        "The server has no connection to CUCM's CTI Manager: look there first; every agent is affected.",
    )
    CCX_DIALED_NUMBER_NULL = (
        88015,
        "",
        UCCX,
        None,
        "DialedNumber is empty.",
    )
    CCX_DEVICE_ID_NULL = (
        88016,
        "",
        UCCX,
        None,
        "The request names no phone.",
    )
    CCX_TERMINAL_CONNECTION_NULL = (
        88017,
        "",
        UCCX,
        None,
        "The phone has no connection to the call: it ended before.",
    )
    CCX_CALL_CONTROL_MASK_NOT_ON = (
        88018,
        "",
        INFERRED,
        None,
        "The session was opened without the service for call control: ask for it in ServicesRequested.",
    )
