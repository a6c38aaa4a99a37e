"""`ccxdissect exchanges`: requests with their replies."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_format

SUMMARY = "pair every request with its reply, and with the events it led to"
OUTCOMES = ("confirmed", "failed", "unanswered", "unrequested")


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    parser.add_argument(
        "--outcome", choices=OUTCOMES, action="append", help="only exchanges that ended so (repeatable)"
    )


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.exchanges import SCHEMA, Exchanges
    from ccxdissect.cli.reading import Reading, in_order, results_of
    from ccxdissect.cli.writing import write_rows

    reading = Reading(args)
    found = in_order(results_of(reading, Exchanges()), lambda exchange: exchange.request or exchange.reply or 0)
    if args.outcome:
        found = (exchange for exchange in found if exchange.outcome in args.outcome)
    write_rows(args.format, SCHEMA, found)
    reading.complain()
    return 0
