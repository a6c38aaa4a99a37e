"""Damaged captures and logs through every command, in one process, for as long as it is let.

    python tests/fuzz/every_command.py --seconds 600 [--seed N] [--rounds N] [--keep FILE]

Each round damages a sample, a capture of the other dialect, or the log: bytes, lengths, times, pieces cut out, put in or
moved, gzip. Then one command reads it, with options of its own. Whatever comes: a status that was promised, with status
1 a line that says why, no traceback, rows that are JSON where they should be, nothing left behind, and an end.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import signal
import struct
import sys
import tempfile
import time
import traceback
from collections import Counter
from functools import cache
from pathlib import Path
from types import FrameType

for _place in (Path(__file__).parents[1], Path(__file__).parents[1] / "live", Path(__file__).parent):
    sys.path.insert(0, str(_place))

from live_traffic import packet  # noqa: E402

from building import value_for  # noqa: E402
from ccxdissect.capture import pcapng_blocks  # noqa: E402
from ccxdissect.cli.main import main as ccxdissect  # noqa: E402
from ccxdissect.codec import Encoder  # noqa: E402
from ccxdissect.protocol.dialects import DIALECTS  # noqa: E402
from ccxdissect.protocol.model import Side  # noqa: E402
from conversation import CLIENT, ENDS, SERVER, Conversation  # noqa: E402

SAMPLES = Path(__file__).parents[2] / "samples"
#: Seconds of processor time after which a command is taken to hang.
_PATIENCE = 60
_FORMATS = ("table", "jsonl", "csv")
#: What stands behind a command; PATH is the input, OUT a place that is not there, FORMAT one of _FORMATS.
COMMANDS = (
    "summary PATH",
    "messages PATH --format FORMAT",
    "messages PATH --format FORMAT --where 'AgentState == READY or name ~ EVENT'",
    "messages PATH --format jsonl --dialect cce --reserved --show-secrets",
    "messages PATH PATH --format jsonl --checksums",
    "messages PATH --problem any --wide --color always --time relative",
    "show PATH 1",
    "show PATH --first --type OPEN_CONF",
    "sessions PATH --format FORMAT",
    "exchanges PATH --format FORMAT",
    "calls PATH --format FORMAT",
    "calls PATH --agent 'agent*'",
    "agents PATH --format FORMAT",
    "findings PATH --format FORMAT",
    "findings PATH --fail-on warning",
    "stats PATH --format FORMAT",
    "stats PATH --table exchanges",
    "ladder PATH",
    "ladder PATH --format svg --most 100000",
    "ladder PATH --format mermaid",
    "report PATH -o OUT.html",
    "report PATH -o OUT.html --redact",
    "export PATH --output OUT",
    "sql PATH 'SELECT name, count(*) FROM messages GROUP BY 1 ORDER BY 1' --format FORMAT",
    "sql PATH --tables",
    "redact PATH OUT",
    "redact PATH - --quiet",
    "decode -",
    "live - --format jsonl",
    "live -",
)


class Failed(Exception):
    """A round found something wrong."""


@cache
def inputs() -> tuple[tuple[str, bytes], ...]:
    """What is damaged: the samples and a capture of every message of the other dialect."""
    found = [(path.name, path.read_bytes()) for path in sorted(SAMPLES.glob("*.pcapng"))]
    found.append(("server.mivr.log", (SAMPLES / "server.mivr.log").read_bytes()))
    return (*found, ("every.cce", _of_the_other_dialect()))


def _of_the_other_dialect() -> bytes:
    protocol = DIALECTS["cce"]
    encoder = Encoder(protocol)
    talk = Conversation(ends=(ENDS[0], (ENDS[1][0], min(set(protocol.ports) - set(DIALECTS["ccx"].ports))))).handshake()
    for message in sorted(protocol, key=lambda one: (one.name != "OPEN_REQ", one.name != "OPEN_CONF", one.number)):
        if message.since <= 19:
            rows = [row for row in message.floating if row.since <= 19][:12]
            floating = [(row.tag, value_for(row)) for row in rows]
            side = CLIENT if message.sender is Side.CLIENT else SERVER
            fixed = {"VersionNumber": 19} if message.name == "OPEN_REQ" else {}
            talk.send(side, encoder.encode(message.name, fixed, floating, version=19))
    blocks = [pcapng_blocks.section(), pcapng_blocks.interface(1)]
    for segment in talk.segments:
        one = packet(segment)
        blocks.append(pcapng_blocks.packet(0, one.time, one.data, one.wirelen))
    return b"".join(blocks)


def damaged(data: bytes, source: random.Random) -> bytes:
    """Bytes of a file in which something is wrong."""
    found = bytearray(data)
    for _ in range(source.choice([1, 2, 5, 30])):
        at = source.randrange(max(len(found), 1))
        size = source.choice([1, 2, 4, 8, 40, 500])
        match source.randrange(8):
            case 0:
                found[at : at + 1] = bytes([source.randrange(256)])
            case 1:
                number = source.choice(
                    [0, 1, 255, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, source.randrange(1 << 32)]
                )
                found[at : at + 4] = struct.pack(source.choice("<>") + "I", number)
            case 2:
                del found[at : at + size]
            case 3:
                found[at:at] = source.randbytes(size)
            case 4:
                there = source.randrange(max(len(found), 1))
                found[at : at + size] = found[there : there + size]
            case 5:
                found[at : at + 8] = b"\xff" * 8
            case 6:
                text = source.choice(
                    ["²", "\x1b]0;x\x07", "\ufffe", "\u202e", "=1+1", "\0", "\r\n", "{", "}", "9" * 50, "\udc80"]
                )
                found[at:at] = text.encode("utf-8", "surrogatepass")
            case _:
                if source.random() < 0.2:
                    del found[at:]
    made = bytes(found)
    if source.random() < 0.05:
        made = gzip.compress(made)
        made = made[: source.randrange(1, len(made) + 1)]
    return made


def _hung(number: int, frame: FrameType | None) -> None:
    raise Failed(f"no end after {_PATIENCE} seconds of processor time\n{''.join(traceback.format_stack(frame)[-4:])}")


def run(arguments: list[str], given: Path) -> tuple[int, str, str]:
    """A command in this process, `given` its standard input: status, and what it wrote."""
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    said = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    keyboard = os.dup(0)
    source = os.open(given, os.O_RDONLY)
    os.dup2(source, 0)
    os.close(source)
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    stdin, sys.stdin = sys.stdin, open(0, closefd=False)  # noqa: SIM115
    signal.signal(signal.SIGVTALRM, _hung)
    signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            try:
                status = ccxdissect(arguments)
            except SystemExit as ended:
                status = ended.code if isinstance(ended.code, int) else 1
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        sys.stdin = stdin
        for one, action in before.items():
            signal.signal(one, action)
        os.dup2(keyboard, 0)
        os.close(keyboard)
    texts = [stream.buffer.getvalue().decode("utf-8", "replace") for stream in (out, said)]  # type: ignore[attr-defined]
    return status, texts[0], texts[1]


def made(seed: int) -> tuple[str, bytes]:
    """The command and the input of one round."""
    source = random.Random(seed)
    command = source.choice(COMMANDS)
    _, data = source.choice(inputs())
    if source.random() < 0.02:
        data = source.randbytes(source.randrange(300))
    return command.replace("FORMAT", source.choice(_FORMATS)), damaged(data, source)


def check(command: str, data: bytes) -> int:
    """Run it and raise Failed when anything is wrong; gives the status."""
    import shlex

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, left = folder / "given", folder / "left"
        left.mkdir()
        path.write_bytes(data)
        places = {"PATH": str(path), "OUT": str(folder / "out"), "OUT.html": str(folder / "out.html")}
        arguments = [places.get(one, one) for one in shlex.split(command)]
        tempfile.tempdir = str(left)
        try:
            status, out, said = run(arguments, path)
        except Failed:
            raise
        except BaseException as error:
            raise Failed(
                f"{type(error).__name__}: {error}\n{''.join(traceback.format_tb(error.__traceback__)[-4:])}"
            ) from error
        finally:
            tempfile.tempdir = None
        if status not in (0, 1, 3):
            raise Failed(f"status {status}: {said}")
        if "Traceback" in said:
            raise Failed(said)
        reasons = [line for line in said.splitlines() if line.startswith(("ccxdissect: ", "note: not read: "))]
        if status == 1 and len(reasons) != 1 or status != 1 and "ccxdissect: " in said:
            raise Failed(f"status {status}, and {len(reasons)} lines say why: {said}")
        if "jsonl" in command:
            for line in out.splitlines():
                json.loads(line)
        behind = [
            one.name for one in (*left.iterdir(), *folder.iterdir()) if one.name.startswith((".", "ccxdissect", "tmp"))
        ]
        if behind:
            raise Failed(f"left behind: {behind}")
        if (
            status == 1
            and any(one.startswith(("OUT", "OUT.html")) for one in command.split())
            and (folder / "out.html").exists()
        ):
            raise Failed("an unfinished output stands where a whole one should")
    return status


def main() -> int:
    """Play rounds until the time is over."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="the first round (default: by the clock)")
    parser.add_argument("--rounds", type=int, default=None, help="play so many rounds, however long it takes")
    parser.add_argument("--keep", type=Path, help="write the input of a round that failed down there")
    args = parser.parse_args()
    seed = int(time.time()) * 1000 if args.seed is None else args.seed
    end = time.monotonic() + args.seconds
    played = failed = 0
    statuses: Counter[int] = Counter()
    while (time.monotonic() < end) if args.rounds is None else (played < args.rounds):
        command, data = made(seed + played)
        try:
            statuses[check(command, data)] += 1
        except Failed as failure:
            failed += 1
            print(f"round {seed + played}: {command}: {failure}", flush=True)
            if args.keep is not None:
                args.keep.write_bytes(data)
        played += 1
    said = ", ".join(f"{count:,} with status {status}" for status, count in sorted(statuses.items()))
    print(f"{played:,} rounds from {seed} on: {said}; {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
