"""`ccxdissect report`: one HTML page that answers, with pictures."""

from __future__ import annotations

import argparse
import contextlib

from ccxdissect.cli.options import add_captures, add_filters, add_secrets

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    from ccxdissect.sources.keeping import Keep

SUMMARY = "write one HTML page: the verdict, the picture, every message; for a ticket"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help="the page to write; it needs nothing else; - is stdout"
    )
    parser.add_argument("--force", action="store_true", help="even if the file exists already")
    parser.add_argument("--open", action="store_true", help="show it in the browser")
    privacy = parser.add_mutually_exclusive_group()
    privacy.add_argument(
        "--redact",
        action="store_true",
        help="make it from redacted copies, without people's data or the names of the files",
    )
    add_secrets(privacy)
    add_filters(parser)


def run(args: argparse.Namespace) -> int:
    """Write it."""
    import os

    from ccxdissect.capture.source import name_of
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import open_trace
    from ccxdissect.errors import UsageError
    from ccxdissect.outputs import check_output

    if args.open and args.output == "-":
        raise UsageError("--open needs a file to open: -o FILE")
    check_output(args.output, args.force, args.captures)
    keep = filter_of(args)
    if args.redact:
        _write_redacted(args, None if keep is None else open_trace(args, keep).chosen())
    else:
        names = [os.path.basename(name_of(capture)) for capture in args.captures]
        _write(args, names, keep, None if keep is None else keep.in_words())
    if args.open:
        import webbrowser
        from pathlib import Path

        webbrowser.open(Path(args.output).resolve().as_uri())
    return 0


def _write_redacted(args: argparse.Namespace, keep: Keep | None) -> None:
    """From copies; people name files after people, so the page does not say what the files were called either, nor
    what was asked for."""
    from ccxdissect.capture.log_lines import is_log_input
    from ccxdissect.capture.source import CalledPath, name_of
    from ccxdissect.cli.reading import options_of, progress
    from ccxdissect.redact.copies import redacted_copies
    from ccxdissect.redact.files import bytes_to_read

    given = options_of(args)
    with contextlib.ExitStack() as stack:
        with progress("redacting", bytes_to_read(args.captures)) as told:
            writing = redacted_copies(given.protocols, args.captures, given.ports, told)
            copies = stack.enter_context(writing)
        given_names = list(map(name_of, args.captures))
        number = "" if len(given_names) == 1 else " {}"
        names = [
            f"redacted {'log' if is_log_input(copy) else 'capture'}{number.format(place)}"
            for place, copy in enumerate(copies.paths, 1)
        ]
        noted = copies.notices
        args.captures = [CalledPath(copy, name) for copy, name in zip(copies.paths, names, strict=True)]
        for given_name, name in zip(given_names, names, strict=True):
            noted = [note.replace(given_name, name) for note in noted]
        _write(args, names, keep, None if keep is None else "", noted)


def _write(
    args: argparse.Namespace, names: list[str], keep: Keep | None, asked: str | None, noted: Sequence[str] = ()
) -> None:
    from ccxdissect.cli.reading import complain, open_trace, progress
    from ccxdissect.report.content import Content
    from ccxdissect.report.page import template, write_page
    from ccxdissect.report.values import Privacy, values
    from ccxdissect.views.messages import Showing
    from ccxdissect.views.remarks import remarks

    made = template()
    trace = open_trace(args, keep)
    content = Content(trace, Showing(secrets=args.show_secrets))
    notes = list(dict.fromkeys([*noted, *trace.lacking, *remarks(trace)]))
    privacy = Privacy.REDACTED if args.redact else Privacy.SECRETS if args.show_secrets else Privacy.MASKED
    with progress("writing") as told, _opened(args.output) as out:
        write_page(made, values(content, names, notes, privacy, asked), out, told)
    complain(trace)


@contextlib.contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    import sys

    from ccxdissect.outputs import appearing

    if path == "-":
        sys.stdout.flush()
        yield sys.stdout.buffer
        return
    with appearing(path) as file:
        yield file
