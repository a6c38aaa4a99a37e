"""Whole outputs for very many inputs that are each told by a number, held by their digests.

They say that something is told otherwise than before, not what is right: that is for the tests of each part.

    .venv/bin/python tests/digests.py captures --write    # renews them, where the change is meant
    .venv/bin/python tests/digests.py days 17             # prints what is told of a day, to be compared with what it was
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

Ways = dict[str, Callable[[int], Iterable[str]]]


class Digests:
    """What `ways` tell of the inputs of some `numbers`, as `file` holds it: a line for each number, a digest for each way."""

    def __init__(self, file: Path, ways: Ways, numbers: Sequence[int]) -> None:
        self._file = file
        self._ways = ways
        self.numbers = numbers

    def differences(self, numbers: Iterable[int]) -> list[str]:
        """Which outputs are others than the file holds, and how to see them."""
        held = dict(line.split(" ", 1) for line in self._file.read_text("ascii").splitlines())
        found = []
        for number in numbers:
            for way, was, now in zip(self._ways, held[str(number)].split(), self._of(number), strict=True):
                if was != now:
                    found.append(f"{way} of {number} are told otherwise")
        return found

    def _of(self, number: int) -> Iterator[str]:
        for way in self._ways.values():
            yield hashlib.sha256("\n".join(way(number)).encode()).hexdigest()[:10]

    def write(self) -> None:
        """Renew the file."""
        rows = [" ".join([str(number), *self._of(number)]) for number in self.numbers]
        self._file.write_text("\n".join(rows) + "\n", "ascii")

    def show(self, number: int) -> None:
        """Print all that is told of a number."""
        for name, way in self._ways.items():
            print(f"# {name} of {number}", *way(number), sep="\n")


def main(which: str, what: str) -> None:
    """Do what the command line asks for."""
    tests = Path(__file__).parent
    sys.path[:0] = [str(tests.parent), str(tests), str(tests / "analysis")]
    from analysis.test_told_days import DIGESTS as DAYS
    from stream.test_told import DIGESTS as CAPTURES

    digests = {"captures": CAPTURES, "days": DAYS}[which]
    if what == "--write":
        digests.write()
    else:
        digests.show(int(what))


if __name__ == "__main__":
    main(*sys.argv[1:])
