"""Damaged captures and their redacted copies: whatever is read of the one is read of the other.

    python tests/fuzz/redaction.py --rounds 2000 [--seed N] [--columns]

Each round damages a sample's file: bits, bytes, lengths, pieces cut out or copied elsewhere. Every message, loss, note
and session has to be the same in the copy, in the same order, with the same times, sizes and problems; but for what
redaction is for: values, and the numbers that undecoded bytes would claim to be. With `--columns` what is replaced is
collected by columns, a few packets at a time, as it is of large captures.
"""

from __future__ import annotations

import argparse
import io
import random
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

from ccxdissect import columns
from ccxdissect.capture.segments import read_segments
from ccxdissect.codec.problems import ProblemKind
from ccxdissect.errors import CcxDissectError
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.redact.captures import CaptureRedactor
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Loss, LostStep, Noted, Record, SessionEnded

SAMPLES = Path(__file__).parents[2] / "samples"
PROTOCOLS = list(DIALECTS.values())
PORTS = frozenset(port for protocol in PROTOCOLS for port in protocol.ports)


def told(event: Event) -> tuple[object, ...]:
    """What of an event has to be the same in a redacted copy."""
    number = event.session.number
    if isinstance(event, Record):
        decoded = event.decoded
        problems = [
            # Whose field is too far for its message stands in bytes that are not understood.
            (problem.kind, problem.offset, problem.size) if problem.kind is ProblemKind.FIELD_TOO_FAR else repr(problem)
            for problem in event.problems
        ]
        fields = [(field.tag, field.size) for field in decoded.floating]
        where = event.number, event.frame, event.time, event.begun, event.offset, event.sender
        return (number, *where, decoded.name, len(decoded.body), decoded.undecoded, decoded.version, fields, problems)
    if isinstance(event, Loss):
        detail = event.detail
        if isinstance(detail, LostStep):
            detail = LostStep(detail.missing, detail.length and 0, detail.number and 0)
        where = event.frame, event.time, event.offset, event.sender
        return (number, *where, event.missing, event.skipped, event.kind, detail)
    if isinstance(event, Noted):
        return (number, event.frame, event.time, event.sender, event.kind, event.size, event.offset)
    if isinstance(event, SessionEnded):
        session = event.session
        return (number, session.ended_by, session.start, session.end, repr(session.sent), session.version)
    return (number, event.time, event.frame)


def events(path: Path) -> Iterator[Event]:
    """All that a capture tells."""
    dissector = Dissector(PROTOCOLS, PORTS)
    for segment in read_segments(str(path), PORTS):
        yield from dissector.feed(segment)
    yield from dissector.flush()


def read(path: Path) -> list[tuple[object, ...]]:
    """What of that has to be the same in a redacted copy."""
    return [told(event) for event in events(path)]


@cache
def samples() -> tuple[bytes, ...]:
    """The smaller samples."""
    return tuple(path.read_bytes() for path in sorted(SAMPLES.glob("*.pcapng"), key=lambda one: one.stat().st_size))[:6]


def damaged(seed: int) -> bytes:
    """A capture in which something is wrong."""
    source = random.Random(seed)
    data = bytearray(source.choice(samples()))
    kind, times = source.randrange(5), source.choice([1, 3, 10, 60])
    if kind == 2:
        at = source.randrange(len(data))
        del data[at : at + source.randint(1, 40)]
        return bytes(data)
    for _ in range(times):
        at = source.randrange(len(data) - 8)
        if kind == 0:
            data[at] ^= 1 << source.randrange(8)
        elif kind == 1:
            data[at] = source.randrange(256)
        elif kind == 3:
            there, size = source.randrange(len(data)), source.randint(1, 30)
            size = min(size, len(data) - max(at, there))
            data[at : at + size] = data[there : there + size]
        else:
            data[at : at + 4] = struct.pack(">I", source.choice([0, 1, 8, 30, 255, 65535, 1 << 31]))
    return bytes(data)


def difference(data: bytes) -> str:
    """The first thing that a redacted copy tells otherwise; empty when there is none."""
    with tempfile.TemporaryDirectory() as folder:
        given, copy = Path(folder, "given"), Path(folder, "copy")
        given.write_bytes(data)
        try:
            before = read(given)
        except CcxDissectError:
            return ""
        out = io.BytesIO()
        CaptureRedactor(PROTOCOLS, str(given), PORTS, b"k" * 16).write(out)
        copy.write_bytes(out.getvalue())
        after = read(copy)
    if before == after:
        return ""
    place = next((at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), -1)
    return f"event {place} of {len(before)} ({len(after)} in the copy)\n  {before[place]}\n  {after[place]}"


def main() -> int:
    """Play the rounds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=int(time.time()) * 1000)
    parser.add_argument("--columns", action="store_true")
    args = parser.parse_args()
    if args.columns:
        from ccxdissect.redact import in_bulk

        columns.WORTH_LOADING = 0
        in_bulk.ChunkReader = partial(in_bulk.ChunkReader, size=2000)  # type: ignore[misc, assignment]
    wrong = 0
    for seed in range(args.seed, args.seed + args.rounds):
        said = difference(damaged(seed))
        if said:
            wrong += 1
            print(f"round {seed}: {said}", flush=True)
    print(f"{args.rounds:,} rounds from {args.seed} on: {wrong} copies read otherwise")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
