"""`ccxdissect agents`: what each agent did, and when."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_filters, add_format, names_of

SUMMARY = "tell each agent's states, with reasons and durations"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    add_filters(parser)
    parser.add_argument(
        "--totals", action="store_true", help="add up per agent and day: states, reasons, logins, calls handled"
    )


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.agents import SCHEMA
    from ccxdissect.analysis.filters import Globs
    from ccxdissect.cli.filters import Own, RowFilter, filter_of
    from ccxdissect.cli.reading import apply_zone, complain, open_trace
    from ccxdissect.cli.writing import write_rows

    agents = Globs(names_of(args, "agent"))
    own = {"agent": Own(lambda row: row.agent in agents, names_of(args, "agent"))} if agents else None
    schema = SCHEMA
    if args.totals:
        from ccxdissect.analysis import agent_totals
        from ccxdissect.views.text import zone, zone_name

        # The totals are of the days of the zone that is shown.
        apply_zone(args)
        schema = agent_totals.schema_in(zone_name())
    wanted = RowFilter(args, schema, own)
    trace = open_trace(args, filter_of(args, but=("agent",), rows=schema))
    if args.totals:
        totals = agent_totals.AgentTotals(zone())
        for spell in trace.agents():
            totals.add(spell)
        write_rows(args, schema, wanted.of(totals.rows()))
    else:
        write_rows(args, schema, wanted.of(trace.agents()), trace)
    complain(trace, wanted.why_none)
    return 0
