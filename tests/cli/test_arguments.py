"""Arguments and descriptors that are not what they should be: one line that says so, and the promised exit status."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"
QUEUED = str(SAMPLES / "queued-call.pcapng")
MANY = "9" * 5000


def command(*arguments: str, shell: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command; `shell` is how its descriptors are bent."""
    line = ["sh", "-c", f'exec "$@" {shell}', "sh", sys.executable, "-m", "ccxdissect", *arguments]
    return subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)


def seconds_refused(text: str) -> str:
    return f"argument --slow: '{text}' is no time in seconds above 0 and below 1000000000"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("findings", QUEUED, "--slow", "nan"), f"ccxdissect findings: error: {seconds_refused('nan')}"),
        (("findings", QUEUED, "--slow", "inf"), f"ccxdissect findings: error: {seconds_refused('inf')}"),
        (("findings", QUEUED, "--slow", "1e308"), f"ccxdissect findings: error: {seconds_refused('1e308')}"),
        (("findings", QUEUED, "--slow=-1"), f"ccxdissect findings: error: {seconds_refused('-1')}"),
        (
            ("decode", "--type", "4294967296", "00"),
            "ccxdissect: no message has the number 4294967296: a type is at most 4294967295",
        ),
        (("decode", "--type", "²", "00"), "ccxdissect: no message is called '²'; `ccxdissect spec` lists them all"),
        (("spec", "²"), "ccxdissect: no message is called '²'; `ccxdissect spec` lists them all"),
        (
            ("show", QUEUED, "²"),
            "ccxdissect: which message? '²' is no number; --first shows the first one that is wanted",
        ),
        (
            ("messages", QUEUED, "--session", "1_0"),
            "ccxdissect messages: error: argument --session: '1_0' is no whole number from 0 to 4294967295",
        ),
        (
            ("messages", QUEUED, "--port", "٣"),
            "ccxdissect messages: error: argument --port: '٣' is no whole number from 1 to 65535",
        ),
        (
            ("messages", str(SAMPLES / "server.mivr.log"), "--year", "0"),
            "ccxdissect messages: error: argument --year: '0' is no whole number from 1970 to 9998",
        ),
    ],
    ids=lambda value: " ".join(value)[-24:] if isinstance(value, tuple) else "",
)
def test_a_number_that_is_none_is_wrong_usage(arguments: tuple[str, ...], said: str) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == said
    assert "Traceback" not in done.stderr and not done.stdout


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("messages", QUEUED, "--call", MANY), 2),
        (("show", QUEUED, MANY), 2),
        (("ladder", QUEUED, "--most", MANY), 2),
        (("explain", MANY), 1),
        (("spec", MANY), 2),
        (("decode", "--type", MANY, "00"), 2),
        ((MANY,), 2),
    ],
    ids=lambda value: value[0][:12] if isinstance(value, tuple) else "",
)
def test_five_thousand_digits(arguments: tuple[str, ...], status: int) -> None:
    done = command(*arguments)
    assert done.returncode == status
    said = done.stderr.splitlines()
    assert said[-1].startswith("ccxdissect") and not any("Traceback" in line for line in said)


@pytest.mark.parametrize("name", ["messages", "summary", "decode", "live"])
def test_closed_standard_input(name: str) -> None:
    done = command(name, "-", shell="<&-")
    assert (done.returncode, done.stderr) == (1, "ccxdissect: standard input: is closed\n")


def test_closed_standard_input_when_redacting() -> None:
    done = command("redact", "-", "-", shell="<&-")
    assert (done.returncode, done.stderr) == (1, "ccxdissect: standard input: is closed\n")


@pytest.mark.parametrize("arguments", [("messages", QUEUED), ("live", "-"), ("redact", QUEUED, "-"), ("spec",)])
def test_closed_standard_output(arguments: tuple[str, ...]) -> None:
    done = command(*arguments, shell=">&-")
    assert (done.returncode, done.stderr) == (1, "ccxdissect: standard output is closed\n")


@pytest.mark.parametrize("arguments", [("messages", QUEUED), ("summary", QUEUED), ("ladder", QUEUED), ("spec",)])
def test_a_full_disk(arguments: tuple[str, ...]) -> None:
    done = command(*arguments, shell=">/dev/full")
    assert (done.returncode, done.stderr) == (1, "ccxdissect: No space left on device\n")


def test_options_may_stand_between_the_captures() -> None:
    other = str(SAMPLES / "trouble.pcapng")
    between = command("messages", QUEUED, "--type", "OPEN_REQ", other, "-c", "3")
    before = command("messages", "--type", "OPEN_REQ", "-c", "3", QUEUED, other)
    assert between.returncode == before.returncode == 0
    assert between.stdout == before.stdout and "OPEN_REQ" in before.stdout
