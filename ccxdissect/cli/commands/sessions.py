"""`ccxdissect sessions`: who talked to whom, how it ended, and where every byte went."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ccxdissect.cli.options import add_captures, add_format

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


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.sessions import SCHEMA
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.cli.writing import write_rows
    from ccxdissect.views.session_rows import BYTES, TOLD, byte_rows

    trace = open_trace(args)
    stories = trace.sessions()
    if args.format != "table":
        write_rows(args.format, SCHEMA, stories)
    else:
        for batch in _batches(stories):
            write_rows("table", TOLD, batch)
            print("\nBytes of TCP payload: payload = decoded + undecoded + duplicate; missing was never captured")
            write_rows("table", BYTES, (row for story in batch for row in byte_rows(story)))
    complain(trace)
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
