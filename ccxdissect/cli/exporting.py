"""What the commands have in common that make tables of captures."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ccxdissect.tables.export import Exported


def export_captures(args: argparse.Namespace, output: str, resume: bool = False) -> Exported:
    """Export what the command line names into a folder, and say on standard error what was not read."""
    from ccxdissect.cli.reading import apply_zone, options_of
    from ccxdissect.errors import UsageError, one_line
    from ccxdissect.sources.trace import Trace

    try:
        from ccxdissect.tables.export import export
        from ccxdissect.tables.plan import plan
        from ccxdissect.tables.rows import Tables
    except ModuleNotFoundError as error:
        raise UsageError(f"this needs one more library ({error.name}): pip install 'ccxdissect[tables]'") from None
    apply_zone(args, "the tables are in UTC")
    given = options_of(args)
    planned = plan(args.captures, given)
    tables = Tables(given.protocols, args.show_secrets)
    exported = export(planned.groups, output, lambda group: Trace(group, given), tables, resume)
    for note in [*planned.notes, *exported.notices, *(f"not read: {why}" for why in exported.unread.values())]:
        print(f"note: {one_line(note)}", file=sys.stderr)
    return exported
