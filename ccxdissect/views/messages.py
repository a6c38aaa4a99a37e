"""Messages as lines of JSON, quickly: the same as their schema gives, to the letter.

A line is put together from pieces that are prepared once: per layout (everything but the numbers), per session (the
addresses), and per floating field (the same device ids and names come again and again). A general encoder takes three
times as long.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from ccxdissect.bounded import Memo
from ccxdissect.codec import values as codec_values
from ccxdissect.codec.decoder import Decoded, FixedValue
from ccxdissect.codec.layout import CompiledLayout, TagTable
from ccxdissect.codec.values import Value, is_secret, json_value
from ccxdissect.protocol.codes import Code, label
from ccxdissect.protocol.model import Fixed, Floating, Side
from ccxdissect.protocol.types import Reading
from ccxdissect.stream.events import Record, Session
from ccxdissect.views.formats.jsonl import json_text
from ccxdissect.wording import seconds
from ccxdissect.wording.problems import say

#: Prepared pieces are forgotten all at once when there are this many.
_MEMORY = 1 << 14
#: Floating fields with more data than this are not remembered.
_MEMORABLE = 80
#: So many different values of one floating field of one type of message are remembered.
_MOST_OF_ONE_TAG = 512


@dataclass(frozen=True)
class Showing:
    """What a view shows beyond the usual: reserved slots, secrets."""

    reserved: bool = False
    secrets: bool = False


def _json(value: object) -> str:
    return json_text(value) if isinstance(value, str) else json.dumps(value).replace("\x7f", "\\u007f")


def _labelled(name: str, row: Fixed | Floating, value: object) -> str:
    """`"name":"CONSTANT"`, or nothing when the value has no name."""
    if row.codes is None or not isinstance(value, int):
        return ""
    known = label(row.codes, value)
    if known is None:
        return ""
    return f"{_constant(name)}:{_constant(known) if isinstance(known, str) else json.dumps(known)}"


@lru_cache(_MEMORY)
def _constant(name: str) -> str:
    """The name of a field or a value as JSON: declarations have only so many."""
    return json.dumps(name)


#: A floating field as JSON; one whose type has labels with its name and the JSON of its label (empty: it has none).
Field = str | tuple[str, str, str]


#: What a line says of who sent to whom stands between these: the first of them when the client sends, and when the server does.
SENT = f'"from":"{Side.CLIENT.value}","src":', f'"from":"{Side.SERVER.value}","src":'
TO, BEHIND = ',"dst":', ',"version":'


class FixedPart:
    """How the fixed part of one layout is written."""

    __slots__ = (
        "_coded",
        "_coded_rows",
        "_form",
        "_labels",
        "_nulls",
        "_opaque",
        "_pick",
        "coded",
        "floating",
        "heading",
        "shown",
        "single",
        "texts",
    )

    def __init__(self, layout: CompiledLayout, showing: Showing) -> None:
        message = layout.message
        self.heading = (
            f',"type":{message.number},"name":"{message.name}","class":"{message.message_class.value}",'
            f'"kind":"{message.kind.value}","length":'
        )
        shown = [i for i, row in enumerate(layout.fields) if showing.reserved or not row.reserved]
        self._pick: Callable[[tuple[FixedValue, ...]], tuple[FixedValue | str, ...]] = _picker(shown)
        #: The fields that are shown, by their places in the layout.
        self.shown = shown
        self._opaque = any(layout.fields[i].type.reading is not Reading.INTEGER for i in shown)
        self._form = "{" + ",".join(f'"{layout.names[i]}":%s' for i in shown) + "}"
        coded = [(i, row) for i, row in enumerate(layout.fields) if row.codes is not None and not row.reserved]
        # A field whose table names one value only (no call, no queue) mostly holds another one.
        self._nulls = [
            (i, next(iter(row.codes.__members__.values())).value, _labelled(row.name, row, 0xFFFFFFFF))
            for i, row in coded
            if row.codes is not None
            and issubclass(row.codes, Code)
            and len(row.codes.__members__) == 1
            and row.size == 4
        ]
        single = {i for i, _, text in self._nulls if text}
        self._nulls = [item for item in self._nulls if item[0] in single]
        #: What labels depend on: the values of these fields, and whether those hold their one value that has a name.
        self.coded = [i for i, _ in coded if i not in single]
        self.single = [(i, null) for i, null, _ in self._nulls]
        self._coded_rows = [(i, row) for i, row in coded if i not in single]
        self._coded = _picker([i for i, _ in self._coded_rows])
        self._labels: Memo[tuple[FixedValue, ...], str] = Memo(_MEMORY)
        #: The floating fields that have been written, by tag and data.
        self.floating: dict[int, dict[bytes, Field]] = {}
        #: How those begin that are plain text, by tag: everything up to the value.
        self.texts: dict[int, str] = {}

    def text(self, values: tuple[FixedValue, ...]) -> str:
        """The `fixed` object of a whole fixed part."""
        picked = self._pick(values)
        if self._opaque:
            picked = tuple(f'"{value.hex()}"' if isinstance(value, bytes) else value for value in picked)
        return self._form % picked

    def labels(self, values: tuple[FixedValue, ...]) -> str:
        """The members of `labels` that the fixed part gives, without braces."""
        coded = self._coded(values)
        text = self._labels.get(coded)
        if text is None:
            parts = [_labelled(row.name, row, values[i]) for i, row in self._coded_rows]
            text = ",".join(part for part in parts if part)
            self._labels.remember(coded, text)
        for i, null, said in self._nulls:
            if values[i] == null:
                text = f"{text},{said}" if text else said
        return text


def _picker(positions: list[int]) -> Callable[[tuple[FixedValue, ...]], tuple[FixedValue, ...]]:
    if not positions:
        return lambda values: ()
    if len(positions) == 1:
        only = positions[0]
        return lambda values: (values[only],)
    return itemgetter(*positions)


def _ways(client: str, server: str) -> tuple[str, str]:
    """Who sent to whom, where the client sends and where the server does."""
    one, other = json_text(client), json_text(server)
    return f"{SENT[0]}{one}{TO}{other}{BEHIND}", f"{SENT[1]}{other}{TO}{one}{BEHIND}"


def _unknown_heading(decoded: Decoded) -> str:
    return f',"type":{decoded.number},"name":"{decoded.name}","class":null,"kind":null,"length":'


#: What a line is made of: the message's number, its frame, its time (ns), its session's number, and the rest.
Unnumbered = tuple[int, int, int, int, str]


def numbered(line: Unnumbered) -> str:
    """The line of a message, whatever its numbers have become."""
    number, frame, time, session, rest = line
    return f'{{"number":{number},"frame":{frame},"time":{seconds(time)},"session":{session},{rest}'


class MessageWriter:
    """Writes messages as JSON. One for each output, since it remembers what it has written."""

    def __init__(self, showing: Showing) -> None:
        self._showing = showing
        self._parts: dict[CompiledLayout, FixedPart] = {}
        self._sessions: Memo[int, tuple[str, str, str, str]] = Memo(_MEMORY)
        #: How many floating fields are remembered, in all parts together.
        self._remembered = 0

    def line(self, record: Record) -> str:
        """One message as a JSON object, without the line's end. The time keeps every digit of the capture."""
        return numbered(self.unnumbered(record))

    def unnumbered(self, record: Record) -> Unnumbered:
        """The same as facts: the numbers may have to be counted on from those of others."""
        return record.number, record.frame, record.time, record.session.number, self._rest(record)

    def _rest(self, record: Record) -> str:
        """What stands behind the session's number."""
        decoded = record.decoded
        version = decoded.version
        layout = decoded.layout
        if layout is None:
            heading, fixed, floating, labels = _unknown_heading(decoded), "{}", "", ""
        else:
            part = self._parts.get(layout) or self.part(layout)
            heading = part.heading
            fixed, floating, labels = self._content(decoded, layout, part)
        wrong = "[]"
        if decoded.problems or record.source_problems:
            wrong = "[" + ",".join(json_text(say(problem)) for problem in record.problems) + "]"
        return (
            f"{self._whose(record.session, record.sender)}{'null' if version is None else version}{heading}{len(decoded.body)},"
            f'"fixed":{fixed},"floating":[{floating}],"labels":{{{labels}}},"problems":{wrong}}}'
        )

    def _whose(self, session: Session, sender: Side) -> str:
        client, server = session.client, session.server
        known = self._sessions.get(session.number)
        if known is None or known[0] is not client or known[1] is not server:
            known = self._sessions.remember(session.number, (client, server, *_ways(client, server)))
        return known[2] if sender is Side.CLIENT else known[3]

    def part(self, layout: CompiledLayout) -> FixedPart:
        """How the fixed part of a layout is written."""
        part = self._parts.get(layout)
        if part is None:
            part = self._parts[layout] = FixedPart(layout, self._showing)
        return part

    def _content(self, decoded: Decoded, layout: CompiledLayout, part: FixedPart) -> tuple[str, str, str]:
        """The insides of `fixed` (with its braces), `floating` and `labels`."""
        values = decoded.values
        if len(values) == len(layout.fields):
            fixed = part.text(values)
            labels = part.labels(values)
        else:
            fixed, labels = self._incomplete(decoded)
        if not decoded.spans:
            return fixed, "", labels
        known = part.floating
        body = decoded.body
        texts: list[str] = []
        named: list[tuple[str, str]] = []
        for tag, start, stop in decoded.spans:
            data = body[start:stop]
            written = known.get(tag)
            field = None if written is None else written.get(data)
            if field is None:
                field = self.field(decoded.tags, part, tag, data)
            if isinstance(field, str):
                texts.append(field)
            else:
                texts.append(field[0])
                named.append(field[1:])
        if named:
            labels = self.more_labels(
                {row.name for row in layout.fields[: len(values)] if not row.reserved}, labels, named
            )
        return fixed, ",".join(texts), labels

    def field(self, tags: TagTable, part: FixedPart, tag: int, data: bytes) -> Field:
        """A floating field as JSON; with the name and JSON of its label if its type has labels."""
        prefix = part.texts.get(tag)
        if prefix is not None:
            plain = f"{prefix}{json_text(codec_values.text_of(data))}}}"
            if len(data) <= _MEMORABLE:
                self._remember(part, tag, data, plain)
            return plain
        row = tags.row(tag)
        name = row.name if row is not None else f"UNKNOWN_{tag}"
        value: Value = codec_values.read(row, data)
        head = f'{{"tag":{tag},"name":"{name}","value":'
        text = f"{head}{_json(json_value(row, value, self._showing.secrets))}}}"
        if row is not None and row.type.reading is Reading.TEXT and row.codes is None and not is_secret(row):
            part.texts[tag] = head
        field: Field = text
        if row is not None and row.codes is not None:
            known = label(row.codes, value) if isinstance(value, int) else None
            field = (text, name, "" if known is None else json.dumps(known))
        if len(data) <= _MEMORABLE:
            self._remember(part, tag, data, field)
        return field

    def _remember(self, part: FixedPart, tag: int, data: bytes, field: Field) -> None:
        known = part.floating.get(tag)
        if known is None:
            known = part.floating[tag] = {}
        # What is full stays as it is: a field that holds something else each time would push out all others.
        if len(known) < _MOST_OF_ONE_TAG and self._remembered < _MEMORY:
            self._remembered += 1
            known[data] = field

    @staticmethod
    def more_labels(fixed: Container[str], labels: str, named: list[tuple[str, str]]) -> str:
        """`labels` with those of floating fields; a name that comes again (`fixed` has some) has #2, #3 ... after it."""
        seen: dict[str, int] = {}
        parts = [labels] if labels else []
        for name, text in named:
            times = seen.get(name, 1 if name in fixed else 0) + 1
            seen[name] = times
            if text:
                parts.append(f'"{name}":{text}' if times == 1 else f'"{name}#{times}":{text}')
        return ",".join(parts)

    def _incomplete(self, decoded: Decoded) -> tuple[str, str]:
        fixed = []
        labels = []
        for row, _, value in decoded.fixed_fields():
            if self._showing.reserved or not row.reserved:
                fixed.append(f'"{row.name}":{_json(json_value(row, value))}')
            if not row.reserved:
                labels.append(_labelled(row.name, row, value))
        return "{" + ",".join(fixed) + "}", ",".join(part for part in labels if part)
