"""No command's work grows faster than its input: the calls that Python makes, counted, at n and at 2 n of each kind.

They are as many on every machine and under every load. What takes long without a call, `tests/bench/growth.py` shows.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

import pytest
from each import in_part

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

import growth

from ccxdissect.cli.main import main

#: How many of each kind the smallest input has, and how many calls more for twice as many say nothing yet.
COUNT = 100
TELLING = 10_000
#: A search out of step tries some bodies for nothing before it pays for each.
LIMIT = 2.4
#: One of each way to read and to tell; all of them, and their times, are measured by the benchmark.
COMMANDS = (
    "messages",
    "exchanges",
    "sessions",
    "calls",
    "agents",
    "findings",
    "summary",
    "ladder",
    "redact",
    "compare",
    "cut",
)
KINDS = [make.__name__ for make in (*growth.LOGS, *growth.INPUTS)]


def calls(command: str, path: Path, half: Path, folder: Path) -> int:
    """How many calls a command makes on an input."""
    count = 0

    def seen(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    given = growth.arguments(command, path, half, str(folder))
    sys.setprofile(seen)
    try:
        main(given)
    except SystemExit:
        pass
    finally:
        sys.setprofile(None)
    return count


def grows(folder: Path, command: str, kind: str) -> float:
    """How many times as many calls twice the input takes; 0 when there are too few to tell."""
    sizes = [growth.written(folder, kind, COUNT << power) for power in range(4)]
    found = []
    # The first one, of which nothing is kept, loads what is loaded when it is used.
    for place, (half, path) in enumerate(zip((sizes[0], *sizes), (sizes[1], *sizes[1:]), strict=False)):
        out = folder / f"{command}-{place}"
        out.mkdir()
        found.append(calls(command, path, half, out))
    _, less, once, twice = found
    return (twice - once) / (once - less) if once - less > TELLING else 0.0


@pytest.mark.parametrize("cell", in_part([("compare", "log_lines"), *product(COMMANDS, KINDS)], 1), ids="-".join)
def test_twice_as_much_takes_twice_as_many_calls(
    cell: tuple[str, str], tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    ratio = grows(tmp_path, *cell)
    # Not all that a command writes is text.
    capsysbinary.readouterr()
    assert ratio < LIMIT
