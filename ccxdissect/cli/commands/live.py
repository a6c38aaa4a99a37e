"""`ccxdissect live`: decode while it passes."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ccxdissect.cli.numbers import port, seconds
from ccxdissect.cli.options import PORT_HELP, add_dialect, add_filters, add_reserved, add_secrets
from ccxdissect.cli.output import add_output

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from ccxdissect.capture.live_source import LiveSource
    from ccxdissect.sources.options import Options
    from ccxdissect.watch.run import Listener, LiveRun

SUMMARY = "decode live traffic, and say at once what goes wrong"
_MORE = (
    "Without -i and without - it lists the interfaces and ends with status 0. Ends with status 0 however the traffic "
    "ends: Ctrl-C, --for, --count, a closed pipe, an interface that goes away; with 1 when it cannot capture, when "
    "dumpcap is killed, or when it cannot keep what it captures. Findings stand among the messages of a table, and on standard error with --format jsonl."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.description = f"{SUMMARY[0].upper()}{SUMMARY[1:]}. {_MORE}"
    parser.add_argument(
        "pipe",
        nargs="?",
        choices=("-",),
        metavar="-",
        help="a capture on standard input: ssh HOST tcpdump -U -w - 'tcp port 12028' | ccxdissect live -",
    )
    parser.add_argument("-i", "--interface", metavar="IFACE", help="the network interface to capture on")
    parser.add_argument(
        "--port",
        type=port,
        action="append",
        metavar="N",
        help=PORT_HELP,
    )
    add_dialect(parser)
    parser.add_argument(
        "--zone",
        metavar="ZONE",
        help="the time zone in which times are shown (default: UTC): an offset (+05:30), a name (Asia/Kolkata), or local",
    )
    parser.add_argument(
        "--format", choices=("table", "jsonl"), default="table", help="how rows come out (default: table)"
    )
    parser.add_argument(
        "--watch", action="store_true", help="show it all on a full screen: sessions, agents, calls, findings"
    )
    parser.add_argument("--write", metavar="FILE.pcapng", help="keep the packets in a file")
    parser.add_argument("--for", type=seconds, dest="seconds", metavar="SECONDS", help="end after this time")
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=5.0,
        metavar="SECONDS",
        help="say so when a reply has not come within this time (default: 5)",
    )
    parser.add_argument(
        "--slow", type=seconds, metavar="SECONDS", help="a reply that takes longer is slow (default: 2 seconds)"
    )
    parser.add_argument(
        "--least", choices=("note", "warning", "error"), default="note", help="only findings at least this grave"
    )
    add_filters(parser)
    add_reserved(parser)
    add_secrets(parser)
    add_output(parser, pager=False)


def run(args: argparse.Namespace) -> int:
    """Capture, decode, show."""
    from ccxdissect.cli.reading import apply_zone
    from ccxdissect.errors import UsageError
    from ccxdissect.outputs import check_output

    if args.pipe and args.interface is not None:
        raise UsageError("live takes either an interface (-i) or a pipe (-), not both")
    if args.watch and args.format != "table":
        raise UsageError("--watch shows a screen and --format prints lines: choose one of them")
    apply_zone(args)
    if args.write:
        check_output(args.write, args.force, streams=False)
    if args.watch and args.text_output:
        raise UsageError("--watch shows a screen and -o writes lines: choose one of them")
    if not args.pipe and args.interface is None:
        return _list_interfaces()
    if args.watch:
        return _watch(args)
    return _print(args)


def _list_interfaces() -> int:
    from ccxdissect.analysis.schema import Column, ColumnKind, positional
    from ccxdissect.capture.live import interfaces
    from ccxdissect.cli.writing import write_table
    from ccxdissect.errors import CaptureError

    found = interfaces()
    if not found:
        raise CaptureError("live", "there is no interface to capture on; a pipe works: `ccxdissect live -`")
    rows = []
    for item in found:
        use = "traffic within this machine, such as a lab's" if item.loopback else ""
        if item.name == "any":
            use = "all interfaces at once"
        rows.append([item.name, ", ".join(item.addresses), use or item.description])
    text = ColumnKind.TEXT
    schema = positional(
        "interfaces",
        "where to capture",
        Column("interface", text, "its name"),
        Column("addresses", text, "its addresses"),
        Column("use", text, "what passes there"),
    )
    write_table(schema, rows)
    print("\nChoose the one that the server's traffic passes: `ccxdissect live -i INTERFACE`.")
    print("If it passes another machine: `ssh HOST tcpdump -U -w - 'tcp port 12028' | ccxdissect live -`.")
    return 0


def _source(args: argparse.Namespace, ports: frozenset[int], descriptor: int = 0) -> LiveSource:
    if args.pipe:
        from ccxdissect.capture.live_pipe import PipeSource

        return PipeSource(descriptor)
    from ccxdissect.capture.live import interface_source

    return interface_source(args.interface, ports)


def _print(args: argparse.Namespace) -> int:
    from ccxdissect.cli.live_printing import Printing, say
    from ccxdissect.sources.options import options
    from ccxdissect.views.messages import Showing

    given = options(dialect=args.dialect, ports=args.port or ())
    source = _source(args, given.ports)
    named = given.ports_said()
    listener = Printing(
        args.format,
        Showing(args.reserved, args.show_secrets),
        f"listening on {source.name}, TCP port {named}; Ctrl-C ends",
    )
    live = _live_run(args, source, given, listener)
    _on_signals(live)
    try:
        live.run()
    finally:
        listener.end()
    if listener.failure is not None:
        raise listener.failure
    _last_words(live, args, say)
    return 0 if live.failure is None else 1


def _live_run(args: argparse.Namespace, source: LiveSource, given: Options, listener: Listener) -> LiveRun:
    from ccxdissect.analysis.findings import Severity, Thresholds
    from ccxdissect.analysis.subject import SubjectReader
    from ccxdissect.capture.live_recording import Recording
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.sources.keeping import keeping
    from ccxdissect.watch.run import LiveRun, Wanted
    from ccxdissect.wording import SECOND

    keep = filter_of(args, but=("most_rows",))
    shown = Wanted(
        None if keep is None else keeping(keep, given.protocols, SubjectReader()),
        args.most_rows,
        args.seconds,
        int(args.timeout * SECOND),
        Thresholds() if args.slow is None else Thresholds(slow_reply=int(args.slow * SECOND)),
        Severity(args.least),
    )
    recording = Recording(args.write) if args.write else None
    return LiveRun(source, given, listener, shown, recording)


def _on_signals(live: LiveRun) -> None:
    """Ctrl-C, and being told to end, ask for an end in good order; the second time, for the end."""
    import signal

    asked = [signal.SIGINT, signal.SIGTERM] + ([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])

    def heard(number: int, frame: FrameType | None) -> None:
        for one in asked:
            signal.signal(one, signal.default_int_handler)
        live.stop()

    for one in asked:
        signal.signal(one, heard)


def _last_words(live: LiveRun, args: argparse.Namespace, tell: Callable[[str], None]) -> None:
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.views.live import summary_lines
    from ccxdissect.views.remarks import nothing_fits

    for line in summary_lines(live.tally, live.source.name, args.write):
        tell(line)
    for notice in live.trace.notices:
        tell(f"note: {notice}")
    if live.trace.nothing_found is not None:
        tell(f"note: {live.trace.nothing_found}")
    elif live.kept is not None and not live.kept.count:
        tell(f"note: {nothing_fits(live.tally.messages, live.kept.seen, filter_of(args))}")
    if live.failure is not None:
        tell(f"ccxdissect: {live.failure}")


def _watch(args: argparse.Namespace) -> int:
    from ccxdissect.cli.watching import check_screen, keys_from_terminal, show

    check_screen("--watch", "without --watch, rows are printed")
    # The pipe moves elsewhere: the keys come from the terminal.
    descriptor = keys_from_terminal("--watch") if args.pipe else 0
    from ccxdissect.cli.filters import filter_from
    from ccxdissect.cli.live_printing import say
    from ccxdissect.sources.options import options
    from ccxdissect.views.messages import Showing
    from ccxdissect.watch.app import WatchApp
    from ccxdissect.watch.state import WatchState

    given = options(dialect=args.dialect, ports=args.port or ())
    state = WatchState(Showing(args.reserved, args.show_secrets))
    live = _live_run(args, _source(args, given.ports, descriptor), given, state)
    show(WatchApp(live, state, given, [args.write] if args.write else (), filter_from))
    _last_words(live, args, say)
    return 0 if live.failure is None else 1
