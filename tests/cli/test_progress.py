"""Long work shows how far it has come, on a terminal and nowhere else."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path

SAMPLE = Path(__file__).parents[2] / "samples" / "agent-day-bridge-and-agent.pcapng"


def big_capture(folder: Path) -> Path:
    """The same section again and again: several megabytes of packets."""
    path = folder / "big.pcapng"
    path.write_bytes(SAMPLE.read_bytes() * 80)
    return path


def test_a_terminal_sees_a_bar_and_it_goes_away(tmp_path: Path) -> None:
    path = big_capture(tmp_path)
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    command = [sys.executable, "-m", "ccxdissect", "messages", str(path), "--format", "jsonl"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    seen = []

    def watch() -> None:
        while True:
            try:
                data = os.read(master, 4096)
            except OSError:
                return
            if not data:
                return
            seen.append(data)

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert process.wait(timeout=120) == 0
    watcher.join(timeout=10)
    os.close(master)
    text = b"".join(seen).decode()
    assert "reading:" in text and "%|" in text


def test_a_pipe_sees_none(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ccxdissect", "summary", str(big_capture(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "reading" not in done.stderr
