"""What the commands print of the sample of Unified CCE, whole. `python tests/cli/test_cce_sample.py` writes it anew: look at the difference."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from ccxdissect.cli.main import main

ROOT = Path(__file__).parents[2]
EXPECTED = Path(__file__).with_name("cce-queued-call.txt")
SAMPLE = "samples/cce-queued-call.pcapng"
COMMANDS = (
    ("summary",),
    ("ladder", "--session", "3"),
    ("sessions", "--format", "jsonl"),
    ("calls", "--format", "jsonl"),
    ("agents", "--format", "jsonl"),
    ("findings", "--format", "jsonl"),
    ("exchanges", "--format", "jsonl"),
    (
        "messages",
        "--type",
        "MONITOR_START_REQ,MONITOR_START_CONF,MEDIA_LOGIN_REQ,CALL_QUEUED_EVENT",
        "--format",
        "jsonl",
    ),
)


def told() -> Iterator[str]:
    """What each of them prints, under its command line."""
    for command, *options in COMMANDS:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            assert main([command, str(ROOT / SAMPLE), *options]) == 0
        yield (f"$ ccxdissect {command} {SAMPLE} {' '.join(options)}".rstrip() + "\n" + _shown(command, _written(out)))


def _written(out: io.TextIOWrapper) -> str:
    out.flush()
    held = out.buffer
    assert isinstance(held, io.BytesIO)
    return held.getvalue().decode()


def _shown(command: str, text: str) -> str:
    """Of the summary its verdict alone, and of the ladder its steps: what stands around them is laid out anew now and then."""
    lines = text.splitlines(keepends=True)
    if command == "summary":
        return lines[0]
    return "".join(line for line in lines if line.startswith("09:")) if command == "ladder" else text


def test_all_of_it() -> None:
    assert "\n".join(told()) == EXPECTED.read_text("utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    EXPECTED.write_text("\n".join(told()), encoding="utf-8")
