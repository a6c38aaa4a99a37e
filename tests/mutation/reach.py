"""Which tests reach a line of the package, and how long each of them takes; kept from one run to the next.

What is kept is one file for each file of tests, made anew when that file changes. A line is known by its file and its text,
so that it keeps its tests when it moves; what moves otherwise is found by starting afresh.
"""

from __future__ import annotations

import hashlib
import pickle
import time
from array import array
from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import pytest
from coverage import Coverage

#: A line of the package: its file (relative to the package), and its text.
Line = tuple[str, str]


class Reach:
    """The tests that reach each line. `kept`: the folder of what earlier runs found, outside of the repository."""

    def __init__(self, package: Path, rooms: Iterable[str], kept: Path) -> None:
        self._package = package
        self._kept = kept
        self._files = {str(path): path for room in rooms for path in (package / room).rglob("*.py")}
        self._texts = {str(path): path.read_text("utf-8").splitlines() for path in self._files.values()}
        self.seconds: dict[str, float] = {}
        self._tests: dict[Line, list[str]] = defaultdict(list)
        self.failing: list[str] = []
        self.passed = True

    def look(self, items: list[pytest.Item]) -> None:
        """Run the tests of every file that nothing is kept of."""
        self._kept.mkdir(parents=True, exist_ok=True)
        for path, group in groupby(items, lambda item: item.path):
            some = list(group)
            # The same file may be asked for in parts.
            what = "\n".join([path.read_text("utf-8"), *sorted(item.nodeid for item in some)])
            kept = self._kept / (hashlib.sha256(what.encode()).hexdigest()[:32] + ".reach")
            if not kept.exists():
                began = time.monotonic()
                fresh = kept.with_suffix(".new")
                fresh.write_bytes(pickle.dumps(self._run(some)))
                fresh.replace(kept)
                print(f"{len(some):5} tests of {path.name} in {time.monotonic() - began:.0f} s", flush=True)
            lines, tests = pickle.loads(kept.read_bytes())
            for name, (seconds, places) in tests.items():
                if seconds is None:
                    self.failing.append(name)
                    continue
                self.seconds[name] = seconds
                for place in places:
                    self._tests[lines[place]].append(name)

    def _run(self, items: list[pytest.Item]) -> tuple[list[Line], dict[str, tuple[float | None, array[int]]]]:
        """The lines, and of each test its processor time (None: it fails as it is) and which of the lines it reaches."""
        coverage = Coverage(data_file=None, config_file=False, include=list(self._files))
        lines: dict[Line, int] = {}
        found = {}
        coverage.start()
        try:
            for item, following in zip(items, [*items[1:], None], strict=True):
                coverage.switch_context(item.nodeid)
                self.passed = True
                began = time.process_time()
                item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
                found[item.nodeid] = time.process_time() - began if self.passed else None
        finally:
            coverage.stop()
        data = coverage.get_data()
        reached: dict[str, set[int]] = defaultdict(set)
        for path in data.measured_files():
            texts, name = self._texts[path], str(self._files[path].relative_to(self._package))
            for number, tests in data.contexts_by_lineno(path).items():
                place = lines.setdefault((name, texts[number - 1].strip()), len(lines))
                for test in tests:
                    reached[test].add(place)
        return list(lines), {name: (seconds, array("I", sorted(reached[name]))) for name, seconds in found.items()}

    def of(self, path: str, lines: tuple[int, int], within: tuple[int, int]) -> list[str]:
        """The tests to try: those that reach one of some lines, the quickest first; then those that reach others of the
        function, which may come there with other examples; then what else is in their files.

        The tests of a file share what it prepares for all, and only the first of them is seen to make that.
        """
        direct = self._reaching(path, *lines)
        around = self._reaching(path, *within) - direct
        files = {test.partition("::")[0] for test in direct}
        others = {test for test in self.seconds if test.partition("::")[0] in files} - direct - around
        return [test for some in (direct, around, others) for test in sorted(some, key=self._cost)]

    def _reaching(self, path: str, first: int, last: int) -> set[str]:
        texts = self._texts[str(self._package / path)]
        return {
            test for number in range(first, last + 1) for test in self._tests.get((path, texts[number - 1].strip()), ())
        }

    def _cost(self, test: str) -> tuple[float, str]:
        return self.seconds[test], test
