"""The two paths side by side: what the dissector tells segment by segment, and what the columns tell of the same."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from ccxdissect.capture import source as byte_source
from ccxdissect.capture.notices import Notices
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import SegmentReader, read_segments
from ccxdissect.capture.source import Input
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.chunks import PADDING, ChunkReader
from ccxdissect.columns.dissector import ColumnDissector
from ccxdissect.columns.headers import Addresses, Segments
from ccxdissect.protocol.model import Protocol
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Loss, Noted, Record, SessionEnded
from ccxdissect.stream.reassembly import DEFAULT_LIMITS, Limits

PORTS = frozenset(UCCX_CTI.ports)
#: What sessions may speak, when nothing else is asked for.
ALONE = (UCCX_CTI,)


def told(event: Event) -> tuple[Any, ...]:
    """All that an event says, and what is known of its session when it is seen."""
    session = event.session
    known = (session.number, session.client, session.server, session.version, session.version_said, session.form)
    said: tuple[Any, ...] = (type(event).__name__, *known, session.start, session.from_start)
    if isinstance(event, Record):
        decoded = event.decoded
        layout = decoded.layout
        said += (event.number, event.frame, event.time, event.begun, event.flow, event.offset, event.sender)
        said += (decoded.number, decoded.body, layout and (layout.message.name, layout.form, layout.since))
        return (
            *said,
            decoded.spans,
            decoded.version,
            decoded.form,
            decoded.undecoded,
            decoded.problems,
            decoded.values,
        )
    if isinstance(event, Loss):
        partial = event.partial and (event.partial.number, event.partial.body, event.partial.problems)
        said += (event.sender, event.time, event.frame, event.missing, event.skipped, event.kind, event.detail)
        return (*said, event.flow, event.offset, event.data, partial)
    if isinstance(event, Noted):
        return (*said, event.sender, event.time, event.frame, event.kind, event.size, event.offset)
    if isinstance(event, SessionEnded):
        said += (session.end, session.ended_by, session.ended_side, repr(session.sent), repr(session.noted))
        said += (session.verdict and (session.verdict.protocol.name, session.verdict.settled, session.verdict.seen),)
    return (*said, event.time, event.frame)


def by_segments(
    segments: Iterable[Segment], protocols: Sequence[Protocol] = ALONE, limits: Limits = DEFAULT_LIMITS
) -> list[tuple[Any, ...]]:
    """What the dissector tells."""
    dissector = Dissector(protocols, PORTS, limits)
    found = [told(event) for segment in segments for event in dissector.feed(segment)]
    return found + [told(event) for event in dissector.flush()]


class ByColumns:
    """What the columns tell."""

    def __init__(self, protocols: Sequence[Protocol] = ALONE, limits: Limits = DEFAULT_LIMITS) -> None:
        self.notices = Notices()
        self.reader = SegmentReader((), PORTS, False, self.notices)
        self.columns = ColumnDissector(self.reader, Dissector(protocols, PORTS, limits), PORTS)

    def batches(self, given: Input, size: int) -> Iterator[Batch]:
        """The batches of a capture that is read in chunks of so many bytes."""
        usual, byte_source.BLOCK = byte_source.BLOCK, min(size, byte_source.BLOCK)
        try:
            for chunk in ChunkReader(given, self.notices, size=size):
                yield from self.columns.feed(chunk)
            yield from self.columns.flush()
        finally:
            byte_source.BLOCK = usual

    def file(self, given: Input, size: int) -> list[tuple[Any, ...]]:
        """The events of a capture."""
        return [told(event) for batch in self.batches(given, size) for event in in_order(batch).all_events()]

    def segments(self, segments: Sequence[Segment], size: int) -> list[tuple[Any, ...]]:
        """The events of segments, so many at a time."""
        addresses = Addresses()
        found = []
        for start in range(0, len(segments), size):
            for batch in self.columns.tell(table(segments[start : start + size], addresses)):
                found += [told(event) for event in in_order(batch).all_events()]
        for batch in self.columns.flush():
            found += [told(event) for event in in_order(batch).all_events()]
        return found


def in_order(batch: Batch) -> Batch:
    """A batch whose fields are counted in the order of messages and of the wire."""
    message = batch.fields.message
    assert (message[1:] >= message[:-1]).all()
    assert (batch.fields.nth == np.arange(len(message)) - batch.bounds[message]).all()
    return batch


def table(segments: Sequence[Segment], addresses: Addresses) -> Segments:
    """Segments by columns."""
    data = b"".join(segment.payload for segment in segments) + bytes(PADDING)
    size = [len(segment.payload) for segment in segments]
    rows = [
        (
            one.frame,
            one.time,
            addresses.number(one.src) << 16 | one.sport,
            addresses.number(one.dst) << 16 | one.dport,
            one.seq,
            one.ack,
            one.flags,
            place,
            length,
        )
        for one, place, length in zip(segments, np.cumsum([0, *size]).tolist(), size, strict=False)
    ]
    cut = {index: one for index, one in enumerate(segments) if one.cut}
    plain = np.array([not one.cut for one in segments], bool)
    return Segments(data, *np.array(rows, np.int64).reshape(-1, 9).T, plain, cut, addresses)


def assert_same_file(given: Input, sizes: Iterable[int] = (1 << 20, 3000)) -> None:
    """Both paths tell the same of a capture, notices and counts included."""
    reader = read_segments(given, PORTS)
    wanted = by_segments(reader)
    for size in sizes:
        columns = ByColumns()
        assert columns.file(given, size) == wanted
        assert [str(notice) for notice in columns.notices] == [str(notice) for notice in reader.notices]
        for count in ("packets", "bytes", "segments", "first_time", "last_time", "other_ports"):
            assert getattr(columns.reader, count) == getattr(reader, count)


def assert_same_segments(
    segments: Sequence[Segment],
    sizes: Iterable[int] = (1 << 20, 37, 5),
    protocols: Sequence[Protocol] = ALONE,
) -> None:
    """Both paths tell the same of segments."""
    wanted = by_segments(segments, protocols)
    for size in sizes:
        assert ByColumns(protocols).segments(segments, size) == wanted


def as_pcap(packets: Iterable[tuple[int, bytes]], link: int = 1) -> bytes:
    """A pcap file of packets and their times (ns)."""
    file = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link)]
    for time, packet in packets:
        file += [struct.pack("<IIII", *divmod(time, 10**9), len(packet), len(packet)), packet]
    return b"".join(file)
