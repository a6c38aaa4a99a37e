"""Whose phones they are while a batch comes: at each of its messages, before any of them is looked at by itself."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from typing import Any

from ccxdissect.analysis.phones import Phones

#: A message that tells whose phones are whose: its place among those looked at, that of its session, the agent and the phones.
Taught = tuple[Any, ...]


class PhonesMeanwhile:
    """Whose phones they are while a batch comes."""

    def __init__(self, phones: Phones, told: list[Taught], servers: Sequence[str]) -> None:
        """`told`: the messages that tell whose phones are whose, see `Taught`; `servers`: of each session."""
        self._known = phones.agents
        #: Those of which is told: by which messages, and whose they are from there on.
        self.taught: dict[tuple[str, str], tuple[list[int], list[str]]] = {}
        taught = self.taught
        for rank, slot, agent, *both in told:
            for phone in {*both}:
                if phone:
                    key = servers[slot], phone
                    of_phone = taught.get(key)
                    if of_phone is None:
                        taught[key] = [rank], [agent]
                    elif of_phone[1][-1] != agent:
                        of_phone[0].append(rank)
                        of_phone[1].append(agent)

    def __bool__(self) -> bool:
        return bool(self._known or self.taught)

    def of(self, server: str, named: Sequence[Any], ranks: Sequence[int]) -> tuple[tuple[int, ...], list[str | None]]:
        """Which of these are known as phones meanwhile, by their places; and whose each is at each of these messages."""
        taught, known = self.taught, self._known
        owned: list[int] = []
        agents: list[str | None] = []
        for place, name in enumerate(named):
            key = server, name
            if key in taught:
                theirs = self._taught(key, ranks)
                if theirs:
                    owned.append(place)
                    agents += theirs
            elif key in known:
                owned.append(place)
                agents += [known[key]] * len(ranks)
        return tuple(owned), agents

    def _taught(self, key: tuple[str, str], ranks: Sequence[int]) -> list[str | None]:
        at, agents = self.taught[key]
        before = self._known.get(key)
        first, last = bisect(at, ranks[0]), bisect(at, ranks[-1])
        if first == last:
            agent = agents[first - 1] if first else before
            return [] if agent is None else [agent] * len(ranks)
        return [agents[place - 1] if place else before for place in (bisect(at, rank, first, last) for rank in ranks)]
