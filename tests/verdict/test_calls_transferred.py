"""Who rings and who talks on calls that were transferred: to be listed as a party of the call is no answer."""

from __future__ import annotations

import pytest
from call_events import (
    AGENT_PHONE,
    CALLER,
    CTI_PORT,
    NO_CALL,
    NON_ACD,
    OTHER,
    PHONE,
    TRIGGER,
    Calls,
    CceEvents,
    Events,
    phases,
)
from cce_traffic import ALL_EVENTS, Center

from wire import BRIDGE, Link, Wire

TARGET, BEFORE = "5000", [(PHONE, "ringing", 4), (PHONE, "talking", 10), (CALLER, "talking", 10)]


def sent_blindly(events: Events, kind: int = 0) -> None:
    """A phone answers, and transfers the call to one that nobody asked."""
    events.begins()
    events.rings(PHONE, kind=kind)
    events.wait(4)
    events.answers(PHONE, kind=kind)
    events.wait(10)
    events.joined("TRANSFERRED", NO_CALL, PHONE, TARGET, CALLER, TARGET)


def test_it_rings_until_the_caller_gives_up(calls: Calls) -> None:
    for cce in (False, True):
        wire: Wire = Center() if cce else Wire()
        link: Link = wire.join() if isinstance(wire, Center) else wire.connect()
        link.open(ALL_EVENTS if cce else BRIDGE)

        def script(call: int, link: Link = link, cce: bool = cce) -> None:
            events = CceEvents(link, call) if cce else Events(link, call)
            kind = 0 if cce else AGENT_PHONE
            sent_blindly(events, kind)
            events.rings(TARGET, sender="" if cce else PHONE, kind=kind)
            events.wait(40)
            events.over(CALLER)

        found = calls.of(wire, script)
        assert phases(found) == [*BEFORE, (TARGET, "ringing", 40)]
        assert (found["outcome"], found["transferred_to"]) == ("transferred", TARGET)
        assert (found["answered_by"], [one["device"] for one in found["unanswered"]]) == ([PHONE], [TARGET])
        assert "talking 10.0 s" in found["story"]


def test_it_rings_and_answers(calls: Calls) -> None:
    for rings in (True, False):
        wire = Wire()
        link = wire.connect().open(BRIDGE)

        def script(call: int, link: Link = link, rings: bool = rings) -> None:
            events = Events(link, call)
            sent_blindly(events)
            if rings:
                # A while after the news of the transfer, that is.
                events.wait(2)
                events.rings(TARGET, sender=PHONE)
            events.wait(8)
            events.answers(TARGET)
            events.wait(20)
            events.over(CALLER, TARGET)

        found = calls.of(wire, script)
        rang = [(TARGET, "ringing", 8)] if rings else []
        assert phases(found) == [*BEFORE, *rang, (CALLER, "talking", 20), (TARGET, "talking", 20)]
        assert found["answered_by"] == [PHONE, TARGET]


def test_of_whom_nothing_else_is_told_had_been_asked_before(calls: Calls) -> None:
    """The call by which they were asked was not captured."""
    wire = Wire()
    link = wire.connect().open(BRIDGE)

    def script(call: int) -> None:
        events = Events(link, call)
        sent_blindly(events)
        events.wait(40)
        events.over(CALLER, TARGET)

    assert phases(calls.of(wire, script)) == [*BEFORE[:2], (CALLER, "talking", 50), (TARGET, "talking", 40)]


def test_the_others_talk_on_while_one_who_was_added_rings(calls: Calls) -> None:
    wire = Wire()
    link = wire.connect().open(BRIDGE)

    def script(call: int) -> None:
        events = Events(link, call)
        events.begins()
        events.rings(PHONE)
        events.wait(4)
        events.answers(PHONE)
        events.wait(10)
        events.joined("CONFERENCED", NO_CALL, PHONE, OTHER, CALLER, PHONE, OTHER)
        events.rings(OTHER)
        events.wait(7)
        events.answers(OTHER)
        events.wait(5)
        events.over(CALLER, PHONE, OTHER)

    found = phases(calls.of(wire, script))
    assert found == [
        (PHONE, "ringing", 4), (PHONE, "talking", 22), (CALLER, "talking", 22), (OTHER, "ringing", 7),
        (OTHER, "talking", 5),
    ]  # fmt: skip


def test_a_queue_that_is_listed_as_a_party_talks_to_nobody(calls: Calls) -> None:
    wire = Wire()
    link = wire.connect().open(BRIDGE)

    def script(call: int) -> None:
        events = Events(link, call)
        sent_blindly(events, AGENT_PHONE)
        events.wait(3)
        events.queued(5)
        events.wait(40)
        events.over(CALLER)

    assert phases(calls.of(wire, script)) == [*BEFORE, (None, "queued", 40)]


@pytest.mark.parametrize("kind", [0, NON_ACD])
@pytest.mark.parametrize("listed", [True, False])
def test_who_transfers_a_call_to_a_queue_had_talked(kind: int, listed: bool, calls: Calls) -> None:
    """It is no phone of an agent, of whom is known that somebody sits there."""
    wire = Wire()
    link = wire.connect().open(BRIDGE)

    def script(call: int) -> None:
        events = Events(link, call)
        events.begins()
        events.rings(PHONE, kind=kind)
        events.wait(4)
        events.answers(PHONE, kind=kind)
        events.wait(10)
        events.joined("TRANSFERRED", NO_CALL, PHONE, TARGET, *[CALLER, TARGET] * listed)
        events.queued(5)
        events.wait(40)
        events.over(CALLER)

    found = calls.of(wire, script)
    assert phases(found) == [*BEFORE, (None, "queued", 40)]
    assert (found["outcome"], found["answered_by"]) == ("transferred", [PHONE])


def test_a_port_that_transfers_a_call_to_a_queue_is_one(calls: Calls) -> None:
    wire = Wire()
    link = wire.connect().open(BRIDGE)

    def script(call: int) -> None:
        events = Events(link, call)
        events.begins()
        events.rings(PHONE, kind=CTI_PORT)
        events.answers(PHONE, kind=CTI_PORT)
        events.wait(10)
        events.joined("TRANSFERRED", NO_CALL, PHONE, TARGET, CALLER, TARGET)
        events.queued(5)
        events.wait(40)
        events.over(CALLER)

    found = calls.of(wire, script)
    assert (phases(found), found["answered_by"]) == ([(None, "queued", 40)], [])


def test_it_comes_back_to_the_phone_that_was_dialed(calls: Calls) -> None:
    """It was forwarded from there before it rang; who answered sends it there."""
    wire = Wire()
    link = wire.connect().open(BRIDGE)

    def script(call: int) -> None:
        events = Events(link, call)
        events.begins()
        events.rings(OTHER, called=TRIGGER, sender=TRIGGER)
        events.wait(3)
        events.answers(OTHER)
        events.wait(20)
        events.rings(TRIGGER, sender=OTHER)
        events.wait(15)
        events.answers(TRIGGER)
        events.wait(20)
        events.over(CALLER, TRIGGER)

    found = calls.of(wire, script)
    assert phases(found) == [
        (OTHER, "ringing", 3), (OTHER, "talking", 20), (CALLER, "talking", 20), (TRIGGER, "ringing", 15),
        (CALLER, "talking", 20), (TRIGGER, "talking", 20),
    ]  # fmt: skip
    assert (found["outcome"], found["transferred_to"]) == ("transferred", TRIGGER)


def test_late_news_that_the_phone_that_was_dialed_rang_is_none(calls: Calls) -> None:
    wire = Wire()
    link = wire.connect().open(BRIDGE)

    def script(call: int) -> None:
        events = Events(link, call)
        events.begins()
        events.answers(OTHER)
        events.rings(TRIGGER)
        events.wait(20)
        events.over(CALLER, OTHER)

    found = calls.of(wire, script)
    assert phases(found) == [(OTHER, "talking", 20), (CALLER, "talking", 20)]
    assert (found["outcome"], found["transferred_to"]) == ("answered", None)
