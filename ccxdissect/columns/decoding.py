"""Bodies decoded in bulk: the layout of each by its type and its session, the floating fields of all in lock-step.

Told here is the usual case of the decoder (`codec.decoder`): one layout, one form, every tag the message's own, every
integer of its width, the last field ending with the body; and the same with tags that other messages list, where no
other form reads the body by its own tags alone. Whatever else a body is, the decoder says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ccxdissect.codec.decoder import Decoders
from ccxdissect.codec.forms import BOOLEAN, FORMS, FloatingForm, is_sound
from ccxdissect.codec.layout import CompiledLayout, TagTable
from ccxdissect.columns.distinct import distinct
from ccxdissect.columns.places import lying_at
from ccxdissect.protocol.model import Protocol

#: Widths of what is no tag of a message: not looked up yet; not known at all; and what is added where another lists it.
_UNKNOWN, _NOWHERE, _LISTED_ELSEWHERE = -100, -99, 1000
#: The least of any widths that are no number of bytes.
_LEAST_SPECIAL = -9
#: So few bodies are walked one by one: columns would take longer.
_NARROW = 24
#: So many fields of a body are walked in columns: what has more is damaged, mostly, and told sooner by itself.
_TOGETHER = 64
#: Versions are whatever a client claims; so many states of a session are remembered.
_MOST_STATES = 1024
_UNDECIDED, _NONE = -2, -1
#: What stands before the data of a floating field, in each form.
_HEADS = {form: np.dtype([("tag", f">u{form.tag_size}"), ("length", f">u{form.length_size}")]) for form in FORMS}


class Plan(NamedTuple):
    """How a type reads in a session of one protocol, version and form."""

    number: int
    version: int | None
    layout: CompiledLayout
    form: FloatingForm
    tags: TagTable
    protocol: Protocol


class Fields(NamedTuple):
    """Floating fields in the order of messages and of the wire: of which message, the how manieth of it, the tag, and where its
    data lie in the buffer."""

    message: np.ndarray
    nth: np.ndarray
    tag: np.ndarray
    start: np.ndarray
    stop: np.ndarray

    def of(self, chosen: np.ndarray) -> Fields:
        """Those for which `chosen` (a flag for each) is true, or at these places."""
        return Fields(*(column[chosen] for column in self))


NO_FIELDS = Fields(*(np.zeros(0, np.int64) for _ in range(5)))


def joined(parts: Sequence[Fields]) -> Fields:
    """Fields put together, in their order; where several parts have fields of a message, an earlier one has the first."""
    some = [part for part in parts if len(part.message)]
    if len(some) < 2:
        return some[0] if some else NO_FIELDS
    whole = Fields(*(np.concatenate(columns) for columns in zip(*some, strict=True)))
    message = whole.message
    if (message[1:] >= message[:-1]).all():
        return whole
    # Numbers of 16 bits are sorted several times quicker.
    few = int(message.max()) < 1 << 16
    return whole.of(np.argsort(message.astype(np.uint16) if few else message, kind="stable"))


class BodyDecoder:
    """Decodes bodies by the plans of sets of declarations. Remembers plans; holds no state of any session.

    What there is to know of a set is looked up when the first session speaks it.
    """

    def __init__(self, decoders: Decoders) -> None:
        self._decoders = decoders
        #: The sets that were spoken; a row of `_row` for each: its types' rows in the tables below, -1 for no type of it.
        self._spoken: dict[Protocol, int] = {}
        self._row = np.full((0, 2), -1, np.int64)
        #: By row: which set, which type; how wide the data of each tag are.
        self._type_of_row: list[tuple[Protocol, int]] = []
        self._widths = np.full((0, 2), _UNKNOWN, np.int16)
        #: By row: where in the body, and in how many bytes, a type says the version itself; -1: it does not.
        self._version_field = np.full((0, 2), -1, np.int64)
        self.plans: list[Plan] = []
        self._sizes = np.zeros(0, np.int64)
        self._forms = np.zeros(0, np.int64)
        self._rows = np.zeros(0, np.int64)
        self._states: dict[tuple[Protocol, int | None, FloatingForm | None], int] = {}
        #: By state: the set, and the plan of each row.
        self._set_of_state = np.zeros(0, np.int64)
        self._known = np.full((0, 0), _UNDECIDED, np.int64)

    def _hear(self, protocol: Protocol) -> int:
        """The number of a set; the tables grow when it is spoken for the first time."""
        number = self._spoken.get(protocol)
        if number is not None:
            return number
        number = self._spoken[protocol] = len(self._spoken)
        types = sorted(protocol.by_number)
        first = len(self._type_of_row)
        self._type_of_row += [(protocol, kind) for kind in types]
        self._row = grown(self._row, (number + 1, types[-1] + 2), -1)
        self._row[number, types] = first + np.arange(len(types))
        largest = max((tag for message in protocol.messages for tag in message.tags), default=0)
        self._widths = grown(self._widths, (len(self._type_of_row), largest + 2), _UNKNOWN)
        for row, kind in enumerate(types, first):
            for tag, width in self._decoders[protocol].tag_table(kind).widths.items():
                self._widths[row, tag] = width
        self._version_field = grown(self._version_field, (len(self._type_of_row), 2), -1)
        for row, kind in enumerate(types, first):
            self._version_field[row] = self._decoders[protocol].version_field(kind) or (-1, -1)
        self._known = grown(self._known, (0, len(self._type_of_row)), _UNDECIDED)
        return number

    def state(self, protocol: Protocol, version: int | None, form: FloatingForm | None) -> int:
        """The number of what is known of a session."""
        found = self._states.get((protocol, version, form))
        if found is None:
            spoken = self._hear(protocol)
            found = self._states[protocol, version, form] = len(self._states)
            self._set_of_state = np.append(self._set_of_state, spoken)
            if found >= len(self._known):
                self._known = grown(self._known, (found + max(8, found), 0), _UNDECIDED)
        return found

    @property
    def full(self) -> bool:
        """Whether no further states should be asked for before `forget`."""
        return len(self._states) > _MOST_STATES

    def forget(self) -> None:
        """Forget all states and plans; numbers of both lose their meaning."""
        self._states.clear()
        self._set_of_state = self._set_of_state[:0]
        self._known = self._known[:0]
        self.plans = []
        self._sizes = self._sizes[:0]
        self._forms = self._forms[:0]
        self._rows = self._rows[:0]

    def plan(
        self, octets: np.ndarray, state: np.ndarray, number: np.ndarray, place: np.ndarray, size: np.ndarray
    ) -> np.ndarray:
        """The number of the plan for each message by its session's state, its type and the version that its body says, if it
        says one; negative: there is none."""
        if not len(number):
            return np.zeros(0, np.int64)
        row = self._row[self._set_of_state[state], np.minimum(number, self._row.shape[1] - 1)]
        says = np.flatnonzero(self._version_field[row, 0] >= 0)
        if len(says):
            own = self._by_own_version(octets, state[says], row[says], place[says], size[says])
            row[says[own < 0]] = -1
            state = state.copy()
            state[says] = np.maximum(own, 0)
        found = self._known[state, row]
        if (found == _UNDECIDED).any():
            kinds = {known: what for what, known in self._states.items()}
            unknown = np.flatnonzero(found == _UNDECIDED)
            for one, which in set(zip(state[unknown].tolist(), row[unknown].tolist(), strict=True)):
                self._known[one, which] = self._planned(which, *kinds[one])
            found = self._known[state, row]
        # A type that the set does not have.
        found[row < 0] = _NONE
        return found

    def _by_own_version(
        self, octets: np.ndarray, state: np.ndarray, row: np.ndarray, place: np.ndarray, size: np.ndarray
    ) -> np.ndarray:
        """The states by which bodies are read that say the version themselves; -1 where that is none of the declared ones."""
        found = np.full(len(state), -1, np.int64)
        kinds = {known: what for what, known in self._states.items()}
        for one in distinct(row).tolist():
            offset, width = self._version_field[one].tolist()
            mine = np.flatnonzero((row == one) & (offset + width <= size))
            said = lying_at(octets, place[mine] + offset, f">u{width}").astype(np.int64)
            for which, version in set(zip(state[mine].tolist(), said.tolist(), strict=True)):
                protocol, known, form = kinds[which]
                # Whatever else a client claims is none of which there are many.
                if version in protocol.versions:
                    state_then = self.state(protocol, version, form if version == known else None)
                    found[mine[(state[mine] == which) & (said == version)]] = state_then
        return found

    def says_version(self, plan: np.ndarray) -> np.ndarray:
        """Which of these plans, that exist, are of types that say the version themselves."""
        return self._version_field[self._rows[plan], 0] >= 0

    def _planned(self, row: int, protocol: Protocol, version: int | None, form: FloatingForm | None) -> int:
        owner, number = self._type_of_row[row]
        usual = self._decoders[protocol].usual(number, version, form) if owner is protocol else None
        if usual is None:
            return _NONE
        layout, size, _, tags, likely = usual
        self.plans.append(Plan(number, version, layout, likely, tags, protocol))
        self._sizes = np.append(self._sizes, size)
        self._forms = np.append(self._forms, FORMS.index(likely))
        self._rows = np.append(self._rows, row)
        return len(self.plans) - 1

    def decode(
        self,
        buffer: bytes,
        octets: np.ndarray,
        plan: np.ndarray,
        place: np.ndarray,
        size: np.ndarray,
    ) -> tuple[np.ndarray, Fields]:
        """Which bodies read by their plans (that exist), and the fields of those."""
        good = np.zeros(len(plan), bool)
        fixed = self._sizes[plan] if len(plan) else np.zeros(0, np.int64)
        forms = self._forms[plan] if len(plan) else np.zeros(0, np.int64)
        room = fixed <= size
        parts: list[Fields] = []
        for index, form in enumerate(FORMS):
            mine = np.flatnonzero(room & (forms == index))
            if len(mine):
                rows = self._rows[plan[mine]]
                at, end = place[mine] + fixed[mine], place[mine] + size[mine]
                bad, doubtful, fields = self._walk(buffer, octets, form, rows, at, end)
                if doubtful.any():
                    left = np.flatnonzero(doubtful & ~bad)
                    for other in FORMS:
                        if other is not form:
                            bad[left[self._reads(octets, other, rows[left], at[left], end[left])]] = True
                good[mine[~bad]] = True
                if bad.any():
                    fields = fields.of(~bad[fields.message])
                parts.append(fields if len(mine) == len(plan) else fields._replace(message=mine[fields.message]))
        return good, joined(parts)

    def _walk(
        self, buffer: bytes, octets: np.ndarray, form: FloatingForm, row: np.ndarray, at: np.ndarray, end: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, Fields]:
        """Walk the floating parts from `at` to `end` all at once: which are not sound, which have tags that only others list,
        and the fields.

        How long each is leads to the next, whatever its tag: what is sound is told of all of them behind the walk.
        """
        bad, doubtful = np.zeros((2, len(at)), bool)
        found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        parts: list[Fields] = []
        message = np.flatnonzero(at < end)
        at, end = at[message], end[message]
        head = _HEADS[form]
        while len(message):
            if len(message) < _NARROW or len(found) == _TOGETHER:
                parts.append(self._walk_each(buffer, form, row[message], message, at, end, len(found), bad))
                break
            said = lying_at(octets, at, head)
            start = at + head.itemsize
            stop = start + said["length"].astype(np.int64)
            fits = stop <= end
            if not fits.all():
                bad[message[~fits]] = True
                here = np.flatnonzero(fits)
                message, end, said, start, stop = message[here], end[here], said[here], start[here], stop[here]
            # As plain bytes they are put together several times quicker.
            found.append((message, said.view(f"V{head.itemsize}"), start))
            at = stop
            more = at < end
            if not more.all():
                here = np.flatnonzero(more)
                message, at, end = message[here], at[here], end[here]
        if found:
            message, heads, start = (np.concatenate(columns) for columns in zip(*found, strict=True))
            nth = np.repeat(np.arange(len(found)), [len(one) for one, _, _ in found])
            counts = np.bincount(message, minlength=len(bad))
            begin = np.cumsum(counts) - counts
            where = begin[message] + nth
            # Into the order of messages and of the wire.
            arranged, begun = np.empty_like(heads), np.empty_like(start)
            arranged[where], begun[where] = heads, start
            message = np.repeat(np.arange(len(bad)), counts)
            nth = np.arange(len(message)) - begin[message]
            said = arranged.view(head)
            tag, length = said["tag"].astype(np.int64), said["length"].astype(np.int64)
            fields = Fields(message, nth, tag, begun, begun + length)
            self._judge(buffer, row[message], length, fields, bad, doubtful)
            parts.insert(0, fields)
        return bad, doubtful, joined(parts)

    def _judge(
        self,
        buffer: bytes,
        row: np.ndarray,
        length: np.ndarray,
        fields: Fields,
        bad: np.ndarray,
        doubtful: np.ndarray,
    ) -> None:
        """Tell which messages have fields that are not sound, and which have tags that only others list."""
        message, tag = fields.message, fields.tag
        width = self._width(row, tag)
        # What is no number of bytes is below none, or above all of them.
        strange = bool((width.view(np.uint16) > _LISTED_ELSEWHERE + _LEAST_SPECIAL).any())
        if strange:
            unseen = np.flatnonzero(width == _UNKNOWN)
            if len(unseen):
                self._see(row[unseen], np.minimum(tag[unseen], self._widths.shape[1] - 1))
                width = self._width(row, tag)
            elsewhere = width > _LISTED_ELSEWHERE + _LEAST_SPECIAL
            if elsewhere.any():
                doubtful[message[elsewhere]] = True
                width = np.where(elsewhere, width - _LISTED_ELSEWHERE, width)
        sound = (width == 0) | (width == length)
        if strange:
            special = np.flatnonzero((width < 0) & (width > _LEAST_SPECIAL))
            if len(special):
                sound[special] = self._special(buffer, width[special], fields.start[special], fields.stop[special])
        if not sound.all():
            bad[message[~sound]] = True

    def _width(self, row: np.ndarray, tag: np.ndarray) -> np.ndarray:
        """How wide the data of each tag are; the last column stands for all that are too large."""
        columns = self._widths.shape[1]
        place = row * columns
        place += np.minimum(tag, columns - 1)
        return self._widths.reshape(-1)[place]

    def _see(self, row: np.ndarray, tag: np.ndarray) -> None:
        """Look up tags that a type does not list."""
        last = self._widths.shape[1] - 1
        for which, number in set(zip(row.tolist(), tag.tolist(), strict=True)):
            protocol, kind = self._type_of_row[which]
            # The last column stands for all that are too large.
            width = self._decoders[protocol].tag_table(kind).width(number) if 0 < number < last else None
            self._widths[which, number] = _NOWHERE if width is None else _LISTED_ELSEWHERE + width

    def _reads(
        self, octets: np.ndarray, form: FloatingForm, row: np.ndarray, at: np.ndarray, end: np.ndarray
    ) -> np.ndarray:
        """Which floating parts read to their very end in a form, with tags that their messages list alone."""
        found = np.zeros(len(at), bool)
        message = np.flatnonzero(at < end)
        head = _HEADS[form]
        most = self._widths.shape[1] - 1
        while len(message):
            message = message[at[message] + form.header_size <= end[message]]
            here = at[message]
            said = lying_at(octets, here, head)
            tag, length = said["tag"].astype(np.int64), said["length"].astype(np.int64)
            stop = here + head.itemsize + length
            width = self._widths[row[message], np.minimum(tag, most)]
            own = (width > _LEAST_SPECIAL) & (width <= _LISTED_ELSEWHERE + _LEAST_SPECIAL)
            goes_on = own & (stop <= end[message])
            message, stop = message[goes_on], stop[goes_on]
            over = stop == end[message]
            found[message[over]] = True
            at = at.copy()
            at[message] = stop
            message = message[~over]
        return found

    @staticmethod
    def _special(buffer: bytes, width: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
        length = stop - start
        sound = (width == BOOLEAN) & (length >= 1) & (length <= 8)
        for index in np.flatnonzero(width != BOOLEAN).tolist():
            sound[index] = is_sound(buffer, int(start[index]), int(stop[index]), int(width[index]))
        return sound

    def _walk_each(
        self,
        buffer: bytes,
        form: FloatingForm,
        row: np.ndarray,
        message: np.ndarray,
        at: np.ndarray,
        end: np.ndarray,
        nth: int,
        bad: np.ndarray,
    ) -> Fields:
        rows: list[tuple[int, int, int, int, int]] = []
        for which, one, begin, stop in zip(row.tolist(), message.tolist(), at.tolist(), end.tolist(), strict=True):
            protocol, number = self._type_of_row[which]
            widths = self._decoders[protocol].tag_table(number).widths
            spans = form.sound(buffer, begin, stop, widths)
            if spans is None:
                bad[one] = True
                continue
            rows += [(one, nth + count, *span) for count, span in enumerate(spans)]
        return Fields(*np.array(rows, np.int64).reshape(-1, 5).T)


def grown(table: np.ndarray, shape: tuple[int, int], empty: int) -> np.ndarray:
    """A table of at least that many rows and columns, `empty` where it grew."""
    rows, columns = np.maximum(table.shape, shape)
    more = np.full((rows, columns), empty, table.dtype)
    more[: table.shape[0], : table.shape[1]] = table
    return more
