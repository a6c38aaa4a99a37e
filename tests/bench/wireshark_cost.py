"""The benchmark of the Wireshark plugin: tshark with it and without, the cost to other traffic, Lua's memory.

    python tests/bench/wireshark_cost.py [--messages 200000] [--runs 3] [--tshark PROGRAM]

Prints processor time (user and system) of each run's best, since other work on the machine only ever adds to it, and
its ratio to the same tshark without the plugin; and the bytes of Lua's live heap for each message.
"""

from __future__ import annotations

import argparse
import struct
import subprocess
import tempfile
from pathlib import Path

from run import PLUGIN, Program, timed
from traffic import write

_OURS = ("uccx_cti.message_type", "uccx_cti.invoke_id", "uccx_cti.call_id", "uccx_cti.agent_id")
_MEMORY = """
local last = Listener.new("frame")
function last.draw()
    collectgarbage() collectgarbage()
    print(string.format("%.0f", collectgarbage("count") * 1024))
end
"""


def others(path: Path, packets: int) -> None:
    """A capture of other protocols: DNS questions over UDP, and bytes of no known protocol over TCP; a TLS record now and
    then. Half and half, on ports that are nobody's."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        question = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"\x07example\x03org\x00" + struct.pack(">HH", 1, 1)
        sequence = 1
        for number in range(packets):
            if number % 2:
                carried = struct.pack(">HHHH", 40000, 53, 8 + len(question), 0) + question
                kind = 17
            else:
                data = b"\x17\x03\x03\x00\x3b" + b"x" * 59 if number % 20 == 0 else b"GET /nothing here \r\n" * 3
                carried = struct.pack(">HHIIBBHHH", 41000, 9, sequence, 1, 0x50, 0x18, 64000, 0, 0) + data
                sequence += len(data)
                kind = 6
            ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(carried), 0, 0, 64, kind, 0, b"\n\0\0\1", b"\n\0\0\2")
            frame = b"\x02" * 12 + b"\x08\x00" + ip + carried
            file.write(struct.pack("<IIII", number // 1000, number % 1000, len(frame), len(frame)) + frame)


def best(name: str, command: list[str], runs: int) -> float:
    """Processor seconds of the quickest of several runs."""
    return min(timed(Program(name, command, 0)).cpu for _ in range(runs))


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tshark", default="tshark")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        capture, other = Path(folder) / "messages.pcap", Path(folder) / "others.pcap"
        messages = write(str(capture), args.messages)
        others(other, 100_000)
        memory = Path(folder) / "memory.lua"
        memory.write_text(_MEMORY, encoding="utf-8")
        fields = ["-T", "fields", *(part for name in ("frame.number", *_OURS) for part in ("-e", name))]
        plain_fields = ["-T", "fields", *(part for name in ("frame.number", "tcp.srcport", "tcp.dstport", "ip.src",
                                                            "tcp.len") for part in ("-e", name))]  # fmt: skip
        plugin = ["-X", f"lua_script:{PLUGIN}"]
        print(f"{messages:,} messages; processor seconds, the best of {args.runs}")
        for name, what, without in (
            ("packet list", [], []),
            ("-z io,stat,0", ["-q", "-z", "io,stat,0"], ["-q", "-z", "io,stat,0"]),
            ("-T fields", fields, plain_fields),
        ):
            read = [args.tshark, "-r", str(capture)]
            slow, quick = best(name, read + plugin + what, args.runs), best(name, read + without, args.runs)
            print(
                f"{name:20}{slow:8.2f} with, {quick:6.2f} without: {slow / quick:.2f} times, {messages / slow:,.0f} /s"
            )
        for name, what in (("others, list", []), ("others, -T fields", plain_fields)):
            read = [args.tshark, "-r", str(other)]
            slow, quick = best(name, read + plugin + what, args.runs), best(name, read + what, args.runs)
            # Loading the plugin is not what a packet costs.
            few = [args.tshark, "-c", "1", "-r", str(other)]
            load = best(name, few + plugin + what, args.runs) - best(name, few + what, args.runs)
            print(f"{name:20}{slow:8.2f} with, {quick:6.2f} without: {100 * (slow - load - quick) / quick:+.1f} %, "
                  f"and {load:.2f} s once to load the plugin")  # fmt: skip
        heap = subprocess.run(
            [args.tshark, "-r", str(capture), *plugin, "-X", f"lua_script:{memory}", "-q"],
            capture_output=True,
            text=True,
        )
        empty = subprocess.run(
            [args.tshark, "-r", str(other), "-c", "1", *plugin, "-X", f"lua_script:{memory}", "-q"], capture_output=True,
            text=True,
        )  # fmt: skip
        live = int(heap.stdout.split()[-1]) - int(empty.stdout.split()[-1])
        print(f"live Lua heap: {live / messages:.0f} bytes a message")


if __name__ == "__main__":
    main()
