"""Several processes write the lines of one capture: the very lines that one writes, though one of them dies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from both_paths import ByColumns, as_pcap, table
from capture.capture_builders import ethernet, ipv4, tcp
from fuzz import streams
from test_either_dialect import BOTH, mixed

from ccxdissect import columns
from ccxdissect.capture.segment import Segment
from ccxdissect.columns.batch import Batch
from ccxdissect.columns.headers import Addresses
from ccxdissect.columns.passing import Passed
from ccxdissect.sources.options import options
from ccxdissect.views import shared_lines
from ccxdissect.views.column_lines import ColumnWriter
from ccxdissect.views.messages import Showing
from commands import run
from conversation import six

ROOT = Path(__file__).parents[2]


def batches(segments: list[Segment], size: int) -> list[Batch]:
    by_columns, addresses = ByColumns(BOTH).columns, Addresses()
    told = [table(segments[start : start + size], addresses) for start in range(0, len(segments), size)]
    found = [batch for one in told for batch in by_columns.tell(one)] + list(by_columns.flush())
    # Nothing is learned of a session between the first batch and the last here, as it would be while they are written.
    for batch in reversed(found):
        for known in batch.before:
            known.tell()
    return found


def both(segments: list[Segment], showing: Showing, processes: int, size: int) -> tuple[bytes, bytes]:
    found = batches(segments, size)
    writer = ColumnWriter(showing)
    alone = b"".join(bytes(writer.lines(batch)) for batch in found)
    return alone, b"".join(shared_lines.shared_lines(found, options(), showing, processes))


@pytest.mark.parametrize("processes", [2, 4])
@pytest.mark.parametrize("showing", [Showing(False, False), Showing(True, True)])
def test_the_same_lines_in_the_same_order(processes: int, showing: Showing) -> None:
    segments = mixed(3, 12) + streams.made(18)[0][:600]
    alone, together = both(segments, showing, processes, 40)
    assert alone.count(b"\n") > 300
    assert together == alone


def _die(told: Passed) -> bytes:
    os._exit(1)


def test_lines_of_a_process_that_dies_are_written_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_lines, "_write", _die)
    alone, together = both(mixed(5), Showing(False, False), 2, 40)
    assert together == alone != b""


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
