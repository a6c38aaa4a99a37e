"""Whether captures can be shared, and several of them redacted with one set of pseudonyms: whole outputs."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

from capture import capture_builders as build
from verdict.wire import ACK, PSH, S, Wire

import ccxdissect
from building import ENCODER
from ccxdissect.capture.segment import Segment
from commands import run
from conversation import CLIENT, Conversation

SAMPLES = Path(__file__).parents[2] / "samples"
TROUBLE, QUEUED = str(SAMPLES / "trouble.pcapng"), str(SAMPLES / "queued-call.pcapng")


def agents(path: str) -> list[object]:
    with ccxdissect.open(path) as trace:
        return [dict(record.decoded.fixed).get("AgentID") or _agent(record) for record in trace.messages()]


def _agent(record: ccxdissect.Record) -> object:
    return next((field.value for field in record.decoded.floating if field.name == "AgentID"), None)


def test_a_capture_with_secrets_must_not_be_shared() -> None:
    assert run("redact", "--check", TROUBLE) == (
        3,
        "No: it holds 5 secrets, 175 values about people, of 18 kinds. `ccxdissect redact` writes a copy that can be "
        "shared\n"
        "secrets:\n"
        "  AgentPassword: 5\n"
        "about people:\n"
        "  ANI: 5\n"
        "  AgentExtension: 23\n"
        "  AgentID: 31\n"
        "  AgentInstrument: 31\n"
        "  AlertingDeviceID: 3\n"
        "  AnsweringDeviceID: 3\n"
        "  CallConnectionDeviceID: 1\n"
        "  CalledDeviceID: 7\n"
        "  CallingDeviceID: 7\n"
        "  ClientAddress: 4\n"
        "  ClientID: 6\n"
        "  ConnectionDeviceID: 25\n"
        "  DNIS: 5\n"
        "  LastRedirectDeviceID: 6\n"
        "  QueueDeviceID: 2\n"
        "  ReleasingDeviceID: 4\n"
        "  SendingAddress: 4\n"
        "  Text: 8\n"
        "addresses of hosts: 7\n",
        "",
    )


def test_the_copies_of_several_can_be_shared_and_call_the_same_alike(tmp_path: Path) -> None:
    again, out = tmp_path / "again.pcapng", tmp_path / "out"
    shutil.copy(QUEUED, again)
    assert run("redact", QUEUED, TROUBLE, str(again), str(out), "--quiet") == (0, "", "")
    copies = [str(out / name) for name in ("queued-call.pcapng", "trouble.pcapng", "again.pcapng")]
    assert Path(copies[0]).read_bytes() == Path(copies[2]).read_bytes()
    assert Path(copies[0]).read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"
    done = run("redact", "--check", *copies)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "Yes: it was redacted by ccxdissect, and what looks like names and numbers are pseudonyms\npseudonyms:\n"
    )
    before, after = [*agents(QUEUED), *agents(TROUBLE)], [*agents(copies[0]), *agents(copies[1])]
    mapping = {(was, now) for was, now in zip(before, after, strict=True) if was is not None}
    assert len(mapping) == len({was for was, _ in mapping}) == len({now for _, now in mapping}) > 3
    assert not {was for was, _ in mapping} & {now for _, now in mapping}


def unknown_body(damaged: bool) -> Wire:
    """A session in which a message of a type that nobody declares holds numbers and a name, in one of a kind of Unicode; what
    follows it is none of the protocol's when that is `damaged`."""
    wire = Wire()
    link = wire.connect().open().beat(1, 1)
    body = struct.pack(">11I", *map(ord, "Zanzibarova")) + struct.pack(">III", 2005, 5550, 12345)
    link.tcp(S, PSH | ACK, struct.pack(">II", len(body), 9999) + body)
    if damaged:
        link.tcp(S, PSH | ACK, b"\xee" * 40)
    link.beat(2, 1).close()
    return wire


def test_a_copy_holds_nothing_of_what_nobody_understands_and_can_be_shared(tmp_path: Path) -> None:
    whole, copy = str(unknown_body(False).write(tmp_path / "whole.pcap")), str(tmp_path / "copy.pcapng")
    assert run("redact", "--check", whole)[0] == 3
    assert run("redact", whole, copy)[0] == 0
    data = Path(copy).read_bytes()
    assert not [number for number in (2005, 5550, 12345, *b"Zzibv") if struct.pack(">II", 0, number)[1:] in data]
    status, said, _ = run("redact", "--check", copy)
    assert (status, said.splitlines()[0]) == (
        0,
        "Yes: it was redacted by ccxdissect, and what looks like names and numbers are pseudonyms",
    )


def test_what_had_to_stay_in_a_copy_is_said(tmp_path: Path) -> None:
    whole, copy = str(unknown_body(True).write(tmp_path / "whole.pcap")), str(tmp_path / "copy.pcapng")
    assert run("redact", whole, copy)[0] == 0
    status, said, _ = run("redact", "--check", copy)
    assert (status, said.splitlines()[0]) == (
        3,
        "No: it holds 1 piece of which nobody knows what it says, though it was redacted. Bytes that gave no message and might "
        "be a header were left, so that the copy is read as the original is. Look at them with `ccxdissect messages` before you "
        "share it",
    )


def test_the_copy_of_messages_whose_fields_are_not_known_can_be_shared(tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.pcapng")
    assert run("redact", str(SAMPLES / "cce-queued-call.pcapng"), copy)[0] == 0
    assert run("redact", "--check", copy)[0] == 0


def test_a_copy_that_kept_something_is_not_called_redacted(tmp_path: Path) -> None:
    out = str(tmp_path / "out.pcapng")
    assert run("redact", TROUBLE, out, "--keep", "agent", "--quiet")[0] == 0
    done = run("redact", "--check", out)
    assert (done.returncode, done.stdout.splitlines()[0]) == (
        3,
        "No: it holds 175 values about people, of 18 kinds. `ccxdissect redact` writes a copy that can be shared",
    )


def test_where_to_write_has_to_be_said(tmp_path: Path) -> None:
    assert run("redact", TROUBLE) == (
        2,
        "",
        "ccxdissect: redact IN OUT: where is the copy to be written? (--check writes none)\n",
    )
    there = tmp_path / "there"
    there.write_text("mine")
    assert run("redact", TROUBLE, QUEUED, str(there)) == (
        2,
        "",
        f"ccxdissect: {there}: of several captures the copies go into a folder, and this is none\n",
    )
    assert run("redact", TROUBLE, TROUBLE, str(tmp_path / "out")) == (
        2,
        "",
        "ccxdissect: of several captures each needs a name of its own, by which its copy is called\n",
    )


def test_the_name_says_whether_it_is_pcap_or_pcapng_and_what_cannot_say_that_it_was_redacted_is_told(
    tmp_path: Path,
) -> None:
    """A pcap of one login: its copy is told apart from the original by nothing in it, unless it is pcapng."""
    talk = Conversation().handshake()
    talk.send(
        CLIENT, ENCODER.encode("OPEN_REQ", {"InvokeID": 1, "VersionNumber": 14}, [("ClientID", "anna")], version=14)
    )
    given = tmp_path / "given.pcap"
    frames = [
        (one.time, build.ethernet(build.ipv4(_tcp(one), src=one.src, dst=one.dst))) for one in talk.close().segments
    ]
    given.write_bytes(build.pcap(frames))
    told = (
        "No: it holds 1 value about people, of 1 kind. `ccxdissect redact` writes a copy that can be shared\n"
        "Whether what is about people are pseudonyms cannot be seen here: only pcapng can say that it was redacted. What "
        "`ccxdissect redact` wrote as pcap or as a log can be shared; a copy named .pcapng says so itself\n"
        "about people:\n  ClientID: 1\naddresses of hosts: 2\n"
    )
    assert run("redact", "--check", str(given)) == (3, told, "")
    blocks, classic = b"\x0a\x0d\x0d\x0a", b"\xd4\xc3\xb2\xa1"
    for name, magic, status in (
        ("copy.pcap", classic, 3),
        ("copy", classic, 3),
        ("copy.pcapng", blocks, 0),
        ("copy.pcapng.gz", b"\x1f\x8b", 0),
    ):
        out = tmp_path / name
        assert run("redact", str(given), str(out), "--quiet") == (0, "", "")
        assert out.read_bytes().startswith(magic)
        done = run("redact", "--check", str(out))
        assert (done.returncode, done.stderr) == (status, "")
        if status:
            assert done.stdout == told
        else:
            assert done.stdout == (
                "Yes: it was redacted by ccxdissect, and what looks like names and numbers are pseudonyms\n"
                "pseudonyms:\n  ClientID: 1\naddresses of hosts: 2\n"
            )
    for name, magic in (("back.pcap", b"M<\xb2\xa1"), ("back.pcapng", blocks), ("back", blocks)):
        assert run("redact", TROUBLE, str(tmp_path / name), "--quiet") == (0, "", "")
        assert (tmp_path / name).read_bytes().startswith(magic)


def _tcp(one: Segment) -> bytes:
    header = (one.sport, one.dport, one.seq, one.ack, 0x50, one.flags, 65535, 0, 0)
    return struct.pack(">HHIIBBHHH", *header) + one.payload
