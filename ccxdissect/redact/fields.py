"""Which bytes of a message are replaced, and by what.

- Secrets become zeros.
- Every text is replaced by its pseudonym, whether its declaration marks it as personal or not; so are named variables
  (name and content) and numbers that are marked.
- What is not understood becomes zeros inside a field, and 0xFF where a field's header or a message's might be looked
  for: 0xFF is neither. Of bytes that gave no message, only eight that might be a message's header are left, and of a
  body the zero of a tag that is none, so that a reader gets lost and finds back at the same places as before.
- Numbers, and what the protocol's framing needs, are kept.
"""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum, auto
from functools import partial
from typing import NamedTuple

from ccxdissect.codec.decoder import Decoded, Decoders
from ccxdissect.codec.layout import HEADER, CompiledLayout, TagTable
from ccxdissect.codec.values import oddity
from ccxdissect.errors import CcxDissectError, one_line
from ccxdissect.protocol.model import Fixed, Floating, Mark, Protocol, several
from ccxdissect.protocol.types import Reading
from ccxdissect.redact.pseudonyms import Pseudonyms
from ccxdissect.redact.report import Report
from ccxdissect.stream.events import Loss
from ccxdissect.stream.framing import Boundaries

BLANK = 0xFF

#: Makes a named tuple of a tuple, without a call of Python's.
_new = tuple.__new__

#: Groups that `keep` knows besides names of fields: the addresses of hosts, named data, and every mark of a field.
ADDRESSES = "addresses"
NAMED_DATA = "named-data"
_NO_GROUPS = (Mark.SECRET, Mark.PERSONAL)


class Treatment(IntEnum):
    """What happens to a run of bytes."""

    SECRET = auto()
    TEXT = auto()
    NUMBER = auto()
    OPAQUE = auto()
    ZERO = auto()
    FILL = auto()


#: What has a pseudonym, and what stands in its place, the first that fits, where that would make a damaged body fit
#: otherwise: bytes of no text, of the end of the alphabet, of no tag.
_REPLACED = frozenset({Treatment.TEXT, Treatment.OPAQUE, Treatment.NUMBER})
#: Of these the words are collected.
WITH_WORDS = (Treatment.TEXT, Treatment.SECRET, Treatment.OPAQUE)
#: Of these no byte says anything but those that may stand for it when it was blanked.
_BLANKS = {Treatment.SECRET: b"\0", Treatment.ZERO: b"\0", Treatment.FILL: bytes((BLANK, 0))}
#: Looked up once: most runs are texts.
_TEXT = Treatment.TEXT
_TEXTS = Reading.TEXT
_INSTEAD = (0xFF, 0x7A, 0x01, 0x00)


class Run(NamedTuple):
    """Bytes of a body, from `start` up to `stop`, their treatment, and the name they are counted by."""

    start: int
    stop: int
    treatment: Treatment
    name: str


def counted(report: Report, treatment: Treatment) -> Counter[str]:
    """Where a report counts runs that were treated so."""
    if treatment == Treatment.SECRET:
        return report.secrets
    return report.blanked if treatment in (Treatment.ZERO, Treatment.FILL) else report.fields


class Field(NamedTuple):
    """What is to be known of a floating field to tell what happens to its data."""

    row: Floating
    name: str
    #: Whether it is a text and no secret, and replaced unless it is blank: most of them are, and are looked at no further.
    text: bool
    #: The size at which it is a sound number that is about nobody, and stays; -1: at none.
    number: int
    #: Bytes before what may be replaced: an array's index.
    before: int
    kept: bool


def filled(data: bytes, bounds: Boundaries) -> bytes:
    """Blank in place of bytes that gave no message; what a search for headers would look at stays."""
    made = bytearray([BLANK]) * len(data)
    at = bounds.next_header(data, 0)
    while at is not None:
        made[at : at + HEADER.size] = data[at : at + HEADER.size]
        at = bounds.next_header(data, at + 1)
    return bytes(made)


class Keep:
    """Names of what is not to be replaced: fields (with * and ? as in file names, in any case) and groups.

    Raises CcxDissectError for a name that means nothing, and for one that means a secret.
    """

    def __init__(self, protocols: Protocol | Sequence[Protocol], names: Iterable[str] = ()) -> None:
        protocols = several(protocols)
        #: As they were given.
        self.names = tuple(names)
        rows: list[Fixed | Floating] = [row for protocol in protocols for row in protocol.tags.values()]
        for message in [message for protocol in protocols for message in protocol]:
            rows += [*message.floating, *(field for form in message.forms for field in form.fixed)]
        by_name: dict[str, list[Fixed | Floating]] = {}
        for row in rows:
            by_name.setdefault(row.name.lower(), []).append(row)
        marks = {name.lower(): mark for name, mark in Mark.by_name().items() if mark not in _NO_GROUPS}
        self.addresses = False
        self._named_data = False
        self._names: set[str] = set()
        self._marks = Mark.NONE
        for name in self.names:
            wanted = name.strip().lower()
            matching = [known for known in by_name if fnmatch.fnmatchcase(known, wanted)]
            if wanted == ADDRESSES:
                self.addresses = True
            elif wanted == NAMED_DATA:
                self._named_data = True
            elif wanted.replace("-", "_") in marks:
                self._marks |= marks[wanted.replace("-", "_")]
            elif not matching:
                groups = ", ".join(sorted([ADDRESSES, NAMED_DATA, *marks]))
                raise CcxDissectError(
                    one_line(f"nothing is called {name!r}; besides fields there are the groups {groups}")
                )
            elif any(row.mark & Mark.SECRET for known in matching for row in by_name[known]):
                raise CcxDissectError(one_line(f"{name!r} means a secret, and secrets are never kept"))
            self._names.update(matching)

    def keeps(self, row: Fixed | Floating) -> bool:
        """Whether a field is to be left as it is."""
        if not self.names or row.mark & Mark.SECRET:
            return False
        named = row.type.reading in (Reading.NAMED_VARIABLE, Reading.NAMED_ARRAY)
        return row.name.lower() in self._names or bool(row.mark & self._marks) or (named and self._named_data)


class MessageRedactor:
    """Rewrites messages. `note` every message first, settle the pseudonyms, then `redact`."""

    def __init__(
        self, protocols: Protocol | Sequence[Protocol], pseudonyms: Pseudonyms, keep: Keep, report: Report
    ) -> None:
        self._protocols = several(protocols)
        self._decoders = Decoders()
        self.bounds = Boundaries(*self._protocols)
        self.pseudonyms = pseudonyms
        self.keep = keep
        self.report = report
        #: Of the tables of tags met, by their identity: the table, and its fields by their tags.
        self._fields: dict[int, tuple[TagTable, dict[int, Field]]] = {}
        #: Of the layouts met, by their identity: the layout, and which of its fields may hold what is to be replaced.
        self._places: dict[int, tuple[CompiledLayout, tuple[int, ...]]] = {}

    def note(self, decoded: Decoded) -> list[Run]:
        """Collect the words of a message that will be replaced; give what that will be."""
        body, noted = decoded.body, self.pseudonyms.texts_noted
        runs = self._runs(decoded)
        for start, stop, treatment, _ in runs:
            if treatment in WITH_WORDS and body[start:stop] not in noted:
                self.pseudonyms.note(body[start:stop])
        return runs

    def likely(self, loss: Loss) -> Iterator[tuple[int, Decoded]]:
        """What read as messages among lost bytes, and where in them: the copy has to wait there for what follows, too."""
        for start, stop in loss.likely:
            number, body = HEADER.unpack_from(loss.data, start)[1], loss.data[start + HEADER.size : stop]
            decoders = (self._decoders[protocol] for protocol in self._protocols)
            fitting = next((decoder for decoder in decoders if decoder.fits(number, body)), None)
            if fitting is not None:
                yield start, fitting.decode(number, body)

    def count_kept(self, decoded: Decoded, report: Report) -> None:
        """Count what of a message stays because that was asked for."""
        if self.keep.names:
            self._runs(decoded, report)

    def found(self, decoded: Decoded) -> Iterator[tuple[Treatment, str]]:
        """What of a message would be replaced: how, and the field's name. What is blank is neither secret nor unknown."""
        for start, stop, treatment, name in self._runs(decoded):
            blank = _BLANKS.get(treatment)
            if blank is None or decoded.body[start:stop].strip(blank):
                yield treatment, name

    def redact(self, decoded: Decoded, first: bool = False) -> bytes:
        """Header and body of the message as it may be given away. `first`: none before it in its direction read without
        doubt, so that its own bytes may be what told how to read it.

        It reads as the original does: where a body is in doubt, and its pseudonyms would make it fit otherwise, they
        give way to bytes that do not.
        """
        body = self._redacted(decoded)
        if (first or self.doubts(decoded)) and decoded.message is not None and body != decoded.body:
            body = self._reading_alike(decoded, body)
        return HEADER.pack(len(body), decoded.number) + body

    def searched(self, decoded: Decoded, after: bytes) -> bytes:
        """The redacted message `after` in which a search for headers finds what it finds in the original: where bytes that
        follow gave no message, it goes through those that the message left undecoded, too."""
        made = bytearray(after)
        for start, stop, treatment, _ in self._runs(decoded):
            if treatment == Treatment.FILL:
                made[HEADER.size + start : HEADER.size + stop] = filled(decoded.body[start:stop], self.bounds)
        return bytes(made)

    @staticmethod
    def doubts(decoded: Decoded) -> bool:
        """Whether a body might be read otherwise when other values stand in it."""
        return bool(decoded.problems) or decoded.version is None or decoded.form is None

    def replacement(self, treatment: Treatment, data: bytes) -> bytes:
        """What stands in the place of a run of bytes; as many."""
        if treatment == Treatment.TEXT:
            return self.pseudonyms.text(data)
        if treatment == Treatment.SECRET or treatment == Treatment.ZERO:
            return bytes(len(data))
        return bytes([BLANK]) * len(data) if treatment == Treatment.FILL else self.pseudonyms.opaque(data)

    def _reading_alike(self, decoded: Decoded, body: bytes) -> bytes:
        """The redacted body, or another one that reads as the original, whatever its reader may have known before."""
        wanted = _reading(decoded)
        known = ((None, None), (decoded.version, None), (decoded.version, decoded.form))
        readers = [
            partial(self._decoders[protocol].decode, decoded.number, version=version, form=form)
            for protocol in self._protocols
            for version, form in known
        ]
        before = [read(body=decoded.body) for read in readers]
        runs = [run for run in self._runs(decoded) if run.treatment in _REPLACED]
        made = [body]
        for instead in _INSTEAD:
            other = bytearray(body)
            for start, stop, _, _ in runs:
                other[start:stop] = bytes(instead if byte else 0 for byte in body[start:stop])
            made.append(bytes(other))
        made += [self._in_fields(one, body) for one in before if _is_sound(one) and _reading(one) != wanted]
        told: bytes | None = None
        for candidate in made:
            after = [read(body=candidate) for read in readers]
            if any(_reading(one) == wanted != _reading(now) for one, now in zip(before, after, strict=True)):
                continue
            # Out of step, a message counts when any of the protocols reads it without doubt, whichever it is told by then.
            if all(_is_sound(one) is _is_sound(now) for one, now in zip(before, after, strict=True)):
                return candidate
            told = told or candidate
        return told or body

    def _in_fields(self, other: Decoded, body: bytes) -> bytes:
        """A redacted body in which the fields of another reading of it begin and end where they did, whatever they are."""
        form = other.form
        if form is None:
            # It has no fields.
            return body
        made = bytearray(body)
        texts = (
            tag for protocol in self._protocols for tag, row in protocol.tags.items() if row.type.reading is _TEXTS
        )
        fresh = min(texts).to_bytes(form.tag_size, "big")
        for _, start, _ in other.spans:
            begin = start - form.header_size
            for at, byte in enumerate(fresh, begin):
                if made[at] != other.body[at]:
                    made[at] = byte
            made[begin + len(fresh) : start] = other.body[begin + len(fresh) : start]
        return bytes(made)

    def _redacted(self, decoded: Decoded) -> bytes:
        body = bytearray(decoded.body)
        self.report.messages += 1
        for start, stop, treatment, name in self._runs(decoded, self.report):
            body[start:stop] = self.replacement(treatment, decoded.body[start:stop])
            counted(self.report, treatment)[name] += 1
        return bytes(body)

    def _runs(self, decoded: Decoded, report: Report | None = None) -> list[Run]:
        body = decoded.body
        if decoded.message is None:
            return [Run(0, len(body), Treatment.FILL, "bodies of unknown messages")]
        runs = self._fixed_runs(decoded, report)
        fields = self._fields_of(decoded.tags)
        for tag, start, stop in decoded.spans:
            field = fields.get(tag) or self._field(decoded.tags, tag)
            if field is None:
                runs.append(Run(start, stop, Treatment.ZERO, "fields of unknown tags"))
                continue
            _, name, text, number, _, _ = field
            if stop - start == number:
                continue
            if text:
                if body[start:stop].strip(b"\0"):
                    runs.append(_new(Run, (start, stop, _TEXT, name)))
                continue
            run = self.run_of(field, body, start, stop)
            if isinstance(run, Run):
                runs.append(run)
            elif run is not None and report is not None:
                report.kept[run] += 1
        if decoded.undecoded:
            begin = len(body) - decoded.undecoded
            start = begin + self._claim(decoded, begin)
            runs.append(Run(start, len(body), Treatment.FILL, "undecoded bytes of messages"))
        return runs

    def run_of(self, field: Field, body: bytes, start: int, stop: int) -> Run | str | None:
        """What is to be replaced of a floating field's data; its name when that is kept; None: nothing."""
        treatment = None if stop - start == field.number else self._of_floating(field.row, body[start:stop])
        if treatment is None:
            return None
        return field.name if field.kept else Run(min(start + field.before, stop), stop, treatment, field.name)

    def _fixed_runs(self, decoded: Decoded, report: Report | None) -> list[Run]:
        layout = decoded.layout
        places = () if layout is None else self._places_of(layout)
        runs: list[Run] = []
        for place in places:
            if place >= len(decoded.values):
                break
            assert layout is not None
            row, offset = layout.fields[place], layout.offsets[place]
            treatment = self._of_fixed(row, decoded.values[place])
            if treatment is not None and not self._kept(row, report):
                runs.append(Run(offset, offset + row.size, treatment, row.name))
        return runs

    def field(self, tags: TagTable, tag: int) -> Field | None:
        """What is to be known of a floating field; None of an unknown one."""
        return self._fields_of(tags).get(tag) or self._field(tags, tag)

    def may_replace_fixed(self, layout: CompiledLayout) -> bool:
        """Whether something in the fixed part of messages of a layout may be replaced."""
        return bool(self._places_of(layout))

    def _fields_of(self, tags: TagTable) -> dict[int, Field]:
        known = self._fields.get(id(tags))
        if known is None:
            known = self._fields[id(tags)] = tags, {}
        return known[1]

    def _field(self, tags: TagTable, tag: int) -> Field | None:
        row = tags.row(tag)
        if row is None:
            return None
        reading, secret = row.type.reading, row.mark & Mark.SECRET
        before, kept = int(reading is Reading.NAMED_ARRAY), self.keep.keeps(row)
        text = not (secret or kept or before or reading in (Reading.INTEGER, Reading.OPAQUE))
        plain = reading is Reading.INTEGER and not (secret or row.mark & Mark.PERSONAL)
        field = Field(row, row.name, text, (row.type.size or -1) if plain else -1, before, kept)
        self._fields_of(tags)[tag] = field
        return field

    def _places_of(self, layout: CompiledLayout) -> tuple[int, ...]:
        known = self._places.get(id(layout))
        if known is None:
            places = tuple(
                place
                for place, row in enumerate(layout.fields)
                if row.type.reading is not Reading.INTEGER or row.mark & (Mark.SECRET | Mark.PERSONAL)
            )
            known = self._places[id(layout)] = layout, places
        return known[1]

    def _kept(self, row: Fixed | Floating, report: Report | None) -> bool:
        kept = self.keep.keeps(row)
        if kept and report is not None:
            report.kept[row.name] += 1
        return kept

    @staticmethod
    def _of_fixed(row: Fixed, value: int | bytes) -> Treatment | None:
        if row.mark & Mark.SECRET:
            return Treatment.SECRET
        if row.type.reading is Reading.INTEGER:
            return Treatment.NUMBER if row.mark & Mark.PERSONAL and value not in (0, row.constant) else None
        if isinstance(value, bytes) and not any(value):
            return None
        return Treatment.TEXT if row.type.reading is Reading.TEXT else Treatment.FILL

    @staticmethod
    def _of_floating(row: Floating, data: bytes) -> Treatment | None:
        """The treatment of a field's data; None when there is nothing to replace."""
        if row.mark & Mark.SECRET:
            return Treatment.SECRET
        if not any(data):
            return None
        reading = row.type.reading
        if reading is Reading.INTEGER:
            if oddity(row, data) is not None:
                return Treatment.ZERO
            if row.mark & Mark.PERSONAL and int.from_bytes(data, "big") != row.constant and set(data) != {0xFF}:
                return Treatment.NUMBER
            return None
        if reading is Reading.OPAQUE:
            if not row.mark & Mark.PERSONAL:
                return Treatment.ZERO
            printable = all(byte >= 0x20 or byte == 0 for byte in data) and _is_text(data)
            return Treatment.TEXT if printable else Treatment.OPAQUE
        return Treatment.TEXT

    @staticmethod
    def _claim(decoded: Decoded, begin: int) -> int:
        """How many of the undecoded bytes are the header of a field that claims too much, and may be kept.

        It is kept when its tag is known and it cannot be a piece of a text; a tag 0 is kept in any case.
        """
        form = decoded.form
        if form is None:
            zeros = len(decoded.body) - begin - len(decoded.body[begin:].lstrip(b"\0"))
            return min(zeros, 2)
        if len(decoded.body) - begin < form.header_size:
            return 0
        if not any(decoded.body[begin : begin + form.tag_size]):
            return form.tag_size
        claim = decoded.body[begin : begin + form.header_size]
        tag = int.from_bytes(claim[: form.tag_size], "big")
        printable = sum(0x20 <= byte < 0x7F for byte in claim)
        return form.header_size if decoded.tags.row(tag) is not None and printable <= 1 else 0


def _reading(decoded: Decoded) -> tuple[object, ...]:
    """How a body reads: all but what its fields say."""
    problems = [(problem.kind, problem.offset, problem.size) for problem in decoded.problems]
    layout = decoded.layout and (decoded.layout.message.name, decoded.layout.form, decoded.layout.since)
    return layout, decoded.spans, decoded.undecoded, decoded.version, decoded.form, problems


def _is_sound(decoded: Decoded) -> bool:
    """Whether a body reads without loss or doubt."""
    return not decoded.undecoded and not decoded.problems


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
