"""The packets that concern what was asked for, cut out of captures into one of their own.

Two readings: the first finds which packets carry the messages that a filter keeps, the second copies them. Where calls are
asked for there is one before these, which finds the requests that made them. Memory grows with the connections and with
what is kept, not with the size of the capture.
"""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from ccxdissect.analysis.filters import Filter
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.capture.datagrams import datagrams
from ccxdissect.capture.excerpt import Excerpt
from ccxdissect.capture.files import Progress, packets
from ccxdissect.capture.fragments import AGE
from ccxdissect.capture.log_lines import is_log_input
from ccxdissect.capture.notices import Notices
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import ACK, FIN, RST, SYN
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.capture.source import name_of
from ccxdissect.capture.spooled import reopenable
from ccxdissect.codec.layout import HEADER
from ccxdissect.errors import CaptureError
from ccxdissect.outputs import check_output, packed_or_plain
from ccxdissect.sources.keeping import Keep, Kept, Numbers, keeping, making, wants_calls
from ccxdissect.sources.options import Options
from ccxdissect.stream.arrival import RangeSet
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Record

#: What is remembered of a segment: frame, time, direction of a connection, where in its bytes, how many, TCP flags.
_ENTRY = struct.Struct("<qqqqIB")
#: The frame of an entry that is no segment but a message that is not wanted.
_NO_FRAME = -1
#: Flags and offset of a datagram that is whole, whether it may be cut up or not.
_NO_FRAGMENT = (b"\0\0", b"\x40\0")
#: IP fragments remembered for their datagrams.
_MOST_FRAGMENTS = 1 << 20


@dataclass
class Cut:
    """What was cut out. `messages`: those asked for; `beside`: others that share a packet with one of them."""

    messages: int = 0
    beside: int = 0
    packets: int = 0
    sessions: set[int] = field(default_factory=set)
    #: Messages read, and what the filter says of them when it keeps none.
    read: int = 0
    kept: Kept | None = None
    notices: list[str] = field(default_factory=list)


def cut_to_file(
    captures: Sequence[str],
    options: Options,
    keep: Keep | None,
    path: str,
    force: bool = False,
    progress: Progress | None = None,
) -> Cut:
    """Write the packets that concern what `keep` keeps (None: every message) to a pcapng file at `path` ("-": standard
    output), packed if its name ends in .gz: those of the messages, byte for byte, and the handshakes and ends of their
    connections. Of a filter of sessions and times alone, every packet of these connections at that time.

    Nothing is written when the filter keeps nothing: `packets` is 0 then. Raises CaptureError for what cannot be read,
    and for a file that is there already, unless with `force`; UsageError for a filter that makes no sense.
    """
    for given in captures:
        if is_log_input(given):
            raise CaptureError(name_of(given), "is a log, which holds no packets: only captures can be cut")
    check_output(path, force, captures)
    with reopenable(captures) as paths, tempfile.TemporaryFile(prefix="ccxdissect-") as entries:
        cutter = _Cutter(paths, options, keep, progress)
        cutter.look(entries)
        chosen, left_out = cutter.choose(entries)
        if chosen:
            with packed_or_plain(path) as out:
                cutter.copy(chosen, left_out, out)
                paths.check()
        return cutter.cut


class _Cutter:
    def __init__(self, paths: list[str], options: Options, keep: Keep | None, progress: Progress | None) -> None:
        self.cut = Cut()
        self._paths = paths
        self._options = options
        self._progress = progress
        self._kept = None if keep is None else keeping(keep, options.protocols, SubjectReader())
        if keep is not None and wants_calls(keep):
            made = making(keep, options.protocols, self._events())
            self._kept = keeping(keep, options.protocols, SubjectReader(), made)
        self.cut.kept = self._kept
        #: What tells of each packet whether it is wanted, where that is not for its messages to tell.
        self._by_packet = Filter() if keep is None else keep if isinstance(keep, Filter) and keep.by_packet else None
        self._first: int | None = None
        self._span: tuple[int | None, int | None] = (None, None)
        #: By direction: the bytes of messages that are wanted, and of others.
        self._wanted: dict[int, RangeSet] = {}
        self._others: dict[int, RangeSet] = {}
        self._fragments = _FragmentFrames()

    def _events(self) -> Iterator[Event]:
        dissector = Dissector(self._options.protocols, self._options.ports)
        for segment in SegmentReader(
            packets(self._paths, Notices(), self._progress), self._options.ports, False, Notices()
        ):
            yield from dissector.feed(segment)
        yield from dissector.flush()

    def look(self, entries: BinaryIO) -> None:
        """Read everything once: which bytes are wanted, and, into `entries`, where each segment's bytes are."""
        options, notices = self._options, Notices()
        dissector = Dissector(options.protocols, options.ports)
        captured = map(self._fragments.see, packets(self._paths, notices, self._progress))
        for segment in SegmentReader(captured, options.ports, False, notices):
            events = dissector.feed(segment)
            place = dissector.connections.where(segment)
            if place is not None:
                flow, offset = place[0].number, place[1]
                size = len(segment.payload) + segment.cut
                entries.write(_ENTRY.pack(segment.frame, segment.time, flow, offset, size, segment.flags))
            self._take(events, entries)
        self._take(dissector.flush(), entries)
        self.cut.notices = [str(notice) for notice in notices]

    def _take(self, events: Iterable[Event], entries: BinaryIO) -> None:
        for event in events:
            if not isinstance(event, Record):
                continue
            self.cut.read += 1
            self._first = event.time if self._first is None else self._first
            kept = self._kept
            if kept is not None:
                kept.event(event)
            mine = kept is None or kept.has("messages", event)
            if mine:
                self.cut.messages += 1
                self.cut.sessions.add(event.session.number)
            ranges = (self._wanted if mine else self._others).setdefault(event.flow, RangeSet())
            size = HEADER.size + len(event.decoded.body)
            ranges.add(event.offset, event.offset + size)
            if not mine:
                entries.write(_ENTRY.pack(_NO_FRAME, event.time, event.flow, event.offset, size, 0))

    def choose(self, entries: BinaryIO) -> tuple[Numbers, dict[int, int]]:
        """The frames to copy, and before which of them how many bytes are left out."""
        sessions = self.cut.sessions
        if self._by_packet is not None:
            self._span = self._by_packet.span(self._first)
        for entry in _read(entries):
            if self._is_at_the_time(entry):
                sessions.add(entry.session)
        chosen, partly = Numbers(), set[int]()
        connections: dict[int, _Connection] = {}
        for entry in _read(entries):
            if entry.session not in sessions:
                continue
            connection = connections.setdefault(entry.session, _Connection())
            frames = connection.needs(entry)
            if frames or _touches(self._wanted, entry) or self._is_at_the_time(entry):
                for frame in self._fragments.of(entry.frame):
                    chosen.add(frame)
            else:
                partly.add(entry.session)
        kept: dict[int, RangeSet] = {}
        for entry in _read(entries):
            if entry.frame in chosen:
                kept.setdefault(entry.flow, RangeSet()).add(entry.offset, entry.offset + entry.size)
        for entry in _read(entries, of_messages=True):
            ranges = kept.get(entry.flow)
            self.cut.beside += ranges is not None and ranges.covers(entry.offset, entry.offset + entry.size)
        return chosen, _left_out(_read(entries), chosen, partly)

    def _is_at_the_time(self, entry: _Entry) -> bool:
        """Whether the packet itself is wanted, whatever is in it, and brings no message that is not."""
        wanted = self._by_packet
        if wanted is None or (wanted.sessions and entry.session not in wanted.sessions):
            return False
        start, stop = self._span
        if (start is not None and entry.time < start) or (stop is not None and entry.time > stop):
            return False
        return not _touches(self._others, entry)

    def copy(self, chosen: Numbers, left_out: dict[int, int], out: BinaryIO) -> None:
        """Read everything once more, and write what was chosen."""
        excerpt = Excerpt(out)
        for packet in packets(self._paths, None, self._progress, describe=True):
            if packet.frame in chosen:
                excerpt.add(packet, left_out.get(packet.frame))
        self.cut.packets = excerpt.packets


class _Entry(NamedTuple):
    """A segment: its packet, its time (ns), the direction of a connection, where in its bytes, how many, TCP flags; or a
    message that is not wanted."""

    frame: int
    time: int
    flow: int
    offset: int
    size: int
    flags: int

    @property
    def session(self) -> int:
        """The number of its connection."""
        return self.flow >> 1


def _read(entries: BinaryIO, of_messages: bool = False) -> Iterator[_Entry]:
    entries.seek(0)
    while data := entries.read(_ENTRY.size * 4096):
        for entry in map(_Entry._make, _ENTRY.iter_unpack(data)):
            if (entry.frame == _NO_FRAME) is of_messages:
                yield entry


def _touches(ranges: dict[int, RangeSet], entry: _Entry) -> bool:
    found = ranges.get(entry.flow)
    return found is not None and found.touches(entry.offset, entry.offset + entry.size)


class _Connection:
    """What of a connection is kept whatever it carries: how it began and how it ended."""

    def __init__(self) -> None:
        self._answered = self._ended = False

    def needs(self, entry: _Entry) -> bool:
        """Whether a segment is part of the handshake or of the end; to be asked of all of them in their order."""
        flags = entry.flags
        if flags & (SYN | FIN | RST):
            self._answered = bool(flags & SYN and flags & ACK)
            self._ended = self._ended or bool(flags & FIN)
            return True
        answered, self._answered = self._answered, False
        return (answered or self._ended) and not entry.size


def _left_out(entries: Iterable[_Entry], chosen: Numbers, partly: set[int]) -> dict[int, int]:
    """Before which of the chosen packets how many bytes of their direction are left out; of connections of which other
    packets are, always before the first one, be it none."""
    told: dict[int, int] = {}
    begun: set[int] = set()
    #: By direction, how far the chosen packets reach, and how far those with bytes that were left out, if farther.
    reached: dict[int, int] = {}
    skipped: dict[int, int] = {}
    for entry in entries:
        if entry.session not in partly:
            continue
        flow = entry.flow
        if entry.frame not in chosen:
            if entry.size:
                skipped[flow] = max(skipped.get(flow, 0), entry.offset + entry.size)
            continue
        if entry.session not in begun:
            begun.add(entry.session)
            told[entry.frame] = 0
        start = max(entry.offset, 0) if entry.flags & SYN else entry.offset
        before = reached.get(flow)
        if before is not None and flow in skipped and start > before:
            told[entry.frame] = start - before
        reached[flow] = max(before if before is not None else start, start + entry.size)
        # What is chosen may be sent again, and lie before what was left out.
        if skipped.get(flow, 0) <= reached[flow]:
            skipped.pop(flow, None)
    return told


class _FragmentFrames:
    """Which packets hold the IP fragments of one datagram."""

    def __init__(self) -> None:
        self._groups: dict[tuple[bytes, bytes, int], tuple[int, list[int]]] = {}
        self._frames: dict[int, list[int]] = {}

    def see(self, packet: Packet) -> Packet:
        """Look at a packet, and give it on."""
        data = packet.data
        # Ethernet, IPv4 without options, flags and offset of no fragment: most packets, told at a glance.
        plain = packet.link == 1 and data[12:15] == b"\x08\0\x45" and data[20:22] in _NO_FRAGMENT
        if plain or len(self._frames) >= _MOST_FRAGMENTS:
            return packet
        for datagram in datagrams(packet):
            if datagram.fragment is not None:
                key = (datagram.src, datagram.dst, datagram.fragment.identification)
                since, frames = self._groups.get(key, (packet.time, []))
                if packet.time - since > AGE:
                    since, frames = packet.time, []
                frames.append(packet.frame)
                self._groups[key] = since, frames
                self._frames[packet.frame] = frames
        return packet

    def of(self, frame: int) -> Iterable[int]:
        """The packets of the datagram that a packet holds, or holds a fragment of."""
        return self._frames.get(frame, (frame,))
