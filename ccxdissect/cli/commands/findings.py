"""`ccxdissect findings`: what a careful engineer would notice."""

from __future__ import annotations

import argparse

from ccxdissect.cli.numbers import seconds
from ccxdissect.cli.options import add_captures, add_filters, add_format

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccxdissect.analysis.findings import Finding

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
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "note"),
        help="end with status 3 when a finding is at least this grave",
    )


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.findings import SCHEMA, Severity, gravest_first
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_rows

    least = Severity(args.least)
    trace = open_trace(args, filter_of(args, but=("where",)))
    found = trace.findings(args.slow)
    worst = -1

    def told() -> Iterator[Finding]:
        nonlocal worst
        for item in found:
            worst = max(worst, item.severity.rank)
            if item.severity.rank >= least.rank:
                yield item

    write_rows(args, SCHEMA, gravest_first(told()))
    complain(trace)
    return 3 if args.fail_on and worst >= Severity(args.fail_on).rank else 0
