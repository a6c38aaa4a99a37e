"""`ccxdissect constants`: a table of constants."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_dialect, add_format

SUMMARY = "print a table of constants, or list the tables"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="a table, such as AgentState; without it all are listed"
    )
    add_dialect(parser)
    add_format(parser)


def run(args: argparse.Namespace) -> int:
    """Print it."""
    from ccxdissect.cli.writing import write_lines, write_rows
    from ccxdissect.errors import UsageError
    from ccxdissect.sources.options import protocols_of
    from ccxdissect.views.explanation import SCHEMA, constants_of_all, list_of_tables
    from ccxdissect.wording import nearest

    protocols = protocols_of(args.dialect)
    if args.name is None:
        write_lines(list_of_tables(protocols))
        return 0
    rows = constants_of_all(args.name, protocols)
    if not rows:
        known = dict.fromkeys(table.__name__ for protocol in protocols for table in protocol.tables)
        raise UsageError(f"no table is called {args.name!r}; {nearest(args.name, list(known))}")
    write_rows(args, SCHEMA, rows)
    return 0
