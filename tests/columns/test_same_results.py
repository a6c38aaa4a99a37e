"""Analyses that see only the messages that concern them give what they give of all: exchanges, findings, figures, summaries."""

from __future__ import annotations

from pathlib import Path

import pytest
from both_results import assert_same_results, of_file
from each import in_part
from fuzz import streams
from stream.test_encapsulations import ROWS

from ccxdissect.protocol.dialects import DIALECTS
from conversation import renumbered

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcapng")), ids=lambda path: path.stem)
def test_samples(path: Path) -> None:
    assert_same_results(of_file(str(path)), (1 << 20, 20), tuple(DIALECTS.values()))


def test_every_fault() -> None:
    for segments, _ in ROWS.values():
        assert_same_results(renumbered(segments), (1 << 20, 3))


# Of 3, 12 and 16 it was told what TCP showed only later in the same batch.
@pytest.mark.parametrize("seed", in_part([3, 16, 22, 0, 5, 12, 40], 1))
def test_fuzzed_streams(seed: int) -> None:
    assert_same_results(streams.made(seed)[0][:1000])
