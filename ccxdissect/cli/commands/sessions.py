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
#: Sessions that wait to be written, since late packets still change their counts.
_WAITING = 5000


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.sessions import SCHEMA, Sessions
    from ccxdissect.cli.reading import Reading, results_of
    from ccxdissect.cli.writing import write_rows
    from ccxdissect.views.session_rows import BYTES, TOLD, byte_rows

    reading = Reading(args)
    stories = _settled(results_of(reading, Sessions()))
    if args.format != "table":
        write_rows(args.format, SCHEMA, stories)
    else:
        for batch in _batches(stories):
            write_rows("table", TOLD, batch)
            print("\nBytes of TCP payload: payload = decoded + undecoded + duplicate; missing was never captured")
            write_rows("table", BYTES, (row for story in batch for row in byte_rows(story)))
    reading.complain()
    return 0


def _settled(stories: Iterator[SessionStory]) -> Iterator[SessionStory]:
    """The stories by number, each as late as memory allows, with its counts up to date."""
    waiting: list[SessionStory] = []
    for story in stories:
        waiting.append(story)
        if len(waiting) > 2 * _WAITING:
            waiting.sort(key=lambda story: story.session.number)
            yield from waiting[:_WAITING]
            del waiting[:_WAITING]
    waiting.sort(key=lambda story: story.session.number)
    yield from waiting


def _batches(stories: Iterator[SessionStory]) -> Iterator[list[SessionStory]]:
    batch: list[SessionStory] = []
    for story in stories:
        batch.append(story)
        if len(batch) == _WAITING:
            yield batch
            batch = []
    if batch:
        yield batch
