"""A capture of what passes between the lab's servers and clients: dumpcap started, stopped, and its file made plain."""

from __future__ import annotations

import asyncio
import shutil
import signal
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

from ccxdissect.capture import pcapng_blocks
from ccxdissect.capture.pcapng import ENHANCED_PACKET, INTERFACE_DESCRIPTION
from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.lab.specs import ServerSpec
from ccxdissect.wording import SECOND

#: Seconds for dumpcap to begin, and to hand over the last packets before it is stopped.
STARTING_TIME = 10.0
SETTLING_TIME = 0.5

#: Options that are kept of an interface: its name, its time resolution, its capture filter.
KEPT_OPTIONS = (2, 9, 11)


def capture_filter(servers: Iterable[ServerSpec]) -> str:
    """The filter that lets only the traffic of these servers through."""
    return " or ".join(f"(host {server.address} and tcp port {server.port})" for server in servers)


class Dumpcap:
    """A running dumpcap that writes to `path`."""

    def __init__(self, interface: str, wanted: str, path: Path) -> None:
        self._interface = interface
        self._wanted = wanted
        self._path = path
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Returns when it captures. Raises CcxDissectError when it is not there, or may not capture."""
        program = shutil.which("dumpcap")
        if program is None:
            raise CcxDissectError("dumpcap is not installed; it comes with Wireshark (package wireshark-common)")
        self._process = await asyncio.create_subprocess_exec(
            program, "-q", "-i", self._interface, "-f", self._wanted, "-w", str(self._path),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            said = await asyncio.wait_for(self._until_capturing(self._process), STARTING_TIME)
        except TimeoutError:
            await self.stop()
            raise CcxDissectError(f"dumpcap did not begin to capture within {STARTING_TIME:g} s") from None
        if said is not None:
            await self._process.wait()
            self._process = None
            raise CcxDissectError(one_line(f"dumpcap cannot capture on {self._interface}: {said}"))

    @staticmethod
    async def _until_capturing(process: asyncio.subprocess.Process) -> str | None:
        """None once it captures, or what it said before it gave up."""
        lines = []
        while process.stderr is not None:
            line = (await process.stderr.readline()).decode("utf-8", "replace")
            if not line:
                break
            if line.startswith("File:"):
                return None
            if line.strip():
                lines.append(line.strip())
        told = [line for line in lines if not line.startswith("Capturing on")]
        return " ".join(told[:2]) or "it ended without saying why"

    async def stop(self) -> None:
        """Lets it take the last packets, and ends it."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        await asyncio.sleep(SETTLING_TIME)
        process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.communicate(), STARTING_TIME)
        except TimeoutError:
            process.kill()
            await process.wait()
        self._process = None


def made_plain(data: bytes, comment: str, begin: int | None) -> bytes:
    """A pcapng file (as dumpcap writes it here) without what it tells of the machine that made it.

    Keeps the packets and what their interface is; puts `comment` on the section. With `begin` (ns since the epoch) all
    time stamps are moved alike, so that the first packet is at that time.
    """
    order = "<" if data[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    units: list[int] = []
    shift: int | None = None if begin is not None else 0
    out = [pcapng_blocks.section("ccxdissect lab, captured by dumpcap", comment, order=order)]
    for kind, body in _blocks(data, order):
        if kind == INTERFACE_DESCRIPTION:
            options = dict(_options(body[8:], order))
            resolution = options.get(9, b"\x06")[0]
            units.append(SECOND // (1 << (resolution & 0x7F)) if resolution & 0x80 else SECOND // 10**resolution)
            kept = pcapng_blocks.options([(code, options[code]) for code in KEPT_OPTIONS if code in options], order)
            out.append(pcapng_blocks.block(INTERFACE_DESCRIPTION, body[:8] + (kept or bytes(4)), order))
        elif kind == ENHANCED_PACKET:
            interface, high, low, captured, size = struct.unpack_from(order + "IIIII", body)
            stamp = high << 32 | low
            unit = max(units[interface], 1)
            if shift is None:
                shift = (begin or 0) // unit - stamp
            stamp += shift
            out.append(pcapng_blocks.packet(interface, stamp, body[20 : 20 + captured], size, order))
    return b"".join(out)


def _blocks(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 12 <= len(data):
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or at + length > len(data):
            return
        yield kind, data[at + 8 : at + length - 4]
        at += length


def _options(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from(order + "HH", data, at)
        if code == 0:
            return
        yield code, data[at + 4 : at + 4 + length]
        at += 4 + (length + 3 & ~3)
