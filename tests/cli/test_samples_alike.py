"""The second dialect changes nothing for the first: every reading command prints of every sample what it prints without it."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from ccxdissect.cli.main import main
from ccxdissect.protocol.dialects import DIALECTS, usual
from samples import FOLDER, protocol_of

SAMPLES = sorted(path for path in FOLDER.glob("*.pcapng") if protocol_of(path) is usual())
COMMANDS = (
    ("messages", "--format", "jsonl"),
    ("exchanges", "--format", "jsonl"),
    ("calls", "--format", "jsonl"),
    ("agents", "--format", "jsonl"),
    ("findings", "--format", "jsonl"),
    ("stats",),
    ("summary",),
    ("sessions",),
    ("ladder",),
)

#: What commit 9f08ea0, the last one without Unified CCE, wrote as JSON lines by `messages`, `exchanges` and `calls`, one after
#: the other (the start of its SHA-256), but for the talk of who was left alone on a call, which ends sooner since, by 0.4 ms at most.
#: Later samples have none; `sessions` has told the dialect since.
BEFORE = {
    "agent-day-bridge-and-agent": "8e44643e2edb6f25",
    "call-control": "d90bf8db33b738d7",
    "configuration-download": "84b18a57b312591c",
    "outbound-preview": "798e1d7d1a1d6413",
    "queued-call": "ce7347c33ef77171",
    "trouble": "825f55e4014e468a",
    "version-18-wide": "d502ecff9d7d4124",
    "version-18": "2acae0dce05df407",
}


@pytest.mark.parametrize("name", BEFORE)
def test_a_sample_reads_byte_for_byte_as_before_there_were_two(
    name: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    digest = hashlib.sha256()
    for command in ("messages", "exchanges", "calls"):
        assert main([command, str(FOLDER / f"{name}.pcapng"), "--format", "jsonl"]) == 0
        sys.stdout.flush()
        digest.update(capfdbinary.readouterr().out)
    assert digest.hexdigest()[:16] == BEFORE[name]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_auto_reads_a_sample_as_if_there_were_one_dialect(
    sample: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> list[str]:
        found = []
        for command, *options in COMMANDS:
            assert main([command, str(sample), *options]) == 0
            found.append(capsys.readouterr().out)
        return found

    with_both = told()
    for name in list(DIALECTS):
        if DIALECTS[name] is not usual():
            monkeypatch.delitem(DIALECTS, name)
    assert len(DIALECTS) == 1
    assert told() == with_both
