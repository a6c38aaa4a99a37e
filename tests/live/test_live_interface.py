"""Live on real interfaces, with real sockets: nothing is lost, and every end is a good end."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from live_process import ROOT, Live, Loopback, can_capture, children, numbers, run

from building import ENCODER

pytestmark = pytest.mark.skipif(not can_capture(), reason="needs dumpcap and the right to capture")
NO_RIGHT = (
    "ccxdissect: lo: no right to capture here: add yourself to the group wireshark (sudo usermod -aG wireshark $USER, "
    "then log in again), or run this with sudo"
)


def burst(count: int = 300) -> bytes:
    opening = ENCODER.encode("OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14}, [("ClientID", "desk")], version=14)
    beats = [ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": n}, version=14) for n in range(2, count + 1)]
    return opening + b"".join(beats)


@pytest.mark.parametrize("path", [None, "/nonexistent"], ids=["dumpcap", "scapy"])
def test_a_burst_cut_at_random_places_is_shown_whole_and_the_file_gives_the_same_rows(
    tmp_path: Path, path: str | None
) -> None:
    kept = str(tmp_path / "kept.pcapng")
    wire = Loopback()
    live = Live("-i", "lo", "--port", str(wire.port), "--format", "jsonl", "--write", kept, path=path)
    live.wait_for("listening on lo")
    wire.connect()
    wire.send(burst(), random.Random(11))
    live.wait_for('{"number":300,', live.out)
    wire.close()
    time.sleep(0.3)
    live.process.send_signal(signal.SIGINT)
    assert live.end() == 0
    assert numbers(live.out) == list(range(1, 301))
    assert [json.loads(line)["fixed"]["InvokeID"] for line in live.out] == list(range(1, 301))
    assert run("messages", kept, "--port", str(wire.port), "--format", "jsonl").splitlines() == live.out
    last = live.said[-2:]
    assert last[0].startswith("300 messages of 1 session in ")
    assert last[1].endswith(f" packets from lo, 0 dropped; kept in {kept}")


def test_rows_are_printed_while_the_connection_lasts_and_a_missed_heartbeat_is_news_at_once() -> None:
    wire = Loopback()
    live = Live("-i", "lo", "--port", str(wire.port), "--timeout", "1")
    live.wait_for("listening on lo")
    wire.connect()
    wire.send(burst(2))
    live.wait_for("HEARTBEAT_REQ", live.out)
    assert live.wait_for("warning missed-heartbeat: A heartbeat has had no answer for 1.", live.out) < 4
    live.wait_for("warning unanswered-request: OPEN_REQ has had no reply for 1.", live.out)
    assert live.process.poll() is None
    wire.close()
    live.process.send_signal(signal.SIGTERM)
    assert live.end() == 0


def test_unified_cce_is_watched_on_its_own_ports_without_being_asked() -> None:
    """A server of our own on the port of the second instance's side B, and a client of it."""
    lab = [sys.executable, "-m", "ccxdissect", "lab"]
    live = Live("-i", "lo", "--format", "jsonl")
    live.wait_for("listening on lo")
    scenario = ("cce-queued-call", "--port", "43067", "--speed", "20")
    with subprocess.Popen([*lab, "serve", *scenario], stderr=subprocess.PIPE, text=True, cwd=ROOT) as server:
        assert server.stderr is not None
        while "listening" not in server.stderr.readline():
            pass
        subprocess.run(
            [*lab, "client", "cce-queued-call", "wallboard", *scenario[1:]], cwd=ROOT, timeout=60, check=True
        )
        server.terminate()
    live.wait_for('"CLOSE_CONF"', live.out)
    live.process.send_signal(signal.SIGINT)
    assert live.end() == 0
    rows = [json.loads(line) for line in live.out]
    assert [row["name"] for row in rows] == [
        "OPEN_REQ", "OPEN_CONF", "MONITOR_START_REQ", "MONITOR_START_CONF", "CLOSE_REQ", "CLOSE_CONF",
    ]  # fmt: skip
    assert {row["version"] for row in rows} == {20} and not any(row["problems"] for row in rows)


def test_for_and_count_end_it_and_dumpcap_with_it() -> None:
    wire = Loopback()
    timed = Live("-i", "lo", "--port", str(wire.port), "--for", "1.5")
    counted = Live("-i", "lo", "--port", str(wire.port), "--count", "7", "--format", "jsonl")
    timed.wait_for("listening")
    counted.wait_for("listening")
    started = children(counted.process.pid) + children(timed.process.pid)
    assert len(started) == 2
    wire.connect()
    wire.send(burst(20))
    assert (counted.end(), timed.end()) == (0, 0)
    wire.close()
    assert numbers(counted.out) == list(range(1, 8))
    assert any(line.startswith("20 messages of 1 session") for line in timed.said)
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


def test_a_closed_output_ends_it_quietly_even_when_nothing_passes() -> None:
    arguments = [sys.executable, "-m", "ccxdissect", "live", "-i", "lo", "--port", "1"]
    live = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    assert live.stdout is not None and live.stderr is not None
    live.stdout.readline()
    live.stdout.close()
    said = live.stderr.read().decode()
    live.stderr.close()
    assert live.wait(20) == 0
    assert "Traceback" not in said and "0 messages of 0 sessions" in said


def test_a_killed_dumpcap_ends_it_with_what_there_was(tmp_path: Path) -> None:
    kept = str(tmp_path / "kept.pcapng")
    wire = Loopback()
    live = Live("-i", "lo", "--port", str(wire.port), "--format", "jsonl", "--write", kept)
    live.wait_for("listening")
    wire.connect()
    wire.send(burst(5))
    live.wait_for('{"number":5,', live.out)
    os.kill(children(live.process.pid)[0], signal.SIGKILL)
    assert live.end() == 1
    assert live.said[-1] == (
        "ccxdissect: lo: dumpcap was killed (signal 9): what passes now is not captured; start again"
    )
    wire.close()
    assert run("messages", kept, "--port", str(wire.port), "--format", "jsonl").splitlines() == live.out
    assert any("dumpcap did not say how many packets it dropped" in line for line in live.said)


def test_our_own_sudden_death_leaves_the_file_whole_and_no_dumpcap(tmp_path: Path) -> None:
    kept = str(tmp_path / "kept.pcapng")
    wire = Loopback()
    live = Live("-i", "lo", "--port", str(wire.port), "--format", "jsonl", "--write", kept)
    live.wait_for("listening")
    wire.connect()
    wire.send(burst(5))
    live.wait_for('{"number":5,', live.out)
    orphan = children(live.process.pid)[0]
    live.process.kill()
    live.end()
    wire.send(burst(5))
    done = subprocess.run(
        [sys.executable, "-m", "ccxdissect", "messages", kept, "--port", str(wire.port), "--format", "jsonl"],
        cwd=ROOT, capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    assert (done.stdout.decode().splitlines(), done.stderr) == (live.out, b"")
    for _ in range(100):
        if not Path(f"/proc/{orphan}").exists() or "\tZ" in Path(f"/proc/{orphan}/status").read_text():
            break
        wire.send(burst(1))
        time.sleep(0.05)
    else:
        pytest.fail("dumpcap goes on without us")
    wire.close()


@pytest.mark.skipif(shutil.which("ip") is None, reason="needs ip(8)")
def test_an_interface_that_goes_away_ends_it_in_good_order() -> None:
    name = f"ccxt{os.getpid()}"
    for kind in ("dummy", "veth", "bridge"):
        made = subprocess.run(["ip", "link", "add", name, "type", kind], capture_output=True, check=False)
        if not made.returncode:
            break
    else:
        pytest.skip("interfaces cannot be made here")
    try:
        subprocess.run(["ip", "link", "set", name, "up"], check=True)
        live = Live("-i", name)
        live.wait_for(f"listening on {name}")
    finally:
        subprocess.run(["ip", "link", "del", name], check=True)
    assert live.end() == 0
    assert any(line.startswith("0 messages of 0 sessions") for line in live.said)
    assert any("dumpcap ended (" in line for line in live.said)
    assert not any("Traceback" in line for line in live.said)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv(1)")
@pytest.mark.parametrize("path", [None, "/nonexistent"], ids=["dumpcap", "scapy"])
def test_who_has_no_right_is_told_what_to_do(path: str | None) -> None:
    powerless = [shutil.which("setpriv") or "", "--bounding-set", "-net_raw,-net_admin"]
    live = Live("-i", "lo", path=path, through=powerless)
    assert live.end() == 1
    assert (live.said, live.out) == ([NO_RIGHT], [])


@pytest.mark.parametrize("path", [None, "/nonexistent"], ids=["dumpcap", "scapy"])
def test_an_interface_that_is_not_there_is_one_sentence(path: str | None) -> None:
    live = Live("-i", "nowhere9", path=path)
    assert live.end() == 1
    assert live.said == ["ccxdissect: nowhere9: there is no such interface: `ccxdissect live` alone lists them"]


def test_all_interfaces_at_once_which_cannot_filter_for_vlan_tags() -> None:
    wire = Loopback()
    live = Live("-i", "any", "--port", str(wire.port), "--format", "jsonl", "--count", "3")
    live.wait_for("listening on any")
    wire.connect()
    wire.send(burst(3))
    assert live.end() == 0
    wire.close()
    assert numbers(live.out) == [1, 2, 3]


def test_without_an_interface_they_are_listed() -> None:
    listed = run("live")
    assert "\nlo " in listed and "Choose the one that the server's traffic passes" in listed
