"""Lines of log files: several files one after another, gzipped or not, each line of bounded length."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ccxdissect.capture.notices import Notices
from ccxdissect.capture.source import ByteSource, Input, can_be_reopened, look_into, name_of

#: Of a longer line only so many bytes are looked at.
LONGEST_LINE = 1 << 20
#: Bytes at the beginning of a file that may tell what it is.
LOOK = 1 << 16

LONG_LINE = f"a line of more than {LONGEST_LINE} bytes: only its beginning is read"
EARLY_END = "the file ends early"

_GZIP = b"\x1f\x8b"
#: How packet captures begin: pcapng; pcap of both byte orders, in micro- and in nanoseconds, and its relatives.
_CAPTURES = frozenset(
    bytes.fromhex(magic)
    for magic in [
        "0a0d0d0a",
        "a1b2c3d4",
        "d4c3b2a1",
        "a1b23c4d",
        "4d3cb2a1",
        "a1b2cd34",
        "34cdb2a1",
        "58435000",
        "736e6f6f",
    ]
)
_SIGNS = re.compile(rb"%[A-Z][A-Z0-9_]*-[A-Z][A-Z0-9_]*-\d-[A-Za-z0-9_]+:|^\s*M(?:HDR|DATA):", re.MULTILINE)


def server_called(server: int) -> str:
    """What a server is called of which a log says nothing: the one of several, or the only one (0)."""
    return f"server-{server}" if server else "server"


class LogLine(NamedTuple):
    """One line, without its end."""

    number: int
    """Counts from 1 over all files: what stands in for the packet's number of a capture."""
    data: bytes
    source: str
    """The file, as people know it."""
    line: int
    """The line's number in its file, from 1."""
    server: int = 0
    """Which of several servers wrote it, from 1; 0 where there is one."""


class LogEnd(NamedTuple):
    """Comes among the lines of several servers' logs: of this one no more will come."""

    server: int


def is_log(first: bytes) -> bool:
    """Whether a file that begins with `first` (unpacked; 64 KiB are plenty) is a server's log.

    It is when it does not begin as packet captures do, and shows the mark that each entry bears.
    """
    return first[:4] not in _CAPTURES and _SIGNS.search(first[:LOOK]) is not None


def is_log_input(given: Input) -> bool:
    """Whether an input is a log, gzipped or not, found out without taking anything away from it.

    A pipe is read up to where it tells, and kept for whoever reads it next. False for an object that cannot be looked
    into beforehand. Raises CaptureError when a file cannot be read.
    """
    if can_be_reopened(given):
        source = ByteSource(given)
        try:
            return is_log(source.refill(b"", LOOK))
        finally:
            source.close()
    if isinstance(given, (str, os.PathLike)):
        return is_log(_unpacked(look_into(given, _tells, LOOK)))
    peek = getattr(given, "peek", None)
    return peek is not None and is_log(_unpacked(bytes(peek(LOOK))))


def _tells(first: bytes) -> bool:
    """Whether the beginning of a file is enough to tell what it is."""
    first = _unpacked(first)
    return len(first) >= 4 and (first[:4] in _CAPTURES or is_log(first))


def _unpacked(first: bytes) -> bytes:
    if not first.startswith(_GZIP):
        return first
    try:
        return zlib.decompressobj(31).decompress(first, LOOK)
    except zlib.error:
        return b""


class LineReader:
    """Iterates over the lines of log files in the order given.

    `progress` as of `ByteSource`. Meanwhile `lines` and `bytes` (unpacked) count what was read, and `notices` has
    what went wrong without stopping it. Raises CaptureError for what cannot be read.
    """

    def __init__(self, inputs: Iterable[Input], progress: Callable[[int], None] | None = None) -> None:
        self._inputs = list(inputs)
        self._progress = progress
        self.notices = Notices()
        self.lines = 0
        self.bytes = 0

    def __iter__(self) -> Iterator[LogLine]:
        for given in self._inputs:
            yield from self.lines_of(given)

    def lines_of(self, given: Input) -> Iterator[LogLine]:
        """The lines of one of the files."""
        source = ByteSource(given, self._progress)
        try:
            yield from self._read(source, name_of(given))
        finally:
            source.close()

    def _read(self, source: ByteSource, name: str) -> Iterator[LogLine]:
        rest = b""
        parts: list[bytes] = []  # the beginning of a line that no block has ended yet
        size = 0
        line = 0
        while True:
            block = source.refill(b"", 1)
            if not block:
                break
            self.bytes += len(block)
            pieces = block.split(b"\n")
            rest = pieces.pop()
            if pieces and parts:
                parts.append(pieces[0])
                pieces[0] = b"".join(parts)
                parts, size = [], 0
            for data in pieces:
                line += 1
                yield self._line(data, name, line)
            if rest and size <= LONGEST_LINE:
                parts.append(rest)
                size += len(rest)
        if parts:
            yield self._line(b"".join(parts), name, line + 1)
        if source.damage:
            self.notices.add(EARLY_END, self.lines or None, name, source.damage)

    def _line(self, data: bytes, name: str, line: int) -> LogLine:
        self.lines += 1
        if data.endswith(b"\r"):
            data = data[:-1]
        if len(data) > LONGEST_LINE:
            self.notices.add(LONG_LINE, self.lines, name, f"line {line}")
            data = data[:LONGEST_LINE]
        return LogLine(self.lines, data, name, line)
