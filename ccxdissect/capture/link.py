"""Link layers: where in a packet the network layer starts, and which one it is.

Numbers: the LINKTYPE_ registry of tcpdump.org, IEEE 802.1Q, RFC 1661, RFC 2516.
"""

from __future__ import annotations

from ccxdissect.errors import MalformedPacket

ETHERNET = 1

IPV4 = 0x0800
IPV6 = 0x86DD
NOT_IP = 0
"""Stands for every network layer that is not IP."""

MAC_BRIDGE = 0x6558
"""Ethernet within a tunnel."""

VLAN_TAGS = frozenset({0x8100, 0x88A8, 0x9100, 0x9200, 0x9300})
PPPOE_SESSION = 0x8864
SMALLEST_ETHERTYPE = 0x0600
_SNAP = b"\xaa\xaa\x03\x00\x00\x00"
_PPP_PROTOCOLS = {0x0021: IPV4, 0x0057: IPV6}
FAMILIES = {2: IPV4, 10: IPV6, 24: IPV6, 28: IPV6, 30: IPV6}
"""AF_INET everywhere; AF_INET6 of Linux, the BSDs and macOS."""

_CUT = "cut within the link layer's header"


def ethernet(data: bytes, offset: int) -> tuple[int, int]:
    """Return the ethertype (NOT_IP if not IP) and where its packet starts, for an Ethernet frame at `offset`.

    Raises MalformedPacket if the frame is cut before that.
    """
    return tagged(data, offset + 12)


def tagged(data: bytes, offset: int) -> tuple[int, int]:
    """Return the same for the ethertype at `offset`, behind any number of VLAN tags."""
    return _after(_word(data, offset), data, offset + 2)


def _after(ethertype: int, data: bytes, offset: int) -> tuple[int, int]:
    while True:
        if ethertype == IPV4 or ethertype == IPV6:
            return ethertype, offset
        if ethertype == PPPOE_SESSION:
            return _ppp(data, offset + 6)
        if ethertype in VLAN_TAGS:
            offset += 4
        elif ethertype < SMALLEST_ETHERTYPE and _SNAP.startswith(data[offset : offset + 6]):
            offset += 8
        else:
            return NOT_IP, offset
        ethertype = _word(data, offset - 2)


def network(link: int, data: bytes) -> tuple[int, int]:
    """Return the ethertype (IPV4, IPV6 or NOT_IP) of a packet of link type `link` and where it starts in
    `data`.

    Raises MalformedPacket for a link type that is not known here and for a packet cut within the link layer's
    header.
    """
    if link == ETHERNET:
        return ethernet(data, 0)
    if link == 113:  # Linux cooked
        return tagged(data, 14)
    if link == 276:  # Linux cooked, version 2
        # The protocol comes first here, what it names after the rest of the header.
        return _after(_word(data, 0), data, 20)
    if link in (12, 14, 101):  # raw IP
        return by_version(data, 0)
    if link == 228:
        return IPV4, 0
    if link == 229:
        return IPV6, 0
    if link in (0, 108):  # BSD loopback: the family in the byte order of whoever captured
        if len(data) < 4:
            raise MalformedPacket(_CUT)
        family = int.from_bytes(data[:4], "big")
        if family > 0xFFFF:
            family = int.from_bytes(data[:4], "little")
        return FAMILIES.get(family, NOT_IP), 4
    if link in (9, 50):  # PPP, with or without HDLC framing
        return _ppp(data, 0)
    raise MalformedPacket(f"link type {link} is not supported")


def by_version(data: bytes, offset: int) -> tuple[int, int]:
    """Return the ethertype that the version of the IP packet at `offset` stands for."""
    if len(data) <= offset:
        raise MalformedPacket(_CUT)
    return {4: IPV4, 6: IPV6}.get(data[offset] >> 4, NOT_IP), offset


def _ppp(data: bytes, offset: int) -> tuple[int, int]:
    if data.startswith(b"\xff\x03", offset):
        offset += 2
    if data[offset:] in (b"", b"\xff"):
        raise MalformedPacket(_CUT)
    if data[offset] & 1:  # a protocol of one byte, compressed
        return _PPP_PROTOCOLS.get(data[offset], NOT_IP), offset + 1
    return _PPP_PROTOCOLS.get(_word(data, offset), NOT_IP), offset + 2


def _word(data: bytes, offset: int) -> int:
    if len(data) < offset + 2:
        raise MalformedPacket(_CUT)
    return data[offset] << 8 | data[offset + 1]
