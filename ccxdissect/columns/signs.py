"""Which messages of a chunk bear signs of a protocol: told once for all of one type that hold the same where signs are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ccxdissect.codec.decoder import Decoders
from ccxdissect.columns.decoding import Fields, Plan
from ccxdissect.columns.distinct import alike_in_all
from ccxdissect.columns.places import fixed_part, lying_at
from ccxdissect.protocol.types import Reading
from ccxdissect.stream.dialect import Seen, Weighing

#: Plans come and go with what clients claim; so many are remembered.
_MOST_PLANS = 1024


class SignReader:
    """Tells them of messages that are read by plans. Remembers where signs are, and no message."""

    def __init__(self, weighing: Weighing, decoders: Decoders) -> None:
        self._weighing = weighing
        self._decoders = decoders
        self._fields: dict[Plan, np.dtype] = {}

    def borne(
        self,
        buffer: bytes,
        plans: list[Plan],
        plan: np.ndarray,
        place: np.ndarray,
        size: np.ndarray,
        fields: Fields,
    ) -> Iterator[tuple[np.ndarray, tuple[Seen, ...]]]:
        """Messages that bear the same signs (their places among all, in order), and the signs. `plan`: negative for a message that
        is not to be looked at."""
        octets = np.frombuffer(buffer, np.uint8)
        chosen = np.flatnonzero(plan >= 0)
        order = chosen[np.argsort(plan[chosen], kind="stable")]
        if not len(order):
            return
        theirs = np.flatnonzero(plan[fields.message] >= 0)
        message, tags = fields.message[theirs], fields.tag[theirs]
        tagged = [np.bincount(message[tags == tag], minlength=len(plan)) > 0 for tag in self._weighing.tags]
        starts = np.flatnonzero(np.r_[True, np.diff(plan[order]) != 0])
        for mine in np.split(order, starts[1:]):
            how = plans[int(plan[mine[0]])]
            dtype = self._where(how)
            rows = lying_at(octets, place[mine], dtype) if dtype.names else None
            telling = [] if rows is None else [rows[name] for name in dtype.names or ()]
            telling += [column[mine] for column in tagged]
            first, which = alike_in_all(telling, len(mine))
            for number, one in enumerate(mine[first].tolist()):
                body = buffer[int(place[one]) : int(place[one] + size[one])]
                signs = self._weighing.signs(
                    self._decoders[how.protocol].decode(how.number, body, how.version, how.form)
                )
                if signs:
                    yield mine[which == number], signs

    def _where(self, plan: Plan) -> np.dtype:
        """The fixed fields in which signs are. What says a version has a plan for each."""
        found = self._fields.get(plan)
        if found is None:
            if len(self._fields) >= _MOST_PLANS:
                self._fields.clear()
            layout = plan.layout
            chosen = [
                position
                for position, field in enumerate(layout.fields)
                if field.name in self._weighing.fields and field.type.reading is Reading.INTEGER
            ]
            found = self._fields[plan] = fixed_part(layout, chosen)
        return found


class SignsSeen:
    """Signs by the messages that bear them, until they are told in order."""

    def __init__(self) -> None:
        #: Each sign once.
        self.kinds: list[Seen] = []
        self._numbers: dict[Seen, int] = {}
        self._parts: list[tuple[int, int, np.ndarray]] = []

    def add(self, seen: Seen, nth: int, messages: np.ndarray) -> None:
        """These messages bear a sign, as the one behind `nth` others."""
        if len(messages):
            kind = self._numbers.setdefault(seen, len(self._numbers))
            if kind == len(self.kinds):
                self.kinds.append(seen)
            self._parts.append((kind, nth, messages))

    def by_conversation(self, of: np.ndarray) -> Iterator[tuple[int, tuple[int, ...]]]:
        """By the number of a conversation the signs of its messages, in their order; `of`: by message that number. Of each sign its
        place among the kinds."""
        if not self._parts:
            return
        message = np.concatenate([messages for _, _, messages in self._parts])
        counts = [len(messages) for _, _, messages in self._parts]
        kind, nth = (np.repeat([part[at] for part in self._parts], counts) for at in (0, 1))
        order = np.lexsort((nth, message, of[message]))
        number = of[message][order]
        begins = np.flatnonzero(np.r_[True, number[1:] != number[:-1]])
        kinds, stops = kind[order].tolist(), [*begins[1:].tolist(), len(order)]
        for one, begin, stop in zip(number[begins].tolist(), begins.tolist(), stops, strict=True):
            yield one, tuple(kinds[begin:stop])
