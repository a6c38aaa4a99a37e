"""What the terminal view shows, gathered while messages pass: bounded, and safe to look at from another thread."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ccxdissect.analysis.agents import Agents, Spell
from ccxdissect.analysis.call_stories import CallStory
from ccxdissect.analysis.calls import Calls
from ccxdissect.analysis.filters import Filter
from ccxdissect.analysis.findings import Finding
from ccxdissect.analysis.sessions import Sessions, SessionStory
from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.bounded import Newest
from ccxdissect.protocol.model import Protocol
from ccxdissect.sources.keeping import keeping, making, wants_calls
from ccxdissect.stream.events import Event, Record, Session, SessionEnded, SessionOpened
from ccxdissect.views.gist import gist
from ccxdissect.views.live import Tally
from ccxdissect.views.messages import Showing
from ccxdissect.views.text import clock, date_and_clock, day_of, shown, zone

#: How much is kept of live traffic to scroll back through, and of what is read from files.
MOST_MESSAGES = 5_000
MOST_READ = 100_000
MOST_FINDINGS = 500
MOST_CALLS = 5_000
MOST_AGENTS = 5_000
#: Sessions kept; the ended ones go first.
MOST_SESSIONS = 1_000
#: Agents and calls given to be shown: what changed last.
MOST_SHOWN = 200
#: Seconds over which the rate is taken.
RATE_TIME = 5.0


def brief_time(time: int, dated: bool) -> str:
    """A time to the millisecond, as wide as any other; `dated`: with month and day."""
    return f"{date_and_clock(time)[5:23]:<18}" if dated else f"{clock(time)[:12]:<12}"


@dataclass(slots=True, eq=False)
class Row:
    """One message; its line is made when somebody looks."""

    record: Record
    #: Number and time; session; sender; name and gist.
    pieces: tuple[str, str, str, str] | None = None
    dated: bool = False

    def cut(self, showing: Showing, dated: bool = False) -> tuple[str, str, str, str]:
        """The message in one line, in its pieces, safe for a terminal; `dated`: with month and day."""
        if self.pieces is None or dated is not self.dated:
            record, self.dated = self.record, dated
            self.pieces = (
                f"{record.number:>6} {brief_time(record.time, dated)} ",
                f"{record.session.number:>3} ",
                f"{record.sender.value:<6} ",
                f"{shown(record.name):<30} {gist(record.decoded, showing.secrets, record.problems)}",
            )
        return self.pieces

    def text(self, showing: Showing, dated: bool = False) -> str:
        """The message in one line."""
        return "".join(self.cut(showing, dated))


@dataclass(slots=True)
class View:
    """All that the panes show at one moment, besides the messages."""

    sessions: list[SessionStory] = field(default_factory=list)
    agents: list[Spell] = field(default_factory=list)
    calls: list[CallStory] = field(default_factory=list)
    #: Calls so far, those forgotten too.
    called: int = 0
    findings: list[Finding] = field(default_factory=list)
    #: Findings so far, those forgotten too.
    found: int = 0
    tally: Tally = field(default_factory=Tally)
    rate: float = 0.0


class WatchState:
    """Listens to a live run; see `ccxdissect.watch.run.Listener`."""

    def __init__(self, showing: Showing, most: int = MOST_MESSAGES) -> None:
        self.closed = False
        self.most = most
        self.showing = showing
        self.is_open = False
        #: Whether there were messages of several days, so that times need dates.
        self.several_days = False
        self._day: str | None = None
        self._lock = threading.Lock()
        self._messages: deque[Row] = deque(maxlen=most)
        #: Messages so far, those forgotten too.
        self._count = 0
        self._findings: deque[Finding] = deque(maxlen=max(most // 10, MOST_FINDINGS))
        self._found = 0
        self._known: OrderedDict[int, Session] = OrderedDict()
        #: The stories of those that are over.
        self._stories: dict[int, SessionStory] = {}
        reader = SubjectReader()
        self._sessions = Sessions(reader)
        self._agents = Agents(reader)
        #: Of each agent the last stay in a state that is over.
        self._gone: Newest[tuple[str, str], Spell] = Newest(MOST_AGENTS)
        self._calls = Calls(reader=reader)
        self._ended_calls: deque[CallStory] = deque(maxlen=MOST_CALLS)
        self._ended_count = 0
        self._tally = Tally()
        self._pace: deque[tuple[float, int]] = deque()

    # -- from the run ------------------------------------------------------------------------------------------------

    def begun(self) -> None:
        """The source is open."""
        self.is_open = True

    def event(self, event: Event) -> None:
        """Follow sessions, agents and calls."""
        with self._lock:
            for story in self._sessions.feed(event):
                if story.session.number in self._known:
                    self._stories[story.session.number] = story
            if isinstance(event, SessionOpened):
                self._known[event.session.number] = event.session
                if len(self._known) > MOST_SESSIONS:
                    ended = (number for number, known in self._known.items() if known.ended_by is not None)
                    gone = next(ended, next(iter(self._known)))
                    del self._known[gone]
                    self._stories.pop(gone, None)
            if isinstance(event, (Record, SessionEnded)):
                for spell in self._agents.feed(event):
                    self._gone.keep((spell.server, spell.agent), spell)
                self._end(self._calls.feed(event))

    def over(self) -> None:
        """Nothing more will come."""
        with self._lock:
            self._end(self._calls.flush())

    def _end(self, stories: Iterable[CallStory]) -> None:
        for story in stories:
            self._ended_calls.append(story)
            self._ended_count += 1

    def message(self, record: Record) -> None:
        """Keep a message."""
        with self._lock:
            self._messages.append(Row(record))
            self._count += 1
            day = day_of(record.time)
            self.several_days |= self._day not in (None, day)
            self._day = day

    def finding(self, finding: Finding) -> None:
        """Keep a finding."""
        with self._lock:
            self._findings.append(finding)
            self._found += 1

    def settle(self, tally: Tally) -> None:
        """Take the counts."""
        now = time.monotonic()
        with self._lock:
            self._tally = tally
            self._pace.append((now, tally.messages))
            while len(self._pace) > 2 and now - self._pace[0][0] > RATE_TIME:
                self._pace.popleft()

    # -- for the screen ----------------------------------------------------------------------------------------------

    def messages_after(self, count: int, most: int | None = None) -> tuple[list[Row], int]:
        """The messages (at most so many) that came after the first `count`, as far as they are kept; and up to which
        that is."""
        with self._lock:
            gone = self._count - len(self._messages)
            start = max(count - gone, 0)
            stop = len(self._messages) if most is None else min(start + most, len(self._messages))
            return list(islice(self._messages, start, stop)), gone + stop

    def _known_agents(self) -> list[Spell]:
        """Agents in a state first, then those who are gone, the latest first."""
        gone = (spell for key, spell in reversed(self._gone.items()) if not self._agents.lasts(*key))
        return [*self._agents.newest(MOST_SHOWN), *gone]

    @property
    def gone(self) -> int:
        """How many messages there were that are kept no longer."""
        with self._lock:
            return self._count - len(self._messages)

    def ends(self, sessions: Collection[int] = ()) -> list[SessionEnded]:
        """The ends of the sessions (of all that are known) that are over, in the order of their beginnings."""
        with self._lock:
            held = [one for number, one in self._known.items() if not sessions or number in sessions]
            return [SessionEnded(one, one.end, 0) for one in held if one.ended_by is not None]

    def record(self, number: int) -> Record | None:
        """The message of that number, if it is still kept."""
        with self._lock:
            return next((row.record for row in reversed(self._messages) if row.record.number == number), None)

    def view(self) -> View:
        """Everything else."""
        with self._lock:
            rate = 0.0
            if len(self._pace) > 1:
                (began, before), (ended, after) = self._pace[0], self._pace[-1]
                rate = (after - before) / max(ended - began, 0.001)
            sessions = sorted(self._known.values(), key=lambda session: (session.ended_by is not None, -session.number))
            return View(
                [self._stories.get(one.number) or self._sessions.story_of(one) for one in sessions[:MOST_SHOWN]],
                self._known_agents(),
                # Those that go on first, then those that are over, the latest first.
                [*self._calls.newest(MOST_SHOWN), *reversed(self._ended_calls)],
                self._ended_count + self._calls.open_count,
                list(self._findings),
                self._found,
                self._tally,
                rate,
            )


def kept_rows(
    keep: Filter, protocols: Protocol | Sequence[Protocol], events: Iterable[Event] = ()
) -> Callable[[Row], bool]:
    """The test of messages that a filter means, to be asked of each in their order; `events`: those that there are, for the
    requests that made its calls. Raises UsageError."""
    made = making(keep, protocols, events) if wants_calls(keep) else frozenset()
    kept = keeping(keep, protocols, SubjectReader(), made)

    def fits(row: Row) -> bool:
        if kept is not None:
            kept.event(row.record)
        return kept is None or kept.has("messages", row.record)

    return fits


#: What makes of words an expression.
_COMPARES = re.compile(r"[=<>~]|\bin\s*\(")


def matcher(
    text: str,
    showing: Showing,
    protocols: Protocol | Sequence[Protocol] | None = None,
    options: Callable[[str], Filter | None] | None = None,
) -> Callable[[Row], bool] | None:
    """A test for messages from what was typed; None when everything fits.

    What compares is an expression in the language of filters (see `analysis.where`), and what begins with -- is read by
    `options`; raises UsageError for what cannot be read. Otherwise every word must be in the line, in any case; `-word` must not. `session:2` and `from:client` look at
    these alone.
    """
    keep: Filter | None = None
    if options is not None and text.lstrip().startswith("--"):
        keep = options(text)
    elif _COMPARES.search(text):
        keep = Filter(where=text, zone=zone())
    if keep is not None and protocols is not None:
        return kept_rows(keep, protocols)
    words = text.casefold().split()
    if not words:
        return None

    def fits(row: Row) -> bool:
        record = row.record
        line = row.text(showing, row.dated).casefold()
        for word in words:
            wanted = not word.startswith("-") or word == "-"
            term = word if wanted else word[1:]
            if term.startswith("session:"):
                found = term[8:] == str(record.session.number)
            elif term.startswith("from:"):
                found = record.sender.value.startswith(term[5:])
            else:
                found = term in line
            if found is not wanted:
                return False
        return True

    return fits
