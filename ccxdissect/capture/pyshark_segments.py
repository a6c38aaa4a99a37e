"""Segments by way of pyshark: the same as by `capture.tshark`, for those who have pyshark set up to their liking.

Slower than tshark alone by far, and no better: one way in among others.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ccxdissect.capture.segment import Segment
from ccxdissect.capture.tshark import (
    FOR_ROOT,
    Numbering,
    loads_no_plugins,
    reason_of,
    shown_packets,
    tshark_program,
    whole_messages,
)
from ccxdissect.errors import CaptureError


def pyshark_segments(
    capture: str, plugin: str, protocol: str, ports: Iterable[int], options: Sequence[str] = ()
) -> Iterator[Segment]:
    """The messages of one capture file, each as a segment; parameters and errors as of `tshark_segments`.

    Raises CaptureError also when pyshark is missing or does not work with this Python.
    """
    program = tshark_program()
    listed = sorted(set(ports))
    try:
        import pyshark
        from pyshark.capture.capture import TSharkCrashException
    except Exception as error:
        raise CaptureError("pyshark", f"cannot be used ({error}): --engine tshark does the same without it") from error
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / f"{protocol}.lua"
        script.write_text(plugin, encoding="utf-8")
        parameters = ["-X", f"lua_script:{script}", *whole_messages(protocol), *options]
        if listed:
            parameters += ["-o", f"{protocol}.ports:{','.join(map(str, listed))}"]
        packets = pyshark.FileCapture(
            capture,
            display_filter=shown_packets(protocol, listed),
            custom_parameters=parameters,
            keep_packets=False,
            tshark_path=program,
        )
        crashed = False
        try:
            yield from _segments(packets, protocol)
        except (TSharkCrashException, FileNotFoundError):
            crashed = True
        finally:
            # A crash may come to light only now; and pyshark would tell of it again when it is forgotten.
            try:
                packets.close()
            except TSharkCrashException:
                crashed = True
            packets._running_processes.clear()
        if crashed:
            raise _reason(program, parameters, capture, protocol)


def _reason(program: str, parameters: Sequence[str], capture: str, protocol: str) -> CaptureError:
    """Why tshark ended early, which pyshark keeps to itself."""
    command = [program, *parameters, "-r", capture, "-c", "1"]
    said = subprocess.run(command, capture_output=True, check=False).stderr.decode("utf-8", "replace")
    if loads_no_plugins(said, protocol):
        return CaptureError(program, FOR_ROOT)
    return CaptureError(capture, reason_of(said))


def _segments(packets: Any, protocol: str) -> Iterator[Segment]:
    numbering = Numbering()
    for packet in packets:
        ip = packet.ipv6 if "IPV6" in packet else packet.ip if "IP" in packet else None
        ends = (
            "" if ip is None else str(ip.src),
            int(packet.tcp.srcport),
            "" if ip is None else str(ip.dst),
            int(packet.tcp.dstport),
        )
        messages = []
        for layer in packet.layers:
            whole = layer.get_field("message") if layer.layer_name == protocol else None
            if whole is not None:
                messages += [
                    bytes.fromhex((field.raw_value or field.show).replace(":", "")) for field in whole.all_fields
                ]
        flags = int(packet.tcp.flags, 0) & 0xFF
        yield from numbering.segments(
            int(packet.number), packet.sniff_timestamp, ends, flags, str(packet.tcp.stream), messages
        )
