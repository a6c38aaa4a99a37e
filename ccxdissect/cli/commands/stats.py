"""`ccxdissect stats`: how many, how often failed, how quickly answered."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_filters, add_format

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ccxdissect.analysis.schema import Schema

SUMMARY = "count messages and exchanges, and measure reply times"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    add_filters(parser)
    parser.add_argument(
        "--table",
        choices=("messages", "exchanges"),
        help="only the counts of these (default: both; with --format csv messages, since CSV is one table)",
    )


def run(args: argparse.Namespace) -> int:
    """Count."""
    from ccxdissect.analysis.statistics import EXCHANGE_COUNTS, TYPE_COUNTS
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_lines, write_rows
    from ccxdissect.views.histogram import histogram_lines

    trace = open_trace(args, filter_of(args, but=("most_rows",)), "counts and reply times are the same in every zone")
    statistics = trace.statistics()
    types, exchanges = statistics.types(), statistics.exchanges()
    only = args.table or ("messages" if args.format == "csv" else None)
    counts: tuple[tuple[str, Schema, Sequence[object]], ...] = (
        ("messages", TYPE_COUNTS, types),
        ("exchanges", EXCHANGE_COUNTS, exchanges),
    )
    for name, schema, counted in counts:
        if only in (name, None):
            write_rows(args, schema, counted)
            if args.format == "table":
                print()
    if args.format == "table" and only != "messages":
        for item in exchanges[: args.most_rows]:
            bars = item.latencies.histogram()
            if any(count for _, count in bars):
                print(f"Reply times of {item.request}")
                write_lines(histogram_lines(bars))
                print()
    complain(trace)
    return 0
