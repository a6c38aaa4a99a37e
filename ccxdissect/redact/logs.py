"""A server's log redacted: as many lines as before, with nothing on them but what was understood.

Messages are written anew from what was read of them: in words with the named values rewritten, in bytes as rows of the
rewritten message. Of other entries only the head is left (time and facility, not the
number), of other lines nothing. Threads and
sockets keep apart what they kept apart.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from ccxdissect.capture.files import Progress
from ccxdissect.capture.log_lines import LineReader
from ccxdissect.capture.mivr import (
    ROW,
    DumpEntry,
    Entry,
    Part,
    Peer,
    TextEntry,
)
from ccxdissect.codec.decoder import Decoded
from ccxdissect.codec.layout import HEADER
from ccxdissect.protocol.model import Fixed, Floating, Mark, Protocol
from ccxdissect.protocol.types import Reading
from ccxdissect.redact.fields import Keep, MessageRedactor
from ccxdissect.redact.pseudonyms import Pseudonyms
from ccxdissect.redact.report import Report
from ccxdissect.stream.events import Event
from ccxdissect.stream.log import EntryRead, LineRead, LogDissector
from ccxdissect.stream.log_text import WordReader

_NUMBER = re.compile(r"-?(?:0[xX][0-9A-Fa-f]{1,16}|\d{1,20})$|true$|false$")
#: What the heads of the lines consist of that we read, and of most others.
_OWN_WORDS = frozenset({"MIVR", "ICD_CTI", "UNK"})
_OPENINGS = {True: "sending: ", False: "received: ", None: "message: "}


class LogRedactor:
    """Redacts one log file at `path`. `progress` hears how many more bytes were read."""

    #: How often the file is read.
    PASSES = 2

    def __init__(
        self,
        protocol: Protocol,
        path: str,
        key: bytes | Pseudonyms,
        keep: Keep | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._progress = progress
        self.protocol = protocol
        self.report = Report()
        self.report.unit = "lines"
        self.notices: list[str] = []
        self._path = path
        self._keep = keep or Keep(protocol)
        self._pseudonyms = key if isinstance(key, Pseudonyms) else Pseudonyms(key)
        self._collected = False
        self._messages = MessageRedactor(protocol, self._pseudonyms, self._keep, self.report)
        self._words = WordReader(protocol)

    def write(self, out: BinaryIO) -> Report:
        """Write the redacted log; raises CaptureError when the input cannot be read."""
        if not self._collected:
            self.collect()
            self._pseudonyms.settle()
        out.writelines(line.encode("utf-8", "surrogateescape") + b"\n" for line in self._lines())
        return self.report

    def collect(self) -> None:
        """Note all that will be replaced. With pseudonyms that others share, they are settled when all have noted theirs."""
        self._collected = True
        reader = LineReader([self._path], self._progress)
        for event in self._events(reader):
            if isinstance(event, LineRead):
                for part in event.parts:
                    self._note_part(part)
            elif isinstance(event, EntryRead):
                self._note_found(event.entry, event.decoded)
        self.notices = [str(notice) for notice in reader.notices]

    def _events(self, reader: LineReader) -> Iterator[Event | EntryRead | LineRead]:
        # When it was is of no matter here.
        return LogDissector(self.protocol, zone="UTC", year=2000, parts=True).dissect(reader)

    def _note_part(self, part: Part) -> None:
        entry = part.entry if part.kind == "text" else part
        if isinstance(entry, (TextEntry, Part)) and (part.kind in ("text", "said")):
            self._pseudonyms.note(entry.thread.encode("utf-8", "surrogateescape"))
            if entry.peer is not None and not self._keep.addresses:
                self._pseudonyms.note(entry.peer.address.encode("utf-8", "surrogateescape"))

    def _note_found(self, entry: Entry, decoded: Decoded) -> None:
        if not isinstance(entry, TextEntry):
            self._messages.note(decoded)
            return
        for row, _, value in self._rows(entry):
            if value and not (row is not None and (self._is_plain(row, value) or self._keep.keeps(row))):
                self._pseudonyms.note(value.encode("utf-8", "surrogateescape"))

    def _lines(self) -> Iterator[str]:
        bodies: dict[Entry, bytes] = {}
        waiting: deque[tuple[int, list[Part]]] = deque()
        for event in self._events(LineReader([self._path], self._progress)):
            if isinstance(event, EntryRead):
                if isinstance(event.entry, DumpEntry):
                    bodies[event.entry] = self._messages.redact(event.decoded)[HEADER.size :]
                else:
                    self.report.messages += 1
            elif isinstance(event, LineRead):
                self.report.units += 1
                waiting.append((event.number, event.parts))
                pending = event.pending_since
                while waiting and (pending is None or waiting[0][0] < pending):
                    yield self._line(waiting.popleft()[1], bodies)
                if not waiting:
                    bodies.clear()
        for _, parts in waiting:
            yield self._line(parts, bodies)

    # -- one line --------------------------------------------------------------------------------------------

    def _line(self, parts: list[Part], bodies: dict[Entry, bytes]) -> str:
        pieces = []
        for part in parts:
            if part.kind == "head":
                assert isinstance(part.value, re.Match)
                pieces.append(_head(part.value))
            elif part.kind == "said":
                opening = {True: " writing...", False: " reading...", None: ""}[part.outgoing]
                pieces.append(self._thread(part.thread) + opening + self._socket(part.peer))
            elif part.kind == "label":
                pieces.append(f"{part.value}:")
            elif part.kind == "row" and isinstance(part.entry, DumpEntry):
                pieces.append(self._row(part, part.entry, bodies))
            elif part.kind == "text" and isinstance(part.entry, TextEntry):
                pieces.append(self._text(part.entry))
        return " ".join(piece for piece in pieces if piece)

    def _thread(self, thread: str) -> str:
        if not thread:
            return ""
        return f"[{self._plain(thread)}]"

    def _socket(self, peer: Peer | None) -> str:
        if peer is None:
            return ""
        address = peer.address if self._keep.addresses else self._plain(peer.address)
        local = "" if peer.local_port is None else f",localport={peer.local_port}"
        return f" Socket[addr={address},port={peer.port}{local}]"

    def _plain(self, text: str) -> str:
        return self._pseudonyms.text(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    @staticmethod
    def _row(part: Part, entry: DumpEntry, bodies: dict[Entry, bytes]) -> str:
        if not part.in_body:
            held = bytes(entry.header) if len(entry.header) == HEADER.size else bytes(HEADER.size)
        else:
            held = bodies.get(entry, b"")
        data = held[part.offset : part.offset + part.size].ljust(part.size, b"\0")
        shown = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
        return f"{part.offset:04X}: {data.hex(' ').upper():<{3 * ROW - 1}}   {shown}"

    def _text(self, entry: TextEntry) -> str:
        known = entry.type in self.protocol.by_name or (
            entry.type.isascii() and entry.type.isdigit() and len(entry.type) < 10
        )
        kind = entry.type if known else self._plain(entry.type)
        mark = ": " if entry.mark == ":" else "="
        pairs = [f"{name}{mark}{self._value(row, value)}" for row, name, value in self._rows(entry)]
        opening = f"{self._thread(entry.thread)} {_OPENINGS[entry.outgoing]}".lstrip()
        ending = "" if entry.cut else " }"
        said = ", ".join([f"length={entry.length} type={kind}", *pairs])
        return f"{opening}{self._socket(entry.peer).strip()} {{ {said}{ending}".replace("\n", " ")

    def _rows(self, entry: TextEntry) -> Iterator[tuple[Fixed | Floating | None, str, str | None]]:
        """The named values with their fields; the names of those that are none are pseudonyms too."""
        message = self.protocol.by_name.get(entry.type)
        rows: list[Fixed | Floating | None] = [None] * len(entry.pairs)
        if message is not None:
            rows = self._words.meanings(message, entry.pairs)
        for row, (name, value) in zip(rows, entry.pairs, strict=True):
            yield row, name if row is not None else "x" * len(name), value

    def _value(self, row: Fixed | Floating | None, value: str | None) -> str:
        if value is None:
            return "null"
        if row is None:
            self.report.blanked["values that are no known field"] += bool(value)
            return self._plain(value)
        if row.mark & Mark.SECRET:
            self.report.secrets[row.name] += 1
            return "0" * len(value)
        if self._keep.keeps(row):
            self.report.kept[row.name] += 1
            return value
        if not value or self._is_plain(row, value):
            return value
        self.report.fields[row.name] += 1
        return self._plain(value)

    @staticmethod
    def _is_plain(row: Fixed | Floating, value: str) -> bool:
        """Whether a value is a number, of a field that holds one and says nothing of anybody."""
        if row.type.reading is not Reading.INTEGER or row.mark & (Mark.PERSONAL | Mark.SECRET):
            return False
        return _NUMBER.match(value) is not None or (row.codes is not None and value in row.codes.__members__)


def _head(found: re.Match[str]) -> str:
    """The head of a line, less its number, whose digits may happen to be somebody's, and less words that are not its own."""
    text = found.string
    when = text[found.start("month") : found.start("facility")]
    names = [
        name if name in _OWN_WORDS else "X" * len(name)
        for name in (found.group("facility"), found.group("subfacility"), found.group("mnemonic"))
    ]
    return f"{when}{names[0]}-{names[1]}-{found.group('severity')}-{names[2]}:"
