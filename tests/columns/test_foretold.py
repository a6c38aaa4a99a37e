"""Events that the pairing of requests is foretold by columns: what a request led to is told as it is message by message."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from both_paths import ALONE
from both_results import _batches, _events, assert_same_results, of_batches, of_events
from each import in_part

from building import ENCODER
from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.capture.segment import Segment
from ccxdissect.protocol.model import Side
from conversation import CLIENT, ENDS, SERVER, Conversation

SIZES = (1 << 20, 1, 2, 3, 5)
NO_CALL = 0xFFFFFFFF


class _Talk(Conversation):
    def say(self, side: Side, name: str, fixed: dict[str, int], *fields: tuple[str, str]) -> None:
        self.send(side, ENCODER.encode(name, fixed, fields, version=14))


def _opened(ends: Sequence[tuple[bytes, int]] = ENDS) -> _Talk:
    talk = _Talk(ends=ends)
    talk.handshake()
    talk.say(CLIENT, "OPEN_REQ", {"VersionNumber": 14})
    return talk


def _led_to(talk: _Talk) -> list[list[int]]:
    """What each request led to, the same in batches of any size."""
    assert_same_results(talk.segments, SIZES)
    return [row["triggered"] for row in of_batches(_batches(talk.segments, 1 << 20, ALONE), "exchanges")]


@pytest.mark.parametrize("before", [0, 1, 3])
def test_a_call_that_begins_is_the_doing_of_who_dialed(before: int) -> None:
    talk = _opened()
    for call in range(before):
        talk.say(SERVER, "BEGIN_CALL_EVENT", {"CallID": 100 + call}, ("ConnectionDeviceID", "2001"))
    talk.say(CLIENT, "MAKE_CALL_REQ", {"InvokeID": 1}, ("AgentInstrument", "2001"), ("DialedNumber", "2002"))
    talk.say(SERVER, "BEGIN_CALL_EVENT", {"CallID": 7}, ("ConnectionDeviceID", "2001"))
    talk.say(SERVER, "BEGIN_CALL_EVENT", {"CallID": 8}, ("ConnectionDeviceID", "2001"))
    talk.say(SERVER, "CALL_DELIVERED_EVENT", {"CallID": 8})
    talk.say(SERVER, "CALL_DELIVERED_EVENT", {"CallID": 7})
    talk.say(SERVER, "END_CALL_EVENT", {"CallID": 7})
    assert _led_to(talk)[-1] == [before + 3, before + 6, before + 7]


def test_a_refused_request_led_to_nothing_that_was_foretold() -> None:
    talk = _opened()
    talk.say(SERVER, "BEGIN_CALL_EVENT", {"CallID": 7}, ("ConnectionDeviceID", "2001"))
    talk.say(CLIENT, "ANSWER_CALL_REQ", {"InvokeID": 1, "CallID": 7}, ("ConnectionDeviceID", "2001"))
    # What comes before the refusal is no doing of a request that is not granted, either.
    talk.say(SERVER, "CALL_DELIVERED_EVENT", {"CallID": 7})
    talk.say(SERVER, "CONTROL_FAILURE_CONF", {"InvokeID": 1, "FailureCode": 21})
    talk.say(SERVER, "CALL_CLEARED_EVENT", {"CallID": 7})
    talk.say(CLIENT, "MAKE_CALL_REQ", {"InvokeID": 2}, ("AgentInstrument", "2001"), ("DialedNumber", "2002"))
    talk.say(SERVER, "CONTROL_FAILURE_CONF", {"InvokeID": 2, "FailureCode": 21})
    talk.say(SERVER, "BEGIN_CALL_EVENT", {"CallID": 8}, ("ConnectionDeviceID", "2001"))
    talk.say(SERVER, "CALL_DELIVERED_EVENT", {"CallID": 8})
    talk.say(CLIENT, "CLEAR_CALL_REQ", {"InvokeID": 3, "CallID": 7})
    talk.say(SERVER, "CLEAR_CALL_CONF", {"InvokeID": 3})
    talk.say(SERVER, "END_CALL_EVENT", {"CallID": 7})
    assert _led_to(talk)[1:] == [[], [], [13]]


def test_events_are_of_the_last_request_about_their_call_before_them() -> None:
    talk = _opened()
    calls = (5, NO_CALL, 6)
    wanted: list[list[int]] = [[]]
    number = 1

    def tell(call: int) -> int:
        nonlocal number
        number += 1
        talk.say(SERVER, "CALL_DELIVERED_EVENT", {"CallID": call})
        return number

    for call in calls:
        tell(call)
    of_calls: dict[int, list[int]] = {}
    for invoke, call in enumerate((5, NO_CALL, 6, 5, 5, 6), 2):
        talk.say(CLIENT, "CLEAR_CALL_REQ", {"InvokeID": invoke, "CallID": call})
        number += 1
        wanted.append([])
        if call != NO_CALL:
            of_calls[call] = wanted[-1]
        for again in range(2):
            for about in calls:
                of_calls.get(about, []).append(tell(about))
            talk.say(SERVER, "AGENT_STATE_EVENT", {}, ("AgentID", "ann"))
            number += 1
            if not again:
                talk.say(SERVER, "CLEAR_CALL_CONF", {"InvokeID": invoke})
                number += 1
    assert _led_to(talk) == wanted


def _stirred(seed: int) -> list[Segment]:
    """Two connections on which few calls and agents are asked about and told of, at leaping times; one of them ends."""
    source = random.Random(seed)
    talks = [_opened(), _opened(((b"\x0a\0\0\x02", 50002), ENDS[1]))]
    segments = [segment for talk in talks for segment in talk.segments]
    for place in range(150):
        talk = talks[0] if place > 100 else source.choice(talks)
        seen = len(talk.segments)
        call, other, invoke = (source.choice([5, 6, 7, NO_CALL]) for _ in range(3))
        agent = [("AgentID", source.choice(["ann", "bob"]))][: source.randrange(2)]
        act = source.choice("rrcadddbtu")
        if act == "r":
            name = source.choice(["CLEAR_CALL_REQ", "HOLD_CALL_REQ"])
            talk.say(CLIENT, name, {"InvokeID": invoke, "CallID": call})
        elif act == "c":
            replies = ["CLEAR_CALL_CONF", "HOLD_CALL_CONF", "CONTROL_FAILURE_CONF", "FAILURE_CONF"]
            talk.say(SERVER, source.choice(replies), {"InvokeID": invoke})
        elif act == "a":
            talk.say(CLIENT, "SET_AGENT_STATE_REQ", {"InvokeID": invoke, "AgentState": 3}, *agent)
        elif act == "d":
            talk.say(SERVER, "CALL_DELIVERED_EVENT", {"CallID": call})
        elif act == "b":
            talk.say(SERVER, "RTP_STARTED_EVENT", {"CallID": call}, *agent)
        elif act == "t":
            talk.say(SERVER, "CALL_TRANSFERRED_EVENT", {"PrimaryCallID": call, "SecondaryCallID": other})
        else:
            talk.say(SERVER, "CALL_DATA_UPDATE_EVENT", {"CallID": call, "NewCallID": other})
        segments += talk.segments[seen:]
        if place == 100:
            seen = len(talks[1].segments)
            talks[1].close()
            segments += talks[1].segments[seen:]
    time = 10**18
    made = []
    for frame, segment in enumerate(segments, 1):
        time += source.choice([10**6] * 30 + [10**9, 3 * 10**9, 6 * 10**9, -(10**9)])
        made.append(segment._replace(frame=frame, time=time))
    return made


@pytest.mark.parametrize("seed", in_part(range(120), 12))
def test_what_requests_led_to_is_told_in_batches_of_any_size(seed: int) -> None:
    segments = _stirred(seed)
    wanted = of_events(_events(segments, ALONE), "exchanges")
    assert any(row["triggered"] for row in wanted)
    for size in (1 << 20, 1, 7, 40):
        assert of_batches(_batches(segments, size, ALONE), "exchanges") == wanted


def test_of_a_usual_day_no_event_about_a_call_is_fed(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    taken = Exchanges._take_news

    def take(self: Exchanges, *facts: object) -> object:
        seen.append(facts[4].name)  # type: ignore[attr-defined]
        return taken(self, *facts)  # type: ignore[arg-type]

    monkeypatch.setattr(Exchanges, "_take_news", take)
    talk = _opened()
    for number in range(20):
        talk.say(SERVER, "CALL_DELIVERED_EVENT", {"CallID": number % 3})
        talk.say(SERVER, "AGENT_STATE_EVENT", {}, ("AgentID", "ann"))
    of_batches(_batches(talk.segments, 1 << 20, ALONE), "exchanges")
    assert seen == ["AGENT_STATE_EVENT"] * 20
