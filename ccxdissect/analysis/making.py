"""The requests that made calls: they come before anybody knows the call's id, which only their confirmation tells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.protocol.model import Kind
from ccxdissect.stream.events import Event, Record


def requests_that_made(
    calls: Collection[int], events: Iterable[Event], fits: Callable[[Record], bool] | None = None
) -> frozenset[int]:
    """The numbers of the requests whose confirmation names one of the calls, of those that fit."""
    reader = SubjectReader()
    pairing = Exchanges(window=0, reader=reader)
    found: set[int] = set()
    unfit: set[int] = set()
    for event in events:
        settled = pairing.feed(event)
        if isinstance(event, Record):
            message = event.decoded.message
            if fits is not None and not fits(event) and message is not None and message.kind is Kind.REQUEST:
                unfit.add(event.number)
            names = any(call in calls for call in reader.of(event.decoded).calls)
        else:
            names = False
        for exchange in settled:
            unwanted = exchange.request in unfit
            unfit.discard(exchange.request or 0)
            if names and exchange.request is not None and exchange.reply is not None and not unwanted:
                found.add(exchange.request)
    return frozenset(found)
