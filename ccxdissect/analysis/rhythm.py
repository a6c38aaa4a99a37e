"""How often something comes that is repeated, such as heartbeats."""

from __future__ import annotations

from collections.abc import Iterable


def interval(gaps: Iterable[int]) -> int:
    """The median of the times between, in ns, rounded towards zero; there has to be one at least.

    Not from `statistics`: to import that takes a fiftieth of a second.
    """
    ordered = sorted(gaps)
    middle, odd = divmod(len(ordered), 2)
    return ordered[middle] if odd else int((ordered[middle - 1] + ordered[middle]) / 2)
