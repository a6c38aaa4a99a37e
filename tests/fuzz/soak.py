"""Damaged messages, one after the other, through everything between segments and findings, for as long as it takes.

    python tests/fuzz/soak.py [--messages 10000000] [--seed N]

The messages are those of the samples, of both dialects, a few hundred in a connection. Each of them is damaged: bits
flipped in its body or header, its length or type another, its end cut off, bytes put in, its segment lost, cut by the
snap length, swapped or sent twice with other bytes. Checks what `streams.py` checks of every session, and prints at
each tenth how fast it went and what memory was held. What is remembered of clients, agents and versions is bounded, and each
connection brings new ones: the bounds are reached within the first half, and after it memory must not grow by more than
GROWTH. One connection in 200 never ends: it is open, and takes memory, until its endpoints are used again.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

for _place in (Path(__file__).parents[1], Path(__file__).parent):
    sys.path.insert(0, str(_place))

import streams  # noqa: E402
from ccxdissect.analysis.findings import Findings  # noqa: E402
from ccxdissect.capture.segment import Segment  # noqa: E402
from ccxdissect.capture.segments import read_segments  # noqa: E402
from ccxdissect.protocol.dialects import DIALECTS  # noqa: E402
from ccxdissect.stream.dissector import SIDES, Dissector  # noqa: E402
from ccxdissect.stream.events import Event, Record, SessionEnded  # noqa: E402

#: MiB that memory may grow by after the first half.
GROWTH = 2.0
#: Messages of one connection, connections open at a time, and pairs of endpoints, each used again and again: a connection
#: that never ended is over when its endpoints come again.
OF_ONE = 200
AT_ONCE = 8
ENDPOINTS = 10_000
_SERVER = b"\x0a\0\0\x09", 12028

Said = tuple[int, bytes]


def sessions() -> list[list[Said]]:
    """What was said in each session of the samples: side and bytes of each message."""
    found: dict[tuple[str, int], list[Said]] = {}
    protocols = list(DIALECTS.values())
    ports = frozenset(port for protocol in protocols for port in protocol.ports)
    for path in sorted(streams.SAMPLES.glob("*.pcapng")):
        dissector = Dissector(protocols)
        events: list[Event] = []
        for segment in read_segments(str(path), ports):
            events += dissector.feed(segment)
        for event in [*events, *dissector.flush()]:
            if isinstance(event, Record):
                said = found.setdefault((path.name, event.session.number), [])
                said.append((SIDES.index(event.sender), event.decoded.raw))
    return [said for said in found.values() if len(said) > 2]


def damaged(data: bytes, source: random.Random) -> bytes:
    """A message in which something is wrong."""
    found = bytearray(data)
    match source.randrange(6):
        case 0:  # a bit of the body, or of the header where there is no more
            found[source.randrange(min(8, len(found) - 1), len(found))] ^= 1 << source.randrange(8)
        case 1:  # another length: near, or anything
            length = int.from_bytes(found[:4], "big")
            near = max(length + source.randint(-8, 8), 0)
            found[:4] = source.choice([near, source.randrange(1 << 16), source.randrange(1 << 32)]).to_bytes(4, "big")
        case 2:  # another type
            found[4:8] = source.choice([source.randrange(300), source.randrange(1 << 32)]).to_bytes(4, "big")
        case 3:  # its end is not there
            del found[source.randrange(len(found)) :]
        case 4:  # bytes that nobody sent
            at = source.randrange(len(found))
            found[at:at] = source.randbytes(source.randint(1, 20))
        case _:  # several bytes are noise
            for _ in range(source.randint(2, 6)):
                found[source.randrange(len(found))] = source.randrange(256)
    return bytes(found)


class Talk:
    """One connection, its segments one at a time."""

    def __init__(self, number: int, said: list[Said], source: random.Random) -> None:
        self._ends = (number.to_bytes(4, "big"), 1024 + number % 60_000), _SERVER
        self._at = [source.randrange(1 << 32), source.randrange(1 << 32)]
        self._said = said
        self._source = source
        self.messages = 0

    def _segment(self, side: int, flags: int, data: bytes = b"", cut: int = 0) -> Segment:
        here, there = self._ends[side], self._ends[1 - side]
        return Segment(0, 0, *here, *there, self._at[side], self._at[1 - side], flags, data, cut)

    def _advance(self, side: int, size: int) -> None:
        self._at[side] = (self._at[side] + size) % 2**32

    def segments(self) -> Iterator[Segment]:
        """All of them; half of the connections begin before the capture, a few never end."""
        source = self._source
        if source.random() < 0.5:
            for side, flags in ((0, 2), (1, 18)):
                yield self._segment(side, flags)
                self._advance(side, 1)
        start = source.randrange(len(self._said))
        late: Segment | None = None
        for place in range(OF_ONE):
            side, data = self._said[(start + place) % len(self._said)]
            data = damaged(data, source)
            self.messages += 1
            chance = source.random()
            segment = self._segment(side, 24, data)
            self._advance(side, len(data))
            if chance < 0.02:
                continue
            if chance < 0.04:
                size = source.randrange(len(data) + 1)
                segment = segment._replace(payload=data[:size], cut=len(data) - size)
            elif chance < 0.06 and late is None:
                late = segment
                continue
            yield segment
            if chance > 0.98:
                yield segment._replace(payload=source.randbytes(len(data)))
            if late is not None:
                yield late
                late = None
        end = source.random()
        if end < 0.5:
            yield self._segment(0, 17)
            yield self._segment(1, 17)
        elif end < 0.995:
            yield self._segment(source.randrange(2), 4)


class Checked:
    """A dissector and the findings, and what has to be true of them."""

    def __init__(self) -> None:
        self._dissector = Dissector(list(DIALECTS.values()))
        self._findings = Findings()
        self._fed = self._counted = self._frame = 0
        self.records = self.found = 0

    def feed(self, segment: Segment) -> None:
        """One segment, a millisecond after the last."""
        self._frame += 1
        time = 1_700_000_000 * 10**9 + self._frame * streams.MILLISECOND
        self._fed += len(segment.payload)
        self._take(self._dissector.feed(segment._replace(frame=self._frame, time=time)))
        if self._dissector.connections.held > streams.HELD * AT_ONCE * 2:
            raise streams.Failed(f"{self._dissector.connections.held} bytes are held")

    def _take(self, events: object) -> None:
        for event in events:  # type: ignore[attr-defined]
            if isinstance(event, Record):
                self.records += 1
                if event.number != self.records:
                    raise streams.Failed(f"message {self.records} has the number {event.number}")
                if event.decoded.undecoded and not event.decoded.problems:
                    raise streams.Failed(f"message {event.number} leaves bytes without saying why")
            elif isinstance(event, SessionEnded):
                for side, sent in event.session.sent.items():
                    self._counted += sent.payload
                    least = min(sent.payload, sent.decoded, sent.undecoded, sent.duplicate, sent.missing)
                    if least < 0 or sent.payload != sent.decoded + sent.undecoded + sent.duplicate:
                        raise streams.Failed(f"session {event.session.number}, {side.value}: {sent}")
            self.found += len(list(self._findings.feed(event)))

    def end(self) -> None:
        """Everything is over: every byte has to be accounted for."""
        self._take(self._dissector.flush())
        self.found += len(list(self._findings.flush()))
        if self._fed != self._counted:
            raise streams.Failed(f"{self._fed} bytes went in, {self._counted} are accounted for")


def main() -> int:
    """Damage, feed, check."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    args = parser.parse_args()
    source = random.Random(args.seed)
    said = sessions()
    checked = Checked()
    began = time.process_time()
    given = number = told = 0
    held: list[float] = []
    open_ones: list[tuple[Talk, Iterator[Segment]]] = []
    print(f"seed {args.seed}, {len(said)} sessions to damage", flush=True)
    while given < args.messages or open_ones:
        if len(open_ones) < AT_ONCE and given + OF_ONE * len(open_ones) < args.messages:
            number += 1
            talk = Talk(number % ENDPOINTS, source.choice(said), source)
            open_ones.append((talk, talk.segments()))
        place = source.randrange(len(open_ones))
        talk, segments = open_ones[place]
        segment = next(segments, None)
        if segment is not None:
            checked.feed(segment)
            continue
        given += talk.messages
        del open_ones[place]
        if given * 10 // args.messages > told:
            told = given * 10 // args.messages
            held.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
            print(
                f"{given:,} damaged messages of {number:,} connections: {checked.records:,} messages and "
                f"{checked.found:,} findings came out, {held[-1]:.1f} MiB, {time.process_time() - began:,.0f} s",
                flush=True,
            )
    checked.end()
    grown = held[-1] - held[len(held) // 2]
    print(f"every byte is accounted for; grown by {grown:.1f} MiB after the first half")
    return int(grown > GROWTH)


if __name__ == "__main__":
    raise SystemExit(main())
