"""Findings: what a support engineer would want to be told, each with what to do about it.

The rules are in `rules/`; here is what runs them: it follows sessions and exchanges, hands each rule what it watches,
and keeps repetition down. A finding that would say the same of a further message of the same session is counted, and
told once more, with the count, when the session ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ccxdissect.analysis.echoes import Echoes
from ccxdissect.analysis.exchange import Exchange, Outcome
from ccxdissect.analysis.exchanges import Exchanges
from ccxdissect.analysis.nodes import Nodes, ShutOut, Switch
from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.rules import RULES
from ccxdissect.analysis.rules.registry import (
    Context,
    Only,
    Rule,
    Rules,
    Severity,
    Thresholds,
    in_no_way,
    whatever_it_is_about,
)
from ccxdissect.analysis.schema import Column, ColumnKind, Schema
from ccxdissect.analysis.sessions import Sessions, SessionStory
from ccxdissect.analysis.stranded import Stranded
from ccxdissect.analysis.subject import Subject, SubjectReader, Taker
from ccxdissect.codec.checks import Checker, Deviation
from ccxdissect.protocol.model import Kind, Message, Protocol, Side, Trait
from ccxdissect.stream.events import Event, Loss, Noted, Record, Session, SessionEnded
from ccxdissect.wording import plural

__all__ = ["RULES", "Finding", "Findings", "Severity", "Thresholds"]

#: The most different findings of one session that repetitions are counted for; further ones are told each time.
MOST_DIFFERENT = 1_000


@dataclass(slots=True, frozen=True)
class Finding:
    """One finding. `message`: the number of the message it is about, None when it is about none. Time in ns.

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
    ...     errors = [found for found in trace.findings() if found.severity is ccxdissect.Severity.ERROR]
    >>> errors[0].rule
    'version-refused'
    """

    severity: Severity
    rule: str
    session: int
    message: int | None
    time: int
    text: str
    #: Findings of one rule and group are told together; how much it matters among equally grave ones; for how many
    #: like it it stands.
    group: object = field(default=None, compare=False, repr=False)
    weight: int = field(default=0, compare=False, repr=False)
    times: int = field(default=1, compare=False, repr=False)


SCHEMA = Schema(
    "findings",
    "something that is wrong or odd, and what to do about it",
    (
        Column(
            "severity",
            ColumnKind.TEXT,
            "how much it matters",
            rank=1,
            codes=tuple(severity.value for severity in Severity),
        ),
        Column("rule", ColumnKind.TEXT, "the rule that found it", rank=3),
        Column("session", ColumnKind.INTEGER, "the session it is about", rank=5),
        Column("message", ColumnKind.INTEGER, "number of the message it is about", rank=4, optional=True),
        Column("time", ColumnKind.TIME, "when", rank=6),
        Column("text", ColumnKind.TEXT, "what it is, and what to do", rank=2, prose=True),
    ),
)


@dataclass(slots=True)
class _Again:
    """A finding that came again."""

    first: Finding
    times: int = 0
    last_message: int | None = None
    last_time: int = 0


class _Dispatch(NamedTuple):
    """Which rules are run on a type of message: on all, and on odd ones besides."""

    usual: tuple[Rule, ...]
    odd: tuple[Rule, ...]
    #: Of those that ask for echoes, of which there are among events only: which messages they could say something of.
    echoes: tuple[Only, ...]
    #: The same of all the usual ones.
    only: tuple[Only, ...]


@dataclass(slots=True)
class _Alike:
    """Messages of one session that deviate alike, and were told: what counts each deviation, and how many came since."""

    deviations: tuple[Deviation, ...]
    again: list[_Again]
    #: The rules that may say more of such messages, where those have no problems; and whether these are run on any of their type.
    others: tuple[Rule, ...]
    as_usual: bool
    times: int = 0
    last_message: int = 0
    last_time: int = 0

    def add(self, times: int, message: int, time: int) -> None:
        """So many more came; number and time of the last."""
        self.times += times
        if message > self.last_message:
            self.last_message, self.last_time = message, time


_OF_AGENT_STATES = frozenset({"state", "reason"})
#: By the identity of the tuple of deviations, which is kept, so that no other one can have it.
_OfSession = dict[int, _Alike]
_NONE: _OfSession = {}


class Findings:
    """Runs the rules over the events; gives findings as soon as they are sure."""

    def __init__(
        self,
        thresholds: Thresholds | None = None,
        rules: Rules | None = None,
        reader: SubjectReader | None = None,
    ) -> None:
        self.rules = RULES if rules is None else rules
        reader, phones, thresholds = reader or SubjectReader(), Phones(), thresholds or Thresholds()
        self.sessions = Sessions(reader)
        # No rule asks what a request triggered.
        quick = self.rules.quick(thresholds)
        self.exchanges = Exchanges(reader=reader, phones=phones, traced=False, quick=quick)
        self.context = Context(thresholds, reader, self.sessions, phones)
        self._echoes = Echoes()
        self._again: dict[int, dict[tuple[str, object], _Again]] = {}
        self._alike: dict[int, _OfSession] = {}
        self.checker = Checker()
        self._nodes = Nodes()
        self._stranded = Stranded(phones)
        #: Whether a failover is told only when it is known which agents are back, and that no node served a client only
        #: when nothing more comes; live, both are told at once.
        self.patient = True
        self._dispatch: dict[Message | None, _Dispatch] = {}
        self._of_outcome = {
            outcome: [rule for rule in self.rules.exchanges if outcome in rule.outcomes] for outcome in Outcome
        }
        #: The stories of the sessions that the last event, or the flush, ended.
        self.ended: Sequence[SessionStory] = ()

    def feed(self, event: Event) -> list[Finding]:
        """Take the next event; give what is found by it."""
        found: list[Finding] = []
        self.ended = stories = self.sessions.feed(event)
        settled = self.exchanges.feed(event)
        if isinstance(event, Record):
            self._record(event, found)
        elif isinstance(event, Loss):
            for rule in self.rules.losses:
                self._run(rule, event, event.session, None, event.time, found)
        elif isinstance(event, Noted):
            for rule in self.rules.notes:
                self._run(rule, event, event.session, None, event.time, found)
        for exchange in settled:
            self._exchange(exchange, found)
        for story in stories:
            self._over(story, found)
        if isinstance(event, SessionEnded):
            found += self._repetitions(event.session.number)
        return found

    @property
    def due(self) -> int:
        """Up to this time (ns) nothing is found by time alone."""
        return self.exchanges.due

    def concerns(self, message: Message, protocol: Protocol) -> bool:
        """Whether anything might be found by a message of a type that keeps to its declaration, or by others because of
        it; of the rest, their sessions alone need to know that they came (see `Sessions.catch_up`)."""
        return self._tells(message) or self.exchanges.concerns(message, protocol)

    def _tells(self, message: Message) -> bool:
        return (
            any(rule.concerns(message) for rule in self.rules.records)
            or self.sessions.concerns(message)
            or bool(message.traits & (Trait.OPENS | Trait.AGENT_STATE))
        )

    @property
    def awaits(self) -> bool:
        """Whether messages are waited for that concern nothing else here (see `only_replies`)."""
        return self.exchanges.awaits

    def asks(self, message: Message) -> bool:
        """Whether such messages are waited for behind those of a type."""
        return self.exchanges.asks(message)

    def only_replies(self, message: Message, protocol: Protocol) -> bool:
        """Whether messages of a type concern nothing here but what waits for them."""
        return not self._tells(message) and self.exchanges.only_replies(message, protocol)

    def taker(self, message: Message, protocol: Protocol) -> Taker | None:
        """What takes messages of a type that keep to their declaration, where most of them need not be looked at as records;
        None: they have to be fed."""
        if message.traits & Trait.OPENS or self.sessions.concerns(message):
            return None
        only = self._dispatched(message).only
        if whatever_it_is_about in only:
            return None
        pair = self.exchanges.taker(message, protocol)
        tells_state = message.traits & Trait.AGENT_STATE and message.kind is not Kind.REQUEST

        def take(
            number: int, time: int, session: Session, sender: Side, message: Message, subject: Subject
        ) -> Sequence[Finding] | None:
            for may_say in only:
                if may_say(subject):
                    return None
            settled = pair(number, time, session, sender, message, subject)
            if not settled and not tells_state:
                return ()
            found: list[Finding] = []
            if tells_state:
                self._agent_state(time, session, sender, subject, found)
            for exchange in settled:
                self._exchange(exchange, found)
            return found

        return take

    def again(self, take: Taker, deviations: tuple[Deviation, ...]) -> Taker:
        """What takes messages that deviate so, where `take` takes those of their type that do not: behind one of their session that
        was looked at they are counted, and nothing else is to be told of what they deviate in."""
        if not self.rules.records:
            return take
        of_sessions, key = self._alike, id(deviations)

        def take_again(
            number: int, time: int, session: Session, sender: Side, message: Message, subject: Subject
        ) -> Sequence[Any] | None:
            known = of_sessions.get(session.number, _NONE).get(key)
            if known is None or not known.as_usual:
                return None
            found = take(number, time, session, sender, message, subject)
            if found is not None:
                known.add(1, number, time)
            return found

        return take_again

    def slots(self, message: Message, protocol: Protocol) -> frozenset[str] | None:
        """What is asked of the subjects of messages of a type, as long as they are taken without their records."""
        if self.taker(message, protocol) is None:
            return None
        asked = self.exchanges.slots(message, protocol)
        return asked | _OF_AGENT_STATES if message.traits & Trait.AGENT_STATE else asked

    def advance(self, now: int) -> list[Finding]:
        """Let time pass without an event, to `now` (ns since the epoch); give what is found by that."""
        found: list[Finding] = []
        for exchange in self.exchanges.advance(now):
            self._exchange(exchange, found)
        return found

    def elsewhere(self, event: Event) -> list[Finding]:
        """Take an event of a session that is not looked at here: give what is found by the time that passes."""
        found: list[Finding] = []
        for exchange in self.exchanges.elsewhere(event):
            self._exchange(exchange, found)
        return found

    def flush(self) -> Iterator[Finding]:
        """Nothing more will come: give what is found by that."""
        found: list[Finding] = []
        for exchange in self.exchanges.flush():
            self._exchange(exchange, found)
        self.ended = list(self.sessions.flush())
        for story in self.ended:
            self._over(story, found)
        for switch in self._stranded.flush():
            self._switch(switch, found)
        for shut_out in self._nodes.flush():
            self._shut_out(shut_out, found)
        for number in list(self._again):
            found += self._repetitions(number)
        self._alike.clear()
        yield from found

    def counts(self, session: int) -> bool:
        """Whether what deviates in this session can still be counted. A finding of which there are too many is told each
        time."""
        return (
            len(self._again.get(session, ())) < MOST_DIFFERENT and len(self._alike.get(session, _NONE)) < MOST_DIFFERENT
        )

    def counts_alone(self, record: Record) -> bool:
        """Whether of messages that deviate as this one, and concern nothing here, only their deviations can be told."""
        dispatch = self._dispatched(record.decoded.message)
        return not any(rule.odd(record) for rule in dispatch.odd if rule.deviation is None)

    def knows(self, session: int, deviations: tuple[Deviation, ...]) -> bool:
        """Whether further messages of the session that deviate so only have to be counted."""
        return not self.rules.records or id(deviations) in self._alike.get(session, _NONE)

    def came_again(self, session: int, deviations: tuple[Deviation, ...], times: int, message: int, time: int) -> None:
        """So many messages of the session came that deviate in a way that is known; number and time of the last."""
        known = self._alike.get(session, _NONE).get(id(deviations))
        if known is not None:
            known.add(times, message, time)

    def _record(self, record: Record, found: list[Finding]) -> None:
        decoded, context = record.decoded, self.context
        message = decoded.message
        if message is not None and message.traits & Trait.OPENS and message.kind is Kind.CONFIRMATION:
            switch = self._nodes.granted(self.sessions.story_of(record.session), record.time, record.number)
            if switch is not None:
                self._stranded.switched(switch)
                if switch.settled or not self.patient:
                    self._switch(switch, found)
        elif message is not None and message.traits & Trait.AGENT_STATE and message.kind is not Kind.REQUEST:
            subject = context.subject(record)
            self._agent_state(record.time, record.session, record.sender, subject, found)
        if not self.rules.records:
            return
        dispatch = self._dispatched(message)
        context.echo = bool(dispatch.echoes) and self._is_echo(record, dispatch)
        # What the words of a log leave out or cut short need not be lacking in the message.
        context.deviations = deviations = () if record.source_problems else self.checker.deviations(decoded)
        rules = dispatch.usual
        known: _Alike | None = None
        if deviations:
            known = self._alike.get(record.session.number, _NONE).get(id(deviations))
            if known is None:
                rules = self._odd(dispatch, record, deviations)
            else:
                # What an earlier message of the session deviated in just as this one does.
                known.add(1, record.number, record.time)
                rules = known.others
        if decoded.problems or record.source_problems:
            rules = self._odd(dispatch, record, () if known is not None else deviations)
        for rule in rules:
            self._run(rule, record, record.session, record.number, record.time, found)
        if deviations and known is None:
            self._remember(dispatch, record, deviations)

    @staticmethod
    def _odd(dispatch: _Dispatch, record: Record, deviations: tuple[Deviation, ...]) -> tuple[Rule, ...]:
        """The rules that may say something of an odd message, of its deviations or besides."""
        ways = {deviation.rule for deviation in deviations}
        return tuple(
            rule
            for rule in dispatch.odd
            if (rule.deviation in ways if rule.deviation is not None else rule in dispatch.usual or rule.odd(record))
        )

    def _remember(self, dispatch: _Dispatch, record: Record, deviations: tuple[Deviation, ...]) -> None:
        """Remember which findings these deviations were, where each is one that only counts from now on."""
        known = self._again.get(record.session.number, {})
        number = record.decoded.number
        of = {rule.deviation: rule.name for rule in self.rules.records if rule.deviation is not None}
        again = [known.get((of[one.rule], (number, one))) for one in deviations if one.rule in of]
        alike = self._alike.setdefault(record.session.number, {})
        if None not in again and len(alike) < MOST_DIFFERENT:
            counted = [one for one in again if one is not None]
            others = self._odd(dispatch, record, ())
            as_usual = all(rule in dispatch.usual for rule in others)
            alike[id(deviations)] = _Alike(deviations, counted, others, as_usual)

    def _dispatched(self, message: Message | None) -> _Dispatch:
        dispatch = self._dispatch.get(message)
        if dispatch is None:
            usual = tuple(rule for rule in self.rules.records if rule.concerns(message))
            dispatch = self._dispatch[message] = _Dispatch(
                usual,
                tuple(rule for rule in self.rules.records if rule.odd is not in_no_way or rule in usual),
                tuple(rule.only for rule in usual if rule.echoes)
                if message is not None and message.kind is Kind.EVENT
                else (),
                tuple(rule.only for rule in usual),
            )
        return dispatch

    def _is_echo(self, record: Record, dispatch: _Dispatch) -> bool:
        """Whether a message is an echo, if one of the rules that ask could say something of it. What else it is about makes
        it another event, so that the rest need not be remembered."""
        subject = self.context.subject(record)
        return any(only(subject) for only in dispatch.echoes) and self._echoes.is_echo(record, subject)

    def _agent_state(self, time: int, session: Session, sender: Side, subject: Subject, found: list[Finding]) -> None:
        switch = self._stranded.told(time, session, sender, subject, self.sessions.agent_of)
        if switch is not None:
            self._switch(switch, found)

    def _exchange(self, exchange: Exchange, found: list[Finding]) -> None:
        number = exchange.request if exchange.request is not None else exchange.reply
        time = exchange.request_time if exchange.request_time is not None else exchange.reply_time
        if exchange.session.excerpt and exchange.outcome in (Outcome.UNANSWERED, Outcome.UNREQUESTED):
            # The other half may have been left out.
            return
        for rule in self._of_outcome[exchange.outcome]:
            self._run(rule, exchange, exchange.session, number, time or 0, found)

    def _over(self, story: SessionStory, found: list[Finding]) -> None:
        self._nodes.ended(story)
        switch = self._stranded.ended(story.session.number, story.lost and not story.replaced)
        if switch is not None:
            self._switch(switch, found)
        self._story(story, found)
        shut_out = None if self.patient else self._nodes.shut_out(story, self.sessions.lasting())
        if shut_out is not None:
            self._shut_out(shut_out, found)

    def _shut_out(self, shut_out: ShutOut, found: list[Finding]) -> None:
        session = shut_out.last.session
        for rule in self.rules.shut_outs:
            self._run(rule, shut_out, session, shut_out.last.last_message, session.end, found)

    def _switch(self, switch: Switch, found: list[Finding]) -> None:
        for rule in self.rules.switches:
            self._run(rule, switch, switch.session, switch.message, switch.back_at, found)
        switch.told = True

    def _story(self, story: SessionStory, found: list[Finding]) -> None:
        for rule in self.rules.stories:
            if rule.lacking and story.session.excerpt:
                continue
            self._run(rule, story, story.session, story.last_message, story.session.end, found)

    def _run(
        self,
        rule: Rule,
        watched: Record | Exchange | SessionStory | Loss | Noted | Switch | ShutOut,
        session: Session,
        message: int | None,
        time: int,
        found: list[Finding],
    ) -> None:
        for said in rule.watch(watched, self.context):
            finding = Finding(
                said.severity or rule.severity,
                rule.name,
                session.number,
                message if said.message is None else said.message,
                time if said.time is None else said.time,
                said.text,
                # What is the same only within a session is a kind of its own across sessions.
                said.key if said.group is None else said.group,
                rule.weight if said.weight is None else said.weight,
            )
            if said.key is None or self._is_new(rule, said.key, finding, session):
                found.append(finding)

    def _is_new(self, rule: Rule, key: object, finding: Finding, session: Session) -> bool:
        known = self._again.setdefault(session.number, {})
        again = known.get((rule.name, key))
        if again is None:
            if len(known) < MOST_DIFFERENT:
                known[rule.name, key] = _Again(finding)
            return True
        again.times += 1
        again.last_message, again.last_time = finding.message, finding.time
        return False

    def _repetitions(self, session: int) -> Iterator[Finding]:
        """Nothing more will come of a session: tell what came again."""
        for alike in self._alike.pop(session, _NONE).values():
            if alike.times:
                for again in alike.again:
                    again.times += alike.times
                    if alike.last_message > (again.last_message or 0):
                        again.last_message, again.last_time = alike.last_message, alike.last_time
        for again in self._again.pop(session, {}).values():
            if again.times:
                first = again.first
                since = f" as in message {first.message}," if first.message is not None else ""
                text = f"The same{since} {plural(again.times, 'more time')}: {first.text}"
                yield replace(first, message=again.last_message, time=again.last_time, text=text, times=again.times)
