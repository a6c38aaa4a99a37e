"""What other tools need, each as a program of its own, so that it can be timed from outside.

    python tests/bench/peers.py pyshark FILE PLUGIN    dissect with the Wireshark plugin through pyshark
    python tests/bench/peers.py scapy FILE             read with Scapy and our session, every message a packet
    python tests/bench/peers.py floor                  our Scapy classes beside ordinary Scapy fields, as JSON

Each prints how many messages it read.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

_HERE = Path(__file__).parent
for _place in (_HERE, _HERE.parents[1]):
    sys.path.insert(0, str(_place))


def pyshark_messages(path: str, plugin: str) -> int:
    """Every message of a capture, with the plugin, through pyshark."""
    import pyshark

    capture = pyshark.FileCapture(
        path, display_filter="uccx_cti", custom_parameters=["-X", f"lua_script:{plugin}"], keep_packets=False
    )
    count = 0
    for packet in capture:
        count += any(layer.layer_name == "uccx_cti" for layer in packet.layers)
    capture.close()
    return count


def scapy_messages(path: str) -> int:
    """Every message of a capture, with Scapy's reader and our session."""
    from scapy.all import sniff

    from ccxdissect.layers import CCXMessage, CTISession

    count = 0

    def see(packet: object) -> None:
        nonlocal count
        count += any(issubclass(layer, CCXMessage) for layer in packet.layers())  # type: ignore[attr-defined]

    sniff(offline=path, session=CTISession, store=False, prn=see)
    return count


def scapy_floor() -> dict[str, float]:
    """Our classes and ordinary Scapy fields, dissecting the same messages of all types: messages a second."""
    import scapy_floor

    return scapy_floor.measure(scapy_floor.messages(), 2.0)


def main(what: str, *arguments: str) -> None:
    """Run one of them."""
    if what == "pyshark":
        print(pyshark_messages(*arguments))
    elif what == "scapy":
        print(scapy_messages(*arguments))
    else:
        print(json.dumps(scapy_floor()))


if __name__ == "__main__":
    main(*sys.argv[1:])
