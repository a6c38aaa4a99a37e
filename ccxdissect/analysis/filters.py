"""Which messages are wanted: by session, agent, call, device, type, time, or an expression over what they hold."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import timezone, tzinfo
from fnmatch import fnmatchcase

from ccxdissect.analysis.message_fields import COUNTED, message_operand
from ccxdissect.analysis.selection import Selection
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.analysis.where import DAY, ahead, compile_expression, length_of_time, moment, time_of_day, words_of
from ccxdissect.codec.problems import ProblemKind
from ccxdissect.errors import UsageError
from ccxdissect.protocol.model import Kind, MessageClass, Protocol, Trait, several
from ccxdissect.stream.events import Record
from ccxdissect.wording import meant, nearest

Predicate = Callable[[Record], bool]


class Globs(Container[str]):
    """Texts, each of which may have * and ? in it; tells whether one of them fits a text, in any case."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._patterns = tuple(pattern.casefold() for pattern in patterns)
        self._known: dict[str, bool] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._patterns)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def __contains__(self, text: object) -> bool:
        if not isinstance(text, str):
            return False
        found = self._known.get(text)
        if found is None:
            folded = text.casefold()
            found = any(folded == pattern or fnmatchcase(folded, pattern) for pattern in self._patterns)
            if len(self._known) < 10_000:
                self._known[text] = found
        return found


@dataclass(frozen=True)
class Filter:
    """Of each kind of condition any of its values has to fit, of several kinds all of them; empty: every message.

    `agents` and `numbers` (devices) may have * and ? in them. `types`: names or numbers, `classes` and `kinds` by their
    words. `start` and `end`: a time of day, a date with or without one, or `+5m` after the first message. `problems`: only
    messages with problems of these kinds, `any` for all. `heartbeats`: False leaves them out. `where`: an expression, see
    `where`. `most`: the first so many of those that fit. `zone`: of the times that name none (None: this machine's).

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/trouble.pcapng", keep="name == OPEN_REQ and VersionNumber < 14") as trace:
    ...     print([message.number for message in trace.messages()])
    [3]
    """

    sessions: tuple[int, ...] = ()
    agents: tuple[str, ...] = ()
    calls: tuple[int, ...] = ()
    numbers: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    problems: tuple[str, ...] = ()
    heartbeats: bool = True
    where: str | None = None
    most: int | None = None
    zone: tzinfo | None = field(default=timezone.utc, compare=False)

    def __bool__(self) -> bool:
        return self != Filter()

    @property
    def by_itself(self) -> bool:
        """Whether each message is judged by itself, whatever else is read. Raises UsageError."""
        relative = any(text is not None and moment(text) is None for text in (self.start, self.end))
        counted = self.where is not None and not COUNTED.isdisjoint(words_of(self.where))
        return not (self.sessions or self.agents or self.calls or relative or counted or self.most)

    @property
    def by_packet(self) -> bool:
        """Whether it asks for sessions and times alone, which packets without messages have as well."""
        return self == Filter(sessions=self.sessions, start=self.start, end=self.end)

    def in_words(self) -> str:
        """What it asks for: each of its conditions with its values."""
        said = []
        for condition in (condition for condition in fields(self) if condition.compare):
            value = getattr(self, condition.name)
            if value != condition.default:
                texts = value if isinstance(value, tuple) else (value,)
                told = ", ".join({True: "yes", False: "no"}.get(text, str(text)) for text in texts)
                said.append(f"{condition.name}: {told}")
        return "; ".join(said)

    def span(self, first: int | None) -> tuple[int | None, int | None]:
        """From when and to when, in ns, the first message having come at `first` (None: none did). Raises UsageError."""
        return _Bound(self.start, self.zone).at(first), _Bound(self.end, self.zone).at(first)

    @property
    def passes_heartbeats_over(self) -> bool:
        """Whether it leaves heartbeats out for no more than that they are many: what is found at one of them, such as the end
        of its session, may well be asked for."""
        return bool(self.agents) or not self.heartbeats

    def test(
        self,
        protocol: Protocol | Sequence[Protocol],
        reader: SubjectReader | None = None,
        with_heartbeats: bool = False,
    ) -> Predicate | None:
        """The test of messages, to be asked of each in their order; None when all are wanted. It does not count: `most` is
        heeded by who keeps. `with_heartbeats`: as if these were not passed over. Raises UsageError."""
        subjects = reader or SubjectReader()
        tests: list[Predicate] = []
        if self.start is not None or self.end is not None:
            tests.append(_Between(self.start, self.end, self.zone).has)
        if self.types:
            numbers = {number for name in self.types for number in message_numbers(name, protocol)}
            tests.append(lambda record: record.decoded.number in numbers)
        if self.classes:
            classes = {_one_of(MessageClass, "class", name) for name in self.classes}
            tests.append(lambda record: getattr(record.decoded.message, "message_class", None) in classes)
        if self.kinds:
            kinds = {_one_of(Kind, "kind", name) for name in self.kinds}
            tests.append(lambda record: getattr(record.decoded.message, "kind", None) in kinds)
        if self.problems:
            problems = frozenset(kind for name in self.problems for kind in problem_kinds(name))
            tests.append(lambda record: any(problem.kind in problems for problem in record.problems))
        if not self.heartbeats and not with_heartbeats:
            tests.append(lambda record: not getattr(record.decoded.message, "traits", Trait.NONE) & Trait.HEARTBEAT)
        if self.where is not None:
            tests.append(compile_expression(self.where, lambda name: message_operand(name, protocol), self.zone))
        if self.numbers:
            devices = Globs(self.numbers)
            tests.append(lambda record: any(device in devices for device in subjects.of(record.decoded).devices))
        if self.sessions or self.agents or self.calls:
            selection = Selection(self.calls, Globs(self.agents), self.sessions, subjects, with_heartbeats)
            # Asked first and of every message: it learns whose phones are whose.
            tests.insert(0, selection.concerns)
        if not tests:
            return None
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)


def problem_kinds(text: str) -> frozenset[ProblemKind]:
    """The kinds of problems that a text means: one by its name, several by a pattern with * and ?, or `any`. Raises
    UsageError."""
    name = text.strip().casefold().replace("_", "-")
    found = frozenset(kind for kind in ProblemKind if name == "any" or fnmatchcase(kind.value, name))
    if not found:
        raise UsageError(
            f"no problem is called {text!r}; {nearest(name, ['any', *(kind.value for kind in ProblemKind)])}"
        )
    return found


def message_number(text: str, protocols: Protocol | Sequence[Protocol]) -> int:
    """A message type by its number or name, in any case; UNKNOWN_n too. Raises UsageError when there is none."""
    return min(message_numbers(text, protocols))


def message_numbers(text: str, protocols: Protocol | Sequence[Protocol]) -> frozenset[int]:
    """The same where protocols may give one name to several types."""
    name = text.strip().upper().replace("-", "_")
    digits = name.removeprefix("UNKNOWN_")
    if digits.isascii() and digits.isdigit() and len(digits) < 24:
        if int(digits) >= 2**32:
            raise UsageError(f"no message has the number {digits}: a type is at most {2**32 - 1}")
        return frozenset((int(digits),))
    found = frozenset(one.by_name[name].number for one in several(protocols) if name in one.by_name)
    if found:
        return found
    hint = meant(name, [known for one in several(protocols) for known in one.by_name])
    raise UsageError(f"no message is called {text!r}; {hint or '`ccxdissect spec` lists them all'}")


def _one_of(words: type[MessageClass] | type[Kind], what: str, text: str) -> MessageClass | Kind:
    for word in words:
        if word.value == text.strip().lower().replace("-", "_"):
            return word
    raise UsageError(f"no {what} {text.strip()!r}; {nearest(text, [word.value for word in words])}")


class _Between:
    """From one time to another; what is relative is settled by the first message."""

    def __init__(self, start: str | None, end: str | None, zone: tzinfo | None) -> None:
        self._start, self._end = _Bound(start, zone), _Bound(end, zone)
        self._from: int | None = None
        self._to: int | None = None
        self._settled = False

    def has(self, record: Record) -> bool:
        """Whether a message is within."""
        if not self._settled:
            self._settled = True
            self._from, self._to = self._start.at(record.time), self._end.at(record.time)
        return (self._from is None or record.time >= self._from) and (self._to is None or record.time <= self._to)


class _Bound:
    """A time as it was given. Raises UsageError for what is none."""

    def __init__(self, text: str | None, zone: tzinfo | None) -> None:
        self._zone = zone
        self._fixed = self._after = self._clock = None
        if text is None:
            return
        given = text.strip()
        if given.startswith("+"):
            self._after = length_of_time(given[1:] + ("in" if given.endswith("m") else ""))
        else:
            self._fixed = moment(given, zone)
            self._clock = time_of_day(given)
        if self._fixed is None and self._after is None and self._clock is None:
            raise UsageError(f"{text!r} is no time such as 10:44, 2025-03-10T10:44:05 or +5m")

    def at(self, first: int | None) -> int | None:
        """The time in ns, when the first message came at `first`: of the clock times the one nearest to that."""
        if self._fixed is not None or first is None:
            return self._fixed
        if self._after is not None:
            return first + self._after
        if self._clock is None:
            return None
        of_day = first - (first + ahead(first, self._zone)) % DAY + self._clock
        return of_day + DAY if of_day < first - DAY // 2 else of_day
