"""Several captures at once, on several processors, with the very output that one process gives.

Captures are decoded apart only where that can make no difference: in the runs that `planning` cuts them into. Each run
is decoded as if it were alone, and its lines are numbered on from those before. When a run turns out to hold what would
have been told in another place (bytes that gave no message, a message that only the end of the run settles, a fragment
without its rest), everything is read again by one process.
"""

from __future__ import annotations

import marshal
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ccxdissect.capture.files import GAP, HOLE, gap_detail
from ccxdissect.capture.fragments import INCOMPLETE
from ccxdissect.capture.log_lines import is_log_input
from ccxdissect.capture.notices import Notice
from ccxdissect.capture.segments import read_segments
from ccxdissect.capture.source import can_be_reopened, name_of
from ccxdissect.errors import CcxDissectError
from ccxdissect.sources.options import Options
from ccxdissect.sources.planning import Scan, runs, scan
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Loss, Record
from ccxdissect.stream.reassembly import DEFAULT_LIMITS

#: Messages put into a file at a time.
_BATCH = 500
#: More notices than this are not put together from several processes.
_MOST_NOTICES = 100

#: A message for its line: its number, frame, time and session's number, and the rest of what is to be written.
Numbered = tuple[int, int, int, int, str]
#: Gives what makes that of a message, and what says whether it is wanted.
Prepare = Callable[[], tuple[Callable[[Record], Numbered], Callable[[Record], bool] | None]]


@dataclass
class Part:
    """What one run gave besides its lines. `whole`: nothing in it had to do with any other run."""

    messages: int = 0
    packets: int = 0
    connections: int = 0
    notices: list[Notice] = field(default_factory=list)
    whole: bool = False


def _quiet_interrupt() -> None:
    """An interrupted worker says nothing: the process that started it does."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _decode(paths: list[str], options: Options, prepare: Prepare, place: str, is_last: bool) -> Part:
    """Decode a run and put its messages into the file `place`, numbered as if the run were alone."""
    reader = read_segments(paths, options.ports, options.checksums)
    dissector = Dissector(options.protocols, options.ports)
    line, keep = prepare()
    part = Part()
    batch: list[Numbered] = []
    try:
        with open(place, "wb") as file:
            for segment in reader:
                for event in dissector.feed(segment):
                    if isinstance(event, Record):
                        if keep is None or keep(event):
                            batch.append(line(event))
                    elif isinstance(event, Loss):
                        return part
                if len(batch) >= _BATCH:
                    marshal.dump(batch, file)
                    batch = []
            if dissector.connections.held and not is_last:
                return part
            for event in dissector.flush():
                if isinstance(event, Loss) or (isinstance(event, Record) and not is_last):
                    return part
                if isinstance(event, Record) and (keep is None or keep(event)):
                    batch.append(line(event))
            marshal.dump(batch, file)
    except (CcxDissectError, OSError):
        return part
    part.messages, part.packets, part.connections = dissector.count, reader.packets, dissector.connections.count
    part.notices = list(reader.notices)
    part.whole = len(part.notices) <= _MOST_NOTICES and all(notice.reason != INCOMPLETE for notice in part.notices)
    return part


def write_in_parallel(
    paths: Sequence[str],
    options: Options,
    processes: int,
    prepare: Prepare,
    line: Callable[[Numbered], str],
    out: BinaryIO,
) -> list[str] | None:
    """Write the messages of several captures as lines of JSON with several processes.

    `prepare` is called in each process, so it has to be picklable: it gives what a line is made of, and what says whether
    a message is wanted, by itself and not by those before it (None: all are). `line` makes it, with the numbers that it
    has among all.

    Returns the notices of reading; or None, with nothing written, when one process has to do it: nothing can be cut, or
    a run was not whole.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    if options.engine != "own" or len(paths) < 2:
        return None
    if not all(can_be_reopened(path) for path in paths) or any(is_log_input(path) for path in paths):
        return None
    try:
        with (
            tempfile.TemporaryDirectory(prefix="ccxdissect-") as folder,
            ProcessPoolExecutor(processes, initializer=_quiet_interrupt) as pool,
        ):
            looks = pool.map(scan, paths, range(len(paths)), [options.ports] * len(paths))
            scans = [one for one in looks if one is not None]
            cut = runs(scans) if len(scans) == len(paths) else []
            if len(cut) < 2:
                return None
            places = [str(Path(folder) / str(number)) for number in range(len(cut))]
            jobs = [
                pool.submit(_decode, [one.path for one in run], options, prepare, place, run is cut[-1])
                for run, place in zip(cut, places, strict=True)
            ]
            parts = [job.result() for job in jobs]
            if not _independent(parts):
                return None
            _write(parts, places, line, out)
            return [str(notice) for notice in _notices(cut, parts)]
    except BrokenProcessPool:
        return None


def _independent(parts: list[Part]) -> bool:
    """Whether the runs give together what one process gives."""
    numbered = all(notice.frame is not None for part in parts[1:] for notice in part.notices)
    few = sum(part.connections for part in parts) < DEFAULT_LIMITS.connections
    some = any(part.messages for part in parts)
    return all(part.whole for part in parts) and numbered and few and some


def _write(parts: list[Part], places: list[str], line: Callable[[Numbered], str], out: BinaryIO) -> None:
    """Write the lines of the runs one after the other, numbered through."""
    messages = frames = sessions = 0
    write = out.write
    for part, place in zip(parts, places, strict=True):
        with open(place, "rb") as file:
            while file.peek(1):
                for number, frame, time, session, rest in marshal.load(file):
                    text = line((number + messages, frame + frames, time, session + sessions, rest))
                    write(text.encode("ascii") + b"\n")
        messages += part.messages
        frames += part.packets
        sessions += part.connections
    out.flush()


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
