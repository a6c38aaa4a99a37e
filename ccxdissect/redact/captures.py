"""A capture file redacted: read twice, written once.

First everything that will be replaced is collected (of large captures by columns, where what that takes is installed),
and the streams are spooled; then every message is rewritten (of what could not be spooled, when the capture is read once
more) and put on disk by its place in its stream; then every packet gets the bytes that belong in its place, whether it
brings them for the first time or again. Memory grows with the number of connections (about 200 bytes for each
direction) and of different words, not with the size of the capture.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import BinaryIO, NamedTuple

from ccxdissect import columns
from ccxdissect.bounded import Memo
from ccxdissect.capture import excerpt, ip, pcapng, pcapng_blocks
from ccxdissect.capture.datagrams import datagrams
from ccxdissect.capture.described import left_out
from ccxdissect.capture.files import Progress, is_pcapng, packets
from ccxdissect.capture.fragments import Fragments
from ccxdissect.capture.ip import Datagram
from ccxdissect.capture.notices import Notices
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import SegmentReader, plain_segment
from ccxdissect.capture.source import total_size
from ccxdissect.errors import CaptureError, MalformedPacket
from ccxdissect.protocol.model import Protocol, several
from ccxdissect.redact.fields import BLANK, Keep, MessageRedactor
from ccxdissect.redact.packets import MOST_PAIRS, PacketRedactor, tcp_payload
from ccxdissect.redact.places import Places
from ccxdissect.redact.pseudonyms import Pseudonyms
from ccxdissect.redact.report import Report
from ccxdissect.redact.rewriting import Rewriter, Room, Spool
from ccxdissect.redact.streams import Place, RewrittenStreams, place_of
from ccxdissect.sources.bulk import in_bulk
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event
from ccxdissect.wording import SECOND

_SNAP_LENGTH = 262_144
#: What a section says of itself of which nothing was kept.
REDACTED = "redacted by ccxdissect"
#: Fragments remembered for their datagrams; the payload of further ones is blanked.
MOST_FRAGMENTS = 1 << 20
#: As much of a TCP header as a segment cannot do without.
_SHORTEST_TCP = 14
#: What 64 bits hold of ticks; seconds of an era, whose nanoseconds they hold; and the seconds that an interface may
#: count from.
_ALL_DIGITS = 1 << 64
_ERA = (1 << 63) // SECOND
_FAR = 1 << 63


def wants_blocks(path: str) -> bool | None:
    """Whether a file so called is meant to be pcapng; None when its name says neither that nor pcap."""
    name = path.lower().removesuffix(".gz")
    return True if name.endswith(".pcapng") else False if name.endswith((".pcap", ".cap")) else None


class _Clock(NamedTuple):
    """How an interface of the copy tells times: digits behind the second, and the second (since 1970) they count from."""

    digits: int = pcapng_blocks.DIGITS
    since: int = 0

    def ticks(self, time: int) -> int:
        """A time (ns) as it counts them."""
        return (time - self.since * SECOND) // 10 ** (pcapng_blocks.DIGITS - self.digits)


_USUAL = _Clock()


def _clock(time: int) -> _Clock:
    """The one that tells a time: the usual one, but for times that no capture can mean and a damaged one may have."""
    if 0 <= time < _ALL_DIGITS:
        return _USUAL
    since = time // (_ERA * SECOND) * _ERA
    if -_FAR <= since < _FAR:
        return _Clock(since=since)
    digits = pcapng_blocks.DIGITS
    while digits and _Clock(digits, _FAR - 1).ticks(time) >= _ALL_DIGITS:
        digits -= 1
    return _Clock(digits, _FAR - 1)


class _Shape:
    """What the output's header has to know of the packets."""

    def __init__(self, blocks: bool) -> None:
        #: Whether it is to be a pcapng file, and whether the input was cut out of another.
        self.blocks = blocks
        self.excerpt = False
        self.links: dict[int, int] = {}
        #: Link types with how their packets' times are told.
        self.interfaces: dict[tuple[int, _Clock], int] = {}
        #: Digits behind the second that times have, up to nine, by threes.
        self.digits = 0
        #: How much (ns) the last of them stands for.
        self._unit = 10**pcapng_blocks.DIGITS
        self.classic = True

    def see(self, packet: Packet) -> None:
        if packet.link not in self.links:
            self.links[packet.link] = len(self.links)
        told = packet.link, _clock(packet.time)
        if told not in self.interfaces:
            self.interfaces[told] = len(self.interfaces)
        while packet.time % self._unit:
            self.digits += 3
            self._unit = 10 ** (pcapng_blocks.DIGITS - self.digits)
        self.excerpt = self.excerpt or left_out(packet) is not None
        self.classic = self.classic and 0 <= packet.time < (1 << 32) * SECOND


class CaptureRedactor:
    """Redacts one capture file at `path`; `ports` are those of servers. `key`: of the pseudonyms, or those themselves. `progress`
    hears how many more bytes were read. `blocks`: whether the copy is pcapng (default: as the input); what pcap cannot hold
    is pcapng all the same. `room`: for what is spooled of all that are redacted together."""

    #: How often the file is read, or progress is as if it was.
    PASSES = 3

    def __init__(
        self,
        protocols: Protocol | Sequence[Protocol],
        path: str,
        ports: frozenset[int],
        key: bytes | Pseudonyms,
        keep: Keep | None = None,
        progress: Progress | None = None,
        blocks: bool | None = None,
        room: Room | None = None,
    ) -> None:
        self.protocols = several(protocols)
        self._progress = progress
        self.report = Report()
        self.notices: list[str] = []
        self._path = path
        self._ports = ports
        self._keep = keep or Keep(protocols)
        self._pseudonyms = key if isinstance(key, Pseudonyms) else Pseudonyms(key)
        self._messages = MessageRedactor(protocols, self._pseudonyms, self._keep, self.report)
        self._room = room or Room()
        self._spool: Spool | None = None
        self._shape = _Shape(is_pcapng(path) if blocks is None else blocks)
        self._pieces = _FragmentedDatagrams(ports)
        #: Pairs of hosts of which both are noted.
        self._pairs: Memo[tuple[bytes, bytes], None] = Memo(MOST_PAIRS)
        #: How many bytes were left out before the packet that is read now; None: nothing of its connection was.
        self._behind: int | None = None

    def write(self, out: BinaryIO) -> Report:
        """Write the redacted capture; raises CaptureError when the input cannot be read."""
        if self._spool is None:
            self.collect()
            self._pseudonyms.settle()
        assert self._spool is not None
        with (
            closing(self._spool) as spool,
            RewrittenStreams() as streams,
            closing(self._rewrite(streams, spool)) as places,
        ):
            places.rewind()
            self._put(out, streams, places)
        return self.report

    def close(self) -> None:
        """Let go what was spooled, if nothing is to be written."""
        if self._spool is not None:
            self._spool.close()

    def _events(self, stands: Callable[[Segment, Place], None], see: bool) -> Iterator[Event]:
        dissector = Dissector(self.protocols, self._ports)
        notices = Notices()
        reader = SegmentReader(self._packets(notices if see else None), self._ports, notices=notices)
        for segment in reader:
            behind = self._behind
            events = dissector.feed(segment) if behind is None else dissector.feed_behind(behind, segment)
            if segment.payload:
                place = place_of(dissector.connections, segment)
                if place is not None:
                    stands(segment, place)
                    self._pieces.place(segment, place)
            yield from events
        yield from dissector.flush()
        if see:
            self.notices = [str(notice) for notice in notices]

    def _packets(self, notices: Notices | None) -> Iterator[Packet]:
        see = notices is not None
        last = 0
        for packet in packets(self._path, notices, self._progress):
            if see:
                last = packet.frame
                self._see(packet)
            self._behind = left_out(packet)
            yield packet
        if see:
            self._pieces.end(last)

    def _see(self, packet: Packet) -> None:
        """Note what there is to know of packets before they are written."""
        self._shape.see(packet)
        plain = plain_segment(packet)
        if plain is None:
            self._pieces.see(packet)
        if not self._keep.addresses:
            self._note_addresses(datagrams(packet) if plain is None else (plain,))

    def _note_addresses(self, found: Iterable[Datagram | Segment]) -> None:
        for one in found:
            pair = one.src, one.dst
            if pair not in self._pairs:
                self._pairs.remember(pair, None)
                self._pseudonyms.note_address(one.src)
                self._pseudonyms.note_address(one.dst)

    def collect(self) -> None:
        """Note all that will be replaced. With pseudonyms that others share, they are settled when all have noted theirs."""
        spool = self._spool = Spool(self._messages, self._room)
        if in_bulk([self._path], columns.WORTH_LOADING):
            self._collect_in_bulk(spool)
            return
        for event in self._events(spool.stands, see=True):
            spool.take_event(event)
        spool.finish()

    def _collect_in_bulk(self, spool: Spool) -> None:
        from ccxdissect.redact.in_bulk import Reading, collect

        dissector, notices = Dissector(self.protocols, self._ports), Notices()

        def stands(segment: Segment) -> Place | None:
            place = place_of(dissector.connections, segment)
            if place is not None:
                self._pieces.place(segment, place)
            return place

        progress, see, end = self._progress, self._see, self._pieces.end
        collect(Reading(self._path, self._ports, dissector, notices, progress, see, stands, end), self._messages, spool)
        self.notices = [str(notice) for notice in notices]

    def _rewrite(self, streams: RewrittenStreams, spool: Spool) -> Places:
        """Fill the streams, from the spool, or by reading the capture once more; give the places of segments in them."""
        rewriter = Rewriter(streams, self._messages)
        if spool.given_up:
            places = Places()
            for event in self._events(places.add, see=False):
                rewriter.take(event)
        else:
            places = spool.places
            spool.rewrite(rewriter)
            size = total_size([self._path])
            if self._progress is not None and size is not None:
                self._progress(size)
        streams.finish()
        return places

    def _put(self, out: BinaryIO, streams: RewrittenStreams, places: Places) -> None:
        redactor = PacketRedactor(self._pseudonyms, self._keep.addresses)
        writer = _writer(out, self._shape, "" if self._keep.names else REDACTED)

        def payload_of(segment: Segment) -> bytes | None:
            if segment.sport not in self._ports and segment.dport not in self._ports:
                return None
            place = places.of(segment)
            if place is None:
                return bytes([BLANK]) * len(segment.payload)
            return streams.read(place.flow, place.offset, segment.payload, BLANK)

        def address(packed: bytes) -> bytes:
            return packed if self._keep.addresses else self._pseudonyms.address(packed)

        def datagram_of(fragment: Datagram, frame: int) -> bytes | None:
            known = self._pieces.of(frame)
            if known is None:
                return None
            datagram, place = known
            payload = datagram.data[_tcp_header(datagram.data) :]
            if place is None:
                fresh = bytes([BLANK]) * len(payload)
            else:
                fresh = streams.read(place.flow, place.offset, payload, BLANK)
            return tcp_payload(datagram.data, fresh, address(datagram.src), address(datagram.dst))

        for packet in packets(self._path, progress=self._progress):
            self.report.units += 1
            data = redactor.rewrite(packet, payload_of, datagram_of)
            if redactor.blanked:
                self.report.blanked["packets with a payload that is none of the protocol's"] += 1
            if redactor.unread:
                self.report.blanked["packets that cannot be read"] += 1
            writer(packet, data)


class _FragmentedDatagrams:
    """TCP datagrams that came in IP fragments: which packets hold them, and where their payload stands."""

    def __init__(self, ports: frozenset[int]) -> None:
        self._ports = ports
        self._fragments = Fragments()
        self._frames: dict[tuple[bytes, bytes, int], list[int]] = {}
        #: By frame, the datagram of which it holds a fragment, and where its payload stands.
        self._known: dict[int, tuple[Datagram, Place | None]] = {}
        #: By frame, those whose wait ended there, complete or not, and the frames that brought them.
        self._ended: dict[int, list[tuple[Datagram, list[int]]]] = {}
        self._count = 0

    def see(self, packet: Packet) -> None:
        """Look at a packet; only fragments matter."""
        datagram = next((one for one in datagrams(packet) if one.fragment is not None), None)
        if datagram is None or datagram.fragment is None or self._count >= MOST_FRAGMENTS:
            return
        self._count += 1
        key = (datagram.src, datagram.dst, datagram.fragment.identification)
        self._frames.setdefault(key, []).append(packet.frame)
        try:
            whole = self._fragments.add(datagram, packet.time)
        except MalformedPacket:
            return
        self._give_up(packet.frame)
        if whole is not None:
            self._end(packet.frame, whole, self._frames.pop(key))

    def end(self, last: int) -> None:
        """There are no more packets behind the frame `last`: what still waits will not be complete."""
        self._fragments.close()
        self._give_up(last)

    def _give_up(self, frame: int) -> None:
        for identification, start in self._fragments.given_up():
            self._end(frame, start, self._frames.pop((start.src, start.dst, identification), []))

    def _end(self, frame: int, datagram: Datagram, frames: list[int]) -> None:
        data = datagram.data
        ports = {int.from_bytes(data[at : at + 2], "big") for at in (0, 2)}
        if datagram.protocol == ip.TCP and len(data) >= _SHORTEST_TCP and ports & self._ports:
            self._ended.setdefault(frame, []).append((datagram, frames))
            for one in frames:
                self._known[one] = (datagram, None)

    def place(self, segment: Segment, place: Place) -> None:
        """Learn the place of a segment that may have come in fragments, of which the last was in its frame."""
        for datagram, frames in self._ended.get(segment.frame, ()):
            if datagram.src == segment.src and datagram.data[4:8] == segment.seq.to_bytes(4, "big"):
                for frame in frames:
                    self._known[frame] = (datagram, place)

    def of(self, frame: int) -> tuple[Datagram, Place | None] | None:
        """The datagram of which the packet holds a fragment, as much as was captured, and its place in a stream."""
        return self._known.get(frame)


def _tcp_header(data: bytes) -> int:
    return (data[12] >> 4) << 2


def _writer(out: BinaryIO, shape: _Shape, comment: str) -> Callable[[Packet, bytes], None]:
    """A function that writes packets: pcap of what is pcap and fits, else pcapng without a word too many."""
    if len(shape.links) <= 1 and shape.classic and not shape.blocks and not shape.excerpt:
        fine = shape.digits == pcapng_blocks.DIGITS
        unit = 1 if fine else 1000
        magic = 0xA1B23C4D if fine else 0xA1B2C3D4
        kind = next(iter(shape.links), 1)
        out.write(struct.pack("<IHHiIII", magic, 2, 4, 0, 0, _SNAP_LENGTH, kind))

        def classic(packet: Packet, data: bytes) -> None:
            seconds, rest = divmod(packet.time, SECOND)
            out.write(struct.pack("<IIII", seconds, rest // unit, len(data), packet.wirelen) + data)

        return classic
    form = pcapng.FORM_OF["<"]
    of_excerpt = [pcapng.excerpt_fact(form)] if shape.excerpt else []
    out.write(pcapng_blocks.section(excerpt.NAME if shape.excerpt else "", comment, of_excerpt))
    for kind, clock in shape.interfaces:
        out.write(pcapng_blocks.interface(kind, digits=clock.digits, since=clock.since))

    def blocks(packet: Packet, data: bytes) -> None:
        behind = left_out(packet)
        given = pcapng_blocks.options([] if behind is None else excerpt.facts(form, behind))
        clock = _clock(packet.time)
        interface = shape.interfaces[packet.link, clock]
        out.write(pcapng_blocks.packet(interface, clock.ticks(packet.time), data, packet.wirelen, given=given))

    return blocks


__all__ = ["CaptureError", "CaptureRedactor"]
