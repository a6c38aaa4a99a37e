"""The report in the other browser people have: Debian's Firefox, used as a reader would, by Mozilla's own driver."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from marionette_driver import By, Keys, Wait
from marionette_driver.marionette import Marionette
from report.browser import ARTEFACTS
from report.test_report_page import SAMPLES, report_of

FIREFOX = "/usr/bin/firefox-esr"
pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not Path(FIREFOX).exists(), reason="there is no firefox-esr here"),
]
#: What Firefox itself has to say about the page: errors of scripts, of styles, of the policy.
COMPLAINTS = """
    return Services.console.getMessageArray()
        .filter((one) => one instanceof Ci.nsIScriptError && one.sourceName.startsWith(arguments[0]))
        .map((one) => one.errorMessage);
"""


class Fox:
    """A report in Firefox."""

    def __init__(self, driver: Any, page: Path) -> None:
        self.driver = driver
        self.address = page.resolve().as_uri()
        driver.navigate("about:blank")
        driver.navigate(self.address)
        self.until("document.documentElement.dataset.ready")

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page."""
        return self.driver.execute_script(f"return {expression}")

    def until(self, expression: str) -> None:
        """Wait for it to be true."""
        Wait(self.driver, timeout=30).until(lambda driver: driver.execute_script(f"return Boolean({expression})"))

    def one(self, selector: str) -> Any:
        """An element."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def click(self, selector: str) -> None:
        """Click on it, as a person who scrolls to it first."""
        element = self.one(selector)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", script_args=[element])
        element.click()

    def text(self, selector: str) -> str:
        """Its text as a person sees it."""
        return " ".join(self.one(selector).text.split())

    def count(self, table: str) -> str:
        """What stands in a table's tab."""
        return self.text(f"#tab-{table} .count")

    def complaints(self) -> list[str]:
        """What Firefox says is wrong."""
        with self.driver.using_context("chrome"):
            found: list[str] = self.driver.execute_script(COMPLAINTS, script_args=[self.address])
            return found


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with socket.create_server(("127.0.0.1", 0)) as claim:
        port = claim.getsockname()[1]
    log = tmp_path_factory.mktemp("firefox") / "gecko.log"  # it would be written where the tests were started
    driver = Marionette(
        bin=FIREFOX, headless=True, host="127.0.0.1", port=port, startup_timeout=120, gecko_log=str(log)
    )
    driver.start_session()
    driver.set_window_rect(width=1400, height=1000)
    try:
        yield driver
    finally:
        driver.quit()
        driver.cleanup()


def test_in_firefox_too_everything_obeys(firefox: Any, tmp_path: Path) -> None:
    fox = Fox(firefox, report_of(SAMPLES / "trouble.pcapng", tmp_path))
    assert fox.count("messages") == "81"
    assert fox.text("#grid .row").startswith("1 11:20:00.000644")

    fox.click("button.finding")
    fox.until("document.querySelector('#detail article')")
    assert fox.ask("document.querySelector('#tab-findings').getAttribute('aria-selected')") == "true"

    fox.click("#tab-messages")
    fox.click("#grid .row:nth-child(12)")
    fox.until("document.querySelector('#detail article.message')")
    assert fox.text("#detail h3") == "12 CONTROL_FAILURE_CONF"
    fox.click("#detail [role=treeitem]:not(.heading)")
    assert fox.ask("document.querySelectorAll('#detail .lit').length") > 0

    fox.one("#filter-box").send_keys("session 4", Keys.ENTER)
    fox.until("document.querySelectorAll('#filter-chips button').length === 1")
    assert fox.count("sessions") == "1 of 6"
    fox.click("#tab-sessions")
    fox.click("#grid .row")
    fox.until("document.querySelector('#detail .ladder .step')")
    fox.click("#filter-clear")
    fox.until("document.querySelectorAll('#filter-chips button').length === 0")

    fox.click("#tab-exchanges")
    fox.one("#filters select").send_keys("ANSWER_CALL_REQ")
    fox.until("document.querySelectorAll('#grid .row').length === 2")
    fox.click("#filters .clear")
    fox.click("#grid [role=columnheader]:nth-child(2) button")
    assert fox.ask("document.querySelector('#grid [aria-sort]').getAttribute('aria-sort')") == "ascending"

    lanes = fox.one("#lanes")
    folded = int(lanes.get_attribute("aria-rowcount"))
    lanes.send_keys(Keys.HOME, Keys.ENTER)
    fox.until(f"document.querySelector('#lanes').getAttribute('aria-rowcount') !== '{folded}'")
    fox.click("#zoom-in")
    fox.click("#whole")

    ground = fox.ask("getComputedStyle(document.body).backgroundColor")
    fox.click("#theme")
    assert fox.ask("getComputedStyle(document.body).backgroundColor") != ground
    ARTEFACTS.mkdir(exist_ok=True)
    (ARTEFACTS / "firefox.png").write_bytes(base64.b64decode(firefox.screenshot(full=True)))

    assert fox.ask("performance.getEntriesByType('resource').map((one) => one.name)") == []
    assert fox.complaints() == []


def test_in_firefox_too_a_script_in_a_name_stays_text(firefox: Any, tmp_path: Path) -> None:
    page = report_of(SAMPLES / "trouble.pcapng", tmp_path)
    spoiled = tmp_path / "spoiled.html"
    spoiled.write_text(page.read_text("utf-8").replace("</main>", "</main><script>window.ran = 1</script>"), "utf-8")
    fox = Fox(firefox, spoiled)
    assert fox.ask("window.wrappedJSObject.ran === undefined")
    assert any("Content-Security-Policy" in said for said in fox.complaints())
