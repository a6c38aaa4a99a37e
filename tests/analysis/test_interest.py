"""What analyses and rules say of their interest is true: of what they do not name, they ask and say nothing."""

from __future__ import annotations

import pytest
from stirred_day import day

from ccxdissect.analysis.calls import Calls
from ccxdissect.analysis.exchange import Exchange, Outcome
from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.analysis.findings import RULES, Finding, Findings, Severity, Thresholds
from ccxdissect.analysis.rules.registry import Rules, whatever_it_is_about
from ccxdissect.analysis.subject import EVERY, Subject, SubjectReader
from ccxdissect.codec.decoder import Decoded
from ccxdissect.protocol.model import Side
from ccxdissect.protocol.uccx.declarations import UCCX_CTI
from ccxdissect.stream.events import Record
from scene import MS, S, Scene

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


@pytest.mark.parametrize("number", DAYS)
def test_rules_on_slow_exchanges_say_nothing_of_quick_ones(number: int) -> None:
    findings, exchanges = Findings(), Exchanges()
    rules = [rule for rule in findings.rules.exchanges if rule.slower_than is not None]
    assert rules
    for event in day(number).events:
        for exchange in exchanges.feed(event):
            for rule in rules:
                assert rule.slower_than is not None
                if exchange.reaction is not None and exchange.reaction <= rule.slower_than(findings.context.thresholds):
                    assert list(rule.watch(exchange, findings.context)) == []


@pytest.mark.parametrize("quick", [None, -1, 0, 5 * MS, 2 * S, 1 << 100])
def test_just_the_quick_ones_that_are_confirmed_are_left_out(quick: int | None) -> None:
    def told(of: Exchanges) -> list[Exchange]:
        found: list[Exchange] = []
        for number in DAYS:
            found += (one for event in day(number).events for one in of.feed(event))
            found += of.flush()
        return found

    def is_quick(one: Exchange) -> bool:
        return one.outcome is Outcome.CONFIRMED and quick is not None and (one.reaction or 0) <= quick

    every, some = told(Exchanges()), told(Exchanges(quick=quick))
    assert [(one.request, one.reply) for one in every if not is_quick(one)] == [
        (one.request, one.reply) for one in some
    ]
    assert any(one.outcome is Outcome.CONFIRMED for one in every)


def test_what_is_quick_depends_on_all_rules_on_what_is_confirmed() -> None:
    thresholds, rules = Thresholds(slow_reply=7), Rules()
    assert RULES.quick(thresholds) == 7
    assert rules.quick(thresholds) == 1 << 100
    rules.on_exchange("failed", Severity.NOTE, Outcome.FAILED)(lambda exchange, context: ())
    assert rules.quick(thresholds) == 1 << 100
    rules.on_exchange("slow", Severity.NOTE, slower_than=lambda thresholds: thresholds.slow_reply)(lambda *_: ())
    rules.on_exchange("quite slow", Severity.NOTE, slower_than=lambda _: 5)(lambda *_: ())
    assert rules.quick(thresholds) == 5
    rules.on_exchange("any", Severity.NOTE)(lambda exchange, context: ())
    assert rules.quick(thresholds) is None


def test_rules_say_nothing_of_messages_that_are_about_something_else() -> None:
    broken = Scene()
    broken.state(broken.session(), "smith", 1, "2006", reason=32764)
    spoke = 0
    for scene in (*map(day, DAYS), broken):
        findings = Findings()
        for event in scene.events:
            findings.feed(event)
            if not isinstance(event, Record):
                continue
            subject = findings.context.subject(event)
            findings.context.echo = False
            for rule in findings.rules.records:
                if rule.only is not whatever_it_is_about and rule.concerns(event.decoded.message):
                    said = list(rule.watch(event, findings.context))
                    assert rule.only(subject) or not said
                    spoke += bool(said)
    assert spoke


@pytest.mark.parametrize("number", DAYS)
def test_findings_are_the_same_of_messages_without_their_records(number: int) -> None:
    taken = []

    def told(records: bool) -> list[Finding]:
        findings, reader = Findings(), SubjectReader()
        found: list[Finding] = []
        for event in day(number).events:
            given = None
            if isinstance(event, Record) and not records and event.decoded.message is not None:
                message, subject = event.decoded.message, reader.of(event.decoded)
                take = findings.taker(message, UCCX_CTI)
                # Who takes messages so tells sessions by himself that they came.
                heard, said = (event.time, event.time, 0), event.time
                by_client = event.sender is Side.CLIENT
                findings.sessions.pass_by(
                    event.session, event.number, heard if by_client else None, None if by_client else said
                )
                if take is not None and not event.problems and not findings.checker.deviations(event.decoded):
                    given = take(event.number, event.time, event.session, event.sender, message, subject)
                    taken.append(given is not None)
            found += findings.feed(event) if given is None else given
        return [*found, *findings.flush()]

    assert told(records=False) == told(records=True)
    assert sum(taken) > len(taken) / 2


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


@pytest.mark.parametrize("traced", [True, False])
def test_pairing_asks_for_just_the_slots_that_it_names(traced: bool) -> None:
    asked: set[str] = set()
    every: set[str] = set()
    named: set[str] = set()
    for number in DAYS:
        exchanges = Exchanges(reader=_Watched(asked), traced=traced)
        for event in day(number).events:
            asked.clear()
            exchanges.feed(event)
            if isinstance(event, Record) and event.decoded.message is not None:
                slots = exchanges.slots(event.decoded.message, UCCX_CTI)
                assert asked <= slots, event.name
                every |= asked
                named |= slots
    assert every == named


def test_findings_without_records_ask_for_just_the_slots_that_they_name() -> None:
    asked: set[str] = set()
    every: set[str] = set()
    for number in DAYS:
        findings, reader = Findings(), _Watched(asked)
        for event in day(number).events:
            message = event.decoded.message if isinstance(event, Record) else None
            if not isinstance(event, Record) or message is None:
                continue
            take, slots = findings.taker(message, UCCX_CTI), findings.slots(message, UCCX_CTI)
            assert (take is None) == (slots is None)
            if take is not None and slots is not None:
                asked.clear()
                take(event.number, event.time, event.session, event.sender, message, reader.of(event.decoded))
                assert asked <= slots, event.name
                every |= asked
    assert every >= {"agent", "call", "invoke_id", "state", "reason", "status"}


def _dialed() -> Scene:
    """A request for a call, the call that begins at its phone, and the next request about it."""
    scene = Scene()
    session = scene.session()
    scene.send(session, "MAKE_CALL_REQ", {"InvokeID": 1}, [("AgentInstrument", "2001"), ("DialedNumber", "2002")])
    scene.send(session, "MAKE_CALL_CONF", {"InvokeID": 1, "NewCallID": 7})
    scene.send(session, "BEGIN_CALL_EVENT", {"CallID": 7}, [("ConnectionDeviceID", "2001")])
    scene.send(session, "CLEAR_CALL_REQ", {"InvokeID": 2, "CallID": 7})
    return scene


@pytest.mark.parametrize("traced", [True, False])
def test_pairing_is_the_same_of_messages_without_their_records(traced: bool) -> None:
    for scene in (*map(day, DAYS), _dialed()):
        fed, taking, reader = Exchanges(traced=traced), Exchanges(traced=traced), SubjectReader()
        one: list[Exchange] = []
        other: list[Exchange] = []
        for event in scene.events:
            message = event.decoded.message if isinstance(event, Record) else None
            one += fed.feed(event)
            if isinstance(event, Record) and message is not None:
                take, subject = taking.taker(message, UCCX_CTI), reader.of(event.decoded)
                other += take(event.number, event.time, event.session, event.sender, message, subject)
            else:
                other += taking.feed(event)
            assert (len(one), fed.due) == (len(other), taking.due)
        one += fed.flush()
        other += taking.flush()
        assert [tuple(exchange) for exchange in other] == [tuple(exchange) for exchange in one]


@pytest.mark.parametrize("number", [None, *DAYS])
def test_findings_are_the_same_without_messages_that_nothing_waits_for(number: int | None) -> None:
    left_out = 0

    def told(every: bool) -> list[Finding]:
        nonlocal left_out
        findings, awaited = Findings(), False
        found: list[Finding] = []
        for event in (_dialed() if number is None else day(number)).events:
            message = event.decoded.message if isinstance(event, Record) else None
            if not every and message is not None and isinstance(event, Record):
                sound = not event.problems and not findings.checker.deviations(event.decoded)
                if sound and findings.only_replies(message, UCCX_CTI) and not findings.awaits:
                    left_out += findings.concerns(message, UCCX_CTI)
                    findings.sessions.pass_by(event.session, event.number, None, event.time)
                    found += findings.advance(event.time) if event.time > findings.due else []
                    continue
            found += findings.feed(event)
            if message is not None and not findings.asks(message):
                assert not findings.awaits or awaited
            awaited = findings.awaits
        return [*found, *findings.flush()]

    assert told(every=False) == told(every=True)
    assert not left_out or number is not None


def test_two_exchanges_of_which_the_same_is_told_are_two() -> None:
    session = Scene().session()
    one, other = Exchange(session, 1), Exchange(session, 1)
    assert (one == other, one != other, one == one) == (False, True, True)
    assert len({one, other}) == 2


def test_where_a_call_begins_settles_what_was_dialed() -> None:
    """Also for whom nobody asks what a request led to: the next request about the call ends that of the one that made it."""
    scene = _dialed()
    begins = scene.events[-2]
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


@pytest.mark.parametrize("number", DAYS)
def test_calls_ask_of_no_slot_that_they_do_not_name(number: int) -> None:
    """Calls are told the same of subjects that have nothing else."""
    reader, whole, named = SubjectReader(), Calls(), Calls()
    for event in day(number).events:
        if not isinstance(event, Record) or event.decoded.message is None:
            assert [story[:] for story in whole.feed(event)] == [story[:] for story in named.feed(event)]
            continue
        message, subject = event.decoded.message, reader.of(event.decoded)
        less = Subject(None)
        slots = named.slots(message, UCCX_CTI)
        less.__dict__.update({slot: value for slot, value in vars(subject).items() if slot in slots | {"_plan"}})
        facts = (event.number, event.time, event.session, event.sender, message)
        assert [story[:] for story in named.take(*facts, less)] == [story[:] for story in whole.take(*facts, subject)]
    assert [story[:] for story in named.flush()] == [story[:] for story in whole.flush()]
