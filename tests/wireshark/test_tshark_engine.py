"""Messages by way of tshark are the messages of our own reader."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from captures import ACK, SYN, Sent, write_capture
from everything import conversations

from ccxdissect.capture import tshark as engine
from ccxdissect.capture.files import packets
from ccxdissect.capture.segment import Segment
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.capture.tshark import tshark_segments
from ccxdissect.codec import Encoder
from ccxdissect.errors import CaptureError
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Record
from ccxdissect.wireshark import generate


def through_tshark(path: Path, *options: str) -> Iterator[Segment]:
    return tshark_segments(str(path), generate(UCCX_CTI), UCCX_CTI.name, UCCX_CTI.ports, options)


def messages(segments: Iterator[Segment] | SegmentReader) -> list[tuple[object, ...]]:
    dissector = Dissector(UCCX_CTI)
    events = [event for segment in segments for event in dissector.feed(segment)]
    events += dissector.flush()
    return [
        (found.number, found.frame, found.time, found.session.number, found.src, found.dst, found.decoded.version,
         found.decoded.raw, found.problems)
        for found in events if isinstance(found, Record)
    ]  # fmt: skip


def test_same_messages_as_our_own_reader(tmp_path: Path) -> None:
    path = write_capture(tmp_path / "all.pcap", conversations(21))
    ours = messages(SegmentReader(packets([str(path)])))
    assert messages(through_tshark(path)) == ours
    assert len(ours) > 400


def test_messages_inside_tls_with_a_key_log(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    beats = [Encoder(UCCX_CTI).encode("HEARTBEAT_REQ", {"InvokeID": number}) for number in range(3)]
    path = write_capture(tmp_path / "tls.pcap", encrypted(beats, tmp_path, keys))
    found = messages(through_tshark(path, "-o", f"tls.keylog_file:{keys}"))
    assert [row[7] for row in found] == beats
    assert messages(through_tshark(path)) == []


def encrypted(payloads: list[bytes], folder: Path, keys: Path) -> list[Sent]:
    """A TLS session that carries `payloads` from the client, each in a record; its secrets go to `keys`."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
         "-subj", "/CN=test", "-days", "2"], cwd=folder, check=True, capture_output=True)  # fmt: skip
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_side.check_hostname, client_side.verify_mode = False, ssl.CERT_NONE
    client_side.keylog_filename = str(keys)
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(to_client, to_server)
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    sent = [Sent(b"", flags=SYN), Sent(b"", False, flags=SYN | ACK)]
    sides = [(client, to_server, to_client, True), (server, to_client, to_server, False)]
    pending = {True: b"", False: b""}

    def shake() -> bool:
        done = True
        for side, outgoing, incoming, from_client in sides:
            if pending[not from_client]:
                incoming.write(pending[not from_client])
                pending[not from_client] = b""
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                done = False
            data = outgoing.read()
            if data:
                sent.append(Sent(data, from_client))
                pending[from_client] += data
        return done

    for _ in range(9):
        if shake():
            break
    for payload in payloads:
        client.write(payload)
        sent.append(Sent(to_server.read()))
    return sent


def test_a_capture_that_is_none_is_an_error_of_one_line(tmp_path: Path) -> None:
    path = tmp_path / "none.pcap"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(CaptureError) as raised:
        list(through_tshark(path))
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_without_tshark_a_plain_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.shutil, "which", lambda name: None)
    with pytest.raises(CaptureError, match="^tshark: is not installed; it comes with Wireshark$"):
        list(through_tshark(Path("x")))


def test_an_old_tshark_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "tshark"
    old.write_text("#!/bin/sh\necho 'TShark (Wireshark) 3.6.2 (Git v3.6.2)'\n")
    old.chmod(0o755)
    monkeypatch.setattr(engine.shutil, "which", lambda name: str(old))
    with pytest.raises(CaptureError, match="is version 3.6, 4.0 or later is needed"):
        list(through_tshark(Path("x")))


def test_tshark_makes_nothing_but_the_messages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program, said = shutil.which("tshark"), tmp_path / "said"
    wrapper = tmp_path / "tshark"
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {said}\nexec {program} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setattr(engine.shutil, "which", lambda name: str(wrapper))
    path = write_capture(tmp_path / "one.pcap", [Sent(Encoder(UCCX_CTI).encode("HEARTBEAT_REQ", {"InvokeID": 7}))])
    assert len(messages(through_tshark(path))) == 1
    assert " -o uccx_cti.only:message " in said.read_text()
