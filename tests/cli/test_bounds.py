"""The bounds that the README promises, for every command: memory, and processor time for each megabyte of a hostile capture."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

import growth
from hostile_costs import HELD, SECONDS, costs, hostile

#: What takes long by its nature.
pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[float, dict[str, list[float]]]:
    path = tmp_path_factory.mktemp("bounds") / "hostile.pcap"
    hostile(path)
    return path.stat().st_size / 1e6, costs(path)


@pytest.mark.parametrize("command", growth.COMMANDS)
def test_a_hostile_capture_keeps_to_the_bounds(command: str, measured: tuple[float, dict[str, list[float]]]) -> None:
    megabytes, cost = measured
    seconds, held = cost[command]
    assert seconds < SECONDS * megabytes + 2
    assert held < HELD
