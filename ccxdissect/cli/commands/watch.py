"""`ccxdissect watch`: captures on a full screen."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_filters, add_reserved, add_secrets

SUMMARY = "show captures on a full screen: sessions, calls, agents, findings, ladders, trees; `?` lists the keys"

_MORE = (
    "At most the last 100,000 messages can be scrolled through; sessions, calls, agents and findings are of everything."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.description = f"{SUMMARY[0].upper()}{SUMMARY[1:]}. {_MORE}"
    add_captures(parser)
    add_filters(parser)
    add_reserved(parser)
    add_secrets(parser)


def run(args: argparse.Namespace) -> int:
    """Show them."""
    from ccxdissect.capture.source import name_of
    from ccxdissect.capture.spooled import reopenable
    from ccxdissect.cli.filters import filter_from, filter_of
    from ccxdissect.cli.reading import apply_zone, complain, options_of
    from ccxdissect.cli.watching import check_screen, keys_from_terminal, show
    from ccxdissect.sources.trace import Trace
    from ccxdissect.views.messages import Showing

    check_screen("watch", "`ccxdissect messages` prints rows")
    from ccxdissect.watch.app import WatchApp
    from ccxdissect.watch.reading import Reading
    from ccxdissect.watch.state import MOST_READ, WatchState

    apply_zone(args)
    names = [name_of(capture) for capture in args.captures]
    options = options_of(args)
    with reopenable(args.captures) as paths:
        if "-" in args.captures:
            keys_from_terminal("watch")
        trace = Trace(paths, options, filter_of(args))
        name = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
        state = WatchState(Showing(args.reserved, args.show_secrets), MOST_READ)
        show(WatchApp(Reading(trace, name, state), state, options, paths, filter_from))
        complain(trace)
    return 0
