"""Times: with their dates when a capture is of several days, in the zone that was asked for, and named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timezone
from pathlib import Path

import pytest

import ccxdissect
from ccxdissect.cli.main import main
from ccxdissect.views.live import Days, Tally
from ccxdissect.views.messages import Showing
from ccxdissect.views.text import use_zone
from ccxdissect.watch import drawing
from ccxdissect.watch.state import WatchState
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
    for args, why in (
        (("messages", "--format", "jsonl"), "JSON lines hold seconds since 1970, which are the same in every zone"),
        (("stats",), "counts and reply times are the same in every zone"),
        (("sql", "--tables"), "the tables are in UTC"),
    ):
        assert main([*args, "--zone", "local", two_days]) == 2
        assert capsys.readouterr().err == f"ccxdissect: --zone cannot apply: {why}\n"
    log = str(Path(__file__).parents[2] / "samples" / "server.mivr.log")
    assert main(["messages", "--zone", "local", log]) == 2
    assert capsys.readouterr().err == (
        "ccxdissect: --zone local is for captures; of a log, name the zone in which it was written\n"
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
    assert "2023-11-15 07:13:20.004000 to 09:14:00.017999 Asia/Tokyo" in drawn.replace("#47;", "/")
    assert "07:13:20.005000" in drawn and drawn.count("2023-11-") == 1


@pytest.mark.parametrize(
    "wanted",
    [("-c", "2"), ("--session", "2"), ("--session", "1"), ("--to", "+5m"), ("--type", "CLOSE_REQ,OPEN_REQ", "-c", "1")],
)
def test_one_day_of_several_has_its_date(
    wanted: tuple[str, ...], two_days: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also when the other days were filtered away, or not read at all."""
    head, _, *rows = told(capsys, "messages", two_days, *wanted)
    assert "time (UTC)" in head
    day = "2023-11-15" if "2" in wanted and "--session" in wanted else "2023-11-14"
    assert rows and all(f" {day} " in row for row in rows)


def test_a_capture_of_one_day_has_no_dates_whatever_is_left_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    wire.connect().open().beat(1).bye(S)
    path = str(wire.write(tmp_path / "one-day.pcap"))
    for command in ("messages", "exchanges", "findings", "agents", "calls", "sessions"):
        shown = "\n".join(told(capsys, command, path, "--session", "1", "--wide"))
        assert "2023-11-14" not in shown and "(UTC)" in shown


def test_csv_tells_the_time_of_the_zone_with_its_offset(two_days: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, row, *_ = told(capsys, "messages", two_days, "--format", "csv", "--columns", "time", "--zone", "+05:30")
    assert row == "2023-11-15T03:43:20.004000+05:30"
    use_zone(timezone.utc, "UTC")
    _, row, *_ = told(capsys, "messages", two_days, "--format", "csv", "--columns", "time")
    assert row == "2023-11-14T22:13:20.004000Z"


def test_nothing_found_says_of_which_days(two_days: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["messages", two_days, "--agent", "nobody"]) == 0
    assert "there was 2023-11-14 22:13:20.004000 to 2023-11-15 00:14:00." in capsys.readouterr().err


def test_days_of_agents_and_days_that_begin_while_it_runs_are_named(
    two_days: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(capsys, "agents", "--totals", two_days, "--zone", "+05:30")[0].startswith("agent    day (+05:30)")
    use_zone(timezone.utc, "UTC")
    days = Days()
    moments = [1_700_000_000_000_000_000, 1_700_000_001_000_000_000, 1_700_090_000_000_000_000]
    assert [days.line(moment) for moment in moments] == [None, None, "         2023-11-15 begins (UTC)"]


def test_the_full_screen_view_has_dates_from_the_second_day_on(two_days: str) -> None:
    state = WatchState(Showing())
    with ccxdissect.open(two_days) as trace:
        records = list(trace.messages())
    seen = []
    for record in records:
        state.message(record)
        (row,), _ = state.messages_after(record.number - 1)
        pieces = [text for text, _ in drawing.message(row, state.showing, state.several_days)]
        seen.append(pieces[0][7:].rstrip())
        assert pieces[2].strip() == record.sender.value
    assert seen[0] == "22:13:20.004" and seen[-1] == "11-15 00:14:00.016"
    first = state.messages_after(0)[0][0]
    assert first.text(state.showing, state.several_days)[7:25] == "11-14 22:13:20.004"
    assert any("times in UTC" in text for text, _ in drawing.status(Tally(), 0.0, "x", "live"))
