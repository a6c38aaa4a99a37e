"""How long an agent stayed in a state of whose end nothing may have been captured is known up to a bound; all else as ever."""

from __future__ import annotations

from pathlib import Path

import pytest

import ccxdissect
from ccxdissect import columns
from ccxdissect.cli.main import main
from wire import BRIDGE, Link, Wire

READY, NOT_READY, TALKING = 3, 2, 4


def state(link: Link, agent: str, number: int) -> None:
    who = [("AgentExtension", agent), ("AgentInstrument", agent), ("AgentID", agent)]
    link.say("AGENT_STATE_EVENT", {"AgentState": number}, who)


def spells(wire: Wire, path: Path) -> list[tuple[str, int, bool]]:
    with ccxdissect.open(str(wire.write(path))) as trace:
        return sorted((spell.agent, spell.state, spell.unheard) for spell in trace.agents())


@pytest.fixture(params=["by columns", "one by one"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "WORTH_LOADING", 1 if request.param == "by columns" else 1 << 40)


def test_what_lasted_while_bytes_were_not_captured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    link = wire.connect().open(BRIDGE)
    state(link, "2001", NOT_READY)
    link.beat(1, 20)
    # Before the hole began what follows, within it ended what is told, behind it all is heard again.
    state(link, "2001", READY)
    state(link, "2002", READY)
    link.beat(1, 20)
    wire.off = True
    state(link, "2001", TALKING)
    wire.off = False
    link.beat(2, 20)
    state(link, "2001", NOT_READY)
    link.beat(1, 20)
    state(link, "2001", READY)
    link.close()
    path = tmp_path / "hole.pcap"
    assert spells(wire, path) == [
        ("2001", NOT_READY, False),
        ("2001", NOT_READY, False),
        ("2001", READY, False),
        ("2001", READY, True),
        ("2002", READY, True),
    ]
    main(["agents", str(path)])
    told = capsys.readouterr().out
    assert told.count("up to 1 min 0 s") == 1
    assert told.count("up to") == 2
    main(["agents", "--totals", str(path)])
    assert capsys.readouterr().out.count("up to") == 2


def test_another_session_that_is_whole_tells_of_it(tmp_path: Path) -> None:
    wire = Wire()
    one, other = wire.connect().open(BRIDGE), wire.connect("10.0.0.6").open(BRIDGE)

    def both(number: int) -> None:
        for link in (one, other):
            state(link, "2001", number)

    both(READY)
    one.beat(1, 10)
    other.beat(1, 10)
    wire.off = True
    one.beat(1, 0)
    wire.off = False
    one.beat(1, 10)
    other.beat(1, 10)
    both(NOT_READY)
    one.close()
    # From here on the other one is all there is.
    wire.off = True
    other.beat(1, 0)
    wire.off = False
    other.beat(1, 10)
    both_left = [("2001", NOT_READY, True), ("2001", READY, False)]
    state(other, "2001", TALKING)
    other.close()
    assert spells(wire, tmp_path / "two.pcap") == [*both_left, ("2001", TALKING, False)]


def test_what_a_session_lacks_from_before_is_no_matter(tmp_path: Path) -> None:
    wire = Wire()
    one, other = wire.connect().open(BRIDGE), wire.connect("10.0.0.6").open(BRIDGE)

    def both(number: int) -> None:
        for link in (one, other):
            state(link, "2001", number)

    for link, number in ((other, READY), (one, NOT_READY)):
        wire.off = True
        link.beat(1, 0)
        wire.off = False
        link.beat(2, 10)
        both(number)
    one.close()
    other.close()
    assert spells(wire, tmp_path / "two.pcap") == [("2001", NOT_READY, False), ("2001", READY, False)]


def test_bytes_of_the_client_tell_nothing_of_agents(tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect().open(BRIDGE)
    state(link, "2001", READY)
    wire.wait(20)
    wire.off = True
    link.request("QUERY_AGENT_STATE_REQ", floating=[("AgentID", "2001")])
    wire.off = False
    link.beat(2, 10)
    state(link, "2001", NOT_READY)
    link.close()
    assert spells(wire, tmp_path / "asked.pcap") == [("2001", NOT_READY, False), ("2001", READY, False)]
