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
    from ccxdissect.analysis.results import json_line
    from ccxdissect.analysis.statistics import ExchangeCount, Statistics, TypeCount
    from ccxdissect.cli.reading import Reading
    from ccxdissect.cli.results import for_people
    from ccxdissect.cli.writing import write_lines, write_rows
    from ccxdissect.views.histogram import histogram_lines

    reading = Reading(args)
    statistics = Statistics()
    for event in reading:
        statistics.feed(event)
    statistics.flush()
    types, exchanges = statistics.types(), statistics.exchanges()
    if args.format == "jsonl":
        write_lines(json_line({"of": "message", **item.to_json()}) for item in types)
        write_lines(json_line({"of": "exchange", **item.to_json()}) for item in exchanges)
    else:
        for columns, rows in (
            (TypeCount.columns(), [item.row() for item in types]),
            (ExchangeCount.columns(), [item.row() for item in exchanges]),
        ):
            if args.format == "table":
                rows = [[for_people(cell) for cell in row] for row in rows]
            write_rows(args.format, columns, rows)
            print()
        if args.format == "table":
            for item in exchanges:
                bars = item.latencies.histogram()
                if any(count for _, count in bars):
                    print(f"Reply times of {item.request}")
                    write_lines(histogram_lines(bars))
                    print()
    reading.complain()
    return 0
