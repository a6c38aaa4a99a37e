"""Whole messages for Scapy's `sniff()`, live or from a capture, through our own stream code.

Scapy takes the packets apart down to TCP; from there on segments go to the same `Dissector` that every other
part of ccxdissect uses, so that segments cut anywhere, out of order, sent again or missing are treated alike.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from scapy.error import log_runtime
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.packet import Packet
from scapy.pton_ntop import inet_pton
from scapy.sessions import DefaultSession, IPSession
from scapy.utils import EDecimal

from ccxdissect.capture.segment import Endpoint, Segment
from ccxdissect.codec.layout import HEADER
from ccxdissect.layers.messages import Face
from ccxdissect.protocol.model import Side
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Loss, Record, Session
from ccxdissect.wording import SECOND
from ccxdissect.wording.losses import say

#: Unfinished IP packets whose fragments are kept.
_MOST_FRAGMENTED = 256
#: Sequence numbers of the packets given out begin here.
_FIRST_SEQ = 1


class BoundedIPSession(IPSession):
    """Scapy's reassembly of IPv4 fragments, which by itself keeps unfinished packets for ever."""

    def process(self, packet: Packet) -> Packet | None:
        """The packet, whole; None while fragments are missing."""
        found: Packet | None = super().process(packet)
        while len(self.fragments) > _MOST_FRAGMENTED:
            del self.fragments[next(iter(self.fragments))]
        return found


class CTISession(DefaultSession):
    """`sniff(session=CTISession)`: every packet is one whole message.

    A packet given out is IP (or IPv6) / TCP / the message, its `time` that of the captured packet that
    completed it. Addresses and ports are the captured ones. Sequence numbers count the messages' own bytes,
    so that writing the packets to a file gives a capture of one message a packet; the link layer is left out.
    Packets that complete no message are not given out.

    The packet, and its message layer, carry `ccx_number` (from 1), `ccx_frame` (number of the captured
    packet that completed it), `ccx_sender` ("client" or "server") and `ccx_session` (the stream's Session:
    number, addresses, version, notes of what was lost). What could not be read is logged as a warning and
    noted in the session.

    `ports`: where servers listen, by default the protocol's (`CTISession(ports=[12345])`). `bare`: give out
    the messages alone. `supersession`: what packets pass through before. Several sources read at once (files,
    interfaces) have their own streams.
    """

    #: The classes of the messages that it gives.
    face: ClassVar[Face]

    def __init__(
        self, supersession: Any = BoundedIPSession, ports: Iterable[int] | None = None, bare: bool = False
    ) -> None:
        super().__init__(supersession)
        self.ports = frozenset(self.face.protocol.ports if ports is None else ports)
        self.bare = bare
        self.count = 0
        self._sources: dict[Any, _Source] = {}

    def recv(self, sock: Any) -> Iterator[Packet]:
        """Called by sniff() for the next packet: the messages that it completes."""
        try:
            packet = sock.recv(stop_dissection_after=TCP)
        except EOFError:
            # The end of a capture settles what waited for more.
            source = self._sources.pop(sock, None)
            if source is not None:
                yield from self._packets(source, source.dissector.flush())
            raise
        source = self._source(sock)
        source.frames += 1
        if packet is not None:
            yield from self._feed(source, packet)

    def process(self, pkt: Packet) -> Packet | None:
        """For sessions stacked on this one: the messages that the packet completes, one behind the other."""
        source = self._source(None)
        source.frames += 1
        found = list(self._feed(source, pkt))
        for packet in found[1:]:
            found[0].add_payload(packet.lastlayer() if self.bare else packet[TCP].payload)
        return found[0] if found else None

    def flush(self) -> list[Packet]:
        """The messages still held behind missing bytes, when a live sniff is over. Ends all streams."""
        found: list[Packet] = []
        for source in self._sources.values():
            found += self._packets(source, source.dissector.flush())
        self._sources.clear()
        return found

    def _source(self, sock: Any) -> _Source:
        source = self._sources.get(sock)
        if source is None:
            source = self._sources[sock] = _Source(Dissector(self.face.protocol, self.ports))
        return source

    def _feed(self, source: _Source, packet: Packet) -> Iterator[Packet]:
        if self.supersession is not None:
            packet = self.supersession.process(packet)
            if packet is None:
                return
        segment = segment_of(packet, source.frames)
        if segment is not None and (segment.sport in self.ports or segment.dport in self.ports):
            yield from self._packets(source, source.dissector.feed(segment))

    def _packets(self, source: _Source, events: Iterable[Event]) -> Iterator[Packet]:
        for event in events:
            if isinstance(event, Record):
                self.count += 1
                yield self._packet(source, event)
            elif isinstance(event, Loss):
                log_runtime.warning(
                    "CTI session %d, frame %d, %s: %s",
                    event.session.number,
                    event.frame,
                    event.sender.value,
                    say(event),
                )

    def _packet(self, source: _Source, record: Record) -> Packet:
        message = self.face.base.from_decoded(record.decoded)
        packet: Packet = message
        if not self.bare:
            packet = source.lower_layers(record, HEADER.size + len(record.decoded.body))
            packet.add_payload(message)
        for layer in (packet, message):
            layer.time = EDecimal(record.time) / SECOND
            layer.__dict__.update(
                ccx_number=self.count,
                ccx_frame=record.frame,
                ccx_sender=record.sender.value,
                ccx_session=record.session,
            )
        return packet


class _Source:
    """One source of packets: its streams, and how far what was given out of each has come."""

    def __init__(self, dissector: Dissector) -> None:
        self.dissector = dissector
        self.frames = 0
        self._given: dict[tuple[int, Side], int] = {}

    def lower_layers(self, record: Record, size: int) -> Packet:
        """IP / TCP for a message of `size` bytes."""
        session: Session = record.session
        other = Side.SERVER if record.sender is Side.CLIENT else Side.CLIENT
        key = (session.number, record.sender)
        begin = self._given.get(key, 0)
        self._given[key] = begin + size
        src, sport = _parts(record.src)
        dst, dport = _parts(record.dst)
        network = IPv6(src=src, dst=dst) if ":" in src else IP(src=src, dst=dst)
        return network / TCP(
            sport=sport,
            dport=dport,
            flags="PA",
            seq=(_FIRST_SEQ + begin) & 0xFFFFFFFF,
            ack=(_FIRST_SEQ + self._given.get((session.number, other), 0)) & 0xFFFFFFFF,
        )


def _parts(end: Endpoint) -> tuple[str, int]:
    return end.address, end.port or 0


def segment_of(packet: Packet, frame: int) -> Segment | None:
    """The TCP segment of a Scapy packet, as the stream code takes it; None when it has none.

    Payload is what the IP header says, so that no padding of the link layer gets in.
    """
    tcp = packet.getlayer(TCP)
    if tcp is None:
        return None
    if not tcp.original:
        # Built and not captured: only its bytes say what lengths it has.
        packet = packet.__class__(bytes(packet))
        tcp = packet.getlayer(TCP)
        if tcp is None:
            return None
    network = tcp.underlayer
    while network is not None and not isinstance(network, (IP, IPv6)):
        network = network.underlayer
    if network is None:
        return None
    family = socket.AF_INET6 if isinstance(network, IPv6) else socket.AF_INET
    size = (tcp.dataofs or 5) * 4
    payload = tcp.original[size:]
    return Segment(
        frame,
        nanoseconds(packet.time),
        _packed(network.src, family),
        tcp.sport,
        _packed(network.dst, family),
        tcp.dport,
        tcp.seq,
        tcp.ack,
        int(tcp.flags) & 0xFF,
        payload,
        max(0, _announced(network, tcp) - size - len(payload)),
    )


def _packed(address: str, family: socket.AddressFamily) -> bytes:
    packed: bytes = inet_pton(family, address)
    return packed


def _announced(network: Packet, tcp: Packet) -> int:
    """Bytes of TCP that the IP header announces: more than were captured if a snap length cut the packet."""
    if isinstance(network, IPv6):
        # Extension headers lie between: what was captured of them counts as well.
        between = len(network.original) - 40 - len(tcp.original)
        return int(network.plen or 0) - max(0, between)
    return int(network.len or 0) - int(network.ihl or 5) * 4


def nanoseconds(time: Any) -> int:
    """Scapy's time (EDecimal from captures, float else) in ns since the epoch."""
    return int(time * SECOND) if isinstance(time, EDecimal) else round(float(time) * SECOND)


def session_for(face: Face) -> type[CTISession]:
    """The session that gives a protocol's messages."""
    return type("CTISession", (CTISession,), {"__doc__": CTISession.__doc__, "face": face})
