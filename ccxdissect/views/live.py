"""Live traffic as lines of text: one a message, in columns of fixed width, since nobody knows what is still to come."""

from __future__ import annotations

from dataclasses import dataclass

from ccxdissect.analysis.findings import Finding
from ccxdissect.stream.events import Record
from ccxdissect.views.gist import gist
from ccxdissect.views.messages import Showing
from ccxdissect.views.text import clock, day_of, shown, zone_name
from ccxdissect.wording import duration, plural

#: Widths of the columns; what is wider moves the rest of its line.
_NUMBER, _SESSION, _NAME = 7, 4, 32
#: A finding stands out among the messages.
_MARK = "***"


def heading() -> str:
    """The line above the columns; it names the zone of the times."""
    time = f"time ({zone_name()})"
    return f"{'number':>{_NUMBER}}  {time:<15}  {'sess':>{_SESSION}}  {'from':<6}  {'message':<{_NAME}}  what it says"


class Days:
    """Tells when the messages' day changes."""

    def __init__(self) -> None:
        self._day: str | None = None

    def line(self, time: int) -> str | None:
        """The line above what is of another day than what came before; None when it is of the same, or the first."""
        before, self._day = self._day, day_of(time)
        if before in (None, self._day):
            return None
        return f"{'':>{_NUMBER}}  {self._day} begins ({zone_name()})"


def message_line(record: Record, showing: Showing) -> str:
    """One message in one line, safe for a terminal."""
    name = shown(record.name) + (" !" if record.problems else "")
    said = gist(record.decoded, showing.secrets, record.problems)
    line = (
        f"{record.number:>{_NUMBER}}  {clock(record.time):<15}  {record.session.number:>{_SESSION}}  "
        f"{record.sender.value:<6}  {name:<{_NAME}}  {said}"
    )
    return line.rstrip()


def finding_line(finding: Finding) -> str:
    """One finding in one line, safe for a terminal; its columns are those of the messages."""
    about = "" if finding.message is None else str(finding.message)
    return (
        f"{about:>{_NUMBER}}  {clock(finding.time):<15}  {finding.session:>{_SESSION}}  {_MARK:<6}  "
        f"{finding.severity.value} {finding.rule}: {shown(finding.text)}"
    )


@dataclass
class Tally:
    """What a live run has counted so far. `dropped` is None while nobody knows; times in ns."""

    packets: int = 0
    messages: int = 0
    shown: int = 0
    sessions: int = 0
    open_sessions: int = 0
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    #: Bytes that the sequence numbers say were never captured.
    missing: int = 0
    dropped: int | None = None
    elapsed: int = 0

    def found(self) -> str:
        """The findings in words."""
        parts = [
            plural(count, one)
            for count, one in ((self.errors, "error"), (self.warnings, "warning"), (self.notes, "note"))
            if count
        ]
        return ", ".join(parts) or "no findings"

    def lost(self) -> str:
        """What was lost, in words."""
        drops = "drops unknown" if self.dropped is None else f"{self.dropped:,} dropped"
        return drops + (f", {plural(self.missing, 'byte')} missing from streams" if self.missing else "")


def status_line(tally: Tally, rate: float) -> str:
    """What is going on, in one short line."""
    lost = [] if not tally.dropped else [f"{tally.dropped:,} dropped"]
    if tally.missing:
        lost.append(f"{plural(tally.missing, 'byte')} missing")
    return (
        f"[{duration(tally.elapsed)}  {plural(tally.messages, 'message')}  {rate:.0f}/s  "
        f"{plural(tally.open_sessions, 'session')} open  {tally.found()}  {', '.join(lost) or 'no loss seen'}]"
    )


def summary_lines(tally: Tally, source: str, kept: str | None) -> list[str]:
    """The last word: what there was, what was found, what was lost, where it is kept."""
    only = "" if tally.shown == tally.messages else f" ({tally.shown:,} shown)"
    lines = [
        f"{plural(tally.messages, 'message')}{only} of {plural(tally.sessions, 'session')} in "
        f"{duration(tally.elapsed)}; {tally.found()}",
        f"{plural(tally.packets, 'packet')} from {shown(source)}, {tally.lost()}",
    ]
    if kept is not None:
        lines[-1] += f"; kept in {shown(kept)}"
    return lines
