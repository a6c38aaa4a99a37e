"""How a command's process ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_SAMPLE = Path(__file__).parents[2] / "samples" / "login-good.pcapng"
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
