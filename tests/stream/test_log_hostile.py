"""Logs that lie: dates that go to and fro, numbers that are none, ends that come twice, files that cannot be rewound."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ccxdissect.capture.log_time import MOST_YEARS
from ccxdissect.errors import CcxDissectError
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Event, Record, SessionEnded, SessionOpened
from ccxdissect.stream.log import LogDissector

SAMPLE = Path(__file__).parents[2] / "samples" / "server.mivr.log"


def dissect(text: str) -> list[Event]:
    dissector = LogDissector(UCCX_CTI, year=2026)
    return [*dissector.feed(text.split("\n")), *dissector.flush()]


def line(number: int, stamp: str, words: str) -> str:
    return f"{number}: {stamp} UTC %MIVR-ICD_CTI-7-UNK:CSOutboundMsgProcessor: got a message: {{ {words} }}"


def close(number: int, stamp: str, invoke_id: int = 1) -> str:
    return line(number, stamp, f"length=-1 type=CLOSE_CONF, invokeID: {invoke_id}")


def test_dates_that_go_to_and_fro_do_not_run_out_of_years() -> None:
    days = [f"{month} 01 00:00:0{second}.000" for second in range(3) for month in ("Jan", "Jun", "Dec")] * 60
    dissector = LogDissector(UCCX_CTI, year=2026)
    events = [*dissector.feed(close(n, day) for n, day in enumerate(days)), *dissector.flush()]
    times = [event.time for event in events if isinstance(event, Record)]
    assert len(times) == len(days)
    assert max(times) < (2026 + MOST_YEARS + 2 - 1970) * 366 * 86_400 * 10**9
    assert any("to and fro" in notice for notice in dissector.notices)


@pytest.mark.parametrize("year", [-1, 0, 1969, 9999, 10_000])
def test_a_year_that_no_log_is_of_is_refused(year: int) -> None:
    with pytest.raises(CcxDissectError, match=f"no log is of the year {year}: from 1970 to 9998"):
        LogDissector(UCCX_CTI, year=year)


def test_a_type_in_digits_that_are_no_ascii_is_no_number() -> None:
    events = dissect(line(1, "Jan 01 00:00:00.000", "length=-1 type=²") + "\n" + close(2, "Jan 01 00:00:01.000"))
    assert [event.name for event in events if isinstance(event, Record)] == ["CLOSE_CONF"]


def test_farewells_close_together_end_their_session_once() -> None:
    events = dissect("\n".join(close(n, f"Jan 01 00:00:00.{n}00", n) for n in range(1, 4)))
    assert [type(event) for event in events] == [SessionOpened, Record, Record, Record, SessionEnded]
    (session,) = [event.session for event in events if isinstance(event, SessionEnded)]
    assert sum(sent.messages for sent in session.sent.values()) == 3


def test_what_comes_long_after_a_farewell_is_of_a_new_session() -> None:
    events = dissect("\n".join(close(n, f"Jan 01 00:00:{n}0.000", n) for n in range(1, 4)))
    assert [type(event) for event in events] == [SessionOpened, Record, SessionEnded] * 3


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "ccxdissect", *arguments]
    return subprocess.run(command, capture_output=True, timeout=60, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_a_log_through_a_fifo_or_a_pipe_reads_as_from_its_file(tmp_path: Path) -> None:
    whole = run("messages", "--year", "2026", "--format", "jsonl", str(SAMPLE)).stdout
    assert whole.count(b"\n") > 10
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_bytes(SAMPLE.read_bytes()))
    writer.start()
    assert run("messages", "--year", "2026", "--format", "jsonl", str(fifo)).stdout == whole
    writer.join()
    piped = run("messages", "--year", "2026", "--format", "jsonl", "-", input=SAMPLE.read_bytes()).stdout
    assert piped == whole


def test_a_nul_does_not_make_a_log_a_capture(tmp_path: Path) -> None:
    log = tmp_path / "nul.log"
    log.write_bytes(b"\0\n" + SAMPLE.read_bytes())
    found = run("messages", "--year", "2026", "--format", "jsonl", str(log))
    assert found.returncode == 0
    assert found.stdout.count(b"\n") == run("messages", "--format", "jsonl", str(SAMPLE)).stdout.count(b"\n")


def test_messages_of_one_form_are_not_held_against_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    same, looked = LogDissector._same, []
    monkeypatch.setattr(LogDissector, "_same", staticmethod(lambda *pair: looked.append(pair) or same(*pair)))
    events = dissect("\n".join(close(n, "Jan 01 00:00:00.100", n) for n in range(300)))
    assert sum(isinstance(event, Record) for event in events) == 300
    assert not looked
