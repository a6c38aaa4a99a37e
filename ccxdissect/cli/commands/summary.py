"""`ccxdissect summary`: what is in here?"""

from __future__ import annotations

import argparse
import shlex

from ccxdissect.cli.options import add_captures

SUMMARY = "say what is in a capture: findings, sessions, counts, what did not decode"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)


def run(args: argparse.Namespace) -> int:
    """Say it."""
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_lines
    from ccxdissect.views.summary import Summary

    trace = open_trace(args)
    summary = Summary()
    for event in trace.events():
        summary.feed(event)
    summary.flush()
    summary.ports, summary.files = trace.options.ports, " ".join(map(shlex.quote, trace.paths))
    summary.snap, summary.remarks = trace.snap, trace.lacking
    if not summary.messages:
        summary.foreign = trace.elsewhere()
    write_lines(summary.lines())
    complain(trace)
    return 0
