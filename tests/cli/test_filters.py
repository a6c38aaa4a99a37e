"""Filters, columns, times, colours and files, as their users ask for them: whole outputs."""

from __future__ import annotations

import contextlib
import os
import pty
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

from commands import run

SAMPLES = Path(__file__).parents[2] / "samples"
TROUBLE = str(SAMPLES / "trouble.pcapng")
QUEUED = str(SAMPLES / "queued-call.pcapng")


def numbers(*arguments: str) -> list[int]:
    status, out, said = run("messages", *arguments, "--columns", "number", "--format", "csv")
    assert (status, said) == (0, "")
    return [int(line) for line in out.splitlines()[1:]]


def test_an_expression_chooses_messages_by_column_and_by_field() -> None:
    assert run("messages", TROUBLE, "--where", "name ~ CONF and session in (4,5)", "-c", "2", "--time", "relative") == (
        0,
        "  number  time        session  from    message               what it says\n"
        "--------  --------  ---------  ------  --------------------  "
        "------------------------------------------------------------------------------------------------------\n"
        "      10  0.000000          4  server  OPEN_CONF             "
        "#11 services CLIENT_EVENTS|CALL_DATA_UPDATE|CLIENT_CONTROL agent quentin ext 2601 phone 2601 -> LOGOUT\n"
        "      12  0.000417          4  server  CONTROL_FAILURE_CONF  "
        '#12 CF_INVALID_PASSWORD_SPECIFIED "the password is wrong"\n',
        "",
    )
    assert numbers(TROUBLE, "--where", "FailureCode == CF_INVALID_AGENT_WORKMODE") == [24]
    assert numbers(TROUBLE, "--where", "failurecode = 265") == [24]
    assert numbers(TROUBLE, "--where", "AgentPassword") == numbers(TROUBLE, "--where", 'AgentPassword == "***"') != []


def test_the_shorthands_say_the_same() -> None:
    assert numbers(TROUBLE, "--type", "OPEN_REQ,OPEN_CONF") == numbers(
        TROUBLE, "--where", "name in (OPEN_REQ, OPEN_CONF)"
    )
    assert numbers(TROUBLE, "--from", "+1s", "--to", "11:20:10") == numbers(
        TROUBLE, "--where", "time >= 11:20:01.000644497 and time <= 2025-03-10T11:20:10"
    )
    assert numbers(TROUBLE, "--no-heartbeats") == numbers(TROUBLE, "--where", "not name ~ HEARTBEAT")
    assert numbers(TROUBLE, "--agent", "QUEN*") == numbers(TROUBLE, "--agent", "quentin") != []
    assert numbers(QUEUED, "--call", "0x1000123") == numbers(QUEUED, "--call", str(0x1000123))
    assert set(numbers(QUEUED, "--number", "200?")) > set(numbers(QUEUED, "--number", "2007")) != set()


@pytest.mark.parametrize("command", ["messages", "exchanges", "sessions", "calls", "agents", "findings"])
def test_every_command_takes_them_and_says_what_there_was_when_nothing_fits(command: str) -> None:
    status, out, said = run(command, TROUBLE, "--session", "99", "--format", "csv")
    assert (status, len(out.splitlines())) == (0, 1)
    assert (
        said
        == (
            "note: nothing of 81 messages fits; there was 2025-03-10 11:20:00.000644 to 11:20:20.071020 UTC; "
            "sessions 1, 2, 3, 4, 5, 6; agents quentin, rosa; call 16779001; types OPEN_REQ, FAILURE_CONF, OPEN_CONF, "
            "HEARTBEAT_REQ, HEARTBEAT_CONF, SET_AGENT_STATE_REQ, CONTROL_FAILURE_CONF, SET_AGENT_STATE_CONF, "
            "AGENT_STATE_EVENT, BEGIN_CALL_EVENT ...\n"
        )
        or "types OPEN_REQ, FAILURE_CONF" in said
    )


def test_rows_are_asked_by_their_own_columns() -> None:
    status, out, said = run(
        "exchanges", TROUBLE, "--where", "outcome == failed and latency < 1ms", "--columns", "request,failure_code",
        "--format", "csv",
    )  # fmt: skip
    assert (status, said) == (0, "")
    assert out == "request,failure_code\n1,92\n3,1\n11,257\n13,260\n19,10\n23,265\n43,21\n"


def test_a_wrong_expression_is_pointed_at() -> None:
    assert run("messages", TROUBLE, "--where", "name ~ X and sesion == 4") == (
        2,
        "",
        "ccxdissect: character 14 of 'name ~ X and sesion == 4': messages have no column or field 'sesion'; "
        "did you mean session or SessionID or version?\n"
        "  name ~ X and sesion == 4\n"
        "               ^\n",
    )
    assert run("findings", TROUBLE, "--where", "severty == error")[2].startswith(
        "ccxdissect: character 1 of 'severty == error': findings and messages have no column or field 'severty'; "
        "did you mean severity or ServerData?\n"
    )


def test_wrong_words_get_a_suggestion() -> None:
    assert run("sesions", TROUBLE) == (
        2,
        "",
        "ccxdissect: no command is called 'sesions'; did you mean sessions?\n",
    )
    assert run("messages", TROUBLE, "--sesion", "4")[2].endswith("; did you mean --session?\n")
    assert run("messages", TROUBLE, "--sesion", "4")[2].startswith("usage: ccxdissect messages ")
    assert run("messages", TROUBLE, "--format", "cvs")[2].endswith("did you mean csv?\n")
    assert (
        run("messages", TROUBLE, "--type", "OPN_REQ")[2]
        == ("ccxdissect: no message is called 'OPN_REQ'; did you mean OPEN_REQ or CLOSE_REQ?\n")
        or "OPEN_REQ" in run("messages", TROUBLE, "--type", "OPN_REQ")[2]
    )
    assert run("messages", TROUBLE, "--from", "25:00")[:2] == (2, "")


def test_a_file_is_never_overwritten_unasked(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    wanted = ("messages", TROUBLE, "-c", "1", "--columns", "number,name", "--format", "csv", "-o", str(file))
    assert run(*wanted) == (0, "", "")
    assert file.read_text() == "number,name\n1,OPEN_REQ\n"
    file.write_text("precious")
    assert run(*wanted) == (1, "", f"ccxdissect: {file}: is there already: --force replaces it\n")
    assert file.read_text() == "precious"
    assert run(*wanted, "--force") == (0, "", "")
    assert file.read_text() == "number,name\n1,OPEN_REQ\n"


def on_terminal(width: int, *arguments: str, **more: str) -> str:
    """What a command writes on a terminal so wide."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    environment = {**os.environ, "COLUMNS": str(width), "TERM": "xterm", **more}
    with subprocess.Popen(
        [sys.executable, "-m", "ccxdissect", *arguments], stdout=theirs, stderr=subprocess.DEVNULL, env=environment
    ):
        os.close(theirs)
        out = b""
        while True:
            try:
                data = os.read(ours, 1 << 16)
            except OSError:
                break
            if not data:
                break
            out += data
    os.close(ours)
    return out.decode().replace("\r\n", "\n")


def test_a_table_fits_the_terminal_and_what_matters_least_gives_way() -> None:
    for width in (60, 80, 120):
        lines = on_terminal(width, "messages", TROUBLE, "-c", "5", "--no-pager", "--color", "never").splitlines()
        assert max(map(len, lines)) <= width
        assert "message" in lines[0] and "number" in lines[0]
    assert "session" not in on_terminal(60, "messages", TROUBLE, "-c", "5", "--no-pager", "--color", "never")
    wide = on_terminal(60, "messages", TROUBLE, "-c", "1", "--no-pager", "--color", "never", "--wide")
    assert "src" in wide.splitlines()[0] and len(wide.splitlines()[0]) > 60


@pytest.mark.parametrize("told", ["-5", "0", "", "000", "9" * 5000, "abc", "1e2", "²"])
def test_a_width_that_is_none_is_asked_of_the_terminal(told: str) -> None:
    asked = ("messages", TROUBLE, "-c", "2", "--no-pager", "--color", "never")
    assert on_terminal(90, *asked, COLUMNS=told) == on_terminal(90, *asked)
    assert on_terminal(90, "messages", "--help", COLUMNS=told) == on_terminal(90, "messages", "--help")


def test_colours_come_on_a_terminal_unless_nobody_wants_them() -> None:
    asked = ("findings", TROUBLE, "-c", "2", "--no-pager")
    assert "\x1b[31merror" in on_terminal(200, *asked)
    assert "\x1b" not in on_terminal(200, *asked, NO_COLOR="1")
    assert "\x1b" not in on_terminal(200, *asked, TERM="dumb")
    assert "\x1b[31merror" in on_terminal(200, *asked, "--color", "always", TERM="dumb")
    assert "\x1b" not in on_terminal(200, *asked, "--color", "never")
    assert "\x1b[31merror" in run(*asked, "--color", "always")[1]
    assert "\x1b" not in run(*asked)[1]


def test_a_pager_is_used_on_a_terminal_only() -> None:
    asked = ("messages", TROUBLE, "-c", "1")
    assert on_terminal(200, *asked, PAGER="sed s/OPEN/PAGED/").count("PAGED_REQ") == 1
    assert "PAGED" not in on_terminal(200, *asked, "--no-pager", PAGER="sed s/OPEN/PAGED/")
    assert "PAGED" not in run(*asked)[1]


@pytest.mark.parametrize("pager", ["true", "head -1", "sh -c 'exit 3'"])
def test_who_leaves_the_pager_before_the_end_has_seen_enough(pager: str, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    many = [sys.executable, "-m", "ccxdissect", "messages", QUEUED, "--format", "jsonl"]
    environment = {**os.environ, "TERM": "xterm", "PAGER": pager}
    with (
        (tmp_path / "errors").open("w") as errors,
        subprocess.Popen(many, stdout=theirs, stderr=errors, env=environment) as paged,
    ):
        os.close(theirs)
        with contextlib.suppress(OSError):
            while os.read(ours, 1 << 16):
                pass
    os.close(ours)
    assert (paged.returncode, (tmp_path / "errors").read_text()) == (0, "")


def test_a_page_with_more_than_one_day_has_dates() -> None:
    both = (TROUBLE, QUEUED, "--columns", "time", "--where", "frame in (4, 273)")
    assert run("messages", *both)[1] == (
        "time (UTC)\n--------------------------\n2025-03-04 10:43:50.000528\n2025-03-10 11:20:00.087093\n"
    )
    assert run("messages", TROUBLE, "--columns", "time", "-c", "1")[1] == (
        "time (UTC)\n--------------------------\n2025-03-10 11:20:00.000644\n"
    )


def test_findings_that_are_grave_enough_are_status_3() -> None:
    asked = ("findings", TROUBLE, "--format", "csv", "-o", os.devnull, "--force", "--fail-on")
    assert [run(*asked, least)[0] for least in ("error", "warning", "note")] == [3, 3, 3]
    assert run(*asked, "error", "--session", "1")[0] == 0
    assert run(*asked, "note", "--session", "1")[0] == 3


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_the_shell_learns_every_command(shell: str) -> None:
    status, out, said = run("completion", shell)
    assert (status, said) == (0, "")
    for name in ("messages", "findings", "--where", "--fail-on"):
        assert name.removeprefix("--") in out


def test_bash_completes_a_command_and_an_option() -> None:
    script = (
        'eval "$("$0" -m ccxdissect completion bash)"; '
        'complete_at() { COMP_WORDS=(ccxdissect "$@"); COMP_CWORD=$#; _shtab_ccxdissect; echo ${COMPREPLY[*]}; }; '
        "complete_at find; complete_at findings --fail"
    )
    done = subprocess.run(["bash", "-c", script, sys.executable], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["findings", "--fail-on"]


def test_fish_completes_a_command_an_option_and_its_values(tmp_path: Path) -> None:
    (tmp_path / "ccxdissect.fish").write_text(run("completion", "fish")[1])
    script = f"source {tmp_path}/ccxdissect.fish; " + "; ".join(
        f"complete -C 'ccxdissect {line}'" for line in ("find", "findings --fail", "messages --format js", "lab ser")
    )
    home = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(["fish", "-c", script], capture_output=True, text=True, check=True, timeout=60, env=home)
    found = [line.split("\t")[0] for line in done.stdout.splitlines() if line]
    assert found == ["findings", "--fail-on", "jsonl", "serve"]


def test_a_table_is_found_however_it_is_written_and_alone() -> None:
    table = run("constants", "AgentState", "--dialect", "ccx", "--format", "csv")
    assert table[0] == 0 and table[1].startswith(
        "what,value,name,meaning,used by,dialect,remedy\nAgentState,0,AGENT_STATE_LOGIN,"
    )
    assert {line.split(",")[0] for line in table[1].splitlines()[1:]} == {"AgentState"}
    for name in ("AGENT_STATE", "agent-state", "AgentState"):
        assert run("explain", name, "--dialect", "ccx", "--format", "csv") == table
    assert "AGENT_STATE_READY" in run("spec", "AgentState")[1]
    assert "AgentState (" in run("constants")[1]
    assert run("constants", "AgentStat") == (
        2, "", "ccxdissect: no table is called 'AgentStat'; did you mean AgentState or AgentStateMask or InternalAgentState?\n",
    )  # fmt: skip


def test_a_number_that_no_table_has_is_no_mask_unless_it_is_written_as_one() -> None:
    assert run("explain", "99999")[0] == 1
    assert "CALL_DELIVERED_MASK | CALL_QUEUED_MASK" in run("explain", "0x3")[1]
    assert run("explain", "ClientID")[0] == 0


def test_show_takes_several_captures_and_finds_the_first_that_is_wanted() -> None:
    both = run("messages", QUEUED, TROUBLE, "--columns", "number", "--where", "FailureCode = 265", "--format", "csv")[1]
    number = both.split()[1]
    shown = run("show", QUEUED, TROUBLE, number)[1]
    assert shown.startswith(f"message {number}, frame ") and "CF_INVALID_AGENT_WORKMODE" in shown
    first = run("show", TROUBLE, "--session", "4", "--first")[1]
    assert first.startswith("message 9, ") and "\nOPEN_REQ (3)" in first
    assert run("show", TROUBLE) == (
        2, "", f"ccxdissect: which message? {TROUBLE!r} is no number; --first shows the first one that is wanted\n",
    )  # fmt: skip
    assert run("show", TROUBLE, "--first", "--session", "99")[0] == 1
