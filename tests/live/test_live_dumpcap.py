"""What dumpcap does and says, played by a script in its place."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from live_process import SAMPLES, Live, children, numbers, run

SAMPLE = SAMPLES[0]
SAYS = "Packets received/dropped on interface 'lab0': 240/3 (pcap:3/dumpcap:0/flushed:0/ps_ifdrop:0) (98.8%)"


def played(tmp_path: Path, script: str) -> str:
    """A PATH on which dumpcap is this Python script."""
    program = tmp_path / "dumpcap"
    program.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\nSAMPLE = {str(SAMPLE)!r}\n{script}\n")
    program.chmod(0o755)
    return f"{tmp_path}:{os.environ['PATH']}"


def test_drops_are_counted_and_its_arguments_are_ours(tmp_path: Path) -> None:
    script = (
        f"open({str(tmp_path / 'arguments')!r}, 'w').write(' '.join(sys.argv[1:]))\n"
        "sys.stdout.buffer.write(open(SAMPLE, 'rb').read())\n"
        f"sys.stdout.flush(); print({SAYS!r}, file=sys.stderr)"
    )
    live = Live("-i", "lab0", "--port", "12028", "--format", "jsonl", path=played(tmp_path, script))
    assert live.end() == 0
    assert live.out == run("messages", str(SAMPLE), "--format", "jsonl").splitlines()
    assert any("packets from lab0, 3 dropped" in line for line in live.said)
    arguments = (tmp_path / "arguments").read_text()
    assert arguments.startswith("-q -i lab0 -B 32 -f tcp port 12028 or ") and arguments.endswith(" -w -")


def test_what_was_captured_before_the_stop_is_still_shown(tmp_path: Path) -> None:
    script = (
        "data = open(SAMPLE, 'rb').read()\n"
        "def last(*_):\n"
        "    sys.stdout.buffer.write(data[8000:]); sys.stdout.flush(); sys.exit(0)\n"
        "signal.signal(signal.SIGINT, last)\n"
        "sys.stdout.buffer.write(data[:8000]); sys.stdout.flush()\n"
        "time.sleep(60)"
    )
    live = Live("-i", "lab0", "--format", "jsonl", path=played(tmp_path, script))
    live.wait_for('{"number":5,', live.out)
    live.process.send_signal(signal.SIGINT)
    assert live.end() == 0
    assert live.out == run("messages", str(SAMPLE), "--format", "jsonl").splitlines()


@pytest.mark.heavy
def test_one_that_does_not_end_is_ended(tmp_path: Path) -> None:
    script = (
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "sys.stdout.buffer.write(open(SAMPLE, 'rb').read()[:8000]); sys.stdout.flush()\n"
        "time.sleep(60)"
    )
    live = Live("-i", "lab0", "--format", "jsonl", path=played(tmp_path, script))
    live.wait_for('{"number":5,', live.out)
    started = children(live.process.pid)
    live.process.send_signal(signal.SIGINT)
    assert live.end() == 0
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]
    assert numbers(live.out) == list(range(1, len(live.out) + 1))
    assert not any("ends within" in line or "Traceback" in line for line in live.said)


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        (
            "dumpcap: The capture session could not be initiated on interface 'lab0' (You don't have permission to "
            "capture on that device).",
            "lab0: no right to capture here: add yourself to the group wireshark (sudo usermod -aG wireshark $USER, then "
            "log in again), or run this with sudo",
        ),
        ("dumpcap: There is no device named 'lab0'.",
         "lab0: there is no such interface: `ccxdissect live` alone lists them"),
        ("dumpcap: the moon\x1b[31m is full", "lab0: dumpcap cannot capture: the moon\\x1b[31m is full"),
        ("", "lab0: dumpcap cannot capture: it ended without saying why"),
    ],
)  # fmt: skip
def test_why_it_cannot_capture_is_one_sentence(tmp_path: Path, says: str, sentence: str) -> None:
    live = Live("-i", "lab0", path=played(tmp_path, f"print({says!r}, file=sys.stderr); sys.exit(2)"))
    assert live.end() == 1
    assert live.said == [f"ccxdissect: {sentence}"]
