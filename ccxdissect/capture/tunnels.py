"""Tunnels that mirrored traffic arrives in: IP in IP, GRE, ERSPAN types I to III, VXLAN.

Sources: RFC 2003, RFC 2784, RFC 2890, draft-foschiano-erspan, RFC 7348.
"""

from __future__ import annotations

from ccxdissect.capture import ip
from ccxdissect.capture.ip import Datagram
from ccxdissect.capture.link import IPV4, IPV6, MAC_BRIDGE, NOT_IP, ethernet
from ccxdissect.errors import MalformedPacket

VXLAN_PORT = 4789
DEEPEST = 8
"""Tunnels within tunnels before a packet is held to be made up."""

_ERSPAN = 0x88BE
_ERSPAN_III = 0x22EB
_CHECKSUM, _KEY, _SEQUENCE, _VERSION = 0x8000, 0x2000, 0x1000, 0x0007
_VXLAN_ID_VALID = 0x08

_CUT = "cut within a tunnel's header"


def inside(datagram: Datagram) -> tuple[int, int]:
    """Return the ethertype (NOT_IP if there is no tunnel known here) and start of the packet that `datagram`
    carries.

    Raises MalformedPacket if it is cut before that.
    """
    protocol, data, start = datagram.protocol, datagram.data, datagram.start
    if protocol == ip.IP_IN_IP:
        return IPV4, start
    if protocol == ip.IPV6_IN_IP:
        return IPV6, start
    if protocol == ip.UDP:
        if (
            data[start + 2 : start + 4] == VXLAN_PORT.to_bytes(2, "big")
            and data[start + 8 : start + 9]
            and data[start + 8] & _VXLAN_ID_VALID
        ):
            return ethernet(data, start + 16)
        return NOT_IP, start
    if protocol == ip.GRE:
        return _inside_gre(data, start)
    return NOT_IP, start


def _inside_gre(data: bytes, start: int) -> tuple[int, int]:
    if len(data) < start + 4:
        raise MalformedPacket(_CUT)
    flags = int.from_bytes(data[start : start + 2], "big")
    protocol = int.from_bytes(data[start + 2 : start + 4], "big")
    if flags & _VERSION:
        return NOT_IP, start  # the GRE of PPTP
    start += 4
    for flag in (_CHECKSUM, _KEY, _SEQUENCE):
        if flags & flag:
            start += 4
    if protocol in (IPV4, IPV6):
        return protocol, start
    if protocol == MAC_BRIDGE:
        return ethernet(data, start)
    if protocol == _ERSPAN:
        # Type I has no header of its own, and no GRE sequence number.
        return ethernet(data, start + 8 if flags & _SEQUENCE else start)
    if protocol == _ERSPAN_III:
        if len(data) < start + 12:
            raise MalformedPacket(_CUT)
        return ethernet(data, start + (20 if data[start + 11] & 1 else 12))
    return NOT_IP, start
