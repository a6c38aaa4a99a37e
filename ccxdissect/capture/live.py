"""Live packets: which interfaces there are, and the best source for one of them."""

from __future__ import annotations

import socket
import subprocess
from typing import NamedTuple

from ccxdissect.capture.live_dumpcap import DumpcapSource, dumpcap
from ccxdissect.capture.live_source import LiveSource

#: Seconds that dumpcap has to list the interfaces.
PATIENCE = 10.0


class Interface(NamedTuple):
    """One network interface."""

    name: str
    #: What the system calls it besides; may be empty.
    description: str
    addresses: tuple[str, ...]
    loopback: bool


def interfaces() -> list[Interface]:
    """The interfaces that can be captured on, as dumpcap tells; else those that the system knows."""
    program = dumpcap()
    if program is not None:
        try:
            told = subprocess.run(
                [program, "-D", "-M"], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            pass
        else:
            found = [_told(line) for line in told.stdout.decode("utf-8", "replace").splitlines() if ". " in line]
            if found:
                return found
    return [Interface(name, "", (), name.startswith("lo")) for _, name in socket.if_nameindex()]


def _told(line: str) -> Interface:
    """A line of `dumpcap -D -M`: number and name, vendor, friendly name, type, addresses, loopback or network."""
    parts = line.split("\t") + [""] * 6
    name = parts[0].partition(". ")[2]
    addresses = tuple(address for address in parts[4].split(",") if address)
    return Interface(name, parts[2] or parts[1], addresses, parts[5] == "loopback")


def interface_source(name: str, ports: frozenset[int]) -> LiveSource:
    """Where the packets of an interface come from: dumpcap if it is there for us, else Scapy."""
    program = dumpcap()
    if program is not None:
        return DumpcapSource(name, ports, program)
    from ccxdissect.capture.live_scapy import ScapySource

    return ScapySource(name, ports)
