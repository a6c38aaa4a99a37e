"""A chunk of many segments is told in pieces: each segment is in one of them, in the order of capture."""

from __future__ import annotations

import pytest
from both_paths import table
from test_same_lives import lives

from ccxdissect.columns.headers import Addresses


@pytest.mark.parametrize("most", [1, 7, 50, 10_000])
@pytest.mark.parametrize("seed", range(3))
def test_pieces_have_all_segments_in_order(seed: int, most: int) -> None:
    segments = lives(seed)
    segments[3] = segments[3]._replace(cut=5)
    segments[-2] = segments[-2]._replace(cut=7)
    whole = table(segments, Addresses())
    assert whole.objects
    pieces = list(whole.pieces(most))
    assert [piece.segment(index) for piece in pieces for index in range(piece.number)] == segments
    assert [flag for piece in pieces for flag in piece.plain.tolist()] == whole.plain.tolist()
    lengths = [piece.number for piece in pieces]
    assert max(lengths) <= most
    assert max(lengths) - min(lengths) <= 1
