"""A folder of Parquet files that other programs read as tables, and that never looks whole before it is.

`DIR/messages/name=OPEN_REQ/part-00001.parquet`, `DIR/sessions/part-00001.parquet` and so on; `DIR/_SUCCESS` comes last.
What is done in one go is a unit, with a number; all files of a unit bear that number. Each is written aside and
renamed when it is whole, and `DIR/_units/00001.json` says that all of a unit's files are there: what a run that
died left behind has no such note, and is removed before the unit is done again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from os import PathLike, fspath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.tables.store import Aside, Store

SUCCESS = "_SUCCESS"
UNITS = "_units"
#: Rows that are held back: of one table before they become a row group, and of all tables together.
ROW_GROUP, HELD = 20_000, 60_000


class Dataset:
    """A folder to write into. Raises CcxDissectError when it holds anything already, unless `resume` is asked for."""

    def __init__(self, folder: str | PathLike[str], resume: bool = False) -> None:
        self.store = Store(fspath(folder))
        name = self.store.name
        held = self.store.names()
        if held and not resume:
            raise CcxDissectError(one_line(f"{name}: is not empty (it holds {held[0]}); --resume goes on in it"))
        if held and UNITS not in held:
            raise CcxDissectError(one_line(f"{name}: was not begun by an export, so it cannot be gone on with"))
        self.store.remove(SUCCESS)
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
        """Remove what all but these units left behind: none of it was ever done."""
        done = {_part(number) for number in units}
        for path in self.store.below():
            name = path.rpartition("/")[2]
            if ".parquet" in name and name not in done:
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
                empty.add(table, schema, [])
        empty.close()
        self.store.write(SUCCESS, json.dumps({"rows": rows, **said}, indent=1))
        return rows


def _part(number: int) -> str:
    return f"part-{number:05}.parquet"


class Unit:
    """The files of one unit. `add` rows, then `done`; leaving it otherwise leaves files that count for nothing."""

    def __init__(self, store: Store, number: int) -> None:
        self._store = store
        self._number = number
        self._writers: dict[str, tuple[pq.ParquetWriter, Aside]] = {}
        self._held: dict[str, list[Mapping[str, Any]]] = {}
        self._schemas: dict[str, pa.Schema] = {}
        self._total = 0
        self.rows: dict[str, int] = {}

    def add(self, table: str, schema: pa.Schema, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take rows of a table; `messages/name=OPEN_REQ` is one, too. Raises CcxDissectError (a full disk)."""
        self._schemas[table] = schema
        held = self._held.setdefault(table, [])
        held += rows
        self._total += len(rows)
        self.rows[table] = self.rows.get(table, 0) + len(rows)
        if len(held) >= ROW_GROUP:
            self._write_out(table)
        elif self._total >= HELD:
            self._write_out(max(self._held, key=lambda name: len(self._held[name])))

    def close(self) -> None:
        """Write all that is held, and give every file its name."""
        for table in list(self._held):
            self._write_out(table)
        for table, (writer, aside) in list(self._writers.items()):
            try:
                writer.close()
            except (OSError, pa.ArrowException) as error:
                raise self._store.trouble(error) from error
            aside.done()
            del self._writers[table]

    def done(self, work: Mapping[str, Any], **more: Any) -> None:
        """All rows are there: say so."""
        self.close()
        told = {"work": work, "rows": self.rows, **more}
        self._store.write(f"{UNITS}/{self._number:05}.json", json.dumps(told))

    def give_up(self) -> None:
        """Take back what was written, but for what has its name already: that counts for nothing without a note."""
        for writer, aside in self._writers.values():
            try:
                writer.close()
            except (OSError, ValueError, pa.ArrowException):
                pass  # what it could not write is removed
            aside.give_up()
        self._writers.clear()
        self._held.clear()

    def _write_out(self, table: str) -> None:
        held, self._held[table] = self._held[table], []
        self._total -= len(held)
        schema = self._schemas[table]
        try:
            if table not in self._writers:
                aside = self._store.open(f"{table}/{_part(self._number)}")
                self._writers[table] = pq.ParquetWriter(aside.handle, schema, compression="zstd"), aside
            if held:
                self._writers[table][0].write_table(pa.Table.from_pylist(held, schema), row_group_size=ROW_GROUP)
        except OSError as error:
            raise self._store.trouble(error) from error
