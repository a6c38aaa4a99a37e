"""How time grows with the input: every pair of a command and a kind of input at n and at 2n.

    python tests/bench/growth.py [--size N] [--command NAME ...] [--input NAME ...]

Prints processor seconds of the command at N and 2 N, less those of an empty input, and their ratio (2 is linear), the
worst last; fails when one is above LIMIT. A pair above it is measured twice more, and the least time counts: what else
the machine does can only make it longer.
"""

from __future__ import annotations

import argparse
import os
import resource
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from traffic import ENCODER, VERSION, Client, Writer, opening

#: What doubling the input may cost, and the seconds below which a ratio says nothing.
LIMIT = 2.2
_TELLING = 0.3
#: What stands behind a command: PATH is the input, OUT a place that is not there yet; STDIN: the input comes by a pipe.
COMMANDS = {
    "messages": ["PATH", "--format", "jsonl"],
    "messages-table": ["PATH"],
    "messages-csv": ["PATH", "--format", "csv"],
    "messages-where": ["PATH", "--where", "InvokeID == 7 or AgentState == READY", "--format", "jsonl"],
    "show": ["PATH", "1"],
    "exchanges": ["PATH", "--format", "jsonl"],
    "sessions": ["PATH", "--format", "jsonl"],
    "calls": ["PATH", "--format", "jsonl"],
    "agents": ["PATH", "--format", "jsonl"],
    "findings": ["PATH", "--format", "jsonl"],
    "stats": ["PATH"],
    "summary": ["PATH"],
    "ladder": ["PATH", "--most", "100000000"],
    "ladder-svg": ["PATH", "--most", "100000000", "--format", "svg"],
    "report": ["PATH", "-o", "OUT"],
    "export": ["PATH", "--output", "OUT"],
    "sql": ["PATH", "SELECT count(*) FROM messages"],
    "redact": ["PATH", "-", "--quiet"],
    "live": ["-", "--format", "jsonl", "STDIN"],
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


def devices(writer: Writer, count: int) -> None:
    """Devices, each with a call that moves to it."""
    client = _session(writer)
    for number in range(count):
        device = [("ConnectionDeviceID", f"{number:07}"), ("AlertingDeviceID", f"{number:07}")]
        client.say(1, "CALL_DELIVERED_EVENT", {"CallID": 5 + number // 100, "LocalConnectionState": 2}, device)


def names(writer: Writer, count: int) -> None:
    """Variables of calls, each called otherwise and with a value of its own."""
    client = _session(writer)
    for number in range(count):
        value = [("ConnectionDeviceID", "2001"), ("CallVariable1", f"name {number}"), ("CallVariable2", f"{number:x}")]
        client.say(1, "CALL_DATA_UPDATE_EVENT", {"CallID": 5}, value)


def short_sessions(writer: Writer, count: int) -> None:
    """Sessions of two messages that end, one after the other."""
    for number in range(count // 4):
        _session(writer, number).end()


def losses(writer: Writer, count: int) -> None:
    """Heartbeats of which every third is missing, in halves of a message."""
    client = _session(writer)
    beat = ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 9}, [], version=VERSION)
    for number in range(count):
        if number % 3 == 1:
            client._at[0] += 6
        else:
            client._send(0, 24, beat[:6] if number % 2 else beat[6:])


def swapped(writer: Writer, count: int) -> None:
    """Segments by pairs, the later one first."""
    client = _session(writer)
    beat = ENCODER.encode("HEARTBEAT_REQ", {"InvokeID": 9}, [], version=VERSION)
    for _ in range(count // 2):
        client._at[0] += len(beat)
        client._send(0, 24, beat)
        client._at[0] -= 2 * len(beat)
        client._send(0, 24, beat)
        client._at[0] += len(beat)


def fragments(writer: Writer, count: int) -> None:
    """First pieces of IP datagrams whose rest never comes."""
    _session(writer)
    for number in range(count):
        ip = struct.pack(
            ">BBHHHBBH4s4s", 0x45, 0, 60, number & 0xFFFF, 0x2000, 64, 6, 0, bytes([10, 0, 0, 1]), b"\x0a\0\0\x09"
        )
        frame = bytes(12) + b"\x08\x00" + ip[:4] + ip[4:] + bytes(40)
        writer._file.write(
            struct.pack("<IIII", *divmod(writer.time + number, 1_000_000), len(frame), len(frame)) + frame
        )


def log_lines(count: int) -> bytes:
    """Messages in a server's log, each by a thread of its own."""
    rows = [
        f"{number}: Nov 20 10:{number // 60_000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03} UTC %MIVR-ICD_CTI-7-UNK:Agent{number} thread "
        f"decode: AgentStateEvent:{{invokeID=0 agentState=3 agentID=agent{number} agentExtension={number:06}}}\n"
        for number in range(count)
    ]
    return "".join(rows).encode()


def endless_line(count: int) -> bytes:
    """A log of one line that does not end."""
    return b"1: Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK:{ type=OPEN_REQ, " + b"clientID=a, " * (10 * count)


INPUTS: tuple[Callable[[Writer, int], None], ...] = (
    calls, agents, devices, names, sessions, short_sessions, unanswered, unknown, lookalikes, single_bytes, losses,
    swapped, fragments,
)  # fmt: skip
LOGS: tuple[Callable[[int], bytes], ...] = (log_lines, endless_line)
#: What takes no log.
_NO_LOGS = {"live"}


def seconds(command: str, path: Path) -> float:
    """Processor seconds that a command takes on an input."""
    with tempfile.TemporaryDirectory() as folder:
        places = {"PATH": str(path), "OUT": f"{folder}/out"}
        given = [places.get(one, one) for one in COMMANDS[command] if one != "STDIN"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        call = [sys.executable, "-m", "ccxdissect", command.partition("-")[0], *given]
        with open(path if "STDIN" in COMMANDS[command] else os.devnull, "rb") as source:
            done = subprocess.run(call, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(f"{command} {path}: {done.stderr.decode()}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def written(folder: Path, name: str, count: int) -> Path:
    """An input of so many of a kind; "empty" has next to nothing."""
    path = folder / f"{name}-{count}"
    with path.open("wb") as file:
        for log in LOGS:
            if log.__name__ == name:
                file.write(log(count))
                return path
        writer = Writer(file, 1_700_000_000_000_000)
        for make in (_session, *INPUTS):
            if make.__name__ == name:
                make(writer, count)  # type: ignore[operator]
    return path


def main() -> int:
    """Measure, print, judge."""
    known = [one.__name__ for one in (*INPUTS, *LOGS)]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=20_000, metavar="N")
    parser.add_argument("--command", choices=COMMANDS, action="append")
    parser.add_argument("--input", choices=known, action="append")
    args = parser.parse_args()
    commands = args.command or list(COMMANDS)
    found: list[tuple[float, str, str, float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty = written(folder, "_session", 0)
        idle = {command: seconds(command, empty) for command in commands}
        for kind in args.input or known:
            paths = [written(folder, kind, args.size), written(folder, kind, 2 * args.size)]
            for command in commands:
                if command in _NO_LOGS and kind not in {one.__name__ for one in INPUTS}:
                    continue
                once, twice = times = [seconds(command, path) - idle[command] for path in paths]
                for _ in range(2):
                    if once > _TELLING and twice / once > LIMIT:
                        again = [seconds(command, path) - idle[command] for path in paths]
                        once, twice = times = [min(pair) for pair in zip(times, again, strict=True)]
                ratio = twice / once if once > _TELLING else 0.0
                print(f"{command:14} {kind:14} {once:8.2f} s {twice:8.2f} s  {ratio:5.2f}", flush=True)
                found.append((ratio, command, kind, once, twice))
            for path in paths:
                path.unlink()
    ratio, command, kind, once, twice = max(found)
    print(f"the worst: {command} of {kind}, {once:.2f} s and {twice:.2f} s, {ratio:.2f} times")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
