"""Names of constants."""

from __future__ import annotations

from ccxdissect.protocol.codes import GED188, GUIDE, UCCX, label
from ccxdissect.protocol.uccx.constants.agents import AgentState
from ccxdissect.protocol.uccx.constants.configuration import ConfigurationMask
from ccxdissect.protocol.uccx.constants.failures import CCXErrorCode, ControlFailureCode, StatusCode
from ccxdissect.protocol.uccx.constants.session import CTIServiceMask


def test_a_code_has_a_name_or_none() -> None:
    assert label(AgentState, 3) == "AGENT_STATE_READY"
    assert label(AgentState, 999) is None


def test_flags_are_listed_and_unknown_bits_kept() -> None:
    assert label(CTIServiceMask, 0x10 | 0x4) == ["CTI_SERVICE_CLIENT_CONTROL", "CTI_SERVICE_ALL_EVENTS"]
    assert label(CTIServiceMask, 0x1 | 0x200) == ["CTI_SERVICE_CLIENT_EVENTS", "0x200"]
    assert label(CTIServiceMask, 0) == []


def test_a_mask_may_name_zero() -> None:
    assert label(ConfigurationMask, 0) == ["CONFIG_UPDATES_ONLY"]
    assert label(ConfigurationMask, 1) == ["CONFIG_INFO_APPLICATION"]


def test_members_know_their_meaning_and_source() -> None:
    assert StatusCode(92).meaning == "standby server"
    assert StatusCode(92).source is UCCX
    assert StatusCode(36).source is GED188


def test_the_failures_of_unified_ccx_say_what_to_do() -> None:
    """Every code of Unified CCX's own pages that says that something is wrong, besides the unspecified ones."""
    for table in (StatusCode, CCXErrorCode):
        for member in table:
            if member.source in (GUIDE, UCCX) and member.value:
                assert len(member.remedy) > 20, member
                assert member.remedy.endswith("."), member
    assert ControlFailureCode.CF_INVALID_AGENT_WORKMODE.remedy.startswith("The server checks AgentWorkMode")
