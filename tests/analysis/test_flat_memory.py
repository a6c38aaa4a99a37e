"""Memory grows with what is open, not with the capture."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from ccxdissect.analysis.agents import Agents
from ccxdissect.analysis.calls import Calls
from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.analysis.findings import Findings
from ccxdissect.analysis.selection import Selection
from ccxdissect.analysis.sessions import Sessions
from ccxdissect.analysis.statistics import Statistics
from ccxdissect.capture.segment import Endpoint
from ccxdissect.codec import Value
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Event, Record, SessionEnded, SessionState
from scene import DECODERS, ENCODERS, MS, START

ROUND = 10
DEVICES: list[tuple[str | int, Value]] = [("ConnectionDeviceID", "2005"), ("AlertingDeviceID", "2006")]


def _round(number: int) -> Iterator[tuple[str, dict[str, int | bytes], list[tuple[str | int, Value]]]]:
    """Ten messages: a call from its beginning to its end, an agent's states, requests answered and not."""
    call = {"CallID": number}
    device = DEVICES[:1]
    agent: list[tuple[str | int, Value]] = [("AgentID", f"a{number % 50}"), ("AgentInstrument", str(number % 50))]
    yield "BEGIN_CALL_EVENT", dict(call), device
    yield "CALL_DELIVERED_EVENT", dict(call), DEVICES
    yield "ANSWER_CALL_REQ", {"InvokeID": number % 1000, **call}, [*device, ("AgentInstrument", str(number % 50))]
    yield "ANSWER_CALL_CONF", {"InvokeID": number % 1000}, []
    yield "AGENT_STATE_EVENT", {"AgentState": 4}, agent
    yield "CALL_CLEARED_EVENT", dict(call), device
    yield "END_CALL_EVENT", dict(call), device
    yield "AGENT_STATE_EVENT", {"AgentState": 3}, agent
    yield "SET_CALL_DATA_REQ", {"InvokeID": 2000 + number % 1000, **call}, device
    yield "HEARTBEAT_REQ", {"InvokeID": number}, []


def events(count: int) -> Iterator[Event]:
    """`count` messages in sessions of 1,000."""
    now, known = START, SessionState(0, Endpoint(""), Endpoint(""), 0, 0)
    for number in range(count):
        if number % 1000 == 0:
            if number:
                yield SessionEnded(known.session, now, number)
            place = number // 1000 + 1
            known = SessionState(place, Endpoint("10.0.0.5", place), Endpoint("10.0.0.1", 12028), now, now, 14)
        if number % ROUND == 0:
            messages = _round(number // ROUND)
        name, fixed, floating = next(messages)
        wire = ENCODERS["ccx"].encode(name, fixed, floating, version=14)
        declared = UCCX_CTI.message(name)
        now += 20 * MS
        known.end = now
        decoded = DECODERS["ccx"].decode(declared.number, wire[8:], 14)
        yield Record(number + 1, number + 1, now, known.session, declared.sender, decoded, now)
    yield SessionEnded(known.session, now, count)


class _Selecting:
    """A selection as an analysis."""

    def __init__(self) -> None:
        self.selection = Selection(agents=["a1", "a2"])

    def feed(self, event: Event) -> list[object]:
        return [self.selection.concerns(event)] if isinstance(event, Record) else []


@pytest.mark.heavy
def test_memory_stays_flat() -> None:
    """After 3,000 messages, 6,000 more take no more memory than noise, in all the analyses together."""
    analyses = [Exchanges(), Sessions(), Calls(), Agents(), Statistics(), Findings(), _Selecting()]
    held = []
    tracemalloc.start()
    try:
        for position, event in enumerate(events(9_000)):
            for analysis in analyses:
                analysis.feed(event)  # type: ignore[attr-defined]
            if position in (3_000, 9_000):
                held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    # This is 67 bytes a message: no result, record or message is kept.
    assert held[1] - held[0] < 400_000, held
