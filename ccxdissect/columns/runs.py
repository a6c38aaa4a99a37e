"""Runs of segments that pass by the table of connections: counted all at once, and put into columns."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ccxdissect.columns.by_pair import ByPair
from ccxdissect.columns.handshakes import Kind
from ccxdissect.columns.headers import Segments
from ccxdissect.columns.lasting import Lasting, Of
from ccxdissect.stream.connection import Key
from ccxdissect.stream.connections import Connection, Flow
from ccxdissect.stream.reassembly import MASK

#: A run of so few segments is counted one by one.
_FEW = 24


class Pair:
    """The segments between two endpoints: where they stand in the sorted columns, and how far they were told."""

    __slots__ = ("at", "flows", "key", "new", "number", "start", "steps", "stop", "until", "version")

    def __init__(self, number: int, start: int, stop: int) -> None:
        self.number = number
        self.start = start
        self.stop = stop
        #: The run that passes by and is not counted yet: from `at` up to `until`.
        self.at = start
        self.until = start
        #: What of that run begins or ends a connection, in order: where, and what it does, as far as only this pair is
        #: concerned by it.
        self.steps: list[tuple[int, Kind]] = []
        self.version = 0
        self.flows: list[Flow] = []
        #: The endpoints, the lower one first.
        self.key: Key = (b"", 0, b"", 0)
        #: Of one that begins in this chunk: the number of its first direction.
        self.new = -1


class Runs:
    """What passes by of the segments of a chunk, from `first` on: for each sorted one the number of its direction, where its
    payload lies in that, and whether it passes by. `flows`: the directions by number, None of a connection that is to
    begin; `touched`: the connections that anything passed by of."""

    def __init__(self, by_pair: ByPair, segments: Segments, first: int) -> None:
        self._by_pair = by_pair
        self._segments = segments
        self._first = first
        self._times = segments.time[first:]
        self.flows: list[Flow | None] = []
        self.touched: set[Connection] = set()
        #: Runs that were looked at one by one and passed by, not put into the columns yet: from where up to where, and by
        #: way the number of the direction and where its stream stood.
        self._runs: list[tuple[int, int, int, int, int, int]] = []
        self.flow_of = np.zeros(len(by_pair), np.int64)
        self.offset = np.zeros(len(by_pair), np.int64)
        self.passes = np.zeros(len(by_pair), bool)

    def add(self, pair: Pair, start: int, stop: int) -> None:
        """A run that was looked at one by one."""
        one, other = pair.flows
        self._runs.append((start, stop, self.number(one), self.number(other), one.position, other.position))

    @cached_property
    def numbers(self) -> dict[Flow, int]:
        """The numbers of the directions that have one."""
        return {flow: number for number, flow in enumerate(self.flows) if flow is not None}

    def number(self, flow: Flow) -> int:
        """The number of a direction."""
        number = self.numbers.get(flow)
        if number is None:
            number = self.numbers[flow] = len(self.flows)
            self.flows.append(flow)
        return number

    def sum_up(self, until: np.ndarray, new: np.ndarray, answered: np.ndarray, lags: np.ndarray) -> None:
        """What the runs of pairs up to `until` come to, should they be counted whole: where each begins and ends, time and
        frame of its last segment; by direction how many bytes, if any segment was of it the time of the last one, and if
        some acknowledged less than all there was, where that may be (`lags`), what the last of these did."""
        at = self._by_pair.starts.copy()
        # What opens a connection is counted by itself.
        at[new] += 2
        at[answered] += 1
        last = self._by_pair.order[until - 1] + self._first
        everyone = np.arange(len(self._by_pair.order))
        sides: list[np.ndarray] = []
        for way in (0, 1):
            mine = self._by_pair.way == way
            heard, lagging = (
                np.maximum.accumulate(np.where(chosen, everyone, -1))[until - 1] for chosen in (mine, mine & lags)
            )
            sides += (
                self._by_pair.sent[way, until] - self._by_pair.sent[way, at],
                heard >= at,
                self._times[self._by_pair.order[heard]],
                lagging >= at,
                self._by_pair.ack[lagging],
            )
        self._sums = at, until, self._segments.time[last], self._segments.frame[last], *sides
        self._first_runs: dict[int, tuple[int, ...]] = {}

    def single_out(self, numbers: np.ndarray) -> None:
        """The first runs of these pairs may be counted one by one."""
        columns = (column[numbers].tolist() for column in self._sums)
        self._first_runs.update(zip(numbers.tolist(), zip(*columns, strict=True), strict=True))

    def pass_rows(self, numbers: np.ndarray, lasting: Lasting, rows: np.ndarray) -> None:
        """Count the whole first runs of pairs whose connections stand in these rows."""
        some = np.flatnonzero(self._sums[0][numbers] < self._sums[1][numbers])
        numbers, rows = numbers[some], rows[some]
        table = lasting.rows
        _, _, time, frame, *sides = (column[numbers] for column in self._sums)
        table[rows, Of.END], table[rows, Of.LAST_FRAME] = time, frame
        for way, (size, heard, when, lags, ack) in enumerate((sides[:5], sides[5:])):
            side = table[rows, Of.LOW] ^ way
            table[rows, Of.POSITION + side] += size
            table[rows, Of.NEXT + side] = (table[rows, Of.NEXT + side] + size) & MASK
            table[rows[heard], (Of.HEARD + side)[heard]] = when[heard]
            table[rows[lags], (Of.ACKNOWLEDGED + side)[lags]] = ack[lags]

    def pass_first(self, number: int, one: Flow, other: Flow) -> None:
        """Count the whole first run of a pair, between these directions."""
        run = self._first_runs[number]
        if run[0] == run[1]:
            return
        _, _, time, frame, size, heard, when, lags, ack, of_size, of_heard, of_when, of_lags, of_ack = run
        connection = one.connection
        connection.end, connection.last_frame = time, frame
        if heard:
            one.heard = when
            if size:
                one.pass_by(size)
            if lags:
                one.last_ack = ack
        if of_heard:
            other.heard = of_when
            if of_size:
                other.pass_by(of_size)
            if of_lags:
                other.last_ack = of_ack

    def pass_by(self, pair: Pair, until: int) -> None:
        """Count the segments of a pair that pass by, up to `until`."""
        at = pair.at
        if until <= at:
            return
        pair.at = until
        one, other = pair.flows
        if self._first_runs[pair.number][:2] == (at, until):
            self.touched.add(one.connection)
            self.pass_first(pair.number, one, other)
            return
        if until - at <= _FEW:
            self._pass_few(one, other, at, until)
            return
        connection = one.connection
        last = int(self._by_pair.order[until - 1]) + self._first
        connection.end = int(self._segments.time[last])
        connection.last_frame = int(self._segments.frame[last])
        self.touched.add(connection)
        ways = self._by_pair.way[at:until]
        for way, flow in enumerate((one, other)):
            mine = np.flatnonzero(ways == way)
            if len(mine):
                flow.heard = int(self._segments.time[int(self._by_pair.order[at + int(mine[-1])]) + self._first])
            size = int(self._by_pair.sent[way, until] - self._by_pair.sent[way, at])
            if size:
                flow.pass_by(size)
        if one.lenient and other.lenient:
            self._see_acknowledged(pair, at, until)

    def _pass_few(self, one: Flow, other: Flow, at: int, until: int) -> None:
        """The same of a run of few segments, one by one."""
        flows = one, other
        lenient = one.lenient and other.lenient
        sizes = [0, 0]
        expected = [one.fast, other.fast]
        ways, acks, of_size, times, frames = self._by_pair.listed
        for place in range(at, until):
            way, ack, size = ways[place], acks[place], of_size[place]
            flow = flows[way]
            flow.heard = times[place]
            if lenient and ack != expected[1 - way]:
                flow.last_ack = ack
            sizes[way] += size
            expected[way] = (expected[way] + size) & MASK
        connection = one.connection
        connection.end, connection.last_frame = times[until - 1], frames[until - 1]
        self.touched.add(connection)
        for flow, size in zip(flows, sizes, strict=True):
            if size:
                flow.pass_by(size)

    def _see_acknowledged(self, pair: Pair, at: int, until: int) -> None:
        """Keep the last acknowledgement number that was not simply that of everything."""
        one, other = pair.flows
        ways = self._by_pair.way[at:until]
        acks = self._by_pair.ack[at:until]
        # What the peer's next number was when each of these was sent.
        for way, flow, peer in ((0, one, other), (1, other, one)):
            mine = np.flatnonzero(ways == way)
            if not len(mine):
                continue
            later = self._by_pair.sent[1 - way, until] - self._by_pair.sent[1 - way, at + mine]
            lagging = np.flatnonzero((peer.fast - later) & MASK != acks[mine])
            if len(lagging):
                flow.last_ack = int(acks[mine[lagging[-1]]])

    def cut(self, pair: Pair, taken: int) -> int:
        """Where the run of a pair ends when only the first `taken` segments count."""
        if pair.until <= pair.at:
            return pair.until
        return pair.at + int(np.searchsorted(self._by_pair.order[pair.at : pair.until], taken))

    def put(self) -> None:
        """Put the runs that were looked at one by one into the columns."""
        if not self._runs:
            return
        starts, stops, *known = np.array(self._runs, np.int64).T
        self._runs.clear()
        lengths = stops - starts
        of = np.repeat(np.arange(len(starts)), lengths)
        at = np.arange(len(of)) + (starts - (np.cumsum(lengths) - lengths))[of]
        way = self._by_pair.way[at]
        self.passes[at] = True
        self.flow_of[at] = np.where(way == 0, known[0][of], known[1][of])
        begun = np.where(way == 0, known[2][of], known[3][of])
        self.offset[at] = begun - self._by_pair.sent[way, starts[of]] + self._by_pair.own[at]

    def passed_by(self, taken: int) -> tuple[np.ndarray, np.ndarray]:
        """The segments with payload before `taken` that passed by: where they stand in the sorted columns, and their
        indices, in the order of capture."""
        self.put()
        passing = np.flatnonzero(self.passes & (self._by_pair.size > 0) & (self._by_pair.order < taken))
        index = self._by_pair.order[passing]
        arranged = np.argsort(index, kind="stable")
        return passing[arranged], index[arranged]

    def begun_flows(self) -> list[Flow]:
        """The directions by number, less those that were to begin and did not come to it."""
        if not all(self.flows):
            kept = [number for number, flow in enumerate(self.flows) if flow is not None]
            moved = np.full(len(self.flows) + 1, -1)
            moved[kept] = np.arange(len(kept))
            self.flow_of = moved[self.flow_of]
            self.flows = [self.flows[number] for number in kept]
        return self.flows  # type: ignore[return-value]
