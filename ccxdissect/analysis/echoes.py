"""The same news told to several clients: a bridge client and an agent's own client both hear of one event."""

from __future__ import annotations

from collections import OrderedDict
from operator import attrgetter

from ccxdissect.analysis.subject import Subject
from ccxdissect.stream.events import Record
from ccxdissect.wording import SECOND

#: How far apart, in ns, two clients may hear of the same event.
WINDOW = 5 * SECOND
#: So many events are added before those that are too old are looked for.
_MORE = 256
#: What events of one type that are the same agree in.
_SLOTS = ("agent", "call", "other_call", "new_call", "acting", "connection", "state", "reason", "call_state", "cause")
_SAID = attrgetter(*_SLOTS)


class Echoes:
    """Tells the first telling of an event from its echoes on other sessions.

    Events are the same when server, type and everything that their marks say agree. The n-th telling on one session is
    an echo when another session had n tellings within the window before. Holds at most `most` events.
    """

    #: All that it asks of the subjects of messages.
    SLOTS = frozenset(_SLOTS)

    def __init__(self, window: int = WINDOW, most: int = 10_000) -> None:
        self.window = window
        self.most = most
        #: When each event was told to a session that none was ahead of, and to whom: one session, or how often to each.
        self._told: OrderedDict[tuple[object, ...], tuple[int, int | dict[int, int]]] = OrderedDict()
        #: Up to here there may be as many events, some of them too old to count.
        self._enough = 0
        self._latest = 0

    def is_echo(self, record: Record, subject: Subject) -> bool:
        """Whether this event was told to another client already."""
        session = record.session
        return self.told_again(record.time, session.server, session.number, record.decoded.number, subject)

    def told_again(self, time: int, server: str, session: int, number: int, subject: Subject) -> bool:
        """The same of an event of that type number, which a server told a session (its number) at a time (ns)."""
        key = server, number, *_SAID(subject)
        if len(self._told) > self._enough or time < self._latest:
            # When what is too old is forgotten makes no difference until it is asked for, or older news comes than the last.
            self._forget(max(time, self._latest))
        self._latest = time
        known = self._told.get(key)
        if known is not None:
            self._forget(time)
            known = self._told.get(key)
        if known is None:
            self._told[key] = (time, session)
            return False
        told = known[1]
        if isinstance(told, int):
            told = {told: 1}
        most = max(told.values())
        mine = told.get(session, 0) + 1
        told[session] = mine
        if mine <= most:
            self._told[key] = (known[0], told)
            return True
        self._told[key] = (time, told)
        self._told.move_to_end(key)
        return False

    def _forget(self, now: int) -> None:
        """Forget what is too old `now`, and what is too much."""
        told = self._told
        surplus, since = len(told) - self.most, now - self.window
        old: list[tuple[object, ...]] = []
        for key, (time, _) in told.items():
            if surplus <= len(old) and time >= since:
                break
            old.append(key)
        for key in old:
            del told[key]
        self._enough = min(len(told) + _MORE, self.most)
