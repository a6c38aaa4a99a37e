"""One simulated hour at 200 messages a second, time compressed, through a pipe into `ccxdissect live -`.

Run by hand: `python tests/bench/live_hour.py [MESSAGES]`. Prints the speed and the memory of the reading process at
every tenth of the way; it fails when memory grows by more than GROWTH after the first tenth, or when a message is
lacking.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

_TESTS = Path(__file__).parents[1]
for place in (_TESTS, _TESTS / "live", _TESTS.parent):
    sys.path.insert(0, str(place))

from live_traffic import busy, write_capture  # noqa: E402

HOUR = 720_000
#: MiB that the reading process may grow by after a tenth of the messages.
GROWTH = 8.0


def resident(pid: int) -> float:
    """MiB of memory that a process holds (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def run(messages: int, arguments: tuple[str, ...] = ("--format", "jsonl")) -> tuple[list[float], int, str, float]:
    """Memory at each tenth of the way, rows printed, what standard error said, and seconds taken."""
    reading = subprocess.Popen(
        [sys.executable, "-m", "ccxdissect", "live", "-", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=_TESTS.parent,
    )
    assert reading.stdin is not None and reading.stdout is not None and reading.stderr is not None
    said: list[bytes] = []
    listening = threading.Thread(target=lambda: said.append(reading.stderr.read()))  # type: ignore[union-attr]
    listening.start()
    pipe = f"/proc/self/fd/{reading.stdin.fileno()}"

    def feed() -> None:
        write_capture(pipe, busy(messages))
        reading.stdin.close()  # type: ignore[union-attr]

    feeding = threading.Thread(target=feed)
    began = time.monotonic()
    feeding.start()
    rows = 0
    held = []
    tenth = max(messages // 10, 1)
    for _ in reading.stdout:
        rows += 1
        if rows % tenth == 0:
            held.append(resident(reading.pid))
    feeding.join()
    reading.wait()
    listening.join()
    return held, rows, b"".join(said).decode(), time.monotonic() - began


def main() -> int:
    """Print what was measured; 1 when memory grew or messages are lacking."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else HOUR
    held, rows, said, seconds = run(messages)
    print(f"{rows:,} rows in {seconds:.1f} s ({rows / seconds:,.0f}/s), memory in MiB at each tenth:")
    print("  " + " ".join(f"{size:.1f}" for size in held))
    print("  " + "\n  ".join(said.splitlines()[-3:]))
    grown = held[-1] - held[0]
    print(f"grown by {grown:.1f} MiB")
    return 0 if grown <= GROWTH and rows >= messages else 1


if __name__ == "__main__":
    sys.exit(main())
