"""What keeps calls from being taken at once: what messages of a batch tell beyond a call of their own, and what is read by
itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import numpy as np

from ccxdissect.analysis.call_news import CallNews
from ccxdissect.analysis.calls import Calls, Hears, hears_by
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.columns.batch import Batch
from ccxdissect.sources.call_types import CallType, CallTypes
from ccxdissect.sources.phones_meanwhile import PhonesMeanwhile, Taught
from ccxdissect.sources.subject_columns import Held
from ccxdissect.stream.events import SessionEnded

#: So many messages of a batch are read by themselves to see what they are about; with more, all calls are followed.
_MOST_STRANGE = 64
#: What is seen of a session that is over.
_NOTHING: Hears = (False, ())


class Apart:
    """What keeps calls from being taken at once."""

    def __init__(self) -> None:
        #: By the places of sessions: from which places of messages on they see something else, and what.
        self.hears: dict[int, list[tuple[int, Hears]]] = {}
        self.calls: set[int | None] = set()
        self.devices: set[tuple[str, str]] = set()
        #: The messages that tell whose phones are whose.
        self.taught: list[Taught] = []
        self.phones: PhonesMeanwhile

    def sees(self, slot: int, first: int, last: int, before: Hears) -> Hears | None:
        """What a session, which saw that `before`, sees from one message to another; None where that changes."""
        found = before
        for place, hears in sorted(self.hears.get(slot, ())):
            if place <= first:
                found = hears
            elif place <= last:
                return None
        return found


class LooksApart:
    """Looks at batches for what keeps calls apart."""

    def __init__(self, calls: Calls, reader: SubjectReader, types: CallTypes) -> None:
        self._calls, self._reader, self._types = calls, reader, types

    def of(self, batch: Batch, places: np.ndarray, held: Held) -> tuple[np.ndarray, Apart | None]:
        """The call of each message, below 0 for none; and what keeps calls apart (None: all are)."""
        apart, opening = Apart(), set[int]()
        slots_of = {one.number: slot for slot, one in enumerate(batch.sessions)}
        for place, event in batch.events:
            if isinstance(event, SessionEnded) and event.session.number in slots_of:
                apart.hears.setdefault(slots_of[event.session.number], []).append((place, _NOTHING))
        servers = [one.server for one in batch.sessions]
        call = np.full(len(places), -1, np.int64)
        session = batch.session[places]
        strange = self._strange(held)
        awaits = (
            bool(strange)
            or self._calls.awaits
            or any(self._types.of(held, number).news.asks for number in held.members)
        )
        for number, members in held.members.items():
            slots, kind = held.slots[number], self._types.of(held, number)
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
        apart.phones = PhonesMeanwhile(self._calls.phones, apart.taught, servers)
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

    @staticmethod
    def _see(
        kind: CallType,
        slots: dict[str, list[Any]],
        members: list[int],
        session: list[int],
        servers: Sequence[str],
        apart: Apart,
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

    def _see_by_itself(self, batch: Batch, place: int, apart: Apart) -> None:
        """The same of a message that has to be read by itself: whatever it names is kept apart."""
        record = batch.record(place)
        message, subject = record.decoded.message, self._reader.of(record.decoded)
        if message is None:
            return
        apart.calls.update(subject.calls)
        apart.devices.update((record.session.server, device) for device in subject.devices)

    def _open(self, batch: Batch, place: int, apart: Apart) -> None:
        """What a session sees by a message, if it opens it."""
        record = batch.record(place)
        message = record.decoded.message
        if message is not None and CallNews(message).opens:
            known = apart.hears.setdefault(int(batch.session[place]), [])
            before = max(
                (one for one in known if one[0] <= place), default=(0, self._calls.hears(record.session.number))
            )
            known.append((place + 1, hears_by(self._reader.of(record.decoded), before[1])))
