"""`ccxdissect decode`: messages pasted as hexadecimal text."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from ccxdissect.cli.numbers import unsigned
from ccxdissect.cli.options import add_dialect, add_reserved, add_secrets

SUMMARY = "decode messages pasted as hexadecimal text"

#: How much of standard input is read, in bytes; `parse_hex` refuses more.
_MOST = 16 << 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "hex",
        nargs="*",
        metavar="HEX",
        help="whole messages, in any form that tools print bytes (default, or -: read from standard input)",
    )
    parser.add_argument("--type", metavar="NAME", help="HEX is the body of this message, without its header")
    parser.add_argument(
        "--protocol-version",
        "--version",
        dest="version",
        type=unsigned,
        metavar="N",
        help="protocol version of the session",
    )
    add_reserved(parser)
    add_secrets(parser)
    add_dialect(parser)


def run(args: argparse.Namespace) -> int:
    """Decode and show them."""
    from ccxdissect.analysis.filters import message_number
    from ccxdissect.capture.hexdump import parse_hex
    from ccxdissect.capture.source import standard_input
    from ccxdissect.cli.writing import write_lines
    from ccxdissect.codec.decoder import Decoder
    from ccxdissect.codec.layout import HEADER
    from ccxdissect.errors import CaptureError
    from ccxdissect.sources.options import protocols_of
    from ccxdissect.stream.dialect import spoken
    from ccxdissect.views.messages import Showing
    from ccxdissect.views.tree import tree_lines

    protocols = protocols_of(args.dialect)
    text = " ".join(args.hex)
    if args.hex in ([], ["-"]):
        # Whatever stands there: bytes that are no text are no hexadecimal either, and are told as such.
        text = standard_input().read(_MOST + 1).decode("utf-8", "replace")
    number = None if args.type is None else message_number(args.type, protocols)
    data = parse_hex(text)
    protocol = spoken(protocols, _messages(data) if number is None else [(number, data)])
    decoder = Decoder(protocol)
    showing = Showing(args.reserved, args.show_secrets)
    if number is not None:
        write_lines(tree_lines(decoder.decode(number, data, args.version), showing))
        return 0
    at = 0
    version, form = args.version, None
    while at < len(data):
        if len(data) - at < HEADER.size:
            raise CaptureError(
                "hexadecimal text", f"{len(data) - at} bytes are left at byte {at}: too few for a header of 8"
            )
        length, number = HEADER.unpack_from(data, at)
        left = len(data) - at - HEADER.size
        if length > left:
            where = "" if at == 0 else f" at byte {at}"
            raise CaptureError(
                "hexadecimal text",
                f"the header{where} says a body of {length} bytes, {left} follow (a body alone needs --type)",
            )
        decoded = decoder.decode(number, data[at + HEADER.size : at + HEADER.size + length], version, form)
        version, form = decoded.version, decoded.form or form
        if at:
            print()
        write_lines(tree_lines(decoded, showing))
        at += HEADER.size + length
    return 0


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Types and bodies of the whole messages, as far as they go."""
    from ccxdissect.codec.layout import HEADER

    at = 0
    while at + HEADER.size <= len(data):
        length, number = HEADER.unpack_from(data, at)
        at += HEADER.size + length
        if at <= len(data):
            yield number, data[at - length : at]
