"""After redaction nothing of anybody is left, and every analysis still finds the same."""

from __future__ import annotations

import gzip
import io
import random
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from capture.capture_builders import enhanced as enhanced_packet
from capture.capture_builders import (
    ethernet,
    interface,
    ipv4,
    ipv6,
    pcap,
    section,
    tcp,
    vlan,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from building import ENCODER, every_combination, value_for
from ccxdissect.capture.segments import read_segments
from ccxdissect.codec import Decoder, NamedValue
from ccxdissect.errors import CaptureError, CcxDissectError
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.redact.captures import CaptureRedactor
from ccxdissect.redact.fields import Keep, MessageRedactor
from ccxdissect.redact.files import redact_file
from ccxdissect.redact.logs import LogRedactor
from ccxdissect.redact.pseudonyms import Pseudonyms
from ccxdissect.redact.report import Report
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Loss, Record, SessionEnded
from ccxdissect.stream.log import LogDissector
from conversation import six

SAMPLES = Path(__file__).parents[2] / "samples"
PORTS = frozenset(UCCX_CTI.ports)
KEY = b"a key of some length"
CAPTURES = sorted(SAMPLES.glob("*.pcapng"))
LOG = SAMPLES / "server.mivr.log"


def events_of(path: Path) -> tuple[list[Event], list[str]]:
    reader = read_segments(str(path), PORTS, verify=True)
    dissector = Dissector(UCCX_CTI, PORTS)
    found: list[Event] = []
    for segment in reader:
        found += dissector.feed(segment)
    found += dissector.flush()
    return found, [notice.reason for notice in reader.notices]


def structure(events: Sequence[Event]) -> list[object]:
    """All of the events but the values that redaction replaces."""
    found: list[object] = []
    for event in events:
        if isinstance(event, Record):
            decoded = event.decoded
            fields = [
                (field.tag, field.size, field.value if isinstance(field.value, int) else None)
                for field in decoded.floating
            ]
            where = (event.number, event.frame, event.time, event.session.number, event.sender)
            found.append((*where, decoded.name, decoded.version, dict(decoded.fixed), fields, event.problems))
        elif isinstance(event, SessionEnded):
            session = event.session
            found.append((session.number, session.ended_by, session.start, session.end, list(session.sent.values())))
        elif isinstance(event, Loss):
            found.append((event.frame, event.sender, event.missing, event.skipped))
    return found


def texts(events: Sequence[Event]) -> set[str]:
    """Every text in the messages that is long enough not to be in everything."""
    found: set[str] = set()
    for event in events:
        if isinstance(event, Record):
            for field in event.decoded.floating:
                parts = field.value[:2] if isinstance(field.value, NamedValue) else (field.value,)
                found.update(part for part in parts if isinstance(part, str) and len(part) >= 4)
    return found


def redacted(path: Path, out: Path, keep: Sequence[str] = ()) -> Report:
    report, _ = redact_file(UCCX_CTI, str(path), str(out), PORTS, KEY, Keep(UCCX_CTI, keep), force=True)
    return report


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_samples_keep_their_structure_and_nothing_else(path: Path, tmp_path: Path) -> None:
    out, again = tmp_path / "out.pcap", tmp_path / "again.pcap"
    redacted(path, out)
    redacted(path, again)
    before, _ = events_of(path)
    after, notices = events_of(out)
    assert structure(after) == structure(before)
    assert notices == []  # among them: every checksum is right
    data = out.read_bytes()
    assert [text for text in sorted(texts(before)) if text.encode("utf-8", "surrogateescape") in data] == []
    assert b"dumpcap" not in data and b"127.0." not in data and bytes([127, 0, 2]) not in data
    assert again.read_bytes() == data


def packets(segments: list[tuple[int, bytes, int]]) -> list[bytes]:
    """Packets of (sequence number, payload, flags) from one client."""
    return [ethernet(ipv4(tcp(payload, seq=seq, flags=flags))) for seq, payload, flags in segments]


def run(data: bytes, tmp_path: Path, keep: Sequence[str] = ()) -> tuple[list[object], list[object], bytes, set[str]]:
    """The structure before and after, the output, and the input's texts."""
    given_file, out = tmp_path / "in.pcap", tmp_path / "out.pcap"
    given_file.write_bytes(data)
    redacted(given_file, out, keep)
    before, after = events_of(given_file)[0], events_of(out)[0]
    return structure(before), structure(after), out.read_bytes(), texts(before)


LOGIN = [
    ("ClientID", "Desk-Nord"),
    ("ClientPassword", "hunter2!"),
    ("AgentID", "anna.müller"),
    ("AgentExtension", "20056"),
]
STREAM = ENCODER.encode("OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14}, LOGIN, version=14) + b"".join(
    ENCODER.encode(
        "SET_AGENT_STATE_REQ",
        {"InvokeID": number},
        [("AgentInstrument", "20056"), ("AgentID", "anna.müller")],
        version=14,
    )
    for number in (2, 3)
)


@pytest.mark.parametrize("size", [1, 3, 7, 40, 4000])
def test_names_cut_by_segments_sent_again_and_out_of_order(size: int, tmp_path: Path) -> None:
    cut = [(1001 + at, STREAM[at : at + size], 0x18) for at in range(0, len(STREAM), size)]
    again = [cut[number] for number in range(0, len(cut), 3)]
    swapped = cut[:1] + cut[2:4] + cut[1:2] + cut[4:] + again + [(1001, STREAM[:50], 0x18)]
    data = pcap([(10**18 + number * 10**6, one) for number, one in enumerate(packets([(1000, b"", 2), *swapped]))])
    before, after, out, found = run(data, tmp_path)
    assert before == after and len(before) == 4
    for text in ("Desk-Nord", "hunter2!", "müller", "20056", "hunter"):
        assert text.encode() not in out
    # The same bytes of the stream are the same in every packet that has them.
    segments = list(read_segments(io.BytesIO(out), PORTS))
    there: dict[int, int] = {}
    for segment in segments:
        for at, byte in enumerate(segment.payload):
            assert there.setdefault(segment.seq + at, byte) == byte
    assert found >= {"anna.müller", "20056"}
    assert there[1001 + STREAM.index(b"hunter2!")] == 0


def test_what_is_not_understood_is_blanked(tmp_path: Path) -> None:
    secret = b"ERIKA MUSTERMANN 0815"
    unknown = struct.pack(">II", len(secret), 999) + secret
    overrun = ENCODER.encode("ANSWER_CALL_REQ", {"InvokeID": 9}, [("ConnectionDeviceID", "20056")], version=14)
    body = overrun[8:] + bytes([6, 200]) + secret
    broken = struct.pack(">II", len(body), struct.unpack(">I", overrun[4:8])[0]) + body
    garbage = b"\xff\xff\xff\xff" + secret
    stream = STREAM + unknown + broken + STREAM + garbage + STREAM + STREAM[:40]
    trailing = b"padding: " + secret
    frames = [
        ethernet(ipv4(tcp(b"", seq=999, flags=2), options=b"\x94\x04" + secret[:2])),
        ethernet(ipv4(tcp(stream[:600], seq=1000, options=b"\xfd\x06ERIK\x01\x01")) + trailing),
        ethernet(ipv4(tcp(stream[600:], seq=1600)), 0x0800),
        ethernet(ipv4(tcp(secret, sport=80, dport=8080))),
        ethernet(ipv4(struct.pack(">HHHH", 53, 53, 8 + len(secret), 7) + secret, protocol=17)),
        ethernet(secret, 0x0806),
        ethernet(ipv4(secret, protocol=1)),
        ethernet(ipv4(tcp(stream[:30], seq=90_000_000))),
        ethernet(b"\x45" + secret[:12]),
    ]
    before, after, out, _ = run(pcap([(10**18 + at, frame) for at, frame in enumerate(frames)]), tmp_path)
    assert [one for one in after if len(one) > 5] == [one for one in before if len(one) > 5]  # type: ignore[arg-type]
    assert before == after
    for piece in (secret, secret[:4], b"ERIK", b"MUSTER", b"0815"):
        assert piece not in out
    assert len(out) == 24 + sum(16 + len(frame) for frame in frames)


def test_links_tunnels_families_and_pieces(tmp_path: Path) -> None:
    message = six()[0]
    vxlan = struct.pack(">HHHHII", 1, 4789, 16 + 54 + len(message), 0, 0x08000000, 0)
    inner = ethernet(ipv4(tcp(message, sport=41000)))
    whole = tcp(message, sport=42000)
    frames = [
        ethernet(ipv6(tcp(message)), 0x86DD),
        ethernet(vlan(ipv4(tcp(message, sport=40001))), 0x8100),
        ethernet(ipv4(vxlan + inner, protocol=17)),
        ethernet(ipv4(whole[:40], ident=7, place=0x2000)),
        ethernet(ipv4(whole[40:], ident=7, place=5)),
    ]
    before, after, out, _ = run(pcap([(10**18 + at, frame) for at, frame in enumerate(frames)]), tmp_path)
    assert before == after and sum(len(one) > 5 for one in after) == 4  # type: ignore[arg-type]
    assert b"desk" not in out and b"anna" not in out
    assert bytes([10, 0, 0, 1]) not in out and bytes.fromhex("20010db8") + bytes(11) + b"\1" not in out


def test_cut_packets_keep_what_can_be_known_of_their_checksum(tmp_path: Path) -> None:
    frame = ethernet(ipv4(tcp(STREAM)))
    data = pcap([(10**18, frame[:100])], wirelens=[len(frame)])
    before, after, out, _ = run(data, tmp_path)
    assert before == after and out[24:40] == data[24:40] and b"Desk" not in out


def test_several_link_types_and_comments(tmp_path: Path) -> None:
    comment = struct.pack("<HH", 1, 8) + b"Erika M."
    nanos = struct.pack("<HHB3x", 9, 1, 9)
    packet = ipv4(tcp(STREAM))
    blocks = [
        section(),
        interface(1, 0, nanos + comment),
        interface(101, 0, nanos + comment),
        enhanced_packet(ethernet(packet), 10**18 + 1, 0, options=comment),
        enhanced_packet(ipv4(tcp(STREAM, sport=40001)), 10**18 + 2, 1, options=comment),
    ]
    before, after, out, _ = run(b"".join(blocks), tmp_path)
    assert before == after and len(before) == 8
    assert b"Erika" not in out and out[:4] == b"\x0a\x0d\x0d\x0a"


def test_pseudonyms_agree_everywhere(tmp_path: Path) -> None:
    stream = STREAM + ENCODER.encode(
        "CALL_DATA_UPDATE_EVENT",
        {},
        [("NamedVariable", NamedValue("user.agent", "by 20056;10.0.0.1")), ("ConnectionDeviceID", "20056")],
        version=14,
    )
    data = pcap([(10**18, ethernet(ipv4(tcp(stream))))])
    run(data, tmp_path)
    found, _ = events_of(tmp_path / "out.pcap")
    records = [event for event in found if isinstance(event, Record)]
    extension = next(field.value for field in records[0].decoded.floating if field.name == "AgentExtension")
    assert isinstance(extension, str) and extension.isdigit() and len(extension) == 5 and extension != "20056"
    assert {field.value for field in records[1].decoded.floating if field.name == "AgentInstrument"} == {extension}
    named = next(field.value for field in records[3].decoded.floating if field.name == "NamedVariable")
    assert isinstance(named, NamedValue)
    client = records[0].session.client.rpartition(":")[0]
    assert named.value[2:] == f" {extension};{client}" and client != "10.0.0.1"
    kept = run(data, tmp_path, ["addresses", "agentext*", "agent"])
    assert b"20056" in kept[2] and "anna.müller".encode() in kept[2] and bytes([10, 0, 0, 1]) in kept[2]
    assert b"Desk" not in kept[2] and b"hunter" not in kept[2]


def test_keep_refuses_what_it_does_not_know_and_secrets() -> None:
    with pytest.raises(
        CcxDissectError,
        match="nothing is called 'AgentShoe'; besides fields there are the groups acting, acting_type, addresses",
    ):
        Keep(UCCX_CTI, ["AgentShoe"])
    with pytest.raises(CcxDissectError, match="means a secret, and secrets are never kept"):
        Keep(UCCX_CTI, ["*Password"])


def test_every_message_type_keeps_its_structure() -> None:
    decoder = Decoder(UCCX_CTI)
    for message, version, form, layout in every_combination():
        rows = [row for row in message.floating if row.since <= version and row.tag <= form.largest_tag]
        values = [(row.tag, value_for(row)) for row in rows]
        raw = ENCODER.encode(message, {}, values, version=version, form=form, layout=layout)
        before = decoder.decode(message.number, raw[8:], version, form)
        pseudonyms = Pseudonyms(KEY)
        redactor = MessageRedactor(UCCX_CTI, pseudonyms, Keep(UCCX_CTI), Report())
        redactor.note(before)
        pseudonyms.settle()
        made = redactor.redact(before)
        after = decoder.decode(message.number, made[8:], version, form)
        assert made[:8] == raw[:8] and after.spans == before.spans and after.problems == before.problems
        for field, same in zip(before.floating, after.floating, strict=True):
            if isinstance(field.value, str) and len(field.value) > 3:
                assert same.value != field.value


@given(st.lists(st.text(max_size=30), max_size=30), st.binary(max_size=8))
def test_pseudonyms_are_as_long_different_and_not_of_the_input(values: list[str], key: bytes) -> None:
    encoded = [value.encode("utf-8", "surrogatepass") for value in values]
    pseudonyms = Pseudonyms(key)
    for data in encoded:
        pseudonyms.note(data)
    pseudonyms.settle()
    made = [pseudonyms.text(data) for data in encoded]
    assert [len(data) for data in made] == [len(data) for data in encoded]
    assert made == [pseudonyms.text(data) for data in encoded]
    assert len(set(made)) == len(set(encoded))


def test_close_numbers_stay_apart() -> None:
    pseudonyms = Pseudonyms(KEY)
    numbers = [str(number).encode() for number in range(1000, 10_000, 3)]
    for data in numbers:
        pseudonyms.note(data)
    pseudonyms.settle()
    made = {pseudonyms.text(data) for data in numbers}
    assert len(made) == len(numbers) and made.isdisjoint(numbers)
    for address in ([10, 0, 0, 5], [127, 0, 0, 1], [192, 168, 100, 200]):
        other = pseudonyms.address(bytes(address))
        assert [len(str(octet)) for octet in other] == [len(str(octet)) for octet in address] and list(other) != address
    assert pseudonyms.address(bytes([224, 0, 0, 1])) == bytes([224, 0, 0, 1])


def test_streams_with_every_fault_leave_nothing(tmp_path: Path) -> None:
    from fuzz.streams import made

    for seed in (0, 3, 4, 7, 9, 12, 18):
        segments, same = made(seed)
        frames = [
            ethernet(ipv4(_tcp_of(one), src=one.src, dst=one.dst, total=40 + len(one.payload) + one.cut))
            for one in segments
        ]
        lengths = [len(frame) + one.cut for frame, one in zip(frames, segments, strict=True)]
        data = pcap([(one.time, frame) for one, frame in zip(segments, frames, strict=True)], wirelens=lengths)
        before, after, out, found = run(data, tmp_path)
        assert [text for text in found if text.encode("utf-8", "surrogateescape") in out] == []
        if same is not None:
            assert before == after, seed


def _tcp_of(one) -> bytes:  # type: ignore[no-untyped-def]
    return struct.pack(">HHIIBBHHH", one.sport, one.dport, one.seq, one.ack, 80, one.flags, 65535, 0, 0) + one.payload


def logged(text: str) -> tuple[list[object], list[str]]:
    dissector = LogDissector(UCCX_CTI, year=2025, zone="UTC")
    events = [*dissector.feed(text.split("\n")), *dissector.flush()]
    return structure(events), dissector.notices


def test_logs_keep_their_structure_and_nothing_else(tmp_path: Path) -> None:
    text = LOG.read_text() + (
        "Caused by: Erika Mustermann 0815\n"
        "1: Nov 20 10:43:59.435 UTC %MIVR-SS_TEL-7-UNK:call of Erika\n"
        "2: Nov 20 10:43:59.435 UTC %MIVR-ICD_CTI-7-UNK: { length=-1 type=BEGIN_CALL_EVENT, shoe: Erika, ani1: 08154711 }\n"
        "3: Nov 20 10:43:59.435 UTC %MIVR-ICD_CTI-7-UNK:writing...\nMHDR:\n0000: 00 00 00 36 00 00 00 17\nMDATA:\n"
        "0000: 00 00 00 00 45 72 69 6b 61 20 4d 75 73 74 65 72 Erika Muster\n"
    )
    source, out, again = tmp_path / "a.log.gz", tmp_path / "b.log", tmp_path / "c.log"
    source.write_bytes(gzip.compress(text.replace("\n", "\r\n").encode()))
    report = redacted(source, out)
    redacted(source, again)
    made = out.read_text()
    assert made == again.read_text() and made.count("\n") == text.count("\n")
    before, after = logged(text), logged(made)
    for (*head, problems), (*other, more) in zip(before[0], after[0], strict=True):  # type: ignore[misc]
        assert head == other
        if isinstance(problems, tuple):
            assert len(problems) == len(more)
    assert before[1] == after[1]
    for piece in (
        "Erika",
        "0815",
        "2005",
        "2006",
        "7000",
        "agent2005",
        "127.0.2",
        "Lab.aef",
        "45 72 69 6B",
        "32 30 30 35",
    ):
        assert piece not in made, piece
    assert report.unit == "lines" and report.units == text.count("\n") and report.fields["AgentID"] > 10


@settings(deadline=None)
@given(st.lists(st.one_of(st.sampled_from(LOG.read_text().split("\n")[:80]), st.text(max_size=60)), max_size=40))
def test_any_log_can_be_redacted(lines: list[str]) -> None:
    import tempfile

    text = "\n".join(line.replace("\n", " ").replace("\r", " ") for line in lines)
    with tempfile.NamedTemporaryFile(suffix=".log") as file:
        file.write(text.encode("utf-8", "surrogatepass"))
        file.flush()
        out = io.BytesIO()
        LogRedactor(UCCX_CTI, file.name, KEY).write(out)
    assert out.getvalue().count(b"\n") == (text.count("\n") + (not text.endswith("\n")) if text else 0)


@pytest.mark.parametrize("seed", range(6))
def test_any_capture_can_be_redacted(seed: int, tmp_path: Path) -> None:
    source = random.Random(seed)
    data = bytearray(CAPTURES[seed % len(CAPTURES)].read_bytes())
    for _ in range(200):
        data[source.randrange(400, len(data))] = source.randrange(256)
    file = tmp_path / "a.pcapng"
    file.write_bytes(bytes(data))
    out = io.BytesIO()
    redactor = CaptureRedactor(UCCX_CTI, str(file), PORTS, KEY)
    redactor.write(out)
    assert redactor.report.units > 0


def command(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "ccxdissect", *arguments], input=stdin, capture_output=True, timeout=60, check=False
    )


def test_the_command(tmp_path: Path) -> None:
    out, key = tmp_path / "out.pcapng", tmp_path / "key"
    key.write_bytes(KEY)
    done = command("redact", str(SAMPLES / "trouble.pcapng"), str(out), "--key", str(key))
    assert done.returncode == 0 and b"ClientPassword: " in done.stderr and b"zeroed:" in done.stderr
    piped = command("redact", "-", "-", "--key", str(key), "--quiet", stdin=(SAMPLES / "trouble.pcapng").read_bytes())
    assert (piped.returncode, piped.stderr, piped.stdout) == (0, b"", out.read_bytes())
    fresh = command("redact", str(SAMPLES / "trouble.pcapng"), str(tmp_path / "fresh.pcapng"))
    assert fresh.returncode == 0 and (tmp_path / "fresh.pcapng").read_bytes() != out.read_bytes()
    assert command("redact", str(out), str(out)).stderr == f"ccxdissect: {out}: is the input itself\n".encode()
    assert command("redact", str(out), str(tmp_path / "x"), "--keep", "Nobody").returncode == 2
    missing = command("redact", str(tmp_path / "none.pcap"), str(tmp_path / "x"))
    assert missing.returncode == 1 and b"none.pcap" in missing.stderr and not (tmp_path / "x").exists()
    key.write_bytes(b"short")
    assert command("redact", str(out), str(tmp_path / "x"), "--key", str(key)).returncode == 1


def test_unreadable_input_raises_the_documented_error(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pcap"
    bad.write_bytes(b"no capture at all")
    with pytest.raises(CaptureError, match=r"bad\.pcap: "):
        redacted(bad, tmp_path / "out.pcap")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.pcap"]
