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
BYTE_COLUMNS = ("session", "from", "messages", "payload", "decoded", "undecoded", "duplicate", "missing")
#: Sessions that wait to be written, since late packets still change their counts.
_WAITING = 5000


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.sessions import Sessions, SessionStory
    from ccxdissect.cli.reading import Reading
    from ccxdissect.cli.results import results_of, write_results
    from ccxdissect.cli.writing import write_rows

    reading = Reading(args)
    stories = _settled(results_of(reading, Sessions()))
    if args.format != "table":
        write_results(args, stories, SessionStory.columns())
    else:
        for batch in _batches(stories):
            write_rows("table", ("session", "what happened"), ([story.session.number, story.line()] for story in batch))
            print("\nBytes of TCP payload: payload = decoded + undecoded + duplicate; missing was never captured")
            write_rows("table", BYTE_COLUMNS, (row for story in batch for row in _bytes(story)))
    reading.complain()
    return 0


def _settled(stories: Iterator[SessionStory]) -> Iterator[SessionStory]:
    """The stories by number, each as late as memory allows, with its counts up to date."""
    waiting: list[SessionStory] = []
    for story in stories:
        waiting.append(story)
        if len(waiting) > 2 * _WAITING:
            waiting.sort(key=lambda story: story.session.number)
            yield from _up_to_date(waiting[:_WAITING])
            del waiting[:_WAITING]
    waiting.sort(key=lambda story: story.session.number)
    yield from _up_to_date(waiting)


def _up_to_date(stories: list[SessionStory]) -> Iterator[SessionStory]:
    for story in stories:
        story.session.settle()
        yield story


def _batches(stories: Iterator[SessionStory]) -> Iterator[list[SessionStory]]:
    batch: list[SessionStory] = []
    for story in stories:
        batch.append(story)
        if len(batch) == _WAITING:
            yield batch
            batch = []
    if batch:
        yield batch


def _bytes(story: SessionStory) -> list[list[object]]:
    return [
        [story.session.number, side.value] + [getattr(sent, column) for column in BYTE_COLUMNS[2:]]
        for side, sent in story.session.sent.items()
    ]
