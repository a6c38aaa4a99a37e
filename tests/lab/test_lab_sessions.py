"""Opening, refusing and closing sessions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ccxdissect.codec import Encoder
from ccxdissect.lab.channel import Received
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from center import AGENT, BRIDGE, Bench, Peer


def outcome(messages: list[Received]) -> tuple[str, int]:
    (message,) = messages
    return message.name, message.number("Status")


REFUSALS: dict[str, tuple[Callable[[Peer], list[Received]], int]] = {
    "a version that is too old": (lambda peer: peer.open(VersionNumber=9), 1),
    "a version that is too new": (lambda peer: peer.open(VersionNumber=19), 1),
    "an idle timeout below 20 s": (lambda peer: peer.open(IdleTimeout=19), 18),
    "no agent data in agent mode": (lambda peer: peer.open(AGENT), 6),
    "an agent whom nobody knows": (lambda peer: peer.open(AGENT, [("AgentID", "nobody")]), 8),
    "agent data of two agents": (
        lambda peer: peer.open(AGENT, [("AgentExtension", "2002"), ("AgentID", "anna")]),
        32,
    ),
    "both modes at once": (lambda peer: peer.open(AGENT | BRIDGE, [("AgentID", "anna")]), 19),
    "no client id": (
        lambda peer: peer.send(
            "OPEN_REQ",
            {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 60, "ServicesRequested": BRIDGE},
            [("ClientPassword", "")],
        ),
        6,
    ),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_refuses(why: str) -> None:
    attempt, status = REFUSALS[why]
    bench = Bench()
    peer = Peer(bench)
    assert outcome(attempt(peer)) == ("FAILURE_CONF", status)
    assert peer.session is not None and not peer.session.open
    bench.pass_time()
    assert peer.hung_up == ["close"]


def test_standby_answers_92_whatever_is_asked() -> None:
    peer = Peer(Bench(standby=True))
    assert outcome(peer.open(IdleTimeout=1)) == ("FAILURE_CONF", 92)
    assert peer.got[0].text("Text") == "this node is not the master"


def test_a_phone_that_another_client_has_is_refused_until_that_client_is_gone() -> None:
    bench = Bench()
    first = bench.agent("anna", login=False)
    second = Peer(bench)
    assert outcome(second.open(AGENT, [("AgentID", "anna")])) == ("FAILURE_CONF", 10)
    assert first.session is not None
    bench.engine.disconnected(first.session, "gone")
    assert [message.name for message in second.open(AGENT, [("AgentExtension", "2001")])] == ["OPEN_CONF"]


def test_grants_what_it_knows_of_the_services_asked_for() -> None:
    peer = Peer(Bench())
    (conf,) = peer.open(BRIDGE | 0x80000000)
    assert conf.number("ServicesGranted") == BRIDGE
    assert conf.complaints == ()


def test_agent_mode_is_told_its_agent_and_its_state() -> None:
    peer = Peer(Bench())
    (conf,) = peer.open(AGENT, [("AgentInstrument", "2001")])
    assert (conf.text("AgentID"), conf.text("AgentExtension"), conf.number("AgentState")) == ("anna", "2001", 1)


@pytest.mark.parametrize(("version", "present"), [(10, False), (13, False), (14, True), (17, True)])
def test_fields_come_only_in_versions_that_have_them(version: int, present: bool) -> None:
    peer = Peer(Bench(), version)
    (conf,) = peer.open()
    assert (conf.value("NumPeripherals") == 1) is present
    assert conf.complaints == ()


@pytest.mark.parametrize("form", ["2+1", "2+2"])
def test_version_18_speaks_the_form_of_its_client(form: str) -> None:
    bench = Bench()
    peer = bench.bridge(18, form)
    peer.send("QUERY_AGENT_STATE_REQ", {"InvokeID": 5}, [("AgentID", "anna")])
    (conf,) = peer.got
    assert conf.decoded.form is not None and conf.decoded.form.title == form
    assert bench.wrong() == []


def test_a_server_told_a_form_speaks_it_and_says_that_the_client_does_not() -> None:
    bench = Bench(form="2+2")
    peer = Peer(bench, 18)
    (conf,) = peer.open()
    assert conf.decoded.form is not None and conf.decoded.form.title == "2+2"
    assert bench.wrong() == ["speaks the floating form 2+1, this server was told to speak 2+2"]


def test_a_second_open_is_refused_and_its_version_does_not_count() -> None:
    bench = Bench()
    peer = bench.bridge()
    assert outcome(peer.send("OPEN_REQ", {"InvokeID": 9, "VersionNumber": 18, "IdleTimeout": 60})) == (
        "FAILURE_CONF",
        5,
    )
    assert peer.session is not None and peer.session.channel.version == 14


def test_nothing_but_open_before_the_session_is_open() -> None:
    bench = Bench()
    peer = Peer(bench)
    assert outcome(peer.send("HEARTBEAT_REQ", {"InvokeID": 3})) == ("FAILURE_CONF", 4)
    assert bench.wrong() == ["HEARTBEAT_REQ: no session is open yet, OPEN_REQ comes first"]


def test_heartbeat_and_close() -> None:
    bench = Bench()
    peer = bench.bridge()
    peer.send("HEARTBEAT_REQ", {"InvokeID": 3})
    peer.send("CLOSE_REQ", {"InvokeID": 4})
    assert peer.take() == ["HEARTBEAT_CONF", "CLOSE_CONF"]
    bench.pass_time()
    assert peer.hung_up == ["close"]


def test_an_agent_whose_client_vanishes_is_logged_out_and_the_bridges_hear_of_it() -> None:
    bench = Bench()
    bridge, anna = bench.bridge(), bench.agent("anna")
    bridge.got.clear()
    assert anna.session is not None
    bench.engine.disconnected(anna.session, "gone")
    (event,) = bridge.got
    assert (event.name, event.number("AgentState"), event.number("EventReasonCode")) == ("AGENT_STATE_EVENT", 1, 32765)


# What a client's author is told


def test_says_in_plain_words_what_is_wrong_with_a_message() -> None:
    bench = Bench()
    peer = bench.bridge()
    peer.send("HOLD_CALL_REQ", {"InvokeID": 6, "PeripheralID": 4, "CallID": 1})
    assert bench.wrong() == [
        "HOLD_CALL_REQ (InvokeID 6): required field ConnectionDeviceID[25] is missing",
        "HOLD_CALL_REQ (InvokeID 6): reserved slot PeripheralID holds 4, it should hold 1",
    ]


def test_says_that_a_client_never_sends_what_the_server_sends() -> None:
    bench = Bench()
    peer = bench.bridge()
    came = peer.send("CLEAR_CALL_CONF", {"InvokeID": 6})
    assert outcome(came) == ("FAILURE_CONF", 2)
    assert bench.wrong() == ["CLEAR_CALL_CONF (InvokeID 6): a client never sends CLEAR_CALL_CONF, the server does"]


def test_an_unknown_type_is_answered_by_a_failure_event() -> None:
    bench = Bench()
    peer = bench.bridge()
    assert outcome(peer.raw(bytes.fromhex("00000000 000003e7"))) == ("FAILURE_EVENT", 2)
    assert bench.wrong() == ["UNKNOWN_999: message type 999 is unknown"]


def test_a_body_that_is_too_short_is_a_bad_format() -> None:
    bench = Bench()
    peer = bench.bridge()
    assert outcome(peer.raw(bytes.fromhex("00000006 0000002a 00000007 0000"))) == ("FAILURE_CONF", 25)
    assert bench.wrong() == [
        "ANSWER_CALL_REQ (InvokeID 7): body has 6 bytes, the fixed part alone has 14: cut in PeripheralID"
    ]


def test_a_length_out_of_all_bounds_ends_the_connection() -> None:
    bench = Bench()
    peer = bench.bridge()
    assert peer.raw(bytes.fromhex("7fffffff 00000005 00000001")) == []
    assert peer.hung_up == ["reset"]
    assert bench.wrong() == [
        "the header announces a body of 2147483647 bytes (type 5), no message has more than 16384: the lengths are out "
        "of step, or this is no CTI; resetting the connection"
    ]


def test_bytes_one_by_one_are_the_same_messages() -> None:
    bench = Bench()
    peer = bench.bridge()
    for byte in Encoder(UCCX_CTI).encode("HEARTBEAT_REQ", {"InvokeID": 77}, version=14):
        peer.raw(bytes([byte]))
    assert [(message.name, message.invoke_id) for message in peer.got] == [("HEARTBEAT_CONF", 77)]


# Faults


def test_faults_strike_in_their_turn() -> None:
    bench = Bench(
        """
[[fault]]
request = "HEARTBEAT_REQ"
skip = 1
times = 2
silent = true

[[fault]]
request = "QUERY_AGENT_STATE_REQ"
failure = "CF_RESOURCE_OUT_OF_SERVICE"
error = "CCX_AGENT_DEVICE_OFF"
text = "off"

[[fault]]
request = "QUERY_SUMMARY_STATISTICS_REQ"
delay = 2.5

[[fault]]
request = "BAD_CALL_REQ"
status = "E_CTI_TIMEOUT"

[[fault]]
request = "SNAPSHOT_CALL_REQ"
reset = true
"""
    )
    peer = bench.bridge()
    assert [len(peer.send("HEARTBEAT_REQ", {"InvokeID": n})) for n in range(4)] == [1, 0, 0, 1]
    (refusal,) = peer.send("QUERY_AGENT_STATE_REQ", {"InvokeID": 9}, [("AgentID", "anna")])
    assert refusal.decoded.fixed == {"InvokeID": 9, "FailureCode": 34, "UnifiedCCXErrorCode": 88004}
    assert refusal.text("Text") == "off"
    assert [m.name for m in peer.send("QUERY_AGENT_STATE_REQ", {"InvokeID": 10}, [("AgentID", "anna")])] == [
        "QUERY_AGENT_STATE_CONF"
    ]
    assert peer.send("QUERY_SUMMARY_STATISTICS_REQ", {"InvokeID": 11}) == []
    assert [seconds for seconds, _ in bench.timers] == [2.5]
    bench.pass_time()
    assert peer.got[-1].name == "QUERY_SUMMARY_STATISTICS_CONF"
    assert outcome(peer.send("BAD_CALL_REQ", {"InvokeID": 12})) == ("FAILURE_CONF", 16)
    assert peer.send("SNAPSHOT_CALL_REQ", {"InvokeID": 13}) == []
    assert peer.hung_up == ["reset"]
