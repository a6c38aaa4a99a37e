"""What analyses and rules say of their interest is true: of what they do not name, they ask and say nothing."""

from __future__ import annotations

import pytest
from stirred_day import day

from ccxdissect.analysis.exchanges import Exchange, Exchanges, Outcome
from ccxdissect.analysis.findings import Findings
from ccxdissect.analysis.subject import EVERY, Subject, SubjectReader
from ccxdissect.codec.decoder import Decoded
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Event, Record
from scene import Scene

DAYS = range(12)
SLOTS = frozenset(name for name in Subject.__annotations__ if not name.startswith("_")) | EVERY.keys()


@pytest.mark.parametrize("number", DAYS)
def test_rules_keep_to_the_outcomes_that_they_name(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Outcome] = []

    def every_rule(findings: Findings, exchange: Exchange, found: list[object]) -> None:
        seen.append(exchange.outcome)
        for rule in findings.rules.exchanges:
            if exchange.outcome not in rule.outcomes:
                assert list(rule.watch(exchange, findings.context)) == []

    monkeypatch.setattr(Findings, "_exchange", every_rule)
    findings = Findings()
    for event in day(number).events:
        findings.feed(event)
    list(findings.flush())
    assert {Outcome.UNREQUESTED, Outcome.UNANSWERED} <= set(seen)


def test_a_reply_that_confirms_is_a_matter_of_the_slow_ones_alone() -> None:
    rules = Findings().rules.exchanges
    assert {outcome for rule in rules for outcome in rule.outcomes} == set(Outcome)
    assert [rule.name for rule in rules if Outcome.CONFIRMED in rule.outcomes] == ["slow-reply"]


class _Watched(SubjectReader):
    """Reads subjects that tell what they are asked for."""

    def __init__(self, asked: set[str]) -> None:
        super().__init__()

        class Watched(Subject):
            def __getattribute__(self, name: str) -> object:
                if name in SLOTS:
                    asked.add(name)
                return super().__getattribute__(name)

        self._watched = Watched

    def of(self, decoded: Decoded) -> Subject:
        subject = super().of(decoded)
        found = self._watched(subject._plan)
        found.__dict__.update(subject.__dict__)
        return found


def asked_of(events: list[Event]) -> set[str]:
    """What pairing the messages of events asks of their subjects."""
    asked: set[str] = set()
    exchanges = Exchanges(reader=_Watched(asked))
    for event in events:
        exchanges.feed(event)
    return asked


def test_pairing_asks_for_just_the_slots_that_it_names() -> None:
    asked = set().union(*(asked_of(list(day(number).events)) for number in DAYS))
    assert asked == Exchanges.SLOTS


def test_where_a_call_begins_settles_what_was_dialed() -> None:
    """Also for whom nobody asks what a request led to: the next request about the call ends that of the one that made it."""
    scene = Scene()
    session = scene.session()
    scene.send(session, "MAKE_CALL_REQ", {"InvokeID": 1}, [("AgentInstrument", "2001"), ("DialedNumber", "2002")])
    scene.send(session, "MAKE_CALL_CONF", {"InvokeID": 1, "NewCallID": 7})
    scene.send(session, "BEGIN_CALL_EVENT", {"CallID": 7}, [("ConnectionDeviceID", "2001")])
    begins = scene.events[-1]
    scene.send(session, "CLEAR_CALL_REQ", {"InvokeID": 2, "CallID": 7})
    exchanges = Exchanges(traced=False)
    assert isinstance(begins, Record) and begins.decoded.message is not None
    assert exchanges.concerns(begins.decoded.message, UCCX_CTI)
    found = [one.request_name for event in scene.events for one in exchanges.feed(event)]
    without = Exchanges(traced=False)
    later = [one.request_name for event in scene.events if event is not begins for one in without.feed(event)]
    assert (found, later) == (["MAKE_CALL_REQ"], [])


@pytest.mark.parametrize("traced", [True, False])
@pytest.mark.parametrize("number", DAYS)
def test_pairing_is_the_same_without_messages_that_do_not_concern_it(number: int, traced: bool) -> None:
    def told(every: bool) -> list[tuple[object, ...]]:
        exchanges = Exchanges(traced=traced)
        found = []
        for event in day(number).events:
            message = event.decoded.message if isinstance(event, Record) else None
            if every or message is None or exchanges.concerns(message, UCCX_CTI):
                found += exchanges.feed(event)
            elif event.time > exchanges.due:
                found += exchanges.advance(event.time)
        found += exchanges.flush()
        return [(one.request, one.reply, one.outcome, one.triggered, one.given_up, one.agent) for one in found]

    assert told(every=False) == told(every=True)
