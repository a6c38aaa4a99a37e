"""Some packets of captures written into a capture of their own, byte for byte, with what their files tell of them.

Format: draft-ietf-opsawg-pcapng. Every section says that packets were left out of it, and a packet how many bytes of its
direction are lacking before it: to people by an application's name and a comment, to our own reader by options of ours.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import BinaryIO

from ccxdissect.capture import pcapng, pcapng_blocks
from ccxdissect.capture.described import Described, Interface, Section
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.pcapng_blocks import Option
from ccxdissect.capture.source import ByteSource, can_be_reopened

_APPLICATION = 4
#: What a section is told to be made by, and what comments begin with: for people.
NAME = "ccxdissect cut"
#: Bytes of a file's beginning that tell whether it is an excerpt.
_LOOKED_AT = 1 << 16


class Excerpt:
    """A pcapng file of packets from others, written to `out`. Packets of pcapng files should be Described.

    A section of a file becomes a section here, in the same byte order, with the same options and interfaces. Blocks that
    are no packets (name resolution, statistics, keys) are left out.
    """

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._section: Section | None = None
        self._interfaces: dict[Interface, int] = {}
        self.packets = 0
        #: Of pcap files, whose packets have no section.
        self._plain = Section("<", b"")

    def add(self, packet: Packet, left_out: int | None = None) -> None:
        """Write a packet, before which so many bytes of its direction were left out (None: its connection is whole)."""
        data = packet.data
        section = data.section if isinstance(data, Described) else self._plain
        order = section.order
        if section is not self._section:
            self._section, self._interfaces = section, {}
            self._out.write(pcapng_blocks.section_of(_as_excerpt(section), order))
        if isinstance(data, Described):
            interface, stamp, given = data.interface, data.stamp, data.options
        else:
            options = pcapng_blocks.options([(pcapng_blocks.RESOLUTION, pcapng_blocks.NANO)])
            interface, stamp, given = Interface(packet.link, 0, 1, 1, 0, options), max(packet.time, 0), b""
        number = self._interfaces.get(interface)
        if number is None:
            number = self._interfaces[interface] = len(self._interfaces)
            self._out.write(pcapng_blocks.interface_of(interface.link, interface.snap, interface.options, order))
        if left_out is not None:
            form = pcapng.FORM_OF[order]
            kept = without_facts(form, pcapng.read_options(form, given))
            given = pcapng_blocks.options([*kept, *facts(form, left_out)], order)
        self._out.write(pcapng_blocks.packet(number, stamp, data, packet.wirelen, order, given))
        self.packets += 1


def _as_excerpt(section: Section) -> bytes:
    """The options of a section, its application's name behind ours."""
    form = pcapng.FORM_OF[section.order]
    if pcapng.is_excerpt(form, section.options):
        return section.options
    given = list(pcapng.read_options(form, section.options))
    before = b"".join(b", from " + value for code, value in given if code == _APPLICATION)
    kept = [(code, value) for code, value in given if code != _APPLICATION]
    name = _APPLICATION, (NAME.encode() + before)[:255]
    return pcapng_blocks.options([*kept, name, pcapng.excerpt_fact(form)], section.order)


def facts(form: pcapng.Form, left_out: int) -> list[Option]:
    """The options that say of a packet that so many bytes of its direction were left out before it."""
    are = "byte of this direction is" if left_out == 1 else "bytes of this direction are"
    comment = f"{NAME}: {left_out} {are} left out before this packet"
    return [pcapng.excerpt_fact(form, left_out), (pcapng.COMMENT, comment.encode())]


def without_facts(form: pcapng.Form, given: Iterable[Option]) -> list[Option]:
    """Options without those that `facts` makes: the option of ours, and the comment behind it."""
    kept: list[Option] = []
    mark = pcapng.excerpt_fact(form)[1]
    ours = False
    for code, value in given:
        if ours and code == pcapng.COMMENT:
            ours = False
            continue
        ours = code == pcapng.CUSTOM and value.startswith(mark)
        if not ours:
            kept.append((code, value))
    return kept


def is_excerpt(path: str | os.PathLike[str]) -> bool:
    """Whether a file begins as one that was cut out. Of a pipe nobody can tell before it is read: False."""
    if not can_be_reopened(path):
        return False
    source = ByteSource(path)
    try:
        head = source.refill(b"", _LOOKED_AT)
    finally:
        source.close()
    form = pcapng.FORMS.get(head[8:12])
    if form is None or not head.startswith(pcapng.MAGIC):
        return False
    length = form.block.unpack_from(head)[1]
    return pcapng.is_excerpt(form, head[24 : max(length - 4, 24)])
