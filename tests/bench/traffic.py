"""The captures of the benchmark: the day of a small contact center, the same bytes each time they are made.

    python tests/bench/traffic.py MESSAGES FILE [FILES [CLIENTS]]

writes about as many messages, of 160 bytes on average, into a pcap file (or into FILES files, each with connections of
its own, named FILE.1, FILE.2 ...). Four clients at a time (or CLIENTS); each closes its session after 5,000 messages, ends its
connection, and another one comes. One message a segment, as servers send them.
"""

from __future__ import annotations

import random
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_TESTS = Path(__file__).parents[1]
for _place in (_TESTS, _TESTS.parent):
    sys.path.insert(0, str(_place))

from building import ENCODER  # noqa: E402

VERSION = 14
CLIENTS = 4
PER_SESSION = 5_000
SERVER = b"\x0a\x00\x00\x09"
#: Microseconds between two packets: 500 messages a second.
STEP = 2_000
_SYN, _ACK, _PSH, _FIN = 2, 16, 8, 1

Said = tuple[int, str, dict[str, int], list[tuple[str, str]]]


class Writer:
    """Packets into a pcap file: Ethernet, IPv4, TCP."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file = file
        self.time = start
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))

    def packet(
        self, src: bytes, sport: int, dst: bytes, dport: int, seq: int, ack: int, flags: int, data: bytes
    ) -> None:
        """One packet, a step later than the last."""
        self.time += STEP
        tcp = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags, 65535, 0, 0)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(data), 0, 0x4000, 64, 6, 0, src, dst)
        frame = b"\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x01\x08\x00" + ip + tcp + data
        self._file.write(struct.pack("<IIII", *divmod(self.time, 1_000_000), len(frame), len(frame)) + frame)


class Client:
    """One connection of one client, from its SYN to its FIN."""

    def __init__(self, writer: Writer, number: int) -> None:
        self._writer = writer
        self._ends = (
            (bytes([10, number // 10_000 % 256, 1 + number % 4, 1 + number // 4 % 200]), 40000 + number % 20000),
            (SERVER, 12028),
        )
        self._at = [1000 + number, 900_000 + number]
        self.messages = 0
        self.invoke = 0
        self._send(0, _SYN)
        self._send(1, _SYN | _ACK)
        self._send(0, _ACK)

    def _send(self, side: int, flags: int, data: bytes = b"") -> None:
        (src, sport), (dst, dport) = self._ends[side], self._ends[1 - side]
        ack = self._at[1 - side] if flags & _ACK else 0
        self._writer.packet(src, sport, dst, dport, self._at[side], ack, flags, data)
        self._at[side] += len(data) + bool(flags & (_SYN | _FIN))

    def say(self, side: int, name: str, fixed: dict[str, int], floating: list[tuple[str, str]]) -> None:
        """One message; side 0 is the client."""
        self._send(side, _PSH | _ACK, ENCODER.encode(name, fixed, floating, version=VERSION))
        self.messages += 1

    def end(self) -> None:
        """Close the session, then the connection."""
        self.say(0, "CLOSE_REQ", {"InvokeID": self.invoke + 1}, [])
        self.say(1, "CLOSE_CONF", {"InvokeID": self.invoke + 1}, [])
        self._send(0, _FIN | _ACK)
        self._send(1, _FIN | _ACK)
        self._send(0, _ACK)


def opening(number: int) -> Iterator[Said]:
    """How a session begins."""
    fixed = {"InvokeID": 1, "VersionNumber": VERSION, "ServicesRequested": 0x10, "IdleTimeout": 120}
    yield 0, "OPEN_REQ", fixed, [("ClientID", f"desk{number}"), ("ClientPassword", "secret")]
    yield 1, "OPEN_CONF", {"InvokeID": 1, "UnifiedCCXOnline": 1, "ServicesGranted": 0x10}, []


def call(chance: random.Random, number: int, invoke: int) -> Iterator[Said]:
    """A call with all that goes with it; a heartbeat now and then."""
    call_id = 16_777_216 + number
    agent, phone = f"agent{chance.randrange(300):03}", f"{2000 + chance.randrange(300)}"
    caller = f"+4930{chance.randrange(10**7):07}"
    device = [("ConnectionDeviceID", phone)]
    numbers = [("ANI", caller), ("DNIS", "8005550199"), ("DialedNumber", "8005550199")]
    of_agent = [("AgentID", agent), ("AgentExtension", phone), ("AgentInstrument", phone)]
    data = [(f"CallVariable{i}", f"customer {chance.randrange(10**6)}, gold {i}") for i in range(1, 11)]
    named = [("CallingDeviceID", caller), ("CalledDeviceID", "8005550199"), ("LastRedirectDeviceID", "8005550100")]
    fixed = {"CallID": call_id, "CallType": 1}
    yield 1, "BEGIN_CALL_EVENT", fixed, [*device, *numbers, *data]
    fixed = {"CallID": call_id, "CSQID": 3, "LocalConnectionState": 2, "EventCause": 22}
    yield 1, "CALL_DELIVERED_EVENT", fixed, [*device, ("AlertingDeviceID", phone), *named, *numbers, *data]
    yield 0, "ANSWER_CALL_REQ", {"InvokeID": invoke + 1, "CallID": call_id}, [*device, ("AgentInstrument", phone)]
    yield 1, "ANSWER_CALL_CONF", {"InvokeID": invoke + 1}, []
    fixed["LocalConnectionState"] = 3
    yield 1, "CALL_ESTABLISHED_EVENT", fixed, [*device, ("AnsweringDeviceID", phone), *named]
    yield 1, "AGENT_STATE_EVENT", {"AgentState": 4}, of_agent
    notes = [(f"CallVariable{i}", f"note {chance.randrange(10**9)} written at the desk") for i in range(1, 11)]
    yield 0, "SET_CALL_DATA_REQ", {"InvokeID": invoke + 2, "CallID": call_id}, [*device, *notes]
    yield 1, "SET_CALL_DATA_CONF", {"InvokeID": invoke + 2}, []
    yield (
        1,
        "CALL_DATA_UPDATE_EVENT",
        {"CallID": call_id, "CallType": 1},
        [*device, ("NewConnectionDeviceID", phone), *notes, *numbers],
    )
    fixed = {"CallID": call_id, "LocalConnectionState": 0, "EventCause": 0xFFFF}
    yield 1, "CALL_CONNECTION_CLEARED_EVENT", fixed, [*device, ("ReleasingDeviceID", caller)]
    yield 1, "CALL_CLEARED_EVENT", {"CallID": call_id, "EventCause": 0xFFFF}, device
    yield 1, "END_CALL_EVENT", {"CallID": call_id}, device
    yield 1, "AGENT_STATE_EVENT", {"AgentState": 3}, of_agent
    if number % 8 == 0:
        yield 0, "HEARTBEAT_REQ", {"InvokeID": invoke + 3}, []
        yield 1, "HEARTBEAT_CONF", {"InvokeID": invoke + 3}, []


def write(path: str, messages: int, first: int = 0, many: int = CLIENTS) -> int:
    """Write a capture; `first`: the number of its first client. Returns how many messages it has."""
    chance = random.Random(first + 1)
    written = 0
    number = first
    clients: list[Client] = []
    with open(path, "wb") as file:
        writer = Writer(file, 1_700_000_000_000_000 + first * 360_000)

        def begin() -> Client:
            nonlocal number
            number += 1
            client = Client(writer, number)
            for said in opening(number):
                client.say(*said)
            client.invoke = 1
            return client

        clients = [begin() for _ in range(many)]
        turn = 0
        while written + sum(client.messages for client in clients) + 2 * many < messages:
            turn += 1
            client = clients[turn % many]
            for said in call(chance, first * 100 + turn, client.invoke):
                client.say(*said)
            client.invoke += 3
            if client.messages > PER_SESSION:
                client.end()
                written += client.messages
                clients[turn % many] = begin()
        for client in clients:
            client.end()
            written += client.messages
    return written


def main(messages: int, path: str, files: int = 1, clients: int = CLIENTS) -> None:
    """Write one capture, or several."""
    if files == 1:
        print(write(path, messages, many=clients))
        return
    print(sum(write(f"{path}.{part + 1}", messages // files, 10_000 * part) for part in range(files)))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:5]))
