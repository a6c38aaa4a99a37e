"""Calls that lie within a batch are told at once as they are told message by message, whatever else happens meanwhile."""

from __future__ import annotations

import random
from typing import Any

import pytest
from both_results import _batches, of_batches, of_events
from both_results import _events as events_of
from scripted_calls import LETTERS, NAMES, News, script

from building import ENCODER
from ccxdissect.analysis.calls import LINGER, Calls
from ccxdissect.analysis.echoes import WINDOW, Echoes
from ccxdissect.analysis.whole_calls import Whole
from ccxdissect.capture.segment import Segment
from ccxdissect.protocol.model import Mark
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.sources import calls_apart
from conversation import CLIENT, MILLISECOND, SERVER, START, Conversation

SECOND = 1000 * MILLISECOND
SERVERS = (b"\x0a\0\0\x09", b"\x0a\0\0\x0a")
#: Bridges, and agents with their phones; of one nothing is known.
OPENINGS = ((0x10, ""), (1, "2001"), (0x10, ""), (1, "2002"), None)
#: A type of devices at which nobody sits.
PORT = 73
WAITS = (0, 1, 1, 1, 1, 3, 300, 900)


#: What a message that is about one call may tell; lists of parties are told by few.
ABOUT = Mark.AGENT | Mark.CONNECTION_DEVICE | Mark.CALLING | Mark.CALLED | Mark.ACTING | Mark.DIALED | Mark.REDIRECTED
NAMES_OF_MOST = (
    "2001",
    "2002",
    "2003",
    "+49 30 1",
    '20"05',
    "50%s of %(x)d",
    "<1>",
    "<s0>",
    "Zürich",
    "\x1b[2J",
    "10.0.0.9:12028",
)
MIDDLE = (
    "DELIVERED",
    "ESTABLISHED",
    "HELD",
    "RETRIEVED",
    "QUEUED",
    "DEQUEUED",
    "CONNECTION_CLEARED",
    "FAILED",
    "DATA_UPDATE",
)


def usual(source: random.Random) -> list[News]:
    """What is told of a call, of which most tells one session."""
    session = source.choice((0, 0, 0, 1))
    names = ["BEGIN_CALL_EVENT", *[f"CALL_{source.choice(MIDDLE)}_EVENT" for _ in range(source.choice((0, 2, 4, 6)))]]
    names += ["CALL_CLEARED_EVENT"] * (source.random() < 0.7) + ["END_CALL_EVENT"] * (source.random() < 0.8)
    told: list[News] = []
    for name in names:
        message = UCCX_CTI.message(name)
        fixed = {
            field.name: source.choice((3, 4, 0xFFFFFFFF) if field.mark & Mark.QUEUE else (0, 1, 2, 22, 0xFFFF))
            for field in message.fixed
            if field.mark & (Mark.QUEUE | Mark.CAUSE | Mark.CALL_TYPE) and source.random() < 0.7
        }
        rows = {row.tag: row for row in message.floating if row.mark & ABOUT and source.random() < 0.6}
        told.append(News(session, message, fixed, [(tag, source.choice(LETTERS[:4])) for tag in rows], 0))
    return told


class Day:
    """Sessions of several clients, as one capture."""

    def __init__(self, source: random.Random) -> None:
        self.source, self.now = source, START
        self.segments: list[Segment] = []
        self.talks: list[Conversation] = []
        self.ports = 50000

    def begin(self, opening: tuple[int, str] | None, server: bytes = SERVERS[0]) -> int:
        """A session; gives its place."""
        self.ports += 1
        self.talks.append(Conversation(ends=((b"\x0a\0\0\x01", self.ports), (server, 12028))).handshake())
        place = len(self.talks) - 1
        self.come(place)
        if opening is not None:
            services, phone = opening
            texts = [("ClientID", "desk"), *([("AgentExtension", phone), ("AgentInstrument", phone)] if phone else [])]
            fixed = {"InvokeID": 1, "VersionNumber": 14, "ServicesRequested": services, "IdleTimeout": 120}
            self.say(place, "OPEN_REQ", fixed, texts)
            self.say(place, "OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1, "ServicesGranted": services}, [])
        return place

    def come(self, place: int) -> None:
        """The segments of a conversation come."""
        talk = self.talks[place]
        for segment in talk.segments:
            self.segments.append(segment._replace(frame=len(self.segments) + 1, time=self.now))
        talk.segments.clear()

    def say(self, place: int, name: str, fixed: dict[str, int], texts: Any, wait: int = 1) -> None:
        """A message, so many ms later."""
        self.now += wait * MILLISECOND
        side = CLIENT if UCCX_CTI.message(name).sender.value == "client" else SERVER
        self.talks[place].send(side, ENCODER.encode(name, fixed, texts, version=14))
        self.come(place)

    def end(self, place: int) -> None:
        """A session ends."""
        self.talks[place].close()
        self.come(place)


def stirred(seed: int, calls: int = 400, wild: bool = True) -> list[Segment]:
    """A day of calls of few scripts; `wild`: with whatever else may happen."""
    source = random.Random(seed)
    day = Day(source)
    scripts = [usual(source) for _ in range(3)]
    odd = script(source)
    places = [day.begin(opening, SERVERS[place == 3 and wild]) for place, opening in enumerate(OPENINGS)]
    running: list[tuple[int, dict[str, str], list[int], list[News]]] = []
    past: list[tuple[str, dict[str, int], Any]] = []
    begun = 0
    while begun < calls or running:
        chance = source.random
        if begun < calls and (not running or chance() < 0.1):
            begun += 1
            known = NAMES if wild and chance() < 0.1 else NAMES_OF_MOST
            names = source.sample(known, 5) if chance() < 0.8 else source.choices(known, k=5)
            order = source.sample(places, 3) if wild and chance() < 0.3 else places[:3]
            call = source.randrange(1, begun + 1) if wild and chance() < 0.05 else begun
            told = list(odd if wild and chance() < 0.03 else source.choice(scripts))
            running.append((call, dict(zip(LETTERS, names, strict=True)), order, told))
        one = call, called, order, left = source.choice(running[:4])
        news = left.pop(0)
        if not left:
            running.remove(one)
        place = order[news.session]
        if chance() < 0.05:
            agent, phone = source.choice(("smith", "jones", "<2>", "queue")), source.choice(NAMES[:6])
            texts = [("AgentID", agent), ("AgentExtension", phone)]
            day.say(place, "AGENT_STATE_EVENT", {"AgentState": 3}, texts)
        if chance() < 0.02:
            day.say(place, "ANSWER_CALL_REQ", {"InvokeID": 5, "CallID": call}, [])
        if wild:
            _happens(day, places, source, call)
        about = next(field.name for field in news.message.fixed if field.mark & Mark.CALL)
        texts = [(tag, called[letter]) for tag, letter in news.texts]
        past.append((news.message.name, {**news.fixed, about: call}, texts))
        day.say(place, *past[-1], source.choice(WAITS) if chance() < 0.03 else 1)
        if wild and chance() < 0.02:
            # News comes once more, to whomever.
            day.say(source.choice(places), *source.choice(past[-400:]))
    return day.segments


def _happens(day: Day, places: list[int], source: random.Random, call: int) -> None:
    what, place = source.random(), source.choice(places)
    if what < 0.01:
        at = places.index(place)
        day.end(place)
        places[at] = day.begin(source.choice(OPENINGS))
    elif what < 0.02:
        day.say(place, "MAKE_CALL_REQ", {"InvokeID": 9}, [("AgentInstrument", "2001"), ("DialedNumber", "7001")])
        day.say(place, "MAKE_CALL_CONF", {"InvokeID": 9, "NewCallID": call + 1}, [])
    elif what < 0.025:
        day.say(place, "CONSULT_CALL_REQ", {"InvokeID": 8, "ActiveCallID": call}, [("DialedNumber", "7001")])
    elif what < 0.03:
        day.say(place, "OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14, "ServicesRequested": 0x10}, [("ClientID", "x")])
    elif what < 0.035:
        day.now += LINGER
    elif what < 0.04:
        texts = [("ConnectionDeviceID", "2001"), ("ConnectionDeviceID", "2002")]
        day.say(place, "BEGIN_CALL_EVENT", {"CallID": call}, texts)
    elif what < 0.045:
        texts = [("ConnectionDeviceID", "2002"), ("AlertingDeviceID", "2002")]
        day.say(
            place, "CALL_DELIVERED_EVENT", {"CallID": 9000, "AlertingDeviceType": source.choice((0, 72, 76))}, texts
        )
    elif what < 0.0452:
        day.now -= 20 * MILLISECOND


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Whole]:
    """The calls that are taken at once."""
    found: list[Whole] = []
    take = Calls.take_whole

    def taking(self: Calls, time: int, whole: Whole) -> Any:
        found.append(whole)
        return take(self, time, whole)

    monkeypatch.setattr(Calls, "take_whole", taking)
    return found


@pytest.mark.parametrize(
    ("seed", "heard"), [(0, 10_000), (15, 10_000), (1, 10_000), (14, 10_000), (15, 900), (14, 900)]
)
def test_whatever_happens_meanwhile(seed: int, heard: int, taken: list[Whole], monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where news is forgotten for later one (`heard`: so much is remembered)."""
    monkeypatch.setattr(Echoes.__init__, "__defaults__", (WINDOW, heard))
    monkeypatch.setattr(calls_apart, "_MOST_STRANGE", 1000)
    segments = stirred(seed, wild=seed % 3 != 0)
    wanted = of_events(events_of(segments, (UCCX_CTI,)), "calls")
    for size in (120, 400):
        _assert_same(of_batches(_batches(segments, size, (UCCX_CTI,)), "calls"), wanted)
    assert taken


@pytest.mark.parametrize("seed", [0, 15, 27])
def test_what_was_lost_meanwhile(seed: int, taken: list[Whole]) -> None:
    """Of a call that had no answer it counts whether it was heard throughout."""
    source = random.Random(seed)
    segments = stirred(seed, wild=False)
    late = len(segments) * 3 // 4
    segments = [one for one in segments if one.frame < late or not one.payload or source.random() > 0.01]
    wanted = of_events(events_of(segments, (UCCX_CTI,)), "calls")
    assert any("not known" in map(str, row.values()) for row in wanted)
    _assert_same(of_batches(_batches(segments, 120, (UCCX_CTI,)), "calls"), wanted)
    assert taken


def _assert_same(found: list[Any], wanted: list[Any]) -> None:
    """Tells of the first difference alone."""
    for one, other in zip(found, wanted, strict=False):
        assert one == other
    assert len(found) == len(wanted)


@pytest.mark.parametrize("what", ["left open", "port", "two sessions", "link"])
def test_of_calls_that_went_as_others_something_is_known_from_elsewhere(what: str, taken: list[Whole]) -> None:
    day = Day(random.Random(1))
    places = [day.begin((0x10, "")), day.begin((0x10, ""))]

    def calls(numbers: range, device: str, several: bool = False) -> None:
        for number in numbers:
            fixed, texts = {"CallID": number}, [("ConnectionDeviceID", device), ("ANI", "4711")]
            for place in places if several else places[:1]:
                day.say(place, "BEGIN_CALL_EVENT", fixed, texts)
                for name, acting in (("DELIVERED", "Alerting"), ("ESTABLISHED", "Answering")):
                    day.say(place, f"CALL_{name}_EVENT", fixed, [*texts, (f"{acting}DeviceID", device)])
                day.say(place, "END_CALL_EVENT", fixed, texts)

    for number in range(9000, 9004):
        day.say(places[0], "BEGIN_CALL_EVENT", {"CallID": number}, [("ANI", "4711")])
    calls(range(100), "2001")
    day.now += 60 * SECOND
    calls(range(200, 300), "2001")
    if what == "port":
        kind = {"CallID": 1000, "AlertingDeviceType": PORT}
        day.say(places[0], "CALL_DELIVERED_EVENT", kind, [("AlertingDeviceID", "2002")])
    calls(range(9000, 9008) if what == "left open" else range(2000, 2008), "2002", what == "two sessions")
    if what == "link":
        day.say(places[0], "CALL_DATA_UPDATE_EVENT", {"CallID": 3000, "NewCallID": 2004}, [("ANI", "4711")])
    calls(range(4000, 4050), "2001")
    wanted = of_events(events_of(day.segments, (UCCX_CTI,)), "calls")
    for size in (50, 300):
        _assert_same(of_batches(_batches(day.segments, size, (UCCX_CTI,)), "calls"), wanted)
    assert taken


def test_of_calls_whose_ids_came_lately_late_news_may_be_told_again(taken: list[Whole]) -> None:
    """A call is forgotten so long after its end; what came of it in between is remembered for its echoes for longer."""
    day = Day(random.Random(1))
    bridge, other = day.begin((0x10, "")), day.begin((0x10, ""))

    def say(place: int, numbers: range, *names: str) -> None:
        for number in numbers:
            for name in names:
                texts = [("ConnectionDeviceID", "2001"), ("ANI", "4711"), ("AnsweringDeviceID", "2001")]
                day.say(place, name, {"CallID": number}, texts[: 3 if name.startswith("CALL_EST") else 2])

    begin, answer, end = "BEGIN_CALL_EVENT", "CALL_ESTABLISHED_EVENT", "END_CALL_EVENT"
    again = range(5000, 5030)
    say(bridge, range(100), begin, answer, end)
    # The first time calls of that kind are followed, the second time they are taken at once.
    for numbers in (range(200, 230), again):
        day.now += 60 * SECOND
        say(bridge, range(1000, 1100), begin, answer, end)
        say(bridge, numbers, begin, end)
        day.now += LINGER - SECOND
        say(bridge, numbers, answer)
    day.now += SECOND
    say(bridge, range(3000, 3200), begin, answer, end)
    say(other, again, begin, answer, end)
    wanted = of_events(events_of(day.segments, (UCCX_CTI,)), "calls")
    for size in (50, 300):
        _assert_same(of_batches(_batches(day.segments, size, (UCCX_CTI,)), "calls"), wanted)
    assert taken
