"""Which messages of batches have a floating field of which something holds that its type and its tag tell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan, grown

#: Plans come and go with what clients claim; so many are remembered.
_MOST_PLANS = 1024
_UNSEEN = -1


class TagFlags:
    """Tells of each message whether any of its floating fields is such a one."""

    def __init__(self, holds: Callable[[Plan, int], bool]) -> None:
        """`holds`: whether it holds of the fields with a tag in messages of a plan."""
        self._holds = holds
        self._forget()

    def _forget(self) -> None:
        self._numbers: dict[Plan, int] = {}
        #: By plan and tag.
        self._table = np.full((32, 256), _UNSEEN, np.int8)

    def of(self, batch: Batch) -> np.ndarray:
        """A flag for each message."""
        found = np.zeros(len(batch), bool)
        fields = batch.fields
        if not len(fields.message):
            return found
        if len(self._numbers) > _MOST_PLANS:
            self._forget()
        numbers = [self._numbers.setdefault(plan, len(self._numbers)) for plan in batch.plans]
        need = len(self._numbers), int(fields.tag.max()) + 1
        if need[0] > len(self._table) or need[1] > self._table.shape[1]:
            self._table = grown(self._table, (2 * need[0], need[1]), _UNSEEN)
        known, width = self._table.reshape(-1), self._table.shape[1]
        where = (np.array(numbers, np.int64) * width)[batch.plan[fields.message]]
        where += fields.tag
        flags = known[where]
        if flags.min() == _UNSEEN:
            plans = dict(zip(numbers, batch.plans, strict=True))
            for one in dict.fromkeys(where[flags == _UNSEEN].tolist()):
                known[one] = self._holds(plans[one // width], one % width)
            flags = known[where]
        found[fields.message[flags.view(bool)]] = True
        return found
