"""TCP segments in, messages out: connections, bytes in order, frames and decoding put together.

Sans-IO: whoever has segments feeds them, and gets events. The order of messages is the order in which they become
available: by the packet that completes them, and within a direction always the stream's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace

from ccxdissect.capture.segment import Segment, format_endpoint
from ccxdissect.codec.decoder import Decoded, Decoder, Decoders
from ccxdissect.codec.forms import proposed
from ccxdissect.codec.layout import HEADER
from ccxdissect.protocol.model import Protocol, Side, several
from ccxdissect.protocol.telling import LOOKED_AT
from ccxdissect.stream.connections import Connection, Connections, Delivery, Ended, Flow, Remark
from ccxdissect.stream.connections import Event as ConnectionEvent
from ccxdissect.stream.dialect import MOST_WAITING, Verdict, Weighing
from ccxdissect.stream.events import (
    Determined,
    Event,
    Loss,
    LossKind,
    Noted,
    Record,
    Session,
    SessionEnded,
    SessionOpened,
    Tried,
)
from ccxdissect.stream.framing import Boundaries, Framed, Framer, Skipped
from ccxdissect.stream.reassembly import DEFAULT_LIMITS, Limits
from ccxdissect.wording import SECOND

SIDES = (Side.CLIENT, Side.SERVER)
_NOTHING: Sequence[Event] = ()
#: How long messages wait for a sign of their protocol, in ns.
_PATIENCE = SECOND
_NEVER = 1 << 100


class Conversation:
    """What the dissector keeps of one connection."""

    __slots__ = ("client", "connection", "decoder", "framers", "guessed", "looks", "session", "verdict", "waiting")

    def __init__(
        self, connection: Connection, session: Session, framers: dict[Flow, Framer], decoder: Decoder, verdict: Verdict
    ) -> None:
        self.connection = connection
        self.session = session
        self.framers = framers
        #: The decoder of the protocol that leads, and the verdict that says so.
        self.decoder = decoder
        self.verdict = verdict
        #: How many more messages are looked at for signs that disagree.
        self.looks = 0 if verdict.told else LOOKED_AT
        #: Messages that wait until it is clear by which protocol they are read.
        self.waiting: list[tuple[Flow, Framer, Framed]] = []
        #: The flow that was the client's when the session was last looked at.
        self.client = connection.flows[0]
        #: Whether which side is the server is a guess so far.
        self.guessed = connection.determined is Determined.GUESS

    def turn(self) -> None:
        """The connection turned out to be the other way round: so does the session."""
        self.client = self.connection.flows[0]
        session = self.session
        session.client, session.server = session.server, session.client
        counted = session.counted
        session.counted = {Side.CLIENT: counted[Side.SERVER], Side.SERVER: counted[Side.CLIENT]}


class Dissector:
    """Turns segments into events, by one set of declarations, or by that of several which a session turns out to speak.

    `ports`: where servers listen (default: the protocols').
    """

    def __init__(
        self,
        protocol: Protocol | Sequence[Protocol],
        ports: Iterable[int] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        protocols = several(protocol)
        self.protocol = protocols[0]
        self._weighing = Weighing(protocols)
        self._protocols = protocols
        self.decoders = Decoders()
        #: What headers may say once it is known which protocol is spoken; `bounds`: before that.
        self.bounds_of = {one: Boundaries(one) for one in protocols}
        listening = {port for one in protocols for port in one.ports} if ports is None else ports
        self.connections = Connections(listening, limits)
        self.count = 0
        self.bounds = Boundaries(*protocols)
        #: The packet time (ns) of what is being taken.
        self.now = 0
        #: The conversations in which messages wait, the longest waiting first, and until when (ns) they do.
        self.undecided: dict[Conversation, int] = {}

    def feed(self, segment: Segment) -> Sequence[Event]:
        """Take the next captured segment; give what became available by it. Never raises."""
        time = segment.time
        found: list[Event] = []
        if time >= self.connections.alarm or self.undecided:
            self._pass(time, found)
        events = self.connections.feed(segment)
        if events:
            self.now = time
            self.take(events, found)
        return found or _NOTHING

    def feed_behind(self, left_out: int, segment: Segment) -> list[Event]:
        """The same of a segment of a session of which packets were left out of the capture on purpose, with so many bytes
        right before this one."""
        found: list[Event] = []
        self._pass(segment.time, found)
        self.now = segment.time
        self.take(self.connections.feed_behind(left_out, segment), found)
        flow = self.connections.flow((segment.src, segment.sport, segment.dst, segment.dport))
        conversation = None if flow is None else flow.connection.state
        if conversation is not None:
            conversation.session.excerpt, conversation.session.from_start = True, False
        return found

    def advance(self, now: int) -> list[Event]:
        """Let time pass without a segment, to `now` (ns since the epoch): give what became available by that."""
        found: list[Event] = []
        self._pass(now, found)
        return found

    def _pass(self, now: int, found: list[Event]) -> None:
        """Time passes, to `now`: what falls due meanwhile, in the order in which it does."""
        while True:
            conversation, until = self.next_decision()
            if self.connections.alarm <= min(until, now):
                self.now = self.connections.alarm
                self.take(self.connections.advance(self.now), found)
            elif conversation is not None and until < now:
                self.now = until
                self.decide(conversation, found)
            else:
                break

    def next_decision(self) -> tuple[Conversation | None, int]:
        """The conversation that has waited longest for a sign, and the time (ns) after which it waits no more."""
        return next(iter(self.undecided.items()), (None, _NEVER))

    def tried(self) -> Iterator[Tried]:
        """The attempts to connect that nothing has answered by now."""
        for one in self.connections.unanswered():
            client, server = format_endpoint(*one.client), format_endpoint(*one.server)
            yield Tried(one.number, client, server, one.start, one.flows[0].syns)

    def flush(self) -> Iterator[Event]:
        """The capture is over: give what is left, and end every session."""
        for event in self.connections.flush():
            found: list[Event] = []
            self.take((event,), found)
            yield from found

    def take(self, events: Iterable[ConnectionEvent], found: list[Event]) -> None:
        """Take what the table of connections gave; put what it means into `found`."""
        for event in events:
            if type(event) is Delivery:
                connection, _, missing, data, frame, time, flow, offset = event
                conversation = connection.state or self.open(connection, found)
                if conversation.client is not connection.flows[0]:
                    conversation.turn()
                self._deliver(conversation, flow, missing, data, frame, time, offset, found)
            elif type(event) is Remark:
                self._note(event, found)
            elif type(event) is Ended:
                self._end(event.connection, found)
            else:
                self._settle_counts(event.connection)

    def open(self, connection: Connection, found: list[Event]) -> Conversation:
        """Begin the session of a connection of which something became available for the first time."""
        session = Session(
            connection.number,
            format_endpoint(*connection.client),
            format_endpoint(*connection.server),
            connection.start,
            connection.end,
        )
        verdict = session.verdict = self._weighing.open(connection.server[1])
        bounds = self.bounds_of[verdict.protocol] if self._weighing.leads(verdict) else self.bounds

        def fits(number: int, body: bytes) -> bool:
            if conversation.decoder.fits(number, body, session.version, session.form):
                return True
            return not verdict.settled and any(
                self.decoders[one].fits(number, body, session.version, session.form) for one in self._protocols
            )

        framers = {flow: Framer(bounds, fits, flow.isn is not None) for flow in connection.flows}
        session.excerpt = connection.excerpt
        session.from_start = all(flow.isn is not None for flow in connection.flows) and not session.excerpt
        conversation = Conversation(connection, session, framers, self.decoders[verdict.protocol], verdict)
        connection.state = conversation
        session.recount = lambda: _recount(conversation)
        found.append(SessionOpened(session, connection.start, connection.first_frame))
        return conversation

    def _deliver(
        self,
        conversation: Conversation,
        flow: Flow,
        missing: int,
        data: bytes,
        frame: int,
        time: int,
        offset: int,
        found: list[Event],
    ) -> None:
        session = conversation.session
        session.end = time
        framer = conversation.framers[flow]
        if not missing:
            whole = framer.whole(data)
            if whole is not None:
                for number, body in whole:
                    self._message(conversation, flow, framer, Framed(number, body, offset, frame, time, time), found)
                    offset += 8 + len(body)
                return
        else:
            if conversation.waiting:
                self.decide(conversation, found)
            side = SIDES[flow.side]
            gap = offset - missing
            kind = LossKind.NEVER_CAPTURED
            if flow.connection.excerpt and (not data or missing <= flow.left_out):
                # Behind its last packet an excerpt's sequence numbers still tell of what was left out.
                kind, flow.left_out = LossKind.LEFT_OUT, max(flow.left_out - missing, 0)
            found.append(Loss(session, side, time, frame, missing, 0, kind, None, flow.number, gap))
        self._items(conversation, flow, framer, framer.feed(offset, missing, data, frame, time), frame, time, found)

    def _items(
        self,
        conversation: Conversation,
        flow: Flow,
        framer: Framer,
        items: Iterable[Framed | Skipped],
        frame: int,
        time: int,
        found: list[Event],
    ) -> None:
        for item in items:
            if isinstance(item, Skipped):
                if conversation.waiting:
                    self.decide(conversation, found)
                self._skip(conversation, flow, item, frame, time, found)
            else:
                self._message(conversation, flow, framer, item, found)

    def _message(
        self, conversation: Conversation, flow: Flow, framer: Framer, framed: Framed, found: list[Event]
    ) -> None:
        if conversation.guessed:
            self._settle_sides(conversation, flow, framed.number)
        if conversation.verdict.settled or self._is_clear(conversation, flow, framer, framed, found):
            self._give(conversation, flow, framer, framed, found)

    def foresee(self, conversation: Conversation, brought: Iterable[tuple[Flow, bytes]]) -> int | None:
        """Settle by which protocol a conversation is read, where the messages in its next deliveries say so before any
        of them would have to wait for that. Nothing is taken. Gives how many messages come before the one that says it;
        None where nothing is settled.
        """
        if conversation.waiting or conversation.guessed:
            return None
        held: dict[Flow, bytes] = {}
        for flow, framer in conversation.framers.items():
            lent = framer.lend()
            if lent is None:
                return None
            held[flow] = lent[0]
        verdict = conversation.verdict
        trial = replace(verdict, seen=[*verdict.seen])
        session, decoder = copy(conversation.session), conversation.decoder
        session.verdict = trial
        count = 0
        for flow, data in brought:
            data = held[flow] + data
            at = 0
            while len(data) - at >= HEADER.size:
                length, number = HEADER.unpack_from(data, at)
                if length > self.bounds.largest_body or number not in self.bounds.types:
                    return None
                start = at + HEADER.size
                at = start + length
                if at > len(data):
                    at = start - HEADER.size
                    break
                body = data[start:at]
                self._weighing.look(trial, decoder.decode(number, body, session.version, session.form))
                if trial.protocol is not decoder.protocol:
                    if count or session.version is not None or session.form is not None:
                        return None
                    decoder = self.decoders[trial.protocol]
                if self._weighing.leads(trial) and number not in self._weighing.alike:
                    bounds = self.bounds_of[trial.protocol]
                    if number not in bounds.types or not _plausible(data, at, bounds):
                        return None
                    conversation.decoder = decoder
                    verdict.protocol, verdict.seen, verdict.settled = trial.protocol, trial.seen, True
                    for framer in conversation.framers.values():
                        framer.bound_by(bounds)
                    return count
                if number not in self._weighing.alike:
                    return None
                decoded = decoder.decode(number, body, session.version, session.form)
                self.learn(session, number, decoded.version, decoded.form)
                count += 1
            held[flow] = data[at:]
        return None

    def telling(self, protocol: Protocol) -> frozenset[int]:
        """The types of which messages, in a session that is read by `protocol`, may speak for another one."""
        return self._weighing.telling(protocol)

    def look(self, conversation: Conversation, decoded: Decoded) -> None:
        """Look for signs that disagree with what is settled."""
        self._weighing.look(conversation.verdict, decoded)

    def _is_clear(
        self, conversation: Conversation, flow: Flow, framer: Framer, framed: Framed, found: list[Event]
    ) -> bool:
        """Whether it is known by which protocol a message is read, or does not matter; otherwise it waits."""
        session, verdict = conversation.session, conversation.verdict
        self._weighing.look(
            verdict, conversation.decoder.decode(framed.number, framed.body, session.version, session.form)
        )
        decoder = self.decoders[verdict.protocol]
        if decoder is not conversation.decoder:
            conversation.decoder = decoder
            session.form = None
            session.version = session.version if session.version_said else None
        if self._weighing.leads(verdict):
            verdict.settled = framed.number not in self._weighing.alike
            if verdict.settled or conversation.waiting:
                self.decide(conversation, found)
            return True
        if framed.number in self._weighing.alike and not conversation.waiting:
            return True
        conversation.waiting.append((flow, framer, framed))
        self.undecided.setdefault(conversation, self.now + _PATIENCE)
        if len(conversation.waiting) >= MOST_WAITING:
            self.decide(conversation, found)
        return False

    def decide(self, conversation: Conversation, found: list[Event]) -> None:
        """Believe the protocol that leads, and give what waited for that."""
        verdict = conversation.verdict
        verdict.settled = True
        for framer in conversation.framers.values():
            framer.bound_by(self.bounds_of[verdict.protocol])
        waiting, conversation.waiting = conversation.waiting, []
        self.undecided.pop(conversation, None)
        for flow, _, framed in waiting:
            self._give(conversation, flow, None, framed, found)

    def _give(
        self, conversation: Conversation, flow: Flow, framer: Framer | None, framed: Framed, found: list[Event]
    ) -> None:
        """A message as an event. Without a framer (it is further on by now) nothing is searched for in its end."""
        number, body, offset, frame, time, begun = framed
        session = conversation.session
        side = SIDES[flow.side]
        decoded = conversation.decoder.decode(number, body, session.version, session.form)
        if conversation.looks and conversation.verdict.settled:
            conversation.looks -= 1
            self.look(conversation, decoded)
        sent = session.counted[side]
        undecoded = decoded.undecoded
        if undecoded:
            if framer is not None:
                framer.doubt(body[len(body) - undecoded :])
            sent.undecoded += undecoded
        sent.decoded += 8 + len(body) - undecoded
        sent.messages += 1
        if decoded.version is not session.version or decoded.form is not session.form:
            self.learn(session, number, decoded.version, decoded.form)
        self.count += 1
        found.append(Record(self.count, frame, time, session, side, decoded, begun, (), flow.number, offset))

    def _settle_sides(self, conversation: Conversation, flow: Flow, number: int) -> None:
        """Where only a guess said which side is the server, the first known message tells."""
        message = next((one.by_number[number] for one in self._protocols if number in one.numbers), None)
        if message is not None:
            sender = message.sender
            conversation.guessed = False
            if conversation.connection.determined is Determined.GUESS and sender is not SIDES[flow.side]:
                conversation.connection.swap()
                conversation.turn()

    def learn(self, session: Session, number: int, version: int | None, form: object) -> None:
        """Keep what a message of a session told of the version and the form."""
        protocol = self.protocol if session.verdict is None else session.verdict.protocol
        if version is not None and version != session.version:
            session.version = version
            session.version_said = self.decoders[protocol].says_version(number)
            session.form = None
        if form is not None and (session.version is None or form in proposed(protocol, session.version)):
            session.form = form  # type: ignore[assignment]

    def _skip(
        self, conversation: Conversation, flow: Flow, skipped: Skipped, frame: int, time: int, found: list[Event]
    ) -> None:
        offset, data, kind, detail, retracted, cut = skipped
        session = conversation.session
        side = SIDES[flow.side]
        session.counted[side].undecoded += len(data) - retracted
        if data:
            partial = None
            if cut is not None:
                partial = conversation.decoder.decode(*cut, session.version, session.form)
                if partial.version is not session.version:
                    self.learn(session, partial.number, partial.version, None)
            found.append(
                Loss(session, side, time, frame, 0, len(data), kind, detail, flow.number, offset, data, partial)
            )

    def _note(self, remark: Remark, found: list[Event]) -> None:
        connection, flow, time, (kind, frame, offset, size) = remark
        conversation = connection.state or self.open(connection, found)
        if conversation.client is not connection.flows[0]:
            conversation.turn()
        session = conversation.session
        session.noted[kind] += 1
        found.append(Noted(session, None if flow is None else SIDES[flow.side], time, frame, kind, size, offset))

    def _end(self, connection: Connection, found: list[Event]) -> None:
        conversation = connection.state or self.open(connection, found)
        if conversation.client is not connection.flows[0]:
            conversation.turn()
        session = conversation.session
        session.end = connection.end
        frame = connection.last_frame
        session.ended_by = connection.ended_by
        if connection.ended_side is not None:
            session.ended_side = SIDES[connection.ended_side]
        session.ended_at = connection.ended_time
        for flow, framer in conversation.framers.items():
            self._items(conversation, flow, framer, framer.flush(flow.position), frame, session.end, found)
        if conversation.waiting:
            self.decide(conversation, found)
        found.append(SessionEnded(session, session.end, frame))
        # Analyses may remember a session for long: what only reading it took is let go.
        conversation.framers = {}

    @staticmethod
    def _settle_counts(connection: Connection) -> None:
        """Nothing will change a session's counts any more: let its connection go."""
        conversation = connection.state
        if conversation is not None:
            _recount(conversation)
            conversation.session.recount = None


def _recount(conversation: Conversation) -> None:
    """Bring the session's byte counts up to date with those of its connection."""
    for side, flow in zip(SIDES, conversation.connection.flows, strict=True):
        sent = conversation.session.counted[side]
        sent.payload = flow.payload
        sent.duplicate = flow.duplicate
        sent.missing = flow.missing
        sent.undecoded += flow.undelivered - sent.undelivered
        sent.undelivered = flow.undelivered
        sent.seen, sent.heard = flow.heard is not None, flow.heard
        sent.syns, sent.cut = flow.syns, flow.cuts
        sent.repeated, sent.reordered = flow.repeated, flow.reordered
        lasts = flow.in_vain_since is not None and flow.in_vain_after == flow.peer.heard
        sent.in_vain, sent.in_vain_since = (flow.in_vain, flow.in_vain_since) if lasts else (0, None)


def _plausible(data: bytes, at: int, bounds: Boundaries) -> bool:
    # Whether what follows from `at` on may be whole messages, and perhaps the beginning of one.
    while len(data) - at >= HEADER.size:
        if not bounds.plausible(data, at):
            return False
        at += HEADER.size + HEADER.unpack_from(data, at)[0]
    return True
