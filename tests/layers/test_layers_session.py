"""CTISession: whole messages from sniff(), from captures and live."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from scapy.layers.inet import IP, TCP, fragment
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import CookedLinux, Dot1Q, Ether, Loopback
from scapy.packet import Packet
from scapy.sendrecv import AsyncSniffer, sniff
from scapy.supersocket import StreamSocket
from scapy.utils import EDecimal, wrpcap

import ccxdissect.layers as layers
from ccxdissect.capture import files
from ccxdissect.capture.segments import SegmentReader
from ccxdissect.layers import CCXMessage, CTISession
from ccxdissect.layers.session import segment_of
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Record
from ccxdissect.wording.problems import say

SAMPLES = Path(__file__).parents[2] / "samples"

CLIENT, SERVER = ("10.0.0.9", 50000), ("10.0.0.1", 12028)
BEGIN = EDecimal("1700000000.123456")


def ethernet() -> Ether:
    """With addresses, or else Scapy asks the network for them."""
    return Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")


def conversation() -> list[tuple[bool, Packet]]:
    """(from the client?, message)."""
    return [
        (
            True,
            layers.OPEN_REQ(InvokeID=1, VersionNumber=14, floating=[("ClientID", "x"), ("ClientPassword", "y")]),
        ),
        (False, layers.OPEN_CONF(version=14, InvokeID=1, floating=[("AgentID", "1001")])),
        (True, layers.SET_AGENT_STATE_REQ(version=14, InvokeID=2, floating=[("AgentID", "1001")])),
        (False, layers.SET_AGENT_STATE_CONF(version=14, InvokeID=2)),
        (
            False,
            layers.AGENT_STATE_EVENT(version=14, floating=[("AgentID", "1001"), ("AgentExtension", "2001")]),
        ),
        (True, layers.CLOSE_REQ(version=14, InvokeID=3)),
    ]


def segments(size: int, v6: bool = False, port: int = 12028) -> list[Packet]:
    """The conversation as packets with `size` bytes of payload at most, after a handshake."""
    seq = {True: 1000, False: 0xFFFFFFF0}  # the server's numbers wrap
    found = []
    clock = BEGIN

    def add(client: bool, flags: str, data: bytes = b"") -> None:
        nonlocal clock
        here, there = (CLIENT, (SERVER[0], port)) if client else ((SERVER[0], port), CLIENT)
        network = IPv6(src="fd00::" + here[0][-1], dst="fd00::" + there[0][-1]) if v6 else IP(src=here[0], dst=there[0])
        packet = network / TCP(
            sport=here[1],
            dport=there[1],
            flags=flags,
            seq=seq[client],
            ack=seq[not client] if "A" in flags else 0,
        )
        packet = packet / data if data else packet
        packet.time = clock
        clock += EDecimal("0.001")
        found.append(packet)
        seq[client] = (seq[client] + len(data) + ("S" in flags)) & 0xFFFFFFFF

    add(True, "S")
    add(False, "SA")
    add(True, "A")
    for client, message in conversation():
        data = bytes(message)
        for at in range(0, len(data), size):
            add(client, "PA", data[at : at + size])
    return found


def names(packets: Any) -> list[str]:
    return [packet.lastlayer().name for packet in packets]


EXPECTED = [message.name for _, message in conversation()]


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return tmp_path / "capture.pcap"


@pytest.mark.parametrize("size", [1, 5, 40, 1460])
def test_messages_are_whole_however_they_are_cut(capture: Path, size: int) -> None:
    wrpcap(str(capture), [ethernet() / packet for packet in segments(size)])
    found = sniff(offline=str(capture), session=CTISession)
    assert names(found) == EXPECTED
    assert [bytes(packet[TCP].payload) for packet in found] == [bytes(message) for _, message in conversation()]


@pytest.mark.parametrize(
    "link",
    [
        lambda p: ethernet() / p,
        lambda p: ethernet() / Dot1Q(vlan=5) / p,
        lambda p: CookedLinux() / p,
        lambda p: p,
    ],
)
@pytest.mark.parametrize("v6", [False, True])
def test_over_other_layers(capture: Path, link: Any, v6: bool) -> None:
    packets = []
    for packet in segments(30, v6):
        whole = link(packet)
        if isinstance(whole, CookedLinux):
            whole.proto = 0x86DD if v6 else 0x800
        whole.time = packet.time
        packets.append(whole)
    wrpcap(str(capture), packets)
    assert names(sniff(offline=str(capture), session=CTISession)) == EXPECTED


def test_loopback_link(capture: Path) -> None:
    wrpcap(str(capture), [Loopback(type=2) / packet for packet in segments(40)])
    assert names(sniff(offline=str(capture), session=CTISession)) == EXPECTED


def test_what_a_packet_carries(capture: Path) -> None:
    wrpcap(str(capture), [ethernet() / packet for packet in segments(40)], nano=True)
    packets = segments(40)
    wrpcap(str(capture), packets, nano=True)
    found = sniff(offline=str(capture), session=CTISession)
    first, second = found[0], found[1]
    assert (first[IP].src, first[IP].dst, first[TCP].sport, first[TCP].dport) == (
        CLIENT[0],
        SERVER[0],
        50000,
        12028,
    )
    assert (second[IP].src, second[TCP].sport, second[TCP].dport) == (SERVER[0], 12028, 50000)
    # Three packets of handshake, then two segments.
    assert first.ccx_frame == 5 and first.time == BEGIN + EDecimal("0.004")
    assert [packet.ccx_number for packet in found] == [1, 2, 3, 4, 5, 6]
    assert [packet.ccx_sender for packet in found] == [
        "client",
        "server",
        "client",
        "server",
        "server",
        "client",
    ]
    session = first.ccx_session
    assert session is second.ccx_session and session.version == 14
    assert (session.client, session.server) == ("10.0.0.9:50000", "10.0.0.1:12028")
    assert first[layers.OPEN_REQ].ccx_number == 1 and first[layers.OPEN_REQ].time == first.time
    # What the session knows, every message is read by.
    assert found[5][layers.CLOSE_REQ].version == 14


def test_what_it_gives_makes_a_clean_capture(capture: Path) -> None:
    wrpcap(str(capture), [ethernet() / packet for packet in segments(7)])
    found = sniff(offline=str(capture), session=CTISession)
    wrpcap(str(capture), found)
    again = sniff(offline=str(capture), session=CTISession)
    assert [bytes(packet) for packet in again] == [bytes(packet) for packet in found]
    assert names(sniff(offline=str(capture))) == EXPECTED


def test_faults_of_tcp_lose_nothing(capture: Path) -> None:
    packets = segments(20)
    # Neighbours swapped, and everything sent twice.
    for at in range(4, len(packets) - 1, 3):
        if packets[at][IP].src == packets[at + 1][IP].src:
            packets[at], packets[at + 1] = packets[at + 1], packets[at]
    packets = [copy for packet in packets for copy in (packet, packet)]
    wrpcap(str(capture), packets)
    assert names(sniff(offline=str(capture), session=CTISession)) == EXPECTED


def test_fragments_are_put_together(capture: Path) -> None:
    packets = [part for number, packet in enumerate(segments(1460)) for part in fragment(_numbered(packet, number), 24)]
    wrpcap(str(capture), packets)
    assert names(sniff(offline=str(capture), session=CTISession)) == EXPECTED


def _numbered(packet: Packet, number: int) -> Packet:
    packet[IP].id = number + 1
    return packet


def test_a_hole_is_said_and_survived(capture: Path, caplog: pytest.LogCaptureFixture) -> None:
    packets = segments(1460)
    del packets[5]  # SET_AGENT_STATE_REQ
    wrpcap(str(capture), packets)
    with caplog.at_level("WARNING", "scapy.runtime"):
        found = sniff(offline=str(capture), session=CTISession)
    assert sorted(names(found)) == sorted(name for name in EXPECTED if name != "SET_AGENT_STATE_REQ")
    assert any("never captured" in record.getMessage() for record in caplog.records)
    assert sum(sent.missing for sent in found[0].ccx_session.sent.values()) > 0


def test_ports_and_bare_messages(capture: Path) -> None:
    wrpcap(str(capture), segments(40, port=9999))
    assert not sniff(offline=str(capture), session=CTISession)
    found = sniff(offline=str(capture), session=CTISession(ports=[9999], bare=True))
    assert [type(packet).__name__ for packet in found] == EXPECTED
    assert found[0].time == BEGIN + EDecimal("0.004") and found[0].ccx_session.server.endswith(":9999")


def test_sniffs_own_arguments(capture: Path) -> None:
    wrpcap(str(capture), segments(40))
    seen: list[str] = []
    found = sniff(
        offline=str(capture),
        session=CTISession,
        lfilter=lambda packet: packet.ccx_sender == "server",
        prn=lambda packet: seen.append(packet.summary()),
        count=2,
    )
    assert names(found) == ["OPEN_CONF", "SET_AGENT_STATE_CONF"]
    assert seen[1] == "IP / TCP 10.0.0.1:12028 > 10.0.0.9:50000 PA / SET_AGENT_STATE_CONF InvokeID=2"


def test_packets_in_memory_and_several_files(tmp_path: Path) -> None:
    assert names(sniff(offline=segments(40), session=CTISession)) == EXPECTED
    one, two = str(tmp_path / "1.pcap"), str(tmp_path / "2.pcap")
    wrpcap(one, segments(40))
    wrpcap(two, segments(11))
    found = sniff(offline=[one, two], session=CTISession)
    assert sorted(names(found)) == sorted(EXPECTED * 2)
    assert [packet.ccx_number for packet in found] == list(range(1, 13))


def test_link_layer_padding_is_no_payload_and_a_cut_packet_is_known() -> None:
    short = Ether(bytes(ethernet() / IP() / TCP(dport=12028)) + b"\0" * 6)
    segment = segment_of(short, 1)
    assert segment is not None and segment.payload == b"" and segment.cut == 0
    for network in (IP(), IPv6()):
        cut = Ether(bytes(ethernet() / network / TCP(dport=12028) / (b"x" * 50))[:-20])
        segment = segment_of(cut, 1)
        assert segment is not None and segment.payload == b"x" * 30 and segment.cut == 20
    assert segment_of(ethernet() / b"x", 1) is None


def _serve(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        stream = StreamSocket(connection, CCXMessage)
        try:
            while True:
                request = stream.recv()
                if isinstance(request, layers.OPEN_REQ):
                    answer = bytes(layers.OPEN_CONF(version=14, InvokeID=request.InvokeID))
                else:
                    answer = bytes(layers.HEARTBEAT_CONF(InvokeID=request.InvokeID))
                connection.sendall(answer[:5])
                time.sleep(0.02)
                connection.sendall(answer[5:])
        except EOFError:
            return


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="live capture needs root")
def test_live_on_the_loopback() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        server = threading.Thread(target=_serve, args=(listener,), daemon=True)
        server.start()
        started = threading.Event()
        sniffer = AsyncSniffer(
            iface="lo",
            filter=None,
            session=CTISession(ports=[port]),
            started_callback=started.set,
            stop_filter=lambda packet: packet.ccx_number == 4,
        )
        sniffer.start()
        assert started.wait(5)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            stream = StreamSocket(connection, CCXMessage)
            opened = stream.sr1(layers.OPEN_REQ(InvokeID=1, VersionNumber=14), timeout=5, verbose=0)
            beat = stream.sr1(layers.HEARTBEAT_REQ(InvokeID=2), timeout=5, verbose=0)
            sniffer.join(timeout=5)
        server.join(5)
    assert isinstance(opened, layers.OPEN_CONF) and opened.InvokeID == 1
    assert isinstance(beat, layers.HEARTBEAT_CONF) and beat.InvokeID == 2
    found = sniffer.results
    assert found is not None
    assert names(found) == ["OPEN_REQ", "OPEN_CONF", "HEARTBEAT_REQ", "HEARTBEAT_CONF"]
    assert all(abs(float(packet.time) - time.time()) < 60 for packet in found)


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.pcap*")), ids=lambda path: path.name)
def test_samples_are_as_our_own_reader_has_them(sample: Path) -> None:
    dissector = Dissector(UCCX_CTI)
    events: list[Event] = []
    for segment in SegmentReader(files.packets([str(sample)]), frozenset(UCCX_CTI.ports)):
        events += dissector.feed(segment)
    events += dissector.flush()
    records = [event for event in events if isinstance(event, Record)]
    assert records
    found = sniff(offline=str(sample), session=CTISession)
    assert len(found) == len(records)
    for packet, record in zip(found, records, strict=True):
        message = packet[TCP].payload
        assert bytes(message) == record.decoded.raw
        assert (message.name, message.version, message.problems) == (
            record.name if record.decoded.message else "UNKNOWN_MESSAGE",
            record.decoded.version,
            list(map(say, record.decoded.problems)),
        )
        assert (packet.ccx_number, packet.ccx_frame, packet.ccx_sender) == (
            record.number,
            record.frame,
            record.sender.value,
        )
        assert packet.time == EDecimal(record.time) / 1_000_000_000
        assert {name: message.getfieldval(name) for name in record.decoded.fixed} == record.decoded.fixed
        assert [(f.tag, f.title, f.value) for f in message.floating] == [
            (f.tag, f.name, f.value) for f in record.decoded.floating
        ]
        message.MessageTypeID = record.decoded.number
        assert bytes(message) == record.decoded.raw
