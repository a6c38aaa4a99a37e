"""`ccxdissect schema`: what the rows of the other commands are made of."""

from __future__ import annotations

import argparse

from ccxdissect.cli.output import add_output

SUMMARY = "print the JSON Schema of the rows of a command, or describe its columns"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    from ccxdissect.views.formats import format_names

    parser.add_argument("rows", nargs="?", metavar="ROWS", help="whose rows, by name; without it, the names are listed")
    parser.add_argument(
        "--format",
        choices=("json", *format_names()),
        default="json",
        help="json: as JSON Schema, of a line of --format jsonl; else the columns, one a row (default: json)",
    )
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Print it."""
    import json

    from ccxdissect.cli.writing import write_lines, write_rows
    from ccxdissect.errors import UsageError
    from ccxdissect.views.columns import COLUMNS, column_rows
    from ccxdissect.views.json_schema import json_schema
    from ccxdissect.views.rows import ROWS, schema_of
    from ccxdissect.wording import nearest

    if args.rows is None:
        write_lines(f"{name:<10} {schema.meaning}" for name in ROWS for schema in schema_of(name))
        return 0
    if args.rows not in ROWS:
        raise UsageError(f"no rows are called {args.rows!r}; {nearest(args.rows, ROWS)}")
    schemas = schema_of(args.rows)
    if args.format == "json":
        print(json.dumps(json_schema(schemas), indent=2))
    else:
        write_rows(args, COLUMNS, (row for schema in schemas for row in column_rows(schema)))
    return 0
