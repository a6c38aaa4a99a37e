"""One reading of captures for the screen: the same listener as a live run's hears it, as fast as it can be read."""

from __future__ import annotations

import time

from ccxdissect.analysis.findings import Severity
from ccxdissect.errors import CcxDissectError
from ccxdissect.sources.trace import Trace
from ccxdissect.stream.events import Loss, Record, SessionEnded, SessionOpened
from ccxdissect.views.live import Tally
from ccxdissect.watch.run import Listener

#: Seconds between two looks of the listener at the counts.
EVERY = 0.1


class Reading:
    """Reads a trace once, from beginning to end. `stop()` may be called from anywhere."""

    #: What is read does not grow: the screen begins at its beginning.
    follows = False

    def __init__(self, trace: Trace, name: str, listener: Listener) -> None:
        self.name = name
        self.tally = Tally()
        #: It ended because it was asked to.
        self.stopped = False
        self._trace = trace
        self._listener = listener
        self._first: int | None = None
        self._last: int | None = None

    def run(self) -> None:
        """Until the end. Raises CcxDissectError for what cannot be read."""
        self._listener.begun()
        due = 0.0
        try:
            for kind, result in self._trace.results(("events", "messages", "findings")):
                if self.stopped:
                    break
                if kind == "events":
                    self._count(result)
                    self._listener.event(result)
                elif kind == "messages":
                    self.tally.shown += 1
                    self._listener.message(result)
                else:
                    self._found(result.severity)
                    self._listener.finding(result)
                if time.monotonic() >= due:
                    self._listener.settle(self.tally)
                    due = time.monotonic() + EVERY
        finally:
            self._trace.close()
            self._listener.settle(self.tally)
        if not self.tally.messages and not self.stopped and self._trace.nothing_found is not None:
            raise CcxDissectError(f"{self.name}: {self._trace.nothing_found}")

    def stop(self) -> None:
        """Ask for the end."""
        self.stopped = True

    def state(self, is_open: bool, ended: bool) -> str:
        """How far it is, in a word."""
        return "read" if ended else "reading"

    def now(self) -> int | None:
        """The time up to which it was read, in ns; None before the first message."""
        return self._last

    def _count(self, event: object) -> None:
        tally = self.tally
        if isinstance(event, Record):
            tally.messages += 1
            self._first = event.time if self._first is None else min(self._first, event.time)
            self._last = event.time if self._last is None else max(self._last, event.time)
            tally.elapsed = self._last - self._first
        elif isinstance(event, SessionOpened):
            tally.sessions += 1
            tally.open_sessions += 1
        elif isinstance(event, SessionEnded):
            tally.open_sessions -= 1
        elif isinstance(event, Loss):
            tally.missing += event.missing

    def _found(self, severity: Severity) -> None:
        tally = self.tally
        if severity is Severity.ERROR:
            tally.errors += 1
        elif severity is Severity.WARNING:
            tally.warnings += 1
        else:
            tally.notes += 1
