"""Captures for the tests of the plugin, written byte by byte; nothing here uses the package's own readers."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

CLIENT = bytes([10, 0, 0, 1])
SERVER = bytes([10, 0, 0, 2])
PORT = 12028
START = 1_700_000_000_000_000_000
SYN, ACK, PSH = 2, 16, 8


class Sent(NamedTuple):
    """Payload of one segment. `after`: ns since the segment before it; `client`: the client's port."""

    payload: bytes
    from_client: bool = True
    after: int = 1_000_000
    client: int = 50000
    port: int = PORT
    flags: int = ACK | PSH


def write_capture(path: Path, segments: Iterable[Sent], snap: int = 65535) -> Path:
    """Write a pcap (nanoseconds, Ethernet) of `segments`, in the order given, numbered as TCP would."""
    sequence: dict[tuple[int, int, bool], int] = {}
    time = START
    pieces = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, snap, 1)]
    for number, sent in enumerate(segments):
        time += sent.after
        key, back = (sent.client, sent.port, sent.from_client), (sent.client, sent.port, not sent.from_client)
        at = sequence.get(key, 1000)
        if sent.flags & SYN:
            at = 999
        sequence[key] = at + len(sent.payload) + (1 if sent.flags & SYN else 0)
        packet = _frame(sent, at, sequence.get(back, 1000), number)
        pieces.append(struct.pack("<IIII", time // 10**9, time % 10**9, min(len(packet), snap), len(packet)))
        pieces.append(packet[:snap])
    path.write_bytes(b"".join(pieces))
    return path


def _frame(sent: Sent, sequence: int, acknowledged: int, number: int) -> bytes:
    ports = (sent.client, sent.port) if sent.from_client else (sent.port, sent.client)
    ends = (CLIENT, SERVER) if sent.from_client else (SERVER, CLIENT)
    length = 40 + len(sent.payload)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, length, number & 0xFFFF, 0x4000, 64, 6, 0, *ends)
    ip = ip[:10] + struct.pack(">H", _checksum(ip)) + ip[12:]
    tcp = struct.pack(
        ">HHIIBBHHH", *ports, sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF, 0x50, sent.flags, 64000, 0, 0
    )
    pseudo = ends[0] + ends[1] + struct.pack(">BBH", 0, 6, 20 + len(sent.payload))
    tcp = tcp[:16] + struct.pack(">H", _checksum(pseudo + tcp + sent.payload)) + tcp[18:]
    macs = (
        bytes([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]) if sent.from_client else bytes([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2])
    )
    return macs + b"\x08\x00" + ip + tcp + sent.payload


def _checksum(data: bytes) -> int:
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
