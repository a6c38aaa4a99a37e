"""`ccxdissect live -` at work for long: its memory, and how late its rows come.

    python tests/bench/live_hour.py [--rate 2000] [--seconds 3600]

plays the traffic of a contact center into its pipe as fast as it would pass: calls of 300 agents over 100 connections,
each closed and replaced after some thousand messages; of 10,000 segments some ten are lost, some ten swapped, some two
damaged. A line a minute: messages, MiB, processor seconds, and the lag of its rows, which is from the moment when a
packet was due to be written to the one when its row was read. Fails when memory grows by more than GROWTH after the
first tenth, or when the bytes that it says are missing are not those of the segments that were lost.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

_TESTS = Path(__file__).parents[1]
for place in (_TESTS, _TESTS / "live", _TESTS.parent, Path(__file__).parent):
    sys.path.insert(0, str(place))

from live_traffic import busy, write_capture  # noqa: E402
from traffic import Client, Writer, call, opening  # noqa: E402

#: MiB that the reading process may grow by after a tenth of the messages.
GROWTH = 8.0
#: Connections at a time, and messages after which one closes.
CONNECTIONS = 100
CLOSES_AFTER = 5_000
_TICKS = os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """MiB of memory that a process holds (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def processor(pid: int) -> float:
    """Processor seconds that a process has taken (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def run(
    feed: Callable[[str], None], line: Callable[[int, bytes, int], None], arguments: tuple[str, ...] = ()
) -> tuple[int, str]:
    """`live -` on what `feed` writes into the path that it is given; `line` hears each row's count, the row, and the
    number of the process. Gives the number of rows and what standard error said."""
    reading = subprocess.Popen(
        [sys.executable, "-m", "ccxdissect", "live", "-", "--format", "jsonl", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=_TESTS.parent,
    )
    assert reading.stdin is not None and reading.stdout is not None and reading.stderr is not None
    said: list[bytes] = []
    listening = threading.Thread(target=lambda: said.append(reading.stderr.read()))  # type: ignore[union-attr]
    listening.start()
    pipe = f"/proc/self/fd/{reading.stdin.fileno()}"

    def fed() -> None:
        feed(pipe)
        reading.stdin.close()  # type: ignore[union-attr]

    feeding = threading.Thread(target=fed)
    feeding.start()
    rows = 0
    for row in reading.stdout:
        rows += 1
        line(rows, row, reading.pid)
    feeding.join()
    reading.wait()
    listening.join()
    return rows, b"".join(said).decode()


def at_once(messages: int) -> tuple[list[float], int, str]:
    """So many messages as fast as they can be read: memory at each tenth, rows, and what standard error said."""
    held: list[float] = []
    tenth = max(messages // 10, 1)

    def line(rows: int, _: bytes, pid: int) -> None:
        if rows % tenth == 0:
            held.append(resident(pid))

    rows, said = run(lambda pipe: write_capture(pipe, busy(messages)), line)
    return held, rows, said


class Line(Writer):
    """Packets into a pipe, each when it is due; some of them lost, swapped or damaged on their way."""

    def __init__(self, file: io.BufferedWriter, rate: int, seconds: float) -> None:
        self._pipe = file
        self._chance = random.Random(1)
        self._late: tuple[bytes, int, bytes, int, int, int, int, bytes] | None = None
        #: Microseconds between two packets, and when the last is due.
        self._step = 1_000_000 // rate
        start = time.time_ns() // 1000
        self.end = start + int(seconds * 1_000_000)
        #: Packets in all, those lost or damaged, and the bytes of those lost.
        self.packets = self.harmed = self.lost = 0
        super().__init__(file, start)

    def packet(
        self, src: bytes, sport: int, dst: bytes, dport: int, seq: int, ack: int, flags: int, data: bytes
    ) -> None:
        """See Writer; waits until it is due."""
        self.packets += 1
        if self.packets % 20 == 0:
            early = self.time / 1e6 - time.time()
            if early > 0:
                self._pipe.flush()
                time.sleep(early)
        chance = self._chance.random() if data else 1.0
        at = self.time + self._step
        self.time = at - 2_000  # what Writer steps on by
        if chance < 0.001:
            self.time = at
            self.harmed += 1
            self.lost += len(data)
            return
        if chance < 0.0012:
            self.harmed += 1
            place = self._chance.randrange(len(data))
            data = data[:place] + bytes([data[place] ^ 1 << self._chance.randrange(8)]) + data[place + 1 :]
        late, self._late = self._late, None
        if 0.0012 <= chance < 0.0022:
            self._late = (src, sport, dst, dport, seq, ack, flags, data)
        else:
            super().packet(src, sport, dst, dport, seq, ack, flags, data)
        if late is not None:
            self.time -= 2_000
            super().packet(*late)


def hour(rate: int, seconds: float) -> Callable[[str], Line]:
    """Feeds that many seconds of traffic."""

    def feed(pipe: str) -> Line:
        chance = random.Random(2)
        with open(pipe, "wb", buffering=1 << 16) as file:
            line = Line(file, rate, seconds)
            clients: list[Client] = []
            calls = 0
            while line.time < line.end:
                turn = calls % CONNECTIONS
                calls += 1
                if len(clients) <= turn or clients[turn].messages > CLOSES_AFTER:
                    if len(clients) > turn:
                        clients.pop(turn).end()
                    # The first ones close one after the other, not all at once.
                    client = Client(line, calls)
                    client.messages = CLOSES_AFTER * turn // CONNECTIONS if calls <= CONNECTIONS else 0
                    clients.insert(turn, client)
                    for said in opening(calls):
                        client.say(*said)
                    client.invoke = 1
                for said in call(chance, calls, clients[turn].invoke):
                    clients[turn].say(*said)
                clients[turn].invoke += 3
            for client in clients:
                client.end()
        return line

    return feed


class Minutes:
    """Prints a line for each minute."""

    def __init__(self) -> None:
        self.held: list[float] = []
        self._lags: list[float] = []
        self.worst = 0.0
        self._due = time.monotonic() + 60
        self._last = (0, 0.0)
        print(
            f"{'minute':>6} {'messages':>11} {'a second':>8} {'MiB':>7} {'processor s':>11}  lag s: half, 99 %, worst"
        )

    def line(self, rows: int, row: bytes, pid: int) -> None:
        """A row was read."""
        if rows % 16 == 0:
            at = row.find(b'"time":') + 7
            self._lags.append(time.time() - float(row[at : row.find(b",", at)]))
        if rows % 16 or time.monotonic() < self._due:
            return
        self._due += 60
        lags = sorted(self._lags)
        self._lags = []
        self.worst = max(self.worst, lags[-1])
        took = processor(pid)
        self.held.append(resident(pid))
        speed, spent = (rows - self._last[0]) / 60, self._last[1]
        self._last = (rows, took)
        print(
            f"{len(self.held):6} {rows:11,} {speed:8,.0f} {self.held[-1]:7.1f} {took - spent:11.1f}  "
            f"{lags[len(lags) // 2]:6.3f} {lags[len(lags) * 99 // 100]:6.3f} {lags[-1]:6.3f}",
            flush=True,
        )


def main() -> int:
    """Print what was measured; 1 when memory grew or messages are lacking."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rate", type=int, default=2_000, help="packets a second")
    parser.add_argument("--seconds", type=float, default=3_600)
    args = parser.parse_args()
    minutes = Minutes()
    lines: list[Line] = []
    feed = hour(args.rate, args.seconds)
    began = time.time()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    rows, said = run(lambda pipe: lines.append(feed(pipe)), minutes.line)
    line, held = lines[0], minutes.held
    print(
        f"{rows:,} rows of {line.packets:,} packets, {line.harmed:,} lost or damaged, in {time.time() - began:,.0f} s"
    )
    found = re.search(r"([\d,]+) bytes? missing from streams", said)
    missing = int(found[1].replace(",", "")) if found else 0
    print(f"{line.lost:,} bytes were lost, {missing:,} are said to be missing")
    print("  " + "\n  ".join(said.splitlines()[-3:]))
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    grown = held[-1] - held[len(held) // 10] if held else 0.0
    print(f"grown by {grown:.1f} MiB after the first tenth; the worst lag {minutes.worst:.2f} s")
    return int(grown > GROWTH or missing != line.lost)


if __name__ == "__main__":
    sys.exit(main())
