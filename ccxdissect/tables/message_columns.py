"""Messages of batches as rows of the tables of their types, by columns: what `MessageTable.row` makes of each, for all at once.

Made so are plain fixed parts of numbers, and floating fields that have a column of their own and come once. What has more
to say (repeated groups, named data, fields of no column) is made a row by itself, and both are put into their order.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from ccxdissect.codec.layout import CompiledLayout
from ccxdissect.columns.arrays import taken, texts
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan, grown
from ccxdissect.protocol.types import Reading
from ccxdissect.tables.arrow import text
from ccxdissect.tables.field_bytes import FieldBytes
from ccxdissect.tables.layout_rows import LayoutRows
from ccxdissect.tables.message_table import MessageTables, folder
from ccxdissect.tables.values import table_of

#: Bytes that messages take until they become columns: of one table, and of all together. What a column costs is mostly its
#: steps, whatever its length.
TOGETHER, HELD = 4 << 20, 11 << 20
#: What the columns of a message take beside its body, nearly.
_ENVELOPE = 100
#: Messages that are made rows one by one and wait for the others, and bytes of their bodies; as such they take some forty
#: times the room.
_WAITING, _WAITING_BYTES = 2_000, 1 << 20
#: So many who send and get are known at a time.
_MOST_ENDS = 10_000
#: The layout of what is made rows one by one, or not at all.
_NONE = 0
#: Instead of a column: that there is none; that the message is of no layout here.
_NO_COLUMN, _NOT_HERE = -1, -2
#: So many different columns a number of 16 bits can tell: as such they are sorted several times quicker.
_FEW = 1 << 16


class MessageColumns:
    """Makes the rows of messages, batch by batch. `capture`: what stands in the column of that name."""

    def __init__(self, tables: MessageTables, capture: str) -> None:
        self._tables = tables
        self._capture = capture
        #: What is held of each table, by its folder; how much that is.
        self._held: dict[str, _Held] = {}
        self._size = self._waiting = self._waiting_bytes = 0
        #: Who sent and got what is held, each with a number.
        self._ends: dict[str, int] = {}
        #: The layouts whose messages become columns, and their numbers: `_NONE` for one whose messages do not.
        self._layouts: list[LayoutRows | None] = [None]
        self._numbers: dict[CompiledLayout, int] = {}
        #: The columns of floating fields, and their numbers by layout and tag.
        self._columns: list[tuple[LayoutRows, int]] = []
        self._column_of = np.full((1, 2), _NOT_HERE, np.int32)
        #: Which of them are texts.
        self._are_texts = np.zeros(0, bool)
        #: Of the plans that batches have now: the number of the layout, the version; what stands behind them is for no plan.
        self._plans: list[Plan] = []
        self._layout_of = self._version_of = np.full(1, _NONE, np.int64)

    def of(self, batch: Batch, mine: np.ndarray | None = None) -> Iterator[tuple[str, pa.Table]]:
        """Take all messages of a batch, or those at these places, which are in order. Gives what has become many: each
        table's folder, and its next rows in the order of the messages."""
        self._take(batch, mine)
        while True:
            name, most = max(self._held.items(), key=lambda one: one[1].size, default=("", _Held(None)))
            if most.size < TOGETHER and self._size < HELD:
                break
            yield name, self._made(most)
        if len(self._ends) > _MOST_ENDS:
            yield from self.rest()
            self._ends = {}

    def rest(self) -> Iterator[tuple[str, pa.Table]]:
        """Give all that is left."""
        for name, held in self._held.items():
            if held.size:
                yield name, self._made(held)

    def _made(self, held: _Held) -> pa.Table:
        self._size -= held.size
        self._put_rows(held)
        return held.made(self._capture, texts(list(self._ends)))

    def _take(self, batch: Batch, mine: np.ndarray | None) -> None:
        """Hold the messages of a batch."""
        self._know(batch.plans)
        layout = self._layout_of[batch.plan]
        if mine is not None:
            others = np.ones(len(batch), bool)
            others[mine] = False
            layout[others] = _NONE
        column, fields = self._arranged(batch, layout)
        self._hold(batch, layout, column, fields)
        singly = layout == _NONE
        left = np.flatnonzero(singly) if mine is None else mine[singly[mine]]
        for place in left.tolist():
            self._hold_row(batch, place)

    def _know(self, plans: list[Plan]) -> None:
        if plans is self._plans and len(plans) == len(self._layout_of) - 1:
            return
        self._plans = plans
        self._layout_of = np.array([*(self._number(plan.layout) for plan in plans), _NONE], np.int64)
        versions = (-1 if plan.version is None else plan.version for plan in plans)
        self._version_of = np.array([*versions, -1], np.int64)
        readings = [rows.tags[tag].row.type.reading for rows, tag in self._columns]
        self._are_texts = np.array([reading is Reading.TEXT for reading in readings], bool)

    def _number(self, layout: CompiledLayout) -> int:
        number = self._numbers.get(layout)
        if number is None:
            rows = LayoutRows(layout, self._tables.of(layout.message))
            number = self._numbers[layout] = len(self._layouts) if rows.able else _NONE
            if number:
                self._layouts.append(rows)
                self._column_of = grown(self._column_of, (number + 1, max(rows.tags, default=0) + 2), _NO_COLUMN)
                self._column_of[_NONE] = _NOT_HERE
                for tag in rows.tags:
                    self._column_of[number, tag] = len(self._columns)
                    self._columns.append((rows, tag))
        return number

    def _arranged(self, batch: Batch, layout: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The floating fields of the messages that have layouts, column by column, each in the order of messages: which
        column each is of, and where it stands among those that were found. A message with a field of no column, or with
        one twice, has no layout from here on."""
        message, tag = batch.fields.message, batch.fields.tag
        column = self._column_of[layout[message], np.minimum(tag, self._column_of.shape[1] - 1)]
        strange = column == _NO_COLUMN
        if strange.any():
            layout[message[strange]] = _NONE
            column[layout[message] == _NONE] = _NOT_HERE
        fields = self._sorted(column)
        owner = message[fields]
        twice = owner[1:][_again(column[fields]) & _again(owner)]
        if len(twice):
            layout[twice] = _NONE
            fields = fields[layout[owner] != _NONE]
        return column[fields], fields

    def _sorted(self, column: np.ndarray) -> np.ndarray:
        """The places of the fields that have a column, those of each together."""
        small = column.astype(np.uint16 if len(self._columns) < _FEW else np.int32)
        if not (column < 0).any():
            return np.argsort(small, kind="stable")
        there = np.flatnonzero(column >= 0)
        return there[np.argsort(small[there], kind="stable")]

    def _hold(self, batch: Batch, layout: np.ndarray, column: np.ndarray, fields: np.ndarray) -> None:
        """Hold the messages that have layouts, and their fields as they were arranged."""
        places = np.flatnonzero(layout != _NONE)
        places = places[np.argsort(layout[places].astype(np.uint16), kind="stable")]
        if not len(places):
            return
        envelopes = self._envelopes(batch, places)
        body = batch.body[places]
        octets = np.frombuffer(batch.data, np.uint8)
        row = np.empty(len(batch), np.int32)
        bounds = _bounds(layout[places])
        for begin, end in itertools.pairwise(bounds):
            rows = self._layouts[int(layout[places[begin]])]
            assert rows is not None
            row[places[begin:end]] = np.arange(len(rows), len(rows) + end - begin)
            # Copied: what others have beside it is not to be held for its sake.
            rows.take(envelopes[:, begin:end].copy(), octets, body[begin:end])
            held = self._held.get(rows.folder) or self._held.setdefault(rows.folder, _Held(rows.schema))
            held.layouts[rows] = None
            size = int(batch.size[places[begin:end]].sum()) + (end - begin) * _ENVELOPE
            held.size += size
            self._size += size
        if not len(fields):
            return
        owner = row[batch.fields.message[fields]]
        start, stop = batch.fields.start[fields], batch.fields.stop[fields]
        lying = FieldBytes(batch.data, octets, start, stop, self._are_texts[column])
        runs = [
            (self._columns[int(column[begin])], slice(begin, end)) for begin, end in itertools.pairwise(_bounds(column))
        ]
        for rows, found in itertools.groupby(runs, key=lambda run: run[0][0]):
            rows.take_fields([(tag, those) for (_, tag), those in found], owner, lying)

    def _envelopes(self, batch: Batch, places: np.ndarray) -> np.ndarray:
        session, side = batch.session[places], batch.side[places]
        ends, known = np.zeros((len(batch.sessions), 2), np.int64), self._ends
        for number in np.flatnonzero(np.bincount(session)).tolist():
            one = batch.sessions[number]
            for which, said in enumerate((text(one.client), text(one.server))):
                ends[number, which] = known.setdefault(said, len(known))
        numbers = np.empty((9, len(places)), np.int64)
        numbers[0] = batch.first + places
        numbers[1] = batch.frame[places]
        numbers[2] = batch.time[places]
        numbers[3] = np.array([one.number for one in batch.sessions], np.int64)[session]
        numbers[4] = side
        numbers[5] = batch.size[places]
        numbers[6] = self._version_of[batch.plan[places]]
        numbers[7] = ends[session, side]
        numbers[8] = ends[session, 1 - side]
        return numbers

    def _hold_row(self, batch: Batch, place: int) -> None:
        record = batch.record(place)
        table = self._tables.of(record.decoded.message)
        name = folder(record.name)
        held = self._held.get(name) or self._held.setdefault(name, _Held(table.schema))
        row = {"capture": self._capture, **table.row(record)}
        held.rows.append(row)
        held.size += row["length"] + _ENVELOPE
        self._size += row["length"] + _ENVELOPE
        self._waiting += 1
        self._waiting_bytes += row["length"]
        if self._waiting >= _WAITING or self._waiting_bytes >= _WAITING_BYTES:
            for one in self._held.values():
                self._put_rows(one)

    def _put_rows(self, held: _Held) -> None:
        self._waiting -= len(held.rows)
        self._waiting_bytes -= sum(row["length"] for row in held.rows)
        held.put_rows()


class _Held:
    """What is held of one table: messages by their layouts, rows made one by one, and what has become of such."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self.layouts: dict[LayoutRows, None] = {}
        self.rows: list[dict[str, Any]] = []
        self._parts: list[tuple[np.ndarray, pa.Table]] = []
        self.size = 0

    def put_rows(self) -> None:
        """Make columns of the rows that wait."""
        if self.rows:
            rows, self.rows = self.rows, []
            self._parts.append((np.array([row["message"] for row in rows], np.int64), table_of(rows, self._schema)))

    def made(self, capture: str, ends: pa.Array) -> pa.Table:
        """All of it in the order of messages, and nothing is held any more; what waits has been put into columns."""
        parts = [*self._parts, *(rows.made(capture, ends) for rows in self.layouts)]
        self._parts.clear()
        self.layouts.clear()
        self.size = 0
        if len(parts) == 1:
            return parts[0][1]
        order = np.argsort(np.concatenate([places for places, _ in parts]), kind="stable")
        whole = pa.concat_tables([table for _, table in parts]).unify_dictionaries().combine_chunks()
        return taken(whole, order)


def _again(values: np.ndarray) -> np.ndarray:
    """Whether each value but the first is the one before it."""
    same: np.ndarray = values[1:] == values[:-1]
    return same


def _bounds(values: np.ndarray) -> list[int]:
    """Where each run of the same value begins, and where the last one ends; there are some."""
    return [0, *(np.flatnonzero(values[1:] != values[:-1]) + 1).tolist(), len(values)]
