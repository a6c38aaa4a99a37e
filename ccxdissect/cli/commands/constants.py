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
    from ccxdissect.sources.options import protocol_of
    from ccxdissect.views.explanation import SCHEMA, constants, table_of
    from ccxdissect.wording import nearest, plural

    protocol = protocol_of(args.dialect)
    if args.name is None:
        write_lines(f"{table.__name__} ({plural(len(table.__members__), 'constant')})" for table in protocol.tables)
        return 0
    table = table_of(args.name, protocol)
    if table is None:
        raise UsageError(
            f"no table is called {args.name!r}; {nearest(args.name, [table.__name__ for table in protocol.tables])}"
        )
    write_rows(args, SCHEMA, [[*row[:5], protocol.dialect, *row[5:]] for row in constants(table, protocol)])
    return 0
