"""Without numpy and Arrow everything works as before, and the program says which way it goes."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import ccxdissect
from ccxdissect import columns
from ccxdissect.cli.main import main
from ccxdissect.sources.options import options
from ccxdissect.sources.trace import Trace

SAMPLES = Path(__file__).parents[2] / "samples"

_WITHOUT = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numpy", "pyarrow"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
import importlib.util
found = importlib.util.find_spec
def find_spec(name, package=None):
    try:
        return found(name, package)
    except ModuleNotFoundError:
        return None
importlib.util.find_spec = find_spec
from ccxdissect.cli.main import main
from ccxdissect.sources.options import options
from ccxdissect.sources.trace import Trace
sys.exit(main(sys.argv[1:]))
"""


def test_the_version_says_which_way_there_is() -> None:
    with_both = subprocess.run([sys.executable, "-m", "ccxdissect", "--version"], capture_output=True, text=True)
    without = subprocess.run([sys.executable, "-c", _WITHOUT, "--version"], capture_output=True, text=True)
    assert with_both.stdout.endswith("(decodes large captures in bulk)\n")
    assert without.stdout.endswith(
        "(decodes large captures one message after the other: the extra `fast` is not installed)\n"
    )


@pytest.mark.parametrize(
    "command",
    [
        ["messages", "--format", "jsonl"],
        ["messages", "--format", "jsonl", "--reserved", "--show-secrets"],
        ["messages", "--format", "jsonl", "--type", "HEARTBEAT_REQ"],
        ["messages", "--format", "csv"],
        ["messages", "--format", "table"],
        *([name, "--format", "jsonl"] for name in ("sessions", "exchanges", "calls", "agents", "findings", "stats")),
        ["summary"],
    ],
    ids=" ".join,
)
def test_every_command_says_the_same_either_way(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for sample in sorted(SAMPLES.glob("*.pcapng")):
        said = []
        for least in (1 << 40, 0):
            monkeypatch.setattr(columns, "WORTH_LOADING", least)
            assert main([*command, str(sample)]) == 0
            sys.stdout.flush()
            said.append(capfdbinary.readouterr())
        assert said[0] == said[1]


def test_a_large_capture_is_read_in_bulk_and_any_other_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(SAMPLES / "trouble.pcapng")
    assert ccxdissect.open(path).batches() is None
    monkeypatch.setattr(columns, "WORTH_LOADING", 0)
    assert ccxdissect.open(path).batches() is not None
    assert Trace([path], options(checksums=True)).batches() is None
    monkeypatch.setattr(columns, "installed", lambda: False)
    assert ccxdissect.open(path).batches() is None


def test_small_captures_load_neither() -> None:
    script = (
        "import sys; from ccxdissect.cli.main import main; main(['messages', 'samples/trouble.pcapng']); "
        "print(*(name for name in ('numpy', 'pyarrow', 'tabulate') if name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stderr == "tabulate\n"


def test_lines_of_large_captures_load_no_more_than_they_need() -> None:
    """Arrow asks pandas what it is given, and describes its functions: that takes a third of the time of 100,000 messages.
    What others make of messages takes another 0.01 s."""
    analysis = ("ccxdissect.analysis.sessions", "ccxdissect.analysis.exchanges", "ccxdissect.analysis.foreign")
    asked = ("pyarrow", "pyarrow.compute", "pandas", "numpy.ma", "ccxdissect.capture.log_time", *analysis)
    script = (
        "import sys; from ccxdissect import columns; columns.WORTH_LOADING = 0; from ccxdissect.cli.main import main; "
        "main(['messages', '--format', 'jsonl', 'samples/trouble.pcapng']); "
        f"print(*(name for name in {asked} if name in sys.modules), file=sys.stderr)"
    )
    assert find_spec("pandas") is not None
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout.count("\n"), done.stderr) == (81, "pyarrow\n")
