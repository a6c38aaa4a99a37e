"""Facts of Unified CCX that comparing it with its sister protocol has settled."""

from __future__ import annotations

import pytest

from ccxdissect.codec import ONE_ONE, Decoded, Decoder, Encoder, Value
from ccxdissect.codec.checks import Deviation, Rule, check
from ccxdissect.protocol.codes import Source
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.model import Protocol
from ccxdissect.protocol.uccx.declarations import UCCX_CTI


def sent(name: str, fields: list[tuple[str | int, Value]], **fixed: int) -> Decoded:
    data = Encoder(UCCX_CTI).encode(name, fixed, fields, version=14, form=ONE_ONE)
    return Decoder(UCCX_CTI).decode(int.from_bytes(data[4:8], "big"), data[8:], 14)


@pytest.mark.parametrize("name", ["BEGIN_CALL_EVENT", "SET_CALL_DATA_REQ", "MAKE_CALL_REQ", "SNAPSHOT_CALL_CONF"])
def test_forty_characters_fill_a_call_variable_and_one_more_is_too_long(name: str) -> None:
    for variable in range(1, 11):
        whole = check(sent(name, [(f"CallVariable{variable}", "x" * 40)]))
        assert not [found for found in whole if found.rule is Rule.FIELD_TOO_LONG]
        longer = check(sent(name, [(f"CallVariable{variable}", "x" * 41)]))
        assert [found for found in longer if found.rule is Rule.FIELD_TOO_LONG] == [
            Deviation(Rule.FIELD_TOO_LONG, f"CallVariable{variable}", 12 + variable, (42, 41))
        ]


@pytest.mark.parametrize("tag", [3, 23])
def test_an_agents_state_may_come_with_a_signature_under_either_tag(tag: int) -> None:
    decoded = sent("AGENT_STATE_EVENT", [(tag, "desktop"), ("AgentID", "amira")])
    assert decoded.floating[0].value == "desktop" and not decoded.problems
    assert not [found for found in check(decoded) if found.rule is Rule.FIELD_NOT_LISTED]
    row = decoded.floating[0].row
    assert row is not None and row.source is Source.INFERRED


@pytest.mark.parametrize("tag", [61, 75, 218])
def test_a_call_of_a_snapshot_may_tell_its_state_under_any_of_three_tags(tag: int) -> None:
    decoded = sent("SNAPSHOT_DEVICE_CONF", [(56, 7), (tag, 1), (56, 8), (tag, 2)], NumCalls=2)
    assert not decoded.problems and check(decoded) == []
    decoded = sent("SNAPSHOT_DEVICE_CONF", [(tag, 1), (tag, 2)], NumCalls=3)
    assert [found.rule for found in check(decoded)] == [Rule.COUNT_DISAGREES]


@pytest.mark.parametrize("protocol", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("width", [2, 4])
def test_auto_work_is_as_wide_as_its_field_length_says(protocol: Protocol, width: int) -> None:
    """4 bytes on one page of Unified CCX, 2 in the bytes of Unified CCE."""
    fields: list[tuple[str | int, Value]] = [(185, (1).to_bytes(width, "big"))]
    data = Encoder(protocol).encode(236, {"NumRecords": 1}, fields, version=14, form=ONE_ONE)
    decoded = Decoder(protocol).decode(236, data[8:], 14)
    assert [(field.name, field.value) for field in decoded.floating] == [("AutoWork", 1)] and not decoded.problems


def test_auto_work_is_written_as_wide_as_its_type() -> None:
    data = Encoder(DIALECTS["ccx"]).encode(236, {"NumRecords": 1}, [(185, 1)], version=14, form=ONE_ONE)
    assert data.endswith(bytes([185, 2, 0, 1]))
