"""`ccxdissect calls`: the story of each call."""

from __future__ import annotations

import argparse

from ccxdissect.cli.numbers import call_id, unsigned
from ccxdissect.cli.options import add_captures, add_filters, add_format, names_of

SUMMARY = "tell the story of each call: parties, queue, agents, phases, transfers"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    add_filters(parser, but=("call", "agent", "number"))
    parser.add_argument(
        "--call", type=call_id, action="append", metavar="N", help="only this call, decimal or 0x, step by step"
    )
    parser.add_argument(
        "--agent", action="append", metavar="ID", help="only calls of this agent; * and ? stand for others"
    )
    parser.add_argument(
        "--number",
        action="append",
        metavar="NUMBER",
        help="only calls with this number on them; * and ? stand for others",
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
    from ccxdissect.analysis.filters import Globs
    from ccxdissect.analysis.wanted_calls import WantedCalls
    from ccxdissect.cli.filters import Own, RowFilter, filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import as_table, so_many, write_lines, write_rows
    from ccxdissect.views.text import shown

    outcomes = frozenset(outcome for each in args.outcome or () for outcome in each)
    agents, numbers = names_of(args, "agent"), names_of(args, "number")
    options = (
        ("call", WantedCalls(calls=frozenset(args.call or ())), ()),
        ("agents", WantedCalls(agents=Globs(agents)), agents),
        ("parties", WantedCalls(numbers=Globs(numbers)), numbers),
        ("queues", WantedCalls(queues=frozenset(args.queue or ())), ()),
        ("outcome", WantedCalls(outcomes=outcomes), ()),
    )
    own = {column: Own(wanted.__contains__, asked) for column, wanted, asked in options if wanted}
    wanted = RowFilter(args, SCHEMA, own)
    trace = open_trace(args, filter_of(args, but=("call", "agent", "number"), rows=SCHEMA))
    # Lines that are filled need no stories.
    filled = args.format == "jsonl" and not wanted and not args.columns
    stories = wanted.of(trace.calls_to_write() if filled else trace.calls())
    if args.call and not as_table(args):
        write_lines(shown(line) for story in so_many(args, stories) for line in story.lines())
    else:
        write_rows(args, SCHEMA, stories, trace)
    complain(trace, wanted.why_none)
    return 0
