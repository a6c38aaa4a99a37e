"""`ccxdissect exchanges`: requests with their replies."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_filters, add_format

SUMMARY = "pair every request with its reply, and with the events it led to"
OUTCOMES = ("confirmed", "failed", "unanswered", "unrequested")


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    add_filters(parser)
    parser.add_argument(
        "--outcome", choices=OUTCOMES, action="append", help="only exchanges that ended so (repeatable)"
    )


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.exchange import SCHEMA
    from ccxdissect.cli.filters import Own, RowFilter, filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_rows

    outcomes = frozenset(args.outcome or OUTCOMES)
    own = {"outcome": Own(lambda exchange: exchange.outcome.value in outcomes)}
    # Where every row is wanted, none has to be asked.
    wanted = RowFilter(args, SCHEMA, own if args.outcome or args.where is not None else None)
    trace = open_trace(args, filter_of(args, rows=SCHEMA))
    write_rows(args, SCHEMA, wanted.of(trace.exchanges()), trace)
    complain(trace, wanted.why_none)
    return 0
