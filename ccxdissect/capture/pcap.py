"""Reader of pcap files: records of the classic format, in micro- or nanoseconds and either byte order.

Format: draft-ietf-opsawg-pcap. Exact integers throughout; a length that cannot be costs the damaged record
only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from struct import Struct

from ccxdissect.capture.source import ByteSource
from ccxdissect.errors import CaptureError
from ccxdissect.wording import SECOND

Record = tuple[int, int, bytes, int]
"""Time in ns, link type, captured bytes, length on the wire."""

Note = Callable[[str, str], None]
"""Takes the reason and the detail of a notice."""

LARGEST_PACKET = 16 << 20
"""No captured packet is believed to be longer than this."""

USUAL_LARGEST_PACKET = 256 << 10
"""Longest packet that capture tools write; believed whatever snap length the file states."""

DAMAGED = "damaged packet record: skipped to the next one that makes sense"
LOST = "damaged packet record: nothing after it makes sense"
CUT_RECORD = "the file ends within a packet"
CUT_HEADER = "the file ends within a packet's header"

_NS, _US = 1, 1000

MAGICS: dict[bytes, tuple[str, int, str]] = {
    b"\xd4\xc3\xb2\xa1": ("<", _US, ""),
    b"\xa1\xb2\xc3\xd4": (">", _US, ""),
    b"\x4d\x3c\xb2\xa1": ("<", _NS, ""),
    b"\xa1\xb2\x3c\x4d": (">", _NS, ""),
    # The variant of Kuznetzov's patched libpcap: interface, protocol and packet type follow the lengths.
    b"\x34\xcd\xb2\xa1": ("<", _US, "8x"),
    b"\xa1\xb2\xcd\x34": (">", _US, "8x"),
}
"""First four bytes of the file: byte order, nanoseconds in a unit of the fraction, extra bytes of a record
header."""


def read_pcap(source: ByteSource, start: bytes, note: Note) -> Iterator[Record]:
    """Yield the records of a pcap file; `start` is what has been read of `source`, from the magic on.

    Raises CaptureError if the file header is cut short.
    """
    order, unit, extra = MAGICS[start[:4]]
    buffer = source.refill(start, 24)
    if len(buffer) < 24:
        raise CaptureError(source.name, source.damage or "cut short: the pcap file header is not complete")
    snap, network = Struct(order + "16xII").unpack_from(buffer)
    link = network & 0x03FFFFFF  # the bits above tell of the frame check sequence
    limit = largest_packet(snap)
    header = Struct(order + "IIII" + extra)
    unpack, header_size = header.unpack_from, header.size

    offset = 24
    seconds: int | None = None
    while True:
        size = len(buffer)
        need = header_size
        while offset + header_size <= size:
            sec, fraction, caplen, wirelen = unpack(buffer, offset)
            if caplen > limit:
                need = -1
                break
            begin = offset + header_size
            end = begin + caplen
            if end > size:
                need = header_size + caplen
                break
            seconds = sec
            offset = end
            yield sec * SECOND + fraction * unit, link, buffer[begin:end], wirelen
        if need < 0:
            detail = f"a length of {caplen} bytes"
            buffer, offset, skipped = _resynchronise(source, buffer, offset, header, order, seconds, limit)
            note(DAMAGED if buffer else LOST, f"{detail}; {skipped} bytes skipped")
            continue
        buffer = source.refill(buffer[offset:], need)
        offset = 0
        if len(buffer) >= need:
            continue
        if len(buffer) >= header_size:
            # What there is of the last packet is still good; its IP length will tell how much is missing.
            note(CUT_RECORD, source.damage or f"{len(buffer) - header_size} of {caplen} bytes")
            sec, fraction, caplen, wirelen = unpack(buffer)
            yield (sec * SECOND + fraction * unit, link, buffer[header_size:], wirelen)
        elif buffer:
            note(CUT_HEADER, source.damage or f"{len(buffer)} bytes left over")
        elif source.damage:
            note("the file ends early", source.damage)
        return


def largest_packet(snap: int) -> int:
    """The longest packet that is believed in a file that states this snap length."""
    return min(max(snap, USUAL_LARGEST_PACKET), LARGEST_PACKET) if snap else LARGEST_PACKET


def _resynchronise(
    source: ByteSource, buffer: bytes, offset: int, header: Struct, order: str, seconds: int | None, limit: int
) -> tuple[bytes, int, int]:
    """Look for the next record header after a damaged one at `offset`.

    Return a buffer (empty if there is no other), the offset of that header in it, and how many bytes were
    skipped. The upper half of the time changes every 18 hours only, which makes the search one for two known
    bytes; then lengths and the header after it have to make sense too.
    """
    if seconds is None:
        skipped = -offset
        while buffer:
            skipped += len(buffer)
            buffer = source.refill(b"", 1)
        return b"", 0, skipped
    halves = [
        half.to_bytes(2, "little" if order == "<" else "big")
        for half in {seconds >> 16, min((seconds >> 16) + 1, 0xFFFF)}
    ]
    known = b"|".join(map(re.escape, halves))
    pattern = re.compile((b"..(?:%s)" if order == "<" else b"(?=%s)") % known, re.DOTALL)
    limit = min(limit, USUAL_LARGEST_PACKET)

    base = -offset  # bytes skipped before the buffer
    at = offset + 1
    while True:
        found = pattern.search(buffer, at)
        if found is None:
            at = max(len(buffer) - 3, at)
            if source.ended:
                return b"", 0, base + len(buffer)
            buffer, base, at = source.refill(buffer[at:], len(buffer) - at + 1), base + at, 0
            continue
        at = found.start()
        if _fits(header, buffer, at, seconds, limit) or not source.ended and len(buffer) < at + header.size:
            need = header.size
            if len(buffer) >= at + need:
                need += header.unpack_from(buffer, at)[2] + header.size
            if len(buffer) < at + need and not source.ended:
                buffer, base, at = source.refill(buffer[at:], need), base + at, 0
                if need == header.size:
                    continue
            following = at + need - header.size
            ends_there = source.ended and len(buffer) == following
            if ends_there or _fits(header, buffer, following, seconds, limit):
                return buffer, at, base + at
        at += 1


def _fits(header: Struct, buffer: bytes, at: int, seconds: int, limit: int) -> bool:
    if len(buffer) < at + header.size:
        return False
    sec, fraction, caplen, wirelen = header.unpack_from(buffer, at)
    return (
        seconds - 3600 <= sec <= seconds + 86400
        and fraction < SECOND
        and 0 < caplen <= limit
        and caplen <= wirelen <= LARGEST_PACKET
    )
