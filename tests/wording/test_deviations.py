"""Every way in which a message deviates is said, from its facts alone; and constants are said without their prefix."""

from __future__ import annotations

from os.path import commonprefix

import pytest

from ccxdissect.codec.checks import Deviation, Rule
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.wording.deviations import say
from ccxdissect.wording.names import in_words, less_prefix

SENTENCES = [
    (Deviation(Rule.REQUIRED_FIELD_MISSING, "ClientID", 1), "required field ClientID[1] is missing"),
    (
        Deviation(Rule.REQUIRED_FIELD_MISSING, detail=("AgentID", 194, "AgentInstrument", 6)),
        "at least one of AgentID[194], AgentInstrument[6] has to be there",
    ),
    (Deviation(Rule.FIELD_TOO_LONG, "DNIS", 10, (40, 32)), "DNIS[10] has 40 bytes, at most 32 are allowed"),
    (Deviation(Rule.COUNT_DISAGREES, "NumCTIClients", None, (3, 2)), "NumCTIClients says 3, the message has 2"),
    (Deviation(Rule.COUNT_TOO_LARGE, "NumCSQ", None, (70, 64)), "NumCSQ says 70, at most 64 are allowed"),
    (Deviation(Rule.RESERVED_SLOT_ODD, "MonitorID", None, (3, 0)), "reserved slot MonitorID holds 3, it should hold 0"),
    (
        Deviation(Rule.RESERVED_SLOT_ODD, "Reserved", None, (b"\1\2", 0)),
        "reserved slot Reserved holds 0x0102, it should hold 0",
    ),
    (
        Deviation(Rule.RESERVED_SLOT_ODD, "Priority", 64, (3, 0)),
        "reserved field Priority[64] holds 3, it should hold 0",
    ),
    (Deviation(Rule.FIELD_NOT_LISTED, "ANI", 8, ("CLOSE_REQ",)), "ANI[8] is not listed for CLOSE_REQ"),
    (
        Deviation(Rule.FIELD_TOO_NEW, "CallGUID", 300, (18, 14)),
        "CallGUID[300] exists from version 18 on, the session has 14",
    ),
    (
        Deviation(Rule.FIELD_WITHDRAWN, "SendingAddressIPV6", 227, (18, 19)),
        "SendingAddressIPV6[227] exists up to version 18, the session has 19",
    ),
    (
        Deviation(Rule.MESSAGE_TOO_NEW, "X_EVENT", None, (18, 14)),
        "X_EVENT exists from version 18 on, the session has 14",
    ),
]


@pytest.mark.parametrize(("deviation", "sentence"), SENTENCES)
def test_a_deviation_is_said_from_its_facts(deviation: Deviation, sentence: str) -> None:
    assert say(deviation) == sentence


def test_every_rule_is_said() -> None:
    assert {deviation.rule for deviation, _ in SENTENCES} == set(Rule)


def test_no_constant_is_said_with_the_prefix_of_its_table() -> None:
    for protocol in DIALECTS.values():
        for table in protocol.tables:
            if table.__name__ in ("AgentState", "CallType", "EventCause", "ControlFailureCode"):
                assert commonprefix([in_words(name) for name in table.__members__]) == "", table
    assert in_words("CF_INVALID_AGENT_ID_SPECIFIED") == "invalid agent id specified"
    assert in_words("E_CTI_INVALID_CALLID") == "invalid callid"
    assert (less_prefix("AGENT_STATE_NOT_READY"), less_prefix("BUSY_OTHER")) == ("NOT_READY", "BUSY_OTHER")
    # Only what it begins with: within a name the same letters mean something.
    assert less_prefix("E_CTI_SERVICE_CONFLICT") == "E_CTI_SERVICE_CONFLICT"
