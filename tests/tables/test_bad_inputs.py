"""What goes wrong around an export is told in one line each, nothing else is lost, and nothing looks whole that is not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tables.comparing import rows

from commands import run

ROOT = Path(__file__).parents[2]
TROUBLE, QUEUED = str(ROOT / "samples/trouble.pcapng"), str(ROOT / "samples/queued-call.pcapng")
LOGIN, DAY = str(ROOT / "samples/login-bad.pcapng"), ROOT / "samples/agent-day-bridge-and-agent.pcapng"


def test_the_same_capture_twice_under_names_with_spaces_and_signs(tmp_path: Path) -> None:
    place = tmp_path / "ring ü 1"
    place.mkdir()
    shutil.copy(TROUBLE, place / "täg eins.pcapng")
    shutil.copy(TROUBLE, place / "a copy.pcapng")
    (place / "notes.txt").write_text("x")
    out = str(tmp_path / "tables ß")
    done = run("export", str(place), str(place / "a copy.pcapng"), "-o", out)
    assert done.returncode == 0 and done.stdout.startswith(f"{out}: 81 messages; 6 sessions, ")
    assert done.stderr == (
        f"note: {place}: 1 file in it is no capture\n"
        f"note: {place}/a copy.pcapng: is the same capture as {place}/a copy.pcapng, and counted once\n"
        f"note: {place}/täg eins.pcapng: holds the same bytes as {place}/a copy.pcapng, and counts once\n"
    )
    assert run("sql", out, "SELECT count(*) AS n FROM messages", "--format", "csv").stdout == "n\n81\n"


def test_captures_that_overlap_in_time_are_read_together(tmp_path: Path) -> None:
    part = tmp_path / "part.pcapng"
    part.write_bytes(Path(TROUBLE).read_bytes()[:12000])
    done = run("export", str(part), TROUBLE, "-o", str(tmp_path / "out"))
    assert done.returncode == 0 and done.stdout.startswith(f"{tmp_path}/out: 81 messages; 6 sessions, ")
    assert (
        f"note: {part}: 1 further capture is read with it, since connections go on or the times overlap\n"
        in done.stderr
    )
    assert "files overlap in time: merged in time order" in done.stderr


@pytest.mark.parametrize("holds", [(), ("notes.txt",)])
def test_a_folder_without_captures_makes_nothing(tmp_path: Path, holds: tuple[str, ...]) -> None:
    place = tmp_path / "empty"
    place.mkdir()
    for name in holds:
        (place / name).write_text("x")
    noted = f"note: {place}: 1 file in it is no capture\n" if holds else ""
    for command in (("export", str(place), "-o", str(tmp_path / "out")), ("sql", str(place), "SELECT 1")):
        assert run(*command) == (1, "", f"{noted}ccxdissect: {place}: there is no capture to read\n")
    assert not (tmp_path / "out").exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_text("x")
    assert run("export", TROUBLE, "-o", str(tmp_path)) == (
        1, "", f"ccxdissect: {tmp_path}: is not empty (it holds holiday.jpg); name a new folder, or an empty one\n",
    )  # fmt: skip
    assert run("export", TROUBLE, "-o", str(tmp_path), "--resume") == (
        1, "", f"ccxdissect: {tmp_path}: was not begun by an export, so it cannot be gone on with\n",
    )  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def test_tables_that_somebody_changed(tmp_path: Path) -> None:
    """And a folder whose name reads as a pattern."""
    out = tmp_path / "o[1]* 'x\"?"
    assert run("export", LOGIN, "-o", str(out)).returncode == 0
    assert run("sql", str(out), "SELECT count(*) AS n FROM messages", "--format", "csv") == (0, "n\n8\n", "")
    torn = out / "sessions" / "part-00001.parquet"
    torn.write_text("torn")
    status, printed, said = run("sql", str(out), "SELECT 1")
    assert (status, printed, said.count("\n")) == (1, "", 1) and said.startswith(
        f"ccxdissect: {torn}: Parquet file size"
    )
    torn.unlink()
    shutil.rmtree(out / "messages")
    (out / "messages").mkdir()
    status, printed, said = run("sql", str(out), "SELECT 1")
    assert (status, printed, said.count("\n")) == (1, "", 1) and said.startswith(f"ccxdissect: {out}: ")


@pytest.fixture
def common() -> Iterator[Path]:
    """A folder in which others may look around, unlike that of all tests."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.heavy
def test_without_rights(common: Path) -> None:
    """As somebody who may not read one of the captures, and may not write into one of the folders."""
    closed, open_, secret = common / "closed", common / "open", common / "secret.pcapng"
    inside = common / "captures" / "inside"
    inside.mkdir(parents=True)
    inside.parent.chmod(0o755)
    for place, mode in ((closed, 0o755), (open_, 0o777)):
        place.mkdir()
        place.chmod(mode)
    shutil.copy(QUEUED, secret)
    shutil.copy(LOGIN, inside.parent / "login.pcapng")
    inside.chmod(0o700)
    secret.chmod(0o600)
    # What is imported on the way may be where only root may read.
    program = (
        "import os, sys, tempfile\n"
        "import ccxdissect.tables.sql\n"
        "from ccxdissect.cli.main import main\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    main(['export', sys.argv[1], '-o', folder + '/x'])\n"
        "print('so far')\n"
        "sys.stdout.flush()\n"
        "if not os.getuid():\n"
        "    os.setgroups([]), os.setegid(65534), os.seteuid(65534)\n"
        "sys.exit(main(sys.argv[2:]))\n"
    )
    shutil.copy(LOGIN, common / "login.pcapng")
    login = str(common / "login.pcapng")
    if os.getuid():
        closed.chmod(0o555)
        secret.chmod(0)
        inside.chmod(0)

    def as_nobody(*arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-c", program, login, *arguments], capture_output=True, text=True, check=False, timeout=120
        )
        return done.returncode, done.stdout.partition("so far\n")[2], done.stderr

    assert as_nobody("export", login, "-o", str(closed / "out")) == (
        1,
        "",
        f"ccxdissect: {closed}/out: Permission denied\n",
    )
    status, said, noted = as_nobody("export", login, str(secret), "-o", str(open_ / "out"))
    assert (status, noted) == (1, f"note: not read: {secret}: permission denied\n")
    assert said.startswith(f"{open_}/out: 8 messages; 1 session")
    assert list(json.loads((open_ / "out" / "_SUCCESS").read_text())["unread"]) == [str(secret)]

    # A folder within the one that is named, and one of the tables.
    status, said, noted = as_nobody("export", str(inside.parent), "-o", str(open_ / "all"))
    assert (status, noted) == (1, f"note: not read: {inside}: permission denied\n")
    assert said.startswith(f"{open_}/all: 8 messages; 1 session")
    hidden = open_ / "out" / "sessions"
    hidden.rename(closed / "sessions")
    (closed / "sessions").chmod(0)
    hidden.symlink_to(closed / "sessions")
    said_of_it = f"ccxdissect: {hidden}: Permission denied\n"
    assert as_nobody("sql", str(open_ / "out"), "SELECT 1") == (1, "", said_of_it)


@pytest.mark.heavy
def test_a_full_disk_leaves_nothing_that_looks_whole_and_is_gone_on_with(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    export = f"{sys.executable} -m ccxdissect export {TROUBLE} {QUEUED} -o {disk}/out"
    script = (
        f"mount -t tmpfs -o size=200k tmpfs {disk} && {export}; echo $?; find {disk} -name _SUCCESS -o -name '*.writing'; "
        f"mount -o remount,size=20M {disk} && {export} --resume && cp -r {disk}/out {tmp_path}/copy"
    )
    own = ["unshare", "--mount"] if not os.getuid() else ["unshare", "--mount", "--map-root-user"]
    done = subprocess.run([*own, "sh", "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == f"ccxdissect: {disk}/out: No space left on device\n"
    assert done.returncode == 0 and done.stdout.startswith(f"1\n{disk}/out: 219 messages; ")
    run("export", TROUBLE, QUEUED, "-o", str(tmp_path / "whole"))
    assert rows(tmp_path / "copy") == rows(tmp_path / "whole")


@pytest.mark.heavy
def test_a_run_that_is_killed_does_not_look_whole_and_is_gone_on_with(tmp_path: Path) -> None:
    big, out = tmp_path / "big.pcapng", tmp_path / "out"
    big.write_bytes(DAY.read_bytes() * 12)
    command = ["export", str(big), TROUBLE, QUEUED, "-o", str(out)]
    process = subprocess.Popen(
        [sys.executable, "-m", "ccxdissect", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    began = time.monotonic()
    while not list(out.glob("_units/*.json")) and time.monotonic() - began < 60:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (out / "_SUCCESS").exists()
    asked = run("sql", str(out), "SELECT 1")
    assert (asked.returncode, asked.stderr) == (
        1, f"ccxdissect: {out}: is no folder that an export finished (it has no _SUCCESS)\n",
    )  # fmt: skip
    again = run(*command, "--resume")
    assert again.returncode == 0 and not list(out.rglob("*.writing"))
    run(*command[:-1], str(tmp_path / "whole"))
    assert rows(out) == rows(tmp_path / "whole")
    assert json.loads((out / "_SUCCESS").read_text()) == json.loads((tmp_path / "whole" / "_SUCCESS").read_text())
