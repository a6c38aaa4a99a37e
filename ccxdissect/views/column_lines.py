"""Messages as lines of JSON, by columns: a batch of messages in, all of its lines out, to the letter those of `messages`.

Every line is a row of pieces: constant text, a number, the text of a field. The pieces of a batch are gathered in a pool
(an Arrow array), and one `take` of them in the order of the lines puts the bytes of all lines one after the other.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ccxdissect.codec.values import is_secret
from ccxdissect.columns.allocation import use_lean_pool
from ccxdissect.columns.arrays import binaries, digits, taken
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Fields, Plan
from ccxdissect.columns.distinct import alike, distinct
from ccxdissect.columns.passing import Received
from ccxdissect.columns.places import lying_at
from ccxdissect.columns.rows import Padded, count_of_digits, rows
from ccxdissect.protocol.model import Floating
from ccxdissect.protocol.types import Reading
from ccxdissect.views.column_fixed import FixedParts, is_plain
from ccxdissect.views.column_names import NAMELESS, NamedValues
from ccxdissect.views.column_senders import Senders
from ccxdissect.views.formats.jsonl import json_text
from ccxdissect.views.messages import Field, FixedPart, MessageWriter, Showing
from ccxdissect.wording import SECOND, seconds

#: Numbers below this, and the one that stands for nothing, are kept as text.
_SMALL = 4096
_NOTHING = 0xFFFFFFFF
#: Pieces before the fixed part: number, frame and time with their names; session; heading; length.
_HEAD = 4
#: Behind the floating fields, all that follows is one piece.
_TAIL = 1
#: What stands before the labels, behind no field, a text, and anything else; and behind them.
_CLOSING = ('],"labels":{', '"}],"labels":{', '}],"labels":{')
_REST = '},"problems":[]}\n'
_OF_TEXT, _OF_OTHER = 1, 2
#: If the labels of a batch are no more than these, they are kept.
_MOST_LABELS = 1000
#: So many constants are kept before all are forgotten: their number depends on what clients claim.
_MOST_KEPT = 1 << 16
#: The labels of so many fixed parts are remembered.
_MOST_REMEMBERED = 1 << 14
#: Kinds of fields: not looked up yet; written as a whole.
_UNSEEN, _WHOLE = -1, 0
#: How many bytes integers have that columns read.
_WIDTHS = (1, 2, 4, 8)
#: The same of those whose values have names.
_CODED_WIDTHS = (1, 2, 4)
#: How those floating fields are read that columns write.
_PLAIN = (Reading.TEXT, Reading.INTEGER)
#: Seconds with ten digits: from 2001 to 2286.
_TEN_DIGITS = (10**9, 10**10)


class _Kept:
    """Texts that come again and again, each with its place in the pool."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        #: Those that are not in the pool yet.
        self._new: list[str] = []
        self._pool = binaries([])
        for number in range(_SMALL):
            self.place(str(number))
        self.nothing = self.place(str(_NOTHING))

    def place(self, text: str) -> int:
        """Where a text stands."""
        found = self._places.get(text)
        if found is None:
            found = self._places[text] = len(self._places)
            self._new.append(text)
        return found

    def __len__(self) -> int:
        return len(self._places)

    @property
    def pool(self) -> pa.Array:
        """All of them."""
        if self._new:
            self._pool = pa.concat_arrays([self._pool, binaries([text.encode("ascii") for text in self._new])])
            self._new.clear()
        return self._pool


class _Written:
    """How messages of one plan are written: the places of what is constant."""

    def __init__(self, plan: Plan, part: FixedPart, kept: _Kept, row: int) -> None:
        layout = plan.layout
        #: Its row in the tables of fixed parts and of kinds of fields.
        self.row = row
        self.part = part
        self.plan = plan
        version = "null" if plan.version is None else str(plan.version)
        self.heading = kept.place(f"{version}{part.heading}")
        self.plain = is_plain(layout, part)
        self.names = frozenset(row.name for row in layout.fields if not row.reserved)


def _by_columns(row: Floating, width: int | None) -> bool:
    """Whether columns write a field, whose data have this width by the way they are walked."""
    if row.type.reading is Reading.TEXT or row.codes is None:
        return row.codes is None and row.type.reading in _PLAIN
    return row.type.reading is Reading.INTEGER and width == row.type.size and width in _CODED_WIDTHS


class ColumnWriter:
    """Writes batches as lines of JSON. One for each output, since it remembers what it has written."""

    def __init__(self, showing: Showing) -> None:
        self._showing = showing
        use_lean_pool()
        self._begin()

    def _begin(self) -> None:
        kept = self._kept = _Kept()
        self._writer = MessageWriter(self._showing)
        self.senders = Senders()
        self._written: dict[Plan, _Written] = {}
        self._names = NamedValues()
        self._fixed = FixedParts(self._names)
        #: The labels of fixed parts by their number, and numbers of those that columns cannot tell.
        self._labels: dict[int, str] = {}
        self._told_singly: dict[str, int] = {}
        #: By plan and tag: the kind of field, a column of `prefixes`.
        self.kinds = np.full((64, 256), _UNSEEN, np.int32)
        #: What stands before a field, or before its value: as the first, behind a text, and behind another one.
        self.prefixes = np.array([[kept.place(text)] for text in ("", '"},', "},")], np.int32)
        #: By kind: whether it is a text, a number, one whose values have names; and whether it has a sign.
        self.textual, self.numeric, self.coded, self.signed = np.zeros((4, 1), bool)
        #: By kind: the bits that it has, and how its values are told that have names.
        self._told = np.zeros((3, 1), np.int64)

    def lines(self, batch: Batch, chosen: np.ndarray | None = None) -> bytes | memoryview:
        """The lines of a batch, each with its end, or of those messages for which `chosen` is true."""
        if len(self._kept) > _MOST_KEPT:
            self._begin()
        if len(self._labels) > _MOST_REMEMBERED:
            self._labels.clear()
            self._told_singly.clear()
        index = np.arange(len(batch)) if chosen is None else np.flatnonzero(chosen)
        if not len(index):
            return b""
        return _Lines(self, batch, index).text()

    def make_room(self, tag: int) -> None:
        """Make the table of kinds of fields large enough for all plans so far, and for tags up to `tag`."""
        rows, columns = self.kinds.shape
        if rows < len(self._written) or columns <= tag:
            more = np.full((max(rows, 2 * len(self._written)), max(columns, tag + 1)), _UNSEEN, np.int32)
            more[:rows, :columns] = self.kinds
            self.kinds = more

    def see(self, written: _Written, tag: int) -> None:
        """Keep what stands before the value of a field: as the first, behind a text, and behind another one."""
        row = written.plan.tags.row(tag)
        kind = _WHOLE
        if row is not None and not is_secret(row) and _by_columns(row, written.plan.tags.width(tag)):
            textual = row.type.reading is Reading.TEXT
            quote = '"' if textual else ""
            head = f'{{"tag":{tag},"name":"{row.name}","value":{quote}'
            places = [self._kept.place(text) for text in (head, f'"}},{head}', f"}},{head}")]
            kind = self.prefixes.shape[1]
            self.prefixes = np.concatenate([self.prefixes, np.array(places, np.int32)[:, None]], axis=1)
            self.textual = np.append(self.textual, textual)
            self.numeric = np.append(self.numeric, not textual)
            self.coded = np.append(self.coded, row.codes is not None)
            self.signed = np.append(self.signed, row.type.signed)
            within = (1 << 8 * (row.type.size or 0)) - 1 if row.codes else 0
            told = self._names.told(row.codes, within, row.type.signed) if row.codes else NAMELESS
            self._told = np.concatenate([self._told, [[within], [told.begin], [told.most]]], axis=1)
        self.kinds[written.row, tag] = kind

    def have_names(self, kind: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Which of these values of fields of these kinds may have names: of a table of bits each one does, be it none of them."""
        within, begin, most = self._told[:, kind]
        return (most < 0) | (self._names.ordinals(values, within, begin, most) != 0)

    @property
    def fixed(self) -> FixedParts:
        """The fixed parts of all plans so far."""
        return self._fixed.ready()

    def known_labels(self, number: int) -> str | None:
        """The labels that have this number."""
        return self._labels.get(number)

    def labels(self, number: int, written: _Written, body: bytes | memoryview) -> str:
        """The labels that have this number, those of a fixed part that begins here."""
        found = self._labels[number] = written.part.labels(written.plan.layout.packed.unpack_from(body))
        return found

    def number_of_labels(self, written: _Written, body: bytes | memoryview) -> int:
        """A number for the labels of a fixed part that columns cannot tell."""
        text = written.part.labels(written.plan.layout.packed.unpack_from(body))
        found = self._told_singly.get(text)
        if found is None:
            found = self._told_singly[text] = -1 - len(self._told_singly)
            self._labels[found] = text
        return found

    def written(self, plan: Plan) -> _Written:
        """How messages of a plan are written."""
        found = self._written.get(plan)
        if found is None:
            part = self._writer.part(plan.layout)
            found = self._written[plan] = _Written(plan, part, self._kept, len(self._written))
            self._fixed.add(plan.layout, part, self._kept.place)
        return found


class _Lines:
    """The lines of one batch on their way."""

    def __init__(self, owner: ColumnWriter, batch: Batch, index: np.ndarray) -> None:
        self._owner = owner
        self._kept = owner._kept
        self._writer = owner._writer
        self._batch = batch
        self._index = index
        self._octets = np.frombuffer(batch.data, np.uint8)
        #: Texts of this batch only.
        self._texts: list[str] = []
        self._text_places: dict[str, int] = {}
        #: Numbers that are not kept, and where they stand: those with a sign, and those of 64 bits without.
        self._numbers: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {"i": [], "u": []}
        #: How lines begin: where, and rows of equal size.
        self._beginnings: list[tuple[np.ndarray, np.ndarray]] = []
        #: Places in the pool that are not known before all of it is: where, and which of its kind.
        self._text_spots: list[tuple[np.ndarray, np.ndarray]] = []
        self._value_spots: list[tuple[np.ndarray, np.ndarray]] = []
        self._sender_spots: list[tuple[np.ndarray, np.ndarray]] = []

    def text(self) -> memoryview:
        """All lines."""
        batch, index = self._batch, self._index
        plan = batch.plan[index]
        self._plans = {
            number: self._owner.written(batch.plans[number]) for number in distinct(plan[plan >= 0]).tolist()
        }
        self._fixed_parts = self._owner.fixed
        rows = np.zeros(max(self._plans, default=0) + 1, np.int64)
        columns = np.zeros(len(rows), bool)
        for number, written in self._plans.items():
            rows[number], columns[number] = written.row, written.plain
        fields = batch.bounds[index + 1] - batch.bounds[index]
        known = np.maximum(plan, 0)
        plain = (plan >= 0) & columns[known]
        self._bounds = bounds = np.zeros(len(index) + 1, np.int64)
        here = np.flatnonzero(plain)
        count = np.ones(len(index), np.int64)
        if len(here):
            row = rows[plan[here]]
            shown = self._fixed_parts.count[row]
            count[here] = _HEAD + 1 + _TAIL + 2 * (fields[here] + shown)
        np.cumsum(count, out=bounds[1:])
        self._spots = np.zeros(int(bounds[-1]), np.int32)
        if len(here):
            self._heads(here)
            labels = self._fixed(here, plan[here], row)
            self._floating(here, plan[here], row, fields[here], shown, labels)
        self._odd(np.flatnonzero(~plain))
        return self._gathered()

    # -- pieces ----------------------------------------------------------------------------------------------------

    def _put_numbers(self, where: np.ndarray, values: np.ndarray) -> None:
        """Numbers at these spots."""
        self._spots[where], large = self._kept_numbers(values)
        if len(large):
            self._put_large(where[large], values[large])

    def _kept_numbers(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where numbers stand in the pool; and, as places in all of them, those that are too large to be kept."""
        nothing = values == _NOTHING
        # What is negative is large as well.
        large = np.flatnonzero((values.view(np.uint64) >= _SMALL) & ~nothing)
        return np.where(nothing, self._kept.nothing, values), large

    def _put_large(self, where: np.ndarray, values: np.ndarray) -> None:
        self._numbers[values.dtype.kind].append((where, values))

    def _text_place(self, text: str) -> int:
        found = self._text_places.get(text)
        if found is None:
            found = self._text_places[text] = len(self._texts)
            self._texts.append(text)
        return found

    def _heads(self, here: np.ndarray) -> None:
        """Everything before the fixed part."""
        batch, index = self._batch, self._index[here]
        at = self._bounds[here]
        spots = self._spots
        self._begin(at, batch.first + index, batch.frame[index], batch.time[index])
        of = batch.session[index]
        here_of = np.zeros(len(batch.sessions), np.int64)
        some = distinct(of)
        here_of[some] = np.arange(len(some))
        # Of each session there are messages of one side or both.
        wanted = np.zeros(2 * len(some), bool)
        whose = 2 * here_of[of] + batch.side[index]
        wanted[whose] = True
        chosen = np.flatnonzero(wanted)
        senders, sessions = self._owner.senders, batch.sessions
        where = senders.places([sessions[which] for which in some.tolist()])
        self._senders = senders.texts(where[chosen >> 1] + (chosen & 1))
        self._sender_spots.append((at + 1, (np.cumsum(wanted) - 1)[whose]))
        headings = np.zeros(max(self._plans) + 1, np.int32)
        for number, written in self._plans.items():
            headings[number] = written.heading
        spots[at + 2] = headings[batch.plan[index]]
        self._put_numbers(at + 3, batch.size[index])

    def _begin(self, where: np.ndarray, number: np.ndarray, frame: np.ndarray, time: np.ndarray) -> None:
        """Numbers, frames and times, these as seconds with six digits or nine behind the point."""
        whole, rest = np.divmod(time, SECOND)
        usual = (whole >= _TEN_DIGITS[0]) & (whole < _TEN_DIGITS[1])
        nano = rest % 1000 != 0
        # In most batches all are written with the same counts of digits.
        of_number, of_frame = count_of_digits(number), count_of_digits(frame)
        kinds = np.where(usual, (of_number << 6 | of_frame) << 1 | nano, -1)
        for kind in distinct(kinds).tolist():
            mine = np.flatnonzero(kinds == kind)
            if kind < 0:
                told = zip(number[mine].tolist(), frame[mine].tolist(), time[mine].tolist(), strict=True)
                texts = [f'{{"number":{one},"frame":{of},"time":{seconds(at)},' for one, of, at in told]
                self._text_spots.append((where[mine], np.array([self._text_place(text) for text in texts], np.int64)))
                continue
            first = mine[0]
            made = rows(
                [
                    b'{"number":',
                    Padded(number[mine], int(of_number[first])),
                    b',"frame":',
                    Padded(frame[mine], int(of_frame[first])),
                    b',"time":',
                    Padded(whole[mine], 10),
                    b".",
                    Padded(rest[mine], 9) if nano[first] else Padded(rest[mine] // 1000, 6),
                    b",",
                ],
                len(mine),
            )
            self._beginnings.append((where[mine], made))

    def _fixed(self, here: np.ndarray, plan: np.ndarray, row: np.ndarray) -> np.ndarray:
        """The fixed parts; gives a number for the labels of each."""
        parts = self._fixed_parts
        place = self._batch.body[self._index[here]]
        numbers = parts.numbers(self._octets, row, place)
        at = self._bounds[here] + _HEAD
        places, large = self._kept_numbers(numbers.values)
        parts.put(self._spots, at, numbers, places)
        if len(large):
            self._put_large(numbers.spots(at, large), numbers.values[large])
        labels = parts.labels(numbers)
        singly = np.flatnonzero(parts.singly[row])
        for at, which in zip(singly.tolist(), plan[singly].tolist(), strict=True):
            labels[at] = self._owner.number_of_labels(self._plans[which], self._body(int(here[at])))
        return labels

    def _body(self, message: int) -> bytes | memoryview:
        """Where the body of a message begins, and all behind it."""
        return memoryview(self._batch.data)[int(self._batch.body[self._index[message]]) :]

    def _floating(
        self,
        here: np.ndarray,
        plan: np.ndarray,
        row: np.ndarray,
        counts: np.ndarray,
        shown: np.ndarray,
        labels: np.ndarray,
    ) -> None:
        """The floating fields, and what follows them."""
        batch = self._batch
        after = self._bounds[here] + _HEAD + 1 + 2 * shown
        total = int(counts.sum())
        #: What the last field of each is.
        closes = np.zeros(len(here), np.int64)
        named: dict[int, list[tuple[str, str]]] = {}
        if total:
            found = batch.fields
            place = np.full(len(batch), -1)
            place[self._index[here]] = np.arange(len(here))
            owner = place[found.message]
            if len(owner) != total:
                found, owner = found.of(owner >= 0), owner[owner >= 0]
            tag, start, stop = found.tag, found.start, found.stop
            spot = after[owner] + 2 * found.nth
            kind = self._kinds(plan[owner], row[owner], tag)
            numbers = np.flatnonzero(self._owner.numeric[kind])
            labelled = self._integers(numbers, kind, start, stop, spot) if len(numbers) else numbers
            texts = self._owner.textual[kind]
            behind = np.empty(total, np.int64)
            behind[1:] = _OF_OTHER - texts[:-1]
            behind[found.nth == 0] = 0
            ends = np.flatnonzero(np.r_[behind[1:] == 0, True])
            closes[owner[ends]] = _OF_OTHER - texts[ends]
            self._spots[spot] = self._owner.prefixes[behind, kind]
            if texts.all():
                self._values(spot + 1, start, stop)
            else:
                mine = np.flatnonzero(texts)
                self._values(spot[mine] + 1, start[mine], stop[mine])
                others = np.flatnonzero(kind == _WHOLE)
                if len(others):
                    labelled = np.concatenate([labelled, self._others(others, owner, plan, found, spot)])
                if len(labelled):
                    self._name(owner[labelled], owner, plan, found, kind, named)
        self._close(here, plan, after + 2 * counts, labels * len(_CLOSING) + closes, named)

    def _close(
        self,
        here: np.ndarray,
        plan: np.ndarray,
        where: np.ndarray,
        how: np.ndarray,
        named: dict[int, list[tuple[str, str]]],
    ) -> None:
        """What stands behind the floating fields; `how`: the number of the labels, and what stands before them. `named`: the
        labels of floating fields, by message."""
        kept, owner = self._kept, self._owner
        for message, more in named.items():
            number, closing = divmod(int(how[message]), len(_CLOSING))
            written = self._plans[int(plan[message])]
            fixed = owner.known_labels(number)
            if fixed is None:
                fixed = owner.labels(number, written, self._body(int(here[message])))
            text = self._writer.more_labels(written.names, fixed, more)
            self._texts.append(f"{_CLOSING[closing]}{text}{_REST}")
        if named:
            own = np.fromiter(named, np.int64, len(named))
            self._text_spots.append((where[own], np.arange(len(self._texts) - len(own), len(self._texts))))
            rest = np.ones(len(here), bool)
            rest[own] = False
            left = np.flatnonzero(rest)
            here, plan, where, how = here[left], plan[left], where[left], how[left]
        first, which = alike(how)
        columns = how[first], plan[first], here[first]
        texts = []
        for one, of, message in zip(*(column.tolist() for column in columns), strict=True):
            number, closing = divmod(one, len(_CLOSING))
            fixed = owner.known_labels(number)
            if fixed is None:
                fixed = owner.labels(number, self._plans[of], self._body(message))
            texts.append(f"{_CLOSING[closing]}{fixed}{_REST}")
        if len(kept) + len(texts) < _MOST_KEPT and len(texts) < _MOST_LABELS:
            places = np.array([kept.place(text) for text in texts], np.int32)
            self._spots[where] = places[which]
        else:
            self._text_spots.append((where, len(self._texts) + which))
            self._texts += texts

    def _integers(
        self, places: np.ndarray, kind: np.ndarray, start: np.ndarray, stop: np.ndarray, spot: np.ndarray
    ) -> np.ndarray:
        """Fields that are integers; of a width that columns do not read, they are written as a whole. Gives those whose
        values have names."""
        width = stop[places] - start[places]
        signed = self._owner.signed[kind[places]]
        left = np.ones(len(places), bool)
        named = [places[:0]]
        for size in _WIDTHS:
            of_size = width == size
            if not of_size.any():
                continue
            left &= ~of_size
            for sign in (False, True):
                mine = places[of_size & (signed == sign)]
                if len(mine):
                    values = lying_at(self._octets, start[mine], f">{'i' if sign else 'u'}{size}")
                    # Only what has all 64 bits goes beyond those with a sign.
                    values = values.astype(np.int64 if sign or size < 8 else np.uint64)
                    self._put_numbers(spot[mine] + 1, values)
                    coded = np.flatnonzero(self._owner.coded[kind[mine]])
                    if len(coded):
                        mine = mine[coded]
                        named.append(mine[self._owner.have_names(kind[mine], values[coded])])
        kind[places[left]] = _WHOLE
        return np.concatenate(named)

    def _name(
        self,
        messages: np.ndarray,
        owner: np.ndarray,
        plan: np.ndarray,
        fields: Fields,
        kind: np.ndarray,
        named: dict[int, list[tuple[str, str]]],
    ) -> None:
        """The names of the values of floating fields, those that have none as well, in these messages."""
        theirs = np.zeros(len(plan), bool)
        theirs[messages] = True
        mine = np.flatnonzero(theirs[owner] & (self._owner.coded[kind] | (kind == _WHOLE)))
        columns = owner[mine], plan[owner[mine]], fields.tag[mine], fields.start[mine], fields.stop[mine]
        for message, *which in zip(*(column.tolist() for column in columns), strict=True):
            found = self._field(*which)
            if not isinstance(found, str):
                named.setdefault(message, []).append(found[1:])

    def _kinds(self, plan: np.ndarray, row: np.ndarray, tag: np.ndarray) -> np.ndarray:
        """The kind of each field, by plan and tag."""
        owner = self._owner
        most = int(tag.max())
        owner.make_room(most)
        kind = owner.kinds[row, tag]
        if (kind == _UNSEEN).any():
            unseen = np.flatnonzero(kind == _UNSEEN)
            for one, number in set(zip(plan[unseen].tolist(), tag[unseen].tolist(), strict=True)):
                owner.see(self._plans[one], number)
            kind = owner.kinds[row, tag]
        return kind

    def _others(
        self, others: np.ndarray, owner: np.ndarray, plan: np.ndarray, fields: Fields, spot: np.ndarray
    ) -> np.ndarray:
        """Fields that are neither plain texts nor numbers: written one by one, and remembered. Gives those whose types have
        labels."""
        places: list[int] = []
        labelled: list[int] = []
        columns = others, plan[owner[others]], fields.tag[others], fields.start[others], fields.stop[others]
        for at, *which in zip(*(column.tolist() for column in columns), strict=True):
            found = self._field(*which)
            if not isinstance(found, str):
                labelled.append(at)
                found = found[0]
            # What closes it belongs to what comes next, as with numbers.
            places.append(self._text_place(found[:-1]))
        self._text_spots.append((spot[others] + 1, np.array(places, np.int64)))
        return np.array(labelled, np.int64)

    def _field(self, plan: int, tag: int, start: int, stop: int) -> Field:
        """A field written as a whole."""
        written = self._plans[plan]
        held = bytes(self._batch.data[start:stop])
        known = written.part.floating.get(tag)
        found = None if known is None else known.get(held)
        return self._writer.field(written.plan.tags, written.part, tag, held) if found is None else found

    def _values(self, where: np.ndarray, start: np.ndarray, stop: np.ndarray) -> None:
        """Texts of fields, less one NUL at the end, as they are; or escaped where they have to be."""
        octets = self._octets
        stop = stop - ((stop > start) & (octets[np.maximum(stop - 1, 0)] == 0))
        order = None
        if len(start) > 1 and not (start[1:] >= stop[:-1]).all():
            order = np.argsort(start, kind="stable")
            where, start, stop = where[order], start[order], stop[order]
        offsets = np.empty(2 * len(start) + 1, np.int32)
        offsets[0:-1:2], offsets[1:-1:2] = start, stop
        offsets[-1] = stop[-1] if len(stop) else 0
        self._raw = pa.Array.from_buffers(
            pa.binary(), max(2 * len(start) - 1, 0), [None, pa.py_buffer(offsets), pa.py_buffer(self._batch.data)]
        )
        self._raw = taken(self._raw, np.arange(0, 2 * len(start), 2, dtype=np.int32))
        texts_only = np.frombuffer(self._raw.buffers()[2] or b"", np.uint8)
        # Anything but printable ASCII, and what JSON itself escapes.
        strange = (texts_only - np.uint8(32) > 94) | (texts_only == 34) | (texts_only == 92)
        places = np.arange(len(start))
        if strange.any():
            bounds = np.frombuffer(self._raw.buffers()[1], np.int32)[: len(start) + 1]
            odd = distinct(np.searchsorted(bounds, np.flatnonzero(strange), side="right") - 1)
            data = self._batch.data
            texts = []
            for place in odd.tolist():
                text = str(data[start[place] : stop[place]], "utf-8", "surrogateescape")
                texts.append(self._text_place(json_text(text)[1:-1]))
            self._text_spots.append((where[odd], np.array(texts, np.int64)))
            sound = np.ones(len(start), bool)
            sound[odd] = False
            places, where = places[sound], where[sound]
        self._value_spots.append((where, places))

    def _odd(self, others: np.ndarray) -> None:
        """Messages that are written as a whole."""
        if not len(others):
            return
        line, record = self._writer.line, self._batch.record
        said = self._batch.said if isinstance(self._batch, Received) else {}
        places = [
            self._text_place((said[index] if index in said else line(record(index))) + "\n")
            for index in self._index[others].tolist()
        ]
        self._text_spots.append((self._bounds[others], np.array(places, np.int64)))

    def _gathered(self) -> memoryview:
        """Everything in its place."""
        pool = [self._kept.pool]
        base = len(self._kept)
        spots = self._spots
        for large in filter(None, self._numbers.values()):
            written = digits(np.concatenate([values for _, values in large]))
            spots[np.concatenate([where for where, _ in large])] = base + np.arange(len(written))
            pool.append(written)
            base += len(written)
        for where, made in self._beginnings:
            offsets = np.arange(0, made.size + 1, made.shape[1], dtype=np.int32)
            pool.append(
                pa.Array.from_buffers(pa.binary(), len(made), [None, pa.py_buffer(offsets), pa.py_buffer(made)])
            )
            spots[where] = base + np.arange(len(made))
            base += len(made)
        if self._sender_spots:
            for where, which in self._sender_spots:
                spots[where] = base + which
            pool.append(self._senders)
            base += len(self._senders)
        if self._value_spots:
            for where, which in self._value_spots:
                spots[where] = base + which
            pool.append(self._raw)
            base += len(self._raw)
        if self._texts:
            texts = binaries([text.encode("ascii") for text in self._texts])
            for where, which in self._text_spots:
                spots[where] = base + which
            pool.append(texts)
        lines = taken(pa.concat_arrays(pool), spots)
        size = int(np.frombuffer(lines.buffers()[1], np.int32)[len(spots)])
        return memoryview(lines.buffers()[2])[:size]
