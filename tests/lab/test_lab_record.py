"""Recordings: the samples are made again, and hold the same messages."""

from __future__ import annotations

import asyncio
import struct
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from loopback import moved, own_network

from ccxdissect.errors import CcxDissectError
from ccxdissect.lab import capturing, scenario
from ccxdissect.lab.client import StepFailed
from ccxdissect.lab.notes import LabNote, Sort
from ccxdissect.lab.record import (
    Line,
    compare,
    differences,
    play_all,
    read_transcript,
    record,
)
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from samples import protocol_of

SAMPLES = Path(__file__).parents[2] / "samples"
#: Waits are this much shorter than in the committed samples.
SPEED = 4


def _again(name: str, folder: str) -> list[str]:
    fresh = Path(folder) / f"{name}.pcapng"
    with own_network() as network:
        record(moved(scenario.load(name), network), fresh, speed=SPEED)
    return compare(SAMPLES / f"{name}.pcapng", fresh, protocol_of(name))


@pytest.mark.heavy
def test_every_sample_is_reproduced_by_its_scenario(tmp_path: Path) -> None:
    names = scenario.names()
    with ProcessPoolExecutor(4) as pool:
        changed = dict(zip(names, pool.map(_again, names, [str(tmp_path)] * len(names)), strict=True))
    assert changed == {name: [] for name in names}


def test_every_sample_is_small_and_has_its_line_in_the_readme() -> None:
    readme = (SAMPLES / "README.md").read_text()
    for name in scenario.names():
        assert (SAMPLES / f"{name}.pcapng").stat().st_size < 100 * 1024
        assert f"`ccxdissect lab record {name} --output samples/{name}.pcapng --force`" in readme


def test_the_samples_hold_every_message_type_and_decode_without_a_problem() -> None:
    found: set[str] = set()
    problems: list[str] = []
    for name in scenario.names():
        protocol = protocol_of(name)
        for lines in read_transcript(SAMPLES / f"{name}.pcapng", protocol).values():
            found.update(line.name for line in lines if protocol is UCCX_CTI)
            problems += [f"{name}: {line.name}: {f}" for line in lines for f in line.fields if f.startswith("problem")]
    assert {message.name for message in UCCX_CTI} - found == set()
    unknown = "problem: the fields of MEDIA_LOGIN_REQ are not known: 12 bytes undecoded"
    assert problems == [f"cce-queued-call: MEDIA_LOGIN_REQ: {unknown}"]


def test_the_samples_tell_nothing_of_the_machine_that_made_them() -> None:
    for name in scenario.names():
        data = (SAMPLES / f"{name}.pcapng").read_bytes()
        assert b"Linux" not in data and b"Intel" not in data and b"Dumpcap" not in data


@pytest.mark.heavy
def test_nobody_objects_to_anything_but_in_the_trouble_sample() -> None:
    async def played(name: str) -> None:
        told: list[LabNote] = []
        with own_network() as network:
            loaded = moved(scenario.load(name), network)
            played = await play_all(loaded, speed=SPEED, say=told.append)
        assert played.steps == len(loaded.steps)
        # The one of Unified CCE has a message whose fields nobody knows.
        assert bool(played.wrong) is (name in ("trouble", "cce-queued-call")), played.wrong
        assert Sort.MESSAGE in {note.sort for note in told}

    async def all_at_once() -> None:
        # Each twice, as two runs of the tests on one machine do: nobody needs a port that another has.
        await asyncio.gather(*(played(name) for name in [*scenario.names(), *scenario.names()]))

    asyncio.run(all_at_once())


def test_the_queued_call_has_the_values_of_the_guide() -> None:
    bridge = read_transcript(SAMPLES / "queued-call.pcapng", UCCX_CTI)[1, Side.SERVER]
    call = [line for line in bridge if any(f == "CallID=16777507" for f in line.fields)]
    assert [line.name for line in call][:9] == [
        "BEGIN_CALL_EVENT",
        "CALL_SERVICE_INITIATED_EVENT",
        "CALL_ORIGINATED_EVENT",
        "CALL_DELIVERED_EVENT",
        "CALL_ESTABLISHED_EVENT",
        "CALL_QUEUED_EVENT",
        "CALL_DELIVERED_EVENT",
        "CALL_ESTABLISHED_EVENT",
        "CALL_HELD_EVENT",
    ]
    assert {"CallType=9", "ConnectionDeviceID[25]='2005'", "ANI[8]='2005'"} <= set(call[0].fields)
    held = set(call[8].fields)
    assert {"HoldingDeviceType=76", "LocalConnectionState=4", "EventCause=65535", "HoldingDeviceID[31]='2006'"} <= held
    consult = next(line for line in bridge if "CallID=16777535" in line.fields)
    assert {"CallType=12", "ConnectionDeviceID[25]='2006'", "ANI[8]='2006'"} <= set(consult.fields)


def test_differences_are_told() -> None:
    one = {(1, Side.CLIENT): [Line("A", ("x=1",)), Line("B", ())], (1, Side.SERVER): []}
    other = {(1, Side.CLIENT): [Line("A", ("x=2",)), Line("C", ())], (2, Side.SERVER): [Line("D", ())]}
    assert differences(one, one) == []
    assert differences(one, other) == [
        "session 1, client, message 1 A: x=1 -> x=2",
        "session 1, client, message 2: B became C",
        "session 2, server: 0 messages became 1",
    ]


def test_without_dumpcap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        own_network() as network,
        pytest.raises(CcxDissectError, match=r"^dumpcap is not installed; it comes with Wireshark"),
    ):
        record(moved(scenario.load("version-18"), network), tmp_path / "x.pcapng")


def test_without_the_right_to_capture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "dumpcap"
    fake.write_text(
        '#!/bin/sh\necho "Capturing on \'lo\'" >&2\necho "dumpcap: You don\'t have permission" >&2\nexit 1\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        own_network() as network,
        pytest.raises(CcxDissectError, match=r"^dumpcap cannot capture on lo: dumpcap: You don't have permission$"),
    ):
        record(moved(scenario.load("version-18"), network), tmp_path / "x.pcapng")


def test_a_step_that_fails_is_told_by_file_and_place(tmp_path: Path) -> None:
    text = (
        '[[server]]\naddress = "127.0.3.2"\n[[client]]\nname = "c"\nmode = "bridge"\nversion = 9\n'
        '[[step]]\nwho = "c"\ndo = "open"\n'
    )
    with own_network() as network, pytest.raises(StepFailed) as raised:
        record(moved(scenario.parse(text, "own.toml"), network), tmp_path / "x.pcapng")
    assert str(raised.value) == (
        "own.toml: step[1] (c: open): OPEN_REQ was answered by FAILURE_CONF (Status 1 E_CTI_INVALID_VERSION), "
        "not by OPEN_CONF"
    )
    assert not (tmp_path / "x.pcapng").exists()


def block(kind: int, body: bytes) -> bytes:
    return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)


def test_a_capture_is_made_plain() -> None:
    section = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + struct.pack("<HH5s3x", 3, 5, b"Linux") + bytes(4)
    options = (
        struct.pack("<HH2s2x", 2, 2, b"lo") + struct.pack("<HHB3x", 9, 1, 9) + struct.pack("<HH5s3x", 12, 5, b"Linux")
    )
    interface = struct.pack("<HHI", 1, 0, 0) + options + bytes(4)
    first, second = 5_000_000_000, 5_000_000_777
    packets = [
        block(
            6,
            struct.pack("<IIIII", 0, t >> 32, t & 0xFFFFFFFF, 3, 3)
            + b"abc\0"
            + struct.pack("<HHI", 2, 4, 1)
            + bytes(4),
        )
        for t in (first, second)
    ]
    data = block(0x0A0D0D0A, section) + block(1, interface) + b"".join(packets) + block(5, bytes(12))
    plain = capturing.made_plain(data, "title", 7_000_000_000)
    assert b"Linux" not in plain and b"title" in plain and b"lo" in plain
    kinds = [kind for kind, _ in capturing._blocks(plain, "<")]
    assert kinds == [0x0A0D0D0A, 1, 6, 6]
    stamps = [
        struct.unpack_from("<II", body, 4)[0] << 32 | struct.unpack_from("<II", body, 4)[1]
        for kind, body in capturing._blocks(plain, "<")
        if kind == 6
    ]
    assert stamps == [7_000_000_000, 7_000_000_777]
