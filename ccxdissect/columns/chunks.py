"""Chunks of a capture: the chain of packets followed record by record, their headers read by columns.

What is sound is read here. From the first record on that is not (damage, a cut end, kinds of blocks that are rare), the
readers of `capture` go on, and their packets are gathered into the same columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from struct import Struct
from typing import NamedTuple

import numpy as np

from ccxdissect.capture import pcap, pcapng
from ccxdissect.capture.described import Interface, left_out
from ccxdissect.capture.files import HOLE, NO_PACKETS, packets
from ccxdissect.capture.notices import Notices
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.pcap import Record
from ccxdissect.capture.source import ByteSource, Input
from ccxdissect.columns.allocation import keep_what_is_freed
from ccxdissect.columns.chain import packet_blocks, records
from ccxdissect.columns.distinct import distinct
from ccxdissect.columns.places import lying_at
from ccxdissect.errors import CaptureError
from ccxdissect.wording import SECOND

#: Bytes of a capture read at a time. Half of it takes a tenth longer, twice as much 40 MiB more and no less time.
CHUNK = 2 << 20
#: Bytes behind the packets of a chunk, so that headers may be gathered without asking where it ends.
PADDING = 128
#: Packets of other readers that are gathered into one chunk, if there are not too many bytes before.
_GATHERED = 16384
#: A time beyond this fits no column, in ns.
_LATEST = 1 << 62
_LARGEST_SECTION = 1 << 16
_LEAST_ENHANCED = 32
#: After so many blocks of packets in a row, those that follow are looked for all at once.
_IN_A_ROW = 32


class Packets(NamedTuple):
    """Packets of one source, by columns. `data` holds them all, and PADDING bytes of anything behind them."""

    data: bytes
    #: Where each packet begins in `data`, how many bytes of it were captured, and how many there were on the wire.
    start: np.ndarray
    size: np.ndarray
    wire: np.ndarray
    #: Nanoseconds since the epoch.
    time: np.ndarray
    link: np.ndarray
    #: The number of the first one.
    frame: int
    #: The name of the capture of each; a single one is that of all.
    sources: Sequence[str]

    def packet(self, index: int) -> Packet:
        """One of them as an object."""
        start = int(self.start[index])
        return Packet(
            self.frame + index,
            int(self.time[index]),
            int(self.link[index]),
            self.data[start : start + int(self.size[index])],
            int(self.wire[index]),
            self.sources[index if len(self.sources) > 1 else 0],
        )


class ChunkReader:
    """Reads captures as chunks: `Packets`, or a list of packets whose times fit no column, or that were cut out of another.

    `inputs` and errors as of `ccxdissect.capture.files.packets`.
    """

    def __init__(
        self,
        inputs: Input | list[Input],
        notices: Notices,
        progress: Callable[[int], None] | None = None,
        hole: int = HOLE,
        size: int = CHUNK,
    ) -> None:
        keep_what_is_freed()
        self._inputs = inputs if isinstance(inputs, list) else [inputs]
        self._notices = notices
        self._progress = progress
        self._hole = hole
        self._size = size
        #: Packets given so far.
        self.frame = 0
        self._name = ""
        #: The last two buffers.
        self._before = self._last = b""

    def __iter__(self) -> Iterator[Packets | list[Packet]]:
        if len(self._inputs) != 1:
            later = _Later()
            yield from _gathered(packets(self._inputs, later, self._progress, self._hole), later, self._notices)
            return
        source: ByteSource | None = None
        try:
            source = ByteSource(self._inputs[0], self._progress)
            self._name = source.name
            start = source.refill(b"", 4)
            if start[:4] in pcap.MAGICS:
                yield from self._pcap(source, source.refill(start, 24))
            elif start[:4] == pcapng.MAGIC:
                yield from self._pcapng(source, source.refill(start, 28))
            else:
                # Not a capture: the reader says why.
                source.close()
                source = None
                for _ in packets(self._inputs, self._notices, self._progress):
                    pass
                return
            if not self.frame:
                self._note(NO_PACKETS, "")
        except CaptureError as error:
            raise CaptureError(error.path, error.reason, self.frame or None) from error
        finally:
            if source is not None:
                source.close()

    def _note(self, reason: str, detail: str) -> None:
        self._notices.add(reason, self.frame or None, self._name, detail)

    def _rest(self, read: Callable[[pcap.Note], Iterator[Record]], known: int) -> Iterator[Packets | list[Packet]]:
        """What a reader of `capture` makes of the rest; its first `known` packets were given before."""
        later = _Later()

        def note(reason: str, detail: str) -> None:
            later.add(reason, self.frame or None, self._name, detail)

        def numbered() -> Iterator[Packet]:
            records = read(note)
            for _ in range(known):
                next(records, None)
            for record in records:
                self.frame += 1
                yield Packet(self.frame, *record, self._name)

        yield from _gathered(numbered(), later, self._notices)

    def _chunk(self, columns: tuple[np.ndarray, ...], data: bytes) -> Packets:
        start, size, wire, time, link = columns
        if len(data) - int(start[-1] + size[-1]) < PADDING:
            data += bytes(PADDING)
        chunk = Packets(data, start, size, wire, time, link, self.frame + 1, [self._name])
        self.frame += len(chunk.start)
        return chunk

    def _buffer(self, source: ByteSource, rest: bytes, need: int) -> bytes:
        """`rest` and what follows it: `need` bytes, fewer only if the stream ends before.

        The one before the last is held until now, and this one takes its place, being as large: a hole that large, left open
        while a chunk is worked on, would be filled with what is smaller, so that there is ever more room between things.
        """
        blocks = source.blocks(need - len(rest), exactly=True)
        del self._before
        self._before, self._last = self._last, b"".join([rest, *blocks])
        return self._last

    # -- pcap ------------------------------------------------------------------------------------------------------

    def _pcap(self, source: ByteSource, head: bytes) -> Iterator[Packets | list[Packet]]:
        order, unit, extra = pcap.MAGICS[head[:4]]
        if len(head) < 24:
            yield from self._rest(partial(pcap.read_pcap, source, head), 0)
            return
        snap, network = Struct(order + "16xII").unpack_from(head)
        limit = pcap.largest_packet(snap)
        word = np.dtype(order + "u4")
        header = Struct(order + "IIII" + extra).size
        head, rest = head[:24], head[24:]
        last = b""
        need = self._size
        while True:
            buffer = self._buffer(source, rest, need)
            begin, at, need, sound = _follow(buffer, order, header, limit)
            if sound and not source.ended:
                begin, at, need = _with_bytes_behind(begin, at, need, len(buffer))
            if len(begin):
                fields = _words(buffer, begin, word, 4)
                seconds, fraction, size, wire = fields.T
                columns = (
                    begin + header,
                    size,
                    wire,
                    seconds * SECOND + fraction * unit,
                    np.full(len(begin), network & 0x03FFFFFF),
                )
                last = buffer[int(begin[-1]) : at]
                yield self._chunk(columns, buffer)
            if not sound or source.ended:
                # The reader has to know the last sound record to find the next one.
                if not sound or at < len(buffer) or source.damage:
                    again = head + last + buffer[at:]
                    yield from self._rest(partial(pcap.read_pcap, source, again), 1 if last else 0)
                return
            rest = buffer[at:]
            need = max(self._size, need)

    # -- pcapng ----------------------------------------------------------------------------------------------------

    def _pcapng(self, source: ByteSource, head: bytes) -> Iterator[Packets | list[Packet]]:
        form = pcapng.FORMS.get(head[8:12])
        section = form.block.unpack_from(head)[1] if form is not None and len(head) >= 28 else 0
        if (
            form is None
            or not 28 <= section <= _LARGEST_SECTION
            or section & 3
            or form.version.unpack_from(head, 12)[0] != 1
        ):
            yield from self._rest(partial(pcapng.read_pcapng, source, head), 0)
            return
        word = np.dtype(form.order_mark + "u4")
        buffer = source.refill(head, max(section, self._size))
        if len(buffer) < section or buffer[section - 4 : section] != buffer[4:8]:
            yield from self._rest(partial(pcapng.read_pcapng, source, buffer), 0)
            return
        #: What the reader would have to read again to know what is known here.
        described = [buffer[:section]]
        interfaces: list[Interface] = []
        last, at = b"", section
        while True:
            starts: list[int] = []
            at, need, sound = self._blocks(buffer, at, form, interfaces, described, starts)
            if starts:
                begin = np.array(starts, np.int64)
                columns, good = _enhanced(_words(buffer, begin, word, 7), begin, buffer, word, interfaces)
                if good < len(begin):
                    at, sound = starts[good], False
                if good:
                    last = buffer[starts[good - 1] : starts[good - 1] + _length(buffer, starts[good - 1], word)]
                    yield self._chunk(columns, buffer)
            if sound and not need:
                continue
            if not sound or source.ended:
                if not sound or at < len(buffer) or source.damage:
                    again = b"".join(described) + last + buffer[at:]
                    yield from self._rest(partial(pcapng.read_pcapng, source, again), 1 if last else 0)
                return
            buffer, at = self._buffer(source, buffer[at:], max(self._size, need)), 0

    def _blocks(
        self,
        buffer: bytes,
        at: int,
        form: pcapng.Form,
        interfaces: list[Interface],
        described: list[bytes],
        starts: list[int],
    ) -> tuple[int, int, bool]:
        """Follow the blocks from `at` on: where it stops, how many bytes it needs there, and whether all was sound."""
        size = len(buffer)
        unpack = form.block.unpack_from
        add = starts.append
        while at + 12 <= size:
            kind, length = unpack(buffer, at)
            end = at + length
            if length < 12 or length > pcapng.LARGEST_BLOCK or length & 3:
                return at, 0, False
            if end > size:
                return at, length, True
            if kind == pcapng.ENHANCED_PACKET and length >= _LEAST_ENHANCED:
                add(at)
                if len(starts) == _IN_A_ROW:
                    more = packet_blocks(buffer, end, form.order_mark, kind, _LEAST_ENHANCED, pcapng.LARGEST_BLOCK)
                    if len(more):
                        starts.extend(more.tolist())
                        end = starts[-1] + unpack(buffer, starts[-1])[1]
            elif (
                kind in (pcapng.SECTION_HEADER, pcapng.SIMPLE_PACKET, pcapng.OBSOLETE_PACKET)
                or buffer[end - 4 : end] != buffer[at + 4 : at + 8]
            ):
                return at, 0, False
            elif kind == pcapng.INTERFACE_DESCRIPTION and length >= 20:
                if starts:
                    # What is described from here on does not hold for the packets before.
                    return at, 0, True
                if len(interfaces) >= pcapng.MOST_INTERFACES:
                    return at, 0, False
                interfaces.append(pcapng.described(form, buffer[at + 8 : end - 4], self._note))
                described.append(buffer[at:end])
            elif kind == pcapng.INTERFACE_STATISTICS and length >= 24:
                if starts:
                    return at, 0, True
                pcapng.note_drops(form, buffer[at + 20 : end - 4], self._note)
            at = end
        return at, 12, True


def _length(buffer: bytes, at: int, word: np.dtype) -> int:
    return int(np.frombuffer(buffer, word, 1, at + 4)[0])


def _follow(buffer: bytes, order: str, header: int, limit: int) -> tuple[np.ndarray, int, int, bool]:
    """The starts of the records that are whole, where that ends, how many bytes are needed there, and if all is sound."""
    told = records(buffer, order, header, limit)
    length = Struct(order + "8xI").unpack_from
    at = int(told[-1]) + header + length(buffer, int(told[-1]))[0] if len(told) else 0
    starts: list[int] = []
    add = starts.append
    need, sound = header, True
    last = len(buffer) - header
    while at <= last:
        (captured,) = length(buffer, at)
        if captured > limit:
            need, sound = 0, False
            break
        end = at + header + captured
        if end > len(buffer):
            need = header + captured
            break
        add(at)
        at = end
    return (np.concatenate([told, np.array(starts, np.int64)]) if starts else told), at, need, sound


def _with_bytes_behind(begin: np.ndarray, at: int, need: int, size: int) -> tuple[np.ndarray, int, int]:
    """The records behind which the buffer holds enough bytes, so that it need not be copied to put some there. The others,
    mostly one, are read again with what follows."""
    count = int(np.searchsorted(begin, size - PADDING, "right")) - 1
    if at <= size - PADDING or count < 1:
        return begin, at, need
    end = int(begin[count])
    return begin[:count], end, need + at - end


def _words(buffer: bytes, begin: np.ndarray, word: np.dtype, count: int) -> np.ndarray:
    """The first `count` 32-bit numbers at each of `begin`, as rows of 64-bit integers."""
    octets = np.frombuffer(buffer, np.uint8)
    return lying_at(octets, begin, np.dtype((word, (count,)))).astype(np.int64)


def _enhanced(
    fields: np.ndarray, begin: np.ndarray, buffer: bytes, word: np.dtype, interfaces: list[Interface]
) -> tuple[tuple[np.ndarray, ...], int]:
    """The columns of enhanced packet blocks, as far as they are sound; and how many that are."""
    _, length, number, high, low, size, wire = fields.T
    octets = np.frombuffer(buffer, np.uint8)
    closing = lying_at(octets, begin + length - 4, word)
    sound = (closing == length) & (number < len(interfaces)) & (size <= length - 32)
    good = len(begin) if sound.all() else int(np.argmin(sound))
    number, high, low = number[:good], high[:good], low[:good]
    time = np.zeros(good, np.int64)
    link = np.zeros(good, np.int64)
    for index in distinct(number).tolist():
        mine = number == index
        interface = interfaces[index]
        link[mine] = interface.link
        units = (high[mine].astype(object) << 32) | low[mine]
        if int(high[mine].max()) < 1 << 31:
            ticks = (high[mine] << 32) | low[mine]
            largest = int(ticks.max())
            widest = max(largest, 1) * interface.multiplier + abs(interface.offset)
            if widest < _LATEST and interface.divisor < _LATEST:
                time[mine] = ticks * interface.multiplier // interface.divisor + interface.offset
                continue
        exact = [int(unit) * interface.multiplier // interface.divisor + interface.offset for unit in units]
        if max(map(abs, exact)) >= _LATEST:
            # No column holds such times: the reader goes on from the first of this interface.
            cut = int(np.flatnonzero(mine)[0])
            return tuple(column[:cut] for column in (begin + 28, size, wire, time, link)), cut
        time[mine] = exact
    return tuple(column[:good] for column in (begin + 28, size, wire, time, link)), good


class _Later(Notices):
    """Notices of a reader that is ahead of whoever looks into the packets: held back until those have been."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[tuple[str, int | None, str, str]] = []

    def add(self, reason: str, frame: int | None = None, source: str = "", detail: str = "") -> None:
        """Hold one more."""
        self._held.append((reason, frame, source, detail))

    def any(self) -> bool:
        """Whether one is held."""
        return bool(self._held)

    def tell(self, notices: Notices) -> None:
        """Give them out."""
        for held in self._held:
            notices.add(*held)
        self._held.clear()


def _gathered(source: Iterator[Packet], later: _Later, notices: Notices) -> Iterator[Packets | list[Packet]]:
    """Packets of any reader put into chunks; as they are when their times fit no column."""
    held: list[Packet] = []
    size = 0
    try:
        for packet in source:
            full = len(held) >= _GATHERED or size >= CHUNK
            if held and (full or later.any()):
                yield _columns(held)
                held, size = [], 0
            later.tell(notices)
            held.append(packet)
            size += len(packet.data)
    except CaptureError:
        if held:
            yield _columns(held)
        later.tell(notices)
        raise
    if held:
        yield _columns(held)
    later.tell(notices)


def _columns(held: list[Packet]) -> Packets | list[Packet]:
    times = [packet.time for packet in held]
    if max(times) >= _LATEST or min(times) <= -_LATEST or any(left_out(packet) is not None for packet in held):
        return held
    size = np.array([len(packet.data) for packet in held], np.int64)
    start = np.zeros(len(held), np.int64)
    np.cumsum(size[:-1], out=start[1:])
    wire = np.array([min(packet.wirelen, _LATEST) for packet in held], np.int64)
    link = np.array([packet.link for packet in held], np.int64)
    data = b"".join([packet.data for packet in held]) + bytes(PADDING)
    sources = [packet.source for packet in held]
    if sources.count(sources[0]) == len(sources):
        del sources[1:]
    return Packets(data, start, size, wire, np.array(times, np.int64), link, held[0].frame, sources)
