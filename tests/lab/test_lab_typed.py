"""What is typed while the lab serves happens there; and what the lab offers is listed with who may log in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ccxdissect.errors import CcxDissectError
from ccxdissect.lab.scenario import step_of_line
from center import BRIDGE, Bench, Peer
from commands import run

TWO_NODES = """
title = "Two nodes"
[[server]]
name = "one"
port = 0
[[server]]
name = "two"
port = 0
standby = true
[[agent]]
id = "anna"
extension = "2001"
password = "secret"
[[client]]
name = "desk"
mode = "agent"
agent = "anna"
client_id = "desk"
password = "word"
"""


def test_typed_steps_are_those_of_a_scenario() -> None:
    bench = Bench()
    bridge = bench.bridge()
    for line, name, fixed in (
        ("agent-state agent=anna state=ready", "AGENT_STATE_EVENT", {"AgentState": 3}),
        ("agent-state agent=anna state=AGENT_STATE_NOT_READY reason=7", "AGENT_STATE_EVENT", {"EventReasonCode": 7}),
        ('failure status=94 text="call manager lost"', "FAILURE_EVENT", {"Status": 94}),
        ("call from=5550001 to=7000", "BEGIN_CALL_EVENT", {"CallType": 1}),
        ('send message=SYSTEM_EVENT fixed="{SystemEventID = 3}"', "SYSTEM_EVENT", {"SystemEventID": 3}),
    ):
        bridge.got.clear()
        bench.engine.act(step_of_line(bench.engine.world.scenario, line))
        first = next(message for message in bridge.got if message.name == name)
        assert {key: first.decoded.fixed[key] for key in fixed} == fixed, line


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("cal from=1 to=2", "typed: do: a server cannot do 'cal'; did you mean call?"),
        ("call from=1", "typed: to: is missing"),
        ("call 1 2", "typed: '1' should be KEY=VALUE"),
        ("agent-state agent=ana state=READY", "typed: agent: 'ana' should be one of"),
        ("agent-state agent=anna state=AWAKE", "typed: state: 'AWAKE' is no AgentState"),
        ("call from='1", "typed: No closing quotation"),
        pytest.param(f"failure status={'[' * 5000}", "typed: status: '[[[", id="brackets"),
        pytest.param(f"failure status={'9' * 5000}", "typed: status: '999", id="digits"),
    ],
)
def test_what_is_typed_wrong_is_said(line: str, said: str) -> None:
    with pytest.raises(CcxDissectError, match=re.escape(said)):
        step_of_line(Bench().engine.world.scenario, line)


def test_a_query_for_an_unknown_agent_is_refused() -> None:
    bench = Bench()
    desk = bench.agent("anna")
    came = desk.send("QUERY_AGENT_STATE_REQ", {"InvokeID": 9}, [("AgentID", "nobody")])
    assert [(message.name, message.decoded.fixed) for message in came] == [
        ("FAILURE_CONF", {"InvokeID": 9, "Status": 8}),
    ]


def test_a_server_takes_lines_while_it_serves(tmp_path: Path) -> None:
    scenario = tmp_path / "two.toml"
    scenario.write_text(TWO_NODES)
    command = [sys.executable, "-m", "ccxdissect", "lab", "serve", str(scenario), "--for", "20"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stderr is not None
        lines = [process.stderr.readline(), process.stderr.readline()]
        process.stdin.write("failover\nnonsense\nfailover who=two\n")
        process.stdin.flush()
        lines += [process.stderr.readline() for _ in range(5)]
        process.terminate()
        rest = process.stderr.read()
    assert re.sub(r":\d+", ":PORT", "".join(lines)) + rest == (
        "  one: listening on 127.0.0.1:PORT\n"
        "  two: listening on 127.0.0.1:PORT, as standby\n"
        "  one: is the standby from now on\n"
        "  two: is the master from now on\n"
        "! lab: typed: do: a server cannot do 'nonsense'\n"
        "  two: is the standby from now on\n"
        "  one: is the master from now on\n"
    )


def test_what_is_repeated_of_long_lines_is_bounded(tmp_path: Path) -> None:
    scenario = tmp_path / "two.toml"
    scenario.write_text(TWO_NODES)
    word, line = "x" * 50_000, "y" * 3_000_000
    command = [sys.executable, "-m", "ccxdissect", "lab", "serve", str(scenario), "--for", "20"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stderr is not None
        lines = [process.stderr.readline(), process.stderr.readline()]
        process.stdin.write(f"{word}\n{line}\nfailure status={'[' * 5000}\nfailover\n")
        process.stdin.flush()
        lines += [process.stderr.readline() for _ in range(4)]
        process.terminate()
        process.stderr.read()
    one, two, three, last = lines[2:]
    assert one.startswith("! lab: typed: do: a server cannot do 'xxx") and one.endswith("xxx'\n") and "x...x" in one
    assert max(map(len, lines)) < 1000
    assert two == "! lab: typed: a line of more than 100,000 characters is no step\n"
    assert three.startswith("! lab: typed: status: '[[")
    assert last == "  one: is the standby from now on\n"


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000], ids=["brackets", "digits"])
def test_a_scenario_that_is_too_much_for_python_is_no_scenario(value: str, tmp_path: Path) -> None:
    scenario = tmp_path / "much.toml"
    scenario.write_text(f"title = {value}")
    done = run("lab", "serve", str(scenario))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"ccxdissect: {scenario}: is no TOML: ") and done.stderr.count("\n") == 1


def test_a_dialect_that_is_no_text_is_none(tmp_path: Path) -> None:
    scenario = tmp_path / "list.toml"
    scenario.write_text('dialect = ["ccx"]')
    assert run("lab", "serve", str(scenario)).stderr == (
        f"ccxdissect: {scenario}: dialect: ['ccx'] should be one of ccx, cce\n"
    )


def test_the_list_says_what_each_is_and_who_may_log_in() -> None:
    out = run("lab", "list").stdout
    assert out.startswith(
        "agent-day-bridge-and-agent\n"
        "  An agent's day at protocol version 14: a bridge client and an agent-mode client at once\n"
        "  server server: 127.0.1.1 port 12028, versions 10 to 18\n"
        '  client bridge: bridge, ClientID "wallboard", password ""\n'
        '  client amira: agent amira, ClientID "amira", password ""\n'
        '  agent amira: extension 2101, password "fernhill"\n'
        '  agent boris: extension 2102, password "larkspur"\n'
        '  agent clara: extension 2150, password "maplewood", supervisor\n'
        "  number to call: 7100\n"
        "\n"
    )
    assert "\nSteps of a server\n  call           somebody outside calls\n" in out
    assert out.endswith("  advance        moves the scenario's clock\n\n")


def test_the_standby_lets_go_of_its_clients() -> None:
    bench = Bench()
    bridge = bench.bridge()
    bench.engine.become(True)
    assert bridge.hung_up == ["reset"]
    assert Peer(bench).open(BRIDGE)[-1].decoded.fixed["Status"] == 92
