"""Connections that have been plain ever since their SYNs, kept by columns: what is counted of them takes a row each.

The table of connections (`stream.connections`) has them like all others, in the same order; only, what stands in these objects
is not put there before somebody asks for it. From then on they are as any other.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

from ccxdissect.columns.by_pair import mixture
from ccxdissect.columns.headers import Addresses
from ccxdissect.stream.connection import CLIENT, SERVER, Connection, Flow, Key
from ccxdissect.stream.connections import Connections
from ccxdissect.stream.events import Determined
from ccxdissect.stream.reassembly import MASK

#: How many rows there is room for at first.
_ROOM = 1024


class Of(IntEnum):
    """What a row holds. Of what there is for both directions, the server's comes right behind the client's."""

    #: The next sequence number, -1 once the connection has ended; what was acknowledged last; how many bytes were given out;
    #: when the first packet was captured, and when the last.
    NEXT = 0
    ACKNOWLEDGED = 2
    POSITION = 4
    FIRST_HEARD = 6
    HEARD = 8
    #: Of what each FIN says: the acknowledgement, the frame and the time; the first one's before the other one's.
    CLOSE_ACK = 10
    CLOSE_FRAME = 12
    CLOSE_TIME = 14
    END = 16
    LAST_FRAME = 17
    #: The side of the lower endpoint.
    LOW = 18
    #: The side that closes first, -1 while none does.
    CLOSER = 19
    #: The lower endpoint and the higher one, as numbers.
    LOW_END = 20
    HIGH_END = 21


_FIELDS = 22
_FLOW_NAMES = frozenset(name for kind in Flow.__mro__[:-1] for name in kind.__dict__.get("__slots__", ()))


class Lasting:
    """The rows of a table of connections."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._limits, self._recent = connections.limits, connections.recent
        self.rows = np.zeros((_ROOM, _FIELDS), np.int64)
        #: The directions by row, the client's first.
        self.flows: list[Flow | None] = []
        #: Mixtures of endpoints in their order, and the row of each.
        self._mixed, self._found = np.zeros(0, np.uint64), np.zeros(0, np.int64)
        #: Rows that nothing stands in any more; and those that are to be found no longer, and can be so far.
        self._left: list[int] = []
        self._gone: list[int] = []
        #: How many connections are to be found here.
        self._count = 0
        self._addresses: Addresses | None = None

    @staticmethod
    def of(connections: Connections) -> Lasting:
        """Those of a table of connections."""
        if connections.lasting is None:
            connections.lasting = Lasting(connections)
        lasting: Lasting = connections.lasting
        return lasting

    def find(self, addresses: Addresses, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """The rows of the connections between these endpoints, -1 for none."""
        if addresses is not self._addresses:
            # What numbers stand for is something else now.
            self.fill_all()
            self._addresses = addresses
        self._tidy()
        found = np.full(len(low), -1, np.int64)
        if not len(self._mixed):
            return found
        mixed = mixture(low, high)
        at = np.searchsorted(self._mixed, mixed)
        at[at == len(self._mixed)] = 0
        rows = self._found[at]
        right = (
            (self._mixed[at] == mixed) & (self.rows[rows, Of.LOW_END] == low) & (self.rows[rows, Of.HIGH_END] == high)
        )
        found[right] = rows[right]
        return found

    def both(self, rows: np.ndarray) -> tuple[list[Flow | None], list[Flow | None]]:
        """The directions from the lower end of the connections in these rows, and from the higher one; None for -1."""
        flows = self.flows
        kept = rows >= 0
        low = np.where(kept, 2 * rows + self.rows[rows, Of.LOW], -1)
        high = np.where(kept, low ^ 1, -1)
        ones, others = ([None if which < 0 else flows[which] for which in of.tolist()] for of in (low, high))
        return ones, others

    def may_keep(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Which of these pairs of endpoints, of which none is kept yet, may be: they are told apart from all others."""
        mixed = mixture(low, high)
        at = np.searchsorted(self._mixed, mixed)
        known = np.zeros(len(mixed), bool)
        inside = at < len(self._mixed)
        known[inside] = self._mixed[at[inside]] == mixed[inside]
        _, which, often = np.unique(mixed, return_inverse=True, return_counts=True)
        return ~known & (often[which] == 1)

    def _tidy(self) -> None:
        """Find no longer what is gone."""
        if self._gone:
            stays = np.ones(len(self.rows), bool)
            stays[self._gone] = False
            some = stays[self._found]
            self._mixed, self._found = self._mixed[some], self._found[some]
            self._gone.clear()

    def _take(self, count: int) -> np.ndarray:
        """So many rows that nothing stands in."""
        self._tidy()
        again = max(len(self._left) - count, 0)
        taken = self._left[again:]
        del self._left[again:]
        used = len(self.flows) // 2
        more = count - len(taken)
        while used + more > len(self.rows):
            self.rows = np.concatenate([self.rows, np.zeros_like(self.rows)])
        self.flows += [None] * (2 * more)
        return np.array([*taken, *range(used, used + more)], np.int64)

    def open(
        self, low: np.ndarray, high: np.ndarray, client_is_low: np.ndarray, syns: tuple[np.ndarray, ...]
    ) -> np.ndarray:
        """Put down connections that begin between these endpoints: of each which end is the client, and the sequence number and
        the time of its SYN, then sequence number, acknowledgement, frame and time of the answer. Gives their rows."""
        isn, time, answer, ack, last_frame, end = syns
        rows = self._take(len(low))
        fresh = np.zeros((len(rows), _FIELDS), np.int64)
        fresh[:, Of.NEXT], fresh[:, Of.NEXT + SERVER] = (isn + 1) & MASK, (answer + 1) & MASK
        fresh[:, Of.ACKNOWLEDGED], fresh[:, Of.ACKNOWLEDGED + SERVER] = -1, ack
        for field in (Of.FIRST_HEARD, Of.HEARD):
            fresh[:, field], fresh[:, field + SERVER] = time, end
        fresh[:, Of.END], fresh[:, Of.LAST_FRAME] = end, last_frame
        fresh[:, Of.LOW] = np.where(client_is_low, CLIENT, SERVER)
        fresh[:, Of.CLOSER] = -1
        fresh[:, Of.LOW_END], fresh[:, Of.HIGH_END] = low, high
        self.rows[rows] = fresh
        self._count += len(rows)
        mixed = mixture(low, high)
        order = np.argsort(mixed)
        at = np.searchsorted(self._mixed, mixed[order])
        self._mixed, self._found = np.insert(self._mixed, at, mixed[order]), np.insert(self._found, at, rows[order])
        return rows

    def close(
        self, rows: np.ndarray, ways: np.ndarray, first: tuple[np.ndarray, ...], last: tuple[np.ndarray, ...]
    ) -> None:
        """Put down the FINs of both sides, which end connections: which end closes first (0: the lower one), and the
        acknowledgement, the frame and the time of either FIN."""
        table = self.rows
        closer = table[rows, Of.LOW] ^ ways
        table[rows, Of.CLOSER] = closer
        for which, side, (ack, frame, time) in ((0, closer, first), (1, 1 - closer, last)):
            table[rows, Of.CLOSE_ACK + which] = table[rows, Of.ACKNOWLEDGED + side] = ack
            table[rows, Of.CLOSE_FRAME + which] = frame
            table[rows, Of.CLOSE_TIME + which] = table[rows, Of.HEARD + side] = time
            table[rows, Of.NEXT + side] = -1
        table[rows, Of.LAST_FRAME], table[rows, Of.END] = last[1], last[2]

    def begin(self, row: int, key: Key, isns: tuple[int, int], frame: int, time: int) -> Flow:
        """Enter a connection that was put down into the table. `key`: the client's direction, which is given; `isns`: of this one
        and of the other."""
        flow, peer = _made(LastingFlow), _made(LastingFlow)
        connection = _made(LastingConnection)
        number = connection.number = self._connections.count_in(connection)
        flow.connection = peer.connection = connection
        flow.peer, peer.peer = peer, flow
        above = key[:2] > key[2:]
        flow.number, peer.number = 2 * number + above, 2 * number + (not above)
        flow.key = key
        flow.isn, peer.isn = isns
        flow.side, peer.side = CLIENT, SERVER
        flow.row = peer.row = row
        flow.tally = peer.tally = None
        connection.flows, connection.lasting = (flow, peer), self
        connection.determined = Determined.HANDSHAKE
        connection.start, connection.first_frame = time, frame
        connection.ended_by = connection.ended_side = connection.ended_frame = connection.ended_time = None
        connection.ended = connection.excerpt = False
        connection.previous = connection.state = None
        connection.notes = ()
        self.flows[2 * row] = flow
        self.flows[2 * row + 1] = peer
        return flow

    def fill_all(self) -> None:
        """Keep nothing in rows any longer that a segment may belong to."""
        if self._count:
            for flow in self.flows[::2]:
                if flow is not None:
                    self.fill(flow.connection)

    def fill(self, connection: Connection) -> None:
        """Put what the row of a connection says into the objects."""
        row = connection.flows[CLIENT].row
        if row < 0:
            raise AttributeError(f"nothing is kept of {connection!r} any more")
        values: list[int] = self.rows[row].tolist()
        for side, flow in enumerate(connection.flows):
            isn, tally = flow.isn, flow.tally
            assert isn is not None
            key = flow.key
            flow.__class__ = Flow
            flow.__init__(key, side, self._limits, self._recent)  # type: ignore[misc]
            flow.tally = tally
            flow.begin(isn)
            flow.syns = 1
            flow.last_ack = values[Of.ACKNOWLEDGED + side]
            flow.first_heard, flow.heard = values[Of.FIRST_HEARD + side], values[Of.HEARD + side]
            if values[Of.POSITION + side]:
                flow.pass_by(values[Of.POSITION + side])
        if type(connection) is LastingConnection:
            connection.settle(values[Of.LAST_FRAME], values[Of.END])
        if values[Of.CLOSER] >= 0:
            Connections.finish_both(
                connection.flows[values[Of.CLOSER]],
                *((values[Of.CLOSE_ACK + which], values[Of.CLOSE_TIME + which]) for which in (0, 1)),
            )
        if self.flows[2 * row] is not None:
            self.forget(row)
            self._connections.find_by_ends(*connection.flows)
        self._left.append(row)

    def leave(self, connection: Connection) -> None:
        """Nothing will be asked about a connection any more."""
        one, other = connection.flows
        if self.flows[2 * one.row] is not None:
            self.forget(one.row)
        self._left.append(one.row)
        one.row = other.row = -1

    def forget(self, row: int) -> None:
        """No segment belongs to the connection in a row from now on."""
        self.flows[2 * row] = self.flows[2 * row + 1] = None
        self._gone.append(row)
        self._count -= 1


class LastingFlow(Flow):
    """A direction of which nothing more is in the object than what stays the same."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        # Asked for what is not there: it is put there, and the object is as any other.
        if name not in _FLOW_NAMES:
            raise AttributeError(name)
        if name == "key" and self.side == SERVER:
            key = self.peer.key
            self.key = key[2:] + key[:2]
            return self.key
        self.connection.lasting.fill(self.connection)
        return getattr(self, name)

    @property
    def plainly(self) -> tuple[int, int, int] | None:  # type: ignore[override]
        """Of a direction of which nothing came but plain bytes from its SYN on: how many, and when the last and the first packet
        was captured."""
        if self.row < 0:
            return None
        values = self.connection.lasting.rows[self.row, self.side : Of.CLOSE_ACK : 2].tolist()
        return values[2], values[4], values[3]


class LastingConnection(Connection):
    """A connection that has not ended, and of which the last packet so far is known by its row alone."""

    __slots__ = ()

    @property
    def end(self) -> int:  # type: ignore[override]
        """The time of the last packet."""
        return int(self.lasting.rows[self.flows[0].row, Of.END])

    @property
    def last_frame(self) -> int:  # type: ignore[override]
        """The frame number of the last packet."""
        return int(self.lasting.rows[self.flows[0].row, Of.LAST_FRAME])

    def settle(self, last_frame: int, end: int) -> None:
        """Put the last packet down here: it is a connection as any other, but for its directions."""
        connection: Connection = self
        connection.__class__ = Connection
        connection.last_frame, connection.end = last_frame, end


_made = object.__new__
