"""The report at its limits: how long it takes to write, how large it is, how soon it is usable, how smoothly it moves.

    python tests/bench/report_page.py [--messages 100000] [--runs 5] [--results tests/bench/RESULTS.md]
    python tests/bench/report_page.py --dense-only --runs 1       # what .ci/run clicks through

Opens the page in the distribution's headless Chromium, without a graphics card, from the disk, and uses everything in
it. Usable means: tables, pictures and findings stand there and obey. Prints a section in Markdown, or puts it into the
results file in place of the one there.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_TESTS = Path(__file__).parents[1]
for _place in (_TESTS, _TESTS.parent):
    sys.path.insert(0, str(_place))

from bench.traffic import write  # noqa: E402
from playwright.sync_api import Browser  # noqa: E402
from report.browser import chromium, opened  # noqa: E402
from report.center_days import Days  # noqa: E402
from report.clicking import click_through  # noqa: E402

TITLE = "## The report"
#: Moves something for 120 frames and gives how long each took, in ms.
FRAMES = """([selector, by]) => new Promise((done) => {
    const element = document.querySelector(selector);
    const times = [];
    let last = performance.now();
    const step = (now) => {
        times.push(now - last);
        last = now;
        element.scrollTop += by;
        if (times.length < 120) requestAnimationFrame(step);
        else done(times.slice(2));
    };
    requestAnimationFrame(step);
})"""


def written(capture: Path) -> tuple[Path, dict[str, str]]:
    """The report of a capture, and what it took to write it."""
    page = capture.with_suffix(".html")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "ccxdissect", "report", str(capture), "-o", str(page)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return page, {
        "written in, processor s": f"{after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.1f}",
        "peak MiB of writing": f"{after.ru_maxrss / 1024:.0f}",
        "size, MB": f"{page.stat().st_size / 1e6:.1f}",
    }


def shown(browser: Browser, page: Path, runs: int) -> dict[str, str]:
    """What it takes to look at a report."""
    usable, own, spent = [], [], []
    for _ in range(runs):
        began = time.perf_counter()
        with opened(browser, page) as report:
            usable.append(time.perf_counter() - began)
            own.append(int(report.page.get_attribute("html", "data-ready") or 0) / 1000)
            messages = report.count("messages")
            asked = report.context.new_cdp_session(report.page)
            asked.send("Performance.enable")
            told = {one["name"]: one["value"] for one in asked.send("Performance.getMetrics")["metrics"]}
            spent.append(told["ProcessTime"])
    with opened(browser, page) as report:
        table = report.page.evaluate(FRAMES, ["#grid [role=grid]", 1300])
        lanes = report.page.evaluate(FRAMES, ["#lanes", 60])
    with opened(browser, page) as report:
        began = time.perf_counter()
        click_through(report)
        clicked = time.perf_counter() - began
    return {
        "messages": messages,
        "usable after, s": f"{statistics.median(usable):.2f} (worst {max(usable):.2f})",
        "processor s of the page until then": f"{statistics.median(spent):.2f}",
        "of it scripts, s": f"{statistics.median(own):.2f}",
        "frame when the table scrolls, ms": frames(table),
        "frame when the lanes scroll, ms": frames(lanes),
        "everything used in, s": f"{clicked:.0f}",
    }


def frames(times: list[float]) -> str:
    """Median and 95 % of the times of frames."""
    return f"{statistics.median(times):.0f} (95 %: {statistics.quantiles(times, n=20)[-1]:.0f})"


def section(rows: list[dict[str, str]], runs: int) -> str:
    """The section of the results file."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    lines = [
        TITLE,
        "",
        "Written by `python tests/bench/report_page.py --results tests/bench/RESULTS.md`, in headless Chromium without a",
        f"graphics card; medians of {runs} openings. Load of the machine at the end (1, 5 and 15 minutes): {load}.",
        "",
        "| " + " | ".join(["", *(row["capture"] for row in rows)]) + " |",
        "| --- |" + " ---: |" * len(rows),
    ]
    lines += ["| " + " | ".join([key, *(row[key] for row in rows)]) + " |" for key in list(rows[0])[1:]]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--dense-only", action="store_true", help="the first of the three captures alone")
    parser.add_argument("--results", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        dense, many, days = (Path(folder) / name for name in ("dense.pcap", "many.pcap", "days.pcap"))
        captures = [("3 minutes, 300 agents", dense)]
        write(str(dense), args.messages)
        if not args.dense_only:
            Days(str(many), agents=400, span=8 * 3600, calls=4000)
            Days(str(days), agents=10, span=3 * 86400, calls=2000)
            captures += [("8 hours, 400 agents", many), ("3 days, 10 agents", days)]
        rows = []
        for name, capture in captures:
            page, took = written(capture)
            rows.append({"capture": name, **shown(browser, page, args.runs), **took})
    text = section(rows, args.runs)
    print(text)
    if args.results:
        known = args.results.read_text(encoding="utf-8")
        rest = re.sub(rf"\n*{TITLE}\n.*?(?=\n## |\Z)", "", known, flags=re.DOTALL).rstrip("\n")
        args.results.write_text(f"{rest}\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
