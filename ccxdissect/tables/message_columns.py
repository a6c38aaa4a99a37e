"""Messages of a batch as rows of the tables of their types, by columns: what `MessageTable.row` makes of each, for all at once.

Made so are plain fixed parts of numbers, and floating fields that have a column of their own and come once. What has more
to say (repeated groups, named data, fields of no column) is made a row by itself, and both are put into their order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from ccxdissect.analysis.subject import told_by_fixed
from ccxdissect.codec.values import is_secret
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.decoding import Plan
from ccxdissect.columns.places import lying_at
from ccxdissect.protocol.codes import Code, CodeTable, label
from ccxdissect.protocol.model import MASK, Mark
from ccxdissect.protocol.types import Reading
from ccxdissect.stream.dissector import SIDES
from ccxdissect.tables.arrow import CODED, text
from ccxdissect.tables.message_table import MessageColumn, MessageTable, MessageTables, folder

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
        for number in np.unique(plans[plans >= 0]).tolist():
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
    return pa.concat_tables([table for _, table in parts]).unify_dictionaries().combine_chunks().take(pa.array(order))


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
            self._dtype = np.dtype(
                {
                    "names": [f"f{position}" for position in range(len(layout.fields))],
                    "formats": [f">{field.type.code}" for field in layout.fields],
                    "offsets": list(layout.offsets),
                    "itemsize": max(layout.size, 1),
                }
            )

    def plain(self, batch: Batch, here: np.ndarray) -> np.ndarray:
        """Which of these messages can be made here."""
        good = np.full(len(here), self._able)
        if not self._able:
            return good
        owner, source = _fields_of(batch, here)
        tag = batch.fields.tag[source]
        good[owner[~self._has_column[np.minimum(tag, len(self._has_column) - 1)]]] = False
        # A tag that comes again stands right behind its like when sorted.
        order = np.lexsort((tag, owner))
        again = (owner[order][1:] == owner[order][:-1]) & (tag[order][1:] == tag[order][:-1])
        good[owner[order][1:][again]] = False
        return good

    def table(self, batch: Batch, here: np.ndarray, capture: str) -> pa.Table:
        """The rows of these messages."""
        count = len(here)
        made = _envelope(batch, here, capture)
        made["version"] = pa.array([self._plan.version], pa.int64()).take(pa.array(np.zeros(count, np.int64)))
        made["problems"] = pa.ListArray.from_arrays(pa.array(np.zeros(count + 1, np.int32)), pa.array([], pa.string()))
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
                _put(made, column, rows[f"f{position}"])
        call = np.zeros(len(here), np.int64)
        known = np.zeros(len(here), bool)
        for position, nothing in self._calls:
            said = rows[f"f{position}"].astype(np.int64)
            tells = ~known & ~np.isin(said, list(nothing))
            call[tells] = said[tells]
            known |= tells
        made["call"] = pa.array(call, mask=~known)

    def _put_floating(self, batch: Batch, here: np.ndarray, made: dict[str, pa.Array]) -> None:
        owner, source = _fields_of(batch, here)
        tag = batch.fields.tag[source]
        order = np.argsort(tag, kind="stable")
        bounds = (
            np.flatnonzero(np.r_[True, tag[order][1:] != tag[order][:-1], True]) if len(tag) else np.zeros(1, np.int64)
        )
        for begin, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            mine = order[begin:end]
            column = self._table.once[int(tag[mine[0]])]
            where = np.full(len(here), -1, np.int64)
            where[owner[mine]] = np.arange(len(mine))
            spread = pa.array(where, mask=where < 0)
            start, stop = batch.fields.start[source[mine]], batch.fields.stop[source[mine]]
            found: dict[str, pa.Array] = {}
            if is_secret(column.row) and not self._table.secrets:
                found[column.name] = pa.array([MASK]).take(pa.array(np.zeros(len(mine), np.int64)))
            elif column.row.type.reading is Reading.TEXT:
                found[column.name] = _texts(batch.data, start, stop)
            elif column.row.type.reading is Reading.INTEGER:
                _put_integers(found, column, batch.data, start, stop)
            else:
                found[column.name] = pa.array(
                    [
                        column.convert(batch.data[low:high])
                        for low, high in zip(start.tolist(), stop.tolist(), strict=True)
                    ],
                    column.kind,
                )
            for name, array in found.items():
                made[name] = array.take(spread)


def _fields_of(batch: Batch, here: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The floating fields of these messages: whose each is (its place in `here`), and where it stands in the batch."""
    counts = batch.bounds[here + 1] - batch.bounds[here]
    owner = np.repeat(np.arange(len(here)), counts)
    first = np.cumsum(counts) - counts
    return owner, batch.bounds[here][owner] + np.arange(len(owner)) - first[owner]


def _envelope(batch: Batch, here: np.ndarray, capture: str) -> dict[str, pa.Array]:
    ways, way = np.unique(batch.session[here] * 2 + batch.side[here], return_inverse=True)
    ends = [
        (text(one.client), text(one.server)) if not number & 1 else (text(one.server), text(one.client))
        for number in ways.tolist()
        for one in (batch.sessions[number >> 1],)
    ]
    which = pa.array(way)
    numbers = np.array([one.number for one in batch.sessions], np.int64)
    sides = pa.array([side.value for side in SIDES])
    return {
        "capture": pa.DictionaryArray.from_arrays(np.zeros(len(here), np.int32), pa.array([capture])),
        "message": pa.array(batch.first + here),
        "frame": pa.array(batch.frame[here]),
        "time": pa.array(batch.time[here].astype(np.int64)).cast(pa.timestamp("ns", tz="UTC")),
        "session": pa.array(numbers[batch.session[here]]),
        "from": pa.DictionaryArray.from_arrays(batch.side[here].astype(np.int32), sides),
        "src": pa.array([src for src, _ in ends]).take(which),
        "dst": pa.array([dst for _, dst in ends]).take(which),
        "length": pa.array(batch.size[here]),
    }


def _put(made: dict[str, pa.Array], column: MessageColumn, numbers: np.ndarray) -> None:
    """Numbers as a column, and the names of the constants that they are."""
    native = numbers.astype(numbers.dtype.newbyteorder("="))
    if pa.types.is_integer(column.kind):
        made[column.name] = pa.array(native).cast(column.kind)
    else:
        # Times and durations: what one counts is a number of ns.
        made[column.name] = pa.array(native.astype(np.int64) * column.scale).cast(column.kind)
    if column.row.codes is not None:
        made[f"{column.name}_name"] = _named(column.row.codes, native)


def _named(codes: CodeTable, numbers: np.ndarray) -> pa.Array:
    found, which = np.unique(numbers, return_inverse=True)
    if not issubclass(codes, Code):
        flags = [label(codes, number) for number in found.tolist()]
        return pa.array(flags, pa.list_(pa.string())).take(pa.array(which))
    # A call's number has a table, too, with a name for none: most numbers have no name.
    names = [label(codes, number) if number in codes._value2member_map_ else None for number in found.tolist()]
    return pa.array(names, pa.string()).take(pa.array(which)).dictionary_encode().cast(CODED)


def _put_integers(
    found: dict[str, pa.Array], column: MessageColumn, data: bytes, start: np.ndarray, stop: np.ndarray
) -> None:
    """Integers of the width that each has: it is the same for all but truth values."""
    numbers = np.zeros(len(start), np.int64 if column.row.type.signed else np.uint64)
    octets = np.frombuffer(data, np.uint8)
    width = stop - start
    for size in np.unique(width).tolist():
        mine = np.flatnonzero(width == size)
        wide = np.zeros((len(mine), 8), np.uint8)
        wide[:, 8 - size :] = lying_at(octets, start[mine], f"({size},)u1")
        if column.row.type.signed:
            wide[:, : 8 - size] = np.where(wide[:, 8 - size, None] & 0x80, 0xFF, 0)
        numbers[mine] = wide.view(">i8" if column.row.type.signed else ">u8")[:, 0]
    _put(found, column, numbers)


def _texts(data: bytes, start: np.ndarray, stop: np.ndarray) -> pa.Array:
    octets = np.frombuffer(data, np.uint8)
    stop = stop - ((stop > start) & (octets[np.maximum(stop - 1, 0)] == 0))
    # Every second of these pieces is a text; they have to stand in the order of the bytes for that.
    order = np.argsort(start, kind="stable")
    offsets = np.empty(2 * len(start), np.int32)
    offsets[0::2], offsets[1::2] = start[order], stop[order]
    pieces = pa.Array.from_buffers(pa.binary(), 2 * len(start) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    back = np.empty(len(order), np.int64)
    back[order] = np.arange(len(order))
    said = pieces.take(pa.array(2 * back))
    try:
        return said.cast(pa.string())
    except pa.ArrowInvalid:
        # Some are not UTF-8.
        return pa.array([text(one.decode("utf-8", "surrogateescape")) for one in said.to_pylist()], pa.string())
