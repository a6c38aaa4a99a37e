"""One captured packet: what every source of packets (files, live interfaces) hands to the segment reader."""

from __future__ import annotations

from typing import NamedTuple


class Packet(NamedTuple):
    """A packet as it was captured, not yet looked into."""

    frame: int
    """Number of the packet, from 1; it continues over several files."""
    time: int
    """Nanoseconds since the epoch."""
    link: int
    """Link type, a LINKTYPE_ number of the pcap file format: 1 is Ethernet."""
    data: bytes
    """The bytes that were captured."""
    wirelen: int
    """Length of the packet on the wire; more than `data` holds if the snap length cut it."""
    source: str
    """The file or interface it came from, as people know it."""
