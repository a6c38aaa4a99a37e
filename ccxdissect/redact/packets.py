"""One packet rewritten: addresses replaced, payload put in, everything that is not needed blanked, checksums right.

Kept are what analyses need: lengths, link types, VLAN tags, ports, sequence numbers, flags, windows, the usual TCP
options. Blanked are IP options (as no-operations), the contents of IPv6 extension headers, unusual TCP options, the payload
of everything but the protocol's own TCP, whatever is not IP, padding and trailers.
"""

from __future__ import annotations

from collections.abc import Callable

from ccxdissect.bounded import Memo
from ccxdissect.capture import ip, link, tcp, tunnels
from ccxdissect.capture.ip import Datagram, checksum
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import plain_segment
from ccxdissect.errors import MalformedPacket
from ccxdissect.redact.pseudonyms import Pseudonyms

#: Gives the payload that a segment is to have; None when it is none of the protocol's.
PayloadOf = Callable[[Segment], bytes | None]
#: Gives the whole payload of the datagram that a fragment is part of; None when there is none.
DatagramOf = Callable[[Datagram, int], bytes | None]

_NO_OPERATION = 1
#: End, no-operation, segment size, window scale, selective acknowledgements (permitted, and the numbers), time stamps.
#: The sizes that usual TCP options have: no-operation, segment size, window scale, selective acknowledgements, timestamps.
_USUAL_OPTIONS = {1: (1,), 2: (4,), 3: (3,), 4: (2,), 5: (10, 18, 26, 34), 8: (10,)}
_V6_OPTIONS = frozenset({0, 60, 135, 139, 140})
_ROUTING, _FRAGMENT, _AUTHENTICATION = 43, 44, 51
_GRE_CHECKSUM = 0x8000
#: Pairs of hosts, and of network cards, whose pseudonyms are remembered side by side.
MOST_PAIRS = 1 << 16
#: The options that nearly every segment has: time stamps.
_TIME_STAMPS, _TIME_STAMPS_SIZE = b"\x01\x01\x08\x0a", 12


class PacketRedactor:
    """Rewrites packets. With `keep_addresses`, IP and hardware addresses stay."""

    def __init__(self, pseudonyms: Pseudonyms, keep_addresses: bool) -> None:
        self._pseudonyms = pseudonyms
        self._keep = keep_addresses
        #: Bytes of payload blanked in the last packet because they are none of the protocol's, and whether it could
        #: not be read to its end.
        self.blanked = 0
        self.unread = False
        self._cards: Memo[bytes, bytes] = Memo(MOST_PAIRS)
        self._hosts: Memo[bytes, tuple[bytes, int]] = Memo(MOST_PAIRS)

    def rewrite(self, packet: Packet, payload_of: PayloadOf, datagram_of: DatagramOf) -> bytes:
        """The packet's bytes as they may be given away; as many as before. Never raises."""
        self.blanked = 0
        self.unread = False
        segment = plain_segment(packet)
        if segment is not None:
            return self._plain(packet.data, segment, payload_of)
        data = bytearray(packet.data)
        self._done = 0
        try:
            self._packet(packet, data, payload_of, datagram_of)
        except MalformedPacket:
            self.unread = True
            data[self._done :] = bytes(len(data) - self._done)
        return bytes(data)

    def _plain(self, data: bytes, segment: Segment, payload_of: PayloadOf) -> bytes:
        """What `_packet` comes to for the packets that most are: this is done for each of them."""
        payload = segment.payload
        size = len(payload)
        begin = 34 + (data[46] >> 4 << 2)
        if size:
            fresh = payload_of(segment)
            if fresh is None:
                self.blanked += size
                fresh = bytes(size)
            payload = fresh
        cards = data[:12]
        fresh_cards = self._cards.get(cards)
        if fresh_cards is None:
            made = bytearray(cards)
            self._ethernet(made, 0)
            fresh_cards = self._cards.remember(cards, bytes(made))
        hosts = data[26:34]
        known = self._hosts.get(hosts)
        if known is None:
            fresh_hosts = self._address(segment.src) + self._address(segment.dst)
            known = self._hosts.remember(hosts, (fresh_hosts, int.from_bytes(fresh_hosts, "big")))
        fresh_hosts, pseudo = known
        options = data[54:begin]
        if options and not (len(options) == _TIME_STAMPS_SIZE and options.startswith(_TIME_STAMPS)):
            made = bytearray(options)
            _blank_options(made, 0, len(made))
            options = bytes(made)
        network = data[14:24]
        tcp_start = data[34:50]
        behind = b"".join((data[52:54], options, payload))
        total = checksum(tcp_start + b"\0\0" + behind, pseudo + ip.TCP + begin - 34 + size)
        return b"".join(
            (
                fresh_cards,
                data[12:24],
                checksum(network + b"\0\0" + fresh_hosts).to_bytes(2, "big"),
                fresh_hosts,
                tcp_start,
                total.to_bytes(2, "big"),
                behind,
                bytes(len(data) - begin - size),
            )
        )

    # -- layers ----------------------------------------------------------------------------------------------

    def _packet(self, packet: Packet, data: bytearray, payload_of: PayloadOf, datagram_of: DatagramOf) -> None:
        original = packet.data
        ethertype, offset = link.network(packet.link, original)
        self._link(packet.link, data, offset)
        wire_end = packet.wirelen
        outer: list[tuple[Datagram, int]] = []
        while True:
            if ethertype == link.NOT_IP:
                self.blanked += len(data) - offset
                data[offset:] = bytes(max(len(data) - offset, 0))
                break
            self._done = offset
            datagram = ip.parse(ethertype, original, offset, wire_end)
            self._network(ethertype, data, offset, datagram)
            self._done = datagram.start
            if datagram.end < len(data):
                data[datagram.end :] = bytes(len(data) - datagram.end)
            if datagram.fragment is not None:
                self._fragment(packet, data, datagram, datagram_of)
                break
            if datagram.protocol == ip.TCP:
                self._tcp(packet, data, datagram, payload_of)
                break
            if len(outer) >= tunnels.DEEPEST:
                raise MalformedPacket("too many tunnels within each other")
            ethertype, offset = tunnels.inside(datagram)
            if ethertype == link.NOT_IP:
                self._other(data, datagram)
                break
            self._tunnel(data, datagram, offset)
            outer.append((datagram, offset))
            wire_end = datagram.end
        for datagram, _ in reversed(outer):
            self._close_tunnel(data, datagram)

    def _address(self, packed: bytes) -> bytes:
        return packed if self._keep else self._pseudonyms.address(packed)

    def _hardware(self, data: bytearray, at: int, size: int = 6) -> None:
        held = bytes(data[at : at + size])
        if len(held) == size and not self._keep:
            data[at : at + size] = self._pseudonyms.hardware(held)

    def _link(self, kind: int, data: bytearray, offset: int) -> None:
        if kind == link.ETHERNET:
            self._ethernet(data, 0)
        elif kind in (113, 276):  # Linux cooked: the length of the address, then the address in eight bytes
            size, at = (int.from_bytes(data[4:6], "big"), 6) if kind == 113 else (data[11], 12)
            if size == 6:
                self._hardware(data, at)
                data[at + 6 : at + 8] = bytes(len(data[at + 6 : at + 8]))
            else:
                data[at : at + 8] = bytes(len(data[at : at + 8]))
        self._done = min(offset, len(data))

    def _ethernet(self, data: bytearray, at: int) -> None:
        self._hardware(data, at)
        self._hardware(data, at + 6)

    def _network(self, ethertype: int, data: bytearray, offset: int, datagram: Datagram) -> None:
        start = datagram.start
        if ethertype == link.IPV4:
            data[offset + 12 : offset + 16] = self._address(datagram.src)
            data[offset + 16 : offset + 20] = self._address(datagram.dst)
            options = min(start, len(data)) - offset - 20
            if options > 0:
                data[offset + 20 : offset + 20 + options] = bytes([_NO_OPERATION]) * options
            data[offset + 10 : offset + 12] = b"\0\0"
            total = checksum(bytes(data[offset:start]))
            data[offset + 10 : offset + 12] = total.to_bytes(2, "big")
            return
        data[offset + 8 : offset + 24] = self._address(datagram.src)
        data[offset + 24 : offset + 40] = self._address(datagram.dst)
        following, at = data[offset + 6], offset + 40
        while at + 8 <= min(start, len(data)):
            kind, following, units = following, data[at], data[at + 1]
            size = 8 if kind == _FRAGMENT else (units + 2) * 4 if kind == _AUTHENTICATION else (units + 1) * 8
            stop = min(at + size, len(data))
            if kind in _V6_OPTIONS or kind == _ROUTING:
                data[at + 2 : stop] = bytes(stop - at - 2)
            elif kind == _AUTHENTICATION and stop > at + 12:
                data[at + 12 : stop] = bytes(stop - at - 12)
            at += size

    def _tcp(self, packet: Packet, data: bytearray, datagram: Datagram, payload_of: PayloadOf) -> None:
        segment = tcp.segment_of(datagram, packet.frame, packet.time)
        start, captured = datagram.start, min(len(packet.data), datagram.end)
        begin = captured - len(segment.payload) if segment.payload else min(_header_end(packet.data, start), captured)
        _blank_options(data, start + 20, begin)
        if segment.payload:
            payload = payload_of(segment)
            if payload is None:
                self.blanked += len(segment.payload)
                payload = bytes(len(segment.payload))
            data[begin:captured] = payload
        _tcp_checksum(packet.data, data, datagram, captured, self._address)

    def _other(self, data: bytearray, datagram: Datagram) -> None:
        """A datagram of another protocol: only the header of UDP is kept."""
        start, stop = datagram.start, min(datagram.end, len(data))
        kept = 8 if datagram.protocol == ip.UDP else 0
        begin = min(start + kept, stop)
        self.blanked += stop - begin
        data[begin:stop] = bytes(stop - begin)
        if kept and begin == start + kept and data[start + 6 : start + 8] != b"\0\0":
            self._udp_checksum(data, datagram, stop)

    def _udp_checksum(self, data: bytearray, datagram: Datagram, stop: int) -> None:
        start = datagram.start
        # What was cut off is blank as well, which does not change the sum.
        data[start + 6 : start + 8] = b"\0\0"
        addresses = self._address(datagram.src) + self._address(datagram.dst)
        pseudo = int.from_bytes(addresses, "big") + ip.UDP + datagram.end - start
        total = checksum(bytes(data[start:stop]), pseudo) or 0xFFFF
        data[start + 6 : start + 8] = total.to_bytes(2, "big")

    def _fragment(self, packet: Packet, data: bytearray, datagram: Datagram, datagram_of: DatagramOf) -> None:
        start, stop = datagram.start, min(datagram.end, len(data))
        size = max(stop - start, 0)
        whole = datagram_of(datagram, packet.frame)
        assert datagram.fragment is not None
        place = datagram.fragment.offset
        piece = whole[place : place + size] if whole is not None else b""
        if len(piece) < size:
            self.blanked += size - len(piece)
        data[start:stop] = piece + bytes(size - len(piece))

    # -- tunnels ---------------------------------------------------------------------------------------------

    def _tunnel(self, data: bytearray, datagram: Datagram, inner: int) -> None:
        """The headers between a datagram's start and the IP packet inside it, at `inner`."""
        frame = _frame_inside(datagram)
        if frame is not None and frame + 12 <= min(inner, len(data)):
            self._ethernet(data, frame)
        self._done = min(inner, len(data))

    def _close_tunnel(self, data: bytearray, datagram: Datagram) -> None:
        """Checksums that cover what is inside a tunnel."""
        start, stop = datagram.start, min(datagram.end, len(data))
        if datagram.protocol == ip.UDP and data[start + 6 : start + 8] != b"\0\0":
            if datagram.end <= len(data):
                self._udp_checksum(data, datagram, stop)
            else:
                data[start + 6 : start + 8] = b"\0\0"  # none: the sum of what was cut off is not known
        elif datagram.protocol == ip.GRE and int.from_bytes(data[start : start + 2], "big") & _GRE_CHECKSUM:
            data[start + 4 : start + 6] = b"\0\0"
            data[start + 4 : start + 6] = checksum(bytes(data[start:stop])).to_bytes(2, "big")


def tcp_payload(datagram: bytes, payload: bytes, src: bytes, dst: bytes) -> bytes:
    """A whole TCP datagram (header and payload) with another payload, unusual options blanked and its checksum right."""
    made = bytearray(datagram)
    begin = min(_header_end(datagram, 0), len(made))
    _blank_options(made, 20, begin)
    made[begin:] = payload
    if len(made) >= 18:
        made[16:18] = b"\0\0"
        pseudo = int.from_bytes(src + dst, "big") + ip.TCP + len(made)
        made[16:18] = checksum(bytes(made), pseudo).to_bytes(2, "big")
    return bytes(made)


def _header_end(data: bytes, start: int) -> int:
    return start + ((data[start + 12] >> 4) << 2)


def _blank_options(data: bytearray, at: int, stop: int) -> None:
    """Make no-operations of TCP options that are not usual, or not sound."""
    stop = min(stop, len(data))
    while at < stop:
        kind = data[at]
        if kind == 0:
            data[at:stop] = bytes(stop - at)
            return
        size = 1 if kind == 1 else data[at + 1] if at + 1 < stop else 0
        if size < (1 if kind == 1 else 2) or at + size > stop:
            data[at:stop] = bytes([_NO_OPERATION]) * (stop - at)
            return
        if kind not in _USUAL_OPTIONS or size not in _USUAL_OPTIONS[kind]:
            data[at : at + size] = bytes([_NO_OPERATION]) * size
        at += size


def _tcp_checksum(
    original: bytes, data: bytearray, datagram: Datagram, captured: int, address: Callable[[bytes], bytes]
) -> None:
    """Put the right checksum in; of a packet that was cut, change it by what changed (RFC 1624), as far as one can."""
    start = datagram.start
    if captured < start + 18:
        return
    addresses = int.from_bytes(address(datagram.src) + address(datagram.dst), "big")
    if captured >= datagram.end:
        data[start + 16 : start + 18] = b"\0\0"
        total = checksum(bytes(data[start:captured]), addresses + ip.TCP + datagram.end - start)
    else:
        before = int.from_bytes(datagram.src + datagram.dst, "big") + _words(original[start:captured])
        data[start + 16 : start + 18] = original[start + 16 : start + 18]
        after = addresses + _words(bytes(data[start:captured]))
        held = int.from_bytes(original[start + 16 : start + 18], "big")
        total = 0xFFFF - ((0xFFFF - held) + after - before) % 0xFFFF
    data[start + 16 : start + 18] = total.to_bytes(2, "big")


def _words(data: bytes) -> int:
    return int.from_bytes(data + b"\0" * (len(data) & 1), "big")


def _frame_inside(datagram: Datagram) -> int | None:
    """Where an Ethernet frame inside a tunnel begins; None when there is none."""
    data, start = datagram.data, datagram.start
    if datagram.protocol == ip.UDP:
        return start + 16
    if datagram.protocol != ip.GRE:
        return None
    flags = int.from_bytes(data[start : start + 2], "big")
    protocol = int.from_bytes(data[start + 2 : start + 4], "big")
    at = start + 4 + 4 * sum(bool(flags & flag) for flag in (0x8000, 0x2000, 0x1000))
    if protocol == link.MAC_BRIDGE:
        return at
    if protocol == 0x88BE:
        return at + 8 if flags & 0x1000 else at
    if protocol == 0x22EB:
        return at + (20 if len(data) > at + 11 and data[at + 11] & 1 else 12)
    return None
