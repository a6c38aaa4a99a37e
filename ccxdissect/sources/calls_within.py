"""Calls that lie within a batch: where the whole of one is there and went as others did, it is taken at once, without a look
at each of its messages.

That is done where nothing but the call itself decides what is told of it: one session is told of it and of nothing else
with its id, no device on it is a port, whose phones they are does not change meanwhile, nothing is lacking, and no time runs
backwards. All
others are followed message by message, and how these go is learned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import repeat
from typing import Any

import numpy as np

from ccxdissect.analysis.call_news import CallNews
from ccxdissect.analysis.calls import LINGER, Calls, Hears
from ccxdissect.analysis.echoes import SAID, WINDOW, Told, ToldApart
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.analysis.whole_calls import Whole
from ccxdissect.columns.batch import Batch
from ccxdissect.sources.call_types import CallTypes
from ccxdissect.sources.calls_apart import Apart, LooksApart
from ccxdissect.sources.known_ways import Group, KnownWays
from ccxdissect.sources.subject_columns import Held
from ccxdissect.stream.events import Loss

#: Fewer calls of which the same types tell are followed one by one.
_FEW = 4


class CallsWithin:
    """The calls that lie within batches. Each batch has to be told of, in their order."""

    def __init__(self, calls: Calls, reader: SubjectReader) -> None:
        self._calls, self._types = calls, CallTypes()
        self._apart, self._ways = LooksApart(calls, reader, self._types), KnownWays(calls)
        #: Calls that were told of lately, and until when.
        self._lately: deque[tuple[int, np.ndarray]] = deque()
        self._last = 0
        #: Which calls were told of up to this time is not known.
        self._unseen = -WINDOW - LINGER
        self._steady = True

    def stop(self) -> None:
        """Not all messages are seen: no call is taken at once any more."""
        self._steady = False

    def of(self, batch: Batch, places: np.ndarray, held: Held) -> tuple[np.ndarray, list[tuple[int, Whole]]]:
        """Those of a batch: a flag for each message at these places, whether it is one of theirs; and each with the place of
        the message by which it is over."""
        self._calls.echoes.passed()
        self._ways.learn()
        taken = np.zeros(len(places), bool)
        if not self._may(batch, places):
            return taken, []
        call, apart = self._apart.of(batch, places, held)
        if apart is None:
            self._unseen = self._last
            return taken, []
        wholes = self._found(batch, places, held, call, apart, taken)
        self._lately.append((self._last, np.unique(np.r_[call, _numbers(apart.calls)])))
        if wholes:
            self._calls.echoes.tell_apart(_told_apart(batch, places, held, taken, wholes))
        return taken, wholes

    def _may(self, batch: Batch, places: np.ndarray) -> bool:
        """Whether calls of a batch may be taken at once."""
        times = batch.time
        if not len(times) or not self._steady:
            return False
        first, last = int(times[0]), int(times[-1])
        self._steady = first >= self._last and bool((times[1:] >= times[:-1]).all())
        self._last = last
        calls, many = self._calls, len(places)
        while self._lately and self._lately[0][0] < first - WINDOW - LINGER:
            self._lately.popleft()
        may = (
            self._steady
            and first - self._unseen > WINDOW + LINGER
            and last - first < calls.patience
            and many < calls.echoes.room()
            and many < calls.room()
            and not any(isinstance(event, Loss) for event in batch.apart)
        )
        if not may:
            self._unseen = last
        return may

    def _found(
        self, batch: Batch, places: np.ndarray, held: Held, call: np.ndarray, apart: Apart, taken: np.ndarray
    ) -> list[tuple[int, Whole]]:
        """Those of which nothing else is told, by what messages told of them."""
        about = np.flatnonzero(call >= 0)
        session = batch.session[places]
        order = about[np.lexsort((session[about], call[about]))]
        if not len(order):
            return []
        one, told = call[order], session[order]
        begins = np.flatnonzero(np.r_[True, (one[1:] != one[:-1]) | (told[1:] != told[:-1])])
        ends = np.r_[begins[1:], len(order)]
        which = one[begins]
        again = which[1:] == which[:-1]
        whole = ~(np.r_[again, False] | np.r_[False, again])
        for known in (_numbers(apart.calls), *self._known_lately()):
            whole &= ~np.isin(which, known)
        types = held.plan[order].astype(np.int32).tobytes()
        first, last = places[order[begins[whole]]].tolist(), places[order[ends[whole] - 1]].tolist()
        bounds = zip(
            begins[whole].tolist(), ends[whole].tolist(), told[begins[whole]].tolist(), first, last, strict=True
        )
        alike: dict[tuple[bytes, Hears], list[tuple[int, int]]] = {}
        before = [self._calls.hears(one.number) for one in batch.sessions]
        for begin, end, slot, earliest, latest in bounds:
            hears = apart.sees(slot, earliest, latest, before[slot]) if slot in apart.hears else before[slot]
            if hears is not None:
                alike.setdefault((types[4 * begin : 4 * end], hears), []).append((begin, slot))
        found: list[tuple[int, Whole]] = []
        for (kinds, hears), calls in alike.items():
            several = tuple([self._types.of(held, number) for number in np.frombuffer(kinds, np.int32).tolist()])
            ends_it = any(kind.news.ends or kind.news.clears for kind in several)
            if len(calls) >= _FEW and several[0].news.event and ends_it:
                ranks = order[np.array([begin for begin, _ in calls])[:, None] + np.arange(len(several))]
                slots = [slot for _, slot in calls]
                found += self._ways.of_group(batch, places, held, Group(several, *hears), ranks, slots, apart, taken)
        return found

    def _known_lately(self) -> Iterator[np.ndarray]:
        return (calls for _, calls in self._lately)


def _numbers(calls: set[Any]) -> np.ndarray:
    return np.array([call for call in calls if call is not None], np.int64)


def _told_apart(
    batch: Batch, places: np.ndarray, held: Held, taken: np.ndarray, wholes: list[tuple[int, Whole]]
) -> ToldApart:
    """The events of calls that are taken at once."""
    calls = {(whole.server, whole.call) for _, whole in wholes}
    columns = batch.first + places, batch.time[places], batch.session[places]
    of_plans = [
        (held.fixed[number].subject_plan.layout.message.number, held.slots[number], members)
        for number, members in held.members.items()
        if CallNews(held.fixed[number].subject_plan.layout.message).event and taken[members].any()
    ]
    servers, numbers = [one.server for one in batch.sessions], [one.number for one in batch.sessions]

    def events() -> Iterator[Told]:
        for number, slots, members in of_plans:
            said = zip(*[slots.get(slot, repeat(None, len(members))) for slot in SAID], strict=True)
            rows = zip(taken[members].tolist(), *(column[members].tolist() for column in columns), said, strict=True)
            for mine, message, time, slot, one in rows:
                if mine:
                    yield Told(message, time, servers[slot], numbers[slot], number, one)

    count_of = sum(int(taken[members].sum()) for _, _, members in of_plans)
    return ToldApart(int(batch.time[places[taken]].max()), count_of, calls, events)
