"""Requests, replies, and what they led to."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from ccxdissect.analysis.exchange import SCHEMA, Exchange
from ccxdissect.analysis.exchanges import MOST_ALIKE, Exchanges
from ccxdissect.protocol.model import Side
from scene import BRIDGE_MODE, MS, S, Scene, feed, json_of


def exchanges(scene: Scene, **options: Any) -> list[Exchange]:
    found = feed(Exchanges(**options), scene.events)
    return [exchange for exchange in found if isinstance(exchange, Exchange)]


def told(scene: Scene) -> list[tuple[object, ...]]:
    return [(e.request, e.reply, e.outcome) for e in exchanges(scene)]


def test_a_request_and_its_confirmation_as_json() -> None:
    scene = Scene()
    session = scene.session()
    scene.send(session, "HEARTBEAT_REQ", {"InvokeID": 7}, after=1)
    scene.send(session, "HEARTBEAT_CONF", {"InvokeID": 7}, after=12_345_678)
    (exchange,) = exchanges(scene)
    assert json_of(exchange) == (
        '{"session":1,"invoke_id":7,"request":1,"request_name":"HEARTBEAT_REQ","request_time":1700000000.000000001,'
        '"reply":2,"reply_name":"HEARTBEAT_CONF","reply_time":1700000000.012345679,"latency":0.012345678,'
        '"outcome":"confirmed","failure":null,"triggered":[]}'
    )


def test_a_failure_has_code_name_and_meaning() -> None:
    scene = Scene()
    session = scene.session()
    scene.open(session, agent="x", answer=False)
    scene.send(session, "FAILURE_CONF", {"InvokeID": 1, "Status": 92})
    scene.set_state(session, 2, "x", 3, "1")
    scene.send(session, "CONTROL_FAILURE_CONF", {"InvokeID": 2, "FailureCode": 257, "UnifiedCCXErrorCode": 88009})
    failures = [json.loads(json_of(exchange))["failure"] for exchange in exchanges(scene)]
    assert failures == [
        {"code": 92, "name": "E_CTI_SERVER_NOT_MASTER", "meaning": "standby server"},
        {
            "code": 257,
            "name": "CF_INVALID_PASSWORD_SPECIFIED",
            "meaning": "invalid password specified; in particular 88009 CCX_AGENT_INVALID: agent invalid",
        },
    ]


def test_an_id_used_again_answers_the_newest_that_fits() -> None:
    scene = Scene()
    session = scene.session()
    scene.send(session, "HEARTBEAT_REQ", {"InvokeID": 7})
    scene.send(session, "QUERY_SUMMARY_STATISTICS_REQ", {"InvokeID": 7})
    scene.send(session, "HEARTBEAT_REQ", {"InvokeID": 7})
    scene.send(session, "HEARTBEAT_CONF", {"InvokeID": 7})
    scene.send(session, "QUERY_SUMMARY_STATISTICS_CONF", {"InvokeID": 7})
    scene.end(session)
    assert told(scene) == [(3, 4, "confirmed"), (2, 5, "confirmed"), (1, None, "unanswered")]


def test_a_refusal_answers_any_request_of_its_id_and_session() -> None:
    scene = Scene()
    one, two = scene.session(), scene.session("10.0.0.6:4")
    scene.send(one, "HEARTBEAT_REQ", {"InvokeID": 7})
    scene.send(two, "HEARTBEAT_REQ", {"InvokeID": 7})
    scene.send(one, "FAILURE_CONF", {"InvokeID": 7, "Status": 15})
    scene.send(one, "FAILURE_CONF", {"InvokeID": 8, "Status": 15})
    scene.send(two, "HEARTBEAT_CONF", {"InvokeID": 7})
    assert told(scene) == [(1, 3, "failed"), (None, 4, "unrequested"), (2, 5, "confirmed")]


def test_configuration_pairs_by_order() -> None:
    scene = Scene()
    session = scene.session()
    scene.send(session, "CONFIG_REQUEST_KEY_EVENT")
    scene.send(session, "CONFIG_REQUEST_EVENT", {"ConfigurationMask": 1}, [(131, 0)])
    scene.send(session, "CONFIG_REQUEST_EVENT", {"ConfigurationMask": 2}, [(131, 0)])
    scene.send(session, "CONFIG_REQUEST_EVENT", {"ConfigurationMask": 4}, [(131, 0)])
    scene.send(session, "CONFIG_KEY_EVENT")
    scene.send(session, "CONFIG_BEGIN_EVENT", {"ConfigType": 1, "ConfigurationMask": 1})
    scene.send(session, "CONFIG_CSQ_EVENT", {"NumRecords": 0})
    scene.send(session, "CONFIG_END_EVENT")
    scene.send(session, "CONFIG_END_EVENT", {"Status": 4})
    scene.send(session, "CONFIG_END_EVENT", {"Status": 1})
    found = exchanges(scene)
    assert [(e.request, e.reply, e.outcome, e.invoke_id) for e in found] == [
        (1, 5, "confirmed", None),
        (2, 8, "confirmed", None),
        (3, 9, "confirmed", None),
        (4, 10, "failed", None),
    ]
    assert found[1].latency == 60 * MS and found[1].reaction == 40 * MS
    assert found[3].failure is not None and found[3].failure.name == "CONFIG_SERVICE_PROVIDER"


def test_an_update_that_nobody_asked_for_is_no_reply() -> None:
    scene = Scene()
    session = scene.session()
    scene.send(session, "CONFIG_BEGIN_EVENT", {"ConfigType": 2})
    scene.send(session, "CONFIG_END_EVENT")
    assert exchanges(scene) == []


def test_unanswered_only_when_the_session_ends_or_patience_does() -> None:
    scene = Scene()
    session = scene.session()
    scene.send(session, "HEARTBEAT_REQ", {"InvokeID": 1})
    scene.send(session, "SYSTEM_EVENT", after=299 * S)
    scene.send(session, "HEARTBEAT_REQ", {"InvokeID": 2})
    scene.send(session, "SYSTEM_EVENT", after=2 * S)
    scene.end(session, after=1)
    analysis = Exchanges()
    given = [[exchange.request for exchange in analysis.feed(event)] for event in scene.events]
    assert given == [[], [], [], [], [1], [3]]


def test_events_of_the_agent_on_any_session_until_the_next_request() -> None:
    scene = Scene()
    mine, bridge = scene.session(), scene.session("10.0.0.9:1")
    elsewhere = scene.session("10.0.0.5:2", server="10.0.0.2:12028")
    scene.set_state(mine, 1, "smith", 3, "2006")
    scene.send(mine, "SET_AGENT_STATE_CONF", {"InvokeID": 1})
    first = [scene.state(session, "smith", 3, "2006").number for session in (mine, bridge)]
    scene.state(bridge, "jones", 3, "2007")
    scene.state(elsewhere, "smith", 3, "2006")
    # A request that only asks ends nothing.
    scene.send(bridge, "QUERY_AGENT_STATE_REQ", {"InvokeID": 5}, [("AgentID", "smith")])
    # Known by the phone alone.
    first.append(scene.send(bridge, "AGENT_STATE_EVENT", {"AgentState": 2}, [("AgentExtension", "2006")]).number)
    scene.set_state(bridge, 6, "smith", 2, "2006")
    second = [scene.state(session, "smith", 2).number for session in (mine, bridge)]
    scene.state(mine, "smith", 3, after=301 * S)
    found = {e.request: e.triggered for e in exchanges(scene) if e.request_name == "SET_AGENT_STATE_REQ"}
    assert list(found.values()) == [tuple(first), tuple(second)]


def test_events_too_late_are_not_triggered() -> None:
    scene = Scene()
    session = scene.session()
    scene.set_state(session, 1, "smith", 3, "2006")
    scene.send(session, "SET_AGENT_STATE_CONF", {"InvokeID": 1})
    scene.state(session, "smith", 3, after=5 * S)
    scene.state(session, "smith", 8, after=1)
    assert [e.triggered for e in exchanges(scene)] == [(3,)]


def test_a_new_call_belongs_to_the_request_that_made_it() -> None:
    scene = Scene()
    session = scene.session()
    scene.send(session, "MAKE_CALL_REQ", {"InvokeID": 1}, [("AgentInstrument", "2006"), ("DialedNumber", "2007")])
    begins = [("ConnectionDeviceID", "2006"), ("ANI", "2006")]
    before = scene.send(session, "BEGIN_CALL_EVENT", {"CallID": 55, "CallType": 10}, begins)
    scene.send(session, "MAKE_CALL_CONF", {"InvokeID": 1, "NewCallID": 55}, [("NewConnectionDeviceID", "2006")])
    after = scene.call(session, "DELIVERED", 55)
    scene.call(session, "DELIVERED", 56)
    (exchange,) = exchanges(scene)
    assert exchange.triggered == (before.number, after.number)


def test_hostile_requests_are_given_up_the_oldest_first() -> None:
    scene = Scene()
    session = scene.session()
    for _ in range(MOST_ALIKE + 5):
        scene.send(session, "HEARTBEAT_REQ", {"InvokeID": 1}, after=1)
    analysis = Exchanges()
    given = [exchange.request for event in scene.events for exchange in analysis.feed(event)]
    assert given == [1, 2, 3, 4, 5]
    assert analysis.open_count == MOST_ALIKE


def test_three_clients_and_hundreds_of_requests_with_known_truth() -> None:
    """Ids used again, several requests open at once, replies out of order, both failures, none, and unasked ones."""
    chance = random.Random(4)
    scene = Scene()
    sessions = [scene.session(f"10.0.0.{5 + client}:4000{client}") for client in range(3)]
    truth: dict[tuple[int | None, int | None], str] = {}
    open_: list[tuple[Any, int, str, int]] = []
    kinds = ("HEARTBEAT", "QUERY_SUMMARY_STATISTICS", "SET_CALL_DATA", "HOLD_CALL", "SET_AGENT_STATE")
    for _ in range(900):
        if len(open_) < 12 and chance.random() < 0.55:
            session, kind = chance.choice(sessions), chance.choice(kinds)
            used = {(held[0], held[1]) for held in open_}
            invoke_id = next(i for i in iter(lambda: chance.randrange(40), None) if (session, i) not in used)
            record = scene.send(session, f"{kind}_REQ", {"InvokeID": invoke_id}, after=chance.randrange(1, 9) * MS)
            if chance.random() < 0.04:
                # This one stays without a reply; its id is used again by a later request of the same type.
                truth[record.number, None] = "unanswered"
            else:
                open_.append((session, invoke_id, kind, record.number))
        elif open_ and chance.random() < 0.95:
            session, invoke_id, kind, number = open_.pop(chance.randrange(len(open_)))
            fate = chance.random()
            name, fixed, outcome = f"{kind}_CONF", {}, "confirmed"
            if fate < 0.1:
                name, fixed, outcome = "FAILURE_CONF", {"Status": 17}, "failed"
            elif fate < 0.2:
                name, fixed, outcome = "CONTROL_FAILURE_CONF", {"FailureCode": 34}, "failed"
            record = scene.send(session, name, {"InvokeID": invoke_id, **fixed}, after=chance.randrange(1, 9) * MS)
            truth[number, record.number] = outcome
        else:
            record = scene.send(chance.choice(sessions), "HOLD_CALL_CONF", {"InvokeID": 1000 + chance.randrange(50)})
            truth[None, record.number] = "unrequested"
    for session, invoke_id, kind, number in open_:
        record = scene.send(session, f"{kind}_CONF", {"InvokeID": invoke_id})
        truth[number, record.number] = "confirmed"
    for session in sessions:
        scene.end(session, "reset", Side.CLIENT)
    found = exchanges(scene)
    assert {(e.request, e.reply): e.outcome for e in found} == truth
    assert len(found) == len(truth) > 400
    assert min(Counter(truth.values()).values()) > 10
    times = {event.number: event.time for event in scene.events if hasattr(event, "number")}
    for exchange in found:
        if exchange.request is not None and exchange.reply is not None:
            assert exchange.latency == times[exchange.reply] - times[exchange.request]


def _triggered(scene: Scene) -> dict[int | None, tuple[int, ...]]:
    return {exchange.request: tuple(exchange.triggered) for exchange in exchanges(scene)}


def test_a_request_about_a_call_led_to_what_is_told_of_that_call() -> None:
    scene = Scene()
    session = scene.session()
    asked = scene.send(session, "ANSWER_CALL_REQ", {"InvokeID": 2, "CallID": 7}, [("ConnectionDeviceID", "2005")])
    scene.send(session, "ANSWER_CALL_CONF", {"InvokeID": 2})
    told = scene.call(session, "ESTABLISHED", 7, CSQID=1)
    scene.call(session, "ESTABLISHED", 8, CSQID=1)
    assert _triggered(scene) == {asked.number: (told.number,)}


def test_a_request_that_lost_one_of_its_calls_to_another_still_led_to_what_is_told_of_the_other_call() -> None:
    scene = Scene()
    session = scene.session()
    both = {"InvokeID": 2, "ActiveCallID": 7, "OtherCallID": 8}
    devices = [("ActiveConnectionDeviceID", "2005"), ("OtherConnectionDeviceID", "2005")]
    first = scene.send(session, "ALTERNATE_CALL_REQ", both, devices)
    scene.send(session, "ALTERNATE_CALL_CONF", {"InvokeID": 2})
    second = scene.send(session, "HOLD_CALL_REQ", {"InvokeID": 3, "CallID": 7}, [("ConnectionDeviceID", "2005")])
    scene.send(session, "HOLD_CALL_CONF", {"InvokeID": 3})
    retrieved = scene.call(session, "RETRIEVED", 8)
    held = scene.call(session, "HELD", 7)
    assert _triggered(scene) == {first.number: (retrieved.number,), second.number: (held.number,)}


def test_a_request_for_a_call_led_to_the_next_one_that_begins_at_its_phone() -> None:
    scene = Scene()
    session = scene.session()
    asked = scene.send(session, "MAKE_CALL_REQ", {"InvokeID": 2}, [("AgentInstrument", "2006"), ("DialedNumber", "9")])
    # What goes on with another call of that phone is none of its doing.
    scene.call(session, "HELD", 5, [("ConnectionDeviceID", "2006"), ("HoldingDeviceID", "2006")])
    begins = scene.send(session, "BEGIN_CALL_EVENT", {"CallID": 6}, [("ConnectionDeviceID", "2006")])
    scene.call(session, "CLEARED", 5, [("ConnectionDeviceID", "2006")])
    assert begins.number in _triggered(scene)[asked.number]
    assert set(_triggered(scene)[asked.number]) == {begins.number}


def test_a_request_about_a_call_that_begins_anew_at_a_phone_is_told_all_the_same() -> None:
    """What is told of the call from then on is another's doing; the request about it lingers no longer than any other."""
    scene = Scene()
    session = scene.session()
    scene.send(session, "ANSWER_CALL_REQ", {"InvokeID": 1, "CallID": 5})
    scene.send(session, "ANSWER_CALL_CONF", {"InvokeID": 1})
    scene.send(session, "MAKE_CALL_REQ", {"InvokeID": 2}, [("AgentInstrument", "2001"), ("DialedNumber", "7001")])
    scene.send(session, "BEGIN_CALL_EVENT", {"CallID": 5}, [("ConnectionDeviceID", "2001")])
    scene.end(session)
    assert {(e.request, e.reply, e.triggered) for e in exchanges(scene)} == {(1, 2, ()), (3, None, (4,))}


REFUSALS = {"CONTROL_FAILURE_CONF": {"FailureCode": 21}, "FAILURE_CONF": {"Status": 17}}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refused_request_led_to_nothing_of_its_agent(refusal: str) -> None:
    scene = Scene()
    session = scene.session()
    asked = scene.set_state(session, 1, "smith", 2, "2006")
    # What comes before the refusal is no doing of a request that is not granted, either.
    scene.state(session, "smith", 3)
    scene.send(session, refusal, {"InvokeID": 1, **REFUSALS[refusal]})
    scene.state(session, "smith", 8, after=1 * S)
    again = scene.set_state(session, 2, "smith", 2, "2006")
    scene.send(session, "SET_AGENT_STATE_CONF", {"InvokeID": 2})
    told = scene.state(session, "smith", 2)
    assert _triggered(scene) == {asked.number: (), again.number: (told.number,)}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refused_request_led_to_nothing_of_its_call(refusal: str) -> None:
    """The caller hung up, which is why the call cannot be answered."""
    scene = Scene()
    session = scene.session()
    asked = scene.send(session, "ANSWER_CALL_REQ", {"InvokeID": 1, "CallID": 7}, [("ConnectionDeviceID", "2006")])
    scene.call(session, "CONNECTION_CLEARED", 7)
    scene.send(session, refusal, {"InvokeID": 1, **REFUSALS[refusal]})
    scene.call(session, "CLEARED", 7)
    scene.send(session, "END_CALL_EVENT", {"CallID": 7}, [("ConnectionDeviceID", "2006")], after=1 * S)
    assert _triggered(scene) == {asked.number: ()}


def test_a_refused_request_for_a_call_does_not_wait_for_the_next_one_at_its_phone() -> None:
    scene = Scene()
    session = scene.session()
    dials = [("AgentInstrument", "2006"), ("DialedNumber", "9")]
    asked = scene.send(session, "MAKE_CALL_REQ", {"InvokeID": 1}, dials)
    scene.send(session, "CONTROL_FAILURE_CONF", {"InvokeID": 1, "FailureCode": 21})
    scene.send(session, "BEGIN_CALL_EVENT", {"CallID": 6}, [("ConnectionDeviceID", "2006")], after=2 * S)
    scene.call(session, "DELIVERED", 6)
    assert _triggered(scene) == {asked.number: ()}


def test_a_refused_request_is_settled_with_its_refusal() -> None:
    scene = Scene()
    session = scene.session()
    asked = scene.set_state(session, 1, "smith", 2, "2006")
    scene.send(session, "CONTROL_FAILURE_CONF", {"InvokeID": 1, "FailureCode": 21})
    for traced in (True, False):
        analysis = Exchanges(traced=traced)
        given = [[exchange.request for exchange in analysis.feed(event)] for event in scene.events]
        assert given[-2:] == [[], [asked.number]] and analysis.open_count == 0


def test_an_event_about_the_agent_and_the_call_of_one_request_is_told_once() -> None:
    scene = Scene()
    session = scene.session()
    scene.send(session, "ANSWER_CALL_REQ", {"InvokeID": 1, "CallID": 5}, [("AgentID", "smith")])
    both = [("ConnectionDeviceID", "2001"), ("AgentID", "smith")]
    event = scene.send(session, "CALL_HELD_EVENT", {"CallID": 5}, both)
    scene.end(session)
    assert [e.triggered for e in exchanges(scene)] == [(event.number,)]


def test_an_event_about_two_calls_of_one_request_is_told_once() -> None:
    scene = Scene()
    session = scene.session()
    scene.send(session, "ALTERNATE_CALL_REQ", {"InvokeID": 2, "ActiveCallID": 7, "OtherCallID": 8})
    calls = {"PrimaryCallID": 7, "SecondaryCallID": 8}
    event = scene.send(session, "CALL_CONFERENCED_EVENT", calls)
    scene.end(session)
    assert [e.triggered for e in exchanges(scene)] == [(event.number,)]


def test_a_request_that_waits_for_its_call_leads_to_it_though_another_is_about_its_agent() -> None:
    scene = Scene()
    session = scene.session()
    dials = [("AgentInstrument", "2001"), ("AgentID", "smith"), ("DialedNumber", "7001")]
    scene.send(session, "MAKE_CALL_REQ", {"InvokeID": 1}, dials)
    scene.send(session, "MAKE_CALL_CONF", {"InvokeID": 1})
    scene.set_state(session, 2, "smith", 3, "2001")
    begins = scene.send(session, "BEGIN_CALL_EVENT", {"CallID": 6}, [("ConnectionDeviceID", "2001")])
    scene.end(session)
    assert begins.number in _triggered(scene)[1]


def test_what_is_unanswered_at_the_end_is_told_in_order_with_and_without_ids() -> None:
    scene = Scene()
    session = scene.session()
    asked = [("HEARTBEAT_REQ", {"InvokeID": 7}), ("CONFIG_REQUEST_EVENT", {}), ("HEARTBEAT_REQ", {"InvokeID": 8})]
    numbers = [scene.send(session, name, fixed).number for name, fixed in asked]
    scene.end(session)
    assert [e.request for e in exchanges(scene)] == numbers


def test_only_who_opened_a_session_is_meant_by_its_requests_that_name_nobody() -> None:
    scene = Scene()
    session = scene.session()
    scene.open(session, BRIDGE_MODE)
    scene.set_state(session, 2, "smith", 3, "2006")
    scene.send(session, "SET_AGENT_STATE_CONF", {"InvokeID": 2})
    scene.wait(60 * S)
    asked = scene.send(session, "HOLD_CALL_REQ", {"InvokeID": 3, "CallID": 7}, [("ConnectionDeviceID", "2005")])
    scene.send(session, "HOLD_CALL_CONF", {"InvokeID": 3})
    scene.state(session, "smith", 2, "2006")
    assert _triggered(scene)[asked.number] == ()


@pytest.mark.parametrize(
    ("count", "said"), [(0, ""), (1, "1"), (4, "1 2 3 4"), (5, "1 2 3 4 and 1 more"), (9, "1 2 3 4 and 5 more")]
)
def test_what_a_request_led_to_fits_a_cell(count: int, said: str) -> None:
    (column,) = (column for column in SCHEMA.columns if column.name == "triggered")
    session = Scene().session()
    exchange = Exchange(session, 1, triggered=tuple(range(1, count + 1)))
    assert column.told is not None and column.told(exchange) == said
