"""Whose phone it is: learned from the messages that name an agent together with an extension or an instrument."""

from __future__ import annotations

from collections.abc import Mapping

from ccxdissect.analysis.subject import Subject
from ccxdissect.bounded import Newest


class Phones:
    """Agents by server and phone. Holds at most `most` phones: the longest unheard of are forgotten."""

    def __init__(self, most: int = 10_000) -> None:
        self._agents: Newest[tuple[str, str], str] = Newest(most)
        #: The agent last seen at each phone, by server and phone.
        self.agents: Mapping[tuple[str, str], str] = self._agents

    @property
    def room(self) -> int:
        """Of so many more phones none is forgotten."""
        return self._agents.most - len(self._agents)

    def learn(self, server: str, subject: Subject) -> None:
        """Remember what a message says."""
        if subject.agent is None:
            return
        for phone in subject.phones:
            self._agents.keep((server, phone), subject.agent)

    def agent_at(self, server: str, phone: str | None) -> str | None:
        """The agent last seen at a phone."""
        return None if phone is None else self._agents.get((server, phone))

    def agent_of(self, server: str, subject: Subject) -> str | None:
        """The agent that a message names, by id or by phone."""
        if subject.agent is not None:
            return subject.agent
        if subject.extension is None and subject.instrument is None:
            return None
        for phone in subject.phones:
            agent = self._agents.get((server, phone))
            if agent is not None:
                return agent
        return None
