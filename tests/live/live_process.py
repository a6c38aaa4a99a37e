"""Runs `ccxdissect live` as its users do, and talks to it while it runs."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "samples").glob("*.pcapng"))
#: Seconds that anything here may take.
PATIENCE = 60.0


def can_capture() -> bool:
    """Whether real captures on the loopback can be made here."""
    return os.geteuid() == 0 and shutil.which("dumpcap") is not None


class Live:
    """A running `ccxdissect live`; `out` and `said` grow as it writes."""

    def __init__(self, *arguments: str, path: str | None = None, through: Sequence[str] = ()) -> None:
        environment = dict(os.environ, PYTHONUNBUFFERED="1")
        if path is not None:
            environment["PATH"] = path
        self.process = subprocess.Popen(
            [*through, sys.executable, "-m", "ccxdissect", "live", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
        )
        self.out: list[str] = []
        self.said: list[str] = []
        assert self.process.stdout is not None and self.process.stderr is not None
        self._threads = [
            threading.Thread(target=self._collect, args=(self.process.stdout, self.out), daemon=True),
            threading.Thread(target=self._collect, args=(self.process.stderr, self.said), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @staticmethod
    def _collect(stream: object, into: list[str]) -> None:
        for line in stream:  # type: ignore[attr-defined]
            into.append(line.decode().rstrip("\n"))

    def wait_for(self, text: str, where: list[str] | None = None) -> float:
        """Until a line holds `text` (on standard error unless `where` says otherwise); the seconds it took."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            if any(text in line for line in (self.said if where is None else where)):
                return time.monotonic() - began
            time.sleep(0.02)
        raise AssertionError(f"{text!r} was not said; {self.said} {self.out[-5:]}")

    def end_input(self) -> int:
        """End what it reads, and wait for its end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.end()

    def end(self) -> int:
        """Wait for its end; the exit status. Everything it wrote is there afterwards."""
        status = self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        if self.process.stdin is not None:
            self.process.stdin.close()
        return status


def children(pid: int) -> list[int]:
    """The processes that a process has started and not got rid of (Linux)."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def run(*arguments: str) -> str:
    """Another command's standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "ccxdissect", *arguments], cwd=ROOT, capture_output=True, timeout=60, check=True
    )
    return done.stdout.decode()


class Loopback:
    """A TCP connection of this machine with itself: `client` and `server` are its two ends."""

    def __init__(self) -> None:
        # It keeps the port from here on: a free one that is let go is another process's the next moment.
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.client: socket.socket
        self.server: socket.socket

    def connect(self) -> None:
        self.client = socket.create_connection(("127.0.0.1", self.port))
        self.server, _ = self._listening.accept()
        self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes, cuts: random.Random | None = None) -> None:
        """The client sends it all, cut at random places; the server has read it when this returns."""
        at = 0
        while at < len(data):
            size = cuts.randint(1, 60) if cuts is not None else len(data)
            self.client.sendall(data[at : at + size])
            at += size
        left = len(data)
        while left:
            left -= len(self.server.recv(min(left, 65536)))

    def close(self) -> None:
        self.client.close()
        self.server.close()
        self._listening.close()


def numbers(lines: Sequence[str]) -> list[int]:
    """The message numbers of JSON lines."""
    return [int(line.split(",", 1)[0].removeprefix('{"number":')) for line in lines]
