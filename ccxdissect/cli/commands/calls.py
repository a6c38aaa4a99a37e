"""`ccxdissect calls`: the story of each call."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_format

SUMMARY = "tell the story of each call: parties, queue, agents, phases, transfers"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    parser.add_argument(
        "--call", type=int, action="append", metavar="N", help="only this call (repeatable), step by step"
    )


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.calls import Calls, CallStory
    from ccxdissect.cli.reading import Reading
    from ccxdissect.cli.results import results_of, write_results
    from ccxdissect.cli.writing import write_lines
    from ccxdissect.views.text import shown

    reading = Reading(args)
    stories = results_of(reading, Calls())
    if args.call:
        wanted = set(args.call)
        stories = (story for story in stories if story.call in wanted)
        if args.format == "table":
            write_lines(shown(line) for story in stories for line in story.lines())
            reading.complain()
            return 0
    write_results(args, stories, CallStory.columns())
    reading.complain()
    return 0
