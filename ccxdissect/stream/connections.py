"""TCP connections: segments of all of them in, bytes in order out, for each connection and direction.

A connection is known by its pair of endpoints, in both directions. Its client is the one that sent the SYN;
without a handshake, the one that is not on a server port; failing that, the one with the higher port
(a guess, which `Connection.swap()` corrects once messages tell).

A connection **ends** with the FINs of both sides, with a reset, by a new connection on the same pair of
endpoints, or with the capture. `Ended` is given out once nothing more can come of it:

- FIN: when everything before both FINs was given out;
- reset: `Limits.close_grace` later, so that packets recorded late still find their place. If its sender goes
  on sending meanwhile, the reset was not real and is withdrawn; if it does so later, this is shown as a
  further connection, without a handshake;
- new connection: a SYN with another initial sequence number, or two segments in a row (one, if the old
  connection has ended) that continue each other but not the stream. Late packets go to the old connection when
  their sequence and acknowledgement numbers can only be its own.

Ended connections are remembered for `Limits.linger` of packet time: what still arrives for them is counted,
never given out; then `Forgotten` is. Of more than `Limits.connections` the ones that ended first are forgotten first, then those
idle longest are ended ("idle"), a sixteenth at a time.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ccxdissect.capture.segment import Segment
from ccxdissect.stream.ahead import NEVER, Ahead, Early
from ccxdissect.stream.connection import (
    CLIENT,
    SERVER,
    Connection,
    Delivery,
    Ended,
    Event,
    Flow,
    Forgotten,
    Key,
    Remark,
)
from ccxdissect.stream.endings import doubt_reset, note_end, reset
from ccxdissect.stream.events import Determined, EndedBy, NoteKind
from ccxdissect.stream.ownership import begins_another, is_late, is_repeated_syn, judge, same_way, see_handshake
from ccxdissect.stream.reassembly import (
    ACK,
    DEFAULT_LIMITS,
    FIN,
    MASK,
    RECENT_SEGMENTS,
    RST,
    SYN,
    URG,
    Chunk,
    Limits,
    Recent,
    distance,
)

__all__ = ["Connection", "Connections", "Delivery", "Ended", "Event", "Flow", "Forgotten", "Remark"]

_UNUSUAL = FIN | SYN | RST | ACK | URG
#: Makes a named tuple in a third of the time.
_NEW = tuple.__new__


class Connections:
    """All connections of a capture.

    `ports` are the ports servers listen on. Feed segments in the order of capture and call `flush()` at the
    end; both give `Delivery`, `Remark`, `Ended` and `Forgotten` events. Nothing raises, whatever the segments say.
    """

    def __init__(self, ports: Iterable[int] = (), limits: Limits = DEFAULT_LIMITS) -> None:
        self._ports = frozenset(ports)
        self._limits = limits
        self._recent = Recent(maxlen=RECENT_SEGMENTS)
        self._flows: dict[Key, Flow] = {}
        self._count = 0
        #: Not ended, by number; ended or replaced and kept for late packets, in the order of these events.
        self._open: dict[int, Connection] = {}
        self._closing: OrderedDict[Connection, int] = OrderedDict()
        self._lingering: OrderedDict[Connection, int] = OrderedDict()
        #: Flows with held bytes, the longest waiting first; all memory they hold; when to look at which.
        self._waiting: OrderedDict[Flow, None] = OrderedDict()
        self._held = 0
        self._timers: list[tuple[int, int, Flow]] = []
        self._timer_serial = 0
        self._ahead = Ahead()
        #: The packet time at which something is due.
        self._alarm = NEVER
        #: The latest time of a segment so far.
        self._latest = 0
        #: The segment that took the slow way last, and the flow that it turned out to belong to.
        self._seen: tuple[Segment, Flow] | None = None
        #: Connections put away before their end because there were too many.
        self.evicted = 0
        #: For whoever passes the table by; not touched here.
        self.lasting: Any = None

    def __len__(self) -> int:
        """How many connections are open."""
        return len(self._open)

    @property
    def count(self) -> int:
        """How many connections there were."""
        return self._count

    @property
    def held(self) -> int:
        """Memory held behind holes, in bytes, with the cost of holding it."""
        return self._held

    @property
    def alarm(self) -> int:
        """The packet time (ns) at which something is due, whatever connection the packet is of."""
        return self._alarm

    @property
    def linger(self) -> int:
        """How long (ns) a connection is remembered that has ended."""
        return self._limits.linger

    @property
    def limits(self) -> Limits:
        """When to stop waiting, and how much to hold."""
        return self._limits

    @property
    def open_ones(self) -> list[Connection]:
        """The connections that have not ended."""
        return list(self._open.values())

    @property
    def recent(self) -> Recent:
        """Recently delivered segments of all connections."""
        return self._recent

    def flow(self, key: Key) -> Flow | None:
        """The direction from one endpoint to another that segments belong to now, if one is known."""
        return self._flows.get(key)

    def flows(self, keys: Iterable[Key]) -> list[Flow | None]:
        """The same of many."""
        return list(map(self._flows.get, keys))

    def may_tell(self, connection: Connection) -> bool:
        """Whether something may be given out of a connection, or of the one before it, without a segment of either."""
        if connection.previous is not None or connection in self._closing or connection in self._ahead:
            return True
        return not connection.ended and any(
            flow.timer or flow.waiting or (flow.fin is not None and not flow.finished) for flow in connection.flows
        )

    def has_room(self, connections: int, size: int) -> bool:
        """Whether so many more connections, and bytes held back, would reach no limit."""
        known = len(self._open) + len(self._lingering)
        return known + connections < self._limits.connections and self._held + size < self._limits.total_bytes

    def feed(self, segment: Segment) -> Sequence[Event]:
        """Take a segment; return what can be given out now: mostly nothing, or its own bytes."""
        frame, time, src, sport, dst, dport, seq, ack, flags, payload, cut = segment
        if time > self._latest:
            self._latest = time
        if time < self._alarm:
            flow = self._flows.get((src, sport, dst, dport))
            if (
                flow is not None
                and seq == flow.fast
                and flags & _UNUSUAL == ACK
                and not cut
                and (ack == flow.peer.fast or ack == flow.last_ack)
            ):
                # The common case, written out: in order, both directions whole, nothing new acknowledged.
                connection = flow.connection
                connection.end = flow.heard = time
                connection.last_frame = frame
                size = len(payload)
                if not size:
                    return ()
                offset = flow.position
                flow.recent.append((flow, offset, payload))
                flow.fast = (seq + size) & MASK
                flow.position = offset + size
                flow.payload += size
                flow.delivered += size
                flow.given = True
                return (_NEW(Delivery, (connection, flow.side, 0, payload, frame, time, flow, offset)),)
        return self._feed_unusual(segment)

    def saw(self, time: int) -> None:
        """Up to this time (ns) segments were captured before the next one that is fed: those that pass the table by, too."""
        self._latest = max(self._latest, time)

    def _noted(self, time: int) -> int:
        """The time (ns) for noting that something was seen now. Where the clock stands back it is one that did not come before:
        what was told meanwhile of a time in between had not seen it."""
        return time if time >= self._latest else self._latest + 1

    def where(self, segment: Segment) -> tuple[Flow, int] | None:
        """Where the bytes of the segment fed last went: the direction of a connection, and their offset in its bytes.

        None when it has no place in any stream; what stands there may be another segment's bytes, if those came first.
        """
        if self._seen is not None and self._seen[0] is segment:
            flow: Flow | None = self._seen[1]
        else:
            flow = self._flows.get((segment.src, segment.sport, segment.dst, segment.dport))
        if flow is None or flow.base is None:
            return None
        seq = segment.seq + (1 if segment.flags & SYN else 0)
        return flow, flow.position + distance(seq, flow.expected)

    def feed_behind(self, left_out: int, segment: Segment) -> list[Event]:
        """The same of a segment of a connection of which packets were left out of the capture on purpose, with so many
        bytes right before this one."""
        events: list[Event] = []
        self.saw(segment.time)
        known = self._flows.get((segment.src, segment.sport, segment.dst, segment.dport))
        cuts = 0 if known is None else known.cuts
        if known is not None and not segment.flags & SYN:
            known.connection.excerpt = True
        if left_out:
            # They are not there and were: as what a snap length cuts off.
            seq = (segment.seq - left_out) & MASK
            behind = segment._replace(seq=seq, flags=segment.flags & ACK, payload=b"", cut=left_out)
            events.extend(self._feed_unusual(behind))
        flow = self._flows.get((segment.src, segment.sport, segment.dst, segment.dport))
        if flow is not None and left_out:
            flow.cuts = cuts if flow is known else 0
            flow.left_out += left_out
            flow.connection.excerpt = True
        events.extend(self.feed(segment))
        flow = self._flows[segment.src, segment.sport, segment.dst, segment.dport]
        flow.connection.excerpt = True
        return events

    def advance(self, now: int) -> Sequence[Event]:
        """Let time pass without a packet, to `now` (ns): return what became due by that."""
        events: list[Event] = []
        if now >= self._alarm:
            self._expire(now, events)
        return events

    def flush(self) -> Iterator[Event]:
        """End every connection, in the order of their numbers, as the capture ends."""
        for number in list(self._open):
            connection = self._open.get(number)
            if connection is not None:
                events: list[Event] = []
                replaced = connection in self._closing
                self._end(connection, connection.end, events, None if replaced else EndedBy.CAPTURE_END)
                yield from events
        self._flows.clear()
        self._lingering.clear()
        self._recent.clear()
        self._alarm = NEVER
        self._seen = None

    def unanswered(self) -> Iterator[Connection]:
        """The connections of which only what the client sends was captured, and nothing but SYNs of that."""
        for connection in self._open.values():
            client, server = connection.flows
            if (
                client.row < 0
                and server.heard is None
                and client.syns
                and not client.payload
                and connection.state is None
            ):
                yield connection

    # -- what begins and ends a connection plainly -------------------------------------------------------------

    def begin(self, key: Key, back: Key, isn: int, frame: int, time: int) -> Flow:
        """Take a SYN between endpoints of which no connection is known, where there is room for one: just what `feed` does
        with it, which tells nothing. `key`: the direction from the client, `back`: the other one. Gives the former."""
        flow = self._add(key, back, True, Determined.HANDSHAKE, frame, time)
        flow.begin(isn)
        flow.heard = flow.first_heard = time
        flow.syns = 1
        return flow

    @staticmethod
    def awaits_answer(flow: Flow, ack: int) -> bool:
        """Whether nothing came of a connection so far but the SYN of the other direction, to which this may be the acknowledgement."""
        connection, peer = flow.connection, flow.peer
        return (
            connection.determined is Determined.HANDSHAKE
            and flow.heard is None
            and flow.base is None
            and peer.isn is not None
            and peer.syns == 1
            and peer.fast == ack
            and peer.lenient
            and not (peer.payload or peer.given or flow.payload or flow.syns or connection.ended)
            and connection.ended_by is None
        )

    @staticmethod
    def answer(flow: Flow, isn: int, ack: int, frame: int, time: int) -> None:
        """Take the SYN of a server right behind the client's, which it acknowledges: the same."""
        connection = flow.connection
        connection.end = flow.heard = flow.first_heard = time
        connection.last_frame = frame
        flow.last_ack = ack
        flow.begin(isn)
        flow.syns = 1

    def close(self, flow: Flow, ack: int, frame: int, time: int, fin: bool) -> Sequence[Event]:
        """Take a packet without payload, in order, of a connection that was whole until its first FIN, and has not ended: one
        with a FIN, or (not `fin`) one of the other direction behind that. `ack` is of nothing behind the other one's FIN."""
        connection = flow.connection
        connection.end = flow.heard = time
        connection.last_frame = frame
        flow.last_ack = ack
        peer = flow.peer
        peer.acknowledge(ack, time)
        if not fin:
            flow.claim(flow.expected)
            if peer.mark_time is not None:
                flow.fast = -1
            return ()
        flow.finish(time)
        if connection.ended_by is None:
            note_end(connection, EndedBy.FIN, flow.side, frame, time)
        if not peer.finished:
            return ()
        events: list[Event] = []
        self._end(connection, time, events, None)
        if len(self._lingering) == 1:
            # Behind others it is due later than these.
            self._set_alarm()
        return events

    def close_both(self, flow: Flow, closes: Sequence[tuple[int, int, int]]) -> Ended:
        """The same of a FIN of this direction, and of the other one's right behind it: of each the acknowledgement, the frame and
        the time. What the first acknowledges was never open; both end the connection."""
        (ack, frame, time), (other_ack, last_frame, end) = closes
        connection = flow.connection
        self.finish_both(flow, (ack, time), (other_ack, end))
        connection.end, connection.last_frame = end, last_frame
        return self.over(connection, flow.side, frame, time)

    @staticmethod
    def finish_both(flow: Flow, close: tuple[int, int], other: tuple[int, int]) -> None:
        """What that makes of the directions: of each FIN the acknowledgement and the time."""
        peer = flow.peer
        flow.last_ack, flow.heard = close
        flow.finish(flow.heard)
        peer.last_ack, peer.heard = other
        flow.acknowledge(*other)
        peer.finish(peer.heard)
        # Everything was given out of both.
        flow.closed = peer.closed = True

    def over(self, connection: Connection, side: int, frame: int, time: int) -> Ended:
        """What that makes of the connection and the table, when the last packet was noted: the side, the frame and the time of
        the first FIN."""
        if connection.ended_by is None:
            note_end(connection, EndedBy.FIN, side, frame, time)
        connection.ended = True
        del self._open[connection.number]
        self._lingering[connection] = connection.end
        if len(self._lingering) == 1:
            # Behind others it is due later than these.
            self._set_alarm()
        return Ended(connection)

    def forget_by(self, now: int) -> list[tuple[int, Forgotten]] | None:
        """Let time pass to `now` (ns) where nothing but forgetting ended connections falls due: each with the time at which it is
        forgotten. None, and nothing is done, where there is more to it."""
        if self._timers or self._closing or self._ahead:
            return None
        linger, flows = self._limits.linger, self._flows
        found: list[tuple[int, Forgotten]] = []
        due = self._alarm
        for connection, since in self._lingering.items():
            if since + linger > now:
                break
            due = max(due, since + linger)
            for flow in connection.flows:
                if flow.row < 0 and flows.get(flow.key) is not flow:
                    return None
            found.append((due, _NEW(Forgotten, (connection,))))
        for _, (connection,) in found:
            del self._lingering[connection]
            connection.previous = None
            one, other = connection.flows
            if one.row >= 0:
                self.lasting.forget(one.row)
            else:
                del flows[one.key], flows[other.key]
        self._set_alarm()
        return found

    # -- the unusual segment ---------------------------------------------------------------------------------

    def _feed_unusual(self, segment: Segment) -> list[Event]:
        frame, time, src, sport, dst, dport, seq, ack, flags, payload, cut = segment
        events: list[Event] = []
        if time >= self._alarm:
            self._expire(time, events)
        known = self._flows.get((src, sport, dst, dport))
        flow = self._begin(segment, None, events) if known is None else self._owner(known, segment, events)
        self._seen = (segment, flow)
        connection = flow.connection
        copied, twin = flow.follows(time), flow.is_twin(time)
        if not connection.ended:
            if flow.heard is None:
                flow.first_heard = time
            connection.end = flow.heard = time
            connection.last_frame = frame
        if flags & RST:
            if reset(flow, segment):
                self._close_soon(connection, time)
        else:
            if flags & SYN:
                flow.syns += not (copied and flow.syns)
                see_handshake(flow, flags)
            if (
                payload
                and connection.ended_by is EndedBy.RESET
                and connection in self._closing
                and doubt_reset(flow, segment)
            ):
                del self._closing[connection]
            if flags & ACK and not connection.ended:
                flow.last_ack = ack
                flow.peer.acknowledge(ack, time)
            if cut and not connection.ended:
                # What strays in behind the end is not the session's any more.
                if not flow.cuts:
                    flow.first_cut = self._noted(time)
                flow.cuts += 1
            early = Early(flow, segment, self._noted(time), copied, twin)
            if not self._ahead.takes(early):
                self._take_in(early, time, events)
        if connection in self._ahead:
            self._catch_up(connection, time, events, self._ahead.has_waited(connection, time))
        self._settle(connection, time, events)
        self._set_alarm()
        return events

    def _take_in(self, one: Early, now: int, events: list[Event]) -> None:
        """Take a segment into its stream."""
        flow, (frame, time, _, _, _, _, seq, _, flags, payload, cut), noted, copied, twin = one
        overtaken = flow.overtakes(seq) if payload and flow.held is not None else False
        duplicate, probes = flow.duplicate, flow.base is not None and distance(seq, flow.expected) == -1
        undelivered = flow.undelivered
        self._deliver(flow, flow.feed(seq, payload, frame, time, flags, cut), events)
        if flow.duplicate > duplicate or (probes and not flags & (SYN | FIN)):
            flow.tells_again(time, noted, len(payload) > 1, copied, twin)
        elif overtaken and flow.undelivered == undelivered:
            if not flow.reordered:
                flow.first_reordered = noted
            flow.reordered += 1
        if flow.fin is not None and flow.connection.ended_by is None:
            note_end(flow.connection, EndedBy.FIN, flow.side, frame, time)
        if flow.peer.waiting:
            chunks: list[Chunk] = []
            flow.peer.release(now, chunks)
            self._deliver(flow.peer, chunks, events)

    def _catch_up(self, connection: Connection, now: int, events: list[Event], whatever: bool) -> None:
        """Take in what was set aside of a connection and has what it answers before it by now, or (`whatever`) all of it."""
        early = self._ahead.next_one(connection, whatever)
        while early is not None:
            self._take_in(early, now, events)
            early = self._ahead.next_one(connection, whatever)

    @staticmethod
    def _deliver(flow: Flow, chunks: list[Chunk], events: list[Event]) -> None:
        connection, side = flow.connection, flow.side
        for missing, data, frame, time, offset in chunks:
            if not data:
                frame, time = connection.last_frame, connection.end
            events.append(Delivery(connection, side, missing, data, frame, time, flow, offset))

    @staticmethod
    def _tell(connection: Connection, time: int, events: list[Event]) -> None:
        """Give out what was noted meanwhile."""
        if connection.notes:
            events.extend(Remark(connection, flow, time, note) for flow, note in connection.notes)
            connection.notes = ()
        for flow in connection.flows:
            if flow.notes:
                events.extend(Remark(connection, flow, time, note) for note in flow.notes)
                flow.notes = ()

    # -- which connection ------------------------------------------------------------------------------------

    def _begin(self, segment: Segment, old: Connection | None, events: list[Event]) -> Flow:
        """Open a connection with the segment that shows it first; return the flow that the segment is of."""
        if len(self._open) + len(self._lingering) >= self._limits.connections:
            self._make_room(segment.time, events)
            if old is not None and old.ended and old not in self._lingering:
                old = None
        key = (segment.src, segment.sport, segment.dst, segment.dport)
        back = (segment.dst, segment.dport, segment.src, segment.sport)
        from_client, determined = judge(segment, self._ports)
        flow = self._add(key, back, from_client, determined, segment.frame, segment.time)
        connection = flow.connection
        if key == back:
            # A connection of an endpoint with itself: its directions cannot be told apart.
            flow.peer = flow
        if old is not None:
            old.previous = None
            connection.previous = old
            if not old.ended:
                if old.ended_by is None:
                    old.note(NoteKind.REPLACED, segment.frame)
                self._close_soon(old, segment.time)
                self._tell(old, segment.time, events)
        return flow

    def _add(self, key: Key, back: Key, from_client: bool, determined: Determined, frame: int, time: int) -> Flow:
        """Add a connection that a packet shows first; return the direction of that packet."""
        flow = Flow(key, CLIENT if from_client else SERVER, self._limits, self._recent)
        peer = Flow(back, SERVER if from_client else CLIENT, self._limits, self._recent)
        self._count += 1
        client, server = (flow, peer) if from_client else (peer, flow)
        connection = Connection(self._count, client, server, determined, frame, time)
        flow.connection = peer.connection = connection
        flow.peer, peer.peer = peer, flow
        flow.number, peer.number = 2 * self._count + (key > back), 2 * self._count + (back > key)
        self._flows[back] = peer
        self._flows[key] = flow
        self._open[connection.number] = connection
        return flow

    def count_in(self, connection: Connection) -> int:
        """Count a new connection as one that is open; give its number."""
        self._count += 1
        self._open[self._count] = connection
        return self._count

    def find_by_ends(self, flow: Flow, peer: Flow) -> None:
        """Have segments between their endpoints belong to these directions of a connection."""
        self._flows[peer.key] = peer
        self._flows[flow.key] = flow

    def _owner(self, flow: Flow, segment: Segment, events: list[Event]) -> Flow:
        """The flow that a segment belongs to, among the current, the previous and a new connection."""
        connection = flow.connection
        previous = same_way(connection.previous, flow)
        if segment.flags & SYN and not segment.flags & RST:
            if is_repeated_syn(flow, segment):
                return flow
            if previous is not None and previous.isn == segment.seq:
                return previous
            return self._begin(segment, connection, events)
        if previous is not None and is_late(previous, flow, segment):
            return previous
        return self._begin(segment, connection, events) if begins_another(flow, segment) else flow

    # -- ends ------------------------------------------------------------------------------------------------

    def _close_soon(self, connection: Connection, time: int) -> None:
        if connection not in self._closing:
            self._closing[connection] = time

    def _settle(self, connection: Connection, time: int, events: list[Event]) -> None:
        """After anything happened to a connection: limits, timers, its end, and whether it may go quickly."""
        one, other = connection.flows
        flushed: list[Connection] = []
        for flow in (one, other):
            if flow.waiting or flow.charged or flow.timer:
                self._account(flow, time)
        while self._held > self._limits.total_bytes and self._waiting:
            oldest = next(iter(self._waiting))
            oldest.connection.note(NoteKind.HELD_TOO_MUCH, oldest.last_frame, oldest, oldest.held_bytes)
            self._deliver(oldest, oldest.flush(), events)
            self._account(oldest, time)
            flushed.append(oldest.connection)
        for changed in flushed:
            if changed is not connection:
                self._settle(changed, time, events)
        self._tell(connection, time, events)
        if connection.ended:
            return
        if one.finished and other.finished:
            self._end(connection, time, events, None)
            return
        whole = connection not in self._closing and connection not in self._ahead
        whole = whole and not one.waiting and not other.waiting
        # Packets are counted in both directions while an acknowledgement of bytes not seen is pending.
        whole = whole and one.mark_time is None and other.mark_time is None
        for flow in (one, other):
            if whole:
                flow.refresh()
            else:
                flow.fast = -1

    def _account(self, flow: Flow, time: int) -> None:
        cost = flow.held_cost
        self._held += cost - flow.charged
        flow.charged = cost
        if cost:
            self._waiting[flow] = None
        else:
            self._waiting.pop(flow, None)
        deadline = flow.deadline()
        if deadline is None:
            flow.timer = 0
            return
        deadline = max(deadline, time + 1)
        if flow.timer == 0 or deadline < flow.timer:
            flow.timer = deadline
            self._timer_serial += 1
            heapq.heappush(self._timers, (deadline, self._timer_serial, flow))
            if len(self._timers) > 2 * len(self._flows) + 1024:
                valid: dict[Flow, tuple[int, int, Flow]] = {}
                for entry in self._timers:
                    if entry[2].timer == entry[0]:
                        valid[entry[2]] = entry
                self._timers = list(valid.values())
                heapq.heapify(self._timers)

    def _end(self, connection: Connection, time: int, events: list[Event], by: EndedBy | None) -> None:
        if connection in self._ahead:
            self._catch_up(connection, time, events, True)
        for flow in connection.flows:
            chunks = flow.close()
            if chunks:
                self._deliver(flow, chunks, events)
            flow.fast = -1
            if flow.charged or flow.timer:
                self._account(flow, time)
                flow.timer = 0
        if connection.ended_by is None and by is not None:
            note_end(connection, by, None, connection.last_frame, connection.end)
        connection.ended = True
        self._open.pop(connection.number, None)
        self._closing.pop(connection, None)
        self._lingering[connection] = time
        self._tell(connection, time, events)
        events.append(Ended(connection))

    def _forget(self, connection: Connection, events: list[Event]) -> None:
        """Remember an ended connection no longer."""
        events.append(Forgotten(connection))
        self._lingering.pop(connection, None)
        connection.previous = None
        if connection.flows[0].row >= 0:
            self.lasting.forget(connection.flows[0].row)
            return
        for flow in connection.flows:
            current = self._flows.get(flow.key)
            if current is flow or current is flow.peer:
                del self._flows[flow.key]
            elif current is not None and current.connection.previous is connection:
                current.connection.previous = None
                self._settle(current.connection, current.connection.end, events)

    def _make_room(self, time: int, events: list[Event]) -> None:
        """Forget a sixteenth of the connections: those that ended first, then those idle longest."""
        wanted = max(self._limits.connections // 16, 1)
        while self._lingering and wanted:
            self._forget(next(iter(self._lingering)), events)
            wanted -= 1
        if wanted:
            idle = heapq.nsmallest(wanted, self._open.values(), key=lambda connection: connection.end)
            for connection in idle:
                connection.note(NoteKind.PUT_AWAY, connection.last_frame)
                self._end(connection, time, events, EndedBy.IDLE)
                self._forget(connection, events)
                self.evicted += 1

    # -- the passing of time ---------------------------------------------------------------------------------

    def _expire(self, now: int, events: list[Event]) -> None:
        """What is due by `now`, each at its time: it is the same whether time is looked at often or seldom."""
        while self._alarm <= now:
            self._expire_at(self._alarm, events)

    def _expire_at(self, now: int, events: list[Event]) -> None:
        timers = self._timers
        while self._timers and self._timers[0][0] <= now:
            timers = self._timers
            deadline, _, flow = heapq.heappop(timers)
            if flow.timer == deadline:
                flow.timer = 0
                self._deliver(flow, flow.expire(now), events)
                self._settle(flow.connection, now, events)
        while self._ahead.due <= now:
            connection = self._ahead.first
            self._catch_up(connection, now, events, True)
            self._settle(connection, now, events)
        grace, linger = self._limits.close_grace, self._limits.linger
        while self._closing:
            connection, since = next(iter(self._closing.items()))
            if since + grace > now:
                break
            self._end(connection, now, events, None)
        while self._lingering:
            connection, since = next(iter(self._lingering.items()))
            if since + linger > now:
                break
            self._forget(connection, events)
        self._set_alarm()

    def _set_alarm(self) -> None:
        alarm = min(self._timers[0][0] if self._timers else NEVER, self._ahead.due)
        if self._closing:
            alarm = min(alarm, next(iter(self._closing.values())) + self._limits.close_grace)
        if self._lingering:
            alarm = min(alarm, next(iter(self._lingering.values())) + self._limits.linger)
        self._alarm = alarm
