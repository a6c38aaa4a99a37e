"""Which segments are in order, told for all connections of a chunk at once; and what the others give, one by one.

The table of connections (`stream.connections`) holds the state. Runs of segments for which it would only move on (in
order, nothing newly acknowledged, no flag of importance) pass it by and are counted afterwards; any other segment is
fed to it, at its place in the order of capture. What was in disorder is so put right by the table itself, and the runs
between are not slowed down. Connections of which nothing has to be fed are told in one go each (`plain`), unless something
else in the chunk may have to wait.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable
from itertools import chain, starmap
from operator import itemgetter
from typing import NamedTuple

import numpy as np

from ccxdissect.capture.segment import ACK, RST, SYN, Segment
from ccxdissect.columns.by_pair import ByPair
from ccxdissect.columns.handshakes import HALF, UNUSUAL, Kind, Sorted, endings, finishing, opened
from ccxdissect.columns.headers import Segments
from ccxdissect.columns.plain import Known, Lives, Plain
from ccxdissect.columns.remembered import Remembered
from ccxdissect.columns.runs import Pair, Runs
from ccxdissect.stream.connection import Key
from ccxdissect.stream.connections import Connection, Connections, Delivery, Event, Flow
from ccxdissect.stream.events import Determined
from ccxdissect.stream.ownership import same_way
from ccxdissect.stream.reassembly import MASK, RECENT_SEGMENTS, distance

_ENDING = RST | ACK
#: A repeated segment is looked for among so many before it; further back, all that is recent is looked at.
_LOOKED_BACK = 64
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
        self._ended: set[Connection] = set()
        self._by_pair = by_pair = ByPair(segments, first)
        self._runs = Runs(by_pair, segments, first)
        self._remembered = Remembered(connections, segments, first)

    def deliver(self) -> Delivered:
        """Tell it."""
        count = len(self._by_pair.order)
        self._times = self._segments.time[self._first :]
        self._latest: list[int] | None = None
        self._waiting: list[tuple[int, int, Pair, int]] = []
        self._last_time = int(self._times.max()) if count else 0
        lives = self._begin()
        waiting = lives.rest < self._by_pair.stops
        self._pairs: list[Pair] = []
        self._plain: Plain | None = None
        if not self._roomy or self._forgets(lives) or self._may_wait(lives, waiting):
            taken = self._follow(self._steps(lives, np.ones(len(waiting), bool)))
        else:
            taken = count
            known = Known(self._keys, self._ones, self._places)
            self._plain = plain = Plain(
                self._connections, self._runs, self._by_pair, self._segments, known, lives, ~waiting
            )
            if waiting.any():
                steps = [_NEW(_Step, (place, which, None, None)) for which, place in enumerate(plain.places)]
                told = self._follow(sorted(steps + self._steps(lives, waiting), key=itemgetter(0)))
                assert told == count
            else:
                self._live(plain)
            plain.tell_rest()
        if taken:
            self._connections.saw(self._latest_by(taken - 1))
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
        connections, waiting, latest = self._connections, self._waiting, self._last_time
        segment_of, flow_of = self._segments.singly(), connections.flow
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
                alarm = self._alarm_before(place, last)
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
            if place and self._has_to_wait(segment, flow):
                taken = place
                break
            self._remembered.recall(place)
            if segment.payload and self._repeats_doubtfully(segment, flow, pair, where):
                self._remembering(*self._runs.passed_by(place))()
            forgotten = 0 if flow is None else flow.forgotten
            self._pass_time(place)
            self._remembered.fed(segment)
            connections.saw(self._latest_by(place))
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
        if connections.alarm > self._last_time:
            return
        time = int(self._times[place])
        if connections.alarm <= time:
            self._remembered.recall(place)
        while connections.alarm <= time:
            due = connections.alarm
            self._take(place, due, connections.advance(due))

    def _take(self, place: int, time: int, events: Iterable[Event]) -> None:
        for event in events:
            self._events.append((self._first + place, time, event))
            self._note(event)

    # -- pairs -----------------------------------------------------------------------------------------------------

    def _begin(self) -> Lives:
        """Look up all pairs, and tell for each how many of its segments pass by before one does not, and what begins and ends
        its connection plainly."""
        pairs = len(self._by_pair.starts)
        #: By pair: its endpoints, the lower one first; the direction from that one, and its number in `runs`. Of a connection that
        #: begins in this chunk the direction is not there yet.
        self._keys, same = self._keys_of_pairs()
        self._ones: list[Flow | None] = self._connections.flows(self._keys)
        strange = np.array([one is None for one in self._ones], bool)
        for number in np.flatnonzero(same).tolist():
            self._ones[number] = None
        numbers = np.flatnonzero(~strange & ~same)
        self._places = np.full(pairs, -1, np.int64)
        self._places[numbers] = np.arange(0, 2 * len(numbers), 2)
        state = np.full((5, 2, pairs), -1, np.int64)
        known = [one for one in self._ones if one is not None]
        peers = [one.peer for one in known]
        self._runs.flows += chain.from_iterable(zip(known, peers, strict=True))
        lenient = [one.lenient and peer.lenient for one, peer in zip(known, peers, strict=True)]
        for side, flows in enumerate((known, peers)):
            state[0, side, numbers] = [one.fast for one in flows]
            state[1, side, numbers] = [one.last_ack for one in flows]
            state[2, side, numbers] = [one.position for one in flows]
            state[3, side, numbers] = self._places[numbers] + side
            state[4, side, numbers] = lenient
        columns = self._by_pair.columns
        new = self._open(columns, state, np.flatnonzero(strange))
        way, of = self._by_pair.way, self._by_pair.pair
        base = self._by_pair.sent[:, self._by_pair.starts]
        own = self._by_pair.own - base[way, of]
        peer = self._by_pair.peer - base[1 - way, of]
        expected = state[0, way, of]
        whole = state[0, 1 - way, of]
        behind = (whole + peer - self._by_pair.ack) & MASK
        acknowledged = (
            ((whole >= 0) & (behind == 0))
            | (self._by_pair.ack == state[1, way, of])
            | ((state[4, way, of] > 0) & (behind < HALF))
        )
        good = self._by_pair.usual & (expected >= 0) & (self._by_pair.seq == (expected + own) & MASK) & acknowledged
        # What opens a connection passes by too, in its own way.
        good[self._by_pair.starts[new]] = good[self._by_pair.starts[new] + 1] = True
        self._runs.offset[:] = state[2, way, of] + own
        self._runs.flow_of[:] = state[3, way, of]
        bad = np.flatnonzero(~good)
        firsts = self._by_pair.stops.copy()
        firsts[of[bad][::-1]] = bad[::-1]
        self._runs.passes = good & (np.arange(len(good)) < firsts[of])
        self._runs.sum_up(firsts, new, (behind != 0) & (state[4, way, of] > 0))
        at = np.flatnonzero(firsts < self._by_pair.stops)
        where = firsts[at]
        stands = np.where(expected < 0, -1, (expected + own) & MASK)[where]
        others = np.where(whole < 0, -1, (whole + peer) & MASK)[where]
        ends = finishing(columns, where, stands, others) & (state[4, 0, at] > 0)
        ending = at[ends]
        stop = self._by_pair.stops[ending]
        closes, closing, kinds = endings(columns, where[ends], stop, stands[ends], others[ends])
        rest = firsts.copy()
        rest[ending[closes]] = closing + 1
        # With each that is opened, and every segment that has to be fed, a connection may begin.
        begin = len(new) + int((self._by_pair.stops - rest).sum())
        size = int(self._segments.size[self._first :].sum())
        self._roomy = self._connections.has_room(begin, size + len(self._by_pair.order) * HOLDING)
        return Lives(new, firsts, rest, ending[closes], closing, kinds)

    def _keys_of_pairs(self) -> tuple[list[Key], np.ndarray]:
        """The endpoints of each pair, the lower one first; and whether both are the same."""
        segments = self._segments
        heads = self._by_pair.order[self._by_pair.starts] + self._first
        src, dst = segments.src[heads], segments.dst[heads]
        ends = np.minimum(src, dst), np.maximum(src, dst)
        numbers = [(end >> 16).tolist() for end in ends]
        packed = {number: segments.addresses.packed(number) for number in set(numbers[0] + numbers[1])}
        low, high = (map(packed.__getitem__, of) for of in numbers)
        ports = [(end & 0xFFFF).tolist() for end in ends]
        return list(zip(low, ports[0], high, ports[1], strict=True)), src == dst

    def _open(self, columns: Sorted, state: np.ndarray, strange: np.ndarray) -> np.ndarray:
        """Which of the pairs without a connection begin one plainly; put down how it will stand then."""
        new = strange[opened(columns, self._by_pair.starts[strange], self._by_pair.stops[strange])]
        if len(new):
            first = self._by_pair.starts[new]
            client = columns.way[first]
            state[0, client, new] = (columns.seq[first] + 1) & MASK
            state[0, 1 - client, new] = (columns.seq[first + 1] + 1) & MASK
            state[1, 1 - client, new] = columns.ack[first + 1]
            state[2][:, new] = 0
            state[3, 0, new] = len(self._runs.flows) + 2 * np.arange(len(new))
            state[3, 1, new] = state[3, 0, new] + 1
            state[4][:, new] = 1
            self._places[new] = state[3, 0, new]
            self._runs.flows += [None] * (2 * len(new))
        return new

    def _forgets(self, lives: Lives) -> bool:
        """Whether a connection that ends in this chunk may be forgotten in it before the last of its packets comes."""
        linger = self._connections.linger
        if self._last_time - int(self._times.min()) < linger:
            return False
        late = np.flatnonzero(lives.kind == Kind.IS_LATE)
        ends = np.maximum.accumulate(np.where(lives.kind == Kind.ENDS, np.arange(len(lives.kind)), 0))[late]
        at, over = (self._by_pair.order[lives.closing[which]] for which in (late, ends))
        passed = np.maximum.accumulate(self._times)[at].astype(object)
        return bool((passed - self._times[over].astype(object) >= linger).any())

    def _may_wait(self, lives: Lives, waiting: np.ndarray) -> bool:
        """Whether a segment of the `waiting` pairs, which have to be fed, might have to wait until what came before it in the chunk
        has been seen. That of a pair with no more than one does not, where nothing else of its connection is told here."""
        by_pair = self._by_pair
        numbers = np.flatnonzero(waiting)
        where = lives.rest[numbers]
        syn = (by_pair.columns.flags[where] & SYN != 0) & (where > by_pair.starts[numbers])
        if (by_pair.stops[numbers] - where > 1).any() or syn.any() or waiting[lives.ending].any():
            return True
        for number in numbers.tolist():
            flow = self._connections.flow(self._keys[number])
            if flow is not None and (flow.peer is flow or self._connections.may_tell(flow.connection)):
                return True
        return False

    def _live(self, plain: Plain) -> None:
        """Tell the table of all segments where none has to be fed to it."""
        connections, places, latest = self._connections, plain.places, self._last_time
        begin, tell = self._first, plain.tell
        last = -1
        for step in sorted(range(len(places)), key=places.__getitem__):
            place = places[step]
            if connections.alarm <= latest:
                last = self._pass_until(place, last)
                self._pass_time(place)
            last = place
            self._events += [(begin + place, time, event) for time, event in tell(step)]
        if connections.alarm <= latest:
            self._pass_until(len(self._by_pair.order), last)

    def _pass_until(self, place: int, last: int) -> int:
        """What is due after the segment at `last`, and at one before `place`; gives the last at which anything was."""
        while self._connections.alarm <= self._last_time:
            alarm = self._alarm_before(place, last)
            if alarm >= place:
                break
            self._pass_time(alarm)
            last = alarm
        return last

    def _steps(self, lives: Lives, chosen: np.ndarray) -> list[_Step]:
        """The steps by which connections of the `chosen` pairs begin and end, in the order of capture, where other segments have
        to be fed; where there might not be room for all that begins, each waits for its turn instead."""
        by_pair = self._by_pair
        numbers = np.flatnonzero(chosen)
        ends = zip(numbers.tolist(), by_pair.starts[numbers].tolist(), by_pair.stops[numbers].tolist(), strict=True)
        self._pairs = pairs = list(starmap(Pair, ends))
        for pair in pairs:
            pair.key, one = self._keys[pair.number], self._ones[pair.number]
            if one is None:
                pair.new = int(self._places[pair.number])
            else:
                pair.flows = [one, one.peer]
        found: dict[int, list[tuple[int, Kind]]] = {}
        for number in lives.new.tolist():
            start = int(by_pair.starts[number])
            found[number] = [(start, Kind.OPENS), (start + 1, Kind.ANSWERS)]
        for number, where, kind in zip(
            lives.ending.tolist(), lives.closing.tolist(), map(Kind, lives.kind.tolist()), strict=True
        ):
            found.setdefault(number, []).append((where, kind))
        places, tails = by_pair.order.tolist(), lives.rest[numbers].tolist()
        times = self._by_pair.listed[3] if len(lives.ending) else []
        # What ends so late in this chunk is remembered all through it.
        remembered = self._last_time - self._connections.linger
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

    # -- what has to be seen first ---------------------------------------------------------------------------------

    def _note(self, event: Event) -> None:
        self._runs.touched.add(event.connection)
        if not isinstance(event, Delivery):
            self._ended.add(event.connection)

    def _has_to_wait(self, segment: Segment, flow: Flow | None) -> bool:
        """Whether a segment changes what is to be told of a connection by what came before it in this chunk. `flow`: that
        it belongs to now."""
        if not self._roomy and not self._connections.has_room(1, 0):
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

    # -- time ------------------------------------------------------------------------------------------------------

    def _alarm_before(self, place: int, last: int) -> int:
        """The first segment after `last` and before `place` at whose time something is due; else `place` or more."""
        alarm = self._connections.alarm
        if alarm > self._last_time:
            return place
        found = bisect_left(self._so_far(), alarm)
        if found <= last:
            due = np.flatnonzero(self._times[last + 1 : place] >= alarm)
            found = last + 1 + int(due[0]) if len(due) else place
        return found

    def _latest_by(self, place: int) -> int:
        """The latest time (ns) of a segment up to the one at `place`."""
        return self._last_time if place == len(self._times) - 1 else self._so_far()[place]

    def _so_far(self) -> list[int]:
        """By place, the latest time (ns) of a segment up to there."""
        if self._latest is None:
            self._latest = np.maximum.accumulate(self._times).tolist()
        return self._latest

    # -- recent segments -------------------------------------------------------------------------------------------

    def _repeats_doubtfully(self, segment: Segment, flow: Flow | None, pair: Pair, where: int) -> bool:
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

    def _remembering(self, passing: np.ndarray, index: np.ndarray) -> Callable[[], None]:
        """What puts segments that passed by into their places in the list of recent ones."""
        # Holds no more of the chunk than that takes.
        last = slice(-RECENT_SEGMENTS, None)
        passing = passing[last]
        runs = self._runs
        return self._remembered.remembering(runs.flow_of[passing], runs.offset[passing], index[last], runs.flows)
