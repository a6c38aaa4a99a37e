"""`ccxdissect spec`: the layout of a message, or the list of all."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_dialect
from ccxdissect.cli.output import add_output

SUMMARY = "show the layout of a message, or list all messages"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="a message, by name or number, or a table of constants; without it, all messages are listed",
    )
    add_dialect(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Show it; of several dialects the first that has it, and where else it is."""
    from ccxdissect.analysis.filters import message_number
    from ccxdissect.cli.writing import write_lines, write_table
    from ccxdissect.errors import UsageError
    from ccxdissect.sources.options import protocols_of
    from ccxdissect.views.explanation import SCHEMA, constants, table_of
    from ccxdissect.views.specification import LIST, list_rows, others_that_have, specification

    protocols = protocols_of(args.dialect)
    if args.name is None:
        write_table(LIST, list_rows(protocols[0]))
        return 0
    for protocol in protocols:
        table = table_of(args.name, protocol)
        if table is not None:
            write_table(SCHEMA, [[*row[:5], protocol.dialect, *row[5:]] for row in constants(table, protocol)])
            return 0
    number = message_number(args.name, protocols)
    having = [protocol for protocol in protocols if number in protocol.by_number]
    if not having:
        raise UsageError(f"no message has the number {args.name}; `ccxdissect spec` lists them all")
    message = having[0].by_number[number]
    write_lines([*specification(message, having[0]), *others_that_have(message, having[1:])])
    return 0
