"""What other tools print of packets and messages, decoded: with their real output."""

from __future__ import annotations

import base64
import random
import subprocess
from pathlib import Path

import pytest

from ccxdissect.capture.hexdump import parse_hex
from ccxdissect.capture.pasted import dumps
from ccxdissect.codec import Encoder
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from commands import run

QUEUED = str(Path(__file__).parents[2] / "samples" / "queued-call.pcapng")
ONE = ["tshark", "-r", QUEUED, "-Y", "frame.number==6"]


def printed(*command: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(command, input=stdin, capture_output=True, check=True, timeout=60).stdout


@pytest.fixture(scope="module")
def packet() -> bytes:
    """The sixth packet, with all its headers."""
    return dumps(printed(*ONE, "-x").decode())[0]


OPEN_CONF = (
    "OPEN_CONF (4): Grants a session and says which services, and in agent mode the agent's state. session confirmation "
    "from the server; version unknown\n"
    "0000  00 00 00 28                                        BodyLength = 40\n"
    "0004  00 00 00 04                                        MessageTypeID = 4 (OPEN_CONF)\n"
    "                                                       fixed part, 26 bytes\n"
    "0008  00 00 00 01                                        InvokeID: 1\n"
    "000c  00 04 00 92                                        ServicesGranted: 262290 "
    "(CTI_SERVICE_CALL_DATA_UPDATE|CTI_SERVICE_ALL_EVENTS|CTI_SERVICE_SUPERVISOR|CTI_SERVICE_CONFIG_EVENTS)\n"
    "001c  00 01                                              UnifiedCCXOnline: 1\n"
    "0020  00 01                                              AgentState: 1 (AGENT_STATE_LOGOUT)\n"
    "                                                       floating part, 14 bytes, tag and length 1+1\n"
    "0022  e4 02 00 01                                        NumPeripherals[228]: 1\n"
    "                                                         record 1 of NumPeripherals\n"
    "0026  d0 04 00 00 00 00                                    FltPeripheralID[208]: 0\n"
    "002c  e0 02 00 01                                          MultilineAgentControl[224]: 1\n"
    "(4 reserved slots of the fixed part not shown: --reserved)\n"
)
FRAME = "Packet 1: 127.0.1.2:12028 to 127.0.2.3:52337, 48 bytes of TCP payload\n" + OPEN_CONF


def test_a_packet_as_tshark_prints_it() -> None:
    assert run("decode", stdin=printed(*ONE, "-x")) == (0, FRAME, "")
    assert run("decode", stdin=printed(*ONE, "-V", "-x")) == (0, FRAME, "")
    assert run("decode", stdin=printed(*ONE, "-x", "--hexdump", "noascii")) == (0, FRAME, "")


def test_a_packet_as_other_tools_print_it(packet: bytes) -> None:
    for tool in (["xxd"], ["xxd", "-p"], ["xxd", "-i"], ["od", "-Ax", "-tx1"], ["od", "-tx1"], ["hexdump", "-C"]):
        assert run("decode", stdin=printed(*tool, stdin=packet)) == (0, FRAME, ""), tool


@pytest.mark.parametrize(
    "tool",
    [
        ["xxd"],
        ["xxd", "-g", "1"],
        ["xxd", "-c", "8"],
        ["hexdump", "-C", "-v"],
        ["od", "-Ax", "-tx1z", "-v"],
        ["od", "-tx1", "-v"],
    ],
    ids=" ".join,
)
def test_whatever_the_bytes_and_the_characters_beside_them(tool: list[str]) -> None:
    """Digits, bars, spaces and zeros, which a column of characters may be mistaken for, and the other way round."""
    source = random.Random(18)
    for size in range(17, 90):
        data = bytes(source.choice(b"\x00\x00\x0409afAF|| .~") for _ in range(size))
        for one in (data, bytes(size)):
            assert parse_hex(printed(*tool, stdin=one).decode()) == one, one


def test_a_packet_as_wireshark_copies_it(packet: bytes) -> None:
    escaped = "".join(f"\\x{byte:02x}" for byte in packet)
    rows = "\n".join(f'"{escaped[at : at + 64]}" \\' for at in range(0, len(escaped), 64))
    array = ", ".join(f"0x{byte:02x}" for byte in packet)
    for text in (
        packet.hex(),
        rows,
        f"static const unsigned char pkt6[{len(packet)}] = {{\n{array} /* the end */\n}};",
        base64.b64encode(packet).decode(),
        repr(packet),
    ):
        assert run("decode", stdin=text.encode()) == (0, FRAME, ""), text[:40]


@pytest.mark.parametrize("option", ["-X", "-XX", "-x", "-xx"])
def test_many_packets_as_tcpdump_prints_them(option: str) -> None:
    told = printed("tcpdump", "-n", option, "-r", QUEUED, "-c", "6")
    done = run("decode", stdin=told)
    assert (done.returncode, done.stderr) == (0, "")
    blocks = done.stdout.split("\n\n")
    heads = [block.splitlines()[0] for block in blocks]
    assert heads[:3] == [
        "Packet 1: 127.0.2.3:52337 to 127.0.1.2:12028, 0 bytes of TCP payload",
        "Packet 2: 127.0.1.2:12028 to 127.0.2.3:52337, 0 bytes of TCP payload",
        "Packet 3: 127.0.2.3:52337 to 127.0.1.2:12028, 0 bytes of TCP payload",
    ]
    assert len(heads) == 6 and blocks[3].splitlines()[1].startswith("OPEN_REQ (3): Opens a session")
    assert blocks[5] == FRAME.replace("Packet 1", "Packet 6").replace("version unknown", "version 14")


def test_a_message_that_is_in_two_packets() -> None:
    """Packets are put together as those of a capture are, and what is lacking is said."""
    first, second = _two_halves()
    assert run("decode", stdin=f"{first}\n{second}".encode()).stdout.count("HEARTBEAT_REQ (5)") == 1
    assert run("decode", stdin=first.encode()) == (
        0,
        "Packet 1: 10.0.0.1:40000 to 10.0.0.2:12028, 10 bytes of TCP payload\n"
        "  the capture begins inside a message: no plausible header follows\n",
        "",
    )


def _two_halves() -> tuple[str, str]:
    from capture.capture_builders import ethernet, ipv4, tcp

    message = bytes.fromhex("0000000400000005 00000007")
    made = [ethernet(ipv4(tcp(part, seq=at))) for at, part in ((1000, message[:10]), (1010, message[10:]))]
    rows = [printed("xxd", stdin=one).decode() for one in made]
    return rows[0], rows[1]


def test_bare_messages_are_messages_still(packet: bytes) -> None:
    assert run("decode", packet[66:].hex()) == (0, OPEN_CONF, "")
    assert run("decode", base64.b64encode(packet[66:]).decode()) == (0, OPEN_CONF, "")


def test_of_a_message_that_is_cut_the_beginning_is_decoded() -> None:
    opening = Encoder(UCCX_CTI).encode(
        "OPEN_REQ", {"VersionNumber": 14}, [("ClientID", "desk"), ("ClientPassword", "very secret")], version=14
    )
    heartbeat = bytes.fromhex("00000004 00000005 00000007")
    done = run("decode", (heartbeat + opening[:-4]).hex())
    assert done.returncode == 1
    assert done.stderr == (
        "ccxdissect: hexadecimal text: the header at byte 12 says a body of 65 bytes, 61 follow (a body alone needs "
        "--type)\n"
    )
    assert done.stdout == (
        "HEARTBEAT_REQ (5): Keeps the session alive and asks whether the server still is. session request from the "
        "client; version unknown\n"
        "0000  00 00 00 04                                        BodyLength = 4\n"
        "0004  00 00 00 05                                        MessageTypeID = 5 (HEARTBEAT_REQ)\n"
        "                                                       fixed part, 4 bytes\n"
        "0008  00 00 00 07                                        InvokeID: 7\n"
        "\n"
        "OPEN_REQ (3): Opens a session: version, services, masks, and in agent mode the agent. session request from the "
        "client; version 14\n"
        "0000  00 00 00 41                                        BodyLength = 65\n"
        "0004  00 00 00 03                                        MessageTypeID = 3 (OPEN_REQ)\n"
        "                                                       fixed part, 44 bytes\n"
        "0008  00 00 00 00                                        InvokeID: 0\n"
        "000c  00 00 00 0e                                        VersionNumber: 14 (V14)\n"
        "0010  00 00 00 00                                        IdleTimeout: 0\n"
        "0018  00 00 00 00                                        ServicesRequested: 0\n"
        "001c  00 00 00 00                                        CallMsgMask: 0\n"
        "0020  00 00 00 00                                        AgentStateMask: 0\n"
        "0024  00 00 00 00                                        ConfigMsgMask: 0\n"
        "                                                       floating part, 7 bytes, tag and length 1+1\n"
        "0034  01 05 64 65 73 6b 00                               ClientID[1]: desk\n"
        "                                                       undecoded, 10 bytes\n"
        "003b  02 0c ** ** ** ** ** ** ** **\n"
        "(4 reserved slots of the fixed part not shown: --reserved)\n"
        "problem: floating tag 2 at body byte 51 claims 12 bytes, 8 are left: 10 bytes undecoded\n"
    )
    assert "003b  02 0c 76 65 72 79 20 73 65 63\n" in run("decode", "--show-secrets", opening[:-4].hex()).stdout
    # Of what can be no header nothing is shown.
    for head in ("000f4240 00000003", "00000041 0003ffff", "00000041 00000003"):
        assert run("decode", head + ("" if head.endswith("41 00000003") else "00" * 20)).stdout == ""
