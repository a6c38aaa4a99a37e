"""The same bytes, the same messages, the same counts: a damaged capture through a pipe, in any pieces, and as a file."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from fuzz import redaction

from ccxdissect.capture.live_pipe import PipeSource
from ccxdissect.errors import CcxDissectError
from ccxdissect.sources.live import LiveProducer
from ccxdissect.sources.options import options
from ccxdissect.stream.events import Event, Record, SessionEnded

#: Rounds in which the two differed once: what waited for a sign of its dialect was told at another place.
DIFFERED = [7, 20, 52, 76, 154, 288]


def all_told(events: Iterable[Event]) -> list[object]:
    """Every event, what stands in each message, and how many messages and bytes each session had."""
    found: list[object] = []
    counted: dict[int, int] = {}
    for event in events:
        found.append(redaction.told(event))
        if isinstance(event, Record):
            found.append(event.decoded.body)
            counted[event.session.number] = counted.get(event.session.number, 0) + 1
        elif isinstance(event, SessionEnded):
            sent = event.session.sent.values()
            assert sum(side.messages for side in sent) == counted.get(event.session.number, 0)
    return found


def from_pipe(data: bytes, most: int, chance: random.Random) -> list[object]:
    """What is told of bytes that come in pieces of up to `most`."""
    reading, writing = os.pipe()

    def write() -> None:
        rest = memoryview(data)
        with os.fdopen(writing, "wb", buffering=0) as pipe:
            try:
                while rest:
                    rest = rest[pipe.write(rest[: chance.randint(1, most)]) :]
            except BrokenPipeError:
                # The rest is not read of what is no capture.
                pass

    writer = threading.Thread(target=write)
    writer.start()
    try:
        return all_told(LiveProducer(PipeSource(reading), options()))
    finally:
        os.close(reading)
        writer.join()


@pytest.mark.parametrize("seed", [*DIFFERED, *range(1000, 1024)])
def test_damaged_captures(seed: int, tmp_path: Path) -> None:
    data = redaction.damaged(seed)
    path = tmp_path / "damaged"
    path.write_bytes(data)
    try:
        wanted = all_told(redaction.events(path))
    except CcxDissectError:
        with pytest.raises(CcxDissectError):
            from_pipe(data, 1 << 16, random.Random(seed))
        return
    for most in (7, 900, 1 << 20):
        assert from_pipe(data, most, random.Random(seed)) == wanted
