"""Diameter traffic of like size, for a dissector in C that is like ours: messages over TCP with many fields each.

    python tests/bench/diameter.py MESSAGES FILE

Credit control (RFC 8506) between a client and a server, one message a segment, of 160 bytes on average, with a dozen AVPs.
"""

from __future__ import annotations

import random
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from traffic import Writer

PORT = 3868
_SYN, _ACK, _PSH, _FIN = 2, 16, 8, 1


def avp(code: int, data: bytes) -> bytes:
    """One attribute-value pair, mandatory, filled up to four bytes."""
    size = 8 + len(data)
    return struct.pack(">II", code, 0x40 << 24 | size) + data + bytes(-size % 4)


def message(chance: random.Random, request: bool, number: int) -> bytes:
    """A Credit-Control request or answer."""
    parts = [
        avp(263, f"desk;{chance.randrange(10**6)};{number}".encode()),
        avp(264, b"desk.example"),
        avp(296, b"example"),
        avp(258, struct.pack(">I", 4)),
        avp(416, struct.pack(">I", 1 + number % 3)),
        avp(415, struct.pack(">I", number)),
    ]
    if request:
        parts += [avp(283, b"example"), avp(1, f"agent{number % 300}".encode())]
    else:
        parts += [avp(268, struct.pack(">I", 2001)), avp(443, avp(450, bytes(4)) + avp(444, b"2005"))]
    body = b"".join(parts)
    flags = 0xC0 if request else 0x40
    head = struct.pack(">IIIII", 1 << 24 | 20 + len(body), flags << 24 | 272, 4, number, number)
    return head + body


def main(messages: int, path: str) -> None:
    """Write the capture."""
    chance = random.Random(1)
    ends = ((b"\x0a\0\0\x01", 40001), (b"\x0a\0\0\x09", PORT))
    at = [1000, 9000]
    with open(path, "wb") as file:
        writer = Writer(file, 1_700_000_000_000_000)

        def send(side: int, flags: int, data: bytes = b"") -> None:
            writer.packet(*ends[side], *ends[1 - side], at[side], at[1 - side] if flags & _ACK else 0, flags, data)
            at[side] += len(data) + bool(flags & (_SYN | _FIN))

        send(0, _SYN)
        send(1, _SYN | _ACK)
        send(0, _ACK)
        for number in range(messages):
            send(number % 2, _PSH | _ACK, message(chance, number % 2 == 0, number // 2))
    print(messages)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
