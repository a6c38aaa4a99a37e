"""Who is left alone on a call talks to nobody; who talks to somebody of whom nothing was told, does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from call_events import CALLER, OTHER, PHONE, Calls, CceEvents, Events, phases
from cce_traffic import ALL_EVENTS, Center

from wire import BRIDGE, Wire

RANG = (PHONE, "ringing", 4)


def _bridge() -> tuple[Wire, Callable[[int], Events]]:
    wire = Wire()
    link = wire.connect().open(BRIDGE)
    return wire, lambda call: Events(link, call)


def _center() -> tuple[Wire, Callable[[int], Events]]:
    center = Center()
    link = center.join()
    link.open(ALL_EVENTS)
    return center, lambda call: CceEvents(link, call)


def answered(events: Events) -> None:
    events.begins()
    events.rings(PHONE)
    events.wait(4)
    events.answers(PHONE)
    events.wait(10)


@pytest.mark.parametrize("scene", [_bridge, _center])
@pytest.mark.parametrize(("first", "last"), [(CALLER, PHONE), (PHONE, CALLER)])
def test_the_other_has_left(
    first: str, last: str, scene: Callable[[], tuple[Wire, Callable[[int], Events]]], calls: Calls
) -> None:
    wire, events_of = scene()

    def script(call: int) -> None:
        events = events_of(call)
        answered(events)
        events.leaves(first)
        events.wait(60)
        events.over(last)

    found = calls.of(wire, script)
    assert phases(found) == [RANG, (PHONE, "talking", 10), (CALLER, "talking", 10)]
    assert found["outcome"] == "answered"
    assert "talking 10.0 s" in found["story"]


def test_the_last_of_a_conference(calls: Calls) -> None:
    wire, events_of = _bridge()

    def script(call: int) -> None:
        events, other = events_of(call), events_of(call + 1)
        answered(events)
        events.holds(PHONE)
        other.begins()
        other.answers(OTHER)
        events.joined("CONFERENCED", call + 1, PHONE, OTHER, CALLER, PHONE, OTHER)
        other.ends()
        events.wait(15)
        events.leaves(PHONE)
        events.wait(20)
        events.leaves(CALLER)
        events.wait(5)
        events.over(OTHER)

    joined = [(PHONE, "talking", 15), (CALLER, "talking", 35), (OTHER, "talking", 35)]
    found = phases(calls.of(wire, script))
    assert sorted(found) == sorted([RANG, (PHONE, "talking", 10), (CALLER, "talking", 10), *joined])


def test_who_is_alone_and_is_joined_talks_again(calls: Calls) -> None:
    wire, events_of = _bridge()

    def script(call: int) -> None:
        events = events_of(call)
        answered(events)
        events.leaves(PHONE)
        events.wait(5)
        events.answers(OTHER)
        events.wait(20)
        events.over(CALLER, OTHER)

    assert phases(calls.of(wire, script)) == [
        RANG, (PHONE, "talking", 10), (CALLER, "talking", 10), (CALLER, "talking", 20), (OTHER, "talking", 20)
    ]  # fmt: skip


@pytest.mark.parametrize("told", [True, False])
def test_first_seen_in_the_middle(told: bool, calls: Calls) -> None:
    """Nothing was told of the caller; whether it leaves before the phone does."""
    wire, events_of = _bridge()

    def script(call: int) -> None:
        events = events_of(call)
        events.holds(PHONE)
        events.wait(5)
        events.retrieves(PHONE)
        events.wait(10)
        if told:
            events.leaves(CALLER)
        events.wait(60)
        events.over(PHONE)

    assert phases(calls.of(wire, script)) == [(PHONE, "held", 5), (PHONE, "talking", 10 if told else 70)]


def test_a_phone_that_rang_in_vain_leaves_nobody_alone(calls: Calls) -> None:
    wire, events_of = _bridge()

    def script(call: int) -> None:
        events = events_of(call)
        events.holds(PHONE)
        events.retrieves(PHONE)
        events.rings(OTHER)
        events.wait(10)
        events.leaves(OTHER)
        events.wait(10)
        events.over(PHONE)

    assert phases(calls.of(wire, script)) == [(OTHER, "ringing", 10), (PHONE, "talking", 10)]
