"""Messages of a batch that look alike in all that decides how they deviate: the shapes of `codec.checks`, by columns."""

from __future__ import annotations

import numpy as np

from ccxdissect.codec.checks import BY_VALUE, MOST_FIELDS, Shape
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan, grown
from ccxdissect.columns.distinct import alike, distinct
from ccxdissect.columns.places import fixed_part, lying_at
from ccxdissect.protocol.types import Reading

#: Plans come and go with what clients claim; so many are remembered.
_MOST_PLANS = 1024
_UNSEEN = -2
_TAG_BITS = 16
_MIXER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)
#: By how manieth field: what its part is multiplied with.
_TURN = np.cumprod(np.full(MOST_FIELDS + 1, 0xD1342543DE82EF95, np.uint64))


class _Told:
    """The shapes of one plan, and how what decides of its fixed part is read; `possible`: whether columns can."""

    def __init__(self, plan: Plan) -> None:
        self.shape = Shape(plan.layout)
        self.tags = plan.tags
        positions = self.shape.positions
        fields = [plan.layout.fields[position] for position in positions]
        self.possible = all(field.type.reading is Reading.INTEGER for field in fields)
        self.size = plan.layout.size
        self.dtype: np.dtype | None = None
        if self.possible and fields:
            self.dtype = fixed_part(plan.layout, positions)


class Shapes:
    """Tells of whole batches which messages have the same shape."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._numbers: dict[Plan, int] = {}
        self._told: list[_Told] = []
        #: By plan and tag: the most bytes that a field may have.
        self._most = np.full((32, 256), _UNSEEN, np.int64)

    def of(self, batch: Batch, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of the messages at these places, which have plans: the place of the first of each shape, and for every message
        which shape it has; negative where columns cannot tell."""
        if len(self._told) > _MOST_PLANS:
            self._forget()
        numbers = np.array([self._number(plan) for plan in batch.plans] or [0], np.int64)
        plan = numbers[batch.plan[places]]
        count = batch.bounds[places + 1] - batch.bounds[places]
        able = (count <= MOST_FIELDS) & np.array([one.possible for one in self._told] or [False])[plan]
        parts, of = self._fields(batch, places, plan, able)
        mixed = (plan << np.int64(8) | np.minimum(count, MOST_FIELDS + 1)).astype(np.uint64) * _MIXER
        turned = (parts.astype(np.uint64) + np.uint64(1)) * _MIXER
        turned ^= turned >> _SHIFT
        begins = np.zeros(len(places) + 1, np.int64)
        np.cumsum(np.where(able, count, 0), out=begins[1:])
        nth = np.arange(len(of)) - begins[of]
        turned *= _TURN[nth]
        some = np.flatnonzero(begins[1:] > begins[:-1])
        if len(some):
            mixed[some] += np.add.reduceat(turned, begins[some])
        columns = list(self._fixed(batch, places, plan, able))
        for mine, column in columns:
            mixed[mine] = (mixed[mine] ^ column.astype(np.uint64)) * _MIXER
            mixed[mine] ^= mixed[mine] >> _SHIFT
        which = np.full(len(places), -1, np.int64)
        chosen = np.flatnonzero(able)
        if not len(chosen):
            return chosen, which
        first, kind = alike(mixed[chosen])
        first = chosen[first]
        which[chosen] = kind
        # Two shapes may be mixed into the same number.
        like = first[which]
        same = (plan == plan[like]) & (count == count[like])
        if not same[chosen].all() or not (parts == parts[begins[like[of]] + nth]).all():
            return np.zeros(0, np.int64), np.full(len(places), -1, np.int64)
        whole = np.zeros(len(places), np.int64)
        for mine, column in columns:
            whole[mine] = column
            if not (column == whole[like[mine]]).all():
                return np.zeros(0, np.int64), np.full(len(places), -1, np.int64)
        return places[first], which

    def _fields(
        self, batch: Batch, places: np.ndarray, plan: np.ndarray, able: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """What decides of each floating field of the messages that are `able`, and of which message it is. A message with a
        field whose value decides is so no more."""
        fields = batch.fields
        rank_of = np.full(len(batch), -1, np.int64)
        rank_of[places] = np.where(able, np.arange(len(places)), -1)
        rank = rank_of[fields.message]
        mine = np.flatnonzero(rank >= 0)
        of, tag = rank[mine], fields.tag[mine]
        self._most = grown(self._most, (len(self._told), int(tag.max(initial=0)) + 1), _UNSEEN)
        most = self._most[plan[of], tag]
        unseen = np.flatnonzero(most == _UNSEEN)
        if len(unseen):
            for pair in distinct(plan[of[unseen]] << _TAG_BITS | tag[unseen]).tolist():
                number, one = divmod(pair, 1 << _TAG_BITS)
                told = self._told[number]
                self._most[number, one] = told.shape.most(told.tags, one)
            most = self._most[plan[of], tag]
        by_value = most == BY_VALUE
        if by_value.any():
            able[of[by_value]] = False
            kept = able[of]
            mine, of, tag, most = mine[kept], of[kept], tag[kept], most[kept]
        size = fields.stop[mine] - fields.start[mine]
        return tag | np.where(size > most, size + 1, 0) << _TAG_BITS, of

    def _fixed(
        self, batch: Batch, places: np.ndarray, plan: np.ndarray, able: np.ndarray
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """What decides of the fixed parts: messages, and the value of one field in each."""
        octets = np.frombuffer(batch.data, np.uint8)
        found = []
        for number in distinct(plan[able]).tolist():
            told = self._told[number]
            if told.dtype is None:
                continue
            mine = np.flatnonzero(able & (plan == number))
            rows = lying_at(octets, batch.body[places[mine]], told.dtype)
            found += [(mine, rows[name].astype(np.int64)) for name in told.dtype.names or ()]
        return found

    def _number(self, plan: Plan) -> int:
        number = self._numbers.get(plan)
        if number is None:
            number = self._numbers[plan] = len(self._told)
            self._told.append(_Told(plan))
        return number
