"""What is in a capture: the judgement, the counts, the sessions, what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import Any

from ccxdissect.analysis.findings import Finding, Findings
from ccxdissect.analysis.foreign import Foreign
from ccxdissect.analysis.gathering import Gathering
from ccxdissect.analysis.sessions import SessionStory
from ccxdissect.analysis.verdict import Kind, Seen, Verdict, judge
from ccxdissect.stream.events import Event, Loss, LossKind, Record, Session

#: Sessions kept one by one; of more only the number.
_SESSIONS = 20


class Summary:
    """Counts what passes; `verdict` judges it. Memory does not grow with the number of messages.

    Times are in ns of the epoch. `first` is None where there is no message. `keeps` tells of results, by what they are
    (messages, findings, sessions, losses), whether they count; None: all do.
    """

    def __init__(self, keeps: Callable[[str, Any], bool] | None = None) -> None:
        self.keeps = keeps
        self._findings = Findings()
        #: The findings, like ones together.
        self.gathering = Gathering()
        #: The first sessions, by number once all is read; `sessions` counts all of them.
        self.stories: list[SessionStory] = []
        self.versions: Counter[str] = Counter()
        self.types: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self.sessions = 0
        self.first: int | None = None
        self.last = 0
        #: Messages with problems, and their bytes that did not decode; bytes never captured, those between messages, and
        #: those outside of any stream.
        self.troubled = 0
        self.undecoded = 0
        self.missing = 0
        self.skipped = 0
        self.undelivered = 0
        self._seen = Seen()
        self.messages = 0
        #: What the whole capture carries, where nothing was decoded; the ports looked at; how the files are named; the
        #: snap length that packets were cut to; further remarks on what was read.
        self.foreign: Foreign | None = None
        self.ports: Collection[int] = ()
        self.files = "FILE"
        self.snap: int | None = None
        self.remarks: list[str] = []

    @property
    def verdict(self) -> Verdict:
        """What can be said so far."""
        verdict = judge(self.gathering, self._seen)
        # What a filter leaves is never all that there was to be looked at.
        return replace(verdict, kind=Kind.PARTLY) if self.keeps and verdict.kind is Kind.WELL else verdict

    def feed(self, event: Event) -> None:
        """Take the next event."""
        self._take(self._findings.feed(event))
        if isinstance(event, Record):
            if self._counts("messages", event):
                self._record(event)
        elif isinstance(event, Loss) and self._counts("losses", event):
            if event.session.excerpt and event.kind is not LossKind.NEVER_CAPTURED:
                return
            self.missing += event.missing
            self.skipped += event.skipped

    def flush(self) -> None:
        """Nothing more will come."""
        self._take(self._findings.flush())
        self.stories.sort(key=lambda story: story.session.number)

    def _take(self, found: Iterable[Finding]) -> None:
        for finding in found:
            if self._counts("findings", finding):
                self.gathering.add(finding)
        for story in self._findings.ended:
            if self._counts("sessions", story):
                self._session(story)

    def _counts(self, what: str, result: Any) -> bool:
        return self.keeps is None or self.keeps(what, result)

    def _record(self, record: Record) -> None:
        self.messages += 1
        decoded = record.decoded
        name = decoded.name if decoded.message is not None or len(self.types) < 1000 else "(unknown)"
        self.types[name] += 1
        self.classes[decoded.message.message_class.value if decoded.message is not None else "unknown"] += 1
        self.troubled += bool(record.problems)
        self.undecoded += decoded.undecoded
        if self.first is None or record.time < self.first:
            self.first = record.time
        self.last = max(self.last, record.time)

    def _session(self, story: SessionStory) -> None:
        self.undelivered += sum(sent.undelivered for sent in story.session.sent.values())
        self.sessions += 1
        self._seen.add(story)
        self.versions[_version(story.session)] += 1
        if len(self.stories) < _SESSIONS:
            self.stories.append(story)


def _version(session: Session) -> str:
    if session.version is None:
        form = f", floating fields {session.form.title}" if session.form else ""
        return f"version unknown{form}"
    inferred = "" if session.version_said else " (inferred)"
    return f"version {session.version}{inferred}" + (f", floating fields {session.form.title}" if session.form else "")
