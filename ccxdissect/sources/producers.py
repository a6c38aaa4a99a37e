"""What makes events: of capture files, by ourselves or by tshark, and of the server's logs. Each runs once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from ccxdissect import columns
from ccxdissect.capture.log_lines import is_log_input
from ccxdissect.capture.segments import read_segments
from ccxdissect.errors import CcxDissectError
from ccxdissect.sources.bulk import in_bulk
from ccxdissect.sources.options import Options
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event
from ccxdissect.stream.pauses import SetBack

if TYPE_CHECKING:
    from ccxdissect.analysis.foreign import Foreign
    from ccxdissect.capture.log_overlap import Lacking
    from ccxdissect.columns.batch import Batch

#: Hears how many more bytes were read; None at the end.
Progress = Callable[[int | None], None]


class Producer(Protocol):
    """Where events come from."""

    def __iter__(self) -> Iterator[Event]:
        """The events, the last ones of a source that ends included."""

    def notices(self) -> list[str]:
        """What was guessed or could not be read; complete when the events are over."""

    def nothing_found(self) -> str:
        """Why there may be no messages, and what to try; afterwards."""

    @property
    def snap(self) -> int | None:
        """The snap length (bytes) that packets were cut to; None when none was, as far as can be told."""

    @property
    def set_back(self) -> SetBack | None:
        """That the clock was set back by more than a pause; None when it was not, as far as is read."""


def producer_of(
    paths: Sequence[str], options: Options, progress: Progress | None = None, tables: bool = False
) -> Producer:
    """What makes the events of these captures, or of these logs. `tables`: they become rows of tables; what decoding by
    columns takes is loaded anyway then, so that it pays earlier. Raises CcxDissectError for what cannot be opened."""
    if options.engine != "own":
        return TsharkProducer(paths, options)
    kinds = {is_log_input(path) for path in paths}
    if len(kinds) > 1:
        raise CcxDissectError("captures and logs cannot be read together: their clocks differ")
    if kinds == {True}:
        return LogProducer(paths, options, progress)
    least = min(columns.WORTH_USING, columns.WORTH_LOADING) if tables else columns.WORTH_LOADING
    if not options.checksums and in_bulk(paths, least):
        return ColumnProducer(paths, options, progress)
    return CaptureProducer(paths, options, progress)


class CaptureProducer:
    """Capture files, read by ourselves."""

    def __init__(self, paths: Sequence[str], options: Options, progress: Progress | None = None) -> None:
        self._options = options
        self._dissector = Dissector(options.protocols, options.ports)
        #: Before which packets bytes of their direction were left out on purpose, and how many.
        self._left_out: dict[int, int] = {}
        self._reader = read_segments(
            list(paths), options.ports, options.checksums, progress=progress, left_out=self._left_out
        )

    def __iter__(self) -> Iterator[Event]:
        dissector = self._dissector
        feed, left_out = dissector.feed, self._left_out
        for segment in self._reader:
            if left_out and segment.frame in left_out:
                yield from dissector.feed_behind(left_out.pop(segment.frame), segment)
            else:
                yield from feed(segment)
        yield from dissector.flush()

    def notices(self) -> list[str]:
        """What the files were short of."""
        return [str(notice) for notice in self._reader.notices]

    def nothing_found(self) -> str:
        """The ports that were looked at, and those that there are."""
        reader = self._reader
        said = f"no CTI messages among {reader.packets:,} packets on port {self._options.ports_said()}"
        busiest = reader.other_ports.most_common(3)
        if busiest:
            named = self._options.others_said(busiest)
            said += f"; the busiest other TCP ports are {named}; `ccxdissect summary` looks into them"
        return said

    @property
    def snap(self) -> int | None:
        """The snap length that packets were cut to, when any were."""
        return self._reader.snap

    @property
    def set_back(self) -> SetBack | None:
        """That the clock of the capture was."""
        return self._dissector.pauses.set_back


class ColumnProducer(CaptureProducer):
    """Large capture files, read by ourselves, chunk by chunk."""

    def __init__(self, paths: Sequence[str], options: Options, progress: Progress | None = None) -> None:
        from ccxdissect.capture.notices import Notices
        from ccxdissect.capture.segments import SegmentReader
        from ccxdissect.columns.chunks import ChunkReader

        notices = Notices()
        self._options = options
        self._dissector = Dissector(options.protocols, options.ports)
        self._reader = SegmentReader((), options.ports, False, notices)
        self._chunks = ChunkReader(list(paths), notices, progress)

    def batches(self) -> Iterator[Batch]:
        """The messages by columns. Each batch has to be seen before the next is asked for."""
        from ccxdissect.columns.dissector import ColumnDissector

        dissector = ColumnDissector(self._reader, self._dissector, self._options.ports)
        for chunk in self._chunks:
            yield from dissector.feed(chunk)
        yield from dissector.flush()

    def __iter__(self) -> Iterator[Event]:
        for batch in self.batches():
            yield from batch.all_events()


class LogProducer:
    """Logs of the server."""

    def __init__(self, paths: Sequence[str], options: Options, progress: Progress | None = None) -> None:
        from ccxdissect.capture.log_servers import LogFiles
        from ccxdissect.stream.log import LogDissector

        self._lines = LogFiles(paths, options.zone, progress)
        self._dissector = LogDissector(options.protocol, options.zone, options.year, _newest(paths))

    def __iter__(self) -> Iterator[Event]:
        yield from self._dissector.feed(self._lines)
        yield from self._dissector.flush()

    @property
    def snap(self) -> int | None:
        """Nothing is cut here."""
        return None

    @property
    def set_back(self) -> SetBack | None:
        """That the server's clock was."""
        return self._dissector.set_back

    @property
    def lacking(self) -> list[Lacking]:
        """What is lacking between the files; afterwards."""
        return self._lines.lacking

    def notices(self) -> list[str]:
        """What was guessed and passed over."""
        return self._lines.notices + self._dissector.notices

    def nothing_found(self) -> str:
        """What the log would have to hold."""
        return (
            f"no CTI messages in {self._lines.lines:,} lines: the debug levels of ICD_CTI have to be on in the server"
        )


class TsharkProducer:
    """Capture files read by tshark with our plugin, directly or by way of pyshark."""

    def __init__(self, paths: Sequence[str], options: Options) -> None:
        self._paths = paths
        self._options = options
        self._dissector = Dissector(options.protocols, options.ports)

    def __iter__(self) -> Iterator[Event]:
        options = self._options
        if options.engine == "pyshark":
            from ccxdissect.capture.pyshark_segments import pyshark_segments as segments_of
        else:
            from ccxdissect.capture.tshark import tshark_segments as segments_of
        from ccxdissect.wireshark.generator import generate

        dissector = self._dissector
        plugin = generate(options.protocol)
        preferences = [text for pair in options.tshark_options for text in ("-o", pair)]
        for path in self._paths:
            for segment in segments_of(path, plugin, options.protocol.name, options.ports, preferences):
                yield from dissector.feed(segment)
        yield from dissector.flush()

    @property
    def snap(self) -> int | None:
        """Nothing: tshark does not tell."""
        return None

    @property
    def set_back(self) -> SetBack | None:
        """That the clock of the capture was."""
        return self._dissector.pauses.set_back

    def notices(self) -> list[str]:
        """Nothing: tshark keeps such things to itself."""
        return []

    def nothing_found(self) -> str:
        """The ports that were looked at."""
        return f"tshark found no CTI messages on port {self._options.ports_said()}"


def elsewhere(paths: Sequence[str], options: Options) -> Foreign:
    """What all the ports of captures carry: they are read once more, whole."""
    # Only who finds nothing on our ports asks for others.
    from ccxdissect.analysis.foreign import Foreign

    foreign = Foreign({port: protocol.title for protocol in options.protocols for port in protocol.tls_ports})
    dissector = Dissector(options.protocols, options.ports)
    for segment in read_segments(list(paths), None):
        for event in dissector.feed(segment):
            foreign.feed(event)
    for event in dissector.flush():
        foreign.feed(event)
    return foreign


def _newest(paths: Sequence[str]) -> int | None:
    """When the newest of the files was last written to, in ns; None when it is no file."""
    try:
        return max(os.stat(path).st_mtime_ns for path in paths)
    except OSError:
        return None
