"""Messages of a batch that deviate from their declarations: the first of each shape and session is looked at, and the others
are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ccxdissect.columns.batch import Batch
from ccxdissect.columns.conformity import Conformity
from ccxdissect.columns.distinct import alike
from ccxdissect.columns.shapes import Shapes
from ccxdissect.sources.taking import objects

if TYPE_CHECKING:
    from ccxdissect.analysis.findings import Findings
    from ccxdissect.codec.checks import Deviation
    from ccxdissect.stream.events import Record

_UNTOLD, _SOUND = -1, 0


class _Followed(NamedTuple):
    """What comes behind the first of its shape in its session: where it is, and how it deviates."""

    session: int
    kind: int
    places: np.ndarray


class Deviating:
    """Tells how messages deviate, counts those of which nothing else is to be told, and lets those be taken without their records of
    which only their deviations are known."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._conformity = Conformity()
        self._shapes = Shapes()
        #: What comes behind those that lead, by their places.
        self.followed: dict[int, _Followed] = {}

    def begin(self, batch: Batch, wanted: np.ndarray, mine: np.ndarray | None) -> None:
        """A batch comes, of which the `wanted` messages (a flag for each) are looked at in any case; those are added that
        have to be for what they deviate in. `mine`: those that may be looked at at all.

        What is only counted is counted now: the counts are asked for when a session is over.
        """
        self._batch, self._wanted = batch, wanted
        sound = self._conformity.sound(batch)
        #: How each deviates, by number; negative where it is still to be looked at.
        self.kinds = np.where(sound, _SOUND, _UNTOLD)
        self.deviations: list[tuple[Deviation, ...]] = [()]
        self.followed = {}
        odd = ~sound if mine is None else ~sound & mine
        wanted |= odd & (batch.plan < 0)
        places = np.flatnonzero(odd & (batch.plan >= 0))
        if not len(places):
            return
        first, which = self._shapes.of(batch, places)
        self.kinds[places] = np.where(which < 0, _UNTOLD, which + 1)
        #: Whether messages of a kind have to be looked at; the last is of those that are of none.
        looked_at = np.ones(len(first) + 2, bool)
        looked_at[_SOUND] = False
        for kind, record in enumerate(batch.rows(first), start=1):
            self.deviations.append(self._findings.checker.deviations(record.decoded))
            looked_at[kind] = not self._findings.counts_alone(record)
        wanted[places[looked_at[self.kinds[places]]]] = True
        self._count(places[~wanted[places]])

    def _count(self, places: np.ndarray) -> None:
        batch, kinds = self._batch, len(self.deviations)
        numbers = [session.number for session in batch.sessions]
        full = self._full(places)
        self._wanted[places[full]] = True
        places = places[~full]
        key = batch.session[places] * kinds + self.kinds[places]
        order = np.argsort(key, kind="stable")
        places, key = places[order], key[order]
        bounds = np.flatnonzero(np.r_[True, key[1:] != key[:-1], True]).tolist() if len(key) else [0]
        for begin, stop, one in zip(bounds, bounds[1:], key[bounds[:-1]].tolist(), strict=False):
            slot, kind = divmod(one, kinds)
            if not self.deviations[kind]:
                continue
            followed = _Followed(numbers[slot], kind, places[begin:stop])
            if not self._counted(followed):
                lead = int(places[begin])
                self._wanted[lead] = True
                self.followed[lead] = followed._replace(places=places[begin + 1 : stop])

    def _full(self, places: np.ndarray) -> np.ndarray:
        """A flag for each of these messages: whether its session has so many different findings that no more are counted."""
        counts = self._findings.counts
        full: np.ndarray = np.array([not counts(session.number) for session in self._batch.sessions], bool)
        return full[self._batch.session[places]]

    def _counted(self, followed: _Followed) -> bool:
        """Count messages, if their shape is known in their session."""
        session, kind, places = followed
        deviations, batch = self.deviations[kind], self._batch
        if not self._findings.knows(session, deviations):
            return False
        if len(places):
            last = int(places[-1])
            self._findings.came_again(session, deviations, len(places), batch.first + last, int(batch.time[last]))
        return True

    def untold(self, places: np.ndarray) -> np.ndarray:
        """A flag for each of these messages: whether its record is looked at for what it deviates in, as far as is known before
        they are: the first of its shape in its session, and what cannot be counted."""
        kinds, count = self.kinds[places], len(self.deviations)
        odd = np.flatnonzero(kinds > _SOUND)
        untold: np.ndarray = (kinds < _SOUND) | ((kinds > _SOUND) & self._full(places))
        first, _ = alike(self._batch.session[places[odd]] * count + kinds[odd])
        numbers = [session.number for session in self._batch.sessions]
        for rank in odd[first].tolist():
            place = places[rank]
            number = numbers[self._batch.session[place]]
            untold[rank] |= not self._findings.knows(number, self.deviations[kinds[rank]])
        return untold

    def take(self, places: np.ndarray, taken: np.ndarray) -> None:
        """Put in the place of what takes these messages what takes those that deviate."""
        kinds = self.kinds[places]
        odd = np.flatnonzero((kinds > _SOUND) & taken.astype(bool))
        first, which = alike(kinds[odd])
        again = [
            self._findings.again(take, self.deviations[kind])
            for take, kind in zip(taken[odd[first]].tolist(), kinds[odd[first]].tolist(), strict=True)
        ]
        taken[odd] = objects(again)[which]

    def foretell(self, record: Record, place: int) -> None:
        """Let it be known how the message at a place deviates, which is looked at next."""
        kind = int(self.kinds[place])
        if kind != _UNTOLD:
            self._findings.checker.foretell(record.decoded, self.deviations[kind])

    def leads(self, place: int) -> bool:
        """The message at a place was looked at: whether those are wanted now that it led, or would have."""
        followed = self.followed.pop(place, None)
        if followed is None or self._counted(followed):
            return False
        # There are too many different ones: whatever deviates further on is told each time.
        for lead in [lead for lead, one in self.followed.items() if one.session == followed.session]:
            self._wanted[self.followed.pop(lead).places] = True
        self._wanted[followed.places] = True
        return True
