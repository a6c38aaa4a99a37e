"""Segments that come before what they answer.

A capture that is written by several queues, or copied from several ports, may have a packet before the one that it acknowledges.
Such a segment is set aside for a moment, so that a reply stands behind its request.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from ccxdissect.capture.segment import Segment
from ccxdissect.stream.connection import Connection, Flow
from ccxdissect.stream.reassembly import ACK, RST, SYN, distance

#: How long (ns), and how many of a connection, and of all.
WAIT = 10_000_000
MOST, MOST_OF_ALL = 16, 1024
#: A time that never comes.
NEVER = 1 << 100


class Early(NamedTuple):
    """A segment, before it is taken into its stream. `noted`: the time (ns) for noting it; `copied`: it came right behind another
    one of its direction; `twin`: at the very same time."""

    flow: Flow
    segment: Segment
    noted: int
    copied: bool
    twin: bool

    @property
    def may_come(self) -> bool:
        """Whether everything that it acknowledges is there by now."""
        peer = self.flow.peer
        ahead = distance(self.segment.ack, peer.expected)
        return ahead <= (peer.fin is not None and peer.fin == peer.position)


class Ahead:
    """Those of all connections."""

    def __init__(self) -> None:
        self._early: OrderedDict[Connection, list[Early]] = OrderedDict()
        self._count = 0

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._early

    def __bool__(self) -> bool:
        return bool(self._early)

    @property
    def first(self) -> Connection:
        """The connection that has waited longest."""
        return next(iter(self._early))

    @property
    def due(self) -> int:
        """When that has waited for long enough (ns)."""
        return NEVER if not self._early else self._early[self.first][0].segment.time + WAIT

    def takes(self, one: Early) -> bool:
        """Set a segment aside, if it acknowledges bytes of the other side that may still come. What it acknowledges has been noted."""
        flow, segment = one[:2]
        peer = flow.peer
        if not segment.payload or segment.flags & (SYN | RST | ACK) != ACK or peer is flow:
            return False
        if flow.base is None or flow.connection.ended:
            # The first of a direction tells where that begins, and has no place before. Behind the end nothing is waited for.
            return False
        if not peer.seen or peer.waiting or peer.cut is not None or flow.connection.excerpt:
            # Bytes that were left out of an excerpt will not come.
            return False
        acked = peer.position + distance(segment.ack, peer.expected)
        if not peer.position < acked <= (peer.acked or 0):
            # Nothing is lacking, or that number is not believed.
            return False
        since = peer.mark_time
        if since is not None and peer.mark > peer.position and segment.time - since >= WAIT:
            # It was waited for already.
            return False
        if self._count >= MOST_OF_ALL:
            return False
        self._early.setdefault(flow.connection, []).append(one)
        self._count += 1
        return True

    def has_waited(self, connection: Connection, time: int) -> bool:
        """Whether a connection's segments have waited for long enough."""
        early = self._early[connection]
        return len(early) > MOST or abs(time - early[0].segment.time) >= WAIT

    def next_one(self, connection: Connection, whatever: bool) -> Early | None:
        """The next segment of a connection whose turn it is, or (`whatever`) just the next; None if there is none."""
        early = self._early.get(connection, [])
        for place, one in enumerate(early):
            if whatever or one.may_come:
                del early[place]
                self._count -= 1
                if not early:
                    del self._early[connection]
                return one
        return None
