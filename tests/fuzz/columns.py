"""Fuzzing of the two paths side by side: what the columns tell of a round's segments is what the dissector tells, and what
the analyses make of the messages that concern them is what they make of all.

    python tests/fuzz/columns.py --seconds 60 [--seed N] [--rounds N]

The rounds are those of `streams.py`; each is played whole, and in pieces of a few segments.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from itertools import chain
from pathlib import Path

for _place in (Path(__file__).parents[1], Path(__file__).parents[1] / "columns", Path(__file__).parent):
    sys.path.insert(0, str(_place))

from both_paths import ByColumns, by_segments  # noqa: E402
from both_results import differing, differing_together  # noqa: E402

import streams  # noqa: E402
from ccxdissect.protocol.dialects import DIALECTS  # noqa: E402


def differs(seed: int) -> str:
    """Where the two paths differ in a round; empty when they do not."""
    segments, _ = streams.made(seed)
    # One dialect alone, or any of them, as a capture is read when nobody says which.
    protocols = tuple(DIALECTS.values())[: 1 + seed % 2]
    wanted = by_segments(segments, protocols)
    for size in (1 << 20, random.Random(seed).randrange(3, 200)):
        found = ByColumns(protocols).segments(segments, size)
        if found != wanted:
            pairs = enumerate(zip(wanted, found, strict=False))
            first = next((place for place, (one, other) in pairs if one != other), min(len(found), len(wanted)))
            return f"{size} segments at a time: event {first} of {len(wanted)} ({len(found)} by columns)"
    sizes = 1 << 20, random.Random(seed).randrange(3, 200)
    for kind, size, one, other in chain(
        differing(segments, sizes, protocols), differing_together(segments, sizes, protocols)
    ):
        return f"{size} segments at a time: {kind}, {one} by segments and {other} by columns"
    return ""


def main() -> int:
    """Play rounds until the time is over."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="the first round (default: by the clock)")
    parser.add_argument("--rounds", type=int, default=None, help="play so many rounds, however long it takes")
    args = parser.parse_args()
    seed = int(time.time()) * 1000 if args.seed is None else args.seed
    end = time.monotonic() + args.seconds
    played = 0
    while (time.monotonic() < end) if args.rounds is None else (played < args.rounds):
        said = differs(seed + played)
        if said:
            print(f"round {seed + played}: {said}", file=sys.stderr)
            print(f"again: python tests/fuzz/columns.py --seed {seed + played} --rounds 1", file=sys.stderr)
            return 1
        played += 1
    print(f"{played:,} rounds from {seed} on: both paths tell the same")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
