"""`ccxdissect spec`: the layout of a message, or the list of all."""

from __future__ import annotations

import argparse

SUMMARY = "show the layout of a message, or list all messages"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="a message, by name or number, or a table of constants; without it, all messages are listed",
    )


def run(args: argparse.Namespace) -> int:
    """Show it."""
    from ccxdissect.analysis.filters import message_number
    from ccxdissect.cli.writing import write_lines, write_table
    from ccxdissect.errors import UsageError
    from ccxdissect.sources.options import protocol_of
    from ccxdissect.views.explanation import SCHEMA, constants, table_of
    from ccxdissect.views.specification import LIST, list_rows, specification

    protocol = protocol_of()
    if args.name is None:
        write_table(LIST, list_rows(protocol))
        return 0
    table = table_of(args.name, protocol)
    if table is not None:
        write_table(SCHEMA, constants(table, protocol))
        return 0
    message = protocol.by_number.get(message_number(args.name, protocol))
    if message is None:
        raise UsageError(f"no message has the number {args.name}; `ccxdissect spec` lists them all")
    write_lines(specification(message, protocol))
    return 0
