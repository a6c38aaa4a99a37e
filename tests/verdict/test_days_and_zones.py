"""Times: with their dates when a capture is of several days, in the zone that was asked for, and named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timezone
from pathlib import Path

import pytest

from ccxdissect.cli.main import main
from ccxdissect.views.text import use_zone
from wire import BRIDGE, S, Wire


@pytest.fixture(autouse=True)
def _utc() -> Iterator[None]:
    yield
    use_zone(timezone.utc, "UTC")


@pytest.fixture
def two_days(tmp_path: Path) -> str:
    """A session of 22:13 and one of the day after, both ended by the server."""
    wire = Wire()
    wire.connect().open().beat(1).bye(S)
    wire.wait(7200)
    wire.connect("10.0.0.6").open(agent="jones").beat(1).bye(S)
    return str(wire.write(tmp_path / "two-days.pcap"))


def told(capsys: pytest.CaptureFixture[str], *args: str) -> list[str]:
    assert main(list(args)) == 0
    return capsys.readouterr().out.splitlines()


def test_several_days_are_told_with_their_dates(two_days: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, "summary", two_days)
    assert "  error at 2023-11-14 22:13:40." in "\n".join(lines)
    assert any(line.startswith("from 2023-11-14 22:13:20.004000 to 2023-11-15 00:14:00.01") for line in lines)
    assert "(2 times in 2 sessions, the last at 2023-11-15 00:14:00." in "\n".join(lines)
    rows = told(capsys, "findings", "--each", two_days)
    assert sum("2023-11-14 22:13:40" in row for row in rows) == 1
    assert sum("2023-11-15 00:14:00" in row for row in rows) == 1


def test_a_zone_is_taken_for_captures_too_and_said(two_days: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, "summary", "--zone", "+05:30", two_days)
    (span,) = [line for line in lines if line.startswith("from ")]
    assert span.startswith("from 2023-11-15 03:43:20.004000 to 05:44:00.01")
    assert span.endswith(" +05:30")
    head, *rows = told(capsys, "findings", "--zone", "America/New_York", two_days)
    assert "time (America/New_York)" in head
    assert any("17:13:40." in row for row in rows)


def test_what_cannot_apply_is_refused(two_days: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", "--year", "2020", two_days]) == 2
    assert capsys.readouterr().err == (
        "ccxdissect: --year is for logs, which name none: the packets of a capture carry their year\n"
    )
    assert main(["summary", "--zone", "Nowhere/X", two_days]) != 0
    assert capsys.readouterr().err.startswith("ccxdissect: no time zone is called 'Nowhere/X'")


def test_the_days_of_agents_are_those_of_the_zone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    link = wire.connect().open(BRIDGE)
    link.say("AGENT_STATE_EVENT", {"AgentState": 3}, [("AgentID", "smith"), ("AgentExtension", "2006")])
    link.beat(3).close()
    path = str(wire.write(tmp_path / "agent.pcap"))
    days = [
        [json.loads(line)["day"] for line in told(capsys, "agents", "--totals", "--format", "jsonl", *zone, path)]
        for zone in ((), ("--zone", "+05:30"), ("--zone", "America/New_York"))
    ]
    assert days == [["2023-11-14"], ["2023-11-15"], ["2023-11-14"]]


@pytest.mark.parametrize("form", ["text", "mermaid", "svg"])
def test_ladders_have_dates_over_several_days_and_name_the_zone(
    form: str, two_days: str, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = "\n".join(told(capsys, "ladder", "--format", form, two_days)).replace("#58;", ":")
    assert "2023-11-14" in drawn and "2023-11-15" in drawn and "22:13:20.005000" in drawn
    drawn = "\n".join(told(capsys, "ladder", "--format", form, "--zone", "Asia/Tokyo", two_days)).replace("#58;", ":")
    assert "times in Asia/Tokyo" in drawn
    assert "07:13:20.005000" in drawn and "2023-11-" not in drawn
