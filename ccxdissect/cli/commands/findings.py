"""`ccxdissect findings`: what a careful engineer would notice."""

from __future__ import annotations

import argparse

from ccxdissect.cli.numbers import seconds
from ccxdissect.cli.options import add_captures, add_filters, add_format

SUMMARY = "say what is wrong or odd, and what to do about it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    add_filters(parser)
    parser.add_argument(
        "--least", choices=("note", "warning", "error"), default="note", help="only findings at least this grave"
    )
    parser.add_argument(
        "--slow", type=seconds, metavar="SECONDS", help="a reply that takes longer is slow (default: 2 seconds)"
    )


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.findings import SCHEMA, Severity
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_rows

    least = Severity(args.least)
    trace = open_trace(args, filter_of(args, but=("where",)))
    found = trace.findings(args.slow)
    write_rows(args, SCHEMA, (item for item in found if item.severity.rank >= least.rank))
    complain(trace)
    return 0
