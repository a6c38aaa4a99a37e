"""A trace: one or many captures, or logs, and all that can be asked of them.

    with ccxdissect.open("x.pcapng") as trace:
        for message in trace.messages():
            ...

It owns the whole way from the bytes to the results, the end of the input included: nothing has to be fed or flushed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ccxdissect.analysis.subject import SubjectReader
from ccxdissect.capture.ring import missing_numbers
from ccxdissect.capture.source import can_be_reopened, name_of
from ccxdissect.errors import CcxDissectError, UsageError
from ccxdissect.sources.analyses import Analysis, Asked, Mine, make
from ccxdissect.sources.keeping import Chosen, Keep, Kept, keeping, making, wants_calls
from ccxdissect.sources.options import Options
from ccxdissect.sources.producers import CaptureProducer, LogProducer, Producer, Progress, elsewhere, producer_of
from ccxdissect.stream.events import Event, Loss, LossKind, Record, Session, SessionEnded
from ccxdissect.stream.pauses import SetBack
from ccxdissect.wording import SECOND

if TYPE_CHECKING:
    from ccxdissect.analysis.agents import Spell
    from ccxdissect.analysis.call_stories import CallStory
    from ccxdissect.analysis.exchange import Exchange
    from ccxdissect.analysis.findings import Finding
    from ccxdissect.analysis.foreign import Foreign
    from ccxdissect.analysis.marks import Cast
    from ccxdissect.analysis.sessions import SessionStory
    from ccxdissect.analysis.statistics import Statistics
    from ccxdissect.analysis.summary import Summary
    from ccxdissect.columns.batch import Batch

#: Losses that a trace remembers; further ones are counted.
MOST_LOSSES = 20


#: Kinds of results whose analyses see the messages by columns where these come so.
_IN_BULK = frozenset({"agents", "calls", "exchanges", "findings", "sessions"})


#: Makes a table of a trace, by its name.
Tables = Callable[["Trace", str], Any]


class Trace:
    """What `open` gives; see there. `paths` names what it reads.

    Each of `messages`, `exchanges`, `sessions`, `calls`, `agents`, `findings` and `losses` reads the source once from its
    beginning; `run` reads it once for any number of them. What can be read only once (standard input, a pipe) can be
    asked only once. All raise CaptureError for what cannot be read at all; what was passed over is in `notices`.
    """

    def __init__(
        self,
        paths: Sequence[str],
        given: Options,
        keep: Keep | None = None,
        progress: Progress | None = None,
        producer: Callable[[], Producer] | None = None,
        tables: Tables | None = None,
    ) -> None:
        self.paths = tuple(paths)
        self.options = given
        #: Messages so far, whether kept or not, of the last reading.
        self.count = 0
        #: The first losses of the last reading, and how many there were beyond those.
        self.first_losses: list[Loss] = []
        #: Sessions whose signs of a dialect disagree, the first ones, and how many more there are.
        self.first_unclear: list[Session] = []
        self.more_unclear = 0
        self.more_losses = 0
        #: Whether the last reading showed that packets of sessions were left out on purpose.
        self.excerpt = False
        self._first_time: int | None = None
        self._last_time = 0
        self._whole = False
        #: What the filter kept in the last reading; None without a filter.
        self.kept: Kept | None = None
        #: What it asks for, as it was given.
        self.keep = keep
        #: How many results of each kind the filter did not keep in the last reading.
        self.passed_over: Counter[str] = Counter()
        self._tables = tables
        if keep is not None:
            keeping(keep, given.protocols, SubjectReader())  # says what is wrong with it before anything is read
        self._progress = progress
        self._make = producer or self._producer
        self._next: Producer | None = self._make()
        self._last: Producer | None = None
        self._running: list[Iterator[Any]] = []

    def __enter__(self) -> Trace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what is being read."""
        for running in self._running:
            closing = getattr(running, "close", None)
            if closing is not None:
                closing()
        self._running.clear()

    # -- results -----------------------------------------------------------------------------------------------------

    def messages(self) -> Iterator[Record]:
        """Every message, in the order in which they became whole.

        >>> import ccxdissect
        >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
        ...     first = next(trace.messages())
        >>> first.number, first.name, first.sender.value, first.decoded.fixed["InvokeID"]
        (1, 'OPEN_REQ', 'client', 1)
        """
        return self._rows("messages")

    def exchanges(self) -> Iterator[Exchange]:
        """Requests with their replies, in the order of the requests.

        >>> import ccxdissect
        >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
        ...     for exchange in trace.exchanges():
        ...         if exchange.failure and exchange.failure.code == 265:
        ...             print(exchange.request_name, exchange.failure.name)
        SET_AGENT_STATE_REQ CF_INVALID_AGENT_WORKMODE
        """
        return self._rows("exchanges")

    def sessions(self) -> Iterator[SessionStory]:
        """The story of each session, by number; where its bytes went is in `story.session.sent`.

        >>> import ccxdissect
        >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
        ...     for story in trace.sessions():
        ...         if story.session.number == 3:
        ...             print(story.session.client, "ended by", story.ended_by)
        127.0.2.17:57461 ended by idle
        """
        return self._rows("sessions")

    def calls(self) -> Iterator[CallStory]:
        """The story of each call, by its end.

        >>> import ccxdissect
        >>> with ccxdissect.open("samples/queued-call.pcapng") as trace:
        ...     for story in trace.calls():
        ...         print(story.call, story.caller, story.called, story.outcome.value)
        16777507 2005 7000 transferred
        16777535 2006 2007 answered
        """
        return self._rows("calls")

    def calls_to_write(self) -> Iterator[CallStory | Cast]:
        """The same for who writes them by their `cast` where they have one, and asks for nothing else: no more is made."""
        rows = self._calls_to_write()
        self._running.append(rows)
        return rows

    def _calls_to_write(self) -> Iterator[CallStory | Cast]:
        batches = None if self.keep is not None else self.batches()
        if batches is None:
            yield from self._one("calls", None)
        else:
            from ccxdissect.sources.in_bulk import CALLS_TO_WRITE, of_kind

            yield from of_kind(CALLS_TO_WRITE, batches)

    def agents(self) -> Iterator[Spell]:
        """Each agent's stays in a state, by their ends.

        >>> import ccxdissect
        >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
        ...     spell = next(trace.agents())
        >>> spell.agent, spell.state_name, spell.duration
        ('quentin', 'AGENT_STATE_NOT_READY', 55855275)
        """
        return self._rows("agents")

    def findings(self, slow_reply: float | None = None) -> Iterator[Finding]:
        """What is wrong or odd, in the order in which it is known: `sorted` by severity and time is what the command
        prints. A reply is slow from `slow_reply` seconds on (default: 2).

        >>> import ccxdissect
        >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
        ...     worst = [found.rule for found in trace.findings() if found.severity is ccxdissect.Severity.ERROR]
        >>> worst[:2]
        ['version-refused', 'request-failed']
        """
        return self._rows("findings", slow_reply)

    def losses(self) -> Iterator[Loss]:
        """Bytes that gave no message: never captured, or not understood.

        >>> import ccxdissect
        >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
        ...     list(trace.losses())
        []
        """
        return self._rows("losses")

    def summary(self) -> Summary:
        """What is in it, of what the filter keeps: the judgement, the counts, the first sessions, what was found.

        >>> import ccxdissect
        >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
        ...     summary = trace.summary()
        >>> summary.verdict.kind.value, summary.messages, summary.sessions, summary.types["OPEN_REQ"]
        ('trouble', 81, 6, 6)
        """
        from shlex import quote

        from ccxdissect.analysis.summary import Summing

        kept = self.kept = self._keeping(SubjectReader())
        summing = Summing(None if kept is None else kept.has)
        batches = self.batches() if kept is None else None
        if batches is not None:
            from ccxdissect.sources.in_bulk import sum_up

            sum_up(batches, summing)
        else:
            for event in self.events():
                if kept is not None:
                    kept.event(event)
                summing.feed(event)
        summing.flush()
        summary = summing.summary()
        return replace(
            summary,
            verdict=summary.verdict.of_files(bool(self.lacking)),
            foreign=None if self.count else self.elsewhere(),
            ports=self.options.ports,
            files=" ".join(map(quote, self.paths)),
            snap=self.snap,
            logged=self.logged,
            set_back=self.set_back,
            remarks=tuple(self.lacking),
        )

    def statistics(self) -> Statistics:
        """How many messages there are of each type, how exchanges went and how long replies took, of what the filter keeps.

        >>> import ccxdissect
        >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
        ...     figures = trace.statistics()
        >>> figures.types()[0].name, figures.exchanges()[0].unanswered
        ('AGENT_STATE_EVENT', 0)
        """
        from ccxdissect.analysis.statistics import Statistics

        statistics = Statistics()
        batches = self.batches() if self.keep is None else None
        if batches is not None:
            from ccxdissect.sources.in_bulk import figures

            figures(batches, statistics)
        else:
            for event in self.kept_events():
                statistics.feed(event)
        statistics.flush()
        return statistics

    def run(self, slow_reply: float | None = None, **told: Callable[[Any], object]) -> None:
        """Read the source once, and hand each result to the function given for its kind, as soon as it is known.

        The kinds are those of the other questions: `messages`, `exchanges`, `sessions`, `calls`, `agents`, `findings`,
        `losses`; and `events`, all that comes out of the streams. Raises UsageError for a kind that there is not.

        >>> import ccxdissect
        >>> calls, findings = [], []
        >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
        ...     trace.run(calls=calls.append, findings=findings.append)
        >>> len(calls), len(findings) > 5
        (1, True)
        """
        for kind, result in self.results(list(told), _asked(slow_reply)):
            told[kind](result)

    def results(
        self,
        kinds: Iterable[str],
        asked: Asked | None = None,
        mine: Mine | None = None,
        events: Iterable[Event] | None = None,
    ) -> Iterator[tuple[str, Any]]:
        """One reading: results of several kinds as (kind, result), each as soon as it is known. `mine`: of each kind only
        those of some sessions, whose events alone are looked at. `events`: what is read already (see `batches`)."""
        reader = SubjectReader()
        analyses: list[tuple[str, Analysis]] = [(kind, make(kind, reader, asked)) for kind in kinds]
        kept = self.kept = self._keeping(reader)
        for event in self.events() if events is None else events:
            if kept is not None:
                kept.event(event)
            for kind, analysis in analyses:
                looked_at = mine is None or mine(kind, event.session)
                for result in analysis.feed(event) if looked_at else analysis.elsewhere(event):
                    if kept is None or kept.has(kind, result):
                        yield kind, result
                    else:
                        self.passed_over[kind] += 1
        for kind, analysis in analyses:
            for result in analysis.flush():
                if kept is None or kept.has(kind, result):
                    yield kind, result
                else:
                    self.passed_over[kind] += 1

    def to_arrow(self, table: str) -> Any:
        """One of the tables in memory, as a `pyarrow.Table`: `exchanges`, `sessions`, `calls`, `call_phases`,
        `agent_states`, `findings`, `losses`; `messages` for what all messages have in common; or the name of a message
        type, for a column for each of its fields. Needs the extra `tables`. Raises UsageError for another name.

        >>> import ccxdissect
        >>> with ccxdissect.open("samples/trouble.pcapng") as trace:
        ...     trace.to_arrow("OPEN_REQ")["VersionNumber"].to_pylist()
        [14, 9, 14, 14, 14, 14]
        """
        if self._tables is None:
            raise UsageError("only what `ccxdissect.open` gives has tables")
        return self._tables(self, table)

    def to_pandas(self, table: str) -> Any:
        """The same as a `pandas.DataFrame`, where pandas is installed."""
        return self.to_arrow(table).to_pandas()

    # -- reading -----------------------------------------------------------------------------------------------------

    def events(self) -> Generator[Event, None, None]:
        """All that comes out of the streams, once from the beginning; filters do not concern it."""
        producer, self._next = self._next or self._again(), None
        self._last = producer
        self._begin()
        try:
            for event in producer:
                self.note(event)
                yield event
            self._whole = True
        finally:
            if self._progress is not None:
                self._progress(None)

    def note(self, event: Event) -> None:
        """Count an event; those that a live producer tells aside are to be counted too."""
        if isinstance(event, Record):
            self.count += 1
            self._last_time = event.time
            if self._first_time is None:
                self._first_time = event.time
        elif isinstance(event, Loss):
            self._lose(event)
        elif isinstance(event, SessionEnded):
            self._end(event.session)

    def batches(self) -> Iterator[Batch] | None:
        """The messages by columns, once from the beginning, filters not regarded; None where they do not come so.

        So come those of captures that are worth it, if what it takes is installed (see `ccxdissect.columns`).
        """
        producer = self._next = self._next or self._again()
        if not hasattr(producer, "batches"):
            return None
        return self._batches(producer)

    def _batches(self, producer: Any) -> Iterator[Batch]:
        self._next, self._last = None, producer
        self._begin()
        try:
            for batch in producer.batches():
                self.count += len(batch)
                for event in batch.apart:
                    if isinstance(event, Loss):
                        self._lose(event)
                    else:
                        self._end(event.session)
                yield batch
            self._whole = True
        finally:
            if self._progress is not None:
                self._progress(None)

    def _begin(self) -> None:
        self.count = self.more_losses = 0
        self.passed_over.clear()
        self._first_time, self._whole = None, False
        self.first_losses = []
        self.first_unclear, self.more_unclear = [], 0
        self.excerpt = False

    def _lose(self, loss: Loss) -> None:
        if loss.session.excerpt and loss.kind is not LossKind.NEVER_CAPTURED:
            self.excerpt = True
        elif len(self.first_losses) < MOST_LOSSES:
            self.first_losses.append(loss)
        else:
            self.more_losses += 1

    def _end(self, session: Session) -> None:
        if session.verdict is not None and session.verdict.overruled_by is not None:
            if len(self.first_unclear) < MOST_LOSSES:
                self.first_unclear.append(session)
            else:
                self.more_unclear += 1

    def kept_events(self) -> Iterator[Event]:
        """The same without the messages that the filter does not keep."""
        return (event for event, kept in self.marked_events() if kept)

    def _keeping(self, reader: SubjectReader) -> Kept | None:
        """What the filter keeps of the next reading; of a call, its making too, where the source can be read twice."""
        keep = self.keep
        if keep is None:
            return None
        made: frozenset[int] = frozenset()
        if wants_calls(keep) and self.paths and all(map(can_be_reopened, self.paths)):
            producer, self._next = self._next or self._make(), None
            made = making(keep, self.options.protocols, producer)
        return keeping(keep, self.options.protocols, reader, made)

    def chosen(self) -> Chosen | None:
        """One reading: what the filter keeps, by number (None: everything). It keeps the same of a copy that is redacted."""
        for _ in self.kept_events():
            pass
        return None if self.kept is None else self.kept.chosen

    def marked_events(self) -> Iterator[tuple[Event, bool]]:
        """The same, each with whether the filter keeps it; what is no message is always kept."""
        reader = SubjectReader()
        kept = self.kept = self._keeping(reader)
        for event in self.events():
            has = True
            if kept is not None and isinstance(event, Record):
                kept.event(event)
                has = kept.has("messages", event)
            yield event, has

    def is_of_one_day(self, day_of: Callable[[int], str]) -> bool:
        """Whether the last reading, messages that were not kept included, is known to be of one day (False also while it
        is not at its end). `day_of` tells the day of a time (ns)."""
        return self._whole and (self._first_time is None or day_of(self._first_time) == day_of(self._last_time))

    @property
    def notices(self) -> list[str]:
        """What the last reading guessed, or could not read, each in one line."""
        return [] if self._last is None else self._last.notices()

    @property
    def nothing_found(self) -> str | None:
        """Why the last reading gave no messages, and what to try; None when it gave some."""
        return None if self.count or self._last is None else self._last.nothing_found()

    @property
    def snap(self) -> int | None:
        """The snap length (bytes) that packets were cut to in the last reading; None when none was cut."""
        return None if self._last is None else self._last.snap

    @property
    def set_back(self) -> SetBack | None:
        """That the clock was set back by more than a minute within what was read last; None when it was not."""
        return None if self._last is None else self._last.set_back

    @property
    def lacking(self) -> list[str]:
        """What is lacking between the files that are read: a sentence for each ring buffer, and, when a log was read, for each
        pair of its files."""
        if isinstance(self._last, LogProducer):
            return [
                f"Missing entries: {one.entries:,} between {one.before} and {one.after}, by their numbers, are in none of the "
                "files given; what they hold looks like silence and unanswered requests here"
                for one in self._last.lacking
            ]
        return [
            f"Missing files: of {stem} number {', '.join(numbers)} {'is' if len(numbers) == 1 else 'are'} not among those "
            "given; what they hold looks like silence and lost bytes here"
            for stem, numbers in missing_numbers(self.paths).items()
        ]

    @property
    def logged(self) -> bool:
        """Whether a server's log was read."""
        return isinstance(self._last, LogProducer)

    def elsewhere(self) -> Foreign | None:
        """What the whole capture carries, on whatever port: it is read once more. None where that cannot be done."""
        if not isinstance(self._last, CaptureProducer) or not all(can_be_reopened(path) for path in self.paths):
            return None
        return elsewhere(self.paths, self.options)

    def _rows(self, kind: str, slow_reply: float | None = None) -> Iterator[Any]:
        rows = self._one(kind, slow_reply)
        self._running.append(rows)
        return rows

    def _one(self, kind: str, slow_reply: float | None) -> Iterator[Any]:
        batches = self.batches() if kind in _IN_BULK and self.keep is None else None
        if batches is not None:
            from ccxdissect.sources.in_bulk import of_kind

            yield from of_kind(kind, batches, _asked(slow_reply).slow_reply)
        elif kind == "messages" and self.keep is None:
            # The common case, without all that several analyses need.
            for event in self.events():
                if isinstance(event, Record):
                    yield event
        else:
            for _, result in self.results((kind,), _asked(slow_reply)):
                yield result

    def _producer(self) -> Producer:
        return producer_of(self.paths, self.options, self._progress)

    def _again(self) -> Producer:
        once = [path for path in self.paths if not can_be_reopened(path)]
        if once or not self.paths:
            name = name_of(once[0]) if once else "the source"
            raise CcxDissectError(f"{name} can be read only once: ask for everything in one `run`")
        return self._make()


def _asked(slow_reply: float | None) -> Asked:
    """`slow_reply` in seconds."""
    return Asked(None if slow_reply is None else int(slow_reply * SECOND))
