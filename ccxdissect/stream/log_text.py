"""A message in a log's words -> the bytes that the declarations make of it, and what the log leaves open.

Names are matched to the declarations without regard to case and signs: first what a declaration says its log calls a
field, then the guide's names, the message's own before the catalogue's. A value `null` was not sent, an empty one is
an empty string.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from ccxdissect.capture.mivr import Pair
from ccxdissect.codec.encoder import Encoder
from ccxdissect.codec.forms import FloatingForm, proposed
from ccxdissect.codec.layout import HEADER, CompiledLayout, compile_layouts
from ccxdissect.codec.problems import Problem, ProblemKind
from ccxdissect.codec.values import NamedValue, Value
from ccxdissect.errors import EncodeError
from ccxdissect.protocol.model import Fixed, Floating, Mark, Message, Protocol
from ccxdissect.protocol.types import Reading

_SIGNS = re.compile(r"[^0-9a-z]")
_INDEX = re.compile(r"\[(\d+)\]$")
_NUMBER = re.compile(r"\s*(-?)(?:0[xX]([0-9A-Fa-f]{1,16})|(\d{1,20}))\b")
#: A name this short is not looked for at the end of longer ones.
_SHORTEST_ENDING = 5


class Worded(NamedTuple):
    """A message in words, as bytes.

    `version` and `form` are what it was encoded by, for want of better knowledge; `told` the fixed fields and `sent` the
    floating ones that the log tells (tag, data), secrets left out.
    """

    body: bytes
    version: int
    form: FloatingForm | None
    problems: tuple[Problem, ...]
    told: dict[str, int]
    sent: tuple[tuple[int, bytes], ...]


class _Names:
    """What the names in a log mean in one message."""

    def __init__(self, message: Message, catalogue: Iterable[Floating]) -> None:
        fixed = {field.name: field for form in message.forms for field in form.fixed}
        rows = list(message.floating)
        catalogue = list(catalogue)
        self._log_fixed = {key(name): field for field in fixed.values() for name in field.log_names}
        self._log_floating: dict[str, Floating] = {}
        for row in rows + catalogue:
            for name in row.log_names:
                self._log_floating.setdefault(key(name), message.tags.get(row.tag, row))
        #: By name the fixed fields that it may mean, in their order: some differ by case only.
        self._fixed: dict[str, tuple[Fixed, ...]] = {}
        for form in message.forms:
            for name in {key(field.name) for field in form.fixed}:
                alike = tuple(field for field in form.fixed if key(field.name) == name)
                if len(alike) > len(self._fixed.get(name, ())):
                    self._fixed[name] = alike
        self._floating: dict[str, Floating] = {}
        for row in rows + catalogue:
            self._floating.setdefault(key(row.name), message.tags.get(row.tag, row))
        self._ends: list[tuple[str, Fixed | Floating]] = [(name, alike[0]) for name, alike in self._fixed.items()]
        self._ends += [(key(row.name), row) for row in rows]

    def find(self, name: str) -> tuple[tuple[Fixed, ...], Floating | None]:
        """The fixed fields, one for each time the name comes, and the floating field that a name may mean."""
        if name in self._log_fixed or name in self._log_floating:
            held = self._log_fixed.get(name)
            return () if held is None else (held,), self._log_floating.get(name)
        fixed, floating = self._fixed.get(name, ()), self._floating.get(name)
        if not fixed and floating is None and len(name) >= _SHORTEST_ENDING:
            near = [
                row
                for known, row in self._ends
                if known.endswith(name) or (len(known) >= _SHORTEST_ENDING and name.endswith(known))
            ]
            if len(near) == 1:
                row = near[0]
                return ((row,), None) if isinstance(row, Fixed) else ((), row)
        return fixed, floating


def key(name: str) -> str:
    """A name without its case, its signs and its index."""
    return _SIGNS.sub("", _INDEX.sub("", name).lower())


def integer_of(text: str, row: Fixed | Floating) -> int | None:
    """The number that a value says, in digits or by its constant's name; None when it says none."""
    if text.lower() in ("true", "false"):
        return int(text.lower() == "true")
    found = _NUMBER.match(text)
    if found is not None:
        sign, hexadecimal, decimal = found.groups()
        number = int(hexadecimal, 16) if hexadecimal else int(decimal)
        return -number if sign else number
    member = row.codes.__members__.get(text.strip()) if row.codes is not None else None
    return None if member is None else member.value


def _fitted(number: int, size: int, signed: bool) -> int | None:
    """A number as the log's Java prints it (always signed) in an integer of `size` bytes; None if it does not fit."""
    bits = 8 * size
    if not -(1 << bits - 1) <= number < 1 << bits:
        return None
    number %= 1 << bits
    return number - (1 << bits) if signed and number >= 1 << bits - 1 else number


class _Draft(NamedTuple):
    """What a body is encoded from: fields by name and by declaration, and how the session writes them."""

    message: Message
    told: dict[str, int]
    floating: list[tuple[Floating, Value]]
    version: int
    form: FloatingForm
    layout: int


class WordReader:
    """Turns messages in words into bytes, by one set of declarations."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self._encoder = Encoder(protocol)
        self._names: dict[int, _Names] = {}
        self._layouts: dict[int, tuple[CompiledLayout, ...]] = {}

    def names(self, message: Message) -> _Names:
        """What names mean in a message."""
        names = self._names.get(message.number)
        if names is None:
            names = self._names[message.number] = _Names(message, self.protocol.tags.values())
        return names

    def meanings(self, message: Message, pairs: Iterable[Pair]) -> list[Fixed | Floating | None]:
        """For each named value the field that it is, None where that is not known."""
        names = self.names(message)
        seen: Counter[str] = Counter()
        found: list[Fixed | Floating | None] = []
        for name, value in pairs:
            fixed, floating = names.find(key(name))
            times = seen[key(name)]
            if fixed and (times < len(fixed) or floating is None):
                found.append(fixed[min(times, len(fixed) - 1)])
                seen[key(name)] += value is not None
            else:
                found.append(floating)
        return found

    def read(
        self, message: Message, pairs: tuple[Pair, ...], length: int, version: int | None, form: FloatingForm | None
    ) -> Worded:
        """Encode what the log says of a message; `length` is its body's, negative when the log does not know it."""
        problems: list[Problem] = []
        told: dict[str, int] = {}
        floating: list[tuple[Floating, Value]] = []
        unsent: set[int] = set()
        secret: Floating | None = None
        for (name, text), row in zip(pairs, self.meanings(message, pairs), strict=True):
            if row is None:
                problems.append(Problem(ProblemKind.LOG_UNKNOWN_NAME, detail=(name,)))
            elif isinstance(row, Fixed):
                if text is not None:
                    self._fixed(row, name, text, told, problems)
            elif text is None:
                unsent.add(row.tag)
            elif row.mark & Mark.SECRET:
                secret = row if text else secret
                floating.append((row, ""))
            else:
                value = _value(row, name, text)
                if value is None:
                    problems.append(Problem(ProblemKind.LOG_MISFIT, row.tag, detail=(name, row.name)))
                elif (row, value) not in floating or self._repeats(message, row):
                    floating.append((row, value))
        self._otherwise(message, floating, unsent, problems)
        version, form, layout = self._plan(message, told, floating, version, form)
        chosen = self._layout(message, layout, version)
        # Forms of the fixed part may spell a name differently.
        names = {key(field.name): field.name for field in chosen.fields}
        for name in [name for name in told if key(name) not in names]:
            problems.append(Problem(ProblemKind.LOG_NOT_OF_VERSION, detail=(name, version)))
            del told[name]
        exact = {field.name for field in chosen.fields}
        told = {name if name in exact else names[key(name)]: value for name, value in told.items()}
        absent = [field.name for field in chosen.fields if field.name not in told and not field.reserved]
        if absent:
            problems.append(Problem(ProblemKind.LOG_SILENT, detail=tuple(absent)))
        draft = _Draft(message, told, floating, version, form, layout)
        body = self._encode(draft, problems)
        if 0 <= length != len(body):
            floating, body = self._fit(draft, length, secret, body)
        if 0 <= length != len(body):
            problems.append(Problem(ProblemKind.LOG_LENGTH, detail=(length, len(body))))
        encoded = tuple((row.tag, _data(row, value)) for row, value in floating if not row.mark & Mark.SECRET)
        return Worded(body, version, form if floating else None, tuple(problems), told, encoded)

    @staticmethod
    def _fixed(row: Fixed, name: str, text: str, told: dict[str, int], problems: list[Problem]) -> None:
        number = integer_of(text, row)
        value = None if number is None else _fitted(number, row.size, row.type.signed)
        if value is None:
            problems.append(Problem(ProblemKind.LOG_MISFIT, detail=(name, row.name)))
        elif told.setdefault(row.name, value) != value:
            problems.append(Problem(ProblemKind.LOG_TWICE, detail=(row.name,)))

    def _otherwise(
        self, message: Message, floating: list[tuple[Floating, Value]], unsent: set[int], problems: list[Problem]
    ) -> None:
        """Where the declaration knows what the log's null stands for, send that."""
        for tag in sorted(unsent - {row.tag for row, _ in floating}):
            row = message.tags.get(tag)
            if row is not None and row.log_otherwise:
                value = next((value for other, value in floating if other.tag == row.log_otherwise), None)
                if value is not None:
                    floating.append((row, value))
                    other = message.tags[row.log_otherwise]
                    problems.append(Problem(ProblemKind.LOG_TAKEN_FROM, tag, detail=(row.name, other.name, other.tag)))

    @staticmethod
    def _repeats(message: Message, row: Floating) -> bool:
        groups = [*message.repeats, *(inner for repeat in message.repeats for inner in repeat.inner)]
        return any(row.tag in group.tags for group in groups)

    def _layout(self, message: Message, form: int, version: int) -> CompiledLayout:
        return next(layout for layout in self._all(message) if layout.form == form and layout.holds(version))

    def _all(self, message: Message) -> tuple[CompiledLayout, ...]:
        layouts = self._layouts.get(message.number)
        if layouts is None:
            layouts = self._layouts[message.number] = compile_layouts(message)
        return layouts

    def _plan(
        self,
        message: Message,
        told: dict[str, int],
        floating: list[tuple[Floating, Value]],
        version: int | None,
        form: FloatingForm | None,
    ) -> tuple[int, FloatingForm, int]:
        """The version, the form of floating fields and the form of the fixed part that suit what is told best."""
        said = next(
            (told[field.name] for field in message.fixed if field.mark & Mark.VERSION and field.name in told), None
        )
        version = version if said is None else said
        layouts = self._all(message)
        holding = [layout for layout in layouts if version is None or layout.holds(version)] or list(layouts)

        keys = {key(name) for name in told}

        def suits(layout: CompiledLayout) -> tuple[int, int]:
            missing = sum(key(field.name) not in keys and not field.reserved for field in layout.fields)
            return sum(key(name) in keys for name in layout.names), -missing

        best = max(holding, key=suits)  # of equals the first: the preferred form, the newest version
        if version is None:
            narrow = self.protocol.wide_tags_since - 1
            version = narrow if best.until is None else min(best.until, narrow)
            version = max(version, best.since)
        forms = [form] if form is not None else list(proposed(self.protocol, version))
        largest = max((row.tag for row, _ in floating), default=0)
        if forms[0].largest_tag < largest:
            forms = list(proposed(self.protocol, self.protocol.wide_tags_since))
        return version, forms[0], best.form

    def _encode(self, draft: _Draft, problems: list[Problem]) -> bytes:
        """The body; fields that cannot be encoded are left out of the draft and told."""
        message, told, floating, version, form, layout = draft
        while True:
            fields = [(row.tag, _data(row, value)) for row, value in floating]
            try:
                return self._encoder.encode(message, told, fields, version=version, form=form, layout=layout)[
                    HEADER.size :
                ]
            except EncodeError:
                wide = [item for item in floating if len(_data(*item)) > form.largest_length]
                if not wide:
                    raise
                row = wide[0][0]
                floating.remove(wide[0])
                problems.append(Problem(ProblemKind.LOG_TOO_LONG, row.tag, detail=(row.name,)))

    def _fit(
        self, draft: _Draft, length: int, secret: Floating | None, body: bytes
    ) -> tuple[list[tuple[Floating, Value]], bytes]:
        """Make the body as long as the log says it is, by what the log cannot tell.

        A number that a message does not have is printed as 0, so zeros may be left out; a secret is printed as some
        object, so it may have any length, or not be there.
        """
        floating = draft.floating
        zeros = [item for item in floating if item[1] == 0 and item[0].type.reading is Reading.INTEGER]
        without = [item for item in floating if item not in zeros]
        for fields in (floating, without):
            if secret is not None:
                bare = [item for item in fields if item[0] is not secret]
                encoded = self._encode(draft._replace(floating=list(bare)), [])
                if len(encoded) == length:
                    return bare, encoded
            size = len(self._encode(draft._replace(floating=list(fields)), []))
            if size == length:
                return fields, self._encode(draft._replace(floating=list(fields)), [])
            if secret is not None and 0 < length - size < secret.size:
                padded: list[tuple[Floating, Value]] = [
                    (row, "?" * (length - size) if row is secret else value) for row, value in fields
                ]
                return padded, self._encode(draft._replace(floating=padded), [])
        return floating, body


def _data(row: Floating, value: Value) -> bytes:
    from ccxdissect.codec.values import write

    return write(row, value)


def _value(row: Floating, name: str, text: str) -> Value:
    """What a text says of a field; None when it does not fit."""
    reading = row.type.reading
    if reading is Reading.INTEGER:
        number = integer_of(text, row)
        return None if number is None else _fitted(number, row.type.size or row.size, row.type.signed)
    if reading in (Reading.NAMED_VARIABLE, Reading.NAMED_ARRAY):
        part = re.match(r"\s*([^=:]*?)\s*[=:]\s*(.*)$", text, re.DOTALL)
        if part is None:
            return None
        index = _INDEX.search(name)
        number = min(int(index.group(1)), 255) if index else 0
        return NamedValue(part.group(1), part.group(2), number if reading is Reading.NAMED_ARRAY else None)
    if reading is Reading.OPAQUE:
        return text.encode("utf-8", "surrogateescape")
    return text
