"""What is in a capture, on one screen: findings that matter first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator

from ccxdissect.analysis.findings import Finding, Findings, Gathered, Gathering, Severity
from ccxdissect.analysis.foreign import Foreign
from ccxdissect.analysis.sessions import SessionStory
from ccxdissect.analysis.verdict import Seen, Verdict, judge
from ccxdissect.protocol.model import MessageClass
from ccxdissect.stream.events import Event, Loss, Record, Session
from ccxdissect.views.table import Heading, table
from ccxdissect.views.text import clock, date_and_clock, shown, zone_name
from ccxdissect.views.verdict import headline
from ccxdissect.wording import duration, plural

#: Sessions told one by one; of more only the number.
_SESSIONS = 20
_TYPES = 100
_FINDINGS = 10


class Summary:
    """Counts what passes; `lines` tells it. Memory does not grow with the number of messages."""

    def __init__(self) -> None:
        self._findings = Findings()
        self._gathering = Gathering()
        self._stories: list[SessionStory] = []
        self._versions: Counter[str] = Counter()
        self._types: Counter[str] = Counter()
        self._classes: Counter[str] = Counter()
        self._ended = 0
        self._first: int | None = None
        self._last = 0
        self._troubled = 0
        self._undecoded = 0
        self._missing = 0
        self._skipped = 0
        self._undelivered = 0
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
        return judge(self._gathering, self._seen)

    def feed(self, event: Event) -> None:
        """Take the next event."""
        for finding in self._findings.feed(event):
            self._gathering.add(finding)
        for story in self._findings.ended:
            self._session(story)
        if isinstance(event, Record):
            self._record(event)
        elif isinstance(event, Loss):
            self._missing += event.missing
            self._skipped += event.skipped

    def flush(self) -> None:
        """Nothing more will come."""
        for finding in self._findings.flush():
            self._gathering.add(finding)
        for story in self._findings.ended:
            self._session(story)

    def _record(self, record: Record) -> None:
        self.messages += 1
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
        self._ended += 1
        self._seen.add(story)
        self._versions[_version(story.session)] += 1
        if len(self._stories) < _SESSIONS:
            self._stories.append(story)

    def lines(self) -> Iterator[str]:
        """The summary."""
        yield from self._what_matters()
        if self._first is None:
            yield f"No messages. {plural(self._ended, 'session')}."
            yield from self.remarks
            self._stories.sort(key=lambda story: story.session.number)
            for story in self._stories:
                yield f"  {story.session.number}. {shown(story.line())}"
            return
        span = duration(self._last - self._first)
        yield f"{plural(self.messages, 'message')} in {plural(self._ended, 'session')} over {span},"
        yield f"from {date_and_clock(self._first)} to {self._clock(self._last)} {zone_name()}"
        yield f"Protocol: {', '.join(f'{name} ({count})' for name, count in self._versions.most_common())}"
        yield f"Not decoded: {self._loss()}"
        if self.snap is not None:
            yield f"Snap length: packets were cut to {plural(self.snap, 'byte')}; capture whole ones (tcpdump -s 0)"
        yield from self.remarks
        yield ""
        yield "Sessions"
        self._stories.sort(key=lambda story: story.session.number)
        for story in self._stories:
            yield f"  {story.session.number}. {shown(story.line())}"
        if self._ended > len(self._stories):
            yield f"  and {self._ended - len(self._stories):,} more: `ccxdissect sessions`"
        yield ""
        yield from table(
            [Heading("class"), Heading("messages", number=True)],
            [[item.value, self._classes[item.value]] for item in MessageClass if self._classes[item.value]]
            + ([["unknown", self._classes["unknown"]]] if self._classes["unknown"] else []),
        )
        yield ""
        yield from table(
            [Heading("message"), Heading("count", number=True)],
            [list(item) for item in self._types.most_common(_TYPES)],
        )

    def _what_matters(self) -> Iterator[str]:
        yield headline(self.verdict, self.foreign, self.ports, self.files)
        counts = self._gathering.counts()
        if any(counts.values()):
            said = ", ".join(plural(count, severity.value) for severity, count in counts.items() if count)
            yield f"Findings: {said}. All of them: `ccxdissect findings`"
        for gathered in self._gathering.that_matter(_FINDINGS, Severity.WARNING):
            yield f"  {self._told(gathered)}"
        yield ""

    def _told(self, gathered: Gathered) -> str:
        first, last = gathered.first, gathered.last
        line = _finding(first, self._clock)
        if gathered.count > 1:
            sessions = f" in {plural(len(gathered.sessions), 'session')}" if len(gathered.sessions) > 1 else ""
            line += f" ({plural(gathered.count, 'time')}{sessions}, the last at {self._clock(last.time)})"
        return line

    def _clock(self, time: int) -> str:
        """A time as it has to be told here: with its date when the capture is of more than one day."""
        days = {date_and_clock(moment)[:10] for moment in (self._first, self._last) if moment}
        return date_and_clock(time) if len(days) > 1 else clock(time)

    def _loss(self) -> str:
        parts = []
        if self._troubled:
            parts.append(
                f"{plural(self._troubled, 'message')} with problems ({plural(self._undecoded, 'byte')} of them)"
            )
        if self._skipped:
            parts.append(f"{plural(self._skipped, 'byte')} between messages")
        if self._undelivered:
            parts.append(f"{plural(self._undelivered, 'byte')} outside of any stream")
        if self._missing:
            parts.append(f"{plural(self._missing, 'byte')} never captured")
        return "; ".join(parts) or "nothing, every byte is accounted for"


def _version(session: Session) -> str:
    if session.version is None:
        form = f", floating fields {session.form.title}" if session.form else ""
        return f"version unknown{form}"
    inferred = "" if session.version_said else " (inferred)"
    return f"version {session.version}{inferred}" + (f", floating fields {session.form.title}" if session.form else "")


def _finding(finding: Finding, say_time: Callable[[int], str]) -> str:
    where = f"message {finding.message}" if finding.message is not None else f"session {finding.session}"
    return f"{finding.severity.value} at {say_time(finding.time)}, {where}: {shown(finding.text)}"
