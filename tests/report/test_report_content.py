"""What the page holds and says, without a browser."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import termios
import tracemalloc
from pathlib import Path

import pytest
from report.center_days import Days
from report.test_report_page import SAMPLES, held, report_of

import ccxdissect
from ccxdissect.cli.main import main
from ccxdissect.report.content import Content
from ccxdissect.report.front import front
from ccxdissect.report.packing import packed, packed_json
from ccxdissect.report.rates import Rates
from ccxdissect.report.tables import DRAWN
from ccxdissect.report.values import Privacy, values
from ccxdissect.views.messages import Showing
from ccxdissect.views.rows import schema_of

VENDOR = Path(__file__).parents[2] / "ccxdissect" / "report" / "vendor"


def content_of(path: Path, most: int) -> Content:
    with ccxdissect.open(path) as trace:
        return Content(trace, Showing(), most)


def test_beyond_the_most_messages_the_rest_is_counted() -> None:
    content = content_of(SAMPLES / "trouble.pcapng", 50)
    document = content.document()
    messages = document["messages"]()
    assert (len(messages["data"]["time"]), messages["total"]) == (50, 81)
    assert sum(count for _, count in document["rate"]["bins"]) == 81
    with ccxdissect.open(SAMPLES / "trouble.pcapng") as trace:
        assert document["tables"]["findings"]()["total"] == len(list(trace.findings()))
    assert front(content).left_out.startswith("This page holds the first 50 of 81 messages.")
    assert front(content).numbers[0] == {"word": "messages", "value": "81"}


def test_rows_beyond_the_most_are_counted() -> None:
    whole, part = (content_of(SAMPLES / "trouble.pcapng", most) for most in (100, 7))
    every = whole.document()["tables"]
    for name, made in part.document()["tables"].items():
        table = made()
        assert table["total"] == every[name]()["total"]
        assert all(len(cells) == min(table["total"], 7) for cells in table["data"].values())
    assert [one["title"] for one in front(part).severities] == [one["title"] for one in front(whole).severities]


@pytest.mark.parametrize("few", [0, 1, 999, 1000, 1001, 2000, 2500])
def test_data_are_packed_in_pieces_as_they_would_be_at_once(few: int) -> None:
    rows: dict[str, object] = {
        "a": list(range(few)),
        'ü"': [["é", None, {}]] * few,
        "c": {},
        "d": [],
        "e": 1.5,
        "f": {"g": "h"},
    }
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    assert packed_json(rows) == packed_json({**rows, "f": lambda: rows["f"]}) == packed(text.encode())


def test_data_are_packed_without_all_of_them_as_text() -> None:

    def many() -> list[int]:
        return [1_234_567_890] * 50_000

    tracemalloc.start()
    packed_json({str(number): many for number in range(10)})
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A list of 400 kB or two, and a little; the text of all is 5.5 MB.
    assert most < 2 << 20


def test_redacted_it_holds_nobody_and_says_so(tmp_path: Path) -> None:
    plain = held(report_of(SAMPLES / "queued-call.pcapng", tmp_path))
    page = report_of(SAMPLES / "queued-call.pcapng", tmp_path, "--redact")
    redacted = held(page)
    for word in (b"agent2006", b"127.0.1.2"):
        assert word in plain and word not in redacted
    assert "not redacted, passwords masked" in plain.decode(errors="replace")
    assert "redacted: people" in page.read_text(encoding="utf-8")


def test_passwords_are_in_it_only_when_asked_for(tmp_path: Path) -> None:
    assert b"wrong-secret" not in held(report_of(SAMPLES / "trouble.pcapng", tmp_path))
    shown = held(report_of(SAMPLES / "trouble.pcapng", tmp_path, "--show-secrets"))
    masked = held(report_of(SAMPLES / "trouble.pcapng", tmp_path))
    assert shown.count(b"ClientPassword[2]: ***") == 0 < masked.count(b"ClientPassword[2]: ***")


def test_the_same_capture_gives_the_same_page(tmp_path: Path) -> None:
    first = report_of(SAMPLES / "trouble.pcapng", tmp_path).read_bytes()
    assert report_of(SAMPLES / "trouble.pcapng", tmp_path).read_bytes() == first


def test_what_others_wrote_is_what_they_published() -> None:
    about = json.loads((VENDOR / "vendored.json").read_text(encoding="utf-8"))
    assert about["uPlot"]["licence"] == "MIT"
    for described in about.values():
        for name, digest in described["sha256"].items():
            assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, f"{name}: run renew.py"
            assert described["version"] in (VENDOR / name).read_text(encoding="utf-8")[:200] or ".min.js" not in name


def test_a_browser_is_opened_when_asked(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    opener = tmp_path / "opener"
    opener.write_text(f'#!/bin/sh\necho "$1" > {asked}\n')
    opener.chmod(0o755)
    out = tmp_path / "page.html"
    command = [sys.executable, "-m", "ccxdissect", "report", str(SAMPLES / "trouble.pcapng"), "-o", str(out), "--open"]
    subprocess.run(command, env={**os.environ, "BROWSER": f"{opener} %s"}, check=True)
    assert asked.read_text().strip() == out.as_uri()


def test_without_jinja_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert main(["report", str(SAMPLES / "trouble.pcapng"), "-o", str(tmp_path / "x.html")]) == 1
    assert capsys.readouterr().err.endswith("the report needs Jinja2: pip install 'ccxdissect[report]'\n")
    assert list(tmp_path.iterdir()) == []


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main(["report", *map(str, arguments)])
    return status, *capsys.readouterr()


def test_where_it_cannot_be_written_one_line_says_why_and_nothing_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample, there = tmp_path / "trouble.pcapng", tmp_path / "there.html"
    sample.write_bytes((SAMPLES / "trouble.pcapng").read_bytes())
    there.write_text("precious")
    for out, reason, options in (
        (tmp_path / "no" / "x.html", f"there is no folder {tmp_path / 'no'}", ()),
        (tmp_path, "is a folder", ()),
        (there, "is there already: --force replaces it", ()),
        (sample, "is the input itself", ("--force",)),
        ("/proc/x.html", "no such file or directory", ()),
        ("/dev/full", "no space left on device", ()),
    ):
        assert refused(capsys, sample, "-o", out, *options) == (1, "", f"ccxdissect: {out}: {reason}\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.html", "trouble.pcapng"]
    assert there.read_text() == "precious"
    assert refused(capsys, sample, "-o", there, "--force") == (0, "", "")
    assert there.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.skipif(os.geteuid() != 0, reason="another user can be played by root alone")
def test_a_folder_that_may_not_be_written_to_is_said_before_the_work(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o755)
    code = (
        "import os, sys; from ccxdissect.outputs import check_output; from ccxdissect.errors import CaptureError\n"
        "os.setuid(65534)\n"
        "try: check_output(sys.argv[1])\n"
        "except CaptureError as error: print(error)"
    )
    for folder in tmp_path.parents:
        folder.chmod(folder.stat().st_mode | 0o011) if folder != Path("/") else None
    tmp_path.chmod(0o755)
    out = locked / "x.html"
    said = subprocess.run([sys.executable, "-c", code, str(out)], capture_output=True, text=True, check=True)
    assert said.stdout == f"{out}: nothing may be written to that folder\n"


def test_what_is_no_capture_is_one_line_and_no_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    foreign = tmp_path / "notes.txt"
    foreign.write_text("Dear diary")
    out = tmp_path / "x.html"
    for given, reason in (
        (foreign, "neither pcap nor pcapng: not a capture"),
        (tmp_path / "absent.pcap", "no such file or directory"),
    ):
        assert refused(capsys, given, "-o", out) == (1, "", f"ccxdissect: {given}: {reason}\n")
    assert not out.exists()


def test_on_standard_output_it_is_the_same_page(tmp_path: Path) -> None:
    page = report_of(SAMPLES / "trouble.pcapng", tmp_path)
    command = [sys.executable, "-m", "ccxdissect", "report", str(SAMPLES / "trouble.pcapng"), "-o", "-"]
    assert subprocess.run(command, capture_output=True, check=True).stdout == page.read_bytes()


def test_what_nothing_fits_is_a_page_that_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = report_of(SAMPLES / "trouble.pcapng", tmp_path, "--agent", "nobody").read_text(encoding="utf-8")
    assert '<h2 class="headline" id="headline">Nothing of 81 messages fits what was asked for</h2>' in page
    assert capsys.readouterr().err.startswith("note: nothing of 81 messages fits; there was 2025-03-10 11:20:00.000644")


def test_part_of_a_redacted_capture_is_chosen_by_its_real_names_and_tells_none(tmp_path: Path) -> None:
    page = report_of(SAMPLES / "trouble.pcapng", tmp_path, "--redact", "--agent", "rosa")
    text = held(page)
    assert b"Only what was asked for: 9 of 81 messages" in text
    assert b"rosa" not in text


def test_a_remark_names_its_file_and_that_of_a_redacted_page_does_not(tmp_path: Path) -> None:
    cut = tmp_path / "quentin.pcapng"
    cut.write_bytes((SAMPLES / "trouble.pcapng").read_bytes()[:-5])
    told = re.search(r"<details class=\"notes\">.*?</details>", report_of(cut, tmp_path).read_text("utf-8"), re.DOTALL)
    hidden = report_of(cut, tmp_path, "--redact").read_text("utf-8")
    assert told and re.search(r"<li>\S*quentin\.pcapng: ", told[0])
    assert "redacted capture" in hidden and "quentin" not in hidden


def test_rates_lose_no_count() -> None:
    rates = Rates(most=16, width=10)
    times = [time * 7 + (time % 3) * 10**6 for time in range(1000)]
    for time in times:
        rates.add(time)
    bins = rates.bins()
    assert sum(count for _, count in bins) == 1000
    assert len(bins) <= 16
    for start, count in bins:
        assert count == sum(start <= time < start + rates.width for time in times)


def test_remarks_on_reading_are_told_and_bounded() -> None:
    content = content_of(SAMPLES / "trouble.pcapng", 1)
    notes = values(content, ["x"], [f"note {n}\x1b" for n in range(80)], Privacy.MASKED)["notes"]
    assert notes[0] == "note 0\\x1b" and notes[-1] == "and 30 more" and len(notes) == 51


def test_what_the_scripts_look_up_is_in_the_schemas() -> None:
    for name, columns in DRAWN.items():
        schema = schema_of(name)[0]
        assert set(columns) <= {column.name for column in schema.nested}


def test_a_gap_lies_between_what_came_before_it_and_after(tmp_path: Path) -> None:
    whole, holed = tmp_path / "whole.pcap", tmp_path / "holed.pcap"
    Days(str(whole), agents=2, span=120, calls=3)
    data = whole.read_bytes()
    packets, at = [], 24
    while at < len(data):
        size = 16 + int.from_bytes(data[at + 8 : at + 12], "little")
        packets.append(data[at : at + size])
        at += size
    # One message of the busiest session, in its middle, was never captured: its packet with the most bytes.
    first, last = len(packets) // 3, 2 * len(packets) // 3
    lost = max(range(first, last), key=lambda place: len(packets[place]))
    holed.write_bytes(data[:24] + b"".join(packets[:lost] + packets[lost + 1 :]))
    missing = len(packets[lost]) - 16 - 14 - 20 - 20
    sent = int.from_bytes(packets[lost][:4], "little") * 10**9 + int.from_bytes(packets[lost][4:8], "little") * 1000
    document = content_of(holed, 10_000).document()
    ((_, side, since, until, size),) = document["gaps"]
    assert (side, size) == ("server", missing)
    assert since < sent - int(document["base"]) < until


def test_redacted_it_does_not_name_its_files(tmp_path: Path) -> None:
    named = [tmp_path / "quentin-miller.pcapng", tmp_path / "rosa.pcapng"]
    for path in named:
        path.write_bytes((SAMPLES / "trouble.pcapng").read_bytes())
    page = held(report_of(named[0], tmp_path, "--redact"))
    assert b"<title>redacted capture \xc2\xb7 ccxdissect</title>" in page
    assert b"quentin" not in page and str(tmp_path).encode() not in page
    (tmp_path / "quentin-miller.html").unlink()
    out = tmp_path / "both.html"
    assert main(["report", *map(str, named), "-o", str(out), "--redact"]) == 0
    text = out.read_text(encoding="utf-8")
    assert "<h1>redacted capture 1, redacted capture 2</h1>" in text
    assert not re.search(r"quentin|rosa|ccxdissect-\w{8}/", text)


def test_every_step_of_long_work_shows_how_far_it_is(tmp_path: Path) -> None:
    terminal, end = os.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    command = [
        sys.executable,
        "-m",
        "ccxdissect",
        "report",
        str(SAMPLES / "trouble.pcapng"),
        "--redact",
        "-o",
        "page.html",
    ]
    subprocess.run(command, stderr=end, check=True, cwd=tmp_path)
    os.close(end)
    said = b""
    with contextlib.suppress(OSError):
        while data := os.read(terminal, 4096):
            said += data
    os.close(terminal)
    steps = [said.find(step) for step in (b"redacting: ", b"reading: ", b"writing: ")]
    assert -1 not in steps and steps == sorted(steps)
