"""`ccxdissect stats`: how many, how often failed, how quickly answered."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_format

SUMMARY = "count messages and exchanges, and measure reply times"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)


def run(args: argparse.Namespace) -> int:
    """Count."""
    from ccxdissect.analysis.statistics import EXCHANGE_COUNTS, TYPE_COUNTS, Statistics
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_lines, write_rows
    from ccxdissect.views.histogram import histogram_lines

    trace = open_trace(args)
    statistics = Statistics()
    for event in trace.events():
        statistics.feed(event)
    statistics.flush()
    types, exchanges = statistics.types(), statistics.exchanges()
    for schema, counted in ((TYPE_COUNTS, types), (EXCHANGE_COUNTS, exchanges)):
        write_rows(args.format, schema, counted)
        if args.format != "jsonl":
            print()
    if args.format == "table":
        for item in exchanges:
            bars = item.latencies.histogram()
            if any(count for _, count in bars):
                print(f"Reply times of {item.request}")
                write_lines(histogram_lines(bars))
                print()
    complain(trace)
    return 0
