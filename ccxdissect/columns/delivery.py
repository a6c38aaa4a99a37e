"""Which segments are in order, told for all connections of a chunk at once; and what the others give, one by one.

The table of connections (`stream.connections`) holds the state. Runs of segments for which it would only move on (in
order, nothing newly acknowledged, no flag of importance) pass it by and are counted afterwards; any other segment is
fed to it, at its place in the order of capture. What was in disorder is so put right by the table itself, and the runs
between are not slowed down. Connections of which nothing has to be fed are told in one go each (`plain`), unless something
else in the chunk may have to wait.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from itertools import starmap
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from ccxdissect.capture.segment import Segment
from ccxdissect.columns.by_pair import ByPair
from ccxdissect.columns.foregoing import Foregoing
from ccxdissect.columns.handshakes import HALF, Kind
from ccxdissect.columns.headers import Segments
from ccxdissect.columns.lasting import Lasting
from ccxdissect.columns.plain import Lives, Plain
from ccxdissect.columns.remembered import Remembered
from ccxdissect.columns.runs import Pair, Runs
from ccxdissect.columns.standing import stand
from ccxdissect.columns.times import Times
from ccxdissect.stream.connections import Connections, Event, Flow, Forgotten
from ccxdissect.stream.reassembly import MASK, RECENT_SEGMENTS

#: What the whole table has to be told of at its place among all segments; the rest concerns the connection alone.
_FOR_ALL = frozenset({Kind.OPENS, Kind.ENDS})
#: What a segment may cost while it is held back, in bytes, besides its own.
HOLDING = 512


#: Makes a named tuple in a third of the time.
_NEW = tuple.__new__


class Delivered(NamedTuple):
    """What became available of a chunk, in order.

    `passed`: the indices of segments with payload that passed by, `flow` the place in `flows` of the direction of each,
    `offset` where its payload begins in that direction's stream. `events`: what the table gave for the others, with the
    index of the segment that it came with and the packet time (ns) at which it came: what is due before a segment comes
    with it, and before what it brings itself. `taken`: how many segments these are; the rest has to wait until all this has been seen.
    """

    passed: np.ndarray
    flow: np.ndarray
    offset: np.ndarray
    flows: list[Flow]
    events: list[tuple[int, int, Event]]
    taken: int


class _Step(NamedTuple):
    """A segment that plainly begins or ends a connection for the whole table: its place in the chunk and in the sorted columns,
    and what it does. Without a pair, `where` is its number among what plainly comes of pairs."""

    place: int
    where: int
    kind: Kind | None
    pair: Pair | None


class Deliverer:
    """Tells what becomes available of the segments of a chunk, from `first` on. `fed` hears of each segment that was fed
    to the table, right then."""

    def __init__(
        self,
        connections: Connections,
        segments: Segments,
        first: int,
        fed: Callable[[Segment], None] | None = None,
    ) -> None:
        self._connections = connections
        self._fed = fed
        self._segments = segments
        self._first = first
        self._events: list[tuple[int, int, Event]] = []
        self._by_pair = by_pair = ByPair(segments, first)
        self._runs = Runs(by_pair, segments, first)
        self._times = Times(segments.time[first:])
        self._foregoing = Foregoing(connections, segments, by_pair, self._runs)
        self._remembered = Remembered(connections, segments, first)

    def deliver(self) -> Delivered:
        """Tell it."""
        count = len(self._by_pair.order)
        self._waiting: list[tuple[int, int, Pair, int]] = []
        lasting = Lasting.of(self._connections)
        self._known, lives = stand(self._connections, lasting, self._segments, self._by_pair, self._runs)
        known = self._known
        self._roomy = self._has_room(lives)
        waiting = lives.rest < self._by_pair.stops
        known.fill(lasting, waiting)
        self._pairs: list[Pair] = []
        self._plain: Plain | None = None
        foregoing = self._foregoing
        if not self._roomy or foregoing.forgets(lives, self._times) or foregoing.may_wait(known, lives, waiting):
            everyone = np.ones(len(waiting), bool)
            known.fill(lasting, everyone)
            taken = self._follow(self._steps(lives, everyone))
        else:
            taken = count
            self._plain = plain = Plain(
                self._connections, lasting, self._runs, self._by_pair, self._segments, known, lives, ~waiting
            )
            if waiting.any():
                steps = [_NEW(_Step, (place, which, None, None)) for which, place in enumerate(plain.places)]
                told = self._follow(sorted(steps + self._steps(lives, waiting), key=itemgetter(0)))
                # None of these has to wait. There is room; each is the only one fed of its pair, and its connection, which does not
                # follow on another one, gives nothing out before: it may be forgotten by then, and so unknown. A SYN is the first.
                assert told == count
            else:
                self._live(plain)
            plain.tell_rest()
        if taken:
            self._connections.saw(self._times.latest_by(taken - 1))
        self._runs.put()
        if taken < count:
            self._runs.passes &= self._by_pair.order < taken
        self._remembered.recall(taken)
        flows = self._runs.begun_flows()
        passing, index = self._runs.passed_by(taken)
        self._connections.recent.leave(self._remembered.instead, self._remembering(passing, index))
        return Delivered(
            index + self._first,
            self._runs.flow_of[passing],
            self._runs.offset[passing],
            flows,
            self._events,
            self._first + taken,
        )

    def _follow(self, steps: list[_Step]) -> int:
        """Tell the table of all segments in the order of capture: these steps, and those that have to be fed to it. Gives how
        many were taken."""
        connections, waiting, latest = self._connections, self._waiting, self._times.last
        segment_of, flow_of, has_to_wait = self._segments.singly(), connections.flow, self._foregoing.has_to_wait
        count = len(self._by_pair.order)
        last, taken, at = -1, count, 0
        while True:
            place = waiting[0][0] if waiting else count
            step = steps[at] if at < len(steps) else None
            if step is not None and step.place < place:
                place = step.place
            else:
                step = None
            if connections.alarm <= latest:
                alarm = self._times.first_due(connections.alarm, place, last)
                if alarm < place:
                    # Whatever the segment is that comes then, what is due is no concern of it.
                    self._pass_time(alarm)
                    last = alarm
                    continue
            if place == count:
                break
            if step is not None:
                at += 1
                if step.pair is None:
                    assert self._plain is not None
                    self._pass_time(place)
                    self._events += [(self._first + place, time, event) for time, event in self._plain.tell(step.where)]
                    last = place
                elif step.pair.version == 0:
                    self._pass_time(place)
                    self._take_step(step)
                    last = place
                continue
            place, where, pair, version = heapq.heappop(waiting)
            if version != pair.version:
                continue
            segment = segment_of(self._first + place)
            self._advance(pair, where)
            flow = flow_of(segment[2:6])
            if place and has_to_wait(segment, flow, self._roomy):
                taken = place
                break
            self._remembered.recall(place)
            if segment.payload and self._foregoing.repeats_doubtfully(segment, flow, pair, where):
                self._remembering(*self._runs.passed_by(place))()
            forgotten = 0 if flow is None else flow.forgotten
            self._pass_time(place)
            self._remembered.fed(segment)
            connections.saw(self._times.latest_by(place))
            self._take(place, segment.time, connections.feed(segment))
            if self._fed is not None:
                self._fed(segment)
            if flow is not None:
                # What passed by is not forgotten only because it does not stand in the list of recent ones.
                flow.forgotten = min(flow.forgotten, forgotten)
            last = place
            self._look(pair, where + 1)
        for pair in self._pairs:
            if pair.until > pair.at:
                self._advance(pair, self._runs.cut(pair, taken) if taken < count else pair.until)
        return taken

    def _pass_time(self, place: int) -> None:
        """What is due by the time of the segment at `place`."""
        connections = self._connections
        if connections.alarm > self._times.last:
            return
        time, due = int(self._times.column[place]), connections.alarm
        if due <= time:
            self._remembered.recall(place)
        while due <= time:
            self._take(place, due, connections.advance(due))
            due = connections.alarm

    def _take(self, place: int, time: int, events: Iterable[Event]) -> None:
        for event in events:
            self._events.append((self._first + place, time, event))
            self._foregoing.note(event)

    def _has_room(self, lives: Lives) -> bool:
        """Whether the table has room for all that may begin in this chunk, and be held back of it."""
        by_pair = self._by_pair
        # With each that is opened, and every segment that has to be fed, a connection may begin.
        begin = len(lives.new) + int((by_pair.stops - lives.rest).sum())
        size = int(self._segments.size[self._first :].sum())
        return self._connections.has_room(begin, size + len(by_pair.order) * HOLDING)

    # -- pairs -----------------------------------------------------------------------------------------------------

    def _live(self, plain: Plain) -> None:
        """Tell the table of all segments where none has to be fed to it."""
        connections, latest = self._connections, self._times.last
        steps = sorted(range(len(plain.places)), key=plain.places.__getitem__)
        if plain.first_end + connections.linger > latest:
            # What ends here is remembered all through this chunk.
            forgotten = connections.forget_by(latest) if connections.alarm <= latest else []
            if forgotten is not None:
                self._begin_and_end(plain, steps, forgotten)
                return
        begin, tell, events = self._first, plain.tell, self._events
        last = -1
        for step in steps:
            place = plain.places[step]
            if connections.alarm <= latest:
                last = self._pass_until(place, last)
                self._pass_time(place)
            last = place
            told = tell(step)
            if told:
                events += [(begin + place, time, event) for time, event in told]
        if connections.alarm <= latest:
            self._pass_until(len(self._by_pair.order), last)

    def _begin_and_end(self, plain: Plain, steps: list[int], forgotten: list[tuple[int, Forgotten]]) -> None:
        """The same where nothing falls due meanwhile but that these are forgotten, which concerns no other."""
        begin, events = self._first, self._events
        if forgotten:
            due = np.array([time for time, _ in forgotten], np.int64)
            comes = (np.searchsorted(np.maximum.accumulate(self._times.column), due) + begin).tolist()
            events += [(place, *what) for place, what in zip(comes, forgotten, strict=True)]
        told = plain.tell_all(steps)
        if told:
            events += [(begin + place, time, event) for place, time, event in told]
            if forgotten:
                # What is due before a segment comes with it, and before what it brings.
                events.sort(key=itemgetter(0))

    def _pass_until(self, place: int, last: int) -> int:
        """What is due after the segment at `last`, and at one before `place`; gives the last at which anything was."""
        connections, latest = self._connections, self._times.last
        due = connections.alarm
        while due <= latest:
            alarm = self._times.first_due(due, place, last)
            if alarm >= place:
                break
            self._pass_time(alarm)
            last, due = alarm, connections.alarm
        return last

    def _steps(self, lives: Lives, chosen: np.ndarray) -> list[_Step]:
        """The steps by which connections of the `chosen` pairs begin and end, in the order of capture, where other segments have
        to be fed; where there might not be room for all that begins, each waits for its turn instead."""
        by_pair = self._by_pair
        numbers = np.flatnonzero(chosen)
        self._runs.single_out(numbers)
        ends = zip(numbers.tolist(), by_pair.starts[numbers].tolist(), by_pair.stops[numbers].tolist(), strict=True)
        self._pairs = pairs = list(starmap(Pair, ends))
        for pair in pairs:
            pair.key, one = self._known.keys[pair.number], self._known.ones[pair.number]
            if one is None:
                pair.new = int(self._known.places[pair.number])
            else:
                pair.flows = [one, one.peer]
        found: dict[int, list[tuple[int, Kind]]] = {}
        for number in lives.new.tolist():
            start = int(by_pair.starts[number])
            found[number] = [(start, Kind.OPENS), (start + 1, Kind.ANSWERS)]
        for number in lives.answered.tolist():
            found[number] = [(int(by_pair.starts[number]), Kind.ANSWERS)]
        for number, where, kind in zip(
            lives.ending.tolist(), lives.closing.tolist(), map(Kind, lives.kind.tolist()), strict=True
        ):
            found.setdefault(number, []).append((where, kind))
        places, tails = by_pair.order.tolist(), lives.rest[numbers].tolist()
        times = self._by_pair.listed[3] if len(lives.ending) else []
        # What ends so late in this chunk is remembered all through it.
        remembered = self._times.last - self._connections.linger
        steps: list[_Step] = []
        for pair, until in zip(pairs, tails, strict=True):
            own = found.get(pair.number)
            if own is None:
                pair.until = until
            elif self._roomy:
                pair.until = until
                forgotten = False
                for where, kind in own:
                    if kind == Kind.ENDS:
                        forgotten = times[where] <= remembered
                    if kind in _FOR_ALL or (forgotten and kind == Kind.IS_LATE):
                        steps.append(_NEW(_Step, (places[where], where, kind, pair)))
                    else:
                        pair.steps.append((where, kind))
            else:
                until = pair.until = own[0][0]
                self._runs.passes[until : pair.stop] = False
            if until < pair.stop:
                self._wait(pair, until)
        steps.sort(key=itemgetter(0))
        return steps

    def _take_step(self, step: _Step) -> None:
        """Tell the table what begins or ends a connection plainly, once everything before it was told of that."""
        place, where, kind, pair = step
        assert pair is not None
        connections = self._connections
        ways, acks, _, times, frames = self._by_pair.listed
        way, time, frame = ways[where], times[where], frames[where]
        self._advance(pair, where)
        if kind == Kind.OPENS:
            low, high = pair.key, pair.key[2:] + pair.key[:2]
            ends = (high, low) if way else (low, high)
            flow = connections.begin(*ends, self._by_pair.compared[1][where], frame, time)
            pair.flows = [flow.peer, flow] if way else [flow, flow.peer]
            for number, one in enumerate(pair.flows, pair.new):
                self._runs.flows[number] = one
                self._runs.numbers[one] = number
        elif kind == Kind.ENDS:
            self._take(place, time, connections.close(pair.flows[way], acks[where], frame, time, True))
        elif connections.flow(pair.flows[way].key) is not pair.flows[way]:
            # It was remembered no longer than this.
            pair.version += 1
            pair.at = pair.until = where
            self._wait(pair, where)
            return
        pair.at = where + 1

    def _advance(self, pair: Pair, where: int) -> None:
        """Tell of a pair what passes by before `where`, and what of that begins or ends its connection."""
        steps = pair.steps
        if steps and steps[0][0] < where:
            ways, acks, _, times, frames = self._by_pair.listed
            taken = 0
            for at, kind in steps:
                if at >= where:
                    break
                taken += 1
                self._runs.pass_by(pair, at)
                pair.at = at + 1
                if kind == Kind.IS_LATE:
                    continue
                flow = pair.flows[ways[at]]
                if kind == Kind.ANSWERS:
                    self._connections.answer(flow, self._by_pair.compared[1][at], acks[at], frames[at], times[at])
                else:
                    finishes = kind == Kind.FINISHES
                    self._connections.close(flow, acks[at], frames[at], times[at], finishes)
            del steps[:taken]
        self._runs.pass_by(pair, where)

    def _wait(self, pair: Pair, where: int) -> None:
        heapq.heappush(self._waiting, (int(self._by_pair.order[where]), where, pair, pair.version))

    def _look(self, pair: Pair, where: int) -> None:
        """After a segment was fed: tell how many of the pair's next ones pass by, and wait for the one that does not."""
        stop = pair.stop
        if where <= pair.until:
            # It was fed because something was due, and what would have passed by is looked at anew.
            self._runs.put()
            self._runs.passes[where - 1 : stop] = False
        pair.version += 1
        pair.at = pair.until = where
        flow = self._connections.flow(pair.key)
        if where >= stop:
            return
        if flow is None or flow.peer is flow:
            self._wait(pair, where)
            return
        peer = flow.peer
        if flow not in pair.flows[:1]:
            pair.flows = [flow, peer]
        fast = [flow.fast, peer.fast]
        last = [flow.last_ack, peer.last_ack]
        lenient = flow.lenient and peer.lenient
        if fast[0] < 0 and fast[1] < 0:
            self._wait(pair, where)
            return
        at = where
        usuals, seqs = self._by_pair.compared
        ways, acks, sizes, _, _ = self._by_pair.listed
        while at < stop:
            way, ack = ways[at], acks[at]
            own, whole = fast[way], fast[1 - way]
            if not usuals[at] or seqs[at] != own:
                break
            if ack != whole and ack != last[way] and not (lenient and (whole - ack) & MASK < HALF):
                break
            if lenient and ack != whole:
                last[way] = ack
            fast[way] = (own + sizes[at]) & MASK
            at += 1
        pair.until = at
        if at > where:
            self._runs.add(pair, where, at)
        if at < stop:
            self._wait(pair, at)

    # -- recent segments -------------------------------------------------------------------------------------------

    def _remembering(self, passing: np.ndarray, index: np.ndarray) -> Callable[[], None]:
        """What puts segments that passed by into their places in the list of recent ones."""
        # Holds no more of the chunk than that takes.
        last = slice(-RECENT_SEGMENTS, None)
        passing = passing[last]
        runs = self._runs
        return self._remembered.remembering(runs.flow_of[passing], runs.offset[passing], index[last], runs.flows)
