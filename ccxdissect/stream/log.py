"""The server's log in, events out: the same as of a capture.

What a log does not have is put as follows.

- `Record.frame` is the number of the line at which the message begins, counted over all files.
- **Direction**: what the line tells ("writing": the server; "Processing msg": a client), else the declared sender.
- **Sessions**: the client that a line names by its socket is a session. A thread that once stood beside a socket stands
  for it afterwards. A confirmation whose line names neither goes to the session with the only open request of its
  InvokeID; else a line that names a thread belongs to that thread's own session, and one that names nothing to one
  session for each direction.
  So does one for which several sessions wait, which then are `unsure`.
- **Server**: no line names it. Lines of several (`LogLine.server`) have nothing to do with each other: what is called alike
  there, threads, clients and InvokeIDs, is of each by itself.
- **Twice in words and in bytes**: with both debug levels on, one message is logged in both forms. They are one message
  when they stand within a second of each other, have the same type and sender, name no different sockets, and every value
  that the words tell is in the bytes; of what the server sends, the words come first. The bytes are shown, with the socket of the words.
- **Byte counts** of messages in words are those of their encoding.

Nothing raises, whatever the lines hold; memory grows with the sessions (`MOST_SESSIONS` at most) and not with the log.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ccxdissect.bounded import Newest
from ccxdissect.capture.log_lines import LONGEST_LINE, LogEnd, LogLine, server_called
from ccxdissect.capture.log_time import LogClock
from ccxdissect.capture.mivr import NEAR, DumpEntry, Entry, MivrParser, Part, TextEntry
from ccxdissect.capture.segment import Endpoint
from ccxdissect.codec.decoder import Decoded, Decoder
from ccxdissect.codec.forms import proposed
from ccxdissect.codec.problems import Problem, ProblemKind
from ccxdissect.protocol.model import Kind, Mark, Message, Protocol, Side, Trait
from ccxdissect.stream.dialect import Verdict
from ccxdissect.stream.events import (
    OUT_OF_SIGHT,
    EndedBy,
    Event,
    LoggedTally,
    LogLoss,
    Loss,
    LossKind,
    NoteKind,
    Record,
    SessionEnded,
    SessionOpened,
    SessionState,
)
from ccxdissect.stream.log_requests import WINDOW, OpenRequests
from ccxdissect.stream.log_text import Worded, WordReader, key
from ccxdissect.stream.pauses import Pauses, SetBack
from ccxdissect.wording import SECOND, plural

#: So many messages wait for their other form.
MOST_WAITING = 1000
MOST_SESSIONS = 12_000
#: Who asks for a session from a port that was silent for so long (ns) is another client, or the same one come back: no server
#: lets a client be silent for that long. How connections end a log does not tell.
COME_BACK = 300 * SECOND
MOST_THREADS = 10_000


class EntryRead(NamedTuple):
    """An entry has been decoded: one for each form in which a message stands, also for the form that is not shown."""

    entry: Entry
    decoded: Decoded


class LineRead(NamedTuple):
    """A line has been taken: its number, what it consists of, and the first line of an entry that still goes on."""

    number: int
    parts: list[Part]
    pending_since: int | None


#: By what lines name a session, the server, and what they name.
_Key = tuple[str, int, object]


class _Open:
    """A session and what the log showed of it."""

    __slots__ = ("closed", "ended", "heard", "key", "known", "shown", "waiting")

    def __init__(self, key: _Key, known: SessionState) -> None:
        self.key = key
        self.known = known
        self.shown = False
        #: When it was closed, None while it is not; whether its end was given out; its messages that wait for that.
        self.closed: int | None = None
        self.ended = False
        self.waiting = 0
        #: When its last message came, in ns.
        self.heard: int | None = None


class _Item:
    """A message, or a loss, waiting for its turn. `decoded` is None for a loss, `worded` for what came in bytes."""

    __slots__ = ("data", "decoded", "dropped", "entry", "opened", "lost", "problems", "sender", "time", "worded")

    def __init__(self, entry: Entry, time: int, opened: _Open, sender: Side) -> None:
        self.entry = entry
        self.time = time
        self.opened = opened
        self.sender = sender
        self.decoded: Decoded | None = None
        self.worded: Worded | None = None
        self.problems: tuple[Problem, ...] = ()
        self.lost: tuple[LossKind, LogLoss] | None = None
        self.data = b""
        self.dropped = False


class LogDissector:
    """Turns the lines of a log into events, by one set of declarations.

    `zone`: an offset or name (see `log_time.zone_of`, which raises CcxDissectError); `year`: that of the first line;
    `latest`: a time (ns) at which the log existed, from which the year is guessed (None: now). `parts`: keep what lines
    consist of, for `dissect`.
    """

    def __init__(
        self,
        protocol: Protocol,
        zone: str | None = None,
        year: int | None = None,
        latest: int | None = None,
        parts: bool = False,
    ) -> None:
        self.protocol = protocol
        self.decoder = Decoder(protocol)
        self.count = 0
        self._clock = LogClock(zone, year, latest)
        self._parts = parts
        #: By server: an entry of one is not ended by the lines of another.
        self._parsers: dict[int, MivrParser] = {}
        #: What has been decoded and not yet been told; None when nobody wants to know.
        self._read: list[EntryRead] | None = [] if parts else None
        self._words = WordReader(protocol)
        self._sessions: OrderedDict[_Key, _Open] = OrderedDict()
        self._threads: Newest[tuple[int, str], _Open] = Newest(MOST_THREADS)
        self._requests: OpenRequests[_Open] = OpenRequests()
        self._session_count = 0
        self._waiting: deque[_Item] = deque()
        #: The messages among them by type, sender, and whether they came in words.
        self._alike: dict[tuple[int, Side, bool], deque[_Item]] = {}
        self._latest = 0
        #: By server, too: what one writes says nothing of whether another's log goes on.
        self._pauses: dict[int, Pauses] = {}
        #: Sessions of whose port another one was asked for, and whose end is not told yet.
        self._left: list[_Open] = []
        #: The servers of which no more will come, while sessions of theirs are not ended.
        self._over: set[int] = set()
        self._last_time: int | None = None
        self._line = 0
        self._twice = 0
        self._by_request = 0
        self._of_several = 0
        self._flushing = False
        self._in_words = 0
        self._cut = 0
        self._timeless = 0
        self._forms: Counter[str] = Counter()

    @property
    def set_back(self) -> SetBack | None:
        """That the clock of the log was set back by more than a pause; of several logs the first such."""
        return next((one.set_back for one in self._pauses.values() if one.set_back is not None), None)

    @property
    def notices(self) -> list[str]:
        """What a reader of the result should know: what was guessed, passed over, or counted once."""
        said = list(self._clock.guesses)
        parsers = self._parsers.values()
        unrelated, lines = sum(one.unrelated for one in parsers), sum(one.lines for one in parsers)
        if unrelated:
            said.append(f"{unrelated:,} of {lines:,} lines have nothing of a message: passed over")
        if self._twice:
            said.append(f"{plural(self._twice, 'message')} both in words and in bytes: counted once")
        if self._in_words:
            said.append(
                f"{plural(self._in_words, 'message')} told in words only: passwords, and the order of floating fields, "
                "are not in the log"
            )
        if self._by_request:
            said.append(
                f"{plural(self._by_request, 'confirmation')} without a client's name: put in the session with the request"
            )
        if self._of_several:
            said.append(
                f"{plural(self._of_several, 'confirmation')} without a client's name, for which several clients waited: whose "
                "each is cannot be told"
            )
        if self._cut:
            said.append(f"{plural(self._cut, 'message')} cut or not understood")
        if self._timeless:
            said.append(f"{plural(self._timeless, 'message')} without a time: given that of the line before")
        return said

    def feed(self, lines: Iterable[LogLine | LogEnd | str | bytes]) -> Iterator[Event]:
        """Take the next lines (without file and number, they are numbered here); give what becomes available."""
        for line in lines:
            if isinstance(line, LogEnd):
                self._over.add(line.server)
                for entry in self._parser_of(line.server).flush():
                    self._take(entry)
                yield from self._release()
                continue
            if not isinstance(line, LogLine):
                line = self._numbered(line)
            for entry in self._parser_of(line.server).feed(line):
                self._take(entry)
                yield from self._release()

    def flush(self) -> Iterator[Event]:
        """The log is over: give what is left, and end every session."""
        self._flushing = True
        for parser in self._parsers.values():
            for entry in parser.flush():
                self._take(entry)
        while self._waiting:
            yield from self._show(self._waiting.popleft())
        for opened in self._left:
            yield from self._end(opened, None)
        self._left.clear()
        for opened in list(self._sessions.values()):
            yield from self._end(opened, EndedBy.CAPTURE_END)

    def dissect(self, lines: Iterable[LogLine]) -> Iterator[Event | EntryRead | LineRead]:
        """All events of a whole log, and among them what became of its lines and entries, for who writes it anew."""
        assert self._read is not None, "made without `parts`"
        for line in lines:
            for event in self.feed([line]):
                yield from self._entries_read()
                yield event
            yield from self._entries_read()
            parser = self._parser_of(line.server)
            yield LineRead(line.number, parser.parts, parser.pending_since)
        last = list(self.flush())
        yield from self._entries_read()
        yield from last

    def _entries_read(self) -> Iterator[EntryRead]:
        if self._read:
            read, self._read = self._read, []
            yield from read

    def _parser_of(self, server: int) -> MivrParser:
        parser = self._parsers.get(server)
        if parser is None:
            parser = self._parsers[server] = MivrParser(self._parts)
        return parser

    def _numbered(self, line: str | bytes) -> LogLine:
        self._line += 1
        data = line.encode("utf-8", "surrogateescape") if isinstance(line, str) else line
        return LogLine(self._line, data.rstrip(b"\r\n")[:LONGEST_LINE], "log", self._line)

    # -- entries ---------------------------------------------------------------------------------------------

    def _take(self, entry: Entry) -> None:
        time = self._time(entry)
        self._latest = max(self._latest, time)
        pauses = self._pauses.get(entry.server)
        if pauses is None:
            pauses = self._pauses[entry.server] = Pauses()
        pauses.saw(time)
        if isinstance(entry, TextEntry):
            self._take_text(entry, time)
        elif isinstance(entry, DumpEntry):
            self._take_dump(entry, time)

    def _time(self, entry: Entry) -> int:
        if entry.stamp is None:
            self._timeless += 1
            return self._last_time or 0
        self._last_time = self._clock.time(entry.stamp)
        return self._last_time

    def _take_text(self, entry: TextEntry, time: int) -> None:
        message = self.protocol.by_name.get(entry.type) or (
            self.protocol.by_number.get(int(entry.type)) if _is_number(entry.type) else None
        )
        sender = _sender(entry, message)
        if message is None:
            self._lose(entry, time, sender, LossKind.LOG_UNKNOWN, LogLoss(str(entry.place), entry.type))
            return
        opened = self._session(entry, sender, message)
        known = opened.known
        # What is told last may be cut short itself.
        pairs, length = (entry.pairs[:-1], -1) if entry.cut else (entry.pairs, entry.length)
        worded = self._words.read(message, pairs, length, known.version, known.form)
        decoded = self.decoder.decode(message.number, worded.body, worded.version, worded.form)
        moved = self._by_invoke_id(sender, decoded, opened, True, time, entry.server)
        if moved is not opened:
            opened, known = moved, moved.known
            worded = self._words.read(message, pairs, length, known.version, known.form)
            decoded = self.decoder.decode(message.number, worded.body, worded.version, worded.form)
        said = any(field.mark & Mark.VERSION and field.name in worded.told for field in message.fixed)
        if known.version is None and not said:
            decoded = decoded._replace(version=None)
        item = _Item(entry, time, opened, sender)
        item.decoded, item.worded, item.problems = decoded, worded, worded.problems
        if entry.cut:
            item.problems = (*item.problems, Problem(ProblemKind.LOG_LINE_ENDS))
        self._forms["words"] += 1
        if self._read is not None:
            self._read.append(EntryRead(entry, decoded))
        self._put(item)

    def _take_dump(self, entry: DumpEntry, time: int) -> None:
        number = entry.number_said if len(entry.header) == 8 else None
        message = None if number is None else self.protocol.by_number.get(number)
        sender = _sender(entry, message)
        if not entry.whole or number is None:
            have, of = (len(entry.body), entry.length) if number is not None else (len(entry.header), 8)
            over = self._flushing or entry.server in self._over
            at_end = over and self._parsers[entry.server].last - entry.touched <= NEAR
            lost = LogLoss(str(entry.place), message.name if message else None, number, have, of, at_end)
            self._lose(entry, time, sender, LossKind.LOG_ROWS_END, lost, bytes(entry.header + entry.body))
            return
        opened = self._session(entry, sender, message)
        known = opened.known
        decoded = self.decoder.decode(number, bytes(entry.body), known.version, known.form)
        moved = self._by_invoke_id(sender, decoded, opened, False, time, entry.server)
        if moved is not opened:
            opened, known = moved, moved.known
            decoded = self.decoder.decode(number, bytes(entry.body), known.version, known.form)
        item = _Item(entry, time, opened, sender)
        item.decoded = decoded
        self._forms["bytes"] += 1
        if self._read is not None:
            self._read.append(EntryRead(entry, decoded))
        self._put(item)

    def _lose(self, entry: Entry, time: int, sender: Side, kind: LossKind, lost: LogLoss, data: bytes = b"") -> None:
        item = _Item(entry, time, self._session(entry, sender), sender)
        item.lost = kind, lost
        item.data = data
        self._cut += 1
        self._wait(item)

    def _put(self, item: _Item) -> None:
        """Queue a message, unless it is the other form of one that waits; learn from it."""
        assert item.decoded is not None
        number, in_words = item.decoded.number, item.worded is not None
        learned: _Open | None = None
        # Only among those of the other form: a log mostly has one, and all that wait would be looked at for each message.
        for other in reversed(self._alike.get((number, item.sender, not in_words), ())):
            if other.dropped or not self._same(other, item):
                continue
            self._twice += 1
            words, dump = (other, item) if other.worded is not None else (item, other)
            learned = other.opened
            if words.entry.peer is not None and dump.entry.peer is None:
                if dump is other:
                    dump.opened.waiting -= 1
                    words.opened.waiting += 1
                dump.opened = words.opened
            other.dropped = other is words
            if item is words:
                self._learn(dump, learned)
                return
            break
        self._learn(item, learned)
        self._wait(item)
        self._alike.setdefault((number, item.sender, in_words), deque()).append(item)

    def _wait(self, item: _Item) -> None:
        item.opened.waiting += 1
        self._waiting.append(item)

    @staticmethod
    def _same(one: _Item, other: _Item) -> bool:
        """Whether two items of one type and one sender, one in words and one in bytes, are the same message."""
        words, dump = (one, other) if one.worded is not None else (other, one)
        assert words.decoded is not None and dump.decoded is not None and words.worded is not None
        if abs(one.time - other.time) > WINDOW or one.entry.server != other.entry.server:
            return False
        if one.entry.peer is not None and other.entry.peer is not None and one.entry.peer != other.entry.peer:
            return False
        entry = words.entry
        if words.sender is Side.SERVER and dump is one:
            return False  # the server says what it is going to write before it writes it
        if isinstance(entry, TextEntry) and 0 <= entry.length != len(dump.decoded.body):
            return False
        fixed = dump.decoded.fixed
        alike = {key(name): value for name, value in fixed.items()}
        if any(fixed.get(name, alike.get(key(name))) != value for name, value in words.worded.told.items()):
            return False
        body = dump.decoded.body
        sent = Counter((tag, body[start:stop]) for tag, start, stop in dump.decoded.spans)
        return not Counter(words.worded.sent) - sent

    def _learn(self, item: _Item, learned: _Open | None = None) -> None:
        """Learn from a message; `learned`: the session of its other form, from which was learned already."""
        decoded, known = item.decoded, item.opened.known
        assert decoded is not None
        message = decoded.message
        if message is None:
            return
        says = any(field.mark & Mark.VERSION for field in message.fixed)
        # What was said of the version holds, however else a line may read.
        if decoded.version is not None and decoded.version != known.version and (says or not known.version_said):
            known.version = decoded.version
            known.version_said = says
            known.form = None
        form = decoded.form
        if (
            item.worded is None
            and known.form is None
            and (known.version is None or form in proposed(self.protocol, known.version))
        ):
            known.form = form
        if item.sender is Side.CLIENT and message.kind is Kind.REQUEST:
            invoke_id = decoded.marked(Mark.INVOKE_ID)
            if isinstance(invoke_id, int):
                if learned is None:
                    self._requests.ask(item.opened, message, (item.entry.server, invoke_id))
                else:
                    self._requests.move(learned, item.opened, (item.entry.server, invoke_id))
        if message.traits & Trait.CLOSES and message.kind is Kind.CONFIRMATION:
            item.opened.closed = item.time

    # -- sessions --------------------------------------------------------------------------------------------

    def _session(self, entry: Entry, sender: Side, message: Message | None = None) -> _Open:
        """The session of an entry, which tells a message of that type."""
        server = entry.server
        opens = message is not None and message.kind is Kind.REQUEST and bool(message.traits & Trait.OPENS)
        if entry.peer is not None:
            client = Endpoint(entry.peer.address, entry.peer.port)
            opened = self._opened("socket", server, client, client, entry.peer.local_port, opens)
            if entry.thread:
                self._threads.keep((server, entry.thread), opened)
            return opened
        if entry.thread:
            known = self._threads.get((server, entry.thread))
            if known is not None and self._sessions.get(known.key) is known:
                return known
            return self._opened("thread", server, entry.thread, Endpoint(f"thread {entry.thread}"))
        return self._opened("side", server, sender, Endpoint("client"))

    def _by_invoke_id(
        self, sender: Side, decoded: Decoded, opened: _Open, in_words: bool, time: int, server: int
    ) -> _Open:
        """The session that a confirmation belongs to when its line does not say."""
        message = decoded.message
        if message is None or sender is not Side.SERVER or message.kind is not Kind.CONFIRMATION:
            return opened
        invoke_id = decoded.marked(Mark.INVOKE_ID)
        if not isinstance(invoke_id, int):
            return opened
        asked = server, invoke_id
        waiting = self._requests.waiting(message, asked, in_words, time)
        if opened.key[0] != "socket" and waiting and opened not in waiting:
            if len(waiting) > 1:
                self._of_several += 1
                for one in (opened, *waiting):
                    one.known.unsure = True
                return opened
            if self._sessions.get(waiting[0].key) is waiting[0]:
                self._by_request += 1
                opened = waiting[0]
        self._requests.answer(opened, message, asked, in_words, time)
        return opened

    def _opened(
        self, kind: str, server: int, which: object, client: Endpoint, port: int | None = None, opens: bool = False
    ) -> _Open:
        key = kind, server, which
        opened = self._sessions.get(key)
        now = self._last_time or 0
        if opened is not None and opens and opened.closed is None and now - (opened.heard or now) > COME_BACK:
            opened.known.note(NoteKind.REPLACED)
            self._left.append(opened)
            opened = None
        # What comes long after its end is of a new session; what still waits is told before that end.
        if opened is None or (opened.closed is not None and self._latest - opened.closed > WINDOW):
            known = SessionState(
                0,
                client,
                Endpoint(server_called(server), port),
                0,
                0,
                verdict=Verdict(self.protocol, True, True),
                logged=True,
                unnamed=kind == "side",
            )
            if kind == "socket":
                # What names no client may be of many: that one side alone is there means nothing.
                one, other = known.tallies = LoggedTally(), LoggedTally()
                one.other, other.other = other, one
            opened = self._sessions[key] = _Open(key, known)
        self._sessions.move_to_end(key)
        opened.heard = now
        return opened

    # -- giving out ------------------------------------------------------------------------------------------

    def _release(self) -> Iterator[Event]:
        waiting = self._waiting
        while waiting and (len(waiting) > MOST_WAITING or self._latest - waiting[0].time > WINDOW):
            yield from self._show(waiting.popleft())
        if self._over:
            theirs = [opened for opened in self._sessions.values() if opened.key[1] in self._over]
            for opened in theirs:
                if not opened.waiting:
                    yield from self._end(opened, EndedBy.CAPTURE_END)
            if not any(opened.waiting for opened in theirs):
                self._over.clear()
        gone = [opened for opened in self._left if not opened.waiting] if self._left else ()
        for opened in gone:
            self._left.remove(opened)
            yield from self._end(opened, None)
        while len(self._sessions) > MOST_SESSIONS:
            yield from self._end(next(iter(self._sessions.values())), EndedBy.IDLE)

    def _show(self, item: _Item) -> Iterator[Event]:
        if item.decoded is not None:
            kind = (item.decoded.number, item.sender, item.worded is not None)
            alike = self._alike[kind]
            alike.popleft()  # the first of them all is the first of its kind
            if not alike:
                del self._alike[kind]
        item.opened.waiting -= 1
        if item.dropped:
            return
        opened, known, frame = item.opened, item.opened.known, item.entry.number
        session = known.session
        if not opened.shown:
            opened.shown = True
            self._session_count += 1
            known.number = self._session_count
            known.start = known.end = item.time
            yield SessionOpened(session, item.time, frame)
        known.end = max(known.end, item.time)
        sent = known.tally(item.sender)
        # A log has no streams: the messages of each side are put one behind the other.
        flow, offset = 2 * known.number + (item.sender is Side.SERVER), sent.payload
        if item.lost is not None:
            why, lost = item.lost
            size = len(item.data)
            sent.payload += size
            sent.undecoded += size
            yield Loss(session, item.sender, item.time, frame, 0, size, why, lost, flow, offset, item.data)
            return
        decoded = item.decoded
        assert decoded is not None
        size = 8 + len(decoded.body)
        sent.payload += size
        sent.decoded += size - decoded.undecoded
        sent.undecoded += decoded.undecoded
        sent.messages += 1
        self.count += 1
        self._in_words += item.worded is not None
        yield Record(
            self.count, frame, item.time, session, item.sender, decoded, item.time, item.problems, flow, offset
        )
        if opened.closed is not None and not opened.waiting:
            yield from self._end(opened, None)

    def _end(self, opened: _Open, by: EndedBy | None) -> Iterator[Event]:
        if self._sessions.get(opened.key) is opened:
            del self._sessions[opened.key]
        if opened.shown and not opened.ended:
            opened.ended = True
            opened.known.ended_by = by
            if by in OUT_OF_SIGHT:
                pauses = self._pauses[opened.key[1]]
                opened.known.followed_until = pauses.followed(opened.known.end)
                opened.known.resumed_until = pauses.goes_on(opened.known.followed_until)
            session = opened.known.session
            yield SessionEnded(session, session.end, max((one.last for one in self._parsers.values()), default=0))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _sender(entry: Entry, message: Message | None) -> Side:
    if entry.outgoing is not None:
        return Side.SERVER if entry.outgoing else Side.CLIENT
    if entry.peer is not None and isinstance(entry, TextEntry) and message is None:
        return Side.CLIENT
    return message.sender if message is not None else Side.SERVER
