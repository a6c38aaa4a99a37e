"""Options that many commands have, on each of them: files that are written, columns, times, tables, what a list tells."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from each import in_part

from ccxdissect.cli.main import command_names
from commands import run

SAMPLES = Path(__file__).parents[2] / "samples"
LOGIN, TROUBLE = str(SAMPLES / "login-good.pcapng"), str(SAMPLES / "trouble.pcapng")
#: A run of each command that prints.
PRINTING = {
    "summary": (LOGIN,), "messages": (LOGIN,), "show": (LOGIN, "1"), "sessions": (LOGIN,), "exchanges": (LOGIN,),
    "calls": (TROUBLE,), "agents": (LOGIN,), "findings": (LOGIN,), "stats": (LOGIN,), "ladder": (LOGIN,),
    "compare": (LOGIN, LOGIN), "completion": ("fish",), "constants": ("AgentState",), "decode": ("000000040000000500000009",),
    "explain": ("265",), "lab": ("list",), "redact": ("--check", LOGIN), "schema": ("findings",), "spec": ("OPEN_REQ",),
    "sql": (LOGIN, "SELECT count(*) FROM OPEN_REQ"), "lua": (),
}  # fmt: skip
#: Those that write a capture, a page or a folder, have to be told where, and take no other file; and the full screen.
OTHERS = {"cut", "export", "report", "live", "watch"}
#: Commands whose rows have columns to choose from, with two of these.
ROWS = {
    "messages": "name,number", "sessions": "ended_by,session", "exchanges": "outcome,request", "calls": "outcome,call",
    "agents": "state_name,agent", "findings": "rule,severity", "constants": "name,value", "explain": "name,what",
    "compare": "what,good",
}  # fmt: skip


def test_every_command_is_one_of_these() -> None:
    assert {*PRINTING, *OTHERS} == set(command_names())


@pytest.mark.parametrize("command", in_part(PRINTING, len(PRINTING) - 2))
def test_what_is_printed_can_be_written_and_nothing_is_overwritten(command: str, tmp_path: Path) -> None:
    asked = (command, *PRINTING[command])
    status, printed, _ = run(*asked)
    assert printed and status in (0, 3)
    path = tmp_path / "out"
    done = run(*asked, "-o", str(path))
    written = path.read_text(encoding="utf-8")
    assert done.returncode == status and written == printed
    path.write_text("precious")
    assert run(*asked, "-o", str(path)) == (1, "", f"ccxdissect: {path}: is there already: --force replaces it\n")
    assert path.read_text() == "precious"
    assert run(*asked, "-o", str(path), "--force").returncode == status
    assert path.read_text(encoding="utf-8") == printed


def test_so_it_is_with_live_traffic(tmp_path: Path) -> None:
    def live(*asked: str) -> tuple[int, str]:
        with open(LOGIN, "rb") as file:
            command = [sys.executable, "-m", "ccxdissect", "live", "-", "--type", "CLOSE_REQ", *asked]
            done = subprocess.run(command, stdin=file, capture_output=True, text=True, timeout=120, check=False)
        assert not done.stdout
        return done.returncode, done.stderr

    rows, kept = tmp_path / "rows", tmp_path / "kept.pcapng"
    assert live("-o", str(rows), "--write", str(kept))[0] == 0
    assert [line.split()[:5] for line in rows.read_text().splitlines() if "CLOSE_REQ" in line] == [
        ["9", "08:00:00.032885", "1", "client", "CLOSE_REQ"]
    ]
    for path in (rows, kept):
        before = path.read_bytes()
        said = f"ccxdissect: {path}: is there already: --force replaces it\n"
        assert live("-o" if path is rows else "--write", str(path)) == (1, said)
        assert path.read_bytes() == before


@pytest.mark.parametrize("command", ROWS)
def test_columns_are_chosen_in_tables_and_in_csv(command: str) -> None:
    given = (LOGIN, str(SAMPLES / "login-bad.pcapng")) if command == "compare" else PRINTING[command]
    given = (TROUBLE,) if command == "findings" else given
    names = ROWS[command]
    first, second = names.split(",")
    status, out, said = run(command, *given, "--columns", names, "--format", "csv")
    assert (status, said) == (0, "")
    assert out.splitlines()[0] == names and len(out.splitlines()) > 1
    assert all(line.count(",") == 1 for line in out.splitlines())
    status, table, said = run(command, *given, "--columns", first, "--columns", second)
    assert (status, said) == (0, "")
    assert table.splitlines()[0].split() == [first, second]
    wrong = run(command, *given, "--columns", f"{first},{second}x")
    assert wrong.returncode == 2 and f"'{second}x'; did you mean " in wrong.stderr


def test_times_are_of_the_clock_since_the_start_or_since_the_row_before() -> None:
    def told(times: str) -> str:
        return run("messages", LOGIN, "--columns", "number,time", "--class", "session", "--time", times).stdout

    assert told("abs") == (
        "  number  time (UTC)\n--------  ---------------\n"
        "       1  08:00:00.001221\n       2  08:00:00.030245\n       9  08:00:00.032885\n      10  08:00:00.033064\n"
    )
    assert told("relative") == (
        "  number  time\n--------  --------\n       1  0.000000\n       2  0.029023\n       9  0.031663\n      10  0.031843\n"
    )
    assert told("delta") == (
        "  number  time\n--------  --------\n       1  0.000000\n       2  0.029023\n       9  0.002640\n      10  0.000179\n"
    )


@pytest.mark.parametrize("command", in_part({**ROWS, "stats": "", "sql": ""}, 3))
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("--wide --format csv", "--wide is for tables: --format csv cuts nothing"),
        ("--time delta --format csv", "--time delta is for tables: --format csv has each time with every digit"),
        (
            "--time relative --format jsonl",
            "--time relative is for tables: --format jsonl has each time with every digit",
        ),
        ("--color always --format jsonl", "--color always is for tables: --format jsonl has no colours"),
    ],
)
def test_looks_that_a_table_alone_has_are_refused_of_what_is_for_programs(command: str, asked: str, said: str) -> None:
    assert run(command, *PRINTING[command], *asked.split()) == (2, "", f"ccxdissect: {said}\n")


@pytest.mark.parametrize("colour", ["auto", "never"])
def test_looks_that_ask_for_nothing_are_taken_of_any_format(colour: str) -> None:
    for style in ("csv", "jsonl"):
        asked = ("exchanges", LOGIN, "--format", style)
        plain = run(*asked)
        assert plain.returncode == 0 and plain.stdout
        assert run(*asked, "--color", colour, "--time", "abs") == plain


@pytest.mark.parametrize("looks", [("--wide",), ("--time", "relative")])
@pytest.mark.parametrize(
    ("asked", "heading"),
    [(("sessions", LOGIN), "  session  client "), (("calls", TROUBLE, "--call", "16779001"), "    call ")],
)
def test_what_is_told_otherwise_is_a_table_for_whom_wants_the_looks_of_one(
    asked: tuple[str, ...], heading: str, looks: tuple[str, ...]
) -> None:
    assert not run(*asked).stdout.startswith(heading)
    assert run(*asked, *looks).stdout.startswith(heading)


@pytest.mark.parametrize("asked", [("stats", LOGIN), ("compare", LOGIN, LOGIN), ("explain", "265")])
def test_times_of_rows_that_have_none_are_refused(asked: tuple[str, ...]) -> None:
    said = "ccxdissect: --time relative cannot apply: these rows have no points in time\n"
    assert run(*asked, "--time", "relative") == (2, "", said)


def test_counts_as_csv_are_one_table() -> None:
    messages = (
        "type,message,from,count,bytes,with_problems\n30,AGENT_STATE_EVENT,server,2,182,0\n"
        "38,SET_AGENT_STATE_REQ,client,2,97,0\n39,SET_AGENT_STATE_CONF,server,2,24,0\n3,OPEN_REQ,client,1,83,0\n"
        "4,OPEN_CONF,server,1,69,0\n7,CLOSE_REQ,client,1,16,0\n8,CLOSE_CONF,server,1,12,0\n"
    )
    assert run("stats", LOGIN, "--format", "csv") == run("stats", LOGIN, "--format", "csv", "--table", "messages")
    assert run("stats", LOGIN, "--format", "csv") == (0, messages, "")
    assert run("stats", LOGIN, "--format", "csv", "--table", "exchanges") == (
        0,
        "request,count,confirmed,failed,unanswered,min,median,p95,max\n"
        "SET_AGENT_STATE_REQ,2,2,0,0,0.000257851,0.000257851,0.000439122,0.000439122\n"
        "CLOSE_REQ,1,1,0,0,0.000179129,0.000179129,0.000179129,0.000179129\n"
        "OPEN_REQ,1,1,0,0,0.029023374,0.029023374,0.029023374,0.029023374\n",
        "",
    )


def test_csv_has_times_by_iso_8601_with_their_zone_and_no_json_in_its_cells() -> None:
    asked = ("messages", LOGIN, "--format", "csv", "--type", "SET_AGENT_STATE_REQ")
    assert run(*asked, "--columns", "number,time,AgentState,AgentID") == (
        0,
        "number,time,AgentState,AgentID\n"
        "3,2025-03-11T08:00:00.031048209Z,AGENT_STATE_LOGIN,imke\n6,2025-03-11T08:00:00.032185787Z,AGENT_STATE_READY,imke\n",
        "",
    )
    whole = run(*asked).stdout
    assert not re.search(r"[{}\[\]]", whole)
    assert run(*asked, "--columns", "time", "--zone", "+05:30", "-c", "1").stdout == (
        "time\n2025-03-11T13:30:00.031048209+05:30\n"
    )


def test_the_list_of_scenarios_says_what_each_is_with_its_accounts() -> None:
    out = run("lab", "list").stdout
    assert out[out.index("login-bad\n") : out.index("outbound-preview\n")] == (
        "login-bad\n"
        "  A log-in that does not, by another agent of the same queue: at a phone that is not hers; beside login-good\n"
        "  server node1: 127.0.1.11 port 12028, versions 10 to 18\n"
        '  client desk: agent nora, ClientID "nora", password ""\n'
        '  agent nora: extension 2712, password "primrose"\n'
        "\n"
        "login-good\n"
        "  A log-in that works; beside login-bad\n"
        "  server node1: 127.0.1.11 port 12028, versions 10 to 18\n"
        '  client desk: agent imke, ClientID "imke", password ""\n'
        '  agent imke: extension 2711, password "lavender"\n'
        "\n"
    )
