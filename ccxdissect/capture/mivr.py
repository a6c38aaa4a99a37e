"""The engine's own log: lines -> what they tell of CTI messages. Nothing is known here of the messages themselves.

A line is `[number: ]Mon DD [YYYY ]HH:MM:SS.mmm ZONE %FACILITY-SUBFACILITY-SEVERITY-MNEMONIC:[[thread]] text`. Entries
of subfacility ICD_CTI may hold a message in words, `{length=N type=NAME, name: value, ...}` (or `name=value`), or
stand before one in hexadecimal: rows of 16 bytes behind `MHDR:` (8 bytes) and `MDATA:`. Spacing means nothing, since
none is documented; rows and heads may follow each other on one line; other lines may come in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ccxdissect.capture.ascii_column import past_column
from ccxdissect.capture.log_lines import LogLine
from ccxdissect.capture.log_time import Stamp
from ccxdissect.wording import SECOND

#: A message claimed to be longer than this is damage.
LARGEST_MESSAGE = 1 << 20
#: Dumps begun and not ended that are kept, and for how many lines after their last row.
MOST_PENDING = 16
LONGEST_WAIT = 2000
#: A message in words may go on over so many lines and bytes.
MOST_LINES = 100
MOST_TEXT = 1 << 20
#: A dump begins at the head before it, if that is no further away than this.
NEAR = 3
HEADER_SIZE = 8
ROW = 16

_MONTHS = {name: number for number, name in enumerate(
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1)}  # fmt: skip

HEAD = re.compile(
    r"(?<![\w.])(?:(?P<sequence>\d{1,19}):\s*)?(?P<month>" + "|".join(_MONTHS) + r")\s{1,8}(?P<day>\d{1,2})\s{1,8}"
    r"(?:(?P<year>\d{4})\s{1,8})?(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?\s{0,8}"
    r"(?P<zone>[A-Za-z]{1,5}(?:[+-]\d\d:?\d\d)?|[+-]\d\d:?\d\d)\s{1,8}"
    r"%(?P<facility>[A-Z][A-Z0-9_]{0,63})-(?P<subfacility>[A-Z][A-Z0-9_]{0,63})-(?P<severity>\d)-"
    r"(?P<mnemonic>[A-Za-z0-9_]{1,63}):"
)
_THREAD = re.compile(r"\s{0,8}\[([^\[\]{}]{1,256})\]")
_SOCKET = re.compile(
    r"Socket\[addr=(?P<address>[^,\]]{0,256}),\s{0,4}port=(?P<port>\d{1,5})(?:,\s{0,4}localport=(?P<local>\d{1,5}))?"
)
_MESSAGE = re.compile(r"\{\s*length\s*[=:]\s*(-?\d{1,10})[\s,]{1,8}type\s*[=:]\s*([^\s,{}]{1,128})")
_PAIR = re.compile(r"(?:^|,)\s*([A-Za-z_][\w.]{0,127}(?:\[\d{1,5}\])?)\s{0,8}([:=])")
_LABEL = re.compile(r"M(HDR|DATA):")
_ROW_START = re.compile(r"\s{0,64}([0-9A-Fa-f]{4,8}):(?=\s|$)")
_BYTE = re.compile(r"\s{0,8}([0-9A-Fa-f]{2})(?![0-9A-Fa-f])")
_INTERESTING = re.compile(rb"\s{0,64}(?:[0-9A-Fa-f]{4,8}:(?:\s|$)|M(?:HDR|DATA):)")
_SENT = re.compile(r"\b(?:writing|sending|sent)\b", re.IGNORECASE)
_RECEIVED = re.compile(r"\b(?:processing msg|reading|received|read)\b", re.IGNORECASE)


class Peer(NamedTuple):
    """The client that a line names, as it names it: part of its address may be crossed out."""

    address: str
    port: int
    local_port: int | None


class Pair(NamedTuple):
    """A named value of a message in words; what the log prints as null has the value None."""

    name: str
    value: str | None


class Entry:
    """One message in a log, in words or in bytes. `line` and `source` say where it begins.

    `outgoing`: whether the server sent it; None when the line does not tell. `done`: nothing more will come of it.
    """

    __slots__ = ("done", "line", "number", "outgoing", "peer", "server", "source", "stamp", "thread", "touched")

    def __init__(self, at: LogLine, stamp: Stamp | None, thread: str, peer: Peer | None, outgoing: bool | None) -> None:
        self.number = at.number
        self.server = at.server
        self.source = at.source
        self.line = at.line
        self.stamp = stamp
        self.thread = thread
        self.peer = peer
        self.outgoing = outgoing
        self.touched = at.number
        self.done = False

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.source} line {self.line}"


class TextEntry(Entry):
    """A message in words. `length`: of its body, -1 when the server has yet to encode it; `cut`: its end is missing."""

    __slots__ = ("cut", "length", "mark", "pairs", "text", "type")

    def __init__(
        self, at: LogLine, stamp: Stamp | None, thread: str, peer: Peer | None, outgoing: bool | None,
        length: int, type: str,
    ) -> None:  # fmt: skip
        super().__init__(at, stamp, thread, peer, outgoing)
        self.length = length
        self.type = type
        self.text: list[str] = []
        self.pairs: tuple[Pair, ...] = ()
        #: What stands between a name and its value: ":" or "=".
        self.mark = "="
        self.cut = False

    def settle(self, cut: bool) -> None:
        """All of it is there, or all that will come."""
        text = "\n".join(self.text)
        if not cut:
            text = text[: text.rindex("}")]
        self.text = []
        self.mark, self.pairs = pairs_of(text)
        self.cut = cut
        self.done = True


class DumpEntry(Entry):
    """A message in hexadecimal: header and body as far as they came; `whole` when they did."""

    __slots__ = ("body", "header", "in_body", "rows")

    def __init__(self, at: LogLine, stamp: Stamp | None, thread: str, peer: Peer | None, outgoing: bool | None) -> None:
        super().__init__(at, stamp, thread, peer, outgoing)
        self.header = bytearray()
        self.body = bytearray()
        self.in_body = False
        #: Where the last row began; -1 before the first.
        self.rows = -1

    @property
    def length(self) -> int:
        """Body bytes that the header claims; 0 as long as it is not there."""
        return int.from_bytes(self.header[:4], "big") if len(self.header) == HEADER_SIZE else 0

    @property
    def number_said(self) -> int:
        """The message type that the header claims."""
        return int.from_bytes(self.header[4:8], "big")

    @property
    def whole(self) -> bool:
        """Whether every byte came."""
        return len(self.header) == HEADER_SIZE and len(self.body) == self.length

    @property
    def missing(self) -> int:
        """Bytes still to come of the part under way."""
        return self.length - len(self.body) if self.in_body else HEADER_SIZE - len(self.header)


class Part(NamedTuple):
    """A piece of a line that was understood: what a writer needs to write the line again.

    `kind`: "head" (`value` is the match of HEAD), "text" (the message in words begins here), "more" (it goes on),
    "label" (`value` is "MHDR" or "MDATA") or "row" (`size` bytes of the entry's header or body from `offset` on).
    """

    kind: str
    entry: Entry | None = None
    value: object = None
    in_body: bool = False
    offset: int = 0
    size: int = 0
    outgoing: bool | None = None
    thread: str = ""
    peer: Peer | None = None


def pairs_of(text: str) -> tuple[str, tuple[Pair, ...]]:
    """The named values of a message in words, after the mark of the first name, `:` or `=`, which is that of all."""
    pairs = []
    mark = ""
    name, start = "", 0
    for found in _PAIR.finditer(text):
        if not mark:
            mark = found.group(2)
        elif found.group(2) != mark:
            continue
        if name:
            pairs.append(Pair(name, _value(text[start : found.start()])))
        name, start = found.group(1), found.end()
    if name:
        pairs.append(Pair(name, _value(text[start:])))
    return mark or "=", tuple(pairs)


def _value(text: str) -> str | None:
    text = text.strip()
    return None if text == "null" else text


class MivrParser:
    """Takes lines, gives entries as soon as they are whole (or hopeless: `done` without being whole).

    `lines` counts those taken, `last` is the number of the last one, and `unrelated` counts those that hold nothing of a message. With `keep_parts`, `parts` says what the last line
    consisted of.
    """

    def __init__(self, keep_parts: bool = False) -> None:
        self.lines = 0
        self.last = 0
        self.unrelated = 0
        self.parts: list[Part] = []
        self._keep = keep_parts
        self._dumps: list[DumpEntry] = []
        self._text: TextEntry | None = None
        #: What the last head of the subfacility said: time, thread, peer, direction, and its line.
        self._said: tuple[Stamp, str, Peer | None, bool | None, LogLine] | None = None
        self._found: list[Entry] = []

    @property
    def pending_since(self) -> int | None:
        """The first line that belongs to an entry not yet done, or None."""
        numbers = [dump.number for dump in self._dumps]
        if self._text is not None:
            numbers.append(self._text.number)
        return min(numbers, default=None)

    def feed(self, line: LogLine) -> list[Entry]:
        """Take the next line; give the entries that it completes, or that are given up at it."""
        self.lines += 1
        self.last = line.number
        if self._keep:
            self.parts = []
        data = line.data
        if (
            self._text is None
            and b"ICD_CTI" not in data
            and b"MHDR:" not in data
            and not (self._dumps and _INTERESTING.match(data))
            and not (self._keep and b"%" in data)
        ):
            self.unrelated += 1
            self._found = []
            if self._dumps:
                self._forget(line.number)
            return self._found
        self._found = []
        self._take(line, data.decode("utf-8", "surrogateescape"))
        if self._dumps:
            self._forget(line.number)
        return self._found

    def flush(self) -> list[Entry]:
        """No more lines will come: give what is not whole."""
        self._found = []
        self._end_text()
        for dump in self._dumps:
            dump.done = True
            self._found.append(dump)
        self._dumps = []
        return self._found

    def _take(self, line: LogLine, text: str) -> None:
        heads = list(HEAD.finditer(text))
        used = False
        if not heads or heads[0].start() > 0:
            used = self._continue(line, text[: heads[0].start()] if heads else text)
        for position, head in enumerate(heads):
            self._end_text()
            until = heads[position + 1].start() if position + 1 < len(heads) else len(text)
            self._part(Part("head", value=head))
            if head.group("subfacility") == "ICD_CTI":
                used = self._begin(line, head, text[head.end() : until]) or used
        if not used:
            self.unrelated += 1

    def _begin(self, line: LogLine, head: re.Match[str], text: str) -> bool:
        """An entry of the subfacility begins; tell whether it may have to do with a message."""
        stamp = stamp_of(head)
        found = _THREAD.match(text)
        thread = found.group(1) if found else ""
        label = _LABEL.search(text)
        message = _MESSAGE.search(text)
        if message is not None and label is not None and label.start() > message.start():
            label = None
        before = text[: label.start() if label else message.start() if message else len(text)]
        named = _SOCKET.search(text)
        peer = _peer(named) if named else None
        received, sent = _RECEIVED.search(before), _SENT.search(before)
        outgoing = None if not received and not sent or received and sent else sent is not None
        self._said = None if stamp is None else (stamp, thread, peer, outgoing, line)
        if message is not None and label is None:
            entry = TextEntry(line, stamp, thread, peer, outgoing, int(message.group(1)), message.group(2))
            self._text = entry
            self._part(Part("text", entry))
            self._add_text(text[message.end() :])
            return True
        self._part(Part("said", outgoing=outgoing, thread=thread, peer=peer))
        if label is not None:
            self._rows(line, text[label.start() :])
        return label is not None or sent is not None or received is not None

    def _continue(self, line: LogLine, text: str) -> bool:
        if self._text is not None and _LABEL.match(text.lstrip()) is None:
            entry = self._text
            if line.number - entry.number > MOST_LINES or sum(map(len, entry.text)) + len(text) > MOST_TEXT:
                self._end_text()
                return False
            self._part(Part("more", entry))
            self._add_text(text)
            return True
        self._end_text()
        return self._rows(line, text)

    def _add_text(self, text: str) -> None:
        assert self._text is not None
        self._text.text.append(text)
        if "}" in text:
            entry, self._text = self._text, None
            entry.settle(cut=False)
            self._found.append(entry)

    def _end_text(self) -> None:
        if self._text is not None:
            entry, self._text = self._text, None
            entry.settle(cut=True)
            self._found.append(entry)

    # -- dumps -----------------------------------------------------------------------------------------------

    def _rows(self, line: LogLine, text: str) -> bool:
        """Take the labels and rows of a text; tell whether there were any."""
        at = 0
        used = False
        dump: DumpEntry | None = None
        while True:
            label = _LABEL.match(text, at + len(text[at : at + 64]) - len(text[at : at + 64].lstrip()))
            if label is not None:
                dump = self._label(line, label.group(1) == "DATA")
                self._part(Part("label", dump, "M" + label.group(1)))
                at = label.end()
                used = True
                continue
            row = _ROW_START.match(text, at)
            if row is None:
                break
            dump = self._owner(int(row.group(1), 16))
            if dump is None:
                break
            used = True
            at = self._row(dump, int(row.group(1), 16), text, row.end())
            dump.touched = line.number
            if dump.whole:
                dump.done = True
                self._dumps.remove(dump)
                self._found.append(dump)
            # Whatever else follows on the line, only the mark that has to come next is looked for.
            following = self._next_mark(dump, text, at)
            if following is None:
                break
            at = following
        return used

    @staticmethod
    def _next_mark(dump: DumpEntry, text: str, at: int) -> int | None:
        if dump.done:
            # Nothing but the label of an empty body, or of another message, can follow on the same line.
            found = _LABEL.search(text, at)
            return found.start() if found else None
        if not dump.in_body and not dump.missing:
            found = re.compile(r"MDATA:").search(text, at)
        else:
            expected = len(dump.body if dump.in_body else dump.header)
            found = re.compile(rf"(?<=\s)0*{expected:x}:(?=\s)", re.IGNORECASE).search(text, at)
        return found.start() if found else None

    def _label(self, line: LogLine, data: bool) -> DumpEntry | None:
        if data:
            waiting = [dump for dump in self._dumps if not dump.in_body and not dump.missing]
            if not waiting:
                return None
            waiting[-1].in_body = True
            waiting[-1].rows = -1
            return waiting[-1]
        stamp, thread, peer, outgoing, head = self._said or (None, "", None, None, line)
        line = head if line.number - head.number <= NEAR else line
        dump = DumpEntry(line, stamp, thread, peer, outgoing)
        self._dumps.append(dump)
        if len(self._dumps) > MOST_PENDING:
            self._give_up(self._dumps[0])
        return dump

    def _owner(self, offset: int) -> DumpEntry | None:
        """The dump, the latest begun, that waits for a row at `offset`."""
        for dump in reversed(self._dumps):
            have = len(dump.body if dump.in_body else dump.header)
            if dump.missing and (offset == have or 0 <= dump.rows < offset < have):
                return dump
        return None

    def _row(self, dump: DumpEntry, offset: int, text: str, at: int) -> int:
        """Put the bytes of a row in its dump; give the place behind them."""
        into = dump.body if dump.in_body else dump.header
        del into[offset:]  # the row before was narrower than it looked
        count = min(ROW, dump.missing)
        taken = bytearray()
        while len(taken) < count:
            byte = _BYTE.match(text, at)
            if byte is None:
                break
            taken.append(int(byte.group(1), 16))
            at = byte.end()
        into += taken
        at = past_column(text, at, taken)
        dump.rows = offset
        self._part(Part("row", dump, None, dump.in_body, offset, len(taken)))
        if not dump.in_body and not dump.missing and dump.length > LARGEST_MESSAGE:
            self._give_up(dump)
        return at

    def _give_up(self, dump: DumpEntry) -> None:
        dump.done = True
        self._dumps.remove(dump)
        self._found.append(dump)

    def _forget(self, number: int) -> None:
        for dump in [dump for dump in self._dumps if number - dump.touched > LONGEST_WAIT]:
            self._give_up(dump)

    def _part(self, part: Part) -> None:
        if self._keep:
            self.parts.append(part)


def stamped(data: bytes) -> tuple[Stamp, int] | None:
    """When a line was written, and the number of its entry (0: it bears none); None for a line without a time."""
    head = HEAD.search(data.decode("utf-8", "surrogateescape")) if b"%" in data else None
    stamp = None if head is None else stamp_of(head)
    return None if head is None or stamp is None else (stamp, int(head.group("sequence") or 0))


def stamp_of(head: re.Match[str]) -> Stamp | None:
    """The time of a line whose beginning fits HEAD; None where it is none."""
    year = int(head.group("year") or 0)
    day, hour = int(head.group("day")), int(head.group("hour"))
    minute, second = int(head.group("minute")), int(head.group("second"))
    if not 1 <= day <= 31 or hour > 23 or minute > 59 or second > 60 or (year and not 1970 <= year <= 2999):
        return None
    fraction = int((head.group("fraction") or "").ljust(9, "0"))
    of_day = ((hour * 60 + minute) * 60 + second) * SECOND + fraction
    return Stamp(year, _MONTHS[head.group("month")], day, of_day, head.group("zone"))


def _peer(found: re.Match[str]) -> Peer:
    address = found.group("address").strip().rpartition("/")[2]
    local = found.group("local")
    return Peer(address, int(found.group("port")), int(local) if local else None)


def entries_of(lines: Iterable[LogLine]) -> list[Entry]:
    """Every entry of a short log at once."""
    parser = MivrParser()
    found = [entry for line in lines for entry in parser.feed(line)]
    return found + parser.flush()
