"""What is in a capture: the judgement, the counts, the sessions, what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from ccxdissect.analysis.findings import Findings
from ccxdissect.analysis.foreign import Foreign
from ccxdissect.analysis.gathering import Gathering
from ccxdissect.analysis.sessions import SessionStory
from ccxdissect.analysis.verdict import Seen, Verdict, judge
from ccxdissect.stream.events import Event, Loss, LossKind, Record, Session

#: Sessions kept one by one; of more only the number.
_SESSIONS = 20


class Summary:
    """Counts what passes; `verdict` judges it. Memory does not grow with the number of messages.

    Times are in ns of the epoch. `first` is None where there is no message.
    """

    def __init__(self) -> None:
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
        return judge(self.gathering, self._seen)

    def feed(self, event: Event) -> None:
        """Take the next event."""
        for finding in self._findings.feed(event):
            self.gathering.add(finding)
        for story in self._findings.ended:
            self._session(story)
        if isinstance(event, Record):
            self._record(event)
        elif isinstance(event, Loss) and (not event.session.excerpt or event.kind is LossKind.NEVER_CAPTURED):
            self.missing += event.missing
            self.skipped += event.skipped

    def flush(self) -> None:
        """Nothing more will come."""
        for finding in self._findings.flush():
            self.gathering.add(finding)
        for story in self._findings.ended:
            self._session(story)
        self.stories.sort(key=lambda story: story.session.number)

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
