"""Fuzzing of everything between packets and messages; runs for a minute or for hours.

    python tests/fuzz/streams.py --seconds 60 [--seed N]

Each round takes the segments of a real session (a sample), or makes up bytes, and does what networks and captures do:
cuts, shuffles, repeats, loses, damages. Then it checks that nothing but messages came out: no exception, every byte
accounted for, memory bounded, and the very messages of the undamaged run where nothing was lost. A round is told by its
number alone, so `--seed N --rounds 1` plays it again, and with `--keep FILE` its segments are written down: what once
failed is kept in `corpus`, which the tests play.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import read_segments
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Record, Session, SessionEnded

SAMPLES = Path(__file__).parents[2] / "samples"
CORPUS = Path(__file__).parent / "corpus"
MILLISECOND = 10**6
FIN, SYN, RST = 1, 2, 4
#: What a direction may hold back, with what holding costs.
HELD = 1 << 21

Content = dict[tuple[int, Side], list[tuple[int, bytes]]]


class Failed(Exception):
    """A round found something wrong."""


def outcome(segments: list[Segment]) -> tuple[Content, list[Session], int]:
    """Type and body of every message by session and sender; the sessions; and the most bytes held back."""
    dissector = Dissector(UCCX_CTI)
    content: Content = {}
    found: list[Session] = []
    held = 0
    numbers = 0

    def take(events: Iterator[object]) -> None:
        nonlocal numbers
        for event in events:
            if isinstance(event, Record):
                numbers += 1
                if event.number != numbers:
                    raise Failed(f"message {numbers} has the number {event.number}")
                content.setdefault((event.session.number, event.sender), []).append(
                    (event.decoded.number, event.decoded.body)
                )
                decoded = event.decoded
                if decoded.undecoded and not decoded.problems:
                    raise Failed(f"message {numbers} leaves bytes without saying why")
            elif isinstance(event, SessionEnded):
                found.append(event.session)

    for segment in segments:
        take(iter(dissector.feed(segment)))
        held = max(held, dissector.connections.held)
    take(dissector.flush())
    return content, found, held


@cache
def captured(path: Path) -> tuple[Segment, ...]:
    """The segments of a sample."""
    return tuple(read_segments(str(path), frozenset(UCCX_CTI.ports)))


def in_time(segments: list[Segment]) -> list[Segment]:
    """The segments as a capture that recorded them in this order would have them."""
    start = 1_700_000_000 * 10**9
    return [
        segment._replace(frame=frame, time=start + frame * MILLISECOND)
        for frame, segment in enumerate(segments, start=1)
    ]


def cut(segments: list[Segment], source: random.Random) -> list[Segment]:
    """Payloads cut into pieces of random sizes."""
    found = []
    for segment in segments:
        at = 0
        most = source.choice([1, 3, 9, 60, 2000])
        while at < len(segment.payload) - 1:
            size = source.randint(1, most)
            piece = segment.payload[at : at + size]
            last = at + size >= len(segment.payload)
            flags = segment.flags if last else segment.flags & ~(FIN | RST)
            found.append(segment._replace(seq=(segment.seq + at) % 2**32, payload=piece, flags=flags))
            at += size
        if at < len(segment.payload) or not segment.payload:
            found.append(segment._replace(seq=(segment.seq + at) % 2**32, payload=segment.payload[at:]))
    return found


def shuffled(segments: list[Segment], source: random.Random) -> list[Segment]:
    """Neighbours that carry data swapped, none further than a few places, handshakes left alone."""
    found = list(segments)
    for _ in range(len(found) // 3):
        at = source.randrange(max(len(found) - 1, 1))
        pair = found[at : at + 2]
        if len(pair) == 2 and all(one.payload and not one.flags & (SYN | FIN | RST) for one in pair):
            found[at : at + 2] = pair[::-1]
    return found


def repeated(segments: list[Segment], source: random.Random) -> list[Segment]:
    """Some segments sent again, a little later."""
    found: list[Segment] = []
    for segment in segments:
        found.append(segment)
        if segment.payload and source.random() < 0.2:
            again = source.randrange(max(len(found) - 5, 0), len(found))
            if found[again].payload and not found[again].flags & (SYN | FIN | RST):
                found.append(found[again])
    return found


def lost(segments: list[Segment], source: random.Random) -> list[Segment]:
    """Some segments never captured."""
    rate = source.choice([0.01, 0.1, 0.5])
    return [segment for segment in segments if source.random() >= rate]


def damaged(segments: list[Segment], source: random.Random) -> list[Segment]:
    """Bits flipped in payloads, sequence numbers and flags; payloads cut by a snap length."""
    found = []
    for segment in segments:
        if source.random() < 0.1 and segment.payload:
            data = bytearray(segment.payload)
            data[source.randrange(len(data))] ^= 1 << source.randrange(8)
            segment = segment._replace(payload=bytes(data))
        if source.random() < 0.02:
            segment = segment._replace(seq=segment.seq ^ 1 << source.randrange(32))
        if source.random() < 0.02:
            segment = segment._replace(flags=segment.flags ^ 1 << source.randrange(6))
        if source.random() < 0.05:
            size = source.randrange(len(segment.payload) + 1)
            segment = segment._replace(payload=segment.payload[:size], cut=len(segment.payload) - size)
        found.append(segment)
    return found


def noise(source: random.Random) -> list[Segment]:
    """Segments that nobody sent: few addresses, any numbers, any bytes."""
    ends = [(bytes([10, 0, 0, n]), port) for n in (1, 2) for port in (12028, 50001)]
    found = []
    for _ in range(source.randrange(1, 60)):
        here, there = source.sample(ends, 2)
        near = source.choice([0, 1000, 2**32 - 20])
        seq, ack = ((near + source.randrange(200)) % 2**32 for _ in range(2))
        payload = source.randbytes(source.choice([0, 1, 8, 40, 300]))
        if source.random() < 0.5:
            payload = b"\0\0\0" + payload[:60]
        flags = source.choice([16, 24, 24, 24, 2, 18, 17, 4, source.randrange(64)])
        found.append(Segment(0, 0, *here, *there, seq, ack, flags, payload, source.choice([0, 0, 0, 7])))
    return found


def kept(segments: list[Segment]) -> str:
    """The segments as text for the corpus."""
    rows = [
        [one.src.hex(), one.sport, one.dst.hex(), one.dport, one.seq, one.ack, one.flags, one.payload.hex(), one.cut]
        for one in segments
    ]
    return "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"


def from_corpus(text: str) -> list[Segment]:
    """The segments of a file of the corpus."""
    found = []
    for src, sport, dst, dport, seq, ack, flags, payload, cut_bytes in json.loads(text):
        ends = (bytes.fromhex(src), sport, bytes.fromhex(dst), dport)
        found.append(Segment(0, 0, *ends, seq, ack, flags, bytes.fromhex(payload), cut_bytes))
    return in_time(found)


HARMLESS: tuple[Callable[[list[Segment], random.Random], list[Segment]], ...] = (cut, shuffled, repeated)
HARMFUL: tuple[Callable[[list[Segment], random.Random], list[Segment]], ...] = (lost, damaged)


def made(seed: int) -> tuple[list[Segment], list[Segment] | None]:
    """The segments of one round, and those that must give the same messages (None: something was lost)."""
    source = random.Random(seed)
    if source.random() < 0.15:
        return in_time(noise(source)), None
    path = source.choice(sorted(SAMPLES.glob("*.pcapng")))
    original = list(captured(path))
    segments = original
    chosen = source.sample(HARMLESS, source.randint(1, 3))
    # Cut first: what is swapped after that is recorded a few packets late, as happens, and not a hundred.
    steps = [step for step in HARMLESS if step in chosen]
    harm = source.sample(HARMFUL, source.choice([0, 0, 1, 2]))
    for step in (*steps, *harm):
        segments = step(segments, source)
    return in_time(segments), None if harm else original


def check(segments: list[Segment], original: list[Segment] | None) -> None:
    """Dissect, and raise Failed when anything is wrong; `original` must give the same messages."""
    try:
        content, sessions, held = outcome(segments)
    except Failed:
        raise
    except Exception as error:
        raise Failed(f"{type(error).__name__}: {error}") from error
    for session in sessions:
        for side, sent in session.sent.items():
            if sent.payload != sent.decoded + sent.undecoded + sent.duplicate:
                raise Failed(f"session {session.number}, {side.value}: the byte law does not hold: {sent}")
            if min(sent.payload, sent.decoded, sent.undecoded, sent.duplicate, sent.missing) < 0:
                raise Failed(f"session {session.number}, {side.value}: less than nothing: {sent}")
    fed = sum(len(segment.payload) for segment in segments)
    counted = sum(sent.payload for session in sessions for sent in session.sent.values())
    if fed != counted:
        raise Failed(f"{fed} bytes went in, {counted} are accounted for")
    if held > HELD:
        raise Failed(f"{held} bytes were held back")
    if original is not None:
        should, _, _ = outcome(original)
        if content != should:
            got, wanted = (sum(map(len, one.values())) for one in (content, should))
            raise Failed(f"nothing was lost, yet the messages differ ({got} instead of {wanted})")


def main() -> int:
    """Play rounds until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="the first round (default: by the clock)")
    parser.add_argument("--rounds", type=int, default=None, help="play so many rounds, however long it takes")
    parser.add_argument("--keep", type=Path, help="write the segments of the round down there")
    args = parser.parse_args()
    seed = int(time.time()) * 1000 if args.seed is None else args.seed
    end = time.monotonic() + args.seconds
    played = 0
    while (time.monotonic() < end) if args.rounds is None else (played < args.rounds):
        segments, original = made(seed + played)
        if args.keep is not None:
            args.keep.write_text(kept(segments))
        try:
            check(segments, original)
        except Failed as failure:
            print(f"round {seed + played}: {failure}", file=sys.stderr)
            print(f"again: python tests/fuzz/streams.py --seed {seed + played} --rounds 1", file=sys.stderr)
            return 1
        played += 1
    print(f"{played:,} rounds from {seed} on: nothing found")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
