"""The ways that calls went: looked up for calls of which messages of the same types told, and learned from those that are
followed message by message."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, repeat
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from ccxdissect.analysis.calls import LINGER, Calls
from ccxdissect.analysis.courses import may_be_named
from ccxdissect.analysis.whole_calls import Way, Whole
from ccxdissect.bounded import Memo
from ccxdissect.columns.batch import Batch
from ccxdissect.sources.call_types import CallType
from ccxdissect.sources.calls_apart import Apart
from ccxdissect.sources.subject_columns import Held

#: Makes a call of a tuple, without a call of Python's.
_NEW = tuple.__new__
#: So many ways are known, and so many names to be such as may stand for others.
_MOST_WAYS, _MOST_NAMES = 1000, 4096
#: Of so many calls of one batch it is asked how they went.
_MOST_ASKED = 16
#: The slots that hold lists.
_LISTS = frozenset(("queues",))
#: What stands for no name, and for none in a list.
_SAYS_NOTHING: tuple[Any, ...] = (None, ())


class Group(NamedTuple):
    """Calls of which messages of the same types told, in the same order."""

    types: tuple[CallType, ...]
    #: What their sessions see: whether every call; else their own phones.
    bridge: bool
    own: tuple[str, ...]


class KnownWays:
    """The ways that calls went. To `learn` is needed before each batch."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._ways: Memo[Any, Way] = Memo(_MOST_WAYS)
        #: What calls have in common, each with a number of its own.
        self._alike: Memo[Any, int] = Memo(_MOST_WAYS)
        self._numbers = count()
        self._sound: Memo[Any, None] = Memo(_MOST_NAMES)
        #: Calls of which it is asked how they went: how that is remembered, what they name, their messages and their news.
        self._asked: dict[tuple[str, int], tuple[Any, list[Any], int, int]] = {}

    def learn(self) -> None:
        """Take how those went that were asked for."""
        answers = self._calls.answers() if self._asked else {}
        for key, (way, named, messages, news) in self._asked.items():
            found = Way.gone(answers.get(key), named, messages, news)
            if found is not None:
                self._ways.remember(way, found)
        self._asked.clear()

    def of_group(
        self,
        batch: Batch,
        places: np.ndarray,
        held: Held,
        group: Group,
        ranks: np.ndarray,
        sessions: list[int],
        apart: Apart,
        taken: np.ndarray,
    ) -> list[tuple[int, Whole]]:
        """Those of one group whose way is known, which are flagged as `taken`; each with the place of the message by which it is
        over. `ranks`: of each the places of its messages among those that are looked at."""
        news = [at for at, kind in enumerate(group.types) if kind.news.event]
        names, constants = _columns(held, group, ranks, news)
        names += [(phone,) * len(ranks) for phone in group.own]
        kinds = group.types, group.bridge, len(group.own)
        leads = _leads(names, len(ranks))
        where = places[ranks]
        times = batch.time[where]
        told = times[:, news]
        later = told[:, 1:] > told[:, :-1]
        of_each = zip(
            count(),
            self._named(kinds, names, constants, leads, len(ranks)),
            ranks[:, news].tolist(),
            _calls_of(held, ranks[:, 0]),
            sessions,
            told.tolist(),
            (
                None if apart_all else row.tobytes()
                for apart_all, row in zip(later.all(axis=1).tolist(), later, strict=True)
            ),
            (batch.first + where[:, news]).tolist(),
            times[:, -1].tolist(),
        )
        found: list[tuple[int, Whole]] = []
        chosen: list[int] = []
        servers = {slot: batch.sessions[slot].server for slot in {*sessions}}
        heard_by = {slot: batch.sessions[slot].number for slot in servers}
        knows, phones = self._calls.knows, apart.phones
        sound = leads is not None and self._sounds({*chain.from_iterable(leads)})
        free = not apart.devices and not self._calls.ports
        for nth, (alike, named), heard, call, slot, when, ties, numbers, last in of_each:
            server = servers[slot]
            if knows(server, call) or not (sound or self._sounds(named[2:])):
                continue
            if not free and self._is_kept_apart(server, named, apart):
                continue
            owned: tuple[int, ...] = ()
            people: tuple[int, ...] = ()
            if phones:
                owned, agents = phones.of(server, named, heard)
                if owned:
                    if not self._sounds([agent for agent in {*agents} if agent is not None]):
                        continue
                    known = dict(zip(named, count()))
                    people = tuple([known.setdefault(agent, len(known)) for agent in agents])
                    named = tuple(known)
            key = alike, owned, people, ties
            way = self._ways.get(key)
            if way is None:
                if len(self._asked) < _MOST_ASKED:
                    self._calls.ask(server, call)
                    self._asked[server, call] = key, named, len(group.types), len(news)
                continue
            over = when[way.closing]
            if last > over + LINGER:
                continue
            theirs = tuple([named[place] for place in way.names])
            each = when if ties is None else [*dict.fromkeys(when)]
            facts = way, call, server, heard_by[slot], len(group.types), theirs, numbers, each, over
            found.append((numbers[way.closing] - batch.first, _NEW(Whole, facts)))
            chosen.append(nth)
        taken[ranks[chosen]] = True
        return found

    def _named(
        self,
        kinds: Any,
        names: list[Sequence[Any]],
        constants: list[Sequence[Any]],
        leads: list[Sequence[Any]] | None,
        many: int,
    ) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Of each call what it names, each once, behind what says nothing; before it a number of what calls have in common that
        are told in the same words, but for names."""
        if leads is not None and all(column.count(column[0]) == many for column in constants):
            alike = self._number_of(
                kinds, _ranks([column[0] for column in names]), tuple([one[0] for one in constants])
            )
            each = zip(*(repeat(one) for one in _SAYS_NOTHING), *leads)  # noqa: B905 - some without end
            yield from zip(repeat(alike, many), each, strict=True)
            return
        rows = zip(*names, strict=True) if names else repeat((), many)
        said = zip(*constants, strict=True) if constants else repeat((), many)
        for row, constant in zip(rows, said, strict=True):
            yield self._number_of(kinds, _ranks(row), constant), tuple(dict.fromkeys((*_SAYS_NOTHING, *row)))

    def _number_of(self, *alike: Any) -> int:
        found = self._alike.get(alike)
        return self._alike.remember(alike, next(self._numbers)) if found is None else found

    def _sounds(self, named: Iterable[Any]) -> bool:
        """Whether such names stand for nothing but themselves."""
        sound = self._sound
        for name in named:
            if name not in sound:
                if not may_be_named(name):
                    return False
                sound.remember(name, None)
        return True

    def _is_kept_apart(self, server: str, named: list[Any], apart: Apart) -> bool:
        """Whether at one of these devices nobody sits, or something else is told of it meanwhile."""
        ports, devices = self._calls.ports, apart.devices
        return any((server, name) in ports or (server, name) in devices for name in named)


def _ranks(row: Sequence[Any]) -> tuple[int, ...]:
    """The how manieth among those that a call names each is, behind what says nothing."""
    nth = dict(zip(dict.fromkeys((*_SAYS_NOTHING, *row)), count()))
    return tuple(map(nth.__getitem__, row))


def _leads(names: list[Sequence[Any]], many: int) -> list[Sequence[Any]] | None:
    """Where of all calls the same names are the same as of the first: those that differ; None elsewhere."""
    nothing = len(_SAYS_NOTHING)
    leads: list[Sequence[Any]] = []
    for column, rank in zip(names, _ranks([column[0] for column in names]), strict=True):
        if rank < nothing:
            if column.count(_SAYS_NOTHING[rank]) != many:
                return None
        elif rank == nothing + len(leads):
            leads.append(column)
        elif column != leads[rank - nothing]:
            return None
    if not leads:
        return None
    # What says nothing is another than any name.
    each = zip(*(repeat(one) for one in _SAYS_NOTHING), *leads)  # noqa: B905 - some without end
    return leads if min(map(len, map(set, each))) == nothing + len(leads) else None


def _columns(
    held: Held, group: Group, ranks: np.ndarray, news: list[int]
) -> tuple[list[Sequence[Any]], list[Sequence[Any]]]:
    """What names the calls of a group have, and what constants, one by one."""
    names: list[Sequence[Any]] = []
    constants: list[Sequence[Any]] = []
    for at in news:
        kind = group.types[at]
        number = int(held.plan[ranks[0, at]])
        slots = held.slots[number]
        get = itemgetter(*held.local[ranks[:, at]].tolist())
        for into, wanted in ((names, kind.names), (constants, kind.constants)):
            for slot in wanted:
                into.append(get(slots[slot]) if slot in slots else ((() if slot in _LISTS else None),) * len(ranks))
    return names, constants


def _calls_of(held: Held, ranks: np.ndarray) -> list[int]:
    """The calls of messages of one plan."""
    calls = held.slots[int(held.plan[ranks[0]])]["call"]
    return [calls[at] for at in held.local[ranks].tolist()]
