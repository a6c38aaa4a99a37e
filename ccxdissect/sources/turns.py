"""What is made of many things by several processes that take turns, in the order of the things."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TypeVar

from ccxdissect.columns.desk import Desk, can_be_shared

Task = TypeVar("Task")
Made = bytes | memoryview

#: What each process may have made and not yet seen used.
_DESKS = 3


def in_turns(tasks: Sequence[Task], make: Callable[[Task], Made], processes: int) -> Iterator[Made]:
    """What is made of each task, by so many processes, this one among them; by this one alone where no others can be begun.

    What is given has to be used before the next is asked for. What a process that dies leaves is made here.
    """
    others: list[_Other | None] = [None]
    try:
        for place in range(1, min(processes, len(tasks)) if can_be_shared() else 1):
            known = [other for other in others if other is not None]
            others.append(_begun(tasks[place::processes], make, known))
        for task, other in zip(tasks, cycle(others)):
            made = None if other is None else other.next_one()
            yield make(task) if made is None else made
            if other is not None:
                other.go_on()
    finally:
        for other in others:
            if other is not None:
                other.end()


@dataclass
class _Other:
    """Another process."""

    process: BaseProcess
    line: Connection
    desks: list[Desk]
    count: int = 0
    alive: bool = True

    def next_one(self) -> memoryview | None:
        """What it has made next; None where that has to be made here."""
        desk = self.desks[self.count % len(self.desks)]
        self.count += 1
        try:
            where = self.line.recv() if self.alive else None
        except (EOFError, OSError):
            self.alive, where = False, None
        return None if where is None else desk.made(where)

    def go_on(self) -> None:
        """Say that what it made last was used."""
        try:
            self.line.send(True)
        except OSError:
            # It is done, or has died.
            pass

    def end(self) -> None:
        """Let it end."""
        self.line.close()
        self.process.terminate()
        self.process.join()


def _begun(tasks: Sequence[Task], make: Callable[[Task], Made], others: list[_Other]) -> _Other | None:
    """Another process at work; None when this machine lets us have no more."""
    context = multiprocessing.get_context("fork")
    try:
        desks = [Desk() for _ in range(_DESKS)]
        here, there = context.Pipe()
        not_its_own = [here, *(other.line for other in others)]
        process = context.Process(target=_make, args=(there, not_its_own, desks, tasks, make), daemon=True)
        process.start()
    except OSError:
        return None
    there.close()
    return _Other(process, here, desks)


def _make(
    line: Connection,
    not_its_own: list[Connection],
    desks: list[Desk],
    tasks: Sequence[Task],
    make: Callable[[Task], Made],
) -> None:
    """Make what there is to make; an interrupt is said by the process that began this one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # What was there before stays: looking through it for garbage would only copy it.
    gc.freeze()
    for one in not_its_own:
        one.close()
    try:
        for number, task in enumerate(tasks):
            if number >= len(desks):
                line.recv()
            line.send(desks[number % len(desks)].put(make(task)))
    except (EOFError, OSError):
        return
