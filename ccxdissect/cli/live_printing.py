"""Live traffic on standard output, findings beside it, and on a terminal a line that says what is going on."""

from __future__ import annotations

import os
import select
import stat
import sys
import time
from typing import TextIO

from ccxdissect.analysis.findings import Finding
from ccxdissect.analysis.sessions import unclear
from ccxdissect.bounded import Newest
from ccxdissect.stream.events import Event, Record
from ccxdissect.views.live import Days, Tally, finding_line, heading, message_line, status_line
from ccxdissect.views.messages import MessageWriter, Showing

#: Seconds between two status lines, and seconds over which the rate is taken.
EVERY = 1.0
_CLEAR = "\r\x1b[K"
_MOST_DOUBTED = 100_000


class Printing:
    """Prints rows as they come. `closed`: whoever read them is gone, or there is no more room for them (`failure`).

    `style` "table": findings stand among the messages; "jsonl": they go to standard error, so that standard output is
    what `messages` writes.
    """

    def __init__(self, style: str, showing: Showing, greeting: str) -> None:
        self.closed = False
        self.failure: OSError | None = None
        self._greeting = greeting
        self._showing = showing
        self._writer = MessageWriter(showing) if style == "jsonl" else None
        self._days = Days()
        self._rows: list[str] = []
        self._said: list[str] = []
        #: The sessions of which was said that they may be read by the wrong dialect. Bounded.
        self._doubted: Newest[int, None] = Newest(_MOST_DOUBTED)
        self._status = sys.stderr if sys.stderr is not None and sys.stderr.isatty() else None
        self._status_shown = False
        self._status_due = 0.0
        self._last = (time.monotonic(), 0)
        self._hangup = _hangup(sys.stdout)

    def begun(self) -> None:
        """Say that nothing passes unseen any more."""
        self._say(self._greeting)
        if self._writer is None:
            self._rows.append(heading())

    def event(self, event: Event) -> None:
        """Only messages are printed."""

    def message(self, record: Record) -> None:
        """One row; and once, that the messages of its session so far may have been read by the wrong dialect."""
        verdict = record.session.verdict
        if verdict is not None and verdict.doubted and record.session.number not in self._doubted:
            self._doubted.keep(record.session.number, None)
            self._said.append(f"note: {unclear(record.session)}")
        if self._writer is not None:
            self._rows.append(self._writer.line(record))
        else:
            self._date(record.time)
            self._rows.append(message_line(record, self._showing))

    def finding(self, finding: Finding) -> None:
        """One line, in its place."""
        if self._writer is None:
            self._date(finding.time)
        (self._rows if self._writer is None else self._said).append(finding_line(finding))

    def _date(self, time: int) -> None:
        begins = self._days.line(time)
        if begins is not None:
            self._rows.append(begins)

    def settle(self, tally: Tally) -> None:
        """Print what has gathered."""
        if self._rows or self._said:
            self._clear_status()
        if self._said:
            said, self._said = self._said, []
            self._say("\n".join(said))
        if self._rows:
            rows, self._rows = self._rows, []
            rows.append("")
            self._write("\n".join(rows))
        elif self._hangup is not None and self._hangup.poll(0):
            self.closed = True
        self._show_status(tally)

    def end(self) -> None:
        """Take the status line away: what follows are last words."""
        self._clear_status()
        self._status = None

    def _write(self, text: str) -> None:
        if self.closed:
            return
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError as error:
            self.closed = True
            # The source of the packets is not to blame for it.
            self.failure = None if isinstance(error, BrokenPipeError) else error
            # Keeps the interpreter from complaining when it flushes at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _say(self, text: str) -> None:
        say(text)

    def _show_status(self, tally: Tally) -> None:
        if self._status is None:
            return
        now = time.monotonic()
        if self._status_shown and now < self._status_due:
            return
        before, messages = self._last
        if now - before >= EVERY:
            self._rate = (tally.messages - messages) / (now - before)
            self._last = (now, tally.messages)
        self._status_due = now + EVERY
        columns = _columns(self._status)
        self._status.write(_CLEAR + status_line(tally, self._rate)[: columns - 1])
        self._status.flush()
        self._status_shown = True

    _rate = 0.0

    def _clear_status(self) -> None:
        if self._status is not None and self._status_shown:
            self._status.write(_CLEAR)
            self._status.flush()
            self._status_shown = False


def say(text: str) -> None:
    """A line on standard error, if anybody is there to read it."""
    try:
        print(text, file=sys.stderr, flush=True)
    except (BrokenPipeError, ValueError):
        pass


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def _hangup(stream: TextIO) -> select.poll | None:
    """Tells whether the reading end of `stream` is closed, if it is a pipe and the system can tell."""
    try:
        descriptor = stream.fileno()
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return None
        watch = select.poll()
    except (OSError, ValueError, AttributeError):
        return None
    watch.register(descriptor, 0)
    return watch
