"""`ccxdissect report`: one HTML page that answers, with pictures."""

from __future__ import annotations

import argparse
import contextlib

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
    privacy.add_argument(
        "--redact",
        action="store_true",
        help="make it from redacted copies, without people's data or the names of the files",
    )
    add_secrets(privacy)


def run(args: argparse.Namespace) -> int:
    """Write it."""
    import os

    from ccxdissect.capture.source import name_of

    if args.redact:
        _write_redacted(args)
    else:
        _write(args, [os.path.basename(name_of(capture)) for capture in args.captures])
    if args.open:
        import webbrowser
        from pathlib import Path

        webbrowser.open(Path(args.output).resolve().as_uri())
    return 0


def _write_redacted(args: argparse.Namespace) -> None:
    """From copies; people name files after people, so the page does not say what the files were called either."""
    from ccxdissect.capture.log_lines import is_log_input
    from ccxdissect.cli.reading import options_of, progress
    from ccxdissect.redact.copies import redacted_copies
    from ccxdissect.redact.files import bytes_to_read

    given = options_of(args)
    with contextlib.ExitStack() as stack:
        with progress("redacting", bytes_to_read(args.captures)) as told:
            copies = redacted_copies(given.protocols, args.captures, given.ports, told)
            args.captures = stack.enter_context(copies)
        number = "" if len(args.captures) == 1 else " {}"
        names = [
            f"redacted {'log' if is_log_input(copy) else 'capture'}{number.format(place)}"
            for place, copy in enumerate(args.captures, 1)
        ]
        _write(args, names)


def _write(args: argparse.Namespace, names: list[str]) -> None:
    from ccxdissect.cli.reading import complain, open_trace, progress
    from ccxdissect.report.content import Content
    from ccxdissect.report.page import write_page
    from ccxdissect.report.values import values
    from ccxdissect.views.messages import Showing
    from ccxdissect.views.remarks import remarks

    trace = open_trace(args)
    content = Content(trace, Showing(secrets=args.show_secrets))
    notes = [*trace.lacking, *remarks(trace)]
    if args.redact:
        for copy, name in zip(args.captures, names, strict=True):
            notes = [note.replace(copy, name) for note in notes]
    with progress("writing") as told:
        write_page(values(content, names, notes, args.redact, args.show_secrets), args.output, told)
    complain(trace)
