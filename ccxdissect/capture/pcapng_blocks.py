"""Blocks of a pcapng file, written: draft-ietf-opsawg-pcapng, section 3 and 4.

`order` is "<" or ">", as `struct` has it. `option` values are padded to 32 bits here, and options end with an empty one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from ccxdissect.capture.pcapng import ENHANCED_PACKET, INTERFACE_DESCRIPTION, INTERFACE_STATISTICS, SECTION_HEADER

_COMMENT, _APPLICATION, _NAME, RESOLUTION, SINCE, _DROPPED = 1, 4, 2, 9, 14, 7
#: Digits behind the second of nanoseconds, as a number and as the value of the option.
DIGITS = 9
NANO = bytes([DIGITS])

Option = tuple[int, bytes]


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """A block of a kind; `body` is a multiple of four bytes long."""
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def options(given: Iterable[Option], order: str = "<") -> bytes:
    """Options and their end; nothing when there are none."""
    made = b"".join(
        struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4) for code, value in given
    )
    return made + bytes(4) if made else b""


def section(application: str = "", comment: str = "", more: Iterable[Option] = (), order: str = "<") -> bytes:
    """The beginning of a file of unknown length; `more` are further options of it."""
    given = []
    if comment:
        given.append((_COMMENT, comment.encode()[:1024]))
    if application:
        given.append((_APPLICATION, application.encode()))
    given += more
    return section_of(options(given, order), order)


def section_of(given: bytes, order: str = "<") -> bytes:
    """The same with options that are written already."""
    return block(SECTION_HEADER, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + given, order)


def interface(link: int, name: str = "", digits: int = DIGITS, since: int = 0) -> bytes:
    """An interface of a link type; its times have so many digits behind the second, and count from the second `since`."""
    given = [(_NAME, name.encode("utf-8", "replace")[:255])] if name else []
    given.append((RESOLUTION, bytes([digits])))
    if since:
        given.append((SINCE, struct.pack("<q", since)))
    return interface_of(link, 0, options(given))


def interface_of(link: int, snap: int, given: bytes, order: str = "<") -> bytes:
    """An interface with options that are written already."""
    return block(INTERFACE_DESCRIPTION, struct.pack(order + "HHI", link & 0xFFFF, 0, snap) + given, order)


def packet(number: int, time: int, data: bytes, wirelen: int, order: str = "<", given: bytes = b"") -> bytes:
    """A packet of the interface `number`: its time in that interface's units, bytes as captured, length on the wire,
    and options that are written already."""
    time = max(time, 0)
    head = struct.pack(order + "IIIII", number, time >> 32 & 0xFFFFFFFF, time & 0xFFFFFFFF, len(data), wirelen)
    return block(ENHANCED_PACKET, head + data + bytes(-len(data) % 4) + given, order)


def statistics(number: int, time: int, dropped: int) -> bytes:
    """What became of an interface: packets dropped, as of a time."""
    stamp = struct.pack("<III", number, time >> 32 & 0xFFFFFFFF, time & 0xFFFFFFFF)
    return block(INTERFACE_STATISTICS, stamp + options([(_DROPPED, dropped.to_bytes(8, "little"))]))
