"""How time grows with the input: every pair of a command and a kind of input at n and at 2n.

    python tests/bench/growth.py [--size N] [--command NAME ...] [--input NAME ...] [--results FILE]

Prints processor seconds of the command at N and 2 N, less those of an empty input, their ratio (2 is linear) and the
memory that it held at most at 2 N, the worst last; fails when one ratio is above LIMIT, or a command held more than
MOST_HELD. Each command runs in a child of this process, which has loaded everything already: start-up is not measured
again and again. Where N takes less than TELLING, N is doubled, up to MOST_DOUBLED times: then the ratio says nothing. A
pair above LIMIT is measured up to four times more, and the least times count: what else the machine does can only make
it longer. If it is above LIMIT still, N is doubled, up to twice: what grows faster than its input does so there as well,
while a step (columns, say, that are used from a size on) and a table that fills no cache any longer stay behind.
"""

from __future__ import annotations

import argparse
import fcntl
import gc
import os
import pty
import re
import signal
import struct
import sys
import tempfile
import termios
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from traffic import ENCODER, VERSION, Client, Writer, opening

from ccxdissect.cli.main import main as command_line

#: What doubling the input may cost; the seconds below which a ratio says nothing, and how often N is doubled to reach them.
LIMIT = 2.2
TELLING = 0.2
MOST_DOUBLED = 3
#: MiB that a command may hold, and seconds after which it is ended.
MOST_HELD = 256
MOST_SECONDS = 600
#: What stands behind a command: PATH is the input, HALF one of half its size, OUT a place that is not there yet. STDIN:
#: the input comes by standard input; HEX: its packets do, printed as hexadecimal; SCREEN: shown in a terminal.
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
    "cut": ["PATH", "-o", "OUT", "--where", "InvokeID != 7"],
    "compare": ["PATH", "HALF"],
    "decode": ["HEX"],
    "watch": ["PATH", "SCREEN"],
}
#: What says how a command is run, and is no argument of it.
_WAYS = ("STDIN", "HEX", "SCREEN")


def _session(writer: Writer, number: int | None = None) -> Client:
    if number is None:
        # One that is nobody else's in the same file.
        number = 1_000_000 + writer.time // 2_000 % 10_000
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


def heartbeats(writer: Writer, count: int) -> None:
    """Heartbeats, each answered, and nothing else."""
    client = _session(writer)
    for number in range(count // 2):
        client.say(0, "HEARTBEAT_REQ", {"InvokeID": number + 2}, [])
        client.say(1, "HEARTBEAT_CONF", {"InvokeID": number + 2}, [])


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
        f"{number}: Nov 20 10:{number // 60_000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03} UTC %MIVR-ICD_CTI-7-UNK:"
        f"[MIVR_ICD_CTI_CLIENTPOOL-60-{number}-client_thread_{number}] ClientConn: ClientConnMgr: Processing msg on socket:"
        f"Socket[addr=/10.{number >> 16}.{number >> 8 & 255}.{number & 255},port=50000,localport=12028] "
        f"Msg is {{ length=40 type=OPEN_REQ, invokeID={number}, versionNumber=14, idleTimeout=100, clientID=agent{number}, "
        f"agentExt={number:06} }}\n"
        for number in range(count)
    ]
    return "".join(rows).encode()


def endless_line(count: int) -> bytes:
    """A log of one line that does not end."""
    return b"1: Nov 20 10:43:59.435 EDT %MIVR-ICD_CTI-7-UNK:{ type=OPEN_REQ, " + b"clientID=a, " * (10 * count)


INPUTS: tuple[Callable[[Writer, int], None], ...] = (
    calls, agents, devices, names, sessions, short_sessions, unanswered, heartbeats, unknown, lookalikes, single_bytes, losses,
    swapped, fragments,
)  # fmt: skip
LOGS: tuple[Callable[[int], bytes], ...] = (log_lines, endless_line)
#: How a terminal is told where and in what colour to write, and what the screen says once its input is read.
_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")
_READ = re.compile(rb"\S  read\b")
#: What takes no log.
_NO_LOGS = {"live", "decode"}
#: What has threads, a pipe or a terminal, and loads what it needs in each child anew.
_COLD = {"export", "sql", "live", "redact", "decode", "watch"}


class Cost(NamedTuple):
    """Processor seconds that a command took, and the MiB that it held at most."""

    seconds: float
    held: float


def arguments(command: str, path: Path, half: Path, folder: str) -> list[str]:
    places = {"PATH": str(path), "HALF": str(half), "OUT": f"{folder}/out"}
    return [command.partition("-")[0], *(places.get(one, one) for one in COMMANDS[command] if one not in _WAYS)]


def cost(command: str, path: Path, half: Path | None = None) -> Cost:
    """What a command costs on an input; `half`: one of half its size (default: the same)."""
    ways = COMMANDS[command]
    with tempfile.TemporaryDirectory() as folder:
        given = arguments(command, path, half or path, folder)
        source = str(path) if "STDIN" in ways else _printed(path) if "HEX" in ways else os.devnull
        said = Path(folder, "said")
        child, terminal = pty.fork() if "SCREEN" in ways else (os.fork(), None)
        if not child:
            if terminal is None:
                for descriptor, onto in (
                    (os.open(source, os.O_RDONLY), 0),
                    (os.open(os.devnull, os.O_WRONLY), 1),
                    (os.open(said, os.O_CREAT | os.O_WRONLY), 2),
                ):
                    os.dup2(descriptor, onto)
            else:
                # What this process wrote to may be a file, and remembers a place in it.
                sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
                sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
            status = 70
            try:
                signal.alarm(MOST_SECONDS)
                sys.argv = ["ccxdissect", *given]
                status = command_line(given)
                sys.stdout.flush()
            except SystemExit as ended:
                status = ended.code if isinstance(ended.code, int) else 70
            finally:
                os._exit(status)
        shown = b"" if terminal is None else _look(terminal)
        _, status, used = os.wait4(child, 0)
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            told = shown.decode("utf-8", "replace") if terminal is not None else said.read_text()
            raise SystemExit(f"{command} {path}: {os.waitstatus_to_exitcode(status)} {told[-2000:]}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _look(terminal: int) -> bytes:
    """Look at a full screen until it has read its input, leave it with `q`, and give what it wrote last."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 150, 0, 0))
    shown, left = b"", False
    while True:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:
            # It has ended.
            os.close(terminal)
            return shown
        shown = (shown + piece)[-(1 << 16) :]
        if not left and _READ.search(_ESCAPES.sub(b"", shown)):
            os.write(terminal, b"q")
            left = True


def _printed(path: Path) -> str:
    """A file with the packets of a capture, a line of hexadecimal each."""
    printed = path.with_name(f"{path.name}.hex")
    if not printed.exists():
        data = path.read_bytes()
        at = 24
        with printed.open("w") as file:
            while at < len(data):
                size = int.from_bytes(data[at + 8 : at + 12], "little")
                file.write(f"{data[at + 16 : at + 16 + size].hex()}\n")
                at += 16 + size
    return str(printed)


def warm(command: str, path: Path) -> None:
    """Run a command here, for what it loads."""
    streams = sys.stdout, sys.stderr
    try:
        with open(os.devnull, "w") as nowhere, tempfile.TemporaryDirectory() as folder:
            sys.stdout = sys.stderr = nowhere
            command_line(arguments(command, path, path, folder))
    except SystemExit:
        pass
    finally:
        sys.stdout, sys.stderr = streams


def written(folder: Path, name: str, count: int) -> Path:
    """An input of so many of a kind; "empty" has next to nothing."""
    path = folder / f"{name}-{count}"
    if path.exists():
        return path
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


class Pair(NamedTuple):
    """A command on a kind of input: its size, seconds at that and at twice that, and MiB at the latter."""

    command: str
    kind: str
    size: int
    once: float
    twice: float
    held: float

    @property
    def tells(self) -> bool:
        """Whether it took long enough for its ratio to say something."""
        return self.once > TELLING

    @property
    def ratio(self) -> float:
        """How many times as long twice the input takes."""
        return self.twice / self.once if self.tells else 0.0

    def __str__(self) -> str:
        ratio = f"{self.ratio:5.2f}" if self.tells else "    -"
        times = f"{self.once:8.2f} s {self.twice:8.2f} s"
        return f"{self.command:14} {self.kind:14} {self.size:7} {times}  {ratio} {self.held:6.0f} MiB"


def measured(folder: Path, command: str, kind: str, size: int, idle: float) -> Pair:
    """One pair, measured as often as it takes."""
    most = size << MOST_DOUBLED
    while True:
        first = _spent(folder, command, kind, size)
        wanted = max(first.seconds - idle, 0.02)
        if wanted > TELLING or size == most:
            break
        # As often doubled as it seems to take, and not measured in between.
        while wanted <= TELLING and size < most:
            size, wanted = size * 2, wanted * 2
    for further in range(3):
        if further:
            size *= 2
            first = _spent(folder, command, kind, size)
        second = _spent(folder, command, kind, 2 * size)
        times = [first.seconds - idle, second.seconds - idle]
        pair = Pair(command, kind, size, *times, second.held)
        for _ in range(4):
            if pair.ratio <= LIMIT:
                return pair
            spent = [_spent(folder, command, kind, count).seconds - idle for count in (size, 2 * size)]
            times = [min(before, now) for before, now in zip(times, spent, strict=True)]
            pair = Pair(command, kind, size, *times, pair.held)
    return pair


def _spent(folder: Path, command: str, kind: str, size: int) -> Cost:
    half = written(folder, kind, size // 2) if "HALF" in COMMANDS[command] else None
    return cost(command, written(folder, kind, size), half)


def table(pairs: list[Pair]) -> str:
    """The ratios as rows of commands under kinds of input."""
    kinds = list(dict.fromkeys(pair.kind for pair in pairs))
    rows = [f"| | {' | '.join(kind.replace('_', ' ') for kind in kinds)} |", f"| --- |{' ---: |' * len(kinds)}"]
    for command in dict.fromkeys(pair.command for pair in pairs):
        told = {pair.kind: f"{pair.ratio:.2f}" if pair.tells else "-" for pair in pairs if pair.command == command}
        rows.append(f"| {command} | {' | '.join(told.get(kind, '') for kind in kinds)} |")
    return "\n".join(rows) + "\n"


def main() -> int:
    """Measure, print, judge."""
    known = [one.__name__ for one in (*INPUTS, *LOGS)]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=4_000, metavar="N")
    parser.add_argument("--command", choices=COMMANDS, action="append")
    parser.add_argument("--input", choices=known, action="append")
    parser.add_argument("--results", type=Path, metavar="FILE", help="write the ratios there, as a table")
    args = parser.parse_args()
    commands = args.command or list(COMMANDS)
    found: list[Pair] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        empty = written(folder, "_session", 0)
        for command in commands:
            # Loads what it needs, so that its children do not have to.
            if command not in _COLD:
                warm(command, empty)
        gc.freeze()
        idle = {command: min(cost(command, empty).seconds for _ in range(3)) for command in commands}
        for kind in args.input or known:
            for command in commands:
                if command in _NO_LOGS and kind not in {one.__name__ for one in INPUTS}:
                    continue
                pair = measured(folder, command, kind, args.size, idle[command])
                print(pair, flush=True)
                found.append(pair)
            for path in folder.glob(f"{kind}-*"):
                path.unlink()
    if args.results:
        args.results.write_text(table(found))
    worst, largest = max(found, key=lambda pair: pair.ratio), max(found, key=lambda pair: pair.held)
    print(f"the worst: {worst}\nthe largest: {largest}")
    return int(worst.ratio > LIMIT or largest.held > MOST_HELD)


if __name__ == "__main__":
    raise SystemExit(main())
