"""Messages of a batch as rows of the tables of their types, by columns: what `MessageTable.row` makes of each, for all at once.

Made so are plain fixed parts of numbers, and floating fields that have a column of their own and come once. What has more
to say (repeated groups, named data, fields of no column) is made a row by itself, and both are put into their order.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from ccxdissect.analysis.subject import told_by_fixed
from ccxdissect.codec.values import is_secret
from ccxdissect.columns.arrays import cast, numbers, taken, texts, typed
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan
from ccxdissect.columns.distinct import alike, distinct
from ccxdissect.columns.places import fixed_part, lying_at
from ccxdissect.protocol.codes import Code, CodeTable, label
from ccxdissect.protocol.model import MASK, Mark
from ccxdissect.protocol.types import Reading
from ccxdissect.stream.dissector import SIDES
from ccxdissect.tables.arrow import text
from ccxdissect.tables.message_table import MessageColumn, MessageTable, MessageTables, folder

_TIME = pa.timestamp("ns", tz="UTC")
#: So many messages of one plan are made rows one by one: columns would take longer.
_FEW = 4


class MessageColumns:
    """Makes the rows of messages, batch by batch. `capture`: what stands in the column of that name."""

    def __init__(self, tables: MessageTables, capture: str) -> None:
        self._tables = tables
        self._capture = capture
        self._plans: dict[Plan, _Columns] = {}

    def of(self, batch: Batch, mine: np.ndarray | None = None) -> Iterator[tuple[str, pa.Table]]:
        """The rows of all messages of a batch, or of those whose places are given: each table's folder, and its rows in
        the order of the messages."""
        places = np.arange(len(batch)) if mine is None else mine
        parts: dict[str, list[tuple[np.ndarray, pa.Table]]] = {}
        left = [places[batch.plan[places] < 0]]
        plans = batch.plan[places]
        order = np.argsort(plans, kind="stable")
        starts = np.searchsorted(plans[order], np.arange(len(batch.plans) + 1))
        for number in distinct(plans[plans >= 0]).tolist():
            here = places[order[starts[number] : starts[number + 1]]]
            columns = self._columns(batch.plans[number])
            plain = columns.plain(batch, here) if len(here) > _FEW else np.zeros(len(here), bool)
            if plain.any():
                made = here[plain]
                parts.setdefault(columns.folder, []).append((made, columns.table(batch, made, self._capture)))
            left.append(here[~plain])
        rows: dict[str, tuple[MessageTable, list[int], list[dict[str, Any]]]] = {}
        for place in np.sort(np.concatenate(left)).tolist():
            record = batch.record(place)
            table = self._tables.of(record.decoded.message)
            _, numbers, found = rows.setdefault(folder(record.name), (table, [], []))
            numbers.append(place)
            found.append({"capture": self._capture, **table.row(record)})
        for name, (table, numbers, found) in rows.items():
            parts.setdefault(name, []).append((np.array(numbers), pa.Table.from_pylist(found, table.schema)))
        for name, several in parts.items():
            yield name, _in_order(several)

    def _columns(self, plan: Plan) -> _Columns:
        found = self._plans.get(plan)
        if found is None:
            found = self._plans[plan] = _Columns(plan, self._tables.of(plan.layout.message))
        return found


def _in_order(parts: list[tuple[np.ndarray, pa.Table]]) -> pa.Table:
    if len(parts) == 1:
        return parts[0][1]
    order = np.argsort(np.concatenate([places for places, _ in parts]), kind="stable")
    return pa.concat_tables([table for _, table in parts]).unify_dictionaries().combine_chunks().take(numbers(order))


class _Columns:
    """How messages of one plan become columns."""

    def __init__(self, plan: Plan, table: MessageTable) -> None:
        layout = plan.layout
        self._plan, self._table = plan, table
        self.folder = folder(layout.message.name)
        self._size = layout.size
        numbers = all(field.type.reading is Reading.INTEGER for field in layout.fields)
        # A second form of a field may be of another width than its column.
        self._fixed = {position: table.fixed.get(field.name) for position, field in enumerate(layout.fields)}
        self._able = numbers and all(
            column is None or column.row.type == field.type
            for column, field in zip(self._fixed.values(), layout.fields, strict=True)
        )
        self._calls = told_by_fixed(layout, Mark.CALL)
        largest = max((*layout.message.tags, 0))
        #: By tag, whether its field has a column that is filled here.
        self._has_column = np.zeros(largest + 2, bool)
        for tag, column in table.once.items():
            # What may say which call it is about, or is masked and no text, is left to the row.
            if not column.row.mark & Mark.CALL and (
                not is_secret(column.row) or column.row.type.reading is Reading.TEXT
            ):
                self._has_column[tag] = True
        if numbers:
            self._dtype = fixed_part(layout, range(len(layout.fields)))

    def plain(self, batch: Batch, here: np.ndarray) -> np.ndarray:
        """Which of these messages can be made here."""
        good = np.full(len(here), self._able)
        if not self._able:
            return good
        owner, source = _fields_of(batch, here)
        tag = batch.fields.tag[source]
        good[owner[~self._has_column[np.minimum(tag, len(self._has_column) - 1)]]] = False
        # A tag that comes again stands right behind its like when sorted.
        whose = np.sort(owner << 16 | tag)
        good[whose[1:][whose[1:] == whose[:-1]] >> 16] = False
        return good

    def table(self, batch: Batch, here: np.ndarray, capture: str) -> pa.Table:
        """The rows of these messages."""
        count = len(here)
        made = _envelope(batch, here, capture)
        if self._plan.version is not None:
            made["version"] = numbers(np.full(count, self._plan.version))
        made["problems"] = pa.ListArray.from_arrays(numbers(np.zeros(count + 1, np.int32)), texts([]))
        self._put_fixed(batch, here, made)
        self._put_floating(batch, here, made)
        for name, new in self._table.renamed.items():
            if name in made:
                made[new] = made.pop(name)
        schema = self._table.schema
        columns = [made.get(field.name) for field in schema]
        return pa.Table.from_arrays(
            [pa.nulls(count, field.type) if one is None else one for one, field in zip(columns, schema, strict=True)],
            schema=schema,
        )

    def _put_fixed(self, batch: Batch, here: np.ndarray, made: dict[str, pa.Array]) -> None:
        if not self._size:
            return
        octets = np.frombuffer(batch.data, np.uint8)
        rows = lying_at(octets, batch.body[here], self._dtype)
        for position, column in self._fixed.items():
            if column is not None:
                values = rows[f"f{position}"]
                _put(made, column, values.astype(values.dtype.newbyteorder("=")), _Rows(len(here)))
        call = np.zeros(len(here), np.int64)
        known = np.zeros(len(here), bool)
        for position, nothing in self._calls:
            said = rows[f"f{position}"].astype(np.int64)
            tells = ~known & ~np.isin(said, list(nothing))
            call[tells] = said[tells]
            known |= tells
        made["call"] = typed(call, pa.int64(), known)

    def _put_floating(self, batch: Batch, here: np.ndarray, made: dict[str, pa.Array]) -> None:
        owner, source = _fields_of(batch, here)
        tag = batch.fields.tag[source]
        order = np.argsort(tag.astype(np.uint16), kind="stable")
        tag, owner, source = tag[order], owner[order], source[order]
        bounds = np.flatnonzero(np.r_[True, tag[1:] != tag[:-1], True]).tolist() if len(tag) else [0]
        for begin, end in itertools.pairwise(bounds):
            mine = source[begin:end]
            rows = _Rows(len(here), owner[begin:end])
            column = self._table.once[int(tag[begin])]
            start, stop = batch.fields.start[mine], batch.fields.stop[mine]
            if is_secret(column.row) and not self._table.secrets:
                made[column.name] = rows.spread(texts([MASK]), np.zeros(len(mine), np.int64))
            elif column.row.type.reading is Reading.TEXT:
                made[column.name] = _texts(batch.data, start, stop, rows)
            elif column.row.type.reading is Reading.INTEGER:
                _put(made, column, _integers(column, batch.data, start, stop), rows)
            else:
                values = [
                    column.convert(batch.data[low:high])
                    for low, high in zip(start.tolist(), stop.tolist(), strict=True)
                ]
                made[column.name] = rows.spread(pa.array(values, column.kind), np.arange(len(mine)))


class _Rows:
    """The rows that have a field, among all: values of theirs become a column that is null elsewhere."""

    def __init__(self, count: int, where: np.ndarray | None = None) -> None:
        self._where = None if where is None or len(where) == count else where
        self._count = count
        self._valid: np.ndarray | None = None
        if self._where is not None:
            self._valid = np.zeros(count, bool)
            self._valid[where] = True

    def spread(self, array: pa.Array, which: np.ndarray) -> pa.Array:
        """Of an array what stands at these places, one for each of the rows."""
        return taken(array, self._whole(which), self._valid)

    def put(self, values: np.ndarray, kind: pa.DataType) -> pa.Array:
        """Numbers, one for each of the rows."""
        return typed(self._whole(values), kind, self._valid)

    def coded(self, which: np.ndarray, named: np.ndarray, names: Sequence[str]) -> pa.Array:
        """Of names, for each of the rows the one that is said; null where `named` is false."""
        indices = typed(self._whole(which).astype(np.int32), pa.int32(), self._whole(named))
        return pa.DictionaryArray.from_arrays(indices, texts(names))

    def _whole(self, values: np.ndarray) -> np.ndarray:
        if self._where is None:
            return values
        whole = np.zeros(self._count, values.dtype)
        whole[self._where] = values
        return whole


def _fields_of(batch: Batch, here: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The floating fields of these messages: whose each is (its place in `here`), and where it stands in the batch."""
    counts = batch.bounds[here + 1] - batch.bounds[here]
    owner = np.repeat(np.arange(len(here)), counts)
    first = np.cumsum(counts) - counts
    return owner, batch.bounds[here][owner] + np.arange(len(owner)) - first[owner]


def _envelope(batch: Batch, here: np.ndarray, capture: str) -> dict[str, pa.Array]:
    firsts, way = alike(batch.session[here] * 2 + batch.side[here])
    srcs, dsts = [], []
    for place in here[firsts].tolist():
        one, side = batch.sessions[int(batch.session[place])], int(batch.side[place])
        ends = text(one.client), text(one.server)
        srcs.append(ends[side])
        dsts.append(ends[1 - side])
    sessions = np.array([one.number for one in batch.sessions], np.int64)
    return {
        "capture": pa.DictionaryArray.from_arrays(numbers(np.zeros(len(here), np.int32)), texts([capture])),
        "message": numbers(batch.first + here),
        "frame": numbers(batch.frame[here]),
        "time": typed(batch.time[here].astype(np.int64), _TIME),
        "session": numbers(sessions[batch.session[here]]),
        "from": pa.DictionaryArray.from_arrays(
            numbers(batch.side[here].astype(np.int32)), texts([side.value for side in SIDES])
        ),
        "src": taken(texts(srcs), way),
        "dst": taken(texts(dsts), way),
        "length": numbers(batch.size[here]),
    }


def _put(made: dict[str, pa.Array], column: MessageColumn, values: np.ndarray, rows: _Rows) -> None:
    """Numbers as a column, and the names of the constants that they are."""
    kind = column.kind
    wide = (
        values.astype(kind.to_pandas_dtype()) if pa.types.is_integer(kind) else values.astype(np.int64) * column.scale
    )
    # Times and durations: what one counts is a number of ns.
    made[column.name] = rows.put(wide, kind)
    if column.row.codes is not None:
        made[f"{column.name}_name"] = _named(column.row.codes, values, rows)


def _named(codes: CodeTable, values: np.ndarray, rows: _Rows) -> pa.Array:
    firsts, which = alike(values)
    found = values[firsts].tolist()
    if not issubclass(codes, Code):
        return rows.spread(pa.array([label(codes, number) for number in found], pa.list_(pa.string())), which)
    # A call's number has a table, too, with a name for none: most numbers have no name.
    names: dict[str, int] = {}
    place = np.full(len(found), -1, np.int64)
    for index, number in enumerate(found):
        name = label(codes, number) if number in codes._value2member_map_ else None
        if name is not None:
            assert isinstance(name, str)
            place[index] = names.setdefault(name, len(names))
    place = place[which]
    return rows.coded(place, place >= 0, list(names))


def _integers(column: MessageColumn, data: bytes, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Integers of the width that each has: it is the same for all but truth values."""
    signed = column.row.type.signed
    values = np.zeros(len(start), np.int64 if signed else np.uint64)
    octets = np.frombuffer(data, np.uint8)
    width = stop - start
    for size in distinct(width).tolist():
        mine = np.flatnonzero(width == size)
        wide = np.zeros((len(mine), 8), np.uint8)
        wide[:, 8 - size :] = lying_at(octets, start[mine], f"({size},)u1")
        if signed:
            wide[:, : 8 - size] = np.where(wide[:, 8 - size, None] & 0x80, 0xFF, 0)
        values[mine] = wide.view(">i8" if signed else ">u8")[:, 0]
    return values


def _texts(data: bytes, start: np.ndarray, stop: np.ndarray, rows: _Rows) -> pa.Array:
    octets = np.frombuffer(data, np.uint8)
    stop = stop - ((stop > start) & (octets[np.maximum(stop - 1, 0)] == 0))
    # Every second of these pieces is a text; they have to stand in the order of the bytes for that.
    which = np.arange(0, 2 * len(start), 2)
    if not (start[1:] >= stop[:-1]).all():
        order = np.argsort(start, kind="stable")
        which[order] = which.copy()
        start, stop = start[order], stop[order]
    offsets = np.empty(2 * len(start), np.int32)
    offsets[0::2], offsets[1::2] = start, stop
    pieces = pa.Array.from_buffers(pa.binary(), 2 * len(start) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    said = rows.spread(pieces, which)
    try:
        return cast(said, pa.string())
    except pa.ArrowInvalid:
        # Some are not UTF-8.
        found = [None if one is None else text(one.decode("utf-8", "surrogateescape")) for one in said.to_pylist()]
        return pa.array(found, pa.string())
