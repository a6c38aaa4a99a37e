"""The times of the segments of a chunk, in the order of capture: the clock may have been put back between them."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property

import numpy as np

from ccxdissect.stream.pauses import PAUSE, Pauses

_MOST = np.iinfo(np.int64).max


class Times:
    """Packet times (ns) by place. `last`: the latest of all, 0 where there is none."""

    def __init__(self, column: np.ndarray) -> None:
        self.column = column
        self.last = int(column.max()) if len(column) else 0

    def first_due(self, alarm: int, place: int, last: int) -> int:
        """The first segment after `last` and before `place` at whose time something is due that is so at `alarm` (ns); else
        `place` or more."""
        if alarm > self.last:
            return place
        found = bisect_left(self._so_far, alarm)
        if found <= last:
            due = np.flatnonzero(self.column[last + 1 : place] >= alarm)
            found = last + 1 + int(due[0]) if len(due) else place
        return found

    def latest_by(self, place: int) -> int:
        """The latest time (ns) of a segment up to the one at `place`."""
        return self.last if place == len(self.column) - 1 else self._so_far[place]

    @cached_property
    def _so_far(self) -> list[int]:
        """By place, the latest time of a segment up to there."""
        return np.maximum.accumulate(self.column).tolist()


def note_pauses(pauses: Pauses, times: np.ndarray) -> None:
    """Take the times (ns) of so many segments, in the order of capture, as `Pauses.saw` would one by one."""
    if not len(times):
        return
    pauses.saw(int(times[0]))
    if not _goes_on(pauses, times):
        for time in times[1:].tolist():
            pauses.saw(time)


def _goes_on(pauses: Pauses, times: np.ndarray) -> bool:
    """Take these times where no pause is among them and the clock is put back nowhere; False, and nothing done, where one is."""
    # What packets are dated that are told one by one may be more than a column holds.
    if pauses.odd is not None or pauses.latest > _MOST or times.min() < 0:
        return False
    latest = np.maximum(np.maximum.accumulate(times), pauses.latest)
    plain = bool((latest - times <= PAUSE).all() and (np.diff(latest) <= PAUSE).all())
    if plain:
        pauses.latest = int(latest[-1])
    return plain
