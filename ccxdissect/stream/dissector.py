"""TCP segments in, messages out: connections, bytes in order, frames and decoding put together.

Sans-IO: whoever has segments feeds them, and gets events. The order of messages is the order in which they become
available: by the packet that completes them, and within a direction always the stream's.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from typing import Any

from ccxdissect.bounded import Memo
from ccxdissect.capture.segment import Endpoint, Segment, format_endpoint
from ccxdissect.codec.decoder import Decoded, Decoder, Decoders
from ccxdissect.codec.forms import FloatingForm, proposed
from ccxdissect.codec.layout import HEADER
from ccxdissect.protocol.model import Protocol, Side, several
from ccxdissect.protocol.telling import LOOKED_AT
from ccxdissect.stream.connections import Connection, Connections, Delivery, Ended, Flow, Remark
from ccxdissect.stream.connections import Event as ConnectionEvent
from ccxdissect.stream.dialect import MOST_WAITING, Verdict, Weighing
from ccxdissect.stream.events import (
    OUT_OF_SIGHT,
    Determined,
    Event,
    Loss,
    LossKind,
    Noted,
    Record,
    SessionEnded,
    SessionOpened,
    SessionState,
    Tally,
    Tried,
)
from ccxdissect.stream.framing import Boundaries, Brought, Framed, Framer, Skipped
from ccxdissect.stream.pauses import Pauses
from ccxdissect.stream.reassembly import DEFAULT_LIMITS, Limits
from ccxdissect.wording import SECOND

SIDES = (Side.CLIENT, Side.SERVER)
_NOTHING: Sequence[Event] = ()
_NO_FRAMERS: dict[Flow, Framer] = {}
_NOTHING_HELD: tuple[bytes, list[Brought]] = b"", []
#: Makes a named tuple of a tuple, without a call of Python's: one is made for each message.
_NEW = tuple.__new__
#: A type, a body, the version and form known before it, and by which set of declarations it is read.
Body = tuple[int, bytes, int | None, FloatingForm | None, Decoder]
#: The version of a session, whether it was said, and the form.
Known = tuple[int | None, bool, FloatingForm | None]
#: How long messages wait for a sign of their protocol, in ns.
_PATIENCE = SECOND
_NEVER = 1 << 100
#: So many servers are known by name at once.
_SERVERS = 64
#: What connections leave that were let go is collected: after so many of them, and after so many messages, if there are any.
_COLLECTED, _COLLECTED_AFTER = 4_096, 200_000


class Conversation:
    """What the dissector keeps of one connection."""

    __slots__ = (
        "_framers", "_of", "bounds", "client", "connection", "decoder", "guessed", "known", "looks", "session", "telling", "untouched", "verdict",
        "waiting",
    )  # fmt: skip

    def __init__(
        self,
        of: Dissector,
        connection: Connection,
        known: SessionState,
        decoder: Decoder,
        verdict: Verdict,
        bounds: Boundaries,
    ) -> None:
        self._of = of
        self.connection = connection
        #: What is known of its session, and that as all others may see it.
        self.known = known
        self.session = known.session
        #: What its headers may say.
        self.bounds = bounds
        #: Not made before anybody asks where both directions were captured from their SYNs on: most sessions are told to their
        #: end without.
        self._framers: dict[Flow, Framer] | None = None
        #: Whether both framers are as they were at the beginning: in step, and nothing held.
        self.untouched = True
        one, other = connection.flows
        if connection.determined is not Determined.HANDSHAKE or one.isn is None or other.isn is None:
            self._make_framers()
        #: The decoder of the protocol that leads, and the verdict that says so.
        self.decoder = decoder
        self.judge(verdict)
        #: How many more messages are looked at for signs that disagree.
        self.looks = 0 if verdict.told else LOOKED_AT
        #: Messages that wait until it is clear by which protocol they are read.
        self.waiting: tuple[tuple[Flow, Framer, Framed], ...] = ()
        #: The flow that was the client's when the session was last looked at.
        self.client = connection.flows[0]
        #: Whether which side is the server is a guess so far.
        self.guessed = connection.determined is Determined.GUESS

    @property
    def framers(self) -> dict[Flow, Framer]:
        """What cuts its directions into messages; none once it has ended."""
        made = self._framers
        return self._make_framers() if made is None else made

    def _make_framers(self) -> dict[Flow, Framer]:
        fits = self._of.fitting(self)
        self.untouched = False
        made = self._framers = {flow: Framer(self.bounds, fits, flow.isn is not None) for flow in self.connection.flows}
        return made

    def bound_by(self, bounds: Boundaries) -> None:
        """From now on its headers may say what these bounds allow."""
        self.bounds = bounds
        if self._framers is not None:
            for framer in self._framers.values():
                framer.bound_by(bounds)

    @property
    def plain(self) -> bool:
        """Whether its end tells nothing but that."""
        return self.untouched and not self.waiting

    def let_go(self) -> None:
        """Nothing more will come: what only reading it took is let go."""
        self._framers, self.untouched = _NO_FRAMERS, False

    def turn(self) -> None:
        """The connection turned out to be the other way round: so does the session."""
        self.client = self.connection.flows[0]
        self.known.turn()

    def judge(self, verdict: Verdict) -> None:
        """This is what is known of its protocol now."""
        if verdict is not self.known.verdict:
            #: The types of which a message may say more; None: not asked yet.
            self.telling: frozenset[int] | None = None
        self.verdict = self.known.verdict = verdict


class FlowTally(Tally):
    """The counts of one direction: those of its messages, and those that its flow keeps."""

    __slots__ = ("flow",)

    def __init__(self, flow: Flow) -> None:
        self.payload = self.decoded = self.undecoded = self.messages = 0
        self.flow = flow
        flow.tally = self

    def counts(self) -> tuple[Any, ...]:
        """What they come to by now, packets behind the session's end included."""
        flow = self.flow
        plainly = flow.plainly
        if plainly is not None:
            payload, heard, first_heard = plainly
            counted = payload, self.decoded, self.undecoded, 0, 0, self.messages, 0, True, heard
            return *counted, 1, 0, 0, 0, 0, None, first_heard, None, None, None, 0, 0, False
        lasts = flow.in_vain_since is not None and flow.in_vain_after == flow.peer.heard
        return (
            flow.payload,
            self.decoded,
            self.undecoded + flow.undelivered,
            flow.duplicate,
            flow.missing,
            self.messages,
            flow.undelivered,
            flow.heard is not None,
            flow.heard,
            flow.syns,
            flow.repeated,
            flow.reordered,
            flow.cuts,
            *((flow.in_vain, flow.in_vain_since) if lasts else (0, None)),
            flow.first_heard,
            flow.first_cut,
            flow.first_repeated,
            flow.first_reordered,
            flow.copied,
            flow.twins,
            flow.last_ack >= 0 and flow.peer.heard is None,
        )


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
        #: Of all segments that came.
        self.pauses = Pauses()
        self.count = 0
        #: How many connections were let go since that was collected, and how many messages there had been then.
        self._let_go = self._collected = 0
        self.bounds = Boundaries(*protocols)
        #: The packet time (ns) of what is being taken.
        self.now = 0
        #: The conversations in which messages wait, and until when (ns) they do.
        self.undecided: dict[Conversation, int] = {}
        #: Few are spoken to by many.
        self._servers: Memo[tuple[bytes, int], Endpoint] = Memo(_SERVERS)
        #: The same with the soonest at the top, those included that wait no more.
        self._due: list[tuple[int, int, Conversation]] = []
        self._waits = 0

    def feed(self, segment: Segment) -> Sequence[Event]:
        """Take the next captured segment; give what became available by it. Never raises."""
        time = segment.time
        found: list[Event] = []
        self.pauses.saw(time)
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
        self.pauses.saw(segment.time)
        self._pass(segment.time, found)
        self.now = segment.time
        self.take(self.connections.feed_behind(left_out, segment), found)
        flow = self.connections.flow((segment.src, segment.sport, segment.dst, segment.dport))
        conversation = None if flow is None else flow.connection.state
        if conversation is not None:
            conversation.known.excerpt, conversation.known.from_start = True, False
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
        """The conversation that stops waiting for a sign first, and the time (ns) after which it does. Where clocks jump
        back that is not always the one that began first."""
        due = self._due
        while due:
            until, _, conversation = due[0]
            if self.undecided.get(conversation) == until:
                return conversation, until
            heappop(due)
        return None, _NEVER

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
                self.end(event.connection, found)
            else:
                self.forget(event.connection)

    def open(self, connection: Connection, found: list[Event]) -> Conversation:
        """Begin the session of a connection of which something became available for the first time."""
        conversation = self.begin(connection)
        found.append(SessionOpened(conversation.session, connection.start, connection.first_frame))
        return conversation

    def begin(self, connection: Connection, foreseen: Verdict | None = None) -> Conversation:
        """The same, and nothing is told of it. `foreseen`: which protocol it speaks, settled, where that was seen in its first
        message; what `foresee` does otherwise."""
        one, other = connection.flows
        client, port, server, server_port = one.key
        known_server = self._servers.get((server, server_port))
        if known_server is None:
            known_server = self._servers.remember((server, server_port), format_endpoint(server, server_port))
        known = SessionState(
            connection.number,
            format_endpoint(client, port),
            known_server,
            connection.start,
            connection.end,
            tallies=(FlowTally(one), FlowTally(other)),
        )
        verdict = foreseen or self._weighing.open(server_port)
        bounds = self.bounds_of[verdict.protocol] if self._weighing.leads(verdict) else self.bounds

        known.excerpt = connection.excerpt
        known.from_start = one.isn is not None and other.isn is not None and not known.excerpt
        conversation = Conversation(self, connection, known, self.decoders[verdict.protocol], verdict, bounds)
        connection.state = conversation
        return conversation

    def fitting(self, conversation: Conversation) -> Callable[[int, bytes], bool]:
        """What says whether a body of a conversation decodes without loss or doubt."""
        known = conversation.known

        def fits(number: int, body: bytes) -> bool:
            if conversation.decoder.fits(number, body, known.version, known.form):
                return True
            if not known.version_said and conversation.decoder.fits(number, body, None, known.form):
                # No message said the version: what it is taken for is the first one that the form of the fields allows.
                return True
            return not conversation.verdict.settled and any(
                self.decoders[one].fits(number, body, known.version, known.form) for one in self._protocols
            )

        return fits

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
        conversation.known.end = time
        framer = conversation.framers[flow]
        if not missing:
            whole = framer.whole(data)
            if whole is not None:
                for nth, (number, body) in enumerate(whole):
                    if nth:
                        # Another message stands right behind the one just given: its end is not in doubt.
                        framer.doubt(b"")
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
            found.append(Loss(conversation.session, side, time, frame, missing, 0, kind, None, flow.number, gap))
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

    def foresee(
        self, conversation: Conversation, brought: Iterable[tuple[Flow, bytes]], read: dict[Body, Decoded]
    ) -> int | None:
        """Settle by which protocol a conversation is read, where the messages in its next deliveries say so before any
        of them would have to wait for that. Nothing is taken. Gives how many messages come before the one that says it;
        None where nothing is settled. What was decoded is put into `read`.
        """
        if conversation.waiting or conversation.guessed:
            return None
        held: dict[Flow, bytes] = {}
        for flow in conversation.connection.flows:
            lent = _NOTHING_HELD if conversation.untouched else conversation.framers[flow].lend()
            if lent is None:
                return None
            held[flow] = lent[0]
        trial, decoder = conversation.verdict, conversation.decoder
        known = conversation.known
        count = 0
        for flow, data in brought:
            data = held[flow] + data
            at = 0
            while len(data) - at >= HEADER.size:
                length, number = HEADER.unpack_from(data, at)
                if length > self.bounds.largest_body:
                    return None
                start = at + HEADER.size
                at = start + length
                if at > len(data):
                    at = start - HEADER.size
                    break
                body = data[start:at]
                decoded = decoder.decode(number, body, known.version, known.form)
                read[number, body, known.version, known.form, decoder] = decoded
                trial = self._weighing.look(trial, decoded)
                if trial.protocol is not decoder.protocol:
                    if count or known.version is not None or known.form is not None:
                        return None
                    decoder = self.decoders[trial.protocol]
                    decoded = decoder.decode(number, body, known.version, known.form)
                    read[number, body, known.version, known.form, decoder] = decoded
                if self._weighing.leads(trial) and number not in self._weighing.alike:
                    bounds = self.bounds_of[trial.protocol]
                    if number not in bounds.types or not _plausible(data, at, bounds):
                        return None
                    conversation.decoder = decoder
                    conversation.judge(self._weighing.settled(trial))
                    conversation.bound_by(bounds)
                    return count
                if number not in self._weighing.alike:
                    return None
                if not count:
                    # What is learned on the way is learned on trial.
                    known = replace(known)
                known.verdict = trial
                self.learn(known, number, decoded.version, decoded.form)
                count += 1
            held[flow] = data[at:]
        return None

    def telling(self, conversation: Conversation) -> frozenset[int]:
        """The types of which messages in a session may still say which protocol it speaks."""
        if conversation.telling is None:
            conversation.telling = self._weighing.telling(conversation.verdict)
        return conversation.telling

    @property
    def weighing(self) -> Weighing:
        """What tells protocols apart."""
        return self._weighing

    def look(self, conversation: Conversation, decoded: Decoded) -> None:
        """Look for signs of a protocol, settled or not."""
        conversation.judge(self._weighing.look(conversation.verdict, decoded))

    def _is_clear(
        self, conversation: Conversation, flow: Flow, framer: Framer, framed: Framed, found: list[Event]
    ) -> bool:
        """Whether it is known by which protocol a message is read, or does not matter; otherwise it waits."""
        known = conversation.known
        decoded = conversation.decoder.decode(framed.number, framed.body, known.version, known.form)
        self.look(conversation, decoded)
        verdict = conversation.verdict
        decoder = self.decoders[verdict.protocol]
        if decoder is not conversation.decoder:
            conversation.decoder = decoder
            known.form = None
            known.version = known.version if known.version_said else None
        if self._weighing.leads(verdict):
            if framed.number not in self._weighing.alike or conversation.waiting:
                self.decide(conversation, found)
            return True
        if framed.number in self._weighing.alike and not conversation.waiting:
            return True
        conversation.waiting += ((flow, framer, framed),)
        if conversation not in self.undecided:
            until = self.undecided[conversation] = self.now + _PATIENCE
            self._waits += 1
            heappush(self._due, (until, self._waits, conversation))
        if len(conversation.waiting) >= MOST_WAITING:
            self.decide(conversation, found)
        return False

    def decide(self, conversation: Conversation, found: list[Event]) -> None:
        """Believe the protocol that leads, and give what waited for that."""
        conversation.judge(self._weighing.settled(conversation.verdict))
        conversation.bound_by(self.bounds_of[conversation.verdict.protocol])
        waiting, conversation.waiting = conversation.waiting, ()
        self.undecided.pop(conversation, None)
        if not self.undecided:
            self._due.clear()
        for flow, _, framed in waiting:
            self._give(conversation, flow, None, framed, found)

    def _give(
        self, conversation: Conversation, flow: Flow, framer: Framer | None, framed: Framed, found: list[Event]
    ) -> None:
        """A message as an event. Without a framer (it is further on by now) nothing is searched for in its end."""
        number, body, offset, frame, time, begun = framed
        known = conversation.known
        decoded = conversation.decoder.decode(number, body, known.version, known.form)
        if conversation.looks and conversation.verdict.settled:
            conversation.looks -= 1
            self.look(conversation, decoded)
        sent: FlowTally = flow.tally
        undecoded = decoded.undecoded
        if undecoded:
            if framer is not None:
                framer.doubt(body[len(body) - undecoded :])
            sent.undecoded += undecoded
        sent.decoded += 8 + len(body) - undecoded
        sent.messages += 1
        if decoded.version is not known.version or decoded.form is not known.form:
            self.learn(known, number, decoded.version, decoded.form)
        self.count += 1
        side = SIDES[flow.side]
        found.append(
            _NEW(Record, (self.count, frame, time, known.session, side, decoded, begun, (), flow.number, offset))
        )

    def _settle_sides(self, conversation: Conversation, flow: Flow, number: int) -> None:
        """Where only a guess said which side is the server, the first known message tells."""
        message = next((one.by_number[number] for one in self._protocols if number in one.by_number), None)
        if message is not None:
            sender = message.sender
            conversation.guessed = False
            if conversation.connection.determined is Determined.GUESS and sender is not SIDES[flow.side]:
                conversation.connection.swap()
                conversation.turn()

    def learn(self, known: SessionState, number: int, version: int | None, form: FloatingForm | None) -> None:
        """Keep what a message of a session told of the version and the form."""
        protocol = self.protocol if known.verdict is None else known.verdict.protocol
        before = known.version, known.version_said, known.form
        known.version, known.version_said, known.form = self.learned(protocol, before, number, version, form)

    def learned(
        self, protocol: Protocol, known: Known, number: int, version: int | None, form: FloatingForm | None
    ) -> Known:
        """What is known of a session behind a message that told this of the version and the form."""
        before, said, shown = known
        if version is not None and version != before:
            before, said, shown = version, self.decoders[protocol].says_version(number), None
        if form is not None and (before is None or form in proposed(protocol, before)):
            shown = form
        return before, said, shown

    def _skip(
        self, conversation: Conversation, flow: Flow, skipped: Skipped, frame: int, time: int, found: list[Event]
    ) -> None:
        offset, data, kind, detail, retracted, cut, likely = skipped
        known, side = conversation.known, SIDES[flow.side]
        flow.tally.undecoded += len(data) - retracted
        if data:
            partial = None
            if cut is not None:
                partial = conversation.decoder.decode(*cut, known.version, known.form)
                # Where its floating part would have ended is not there to tell the form, and with it the version.
                if partial.version is not known.version and conversation.decoder.says_version(partial.number):
                    self.learn(known, partial.number, partial.version, None)
            place = flow.number, offset
            found.append(
                Loss(known.session, side, time, frame, 0, len(data), kind, detail, *place, data, partial, likely)
            )

    def _note(self, remark: Remark, found: list[Event]) -> None:
        connection, flow, time, (kind, frame, offset, size) = remark
        conversation = connection.state or self.open(connection, found)
        if conversation.client is not connection.flows[0]:
            conversation.turn()
        conversation.known.note(kind)
        session = conversation.session
        found.append(Noted(session, None if flow is None else SIDES[flow.side], time, frame, kind, size, offset))

    def end(self, connection: Connection, found: list[Event]) -> None:
        """Nothing more will be given out of a connection: give what is left of its session, and end it."""
        conversation = connection.state or self.open(connection, found)
        if conversation.client is not connection.flows[0]:
            conversation.turn()
        known = conversation.known
        known.end = connection.end
        frame = connection.last_frame
        known.ended_by = connection.ended_by
        if connection.ended_by in OUT_OF_SIGHT:
            known.followed_until = self.pauses.followed(known.end)
            known.resumed_until = self.pauses.goes_on(known.followed_until)
        if connection.ended_side is not None:
            known.ended_side = SIDES[connection.ended_side]
        known.ended_at = connection.ended_time
        for flow, framer in () if conversation.untouched else conversation.framers.items():
            if not framer.idle:
                self._items(conversation, flow, framer, framer.flush(flow.position), frame, known.end, found)
        if conversation.waiting:
            self.decide(conversation, found)
        found.append(SessionEnded(known.session, known.end, frame))
        # Analyses may remember a session for long.
        conversation.let_go()

    def forget(self, connection: Connection) -> None:
        """Nothing will change the counts of a session any more, which has ended: let its connection go."""
        conversation = connection.state
        if conversation is not None:
            conversation.known.settle()
        connection.let_go()
        self._let_go += 1
        if self._let_go >= _COLLECTED or self.count >= self._collected + _COLLECTED_AFTER:
            # A connection, its directions and its session refer to each other, and the collector comes by by itself once
            # in many thousands of them.
            gc.collect()
            self._let_go, self._collected = 0, self.count


def _plausible(data: bytes, at: int, bounds: Boundaries) -> bool:
    # Whether what follows from `at` on may be whole messages, and perhaps the beginning of one.
    while len(data) - at >= HEADER.size:
        if not bounds.plausible(data, at):
            return False
        at += HEADER.size + HEADER.unpack_from(data, at)[0]
    return True
