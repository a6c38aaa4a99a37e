"""More sessions at once than are followed: nothing is told of those put away but that."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from ccxdissect.cli.main import main
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.reassembly import Limits
from wire import Link, Wire

MOST = 32


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ccxdissect.sources.producers.Dissector", partial(Dissector, limits=Limits(connections=MOST)))


def _told(command: str, path: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    assert main([command, "--format", "jsonl", str(path)]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def _one_too_many(wire: Wire) -> Link:
    """The first of them asks for something, then as many others come as are one too many, within 0.2 s."""
    first = wire.connect("10.0.1.0", port=12028).open(agent="first")
    first.request("QUERY_AGENT_STATE_REQ", {}, [("AgentID", "smith")])
    for number in range(1, MOST + 1):
        wire.connect(f"10.0.1.{number}").open(agent=f"agent{number}")
    return first


def test_no_server_is_blamed_for_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    _one_too_many(wire)
    path = wire.write(tmp_path / "many.pcap")
    found = _told("findings", path, capsys)
    told = {(one["severity"], one["rule"], one["session"]) for one in found}
    assert told == {
        ("warning", "put-away", 1),
        ("warning", "put-away", 2),
        ("note", "unanswered-request", 1),
    }
    (request,) = [str(one["text"]) for one in found if one["rule"] == "unanswered-request"]
    assert request.startswith("QUERY_AGENT_STATE_REQ has no reply, but its session was followed for only ")
    assert main(["summary", str(path)]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "Warning: Too many sessions were open at once: this one, idle longest, was followed no longer"
    )
    assert "followed no longer, since too many were open at once" in out


def test_what_waited_long_enough_was_not_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    first = wire.connect("10.0.1.0").open(agent="first")
    first.request("QUERY_AGENT_STATE_REQ", {}, [("AgentID", "smith")])
    others = [wire.connect(f"10.0.1.{number}").open(agent=f"agent{number}") for number in range(1, MOST)]
    others[0].beat(1, 20)
    wire.connect("10.0.2.1").open(agent="last")
    found = _told("findings", wire.write(tmp_path / "many.pcap"), capsys)
    texts = [str(one["text"]) for one in found if one["rule"] == "unanswered-request"]
    assert len(texts) == 1 and texts[0].startswith("QUERY_AGENT_STATE_REQ was never answered within 20.")


def test_who_comes_back_had_lost_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A client whose session was put away and that opens another one at once is not told to wait, and no outage is."""
    wire = Wire()
    _one_too_many(wire)
    wire.connect("10.0.1.0").open(agent="first")
    rules = {one["rule"] for one in _told("findings", wire.write(tmp_path / "many.pcap"), capsys)}
    assert not rules & {"early-reconnect", "outage", "failover", "idle-timeout"}
