"""Who acts for an agent, and who only acts on one: what is told when several sessions ask for the state of the same agent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cce_traffic import AGENT as CCE_AGENT
from cce_traffic import ALL_EVENTS, CceLink, Center
from verdict.wire import AGENT, BRIDGE, C, Link, S, Wire

from ccxdissect import columns
from ccxdissect.cli.main import main

SUPERVISOR = 0x80
LOGIN, LOGOUT, NOT_READY, READY = 0, 1, 2, 3
RULE = "two-clients-for-one-agent"


@pytest.fixture(autouse=True, params=["by columns", "message by message"])
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "WORTH_LOADING", 1 if request.param == "by columns" else 1 << 40)


def opened(
    wire: Wire, client: str, services: int, agent: str = "", phone: str = "", granted: int | None = None
) -> Link:
    """A session that is opened with these services, for an agent or a phone or neither; `granted`: others than it asks for."""
    link = wire.connect(client)
    link.invoke += 1
    fixed: dict[str, int | bytes] = {
        "InvokeID": link.invoke,
        "VersionNumber": link.version,
        "IdleTimeout": 60,
        "ServicesRequested": services,
    }
    named = [("AgentExtension", phone), ("AgentInstrument", phone), ("AgentID", agent)]
    link.say("OPEN_REQ", fixed, [("ClientID", "desk"), *[one for one in named if one[1]]])
    given = services if granted is None else granted
    link.say("OPEN_CONF", {"InvokeID": link.invoke, "ServicesGranted": given, "UnifiedCCXOnline": 1})
    return link


def unseen(wire: Wire, client: str, services: int = BRIDGE, agent: str = "") -> Link:
    """A session that was opened before the capture began."""
    wire.off = True
    link = opened(wire, client, services, agent, "2001" if agent else "")
    wire.off = False
    return link


def asks(link: Link, *states: int, agent: str = "a1", phone: str = "2001") -> None:
    """The states of an agent are asked for, and granted."""
    for state in states:
        link.wire.wait(2)
        who = [("AgentInstrument", phone), ("AgentID", agent)]
        invoke = link.request("SET_AGENT_STATE_REQ", {"AgentState": state}, who)
        link.say("SET_AGENT_STATE_CONF", {"InvokeID": invoke})


def asks_cce(link: CceLink, *states: int) -> None:
    """The same of agent 1001 of Unified CCE."""
    who = [("AgentInstrument", "2001"), ("AgentID", "1001")]
    for state in states:
        link.wire.wait(2)
        link.request("SET_AGENT_STATE_REQ", {"AgentState": state}, who, "SET_AGENT_STATE_CONF")


def told(wire: Wire, path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The texts of the findings of the rule."""
    assert main(["findings", "--format", "jsonl", str(wire.write(path))]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [one["text"] for one in found if one["rule"] == RULE]


Play = Callable[[Wire], list[Link]]


def a_supervisor(wire: Wire) -> list[Link]:
    chief, desk = (
        opened(wire, "10.0.0.9", AGENT | SUPERVISOR, "sup", "3000"),
        opened(wire, "10.0.0.5", AGENT, "a1", "2001"),
    )
    asks(chief, NOT_READY, READY, NOT_READY, READY, NOT_READY, LOGOUT)
    return [chief, desk]


def a_supervisor_without_the_service(wire: Wire) -> list[Link]:
    chief, desk = opened(wire, "10.0.0.9", AGENT, "sup", "3000"), opened(wire, "10.0.0.5", AGENT, "a1", "2001")
    asks(chief, NOT_READY, READY, NOT_READY, READY)
    return [chief, desk]


def a_supervisor_whose_own_agent_is_not_named(wire: Wire) -> list[Link]:
    chief, desk = opened(wire, "10.0.0.9", AGENT | SUPERVISOR), opened(wire, "10.0.0.5", AGENT, "a1", "2001")
    asks(chief, LOGIN, agent="sup", phone="3000")
    asks(chief, NOT_READY, READY, NOT_READY, READY)
    return [chief, desk]


def a_supervisor_whose_opening_is_half_captured(wire: Wire) -> list[Link]:
    desk = opened(wire, "10.0.0.5", AGENT, "a1", "2001")
    chiefs = [wire.connect(f"10.0.0.{host}") for host in (8, 9)]
    for chief, half in zip(chiefs, (C, S), strict=True):
        wire.only = half
        chief.open(AGENT | SUPERVISOR)
        wire.only = None
        asks(chief, NOT_READY, READY, NOT_READY, READY)
    return [desk, *chiefs]


def a_supervisor_s_application_that_sees_all(wire: Wire) -> list[Link]:
    desk, office = opened(wire, "10.0.0.5", AGENT, "a1", "2001"), opened(wire, "10.0.0.9", BRIDGE)
    asks(office, NOT_READY, READY, NOT_READY, READY, LOGOUT)
    return [desk, office]


def one_who_is_refused_and_one_who_is_never_answered(wire: Wire) -> list[Link]:
    desk = opened(wire, "10.0.0.5", AGENT, "a1", "2001")
    for host, answered in ((8, True), (9, False)):
        other = wire.connect(f"10.0.0.{host}")
        other.ask(agent="a1")
        if answered:
            other.say("FAILURE_CONF", {"InvokeID": other.invoke, "Status": 10})
        desk.beat(1)
    return [desk]


def one_who_was_never_answered_before(wire: Wire) -> list[Link]:
    wire.connect("10.0.0.9").ask(agent="a1")
    return [opened(wire, "10.0.0.5", AGENT, "a1", "2001").beat(3)]


def an_application_that_acted_before_the_agent_came(wire: Wire) -> list[Link]:
    office = opened(wire, "10.0.0.9", BRIDGE)
    asks(office, NOT_READY, READY, NOT_READY)
    return [office, opened(wire, "10.0.0.5", AGENT, "a1", "2001")]


def another_bridge_acts_twice(wire: Wire) -> list[Link]:
    one, other = opened(wire, "10.0.0.8", BRIDGE), opened(wire, "10.0.0.9", BRIDGE)
    asks(other, NOT_READY)
    asks(one, NOT_READY, READY, NOT_READY, READY)
    asks(other, READY)
    return [one, other]


def a_supervising_bridge_beside_one_that_runs_the_agent(wire: Wire) -> list[Link]:
    one, other = opened(wire, "10.0.0.8", BRIDGE), opened(wire, "10.0.0.9", BRIDGE | SUPERVISOR)
    asks(one, READY, NOT_READY, READY, NOT_READY)
    asks(other, READY, NOT_READY, READY, NOT_READY)
    return [one, other]


def a_supervisor_beside_a_bridge_that_runs_the_agent(wire: Wire) -> list[Link]:
    office, chief = opened(wire, "10.0.0.8", BRIDGE), opened(wire, "10.0.0.9", AGENT, "sup", "3000")
    asks(office, READY, NOT_READY, READY, NOT_READY)
    asks(chief, READY, NOT_READY, READY, NOT_READY)
    return [office, chief]


def one_bridge_after_the_other(wire: Wire) -> list[Link]:
    one, other = opened(wire, "10.0.0.8", BRIDGE), opened(wire, "10.0.0.9", BRIDGE)
    asks(one, LOGIN, READY, NOT_READY, READY, LOGOUT)
    asks(other, LOGIN, READY, NOT_READY, READY, LOGOUT)
    asks(one, READY, NOT_READY)
    return [one, other]


def a_bridge_from_before_the_capture(wire: Wire) -> list[Link]:
    office, desk = unseen(wire, "10.0.0.9"), opened(wire, "10.0.0.5", AGENT, "a1", "2001")
    asks(office, READY, agent="a2", phone="2002")
    asks(office, NOT_READY, READY, NOT_READY, READY)
    return [office, desk]


def a_session_from_before_the_capture_acts_once(wire: Wire) -> list[Link]:
    desk, other = opened(wire, "10.0.0.5", AGENT, "a1", "2001"), unseen(wire, "10.0.0.9")
    asks(other, NOT_READY)
    return [desk, other]


def a_supervisor_of_unified_cce(center: Center) -> list[CceLink]:
    chief, desk = center.join("10.0.0.9"), center.join()
    chief.open(CCE_AGENT | SUPERVISOR, agent="9001")
    desk.open(CCE_AGENT)
    asks_cce(chief, NOT_READY, READY, NOT_READY, LOGOUT)
    return [chief, desk]


def two_servers_of_desktops_with_a_supervisor_on_each(center: Center) -> list[CceLink]:
    both = [center.join(f"10.0.0.{host}") for host in (5, 9)]
    for link in both:
        link.open(ALL_EVENTS)
    for link in both * 4:
        asks_cce(link, NOT_READY, READY)
    return both


def two_servers_of_desktops_log_in_the_same_agent(center: Center) -> list[CceLink]:
    both = [center.join(f"10.0.0.{host}") for host in (5, 9)]
    for link in both:
        link.open(ALL_EVENTS)
        asks_cce(link, LOGIN, READY)
    return both


@pytest.mark.parametrize(
    ("play", "times"),
    [
        (a_supervisor_of_unified_cce, 0),
        (two_servers_of_desktops_with_a_supervisor_on_each, 0),
        (two_servers_of_desktops_log_in_the_same_agent, 1),
    ],
)
def test_the_same_of_unified_cce(
    play: Callable[[Center], list[CceLink]], times: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    center = Center()
    for link in play(center):
        link.close()
    assert len(told(center, tmp_path / "capture.pcap", capsys)) == times


@pytest.mark.parametrize(
    "play",
    [
        a_supervisor,
        a_supervisor_without_the_service,
        a_supervisor_whose_own_agent_is_not_named,
        a_supervisor_whose_opening_is_half_captured,
        a_supervisor_s_application_that_sees_all,
        an_application_that_acted_before_the_agent_came,
        one_who_is_refused_and_one_who_is_never_answered,
        one_who_was_never_answered_before,
        another_bridge_acts_twice,
        a_supervising_bridge_beside_one_that_runs_the_agent,
        one_bridge_after_the_other,
        a_bridge_from_before_the_capture,
        a_session_from_before_the_capture_acts_once,
        a_supervisor_beside_a_bridge_that_runs_the_agent,
    ],
)
def test_who_acts_on_an_agent_is_not_its_client(play: Play, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    for link in play(wire):
        link.close()
    assert told(wire, tmp_path / "capture.pcap", capsys) == []


def two_desktops(wire: Wire) -> list[Link]:
    return [opened(wire, f"10.0.0.{host}", AGENT, "a1", "2001") for host in (5, 9)]


def two_desktops_of_a_supervisor(wire: Wire) -> list[Link]:
    return [opened(wire, f"10.0.0.{host}", AGENT | SUPERVISOR, "a1", "2001") for host in (5, 9)]


def two_desktops_that_tell_their_phone_alone(wire: Wire) -> list[Link]:
    both = [opened(wire, f"10.0.0.{host}", AGENT, phone="2001") for host in (5, 9)]
    for link in both:
        asks(link, READY)
    return both


def a_desktop_that_tells_nothing_logs_in(wire: Wire) -> list[Link]:
    both = [opened(wire, "10.0.0.5", AGENT, "a1", "2001"), opened(wire, "10.0.0.9", AGENT | SUPERVISOR)]
    asks(both[1], LOGIN)
    return both


def a_desktop_that_tells_nothing_goes_on(wire: Wire) -> list[Link]:
    both = [opened(wire, "10.0.0.5", AGENT, "a1", "2001"), opened(wire, "10.0.0.9", AGENT)]
    asks(both[1], READY, NOT_READY, READY)
    return both


def one_who_would_supervise_and_may_not(wire: Wire) -> list[Link]:
    desk = opened(wire, "10.0.0.5", AGENT, "a1", "2001")
    other = opened(wire, "10.0.0.9", AGENT | SUPERVISOR, granted=AGENT)
    asks(other, READY, NOT_READY, READY)
    return [desk, other]


def two_desktops_of_an_agent_on_whom_many_act(wire: Wire) -> list[Link]:
    desks = [opened(wire, f"10.0.0.{host}", AGENT, phone="3000") for host in (5, 9)]
    others = [opened(wire, f"10.0.1.{host}", BRIDGE) for host in range(12)]
    asks(desks[0], READY, phone="3000")
    for other in others:
        asks(other, NOT_READY)
    asks(desks[1], READY, phone="3000")
    return [*desks, *others]


def a_bridge_logs_in_an_agent_whose_desktop_is_open(wire: Wire) -> list[Link]:
    both = [opened(wire, "10.0.0.5", AGENT, "a1", "2001"), opened(wire, "10.0.0.9", BRIDGE)]
    asks(both[1], LOGIN, READY)
    return both


def a_desktop_opens_for_an_agent_whom_a_bridge_logged_in(wire: Wire) -> list[Link]:
    office = opened(wire, "10.0.0.5", BRIDGE)
    asks(office, LOGIN, READY)
    return [office, opened(wire, "10.0.0.9", AGENT, "a1", "2001")]


def a_desktop_is_still_open_when_its_agent_was_logged_out(wire: Wire) -> list[Link]:
    desk = opened(wire, "10.0.0.5", AGENT, "a1", "2001")
    asks(desk, READY, LOGOUT)
    office = opened(wire, "10.0.0.9", BRIDGE)
    asks(office, LOGIN)
    return [desk, office]


def two_bridges_log_in_the_same_agent(wire: Wire) -> list[Link]:
    both = [opened(wire, f"10.0.0.{host}", BRIDGE) for host in (5, 9)]
    for link in both:
        asks(link, LOGIN, READY)
    return both


def two_bridges_act_again_and_again(wire: Wire, again: int = 1) -> list[Link]:
    both = [opened(wire, f"10.0.0.{host}", BRIDGE) for host in (5, 9)]
    for _ in range(5):
        asks(both[0], READY)
        asks(both[1], NOT_READY)
    for link in both[::again]:
        asks(link, LOGIN)
    return both


def two_bridges_of_which_the_second_logs_in_first(wire: Wire) -> list[Link]:
    return two_bridges_act_again_and_again(wire, -1)


def two_sessions_from_before_the_capture(wire: Wire) -> list[Link]:
    both = [unseen(wire, f"10.0.0.{host}", AGENT, "a1") for host in (5, 9)]
    for _ in range(5):
        asks(both[0], READY)
        asks(both[1], NOT_READY)
    return both


def a_desktop_from_before_the_capture(wire: Wire) -> list[Link]:
    desk = unseen(wire, "10.0.0.5", AGENT, "a1")
    asks(desk, READY, NOT_READY, READY)
    return [desk, opened(wire, "10.0.0.9", AGENT, "a1", "2001")]


@pytest.mark.parametrize(
    "play",
    [
        two_desktops,
        two_desktops_of_a_supervisor,
        two_desktops_that_tell_their_phone_alone,
        a_desktop_that_tells_nothing_logs_in,
        a_desktop_that_tells_nothing_goes_on,
        one_who_would_supervise_and_may_not,
        two_desktops_of_an_agent_on_whom_many_act,
        a_bridge_logs_in_an_agent_whose_desktop_is_open,
        a_desktop_opens_for_an_agent_whom_a_bridge_logged_in,
        a_desktop_is_still_open_when_its_agent_was_logged_out,
        two_bridges_log_in_the_same_agent,
        two_bridges_act_again_and_again,
        two_bridges_of_which_the_second_logs_in_first,
        two_sessions_from_before_the_capture,
        a_desktop_from_before_the_capture,
    ],
)
def test_two_clients_of_an_agent_are_told_once(play: Play, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    for link in play(wire):
        link.close()
    (text,) = told(wire, tmp_path / "capture.pcap", capsys)
    assert "(10.0.0.5:40001)" in text and "(10.0.0.9:40002)" in text
    assert 'both act for agent "a1". Close one of them' in text
