"""Every request of Unified CCE is answered by each of its replies, and by a failure, whichever side asks."""

from __future__ import annotations

import pytest

from ccxdissect.analysis.exchange import Exchange, Outcome
from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.capture.segment import Endpoint
from ccxdissect.codec import Decoder, Encoder
from ccxdissect.protocol.ged188.declarations import UCCE_CTI
from ccxdissect.protocol.model import Kind, Message, Side
from ccxdissect.stream.events import Record, SessionState

ENCODER, DECODER = Encoder(UCCE_CTI), Decoder(UCCE_CTI)
REQUESTS = [message for message in UCCE_CTI if message.kind is Kind.REQUEST]
NAMED = {message.name: message for message in UCCE_CTI}


def paired(*messages: tuple[Message, int, Side]) -> list[Exchange]:
    """The exchanges of messages, each with its InvokeID and sender."""
    session = SessionState(1, Endpoint("10.0.0.5", 50001), Endpoint("10.0.0.1", 42027), 0, 0, 20).session
    exchanges = Exchanges()
    found: list[Exchange] = []
    for number, (message, invoke_id, sender) in enumerate(messages, start=1):
        known = any(row.name == "InvokeID" for row in message.fixed)
        body = ENCODER.encode(message, {"InvokeID": invoke_id} if known else {}, version=20)[8:]
        decoded = DECODER.decode(message.number, body, 20)
        found += exchanges.feed(Record(number, number, number * 10**6, session, sender, decoded, number * 10**6))
    return [*found, *exchanges.flush()]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda message: message.name)
def test_a_request_and_its_reply(request_: Message) -> None:
    assert request_.replies and all(name in NAMED for name in request_.replies)
    replies = [(NAMED[name], 7, request_.sender.other) for name in request_.replies]
    (exchange,) = [one for one in paired((request_, 7, request_.sender), *replies) if one.request]
    assert (exchange.outcome, exchange.reply_name) == (Outcome.CONFIRMED, request_.replies[-1])


@pytest.mark.parametrize(
    "request_",
    [m for m in REQUESTS if any(row.name == "InvokeID" for row in m.fixed)],
    ids=lambda message: message.name,
)
def test_a_failure_in_place_of_it(request_: Message) -> None:
    """It answers the other side's request of that id, never one's own."""
    failure = NAMED["FAILURE_CONF"]
    mine, other = request_.sender, request_.sender.other
    (answered,) = paired((request_, 7, mine), (failure, 7, other))
    assert (answered.outcome, answered.reply_name, answered.fields_known) == (Outcome.FAILED, "FAILURE_CONF", True)
    own = paired((request_, 7, mine), (failure, 7, mine))
    assert sorted(one.outcome.value for one in own) == ["unanswered", "unrequested"]
