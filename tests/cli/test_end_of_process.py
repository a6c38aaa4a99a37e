"""How a command's process ends."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_SAMPLE = _ROOT / "samples" / "login-good.pcapng"
_PROGRAM = """
import atexit, gc, sys
atexit.register(lambda: print(gc.get_freeze_count() > 0))
{before}
from ccxdissect.cli.main import main
sys.exit(main(["stats", sys.argv[1], "-o", sys.argv[2]]))
"""


@pytest.mark.parametrize(("before", "lie"), [("", True), ("import duckdb", False)])
def test_cycles_are_left_to_the_system_unless_somebody_complains(before: str, lie: bool, tmp_path: Path) -> None:
    """DuckDB would name each of its objects that is still there on standard error."""
    command = [sys.executable, "-c", _PROGRAM.format(before=before), str(_SAMPLE), str(tmp_path / "a")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert (done.stdout, done.stderr) == (f"{lie}\n", "")


_INTERRUPTED = """
import os, runpy, signal, sys

class Interrupting:
    def find_spec(self, name, *_):
        if name == wanted:
            os.kill(os.getpid(), signal.SIGINT)

entry, wanted, *sys.argv[1:] = sys.argv[1:]
# Whoever runs the tests in the background may have had interrupts ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupting())
if not entry:
    runpy.run_module("ccxdissect", run_name="__main__")
module, _, function = entry.partition(":")
sys.exit(getattr(__import__(module, fromlist=[function]), function)())
"""


def _installed() -> str:
    """What the command that is installed calls."""
    setup = configparser.ConfigParser()
    setup.read(_ROOT / "setup.cfg", "utf-8")
    name, _, entry = setup["options.entry_points"]["console_scripts"].strip().partition(" = ")
    assert name == "ccxdissect"
    return entry


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot interrupt itself there")
@pytest.mark.parametrize("entry", ["", _installed()], ids=["module", "command"])
@pytest.mark.parametrize(
    "importing",
    [
        "ccxdissect.cli.main",
        "argparse",
        "ccxdissect.cli.cycles",
        "ccxdissect.errors",
        "ccxdissect.cli.commands.stats",
        "ccxdissect.sources.trace",
    ],
)
def test_who_interrupts_it_while_it_begins_sees_no_traceback(entry: str, importing: str) -> None:
    command = [sys.executable, "-c", _INTERRUPTED, entry, importing, "stats", str(_SAMPLE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_the_one_file_begins_as_the_command_does() -> None:
    module, _, function = _installed().partition(":")
    assert f"from {module} import {function}\n" in (_ROOT / ".ci" / "pyz.py").read_text("utf-8")


_TROUBLE = _ROOT / "samples" / "trouble.pcapng"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("redact", "--check", str(_SAMPLE)), 3),
        (("findings", str(_TROUBLE), "--fail-on", "error"), 3),
        (("findings", str(_TROUBLE), "--fail-on", "error", "--format", "jsonl"), 3),
        (("findings", str(_SAMPLE), "--fail-on", "error"), 0),
        (("findings", str(_TROUBLE)), 0),
    ],
)
@pytest.mark.parametrize("buffered", [True, False])
def test_an_answer_that_nobody_reads_is_in_the_status(arguments: tuple[str, ...], status: int, buffered: bool) -> None:
    """Whether a line is written at the end or, as of many, before."""
    reading, writing = os.pipe()
    os.close(reading)
    flags = [] if buffered else ["-u"]
    command = [sys.executable, *flags, "-m", "ccxdissect", *arguments]
    done = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False, cwd=_ROOT, timeout=60
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (status, "")
