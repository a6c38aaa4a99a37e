"""Packets whose bytes somebody pasted: several dumps in one text, and which headers stand before what they carry."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ccxdissect.capture import ip, link, tcp
from ccxdissect.capture.hexdump import parse_hex
from ccxdissect.capture.ip import Datagram
from ccxdissect.capture.packet import Packet
from ccxdissect.errors import MalformedPacket

#: A row that begins a dump: the offset 0 before groups of digits, as tshark, tcpdump, xxd, od and hexdump have it.
_BEGINS = re.compile(r"\s*(?:0[xX])?0{3,16}:?\s+[0-9A-Fa-f]{2,64}(?=\s|$)")
#: Any row of a dump, or the offset alone that ends one.
_ROW = re.compile(r"\s*(?:0[xX])?[0-9A-Fa-f]{3,16}(?::(?:\s|$)|\s+[0-9A-Fa-f]{2}|\s*$)")
#: Above a dump that repeats bytes of the packets before it.
_REPEATS = re.compile(r"\s*Reassembled ", re.IGNORECASE)
#: Link types that are tried: Ethernet, Linux cooked (both versions), raw IP, BSD loopback.
_LINKS = (link.ETHERNET, 113, 276, 101, 0)


def dumps(text: str) -> list[bytes]:
    """The bytes of each dump in a text; of anything but dumps with offsets all bytes as one.

    Lines between dumps (what tcpdump says of a packet, the titles of tshark) are passed over. Raises CaptureError.
    """
    lines = text.splitlines()
    starts = [place for place, line in enumerate(lines) if _BEGINS.match(line)]
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if not starts or (starts == [first]):
        return [parse_hex(text)]
    found = []
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        above = next((line for line in reversed(lines[:start]) if line.strip()), "")
        if _REPEATS.match(above):
            continue
        end = start
        while end < stop and _ROW.match(lines[end]):
            end += 1
        found.append(parse_hex("\n".join(lines[start:end])))
    return found


def as_packets(pieces: Sequence[bytes]) -> list[Packet] | None:
    """The pieces as packets, by the one link type that makes TCP of most of them; None when none makes it of any.

    Nothing says when they were captured: each is a millisecond after the one before.
    """
    best, most = 0, 0
    for kind in _LINKS:
        count = sum(_is_tcp(kind, data) for data in pieces)
        if count > most:
            best, most = kind, count
    if not most:
        return None
    return [
        Packet(number, number * 1_000_000, best, data, len(data), "pasted")
        for number, data in enumerate(pieces, start=1)
    ]


def _is_tcp(kind: int, data: bytes) -> bool:
    try:
        ethertype, offset = link.network(kind, data)
        if ethertype == link.NOT_IP:
            return False
        datagram: Datagram = ip.parse(ethertype, data, offset, len(data))
        # A wrong guess seldom gets a length that fits.
        if datagram.protocol != ip.TCP or datagram.end > len(data):
            return False
        tcp.segment_of(datagram, 1, 0)
    except MalformedPacket:
        return False
    return True
