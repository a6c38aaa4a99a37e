"""The front half of analyses by columns: they see the messages that can concern them, and of all others only counts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ccxdissect.analysis.sessions import Sessions, SessionStory
from ccxdissect.columns.batch import Batch
from ccxdissect.protocol.model import Protocol
from ccxdissect.sources.analyses import InOrder
from ccxdissect.stream.events import Loss, SessionEnded, SessionOpened

_CLIENT = 0


def session_stories(batches: Iterator[Batch], protocol: Protocol) -> Iterator[SessionStory]:
    """The stories of the sessions, by number: those that `Sessions` gives of the events."""
    sessions = Sessions()
    ordered = InOrder(sessions, lambda story: story.session.number)
    numbers = [message.number for message in protocol.messages]
    telling = np.zeros(max(numbers) + 2, bool)
    telling[numbers] = [sessions.concerns(message) for message in protocol.messages]
    for batch in batches:
        troubled: set[int] = set()
        for _, event in batch.events:
            if isinstance(event, SessionOpened):
                sessions.feed(event)
            elif isinstance(event, Loss):
                troubled.add(event.session.number)
        if len(batch) or troubled:
            _take(batch, sessions, telling, troubled)
        for _, event in batch.events:
            if isinstance(event, SessionEnded):
                yield from ordered.take(sessions.feed(event))
    yield from ordered.flush()


def _take(batch: Batch, sessions: Sessions, telling: np.ndarray, troubled: set[int]) -> None:
    """The messages of a batch, session by session: what happens in one does not concern another."""
    tells = telling[np.minimum(batch.number, len(telling) - 1)]
    order = np.argsort(batch.session, kind="stable")
    starts = np.flatnonzero(np.r_[len(order) > 0, batch.session[order][1:] != batch.session[order][:-1]])
    if troubled:
        _take_in_order(batch, sessions, troubled)
    for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True):
        mine = order[start:stop]
        if batch.sessions[int(batch.session[mine[0]])].number in troubled:
            continue
        at = 0
        for place in [*np.flatnonzero(tells[mine]).tolist(), len(mine)]:
            if place > at:
                _pass_by(batch, sessions, mine[at:place])
            if place < len(mine):
                sessions.feed(batch.record(int(mine[place])))
            at = place + 1


def _take_in_order(batch: Batch, sessions: Sessions, troubled: set[int]) -> None:
    """The messages and losses of those sessions that lost something, one after the other."""
    of_them = np.array([session.number in troubled for session in batch.sessions], bool)
    places = np.flatnonzero(of_them[batch.session]).tolist() if len(batch) else []
    losses = [(place, event) for place, event in batch.events if isinstance(event, Loss)]
    for place in places:
        while losses and losses[0][0] <= place:
            sessions.feed(losses.pop(0)[1])
        sessions.feed(batch.record(place))
    for _, loss in losses:
        sessions.feed(loss)


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
