"""Every command of the README does what the README says, from a copy that nobody has set up."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
READMES = [ROOT / "README.md", ROOT / "wireshark" / "README.md", ROOT / "samples" / "README.md"]
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
SET_UP = [text for kind, text in BLOCKS if kind == "sh"]
PYTHON = [text for kind, text in BLOCKS if kind == "pycon"]


def commands() -> list[tuple[str, str]]:
    """The commands after `$ ` in console blocks, each with the output shown for it."""
    found = []
    for kind, text in BLOCKS:
        if kind == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                found.append((command, output))
    return found


def environment() -> dict[str, str]:
    """The environment of somebody whose PATH begins with the project's `.venv/bin`."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}


def matches(shown: str, real: str) -> bool:
    """Whether real output is what is shown; a line `...` stands for any lines."""
    pattern = "".join(".*?" if line == "...\n" else re.escape(line) for line in shown.splitlines(keepends=True))
    return re.fullmatch(pattern, real, re.DOTALL) is not None


def tracked() -> set[str]:
    """The files of the repository, committed or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return {name for name in listed.stdout.decode().split("\0") if (ROOT / name).is_file()}


@pytest.fixture
def fresh_copy(tmp_path: Path) -> Path:
    """What the source distribution unpacks to, which is the whole repository."""
    subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path)
    (target,) = (path for path in tmp_path.iterdir() if path.is_dir())
    unpacked = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert tracked() - unpacked == set()
    made = {name for name in unpacked - tracked() if ".egg-info/" not in name}
    assert made == {"PKG-INFO"}
    return target


@pytest.mark.heavy
def test_the_first_two_blocks_set_it_up_tell_a_newcomer_something_and_run_the_tests(fresh_copy: Path) -> None:
    done = subprocess.run(["sh", "-c", SET_UP[0]], cwd=fresh_copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Error: "), done.stdout
    assert "\nFindings: " in done.stdout
    assert "1. 127.0.2." in done.stdout
    assert SET_UP[1].strip() == "sh tests/run.sh"
    done = subprocess.run(
        ["sh", "tests/run.sh", "--numprocesses", "0", "tests/protocol/test_codes.py"],
        cwd=fresh_copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed in " in done.stdout


@pytest.mark.parametrize(("command", "shown"), commands(), ids=[command for command, _ in commands()])
def test_a_command_prints_what_the_readme_shows(command: str, shown: str, tmp_path: Path) -> None:
    for name in ("samples", "wireshark", "tests", "ccxdissect"):
        (tmp_path / name).symlink_to(ROOT / name)  # what a command writes is not written into the repository
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert matches(shown, done.stdout), done.stdout


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_python_does_what_the_readme_shows(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    examples = doctest.DocTestParser().get_doctest(PYTHON[number], {}, f"README {number}", "README.md", 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(examples, out=report.append)
    assert not runner.failures, "".join(report)


@pytest.mark.parametrize("path", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text()
    for file in (ROOT / "ccxdissect" / "cli" / "commands").glob("[a-z]*.py"):
        assert f"`{file.stem}`" in text, file.stem
