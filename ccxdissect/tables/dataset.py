"""A folder of Parquet files that other programs read as tables, and that never looks whole before it is.

`DIR/messages/name=OPEN_REQ/part-00001.parquet`, `DIR/sessions/part-00001.parquet` and so on; `DIR/_SUCCESS` comes last.
What is done in one go is a unit, with a number; all files of a unit bear that number, the second one of a table
`part-00001_0002.parquet`. Each is written aside and renamed when it is whole, and `DIR/_units/00001.json` says that all
of a unit's files are there: what a run that died left behind has no such note, and is removed before the unit is done
again.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping
from os import PathLike, fspath
from typing import Any

import pyarrow as pa

from ccxdissect.columns.allocation import use_lean_pool
from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.tables.parquet_writing import ParquetWriter, parquet_writer
from ccxdissect.tables.store import Aside, Store
from ccxdissect.tables.values import table_of

SUCCESS = "_SUCCESS"
UNITS = "_units"
PARQUET = ".parquet"
_PART = re.compile(rf"part-(\d+)(?:_\d+)?{re.escape(PARQUET)}")
#: Rows that wait to be put into columns: of one table, and of all of them; as such they take some forty times the room.
TOGETHER, WAITING = 500, 2_000
#: Bytes of messages' bodies among them.
WAITING_BYTES = 1 << 20
#: Bytes of columns that are held back: of one table before they become a row group, and of all tables together.
ROW_GROUP, HELD = 2 << 20, 8 << 20
#: Of columns that came as such, enough for a row group: to wait for the next would be to have all of them twice.
LARGE = 1 << 20
#: Row groups in all files that are not closed: what a file says of each of its own, some 70 KB, is held until then.
UNCLOSED = 32
#: Files that are given their names at the same time.
CLOSED_TOGETHER = 16


def check_finished(folder: str, names: Collection[str]) -> None:
    """Raises CcxDissectError when a folder that holds these names is none that an export finished."""
    if SUCCESS not in names:
        raise CcxDissectError(one_line(f"{folder}: is no folder that an export finished (it has no {SUCCESS})"))


class Dataset:
    """A folder to write into. Raises CcxDissectError when it holds anything already, unless `resume` is asked for."""

    def __init__(self, folder: str | PathLike[str], resume: bool = False) -> None:
        self.store = Store(fspath(folder))
        name = self.store.name
        held = self.store.names()
        if held and not resume:
            new = "name a new folder, or an empty one"
            more = f"--resume goes on in it with the same captures, else {new}" if UNITS in held else new
            raise CcxDissectError(one_line(f"{name}: is not empty (it holds {held[0]}); {more}"))
        if held and UNITS not in held:
            raise CcxDissectError(one_line(f"{name}: was not begun by an export, so it cannot be gone on with"))
        if not held:
            self.store.write(f"{UNITS}/begun", "")

    def units(self) -> dict[int, dict[str, Any]]:
        """What is said of each unit that is done: `work`, what it was to do, and `rows` by table."""
        found = {}
        for path in self.store.below(UNITS):
            stem, _, kind = path.rpartition("/")[2].partition(".")
            if kind == "json":
                found[int(stem)] = json.loads(self.store.read(path))
        return found

    def clean(self, units: Collection[int]) -> None:
        """Remove what all but these units left behind: none of it was ever done. The folder is not whole from here on."""
        self.store.remove(SUCCESS)
        for path in self.store.below():
            name = path.rpartition("/")[2]
            part = _PART.fullmatch(name)
            if PARQUET in name and (part is None or int(part[1]) not in units):
                self.store.remove(path)

    def finish(
        self, schemas: Mapping[str, pa.Schema], units: Mapping[int, Mapping[str, Any]], said: Mapping[str, Any]
    ) -> dict[str, int]:
        """Give every table that has no row a file that has its columns; then say that all is done: `said`, and the
        rows by table, which it gives. `units`: what was said of each."""
        rows: dict[str, int] = dict.fromkeys(schemas, 0)
        for told in units.values():
            for table, count in told["rows"].items():
                rows[table] = rows.get(table, 0) + count
        self.clean(units)
        empty = Unit(self.store, 0)
        for table, schema in schemas.items():
            if not rows[table]:
                empty.declare(table, schema)
        try:
            empty.close()
        except CcxDissectError:
            empty.give_up()
            raise
        self.store.write(SUCCESS, json.dumps({"rows": rows, **said}, indent=1))
        return rows


def _part(number: int, file: int) -> str:
    more = f"_{file:04}" if file > 1 else ""
    return f"part-{number:05}{more}{PARQUET}"


class Unit:
    """The files of one unit. `add` rows, then `done`; leaving it otherwise leaves files that count for nothing."""

    def __init__(self, store: Store, number: int) -> None:
        use_lean_pool()
        self._store = store
        self._number = number
        self._writers: dict[str, tuple[ParquetWriter, Aside]] = {}
        #: Row groups in the files that are not closed, and how many files of a table are.
        self._groups: Counter[str] = Counter()
        self._files: Counter[str] = Counter()
        self._schemas: dict[str, pa.Schema] = {}
        #: Rows that wait, how many of all tables, and how many bytes of bodies are among them.
        self._waiting: dict[str, list[Mapping[str, Any]]] = {}
        self._count = self._bodies = 0
        #: Columns that are held back, and how many bytes of each table.
        self._held: dict[str, list[pa.Table]] = {}
        self._sizes: dict[str, int] = {}
        self.rows: dict[str, int] = {}

    def add(self, table: str, schema: pa.Schema, row: Mapping[str, Any]) -> None:
        """Take a row of a table; `messages/name=OPEN_REQ` is one, too. Raises CcxDissectError (a full disk)."""
        self._know(table, schema)
        waiting = self._waiting[table]
        waiting.append(row)
        self._count += 1
        self._bodies += row.get("length") or 0
        if len(waiting) >= TOGETHER:
            self._put(table)
        elif self._count >= WAITING or self._bodies >= WAITING_BYTES:
            for name in list(self._waiting):
                self._put(name)

    def add_columns(self, table: str, columns: pa.Table) -> None:
        """Take rows that are columns already. Raises CcxDissectError."""
        self._know(table, columns.schema)
        self._put(table)
        self._hold(table, columns, LARGE)

    def _know(self, table: str, schema: pa.Schema) -> None:
        if table not in self._schemas:
            self._schemas[table] = schema
            self._waiting[table] = []
            self._held[table] = []
            self._sizes[table] = 0

    def _put(self, table: str) -> None:
        """Put the rows of a table that wait into columns."""
        rows, self._waiting[table] = self._waiting[table], []
        if rows:
            self._count -= len(rows)
            self._bodies -= sum(row.get("length") or 0 for row in rows)
            self._hold(table, table_of(rows, self._schemas[table]), ROW_GROUP)

    def _hold(self, table: str, columns: pa.Table, enough: int) -> None:
        self.rows[table] = self.rows.get(table, 0) + len(columns)
        self._held[table].append(columns)
        self._sizes[table] += columns.get_total_buffer_size()
        if self._sizes[table] >= enough:
            self._write_out(table)
        elif sum(self._sizes.values()) >= HELD:
            self._write_out(max(self._sizes, key=self._sizes.__getitem__))

    def declare(self, table: str, schema: pa.Schema) -> None:
        """A table that has a file even without a row."""
        self._know(table, schema)
        self._held[table].append(pa.Table.from_batches([], schema))

    def close(self) -> None:
        """Write all that is held, and give every file its name."""
        for table in list(self._schemas):
            self._put(table)
            self._write_out(table)
        self._finish_all()

    def _finish_all(self) -> None:
        if self._store.is_here:
            for table in list(self._writers):
                self._finish_file(table)
            return
        # Storages of other machines take their time for each.
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(CLOSED_TOGETHER) as pool:
            for _ in pool.map(self._finish_file, list(self._writers)):
                pass

    def _finish_file(self, table: str) -> None:
        writer, aside = self._writers[table]
        try:
            writer.close()
        except (OSError, pa.ArrowException) as error:
            raise self._store.trouble(error) from error
        aside.done()
        del self._writers[table], self._groups[table]
        self._files[table] += 1

    def done(self, work: Mapping[str, Any], **more: Any) -> None:
        """All rows are there: say so."""
        self.close()
        told = {"work": work, "rows": self.rows, **more}
        self._store.write(f"{UNITS}/{self._number:05}.json", json.dumps(told))

    def give_up(self) -> None:
        """Take back what was written, but for what has its name already: that counts for nothing without a note."""
        for writer, aside in self._writers.values():
            aside.give_up()
            try:
                writer.close()
            except (OSError, ValueError, pa.ArrowException):
                pass  # what it could not write is removed
        self._writers.clear()
        self._schemas.clear()
        self._waiting.clear()
        self._held.clear()

    def _write_out(self, table: str) -> None:
        held, self._held[table] = self._held[table], []
        self._sizes[table] = 0
        if not held:
            return
        try:
            if table not in self._writers:
                aside = self._store.open(f"{table}/{_part(self._number, self._files[table] + 1)}")
                self._writers[table] = parquet_writer(aside.handle, self._schemas[table]), aside
            columns = pa.concat_tables(held).unify_dictionaries().combine_chunks()
            if len(columns):
                self._writers[table][0].write_table(columns, row_group_size=len(columns))
                self._groups[table] += 1
        except OSError as error:
            raise self._store.trouble(error) from error
        if self._groups.total() > UNCLOSED:
            self._finish_file(max(self._groups, key=self._groups.__getitem__))
