"""Batches handed to another process: what their messages hold, and nothing that only its maker can use.

Declarations do not travel: the other process has the same ones, and is told which it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ccxdissect.capture.segment import Endpoint
from ccxdissect.codec.decoder import Decoders
from ccxdissect.codec.forms import FORMS
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Fields, Plan
from ccxdissect.columns.distinct import distinct
from ccxdissect.protocol.model import Protocol
from ccxdissect.stream.events import Session, SessionState

#: Sessions that are remembered at most.
_MOST_SESSIONS = 1 << 16


class Passed(NamedTuple):
    """A batch on its way. `plans`: by number in `plan`, the place of the protocol, the type, the version and the form.
    `sessions`: number, client, server, start and end. `odd`: by place, what the maker says of a message that is no
    plain one."""

    first: int
    data: bytes
    columns: tuple[np.ndarray, ...]
    fields: tuple[np.ndarray, ...]
    plans: dict[int, tuple[int, int, int | None, int]]
    sessions: list[tuple[int, Endpoint, Endpoint, int, int]]
    odd: dict[int, str]

    def counted_on(self, messages: int, frames: int, sessions: int, odd: dict[int, str]) -> Passed:
        """The same batch behind so many messages, frames and sessions; `odd` as of that."""
        return self._replace(
            first=self.first + messages,
            columns=(self.columns[0].astype(np.int64) + frames, *self.columns[1:]),
            sessions=[(number + sessions, *rest) for number, *rest in self.sessions],  # type: ignore[misc]
            odd=odd,
        )


_COLUMNS = ("frame", "time", "begun", "session", "side", "number", "plan", "body", "size", "flow", "offset", "bounds")


@dataclass(eq=False)
class Received(Batch):
    """A batch from another process. `said`: by place, what that one says of a message that is no plain one."""

    said: dict[int, str] = field(default_factory=dict)


def passed(batch: Batch, protocols: Sequence[Protocol], odd: dict[int, str]) -> Passed:
    """A batch as it can be handed on; `odd`: what is said of each message that `batch.odd` has."""
    spoken = {protocol: place for place, protocol in enumerate(protocols)}
    plans = {}
    for number in distinct(batch.plan[batch.plan >= 0]).tolist():
        plan = batch.plans[number]
        plans[number] = (spoken[plan.protocol], plan.number, plan.version, FORMS.index(plan.form))
    return Passed(
        batch.first,
        batch.data,
        tuple(_small(getattr(batch, name)) for name in _COLUMNS),
        tuple(map(_small, batch.fields)),
        plans,
        [(one.number, one.client, one.server, one.start, one.end) for one in batch.sessions],
        odd,
    )


def _small(column: np.ndarray) -> np.ndarray:
    """A column in four bytes each, where that holds it: half of it need not travel."""
    if column.dtype == np.int64 and len(column) and column.min() >= -(1 << 31) and column.max() < 1 << 31:
        return column.astype(np.int32)
    return column


class Receiver:
    """Makes batches of what another process passed on. `protocols`: those of that process, in the same order."""

    def __init__(self, protocols: Sequence[Protocol]) -> None:
        self._protocols = protocols
        self._decoders = Decoders()
        self._plans: dict[tuple[int, int, int | None, int], Plan] = {}
        self._sessions: dict[tuple[int, Endpoint, Endpoint, int, int], Session] = {}

    def received(self, passed: Passed) -> Received:
        """The batch."""
        if len(self._sessions) > _MOST_SESSIONS:
            self._sessions.clear()
        plans: list[Plan] = []
        if passed.plans:
            some = next(iter(passed.plans.values()))
            plans = [self._plan(passed.plans.get(number, some)) for number in range(max(passed.plans) + 1)]
        columns = (column if column.dtype == object else column.astype(np.int64) for column in passed.columns)
        batch = Received(passed.first, passed.data, plans, list(map(self._session, passed.sessions)), said=passed.odd)
        for name, column in zip(_COLUMNS, columns, strict=True):
            setattr(batch, name, column)
        batch.fields = Fields(*(column.astype(np.int64) for column in passed.fields))
        return batch

    def _plan(self, told: tuple[int, int, int | None, int]) -> Plan:
        plan = self._plans.get(told)
        if plan is None:
            place, number, version, form = told
            protocol = self._protocols[place]
            usual = self._decoders[protocol].usual(number, version, FORMS[form])
            assert usual is not None
            layout, _, _, tags, likely = usual
            plan = self._plans[told] = Plan(number, version, layout, likely, tags, protocol)
        return plan

    def _session(self, told: tuple[int, Endpoint, Endpoint, int, int]) -> Session:
        session = self._sessions.get(told)
        if session is None:
            session = self._sessions[told] = SessionState(*told).session
        return session
