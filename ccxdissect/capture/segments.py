"""From packets to TCP segments: every header peeled off, whatever cannot be read counted and passed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from struct import Struct

from ccxdissect.capture import ip, link, tcp, tunnels
from ccxdissect.capture.described import Described
from ccxdissect.capture.files import HOLE, Input, packets
from ccxdissect.capture.fragments import INCOMPLETE, Fragments
from ccxdissect.capture.ip import Datagram
from ccxdissect.capture.notices import Notices
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Segment
from ccxdissect.errors import MalformedPacket

MOST_OTHER_PORTS = 4096

CUT_PAYLOAD = "TCP payload cut by the snap length"
BAD_IP_CHECKSUM = "wrong IPv4 header checksum"
BAD_TCP_CHECKSUM = "wrong TCP checksum (usual for packets captured where they were sent)"

_BEFORE_ALL = -1 << 100

_PLAIN = Struct(">12xIHxxHxBxx4s4sHHIIBB")
"""Ethernet, IPv4 without options, TCP: ethertype to TOS, length, fragment, protocol, addresses, TCP up to the
flags.

The first value spans ethertype (2), version and header length (1) and the type of service (1)."""


_LEAST_PLAIN = 54


def plain_segment(packet: Packet) -> Segment | None:
    """The segment of a packet that is Ethernet, IPv4 without options, TCP, and whole; None of any other: dissect that.

    Its payload begins at 34 and what its header's length says.
    """
    frame, time, link_type, data, _, _ = packet
    if link_type != link.ETHERNET or len(data) < _LEAST_PLAIN:
        return None
    kind, total, place, protocol, src, dst, sport, dport, seq, ack, offset, flags = _PLAIN.unpack_from(data)
    if kind >> 8 != 0x080045 or protocol != ip.TCP or place & 0x3FFF:
        return None
    begin = 34 + (offset >> 4 << 2)
    end = 14 + total
    if not _LEAST_PLAIN <= begin <= end <= len(data):
        return None
    return tuple.__new__(Segment, (frame, time, src, sport, dst, dport, seq, ack, flags, data[begin:end], 0))


class SegmentReader:
    """Iterates over the TCP segments of `packets`, in their order.

    With `ports`, only segments with one of them at either end are given. With `verify`, wrong IP and TCP
    checksums are noted (the segments are given all the same: network cards fill checksums in after the
    capture). IP fragments are put together; a segment in fragments has the frame and time of the last one. Of
    a datagram whose fragments never all came, the start is given with the frame at which waiting ended.

    While iterating, `packets`, `bytes` (captured), `segments`, `first_time` and `last_time` (ns; None before
    the first packet), `notices` and `other_ports` tell what has been met so far; `other_ports` counts
    segments that `ports` kept out by the lower of their two ports, most likely the server's.
    """

    def __init__(
        self,
        packets: Iterable[Packet],
        ports: frozenset[int] | None = None,
        verify: bool = False,
        notices: Notices | None = None,
    ) -> None:
        self._packets = packets
        self._ports = ports
        self._verify = verify
        self.notices = notices if notices is not None else Notices()
        self.other_ports: Counter[int] = Counter()
        self.packets = 0
        #: The longest packet among those that the snap length cut: the snap length.
        self.snap: int | None = None
        self.bytes = 0
        self.segments = 0
        self.first_time: int | None = None
        self.last_time: int | None = None
        self._fragments = Fragments()
        self._lost = 0

    def __iter__(self) -> Iterator[Segment]:
        plain, new, ports, fast = _PLAIN.unpack_from, tuple.__new__, self._ports, not self._verify
        others = self.other_ports
        count = size = 0
        last_time = _BEFORE_ALL
        packet = None
        try:
            for packet in self._packets:
                frame, time, link_type, data, _, _ = packet
                captured = len(data)
                count += 1
                size += captured
                if time > last_time:
                    if count == 1:
                        self.first_time = time
                    last_time = time
                if link_type == 1 and captured >= 54 and fast:
                    (kind, total, place, protocol, src, dst, sport, dport, seq, ack, offset, flags) = plain(data)
                    if kind >> 8 == 0x080045 and protocol == 6 and not place & 0x3FFF:
                        begin = 34 + (offset >> 4 << 2)
                        end = 14 + total
                        if 54 <= begin <= end <= captured:
                            if ports is not None and sport not in ports and dport not in ports:
                                port = sport if sport < dport else dport  # three times as fast as min()
                                if port in others or len(others) < MOST_OTHER_PORTS:
                                    others[port] += 1
                                continue
                            self.packets, self.bytes, self.last_time = count, size, last_time
                            self.segments += 1
                            yield new(
                                Segment, (frame, time, src, sport, dst, dport, seq, ack, flags, data[begin:end], 0)
                            )
                            continue
                self.packets, self.bytes, self.last_time = count, size, last_time
                yield from self.dissect(packet)
        finally:
            self.packets, self.bytes = count, size
            self.last_time = last_time if count else None
        if packet is not None:
            yield from self.close(packet)

    def count(self, packets: int, size: int, first: int, last: int) -> None:
        """Count packets that somebody else iterates over: how many, their bytes, the first and the latest time (ns)."""
        if not self.packets:
            self.first_time = first
        self.packets += packets
        self.bytes += size
        self.last_time = last if self.last_time is None else max(self.last_time, last)

    def dissect(self, packet: Packet) -> Iterator[Segment]:
        """Yield the segment of any packet: one, none, or also the starts of datagrams given up now."""
        try:
            datagram = self._datagram(packet)
            if datagram is not None:
                yield from self._segment(datagram, packet)
        except MalformedPacket as error:
            self.notices.add(str(error), packet.frame, packet.source)
        if self._fragments.lost > self._lost:
            yield from self._given_up(packet)

    def _datagram(self, packet: Packet) -> Datagram | None:
        """Return the TCP datagram in a packet, out of any tunnel; None if there is none (yet)."""
        data = packet.data
        wire_end = packet.wirelen
        ethertype, offset = link.network(packet.link, data)
        for _ in range(tunnels.DEEPEST):
            if ethertype == link.NOT_IP:
                return None
            datagram = ip.parse(ethertype, data, offset, wire_end)
            if self._verify and ethertype == link.IPV4 and ip.checksum(data[offset : datagram.start]):
                self.notices.add(BAD_IP_CHECKSUM, packet.frame, packet.source)
            if datagram.fragment is not None:
                whole = self._fragments.add(datagram, packet.time)
                if whole is None:
                    return None
                datagram = _without_extensions(whole)
            if datagram.protocol == ip.TCP:
                return datagram
            data, wire_end = datagram.data, datagram.end
            ethertype, offset = tunnels.inside(datagram)
        raise MalformedPacket(f"more than {tunnels.DEEPEST} tunnels within each other")

    def _segment(self, datagram: Datagram, packet: Packet) -> Iterator[Segment]:
        segment = tcp.segment_of(datagram, packet.frame, packet.time)
        ports = self._ports
        if ports is not None and segment.sport not in ports and segment.dport not in ports:
            self.count_other(min(segment.sport, segment.dport))
            return
        if segment.cut:
            self.snap = max(self.snap or 0, len(packet.data))
            self.notices.add(CUT_PAYLOAD, packet.frame, packet.source)
        elif self._verify and tcp.checksum_is_wrong(datagram):
            self.notices.add(BAD_TCP_CHECKSUM, packet.frame, packet.source)
        self.segments += 1
        yield segment

    def _given_up(self, packet: Packet) -> Iterator[Segment]:
        for _ in range(self._fragments.lost - self._lost):
            self.notices.add(INCOMPLETE, packet.frame, packet.source)
        self._lost = self._fragments.lost
        for _, start in self._fragments.given_up():
            try:
                datagram = _without_extensions(start)
                if datagram.protocol == ip.TCP:
                    yield from self._segment(datagram, packet)
            except MalformedPacket as error:
                self.notices.add(str(error), packet.frame, packet.source)

    def count_other(self, port: int, times: int = 1) -> None:
        """Count segments that `ports` kept out."""
        if port in self.other_ports or len(self.other_ports) < MOST_OTHER_PORTS:
            self.other_ports[port] += times

    def close(self, packet: Packet) -> Iterator[Segment]:
        """After the last packet, `packet`: yield the starts of datagrams that never became whole."""
        self._fragments.close()
        yield from self._given_up(packet)


def _without_extensions(whole: Datagram) -> Datagram:
    """Return a reassembled datagram from behind the IPv6 extension headers that its fragments held."""
    if len(whole.src) == 4:
        return whole
    datagram = ip.behind_extensions(whole)
    if datagram.fragment is not None:
        raise MalformedPacket("an IP fragment within a fragment")
    return datagram


def read_segments(
    inputs: Input | Iterable[Input],
    ports: frozenset[int] | None = None,
    verify: bool = False,
    progress: Callable[[int], None] | None = None,
    hole: int = HOLE,
    left_out: dict[int, int] | None = None,
) -> SegmentReader:
    """Return a SegmentReader over capture files, its `notices` holding those of the files too.

    `left_out` is told of each packet, by its frame and before its segment comes, before which packets of its connection
    were left out on purpose, and how many bytes of its direction.

    Parameters and errors as of `ccxdissect.capture.files.packets`; nothing is opened before iterating.
    """
    notices = Notices()
    captured = packets(inputs, notices, progress, hole)
    if left_out is not None:
        captured = _telling(captured, left_out)
    return SegmentReader(captured, ports, verify, notices)


def _telling(captured: Iterator[Packet], left_out: dict[int, int]) -> Iterator[Packet]:
    for packet in captured:
        data = packet[3]
        if left_out:
            left_out.clear()
        if type(data) is Described and data.left_out is not None:
            left_out[packet.frame] = data.left_out
        yield packet
