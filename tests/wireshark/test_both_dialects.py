"""Both plugins at once, on ports that servers of either have: each session is shown by the one that it speaks."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from cce_traffic import queued_call
from plugin import PROJECT, Plugin, programs, trees, tshark, write_plugin
from verdict.wire import Wire

from ccxdissect.protocol.dialects import DIALECTS
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Protocol
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

ORDERS = list(permutations(DIALECTS.values()))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[Protocol, Path]:
    return {protocol: write_plugin(tmp_path_factory.mktemp("alone"), protocol) for protocol in DIALECTS.values()}


@pytest.fixture(scope="module", params=programs())
def program(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def together(folder: Path, order: tuple[Protocol, ...], alone: dict[Protocol, Path], shown: Protocol) -> Path:
    """One script that loads both, in that order; the test looks at what `shown` makes of a capture."""
    path = folder / f"{shown.name}.lua"
    path.write_text("".join(f'dofile("{alone[protocol]}")\n' for protocol in order), encoding="utf-8")
    return path


def ccx_on_a_shared_port(path: Path) -> Path:
    """A session of Unified CCX with a server on a port that Unified CCE has by default."""
    wire = Wire()
    link = wire.connect(client="10.0.0.7", port=42027)
    link.open(agent="jdoe")
    for state in (0, 3, 2):
        link.say("SET_AGENT_STATE_REQ", {"InvokeID": 10 + state, "AgentState": state}, [("AgentInstrument", "2001")])
        link.say("SET_AGENT_STATE_CONF", {"InvokeID": 10 + state})
    return wire.write(path)


@pytest.mark.parametrize("order", ORDERS, ids=["ccx first", "cce first"])
@pytest.mark.parametrize("passes", [(), pytest.param(("-2",), marks=pytest.mark.heavy)], ids=["one pass", "two passes"])
@pytest.mark.parametrize("speaks", [UCCX_CTI, UCCE_CTI], ids=["ccx", "cce"])
def test_a_session_on_a_shared_port_is_shown_as_by_its_own_plugin_alone(
    program: str, alone: dict[Protocol, Path], tmp_path: Path, speaks: Protocol, passes: tuple[str, ...],
    order: tuple[Protocol, ...],
) -> None:  # fmt: skip
    path = tmp_path / "shared.pcap"
    if speaks is UCCX_CTI:
        ccx_on_a_shared_port(path)
    else:
        queued_call().write(path)
    expected = trees(Plugin(alone[speaks], program), path, *passes)
    assert len(expected) > 7
    assert trees(Plugin(together(tmp_path, order, alone, speaks), program), path, *passes) == expected
    other = next(protocol for protocol in order if protocol is not speaks)
    assert trees(Plugin(together(tmp_path, order, alone, other), program), path, *passes) == []


def test_the_other_plugin_takes_nothing_from_sessions_on_ports_that_are_not_its_own(
    program: str, alone: dict[Protocol, Path], tmp_path: Path
) -> None:
    sample = PROJECT / "samples" / "queued-call.pcapng"
    both = Plugin(together(tmp_path, ORDERS[1], alone, UCCX_CTI), program)
    assert trees(both, sample) == trees(Plugin(alone[UCCX_CTI], program), sample)


@pytest.mark.parametrize(("port", "speaks"), [(12028, UCCX_CTI), (42027, UCCE_CTI)], ids=["ccx's", "both's"])
def test_where_nothing_else_tells_it_is_whose_servers_have_the_port_by_default(
    program: str, alone: dict[Protocol, Path], tmp_path: Path, port: int, speaks: Protocol
) -> None:
    wire = Wire()
    wire.connect(port=port).say("HEARTBEAT_REQ", {"InvokeID": 1})
    path = wire.write(tmp_path / "beats.pcap")
    for order in ORDERS:
        shown = {one: len(trees(Plugin(together(tmp_path, order, alone, one), program), path)) for one in order}
        assert shown == {one: int(one is speaks) for one in order}


def test_the_line_of_a_monitor_says_what_it_hears_of(program: str, alone: dict[Protocol, Path]) -> None:
    sample = PROJECT / "samples" / "cce-queued-call.pcapng"
    wanted = "ged188.message_type == 93 or ged188.message_type == 94"
    shown = tshark(
        Plugin(alone[UCCE_CTI], program), "-r", str(sample), "-Y", wanted, "-T", "fields", "-e", "_ws.col.Info"
    ).splitlines()
    assert [line.partition(",")[0] for line in shown] == [
        "MONITOR_START_REQ #302 watches 3001",
        "MONITOR_START_CONF #302 watches 3001 monitor 1",
    ]
