"""Puts small mistakes into codec, stream and analysis, one at a time, and says which of them no test notices.

    .venv/bin/python tests/mutation/run.py                    # 340 mutants, on one core
    .venv/bin/python tests/mutation/run.py --resume           # what a run that was stopped had not come to
    .venv/bin/python tests/mutation/run.py --survivors        # those that survived the last time
    .venv/bin/python tests/mutation/run.py --only framing     # every mutant of the files whose path holds this
    .venv/bin/python tests/mutation/run.py --count 2000 --jobs 4

The tests are collected once, and seen once which lines each of them reaches. For each mutant the process forks; the child
gives the function its mistaken code and runs the tests that reach the line, the one that noticed the last time first, then
those that noticed most and the quickest, until one fails or takes far too long. Which mutants are chosen depends on their names alone, by a
fixed digest: so many of each file as its size deserves. `equivalent.txt` lists those that change nothing anybody could
notice, each with the reason; they are not counted.
"""

from __future__ import annotations

import argparse
import functools
import gc
import hashlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import CodeType, FunctionType
from typing import IO, Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from mutants import Mutant, mutants, names
from reach import Reach

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ccxdissect"
ROOMS = ("codec", "stream", "analysis")
#: The tests that may notice; whole commands are other processes, which no mutant reaches.
TESTS = (
    "tests/codec", "tests/stream", "tests/analysis", "tests/views", "tests/verdict", "tests/test_fast_paths.py",
    "tests/capture/test_mivr_forms.py", "tests/live/test_live_overdue.py", "tests/live/test_live_time.py",
    "tests/cli/test_commands.py", "tests/cli/test_compare.py", "tests/cli/test_filters.py", "tests/cli/test_schema.py",
    "tests/cli/test_cce_sample.py", "tests/cli/test_summary_command.py", "tests/protocol/test_corrections.py",
    "tests/sources/test_trace.py", "tests/sources/test_cutting.py", "tests/columns/test_same_events.py",
    "tests/columns/test_same_lines.py",
)  # fmt: skip
#: Those that measure take long, and notice nothing else.
LEFT_OUT = (
    "not (memory or ten_thousand or flat or in_time or megabyte or hundred_rounds or wireshark or tshark or however)"
)
OPTIONS = [
    "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0", "--no-header", "--tb=no", "--timeout=0",
]  # fmt: skip
#: A mutant is not given to tests that take more than so many seconds together.
MOST_SECONDS = 30.0
#: So many examples of each property: when the lines are looked at, and for a mutant.
EXAMPLES_SEEN, EXAMPLES = 12, 40
#: What a test may take of memory, beyond which a mutant is as good as noticed.
MOST_MEMORY = 4 << 30
#: The exit status of a child that found no function to change.
NOT_PUT_IN = 3
#: The bytes of the name of a test, as a child tells which one it is at.
_LONGEST_NAME = 2000
EQUIVALENT = Path(__file__).parent / "equivalent.txt"
#: What is kept from one run to the next.
KEPT = Path(tempfile.gettempdir()) / f"ccxdissect-mutation-{os.getuid()}"


def chosen(count: int, only: str | None) -> list[Mutant]:
    """The mutants to try, by the digests of their names."""
    paths = [path for room in ROOMS for path in sorted((PACKAGE / room).rglob("*.py"))]
    texts = {str(path.relative_to(PACKAGE)): path.read_text("utf-8") for path in paths}
    texts = {path: text for path, text in texts.items() if only is None or only in path}
    every = sorted(
        (name for path, text in texts.items() for name in names(path, text)),
        key=lambda name: hashlib.sha256(name.encode()).digest(),
    )
    order = {name: place for place, name in enumerate(every if only is not None else every[:count])}
    found = [mutant for path, text in texts.items() for mutant in mutants(path, text, order)]
    return sorted(found, key=lambda mutant: order[mutant.name])


def equivalent() -> set[str]:
    """The names that `equivalent.txt` lists: its lines that begin at the margin. Each reason is indented below."""
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


def limit_examples(items: list[pytest.Item], usual: dict[Any, settings | None], most: int) -> None:
    """Let properties try fewer examples, and look for no smaller one than the first that fails."""
    for item in items:
        test = getattr(item, "obj", None)
        # The tests of one function, each with parameters of its own, share its settings.
        known = usual.setdefault(
            getattr(test, "__func__", test), getattr(test, "_hypothesis_internal_use_settings", None)
        )
        if known is None:
            continue
        test._hypothesis_internal_use_settings = settings(  # type: ignore[union-attr]
            known,
            max_examples=min(known.max_examples, most),
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
            deadline=None,
        )


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


def caches() -> list[functools._lru_cache_wrapper[Any]]:
    """What functions of this project remember of having been called by the right code."""
    found = [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]
    codes = [(one, getattr(one.__wrapped__, "__code__", None)) for one in found]
    return [one for one, code in codes if code is not None and code.co_filename.startswith(str(ROOT))]


class Noticed:
    """The test that noticed each mutant, None where none did; kept in a file from mutant to mutant."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.by: dict[str, str | None] = json.loads(file.read_text("utf-8")) if file.exists() else {}
        #: Of earlier runs: the tests to begin with.
        self.before = dict(self.by)

    def begin(self) -> None:
        """Count nothing of what an earlier run found."""
        self.by = {}

    def add(self, name: str, test: str | None) -> None:
        """What became of a mutant."""
        self.by[name] = test
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(self.by, indent=1), "utf-8")
        fresh.replace(self._file)


class Mutation:
    """A pytest plugin: in place of running the tests once, it runs some of them for every mutant."""

    def __init__(self, todo: list[Mutant], noticed: Noticed, reach: Reach, jobs: int, most: float) -> None:
        self.todo = todo
        self.noticed = noticed
        self._reach = reach
        self._jobs = jobs
        self._most = most
        self._failed = ""
        self._often = Counter(test for test in noticed.before.values() if test is not None)
        self._functions: list[FunctionType] = []
        self._caches: list[functools._lru_cache_wrapper[Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed = report.nodeid
            self._reach.passed = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        began = time.monotonic()
        usual: dict[Any, settings | None] = {}
        limit_examples(session.items, usual, EXAMPLES_SEEN)
        self._reach.look(session.items)
        limit_examples(session.items, usual, EXAMPLES)
        for name in self._reach.failing:
            print(f"left out, since it fails as it is: {name}", flush=True)
        print(f"\n{len(session.items)} tests and their lines after {time.monotonic() - began:.0f} s", flush=True)
        self._functions, self._caches = live_functions(), caches()
        items = {item.nodeid: item for item in session.items}
        gc.collect()
        gc.freeze()
        running: dict[int, tuple[Mutant, IO[bytes]]] = {}
        for mutant in self.todo:
            if time.monotonic() - began > self._most:
                break
            if len(running) >= self._jobs:
                self._wait(running)
            tests = [items[name] for name in self._tests(mutant) if name in items]
            current = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the child has ended
            pid = os.fork()
            if not pid:
                self._child(mutant, tests, current.fileno())
            running[pid] = mutant, current
        while running:
            self._wait(running)
        return True

    def _tests(self, mutant: Mutant) -> list[str]:
        known = self._reach.of(mutant.path, (mutant.line, mutant.last), mutant.within)
        # Those that have noticed most of the others first.
        known.sort(key=lambda name: -self._often[name])
        before = self.noticed.before.get(mutant.name)
        names = [before] if before in known else []
        total = 0.0
        for name in known:
            if name != before and total + self._reach.seconds[name] <= MOST_SECONDS:
                names.append(name)
                total += self._reach.seconds[name]
        return names

    def _child(self, mutant: Mutant, tests: list[pytest.Item], tell: int) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        status = 0
        try:
            for cache in self._caches:
                cache.cache_clear()
            if not put_in(mutant, self._functions):
                status = NOT_PUT_IN
            self._failed = ""
            for item, following in zip(tests, [*tests[1:], None], strict=True) if not status else ():
                os.pwrite(tell, item.nodeid.encode().ljust(_LONGEST_NAME), 0)
                # Beyond its time it ends by the signal, and so the mutant is noticed: of the processor, or asleep.
                seconds = self._reach.seconds[item.nodeid]
                signal.setitimer(signal.ITIMER_PROF, 3 + 40 * seconds)
                signal.alarm(int(120 + 60 * seconds))
                same = following if following is not None and following.path == item.path else None
                item.ihook.pytest_runtest_protocol(item=item, nextitem=same)
                if self._failed:
                    status = 1
                    break
        except BaseException:
            status = 1
        finally:
            os._exit(status)

    def _wait(self, running: dict[int, tuple[Mutant, IO[bytes]]]) -> None:
        pid, status = os.wait()
        mutant, file = running.pop(pid)
        with file:
            current = os.pread(file.fileno(), _LONGEST_NAME, 0).decode().strip()
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == NOT_PUT_IN:
            print(f"left out, since no function has this code: {mutant.name}  [line {mutant.line}]", flush=True)
            return
        survived = status == 0
        self.noticed.add(mutant.name, None if survived else current)
        if survived:
            print(f"survived: {mutant.name}  [line {mutant.line}]", flush=True)


class Quiet:
    """Keeps pytest from telling of every test."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        return "", "", ""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=340)
    parser.add_argument("--only", metavar="PART", help="every mutant of the files whose path holds this")
    parser.add_argument("--resume", action="store_true", help="only what has not been tried; counts what has been too")
    parser.add_argument("--survivors", action="store_true", help="only what no test had noticed the last time")
    parser.add_argument("--list", action="store_true", help="print the names, and try nothing")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--tests", nargs="+", default=TESTS, help="which tests may notice")
    parser.add_argument("--kept", type=Path, default=KEPT, help=f"what is kept from run to run (default: {KEPT})")
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="stop after so long, and tell what there is"
    )
    args = parser.parse_args()
    os.nice(15)
    same = equivalent()
    counted = todo = [mutant for mutant in chosen(args.count, args.only) if mutant.name not in same]
    args.kept.mkdir(parents=True, exist_ok=True)
    noticed = Noticed(args.kept / "noticed.json")
    if args.survivors:
        counted = todo = [mutant for mutant in todo if noticed.by.get(mutant.name, "") is None]
    elif args.resume:
        todo = [mutant for mutant in todo if mutant.name not in noticed.by]
    elif not args.list:
        noticed.begin()
    if args.list:
        print(*(f"{mutant.name}  [line {mutant.line}]" for mutant in todo), sep="\n")
        return 0
    began = time.monotonic()
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    plugin = Mutation(todo, noticed, Reach(PACKAGE, ROOMS, args.kept), args.jobs, args.seconds)
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = folder
        pytest.main([*OPTIONS, "-k", LEFT_OUT, *args.tests], plugins=[plugin, Quiet()])
    results = {mutant.name: noticed.by[mutant.name] for mutant in counted if mutant.name in noticed.by}
    return told(results, len(counted) - len(results), time.monotonic() - began)


def told(results: dict[str, str | None], left_out: int, seconds: float) -> int:
    """Print the result; the exit status."""
    files = Counter(name.partition(":")[0] for name in results)
    killed = Counter(name.partition(":")[0] for name, test in results.items() if test is not None)
    for name in sorted(files):
        print(f"{killed[name]:5} of {files[name]:4} {name}")
    share = killed.total() / max(files.total(), 1)
    print(f"{killed.total()} of {files.total()} mutants killed, {share:.1%}, in {seconds:.0f} s; {left_out} not tried")
    return 0 if share >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
