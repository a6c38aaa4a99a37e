"""What a stressed engineer reads first who has the server's log alone: nobody is blamed for what a log cannot show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import ccxdissect
from ccxdissect.analysis.sessions import Reached
from ccxdissect.capture.log_order import in_order
from ccxdissect.capture.segments import read_segments
from ccxdissect.cli.main import main
from ccxdissect.lab.mivr_log import _dump, _head, _received, _text, _thread
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Record
from wire import C, Wire

WELL = "Nothing to worry about: 2 sessions, seen whole and well\n"
SECOND = 10**9
Form = Callable[[Record, int], Iterator[str]]


def usual(record: Record, number: int) -> Iterator[str]:
    """A client's messages in words beside its socket, the server's in bytes beside the thread."""
    head = f"{_head(number, record.time)} %MIVR-ICD_CTI-7-UNK:"
    if record.sender is Side.CLIENT:
        yield f"{head}{_thread(record)} ClientConn: ClientConnMgr: {_received(record)}"
    else:
        yield f"{head}{_thread(record)}writing..."
        yield from _dump(record.decoded.raw, False, number, record.time)


def words_alone(record: Record, number: int) -> Iterator[str]:
    """The server's in words, which name nobody."""
    if record.sender is Side.CLIENT:
        yield from usual(record, number)
    else:
        head = f"{_head(number, record.time)} %MIVR-ICD_CTI-7-UNK:"
        yield f"{head} CSOutboundMsgProcessor: got an event message: {_text(record, -1, ': ')}"


class Logs:
    """What the engine would have written of the traffic on a wire."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wire = Wire()
        self.files: list[str] = []

    def records(self) -> list[Record]:
        dissector = Dissector(UCCX_CTI)
        segments = read_segments(str(self.wire.write(self.folder / "wire.pcap")), frozenset(UCCX_CTI.ports))
        events = [event for segment in segments for event in dissector.feed(segment)]
        return [event for event in [*events, *dissector.flush()] if isinstance(event, Record)]

    def lines(self, form: Form = usual) -> list[str]:
        return [line for number, record in enumerate(self.records(), 1) for line in form(record, number)]

    def write(self, lines: Iterable[str]) -> None:
        """The next file."""
        path = self.folder / f"Cisco001MIVR{len(self.files):03d}.log"
        path.write_text("\n".join(lines))
        self.files.append(str(path))


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    """A wire on which nothing has been said yet."""
    return Logs(tmp_path)


@pytest.fixture
def told(logs: Logs, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The summary of the files, in the order given, with options."""

    def tell(*options: str) -> str:
        assert main(["summary", "--year", "2023", *options, *logs.files]) == 0
        return capsys.readouterr().out

    return tell


def two_that_go_well(wire: Wire, times: int = 8) -> None:
    one, other = wire.connect("10.0.0.7").open(agent="jones"), wire.connect("10.0.0.8").open(agent="kim")
    for _ in range(times):
        one.beat()
        other.beat(1, 3)
    one.close()
    other.close()


def test_files_in_any_order(logs: Logs, told: Callable[..., str]) -> None:
    two_that_go_well(logs.wire)
    lines = logs.lines()
    heads = [place for place, line in enumerate(lines) if "%MIVR" in line]
    cuts = [0, heads[13], heads[26], len(lines)]
    for start, stop in list(zip(cuts, cuts[1:], strict=False))[::-1]:
        logs.write(lines[start:stop])
    assert told().startswith(WELL)


def test_files_in_any_order_over_new_year(logs: Logs, told: Callable[..., str]) -> None:
    logs.wire.now = datetime(2023, 12, 31, 23, 59, 20, tzinfo=timezone.utc).timestamp()
    two_that_go_well(logs.wire)
    lines = logs.lines()
    midnight = next(place for place, line in enumerate(lines) if "Jan" in line)
    logs.write(lines[midnight:])
    logs.write(lines[:midnight])
    out = told()
    assert out.startswith(WELL) and "2023-12-31 23:59:20" in out and " to 2024-01-01 00:02:" in out


def test_files_that_name_their_years_or_no_time(tmp_path: Path) -> None:
    lines = {
        "late": "1: Jan  5 2024 10:00:00.000 UTC %MIVR-ENG-7-UNK:x",
        "early": "2: Nov  5 2022 10:00:00.000 UTC %MIVR-ENG-7-UNK:x",
        "never": "no time",
    }
    paths = []
    for name, line in lines.items():
        (tmp_path / name).write_text(line)
        paths.append(str(tmp_path / name))
    assert in_order(paths[:2]) == paths[1::-1]
    assert in_order(paths) == paths


def test_the_hour_that_comes_twice(logs: Logs, told: Callable[..., str]) -> None:
    """At 03:00 CEST the clocks go back to 02:00 CET."""
    berlin = ZoneInfo("Europe/Berlin")
    logs.wire.now = datetime(2023, 10, 29, 0, 59, tzinfo=timezone.utc).timestamp()
    two_that_go_well(logs.wire)
    lines = []
    for number, record in enumerate(logs.records(), 1):
        here = datetime.fromtimestamp(record.time // SECOND, berlin)
        for line in usual(record, number):
            lines.append(re.sub(r"Oct 29 ..:..:..(\.\d+) UTC", f"{here:%b %d %H:%M:%S}\\1 {here:%Z}", line))
    assert {"CEST", "CET"} == {line.split()[4] for line in lines if "%MIVR" in line}
    logs.write(lines)
    for options in ((), ("--zone", "Europe/Berlin")):
        assert "40 messages in 2 sessions over 3 min 4 s,\n" in told(*options)


def test_the_server_s_messages_were_not_logged(logs: Logs, told: Callable[..., str]) -> None:
    two_that_go_well(logs.wire)
    logs.write(line for line in logs.lines() if "Processing msg" in line)
    assert told().startswith(
        'Warning: The log tells only what the client sends in the session of agent "jones", nothing of the server: what is '
        "answered, and when, cannot be told. Let the engine log all debug levels of ICD_CTI. (1 more like it)\n"
    )


def test_one_request_at_the_end_is_not_a_side_that_is_lacking(logs: Logs, told: Callable[..., str]) -> None:
    two_that_go_well(logs.wire)
    logs.wire.connect("10.0.0.9").ask(agent="lee")
    logs.write(logs.lines())
    assert told().startswith("Nothing to worry about: 3 sessions")


def test_words_that_name_nobody_answer_who_waits(logs: Logs, told: Callable[..., str]) -> None:
    """Both clients count their requests from 1."""
    two_that_go_well(logs.wire)
    logs.write(logs.lines(words_alone))
    assert told().startswith(WELL)


def test_whose_a_confirmation_is_for_which_two_wait_is_not_guessed(
    logs: Logs, told: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    wire = logs.wire
    one, other = wire.connect("10.0.0.7").open(agent="jones"), wire.connect("10.0.0.8").open(agent="kim")
    for turn in range(10, 15):
        wire.wait(20)
        for name in ("HEARTBEAT_REQ", "HEARTBEAT_CONF"):
            for link in (one, other):
                link.say(name, {"InvokeID": turn})
    logs.write(logs.lines(words_alone))
    assert told().startswith(
        "No trouble seen, but not all was there to be seen: of 10 messages the log does not say whose they are\n"
    )
    assert main(["messages", "--year", "2023", *logs.files]) == 0
    assert "10 confirmations without a client's name, for which several clients waited" in capsys.readouterr().err


def test_a_log_that_ends_in_the_midst_of_words(logs: Logs, told: Callable[..., str]) -> None:
    two_that_go_well(logs.wire)
    logs.wire.connect("10.0.0.9").ask(agent="lee")
    lines = logs.lines()
    cut = lines[-1].index("clientPass")
    logs.write([*lines[:-1], lines[-1][: cut + 5]])
    out = told()
    assert "agent mode, client" not in out
    assert out.startswith("Nothing to worry about: 3 sessions, seen whole and well (1 note)\n")
    assert "clientPa" not in out


def test_a_log_that_ends_in_the_midst_of_bytes(logs: Logs, told: Callable[..., str]) -> None:
    two_that_go_well(logs.wire)
    lines = logs.lines()
    assert lines[-2] == "MDATA:"
    logs.write(lines[:-1])
    assert told().startswith(
        "No trouble seen, but not all was there to be seen: of 1 of 2 sessions bytes are lacking (1 note)\n"
    )
    logs.files.clear()
    place = next(place for place, line in enumerate(lines) if line == "MDATA:")
    logs.write(lines[: place + 1] + lines[place + 2 :])
    assert "is not whole in the log" in told() and "Look whether lines are lacking there." in told()


def test_lines_that_are_lacking_are_not_the_server_s_fault(logs: Logs, told: Callable[..., str]) -> None:
    two_that_go_well(logs.wire)
    lines = logs.lines()
    heads = [place for place, line in enumerate(lines) if "writing" in line]
    del lines[heads[5] : heads[5] + 5]
    logs.write(lines)
    assert told().startswith(
        'Warning: 1 of 8 heartbeats of agent "kim" have no answer in the log. Look whether lines of the log are lacking there. '
    )


def test_debug_levels_that_were_off_for_a_while(logs: Logs, told: Callable[..., str]) -> None:
    link = logs.wire.connect().open().beat(3)
    logs.write(logs.lines())
    start = len(logs.lines())
    link.beat(30)
    stop = len(logs.lines())
    link.beat(3).close()
    lines = logs.lines()
    logs.files.clear()
    logs.write(lines[:start] + lines[stop:])
    out = told()
    assert out.startswith(
        'Warning: The log has nothing of the client in the session of agent "smith" for 10 min 20 s, longer '
    )
    assert "lucky" not in out


def test_who_was_refused_acts_for_nobody(logs: Logs, told: Callable[..., str]) -> None:
    wire = logs.wire
    for _ in range(2):
        wire.connect().refuse(8)
        wire.wait(20)
    wire.connect().open().beat(3).close()
    logs.write(logs.lines())
    out = told()
    assert out.startswith("Error: OPEN_REQ failed: FAILURE_CONF with code 8 ") and "both act for" not in out


def test_how_a_connection_ended_is_not_in_the_log(logs: Logs, told: Callable[..., str]) -> None:
    wire = logs.wire
    wire.connect().open().beat(3)
    wire.wait(10)
    wire.connect().open().beat(3).close()
    logs.write(logs.lines())
    out = told()
    assert out.startswith(
        'Warning: The log has nothing of the client in the session of agent "smith" for its last 1 min 10 s, '
    )
    assert (
        'both act for agent "smith", unless session 1 is over: how connections end, a log\'s messages do not tell.'
        in out
    )


def test_a_farewell_whose_answer_is_lacking(logs: Logs, told: Callable[..., str]) -> None:
    wire = logs.wire
    one, other = wire.connect("10.0.0.7").open(agent="jones"), wire.connect("10.0.0.8").open(agent="kim")
    one.close()
    other.beat(8).close()
    lines = logs.lines()
    answer = [place for place, line in enumerate(lines) if "CLOSE_REQ" in line][0] + 1
    logs.write(lines[:answer] + lines[answer + 5 :])
    assert told().startswith("Nothing to worry about: 2 sessions, seen whole and well (1 note)\n")


def test_a_log_without_debug_levels(logs: Logs, told: Callable[..., str]) -> None:
    logs.write(["1: Nov 14 22:13:20.004 UTC %MIVR-ICD_CTI-6-UNK:HeartbeatMonitor: checked 4 connections"])
    assert told().startswith(
        "No CTI decoded: no message is in the log. The debug levels of ICD_CTI have to be on in the server\n"
    )


def test_events_that_name_no_client_are_no_session(logs: Logs, told: Callable[..., str]) -> None:
    link = logs.wire.connect().open()
    for state in (2, 3):
        link.say("AGENT_STATE_EVENT", {"AgentState": state, "PeripheralID": 1}, [("AgentID", "smith")])
        link.beat(1, 5)
    link.close()
    logs.write(logs.lines(words_alone))
    out = told()
    assert out.startswith(
        "No trouble seen, but not all was there to be seen: of 2 messages the log does not say whose they are\n"
    )
    assert "\n  2. client to server: of whom, the log does not say; 2 messages in 5.0 s\n" in out


def test_a_session_whose_answers_were_not_logged_may_have_been_open(logs: Logs) -> None:
    logs.wire.only = C
    logs.wire.connect().open().beat(3).close()
    logs.write(logs.lines())
    with ccxdissect.open(logs.files[0], year=2023) as trace:
        assert [story.reached for story in trace.sessions()] == [Reached.OPEN]
    with ccxdissect.open(str(logs.folder / "wire.pcap")) as trace:
        assert [story.reached for story in trace.sessions()] == [Reached.OPEN]


def test_a_client_that_closes_right_behind_a_request(logs: Logs, told: Callable[..., str]) -> None:
    link = logs.wire.connect().open().beat(2)
    link.request("SNAPSHOT_DEVICE_REQ", {}, [("AgentInstrument", "2006")])
    link.close()
    logs.wire.connect("10.0.0.8").open(agent="jones").beat(4).close()
    logs.write(logs.lines())
    assert told().startswith("Nothing to worry about: 2 sessions, seen whole and well (1 note)\n")


def test_the_log_of_a_standby_knows_nothing_of_the_master(logs: Logs, told: Callable[..., str]) -> None:
    for _ in range(3):
        logs.wire.wait(15)
        logs.wire.connect().refuse(92)
    logs.write(logs.lines())
    assert told().startswith("Nothing to worry about: 3 sessions, seen whole and well (4 notes)\n")


@pytest.mark.parametrize(("silent", "sessions"), [(3600, 3), (200, 2)])
def test_another_session_from_the_port_of_one_whose_end_is_not_in_the_log(
    silent: int, sessions: int, logs: Logs, told: Callable[..., str]
) -> None:
    wire = logs.wire
    one, other = wire.connect("10.0.0.7").open(agent="jones").beat(3), wire.connect("10.0.0.9").open(agent="lee")
    for _ in range(silent // 20):
        other.beat()
    one.open(agent="kim").beat(3).close()
    other.close()
    logs.write(logs.lines())
    out = told()
    if sessions == 3:
        assert out.startswith(
            'Warning: The session of agent "jones" was open, and silent, when another one was asked for from its port: its end is not '
            "in the log. Look whether the client's host was restarted or cut off before that.\n"
        )
    assert f" in {sessions} sessions over " in out
