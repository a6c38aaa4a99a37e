"""Segments that pass by the table of connections, and its list of recent ones: they are put there when somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat
from typing import Any

import numpy as np

from ccxdissect.capture.segment import Segment
from ccxdissect.columns.headers import Segments
from ccxdissect.stream.connections import Connections, Flow
from ccxdissect.stream.reassembly import RECENT_SEGMENTS


class Remembered:
    """The recent segments of a chunk, from `first` on."""

    def __init__(self, connections: Connections, segments: Segments, first: int) -> None:
        self._connections = connections
        self._segments = segments
        self._first = first
        #: What stands in the list for a segment that passed by, until somebody looks there.
        self.instead: Any = (object(), 0, b"")
        payload = segments.size[first:] > 0
        #: By place in the chunk: how many segments with payload are before it.
        self._before = np.zeros(len(payload) + 1, np.int64)
        np.cumsum(payload, out=self._before[1:])
        #: How many of those were fed, or are in the list.
        self._seen = 0

    def recall(self, place: int) -> None:
        """Put something into the list for those before `place` that passed by."""
        passed = int(self._before[place]) - self._seen
        if passed:
            self._connections.recent.extend(repeat(self.instead, min(passed, RECENT_SEGMENTS)))
            self._seen += passed

    def fed(self, segment: Segment) -> None:
        """A segment is fed to the table, which puts it into the list."""
        self._seen += bool(segment.payload)

    def remembering(
        self, flow: np.ndarray, offset: np.ndarray, index: np.ndarray, flows: list[Flow | None]
    ) -> Callable[[], None]:
        """What puts segments that passed by into their places in the list. `index`: their places in the chunk, in the order of
        capture; `flow`: the number of the direction of each; `offset`: where its payload lies in that one's stream."""
        begin = self._segments.place[index + self._first]
        columns = flow, offset, begin, begin + self._segments.size[index + self._first]
        recent, instead = self._connections.recent, self.instead
        data = self._segments.data

        def put() -> None:
            kept = list(recent)
            places = [place for place, entry in enumerate(kept) if entry is instead]
            if not places:
                return
            tail = slice(-len(places), None)
            for place, number, position, start, stop in zip(
                places, *(column[tail].tolist() for column in columns), strict=True
            ):
                kept[place] = (flows[number], position, data[start:stop])
            recent.clear()
            recent.extend(kept)

        return put
