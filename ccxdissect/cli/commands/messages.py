"""`ccxdissect messages`: every message, one a row."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

from ccxdissect.cli.numbers import processes
from ccxdissect.cli.options import add_captures, add_format, add_reserved, add_secrets, add_selection

SUMMARY = "list the messages"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    parser.add_argument(
        "--type", action="append", metavar="NAME", help="only this message, by name or number (repeatable)"
    )
    parser.add_argument("--class", action="append", dest="classes", metavar="CLASS", help="only this class of messages")
    parser.add_argument("--kind", action="append", choices=("request", "confirmation", "event"), help="only this kind")
    add_selection(parser)
    add_reserved(parser)
    add_secrets(parser)
    parser.add_argument(
        "--jobs",
        type=processes,
        default=1,
        metavar="N",
        help="write JSON lines of several captures with N processes, where no connection goes on from one to the next",
    )


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.cli.filters import wanted
    from ccxdissect.cli.reading import Reading
    from ccxdissect.cli.writing import write_rows
    from ccxdissect.stream.events import Record
    from ccxdissect.views.message_rows import message_schema
    from ccxdissect.views.messages import Showing

    if args.jobs > 1:
        from ccxdissect.cli.jobs import write_in_parallel

        if write_in_parallel(args):
            return 0
    keep: Callable[[Record], bool] | None = wanted(args)
    reading = Reading(args)

    def records() -> Iterator[Record]:
        for record in reading.records():
            if keep is None or keep(record):
                yield record

    write_rows(args.format, message_schema(Showing(args.reserved, args.show_secrets)), records())
    reading.complain()
    return 0
