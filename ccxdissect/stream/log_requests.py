"""Whose a confirmation is when the log's line does not say: of the session that waits for one with its InvokeID.

With both debug levels on, a confirmation comes in words and in bytes, within `WINDOW` of each other: it answers one request.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from ccxdissect.bounded import Newest
from ccxdissect.protocol.model import Message, Trait
from ccxdissect.wording import SECOND

#: How far apart the two forms of one message may stand, in ns.
WINDOW = SECOND
MOST_REQUESTS = 10_000
#: Of the requests with one id, so many are remembered, the newest.
_ALIKE = 4

Holder = TypeVar("Holder")
#: Which of several servers was asked, and the InvokeID.
Asked = tuple[int, int]


class _Asked(Generic[Holder]):
    """A request: whose it is, and when it was answered (ns), in words and in bytes."""

    __slots__ = ("answered", "holder", "message")

    def __init__(self, holder: Holder, message: Message) -> None:
        self.holder = holder
        self.message = message
        self.answered: dict[bool, int] = {}

    def awaits(self, reply: Message, in_words: bool, time: int) -> bool:
        """Whether this confirmation may be its."""
        if not reply.traits & Trait.FAILS and reply.name not in self.message.replies:
            return False
        if in_words in self.answered:
            return False
        other = self.answered.get(not in_words)
        return other is None or abs(time - other) <= WINDOW


class OpenRequests(Generic[Holder]):
    """The requests of all sessions by their InvokeID. `Holder`: what stands for a session."""

    def __init__(self) -> None:
        self._asked: Newest[Asked, list[_Asked[Holder]]] = Newest(MOST_REQUESTS)

    def ask(self, holder: Holder, message: Message, asked: Asked) -> None:
        """A session sent a request."""
        self._asked.keep(asked, [*self._asked.get(asked, ())[1 - _ALIKE :], _Asked(holder, message)])

    def move(self, holder: Holder, to: Holder, asked: Asked) -> None:
        """The last request of a session with this id turned out to be another one's."""
        for one in reversed(self._asked.get(asked, ())):
            if one.holder is holder:
                one.holder = to
                return

    def waiting(self, reply: Message, asked: Asked, in_words: bool, time: int) -> list[Holder]:
        """The sessions, each once, that wait for such a confirmation at that time (ns), the longest first."""
        found: list[Holder] = []
        for one in self._asked.get(asked, ()):
            if one.holder not in found and one.awaits(reply, in_words, time):
                found.append(one.holder)
        return found

    def answer(self, holder: Holder, reply: Message, asked: Asked, in_words: bool, time: int) -> None:
        """A confirmation went to a session: it answers the request that waits longest."""
        for one in self._asked.get(asked, ()):
            if one.holder is holder and one.awaits(reply, in_words, time):
                one.answered[in_words] = time
                return
