"""What became of calls of which something was not captured is not known; of all others it is said as ever."""

from __future__ import annotations

from pathlib import Path

import pytest

import ccxdissect
from ccxdissect import columns
from ccxdissect.cli.main import main
from wire import BRIDGE, Link, S, Wire

CALLER, PHONE = "9999", "2006"


def told(link: Link, name: str, call: int, device: str, **devices: str) -> None:
    """An event about a call."""
    floating = [("ConnectionDeviceID", device), *((f"{role}DeviceID", number) for role, number in devices.items())]
    link.say(f"{name}_EVENT", {"CallID": call}, floating)


def rings(link: Link, call: int) -> None:
    told(link, "BEGIN_CALL", call, CALLER)
    told(link, "CALL_DELIVERED", call, CALLER, Alerting=PHONE, Calling=CALLER, Called=PHONE)
    link.beat(1, 5)


def answers(link: Link, call: int) -> None:
    told(link, "CALL_ESTABLISHED", call, CALLER, Answering=PHONE, Calling=CALLER, Called=PHONE)


def ends(link: Link, call: int) -> None:
    link.beat(1, 20)
    told(link, "CALL_CONNECTION_CLEARED", call, CALLER, Releasing=CALLER)
    told(link, "CALL_CLEARED", call, CALLER)
    told(link, "END_CALL", call, CALLER)


def outcomes(wire: Wire, path: Path) -> dict[int, str]:
    with ccxdissect.open(str(wire.write(path))) as trace:
        return {story.call: story.outcome.value for story in trace.calls()}


@pytest.mark.parametrize("by_columns", [True, False])
def test_the_answer_was_not_captured(by_columns: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "WORTH_LOADING", 1 if by_columns else 1 << 40)
    wire = Wire()
    link = wire.connect().open(BRIDGE)
    for call in range(1, 13):
        rings(link, call)
        # Of one of the twelve the answer is not captured; two were not answered.
        wire.off = call == 6
        if call not in (3, 9):
            answers(link, call)
        wire.off = False
        ends(link, call)
    link.close()
    expected = dict.fromkeys(range(1, 13), "answered") | {
        3: "abandoned while ringing",
        9: "abandoned while ringing",
    }
    assert outcomes(wire, tmp_path / "capture.pcap") == expected | {6: "not known"}


def test_its_beginning_was_not_captured(tmp_path: Path) -> None:
    wire = Wire()
    wire.off = True
    link = wire.connect().open(BRIDGE)
    for call in (1, 2):
        rings(link, call)
    answers(link, 1)
    wire.off = False
    ends(link, 1)
    rings(link, 3)
    ends(link, 3)
    link.beat(1, 5)
    answers(link, 2)
    ends(link, 2)
    found = outcomes(wire, tmp_path / "capture.pcap")
    assert found == {1: "not known", 2: "answered", 3: "abandoned while ringing"}


@pytest.mark.parametrize(("other", "expected"), [(False, "not known"), (True, "abandoned while ringing")])
def test_another_session_told_of_it_meanwhile(other: bool, expected: str, tmp_path: Path) -> None:
    wire = Wire()
    links = [wire.connect(client).open(BRIDGE) for client in ("10.0.0.5", "10.0.0.6")[: 1 + other]]
    for link in links:
        rings(link, 1)
    links[0].reset(S)
    wire.wait(3)
    again = wire.connect().open(BRIDGE)
    ends(links[1] if other else again, 1)
    assert outcomes(wire, tmp_path / "capture.pcap") == {1: expected}


def test_the_phone_held_it_after_all(tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect().open(BRIDGE)
    rings(link, 1)
    wire.off = True
    answers(link, 1)
    wire.off = False
    told(link, "CALL_HELD", 1, CALLER, Holding=PHONE)
    link.beat(1, 5)
    told(link, "CALL_RETRIEVED", 1, CALLER, Retrieving=PHONE)
    ends(link, 1)
    assert outcomes(wire, tmp_path / "capture.pcap") == {1: "answered"}


def test_what_an_excerpt_leaves_out_is_not_lacking(tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect().open(BRIDGE)
    rings(link, 1)
    rings(link, 2)
    answers(link, 2)
    ends(link, 1)
    whole, part = wire.write(tmp_path / "capture.pcap"), tmp_path / "part.pcapng"
    assert main(["cut", str(whole), "--call", "1", "-o", str(part)]) == 0
    with ccxdissect.open(str(part)) as trace:
        assert {story.call: story.outcome.value for story in trace.calls()} == {1: "abandoned while ringing"}


def test_bytes_of_the_client_tell_nothing_of_calls(tmp_path: Path) -> None:
    wire = Wire()
    link = wire.connect().open(BRIDGE)
    rings(link, 1)
    wire.only = S
    link.beat(1, 5)
    wire.only = None
    ends(link, 1)
    assert outcomes(wire, tmp_path / "capture.pcap") == {1: "abandoned while ringing"}
