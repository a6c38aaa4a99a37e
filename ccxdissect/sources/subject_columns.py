"""What messages are about, read by columns: of each type the marked fields, field by field for all of its messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from typing import Any, NamedTuple

import numpy as np

from ccxdissect.analysis.subject import EVERY, NEVER_ZERO, Slots, Subject, SubjectPlan, SubjectReader, TagPlan, listed
from ccxdissect.bounded import Memo
from ccxdissect.codec import values
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan, grown
from ccxdissect.columns.places import fixed_part, lying_at
from ccxdissect.protocol.model import Floating
from ccxdissect.protocol.types import DataType
from ccxdissect.sources.tag_flags import TagFlags

#: So many values of one type are remembered, and none that is longer: people and phones come again and again, and in several
#: fields of one message and of those behind it.
_REMEMBERED, _LONG = 4096, 100
_UNSEEN, _UNMARKED = -2, -1
#: Plans come and go with what clients claim; so many are remembered.
_MOST_PLANS = 1024
#: Which of its fields the messages of a type have varies from batch to batch; so many choices of them are remembered.
_MOST_MAKERS = 64


class _Values(dict[bytes, Any]):
    """The values of the floating fields of one type by their bytes; None where they say nothing."""

    def __init__(self, row: Floating, never_zero: bool) -> None:
        """`row`: any field of the type."""
        super().__init__()
        self._row = row
        self._never_zero = never_zero

    def __missing__(self, data: bytes) -> Any:
        value = values.read(self._row, data)
        if value == "" or isinstance(value, bytes) or (self._never_zero and value == 0):
            value = None
        if len(data) < _LONG:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[data] = value
        return value


class _Column:
    """A floating field of one plan: the plan's number, and the slots that it fills, each with its values."""

    def __init__(self, owner: int, slots: list[tuple[str, _Values, bool]]) -> None:
        self.owner = owner
        self.slots = slots


class _Fixed:
    """How the fixed parts of one plan are read."""

    def __init__(self, plan: Plan, subject_plan: SubjectPlan, slots: frozenset[str] | None) -> None:
        """`slots`: those that are asked for; None: all."""
        layout = plan.layout
        self.subject_plan, self.slots = subject_plan, slots
        wanted = [one for one in (*subject_plan.fixed, *subject_plan.lists) if slots is None or one.slot in slots]
        self.wanted = [(f"f{one.position}", one.slot, one.nothing, one.slot in EVERY) for one in wanted]
        #: Integers only are read by columns.
        self.plain = all(layout.fields[one.position].type.size for one in wanted)
        positions = sorted({one.position for one in wanted})
        self.size = layout.size if wanted else 0
        if self.plain and wanted:
            self.dtype = fixed_part(layout, positions)
        self._makers: Memo[tuple[str, ...], Callable[[Iterable[Any]], Subject]] = Memo(_MOST_MAKERS)

    def maker(self, slots: tuple[str, ...]) -> Callable[[Iterable[Any]], Subject]:
        """What makes subjects of the values of these slots."""
        return self._makers.get(slots) or self._makers.remember(slots, listed(self.subject_plan, slots))


class Held(NamedTuple):
    """What some messages are about, slot by slot."""

    #: The number of each one's plan, below 0 for those without, and the how manieth it is of those of the plan, from 0.
    plan: np.ndarray
    local: np.ndarray
    #: Of each plan its messages, and of these the values of each slot that any says something in.
    members: dict[int, np.ndarray]
    slots: dict[int, dict[str, list[Any]]]
    #: Messages that have to be read by themselves, besides those of plans that do not lie `plain`.
    odd: set[int]
    fixed: Sequence[_Fixed]

    def subjects(self, wanted: np.ndarray | None = None) -> list[Subject | None]:
        """What each is about; None: to be read by itself, or not `wanted` (a flag for each; None: all are)."""
        found: list[Subject | None] = [None] * len(self.plan)
        for number, members in self.members.items():
            fixed = self.fixed[number]
            if not fixed.plain:
                continue
            slots, columns = self.slots[number], list(self.slots[number].values())
            if wanted is not None:
                chosen = wanted[members]
                members = members[chosen]
                columns = [list(compress(column, chosen.tolist())) for column in columns]
            made = map(fixed.maker(tuple(slots)), _rows(columns, len(members)))
            for rank, subject in zip(members.tolist(), made, strict=True):
                found[rank] = subject
        for rank in self.odd:
            found[rank] = None
        return found


class SubjectColumns:
    """Reads the subjects of messages of batches: just those that `SubjectReader` reads of them one by one."""

    def __init__(self, reader: SubjectReader, slots: Slots) -> None:
        """`slots`: those that are asked for."""
        self._reader = reader
        self._slots = slots
        self._strange = TagFlags(self._is_unlisted)
        self._forget()

    def _forget(self) -> None:
        self._values: dict[tuple[DataType, bool], _Values] = {}
        self._numbers: dict[Plan, int] = {}
        self._plans: list[Plan] = []
        self._fixed: list[_Fixed] = []
        self._columns: list[_Column] = []
        #: By plan and tag: the number of its column.
        self._table = np.full((32, 256), _UNSEEN, np.int32)

    def unlisted(self, batch: Batch) -> np.ndarray:
        """A flag for each message: whether it has a marked field that its type does not list. What is known of the type says
        nothing of such a message."""
        return self._strange.of(batch)

    def _is_unlisted(self, plan: Plan, tag: int) -> bool:
        number = self._number(plan)
        return tag not in plan.layout.message.tags and bool(self._slots_of(number, tag))

    def read(self, batch: Batch, places: np.ndarray) -> list[Subject | None]:
        """The subjects of the messages at these places, in order of the capture; None: to be read by itself."""
        return self.held(batch, places).subjects()

    def held(self, batch: Batch, places: np.ndarray) -> Held:
        """The same slot by slot."""
        mine = self._mine(batch)
        plan = np.where(batch.plan[places] < 0, -1, mine[batch.plan[places]])
        order = np.argsort(plan, kind="stable")
        order = order[np.searchsorted(plan[order], 0) :]
        local = np.empty(len(places), np.int64)
        groups: dict[int, np.ndarray] = {}
        held: dict[int, dict[str, list[Any]]] = {}
        odd: set[int] = set()
        found = Held(plan, local, groups, held, odd, self._fixed)
        if not len(order):
            return found
        starts = np.flatnonzero(np.r_[True, plan[order][1:] != plan[order][:-1]]).tolist()
        for begin, stop in zip(starts, [*starts[1:], len(order)], strict=True):
            members = groups[int(plan[order[begin]])] = order[begin:stop]
            local[members] = np.arange(len(members))
        octets = np.frombuffer(batch.data, np.uint8)
        for number, members in groups.items():
            held[number] = self._fixed_part(number, batch.body[places[members]], octets)
        self._floating(batch, places, plan, local, groups, held, odd)
        return found

    def _mine(self, batch: Batch) -> np.ndarray:
        """The numbers of the plans of a batch."""
        if len(self._plans) > _MOST_PLANS:
            self._forget()
        return np.array([self._number(plan) for plan in batch.plans] or [0], np.int64)

    def _number(self, plan: Plan) -> int:
        number = self._numbers.get(plan)
        if number is None:
            number = self._numbers[plan] = len(self._plans)
            self._plans.append(plan)
            slots = self._slots(plan.layout.message, plan.protocol)
            self._fixed.append(_Fixed(plan, self._reader.plan(plan.layout), slots))
            if number >= len(self._table):
                self._table = grown(self._table, (2 * number, 0), _UNSEEN)
        return number

    def _fixed_part(self, number: int, body: np.ndarray, octets: np.ndarray) -> dict[str, list[Any]]:
        fixed = self._fixed[number]
        found: dict[str, list[Any]] = {}
        if not fixed.plain or not fixed.wanted:
            return found
        rows = lying_at(octets, body, fixed.dtype)
        for name, slot, nothing, every in fixed.wanted:
            column: list[Any] = rows[name].tolist()
            if nothing:
                column = [None if value in nothing else value for value in column]
            if every:
                column = [() if value is None else (value,) for value in column]
            before = found.get(slot)
            if before is None:
                found[slot] = column
            elif every:
                found[slot] = [
                    one if not other or other[0] in one else one + other
                    for one, other in zip(before, column, strict=True)
                ]
            else:
                found[slot] = [other if one is None else one for one, other in zip(before, column, strict=True)]
        return found

    def _floating(
        self,
        batch: Batch,
        places: np.ndarray,
        plan: np.ndarray,
        local: np.ndarray,
        groups: dict[int, np.ndarray],
        held: dict[int, dict[str, list[Any]]],
        odd: set[int],
    ) -> None:
        """Put the values of floating fields into their slots; `odd`: where that does not do, since fields come again."""
        fields = batch.fields
        if not len(fields.message):
            return
        rank_of = np.full(len(batch), -1, np.int64)
        rank_of[places] = np.where(plan < 0, -1, np.arange(len(places)))
        rank = rank_of[fields.message]
        mine = np.flatnonzero(rank >= 0)
        rank, tag = rank[mine], fields.tag[mine]
        self._table = grown(self._table, (0, int(tag.max(initial=0)) + 1), _UNSEEN)
        of = plan[rank]
        which = self._table[of, tag]
        unseen = which == _UNSEEN
        if unseen.any():
            for number, one in dict.fromkeys(zip(of[unseen].tolist(), tag[unseen].tolist(), strict=True)):
                self._see(number, one)
            which = self._table[of, tag]
        wanted = np.flatnonzero(which >= 0)
        wanted = wanted[np.argsort(which[wanted].astype(np.int16), kind="stable")]
        if not len(wanted):
            return
        which, rank = which[wanted], rank[wanted]
        start, stop = fields.start[mine[wanted]].tolist(), fields.stop[mine[wanted]].tolist()
        again = np.flatnonzero((which[1:] == which[:-1]) & (rank[1:] == rank[:-1]))
        odd.update(rank[again].tolist())
        repeats = bool(len(again))
        #: By plan and slot: where the field begins that fills it in each message; not there for those of the fixed part.
        first: dict[tuple[int, str], list[int]] = {}
        begins = np.flatnonzero(np.r_[True, which[1:] != which[:-1]]).tolist()
        data = batch.data
        at = local[rank].tolist()
        for begin, end in zip(begins, [*begins[1:], len(which)], strict=True):
            column = self._columns[int(which[begin])]
            number = column.owner
            count = len(groups[number])
            begun = start[begin:end]
            bounds = zip(begun, stop[begin:end], strict=True)
            # Most fields fill one slot.
            texts = [data[low:high] for low, high in bounds] if len(column.slots) > 1 else []
            # Fields that come again in one message were seen to above.
            whole = end - begin == count and not repeats
            for slot, known, every in column.slots:
                said = [known[text] for text in texts] or [known[data[low:high]] for low, high in bounds]
                if every:
                    said = [() if value is None else (value,) for value in said]
                slots = held[number]
                before = slots.get(slot)
                if before is None:
                    if whole:
                        slots[slot], first[number, slot] = said, begun.copy()
                        continue
                    before = slots[slot] = [() if every else None] * count
                    first[number, slot] = [0] * count
                at_first = first.get((number, slot))
                for place, value, where in zip(at[begin:end], said, begun, strict=True):
                    if not value and (every or value is None):
                        continue
                    other = before[place]
                    if not other and (every or other is None):
                        before[place] = value
                    elif at_first is None and not every:
                        # The fixed part comes first.
                        continue
                    elif every or at_first is None:
                        odd.add(int(groups[number][place]))
                    elif where > at_first[place]:
                        continue
                    else:
                        before[place] = value
                    if at_first is not None:
                        at_first[place] = where

    def _see(self, number: int, tag: int) -> None:
        entry, slots = self._entry(number, tag), self._slots_of(number, tag)
        if entry is None or not slots:
            self._table[number, tag] = _UNMARKED
            return
        self._table[number, tag] = len(self._columns)
        known = [(slot, self._values_of(entry.row, slot in NEVER_ZERO), slot in EVERY) for slot in slots]
        self._columns.append(_Column(number, known))

    def _values_of(self, row: Floating, never_zero: bool) -> _Values:
        """What the bytes of a field say: of all fields of its type the same."""
        key = row.type, never_zero
        if key not in self._values:
            self._values[key] = _Values(row, never_zero)
        return self._values[key]

    def _entry(self, number: int, tag: int) -> TagPlan | None:
        return self._fixed[number].subject_plan.tag(self._plans[number].tags, tag)

    def _slots_of(self, number: int, tag: int) -> tuple[str, ...]:
        """The slots of a field, of those that are asked for."""
        entry, asked = self._entry(number, tag), self._fixed[number].slots
        slots = () if entry is None else entry.slots
        return slots if asked is None else tuple(slot for slot in slots if slot in asked)


def _rows(columns: list[list[Any]], count: int) -> Any:
    return zip(*columns, strict=True) if columns else ((),) * count
