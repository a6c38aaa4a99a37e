"""What became of calls of which the clients of agents alone are told: they hear the end when their own phone leaves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from call_events import CALLER, OTHER, Calls, CceEvents, Events, phases
from cce_traffic import AGENT as CCE_AGENT
from cce_traffic import Center

from wire import Wire

NOT_KNOWN = "not known"


def _ccx() -> tuple[Wire, Callable[[int], Events], str]:
    wire = Wire()
    link = wire.connect().open()
    return wire, lambda call: Events(link, call), "2006"


def _cce() -> tuple[Wire, Callable[[int], Events], str]:
    center = Center()
    link = center.join()
    link.open(CCE_AGENT)
    return center, lambda call: CceEvents(link, call), "2001"


@pytest.mark.parametrize("scene", [_ccx, _cce])
@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((), NOT_KNOWN),
        (("phone leaves",), NOT_KNOWN),
        (("caller leaves",), "abandoned while ringing"),
        (("phone leaves", "caller leaves"), "not answered"),
        (("cleared",), "abandoned while ringing"),
    ],
)
def test_it_rang_and_is_over_for_the_phone(
    told: tuple[str, ...],
    expected: str,
    scene: Callable[[], tuple[Wire, Callable[[int], Events], str]],
    calls: Calls,
) -> None:
    wire, events_of, phone = scene()

    def script(call: int) -> None:
        events = events_of(call)
        events.begins()
        events.rings(phone)
        events.wait(12)
        for one in told:
            if one == "cleared":
                events.say("CALL_CLEARED", {})
            else:
                events.leaves(CALLER if one == "caller leaves" else phone)
        events.ends()

    found = calls.of(wire, script)
    assert (found["outcome"], phases(found)) == (expected, [(phone, "ringing", 12)])
    assert [one["device"] for one in found["unanswered"]] == [phone]


def test_it_waited_in_a_queue_and_is_over_for_the_phone(calls: Calls) -> None:
    wire, events_of, _ = _ccx()

    def script(call: int) -> None:
        events = events_of(call)
        events.begins()
        events.queued(1)
        events.wait(12)
        events.ends()

    assert calls.of(wire, script)["outcome"] == NOT_KNOWN


def test_the_agent_s_own_call_is_over_with_its_end(calls: Calls) -> None:
    wire, events_of, phone = _ccx()

    def script(call: int) -> None:
        events = events_of(call)
        calling = {"Calling": phone, "Called": OTHER}
        events.say("BEGIN_CALL", {"CallType": 9}, [("ANI", phone)])
        events.say("CALL_ORIGINATED", {}, **calling)
        events.say("CALL_DELIVERED", {"LocalConnectionState": 2}, Alerting=OTHER, **calling)
        events.wait(12)
        events.ends()

    found = calls.of(wire, script)
    assert (found["outcome"], found["from"]) == ("abandoned while ringing", phone)


def test_an_answer_counts_whoever_is_told_of_the_end(calls: Calls) -> None:
    wire, events_of, phone = _ccx()

    def script(call: int) -> None:
        events = events_of(call)
        events.begins()
        events.rings(phone)
        events.wait(3)
        events.answers(phone)
        events.wait(12)
        events.ends()

    assert calls.of(wire, script)["outcome"] == "answered"
