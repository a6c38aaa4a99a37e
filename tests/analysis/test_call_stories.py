"""Calls and agents as stories."""

from __future__ import annotations

import pytest

from ccxdissect.analysis.agents import Agents, Spell
from ccxdissect.analysis.call_stories import CallStory
from ccxdissect.analysis.calls import Calls
from ccxdissect.stream.events import Session
from scene import BRIDGE_MODE, MS, S, Scene, feed, json_of, queued_call


def calls(scene: Scene) -> list[CallStory]:
    return [story for story in feed(Calls(), scene.events) if isinstance(story, CallStory)]


def spells(scene: Scene) -> list[Spell]:
    return [spell for spell in feed(Agents(), scene.events) if isinstance(spell, Spell)]


def test_a_queued_and_answered_call() -> None:
    (story,) = calls(queued_call())
    assert "\n".join(story.lines()) == (
        'out call 16777507 from "2005" to "7000"; queue 1; queued 8.0 s; ringing 3.0 s; talking '
        '1 min 0 s; agent "smith"; '
        'answered by "smith", over after 1 min 12 s\n'
        '       0.000 s  begins from "2005" to "7000"\n'
        '       0.010 s  dials at "2005"\n'
        '       0.020 s  dials at "2005" to "7000"\n'
        '       0.520 s  queued to "7000" in 1\n'
        "       8.531 s  told to session 2 too\n"
        '       8.533 s  rings at "2006" from "2005" to "7000" (new call)  [sessions 1, 2]\n'
        '      11.557 s  answered at "2006" from "2005" to "7000"  [sessions 1, 2]\n'
        '      71.565 s  left at "2005"  [sessions 1, 2]\n'
        "      71.569 s  cleared  [sessions 1, 2]\n"
        "      71.571 s  ends  [sessions 1, 2]"
    )
    phases = [(phase.device, phase.name, ((phase.end or 0) - phase.start) // MS) for phase in story.phases]
    assert phases == [
        (None, "queued", 8013),
        ("2006", "ringing", 3024),
        ("2005", "talking", 60008),
        ("2006", "talking", 60008),
    ]
    assert json_of(story).startswith('{"call":16777507,"server":"10.0.0.1:12028","device":"2005",')


def test_an_id_that_comes_again_is_another_call() -> None:
    scene = Scene()
    bridge = scene.session()
    for caller in ("2005", "2009"):
        scene.send(
            bridge, "BEGIN_CALL_EVENT", {"CallID": 5, "CallType": 1}, [("ConnectionDeviceID", caller), ("ANI", caller)]
        )
        scene.call(bridge, "CLEARED", 5)
        scene.call(bridge, "END_CALL_EVENT", 5)
    assert [(story.caller, story.messages, story.ended) for story in calls(scene)] == [
        ("2005", 3, True),
        ("2009", 3, True),
    ]


def test_an_id_that_begins_again_for_another_caller_is_another_call() -> None:
    scene = Scene()
    bridge = scene.session()
    for caller in ("2005", "2005", "2009"):
        scene.send(
            bridge, "BEGIN_CALL_EVENT", {"CallID": 5, "CallType": 1}, [("ConnectionDeviceID", caller), ("ANI", caller)]
        )
    assert [(story.caller, story.messages, story.ended) for story in calls(scene)] == [
        ("2005", 2, False),
        ("2009", 1, False),
    ]


def test_the_same_id_on_two_servers_is_two_calls() -> None:
    scene = Scene()
    for server in ("10.0.0.1:12028", "10.0.0.2:12028"):
        scene.call(scene.session(server=server), "DELIVERED", 5)
    assert [story.server for story in calls(scene)] == ["10.0.0.1:12028", "10.0.0.2:12028"]


def test_a_transfer_by_consult_links_its_calls() -> None:
    scene = Scene()
    bridge = scene.session()
    scene.open(bridge, BRIDGE_MODE)
    device = ("ConnectionDeviceID", "2006")
    scene.send(bridge, "BEGIN_CALL_EVENT", {"CallID": 5, "CallType": 1}, [device, ("ANI", "555")])
    scene.call(bridge, "ESTABLISHED", 5, [device, ("AnsweringDeviceID", "2006"), ("CallingDeviceID", "555")])
    scene.send(
        bridge,
        "CONSULT_CALL_REQ",
        {"InvokeID": 2, "ActiveCallID": 5, "ConsultType": 1},
        [("ActiveConnectionDeviceID", "2006"), ("DialedNumber", "2007"), ("AgentInstrument", "2006")],
    )
    scene.call(bridge, "HELD", 5, [device, ("HoldingDeviceID", "2006")])
    scene.send(bridge, "BEGIN_CALL_EVENT", {"CallID": 6, "CallType": 12}, [device, ("ANI", "2006"), ("DNIS", "2007")])
    scene.send(bridge, "CONSULT_CALL_CONF", {"InvokeID": 2, "NewCallID": 6}, [("NewConnectionDeviceID", "2006")])
    scene.call(bridge, "DELIVERED", 6, [device, ("AlertingDeviceID", "2007"), ("CallingDeviceID", "2006")])
    scene.call(
        bridge, "ESTABLISHED", 6, [device, ("AnsweringDeviceID", "2007"), ("CallingDeviceID", "2006")], after=2 * S
    )
    scene.send(
        bridge,
        "CALL_TRANSFERRED_EVENT",
        {"PrimaryCallID": 5, "SecondaryCallID": 6, "NumParties": 2, "EventCause": 32},
        [
            ("TransferringDeviceID", "2006"),
            ("TransferredDeviceID", "2007"),
            *[
                pair
                for party in ("555", "2007")
                for pair in (("ConnectedPartyCallID", 7), ("ConnectedPartyDeviceID", party))
            ],
        ],
        after=5 * S,
    )
    scene.call(bridge, "DATA_UPDATE", 7, [device], NewCallID=7)
    for call in (6, 5, 7):
        scene.call(bridge, "CLEARED", call)
        scene.call(bridge, "END_CALL_EVENT", call)
    found = {story.call: story for story in calls(scene)}
    assert {call: [(link.how, link.call) for link in story.links] for call, story in found.items()} == {
        5: [("led to", 6), ("transferred with", 6), ("became", 7)],
        6: [("made from", 5), ("transferred with", 5), ("became", 7)],
        7: [("came out of", 5), ("came out of", 6)],
    }
    assert found[5].line() == (
        'in call 5 from "555"; talking 20.0 ms; held 7.0 s; led to 6; transferred with 6; became 7; answered by "2006", '
        'transferred to "2007", over after 7.1 s'
    )
    assert [step.text for step in found[5].steps][-3] == 'transferred at "2006" with call 6 new call 7 (transfer)'


def test_a_call_first_seen_in_the_middle() -> None:
    scene = Scene()
    bridge = scene.session()
    scene.call(bridge, "HELD", 5, [("ConnectionDeviceID", "2006"), ("HoldingDeviceID", "2006")])
    scene.wait(3 * S)
    scene.call(bridge, "RETRIEVED", 5, [("ConnectionDeviceID", "2006"), ("RetrievingDeviceID", "2006")])
    (story,) = calls(scene)
    assert (story.begun, story.ended, story.line()) == (False, False, "call 5; held 3.0 s; not over after 3.0 s")


def test_the_null_call_is_no_call() -> None:
    scene = Scene()
    scene.call(scene.session(), "DELIVERED", 0xFFFFFFFF)
    assert calls(scene) == []


def test_an_agents_day() -> None:
    found = spells(queued_call())
    assert [spell.line() for spell in found] == [
        'agent "smith" ready for 10.5 s',
        'agent "smith" reserved for 3.0 s',
        'agent "smith" talking for 1 min 0 s',
        'agent "smith" work for 20.0 s, reason 32755 (call ended)',
        'agent "smith" logout, reason 3 (the site\'s own code)',
    ]
    assert [(spell.message, spell.asked_by, spell.sessions) for spell in found] == [
        (7, 5, (2, 1)),
        (13, None, (1, 2)),
        (22, None, (1, 2)),
        (30, None, (1, 2)),
        (36, 34, (1,)),
    ]
    assert json_of(found[3]) == (
        '{"agent":"smith","server":"10.0.0.1:12028","state":5,"state_name":"AGENT_STATE_WORK","reason":32755,'
        '"reason_name":"AGT_CALL_ENDED","reason_meaning":"call '
        'ended","start":1700000073.651000,"end":1700000093.695000,'
        '"duration":20.044000,"open":false,"lost":false,"unheard":false,"message":30,"asked_by":null,"sessions":[1,2]}'
    )


def test_late_echoes_make_no_spells() -> None:
    scene = Scene()
    one, two = scene.session(), scene.session("10.0.0.6:1")
    for session in (one, two):
        for state in (3, 4, 3):
            scene.state(session, "smith", state, "2006")
    assert [spell.state for spell in spells(scene)] == [3, 4, 3]


def test_a_question_about_an_agent_tells_the_state() -> None:
    scene = Scene()
    session = scene.session()
    scene.send(session, "QUERY_AGENT_STATE_REQ", {"InvokeID": 4}, [("AgentID", "smith")])
    scene.send(session, "QUERY_AGENT_STATE_CONF", {"InvokeID": 4, "AgentState": 2})
    scene.state(session, "smith", 2, "2006", reason=5)
    assert [(spell.agent, spell.state, spell.reason, spell.message) for spell in spells(scene)] == [
        ("smith", 2, None, 2),
        ("smith", 2, 5, 3),
    ]


def test_a_call_goes_on_when_one_client_hears_its_end() -> None:
    scene = Scene()
    bridge, mine = scene.session(), scene.session("10.0.0.6:1")
    device = ("ConnectionDeviceID", "2006")
    for session in (bridge, mine):
        scene.send(session, "BEGIN_CALL_EVENT", {"CallID": 5, "CallType": 1}, [device, ("ANI", "555")])
        scene.call(session, "ESTABLISHED", 5, [device, ("AnsweringDeviceID", "2006"), ("CallingDeviceID", "555")])
    scene.call(mine, "END_CALL_EVENT", 5, after=3 * S)
    scene.call(bridge, "CONNECTION_CLEARED", 5, [device, ("ReleasingDeviceID", "555")], after=4 * S)
    scene.call(bridge, "CLEARED", 5)
    scene.call(bridge, "END_CALL_EVENT", 5)
    (story,) = calls(scene)
    assert [step.text for step in story.steps] == [
        'begins from "555"',
        'answered at "2006" from "555"',
        "over for session 2",
        'left at "555"',
        "cleared",
        "ends",
    ]
    assert (story.ended, story.time_in("talking") // S) == (True, 7)


def test_what_was_told_of_a_call_can_be_read_only() -> None:
    story, other = CallStory(1, "s", 0, 5), CallStory(1, "s", 0, 5)
    assert (story == other, story != other) == (False, True) and len({story, other}) == 2
    for name in ("caller", "times", "anything"):
        with pytest.raises(AttributeError, match=f"{name}: what was told can be read only"):
            setattr(story, name, None)
    assert story.times is story.times and story.caller is None


def _over(scene: Scene, bridge: Session, call: int, after: int = 10 * MS) -> None:
    scene.call(bridge, "CLEARED", call, after=after)
    scene.call(bridge, "END_CALL_EVENT", call)


def test_a_confirmation_after_the_end_of_its_call_begins_no_other() -> None:
    """The line was busy: the call is over before the request for it is confirmed."""
    scene = Scene()
    bridge = scene.session()
    scene.send(bridge, "MAKE_CALL_REQ", {"InvokeID": 1}, [("AgentInstrument", "2001"), ("DialedNumber", "2002")])
    scene.send(
        bridge, "BEGIN_CALL_EVENT", {"CallID": 7, "CallType": 2}, [("ConnectionDeviceID", "2001"), ("ANI", "2001")]
    )
    _over(scene, bridge, 7)
    scene.send(bridge, "MAKE_CALL_CONF", {"InvokeID": 1, "NewCallID": 7})
    scene.call(bridge, "DELIVERED", 8, [("ConnectionDeviceID", "2009")], after=60 * S)
    assert [(story.call, story.ended, story.called) for story in calls(scene)] == [(7, True, "2002"), (8, False, None)]


def test_what_is_told_late_of_a_call_that_is_over_begins_none_and_hides_none() -> None:
    """Two calls became a third one, which has ended by the time that this is told; then its end is told again."""
    scene = Scene()
    bridge = scene.session()
    for call in (5, 6, 7):
        device = ("ConnectionDeviceID", f"200{call}")
        scene.send(bridge, "BEGIN_CALL_EVENT", {"CallID": call, "CallType": 2}, [device, ("ANI", f"200{call}")])
    _over(scene, bridge, 7)
    scene.send(
        bridge,
        "CALL_CONFERENCED_EVENT",
        {"PrimaryCallID": 5, "SecondaryCallID": 6, "NumParties": 1, "EventCause": 32},
        [("ControllerDeviceID", "2005"), ("ConnectedPartyCallID", 7), ("ConnectedPartyDeviceID", "2006")],
    )
    _over(scene, bridge, 7)
    found = [(story.call, story.begun, story.ended, story.caller) for story in calls(scene)]
    assert sorted(found) == [(5, True, False, "2005"), (6, True, False, "2006"), (7, True, True, "2007")]


def test_calls_that_requests_brought_are_no_more_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose room another one needs is told at once."""
    monkeypatch.setattr("ccxdissect.analysis.calls.MOST_CALLS", 10)
    scene = Scene()
    bridge = scene.session()
    for call in range(100):
        scene.send(bridge, "MAKE_CALL_REQ", {"InvokeID": call}, [("AgentInstrument", "2001"), ("DialedNumber", "2002")])
        scene.send(bridge, "MAKE_CALL_CONF", {"InvokeID": call, "NewCallID": call + 1})
    analysis, told, most = Calls(), [], 0
    for event in scene.events:
        told += analysis.feed(event)
        most = max(most, analysis.open_count)
    assert most == 10
    assert [story.call for story in (*told, *analysis.flush())] == list(range(1, 101))
