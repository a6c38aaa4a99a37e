"""Lines of JSON by several processes: one reads a capture chunk by chunk, and whoever is free writes the lines of a batch.

The reader holds all state of the streams, so nothing else has to be handed from process to process, and it writes lines
itself whenever the others have enough to do. Lines come out in the order of the batches, the very ones of one process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from ccxdissect.columns.batch import Batch
from ccxdissect.columns.passing import Passed, Receiver, passed
from ccxdissect.protocol.model import Protocol
from ccxdissect.sources.options import Options
from ccxdissect.views.column_lines import ColumnWriter
from ccxdissect.views.messages import MessageWriter, Showing

#: Batches that wait for each of the other processes, the one that it works on included; and those that wait to be
#: written out, for each process.
_AHEAD, _DONE = 2, 4


def shared_lines(batches: Iterable[Batch], options: Options, showing: Showing, processes: int) -> Iterator[bytes]:
    """The lines of batches, each with its end, written by so many processes; this one is one of them."""
    own, odd = ColumnWriter(showing), MessageWriter(showing)
    pending: deque[tuple[Future[bytes] | bytes, Passed | None]] = deque()
    others = processes - 1
    with ProcessPoolExecutor(others, initializer=_begin, initargs=(options, showing)) as pool:
        for batch in batches:
            busy = sum(isinstance(done, Future) and not done.done() for done, _ in pending)
            if busy < _AHEAD * others and len(batch.odd) < len(batch):
                told = passed(batch, options.protocols, {place: odd.line(one) for place, one in batch.odd.items()})
                pending.append((_given(pool, told), told))
            else:
                pending.append((bytes(own.lines(batch)), None))
            while pending and (len(pending) > _DONE * processes or _is_there(pending[0][0])):
                yield _lines(*pending.popleft(), options.protocols, showing)
        for done, told_before in pending:
            yield _lines(done, told_before, options.protocols, showing)


def _given(pool: ProcessPoolExecutor, told: Passed) -> Future[bytes]:
    try:
        return pool.submit(_write, told)
    except BrokenProcessPool as error:
        lost: Future[bytes] = Future()
        lost.set_exception(error)
        return lost


def _is_there(done: Future[bytes] | bytes) -> bool:
    return isinstance(done, bytes) or done.done()


def _lines(done: Future[bytes] | bytes, told: Passed | None, protocols: Sequence[Protocol], showing: Showing) -> bytes:
    if isinstance(done, bytes):
        return done
    try:
        return done.result()
    except BrokenProcessPool:
        # Whoever was to write it has died: it is written here.
        assert told is not None
        return bytes(ColumnWriter(showing).lines(Receiver(protocols).received(told)))


_receiver: Receiver
_writer: ColumnWriter


def _begin(options: Options, showing: Showing) -> None:
    """What a process needs; an interrupt is said by the one that started it."""
    import signal

    global _receiver, _writer
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _receiver, _writer = Receiver(options.protocols), ColumnWriter(showing)


def _write(told: Passed) -> bytes:
    return bytes(_writer.lines(_receiver.received(told)))
