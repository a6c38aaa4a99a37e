"""The report as it is read out: the names and roles that Chromium tells a screen reader, and axe-core's word on every
state of the page, in both themes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from report.browser import Opened, chromium, opened
from report.test_report_page import SAMPLES, report_of

pytestmark = pytest.mark.heavy
#: What nobody hears as a thing of its own.
UNSAID = {"StaticText", "InlineTextBox", "LabelText", "generic", "none", "paragraph", "ListMarker", "Canvas"}
STATES = ("level", "expanded", "selected", "pressed", "readonly")
#: The page, without what is in it: landmarks, headings, tabs, tables with their columns.
OUTLINE = """\
link Skip to the tables
banner
heading 1 trouble.pcapng
main
region HEADLINE
heading 2 HEADLINE
heading 3 9 errors
heading 3 5 warnings
heading 3 5 notes
region filter
region The picture
heading 2 The picture
grid sessions, agents and calls over time
region Reply times
heading 2 Reply times
grid reply times by request
heading 3 Slowest replies
heading 3 Never answered
region Agents' time
heading 2 Agents' time
grid agents' totals
region Calls by outcome
heading 2 Calls by outcome
heading 2 Time in queue
region Tables
heading 2 Tables
tablist tables
tab selected messages 81
tab sessions 6
tab exchanges 24
tab calls 1
tab agents 8
tab findings 19
tabpanel messages 81
group filter messages
grid messages
columnheader number
columnheader time
columnheader session
columnheader from
columnheader message
columnheader what it says
region what is chosen
article message 12
heading 3 12 CONTROL_FAILURE_CONF
tree fields
group bytes, in hexadecimal and as text
contentinfo
"""
MESSAGE = """\
treeitem 2 BodyLength = 34
treeitem 2 MessageTypeID = 35 (CONTROL_FAILURE_CONF)
treeitem 1 fixed part, 10 bytes
treeitem 2 InvokeID: 12
treeitem 2 selected FailureCode: 257 (CF_INVALID_PASSWORD_SPECIFIED)
treeitem 2 UnifiedCCXErrorCode: 0 (CCX_DEFAULT_ERROR_CODE)
treeitem 1 floating part, 24 bytes, tag and length 1+1
treeitem 2 Text[7]: the password is wrong
"""
LANES = """\
row ▾ Findings 19
rowheader expanded ▾ Findings 19
row errors 9 9 items
rowheader errors 9
gridcell 9 items
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def heard(report: Opened) -> list[tuple[str, str]]:
    """What a screen reader is told, in its order: role, and level, states and name."""
    asked = report.context.new_cdp_session(report.page)
    nodes = asked.send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}
    found: list[tuple[str, str]] = []

    def walk(node: dict[str, Any]) -> None:
        role = node.get("role", {}).get("value")
        if not node.get("ignored") and role not in UNSAID:
            states = {one["name"]: one["value"].get("value") for one in node.get("properties", ())}
            said = [str(states["level"])] if role in ("heading", "treeitem") else []
            said += [state for state in ("expanded", "selected") if states.get(state) is True]
            found.append((role, " ".join([*said, " ".join(node.get("name", {}).get("value", "").split())]).strip()))
        for child in node.get("childIds", ()):
            walk(by_id[child])

    walk(nodes[0])
    return found


def lines(told: list[tuple[str, str]]) -> str:
    return "".join(f"{role} {text}".rstrip() + "\n" for role, text in told)


def test_a_screen_reader_is_told_what_everything_is(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, report_of(SAMPLES / "trouble.pcapng", tmp_path)) as report:
        report.page.locator("#grid .row").nth(11).click()
        report.page.wait_for_selector("#detail article.message")
        report.page.locator("#detail [role=treeitem]").nth(4).click()
        told = heard(report)
        roles = {line.split()[0] for line in OUTLINE.splitlines()}
        named = lines([one for one in told if one[0] in roles])
        grid = named.index("grid messages")
        figures = [line for line in named[:grid].splitlines(keepends=True) if not line.startswith("columnheader")]
        assert "".join(figures) + named[grid:] == OUTLINE.replace("HEADLINE", report.text("#headline"))
        assert lines([one for one in told if one[0] == "treeitem"]) == MESSAGE
        lanes = told[told.index(("grid", "sessions, agents and calls over time")) :]
        assert lines([one for one in lanes if one[0] in ("row", "rowheader", "gridcell")][:5]) == LANES
        rows = [text for role, text in told if role == "row" and "selected" in text.split()[:1]]
        assert rows == [
            "selected 12 11:20:00.087510 4 server CONTROL_FAILURE_CONF #12 CF_INVALID_PASSWORD_SPECIFIED "
            '"the password is wrong"'
        ]
        # Whatever can be worked has a name.
        worked = ("button", "searchbox", "combobox", "textbox", "tab", "grid", "tree", "treeitem", "columnheader")
        assert [one for one in told if one[0] in worked and not one[1]] == []
        # What happens is said.
        assert report.page.locator("#announcement").inner_text() == "messages row opened"
        for table in ("sessions", "exchanges", "calls", "agents", "findings"):
            report.page.click(f"#tab-{table}")
            report.page.locator("#grid .row").first.click()
            report.page.wait_for_function(
                f"document.getElementById('announcement').textContent === '{table} row opened'"
            )
            told = heard(report)
            assert ("grid", table) in told
            assert [one for one in told if one[0] in worked and not one[1]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sample", ["trouble.pcapng", "agent-day-bridge-and-agent.pcapng"])
def test_axe_finds_nothing_serious_whatever_is_open(browser: Browser, tmp_path: Path, scheme: str, sample: str) -> None:
    grave: list[tuple[str, str, str]] = []
    with opened(browser, report_of(SAMPLES / "agent-day-bridge-and-agent.pcapng", tmp_path), scheme) as report:
        for table in ("messages", "sessions", "exchanges", "calls", "agents", "findings"):
            report.page.click(f"#tab-{table}")
            report.page.locator("#grid .row").first.click()
            report.settle()
            within = "body" if table == "messages" else "#tables"
            for one in Axe().run(report.page, within).response["violations"]:
                if one["impact"] in ("serious", "critical"):
                    grave += [(table, one["id"], node["html"][:160]) for node in one["nodes"]]
    assert grave == []
