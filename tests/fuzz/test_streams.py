"""The fuzzer finds what it is for, what it once found stays mended, and a few rounds of it find nothing new."""

from __future__ import annotations

import pytest

import streams
from ccxdissect.capture.segment import Segment


@pytest.mark.parametrize("path", sorted(streams.CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_what_once_failed(path: streams.Path) -> None:
    streams.check(streams.from_corpus(path.read_text()), None)


@pytest.mark.heavy
def test_a_hundred_rounds() -> None:
    for seed in range(100):
        segments, original = streams.made(seed)
        streams.check(segments, original)


def test_the_corpus_keeps_segments_whole() -> None:
    segments, _ = streams.made(3)
    assert streams.from_corpus(streams.kept(segments)) == segments


def test_a_loss_that_should_not_be_is_found() -> None:
    original = list(streams.captured(sorted(streams.SAMPLES.glob("*.pcapng"))[0]))
    data = [segment for segment in original if len(segment.payload) > 20]
    missing = [segment for segment in original if segment is not data[3]]
    with pytest.raises(streams.Failed, match="nothing was lost, yet the messages differ"):
        streams.check(streams.in_time(missing), original)


def test_bytes_that_vanish_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(segments: list[Segment]) -> tuple[streams.Content, list[streams.Session], int]:
        return {}, [], 0

    monkeypatch.setattr(streams, "outcome", forgetful)
    with pytest.raises(streams.Failed, match="are accounted for"):
        streams.check(streams.made(3)[0], None)
