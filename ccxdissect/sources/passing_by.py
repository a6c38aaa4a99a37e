"""Sessions are told of all the messages of a batch, those that are looked at for more included: that they came, and when."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ccxdissect.analysis.sessions import Sessions
from ccxdissect.columns.batch import Batch
from ccxdissect.stream.events import Session

_CLIENT = 0
#: Whether a session is one of those that are looked at; None: all are.
Looked = Callable[[Session], bool] | None


class Passing:
    """Tells sessions of all the messages that came, as far as they are asked about."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._passed: Passed | None = None
        #: How many messages of the batch have come.
        self.at = 0
        sessions.catch_up = self._catch_up

    def begin(self, batch: Batch, mine: Looked = None) -> None:
        """A batch comes."""
        self._passed = Passed(batch, self._sessions, mine)
        self.at = 0

    def end(self) -> None:
        """It is over."""
        if self._passed is not None:
            self._passed.all()
        self._passed = None

    def _catch_up(self, session: Session) -> None:
        if self._passed is not None:
            self._passed.up_to(session, self.at)


class Passed:
    """The messages of a batch by session, and how far each session has seen its own."""

    def __init__(self, batch: Batch, sessions: Sessions, mine: Looked = None) -> None:
        self._batch = batch
        self._sessions = sessions
        self._mine = mine
        order = np.argsort(batch.session, kind="stable")
        bounds = np.searchsorted(batch.session[order], np.arange(len(batch.sessions) + 1)).tolist()
        self._order = order
        self._bounds = bounds
        self._at = bounds[:-1]
        self._slots = {session.number: slot for slot, session in enumerate(batch.sessions)}

    def up_to(self, session: Session, index: int) -> None:
        """A session sees its messages before that one."""
        slot = self._slots.get(session.number)
        if slot is not None:
            at = self._at[slot]
            mine = self._order[at : self._bounds[slot + 1]]
            count = int(np.searchsorted(mine, index))
            if count:
                _pass_by(self._batch, self._sessions, mine[:count])
                self._at[slot] = at + count

    def beyond(self, session: Session) -> None:
        """A session has seen its next message in another way."""
        self._at[self._slots[session.number]] += 1

    def all(self) -> None:
        """Every session sees what is left."""
        for session in self._batch.sessions:
            if self._mine is None or self._mine(session):
                self.up_to(session, len(self._batch))


def _pass_by(batch: Batch, sessions: Sessions, mine: np.ndarray) -> None:
    times, client = batch.time[mine], batch.side[mine] == _CLIENT
    heard = said = None
    if not client.all():
        said = int(times[~client][-1])
        times = times[client]
    if len(times):
        longest = int(np.diff(times).max()) if len(times) > 1 else 0
        heard = int(times[0]), int(times[-1]), longest
    session = batch.sessions[int(batch.session[mine[0]])]
    sessions.pass_by(session, batch.first + int(mine[-1]), heard, said)
