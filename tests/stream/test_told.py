"""What is told of stirred captures is what was told before; the laws that hold for them are in the other tests.

.venv/bin/python tests/digests.py captures --write    # when it is meant to be told otherwise
.venv/bin/python tests/digests.py captures 17         # all that is told of capture 17
"""

from __future__ import annotations

from pathlib import Path

import pytest
from digests import Digests
from stream.stirred import borrowed, limits, stirred
from stream.telling import connection_lines, dialect_lines, event_lines

DIGESTS = Digests(
    Path(__file__).with_name("told.txt"),
    {
        "connections": lambda number: connection_lines(stirred(number), limits(number)),
        "events": lambda number: event_lines(stirred(number), limits(number)),
        "dialects": lambda number: dialect_lines(borrowed(number)),
    },
    [*range(100), 131, 151, 144, 171, 195, 311, 337, 344, 349, 384],
)


@pytest.mark.parametrize("first", range(0, len(DIGESTS.numbers), 10))
def test_stirred_captures_are_told_as_before(first: int) -> None:
    assert DIGESTS.differences(DIGESTS.numbers[first : first + 10]) == []
