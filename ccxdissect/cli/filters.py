"""Which messages the command line asks for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn

from ccxdissect.cli.numbers import digits
from ccxdissect.errors import one_line
from ccxdissect.protocol.model import Kind, MessageClass, Protocol
from ccxdissect.sources.options import protocol_of
from ccxdissect.stream.events import Record


def message_number(text: str, protocol: Protocol) -> int:
    """A message type by its number or name, in any case; UNKNOWN_n too. Wrong usage when there is none."""
    name = text.strip().upper().replace("-", "_")
    number = digits(name.removeprefix("UNKNOWN_"))
    if number is not None:
        if number >= 2**32:
            usage_error(f"no message has the number {number}: a type is at most {2**32 - 1}")
        return number
    if name in protocol.by_name:
        return protocol.by_name[name].number
    import difflib

    close = difflib.get_close_matches(name, protocol.by_name, 3)
    hint = f"; did you mean {' or '.join(close)}?" if close else "; `ccxdissect spec` lists them all"
    usage_error(f"no message is called {text!r}{hint}")


def usage_error(text: str) -> NoReturn:
    """Say what is wrong with the command line, and end with status 2."""
    print(f"ccxdissect: {one_line(text)}", file=sys.stderr)
    raise SystemExit(2)


def wanted(args: argparse.Namespace) -> Callable[[Record], bool] | None:
    """A test for a message, or None when everything is wanted."""
    tests: list[Callable[[Record], bool]] = []
    protocol = protocol_of()
    if args.type:
        numbers = {message_number(name, protocol) for group in args.type for name in group.split(",")}
        tests.append(lambda record: record.decoded.number in numbers)
    if args.classes:
        names = {name.strip().lower() for group in args.classes for name in group.split(",")}
        unknown = names - {item.value for item in MessageClass}
        if unknown:
            known = ", ".join(item.value for item in MessageClass)
            usage_error(f"no class {', '.join(sorted(unknown))!r}; the classes are {known}")
        tests.append(
            lambda record: record.decoded.message is not None and record.decoded.message.message_class.value in names
        )
    if args.kind:
        kinds = {Kind(name) for name in args.kind}
        tests.append(lambda record: record.decoded.message is not None and record.decoded.message.kind in kinds)
    if args.session or args.agent or args.call:
        from ccxdissect.analysis.selection import Selection

        selection = Selection(sessions=args.session or (), agents=args.agent or (), calls=args.call or ())
        tests.append(selection.concerns)
    if not tests:
        return None
    return lambda record: all(test(record) for test in tests)
