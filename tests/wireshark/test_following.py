"""Filters that follow a call, an agent, a device; and what `-z` counts."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from captures import Sent, write_capture
from plugin import PROJECT, Plugin, settings, tshark

from ccxdissect.codec import Encoder
from ccxdissect.codec.values import Value
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from commands import run

SAMPLES = [
    path for path in sorted((PROJECT / "samples").glob("*.pcap*")) if "call" in path.name or "trouble" in path.name
]


def message(name: str, fixed: dict[str, int | bytes] | None = None, *floating: tuple[str, Value]) -> bytes:
    return Encoder(UCCX_CTI).encode(name, fixed, floating, version=14)


def ours(*arguments: str) -> str:
    done = run(*arguments)
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize("sample", SAMPLES, ids=[path.name for path in SAMPLES])
def test_a_call_s_filter_finds_the_messages_that_our_own_command_finds(plugin: Plugin, sample: Path) -> None:
    found: dict[int, set[int]] = {}
    shown = tshark(plugin, "-r", str(sample), "-2", "-T", "fields", "-e", "frame.number", "-e", "uccx_cti.call")
    for line in shown.splitlines():
        frame, _, calls = line.partition("\t")
        for call in filter(None, calls.split(",")):
            found.setdefault(int(call), set()).add(int(frame))
    assert found
    for call, frames in found.items():
        rows = ours("messages", str(sample), "--call", str(call), "--format", "jsonl").splitlines()
        assert {json.loads(row)["frame"] for row in rows} == frames, call
        filtered = tshark(plugin, "-r", str(sample), "-2", "-Y", f"uccx_cti.call == {call}")
        assert {int(line.split()[0]) for line in filtered.splitlines()} == frames


def test_a_reply_is_found_by_what_its_request_named(plugin: Plugin, tmp_path: Path) -> None:
    asked = message("SET_AGENT_STATE_REQ", {"InvokeID": 5}, ("AgentInstrument", "2006"), ("AgentID", "jdoe"))
    other = message("SET_AGENT_STATE_REQ", {"InvokeID": 6}, ("AgentInstrument", "2007"), ("AgentID", "else"))
    path = write_capture(tmp_path / "given.pcap", [
        Sent(asked), Sent(other), Sent(message("SET_AGENT_STATE_CONF", {"InvokeID": 5}), False),
        Sent(message("SET_AGENT_STATE_CONF", {"InvokeID": 6}), False),
    ])  # fmt: skip
    for wanted in ('uccx_cti.agent == "jdoe"', 'uccx_cti.device == "2006"'):
        lines = tshark(plugin, "-r", str(path), "-Y", wanted).splitlines()
        assert [line.split()[0] for line in lines] == ["1", "3"]
    # They are there for filters, and in nobody's way.
    assert "[Agent: jdoe]" not in tshark(plugin, "-r", str(path), "-V")


def test_a_message_of_one_s_own_side_answers_nothing(plugin: Plugin, tmp_path: Path) -> None:
    path = write_capture(tmp_path / "given.pcap", [
        Sent(message("HEARTBEAT_REQ", {"InvokeID": 1})), Sent(message("HEARTBEAT_CONF", {"InvokeID": 1})),
        Sent(message("HEARTBEAT_CONF", {"InvokeID": 1}), False),
    ])  # fmt: skip
    links = tshark(
        plugin, "-r", str(path), "-2", "-T", "fields", "-e", "uccx_cti.response_in", "-e", "uccx_cti.response_to"
    )
    assert links == "3\t\n\t\n\t1\n"


def test_names_of_constants_are_never_cut_but_by_their_table_s_own(plugin: Plugin, tmp_path: Path) -> None:
    path = write_capture(tmp_path / "given.pcap", [
        Sent(message("FAILURE_EVENT", {"Status": 92}), False),
        Sent(message("AGENT_STATE_EVENT", {"AgentState": 3, "EventReasonCode": 32765}, ("AgentID", "jdoe")), False),
    ])  # fmt: skip
    shown = tshark(plugin, "-r", str(path), "-T", "fields", "-e", "_ws.col.Info").splitlines()
    assert shown == [
        "FAILURE_EVENT E_CTI_SERVER_NOT_MASTER (92)",
        "AGENT_STATE_EVENT jdoe queue 0 -> READY reason AGT_CONN_DOWN",
    ]


def counted(plugin: Plugin, kind: str, sample: str) -> str:
    return tshark(plugin, "-q", "-z", f"uccx_cti,{kind}", "-r", str(PROJECT / "samples" / sample))


def test_what_is_counted_of_sessions_agents_and_reply_times(plugin: Plugin) -> None:
    assert (
        counted(plugin, "sessions", "trouble.pcapng").splitlines()[2:4]
        == """\
session  client            server           version  name     from (UTC)    lasts     by client  by server  failures
1        127.0.2.16:35181  127.0.1.8:12028  14       probe    11:20:00.000  0.000 s   1          1          1
""".splitlines()
    )
    assert (
        counted(plugin, "agents", "trouble.pcapng")
        == """\
Agent states (8)

agent    phone  frame  from (UTC)    state      for       reason
quentin  2601   41     11:20:00.088  NOT_READY  0.056 s   AGT_LOGON
quentin  2601   69     11:20:00.143  READY      0.001 s
quentin  2601   77     11:20:00.145  RESERVED   0.006 s
quentin  2601   91     11:20:00.151  TALKING    2.503 s
quentin  2601   116    11:20:02.654  READY      17.416 s
quentin  2601   135    11:20:20.071  NOT_READY            6
rosa     2602   64     11:20:00.143  NOT_READY  14.521 s  AGT_LOGON
rosa     2602   130    11:20:14.664  LOGOUT               AGT_CONN_DOWN

"""
    )
    times = counted(plugin, "times", "trouble.pcapng").splitlines()
    assert "HEARTBEAT_REQ          6     3         0       0.077     0.115     0.165" in times


def test_failures_and_what_nobody_answered_are_those_that_our_own_command_tells(plugin: Plugin) -> None:
    sample = PROJECT / "samples" / "trouble.pcapng"
    rows = [json.loads(row) for row in ours("exchanges", str(sample), "--format", "jsonl").splitlines()]
    failed = {row["request_name"] for row in rows if row["outcome"] == "unanswered"}
    text = counted(plugin, "failures", sample.name)
    lines = text.partition("Requests without a reply")[2].splitlines()[3:]
    assert {line.split()[2] for line in lines if line} == failed
    assert f"Requests without a reply ({sum(row['outcome'] == 'unanswered' for row in rows)})" in text


@pytest.mark.parametrize("sample", ["configuration-download.pcapng", "trouble.pcapng", "login-bad.pcapng"])
@pytest.mark.parametrize("only", ["", ",uccx_cti.response_in or uccx_cti.expert_unanswered"], ids=["all", "requests"])
def test_requests_are_counted_as_our_own_command_pairs_them(plugin: Plugin, sample: str, only: str) -> None:
    expected: dict[str, list[int]] = {}
    for row in map(json.loads, ours("exchanges", f"samples/{sample}", "--format", "jsonl").splitlines()):
        count = expected.setdefault(row["request_name"], [0, 0, 0])
        count[0] += 1
        count[1] += row["outcome"] != "unanswered"
        count[2] += row["outcome"] == "failed"
    asked = ("-2", "-q", "-z", f"uccx_cti,times{only}", "-r", str(PROJECT / "samples" / sample))
    lines = [line.split() for line in tshark(plugin, *asked).splitlines()[3:] if line]
    assert {line[0]: [int(number) for number in line[1:4]] for line in lines} == expected


def test_calls_are_counted_with_who_was_on_them(plugin: Plugin) -> None:
    lines = counted(plugin, "calls", "trouble.pcapng").splitlines()
    assert lines[3].split()[:3] == ["16779001", "5550171234", "7900"]
    frames = ours("messages", "samples/trouble.pcapng", "--call", "16779001", "--format", "jsonl").splitlines()
    assert lines[3].split()[7] == str(len(frames))


def test_names_that_are_no_ascii_leave_columns_as_they_are(plugin: Plugin, tmp_path: Path) -> None:
    names = "Jürgen Größe", "Bob"
    changes = [message("AGENT_STATE_EVENT", {"AgentState": 3}, ("AgentID", name)) for name in names]
    path = write_capture(tmp_path / "given.pcap", [Sent(change, False) for change in changes])
    lines = tshark(plugin, "-q", "-z", "uccx_cti,agents", "-r", str(path)).splitlines()
    assert [line.index("READY") for line in lines[3:5]] == [lines[2].index("state")] * 2


def test_what_is_counted_may_be_filtered(plugin: Plugin) -> None:
    lines = counted(plugin, "failures,uccx_cti.stream == 4", "trouble.pcapng").splitlines()
    assert [line.split()[0] for line in lines if line[:1].isdigit()] == ["36", "38", "86", "101", "97"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("times,", "after the name may come a comma and a display filter"),
        ("timesheet", "after the name may come a comma and a display filter"),
        ("times,no.such", "is invalid"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_the_reason(plugin: Plugin, asked: str, why: str) -> None:
    sample = PROJECT / "samples" / "trouble.pcapng"
    command = [plugin.program, "-X", f"lua_script:{plugin.path}", "-q", "-r", str(sample), "-z", f"uccx_cti,{asked}"]
    done = subprocess.run(command, capture_output=True, text=True, env=settings(plugin.path.parent), timeout=120)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f'-z "uccx_cti,{asked}": ' in done.stderr
    assert why in done.stderr
    assert ".lua" not in done.stderr
