"""Messages of a batch that deviate from their declarations: the first of each shape and session is looked at, and the others
are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ccxdissect.columns.batch import Batch
from ccxdissect.columns.conformity import Conformity
from ccxdissect.columns.shapes import Shapes

if TYPE_CHECKING:
    from ccxdissect.analysis.findings import Findings
    from ccxdissect.codec.checks import Deviation

_UNTOLD, _SOUND = -1, 0


class _Followed(NamedTuple):
    """What comes behind the first of its shape in its session: where it is, and how it deviates."""

    session: int
    kind: int
    places: np.ndarray


class Deviating:
    """Tells how messages deviate, and counts those of which nothing else is to be told."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self.checker = findings.checker
        self._conformity = Conformity()
        self._shapes = Shapes()
        self._followed: dict[int, _Followed] = {}

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
        self._followed = {}
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
            self.deviations.append(self.checker.deviations(record.decoded))
            looked_at[kind] = not self._findings.counts_alone(record)
        wanted[places[looked_at[self.kinds[places]]]] = True
        self._count(places[~wanted[places]])

    def _count(self, places: np.ndarray) -> None:
        findings, batch, kinds = self._findings, self._batch, len(self.deviations)
        numbers = [session.number for session in batch.sessions]
        full = np.array([not findings.counts(number) for number in numbers], bool)[batch.session[places]]
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
                self._followed[lead] = followed._replace(places=places[begin + 1 : stop])

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

    def odd(self, places: np.ndarray) -> np.ndarray:
        """A flag for each of these messages: whether it deviates, or may."""
        return self.kinds[places] != _SOUND

    def leads(self, place: int) -> bool:
        """The message at a place was looked at: whether those are wanted now that it led, or would have."""
        followed = self._followed.pop(place, None)
        if followed is None or self._counted(followed):
            return False
        # There are too many different ones: whatever deviates further on is told each time.
        for lead in [lead for lead, one in self._followed.items() if one.session == followed.session]:
            self._wanted[self._followed.pop(lead).places] = True
        self._wanted[followed.places] = True
        return True
