"""Which messages keep to their declarations, by columns: the usual case of `codec.checks`."""

from __future__ import annotations

import numpy as np

from ccxdissect.codec.checks import Sound
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan, grown
from ccxdissect.columns.distinct import distinct
from ccxdissect.columns.places import fixed_part, lying_at
from ccxdissect.protocol.types import Reading

#: Bits that a column of 64-bit integers has, less its sign.
_BITS = 63
#: Plans come and go with what clients claim; so many are remembered.
_MOST_PLANS = 1024
_NEVER = -1


class _Kept:
    """What messages of one plan have to look like that deviate in nothing; `possible`: whether columns can tell."""

    def __init__(self, plan: Plan) -> None:
        sound = Sound(plan.layout, plan.version)
        bits = [bit for _, bit in sound.tags.values()]
        self.possible = (
            sound.possible
            and max(bits, default=0) < 1 << _BITS
            and sound.required < 1 << _BITS
            and sound.one_of < 1 << _BITS
        )
        self.sound = sound
        positions = sorted({position for position, _ in sound.reserved} | {count.position for count in sound.counts})
        fields = [plan.layout.fields[position] for position in positions]
        self.possible &= all(field.type.reading is Reading.INTEGER for field in fields)
        self.size = plan.layout.size
        self.looked_at = bool(fields)
        if self.possible and fields:
            self.dtype = fixed_part(plan.layout, positions)


class Conformity:
    """Tells of whole batches which messages deviate in nothing. It may leave some out; the others are not odd for that."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._numbers: dict[Plan, int] = {}
        self._kept: list[_Kept] = []
        self._possible = np.zeros(32, bool)
        self._required = np.zeros((2, 32), np.int64)
        #: By plan and tag: the most bytes it may have, and its bit.
        self._most = np.full((32, 256), _NEVER, np.int64)
        self._bit = np.zeros((32, 256), np.int64)

    def sound(self, batch: Batch) -> np.ndarray:
        """A flag for each message."""
        count = len(batch)
        if not batch.plans or not count:
            return np.zeros(count, bool)
        if len(self._kept) > _MOST_PLANS:
            self._forget()
        numbers = np.array([self._number(plan) for plan in batch.plans], np.int64)
        plan = np.where(batch.plan < 0, 0, numbers[batch.plan])
        found = (batch.plan >= 0) & self._possible[plan]
        fields = batch.fields
        present = np.zeros(count, np.int64)
        if len(fields.message):
            of = plan[fields.message]
            tag = np.minimum(fields.tag, self._most.shape[1] - 1)
            well = fields.stop - fields.start <= self._most[of, tag]
            found[fields.message[~well]] = False
            some = np.flatnonzero(batch.bounds[1:] > batch.bounds[:-1])
            present[some] = np.bitwise_or.reduceat(self._bit[of, tag], batch.bounds[some])
        required, one_of = self._required[0, plan], self._required[1, plan]
        found &= (present & required == required) & ((one_of == 0) | (present & one_of != 0))
        octets = np.frombuffer(batch.data, np.uint8)
        for number in distinct(plan[found]).tolist():
            kept = self._kept[number]
            if not kept.looked_at:
                continue
            mine = np.flatnonzero(found & (plan == number))
            rows = lying_at(octets, batch.body[mine], kept.dtype)
            for position, constant in kept.sound.reserved:
                found[mine[rows[f"f{position}"] != constant]] = False
            for position, counted, bits, limit in kept.sound.counts:
                said = rows[f"f{position}"]
                times = np.zeros(len(mine), np.int64)
                if (present[mine] & bits).any():
                    for one in counted:
                        has = fields.message[fields.tag == one]
                        times = np.maximum(times, np.bincount(has, minlength=count)[mine])
                found[mine[said != times]] = False
                if limit is not None:
                    found[mine[times > limit]] = False
        return found

    def _number(self, plan: Plan) -> int:
        number = self._numbers.get(plan)
        if number is not None:
            return number
        number = self._numbers[plan] = len(self._kept)
        kept = _Kept(plan)
        self._kept.append(kept)
        rows = len(self._possible)
        # The last column stays for tags that no message has.
        shape = rows if number < rows else 2 * rows, max(kept.sound.tags, default=0) + 2
        self._most, self._bit = grown(self._most, shape, _NEVER), grown(self._bit, shape, 0)
        self._required = grown(self._required, (2, shape[0]), 0)
        self._possible = np.concatenate([self._possible, np.zeros(shape[0] - rows, bool)])
        self._possible[number] = kept.possible
        if kept.possible:
            self._required[:, number] = kept.sound.required, kept.sound.one_of
            for tag, (most, bit) in kept.sound.tags.items():
                self._most[number, tag], self._bit[number, tag] = most, bit
        return number
