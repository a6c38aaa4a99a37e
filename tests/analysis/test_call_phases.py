"""Who rang, talked and held, and for how long: against what truly happened, and the law that all phases keep."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccxdissect.analysis.call_stories import CallOutcome, CallStory
from ccxdissect.analysis.calls import Calls
from ccxdissect.analysis.wanted_calls import WantedCalls, outcomes
from lab_day import LabDay, Spans
from scene import BRIDGE_MODE, MS, S, Scene, feed


def stories(scene: Scene) -> list[CallStory]:
    return [story for story in feed(Calls(), scene.events) if isinstance(story, CallStory)]


def spans(found: Spans) -> Spans:
    """In order, and what follows without a gap as one."""
    merged: Spans = []
    for start, end in sorted(found):
        if merged and merged[-1][1] == start:
            start = merged.pop()[0]
        merged.append((start, end))
    return merged


@pytest.mark.parametrize(("seed", "desktops"), [(1, True), (2, False), (3, True), (4, False)])
def test_a_day_of_two_hundred_calls_is_told_as_it_was(seed: int, desktops: bool) -> None:
    day = LabDay(seed, 200, desktops)
    told: dict[object, Spans] = defaultdict(list)
    found = {story.call: story for story in stories(day.scene)}
    for story in found.values():
        for phase in story.phases:
            assert phase.end is not None, (story.call, phase)
            if phase.end > phase.start:
                told[story.call, phase.device, phase.name.value].append((phase.start, phase.end))
    assert {key: spans(value) for key, value in told.items()} == {key: spans(value) for key, value in day.truth.items()}
    assert len(day.outcomes) > 200
    assert {call: found[call].outcome.value for call in day.outcomes} == day.outcomes
    assert {call: found[call].called for call in day.dialed} == day.dialed


def test_the_day_has_all_that_makes_calls_hard() -> None:
    day = LabDay(1, 200, True)
    assert set(day.outcomes.values()) == {
        "answered", "abandoned in queue", "abandoned while ringing", "transferred", "conferenced"
    }  # fmt: skip
    assert sum(any(rang.sent_back for rang in story.unanswered) for story in stories(day.scene)) > 10
    assert sum(key[2] == "held" for key in day.truth) > 20


CALL = 77
DEVICES = ("555", "2006", "2007", "9000")
NAMES = ("DELIVERED", "ESTABLISHED", "HELD", "RETRIEVED", "CONNECTION_CLEARED", "DIVERTED", "QUEUED", "DEQUEUED",
         "TRANSFERRED", "CONFERENCED", "FAILED", "SERVICE_INITIATED", "CLEARED", "BEGIN", "END", "STATE")  # fmt: skip
ACTING = {"DELIVERED": "Alerting", "ESTABLISHED": "Answering", "HELD": "Holding", "RETRIEVED": "Retrieving",
          "CONNECTION_CLEARED": "Releasing", "DIVERTED": "Diverting", "FAILED": "Failing",
          "TRANSFERRED": "Transferring", "CONFERENCED": "Controller"}  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(NAMES),
            st.sampled_from(DEVICES),
            st.sampled_from(DEVICES),
            st.sampled_from((CALL, CALL, CALL, 78)),
            st.integers(-50, 2000),
            st.integers(0, 1),
        ),
        max_size=40,
    )
)
def test_phases_never_overlap_on_a_device_and_never_outlast_their_call(
    steps: list[tuple[str, str, str, int, int, int]],
) -> None:
    scene = Scene()
    sessions = [scene.session(), scene.session("10.0.0.6:1")]
    scene.open(sessions[0], BRIDGE_MODE)
    for name, device, other, call, wait, who in steps:
        session, after = sessions[who], wait * MS
        base = [("ConnectionDeviceID", "555"), ("CallingDeviceID", other)]
        if name == "BEGIN":
            fixed = {"CallID": call, "CallType": 1}
            scene.send(session, "BEGIN_CALL_EVENT", fixed, [base[0], ("ANI", other)], after)
        elif name == "END":
            scene.call(session, "END_CALL_EVENT", call, [base[0]], after)
        elif name == "STATE":
            scene.state(session, "smith", 3, device, after=after)
        elif name in ("TRANSFERRED", "CONFERENCED"):
            doing = f"{ACTING[name]}DeviceID"
            scene.call(session, name, call, [(doing, device)], after, SecondaryCallID=CALL + 78 - call)
        elif name in ACTING:
            fields = [base[0], (f"{ACTING[name]}DeviceID", device)]
            if name in ("DELIVERED", "ESTABLISHED"):
                fields.append(base[1])
            scene.call(session, name, call, fields, after)
        else:
            scene.call(session, name, call, [base[0]], after)
    for story in stories(scene):
        by_device = defaultdict(list)
        for phase in story.phases:
            end = story.end if phase.end is None else phase.end
            assert story.start <= phase.start <= end <= story.end, (story, phase)
            by_device[phase.device].append((phase.start, end))
        for found in by_device.values():
            assert all(one[1] <= two[0] for one, two in pairwise(sorted(found)))
            assert sum(end - start for start, end in found) <= story.duration


def _incoming(scene: Scene) -> tuple[object, list[tuple[str | int, object]]]:
    session = scene.session()
    scene.open(session, BRIDGE_MODE)
    for phone in ("2006", "2007"):
        scene.state(session, f"agent{phone}", 3, phone)
    scene.send(
        session, "BEGIN_CALL_EVENT", {"CallType": 1, "CallID": CALL}, [("ConnectionDeviceID", "555"), ("ANI", "555")]
    )
    return session, [("ConnectionDeviceID", "555"), ("CallingDeviceID", "555"), ("CalledDeviceID", "7000")]


def _phases(scene: Scene) -> list[tuple[str | None, str, float]]:
    (story,) = [story for story in stories(scene) if story.call == CALL]
    order = sorted(story.phases, key=lambda phase: (phase.start, phase.device or ""))
    return [
        (phase.device, phase.name.value, ((story.end if phase.end is None else phase.end) - phase.start) / S)
        for phase in order
    ]


def test_a_trigger_that_rings_for_minutes_is_nobodys_ringing() -> None:
    """The types of the devices are not told: that the call is queued afterwards tells that ports took it."""
    scene = Scene()
    session, base = _incoming(scene)
    scene.call(session, "DELIVERED", CALL, [*base, ("AlertingDeviceID", "7000")], 1 * S)
    scene.call(session, "ESTABLISHED", CALL, [*base, ("AnsweringDeviceID", "9000")], 1 * S)
    scene.call(session, "QUEUED", CALL, [*base, ("CSQID", 7)], 1 * S)
    scene.call(session, "DELIVERED", CALL, [*base, ("AlertingDeviceID", "2006")], 300 * S, CSQID=7)
    scene.call(session, "ESTABLISHED", CALL, [*base, ("AnsweringDeviceID", "2006")], 8 * S, CSQID=7)
    scene.call(session, "DELIVERED", CALL, [*base, ("AlertingDeviceID", "2006")], 1 * S, CSQID=7)
    scene.call(session, "CLEARED", CALL, [("ConnectionDeviceID", "555")], 59 * S)
    assert _phases(scene) == [
        (None, "queued", 300),
        ("2006", "ringing", 8),
        ("2006", "talking", 60),
        ("555", "talking", 60),
    ]


def test_ringing_ends_when_somebody_else_answers() -> None:
    scene = Scene()
    session, base = _incoming(scene)
    for phone in ("2006", "2007"):
        scene.call(session, "DELIVERED", CALL, [*base, ("AlertingDeviceID", phone)], 0)
    scene.call(session, "ESTABLISHED", CALL, [*base, ("AnsweringDeviceID", "2007")], 5 * S)
    scene.call(session, "CLEARED", CALL, [("ConnectionDeviceID", "555")], 60 * S)
    assert _phases(scene) == [
        ("2006", "ringing", 5), ("2007", "ringing", 5), ("2007", "talking", 60), ("555", "talking", 60)
    ]  # fmt: skip


@pytest.mark.parametrize(("news", "then"), [("DEQUEUED", 0), ("QUEUED", 30)])
def test_ringing_ends_when_the_queue_takes_the_call_from_the_phone(news: str, then: int) -> None:
    scene = Scene()
    session, base = _incoming(scene)
    scene.call(session, "DELIVERED", CALL, [*base, ("AlertingDeviceID", "2006")], 0)
    scene.call(session, news, CALL, [*base[:1], ("CSQID", 7)], 12 * S)
    scene.call(session, "CLEARED", CALL, [("ConnectionDeviceID", "555")], 30 * S)
    assert _phases(scene) == [("2006", "ringing", 12), (None, "queued", then)][: 2 if then else 1]


def test_a_phone_that_answers_after_the_call_was_dequeued_rang_until_then() -> None:
    scene = Scene()
    session, base = _incoming(scene)
    scene.call(session, "DELIVERED", CALL, [*base, ("AlertingDeviceID", "2006")], 0)
    scene.call(session, "DEQUEUED", CALL, [*base[:1], ("CSQID", 7)], 1 * MS)
    scene.call(session, "ESTABLISHED", CALL, [*base, ("AnsweringDeviceID", "2006")], 7 * S)
    scene.call(session, "CLEARED", CALL, [("ConnectionDeviceID", "555")], 30 * S)
    assert _phases(scene)[0] == ("2006", "ringing", 7.001)


@pytest.mark.parametrize("cause", [None, "leaves"])
def test_a_direct_call_that_nobody_takes(cause: str | None) -> None:
    """The caller hangs up, or the phone is taken off the call."""
    scene = Scene()
    session, base = _incoming(scene)
    scene.call(session, "DELIVERED", CALL, [*base, ("AlertingDeviceID", "2006")], 0)
    who = "2006" if cause else "555"
    scene.call(session, "CONNECTION_CLEARED", CALL, [base[0], ("ReleasingDeviceID", who)], 20 * S)
    scene.call(session, "CLEARED", CALL, [base[0]], 0)
    (story,) = stories(scene)
    assert story.outcome.value == ("not answered" if cause else "abandoned while ringing")
    assert _phases(scene) == [("2006", "ringing", 20)]


def test_a_phone_that_did_not_answer_is_named_when_the_call_goes_back() -> None:
    scene = Scene()
    session, base = _incoming(scene)
    scene.call(session, "QUEUED", CALL, [*base, ("CSQID", 7)], 0)
    scene.call(session, "DELIVERED", CALL, [*base, ("AlertingDeviceID", "2006")], 5 * S)
    gone = [base[0], ("DivertingDeviceID", "2006"), ("CalledDeviceID", "7000")]
    scene.call(session, "DIVERTED", CALL, gone, 20 * S, EventCause=10)
    scene.call(session, "QUEUED", CALL, [*base, ("CSQID", 7)], 0)
    scene.call(session, "DELIVERED", CALL, [*base, ("AlertingDeviceID", "2007")], 9 * S)
    scene.call(session, "ESTABLISHED", CALL, [*base, ("AnsweringDeviceID", "2007")], 3 * S)
    scene.call(session, "CLEARED", CALL, [base[0]], 60 * S)
    (story,) = stories(scene)
    assert story.line() == (
        'in call 77 from "555" to "7000"; queue 7; queued 14.0 s; ringing 23.0 s; talking 1 min 0 s; agent "agent2006", '
        '"agent2007"; not answered by "agent2006" in 20.0 s; answered by "agent2007", over after 1 min 37 s'
    )


def test_calls_are_picked_by_agent_number_queue_and_outcome() -> None:
    found = stories(LabDay(1, 40, False).scene)
    assert len(found) > 40
    for outcome in ("abandoned", "answered", "transferred"):
        wanted = WantedCalls(outcomes=outcomes(outcome))
        picked = [story for story in found if story in wanted]
        assert picked
        assert picked == [story for story in found if story.outcome.value.startswith(outcome)]
    assert outcomes("Not-Answered") == (CallOutcome.NOT_ANSWERED,)
    with pytest.raises(ValueError, match="'lost' is no outcome of a call: answered, abandoned in queue"):
        outcomes("lost")
    by_agent = [story for story in found if story in WantedCalls(agents={"agent3"})]
    assert by_agent == [story for story in found if "2004" in story.parties]
    assert by_agent
    assert [story for story in found if story in WantedCalls(queues={8}, numbers={"8000"})] == [
        story for story in found if 8 in story.queues and story.called == "8000"
    ]


def test_of_too_many_calls_the_one_heard_of_longest_ago_is_given_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.analysis.calls.MOST_CALLS", 2)
    scene = Scene()
    session = scene.session()
    for call in (1, 2, 1, 3):
        scene.call(session, "HELD", call, [("HoldingDeviceID", "2006")])
    calls = Calls()
    given = [story.call for event in scene.events for story in calls.feed(event)]
    assert (given, [story.call for story in calls.newest(9)]) == ([2], [3, 1])


def test_a_call_of_which_nothing_is_heard_any_more_is_told_when_its_time_is_up() -> None:
    scene = Scene()
    session, _ = _incoming(scene)
    calls = Calls(patience=10 * S)
    for event in scene.events:
        assert calls.feed(event) == []
    scene.wait(11 * S)
    scene.beat(session, 1)  # type: ignore[arg-type]
    (told,) = [story for event in scene.events[-2:] for story in calls.feed(event)]
    assert (told.call, told.ended) == (CALL, False)
    assert list(calls.flush()) == []
