"""Everything a reader can do with a report, done: on any capture that has a session, an agent, a call and a finding."""

from __future__ import annotations

from report.browser import Opened

LABELS = 210


def lane(report: Opened) -> tuple[float, float, float]:
    """Where the first lane is: its left and right end where time is drawn, and its middle."""
    report.page.locator("#lanes").scroll_into_view_if_needed()
    report.settle()
    left, right, y = report.page.evaluate(
        """() => {
            const row = document.querySelector(".lane-label").getBoundingClientRect();
            const whole = document.querySelector("#lanes").getBoundingClientRect();
            return [whole.left, whole.right, row.top + row.height / 2];
        }"""
    )
    return left + LABELS, right, y


def click_through(report: Opened) -> None:
    """Use everything, and see that it does something."""
    _findings(report)
    _picture(report)
    _keys_of_the_picture(report)
    _filter(report)
    _tables(report)
    _one_message(report)
    _ladders(report)
    _figures(report)
    _theme(report)


def _everything(report: Opened) -> None:
    if report.page.locator("#filter-clear").is_visible():
        report.page.click("#filter-clear")
        report.settle()
    assert report.page.locator("#filter-chips button").count() == 0


def _findings(report: Opened) -> None:
    first = report.page.locator("button.finding").first
    text = " ".join(first.locator(".text").inner_text().split())
    first.click()
    report.page.wait_for_selector("#detail article")
    assert report.page.get_attribute("#tab-findings", "aria-selected") == "true"
    assert text in report.text("#detail")
    assert report.page.locator("#grid .row[aria-selected=true]").count() == 1


def _picture(report: Opened) -> None:
    page = report.page
    page.click("#whole")
    before = report.text("#tab-messages .count")
    left, right, y = lane(report)
    page.mouse.move((left + right) / 2, y)
    box = page.locator("#rate .u-over").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 40, steps=4)
    page.mouse.up()
    report.settle()
    page.click("#keep-range")
    report.settle()
    assert page.locator("#filter-chips button").count() == 1
    assert report.count("messages") != before and " of " in report.count("messages")
    for button in ("#zoom-in", "#later", "#earlier", "#zoom-out", "#whole"):
        page.click(button)
    left, right, y = lane(report)
    page.mouse.move((left + right) / 2, y)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.mouse.down()
    page.mouse.move((left + right) / 2 - 80, y, steps=3)
    page.mouse.up()
    page.click("#whole")
    _everything(report)
    for order in ("time", "name", "long", "trouble"):
        page.select_option("#lane-order", order)
    page.fill("#lane-search", "no such lane anywhere")
    report.settle()
    assert page.locator(".lane-label").count() == 0
    page.fill("#lane-search", "")
    report.settle()
    assert page.locator(".lane-label").count() > 0
    label = page.locator(".lane-label").nth(3)
    label.click()
    report.settle()
    chips = page.locator("#filter-chips button").count()
    assert chips >= 1
    report.shot("lane-chosen")
    _everything(report)


def _keys_of_the_picture(report: Opened) -> None:
    page = report.page
    page.focus("#lanes")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    report.settle()
    folded = page.get_attribute("#lanes", "aria-rowcount")
    page.keyboard.press("Enter")
    report.settle()
    assert int(page.get_attribute("#lanes", "aria-rowcount") or 0) > int(folded or 0)
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    report.settle()
    assert page.locator("#tip").is_visible()
    assert report.page.locator("#announcement").inner_text().strip()
    for key in ("+", "-", "Shift+ArrowRight", "Shift+ArrowLeft", "0", "PageDown", "PageUp"):
        page.keyboard.press(key)
    active = page.get_attribute("#lanes", "aria-activedescendant")
    assert active and page.locator(f"#{active}").count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    _everything(report)


def _filter(report: Opened) -> None:
    page = report.page
    page.fill("#filter-box", "session 1")
    page.keyboard.press("Enter")
    report.settle()
    assert report.text("#filter-chips") == "session 1 ×"
    assert report.count("sessions").startswith("1 of ")
    page.fill("#filter-box", "session 99999")
    page.keyboard.press("Enter")
    assert report.text("#filter-told") == "There is no session 99999 here."
    page.fill("#filter-box", "nonsense")
    page.keyboard.press("Enter")
    assert "Say what it is" in report.text("#filter-told")
    page.locator("#filter-chips button").first.click()
    _everything(report)


def _tables(report: Opened) -> None:
    page = report.page
    page.focus("#tab-messages")
    page.click("#tab-messages")
    for table in ("sessions", "exchanges", "calls", "agents", "findings", "messages"):
        page.keyboard.press("ArrowRight")
        report.settle()
        assert page.get_attribute(f"#tab-{table}", "aria-selected") == "true"
        assert len(report.rows()) > 0
        header = page.locator("#grid [role=columnheader] button").first
        header.click()
        assert page.locator("#grid [aria-sort=ascending]").count() == 1
        header.click()
        assert page.locator("#grid [aria-sort=descending]").count() == 1
        header.click()
        page.focus(f"#tab-{table}")
    page.focus("#grid [role=grid]")
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail article.message")
    page.fill("#search", "open_req")
    report.settle()
    rows = report.rows()
    assert rows and all("OPEN_REQ" in row for row in rows)
    page.fill("#search", "")
    report.settle()
    page.get_by_label("type", exact=True).select_option("OPEN_CONF")
    report.settle()
    assert report.rows() and all(" OPEN_CONF " in row for row in report.rows())
    page.get_by_role("button", name="Clear filters").click()
    report.settle()
    assert " of " not in report.count("messages")


def _one_message(report: Opened) -> None:
    page = report.page
    page.click("#tab-messages")
    page.locator("#grid .row").nth(1).click()
    page.wait_for_selector("#detail article.message")
    item = page.locator("#detail [role=treeitem]", has_text="MessageTypeID")
    item.click()
    lit = page.locator("#detail .bytes-hex .lit").all_inner_texts()
    assert len(lit) == 4
    page.keyboard.press("ArrowUp")
    assert "BodyLength" in report.text("#detail [role=treeitem][aria-selected=true]")
    page.locator("#detail .bytes-hex span").nth(5).click()
    assert "MessageTypeID" in report.text("#detail [role=treeitem][aria-selected=true]")
    page.locator("#detail .chip").first.click()
    report.settle()
    assert page.locator("#filter-chips button").count() == 1
    _everything(report)


def _ladders(report: Opened) -> None:
    page = report.page
    for table in ("sessions", "calls", "exchanges"):
        page.click(f"#tab-{table}")
        report.settle()
        page.locator("#grid .row").first.click()
        page.wait_for_selector("#detail .ladder .step")
        if page.locator("#detail .ladder .more").is_visible():
            steps = page.locator("#detail .ladder .step").count()
            page.click("#detail .ladder .more")
            assert page.locator("#detail .ladder .step").count() > steps
    report.shot("ladder")
    page.locator("#detail .ladder .step").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#detail article.message")
    page.click("#tab-agents")
    page.locator("#grid .row").first.click()
    page.wait_for_selector("#detail article.story article.message")


def _figures(report: Opened) -> None:
    page = report.page
    page.locator("#replies-table .row").first.click()
    report.settle()
    assert page.locator("#filter-chips button").count() == 1
    _everything(report)
    page.locator("#agents-table .row").first.click()
    report.settle()
    assert report.text("#filter-chips").startswith("agent ")
    agent = report.text("#filter-chips").split()[1]
    lanes = page.locator(".lane-label [role=rowheader] b").all_inner_texts()
    assert agent in lanes and agent in report.text("#agents-table .row")
    groups = page.locator(".lane-group").all_inner_texts()
    assert not any(text.split()[1] == "Agents" and " of " not in text for text in groups) or len(lanes) < 6
    _everything(report)
    page.locator("#outcomes button").first.click()
    report.settle()
    assert report.text("#filter-chips").startswith("calls ")
    _everything(report)
    page.locator("#slow button").first.click()
    page.wait_for_selector("#detail .ladder")


def _theme(report: Opened) -> None:
    page = report.page
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) != light
    report.settle()
    report.shot("dark")
    page.click("#theme")
    assert page.evaluate(ground) == light
