"""A folder of Parquet files that other programs read as tables, and that never looks whole before it is.

`DIR/messages/name=OPEN_REQ/part-00001.parquet`, `DIR/sessions/part-00001.parquet` and so on; `DIR/_SUCCESS` comes last.
What belongs together is a unit, with a number; all files of a unit bear that number. Each is written aside and
renamed when it is whole, and `DIR/_units/00001.json` says that all of a unit's files are there: what a run that
died left behind has no such note, and is removed before the unit is done again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ccxdissect.errors import CcxDissectError, one_line

SUCCESS = "_SUCCESS"
UNITS = "_units"
#: Rows that are held back: of one table before they become a row group, and of all tables together.
ROW_GROUP, HELD = 20_000, 60_000
_ASIDE = ".writing"


class Dataset:
    """A folder to write into. Raises CcxDissectError when it holds anything already, unless `resume` is asked for."""

    def __init__(self, folder: str | os.PathLike[str], resume: bool = False) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            held = sorted(path.name for path in self.folder.iterdir())
        except OSError as error:
            raise CcxDissectError(one_line(f"{self.folder}: {error.strerror}")) from error
        if held and not resume:
            raise CcxDissectError(one_line(f"{self.folder}: is not empty (it holds {held[0]}); --resume goes on in it"))
        if held and UNITS not in held:
            raise CcxDissectError(one_line(f"{self.folder}: was not begun by an export, so it cannot be gone on with"))
        (self.folder / UNITS).mkdir(exist_ok=True)
        (self.folder / SUCCESS).unlink(missing_ok=True)

    def units(self) -> dict[int, dict[str, Any]]:
        """What is said of each unit that is done: `inputs`, and `rows` by table."""
        found = {}
        for path in sorted((self.folder / UNITS).glob("*.json")):
            found[int(path.stem)] = json.loads(path.read_text("utf-8"))
        return found

    def clean(self) -> None:
        """Remove what units that were never done left behind."""
        done = {f"part-{number:05}.parquet" for number in self.units()}
        for path in list(self.folder.rglob("*.parquet*")):
            if path.name not in done and path.is_file():
                path.unlink()

    def unit(self, number: int) -> Unit:
        """Begin a unit, counted from 1."""
        return Unit(self.folder, number)

    def finish(
        self, schemas: Mapping[str, pa.Schema], inputs: Sequence[str], unread: Mapping[str, str]
    ) -> dict[str, int]:
        """Give every table that has no row a file that has its columns; then say that all is done. The rows by table."""
        rows: dict[str, int] = dict.fromkeys(schemas, 0)
        for told in self.units().values():
            for table, count in told["rows"].items():
                rows[table] = rows.get(table, 0) + count
        empty = Unit(self.folder, 0)
        for table, schema in schemas.items():
            if not rows[table]:
                empty.add(table, schema, [])
        empty.close()
        summary = {"rows": rows, "inputs": list(inputs), "unread": dict(unread)}
        _write(self.folder / SUCCESS, json.dumps(summary, indent=1, ensure_ascii=False))
        return rows


class Unit:
    """The files of one unit. `add` rows, then `done`; leaving it otherwise leaves files that count for nothing."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._number = number
        self._writers: dict[str, tuple[pq.ParquetWriter, Path]] = {}
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
        try:
            for writer, path in self._writers.values():
                writer.close()
                path.replace(path.with_name(path.name.removesuffix(_ASIDE)))
        except OSError as error:
            raise _trouble(self._folder, error) from error
        self._writers.clear()

    def done(self, inputs: Sequence[str]) -> None:
        """All rows are there: say so."""
        self.close()
        told = {"inputs": list(inputs), "rows": self.rows}
        _write(self._folder / UNITS / f"{self._number:05}.json", json.dumps(told, ensure_ascii=False))

    def give_up(self) -> None:
        """Take back what was written."""
        for writer, path in self._writers.values():
            try:
                writer.close()
            except (OSError, pa.ArrowException):
                pass  # what it could not write is removed
            path.unlink(missing_ok=True)
        self._writers.clear()
        self._held.clear()

    def _write_out(self, table: str) -> None:
        held, self._held[table] = self._held[table], []
        self._total -= len(held)
        schema = self._schemas[table]
        try:
            if table not in self._writers:
                path = self._folder / table / f"part-{self._number:05}.parquet{_ASIDE}"
                path.parent.mkdir(parents=True, exist_ok=True)
                self._writers[table] = pq.ParquetWriter(path, schema, compression="zstd"), path
            if held:
                self._writers[table][0].write_table(pa.Table.from_pylist(held, schema), row_group_size=ROW_GROUP)
        except OSError as error:
            raise _trouble(self._folder, error) from error


def _trouble(folder: Path, error: OSError) -> CcxDissectError:
    return CcxDissectError(one_line(f"{folder}: {error.strerror or error}"))


def _write(path: Path, text: str) -> None:
    aside = path.with_name(path.name + _ASIDE)
    try:
        aside.write_text(text + "\n", "utf-8")
        os.replace(aside, path)
    except OSError as error:
        raise _trouble(path, error) from error


def remove(folder: str | os.PathLike[str]) -> None:
    """Remove a dataset, whatever state it is in."""
    shutil.rmtree(folder, ignore_errors=True)
