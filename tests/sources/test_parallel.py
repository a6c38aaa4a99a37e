"""Several processes give what one gives: the same lines, the same notes, in the same order."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from building import ENCODER
from ccxdissect import columns
from ccxdissect.sources import parallel, turns
from ccxdissect.sources.planning import runs, scan
from commands import run
from conversation import CLIENT, SERVER, Conversation

PORTS = frozenset({12028})
SECOND = 10**9


def talk(number: int, start: int, messages: int = 6) -> list[tuple[int, bytes]]:
    """(time in ns, packet) of one connection, from its handshake on; a packet every 10 ms."""
    ends = ((bytes([10, 0, 1, number]), 40000 + number), (b"\x0a\0\0\x09", 12028))
    conversation = Conversation((1000 * number, 5000 * number), ends)
    conversation.handshake()
    login = {"InvokeID": 1, "VersionNumber": 14}
    conversation.add(
        CLIENT, 24, ENCODER.encode("OPEN_REQ", login, [("ClientID", "x"), ("ClientPassword", "y")], version=14)
    )
    for invoke in range(2, messages):
        side, name = ((CLIENT, "HEARTBEAT_REQ"), (SERVER, "HEARTBEAT_CONF"))[invoke % 2]
        conversation.add(side, 24, ENCODER.encode(name, {"InvokeID": invoke // 2}, [], version=14))
    packets = []
    for place, segment in enumerate(conversation.segments):
        tcp = struct.pack(
            ">HHIIBBHHH", segment.sport, segment.dport, segment.seq, segment.ack, 0x50, segment.flags, 8192, 0, 0
        )
        tcp += segment.payload
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0, segment.src, segment.dst)
        packets.append((start + place * SECOND // 100, bytes(12) + b"\x08\x00" + ip + tcp))
    return packets


def write(path: Path, packets: list[tuple[int, bytes]], cut: int = 0) -> str:
    """A pcap file with times in ns; `cut`: bytes of each packet's end that the snap length cut off."""
    data = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)
    for time, packet in packets:
        captured = packet[: len(packet) - cut]
        data += struct.pack("<IIII", *divmod(time, SECOND), len(captured), len(packet)) + captured
    path.write_bytes(data)
    return str(path)


#: The command, for which no captures are too small.
_SHARING = """
import sys
from ccxdissect.cli.main import main
from ccxdissect.sources import parallel
parallel.WORTH_SHARING = 0
sys.exit(main())
"""


@pytest.fixture(autouse=True)
def sharing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "WORTH_SHARING", 0)


def messages(*arguments: str) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        [sys.executable, "-c", _SHARING, "messages", "--format", "jsonl", *arguments],
        capture_output=True,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


def cuts(paths: list[str]) -> list[list[str]]:
    scans = [scan(path, given, PORTS) for given, path in enumerate(paths)]
    return [[Path(one.path).name for one in run] for run in runs([one for one in scans if one is not None])]


def test_little_is_read_by_one_process(three: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "WORTH_SHARING", 1 << 20)
    monkeypatch.setattr(parallel, "runs", _never)
    assert run("messages", "--format", "jsonl", *three, "--jobs", "2") == run("messages", "--format", "jsonl", *three)


@pytest.fixture
def three(tmp_path: Path) -> list[str]:
    """Three captures without anything in common, given out of order."""
    return [
        write(tmp_path / "c", talk(4, 300 * SECOND)),
        write(tmp_path / "a", talk(1, 100 * SECOND) + talk(2, 110 * SECOND, 9)),
        write(tmp_path / "b", talk(3, 120 * SECOND)),
    ]


def test_captures_without_anything_in_common_are_decoded_apart(three: list[str]) -> None:
    assert cuts(three) == [["a"], ["b"], ["c"]]
    alone, together = messages(*three), messages(*three, "--jobs", "2")
    assert together == alone
    lines = together[1].decode().splitlines()
    assert [line.partition(",")[0] for line in lines] == [f'{{"number":{n}' for n in range(1, len(lines) + 1)]
    assert '"session":4,' in lines[-1]
    assert b"hole between files" in together[2]


@pytest.mark.heavy
def test_filters_and_options_reach_the_processes(three: list[str]) -> None:
    options = ["--type", "HEARTBEAT_REQ,OPEN_REQ", "--show-secrets", "--reserved"]
    alone = messages(*three, *options)
    assert messages(*three, *options, "--jobs", "2") == alone
    assert alone[1].count(b"\n") > 6
    for choice in (["--session", "4"], ["--agent", "x"], ["--kind", "request", "--format", "csv"]):
        assert messages(*three, *choice, "--jobs", "2") == messages(*three, *choice)
    assert messages(*three, "--type", "NO_SUCH", "--jobs", "2")[0] == 2
    assert messages(*three, "--jobs", "0")[0] == 2


def test_a_ring_buffer_stays_in_one_process(tmp_path: Path) -> None:
    packets = talk(1, 100 * SECOND, 30)
    other = talk(2, 200 * SECOND)
    ring = [
        write(tmp_path / "1", packets[:12]),
        write(tmp_path / "2", packets[12:20]),
        write(tmp_path / "3", packets[20:]),
    ]
    paths = [*ring, write(tmp_path / "4", other)]
    assert cuts(paths) == [["1", "2", "3"], ["4"]]
    assert messages(*paths, "--jobs", "2") == messages(*paths)
    # A connection that comes again after one file without it ties all three together.
    apart = [ring[0], write(tmp_path / "5", talk(3, 100 * SECOND + SECOND // 8, 3)), ring[2]]
    assert cuts(apart) == [["1", "5", "3"]]
    assert messages(*apart, "--jobs", "2") == messages(*apart)


def test_captures_that_overlap_in_time_stay_in_one_process(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / "1", talk(1, 100 * SECOND, 30)),
        write(tmp_path / "2", talk(2, 100 * SECOND + SECOND // 10)),
    ]
    assert cuts(paths) == [["1", "2"]]
    assert messages(*paths, "--jobs", "2") == messages(*paths)


def _lossy(tmp_path: Path) -> str:
    packets = talk(1, 100 * SECOND, 30)
    return write(tmp_path / "lossy", packets[:8] + packets[9:])


def _ends_in_a_message(tmp_path: Path) -> str:
    packets = talk(1, 100 * SECOND, 8)
    time, last = packets[-1]
    short = last[:-3]
    short = short[:16] + struct.pack(">H", len(short) - 14) + short[18:]
    return write(tmp_path / "short", [*packets[:-1], (time, short)])


def _cut(tmp_path: Path) -> str:
    return write(tmp_path / "cut", talk(1, 100 * SECOND, 8), cut=2)


@pytest.mark.parametrize("make", [_lossy, _ends_in_a_message, _cut])
@pytest.mark.parametrize("first", [True, False])
def test_whatever_is_wrong_is_told_as_by_one_process(tmp_path: Path, make: object, first: bool) -> None:
    wrong = make(tmp_path)  # type: ignore[operator]
    paths = [wrong, write(tmp_path / "sound", talk(2, (200 if first else 50) * SECOND))]
    assert len(cuts(paths)) == 2
    alone = messages(*paths)
    assert messages(*paths, "--jobs", "2") == alone
    assert b"note: " in alone[2]


@pytest.mark.heavy
def test_what_cannot_be_read_is_told_as_by_one_process(tmp_path: Path) -> None:
    sound = write(tmp_path / "sound", talk(2, 200 * SECOND))
    empty = write(tmp_path / "empty", [])
    noise = tmp_path / "noise"
    noise.write_bytes(b"no capture at all")
    for paths in ([sound, str(noise)], [sound, empty], [sound, str(tmp_path / "none")], [sound], [empty, empty]):
        assert messages(*paths, "--jobs", "2") == messages(*paths)


def _jobs(paths: list[str], *options: str) -> None:
    """Two processes give what one gives."""
    arguments = ("messages", "--format", "jsonl", *paths, *options)
    assert run(*arguments, "--jobs", "2") == run(*arguments)


def _never(*_: object) -> None:
    raise AssertionError("message by message")


def test_what_is_large_goes_by_columns_in_every_process(three: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    apart = cuts(three)
    monkeypatch.setattr(columns, "WORTH_LOADING", 1)
    assert cuts(three) == apart
    # Processes are begun with what this one has: they would fail.
    monkeypatch.setattr(parallel, "_one_by_one", _never)
    taken = []
    in_turns = turns.in_turns
    monkeypatch.setattr(turns, "in_turns", lambda *given: taken.extend(given[0]) or in_turns(*given))
    _jobs(three)
    assert len({task.place for task in taken}) == 3
    _jobs(three, "--type", "HEARTBEAT_REQ,OPEN_REQ", "--show-secrets", "--reserved")
    _jobs(three, "--kind", "request", "--dialect", "ccx")
    # Why there is nothing, too.
    _jobs(three, "--type", "QUERY_DEVICE_INFO_REQ")
    _jobs(three, "--session", "4")


@pytest.mark.parametrize("make", [_lossy, _ends_in_a_message, _cut])
@pytest.mark.parametrize("first", [True, False])
def test_so_is_what_is_wrong(tmp_path: Path, make: object, first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = make(tmp_path)  # type: ignore[operator]
    monkeypatch.setattr(columns, "WORTH_LOADING", 1)
    _jobs([wrong, write(tmp_path / "sound", talk(2, (200 if first else 50) * SECOND))])


def test_samples_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages of all kinds, odd ones among them, and whatever else is known of a session."""
    folder = Path(__file__).parents[2] / "samples"
    # Two of them overlap in time: one process says so.
    samples = [str(path) for path in sorted(folder.glob("*.pcapng")) if path.stem != "version-18-wide"]
    found = []
    independent = parallel._independent
    monkeypatch.setattr(parallel, "_independent", lambda parts: found.append(independent(parts)) or found[-1])
    _jobs(samples)
    monkeypatch.setattr(columns, "WORTH_LOADING", 1)
    _jobs(samples)
    _jobs(samples, "--reserved", "--problem", "any")
    assert found == [True] * 3


def test_lines_of_a_process_that_dies_are_made_by_another(three: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "WORTH_LOADING", 1)
    alone = run("messages", "--format", "jsonl", *three)
    here, made = os.getpid(), parallel._Batches.__call__

    def dies_elsewhere(batches: parallel._Batches, task: parallel._Task) -> bytes | memoryview:
        if os.getpid() != here:
            os._exit(1)
        return made(batches, task)

    monkeypatch.setattr(parallel._Batches, "__call__", dies_elsewhere)
    assert run("messages", "--format", "jsonl", *three, "--jobs", "2") == alone
