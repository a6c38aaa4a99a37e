"""Captures that continue each other are read together, whatever their number; and no others are."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccxdissect.sources.planning import Planner, Scan

PAIR = st.integers(0, 12).map(lambda number: number.to_bytes(8, "little"))
SCANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 6), st.sets(PAIR, max_size=3)).map(
        lambda told: (told[0], told[0] + told[1], b"".join(sorted(told[2])))
    ),
    max_size=12,
).map(
    lambda rows: [Scan(f"{n}.pcap", n, first, latest, latest, pairs) for n, (first, latest, pairs) in enumerate(rows)]
)


def by_definition(scans: list[Scan]) -> list[list[str]]:
    """A cut is where nothing before it has a time or a pair in common with what comes after it."""
    ordered = sorted(scans, key=lambda one: (one.first, one.given))
    found: list[list[str]] = []
    for place, one in enumerate(ordered):
        before, after = ordered[:place], ordered[place:]
        times = max((other.latest for other in before), default=-1) >= one.first
        known = {other.pairs[at : at + 8] for other in before for at in range(0, len(other.pairs), 8)}
        comes = {other.pairs[at : at + 8] for other in after for at in range(0, len(other.pairs), 8)}
        if not before or not (times or known & comes):
            found.append([])
        found[-1].append(one.path)
    return found


@pytest.mark.heavy
@settings(max_examples=200, deadline=None)
@given(SCANS, st.sampled_from([0, 2, 1000]))
def test_captures_are_cut_where_nothing_goes_on(scans: list[Scan], most_in_memory: int) -> None:
    with Planner(most_in_memory) as planner:
        for one in scans:
            planner.add(one)
        assert [[one.path for one in run] for run in planner.runs()] == by_definition(scans)


def test_a_plan_of_very_many_captures_is_small() -> None:
    """Pairs do not stay in memory: of ten times as many, no more is held."""

    def cost(pairs: int) -> int:
        tracemalloc.start()
        with Planner(2_000) as planner:
            for number in range(1_000):
                own = range(number * pairs, (number + 1) * pairs)
                told = b"".join((pair * 0x9E3779B97F4A7C15 % 2**64).to_bytes(8, "little") for pair in own)
                planner.add(Scan("a.pcap", number, number * 10, number * 10 + 5, number * 10 + 5, told))
            assert len(planner.runs()) == 1_000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert cost(20) < 1.5 * cost(2) + 200_000
