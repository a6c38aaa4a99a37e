"""Messages inside TLS: real sessions, cut into segments and records in every way that TCP and TLS may."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from captures import ACK, SYN, Sent, write_capture
from plugin import Plugin, trees, tshark

from ccxdissect.codec import Encoder
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

#: So many messages each way, with so large an answer now and then that it takes several segments.
COUNT = 95


@cache
def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate so long that the handshake takes several segments, and its key."""
    names = ",".join(f"DNS:a-long-name-of-host-{number}.example.org" for number in range(90))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
         "-subj", "/CN=test", "-days", "2", "-addext", f"subjectAltName={names}"], cwd=folder, check=True,
        capture_output=True)  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


def messages() -> Iterator[tuple[bool, bytes]]:
    """(by the client, message) in order."""
    encoder = Encoder(UCCX_CTI)
    for number in range(COUNT):
        if number % 5 == 4:
            fields = [("NamedVariable", ("BAStatus", "x" * 200)) for _ in range(9)]
            yield False, encoder.encode("CALL_DELIVERED_EVENT", {"CallID": number}, fields, version=14)
        elif number % 2:
            yield False, encoder.encode("HEARTBEAT_CONF", {"InvokeID": number - 1})
        else:
            yield True, encoder.encode("HEARTBEAT_REQ", {"InvokeID": number})


def session(folder: Path, keys: Path, segment: int, record: int | None, newest: ssl.TLSVersion) -> list[Sent]:
    """A session of those messages, in segments of at most so many bytes; records of so many bytes, or one a message."""
    cert, key = certificate(folder)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(cert, key)
    client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client_side.check_hostname, client_side.verify_mode = False, ssl.CERT_NONE
    client_side.maximum_version = newest
    client_side.keylog_filename = str(keys)
    written = {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}
    received = {True: ssl.MemoryBIO(), False: ssl.MemoryBIO()}
    ends = {
        True: client_side.wrap_bio(received[True], written[True]),
        False: server_side.wrap_bio(received[False], written[False], server_side=True),
    }
    sent = [Sent(b"", flags=SYN), Sent(b"", False, flags=SYN | ACK)]
    waiting = {True: b"", False: b""}

    def carry(from_client: bool, rest: bool) -> None:
        """Put what an end has written into segments; a rest shorter than a segment waits for more, unless told."""
        data = written[from_client].read()
        received[not from_client].write(data)
        waiting[from_client] += data
        while len(waiting[from_client]) >= segment or (rest and waiting[from_client]):
            sent.append(Sent(waiting[from_client][:segment], from_client))
            waiting[from_client] = waiting[from_client][segment:]

    done: set[bool] = set()
    while len(done) < 2:
        for side, end in ends.items():
            try:
                end.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                pass
            carry(side, rest=True)
    for by_client, data in messages():
        size = record or len(data)
        for at in range(0, len(data), size):
            ends[by_client].write(data[at : at + size])
        carry(by_client, rest=False)
    for by_client in ends:
        carry(by_client, rest=True)
    return sent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.mark.parametrize(
    "newest", [pytest.param(ssl.TLSVersion.TLSv1_2, marks=pytest.mark.heavy), ssl.TLSVersion.TLSv1_3]
)
@pytest.mark.parametrize(
    ("segment", "record"),
    [
        (1460, None),
        (200, 50),
        pytest.param(200, None, marks=pytest.mark.heavy),
        pytest.param(1460, 7, marks=pytest.mark.heavy),
    ],
)
def test_no_message_is_lost_and_none_made_up(
    plugin: Plugin, folder: Path, tmp_path: Path, segment: int, record: int | None, newest: ssl.TLSVersion
) -> None:
    keys = tmp_path / "keys"
    path = write_capture(tmp_path / "tls.pcap", session(folder, keys, segment, record, newest))
    found = trees(plugin, path, "-o", f"tls.keylog_file:{keys}")
    lengths = [int(field.value) for tree in found for field in tree.fields if field.name == "body_length"]
    assert sorted(lengths) == sorted(len(data) - 8 for _, data in messages())
    assert [tree.experts for tree in found if any(kind == "absurd_header" for kind, _ in tree.experts)] == []


def test_without_keys_the_tree_says_what_is_lacking_and_where_to_give_it(
    plugin: Plugin, folder: Path, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    path = write_capture(tmp_path / "tls.pcap", session(folder, keys, 1460, None, ssl.TLSVersion.TLSv1_3))
    said = tshark(plugin, "-r", str(path), "-2", "-T", "fields", "-E", "occurrence=f", "-e", "uccx_cti.encrypted")
    assert {line for line in said.splitlines() if line} == {
        "TLS, and nothing to decrypt it with: give the key log file in Preferences > Protocols > TLS > "
        "(Pre)-Master-Secret log filename"
    }
    keyed = tshark(plugin, "-r", str(path), "-2", "-Y", "uccx_cti.encrypted", "-o", f"tls.keylog_file:{keys}")
    assert keyed == ""
