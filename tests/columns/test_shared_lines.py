"""Several processes write the lines of one capture: the very lines that one writes, though one of them dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from both_paths import ByColumns, as_pcap, table
from capture.capture_builders import ethernet, ipv4, tcp
from fuzz import streams
from stream.test_encapsulations import KINDS, ROWS
from test_either_dialect import BOTH, mixed

from ccxdissect import columns
from ccxdissect.capture.segment import Segment
from ccxdissect.columns import desk, passing
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.headers import Addresses
from ccxdissect.views import shared_lines
from ccxdissect.views.column_lines import ColumnWriter
from ccxdissect.views.messages import Showing
from commands import run
from conversation import renumbered, six

ROOT = Path(__file__).parents[2]


def batches(segments: list[Segment], size: int) -> Iterator[Batch]:
    by_columns, addresses = ByColumns(BOTH).columns, Addresses()
    for start in range(0, len(segments), size):
        yield from by_columns.tell(table(segments[start : start + size], addresses))
    yield from by_columns.flush()


def lines(given: Iterator[Batch], showing: Showing) -> bytes:
    writer = ColumnWriter(showing)
    return b"".join(bytes(writer.lines(batch)) for batch in given)


def together(given: Iterator[Batch], showing: Showing, processes: int) -> bytes:
    return b"".join(bytes(piece) for piece in shared_lines.shared_lines(given, BOTH, showing, processes))


@pytest.mark.parametrize("processes", [2, 4])
@pytest.mark.parametrize("showing", [Showing(False, False), Showing(True, True)])
def test_the_same_lines_in_the_same_order(processes: int, showing: Showing) -> None:
    segments = mixed(3, 12) + streams.made(18)[0][:600]
    alone = lines(batches(segments, 40), showing)
    assert alone.count(b"\n") > 300
    assert together(batches(segments, 40), showing, processes) == alone


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.heavy) for seed in (22, 2, 5, 129, *range(300, 320)))]
)
def test_fuzzed_streams(seed: int) -> None:
    segments = streams.made(seed)[0][:1200]
    for size, processes in ((60, 3), (400, 2)):
        alone = lines(batches(segments, size), Showing())
        assert together(batches(segments, size), Showing(), processes) == alone


@pytest.mark.parametrize(
    "kind", [*sorted(KINDS)[:1], *(pytest.param(kind, marks=pytest.mark.heavy) for kind in sorted(KINDS)[1:])]
)
def test_every_fault_in_every_kind_of_packet(kind: str, tmp_path: Path) -> None:
    link, packets_of = KINDS[kind]
    for segments, _ in ROWS.values():
        file = tmp_path / "capture"
        packets = [(one.time, packet) for one in renumbered(segments) for packet in packets_of(one)]
        file.write_bytes(as_pcap(packets, link))
        given = list(ByColumns(BOTH).batches(str(file), 300))
        assert len(given) > 3
        alone = lines(ByColumns(BOTH).batches(str(file), 300), Showing())
        assert together(ByColumns(BOTH).batches(str(file), 300), Showing(), 2) == alone


def _die(*_: object) -> None:
    os._exit(1)


def test_lines_of_a_process_that_dies_are_written_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = lines(batches(mixed(5), 40), Showing())
    monkeypatch.setattr(shared_lines, "_help", _die)
    assert together(batches(mixed(5), 40), Showing(), 3) == alone != b""


def test_a_process_that_dies_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = lines(batches(mixed(5), 40), Showing())
    monkeypatch.setattr(passing.Receiver, "know", lambda *_: None)
    monkeypatch.setattr(desk.Desk, "put", _die)
    assert together(batches(mixed(5), 40), Showing(), 2) == alone


@pytest.mark.parametrize("room", [100, 20_000])
def test_what_a_desk_has_no_room_for_is_written_by_the_reader(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    segments = mixed(3, 12)
    alone = lines(batches(segments, 80), Showing())
    monkeypatch.setattr(shared_lines, "Desk", lambda: desk.Desk(room))
    assert together(batches(segments, 80), Showing(), 2) == alone


def test_no_other_process_can_be_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    alone = lines(batches(mixed(5), 40), Showing())
    monkeypatch.setattr(shared_lines, "Desk", refused)
    assert together(batches(mixed(5), 40), Showing(), 2) == alone


@pytest.mark.heavy
def test_the_command_on_one_capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "WORTH_LOADING", 1)
    at, packets = 1000, []
    for number in range(9000):
        message = six()[number % 6]
        packets.append((1_700_000_000 * 10**9 + number * 10**6, ethernet(ipv4(tcp(message, seq=at)))))
        at += len(message)
    path = tmp_path / "capture.pcap"
    path.write_bytes(as_pcap(packets))
    for more in ((), ("--dialect", "ccx"), ("--reserved", "--show-secrets")):
        alone = run("messages", str(path), "--format", "jsonl", *more)
        together = run("messages", str(path), "--format", "jsonl", "--jobs", "3", *more)
        assert (together.returncode, together.stderr) == (0, alone.stderr)
        assert together.stdout == alone.stdout and alone.stdout.count("\n") == 9000
    for sample in sorted((ROOT / "samples").glob("*.pcapng"))[:4]:
        alone = run("messages", str(sample), "--format", "jsonl")
        assert run("messages", str(sample), "--format", "jsonl", "--jobs", "2") == alone
        # What is not plain lines is written by one.
        alone = run("messages", str(sample), "--format", "csv")
        assert run("messages", str(sample), "--format", "csv", "--jobs", "2") == alone
