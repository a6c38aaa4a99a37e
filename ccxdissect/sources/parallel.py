"""Several captures at once, on several processors, with the very output that one process gives.

Captures are decoded apart only where that can make no difference: in the runs that `planning` cuts them into. Each run
is decoded as if it were alone, by columns where that pays, and its lines are numbered on from those before: they are
written once it is known how many those are, batch by batch and by all processes. When a run turns out to hold what would
have been told in another place (bytes that gave no message, a message that only the end of the run settles, a fragment
without its rest), everything is read again by one process.
"""

from __future__ import annotations

import marshal
import pickle
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

from ccxdissect import columns
from ccxdissect.capture.files import GAP, HOLE, gap_detail
from ccxdissect.capture.fragments import INCOMPLETE
from ccxdissect.capture.log_lines import is_log_input
from ccxdissect.capture.notices import Notice
from ccxdissect.capture.segments import SegmentReader, read_segments
from ccxdissect.capture.source import can_be_reopened, name_of, total_size
from ccxdissect.errors import CcxDissectError
from ccxdissect.sources.bulk import in_bulk
from ccxdissect.sources.options import Options
from ccxdissect.sources.planning import Scan, runs, scan
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Loss, Record
from ccxdissect.stream.reassembly import DEFAULT_LIMITS

if TYPE_CHECKING:
    from ccxdissect.columns.batch import Batch
    from ccxdissect.columns.passing import Received

#: Messages put into a file at a time.
_BATCH = 500
#: The fewest stored bytes of all captures together for which beginning processes pays.
WORTH_SHARING = 4 << 20
#: More notices than this are not put together from several processes.
_MOST_NOTICES = 100

#: A message for its line: its number, frame, time and session's number, and the rest of what is to be written.
Numbered = tuple[int, int, int, int, str]
#: Makes that of a message; says whether one is wanted, by itself and not by those before it.
Line = Callable[[Record], Numbered]
Keep = Callable[[Record], bool]
#: Makes the lines of a batch, of those messages only for which a flag is set (None: of all).
InBulk = Callable[["Received", "Sequence[bool] | None"], "bytes | memoryview"]


class Writing(Protocol):
    """How lines are made. It is used in each process, so it has to be picklable."""

    def prepare(self) -> tuple[Line, Keep | None]:
        """What a line is made of, and what says whether a message is wanted (None: all are)."""

    def line(self, one: Numbered) -> str:
        """The line, with the numbers that the message has among all."""

    def in_bulk(self) -> InBulk:
        """The same of whole batches."""


@dataclass
class Part:
    """What one run gave besides its lines. `whole`: nothing in it had to do with any other run."""

    messages: int = 0
    #: How many of them are wanted.
    wanted: int = 0
    packets: int = 0
    connections: int = 0
    notices: list[Notice] = field(default_factory=list)
    whole: bool = False
    #: Where in its file each batch of columns begins, if it holds such.
    batches: list[int] = field(default_factory=list)


class Before(NamedTuple):
    """How many messages, frames and sessions come before those of a run."""

    messages: int = 0
    frames: int = 0
    sessions: int = 0

    def __call__(self, one: Numbered) -> Numbered:
        """A message of a run as one of all."""
        number, frame, time, session, rest = one
        return number + self.messages, frame + self.frames, time, session + self.sessions, rest


def _quiet_interrupt() -> None:
    """An interrupted worker says nothing: the process that started it does."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _decode(paths: list[str], options: Options, how: Writing, bulk: bool, place: str, is_last: bool) -> Part:
    """Decode a run and put its messages into the file `place`, numbered as if the run were alone."""
    part = Part()
    line, keep = how.prepare()
    try:
        with open(place, "wb") as file:
            reader = (_by_columns if bulk else _one_by_one)(paths, options, line, keep, is_last, file, part)
    except (CcxDissectError, OSError):
        return part
    if reader is None:
        return part
    part.packets = reader.packets
    part.notices = list(reader.notices)
    part.whole = len(part.notices) <= _MOST_NOTICES and all(notice.reason != INCOMPLETE for notice in part.notices)
    return part


def _one_by_one(
    paths: list[str], options: Options, line: Line, keep: Keep | None, is_last: bool, file: BinaryIO, part: Part
) -> SegmentReader | None:
    """Decode a run message by message. None: something in it may have to do with another run."""
    reader = read_segments(paths, options.ports, options.checksums)
    dissector = Dissector(options.protocols, options.ports)
    batch: list[Numbered] = []

    def add(record: Record) -> None:
        if keep is None or keep(record):
            part.wanted += 1
            batch.append(line(record))

    for segment in reader:
        for event in dissector.feed(segment):
            if isinstance(event, Record):
                add(event)
            elif isinstance(event, Loss):
                return None
        if len(batch) >= _BATCH:
            marshal.dump(batch, file)
            batch.clear()
    if dissector.connections.held and not is_last:
        return None
    for event in dissector.flush():
        if isinstance(event, Loss) or (isinstance(event, Record) and not is_last):
            return None
        if isinstance(event, Record):
            add(event)
    marshal.dump(batch, file)
    part.messages, part.connections = dissector.count, dissector.connections.count
    return reader


def _by_columns(
    paths: list[str], options: Options, line: Line, keep: Keep | None, is_last: bool, file: BinaryIO, part: Part
) -> SegmentReader | None:
    """Decode a run by columns; its batches are written into the file."""
    from ccxdissect.capture.notices import Notices
    from ccxdissect.columns.chunks import ChunkReader
    from ccxdissect.columns.dissector import ColumnDissector
    from ccxdissect.columns.passing import passed

    notices = Notices()
    reader = SegmentReader((), options.ports, False, notices)
    dissector = Dissector(options.protocols, options.ports)
    by_columns = ColumnDissector(reader, dissector, options.ports)

    def told(batch: Batch) -> bool:
        if any(isinstance(event, Loss) for event in batch.apart):
            return False
        chosen = None
        if keep is not None:
            chosen = [keep(event) for event in batch.all_events() if isinstance(event, Record)]
        odd = {place: line(record) for place, record in batch.odd.items() if chosen is None or chosen[place]}
        part.wanted += len(batch) if chosen is None else sum(chosen)
        part.batches.append(file.tell())
        pickle.dump((passed(batch, options.protocols, {}), odd, chosen), file, pickle.HIGHEST_PROTOCOL)
        return True

    for chunk in ChunkReader([*paths], notices):
        if not all(map(told, by_columns.feed(chunk))):
            return None
    if dissector.connections.held and not is_last:
        return None
    for batch in by_columns.flush():
        if (len(batch) and not is_last) or not told(batch):
            return None
    part.messages, part.connections = dissector.count, dissector.connections.count
    return reader


class _Batches:
    """Makes the lines of batches that other processes have put into files."""

    def __init__(self, how: Writing, options: Options) -> None:
        from ccxdissect.columns.passing import Receiver

        self._how, self._receiver, self._lines = how, Receiver(options.protocols), how.in_bulk()

    def __call__(self, task: _Task) -> bytes | memoryview:
        """The lines of a batch."""
        with open(task.place, "rb") as file:
            file.seek(task.at)
            batch, odd, chosen = pickle.load(file)
        said = {index: self._how.line(task.before(one)) for index, one in odd.items()}
        return self._lines(self._receiver.received(batch.counted_on(*task.before, said)), chosen)


class _Task(NamedTuple):
    """A batch in a file: where, and what comes before its run."""

    place: str
    at: int
    before: Before


def write_in_parallel(
    paths: Sequence[str], options: Options, processes: int, how: Writing, out: BinaryIO
) -> list[str] | None:
    """Write the messages of several captures as lines of JSON with several processes.

    Returns the notices of reading; or None, with nothing written, when one process has to do it: there is too little to
    read, nothing can be cut, or a run was not whole.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    from ccxdissect.sources.turns import in_turns

    if options.engine != "own" or len(paths) < 2:
        return None
    if not all(can_be_reopened(path) for path in paths) or any(is_log_input(path) for path in paths):
        return None
    size = total_size(list(paths))
    if size is None or size < WORTH_SHARING:
        return None
    bulk = not options.checksums and in_bulk(paths, columns.WORTH_LOADING)
    if bulk:
        # Processes that are begun later have it then.
        import ccxdissect.columns.dissector
        import ccxdissect.columns.passing  # noqa: F401

        how.in_bulk()
    try:
        with tempfile.TemporaryDirectory(prefix="ccxdissect-") as folder:
            with ProcessPoolExecutor(processes, initializer=_quiet_interrupt) as pool:
                looks = pool.map(scan, paths, range(len(paths)), [options.ports] * len(paths))
                scans = [one for one in looks if one is not None]
                cut = runs(scans) if len(scans) == len(paths) else []
                if len(cut) < 2:
                    return None
                places = [str(Path(folder) / str(number)) for number in range(len(cut))]
                jobs = [
                    pool.submit(_decode, [one.path for one in run], options, how, bulk, place, run is cut[-1])
                    for run, place in zip(cut, places, strict=True)
                ]
                parts = [job.result() for job in jobs]
            if not _independent(parts):
                return None
            befores = list(_befores(parts))
            if bulk:
                tasks = [
                    _Task(place, at, before)
                    for part, place, before in zip(parts, places, befores, strict=True)
                    for at in part.batches
                ]
                out.writelines(in_turns(tasks, _Batches(how, options), processes))
            else:
                for place, before in zip(places, befores, strict=True):
                    _write(place, before, how.line, out)
            out.flush()
            return [str(notice) for notice in _notices(cut, parts)]
    except BrokenProcessPool:
        return None


def _independent(parts: list[Part]) -> bool:
    """Whether the runs give together what one process gives."""
    numbered = all(notice.frame is not None for part in parts[1:] for notice in part.notices)
    few = sum(part.connections for part in parts) < DEFAULT_LIMITS.connections
    # Why there is nothing one process says.
    some = any(part.wanted for part in parts)
    return all(part.whole for part in parts) and numbered and few and some


def _befores(parts: list[Part]) -> Iterator[Before]:
    """What comes before each of the runs."""
    before = Before()
    for part in parts:
        yield before
        before = Before(
            before.messages + part.messages, before.frames + part.packets, before.sessions + part.connections
        )


def _write(place: str, before: Before, line: Callable[[Numbered], str], out: BinaryIO) -> None:
    """Write the lines of a run that was decoded message by message."""
    write = out.write
    with open(place, "rb") as file:
        while file.peek(1):
            for one in marshal.load(file):
                write(line(before(one)).encode("ascii") + b"\n")


def _notices(cut: list[list[Scan]], parts: list[Part]) -> list[Notice]:
    """What went wrong in reading, in the order and with the frames of one process."""
    found: list[Notice] = []
    frames = 0
    for place, (run, part) in enumerate(zip(cut, parts, strict=True)):
        if place:
            ended = max(cut[place - 1], key=lambda one: one.last)
            gap = run[0].first - ended.last
            if gap > HOLE:
                found.append(Notice(GAP, 1, frames, name_of(run[0].path), gap_detail(gap, name_of(ended.path))))
        for notice in part.notices:
            if notice.frame is not None:
                notice.frame += frames
            found.append(notice)
        frames += part.packets
    return found
