"""The columns tell just what the dissector tells, event for event, and take the quick way where traffic is plain."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
from both_paths import ByColumns, as_pcap, assert_same_file, assert_same_segments, by_segments
from capture.capture_builders import (
    block,
    enhanced,
    ethernet,
    interface,
    ipv4,
    nanoseconds,
    option,
    pcap,
    section,
    tcp,
)
from fuzz import streams
from stream.test_encapsulations import KINDS, ROWS

from building import ENCODER, build, every_combination
from ccxdissect.capture.segment import Segment
from ccxdissect.columns.delivery import Delivered, Deliverer
from conversation import CLIENT, SERVER, Conversation, renumbered, six

SAMPLES = Path(__file__).parents[2] / "samples"
STREAM = b"".join(six())
TIME = 1_700_000_000 * 10**9


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.pcapng")), ids=lambda path: path.stem)
def test_samples(path: Path) -> None:
    assert_same_file(str(path))


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_in_every_kind_of_packet(kind: str, tmp_path: Path) -> None:
    link, packets_of = KINDS[kind]
    for segments, _ in ROWS.values():
        file = tmp_path / "capture"
        packets = [(one.time, packet) for one in renumbered(segments) for packet in packets_of(one)]
        file.write_bytes(as_pcap(packets, link))
        assert_same_file(str(file), (1 << 20, 500))


def test_every_version_form_and_layout() -> None:
    conversations: list[Segment] = []
    for port, version in enumerate((10, 11, 12, 13, 14, 17, 18)):
        said = [("ClientID", "desk"), ("ClientPassword", "x")]
        opening = ENCODER.encode("OPEN_REQ", {"VersionNumber": version}, said, version=version)
        conversation = Conversation(ends=((b"\x0a\0\0\x01", 50001 + port), (b"\x0a\0\0\x09", 12028))).handshake()
        conversation.send(CLIENT, opening)
        for message, of_version, form, layout in every_combination():
            if of_version == version:
                conversation.send(SERVER, build(message, version, form, layout, seed=port))
        conversations += conversation.close().segments
    assert_same_segments(renumbered(conversations), (1 << 20, 100))


@pytest.mark.parametrize("path", sorted(streams.CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_what_once_failed_in_fuzzing(path: Path) -> None:
    assert_same_segments(streams.from_corpus(path.read_text()))


@pytest.mark.parametrize("seed", [0, 2, 18, 22, 129])
def test_fuzzed_streams(seed: int) -> None:
    # Each of these once differed: a conflict with what had passed by, a form that a field shows, counts told too late.
    segments, _ = streams.made(seed)
    assert_same_segments(segments[:1200], (1 << 20, 37))


def test_what_strays_in_behind_the_end_is_no_more_of_the_session() -> None:
    assert_same_segments(streams.made(1795282568005)[0], (157,))


def test_an_older_acknowledgement_may_be_of_the_connection_before() -> None:
    assert_same_segments(streams.made(1795282826097)[0], (178,))


def _packets(source: random.Random, count: int = 40) -> list[tuple[int, bytes]]:
    at = 1000
    packets = []
    for number in range(count):
        message = source.choice(six())
        packets.append((TIME + number * 10**6, ethernet(ipv4(tcp(message, seq=at)))))
        at += len(message)
    return packets


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34])
def test_pcap_in_every_byte_order_and_unit(order: str, magic: int, tmp_path: Path) -> None:
    file = tmp_path / "capture"
    data = pcap(_packets(random.Random(1)), order, magic)
    file.write_bytes(gzip.compress(data) if order == "<" else data)
    assert_same_file(str(file))
    # Cut at the end, and damaged in the middle.
    file.write_bytes(data[:-5])
    assert_same_file(str(file))
    damaged = bytearray(data)
    damaged[2000:2040] = b"\xff" * 40
    file.write_bytes(bytes(damaged))
    assert_same_file(str(file))


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng_with_all_that_it_may_hold(order: str, tmp_path: Path) -> None:
    packets = _packets(random.Random(2))
    plain = [enhanced(data, time, order=order) for time, data in packets]
    dropped = block(5, b"\0" * 12 + option(5, (7).to_bytes(8, "little" if order == "<" else "big"), order), order)
    head = section(order) + interface(options=nanoseconds(order), order=order)
    other = interface(options=option(9, b"\x06", order), order=order)
    of_other = [enhanced(data, time // 1000, 1, order) for time, data in packets[20:]]
    finest = section(order) + interface(options=option(9, b"\x7f", order), order=order)
    parts = {
        "plain": [head, *plain],
        "ticks of no time": [finest, *(enhanced(data, 7, order=order) for _, data in packets)],
        "two interfaces": [head, *plain[:20], other, *of_other],
        "statistics": [head, *plain[:20], dropped, *plain[20:], dropped],
        "an interface that is not described": [head, *plain[:20], *of_other, *plain[30:]],
        "two sections": [head, *plain[:20], head, *plain[20:]],
        "cut": [head, b"".join(plain)[:-9]],
        "damaged": [head, *plain[:20], b"\x06\0\0\0\xff\xff\xff\xff", *plain[20:]],
    }
    file = tmp_path / "capture"
    for data in parts.values():
        file.write_bytes(b"".join(data))
        assert_same_file(str(file), (1 << 20, 700))


def _busy(messages: int) -> list[Segment]:
    """Two clients that talk, a message a segment, each acknowledged by the next one of the other side."""
    conversations = [
        Conversation(ends=((bytes([10, 0, 0, number]), 50001), (b"\x0a\0\0\x09", 12028))).handshake()
        for number in (1, 2)
    ]
    texts = six()
    for conversation in conversations:
        conversation.send(CLIENT, texts[0])
        for number in range(messages // 2):
            side = SERVER if number % 3 else CLIENT
            conversation.send(side, texts[1 + number % 4])
    pairs = zip(*(conversation.segments for conversation in conversations), strict=True)
    return renumbered(segment for pair in pairs for segment in pair)


def test_plain_traffic_takes_the_quick_way() -> None:
    segments = _busy(2000)
    columns = ByColumns()
    assert columns.segments(segments, 1 << 20) == by_segments(segments)
    # All but the messages that say the version.
    assert columns.columns.by_dissector <= 4 and columns.columns.by_columns >= 2000


def test_disordered_traffic_takes_it_all_but_always() -> None:
    source = random.Random(5)
    segments = _busy(4000)
    disordered: list[Segment] = []
    for segment in segments:
        chance = source.random()
        disordered.append(segment)
        if chance < 0.05:
            disordered.append(segment)
        elif chance < 0.10 and len(disordered) > 30:
            disordered.insert(len(disordered) - source.randrange(1, 4), disordered.pop())
    disordered = renumbered(disordered)
    columns = ByColumns()
    assert columns.segments(disordered, 1 << 20) == by_segments(disordered)
    told = columns.columns
    assert told.by_columns >= 0.95 * (told.by_columns + told.by_dissector)


def test_what_is_mostly_missing_goes_segment_by_segment_until_columns_are_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ccxdissect.columns.dissector._CHUNKS", 3)
    source = random.Random(6)
    segments = _busy(4000)
    half = len(segments) // 2
    kept = renumbered([*(one for one in segments[:half] if source.random() < 0.5), *segments[half:]])
    tried: list[int] = []

    class Counted(Deliverer):
        def deliver(self) -> Delivered:
            tried.append(self._first)
            return super().deliver()

    monkeypatch.setattr("ccxdissect.columns.dissector.Deliverer", Counted)
    columns = ByColumns()
    assert columns.segments(kept, 100) == by_segments(kept)
    # Of 10 chunks with holes two or three are tried, of 20 plain ones all but three at most.
    assert 17 + 2 <= len(tried) <= 20 + 3
    assert columns.columns.by_columns >= 0.7 * half
