"""Events about one call and about nothing else, told to the pairing of requests by columns: none of them is looked at."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.analysis.subject import SubjectReader, told_by_fixed
from ccxdissect.bounded import Memo
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan
from ccxdissect.columns.places import lying_at
from ccxdissect.protocol.model import Mark, Message, Protocol, Trait
from ccxdissect.sources.interest import Interest
from ccxdissect.sources.tag_flags import TagFlags

#: By what else events are traced back. An event whose floating fields name a call does not count as told by columns, either.
_ELSE = Mark.AGENT | Mark.EXTENSION | Mark.INSTRUMENT | Mark.OTHER_CALL | Mark.NEW_CALL
#: How calls are numbered where columns read them.
_CALL = ">u4"
#: Plans come and go with what clients claim; so many are remembered.
_MOST_PLANS = 1024


class Tracing:
    """Foretells the pairing of requests which events of a batch are about one call alone."""

    def __init__(self, pairing: Exchanges, reader: SubjectReader) -> None:
        self._pairing = pairing
        self.foreseen = pairing.foreseen
        self._reader = reader
        self._types = Interest(pairing.only_traced, odd=False)
        self._begins = Interest(_begins, odd=False)
        self._asks = Interest(lambda message, protocol: pairing.asks(message))
        self._named = TagFlags(self._names)
        self._calls: Memo[Plan, tuple[int, frozenset[int]]] = Memo(_MOST_PLANS)

    def foretell(self, batch: Batch, wanted: np.ndarray) -> None:
        """Foretell what can be foretold of the wanted messages (a flag for each); it is wanted no more."""
        chosen = wanted & self._types.of(batch)
        pairing = self._pairing
        if pairing.awaits or self._asks.of(batch).any():
            # Where a call begins, a request may be waiting for it.
            chosen &= ~self._begins.of(batch)
        told = [self._call_of(plan) for plan in batch.plans]
        offset = np.array([*(place for place, _ in told), -1])[batch.plan]
        places = np.flatnonzero(chosen & (offset >= 0) & ~self._named.of(batch))
        calls = lying_at(np.frombuffer(batch.data, np.uint8), batch.body[places] + offset[places], _CALL)
        for number, (_, nothing) in enumerate(told):
            for value in nothing:
                said = (batch.plan[places] != number) | (calls != value)
                places, calls = places[said], calls[said]
        if len(places):
            wanted[places] = False
            self._foretell(batch, places, calls)

    def end(self, batch: Batch) -> None:
        """All messages of a batch have come."""
        self.foreseen.at = batch.first + len(batch)
        self._pairing.all_came()

    def _foretell(self, batch: Batch, places: np.ndarray, calls: np.ndarray) -> None:
        servers: dict[str, int] = {}
        known = [servers.setdefault(session.server, len(servers)) for session in batch.sessions]
        server = np.array(known, np.int64)[batch.session[places]]
        order = np.lexsort((server, calls))
        places, server, calls = places[order], server[order], calls[order]
        new = np.flatnonzero(np.r_[True, (calls[1:] != calls[:-1]) | (server[1:] != server[:-1])])
        names = list(servers)
        bounds = [*new.tolist(), len(places)]
        keys = [(names[which], call) for which, call in zip(server[new].tolist(), calls[new].tolist(), strict=True)]
        self.foreseen.foretell(
            (batch.first + places).tolist(),
            batch.time[places].tolist(),
            zip(keys, map(list, pairwise(bounds)), strict=True),
        )

    def _call_of(self, plan: Plan) -> tuple[int, frozenset[int]]:
        """Where in the body a message tells its call, and the values that say nothing; -1 where columns do not tell it."""
        known = self._calls.get(plan)
        if known is not None:
            return known
        layout = plan.layout
        told = told_by_fixed(layout, Mark.CALL)
        if len(told) != 1 or told_by_fixed(layout, _ELSE):
            return self._calls.remember(plan, (-1, frozenset()))
        ((position, nothing),) = told
        plain = np.dtype(f">{layout.fields[position].type.code}") == np.dtype(_CALL)
        return self._calls.remember(plan, (layout.offsets[position] if plain else -1, nothing))

    def _names(self, plan: Plan, tag: int) -> bool:
        entry = self._reader.plan(plan.layout).tag(plan.tags, tag)
        return entry is not None and bool(entry.row.mark & (_ELSE | Mark.CALL))


def _begins(message: Message, protocol: Protocol) -> bool:
    return bool(message.traits & Trait.CALL_BEGINS)
