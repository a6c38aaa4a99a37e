"""Packets of an interface through Scapy, where dumpcap is missing: slower, and only for who may open raw sockets."""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

from ccxdissect.capture.live_dumpcap import NO_RIGHT
from ccxdissect.capture.live_filter import capture_filter
from ccxdissect.capture.live_source import QUIET, Waiting
from ccxdissect.capture.notices import Notices
from ccxdissect.capture.packet import Packet
from ccxdissect.errors import CaptureError

#: Longest packet taken: offloading cards hand over segments that are longer than any frame.
LARGEST = 1 << 18
#: Packets given out before the waiting side is asked again, when they come without a pause.
BATCH = 256
#: packet(7): the socket option that tells, and resets, what was received and dropped.
_SOL_PACKET, _PACKET_STATISTICS = 263, 6
_STATISTICS = struct.Struct("II")

GONE = "the interface gives no more packets"


class ScapySource:
    """The packets of one interface on `ports`, through Scapy's listening socket."""

    def __init__(self, interface: str, ports: frozenset[int]) -> None:
        self.name = interface
        self.dropped: int | None = None
        self.notices = Notices()
        self._ports = ports
        self._socket: Any = None
        self._stopping = False

    def packets(self, waiting: Waiting) -> Iterator[Packet]:
        """See LiveSource. Raises CaptureError when Scapy cannot capture there."""
        self._socket = self._open()
        waiting.begun()
        try:
            frame = 0
            while True:
                waiting.before_reading()
                self._count_drops()
                if self._stopping:
                    return
                if not select.select([self._socket], [], [], QUIET)[0]:
                    waiting.nothing_came()
                    continue
                for _ in range(BATCH):
                    raw = self._receive()
                    if raw is None:
                        return
                    link, data, when = raw
                    frame += 1
                    yield Packet(frame, when, link, data, len(data), self.name)
                    if not select.select([self._socket], [], [], 0)[0]:
                        break
        finally:
            self.close()

    def stop(self) -> None:
        """See LiveSource."""
        self._stopping = True

    def close(self) -> None:
        """See LiveSource."""
        if self._socket is not None:
            self._count_drops()
            self._socket.close()
            self._socket = None

    def _open(self) -> Any:
        # `scapy.all` would take a second: these are the parts that make the socket classes known.
        import scapy.arch
        import scapy.layers.l2  # noqa: F401
        from scapy.config import conf
        from scapy.error import Scapy_Exception

        if not self.name or self.name not in {name for _, name in socket.if_nameindex()}:
            raise CaptureError(self.name, "there is no such interface: `ccxdissect live` alone lists them")
        for wanted in (capture_filter(self._ports), capture_filter(self._ports, vlan=False), None):
            try:
                return conf.L2listen(iface=self.name, filter=wanted)
            except PermissionError as error:
                raise CaptureError(self.name, NO_RIGHT) from error
            except Scapy_Exception:
                # No libpcap to make the filter with, or none for this interface: the packets are sorted out here.
                continue
            except OSError as error:
                raise CaptureError(self.name, error.strerror or str(error)) from error
        raise CaptureError(self.name, "Scapy cannot capture here; install dumpcap (package wireshark-common)")

    def _receive(self) -> tuple[int, bytes, int] | None:
        """Link type, bytes and time of the next packet; None when there will be none."""
        from scapy.config import conf

        try:
            kind, data, when = self._socket.recv_raw(LARGEST)
        except (OSError, ValueError) as error:
            self.notices.add(GONE, None, self.name, str(error))
            return None
        if not data:
            self.notices.add(GONE, None, self.name)
            return None
        stamp = time.time_ns() if when is None else round(when * 1_000_000) * 1000
        return conf.l2types.layer2num.get(kind, 1), bytes(data), stamp

    def _count_drops(self) -> None:
        if self._socket is None:
            return
        try:
            said = self._socket.ins.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, _STATISTICS.size)
        except (AttributeError, OSError):
            return
        self.dropped = (self.dropped or 0) + _STATISTICS.unpack(said)[1]
