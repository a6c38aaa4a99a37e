"""`ccxdissect redact`: a capture or a log without secrets and personal data."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ccxdissect.cli.numbers import port
from ccxdissect.cli.options import add_dialect

SUMMARY = "write a capture or log whose secrets are zeroed and whose personal data are replaced"


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("input", metavar="IN", help="capture or log, gzipped or not; - is standard input")
    parser.add_argument("output", metavar="OUT", help="the file to write; - is standard output")
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
    parser.add_argument("--force", action="store_true", help="replace OUT if it is there already")
    add_dialect(parser)
    parser.add_argument("--quiet", action="store_true", help="no report on standard error")


@contextmanager
def leaving_nothing() -> Iterator[None]:
    """Let a request to end run through whatever removes unfinished files."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(args: argparse.Namespace) -> int:
    """Redact it."""
    from ccxdissect.errors import CcxDissectError, UsageError
    from ccxdissect.redact.fields import Keep
    from ccxdissect.redact.files import read_key, redact_file
    from ccxdissect.sources.options import protocols_of

    protocols = protocols_of(args.dialect)
    names = [name for group in args.keep for name in group.split(",") if name.strip()]
    try:
        keep = Keep(protocols, names)
    except CcxDissectError as error:
        raise UsageError(f"--keep: {error}") from None
    key = read_key(args.key) if args.key else None
    ports = frozenset(args.port or (port for protocol in protocols for port in protocol.ports))
    with leaving_nothing():
        report, notices = redact_file(protocols, args.input, args.output, ports, key, keep, args.force)
    for notice in notices:
        print(f"note: {notice}", file=sys.stderr)
    if not args.quiet:
        for line in report.lines():
            print(line, file=sys.stderr)
    if not report.messages:
        print(
            "note: no CTI messages were found: everything else is blanked (--port names another port)", file=sys.stderr
        )
    return 0
