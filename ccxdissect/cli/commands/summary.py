"""`ccxdissect summary`: what is in here?"""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures

SUMMARY = "say what is in a capture: findings, sessions, counts, what did not decode"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)


def run(args: argparse.Namespace) -> int:
    """Say it."""
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_lines
    from ccxdissect.views.summary import SummaryView

    trace = open_trace(args)
    write_lines(SummaryView(trace.summary()).lines())
    complain(trace)
    return 0
