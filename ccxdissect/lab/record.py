"""Recording a scenario: servers and clients on real sockets, a real capture of what passes between them.

The steps of all parties are played in the order of the file, each after the one before is answered, so that every
recording of a scenario holds the same messages. `compare` says whether two recordings do.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ccxdissect.capture.segments import read_segments
from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.lab.capturing import Dumpcap, capture_filter, made_plain
from ccxdissect.lab.client import LabClient, StepFailed
from ccxdissect.lab.notes import LabNote, Say, Sort, silent
from ccxdissect.lab.player import Player
from ccxdissect.lab.server import LabServer, know_each_other, loopback_only
from ccxdissect.lab.specs import Scenario
from ccxdissect.protocol.model import Protocol, Side
from ccxdissect.stream.dissector import Dissector
from ccxdissect.stream.events import Event, Record, SessionOpened
from ccxdissect.wording import SECOND
from ccxdissect.wording.problems import say

#: The loopback's name, where there is no need to ask.
LOOPBACK = "lo"


@dataclass
class Played:
    """What became of a scenario: the steps done, and what each party objected to (safe to print)."""

    steps: int = 0
    wrong: list[str] = field(default_factory=list)


async def play_all(
    scenario: Scenario, *, speed: float = 1.0, say: Say = silent, dumpcap: Dumpcap | None = None
) -> Played:
    """Plays every step of a scenario with all its servers and clients, under a capture if one is given.

    Raises CcxDissectError (StepFailed when a step does not come out as it should).
    """
    played = Played()

    def tell(told: LabNote) -> None:
        if told.sort is Sort.WRONG:
            played.wrong.append(str(told))
        say(told)

    servers = {spec.name: LabServer(scenario, spec, tell, speed) for spec in scenario.servers}
    clients = {spec.name: LabClient(scenario, spec, tell, speed) for spec in scenario.clients}
    players = {name: Player(client) for name, client in clients.items()}
    try:
        for server in servers.values():
            await server.start()
        know_each_other(list(servers.values()))
        if dumpcap is not None:
            await dumpcap.start()
        try:
            for step in scenario.steps:
                if step.who in servers:
                    await servers[step.who].act(step)
                else:
                    await players[step.who].perform(step)
                    if step.do == "sleep":
                        for server in servers.values():
                            server.engine.world.clock.advance(step.get("seconds"))
                played.steps += 1
        finally:
            if dumpcap is not None:
                await dumpcap.stop()
    finally:
        for client in clients.values():
            client.disconnect()
        await asyncio.sleep(0.01)
        for server in servers.values():
            await server.stop()
    return played


def record(
    scenario: Scenario,
    output: str | os.PathLike[str],
    *,
    speed: float = 1.0,
    interface: str = LOOPBACK,
    anywhere: bool = False,
    say: Say = silent,
) -> Played:
    """Plays a scenario under a capture and writes it as pcapng.

    `speed` shortens every wait. Loopback only, unless `anywhere`. Raises CcxDissectError: dumpcap is missing or may not
    capture, a port is taken, a step does not come out as it should, the file cannot be written.
    """
    loopback_only(scenario.servers, anywhere)
    with tempfile.TemporaryDirectory(prefix="ccxdissect-") as folder:
        path = Path(folder) / "capture.pcapng"
        dumpcap = Dumpcap(interface, capture_filter(scenario.servers), path)
        played = asyncio.run(play_all(scenario, speed=speed, say=say, dumpcap=dumpcap))
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CcxDissectError(one_line(f"dumpcap left no capture: {error.strerror}")) from error
    begin = None if scenario.clock is None else scenario.clock * SECOND
    try:
        Path(output).write_bytes(made_plain(data, scenario.title, begin))
    except OSError as error:
        raise CcxDissectError(one_line(f"{os.fspath(output)}: {error.strerror}")) from error
    return played


@dataclass(frozen=True)
class Line:
    """One message as `compare` sees it: its name, and all its fields as text."""

    name: str
    fields: tuple[str, ...]


Transcript = dict[tuple[int, Side], list[Line]]


def transcript(events: Iterable[Event]) -> Transcript:
    """The messages by session (numbered from 1 in the order of their first packets) and sender."""
    found: Transcript = {}
    for event in events:
        if isinstance(event, SessionOpened):
            for side in Side:
                found.setdefault((event.session.number, side), [])
        elif isinstance(event, Record):
            decoded = event.decoded
            fields = [f"{name}={value!r}" for name, value in decoded.fixed.items()]
            fields += [f"{item.name}[{item.tag}]={item.value!r}" for item in decoded.floating]
            fields += [f"problem: {say(problem)}" for problem in event.problems]
            form = "" if decoded.form is None else decoded.form.title
            line = Line(event.name, (f"version {event.session.version} {form}", *fields))
            found.setdefault((event.session.number, event.sender), []).append(line)
    return found


def read_transcript(path: str | os.PathLike[str], protocol: Protocol) -> Transcript:
    """The transcript of a capture file. Raises CaptureError."""
    dissector = Dissector(protocol)
    events: list[Event] = []
    for segment in read_segments(os.fspath(path), frozenset(protocol.ports)):
        events += dissector.feed(segment)
    events += dissector.flush()
    return transcript(events)


def compare(sample: str | os.PathLike[str], fresh: str | os.PathLike[str], protocol: Protocol) -> list[str]:
    """What differs between two recordings of a scenario; empty when nothing that matters does.

    The same sessions in the same order, and in each direction of each the same messages with the same fields. Times,
    ports and sequence numbers are a recording's own.
    """
    return differences(read_transcript(sample, protocol), read_transcript(fresh, protocol))


def differences(first: Transcript, second: Transcript) -> list[str]:
    """What differs between two transcripts, one sentence each."""
    found = []
    for session, side in sorted({*first, *second}, key=lambda key: (key[0], key[1].value)):
        where = f"session {session}, {side.value}"
        one, other = first.get((session, side), []), second.get((session, side), [])
        for number, (line, again) in enumerate(zip(one, other, strict=False), 1):
            if line.name != again.name:
                found.append(f"{where}, message {number}: {line.name} became {again.name}")
                break
            was, now = list(line.fields), list(again.fields)
            if was != now:
                changed = [f for f in was if f not in now] + ["->"] + [f for f in now if f not in was]
                found.append(f"{where}, message {number} {line.name}: {' '.join(changed)}")
        if len(one) != len(other):
            found.append(f"{where}: {len(one)} messages became {len(other)}")
    return found


__all__ = ["Line", "Played", "StepFailed", "compare", "differences", "play_all", "read_transcript", "record"]
