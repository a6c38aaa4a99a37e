"""Messages of a batch that analyses take without their records: by what is known of them from the columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ccxdissect.analysis.subject import Subject, Taker
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan
from ccxdissect.protocol.model import Message, Protocol
from ccxdissect.stream.dissector import SIDES

#: What takes messages of a type without their records, if any: see `analysis.subject.Taker`.
Takers = Callable[[Message, Protocol], Taker | None]
#: Plans come and go with what clients claim; so many are remembered.
_MOST_PLANS = 1024


class Taking:
    """What takes messages of each plan without their records."""

    def __init__(self, takers: Takers | None) -> None:
        """`takers`: None where nothing does."""
        self._takers = takers
        self._known: dict[Plan, Taker | None] = {}

    def of(self, batch: Batch, places: np.ndarray, subjects: list[Subject | None]) -> np.ndarray:
        """What takes each of these messages, which are about that; None for those whose records have to be fed."""
        if self._takers is None:
            return np.full(len(places), None)
        taken = self._by_plan(batch)[batch.plan[places]]
        if None in subjects:
            taken[[subject is None for subject in subjects]] = None
        return taken

    def _by_plan(self, batch: Batch) -> np.ndarray:
        """What takes those of each plan; nothing takes what has none, which is at the last place."""
        known = self._known
        if len(known) > _MOST_PLANS:
            known.clear()
        if self._takers is not None:
            for plan in batch.plans:
                if plan not in known:
                    known[plan] = self._takers(plan.layout.message, plan.protocol)
        return objects([*(known[plan] for plan in batch.plans), None])


def facts(batch: Batch, places: np.ndarray, subjects: list[Subject | None]) -> Iterator[tuple[Any, ...]]:
    """What is known of these messages without records: see `Taker`."""
    return zip(
        (batch.first + places).tolist(),
        batch.time[places].tolist(),
        objects(batch.sessions)[batch.session[places]].tolist(),
        objects(SIDES)[batch.side[places]].tolist(),
        objects([*(plan.layout.message for plan in batch.plans), None])[batch.plan[places]].tolist(),
        subjects,
        strict=True,
    )


def objects(values: Sequence[Any]) -> np.ndarray:
    """An array of objects, whatever they are."""
    found = np.empty(len(values), object)
    found[:] = values
    return found
