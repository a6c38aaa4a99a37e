"""The least that Python must do to read a capture: every packet, every header, nothing decoded.

    python tests/bench/floor.py FILE

A bare loop over the records of a pcap file, with the Ethernet, IPv4 and TCP headers and the header of each message read
and the bodies counted. It trusts everything and handles nothing: no dissector in Python can be as fast.
"""

from __future__ import annotations

import struct
import sys


def main(path: str) -> None:
    """Count the messages and the bytes of their bodies."""
    record = struct.Struct("<IIII").unpack_from
    headers = struct.Struct(">12xHBxHxxxxxB2x4s4sHHIIBB").unpack_from
    message = struct.Struct(">II").unpack_from
    count = size = 0
    kinds: set[int] = set()
    with open(path, "rb") as file:
        file.read(24)
        held = b""
        while more := file.read(1 << 20):
            held += more
            at, end = 0, len(held)
            while at + 16 <= end:
                _, _, length, _ = record(held, at)
                begin = at + 16
                if begin + length > end:
                    break
                packet = held[begin : begin + length]
                at = begin + length
                kind, _, total, protocol, _, _, _, _, _, _, offset, _ = headers(packet)
                if kind == 0x0800 and protocol == 6:
                    place, stop = 34 + (offset >> 4 << 2), 14 + total
                    while place < stop:
                        body, number = message(packet, place)
                        kinds.add(number)
                        count += 1
                        size += body
                        place += 8 + body
            held = held[at:]
    print(f"{count} messages of {len(kinds)} types, {size} bytes of bodies")


if __name__ == "__main__":
    main(sys.argv[1])
