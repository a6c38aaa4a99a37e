"""What each command costs on one capture of everything that strangers send: processor seconds and MiB, as JSON.

python tests/bench/hostile_costs.py CAPTURE
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from growth import COMMANDS, INPUTS, cost
from traffic import Writer

#: The README's bounds: MiB that a command may hold, and processor seconds for each megabyte.
HELD, SECONDS = 256, 20
#: How many of each kind of `growth.py`.
_COUNT = 300


def hostile(path: Path) -> None:
    """Write the capture: some of each kind of input whose growth is measured, all in one file."""
    with path.open("wb") as file:
        writer = Writer(file, 1_700_000_000_000_000)
        for make in INPUTS:
            make(writer, _COUNT)


def costs(path: Path) -> dict[str, list[float]]:
    """Each command's seconds and MiB, measured in children of a process that holds nothing else."""
    done = subprocess.run(
        [sys.executable, __file__, str(path)], capture_output=True, check=True, text=True, cwd=Path(__file__).parent
    )
    found: dict[str, list[float]] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(json.dumps({command: cost(command, Path(sys.argv[1])) for command in COMMANDS}))
