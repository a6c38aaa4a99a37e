"""What Unified CCX calls the same things. A constant without a counterpart stands for 0: no reason, no code, no service."""

from __future__ import annotations

from ccxdissect.protocol.model import SisterWords

#: What several messages call the kind of a connection's device id.
_ID_TYPES = (
    "Connection", "NewConnection", "HeldConnection", "ActiveConnection", "OtherConnection", "AgentConnection",
    "SupervisorConnection", "ConnectedParty", "CallConnection", "Primary", "Secondary",
)  # fmt: skip

SISTER_WORDS = SisterWords(
    messages={
        "CONSULT_CALL_REQ": "CONSULTATION_CALL_REQ",
        "CONSULT_CALL_CONF": "CONSULTATION_CALL_CONF",
        "CONFIG_APPLICATION_EVENT": "CONFIG_SERVICE_EVENT",
        "CONFIG_CSQ_EVENT": "CONFIG_SKILL_GROUP_EVENT",
    },
    fields={
        **{f"{which}DeviceType": (f"{which}DeviceIDType",) for which in _ID_TYPES},
        "CallID": ("ConnectionCallID",),
        "NewCallID": ("NewConnectionCallID",),
        "HeldCallID": ("HeldConnectionCallID",),
        "ActiveCallID": ("ActiveConnectionCallID",),
        "OtherCallID": ("OtherConnectionCallID",),
        "AgentCallID": ("AgentConnectionCallID",),
        "SupervisorCallID": ("SupervisorConnectionCallID",),
        "ApplicationID": ("ServiceNumber",),
        "CSQID": ("SkillGroupNumber", "FltSkillGroupNumber"),
        "CSQState": ("SkillGroupState", "FltSkillGroupState"),
        "numCSQs": ("NumSkillGroups", "NumFltSkillGroups"),
        "NumCSQs": ("NumSkillGroups",),
        "lineType": ("LineType",),
        "lineHandle": ("LineHandle",),
        "clientPort": ("ClientPort",),
        "CTIClientSignature": ("ClientSignature",),
        "UnifiedCCXErrorCode": ("PeripheralErrorCode",),
        "UnifiedCCXOnline": ("PeripheralOnline",),
        "CCXStatus": ("PGStatus",),
        "CCXTime": ("ICMCentralControllerTime",),
    },
    constants={
        "AgentReasonCode.AGT_CONN_DOWN": "AgentReasonCode.CLIENT_DISCONNECTED",
        "AgentReasonCode.AGT_LOGON": 0,
        "AgentReasonCode.AGT_OFFHOOK": "AgentReasonCode.OFFHOOK",
        "AgentReasonCode.AGT_RESERVED_OUTBOUND_DIRECTPREVIEW": 0,
        "AgentReasonCode.AGT_RNA": "AgentReasonCode.NOT_ANSWERED",
        "AgentReasonCode.AGT_SKIPS": 0,
        "AgentState.AGENT_STATE_READY": "AgentState.AGENT_STATE_AVAILABLE",
        "AgentState.AGENT_STATE_WORK": "AgentState.AGENT_STATE_WORK_NOT_READY",
        "AudioCodecType.G711ULAW64K": 4,
        "CCXErrorCode.CCX_AGENT_DEVICE_BUSY": 0,
        "CCXErrorCode.CCX_CALL_CONTROL_MASK_NOT_ON": 0,
        "CCXErrorCode.CCX_DIALED_NUMBER_NULL": 0,
        "CTIServiceMask.CTI_SERVICE_CONFIG_EVENTS": 0,
        "CallType.CALLTYPE_CCX_IN": "CallType.CALLTYPE_ACD_IN",
        "CallType.CALLTYPE_SUPERVISOR_BARGE_IN": "CallType.CALLTYPE_SUPERVISOR_BARGEIN",
        "ControlFailureCode.CF_INVALID_CSTA_CALL_ID": "ControlFailureCode.CF_INVALID_CSTA_CALL_IDENTIFIER",
        "ControlFailureCode.CF_INVALID_CSTA_CONNECTION_ID": "ControlFailureCode.CF_INVALID_CSTA_CONNECTION_IDENTIFIER",
        "ControlFailureCode.CF_INVALID_CSTA_DEVICE_ID": "ControlFailureCode.CF_INVALID_CSTA_DEVICE_IDENTIFIER",
        "ForcedFlag.TRUE": "ForcedFlag.FORCE",
        "LineType.BUSINESS_CALL": "LineType.LINETYPE_INBOUND_ACD",
        "NullApplication.NULL_APPLICATION": "NullService.NULL_SERVICE",
        "NullCSQ.NULL_CSQ": "NullSkillGroup.NULL_SKILL_GROUP",
        "StatusCode.E_CTI_INVALID_MESSAGE_TYPE": "StatusCode.E_CTI_FUNCTION_NOT_AVAILABLE",
    },
    slots={
        # A Unified CCE peripheral with agents on CUCM.
        "PeripheralType": 17,
        "MRDID": 1,
        "AgentMode": 1,
        "MaxTaskLimit": 1,
        "ServiceNumber": 0xFFFFFFFF,
        "ServiceID": 0xFFFFFFFF,
        "SkillGroupNumber": 0xFFFFFFFF,
        "SkillGroupID": 0xFFFFFFFF,
        "LineHandle": 0xFFFF,
    },
)
