"""One filter, on every command that reads captures: the same options, the same errors, the same words when nothing fits."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree

import pytest
from each import in_part
from live.live_traffic import packet, write_capture
from tables.comparing import rows

from building import ENCODER
from ccxdissect.cli.filters import filter_from
from ccxdissect.cli.main import command as module_of
from ccxdissect.cli.main import command_names
from ccxdissect.errors import UsageError
from ccxdissect.sources.options import protocols_of
from ccxdissect.views.messages import Showing
from ccxdissect.watch.state import Row, matcher
from commands import Done, run
from conversation import CLIENT, SERVER, Conversation, dissect, records

SAMPLES = Path(__file__).parents[2] / "samples"
TROUBLE, QUEUED = str(SAMPLES / "trouble.pcapng"), str(SAMPLES / "queued-call.pcapng")


def in_process(*before: str, file: bool = False) -> Callable[..., Done]:
    """A command on one capture; what it writes to a file is its output."""

    def ask(capture: str, folder: Path, *asked: str) -> Done:
        command, *rest = before
        captures = [capture] * (2 if command == "compare" else 1)
        out = folder / "out"
        done = run(command, *captures, *rest, *(("--force", "-o", str(out)) if file else ()), *asked)
        if file and out.exists():
            return Done(done.returncode, _contents(out), done.stderr)
        return done

    return ask


def _contents(path: Path) -> str:
    """What is in a capture or a page, but for the words that say what was asked for."""
    if path.read_bytes()[:4] == b"\x0a\x0d\x0d\x0a":
        found = path.read_bytes().hex()
    else:
        found = re.sub(r"Only what was asked for \(.*?\):", "", path.read_text())
    path.unlink()
    return found


def exported(capture: str, folder: Path, *asked: str) -> Done:
    """As tables: the rows of all of them are the output."""
    out = folder / "tables"
    done = run("export", capture, "--output", str(out), *asked)
    if not out.exists():
        return done
    found = "\n".join(f"{table} {row}" for table, held in rows(out).items() for row in held)
    rmtree(out)
    return Done(done.returncode, found, done.stderr)


def live(capture: str, folder: Path, *asked: str) -> Done:
    """Over a pipe: what is printed of messages. Findings stand among them, and are not filtered."""
    with open(capture, "rb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "ccxdissect", "live", "-", "--format", "jsonl", *asked],
            stdin=file, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    said = re.sub(r"(?m)^(?!note: nothing|ccxdissect:|  ).*\n", "", done.stderr)
    return Done(done.returncode, done.stdout, said)


COMMANDS: dict[str, Callable[..., Done]] = {
    **{
        name: in_process(name, "--format", "csv")
        for name in ("messages", "sessions", "exchanges", "calls", "agents", "findings", "stats", "compare")
    },
    "summary": in_process("summary"),
    "ladder": in_process("ladder", "--format", "mermaid"),
    "show": in_process("show", "-c", "999"),
    "cut": in_process("cut", file=True),
    "report": in_process("report", file=True),
    "export": exported,
    "sql": in_process("sql", "SELECT * FROM messages ORDER BY message", "--format", "csv"),
    "live": live,
}
#: Those whose rows are not of messages: what is asked of messages asks which rows are about them.
ROWS = ("sessions", "exchanges", "calls", "agents", "findings")
#: The last three, which write tables or are other processes, run with the heavy tests.
every_command = pytest.mark.parametrize("command", in_part(COMMANDS, len(COMMANDS) - 3))
#: Those that do not make some two hundred files each time; that these hold what fits, `test_filtered_tables.py` shows.
every_quick_command = pytest.mark.parametrize(
    "command", in_part([name for name in COMMANDS if name not in ("export", "sql")], len(COMMANDS) - 3)
)


def ask(command: str, capture: str, folder: Path, *asked: str) -> Done:
    done = COMMANDS[command](capture, folder, *asked)
    # A ladder is called by what was asked for.
    return done._replace(stdout=re.sub(r"(?m)^    title .*\n", "", done.stdout))


@every_command
def test_a_wrong_expression_is_pointed_at(command: str, tmp_path: Path) -> None:
    expression = "name == OPEN_REQ and AgntState == READY"
    things = f"{command} and messages" if command in (*ROWS, "compare") else "messages"
    assert ask(command, TROUBLE, tmp_path, "--where", expression) == (
        2,
        "",
        f"ccxdissect: character 22 of '{expression}': {things} have no column or field 'AgntState'; did you mean "
        f"AgentState or AtcAgentState or NextAgentState?\n  {expression}\n{' ' * 23}^\n",
    )
    wrong = "AgentState == REDY"
    assert ask(command, TROUBLE, tmp_path, "--where", wrong) == (
        2,
        "",
        f"ccxdissect: character 15 of '{wrong}': AgentState is never 'REDY'; did you mean READY?\n"
        f"  {wrong}\n{' ' * 16}^\n",
    )


@every_command
def test_wrong_words_get_a_suggestion(command: str, tmp_path: Path) -> None:
    for option, word, said in (
        ("--type", "OPN_REQ", "no message is called 'OPN_REQ'; did you mean OPEN_REQ or CLOSE_REQ?"),
        ("--class", "sesion", "no class 'sesion'; did you mean session?"),
        ("--kind", "requst", "no kind 'requst'; did you mean request?"),
        ("--problem", "unknwon-tag", "no problem is called 'unknwon-tag'; did you mean unknown-tag or unknown-type?"),
        ("--from", "soon", "'soon' is no time such as 10:44, 2025-03-10T10:44:05 or +5m"),
    ):
        assert ask(command, TROUBLE, tmp_path, option, word) == (2, "", f"ccxdissect: {said}\n")


@every_command
def test_what_fits_nothing_says_so_and_what_there_was(command: str, tmp_path: Path) -> None:
    done = ask(command, TROUBLE, tmp_path, "--agent", "quentn")
    if command in ("calls", "agents"):
        # These ask their own rows.
        rows, there = {"calls": (1, "agents quentin"), "agents": (8, "agent quentin, rosa")}[command]
        said = f"nothing of {rows} row{'s' * (rows > 1)} fits; there was {there}; quentn: did you mean quentin?"
    else:
        said = (
            "nothing of 81 messages fits; there was 2025-03-10 11:20:00.000644 to 11:20:20.071020 UTC; sessions 1, 2, 3, 4, "
            "5, 6; agents quentin, rosa; call 16779001; types OPEN_REQ, FAILURE_CONF, OPEN_CONF, HEARTBEAT_REQ, "
            "HEARTBEAT_CONF, SET_AGENT_STATE_REQ, CONTROL_FAILURE_CONF, SET_AGENT_STATE_CONF, AGENT_STATE_EVENT, "
            "BEGIN_CALL_EVENT ...; agent quentn: did you mean quentin?"
        )
    assert said in done.stderr
    # What makes a file of its own or a picture has nothing to make; rows of nothing are none.
    assert done.returncode == (1 if command in ("cut", "ladder", "show", "compare") else 0)


def test_every_command_that_has_the_filter_is_held_to_it() -> None:
    def filters(name: str) -> bool:
        parser = argparse.ArgumentParser()
        module_of(name).configure(parser)
        return any("--where" in action.option_strings for action in parser._actions)

    # The full screen has it in its filter line, as options too: see below.
    assert {name for name in command_names() if filters(name)} == {*COMMANDS, "watch"}


@pytest.mark.parametrize("command", ["export", "sql"])
def test_so_it_is_in_tables(command: str, tmp_path: Path) -> None:
    stars = ("--call", "0x100013F", "--number", "200?,NOBODY*", "--agent", "*00[67],X*")
    whole = ("--call", "16777535", "--number", "2005,2006,2007", "--agent", "2006,2007")
    wanted = run("messages", QUEUED, *whole, "--columns", "number", "--format", "csv").stdout.splitlines()[1:]
    assert 0 < len(wanted) < len(run("messages", QUEUED, *whole[:2], "--format", "csv").stdout.splitlines()) - 1
    if command == "sql":
        done = run("sql", QUEUED, *stars, "SELECT message FROM messages ORDER BY message", "--format", "csv")
        assert done.stdout.splitlines()[1:] == wanted
    else:
        found = ask(command, QUEUED, tmp_path, *stars).stdout.splitlines()
        numbers = [re.search(r"'message': (\d+)", row) for row in found if row.startswith("messages/")]
        assert sorted(number[1] for number in numbers if number) == sorted(wanted)


@every_quick_command
def test_names_may_have_stars_and_calls_may_be_hexadecimal(command: str, tmp_path: Path) -> None:
    def same(capture: str, option: str, short: str, whole: str) -> None:
        found, other = (ask(command, capture, tmp_path, option, value) for value in (short, whole))
        assert found == other and found.returncode == 0 and found.stdout
        if command not in (*ROWS, "compare", "report"):
            assert found != ask(command, capture, tmp_path)

    if command != "agents":
        same(QUEUED, "--call", "0x100013F", "16777535")
        same(QUEUED, "--number", "200?,NOBODY*", "2005,2006,2007")
    same(TROUBLE, "--agent", "RO*", "rosa")


@every_quick_command
def test_only_some_and_no_heartbeats(command: str, tmp_path: Path) -> None:
    for switch, same in (
        (("--no-heartbeats",), ("--where", "name not in (HEARTBEAT_REQ, HEARTBEAT_CONF)")),
        (("--type", "open-req,3", "--session", "4"), ("--where", "type == 3 and session == 4")),
        (("--class", "call_event"), ("--where", "class == call_event")),
        (("--kind", "request", "--kind", "event"), ("--where", "kind in (request, event)")),
        (("--from", "+1s", "--to", "11:20:10"), ("--where", "time >= 11:20:01.000644 and time <= 2025-03-10T11:20:10")),
    ):
        # Of some rows the columns of these names are their own, and a time alone cuts out packets without messages too.
        own = command in (*ROWS, "compare") or (command == "cut" and switch[0] == "--from")
        # Who passes heartbeats over as noise wants to hear what was found at them; who asks for names does not.
        own = own or (command in ("summary", "report") and switch[0] == "--no-heartbeats")
        if not own:
            found, other = ask(command, TROUBLE, tmp_path, *switch), ask(command, TROUBLE, tmp_path, *same)
            assert (found.returncode, found.stdout) == (other.returncode, other.stdout)
            assert found.stdout != ask(command, TROUBLE, tmp_path).stdout
        elif command != "compare" or "--session" not in switch:
            assert ask(command, TROUBLE, tmp_path, *switch).returncode == 0


@pytest.mark.heavy
def test_the_problems_of_a_kind(tmp_path: Path) -> None:
    """A message with an unknown tag, one with a wrong width, and many without problems."""
    talk = Conversation().handshake()
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14}, [("ClientID", "c")], version=14))
    talk.send(SERVER, ENCODER.encode("OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1}, version=14))
    ends = ENCODER.encode("AGENT_STATE_EVENT", {"AgentState": 3}, [("AgentID", "anna")], version=14)
    for tail in (b"\xf0\x01\0", b"\x01", b""):
        body = ends[8:] + tail
        talk.send(SERVER, len(body).to_bytes(4, "big") + ends[4:8] + body)
    path = str(tmp_path / "odd.pcapng")
    write_capture(path, [packet(segment) for segment in talk.close().segments])

    def numbers(*asked: str) -> str:
        return run("messages", path, "--columns", "number", "--format", "csv", *asked).stdout.replace("\n", " ")

    assert numbers("--problem", "any") == "number 3 4 "
    assert numbers("--problem", "unknown-tag") == "number 3 " == numbers("--where", "problems == unknown-tag")
    assert numbers("--problem", "behind-*,NO_INDEX") == "number 4 "
    assert numbers("--where", "not problems and session == 1") == "number 1 2 5 "
    done = run("messages", path, "--problem", "bool-width", "--format", "csv", "--columns", "number")
    assert done.stderr.endswith("; problems unknown-tag, behind-floating\n")
    for command in COMMANDS:
        if command not in ("calls", "findings"):
            assert ask(command, path, tmp_path, "--problem", "unknown-tag").returncode == 0, command


@every_command
def test_so_many_and_no_more(command: str, tmp_path: Path) -> None:
    """Rows, or messages where there are no rows."""
    if command == "show":
        out = run("show", TROUBLE, "-c", "2", "--session", "4").stdout
        assert re.findall(r"(?m)^message (\d+),", out) == ["9", "10"]
        assert re.findall(r"(?m)^message (\d+),", run("show", TROUBLE, "12", "-c", "3").stdout) == ["12", "13", "14"]
        return
    done = ask(command, TROUBLE, tmp_path, "-c", "2")
    assert done.returncode == 0
    if command == "summary":
        assert "2 messages in 1 session" in done.stdout
    elif command == "ladder":
        assert done.stdout.count("OPEN_REQ") == done.stdout.count("FAILURE_CONF") == 1
        assert "HEARTBEAT" not in done.stdout
    elif command == "cut":
        assert done.stderr == "9 packets of 1 session, 2 messages\n" or done.stderr.endswith("2 messages\n")
    elif command == "report":
        assert done.stdout
    elif command == "export":
        assert [line.partition(" ")[0] for line in done.stdout.splitlines() if line.startswith("messages/")] == [
            "messages/name=FAILURE_CONF",
            "messages/name=OPEN_REQ",
        ]
    else:
        few = 1 if command == "calls" else 0 if command == "compare" else 2
        lines = done.stdout.splitlines()
        assert len(lines) == few + (command != "live")


def test_rows_may_be_asked_of_their_columns_and_of_their_messages_at_once() -> None:
    asked = ("exchanges", TROUBLE, "--format", "csv", "--columns", "request,outcome", "--where")
    assert run(*asked, "outcome == failed and AgentState == LOGIN") == (
        0,
        "request,outcome\n11,failed\n13,failed\n23,failed\n",
        "",
    )
    assert run(*asked, "AgentState == LOGIN and outcome == confirmed && InvokeID > 14") == (
        0,
        "request,outcome\n25,confirmed\n",
        "",
    )
    expression = "outcome == failed or AgentState == LOGIN"
    assert run(*asked, expression) == (
        2,
        "",
        f"ccxdissect: character 22 of '{expression}': what is asked of exchanges and what is asked of messages can be "
        f"joined by `and` alone\n  {expression}\n{' ' * 23}^\n",
    )
    assert run(*asked, "outcome == failed and latency > 1h") == (
        0,
        "request,outcome\n",
        "note: nothing of 24 rows fits; there was outcome failed, confirmed, unanswered; there was latency 77 µs to 2.5 s\n",
    )
    assert run("calls", TROUBLE, "--type", "OPEN_REQ", "--columns", "call", "--format", "csv") == (
        0,
        "call\n",
        "note: nothing of 1 row fits: 6 messages would, but no row is about one of them\n",
    )
    assert run("messages", TROUBLE, "--where", "says ~ 'is wrong'", "--columns", "number", "--format", "jsonl") == (
        0,
        '{"number":12}\n',
        "",
    )


def test_numbers_count_over_all_captures_whoever_reads_them() -> None:
    """Several processes would count each from 1."""
    asked = ("messages", QUEUED, TROUBLE, "--columns", "number,session", "--where", "session == 10 and number < 162")
    found = run(*asked, "--format", "csv").stdout
    assert found.splitlines()[1:] == ["159,10", "160,10", "161,10"]
    lines = run(*asked[:3], "--format", "jsonl", "--jobs", "2", *asked[5:]).stdout.splitlines()
    assert [json.loads(line)["number"] for line in lines] == [159, 160, 161]


def test_clock_times_are_of_the_zone_that_is_shown() -> None:
    for asked in (("--from", "16:50:10"), ("--where", "time > 16:50:10"), ("--where", "time > 2025-03-10T16:50:10")):
        done = run("messages", TROUBLE, "--zone", "+05:30", "--columns", "number,time", "-c", "1", *asked)
        assert done.stdout.splitlines()[2:] == ["      77  2025-03-10 16:50:11.663019"]
    log = str(SAMPLES / "server.mivr.log")
    asked = (
        "messages",
        log,
        "--year",
        "2025",
        "--columns",
        "number",
        "-c",
        "1",
        "--format",
        "csv",
        "--from",
        "10:43:52",
    )
    assert run(*asked, "--zone", "UTC").stdout == run(*asked).stdout


def lines_that_fit(text: str) -> list[int]:
    """By the filter line of the full screen."""
    talk = Conversation().handshake()
    login = [("ClientID", "anna"), ("AgentID", "anna"), ("AgentExtension", "2001")]
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14}, login, version=14))
    talk.send(
        SERVER, ENCODER.encode("OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1}, [("AgentID", "anna")], version=14)
    )
    talk.send(SERVER, ENCODER.encode("AGENT_STATE_EVENT", {"AgentState": 3}, [("AgentID", "anna")], version=14))
    talk.send(SERVER, ENCODER.encode("AGENT_STATE_EVENT", {"AgentState": 2}, [("AgentID", "bert")], version=14))
    talk.send(SERVER, ENCODER.encode("BEGIN_CALL_EVENT", {"CallID": 0x10}, [("ANI", "2001")], version=14))
    talk.send(CLIENT, ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 2}, version=14))
    found = records(dissect(talk.close().segments))
    fits = matcher(text, Showing(), protocols_of(), filter_from)
    return [record.number for record in found if fits is None or fits(Row(record))]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("AgentState == READY", [3]),
        ("session in (1, 2) and kind == event", [3, 4, 5]),
        ("agent -open", [3, 4]),
        ("--call 0x10", [5]),
        ("--call 16", [5]),
        ("--agent AN*", [1, 2, 3, 4, 5]),
        ("--agent ?ert", [4]),
        ("--type agent_state_event --where 'AgentState != READY'", [4]),
        ("--no-heartbeats -c 2", [1, 2]),
        ("--no-heartbeats --class session", [1, 2]),
        ("--number '20*' --kind event", [5]),
        ("", [1, 2, 3, 4, 5, 6]),
    ],
)
def test_the_filter_line_of_the_full_screen_takes_expressions_options_and_words(typed: str, numbers: list[int]) -> None:
    assert lines_that_fit(typed) == numbers


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "AgntState == 3",
            "character 1 of 'AgntState == 3': messages have no column or field 'AgntState'; did you mean",
        ),
        ("--agnt x", "unrecognized arguments: --agnt x; did you mean --agent or --count or --to?"),
        ("--type OPN_REQ", "no message is called 'OPN_REQ'; did you mean OPEN_REQ or CLOSE_REQ?"),
        ("--call x", "argument --call: 'x' is no whole number from 0 to 4294967295"),
        ("--agent 'x", 'No closing quotation: "--agent \'x"'),
    ],
)
def test_the_filter_line_says_what_is_wrong(typed: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        lines_that_fit(typed)
    assert str(error.value).startswith(said)


def test_live_counts_what_it_shows(tmp_path: Path) -> None:
    done = live(TROUBLE, tmp_path, "-c", "2", "--agent", "ROSA", "--kind", "request")
    assert [json.loads(line)["number"] for line in done.stdout.splitlines()] == [21, 23]


def test_live_tells_and_takes_times_of_a_zone() -> None:
    def told(*asked: str) -> tuple[int, list[str]]:
        with open(TROUBLE, "rb") as file:
            command = [sys.executable, "-m", "ccxdissect", "live", "-", "--zone", "+05:30", *asked]
            done = subprocess.run(command, stdin=file, capture_output=True, text=True, timeout=120, check=False)
        lines = [line.rstrip() for line in done.stdout.splitlines() if "***" not in line]
        return done.returncode, lines or done.stderr.splitlines()

    assert told("--from", "16:50:11", "--kind", "request", "-c", "1") == (
        0,
        [
            " number  time (+05:30)    sess  from    message                           what it says",
            "     77  16:50:11.663019     6  client  HEARTBEAT_REQ                     #307",
        ],
    )
    assert told("--format", "jsonl") == (
        2,
        ["ccxdissect: --zone cannot apply: JSON lines hold seconds since 1970, which are the same in every zone"],
    )
