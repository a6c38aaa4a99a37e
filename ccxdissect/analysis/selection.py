"""Which messages concern a call, an agent or a session.

A reply concerns whatever its request does, although it names nothing itself. An agent is meant by login id, extension
or phone; a call that has come to the agent's phone concerns the agent from then on, and in a session of the agent's own
everything but heartbeats does.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.subject import Subject, SubjectReader
from ccxdissect.bounded import Newest
from ccxdissect.protocol.model import Kind, Message, Trait
from ccxdissect.stream.events import Record
from ccxdissect.wording import SECOND

#: How long after its end a call's id still means that call, in ns.
LINGER = 5 * SECOND
#: The most requests without a reply, and calls, that are remembered.
MOST_ASKED = 10_000


@dataclass(frozen=True)
class Wanted:
    """What to select: of each kind any of the values, of several kinds all of them. Empty: everything."""

    calls: frozenset[int] = frozenset()
    #: May be anything that can tell whether an agent is one of them.
    agents: Container[str] = frozenset()
    sessions: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.calls or self.agents or self.sessions)


class Selection:
    """Tells message by message, in their order, whether it is wanted. `heartbeats`: those of an agent's own session, too."""

    def __init__(
        self,
        calls: Iterable[int] = (),
        agents: Container[str] = (),
        sessions: Iterable[int] = (),
        reader: SubjectReader | None = None,
        heartbeats: bool = False,
    ) -> None:
        self._heartbeats = heartbeats
        self.wanted = Wanted(frozenset(calls), agents, frozenset(sessions))
        self._reader = reader or SubjectReader()
        self._phones = Phones()
        self._asked: Newest[tuple[int, int | None], tuple[str, ...]] = Newest(MOST_ASKED)
        self._own: Newest[int, bool] = Newest(MOST_ASKED)
        #: The calls that came to the agents' phones: when their end was told, or 0.
        self._calls: Newest[tuple[str, int], int] = Newest(MOST_ASKED)

    def concerns(self, record: Record) -> bool:
        """Whether this message is wanted. Each message has to be shown, in order, for replies to be found."""
        wanted = self.wanted
        if wanted.sessions and record.session.number not in wanted.sessions:
            return False
        if not wanted.calls and not wanted.agents:
            return True
        message = record.decoded.message
        if message is None:
            return False
        subject = self._reader.of(record.decoded)
        self._phones.learn(record.session.server, subject)
        mine = (not wanted.calls or self._of_call(subject)) and (
            not wanted.agents or self._of_agent(record, message, subject)
        )
        return self._with_replies(record, message, subject, mine)

    def select(self, records: Iterable[Record]) -> Iterator[Record]:
        """Those of the records that are wanted."""
        return (record for record in records if self.concerns(record))

    def _of_call(self, subject: Subject) -> bool:
        return any(call in self.wanted.calls for call in subject.calls)

    def _of_agent(self, record: Record, message: Message, subject: Subject) -> bool:
        agents, server, session = self.wanted.agents, record.session.server, record.session.number
        named = subject.agent in agents or any(
            phone in agents or self._phones.agent_at(server, phone) in agents for phone in subject.phones
        )
        if message.traits & Trait.OPENS and message.kind is Kind.REQUEST:
            self._own.keep(session, named)
        if named:
            return True
        if self._own.get(session) and (self._heartbeats or not message.traits & Trait.HEARTBEAT):
            return True
        return self._at_phone(record, message, subject)

    def _at_phone(self, record: Record, message: Message, subject: Subject) -> bool:
        """Whether it is about a call that has come to a phone of the agent's."""
        server, agents = record.session.server, self.wanted.agents
        found = False
        for call in subject.calls:
            key = (server, call)
            ended = self._calls.get(key)
            if ended is not None and 0 < ended < record.time - LINGER:
                del self._calls[key]
            if key in self._calls or any(
                device in agents or self._phones.agent_at(server, device) in agents for device in subject.devices
            ):
                found = True
                self._calls.keep(key, record.time if message.traits & Trait.CALL_ENDS else self._calls.get(key, 0))
        return found

    def _with_replies(self, record: Record, message: Message, subject: Subject, mine: bool) -> bool:
        key = (record.session.number, subject.invoke_id)
        if message.kind is Kind.REQUEST:
            # A request that is not wanted takes the id from a wanted one before it.
            self._asked.pop(key, None)
            if mine and subject.invoke_id is not None:
                self._asked.keep(key, message.replies)
            return mine
        if message.kind is Kind.CONFIRMATION and subject.invoke_id is not None:
            asked = self._asked.get(key)
            if asked is not None and (message.traits & Trait.FAILS or message.name in asked):
                del self._asked[key]
                return True
        return mine
