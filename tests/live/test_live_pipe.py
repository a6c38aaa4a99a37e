"""Live from a pipe: the same rows as from the file, whatever the pipe does."""

from __future__ import annotations

import gzip
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from each import in_part
from live_process import ROOT, SAMPLES, Live, numbers, run
from live_traffic import packet, write_capture

from building import ENCODER
from conversation import CLIENT, SERVER, Conversation

HEARTBEAT = ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 7}, version=14)


def live_on(data: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "ccxdissect", "live", "-", *arguments],
        input=data, cwd=ROOT, capture_output=True, timeout=60, check=False,
    )  # fmt: skip


def small(tmp_path: Path) -> bytes:
    """Four messages, one of them unknown and one with a hostile name."""
    talk = Conversation().handshake()
    opening = {"InvokeID": 1, "VersionNumber": 14, "IdleTimeout": 30}
    who = [("ClientID", "d\x1b[31m\nx"), ("ClientPassword", "secret")]
    talk.send(CLIENT, ENCODER.encode("OPEN_REQ", opening, who, version=14))
    talk.send(SERVER, ENCODER.encode("OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1}, version=14))
    talk.send(CLIENT, HEARTBEAT)
    talk.send(SERVER, b"\0\0\0\4\0\0\3\xe7abcd")
    path = tmp_path / "small.pcapng"
    write_capture(str(path), [packet(segment) for segment in talk.segments])
    return path.read_bytes()


@pytest.mark.parametrize("sample", in_part(SAMPLES, 4), ids=lambda path: path.stem)
def test_a_sample_gives_the_rows_of_messages_and_so_does_what_was_kept(sample: Path, tmp_path: Path) -> None:
    kept = str(tmp_path / "kept.pcapng")
    done = live_on(sample.read_bytes(), "--format", "jsonl", "--write", kept)
    assert done.returncode == 0
    rows = done.stdout.decode()
    assert rows and rows == run("messages", str(sample), "--format", "jsonl")
    assert rows == run("messages", kept, "--format", "jsonl")


def test_filters_are_those_of_messages() -> None:
    sample = str(SAMPLES[0])
    filters = ("--kind", "event", "--class", "agent_state", "--format", "jsonl")
    rows = live_on(Path(sample).read_bytes(), *filters).stdout.decode()
    assert rows and rows == run("messages", sample, *filters)


def test_the_table_and_all_that_is_said(tmp_path: Path) -> None:
    done = live_on(small(tmp_path))
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [
        " number  time (UTC)       sess  from    message                           what it says",
        "      1  22:13:20.004000     1  client  OPEN_REQ                          #1 version 14 services 0 client "
        "d\\x1b[31m\\nx",
        "      1  22:13:20.004000     1  ***     note password-in-clear: OPEN_REQ carries a password in clear "
        "(ClientPassword). Whoever has this capture can read it: redact the capture before you share it.",
        "      2  22:13:20.005000     1  server  OPEN_CONF                         #1 services 0 -> LOGIN",
        "      3  22:13:20.006000     1  client  HEARTBEAT_REQ                     #7",
        "      4  22:13:20.007000     1  server  UNKNOWN_999 !                     ! message type 999 is unknown",
        "      4  22:13:20.007000     1  ***     warning unknown-message-type: Message type 999 is not known; its 4 "
        "bytes are shown undecoded. Check the server's release for a newer protocol.",
    ]
    said = done.stderr.decode().splitlines()
    assert (
        said[0]
        == "listening on standard input, TCP port 12028, 42027, 42067, 42107, 42147 ... 43387 (21 ports); Ctrl-C ends"
    )
    assert said[1].startswith("4 messages of 1 session in ") and said[1].endswith("; 1 warning, 1 note")
    assert said[2:] == ["7 packets from standard input, drops unknown"]


def test_a_pipe_that_drips_in_random_pieces_gives_each_row_once_and_at_once(tmp_path: Path) -> None:
    data = small(tmp_path)
    live = Live("-", "--format", "jsonl")
    assert live.process.stdin is not None
    dice = random.Random(3)
    at = 0
    while at < len(data):
        size = dice.randint(1, 40)
        live.process.stdin.write(data[at : at + size])
        live.process.stdin.flush()
        at += size
    live.wait_for('{"number":4,', live.out)
    assert live.process.poll() is None
    live.process.stdin.close()
    assert live.end() == 0
    assert numbers(live.out) == [1, 2, 3, 4]


def test_gzipped_and_classic_captures(tmp_path: Path) -> None:
    data = small(tmp_path)
    rows = live_on(data, "--format", "jsonl").stdout
    assert live_on(gzip.compress(data), "--format", "jsonl").stdout == rows


def test_silence_is_news_on_a_pipe_too(tmp_path: Path) -> None:
    live = Live("-", "--format", "jsonl", "--timeout", "0.5", "--least", "warning")
    assert live.process.stdin is not None
    live.process.stdin.write(small(tmp_path))
    live.process.stdin.flush()
    assert live.wait_for("warning missed-heartbeat: A heartbeat has had no answer for ") < 30
    assert live.process.poll() is None
    live.process.stdin.close()
    assert live.end() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle_of_a_packet_ends_it_without_a_word_about_the_cut(tmp_path: Path, number: int) -> None:
    data = small(tmp_path)
    kept = str(tmp_path / "kept.pcapng")
    live = Live("-", "--format", "jsonl", "--write", kept)
    assert live.process.stdin is not None
    live.process.stdin.write(data[:-9])
    live.process.stdin.flush()
    live.wait_for('{"number":3,', live.out)
    live.process.send_signal(number)
    assert live.end() == 0
    assert numbers(live.out) == [1, 2, 3]
    assert not any("Traceback" in line or "ends within" in line for line in live.said)
    assert run("messages", kept, "--format", "jsonl").splitlines() == live.out


def test_count_counts_what_the_filters_let_through(tmp_path: Path) -> None:
    done = live_on(small(tmp_path), "--kind", "request", "--count", "2", "--format", "jsonl")
    assert done.returncode == 0
    assert numbers(done.stdout.decode().splitlines()) == [1, 3]
    assert b"3 messages (2 shown) of 1 session" in done.stderr


def test_a_full_disk_is_said_once_and_the_rows_go_on(tmp_path: Path) -> None:
    done = live_on(small(tmp_path), "--format", "jsonl", "--write", "/dev/full")
    said = done.stderr.decode()
    if done.returncode == 1 and "No space left" in said:
        assert said.count("No space left") == 1 and "Traceback" not in said
    else:
        pytest.fail(said)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "ended before any packet came: see what the program before the pipe said"),
        (b"no capture at all, whatever it is", "neither pcap nor pcapng: not a capture"),
    ],
)
def test_what_is_no_capture_is_one_sentence(data: bytes, reason: str) -> None:
    done = live_on(data)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-1] == f"ccxdissect: standard input: {reason}"
    assert done.stdout.count(b"\n") <= 1


def test_wrong_usage() -> None:
    both = ("--watch", "--format", "jsonl")
    for arguments in (("-i", "lo"), both, ("--count", "0"), ("--for", "-1"), ("--type", "NO")):
        done = live_on(b"", *arguments)
        assert done.returncode == 2, arguments
        assert b"Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    live = subprocess.Popen(
        [sys.executable, "-m", "ccxdissect", "live", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    assert live.stdin is not None and live.stdout is not None and live.stderr is not None
    live.stdin.write(small(tmp_path))
    live.stdin.flush()
    live.stdout.readline()
    live.stdout.close()
    time.sleep(0.1)
    said = live.stderr.read().decode()
    assert live.wait(20) == 0
    assert "Traceback" not in said and "BrokenPipe" not in said
    live.stdin.close()
    live.stderr.close()


def test_a_full_disk_is_no_fault_of_the_pipe() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ccxdissect", "live", "-"],
            input=SAMPLES[0].read_bytes(), cwd=ROOT, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    greeting, said = done.stderr.decode().splitlines()
    assert greeting.startswith("listening") and said == "ccxdissect: No space left on device"
