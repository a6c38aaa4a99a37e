"""Packets of an interface through dumpcap, Wireshark's small capture program.

It needs no root for those whom the system lets capture (on most systems the members of the group `wireshark`), and it
keeps up where Python cannot. It writes pcapng to a pipe that we read; what it has to say is on its standard error.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import BinaryIO, cast

from ccxdissect.capture.files import packets
from ccxdissect.capture.live_filter import capture_filter
from ccxdissect.capture.live_source import CHUNK, QUIET, LiveNotices, Tap, Waiting
from ccxdissect.capture.packet import Packet
from ccxdissect.errors import CaptureError, one_line

#: Seconds that dumpcap has to hand over its last packets.
PATIENCE = 5.0
#: What is kept of what dumpcap says.
MOST_SAID = 1 << 16
#: Characters of it that are repeated to the user.
MOST_REPEATED = 400
#: MiB of the kernel's buffer: some seconds of a busy network while we are slow.
BUFFER = 32

NO_RIGHT = (
    "no right to capture here: add yourself to the group wireshark (sudo usermod -aG wireshark $USER, then log in "
    "again), or run this with sudo"
)
ENDED = "dumpcap ended"

_DROPS = re.compile(r"received/dropped on interface .*: *(\d+)/(\d+)")
_PASSING = re.compile(r"^(Capturing on |File: |Packets captured: |Packets received/dropped |Packets: )")


def dumpcap() -> str | None:
    """Where dumpcap is; None when it is not there, or not for us."""
    return shutil.which("dumpcap")


class DumpcapSource:
    """The packets of one interface on `ports`, captured by a dumpcap of our own."""

    def __init__(self, interface: str, ports: frozenset[int], program: str = "dumpcap") -> None:
        self.name = interface
        self.dropped: int | None = None
        self.notices = LiveNotices()
        self._ports = ports
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._said = b""
        self._stopping = False
        self._deadline: float | None = None

    def packets(self, waiting: Waiting) -> Iterator[Packet]:
        """See LiveSource. Raises CaptureError when dumpcap cannot capture there, saying what to do about it."""
        try:
            tap = self._open(waiting)
            if tap is None:
                return
            waiting.begun()
            self.notices.tap = tap
            for packet in packets(cast(BinaryIO, tap), self.notices):
                if tap.given_up:
                    return
                yield packet._replace(source=self.name)
            self._see_how_it_ended()
        finally:
            self.close()

    def _see_how_it_ended(self) -> None:
        """Nobody told it to end, and its output is over: raise CaptureError if something killed it."""
        process = self._process
        if process is None or self._stopping:
            return
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return
        if status < 0:
            raise CaptureError(
                self.name, f"dumpcap was killed (signal {-status}): what passes now is not captured; start again"
            )

    def _open(self, waiting: Waiting) -> Tap | None:
        """Start dumpcap, and wait until it captures; None when it was stopped before."""
        for vlan in (True, False):
            tap = self._start(waiting, vlan)
            if tap.look():
                return tap
            self._reap()
            if self._stopping:
                return None
            said = self._complaint()
            if not (vlan and "VLAN" in said):
                raise self._refusal(said)
        raise AssertionError("the filter without VLAN tags cannot be refused for them")

    def _start(self, waiting: Waiting, vlan: bool) -> Tap:
        self._said = b""
        command = [self._program, "-q", "-i", self.name, "-B", str(BUFFER), "-f", capture_filter(self._ports, vlan)]
        try:
            process = subprocess.Popen(
                [*command, "-w", "-"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # Ctrl-C is for us: dumpcap is ended when we have heard of it.
                start_new_session=True,
            )
        except PermissionError as error:
            raise CaptureError(self.name, NO_RIGHT) from error
        self._process = process
        assert process.stdout is not None and process.stderr is not None
        return Tap(process.stdout.fileno(), self.name, waiting, self._end_it, process.stderr.fileno(), self._hear)

    def _end_it(self) -> bool:
        """Once we are to stop: end dumpcap, and read on until it has given its last packets."""
        if not self._stopping:
            return False
        if self._deadline is None:
            self._signal(signal.SIGINT)
            self._deadline = time.monotonic() + PATIENCE
        return time.monotonic() > self._deadline

    def stop(self) -> None:
        """See LiveSource."""
        self._stopping = True

    def close(self) -> None:
        """See LiveSource. Knows afterwards what dumpcap dropped."""
        process = self._process
        if process is None:
            return
        self._process = None
        self._said_last(process)
        found = _DROPS.search(self._said.decode("utf-8", "replace"))
        if found is not None:
            self.dropped = int(found[2])
        else:
            self.notices.add("dumpcap did not say how many packets it dropped", None, self.name)
        complaint = self._complaint()
        if complaint and not self._stopping:
            self.notices.add(ENDED, None, self.name, complaint[:MOST_REPEATED])

    def _reap(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            self._said_last(process)

    def _said_last(self, process: subprocess.Popen[bytes]) -> None:
        """End a dumpcap, and read to the end what it says; nothing of it is left behind."""
        assert process.stdout is not None and process.stderr is not None
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        # Once told to end, it has had its time.
        end = self._deadline if self._deadline is not None else time.monotonic() + PATIENCE
        descriptors = {process.stdout.fileno(), process.stderr.fileno()}
        try:
            while descriptors and time.monotonic() < end:
                for descriptor in select.select(list(descriptors), [], [], QUIET)[0]:
                    data = os.read(descriptor, CHUNK)
                    if not data:
                        descriptors.discard(descriptor)
                    elif descriptor == process.stderr.fileno():
                        self._hear(data)
            process.wait(max(end - time.monotonic(), QUIET))
        except subprocess.TimeoutExpired:
            pass
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()
            process.stderr.close()

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _hear(self, said: bytes) -> None:
        self._said = (self._said + said)[-MOST_SAID:]

    def _complaint(self) -> str:
        """What dumpcap said besides its usual lines, as one sentence or two."""
        lines = [line.strip() for line in self._said.decode("utf-8", "replace").splitlines()]
        told = [line.removeprefix("dumpcap: ") for line in lines if line and not _PASSING.match(line)]
        return one_line(" ".join(told))

    def _refusal(self, said: str) -> CaptureError:
        low = said.lower()
        if "permission" in low or "not permitted" in low:
            return CaptureError(self.name, NO_RIGHT)
        if "no such device" in low or "no device named" in low or "no interface" in low:
            return CaptureError(self.name, "there is no such interface: `ccxdissect live` alone lists them")
        if len(said) > MOST_REPEATED:
            said = said[:MOST_REPEATED] + "..."
        return CaptureError(self.name, f"dumpcap cannot capture: {said or 'it ended without saying why'}")
