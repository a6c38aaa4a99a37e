"""`ccxdissect cut`: the packets that concern a call, an agent, a session, a time, as a capture of their own."""

from __future__ import annotations

import argparse
import sys

from ccxdissect.cli.options import add_captures, add_filters

SUMMARY = "cut out the packets that concern a call, an agent, a session or a time, for a ticket"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_filters(parser)
    group = parser.add_argument_group("where to write it")
    group.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="the pcapng file to write, packed if its name ends in .gz; - is standard output, for `redact -`",
    )
    group.add_argument("--force", action="store_true", help="even if the file exists already")


def run(args: argparse.Namespace) -> int:
    """Cut them out, and say what was."""
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.cli.reading import options_of, progress
    from ccxdissect.errors import CcxDissectError, UsageError, one_line
    from ccxdissect.sources.cutting import cut_to_file
    from ccxdissect.views.remarks import nothing_fits
    from ccxdissect.wording import plural

    keep = filter_of(args)
    if keep is None:
        raise UsageError("what is to be cut out? --session, --call, --agent, --from and --to and others say it")
    if args.engine != "own":
        raise UsageError("packets are cut out as they are in the file: --engine makes no sense here")
    with progress("cutting") as told:
        done = cut_to_file(args.captures, options_of(args), keep, args.output, args.force, told)
    for notice in done.notices:
        print(f"note: {one_line(notice)}", file=sys.stderr)
    if not done.packets:
        reason = (
            "there is no message"
            if not done.read or done.kept is None
            else nothing_fits(done.read, done.kept.seen, keep)
        )
        raise CcxDissectError(f"nothing to cut out: {reason}")
    said = f"{plural(done.packets, 'packet')} of {plural(len(done.sessions), 'session')}, {plural(done.messages, 'message')}"
    if done.beside:
        said += f"; {plural(done.beside, 'other message')} in the same packets"
    print(said, file=sys.stderr)
    return 0
