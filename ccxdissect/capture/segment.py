"""One TCP segment as it was captured: what the capture side hands to the stream side."""

from __future__ import annotations

from typing import NamedTuple

FIN = 0x01
SYN = 0x02
RST = 0x04
PSH = 0x08
ACK = 0x10
URG = 0x20


class Segment(NamedTuple):
    """A TCP segment, with the addresses as packed bytes because they are hashed far more often than shown."""

    frame: int
    """Number of the packet, from 1; it continues over several files."""
    time: int
    """Nanoseconds since the epoch."""
    src: bytes
    """Packed source address, 4 or 16 bytes."""
    sport: int
    dst: bytes
    """Packed destination address, 4 or 16 bytes."""
    dport: int
    seq: int
    ack: int
    flags: int
    """The TCP flags byte: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32."""
    payload: bytes
    """The TCP payload that was captured."""
    cut: int
    """Payload bytes that were on the wire after `payload` but were not captured (snap length)."""


class Endpoint(str):
    """One end of a connection as text: "10.0.0.1:12028", "[2001:db8::1]:12028", or what its source calls it; and its parts.

    `port` is None where the source names none.
    """

    __slots__ = ("_address", "_port")
    #: None of an IPv4 address with a port: it is what stands before that.
    _address: str | None
    _port: int | None

    def __new__(cls, address: str, port: int | None = None) -> Endpoint:
        """`address` without brackets."""
        made = super().__new__(cls, address if port is None else f"{_host(address)}:{port}")
        made._address, made._port = address, port
        return made

    @property
    def address(self) -> str:
        """The address alone, without brackets."""
        # Of most ends nobody asks for it.
        return self[: self.rindex(":")] if self._address is None else self._address

    @property
    def host(self) -> str:
        """The address alone, as it stands in the text."""
        return self.address if self._port is None else _host(self.address)

    @property
    def port(self) -> int | None:
        """The port alone."""
        return self._port

    def __reduce__(self) -> tuple[type[Endpoint], tuple[str, int | None]]:
        return Endpoint, (self.address, self._port)


def _host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def format_endpoint(ip: bytes, port: int) -> Endpoint:
    """The endpoint of a packed address of 4 or 16 bytes. Raises ValueError for an address of any other length."""
    if len(ip) == 4:
        # What `Endpoint` would come to: this is done for each connection.
        made = str.__new__(Endpoint, f"{ip[0]}.{ip[1]}.{ip[2]}.{ip[3]}:{port}")
        made._address, made._port = None, port
        return made
    from socket import AF_INET6, inet_ntop

    return Endpoint(inet_ntop(AF_INET6, ip), port)
