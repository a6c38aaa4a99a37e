"""The one file that support engineers carry: built by its one command, and run where nothing is installed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ccxdissect.cli.main import command_names

#: What takes long by its nature.
pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
TROUBLE = str(ROOT / "samples" / "trouble.pcapng")


@pytest.fixture(scope="module")
def one_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("one file") / "ccxdissect.pyz"
    subprocess.run([sys.executable, str(ROOT / ".ci" / "pyz.py"), str(file)], check=True)
    return file


def carried(file: Path, *arguments: str) -> tuple[int, str, str]:
    """Run it by a Python that sees nothing but its own standard library."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(file), *arguments],
        cwd=file.parent,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def installed(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ccxdissect", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_it_does_what_the_installed_command_does(one_file: Path) -> None:
    for arguments in (
        ["--help"],
        ["summary", TROUBLE],
        ["messages", TROUBLE, "--format", "table"],
        ["messages", TROUBLE, str(ROOT / "samples" / "version-18.pcapng"), "--jobs", "2", "--format", "jsonl"],
        ["ladder", TROUBLE],
        ["lua"],
        ["lab", "list"],
        ["spec", "OPEN_REQ"],
        ["summary", "nowhere.pcapng"],
    ):
        assert carried(one_file, *arguments) == installed(*arguments), arguments
    for name in command_names():
        assert carried(one_file, name, "--help") == installed(name, "--help"), name


def test_it_runs_by_itself_and_holds_scapy(one_file: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); from ccxdissect import layers; "
        "import scapy; print(scapy.__file__, layers.OPEN_REQ(VersionNumber=14).VersionNumber)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(one_file)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(str(one_file)) and done.stdout.endswith(" 14\n")
    assert subprocess.run([str(one_file), "--version"], check=True, capture_output=True).stdout.startswith(
        b"ccxdissect "
    )


def test_what_is_compiled_stays_out_and_is_told_by_name(one_file: Path) -> None:
    with zipfile.ZipFile(one_file) as held:
        names = held.namelist()
    assert [name for name in names if name.endswith((".so", ".pyd", ".pyc"))] == []
    tracked = subprocess.run(
        ["git", "ls-files", "ccxdissect"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(tracked) <= set(names)
    status, out, said = carried(one_file, "messages", "--engine", "pyshark", TROUBLE)
    assert (status, out) == (1, "")
    assert said == (
        "ccxdissect: pyshark: cannot be used (No module named 'pyshark'): --engine tshark does the same without it\n"
    )
