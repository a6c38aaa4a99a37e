"""The constants that the lab names are those of the protocol it is given, and it names none that the usual one lacks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccxdissect import lab
from ccxdissect.errors import CcxDissectError
from ccxdissect.lab.constants import Constants
from ccxdissect.protocol.dialects import DIALECTS, usual
from ccxdissect.protocol.ged188.declarations import UCCE_CTI

NAMED = sorted(
    {
        found
        for path in Path(lab.__file__).parent.glob("*.py")
        for found in re.findall(r"codes\.([A-Z]\w+)\.([A-Z]\w+)", path.read_text("utf-8"))
    }
)


def test_every_constant_is_one_of_the_protocol() -> None:
    constants = Constants(usual())
    assert len(NAMED) > 80
    for table, name in NAMED:
        assert getattr(getattr(constants, table), name).name == name


def test_each_protocol_has_its_own() -> None:
    ccx, cce = (Constants(protocol) for protocol in DIALECTS.values())
    assert ccx.AgentState.AGENT_STATE_LOGIN is not cce.AgentState.AGENT_STATE_LOGIN
    assert cce.AgentState(3).name == "AGENT_STATE_AVAILABLE" and ccx.AgentState(3).name == "AGENT_STATE_READY"
    assert cce.CTIServiceMask.together(["CTI_SERVICE_ALL_EVENTS", "CTI_SERVICE_SUPERVISOR"]) == 0x90


def test_what_a_protocol_lacks_is_named() -> None:
    constants = Constants(UCCE_CTI)
    with pytest.raises(CcxDissectError, match=r"Cisco Unified CCE CTI \(GED-188\) has no CONFIG_AGENT_MASK in Config"):
        _ = constants.ConfigMsgMask.CONFIG_AGENT_MASK
    with pytest.raises(CcxDissectError, match="has no constants called ConfigurationMask"):
        _ = constants.ConfigurationMask


def test_what_a_protocol_has_by_another_name_is_found_by_the_usual_one() -> None:
    """All that the lab names beside the configuration, of which another protocol has its own."""
    constants = Constants(UCCE_CTI)
    assert constants.AgentState.AGENT_STATE_READY is constants.AgentState(3)
    assert constants.AgentReasonCode.AGT_LOGON == 0
    for path in Path(lab.__file__).parent.glob("*.py"):
        if path.stem != "information":
            for table, name in re.findall(r"codes\.([A-Z]\w+)\.([A-Z]\w+)", path.read_text("utf-8")):
                assert isinstance(getattr(getattr(constants, table), name), int)
