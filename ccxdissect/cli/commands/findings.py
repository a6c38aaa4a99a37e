"""`ccxdissect findings`: what a careful engineer would notice."""

from __future__ import annotations

import argparse
import sys

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
        "--each",
        action="store_true",
        help="list each finding in the table too, rather than like ones together; jsonl and csv always do (of more than "
        "100,000, those beyond follow in the order in which they were found)",
    )
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
    from ccxdissect.analysis.findings import SCHEMA, Severity
    from ccxdissect.analysis.gathering import MOST_ORDERED, Gathering, gravest_first
    from ccxdissect.cli.filters import RowFilter, filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_rows
    from ccxdissect.views.finding_rows import gathered_schema
    from ccxdissect.views.text import teller

    least = Severity(args.least)
    wanted = RowFilter(args, SCHEMA)
    trace = open_trace(args, filter_of(args, rows=SCHEMA))
    found = trace.findings(args.slow)
    args.answer = 0
    listed = 0
    fatal = Severity(args.fail_on).rank if args.fail_on else None

    def told() -> Iterator[Finding]:
        nonlocal listed
        for item in found:
            if fatal is not None and item.severity.rank >= fatal:
                args.answer = 3
            if item.severity.rank >= least.rank:
                listed += 1
                yield item

    fitting = wanted.of(told())
    if args.each or args.format != "table":
        write_rows(args, SCHEMA, gravest_first(fitting), trace)
        if listed > MOST_ORDERED:
            note = f"those beyond the first {MOST_ORDERED:,} stand at the end, in the order in which they were found"
            print(f"note: of {listed:,} findings, {note}", file=sys.stderr)
    else:
        gathering = Gathering()
        for item in fitting:
            gathering.add(item)
        groups = gathering.that_matter()
        say_time = teller(item.time for group in groups for item in (group.first, group.last))
        write_rows(args, gathered_schema(say_time), groups, trace)
    complain(trace, wanted.why_none)
    return int(args.answer)
