"""Which messages of a batch can concern an analysis: by their types, by what is waited for, by the sessions they are of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan
from ccxdissect.protocol import model
from ccxdissect.protocol.model import Message
from ccxdissect.stream.events import Session

#: Plans come and go with what clients claim; so many are remembered.
_MOST_PLANS = 1024


class Interested(Protocol):
    """What knows which messages concern it, besides those that are odd, and from when on time does."""

    @property
    def due(self) -> int:
        """Up to this time (ns) nothing is told by time alone."""

    def concerns(self, message: Message, protocol: model.Protocol) -> bool:
        """Whether messages of a type may change anything besides the time."""


class Awaiting(Protocol):
    """An analysis that some messages concern as replies alone, or as what comes of a request: while it waits for any."""

    @property
    def awaits(self) -> bool:
        """Whether a reply is waited for."""

    def asks(self, message: Message) -> bool:
        """Whether the reply to messages of a type is waited for."""

    def only_replies(self, message: Message, protocol: model.Protocol) -> bool:
        """Whether messages of a type concern it in no other way."""


class SomeSessions:
    """Some sessions: asked as a function whether one is among them. `messages`: a flag for each message of a batch."""

    def __init__(self, batch: Batch, has: Callable[[Session], bool]) -> None:
        self._has = has
        self.messages = np.array([has(session) for session in batch.sessions], bool)[batch.session]

    def __call__(self, session: Session) -> bool:
        return self._has(session)


class Interest:
    """Which messages of a batch concern an analysis: those of types that do, and the odd ones (or not, by `odd`)."""

    def __init__(self, concerns: Callable[[Message, model.Protocol], bool], odd: bool = True) -> None:
        self._concerns, self._odd = concerns, odd
        self._known: dict[Plan, bool] = {}

    def of(self, batch: Batch) -> np.ndarray:
        """A flag for each message."""
        known = self._known
        if len(known) > _MOST_PLANS:
            known.clear()
        for plan in batch.plans:
            if plan not in known:
                known[plan] = self._concerns(plan.layout.message, plan.protocol)
        # What has no plan is at the last place.
        return np.array([*(known[plan] for plan in batch.plans), self._odd])[batch.plan]


class Replies:
    """Which messages of a batch concern an analysis as replies that it might wait for, and does not."""

    def __init__(self, awaiting: Awaiting) -> None:
        self._awaiting = awaiting
        self._asks = Interest(lambda message, protocol: awaiting.asks(message))
        self._replies = Interest(awaiting.only_replies, odd=False)

    def unasked(self, batch: Batch) -> np.ndarray:
        """A flag for each message, asked for before the batch is looked through."""
        replies = self._replies.of(batch)
        if self._awaiting.awaits or self._asks.of(batch).any():
            replies[:] = False
        return replies
