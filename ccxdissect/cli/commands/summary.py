"""`ccxdissect summary`: what is in here?"""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_filters
from ccxdissect.cli.output import add_output

SUMMARY = "say what is in a capture: findings, sessions, counts, what did not decode"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json", "jsonl"),
        default="text",
        help="text, or one JSON object on one line, for programs (default: text)",
    )
    add_filters(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Say it."""
    import sys

    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_lines
    from ccxdissect.views.formats import jsonl
    from ccxdissect.views.summary import SummaryView
    from ccxdissect.views.summary_rows import SCHEMA

    trace = open_trace(args, filter_of(args))
    summary = trace.summary()
    if args.format != "text":
        jsonl.write(SCHEMA, (summary,), sys.stdout)
    elif summary.messages or not trace.count:
        write_lines(SummaryView(summary).lines())
    complain(trace)
    return 0
