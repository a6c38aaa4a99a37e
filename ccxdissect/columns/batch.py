"""What comes out of a chunk: its messages by columns, and among them whatever is no plain message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ccxdissect.codec.decoder import Decoded, Once
from ccxdissect.codec.forms import FloatingForm, Span
from ccxdissect.columns.decoding import NO_FIELDS, Fields, Plan
from ccxdissect.stream.dissector import SIDES
from ccxdissect.stream.events import Event, Loss, Record, Session, SessionEnded, SessionState

#: Makes a named tuple of a tuple, without a call of Python's: one is made for each message.
_NEW = tuple.__new__
#: When the fields of more messages than these are asked for one by one, those of all are made ready at once.
_MANY = 64


def _nothing() -> np.ndarray:
    return np.zeros(0, np.int64)


class Learned(NamedTuple):
    """What is known of a session from here on."""

    known: SessionState
    version: int | None
    said: bool
    form: FloatingForm | None

    def tell(self) -> None:
        """Let the session know it."""
        self.known.version, self.known.version_said, self.known.form = self.version, self.said, self.form


class Row(Decoded):
    """A message of a batch as the decoder gives it, but its bytes and its fields are taken from the columns only when they
    are asked for. In the places of both it holds the batch, and its own place there."""

    @Once
    def body(self) -> bytes:
        """The body's bytes."""
        batch, index = self[1], self[4]
        place = int(batch.body[index])  # type: ignore[attr-defined]
        return batch.data[place : place + int(batch.size[index])]  # type: ignore[attr-defined]

    @Once
    def spans(self) -> tuple[Span, ...]:
        """Tag, start and end of each floating field in the body."""
        return self[1].spans(self[4])  # type: ignore[attr-defined]


@dataclass(eq=False)
class Batch:
    """Messages in their order, by columns; a column has a place for each.

    Where `plan` is negative, `odd` has the message as an object, and `body`, `size` say nothing. `side`: 0 the client's,
    1 the server's. `session`: the place in `sessions`.
    """

    #: The number of the first message.
    first: int
    data: bytes = b""
    plans: list[Plan] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    frame: np.ndarray = field(default_factory=_nothing)
    time: np.ndarray = field(default_factory=_nothing)
    begun: np.ndarray = field(default_factory=_nothing)
    session: np.ndarray = field(default_factory=_nothing)
    side: np.ndarray = field(default_factory=_nothing)
    number: np.ndarray = field(default_factory=_nothing)
    plan: np.ndarray = field(default_factory=_nothing)
    body: np.ndarray = field(default_factory=_nothing)
    size: np.ndarray = field(default_factory=_nothing)
    #: The direction, by the number that records have, and where in its stream the header begins.
    flow: np.ndarray = field(default_factory=_nothing)
    offset: np.ndarray = field(default_factory=_nothing)
    #: The floating fields, in the order of messages and of the wire.
    fields: Fields = NO_FIELDS
    odd: dict[int, Record] = field(default_factory=dict)
    #: Losses, and sessions that ended, in order: what the `events` hold that is asked for of every batch.
    apart: list[Loss | SessionEnded] = field(default_factory=list)
    #: Gives `events` and `before`; None: nothing happened but what is put into them.
    happened: Callable[[], tuple[list[tuple[int, Event | Learned]], list[Learned]]] | None = None
    #: For how many messages the fields were asked for one by one.
    _asked: int = 0

    def __len__(self) -> int:
        """How many messages there are."""
        return len(self.frame)

    @cached_property
    def _happened(self) -> tuple[list[tuple[int, Event | Learned]], list[Learned]]:
        return ([], []) if self.happened is None else self.happened()

    @property
    def events(self) -> list[tuple[int, Event | Learned]]:
        """What else happened, and was learned of sessions, each with the number of messages of this batch before it."""
        # Lines of messages do without.
        return self._happened[0]

    @property
    def before(self) -> list[Learned]:
        """What was known, before this batch, of the sessions of which something is learned in it."""
        return self._happened[1]

    @cached_property
    def bounds(self) -> np.ndarray:
        """Where in `fields` those of each message begin, and where those of the last one end: of message i they are
        `bounds[i]` to `bounds[i+1]`."""
        bounds = np.zeros(len(self) + 1, np.int64)
        np.cumsum(np.bincount(self.fields.message, minlength=len(self)), out=bounds[1:])
        return bounds

    def of_sessions(self, wanted: Sequence[bool]) -> np.ndarray:
        """The places of the messages of those sessions for which `wanted` is true."""
        return np.flatnonzero(np.array(wanted, bool)[self.session])

    def record(self, index: int) -> Record:
        """One message as an object."""
        found = self.odd.get(index)
        if found is None:
            place, size = int(self.body[index]), int(self.size[index])
            plan = self.plans[int(self.plan[index])]
            spans = self.spans(index)
            found = Record(
                self.first + index,
                int(self.frame[index]),
                int(self.time[index]),
                self.sessions[int(self.session[index])],
                SIDES[int(self.side[index])],
                Decoded(
                    plan.number,
                    bytes(self.data[place : place + size]),
                    plan.layout,
                    spans,
                    plan.tags,
                    plan.version,
                    plan.form if spans else None,
                ),
                int(self.begun[index]),
                (),
                int(self.flow[index]),
                int(self.offset[index]),
            )
        return found

    def spans(self, index: int) -> tuple[Span, ...]:
        """Tag, start and end of each floating field in the body of a message."""
        own = slice(int(self.bounds[index]), int(self.bounds[index + 1]))
        if own.start == own.stop:
            return ()
        self._asked += 1
        if self._asked > _MANY:
            return tuple(self.all_spans[1][own])
        place, fields = self.body[index], self.fields
        starts, stops = (fields.start[own] - place).tolist(), (fields.stop[own] - place).tolist()
        return tuple(zip(fields.tag[own].tolist(), starts, stops, strict=True))

    @cached_property
    def all_spans(self) -> tuple[list[int], list[Span]]:
        """Where those of each message begin among all, and all of them."""
        fields = self.fields
        place = self.body[fields.message]
        spans = zip(fields.tag.tolist(), (fields.start - place).tolist(), (fields.stop - place).tolist(), strict=True)
        return self.bounds.tolist(), list(spans)

    def rows(self, places: np.ndarray) -> Iterator[Record]:
        """The messages at these places as objects that are cheap to make: only to be looked at while the batch is."""
        odd, plans, sessions = self.odd, self.plans, self.sessions
        columns = (self.frame, self.time, self.begun, self.session, self.side, self.plan, self.flow, self.offset)
        filled = self.bounds[places + 1] > self.bounds[places]
        number = self.first
        for index, fields, frame, time, begun, session, side, which, flow, offset in zip(
            places.tolist(), filled.tolist(), *(column[places].tolist() for column in columns), strict=True
        ):
            if which < 0:
                yield odd[index]
                continue
            one, version, layout, form, table, _ = plans[which]
            facts = (one, self, layout.message, layout, index, table, version, form if fields else None, 0, (), None)
            yield _NEW(
                Record,
                (
                    number + index,
                    frame,
                    time,
                    sessions[session],
                    SIDES[side],
                    _NEW(Row, facts),
                    begun,
                    (),
                    flow,
                    offset,
                ),
            )

    def records(self) -> Iterator[Record]:
        """All messages as objects, in order."""
        data, odd = self.data, self.odd
        tags = self.fields.tag.tolist()
        field_message = self.fields.message
        base = self.body[field_message] if len(field_message) else field_message
        starts, stops = (self.fields.start - base).tolist(), (self.fields.stop - base).tolist()
        bounds = self.bounds.tolist()
        plans, sessions = self.plans, self.sessions
        columns = (
            self.frame, self.time, self.begun, self.session, self.side, self.plan, self.body, self.size, self.flow,
            self.offset,
        )  # fmt: skip
        number = self.first - 1
        for index, (frame, time, begun, session, side, which, body, size, flow, offset) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        ):
            number += 1
            if which < 0:
                yield odd[index]
                continue
            one, version, layout, form, table, _ = plans[which]
            low, high = bounds[index], bounds[index + 1]
            spans = tuple(zip(tags[low:high], starts[low:high], stops[low:high], strict=True))
            decoded = Decoded(one, data[body : body + size], layout, spans, table, version, form if spans else None)
            yield _NEW(Record, (number, frame, time, sessions[session], SIDES[side], decoded, begun, (), flow, offset))

    def all_events(self) -> Iterator[Event]:
        """Everything that happened, in order: just what the dissector gives, when it gives it."""
        for known in self.before:
            known.tell()
        events = iter([*self.events, (_NEVER, None)])
        place, event = next(events)
        for index, record in enumerate(self.records()):
            while place <= index:
                if isinstance(event, Learned):
                    event.tell()
                elif event is not None:
                    yield event
                place, event = next(events)
            yield record
        while event is not None:
            if isinstance(event, Learned):
                event.tell()
            else:
                yield event
            place, event = next(events)


_NEVER = 1 << 60
