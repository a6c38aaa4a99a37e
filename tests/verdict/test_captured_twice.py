"""Captures that have packets twice: of ports that are mirrored twice, and of two places put together."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from ccxdissect import columns
from ccxdissect.cli.main import main
from ccxdissect.protocol.model import Side
from wire import ACK, PSH, SYN, A, C, S, Wire

MIRRORED = (
    "The packets of {} are in the capture twice, and were not sent twice. A switch mirrors two ports, or two captures were "
    "merged: mirror one port alone, or take the copies out with editcap -d."
)
MERGED = (
    "The packets of the client and of the server are in the capture twice, and were not sent twice. Two captures of the same "
    "traffic were merged: look at one of them alone, for when something came cannot be told from both."
)
BOTH, MICRO = "the client and of the server", 0.000_02


def day(wire: Wire) -> None:
    """Two healthy sessions."""
    one, two = wire.connect().open(), wire.connect("10.0.0.6").open(agent="jones")
    for _ in range(12):
        one.beat(1, 10)
        two.beat(1, 5)
    one.close()
    two.close()


def lossy(wire: Wire, sender: Side | None = C) -> None:
    """Half of what the client (or of both, or all that the server) sends is sent again after 300 ms."""
    link = wire.connect().open()
    for number in range(12):
        wire.wait(10)
        link.invoke += 1
        for name in ("HEARTBEAT_REQ", "HEARTBEAT_CONF"):
            data = link.say(name, {"InvokeID": link.invoke})
            side = C if name.endswith("REQ") else S
            if sender in (side, None) and (sender is S or number % 2):
                wire.wait(0.3)
                link.tcp(side, PSH | ACK, data, again=len(data))
    link.close()


def twice(wire: Wire, later: float, side: Side | None = None) -> None:
    """Capture each packet (of one side) once more; by a clock that is `later`, or is behind: then the copies come right behind the
    packets all the same."""
    packets = []
    for time, data, length in wire.packets:
        packets.append((time, (time, data, length)))
        if side is None or (side is S) is (socket.inet_ntoa(data[26:30]) == A):
            packets.append((max(time, time + later), (time + later, data, length)))
    wire.packets = [packet for _, packet in sorted(packets, key=lambda one: one[0])]


def told(wire: Wire, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[str, set[str]]:
    """The first line, and each finding's rule and text."""
    path = str(wire.write(folder / "capture.pcap"))
    assert main(["summary", path]) == 0
    line = capsys.readouterr().out.splitlines()[0]
    assert main(["findings", path, "--format", "csv"]) == 0
    return line, set(capsys.readouterr().out.splitlines()[1:])


@pytest.mark.parametrize(
    ("later", "side", "said"),
    [
        (MICRO, None, MIRRORED.format(BOTH)),
        (0.002, None, MIRRORED.format(BOTH)),
        (-0.0005, None, MIRRORED.format(BOTH)),
        (MICRO, S, MIRRORED.format("the server")),
        (MICRO, C, MIRRORED.format("the client")),
        (0.05, None, MERGED),
        (3, None, MERGED),
    ],
)
def test_copies_are_not_what_was_sent_again(
    later: float, side: Side | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    day(wire)
    twice(wire, later, side)
    line, found = told(wire, tmp_path, capsys)
    assert line == "Nothing to worry about: 2 sessions, seen whole and well (2 notes)"
    assert len(found) == 2 and all("captured-twice" in one and said in one for one in found)


@pytest.mark.parametrize(
    ("play", "later", "said"),
    [
        (lossy, MICRO, "The client had to send 6 segments again, for 14 messages."),
        (lossy, 0, "The client had to send 6 segments again, for 14 messages."),
        (lambda wire: lossy(wire, S), 0, "The server had to send 12 segments again, for 14 messages."),
    ],
    ids=["lost and mirrored", "lost", "all of one side sent again"],
)
def test_what_was_sent_again_is_counted_without_copies(
    play: Callable[[Wire], None], later: float, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    play(wire)
    if later:
        twice(wire, later)
    line, found = told(wire, tmp_path, capsys)
    assert line.startswith(f"Warning: {said}")
    assert sum("captured-twice" in one for one in found) == bool(later) and len(found) == 1 + bool(later)


def test_attempts_and_retransmissions_are_counted_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    link = wire.connect().open().beat(2)
    data = link.say("AGENT_STATE_EVENT", {"AgentState": 3}, [("AgentID", "smith")])
    for wait in (0.3, 0.6, 1.2, 2.4, 4.8):
        wire.wait(wait)
        link.tcp(S, PSH | ACK, data, again=len(data))
    wire.wait(12)
    link.reset(S)
    nobody = wire.connect("10.0.0.66", shake=False)
    nobody.tcp(C, SYN)
    for _ in range(2):
        wire.wait(0.999)
        nobody.tcp(C, SYN, again=1)
    wire.connect("10.0.0.6").open(agent="jones").beat(3).close()
    twice(wire, MICRO)
    _, found = told(wire, tmp_path, capsys)
    dead, none = (next(one for one in found if rule in one) for rule in ("dead-path", "no-answer"))
    assert "was retransmitted 5 times in 21.0 s without an answer" in dead
    assert "3 attempts to connect (SYN) within 2.0 s" in none


def test_a_slow_reply_is_not_laid_to_copies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for again in (False, True):
        wire = Wire()
        link = wire.connect().open()
        if again:
            data = link.say("HEARTBEAT_REQ", {"InvokeID": 70})
            wire.wait(0.3)
            link.tcp(C, PSH | ACK, data, again=len(data))
            link.say("HEARTBEAT_CONF", {"InvokeID": 70})
        link.say("QUERY_AGENT_STATE_REQ", {"InvokeID": 80}, [("AgentID", "smith")])
        wire.wait(5)
        link.say("QUERY_AGENT_STATE_CONF", {"InvokeID": 80, "AgentState": 2}, [("AgentID", "smith")])
        link.close()
        twice(wire, MICRO)
        line, _ = told(wire, tmp_path, capsys)
        assert line.startswith("Warning: QUERY_AGENT_STATE_REQ was answered after 5.0 s, more than 2.0 s. ")
        assert ("The session had segments sent again by then" in line) is again


def test_half_of_everything_may_be_sent_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    lossy(wire, None)
    _, found = told(wire, tmp_path, capsys)
    assert len(found) == 2 and all("packet-loss" in one for one in found)


def test_of_a_few_packets_nothing_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    wire.connect().open().close()
    twice(wire, MICRO)
    assert told(wire, tmp_path, capsys) == ("Nothing to worry about: 1 session, seen whole and well", set())


@pytest.mark.parametrize("by_columns", [True, False])
@pytest.mark.parametrize("play", [day, lossy])
@pytest.mark.parametrize("part", [7, 10])
def test_files_that_overlap(
    part: int,
    play: Callable[[Wire], None],
    by_columns: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(columns, "WORTH_LOADING", 1 if by_columns else 1 << 40)
    wire = Wire()
    wire.now += 0.000137
    play(wire)
    whole = wire.packets
    line, found = told(wire, tmp_path, capsys)
    begin, end = 4 * len(whole) // 10, part * len(whole) // 10
    paths = []
    for name, packets in (("one", whole[:end]), ("two", whole[begin:])):
        wire.packets = packets
        paths.append(str(wire.write(tmp_path / name)))
    assert main(["findings", "--format", "csv", *paths]) == 0
    rows = set(capsys.readouterr().out.splitlines()[1:])
    assert found <= rows
    more = rows - found
    assert len(more) == (2 if play is day else 1) and all("captured-twice" in row for row in more)
    assert all("are in the capture twice, at the very same time, and were not sent twice" in row for row in more)
    # By a clock of whole milliseconds that may be chance.
    for path in paths:
        data = bytearray(Path(path).read_bytes())
        at = 24
        while at < len(data):
            _, fraction, size = struct.unpack_from("<III", data, at)
            struct.pack_into("<I", data, at + 4, fraction // 1000 * 1000)
            at += 16 + size
        Path(path).write_bytes(data)
    assert main(["findings", "--format", "csv", *paths]) == 0
    assert "at the very same time" not in capsys.readouterr().out


def test_a_few_packets_that_two_files_hold_hide_nothing_that_was_sent_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wire = Wire()
    wire.now += 0.000137
    lossy(wire)
    whole = wire.packets
    told_alone = told(wire, tmp_path, capsys)
    # The last five of the client: less than it sent again.
    begin = [
        place for place, (_, data, _) in enumerate(whole) if len(data) > 54 and data[26:30] != bytes([10, 0, 0, 1])
    ][-5]
    wire.packets = whole[begin:]
    path = str(wire.write(tmp_path / "end.pcap"))
    assert main(["findings", "--format", "csv", str(tmp_path / "capture.pcap"), path]) == 0
    rows = set(capsys.readouterr().out.splitlines()[1:])
    assert {row for row in rows if "of the server" not in row} == told_alone[1]
