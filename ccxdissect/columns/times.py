"""The times of the segments of a chunk, in the order of capture: the clock may have been put back between them."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property

import numpy as np


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
