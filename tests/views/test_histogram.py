"""Bars of text."""

from __future__ import annotations

from ccxdissect.views.histogram import histogram_lines


def test_bars() -> None:
    bars = [(1_000_000, 1), (2_000_000, 0), (1_000_000_000, 500), (None, 1000)]
    assert list(histogram_lines(bars, width=8)) == [
        "up to 1.0 ms      1  ▏",
        "up to 2.0 ms      0",
        " up to 1.0 s    500  ████",
        "        more  1,000  ████████",
    ]


def test_no_bars() -> None:
    assert list(histogram_lines([])) == []
