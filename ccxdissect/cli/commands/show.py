"""`ccxdissect show`: one message in full."""

from __future__ import annotations

import argparse

from ccxdissect.cli.numbers import digits, port
from ccxdissect.cli.options import add_filters, add_reserved, add_secrets, add_source
from ccxdissect.cli.output import add_output

SUMMARY = "show one message as a tree, its bytes beside the fields"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "given",
        nargs="+",
        metavar="CAPTURE... NUMBER",
        help="captures or logs, - is standard input; then the message's number, as `messages` lists it, unless --first or -c",
    )
    parser.add_argument("--first", action="store_true", help="the first message that is wanted, instead of a number")
    parser.add_argument("--port", type=port, action="append", metavar="N", help="TCP port of the server (repeatable)")
    add_source(parser)
    add_filters(parser)
    add_reserved(parser)
    add_secrets(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Show it."""
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_lines
    from ccxdissect.errors import CaptureError, UsageError
    from ccxdissect.views.messages import Showing
    from ccxdissect.views.text import shown
    from ccxdissect.views.tree import record_heading, tree_lines
    from ccxdissect.wording.problems import say

    number = None if args.first else digits(args.given[-1])
    if number == 0:
        raise UsageError("messages are numbered from 1")
    args.captures = args.given if number is None else args.given[:-1]
    if number is None and not args.first and args.most_rows is None:
        raise UsageError(f"which message? {args.given[-1]!r} is no number; --first shows the first one that is wanted")
    if not args.captures:
        raise UsageError(f"which capture is message {number} of?")
    keep = filter_of(args, but=("most_rows",))
    trace = open_trace(args, keep)
    wanted = args.most_rows or 1
    told = 0
    for record in trace.messages():
        if number is None or record.number == number or told:
            if told:
                print()
            print(record_heading(record))
            write_lines(tree_lines(record.decoded, Showing(args.reserved, args.show_secrets)))
            for problem in record.source_problems:
                print(f"problem: {shown(say(problem))}")
            told += 1
            if told == wanted:
                break
    if told:
        return 0
    complain(trace)
    wanted = f"no message {number}" if number is not None else "no such message"
    if number is not None and keep is not None and number <= trace.count:
        wanted = f"no message {number} that is wanted, since it does not fit the options"
    raise CaptureError(args.captures[0], f"there is {wanted}; it has {trace.count}")
