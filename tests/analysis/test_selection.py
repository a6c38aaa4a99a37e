"""Which messages concern whom."""

from __future__ import annotations

from typing import Any

import pytest

from building import ENCODER
from ccxdissect.analysis.filters import problem_kinds
from ccxdissect.analysis.selection import Selection
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.codec import Decoder
from ccxdissect.codec.problems import ProblemKind
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Record, Session
from scene import AGENT_MODE, BRIDGE_MODE, MS, S, Scene, queued_call


def numbers(scene: Scene, **wanted: Any) -> list[int]:
    records = (event for event in scene.events if isinstance(event, Record))
    return [record.number for record in Selection(**wanted).select(records)]


def test_nothing_wanted_is_everything() -> None:
    assert numbers(queued_call()) == list(range(1, 40))


def test_a_session() -> None:
    assert numbers(queued_call(), sessions=[1]) == [1, 2, 8, 9, 10, 11, 12, 13, 16, 20, 22, 24, 26, 27, 30, 36]


def test_a_call_has_the_replies_of_its_requests() -> None:
    assert numbers(queued_call(), calls=[16777507]) == [
        9,
        10,
        11,
        12,
        15,
        16,
        17,
        18,
        19,
        20,
        21,
        24,
        25,
        26,
        27,
        28,
        29,
    ]


def test_an_agent_has_the_states_the_own_session_and_the_calls_at_the_phone() -> None:
    everything = [3, 4, 5, 6, 7, 8, *range(13, 40)]
    assert numbers(queued_call(), agents=["smith"]) == everything
    assert numbers(queued_call(), agents=["2006"]) == everything
    assert numbers(queued_call(), agents=["jones"]) == []


def test_both_an_agent_and_a_session() -> None:
    assert numbers(queued_call(), agents=["smith"], sessions=[1]) == [8, 13, 16, 20, 22, 24, 26, 27, 30, 36]


def test_heartbeats_concern_nobody_and_lists_do_not_either() -> None:
    scene = Scene()
    mine, bridge = scene.session(), scene.session("10.0.0.9:1")
    scene.open(mine, AGENT_MODE, "smith", "2006")
    scene.open(bridge, BRIDGE_MODE)
    scene.beat(mine, 2)
    scene.send(bridge, "CONFIG_AGENT_EVENT", {"NumRecords": 1}, [("RecordType", 0), ("LoginID", "smith")])
    assert numbers(scene, agents=["smith"]) == [1, 2]


CALL = 77


def ring(scene: Scene, session: Session, phone: str = "2006", after: int = 10 * MS) -> None:
    scene.call(session, "DELIVERED", CALL, [("ConnectionDeviceID", "555"), ("AlertingDeviceID", phone)], after=after)


def test_a_call_at_the_agent_s_phone_is_the_agent_s_until_a_while_after_its_end() -> None:
    scene = Scene()
    bridge = scene.session("10.0.0.9:1")
    scene.call(bridge, "DELIVERED", CALL, [("ConnectionDeviceID", "555"), ("AlertingDeviceID", "2007")])
    ring(scene, bridge)
    # It names the agent's phone no longer, and is about that call still.
    scene.call(bridge, "CONNECTION_CLEARED", CALL, [("ConnectionDeviceID", "555"), ("ReleasingDeviceID", "555")])
    scene.call(bridge, "END_CALL_EVENT", CALL, [("ConnectionDeviceID", "555")])
    scene.call(bridge, "CLEARED", CALL, [("ConnectionDeviceID", "555")], after=5 * S)
    # Another call by that time.
    scene.call(bridge, "CLEARED", CALL, [("ConnectionDeviceID", "555")], after=1)
    scene.call(bridge, "CLEARED", CALL, [("ConnectionDeviceID", "555")])
    ring(scene, bridge)
    scene.call(bridge, "CLEARED", CALL, [("ConnectionDeviceID", "555")], after=100 * S)
    assert numbers(scene, agents=["2006"]) == [2, 3, 4, 5, 8, 9]
    assert numbers(scene, agents=["2007"]) == [1, 2, 3, 4, 5]
    assert numbers(scene, agents=["2008"]) == []


def test_the_same_call_number_on_another_server_is_another_call() -> None:
    scene = Scene()
    here, there = scene.session("10.0.0.9:1"), scene.session("10.0.0.9:2", "10.0.0.2:12028")
    ring(scene, here)
    for session in (here, there):
        scene.call(session, "CLEARED", CALL, [("ConnectionDeviceID", "555")])
    assert numbers(scene, agents=["2006"]) == [1, 2]


def test_of_too_many_calls_at_the_phone_the_one_heard_of_longest_ago_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ccxdissect.analysis.selection.MOST_ASKED", 2)
    scene = Scene()
    bridge = scene.session("10.0.0.9:1")

    def say(name: str, call: int, *devices: tuple[str, str]) -> None:
        scene.call(bridge, name, call, [("ConnectionDeviceID", "555"), *devices])

    for call in (1, 2):
        say("DELIVERED", call, ("AlertingDeviceID", "2006"))
    say("CLEARED", 1)
    say("DELIVERED", 3, ("AlertingDeviceID", "2006"))
    for call in (1, 2, 3):
        say("CLEARED", call)
    assert numbers(scene, agents=["2006"]) == [1, 2, 3, 4, 5, 7]


def test_a_reply_is_wanted_that_its_latest_request_with_that_id_waits_for() -> None:
    scene = Scene()
    bridge = scene.session("10.0.0.9:1")
    asks = ("ConnectionDeviceID", "555")
    scene.send(bridge, "ANSWER_CALL_REQ", {"InvokeID": 5, "CallID": CALL}, [asks])
    scene.send(bridge, "CLEAR_CALL_CONF", {"InvokeID": 5})
    scene.send(bridge, "CONTROL_FAILURE_CONF", {"InvokeID": 5, "FailureCode": 1})
    scene.send(bridge, "ANSWER_CALL_CONF", {"InvokeID": 5})
    scene.send(bridge, "ANSWER_CALL_REQ", {"InvokeID": 6, "CallID": CALL}, [asks])
    scene.send(bridge, "ANSWER_CALL_REQ", {"InvokeID": 6, "CallID": 78}, [asks])
    scene.send(bridge, "ANSWER_CALL_CONF", {"InvokeID": 6})
    assert numbers(scene, calls=[CALL]) == [1, 3, 5]
    assert numbers(scene, calls=[78]) == [6, 7]


def test_any_problem_is_each_of_them() -> None:
    assert problem_kinds("any") == problem_kinds("*") == frozenset(ProblemKind)
    assert problem_kinds("Unknown_Type") == {ProblemKind.UNKNOWN_TYPE}


@pytest.mark.parametrize(("said", "known"), [(0, None), (1, 1)])
def test_a_call_of_the_number_0_is_no_other_call(said: int, known: int | None) -> None:
    message = UCCX_CTI.message("CALL_DELIVERED_EVENT")
    raw = ENCODER.encode(message, {}, [("SecondaryConnectionCallID", said)], version=14)
    assert SubjectReader().of(Decoder(UCCX_CTI).decode(message.number, raw[8:], 14)).other_call == known
