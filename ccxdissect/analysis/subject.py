"""What a message is about: which agent, call, phone, state, failure; read by the marks of its fields.

Only the marked fields are read, so that most floating fields stay undecoded.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from ccxdissect.bounded import Memo
from ccxdissect.codec import values
from ccxdissect.codec.decoder import Decoded
from ccxdissect.codec.layout import CompiledLayout, TagTable
from ccxdissect.protocol.codes import Code, CodeTable, Sense, label, senses
from ccxdissect.protocol.model import Floating, Mark, Message, Protocol, Repeat, Side
from ccxdissect.protocol.types import Reading
from ccxdissect.stream.events import Session

#: The slots of a Subject that hold the first value of the fields with a mark.
_SINGLE: dict[str, int] = {
    "invoke_id": Mark.INVOKE_ID,
    "version": Mark.VERSION,
    "idle_timeout": Mark.IDLE_TIMEOUT,
    "services": Mark.SERVICES,
    "failure": Mark.FAILURE,
    "failure_detail": Mark.FAILURE_DETAIL,
    "failure_text": Mark.FAILURE_TEXT,
    "status": Mark.STATUS,
    "agent": Mark.AGENT,
    "extension": Mark.EXTENSION,
    "instrument": Mark.INSTRUMENT,
    "client_name": Mark.CLIENT_NAME,
    "state": Mark.AGENT_STATE,
    "reason": Mark.REASON,
    "call": Mark.CALL,
    "other_call": Mark.OTHER_CALL,
    "new_call": Mark.NEW_CALL,
    "call_type": Mark.CALL_TYPE,
    "connection": Mark.CONNECTION_DEVICE,
    "calling": Mark.CALLING,
    "called": Mark.CALLED,
    "acting": Mark.ACTING,
    "dialed": Mark.DIALED,
    "service_number": Mark.SERVICE_NUMBER,
    "redirected": Mark.REDIRECTED,
    "acting_type": Mark.ACTING_TYPE,
    "call_state": Mark.CALL_STATE,
    "cause": Mark.CAUSE,
}
#: The slots that hold all the values, those in repeated records included.
EVERY: dict[str, int] = {
    "queues": Mark.QUEUE,
    "parties": Mark.PARTY,
    "connected_parties": Mark.CONNECTED_PARTY,
    "joining": Mark.JOINING,
}
#: What a repeated record may say of the message as a whole; other fields of records list things that it is not about.
_OF_RECORDS = ("new_call", "queues", "parties", "connected_parties")
#: Where 0 is no call: a further call that is not there.
NEVER_ZERO = ("other_call", "new_call")
#: Of so many values of one layout's constants it is remembered what they are called and mean.
_MOST_VALUES = 1024


class FixedPlan(NamedTuple):
    """A fixed field that one slot takes its value from, and the values that say nothing there."""

    position: int
    slot: str
    nothing: frozenset[int]


class TagPlan(NamedTuple):
    """A floating field and the slots it is for. `text`: the slot of a text that goes into one slot only, else None."""

    row: Floating
    slots: tuple[str, ...]
    text: str | None


class SubjectPlan:
    """Where one layout of one message has its marked fields."""

    __slots__ = ("_names", "codes", "fixed", "lists", "layout", "tags")

    def __init__(self, layout: CompiledLayout) -> None:
        self.layout = layout
        self.codes: dict[str, CodeTable] = {}
        self._names: Memo[tuple[str, int], str | None] = Memo(_MOST_VALUES)
        self.fixed: list[FixedPlan] = []
        #: Fixed fields whose values are gathered rather than told by the first of them.
        self.lists: list[FixedPlan] = []
        self.tags: dict[int, TagPlan | None] = {}
        for position, field in enumerate(layout.fields):
            slots = _slots(field.mark)
            if slots and not field.reserved:
                self._know(slots, field.codes)
                nothing = _nothing(field.codes)
                for slot in slots:
                    into = self.lists if slot in EVERY else self.fixed
                    into.append(FixedPlan(position, slot, nothing | {0} if slot in NEVER_ZERO else nothing))

    def tag(self, tags: TagTable, tag: int) -> TagPlan | None:
        """The declaration and the slots of a tag, worked out at its first sight."""
        row = tags.row(tag)
        found = None
        if row is not None and not row.reserved:
            slots = _slots(row.mark)
            if tag in _repeated(self.layout.message.repeats):
                slots = tuple(slot for slot in slots if slot in _OF_RECORDS)
            if slots:
                self._know(slots, row.codes)
                single = row.type.reading is Reading.TEXT and len(slots) == 1 and slots[0] not in EVERY
                found = TagPlan(row, slots, slots[0] if single else None)
        if len(self.tags) < 256:
            self.tags[tag] = found
        return found

    def name_of(self, slot: str, value: int) -> str | None:
        """The name of the constant that is `value` in a slot; flags joined by ` + `; None when it has none."""
        key = slot, value
        if key in self._names:
            return self._names[key]
        codes = self.codes.get(slot)
        if codes is None:
            # A table may be met with later.
            return None
        known = label(codes, value)
        return self._names.remember(key, " + ".join(known) if isinstance(known, list) else known)

    def _know(self, slots: tuple[str, ...], codes: CodeTable | None) -> None:
        for slot in slots:
            if codes is not None:
                self.codes.setdefault(slot, codes)


def told_by_fixed(layout: CompiledLayout, mark: int) -> list[tuple[int, frozenset[int]]]:
    """The places in a fixed part of what carries `mark`, each with the values that say nothing: the first other one
    counts."""
    return [
        (position, _nothing(field.codes))
        for position, field in enumerate(layout.fields)
        if field.mark & mark and not field.reserved
    ]


def _slots(mark: int) -> tuple[str, ...]:
    return tuple(slot for slot, wanted in (*_SINGLE.items(), *EVERY.items()) if mark & wanted)


def _nothing(codes: CodeTable | None) -> frozenset[int]:
    if codes is None or not issubclass(codes, Code):
        return frozenset()
    return frozenset(member.value for member in codes if member.sense is Sense.NOTHING)


def _repeated(repeats: tuple[Repeat, ...]) -> frozenset[int]:
    found: set[int] = set()
    for repeat in repeats:
        found.update(repeat.tags)
        found.update(_repeated(repeat.inner))
    return frozenset(found)


class Subject:
    """What one message is about. A slot is None where the message does not say, or says `none`."""

    invoke_id: int | None = None
    version: int | None = None
    idle_timeout: int | None = None
    services: int | None = None
    failure: int | None = None
    failure_detail: int | None = None
    failure_text: str | None = None
    status: int | None = None
    agent: str | None = None
    extension: str | None = None
    instrument: str | None = None
    client_name: str | None = None
    state: int | None = None
    reason: int | None = None
    call: int | None = None
    other_call: int | None = None
    new_call: int | None = None
    call_type: int | None = None
    connection: str | None = None
    calling: str | None = None
    called: str | None = None
    acting: str | None = None
    dialed: str | None = None
    service_number: str | None = None
    redirected: str | None = None
    acting_type: int | None = None
    call_state: int | None = None
    cause: int | None = None
    queues: tuple[int, ...] = ()
    parties: tuple[str, ...] = ()
    connected_parties: tuple[str, ...] = ()
    joining: tuple[str, ...] = ()

    def __init__(self, plan: SubjectPlan | None) -> None:
        self._plan = plan

    @property
    def calls(self) -> tuple[int, ...]:
        """Every call it names, each once, the one it is about first."""
        if self.other_call is None and self.new_call is None:
            return () if self.call is None else (self.call,)
        found: list[int] = []
        for call in (self.call, self.other_call, self.new_call):
            if call is not None and call not in found:
                found.append(call)
        return tuple(found)

    @property
    def phones(self) -> tuple[str, ...]:
        """The extension and the instrument it names, each once."""
        extension, instrument = self.extension, self.instrument
        if not extension:
            return (instrument,) if instrument else ()
        return (extension, instrument) if instrument and instrument != extension else (extension,)

    @property
    def devices(self) -> tuple[str, ...]:
        """Every device it names in a call or as a phone, each once."""
        named = (self.acting, self.connection, self.calling, self.called, *self.parties, *self.phones)
        return tuple(dict.fromkeys(device for device in named if device))

    def codes(self, slot: str) -> CodeTable | None:
        """The table of constants of a slot."""
        return None if self._plan is None else self._plan.codes.get(slot)

    def name_of(self, slot: str) -> str | None:
        """The name of the constant in a slot; flags joined by ` + `; None when it has none."""
        value = getattr(self, slot)
        return None if value is None or self._plan is None else self._plan.name_of(slot, value)

    def meaning_of(self, slot: str) -> str:
        """What the table says of the constant in a slot; empty when it says nothing."""
        codes, value = self.codes(slot), getattr(self, slot)
        if codes is None or value is None or not issubclass(codes, Code):
            return ""
        member = codes._value2member_map_.get(value)
        return "" if member is None else str(getattr(member, "meaning", ""))

    def remedy_of(self, slot: str) -> str:
        """What to do about the constant in a slot; empty when nothing is known."""
        codes, value = self.codes(slot), getattr(self, slot)
        if codes is None or value is None or not issubclass(codes, Code):
            return ""
        return str(getattr(codes._value2member_map_.get(value), "remedy", ""))

    def senses(self, slot: str) -> frozenset[Sense]:
        """What the constant in a slot means to generic code."""
        codes, value = self.codes(slot), getattr(self, slot)
        return frozenset() if codes is None or value is None else senses(codes, value)


def listed(plan: SubjectPlan, slots: Sequence[str]) -> Callable[[Iterable[Any]], Subject]:
    """What makes subjects by one plan of the values of these slots, in their order: far quicker than one slot after the other.
    Two that say the same are two, as all are."""
    members = {
        "__slots__": (), "_plan": plan, "__eq__": object.__eq__, "__ne__": object.__ne__, "__hash__": object.__hash__,
        "__bool__": lambda subject: True,
    }  # fmt: skip
    made = type("ListedSubject", (_values(tuple(slots)), Subject), members)
    return partial(tuple.__new__, made)


@lru_cache(maxsize=1024)
def _values(slots: tuple[str, ...]) -> type:
    return namedtuple("_values", slots)


#: Which slots are asked for of the messages of a type; None: all.
Slots = Callable[[Message, Protocol], frozenset[str] | None]
#: What takes a message that is known by its number, time (ns), session, sender, type and subject alone: gives what is told by
#: it, or None where nothing was done and the record itself has to be fed.
Taker = Callable[[int, int, Session, Side, Message, Subject], Sequence[Any] | None]

_BLANK = Subject(None)


class SubjectReader:
    """Reads the subjects of messages. Several analyses may share one: the last subject is kept, not read again."""

    def __init__(self) -> None:
        self._plans: dict[CompiledLayout, SubjectPlan] = {}
        self._last: Decoded | None = None
        self._subject = _BLANK

    def of(self, decoded: Decoded) -> Subject:
        """What a message is about; of an unknown message nothing is known."""
        if decoded is self._last:
            return self._subject
        subject = _BLANK if decoded.layout is None else self._read(decoded, decoded.layout)
        self._last, self._subject = decoded, subject
        return subject

    def foretell(self, decoded: Decoded, subject: Subject) -> None:
        """What the next message to be asked about is about, where that is known already."""
        self._last, self._subject = decoded, subject

    def plan(self, layout: CompiledLayout) -> SubjectPlan:
        """Where a layout has its marked fields."""
        plan = self._plans.get(layout)
        if plan is None:
            plan = self._plans[layout] = SubjectPlan(layout)
        return plan

    def _read(self, decoded: Decoded, layout: CompiledLayout) -> Subject:
        plan = self.plan(layout)
        subject = Subject(plan)
        # Slots are set where a value is found; the others are None by the class.
        held = subject.__dict__
        fixed = decoded.values
        whole = len(fixed)
        for position, slot, nothing in plan.fixed:
            if position < whole and fixed[position] not in nothing and slot not in held:
                held[slot] = fixed[position]
        for position, slot, nothing in plan.lists:
            if position < whole and fixed[position] not in nothing:
                _put(held, slot, fixed[position])
        known, body = plan.tags, decoded.body
        for tag, start, stop in decoded.spans:
            entry = known[tag] if tag in known else plan.tag(decoded.tags, tag)
            if entry is None:
                continue
            text = entry.text
            if text is None:
                value = values.read(entry.row, body[start:stop])
                if value is not None and value != "" and not isinstance(value, bytes):
                    for slot in entry.slots:
                        _put(held, slot, value)
            elif text not in held:
                said = values.text_of(body[start:stop])
                if said:
                    held[text] = said
        return subject


def _put(held: dict[str, object], slot: str, value: object) -> None:
    if slot in EVERY:
        before = held.get(slot, ())
        assert isinstance(before, tuple)
        if value not in before:
            held[slot] = (*before, value)
    elif slot not in held and not (value == 0 and slot in NEVER_ZERO):
        held[slot] = value
