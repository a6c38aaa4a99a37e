"""What a rule is, what it may know, and where it is registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple, TypeVar

from ccxdissect.analysis.exchange import Exchange, Outcome
from ccxdissect.analysis.nodes import ShutOut, Switch
from ccxdissect.analysis.phones import Phones
from ccxdissect.analysis.sessions import Sessions, SessionStory
from ccxdissect.analysis.subject import Subject, SubjectReader
from ccxdissect.bounded import Newest
from ccxdissect.codec.checks import Deviation
from ccxdissect.codec.checks import Rule as Conformity
from ccxdissect.protocol.model import Kind, Message
from ccxdissect.stream.events import Loss, Noted, Record
from ccxdissect.wording import SECOND

#: What is kept for one rule.
MOST_REMEMBERED = 5_000
#: Longer than anything lasts.
_NEVER = 1 << 100


class Severity(Enum):
    """How much a finding matters; the gravest last.

    >>> import ccxdissect
    >>> [severity.value for severity in (ccxdissect.Severity.NOTE, ccxdissect.Severity.WARNING, ccxdissect.Severity.ERROR)]
    ['note', 'warning', 'error']
    """

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for a note, 1 for a warning, 2 for an error."""
        return list(Severity).index(self)


class Said(NamedTuple):
    """What a rule says. What it leaves out is taken from what it watches (and from the rule)."""

    text: str
    message: int | None = None
    time: int | None = None
    severity: Severity | None = None
    #: Findings of one rule with the same key are one finding that comes again; None: this one stands alone.
    key: object = None
    #: Findings of one rule and group, in any session, are one line of a summary.
    group: object = None
    #: How much it matters among equally grave ones, the greatest first; None: as the rule says.
    weight: int | None = None


@dataclass(slots=True)
class Thresholds:
    """What is slow, or soon. In ns."""

    slow_reply: int = 2 * SECOND
    reconnect: int = 10 * SECOND


@dataclass(slots=True)
class Context:
    """What rules may know besides what they watch. `memory` is theirs: bounded, by rule."""

    thresholds: Thresholds
    reader: SubjectReader
    sessions: Sessions
    phones: Phones
    #: Whether the message at hand is an event that another client was told before; for rules that said they ask.
    echo: bool = False
    #: How the message at hand deviates from its declaration.
    deviations: Sequence[Deviation] = ()
    memory: dict[str, Newest[object, object]] = field(default_factory=dict)

    def remember(self, rule: str, key: object, value: object) -> None:
        """Keep something for a rule; of more than MOST_REMEMBERED things the oldest is forgotten."""
        self.memory.setdefault(rule, Newest(MOST_REMEMBERED)).keep(key, value)

    def recall(self, rule: str, key: object) -> object:
        """What was kept, or None."""
        kept = self.memory.get(rule)
        return None if kept is None else kept.get(key)

    def count(self, rule: str, key: object) -> int:
        """Count once more, by key; give how many times it is now."""
        before = self.recall(rule, key)
        now = before + 1 if isinstance(before, int) else 1
        self.remember(rule, key, now)
        return now

    def subject(self, record: Record) -> Subject:
        """What a record is about."""
        return self.reader.of(record.decoded)


Watched = TypeVar("Watched", Record, Exchange, SessionStory, Loss, Noted, Switch, ShutOut)
Watch = Callable[[Watched, Context], Iterable[Said]]


#: Tells of a type of message (None: an undeclared one) whether a rule could ever say something of it.
Concerns = Callable[[Message | None], bool]


#: Tells of a message that has a problem or deviates from its declaration whether a rule could ever say something of it: by
#: its problems and the tags of its fields alone.
Odd = Callable[[Record], bool]


#: Tells by what a message is about, which keeps to its declaration, whether a rule could ever say something of it.
Only = Callable[[Subject], bool]


def whatever_it_is_about(subject: Subject) -> bool:
    """A message may be the matter of the rule whatever it is about."""
    return True


def every_type(message: Message | None) -> bool:
    """Any message may be the matter of the rule."""
    return True


def no_type(message: Message | None) -> bool:
    """No message that keeps to its declaration is a matter of the rule."""
    return False


def in_no_way(record: Record) -> bool:
    """That a message is odd makes it no matter of the rule."""
    return False


def however(record: Record) -> bool:
    """Any odd message may be the matter of the rule."""
    return True


def with_problems(record: Record) -> bool:
    """An odd message is the matter of the rule only if it has a problem."""
    return bool(record.decoded.problems or record.source_problems)


def that(traits: int, kind: Kind | None = None) -> Concerns:
    """Messages with one of these traits (and of this kind)."""
    return lambda message: message is not None and bool(message.traits & traits) and kind in (None, message.kind)


class Rule(NamedTuple):
    """One rule: its name, how grave what it finds is, what it does, and why it is there (its docstring).

    A rule on messages is asked about the types that it `concerns`, and about those `odd` messages, of all that have a
    problem or deviate from their declaration, of which it could say something (if it is about one `deviation`: that do so
    in this way). `echoes`: it asks whether the message is an echo. `only`: of those that it concerns, those that it could
    say something of.
    """

    name: str
    severity: Severity
    watch: Callable[..., Iterable[Said]]
    why: str
    concerns: Concerns = every_type
    odd: Odd = in_no_way
    echoes: bool = False
    deviation: Conformity | None = None
    #: How much what it finds matters among equally grave findings: what explains others matters more.
    weight: int = 0
    #: Whether it stands on what did not come, which nobody knows of a session cut out of another capture.
    lacking: bool = False
    #: Of a rule on exchanges: those that ended otherwise are no matter of it, nor those whose reply began within that (ns).
    outcomes: frozenset[Outcome] = frozenset(Outcome)
    slower_than: Callable[[Thresholds], int] | None = None
    only: Only = whatever_it_is_about


@dataclass(slots=True)
class Rules:
    """The rules, by what they watch."""

    records: list[Rule] = field(default_factory=list)
    exchanges: list[Rule] = field(default_factory=list)
    stories: list[Rule] = field(default_factory=list)
    losses: list[Rule] = field(default_factory=list)
    notes: list[Rule] = field(default_factory=list)
    switches: list[Rule] = field(default_factory=list)
    shut_outs: list[Rule] = field(default_factory=list)

    def on_record(
        self,
        name: str,
        severity: Severity,
        concerns: Concerns = every_type,
        odd: Odd = in_no_way,
        echoes: bool = False,
        only: Only = whatever_it_is_about,
    ) -> Callable[[Watch[Record]], Watch[Record]]:
        """A rule that sees messages: those of the types that it `concerns`, and `odd` ones; see `Rule`."""
        into = self._into(self.records, name, severity, concerns, odd, echoes)

        def register(watch: Watch[Record]) -> Watch[Record]:
            into(watch)
            self.records[-1] = self.records[-1]._replace(only=only)
            return watch

        return register

    def on_deviation(self, deviation: Conformity, severity: Severity) -> Callable[[Watch[Record]], Watch[Record]]:
        """A rule that sees messages that deviate from their declaration in this way, and is called by its name."""
        return self._into(self.records, deviation.value, severity, no_type, however, deviation=deviation)

    def on_exchange(
        self,
        name: str,
        severity: Severity,
        *outcomes: Outcome,
        slower_than: Callable[[Thresholds], int] | None = None,
    ) -> Callable[[Watch[Exchange]], Watch[Exchange]]:
        """A rule that sees the settled exchanges that ended in one of these ways; without any, all of them. `slower_than`:
        those whose reply began within that (ns) are no matter of it."""
        into = self._into(self.exchanges, name, severity)

        def register(watch: Watch[Exchange]) -> Watch[Exchange]:
            into(watch)
            rule = self.exchanges[-1]._replace(outcomes=frozenset(outcomes or Outcome), slower_than=slower_than)
            self.exchanges[-1] = rule
            return watch

        return register

    def on_session(
        self, name: str, severity: Severity, weight: int = 0, lacking: bool = False
    ) -> Callable[[Watch[SessionStory]], Watch[SessionStory]]:
        """A rule that sees every session when it is over; `lacking`: it stands on what did not come."""
        into = self._into(self.stories, name, severity, weight=weight)

        def register(watch: Watch[SessionStory]) -> Watch[SessionStory]:
            into(watch)
            self.stories[-1] = self.stories[-1]._replace(lacking=lacking)
            return watch

        return register

    def on_switch(self, name: str, severity: Severity, weight: int = 0) -> Callable[[Watch[Switch]], Watch[Switch]]:
        """A rule that sees every client that is served again after it was lost."""
        return self._into(self.switches, name, severity, weight=weight)

    def on_shut_out(self, name: str, severity: Severity, weight: int = 0) -> Callable[[Watch[ShutOut]], Watch[ShutOut]]:
        """A rule that sees every client whom all nodes refused as standbys."""
        return self._into(self.shut_outs, name, severity, weight=weight)

    def on_loss(self, name: str, severity: Severity) -> Callable[[Watch[Loss]], Watch[Loss]]:
        """A rule that sees every loss of bytes."""
        return self._into(self.losses, name, severity)

    def on_note(self, name: str, severity: Severity) -> Callable[[Watch[Noted]], Watch[Noted]]:
        """A rule that sees what TCP showed besides its bytes."""
        return self._into(self.notes, name, severity)

    def quick(self, thresholds: Thresholds) -> int | None:
        """Confirmed exchanges whose reply began within so many ns are no matter of any rule; None: all are of some."""
        asked = [rule.slower_than for rule in self.exchanges if Outcome.CONFIRMED in rule.outcomes]
        if None in asked:
            return None
        return min((slower(thresholds) for slower in asked if slower is not None), default=_NEVER)

    def of_servers(self) -> Rules:
        """Those that find the same of each server's sessions whether or not they see the sessions of others."""
        return replace(self, switches=[], shut_outs=[])

    def across_servers(self) -> Rules:
        """Those that follow clients from server to server."""
        return Rules(switches=self.switches, shut_outs=self.shut_outs)

    @staticmethod
    def _into(
        rules: list[Rule],
        name: str,
        severity: Severity,
        concerns: Concerns = every_type,
        odd: Odd = in_no_way,
        echoes: bool = False,
        deviation: Conformity | None = None,
        weight: int = 0,
    ) -> Callable[[Callable[..., Iterable[Said]]], Callable[..., Iterable[Said]]]:
        def register(watch: Callable[..., Iterable[Said]]) -> Callable[..., Iterable[Said]]:
            why = (watch.__doc__ or "").strip()
            rules.append(Rule(name, severity, watch, why, concerns, odd, echoes, deviation, weight))
            return watch

        return register

    def __iter__(self) -> Iterator[Rule]:
        yield from (
            *self.records,
            *self.exchanges,
            *self.stories,
            *self.losses,
            *self.notes,
            *self.switches,
            *self.shut_outs,
        )


#: All the rules there are.
RULES = Rules()
