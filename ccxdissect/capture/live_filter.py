"""The capture filter: what the kernel lets through to us, in the language of libpcap (pcap-filter(7))."""

from __future__ import annotations

from collections.abc import Iterable


def capture_filter(ports: Iterable[int], vlan: bool = True) -> str:
    """A filter for TCP segments on `ports`, and for IP fragments of TCP, which name no port.

    With `vlan` also inside one VLAN tag and inside two; not every kind of interface can filter for these.
    """
    segments = " or ".join(f"tcp port {port}" for port in sorted(ports))
    wanted = f"{segments} or (ip proto 6 and ip[6:2] & 0x1fff != 0) or ip6 proto 44"
    if vlan:
        # Every `vlan` moves what follows it behind one more tag: the third line is for two tags.
        wanted = f"{wanted} or (vlan and ({wanted})) or (vlan and ({wanted}))"
    return wanted
