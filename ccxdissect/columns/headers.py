"""Link, IP and TCP headers by columns: packets in, TCP segments out.

What is plain is told here: one IP packet, whole, unfragmented, without extension headers or tunnels, and all of its TCP
header and payload captured. Any other packet goes to the segment reader of `capture`, whose segments come back in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ccxdissect.capture import ip, link, tunnels
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.columns.chunks import Packets
from ccxdissect.columns.distinct import all_or_places, distinct, listed
from ccxdissect.columns.places import lying_at

_IPV4 = np.dtype(
    [
        ("first", "u1"),
        ("tos", "u1"),
        ("total", ">u2"),
        ("id", ">u2"),
        ("place", ">u2"),
        ("ttl", "u1"),
        ("protocol", "u1"),
        ("sum", ">u2"),
        ("src", ">u4"),
        ("dst", ">u4"),
    ]
)
_IPV6 = np.dtype(
    [("first", ">u4"), ("total", ">u2"), ("protocol", "u1"), ("hops", "u1"), ("src", "S16"), ("dst", "S16")]
)
_TCP = np.dtype([("sport", ">u2"), ("dport", ">u2"), ("seq", ">u4"), ("ack", ">u4"), ("offset", "u1"), ("flags", "u1")])
_PORTS = np.dtype([("src", ">u2"), ("dst", ">u2")])
#: IP protocols that may hold TCP in a tunnel; UDP only on the port of VXLAN.
_TUNNELS = listed((ip.IP_IN_IP, ip.IPV6_IN_IP, ip.GRE), 1 << 8)
#: What an IPv6 header without extensions is followed by.
_UPPER = listed((ip.TCP, ip.UDP), 1 << 8)
_VLAN_TAGS = listed(link.VLAN_TAGS, 1 << 16)
#: IPv6 addresses are counted from here on, IPv4 addresses stand for themselves.
_V6 = 1 << 32
#: Tags before the network layer that are looked through; a packet with more is none of the plain ones.
_MOST_TAGS = 4
#: When more segments than these are asked for one by one, all are made ready at once.
_MANY = 256


class Segments(NamedTuple):
    """TCP segments by columns, in the order of capture.

    `src`, `dst`: the endpoint as one number, the same for the same endpoint in all chunks. `place`, `size`: the payload
    in `data`. `plain`: false for what the columns must not judge, which `objects` holds, by index.
    """

    data: bytes
    frame: np.ndarray
    time: np.ndarray
    src: np.ndarray
    dst: np.ndarray
    seq: np.ndarray
    ack: np.ndarray
    flags: np.ndarray
    place: np.ndarray
    size: np.ndarray
    plain: np.ndarray
    objects: dict[int, Segment]
    addresses: Addresses

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.frame)

    def pieces(self, most: int) -> Iterator[Segments]:
        """All of them in pieces of equal length, none of more than so many."""
        count = -(-self.number // most)
        if count <= 1:
            yield self
            return
        bounds = [self.number * piece // count for piece in range(count + 1)]
        for start, stop in pairwise(bounds):
            own = slice(start, stop)
            yield self._replace(
                frame=self.frame[own], time=self.time[own], src=self.src[own], dst=self.dst[own], seq=self.seq[own],
                ack=self.ack[own], flags=self.flags[own], place=self.place[own], size=self.size[own], plain=self.plain[own],
                objects={index - start: one for index, one in self.objects.items() if start <= index < stop},
            )  # fmt: skip

    def segment(self, index: int) -> Segment:
        """One of them as an object."""
        found = self.objects.get(index)
        if found is not None:
            return found
        src, dst = int(self.src[index]), int(self.dst[index])
        place = int(self.place[index])
        return Segment(
            int(self.frame[index]),
            int(self.time[index]),
            self.addresses.packed(src >> 16),
            src & 0xFFFF,
            self.addresses.packed(dst >> 16),
            dst & 0xFFFF,
            int(self.seq[index]),
            int(self.ack[index]),
            int(self.flags[index]),
            self.data[place : place + int(self.size[index])],
            0,
        )

    def singly(self) -> Callable[[int], Segment]:
        """The same where many are asked for: all are made ready when it turns out that they are."""
        asked = 0
        columns: list[list[int]] = []
        packed, data, objects = self.addresses.packed, self.data, self.objects

        def segment(index: int) -> Segment:
            nonlocal asked
            asked += 1
            if asked <= _MANY or index in objects:
                return self.segment(index)
            if not columns:
                every = self.frame, self.time, self.src, self.dst, self.seq, self.ack, self.flags, self.place, self.size
                columns.extend(column.tolist() for column in every)
            frame, time, src, dst, seq, ack, flags, place, size = (column[index] for column in columns)
            payload = data[place : place + size]
            return Segment(
                frame,
                time,
                packed(src >> 16),
                src & 0xFFFF,
                packed(dst >> 16),
                dst & 0xFFFF,
                seq,
                ack,
                flags,
                payload,
                0,
            )

        return segment


class Addresses:
    """Addresses as numbers: an IPv4 address stands for itself, IPv6 addresses are counted."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._known: list[bytes] = []

    def number(self, address: bytes) -> int:
        """The number of a packed address."""
        if len(address) == 4:
            return int.from_bytes(address, "big")
        found = self._numbers.get(address)
        if found is None:
            found = self._numbers[address] = _V6 + len(self._known)
            self._known.append(address)
        return found

    def packed(self, number: int) -> bytes:
        """The packed address of a number."""
        return number.to_bytes(4, "big") if number < _V6 else self._known[number - _V6]


class HeaderReader:
    """Turns chunks of packets into chunks of segments. `reader` takes what is not plain, and counts everything.

    `ports`: segments without one of them at either end are counted by the reader and left out.
    """

    def __init__(self, reader: SegmentReader, ports: frozenset[int]) -> None:
        self._reader = reader
        self._ports = listed((port for port in ports if port < 1 << 16), 1 << 16)
        self._addresses = Addresses()

    def odd(self, packets: list[Packet]) -> list[Segment]:
        """The segments of packets that fit no column."""
        found: list[Segment] = []
        for packet in packets:
            self._reader.count(1, len(packet.data), packet.time, packet.time)
            found += self._reader.dissect(packet)
        return found

    def read(self, packets: Packets) -> Segments:
        """The segments of a chunk."""
        octets = np.frombuffer(packets.data, np.uint8)
        count = len(packets.start)
        end = packets.start + packets.size
        network, at, odd = _network(octets, packets, end)
        src, dst, begin, stop = np.zeros((4, count), np.int64)
        tcp = np.zeros(count, bool)
        headers = _Headers(octets, at, end, src, dst, begin, stop, tcp, odd)
        v4 = network == link.IPV4
        if v4.any():
            self._v4(headers, all_or_places(v4))
        self._v6(headers, np.flatnonzero(network == link.IPV6))
        index = np.flatnonzero(tcp)
        fields = lying_at(octets, begin[index], _TCP)
        sport, dport = fields["sport"].astype(np.int64), fields["dport"].astype(np.int64)
        payload = begin[index] + (fields["offset"].astype(np.int64) >> 4 << 2)
        sound = (payload >= begin[index] + 20) & (payload <= stop[index])
        odd[index[~sound]] = True
        ours = self._ports[sport] | self._ports[dport]
        others = sound & ~ours
        self._reader.count(count, int(packets.size.sum()), int(packets.time[0]), int(packets.time.max()))
        objects = self._dissected(packets, odd, index[others], np.minimum(sport, dport)[others])
        kept = all_or_places(sound & ours)
        index = index[kept]
        self._reader.segments += len(index)
        segments = Segments(
            packets.data,
            packets.frame + index,
            packets.time[index],
            src[index] << 16 | sport[kept],
            dst[index] << 16 | dport[kept],
            fields["seq"][kept].astype(np.int64),
            fields["ack"][kept].astype(np.int64),
            fields["flags"][kept].astype(np.int64),
            payload[kept],
            (stop[index] - payload[kept]),
            np.ones(len(index), bool),
            {},
            self._addresses,
        )
        return self._with(segments, objects) if objects else segments

    def _dissected(self, packets: Packets, odd: np.ndarray, elsewhere: np.ndarray, ports: np.ndarray) -> list[Segment]:
        """The segments of the packets that are not plain; and the segments of other ports counted, in their order."""
        found: list[Segment] = []
        counted = 0
        for index in np.flatnonzero(odd).tolist():
            before = int(np.searchsorted(elsewhere, index))
            if before > counted:
                self._count_others(ports[counted:before])
                counted = before
            found += self._reader.dissect(packets.packet(index))
        self._count_others(ports[counted:])
        return found

    def _count_others(self, ports: np.ndarray) -> None:
        if len(ports):
            values, first, times = np.unique(ports, return_index=True, return_counts=True)
            for place in np.argsort(first).tolist():
                self._reader.count_other(int(values[place]), int(times[place]))

    def _with(self, plain: Segments, objects: list[Segment]) -> Segments:
        """The segments with those of other packets in their places."""
        number = self._addresses.number
        more = len(objects)
        columns = {
            "frame": [one.frame for one in objects],
            "time": [one.time for one in objects],
            "src": [number(one.src) << 16 | one.sport for one in objects],
            "dst": [number(one.dst) << 16 | one.dport for one in objects],
            "seq": [one.seq for one in objects],
            "ack": [one.ack for one in objects],
            "flags": [one.flags for one in objects],
            "place": [0] * more,
            "size": [len(one.payload) for one in objects],
        }
        frame = np.concatenate([plain.frame, np.array(columns["frame"], np.int64)])
        order = np.argsort(frame, kind="stable")
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(plain, name), np.array(values, np.int64)])[order]
            for name, values in columns.items()
        }
        origin = np.concatenate([np.full(plain.number, -1), np.arange(more)])[order]
        places = np.flatnonzero(origin >= 0)
        return plain._replace(
            **joined,
            plain=origin < 0,
            objects={
                place: objects[which] for place, which in zip(places.tolist(), origin[places].tolist(), strict=True)
            },
        )

    @staticmethod
    def _v4(headers: _Headers, index: Any) -> None:
        octets, end = headers.octets, headers.end
        start = headers.at[index]
        fields = lying_at(octets, start, _IPV4)
        length = (fields["first"].astype(np.int64) & 15) << 2
        total = fields["total"].astype(np.int64)
        sound = (
            (start + 20 <= end[index])
            & (fields["first"] >> 4 == 4)
            & (length >= 20)
            & (total >= length)
            & (fields["place"] & 0x3FFF == 0)
        )
        headers.begin[index], headers.stop[index] = start + length, start + total
        headers.src[index], headers.dst[index] = fields["src"], fields["dst"]
        _judge(headers, index, sound, fields["protocol"])

    def _v6(self, headers: _Headers, index: np.ndarray) -> None:
        if not len(index):
            return
        octets, end = headers.octets, headers.end
        start = headers.at[index]
        fields = lying_at(octets, start, _IPV6)
        total = fields["total"].astype(np.int64)
        plain = _UPPER[fields["protocol"]]
        sound = (start + 40 <= end[index]) & (fields["first"] >> 28 == 6) & (total > 0) & plain
        headers.begin[index], headers.stop[index] = start + 40, start + 40 + total
        _judge(headers, index, sound, fields["protocol"])
        number = self._addresses.number
        for place, start_at in zip(index.tolist(), start.tolist(), strict=True):
            if headers.tcp[place]:
                headers.src[place] = number(octets[start_at + 8 : start_at + 24].tobytes())
                headers.dst[place] = number(octets[start_at + 24 : start_at + 40].tobytes())


class _Headers(NamedTuple):
    """What is found of packets, by columns: where the network layer begins, where the packet ends, and what IP says."""

    octets: np.ndarray
    at: np.ndarray
    end: np.ndarray
    src: np.ndarray
    dst: np.ndarray
    begin: np.ndarray
    stop: np.ndarray
    tcp: np.ndarray
    odd: np.ndarray


def _judge(headers: _Headers, index: Any, sound: np.ndarray, protocol: np.ndarray) -> None:
    """Which of the IP packets hold plain TCP, and which have to be looked at; the rest is not for us."""
    is_tcp = protocol == ip.TCP
    octets, end, tcp = headers.octets, headers.end, headers.tcp
    start, last = headers.begin[index], headers.stop[index]
    tcp[index] = sound & is_tcp & (start + 20 <= last) & (last <= end[index])
    tunnel = _TUNNELS[protocol]
    datagrams = protocol == ip.UDP
    if datagrams.any():
        where = np.minimum(start, len(octets) - 8)
        ports = lying_at(octets, where, _PORTS)
        tunnel |= datagrams & (ports["dst"] == tunnels.VXLAN_PORT)
    headers.odd[index] = ~sound | tunnel | (is_tcp & ~tcp[index])


def _words(octets: np.ndarray, at: np.ndarray) -> np.ndarray:
    return lying_at(octets, at, ">u2").astype(np.int64)


def _network(octets: np.ndarray, packets: Packets, end: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The network layer of each packet (IPV4, IPV6, NOT_IP), where it begins, and which packets are not plain."""
    kind = np.full(len(end), link.NOT_IP, np.int64)
    at = packets.start.copy()
    odd = np.zeros(len(end), bool)
    links = packets.link
    only = links[0] if len(links) and (links == links[0]).all() else None
    for number in [int(only)] if only is not None else distinct(links).tolist():
        mine: Any = slice(None) if only is not None else np.flatnonzero(links == number)
        start = packets.start[mine]
        many = len(start)
        cooked = {link.ETHERNET: (12, 14), 113: (14, 16), 276: (0, 20)}.get(number)
        if cooked is not None:
            typed, size = cooked
            found, begin, strange = _ethertype(octets, start + typed, start + size, end[mine], start + typed + 2)
        elif number in (12, 14, 101, 228, 229):
            version = octets[start] >> 4
            if number == 228:
                found = np.full(many, link.IPV4)
            elif number == 229:
                found = np.full(many, link.IPV6)
            else:
                found = np.where(version == 4, link.IPV4, np.where(version == 6, link.IPV6, link.NOT_IP))
            begin, strange = start, start >= end[mine]
        elif number in (0, 108):
            family = lying_at(octets, start, ">u4").astype(np.int64)
            swapped = family.astype(np.uint32).byteswap().astype(np.int64)
            family = np.where(family > 0xFFFF, swapped, family)
            found = np.full(many, link.NOT_IP)
            for value, meant in link.FAMILIES.items():
                found[family == value] = meant
            begin, strange = start + 4, start + 4 > end[mine]
        else:
            found, begin, strange = np.full(many, link.NOT_IP), start, np.ones(many, bool)
        kind[mine] = np.where(strange, link.NOT_IP, found)
        at[mine] = begin
        odd[mine] = strange
    return kind, at, odd


def _ethertype(
    octets: np.ndarray, typed: np.ndarray, begin: np.ndarray, end: np.ndarray, needed: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ethertype at `typed`, whose packet starts at `begin`, behind any VLAN tags."""
    found = _words(octets, np.minimum(typed, len(octets) - 2))
    odd = needed > end
    if ((found == link.IPV4) | (found == link.IPV6)).all():
        return found, begin, odd
    begin = begin.copy()
    for _ in range(_MOST_TAGS):
        tagged = np.flatnonzero(_VLAN_TAGS[found] & ~odd)
        if not len(tagged):
            break
        begin[tagged] += 4
        odd[tagged] = begin[tagged] > end[tagged]
        found[tagged] = _words(octets, np.minimum(begin[tagged] - 2, len(octets) - 2))
    ip_packet = (found == link.IPV4) | (found == link.IPV6)
    odd |= ~ip_packet & (_VLAN_TAGS[found] | (found == link.PPPOE_SESSION) | (found < link.SMALLEST_ETHERTYPE))
    return np.where(ip_packet, found, link.NOT_IP), begin, odd
