"""`ccxdissect sql`: questions that nobody foresaw, in SQL."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_filters, add_format, add_secrets

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ccxdissect.analysis.filters import Filter

SUMMARY = "ask a question in SQL, of captures or of an exported folder"
_MORE = (
    "Each type of message is a table (OPEN_REQ), and so are messages, sessions, exchanges, calls, call_phases, "
    "agent_states, findings and losses: --tables lists their columns. Times are UTC, durations seconds."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    parser.epilog = _MORE
    parser.add_argument("query", nargs="?", metavar="QUERY", help="a SELECT, as DuckDB understands it")
    parser.add_argument("--tables", action="store_true", help="list the tables and their columns instead")
    parser.add_argument("--parquet", metavar="FILE", help="write what it gives as a Parquet file instead")
    add_format(parser)
    add_filters(parser)
    add_secrets(parser)


def run(args: argparse.Namespace) -> int:
    """Ask it."""
    from ccxdissect.errors import UsageError

    if not args.tables:
        # The last word is the question; argparse gives the captures all there is.
        args.query = args.query or args.captures.pop()
        if not args.captures:
            raise UsageError("a capture and a query are wanted: ccxdissect sql CAPTURE... 'SELECT ...'")
    elif args.query:
        args.captures.append(args.query)
    from tempfile import TemporaryDirectory

    from ccxdissect.capture.remote import is_remote
    from ccxdissect.outputs import check_output

    if args.parquet:
        _only_parquet(args)
    if args.parquet and not is_remote(args.parquet):
        check_output(args.parquet, args.force, args.captures, streams=False)
    with TemporaryDirectory(prefix="ccxdissect-") as folder:
        exported, unread = _exported(args, folder)
        from ccxdissect.tables.sql import Database

        with Database(exported) as database:
            return _answer(database, args) or int(unread)


def _only_parquet(args: argparse.Namespace) -> None:
    """Raise UsageError for what is about rows that are printed, where none are."""
    from ccxdissect.errors import UsageError

    if args.tables:
        raise UsageError("--tables lists the tables and --parquet writes what a query gives: choose one of them")
    if args.text_output is not None:
        raise UsageError("--parquet writes a file and -o writes lines: choose one of them")
    if args.format != "table" or args.columns:
        option = "--columns" if args.columns else f"--format {args.format}"
        raise UsageError(f"{option} cannot apply: --parquet writes all that the query gives, as Parquet")


def _exported(args: argparse.Namespace, folder: str) -> tuple[str, bool]:
    """The folder with the tables, and whether something could not be read. A folder of an export is taken as it is, one
    in object storage is fetched, and of captures the tables are made for as long as the question takes."""
    from pathlib import Path

    from ccxdissect.capture.remote import is_remote
    from ccxdissect.cli.exporting import Request, export_captures
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.tables.dataset import SUCCESS, UNITS, check_finished

    # So many and no more are rows of the answer.
    keep = filter_of(args, but=("most_rows",))
    only = args.captures[0] if len(args.captures) == 1 else ""
    if only and is_remote(only):
        from ccxdissect.tables.store import Store

        store = Store(only)
        names = store.names()
        if SUCCESS in names or UNITS in names:
            check_finished(only, names)
            _refuse(args, keep)
            store.fetch(folder)
            return folder, False
    elif only and any((Path(only) / name).exists() for name in (SUCCESS, UNITS)):
        _refuse(args, keep)
        return only, False
    exported, _, _ = export_captures(args, Request(folder, keep=keep))
    return folder, bool(exported.unread)


def _refuse(args: argparse.Namespace, keep: Filter | None) -> None:
    """What is about reading captures makes no sense of what was exported."""
    from ccxdissect.errors import UsageError

    if keep is not None:
        raise UsageError("a filter is for captures: what was exported is asked in SQL, by WHERE")
    if args.zone or args.year:
        raise UsageError(f"--{'zone' if args.zone else 'year'} cannot apply: what was exported is in UTC")


def _answer(database: object, args: argparse.Namespace) -> int:
    from contextlib import nullcontext

    from ccxdissect.cli.writing import write_rows
    from ccxdissect.tables.sql import TABLES, Database

    assert isinstance(database, Database)
    if args.tables:
        rows = [(table, *column) for table, columns in database.tables.items() for column in columns]
        write_rows(args, TABLES, rows)
        return 0
    found = database.query(args.query)
    if args.parquet:
        import pyarrow.parquet

        from ccxdissect.capture.remote import is_remote

        # Of what is no place in object storage the name may be any bytes: Arrow takes text only.
        with nullcontext(args.parquet) if is_remote(args.parquet) else open(args.parquet, "wb") as file:
            pyarrow.parquet.write_table(found.table(args.most_rows), file, compression="zstd")
        return 0
    write_rows(args, found.schema, found)
    return 0
