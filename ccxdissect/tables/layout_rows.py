"""Rows of one layout: held as they lay in the capture, batch after batch, until all of them become columns at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ccxdissect.analysis.subject import told_by_fixed
from ccxdissect.codec.layout import CompiledLayout
from ccxdissect.codec.values import is_secret
from ccxdissect.columns.arrays import cast, numbers, taken, texts, typed
from ccxdissect.columns.distinct import alike
from ccxdissect.columns.places import fixed_part, lying_at
from ccxdissect.protocol.codes import Code, label
from ccxdissect.protocol.model import MASK, Fixed, Floating, Mark
from ccxdissect.protocol.types import BOOL, Reading
from ccxdissect.stream.dissector import SIDES
from ccxdissect.tables.arrow import text
from ccxdissect.tables.constant_names import names_of
from ccxdissect.tables.field_bytes import FieldBytes
from ccxdissect.tables.message_table import MessageColumn, MessageTable, folder
from ccxdissect.tables.values import array_of

_TIME = pa.timestamp("ns", tz="UTC")
_SIDES = texts([side.value for side in SIDES])


class LayoutRows:
    """Rows of the messages of one layout. `able`: whether its fixed part can become columns; `tags`: the floating fields
    that can, when a message has them once."""

    def __init__(self, layout: CompiledLayout, table: MessageTable) -> None:
        self._table = table
        self.schema = table.schema
        self.folder = folder(layout.message.name)
        self._size = layout.size
        plain = all(field.type.reading is Reading.INTEGER for field in layout.fields)
        # A second form of a field may be of another width than its column.
        fixed = {position: table.fixed.get(field.name) for position, field in enumerate(layout.fields)}
        self.able = plain and all(
            column is None or column.row.type == field.type
            for column, field in zip(fixed.values(), layout.fields, strict=True)
        )
        self._fixed = {f"f{position}": column for position, column in fixed.items() if column is not None}
        self._calls = [(f"f{position}", nothing) for position, nothing in told_by_fixed(layout, Mark.CALL)]
        self.tags = {tag: column for tag, column in table.once.items() if _is_plain(column.row)}
        if plain:
            self._dtype = fixed_part(layout, range(len(layout.fields)))
        self._forget()

    def _forget(self) -> None:
        self._count = 0
        self._envelopes: list[np.ndarray] = []
        self._bodies: list[np.ndarray] = []
        #: By tag: which rows have the field, and its values.
        self._values: defaultdict[int, list[tuple[np.ndarray, np.ndarray | pa.Array | None]]] = defaultdict(list)

    def __len__(self) -> int:
        """How many rows are held."""
        return self._count

    def take(self, envelopes: np.ndarray, octets: np.ndarray, body: np.ndarray) -> None:
        """Hold messages; their bodies lie at these places of the bytes. `envelopes`: a row each for the messages' numbers, frames,
        times, sessions, sides, lengths, versions (-1: unknown), and among those who there are, who sent and who got them."""
        self._count += len(body)
        self._envelopes.append(envelopes)
        if self._size:
            self._bodies.append(lying_at(octets, body, self._dtype))

    def take_fields(self, tags: Sequence[tuple[int, slice]], rows: np.ndarray, lying: FieldBytes) -> None:
        """Hold floating fields of these rows, those of each tag at these places, one after the other."""
        first, last = tags[0][1].start, tags[-1][1].stop
        said = lying.strings(slice(first, last))
        for tag, those in tags:
            row = self.tags[tag].row
            values: np.ndarray | pa.Array | None
            if is_secret(row) and not self._table.secrets:
                values = None
            elif row.type.reading is Reading.INTEGER:
                values = lying.integers(those, row.type)
            else:
                values = said.slice(those.start - first, those.stop - those.start)
            # Copied: what others have beside them is not to be held for their sake.
            self._values[tag].append((rows[those].copy(), values))

    def made(self, capture: str, ends: pa.Array) -> tuple[np.ndarray, pa.Table]:
        """The numbers of the messages, and their rows; nothing is held any more. `ends`: who there are."""
        count = self._count
        envelopes = np.concatenate(self._envelopes, axis=1)
        # What has become columns is let go at once: of a large table all of it would lie there twice.
        self._envelopes.clear()
        message, frame, time, session, side, length, version, src, dst = envelopes
        made = {
            "capture": _coded(np.zeros(count, np.int32), texts([capture])),
            "message": numbers(message),
            "frame": numbers(frame),
            "time": typed(time, _TIME),
            "session": numbers(session),
            "from": _coded(side.astype(np.int32), _SIDES),
            "src": taken(ends, src),
            "dst": taken(ends, dst),
            "version": typed(version, pa.int64(), version >= 0),
            "length": numbers(length),
            "problems": pa.ListArray.from_arrays(numbers(np.zeros(count + 1, np.int32)), texts([])),
        }
        self._put_fixed(made)
        self._put_floating(made)
        self._forget()
        for name, new in self._table.renamed.items():
            if name in made:
                made[new] = made.pop(name)
        nothing = {
            kind: pa.nulls(count, kind) for kind in {field.type for field in self.schema if field.name not in made}
        }
        columns = [made[field.name] if field.name in made else nothing[field.type] for field in self.schema]
        return message, pa.Table.from_arrays(columns, schema=self.schema)

    def _put_fixed(self, made: dict[str, pa.Array]) -> None:
        if not self._size:
            return
        bodies = np.concatenate(self._bodies)
        self._bodies.clear()
        every = _Rows(self._count)
        for name, column in self._fixed.items():
            values = bodies[name]
            _put(made, column, values.astype(values.dtype.newbyteorder("=")), every)
        call = np.zeros(self._count, np.int64)
        known = np.zeros(self._count, bool)
        for name, nothing in self._calls:
            said = bodies[name].astype(np.int64)
            tells = ~known
            for one in nothing:
                tells &= said != one
            call[tells] = said[tells]
            known |= tells
        made["call"] = typed(call, pa.int64(), known)

    def _put_floating(self, made: dict[str, pa.Array]) -> None:
        while self._values:
            tag, pieces = self._values.popitem()
            column = self.tags[tag]
            where = np.concatenate([those for those, _ in pieces])
            rows, values = _Rows(self._count, where), [piece for _, piece in pieces if piece is not None]
            if not values:
                made[column.name] = rows.taken(texts([MASK]), np.zeros(len(where), np.int64))
            elif column.row.type.reading is Reading.INTEGER:
                _put(made, column, np.concatenate(values), rows)
            else:
                said = rows.spread(pa.concat_arrays(values))
                made[column.name] = said if column.row.type.reading is not Reading.TEXT else _as_text(said)


class _Rows:
    """The rows that have a field, among all: values of theirs become a column that is null elsewhere."""

    def __init__(self, count: int, where: np.ndarray | None = None) -> None:
        self._where = None if where is None or len(where) == count else where
        self._count = count
        self._valid: np.ndarray | None = None
        if self._where is not None:
            self._valid = np.zeros(count, bool)
            self._valid[self._where] = True

    def put(self, values: np.ndarray, kind: pa.DataType) -> pa.Array:
        """Numbers, one for each of the rows."""
        return typed(self._whole(values), kind, self._valid)

    def coded(self, which: np.ndarray, named: np.ndarray | None, names: Sequence[str]) -> pa.Array:
        """Of names, for each of the rows the one that is said; null where `named` is false (None: nowhere)."""
        known = self._valid if named is None else self._whole(named)
        return _coded(self._whole(which), texts(names), known)

    def taken(self, array: pa.Array, which: np.ndarray) -> pa.Array:
        """Of an array what stands at these places, one for each of the rows."""
        return taken(array, self._whole(which), self._valid)

    def spread(self, pieces: pa.Array) -> pa.Array:
        """Strings of bytes, one for each of the rows, which are in order; `pieces` is no slice. The bytes are not copied."""
        if self._valid is None:
            return pieces
        _, offsets, data = pieces.buffers()
        bounds = np.frombuffer(offsets, np.int32, len(pieces) + 1)
        sizes = np.zeros(self._count, np.int32)
        sizes[self._where] = bounds[1:] - bounds[:-1]
        bounds = np.zeros(self._count + 1, np.int32)
        np.cumsum(sizes, out=bounds[1:])
        bits = pa.py_buffer(np.packbits(self._valid, bitorder="little"))
        return pa.Array.from_buffers(pieces.type, self._count, [bits, pa.py_buffer(bounds), data])

    def _whole(self, values: np.ndarray) -> np.ndarray:
        if self._where is None:
            return values
        whole = np.zeros(self._count, values.dtype)
        whole[self._where] = values
        return whole


def _is_plain(row: Fixed | Floating) -> bool:
    """Whether a floating field's values become a column here."""
    # A truth value may be of any width, and some may say which call it is about; what is masked has to be a text.
    if row.type == BOOL or row.mark & Mark.CALL:
        return False
    return row.type.reading is Reading.TEXT or not is_secret(row)


def _put(made: dict[str, pa.Array], column: MessageColumn, values: np.ndarray, rows: _Rows) -> None:
    """Numbers as a column, and the names of the constants that they are."""
    kind = column.kind
    if pa.types.is_integer(kind):
        made[column.name] = rows.put(values.astype(kind.to_pandas_dtype()), kind)
    else:
        # Times and durations: what one counts is a number of ns.
        made[column.name] = rows.put(values.astype(np.int64) * column.scale, kind)
    codes = column.row.codes
    if codes is None:
        return
    # Mostly they are all the same.
    same = bool((values == values[0]).all())
    some = values[:1] if same else values
    name = f"{column.name}_name"
    if issubclass(codes, Code):
        which, named, names = names_of(codes).of(some)
        if names:
            made[name] = rows.coded(np.zeros(len(values), np.int32) if same else which, None if same else named, names)
        return
    firsts, which = alike(some)
    labels = array_of([label(codes, number) for number in some[firsts].tolist()], pa.list_(pa.string()))
    made[name] = rows.taken(labels, np.zeros(len(values), np.int64) if same else which)


def _coded(which: np.ndarray, names: pa.Array, known: np.ndarray | None = None) -> pa.Array:
    return pa.DictionaryArray.from_arrays(typed(which, pa.int32(), known), names)


def _as_text(said: pa.Array) -> pa.Array:
    try:
        return cast(said, pa.string())
    except pa.ArrowInvalid:
        # Some are not UTF-8.
        found = [None if one is None else text(one.decode("utf-8", "surrogateescape")) for one in said.to_pylist()]
        return array_of(found, pa.string())
