"""The second dialect changes nothing for the first: every reading command prints of every sample what it prints without it."""

from __future__ import annotations

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
