"""Segments by way of tshark, for what only Wireshark opens: TLS with a key log, odd encapsulations and files.

tshark reassembles and decrypts, the plugin finds the messages, and each comes back as the payload of one segment.
Sequence numbers are made up so that the messages of one direction follow each other; handshakes and ends of
connections keep their place. Bytes that the plugin takes for no message do not come through.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ccxdissect.capture.segment import Segment
from ccxdissect.errors import CaptureError
from ccxdissect.wording import SECOND

#: The oldest tshark whose Lua the plugin is made for.
OLDEST = (4, 0)
_SYN, _ACK = 2, 16
_ENDS = 0x07
_FIELDS = ("frame.number", "frame.time_epoch", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport",
           "tcp.flags", "tcp.stream")  # fmt: skip


def tshark_program() -> str:
    """The path of tshark. Raises CaptureError when there is none, or when it is too old."""
    found = shutil.which("tshark")
    if found is None:
        raise CaptureError("tshark", "is not installed; it comes with Wireshark")
    try:
        said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CaptureError(found, f"cannot be run: {error}") from error
    version = re.search(r"TShark \(Wireshark\) (\d+)\.(\d+)", said)
    if version is None:
        raise CaptureError(found, "does not say which version it is")
    if (int(version[1]), int(version[2])) < OLDEST:
        raise CaptureError(found, f"is version {version[1]}.{version[2]}, {OLDEST[0]}.{OLDEST[1]} or later is needed")
    return found


def tshark_segments(
    capture: str, plugin: str, protocol: str, ports: Iterable[int], options: Sequence[str] = ()
) -> Iterator[Segment]:
    """The messages of one capture file, each as a segment, with the opening and closing segments of their connections.

    `plugin`: the text of the Lua plugin, which registers `protocol` and its field `message`. `ports`: where servers
    listen. `options`: further arguments of tshark (`-o tls.keylog_file:...`, `-d ...`). Raises CaptureError when tshark
    is missing or too old, or could not read the capture.
    """
    program = tshark_program()
    listed = sorted(set(ports))
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / f"{protocol}.lua"
        script.write_text(plugin, encoding="utf-8")
        complaints = Path(folder) / "complaints"
        command = _command(program, script, capture, protocol, listed, options)
        with (
            complaints.open("wb") as errors,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process,
        ):
            assert process.stdout is not None
            try:
                yield from _segments(process.stdout)
            finally:
                # A reader that stops early leaves tshark nobody to write to: that ends it.
                process.stdout.close()
        said = complaints.read_text(encoding="utf-8", errors="replace")
    if process.returncode > 0 or "Lua" in said:
        if loads_no_plugins(said, protocol):
            raise CaptureError(program, FOR_ROOT)
        raise CaptureError(capture, reason_of(said))


#: Why there are no messages, and what to do.
FOR_ROOT = "loads no plugins for root (from version 4.4 on): run it as an ordinary user, or read with --engine own"


def loads_no_plugins(said: str, protocol: str) -> bool:
    """Whether tshark complained of not knowing the protocol, though it was given the plugin, to the user root."""
    unknown = f'"{protocol}.' in said and "unknown preference" in said
    return unknown and hasattr(os, "geteuid") and os.geteuid() == 0


def shown_packets(protocol: str, ports: Iterable[int]) -> str:
    """The display filter for packets with messages, and those that open and close their connections."""
    listed = ",".join(str(port) for port in ports)
    ours = f"tcp.port in {{{listed}}}" if listed else "tcp"
    return f"{protocol}.message or ({ours} and tcp.flags & 7 != 0)"


def whole_messages(protocol: str) -> list[str]:
    """The options of tshark with which the plugin gives each whole message as bytes, and makes nothing else."""
    return ["-o", f"{protocol}.whole_messages:TRUE", "-o", f"{protocol}.only:message"]


def _command(
    program: str, script: Path, capture: str, protocol: str, ports: list[int], options: Sequence[str]
) -> list[str]:
    shown = shown_packets(protocol, ports)
    command = [program, "-X", f"lua_script:{script}", *whole_messages(protocol)]
    if ports:
        command += ["-o", f"{protocol}.ports:{','.join(map(str, ports))}"]
    command += [*options, "-n", "-l", "-r", capture, "-Y", shown, "-T", "fields", "-E", "separator=/t"]
    for name in (*_FIELDS, f"{protocol}.message"):
        command += ["-e", name]
    return command


class Numbering:
    """Makes segments of messages: sequence numbers that make those of one direction follow each other."""

    def __init__(self) -> None:
        self._following: dict[tuple[str, bytes, int], int] = {}

    def segments(
        self,
        number: int,
        epoch: str,
        ends: tuple[str, int, str, int],
        flags: int,
        stream: str,
        messages: list[bytes],
    ) -> Iterator[Segment]:
        """The segments of one packet. `epoch`: seconds as text; `ends`: source and target, each address and port."""
        source, target = address_of(ends[0]), address_of(ends[2])
        here, there = (stream, source, ends[1]), (stream, target, ends[3])
        following = self._following
        for position, payload in enumerate(messages or [b""]):
            own = flags if position + 1 >= len(messages) else flags & ~_ENDS
            at = following.get(here, 1)
            if own & _SYN:
                at = 0
            following[here] = at + len(payload) + (1 if own & _SYN else 0)
            yield Segment(number, _nanoseconds(epoch), source, ends[1], target, ends[3], at,
                          following.get(there, 1) if own & _ACK else 0, own, payload, 0)  # fmt: skip


def _segments(lines: Iterable[bytes]) -> Iterator[Segment]:
    numbering = Numbering()
    for line in lines:
        columns = line.decode("utf-8", "replace").rstrip("\r\n").split("\t")
        if len(columns) != len(_FIELDS) + 1:
            continue
        # Of several layers of one kind the innermost comes last.
        last = [column.rpartition(",")[2] for column in columns[:-1]]
        number, epoch, src4, dst4, src6, dst6, sport, dport, flags_said, stream = last
        ends = (src6 or src4, int(sport), dst6 or dst4, int(dport))
        messages = [bytes.fromhex(text) for text in columns[-1].replace(":", "").split(",") if text]
        yield from numbering.segments(int(number), epoch, ends, int(flags_said, 0) & 0xFF, stream, messages)


def address_of(text: str) -> bytes:
    """The packed form of an IP address as tshark prints it."""
    try:
        return ipaddress.ip_address(text).packed
    except ValueError:
        # Not carried by IP, as far as tshark shows: the connection is still told by its stream.
        return bytes(4)


def _nanoseconds(epoch: str) -> int:
    seconds, _, fraction = epoch.partition(".")
    return int(seconds) * SECOND + int((fraction + "0" * 9)[:9])


def reason_of(said: str) -> str:
    """The first line of what tshark complained of that says something."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("Running as user")]
    return lines[0] if lines else "tshark failed without saying why"
