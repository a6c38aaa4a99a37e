"""Decoding: the guide's own message, every message and version, and everything that can be wrong."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from building import ENCODER, build, every_combination, rows_for, value_for
from ccxdissect.codec import BY_TITLE, FORMS, ONE_ONE, TWO_ONE, TWO_TWO, Decoded, Decoder, NamedValue, proposed
from ccxdissect.protocol.model import Mark
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.wording.problems import say

DECODER = Decoder(UCCX_CTI)

#: Printed in the guide, page "Example Trace Log-File Excerpts".
TRACE = bytes.fromhex(
    "00 00 00 00 00 00 00 01 00 15 00 00 00 00 00 00 00 01 00 00 01 00 01 10 00 00 08 05 32 30 30 36 00 0B 05 37 30"
    "30 30 00 19 05 39 30 32 36 00 0A 05 37 30 30 30 00"
)


def said(decoded: Decoded) -> tuple[str, ...]:
    return tuple(map(say, decoded.problems))


def test_the_guides_own_message_decodes_exactly() -> None:
    decoded = DECODER.decode(23, TRACE)
    assert decoded.name == "BEGIN_CALL_EVENT"
    assert decoded.fixed == {
        "MonitorID": 0,
        "PeripheralID": 1,
        "PeripheralType": 21,
        "NumCTIClients": 0,
        "NumNamedVariables": 0,
        "NumNamedArrays": 0,
        "CallType": 1,
        "ConnectionDeviceType": 0,
        "CallID": 16777488,
        "CalledPartyDisposition": 0,
    }
    assert [(field.tag, field.name, field.value) for field in decoded.floating] == [
        (8, "ANI", "2006"),
        (11, "DialedNumber", "7000"),
        (25, "ConnectionDeviceID", "9026"),
        (10, "DNIS", "7000"),
    ]
    assert decoded.labels == {"CallType": "CALLTYPE_CCX_IN", "ConnectionDeviceType": "CONNECTION_ID_STATIC"}
    assert (decoded.form, decoded.version, decoded.problems, decoded.undecoded) == (ONE_ONE, None, (), 0)


def test_every_message_version_form_and_layout_decodes_to_what_was_built() -> None:
    for message, version, form, layout in every_combination():
        raw = build(message, version, form, layout, seed=version)
        rows = rows_for(message, version, form)
        decoded = DECODER.decode(message.number, raw[8:], version)
        where = (message.name, version, form.title, layout)
        assert decoded.problems == (), where
        assert decoded.undecoded == 0, where
        assert decoded.raw == raw, where
        assert decoded.layout is not None and decoded.layout.form == layout, where
        assert [(field.tag, field.value) for field in decoded.floating] == [
            (row.tag, value_for(row, version)) for row in rows
        ], where
        assert decoded.form is (form if rows else None), where


def test_without_a_version_the_bytes_tell_the_layout_and_the_form() -> None:
    for message, version, form, layout in every_combination():
        raw = build(message, version, form, layout)
        decoded = DECODER.decode(message.number, raw[8:])
        where = (message.name, version, form.title, layout)
        assert decoded.undecoded == 0, where
        assert decoded.layout is not None and decoded.layout.form == layout, where
        if decoded.spans:
            assert decoded.form is form, where
            assert decoded.layout.holds(version), where
            assert decoded.version == (18 if form.tag_size == 2 else version if message.name == "OPEN_REQ" else None), (
                where
            )


def test_what_the_version_proposes_gives_way_to_what_fits() -> None:
    raw = build(UCCX_CTI.message("CALL_HELD_EVENT"), 18, TWO_TWO)
    decoded = DECODER.decode(11, raw[8:], 14)
    assert decoded.form is TWO_TWO
    assert said(decoded) == ("floating fields have the form 2+2, version 14 has 1+1",)
    assert decoded.undecoded == 0


def test_a_session_keeps_the_form_that_fitted() -> None:
    raw = build(UCCX_CTI.message("CALL_HELD_EVENT"), 18, TWO_TWO)
    assert DECODER.decode(11, raw[8:], 18, TWO_TWO).form is TWO_TWO
    assert DECODER.decode(11, raw[8:], 18, TWO_ONE).form is TWO_TWO


def test_an_older_fixed_part_than_the_version_has_is_accepted_and_said() -> None:
    raw = build(UCCX_CTI.message("MAKE_CALL_REQ"), 12, ONE_ONE)
    decoded = DECODER.decode(56, raw[8:], 14)
    assert said(decoded) == ("fixed part is that of up to version 13, the session has version 14",)
    assert decoded.floating[0].value == "AgentInstrumenté0"


def test_open_req_is_read_by_the_version_it_carries() -> None:
    raw = build(UCCX_CTI.message("OPEN_REQ"), 18, TWO_ONE)
    decoded = DECODER.decode(3, raw[8:], 14, ONE_ONE)
    assert (decoded.version, decoded.form, decoded.problems) == (18, TWO_ONE, ())


def test_zeros_after_the_last_field_are_no_fields() -> None:
    raw = build(UCCX_CTI.message("CALL_HELD_EVENT"), 14, ONE_ONE)
    decoded = DECODER.decode(11, raw[8:] + bytes(4), 14)
    assert (len(decoded.floating), decoded.undecoded) == (2, 4)
    where = len(raw) - 8
    assert said(decoded) == (f"no floating field begins at body byte {where}, where its tag is 0: 4 bytes undecoded",)


@pytest.mark.parametrize(
    ("device_type", "application", "form"),
    [(77, 5, 0), (77, 5, 1), (77, 0xFFFFFFFF, 0), (77, 0xFFFFFFFF, 1), (0xFFFF, 5, 1)],
)
def test_the_two_orders_of_call_dequeued_are_told_apart(device_type: int, application: int, form: int) -> None:
    raw = ENCODER.encode(
        "CALL_DEQUEUED_EVENT",
        {"QueueDeviceType": device_type, "ApplicationID": application, "CallID": 7},
        [("ConnectionDeviceID", "1"), ("QueueDeviceID", "2")],
        version=14,
        layout=form,
    )
    decoded = DECODER.decode(86, raw[8:], 14)
    assert decoded.layout is not None and decoded.layout.form == form
    assert decoded.fixed["QueueDeviceType"] == device_type
    assert decoded.fixed["ApplicationID"] == application


def test_statistics_without_the_doubtful_tail_are_right_too() -> None:
    whole = build(UCCX_CTI.message("QUERY_SUMMARY_STATISTICS_CONF"), 14, ONE_ONE)
    short = DECODER.decode(226, whole[8 : 8 + 58], 14)
    assert (short.problems, len(short.fixed)) == ((), 18)
    odd = DECODER.decode(226, whole[8 : 8 + 70], 14)
    assert (odd.undecoded, len(odd.fixed)) == (12, 18)
    assert said(odd) == ("12 bytes after the fixed part, which is all there should be",)


def test_an_unknown_type_keeps_its_bytes() -> None:
    decoded = DECODER.decode(999, b"abc")
    assert (decoded.name, decoded.undecoded, decoded.body) == ("UNKNOWN_999", 3, b"abc")
    assert said(decoded) == ("message type 999 is unknown",)


def test_an_unknown_tag_is_shown_as_bytes() -> None:
    body = struct.pack(">I", 1) + b"\x63\x03xyz"
    decoded = DECODER.decode(8, body, 14)
    assert [(field.tag, field.name, field.value) for field in decoded.floating] == [(99, "ScriptSelector", b"xyz")]
    decoded = DECODER.decode(8, struct.pack(">I", 1) + b"\xfe\x03xyz", 14)
    assert [(field.tag, field.name, field.value) for field in decoded.floating] == [(254, "MaxTimeInQueue", b"xyz")]
    decoded = DECODER.decode(8, struct.pack(">I", 1) + b"\x66\x03xyz", 14)
    assert [(field.tag, field.name, field.value) for field in decoded.floating] == [(102, "UNKNOWN_102", b"xyz")]
    assert said(decoded) == ("floating tag 102 is unknown",)


def test_a_cut_floating_field_leaves_the_others_and_the_reason() -> None:
    raw = ENCODER.encode(
        "CALL_HELD_EVENT", {}, [("ConnectionDeviceID", "2005"), ("HoldingDeviceID", "2005")], version=14
    )
    decoded = DECODER.decode(11, raw[8:-2], 14)
    assert [field.name for field in decoded.floating] == ["ConnectionDeviceID"]
    assert decoded.undecoded == 5
    assert said(decoded) == ("floating tag 31 at body byte 29 claims 5 bytes, 3 are left: 5 bytes undecoded",)


def test_a_cut_fixed_part_gives_the_fields_that_are_whole() -> None:
    raw = ENCODER.encode("CALL_HELD_EVENT", {"CallID": 7}, [], version=14)
    decoded = DECODER.decode(11, raw[8 : 8 + 20], 14)
    assert list(decoded.fixed)[3:] == ["ConnectionDeviceType", "CallID", "HoldingDeviceType", "LocalConnectionState"]
    assert (decoded.fixed["CallID"], decoded.undecoded) == (7, 0)
    assert said(decoded) == ("body has 20 bytes, the fixed part alone has 22: cut in EventCause",)
    assert DECODER.decode(11, raw[8 : 8 + 19], 14).undecoded == 1


def test_integers_of_any_width_are_read_and_odd_widths_said() -> None:
    head = struct.pack(">H", 1) + b"\xb7\x02\x00\x00"
    wide = DECODER.decode(236, head + b"\xb9\x04\x00\x00\x00\x01", 14)
    usual = DECODER.decode(236, head + b"\xb9\x02\x00\x01", 14)
    assert [decoded.floating[1].value for decoded in (wide, usual)] == [1, 1]
    assert wide.problems == usual.problems == ()
    short = DECODER.decode(236, head + b"\xb8\x02\x00\x07", 14)
    assert short.floating[1].value == 7
    assert said(short) == ("CSQID[184] has 2 bytes, UINT has 4",)
    empty = DECODER.decode(236, head + b"\xb8\x00", 14)
    assert empty.floating[1].value is None
    assert said(empty) == ("CSQID[184] has 0 bytes, UINT has 4",)


def test_strings_may_lack_their_nul_be_empty_or_not_be_utf8() -> None:
    def value(data: bytes) -> object:
        body = struct.pack(">IIHHIHHH", 0, 1, 21, 0, 7, 0, 0, 0) + b"\x19" + bytes([len(data)]) + data
        decoded = DECODER.decode(11, body, 14)
        assert decoded.problems == ()
        return decoded.floating[0].value

    assert value(b"2005\0") == value(b"2005") == "2005"
    assert value(b"") == value(b"\0") == ""
    assert value("Müller".encode() + b"\0") == "Müller"
    assert value(b"M\xfcller\0") == "M\udcfcller"
    assert value(b"a\0\0") == "a\0"


def test_named_variables_and_arrays() -> None:
    raw = ENCODER.encode(
        "SET_CALL_DATA_REQ",
        {"CallID": 1},
        [
            ("ConnectionDeviceID", "1"),
            ("NamedVariable", NamedValue("BAResponse", "Accept")),
            ("NamedArray", NamedValue("user.list", "x", 3)),
        ],
        version=14,
    )
    decoded = DECODER.decode(26, raw[8:], 14)
    assert (decoded.fixed["NumNamedVariables"], decoded.fixed["NumNamedArrays"]) == (1, 1)
    assert decoded.floating[1].value == ("BAResponse", "Accept", None)
    assert decoded.floating[2].value == ("user.list", "x", 3)
    bare = DECODER.decode(26, raw[8:38] + b"\x52\x03abc" + b"\x53\x00" + b"\x52\x04a\0bc", 14)
    assert said(bare) == (
        "NamedVariable[82] has no NUL between name and value",
        "NamedArray[83] is empty: not even an index",
        "NamedVariable[82] does not end with a NUL",
    )


def test_a_repeated_label_is_kept_under_a_number() -> None:
    raw = ENCODER.encode(
        "QUERY_AGENT_STATE_CONF", {}, [("CSQState", 3), ("CSQID", 1), ("CSQState", 4), ("CSQID", 2)], version=14
    )
    labels = DECODER.decode(37, raw[8:], 14).labels
    assert labels["CSQState"] == "AGENT_STATE_READY"
    assert labels["CSQState#2"] == "AGENT_STATE_TALKING"


def test_marked_fields_are_found() -> None:
    raw = ENCODER.encode("OPEN_REQ", {"InvokeID": 9, "VersionNumber": 14}, [("AgentID", "jdoe")], version=14)
    decoded = DECODER.decode(3, raw[8:])
    assert decoded.marked(Mark.INVOKE_ID) == 9
    assert decoded.marked(Mark.AGENT) == "jdoe"
    assert decoded.marked(Mark.CALL) is None


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([message.number for message in UCCX_CTI] + [0, 999]),
    st.binary(max_size=300),
    st.sampled_from([None, 0, 9, 10, 11, 12, 13, 14, 17, 18, 19, 2**32 - 1]),
    st.sampled_from([None, *FORMS]),
)
def test_any_bytes_decode_without_an_exception_and_without_losing_one(
    number: int, body: bytes, version: int | None, form: object
) -> None:
    decoded = DECODER.decode(number, body, version, form)  # type: ignore[arg-type]
    walked = sum(stop - start for _, start, stop in decoded.spans)
    headers = len(decoded.spans) * (decoded.form.header_size if decoded.form else 0)
    assert decoded.fixed_size + walked + headers + decoded.undecoded == len(body)
    assert decoded.undecoded == 0 or decoded.problems
    assert decoded.raw[8:] == body
    again = DECODER.decode(number, body, version, form)  # type: ignore[arg-type]
    fresh = Decoder(UCCX_CTI).decode(number, body, version, form)  # type: ignore[arg-type]
    for other in (again, fresh):
        assert (other.problems, other.spans, other.values) == (decoded.problems, decoded.spans, decoded.values)
    assert len(decoded.floating) == len(decoded.spans)
    assert isinstance(decoded.labels, dict)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_built_decodes_to_the_same(data: st.DataObject) -> None:
    message = data.draw(st.sampled_from(UCCX_CTI.messages))
    version = data.draw(st.sampled_from([v for v in UCCX_CTI.versions if v >= message.since]))
    form = data.draw(st.sampled_from(proposed(UCCX_CTI, version)))
    rows = rows_for(message, version, form)
    chosen = data.draw(st.lists(st.sampled_from(rows), max_size=6)) if rows else []
    floating = [(row.tag, value_for(row, data.draw(st.integers(0, 99)))) for row in chosen]
    layout = DECODER.plan(message.number, version)[0]
    fixed = {
        field.name: data.draw(st.integers(0, 2 ** (8 * field.size - 1) - 1))
        for field in layout.fields
        if field.type.code != "s" and not field.mark & Mark.VERSION and not field.reserved
    }
    raw = ENCODER.encode(message, fixed, floating, version=version, form=form)
    decoded = DECODER.decode(message.number, raw[8:], version, form)
    assert decoded.raw == raw
    assert decoded.undecoded == 0
    if len(message.forms) == 1:
        assert {name: decoded.fixed[name] for name in fixed} == fixed
        assert [(field.tag, field.value) for field in decoded.floating] == floating


def test_forms_have_titles() -> None:
    assert list(BY_TITLE) == ["1+1", "2+1", "2+2"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x01name\0value\0", ()),
        (b"\x01name\0\0", ()),
        (b"\x01\0\0", ()),
        (b"\x01\0value", ("NamedArray[83] does not end with a NUL",)),
        (b"\x00value\0", ("NamedArray[83] has no NUL between name and value",)),
        (b"\0\0", ("NamedArray[83] has no NUL between name and value",)),
        (b"\x01", ("NamedArray[83] has no NUL between name and value",)),
        (b"", ("NamedArray[83] is empty: not even an index",)),
    ],
)
def test_the_quick_way_hides_no_named_array_without_its_nuls(data: bytes, said: tuple[str, ...]) -> None:
    raw = ENCODER.encode("SET_CALL_DATA_REQ", {"InvokeID": 1}, [("ConnectionDeviceID", "2005"), (83, data)], version=14)
    decoder = Decoder(UCCX_CTI)
    for _ in range(2):  # the second time by what the first one learnt
        found = decoder.decode(26, raw[8:], 14, ONE_ONE)
        assert (tuple(map(say, found.problems)), found.undecoded) == (said, 0)


def test_what_is_made_once_has_its_meaning_and_is_the_same_when_asked_again() -> None:
    assert Decoded.fixed.__doc__ and "fixed part" in Decoded.fixed.__doc__
    decoded = DECODER.decode(5, b"\0\0\0\7")
    assert decoded.values is decoded.values == (7,) and decoded.floating is decoded.floating
