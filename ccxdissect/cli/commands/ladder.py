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
    add_filters(parser, but=("count",))
    parser.add_argument("--format", choices=("text", "mermaid", "svg"), default="text", help="what to draw it as")
    add_output(parser)
    parser.add_argument(
        "--most", type=at_least_one, default=200, metavar="N", help="draw at most so many messages (default 200)"
    )


def run(args: argparse.Namespace) -> int:
    """Draw it."""
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.errors import CcxDissectError
    from ccxdissect.views.ladder import build
    from ccxdissect.views.ladder_mermaid import mermaid_lines
    from ccxdissect.views.ladder_svg import svg
    from ccxdissect.views.ladder_text import text_lines
    from ccxdissect.views.remarks import remarks

    trace = open_trace(args, filter_of(args))
    ladder = build(trace.messages(), _title(args), args.most)
    if not ladder.steps and trace.count:
        raise CcxDissectError("; ".join(remarks(trace)))
    if args.format == "svg":
        text = svg(ladder)
    else:
        text = "\n".join(mermaid_lines(ladder) if args.format == "mermaid" else text_lines(ladder))
    text = text.rstrip("\n") + "\n"
    print(text, end="")
    complain(trace)
    return 0


def _title(args: argparse.Namespace) -> str:
    from ccxdissect.views.text import zone_name

    parts = [f"session {number}" for number in args.session or ()]
    parts += [f"agent {name}" for name in args.agent or ()]
    parts += [f"call {number}" for number in args.call or ()]
    zone = "" if zone_name() == "UTC" else f", times in {zone_name()}"
    return (", ".join(parts) or "all sessions") + zone
