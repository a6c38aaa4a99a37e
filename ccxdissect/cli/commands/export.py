"""`ccxdissect export`: a folder of Parquet files, for any program that reads tables."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_secrets

SUMMARY = "write all tables as a folder of Parquet files"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    parser.add_argument("--output", "-o", required=True, metavar="DIR", help="the folder to write; new, or empty")
    parser.add_argument("--resume", action="store_true", help="go on in a folder where an export stopped")
    add_secrets(parser)


def run(args: argparse.Namespace) -> int:
    """Write them."""
    from ccxdissect.cli.exporting import export_captures
    from ccxdissect.wording import plural

    exported = export_captures(args, args.output, args.resume)
    messages = sum(count for table, count in exported.rows.items() if table.startswith("messages/"))
    others = ", ".join(f"{count:,} {table}" for table, count in exported.rows.items() if "/" not in table)
    print(f"{args.output}: {plural(messages, 'message')}; {others}")
    return 1 if exported.unread else 0
