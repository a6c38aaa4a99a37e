"""Chunks of a capture: every packet whole, once, with bytes behind it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from both_paths import as_pcap

from ccxdissect.capture import source as byte_source
from ccxdissect.capture.notices import Notices
from ccxdissect.capture.pcapng_blocks import interface, packet, section
from ccxdissect.columns.chunks import PADDING, ChunkReader

TIME = 1_700_000_000 * 10**9


def test_packets_are_whole_whatever_their_sizes_and_that_of_the_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is read at once is all that a chunk can hold.
    monkeypatch.setattr(byte_source, "BLOCK", 50)
    source = random.Random(7)
    packets = [(TIME + place, source.randbytes(source.choice((0, 1, 60, 130, 900, 3000)))) for place in range(300)]
    file = tmp_path / "capture"
    file.write_bytes(as_pcap(packets))
    for size in (100, 144, 1000, 2000, 2999, 20_000):
        chunks = [chunk for chunk in ChunkReader(str(file), Notices(), size=size) if not isinstance(chunk, list)]
        assert len(chunks) > 8
        for chunk in chunks:
            # What is gathered of a header may go beyond a packet.
            assert (chunk.start + chunk.size + PADDING <= len(chunk.data)).all()
        found = [chunk.packet(place) for chunk in chunks for place in range(len(chunk.start))]
        assert [(one.frame, one.time, one.data) for one in found] == [
            (frame, time, data) for frame, (time, data) in enumerate(packets, start=1)
        ]


def test_all_chunks_are_as_large_so_that_one_takes_the_place_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(byte_source, "BLOCK", 300)
    source = random.Random(9)
    packets = [(TIME + place, source.randbytes(source.choice((1, 60, 130, 400)))) for place in range(300)]
    pcap, pcapng = tmp_path / "pcap", tmp_path / "pcapng"
    pcap.write_bytes(as_pcap(packets))
    blocks = (packet(0, time, data, len(data)) for time, data in packets)
    pcapng.write_bytes(b"".join([section(), interface(1), *blocks]))
    for file in (pcap, pcapng):
        chunks = [chunk for chunk in ChunkReader(str(file), Notices(), size=1000) if not isinstance(chunk, list)]
        assert len(chunks) > 30
        # Behind the packets of some there were no bytes, which are put there.
        assert {len(chunk.data) for chunk in chunks[1:-1]} <= {1000, 1000 + PADDING}
        assert sum(len(chunk.start) for chunk in chunks) == 300


def test_captures_that_overlap_come_in_large_chunks_and_each_packet_knows_its_own(tmp_path: Path) -> None:
    source = random.Random(8)
    files = [tmp_path / name for name in ("one", "two", "three")]
    # A packet of each by turns; of the last one nothing before the end.
    times = [range(0, 600, 2), range(1, 600, 2), range(600, 700)]
    for file, places in zip(files, times, strict=True):
        file.write_bytes(as_pcap([(TIME + place, source.randbytes(60)) for place in places]))
    names = list(map(str, files))
    chunks = [chunk for chunk in ChunkReader([*names], Notices()) if not isinstance(chunk, list)]
    assert len(chunks) <= 3
    found = [chunk.packet(place) for chunk in chunks for place in range(len(chunk.start))]
    assert [(one.frame, one.time - TIME, one.source) for one in found] == [
        (place + 1, place, names[2 if place >= 600 else place % 2]) for place in range(700)
    ]
