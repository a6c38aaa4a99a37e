"""Live traffic is one more producer of a trace's events: what can be asked of a file can be asked of it, with the same answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from capture.capture_builders import pcap

import ccxdissect
from ccxdissect.capture.live_pipe import PipeSource
from ccxdissect.sources.live import LiveProducer
from ccxdissect.sources.options import options
from ccxdissect.sources.trace import Trace

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.pcapng"))


@pytest.fixture
def descriptor(request: pytest.FixtureRequest) -> Iterator[int]:
    opened = os.open(request.param, os.O_RDONLY)
    yield opened
    os.close(opened)


def live(descriptor: int) -> Trace:
    given = options()
    return Trace(("pipe",), given, producer=lambda: LiveProducer(PipeSource(descriptor), given))


def all_of(trace: Trace) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {"messages": [], "exchanges": [], "calls": [], "findings": []}
    trace.run(
        messages=lambda one: told["messages"].append(f"{one.number} {one.frame} {one.time} {one.decoded.raw.hex()}"),
        exchanges=lambda one: told["exchanges"].append(f"{one.request} {one.reply} {one.outcome.value}"),
        calls=lambda one: told["calls"].append(one.line()),
        findings=lambda one: told["findings"].append(f"{one.rule} {one.message} {one.text}"),
    )
    return told


@pytest.mark.parametrize(("descriptor", "sample"), [(path, path) for path in SAMPLES], indirect=["descriptor"])
def test_a_live_trace_gives_what_one_of_the_file_gives(descriptor: int, sample: Path) -> None:
    with live(descriptor) as passing, ccxdissect.open(sample) as lying:
        told = all_of(passing)
        assert told == all_of(lying) and told["messages"]
        assert passing.count == lying.count and passing.notices == lying.notices == []


def test_a_live_trace_says_why_there_is_nothing() -> None:
    read, write = os.pipe()
    os.write(write, pcap([]))
    os.close(write)
    try:
        with live(read) as trace:
            assert list(trace.messages()) == []
            assert trace.nothing_found is not None and "check the interface" in trace.nothing_found
    finally:
        os.close(read)
