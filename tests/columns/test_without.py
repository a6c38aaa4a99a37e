"""Without numpy and Arrow everything works as before, and the program says which way it goes."""

from __future__ import annotations

import subprocess
import sys

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
sys.exit(main(sys.argv[1:]))
"""


def test_the_version_says_which_way_there_is() -> None:
    with_both = subprocess.run([sys.executable, "-m", "ccxdissect", "--version"], capture_output=True, text=True)
    without = subprocess.run([sys.executable, "-c", _WITHOUT, "--version"], capture_output=True, text=True)
    assert with_both.stdout.endswith("(decodes large captures in bulk)\n")
    assert without.stdout.endswith(
        "(decodes large captures one message after the other: the extra `fast` is not installed)\n"
    )


def test_small_captures_load_neither() -> None:
    script = (
        "import sys; from ccxdissect.cli.main import main; main(['messages', 'samples/trouble.pcapng']); "
        "print(*(name for name in ('numpy', 'pyarrow', 'tabulate') if name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stderr == "tabulate\n"
