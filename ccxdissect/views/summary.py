"""What is in a capture, on one screen: findings that matter first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ccxdissect.analysis.findings import Finding, Severity
from ccxdissect.analysis.gathering import Gathered
from ccxdissect.analysis.summary import Summary
from ccxdissect.protocol.model import MessageClass
from ccxdissect.views.finding_rows import how_often
from ccxdissect.views.table import Heading, table
from ccxdissect.views.text import date_and_clock, shown, teller, zone_name
from ccxdissect.views.verdict import summary_headline
from ccxdissect.wording import duration, plural

_TYPES = 100
_FINDINGS = 10


class SummaryView:
    """Tells a summary, whose input is at its end."""

    def __init__(self, summary: Summary) -> None:
        self._summary = summary
        self._clock = teller(time for time in (summary.first, summary.last) if time)

    def lines(self) -> Iterator[str]:
        """The summary."""
        yield from self._what_matters()
        if self._summary.first is None:
            yield f"No messages. {plural(self._summary.sessions, 'session')}."
            yield from self._summary.remarks
            for story in self._summary.stories:
                yield f"  {story.session.number}. {shown(story.line())}"
            return
        what = f"{plural(self._summary.messages, 'message')} in {plural(self._summary.sessions, 'session')}"
        times = f"{date_and_clock(self._summary.first)} to {self._clock(self._summary.last)} {zone_name()}"
        if self._summary.set_back is None:
            yield f"{what} over {duration(self._summary.last - self._summary.first)},"
            yield f"from {times}"
        else:
            back = self._summary.set_back
            yield f"{what}, dated {times};"
            yield f"how long is not known: the clock was set back by {duration(back.by)} at {self._clock(back.at)}"
        yield f"Protocol: {', '.join(f'{name} ({count})' for name, count in _most_first(self._summary.versions))}"
        yield f"Not decoded: {self._loss()}"
        if self._summary.snap is not None:
            yield f"Snap length: packets were cut to {plural(self._summary.snap, 'byte')}; capture whole ones (tcpdump -s 0)"
        yield from self._summary.remarks
        yield ""
        yield "Sessions"
        for story in self._summary.stories:
            yield f"  {story.session.number}. {shown(story.line())}"
        if self._summary.sessions > len(self._summary.stories):
            yield f"  and {self._summary.sessions - len(self._summary.stories):,} more: `ccxdissect sessions`"
        yield ""
        yield from table(
            [Heading("class"), Heading("messages", number=True)],
            [
                [name, self._summary.classes[name]]
                for name in (*(item.value for item in MessageClass), "unknown")
                if name in self._summary.classes
            ],
        )
        yield ""
        yield from table(
            [Heading("message"), Heading("count", number=True)],
            [list(item) for item in _most_first(self._summary.types)[:_TYPES]],
        )

    def _what_matters(self) -> Iterator[str]:
        yield summary_headline(self._summary)
        counts = self._summary.counts
        if any(counts.values()):
            said = ", ".join(plural(count, severity.value) for severity, count in counts.items() if count)
            yield f"Findings: {said}. All of them: `ccxdissect findings`"
        matter = [one for one in self._summary.findings if one.first.severity.rank >= Severity.WARNING.rank]
        for gathered in matter[:_FINDINGS]:
            yield f"  {self._told(gathered)}"
        yield ""

    def _told(self, gathered: Gathered) -> str:
        return _finding(gathered.first, self._clock) + how_often(gathered, self._clock)

    def _loss(self) -> str:
        parts = []
        if self._summary.troubled:
            parts.append(
                f"{plural(self._summary.troubled, 'message')} with problems ({plural(self._summary.undecoded, 'byte')} of them)"
            )
        if self._summary.skipped:
            parts.append(f"{plural(self._summary.skipped, 'byte')} between messages")
        if self._summary.undelivered:
            parts.append(f"{plural(self._summary.undelivered, 'byte')} outside of any stream")
        if self._summary.missing:
            parts.append(f"{plural(self._summary.missing, 'byte')} never captured")
        return "; ".join(parts) or "nothing, every byte is accounted for"


def _most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: -item[1])


def _finding(finding: Finding, say_time: Callable[[int], str]) -> str:
    where = f"message {finding.message}" if finding.message is not None else f"session {finding.session}"
    return f"{finding.severity.value} at {say_time(finding.time)}, {where}: {shown(finding.text)}"
