"""Who is on one call and how, from one piece of news to the next. Times are ns, and small."""

from __future__ import annotations

import random

import pytest

from ccxdissect.analysis.call_stories import CallStory
from ccxdissect.analysis.legs import Legs, Phase, PhaseName, PhaseTimes, Presence, Unanswered, devices_in

CALLER, PHONE, OTHER, PORT = "555", "2006", "2007", "9000"


def call(whole: bool = True) -> Legs:
    return Legs(CALLER, start=100, whole=whole)


def told(legs: Legs) -> list[tuple[str | None, str, int, int | None]]:
    return [(phase.device, phase.name.value, phase.start, phase.end) for phase in legs.phases]


def test_ringing_and_talking() -> None:
    legs = call()
    legs.dials(CALLER, 100)
    legs.rings(PHONE, 110)
    assert legs.present(CALLER) is Presence.DIALING and legs.present(PHONE) is Presence.RINGING
    assert not legs.connected and not legs.talks
    legs.connects(PHONE, None, 120)
    assert legs.connected and legs.talks and legs.answers == [(PHONE, 120)]
    assert told(legs) == [(PHONE, "ringing", 110, 120), (CALLER, "talking", 120, None), (PHONE, "talking", 120, None)]
    legs.ends(150)
    assert [end for *_, end in told(legs)] == [120, 150, 150]
    assert legs.over and legs.devices == []


def test_nothing_is_news_of_a_call_that_is_over() -> None:
    legs = call()
    legs.ends(110)
    legs.dials(CALLER, 120)
    legs.rings(PHONE, 120)
    legs.connects(PHONE, CALLER, 120)
    legs.holds(PHONE, 130)
    legs.retrieves(PHONE, 130)
    legs.queues(130)
    legs.dequeues(130)
    legs.leaves(PHONE, 140)
    legs.joins([OTHER], [], None, False, 140)
    assert (told(legs), legs.answers, legs.devices, legs.present(PHONE)) == ([], [], [], None)


def test_an_answer_ends_the_ringing_everywhere_else() -> None:
    legs = call()
    legs.rings(PHONE, 110)
    legs.rings(OTHER, 112)
    legs.connects(PHONE, CALLER, 120)
    assert legs.present(OTHER) is None and legs.was_on(OTHER)
    assert legs.unanswered == [Unanswered(OTHER, 112, 120, False)]
    # It answered once, however often that is told.
    legs.connects(PHONE, CALLER, 121)
    assert legs.answers == [(PHONE, 120)]


def test_who_answers_at_a_port_is_nobody_and_leaves_when_somebody_does() -> None:
    legs = call()
    legs.unattended(PORT)
    legs.dials(CALLER, 100)
    legs.connects(PORT, CALLER, 110)
    # The caller hears music: it talks to nobody.
    assert (legs.answers, told(legs), legs.present(CALLER)) == ([], [], Presence.DIALING)
    assert legs.connected and not legs.talks and legs.devices == [CALLER]
    legs.queues(120)
    assert told(legs) == [(None, "queued", 120, None)]
    legs.connects(PHONE, CALLER, 130)
    assert legs.present(PORT) is None and legs.answers == [(PHONE, 130)]
    assert told(legs) == [(None, "queued", 120, 130), (CALLER, "talking", 130, None), (PHONE, "talking", 130, None)]


def test_a_caller_who_is_gone_is_not_brought_back_by_being_named() -> None:
    legs = call()
    legs.rings(PHONE, 110)
    legs.leaves(CALLER, 115)
    assert legs.unanswered == [Unanswered(PHONE, 110, 115, False)] and legs.given_up_in is PhaseName.RINGING
    legs.connects(CALLER, None, 116)
    legs.leaves(CALLER, 117)
    legs.connects(PHONE, CALLER, 120)
    assert legs.present(CALLER) is None and legs.present(PHONE) is Presence.CONNECTED


def test_the_caller_s_own_connection_is_no_answer_and_a_held_caller_stays_held() -> None:
    legs = call()
    legs.connects(CALLER, CALLER, 105)
    assert legs.answers == []
    legs.holds(CALLER, 110)
    legs.connects(PHONE, CALLER, 120)
    assert legs.present(CALLER) is Presence.HOLDING and legs.answers == [(PHONE, 120)]
    # Whom the news names as the caller counts, where nobody was named before.
    legs = Legs(None, start=100, whole=True)
    legs.connects(PHONE, OTHER, 120)
    assert legs.present(OTHER) is Presence.CONNECTED


def test_who_comes_back_after_leaving_answers_again_only_if_another_device() -> None:
    legs = call()
    legs.connects(PHONE, CALLER, 110)
    legs.leaves(PHONE, 120)
    legs.connects(PHONE, CALLER, 130)
    assert legs.answers == [(PHONE, 110), (PHONE, 130)]


def test_a_queue_is_waited_in_by_nobody_but_the_caller() -> None:
    legs = call()
    legs.connects(PORT, CALLER, 110)
    assert told(legs) == [(PORT, "talking", 110, None), (CALLER, "talking", 110, None)]
    legs.queues(120)
    # What had answered before the first queue was a port.
    assert (legs.answers, told(legs)) == ([], [(None, "queued", 120, None)])
    assert legs.present(CALLER) is Presence.DIALING
    legs.rings(PHONE, 130)
    assert told(legs)[0] == (None, "queued", 120, 130)
    legs.queues(140)
    assert told(legs)[1:] == [(PHONE, "ringing", 130, 140), (None, "queued", 140, None)]
    assert legs.unanswered == [Unanswered(PHONE, 130, 140, True)]


def test_an_agent_s_phone_before_the_queue_is_no_port() -> None:
    for known in ("attended", "phones"):
        legs = call()
        legs.rings(PHONE, 110)
        if known == "attended":
            legs.attended(PHONE)
        legs.queues(120, [PHONE] if known == "phones" else [])
        assert told(legs) == [(PHONE, "ringing", 110, 120), (None, "queued", 120, None)], known
    legs = call()
    legs.rings(PHONE, 110)
    legs.queues(120)
    assert told(legs) == [(None, "queued", 120, None)]


def test_a_call_that_somebody_answered_is_queued_without_them_and_keeps_what_was_said() -> None:
    legs = call()
    legs.attended(PHONE)
    legs.connects(PHONE, CALLER, 110)
    legs.queues(120)
    assert legs.present(PHONE) is None and legs.present(CALLER) is Presence.CONNECTED
    assert told(legs) == [
        (PHONE, "talking", 110, 120), (CALLER, "talking", 110, 120), (None, "queued", 120, None)
    ]  # fmt: skip
    # Only the first time are the others on the call taken for ports.
    legs.rings(OTHER, 130)
    legs.queues(140)
    assert (OTHER, "ringing", 130, 140) in told(legs)


def test_the_ringing_that_the_queue_ended_went_on_when_the_phone_is_heard_of() -> None:
    legs = call()
    legs.attended(PHONE)
    legs.rings(PHONE, 110)
    legs.dequeues(120)
    assert legs.unanswered == [Unanswered(PHONE, 110, 120, False)]
    legs.connects(PHONE, CALLER, 130)
    assert told(legs)[0] == (PHONE, "ringing", 110, 130) and legs.unanswered == []


def test_taken_out_of_the_queue_while_waiting_nobody_stops_ringing() -> None:
    legs = call()
    legs.queues(110)
    legs.unattended(PORT)
    legs.rings(PORT, 112)
    legs.dequeues(120)
    assert legs.present(PORT) is Presence.RINGING
    assert told(legs) == [(None, "queued", 110, 120)]


def test_time_in_a_phase_counts_what_overlaps_once() -> None:
    legs = call()
    legs.connects(PHONE, CALLER, 110)
    legs.connects(OTHER, CALLER, 130)
    legs.leaves(PHONE, 150)
    times = PhaseTimes(legs.phases, 170)
    assert times[None, PhaseName.TALKING] == times[None, "talking"] == 60
    assert times[PHONE, PhaseName.TALKING] == 40
    assert times[OTHER, PhaseName.TALKING] == 40
    assert times[None, PhaseName.HELD] == times["nobody", PhaseName.TALKING] == 0
    assert devices_in(times) == [PHONE, CALLER, OTHER]


def test_time_in_a_phase_is_that_of_its_moments() -> None:
    """Of phases of any order, whatever overlaps: as many moments as there are at which somebody is in it."""
    rolled = random.Random(7)
    for _ in range(200):
        phases, until = [], 20
        for _ in range(rolled.randrange(8)):
            begin = rolled.randrange(30)
            end = rolled.choice((None, begin, begin + rolled.randrange(20)))
            phases.append(Phase(rolled.choice((None, PHONE, OTHER)), rolled.choice(list(PhaseName)), begin, end))
        times = PhaseTimes(phases, until)
        for name in PhaseName:
            for device in (None, PHONE, OTHER):
                told = [one for one in phases if one.name is name and device in (None, one.device)]
                moments = {at for one in told for at in range(one.start, until if one.end is None else one.end)}
                assert times[device, name] == len(moments), phases


def test_an_earlier_time_counts_as_the_last_one() -> None:
    legs = call()
    legs.rings(PHONE, 50)
    assert told(legs) == [(PHONE, "ringing", 100, None)]
    legs.connects(PHONE, CALLER, 130)
    legs.leaves(PHONE, 120)
    assert told(legs)[1] == (PHONE, "talking", 130, 130)


def test_the_agents_of_a_call_are_those_to_whom_it_came_or_else_its_maker() -> None:
    def story(made_by: str | None, *served: str) -> tuple[str, ...]:
        return CallStory(1, "s", 0, 0, calling_agent=made_by, served_by=served).agents

    assert story(None) == ()
    assert story("anna") == ("anna",)
    assert story("anna", "anna") == ("anna",)
    assert story("anna", "anna", "bert") == ("bert",)
    assert story(None, "bert", "carl") == ("bert", "carl")


def test_devices_without_anybody_are_remembered_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    legs = call()
    for device in (PORT, PHONE):
        legs.rings(device, 110)
    monkeypatch.setattr("ccxdissect.analysis.legs.MOST_PHASES", 1)
    for device in (PORT, PHONE):
        legs.unattended(device)
    assert [device for device, *_ in told(legs)] == [PHONE]


def test_who_holds_holds_on_when_another_joins_the_calls() -> None:
    for acting, holding in ((OTHER, Presence.HOLDING), (PHONE, Presence.CONNECTED), (None, Presence.CONNECTED)):
        legs = call()
        legs.dials(CALLER, 100)
        legs.rings(PHONE, 110)
        legs.connects(PHONE, None, 120)
        legs.holds(PHONE, 130)
        legs.joins([CALLER, PHONE, OTHER], [], acting, False, 140)
        assert (legs.present(PHONE), legs.present(CALLER), legs.present(OTHER)) == (
            holding,
            Presence.CONNECTED,
            Presence.CONNECTED,
        )


def test_who_rings_rings_on_when_calls_are_joined() -> None:
    legs = call()
    legs.rings(PHONE, 110)
    legs.joins([CALLER, PHONE], [], OTHER, False, 140)
    assert legs.present(PHONE) is Presence.RINGING
