"""The same news told to several clients: what is an echo, and that no rule speaks twice of it."""

from __future__ import annotations

import random

import pytest

from ccxdissect.analysis.echoes import WINDOW, Echoes
from ccxdissect.analysis.findings import Finding, Findings
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.stream.events import Record
from scene import MS, S, Scene, feed


def heard(scene: Scene, echoes: Echoes | None = None) -> list[bool]:
    echoes, reader = echoes or Echoes(), SubjectReader()
    records = [event for event in scene.events if isinstance(event, Record)]
    return [echoes.is_echo(record, reader.of(record.decoded)) for record in records]


def test_the_nth_telling_is_an_echo_when_another_session_had_n() -> None:
    scene = Scene()
    one, two, three = scene.session(), scene.session("10.0.0.6:1"), scene.session("10.0.0.7:1")
    for session in (one, two, one, three, two, three, three, two):
        scene.state(session, "smith", 3, "2006", after=1 * MS)
    assert heard(scene) == [False, True, False, True, True, True, False, True]


def test_a_session_that_began_since_is_told_for_the_first_time_and_others_by_it() -> None:
    scene = Scene()
    one, two = scene.session(), scene.session("10.0.0.6:1")
    scene.state(one, "smith", 3, "2006")
    scene.state(one, "jones", 3, "2007", after=1 * MS)
    scene.state(two, "smith", 3, "2006", after=1 * MS)
    scene.state(one, "kim", 3, "2008", after=1 * MS)
    scene.state(one, "smith", 3, "2006", after=1 * MS)
    reader, echoes = SubjectReader(), Echoes(most=2)
    told = []
    for event in scene.events:
        if isinstance(event, Record):
            subject = reader.of(event.decoded)
            since = event.time if event.session is two else 0
            news = event.number, event.time, event.session.server, event.session.number, event.decoded.number
            told.append(echoes.told_again(*news, subject, since))
    # Of what is remembered the oldest goes when there is no room, and that is not what was told anew.
    assert told == [False, False, False, False, True]


@pytest.mark.parametrize(("apart", "echo"), [(WINDOW, True), (WINDOW + 1, False)])
def test_echoes_come_soon(apart: int, echo: bool) -> None:
    scene = Scene()
    one, two = scene.session(), scene.session("10.0.0.6:1")
    scene.state(one, "smith", 3, "2006")
    scene.state(two, "smith", 3, "2006", after=apart)
    assert heard(scene) == [False, echo]


def test_the_oldest_news_is_forgotten_first() -> None:
    scene = Scene()
    one, two = scene.session(), scene.session("10.0.0.6:1")
    for session in (one, two):
        for agent in ("anna", "ben", "carl"):
            scene.state(session, agent, 3, "2006", after=1 * MS)
    assert heard(scene, Echoes(most=1)) == [False, False, False, False, False, False]
    assert heard(scene, Echoes(most=10)) == [False, False, False, True, True, True]


@pytest.mark.parametrize("most", [3, 300, 10_000])
def test_when_news_is_forgotten_makes_no_difference(most: int) -> None:
    """Whatever order of times: as if the oldest were looked at for every message."""
    rolled, scene = random.Random(most), Scene()
    sessions = [scene.session(f"10.0.0.{host}:1") for host in range(3)]
    waits = (0, 1 * MS, 20 * MS, 20 * MS, 20 * MS, 800 * MS, WINDOW - 1, WINDOW, WINDOW + 1)
    agents = [f"a{number}" for number in range(3 if most == 3 else 400)]
    for _ in range(1500):
        after = rolled.choice(waits if rolled.random() < 0.1 else waits[:5])
        scene.state(rolled.choice(sessions), rolled.choice(agents), 3, "2006", after=after)
    records = [event for event in scene.events if isinstance(event, Record)]
    late = [record._replace(time=record.time - rolled.choice(waits) * (rolled.random() < 0.1)) for record in records]
    for told in (records, late):
        reader, echoes = SubjectReader(), Echoes(most=most)
        known: dict[tuple[object, ...], tuple[int, dict[int, int]]] = {}
        found: list[bool] = []
        for record in told:
            subject, session = reader.of(record.decoded), record.session.number
            while known:
                oldest = next(iter(known))
                if len(known) <= most and record.time - known[oldest][0] <= WINDOW:
                    break
                del known[oldest]
            key = record.decoded.number, subject.agent
            heard = known[key][1] if key in known else {}
            ahead = max(heard.values(), default=0)
            heard[session] = heard.get(session, 0) + 1
            echo = heard[session] <= ahead
            if not echo:
                known.pop(key, None)
                known[key] = record.time, heard
            assert echoes.is_echo(record, subject) == echo
            found.append(echo)
        assert True in found and False in found


@pytest.mark.parametrize("rule", ["agent-lost", "out-of-service", "call-failed"])
def test_no_rule_tells_an_echo(rule: str) -> None:
    scene = Scene()
    for client in ("10.0.0.5:1", "10.0.0.6:1", "10.0.0.7:1"):
        session = scene.session(client)
        if rule == "agent-lost":
            scene.state(session, "smith", 1, "2006", reason=32764)
        elif rule == "out-of-service":
            scene.send(session, "SYSTEM_EVENT", {"CCXStatus": 0, "SystemEventID": 10})
        else:
            scene.call(
                session, "FAILED", 7, [("ConnectionDeviceID", "2006"), ("FailingDeviceID", "2007")], EventCause=3
            )
    found = [one for one in feed(Findings(), scene.events) if isinstance(one, Finding)]
    assert [one.rule for one in found].count(rule) == 1
    scene.wait(60 * S)
    scene.state(scene.session(), "smith", 1, "2006", reason=32764)
    again = [one for one in feed(Findings(), scene.events) if isinstance(one, Finding) and one.rule == "agent-lost"]
    assert len(again) == (2 if rule == "agent-lost" else 1)
