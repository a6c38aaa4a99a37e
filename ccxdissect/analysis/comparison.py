"""Two sessions side by side, by what their messages mean: where they part, and what only one of them has.

Messages stand for each other that play the same part: the same request, the reply to the same request whatever it is,
the same event of the same agent; in their order, and out of it where nothing else fits. Heartbeats are left out.

Ids and names are different in any two sessions: the first ones that stand in the same place are taken for each other, and
what follows is held to that. Times are not compared. Both can be asked for as they are.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import NamedTuple

from ccxdissect.analysis.sessions import SessionStory
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.codec.values import NamedValue, Value
from ccxdissect.protocol.model import Fixed, Floating, Kind, Mark, Trait
from ccxdissect.protocol.types import TIME
from ccxdissect.stream.events import Record

#: Messages of one session that are compared; of more, the first ones.
MOST = 20_000

Row = Fixed | Floating
#: What a message is taken for: messages of the same meaning may stand for each other.
Meaning = tuple[object, ...]

_DEVICES = (
    Mark.EXTENSION | Mark.INSTRUMENT | Mark.CONNECTION_DEVICE | Mark.CALLING | Mark.CALLED | Mark.ACTING | Mark.PARTY
) | (Mark.DIALED | Mark.SERVICE_NUMBER | Mark.CONNECTED_PARTY | Mark.JOINING | Mark.REDIRECTED)
#: Kinds of ids, by the marks of the fields that hold them; what has one kind is held to one another.
_IDS: tuple[tuple[Mark, str], ...] = (
    (Mark.AGENT, "agent"),
    (_DEVICES, "number"),
    (Mark.CLIENT_NAME, "client"),
    (Mark.CALL | Mark.OTHER_CALL | Mark.NEW_CALL, "call"),
)


class Difference(NamedTuple):
    """A field that differs; None: that message does not have it. The first one may be of the messages' types (no rows)."""

    name: str
    rows: tuple[Row | None, Row | None]
    values: tuple[Value, Value]


@dataclass(slots=True, eq=False)
class Step:
    """Two messages that stand for each other, or one that stands alone."""

    good: Record | None
    bad: Record | None
    differences: list[Difference] = field(default_factory=list)
    #: Whether they come in another order.
    moved: bool = False
    #: The request that the good one, or else the bad one, answers; None where it is no reply.
    reply_to: str | None = None

    @property
    def same(self) -> bool:
        """Whether both are there and say the same."""
        return self.good is not None and self.bad is not None and not self.differences


@dataclass(slots=True)
class Comparison:
    """What came of it. `steps`: everything, in order; `first`: the step at which they part, None when they do not."""

    good: SessionStory | None
    bad: SessionStory | None
    steps: list[Step]
    #: What was taken for each other: kind, and how the good and the bad one call it.
    taken: list[tuple[str, str, str]]
    #: Whether there were more messages than were compared.
    cut: bool = False

    @property
    def first(self) -> Step | None:
        """Where they part."""
        return next((step for step in self.steps if not step.same), None)

    @property
    def answer(self) -> Step | None:
        """The first reply that is of another type in the bad session than in the good one."""
        return next(
            (
                step
                for step in self.steps
                if step.reply_to and step.good and step.bad and step.good.name != step.bad.name
            ),
            None,
        )

    @property
    def ends_differ(self) -> bool:
        """Whether the connections went or ended differently, whatever was said on them."""
        if self.good is None or self.bad is None:
            return True
        return _end(self.good) != _end(self.bad)


def _end(story: SessionStory) -> tuple[object, ...]:
    return story.reached, story.ended_by, story.session.ended_side


def pairs(
    good: Sequence[SessionStory], bad: Sequence[SessionStory]
) -> list[tuple[SessionStory | None, SessionStory | None]]:
    """Which sessions stand for each other: those of the same client and mode, then of the same mode, then as they come."""
    left = dict(enumerate(bad))
    found: dict[int, SessionStory] = {}
    for likeness in (
        lambda one: None if one.mode is None else (one.mode, one.client_name),
        lambda one: one.mode,
        lambda one: True,
    ):
        places: dict[object, deque[int]] = {}
        for place, other in left.items():
            places.setdefault(likeness(other), deque()).append(place)
        places.pop(None, None)
        for place, one in enumerate(good):
            alike = None if place in found else places.get(likeness(one))
            if alike:
                found[place] = left.pop(alike.popleft())
    return [(one, found.get(place)) for place, one in enumerate(good)] + [(None, other) for other in left.values()]


class Comparer:
    """Compares sessions. `ids` and `times`: also as they are."""

    def __init__(self, ids: bool = False, times: bool = False) -> None:
        self._ids = ids
        self._times = times
        self._reader = SubjectReader()
        #: By kind of id: the bad one for the good one, and the other way round.
        self._taken: dict[str, tuple[dict[object, object], dict[object, object]]] = {}
        self._told: list[tuple[str, str, str]] = []

    def compare(
        self,
        stories: tuple[SessionStory | None, SessionStory | None],
        good: Iterable[Record],
        bad: Iterable[Record],
    ) -> Comparison:
        """Compare the messages of two sessions, each in their order."""
        self._taken, self._told = {}, []
        ones, others = list(filter(is_compared, good)), list(filter(is_compared, bad))
        mine, theirs = self._meanings(ones[:MOST]), self._meanings(others[:MOST])
        steps = []
        for step in _aligned(ones[:MOST], others[:MOST], mine, theirs):
            if step.good is not None and step.bad is not None:
                step.differences = list(self._differences(step.good, step.bad))
            steps.append(step)
        return Comparison(*stories, steps, self._told, len(ones) > MOST or len(others) > MOST)

    def _meanings(self, records: Sequence[Record]) -> list[Meaning]:
        found: list[Meaning] = []
        asked: dict[int, str] = {}
        agents: dict[str, int] = {}
        for record in records:
            message, subject = record.decoded.message, self._reader.of(record.decoded)
            agent = None if subject.agent is None else agents.setdefault(subject.agent, len(agents))
            if message is None:
                found.append((record.sender, record.decoded.number))
            elif message.kind is Kind.CONFIRMATION:
                found.append((record.sender, "reply", asked.get(subject.invoke_id or 0, record.name)))
            else:
                if message.kind is Kind.REQUEST and subject.invoke_id is not None:
                    asked[subject.invoke_id] = record.name
                found.append((record.sender, record.name, agent))
        return found

    def _differences(self, good: Record, bad: Record) -> Iterator[Difference]:
        if good.decoded.number != bad.decoded.number:
            yield Difference("message", (None, None), (good.name, bad.name))
        ours, theirs = _fields(good), _fields(bad)
        for key in dict.fromkeys((*ours, *theirs)):
            one, other = ours.get(key), theirs.get(key)
            row = (one or other or (None, None))[0]
            if row is not None and self._is_aside(row):
                continue
            if one is None or other is None or not self._equal(row, one[1], other[1]):
                rows = (None if one is None else one[0], None if other is None else other[0])
                yield Difference(key[0], rows, (None if one is None else one[1], None if other is None else other[1]))

    def _is_aside(self, row: Row) -> bool:
        """Whether a field is different in any two sessions, and says nothing."""
        if row.mark & Mark.INVOKE_ID:
            return not self._ids
        return not self._times and (row.type is TIME or row.unit in ("s", "ms") and not row.mark & Mark.IDLE_TIMEOUT)

    def _equal(self, row: Row | None, one: Value, other: Value) -> bool:
        if self._ids or row is None or row.mark & Mark.SECRET:
            return one == other
        kind = next((kind for mark, kind in _IDS if row.mark & mark), row.name if row.mark & Mark.PERSONAL else None)
        if kind is None or row.mark & Mark.FAILURE_TEXT or one in (None, "", b"") or other in (None, "", b""):
            return one == other
        there, back = self._taken.setdefault(kind, ({}, {}))
        if one not in there and other not in back:
            there[one], back[other] = other, one
            if one != other:
                self._told.append((kind, _said(one), _said(other)))
        return there.get(one) == other


def _said(value: Value) -> str:
    return str(value.value if isinstance(value, NamedValue) else value)


def is_compared(record: Record) -> bool:
    """Whether a message is no heartbeat."""
    message = record.decoded.message
    return message is None or not message.traits & Trait.HEARTBEAT


def _fields(record: Record) -> dict[tuple[str, int], tuple[Row | None, Value]]:
    """A message's fields that are not reserved, by name, counted where one comes several times."""
    found: dict[tuple[str, int], tuple[Row | None, Value]] = {}

    count: Counter[str] = Counter()

    def put(name: str, row: Row | None, value: Value) -> None:
        found[name, count[name]] = (row, value)
        count[name] += 1

    for row, _, value in record.decoded.fixed_fields():
        if not row.reserved:
            put(row.name, row, value)
    for floating in record.decoded.floating:
        if floating.row is None or not floating.row.reserved:
            put(floating.name, floating.row, floating.value)
    return found


def _aligned(
    ones: Sequence[Record], others: Sequence[Record], mine: Sequence[Meaning], theirs: Sequence[Meaning]
) -> list[Step]:
    """The steps, in the order of the good session and, where it lacks them, of the bad one."""
    begin = 0
    while begin < min(len(mine), len(theirs)) and mine[begin] == theirs[begin]:
        begin += 1
    steps = [_step(one, other, meaning) for one, other, meaning in zip(ones[:begin], others, mine, strict=False)]
    alone: dict[Meaning, list[Step]] = {}
    matcher = SequenceMatcher(None, mine[begin:], theirs[begin:], autojunk=False)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            for place in range(i_end - i):
                at = begin + i + place
                steps.append(_step(ones[at], others[begin + j + place], mine[at]))
            continue
        for at in range(begin + i, begin + i_end):
            step = _step(ones[at], None, mine[at])
            steps.append(step)
            alone.setdefault(mine[at], []).append(step)
        for at in range(begin + j, begin + j_end):
            steps.append(_step(None, others[at], theirs[at]))
    return _put_together(steps, alone, dict(zip(map(id, others), theirs, strict=True)))


def _put_together(steps: list[Step], alone: dict[Meaning, list[Step]], meanings: dict[int, Meaning]) -> list[Step]:
    """What stands alone on both sides and means the same, only in another order, stands for each other."""
    left: list[Step] = []
    for step in steps:
        if step.good is None and step.bad is not None:
            waiting = alone.get(meanings[id(step.bad)])
            if waiting:
                first = waiting.pop(0)
                first.bad, first.moved = step.bad, True
                continue
        left.append(step)
    return left


def _step(one: Record | None, other: Record | None, meaning: Meaning) -> Step:
    return Step(one, other, reply_to=str(meaning[2]) if meaning[1] == "reply" else None)
