"""Messages as JSON lines: what is written is what was decoded, for every type and whatever the bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from building import ENCODER, build, every_combination
from ccxdissect.capture.segment import Endpoint
from ccxdissect.codec import Decoded, Decoder, NamedValue
from ccxdissect.protocol.model import Mark, Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Record, SessionState
from ccxdissect.views.formats.jsonl import line_maker
from ccxdissect.views.message_rows import message_schema
from ccxdissect.views.messages import MessageWriter, Showing
from ccxdissect.wording import readable
from ccxdissect.wording.problems import say

DECODER = Decoder(UCCX_CTI)
SESSION = SessionState(3, Endpoint("10.0.0.1", 50001), Endpoint("2001:db8::9", 12028), 0, 0).session


def record_of(decoded: Decoded, sender: Side = Side.SERVER) -> Record:
    return Record(7, 21, 1_700_000_000_123_456_789, SESSION, sender, decoded)


def slow_line(showing: Showing) -> Callable[[Record], str]:
    """What writes a message by its schema, without the shortcut that the schema has."""
    return line_maker(replace(message_schema(showing), line=None))


def plainly(value: object) -> object:
    """The value of a field as JSON should have it, written without any cleverness."""
    if isinstance(value, NamedValue):
        index = {} if value.index is None else {"index": value.index}
        return {"name": readable(value.name), "value": readable(value.value), **index}
    if isinstance(value, bytes):
        return value.hex()
    return readable(value) if isinstance(value, str) else value


def expected(decoded: Decoded, showing: Showing) -> dict[str, object]:
    message = decoded.message
    floating = []
    for field in decoded.floating:
        secret = field.row is not None and field.row.mark & Mark.SECRET and not showing.secrets
        floating.append({"tag": field.tag, "name": field.name, "value": "***" if secret else plainly(field.value)})
    return {
        "number": 7,
        "frame": 21,
        "time": 1700000000.123456789,
        "session": 3,
        "from": "server",
        "src": "[2001:db8::9]:12028",
        "dst": "10.0.0.1:50001",
        "version": decoded.version,
        "type": decoded.number,
        "name": decoded.name,
        "class": message.message_class.value if message else None,
        "kind": message.kind.value if message else None,
        "length": len(decoded.body),
        "fixed": {
            row.name: plainly(value) for row, _, value in decoded.fixed_fields() if showing.reserved or not row.reserved
        },
        "floating": floating,
        "labels": decoded.labels,
        "problems": list(map(say, decoded.problems)),
    }


def test_every_message_is_written_as_it_was_decoded() -> None:
    for showing in (Showing(), Showing(reserved=True, secrets=True)):
        writer = MessageWriter(showing)
        for message, version, form, layout in every_combination():
            for seed in (0, 0, 2):
                raw = build(message, version, form, layout, seed)
                decoded = DECODER.decode(message.number, raw[8:], version)
                line = json.loads(writer.line(record_of(decoded)))
                assert line == expected(decoded, showing), message.name
                slow = json.loads(slow_line(showing)(record_of(decoded)))
                assert line == slow and list(line) == list(slow), message.name


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([message.number for message in UCCX_CTI] + [999]), st.binary(max_size=200), st.booleans())
def test_whatever_the_bytes_a_line_is_json_and_ascii(number: int, body: bytes, everything: bool) -> None:
    decoded = DECODER.decode(number, body)
    showing = Showing(everything, everything)
    line = MessageWriter(showing).line(record_of(decoded))
    assert json.loads(line) == expected(decoded, showing)
    assert line.isascii() and line.isprintable()
    assert json.loads(slow_line(showing)(record_of(decoded))) == json.loads(line)


def test_the_time_keeps_every_digit() -> None:
    decoded = DECODER.decode(6, b"\0\0\0\1")
    assert '"time":1700000000.123456789,' in MessageWriter(Showing()).line(record_of(decoded))


def test_a_line_to_the_letter() -> None:
    raw = ENCODER.encode(
        "AGENT_STATE_EVENT", {"AgentState": 3, "CSQID": 0xFFFFFFFF}, [("AgentID", "anna\x1b[2J\x7f")], version=14
    )
    line = MessageWriter(Showing()).line(record_of(DECODER.decode(30, raw[8:], 14)))
    assert line == (
        '{"number":7,"frame":21,"time":1700000000.123456789,"session":3,"from":"server","src":"[2001:db8::9]:12028",'
        '"dst":"10.0.0.1:50001","version":14,"type":30,"name":"AGENT_STATE_EVENT","class":"agent_state","kind":"event",'
        '"length":70,"fixed":{"CSQState":0,"StateDuration":0,"CSQID":4294967295,"AgentState":3,"EventReasonCode":0,'
        '"numCSQs":0},"floating":[{"tag":194,"name":"AgentID","value":"anna\\u001b[2J\\u007f"}],'
        '"labels":{"CSQState":"AGENT_STATE_LOGIN","AgentState":"AGENT_STATE_READY","CSQID":"NULL_CSQ"},"problems":[]}'
    )


def test_a_session_that_turns_round_is_written_so() -> None:
    writer = MessageWriter(Showing())
    known = SessionState(1, Endpoint("a", 1), Endpoint("b", 2), 0, 0)
    record = Record(1, 1, 0, known.session, Side.CLIENT, DECODER.decode(5, b"\0\0\0\1"))
    assert '"src":"a:1","dst":"b:2"' in writer.line(record)
    known.turn()
    assert '"src":"b:2","dst":"a:1"' in writer.line(record)


def test_secrets_are_masked_unless_asked_for() -> None:
    raw = ENCODER.encode("OPEN_REQ", {}, [("ClientID", "desk"), ("ClientPassword", "tr0ub4dor")], version=14)
    decoded = DECODER.decode(3, raw[8:])
    assert "tr0ub4dor" not in MessageWriter(Showing()).line(record_of(decoded))
    assert "tr0ub4dor" in MessageWriter(Showing(secrets=True)).line(record_of(decoded))
