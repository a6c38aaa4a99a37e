"""The same news told to several clients: a bridge client and an agent's own client both hear of one event."""

from __future__ import annotations

from collections import OrderedDict

from ccxdissect.analysis.subject import Subject
from ccxdissect.stream.events import Record
from ccxdissect.wording import SECOND

#: How far apart, in ns, two clients may hear of the same event.
WINDOW = 5 * SECOND


class Echoes:
    """Tells the first telling of an event from its echoes on other sessions.

    Events are the same when server, type and everything that their marks say agree. The n-th telling on one session is
    an echo when another session had n tellings within the window before. Holds at most `most` events.
    """

    def __init__(self, window: int = WINDOW, most: int = 10_000) -> None:
        self.window = window
        self.most = most
        self._told: OrderedDict[tuple[object, ...], tuple[int, dict[int, int]]] = OrderedDict()

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
        while self._told:
            oldest = next(iter(self._told))
            if len(self._told) <= self.most and record.time - self._told[oldest][0] <= self.window:
                break
            del self._told[oldest]
        known = self._told.get(key)
        if known is None:
            self._told[key] = (record.time, {record.session.number: 1})
            return False
        told = known[1]
        most = max(told.values())
        mine = told.get(record.session.number, 0) + 1
        told[record.session.number] = mine
        if mine <= most:
            return True
        self._told[key] = (record.time, told)
        self._told.move_to_end(key)
        return False
