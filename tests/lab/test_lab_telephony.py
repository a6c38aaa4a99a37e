"""Agents and calls: states, the flows of the guide, and what is refused."""

from __future__ import annotations

import pytest

from ccxdissect.codec import NamedValue
from ccxdissect.lab.channel import Received
from ccxdissect.lab.world import CallData
from center import Bench, Peer

READY, NOT_READY, LOGIN, LOGOUT, WORK = 3, 2, 0, 1, 5


def states(messages: list[Received]) -> list[int]:
    return [message.number("AgentState") for message in messages if message.name == "AGENT_STATE_EVENT"]


def names(messages: list[Received]) -> list[str]:
    return [message.name for message in messages]


def failure(messages: list[Received]) -> int:
    assert names(messages) == ["CONTROL_FAILURE_CONF"]
    return messages[0].number("FailureCode")


def sound(*peers: Peer) -> None:
    for peer in peers:
        assert [(message.name, message.complaints) for message in peer.got if message.complaints] == []


# Agents


def test_log_in_tells_client_and_bridge() -> None:
    bench = Bench()
    bridge, anna = bench.bridge(), bench.agent("anna", login=False)
    came = bench.set_state(anna, "anna", LOGIN, password="pw")
    assert names(came) == ["SET_AGENT_STATE_CONF", "AGENT_STATE_EVENT"]
    assert names(bridge.got) == ["AGENT_STATE_EVENT"]
    event = bridge.got[0]
    assert (event.text("AgentID"), event.number("AgentState"), event.number("EventReasonCode")) == ("anna", 2, 32760)
    assert event.number("CSQID") == 0xFFFFFFFF and event.number("numCSQs") == 0
    assert event.value("NextAgentState") == 0xFFFF


def test_log_in_is_refused_for_cause() -> None:
    bench = Bench()
    bridge = bench.bridge()
    assert failure(bench.set_state(bridge, "anna", LOGIN, password="wrong")) == 257
    wrong_phone = [("AgentInstrument", "2002"), ("AgentPassword", "pw"), ("AgentID", "anna")]
    assert failure(bridge.send("SET_AGENT_STATE_REQ", {"AgentState": LOGIN}, wrong_phone)) == 260
    nobody = [("AgentInstrument", "2002"), ("AgentID", "nobody")]
    assert failure(bridge.send("SET_AGENT_STATE_REQ", {"AgentState": LOGIN}, nobody)) == 256
    assert names(bench.set_state(bridge, "anna", LOGIN, password="pw"))[0] == "SET_AGENT_STATE_CONF"
    assert failure(bench.set_state(bridge, "anna", LOGIN, password="pw")) == 259


def test_authenticating_only_changes_nothing() -> None:
    bench = Bench()
    bridge = bench.bridge()
    assert names(bench.set_state(bridge, "anna", LOGIN, password="pw", ForcedFlag=2)) == ["SET_AGENT_STATE_CONF"]
    assert not bench.engine.world.agents["anna"].logged_in


def test_log_out_needs_not_ready_or_force() -> None:
    bench = Bench()
    anna = bench.agent("anna")
    bench.set_state(anna, "anna", READY)
    assert failure(bench.set_state(anna, "anna", LOGOUT)) == 21
    assert states(bench.set_state(anna, "anna", LOGOUT, ForcedFlag=1)) == [1]
    (gone,) = bench.set_state(anna, "anna", READY)
    assert (gone.name, gone.number("Status")) == ("FAILURE_CONF", 9)


def test_a_client_controls_its_own_agent_only_unless_it_supervises() -> None:
    bench = Bench()
    anna, chief = bench.agent("anna"), bench.agent("chief")
    bench.agent("ben")
    assert failure(bench.set_state(anna, "ben", READY)) == 19
    assert names(bench.set_state(chief, "ben", READY)) == ["SET_AGENT_STATE_CONF"]


def test_a_state_that_cannot_be_set() -> None:
    bench = Bench()
    assert failure(bench.set_state(bench.agent("anna"), "anna", 4)) == 3


def test_masks_keep_events_away() -> None:
    bench = Bench()
    peer = Peer(bench)
    peer.open(CallMsgMask=0x2000, AgentStateMask=1 << 3)
    peer.got.clear()
    anna = bench.agent("anna")
    bench.set_state(anna, "anna", READY)
    bench.engine.telephony.place("5550100", "7000", data=CallData(ani="5550100"))
    assert names(peer.got) == ["AGENT_STATE_EVENT", "BEGIN_CALL_EVENT"]


# The queued and answered call


def test_the_queued_and_answered_call_as_the_guide_tells_it() -> None:
    bench = Bench()
    bridge, anna, ben = bench.bridge(), bench.agent("anna"), bench.agent("ben")
    bench.set_state(anna, "anna", READY)
    for peer in (bridge, anna, ben):
        peer.got.clear()
    ben.send("MAKE_CALL_REQ", {"InvokeID": 8}, [("AgentInstrument", "2002"), ("DialedNumber", "7000")])
    anna.send("ANSWER_CALL_REQ", {"InvokeID": 9, "CallID": 100}, [("ConnectionDeviceID", "2002")])
    assert names(bridge.got) == [
        "BEGIN_CALL_EVENT",
        "CALL_SERVICE_INITIATED_EVENT",
        "CALL_ORIGINATED_EVENT",
        "CALL_DELIVERED_EVENT",
        "CALL_ESTABLISHED_EVENT",
        "CALL_QUEUED_EVENT",
        "AGENT_STATE_EVENT",
        "CALL_DEQUEUED_EVENT",
        "CALL_DELIVERED_EVENT",
        "CALL_ESTABLISHED_EVENT",
        "AGENT_STATE_EVENT",
        "RTP_STARTED_EVENT",
        "RTP_STARTED_EVENT",
    ]
    begin, initiated, originated = bridge.got[:3]
    assert begin.number("CallType") == 9 and begin.text("ANI") == begin.text("ConnectionDeviceID") == "2002"
    assert initiated.number("ApplicationID") == initiated.number("CSQID") == 0xFFFFFFFF
    assert [initiated.number(n) for n in ("CallingDeviceType", "LocalConnectionState", "EventCause")] == [76, 1, 65535]
    assert [
        originated.number(n) for n in ("CallingDeviceType", "CalledDeviceType", "LocalConnectionState", "EventCause")
    ] == [76, 74, 1, 65535]
    assert states(bridge.got) == [8, 4]
    # The caller hears the same after its confirmation, but not of the other agent's states.
    assert names(ben.got) == ["MAKE_CALL_CONF", *(n for n in names(bridge.got) if n != "AGENT_STATE_EVENT")]
    # The agent hears of the call when it is offered.
    assert names(anna.got) == [
        "AGENT_STATE_EVENT",
        "BEGIN_CALL_EVENT",
        "CALL_DELIVERED_EVENT",
        "ANSWER_CALL_CONF",
        "CALL_ESTABLISHED_EVENT",
        "AGENT_STATE_EVENT",
        "RTP_STARTED_EVENT",
        "RTP_STARTED_EVENT",
    ]
    bridge.got.clear()
    ben.send("CLEAR_CONNECTION_REQ", {"CallID": 100}, [("ConnectionDeviceID", "2002")])
    assert names(bridge.got) == [
        "RTP_STOPPED_EVENT",
        "CALL_CONNECTION_CLEARED_EVENT",
        "RTP_STOPPED_EVENT",
        "CALL_CONNECTION_CLEARED_EVENT",
        "CALL_CLEARED_EVENT",
        "END_CALL_EVENT",
        "AGENT_STATE_EVENT",
    ]
    assert states(bridge.got) == [3]
    sound(bridge, anna, ben)
    assert bench.wrong() == []


def test_nobody_answers() -> None:
    bench = Bench()
    bridge, anna = bench.bridge(), bench.agent("anna")
    bench.set_state(anna, "anna", READY)
    bench.engine.telephony.place("5550100", "7000", data=CallData(ani="5550100"))
    bridge.got.clear()
    anna.got.clear()
    bench.pass_time()
    assert names(bridge.got) == ["CALL_DIVERTED_EVENT", "AGENT_STATE_EVENT", "CALL_QUEUED_EVENT"]
    assert names(anna.got) == ["CALL_DIVERTED_EVENT", "END_CALL_EVENT", "AGENT_STATE_EVENT"]
    assert bridge.got[1].number("EventReasonCode") == 32763
    assert states(bench.set_state(anna, "anna", READY)) == [3, 8]


def test_a_state_asked_for_on_the_phone_is_taken_afterwards() -> None:
    bench = Bench()
    anna = bench.agent("anna")
    bench.set_state(anna, "anna", READY)
    bench.engine.telephony.place("5550100", "7000", data=CallData(ani="5550100"))
    anna.send("ANSWER_CALL_REQ", {"CallID": 100}, [("AgentInstrument", "2001")])
    assert names(bench.set_state(anna, "anna", NOT_READY, EventReasonCode=7)) == ["SET_AGENT_STATE_CONF"]
    came = anna.send("CLEAR_CONNECTION_REQ", {"CallID": 100}, [("ConnectionDeviceID", "2001")])
    assert (came[-1].number("AgentState"), came[-1].number("EventReasonCode")) == (2, 7)


# Two calls


def with_two_calls(bench: Bench) -> tuple[Peer, Peer]:
    """Anna talks to 5550100 (call 100), on hold, and to Ben (call 101)."""
    bridge, anna = bench.bridge(), bench.agent("anna")
    bench.agent("ben")
    bench.set_state(anna, "anna", READY)
    bench.engine.telephony.place("5550100", "7000", data=CallData(ani="5550100"))
    anna.send("ANSWER_CALL_REQ", {"CallID": 100}, [("AgentInstrument", "2001")])
    anna.send(
        "CONSULT_CALL_REQ", {"ActiveCallID": 100}, [("ActiveConnectionDeviceID", "2001"), ("DialedNumber", "2002")]
    )
    bridge.send("ANSWER_CALL_REQ", {"CallID": 101}, [("AgentInstrument", "2002")])
    bridge.got.clear()
    anna.got.clear()
    return bridge, anna


BOTH = [("ActiveConnectionDeviceID", "2001"), ("HeldConnectionDeviceID", "2001"), ("AgentInstrument", "2001")]


def test_transfer() -> None:
    bench = Bench()
    bridge, anna = with_two_calls(bench)
    anna.send("TRANSFER_CALL_REQ", {"ActiveCallID": 101, "HeldCallID": 100}, BOTH)
    assert names(bridge.got) == [
        "RTP_STOPPED_EVENT",
        "CALL_DATA_UPDATE_EVENT",
        "CALL_TRANSFERRED_EVENT",
        "END_CALL_EVENT",
        "AGENT_STATE_EVENT",
    ]
    transferred = bridge.got[2]
    assert (transferred.number("PrimaryCallID"), transferred.number("SecondaryCallID")) == (100, 101)
    assert transferred.number("NumParties") == 2
    assert set(bench.engine.world.calls) == {100}
    assert set(bench.engine.world.calls[100].parties) == {"5550100", "2002"}
    sound(bridge, anna)


def test_conference() -> None:
    bench = Bench()
    bridge, anna = with_two_calls(bench)
    came = anna.send("CONFERENCE_CALL_REQ", {"ActiveCallID": 101, "HeldCallID": 100}, BOTH)
    assert came[0].name == "CONFERENCE_CALL_CONF" and came[0].number("NumParties") == 3
    conferenced = next(message for message in bridge.got if message.name == "CALL_CONFERENCED_EVENT")
    assert (conferenced.number("NumParties"), conferenced.number("EventCause")) == (3, 17)
    bridge.got.clear()
    bridge.send("CLEAR_CONNECTION_REQ", {"CallID": 100}, [("ConnectionDeviceID", "2002")])
    assert "CALL_CLEARED_EVENT" not in names(bridge.got)
    anna.send("CLEAR_CONNECTION_REQ", {"CallID": 100}, [("ConnectionDeviceID", "2001")])
    assert names(bridge.got)[-3:] == ["CALL_CLEARED_EVENT", "END_CALL_EVENT", "AGENT_STATE_EVENT"]
    assert bench.engine.world.calls == {}
    sound(bridge, anna)


def test_a_caller_transferred_to_a_queue_waits_in_it() -> None:
    bench = Bench()
    bridge, anna = with_two_calls(bench)
    anna.send("RECONNECT_CALL_REQ", {"ActiveCallID": 101, "HeldCallID": 100}, BOTH)
    anna.send(
        "CONSULT_CALL_REQ", {"ActiveCallID": 100}, [("ActiveConnectionDeviceID", "2001"), ("DialedNumber", "7000")]
    )
    anna.send("TRANSFER_CALL_REQ", {"ActiveCallID": 102, "HeldCallID": 100}, BOTH)
    assert bench.engine.world.waiting(7) == [] and bench.engine.world.agents["anna"].state == 8, "back to Anna"
    assert bench.engine.world.calls[100].party("2001") is not None
    sound(bridge, anna)


REFUSED = {
    "a call that is not there": ("HOLD_CALL_REQ", {"CallID": 5}, [("ConnectionDeviceID", "2001")], 11),
    "a call that is held already": ("HOLD_CALL_REQ", {"CallID": 100}, [("ConnectionDeviceID", "2001")], 24),
    "a call that is not held": ("RETRIEVE_CALL_REQ", {"HeldCallID": 101}, [("HeldConnectionDeviceID", "2001")], 25),
    "a call that does not ring": ("ANSWER_CALL_REQ", {"CallID": 101}, [("AgentInstrument", "2001")], 28),
    "a connection of nobody": ("HOLD_CALL_REQ", {"CallID": 101}, [("ConnectionDeviceID", "2008")], 13),
    "a phone of nobody": ("QUERY_DEVICE_INFO_REQ", {}, [("AgentInstrument", "2008")], 12),
    "another's phone": ("QUERY_DEVICE_INFO_REQ", {}, [("AgentInstrument", "2002")], 19),
    "a third call": (
        "CONSULT_CALL_REQ",
        {"ActiveCallID": 101},
        [("ActiveConnectionDeviceID", "2001"), ("DialedNumber", "2009")],
        75,
    ),
    "a call on a busy phone": ("MAKE_CALL_REQ", {}, [("AgentInstrument", "2001"), ("DialedNumber", "2009")], 33),
    "one call joined with itself": ("TRANSFER_CALL_REQ", {"ActiveCallID": 101, "HeldCallID": 101}, BOTH, 25),
    "what only supervisors do": ("SUPERVISE_CALL_REQ", {"AgentCallID": 101, "SupervisoryAction": 1}, [], 8),
    "no tones": (
        "SEND_DTMF_SIGNAL_REQ",
        {"CallID": 101},
        [("ConnectionDeviceID", "2001"), ("DTMFString", "12x")],
        3,
    ),
    "more named data than a call carries": (
        "SET_CALL_DATA_REQ",
        {"CallID": 101},
        [
            ("ConnectionDeviceID", "2001"),
            *(("NamedVariable", NamedValue(f"v{n}", "x" * 200)) for n in range(11)),
        ],
        75,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refuses(what: str) -> None:
    name, fixed, floating, code = REFUSED[what]
    bench = Bench()
    _, anna = with_two_calls(bench)
    assert failure(anna.send(name, {"InvokeID": 50, **fixed}, floating)) == code  # type: ignore[arg-type]


def test_call_data_go_to_everybody_on_the_call() -> None:
    bench = Bench()
    bridge, anna = with_two_calls(bench)
    anna.send(
        "SET_CALL_DATA_REQ",
        {"CallID": 100},
        [("ConnectionDeviceID", "2001"), ("CallVariable4", "four"), ("NamedArray", NamedValue("list", "item", 3))],
    )
    (update,) = bridge.got
    assert (update.name, update.text("CallVariable4"), update.value("NamedArray")) == (
        "CALL_DATA_UPDATE_EVENT",
        "four",
        ("list", "item", 3),
    )
    (snapshot,) = bridge.send("SNAPSHOT_CALL_REQ", {"CallID": 100}, [("ConnectionDeviceID", "5550100")])
    assert (snapshot.text("CallVariable4"), snapshot.number("NumCallDevices")) == ("four", 2)
    sound(bridge, anna)


@pytest.mark.parametrize(
    ("response", "events"),
    [
        ("Skip", ["AGENT_STATE_EVENT", "CALL_CONNECTION_CLEARED_EVENT", "CALL_CLEARED_EVENT", "END_CALL_EVENT"]),
        (
            "Accept",
            [
                "CALL_CONNECTION_CLEARED_EVENT",
                "CALL_CLEARED_EVENT",
                "END_CALL_EVENT",
                "BEGIN_CALL_EVENT",
                "CALL_SERVICE_INITIATED_EVENT",
                "CALL_ORIGINATED_EVENT",
                "CALL_DELIVERED_EVENT",
                "CALL_ESTABLISHED_EVENT",
                "RTP_STARTED_EVENT",
                "AGENT_STATE_EVENT",
            ],
        ),
    ],
)
def test_outbound_preview(response: str, events: list[str]) -> None:
    bench = Bench()
    anna = bench.agent("anna")
    bench.set_state(anna, "anna", READY)
    anna.got.clear()
    agent = bench.engine.world.agents["anna"]
    call = bench.engine.telephony.preview(agent, "5550100", CallData(variables={"BAStatus": "DO", "BAResponse": ""}))
    assert names(anna.got) == ["AGENT_STATE_EVENT", "BEGIN_CALL_EVENT", "CALL_DELIVERED_EVENT"]
    assert anna.got[1].number("CallType") == 18
    anna.got.clear()
    anna.send(
        "SET_CALL_DATA_REQ",
        {"CallID": call.id},
        [("ConnectionDeviceID", "2001"), ("NamedVariable", NamedValue("BAResponse", response))],
    )
    assert names(anna.got) == ["SET_CALL_DATA_CONF", "CALL_DATA_UPDATE_EVENT", *events]
    assert anna.got[1].number("NumNamedVariables") == 1
    sound(anna)


def test_statistics_count_what_happened() -> None:
    bench = Bench()
    bridge, anna = bench.bridge(), bench.agent("anna")
    place = bench.engine.telephony.place
    place("5550100", "7000", data=CallData(ani="5550100"))
    bench.engine.telephony.end(place("5550101", "7000", data=CallData(ani="5550101")))
    bench.engine.world.clock.advance(30)
    (waiting,) = bridge.send("QUERY_QUEUE_STATISTICS_REQ", {}, [("CSQID", 7)])
    assert [
        waiting.number(n) for n in ("CallsInPriorityQueue1", "OldestCallInQueue", "TotalCalls", "AbandonedCalls")
    ] == [1, 30, 2, 1]
    bench.set_state(anna, "anna", READY)
    anna.send("ANSWER_CALL_REQ", {"CallID": 100}, [("AgentInstrument", "2001")])
    bridge.got.clear()
    (summary,) = bridge.send("QUERY_SUMMARY_STATISTICS_REQ")
    assert [summary.number(n) for n in ("NumQueues", "LoggedInAgents", "InSessionAgents", "HandledCalls")] == [
        1,
        1,
        1,
        1,
    ]
    (refused,) = bridge.send("QUERY_QUEUE_STATISTICS_REQ", {}, [("CSQID", 8)])
    assert (refused.name, refused.number("Status")) == ("FAILURE_CONF", 93)
    sound(bridge, anna)
