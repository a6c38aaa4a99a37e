"""A long run stays small. The whole hour is in tests/bench/live_hour.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

from live_hour import at_once


@pytest.mark.heavy
def test_sixty_thousand_messages_through_a_pipe_stay_flat_in_memory() -> None:
    held, rows, said = at_once(60_000)
    assert rows == 60_000
    assert "60,000 messages of 10 sessions" in said
    assert held[-1] - held[1] < 4, held
