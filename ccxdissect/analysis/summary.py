"""What is in a capture: the judgement, the counts, the sessions, what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from ccxdissect.analysis.findings import Finding, Findings, Severity
from ccxdissect.analysis.foreign import Foreign
from ccxdissect.analysis.gathering import Gathered, Gathering
from ccxdissect.analysis.sessions import SessionStory, speaks
from ccxdissect.analysis.subject import Subject, Taker
from ccxdissect.analysis.verdict import Kind, Seen, Verdict, judge
from ccxdissect.protocol.model import Message, Protocol, Side
from ccxdissect.stream.events import Event, Loss, LossKind, Record, Session
from ccxdissect.stream.pauses import SetBack

#: Sessions kept one by one; of more only the number.
_SESSIONS = 20


@dataclass(slots=True, frozen=True, eq=False)
class Summary:
    """What is in a capture, of what a filter keeps. Times in ns; `first` is None where there is no message.

    >>> import ccxdissect
    >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
    ...     summary = trace.summary()
    >>> isinstance(summary, ccxdissect.Summary), summary.messages, summary.verdict.kind.value
    (True, 81, 'trouble')
    >>> summary.findings[0].first.rule
    'version-refused'
    """

    #: The judgement; how many findings of each severity, the gravest first; the findings, like ones together, the gravest
    #: first.
    verdict: Verdict
    counts: Mapping[Severity, int]
    findings: tuple[Gathered, ...]
    messages: int
    first: int | None
    last: int
    #: How many sessions, and the stories of the first of them, by number.
    sessions: int
    stories: tuple[SessionStory, ...]
    #: Sessions by protocol version; messages by type and by class, each in the order in which they came.
    versions: Mapping[str, int]
    types: Mapping[str, int]
    classes: Mapping[str, int]
    #: Messages with problems, and their bytes that did not decode; bytes never captured, those between messages, and
    #: those outside of any stream.
    troubled: int
    undecoded: int
    missing: int
    skipped: int
    undelivered: int
    #: Whether a filter chose what counts.
    filtered: bool
    #: What the whole capture carries, where nothing was decoded; the ports looked at; how the files are named; the snap
    #: length that packets were cut to; whether it is a server's log; that the clock was set back within it; further remarks
    #: on what was read.
    foreign: Foreign | None = None
    ports: frozenset[int] = frozenset()
    files: str = "FILE"
    snap: int | None = None
    logged: bool = False
    set_back: SetBack | None = None
    remarks: tuple[str, ...] = ()


class Summing:
    """Makes a summary of what passes. Memory does not grow with the number of messages.

    `keeps` tells of results, by what they are (messages, findings, sessions, losses), whether they count; None: all do.
    """

    def __init__(self, keeps: Callable[[str, Any], bool] | None = None) -> None:
        self._keeps = keeps
        self.findings = Findings()
        self._gathering = Gathering()
        self._seen = Seen()
        self._stories: list[SessionStory] = []
        self._versions: Counter[str] = Counter()
        self._types: Counter[str] = Counter()
        self._classes: Counter[str] = Counter()
        self._sessions = self._messages = self._troubled = self._undecoded = 0
        self._missing = self._skipped = self._undelivered = 0
        self._first: int | None = None
        self._last = 0

    def summary(self) -> Summary:
        """What it came to; to be asked after `flush`. What is to be said of the files is for others to add."""
        verdict = judge(self._gathering, self._seen)
        if self._keeps is not None and verdict.kind is Kind.WELL:
            # What a filter leaves is never all that there was to be looked at.
            verdict = replace(verdict, kind=Kind.PARTLY)
        return Summary(
            verdict=verdict,
            counts=MappingProxyType(self._gathering.counts()),
            findings=tuple(self._gathering.that_matter()),
            messages=self._messages,
            first=self._first,
            last=self._last,
            sessions=self._sessions,
            stories=tuple(sorted(self._stories, key=lambda story: story.session.number)),
            versions=MappingProxyType(self._versions),
            types=MappingProxyType(self._types),
            classes=MappingProxyType(self._classes),
            troubled=self._troubled,
            undecoded=self._undecoded,
            missing=self._missing,
            skipped=self._skipped,
            undelivered=self._undelivered,
            filtered=self._keeps is not None,
        )

    def feed(self, event: Event) -> None:
        """Take the next event."""
        self.look_at(event)
        if isinstance(event, Record) and self._counts("messages", event):
            self.count(event)

    def look_at(self, event: Event) -> None:
        """Take the next event, but do not count it if it is a message."""
        self._take(self.findings.feed(event))
        if isinstance(event, Loss) and self._counts("losses", event):
            if event.session.excerpt and event.kind is not LossKind.NEVER_CAPTURED:
                return
            self._missing += event.missing
            self._skipped += event.skipped

    def flush(self) -> None:
        """Nothing more will come."""
        self._take(self.findings.flush())

    def _take(self, found: Iterable[Finding]) -> None:
        for finding in found:
            if self._counts("findings", finding):
                self._gathering.add(finding)
        for story in self.findings.ended:
            if self._counts("sessions", story):
                self._session(story)

    def _counts(self, what: str, result: Any) -> bool:
        return self._keeps is None or self._keeps(what, result)

    def advance(self, now: int) -> None:
        """Let time pass to `now` (ns), by messages by which nothing is found."""
        for finding in self.findings.advance(now):
            if self._counts("findings", finding):
                self._gathering.add(finding)

    def taker(self, message: Message, protocol: Protocol) -> Taker | None:
        """What takes messages of a type that are counted already, where most of them need not be looked at as records."""
        find = self.findings.taker(message, protocol)
        if find is None:
            return None

        def take(
            number: int, time: int, session: Session, sender: Side, message: Message, subject: Subject
        ) -> tuple[()] | None:
            found = find(number, time, session, sender, message, subject)
            if found is None:
                return None
            for finding in found:
                if self._counts("findings", finding):
                    self._gathering.add(finding)
            return ()

        return take

    def count_like(self, message: Message, count: int, first: int, last: int) -> None:
        """Count messages of one type with nothing amiss: how many, and the earliest's and the latest's time (ns)."""
        self._messages += count
        self._types[message.name] += count
        self._classes[message.message_class.value] += count
        self._first = first if self._first is None else min(self._first, first)
        self._last = max(self._last, last)

    def count(self, record: Record) -> None:
        """Count one message."""
        self._messages += 1
        decoded = record.decoded
        name = decoded.name if decoded.message is not None or len(self._types) < 1000 else "(unknown)"
        self._types[name] += 1
        self._classes[decoded.message.message_class.value if decoded.message is not None else "unknown"] += 1
        self._troubled += bool(record.problems)
        self._undecoded += decoded.undecoded
        if self._first is None or record.time < self._first:
            self._first = record.time
        self._last = max(self._last, record.time)

    def _session(self, story: SessionStory) -> None:
        self._undelivered += sum(sent.undelivered for sent in story.session.sent.values())
        self._sessions += 1
        self._seen = self._seen.and_of(story)
        self._versions[_version(story.session)] += 1
        if len(self._stories) < _SESSIONS:
            self._stories.append(story)


def _version(session: Session) -> str:
    said = speaks(session)
    if session.version is None:
        form = f", floating fields {session.form.title}" if session.form else ""
        return f"{said}version unknown{form}"
    inferred = "" if session.version_said else " (inferred)"
    return f"{said}version {session.version}{inferred}" + (
        f", floating fields {session.form.title}" if session.form else ""
    )
