"""Batches handed to another process: what their messages hold, and nothing that only its maker can use.

Declarations do not travel: the other process has the same ones, and is told which it needs.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ccxdissect.codec.decoder import Decoders
from ccxdissect.codec.forms import FORMS
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Fields, Plan
from ccxdissect.columns.distinct import distinct
from ccxdissect.protocol.model import Protocol
from ccxdissect.stream.events import Ends, Session, SessionState, ends_of

#: Sessions that are remembered at most.
_MOST_SESSIONS = 1 << 16
#: Protocol, type, version and form of a plan.
_Told = tuple[int, int, int | None, int]


class Passed(NamedTuple):
    """A batch on its way. `plans`: by number in `plan`, the place of the protocol, the type, the version and the form.
    `sessions`: number, client and server. `odd`: by place, what the maker says of a message that is no plain one."""

    first: int
    data: bytes | pickle.PickleBuffer
    frame: np.ndarray
    time: np.ndarray
    columns: tuple[np.ndarray, ...]
    fields: Fields
    plans: dict[int, _Told]
    sessions: list[Ends]
    odd: dict[int, str]

    def counted_on(self, messages: int, frames: int, sessions: int, odd: dict[int, str]) -> Passed:
        """The same batch behind so many messages, frames and sessions; `odd` as of that."""
        return self._replace(
            first=self.first + messages,
            frame=self.frame + frames,
            sessions=[(number + sessions, *ends) for number, *ends in self.sessions],  # type: ignore[misc]
            odd=odd,
        )


#: What else a line is made of: numbers of sessions, sides and plans; places in `data`. As they are: to make them smaller and
#: large again takes longer than to copy them.
_COLUMNS = ("session", "side", "plan", "body", "size")


@dataclass(eq=False)
class Received(Batch):
    """What a line is made of, of a batch from another process; nothing else of it is there. `said`: by place, what that one
    says of a message that is no plain one. `data` may be a view of memory that is shared."""

    said: dict[int, str] = field(default_factory=dict)


def passed(batch: Batch, protocols: Sequence[Protocol], odd: dict[int, str]) -> Passed:
    """A batch as it can be handed on; `odd`: what is said of each message that `batch.odd` has."""
    spoken = {protocol: place for place, protocol in enumerate(protocols)}
    return Passed(
        batch.first,
        batch.data,
        batch.frame,
        batch.time,
        tuple(getattr(batch, name) for name in _COLUMNS),
        batch.fields,
        {number: _told(batch.plans[number], spoken) for number in distinct(batch.plan[batch.plan >= 0]).tolist()},
        ends_of(batch.sessions),
        odd,
    )


def _told(plan: Plan, spoken: dict[Protocol, int]) -> _Told:
    return spoken[plan.protocol], plan.number, plan.version, FORMS.index(plan.form)


class Receiver:
    """Makes batches of what another process passed on. `protocols`: those of that process, in the same order."""

    def __init__(self, protocols: Sequence[Protocol]) -> None:
        self._protocols = protocols
        self._decoders = Decoders()
        self._plans: dict[_Told, Plan] = {}
        self._sessions: dict[Ends, Session] = {}

    def know(self, plans: Sequence[Plan]) -> None:
        """Take these plans for those of which it is told."""
        spoken = {protocol: place for place, protocol in enumerate(self._protocols)}
        self._plans.update((_told(plan, spoken), plan) for plan in plans)

    def received(self, passed: Passed) -> Received:
        """The batch."""
        if len(self._sessions) > _MOST_SESSIONS:
            self._sessions.clear()
        plans: list[Plan] = []
        if passed.plans:
            some = next(iter(passed.plans.values()))
            plans = [self._plan(passed.plans.get(number, some)) for number in range(max(passed.plans) + 1)]
        sessions = list(map(self._session, passed.sessions))
        batch = Received(passed.first, passed.data, plans, sessions, said=passed.odd)  # type: ignore[arg-type]
        batch.frame, batch.time = passed.frame, passed.time
        for name, column in zip(_COLUMNS, passed.columns, strict=True):
            setattr(batch, name, column)
        batch.fields = passed.fields
        batch.begun = batch.flow = batch.offset = batch.number = np.zeros(len(batch), np.int64)
        return batch

    def _plan(self, told: _Told) -> Plan:
        plan = self._plans.get(told)
        if plan is None:
            place, number, version, form = told
            protocol = self._protocols[place]
            usual = self._decoders[protocol].usual(number, version, FORMS[form])
            assert usual is not None
            layout, _, _, tags, likely = usual
            plan = self._plans[told] = Plan(number, version, layout, likely, tags, protocol)
        return plan

    def _session(self, ends: Ends) -> Session:
        session = self._sessions.get(ends)
        if session is None:
            session = self._sessions[ends] = SessionState(*ends, 0, 0).session
        return session
