"""What the dissector of `stream` tells of a chunk, one event after the other, and what it learns of sessions by that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ccxdissect.columns.arranged import NEVER, Arranged
from ccxdissect.columns.batch import Learned
from ccxdissect.columns.lore import Lessons
from ccxdissect.stream.connections import Ended, Forgotten
from ccxdissect.stream.connections import Event as StreamEvent
from ccxdissect.stream.dissector import Conversation, Dissector
from ccxdissect.stream.events import Event, SessionState

T = TypeVar("T")


class Singly:
    """Has events of a piece of a chunk told by the dissector, and keeps what comes of that with its rank (see `Arranged`)."""

    def __init__(self, dissector: Dissector, arranged: Arranged) -> None:
        self._dissector = dissector
        self._arranged = arranged
        #: What happened, with the rank it belongs to; what was learned, and what was known of these conversations before.
        self.found: list[tuple[int, Event]] = []
        self.learned: list[tuple[int, Learned] | Lessons] = []
        self.before: dict[SessionState, Learned] = {}
        #: The conversations that began, and the rank with which they did.
        self.opened: list[tuple[int, Conversation]] = []
        #: The rank before which conversations that wait for a sign do so no more.
        self.decided: dict[Conversation, int] = {}
        #: The rank at which those that do so in this piece began to.
        self.waits_since: dict[Conversation, int] = {}
        #: What was found when they did so no more: until when they waited, since which rank, the rank at which that is told.
        self.decisions: list[tuple[int, int, int, list[Event]]] = []

    def take(self, rank: int, event: StreamEvent) -> None:
        """Tell one event singly; what it leaves waiting waits until a time from now."""
        dissector = self._dissector
        conversation = event.connection.state
        if type(event) is Forgotten:
            # Nothing is told of that.
            dissector.forget(event.connection)
            return
        if type(event) is Ended and conversation is not None and conversation.plain:
            ended: list[Event] = []
            dissector.end(event.connection, ended)
            self.found.append((rank, ended[0]))
            return
        dissector.now = int(self._arranged.came[rank // 2])
        for one in self._tell(rank, conversation, dissector.take, (event,)):
            self.found.append((rank, one))
        until = dissector.undecided.get(conversation) if dissector.undecided else None
        if until is not None and conversation not in self.decided:
            self.waits_since[conversation] = rank
            self.decided[conversation] = self._arranged.rank_behind(until, int(self._arranged.segment_of[rank // 2]))

    def decide(self, rank: int) -> None:
        """Decide what has waited long enough for a sign before what is of that rank comes."""
        while self._dissector.undecided:
            conversation, until = self._dissector.next_decision()
            if conversation is None:
                return
            if conversation not in self.decided:
                self.decided[conversation] = self._arranged.rank_behind(until, self._arranged.first)
            decided = self.decided[conversation]
            if decided == NEVER or decided > rank:
                return
            self.stop_waiting(conversation, until, decided)

    def stop_waiting(self, conversation: Conversation, until: int, decided: int) -> None:
        """A conversation has waited long enough for a sign."""
        self._dissector.now = until
        found = self._tell(decided, conversation, self._dissector.decide, conversation)
        self.decisions.append((until, self.waits_since.get(conversation, -1), decided, found))

    def _tell(
        self, rank: int, conversation: Conversation, give: Callable[[T, list[Event]], None], what: T
    ) -> list[Event]:
        """Note what is learned of a session at a rank; give what is found."""
        found: list[Event] = []
        known = conversation.known
        before = known.version, known.version_said, known.form
        give(what, found)
        if known.version != before[0] or known.version_said != before[1] or known.form is not before[2]:
            after = known.version, known.version_said, known.form
            self.before.setdefault(known, Learned(known, *before))
            self.learned.append((rank, Learned(known, *after)))
        return found
