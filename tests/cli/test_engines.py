"""Other ways into a capture give the same messages."""

from __future__ import annotations

from pathlib import Path

import pytest
from each import in_part

from commands import run

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.mark.parametrize("sample", in_part(sorted(SAMPLES.glob("*.pcapng")), 4), ids=lambda path: path.stem)
def test_tshark_gives_the_same_rows(sample: Path) -> None:
    own = run("messages", str(sample), "--format", "jsonl")
    other = run("messages", str(sample), "--format", "jsonl", "--engine", "tshark")
    assert (other.returncode, other.stderr) == (0, "")
    assert other.stdout == own.stdout


def test_pyshark_gives_the_same_rows() -> None:
    sample = str(SAMPLES / "version-18-wide.pcapng")
    other = run("messages", sample, "--format", "jsonl", "--engine", "pyshark")
    assert other.returncode == 0, other.stderr
    assert other.stdout == run("messages", sample, "--format", "jsonl").stdout


@pytest.mark.parametrize("engine", ["tshark", "pyshark"])
def test_without_tshark_one_sentence_says_so(engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("messages", str(SAMPLES / "trouble.pcapng"), "--engine", engine)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "ccxdissect: tshark: is not installed; it comes with Wireshark\n"


@pytest.mark.parametrize("engine", ["tshark", "pyshark"])
def test_a_file_that_is_no_capture_is_named(engine: str, tmp_path: Path) -> None:
    strange = tmp_path / "strange.pcap"
    strange.write_bytes(b"no capture")
    done = run("messages", str(strange), "--engine", engine)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "strange.pcap" in done.stderr
