"""Chunks of a capture: every packet whole, once, with bytes behind it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from both_paths import as_pcap

from ccxdissect.capture import source as byte_source
from ccxdissect.capture.notices import Notices
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
