"""`ccxdissect sessions`: who talked to whom, how it ended, and where every byte went."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ccxdissect.cli.options import add_captures, add_filters, add_format

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ccxdissect.analysis.sessions import SessionStory

SUMMARY = "tell the story of each session, and account for its bytes"
#: Sessions of one page.
_PAGE = 5000


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    add_filters(parser)


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.sessions import SCHEMA
    from ccxdissect.cli.filters import RowFilter, filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import as_table, so_many, write_rows, write_table
    from ccxdissect.views.session_rows import BYTES, TOLD, byte_rows

    wanted = RowFilter(args, SCHEMA)
    trace = open_trace(args, filter_of(args, rows=SCHEMA))
    stories = wanted.of(trace.sessions())
    if as_table(args):
        write_rows(args, SCHEMA, stories, trace)
    else:
        for batch in _batches(so_many(args, stories)):
            write_table(TOLD, batch)
            print("\nBytes of TCP payload: payload = decoded + undecoded + duplicate; missing was never captured")
            write_table(BYTES, (row for story in batch for row in byte_rows(story)))
    complain(trace, wanted.why_none)
    return 0


def _batches(stories: Iterator[SessionStory]) -> Iterator[list[SessionStory]]:
    batch: list[SessionStory] = []
    for story in stories:
        batch.append(story)
        if len(batch) == _PAGE:
            yield batch
            batch = []
    if batch:
        yield batch
