"""Which captures have to be read together: the one plan of all who read many captures with many processes.

A first look at each capture says when it begins and ends and which pairs of endpoints it has. Captures are cut into
runs between which no time overlaps and no pair comes again, so that nothing that is known of a connection is ever
needed in another run. Ring buffers, whose connections go on, are one run.

The plan is bounded: of each capture a few numbers stay in memory, and of each pair eight bytes, which go to temporary
files when there are many.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from hashlib import blake2b
from typing import NamedTuple

from ccxdissect import columns
from ccxdissect.capture.files import packets
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.errors import CcxDissectError
from ccxdissect.sources.bulk import in_bulk

#: Pairs of endpoints that are held in memory, over all captures; what is more goes to temporary files.
MOST_PAIRS = 1 << 20
#: Temporary files, by the pair: what has to be in memory at once is one of them.
_PILES = 256


class Scan(NamedTuple):
    """What a first look at a capture tells. Times in ns."""

    path: str
    #: The place among the captures of the command line.
    given: int
    first: int
    latest: int
    #: The time of the last packet, which need not be the latest.
    last: int
    #: Eight bytes for each pair of endpoints.
    pairs: bytes = b""


def scan(path: str, given: int, ports: frozenset[int]) -> Scan | None:
    """Look at a capture; None when it has no packets or cannot be read."""
    try:
        reader, last, ways = (_ways_in_bulk if in_bulk([path], columns.WORTH_LOADING) else _ways)(path, ports)
    except (CcxDissectError, OSError):
        return None
    if reader.first_time is None or reader.last_time is None:
        return None
    pairs = {_pair((src, sport), (dst, dport)) for src, sport, dst, dport in ways}
    return Scan(path, given, reader.first_time, reader.last_time, last, b"".join(sorted(pairs)))


#: Source and destination of a segment: address and port of each.
_Way = tuple[bytes, int, bytes, int]


def _ways(path: str, ports: frozenset[int]) -> tuple[SegmentReader, int, set[_Way]]:
    """What has counted the packets of a capture, the time of the last one, and the ways that its segments go."""
    last = 0

    def watched() -> Iterator[Packet]:
        nonlocal last
        for packet in packets(path):
            last = packet[1]
            yield packet

    reader = SegmentReader(watched(), ports)
    ways = {segment[2:6] for segment in reader}
    return reader, last, ways


def _ways_in_bulk(path: str, ports: frozenset[int]) -> tuple[SegmentReader, int, set[_Way]]:
    """The same of a large capture, by columns."""
    from ccxdissect.capture.notices import Notices
    from ccxdissect.columns.chunks import ChunkReader
    from ccxdissect.columns.headers import HeaderReader

    notices = Notices()
    reader = SegmentReader((), ports, False, notices)
    headers = HeaderReader(reader, ports)
    ways: set[_Way] = set()
    packet: Packet | None = None
    for chunk in ChunkReader([path], notices):
        if isinstance(chunk, list):
            packet = chunk[-1]
            ways.update(segment[2:6] for segment in headers.odd(chunk))
            continue
        packet = chunk.packet(len(chunk.start) - 1)
        segments = headers.read(chunk)
        packed = segments.addresses.packed
        for src, dst in set(zip(segments.src.tolist(), segments.dst.tolist(), strict=True)):
            ways.add((packed(src >> 16), src & 0xFFFF, packed(dst >> 16), dst & 0xFFFF))
    if packet is None:
        return reader, 0, ways
    ways.update(segment[2:6] for segment in reader.close(packet))
    return reader, packet.time, ways


def _pair(one: tuple[bytes, int], other: tuple[bytes, int]) -> bytes:
    """Two endpoints, whichever is named first. Two pairs that are alike by chance (1 in 2^64) are read together
    without need, and that is all."""
    return blake2b(repr(sorted((one, other))).encode(), digest_size=8).digest()


def runs(scans: Iterable[Scan]) -> list[list[Scan]]:
    """The captures in the order of reading, cut where nothing goes on from before the cut to after it."""
    with Planner() as planner:
        for one in scans:
            planner.add(one)
        return planner.runs()


class Planner:
    """Takes scans in any order, and says the runs. Used in a `with`, since it may have temporary files."""

    def __init__(self, most_pairs: int = MOST_PAIRS) -> None:
        self._most = most_pairs
        self._scans: list[Scan] = []
        #: Pile by pile: pair, the number of its capture, pair, number ...
        self._piles = [array("Q") for _ in range(_PILES)]
        self._held = 0
        self._folder: str | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Planner:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, one: Scan) -> None:
        """Take the first look at one capture."""
        number = len(self._scans)
        pairs = array("Q", one.pairs)
        for pair in pairs:
            self._piles[pair % _PILES].extend((pair, number))
        self._scans.append(one._replace(pairs=b""))
        self._held += len(pairs)
        if self._held > self._most:
            self._spill()

    def runs(self) -> list[list[Scan]]:
        """The captures in the order of reading, cut where nothing goes on from before the cut to after it."""
        ordered = sorted(range(len(self._scans)), key=lambda number: self._key(number))
        reaches = self._reaches(ordered)
        found: list[list[Scan]] = []
        furthest, latest = -1, 0
        for place, number in enumerate(ordered):
            one = self._scans[number]
            if not found or (place > furthest and one.first > latest):
                found.append([])
            found[-1].append(one)
            furthest = max(furthest, reaches[place])
            latest = max(latest, one.latest)
        return found

    def _key(self, number: int) -> tuple[int, int]:
        return self._scans[number].first, self._scans[number].given

    def _reaches(self, ordered: list[int]) -> array[int]:
        """Place in the order -> the last place at which a pair comes again that comes there first."""
        place_of = array("Q", bytes(8 * len(ordered)))
        for place, number in enumerate(ordered):
            place_of[number] = place
        reaches = array("q", range(len(ordered)))
        for pile in range(_PILES):
            spans: dict[int, tuple[int, int]] = {}
            held = iter(self._pile(pile))
            for pair, number in zip(held, held, strict=True):
                place = place_of[number]
                first, last = spans.get(pair, (place, place))
                spans[pair] = min(first, place), max(last, place)
            for first, last in spans.values():
                reaches[first] = max(reaches[first], last)
        return reaches

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="ccxdissect-"))
        for number, pile in enumerate(self._piles):
            with open(os.path.join(self._folder, str(number)), "ab") as file:
                pile.tofile(file)
            del pile[:]
        self._held = 0

    def _pile(self, number: int) -> array[int]:
        pile = array("Q")
        if self._folder is not None:
            with open(os.path.join(self._folder, str(number)), "rb") as file:
                pile.frombytes(file.read())
        pile.extend(self._piles[number])
        return pile
