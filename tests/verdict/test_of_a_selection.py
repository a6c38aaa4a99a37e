"""The first line for a part of a capture: what is left out changes what is shown, and not what is true of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from ccxdissect.cli.main import main
from wire import S, Wire

LOST = 'Error: The server reset the open session of agent "kim" without closing it, after 1 min 0 s.'
NONE = "No finding is about what the filter keeps\n"


@pytest.fixture
def one_lost_of_two(tmp_path: Path) -> str:
    """The session of jones goes well; that of kim is reset by the server behind a heartbeat."""
    wire = Wire()
    jones = wire.connect("10.0.0.7").open(agent="jones")
    kim = wire.connect("10.0.0.8").open(agent="kim")
    jones.beat(3, 10)
    kim.beat(3, 10).reset(S)
    jones.beat(3).close()
    return str(wire.write(tmp_path / "lost.pcap"))


@pytest.mark.parametrize(
    ("options", "headline"),
    [
        ("--agent kim", LOST),
        ("--agent jones", NONE),
        ("--no-heartbeats", LOST),
        ("--no-heartbeats --session 1", NONE),
        ("--agent kim --to +20s", NONE),
        ("--agent kim --type OPEN_REQ", NONE),
        ("--agent kim -c 1", NONE),
    ],
)
def test_a_session_lost_behind_a_heartbeat_is_told_to_who_asks_for_its_agent(
    options: str, headline: str, one_lost_of_two: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["summary", one_lost_of_two, *options.split()]) == 0
    assert capsys.readouterr().out.startswith(headline)
    assert main(["findings", one_lost_of_two, "--format", "csv", *options.split()]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    # The first row is one of `findings`, of summary the first message.
    assert [row.split(",")[1] for row in rows] == (
        ["reset-without-close"] if headline is LOST or "-c" in options else []
    )
