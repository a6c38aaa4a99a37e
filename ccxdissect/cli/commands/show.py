"""`ccxdissect show`: one message in full."""

from __future__ import annotations

import argparse

from ccxdissect.cli.numbers import at_least_one, port
from ccxdissect.cli.options import add_reserved, add_secrets, add_source

SUMMARY = "show one message as a tree, its bytes beside the fields"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("captures", nargs=1, metavar="CAPTURE", help="capture or log; - is standard input")
    parser.add_argument(
        "number", type=at_least_one, metavar="NUMBER", help="the message's number, as `messages` lists it"
    )
    parser.add_argument("--port", type=port, action="append", metavar="N", help="TCP port of the server (repeatable)")
    add_source(parser)
    add_reserved(parser)
    add_secrets(parser)


def run(args: argparse.Namespace) -> int:
    """Show it."""
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_lines
    from ccxdissect.errors import CaptureError
    from ccxdissect.views.messages import Showing
    from ccxdissect.views.problems import say
    from ccxdissect.views.text import shown
    from ccxdissect.views.tree import record_heading, tree_lines

    trace = open_trace(args)
    for record in trace.messages():
        if record.number == args.number:
            print(record_heading(record))
            write_lines(tree_lines(record.decoded, Showing(args.reserved, args.show_secrets)))
            for problem in record.source_problems:
                print(f"problem: {shown(say(problem))}")
            return 0
    complain(trace)
    raise CaptureError(args.captures[0], f"there is no message {args.number}; it has {trace.count}")
