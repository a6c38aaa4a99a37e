"""`ccxdissect lab`: a server and a client on real sockets, for those who write clients."""

from __future__ import annotations

import argparse
import sys

from ccxdissect.cli.numbers import port, seconds, unsigned
from ccxdissect.cli.options import add_dialect
from ccxdissect.cli.output import add_output

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccxdissect.lab.notes import Say
    from ccxdissect.lab.specs import Scenario

SUMMARY = "run a CTI server or client of our own, or record a sample with them"
_SCENARIO = "a scenario of ours by name, or a scenario file (TOML); `lab list` names ours and explains the steps"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    what = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    serve = what.add_parser(
        "serve",
        help="serve until interrupted, and say what clients do wrong; lines typed meanwhile are further steps of the server: "
        "`call from=5550001 to=7000`, `agent-state agent=anna state=READY`, `failure status=94`, `failover`; `help` names all",
    )
    _add_common(serve)
    serve.add_argument("--address", help="where to listen (default: as the scenario says, on the loopback)")
    serve.add_argument("--port", type=port, help="port to listen on")
    serve.add_argument(
        "--floating", dest="form", choices=("2+1", "2+2"), help="form of the floating fields in version 18"
    )
    serve.add_argument(
        "--standby", action="store_true", default=None, help="be the standby node, which refuses with 92"
    )
    serve.add_argument("--anywhere", action="store_true", help="allow an address that is not the loopback's")
    serve.add_argument("--for", type=seconds, dest="seconds", metavar="SECONDS", help="end after so long")
    client = what.add_parser("client", help="log in and play the steps of one client of a scenario")
    _add_common(client)
    client.add_argument("client", help="which client of the scenario")
    client.add_argument("--address", help="where the server is")
    client.add_argument("--port", type=port, help="the server's port")
    record = what.add_parser("record", help="play a whole scenario under a capture (needs dumpcap)")
    _add_common(record)
    record.add_argument("--output", required=True, metavar="FILE", help="the pcapng file to write")
    record.add_argument("--force", action="store_true", help="replace FILE if it is there already")
    played = what.add_parser("replay", help="play the server's side of a captured session to a client under test")
    played.add_argument("capture", metavar="CAPTURE", help="the capture, or a log")
    played.add_argument(
        "--session", type=unsigned, metavar="N", help="this session of it (default: the first with messages)"
    )
    played.add_argument("--address", default="127.0.0.1", help="where to listen, on the loopback (default: 127.0.0.1)")
    played.add_argument("--port", type=port, default=12028, help="port to listen on (default: 12028)")
    played.add_argument("--no-pauses", action="store_true", help="send at once what came after a pause")
    played.add_argument("--speed", type=seconds, default=1.0, help="shorten every pause so many times (default: 1)")
    played.add_argument("--for", type=seconds, dest="seconds", metavar="SECONDS", help="end after so long")
    played.add_argument("--verbose", action="store_true", help="name every message as well")
    add_dialect(played)
    listed = what.add_parser(
        "list", help="name the scenarios that come along, and explain the steps of a scenario file"
    )
    add_output(listed)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", help=_SCENARIO)
    parser.add_argument("--speed", type=seconds, default=1.0, help="shorten every wait so many times (default: 1)")
    parser.add_argument("--verbose", action="store_true", help="name every message as well")


def run(args: argparse.Namespace) -> int:
    """Do it."""
    from ccxdissect.lab import scenario as scenarios

    if args.what == "list":
        return _list()
    from ccxdissect.lab.notes import LabNote, Sort

    def say(note: LabNote) -> None:
        if args.verbose or note.sort is not Sort.MESSAGE:
            print(f"{'!' if note.sort is Sort.WRONG else ' '} {note}", file=sys.stderr, flush=True)

    if args.what == "replay":
        return _replay(args, say)
    scenario = scenarios.load(args.scenario)
    if args.what == "serve":
        from ccxdissect.lab.server import overridden, serve

        told = overridden(scenario, address=args.address, port=args.port, form=args.form, standby=args.standby)
        typed = sys.stdin
        serve(told, anywhere=args.anywhere, speed=args.speed, seconds=args.seconds, say=say, typed=typed)
    elif args.what == "client":
        from ccxdissect.lab.player import play

        wrong = play(scenario, args.client, address=args.address, port=args.port, speed=args.speed, say=say)
        print(
            f"{len(wrong)} objections to what the server sent" if wrong else "nothing wrong with what the server sent"
        )
    else:
        from ccxdissect.lab.record import record
        from ccxdissect.outputs import check_output

        check_output(args.output, args.force, streams=False)
        played = record(scenario, args.output, speed=args.speed, say=say)
        print(f"recorded {args.output}: {played.steps} steps, {len(played.wrong)} objections")
    return 0


def _replay(args: argparse.Namespace, say: Say) -> int:
    """Play a captured session."""
    from ccxdissect.errors import CaptureError, UsageError
    from ccxdissect.lab.replay import replay, turns_of
    from ccxdissect.sources.options import options
    from ccxdissect.sources.trace import Trace

    if args.no_pauses and args.speed != 1:
        raise UsageError("--no-pauses leaves none that --speed could shorten: choose one of them")
    with Trace([args.capture], options(dialect=args.dialect)) as trace:
        wanted = args.session
        records = []
        for record in trace.messages():
            wanted = record.session.number if wanted is None else wanted
            if record.session.number == wanted:
                records.append(record)
    turns = turns_of(records)
    if not turns:
        raise CaptureError(args.capture, f"session {wanted or 1} has no message of a client")
    verdict = records[0].session.verdict
    protocol = trace.options.protocol if verdict is None else verdict.protocol
    pauses = None if args.no_pauses else args.speed
    replay(protocol, turns, args.address, args.port, args.seconds, say, pauses)
    return 0


def _told(name: str, scenario: Scenario) -> Iterator[str]:
    """What a scenario is, where it is served, and who may log in there with what."""
    yield name
    yield f"  {scenario.title}"
    for server in scenario.servers:
        lowest, highest = server.versions
        standby = ", the standby" if server.standby else ""
        yield f"  server {server.name}: {server.address} port {server.port}, versions {lowest} to {highest}{standby}"
    for client in scenario.clients:
        login = f"agent {client.agent}" if client.agent else client.mode
        yield f'  client {client.name}: {login}, ClientID "{client.client_id}", password "{client.password}"'
    for agent in scenario.agents:
        boss = ", supervisor" if agent.supervisor else ""
        yield f'  agent {agent.id}: extension {agent.extension}, password "{agent.password}"{boss}'
    for trigger in scenario.triggers:
        yield f"  number to call: {trigger.number}"
    yield ""


def _list() -> int:
    from ccxdissect.cli.writing import write_lines
    from ccxdissect.lab import scenario as scenarios
    from ccxdissect.lab.steps import CLIENT_ACTIONS, SERVER_ACTIONS

    for name in scenarios.names():
        write_lines(_told(name, scenarios.load(name)))
    for title, actions in (("Steps of a client", CLIENT_ACTIONS), ("Steps of a server", SERVER_ACTIONS)):
        write_lines([title])
        write_lines(f"  {name:<14} {action.meaning}" for name, action in actions.items())
        write_lines([""])
    return 0
