"""One live run: what a live trace gives, to whoever listens, with what is overdue and what is counted meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from ccxdissect.analysis.findings import Finding, Findings, Severity, Thresholds
from ccxdissect.analysis.overdue import Overdue
from ccxdissect.capture.live_recording import Recording
from ccxdissect.capture.live_source import LiveSource
from ccxdissect.capture.packet import Packet
from ccxdissect.errors import one_line
from ccxdissect.sources.keeping import Kept
from ccxdissect.sources.live import LiveProducer
from ccxdissect.sources.options import Options
from ccxdissect.sources.trace import Trace
from ccxdissect.stream.events import Event, Loss, Record, SessionEnded, SessionOpened
from ccxdissect.views.live import Tally
from ccxdissect.wording import SECOND


class Listener(Protocol):
    """Who hears what a live run finds. May not raise; `closed` says that nobody listens any more."""

    closed: bool

    def begun(self) -> None:
        """The source is open."""

    def event(self, event: Event) -> None:
        """Anything that came out of the streams."""

    def message(self, record: Record) -> None:
        """A message that the filters let through; after its `event`."""

    def finding(self, finding: Finding) -> None:
        """A finding, as soon as it is known."""

    def settle(self, tally: Tally) -> None:
        """All that came so far has been told: time to show it. Comes several times a second, also when nothing does."""


@dataclass(frozen=True)
class Wanted:
    """What a run shows, and when it ends by itself.

    `keep`: which messages; `count`: how many of them before it ends; `seconds`: time after which it ends; `timeout`: ns
    that a reply may take; `least`: findings below this are not told.
    """

    keep: Kept | None = None
    count: int | None = None
    seconds: float | None = None
    timeout: int = 5 * SECOND
    thresholds: Thresholds | None = None
    least: Severity = Severity.NOTE


#: Everything, until it is stopped.
DEFAULT = Wanted()


class LiveRun:
    """Runs once. `stop()` may be called from anywhere; `tally` may be looked at any time."""

    #: What comes last is what matters: the screen stays at its end.
    follows = True

    def __init__(
        self,
        source: LiveSource,
        options: Options,
        listener: Listener,
        wanted: Wanted = DEFAULT,
        recording: Recording | None = None,
    ) -> None:
        self.source = source
        self.tally = Tally()
        #: What went wrong with the recording, or with the input after it had begun; None if nothing did.
        self.failure: str | None = None
        #: The run ended because it was asked to, not because the source did.
        self.stopped = False
        self._producer = LiveProducer(source, options, self)
        #: What is asked of the traffic, as of any capture: its notices, and why nothing was found.
        self.trace = Trace((source.name,), options, producer=lambda: self._producer)
        self._listener = listener
        self._wanted = wanted
        #: What the filter kept; None without one.
        self.kept = wanted.keep
        self._recording = recording
        self._findings = Findings(thresholds=wanted.thresholds)
        self._findings.patient = False
        # Nothing here asks what a request triggered: its exchange is settled with its reply.
        self._findings.exchanges.window = 0
        self._overdue = Overdue(self._findings, wanted.timeout)
        self._done = False
        self._began = time.monotonic()

    def run(self) -> None:
        """Until the source ends or somebody stops it. Raises CaptureError when the source cannot be opened."""
        try:
            with closing(self.trace.events()) as events:
                for event in events:
                    self._take(event)
                    if self._done:
                        break
            self.failure = self.failure or self._producer.failure
        finally:
            self.source.close()
            self._finish()

    def stop(self) -> None:
        """Ask for the end; what was captured until now is still dealt with."""
        self.stopped = True
        self.source.stop()

    @property
    def name(self) -> str:
        """Where the packets come from."""
        return self.source.name

    def state(self, is_open: bool, ended: bool) -> str:
        """How it is, in a word."""
        return "ended" if ended else "live" if is_open else "opening"

    def now(self) -> int | None:
        """The time where the packets are, in ns; None before the first."""
        return self._producer.now()

    def _record(self, packet: Packet) -> None:
        assert self._recording is not None
        try:
            self._recording.add(packet)
        except OSError as error:
            self._give_up_recording(error)

    def _give_up_recording(self, error: OSError) -> None:
        assert self._recording is not None
        path = self._recording.path
        self.failure = one_line(f"{path}: {error.strerror or error}; it holds what was captured before")
        recording, self._recording = self._recording, None
        try:
            recording.close()
        except OSError:
            pass

    # -- what the producer tells (see Attending) -----------------------------------------------------------------------

    def begun(self) -> None:
        """The source is open."""
        self._began = time.monotonic()
        self._listener.begun()

    def packet(self, packet: Packet) -> None:
        """A packet was captured."""
        self.tally.packets += 1
        if self._recording is not None:
            self._record(packet)

    def before_reading(self) -> None:
        """The source is about to wait: show what there is, and see whether to end."""
        if self._recording is not None:
            try:
                self._recording.flush()
            except OSError as error:
                self._give_up_recording(error)
        self._settle()
        if self._listener.closed or (
            self._wanted.seconds is not None
            and time.monotonic() - self._began >= self._wanted.seconds
            and not self.stopped
        ):
            self.stop()

    def leapt(self, leap: int, now: int) -> None:
        """The packets' clock was set, or a capture that is played had a pause."""
        self._overdue.leap(leap, now)

    def passed(self, now: int, events: Sequence[Event]) -> None:
        """Time has passed: what it brought, and what is overdue by it."""
        for event in events:
            self.trace.note(event)
            self._take(event)
        self._judge(self._findings.advance(now))
        for finding in self._overdue.advance(now, self._producer.tried()):
            self._found(finding)
        self._producer.ended = self._done

    # -- events ------------------------------------------------------------------------------------------------------

    def _take(self, event: Event) -> None:
        if self._done:
            return
        tally = self.tally
        record = None
        if isinstance(event, Record):
            tally.messages += 1
            record = event
        elif isinstance(event, SessionOpened):
            tally.sessions += 1
            tally.open_sessions += 1
        elif isinstance(event, SessionEnded):
            tally.open_sessions -= 1
        elif isinstance(event, Loss):
            tally.missing += event.missing
        self._listener.event(event)
        if self.kept is not None:
            self.kept.event(event)
        if record is not None and (self.kept is None or self.kept.has("messages", record)):
            tally.shown += 1
            self._listener.message(record)
        self._judge(self._findings.feed(event))
        self._overdue.feed(event)
        if self._wanted.count is not None and tally.shown >= self._wanted.count:
            self._done = True
            self.stop()

    def _judge(self, findings: Iterable[Finding]) -> None:
        """Pass on what was not told while it was overdue."""
        for finding in findings:
            if not self._overdue.is_told(finding):
                self._found(finding)

    def _found(self, finding: Finding) -> None:
        tally = self.tally
        if finding.severity is Severity.ERROR:
            tally.errors += 1
        elif finding.severity is Severity.WARNING:
            tally.warnings += 1
        else:
            tally.notes += 1
        if finding.severity.rank >= self._wanted.least.rank:
            self._listener.finding(finding)

    def _settle(self) -> None:
        self.tally.elapsed = int((time.monotonic() - self._began) * SECOND)
        self.tally.dropped = self.source.dropped
        self._listener.settle(self.tally)

    def _finish(self) -> None:
        self._judge(self._findings.flush())
        if self._recording is not None:
            try:
                self._recording.close(self.source.dropped, self._producer.packet_time or 0)
            except OSError as error:
                self._give_up_recording(error)
        self._settle()
