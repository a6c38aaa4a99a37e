"""`ccxdissect export`: a folder of Parquet files, for any program that reads tables."""

from __future__ import annotations

import argparse

from ccxdissect.cli.numbers import processes
from ccxdissect.cli.options import add_captures, add_filters, add_secrets

SUMMARY = "write all tables as a folder of Parquet files"
_MORE = (
    "Captures may be folders, patterns ('day-*.pcapng'), and names in object storage (s3://bucket/day.pcapng, "
    "gs://, hdfs://), and so may the folder to write: each needs its library (s3fs, gcsfs, hdfs-native) beside the extra "
    "`cluster`. Workers give the very same rows as one process."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    parser.epilog = _MORE
    parser.add_argument("--output", "-o", required=True, metavar="DIR", help="the folder to write; new, or empty")
    parser.add_argument("--resume", action="store_true", help="go on in a folder where an export stopped")
    workers = parser.add_mutually_exclusive_group()
    workers.add_argument("--workers", type=processes, metavar="N", help="let so many processes of this machine do it")
    workers.add_argument("--scheduler", metavar="ADDRESS", help="let a running Dask cluster do it: tcp://HOST:8786")
    privacy = parser.add_mutually_exclusive_group()
    privacy.add_argument("--redact", action="store_true", help="pseudonyms for people's data, and no names of files")
    add_secrets(privacy)
    parser.add_argument("--key", metavar="FILE", help="with --redact: the key of the pseudonyms (default: a fresh one)")
    add_filters(parser)


def run(args: argparse.Namespace) -> int:
    """Write them."""
    import secrets

    from ccxdissect.cli.exporting import Request, export_captures
    from ccxdissect.cli.filters import filter_of
    from ccxdissect.errors import UsageError
    from ccxdissect.redact.files import read_key
    from ccxdissect.wording import plural

    if args.key and not args.redact:
        raise UsageError("--key is the key of the pseudonyms that --redact makes")
    if args.redact and args.resume and not args.key:
        raise UsageError("--resume with --redact needs the --key of the first part: pseudonyms would change half-way")
    if args.output == "-":
        raise UsageError("export writes a folder, which standard output is none: --output DIR")
    key = None
    if args.redact:
        key = read_key(args.key) if args.key else secrets.token_bytes(32)
    wanted = Request(args.output, args.resume, key, args.scheduler, args.workers, filter_of(args))
    exported, captures, size = export_captures(args, wanted)
    messages = exported.messages
    others = ", ".join(f"{count:,} {table}" for table, count in exported.rows.items() if "/" not in table)
    print(f"{args.output}: {plural(messages, 'message')}; {others}")
    cost = exported.processor_seconds
    speed = f", {messages / cost:,.0f} messages a second and core" if cost > 0 and not exported.skipped else ""
    print(f"{plural(captures, 'capture')}, {size / 1e6:,.1f} MB, {exported.seconds:,.1f} s{speed}")
    return 1 if exported.unread else 0
