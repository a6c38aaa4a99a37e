"""`ccxdissect compare`: two sessions side by side, the one that works and the one that does not."""

from __future__ import annotations

import argparse

from ccxdissect.cli.numbers import port, unsigned
from ccxdissect.cli.options import PORT_HELP, add_filters, add_format, add_source

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ccxdissect.analysis.sessions import SessionStory
    from ccxdissect.stream.events import Record

SUMMARY = "say where two captures, or two sessions of one, part: the login that works and the one that does not"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "captures", nargs="+", metavar="CAPTURE", help="GOOD and BAD: two captures or logs, or one with two --session"
    )
    parser.add_argument(
        "--session",
        type=unsigned,
        action="append",
        metavar="N",
        help="give it twice: the good session, and the bad one (default: all, those of like clients with each other)",
    )
    parser.add_argument("--ids", action="store_true", help="compare ids and names as they are, not who is who")
    parser.add_argument("--times", action="store_true", help="compare times and lengths of time as well")
    parser.add_argument("--port", type=port, action="append", metavar="N", help=PORT_HELP)
    add_source(parser)
    add_format(parser)
    add_filters(parser, but=("session",))


def run(args: argparse.Namespace) -> int:
    """Compare them."""
    from ccxdissect.analysis.comparison import Comparer, Comparison, pairs
    from ccxdissect.cli.filters import RowFilter
    from ccxdissect.cli.writing import as_table, write_lines, write_rows
    from ccxdissect.errors import CaptureError, UsageError
    from ccxdissect.views.comparison import SCHEMA, comparison_lines, differing

    rows = RowFilter(args, SCHEMA)
    names, sessions = args.captures, args.session or []
    if len(names) > 2:
        raise UsageError("compare takes two captures, GOOD and BAD, or one with two --session")
    if len(sessions) != 2 and (sessions or len(names) == 1):
        raise UsageError("which two sessions? --session GOOD --session BAD")
    found = [_read(args, name) for name in names]
    if len(names) == 1:
        names, found = names * 2, found * 2
    sides: list[list[SessionStory]] = []
    for place, (stories, _) in enumerate(found):
        wanted = [story for story in stories if not sessions or story.session.number == sessions[place]]
        if sessions and not wanted:
            raise CaptureError(names[place], f"there is no session {sessions[place]}; it has {len(stories)}")
        sides.append(wanted)
    if not sides[0] or not sides[1]:
        empty = names[0 if not sides[0] else 1]
        raise CaptureError(empty, "there is no session to compare")
    comparer = Comparer(args.ids, args.times)
    comparisons: list[Comparison] = []
    for good, bad in pairs(*sides):
        told = [
            [] if story is None else records.get(story.session.number, [])
            for story, (_, records) in zip((good, bad), found, strict=True)
        ]
        comparisons.append(comparer.compare((good, bad), *told))
    if not as_table(args) and not rows:
        write_lines(comparison_lines(comparisons, (names[0], names[1]), args.most_rows))
    else:
        write_rows(args, SCHEMA, rows.of(differing(comparisons)))
    return 0


def _read(args: argparse.Namespace, name: str) -> tuple[list[SessionStory], dict[int, list[Record]]]:
    """The sessions of a capture, and their messages by session."""
    from ccxdissect.analysis.comparison import MOST, is_compared
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import complain, open_trace
    from ccxdissect.views.comparison import SCHEMA

    args.captures = [name]
    trace = open_trace(args, filter_of(args, but=("session",), rows=SCHEMA))
    stories: list[SessionStory] = []
    records: dict[int, list[Record]] = {}

    def take(record: Record) -> None:
        held = records.setdefault(record.session.number, [])
        if len(held) <= MOST and is_compared(record):
            held.append(record)

    trace.run(messages=take, sessions=stories.append)
    complain(trace)
    return stories, records
