"""Lines of JSON by several processes: one reads a capture chunk by chunk, and the batches of it go round among all.

The reader holds all state of the streams, so nothing has to be waited for but a batch, and it writes lines itself whenever
the others have enough to do. A batch, and the lines made of it, lie in memory that both processes see: handing them through a
pipe took more than the lines themselves. Lines come out in the order of the batches, the very ones of one process.
"""

from __future__ import annotations

import gc
import multiprocessing
import select
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan
from ccxdissect.columns.desk import Desk
from ccxdissect.columns.passing import Receiver, passed
from ccxdissect.protocol.model import Protocol
from ccxdissect.views.column_lines import ColumnWriter
from ccxdissect.views.messages import MessageWriter, Showing

#: Batches that lie before each of the other processes: the one that it works on, those that wait, those that are made and
#: wait for their turn.
_DESKS = 4
#: Lines that this process has made and that wait for their turn, at most.
_MOST_OWN = 4


def shared_lines(
    batches: Iterable[Batch], protocols: Sequence[Protocol], showing: Showing, processes: int
) -> Iterator[bytes | memoryview]:
    """The lines of batches, each with its end, written by so many processes; this one is one of them.

    What is given has to be used before the next is asked for.
    """
    own = ColumnWriter(showing)
    ring = _Ring(protocols, own, showing, processes - 1)
    try:
        for batch in batches:
            if not len(batch):
                continue
            if not ring.begun:
                # Declarations are read by now. What writers learn by the first lines each has to learn by itself: at once.
                ring.begin(batch.plans)
            if not ring.hands_out(batch):
                ring.keep(own.lines(batch))
            yield from ring.done()
        yield from ring.rest()
    finally:
        ring.close()


@dataclass(eq=False)
class _Helper:
    """Another process, and the desks at which it works."""

    process: BaseProcess
    line: Connection
    desks: list[Desk]
    #: Those of them that are free; those at which it has work, in its order.
    free: list[int]
    busy: deque[_Work]
    #: Asked for each batch: `Connection.poll` would make one each time.
    ear: select.poll
    alive: bool = True

    def speaks(self) -> bool:
        """Whether there is something to hear."""
        return bool(self.ear.poll(0))

    def listen(self) -> None:
        """Hear what has been done, without waiting for more than the next."""
        work = self.busy.popleft()
        try:
            work.lines, work.done = self.line.recv(), True
        except (EOFError, OSError):
            self.busy.appendleft(work)
            self.lose()

    def lose(self) -> None:
        """It has died: nothing more is done by it."""
        self.alive = False
        for work in self.busy:
            work.done = True
        self.busy.clear()


@dataclass(eq=False)
class _Work:
    """A batch that lies on a desk. `lines`: where those made of it lie; None when they have to be made here."""

    helper: _Helper
    desk: int
    parts: list[slice]
    done: bool = False
    lines: slice | None = None


class _Ring:
    """The other processes, and what waits for its turn."""

    def __init__(self, protocols: Sequence[Protocol], own: ColumnWriter, showing: Showing, others: int) -> None:
        self._protocols, self._own, self._showing, self._others = protocols, own, showing, others
        self._odd = MessageWriter(showing)
        self._helpers: list[_Helper] = []
        self._waiting: deque[_Work | bytes | memoryview] = deque()
        self._kept = 0
        self.begun = False

    def begin(self, plans: Sequence[Plan]) -> None:
        """Begin the other processes, as many as this machine lets us."""
        self.begun = True
        context = multiprocessing.get_context("fork")
        for _ in range(self._others):
            try:
                desks = [Desk() for _ in range(_DESKS)]
                here, there = context.Pipe()
                not_its_own = [here, *(helper.line for helper in self._helpers)]
                given = (there, not_its_own, desks, self._protocols, plans, self._own)
                process = context.Process(target=_help, args=given, daemon=True)
                process.start()
            except OSError:
                return
            there.close()
            ear = select.poll()
            ear.register(here, select.POLLIN)
            self._helpers.append(_Helper(process, here, desks, list(range(_DESKS)), deque(), ear))

    def hands_out(self, batch: Batch) -> bool:
        """Hand a batch to another process, if one has a desk free; False if not."""
        for helper in self._helpers:
            while helper.busy and helper.speaks():
                helper.listen()
        free = [helper for helper in self._helpers if helper.alive and helper.free]
        if not free or len(batch.odd) == len(batch):
            return False
        helper = min(free, key=lambda one: len(one.busy))
        told = passed(batch, self._protocols, {place: self._odd.line(one) for place, one in batch.odd.items()})
        desk = helper.free[-1]
        parts = helper.desks[desk].lay(told)
        if parts is None:
            return False
        helper.free.pop()
        work = _Work(helper, desk, parts)
        helper.busy.append(work)
        self._waiting.append(work)
        try:
            helper.line.send((desk, parts))
        except OSError:
            helper.lose()
        return True

    def keep(self, lines: bytes | memoryview) -> None:
        """Take lines that were made here."""
        self._waiting.append(lines)
        self._kept += 1

    def done(self) -> Iterator[bytes | memoryview]:
        """The lines whose turn it is by now."""
        while self._waiting:
            first = self._waiting[0]
            if isinstance(first, _Work):
                helper = first.helper
                while not first.done and (self._kept > _MOST_OWN or helper.speaks()):
                    helper.listen()
                if not first.done:
                    return
            yield self._first()
            self._free(first)

    def rest(self) -> Iterator[bytes | memoryview]:
        """The lines that are still to come."""
        while self._waiting:
            first = self._waiting[0]
            while isinstance(first, _Work) and not first.done:
                first.helper.listen()
            yield self._first()
            self._free(first)

    def _first(self) -> bytes | memoryview:
        first = self._waiting.popleft()
        if not isinstance(first, _Work):
            self._kept -= 1
            return first
        desk = first.helper.desks[first.desk]
        if first.lines is not None:
            return desk.made(first.lines)
        # There was no room for them, or whoever was to write them has died.
        return self._own.lines(Receiver(self._protocols).received(desk.taken(first.parts)))

    @staticmethod
    def _free(work: _Work | bytes | memoryview) -> None:
        if isinstance(work, _Work):
            work.helper.free.append(work.desk)

    def close(self) -> None:
        """End the other processes."""
        for helper in self._helpers:
            helper.line.close()
            helper.process.terminate()
        for helper in self._helpers:
            helper.process.join()


def _help(
    line: Connection,
    not_its_own: list[Connection],
    desks: list[Desk],
    protocols: Sequence[Protocol],
    plans: Sequence[Plan],
    writer: ColumnWriter,
) -> None:
    """Write the lines of batches; an interrupt is said by the process that began this one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # What was there before stays: looking through it for garbage would only copy it.
    gc.freeze()
    for one in not_its_own:
        one.close()
    receiver = Receiver(protocols)
    receiver.know(plans)
    while True:
        try:
            desk, parts = line.recv()
            line.send(desks[desk].put(writer.lines(receiver.received(desks[desk].taken(parts)))))
        except (EOFError, OSError):
            return
