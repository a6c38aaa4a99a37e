"""Reading what the command line names, captures or logs, into events; and saying on stderr what went wrong."""

from __future__ import annotations

import argparse
import heapq
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Event, Loss, Record

#: Notes of one kind printed before the rest is only counted.
NOTES = 20


class Source(Protocol):
    """Where events come from."""

    def __iter__(self) -> Iterator[Event]:
        """The events."""

    def notices(self) -> list[str]:
        """What was guessed or could not be read, afterwards."""

    def nothing_found(self) -> str:
        """Why there may be no messages, and what to try."""


class CaptureSource:
    """Capture files, read by ourselves."""

    def __init__(self, args: argparse.Namespace, progress: Callable[[int], None]) -> None:
        from ccxdissect.capture.segments import read_segments

        self._ports = frozenset(args.port or UCCX_CTI.ports)
        verify = getattr(args, "checksums", False)
        self._reader = read_segments(args.captures, self._ports, verify, progress=progress)

    def __iter__(self) -> Iterator[Event]:
        from ccxdissect.stream.dissector import Dissector

        dissector = Dissector(UCCX_CTI, self._ports)
        feed = dissector.feed
        for segment in self._reader:
            yield from feed(segment)
        yield from dissector.flush()

    def notices(self) -> list[str]:
        """What the files were short of."""
        return [str(notice) for notice in self._reader.notices]

    def nothing_found(self) -> str:
        """The ports that were looked at, and those that there are."""
        reader = self._reader
        ports = ", ".join(str(port) for port in sorted(self._ports))
        said = f"no CTI messages among {reader.packets:,} packets on port {ports}"
        busiest = reader.other_ports.most_common(3)
        if busiest:
            named = ", ".join(f"{port} ({count:,} segments)" for port, count in busiest)
            said += f"; the busiest other TCP ports are {named}: try --port {busiest[0][0]}"
        return said


class LogSource:
    """Logs of the server."""

    def __init__(self, args: argparse.Namespace, progress: Callable[[int], None]) -> None:
        from ccxdissect.capture.log_lines import LineReader
        from ccxdissect.stream.log import LogDissector

        self._lines = LineReader(args.captures, progress)
        latest = _newest(args.captures)
        self._dissector = LogDissector(UCCX_CTI, getattr(args, "zone", None), getattr(args, "year", None), latest)

    def __iter__(self) -> Iterator[Event]:
        yield from self._dissector.feed(self._lines)
        yield from self._dissector.flush()

    def notices(self) -> list[str]:
        """What was guessed and passed over."""
        return [str(notice) for notice in self._lines.notices] + self._dissector.notices

    def nothing_found(self) -> str:
        """What the log would have to hold."""
        return (
            f"no CTI messages in {self._lines.lines:,} lines: the debug levels of ICD_CTI have to be on in the server"
        )


class TsharkSource:
    """Capture files read by tshark with our plugin, directly or by way of pyshark."""

    def __init__(self, args: argparse.Namespace) -> None:
        self._engine: str = args.engine
        self._captures: list[str] = args.captures
        self._ports = frozenset(args.port or UCCX_CTI.ports)
        self._options = [text for pair in args.tshark_option or () for text in ("-o", pair)]

    def __iter__(self) -> Iterator[Event]:
        if self._engine == "pyshark":
            from ccxdissect.capture.pyshark_segments import pyshark_segments as segments_of
        else:
            from ccxdissect.capture.tshark import tshark_segments as segments_of
        from ccxdissect.stream.dissector import Dissector
        from ccxdissect.wireshark.generator import generate

        dissector = Dissector(UCCX_CTI, self._ports)
        plugin = generate(UCCX_CTI)
        for capture in self._captures:
            for segment in segments_of(capture, plugin, UCCX_CTI.name, self._ports, self._options):
                yield from dissector.feed(segment)
        yield from dissector.flush()

    def notices(self) -> list[str]:
        """Nothing: tshark keeps such things to itself."""
        return []

    def nothing_found(self) -> str:
        """The ports that were looked at."""
        return f"tshark found no CTI messages on port {', '.join(str(port) for port in sorted(self._ports))}"


class Reading:
    """One run over what `args` names.

    Iterate over it for the events. Afterwards `complain()` says on standard error what was lost or could not be read,
    so that nothing is passed over in silence. Raises CcxDissectError for what cannot be read at all.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self.captures: list[str] = args.captures
        self.messages = 0
        self._losses: list[str] = []
        self._more_losses = 0
        self._bar: Any = None
        self._source = self._open(args)

    def _open(self, args: argparse.Namespace) -> Source:
        if getattr(args, "engine", "own") != "own":
            return TsharkSource(args)
        from ccxdissect.capture.log_lines import is_log_input

        kinds = {is_log_input(path) for path in self.captures}
        if len(kinds) > 1:
            from ccxdissect.errors import CcxDissectError

            raise CcxDissectError("captures and logs cannot be read together: their clocks differ")
        return LogSource(args, self._progress) if kinds == {True} else CaptureSource(args, self._progress)

    def __iter__(self) -> Iterator[Event]:
        try:
            for event in self._source:
                if isinstance(event, Record):
                    self.messages += 1
                elif isinstance(event, Loss):
                    self._lose(event)
                yield event
        finally:
            if self._bar is not None:
                self._bar.close()

    def records(self) -> Iterator[Record]:
        """The messages alone."""
        for event in self:
            if isinstance(event, Record):
                yield event

    def _lose(self, loss: Loss) -> None:
        from ccxdissect.views.losses import say

        if len(self._losses) < NOTES:
            where = f"frame {loss.frame}, session {loss.session.number}, {loss.sender.value}"
            self._losses.append(f"{where}: {say(loss)}{_rest(loss)}")
        else:
            self._more_losses += 1

    def _progress(self, size: int) -> None:
        if self._bar is None:
            if not sys.stderr.isatty():
                return
            from tqdm import tqdm

            from ccxdissect.capture.source import total_size

            total = total_size(list(self.captures))
            self._bar = tqdm(total=total, unit="B", unit_scale=True, leave=False, file=sys.stderr, desc="reading")
        self._bar.update(size)

    def remarks(self) -> list[str]:
        """What was not read, not captured or not understood: a line for each."""
        said = [*self._source.notices(), *self._losses]
        if self._more_losses:
            said.append(f"and {self._more_losses} more losses; `ccxdissect sessions` counts the bytes")
        if not self.messages:
            said.append(self._source.nothing_found())
        return said

    def complain(self) -> None:
        """Say the remarks on standard error."""
        from ccxdissect.errors import one_line

        for remark in self.remarks():
            print(f"note: {one_line(remark)}", file=sys.stderr)


def _rest(loss: Loss) -> str:
    """How many bytes a loss is of, and what they say all the same."""
    if loss.partial is not None:
        from ccxdissect.views.gist import gist

        said = gist(loss.partial, problems=())
        if said:
            return f"; it says {said}"
    return f" ({loss.skipped} bytes)" if loss.skipped else ""


def _newest(captures: list[str]) -> int | None:
    """When the newest of the files was last written to, in ns; None when it is no file."""
    import os

    try:
        return max(os.stat(path).st_mtime_ns for path in captures)
    except OSError:
        return None


Given = TypeVar("Given", covariant=True)
Found = TypeVar("Found")


class Analysis(Protocol[Given]):
    """What takes events and gives results."""

    def feed(self, event: Event) -> Iterable[Given]:
        """Take the next event."""

    def flush(self) -> Iterable[Given]:
        """Nothing more will come."""


def results_of(reading: Reading, analysis: Analysis[Found]) -> Iterator[Found]:
    """Every result, as soon as it is known."""
    for event in reading:
        yield from analysis.feed(event)
    yield from analysis.flush()


def in_order(results: Iterable[Found], key: Callable[[Found], int], waiting: int = 20_000) -> Iterator[Found]:
    """The results by `key`, as far as keeping `waiting` of them back can bring them into order."""
    held: list[tuple[int, int, Found]] = []
    for serial, result in enumerate(results):
        heapq.heappush(held, (key(result), serial, result))
        if len(held) > waiting:
            yield heapq.heappop(held)[2]
    while held:
        yield heapq.heappop(held)[2]
