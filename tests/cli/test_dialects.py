"""Commands on captures of Unified CCE: they know its fields, its constants and its tables without being told."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cce_traffic import queued_call
from verdict.wire import ACK, PSH, Wire

from ccxdissect.cli.main import main, whole_parser
from ccxdissect.codec import Encoder
from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Side
from ccxdissect.tables.rows import Tables

QUEUED = Path(__file__).parents[2] / "samples" / "queued-call.pcapng"


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(queued_call().write(tmp_path_factory.mktemp("cce") / "queued.pcap"))


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(list(arguments)) == 0
    return capsys.readouterr().out.splitlines()


def test_expressions_and_columns_know_the_fields_of_both_dialects(
    capture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = lines(
        capsys, "messages", capture, "--where", "SkillGroupNumber == 77 or PeripheralErrorCode > 0",
        "--columns", "number,SkillGroupNumber,ConnectionCallID,FailureCode", "--format", "csv",
    )  # fmt: skip
    assert told == [
        "number,SkillGroupNumber,ConnectionCallID,FailureCode",
        "14,77,200101,",
        "17,77,200101,",
        "19,77,200101,",
        "20,77,200101,",
        "23,77,200101,",
        "24,77,200101,",
        "36,,,CF_INVALID_AGENT_REASON_CODE",
    ]
    assert lines(capsys, "messages", str(QUEUED), "--where", "CSQID == 1", "--columns", "number", "--format", "csv")[1:]
    assert main(["messages", capture, "--where", "PeripheralErrorCode == 1", "--dialect", "ccx"]) == 2
    assert "no column or field 'PeripheralErrorCode'" in capsys.readouterr().err


@pytest.mark.heavy
def test_tables_hold_both_dialects_under_one_name(capture: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = "SELECT AgentState_name, AgentID, EventReasonCode FROM AGENT_STATE_EVENT ORDER BY message LIMIT 1"
    for path, told in ((capture, "AGENT_STATE_NOT_READY,1001,0"), (str(QUEUED), "AGENT_STATE_NOT_READY,agent2005,")):
        assert lines(capsys, "sql", path, asked, "--format", "csv")[1].startswith(told)
    calls = "SELECT count(ConnectionCallID), count(CallID) FROM CALL_HELD_EVENT UNION ALL "
    calls += "SELECT count(ConnectionCallID), count(CallID) FROM CALL_DELIVERED_EVENT"
    assert lines(capsys, "sql", capture, calls, "--format", "csv")[1:] == ["0,0", "2,0"]
    schemas = Tables(tuple(DIALECTS.values())).schemas()
    for dialect, protocol in DIALECTS.items():
        for table, alone in Tables(protocol).schemas().items():
            joined = {field.name.casefold(): field.type for field in schemas[table]}
            assert len(joined) == len(schemas[table])
            for field in alone:
                name = field.name.casefold()
                assert joined.get(f"{name}_{dialect}", joined[name]) == field.type, (table, name)


@pytest.mark.parametrize(
    "command", ["summary", "calls", "agents", "findings", "exchanges", "ladder", "stats", "losses"]
)
def test_a_dialect_that_is_told_reads_as_one_that_is_found(
    command: str, capture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if command == "losses":
        command = "sessions"
    assert lines(capsys, command, capture) == lines(capsys, command, capture, "--dialect", "cce")


def test_a_table_of_constants_is_told_by_each_dialect_that_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [json.loads(line) for line in lines(capsys, "constants", "AgentState", "--format", "jsonl")]
    told = [(row["value"], row["name"], row["dialect"]) for row in rows if row["value"] in ("3", "4")]
    assert told == [
        ("3", "AGENT_STATE_READY", "ccx"),
        ("4", "AGENT_STATE_TALKING", "ccx, cce"),
        ("3", "AGENT_STATE_AVAILABLE", "cce"),
    ]
    only = [json.loads(line) for line in lines(capsys, "constants", "PGStatus", "--format", "jsonl")]
    assert {row["dialect"] for row in only} == {"cce"}
    assert {"PGStatus (5 constants, cce)", "AnsweringMachine (6 constants)", "CCXStatus (6 constants, ccx)"} <= set(
        lines(capsys, "constants")
    )


def test_live_traffic_of_unified_cce_is_read_and_filtered_as_it_comes(capture: str) -> None:
    command = [
        sys.executable,
        "-m",
        "ccxdissect",
        "live",
        "-",
        "--where",
        "SkillGroupNumber == 77",
        "--format",
        "jsonl",
    ]
    with open(capture, "rb") as piped:
        done = subprocess.run(command, stdin=piped, capture_output=True, timeout=60, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["name"] for row in rows][:2] == ["CALL_QUEUED_EVENT", "CALL_DEQUEUED_EVENT"] and len(rows) == 6


def test_a_specification_says_in_which_versions_a_field_exists(capsys: pytest.CaptureFixture[str]) -> None:
    told = [
        *lines(capsys, "spec", "RTP_STARTED_EVENT", "--dialect", "cce"),
        *lines(capsys, "spec", "91", "--dialect", "cce"),
    ]
    for said in ("SendingAddressIPV6.* IPv6 address; versions 14 to 18 only", "CTIOSCILClientID.*; up to version 23  "):
        assert any(re.search(said, line) for line in told), said


@pytest.fixture(scope="module")
def in_conflict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A session that looks like Unified CCX by its first event, and then sends what Unified CCE alone has."""
    wire = Wire()
    link = wire.connect(port=5555)
    link.say("CALL_HELD_EVENT", {"CallID": 9}, [("ConnectionDeviceID", "2001"), ("HoldingDeviceID", "2001")])
    for number in (1, 2):
        link.tcp(
            Side.CLIENT, PSH | ACK, Encoder(UCCE_CTI).encode("MONITOR_START_REQ", {"InvokeID": number}, version=14)
        )
    return str(wire.write(tmp_path_factory.mktemp("conflict") / "both.pcap"))


UNCLEAR = (
    "note: session 1 was read as CCX, but not all signs agree: PeripheralID 1 with PeripheralType 21; against it: message "
    "types of its own (cce). If what it says makes no sense, read it with --dialect cce."
)


@pytest.mark.parametrize("options", [("messages", "--format", "csv"), ("messages", "--format", "jsonl"), ("calls",)])
def test_a_session_that_was_read_against_its_later_bytes_is_told_by_every_command(
    in_conflict: str, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([options[0], in_conflict, "--port", "5555", *options[1:]]) == 0
    assert capsys.readouterr().err.splitlines()[-1] == UNCLEAR
    assert main([options[0], in_conflict, "--port", "5555", "--dialect", "cce", *options[1:]]) == 0
    assert "not all signs agree" not in capsys.readouterr().err


def test_live_traffic_tells_it_the_moment_it_shows(in_conflict: str) -> None:
    with open(in_conflict, "rb") as piped:
        done = subprocess.run(
            [sys.executable, "-m", "ccxdissect", "live", "-", "--port", "5555", "--format", "jsonl"],
            stdin=piped, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == [
        "CALL_HELD_EVENT",
        "UNKNOWN_93",
        "UNKNOWN_93",
    ]
    assert done.stderr.splitlines().count(UNCLEAR) == 1


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from _parsers(one)


def test_whatever_reads_messages_or_explains_them_can_be_told_the_dialect() -> None:
    """A scenario of the lab names its own; schemas of rows and shell completions are those of any."""
    without = {
        parser.prog.partition(" ")[2]
        for parser in _parsers(whole_parser())
        if not any("--dialect" in action.option_strings for action in parser._actions)
    }
    assert without == {"", "completion", "schema", "lab", "lab serve", "lab client", "lab record", "lab list"}


@pytest.mark.parametrize("command", [("messages", "x.pcap"), ("spec", "3"), ("lab", "replay", "x.pcap"), ("live", "-")])
def test_a_dialect_that_nobody_knows_is_named(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--dialect", "cch"]) == 2
    assert "cch" in capsys.readouterr().err
