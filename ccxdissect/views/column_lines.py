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
from ccxdissect.columns.decoding import Plan
from ccxdissect.columns.distinct import alike_in_all, among, distinct
from ccxdissect.columns.passing import Received
from ccxdissect.columns.places import fixed_part, lying_at, put_at
from ccxdissect.columns.rows import Padded, count_of_digits, rows
from ccxdissect.protocol.types import Reading
from ccxdissect.views.formats.jsonl import json_text
from ccxdissect.views.messages import FixedPart, MessageWriter, Showing
from ccxdissect.wording import SECOND, seconds

#: Numbers below this, and the one that stands for nothing, are kept as text.
_SMALL = 4096
_NOTHING = 0xFFFFFFFF
#: Pieces before the fixed part: number, frame and time with their names; session; heading; length.
_HEAD = 4
#: Behind the floating fields, all that follows is one piece.
_TAIL = 1
#: What stands before the labels, behind another field or none, and behind a text; and behind them.
_CLOSING = ('],"labels":{', '"}],"labels":{')
_REST = '},"problems":[]}\n'
#: If the labels of a batch are no more than these, they are kept.
_MOST_LABELS = 1000
#: So many constants are kept before all are forgotten: their number depends on what clients claim.
_MOST_KEPT = 1 << 16
_UNSEEN = -2
#: Seconds with ten digits: from 2001 to 2286.
_TEN_DIGITS = (10**9, 10**10)


class _Kept:
    """Texts that come again and again, each with its place in the pool."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._count = 0
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
            found = self._places[text] = self._add(text)
        return found

    def add_two(self, one: str, other: str) -> int:
        """Where the first of two texts stands that are no other's, and that nobody will ask for again by themselves; the
        second stands behind it."""
        place = self._add(one)
        self._add(other)
        return place

    def _add(self, text: str) -> int:
        self._new.append(text)
        self._count += 1
        return self._count - 1

    def __len__(self) -> int:
        return self._count

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
        #: Its row in the table of kinds of fields.
        self.row = row
        self.part = part
        self.plan = plan
        version = "null" if plan.version is None else str(plan.version)
        self.heading = kept.place(f"{version}{part.heading}")
        self.plain = all(layout.fields[i].type.reading is Reading.INTEGER for i in range(len(layout.fields)))
        between = [f'"{layout.names[i]}":' for i in part.shown]
        if between:
            texts = [f',"fixed":{{{between[0]}', *(f",{name}" for name in between[1:]), '},"floating":[']
        else:
            texts = [',"fixed":{},"floating":[']
        self.between = np.array([kept.place(text) for text in texts], np.int32)
        self.names = frozenset(row.name for row in layout.fields if not row.reserved)
        self.dtype = fixed_part(layout, range(len(layout.fields)))


class ColumnWriter:
    """Writes batches as lines of JSON. One for each output, since it remembers what it has written."""

    def __init__(self, showing: Showing) -> None:
        self._showing = showing
        use_lean_pool()
        self._begin()

    def _begin(self) -> None:
        kept = self._kept = _Kept()
        self._writer = MessageWriter(self._showing)
        #: By the number of a session: both ends, and where stands who sent to whom, the client first.
        self.places: dict[int, tuple[str, str, int]] = {}
        self._written: dict[Plan, _Written] = {}
        #: By plan and tag: the kind of field, a column of `prefixes`; -1: written as a whole.
        self.kinds = np.full((64, 256), _UNSEEN, np.int32)
        #: The first column is of no kind: there has to be one before any is known.
        self.prefixes = np.zeros((3, 1), np.int32)
        self._behind = np.array([kept.place(""), kept.place('"},'), kept.place(",")], np.int32)

    def lines(self, batch: Batch, chosen: np.ndarray | None = None) -> bytes | memoryview:
        """The lines of a batch, each with its end, or of those messages for which `chosen` is true."""
        if len(self._kept) > _MOST_KEPT:
            self._begin()
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
        kind = -1
        if row is not None and row.type.reading is Reading.TEXT and row.codes is None and not is_secret(row):
            head = f'{{"tag":{tag},"name":"{row.name}","value":"'
            places = [self._kept.place(text) for text in (head, f'"}},{head}', f",{head}")]
            kind = self.prefixes.shape[1]
            self.prefixes = np.concatenate([self.prefixes, np.array(places, np.int32)[:, None]], axis=1)
        self.kinds[written.row, tag] = kind

    def written(self, plan: Plan) -> _Written:
        """How messages of a plan are written."""
        found = self._written.get(plan)
        if found is None:
            found = self._written[plan] = _Written(plan, self._writer.part(plan.layout), self._kept, len(self._written))
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
        self._numbers: list[np.ndarray] = []
        self._counted = 0
        #: How lines begin: where, and rows of equal size.
        self._beginnings: list[tuple[np.ndarray, np.ndarray]] = []
        #: Places in the pool that are not known before all of it is: where, and which of its kind.
        self._number_spots: list[tuple[np.ndarray, np.ndarray]] = []
        self._text_spots: list[tuple[np.ndarray, np.ndarray]] = []
        self._value_spots: list[tuple[np.ndarray, np.ndarray]] = []

    def text(self) -> memoryview:
        """All lines."""
        batch, index = self._batch, self._index
        plan = batch.plan[index]
        self._plans = {
            number: self._owner.written(batch.plans[number]) for number in distinct(plan[plan >= 0]).tolist()
        }
        shown = np.zeros(max(self._plans, default=0) + 1, np.int64)
        for number, written in self._plans.items():
            shown[number] = len(written.part.shown)
        fields = batch.bounds[index + 1] - batch.bounds[index]
        plain = plan >= 0
        odd_layouts = [number for number, written in self._plans.items() if not written.plain]
        if odd_layouts:
            plain &= ~among(plan, np.array(odd_layouts))
        count = np.where(plain, _HEAD + 1 + _TAIL + 2 * fields + 2 * shown[np.maximum(plan, 0)], 1)
        self._bounds = bounds = np.zeros(len(index) + 1, np.int64)
        np.cumsum(count, out=bounds[1:])
        self._spots = np.zeros(int(bounds[-1]), np.int32)
        here = np.flatnonzero(plain)
        if len(here):
            self._heads(here)
            labels = self._fixed(here, plan)
            self._floating(here, plan, fields, shown, labels)
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
        self._number_spots.append((where, np.arange(self._counted, self._counted + len(values))))
        self._numbers.append(values)
        self._counted += len(values)

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
        known = np.zeros((len(batch.sessions), 2), np.int32)
        places, sessions, kept = self._owner.places, batch.sessions, self._kept
        some, found = distinct(of), []
        for which in some.tolist():
            session = sessions[which]
            client, server = session.client, session.server
            kept_for = places.get(session.number)
            if kept_for is not None and kept_for[0] is client and kept_for[1] is server:
                place = kept_for[2]
            else:
                texts = self._writer.both_ways(session)
                if len(kept) >= _MOST_KEPT:
                    found.append(tuple(-1 - self._text_place(text) for text in texts))
                    continue
                place = kept.add_two(*texts)
                places[session.number] = client, server, place
            found.append((place, place + 1))
        known[some] = found
        whose = known[of, batch.side[index]]
        kept_ones = whose >= 0
        spots[at + 1] = np.where(kept_ones, whose, 0)
        if not kept_ones.all():
            self._text_spots.append((at[~kept_ones] + 1, -1 - whose[~kept_ones].astype(np.int64)))
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

    def _fixed(self, here: np.ndarray, plan: np.ndarray) -> list[str]:
        """The fixed parts; gives the labels of their values, one text for each message of `here`."""
        which = plan[here]
        order = np.argsort(which.astype(np.int16) if len(self._batch.plans) < 1 << 15 else which, kind="stable")
        which, mine = which[order], here[order]
        place = self._batch.body[self._index[mine]]
        at = self._bounds[mine] + _HEAD
        labels = np.empty(len(here), np.int64)
        texts_of: dict[str, int] = {}
        starts = np.flatnonzero(np.r_[True, which[1:] != which[:-1]])
        for begin, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True):
            written = self._plans[int(which[begin])]
            if written.plan.layout.size:
                held = lying_at(self._octets, place[begin:stop], written.dtype)
            else:
                held = np.zeros(stop - begin, written.dtype)
            self._put_part(at[begin:stop], written, held)
            labels[begin:stop] = self._labelled(written.part, held, texts_of)
        self._labels = np.empty_like(labels)
        self._labels[order] = labels
        return list(texts_of)

    def _put_part(self, where: np.ndarray, written: _Written, held: np.ndarray) -> None:
        """The fixed parts of messages of one plan: names, and numbers between them."""
        shown = written.part.shown
        pieces = np.empty((len(held), 2 * len(shown) + 1), np.int32)
        pieces[:, ::2] = written.between
        if shown:
            values = np.empty((len(held), len(shown)), np.int64)
            for column, position in enumerate(shown):
                values[:, column] = held[f"f{position}"]
            pieces[:, 1::2], large = self._kept_numbers(values)
            if len(large):
                row = large // len(shown)
                self._put_large(where[row] + 2 * (large - row * len(shown)) + 1, values.ravel()[large])
        put_at(self._spots, where, pieces)

    @staticmethod
    def _labelled(part: FixedPart, held: np.ndarray, texts_of: dict[str, int]) -> np.ndarray:
        """The labels of the values of fixed parts of one plan: where in `texts_of` those of each stand."""
        telling = [held[f"f{position}"] for position in part.coded]
        telling += [held[f"f{position}"] == null for position, null in part.single]
        first, inverse = alike_in_all(telling, len(held))
        texts = [part.labels(held[place].item()) for place in first.tolist()]
        return np.array([texts_of.setdefault(text, len(texts_of)) for text in texts])[inverse]

    def _floating(
        self, here: np.ndarray, plan: np.ndarray, fields: np.ndarray, shown: np.ndarray, labels: list[str]
    ) -> None:
        """The floating fields, and what follows them."""
        batch = self._batch
        counts = fields[here]
        which = plan[here]
        after = self._bounds[here] + _HEAD + 1 + 2 * shown[which]
        total = int(counts.sum())
        #: Whether the last field of each is a text.
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
            kind = self._kinds(which[owner], tag)
            texts = kind >= 0
            behind = np.empty(total, np.int64)
            behind[1:] = 2 - texts[:-1]
            behind[found.nth == 0] = 0
            ends = np.flatnonzero(np.r_[behind[1:] == 0, True])
            closes[owner[ends]] = texts[ends]
            prefixes = self._owner.prefixes
            if texts.all():
                self._spots[spot] = prefixes[behind, kind]
                self._values(spot + 1, start, stop)
            else:
                self._spots[spot] = np.where(texts, prefixes[behind, np.maximum(kind, 0)], self._owner._behind[behind])
                mine = np.flatnonzero(texts)
                self._values(spot[mine] + 1, start[mine], stop[mine])
            others = np.flatnonzero(~texts)
            if len(others):
                self._others(others, owner, which, tag, start, stop, spot, named)
        for message, more in named.items():
            written = self._plans[int(which[message])]
            text = self._writer.more_labels(written.names, labels[int(self._labels[message])], more)
            self._labels[message] = len(labels)
            labels.append(text)
        self._close(after + 2 * counts, self._labels * 2 + closes, labels)

    def _close(self, where: np.ndarray, how: np.ndarray, labels: list[str]) -> None:
        """What stands behind the floating fields; `how`: twice the place of the labels, and 1 behind a text."""
        kept = self._kept
        used = distinct(how)
        texts = [f"{_CLOSING[one & 1]}{labels[one >> 1]}{_REST}" for one in used.tolist()]
        places = np.zeros(2 * len(labels), np.int64)
        if len(kept) + len(texts) < _MOST_KEPT and len(texts) < _MOST_LABELS:
            places[used] = [kept.place(text) for text in texts]
            self._spots[where] = places[how]
        else:
            places[used] = [self._text_place(text) for text in texts]
            self._text_spots.append((where, places[how]))

    def _kinds(self, plan: np.ndarray, tag: np.ndarray) -> np.ndarray:
        """The kind of each field, by plan and tag: where its text before the value is kept; -1 where it has none."""
        owner = self._owner
        rows = np.zeros(max(self._plans) + 1, np.int64)
        for number, written in self._plans.items():
            rows[number] = written.row
        row = rows[plan]
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
        self,
        others: np.ndarray,
        owner: np.ndarray,
        which: np.ndarray,
        tag: np.ndarray,
        start: np.ndarray,
        stop: np.ndarray,
        spot: np.ndarray,
        named: dict[int, list[tuple[str, str]]],
    ) -> None:
        """Fields that are no plain texts: written one by one, and remembered."""
        data, field = self._batch.data, self._writer.field
        places: list[int] = []
        for message, plan, number, begin, end in zip(
            owner[others].tolist(),
            which[owner[others]].tolist(),
            tag[others].tolist(),
            start[others].tolist(),
            stop[others].tolist(),
            strict=True,
        ):
            written = self._plans[plan]
            held = bytes(data[begin:end])
            known = written.part.floating.get(number)
            found = None if known is None else known.get(held)
            if found is None:
                found = field(written.plan.tags, written.part, number, held)
            if not isinstance(found, str):
                named.setdefault(message, []).append(found[1:])
                found = found[0]
            places.append(self._text_place(found))
        self._text_spots.append((spot[others] + 1, np.array(places, np.int64)))

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
        if self._numbers:
            written = digits(np.concatenate(self._numbers))
            for where, which in self._number_spots:
                spots[where] = base + which
            pool.append(written)
            base += len(written)
        for where, made in self._beginnings:
            offsets = np.arange(0, made.size + 1, made.shape[1], dtype=np.int32)
            pool.append(
                pa.Array.from_buffers(pa.binary(), len(made), [None, pa.py_buffer(offsets), pa.py_buffer(made)])
            )
            spots[where] = base + np.arange(len(made))
            base += len(made)
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
