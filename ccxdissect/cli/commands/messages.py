"""`ccxdissect messages`: every message, one a row."""

from __future__ import annotations

import argparse
import sys

from ccxdissect.cli.numbers import processes
from ccxdissect.cli.options import add_captures, add_format, add_reserved, add_secrets, add_selection

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ccxdissect.columns.batch import Batch
    from ccxdissect.stream.events import Record
    from ccxdissect.views.messages import Showing

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
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_rows
    from ccxdissect.views.message_rows import message_schema
    from ccxdissect.views.messages import Showing

    if args.jobs > 1 and _in_parallel(args):
        return 0
    keep = wanted(args)
    trace = open_trace(args, keep)
    showing = Showing(args.reserved, args.show_secrets)
    batches = trace.batches() if keep is None and args.format == "jsonl" else None
    if batches is not None:
        _write_in_bulk(batches, showing)
    else:
        write_rows(args.format, message_schema(showing), trace.messages())
    complain(trace)
    return 0


def _write_in_bulk(batches: Iterator[Batch], showing: Showing) -> None:
    """Write lines of JSON, all of a batch at once."""
    from ccxdissect.views.column_lines import ColumnWriter
    from ccxdissect.views.lines import write_ascii

    writer = ColumnWriter(showing)
    write_ascii((writer.lines(batch) for batch in batches), sys.stdout)


def _in_parallel(args: argparse.Namespace) -> bool:
    """Write JSON lines with several processes; False, with nothing written, when one process has to do it."""
    from functools import partial

    from ccxdissect.cli.filters import wanted
    from ccxdissect.cli.reading import options_of
    from ccxdissect.sources.parallel import write_in_parallel

    if args.format != "jsonl" or args.session or args.agent or args.call:
        return False
    wanted(args)  # says what is wrong with the filters, before anything is read
    plain = argparse.Namespace(**{name: value for name, value in vars(args).items() if name != "run"})
    sys.stdout.flush()
    notices = write_in_parallel(args.captures, options_of(args), args.jobs, partial(_prepare, plain), sys.stdout.buffer)
    for notice in notices or ():
        print(f"note: {notice}", file=sys.stderr)
    return notices is not None


def _prepare(args: argparse.Namespace) -> tuple[Callable[[Record], str], Callable[[Record], bool] | None]:
    from ccxdissect.cli.filters import wanted
    from ccxdissect.views.messages import MessageWriter, Showing

    return MessageWriter(Showing(args.reserved, args.show_secrets)).line, wanted(args)
