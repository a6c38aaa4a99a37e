"""Puts small mistakes into codec, stream and analysis, one at a time, and says which of them no test notices.

    .venv/bin/python tests/mutation/run.py                    # 400 mutants, on all cores
    .venv/bin/python tests/mutation/run.py --only framing     # every mutant of the files whose path holds this
    .venv/bin/python tests/mutation/run.py --count 2000

The tests are collected once, and run once to see which functions each of them calls. For each mutant the process forks;
the child gives the function its mistaken code and runs the tests that call it, the quickest first, until one fails or
takes far too long. Which mutants are chosen depends on their names alone. `equivalent.txt` lists those that change
nothing anybody could notice, each with the reason; they are not counted.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest
from hypothesis import settings
from mutants import Mutant, mutants

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ccxdissect"
ROOMS = ("codec", "stream", "analysis")
#: The tests that may notice; whole commands are other processes, which no mutant reaches.
TESTS = (
    "tests/codec", "tests/stream", "tests/analysis", "tests/fuzz", "tests/views", "tests/redact",
    "tests/test_fast_paths.py", "tests/capture/test_mivr_forms.py", "tests/live/test_live_overdue.py",
)  # fmt: skip
#: Those that measure take long, and notice nothing else.
LEFT_OUT = "not (memory or ten_thousand or flat or in_time or megabyte or hundred_rounds)"
OPTIONS = [
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "--hypothesis-seed=0",
    "--no-header",
    "--tb=no",
    "-k",
    LEFT_OUT,
]
#: A mutant is not given to tests that take more than so many seconds together.
MOST_SECONDS = 20.0
#: So many examples of each property.
EXAMPLES = 40
#: What a test may take of memory, beyond which a mutant is as good as noticed.
MOST_MEMORY = 4 << 30
#: The exit status of a child that found no function to change.
NOT_PUT_IN = 3
EQUIVALENT = Path(__file__).parent / "equivalent.txt"


def chosen(count: int, only: str | None) -> list[Mutant]:
    """The mutants to try, by the digests of their names."""
    found: list[Mutant] = []
    for room in ROOMS:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            name = str(path.relative_to(PACKAGE))
            if only is None or only in name:
                found += mutants(name, path.read_text("utf-8"))
    found.sort(key=lambda mutant: hashlib.sha256(mutant.name.encode()).digest())
    return found if only is not None else found[:count]


def equivalent() -> set[str]:
    lines = EQUIVALENT.read_text("utf-8").splitlines() if EQUIVALENT.exists() else []
    return {line for line in lines if line and not line.startswith(("#", " "))}


def pairs(right: CodeType, wrong: CodeType) -> dict[CodeType, CodeType]:
    """The code of each function, at any depth, with its mistaken code, where that is another."""
    found = {} if right == wrong else {right: wrong}
    inner = [code for code in right.co_consts if isinstance(code, CodeType)]
    others = [code for code in wrong.co_consts if isinstance(code, CodeType)]
    for one, other in zip(inner, others, strict=True):
        found.update(pairs(one, other))
    return found


def _with_fewer_examples(test: Any) -> None:
    usual = getattr(test, "_hypothesis_internal_use_settings", None)
    if usual is not None and usual.max_examples > EXAMPLES:
        test._hypothesis_internal_use_settings = settings(usual, max_examples=EXAMPLES)


def live_functions() -> list[FunctionType]:
    """Every function of the package that there is, closures included."""
    found = [one for one in gc.get_objects() if isinstance(one, FunctionType)]
    return [one for one in found if one.__code__.co_filename.startswith(str(PACKAGE))]


def put_in(mutant: Mutant, functions: list[FunctionType]) -> bool:
    """Give the live functions their mistaken code; whether there were any."""
    path = PACKAGE / mutant.path
    changed = pairs(mutant.right, mutant.code)
    done = False
    for one in functions:
        if one.__code__.co_filename == str(path) and one.__code__ in changed:
            one.__code__ = changed[one.__code__].replace(co_filename=str(path))
            done = True
    return done


class Mutation:
    """A pytest plugin: in place of running the tests once, it runs some of them for every mutant."""

    def __init__(self, todo: list[Mutant], jobs: int, most: float) -> None:
        self.todo = todo
        self.survivors: list[Mutant] = []
        self.left_out: list[Mutant] = []
        self.done = 0
        self._jobs = jobs
        self._most = most
        self._failed = False
        self._functions: list[FunctionType] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._failed = self._failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        began = time.monotonic()
        for item in session.items:
            _with_fewer_examples(getattr(item, "obj", None))
        callers = self._callers(session.items)
        print(f"\n{len(session.items)} tests and their functions after {time.monotonic() - began:.0f} s", flush=True)
        self._functions = live_functions()
        running: dict[int, Mutant] = {}
        for mutant in self.todo:
            if time.monotonic() - began > self._most:
                break
            if len(running) >= self._jobs:
                self._wait(running)
            # A nested function is called by whoever calls the one around it.
            parts = mutant.function.split(".")
            names = [".".join(parts[:size]) for size in range(len(parts), 0, -1)]
            known = next((callers[mutant.path, name] for name in names if (mutant.path, name) in callers), {})
            tests, total = [], 0.0
            for item, seconds in sorted(known.items(), key=lambda pair: pair[1]):
                if total + seconds <= MOST_SECONDS:
                    tests.append(item)
                    total += seconds
            pid = os.fork()
            if not pid:
                self._child(mutant, tests, total)
            running[pid] = mutant
        while running:
            self._wait(running)
        return True

    def _callers(self, items: list[pytest.Item]) -> dict[tuple[str, str], dict[pytest.Item, float]]:
        """Which tests call each function, and how long they take."""
        called: set[CodeType] = set()

        def calling(frame: FrameType, event: str, argument: Any) -> None:
            called.add(frame.f_code)

        found: dict[tuple[str, str], dict[pytest.Item, float]] = {}
        for item in items:
            called.clear()
            self._failed = False
            began = time.perf_counter()
            sys.settrace(calling)
            item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
            sys.settrace(None)
            seconds = time.perf_counter() - began
            if self._failed:
                print(f"left out, since it fails as it is: {item.nodeid}", flush=True)
                continue
            for code in called:
                if code.co_filename.startswith(str(PACKAGE)):
                    path = str(Path(code.co_filename).relative_to(PACKAGE))
                    found.setdefault((path, code.co_qualname.replace(".<locals>", "")), {})[item] = seconds
        return found

    def _child(self, mutant: Mutant, tests: list[pytest.Item], seconds: float) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        # Beyond its time it ends by the signal, and so the mutant is noticed.
        signal.alarm(int(20 + 4 * seconds))
        status = 0
        try:
            self._failed = False
            if not put_in(mutant, self._functions):
                status = NOT_PUT_IN
            for item in tests if not status else ():
                item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
                if self._failed:
                    status = 1
                    break
        except BaseException:
            status = 1
        finally:
            os._exit(status)

    def _wait(self, running: dict[int, Mutant]) -> None:
        pid, status = os.wait()
        mutant = running.pop(pid)
        self.done += 1
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == NOT_PUT_IN:
            self.left_out.append(mutant)
            print(f"left out, since no function has this code: {mutant.name}  [line {mutant.line}]", flush=True)
        elif status == 0:
            self.survivors.append(mutant)
            print(f"survived: {mutant.name}  [line {mutant.line}]", flush=True)


class Quiet:
    """Keeps pytest from telling of every test."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        return "", "", ""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--only", metavar="PART", help="every mutant of the files whose path holds this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--tests", nargs="+", default=TESTS, help="which tests may notice")
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="stop after so long, and tell what there is"
    )
    args = parser.parse_args()
    same = equivalent()
    todo = [mutant for mutant in chosen(args.count, args.only) if mutant.name not in same]
    began = time.monotonic()
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    plugin = Mutation(todo, args.jobs, args.seconds)
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = folder
        pytest.main([*OPTIONS, *args.tests], plugins=[plugin, Quiet()])
    tried = plugin.done - len(plugin.left_out)
    killed = tried - len(plugin.survivors)
    share = killed / max(tried, 1)
    print(f"{killed} of {tried} mutants killed, {share:.1%}, in {time.monotonic() - began:.0f} s")
    return 0 if share >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
