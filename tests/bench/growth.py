"""How time grows with the input: every pair of a command and a kind of input at n and at 2n.

Run by hand: `python tests/bench/growth.py [N] [COMMAND ...]`. Prints processor seconds at N and 2 N, less those of an
empty capture, and their ratio (2 is linear), the worst last; fails when one is above LIMIT.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from traffic import ENCODER, VERSION, Client, Writer, opening

#: What doubling the input may cost, and the seconds below which a ratio says nothing.
LIMIT = 2.2
_TELLING = 0.3
COMMANDS = {
    "messages": ["--format", "jsonl"],
    "exchanges": ["--format", "jsonl"],
    "sessions": ["--format", "jsonl"],
    "calls": ["--format", "jsonl"],
    "agents": ["--format", "jsonl"],
    "findings": ["--format", "jsonl"],
    "stats": [],
    "summary": [],
    "redact": ["-", "--quiet"],
}


def _session(writer: Writer, number: int = 0) -> Client:
    client = Client(writer, number)
    for side, name, fixed, floating in opening(number):
        client.say(side, name, fixed, floating)
    return client


def calls(writer: Writer, count: int) -> None:
    """Calls that begin, each with a number of its own."""
    client = _session(writer)
    for number in range(count):
        numbers = [("ConnectionDeviceID", "2001"), ("ANI", f"+49{number:010}"), ("DNIS", "800")]
        client.say(1, "BEGIN_CALL_EVENT", {"CallID": 1000 + number, "CallType": 1}, numbers)


def agents(writer: Writer, count: int) -> None:
    """Agents, each seen once."""
    client = _session(writer)
    for number in range(count):
        who = [("AgentID", f"{number:06}"), ("AgentExtension", f"{number:06}"), ("AgentInstrument", f"{number:06}")]
        client.say(1, "AGENT_STATE_EVENT", {"AgentState": 3}, who)


def sessions(writer: Writer, count: int) -> None:
    """Sessions of one message pair each, all open at once."""
    for number in range(count):
        _session(writer, number)


def unanswered(writer: Writer, count: int) -> None:
    """Requests that nobody answers."""
    client = _session(writer)
    for number in range(count):
        client.say(0, "ANSWER_CALL_REQ", {"InvokeID": number + 2, "CallID": number}, [("ConnectionDeviceID", "1")])


def unknown(writer: Writer, count: int) -> None:
    """Messages of types that nobody declared."""
    client = _session(writer)
    for number in range(count):
        client._send(1, 24, (4).to_bytes(4, "big") + (30_000 + number % 30_000).to_bytes(4, "big") + b"abcd")


def lookalikes(writer: Writer, count: int) -> None:
    """Headers within the fields of messages that begin everywhere, out of step."""
    client = _session(writer)
    client._send(1, 24, b"\x7f\xff\xff\xff" * 2)
    block = (15_974).to_bytes(4, "big") + (5).to_bytes(4, "big") + bytes(4) + b"\x09\x0c"
    for _ in range(count):
        client._send(1, 24, block * 4)


def single_bytes(writer: Writer, count: int) -> None:
    """Messages cut into segments of one byte."""
    client = _session(writer)
    beat = ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 9}, [], version=VERSION)
    for number in range(count):
        at = number % len(beat)
        client._send(0, 24, beat[at : at + 1])


INPUTS: tuple[Callable[[Writer, int], None], ...] = (
    calls, agents, sessions, unanswered, unknown, lookalikes, single_bytes,
)  # fmt: skip


def seconds(command: str, path: Path) -> float:
    """Processor seconds that a command takes on a capture."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    call = [sys.executable, "-m", "ccxdissect", command, str(path), *COMMANDS[command]]
    subprocess.run(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def capture(folder: Path, make: Callable[[Writer, int], None] | None, count: int) -> Path:
    """A capture of so many of a kind."""
    path = folder / f"{make.__name__ if make else 'empty'}-{count}.pcap"
    with path.open("wb") as file:
        writer = Writer(file, 1_700_000_000_000_000)
        if make is not None:
            make(writer, count)
        else:
            _session(writer)
    return path


def main() -> int:
    """Measure, print, judge."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    commands = sys.argv[2:] or list(COMMANDS)
    found: list[tuple[float, str, str, float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty = capture(folder, None, 0)
        idle = {command: seconds(command, empty) for command in commands}
        for make in INPUTS:
            paths = [capture(folder, make, count), capture(folder, make, 2 * count)]
            for command in commands:
                once, twice = (max(seconds(command, path) - idle[command], 0.001) for path in paths)
                found.append((twice / once if once > _TELLING else 0.0, command, make.__name__, once, twice))
            for path in paths:
                os.unlink(path)
    for ratio, command, kind, once, twice in sorted(found):
        print(f"{command:10} {kind:13} {once:8.2f} s {twice:8.2f} s  {ratio:5.2f}")
    return int(max(found)[0] > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
