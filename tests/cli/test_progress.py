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

import pytest

SAMPLE = Path(__file__).parents[2] / "samples" / "agent-day-bridge-and-agent.pcapng"


def big_capture(folder: Path) -> Path:
    """The same section again and again: several megabytes of packets."""
    path = folder / "big.pcapng"
    path.write_bytes(SAMPLE.read_bytes() * 80)
    return path


def on_a_terminal(*arguments: str) -> str:
    """What standard error shows."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    command = [sys.executable, "-m", "ccxdissect", *arguments]
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
    return b"".join(seen).decode()


@pytest.mark.heavy
def test_a_terminal_sees_a_bar_and_it_goes_away(tmp_path: Path) -> None:
    text = on_a_terminal("messages", str(big_capture(tmp_path)), "--format", "jsonl")
    assert "reading:" in text and "%|" in text


@pytest.mark.heavy
def test_an_export_shows_each_of_its_stages(tmp_path: Path) -> None:
    """First all captures are looked at, then they are read: of both it is known how much there is to read."""
    path, other = SAMPLE, SAMPLE.with_name("trouble.pcapng")
    text = on_a_terminal("export", str(path), str(other), "-o", str(tmp_path / "out"))
    planning, _, exporting = text.partition("exporting:")
    assert "planning:   0%|" in planning and "0%|" in exporting and "planning" not in exporting
    size = path.stat().st_size + other.stat().st_size
    assert f"/{size / 1000:.1f}k" in planning and f"/{size / 1000:.1f}k" in exporting


@pytest.mark.heavy
def test_a_pipe_sees_none(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ccxdissect", "summary", str(big_capture(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "reading" not in done.stderr
