"""Calls that go as others went are told as if each were followed by itself, whatever they are called and whenever they were."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from functools import lru_cache
from types import MethodType
from typing import Any

import pytest
from scripted_calls import LETTERS, NAMES, News, script
from stirred_day import day

from ccxdissect.analysis import courses as courses_of_calls
from ccxdissect.analysis import moulds
from ccxdissect.analysis.call_schema import SCHEMA
from ccxdissect.analysis.call_stories import CallStory
from ccxdissect.analysis.calls import LINGER, Calls
from ccxdissect.analysis.courses import Courses
from ccxdissect.analysis.following import AS_IT_IS, Following
from ccxdissect.analysis.marks import SESSIONS, made_of, moment
from ccxdissect.analysis.schema import plain
from ccxdissect.analysis.subject import SubjectReader, listed
from ccxdissect.codec import Value
from ccxdissect.protocol.model import Mark
from ccxdissect.stream.events import Event, Record, Session
from ccxdissect.views.casts import Casts
from ccxdissect.views.formats import jsonl
from scene import AGENT_MODE, BRIDGE_MODE, S, Scene, feed


def played(scripts: list[list[News]], source: random.Random, times: int) -> list[Event]:
    """Calls of some scripts, each with names, sessions and waits of its own, some at the same time."""
    scene = Scene()
    sessions = [scene.session(f"10.0.0.5:{40000 + number}") for number in range(4)]
    scene.open(sessions[0], BRIDGE_MODE)
    scene.open(sessions[1], AGENT_MODE, agent="smith", extension="2001")
    scene.open(sessions[2], AGENT_MODE, agent="jones", extension="2002")
    running: list[tuple[int, dict[str, str], list[Session], list[News]]] = []
    waiting = [told for told in scripts for _ in range(times)]
    source.shuffle(waiting)
    number = 0
    while waiting or running:
        if waiting and (not running or source.random() < 0.1):
            number += source.random() < 0.95
            # Of some, two are called the same; and who sees them differs.
            names = source.sample(NAMES, 5) if source.random() < 0.7 else source.choices(NAMES, k=5)
            seen_by = source.sample(sessions, 3) if source.random() < 0.3 else sessions[:3]
            running.append((number, dict(zip(LETTERS, names, strict=True)), seen_by, list(waiting.pop())))
        one = call, called, seen_by, left = source.choice(running)
        session, message, fixed, texts, wait = left.pop(0)
        if not left:
            running.remove(one)
        if source.random() < 0.05:
            scene.state(sessions[3], source.choice(("smith", "jones", "<2>")), 3, source.choice(NAMES[:6]))
        if source.random() < 0.03:
            scene.send(source.choice(sessions), "ANSWER_CALL_REQ", {"InvokeID": 5, "CallID": call})
        told: list[tuple[str | int, Value]] = [(tag, called[letter]) for tag, letter in texts]
        about = next(field.name for field in message.fixed if field.mark & Mark.CALL)
        scene.send(seen_by[session], message.name, {**fixed, about: call}, told, wait)
    return scene.events


def told(events: list[Event], courses: Courses) -> list[tuple[str, dict[str, Any], str, list[str]]]:
    """All that is told of the calls."""
    stories = [story for story in feed(Calls(courses=courses), events) if isinstance(story, CallStory)]
    return [
        (line, plain(SCHEMA, story), repr(tuple(story)), story.lines())
        for line, story in zip(written(stories), stories, strict=True)
    ]


def written(stories: Iterable[CallStory]) -> list[str]:
    """Their lines."""
    out = io.StringIO()
    jsonl.write(SCHEMA, stories, out)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("first", [8, 12])
def test_calls_that_go_alike_are_told_each_as_by_itself(first: int) -> None:
    cast = 0
    for seed in range(first, first + 4):
        source = random.Random(seed)
        scripts, courses = [script(source) for _ in range(3)], Courses()
        for _ in range(3):
            events = played(scripts, source, 10)
            assert told(events, courses) == told(events, Courses(most=0))
        cast += sum(isinstance(one, CallStory) and one.cast is not None for one in feed(Calls(courses=courses), events))
    assert cast > 1


def test_what_is_written_of_several_is_what_is_written_of_each_and_of_all_before_something_goes_wrong() -> None:
    source, courses = random.Random(8), Courses()
    scripts = [script(source) for _ in range(3)]
    for _ in range(3):
        events = played(scripts, source, 40)
        stories = [one for one in feed(Calls(courses=courses), events) if isinstance(one, CallStory)]
    make = jsonl.line_maker(SCHEMA)
    alone = list(map(make, stories))
    assert len({story.cast.mould for story in stories if story.cast is not None}) > 1
    assert written(stories) == alone and not written([])

    def broken() -> Iterator[CallStory]:
        yield from stories[:70]
        raise OSError

    assert isinstance(make, MethodType) and isinstance(make.__self__, Casts)
    lines = make.__self__.lines(broken())
    assert [next(lines) for _ in range(70)] == alone[:70]
    with pytest.raises(OSError):
        next(lines)


@pytest.mark.parametrize("number", range(0, 40, 10))
def test_days_are_told_alike_by_courses_known_from_before(number: int) -> None:
    events, courses = day(number).events, Courses()
    alone = told(events, Courses(most=0))
    for _ in range(4):
        assert told(events, courses) == alone


def test_no_more_courses_are_held_than_may_be() -> None:
    source = random.Random(5)
    events = played([script(source) for _ in range(3)], source, 12)
    alone = told(events, Courses(most=0))
    for most in (1, 5):
        courses = Courses(most)
        for _ in range(3):
            assert told(events, courses) == alone
        held = [courses.start]
        for course in held:
            held += course.onward.values()
        assert len(held) == 1 + most


def test_a_time_tells_what_it_was_made_of() -> None:
    assert made_of(moment(0)) == ((0, 1),) and made_of(moment(7)) == ((7, 1),) and made_of(0) == ()
    assert made_of(moment(5) - moment(2) + 3 * moment(1) - moment(0)) == ((0, -1), (1, 3), (2, -1), (5, 1))


@pytest.mark.parametrize("seed", range(8, 11))
def test_calls_of_columns_are_told_as_those_of_records(seed: int) -> None:
    """Of columns comes of each subject what some messages of a batch say, and no more."""
    source = random.Random(seed)
    scripts, courses = [script(source) for _ in range(3)], Courses()
    for _ in range(2):
        events = played(scripts, source, 15)
        calls, alone = Calls(courses=courses), Calls(courses=Courses(most=0))
        for event in events:
            found = calls.take(*_taken(event)) if isinstance(event, Record) else calls.feed(event)
            assert list(map(tuple, found)) == list(map(tuple, alone.feed(event)))
        assert list(map(tuple, calls.flush())) == list(map(tuple, alone.flush()))


def test_of_a_call_may_be_known_but_one_device() -> None:
    scene = Scene()
    session = scene.session()
    for call in range(2001, 2007):
        scene.send(session, "END_CALL_EVENT", {"CallID": call}, [("ConnectionDeviceID", str(call))])
    calls = Calls()
    for event in scene.events:
        assert not (calls.take(*_taken(event)) if isinstance(event, Record) else calls.feed(event))
    assert [story.device for story in calls.flush()] == ["2001", "2002", "2003", "2004", "2005", "2006"]


READER, _made = SubjectReader(), lru_cache(listed)


def _taken(record: Record) -> tuple[Any, ...]:
    """What is taken of a record without it."""
    subject = READER.of(record.decoded)
    held = {slot: value for slot, value in vars(subject).items() if slot != "_plan"}
    assert subject._plan is not None
    named = _made(subject._plan, tuple(held))(held.values())
    return record.number, record.time, record.session, record.sender, record.decoded.message, named


def test_nothing_is_lost_when_a_call_is_told_in_other_names() -> None:
    source = random.Random(12)
    calls = Calls(courses=Courses(most=0))
    kept = set()
    for event in played([script(source) for _ in range(30)], source, 1):
        calls.feed(event)
        for following in calls._open.values():
            alone = following.alone()
            other = alone.renamed(AS_IT_IS)
            assert _all_of(other) == _all_of(alone) and other is not alone
            kept |= {name for name, value in _all_of(alone).items() if value}
            other.renamed(AS_IT_IS._replace(text=str.upper))
            # What is changed of one is not of the other.
            other.legs.ends(event.time)
            other.parties.append("?")
            assert _all_of(following.alone() if following is not alone else alone) == _all_of(alone.renamed(AS_IT_IS))
    assert kept > {
        "heard_end",
        "heard_begin",
        "agent_at",
        "dialed",
        "_presumed",
        "_gone",
        "_attended",
        "_unattended",
        "_last",
    }


def _all_of(following: Following) -> dict[str, Any]:
    """All that is known of a call; of phases which of them are one."""
    legs = following.legs
    found = {name: getattr(following, name) for name in following.__slots__ if name != "legs"}
    found |= {field.name: getattr(legs, field.name) for field in fields(legs)}
    found["which"] = [
        [one is other for other in legs._phases] for one in (*legs._now.values(), *legs._presumed.values())
    ]
    return found


def _begins(scene: Scene, session: Session, call: int, caller: str) -> None:
    scene.send(session, "BEGIN_CALL_EVENT", {"CallID": call}, [("ConnectionDeviceID", caller), ("ANI", caller)])


def _ends(scene: Scene, session: Session, call: int) -> None:
    scene.send(session, "END_CALL_EVENT", {"CallID": call}, [("ConnectionDeviceID", "2005")])


def _seen_by(scene: Scene, sessions: list[Session], call: int, other: bool) -> None:
    """An agent's own client is told of the end, before or after the other one."""
    for session in sessions[2 if other else 1], sessions[3]:
        _begins(scene, session, call, "2005")
        scene.wait(2 * LINGER)
    scene.call(sessions[3], "ESTABLISHED", call, [("ConnectionDeviceID", "2001"), ("AnsweringDeviceID", "2001")])
    _ends(scene, sessions[2 if other else 1], call)
    scene.call(sessions[3], "HELD", call, [("ConnectionDeviceID", "2001"), ("HoldingDeviceID", "2001")])
    _ends(scene, sessions[3], call)


def _bridged(scene: Scene, sessions: list[Session], call: int, other: bool) -> None:
    """It is over for all when a bridge hears its end."""
    for session in sessions[0 if other else 3], sessions[1]:
        _begins(scene, session, call, "2005")
    _ends(scene, sessions[0 if other else 3], call)
    scene.call(sessions[1], "HELD", call, [("ConnectionDeviceID", "2005"), ("HoldingDeviceID", "2005")])
    _ends(scene, sessions[1], call)


def _queued(scene: Scene, sessions: list[Session], call: int, other: bool) -> None:
    """What rang is a phone of an agent, or a port."""
    phone = f"7{call}"
    _begins(scene, sessions[3], call, "2005")
    if other:
        scene.state(sessions[3], "jones", 3, phone)
    scene.call(sessions[3], "DELIVERED", call, [("ConnectionDeviceID", phone), ("AlertingDeviceID", phone)])
    if not other:
        scene.state(sessions[3], "jones", 3, "2002")
    scene.call(sessions[3], "QUEUED", call, [("ConnectionDeviceID", "2005")])
    _ends(scene, sessions[3], call)


def _linked(scene: Scene, sessions: list[Session], call: int, other: bool) -> None:
    """It has to do with a call, and with another one."""
    _begins(scene, sessions[3], call, "2005")
    scene.send(
        sessions[3], "CALL_DATA_UPDATE_EVENT", {"CallID": call, "NewCallID": 99 if other else 98}, [("ANI", "2005")]
    )
    _ends(scene, sessions[3], call)


def _again(scene: Scene, sessions: list[Session], call: int, other: bool) -> None:
    """Its id is given to another call, or it is told of once more."""
    _begins(scene, sessions[3], call, "2005")
    scene.wait(2 * LINGER)
    _begins(scene, sessions[3], call, "2006" if other else "2005")
    _ends(scene, sessions[3], call)


@pytest.mark.parametrize("play", [_seen_by, _bridged, _queued, _linked, _again])
def test_what_is_around_a_call_tells_its_course(play: Callable[[Scene, list[Session], int, bool], None]) -> None:
    scene = Scene()
    sessions = [scene.session(f"10.0.0.5:{40000 + number}") for number in range(4)]
    scene.open(sessions[0], BRIDGE_MODE)
    scene.open(sessions[1], AGENT_MODE, agent="smith", extension="2001")
    scene.open(sessions[2], AGENT_MODE, agent="jones", extension="2002")
    for call in range(24):
        play(scene, sessions, call, call > 17 and call % 2 == 1)
    found = told(scene.events, Courses())
    assert found == told(scene.events, Courses(most=0))
    assert len({(line["outcome"], len(line["phases"]), len(line["links"])) for _, line, _, _ in found}) > (
        play is _queued
    )


def test_calls_of_many_names_sessions_and_news_are_followed_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"NUMBERS": 6, "TEXTS": 5, "SESSIONS": 2}
    for name, most in few.items():
        monkeypatch.setattr(courses_of_calls, name, getattr(courses_of_calls, name)[:most])
    for name, most in (("MOST_NUMBERS", 6), ("MOST_NAMES", 5), ("MOST_SESSIONS", 2)):
        monkeypatch.setattr(courses_of_calls, name, most)
    monkeypatch.setattr(moulds, "SESSIONS", SESSIONS[:2])
    scene = Scene()
    sessions = [scene.session(f"10.0.0.5:{40000 + number}") for number in range(4)]
    for call in range(12):
        for session in sessions:
            _begins(scene, session, call, "2005")
            scene.wait(2 * LINGER)
        _begins(scene, sessions[0], 60 + call, "2005")
        for session in sessions:
            scene.send(session, "ANSWER_CALL_REQ", {"InvokeID": 5, "CallID": 60 + call})
        for number in range(8):
            scene.call(sessions[0], "HELD", 20 + call, [("ConnectionDeviceID", "2005")], 6 * S)
            scene.call(sessions[0], "HELD", 40 + call, [("ConnectionDeviceID", "5"), ("HoldingDeviceID", str(number))])
    courses = Courses()
    for _ in range(2):
        assert told(scene.events, courses) == told(scene.events, Courses(most=0))
    assert courses.start.onward
