"""A file that is there already is never overwritten without --force, whatever writes it."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccxdissect.cli.main import whole_parser
from ccxdissect.errors import CaptureError
from ccxdissect.outputs import check_output
from commands import run

SAMPLES = Path(__file__).parents[2] / "samples"
LOGIN = str(SAMPLES / "login-good.pcapng")
#: Options of which the argument is a file or folder to write.
WRITING = {"text_output", "output", "write", "parquet"}
#: What each command needs besides, so that it writes.
NEEDED = {
    "cut": (LOGIN, "--session", "1"), "compare": (LOGIN, LOGIN), "completion": ("fish",), "constants": ("AgentState",),
    "decode": ("000000040000000500000009",), "explain": ("265",), "export": (LOGIN,), "redact": ("--check", LOGIN),
    "schema": ("findings",), "show": (LOGIN, "1"), "spec": ("OPEN_REQ",), "lua": (), "lab list": (),
    "lab record": ("login-good",), "sql": (LOGIN, "SELECT count(*) FROM OPEN_REQ"), "live": ("-",),
}  # fmt: skip


def writing(parser: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, str]]:
    """Every command, and every option of it that names what is written."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, below in action.choices.items():
                yield from writing(below, f"{name} {word}".strip())
        elif action.dest in WRITING:
            for option in action.option_strings:
                yield name, option


def asked(command: str, option: str, path: Path) -> tuple[str, ...]:
    return (*command.split(), *NEEDED.get(command, (LOGIN,)), option, str(path))


FOUND = sorted(writing(whole_parser()))


def test_every_command_that_writes_is_among_these() -> None:
    assert {"cut", "export", "report", "live", "lab record", "lua", "messages", "redact"} <= {name for name, _ in FOUND}
    assert {("live", "--write"), ("sql", "--parquet")} <= {*FOUND}


@pytest.mark.parametrize(("command", "option"), FOUND, ids=lambda value: value)
def test_what_is_there_stays(command: str, option: str, tmp_path: Path) -> None:
    path = tmp_path / "there"
    path.write_text("precious")
    with open(LOGIN, "rb") as file:
        done = run(*asked(command, option, path), stdin=file.read())
    said = (
        "is a file, and a folder is to be written\n"
        if command == "export"
        else "is there already: --force replaces it\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"ccxdissect: {path}: {said}")
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    ("command", "option"), [one for one in FOUND if one[0] not in ("export", "live")], ids=lambda value: value
)
def test_it_is_replaced_with_force(command: str, option: str, tmp_path: Path) -> None:
    path = tmp_path / "there"
    path.write_text("precious")
    done = run(*asked(command, option, path), "--force")
    assert done.returncode in (0, 3), done.stderr
    assert "precious" not in path.read_bytes().decode(errors="replace")


@pytest.mark.parametrize(
    ("command", "option"),
    [one for one in FOUND if LOGIN in NEEDED.get(one[0], (LOGIN,)) and one[0] != "export"],
    ids=lambda value: value,
)
def test_what_is_read_is_never_overwritten(command: str, option: str, tmp_path: Path) -> None:
    path = tmp_path / "there"
    path.write_bytes(Path(LOGIN).read_bytes())
    given = [str(path) if word == LOGIN else word for word in asked(command, option, path)]
    done = run(*given, "--force")
    assert (done.returncode, done.stderr) == (1, f"ccxdissect: {path}: is the input itself\n")
    assert path.read_bytes() == Path(LOGIN).read_bytes()


def test_a_folder_of_tables_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    done = run("export", LOGIN, "--output", str(tmp_path))
    assert done.returncode == 1 and done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.heavy
def test_an_installed_plugin_and_profile_are_replaced_with_force_alone(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}

    def install(*more: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "ccxdissect", "lua", "--install", "--profile", *more]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
        return done.returncode, done.stderr.splitlines()[-1] if done.returncode else ""

    assert install() == (0, "")
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(files) > 3
    # What is there as it would be written is fine.
    assert install() == (0, "")
    for path in files:
        path.write_text("mine")
        assert install() == (1, f"ccxdissect: {path}: is there already: --force replaces it")
        assert path.read_text() == "mine"
        assert install("--force") == (0, "")
        assert {path: path.read_bytes() for path in files} == files


FAILING = {
    "columns": ("messages", LOGIN, "--columns", "zz"),
    "where": ("findings", LOGIN, "--where", "zz==1"),
    "zone": ("messages", LOGIN, "--zone", "Mars/X"),
    "no capture": ("messages", str(SAMPLES / "README.md")),
    "no message": ("show", LOGIN, "999"),
    "no hexadecimal": ("decode", "zz"),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_command_that_fails_leaves_what_was_there(name: str, tmp_path: Path) -> None:
    path, new = tmp_path / "there", tmp_path / "new"
    path.write_text("precious")
    done = run(*FAILING[name], "-o", str(path), "--force")
    assert done.returncode in (1, 2) and done.stderr.startswith("ccxdissect: ")
    assert path.read_text() == "precious"
    run(*FAILING[name], "-o", str(new))
    assert sorted(os.listdir(tmp_path)) == ["there"]


def test_a_full_disk_leaves_nothing_and_is_told_with_the_name() -> None:
    done = run("messages", LOGIN, "-o", "/dev/full", "--force")
    assert (done.returncode, done.stderr) == (1, "ccxdissect: /dev/full: no space left on device\n")


def test_no_name_is_no_file() -> None:
    with pytest.raises(CaptureError, match="^'': is no name of a file to write$"):
        check_output("")
