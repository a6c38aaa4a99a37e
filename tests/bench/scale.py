"""How an export grows from one worker to a thousand: what is measured here, and what is reckoned from it.

    python tests/bench/scale.py [--captures 24] [--messages 2000] [--results tests/bench/RESULTS.md]

Measured, at one and at two workers of this machine: planning and work for each capture, what a scheduler spends on a
task, and how large a result is. Reckoned: a day of a large Unified CCE site, 10^9 messages, at 10, 100 and 1,000
workers; which part is busy all the time first. And the plan of 100,000 captures, made of simulated first looks.
"""

from __future__ import annotations

import argparse
import pickle
import random
import re
import resource
import sys
import tempfile
import time
from pathlib import Path

_TESTS = Path(__file__).parents[1]
for _place in (_TESTS, _TESTS.parent):
    sys.path.insert(0, str(_place))

from bench.traffic import write  # noqa: E402

from ccxdissect.sources.options import options  # noqa: E402
from ccxdissect.sources.planning import Planner, Scan, scan  # noqa: E402
from ccxdissect.tables.cluster import local  # noqa: E402
from ccxdissect.tables.export import Order, export, units  # noqa: E402
from ccxdissect.tables.plan import plan  # noqa: E402
from ccxdissect.tables.work import Done  # noqa: E402

TITLE = "## Many captures, many machines"
#: A day of a large Unified CCE site, in captures such as a ring buffer leaves.
DAY, MESSAGES_EACH = 10**9, 10_000


def exported(captures: list[str], folder: Path, workers: int) -> tuple[float, float, int]:
    """Wall seconds, the workers' processor seconds, and messages of an export by so many workers, without their start."""
    order = Order(str(folder), options())
    with local(workers) as cluster:
        began = time.monotonic()
        planned = plan(captures, order.options, cluster.look)
        done = export(units(planned.groups, order, lambda group: 0), order, workforce=cluster.do)
        wall = time.monotonic() - began
    messages = sum(count for table, count in done.rows.items() if table.startswith("messages/"))
    return wall, done.processor_seconds, messages


def scheduling(tasks: int = 2_000) -> float:
    """Processor seconds that a task costs the scheduler and its client, which share this process."""
    with local(1) as cluster:
        began = time.process_time()
        order = Order("nowhere", options())
        works = list(units(([str(number)] for number in range(tasks)), order, lambda group: 0))
        for _ in cluster.do(works, _nothing):
            pass
        return (time.process_time() - began) / tasks


def _nothing(work: object) -> Done:
    return Done(work.number)  # type: ignore[attr-defined]


def planned_at_scale(captures: int = 100_000, pairs: int = 40) -> tuple[float, float, int]:
    """Processor seconds and peak MiB of the plan of simulated first looks, and the groups that it finds."""
    dice = random.Random(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    with Planner() as planner:
        open_now = [dice.getrandbits(64) for _ in range(pairs)]
        for number in range(captures):
            if number % 100 == 0:  # a ring buffer of a hundred files, whose connections go on
                open_now = [dice.getrandbits(64) for _ in range(pairs)]
            told = b"".join(pair.to_bytes(8, "little") for pair in open_now)
            planner.add(Scan(f"{number}.pcap", number, number * 10, number * 10 + 9, number * 10 + 9, told))
        groups = len(planner.runs())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return time.process_time() - began, (peak - before) / 1024, groups


def main() -> None:
    """Measure, reckon, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captures", type=int, default=24)
    parser.add_argument("--messages", type=int, default=2_000, help="of each capture")
    parser.add_argument("--results", type=Path)
    args = parser.parse_args()
    seconds, mib, groups = planned_at_scale()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        captures = []
        for number in range(args.captures):
            captures.append(str(folder / f"{number}.pcap"))
            # Other clients, and an hour later.
            write(captures[-1], args.messages, first=number * 10_000)
        began = time.process_time()
        for number, path in enumerate(captures):
            scan(path, number, frozenset({12028}))
        looking = (time.process_time() - began) / args.captures
        results = {workers: exported(captures, folder / f"out-{workers}", workers) for workers in (1, 2)}
        size = sum(file.stat().st_size for file in (folder / "out-1").rglob("*.parquet")) / results[1][2]
    task = scheduling()
    messages = results[1][2]
    each = results[1][1] / messages
    answer = len(pickle.dumps(Done(1, {f"messages/name=TYPE_{number}": 1 for number in range(60)})))
    lines = [
        TITLE, "",
        "Written by `python tests/bench/scale.py --results tests/bench/RESULTS.md`.", "",
        f"Measured ({args.captures} captures of {messages // args.captures:,} messages each, one group each):", "",
        "| | 1 worker | 2 workers |", "| --- | ---: | ---: |",
        f"| wall time, s | {results[1][0]:.1f} | {results[2][0]:.1f} |",
        f"| processor time of the work, s | {results[1][1]:.1f} | {results[2][1]:.1f} |", "",
        f"- Work: {1e6 * each:.0f} µs a message. First look: {1e3 * looking:.1f} ms a capture.",
        f"- Scheduler: {1e3 * task:.2f} ms of processor time a task, its client's part included. A result is {answer:,} bytes.",
        f"- Tables: {size:.0f} bytes a message.",
        f"- The plan of 100,000 captures with 40 connections each (simulated first looks): {seconds:.1f} s of processor "
        f"time, {mib:.0f} MiB more at its peak, {groups:,} groups.", "",
        f"Reckoned from that, not measured: {DAY:,} messages in {DAY // MESSAGES_EACH:,} captures.", "",
        "| workers | work, h | first looks, h | scheduling, h | storage, MB/s | busy all the time first |",
        "| ---: | ---: | ---: | ---: | ---: | --- |",
    ]  # fmt: skip
    units_of_work = DAY // MESSAGES_EACH
    for workers in (10, 100, 1_000):
        work = DAY * each / workers / 3600
        looks = units_of_work * looking * (MESSAGES_EACH * args.captures / messages) / workers / 3600
        tasks = units_of_work * task * (1 + 1 / 16) / 3600
        whole = max(work + looks, tasks)
        first = "the workers" if work + looks >= tasks else "the scheduler"
        lines.append(
            f"| {workers:,} | {work:.2f} | {looks:.2f} | {tasks:.2f} | {DAY * size / whole / 3600 / 1e6:.1f} | {first} |"
        )
    limit = (each * MESSAGES_EACH) / task
    lines += [
        "",
        f"With captures of {MESSAGES_EACH:,} messages the scheduler saturates at some {limit:,.0f} workers; larger captures "
        "move that up in proportion. The plan is made by one process, after all first looks: its time is told above.",
    ]
    text = "\n".join(lines) + "\n"
    if args.results:
        known = args.results.read_text(encoding="utf-8")
        rest = re.sub(rf"\n*{TITLE}\n.*?(?=\n## |\Z)", "", known, flags=re.DOTALL).rstrip("\n")
        args.results.write_text(f"{rest}\n\n{text}", encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
