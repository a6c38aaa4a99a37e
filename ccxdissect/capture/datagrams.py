"""The IP datagrams that a packet holds, one in the other."""

from __future__ import annotations

from collections.abc import Iterator

from ccxdissect.capture import ip, link, tunnels
from ccxdissect.capture.ip import Datagram
from ccxdissect.capture.packet import Packet
from ccxdissect.errors import MalformedPacket


def datagrams(packet: Packet) -> Iterator[Datagram]:
    """The IP datagrams of a packet, from the outside in, as far as they can be read."""
    try:
        ethertype, offset = link.network(packet.link, packet.data)
        wire_end = packet.wirelen
        for _ in range(tunnels.DEEPEST + 1):
            if ethertype == link.NOT_IP:
                return
            datagram = ip.parse(ethertype, packet.data, offset, wire_end)
            yield datagram
            if datagram.fragment is not None or datagram.protocol == ip.TCP:
                return
            wire_end = datagram.end
            ethertype, offset = tunnels.inside(datagram)
    except MalformedPacket:
        return
