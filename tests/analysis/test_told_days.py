"""What is told of stirred days is what was told before; what is right is in the other tests.

.venv/bin/python tests/digests.py days --write    # when it is meant to be told otherwise
.venv/bin/python tests/digests.py days 17         # all that is told of day 17
"""

from __future__ import annotations

from pathlib import Path

import pytest
from digests import Digests
from stirred_day import compared_lines, day, day_lines, live_lines
from stream.stirred import stirred

from conversation import dissect

DIGESTS = Digests(
    Path(__file__).with_name("told_days.txt"),
    {
        "results": lambda number: day_lines(day(number).events),
        "findings while time passes": lambda number: live_lines(day(number)),
        "captures": lambda number: day_lines(dissect(stirred(number))),
        "comparisons": lambda number: compared_lines(day(number), day(number + 1)),
    },
    [*range(40), 57, 62, 76],
)


@pytest.mark.parametrize("first", range(0, len(DIGESTS.numbers), 4))
def test_stirred_days_are_told_as_before(first: int) -> None:
    assert DIGESTS.differences(DIGESTS.numbers[first : first + 4]) == []
