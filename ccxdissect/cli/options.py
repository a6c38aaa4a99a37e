"""Options that several commands share."""

from __future__ import annotations

import argparse

from ccxdissect.cli.numbers import port, unsigned, whole


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
        help="TCP port of the server (repeatable; default 12028, 42027, 43027)",
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
    group.add_argument("--checksums", action="store_true", help="note wrong IP and TCP checksums")
    group.add_argument("--zone", metavar="ZONE", help="time zone of a log: an offset (+05:30) or a name (Asia/Kolkata)")
    group.add_argument("--year", type=year, metavar="N", help="year of the first line of a log, which prints none")


def add_format(parser: argparse.ArgumentParser) -> None:
    """How rows come out."""
    from ccxdissect.views.formats import format_names

    parser.add_argument("--format", choices=format_names(), default="table", help="how rows come out (default: table)")


def add_secrets(parser: argparse.ArgumentParser | argparse._MutuallyExclusiveGroup) -> None:
    """Whether passwords are shown."""
    parser.add_argument("--show-secrets", action="store_true", help="show passwords instead of ***")


def add_reserved(parser: argparse.ArgumentParser) -> None:
    """Whether reserved slots are shown."""
    parser.add_argument("--reserved", action="store_true", help="show reserved slots of the fixed part as well")


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Which messages are meant."""
    parser.add_argument("--session", type=unsigned, action="append", metavar="N", help="only this session (repeatable)")
    parser.add_argument("--agent", action="append", metavar="ID", help="only what concerns this agent (repeatable)")
    parser.add_argument(
        "--call", type=unsigned, action="append", metavar="N", help="only what concerns this call (repeatable)"
    )
