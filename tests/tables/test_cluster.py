"""Many processes give the very rows that one gives, though one of them is killed, or the scheduler is.

A scheduler and workers as real processes, and an object storage that is a real server.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path

import pyarrow as pa
import pytest
from tables.comparing import GIVEN, exported, rows

from ccxdissect import columns
from ccxdissect.cli.main import main
from ccxdissect.errors import CcxDissectError
from ccxdissect.tables import cluster as cluster_of_dask
from ccxdissect.tables import export as exporting
from ccxdissect.tables.cluster import existing, local
from ccxdissect.tables.dataset import SUCCESS
from ccxdissect.tables.export import Order, export, units
from ccxdissect.tables.message_columns import MessageColumns
from ccxdissect.tables.plan import plan
from ccxdissect.tables.work import Work
from commands import run

pytestmark = pytest.mark.heavy
ROOT = Path(__file__).parents[2]
SAMPLES = sorted(map(str, (ROOT / "samples").glob("*.pcapng")), key=os.path.getsize)[:5]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What one process makes of the samples."""
    folder = tmp_path_factory.mktemp("alone") / "out"
    exported(plan(SAMPLES, GIVEN).groups, folder)
    return rows(folder)


class Running:
    """A scheduler and its workers."""

    def __init__(
        self, folder: Path, stack: ExitStack, workers: int = 2, serving: Sequence[str] = ("--no-dashboard",)
    ) -> None:
        place = folder / "scheduler.json"
        log = stack.enter_context((folder / "log").open("wb"))
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests"), "DASK_DISTRIBUTED__WORKER__DAEMON": "false"}

        def start(*arguments: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments], stdout=log, stderr=log, env=environment, cwd=folder
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        self.scheduler = start(
            "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *serving,
            "--scheduler-file", str(place),
        )  # fmt: skip
        self.workers = [
            start(
                "distributed.cli.dask_worker", "--scheduler-file", str(place), "--no-nanny", "--no-dashboard",
                "--nthreads", "1", "--host", "127.0.0.1", "--local-directory", str(folder),
            )
            for _ in range(workers)
        ]  # fmt: skip
        _until(lambda: place.exists() and place.read_text().endswith("}"))
        self.address = json.loads(place.read_text())["address"]
        with existing_when_there(self.address, workers):
            pass


@contextmanager
def existing_when_there(address: str, workers: int) -> Iterator[None]:
    from distributed import Client

    with Client(address, timeout=60) as client:
        client.wait_for_workers(workers, timeout=60)
        yield


def _until(there: object) -> None:
    for _ in range(600):
        if there():  # type: ignore[operator]
            return
        time.sleep(0.1)
    raise AssertionError("it did not come up in a minute")


def test_workers_of_this_machine_give_the_same_rows(
    tmp_path: Path, alone: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Every group is large enough to be shared out.
    monkeypatch.setattr(exporting, "SHARED_FROM", 1)
    order = Order(str(tmp_path / "out"), GIVEN)
    with local(2) as cluster:
        planned = plan(SAMPLES, GIVEN, cluster.look)
        assert planned == plan(SAMPLES, GIVEN)
        works = list(units(planned.groups, order, lambda group: 3))
        assert [(work.number, work.share) for work in works[:4]] == [(n + 1, (n, 4)) for n in (3, 2, 1, 0)]
        export(works, order, workforce=cluster.do)
    assert rows(tmp_path / "out") == alone
    assert (tmp_path / "out" / SUCCESS).is_file()


def test_columns_give_the_same_rows(
    tmp_path: Path, alone: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether all of a capture is one unit, or its messages, servers and sessions are shared out."""
    monkeypatch.setattr(columns, "WORTH_LOADING", 1)
    made: list[int] = []
    real, rest = MessageColumns.of, MessageColumns.rest

    def counted(tables: Iterable[tuple[str, pa.Table]]) -> Iterator[tuple[str, pa.Table]]:
        for name, table in tables:
            made.append(len(table))
            yield name, table

    monkeypatch.setattr(MessageColumns, "of", lambda *given: counted(real(*given)))
    monkeypatch.setattr(MessageColumns, "rest", lambda self: counted(rest(self)))
    groups = plan(SAMPLES, GIVEN).groups
    messages = sum(len(found) for name, found in alone.items() if name.startswith("messages"))
    for folder, shared_from in (("whole", 1 << 30), ("shared", 1)):
        monkeypatch.setattr(exporting, "SHARED_FROM", shared_from)
        order = Order(str(tmp_path / folder), GIVEN)
        export(units(groups, order, lambda group: 3), order)
        assert rows(tmp_path / folder) == alone
        assert sum(made) == messages > 100
        made.clear()


def test_servers_of_a_shared_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Captures of several servers read together: what is told of each server, and of all of them, is told once."""
    groups = [SAMPLES]
    exported(groups, tmp_path / "whole")
    monkeypatch.setattr(exporting, "SHARED_FROM", 1)
    for of in (2, 3, 7):
        order = Order(str(tmp_path / str(of)), GIVEN)
        export(units(groups, order, lambda group, of=of: of), order)  # type: ignore[misc]
        assert rows(tmp_path / str(of)) == rows(tmp_path / "whole")


def test_a_worker_that_is_killed_costs_no_row(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    order = Order(str(tmp_path / "out"), GIVEN)
    with ExitStack() as stack:
        running = Running(tmp_path, stack)
        told: list[int] = []

        def kill_one(work: Work) -> None:
            told.append(work.number)
            if len(told) == 2:
                os.kill(running.workers[0].pid, signal.SIGKILL)

        with existing(running.address) as cluster:
            planned = plan(SAMPLES, GIVEN, cluster.look)
            works = units(planned.groups, order, lambda group: 0)
            result = export(works, order, workforce=cluster.do, told=kill_one)
    assert sorted(told) == list(range(1, len(planned.groups) + 1)) and result.unread == {}
    assert rows(tmp_path / "out") == alone
    assert not list((tmp_path / "out").rglob("*.writing"))


def test_work_that_kills_its_workers_is_named_and_the_rest_is_there(tmp_path: Path) -> None:
    import tables.deadly
    from distributed import Client

    from ccxdissect.tables.cluster import Cluster

    works = list(units([[path] for path in SAMPLES[:3]], Order(str(tmp_path / "out"), GIVEN), lambda group: 0))
    with ExitStack() as stack:
        running = Running(tmp_path, stack, workers=4)
        with Client(running.address) as client:
            done = {one.number: one for one in Cluster(client).do(works, tables.deadly.on_the_second)}
    assert done[2].unread == f"{SAMPLES[1]}: the worker that read it died, each time it was tried"
    assert (done[1].rows, done[3].rows) == ({"calls": 1}, {"calls": 3})


def test_a_scheduler_that_is_lost_leaves_nothing_that_looks_whole(tmp_path: Path, alone: dict[str, list[str]]) -> None:
    order = Order(str(tmp_path / "out"), GIVEN)
    groups = plan(SAMPLES, GIVEN).groups
    with ExitStack() as stack:
        running = Running(tmp_path, stack)
        with (
            pytest.raises(CcxDissectError, match=r"^tcp://.*the scheduler was lost.*--resume goes on") as raised,
            existing(running.address) as cluster,
        ):
            export(
                units(groups, order, lambda group: 0),
                order,
                workforce=cluster.do,
                told=lambda work: running.scheduler.kill(),
            )
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "out" / SUCCESS).exists()
    exported(groups, tmp_path / "out", resume=True)
    assert rows(tmp_path / "out") == alone


def test_the_dashboard_s_address_is_said_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The address that the scheduler serves it at; nothing is said of one that serves none."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    for name, serving, said in (
        ("with", ("--dashboard-address", place), f"note: http://{place}/status shows what the workers do\n"),
        ("without", ("--no-dashboard",), ""),
    ):
        (tmp_path / name).mkdir()
        with ExitStack() as stack:
            running = Running(tmp_path / name, stack, workers=1, serving=serving)
            assert main(["export", SAMPLES[0], "-o", str(tmp_path / name / "out"), "--scheduler", running.address]) == 0
            assert capsys.readouterr().err.partition(f"{tmp_path}")[0] == said
    # One of our own has it where the library is there that draws it.
    for library, there in ((None, False), ("bokeh", True)):
        monkeypatch.setattr(cluster_of_dask, "find_spec", lambda _, library=library: library)
        with local(1) as made:
            assert bool(made.dashboard) is there
            if there:
                with urllib.request.urlopen(
                    made.dashboard.replace("status", "info/main/workers.html"), timeout=30
                ) as page:
                    assert page.status == 200 and b"tcp://127.0.0.1" in page.read()


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-m", "ccxdissect", "export", SAMPLES[0], "-o", "nowhere", "--scheduler", address],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        f"ccxdissect: {address}: no scheduler answers there\n",
    )


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of an object storage that speaks S3."""
    import s3fs

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        s3fs.S3FileSystem.clear_instance_cache()
        s3fs.S3FileSystem().mkdir("ring")
        yield "s3://ring"
    finally:
        process.kill()
        process.wait()


def test_captures_and_tables_in_object_storage(tmp_path: Path, storage: str) -> None:
    import s3fs

    system = s3fs.S3FileSystem()
    here = tmp_path / "day one"
    (here / "later").mkdir(parents=True)
    shutil.copy(SAMPLES[0], here / "a b.pcapng")
    shutil.copy(SAMPLES[1], here / "later" / "ü.pcapng")
    (here / "notes.txt").write_text("nothing")
    system.put(f"{here}/", "ring/in/", recursive=True)

    def run(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "ccxdissect", *arguments], capture_output=True, text=True, timeout=300, check=False
        )
        return done.returncode, done.stdout, done.stderr

    status, said, noted = run("export", f"{storage}/in", "-o", f"{storage}/out")
    assert (status, noted) == (0, f"note: {storage}/in: 1 file in it is no capture\n")
    assert said.startswith(f"{storage}/out: ") and "2 captures" in said
    system.get("ring/out/", f"{tmp_path}/fetched/", recursive=True)
    exported([[str(here / "a b.pcapng")], [str(here / "later" / "ü.pcapng")]], tmp_path / "here")
    there = {
        table: [row.replace(f"{storage}/in", str(here)) for row in held]
        for table, held in rows(tmp_path / "fetched").items()
    }
    assert {table: sorted(held) for table, held in there.items()} == rows(tmp_path / "here")
    query = "SELECT count(*) AS n FROM messages"
    assert run("sql", f"{storage}/out", query) == run("sql", str(tmp_path / "here"), query)
    assert run("messages", f"{storage}/in/a b.pcapng")[1] == run("messages", str(here / "a b.pcapng"))[1]
    assert run("summary", f"{storage}/nix.pcap") == (1, "", f"ccxdissect: {storage}/nix.pcap: nothing is there\n")
    assert run("export", "s3://nowhere", "-o", f"{storage}/more")[::2] == (
        1, "ccxdissect: s3://nowhere: nothing is there\n",
    )  # fmt: skip


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of an object storage that speaks as Google's."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
    # Who asks it is nobody: else the library looks long for a cloud that this machine would be in.
    monkeypatch.setenv("FSSPEC_GS_TOKEN", "anon")
    # Whether a bucket has folders is asked by another protocol, which the server does not speak.
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    # A folder is fetched by dozens of connections at once. Of those that a server lets wait, five unless it is told otherwise,
    # each that is too many is tried again after a second, then two, then four.
    start = "import sys; from socketserver import TCPServer; from gcp_storage_emulator.__main__ import main; "
    start += "TCPServer.request_queue_size = 1024; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", start, "start", "--host", "127.0.0.1", "--port", str(port), "--in-memory",
         "--default-bucket", "ring"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _until(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0)
        yield "gs://ring"
    finally:
        process.kill()
        process.wait()


def test_captures_and_tables_in_google_s_storage(tmp_path: Path, cloud: str) -> None:
    import gcsfs  # type: ignore[import-untyped]

    system = gcsfs.GCSFileSystem(token="anon")
    for name, path in (("a b.pcapng", SAMPLES[0]), ("later/ü.pcapng", SAMPLES[1])):
        system.pipe_file(f"ring/in/{name}", Path(path).read_bytes())
    done = run("export", f"{cloud}/in", "-o", f"{cloud}/out")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{cloud}/out: ") and "2 captures" in done.stdout
    system.invalidate_cache()
    system.get("ring/out/", f"{tmp_path}/fetched/", recursive=True)
    exported([[SAMPLES[0]], [SAMPLES[1]]], tmp_path / "here")
    counted = {table: len(held) for table, held in rows(tmp_path / "here").items()}
    assert {table: len(held) for table, held in rows(tmp_path / "fetched").items()} == counted
    query = "SELECT count(*) AS n FROM messages"
    assert run("sql", f"{cloud}/out", query) == run("sql", str(tmp_path / "here"), query)
    again = run("export", f"{cloud}/in", "-o", f"{cloud}/out")
    assert (again.returncode, again.stderr) == (
        1, f"ccxdissect: {cloud}/out: is not empty (it holds _SUCCESS); --resume goes on in it with the same captures, else name a new folder, or an empty one\n",
    )  # fmt: skip
    assert run("messages", f"{cloud}/in/a b.pcapng").stdout == run("messages", SAMPLES[0]).stdout
    assert run("summary", f"{cloud}/nix.pcap") == (1, "", f"ccxdissect: {cloud}/nix.pcap: nothing is there\n")


def test_without_the_library_of_a_storage_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it fsspec turns to Hadoop's own, which without Java says in some hundred lines where it looked for that."""
    registry = import_module("fsspec.registry")
    monkeypatch.setitem(sys.modules, "hdfs_native", None)  # type: ignore[arg-type]
    monkeypatch.setitem(
        registry.known_implementations, "hdfs", {"class": "fsspec.implementations.arrow.HadoopFileSystem"}
    )
    loaded: dict[str, type] = {}
    monkeypatch.setattr(registry, "_registry", loaded)
    monkeypatch.setattr(registry, "registry", loaded)
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    name = "hdfs://nobody.invalid:8020/day.pcap"
    status, printed, said = run("messages", name)
    assert (status, printed, said.count("\n")) == (1, "", 1) and len(said) < 400
    assert said.startswith(f"ccxdissect: {name}: this needs one more library: pip install hdfs-native (")


def test_any_file_system_that_fsspec_knows(tmp_path: Path) -> None:
    """Storages differ in their libraries only: `memory://` stands here for those with no server at hand."""
    import fsspec  # type: ignore[import-untyped]

    system = fsspec.filesystem("memory")
    for name, path in (("a b.pcapng", SAMPLES[0]), ("later/ü.pcapng", SAMPLES[1])):
        system.pipe_file(f"/ring/in/{name}", Path(path).read_bytes())
    done = run("export", "memory://ring/in", "-o", "memory://ring/out")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 captures" in done.stdout and system.exists("/ring/out/_SUCCESS")
    system.get("/ring/out/", f"{tmp_path}/fetched/", recursive=True)
    exported([[SAMPLES[0]], [SAMPLES[1]]], tmp_path / "here")
    counted = {table: len(held) for table, held in rows(tmp_path / "here").items()}
    assert {table: len(held) for table, held in rows(tmp_path / "fetched").items()} == counted
    again = run("export", "memory://ring/in", "-o", "memory://ring/out")
    assert (again.returncode, again.stdout) == (1, "")
    assert "is not empty" in again.stderr and again.stderr.count("\n") == 1
    assert run("messages", "memory://ring/in/a b.pcapng").stdout == run("messages", SAMPLES[0]).stdout
    gone = run("summary", "memory://ring/nix.pcap")
    assert (gone.returncode, gone.stderr) == (1, "ccxdissect: memory://ring/nix.pcap: nothing is there\n")
