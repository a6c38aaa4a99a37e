"""Calls that lie within a batch: where the whole of one is there and went as others did, it is taken at once, without a look
at each of its messages.

That is done where nothing but the call itself decides what is told of it: one session is told of it and of nothing else
with its id, no device on it is a port, whose phones they are does not change meanwhile, and no time runs backwards. All
others are followed message by message, and how these go is learned.
"""

from __future__ import annotations

from bisect import bisect
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count, repeat
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from ccxdissect.analysis.call_news import CallNews
from ccxdissect.analysis.calls import LINGER, Calls, Hears, hears_by
from ccxdissect.analysis.courses import may_be_named
from ccxdissect.analysis.echoes import SAID, WINDOW, Told, ToldApart
from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.subject import SubjectPlan, SubjectReader, listed
from ccxdissect.analysis.whole_calls import Way, Whole
from ccxdissect.bounded import Memo
from ccxdissect.columns.batch import Batch
from ccxdissect.protocol.codes import Sense
from ccxdissect.sources.subject_columns import Held
from ccxdissect.stream.events import SessionEnded

#: Makes a call of a tuple, without a call of Python's.
_NEW = tuple.__new__
#: Fewer calls of which the same types tell are followed one by one.
_FEW = 4
#: So many messages of a batch are read by themselves to see what they are about; with more, all calls are followed.
_MOST_STRANGE = 64
#: So many ways are known, and so many names to be such as may stand for others.
_MOST_WAYS, _MOST_NAMES = 1000, 4096
#: Of so many calls of one batch it is asked how they went.
_MOST_ASKED = 16
#: What differs from call to call, and what it is told by, see `analysis.courses`.
_NAMES = (
    "agent", "connection", "calling", "called", "acting", "dialed", "service_number", "redirected", "queues",
)  # fmt: skip
_CONSTANTS = ("call_type", "acting_type", "cause")
_LISTS = frozenset(("queues",))
#: What stands for no name, and for none in a list.
_SAYS_NOTHING: tuple[Any, ...] = (None, ())
#: What is seen of a session that is over.
_NOTHING: Hears = (False, ())


class _Type:
    """The messages of one plan."""

    def __init__(self, plan: SubjectPlan) -> None:
        self.news = CallNews(plan.layout.message)
        self._plan = plan
        #: The slots of either kind that any message was seen to say something in.
        self.names: list[str] = []
        self.constants: list[str] = []
        self._ports: dict[int, bool] = {}

    def see(self, slots: dict[str, list[Any]]) -> None:
        """Messages say something in these."""
        for known, all_slots in ((self.names, _NAMES), (self.constants, _CONSTANTS)):
            known += [slot for slot in all_slots if slot in slots and slot not in known]

    def marks_port(self, acting_type: int | None) -> bool:
        """Whether by such a value nobody sits at the device."""
        if acting_type is None:
            return False
        known = self._ports.get(acting_type)
        if known is None:
            subject = listed(self._plan, ("acting_type",))((acting_type,))
            known = self._ports[acting_type] = Sense.UNATTENDED in subject.senses("acting_type")
        return known


class _Apart:
    """What keeps calls from being taken at once."""

    def __init__(self) -> None:
        #: By the places of sessions: from which places of messages on they see something else, and what.
        self.hears: dict[int, list[tuple[int, Hears]]] = {}
        self.calls: set[int | None] = set()
        self.devices: set[tuple[str, str]] = set()
        #: The messages that tell whose phones are whose: their places among those looked at, sessions, agents and phones.
        self.taught: list[tuple[Any, ...]] = []
        self.phones: _PhonesOf


class _PhonesOf:
    """Whose phones they are while a batch comes."""

    def __init__(self, phones: Phones, told: list[tuple[Any, ...]], servers: Sequence[str]) -> None:
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


class _Group(NamedTuple):
    """Calls of which messages of the same types told, in the same order."""

    types: tuple[_Type, ...]
    #: What their sessions see: whether every call; else their own phones.
    bridge: bool
    own: tuple[str, ...]


class CallsWithin:
    """The calls that lie within batches. Each batch has to be told of, in their order."""

    def __init__(self, calls: Calls, reader: SubjectReader) -> None:
        self._calls, self._reader = calls, reader
        self._types: Memo[SubjectPlan, _Type] = Memo(_MOST_WAYS)
        self._ways: Memo[Any, Way] = Memo(_MOST_WAYS)
        #: What calls have in common, each with a number of its own.
        self._alike: Memo[Any, int] = Memo(_MOST_WAYS)
        self._numbers = count()
        self._sound: Memo[Any, None] = Memo(_MOST_NAMES)
        #: Calls of which it is asked how they went: how that is remembered, what they name, their messages and their news.
        self._asked: dict[tuple[str, int], tuple[Any, list[Any], int, int]] = {}
        #: Calls that were told of lately, and until when.
        self._lately: deque[tuple[int, np.ndarray]] = deque()
        self._last = 0
        #: Which calls were told of up to this time is not known.
        self._unseen = -WINDOW - LINGER
        self._steady = True

    def stop(self) -> None:
        """Not all messages are seen: no call is taken at once any more."""
        self._steady = False

    def of(self, batch: Batch, places: np.ndarray, held: Held) -> tuple[np.ndarray, list[tuple[int, Whole]]]:
        """Those of a batch: a flag for each message at these places, whether it is one of theirs; and each with the place of
        the message by which it is over."""
        self._calls.echoes.passed()
        self._learn()
        taken = np.zeros(len(places), bool)
        if not self._may(batch, places):
            return taken, []
        call, apart = self._look(batch, places, held)
        if apart is None:
            self._unseen = self._last
            return taken, []
        wholes = self._found(batch, places, held, call, apart, taken)
        self._lately.append((self._last, np.unique(np.r_[call, _numbers(apart.calls)])))
        if wholes:
            self._calls.echoes.tell_apart(_told_apart(batch, places, held, taken, wholes))
        return taken, wholes

    def _may(self, batch: Batch, places: np.ndarray) -> bool:
        """Whether calls of a batch may be taken at once."""
        times = batch.time
        if not len(times) or not self._steady:
            return False
        first, last = int(times[0]), int(times[-1])
        self._steady = first >= self._last and bool((times[1:] >= times[:-1]).all())
        self._last = last
        calls, many = self._calls, len(places)
        while self._lately and self._lately[0][0] < first - WINDOW - LINGER:
            self._lately.popleft()
        may = (
            self._steady
            and first - self._unseen > WINDOW + LINGER
            and last - first < calls.patience
            and many < calls.echoes.room()
            and many < calls.room()
        )
        if not may:
            self._unseen = last
        return may

    def _learn(self) -> None:
        answers = self._calls.answers() if self._asked else {}
        for key, (way, named, messages, news) in self._asked.items():
            found = Way.gone(answers.get(key), named, messages, news)
            if found is not None:
                self._ways.remember(way, found)
        self._asked.clear()

    # -- what there is -------------------------------------------------------------------------------------------------

    def _look(self, batch: Batch, places: np.ndarray, held: Held) -> tuple[np.ndarray, _Apart | None]:
        """The call of each message, below 0 for none; and what keeps calls apart (None: all are)."""
        apart, opening = _Apart(), set[int]()
        slots_of = {one.number: slot for slot, one in enumerate(batch.sessions)}
        for place, event in batch.events:
            if isinstance(event, SessionEnded) and event.session.number in slots_of:
                apart.hears.setdefault(slots_of[event.session.number], []).append((place, _NOTHING))
        servers = [one.server for one in batch.sessions]
        call = np.full(len(places), -1, np.int64)
        session = batch.session[places]
        strange = self._strange(held)
        awaits = (
            bool(strange) or self._calls.awaits or any(self._type(held, number).news.asks for number in held.members)
        )
        for number, members in held.members.items():
            slots, kind = held.slots[number], self._type(held, number)
            if not held.fixed[number].plain:
                continue
            kind.see(slots)
            if "call" in slots:
                about = slots["call"]
                call[members] = [-1 if one is None else one for one in about] if None in about else about
            self._see(kind, slots, members.tolist(), session[members].tolist(), servers, apart)
            if kind.news.opens:
                opening.update(members.tolist())
            if kind.news.asks or kind.news.merges or (awaits and kind.news.answers and "invoke_id" in slots):
                apart.calls.update(slots.get("call", ()), slots.get("new_call", ()))
        if len(strange) > _MOST_STRANGE:
            return call, None
        for rank in strange:
            call[rank] = -1
            self._see_by_itself(batch, int(places[rank]), apart)
        apart.taught = sorted(one for one in apart.taught if one[0] not in strange)
        if len(opening) > _MOST_STRANGE:
            return call, None
        for rank in sorted(opening | strange):
            self._open(batch, int(places[rank]), apart)
        apart.phones = _PhonesOf(self._calls.phones, apart.taught, servers)
        enough = len(apart.phones.taught) + 2 * len(strange) <= self._calls.phones.room
        return call, (apart if enough else None)

    @staticmethod
    def _strange(held: Held) -> set[int]:
        """The messages that have to be read by themselves."""
        strange = held.odd.union(np.flatnonzero(held.plan < 0).tolist())
        for number, members in held.members.items():
            if not held.fixed[number].plain:
                strange.update(members.tolist())
        return strange

    def _type(self, held: Held, number: int) -> _Type:
        plan = held.fixed[number].subject_plan
        return self._types.get(plan) or self._types.remember(plan, _Type(plan))

    @staticmethod
    def _see(
        kind: _Type,
        slots: dict[str, list[Any]],
        members: list[int],
        session: list[int],
        servers: Sequence[str],
        apart: _Apart,
    ) -> None:
        """What messages of a type tell beyond a call of their own."""
        about: Sequence[Any] = slots.get("call", ())
        for slot in ("other_call", "new_call"):
            other = slots.get(slot, ())
            if len(other) != (other.count(None) if other else 0):
                apart.calls.update(other)
                apart.calls.update(one for one, beside in zip(about, other, strict=False) if beside is not None)
        agents = slots.get("agent")
        if agents is not None and ("extension" in slots or "instrument" in slots):
            none = repeat(None, len(agents))
            told = zip(
                members, session, agents, slots.get("extension", none), slots.get("instrument", none), strict=True
            )
            apart.taught += [one for one in told if one[2] is not None]
            if about:
                apart.calls.update(one for one, agent in zip(about, agents, strict=True) if agent is not None)
        marks = slots.get("acting_type")
        if marks is not None and not kind.news.ends and any(map(kind.marks_port, set(marks))):
            acting = slots.get("acting", repeat(None))
            for place, one, device, mark in zip(session, about or repeat(None), acting, marks):  # noqa: B905 - some without end
                if kind.marks_port(mark) and device is not None:
                    apart.devices.add((servers[place], device))
                    apart.calls.add(one)

    def _see_by_itself(self, batch: Batch, place: int, apart: _Apart) -> None:
        """The same of a message that has to be read by itself: whatever it names is kept apart."""
        record = batch.record(place)
        message, subject = record.decoded.message, self._reader.of(record.decoded)
        if message is None:
            return
        apart.calls.update(subject.calls)
        apart.devices.update((record.session.server, device) for device in subject.devices)

    def _open(self, batch: Batch, place: int, apart: _Apart) -> None:
        """What a session sees by a message, if it opens it."""
        record = batch.record(place)
        message = record.decoded.message
        if message is not None and CallNews(message).opens:
            known = apart.hears.setdefault(int(batch.session[place]), [])
            before = max(
                (one for one in known if one[0] <= place), default=(0, self._calls.hears(record.session.number))
            )
            known.append((place + 1, hears_by(self._reader.of(record.decoded), before[1])))

    def _hears(self, batch: Batch, slot: int, first: int, last: int, apart: _Apart) -> Hears | None:
        """What a session sees from one message to another; None where that changes."""
        found = self._calls.hears(batch.sessions[slot].number)
        for place, hears in sorted(apart.hears.get(slot, ())):
            if place <= first:
                found = hears
            elif place <= last:
                return None
        return found

    # -- which calls lie within ----------------------------------------------------------------------------------------

    def _found(
        self, batch: Batch, places: np.ndarray, held: Held, call: np.ndarray, apart: _Apart, taken: np.ndarray
    ) -> list[tuple[int, Whole]]:
        about = np.flatnonzero(call >= 0)
        session = batch.session[places]
        order = about[np.lexsort((session[about], call[about]))]
        if not len(order):
            return []
        one, told = call[order], session[order]
        begins = np.flatnonzero(np.r_[True, (one[1:] != one[:-1]) | (told[1:] != told[:-1])])
        ends = np.r_[begins[1:], len(order)]
        which = one[begins]
        again = which[1:] == which[:-1]
        whole = ~(np.r_[again, False] | np.r_[False, again])
        for known in (_numbers(apart.calls), *self._known_lately()):
            whole &= ~np.isin(which, known)
        types = held.plan[order].astype(np.int32).tobytes()
        first, last = places[order[begins[whole]]].tolist(), places[order[ends[whole] - 1]].tolist()
        bounds = zip(
            begins[whole].tolist(), ends[whole].tolist(), told[begins[whole]].tolist(), first, last, strict=True
        )
        alike: dict[tuple[bytes, Hears], list[tuple[int, int]]] = {}
        always = [
            None if slot in apart.hears else self._calls.hears(one.number) for slot, one in enumerate(batch.sessions)
        ]
        for begin, end, slot, earliest, latest in bounds:
            hears = always[slot] or self._hears(batch, slot, earliest, latest, apart)
            if hears is not None:
                alike.setdefault((types[4 * begin : 4 * end], hears), []).append((begin, slot))
        found: list[tuple[int, Whole]] = []
        for (kinds, hears), calls in alike.items():
            several = tuple([self._type(held, number) for number in np.frombuffer(kinds, np.int32).tolist()])
            ends_it = any(kind.news.ends or kind.news.clears for kind in several)
            if len(calls) >= _FEW and several[0].news.event and ends_it:
                ranks = order[np.array([begin for begin, _ in calls])[:, None] + np.arange(len(several))]
                slots = [slot for _, slot in calls]
                found += self._of_group(batch, places, held, _Group(several, *hears), ranks, slots, apart, taken)
        return found

    def _known_lately(self) -> Iterator[np.ndarray]:
        return (calls for _, calls in self._lately)

    def _of_group(
        self,
        batch: Batch,
        places: np.ndarray,
        held: Held,
        group: _Group,
        ranks: np.ndarray,
        sessions: list[int],
        apart: _Apart,
        taken: np.ndarray,
    ) -> list[tuple[int, Whole]]:
        """Those of one group. `ranks`: of each the places of its messages among those that are looked at."""
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

    def _is_kept_apart(self, server: str, named: list[Any], apart: _Apart) -> bool:
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
    held: Held, group: _Group, ranks: np.ndarray, news: list[int]
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


def _numbers(calls: set[Any]) -> np.ndarray:
    return np.array([call for call in calls if call is not None], np.int64)


def _told_apart(
    batch: Batch, places: np.ndarray, held: Held, taken: np.ndarray, wholes: list[tuple[int, Whole]]
) -> ToldApart:
    """The events of calls that are taken at once."""
    calls = {(whole.server, whole.call) for _, whole in wholes}
    columns = batch.first + places, batch.time[places], batch.session[places]
    of_plans = [
        (held.fixed[number].subject_plan.layout.message.number, held.slots[number], members)
        for number, members in held.members.items()
        if CallNews(held.fixed[number].subject_plan.layout.message).event and taken[members].any()
    ]
    servers, numbers = [one.server for one in batch.sessions], [one.number for one in batch.sessions]

    def events() -> Iterator[Told]:
        for number, slots, members in of_plans:
            said = zip(*[slots.get(slot, repeat(None, len(members))) for slot in SAID], strict=True)
            rows = zip(taken[members].tolist(), *(column[members].tolist() for column in columns), said, strict=True)
            for mine, message, time, slot, one in rows:
                if mine:
                    yield Told(message, time, servers[slot], numbers[slot], number, one)

    count_of = sum(int(taken[members].sum()) for _, _, members in of_plans)
    return ToldApart(int(batch.time[places[taken]].max()), count_of, calls, events)
