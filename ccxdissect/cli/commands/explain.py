"""`ccxdissect explain`: what does this number mean?"""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_dialect, add_format

SUMMARY = "tell what a code, a tag, a message type or a name means"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("code", nargs="+", metavar="CODE", help="a number (265, 0x100) or a name, whole or in part")
    add_dialect(parser)
    add_format(parser)


def run(args: argparse.Namespace) -> int:
    """Explain each."""
    from ccxdissect.cli.writing import write_rows
    from ccxdissect.errors import CcxDissectError, one_line
    from ccxdissect.sources.options import protocols_of
    from ccxdissect.views.explanation import SCHEMA, explain_all

    protocols = protocols_of(args.dialect)
    rows = []
    for code in args.code:
        found = explain_all(code, protocols)
        if not found:
            raise CcxDissectError(
                f"{one_line(code)}: no message, floating field or constant of {' or '.join(protocol.title for protocol in protocols)} has this number or name"
            )
        rows += found
    write_rows(args, SCHEMA, rows)
    return 0
