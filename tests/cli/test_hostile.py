"""Input made to hurt stays within the bounds that the README states: memory in all, and time for each megabyte."""

from __future__ import annotations

import gzip
import random
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conversation import six

#: As the README states them: for all of these inputs, and for each megabyte (unpacked) that is read.
MOST_MEMORY = 256 << 20
SECONDS_A_MEGABYTE = 20

STREAM = b"".join(six())


def packet(number: int, client: bytes, port: int, seq: int, flags: int, payload: bytes) -> bytes:
    """A pcap record of an Ethernet packet from a client to the server."""
    tcp = struct.pack(">HHIIBBHHH", port, 12028, seq & 0xFFFFFFFF, 1, 0x50, flags, 65535, 0, 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, 6, 0, client, b"\x0b\0\0\x01")
    data = bytes(12) + b"\x08\0" + ip + tcp
    return struct.pack("<IIII", 1_700_000_000 + number // 50_000, number % 50_000 * 20, len(data), len(data)) + data


def capture(records: list[bytes]) -> bytes:
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1) + b"".join(records)


def flood_of_sessions(count: int = 3_500) -> bytes:
    """Sessions that never end, each with a message and a half."""
    records = []
    for number in range(count):
        client = bytes([10, number >> 16 & 255, number >> 8 & 255, number & 255])
        records.append(packet(number, client, 40_000, 1000, 24, STREAM[:85]))
    return capture(records)


def one_byte_segments() -> bytes:
    """Half a megabyte of bytes that are all noise, a byte in a packet."""
    source = random.Random(1)
    noise = source.randbytes(5000)
    return capture([packet(n, b"\x0a\0\0\x01", 40_000, 1000 + n, 24, noise[n : n + 1]) for n in range(len(noise))])


def length_bombs() -> bytes:
    """Headers that claim all there is, and holes that would have to be waited for."""
    bomb = b"\x7f\xff\xff\xff\0\0\0\x09" + b"\0\0\x3f\xff\0\0\0\x09" + b"\xff" * 300
    return capture([packet(n, b"\x0a\0\0\x01", 40_000, 1000 + n * 70_000, 24, bomb) for n in range(5000)])


def lookalikes() -> bytes:
    """Nothing but beginnings of messages, so that a search finds a candidate at every step."""
    data = b"\0\0\0\x04\0\0\0\x05" * 170
    return capture([packet(n, b"\x0a\0\0\x01", 40_000, 1003 + n * len(data), 24, data) for n in range(250)])


def packed_zeros() -> bytes:
    """A gzipped capture whose one packet would be forty megabytes of zeros."""
    head = capture([])
    return gzip.compress(head + struct.pack("<IIII", 1, 1, 40 << 20, 40 << 20) + bytes(40 << 20))


def endless_line() -> bytes:
    """A log that is one line, gzipped."""
    return gzip.compress(b"Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK:{ type=OPEN_REQ, " + b"clientID=a, " * 2_000_000)


def log_of_beginnings() -> bytes:
    """A log full of dumps that never end and words that never close."""
    line = b"Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK:writing...\nMHDR:\n0000: 00 00 3f ff 00 00 00 17\nMDATA:\n"
    return (line + b"0000: " + b"00 " * 16 + b"\n" + b"x{ length=-1 type=BEGIN_CALL_EVENT, {{{{((((\n") * 8000


#: A process counts as its own peak that of the one it was forked from: a small one stands between it and the tests.
MEASURING = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(status, used.ru_maxrss, used.ru_utime + used.ru_stime)
"""

HOSTILE: dict[str, Callable[[], bytes]] = {
    item.__name__: item
    for item in (
        flood_of_sessions,
        one_byte_segments,
        length_bombs,
        lookalikes,
        packed_zeros,
        endless_line,
        log_of_beginnings,
    )
}


def measured(folder: Path, *arguments: str) -> tuple[int, float]:
    """The bytes that a command held at most, and its processor seconds."""
    with (folder / "errors").open("wb") as errors:
        done = subprocess.run(
            [sys.executable, "-c", MEASURING, sys.executable, "-m", "ccxdissect", *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            check=True,
        )
    said = (folder / "errors").read_text()
    status, kibibytes, seconds = done.stdout.split()
    assert int(status) in (0, 1), said
    assert "Traceback" not in said
    return int(kibibytes) * 1024, float(seconds)


@pytest.mark.heavy
@pytest.mark.parametrize("command", ["messages", "findings", "redact"])
@pytest.mark.parametrize("name", HOSTILE)
def test_it_costs_no_more_than_is_stated(name: str, command: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile"
    path.write_bytes(HOSTILE[name]())
    data = path.read_bytes()
    size = len(gzip.decompress(data)) if data[:2] == b"\x1f\x8b" else len(data)
    more = [str(tmp_path / "out")] if command == "redact" else []
    held, seconds = measured(tmp_path, command, str(path), *more)
    assert held < MOST_MEMORY
    # Beginning takes its time too.
    assert seconds < SECONDS_A_MEGABYTE * size / (1 << 20) + 2


@pytest.mark.heavy
def test_more_sessions_than_are_followed_at_once_take_no_more_memory(tmp_path: Path) -> None:
    path = tmp_path / "sessions.pcap"
    path.write_bytes(flood_of_sessions(40_000))
    assert measured(tmp_path, "messages", str(path))[0] < MOST_MEMORY


def test_hex_made_to_hurt_is_decoded_or_refused() -> None:
    for text in (
        "7fffffff00000009" * 5000,
        "00000004000000050000000" * 9999,
        "0x" * 100_000,
        "MHDR:\n" * 50_000,
        "0: " * 99_999,
    ):
        done = subprocess.run(
            [sys.executable, "-m", "ccxdissect", "decode", "-"],
            input=text.encode(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode in (0, 1)
        assert b"Traceback" not in done.stderr
