"""The same news told to several clients: a bridge client and an agent's own client both hear of one event."""

from __future__ import annotations

from collections import OrderedDict

from ccxdissect.analysis.subject import Subject
from ccxdissect.stream.events import Record
from ccxdissect.wording import SECOND

#: How far apart, in ns, two clients may hear of the same event.
WINDOW = 5 * SECOND
#: Earlier than any time.
_ALWAYS = -(1 << 100)


class Echoes:
    """Tells the first telling of an event from its echoes on other sessions.

    Events are the same when server, type and everything that their marks say agree. The n-th telling on one session is
    an echo when another session had n tellings within the window before. Holds at most `most` events.
    """

    #: All that it asks of the subjects of messages.
    SLOTS = frozenset(
        {"agent", "call", "other_call", "new_call", "acting", "connection", "state", "reason", "call_state", "cause"}
    )

    def __init__(self, window: int = WINDOW, most: int = 10_000) -> None:
        self.window = window
        self.most = most
        #: When each event was told to a session that none was ahead of, and how often to each session.
        self._told: OrderedDict[tuple[object, ...], tuple[int, dict[int, int]]] = OrderedDict()
        #: Nothing is forgotten for its age up to this time (ns).
        self._due = _ALWAYS

    def is_echo(self, record: Record, subject: Subject) -> bool:
        """Whether this event was told to another client already."""
        key = (
            record.session.server,
            record.decoded.number,
            subject.agent,
            subject.call,
            subject.other_call,
            subject.new_call,
            subject.acting,
            subject.connection,
            subject.state,
            subject.reason,
            subject.call_state,
            subject.cause,
        )
        time = record.time
        if time > self._due or len(self._told) > self.most:
            self._forget(time)
        known = self._told.get(key)
        if known is None:
            self._told[key] = (time, {record.session.number: 1})
            return False
        told = known[1]
        most = max(told.values())
        mine = told.get(record.session.number, 0) + 1
        told[record.session.number] = mine
        if mine <= most:
            return True
        self._told[key] = (time, told)
        self._told.move_to_end(key)
        # Another one may be the oldest now.
        self._due = _ALWAYS
        return False

    def _forget(self, now: int) -> None:
        """Forget what is too old `now`, and what is too much."""
        told = self._told
        while told:
            oldest = next(iter(told))
            if len(told) <= self.most and now - told[oldest][0] <= self.window:
                self._due = told[oldest][0] + self.window
                return
            del told[oldest]
        self._due = _ALWAYS
