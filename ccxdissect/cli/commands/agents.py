"""`ccxdissect agents`: what each agent did, and when."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_filters, add_format

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
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_rows

    trace = open_trace(args, filter_of(args, but=("agent", "where")))
    spells = trace.agents()
    if args.agent:
        agents = Globs(tuple(args.agent))
        spells = (spell for spell in spells if spell.agent in agents)
    if args.totals:
        from ccxdissect.analysis import agent_totals
        from ccxdissect.views.text import zone, zone_name

        totals = agent_totals.AgentTotals(zone())
        for spell in spells:
            totals.add(spell)
        write_rows(args, agent_totals.schema_in(zone_name()), totals.rows())
    else:
        write_rows(args, SCHEMA, spells, trace)
    complain(trace)
    return 0
