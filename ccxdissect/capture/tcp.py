"""The TCP header: from an IP datagram to a Segment. Source: RFC 9293."""

from __future__ import annotations

from struct import Struct

from ccxdissect.capture.ip import TCP, Datagram, checksum
from ccxdissect.capture.segment import Segment
from ccxdissect.errors import MalformedPacket

_HEADER = Struct(">HHIIBB")
"""As much of the header as a segment cannot do without."""


def segment_of(datagram: Datagram, frame: int, time: int) -> Segment:
    """Return the segment that `datagram` holds; what is missing of it to its end on the wire is `cut`.

    Raises MalformedPacket if its header is cut before the flags, or contradicts itself.
    """
    data, start, end = datagram.data, datagram.start, datagram.end
    if end < start + 20:
        raise MalformedPacket("an IP packet too short for its TCP header")
    if len(data) < start + _HEADER.size:
        raise MalformedPacket("cut within the TCP header")
    sport, dport, seq, ack, offset, flags = _HEADER.unpack_from(data, start)
    length = (offset >> 4) << 2
    if length < 20:
        raise MalformedPacket("a TCP header length below 20 bytes")
    begin = start + length
    if begin > end:
        raise MalformedPacket("a TCP header longer than its packet")
    payload = data[begin:end]
    return Segment(
        frame, time, datagram.src, sport, datagram.dst, dport, seq, ack, flags, payload, end - begin - len(payload)
    )


def checksum_is_wrong(datagram: Datagram) -> bool:
    """Tell whether the TCP checksum does not fit; False if the packet is cut, for then one cannot know."""
    if len(datagram.data) < datagram.end:
        return False
    covered = datagram.data[datagram.start : datagram.end]
    pseudo = int.from_bytes(datagram.src + datagram.dst, "big") + TCP + len(covered)
    return checksum(covered, pseudo) != 0
