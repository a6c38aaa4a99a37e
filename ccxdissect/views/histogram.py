"""A histogram of latencies for the terminal: one bar a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ccxdissect.wording import duration

_EIGHTHS = " ▏▎▍▌▋▊▉"


def histogram_lines(bars: Sequence[tuple[int | None, int]], width: int = 40) -> Iterator[str]:
    """A histogram's lines. `bars`: (upper bound in ns, None for `more`; how many), as `Latencies.histogram` has."""
    most = max((count for _, count in bars), default=0)
    names = ["more" if bound is None else f"up to {duration(bound)}" for bound, _ in bars]
    left = max((len(name) for name in names), default=0)
    right = max((len(f"{count:,}") for _, count in bars), default=0)
    for name, (_, count) in zip(names, bars, strict=True):
        yield f"{name:>{left}}  {count:>{right},}  {_bar(count, most, width)}".rstrip()


def _bar(count: int, most: int, width: int) -> str:
    eighths = round(count * width * 8 / most) if most else 0
    # What is there is seen, be it ever so little.
    eighths = max(eighths, 1) if count else 0
    return "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
