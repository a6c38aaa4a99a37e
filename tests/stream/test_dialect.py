"""Which dialect a session speaks: each sign alone, signs in conflict, captures that begin in the middle."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ccxdissect.analysis.findings import Findings
from ccxdissect.analysis.rules.registry import Severity
from ccxdissect.analysis.sessions import dialect_because
from ccxdissect.codec import Encoder, Value
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.stream.dialect import MOST_WAITING, spoken
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Record, Session
from conversation import CLIENT, ENDS, SERVER, Conversation, records

CCX, CCE = DIALECTS["ccx"], DIALECTS["cce"]
BOTH = tuple(DIALECTS.values())
UNMARKED, CCX_PORT, CCE_PORT = 5555, 12028, 42067


def ccx(name: str, floating: Sequence[tuple[str | int, Value]] = (), version: int = 14, **fixed: int) -> bytes:
    return Encoder(CCX).encode(name, fixed, floating, version=version)


def cce(name: str, floating: Sequence[tuple[str | int, Value]] = (), version: int = 14, **fixed: int) -> bytes:
    return Encoder(CCE).encode(name, fixed, floating, version=version)


def read(*sent: tuple[int, bytes], port: int = UNMARKED, late: bool = True) -> tuple[Session, list[Record]]:
    """The session of one connection that carries these messages; `late`: the capture begins behind its handshake."""
    talk = Conversation(ends=(ENDS[0], (ENDS[1][0], port)))
    if not late:
        talk.handshake()
    for side, data in sent:
        talk.send(side, data)
    dissector = Dissector(BOTH, [port])
    events: list[Event] = [event for segment in talk.segments for event in dissector.feed(segment)]
    events += dissector.flush()
    found = records(events)
    return found[0].session, found


def dialect(session: Session) -> str:
    assert session.verdict is not None
    return session.verdict.protocol.dialect


def opening(**fixed: int) -> bytes:
    """An OPEN_REQ that says nothing but what it is told to: a peripheral of 0 speaks for CCX."""
    return cce("OPEN_REQ", [("ClientID", "c"), ("ClientPassword", "")], fixed.pop("version", 14), **fixed)


ALONE = {
    "port of CCX": ("ccx", CCX_PORT, (CLIENT, ccx("CLOSE_REQ"))),
    "port of CCE": ("cce", CCE_PORT, (CLIENT, cce("CLOSE_REQ"))),
    "port of both": ("cce", 42027, (CLIENT, cce("CLOSE_REQ"))),
    "version 9": ("cce", UNMARKED, (CLIENT, opening(version=9))),
    "version 19": ("cce", UNMARKED, (CLIENT, opening(version=19))),
    "version 25": ("cce", UNMARKED, (CLIENT, opening(version=25))),
    "version 18 says nothing": ("ccx", UNMARKED, (CLIENT, ccx("OPEN_REQ", [("ClientID", "c")], 18))),
    "a peripheral": ("cce", UNMARKED, (CLIENT, opening(PeripheralID=5000))),
    "every peripheral": ("cce", UNMARKED, (CLIENT, opening(PeripheralID=0xFFFFFFFF))),
    "no peripheral": ("ccx", UNMARKED, (CLIENT, opening(PeripheralID=0))),
    "configuration events": ("ccx", UNMARKED, (CLIENT, opening(ServicesRequested=0x40010))),
    "active and standby": ("cce", UNMARKED, (CLIENT, opening(ServicesRequested=0x2000010))),
    "central controller time": ("cce", UNMARKED, (SERVER, cce("OPEN_CONF", ICMCentralControllerTime=1_700_000_000))),
    "no central controller time": ("ccx", UNMARKED, (SERVER, ccx("OPEN_CONF"))),
    "PeripheralType 17": (
        "cce",
        UNMARKED,
        (SERVER, cce("OPEN_CONF", ICMCentralControllerTime=1, PeripheralType=17)),
    ),
    "1 and 21": ("ccx", UNMARKED, (SERVER, ccx("CALL_HELD_EVENT"))),
    "5000 and 17": ("cce", UNMARKED, (SERVER, cce("CALL_HELD_EVENT", PeripheralID=5000, PeripheralType=17))),
    "1 and 17": ("cce", UNMARKED, (SERVER, cce("CALL_HELD_EVENT", PeripheralID=1, PeripheralType=17))),
    "type 226": ("ccx", UNMARKED, (SERVER, ccx("QUERY_SUMMARY_STATISTICS_CONF"))),
    "type 93": ("cce", UNMARKED, (CLIENT, cce("MONITOR_START_REQ"))),
    "type 272": ("cce", UNMARKED, (SERVER, cce("NETWORK_RECORDING_STARTED_EVENT", version=23))),
    "tag 194": ("ccx", UNMARKED, (CLIENT, ccx("QUERY_AGENT_STATE_REQ", [("AgentID", "amira")]))),
    "tag 5": ("cce", UNMARKED, (CLIENT, cce("QUERY_AGENT_STATE_REQ", [("AgentID", "1001")]))),
    "nothing at all": ("ccx", UNMARKED, (CLIENT, cce("CLOSE_REQ"))),
}


@pytest.mark.parametrize("sign", ALONE)
def test_each_sign_alone(sign: str) -> None:
    expected, port, sent = ALONE[sign]
    session, found = read(sent, port=port)
    assert dialect(session) == expected
    assert len(found) == 1
    declared = DIALECTS[expected].by_number[found[0].decoded.number]
    assert found[0].decoded.message is declared
    assert not found[0].problems


def test_the_port_alone_gives_way_to_what_is_sent() -> None:
    session, found = read((CLIENT, opening(version=24, PeripheralID=5000)), port=CCX_PORT, late=False)
    assert dialect(session) == "cce" and found[0].decoded.message is CCE.message("OPEN_REQ")
    assert session.verdict is not None
    assert dialect_because(session.verdict) == (
        "version 24, a PeripheralID in OPEN_REQ; against it: server port 12028 (ccx)"
    )
    session, _ = read((CLIENT, ccx("OPEN_REQ", ServicesRequested=0x40010)), port=43027, late=False)
    assert dialect(session) == "ccx"
    assert session.verdict is not None and session.verdict.overruled_by is None


def test_what_reads_alike_is_given_at_once_and_binds_nobody() -> None:
    """On CCX's own port heartbeats come first; then it turns out to be CCE, and every message is read as that."""
    event = cce("CALL_HELD_EVENT", PeripheralID=5000, PeripheralType=17)
    opened = opening(version=20, PeripheralID=5000)
    session, found = read((CLIENT, cce("HEARTBEAT_REQ", InvokeID=1)), (CLIENT, opened), (SERVER, event), port=CCX_PORT)
    assert dialect(session) == "cce"
    assert [record.name for record in found] == ["HEARTBEAT_REQ", "OPEN_REQ", "CALL_HELD_EVENT"]
    assert all(record.decoded.message in CCE.messages for record in found[1:])
    assert session.version == 20


def test_an_early_guess_is_taken_back_by_later_bytes_before_anything_was_given() -> None:
    """Requests that say nothing wait; all of them are read by the dialect that the first event tells."""
    asked = [(CLIENT, cce("CLEAR_CALL_REQ", InvokeID=number)) for number in range(5)]
    told = (SERVER, cce("CALL_HELD_EVENT", PeripheralID=5000, PeripheralType=17))
    session, found = read(*asked, told)
    assert dialect(session) == "cce"
    assert [record.decoded.message for record in found] == [CCE.message("CLEAR_CALL_REQ")] * 5 + [
        CCE.message("CALL_HELD_EVENT")
    ]
    assert [record.frame for record in found] == [1, 2, 3, 4, 5, 6]
    assert [record.number for record in found] == [1, 2, 3, 4, 5, 6]


def test_a_dialect_is_never_changed_once_messages_were_read_by_it() -> None:
    held = ccx("CALL_HELD_EVENT")
    late = cce("MONITOR_START_REQ")
    session, found = read((SERVER, held), (CLIENT, late), (SERVER, held), late=False)
    assert session.verdict is not None and session.verdict.overruled_by == "cce"
    assert dialect(session) == "ccx"
    assert [record.name for record in found] == ["CALL_HELD_EVENT", "UNKNOWN_93", "CALL_HELD_EVENT"]
    assert session.verdict is not None
    assert dialect_because(session.verdict).endswith("; against it: message types of its own (cce)")


def test_no_more_than_a_few_messages_wait() -> None:
    talk = Conversation(ends=(ENDS[0], (ENDS[1][0], UNMARKED)))
    for number in range(MOST_WAITING):
        talk.send(CLIENT, cce("CLEAR_CALL_REQ", InvokeID=number))
    dissector = Dissector(BOTH, [UNMARKED])
    given = [len(records(dissector.feed(segment))) for segment in talk.segments]
    assert given == [0] * (MOST_WAITING - 1) + [MOST_WAITING]


def test_waiting_messages_are_given_when_nothing_follows() -> None:
    talk = Conversation(ends=(ENDS[0], (ENDS[1][0], UNMARKED))).send(CLIENT, cce("CLEAR_CALL_REQ"))
    dissector = Dissector(BOTH, [UNMARKED])
    assert records(dissector.feed(talk.segments[0])) == []
    assert records(dissector.advance(talk.segments[0].time + 500_000_000)) == []
    assert len(records(dissector.advance(talk.segments[0].time + 1_500_000_000))) == 1


def test_two_sessions_of_one_capture_each_have_their_own() -> None:
    one = Conversation(ends=((b"\x0a\0\0\x01", 50001), ENDS[1])).send(SERVER, ccx("CALL_HELD_EVENT"))
    other = Conversation(ends=((b"\x0a\0\0\x02", 50002), (ENDS[1][0], 42067)))
    other.send(SERVER, cce("CALL_HELD_EVENT", version=20, PeripheralID=5000, PeripheralType=17))
    dissector = Dissector(BOTH)
    events = [event for segment in one.segments + other.segments for event in dissector.feed(segment)]
    events += dissector.flush()
    assert [dialect(record.session) for record in records(events)] == ["ccx", "cce"]


@pytest.mark.parametrize("size", [1, 7, 40])
def test_the_bytes_are_accounted_for_however_they_are_cut(size: int) -> None:
    talk = Conversation(ends=(ENDS[0], (ENDS[1][0], UNMARKED)))
    data = b"".join(cce("CLEAR_CALL_REQ", InvokeID=number) for number in range(4))
    data += (12).to_bytes(4, "big") + (151).to_bytes(4, "big") + bytes(range(12))
    talk.send(CLIENT, data, size)
    dissector = Dissector(BOTH, [UNMARKED])
    events = [event for segment in talk.segments for event in dissector.feed(segment)]
    events += dissector.flush()
    session = records(events)[0].session
    sent = session.sent
    total = next(iter(sent.values()))
    assert total.payload == total.decoded + total.undecoded + total.duplicate
    assert total.undecoded == 12
    assert [record.name for record in records(events)][-1] == "MEDIA_LOGIN_REQ"


def test_a_port_alone_is_a_guess_that_the_bytes_have_to_confirm() -> None:
    """Unified CCE behind Unified CCX's own port, captured from the middle: what came first is read again by what follows."""
    asked = [(CLIENT, cce("CLEAR_CALL_REQ", InvokeID=number)) for number in range(3)]
    told = (SERVER, cce("CALL_HELD_EVENT", version=20, PeripheralID=5000, PeripheralType=17, ConnectionCallID=9))
    another = (SERVER, cce("MONITOR_START_CONF", version=20))
    session, found = read(*asked, told, another, port=CCX_PORT)
    assert dialect(session) == "cce"
    assert all(record.decoded.message in CCE.messages for record in found) and len(found) == 5


def test_a_session_whose_bytes_disagree_says_so_in_its_findings() -> None:
    talk = Conversation(ends=(ENDS[0], (ENDS[1][0], UNMARKED))).handshake()
    talk.send(SERVER, ccx("CALL_HELD_EVENT")).send(CLIENT, cce("MONITOR_START_REQ")).close()
    dissector = Dissector(BOTH, [UNMARKED])
    events = [event for segment in talk.segments for event in dissector.feed(segment)] + list(dissector.flush())
    findings = Findings()
    said = [finding for event in events for finding in findings.feed(event)] + list(findings.flush())
    (unclear,) = [finding for finding in said if finding.rule == "dialect-unclear"]
    assert unclear.severity is Severity.WARNING
    assert unclear.text == (
        "Session 1 was read as CCX, but not all signs agree: PeripheralID 1 with PeripheralType 21; against it: message types "
        "of its own (cce). If what it says makes no sense, read it with --dialect cce."
    )


@pytest.mark.parametrize(("name", "messages"), [("ccx", [ccx("CALL_HELD_EVENT")]), ("cce", [cce("MONITOR_START_REQ")])])
def test_what_some_messages_speak(name: str, messages: list[bytes]) -> None:
    found = spoken(BOTH, [(int.from_bytes(message[4:8], "big"), message[8:]) for message in messages])
    assert found is DIALECTS[name]
    assert spoken([CCX], [(1, b"")]) is CCX


def test_what_waits_for_a_verdict_until_the_end_is_told_then() -> None:
    _, found = read(*[(CLIENT, cce("CLEAR_CALL_REQ", InvokeID=number)) for number in range(3)])
    assert [record.name for record in found] == ["CLEAR_CALL_REQ"] * 3
