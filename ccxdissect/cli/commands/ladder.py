"""`ccxdissect ladder`: the flow of messages, drawn."""

from __future__ import annotations

import argparse

from ccxdissect.cli.numbers import at_least_one
from ccxdissect.cli.options import add_captures, add_filters
from ccxdissect.cli.output import add_output

SUMMARY = "draw who sent what to whom: as text, Mermaid or SVG"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_filters(parser)
    parser.add_argument("--format", choices=("text", "mermaid", "svg"), default="text", help="what to draw it as")
    add_output(parser)
    parser.add_argument(
        "--most",
        type=at_least_one,
        default=200,
        metavar="N",
        help="draw at most so many messages (default 200; of more than 100,000, or of more than 100 sessions, the first)",
    )


def run(args: argparse.Namespace) -> int:
    """Draw it."""
    import sys
    from dataclasses import replace

    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.errors import CcxDissectError
    from ccxdissect.views.ladder_mermaid import mermaid_lines
    from ccxdissect.views.ladder_rows import LadderMaker
    from ccxdissect.views.ladder_svg import svg_pieces
    from ccxdissect.views.ladder_text import text_lines
    from ccxdissect.views.remarks import remarks

    keep = filter_of(args)
    trace = open_trace(args, keep)
    maker = LadderMaker(args.most, every_end=keep is None)
    for event, wanted in trace.marked_events():
        maker.take(event, wanted)
    ladder = maker.ladder(_title(args))
    ladder = replace(ladder, subtitle=_subtitle(args.captures, list(ladder.times)))
    if not ladder.steps and trace.count:
        raise CcxDissectError("; ".join(remarks(trace)))
    if args.format == "svg":
        sys.stdout.writelines(svg_pieces(ladder))
    else:
        for line in mermaid_lines(ladder) if args.format == "mermaid" else text_lines(ladder, not _draws()):
            print(line)
    complain(trace)
    return 0


def _draws() -> bool:
    """Whether what is written to takes more than ASCII."""
    import sys

    try:
        "·…".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _title(args: argparse.Namespace) -> str:
    parts = [f"session {number}" for number in args.session or ()]
    parts += [f"agent {name}" for name in args.agent or ()]
    parts += [f"call {number}" for number in args.call or ()]
    others = ("number", "type", "classes", "kind", "problem", "no_heartbeats", "where", "most_rows")
    if any(getattr(args, name) for name in others):
        parts.append("what the filter keeps")
    return ", ".join(parts) or "all sessions"


def _subtitle(captures: list[str], times: list[int]) -> str:
    """Of which files, and of which time, in which zone."""
    import os

    from ccxdissect.capture.source import name_of
    from ccxdissect.views.text import date_and_clock, shown, teller, zone_name

    names = [os.path.basename(name_of(capture)) for capture in captures]
    files = ", ".join(names) if len(names) <= 3 else f"{len(names)} files from {names[0]} to {names[-1]}"
    if not times:
        return shown(files)
    span = (min(times), max(times))
    return shown(f"{files}, {date_and_clock(span[0])} to {teller(span)(span[1])} {zone_name()}")
