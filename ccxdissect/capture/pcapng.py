"""Reader of pcapng files: several sections and interfaces, any time resolution, all three kinds of packet
blocks.

Format: draft-ietf-opsawg-pcapng. Exact integers throughout; a block that cannot be costs that block only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from struct import Struct
from typing import Literal

from ccxdissect.capture.described import Described, Interface, Section
from ccxdissect.capture.pcap import CUT_HEADER, CUT_RECORD, LARGEST_PACKET, USUAL_LARGEST_PACKET, Note, Record
from ccxdissect.capture.source import ByteSource
from ccxdissect.errors import CaptureError
from ccxdissect.wording import SECOND

SECTION_HEADER = 0x0A0D0D0A
INTERFACE_DESCRIPTION = 1
OBSOLETE_PACKET = 2
SIMPLE_PACKET = 3
INTERFACE_STATISTICS = 5
ENHANCED_PACKET = 6

MAGIC = b"\x0a\x0d\x0d\x0a"

LARGEST_BLOCK = LARGEST_PACKET + (1 << 16)
LARGEST_FOUND_BLOCK = USUAL_LARGEST_PACKET + (1 << 16)
"""Longest block believed while looking for the next good one."""
MOST_INTERFACES = 1 << 16

DAMAGED = "damaged block: skipped to the next one that makes sense"
LOST = "damaged block: nothing after it makes sense"
UNKNOWN_INTERFACE = "a packet of an interface that the file does not describe"
BAD_LENGTH = "a packet longer than the block that holds it"
NO_TIME = "packets stored without a time: they get that of the packet before them"
CUT_BLOCK = "the file ends within a block"
DROPPED = "packets dropped while capturing, says the file"

COMMENT, _APPLICATION = 1, 4
_IF_TSRESOL, _IF_TSOFFSET = 9, 14
_ISB_IFDROP, _ISB_OSDROP = 5, 7
CUSTOM = 2989
"""Option that whoever has an enterprise number may use for bytes; programs that do not know it copy it."""


class Form:
    """The structs of one byte order, which `order_mark` stands for in the `struct` module."""

    def __init__(self, order: str) -> None:
        self.order_mark = order
        self.order: Literal["little", "big"] = "little" if order == "<" else "big"
        self.block = Struct(order + "II")
        self.enhanced = Struct(order + "IIIIIII")
        self.obsolete = Struct(order + "IIHHIIII")
        self.simple = Struct(order + "III")
        self.interface = Struct(order + "HHI")
        self.option = Struct(order + "HH")
        self.offset = Struct(order + "q")
        self.version = Struct(order + "HH")


_ENTERPRISE = 32473
"""The number that is set aside for examples (RFC 5612): we have none of our own, so our mark stands behind it."""
_MARK = b"ccxd-cut"
MOST_LEFT_OUT = (1 << 62) - 1
"""Bytes: what says more is not believed."""

FORMS = {b"\x4d\x3c\x2b\x1a": Form("<"), b"\x1a\x2b\x3c\x4d": Form(">")}
"""Byte-order magic of a section header -> its form."""
FORM_OF = {form.order_mark: form for form in FORMS.values()}


def read_pcapng(source: ByteSource, start: bytes, note: Note, describe: bool = False) -> Iterator[Record]:
    """Yield the packets of a pcapng file; `start` is what has been read of `source`, from the first block on.

    With `describe` their bytes are Described: all that the file tells of them. Raises CaptureError if the file does not begin with a section header of version 1.
    """
    buffer = source.refill(start, 28)
    if len(buffer) < 28:
        reason = source.damage or "cut short: the pcapng section header is not complete"
        raise CaptureError(source.name, reason)
    form = FORMS.get(buffer[8:12])
    if form is None:
        raise CaptureError(source.name, "not a capture: a pcapng file without byte-order magic")
    major, minor = form.version.unpack_from(buffer, 12)
    if major != 1:
        raise CaptureError(source.name, f"pcapng version {major}.{minor} is not known")

    interfaces: list[Interface] = []
    section = Section("<", b"")
    telling = describe
    unpack, enhanced = form.block.unpack_from, form.enhanced.unpack_from
    offset = 0
    time = 0
    while True:
        size = len(buffer)
        need = 12
        damage = ""
        while offset + 12 <= size:
            kind, length = unpack(buffer, offset)
            if kind == SECTION_HEADER:
                # It tells its own byte order, and everything said so far ends here.
                known = FORMS.get(buffer[offset + 8 : offset + 12])
                if known is None:
                    damage = "a section header without byte-order magic"
                    break
                form = known
                unpack, enhanced = form.block.unpack_from, form.enhanced.unpack_from
                length = unpack(buffer, offset)[1]
                interfaces = []
            if length < 12 or length > LARGEST_BLOCK or length & 3:
                damage = f"a length of {length} bytes"
                break
            end = offset + length
            if end > size:
                need = length
                break
            if buffer[end - 4 : end] != buffer[offset + 4 : offset + 8]:
                damage = "its two lengths differ"
                break
            here, offset = offset, end
            if kind == ENHANCED_PACKET and length >= 32:
                _, _, number, high, low, caplen, wirelen = enhanced(buffer, here)
                begin = here + 28
                if number >= len(interfaces):
                    note(UNKNOWN_INTERFACE, f"interface {number}")
                    continue
                link, _, multiplier, divisor, since, _ = interfaces[number]
                time = (high << 32 | low) * multiplier // divisor + since
            elif kind == SIMPLE_PACKET and length >= 16:
                wirelen = form.simple.unpack_from(buffer, here)[2]
                begin = here + 12
                if not interfaces:
                    note(UNKNOWN_INTERFACE, "interface 0")
                    continue
                link, snap = interfaces[0][:2]
                caplen = min(wirelen, snap or wirelen, end - 4 - begin)
                note(NO_TIME, "")
            elif kind == OBSOLETE_PACKET and length >= 32:
                _, _, number, _, high, low, caplen, wirelen = form.obsolete.unpack_from(buffer, here)
                begin = here + 28
                if number >= len(interfaces):
                    note(UNKNOWN_INTERFACE, f"interface {number}")
                    continue
                link, _, multiplier, divisor, since, _ = interfaces[number]
                time = (high << 32 | low) * multiplier // divisor + since
            else:
                if kind == INTERFACE_DESCRIPTION and length >= 20 and len(interfaces) < MOST_INTERFACES:
                    interfaces.append(described(form, buffer[here + 8 : end - 4], note))
                elif kind == SECTION_HEADER and length >= 28:
                    section = Section(form.order_mark, buffer[here + 24 : end - 4])
                    telling = describe or is_excerpt(form, section.options)
                elif kind == INTERFACE_STATISTICS and length >= 24:
                    note_drops(form, buffer[here + 20 : end - 4], note)
                continue
            if caplen > end - 4 - begin:
                note(BAD_LENGTH, f"{caplen} bytes")
                caplen = end - 4 - begin
            if telling:
                options = b"" if kind == SIMPLE_PACKET else buffer[begin + caplen + (-caplen & 3) : end - 4]
                interface = interfaces[0 if kind == SIMPLE_PACKET else number]
                stamp = (time - interface.offset) * interface.divisor // interface.multiplier
                if kind != SIMPLE_PACKET:
                    stamp = high << 32 | low
                data = _described(buffer[begin : begin + caplen], section, interface, stamp, options)
                if describe or data.left_out is not None:
                    yield time, link, data, wirelen
                    continue
            yield time, link, buffer[begin : begin + caplen], wirelen
        if damage:
            buffer, offset, skipped = _resynchronise(source, buffer, offset, form)
            note(DAMAGED if buffer else LOST, f"{damage}; {skipped} bytes skipped")
            continue
        buffer = source.refill(buffer[offset:], need)
        offset = 0
        if len(buffer) >= need:
            continue
        if len(buffer) > 28 and kind == ENHANCED_PACKET and enhanced(buffer)[2] < len(interfaces):
            # What there is of the last packet is still good; its IP length will tell how much is missing.
            _, _, number, high, low, caplen, wirelen = enhanced(buffer)
            there = min(caplen, len(buffer) - 28)
            note(CUT_RECORD, source.damage or f"{there} of {caplen} bytes")
            interface, stamp = interfaces[number], high << 32 | low
            rest = buffer[28 : 28 + there]
            rest = _described(rest, section, interface, stamp, b"") if telling else rest
            yield (stamp * interface.multiplier // interface.divisor + interface.offset, interface.link, rest, wirelen)
        elif buffer:
            in_packet = len(buffer) < 12 or kind == ENHANCED_PACKET
            note(CUT_HEADER if in_packet else CUT_BLOCK, source.damage or f"{len(buffer)} bytes left over")
        elif source.damage:
            note("the file ends early", source.damage)
        return


def described(form: Form, body: bytes, note: Note) -> Interface:
    """The interface that the body of an interface description tells of."""
    link, _, snap = form.interface.unpack_from(body)
    multiplier, divisor, since = 1000, 1, 0
    for code, value in read_options(form, body[8:]):
        if code == _IF_TSRESOL and len(value) == 1:
            exponent = value[0] & 0x7F
            if value[0] & 0x80:
                multiplier, divisor = SECOND, 1 << exponent
            elif exponent <= 9:
                multiplier, divisor = 10 ** (9 - exponent), 1
            else:
                multiplier, divisor = 1, 10 ** (exponent - 9)
        elif code == _IF_TSOFFSET and len(value) == 8:
            since = form.offset.unpack(value)[0] * SECOND
    return Interface(link, snap, multiplier, divisor, since, body[8:])


def excerpt_fact(form: Form, left_out: int | None = None) -> tuple[int, bytes]:
    """The option of ours for the header of a section of which packets were left out on purpose; or for a packet, before
    which so many bytes of its direction were."""
    head = _ENTERPRISE.to_bytes(4, form.order) + _MARK
    return CUSTOM, head if left_out is None else head + left_out.to_bytes(8, form.order)


def _excerpt_facts(form: Form, options: bytes) -> Iterator[bytes]:
    """What stands behind our mark in options of ours."""
    head = excerpt_fact(form)[1]
    for code, value in read_options(form, options):
        if code == CUSTOM and value.startswith(head):
            yield value[len(head) :]


def is_excerpt(form: Form, options: bytes) -> bool:
    """Whether the options of a section's header say that packets of it were left out on purpose."""
    return any(True for _ in _excerpt_facts(form, options))


def _left_out(form: Form, options: bytes) -> int | None:
    """How many bytes of its direction were left out before a packet with these options; None: it says no such thing."""
    found = (int.from_bytes(value, form.order) for value in _excerpt_facts(form, options) if len(value) == 8)
    return next((size for size in found if size <= MOST_LEFT_OUT), None)


def _described(data: bytes, section: Section, interface: Interface, stamp: int, options: bytes) -> Described:
    described = Described(data)
    described.section, described.interface, described.stamp, described.options = section, interface, stamp, options
    described.left_out = _left_out(FORM_OF[section.order], options)
    return described


def note_drops(form: Form, options: bytes, note: Note) -> None:
    """Note the packets that were dropped, by the options of an interface's statistics."""
    dropped = sum(
        int.from_bytes(value, form.order)
        for code, value in read_options(form, options)
        if code in (_ISB_IFDROP, _ISB_OSDROP) and len(value) == 8
    )
    if dropped:
        note(DROPPED, f"{dropped} packets")


def read_options(form: Form, data: bytes) -> Iterator[tuple[int, bytes]]:
    """The options of a block, as (code, value), as far as they are sound."""
    at = 0
    while at + 4 <= len(data):
        code, length = form.option.unpack_from(data, at)
        at += 4
        if code == 0 or at + length > len(data):
            return
        yield code, data[at : at + length]
        at += length + (-length & 3)


def _resynchronise(source: ByteSource, buffer: bytes, offset: int, form: Form) -> tuple[bytes, int, int]:
    """Look for the next enhanced packet or section header after a damaged block at `offset`.

    Return a buffer (empty if there is no other), the offset of that block in it, and how many bytes were
    skipped. A block that says its length twice, at its start and at its end, is believed.
    """
    pattern = re.compile(re.escape(form.block.pack(ENHANCED_PACKET, 0)[:4]) + b"|" + re.escape(MAGIC))
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
        if len(buffer) < at + 12 and not source.ended:
            buffer, base, at = source.refill(buffer[at:], 12), base + at, 0
        length = _plausible_length(buffer, at, form)
        if length and len(buffer) < at + length and not source.ended:
            buffer, base, at = source.refill(buffer[at:], length), base + at, 0
        if length and buffer[at + 4 : at + 8] == buffer[at + length - 4 : at + length]:
            return buffer, at, base + at
        at += 1


def _plausible_length(buffer: bytes, at: int, form: Form) -> int:
    """Return the length of the block that may start at `at`, 0 if none does."""
    if len(buffer) < at + 12:
        return 0
    least = 32
    if buffer.startswith(MAGIC, at):
        known = FORMS.get(buffer[at + 8 : at + 12])
        if known is None:
            return 0
        form, least = known, 28
    length: int = form.block.unpack_from(buffer, at)[1]
    return length if least <= length <= LARGEST_FOUND_BLOCK and not length & 3 else 0
