"""A folder of this machine is what fsspec's own file system of it says it is, and needs no fsspec."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ccxdissect.capture.remote import file_system
from ccxdissect.tables.local_folder import LocalFolder, local_root


@pytest.mark.parametrize("name", ["tables", "./tables", "/tmp/tables/", "a/../tables", "~/tables", "", ".", "a b?c#d"])
def test_names_of_this_machine_mean_the_same_path(name: str) -> None:
    found = local_root(name)
    assert found is not None
    assert os.path.abspath(found) == os.path.abspath(file_system(name)[1])


@pytest.mark.parametrize("name", ["s3://bucket/tables", "memory://tables", "file:///tmp/x", "local:x", "zip::x"])
def test_any_other_name_is_left_to_fsspec(name: str) -> None:
    assert local_root(name) is None


def _tree(folder: Path) -> None:
    (folder / "messages" / "name=OPEN_REQ").mkdir(parents=True)
    (folder / "empty").mkdir()
    for name in ("_SUCCESS", ".hidden", "messages/name=OPEN_REQ/part-00001.parquet", "messages/a"):
        (folder / name).write_text(name)
    (folder / "nowhere").symlink_to(folder / "gone")
    (folder / "again").symlink_to(folder / "messages")


ASKED: list[Callable[[Any, str], Any]] = [
    lambda system, path: system.isfile(path),
    lambda system, path: system.exists(path),
    lambda system, path: sorted(system.ls(path, detail=False)),
    lambda system, path: sorted(system.find(path)),
    lambda system, path: system.cat_file(path),
    lambda system, path: system.open(path, "wb").close(),
    lambda system, path: system.makedirs(path, exist_ok=True),
    lambda system, path: system.rm_file(path),
]


@pytest.mark.parametrize("name", ["", "_SUCCESS", "messages", "messages/name=OPEN_REQ", "nowhere", "again", "missing"])
@pytest.mark.parametrize("asked", ASKED)
def test_it_says_and_does_what_fsspec_does(tmp_path: Path, asked: Callable[[Any, str], Any], name: str) -> None:
    told = []
    for folder, which in (("mine", LocalFolder()), ("theirs", file_system(str(tmp_path))[0])):
        _tree(tmp_path / folder)
        try:
            said = asked(which, str(tmp_path / folder / name).rstrip("/"))
        except OSError as error:
            said = type(error), error.strerror
        left = sorted(str(path.relative_to(tmp_path / folder)) for path in (tmp_path / folder).rglob("*"))
        told.append((str(said).replace(f"/{folder}", "/"), left))
    # A store asks for the files in a folder only.
    if asked is not ASKED[2] or name != "_SUCCESS":
        assert told[0] == told[1]


def test_it_replaces_what_bears_a_name(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("new")
    (tmp_path / "b").write_text("old")
    LocalFolder().mv(str(tmp_path / "a"), str(tmp_path / "b"))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"b": "new"}


def test_fsspec_is_not_loaded_for_it(tmp_path: Path) -> None:
    written = (
        "import sys; from ccxdissect.tables.store import Store; s = Store(sys.argv[1]); s.names(); s.write('x', 'y')"
    )
    asked = [sys.executable, "-c", f"{written}; print('fsspec' in sys.modules, s.read('x'))", str(tmp_path)]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "False y\n\n"


#: A table of messages, written into a folder; then what of these was loaded for it.
_WRITTEN = """
import sys
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.tables.dataset import Unit
from ccxdissect.tables.rows import Tables
from ccxdissect.tables.store import Store
import pyarrow as pa
columns = Tables(tuple(DIALECTS.values())).message_columns("x")
unit = Unit(Store(sys.argv[1]), 1)
unit.add_columns("t", pa.table({"a": pa.nulls(3, pa.int64())}))
unit.close()
print([name for name in ("concurrent.futures", "ssl", "hashlib", "ccxdissect.analysis.findings") if name in sys.modules])
"""


def test_neither_threads_nor_tls_nor_analysis_are_loaded_to_write_messages_here(tmp_path: Path) -> None:
    asked = [sys.executable, "-c", _WRITTEN, str(tmp_path)]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout == "[]\n"
    assert pq.read_table(tmp_path / "t" / "part-00001.parquet").num_rows == 3
