"""Captures made packet by packet: connections between any addresses, by a clock of their own, as pcap files."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from pathlib import Path

from ccxdissect.codec import Encoder, Value
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI

SYN, ACK, FIN, RST, PSH = 2, 16, 1, 4, 8
A, B = "10.0.0.1", "10.0.0.2"
AGENT, BRIDGE = 1, 0x10
C, S = Side.CLIENT, Side.SERVER
_ENCODER = Encoder(UCCX_CTI)
START = 1_700_000_000.0


class Wire:
    """A capture. `now` is its clock, in seconds. `only`: the side whose packets are captured; `off`: nothing is."""

    def __init__(self) -> None:
        self.now = START
        self.packets: list[tuple[float, bytes, int]] = []
        self.off = False
        self.only: Side | None = None
        self.snap = 65535
        self._ports = 40000

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def connect(self, client: str = "10.0.0.5", server: str = A, port: int = 12028, shake: bool = True) -> Link:
        """A new connection, with its handshake."""
        self._ports += 1
        link = Link(self, client, self._ports, server, port)
        if shake:
            link.tcp(C, SYN)
            link.tcp(S, SYN | ACK)
            link.tcp(C, ACK)
        return link

    def write(self, path: Path) -> Path:
        """Write a pcap file."""
        out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, self.snap, 1)]
        for time, data, length in self.packets:
            micro = round(time * 1_000_000)
            out.append(struct.pack("<IIII", micro // 1_000_000, micro % 1_000_000, len(data), length) + data)
        path.write_bytes(b"".join(out))
        return path


class Link:
    """One connection of a capture."""

    def __init__(self, wire: Wire, client: str, cport: int, server: str, sport: int) -> None:
        self.wire = wire
        self.ends = {C: (client, cport), S: (server, sport)}
        self.seq = {C: 1000, S: 5000}
        self.version = 14
        self.invoke = 0

    def tcp(self, side: Side, flags: int, data: bytes = b"", again: int = 0) -> None:
        """A packet, 1 ms later; `again`: so many bytes before the next one (sent before, and not counted)."""
        wire = self.wire
        wire.now += 0.001
        other = side.other
        seq = self.seq[side] - again
        (src, sport), (dst, dport) = self.ends[side], self.ends[other]
        ack = self.seq[other] if flags & ACK else 0
        segment = struct.pack(">HHIIBBHHH", sport, dport, seq % 2**32, ack % 2**32, 0x50, flags, 65535, 0, 0) + data
        ip = struct.pack(
            ">BBHHHBBH4s4s",
            0x45,
            0,
            20 + len(segment),
            1,
            0x4000,
            64,
            6,
            0,
            socket.inet_aton(src),
            socket.inet_aton(dst),
        )
        packet = b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\x00" + ip + segment
        if not again:
            self.seq[side] += len(data) + (1 if flags & (SYN | FIN) else 0)
        if not wire.off and wire.only in (None, side):
            wire.packets.append((wire.now, packet[: wire.snap], len(packet)))

    def say(
        self, name: str, fixed: dict[str, int | bytes] | None = None, floating: Iterable[tuple[str | int, Value]] = ()
    ) -> bytes:
        """A message of the side that its declaration names."""
        data = _ENCODER.encode(name, fixed, floating, version=self.version)
        self.tcp(UCCX_CTI.message(name).sender, PSH | ACK, data)
        return data

    # -- what often comes ----------------------------------------------------------------------------------------------

    def ask(self, services: int = AGENT, agent: str = "smith", timeout: int = 60) -> None:
        """OPEN_REQ."""
        named = (
            [("AgentExtension", "2006"), ("AgentInstrument", "2006"), ("AgentID", agent)] if services == AGENT else []
        )
        self.invoke += 1
        fixed = {"InvokeID": self.invoke, "VersionNumber": self.version, "IdleTimeout": timeout,
                 "ServicesRequested": services}  # fmt: skip
        self.say("OPEN_REQ", fixed, [("ClientID", "desk"), ("ClientPassword", ""), *named])

    def open(self, services: int = AGENT, agent: str = "smith", timeout: int = 60, granted: int | None = None) -> Link:
        """OPEN_REQ and OPEN_CONF."""
        self.ask(services, agent, timeout)
        given = services if granted is None else granted
        self.say("OPEN_CONF", {"InvokeID": self.invoke, "ServicesGranted": given, "UnifiedCCXOnline": 1})
        return self

    def refuse(self, status: int, text: str = "") -> Link:
        """OPEN_REQ and FAILURE_CONF; the server ends the connection."""
        self.ask()
        self.say("FAILURE_CONF", {"InvokeID": self.invoke, "Status": status}, [("Text", text)] if text else [])
        self.bye(S)
        return self

    def beat(self, times: int = 1, every: float = 20, answer: bool = True) -> Link:
        """Heartbeats."""
        for _ in range(times):
            self.wire.wait(every)
            self.invoke += 1
            self.say("HEARTBEAT_REQ", {"InvokeID": self.invoke})
            if answer:
                self.say("HEARTBEAT_CONF", {"InvokeID": self.invoke})
        return self

    def request(
        self, name: str, fixed: dict[str, int | bytes] | None = None, floating: Iterable[tuple[str | int, Value]] = ()
    ) -> int:
        """A request; its InvokeID."""
        self.invoke += 1
        self.say(name, {"InvokeID": self.invoke, **(fixed or {})}, floating)
        return self.invoke

    def close(self, status: int = 0) -> Link:
        """CLOSE_REQ, CLOSE_CONF, and the connection ends."""
        self.invoke += 1
        self.say("CLOSE_REQ", {"InvokeID": self.invoke, "Status": status})
        self.say("CLOSE_CONF", {"InvokeID": self.invoke})
        return self.bye(C)

    def bye(self, side: Side) -> Link:
        """FIN of both, a side first."""
        self.tcp(side, FIN | ACK)
        self.tcp(side.other, FIN | ACK)
        self.tcp(side, ACK)
        return self

    def reset(self, side: Side) -> Link:
        """A reset."""
        self.tcp(side, RST | ACK)
        return self
