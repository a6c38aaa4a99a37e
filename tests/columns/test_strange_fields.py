"""Fields that a message does not list: the columns read them as the decoder does, and where another form of the floating
part reads the same bytes, the decoder decides."""

from __future__ import annotations

import random

import pytest
from both_paths import PORTS, ByColumns, assert_same_segments, by_segments
from both_results import assert_same_results
from test_either_dialect import BOTH, CCE, CCX, SIDES
from test_same_lines import _by_columns, one_by_one
from test_same_tables import assert_same

from building import ENCODER, build, every_combination
from ccxdissect.capture.segment import Segment
from ccxdissect.codec import Encoder
from ccxdissect.codec.forms import FORMS, FloatingForm, proposed
from ccxdissect.protocol.model import Protocol
from ccxdissect.views.messages import Showing
from conversation import CLIENT, SERVER, Conversation, renumbered

VERSIONS = (10, 14, 17, 18)
#: No declaration has it.
NOWHERE = min(set(range(1, 256)) - {*CCX.tags})


def _opened(version: int, port: int = 50001) -> Conversation:
    said = [("ClientID", "desk"), ("ClientPassword", "x")]
    talk = Conversation(ends=((b"\x0a\0\0\x01", port), (b"\x0a\0\0\x09", 12028))).handshake()
    opening = ENCODER.encode(
        "OPEN_REQ", {"VersionNumber": version, "ServicesRequested": 0x40000}, said, version=version
    )
    return talk.send(CLIENT, opening)


def _field(form: FloatingForm, tag: int, data: bytes) -> bytes:
    return tag.to_bytes(form.tag_size, "big") + len(data).to_bytes(form.length_size, "big") + data


def _tags(form: FloatingForm) -> list[int]:
    return [tag for tag in CCX.tags if tag <= form.largest_tag]


def _with(message: bytes, more: bytes) -> bytes:
    return (len(message) - 8 + len(more)).to_bytes(4, "big") + message[4:] + more


def strange(seed: int) -> list[Segment]:
    """Messages of all types with fields of others: of the right width and of others, known and unknown."""
    source = random.Random(seed)
    found: list[Segment] = []
    widths = [b"", b"\0", b"\0\1", b"\0\0\0\5", b"plain\0", b"name\0value\0", b"\1name\0value\0", b"x" * 45]
    for port, version in enumerate(VERSIONS):
        talk = _opened(version, 50001 + port)
        for declared, of_version, form, layout in every_combination():
            if of_version == version and source.random() < 0.5:
                more = [
                    _field(form, source.choice([*_tags(form), 5, 194, NOWHERE]), source.choice(widths))
                    for _ in range(source.randrange(1, 4))
                ]
                talk.send(SIDES[declared.sender], _with(build(declared, version, form, layout), b"".join(more)))
        found += talk.close().segments
    return renumbered(found)


@pytest.mark.parametrize("seed", range(3))
def test_events_lines_and_rows(seed: int) -> None:
    segments = strange(seed)
    assert_same_segments(segments, (1 << 20, 60), BOTH)
    assert_same_segments(segments, (1 << 20,))
    assert _by_columns(segments, Showing()) == one_by_one(segments, Showing())
    assert_same(segments)


def test_results() -> None:
    assert_same_results(strange(7), (1 << 20,), BOTH)


@pytest.mark.parametrize("version", VERSIONS)
def test_bytes_that_several_forms_may_read(version: int) -> None:
    """Small numbers stand for tags, lengths and data alike."""
    source = random.Random(version)
    talk = _opened(version)
    names = ("AGENT_STATE_EVENT", "CALL_DELIVERED_EVENT", "SNAPSHOT_CALL_CONF", "FAILURE_EVENT", "SYSTEM_EVENT")
    for number in range(1500):
        name = source.choice([one for one in names if CCX.message(one).since <= version])
        form = source.choice(FORMS)
        own = [tag for tag in CCX.message(name).tags if tag < 256]
        numbers = [0, 0, 0, 1, 2, 3, source.choice(own), source.choice(_tags(FORMS[0]))]
        fields = [
            _field(form, source.choice(numbers), bytes(source.choices(numbers, k=source.randrange(5)))) for _ in "123"
        ]
        more = b"".join(fields) if number % 2 else bytes(source.choices(numbers, k=source.randrange(12)))
        bare = ENCODER.encode(name, version=version, form=proposed(CCX, version)[0])
        talk.send(SIDES[CCX.message(name).sender], _with(bare, more))
    segments = renumbered(talk.close().segments)
    assert_same_segments(segments, (1 << 20, 200))


#: Floating parts that one form reads with a tag of others, and another form with the message's own tags alone.
AMBIGUOUS = {
    CCX: [("SET_AGENT_STATE_REQ", "0031000131012f000100"), ("SET_AGENT_STATE_REQ", "012f00012f012f000100")],
    CCE: [
        ("AGENT_STATE_EVENT", "010a0101010a030196020096020100"),
        ("CONFIG_AGENT_EVENT", "010b000486030000010b000100"),
        ("QUERY_AGENT_STATE_CONF", "010a00020003003e00020302"),
        ("EMERGENCY_CALL_EVENT", "01010204010006020502"),
        ("SUPERVISOR_ASSIST_EVENT", "010100"),
        ("CONFIG_AGENT_DESK_SETTINGS_EVENT", "0115000116011e000100"),
        ("SUPERVISOR_ASSIST_EVENT", "0103000103"),
        ("STOP_RECORDING_REQ", "0103000102"),
        ("STOP_RECORDING_CONF", "00e2000001020000"),
    ],
}


@pytest.mark.parametrize("protocol", AMBIGUOUS, ids=lambda protocol: protocol.dialect)
def test_another_form_with_a_message_s_own_tags_is_meant(protocol: Protocol) -> None:
    encoder = Encoder(protocol)
    found: list[Segment] = []
    for place, version in enumerate(protocol.versions):
        talk = Conversation(ends=((b"\x0a\0\0\x01", 50001 + place), (b"\x0a\0\0\x09", 12028))).handshake()
        talk.send(CLIENT, encoder.encode("OPEN_REQ", {"VersionNumber": version}, version=version))
        for name, strange_part in AMBIGUOUS[protocol] * 2:
            declared = protocol.message(name)
            if declared.since <= version:
                talk.send(
                    SIDES[declared.sender], _with(encoder.encode(name, version=version), bytes.fromhex(strange_part))
                )
        found += talk.close().segments
    assert_same_segments(renumbered(found), (1 << 20, 9), (protocol,))


def test_a_sign_in_a_field_that_its_message_does_not_list() -> None:
    talk = _opened(14)
    form = proposed(CCX, 14)[0]
    beat = ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 1}, version=14)
    talk.send(CLIENT, _with(beat, _field(form, 30, b"2001\0"))).send(CLIENT, beat)
    # An agent's login in this tag speaks for the other dialect. So few fields are not read by columns.
    for _ in range(25):
        talk.send(CLIENT, _with(beat, _field(form, 5, b"smith\0")))
    segments = talk.close().segments
    assert_same_segments(segments, (1 << 20, 3), BOTH)
    assert "an agent's login in tag 5" in str(by_segments(segments, BOTH)[-1])


def test_they_take_the_quick_way() -> None:
    talk = _opened(14)
    form = proposed(CCX, 14)[0]
    beat = ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 1}, version=14)
    talk.send(CLIENT, _with(beat, _field(form, 3, b"a form is shown")))
    for _ in range(300):
        talk.send(CLIENT, _with(beat, _field(form, 30, b"2001\0")))
        # One that is not declared at all is for the decoder.
        talk.send(
            SERVER, _with(ENCODER.encode("HEARTBEAT_CONF", {"InvokeID": 1}, version=14), _field(form, NOWHERE, b""))
        )
    columns = ByColumns()
    assert PORTS and columns.segments(talk.segments, 1 << 20) == by_segments(talk.segments)
    assert 290 < columns.columns.by_columns <= 302
