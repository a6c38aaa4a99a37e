"""TCP segments in, messages out: connections, bytes in order, frames and decoding put together.

Sans-IO: whoever has segments feeds them, and gets events. The order of messages is the order in which they become
available: by the packet that completes them, and within a direction always the stream's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ccxdissect.capture.segment import Segment, format_endpoint
from ccxdissect.codec.decoder import Decoder
from ccxdissect.codec.forms import proposed
from ccxdissect.protocol.model import Mark, Protocol, Side
from ccxdissect.stream.connections import Connection, Connections, Delivery
from ccxdissect.stream.events import Direction, Event, Loss, Record, Session, SessionEnded, SessionOpened
from ccxdissect.stream.framing import Boundaries, Framer, Skipped
from ccxdissect.stream.reassembly import DEFAULT_LIMITS, Limits

SIDES = (Side.CLIENT, Side.SERVER)


class _Conversation:
    """What the dissector keeps of one connection."""

    __slots__ = ("connection", "framers", "session")

    def __init__(self, connection: Connection, session: Session, framers: list[Framer]) -> None:
        self.connection = connection
        self.session = session
        self.framers = framers


class Dissector:
    """Turns segments into events, by one set of declarations.

    `ports`: where servers listen (default: the protocol's). `first_number`: the number of the first message.
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
        self._bounds = Boundaries(protocol)
        self._sender = {message.number: message.sender for message in protocol.messages}
        self._says_version = frozenset(
            message.number for message in protocol.messages if any(field.mark & Mark.VERSION for field in message.fixed)
        )

    def feed(self, segment: Segment) -> list[Event]:
        """Take the next captured segment; give what became available by it. Never raises."""
        found: list[Event] = []
        events = self.connections.feed(segment)
        if events:
            self._take(events, found)
        return found

    def flush(self) -> Iterator[Event]:
        """The capture is over: give what is left, and end every session."""
        for event in self.connections.flush():
            found: list[Event] = []
            self._take((event,), found)
            yield from found

    def _take(self, events: Iterable[object], found: list[Event]) -> None:
        swapped: set[Connection] = set()
        for event in events:
            if isinstance(event, Delivery):
                connection, direction, missing, data, frame, time = event
                conversation = connection.state or self._open(connection, found)
                if connection in swapped:
                    direction = 1 - direction
                self._deliver(conversation, direction, missing, data, frame, time, found, swapped)
            else:
                self._end(event.connection, found)  # type: ignore[attr-defined]

    def _open(self, connection: Connection, found: list[Event]) -> _Conversation:
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

        framers = [Framer(self._bounds, fits, flow.isn is not None) for flow in connection.flows]
        session.from_start = all(flow.isn is not None for flow in connection.flows)
        conversation = _Conversation(connection, session, framers)
        connection.state = conversation
        session.settle = lambda: _settle(conversation)
        found.append(SessionOpened(session, connection.start, connection.first_frame))
        return conversation

    def _deliver(
        self,
        conversation: _Conversation,
        direction: int,
        missing: int,
        data: bytes,
        frame: int,
        time: int,
        found: list[Event],
        swapped: set[Connection],
    ) -> None:
        session = conversation.session
        session.end = time
        framer = conversation.framers[direction]
        side = SIDES[direction]
        sent = session.sent[side]
        decode = self.decoder.decode
        if missing:
            self._lose(session, side, time, frame, missing, 0, f"{missing} bytes were never captured", found)
        for item in framer.feed(missing, data, time):
            if isinstance(item, Skipped):
                self._skip(session, side, sent, time, frame, item, found)
                continue
            number, body, begun = item
            sender = self._sender.get(number)
            if sender is not None and sender is not side and conversation.connection.determined == "guess":
                self._swap(conversation, swapped)
                side = sender
                sent = session.sent[side]
            decoded = decode(number, body, session.version, session.form)
            if decoded.undecoded:
                framer.doubt(body[len(body) - decoded.undecoded :])
                sent.undecoded += decoded.undecoded
            sent.decoded += 8 + len(body) - decoded.undecoded
            sent.messages += 1
            if decoded.version is not session.version or decoded.form is not session.form:
                self._learn(session, number, decoded.version, decoded.form)
            self.count += 1
            found.append(Record(self.count, frame, time, session, side, decoded, begun))

    def _learn(self, session: Session, number: int, version: int | None, form: object) -> None:
        if version is not None and version != session.version:
            session.version = version
            session.version_said = number in self._says_version
            session.form = None
        if form is not None and (session.version is None or form in proposed(self.protocol, session.version)):
            session.form = form  # type: ignore[assignment]

    def _skip(
        self,
        session: Session,
        side: Side,
        sent: Direction,
        time: int,
        frame: int,
        skipped: Skipped,
        found: list[Event],
    ) -> None:
        sent.undecoded += skipped.size - skipped.retracted
        if skipped.size:
            self._lose(session, side, time, frame, 0, skipped.size, skipped.reason, found)

    def _lose(
        self,
        session: Session,
        side: Side,
        time: int,
        frame: int,
        missing: int,
        skipped: int,
        reason: str,
        found: list[Event],
    ) -> None:
        session.note(frame, time, f"{side.value}: {reason}")
        found.append(Loss(session, side, time, frame, missing, skipped, reason))

    @staticmethod
    def _swap(conversation: _Conversation, swapped: set[Connection]) -> None:
        conversation.connection.swap()
        # What says so is a message: no longer a guess, and not to be swapped again.
        conversation.connection.determined = "messages"
        conversation.framers.reverse()
        session = conversation.session
        session.client, session.server = session.server, session.client
        session.sent = {Side.CLIENT: session.sent[Side.SERVER], Side.SERVER: session.sent[Side.CLIENT]}
        swapped.symmetric_difference_update({conversation.connection})

    def _end(self, connection: Connection, found: list[Event]) -> None:
        conversation = connection.state or self._open(connection, found)
        session = conversation.session
        session.end = connection.end
        frame = connection.last_frame
        session.ended_by = connection.ended_by
        if connection.ended_side is not None:
            session.ended_side = SIDES[connection.ended_side]
        how = f"the session ends ({session.ended_by or 'replaced'}) there"
        for direction, framer in enumerate(list(conversation.framers)):
            side = SIDES[direction]
            sent = session.sent[side]
            for item in framer.flush(how):
                if isinstance(item, Skipped):
                    self._skip(session, side, sent, session.end, frame, item, found)
                else:
                    found.append(self._last(session, side, sent, item.number, item.body, item.begun, frame))
        for problem in connection.problems:
            who = "" if problem.direction is None else f"{SIDES[problem.direction].value}: "
            session.note(problem.frame, session.end, f"{who}{problem.text}")
        session.settle()
        found.append(SessionEnded(session, session.end, frame))

    def _last(
        self, session: Session, side: Side, sent: Direction, number: int, body: bytes, begun: int, frame: int
    ) -> Record:
        """A message that only the end of the capture could settle."""
        decoded = self.decoder.decode(number, body, session.version, session.form)
        sent.undecoded += decoded.undecoded
        sent.decoded += 8 + len(body) - decoded.undecoded
        sent.messages += 1
        self.count += 1
        return Record(self.count, frame, session.end, session, side, decoded, begun)


def _settle(conversation: _Conversation) -> None:
    """Bring the session's byte counts up to date with those of its connection."""
    for side, flow in zip(SIDES, conversation.connection.flows, strict=True):
        sent = conversation.session.sent[side]
        sent.payload = flow.payload
        sent.duplicate = flow.duplicate
        sent.missing = flow.missing
        sent.undecoded += flow.undelivered - sent.undelivered
        sent.undelivered = flow.undelivered
