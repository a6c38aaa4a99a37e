"""Debian's Chromium, driven: a page is opened from the disk and must keep to itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

#: Screenshots of a run, to be looked at; git ignores them.
ARTEFACTS = Path(__file__).parent / "artefacts"
#: No services of the browser's own; as root Chromium has no sandbox to offer.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Opened:
    """A report in the browser, and what it did besides being looked at."""

    def __init__(self, browser: Browser, path: Path, scheme: str = "light", hash: str = "", width: int = 1400) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.set_default_timeout(15_000)
        self.address = path.resolve().as_uri()
        self.page.goto(self.address + hash)
        self.page.wait_for_selector("html[data-ready]")

    def text(self, selector: str) -> str:
        """The text of an element as a person sees it."""
        return " ".join(self.page.locator(selector).first.inner_text().split())

    def rows(self) -> list[str]:
        """The texts of the rows of the open table that are in sight."""
        return [" ".join(text.split()) for text in self.page.locator("#grid .row").all_inner_texts()]

    def count(self, table: str) -> str:
        """What stands in a table's tab."""
        return self.text(f"#tab-{table} .count")

    def settle(self) -> None:
        """Until what was asked for is drawn: the page waits before it obeys a key."""
        self.page.wait_for_timeout(250)
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def shot(self, name: str) -> None:
        """Keep a picture of it."""
        ARTEFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{name}.png")

    def close(self) -> None:
        """Close it; it must have said nothing and asked nobody."""
        self.context.close()
        assert self.said == []
        assert [address for address in self.asked if address.split("#")[0] != self.address] == []


@contextmanager
def opened(browser: Browser, path: Path, scheme: str = "light", hash: str = "", width: int = 1400) -> Iterator[Opened]:
    """A report in the browser; whatever happened to it, it kept to itself."""
    report = Opened(browser, path, scheme, hash, width)
    try:
        yield report
    except BaseException:
        report.shot("failed")
        report.context.close()
        raise
    report.close()
