"""`ccxdissect calls`: the story of each call."""

from __future__ import annotations

import argparse

from ccxdissect.cli.numbers import call_id, unsigned
from ccxdissect.cli.options import add_captures, add_filters, add_format

SUMMARY = "tell the story of each call: parties, queue, agents, phases, transfers"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    add_filters(parser, but=("call", "agent", "number"))
    parser.add_argument(
        "--call", type=call_id, action="append", metavar="N", help="only this call (repeatable), step by step"
    )
    parser.add_argument("--agent", action="append", metavar="ID", help="only calls of this agent (repeatable)")
    parser.add_argument(
        "--number", action="append", metavar="NUMBER", help="only calls with this number on them (repeatable)"
    )
    parser.add_argument(
        "--queue", type=unsigned, action="append", metavar="ID", help="only calls of this queue (repeatable)"
    )
    parser.add_argument(
        "--outcome",
        type=_outcomes,
        action="append",
        metavar="OUTCOME",
        help="only calls that ended so: answered, abandoned, not-answered, transferred, conferenced, failed, open "
        "(repeatable)",
    )


def _outcomes(text: str) -> object:
    from ccxdissect.analysis.wanted_calls import outcomes

    try:
        return outcomes(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.call_schema import SCHEMA
    from ccxdissect.analysis.wanted_calls import WantedCalls
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_lines, write_rows
    from ccxdissect.views.text import shown

    trace = open_trace(args, filter_of(args, but=("call", "agent", "number", "where")))
    wanted = WantedCalls(
        set(args.call or ()),
        set(args.agent or ()),
        set(args.number or ()),
        set(args.queue or ()),
        {outcome for outcomes in args.outcome or () for outcome in outcomes},
    )
    stories = (story for story in trace.calls() if story in wanted)
    if args.call and args.format == "table":
        write_lines(shown(line) for story in stories for line in story.lines())
        complain(trace)
        return 0
    write_rows(args, SCHEMA, stories, trace)
    complain(trace)
    return 0
