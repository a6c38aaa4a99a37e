"""IPv4 and IPv6 headers: from a packet to the payload of one IP datagram, or of a fragment of one.

Sources: RFC 791, RFC 8200, RFC 4302. The IP length is believed over the captured length, so that Ethernet
padding is no payload and what the snap length cut is known.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from ccxdissect.capture.link import IPV4
from ccxdissect.errors import MalformedPacket

IP_IN_IP = 4
TCP = 6
UDP = 17
IPV6_IN_IP = 41
GRE = 47

_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _NO_NEXT, _OPTIONS = 0, 43, 44, 51, 59, 60
_EXTENSIONS = frozenset({_HOP_BY_HOP, _ROUTING, _OPTIONS, 135, 139, 140})
"""Extension headers that state their length in units of 8 bytes beyond the first 8."""
_MOST_EXTENSIONS = 32

_V4 = Struct(">BxHHHxB2x4s4s")
_V6 = Struct(">IHBx16s16s")
_V6_FRAGMENT = Struct(">BxHI")


class Fragment(NamedTuple):
    """What says where a fragment belongs."""

    identification: int
    offset: int
    """Place of this fragment's first byte in the payload of the whole datagram."""
    more: bool


class Datagram(NamedTuple):
    """The payload of an IP datagram (or fragment): data[start:end], as far as it was captured."""

    src: bytes
    dst: bytes
    protocol: int
    data: bytes
    start: int
    end: int
    """Where the payload ended on the wire; past the end of `data` if it was cut."""
    fragment: Fragment | None = None


def parse(ethertype: int, data: bytes, offset: int, wire_end: int) -> Datagram:
    """Return the datagram whose IP header starts at `offset`; `wire_end` is where the packet ended on the
    wire.

    Raises MalformedPacket if the header is cut or contradicts itself.
    """
    return _parse_v4(data, offset, wire_end) if ethertype == IPV4 else _parse_v6(data, offset, wire_end)


def _parse_v4(data: bytes, offset: int, wire_end: int) -> Datagram:
    if len(data) < offset + 20:
        raise MalformedPacket("cut within the IPv4 header")
    first, total, identification, flags, protocol, src, dst = _V4.unpack_from(data, offset)
    length = (first & 0x0F) << 2
    if first >> 4 != 4 or length < 20:
        raise MalformedPacket("an IPv4 header that is none")
    if total == 0:
        # Segmentation offload: the network card was to fill it in.
        end = max(wire_end, len(data))
        if end < offset + length:
            raise MalformedPacket("cut within the IPv4 header")
    elif total < length:
        raise MalformedPacket("an IPv4 length shorter than its header")
    else:
        end = offset + total
    start = offset + length
    fragment = None
    if flags & 0x3FFF:
        fragment = Fragment(identification, (flags & 0x1FFF) << 3, bool(flags & 0x2000))
    return Datagram(src, dst, protocol, data, start, end, fragment)


def _parse_v6(data: bytes, offset: int, wire_end: int) -> Datagram:
    if len(data) < offset + 40:
        raise MalformedPacket("cut within the IPv6 header")
    first, length, following, src, dst = _V6.unpack_from(data, offset)
    if first >> 28 != 6:
        raise MalformedPacket("an IPv6 header that is none")
    start = offset + 40
    # No length: a jumbogram, or segmentation offload.
    end = start + length if length else max(wire_end, len(data))
    return behind_extensions(Datagram(src, dst, following, data, start, end))


def behind_extensions(datagram: Datagram) -> Datagram:
    """Return the same IPv6 datagram with `protocol` and `start` moved behind the extension headers.

    Also for a reassembled datagram, whose extension headers may go on behind the fragment header. Raises
    MalformedPacket if one of them is cut or runs past the end.
    """
    following, start, data = datagram.protocol, datagram.start, datagram.data
    fragment = None
    for _ in range(_MOST_EXTENSIONS):
        if following in _EXTENSIONS or following == _AUTHENTICATION or following == _FRAGMENT:
            if len(data) < start + 8:
                raise MalformedPacket("cut within the IPv6 extension headers")
            if following == _FRAGMENT:
                following, place, identification = _V6_FRAGMENT.unpack_from(data, start)
                start += 8
                if place & 0xFFF9:
                    fragment = Fragment(identification, place & 0xFFF8, bool(place & 1))
                    break
            elif following == _AUTHENTICATION:
                following, start = data[start], start + (data[start + 1] + 2) * 4
            else:
                following, start = data[start], start + (data[start + 1] + 1) * 8
            if start > datagram.end:
                raise MalformedPacket("IPv6 extension headers longer than their packet")
        else:
            break
    else:
        raise MalformedPacket("too many IPv6 extension headers")
    return datagram._replace(protocol=following, start=start, fragment=fragment)


def checksum(data: bytes, initial: int = 0) -> int:
    """Return the Internet checksum (RFC 1071) of `data`, on top of the sum `initial`: 0 over data that holds
    its own."""
    if len(data) & 1:
        data += b"\0"
    # Summing 16-bit words modulo 0xFFFF is what the number as a whole is modulo 0xFFFF.
    total = initial + int.from_bytes(data, "big")
    return 0xFFFF - (total % 0xFFFF or (0xFFFF if total else 0))
