"""One TCP segment as it was captured: what the capture side hands to the stream side."""

from __future__ import annotations

import socket
from typing import NamedTuple

FIN = 0x01
SYN = 0x02
RST = 0x04
PSH = 0x08
ACK = 0x10
URG = 0x20


class Segment(NamedTuple):
    """A TCP segment, with the addresses as packed bytes because they are hashed far more often than shown."""

    frame: int
    """Number of the packet, from 1; it continues over several files."""
    time: int
    """Nanoseconds since the epoch."""
    src: bytes
    """Packed source address, 4 or 16 bytes."""
    sport: int
    dst: bytes
    """Packed destination address, 4 or 16 bytes."""
    dport: int
    seq: int
    ack: int
    flags: int
    """The TCP flags byte: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32."""
    payload: bytes
    """The TCP payload that was captured."""
    cut: int
    """Payload bytes that were on the wire after `payload` but were not captured (snap length)."""


def format_endpoint(ip: bytes, port: int) -> str:
    """Return "10.0.0.1:12028" or "[2001:db8::1]:12028" for a packed address of 4 or 16 bytes.

    Raises ValueError for an address of any other length.
    """
    if len(ip) == 4:
        return f"{ip[0]}.{ip[1]}.{ip[2]}.{ip[3]}:{port}"
    return f"[{socket.inet_ntop(socket.AF_INET6, ip)}]:{port}"
