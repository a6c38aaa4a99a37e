"""Small builders of packets and capture files for the tests of `ccxdissect.capture`; none uses the code under
test."""

from __future__ import annotations

import socket
import struct

CLIENT = bytes([10, 0, 0, 1])
SERVER = bytes([10, 0, 0, 2])
CLIENT6 = socket.inet_pton(socket.AF_INET6, "2001:db8::1")
SERVER6 = socket.inet_pton(socket.AF_INET6, "2001:db8::2")
PORT = 12028
T0 = 1_700_000_000_123_456_789
"""A time with nine digits after the point."""


def tcp(
    payload: bytes,
    seq: int = 1000,
    sport: int = 40000,
    dport: int = PORT,
    options: bytes = b"",
    flags: int = 0x18,
) -> bytes:
    offset = (20 + len(options)) // 4 << 4
    return struct.pack(">HHIIBBHHH", sport, dport, seq, 77, offset, flags, 65535, 0, 0) + options + payload


def ipv4(
    payload: bytes,
    protocol: int = 6,
    options: bytes = b"",
    total: int | None = None,
    ident: int = 1,
    place: int = 0,
    src: bytes = CLIENT,
    dst: bytes = SERVER,
) -> bytes:
    length = 20 + len(options)
    return (
        struct.pack(
            ">BBHHHBBH4s4s",
            0x40 | length // 4,
            0,
            length + len(payload) if total is None else total,
            ident,
            place,
            64,
            protocol,
            0,
            src,
            dst,
        )
        + options
        + payload
    )


def ipv6(payload: bytes, following: int = 6, length: int | None = None) -> bytes:
    return (
        struct.pack(
            ">IHBB16s16s",
            6 << 28,
            len(payload) if length is None else length,
            following,
            64,
            CLIENT6,
            SERVER6,
        )
        + payload
    )


def ethernet(payload: bytes, ethertype: int = 0x0800) -> bytes:
    return bytes.fromhex("020000000002020000000001") + struct.pack(">H", ethertype) + payload


def vlan(payload: bytes, ethertype: int = 0x0800) -> bytes:
    """What follows the ethertype of a tag: the tag's value and the next ethertype."""
    return struct.pack(">HH", 5, ethertype) + payload


def pcap(
    records: list[tuple[int, bytes]],
    order: str = "<",
    magic: int = 0xA1B23C4D,
    link: int = 1,
    snap: int = 262144,
    wirelens: list[int] | None = None,
) -> bytes:
    """A pcap file of (time in ns, data); the magic says the unit of the fraction."""
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)]
    unit = 1 if magic == 0xA1B23C4D else 1000
    for number, (time, data) in enumerate(records):
        wirelen = wirelens[number] if wirelens else len(data)
        out.append(struct.pack(order + "IIII", time // 10**9, time % 10**9 // unit, len(data), wirelen))
        if magic == 0xA1B2CD34:
            out.append(struct.pack(order + "IHBB", 3, 0x0800, 4, 0))
        out.append(data)
    return b"".join(out)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += b"\0" * (-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(order + "I", len(body) + 12)


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def interface(link: int = 1, snap: int = 0, options: bytes = b"", order: str = "<") -> bytes:
    return block(1, struct.pack(order + "HHI", link, 0, snap) + options, order)


def enhanced(
    data: bytes,
    units: int,
    number: int = 0,
    order: str = "<",
    options: bytes = b"",
    wirelen: int | None = None,
) -> bytes:
    body = struct.pack(
        order + "IIIII",
        number,
        units >> 32,
        units & 0xFFFFFFFF,
        len(data),
        len(data) if wirelen is None else wirelen,
    )
    return block(6, body + data + b"\0" * (-len(data) % 4) + options, order)


def nanoseconds(order: str = "<") -> bytes:
    """The interface option for a resolution of 10^-9."""
    return option(9, b"\x09", order)
