"""`ccxdissect sql`: questions that nobody foresaw, in SQL."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_format, add_secrets

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
    from pathlib import Path

    from ccxdissect.tables.dataset import SUCCESS
    from ccxdissect.tables.sql import Database

    if len(args.captures) == 1 and (Path(args.captures[0]) / SUCCESS).is_file():
        if args.zone or args.year:
            raise UsageError(f"--{'zone' if args.zone else 'year'} cannot apply: what was exported is in UTC")
        with Database(args.captures[0]) as database:
            return _answer(database, args)
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="ccxdissect-") as folder:
        unread = _export(args, folder)
        with Database(folder) as database:
            return _answer(database, args) or int(unread)


def _export(args: argparse.Namespace, folder: str) -> bool:
    """The tables of the captures, for as long as the question takes; whether something could not be read."""
    from ccxdissect.cli.exporting import export_captures

    return bool(export_captures(args, folder).unread)


def _answer(database: object, args: argparse.Namespace) -> int:
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

        pyarrow.parquet.write_table(found.table(), args.parquet, compression="zstd")
        return 0
    write_rows(args, found.schema, found)
    return 0
