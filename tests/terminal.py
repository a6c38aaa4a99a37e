"""A terminal in which a test runs something, presses keys and looks at the screen: tmux."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
tmux = shutil.which("tmux")
in_terminal = pytest.mark.skipif(tmux is None, reason="needs tmux")
PATIENCE = 60.0
_COUNTER = itertools.count()


class Screen:
    """A terminal in which something runs."""

    def __init__(self, command: str, width: int = 170, height: int = 44) -> None:
        # A server of its own for each: one that is just ending takes nobody in.
        self._socket = f"ccxdissect-test-{os.getpid()}-{next(_COUNTER)}"
        shell = f"unset COLUMNS LINES; cd {ROOT}; {command}; sleep 60"
        self._tmux("new-session", "-d", "-x", str(width), "-y", str(height), shell)

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run([tmux or "", "-L", self._socket, *arguments], capture_output=True, check=True)
        return done.stdout.decode()

    def text(self) -> str:
        return self._tmux("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        for key in keys:
            self._tmux("send-keys", key)
            time.sleep(0.15)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", text)

    def until(self, test: Callable[[str], bool]) -> str:
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            text = self.text()
            if test(text):
                return text
            time.sleep(0.1)
        raise AssertionError(f"not within {PATIENCE} s:\n{text}")

    def until_seen(self, *wanted: str) -> str:
        return self.until(lambda text: all(one in text for one in wanted))

    def close(self) -> None:
        self._tmux("kill-server")
