"""Arguments and descriptors that are not what they should be: one line that says so, and the promised exit status."""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccxdissect.cli.main import command_names, main, whole_parser
from commands import run

SAMPLES = Path(__file__).parents[2] / "samples"
QUEUED = str(SAMPLES / "queued-call.pcapng")
MANY = "9" * 5000
ENDS = "9" * 59 + "..." + "9" * 58
#: Characters of a line that says what is wrong.
LONGEST = 1000
#: Of a command that runs elsewhere than here.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


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
        (
            ("messages", QUEUED, "--zone", "Mars/X"),
            "ccxdissect: no time zone is called 'Mars/X': give an offset such as +05:30, "
            "or a name such as Asia/Kolkata",
        ),
        (
            ("messages", QUEUED, "--tshark-option", "tls.keylog_file:x"),
            "ccxdissect: --tshark-option is for --engine tshark, which reads with tshark",
        ),
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
    assert max(map(len, said)) < LONGEST


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("summary", MANY), f"ccxdissect: 9{ENDS}9: file name too long\n"),
        (("summary", QUEUED, "--type", MANY), f"no message is called '{ENDS}'; `ccxdissect spec` lists them all\n"),
        (("summary", QUEUED, "--zone", MANY), f"no time zone is called '{ENDS}': give an offset"),
        (("findings", QUEUED, "--slow", MANY), f"argument --slow: '{ENDS}9' is no time in seconds"),
        (("messages", QUEUED, "--where", "1 ==" * 300 + "("), "'1 ==1 ==1 ==1"),
    ],
    ids=lambda value: value[-2][-12:] if isinstance(value, tuple) else "",
)
def test_an_error_repeats_the_ends_of_a_long_argument(arguments: tuple[str, ...], said: str) -> None:
    done = command(*arguments)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert max(map(len, done.stderr.splitlines())) < LONGEST


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


#: What Python or a careless program takes for a number, and numbers that are too much for anything.
NO_NUMBERS = (
    "nan", "inf", "-inf", "1e308", "1e-400", "-1", "", " ", "²", "٣", "1_0", "0x", "1-²", "18446744073709551616", MANY,
    f"{MANY}.5", "\udcff",
)  # fmt: skip
#: What is typed as text, or chosen from a list.
WORDS = {
    "--address", "--agent", "--class", "--columns", "--check", "--dialect", "--from", "--interface", "--keep", "--key", "--kind",
    "--number", "--outcome", "--output", "--parquet", "--problem", "--scheduler", "--to", "--tshark-option", "--type", "--where",
    "--write", "--zone", "-o", "capture", "captures", "client", "code", "files", "given", "hex", "name", "query", "rows", "scenario",
}  # fmt: skip


def options(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str, argparse.Action]]:
    """Everything that takes a value: its command, its name, and how argparse knows it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, nested in action.choices.items():
                yield from options(nested, (*path, name))
        elif action.nargs != 0:
            yield " ".join(path), action.option_strings[-1] if action.option_strings else action.dest, action


def test_every_option_that_is_no_word_refuses_what_is_no_number() -> None:
    taken, seen = [], set()
    for name, option, action in options(whole_parser()):
        if action.choices:
            continue
        if option in WORDS and (not callable(action.type) or action.type.__name__ == "_outcomes"):
            continue
        assert callable(action.type), f"{name} {option} is neither a number nor among the words"
        seen.add(action.type.__name__)
        for given in NO_NUMBERS:
            with contextlib.suppress(argparse.ArgumentTypeError):
                taken.append((name, option, given, action.type(given)))
    assert taken == []
    assert seen == {"at_least_one", "call_id", "port", "processes", "seconds", "unsigned", "year"}


def test_what_costs_something_for_each_is_bounded() -> None:
    """A number of processes, or of a field of some bytes; only how many rows are wanted has no end."""
    unbounded = set()
    for _, option, action in options(whole_parser()):
        if action.choices or not callable(action.type) or action.type.__name__ == "_outcomes":
            continue
        with contextlib.suppress(argparse.ArgumentTypeError):
            if action.type("9999999999") > 1 and math.isfinite(action.type("9999999999")):
                unbounded.add(option)
    assert unbounded == {"--count", "--most"}


#: What else a command needs.
BESIDE = {
    "compare": ["PATH", "PATH"], "cut": ["PATH", "-o", "OUT"], "decode": ["00000004000000050000"], "explain": ["1"],
    "export": ["PATH", "--output", "OUT"], "live": ["-"], "redact": ["PATH", "OUT"], "report": ["PATH", "-o", "OUT"],
    "show": ["PATH", "1"], "sql": ["PATH", "SELECT 1"], "constants": [], "schema": [], "spec": [], "lua": [], "completion": ["bash"],
}  # fmt: skip


@pytest.mark.heavy
# Not what listens on the network or a terminal for as long as it is let.
@pytest.mark.parametrize("command", sorted({*command_names()} - {"lab", "watch", "completion", "lua"}))
def test_any_word_is_taken_or_refused(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    capture = tmp_path / "empty.pcap"
    capture.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    words = [
        (option, action) for name, option, action in options(whole_parser()) if name == command and option in WORDS
    ]
    for count, (option, action) in enumerate(words):
        if option == "--interface":
            continue
        for number, given in enumerate(("\udcff",) if command in ("export", "sql") else ("\udcff", "²", MANY)):
            places = {"PATH": str(capture), "OUT": str(tmp_path / f"out{count}-{number}")}
            beside = [places.get(one, one) for one in BESIDE.get(command, ["PATH"])]
            arguments = [command, *beside, f"{option}={given}"] if action.option_strings else [command, given]
            said = io.StringIO()
            with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())), contextlib.redirect_stderr(said):
                try:
                    status: object = main(arguments)
                except SystemExit as ended:
                    status = ended.code
            assert status in (0, 1, 2), (arguments, status)
            told = [line for line in said.getvalue().splitlines() if line.startswith("ccxdissect")]
            assert len(told) == bool(status), (arguments, said.getvalue())
            assert max(map(len, said.getvalue().splitlines()), default=0) < LONGEST, (arguments[:3], said.getvalue())


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("summary", "--help")])
def test_what_cannot_be_said_is_told_in_a_line(arguments: tuple[str, ...]) -> None:
    done = command(*arguments, shell=">/dev/full")
    assert (done.returncode, done.stderr) == (1, "ccxdissect: No space left on device\n")


def test_a_version_that_nobody_reads_ends_quietly() -> None:
    line = f"set -o pipefail; {sys.executable} -m ccxdissect --version | true"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


#: The same of the lab's.
LAB = {
    "lab serve": ["login-good"], "lab client": ["login-good", "desk"], "lab record": ["login-good", "--output", "OUT"],
    "lab replay": ["PATH"], "lab list": [],
}  # fmt: skip
EMPTY = "is empty (a variable of the shell not set?)\n"


def test_an_empty_text_is_refused_wherever_one_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of files it would name the folder at hand, of filters all there is, of a key none."""
    monkeypatch.chdir(tmp_path)
    taken, tried = [], 0
    for name, option, action in options(whole_parser()):
        if action.choices or option not in WORDS - {"--keep", "--outcome"}:
            continue
        words = LAB.get(name, BESIDE.get(name, ["PATH"])).copy()
        if action.option_strings:
            words.append(f"{option}=")
        else:
            place = {"query": 1, "client": 1}.get(option, 0)
            words[place : place + 1] = [""]
        with pytest.raises(SystemExit) as ended:
            main([*name.split(), *words])
        said = capsys.readouterr().err.splitlines()[-1]
        tried += 1
        if ended.value.code != 2 or not said.endswith(EMPTY.strip()):
            taken.append((name, words, said))
    assert taken == [] and tried > 200
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("redact", QUEUED, ""), "argument IN... OUT: the name "),
        (("export", QUEUED, "--output", ""), "argument --output/-o: the name "),
        (("messages", QUEUED, "-o", ""), "argument -o/--output: the name "),
        (("messages", QUEUED, ""), "argument CAPTURE: the name "),
        (("messages", QUEUED, "--where", ""), "argument --where: the text "),
        (("lab", "serve", ""), "argument scenario: the text "),
    ],
)
def test_an_empty_name_is_told_as_one(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.endswith(f"{said}{EMPTY}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("sql", QUEUED, "--tables", "--parquet", "out"),
            "--tables lists the tables and --parquet writes what a query gives: choose one of them",
        ),
        (
            ("sql", QUEUED, "SELECT 1", "--parquet", "out", "--format", "csv"),
            "--format csv cannot apply: --parquet writes all that the query gives, as Parquet",
        ),
        (
            ("sql", QUEUED, "SELECT 1 AS a, 2 AS b", "--parquet", "out", "--columns", "b"),
            "--columns cannot apply: --parquet writes all that the query gives, as Parquet",
        ),
        (("redact", "--check", QUEUED, "--key", "absent"), "--key is for the copy, and --check writes none"),
        (("redact", "--check", QUEUED, "--keep", "agent"), "--keep is for the copy, and --check writes none"),
        (
            ("lab", "replay", QUEUED, "--no-pauses", "--speed", "2"),
            "--no-pauses leaves none that --speed could shorten: choose one of them",
        ),
    ],
)
def test_options_that_make_no_sense_together_are_refused(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments) == (2, "", f"ccxdissect: {said}\n")
    assert os.listdir(tmp_path) == []


def test_a_file_of_parquet_and_one_of_lines_are_not_written_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = "ccxdissect: --parquet writes a file and -o writes lines: choose one of them\n"
    assert run("sql", QUEUED, "SELECT 1", "--parquet", "out", "-o", "lines") == (2, "", said)
    assert os.listdir(tmp_path) == []


NO_STREAM = "standard output has something else to say: name a file (./- if it is called so)"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("export", QUEUED, "-o", "-"), 2, "export writes a folder, which standard output is none: --output DIR"),
        (
            ("redact", QUEUED, str(SAMPLES / "trouble.pcapng"), "-"),
            2,
            "of several captures the copies go into a folder, which standard output is none",
        ),
        (("live", "-", "--write", "-"), 1, f"-: {NO_STREAM}"),
        (("sql", QUEUED, "SELECT 1", "--parquet", "-"), 1, f"-: {NO_STREAM}"),
        (("lab", "record", "login-good", "--output", "-"), 1, f"-: {NO_STREAM}"),
    ],
)
def test_standard_output_is_refused_where_it_cannot_be_meant(
    arguments: tuple[str, ...], status: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments) == (status, "", f"ccxdissect: {said}\n")
    assert os.listdir(tmp_path) == []


def test_a_plugin_may_be_written_to_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plain = run("lua")
    assert plain.stdout.startswith("--") and run("lua", "-o", "-") == plain
    assert os.listdir(tmp_path) == []


def test_what_is_no_text_is_no_plugin_of_ours() -> None:
    done = run("lua", "--check", QUEUED)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"ccxdissect: {QUEUED} is out of date: ") and done.stderr.count("\n") == 1


def test_no_names_to_keep_are_what_a_script_may_say(tmp_path: Path) -> None:
    assert run("redact", "--keep", "", QUEUED, str(tmp_path / "copy.pcapng")).returncode == 0


@pytest.mark.parametrize("option", ["agent", "number", "type", "class", "kind", "problem", "columns"])
def test_an_option_that_names_nothing_is_refused(option: str) -> None:
    assert run("messages", QUEUED, f"--{option}", " , ") == (2, "", f"ccxdissect: --{option} ' , ' names nothing\n")
    assert run("messages", QUEUED, f"--{option}", ",").returncode == 2


def test_names_that_begin_with_a_dash_stand_behind_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(QUEUED, tmp_path / "-lead.pcapng")
    monkeypatch.chdir(tmp_path)
    plain = run("messages", "./-lead.pcapng", "-c", "2")
    assert plain.stdout.count("\n") == 4
    assert run("messages", "-c", "2", "--", "-lead.pcapng") == plain
    assert run("show", "--", "-lead.pcapng", "1").returncode == 0
    assert run("messages", "--", "--absent").stderr == "ccxdissect: --absent: no such file or directory\n"


def test_a_zone_is_that_of_the_times_that_are_typed_where_none_is_written() -> None:
    typed = ("messages", QUEUED, "--format", "jsonl", "--from", "2025-03-04T16:13:50")
    assert run(*typed, "--zone", "+05:30").stdout.count("\n") > run(*typed).stdout.count("\n") == 0
    assert run("messages", QUEUED, "--format", "jsonl", "--zone", "+05:30").returncode == 2


def test_a_message_that_is_there_and_not_wanted_is_told_so() -> None:
    there, beyond = run("show", QUEUED, "2", "--session", "9"), run("show", QUEUED, "9999", "--session", "9")
    assert there.stderr.endswith(
        "there is no message 2 that is wanted, since it does not fit the options; it has 138\n"
    )
    assert "there is no message 9999; it has " in beyond.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cut", "-", "--session", "1", "-o", "out"), "note: standard input: frame 6: the file ends within a packet"),
        (("redact", "-", "out"), "note: standard input: frame 6: the file ends within a packet"),
        (
            ("report", "-", "--redact", "-o", "out"),
            "note: redacted capture: frame 7: cut within the link layer's header",
        ),
    ],
)
def test_what_came_by_a_pipe_is_not_called_by_the_name_of_its_copy(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def piped(data: bytes) -> tuple[int, str]:
        words = [sys.executable, "-m", "ccxdissect", *arguments, *(["--force"] if data == b"junk" else [])]
        done = subprocess.run(words, input=data, capture_output=True, timeout=60, check=False, env=ENVIRONMENT)
        return done.returncode, done.stderr.decode()

    status, told = piped((SAMPLES / "login-good.pcapng").read_bytes()[:1000])
    assert status == 0 and said in told and tempfile.gettempdir() not in told
    assert piped(b"junk") == (1, "ccxdissect: standard input: neither pcap nor pcapng: not a capture\n")
