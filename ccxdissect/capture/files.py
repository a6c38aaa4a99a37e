"""Packets of capture files: the format found by content, several files as one, in time order.

Formats: pcap and pcapng, plain or gzipped, from files, pipes, standard input or file objects.

Why a reader of our own, when Scapy, which we depend on, has one: measured with 2.8.0, Scapy's raw readers lose the
interface's time offset (`if_tsoffset`), mix up the interfaces of a second pcapng section, cut packets of more than
65,535 bytes and a last record that is cut off without saying so, cannot read gzip from a pipe, and believe a block's
length whatever it says. All of these happen to captures that people send us, each would change or lose messages, and
the time a packet has is what every duration here stands on. Ours also is 1.5 to 2.5 times as fast.
"""

from __future__ import annotations

import heapq
import io
import os
from collections.abc import Callable, Iterable, Iterator

from ccxdissect.capture import pcap, pcapng
from ccxdissect.capture.notices import Notices
from ccxdissect.capture.packet import Packet
from ccxdissect.capture.pcap import Record
from ccxdissect.capture.source import ByteSource, Input, can_be_reopened, look_into, name_of, total_size
from ccxdissect.errors import CaptureError
from ccxdissect.wording import MILLISECOND, SECOND

__all__ = ["GAP", "HOLE", "Input", "check_capture", "gap_detail", "packets", "total_size"]

HOLE = 60_000_000_000
"""Nanoseconds between the end of one file and the start of the next from which on a file may be missing."""

Progress = Callable[[int], None]

OVERLAP = "files overlap in time: merged in time order"
GAP = "hole between files"
NO_PACKETS = "a capture without packets"

_OTHER_FILES = (
    (b"GMBU", "a Microsoft Network Monitor capture"),
    (b"RTSS", "a Microsoft Network Monitor capture"),
    (b"snoop\0\0\0", "a snoop capture"),
    (b"TRSNIFF data", "a Sniffer capture"),
    (b"XCP\0", "a NetXRay capture"),
)
_OTHER_PACKINGS = (
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ", "xz"),
    (b"BZh", "bzip2"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"PK\x03\x04", "zip"),
    (b"7z\xbc\xaf", "7-Zip"),
)


#: Bytes of a pipe that tell whether it holds a capture, packed or not.
_ENOUGH = 1 << 12


def packets(
    inputs: Input | Iterable[Input],
    notices: Notices | None = None,
    progress: Progress | None = None,
    hole: int = HOLE,
    describe: bool = False,
) -> Iterator[Packet]:
    """Yield the packets of one capture, or of several as if they were one.

    Several are read one after another, ordered by the time of their first packets; where their times overlap,
    packet by packet in time order. Frames are numbered through. `notices` gets what went wrong without
    stopping the reading, overlaps, and gaps of more than `hole` nanoseconds between files. `progress` is
    called with the number of stored (compressed) bytes read since the last call, about once per MiB;
    `total_size` says how many there will be. With `describe` the bytes of packets from pcapng files are
    Described.

    Raises CaptureError for an input that cannot be read or is no capture; if there are several, before any
    packet.
    """
    if isinstance(inputs, (str, bytes)) or not isinstance(inputs, Iterable) or hasattr(inputs, "read"):
        given: list[Input] = [inputs]  # type: ignore[list-item]
    else:
        given = list(inputs)
    tally = notices if notices is not None else Notices()
    return _Sequence(tally, progress, hole, describe).packets(given)


class _File:
    """One input, its next record known once `peek` was called."""

    def __init__(self, given: Input, number: int, note: Callable[[str, str, str], None], describe: bool) -> None:
        self.given = given
        self.name = name_of(given)
        self.number = number
        self.first = 0
        self.last = 0
        self.next: Record | None = None
        self.records: Iterator[Record] = iter(())
        self._note = note
        self.describe = describe
        self._source: ByteSource | None = None

    def open(self, progress: Progress | None) -> None:
        self._source = ByteSource(self.given, progress)
        self.records = _records(
            self._source, lambda reason, detail: self._note(reason, self.name, detail), self.describe
        )

    def peek(self) -> bool:
        self.next = next(self.records, None)
        return self.next is not None

    def close(self) -> None:
        self.records = iter(())
        if self._source is not None:
            self._source.close()
            self._source = None


class _Sequence:
    def __init__(self, notices: Notices, progress: Progress | None, hole: int, describe: bool) -> None:
        self._notices = notices
        self._progress = progress
        self._hole = hole
        self._describe = describe
        self._frame = 0

    def _note(self, reason: str, name: str, detail: str) -> None:
        self._notices.add(reason, self._frame or None, name, detail)

    def _hush(self, reason: str, name: str, detail: str) -> None:
        """Take the notices of a first look at a file: the reading proper will repeat them."""

    def packets(self, given: list[Input]) -> Iterator[Packet]:
        if len(given) == 1:
            file = _File(given[0], 0, self._note, self._describe)
            try:
                file.open(self._progress)
                yield from self._stream(file, None)
                if not self._frame:
                    self._note(NO_PACKETS, file.name, "")
            except CaptureError as error:
                raise CaptureError(error.path, error.reason, self._frame or None) from error
            finally:
                file.close()
            return
        files: list[_File] = []
        try:
            for number, one in enumerate(given):
                looked = self._first_look(one, number)
                if looked is not None:
                    files.append(looked)
            yield from self._merge(sorted(files, key=lambda file: (file.first, file.number)))
        except CaptureError as error:
            raise CaptureError(error.path, error.reason, self._frame or None) from error
        finally:
            for file in files:
                file.close()

    def _first_look(self, given: Input, number: int) -> _File | None:
        """Return the file with the time of its first packet; closed again if it can be opened again later."""
        again = can_be_reopened(given)
        file = _File(given, number, self._hush if again else self._note, self._describe)
        try:
            file.open(None if again else self._progress)
            if not file.peek():
                self._note(NO_PACKETS, file.name, "")
                file.close()
                return None
        except CaptureError:
            file.close()
            raise
        assert file.next is not None
        file.first = file.last = file.next[0]
        if again:
            # A ring buffer may have more files than a process may open.
            file.close()
            file = _reopenable(file, self._note)
        return file

    def _stream(self, file: _File, until: int | None) -> Iterator[Packet]:
        """Yield the packets of one file; stop before one that is later than `until` and leave it in
        `file.next`."""
        frame, name, new = self._frame, file.name, tuple.__new__
        if file.next is not None:
            frame += 1
            self._frame = frame
            record, file.next = file.next, None
            file.last = record[0]
            yield Packet(frame, *record, name)
        for time, link, data, wirelen in file.records:
            if until is not None:
                if time > until:
                    file.next = (time, link, data, wirelen)
                    return
                file.last = time
            frame += 1
            self._frame = frame
            yield new(Packet, (frame, time, link, data, wirelen, name))

    def _merge(self, waiting: list[_File]) -> Iterator[Packet]:
        waiting.reverse()
        active: list[tuple[int, int, _File]] = []
        ended: _File | None = None
        while waiting or active:
            if not active or (waiting and (waiting[-1].first, waiting[-1].number) < active[0][:2]):
                file = waiting.pop()
                if file.next is None:
                    file.open(self._progress)
                    if not file.peek():
                        file.close()
                        continue
                assert file.next is not None
                if ended is not None and not active and file.next[0] - ended.last > self._hole:
                    self._note(GAP, file.name, gap_detail(file.next[0] - ended.last, ended.name))
                heapq.heappush(active, (file.next[0], file.number, file))
                continue
            _, number, file = active[0]
            others = [entry[:2] for entry in active[1:3]]
            if waiting:
                others.append((waiting[-1].first, waiting[-1].number))
            until = None
            if others:
                # At equal times the file given first goes first.
                time, other = min(others)
                until = time - 1 if other < number else time
            yield from self._stream(file, until)
            if file.next is not None:
                heapq.heapreplace(active, (file.next[0], number, file))
                continue
            heapq.heappop(active)
            file.close()
            for _, _, running in active:
                self._note_overlap(file, running)
            ended = file

    def _note_overlap(self, ended: _File, other: _File) -> None:
        span = ended.last - max(other.first, ended.first)
        self._notices.add(OVERLAP, None, other.name, f"with {ended.name}, for {_seconds(span)}")


def _reopenable(file: _File, note: Callable[[str, str, str], None]) -> _File:
    again = _File(file.given, file.number, note, file.describe)
    again.first = again.last = file.first
    return again


def _records(source: ByteSource, note: pcap.Note, describe: bool = False) -> Iterator[Record]:
    start = source.refill(b"", 4)
    if start[:4] in pcap.MAGICS:
        return pcap.read_pcap(source, start, note)
    if start[:4] == pcapng.MAGIC:
        return pcapng.read_pcapng(source, start, note, describe)
    if source.damage:
        raise CaptureError(source.name, f"not a capture: {source.damage}")
    if not start:
        raise CaptureError(source.name, "the file is empty")
    start = source.refill(start, 16)
    for magic, what in _OTHER_FILES:
        if start.startswith(magic):
            raise CaptureError(source.name, f"{what}: convert it to pcapng first (editcap does it)")
    for magic, what in _OTHER_PACKINGS:
        if start.startswith(magic):
            reason = f"packed with {what}: unpack it first (gzip alone is unpacked here)"
            raise CaptureError(source.name, reason)
    raise CaptureError(source.name, "neither pcap nor pcapng: not a capture")


def check_capture(given: Input) -> None:
    """Raise the CaptureError that reading would raise at once, for what is no capture. A pipe stays whole for its reader."""
    if can_be_reopened(given) or not isinstance(given, (str, os.PathLike)):
        source = ByteSource(given)
    else:
        source = ByteSource(io.BytesIO(look_into(given, lambda first: len(first) >= _ENOUGH, _ENOUGH)))
        source.name = name_of(given)
    try:
        _records(source, lambda reason, detail: None)
    finally:
        source.close()


def is_pcapng(given: Input) -> bool:
    """Whether a file begins as pcapng files do. Raises CaptureError for what cannot be opened."""
    source = ByteSource(given)
    try:
        return source.refill(b"", 4).startswith(pcapng.MAGIC)
    finally:
        source.close()


def gap_detail(gap: int, ended: str) -> str:
    """Return what is noted of a gap of so many nanoseconds after the file `ended`."""
    return f"starts {_seconds(gap)} after the end of {ended}"


def _seconds(nanoseconds: int) -> str:
    return f"{nanoseconds // SECOND}.{nanoseconds // MILLISECOND % 1000:03} s"
