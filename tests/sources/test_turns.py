"""Several processes take turns: what comes out is in order, and whole, whatever becomes of them."""

from __future__ import annotations

import os
from multiprocessing import active_children

import pytest

from ccxdissect.columns.desk import Desk
from ccxdissect.sources import turns

HERE = os.getpid()


def made(task: int) -> bytes:
    return b"%d by all\n" % task * (task % 7)


def whole(tasks: list[int], processes: int) -> list[bytes]:
    return [bytes(one) for one in turns.in_turns(tasks, made, processes)]


@pytest.mark.parametrize("processes", [1, 2, 3, 9])
@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_in_order(count: int, processes: int) -> None:
    tasks = list(range(count))
    assert whole(tasks, processes) == [made(task) for task in tasks]


def test_others_do_make_some() -> None:
    by = [bytes(one) for one in turns.in_turns(range(12), lambda task: b"%d" % os.getpid(), 3)]
    assert len(set(by)) == 3 and by[:3] * 4 == by and int(by[0]) == HERE


def test_one_that_dies_leaves_nothing_out() -> None:
    def make(task: int) -> bytes:
        if task >= 8 and os.getpid() != HERE:
            os._exit(1)
        return made(task)

    assert [bytes(one) for one in turns.in_turns(range(30), make, 3)] == [made(task) for task in range(30)]


def test_what_has_no_room_is_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "Desk", lambda: Desk(20))
    assert whole(list(range(20)), 3) == [made(task) for task in range(20)]


def test_no_other_process_can_be_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> Desk:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(turns, "Desk", refused)
    assert whole(list(range(9)), 3) == [made(task) for task in range(9)]
    monkeypatch.setattr(turns, "can_be_shared", lambda: False)
    assert whole(list(range(9)), 3) == [made(task) for task in range(9)]


def test_whoever_has_seen_enough_leaves_no_process_behind() -> None:
    # Other tests of this process may have begun some that live on.
    before = set(active_children())
    given = turns.in_turns(range(100), made, 3)
    assert bytes(next(given)) == made(0)
    assert len(set(active_children()) - before) == 2
    given.close()
    assert set(active_children()) == before
