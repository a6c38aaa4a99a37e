"""Calls that wait in queues: until they are out of all of them, and whatever was tried before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from call_events import BUSY, CALLER, OTHER, PHONE, Calls, CceEvents, Events, phases
from cce_traffic import ALL_EVENTS, Center

from wire import BRIDGE, Wire

ABANDONED = "abandoned in queue"
#: A capture, and what tells of a call of it, in either dialect.
Scene = tuple[Wire, Callable[[int], Events]]


def _scene(dialect: str) -> Scene:
    if dialect == "cce":
        center = Center()
        joined = center.join()
        joined.open(ALL_EVENTS)
        return center, lambda call: CceEvents(joined, call)
    wire = Wire()
    link = wire.connect().open(BRIDGE)
    return wire, lambda call: Events(link, call)


both = pytest.mark.parametrize("dialect", ["ccx", "cce"])


@both
def test_out_of_one_queue_it_waits_in_the_other(dialect: str, calls: Calls) -> None:
    for at_once in (True, False):
        wire, events_of = _scene(dialect)

        def script(call: int, events_of: Callable[[int], Events] = events_of, at_once: bool = at_once) -> None:
            events = events_of(call)
            events.begins()
            for queues in [(1, 2)] if at_once else [(1,), (2,)]:
                events.queued(*queues)
            events.wait(60)
            events.dequeued(1)
            events.wait(30)
            events.over(CALLER)

        found = calls.of(wire, script)
        assert (found["outcome"], phases(found)) == (ABANDONED, [(None, "queued", 90)])


@both
@pytest.mark.parametrize("left", [(), (1, 2), (2, 1), (1, 2, 3)])
def test_out_of_all_it_does_not_wait(left: tuple[int, ...], dialect: str, calls: Calls) -> None:
    wire, events_of = _scene(dialect)

    def script(call: int) -> None:
        events = events_of(call)
        events.begins()
        events.queued(1)
        events.queued(2)
        events.wait(60)
        for queues in [left] if call % 20 else [(one,) for one in left] or [()]:
            events.dequeued(*queues)
        events.wait(30)
        events.over(CALLER)

    found = calls.of(wire, script)
    assert (found["outcome"], phases(found)) == ("ended without an agent", [(None, "queued", 60)])


def test_out_of_the_other_queue_while_it_rings_for_one_it_rings_on(calls: Calls) -> None:
    wire, events_of = _scene("ccx")

    def script(call: int) -> None:
        events = events_of(call)
        events.begins()
        events.queued(1, 2)
        events.wait(30)
        events.rings(PHONE)
        events.wait(2)
        events.dequeued(2)
        events.wait(5)
        events.over(CALLER)

    found = calls.of(wire, script)
    assert phases(found) == [(None, "queued", 30), (PHONE, "ringing", 7)]
    assert found["outcome"] == "abandoned while ringing"


def test_in_which_queues_it_waits_now_counts(calls: Calls) -> None:
    """It rang between: it waits where it was put after that."""
    wire, events_of = _scene("ccx")

    def script(call: int) -> None:
        events = events_of(call)
        events.begins()
        events.queued(1, 2)
        events.wait(30)
        events.rings(PHONE)
        events.wait(4)
        events.leaves(PHONE)
        events.queued(3)
        events.wait(10)
        events.dequeued(3)
        events.wait(10)
        events.over(CALLER)

    assert phases(calls.of(wire, script)) == [(None, "queued", 30), (PHONE, "ringing", 4), (None, "queued", 10)]


@both
def test_a_busy_phone_is_not_what_became_of_a_call_that_waits_once_more(dialect: str, calls: Calls) -> None:
    wire, events_of = _scene(dialect)

    def script(call: int) -> None:
        events = events_of(call)
        events.begins()
        events.queued(1)
        events.wait(5)
        events.rings(PHONE)
        events.fails(PHONE)
        events.queued(1)
        events.wait(10)
        events.over(CALLER)

    found = calls.of(wire, script)
    assert (found["outcome"], found["failed"]) == (ABANDONED, None)


def test_nor_of_one_that_rings_elsewhere(calls: Calls) -> None:
    for rings in (True, False):
        wire, events_of = _scene("ccx")

        def script(call: int, events_of: Callable[[int], Events] = events_of, rings: bool = rings) -> None:
            events = events_of(call)
            events.begins()
            events.fails(PHONE)
            if rings:
                events.rings(OTHER, sender=PHONE)
            events.wait(20)
            events.over(CALLER)

        found = calls.of(wire, script)
        expected = ("abandoned while ringing", None) if rings else ("failed", "CEC_BUSY")
        assert (found["outcome"], found["failed"]) == expected, BUSY
