"""What plainly comes of connections in a chunk, from the first of their segments in it to the last: told to the table of
connections (`stream.connections`) for each of them in one go, at the place where the whole table is concerned by it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ccxdissect.columns.by_pair import ByPair
from ccxdissect.columns.handshakes import Kind
from ccxdissect.columns.headers import Segments
from ccxdissect.columns.lasting import Lasting, LastingConnection
from ccxdissect.columns.runs import Runs
from ccxdissect.stream.connection import Key
from ccxdissect.stream.connections import Connections, Event, Flow

#: Later than any packet.
NEVER = 1 << 100


class Known(NamedTuple):
    """By pair: its endpoints, the lower one first, but of those kept in rows; the direction from that one, and its number among the
    runs; the row that its connection is kept in, -1 for none. Of a connection that begins in this chunk the direction is not there
    yet."""

    keys: dict[int, Key]
    ones: list[Flow | None]
    places: np.ndarray
    rows: np.ndarray

    def fill(self, lasting: Lasting, chosen: np.ndarray) -> None:
        """The connections of the `chosen` pairs are kept in rows no longer."""
        for number in np.flatnonzero(chosen & (self.rows >= 0)).tolist():
            one = self.ones[number]
            assert one is not None
            lasting.fill(one.connection)
            self.rows[number] = -1
            self.keys[number] = one.key


class Lives(NamedTuple):
    """What plainly comes of the pairs of a chunk: the `new` ones begin, the `answered` ones have begun and are answered first; up to `firsts` their segments pass by, and from `rest` on
    they have to be fed. `closing`: where segments stand between these two, `ending`: the pair of each, `kind`: what it does."""

    new: np.ndarray
    answered: np.ndarray
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
        lasting: Lasting,
        runs: Runs,
        by_pair: ByPair,
        segments: Segments,
        known: Known,
        lives: Lives,
        chosen: np.ndarray,
    ) -> None:
        self._connections = connections
        self._lasting = lasting
        self._runs = runs
        self._known = known
        order, seq, ack = by_pair.order, by_pair.seq, by_pair.ack
        frame, time = segments.frame[by_pair.first :], segments.time[by_pair.first :]
        new = lives.new[chosen[lives.new]]
        opens = by_pair.starts[new]
        first, second = order[opens], order[opens + 1]
        # What comes of a connection that has ended already is only known to be its.
        counted = np.flatnonzero((lives.kind != Kind.IS_LATE) & chosen[lives.ending])
        of, closing, kind = lives.ending[counted], lives.closing[counted], lives.kind[counted]
        at = order[closing]
        begins = np.flatnonzero(of != np.r_[-1, of[:-1]])
        stops = np.r_[begins[1:], len(of)] if len(of) else begins
        over = kind[stops - 1] == Kind.ENDS
        # As nearly always: each side sends its FIN.
        both = over & (stops - begins == 2)
        kept = chosen.copy()
        kept[of[begins[~both]]] = False
        known.fill(lasting, chosen & ~kept)
        isnew = np.zeros(len(chosen), bool)
        isnew[new] = True
        kept &= isnew | (known.rows >= 0)
        #: Of each that begins: its pair and the number of its first direction, and what its SYN and the answer to that say.
        self._opening = list(
            zip(
                new.tolist(), known.places[new].tolist(), by_pair.way[opens].tolist(), seq[opens].tolist(),
                frame[first].tolist(), time[first].tolist(),
                seq[opens + 1].tolist(), ack[opens + 1].tolist(), frame[second].tolist(), time[second].tolist(), strict=True,
            )
        )  # fmt: skip
        begun = new[kept[new]]
        kept[begun] = lasting.may_keep(by_pair.low[begun], by_pair.high[begun])
        opening_places = first
        begun, opens, first, second = (column[kept[new]] for column in (new, opens, first, second))
        syns = seq[opens], time[first], seq[opens + 1], ack[opens + 1], frame[second], time[second]
        ends = by_pair.low[begun], by_pair.high[begun]
        known.rows[begun] = lasting.open(*ends, by_pair.way[opens] == 0, syns)
        numbers = np.flatnonzero(kept)
        runs.pass_rows(numbers, lasting, known.rows[numbers])
        ended = begins[both & kept[of[begins]]]
        fins = [(ack[closing[where]], frame[at[where]], time[at[where]]) for where in (ended, ended + 1)]
        lasting.close(known.rows[of[ended]], by_pair.way[closing[ended]], fins[0], fins[1])
        self._rows: list[int] = known.rows.tolist()
        #: Of each segment from the first FIN on: its pair, what it says, and whether it is a FIN.
        self._closes = list(
            zip(
                of.tolist(), by_pair.way[closing].tolist(), ack[closing].tolist(), frame[at].tolist(), time[at].tolist(),
                (kind != Kind.ACKNOWLEDGES).tolist(), strict=True,
            )
        )  # fmt: skip
        #: Which of these are of each connection that ends, and of each that does not get to it.
        self._ended, self._ending = (
            list(zip(begins[which].tolist(), stops[which].tolist(), strict=True)) for which in (over, ~over)
        )
        for number in lives.answered[chosen[lives.answered]].tolist():
            start = int(by_pair.starts[number])
            one = known.ones[number]
            assert one is not None
            place = int(order[start])
            flow = one.peer if by_pair.way[start] else one
            connections.answer(flow, int(seq[start]), int(ack[start]), int(frame[place]), int(time[place]))
        runs.single_out(np.flatnonzero(chosen & ~kept))
        rest = chosen & ~kept
        rest[of] = rest[new] = False
        to_end = np.zeros(len(chosen), bool)
        to_end[of] = True
        #: Whether what begins goes on: what is no more than a run behind that is counted with it.
        self._goes_on: list[bool] = (~to_end[new]).tolist()
        #: The pairs with nothing but a run, that were there before.
        self._rest: list[int] = np.flatnonzero(rest).tolist()
        self.places: list[int] = np.r_[opening_places, at[stops[over] - 1]].tolist()
        #: When the first of those that end does so, a time that never comes if none does.
        self.first_end = int(time[at[stops[over] - 1]].min()) if over.any() else NEVER

    def tell(self, step: int) -> Sequence[tuple[int, Event]]:
        """Tell the table of a connection that begins, or has ended: what that gives, with its time."""
        opening = self._opening
        if step >= len(opening):
            return self._end(*self._ended[step - len(opening)])
        number, where, way, isn, frame, time, *answer = opening[step]
        key, row = self._known.keys[number], self._rows[number]
        back = key[2:] + key[:2]
        if row >= 0:
            flow = self._lasting.begin(row, back if way else key, (isn, answer[0]), frame, time)
        else:
            flow = self._connections.begin(*((back, key) if way else (key, back)), isn, frame, time)
            self._connections.answer(flow.peer, *answer)
        one = self._known.ones[number] = flow.peer if way else flow
        self._runs.flows[where], self._runs.flows[where + 1] = one, one.peer
        if self._goes_on[step] and row < 0:
            self._runs.pass_first(number, one, one.peer)
        return ()

    def tell_all(self, steps: Iterable[int]) -> list[tuple[int, int, Event]]:
        """Tell the table of all that begin and end, in this order, where nothing comes between. What that gives, each with the place
        in the chunk and its time."""
        found: list[tuple[int, int, Event]] = []
        places, tell = self.places, self.tell
        for step in steps:
            told = tell(step)
            if told:
                found += [(places[step], *one) for one in told]
        return found

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
        number, way, ack, frame, time, _ = self._closes[begin]
        one = self._known.ones[number]
        assert one is not None
        flow = one.peer if way else one
        if self._rows[number] >= 0:
            *_, last_frame, end, _ = self._closes[begin + 1]
            connection = flow.connection
            assert isinstance(connection, LastingConnection)
            connection.settle(last_frame, end)
            return ((end, self._connections.over(connection, flow.side, frame, time)),)
        self._runs.pass_first(number, one, one.peer)
        if stop == begin + 2 and self._closes[begin + 1][-1]:
            closes = self._closes[begin][2:5], self._closes[begin + 1][2:5]
            return ((closes[1][2], self._connections.close_both(flow, closes)),)
        found: list[tuple[int, Event]] = []
        for _, way, ack, frame, time, finishes in self._closes[begin:stop]:
            events = self._connections.close(one.peer if way else one, ack, frame, time, finishes)
            if events:
                found += [(time, event) for event in events]
        return found
