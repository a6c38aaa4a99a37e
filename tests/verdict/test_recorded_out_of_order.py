"""Captures that have a reply before its request: several queues wrote them, or several ports were mirrored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ccxdissect.cli.main import main
from wire import ACK, FIN, C, S, Wire

SMITH = [("AgentID", "smith")]


def swap(wire: Wire) -> None:
    """Record the last packet 10 µs before the one before it."""
    (_, one, size), (time, other, other_size) = wire.packets[-2:]
    wire.packets[-2:] = [(time - 0.00001, other, other_size), (time, one, size)]


def heartbeats(wire: Wire) -> None:
    link = wire.connect().open()
    for _ in range(4):
        link.beat(1, 10)
        swap(wire)
    link.close()


def a_query(wire: Wire) -> None:
    link = wire.connect().open()
    link.say("QUERY_AGENT_STATE_REQ", {"InvokeID": 50}, SMITH)
    link.say("QUERY_AGENT_STATE_CONF", {"InvokeID": 50, "AgentState": 2}, SMITH)
    swap(wire)
    link.beat(3, 10).close()


def the_opening(wire: Wire) -> None:
    link = wire.connect().open()
    swap(wire)
    link.beat(3).close()


def the_closing(wire: Wire) -> None:
    link = wire.connect().open().beat(3)
    link.say("CLOSE_REQ", {"InvokeID": 99, "Status": 0})
    link.say("CLOSE_CONF", {"InvokeID": 99})
    swap(wire)
    link.tcp(S, FIN | ACK)
    swap(wire)
    link.bye(C)


@pytest.mark.parametrize("play", [heartbeats, a_query, the_opening, the_closing])
def test_a_reply_recorded_before_its_request_answers_it(
    play: Callable[[Wire], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    play(wire)
    path = str(wire.write(tmp_path / "capture.pcap"))
    assert main(["summary", path]) == 0
    assert capsys.readouterr().out.startswith("Nothing to worry about: 1 session, seen whole and well\n")
    assert main(["exchanges", path, "--format", "csv"]) == 0
    assert "unanswered" not in capsys.readouterr().out
