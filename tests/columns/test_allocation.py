"""Arrow's memory comes from where little of it stays behind."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from ccxdissect.columns import ARROW_MEMORY, WORTH_LOADING
from ccxdissect.tables.dataset import Unit
from ccxdissect.tables.store import Store
from ccxdissect.views.column_lines import ColumnWriter
from ccxdissect.views.messages import Showing


@pytest.mark.parametrize("made", [lambda _: ColumnWriter(Showing()), lambda path: Unit(Store(str(path)), 1)])
def test_who_takes_chunk_after_chunk_takes_them_from_a_lean_pool(
    made: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pa.set_memory_pool(pa.mimalloc_memory_pool())
    made(tmp_path)
    assert pa.default_memory_pool().backend_name == "jemalloc"
    # Where it is not built in:
    monkeypatch.setattr(pa, "supported_memory_backends", lambda: ["system"])
    made(tmp_path)
    assert pa.default_memory_pool().backend_name == "system"


_POOL = "ARROW_DEFAULT_MEMORY_POOL"
#: Says what the settings of Arrow's memory were when Arrow was looked for.
_LOOKING = f"""
import os, sys
class Looking:
    def find_spec(self, name, path=None, target=None):
        if name == "pyarrow":
            print(*map(os.environ.get, ("{ARROW_MEMORY}", "{_POOL}")), file=sys.stderr)
sys.meta_path.insert(0, Looking())
from ccxdissect.cli.main import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("command", "kept"), [(("messages", "--format", "jsonl"), "-1"), (("export", "--output"), "200")]
)
def test_its_settings_are_made_before_arrow_is_loaded(command: tuple[str, ...], kept: str, tmp_path: Path) -> None:
    """Later ones reach only what Arrow does not hold yet. Lines of JSON are alike chunk by chunk, tables are not."""
    sample = (Path(__file__).parents[2] / "samples" / "queued-call.pcapng").read_bytes()
    capture = tmp_path / "capture.pcapng"
    capture.write_bytes(sample * (WORTH_LOADING // len(sample) + 1))
    name, *options = command
    given = [*options, str(tmp_path / "out")] if name == "export" else options
    command_line = [sys.executable, "-c", _LOOKING, name, *given, str(capture)]
    # What this process has loaded has said how it wants it.
    environment = {name: value for name, value in os.environ.items() if name not in (ARROW_MEMORY, _POOL)}
    done = subprocess.run(command_line, capture_output=True, text=True, check=True, timeout=60, env=environment)
    # Who writes no Parquet needs no other pool.
    pool = "system" if name == "export" else None
    assert done.stderr.splitlines()[:1] == [f"dirty_decay_ms:{kept},muzzy_decay_ms:0,narenas:1 {pool}"]


#: Says how many pages the system gave while arrays of some MiB came and went.
_COMING_AND_GOING = """
import resource, sys
import numpy as np
from ccxdissect.columns.chunks import ChunkReader
from ccxdissect.capture.notices import Notices
if sys.argv[1] == "reading":
    ChunkReader([], Notices())
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    several = [np.ones(size << 10, np.uint8) for size in (100, 200, 900, 1000, 300)]
    del several
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_what_one_chunk_leaves_is_there_for_the_next() -> None:
    def faults(word: str) -> int:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
        command = [sys.executable, "-c", _COMING_AND_GOING, word]
        return int(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)

    if platform.libc_ver()[0] == "glibc":
        assert faults("reading") < 1000 < faults("not")
    else:
        assert faults("reading") <= faults("not") + 1000
