"""Agents who come back at once, who are refused, asked about, and whose clients fall silent: how long they were in which state."""

from __future__ import annotations

from pathlib import Path

import pytest

import ccxdissect
from ccxdissect import columns
from ccxdissect.analysis.agent_totals import AgentTotals
from ccxdissect.analysis.agents import Spell
from ccxdissect.cli.main import main
from ccxdissect.wording import SECOND
from wire import BRIDGE, C, Link, S, Wire

LOGIN, LOGOUT, NOT_READY, READY, TALKING = 0, 1, 2, 3, 4
LOGON = 32760


@pytest.fixture(params=["by columns", "one by one"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "WORTH_LOADING", 1 if request.param == "by columns" else 1 << 40)


def state(link: Link, number: int, reason: int = 0, agent: str = "smith") -> None:
    who = [("AgentExtension", "2006"), ("AgentInstrument", "2006"), ("AgentID", agent)]
    link.say("AGENT_STATE_EVENT", {"AgentState": number, "EventReasonCode": reason}, who)


def request(link: Link, name: str, fixed: dict[str, int | bytes], phone: str = "2006", agent: str = "smith") -> int:
    link.invoke += 1
    named = [("AgentInstrument", phone), *([("AgentID", agent)] if agent else [])]
    link.say(name, {"InvokeID": link.invoke, **fixed}, named)
    return link.invoke


def login(link: Link) -> None:
    asked = request(link, "SET_AGENT_STATE_REQ", {"AgentState": LOGIN})
    link.say("SET_AGENT_STATE_CONF", {"InvokeID": asked})


def works(wire: Wire, seconds: int, *links: Link) -> None:
    """Time passes, in which clients send heartbeats."""
    for _ in range(seconds // 20):
        wire.wait(20)
        for link in links:
            link.beat(1, 0)


def spells(wire: Wire, folder: Path) -> list[Spell]:
    with ccxdissect.open(str(wire.write(folder / "capture.pcap"))) as trace:
        return list(trace.agents())


def brief(told: list[Spell]) -> list[tuple[str, int, int]]:
    """Each spell's agent, state and seconds."""
    return [(spell.agent, spell.state, round(spell.duration / SECOND)) for spell in told]


def logins(told: list[Spell]) -> int:
    totals = AgentTotals()
    for spell in told:
        totals.add(spell)
    return sum(day.logins for day in totals.rows())


@pytest.mark.parametrize("left", ["reset", "close"])
def test_who_comes_back_within_seconds_is_told_anew(left: str, tmp_path: Path) -> None:
    wire = Wire()
    first = wire.connect().open()
    login(first)
    state(first, NOT_READY, LOGON)
    wire.wait(1)
    first.reset(C) if left == "reset" else first.close()
    wire.wait(2)
    second = wire.connect().open()
    login(second)
    state(second, NOT_READY, LOGON)
    works(wire, 600, second)
    state(second, LOGOUT, 1)
    second.close()
    told = spells(wire, tmp_path)
    assert brief(told) == [("smith", NOT_READY, 1), ("smith", NOT_READY, 600), ("smith", LOGOUT, 0)]
    assert [spell.lost for spell in told] == [True, False, False]
    assert logins(told) == 2


def test_a_new_session_is_told_of_a_call_that_was_held_before(tmp_path: Path) -> None:
    wire = Wire()
    bridge = wire.connect().open(BRIDGE)

    def news(name: str, **fixed: int) -> None:
        device = {
            "CALL_ESTABLISHED_EVENT": "Answering",
            "CALL_HELD_EVENT": "Holding",
            "CALL_RETRIEVED_EVENT": "Retrieving",
        }
        named = [("ConnectionDeviceID", "2001"), (f"{device[name]}DeviceID", "2001")]
        bridge.say(name, {"CallID": 1, "LocalConnectionState": 3, "EventCause": 0xFFFF, **fixed}, named)

    bridge.say("BEGIN_CALL_EVENT", {"CallID": 1, "CallType": 1}, [("ConnectionDeviceID", "9999"), ("ANI", "9999")])
    news("CALL_ESTABLISHED_EVENT")
    wire.wait(10)
    news("CALL_HELD_EVENT")
    wire.wait(1)
    news("CALL_RETRIEVED_EVENT")
    bridge.reset(S)
    wire.wait(1)
    bridge = wire.connect().open(BRIDGE)
    news("CALL_HELD_EVENT")
    works(wire, 60, bridge)
    news("CALL_RETRIEVED_EVENT")
    wire.wait(5)
    bridge.close()
    with ccxdissect.open(str(wire.write(tmp_path / "capture.pcap"))) as trace:
        story = next(trace.calls())
    held = [phase.duration for phase in story.phases if phase.name == "held"]
    assert [round((one or 0) / SECOND) for one in held] == [1, 60]


def test_news_that_a_client_hears_late_and_in_their_order(tmp_path: Path) -> None:
    wire = Wire()
    bridge, desk = wire.connect().open(BRIDGE), wire.connect("10.0.0.8").open()
    state(bridge, READY)
    wire.wait(3)
    state(bridge, NOT_READY, 5)
    wire.wait(3.5)
    state(desk, READY)
    state(desk, NOT_READY, 5)
    wire.wait(20)
    state(desk, READY)
    state(bridge, READY)
    wire.wait(9)
    bridge.close()
    desk.close()
    # The first is told too late to be known again, the second is known by who tells it.
    assert brief(spells(wire, tmp_path)) == [
        ("smith", READY, 3), ("smith", NOT_READY, 4), ("smith", READY, 0), ("smith", NOT_READY, 20), ("smith", READY, 9)
    ]  # fmt: skip


def test_a_session_that_is_captured_from_its_first_late_news_on(tmp_path: Path) -> None:
    wire = Wire()
    bridge, desk = wire.connect().open(BRIDGE), wire.connect("10.0.0.8", shake=False)
    state(bridge, READY)
    wire.wait(1)
    state(bridge, NOT_READY, 5)
    wire.wait(1)
    state(desk, READY)
    state(desk, NOT_READY, 5)
    wire.wait(10)
    bridge.close()
    assert brief(spells(wire, tmp_path)) == [("smith", READY, 1), ("smith", NOT_READY, 11)]


def test_a_refused_request_asked_for_no_later_state(tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect().open()
    state(link, NOT_READY, 5)
    refused = request(link, "SET_AGENT_STATE_REQ", {"AgentState": READY})
    link.say("CONTROL_FAILURE_CONF", {"InvokeID": refused, "FailureCode": 21})
    works(wire, 600, link)
    state(link, READY)
    granted = request(link, "SET_AGENT_STATE_REQ", {"AgentState": NOT_READY})
    link.say("SET_AGENT_STATE_CONF", {"InvokeID": granted})
    state(link, NOT_READY)
    link.close()
    told = spells(wire, tmp_path)
    assert [spell.asked_by is not None for spell in told] == [False, False, True]


def test_what_somebody_asked_for_anew_is_not_taken_back_by_an_older_refusal(tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect().open()
    state(link, NOT_READY, 5)
    first = request(link, "SET_AGENT_STATE_REQ", {"AgentState": READY})
    request(link, "SET_AGENT_STATE_REQ", {"AgentState": READY})
    link.say("CONTROL_FAILURE_CONF", {"InvokeID": first, "FailureCode": 21})
    state(link, READY)
    link.close()
    assert [spell.asked_by for spell in spells(wire, tmp_path)] == [None, 5]


def test_the_reason_of_a_state_is_not_that_of_another(tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect().open()
    state(link, NOT_READY, 5)
    works(wire, 60, link)
    asked = request(link, "QUERY_AGENT_STATE_REQ", {})
    link.say("QUERY_AGENT_STATE_CONF", {"InvokeID": asked, "AgentState": READY}, [("AgentID", "smith")])
    works(wire, 60, link)
    state(link, READY)
    works(wire, 60, link)
    state(link, TALKING)
    link.close()
    told = spells(wire, tmp_path)
    assert brief(told) == [("smith", NOT_READY, 60), ("smith", READY, 120), ("smith", TALKING, 0)]
    assert [spell.reason for spell in told] == [5, None, 0]


@pytest.mark.parametrize(("phone", "whose"), [("2006", "smith"), ("2007", None)])
def test_whose_state_was_asked_about_by_the_phone(phone: str, whose: str | None, tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect().open()
    state(link, READY)
    asked = request(link, "QUERY_AGENT_STATE_REQ", {}, phone, agent="")
    link.say("QUERY_AGENT_STATE_CONF", {"InvokeID": asked, "AgentState": NOT_READY})
    wire.wait(20)
    link.close()
    expected = [("smith", READY, 0), ("smith", NOT_READY, 20)] if whose else [("smith", READY, 20)]
    assert brief(spells(wire, tmp_path)) == expected


def test_a_session_s_own_agent_is_asked_about_where_its_phone_is_not_known(tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect()
    named = [("ClientID", "desk"), ("ClientPassword", ""), ("AgentID", "smith")]
    link.say("OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 60, "ServicesRequested": 1}, named)
    link.say("OPEN_CONF", {"InvokeID": 1, "ServicesGranted": 1, "UnifiedCCXOnline": 1})
    link.invoke = 1
    asked = request(link, "QUERY_AGENT_STATE_REQ", {}, agent="")
    link.say("QUERY_AGENT_STATE_CONF", {"InvokeID": asked, "AgentState": NOT_READY})
    wire.wait(20)
    link.close()
    assert brief(spells(wire, tmp_path)) == [("smith", NOT_READY, 20)]


def test_a_clock_that_was_set_back_makes_nothing_shorter_than_nothing(tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect().open()
    state(link, READY)
    wire.wait(4)
    state(link, TALKING)
    wire.wait(-50)
    state(link, READY)
    wire.wait(30)
    link.close()
    assert brief(spells(wire, tmp_path))[:2] == [("smith", READY, 4), ("smith", TALKING, 0)]


@pytest.mark.parametrize(
    ("first", "count"),
    [
        ([(LOGIN, 0), (NOT_READY, 0)], 1),
        ([(LOGIN, 0), (NOT_READY, LOGON)], 1),
        ([(NOT_READY, 0)], 1),
        ([(NOT_READY, LOGON), (READY, 0)], 1),
    ],
)
@pytest.mark.parametrize("asked", [True, False])
def test_a_login_is_counted_once(asked: bool, first: list[tuple[int, int]], count: int, tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect().open()
    if asked:
        login(link)
    elif first == [(NOT_READY, 0)]:
        # Nothing says that the agent was not there before.
        count = 0
    for number, reason in first:
        state(link, number, reason)
    works(wire, 60, link)
    state(link, LOGOUT, 4)
    link.close()
    assert logins(spells(wire, tmp_path)) == count


@pytest.mark.parametrize("answered", [False, True])
def test_to_ask_for_a_login_is_none_where_it_is_refused_or_the_agent_was_there(answered: bool, tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect().open()
    if answered:
        state(link, NOT_READY)
        login(link)
        state(link, NOT_READY)
    else:
        refused = request(link, "SET_AGENT_STATE_REQ", {"AgentState": LOGIN})
        link.say("CONTROL_FAILURE_CONF", {"InvokeID": refused, "FailureCode": 21})
    state(link, READY)
    link.close()
    assert logins(spells(wire, tmp_path)) == 0


def test_an_agent_whose_client_fell_silent_is_not_known_to_stay(tmp_path: Path) -> None:
    wire = Wire()
    gone, there = wire.connect().open(), wire.connect("10.0.0.6").open(agent="jones")
    state(gone, READY)
    state(there, READY, agent="jones")
    works(wire, 60, gone, there)
    works(wire, 3600, there)
    told = spells(wire, tmp_path)
    assert brief(told) == [("smith", READY, 60), ("jones", READY, 3660)]
    assert [(spell.lost, spell.open) for spell in told] == [(True, False), (False, True)]


def test_what_was_left_out_of_an_excerpt_is_no_silence(tmp_path: Path) -> None:
    wire = Wire()
    jones, smith = wire.connect("10.0.0.6").open(agent="jones"), wire.connect().open(timeout=30)
    state(smith, READY)
    for number in (READY, NOT_READY, READY, NOT_READY):
        state(jones, number, agent="jones")
        works(wire, 40, smith, jones)
    whole, part = wire.write(tmp_path / "whole.pcap"), tmp_path / "part.pcapng"
    assert main(["cut", str(whole), "--agent", "smith", "--agent", "jones", "-o", str(part)]) == 0
    with ccxdissect.open(str(part)) as trace:
        assert {(spell.agent, spell.lost) for spell in trace.agents()} == {("jones", False), ("smith", False)}


def test_where_no_timeout_was_asked_for_silence_ends_nothing(tmp_path: Path) -> None:
    wire = Wire()
    quiet, there = wire.connect().open(timeout=0xFFFFFFFF), wire.connect("10.0.0.6").open(agent="jones")
    state(quiet, READY)
    works(wire, 3600, there)
    assert brief(spells(wire, tmp_path)) == [("smith", READY, 3600)]


def test_a_state_that_is_given_late_is_no_login_behind_a_logout(tmp_path: Path) -> None:
    wire = Wire()
    silent = wire.connect().open()
    state(silent, READY)
    works(wire, 60, silent)
    other = wire.connect("10.0.0.6", "10.0.0.2").open()
    state(other, READY)
    works(wire, 600, other)
    state(other, LOGOUT, 1)
    other.close()
    told = spells(wire, tmp_path)
    assert brief(told) == [("smith", READY, 600), ("smith", LOGOUT, 0), ("smith", READY, 60)]
    assert logins(told) == 0
