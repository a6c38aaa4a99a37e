"""Reading capture files: what comes out is exactly what went in, and what is wrong is said."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import random
import struct
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capture_builders import (
    T0,
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
from ccxdissect.capture.files import packets, total_size
from ccxdissect.capture.notices import OVERFLOW, Notices
from ccxdissect.capture.source import CalledPath
from ccxdissect.errors import CaptureError

DATA = [b"first packet", b"second packet, longer", b"", b"fourth"]
RECORDS = [(T0 + n * 1_000_000_007, data) for n, data in enumerate(DATA)]
WHOLE = [(n + 1, time, data) for n, (time, data) in enumerate(RECORDS)]
MICRO = [(n, time // 1000 * 1000, data) for n, time, data in WHOLE]


def read(content: bytes, notices: Notices | None = None) -> list[tuple[int, int, bytes]]:
    return [(p.frame, p.time, p.data) for p in packets(io.BytesIO(content), notices)]


def said(notices: Notices) -> list[str]:
    return [str(notice) for notice in notices]


def pcapng(order: str = "<") -> bytes:
    return (
        section(order)
        + interface(1, 0, nanoseconds(order), order)
        + b"".join(enhanced(data, time, 0, order) for time, data in RECORDS)
    )


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcap_nanoseconds(order: str) -> None:
    assert read(pcap(RECORDS, order)) == WHOLE


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B2CD34])
def test_pcap_microseconds_and_the_modified_variant(order: str, magic: int) -> None:
    assert read(pcap(RECORDS, order, magic)) == MICRO


@pytest.mark.parametrize("order", ["<", ">"])
def test_pcapng(order: str) -> None:
    assert read(pcapng(order)) == WHOLE


def test_link_type_loses_the_bits_of_the_frame_check_sequence() -> None:
    content = pcap(RECORDS, link=0x54000000 | 113)
    assert {p.link for p in packets(io.BytesIO(content))} == {113}


@pytest.mark.parametrize(
    ("resolution", "units", "time"),
    [
        (None, 1_700_000_000_123_456, 1_700_000_000_123_456_000),
        (b"\x03", 1_700_000_000_123, 1_700_000_000_123_000_000),
        (b"\x09", T0, T0),
        (b"\x0c", 12_345_678_999_999_999_999, 12_345_678_999_999_999),
        (b"\x80", 1_700_000_000, 1_700_000_000_000_000_000),
        (b"\x8a", (1_700_000_000 << 10) + 512, 1_700_000_000_500_000_000),
        (b"\xa0", (1_700_000_000 << 32) + 1, 1_700_000_000_000_000_000),
        (b"\x00", 1_700_000_000, 1_700_000_000_000_000_000),
        (b"\xff", 1 << 40, 0),
    ],
)
def test_pcapng_time_resolutions(resolution: bytes | None, units: int, time: int) -> None:
    options = option(9, resolution) if resolution else b""
    assert read(section() + interface(1, 0, options) + enhanced(b"x", units)) == [(1, time, b"x")]


def test_pcapng_time_offset() -> None:
    options = nanoseconds() + option(14, struct.pack("<q", -3600))
    assert read(section() + interface(1, 0, options) + enhanced(b"x", T0)) == [(1, T0 - 3600 * 10**9, b"x")]


def test_pcapng_sections_of_either_byte_order_and_several_interfaces() -> None:
    content = (
        section()
        + interface(1)
        + interface(101, 0, nanoseconds())
        + enhanced(b"a", T0, 1)
        + enhanced(b"b", 5)
        + section(">")
        + interface(113, 0, b"", ">")
        + enhanced(b"c", 6, 0, ">")
    )
    assert [(p.frame, p.time, p.link, p.data) for p in packets(io.BytesIO(content))] == [
        (1, T0, 101, b"a"),
        (2, 5000, 1, b"b"),
        (3, 6000, 113, b"c"),
    ]


def test_pcapng_simple_and_obsolete_packets_options_and_unknown_blocks() -> None:
    notices = Notices()
    content = (
        section()
        + block(0x0BAD, b"custom")
        + interface(1, 5)
        + block(2, struct.pack("<HHIIII", 0, 0, 0, 7, 3, 9) + b"old")
        + block(3, struct.pack("<I", 10) + b"simpl")
        + enhanced(b"abc", 8, options=option(1, b"a comment") + option(2, b"\1\0\0\0"))
    )
    found = [(p.time, p.data, p.wirelen) for p in packets(io.BytesIO(content), notices)]
    assert found == [(7000, b"old", 9), (7000, b"simpl", 10), (8000, b"abc", 3)]
    assert said(notices) == [
        "a file object: frame 1: packets stored without a time: they get that of the packet before them"
    ]


def test_pcapng_simple_packet_of_an_interface_without_snap_length() -> None:
    assert [d for _, _, d in read(section() + interface() + block(3, struct.pack("<I", 5) + b"whole"))] == [b"whole"]


def test_pcapng_dropped_packets_are_told() -> None:
    notices = Notices()
    content = pcapng() + block(5, struct.pack("<III", 0, 0, 0) + option(5, struct.pack("<Q", 17)))
    assert read(content, notices) == WHOLE
    (notice,) = said(notices)
    assert notice == "a file object: frame 4: packets dropped while capturing, says the file (17 packets)"


def test_pcapng_packet_of_an_interface_never_described() -> None:
    notices = Notices()
    assert read(section() + interface() + enhanced(b"x", 1, 4) + enhanced(b"y", 2), notices) == [(1, 2000, b"y")]
    (notice,) = said(notices)
    assert notice == "a file object: a packet of an interface that the file does not describe (interface 4)"


@pytest.mark.parametrize("content", [pcap(RECORDS), pcapng()])
def test_gzip_is_found_by_content_even_in_several_members(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "no-suffix"
    path.write_bytes(gzip.compress(content[:50]) + gzip.compress(content[50:]))
    assert [(p.frame, p.time, p.data) for p in packets(path)] == WHOLE


def test_every_cut_of_a_pcap_gives_what_is_there_and_says_so() -> None:
    content = pcap(RECORDS)
    for length in range(24, len(content)):
        notices = Notices()
        found = read(content[:length], notices)
        rest = length - 24
        expected = []
        clean = True
        for frame, time, data in WHOLE:
            if rest < 16:
                clean = rest == 0
                break
            expected.append((frame, time, data[: rest - 16]))
            if rest < 16 + len(data):
                clean = False
                break
            rest -= 16 + len(data)
        assert found == expected
        if clean:
            assert said(notices) == ([] if found else ["a file object: a capture without packets"])
        else:
            assert "the file ends within a packet" in said(notices)[0]


def test_every_cut_of_a_pcapng_gives_the_packets_before_it_and_says_so() -> None:
    content = pcapng()
    ends = [28 + 28]
    for data in DATA:
        ends.append(ends[-1] + 32 + len(data) + -len(data) % 4)
    for length in range(28, len(content)):
        notices = Notices()
        found = read(content[:length], notices)
        whole = sum(end <= length for end in ends[1:])
        assert found[:whole] == WHOLE[:whole]
        assert len(found) <= whole + 1
        assert (length in ends + [28]) == (not [n for n in notices if "ends" in n.reason]), length
        if len(found) > whole:
            assert WHOLE[whole][2].startswith(found[-1][2]) and found[-1][:2] == WHOLE[whole][:2]


def test_cut_last_packet_is_named_with_file_and_frame(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(pcap(RECORDS)[:-2])
    notices = Notices()
    assert [p.data for p in packets(path, notices)][-1] == b"four"
    assert said(notices) == [f"{path}: frame 3: the file ends within a packet (4 of 6 bytes)"]


def test_gzip_damage_ends_the_file_with_a_notice() -> None:
    records = [(T0 + n, random.Random(n).randbytes(100)) for n in range(2000)]
    packed = gzip.compress(pcap(records))
    notices = Notices()
    found = read(packed[: len(packed) // 2], notices)
    assert 500 < len(found) < 1500
    assert found[:-1] == [(n + 1, *records[n]) for n in range(len(found) - 1)]
    assert len(notices) == 1 and "damaged gzip data" in said(notices)[0]
    flipped = bytearray(packed)
    flipped[-8] ^= 1  # the check sum of the last member
    notices = Notices()
    assert len(read(bytes(flipped), notices)) == 2000
    assert "damaged gzip data: CRC check failed" in said(notices)[0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\xd4", "neither pcap nor pcapng: not a capture"),
        (b"#!/bin/sh\necho hello\n", "neither pcap nor pcapng: not a capture"),
        (pcap([])[:20], "cut short: the pcap file header is not complete"),
        (section()[:20], "cut short: the pcapng section header is not complete"),
        (b"\x0a\x0d\x0d\x0a" + b"\0" * 40, "not a capture: a pcapng file without byte-order magic"),
        (block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 2, 0, -1)), "pcapng version 2.0 is not known"),
        (b"\xfd7zXZ\0\0\0\0\0", "packed with xz: unpack it first (gzip alone is unpacked here)"),
        (b"snoop\0\0\0\0\0\0\2", "a snoop capture: convert it to pcapng first (editcap does it)"),
        (b"\x1f\x8b\x08garbage that is no gzip", "not a capture: damaged gzip data"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
    ],
)
def test_what_is_no_capture_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(content)
    with pytest.raises(CaptureError) as caught:
        list(packets(path))
    assert str(caught.value).startswith(f"{path}: {reason}")
    assert caught.value.frame is None


def test_missing_file_and_directory(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none", "no such file or directory"), (tmp_path, "is a directory")):
        with pytest.raises(CaptureError) as caught:
            list(packets(str(path)))
        assert str(caught.value) == f"{path}: {reason}"


def test_closed_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(CaptureError, match="standard input: is closed"):
        list(packets("-"))


def test_path_that_no_file_can_have_and_error_on_one_line() -> None:
    with pytest.raises(CaptureError) as caught:
        list(packets("a\0b\nc"))
    assert str(caught.value) == r"a\x00b\nc: embedded null byte"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("caplen", [0x7FFFFFFF, 0xFFFFFFFF, 300_000])
def test_pcap_resynchronises_behind_a_length_that_cannot_be(order: str, caplen: int) -> None:
    records = [(T0 + n * 10**9, bytes([n]) * 60) for n in range(8)]
    content = bytearray(pcap(records, order))
    struct.pack_into(order + "I", content, 24 + 3 * 76 + 8, caplen)
    notices = Notices()
    assert read(bytes(content), notices) == [
        (n + 1, time, data) for n, (time, data) in enumerate(records[:3] + records[4:])
    ]
    (notice,) = said(notices)
    assert notice == (
        "a file object: frame 3: damaged packet record: skipped to the next one that makes "
        f"sense (a length of {caplen} bytes; 76 bytes skipped)"
    )


def test_pcap_resynchronises_across_blocks_of_the_reader() -> None:
    records = [(T0 + n * 10**6, bytes([n & 0xFF]) * 1000) for n in range(900)]
    good = pcap(records)
    where = 24 + 300 * 1016
    content = good[:where] + random.Random(1).randbytes(400_000).replace(b"\x65", b"\0") + b"\xff" * 16 + good[where:]
    notices = Notices()
    found = read(content, notices)
    assert [data for _, _, data in found[-600:]] == [data for _, data in records[300:]]
    assert any("skipped" in text for text in said(notices))


@pytest.mark.parametrize("before", range(1, 17))
@pytest.mark.parametrize("ng", [False, True])
def test_the_next_good_packet_may_straddle_blocks_of_the_reader(before: int, ng: bool) -> None:
    good = pcapng() if ng else pcap(RECORDS)
    start, junk = (good[:56], b"\x11") if ng else (good, b"\xff")
    start += junk * ((1 << 18) - before - len(start))
    records = [(T0 + n, b"behind the damage") for n in range(2)]
    behind = b"".join(enhanced(data, time) for time, data in records) if ng else pcap(records)[24:]
    assert [data for _, _, data in read(start + behind)][-2:] == [b"behind the damage"] * 2


def test_pcap_with_nothing_good_after_the_damage() -> None:
    content = pcap(RECORDS) + b"\xff" * 1_000_000
    notices = Notices()
    assert read(content, notices) == WHOLE
    (notice,) = said(notices)
    assert notice == (
        "a file object: frame 4: damaged packet record: nothing after it makes sense "
        "(a length of 4294967295 bytes; 1000000 bytes skipped)"
    )
    notices = Notices()
    assert read(pcap([]) + b"\xff" * 100, notices) == []
    assert len(notices) == 2


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("length", [0, 13, 0x7FFFFFFC, 0xFFFFFFFF, 64])
def test_pcapng_resynchronises_behind_a_damaged_block(order: str, length: int) -> None:
    start = section(order) + interface(1, 0, nanoseconds(order), order)
    blocks = [enhanced(bytes([n]) * 60, T0 + n, 0, order) for n in range(8)]
    damaged = bytearray(blocks[3])
    struct.pack_into(order + "I", damaged, 4, length)
    notices = Notices()
    found = read(start + b"".join(blocks[:3]) + bytes(damaged) + b"".join(blocks[4:]), notices)
    assert [data[0] for _, _, data in found] == [0, 1, 2, 4, 5, 6, 7]
    assert len(notices) == 1 and "92 bytes skipped" in said(notices)[0]


@pytest.mark.heavy
@pytest.mark.parametrize(
    "filler",
    [
        b"\x06\0\0\0",
        b"\x06\0\0\0\x20\0\0\0",
        b"\x06\0\0\0\x00\x00\x04\0",
        struct.pack("<IIII", T0 // 10**9, 0, 250_000, 250_000),
    ],
)
def test_hostile_fillers_take_neither_memory_nor_time(filler: bytes) -> None:
    tail = filler * (2_000_000 // len(filler))
    for content in (pcapng() + b"\xff" * 16 + tail, pcap(RECORDS) + b"\xff" * 16 + tail):
        source = io.BytesIO(content)
        tracemalloc.start()
        for _ in packets(source):
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 << 20


@pytest.mark.heavy
def test_gzip_bomb_is_streamed() -> None:
    zeros = b"\0" * (1 << 20)
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as out:
        out.write(pcap(RECORDS))
        for _ in range(100):
            out.write(zeros)
    packed.seek(0)
    tracemalloc.start()
    # A record of zeros is one of no bytes at the epoch: allowed, and of no use.
    count = sum(1 for _, p in zip(range(400_000), packets(packed), strict=False))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 400_000 and peak < 4 << 20


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([pcap([]), pcap(RECORDS, ">"), section(), section(">") + interface(order=">"), pcapng()]),
)
def test_any_bytes_end_without_an_error_of_python(tail: bytes, start: bytes) -> None:
    read(start + tail)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_from_the_start_are_read_or_refused(content: bytes) -> None:
    try:
        read(content)
    except CaptureError as error:
        assert "\n" not in str(error)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), min_size=1, max_size=4), st.booleans())
def test_damaged_bytes_end_without_an_error_of_python(damage: list[tuple[int, int]], ng: bool) -> None:
    content = bytearray(pcapng() if ng else pcap(RECORDS))
    for place, value in damage:
        content[28 + place % (len(content) - 28)] = value
    read(bytes(content))


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_gives_packets_as_they_arrive(form: str, packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    content = pcap(RECORDS) if form == "pcap" else pcapng()
    first = 24 + 16 + len(DATA[0]) if form == "pcap" else 56 + 32 + len(DATA[0])
    reading, writing = os.pipe()
    with open(reading, "rb") as stdin, open(writing, "wb", buffering=0) as pipe:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stdin))
        seen = threading.Event()
        stuck: list[bool] = []

        def write() -> None:
            with pipe:
                pipe.write(gzip.compress(content[:first]) if packed else content[:first])
                stuck.append(not seen.wait(5))
                pipe.write(gzip.compress(content[first:]) if packed else content[first:])

        writer = threading.Thread(target=write)
        writer.start()
        found = []
        for packet in packets("-"):
            seen.set()
            found.append((packet.frame, packet.time, packet.data))
            assert packet.source == "standard input"
        writer.join()
        assert found == WHOLE and stuck == [False]


def test_progress_adds_up_to_the_stored_size(tmp_path: Path) -> None:
    records = [(T0 + n, os.urandom(1000)) for n in range(5000)]
    paths = [tmp_path / "a.pcap", tmp_path / "b.pcap.gz"]
    paths[0].write_bytes(pcap(records))
    paths[1].write_bytes(gzip.compress(pcap(records), 1))
    for inputs in ([paths[0]], [paths[1]], paths):
        told: list[int] = []
        assert sum(1 for _ in packets(inputs, progress=told.append)) == 5000 * len(inputs)
        assert sum(told) == total_size(list(inputs)) == sum(path.stat().st_size for path in inputs)
        assert 4 <= len(told) <= 6 * len(inputs)
    assert total_size(["-"]) is None
    assert total_size([tmp_path / "none"]) is None


# Several files as one


def write(path: Path, times: list[int]) -> Path:
    path.write_bytes(pcap([(T0 + time * 10**9, str(time).encode()) for time in times]))
    return path


def together(paths: list[Path], notices: Notices, hole: int = 60 * 10**9) -> list[tuple[int, str, str]]:
    return [(p.frame, p.data.decode(), Path(p.source).name) for p in packets(paths, notices, hole=hole)]


def test_files_are_put_in_the_order_of_their_first_packets(tmp_path: Path) -> None:
    paths = [write(tmp_path / "c", [5, 6]), write(tmp_path / "a", [1, 2]), write(tmp_path / "b", [3, 4])]
    notices = Notices()
    assert together(paths, notices) == [
        (1, "1", "a"),
        (2, "2", "a"),
        (3, "3", "b"),
        (4, "4", "b"),
        (5, "5", "c"),
        (6, "6", "c"),
    ]
    assert said(notices) == []


def test_overlapping_files_are_merged_packet_by_packet(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / "a", [1, 3, 5, 7]),
        write(tmp_path / "b", [4, 5, 6, 9, 10]),
        write(tmp_path / "c", [11]),
    ]
    notices = Notices()
    assert [(time, name) for _, time, name in together(paths, notices)] == [
        ("1", "a"),
        ("3", "a"),
        ("4", "b"),
        ("5", "a"),
        ("5", "b"),
        ("6", "b"),
        ("7", "a"),
        ("9", "b"),
        ("10", "b"),
        ("11", "c"),
    ]
    assert said(notices) == [f"{paths[1]}: files overlap in time: merged in time order (with {paths[0]}, for 3.000 s)"]


def test_hole_between_files_is_told(tmp_path: Path) -> None:
    paths = [write(tmp_path / "a", [1, 2]), write(tmp_path / "b", [100]), write(tmp_path / "c", [110])]
    notices = Notices()
    assert [frame for frame, _, _ in together(paths, notices)] == [1, 2, 3, 4]
    assert said(notices) == [f"{paths[1]}: frame 2: hole between files (starts 98.000 s after the end of {paths[0]})"]
    notices = Notices()
    together(paths, notices, hole=98 * 10**9)
    assert said(notices) == []


def test_a_file_unordered_in_itself_keeps_its_order(tmp_path: Path) -> None:
    assert [t for _, t, _ in together([write(tmp_path / "a", [3, 1, 2])], Notices())] == ["3", "1", "2"]
    both = [write(tmp_path / "a", [3, 1, 2]), write(tmp_path / "b", [5, 4])]
    assert [t for _, t, _ in together(both, Notices())] == ["3", "1", "2", "5", "4"]


def test_one_file_that_cannot_be_read_refuses_all_before_any_packet(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "a", [1]), tmp_path / "bad"
    bad.write_bytes(b"nothing of the kind")
    with pytest.raises(CaptureError, match="bad: neither pcap nor pcapng"):
        next(packets([good, bad]))


def test_capture_without_packets_among_others(tmp_path: Path) -> None:
    notices = Notices()
    found = together([write(tmp_path / "a", []), write(tmp_path / "b", [1])], notices)
    assert found == [(1, "1", "b")] and said(notices) == [f"{tmp_path / 'a'}: a capture without packets"]


def test_notices_of_several_files_are_counted_once_and_by_file(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for number, path in enumerate(paths):
        path.write_bytes(pcap([(T0 + number * 10**9, b"abcdef")])[:-1])
    notices = Notices()
    assert len(together(paths, notices)) == 2
    assert [(notice.source, notice.count) for notice in notices] == [(str(paths[0]), 1), (str(paths[1]), 1)]


def test_pipes_and_file_objects_among_several(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_bytes(pcap([(T0 + 2, b"2"), (T0 + 4, b"4")])))
    writer.start()
    found = [p.data for p in packets([fifo, io.BytesIO(pcap([(T0 + 1, b"1"), (T0 + 3, b"3")]))])]
    writer.join()
    assert found == [b"1", b"2", b"3", b"4"]


def test_more_files_than_a_process_may_open(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    paths = [write(tmp_path / f"ring_{n:04}", [n]) for n in range(300)]
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
    try:
        assert [int(t) for _, t, _ in together(paths[::-1], Notices())] == list(range(300))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_files_are_closed_when_the_reader_stops(tmp_path: Path) -> None:
    reader = packets([write(tmp_path / "a", [1, 2, 3]), write(tmp_path / "b", [2, 3])])
    for _ in range(3):
        next(reader)
    open_before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    reader.close()
    assert not open_before or len(os.listdir("/proc/self/fd")) == open_before - 2


def test_notices_are_bounded() -> None:
    notices = Notices(3)
    for number in range(10):
        notices.add(f"reason {number}", number, "f")
    assert [(n.reason, n.count) for n in notices] == [
        ("reason 0", 1),
        ("reason 1", 1),
        ("reason 2", 1),
        (OVERFLOW, 7),
    ]


# Against the tools of Wireshark


MESSAGES = [(T0 + n * 1_234_567, ethernet(ipv4(tcp(b"message %d" % n * n, seq=n)))) for n in range(50)]
NUMBERED = [(n + 1, time, data) for n, (time, data) in enumerate(MESSAGES)]


class TestWiresharkTools:
    @pytest.mark.parametrize(("form", "unit"), [("nsecpcap", 1), ("pcap", 1000), ("pcapng", 1), ("modpcap", 1000)])
    def test_formats_of_editcap(self, tmp_path: Path, form: str, unit: int) -> None:
        source, target = tmp_path / "in.pcap", tmp_path / "out"
        source.write_bytes(pcap(MESSAGES))
        subprocess.run(["editcap", "-F", form, source, target], check=True)
        assert [(p.frame, p.time, p.data) for p in packets(target)] == [
            (n, time // unit * unit, data) for n, time, data in NUMBERED
        ]

    def test_snap_length_of_editcap(self, tmp_path: Path) -> None:
        source, target = tmp_path / "in.pcap", tmp_path / "out"
        source.write_bytes(pcap(MESSAGES))
        subprocess.run(["editcap", "-F", "pcapng", "-s", "60", source, target], check=True)
        assert [(p.data, p.wirelen) for p in packets(target)] == [(d[:60], len(d)) for _, _, d in NUMBERED]

    def test_mergecap_agrees_with_our_merge(self, tmp_path: Path) -> None:
        paths = [tmp_path / "a.pcap", tmp_path / "b.pcap"]
        paths[0].write_bytes(pcap(MESSAGES[0:30:2] + MESSAGES[30:40]))
        paths[1].write_bytes(pcap(MESSAGES[1:30:2] + MESSAGES[40:]))
        merged = tmp_path / "merged.pcapng"
        subprocess.run(["mergecap", "-w", merged, *paths], check=True)
        ours = [(p.frame, p.time, p.data) for p in packets(paths)]
        assert ours == [(p.frame, p.time, p.data) for p in packets(merged)] == NUMBERED


def test_a_capture_is_called_as_asked_wherever_it_is_named(tmp_path: Path) -> None:
    """Where the path of a copy says nothing to anybody, in errors and notices, and in another process."""
    copy = tmp_path / "7"
    for path in (
        CalledPath(str(copy), "monday.pcap"),
        pickle.loads(pickle.dumps(CalledPath(str(copy), "monday.pcap"))),
    ):
        copy.unlink(missing_ok=True)
        with pytest.raises(CaptureError, match="^monday.pcap: no such file"):
            list(packets(path))
        copy.write_bytes(pcap(RECORDS)[:-3])
        notices = Notices()
        assert len(list(packets(path, notices=notices))) == len(DATA)
        assert all(str(notice).startswith("monday.pcap") for notice in notices)
        assert list(notices)
