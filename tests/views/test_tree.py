"""One message as a tree."""

from __future__ import annotations

from building import ENCODER
from ccxdissect.codec import Decoder
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.views.messages import Showing
from ccxdissect.views.tree import tree_lines

DECODER = Decoder(UCCX_CTI)


def drawn(raw: bytes, version: int | None = 14, showing: Showing = Showing()) -> str:  # noqa: B008
    number = int.from_bytes(raw[4:8], "big")
    return "\n".join(tree_lines(DECODER.decode(number, raw[8:], version), showing))


def test_a_request_to_the_letter() -> None:
    raw = ENCODER.encode(
        "SET_AGENT_STATE_REQ",
        {"InvokeID": 7, "AgentState": 3},
        [("AgentInstrument", "2005"), ("AgentPassword", "geheim"), ("AgentID", "anna\x1b[31m")],
        version=14,
    )
    assert drawn(raw) == (
        "SET_AGENT_STATE_REQ (38): Logs an agent in or out, or changes the agent's state. agent_state request from the "
        "client; version 14\n"
        "0000  00 00 00 31                                        BodyLength = 49\n"
        "0004  00 00 00 26                                        MessageTypeID = 38 (SET_AGENT_STATE_REQ)\n"
        "                                                       fixed part, 21 bytes\n"
        "0008  00 00 00 07                                        InvokeID: 7\n"
        "0010  00 03                                              AgentState: 3 (AGENT_STATE_READY)\n"
        "0016  00 00                                              EventReasonCode: 0\n"
        "0018  00                                                 ForcedFlag: 0 (FALSE)\n"
        "0019  00 00 00 00                                        AgentCapacity: 0\n"
        "                                                       floating part, 28 bytes, tag and length 1+1\n"
        "001d  06 05 32 30 30 35 00                               AgentInstrument[6]: 2005\n"
        "0024  31 07 ** ** ** ** ** ** **                         AgentPassword[49]: ***\n"
        "002d  c2 0a 61 6e 6e 61 1b 5b 33 31 6d 00                AgentID[194]: anna\\x1b[31m\n"
        "(3 reserved slots of the fixed part not shown: --reserved)"
    )


def test_records_are_gathered_and_inner_ones_indented() -> None:
    raw = ENCODER.encode(
        "CONFIG_AGENT_EVENT",
        {},
        [("RecordType", 0), ("LoginID", "a"), ("NumCSQ", 1), ("CSQID", 5), ("RecordType", 2), ("LoginID", "b")],
        version=14,
    )
    text = drawn(raw)
    assert [line[55:] for line in text.splitlines() if " record " in line] == [
        "  record 1 of NumRecords",
        "    record 1 of NumCSQ",
        "  record 2 of NumRecords",
    ]


def test_what_did_not_decode_is_shown_with_the_reason() -> None:
    raw = ENCODER.encode("HEARTBEAT_CONF", {"InvokeID": 1}) + b"\x00\xff"
    raw = (6).to_bytes(4, "big") + raw[4:]
    lines = drawn(raw).splitlines()
    assert lines[-3].endswith("undecoded, 2 bytes")
    assert lines[-2] == "000c  00 ff"
    assert lines[-1] == "problem: 2 bytes after the fixed part, which is all there should be"


def test_deviations_from_the_declaration_are_noted() -> None:
    raw = ENCODER.encode("QUERY_AGENT_STATE_REQ", {"MRDID": 9}, [], version=14)
    assert drawn(raw).splitlines()[-2:] == [
        "note: at least one of AgentExtension[4], AgentInstrument[6], AgentID[194] has to be there",
        "note: reserved slot MRDID holds 9, it should hold 1",
    ]


def test_secrets_are_shown_when_asked_for() -> None:
    raw = ENCODER.encode("OPEN_REQ", {}, [("ClientPassword", "geheim")], version=14)
    assert "geheim" in drawn(raw, showing=Showing(secrets=True))
    assert "geheim" not in drawn(raw) and "67 65 68" not in drawn(raw)
