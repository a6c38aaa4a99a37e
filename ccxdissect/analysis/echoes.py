"""The same news told to several clients: a bridge client and an agent's own client both hear of one event."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Container, Iterable
from operator import attrgetter, itemgetter
from typing import NamedTuple

from ccxdissect.analysis.subject import Subject
from ccxdissect.stream.events import Record
from ccxdissect.wording import SECOND

#: How far apart, in ns, two clients may hear of the same event.
WINDOW = 5 * SECOND
#: So many events are added before those that are too old are looked for.
_MORE = 256
#: What events of one type that are the same agree in.
SAID = ("agent", "call", "other_call", "new_call", "acting", "connection", "state", "reason", "call_state", "cause")
_said = attrgetter(*SAID)


class Told(NamedTuple):
    """An event, as what is known of it: the number of its message, its time (ns), server, session, type, and what was said."""

    message: int
    time: int
    server: str
    session: int
    number: int
    said: tuple[object, ...]


class ToldApart(NamedTuple):
    """Events of which none is an echo, each call's told to one session alone, that are told of when somebody asks. `last`: the
    time of the last; `calls`: those that they are about, each with its server. `events`: in any order."""

    last: int
    many: int
    calls: Container[tuple[str, int | None]]
    events: Callable[[], Iterable[Told]]


class Echoes:
    """Tells the first telling of an event from its echoes on other sessions.

    Events are the same when server, type and everything that their marks say agree. The n-th telling on one session is
    an echo when another session had n tellings within the window before, and none when the session began only then. Holds at
    most `most` events.
    """

    #: All that it asks of the subjects of messages.
    SLOTS = frozenset(SAID)

    def __init__(self, window: int = WINDOW, most: int = 20_000) -> None:
        self.window = window
        self.most = most
        #: When each event was told to a session that none was ahead of; to whom: one session, or how often to each; by
        #: which message.
        self._told: OrderedDict[tuple[object, ...], tuple[int, int | dict[int, int], int]] = OrderedDict()
        self._apart: deque[ToldApart] = deque()
        #: Up to here there may be as many events, some of them too old to count.
        self._enough = 0
        self._latest = 0

    def is_echo(self, record: Record, subject: Subject) -> bool:
        """Whether this event was told to another client already."""
        session = record.session
        return self.told_again(
            record.number, record.time, session.server, session.number, record.decoded.number, subject
        )

    def told_again(
        self, message: int, time: int, server: str, session: int, number: int, subject: Subject, since: int = 0
    ) -> bool:
        """The same of an event of that type number, which a server told a session (its number) at a time (ns) by a message.

        `since`: when the session began, in ns, where that is known: it was not there to be told what had been told before.
        """
        key = server, number, *_said(subject)
        if self._apart and self._asks(time, server, subject.call):
            self._tell()
        if len(self._told) > self._enough or time < self._latest:
            # When what is too old is forgotten makes no difference until it is asked for, or older news comes than the last.
            self._forget(max(time, self._latest))
        self._latest = time
        known = self._told.get(key)
        if known is not None:
            self._forget(time)
            known = self._told.get(key)
        if known is None or known[0] < since:
            self._told[key] = (time, session, message)
            self._told.move_to_end(key)
            return False
        told = known[1]
        if isinstance(told, int):
            told = {told: 1}
        most = max(told.values())
        mine = told.get(session, 0) + 1
        told[session] = mine
        if mine <= most:
            self._told[key] = (known[0], told, known[2])
            return True
        self._told[key] = (time, told, message)
        self._told.move_to_end(key)
        return False

    def room(self) -> int:
        """How many more events may be told, none before the last, until one is forgotten for another."""
        while self._apart and self._apart[0].last < self._latest - self.window:
            self._apart.popleft()
        self._forget(self._latest)
        return self.most - self._count()

    def tell_apart(self, events: ToldApart) -> None:
        """Take events, as many as there is room for at most, none before the last: later than these nothing is told that is not
        said to be `passed`."""
        self._apart.append(events)

    def passed(self) -> None:
        """All came that was told at the time of what was told apart."""
        if self._apart:
            self._latest = max(self._latest, self._apart[-1].last)

    def _count(self) -> int:
        return len(self._told) + sum([apart.many for apart in self._apart])

    def _asks(self, time: int, server: str, call: int | None) -> bool:
        """Whether what was told apart makes a difference."""
        if time < self._latest or self._count() >= self.most:
            return True
        return any((server, call) in apart.calls for apart in self._apart)

    def _tell(self) -> None:
        """Tell of what was told apart, in its place."""
        found: dict[tuple[object, ...], tuple[int, int | dict[int, int], int]] = {}
        told = sorted([one for apart in self._apart for one in apart.events()], key=itemgetter(0))
        self._apart.clear()
        for message, time, server, session, number, said in told:
            key = server, number, *said
            known = found.get(key)
            if known is None or known[0] < time - self.window:
                found[key] = (time, session, message)
            else:
                before = known[1]
                found[key] = (time, {session: 2 if isinstance(before, int) else before[session] + 1}, message)
        self._told = OrderedDict(sorted([*self._told.items(), *found.items()], key=lambda item: item[1][2]))
        self._enough = 0

    def _forget(self, now: int) -> None:
        """Forget what is too old `now`, and what is too much."""
        told = self._told
        surplus, since = len(told) - self.most, now - self.window
        old: list[tuple[object, ...]] = []
        for key, (time, _, _) in told.items():
            if surplus <= len(old) and time >= since:
                break
            old.append(key)
        for key in old:
            del told[key]
        self._enough = min(len(told) + _MORE, self.most)
