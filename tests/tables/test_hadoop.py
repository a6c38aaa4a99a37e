"""Captures from, and tables into, a Hadoop file system: a real one, whose servers run beside the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tables import hadoop
from tables.comparing import exported, rows

from ccxdissect.capture.remote import file_system
from commands import run

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not hadoop.there(), reason="tests/tables/hadoop.sh could not get Hadoop"),
]
ROOT = Path(__file__).parents[2]
SAMPLES = sorted(map(str, (ROOT / "samples").glob("*.pcapng")), key=os.path.getsize)[:3]


@pytest.fixture(scope="module")
def hdfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with hadoop.running(tmp_path_factory.mktemp("hadoop")) as address:
        yield address


def test_captures_and_tables_in_hadoop(tmp_path: Path, hdfs: str) -> None:
    system, _ = file_system(hdfs)
    here = tmp_path / "day one"
    (here / "later").mkdir(parents=True)
    for name, path in zip(("a b.pcapng", "later/ü.pcapng", "later/z.pcapng"), SAMPLES, strict=True):
        shutil.copy(path, here / name)
        system.pipe_file(f"/ring/in/{name}", Path(path).read_bytes())
    system.pipe_file("/ring/in/notes.txt", b"nothing")

    exported([[str(path)] for path in sorted(here.rglob("*.pcapng"))], tmp_path / "here")
    for number, more in enumerate(([], ["--workers", "2"])):
        into = f"{hdfs}/ring/out{number}"
        done = run("export", f"{hdfs}/ring/in", "-o", into, *more)
        assert done.returncode == 0 and f"{hdfs}/ring/in: 1 file in it is no capture\n" in done.stderr
        assert done.stdout.startswith(f"{into}: ") and "3 captures" in done.stdout
        system.get(f"/ring/out{number}/", f"{tmp_path}/fetched{number}/", recursive=True)
        there = {
            table: sorted(row.replace(f"{hdfs}/ring/in", str(here)) for row in held)
            for table, held in rows(tmp_path / f"fetched{number}").items()
        }
        assert there == rows(tmp_path / "here")
        assert not [name for name in system.find(f"/ring/out{number}") if name.endswith(".writing")]
    query = "SELECT count(*) AS n FROM messages"
    assert run("sql", f"{hdfs}/ring/out0", query) == run("sql", str(tmp_path / "here"), query)
    assert run("messages", f"{hdfs}/ring/in/a b.pcapng").stdout == run("messages", str(here / "a b.pcapng")).stdout

    # What one run left behind, another one does not touch, and a finished one is gone on with to the same end.
    again = run("export", f"{hdfs}/ring/in", "-o", f"{hdfs}/ring/out0")
    assert (again.returncode, again.stderr) == (
        1, f"ccxdissect: {hdfs}/ring/out0: is not empty (it holds _SUCCESS); --resume goes on in it with the same captures, else name a new folder, or an empty one\n",
    )  # fmt: skip
    system.rm_file("/ring/out0/_units/00002.json")
    assert run("export", f"{hdfs}/ring/in", "-o", f"{hdfs}/ring/out0", "--resume").returncode == 0
    assert run("sql", f"{hdfs}/ring/out0", query) == run("sql", str(tmp_path / "here"), query)


def test_what_two_did_is_there_once(hdfs: str) -> None:
    """A worker that was thought to be dead may end its work after the one that did it again."""
    from ccxdissect.tables.store import Store

    store = Store(f"{hdfs}/twice")
    first, second = store.open("part"), store.open("part")
    for file in (first, second):
        file.handle.write(b"the same")
        file.done()
    assert (store.below(), store.read("part")) == (["part"], "the same")


def test_what_is_not_whole_has_no_name(hdfs: str) -> None:
    from ccxdissect.tables.store import Store

    store = Store(f"{hdfs}/half")
    left, given_up = store.open("left"), store.open("given-up")
    left.handle.write(b"half")
    given_up.handle.write(b"half")
    given_up.give_up()
    assert [name.endswith(".writing") for name in store.below()] == [True]


def test_a_forked_process_does_not_wait_for_threads_that_it_has_not(hdfs: str) -> None:
    forks = "size_of(sys.argv[1]); child = os.fork(); os.waitpid(child, 0) if child else os._exit(0)"
    script = f"import os, sys; from ccxdissect.capture.remote import size_of; {forks}"
    subprocess.run([sys.executable, "-c", script, f"{hdfs}/ready"], check=True, timeout=60)


def test_bad_names_are_one_line(hdfs: str) -> None:
    def said(name: str) -> tuple[int, str, str]:
        return tuple(run("summary", name))  # type: ignore[return-value]

    assert said(f"{hdfs}/nix.pcap") == (1, "", f"ccxdissect: {hdfs}/nix.pcap: nothing is there\n")
    odd = f"{hdfs}/a#1.pcap"
    assert said(odd) == (1, "", f"ccxdissect: {odd}: the library for it reads no name with a #\n")
    nobody = "hdfs://127.0.0.1:9/a.pcap"
    assert said(nobody) == (1, "", f"ccxdissect: {nobody}: Connection refused (os error 111)\n")
