"""Unified CCE inside TLS: its ports are recognised and named, and with the keys it is read by way of tshark."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

import pytest
from verdict.wire import ACK, PSH, C, S, Wire

from ccxdissect.cli.main import main
from ccxdissect.codec import Encoder
from ccxdissect.protocol.ged188.declarations import UCCE_CTI

ENCODER = Encoder(UCCE_CTI)
OPENING = ENCODER.encode(
    "OPEN_REQ", {"InvokeID": 1, "PeripheralID": 5000}, [("ClientID", "c"), ("ClientPassword", "")], version=23
)
GRANTED = ENCODER.encode("OPEN_CONF", {"InvokeID": 1, "ICMCentralControllerTime": 1_700_000_000}, version=23)
MONITORED = ENCODER.encode("MONITOR_START_CONF", {"InvokeID": 2, "MonitorID": 7}, version=23)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A session on port 42030 inside TLS, and the log of its keys."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
         "-subj", "/CN=pg1a", "-days", "2"], cwd=folder, check=True, capture_output=True)  # fmt: skip
    server_side, client_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    server_side.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    client_side.check_hostname, client_side.verify_mode = False, ssl.CERT_NONE
    client_side.keylog_filename = str(folder / "keys")
    inward, outward = {C: ssl.MemoryBIO(), S: ssl.MemoryBIO()}, {C: ssl.MemoryBIO(), S: ssl.MemoryBIO()}
    ends = {
        C: client_side.wrap_bio(inward[C], outward[C]),
        S: server_side.wrap_bio(inward[S], outward[S], server_side=True),
    }
    wire = Wire()
    link = wire.connect(port=42030)

    def carry() -> None:
        for side in (C, S):
            data = outward[side].read()
            inward[side.other].write(data)
            for at in range(0, len(data), 1400):
                link.tcp(side, PSH | ACK, data[at : at + 1400])

    for _ in range(4):
        for end in ends.values():
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
            carry()
    for side, data in ((C, OPENING), (S, GRANTED), (S, MONITORED)):
        ends[side].write(data)
        carry()
    return str(wire.write(folder / "tls.pcap")), str(folder / "keys")


def test_without_keys_it_is_named_with_the_way_to_read_it(
    secured: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["summary", secured[0]])
    assert capsys.readouterr().out.splitlines()[0] == (
        "No CTI decoded: port 42030 carries TLS 1.3, by its port Cisco Unified CCE CTI (GED-188). With a key log, run: "
        f"ccxdissect summary --engine tshark --tshark-option tls.keylog_file:KEYS {secured[0]}"
    )


def test_with_keys_it_is_read_without_naming_the_port(
    secured: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    keys = f"tls.keylog_file:{secured[1]}"
    columns = ["--columns", "name,version,MonitorID", "--format", "csv"]
    assert main(["messages", secured[0], "--engine", "tshark", "--tshark-option", keys, *columns]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "name,version,MonitorID", "OPEN_REQ,23,", "OPEN_CONF,23,0", "MONITOR_START_CONF,23,7",
    ]  # fmt: skip


def test_whatever_finds_nothing_names_a_port_inside_tls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    link = wire.connect(port=42070)
    link.ends[C] = ("10.0.0.5", 51000)
    link.tcp(C, PSH | ACK, b"\x16\x03\x01\x00\x40" + bytes(64))
    assert main(["messages", str(wire.write(tmp_path / "secret.pcap"))]) == 0
    assert (
        "the busiest other TCP ports are 40001 (3 segments), 42070 (1 segment, Cisco Unified CCE CTI (GED-188) inside TLS by "
        "its number); `ccxdissect summary` looks into them"
    ) in capsys.readouterr().err
