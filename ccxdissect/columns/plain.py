"""What plainly comes of connections in a chunk, from the first of their segments in it to the last: told to the table of
connections (`stream.connections`) for each of them in one go, at the place where the whole table is concerned by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ccxdissect.columns.by_pair import ByPair
from ccxdissect.columns.handshakes import Kind
from ccxdissect.columns.headers import Segments
from ccxdissect.columns.runs import Runs
from ccxdissect.stream.connection import Key
from ccxdissect.stream.connections import Connections, Event, Flow


class Known(NamedTuple):
    """By pair: its endpoints, the lower one first; the direction from that one, and its number among the runs. Of a connection
    that begins in this chunk the direction is not there yet."""

    keys: list[Key]
    ones: list[Flow | None]
    places: np.ndarray


class Lives(NamedTuple):
    """What plainly comes of the pairs of a chunk: the `new` ones begin; up to `firsts` their segments pass by, and from `rest` on
    they have to be fed. `closing`: where segments stand between these two, `ending`: the pair of each, `kind`: what it does."""

    new: np.ndarray
    firsts: np.ndarray
    rest: np.ndarray
    ending: np.ndarray
    closing: np.ndarray
    kind: np.ndarray


class Plain:
    """The `chosen` pairs, all of whose segments are what plainly comes of them. `places`: where in the chunk each of those begins
    that do, and then where each of those has ended that come to it: these are the steps to be told in the order of capture."""

    def __init__(
        self,
        connections: Connections,
        runs: Runs,
        by_pair: ByPair,
        segments: Segments,
        known: Known,
        lives: Lives,
        chosen: np.ndarray,
    ) -> None:
        self._connections = connections
        self._runs = runs
        self._known = known
        order, seq = by_pair.order, by_pair.seq
        frame, time = segments.frame[by_pair.first :], segments.time[by_pair.first :]
        new = lives.new[chosen[lives.new]]
        opens = by_pair.starts[new]
        first, second = order[opens], order[opens + 1]
        #: Of each that begins: its pair and the number of its first direction, and what its SYN and the answer to that say.
        self._opening = list(
            zip(
                new.tolist(), known.places[new].tolist(), by_pair.way[opens].tolist(), seq[opens].tolist(),
                frame[first].tolist(), time[first].tolist(),
                seq[opens + 1].tolist(), by_pair.ack[opens + 1].tolist(), frame[second].tolist(), time[second].tolist(), strict=True,
            )
        )  # fmt: skip
        # What comes of a connection that has ended already is only known to be its.
        counted = np.flatnonzero((lives.kind != Kind.IS_LATE) & chosen[lives.ending])
        of, closing, kind = lives.ending[counted], lives.closing[counted], lives.kind[counted]
        at = order[closing]
        #: Of each segment from the first FIN on: its pair, what it says, and whether it is a FIN.
        self._closes = list(
            zip(
                of.tolist(), by_pair.way[closing].tolist(), by_pair.ack[closing].tolist(), frame[at].tolist(), time[at].tolist(),
                (kind != Kind.ACKNOWLEDGES).tolist(), strict=True,
            )
        )  # fmt: skip
        begins = np.flatnonzero(of != np.r_[-1, of[:-1]])
        stops = np.r_[begins[1:], len(of)] if len(of) else begins
        over = kind[stops - 1] == Kind.ENDS
        #: Which of these are of each connection that ends, and of each that does not get to it.
        self._ended, self._ending = (
            list(zip(begins[which].tolist(), stops[which].tolist(), strict=True)) for which in (over, ~over)
        )
        rest = chosen.copy()
        rest[of] = rest[new] = False
        ends = np.zeros(len(chosen), bool)
        ends[of] = True
        #: Whether what begins goes on: what is no more than a run behind that is counted with it.
        self._goes_on: list[bool] = (~ends[new]).tolist()
        #: The pairs with nothing but a run, that were there before.
        self._rest: list[int] = np.flatnonzero(rest).tolist()
        self.places: list[int] = np.r_[first, at[stops[over] - 1]].tolist()

    def tell(self, step: int) -> Sequence[tuple[int, Event]]:
        """Tell the table of a connection that begins, or has ended: what that gives, with its time."""
        opening = self._opening
        if step >= len(opening):
            return self._end(*self._ended[step - len(opening)])
        number, where, way, isn, frame, time, *answer = opening[step]
        key = self._known.keys[number]
        back = key[2:] + key[:2]
        flow = self._connections.begin(*((back, key) if way else (key, back)), isn, frame, time)
        self._connections.answer(flow.peer, *answer)
        one = self._known.ones[number] = flow.peer if way else flow
        self._runs.flows[where], self._runs.flows[where + 1] = one, one.peer
        if self._goes_on[step]:
            self._runs.pass_first(number, one, one.peer)
        return ()

    def tell_rest(self) -> None:
        """Tell the table of what concerns no more than the connections themselves, when all steps were told."""
        for begin, stop in self._ending:
            self._end(begin, stop)
        pass_first, ones = self._runs.pass_first, self._known.ones
        for number in self._rest:
            one = ones[number]
            assert one is not None
            pass_first(number, one, one.peer)

    def _end(self, begin: int, stop: int) -> Sequence[tuple[int, Event]]:
        """Count the run of a connection, and tell the table what closes it."""
        closes = self._closes[begin:stop]
        number = closes[0][0]
        one = self._known.ones[number]
        assert one is not None
        self._runs.pass_first(number, one, one.peer)
        if len(closes) == 2 and closes[1][-1]:
            # As nearly always: each side sends its FIN.
            flow = one.peer if closes[0][1] else one
            return ((closes[1][4], self._connections.close_both(flow, [close[2:5] for close in closes])),)
        found: list[tuple[int, Event]] = []
        for _, way, ack, frame, time, finishes in closes:
            events = self._connections.close(one.peer if way else one, ack, frame, time, finishes)
            if events:
                found += [(time, event) for event in events]
        return found
