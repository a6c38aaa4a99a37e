"""What a pcapng file tells of a packet besides its bytes, for those who write it on."""

from __future__ import annotations

from typing import NamedTuple

from ccxdissect.capture.packet import Packet


class Section(NamedTuple):
    """The header of a section of a pcapng file. Each reading makes its own, so that no two of them are the same."""

    order: str
    """The byte order, "<" or ">", as `struct` has it."""
    options: bytes
    """Its options, as they are in the file."""


class Interface(NamedTuple):
    """What a pcapng file says of one interface."""

    link: int
    snap: int
    multiplier: int
    """Nanoseconds are units * multiplier // divisor + offset."""
    divisor: int
    offset: int
    options: bytes = b""
    """The options of its description, as they are in the file."""


class Described(bytes):
    """The bytes of a packet, with what its file says of it.

    A Packet's `data` is this where it was asked for, and always where packets before it were left out on purpose.
    """

    section: Section
    interface: Interface
    #: The time in units of the interface, as it is in the file.
    stamp: int
    #: The options of the packet, as they are in the file.
    options: bytes
    #: Bytes of this direction of its connection that were left out before it; None where nothing of it was.
    left_out: int | None


def left_out(packet: Packet) -> int | None:
    """How many bytes of its direction were left out before a packet on purpose; None when nothing of its connection was."""
    return packet.data.left_out if isinstance(packet.data, Described) else None
