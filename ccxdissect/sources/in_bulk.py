"""The front half of analyses by columns: they see the messages that can concern them, and of all others only counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ccxdissect.analysis.sessions import Sessions, SessionStory
from ccxdissect.columns.batch import Batch
from ccxdissect.protocol.model import Protocol, several
from ccxdissect.sources.analyses import InOrder
from ccxdissect.stream.events import Loss, Session, SessionEnded, SessionOpened

_CLIENT = 0
_NEVER = 1 << 60


def session_stories(batches: Iterator[Batch], protocols: Protocol | Sequence[Protocol]) -> Iterator[SessionStory]:
    """The stories of the sessions, by number: those that `Sessions` gives of the events."""
    sessions = Sessions()
    ordered = InOrder(sessions, lambda story: story.session.number)
    every = [message for protocol in several(protocols) for message in protocol]
    telling = np.zeros(max(message.number for message in every) + 2, bool)
    telling[[message.number for message in every if sessions.concerns(message)]] = True
    for batch in batches:
        tells = np.flatnonzero(telling[np.minimum(batch.number, len(telling) - 1)]).tolist()
        passed = _Passed(batch, sessions)
        events = iter([*batch.events, (_NEVER, None)])
        place, event = next(events)
        for index in [*tells, _NEVER - 1]:
            while place <= index:
                if isinstance(event, (SessionOpened, SessionEnded, Loss)):
                    passed.up_to(event.session, place)
                    yield from ordered.take(sessions.feed(event))
                place, event = next(events)
            if index < len(batch):
                record = batch.record(index)
                passed.up_to(record.session, index)
                sessions.feed(record)
                passed.beyond(record.session)
        passed.all()
    yield from ordered.flush()


class _Passed:
    """The messages of a batch by session, and how far each session has seen its own."""

    def __init__(self, batch: Batch, sessions: Sessions) -> None:
        self._batch = batch
        self._sessions = sessions
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
