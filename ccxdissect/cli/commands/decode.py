"""`ccxdissect decode`: messages, or packets, pasted as hexadecimal text."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence

from ccxdissect.cli.numbers import unsigned
from ccxdissect.cli.options import add_dialect, add_reserved, add_secrets
from ccxdissect.cli.output import add_output

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ccxdissect.capture.packet import Packet
    from ccxdissect.codec.decoder import Decoded
    from ccxdissect.codec.forms import FloatingForm
    from ccxdissect.protocol.model import Protocol
    from ccxdissect.stream.events import Event

SUMMARY = "decode messages or packets pasted as hexadecimal text"

#: How much of standard input is read, in bytes; `parse_hex` refuses more.
_MOST = 16 << 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "hex",
        nargs="*",
        metavar="HEX",
        help="whole messages, or packets with all their headers, in any form that tools print bytes (default, or -: read "
        "from standard input)",
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
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Decode and show them."""
    from ccxdissect.analysis.filters import message_number
    from ccxdissect.capture.pasted import as_packets, dumps
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
    # Several arguments are several words of one text, and one may be a whole dump.
    text = " ".join(args.hex)
    if args.hex in ([], ["-"]):
        # Whatever stands there: bytes that are no text are no hexadecimal either, and are told as such.
        text = standard_input().read(_MOST + 1).decode("utf-8", "replace")
    number = None if args.type is None else message_number(args.type, protocols)
    pieces = dumps(text)
    data = b"".join(pieces)
    if number is None and not _fits(data, protocols):
        captured = as_packets(pieces)
        if captured is not None:
            return _decode_packets(args, captured, protocols)
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
            begun = _beginning(number, data[at + HEADER.size :], length, (protocol, *protocols), (version, form))
            if begun is not None:
                if at:
                    print()
                write_lines(tree_lines(begun, showing, length))
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


def _beginning(
    number: int,
    body: bytes,
    length: int,
    protocols: Sequence[Protocol],
    known: tuple[int | None, FloatingForm | None],
) -> Decoded | None:
    """What can be read of a message of which only the beginning is there; None where its header can be none. `known`: the
    version and the form of those before it."""
    from ccxdissect.codec.decoder import Decoder
    from ccxdissect.stream.framing import Boundaries

    spoken = next((protocol for protocol in protocols if number in protocol.by_number), None)
    if spoken is None or not body or length > Boundaries(spoken).largest_body:
        return None
    return Decoder(spoken).decode(number, body, *known)


def _fits(data: bytes, protocols: Sequence[Protocol]) -> bool:
    """Whether the bytes are whole messages from their beginning to their end, of declared types."""
    from ccxdissect.codec.layout import HEADER

    at = 0
    for number, body in _messages(data):
        if not any(number in protocol.by_number for protocol in protocols):
            return False
        at += HEADER.size + len(body)
    return 0 < at == len(data)


def _decode_packets(args: argparse.Namespace, captured: list[Packet], protocols: Sequence[Protocol]) -> int:
    """Decode what packets carry, and say of each who sent what to whom."""
    from ccxdissect.capture.segment import format_endpoint
    from ccxdissect.capture.segments import SegmentReader
    from ccxdissect.cli.writing import write_lines
    from ccxdissect.codec.decoder import Decoder
    from ccxdissect.stream.dissector import Dissector
    from ccxdissect.stream.events import Loss, Record
    from ccxdissect.views.messages import Showing
    from ccxdissect.views.tree import tree_lines
    from ccxdissect.wording import plural
    from ccxdissect.wording.losses import say

    dissector = Dissector(protocols)
    showing = Showing(args.reserved, args.show_secrets)

    def show(events: Iterable[Event]) -> None:
        for event in events:
            if isinstance(event, Record):
                decoded = event.decoded
                if args.version is not None and event.session.verdict is not None:
                    decoder = Decoder(event.session.verdict.protocol)
                    decoded = decoder.decode(decoded.number, decoded.body, args.version)
                write_lines(tree_lines(decoded, showing))
            elif isinstance(event, Loss):
                print(f"  {say(event)}")

    reader = SegmentReader(captured)
    for place, segment in enumerate(reader):
        if place:
            print()
        ends = format_endpoint(segment.src, segment.sport), format_endpoint(segment.dst, segment.dport)
        size = plural(len(segment.payload), "byte")
        print(f"Packet {segment.frame}: {ends[0]} to {ends[1]}, {size} of TCP payload")
        show(dissector.feed(segment))
    show(dissector.flush())
    for notice in reader.notices:
        print(f"note: {notice}", file=sys.stderr)
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
