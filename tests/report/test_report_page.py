"""The report in a real browser: used as a reader would, attacked as a stranger would, checked as a blind reader needs."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterator
from datetime import timezone
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from bench.traffic import Client, Writer
from playwright.sync_api import Browser
from report.browser import ARTEFACTS, Opened, chromium, opened
from report.center_days import Days
from report.clicking import click_through

from ccxdissect.cli.main import main
from ccxdissect.views.text import use_zone
from ccxdissect.wording import duration

SAMPLES = Path(__file__).parents[2] / "samples"
pytestmark = pytest.mark.heavy
SCRIPTS = Path(__file__).parents[2] / "ccxdissect" / "report" / "scripts"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def report_of(capture: Path | str, folder: Path, *options: str) -> Path:
    out = folder / f"{Path(capture).stem}.html"
    assert main(["report", str(capture), "-o", str(out), "--force", *options]) == 0
    return out


def held(page: Path) -> bytes:
    """All that a page holds, unpacked."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r'<script type="application/octet-stream" id="[^"]*">([^<]*)</script>', text)
    return b"".join(gzip.decompress(base64.b64decode(block)) for block in blocks) + text.encode()


@pytest.mark.parametrize("sample", ["trouble.pcapng", "agent-day-bridge-and-agent.pcapng"])
def test_everything_that_can_be_done_with_it(browser: Browser, tmp_path: Path, sample: str) -> None:
    with opened(browser, report_of(SAMPLES / sample, tmp_path)) as report:
        report.shot(f"top-of-{Path(sample).stem}")
        click_through(report)


def test_it_says_what_the_commands_say(browser: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = SAMPLES / "trouble.pcapng"
    page = report_of(sample, tmp_path)
    capsys.readouterr()
    with opened(browser, page) as report:
        main(["summary", str(sample)])
        assert report.text("#headline") == capsys.readouterr().out.splitlines()[0]
        for table in ("messages", "sessions", "exchanges", "calls", "agents", "findings"):
            main([table, str(sample), "--format", "jsonl"])
            assert report.count(table) == str(len(capsys.readouterr().out.splitlines()))
        main(["show", str(sample), "12"])
        lines = capsys.readouterr().out.splitlines()
        report.page.locator("#grid .row").nth(11).click()
        report.page.wait_for_selector("#detail article.message")
        fields = [line[56:].strip() for line in lines if re.match(r"[0-9a-f]{4}  ", line) and line[56:].strip()]
        shown = [
            text.strip() for text in report.page.locator("#detail [role=treeitem]:not(.heading)").all_inner_texts()
        ]
        assert shown == fields
        told = "".join(report.page.locator("#detail .bytes-hex").all_inner_texts())
        assert told == "".join(line[6:54].replace(" ", "") for line in lines if re.match(r"[0-9a-f]{4}  ", line))


def test_durations_read_as_everywhere_else(browser: Browser) -> None:
    times = [n * 10**power for power in range(14) for n in (0, 1, 2, 7, 15, 36, 99)] + [
        -5_000_000,
        59_949_000_000,
        59_950_000_000,
        999_500,
        999_499,
        999_950_000,
        3_599_500_000_000,
        500,
        1500,
        2500,
    ]
    page = browser.new_page()
    words = (SCRIPTS / "words.js").read_text(encoding="utf-8")
    said = page.evaluate(f"() => {{ {words}; return {json.dumps(times)}.map(duration); }}")
    page.close()
    assert said == [duration(time) for time in times]


def test_a_link_opens_what_it_names(browser: Browser, tmp_path: Path) -> None:
    page = report_of(SAMPLES / "trouble.pcapng", tmp_path)
    with opened(browser, page, hash="#session=4&table=exchanges&open=messages+11") as report:
        report.page.wait_for_selector("#detail article.message")
        assert report.text("#detail h3") == "12 CONTROL_FAILURE_CONF"
        assert report.text("#filter-chips") == "session 4 ×"
        assert "open=messages+11" in report.page.evaluate("location.hash")


#: What the filter row of each table asks for, and the rows that are left of it, told from the sample's own listing.
FILTERED = [
    ("messages", {"session": "4", "type": "CONTROL_FAILURE_CONF"}, ["12", "14", "44"]),
    (
        "messages",
        {"session": "4", "from": "server", "since": "11:20:02.6532", "until": "11:20:02.6540"},
        ["55", "56", "58", "60"],
    ),
    ("messages", {"type": "OPEN_REQ", "until": "11:20:00.086740"}, ["1", "3", "5", "9"]),
    ("exchanges", {"session": "4", "outcome": "unanswered"}, ["53 QUERY_AGENT_STATE_REQ"]),
    ("exchanges", {"type": "CLEAR_CONNECTION_CONF"}, ["59 CLEAR_CONNECTION_REQ"]),
    ("findings", {"session": "4", "severity": "error"}, ["error"] * 4),
    ("findings", {"type": "CONTROL_FAILURE_CONF", "session": "6"}, ["error"]),
    ("sessions", {"type": "OPEN_CONF"}, ["3", "4", "6"]),
    ("sessions", {"agent": "quentin", "type": "SET_AGENT_STATE_REQ"}, ["4"]),
    ("sessions", {"call": "16779001"}, ["3", "4"]),
    ("sessions", {"until": "11:20:00.065"}, ["1", "2", "3"]),
    ("agents", {"type": "SNAPSHOT_DEVICE_REQ"}, ["quentin AGENT_STATE_TALKING"]),
    ("agents", {"type": "ANSWER_CALL_REQ"}, ["quentin AGENT_STATE_RESERVED"]),
    ("agents", {"call": "16779001", "session": "3", "since": "11:20:02"}, ["quentin AGENT_STATE_TALKING"]),
    ("calls", {"until": "11:20:00.143"}, []),
]
#: The same of a sample with two calls.
FILTERED_CALLS: list[tuple[dict[str, str], list[str]]] = [
    ({"type": "CALL_QUEUED_EVENT"}, ["16777507"]),
    ({"type": "MAKE_CALL_CONF"}, ["16777507"]),
    ({"type": "CONSULT_CALL_CONF"}, ["16777535"]),
    ({"since": "10:43:54"}, ["16777507"]),
    ({"call": "16777535", "session": "3"}, ["16777535"]),
]


def ask_of_table(report: Opened, asked: dict[str, str]) -> None:
    """Fill in the filter row, found by its labels as a reader finds it."""
    for label, value in asked.items():
        field = report.page.locator("#filters").get_by_label(label, exact=True)
        if field.evaluate("(element) => element.localName") == "select":
            field.select_option(label=value)
        else:
            field.fill(value)
    report.settle()


@pytest.mark.parametrize(("table", "asked", "left"), FILTERED)
def test_a_table_is_filtered_by_its_own_row(
    browser: Browser, tmp_path: Path, table: str, asked: dict[str, str], left: list[str]
) -> None:
    with opened(browser, report_of(SAMPLES / "trouble.pcapng", tmp_path), hash=f"#table={table}") as report:
        whole = report.count(table)
        ask_of_table(report, asked)
        rows = report.rows()
        assert [row[: len(start)] for row, start in zip(rows, left, strict=True)] == left
        assert report.count(table) == f"{len(rows)} of {whole}"
        report.page.fill("#search", "no such word")
        report.settle()
        assert report.rows() == []
        report.page.focus("#filters button")
        report.page.keyboard.press("Enter")
        report.settle()
        assert report.count(table) == whole


def test_a_filter_row_goes_with_what_everything_is_filtered_to_and_says_what_is_wrong(
    browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, report_of(SAMPLES / "trouble.pcapng", tmp_path), hash="#session=6") as report:
        report.page.focus("#search")
        report.page.keyboard.press("Tab")
        report.page.keyboard.type("OPEN_REQ")
        report.settle()
        assert [row.split()[0] for row in report.rows()] == ["21"]
        for field, text, said in (
            ("session", "99", "There is no session 99 here."),
            ("since", "25:00", "“25:00” is no time such as 11:20:00.000000; it is not heeded."),
        ):
            ask_of_table(report, {field: text})
            assert report.text("#filters .problem") == said
            assert report.page.get_by_label(field, exact=True).get_attribute("aria-invalid") == "true"
            ask_of_table(report, {field: ""})
        ask_of_table(report, {"since": "11:21", "until": "11:20"})
        assert report.text("#filters .problem") == "This ends before it begins."
        assert report.rows() == []
        report.page.click("#filter-clear")
        report.settle()
        assert report.count("messages") == "81"


def test_what_everything_is_filtered_to_holds_in_every_table(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, report_of(SAMPLES / "trouble.pcapng", tmp_path), hash="#type=SNAPSHOT_DEVICE_REQ") as report:
        counts = {table: report.count(table) for table in ("messages", "sessions", "exchanges", "calls", "agents")}
    assert counts == {
        "messages": "1 of 81",
        "sessions": "1 of 6",
        "exchanges": "1 of 24",
        "calls": "0 of 1",
        "agents": "1 of 8",
    }


def test_a_page_of_part_of_a_capture_keeps_the_numbers_of_the_whole(browser: Browser, tmp_path: Path) -> None:
    page = report_of(SAMPLES / "trouble.pcapng", tmp_path, "--agent", "rosa", "--no-heartbeats")
    with opened(browser, page) as report:
        assert report.text(".left-out") == (
            "Only what was asked for (agents: rosa; heartbeats: no): 9 of 81 messages, and what they belong to. "
            "The verdict is of these alone."
        )
        assert [row.split()[0] for row in report.rows()] == ["21", "22", "23", "24", "25", "26", "27", "28", "78"]
        report.page.locator("#grid .row").nth(3).click()
        report.page.wait_for_selector("#detail article.message")
        assert report.text("#detail h3") == "24 CONTROL_FAILURE_CONF"
        assert report.text("#detail .chips .chip:last-child").startswith("answers 23 after ")
        assert report.count("sessions") == "2"


def test_calls_are_filtered_by_what_was_said_of_them(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, report_of(SAMPLES / "queued-call.pcapng", tmp_path), hash="#table=calls") as report:
        for asked, left in FILTERED_CALLS:
            ask_of_table(report, asked)
            assert [row.split()[0] for row in report.rows()] == left, asked
            report.page.click("#filters button")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_stands_in_the_way_of_anybody(browser: Browser, tmp_path: Path, scheme: str) -> None:
    with opened(browser, report_of(SAMPLES / "trouble.pcapng", tmp_path), scheme) as report:
        report.page.locator("#grid .row").nth(11).click()
        report.page.wait_for_selector("#detail article.message")
        report.page.locator("#detail [role=treeitem]").nth(3).click()
        found = Axe().run(report.page).response["violations"]
        ask_of_table(report, {"session": "99", "type": "OPEN_REQ"})
        found += Axe().run(report.page, "#tables").response["violations"]
        report.page.click("#tab-sessions")
        report.page.locator("#grid .row").nth(3).click()
        report.page.wait_for_selector("#detail .ladder")
        found += Axe().run(report.page, "#detail").response["violations"]
    grave = [
        (one["id"], [node["html"][:200] for node in one["nodes"]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert grave == []


HOSTILE = (
    "<script>window.ran=1</script>",
    "</script><script>window.ran=2</script>",
    "\"><img src=x onerror='window.ran=3'>",
    "<svg/onload=window.ran=4>",
    "{{7*7}}{% raw %}${window.ran=5}",
    "javascript:window.ran=6",
    "<!--<script>",
    "]]>&lt;&#x3c;",
    "__proto__",
    "constructor",
    "a\u202eb\u200b\u2028c",
    "http://example.invalid/x.png",
    "' onclick='window.ran=7",
)


def test_hostile_strings_run_nowhere(browser: Browser, tmp_path: Path) -> None:
    capture = tmp_path / "<img src=x onerror=alert(1)>.pcap"
    with capture.open("wb") as file:
        writer = Writer(file, 1_700_000_000_000_000)
        for number, text in enumerate(HOSTILE):
            client = Client(writer, number)
            agent = [("AgentID", text), ("AgentExtension", text[:16]), ("AgentInstrument", text[:64])]
            fixed = {"InvokeID": 1, "VersionNumber": 14, "ServicesRequested": 1}
            client.say(0, "OPEN_REQ", fixed, [("ClientID", text), ("ClientPassword", "hunter2hunter2"), *agent])
            client.say(
                1, "OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1, "ServicesGranted": 1}, [("AgentID", text)]
            )
            for state in (2, 3):
                client.say(1, "AGENT_STATE_EVENT", {"AgentState": state, "EventReasonCode": 4}, agent)
            device = [("ConnectionDeviceID", text)]
            client.say(1, "BEGIN_CALL_EVENT", {"CallID": number + 1}, [*device, ("ANI", text), ("DNIS", text)])
            client.say(0, "ANSWER_CALL_REQ", {"InvokeID": 2, "CallID": number + 1}, device)
            client.say(1, "CONTROL_FAILURE_CONF", {"InvokeID": 2, "FailureCode": 21}, [("Text", text)])
            client.end()
    page = report_of(capture, tmp_path)
    for table in ("messages", "sessions", "exchanges", "calls", "agents", "findings"):
        with opened(browser, page, hash=f"#table={table}&open={table}+0") as report:
            for row in (0, 1, 2, 5):
                report.page.locator("#grid .row").nth(row).click()
                report.settle()
            left = report.page.locator("#lanes").bounding_box()
            assert left
            for x in range(230, 1300, 200):
                report.page.mouse.move(left["x"] + x, left["y"] + 90)
            assert report.page.evaluate("window.ran") is None
            assert report.page.evaluate("({}).polluted") is None
            assert report.page.locator("img, iframe, object, embed, a:not(.skip)").count() == 0
            assert "<img src=x onerror=alert(1)>.pcap" in report.text("header.top h1")
            if table == "agents":
                rows = " ".join(report.rows())
                assert "<script>window.ran=1</script>" in rows and "\\u202e" in rows and "__proto__" in rows
    assert b"hunter2" not in held(page)


def test_the_policy_of_the_page_stops_what_is_not_ours(browser: Browser, tmp_path: Path) -> None:
    page = report_of(SAMPLES / "queued-call.pcapng", tmp_path)
    text = page.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy and "unsafe" not in policy[1] and "default-src &#39;none&#39;" in policy[1]
    assert not re.search(r"<[^>]*\son\w+=", text.split("<script")[0])
    spoiled = tmp_path / "spoiled.html"
    spoiled.write_text(
        text.replace("</main>", "</main><script>window.ran=1</script><b onclick='window.ran=2' id='b'>x</b>")
    )
    report = browser.new_page()
    said: list[str] = []
    report.on("console", lambda message: said.append(message.text))
    report.goto(spoiled.as_uri())
    report.wait_for_selector("html[data-ready]")
    report.evaluate("document.getElementById('b').click()")
    assert report.evaluate("window.ran") is None
    with pytest.raises(Exception, match="TrustedHTML"):
        report.evaluate("() => { document.getElementById('b').innerHTML = '<i>x</i>'; }")
    report.close()
    assert any("Content Security Policy" in line for line in said)


def test_on_paper(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, report_of(SAMPLES / "trouble.pcapng", tmp_path), "dark") as report:
        ARTEFACTS.mkdir(exist_ok=True)
        paper = report.page.pdf(path=ARTEFACTS / "on-paper.pdf")
        assert paper.startswith(b"%PDF")
        assert 2 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 8
        report.settle()
        assert report.text("#on-paper") == "and 41 more"
        assert len(report.rows()) < 40


def test_a_long_day_of_many_agents(browser: Browser, tmp_path: Path) -> None:
    capture = tmp_path / "day.pcap"
    Days(str(capture), agents=120, span=4 * 3600, calls=250)
    with opened(browser, report_of(capture, tmp_path)) as report:
        assert report.page.locator(".lane-label").count() < 40
        click_through(report)


def test_a_log_is_as_good_as_a_capture(browser: Browser, tmp_path: Path) -> None:
    page = report_of(SAMPLES / "server.mivr.log", tmp_path, "--zone", "UTC", "--year", "2025")
    with opened(browser, page) as report:
        assert int(report.count("messages")) > 100
        assert report.page.locator(".notes summary").inner_text().endswith("remarks on reading")
        report.page.click("#tab-calls")
        report.page.locator("#grid .row").first.click()
        report.page.wait_for_selector("#detail .ladder .step")


def test_times_are_those_of_the_zone_that_was_asked_for(browser: Browser, tmp_path: Path) -> None:
    try:
        page = report_of(SAMPLES / "trouble.pcapng", tmp_path, "--zone", "Asia/Kolkata")
    finally:
        use_zone(timezone.utc, "UTC")
    with opened(browser, page) as report:
        assert report.text(".when") == "2025-03-10 16:50:00.000000 to 16:50:20.071261 Asia/Kolkata"
        assert report.rows()[0].startswith("1 16:50:00.000644")
        assert "the zone Asia/Kolkata" in report.text("footer")


def test_a_capture_of_nothing_is_a_page_too(browser: Browser, tmp_path: Path) -> None:
    capture = tmp_path / "empty.pcap"
    with capture.open("wb") as file:
        Writer(file, 0)
    with opened(browser, report_of(capture, tmp_path)) as report:
        for table in ("messages", "sessions", "exchanges", "calls", "agents", "findings"):
            report.page.click(f"#tab-{table}")
            assert report.text("#empty") == f"There are no {table}."
