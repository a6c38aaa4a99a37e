"""Options that several commands share."""

from __future__ import annotations

import argparse

from ccxdissect.cli.numbers import at_least_one, call_id, port, unsigned, whole

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PORT_HELP = "TCP port of the server (repeatable; default 12028, and 42027 and 43027 of ten CCE instances)"


def year(text: str) -> int:
    """A year that a log can be of."""
    return whole(text, 1970, 9998)


def add_captures(parser: argparse.ArgumentParser) -> None:
    """What to read."""
    parser.add_argument(
        "captures",
        nargs="+",
        metavar="CAPTURE",
        help="pcap or pcapng file or MIVR log of the server, gzipped or not; several continue each other; - is stdin",
    )
    parser.add_argument(
        "--port",
        type=port,
        action="append",
        metavar="N",
        help=PORT_HELP,
    )
    add_source(parser)


def add_source(parser: argparse.ArgumentParser) -> None:
    """How what is read is understood."""
    group = parser.add_argument_group("how to read it")
    group.add_argument(
        "--engine",
        choices=("own", "tshark", "pyshark"),
        default="own",
        help="who opens captures: ourselves, or tshark with our plugin (pyshark: by way of it)",
    )
    group.add_argument(
        "--tshark-option",
        action="append",
        metavar="NAME:VALUE",
        help="a preference for tshark, for example tls.keylog_file:keys.txt (repeatable)",
    )
    add_dialect(group)
    group.add_argument("--checksums", action="store_true", help="note wrong IP and TCP checksums")
    group.add_argument(
        "--zone",
        metavar="ZONE",
        help="time zone: of a log, in which it was written; of a capture, in which its times are shown (default: UTC). An "
        "offset (+05:30), a name (Asia/Kolkata), for captures also local",
    )
    group.add_argument("--year", type=year, metavar="N", help="year of the first line of a log, which prints none")


def add_dialect(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Which protocol is spoken."""
    parser.add_argument(
        "--dialect",
        default="auto",
        metavar="auto|ccx|cce",
        help="the protocol of Unified CCX or of Unified CCE (GED-188); auto: each session tells (default)",
    )


def add_format(parser: argparse.ArgumentParser) -> None:
    """How rows come out, and where to."""
    from ccxdissect.cli.output import add_output
    from ccxdissect.views.formats import format_names

    group = parser.add_argument_group("how it looks")
    group.add_argument("--format", choices=format_names(), default="table", help="how rows come out (default: table)")
    group.add_argument(
        "--columns", action="append", metavar="NAMES", help="these columns only, in this order, separated by commas"
    )
    group.add_argument("--wide", action="store_true", help="all columns of a table, however wide the terminal")
    group.add_argument(
        "--time",
        choices=("abs", "relative", "delta"),
        default="abs",
        help="times in a table: the clock, since the first row, or since the row before (default: abs)",
    )
    group.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colours in a table (default: on a terminal)",
    )
    add_output(parser)


def check_looks(args: argparse.Namespace) -> None:
    """Raise UsageError for looks that a table alone has, of another format."""
    if not hasattr(args, "color") or args.format == "table":
        return
    if args.wide:
        wrong = f"--wide is for tables: --format {args.format} cuts nothing"
    elif args.time != "abs":
        wrong = f"--time {args.time} is for tables: --format {args.format} has each time with every digit"
    elif args.color == "always":
        wrong = f"--color always is for tables: --format {args.format} has no colours"
    else:
        return
    from ccxdissect.errors import UsageError

    raise UsageError(wrong)


def add_secrets(parser: argparse.ArgumentParser | argparse._MutuallyExclusiveGroup) -> None:
    """Whether passwords are shown."""
    parser.add_argument("--show-secrets", action="store_true", help="show passwords instead of ***")


def add_reserved(parser: argparse.ArgumentParser) -> None:
    """Whether reserved slots are shown."""
    parser.add_argument("--reserved", action="store_true", help="show reserved slots of the fixed part as well")


def add_filters(parser: argparse.ArgumentParser, but: tuple[str, ...] = ()) -> None:
    """What is wanted. `but`: options that the command has itself, by their names without dashes."""
    group = parser.add_argument_group("what is wanted (of several of one option any, of several options all)")

    def add(*names: str, **more: Any) -> None:
        if names[-1].lstrip("-") not in but:
            group.add_argument(*names, **more)

    add(
        "--from",
        dest="start",
        metavar="TIME",
        help="from 10:44, 2025-03-10T10:44:05 (of --zone) or +5m after the first",
    )
    add("--to", dest="end", metavar="TIME", help="to such a time")
    add("--session", type=unsigned, action="append", metavar="N", help="only this session")
    add("--agent", action="append", metavar="ID", help="only what concerns this agent; * and ? stand for others")
    add(
        "--call",
        type=call_id,
        action="append",
        metavar="N",
        help="only what concerns this call, decimal or 0x; of files, its making too",
    )
    add("--number", action="append", metavar="NUMBER", help="only what names this device; * and ? stand for others")
    add("--type", action="append", metavar="NAME", help="only this message, by name or number, or several with commas")
    add("--class", action="append", dest="classes", metavar="CLASS", help="only this class of messages")
    add("--kind", action="append", metavar="KIND", help="only requests, confirmations or events")
    add("--problem", action="append", metavar="KIND", help="only messages with such a problem, as unknown-tag; or any")
    add("--no-heartbeats", action="store_true", help="no heartbeats")
    add(
        "--where",
        metavar="EXPR",
        help="what this holds for: columns and declared fields, such as 'name ~ CALL and AgentState == READY'",
    )
    add(
        "-c",
        "--count",
        type=at_least_one,
        dest="most_rows",
        metavar="N",
        help="end after so many rows; where there are none, so many messages",
    )


#: Options that are called otherwise where they are typed.
_TYPED = {"classes": "class"}


def names_of(args: argparse.Namespace, option: str) -> tuple[str, ...]:
    """The names that an option gives, which may be given several times and hold several with commas. Raises UsageError
    where it gives none: that would be as if nobody had asked."""
    groups = getattr(args, option, None) or ()
    found = tuple(part.strip() for group in groups for part in group.split(",") if part.strip())
    if groups and not found:
        from ccxdissect.errors import UsageError

        raise UsageError(f"--{_TYPED.get(option, option)} {groups[0]!r} names nothing")
    return found
