"""Every option there is, in a run of which the whole output is held.

Which options there are the parsers say. One that is declared once for many commands is run on the first that has it; that
it is the same on the others, the tests of what it does hold. `python tests/cli/test_every_option.py` writes the outputs
anew: read what changed.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from ccxdissect.cli.main import whole_parser
from commands import Done, run

SAMPLES = Path(__file__).parents[2] / "samples"
TESTS = Path(__file__).parents[1]
OUTPUTS = Path(__file__).with_name("every-option.txt")
#: What a command is run on, besides the option; for one option of it, if that is named.
GIVEN: dict[str, tuple[str, ...]] = {
    "messages": ("login-bad.pcapng", "--columns", "number,name"), "messages --columns": ("login-bad.pcapng",),
    "messages --format": ("login-bad.pcapng",), "messages --wide": ("login-bad.pcapng",), "messages --time": ("login-bad.pcapng",),
    "messages --reserved": ("login-bad.pcapng", "--format", "jsonl", "-c", "1"), "messages --color": ("login-bad.pcapng",),
    "messages --show-secrets": ("login-bad.pcapng", "--format", "jsonl", "-c", "1"), "messages --zone": ("login-bad.pcapng",),
    "messages --jobs": ("login-bad.pcapng", "--format", "jsonl"), "messages --from": ("login-bad.pcapng", "--time", "relative"),
    "messages --year": ("server.mivr.log", "-c", "2", "--format", "csv", "--columns", "time,name"), "messages --to": ("login-bad.pcapng",),
    "messages --call": ("trouble.pcapng", "--columns", "number,name"), "messages --problem": ("trouble.pcapng",),
    "calls": ("trouble.pcapng", "--columns", "call,agents,queues,outcome"), "compare": ("login-good.pcapng", "login-bad.pcapng"),
    "cut": ("login-good.pcapng", "--agent", "imke"), "decode": ("000000040000000500000009",), "schema": ("sessions",), "lua": (),
    "findings": ("trouble.pcapng", "--columns", "rule,severity"), "live": ("-", "-c", "2"), "redact": ("login-good.pcapng", "copy.pcapng"),
    "redact --check": ("login-good.pcapng",), "redact --output": ("--check", "login-good.pcapng"), "lab list": (),
    "sql": ("login-good.pcapng", "SELECT name FROM messages ORDER BY message"), "lab serve": ("login-good", "--for", "0.2"),
    "lab serve --anywhere": ("login-good", "--address", "192.0.2.7"), "lab client": ("login-good", "desk", "--address", "127.0.0.9"),
    "lab client --address": ("login-good", "desk", "--port", "42933"), "lab replay": ("login-good.pcapng", "--for", "0.2"),
    "export --key": ("login-good.pcapng", "--redact", "-o", "tables"), "export --workers": ("login-good.pcapng", "-o", "tables"),
    "live --zone": ("-", "-c", "2"), "compare --session": ("trouble.pcapng", "--session", "3"),
}  # fmt: skip
#: What an option is given, and what else is asked for so that it tells; those that are not here are given nothing.
VALUES: dict[str, tuple[str, ...]] = {
    "messages --port": ("12027",), "messages --engine": ("tshark",), "messages --dialect": ("cce",), "messages --zone": ("+05:30",),
    "messages --tshark-option": ("tcp.relative_sequence_numbers:FALSE", "--engine", "tshark"), "messages --year": ("2024",),
    "messages --from": ("+5ms",), "messages --to": ("+5ms",), "messages --session": ("2",), "messages --agent": ("n*",),
    "messages --call": ("0x10006F9",), "messages --number": ("2*",), "messages --type": ("OPEN_REQ",), "messages --class": ("session",),
    "messages --kind": ("event",), "messages --problem": ("any",), "messages --count": ("2",), "messages --output": ("list.txt",),
    "messages --where": ("InvokeID in (1, 2)",), "messages --force": ("-o", "list.txt"), "messages --format": ("csv",),
    "messages --columns": ("number,name",), "messages --time": ("delta",), "messages --color": ("always",), "messages --jobs": ("2",),
    "summary --format": ("json",), "show --port": ("12028", "--first"), "exchanges --outcome": ("confirmed",),
    "calls --call": ("0x10006F9",), "calls --agent": ("qu*",), "calls --number": ("2*",), "calls --queue": ("9",),
    "calls --outcome": ("answered",), "findings --least": ("error",), "findings --slow": ("9",), "findings --fail-on": ("error",),
    "stats --table": ("exchanges", "--format", "csv"), "ladder --format": ("mermaid",), "ladder --most": ("3",),
    "compare --session": ("4",), "cut --output": ("cut.pcapng",), "decode --type": ("HEARTBEAT_REQ",),
    "decode --protocol-version": ("14",), "live --format": ("jsonl",), "live --zone": ("+05:30",), "live --write": ("kept.pcapng",),
    "live --for": ("60",), "live --timeout": ("60",), "lua --output": ("uccx_cti.lua",), "lua --check": ("../uccx_cti.lua",),
    "lua --profile": ("-o", "uccx_cti.lua"), "lua --force": ("-o", "uccx_cti.lua"), "redact --keep": ("AgentID",),
    "redact --key": ("queued-call.pcapng",), "redact --output": ("answer.txt",), "schema --format": ("table",),
    "sql --parquet": ("names.parquet",), "export --output": ("tables",), "report --output": ("page.html",),
    "lab serve --address": ("192.0.2.7",), "lab serve --speed": ("2", "--port", "42934"), "lab serve --port": ("42931",), "lab serve --floating": ("2+2", "--port", "42935"),
    "lab serve --standby": ("--port", "42936"),
    "lab client --address": ("127.0.0.9",), "lab client --port": ("42933",), "lab replay --session": ("9",),
    "lab replay --address": ("192.0.2.7",), "lab replay --speed": ("2", "--port", "42932"), "export --workers": ("1",),
    "export --key": ("queued-call.pcapng",),
}  # fmt: skip
#: What needs a network, a screen, other processes, or ends when somebody ends it: the test that holds what it does.
ELSEWHERE: dict[str, str] = {
    "live --interface": "live/test_live_interface.py", "live --watch": "live/test_live_watch.py",
    "lua --install": "wireshark/test_profile.py", "export --resume": "tables/test_filtered_tables.py",
    "export --scheduler": "tables/test_cluster.py", "export --redact": "tables/test_tables.py",
    "report --redact": "report/test_report_content.py", "report --open": "report/test_report_content.py",
    "sql --tables": "tables/test_tables.py", "lab replay --no-pauses": "lab/test_lab_replay.py", "lab serve --verbose": "lab/test_lab_replay.py",
    "lab serve --for": "lab/test_lab_typed.py", "lab replay --port": "lab/test_lab_replay.py",
    "lab record --output": "cli/test_nothing_overwritten.py", "lab record --force": "cli/test_nothing_overwritten.py",
}  # fmt: skip


def options(parser: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, argparse.Action]]:
    """Every command with every option of it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, below in action.choices.items():
                yield from options(below, f"{name} {word}".strip())
        elif action.option_strings and "--help" not in action.option_strings:
            yield name, action


def declared() -> list[str]:
    """Each declaration of an option, called by the first command that has it."""
    found: dict[tuple[object, ...], list[str]] = {}
    for name, action in options(whole_parser()):
        kind = getattr(action.type, "__qualname__", action.type)
        told = (action.dest, action.nargs, str(action.choices), kind, action.help, action.required)
        found.setdefault((*action.option_strings, *told), []).append(f"{name} {max(action.option_strings, key=len)}")
    # Those that many have are seen best in the list of messages.
    return [next((one for one in names if one.startswith("messages ")), names[0]) for names in found.values()]


def command_of(name: str) -> list[str]:
    """The words of a run."""
    command, _, option = name.rpartition(" ")
    given = GIVEN.get(name, GIVEN.get(command, ("login-good.pcapng",)))
    return [*command.split(), *given, option, *VALUES.get(name, ())]


def ran(name: str, folder: Path) -> str:
    """The run as a terminal shows it, in a folder with the samples; its whole output, and what it wrote."""
    for sample in SAMPLES.iterdir():
        (folder / sample.name).symlink_to(sample)
    there = set(folder.rglob("*"))
    words = command_of(name)
    if words[0] == "live":
        with open("login-good.pcapng", "rb") as file:
            command = [sys.executable, "-m", "ccxdissect", *words]
            given = subprocess.run(command, stdin=file, capture_output=True, text=True, timeout=120, check=False)
        done = Done(given.returncode, given.stdout, given.stderr)
    else:
        done = run(*words)
    shown = f"$ ccxdissect {' '.join(words)}\n{done.stdout}{done.stderr}[{done.returncode}]\n"
    for path in sorted(set(folder.rglob("*")) - there):
        name_of_file = str(path.relative_to(folder))
        # There are some two hundred tables of messages.
        if path.is_file() and "messages/" not in name_of_file:
            shown += f"[wrote {name_of_file}]\n{path.read_text() if path.suffix == '.txt' else ''}"
    # How long it took is never the same.
    shown = re.sub(r"[\d.,]+ (ms|s)(?:, [\d,]+( messages a second and core)|(; no findings))", r"... \1\2\3", shown)
    return shown.replace("\x1b", "^[")


def held() -> dict[str, str]:
    """The outputs that were written, by the first lines of their runs."""
    runs = OUTPUTS.read_text(encoding="utf-8").split("$ ccxdissect ")[1:]
    return {one.splitlines()[0]: f"$ ccxdissect {one}" for one in runs}


DECLARED = declared()
RUN = [name for name in DECLARED if name not in ELSEWHERE]


def test_nothing_is_told_of_options_that_there_are_not() -> None:
    assert {*VALUES, *ELSEWHERE} <= {*DECLARED}
    assert not {*VALUES} & {*ELSEWHERE}
    assert [*held()] == [" ".join(command_of(name)) for name in RUN]


@pytest.mark.parametrize("name", RUN)
def test_its_whole_output(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert ran(name, tmp_path) == held()[" ".join(command_of(name))]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_it_does_is_held_elsewhere(name: str) -> None:
    text = (TESTS / ELSEWHERE[name]).read_text(encoding="utf-8")
    option = name.rpartition(" ")[2]
    assert f'"{option}"' in text or f'"{option[1:3]}"' in text or ELSEWHERE[name] == "cli/test_nothing_overwritten.py"


def _write() -> None:
    made = []
    for name in RUN:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            made.append(ran(name, Path(folder)))
            os.chdir("/")
    OUTPUTS.write_text("".join(made), encoding="utf-8")


if __name__ == "__main__":
    _write()
