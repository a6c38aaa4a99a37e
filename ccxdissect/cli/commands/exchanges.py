"""`ccxdissect exchanges`: requests with their replies."""

from __future__ import annotations

import argparse

from ccxdissect.cli.options import add_captures, add_format

# Not from `typing`, which takes longer to import than all the rest.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ccxdissect.analysis.exchanges import Exchange

SUMMARY = "pair every request with its reply, and with the events it led to"
TABLE_COLUMNS = ("session", "id", "request", "at", "reply", "after", "outcome", "led to")
OUTCOMES = ("confirmed", "failed", "unanswered", "unrequested")


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_captures(parser)
    add_format(parser)
    parser.add_argument(
        "--outcome", choices=OUTCOMES, action="append", help="only exchanges that ended so (repeatable)"
    )


def run(args: argparse.Namespace) -> int:
    """List them."""
    from ccxdissect.analysis.exchanges import Exchange, Exchanges
    from ccxdissect.cli.reading import Reading
    from ccxdissect.cli.results import in_order, results_of, write_results

    reading = Reading(args)
    found = in_order(results_of(reading, Exchanges()), lambda exchange: exchange.request or exchange.reply or 0)
    if args.outcome:
        found = (exchange for exchange in found if exchange.outcome in args.outcome)
    write_results(args, found, Exchange.columns(), _row, TABLE_COLUMNS)
    reading.complain()
    return 0


def _row(exchange: Exchange) -> list[object]:
    """An exchange as a row of the table: numbers and names together."""
    from ccxdissect.analysis.results import Seconds

    failure = exchange.failure
    why = "" if failure is None else f": {failure.code} {failure.name or ''}".rstrip()
    led_to = [str(number) for number in exchange.triggered]
    return [
        exchange.session.number,
        exchange.invoke_id,
        _named(exchange.request, exchange.request_name),
        None if exchange.request_time is None else Seconds(exchange.request_time),
        _named(exchange.reply, exchange.reply_name),
        None if exchange.latency is None else Seconds(exchange.latency),
        exchange.outcome + why,
        " ".join(led_to[:4]) + (f" and {len(led_to) - 4} more" if len(led_to) > 4 else ""),
    ]


def _named(number: int | None, name: str | None) -> str:
    return "" if number is None else f"{number} {name}"
