"""`ccxdissect report`: one HTML page that answers, with pictures."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_secrets

SUMMARY = "write one HTML page: the verdict, the picture, every message; for a ticket"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the page to write; it needs nothing else"
    )
    parser.add_argument("--open", action="store_true", help="show it in the browser")
    privacy = parser.add_mutually_exclusive_group()
    privacy.add_argument("--redact", action="store_true", help="make it from redacted copies, without people's data")
    add_secrets(privacy)


def run(args: argparse.Namespace) -> int:
    """Write it."""
    import contextlib
    import os

    from ccxdissect.capture.source import name_of
    from ccxdissect.cli.reading import options_of
    from ccxdissect.redact.copies import redacted_copies

    names = [os.path.basename(name_of(capture)) for capture in args.captures]
    given = options_of(args)
    copies = (
        redacted_copies(given.protocols, args.captures, given.ports)
        if args.redact
        else contextlib.nullcontext(args.captures)
    )
    with copies as captures:
        args.captures = captures
        _write(args, names)
    if args.open:
        import webbrowser
        from pathlib import Path

        webbrowser.open(Path(args.output).resolve().as_uri())
    return 0


def _write(args: argparse.Namespace, names: list[str]) -> None:
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.report.content import Content
    from ccxdissect.report.page import write_page
    from ccxdissect.report.values import values
    from ccxdissect.views.messages import Showing
    from ccxdissect.views.remarks import remarks

    trace = open_trace(args)
    content = Content(trace, Showing(secrets=args.show_secrets))
    write_page(values(content, names, [*trace.lacking, *remarks(trace)], args.redact, args.show_secrets), args.output)
    complain(trace)
