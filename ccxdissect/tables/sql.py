"""SQL over the tables: DuckDB on an exported folder, from which a query can read, and nothing else anywhere.

Each table is a view by its own name, each type of message one by its name (`OPEN_REQ`), and `messages` has what all
messages have in common. Times are TIMESTAMP_NS in UTC; durations are seconds (DOUBLE), so that they can be averaged.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ccxdissect.analysis.schema import Column, ColumnKind, Schema, positional
from ccxdissect.errors import CcxDissectError, UsageError, one_line
from ccxdissect.tables.dataset import PARQUET, check_finished
from ccxdissect.tables.message_table import ENVELOPE
from ccxdissect.wording import SECOND

#: Rows taken from DuckDB at a time.
_BATCH = 10_000


#: What `Database.tables` holds, as rows.
TABLES = positional(
    "tables",
    "a column of a table that can be asked",
    Column("table", ColumnKind.TEXT, "the table"),
    Column("column", ColumnKind.TEXT, "the column"),
    Column("type", ColumnKind.TEXT, "its type in SQL", told=lambda row: _brief(row[2])),
    Column("meaning", ColumnKind.TEXT, "what it means"),
)


class Query:
    """What a query gives: `schema` says its columns, iterating gives its rows (tuples), `table()` all of them in Arrow."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self._reader = reader
        self.schema = Schema("rows", "what a query gave", tuple(map(_column, range(len(reader.schema)), reader.schema)))

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for batch in self._reader:
            columns = [_values(column) for column in batch.columns]
            yield from zip(*columns, strict=True)

    def table(self, most: int | None = None) -> pa.Table:
        """All rows in memory, or the first `most`."""
        if most is None:
            return self._reader.read_all()
        batches: list[pa.RecordBatch] = []
        for batch in self._reader:
            batches.append(batch.slice(0, most))
            most -= len(batches[-1])
            if not most:
                break
        return pa.Table.from_batches(batches, self._reader.schema)


class Database:
    """The tables of an exported folder. Raises CcxDissectError when there is none there, or one that is not whole."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        if not _is_text(str(self.folder.resolve())):
            raise CcxDissectError(one_line(f"{self.folder}: its name is no UTF-8, which DuckDB needs"))
        check_finished(str(self.folder), os.listdir(self.folder) if self.folder.is_dir() else ())
        #: Table -> its columns, with what they mean and the type that queries see.
        self.tables: dict[str, list[tuple[str, str, str]]] = {}
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("SET TimeZone = 'UTC'")
        #: The files of messages of all types.
        self._messages: list[Path] = []
        try:
            for path in sorted(self.folder.iterdir()):
                if path.name == "messages":
                    for one in sorted(path.iterdir()):
                        self._messages += self._view(one.name.partition("=")[2], one)
                elif path.is_dir() and not path.name.startswith("_"):
                    self._view(path.name, path)
            self._common()
        except (OSError, pa.ArrowException, duckdb.Error) as error:
            # Files that may not be read, or that somebody changed since.
            said = getattr(error, "strerror", None) or str(error).partition("\n")[0]
            where = getattr(error, "filename", None) or self.folder
            raise CcxDissectError(one_line(f"{where}: {said}")) from error
        self._connection.execute(f"SET allowed_directories = [{_text(str(self.folder.resolve()) + os.sep)}]")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET autoinstall_known_extensions = false")
        self._connection.execute("SET lock_configuration = true")

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def query(self, sql: str) -> Query:
        """Run one SELECT. Raises UsageError, with the place, when it is wrong; and for anything but a SELECT."""
        if not _is_text(sql):
            raise UsageError("the query is no UTF-8")
        try:
            statements = self._connection.extract_statements(sql)
            if len(statements) != 1:
                raise UsageError(f"one SELECT is wanted, not {len(statements)} statements")
            if statements[0].type != duckdb.StatementType.SELECT:
                raise UsageError("only SELECT: nothing here can be changed or written")
            return Query(self._connection.sql(statements[0].query).to_arrow_reader(_BATCH))
        except duckdb.Error as error:
            raise UsageError(self._placed(sql, error)) from None

    def _placed(self, sql: str, error: duckdb.Error) -> str:
        """What is wrong with a query, and where: only this way of running it tells the place."""
        try:
            self._connection.execute(sql)
        except duckdb.Error as placed:
            error = placed
        return _one_line(str(error))

    def _view(self, name: str, folder: Path) -> list[Path]:
        """Make a table of the files in a folder, which are given."""
        files = sorted(file for file in folder.iterdir() if file.suffix == PARQUET)
        if not files:
            return files
        try:
            schema = pq.read_schema(files[0])
        except pa.ArrowException as error:
            raise OSError(0, str(error), str(files[0])) from error
        shown = []
        told = []
        for field in schema:
            quoted = _name(field.name)
            meaning = (field.metadata or {}).get(b"meaning", b"").decode()
            if pa.types.is_timestamp(field.type):
                shown.append(f"{quoted}::TIMESTAMP_NS AS {quoted}")
                kind = "TIMESTAMP_NS"
            elif pa.types.is_duration(field.type):
                shown.append(f"{quoted} / {SECOND:.0e} AS {quoted}")
                kind, meaning = "DOUBLE", f"{meaning} (seconds)"
            else:
                shown.append(quoted)
                kind = ""
            told.append((field.name, kind, meaning))
        self._connection.execute(
            f"CREATE VIEW {_name(name)} AS SELECT {', '.join(shown)} "
            f"FROM read_parquet({_texts(files)}, hive_partitioning = false)"
        )
        types = {row[0]: row[1] for row in self._connection.execute(f"DESCRIBE {_name(name)}").fetchall()}
        self.tables[name] = [(column, kind or types[column], meaning) for column, kind, meaning in told]
        return files

    def _common(self) -> None:
        """`messages`: what all types have in common, and their name."""
        columns = ["capture", *(field.name for field in ENVELOPE), "problems"]
        chosen = ", ".join("time::TIMESTAMP_NS AS time" if name == "time" else _name(name) for name in columns)
        self._connection.execute(
            f"CREATE VIEW messages AS SELECT {chosen}, name FROM read_parquet({_texts(self._messages)}, "
            "hive_partitioning = true, union_by_name = true)"
        )
        first = next(iter(self.tables.values()), [])
        known = {column: (kind, meaning) for column, kind, meaning in first}
        self.tables["messages"] = [(name, *known.get(name, ("VARCHAR", ""))) for name in columns]
        self.tables["messages"].append(("name", "VARCHAR", "the message type's name"))


def _brief(kind: str) -> str:
    """A type in a table's column: what a structure is made of takes too much room."""
    return kind if len(kind) <= 24 else kind.partition("(")[0] + "(...)" + ("[]" if kind.endswith("[]") else "")


def _one_line(said: str) -> str:
    """DuckDB's error in one line, with the place it points at as line and column."""
    lines = said.strip().splitlines()
    text = lines[0]
    for place, line in enumerate(lines):
        if line.startswith("LINE ") and place + 1 < len(lines) and "^" in lines[place + 1]:
            number = line.removeprefix("LINE ").partition(":")[0]
            near = lines[place + 1].index("^")
            text += f" (line {number}, at {line[near : near + 30]!r})"
            break
    return one_line(text)


def _column(place: int, field: pa.Field) -> Column:
    kind, of = _kind(field.type)
    brief = json.dumps if kind is ColumnKind.OBJECT else None
    return Column(field.name, kind, "", lambda row: row[place], of=of, optional=True, rank=1, brief=brief)


def _kind(kind: pa.DataType) -> tuple[ColumnKind, ColumnKind | None]:
    if pa.types.is_timestamp(kind):
        return ColumnKind.TIME, None
    if pa.types.is_integer(kind):
        return ColumnKind.INTEGER, None
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return ColumnKind.NUMBER, None
    if pa.types.is_boolean(kind):
        return ColumnKind.FLAG, None
    if pa.types.is_list(kind) and not pa.types.is_nested(kind.value_type):
        return ColumnKind.LIST, _kind(kind.value_type)[0]
    return (ColumnKind.OBJECT if pa.types.is_nested(kind) else ColumnKind.TEXT), None


def _values(array: pa.Array) -> list[Any]:
    """An Arrow array as what the writers take: times as ns, nothing that only another library can hold."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _values(array.dictionary_decode())
    if pa.types.is_timestamp(kind):
        # Whatever unit a function gave.
        return list(array.cast(pa.timestamp("ns", kind.tz)).cast(pa.int64()).to_pylist())
    if pa.types.is_struct(kind):
        members = [_values(member) for member in array.flatten()]
        names = [field.name for field in kind]
        rows = zip(*members, strict=True) if members else [()] * len(array)
        return [
            dict(zip(names, row, strict=True)) if there else None
            for row, there in zip(rows, array.is_valid().to_pylist(), strict=True)
        ]
    if pa.types.is_map(kind):
        keys, items = _values(array.keys), _values(array.items)
        return [None if cut is None else dict(zip(keys[cut], items[cut], strict=True)) for cut in _cuts(array)]
    if pa.types.is_list(kind):
        held = _values(array.values)
        return [None if cut is None else held[cut] for cut in _cuts(array)]
    if pa.types.is_decimal(kind):
        return [None if value is None else float(value) for value in array.to_pylist()]
    plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    if plain or pa.types.is_null(kind):
        return list(array.to_pylist())
    return [value.hex() if isinstance(value, bytes) else value and str(value) for value in array.to_pylist()]


def _cuts(array: pa.Array) -> list[slice | None]:
    """Where the items of each list stand among all of them."""
    offsets = array.offsets.to_pylist()
    there = array.is_valid().to_pylist()
    return [slice(offsets[i], offsets[i + 1]) if there[i] else None for i in range(len(there))]


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is_text(given: str) -> bool:
    """Whether it can be written as UTF-8: an argument of other bytes cannot."""
    return not any("\ud800" <= one <= "\udfff" for one in given)


def _texts(files: list[Path]) -> str:
    # Not as a pattern: a folder's own name may have signs of patterns.
    return f"[{', '.join(_text(str(file.resolve())) for file in files)}]"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
