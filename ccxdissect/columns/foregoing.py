"""What came before a segment in its chunk, and whether it has to be seen, or remembered, before the table of connections
(`stream.connections`) may be fed the segment."""

from __future__ import annotations

import numpy as np

from ccxdissect.capture.segment import ACK, FIN, RST, SYN, Segment
from ccxdissect.columns.by_pair import ByPair
from ccxdissect.columns.handshakes import UNUSUAL, Kind
from ccxdissect.columns.headers import Segments
from ccxdissect.columns.plain import Known, Lives
from ccxdissect.columns.runs import Pair, Runs
from ccxdissect.columns.times import Times
from ccxdissect.stream.connections import Connection, Connections, Delivery, Event, Flow
from ccxdissect.stream.events import Determined
from ccxdissect.stream.ownership import same_way
from ccxdissect.stream.reassembly import distance

_ENDING = RST | ACK
#: A repeated segment is looked for among so many before it; further back, all that is recent is looked at.
_LOOKED_BACK = 64


class Foregoing:
    """What was told of the connections of a chunk so far, beside what passed by (`runs`)."""

    def __init__(self, connections: Connections, segments: Segments, by_pair: ByPair, runs: Runs) -> None:
        self._connections = connections
        self._segments = segments
        self._first = by_pair.first
        self._by_pair = by_pair
        self._runs = runs
        self._ended: set[Connection] = set()

    def note(self, event: Event) -> None:
        """The table told this of a connection."""
        self._runs.touched.add(event.connection)
        if not isinstance(event, Delivery):
            self._ended.add(event.connection)

    def forgets(self, lives: Lives, times: Times) -> bool:
        """Whether a connection that ends in this chunk may be forgotten in it before the last of its packets comes."""
        linger = self._connections.linger
        if times.last - int(times.column.min()) < linger:
            return False
        late = np.flatnonzero(lives.kind == Kind.IS_LATE)
        ends = np.maximum.accumulate(np.where(lives.kind == Kind.ENDS, np.arange(len(lives.kind)), 0))[late]
        at, over = (self._by_pair.order[lives.closing[which]] for which in (late, ends))
        passed = np.maximum.accumulate(times.column)[at].astype(object)
        return bool((passed - times.column[over].astype(object) >= linger).any())

    def may_wait(self, known: Known, lives: Lives, waiting: np.ndarray) -> bool:
        """Whether a segment of the `waiting` pairs, which have to be fed, might have to wait until what came before it in the chunk
        has been seen. That of a pair with no more than one does not, where nothing else of its connection is told here; nor does
        one that comes behind a FIN and is no more than an acknowledgement."""
        by_pair = self._by_pair
        numbers = np.flatnonzero(waiting)
        where = lives.rest[numbers]
        syn = (by_pair.columns.flags[where] & SYN != 0) & (where > by_pair.starts[numbers])
        many = by_pair.stops[numbers] - where
        if (many > 2).any() or syn.any() or waiting[lives.ending].any():
            return True
        for number, place, more in zip(numbers.tolist(), where.tolist(), (many > 1).tolist(), strict=True):
            flow = self._connections.flow(known.keys[number])
            if flow is None:
                if more:
                    return True
                continue
            if flow.peer is flow or self._connections.may_tell(flow.connection):
                return True
            if more and not self._only_acknowledges(flow, place):
                return True
        return False

    def _only_acknowledges(self, low: Flow, place: int) -> bool:
        """Whether the segment behind the one at `place`, which is a FIN at most, does no more than acknowledge, whatever that one
        does to its connection. `low`: the direction from the lower end."""
        way, seq, _, size, flags, plain = self._by_pair.columns
        both = slice(place, place + 2)
        one, other = (flags[both] & UNUSUAL).tolist()
        if not plain[both].all() or size[both].any() or one & ~FIN != ACK or other != ACK:
            return False
        if low.connection.ended or not (low.seen and low.peer.seen):
            return False
        flow = low.peer if way[place + 1] else low
        return distance(int(seq[place + 1]), flow.expected) != -1

    def has_to_wait(self, segment: Segment, flow: Flow | None, roomy: bool) -> bool:
        """Whether a segment changes what is to be told of a connection by what came before it in this chunk. `flow`: that
        it belongs to now; `roomy`: whether there is room for all that may begin in the chunk."""
        if not roomy and not self._connections.has_room(1, 0):
            # It may begin a connection, for which another one would have to go.
            return True
        flags, size = segment.flags, len(segment.payload)
        if flow is None:
            return False
        connection = flow.connection
        if (
            flags & SYN
            and connection in self._runs.touched
            and (flow.isn is None or connection.determined is not Determined.HANDSHAKE)
        ):
            return True
        late = connection in self._ended or connection.previous in self._ended
        if not late or size or flags & ~_ENDING & UNUSUAL:
            return late
        # Whether the other side is still there is asked for by the number right before the next one.
        earlier = same_way(connection.previous, flow)
        return any(one is not None and distance(segment.seq, one.expected) == -1 for one in (flow, earlier))

    def repeats_doubtfully(self, segment: Segment, flow: Flow | None, pair: Pair, where: int) -> bool:
        """Whether a segment repeats bytes of one that passed by, and may differ from it."""
        if flow is None or flow.base is None:
            return False
        behind = distance(segment.seq, flow.expected)
        if behind >= 0:
            return False
        if flow.connection.previous is not None:
            return True
        start = flow.position + behind
        number = self._runs.numbers.get(flow)
        if number is None:
            return False
        self._runs.put()
        data, payload = self._segments.data, segment.payload
        for at in range(where - 1, max(pair.start, where - _LOOKED_BACK) - 1, -1):
            if not self._runs.passes[at] or self._runs.flow_of[at] != number:
                continue
            offset, size = int(self._runs.offset[at]), int(self._by_pair.size[at])
            low, high = max(offset, start), min(offset + size, start + len(payload))
            if low < high:
                place = int(self._segments.place[int(self._by_pair.order[at]) + self._first]) - offset
                if data[place + low : place + high] != payload[low - start : high - start]:
                    return True
            if size and offset <= start:
                return False
        return where - pair.start > _LOOKED_BACK
