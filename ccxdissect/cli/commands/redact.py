"""`ccxdissect redact`: a capture or a log without secrets and personal data."""

from __future__ import annotations

import argparse
import sys

from ccxdissect.cli.numbers import port
from ccxdissect.cli.options import add_dialect
from ccxdissect.cli.output import leaving_nothing

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ccxdissect.protocol.model import Protocol
    from ccxdissect.redact.report import Report

SUMMARY = "write a capture or log whose secrets are zeroed and whose personal data are replaced"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "files",
        nargs="+",
        metavar="IN... OUT",
        help="capture or log, gzipped or not, - is standard input; then the file to write, packed if its name ends in .gz, pcapng "
        "or pcap by its name, - is standard output. Of several IN, OUT is a folder, and people keep their pseudonyms from one to the next",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing (all are IN), and say whether they can be shared as they are: status 0 yes, 3 no",
    )
    parser.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="NAMES",
        help="fields to leave as they are, by name (with * and ?), separated by commas; or groups: addresses, "
        "named-data, agent, extension, instrument, calling, called ...",
    )
    parser.add_argument(
        "--key",
        metavar="FILE",
        help="the key of the pseudonyms: with one key a value always gets the same one, in every file "
        "(default: a fresh key, kept nowhere)",
    )
    parser.add_argument("--port", type=port, action="append", metavar="N", help="TCP port of the server (repeatable)")
    parser.add_argument("--force", action="store_true", help="replace OUT, or FILE, if it is there already")
    parser.add_argument(
        "-o",
        "--output",
        dest="text_output",
        metavar="FILE",
        help="of --check: write the answer there, not to the terminal",
    )
    add_dialect(parser)
    parser.add_argument("--quiet", action="store_true", help="no report on standard error")


def run(args: argparse.Namespace) -> int:
    """Redact it."""
    from secrets import token_bytes

    from ccxdissect.errors import CcxDissectError, UsageError
    from ccxdissect.redact.fields import Keep
    from ccxdissect.redact.files import read_key, redact_files
    from ccxdissect.sources.options import protocols_of

    protocols = protocols_of(args.dialect)
    names = [name for group in args.keep for name in group.split(",") if name.strip()]
    try:
        keep = Keep(protocols, names)
    except CcxDissectError as error:
        raise UsageError(f"--keep: {error}") from None
    ports = frozenset(args.port or (port for protocol in protocols for port in protocol.ports))
    if args.text_output and not args.check:
        raise UsageError("-o is for the answer of --check; the copy is OUT, the last name")
    if args.check and (args.key or names):
        raise UsageError(f"{'--key' if args.key else '--keep'} is for the copy, and --check writes none")
    if args.check:
        return _check(args, protocols, ports)
    given, outs = _pairs(args.files)
    key = read_key(args.key) if args.key else token_bytes(32)
    with leaving_nothing():
        for done in redact_files(protocols, given, outs, ports, key, keep, args.force):
            _tell(args, done.report, done.notices)
    return 0


def _pairs(files: list[str]) -> tuple[list[str], list[str]]:
    """What is read, and where each of it is written to. Raises UsageError."""
    from pathlib import Path

    from ccxdissect.errors import UsageError

    *given, out = files
    if not given:
        raise UsageError("redact IN OUT: where is the copy to be written? (--check writes none)")
    if len(given) == 1:
        return given, [out]
    names = [Path(path).name for path in given]
    if len(set(names)) < len(names) or "-" in given:
        raise UsageError("of several captures each needs a name of its own, by which its copy is called")
    if out == "-":
        raise UsageError("of several captures the copies go into a folder, which standard output is none")
    if Path(out).exists() and not Path(out).is_dir():
        raise UsageError(f"{out}: of several captures the copies go into a folder, and this is none")
    Path(out).mkdir(exist_ok=True)
    return given, [str(Path(out) / name) for name in names]


def _check(args: argparse.Namespace, protocols: tuple[Protocol, ...], ports: frozenset[int]) -> int:
    from ccxdissect.capture.spooled import reopenable
    from ccxdissect.cli.writing import write_lines
    from ccxdissect.redact.check import check

    with reopenable(args.files) as names:
        holdings = check(protocols, names, ports)
    args.answer = 0 if holdings.shareable else 3
    write_lines(holdings.lines())
    return int(args.answer)


def _tell(args: argparse.Namespace, report: Report, notices: list[str]) -> None:
    for notice in notices:
        print(f"note: {notice}", file=sys.stderr)
    if not args.quiet:
        for line in report.lines():
            print(line, file=sys.stderr)
    if not report.messages:
        print(
            "note: no CTI messages were found: everything else is blanked (--port names another port)", file=sys.stderr
        )
