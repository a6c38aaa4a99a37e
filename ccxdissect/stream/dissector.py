"""TCP segments in, messages out: connections, bytes in order, frames and decoding put together.

Sans-IO: whoever has segments feeds them, and gets events. The order of messages is the order in which they become
available: by the packet that completes them, and within a direction always the stream's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ccxdissect.capture.segment import Segment, format_endpoint
from ccxdissect.codec.decoder import Decoder
from ccxdissect.codec.forms import proposed
from ccxdissect.protocol.model import Mark, Protocol, Side
from ccxdissect.stream.connections import Connection, Connections, Delivery, Flow, Remark
from ccxdissect.stream.connections import Event as ConnectionEvent
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
)
from ccxdissect.stream.framing import Boundaries, Framed, Framer, Skipped
from ccxdissect.stream.reassembly import DEFAULT_LIMITS, Limits

SIDES = (Side.CLIENT, Side.SERVER)
_NOTHING: Sequence[Event] = ()


class Conversation:
    """What the dissector keeps of one connection."""

    __slots__ = ("client", "connection", "framers", "guessed", "session")

    def __init__(self, connection: Connection, session: Session, framers: dict[Flow, Framer]) -> None:
        self.connection = connection
        self.session = session
        self.framers = framers
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
    """Turns segments into events, by one set of declarations.

    `ports`: where servers listen (default: the protocol's).
    """

    def __init__(
        self,
        protocol: Protocol,
        ports: Iterable[int] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.protocol = protocol
        self.decoder = Decoder(protocol)
        self.connections = Connections(protocol.ports if ports is None else ports, limits)
        self.count = 0
        self._decode = self.decoder.decode
        self.bounds = Boundaries(protocol)
        self._sender = {message.number: message.sender for message in protocol.messages}
        self._says_version = frozenset(
            message.number for message in protocol.messages if any(field.mark & Mark.VERSION for field in message.fixed)
        )

    def feed(self, segment: Segment) -> Sequence[Event]:
        """Take the next captured segment; give what became available by it. Never raises."""
        events = self.connections.feed(segment)
        if not events:
            return _NOTHING
        found: list[Event] = []
        self.take(events, found)
        return found

    def advance(self, now: int) -> list[Event]:
        """Let time pass without a segment, to `now` (ns since the epoch): give what became available by that."""
        found: list[Event] = []
        events = self.connections.advance(now)
        if events:
            self.take(events, found)
        return found

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
            else:
                self._end(event.connection, found)

    def open(self, connection: Connection, found: list[Event]) -> Conversation:
        """Begin the session of a connection of which something became available for the first time."""
        session = Session(
            connection.number,
            format_endpoint(*connection.client),
            format_endpoint(*connection.server),
            connection.start,
            connection.end,
        )
        decoder = self.decoder

        def fits(number: int, body: bytes) -> bool:
            return decoder.fits(number, body, session.version, session.form)

        framers = {flow: Framer(self.bounds, fits, flow.isn is not None) for flow in connection.flows}
        session.from_start = all(flow.isn is not None for flow in connection.flows)
        conversation = Conversation(connection, session, framers)
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
            side = SIDES[flow.side]
            gap = offset - missing
            found.append(Loss(session, side, time, frame, missing, 0, LossKind.NEVER_CAPTURED, None, flow.number, gap))
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
                self._skip(conversation.session, flow, item, frame, time, found)
            else:
                self._message(conversation, flow, framer, item, found)

    def _message(
        self, conversation: Conversation, flow: Flow, framer: Framer, framed: Framed, found: list[Event]
    ) -> None:
        number, body, offset, frame, time, begun = framed
        if conversation.guessed:
            self._settle_sides(conversation, flow, number)
        session = conversation.session
        side = SIDES[flow.side]
        decoded = self._decode(number, body, session.version, session.form)
        sent = session.counted[side]
        undecoded = decoded.undecoded
        if undecoded:
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
        sender = self._sender.get(number)
        if sender is not None:
            conversation.guessed = False
            if conversation.connection.determined is Determined.GUESS and sender is not SIDES[flow.side]:
                conversation.connection.swap()
                conversation.turn()

    def learn(self, session: Session, number: int, version: int | None, form: object) -> None:
        """Keep what a message of a session told of the version and the form."""
        if version is not None and version != session.version:
            session.version = version
            session.version_said = number in self._says_version
            session.form = None
        if form is not None and (session.version is None or form in proposed(self.protocol, session.version)):
            session.form = form  # type: ignore[assignment]

    def _skip(self, session: Session, flow: Flow, skipped: Skipped, frame: int, time: int, found: list[Event]) -> None:
        offset, data, kind, detail, retracted, cut = skipped
        side = SIDES[flow.side]
        session.counted[side].undecoded += len(data) - retracted
        if data:
            partial = None
            if cut is not None:
                partial = self._decode(*cut, session.version, session.form)
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
        for flow, framer in conversation.framers.items():
            self._items(conversation, flow, framer, framer.flush(flow.position), frame, session.end, found)
        found.append(SessionEnded(session, session.end, frame))


def _recount(conversation: Conversation) -> None:
    """Bring the session's byte counts up to date with those of its connection."""
    for side, flow in zip(SIDES, conversation.connection.flows, strict=True):
        sent = conversation.session.counted[side]
        sent.payload = flow.payload
        sent.duplicate = flow.duplicate
        sent.missing = flow.missing
        sent.undecoded += flow.undelivered - sent.undelivered
        sent.undelivered = flow.undelivered
