"""`ccxdissect messages`: every message, one a row."""

from __future__ import annotations

import argparse
import sys

from ccxdissect.cli.numbers import processes
from ccxdissect.cli.options import add_captures, add_filters, add_format, add_reserved, add_secrets

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ccxdissect.analysis.filters import Filter
    from ccxdissect.columns.batch import Batch
    from ccxdissect.sources.options import Options
    from ccxdissect.views.messages import Showing

SUMMARY = "list the messages"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    add_filters(parser)
    add_reserved(parser)
    add_secrets(parser)
    parser.add_argument(
        "--jobs",
        type=processes,
        default=1,
        metavar="N",
        help="write JSON lines with N processes: of a capture of 3 MiB or more, or of several between which no connection goes on",
    )


def run(args: argparse.Namespace) -> int:
    """List them."""
    from dataclasses import replace

    from ccxdissect.cli.filters import RowFilter, filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_rows
    from ccxdissect.sources.options import protocols_of
    from ccxdissect.views.message_rows import message_schema
    from ccxdissect.views.messages import Showing

    showing = Showing(args.reserved, args.show_secrets)
    schema = message_schema(showing, protocols_of(args.dialect))
    # What a message says in short is for views to tell; all else is asked of the message itself.
    spoken = replace(schema, columns=tuple(column for column in schema if column.name == "says"), further=None)
    wanted = RowFilter(args, spoken)
    keep = filter_of(args, rows=spoken)
    if args.jobs > 1 and not wanted and _in_parallel(args, keep):
        return 0
    trace = open_trace(args, keep)
    plain = not wanted and keep is None and args.format != "table" and not args.columns and args.most_rows is None
    batches = trace.batches() if plain else None
    if batches is not None:
        _write_in_bulk(batches, showing, trace.options, args)
    else:
        write_rows(args, schema, wanted.of(trace.messages()), trace)
    complain(trace, wanted.why_none)
    return 0


def _write_in_bulk(batches: Iterator[Batch], showing: Showing, given: Options, args: argparse.Namespace) -> None:
    """Write lines of JSON or CSV, all of a batch at once."""
    if args.format == "csv":
        from ccxdissect.views.column_csv import CsvWriter

        sys.stdout.writelines(CsvWriter(showing).text(batches))
        return
    from ccxdissect.views.column_lines import ColumnWriter
    from ccxdissect.views.lines import write_ascii

    jobs = args.jobs
    if jobs > 1:
        from ccxdissect.columns.desk import can_be_shared
        from ccxdissect.views.shared_lines import shared_lines

        if can_be_shared():
            sys.stdout.flush()
            write_ascii(shared_lines(batches, given.protocols, showing, jobs), sys.stdout)
            return
    writer = ColumnWriter(showing)
    write_ascii((writer.lines(batch) for batch in batches), sys.stdout)


def _in_parallel(args: argparse.Namespace, keep: Filter | None) -> bool:
    """Write JSON lines with several processes; False, with nothing written, when one process has to do it."""
    from ccxdissect.cli.reading import options_of
    from ccxdissect.sources.parallel import write_in_parallel
    from ccxdissect.views.lines_apart import JsonLines
    from ccxdissect.views.messages import Showing

    given = options_of(args)
    if args.format != "jsonl" or args.columns or args.most_rows or args.text_output or (keep and not keep.by_itself):
        return False
    if keep is not None:
        keep.test(given.protocols)  # says what is wrong with it before anything is read
    how = JsonLines(keep, given, Showing(args.reserved, args.show_secrets))
    sys.stdout.flush()
    notices = write_in_parallel(args.captures, given, args.jobs, how, sys.stdout.buffer)
    for notice in notices or ():
        print(f"note: {notice}", file=sys.stderr)
    return notices is not None
