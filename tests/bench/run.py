"""The benchmark: this program, tshark, pyshark and Scapy side by side on the same capture.

    python tests/bench/run.py [--messages 100000] [--runs 5] [--peer-runs 2] [--results tests/bench/RESULTS.md]
                              [--json tests/bench/results.json]

Generates its captures, runs every program several times, by turns, each as a process of its own, and prints a table of
rates, ratios and peak memory; writes it as JSON, and with the machine's description into the results file. Times are
processor time (user and system) of the process and its children, since other work on the machine then matters least;
wall time stands in the JSON. Ratios are medians of the ratios of runs that followed each other. What is too slow for
the whole capture (pyshark, Scapy) reads a shorter one of the same kind, and its rate is taken.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
PLUGIN = _ROOT / "wireshark" / "uccx_cti.lua"
#: Makes the captures; what is timed runs in an environment of its own.
PYTHON = sys.executable
#: Commands of ours that stream, with the format that other programs would read.
COMMANDS = {
    "messages": ["messages", "--format", "jsonl"],
    "sessions": ["sessions", "--format", "jsonl"],
    "exchanges": ["exchanges", "--format", "jsonl"],
    "findings": ["findings", "--format", "jsonl"],
    "summary": ["summary"],
    "calls": ["calls", "--format", "jsonl"],
    "agents": ["agents", "--format", "jsonl"],
    "stats": ["stats", "--format", "jsonl"],
}
#: What is made of the columns by scripts beside this one.
_BY_COLUMNS = {"columns in memory": "in_memory.py", "messages into Parquet": "to_parquet.py"}
#: Commands whose memory may grow with the capture, and why; all others have to stay flat.
GROW: dict[str, str] = {}
#: How many times the messages a large capture has, and how that is said.
_TIMES, _LONG = 10, "ten times the messages"
_NOT_AS_INSTALLED = frozenset({"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"})
_DIAMETER_FIELDS = ["frame.number", "diameter.cmd.code", "diameter.Session-Id", "diameter.CC-Request-Number"]
_FIELDS = ["frame.number", "uccx_cti.message_type", "uccx_cti.invoke_id", "uccx_cti.call_id", "uccx_cti.agent_id"]


@dataclass
class Program:
    """Something that is timed. `messages`: how many it reads in a run."""

    name: str
    command: list[str]
    messages: int
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Run:
    """What one run of a program took: seconds, and MiB at its peak (of its largest process)."""

    cpu: float
    wall: float
    peak: float


@dataclass
class Figures:
    """All runs of one program."""

    name: str
    messages: int
    runs: list[Run] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """Median processor time, in seconds."""
        return statistics.median(run.cpu for run in self.runs)

    @property
    def wall(self) -> float:
        """Median wall time, in seconds."""
        return statistics.median(run.wall for run in self.runs)

    @property
    def rate(self) -> float:
        """Messages in a second of processor time."""
        return self.messages / self.cpu

    @property
    def peak(self) -> float:
        """Median peak memory, in MiB."""
        return statistics.median(run.peak for run in self.runs)


#: Where compiled modules are kept, as an installer keeps them beside their sources.
_COMPILED = tempfile.TemporaryDirectory(prefix="compiled")


def _as_installed() -> dict[str, str]:
    """The environment less what makes Python compile everything anew each time, or write each line by itself."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_AS_INSTALLED}
    return {**kept, "PYTHONPYCACHEPREFIX": _COMPILED.name}


def timed(program: Program) -> Run:
    """Run a program once, to its end; its output is thrown away. Fails when the program does."""
    began = time.perf_counter()
    with subprocess.Popen(
        program.command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**_as_installed(), **program.environment},
        cwd=_ROOT,
    ) as process:
        assert process.stderr is not None
        complaints = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - began
    if process.returncode or b"Lua" in complaints:
        raise SystemExit(f"{program.name} failed: {complaints.decode(errors='replace')[-2000:]}")
    # Linux counts memory in KiB, macOS in bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / unit)


def by_turns(programs: list[Program], runs: int) -> dict[str, Figures]:
    """Run the programs one after the other, `runs` times round."""
    found = {program.name: Figures(program.name, program.messages) for program in programs}
    for turn in range(runs):
        for program in programs:
            if sys.stderr.isatty():
                print(f"\r\x1b[K{turn + 1}/{runs} {program.name}", end="", file=sys.stderr, flush=True)
            found[program.name].runs.append(timed(program))
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return found


def ratio(slow: Figures, quick: Figures) -> float:
    """How many times as many messages in the same time `quick` reads, median over the turns."""
    pairs = zip(slow.runs, quick.runs, strict=False)
    return statistics.median((before.cpu / slow.messages) / (after.cpu / quick.messages) for before, after in pairs)


def installed(folder: str) -> Path:
    """Make an environment in that folder as the README has users make theirs; where its programs lie. One made for tests would
    do at each start what only tests need, and look for a program that is edited in place."""
    environment = Path(folder) / "environment"
    subprocess.run([PYTHON, "-m", "venv", str(environment)], check=True)
    programs = environment / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([str(programs / "pip"), "install", "-qq", ".[fast,tables]"], check=True, cwd=_ROOT)
    return programs


def tshark(capture: str, *options: str, plugin: bool = False) -> list[str]:
    """The command line of tshark, with the plugin or without."""
    return ["tshark", *(["-X", f"lua_script:{PLUGIN}"] if plugin else []), "-r", capture, *options]


def generate(folder: str, name: str, messages: int) -> tuple[str, int]:
    """A capture of about so many messages: its path, and how many it has."""
    path = str(Path(folder) / name)
    done = subprocess.run(
        [PYTHON, str(_HERE / "traffic.py"), str(messages), path], check=True, capture_output=True, text=True
    )
    return path, int(done.stdout)


class Benchmark:
    """One whole run of the benchmark."""

    def __init__(self, args: argparse.Namespace, folder: str) -> None:
        self.args = args
        self.folder = folder
        self.programs = installed(folder)
        # Nobody's settings and plugins may slow tshark down.
        settings = {"HOME": folder, "XDG_CONFIG_HOME": folder, "WIRESHARK_CONFIG_DIR": folder}
        self.nobody = {**settings, "WIRESHARK_PLUGIN_DIR": str(Path(folder) / "none")}
        self.capture, self.messages = generate(folder, "capture.pcap", args.messages)
        self.few, self.few_messages = generate(folder, "few.pcap", args.few)
        self.figures: dict[str, Figures] = {}
        self.ratios: list[dict[str, object]] = []
        self.memory: list[dict[str, object]] = []
        self.scapy: dict[str, float] = {}
        self.jobs: list[Program] = []

    def _python(self, name: str, *arguments: str, messages: int = 0) -> Program:
        return Program(name, [str(self.programs / "python"), *arguments], messages or self.messages)

    def _ours(self, command: list[str], *captures: str) -> list[str]:
        """The command line of one of our commands."""
        return [str(self.programs / "ccxdissect"), *command, *captures]

    def warm_up(self) -> None:
        """Run each of ours once, so that all of it is compiled; nothing is measured."""
        for command in COMMANDS.values():
            timed(Program("", self._ours(command, self.capture), self.messages))
        for script in _BY_COLUMNS.values():
            timed(self._python("", str(_HERE / script), self.capture))

    def speed(self) -> None:
        """The whole capture: the floor, ours, and tshark without the plugin."""
        programs = [self._python("bare loop in Python", str(_HERE / "floor.py"), self.capture)]
        for name, script in _BY_COLUMNS.items():
            programs.append(self._python(name, str(_HERE / script), self.capture))
        programs += [
            Program(name, self._ours(command, self.capture), self.messages) for name, command in COMMANDS.items()
        ]
        if shutil.which("tshark"):
            for name, options in (
                ("tshark -q", ["-q"]),
                ("tshark -q -z io,stat,0", ["-q", "-z", "io,stat,0"]),
                ("tshark (packet list)", []),
            ):
                programs.append(Program(name, tshark(self.capture, *options), self.messages, self.nobody))
        self.figures.update(by_turns(programs, self.args.runs))

    def peers(self) -> None:
        """What takes long: tshark with the plugin on the whole capture, pyshark and Scapy on a short one."""
        programs = [Program("messages, again", self._ours(COMMANDS["messages"], self.capture), self.messages)]
        if shutil.which("tshark"):
            fields = [option for name in _FIELDS for option in ("-e", name)]
            for name, options in (
                ("tshark -T fields, plugin", ["-T", "fields", *fields]),
                ("tshark -T ek, plugin", ["-T", "ek"]),
                ("tshark -q -z io,stat,0, plugin", ["-q", "-z", "io,stat,0"]),
            ):
                command = tshark(self.capture, *options, plugin=True)
                programs.append(Program(name, command, self.messages, self.nobody))
            diameter = str(Path(self.folder) / "diameter.pcap")
            self._write("diameter.py", self.args.messages, diameter)
            options = ["-T", "fields", *(word for name in _DIAMETER_FIELDS for word in ("-e", name))]
            command = tshark(diameter, *options)
            programs.append(Program("tshark -T fields, Diameter", command, self.args.messages, self.nobody))
            strange, count = str(Path(self.folder) / "strangers.pcap"), self.args.messages
            self._write("strangers.py", count, strange)
            command = tshark(strange, "-T", "ek", plugin=True)
            programs.append(Program("tshark -T ek, plugin, random messages", command, count, self.nobody))
            programs.append(Program("messages, random messages", self._ours(COMMANDS["messages"], strange), count))
            peers = [str(_HERE / "peers.py"), "pyshark", self.few, str(PLUGIN)]
            program = self._python("pyshark, plugin", *peers, messages=self.few_messages)
            program.environment = self.nobody
            programs.append(program)
        programs.append(
            self._python("Scapy, our session", str(_HERE / "peers.py"), "scapy", self.few, messages=self.few_messages)
        )
        self.figures.update(by_turns(programs, self.args.peer_runs))
        command = [str(self.programs / "python"), str(_HERE / "peers.py"), "floor"]
        self.scapy = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=_ROOT).stdout)

    @staticmethod
    def _write(script: str, messages: int, path: str, *more: str) -> None:
        command = [PYTHON, str(_HERE / script), str(messages), path, *more]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def deviating(self) -> None:
        """Traffic with oddities in every message, beside the same without."""
        path = str(Path(self.folder) / "deviating.pcap")
        self._write("deviating.py", self.args.messages, path)
        programs = [
            Program(f"{name}{kind}", self._ours(COMMANDS[name], capture), self.messages)
            for name in ("findings", "summary")
            for kind, capture in ((", again", self.capture), (", deviating traffic", path))
        ]
        self.figures.update(by_turns(programs, self.args.runs))

    def many_sessions(self, times: int, runs: int) -> None:
        """So many times the messages in 100 sessions that are open at once, and in 10,000."""
        programs = []
        messages = times * self.args.messages
        for clients in (100, 10_000):
            path = str(Path(self.folder) / f"{clients}.pcap")
            self._write("traffic.py", messages, path, "1", str(clients))
            name = f"{clients:,} open sessions" + (f", {_LONG}" if times > 1 else "")
            programs.append(Program(name, self._ours(COMMANDS["messages"], path), messages))
        self.figures.update(by_turns(programs, runs))
        for program in programs:
            os.remove(program.command[-1])

    def startup(self) -> None:
        """How long it takes to begin."""
        programs = [
            self._python("python -c pass", "-c", "pass"),
            Program("ccxdissect --help", self._ours(["--help"]), self.messages),
        ]
        self.figures.update(by_turns(programs, 20))

    def two_files(self) -> None:
        """Two captures with nothing in common: one process, and two."""
        path = str(Path(self.folder) / "part")
        subprocess.run(
            [PYTHON, str(_HERE / "traffic.py"), str(2 * self.args.messages), path, "2"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for jobs in ("1", "2"):
            command = self._ours([*COMMANDS["messages"], "--jobs", jobs], f"{path}.1", f"{path}.2")
            self.jobs.append(Program(f"--jobs {jobs}", command, 2 * self.messages))
        for jobs in ("1", "2"):
            command = self._ours([*COMMANDS["messages"], "--jobs", jobs], self.capture)
            self.jobs.append(Program(f"one capture, --jobs {jobs}", command, self.messages))
        self.figures.update(by_turns(self.jobs, self.args.runs))

    def flat(self) -> None:
        """Peak memory on a capture ten times as long."""
        large, messages = generate(self.folder, "large.pcap", self.args.messages * _TIMES)
        programs = [Program(name, self._ours(command, large), messages) for name, command in COMMANDS.items()]
        for name, script in _BY_COLUMNS.items():
            programs.append(self._python(name, str(_HERE / script), large, messages=messages))
        if self.args.large:
            programs = [program for program in programs if program.name in self.args.large]
        for name, found in by_turns(programs, self.args.large_runs).items():
            before = self.figures[name].peak
            growth = 100 * (found.peak / before - 1)
            self.memory.append(
                {
                    "command": name,
                    "mib": before,
                    "mib_10x": found.peak,
                    "growth_percent": growth,
                    "rate_10x": found.rate,
                }
            )
        several = [
            Program(
                f"{_LONG}, --jobs {jobs}",
                [*self._ours(COMMANDS["messages"], large), "--jobs", jobs],
                messages,
            )
            for jobs in ("1", "2")
        ]
        self.figures.update(by_turns(several, self.args.runs))
        os.remove(large)

    def compare(self) -> None:
        """The ratios that are aimed at, and whether they are reached."""

        def add(what: str, value: float, aim: str, met: bool) -> None:
            self.ratios.append({"what": what, "ratio": value, "aim": aim, "met": met})

        def least(what: str, slow: str, quick: str, aim: float | None) -> None:
            if slow in found and quick in found:
                times = ratio(found[slow], found[quick])
                add(what, times, "" if aim is None else f">= {aim:g}", aim is None or times >= aim)

        found = self.figures
        ek, bare, plugin = "tshark -T ek, plugin", "tshark -q -z io,stat,0", "tshark -q -z io,stat,0, plugin"
        least("JSON lines to tshark -T ek with the plugin", ek, "messages, again", 40)
        least("columns in memory to the same", ek, "columns in memory", 50)
        least("messages into Parquet to the same", ek, "messages into Parquet", 40)
        least(
            "JSON lines to it, random messages",
            "tshark -T ek, plugin, random messages",
            "messages, random messages",
            22,
        )
        least(
            "JSON lines to a dissector in C (tshark -T fields, Diameter)",
            "tshark -T fields, Diameter",
            "messages, again",
            5,
        )
        least("JSON lines to tshark -T fields with the plugin", "tshark -T fields, plugin", "messages, again", None)
        least("JSON lines to pyshark with the plugin", "pyshark, plugin", "messages, again", None)
        for name, aim in (("sessions", 3), ("exchanges", 1.2), ("summary", 1.2), ("findings", 1.2), ("calls", 0.8)):
            least(f"{name} to tshark -z io,stat,0 without the plugin (TCP only)", bare, name, aim)
        for name in ("sessions", "exchanges", "summary", "findings", "calls", "agents", "stats"):
            least(f"{name} to tshark -z io,stat,0 with the plugin", plugin, name, 3)
        least("sessions to tshark -q, which dissects nothing", "tshark -q", "sessions", None)
        for name in ("findings", "summary"):
            if f"{name}, deviating traffic" in found:
                times = 1 / ratio(found[f"{name}, again"], found[f"{name}, deviating traffic"])
                add(f"time per message of {name}, deviating traffic to usual", times, "<= 1.3", times <= 1.3)
        for more in ("", f", {_LONG}"):
            if f"10,000 open sessions{more}" in found:
                times = 1 / ratio(found[f"100 open sessions{more}"], found[f"10,000 open sessions{more}"])
                add(f"time per message, 10,000 open sessions to 100{more}", times, "<= 1.6", times <= 1.6)
        for which in ("one capture", _LONG):
            if f"{which}, --jobs 1" in found:
                times = found[f"{which}, --jobs 1"].wall / found[f"{which}, --jobs 2"].wall
                add(f"wall time of {which} with --jobs 1 to --jobs 2", times, ">= 1.7", times >= 1.7)
        peak = found["messages"].peak
        add("peak memory of messages, MiB", peak, "<= 150", peak <= 150)
        for row in self.memory:
            aim = {"messages": 75.0, "columns in memory": 160.0, "messages into Parquet": 80.0}.get(str(row["command"]))
            if aim is not None and ek in found:
                times = float(str(row["rate_10x"])) / found[ek].rate
                what = f"{row['command']}, {_LONG}, to tshark -T ek on the short capture"
                add(what, times, f">= {aim:g}", times >= aim)
        times = ratio(found["messages"], found["bare loop in Python"])
        add("the bare loop to messages as JSON lines", times, "", True)
        add(
            "our Scapy classes to ordinary Scapy fields, dissecting",
            self.scapy["ratio"],
            ">= 5",
            self.scapy["ratio"] >= 5,
        )
        add("our Scapy classes to ordinary Scapy fields, every field read", self.scapy["ratio_read"], "", True)
        times = self.figures["--jobs 1"].wall / self.figures["--jobs 2"].wall
        add("wall time of two captures with --jobs 1 to --jobs 2", times, "> 1", times > 1)
        times = 1 / ratio(found["python -c pass"], found["ccxdissect --help"])
        add("processor time of ccxdissect --help to python -c pass", times, "<= 3", times <= 3)
        for row in self.memory:
            growth = float(str(row["growth_percent"]))
            if row["command"] not in GROW:
                add(
                    f"peak memory of {row['command']} with {_LONG}, growth in %",
                    growth,
                    "<= 10",
                    growth <= 10,
                )

    def to_json(self) -> dict[str, object]:
        """Everything that was measured."""
        return {
            "machine": machine(),
            "messages": self.messages,
            "capture_bytes": os.path.getsize(self.capture),
            "programs": [
                {"name": one.name, "messages": one.messages, "cpu": one.cpu, "rate": one.rate, "peak_mib": one.peak}
                | {"runs": [asdict(run) for run in one.runs]}
                for one in self.figures.values()
            ],
            "scapy": self.scapy,
            "ratios": self.ratios,
            "memory": self.memory,
        }

    def lines(self) -> list[str]:
        """The tables, as Markdown."""
        bare = self.figures["bare loop in Python"]
        size = os.path.getsize(self.capture) / self.messages
        lines = [
            f"{self.messages:,} messages in one capture, {size:.0f} bytes each with all headers.",
            "",
            "| program | messages/s | processor s | least to most | to the bare loop | peak MiB |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        for one in self.figures.values():
            if one.name in ("python -c pass", "ccxdissect --help") or "--jobs" in one.name:
                continue
            few = "" if one.messages == self.messages else f" ({one.messages:,} messages)"
            times = [run.cpu for run in one.runs]
            lines.append(
                f"| {one.name}{few} | {one.rate:,.0f} | {one.cpu:.2f} | {min(times):.2f} to {max(times):.2f} "
                f"| {bare.rate / one.rate:.1f} | {one.peak:.0f} |"
            )
        lines += ["", "| Scapy, a message of each type in memory | messages/s |", "| --- | ---: |"]
        for title, key in (
            ("ordinary Scapy fields, dissecting", "ordinary"),
            ("our classes, dissecting", "ours"),
            ("ordinary Scapy fields, every field read", "ordinary_read"),
            ("our classes, every field read", "ours_read"),
        ):
            lines.append(f"| {title} | {self.scapy[key]:,.0f} |")
        lines += ["", "| start-up | processor ms | wall ms |", "| --- | ---: | ---: |"]
        for name in ("python -c pass", "ccxdissect --help"):
            lines.append(f"| {name} | {self.figures[name].cpu * 1000:.0f} | {self.figures[name].wall * 1000:.0f} |")
        lines += [
            "",
            "| messages | processor s | wall s |",
            "| --- | ---: | ---: |",
        ]
        for name, figures in self.figures.items():
            if "--jobs" in name:
                what = f"two captures with nothing in common, {name}" if name.startswith("--") else name
                lines.append(f"| {what} | {figures.cpu:.2f} | {figures.wall:.2f} |")
        if self.memory:
            lines += [
                "",
                "| peak memory | MiB | with ten times the messages | growth |",
                "| --- | ---: | ---: | ---: |",
            ]
            for row in self.memory:
                lines.append(
                    f"| {row['command']} | {row['mib']:.1f} | {row['mib_10x']:.1f} | {row['growth_percent']:.1f} % |"
                )
        lines += ["", "| one to the other | ratio | aim | |", "| --- | ---: | --- | --- |"]
        for row in self.ratios:
            verdict = "" if not row["aim"] else "met" if row["met"] else "**not met**"
            lines.append(f"| {row['what']} | {row['ratio']:.2f} | {row['aim']} | {verdict} |")
        return lines


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    model = platform.processor() or platform.machine()
    memory = 0
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
        model = found.group(1) if found else model
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        pass
    version = ""
    if shutil.which("tshark"):
        done = subprocess.run(["tshark", "--version"], capture_output=True, text=True)
        version = done.stdout.partition(" (Git")[0].partition("\n")[0].rstrip(".")
    return {
        "processor": model,
        "processors": os.cpu_count(),
        "memory_gib": round(memory / (1 << 30), 1),
        "system": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "tshark": version,
        "scapy": _version("scapy"),
        "pyshark": _version("pyshark"),
        "load": [round(load, 2) for load in os.getloadavg()],
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


#: What a profile of the same capture showed when these figures were last looked into. Shares are of processor time.
_WHERE = """
## Where the time goes

Of a million messages as JSON lines half is decoding (reading and the packet chain an eighth of it, order of segments, cutting and
sessions a third, bodies a fifth), the other half lines. Floating fields are walked by their lengths alone, and what they are is told
of all of them behind the walk, in their order; of columns of a million messages that took an eighth, by turns. The chain of packets
is followed from 250 places of a chunk at once, in 0.35 ms where it took 0.6. Columns of 32 bits gain nothing: gathering by them is slower.

What each chunk took anew from the system, 500 pages of a megabyte of capture, was a tenth of the time: glibc gave freed memory back
piece by piece until it had once seen a large piece come and go, and jemalloc after a fifth of a second. Now it stays for the next chunk, and
no more is held at the peak; of a million messages 116,000 page faults are 21,000, nearly all of them at the start. Since then chunks of 2 MiB
pay: by turns, the least of four, a million messages as lines take 0.86 of what they take by 1 MiB, and 124 MiB where it is 101; larger ones
gain no more. Pages of 2 MiB, as glibc and jemalloc can be told to ask for, change nothing.

The machine's speed swings by more than a third within minutes: of two runs of the same code on one day, JSON lines had 47 and 50
times the speed of `-T ek`, columns of a million messages 157 and 125 (and since then 178, 155 and 118); beside `-z io,stat,0` with the plugin agents had 4.3 and 2.6, and
`--jobs 2` on a million messages took 1 / 1.41 and 1 / 1.65 of the time, and in two others 1 / 1.43 and 1 / 1.23 (one run of each slow program). With five runs of ours and three of the slow ones, as above, what is said
holds better: JSON lines took 0.45 to 0.49 s in all of them. What two versions of this program take is told by turns, else not at all.
Start-up with numpy is 0.15 to 0.2 s, with Arrow some 0.05 more, a quarter of what 100,000 messages take: a third of
it numpy and Arrow, a seventh the methods of 47 classes of values, the rest modules and declarations. The interpreter's own end took
another 0.04: it looked for cycles twice, which is left out since.

Exchanges, statistics, findings, summary, calls and agents see the messages that can concern them; which deviate in nothing,
how many there are of each type and what they are about is read by columns. In this traffic, where every call is asked
about, answered and told of, 32 % of the messages concern statistics, 47 % findings and summary, nearly all exchanges (of
which events a request led to) and calls. Of nearly all of these no record is made: each is known by number, time,
session, sender, type, and what it is about. Events about one call and nothing else, half of a usual day, are grouped by call in each
batch and never looked at one by one; what a request led to is cut out of the group when the call passes to another request or the
exchange is told. By turns with the state before, a load of 5 to 6, the least of seven: exchanges 0.98 s to 0.81, agents 0.68 to 0.61,
summary 0.68 to 0.65; of findings the runs do not agree. Of exchanges without start-up a quarter is reading and decoding, a quarter
pairing, settling and telling 16,000 exchanges, an eighth lines, a tenth tracing what names an agent, and 7 % what messages are about.

Calls that go alike are followed by what they have in common: what becomes of a call depends only on which of its names are the
same and on what came before what, so it is worked out once for all calls of a course, and a line of JSON (2,300 characters with
its steps and phases) is written once in marks and filled in for each call. By turns with the state before, a load of 5 to 9:
100,000 messages 2.51 s to 1.58 (the least of five), a million 29.9 s to 16.3 (one run each); random messages, each about a call
of its own, take 1.04 times as long. Since then calls that lie within a chunk and went as others did are no longer followed message by
message: their names, times and numbers are put together column by column, and what becomes of such a call is looked up once for
all of its messages. A line is filled of these without the call's story being made, up to 256 lines of one kind at a time. By turns,
the least of five, 1.58 s to 1.02. Of the time of a million messages a quarter is decoding, a sixth what messages are about, a fifth
finding out which calls went as others did, a seventh lines; what is left is mostly messages that teach whose phone is whose, and
calls that reach over the end of a chunk.

With `--jobs` one process reads the capture and makes the batches, which go round among all of them to be written as lines:
it cannot become faster than the reading alone, which is half of the whole. State of flows is not handed
from process to process: that of one connection takes some 50 µs to copy out and in, so that of a hundred, after each chunk,
would take a quarter of all the work, and that of 10,000 far more than all of it. A batch is laid into memory that both
processes see, and its lines are put behind it: 1 ms beside 10 of work, mostly copying. Of a million messages, an otherwise idle machine,
the reader is busy all the time but writes only 5 batches of 110 itself: 0.23 s start-up, 1.4 to 1.5 reading and decoding, 0.13 handing on; the other
process writes lines for 1.4 s of them. Were all of that shared out evenly, one process would take 1.64 times as long as two, with
nothing to hand on 1.85 times. Lines became cheaper than reading, so what is left to share is less than half of it: to have the other process decode
bodies as well would gain a twentieth. To load what writes lines in that process alone, while the reader reads on, gains nothing: it is what
the last lines wait for then. The other process is begun before the first lines are written: until there is a batch, everybody waits. That is what forbids 1.7 at 100,000 messages, whatever else is done: two processes are 1.7
times as fast where no more than 18 % of the time of one is spent before they can share, and loading Python, numpy and Arrow alone
takes as much of 0.6 s; with the reading of declarations it is 0.25 s. Captures of less than 3 MiB, and several
of less than 4 MiB together, are read by one process; there is nothing to gain before some 6 MiB. Several captures are each
decoded by a process, then all write their lines, put into such memory too.

What deviates is told by columns: the first message of each shape in a session is looked at, and those behind it are counted;
of a type that concerns the analysis anyway they are taken without their records, as usual ones are: of 100,000 deviating
messages 2,220 have records. By turns, a load of 5, the least of five runs: findings 1.25 s to 0.98, summary 1.36 to 1.11, that is
1.22 and 1.29 times the usual time. What is left is telling shapes (0.07 s), a capture larger by a quarter, and one
closure for each message.

Ten thousand sessions at once take twice the processor time of a hundred, by the least of five, where it was 2.4 times the day before.
A connection that has done nothing but what is plain since its SYN is a row of numbers: rows are found by their endpoints, moved on, opened
and closed for all connections of a chunk at once, and what stands in the objects is put there only when somebody asks for it; that took a
tenth off. What a message tells of its session is learned for all sessions of a chunk at once, that a session began is made into an event only
where somebody asks, and who sent to whom is written for all new sessions of a batch together: another 7 %. What is left is two directions, a
connection and a conversation made for each session, which ask for each other, the look at its first messages, and the memory that each touches
first: 10,000 page faults more than a hundred sessions, some 3 µs each. Ten times the messages in as many sessions take about 1.5 times as long
as in a hundred: what a session costs is mostly its beginning and end. One connection in disorder still has all connections of its chunk
followed one by one. Chunks of more than 12,000 segments are told in pieces, since what is known of 5,000 sessions lies nowhere near.
They take 166 MiB.

Random messages of all types, each field at random, took 1.16 s as lines and take 0.70 since, by turns, the least of nine: floating integers are
columns as texts are, the numbers of fixed parts of all types are looked up together, and labels are told apart by which values have names, so that
51,000 combinations of values are some 8,000 that are written. Of what is left two fifths are lines. A sixth of the whole is the four types
of two layouts, of which each body has to be weighed and is written by itself, 4,322 of 100,000 messages.

What grew with the capture was numpy's masked arrays, which `isin` loads once it is given many values (2 MiB), what sessions
leave in rings of references (1 MiB of 200 sessions), and holes of 1 MiB that chunks left between smaller things. What grew
besides, with JSON lines, was what Arrow's jemalloc lets lie in several arenas: with one, and nothing given back, a million messages hold
no more than 100,000. Parquet's writers had a pool of memory of their own (mimalloc) beside that of all other arrays: 15 MiB from the start and
more with each million messages. They work in the system's now, what has become columns is let go at once, and 11 MiB of messages wait
where it was 16: 125 and 134 MiB where it was 155 and 177. What still grows is mostly what files say of their row groups (32 unclosed, some
80 KB each), and holes between smaller things.

Of messages into Parquet, a megabyte of capture is a few hundred rows of each type, and a column costs mostly its steps: messages are
held as they lay, gathered by layout, until a table has 4 MiB of them or all together 11. Of a million messages 37 % of the time is
decoding, 31 % making the columns, 24 % Parquet, half of that zstd, before the following. A folder of this machine is written to without fsspec, TLS, threads and
the analysis, whose loading took a sixth of what 100,000 messages take; by turns, the least of nine, 0.80 of the time, cycles being looked for
as seldom as in the program. Start-up is a third of these still. A faster compression would double the files. Numbers, times, sessions and calls are
written as what each is more than the one before, and places in short lists are not compressed: files of messages are a quarter smaller, and written
in 0.86 of the time. The strings of all fields of a layout are gathered in one go, which halves what that took. By turns with the state before, a load of
5 to 10, a million messages take 0.90 to 0.95 of the time; what is left is mostly decoding, and what Parquet does for each of 8,000 pieces of
columns, two fifths of which are empty. Pages of version 2 would take another 4 % off, but are not read everywhere.

Where every second packet is missing, columns give way to single segments for 15 chunks at a time: by turns, under load,
sessions 4.47 s to 3.54, messages 4.42 to 3.39, which is 1.02 and 1.12 times as long as without columns by the least of three,
1.3 in the worst pairs.

Not built: pairing of requests by columns (it goes message by message, though without records). Classes of values that share their methods
instead of compiling them, and numpy without what it says of itself to people, would take 23 to 35 ms off each start (15 with Parquet); they are the standard library's and
numpy's own all the same, since that is more than it is worth.
""".strip().splitlines()


def _of_others(known: str) -> str:
    """The sections of a results file that other programs, or people, wrote."""
    parts = re.split(r"^(?=## )", known, flags=re.MULTILINE)[1:]
    return "".join(part for part in parts if not part.startswith(f"{_WHERE[0]}\n"))


def results(benchmark: Benchmark, command: str, before: dict[str, object], known: str) -> str:
    """The results file, with what others wrote into the one that is `known`."""
    on = machine()
    lines = [
        "# How fast it is",
        "",
        "Written by",
        "",
        f"    {command}",
        "",
        f"on {on['date']}: {on['processor']}, {on['processors']} processors, {on['memory_gib']} GiB, {on['system']},",
        f"{on['python']}, {on['tshark']}, Scapy {on['scapy']}, pyshark {on['pyshark']}.",
        f"Load of the machine before and after (1, 5 and 15 minutes): {before['load']}, {on['load']}.",
        "",
        "Rates are messages in a second of processor time, start-up included; medians. `tshark -r FILE -q` reads the "
        "packets and,",
        "having nothing to print, dissects none of them: it is a loop in C over the file. `-z io,stat,0` and the packet "
        "list make it",
        "dissect all that it knows: Ethernet, IP and TCP. Both stand here, since either may be called a bare tshark. What is",
        "Python's is installed as the README has users install it, and finds its modules compiled.",
        "",
        *benchmark.lines(),
        "",
        *_WHERE,
    ]
    others = _of_others(known)
    return "\n".join(lines) + "\n" + (f"\n{others}" if others else "")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=100_000, help="messages in the capture (default: %(default)s)")
    parser.add_argument("--few", type=int, default=2_000, help="messages for pyshark and Scapy (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=5, help="runs of each program (default: %(default)s)")
    parser.add_argument("--peer-runs", type=int, default=2, help="runs of the slow ones (default: %(default)s)")
    parser.add_argument("--large-runs", type=int, default=3, help="runs on the large captures (default: %(default)s)")
    parser.add_argument("--no-memory", action="store_true", help="leave out the capture of ten times the size")
    parser.add_argument("--large", action="append", metavar="NAME", help="only this program on that (repeatable)")
    parser.add_argument("--json", metavar="FILE", help="write all figures there")
    parser.add_argument("--results", metavar="FILE", help="write the tables there, with the machine's description")
    args = parser.parse_args()
    before = machine()
    with tempfile.TemporaryDirectory() as folder:
        benchmark = Benchmark(args, folder)
        benchmark.warm_up()
        benchmark.speed()
        benchmark.peers()
        benchmark.startup()
        benchmark.two_files()
        benchmark.many_sessions(1, args.runs)
        benchmark.deviating()
        if not args.no_memory:
            benchmark.flat()
            benchmark.many_sessions(_TIMES, args.large_runs)
        benchmark.compare()
        print("\n".join(benchmark.lines()))
        if args.json:
            Path(args.json).write_text(json.dumps(benchmark.to_json(), indent=1) + "\n", encoding="utf-8")
        if args.results:
            command = " ".join(["python", "tests/bench/run.py", *sys.argv[1:]])
            file = Path(args.results)
            known = file.read_text(encoding="utf-8") if file.exists() else ""
            file.write_text(results(benchmark, command, before, known), encoding="utf-8")


if __name__ == "__main__":
    main()
