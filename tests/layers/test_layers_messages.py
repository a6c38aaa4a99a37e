"""Every message type in Scapy: built, dissected, shown, paired."""

from __future__ import annotations

import importlib.util
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from each import of_each
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.config import conf
from scapy.fields import RawVal
from scapy.layers.inet import IP, TCP
from scapy.packet import Raw, fuzz, ls

import ccxdissect.layers as layers
from ccxdissect.codec import BY_TITLE, Decoder, Encoder, NamedValue
from ccxdissect.errors import EncodeError
from ccxdissect.layers import FACE, UNKNOWN_MESSAGE, CCXMessage, Floating
from ccxdissect.layers.message import MOST_IN_ONE_PAYLOAD
from ccxdissect.protocol.model import Floating as Row
from ccxdissect.protocol.model import Kind, Mark, Message, Trait
from ccxdissect.protocol.types import Reading
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.wording.problems import say

DECODER = Decoder(UCCX_CTI)
ENCODER = Encoder(UCCX_CTI)
WAYS = [(10, "1+1"), (14, "1+1"), (17, "1+1"), (18, "2+1"), (18, "2+2")]
MESSAGES = list(UCCX_CTI)


def listed(message: Message, form: str) -> list[Row]:
    """The floating fields that a message lists and a form can carry."""
    return [row for row in message.tags.values() if row.tag <= BY_TITLE[form].largest_tag]


def every_floating(message: Message, form: str) -> list[tuple[int, Any]]:
    """Each of them with a value of its type."""
    found: list[tuple[int, Any]] = []
    for row in listed(message, form):
        reading = row.type.reading
        if reading is Reading.INTEGER:
            found.append((row.tag, 1))
        elif reading is Reading.NAMED_VARIABLE:
            found.append((row.tag, NamedValue("user.one", "1")))
        elif reading is Reading.NAMED_ARRAY:
            found.append((row.tag, NamedValue("user.many", "1", 2)))
        else:
            found.append((row.tag, "é" if reading is Reading.TEXT else b"\0\1"))
    return found


@of_each(
    {f"{message.name}-{version}-{form}": (message, version, form) for message in MESSAGES for version, form in WAYS}
)
def test_every_type_and_version_builds_dissects_and_builds_again(message: Message, version: int, form: str) -> None:
    floating = every_floating(message, form)
    wire = ENCODER.encode(message, {}, floating, version=version, form=BY_TITLE[form])
    cls = FACE.classes[message.name]

    built = cls(version=version, form=form, floating=floating)
    assert bytes(built) == wire

    found = CCXMessage(wire, version=version, form=form)
    assert type(found) is cls
    decoded = DECODER.decode(message.number, wire[8:], version, BY_TITLE[form])
    assert {name: found.getfieldval(name) for name in decoded.fixed} == decoded.fixed
    assert [(f.tag, f.value, f.title) for f in found.floating] == [(f.tag, f.value, f.name) for f in decoded.floating]
    assert found.BodyLength == len(wire) - 8
    assert found.problems == list(map(say, decoded.problems))
    assert bytes(found) == wire
    assert found == CCXMessage(wire, version=version, form=form)

    # Without the bytes that came, from the fields alone.
    found.MessageTypeID = message.number
    assert found.raw_packet_cache is None
    assert bytes(found) == wire


def test_all_types_have_a_class() -> None:
    assert list(FACE.classes) == [message.name for message in MESSAGES]
    for message in UCCX_CTI:
        cls = getattr(layers, message.name)
        assert cls.__name__ == message.name and cls.message is message
        assert message.name in layers.__all__


INTEGERS = st.integers(0, 0xFFFFFFFF)
TEXTS = st.text(max_size=20) | st.binary(max_size=20).map(lambda b: b.decode("utf-8", "surrogateescape"))
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=10)


@st.composite
def filled_messages(draw: st.DrawFn) -> tuple[Message, int, str, dict[str, Any], list[tuple[int, Any]]]:
    message = draw(st.sampled_from(MESSAGES))
    version, form = draw(st.sampled_from(WAYS))
    fixed: dict[str, Any] = {}
    for field in message.fixed:
        if field.since > version or field.mark & Mark.VERSION:
            continue
        if field.type.reading is Reading.INTEGER:
            bits = field.size * 8
            low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if field.type.signed else (0, (1 << bits) - 1)
            fixed[field.name] = draw(st.integers(low, high))
        else:
            fixed[field.name] = draw(st.binary(min_size=field.size, max_size=field.size))
    for row in message.fixed:
        if row.mark & Mark.VERSION:
            fixed[row.name] = version
    floating: list[tuple[int, Any]] = []
    rows = listed(message, form)
    for row in draw(st.lists(st.sampled_from(rows), max_size=6)) if rows else []:
        reading = row.type.reading
        value: Any
        if reading is Reading.INTEGER:
            bits = (row.type.size or row.size) * 8
            value = draw(st.integers(0, (1 << bits - 1) - 1))
        elif reading is Reading.TEXT:
            value = draw(TEXTS)
        elif reading is Reading.OPAQUE:
            value = draw(st.binary(max_size=20))
        else:
            index = draw(st.integers(0, 255)) if reading is Reading.NAMED_ARRAY else None
            value = NamedValue(draw(NAMES), draw(NAMES), index)
        floating.append((row.tag, value))
    return message, version, form, fixed, floating


@settings(max_examples=200, deadline=None)
@given(filled_messages())
def test_random_values_are_the_codecs(
    case: tuple[Message, int, str, dict[str, Any], list[tuple[int, Any]]],
) -> None:
    message, version, form, fixed, floating = case
    wire = ENCODER.encode(message, fixed, floating, version=version, form=BY_TITLE[form])
    built = FACE.classes[message.name](version=version, form=form, floating=floating, **fixed)
    assert bytes(built) == wire
    found = CCXMessage(wire, version=version, form=form)
    decoded = DECODER.decode(message.number, wire[8:], version, BY_TITLE[form])
    assert {name: found.getfieldval(name) for name in decoded.fixed} == decoded.fixed
    assert [f.value for f in found.floating] == [f.value for f in decoded.floating]
    found.MessageTypeID = message.number
    assert bytes(found) == wire
    assert isinstance(found.show(dump=True), str) and repr(found)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80), st.sampled_from([0, *UCCX_CTI.by_number, 999]), st.integers(0, 90))
def test_any_bytes_are_kept_and_shown(body: bytes, number: int, length: int) -> None:
    data = length.to_bytes(4, "big") + number.to_bytes(4, "big") + body
    for packet in (CCXMessage(data), UNKNOWN_MESSAGE(data), *([CCXMessage(body)] if body else [])):
        raw = bytes(packet)
        assert raw in (data, body)
        assert isinstance(packet.show(dump=True), str) and repr(packet) and packet.summary()
        assert bytes(packet.copy()) == raw
        packet.fields  # noqa: B018
        assert bytes(packet) == raw


def test_what_is_not_touched_is_built_as_it_came() -> None:
    # A text without its NUL, an unknown tag, and bytes that make no field.
    body = bytes.fromhex("00000001 0000000e" + "00000000" * 9 + "010178" + "f002abcd" + "c8ff00")
    data = len(body).to_bytes(4, "big") + (3).to_bytes(4, "big") + body
    packet = layers.OPEN_REQ(data)
    assert [(f.tag, f.title, f.value) for f in packet.floating] == [
        (1, "ClientID", "x"),
        (0xF0, "UNKNOWN_240", b"\xab\xcd"),
    ]
    assert packet.undecoded == b"\xc8\xff\0"
    assert packet.problems == [
        "floating tag 240 is unknown",
        "floating tag 200 at body byte 51 claims 255 bytes, 1 are left: 3 bytes undecoded",
    ]
    packet.InvokeID = 2
    assert bytes(packet) == data[:8] + b"\0\0\0\2" + data[12:]


def test_show_of_a_request() -> None:
    packet = layers.OPEN_REQ(
        InvokeID=1,
        VersionNumber="V14",
        ServicesRequested="CTI_SERVICE_CLIENT_EVENTS+CTI_SERVICE_CALL_DATA_UPDATE",
        floating=[("ClientID", "agent\x1b[31m"), ("ClientPassword", "s3cret"), ("AgentID", "1001")],
    )
    assert (
        packet.show2(dump=True)
        == """\
###[ OPEN_REQ ]###
  BodyLength= 73
  MessageTypeID= OPEN_REQ
  InvokeID  = 1
  VersionNumber= V14
  IdleTimeout= 0
  PeripheralID= 0
  ServicesRequested= CTI_SERVICE_CLIENT_EVENTS+CTI_SERVICE_CALL_DATA_UPDATE
  CallMsgMask= 0
  AgentStateMask= 0
  ConfigMsgMask= 0
  Reserved1 = 0
  Reserved2 = 0
  Reserved3 = 0
  \\floating  \\
   |ClientID[1]              = 'agent\\x1b[31m'
   |ClientPassword[2]        = ***
   |AgentID[194]             = '1001'
"""
    )


def test_show_of_an_event() -> None:
    packet = layers.CALL_RETRIEVED_EVENT(
        ConnectionDeviceType="CONNECTION_ID_STATIC",
        CallID=16777217,
        LocalConnectionState="LCS_CONNECT",
        EventCause="CEC_NONE",
        floating={"ConnectionDeviceID": "2001", "RetrievingDeviceID": "2001"},
        version=14,
    )
    assert (
        packet.show2(dump=True)
        == """\
###[ CALL_RETRIEVED_EVENT ]###
  BodyLength= 36
  MessageTypeID= CALL_RETRIEVED_EVENT
  MonitorID = 0
  PeripheralID= 1
  PeripheralType= PT_ACMI_CRS
  ConnectionDeviceType= CONNECTION_ID_STATIC
  CallID    = 16777217
  RetrievingDeviceType= DEVID_DEVICE_IDENTIFIER
  LocalConnectionState= LCS_CONNECT
  EventCause= CEC_NONE
  \\floating  \\
   |ConnectionDeviceID[25]   = '2001'
   |RetrievingDeviceID[32]   = '2001'
"""
    )


def test_secrets_are_masked_unless_asked_for() -> None:
    packet = layers.OPEN_REQ(floating=[("ClientPassword", "s3cret")])
    cut = layers.OPEN_REQ(bytes(packet)[:-3])
    wrong = layers.OPEN_REQ(floating=[("ClientPassword", ("s3cret", "s3cret"))])
    with pytest.raises(EncodeError) as refused:
        bytes(wrong)
    texts = [
        repr(packet),
        packet.show(dump=True),
        packet.show2(dump=True),
        packet.summary(),
        packet.sprintf("%OPEN_REQ.floating%"),
        repr(packet.floating),
        packet.floating[0].sprintf("%Floating.value%"),
        packet.command(),
        packet.json(),
        cut.show(dump=True),
        repr(cut),
        str(refused.value),
    ]
    assert cut.undecoded == b"\0\2\7s3cr"
    assert not any("s3c" in text for text in texts)
    assert "*** (7 bytes)" in cut.show(dump=True)
    assert packet.floating[0].value == "s3cret" and packet.value("ClientPassword") == "s3cret"
    conf.contribs["ccxdissect"]["show_secrets"] = True
    try:
        assert "s3cret" in packet.show(dump=True) and "s3cret" in repr(packet) and "s3cr" in repr(cut)
    finally:
        conf.contribs["ccxdissect"]["show_secrets"] = False


@of_each({message.name: (message,) for message in MESSAGES if message.kind is Kind.REQUEST})
def test_replies_answer_their_request(message: Message) -> None:
    cls = FACE.classes[message.name]
    paired = bool(message.marked(Mark.INVOKE_ID))
    request = cls(InvokeID=7) if paired else cls()
    replies = [FACE.classes[name] for name in message.replies]
    replies += [FACE.classes[m.name] for m in MESSAGES if m.traits & Trait.FAILS]
    for reply in replies:
        answer = reply(InvokeID=7 if paired else 0) if reply.invoke_field else reply()
        assert answer.answers(request) and answer.hashret() == request.hashret()
        assert CCXMessage(bytes(answer)).answers(CCXMessage(bytes(request)))
        assert not request.answers(answer)
        if reply.invoke_field:
            assert not reply(InvokeID=8).answers(request)
    other = layers.HEARTBEAT_CONF if message.name != "HEARTBEAT_REQ" else layers.CLOSE_CONF
    assert not other(InvokeID=7).answers(request)
    assert not layers.FAILURE_EVENT().answers(request)


def test_a_reply_answers_through_tcp() -> None:
    request = layers.HEARTBEAT_REQ(InvokeID=9)
    (pair,) = [r for r in [layers.HEARTBEAT_CONF(InvokeID=9)] if r < request]
    assert pair.InvokeID == 9
    assert not layers.HEARTBEAT_CONF(InvokeID=9).answers(Raw(b"x"))


@pytest.mark.parametrize("port", UCCX_CTI.ports)
def test_tcp_is_bound_both_ways(port: int) -> None:
    layers.bind_port(port)  # the other dialect may have bound it since
    data = bytes(layers.HEARTBEAT_REQ(InvokeID=3))
    for ports in ({"sport": port, "dport": 50000}, {"sport": 50000, "dport": port}):
        packet = IP(bytes(IP() / TCP(**ports) / data))
        assert packet[layers.HEARTBEAT_REQ].InvokeID == 3
    assert (IP() / TCP() / layers.HEARTBEAT_REQ())[TCP].dport == UCCX_CTI.ports[0]
    assert (IP() / TCP() / layers.HEARTBEAT_CONF())[TCP].sport == UCCX_CTI.ports[0]


def test_several_messages_in_one_payload() -> None:
    opening = layers.OPEN_REQ(VersionNumber=14, InvokeID=1)
    state = layers.SET_AGENT_STATE_REQ(version=14, InvokeID=2, floating=[("AgentID", "1001")])
    unknown = UNKNOWN_MESSAGE(MessageTypeID=999, undecoded=b"abc")
    whole = opening / state / unknown / layers.HEARTBEAT_REQ(InvokeID=4)
    packet = IP(bytes(IP() / TCP() / whole / b"\xff\xff\xff\xff\xff\xff\xff\xff"))
    assert [layer.__name__ for layer in packet.layers()] == [
        "IP", "TCP", "OPEN_REQ", "SET_AGENT_STATE_REQ", "UNKNOWN_MESSAGE", "HEARTBEAT_REQ", "Raw",
    ]  # fmt: skip
    assert packet[layers.SET_AGENT_STATE_REQ].version == 14
    assert packet[UNKNOWN_MESSAGE].undecoded == b"abc"
    assert packet[UNKNOWN_MESSAGE].problems == ["message type 999 is unknown"]
    assert packet[layers.HEARTBEAT_REQ].underlayer is packet[UNKNOWN_MESSAGE]


def test_a_payload_of_thousands_of_messages_loses_nothing() -> None:
    data = b"".join(bytes(layers.HEARTBEAT_REQ(InvokeID=n)) for n in range(5000))
    packet = TCP(bytes(TCP(dport=12028)) + data)
    assert len([layer for layer in packet.layers() if layer is layers.HEARTBEAT_REQ]) == MOST_IN_ONE_PAYLOAD
    assert bytes(packet.payload) == data and bytes(packet.copy().payload) == data
    assert isinstance(packet.show(dump=True), str) and packet.summary()


def test_what_is_no_message_stays_raw() -> None:
    for data in (b"x", b"\0" * 8, b"\xff" * 40, b"\0\0\0\4\0\0\3\xe7ab"):
        packet = TCP(bytes(TCP(dport=12028)) + data)
        assert type(packet.payload) is Raw and bytes(packet.payload) == data


def test_a_message_cut_by_the_segment_shows_what_is_there() -> None:
    whole = bytes(layers.FAILURE_CONF(InvokeID=5, Status="E_CTI_INVALID_PASSWORD"))
    packet = CCXMessage(whole[:14])
    assert type(packet) is layers.FAILURE_CONF
    assert packet.InvokeID == 5 and packet.undecoded == whole[12:14] and bytes(packet) == whole[:14]
    with pytest.raises(AttributeError):
        packet.Status  # noqa: B018
    assert packet.problems == [
        "body has 6 bytes, the fixed part alone has 8: cut in Status",
        "the body has 6 of 8 bytes here",
    ]


def test_the_version_decides_which_fields_there_are() -> None:
    old = layers.SET_AGENT_STATE_REQ(version=10)
    new = layers.SET_AGENT_STATE_REQ()
    assert "AgentCapacity" not in [f.name for f in old.fields_desc]
    assert "AgentCapacity" in [f.name for f in new.fields_desc]
    with pytest.raises(AttributeError):
        layers.SET_AGENT_STATE_REQ(version=10, AgentCapacity=1)
    old.InvokeID = 5
    old.version = 14
    assert old.AgentCapacity == 0 and old.InvokeID == 5
    assert bytes(old) == ENCODER.encode("SET_AGENT_STATE_REQ", {"InvokeID": 5}, version=14)
    old.version = 11
    assert bytes(old) == ENCODER.encode("SET_AGENT_STATE_REQ", {"InvokeID": 5}, version=11)
    assert old.copy().fields_desc == old.fields_desc and bytes(old.copy()) == bytes(old)


def test_open_req_says_its_version_itself() -> None:
    newest = layers.OPEN_REQ(floating=[("ClientID", "x")])
    assert newest.VersionNumber is None and CCXMessage(bytes(newest)).VersionNumber == 18
    assert layers.OPEN_REQ(version=13, floating=[("ClientID", "x")]).form is None
    for packet in (layers.OPEN_REQ(version=13), layers.OPEN_REQ(VersionNumber=13)):
        packet.floating = [("ClientID", "x")]
        found = CCXMessage(bytes(packet))
        assert (found.VersionNumber, found.version, found.form) == (13, 13, "1+1")
    found.VersionNumber = 18
    del found.BodyLength
    again = CCXMessage(bytes(found))
    assert (again.version, again.form, again.value("ClientID")) == (18, "2+1", "x")
    assert CCXMessage(bytes(layers.OPEN_REQ(form="2+2", floating=[("ClientID", "x")]))).form == "2+2"


@of_each({message.name: (message,) for message in MESSAGES if message.layouts})
def test_other_layouts_are_built_and_recognised(message: Message) -> None:
    for layout in range(len(message.forms)):
        fixed = {}
        for number, field in enumerate(message.forms[layout].fixed):
            if not field.reserved and field.codes is None:
                fixed[field.name] = number
        wire = ENCODER.encode(message, fixed, layout=layout, version=14)
        packet = FACE.classes[message.name](layout=layout, version=14, **fixed)
        assert bytes(packet) == wire
        decoded = DECODER.decode(message.number, wire[8:], 14)
        found = CCXMessage(wire, version=14)
        assert found.layout == (0 if decoded.layout is None else decoded.layout.form)
        assert [f.name for f in found.fields_desc][2:-2] == list(decoded.fixed)
        assert bytes(found.copy()) == wire and found.copy() == found


def test_counts_are_automatic_unless_given() -> None:
    floating = [
        ("NamedVariable", ("user.a", "1")),
        ("NamedVariable", ("user.b", "2")),
        ("NamedArray", ("user.c", "3", 0)),
    ]
    packet = layers.MAKE_CALL_REQ(floating=floating)
    found = CCXMessage(bytes(packet))
    assert (found.NumNamedVariables, found.NumNamedArrays) == (2, 1)
    assert CCXMessage(bytes(layers.MAKE_CALL_REQ(NumNamedVariables=9, floating=floating))).NumNamedVariables == 9
    opened = layers.OPEN_CONF(floating=[("NumPeripherals", None), ("FltPeripheralID", 5), ("MultilineAgentControl", 1)])
    assert CCXMessage(bytes(opened)).value("NumPeripherals") == 1


def test_floating_fields_are_easy_to_give_and_to_change() -> None:
    ways: list[Any] = [
        [("ClientID", "x"), ("AgentID", "1")],
        {"ClientID": "x", "AgentID": "1"},
        [(1, "x"), (194, b"1\0")],
        [Floating(tag="ClientID", value="x"), ("AgentID", "1")],
        iter([("ClientID", "x"), ("AgentID", "1")]),
    ]
    assert len({bytes(layers.OPEN_REQ(floating=way)) for way in ways}) == 1
    packet = layers.OPEN_REQ(bytes(layers.OPEN_REQ(floating=ways[0])))
    packet.floating[0].value = "longer"
    packet.floating += [("ClientSignature", "me")]
    packet.BodyLength = None
    found = CCXMessage(bytes(packet))
    assert [(f.title, f.value) for f in found.floating] == [
        ("ClientID", "longer"),
        ("AgentID", "1"),
        ("ClientSignature", "me"),
    ]
    assert found.values("AgentID") == ["1"] and found.value("Text") is None
    assert bytes(layers.OPEN_REQ(floating=[Floating(tag=1, value=b"x", length=9)]))[-3:] == b"\x01\x09x"[-3:]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"InvokeID": -1}, "InvokeID"),
        ({"InvokeID": "x"}, "InvokeID"),
        ({"floating": [("Text", "x" * 300)]}, "too many for 1+1"),
        ({"floating": [(999, b"")]}, "does not fit the form 1+1"),
        ({"floating": [(0xF0, "x")]}, "has to be bytes"),
        ({"floating": [("Text", 5)]}, "is no STRING"),
    ],
)
def test_what_does_not_fit_is_refused_when_built(fields: dict[str, Any], why: str) -> None:
    packet = layers.FAILURE_CONF(version=14, **fields)
    with pytest.raises(EncodeError, match=why.replace("+", r"\+")):
        bytes(packet)


def test_what_makes_no_sense_is_refused_at_once() -> None:
    with pytest.raises(EncodeError, match="no floating field is called Nonsense"):
        layers.OPEN_REQ(floating=[("Nonsense", 1)])
    with pytest.raises(EncodeError, match="no floating form is called"):
        layers.OPEN_REQ(form="3+3")
    with pytest.raises(EncodeError, match="has no layout 7"):
        layers.OPEN_REQ(layout=7)
    with pytest.raises(ValueError, match="'NO_SUCH' is not in StatusCode"):
        layers.FAILURE_CONF(Status="NO_SUCH")
    with pytest.raises(AttributeError):
        layers.FAILURE_CONF(Nonsense=1)
    with pytest.raises(ImportError):
        from ccxdissect.layers import NO_SUCH_MESSAGE  # noqa: F401


def test_masks_are_flags() -> None:
    packet = layers.OPEN_REQ(ServicesRequested=["CTI_SERVICE_ALL_EVENTS"])
    found = CCXMessage(bytes(packet))
    assert found.ServicesRequested.CTI_SERVICE_ALL_EVENTS and not found.ServicesRequested.CTI_SERVICE_CLIENT_EVENTS
    found.ServicesRequested.CTI_SERVICE_CLIENT_EVENTS = True
    changed = CCXMessage(bytes(found))
    assert str(changed.ServicesRequested) == "CTI_SERVICE_CLIENT_EVENTS+CTI_SERVICE_ALL_EVENTS"
    assert changed.ServicesRequested == found.ServicesRequested


def test_scapys_own_ways_work() -> None:
    packet = layers.AGENT_STATE_EVENT(version=14, AgentState="AGENT_STATE_READY", floating=[("AgentID", "1001")])
    found = CCXMessage(bytes(packet))
    restored = pickle.loads(pickle.dumps(found))
    assert restored == found and restored.version == found.version and type(restored) is type(found)
    assert bytes(packet.copy()) == bytes(packet) and packet.copy() == packet
    assert bytes(eval(found.command(), {**FACE.classes, "Floating": Floating})) == bytes(found)
    assert len(bytes(fuzz(layers.OPEN_REQ()))) >= 44 + 8
    assert bytes(layers.CLOSE_CONF(InvokeID=RawVal(b"\1\2")))[8:] == b"\1\2"
    assert '"AgentState": 3' in found.json()
    assert found.sprintf("%AGENT_STATE_EVENT.AgentState%") == "AGENT_STATE_READY"
    ((first, second),) = [list(layers.HEARTBEAT_REQ(InvokeID=[1, 2]))]
    assert (first.InvokeID, second.InvokeID) == (1, 2)
    assert layers.AGENT_STATE_EVENT in IP() / TCP() / packet
    found.hide_defaults()


def test_ls_lists_the_fields(capsys: pytest.CaptureFixture[str]) -> None:
    ls(layers.HEARTBEAT_REQ)
    assert (
        capsys.readouterr().out
        == """\
BodyLength : IntField                            = ('None')
MessageTypeID : EnumField                           = ('5')
InvokeID   : IntField                            = ('0')
floating   : FloatingListField (Show)            = ('[]')
undecoded  : UndecodedField (Show)               = ("b''")
"""
    )
    ls("HEARTBEAT")
    # Once for each dialect whose classes there are, and beside whatever else of Scapy has been loaded by now.
    listed = capsys.readouterr().out.splitlines()
    assert {line for line in listed if line.startswith("HEARTBEAT_")} == {
        "HEARTBEAT_REQ : HEARTBEAT_REQ",
        "HEARTBEAT_CONF : HEARTBEAT_CONF",
    }


def test_the_guides_trace_is_dissected() -> None:
    data = bytes.fromhex(
        "00000036 00000017"
        "00000000000000010015000000000000 00010000010001100000080532303036"
        "000b0537303030001905393032360 00a05373030300 0".replace(" ", "")
    )
    packet = CCXMessage(data)
    assert type(packet) is layers.BEGIN_CALL_EVENT and packet.problems == []
    assert (packet.CallID, packet.PeripheralType, packet.CallType) == (16777488, 21, 1)
    assert [(f.tag, f.value) for f in packet.floating] == [
        (8, "2006"),
        (11, "7000"),
        (25, "9026"),
        (10, "7000"),
    ]
    assert packet.copy() == packet and bytes(packet) == data


def test_importing_is_lean() -> None:
    """The package itself needs no Scapy, and the layers neither scapy.all nor our captures' readers."""
    code = (
        "import sys, ccxdissect, ccxdissect.codec\n"
        "assert not any(name.startswith('scapy') for name in sys.modules)\n"
        "import ccxdissect.layers\n"
        "bad = {'scapy.all', 'scapy.layers.all', 'scapy.layers.dns', 'ccxdissect.layers.session'}\n"
        "bad &= set(sys.modules)\n"
        "assert not bad, bad\n"
        "from ccxdissect.layers import CTISession\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def calls(cls: Any, raws: list[tuple[str, bytes]]) -> int:
    """How many functions are called to dissect them, Python's and C's: what it costs, however busy the machine is."""
    count = 0

    def seen(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    classes = [(cls(name), raw) for name, raw in raws]
    for made, raw in classes:
        made(raw)  # the first of a class prepares what all of it share
    sys.setprofile(seen)
    try:
        for made, raw in classes:
            made(raw)
    finally:
        sys.setprofile(None)
    return count


def test_dissecting_takes_far_fewer_steps_than_with_ordinary_fields() -> None:
    path = Path(__file__).parents[1] / "bench" / "scapy_floor.py"
    spec = importlib.util.spec_from_file_location("scapy_floor", path)
    assert spec is not None and spec.loader is not None
    floor = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(floor)
    chosen = [(name, raw) for name, raw in floor.messages() if len(raw) >= 120]
    ordinary = calls(lambda name: floor.floor_class(UCCX_CTI.message(name)), chosen)
    assert len(chosen) > 10 and ordinary >= 5 * calls(layers.FACE.classes.__getitem__, chosen)


def test_packets_made_without_scapys_constructor_are_like_those_made_by_it() -> None:
    data = bytes(layers.OPEN_REQ(floating=[("ClientID", "x")]))
    quick = layers.OPEN_REQ(data)
    slow = layers.OPEN_REQ(bytearray(data))  # bytes only go the quick way
    assert quick == slow and type(quick) is type(slow)
    for packet, other in ((quick, slow), (quick.floating[0], Floating(tag=1, value="x"))):
        for slot in {slot for cls in type(packet).__mro__ for slot in getattr(cls, "__slots__", ())}:
            assert hasattr(packet, slot) == hasattr(other, slot), slot
        assert packet.overloaded_fields is not other.overloaded_fields
    assert abs(quick.time - slow.time) < 10
